//! One fault of many sources, told in one block instead of as many as there are sources.

use std::collections::{BTreeMap, BTreeSet};
use tertial_model::shown::visible;
use tertial_model::{Code, Diagnostic, Location, Severity};

/// What a calendar brings about for many sources on the same day. Other faults, such as six files of
/// six sorts that no drop folder takes, are told one by one.
const TOGETHER: [Code; 1] = [Code::StaleSource];
/// Faults of one kind about so many files are told one by one, too.
const APART: usize = 3;
/// Stands for a name that is another in each fault.
const NAME: &str = "…";

/// What faults of one kind share; the names in the message may differ.
type Kind<'a> = (Code, Severity, Vec<&'a str>, [Option<&'a str>; 3]);

/// The faults, those of one kind about more than three files together, where the first of them stands.
///
/// Of one kind are faults about whole files whose code is among `TOGETHER`, and whose message but
/// for the names in it, expectation, contract and effect are the same.
pub fn blocks<'a>(told: &[&'a Diagnostic]) -> Vec<Vec<&'a Diagnostic>> {
    let mut kinds: BTreeMap<Kind, Vec<&Diagnostic>> = BTreeMap::new();
    for diagnostic in told {
        if let Some(kind) = kind(diagnostic) {
            kinds.entry(kind).or_default().push(diagnostic);
        }
    }
    kinds.retain(|_, of_kind| {
        let places: BTreeSet<&Location> = of_kind.iter().map(|one| &one.location).collect();
        places.len() > APART
    });
    let mut found = Vec::new();
    for diagnostic in told {
        match kind(diagnostic).and_then(|kind| kinds.get_mut(&kind)) {
            None => found.push(vec![*diagnostic]),
            // The first takes all of its kind.
            Some(of_kind) if !of_kind.is_empty() => found.push(std::mem::take(of_kind)),
            Some(_) => {}
        }
    }
    found
}

/// The text of several faults of one kind: what they share once, and a line for each with its place,
/// what was found there and what to do about it.
pub fn text(block: &[&Diagnostic]) -> String {
    let first = block[0];
    let shares = |of: fn(&Diagnostic) -> Option<&str>| block.iter().all(|one| of(one) == of(first));
    let is_found_shared = shares(|one| one.found.as_deref());
    let is_hint_shared = |hint: &String| block.iter().all(|one| one.hints.contains(hint));
    let messages: Vec<Vec<&str>> = block.iter().map(|one| parts(&one.message)).collect();
    let differs = |at: usize| messages.iter().any(|parts| parts[at] != messages[0][at]);
    let named = |at: usize| if differs(at) { NAME } else { messages[0][at] };
    let message: Vec<&str> = (0..messages[0].len()).map(named).collect();
    let shared = Diagnostic {
        message: format!("{}, in {} places", message.join("`"), block.len()),
        found: first.found.clone().filter(|_| is_found_shared),
        hints: first.hints.iter().filter(|hint| is_hint_shared(hint)).cloned().collect(),
        ..first.clone()
    };
    let places: Vec<String> = block.iter().map(|one| one.location.to_string()).collect();
    let width = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
    let mut lines = String::new();
    for ((one, place), parts) in block.iter().zip(&places).zip(&messages) {
        let names = (1..parts.len()).step_by(2).filter(|at| differs(*at)).map(|at| parts[at]);
        // The place says most of them.
        let names =
            names.filter(|name| !one.location.container().split('/').any(|part| part == *name));
        let mut facts: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        facts.extend(one.found.clone().filter(|_| !is_found_shared));
        facts.extend(one.hints.iter().filter(|hint| !is_hint_shared(hint)).cloned());
        let line = format!("   --> {place:<width$}  {}", visible(&facts.join("; ")));
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    // The lines stand where a single fault has its place.
    let whole = shared.to_string();
    let (title, rest) = whole.split_once('\n').unwrap_or((&whole, ""));
    let (_, rest) = rest.split_once('\n').unwrap_or(("", ""));
    format!("{title}\n{lines}{rest}")
}

/// The kind of a fault that is told together with others; none for one that is told by itself.
fn kind(diagnostic: &Diagnostic) -> Option<Kind<'_>> {
    let Diagnostic { code, severity, message, location, excerpt, .. } = diagnostic;
    let is_plain = TOGETHER.contains(code)
        && matches!(location, Location::File { .. })
        && excerpt.is_none()
        && !message.contains('\n')
        && message.matches('`').count().is_multiple_of(2);
    let said = parts(message).into_iter().step_by(2).collect();
    let facts = [&diagnostic.expected, &diagnostic.contract, &diagnostic.effect];
    is_plain.then(|| (*code, *severity, said, facts.map(|fact| fact.as_deref())))
}

/// A message cut at its quotation marks: every second part is a name.
fn parts(message: &str) -> Vec<&str> {
    message.split('`').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stale(source: &str, received: &str) -> Diagnostic {
        Diagnostic::warning(
            Code::StaleSource,
            format!("source `{source}` is stale on 2025-06-01"),
            Location::file(format!("data/inbox/{source}")),
        )
        .with_found(format!("`{source}.csv` received {received}, at most 45 days are agreed"))
        .with_expected("a newer delivery in the drop folder")
        .with_effect("figures are computed from the last delivery")
        .with_hint(format!("ask {} for a new export", if source == "hr" { "HR" } else { "IT" }))
    }

    fn told(found: &[Diagnostic]) -> Vec<String> {
        let all: Vec<&Diagnostic> = found.iter().collect();
        let text = |block: &Vec<&Diagnostic>| match block.as_slice() {
            [one] => one.to_string(),
            many => text(many),
        };
        blocks(&all).iter().map(text).collect()
    }

    #[test]
    fn many_stale_sources_are_one_block() {
        let day = "2024-09-16";
        let mut found: Vec<Diagnostic> =
            ["hr", "it", "ledger", "travel"].iter().map(|source| stale(source, day)).collect();
        let other = Diagnostic::error(Code::FileAccess, "no room", Location::file("data/inbox/it"));
        found.insert(2, other.clone());
        let block = "\
warning[T0403]: source `…` is stale on 2025-06-01, in 4 places
   --> data/inbox/hr      `hr.csv` received 2024-09-16, at most 45 days are agreed; ask HR for a new export
   --> data/inbox/it      `it.csv` received 2024-09-16, at most 45 days are agreed; ask IT for a new export
   --> data/inbox/ledger  `ledger.csv` received 2024-09-16, at most 45 days are agreed; ask IT for a new export
   --> data/inbox/travel  `travel.csv` received 2024-09-16, at most 45 days are agreed; ask IT for a new export
    = expected: a newer delivery in the drop folder
    = effect:   figures are computed from the last delivery
";
        assert_eq!(told(&found), [block.to_owned(), other.to_string()]);
    }

    #[test]
    fn what_all_share_is_said_once() {
        let fault = |file: &str| {
            Diagnostic::error(
                Code::StaleSource,
                format!("`{file}` of `hr` is stale"),
                Location::file("data/inbox/hr/".to_owned() + file),
            )
            .with_found("nothing since 2024")
            .with_hint("ask HR for the file")
        };
        let found: Vec<Diagnostic> = ["a", "b", "c", "d"].map(fault).into();
        let block = "\
error[T0403]: `…` of `hr` is stale, in 4 places
   --> data/inbox/hr/a
   --> data/inbox/hr/b
   --> data/inbox/hr/c
   --> data/inbox/hr/d
    = found:    nothing since 2024

hint: ask HR for the file
";
        assert_eq!(told(&found), [block.to_owned()]);
    }

    #[test]
    fn a_few_faults_and_different_ones_stand_apart() {
        let sources = ["hr", "it", "ledger", "travel"];
        let day = "2024-09-16";
        let all: Vec<Diagnostic> = sources.iter().map(|source| stale(source, day)).collect();
        let single: Vec<String> = all.iter().map(Diagnostic::to_string).collect();
        assert_eq!(told(&all[..3]), single[..3]);
        assert_eq!(told(&all).len(), 1);
        let apart = |change: &dyn Fn(&mut Diagnostic)| {
            let mut all = all.clone();
            change(&mut all[1]);
            told(&all).len()
        };
        assert_eq!(apart(&|one| one.message = "source `it` is late".to_owned()), 4);
        assert_eq!(apart(&|one| one.effect = None), 4);
        assert_eq!(apart(&|one| one.code = Code::FileAccess), 4);
        assert_eq!(apart(&|one| one.severity = Severity::Error), 4);
        assert_eq!(apart(&|one| one.location = Location::text("it.csv", 1, 1)), 4);
        assert_eq!(apart(&|one| one.location = Location::file("data/inbox/hr")), 4);
    }
}

//! `tertial preview`: what would change if the project were published as it lies in its folder.
//!
//! The deliveries and the moment are those of the release in force, so that whatever differs comes from
//! the facts that were changed: definitions, queries, seeds, targets, corrections.

use super::{Ending, Outcome};
use crate::args::PreviewFormat;
use crate::clock::Moment;
use crate::night::changes;
use crate::night::edition::{Draft, Edition, no_release};
use crate::night::record::Record;
use crate::output;
use crate::project::Project;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use tertial_indicator::Definition;
use tertial_model::{Code, Diagnostic, Faults, Location, Period, swedish};
use tertial_outcomes::difference::{Change, Kind};
use tertial_warehouse::{AuditResult, Engine};

/// What the user wished for.
pub struct Wish {
    /// Only this period.
    pub period: Option<Period>,
    /// How to print.
    pub format: PreviewFormat,
}

/// What would be other than it is.
#[derive(Debug, Serialize)]
struct Preview {
    /// The release that is compared with.
    release: String,
    /// The moment both look from.
    as_of: String,
    /// How many figures the release in force has.
    figures: usize,
    /// Those that would change.
    changes: Vec<Change>,
    /// Audits that would find more or less.
    audits: Vec<AuditChange>,
    /// Indicators whose figures change with their method and that have no new version.
    without_version: Vec<String>,
    /// Whether an audit would stop the release.
    is_stopped: bool,
}

/// An audit that would find more or less than in the release in force.
#[derive(Debug, Serialize)]
struct AuditChange {
    audit: String,
    before: i64,
    after: i64,
}

/// The verb.
pub fn run(project: &Project, wish: &Wish) -> Outcome {
    let record = Record::new(project);
    let publication = record.all()?.into_iter().last();
    let publication = publication.ok_or_else(|| Faults::from(no_release()))?;
    let identity = &publication.identity;
    let moment = Moment::given(&identity.as_of).ok_or_else(|| {
        let message = format!("`{}` is no moment", identity.as_of);
        Faults::from(Diagnostic::error(
            Code::StoredFileChanged,
            message,
            Location::file("data/published"),
        ))
    })?;
    let before = changes::read_side(project, &record, &publication, wish.period)?;
    let then = Edition::facts_of(project, &publication)?;
    if then.is_none() {
        output::progress("no file of the project differs from those of the release in force");
    }
    let edition = Edition::of(project, publication.clone())?;
    let audited = audits_of(&edition.engine)?;
    drop(edition);
    let draft = Draft::of(project, &moment)?;
    let after = changes::draft_side(project, &draft.engine, &moment, wish.period)?;
    let found = changes::between(project, &before, &after);
    let earlier = then.as_ref().unwrap_or(project);
    let preview = Preview {
        release: identity.release.clone(),
        as_of: identity.as_of.clone(),
        figures: before.outcomes.len(),
        without_version: without_version(&found, &earlier.definitions, &project.definitions),
        changes: found,
        audits: audit_changes(&audited, &draft.results),
        is_stopped: crate::night::audit::stops(&draft.results),
    };
    match wish.format {
        PreviewFormat::Json => output::json(&serde_json::to_value(&preview).expect("text keys")),
        PreviewFormat::Text => output::data(&text(&preview)),
        PreviewFormat::Markdown => output::data(&markdown(&preview, project)),
    }
    let mut faults: Vec<Diagnostic> = draft.faults;
    let is_said = |fault: &Diagnostic| fault.code != Code::MethodChangedSilently;
    faults.retain(is_said);
    output::diagnostics(&faults);
    Ok(match preview.without_version.is_empty() && !preview.is_stopped {
        true => Ending::of(&faults),
        false => Ending::NeedsAPerson,
    })
}

/// Offenders per audit, as a release holds them.
fn audits_of(engine: &Engine) -> Result<BTreeMap<String, i64>, Faults> {
    let rows = crate::night::warehouse::ask(engine, include_str!("../own/preview/audits.sql"))?;
    let row = |row: &Vec<tertial_warehouse::Value>| Some((row[0].text()?, row[1].integer()?));
    Ok(rows.rows.iter().filter_map(row).collect())
}

fn audit_changes(before: &BTreeMap<String, i64>, after: &[AuditResult]) -> Vec<AuditChange> {
    let now: BTreeMap<String, i64> =
        after.iter().map(|result| (result.name.clone(), result.offenders as i64)).collect();
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let count = |of: &BTreeMap<String, i64>, name: &String| of.get(name).copied().unwrap_or(0);
    names
        .into_iter()
        .map(|name| AuditChange {
            audit: name.clone(),
            before: count(before, name),
            after: count(&now, name),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Indicators whose values change with their method while their newest version stays what it was.
fn without_version(
    changes: &[Change],
    before: &BTreeMap<String, Definition>,
    after: &BTreeMap<String, Definition>,
) -> Vec<String> {
    let newest = |of: &BTreeMap<String, Definition>, id: &str| {
        of.get(id).and_then(|known| known.versions.iter().map(|version| version.number).max())
    };
    let is_silent = |change: &&Change| {
        let is_other = change.before != change.after;
        let by_method = change.reasons.iter().any(|reason| reason.kind == Kind::Method);
        is_other
            && by_method
            && before.contains_key(&change.id)
            && newest(before, &change.id) == newest(after, &change.id)
    };
    let ids: BTreeSet<&String> =
        changes.iter().filter(is_silent).map(|change| &change.id).collect();
    ids.into_iter().cloned().collect()
}

/// Changes by indicator, in order.
fn by_indicator(preview: &Preview) -> BTreeMap<&str, Vec<&Change>> {
    let mut found: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &preview.changes {
        found.entry(change.id.as_str()).or_default().push(change);
    }
    found
}

/// What came of it, in one line.
fn headline(preview: &Preview) -> String {
    let number = |count: usize| swedish::decimal(tertial_model::Decimal::whole(count as i128), 0);
    let of = |is: &dyn Fn(&Change) -> bool| preview.changes.iter().filter(|one| is(one)).count();
    if preview.changes.is_empty() {
        return format!("none of {} figures would change", number(preview.figures));
    }
    format!(
        "{} of {} figures in {} indicators would change: {} values, {} targets or statuses, {} new, {} gone",
        number(preview.changes.len()),
        number(preview.figures),
        by_indicator(preview).len(),
        number(of(&|one| one.before != one.after)),
        number(of(&|one| one.judged_before != one.judged_after)),
        number(of(&|one| one.value_before.is_none() && one.value_after.is_some())),
        number(of(&|one| one.value_before.is_some() && one.value_after.is_none())),
    )
}

/// Figures shown of each indicator; all of them are in the other formats.
const SHOWN: usize = 10;

fn text(preview: &Preview) -> String {
    let mut text = format!(
        "compared with {}, as of {}\n{}\n",
        preview.release,
        preview.as_of,
        headline(preview)
    );
    for (id, changes) in by_indicator(preview) {
        let _ = writeln!(text, "\n{id}: {}", changes.len());
        for (reason, count) in reasons(&changes) {
            let _ = writeln!(text, "  {reason} ({count})");
        }
        for change in changes.iter().take(SHOWN) {
            let _ = writeln!(
                text,
                "    {} {}  {} -> {}",
                change.period,
                change.subject(),
                change.before_in_words(),
                change.after_in_words()
            );
        }
        if changes.len() > SHOWN {
            let _ = writeln!(text, "    and {} more: --format json", changes.len() - SHOWN);
        }
    }
    if !preview.audits.is_empty() {
        text.push_str("\naudits\n");
        for change in &preview.audits {
            let _ = writeln!(
                text,
                "  {}: {} findings -> {}",
                change.audit, change.before, change.after
            );
        }
    }
    if preview.is_stopped {
        text.push_str("\nan audit would stop this release\n");
    }
    if !preview.without_version.is_empty() {
        let _ =
            write!(text, "\nwithout a new [[version]]: {}\n", preview.without_version.join(", "));
    }
    text.trim_end().to_owned()
}

/// The causes of some changes, with how many figures each is told for, the commonest first.
fn reasons(changes: &[&Change]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for reason in changes.iter().flat_map(|change| change.reasons_in_words()) {
        *counts.entry(reason).or_default() += 1;
    }
    let mut found: Vec<(String, usize)> = counts.into_iter().collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

/// A page for a review; figures about persons are told as they are printed.
fn markdown(preview: &Preview, project: &Project) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let mut page = format!(
        "## What this change does to the figures\n\nCompared with release `{}`, as of {}.\n**{}.**\n",
        preview.release,
        preview.as_of,
        headline(preview)
    );
    if !preview.without_version.is_empty() {
        let ids: Vec<String> = preview.without_version.iter().map(|id| format!("`{id}`")).collect();
        let _ = write!(page, "\n> Without a new `[[version]]`: {}.\n", ids.join(", "));
    }
    if preview.is_stopped {
        page.push_str("\n> An audit would stop this release.\n");
    }
    for (id, changes) in by_indicator(preview) {
        let name = project.definitions.get(id).map_or(id, |definition| definition.name.as_str());
        let _ = write!(page, "\n### {} (`{id}`), {} figures\n\n", cell(name), changes.len());
        for (reason, count) in reasons(&changes) {
            let _ = writeln!(page, "- {} ({count})", cell(&reason));
        }
        page.push_str("\n| Period | Figure | Before | After |\n|---|---|---|---|\n");
        for change in changes {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                change.period,
                cell(&change.subject()),
                cell(&change.before_in_words()),
                cell(&change.after_in_words())
            );
        }
    }
    if !preview.audits.is_empty() {
        page.push_str("\n### Audits\n\n| Audit | Findings before | After |\n|---|--:|--:|\n");
        for change in &preview.audits {
            let _ = writeln!(page, "| `{}` | {} | {} |", change.audit, change.before, change.after);
        }
    }
    page.trim_end().to_owned()
}

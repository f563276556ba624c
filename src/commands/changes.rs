//! `tertial changes`: figures that are not what they were in an earlier publication, and why.

use super::{Ending, Outcome, moment_of};
use crate::args::TableFormat;
use crate::clock::Moment;
use crate::night::changes;
use crate::night::edition::Edition;
use crate::night::record::{Publication, Record};
use crate::output;
use crate::project::Project;
use tertial_model::{Code, Diagnostic, Faults, Location, Period};
use tertial_outcomes::difference::Change;
use tertial_warehouse::{Rows, Value};

/// What the user wished for.
pub struct Wish {
    /// Only this period.
    pub period: Option<Period>,
    /// The earlier day; none for the publication before.
    pub since: Option<String>,
    /// The later day; none for now.
    pub as_of: Option<String>,
    /// How to print.
    pub format: TableFormat,
}

/// The verb.
pub fn run(project: &Project, wish: &Wish) -> Outcome {
    let record = Record::new(project);
    // What was typed is looked at before what there is.
    let moment = |option: &str, day: &Option<String>| {
        day.as_deref().map(|day| moment_of(option, Some(day))).transpose()
    };
    let (as_of, since) = (moment("--as-of", &wish.as_of)?, moment("--since", &wish.since)?);
    let later = match &as_of {
        Some(moment) => at(&record, moment)?,
        None => latest(&record)?,
    };
    let earlier = match &since {
        Some(moment) => at(&record, moment)?,
        None => match record.before(&later)? {
            Some(earlier) => earlier,
            None => return Err(Faults::from(alone(&later))),
        },
    };
    let before = changes::read_side(project, &record, &earlier, wish.period)?;
    let after = changes::read_side(project, &record, &later, wish.period)?;
    let edition = Edition::facts_of(project, &later)?;
    let facts = edition.as_ref().unwrap_or(project);
    let found = changes::between(facts, &before, &after);
    if wish.format == TableFormat::Json {
        output::json(&serde_json::json!({
            "since": earlier, "until": later, "changes": found,
        }));
        return Ok(Ending::Clean);
    }
    let columns = ["indicator", "unit", "period", "sex", "breakdown", "before", "after", "why"];
    let text = |text: &str| Value::Text(text.to_owned());
    let row = |change: &Change| {
        let reasons: Vec<String> = change
            .reasons
            .iter()
            .map(|reason| format!("{}: {}", reason.kind.word(), reason.text))
            .collect();
        vec![
            text(&change.id),
            text(&change.level),
            Value::Text(change.period.to_string()),
            Value::Text(change.sex.to_string()),
            text(&change.breakdown),
            Value::Text(change.before_in_words()),
            Value::Text(change.after_in_words()),
            Value::Text(reasons.join("; ")),
        ]
    };
    let rows = Rows {
        columns: columns.iter().map(|&name| (name.to_owned(), "varchar".to_owned())).collect(),
        rows: found.iter().map(row).collect(),
    };
    output::progress(&format!(
        "{} figures differ between {} ({}) and {} ({})",
        found.len(),
        earlier.moment(),
        earlier.identity.release,
        later.moment(),
        later.identity.release
    ));
    output::table(&rows, wish.format);
    Ok(Ending::Clean)
}

fn latest(record: &Record) -> Result<Publication, Faults> {
    let all = record.all()?;
    all.into_iter().last().ok_or_else(|| crate::night::edition::no_release().into())
}

fn at(record: &Record, moment: &Moment) -> Result<Publication, Faults> {
    let found = record.at(moment)?;
    found.ok_or_else(|| {
        let message = format!("nothing had been published at {}", moment.at);
        Faults::from(
            Diagnostic::error(Code::NoRelease, message, Location::file("data/published"))
                .with_expected("a day on which a release was in force"),
        )
    })
}

fn alone(later: &Publication) -> Diagnostic {
    let message = format!("no publication lies before that of {}", later.moment());
    Diagnostic::error(Code::NoRelease, message, Location::file("data/published"))
        .with_expected("two publications to compare")
        .with_hint("run another night, then ask again")
}

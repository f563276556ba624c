//! The order of events: what was received and what was published, each at its moment.
//!
//! Of two deliveries of one thing the later one counts, and a publication is what was said from its
//! moment on. So nothing may be written down at a moment before what is written down already: a clock
//! that is behind stops a run, and a run that looks back takes nothing in.

use super::record::Record;
use crate::clock::Moment;
use crate::project::Project;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Location};

/// What was written down last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Its moment, RFC 3339, UTC.
    pub at: String,
    /// What it was, in words.
    pub what: String,
    /// Where it is written.
    place: String,
}

/// The newest receipt or publication; none before the first.
pub fn newest(project: &Project, lake: &Lake) -> Result<Option<Newest>, Box<Diagnostic>> {
    let receipts = lake.receipts()?;
    let received = receipts.events().iter().map(|event| Newest {
        at: event.received_at.clone(),
        what: format!("`{}` was received", event.file),
        place: "data/received/receipts.jsonl".to_owned(),
    });
    let decided = receipts.decisions().iter().map(|decision| Newest {
        at: decision.decided_at.clone(),
        what: format!("it was decided about `{}`", decision.delivery),
        place: "data/received/receipts.jsonl".to_owned(),
    });
    let published = Record::new(project).newest()?.map(|publication| Newest {
        at: publication.moment().to_owned(),
        what: format!("release `{}` was published", publication.identity.release),
        place: format!("data/published/{:06}.json", publication.number),
    });
    Ok(received.chain(decided).chain(published).max_by(|a, b| a.at.cmp(&b.at)))
}

/// Whether a moment lies before what was written down last.
pub fn is_look_back(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
) -> Result<bool, Box<Diagnostic>> {
    Ok(newest(project, lake)?.is_some_and(|newest| newest.at > moment.at))
}

/// Refuses to look from before the first file came: what would be published is nothing.
pub fn require_receipts(lake: &Lake, moment: &Moment) -> Result<(), Box<Diagnostic>> {
    let receipts = lake.receipts()?;
    let first = receipts.events().iter().map(|event| event.received_at.as_str()).min();
    let Some(first) = first.filter(|first| *first > moment.at.as_str()) else { return Ok(()) };
    let message = format!("nothing had been received at {}", moment.at);
    let place = Location::file("data/received/receipts.jsonl");
    let fault = Diagnostic::error(Code::NoRelease, message, place)
        .with_found(format!("the first file was received at {first}"))
        .with_expected("a moment at which there were deliveries")
        .with_effect("nothing was built; the release in force stays");
    Err(Box::new(fault))
}

/// Refuses to go by a clock that is behind what was written down by it.
pub fn require_clock(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
) -> Result<(), Box<Diagnostic>> {
    let Some(Newest { at, what, place }) = newest(project, lake)? else { return Ok(()) };
    if at <= moment.at {
        return Ok(());
    }
    let message = "the clock is behind what was received or published";
    let fault = Diagnostic::error(Code::ClockBehind, message, Location::file(place))
        .with_found(format!("the clock says {}", moment.at))
        .with_expected(format!("a moment not before {at}, when {what}"))
        .with_effect("nothing was received, loaded or published; the release in force stays")
        .with_hint("set the clock of this machine (`timedatectl` shows it) and run again")
        .with_hint(format!(
            "if the clock is right and was ahead at {at}, take `data` back from a backup of before"
        ))
        .with_hint("to look from an earlier moment all the same, name it with `--as-of`");
    Err(Box::new(fault))
}

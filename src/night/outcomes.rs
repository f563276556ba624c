//! Facts and plans from the warehouse, outcomes into it.
//!
//! What a figure becomes is worked out in `tertial-outcomes`; here its inputs are read ([`read`]) and
//! what came of them is written and read back as rows ([`tables`]).

mod facts;
mod read;
mod tables;

use super::standing::Deliveries;
use super::warehouse::ask;
use crate::own;
use crate::project::Project;
use std::collections::BTreeMap;
use tertial_indicator::{Definition, Direction, Frequency, status};
use tertial_model::{Code, Diagnostic, Faults, Location, Outcome};
use tertial_outcomes::{Input, plan, precision, published};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::EngineError;

pub use read::{check_targets, months_read, read_organisation, read_plan, read_spans};
pub use tables::{missing_from, missing_word, read};

/// Computes every outcome and writes `indicator.outcomes` with what stands beside it.
///
/// `day` is the day the release looks from: a version of a method that was decided later does not
/// exist for it.
pub fn compute(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
    day: &str,
) -> Result<(), Faults> {
    let organisation = read_organisation(engine)?;
    let spans = read_spans(engine)?;
    let targets = read::read_targets(engine)?;
    let wanted = read_plan(engine)?;
    let rules = read::read_rules(engine)?;
    let definitions: Vec<Definition> =
        project.definitions.values().map(|definition| definition.known_on(day)).collect();
    let mut faults = plan::target_faults(&project.definitions, &targets);
    let catalog = engine.catalog().map_err(|error| unwritten("indicator.outcomes", &error))?;
    let mut facts = BTreeMap::new();
    for definition in &definitions {
        match facts::read(engine, &catalog, project, definition) {
            Ok(found) => drop(facts.insert(definition.id.clone(), found)),
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let computed = tertial_outcomes::compute(
        &Input {
            definitions: &definitions,
            organisation: &organisation,
            targets: &targets,
            plan: &wanted,
            rules: &rules,
            arrivals: &read::Delivered { project, deliveries, spans: &spans },
        },
        facts,
    );
    let is_coarse = |outcome: &Outcome| {
        let definition = definitions.iter().find(|one| one.id == outcome.id);
        let has_denominator = outcome.denominator.is_some();
        definition.is_some_and(|one| precision::is_as_printed(one, has_denominator))
    };
    let written = tables::write_outcomes(engine, &computed.outcomes, &is_coarse)
        .and_then(|()| tables::write_hidden(engine, &computed.hidden))
        .and_then(|()| tables::write_versions(engine, &definitions))
        .and_then(|()| tables::write_restatements(engine, &computed.restatements))
        .and_then(|()| tables::write_targets(engine, &project.definitions, &targets));
    written.map_err(|error| unwritten("indicator.outcomes", &error))?;
    rejudge(engine, &definitions, &rules)
}

/// Judges every printed status and writes what the rule gives beside it.
fn rejudge(
    engine: &Engine,
    definitions: &[Definition],
    rules: &status::Rules,
) -> Result<(), Faults> {
    let mut judged = Vec::new();
    if let Some(printed) = read::read_printed_statuses(engine)? {
        for (at, status) in &printed.found {
            let id = &status.target.indicator_id;
            let definition = definitions.iter().find(|definition| definition.id == *id);
            let Some(definition) = definition else { continue };
            let judgement = published::rejudge(definition, rules, status);
            judged.push(tables::judged(&printed.rows, *at, &judgement));
        }
    }
    own::write(engine, judged).map_err(|error| unwritten("indicator.published_judgements", &error))
}

/// A table of the program's that could not be written.
fn unwritten(table: &str, error: &EngineError) -> Faults {
    let message = format!("the outcomes cannot be written: {error}");
    Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(table)))
}

/// `higher`, `lower`, `none`.
pub fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::None => "none",
    }
}

/// `tertial`, `year`.
pub fn frequency_word(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Tertial => "tertial",
        Frequency::Year => "year",
    }
}

//! The steps of the night as verbs of their own, each idempotent.

use super::{Ending, Outcome};
use crate::args::Ways;
use crate::clock::Moment;
use crate::night::build::{self, Built};
use crate::night::standing::Deliveries;
use crate::night::{
    audit as audits, fetch as fetches, load as loads, publish as releases, receive as receipts,
    store,
};
use crate::output;
use crate::project::Project;
use tertial_lake::{Lake, LoadState};
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::publish::Releases;

/// `tertial receive`.
pub fn receive(project: &Project, lake: &Lake, now: &Moment, ways: Ways) -> Outcome {
    let mut told = Vec::new();
    let mut whole = Vec::new();
    if !ways.offline && fetches::is_wanted(project) {
        let brought = fetches::fetch(project, now);
        output::progress(&format!(
            "{} files fetched, {} unchanged",
            brought.new.len(),
            brought.unchanged
        ));
        told.extend(brought.diagnostics);
        whole = brought.new;
    }
    let received = receipts::receive(project, lake, now, &whole);
    if output::is_json() {
        output::json(&received.new);
    } else {
        for delivery in &received.new {
            output::line(&format!(
                "{}  {}  {} bytes",
                delivery.id, delivery.original_name, delivery.bytes
            ));
        }
        for delivery in &received.again {
            let line = format!("{}  {}  received before", delivery.id, delivery.original_name);
            output::line(&line);
        }
        output::progress(&format!("{} new deliveries", received.new.len()));
    }
    told.extend(received.diagnostics);
    output::diagnostics(&told);
    Ok(Ending::of(&told))
}

/// `tertial load`.
pub fn load(project: &Project, lake: &Lake, moment: &Moment) -> Outcome {
    let mut told = store::look(project, lake, moment)?.diagnostics;
    let loaded = loads::load(project, lake, moment, None)?;
    if output::is_json() {
        output::json(&loaded.loads);
    } else {
        for load in &loaded.loads {
            let state = if load.state == LoadState::Loaded { "loaded" } else { "refused" };
            for table in &load.tables {
                output::line(&format!(
                    "{state}  {}  {}: {} read = {} accepted + {} rejected + {} sum rows",
                    load.delivery.original_name,
                    table.table,
                    table.rows_read,
                    table.rows_accepted,
                    table.rows_rejected,
                    table.rows_sum
                ));
            }
        }
        output::progress(&format!("{} deliveries loaded", loaded.loads.len()));
    }
    told.extend(loaded.diagnostics);
    output::diagnostics(&told);
    Ok(Ending::of(&told))
}

/// `tertial build`.
pub fn build(project: &Project, lake: &Lake, moment: &Moment) -> Outcome {
    let deliveries = Deliveries::at(project, lake, moment)?;
    let (built, told) = build::build(project, lake, &deliveries, moment)?;
    output::line(&format!("built {}", built.id));
    output::diagnostics(&told.diagnostics);
    Ok(Ending::of(&told.diagnostics))
}

/// `tertial audit`.
pub fn audit(project: &Project, _lake: &Lake, _moment: &Moment) -> Outcome {
    let built = unpublished(project)?;
    let (results, told) = audits::audit(project, &built)?;
    if output::is_json() {
        let rows: Vec<serde_json::Value> = results
            .iter()
            .map(|result| {
                serde_json::json!({
                    "audit": result.name, "severity": result.severity.word(), "claim": result.claim,
                    "offenders": result.offenders, "findings": result.findings().collect::<Vec<_>>(),
                })
            })
            .collect();
        output::json(&rows);
    } else {
        let held = results.iter().filter(|result| result.offenders == 0).count();
        output::line(&format!("{held} of {} audits hold in {}", results.len(), built.id));
    }
    output::diagnostics(&told.diagnostics);
    if audits::stops(&results) {
        Ok(Ending::NeedsAPerson)
    } else {
        Ok(Ending::of(&told.diagnostics))
    }
}

/// `tertial publish`: audits again, since a warehouse that fails is never put in force.
pub fn publish(project: &Project, _lake: &Lake, _moment: &Moment) -> Outcome {
    let built = unpublished(project)?;
    let (results, told) = audits::audit(project, &built)?;
    output::diagnostics(&told.diagnostics);
    if audits::stops(&results) {
        return Ok(Ending::NeedsAPerson);
    }
    let release = releases::publish(project, &built)?;
    output::line(&release.to_string_lossy());
    Ok(Ending::of(&told.diagnostics))
}

/// The warehouse that `tertial build` left; one that was not finished is none.
fn unpublished(project: &Project) -> Result<Built, Vec<Diagnostic>> {
    match Releases::new(&project.data()).waiting() {
        Some((folder, id)) => Ok(Built { folder, id }),
        None => Err(vec![
            Diagnostic::error(
                Code::T0803,
                "there is no built warehouse",
                Location::file("data/releases"),
            )
            .with_hint("make one with `tertial build`, or do the whole night with `tertial run`"),
        ]),
    }
}

//! The steps of the night as verbs of their own, each idempotent.

use super::{Ending, Outcome};
use crate::args::Ways;
use crate::clock::Moment;
use crate::night::build;
use crate::night::standing::Deliveries;
use crate::night::warehouse::Built;
use crate::night::{
    audit as audits, fetch as fetches, keyring, load as loads, publish as releases,
    receive as receipts, store, timeline, untold,
};
use crate::output;
use crate::project::Project;
use tertial_lake::{Lake, LoadState};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::AuditResult;
use tertial_warehouse::publish::Releases;

/// `tertial receive`.
pub fn receive(project: &Project, lake: &Lake, now: &Moment, ways: Ways) -> Outcome {
    let mut told = Vec::new();
    let mut whole = Vec::new();
    let looks_back = timeline::is_look_back(project, lake, now)?;
    if !ways.offline && !looks_back && fetches::is_wanted(project) {
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
pub fn load(project: &Project, lake: &Lake, moment: &Moment, new_key: Option<&str>) -> Outcome {
    let keyring = keyring::open(project, project, lake, moment, new_key)?;
    let stored = store::look(project, lake, moment)?;
    let mut loaded = loads::load(project, lake, moment, &keyring, None)?;
    loaded.diagnostics.splice(0..0, stored.diagnostics);
    let in_force = Releases::new(&project.data()).current_id();
    let untold = lake.untold()?;
    loaded.diagnostics.extend(untold::left(untold, &loaded.loads, None, in_force.as_deref()));
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
    output::diagnostics(&loaded.diagnostics);
    lake.forget_untold()?;
    Ok(Ending::of(&loaded.diagnostics))
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
                    "offenders": result.offenders, "known": result.known_count,
                    "findings": result.findings().collect::<Vec<_>>(),
                })
            })
            .collect();
        output::json(&rows);
    } else {
        let held = results.iter().filter(|result| result.offenders == 0).count();
        output::line(&format!("{held} of {} audits hold in {}", results.len(), built.id));
        let known: u64 = results.iter().map(|result| result.known_count).sum();
        let new: u64 = results.iter().map(AuditResult::new_count).sum();
        output::line(&format!("{known} findings known, {new} new"));
    }
    output::diagnostics(&told.diagnostics);
    if audits::stops(&results) {
        Ok(Ending::NeedsAPerson)
    } else {
        Ok(Ending::of(&told.diagnostics))
    }
}

/// `tertial publish`: audits again, since a warehouse that fails is never put in force.
pub fn publish(project: &Project, lake: &Lake, moment: &Moment) -> Outcome {
    let built = unpublished(project)?;
    let (results, found) = audits::audit(project, &built)?;
    let mut told = found.diagnostics;
    let stops = audits::stops(&results);
    if !stops {
        let release = releases::publish(project, lake, &built, moment, &told)?;
        output::line(&release.to_string_lossy());
    }
    let in_force = Releases::new(&project.data()).current_id();
    let untold = lake.untold()?;
    told.extend(untold::left(untold, &[], Some(&built.id), in_force.as_deref()));
    output::diagnostics(&told);
    lake.forget_untold()?;
    Ok(if stops { Ending::NeedsAPerson } else { Ending::of(&told) })
}

/// The warehouse that `tertial build` left; one that was not finished is none.
fn unpublished(project: &Project) -> Result<Built, Faults> {
    match Releases::new(&project.data()).waiting() {
        Some((folder, id)) => Ok(Built { folder, id }),
        None => Err(Faults::from(
            Diagnostic::error(
                Code::NoRelease,
                "there is no built warehouse",
                Location::file("data/releases"),
            )
            .with_hint("make one with `tertial build`, or do the whole night with `tertial run`"),
        )),
    }
}

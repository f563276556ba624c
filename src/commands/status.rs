//! `tertial status`: freshness per source, the release in force, what the open period still lacks.

use super::{Ending, Outcome};
use crate::args::TableFormat;
use crate::clock::Moment;
use crate::night::record::{Record, Rollback};
use crate::night::standing::{self, Deliveries};
use crate::output;
use crate::project::Project;
use tertial_lake::{Lake, LoadState, Standing};
use tertial_warehouse::publish::Releases;
use tertial_warehouse::{Rows, Value};

/// The verb.
pub fn run(project: &Project, moment: &Moment) -> Outcome {
    let lake = Lake::open(project.data())?;
    let deliveries = Deliveries::at(project, &lake, moment)?;
    let rows = sources(project, &deliveries);
    let stale = standing::stale(project, &deliveries, moment);
    let release = Releases::new(&project.data()).current_id();
    let lacking = lacking(project, &deliveries);
    let withdrawn = withdrawn(&deliveries);
    let newest = Record::new(project).newest()?;
    let held = newest.and_then(|publication| publication.rollback);
    if output::is_json() {
        output::json(&serde_json::json!({
            "as_of": moment.at, "release": release, "open_period": project.config.night.open_period,
            "sources": output::objects(&rows), "lacking": lacking, "withdrawn": withdrawn,
            "held": held,
        }));
    } else {
        output::table(&rows, TableFormat::Table);
        output::data(&format!("\nrelease in force: {}", release.as_deref().unwrap_or("none")));
        if let Some(Rollback { from, reason, decided_by }) = &held {
            output::line(&format!(
                "publishing is held: {decided_by} went back from {from}: {reason}"
            ));
        }
        for line in &withdrawn {
            output::line(&format!("withdrawn: {line}"));
        }
        if let Some(period) = project.config.night.open_period {
            if lacking.is_empty() {
                output::data(&format!("{period}: every monthly table has all its months"));
            }
            for line in &lacking {
                output::line(&format!("{period} lacks {line}"));
            }
        }
    }
    output::diagnostics(&stale);
    let needs_a_person = !lacking.is_empty() || held.is_some();
    Ok(if needs_a_person { Ending::NeedsAPerson } else { Ending::of(&stale) })
}

/// Deliveries that a decision leaves out and no later one has superseded.
fn withdrawn(deliveries: &Deliveries) -> Vec<String> {
    let open = deliveries.all.iter().filter(|one| one.superseded_by.is_none());
    let line = |one: &Standing| {
        let decision = one.withdrawn.as_ref()?;
        let delivery = &one.manifest.delivery;
        Some(format!(
            "{} ({}), {} by {}: {}",
            delivery.id,
            delivery.original_name,
            decision.decided_at.get(..10).unwrap_or_default(),
            decision.decided_by,
            decision.reason
        ))
    };
    open.filter_map(line).collect()
}

fn sources(project: &Project, deliveries: &Deliveries) -> Rows {
    let columns = ["source", "file", "deliveries", "refused", "newest", "rows", "rejected"];
    let mut rows = Vec::new();
    for source in &project.sources {
        for spec in &source.pipeline.files {
            let of_kind: Vec<_> = deliveries
                .all
                .iter()
                .filter(|standing| standing.manifest.delivery.source == source.pipeline.name)
                .filter(|standing| standing.manifest.delivery.pattern == spec.pattern)
                .collect();
            let in_force: Vec<_> = of_kind.iter().filter(|standing| standing.in_force).collect();
            let refused =
                of_kind.iter().filter(|standing| standing.manifest.state == LoadState::Refused);
            let newest =
                in_force.iter().map(|standing| standing.last_received_at[..10].to_owned()).max();
            let tables = in_force.iter().flat_map(|standing| &standing.manifest.tables);
            let (accepted, rejected) = tables.fold((0, 0), |sum, table| {
                (sum.0 + table.rows_accepted, sum.1 + table.rows_rejected)
            });
            rows.push(vec![
                Value::Text(source.pipeline.name.clone()),
                Value::Text(spec.pattern.clone()),
                Value::Integer(in_force.len() as i64),
                Value::Integer(refused.count() as i64),
                newest.map_or(Value::Null, Value::Text),
                Value::Integer(accepted as i64),
                Value::Integer(rejected as i64),
            ]);
        }
    }
    Rows { columns: columns.iter().map(|&name| (name.to_owned(), String::new())).collect(), rows }
}

/// Months of the open period that a monthly table behind an indicator does not have.
fn lacking(project: &Project, deliveries: &Deliveries) -> Vec<String> {
    let Some(period) = project.config.night.open_period else { return Vec::new() };
    let tables: std::collections::BTreeSet<&String> =
        project.definitions.values().flat_map(|definition| &definition.completeness).collect();
    let mut lines = Vec::new();
    for table in tables {
        let present = deliveries.periods_of(table);
        if present.iter().any(|period| period.len() != 7) {
            continue;
        }
        let absent: Vec<String> = period
            .months()
            .map(|month| month.to_string())
            .filter(|month| !present.contains(month))
            .collect();
        if !absent.is_empty() {
            lines.push(format!("{table}: {}", absent.join(", ")));
        }
    }
    lines
}

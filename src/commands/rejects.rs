//! `tertial rejects`: rows that were set aside, counted, shown, and checked again.

use super::{Ending, NEAR, Outcome, asking, few};
use crate::args::{RejectsAction, TableFormat};
use crate::clock::Moment;
use crate::night::{keyring, load, timeline, untold};
use crate::output;
use crate::own;
use crate::project::Project;
use std::collections::BTreeSet;
use std::path::Path;
use tertial_lake::{Lake, LoadState, Standing};
use tertial_model::{Code, Diagnostic, Faults, Location, similar};
use tertial_warehouse::publish::Releases;
use tertial_warehouse::{Engine, Rows, Value};

/// The verb.
pub fn run(folder: &Path, action: Option<RejectsAction>) -> Outcome {
    let project = Project::open(folder)?;
    let lake = Lake::open(project.data())?;
    match action.unwrap_or(RejectsAction::List) {
        RejectsAction::List => list(&lake),
        RejectsAction::Show { delivery, limit } => show(&lake, delivery.as_deref(), limit),
        RejectsAction::Replay => replay(&project, &lake),
    }
}

/// What a delivery's rejects mean today: a superseded one's are history.
fn state(standing: &Standing) -> &'static str {
    match standing {
        Standing { superseded_by: Some(_), .. } => SUPERSEDED,
        Standing { withdrawn: Some(_), .. } => "withdrawn",
        Standing { refused: true, .. } => "refused",
        _ => "in force",
    }
}

const SUPERSEDED: &str = "superseded";

fn ask(lake: &Lake, sql: &str, arguments: &[&str]) -> Result<Rows, Faults> {
    let standings = lake.standings(None)?;
    let rejects = standings.iter().filter_map(|standing| standing.manifest.rejects.as_ref());
    let files: Vec<_> = rejects.map(|file| lake.path(file)).collect();
    let text = |text: &str| Value::Text(text.to_owned());
    let states = standings
        .iter()
        .map(|standing| vec![text(&standing.manifest.delivery.id), text(state(standing))]);
    let answer = || {
        let engine = Engine::in_memory()?;
        engine.execute("create schema meta")?;
        own::read(&engine, "meta.rejects", &files)?;
        let columns = [("delivery_id", "varchar"), ("state", "varchar")];
        engine.create_table("meta.states", &columns, states)?;
        engine.query(sql, arguments)
    };
    answer().map_err(|error: tertial_warehouse::engine::EngineError| {
        let message = format!("the rejects cannot be read: {error}");
        Faults::from(Diagnostic::error(Code::FileAccess, message, Location::file("data/rejects")))
    })
}

fn table(rows: &Rows) {
    output::table(rows, if output::is_json() { TableFormat::Json } else { TableFormat::Table });
}

fn list(lake: &Lake) -> Outcome {
    let rows = ask(
        lake,
        "select delivery_id, state, table_name, code, column_name, \
         count(distinct line)::bigint as row_count, min(message) as example \
         from meta.rejects join meta.states using (delivery_id) group by all order by all",
        &[],
    )?;
    table(&rows);
    let is_history = |at: usize| rows.get(at, "state").text().as_deref() == Some(SUPERSEDED);
    Ok(if (0..rows.rows.len()).all(is_history) { Ending::Clean } else { Ending::NeedsAPerson })
}

/// A delivery that nobody has made: what was asked for, and what there is.
fn unknown(lake: &Lake, asked: &str) -> Result<Option<Diagnostic>, Faults> {
    let standings = lake.standings(None)?;
    let ids: BTreeSet<&str> =
        standings.iter().map(|standing| standing.manifest.delivery.id.as_str()).collect();
    if ids.contains(asked) {
        return Ok(None);
    }
    let with_rejects: BTreeSet<&str> = standings
        .iter()
        .filter(|standing| standing.manifest.rejects.is_some())
        .map(|standing| standing.manifest.delivery.id.as_str())
        .collect();
    let expected = match few(&with_rejects) {
        None => "no delivery has rows that were set aside".to_owned(),
        Some(ids) => format!("one of {ids}"),
    };
    let fault = Diagnostic::error(
        Code::NoRelease,
        "there is no delivery with that id",
        Location::file("data/deliveries"),
    )
    .with_found(format!("`{asked}` among {} deliveries", ids.len()))
    .with_expected(expected);
    let near = similar::meant(asked, ids, NEAR);
    Ok(Some(
        asking(fault, &near)
            .with_hint("`tertial rejects list` names the deliveries that rows were set aside of"),
    ))
}

fn show(lake: &Lake, delivery: Option<&str>, limit: usize) -> Outcome {
    if let Some(asked) = delivery
        && let Some(fault) = unknown(lake, asked)?
    {
        return Err(Faults::from(fault));
    }
    let rows = ask(
        lake,
        &format!(
            "select location, code, message, found, expected, effect, raw \
             from meta.rejects join meta.states using (delivery_id) \
             where case $1 when '' then state <> '{SUPERSEDED}' else delivery_id = $1 end \
             order by delivery_id, line, code limit {limit}"
        ),
        &[delivery.unwrap_or("")],
    )?;
    if output::is_json() {
        table(&rows);
    } else {
        if rows.rows.is_empty() {
            output::progress("no row was set aside");
        }
        let text = |at: usize, name: &str| rows.get(at, name).text().unwrap_or_default();
        for at in 0..rows.rows.len() {
            output::line(&format!(
                "{} [{}] {}",
                text(at, "location"),
                text(at, "code"),
                text(at, "message")
            ));
            for name in ["raw", "found", "expected", "effect"] {
                let value = text(at, name);
                if !value.is_empty() {
                    output::line(&format!("    {name:<9} {value}"));
                }
            }
        }
    }
    Ok(if rows.rows.is_empty() { Ending::Clean } else { Ending::NeedsAPerson })
}

/// Checks again every delivery that was refused or had rows set aside, from its received bytes.
fn replay(project: &Project, lake: &Lake) -> Outcome {
    let _lock = lake.lock("tertial rejects replay")?;
    let concerned: BTreeSet<String> = lake
        .loads()?
        .into_iter()
        .filter(|load| load.rejects.is_some() || load.state == LoadState::Refused)
        .map(|load| load.delivery.id)
        .collect();
    let is_concerned = |delivery: &tertial_lake::DeliveryManifest| concerned.contains(&delivery.id);
    let moment = Moment::now();
    timeline::require_clock(project, lake, &moment)?;
    let keyring = keyring::open(project, project, lake, &moment, None)?;
    let mut loaded = load::load(project, lake, &moment, &keyring, Some(&is_concerned))?;
    let untold = lake.untold()?;
    let in_force = Releases::new(&project.data()).current_id();
    loaded.diagnostics.extend(untold::left(untold, &loaded.loads, None, in_force.as_deref()));
    output::diagnostics(&loaded.diagnostics);
    lake.forget_untold()?;
    let rejected: u64 =
        loaded.loads.iter().flat_map(|load| &load.tables).map(|table| table.rows_rejected).sum();
    output::data(&format!(
        "{} deliveries checked again: {rejected} rows are still set aside; run `tertial run` to publish",
        loaded.loads.len()
    ));
    Ok(Ending::of(&loaded.diagnostics))
}

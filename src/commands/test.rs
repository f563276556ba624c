//! `tertial test`: queries tried on given rows.

use super::{Ending, Outcome};
use crate::args::TableFormat;
use crate::cases::{self, Bench, Difference, Listed};
use crate::night::rehearsal;
use crate::output;
use crate::project::Project;
use std::path::Path;
use tertial_model::{Code, Diagnostic, Faults, Location, same};
use tertial_warehouse::{Rows, Value};

/// The verb: the cases of the project, or those that are named.
pub fn run(folder: &Path, names: &[String]) -> Outcome {
    let project = Project::open(folder)?;
    let chosen = cases::chosen(cases::list(&project.root)?, names, &project)?;
    if chosen.is_empty() {
        tell(&[], 0);
        return Ok(Ending::Clean);
    }
    let (project, warehouse) = rehearsal::without_data(project);
    let warehouse = warehouse?;
    let bench = Bench::new(&project, &warehouse);
    let mut tried = Vec::new();
    let mut faults: Vec<Diagnostic> = Vec::new();
    let count = chosen.len();
    for case in chosen {
        match attempt(&project, &bench, &case) {
            Ok(difference) => tried.push((case, difference)),
            Err(found) => faults.extend(found),
        }
    }
    tell(&tried, count - tried.len());
    output::diagnostics(&faults);
    Ok(match tried.iter().all(|(_, difference)| difference.is_none()) {
        _ if !faults.is_empty() => Ending::Failed,
        true => Ending::Clean,
        false => Ending::NeedsAPerson,
    })
}

fn attempt(project: &Project, bench: &Bench, case: &Listed) -> Result<Difference, Faults> {
    let text = std::fs::read_to_string(project.root.join(&case.file)).map_err(|error| {
        let message = format!("the case cannot be read: {error}");
        Faults::from(Diagnostic::error(Code::FileAccess, message, Location::file(&case.file)))
    })?;
    // As the project's other texts are read.
    let text = same::composed(&text);
    bench.compare(&case.query, &cases::Case::parse(&case.file, &text)?)
}

/// Prints what came of the cases; `untried` is how many could not be tried.
fn tell(tried: &[(Listed, Difference)], untried: usize) {
    let differing = tried.iter().filter(|(_, difference)| !difference.is_none()).count();
    if output::is_json() {
        let cases: Vec<serde_json::Value> = tried.iter().map(json).collect();
        output::json(&serde_json::json!({
            "cases": cases,
            "equal": tried.len() - differing,
            "different": differing,
            "not_tried": untried,
        }));
        return;
    }
    for (case, difference) in tried {
        let word = if difference.is_none() { "ok     " } else { "differs" };
        output::line(&format!("{word}  {}", case.full_name()));
        if !difference.is_none() {
            output::table(&rows(difference), TableFormat::Table);
        }
    }
    let noun = |count: usize| if count == 1 { "case" } else { "cases" };
    let count = tried.len() + untried;
    let mut told = format!("{count} {}: {} equal", noun(count), tried.len() - differing);
    if differing > 0 {
        told += &format!(", {differing} different");
    }
    if untried > 0 {
        told += &format!(", {untried} not tried");
    }
    output::line(&told);
}

/// The rows that stand on one side only, with the side in front.
fn rows(difference: &Difference) -> Rows {
    let text = |name: &str| (name.to_owned(), String::new());
    let mut columns = vec![text("")];
    columns.extend(difference.columns.iter().map(|name| text(name)));
    let sides = [("missing", &difference.missing), ("surplus", &difference.surplus)];
    let row = |side: &str, row: &[Option<String>]| {
        let cells = row.iter().map(|value| Value::from(cases::shown(value.as_deref())));
        std::iter::once(Value::from(side)).chain(cells).collect()
    };
    let rows = sides.iter().flat_map(|(side, rows)| rows.iter().map(|found| row(side, found)));
    Rows { columns, rows: rows.collect() }
}

/// Values are the engine's own text, so that decimals stay exact.
fn json((case, difference): &(Listed, Difference)) -> serde_json::Value {
    let object = |row: &Vec<Option<String>>| {
        let pairs = difference.columns.iter().cloned().zip(row);
        pairs
            .map(|(name, value)| (name, serde_json::json!(value)))
            .collect::<serde_json::Map<String, serde_json::Value>>()
    };
    let objects = |rows: &[Vec<Option<String>>]| rows.iter().map(object).collect::<Vec<_>>();
    serde_json::json!({
        "query": case.query,
        "case": case.name,
        "file": case.file,
        "is_equal": difference.is_none(),
        "missing": objects(&difference.missing),
        "surplus": objects(&difference.surplus),
    })
}

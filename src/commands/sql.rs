//! `tertial sql`: a question to a release, read only.

use super::{Ending, Outcome, edition};
use crate::args::{Past, TableFormat};
use crate::night::edition::no_release;
use crate::output;
use crate::project::Project;
use std::path::Path;
use std::time::Duration;
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::publish::{PUBLIC_FILE, Releases, WAREHOUSE_FILE};
use tertial_warehouse::wording;

/// What is asked, of which database, and how it is answered.
pub struct Wish {
    /// The query.
    pub query: String,
    /// Ask the row-level warehouse.
    pub warehouse: bool,
    /// Seconds the query may take; the project's setting when not given.
    pub time_limit: Option<u64>,
    /// From when; the release in force when not given.
    pub past: Past,
    /// How to print.
    pub format: TableFormat,
}

/// The verb.
pub fn run(project: &Project, wish: &Wish) -> Outcome {
    let file = if wish.warehouse { WAREHOUSE_FILE } else { PUBLIC_FILE };
    let count = wording::statements(&wish.query);
    if count > 1 {
        return Err(Faults::from(several(wish, file, count)));
    }
    let failed = |error: EngineError| Faults::from(fault(wish, file, &error));
    let open = |path: &Path| Engine::open_read_only(path).map_err(failed);
    // A release of then that was built again is there as long as its edition.
    let then;
    let engine = if wish.past.as_of.is_some() {
        then = edition(project, &wish.past)?;
        if wish.warehouse { then.engine } else { open(&then.folder.join(PUBLIC_FILE))? }
    } else {
        let releases = Releases::new(&project.data());
        if releases.current().is_none() {
            return Err(Faults::from(no_release()));
        }
        open(&releases.current_file(file))?
    };
    let limit = wish.time_limit.map(Duration::from_secs).or(project.config.night.query_limit());
    let rows = engine.with_time_limit(limit).query(&wish.query, &[]).map_err(failed)?;
    output::table(&rows, wish.format);
    Ok(Ending::Clean)
}

/// More than one question: only the last would be answered.
fn several(wish: &Wish, file: &str, count: usize) -> Diagnostic {
    let place = Location::Query { query: file.to_owned(), key: String::new() };
    Diagnostic::error(Code::QueryFailed, "one question at a time", place)
        .with_found(format!("{count} statements: `{}`", wish.query.trim()))
        .with_expected("one statement")
        .with_effect("nothing is answered")
        .with_hint("join the answers with `union all`, or call `tertial sql` once for each")
}

/// Why there is no answer, and what to do.
fn fault(wish: &Wish, file: &str, error: &EngineError) -> Diagnostic {
    let place = Location::Query { query: file.to_owned(), key: String::new() };
    let of = |message: String| Diagnostic::error(Code::QueryFailed, message, place);
    match error {
        EngineError::Empty => of(error.to_string())
            .with_found(format!("`{}`", wish.query.trim()))
            .with_expected("one question, such as `select * from indicator.outcomes limit 10`")
            .with_hint("`tertial sql \"show all tables\"` lists what can be asked"),
        EngineError::TimeLimit(_) => of(error.to_string())
            .with_effect("nothing is answered; the release is untouched")
            .with_hint(
                "ask for less, or allow more: `--time-limit SECONDS`, or `query_seconds` under \
                 `[night]` in `tertial.toml`",
            ),
        _ => {
            let fault = of(format!("the query could not be answered: {error}"));
            match !wish.warehouse && error.to_string().contains("does not exist") {
                true => fault.with_hint("row-level tables are in the warehouse: add `--warehouse`"),
                false => fault,
            }
        }
    }
}

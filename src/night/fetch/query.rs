//! The `[[query]]` entries: a question to a database, whose answer becomes a file in the drop folder.

use super::Visit;
use sha2::{Digest, Sha256};
use std::time::Instant;
use tertial_check::{answer_faults, file_of_query};
use tertial_fetch::{Fetched, Landing, Memory, World, filled, land};
use tertial_model::pipeline::{Parameter, QuerySpec};
use tertial_model::{AnswerColumn, Code, Diagnostic, Faults, Location, Origin, Period};
use tertial_odbc::{Connection, Question, ask as ask_database};

/// Asks; what the database says of its answer is held against the contract before a row is fetched.
pub fn ask(
    visit: &Visit<'_>,
    spec: &QuerySpec,
    memory: &mut Memory,
    world: &World<'_>,
) -> Result<Fetched, Faults> {
    let source = &visit.source.pipeline.name;
    let place = format!("{}/{}", visit.source.folder(), spec.sql);
    let no_period = || vec![no_open_period(visit, spec)];
    let file = filled(&spec.file, visit.period, visit.year).ok_or_else(no_period)?;
    let parameters: Option<Vec<String>> =
        spec.parameters.iter().map(|wanted| value(*wanted, visit)).collect();
    let parameters = parameters.ok_or_else(no_period)?;
    let root = &visit.project.root;
    let connection =
        Connection::read(&spec.connection, root, world.variable, source, &visit.pipeline)?;
    let sql = visit.project.text(&place);
    let contract = file_of_query(&visit.source.pipeline, spec)
        .and_then(|file| file.tables.first())
        .and_then(|table| visit.project.contracts.get(&table.contract));
    let judge = |columns: &[AnswerColumn]| match contract {
        Some(contract) => answer_faults(&place, contract, &visit.source.headings, columns),
        None => Vec::new(),
    };
    let question = Question {
        source,
        place: &place,
        file: &file,
        sql,
        parameters: &parameters,
        connection: &connection,
        spec,
    };
    let landing = Landing {
        source,
        pipeline: &visit.pipeline,
        file: &file,
        inbox: &visit.inbox,
        // The answer is held to its limit while it is written.
        max_bytes: u64::MAX,
    };
    let begin = Instant::now();
    land(&landing, memory, &mut |out| {
        let answer = ask_database(&question, &judge, &|| begin.elapsed(), out)?;
        tracing::info!(file, rows = answer.rows, bytes = answer.bytes, "query");
        Ok(Origin::Odbc {
            query: place.clone(),
            query_sha256: hex(&Sha256::digest(sql.as_bytes())),
            parameters: parameters.clone(),
            driver: connection.driver.clone(),
            data_source: connection.data_source.clone(),
            system: answer.system,
        })
    })
}

/// What a parameter stands for; none when it needs an open period and there is none.
fn value(wanted: Parameter, visit: &Visit<'_>) -> Option<String> {
    let period = || visit.period.and_then(Period::parse);
    match wanted {
        Parameter::Year => Some(visit.year.to_owned()),
        Parameter::Period => visit.period.map(str::to_owned),
        Parameter::FirstDay => Some(format!("{}-01", period()?.months().next()?)),
        Parameter::LastDay => {
            let last = period()?.months().last()?;
            let first: jiff::civil::Date = format!("{last}-01").parse().ok()?;
            Some(first.last_of_month().to_string())
        }
    }
}

fn no_open_period(visit: &Visit<'_>, spec: &QuerySpec) -> Diagnostic {
    let message = format!("`{}` of `{}` needs a period", spec.file, visit.source.pipeline.name);
    Diagnostic::error(Code::FetchRefused, message, Location::file(&visit.pipeline))
        .with_found("no period is open")
        .with_effect("nothing was asked; the last delivery stays in force")
        .with_hint("set `open_period` in `tertial.toml`, or use `{year}` and `year`")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! `tertial profile`: look at an unknown export and draft its pipeline and contract.

use super::{Ending, Outcome};
use crate::args::TableFormat;
use crate::output;
use std::path::Path;
use tertial_model::pipeline::Format;
use tertial_model::{Code, Diagnostic, Location};
use tertial_profile::{Profile, SourceFacts};
use tertial_read::ReadOptions;
use tertial_warehouse::{Rows, Value};

/// How many rows are looked at.
const ROWS: usize = 200_000;

/// The verb.
pub fn run(file: &Path, name: &str) -> Outcome {
    let shown = file.to_string_lossy().into_owned();
    let Some(format) = format_of(file) else {
        return Err(vec![
            Diagnostic::error(
                Code::T0102,
                "the file's ending does not tell its format",
                Location::file(shown),
            )
            .with_expected("csv, txt, tsv, xlsx, xls, ods, se, si, px, json or xml"),
        ]);
    };
    let mut reader = tertial_read::open(file, &ReadOptions::new(format, shown.clone()))
        .map_err(|fault| vec![*fault])?;
    let parts = reader.parts();
    let mut tables: Vec<Vec<(String, Vec<Option<String>>)>> = parts
        .iter()
        .map(|part| part.headings.iter().map(|heading| (heading.clone(), Vec::new())).collect())
        .collect();
    while let Some(chunk) = reader.next().map_err(|fault| vec![*fault])? {
        let batch = chunk.parse();
        let table = &mut tables[batch.part];
        for row in 0..batch.rows() {
            if table.first().is_some_and(|(_, values)| values.len() >= ROWS) {
                break;
            }
            for (at, (_, values)) in table.iter_mut().enumerate() {
                values.push(batch.get(row, at).map(str::to_owned));
            }
        }
    }
    let summary = reader.finish();
    for decision in &summary.decisions {
        output::progress(decision);
    }
    let file_name = file.file_name().unwrap_or_default().to_string_lossy();
    for (part, table) in parts.iter().zip(tables) {
        let entities = if part.name.is_empty() {
            "rows".to_owned()
        } else {
            tertial_profile::identifier(&part.name)
        };
        let profile = tertial_profile::profile(&shown, &table).map_err(|fault| vec![*fault])?;
        let facts = SourceFacts {
            source: name,
            entities: &entities,
            file_name: &file_name,
            format,
            encoding: None,
            delimiter: None,
            header_row: None,
            part: (!part.name.is_empty()).then_some(part.name.as_str()),
        };
        let draft = tertial_profile::draft(&profile, &facts);
        output::table(&columns(&profile), TableFormat::Table);
        for (path, text) in [
            (format!("pipelines/{name}/pipeline.toml"), draft.pipeline_toml),
            (format!("pipelines/{name}/headings.csv"), draft.headings_csv),
            (format!("schemas/{name}__{entities}.odcs.yaml"), draft.contract_yaml),
        ] {
            output::data(&format!("\n───── {path}\n{text}"));
        }
    }
    output::diagnostics(&summary.diagnostics);
    Ok(Ending::of(&summary.diagnostics))
}

fn format_of(file: &Path) -> Option<Format> {
    let ending = file.extension()?.to_string_lossy().to_lowercase();
    Some(match ending.as_str() {
        "csv" | "txt" | "tsv" => Format::Csv,
        "xlsx" | "xls" | "ods" | "xlsm" => Format::Xlsx,
        "se" | "si" | "sie" => Format::Sie,
        "px" => Format::Px,
        "xml" | "pax" => Format::Paxml,
        "json" => Format::Json,
        _ => return None,
    })
}

/// What was seen, a row per column.
fn columns(profile: &Profile) -> Rows {
    let heads = ["heading", "name", "type", "missing", "distinct", "minimum", "maximum", "example"];
    let optional = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    let rows = profile.columns.iter().map(|column| {
        vec![
            Value::Text(column.heading.clone()),
            Value::Text(column.name.clone()),
            Value::Text(column.kind.column_type().to_string()),
            Value::Integer(column.missing as i64),
            Value::Integer(column.distinct as i64),
            optional(&column.minimum),
            optional(&column.maximum),
            optional(&column.examples.first().cloned()),
        ]
    });
    Rows {
        columns: heads.iter().map(|&head| (head.to_owned(), String::new())).collect(),
        rows: rows.collect(),
    }
}

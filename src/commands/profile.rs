//! `tertial profile`: look at an unknown export and draft its pipeline and contract.

use super::{Ending, Outcome};
use crate::args::TableFormat;
use crate::output;
use std::path::Path;
use tertial_model::pipeline::Format;
use tertial_model::{Code, Diagnostic, Location, Part};
use tertial_profile::{Profile, SourceFacts, TextColumn};
use tertial_read::ReadOptions;
use tertial_warehouse::{Rows, Value};

/// How many rows are looked at.
const ROWS: usize = 200_000;

/// One table of a file as it is read.
struct Table {
    columns: Vec<TextColumn>,
    /// Rows that could not be divided: how many, and what was said of the first.
    undivided: (u64, Option<Diagnostic>),
}

/// The verb.
pub fn run(file: &Path, name: &str) -> Outcome {
    let shown = file.to_string_lossy().into_owned();
    let unknown = ReadOptions::new(Format::Csv, shown.clone());
    let format = tertial_read::format_of(file, &unknown)?;
    let options = ReadOptions::new(format, shown.clone());
    let mut reader = tertial_read::open(file, &options)?;
    let parts = reader.parts();
    let mut tables: Vec<Table> = parts.iter().map(Table::new).collect();
    while let Some(chunk) = reader.next()? {
        let batch = chunk.parse();
        tables[batch.part].take(batch);
    }
    let mut summary = reader.finish();
    output::progress(&format!("format {}", format.name()));
    for decision in &summary.decisions {
        output::progress(decision);
    }
    let file_name = file.file_name().unwrap_or_default().to_string_lossy();
    let is_empty = |table: &Table| table.rows() == 0;
    let several = parts.len() > 1;
    if tables.iter().all(is_empty) {
        let headings: usize = tables.iter().map(|table| table.columns.len()).sum();
        let fault = Diagnostic::error(
            Code::FileWithoutRows,
            "the file holds no rows",
            Location::file(&shown),
        )
        .with_found(format!("{} tables, {headings} columns, no row", tables.len()))
        .with_hint("export at least one full period and look at that");
        let mut faults = vec![fault];
        faults.extend(tables.iter().filter_map(|table| table.complaint(&shown)));
        return Err(faults.into());
    }
    let entities: Vec<String> = parts.iter().map(entities).collect();
    let mut drafted = Vec::new();
    for ((part, table), entities) in parts.iter().zip(&tables).zip(&entities) {
        summary.diagnostics.extend(table.complaint(&shown));
        if is_empty(table) {
            output::progress(&format!("`{}` holds no rows and is left out", part.name));
            continue;
        }
        let profile = tertial_profile::profile(&shown, &table.columns)?;
        let facts = SourceFacts {
            source: name,
            entities,
            file_name: &file_name,
            format,
            encoding: None,
            delimiter: None,
            header_row: None,
            part: (!part.name.is_empty()).then_some(part.name.as_str()),
        };
        if several {
            output::data(&format!("\n`{}`, {} rows", part.name, profile.rows));
        }
        output::table(&columns(&profile), TableFormat::Table);
        for note in notes(&profile) {
            output::data(&note);
        }
        drafted.push((profile, facts));
    }
    for (path, text) in tertial_profile::drafts(&drafted) {
        output::data(&format!("\n───── {path}\n{text}"));
    }
    output::diagnostics(&summary.diagnostics);
    Ok(Ending::of(&summary.diagnostics))
}

/// What the rows of a part are, in a word; `rows` where the part says nothing.
fn entities(part: &Part) -> String {
    let name = tertial_profile::identifier(&part.name);
    match name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        true => name,
        false if name.is_empty() => "rows".to_owned(),
        false => format!("sheet_{name}"),
    }
}

impl Table {
    fn new(part: &Part) -> Table {
        let column = |heading: &String| (heading.clone(), Vec::new());
        Table { columns: part.headings.iter().map(column).collect(), undivided: (0, None) }
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// Takes a batch's rows, but for those that the reader could not divide.
    fn take(&mut self, batch: tertial_model::TextBatch) {
        let mut faults = batch.faults.iter().peekable();
        for row in 0..batch.rows() {
            let mut fault = None;
            while let Some((_, found)) = faults.next_if(|(at, _)| *at <= row) {
                fault = Some(found);
            }
            if let Some(fault) = fault {
                self.undivided.0 += 1;
                self.undivided.1.get_or_insert_with(|| fault.clone());
                continue;
            }
            if self.rows() >= ROWS {
                continue;
            }
            for (at, (_, values)) in self.columns.iter_mut().enumerate() {
                values.push(batch.get(row, at).map(str::to_owned));
            }
        }
    }

    /// What is said of the rows that do not divide.
    fn complaint(&self, file: &str) -> Option<Diagnostic> {
        let (count, Some(first)) = &self.undivided else { return None };
        let whole = self.rows() as u64 + count;
        let message =
            format!("{count} of {whole} rows cannot be divided into the headings' columns");
        let mut fault = Diagnostic::warning(first.code, message, first.location.clone())
            .with_found(format!("first: {}", first.message))
            .with_effect("the rows are not looked at, and will be set aside when they are delivered")
            .with_hint("ask the source to export again; if most rows are told, the delimiter or the line of the headings is another than it seems");
        if *count * 2 > whole {
            fault.location = Location::file(file);
        }
        Some(fault)
    }
}

/// What was seen, a row per column; shapes and no contents.
fn columns(profile: &Profile) -> Rows {
    let heads = ["heading", "name", "type", "missing", "distinct", "shape"];
    let rows = profile.columns.iter().map(|column| {
        let shape = match &column.months {
            Some((first, last)) => format!("{first} to {last}"),
            None => column.shapes.join("  "),
        };
        vec![
            Value::Text(column.heading.clone()),
            Value::Text(column.name.clone()),
            Value::Text(column.kind.column_type().to_string()),
            Value::Integer(column.missing as i64),
            Value::Integer(column.distinct as i64),
            Value::Text(shape),
        ]
    });
    Rows {
        columns: heads.iter().map(|&head| (head.to_owned(), String::new())).collect(),
        rows: rows.collect(),
    }
}

/// What a person should know, of the table and of its columns.
fn notes(profile: &Profile) -> Vec<String> {
    let whole = profile.notes.iter().map(|note| format!("note: {note}"));
    let each = profile.columns.iter().flat_map(|column| {
        column.notes.iter().map(|note| format!("note: `{}`: {note}", column.heading))
    });
    whole.chain(each).collect()
}

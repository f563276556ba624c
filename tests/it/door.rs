//! The door in process: bytes are read and checked as a night does it, without lake and engine.

use crate::support::{fields, repository};
use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;
use std::collections::BTreeSet;
use tertial_check::{
    CheckInput, Checker, Codes, Corrections, Headings, PseudonymKey, References, Uniqueness,
    contract_from_part, parse_contract, parse_pipeline,
};
use tertial_model::pipeline::FileSpec;
use tertial_model::{Contract, Diagnostic, Faults, Part};
use tertial_read::{PartChoice, ReadOptions, open_bytes};

/// What is agreed about a kind of file.
pub struct Agreement {
    /// How it is read.
    pub options: ReadOptions,
    /// Part and contract; none = every part under the reader's own contract.
    pub tables: Vec<(Option<String>, Contract)>,
    pub decimal: Option<char>,
    pub missing: Vec<String>,
    pub sum_rows: Vec<String>,
    pub headings: Headings,
    pub codes: Codes,
    pub references: References,
}

/// A row that was accepted: its line or running number, and its cells without the columns of origin.
pub type Row = (u64, Vec<String>);

/// What became of one part.
#[derive(Debug, Default)]
pub struct TakenPart {
    pub name: String,
    /// Names of the accepted rows' columns.
    pub columns: Vec<String>,
    pub given: u64,
    pub read: u64,
    pub accepted: Vec<Row>,
    pub rejected: u64,
    pub sum_rows: u64,
    pub reasons: Vec<Diagnostic>,
}

/// What became of a delivery: its parts, or why it was refused before its rows were counted.
pub struct Taken {
    pub parts: Vec<TakenPart>,
    pub refused: Vec<Diagnostic>,
}

impl TakenPart {
    /// A row as `column=value`, without the columns that hold nothing: the same whatever the order of
    /// columns and however many others there are.
    pub fn named(&self, cells: &[String]) -> Vec<String> {
        let filled = self.columns.iter().zip(cells).filter(|(_, cell)| *cell != "∅");
        let mut named: Vec<String> = filled.map(|(name, cell)| format!("{name}={cell}")).collect();
        named.sort();
        named
    }
}

impl Agreement {
    /// A format with the reader's own contracts.
    pub fn of(options: ReadOptions) -> Agreement {
        Agreement {
            options,
            tables: Vec::new(),
            decimal: None,
            missing: Vec::new(),
            sum_rows: Vec::new(),
            headings: Headings::default(),
            codes: Codes::default(),
            references: References::new(),
        }
    }

    /// The kind of file of a source of the repository that a name fits.
    pub fn of_source(source: &str, file: &str) -> Agreement {
        let folder = repository().join("pipelines").join(source);
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let place = |name: &str| format!("pipelines/{source}/{name}");
        let pipeline = parse_pipeline(&place("pipeline.toml"), &text("pipeline.toml")).unwrap();
        let fits = |spec: &&FileSpec| tertial_lake::match_pattern(&spec.pattern, file).is_some();
        let spec = pipeline.files.iter().find(fits).unwrap_or_else(|| panic!("{file}")).clone();
        let contract = |name: &str| {
            let file = format!("schemas/{name}.odcs.yaml");
            let text = std::fs::read_to_string(repository().join(&file)).unwrap();
            parse_contract(&file, &text, &fields()).unwrap()
        };
        let tables: Vec<(Option<String>, Contract)> = spec
            .tables
            .iter()
            .map(|table| (table.part.clone(), contract(&table.contract)))
            .collect();
        let choice = |table: &tertial_model::pipeline::TableSpec| PartChoice {
            part: table.part.clone(),
            header_row: table.header_row,
            range: table.range.clone(),
        };
        let options = ReadOptions {
            encoding: spec.encoding.clone(),
            delimiter: spec.delimiter,
            header_row: spec.header_row,
            columns: spec.columns.clone(),
            tables: spec.tables.iter().map(choice).collect(),
            ..ReadOptions::new(spec.format, file)
        };
        Agreement {
            options,
            references: references(tables.iter().map(|(_, contract)| contract)),
            tables,
            decimal: spec.decimal,
            missing: spec.missing.clone(),
            sum_rows: spec.sum_rows.clone(),
            headings: Headings::parse(&place("headings.csv"), &text("headings.csv")).unwrap(),
            codes: match folder.join("codes.csv").is_file() {
                true => Codes::parse(&place("codes.csv"), &text("codes.csv")).unwrap(),
                false => Codes::default(),
            },
        }
    }

    /// Reads and checks a delivery.
    pub fn take(&self, bytes: Vec<u8>) -> Taken {
        let refused = |fault: Box<Diagnostic>| Taken { parts: Vec::new(), refused: vec![*fault] };
        let mut reader = match open_bytes(bytes, &self.options) {
            Ok(reader) => reader,
            Err(fault) => return refused(fault),
        };
        let parts = reader.parts();
        let key = PseudonymKey::new([7; 32]);
        let mut checkers: Vec<Option<(Checker, Uniqueness)>> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let Some(contract) = self.contract(at, part) else {
                checkers.push(None);
                continue;
            };
            match self.checker(&contract, part, &key) {
                Ok(checker) => checkers.push(Some((checker, Uniqueness::new(&contract)))),
                Err(faults) => return Taken { parts: Vec::new(), refused: faults.into() },
            }
        }
        let mut taken: Vec<TakenPart> = parts
            .iter()
            .map(|part| TakenPart { name: part.name.clone(), ..TakenPart::default() })
            .collect();
        loop {
            let chunk = match reader.next() {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(fault) => return refused(fault),
            };
            let batch = chunk.parse();
            let part = &mut taken[batch.part];
            part.given += batch.rows() as u64;
            let Some((checker, uniqueness)) = &mut checkers[batch.part] else { continue };
            let checked = uniqueness.filter(checker.check_owned(batch));
            part.read += checked.rows_read;
            part.sum_rows += checked.sum_rows;
            part.rejected += checked.rejects.len() as u64;
            let fields = checked.accepted.schema_ref().fields();
            part.columns = fields.iter().map(|field| field.name().clone()).collect();
            part.accepted.extend(rows(&checked.accepted, &checked.lines));
            part.reasons.extend(checked.rejects.into_iter().flat_map(|reject| reject.diagnostics));
        }
        let wanted = checkers.iter().map(Option::is_some);
        let parts = taken.into_iter().zip(wanted).filter(|(_, wanted)| *wanted);
        let parts = parts.map(|(part, _)| part).collect();
        reader.finish();
        Taken { parts, refused: Vec::new() }
    }

    fn contract(&self, at: usize, part: &Part) -> Option<Contract> {
        if self.tables.is_empty() {
            return Some(contract_from_part("sample", part));
        }
        let named = self.tables.iter().find(|(name, _)| name.as_deref() == Some(&*part.name));
        let unnamed = self.tables.get(at).filter(|(name, _)| name.is_none());
        named.or(unnamed).map(|(_, contract)| contract.clone())
    }

    fn checker(
        &self,
        contract: &Contract,
        part: &Part,
        key: &PseudonymKey,
    ) -> Result<Checker, Faults> {
        let input = CheckInput {
            contract,
            part,
            place_file: &self.options.file,
            delivery: "sample-0123456789ab",
            received_on: "2024-09-16".parse().unwrap(),
            within: None,
            decimal: self.decimal,
            missing: &self.missing,
            sum_rows: &self.sum_rows,
            headings: &self.headings,
            codes: &self.codes,
            corrections: &Corrections::default(),
            references: &self.references,
            key: Some(key),
        };
        Checker::new(input).map(|(checker, _)| checker)
    }
}

/// The seeds that contracts refer to.
fn references<'a>(contracts: impl Iterator<Item = &'a Contract>) -> References {
    let columns = contracts.flat_map(|contract| &contract.columns);
    let wanted: BTreeSet<&String> = columns.filter_map(|c| c.references.as_ref()).collect();
    let mut references = References::new();
    for name in wanted {
        let (table, column) = name.strip_prefix("seed.").unwrap().split_once('.').unwrap();
        let file = repository().join(format!("seeds/{table}.csv"));
        let mut reader = csv::Reader::from_path(file).unwrap();
        let at = reader.headers().unwrap().iter().position(|heading| heading == column).unwrap();
        let values = reader.records().map(|row| row.unwrap()[at].to_owned()).collect();
        references.insert(name, values);
    }
    references
}

fn rows(batch: &RecordBatch, lines: &[u64]) -> Vec<Row> {
    // Columns of origin begin with an underscore.
    let fields = batch.schema_ref().fields().iter();
    let width = fields.take_while(|field| !field.name().starts_with('_')).count();
    let cell = |column: usize, row: usize| {
        let array = batch.column(column);
        match array.is_null(row) {
            true => "∅".to_owned(),
            false => array_value_to_string(array, row).unwrap(),
        }
    };
    let row = |(row, line): (usize, &u64)| (*line, (0..width).map(|c| cell(c, row)).collect());
    lines.iter().enumerate().map(row).collect()
}

//! How many cells a second one core checks: `cargo run --release -p tertial-check --example kernel_speed`.
//!
//! Rows like those of a personnel system: month, identifiers, a unit looked up in another table, and
//! five amounts in hours with decimal comma.

use jiff::civil::date;
use std::collections::BTreeSet;
use std::time::Instant;
use tertial_check::{
    CheckInput, Checker, Codes, Corrections, Fields, Headings, References, parse_contract,
};
use tertial_model::text::Cell;
use tertial_model::{Part, Place, TextBatch};

const ROWS: usize = 65_536;
const ROUNDS: usize = 20;

fn main() {
    let names =
        ["month", "employment_id", "unit_code", "sex", "birth_year", "h1", "h2", "h3", "h4", "h5"];
    let contract = parse_contract("speed.odcs.yaml", &contract(&names), &Fields::default())
        .unwrap_or_else(|faults| {
            panic!("{}", faults.iter().map(ToString::to_string).collect::<String>())
        });
    let part = Part {
        name: String::new(),
        headings: names.map(str::to_owned).to_vec(),
        types: Vec::new(),
    };
    let mut references = References::new();
    references
        .insert("seed.units.unit_id", (600..640).map(|n| n.to_string()).collect::<BTreeSet<_>>());
    let (checker, _) = Checker::new(CheckInput {
        contract: &contract,
        part: &part,
        place_file: "speed.csv",
        delivery: "speed-0123456789ab",
        received_on: date(2024, 9, 16),
        within: None,
        decimal: Some(','),
        missing: &["..".to_owned()],
        sum_rows: &[],
        headings: &Headings::default(),
        codes: &Codes::default(),
        corrections: &Corrections::default(),
        references: &references,
        key: None,
    })
    .unwrap_or_else(|_| panic!("the headings are the contract's"));
    let batches: Vec<TextBatch> = (0..ROUNDS).map(|round| batch(round, names.len())).collect();
    let cells = (ROUNDS * ROWS * names.len()) as f64;
    let (mut checking, mut rows) = (0.0, 0);
    for batch in batches {
        let start = Instant::now();
        let checked = checker.check(&batch);
        checking += start.elapsed().as_secs_f64();
        rows += checked.accepted.num_rows();
    }
    println!("{:.1} million cells a second checked, {rows} rows accepted", cells / checking / 1e6);
}

fn contract(names: &[&str]) -> String {
    let mut text = "apiVersion: v3.1.0\nkind: DataContract\nid: s\nversion: 1.0.0\nstatus: active\nschema:\n  - name: speed\n    properties:\n".to_owned();
    for (index, name) in names.iter().enumerate() {
        let rest = match index {
            0 => {
                "logicalType: date, physicalType: month, required: true, primaryKey: true, primaryKeyPosition: 1"
            }
            1 => {
                "logicalType: string, physicalType: varchar, required: true, primaryKey: true, primaryKeyPosition: 2"
            }
            2 => {
                "logicalType: string, physicalType: varchar, customProperties: [{property: tertial.references, value: seed.units.unit_id}]"
            }
            3 => {
                "logicalType: string, physicalType: varchar, customProperties: [{property: tertial.allowed, value: \"K|M\"}]"
            }
            4 => "logicalType: integer, physicalType: bigint",
            _ => {
                "logicalType: number, physicalType: \"decimal(9,2)\", logicalTypeOptions: {minimum: 0, maximum: 400}"
            }
        };
        text.push_str(&format!("      - {{name: {name}, {rest}}}\n"));
    }
    text
}

fn batch(round: usize, width: usize) -> TextBatch {
    let mut batch = TextBatch {
        part: 0,
        width,
        buffer: String::new(),
        cells: Vec::new(),
        lines: Vec::new(),
        raw: Vec::new(),
        place: Place::Text,
        faults: Vec::new(),
    };
    for row in 0..ROWS {
        let number = round * ROWS + row;
        let start = batch.buffer.len();
        let hours = |salt: usize| format!("{},{:02}", (number * salt) % 190, (number * salt) % 100);
        let unit = 600 + number / 50 % 40;
        let sex = if number.is_multiple_of(4) { "M" } else { "K" };
        let year = 1955 + number % 50;
        let line = format!(
            "2024-0{};{number:08};{unit};{sex};{year};{};{};{};{};{}",
            1 + number % 8,
            hours(3),
            hours(7),
            hours(11),
            hours(13),
            hours(17)
        );
        let mut at = start;
        for field in line.split(';') {
            batch.cells.push(Cell::new(at, field.len()));
            at += field.len() + 1;
        }
        batch.raw.push(Cell::new(start, line.len()));
        batch.lines.push(number as u64 + 2);
        batch.buffer.push_str(&line);
        batch.buffer.push('\n');
    }
    batch
}

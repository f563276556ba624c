//! The whole check on small deliveries: what is accepted, every text of every fault, and properties.

mod faults;
mod properties;

use crate::{
    CheckInput, Checked, Checker, Codes, Corrections, Fields, Headings, PseudonymKey, References,
    SumRows, Uniqueness, parse_contract,
};
use arrow::array::{Array, RecordBatch};
use arrow::util::display::array_value_to_string;
use jiff::civil::date;
use std::collections::BTreeSet;
use tertial_model::text::Cell;
use tertial_model::{Contract, Diagnostic, Faults, Part, Place, TextBatch};

/// A contract of one table, its columns one flow mapping a line.
pub(crate) fn contract(columns: &str, words: &str) -> Contract {
    let head = "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: active\nschema:\n  - name: hr__worked_time\n    properties:\n";
    let columns: String =
        columns.lines().map(|line| format!("      - {}\n", line.trim())).collect();
    let words =
        if words.is_empty() { String::new() } else { format!("    customProperties: [{words}]\n") };
    let file = "schemas/hr__worked_time.odcs.yaml";
    parse_contract(file, &format!("{head}{columns}{words}"), &Fields::default()).unwrap_or_else(
        |faults| panic!("{}", faults.iter().map(ToString::to_string).collect::<String>()),
    )
}

/// A column of that type; `more` begins with a comma.
pub(crate) fn column(name: &str, physical: &str, more: &str) -> String {
    let logical = match physical {
        "varchar" => "string",
        "bigint" => "integer",
        "date" | "month" => "date",
        "boolean" => "boolean",
        _ => "number",
    };
    format!("{{name: {name}, logicalType: {logical}, physicalType: \"{physical}\"{more}}}")
}

/// One delivery of delimited text and everything it is checked with.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub contract: Contract,
    pub part: Part,
    pub within: Option<tertial_model::Period>,
    pub decimal: Option<char>,
    pub missing: Vec<String>,
    pub sum_rows: Vec<String>,
    pub headings: Headings,
    pub codes: Codes,
    pub corrections: Corrections,
    pub references: References,
    pub key: Option<PseudonymKey>,
}

impl Delivery {
    pub(crate) fn new(contract: Contract, headings: &str) -> Delivery {
        Delivery {
            contract,
            part: Part {
                name: String::new(),
                headings: headings.split(';').map(str::to_owned).collect(),
                types: Vec::new(),
            },
            within: None,
            decimal: Some(','),
            missing: vec!["..".to_owned()],
            sum_rows: vec!["Totalsumma".to_owned()],
            headings: Headings::default(),
            codes: Codes::default(),
            corrections: Corrections::default(),
            references: References::new(),
            key: Some(PseudonymKey::new([7; 32])),
        }
    }

    pub(crate) fn checker(&self) -> Result<(Checker, Vec<Diagnostic>), Faults> {
        Checker::new(CheckInput {
            contract: &self.contract,
            part: &self.part,
            place_file: "received/hr/arbetstid_2024-08.csv",
            delivery: "hr-0123456789ab",
            received_on: date(2024, 9, 16),
            within: self.within,
            decimal: self.decimal,
            missing: &self.missing,
            sum_rows: &self.sum_rows,
            headings: &self.headings,
            codes: &self.codes,
            corrections: &self.corrections,
            references: &self.references,
            key: self.key.as_ref(),
        })
    }

    /// Checks rows; the first stands on line 2.
    pub(crate) fn check(&self, rows: &str) -> Checked {
        let (checker, _) = self.checker().unwrap_or_else(|faults| panic!("{}", told(&faults)));
        checker.check(&batch(rows, self.part.headings.len(), 2))
    }

    /// Checks rows in batches of `size`, in order, with keys over all of them.
    pub(crate) fn night(&self, rows: &str, size: usize) -> (Vec<Checked>, SumRows) {
        let (checker, _) = self.checker().unwrap_or_else(|faults| panic!("{}", told(&faults)));
        let mut keys = Uniqueness::new(&self.contract);
        let mut sums = SumRows::new();
        let lines: Vec<&str> = rows.lines().collect();
        let mut checked = Vec::new();
        for (index, chunk) in lines.chunks(size).enumerate() {
            let first_line = 2 + (index * size) as u64;
            let batch = batch(&chunk.join("\n"), self.part.headings.len(), first_line);
            let one = keys.filter(checker.check_owned(batch));
            sums.add(&one.sums);
            checked.push(one);
        }
        (checked, sums)
    }
}

/// Rows of `;`-separated cells as a reader would give them; short rows become T0301.
pub(crate) fn batch(rows: &str, width: usize, first_line: u64) -> TextBatch {
    let mut batch = TextBatch {
        part: 0,
        width,
        buffer: rows.to_owned(),
        cells: Vec::new(),
        lines: Vec::new(),
        raw: Vec::new(),
        place: Place::Text,
        faults: Vec::new(),
    };
    let mut start = 0;
    for (row, line) in rows.split('\n').enumerate() {
        let line_number = first_line + row as u64;
        batch.lines.push(line_number);
        batch.raw.push(Cell::new(start, line.len()));
        let fields: Vec<&str> = line.split(';').collect();
        if fields.len() == width {
            let mut at = start;
            for field in fields {
                batch.cells.push(Cell::new(at, field.len()));
                at += field.len() + 1;
            }
        } else {
            batch.cells.extend(vec![Cell::ABSENT; width]);
            batch.faults.push((row, wrong_count(line, line_number, fields.len())));
        }
        start += line.len() + 1;
    }
    batch
}

fn wrong_count(line: &str, number: u64, count: usize) -> Diagnostic {
    let place = tertial_model::Location::text("received/hr/arbetstid_2024-08.csv", number, 1);
    let excerpt =
        tertial_model::Excerpt { line: number, text: line.to_owned(), start: 0, length: 1 };
    let message = "a row has the wrong number of fields";
    Diagnostic::error(tertial_model::Code::WrongFieldCount, message, place)
        .with_excerpt(excerpt)
        .with_found(format!("{count} fields, the first `{}`", line.split(';').next().unwrap_or("")))
}

/// Every text of the diagnostics, one after the other.
pub(crate) fn told(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect()
}

/// Every text of the rejects of a batch.
pub(crate) fn set_aside(checked: &Checked) -> String {
    let all: Vec<Diagnostic> = checked.rejects.iter().flat_map(|r| r.diagnostics.clone()).collect();
    told(&all)
}

/// Rows as `a|b|c`, without the columns of origin.
pub(crate) fn accepted(batch: &RecordBatch) -> Vec<String> {
    let width = batch.num_columns() - 1;
    let cell = |column: usize, row: usize| {
        let array = batch.column(column);
        if array.is_null(row) {
            "∅".to_owned()
        } else {
            array_value_to_string(array, row).unwrap()
        }
    };
    let row = |row: usize| (0..width).map(|c| cell(c, row)).collect::<Vec<_>>().join("|");
    (0..batch.num_rows()).map(row).collect()
}

fn references() -> References {
    let mut references = References::new();
    let units = ["605", "607", "811"].map(str::to_owned);
    references.insert("seed.units.unit_id", BTreeSet::from(units));
    references
}

#[test]
fn one_row_of_every_type() {
    let columns = [
        column("month", "month", ", required: true, primaryKey: true"),
        column("employment_id", "varchar", ", required: true, primaryKey: true"),
        column(
            "hours",
            "decimal(9,2)",
            ", customProperties: [{property: tertial.unit, value: timmar}]",
        ),
        column("birth_year", "bigint", ""),
        column("start", "date", ""),
        column(
            "is_manager",
            "boolean",
            ", customProperties: [{property: tertial.allowed, value: \"X|\"}]",
        ),
        column(
            "person_id",
            "varchar",
            ", classification: sensitive, customProperties: [{property: tertial.transform, value: \"civic_number:hr\"}]",
        ),
        column(
            "unit_code",
            "varchar",
            ", customProperties: [{property: tertial.references, value: seed.units.unit_id}]",
        ),
    ];
    let mut delivery = Delivery::new(
        contract(&columns.join("\n"), ""),
        "Månad;Anst;Timmar;Född;Start;Chef;Pnr;Enhet",
    );
    delivery.headings = Headings::parse(
        "headings.csv",
        "table,heading,column,valid_from\nhr__worked_time,Månad,month,\nhr__worked_time,Anst,employment_id,\nhr__worked_time,Timmar,hours,\nhr__worked_time,Född,birth_year,\nhr__worked_time,Start,start,\nhr__worked_time,Chef,is_manager,\nhr__worked_time,Pnr,person_id,\nhr__worked_time,Enhet,unit_code,\n",
    )
    .unwrap();
    delivery.references = references();
    let checked = delivery.check(
        "augusti 2024;007; 1 234,50\u{a0};1990;2020-01-01;X;20170110-2384;605\n202408;008;129:25;..;;;170110-2384;..",
    );
    assert_eq!(set_aside(&checked), "");
    let rows = accepted(&checked.accepted);
    let pseudonym = PseudonymKey::new([7; 32]).pseudonym("hr", "201701102384");
    assert_eq!(rows[0], format!("2024-08-01|007|1234.50|1990|2020-01-01|true|{pseudonym}|605"));
    assert_eq!(rows[1], format!("2024-08-01|008|129.42|∅|∅|false|{pseudonym}|∅"));
    let columns = checked.accepted.num_columns();
    assert_eq!(array_value_to_string(checked.accepted.column(columns - 1), 1).unwrap(), "3");
    assert_eq!(checked.lines, [2, 3]);
}

#[test]
fn codes_are_mapped_and_an_empty_code_says_what_an_empty_cell_means() {
    let columns = [
        column(
            "sex",
            "varchar",
            ", required: true, customProperties: [{property: tertial.allowed, value: \"K|M\"}]",
        ),
        column("status", "bigint", ""),
        column("share", "decimal(5,2)", ""),
    ];
    let mut delivery = Delivery::new(contract(&columns.join("\n"), ""), "sex;status;share");
    delivery.codes = Codes::parse(
        "codes.csv",
        "table,column,code,value,label\nhr__worked_time,sex,1,M,män\nhr__worked_time,sex,2,K,kvinnor\nhr__worked_time,status,helt,0,\nhr__worked_time,status,,3,\nhr__worked_time,share,hel,1.00,\nhr__worked_time,share,-,,\n",
    )
    .unwrap();
    let checked = delivery.check("1;helt;hel\n2;;-\n3;delvis;halv");
    assert_eq!(accepted(&checked.accepted), ["M|0|1.00", "K|3|∅"]);
    assert_eq!(checked.rejects.len(), 1);
    assert_eq!(checked.rejects[0].diagnostics.len(), 3);
}

#[test]
fn corrections_replace_a_value_and_stop_when_the_source_has_changed() {
    let columns = [
        column("id", "varchar", ", required: true, primaryKey: true"),
        column("hours", "decimal(9,2)", ""),
    ];
    let mut delivery = Delivery::new(contract(&columns.join("\n"), ""), "id;hours");
    let toml = |expect: &str| {
        format!(
            "[[correction]]\ntable = \"hr__worked_time\"\ncolumn = \"hours\"\nmatch = {{ id = \"b\" }}\nexpect = \"{expect}\"\nvalue = \"120,00\"\nreason = \"förväxlat\"\ndecided_by = \"HR\"\ndate = 2024-09-12\n"
        )
    };
    delivery.corrections =
        Corrections::parse("corrections.toml", &toml("1 200,00"), date(2024, 9, 16)).unwrap();
    let checked = delivery.check("a;1,00\nb;1 200,00\nc;3,00");
    assert_eq!(accepted(&checked.accepted), ["a|1.00", "b|120.00", "c|3.00"]);
    assert_eq!(checked.corrections.len(), 1);
    assert_eq!(
        (checked.corrections[0].line, checked.corrections[0].correction.as_str()),
        (3, "corrections.toml:2")
    );
    let mended = delivery.check("b;120,00");
    assert_eq!(accepted(&mended.accepted), ["b|120.00"]);
    insta::assert_snapshot!(told(&mended.diagnostics), @r"
    warning[T0508]: the correction of `hours` has outlived its cause
       --> received/hr/arbetstid_2024-08.csv:2:3 (column 2, `hours`)
        |
      2 | b;120,00
        |   ^^^^^^
        = found:    `120,00`
        = expected: `1 200,00`, as corrections.toml:2 says
        = effect:   not applied; the source's own value is checked

    hint: the source has been corrected: remove the record
    ");
}

#[test]
fn a_line_of_one_delivery_can_be_corrected() {
    let mut delivery =
        Delivery::new(contract(&column("sex", "varchar", ", required: true"), ""), "sex");
    let toml = "[[correction]]\ntable = \"hr__worked_time\"\ncolumn = \"sex\"\ndelivery = \"hr-0123456789ab\"\nline = 3\nexpect = \"\"\nvalue = \"K\"\nreason = \"saknades\"\ndecided_by = \"HR\"\ndate = 2024-09-12\n";
    delivery.corrections = Corrections::parse("corrections.toml", toml, date(2024, 9, 16)).unwrap();
    assert_eq!(accepted(&delivery.check("M\n\nK").accepted), ["M", "K", "K"]);
    delivery.corrections = Corrections::parse(
        "c.toml",
        &toml.replace("0123456789ab", "000000000000"),
        date(2024, 9, 16),
    )
    .unwrap();
    assert_eq!(delivery.check("M\n\nK").rejects.len(), 1);
}

#[test]
fn the_first_row_of_a_key_wins_over_batches() {
    let columns = [
        column("month", "month", ", primaryKey: true, primaryKeyPosition: 1"),
        column("id", "varchar", ", primaryKey: true, primaryKeyPosition: 2"),
        column("hours", "decimal(9,2)", ""),
    ];
    let delivery = Delivery::new(contract(&columns.join("\n"), ""), "month;id;hours");
    let (batches, _) =
        delivery.night("2024-08;a;1\n2024-08;b;2\n202408;a;3\n;;4\n;;5\n2024-08;c;6", 2);
    let rows: Vec<String> = batches.iter().flat_map(|one| accepted(&one.accepted)).collect();
    assert_eq!(rows, ["2024-08-01|a|1.00", "2024-08-01|b|2.00", "∅|∅|4.00", "2024-08-01|c|6.00"]);
    for one in &batches {
        assert_eq!(
            one.rows_read,
            one.accepted.num_rows() as u64 + one.rejects.len() as u64 + one.sum_rows
        );
        assert_eq!(
            (one.keys[0].len(), one.lines.len()),
            (one.accepted.num_rows(), one.accepted.num_rows())
        );
    }
    let duplicate = &batches[1].rejects[0];
    assert_eq!((duplicate.line, duplicate.raw.as_str()), (4, "202408;a;3"));
    assert_eq!(batches[2].rejects[0].raw, ";;5");
}

#[test]
fn sum_rows_are_compared_with_all_rows_and_dropped() {
    let columns = [
        column("unit", "varchar", ", required: true"),
        column("hours", "decimal(9,2)", ""),
        column("count", "bigint", ""),
    ];
    let delivery = Delivery::new(contract(&columns.join("\n"), ""), "unit;hours;count");
    let (batches, sums) = delivery.night("605;1 000,50;3\n;2,00;4\nTotalsumma;1 002,50;7", 2);
    assert_eq!(batches.iter().map(|one| one.sum_rows).sum::<u64>(), 1);
    assert_eq!(batches.iter().map(|one| one.accepted.num_rows()).sum::<usize>(), 1);
    let (diagnostics, reconciliations) = sums.finish();
    assert!(reconciliations.len() == 2 && reconciliations.iter().all(|one| one.holds()));
    insta::assert_snapshot!(told(&diagnostics), @r"
    note[T0304]: the sum row `Totalsumma` was compared and dropped
       --> received/hr/arbetstid_2024-08.csv:4:1 (column 1, `unit`)
        |
      4 | Totalsumma;1 002,50;7
        | ^^^^^^^^^^
        = found:    the rows' own sums in `hours`, `count`
        = effect:   row not loaded
    ");
    let (_, sums) = delivery.night("605;1 000,50;3\n607;x;4\nTotalsumma;1 002,50;7", 10);
    let (diagnostics, reconciliations) = sums.finish();
    assert_eq!(reconciliations.iter().filter(|one| !one.holds()).count(), 1);
    insta::assert_snapshot!(told(&diagnostics), @r"
    warning[T0305]: the sum row `Totalsumma` disagrees with its rows in `hours`
       --> received/hr/arbetstid_2024-08.csv:4:12 (column 2, `hours`)
        |
      4 | Totalsumma;1 002,50;7
        |            ^^^^^^^^
        = found:    `1002.50` in the sum row
        = expected: `1000.50`, the sum of the rows, a difference of `2.00`
        = effect:   row not loaded; the rows are

    hint: 1 row has no readable number in this column; correct them first
    hint: ask the source whether rows are missing from the export
    ");
}

#[test]
fn a_format_that_guarantees_its_numbers_is_read_in_machine_form() {
    let mut delivery =
        Delivery::new(contract(&column("amount", "decimal(18,2)", ""), ""), "amount");
    delivery.part.types = vec![tertial_model::ColumnType::Decimal { precision: 18, scale: 2 }];
    assert_eq!(accepted(&delivery.check("-1234.5").accepted), ["-1234.50"]);
}

#[test]
fn a_workbook_says_cell_names_and_drops_the_noise_of_floats() {
    let mut delivery =
        Delivery::new(contract(&column("amount", "decimal(18,2)", ""), ""), "amount");
    delivery.decimal = None;
    let (checker, _) = delivery.checker().unwrap();
    let mut sheet = batch("0.30000000000000004\n1,5", 1, 4);
    sheet.place = Place::Sheet { sheet: "Resor".into(), first_column: 2 };
    sheet.raw.clear();
    let checked = checker.check(&sheet);
    assert_eq!(accepted(&checked.accepted), ["0.30"]);
    insta::assert_snapshot!(set_aside(&checked), @r"
    error[T0204]: `amount` has another decimal mark than agreed
       --> received/hr/arbetstid_2024-08.csv!Resor!C5 (column 1, `amount`)
        = found:    `1,5`
        = expected: decimal(18,2) with decimal point, e.g. `12345.60`
        = contract: schemas/hr__worked_time.odcs.yaml, `amount`
        = effect:   row set aside

    hint: numbers a workbook stores as numbers come with a point: leave `decimal` out for it
    hint: ask the source for one decimal mark, or state the one it uses as `decimal` in `pipeline.toml`
    ");
}

#[test]
fn a_failed_formula_is_no_text() {
    let mut delivery = Delivery::new(contract(&column("name", "varchar", ""), ""), "name");
    delivery.decimal = None;
    let (checker, _) = delivery.checker().unwrap();
    let text = batch("#N/A\n#1 Stab", 1, 4);
    assert_eq!(accepted(&checker.check(&text).accepted), ["#N/A", "#1 Stab"], "in a text file");
    let mut sheet = text;
    sheet.place = Place::Sheet { sheet: "Resor".into(), first_column: 0 };
    sheet.raw.clear();
    let checked = checker.check(&sheet);
    assert_eq!(accepted(&checked.accepted), ["#1 Stab"]);
    insta::assert_snapshot!(set_aside(&checked), @r"
    error[T0210]: `name` does not have the agreed form
       --> received/hr/arbetstid_2024-08.csv!Resor!A4 (column 1, `name`)
        = found:    the error `#N/A`
        = expected: varchar
        = contract: schemas/hr__worked_time.odcs.yaml, `name`
        = effect:   row set aside

    hint: a formula failed in the workbook: correct it there, or ask for the sheet with values only
    ");
}

#[test]
fn a_missing_optional_column_is_empty_and_told() {
    let columns = [column("id", "varchar", ""), column("comment", "varchar", "")];
    let delivery = Delivery::new(contract(&columns.join("\n"), ""), "id");
    let (_, notes) = delivery.checker().unwrap();
    insta::assert_snapshot!(told(&notes), @r"
    warning[T0105]: `comment` is not in the file
       --> received/hr/arbetstid_2024-08.csv
        = found:    headings `id`
        = expected: the heading `comment`
        = contract: schemas/hr__worked_time.odcs.yaml, `comment`
        = effect:   the column is empty in this delivery

    hint: ask the source for the column, or add its new heading to `headings.csv`
    ");
    assert_eq!(accepted(&delivery.check("a").accepted), ["a|∅"]);
}

#[test]
fn very_many_faults_are_told_briefly() {
    let delivery = Delivery::new(contract(&column("n", "bigint", ""), ""), "n");
    let checked = delivery.check(&vec!["x"; 1500].join("\n"));
    assert_eq!(checked.rejects.len(), 1500);
    assert!(checked.rejects[999].diagnostics[0].excerpt.is_some());
    let lean = &checked.rejects[1000].diagnostics[0];
    assert!(lean.excerpt.is_none() && lean.hints.is_empty() && lean.found.is_some());
}

#[test]
fn a_row_tells_eight_faults_at_most() {
    let names: Vec<String> = (0..12).map(|n| format!("n{n}")).collect();
    let columns: Vec<String> = names.iter().map(|name| column(name, "bigint", "")).collect();
    let delivery = Delivery::new(contract(&columns.join("\n"), ""), &names.join(";"));
    let checked = delivery.check(&["x"; 12].join(";"));
    assert_eq!((checked.rejects.len(), checked.rejects[0].diagnostics.len()), (1, 8));
}

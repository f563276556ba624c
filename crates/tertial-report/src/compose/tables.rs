//! Rows of a mart → a table of the report.
//!
//! Columns that only steer the table are hidden: `report_period` filters the rows, `sort_order`
//! orders them, `row_kind` says sum or part sum, `status_reason` belongs to `status`.

use super::{Composer, finding};
use crate::data::{DataColumn, DataKind, DataTable, ReportData, Value};
use crate::document::{Block, Cell, CellValue, Column, ColumnKind, Place, Row, RowKind, Table};
use crate::legend;
use crate::spec::{FindingSpec, Fold, TableSpec};
use tertial_model::{Code, Diagnostic, Location, Missing, Month, Sex, Status};

const PERIOD: &str = "report_period";
const ORDER: &str = "sort_order";
const ROW_KIND: &str = "row_kind";
const REASON: &str = "status_reason";
const HIDDEN: [&str; 4] = [PERIOD, ORDER, ROW_KIND, REASON];
const BLANK: &str = "Tom cell betyder att ingen uppgift har lämnats.";

/// A block of kind `table`.
pub(super) fn block(
    composer: &mut Composer<'_>,
    place: (u64, u32),
    spec: &TableSpec,
) -> Vec<Block> {
    if composer.find(place, &spec.table).is_none() {
        return Vec::new();
    }
    let mut shown = Vec::new();
    for name in &spec.columns {
        shown.extend(composer.column(place, &spec.table, name));
    }
    if shown.len() < spec.columns.len() {
        return Vec::new();
    }
    let data = composer.data;
    let rows = &data.tables[&spec.table];
    if shown.is_empty() {
        shown = visible(rows);
    }
    let mut table = match table(&spec.id, &spec.table, rows, &shown, data) {
        Ok(table) => table,
        Err(fault) => {
            composer.faults.push(*fault);
            return Vec::new();
        }
    };
    for (names, where_) in [(&spec.below, Place::Below), (&spec.data, Place::Data)] {
        for name in names {
            match table.columns.iter_mut().find(|column| column.key == *name) {
                Some(column) => column.place = where_,
                None => {
                    let message = format!("the block `{}` shows no column `{name}`", spec.id);
                    let fault = composer.fault(place, Code::BadSetting, message);
                    fault.hints.push("name a column that stands in `columns` too".to_owned());
                }
            }
        }
    }
    table.caption = composer.fill(&spec.caption);
    table.explain = composer.explained(&spec.table, &table.caption);
    let note = composer.fill(&spec.note);
    table.notes.splice(0..0, (!note.is_empty()).then_some(note));
    if table.rows.is_empty() {
        return vec![Block::Paragraph(format!("{}: inga uppgifter för perioden.", table.caption))];
    }
    if let Some(asked) = &spec.finding
        && asks(composer, asked, &table)
    {
        let told = finding::of_table(
            &FindingSpec { words: composer.fill(&asked.words), ..asked.clone() },
            &table,
        );
        composer.told.extend((!told.is_empty()).then_some(told));
    }
    folded(spec.fold, table)
}

/// Whether a finding asks for columns that the table shows.
fn asks(composer: &mut Composer<'_>, asked: &FindingSpec, table: &Table) -> bool {
    let named = [&asked.value, &asked.against, &asked.difference];
    let unknown: Vec<&String> = named
        .into_iter()
        .filter(|name| !name.is_empty() && !table.columns.iter().any(|c| c.key == **name))
        .collect();
    for name in &unknown {
        let known: Vec<String> =
            table.columns.iter().map(|column| format!("`{}`", column.key)).collect();
        let message = format!("the block `{}` shows no column `{name}`", table.id);
        let fault = composer.fault(asked.place, Code::UnknownName, message);
        fault.found = Some(format!("`{name}`"));
        fault.expected = Some(format!("one of {}", known.join(", ")));
        fault.hints.push("correct the finding, or show the column".to_owned());
    }
    unknown.is_empty()
}

/// The table, or an extract of it with the whole folded below.
fn folded(fold: Fold, table: Table) -> Vec<Block> {
    let whole = |table: Table| {
        let summary = format!("{} ({} rader)", table.caption, table.rows.len());
        Block::Folded { level: 0, id: String::new(), summary, blocks: vec![Block::Table(table)] }
    };
    let kept: Vec<Row> = match fold {
        Fold::Nothing => return vec![Block::Table(table)],
        Fold::All => return vec![whole(table)],
        Fold::Body => table
            .rows
            .iter()
            .filter(|row| matches!(row.kind, RowKind::Sum | RowKind::Subtotal))
            .cloned()
            .collect(),
        Fold::Partly => table
            .rows
            .iter()
            .filter(|row| {
                !row.cells.iter().any(|cell| {
                    matches!(cell.value, CellValue::Status { status: Status::Partly, .. })
                })
            })
            .cloned()
            .collect(),
    };
    if kept.is_empty() || kept.len() == table.rows.len() {
        return vec![if kept.is_empty() { whole(table) } else { Block::Table(table) }];
    }
    let caption = match fold {
        Fold::Partly => format!("{}: de som inte är delvis uppnådda", table.caption),
        _ => format!("{}: summor", table.caption),
    };
    let extract =
        Table { id: format!("{}-utdrag", table.id), caption, rows: kept, ..table.clone() };
    vec![Block::Table(extract), whole(table)]
}

/// A table with all its visible columns.
pub(super) fn whole(
    id: &str,
    caption: &str,
    rows: &DataTable,
    data: &ReportData,
) -> Result<Table, Box<Diagnostic>> {
    let mut table = table(id, id, rows, &visible(rows), data)?;
    table.caption = caption.to_owned();
    Ok(table)
}

fn visible(table: &DataTable) -> Vec<usize> {
    let is_shown = |index: &usize| !HIDDEN.contains(&table.columns[*index].name.as_str());
    (0..table.columns.len()).filter(is_shown).collect()
}

fn table(
    id: &str,
    name: &str,
    data: &DataTable,
    shown: &[usize],
    report: &ReportData,
) -> Result<Table, Box<Diagnostic>> {
    let reason = data.column(REASON);
    let mut rows = Vec::new();
    for values in in_period(data, report) {
        let kind = row_kind(name, data, values)?;
        let mut cells = Vec::with_capacity(shown.len());
        for index in shown {
            let reason = reason.map(|at| values[at].plain()).unwrap_or_default();
            let column = &data.columns[*index];
            let made = match (column.kind, &values[*index]) {
                // A sum is not judged unless it says so.
                (DataKind::Status, Value::Null) if kind != RowKind::Body => {
                    Some(Cell::missing(Missing::CannotOccur))
                }
                (_, value) => cell(column, value, &reason),
            };
            cells.push(made.ok_or_else(|| unknown(name, values, &column.name, &values[*index]))?);
        }
        rows.push(Row { kind, cells });
    }
    let blank = rows.iter().any(|row| row.cells.iter().any(Cell::is_blank));
    let columns = shown.iter().map(|index| column(&data.columns[*index])).collect();
    Ok(Table {
        rows,
        notes: blank.then(|| BLANK.to_owned()).into_iter().collect(),
        source: data.source.clone(),
        ..Table::new(id, String::new(), columns)
    })
}

/// The rows of the report's period, in order.
pub(super) fn in_period<'a>(data: &'a DataTable, report: &ReportData) -> Vec<&'a Vec<Value>> {
    let period = data.column(PERIOD);
    let wanted = report.period.to_string();
    let mut rows: Vec<&Vec<Value>> =
        data.rows.iter().filter(|row| period.is_none_or(|at| row[at].plain() == wanted)).collect();
    if let Some(order) = data.column(ORDER) {
        let key = |row: &Vec<Value>| row[order].number().map_or(f64::INFINITY, |n| n.to_f64());
        rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
    }
    rows
}

/// The part of a row in its table.
pub(super) fn row_kind(
    name: &str,
    data: &DataTable,
    row: &[Value],
) -> Result<RowKind, Box<Diagnostic>> {
    let Some(at) = data.column(ROW_KIND) else { return Ok(RowKind::Body) };
    RowKind::parse(&row[at].plain()).ok_or_else(|| unknown(name, row, ROW_KIND, &row[at]))
}

fn unknown(table: &str, row: &[Value], column: &str, value: &Value) -> Box<Diagnostic> {
    let expected = match column {
        ROW_KIND => "`body`, `sum`, `subtotal`, `share` or `uncertain`",
        _ => "0, 1, 2 or 3, or the word for it",
    };
    let first = row.iter().map(Value::plain).find(|text| !text.is_empty()).unwrap_or_default();
    let location = Location::Query { query: table.to_owned(), key: first };
    let message = format!("`{}` is not a value of `{column}`", value.plain());
    Box::new(
        Diagnostic::error(Code::UnknownName, message, location)
            .with_found(format!("`{}`", value.plain()))
            .with_expected(expected)
            .with_effect("no report can be made")
            .with_hint("correct the query in `sql/mart`"),
    )
}

/// How the report shows a column.
pub(super) fn column(column: &DataColumn) -> Column {
    let kind = match column.kind {
        DataKind::Number => ColumnKind::Number,
        DataKind::Status => ColumnKind::Status,
        DataKind::Date | DataKind::Month => ColumnKind::Date,
        DataKind::Text | DataKind::Sex => ColumnKind::Text,
    };
    Column::new(&column.name, &column.label, &column.unit, kind, column.decimals)
}

/// A value as a cell; none when a status cannot be read.
fn cell(column: &DataColumn, value: &Value, reason: &str) -> Option<Cell> {
    let nothing = || Cell::missing(Missing::NotAvailable);
    Some(match (column.kind, value) {
        (_, Value::Marked(inner, mark)) => cell(column, inner, reason)?.marked(Some(*mark)),
        (_, Value::Missing(missing)) => Cell::missing(*missing),
        (DataKind::Number | DataKind::Status, Value::Null) => nothing(),
        (DataKind::Number, Value::Text(text)) => {
            signed(text).map_or_else(|| Cell::text(text.as_str()), Cell::missing)
        }
        (DataKind::Number, value) => {
            value.number().map_or_else(nothing, |number| Cell::number(number, column.decimals))
        }
        (DataKind::Status, value) => Cell::status(status(&value.plain())?, reason),
        _ => Cell::text(words(column, value)),
    })
}

/// A value as words: sexes and months in Swedish.
pub(super) fn words(column: &DataColumn, value: &Value) -> String {
    let plain = value.plain();
    match column.kind {
        DataKind::Sex => Sex::parse(&plain).map_or(plain, |sex| sex.label().to_owned()),
        DataKind::Month => {
            month(&plain).map_or(plain, |month| format!("{} {}", month.label(), month.year()))
        }
        _ => plain,
    }
}

/// Reads `2024-08` and `2024-08-01`.
pub(super) fn month(text: &str) -> Option<Month> {
    Month::parse(text).or_else(|| Month::parse(text.strip_suffix("-01")?))
}

fn status(text: &str) -> Option<Status> {
    let number = text.parse().ok().and_then(Status::from_number);
    // `Delvis uppfyllt` is how goals were judged in earlier releases.
    let first = |text: &str| text.split(' ').next().unwrap_or_default().to_lowercase();
    let all = || (0..4).filter_map(Status::from_number);
    let is_word = text.contains(' ');
    number.or_else(|| all().find(|status| is_word && first(status.word()) == first(text)))
}

fn signed(text: &str) -> Option<Missing> {
    const ALL: [Missing; 4] = [
        Missing::NotAvailable,
        Missing::CannotOccur,
        Missing::Suppressed,
        Missing::NotYetPublished,
    ];
    ALL.into_iter().find(|missing| legend::missing(*missing).sign == text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{CellValue, Mark};

    fn shown(kind: DataKind, value: Value) -> String {
        let column = DataColumn::new("x", "X", "", 1, kind);
        cell(&column, &value, "").map_or("–ingen–".to_owned(), |cell| cell.printed())
    }

    #[test]
    fn each_kind_of_value_has_its_form() {
        assert_eq!(shown(DataKind::Number, Value::Float(1234.56)), "1\u{a0}234,6");
        assert_eq!(shown(DataKind::Number, Value::Null), "..");
        assert_eq!(shown(DataKind::Number, Value::text("[s]")), "[s]");
        assert_eq!(shown(DataKind::Number, Value::Float(f64::NAN)), "..");
        assert_eq!(shown(DataKind::Month, Value::Date("2024-08-01".into())), "augusti 2024");
        assert_eq!(shown(DataKind::Sex, Value::text("K")), "Kvinnor");
        assert_eq!(shown(DataKind::Text, Value::Boolean(true)), "ja");
        assert_eq!(shown(DataKind::Text, Value::Null), "");
        let late = Value::Marked(Box::new(Value::Integer(7)), Mark::Revised);
        assert_eq!(shown(DataKind::Number, late), "7,0\u{a0}[r]");
    }

    #[test]
    fn a_status_is_read_from_number_and_word_and_nothing_else() {
        assert_eq!(shown(DataKind::Status, Value::Integer(1)), "Delvis uppnått");
        assert_eq!(shown(DataKind::Status, Value::text("Ej uppnått")), "Ej uppnått");
        assert_eq!(shown(DataKind::Status, Value::text("Ej uppfyllt")), "Ej uppnått");
        assert_eq!(shown(DataKind::Status, Value::text("ej")), "–ingen–");
        assert_eq!(shown(DataKind::Status, Value::Integer(4)), "–ingen–");
        let column = DataColumn::new("status", "Status", "", 0, DataKind::Status);
        let made = cell(&column, &Value::Integer(2), "under målet").unwrap();
        assert!(matches!(made.value, CellValue::Status { reason, .. } if reason == "under målet"));
    }
}

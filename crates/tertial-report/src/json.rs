//! The document as JSON, for other systems.
//!
//! Every cell has its unrounded value and the text the other formats print. A number is a JSON number
//! when a double holds it exactly, else its digits as text. A kind of nothing is `null` with a code.

use crate::chart::Chart;
use crate::compose::AREA_PREFIX;
use crate::document::{
    Cell, CellValue, Column, ColumnKind, Document, Number, Part, Row, SYNTHETIC_LABEL, Table,
};
use crate::legend;
use serde_json::{Map, Value, json};
use tertial_model::shown::visible_json;
use tertial_model::{Decimal, Missing, Outcome};

/// Renders the document.
pub fn render(document: &Document) -> String {
    let mut tables: Map<String, Value> =
        document.tables().map(|shown| (shown.id.clone(), table(shown))).collect();
    tables.insert("nyckeltal".to_owned(), plan(document));
    let charts: Map<String, Value> =
        document.charts().map(|shown| (shown.id.clone(), chart(shown))).collect();
    let outcomes: Vec<Value> = document.outcomes.iter().map(outcome).collect();
    let whole = json!({
        "meta": meta(document),
        "front": front(document),
        "chapters": chapters(document),
        "tables": tables,
        "outcomes": outcomes,
        "charts": charts,
    });
    visible_json(&format!("{whole:#}\n")).into_owned()
}

fn meta(document: &Document) -> Value {
    let signs: Map<String, Value> = legend::all()
        .into_iter()
        .map(|sign| (sign.code.to_owned(), json!({"sign": sign.sign, "words": sign.words})))
        .collect();
    json!({
        "title": document.title,
        "body": document.body,
        "region": document.region,
        "period": document.period.to_string(),
        "period_label": document.period_label,
        "edition": document.edition,
        "as_of": document.as_of,
        "release": document.release_id,
        "program_version": document.program_version,
        "note": document.note,
        "synthetic": document.synthetic,
        "notice": document.synthetic.then_some(SYNTHETIC_LABEL),
        "language": "sv",
        "signs": signs,
    })
}

/// What the first screen says.
fn front(document: &Document) -> Value {
    let front = &document.front;
    let sentences: Vec<Value> = front
        .sentences
        .iter()
        .map(|sentence| json!({"lead": sentence.lead, "rest": sentence.rest, "target": sentence.target}))
        .collect();
    let strips: Vec<Value> = front
        .strips
        .iter()
        .map(|strip| json!({"label": strip.label, "counts": strip.counts, "target": strip.target}))
        .collect();
    json!({
        "headline": front.headline,
        "sentences": sentences,
        "figures": front.figures,
        "strips": strips,
    })
}

/// What each chapter says, and which part it belongs to.
fn chapters(document: &Document) -> Value {
    let chapter = |chapter: &crate::document::Chapter| {
        let part = match chapter.part {
            Part::Report => "report",
            Part::Basis => "basis",
        };
        json!({
            "id": chapter.id,
            "part": part,
            "heading": chapter.heading,
            "finding": chapter.finding,
        })
    };
    document.chapters.iter().map(chapter).collect()
}

/// The tables of all goal areas in one, for readers who want the plan's indicators together.
fn plan(document: &Document) -> Value {
    let mut areas = document.tables().filter(|table| table.id.starts_with(AREA_PREFIX));
    let Some(first) = areas.next() else { return Value::Null };
    let mut whole = first.clone();
    whole.caption = "Nyckeltal, alla målområden".to_owned();
    for area in areas {
        let rows: Vec<Row> = area.rows.iter().map(|row| in_columns(&whole, area, row)).collect();
        whole.rows.extend(rows);
        for note in &area.notes {
            if !whole.notes.contains(note) {
                whole.notes.push(note.clone());
            }
        }
    }
    table(&whole)
}

/// A row in the columns of another table; what it does not have cannot occur there.
fn in_columns(whole: &Table, own: &Table, row: &Row) -> Row {
    let cell = |column: &Column| {
        let at = own.columns.iter().position(|known| known.key == column.key);
        at.map_or_else(|| Cell::missing(Missing::CannotOccur), |at| row.cells[at].clone())
    };
    Row { kind: row.kind, cells: whole.columns.iter().map(cell).collect() }
}

fn table(table: &Table) -> Value {
    let rows: Vec<Value> = table
        .rows
        .iter()
        .map(|row| {
            let cells: Map<String, Value> = table
                .columns
                .iter()
                .zip(&row.cells)
                .map(|(column, shown)| (column.key.clone(), cell(shown)))
                .collect();
            Value::Object(cells)
        })
        .collect();
    let shown = table.on_page();
    let columns = table.columns.iter().enumerate();
    let columns: Vec<Value> =
        columns.map(|(at, known)| column(known, shown.contains(&at))).collect();
    let kinds: Vec<&str> = table.rows.iter().map(|row| row.kind.name()).collect();
    json!({
        "caption": table.caption,
        "columns": columns,
        "rows": rows,
        "row_kinds": kinds,
        "notes": table.notes,
        "source": table.source,
    })
}

fn column(column: &Column, is_on_page: bool) -> Value {
    let kind = match column.kind {
        ColumnKind::Text => "text",
        ColumnKind::Number => "number",
        ColumnKind::Status => "status",
        ColumnKind::Date => "date",
    };
    json!({
        "key": column.key,
        "label": column.label,
        "unit": column.unit,
        "kind": kind,
        "decimals": column.decimals,
        "on_page": is_on_page,
    })
}

fn cell(cell: &Cell) -> Value {
    let value = match &cell.value {
        CellValue::Text(text) | CellValue::Link { text, .. } => json!(text),
        CellValue::Number { value, .. } => number(*value),
        CellValue::Missing(_) => Value::Null,
        CellValue::Status { status, .. } => json!(status.number()),
        CellValue::Answer { answer, .. } => json!(answer.name()),
        CellValue::Series { values, .. } => json!(values),
    };
    let mut object = Map::new();
    object.insert("value".into(), value);
    object.insert("printed".into(), json!(cell.printed()));
    match &cell.value {
        CellValue::Missing(missing) => {
            object.insert("missing".into(), json!(legend::missing(*missing).code));
        }
        CellValue::Status { reason, .. } if !reason.is_empty() => {
            object.insert("reason".into(), json!(reason));
        }
        _ => {}
    }
    if let Some(mark) = cell.mark {
        object.insert("mark".into(), json!(legend::mark(mark).code));
    }
    if let Some(anchor) = &cell.explain {
        object.insert("explain".into(), json!(anchor));
    }
    Value::Object(object)
}

/// A JSON number when nothing is lost, else the digits as text.
fn number(value: Number) -> Value {
    match value {
        Number::Float(value) => json!(value),
        Number::Exact(exact) => {
            if exact.rescale(0).is_some_and(|whole| whole == exact)
                && let Some(whole) = exact.rescale(0)
                && let Ok(whole) = i64::try_from(whole.units())
            {
                return json!(whole);
            }
            let double = exact.to_f64();
            let is_same = Decimal::parse(&format!("{double}")).is_some_and(|back| back == exact);
            if is_same { json!(double) } else { json!(exact.to_string()) }
        }
    }
}

fn outcome(outcome: &Outcome) -> Value {
    let mut object = serde_json::to_value(outcome).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut object {
        fields.insert("printed".into(), json!(outcome.printed()));
        fields.insert("status_word".into(), json!(outcome.status.map(tertial_model::Status::word)));
    }
    object
}

fn chart(chart: &Chart) -> Value {
    let series: Vec<Value> = chart
        .series
        .iter()
        .map(|series| {
            let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
            let preliminary: Vec<bool> =
                series.points.iter().map(|point| point.preliminary).collect();
            json!({"name": series.name, "values": values, "preliminary": preliminary})
        })
        .collect();
    json!({
        "form": chart.kind.name(),
        "title": chart.title,
        "subtitle": chart.subtitle,
        "unit": chart.unit,
        "decimals": chart.decimals,
        "categories": chart.categories,
        "along": chart.along.as_ref().map(|along| {
            json!({"label": along.label, "places": along.places})
        }),
        "series": series,
        "table": chart.table_id,
        "alt": chart.alt(),
        "source": chart.source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_text() {
        let exact = |text: &str| number(Number::Exact(Decimal::parse(text).unwrap()));
        assert_eq!(exact("12345678.90"), json!(12345678.9));
        assert_eq!(exact("957.0000"), json!(957));
        assert_eq!(exact("1234567890123456.78"), json!("1234567890123456.78"));
        assert_eq!(exact("-0.1"), json!(-0.1));
    }
}

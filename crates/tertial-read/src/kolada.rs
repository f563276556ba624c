//! Kolada's data answers, v2 and v3: one row per indicator, municipality or unit, period and sex.

use crate::batch::{BatchBuilder, part, wanted};
use crate::cube::value_type;
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::json::document;
use crate::json::scan::Value;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use std::sync::Arc;
use tertial_model::{Code, ColumnType, Diagnostic, Location, Parts, Place};

/// Opens one answer, or an array of answers where several pages were stored together.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let (text, decision) = input.read_text(options)?;
    let root = document(&text, options)?;
    let pages = match &root {
        Value::Array(pages) => pages.as_slice(),
        page => std::slice::from_ref(page),
    };
    let mut summary = summary_of(&decision);
    let parts = parts();
    wanted(&parts, options)?;
    let place = Place::Cube { key: vec![0, 1, 2, 3] };
    let mut builder = BatchBuilder::new(0, parts[0].headings.len(), place, &options.limits);
    let mut batches = Vec::new();
    for page in pages {
        let Some(Value::Array(entries)) = page.get("values") else {
            return Err(Box::new(not_data(page, options)));
        };
        for entry in entries {
            let Some(Value::Array(values)) = entry.get("values") else {
                return Err(Box::new(not_data(entry, options)));
            };
            for value in values {
                add_row(&mut builder, entry, value);
                batches.extend(builder.take_full());
            }
        }
    }
    batches.extend(builder.take());
    let last = pages.last().and_then(|page| page.get("next_url").or_else(|| page.get("next_page")));
    if let Some(next) = last.and_then(Value::as_text) {
        summary.diagnostics.push(more_pages(next, options));
    }
    Ok(Prepared::open(parts, batches, summary, options))
}

fn parts() -> Parts {
    use ColumnType::{Boolean, Integer, Text};
    Arc::new([part(
        "",
        &[
            ("kpi", Text),
            ("municipality", Text),
            ("period", Integer),
            ("gender", Text),
            ("value", value_type(None)),
            ("status", Text),
            ("count", Integer),
            ("isdeleted", Boolean),
        ],
    )])
}

fn add_row(builder: &mut BatchBuilder, entry: &Value<'_>, value: &Value<'_>) {
    let place = entry.get("municipality").or_else(|| entry.get("ou"));
    let deleted = value.get("isdeleted").or_else(|| value.get("is_deleted"));
    let cells = [
        entry.get("kpi"),
        place,
        entry.get("period"),
        value.get("gender"),
        value.get("value"),
        value.get("status"),
        value.get("count"),
        deleted,
    ];
    let cells = cells.map(|cell| cell.and_then(Value::cell));
    let texts = [0, 1, 2, 3, 4, 5, 6, 7].map(|index: usize| cells[index].as_deref());
    builder.texts(builder.rows + 1, &texts);
}

/// An answer from another address of the same service, or of another one.
fn not_data(value: &Value<'_>, options: &ReadOptions) -> Diagnostic {
    let found = if value.get("title").is_some() {
        "an entry of Kolada's catalogue, with a title and no values".to_owned()
    } else {
        let names: Vec<&str> =
            value.members().iter().map(|(name, _)| name.as_ref()).take(5).collect();
        format!("an object with the names `{}`", names.join("`, `"))
    };
    not_agreed(options, found).with_hint("fetch `/data/kpi/…` or `/oudata/kpi/…`")
}

/// An answer that goes on elsewhere: figures are missing.
pub fn more_pages(next: &str, options: &ReadOptions) -> Diagnostic {
    let message = "the answer has more pages than the file";
    Diagnostic::warning(Code::DamagedFile, message, Location::file(&options.file))
        .with_found(format!("the next page is at `{next}`"))
        .with_hint("fetch every page and store them together as an array")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;
    use tertial_model::ReadSummary;
    use tertial_model::pipeline::Format;

    fn read(text: &str) -> Result<(Vec<String>, ReadSummary), Box<Diagnostic>> {
        let options = ReadOptions::new(Format::Kolada, "kolada_sjuk.json");
        let mut reader = open_bytes(text.as_bytes().to_vec(), &options)?;
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            rows.extend((0..batch.rows()).map(|row| batch.raw_row(row)));
        }
        Ok((rows, reader.finish()))
    }

    const V3: &str = r#"{"values": [{"kpi": "N60030", "municipality": "0023", "period": 2023, "values": [
        {"gender": "T", "count": 1, "status": "", "value": 5.53000001, "isdeleted": false},
        {"gender": "K", "count": 1, "status": "Missing", "value": null, "isdeleted": true}]}],
        "next_url": null, "previous_url": null, "count": 1}"#;
    const V2: &str = r#"{"count": 1, "values": [{"kpi": "N60030", "ou": "V11E1", "period": "2012",
        "values": [{"gender": "M", "count": null, "status": null, "value": 5}]}]}"#;

    #[test]
    fn both_versions_and_stored_pages() {
        let (rows, summary) = read(&format!("[{V3}, {V2}]")).unwrap();
        assert_eq!(
            rows,
            [
                "N60030;0023;2023;T;5.53000001;;1;false",
                "N60030;0023;2023;K;;Missing;1;true",
                "N60030;V11E1;2012;M;5;;;",
            ]
        );
        assert!(summary.diagnostics.is_empty());
    }

    #[test]
    fn a_missing_page_warns_and_a_catalogue_is_refused() {
        let next = "\"https://api.kolada.se/v3/data/kpi/N60030?page=2\"";
        let (_, summary) =
            read(&V3.replacen("null, \"previous", &format!("{next}, \"previous"), 1)).unwrap();
        assert_eq!(summary.diagnostics.len(), 1);
        insta::assert_snapshot!(read(r#"{"values": [{"id": "N1", "title": "x"}]}"#).unwrap_err(), @r"
        error[T0102]: the file is not a Kolada data answer (v2 or v3)
           --> kolada_sjuk.json
            = found:    an entry of Kolada's catalogue, with a title and no values
            = expected: a Kolada data answer (v2 or v3)

        hint: fetch `/data/kpi/…` or `/oudata/kpi/…`
        ");
    }
}

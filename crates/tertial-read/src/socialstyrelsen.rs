//! A result from Socialstyrelsen's statistical database: its row fields, `varde` as the text it is.

use crate::batch::{BatchBuilder, wanted};
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::json::document;
use crate::json::scan::Value;
use crate::kolada::more_pages;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use std::sync::Arc;
use tertial_model::{ColumnType, Diagnostic, Part, Parts, Place};

/// Opens a result, or an array of results where several pages were stored together.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let (text, decision) = input.read_text(options)?;
    let root = document(&text, options)?;
    let pages = match &root {
        Value::Array(pages) => pages.as_slice(),
        page => std::slice::from_ref(page),
    };
    let mut rows: Vec<&Value<'_>> = Vec::new();
    for page in pages {
        match page.get("data") {
            Some(Value::Array(data)) => rows.extend(data),
            _ => return Err(Box::new(no_result(options))),
        }
    }
    if rows.iter().any(|row| row.get("varde").is_none()) {
        return Err(Box::new(no_result(options)));
    }
    let parts = parts(&rows, options)?;
    wanted(&parts, options)?;
    let headings = &parts[0].headings;
    let key = (0..headings.len()).filter(|column| headings[*column] != "varde").collect();
    let mut builder = BatchBuilder::new(0, headings.len(), Place::Cube { key }, &options.limits);
    let mut batches = Vec::new();
    for row in rows {
        let cells: Vec<_> =
            headings.iter().map(|name| row.get(name).and_then(Value::cell)).collect();
        let texts: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        builder.texts(builder.rows + 1, &texts);
        batches.extend(builder.take_full());
    }
    batches.extend(builder.take());
    let mut summary = summary_of(&decision);
    if let Some(subject) = pages.first().and_then(|page| page.get("amne")?.as_text()) {
        summary.facts.push(("subject".to_owned(), subject.to_owned()));
    }
    let next = pages.last().and_then(|page| page.get("nasta_sida")?.cell());
    if let Some(next) = next {
        summary.diagnostics.push(more_pages(&next, options));
    }
    Ok(Prepared::open(parts, batches, summary, options))
}

/// The names of the first row, in its order; an empty result has the names that results have.
fn parts(rows: &[&Value<'_>], options: &ReadOptions) -> Result<Parts, Box<Diagnostic>> {
    let mut headings = crate::json::headings(rows, options)?;
    if headings.is_empty() {
        let usual = ["mattId", "atcId", "regionId", "alderId", "konId", "ar", "varde"];
        headings = usual.map(str::to_owned).to_vec();
    }
    crate::json::check_cells(rows.len(), headings.len(), options)?;
    let types = headings.iter().map(|name| match name.as_str() {
        "ar" => ColumnType::Integer,
        _ => ColumnType::Text,
    });
    let types = types.collect();
    Ok(Arc::new([Part { name: String::new(), headings, types }]))
}

fn no_result(options: &ReadOptions) -> Diagnostic {
    not_agreed(options, "a JSON document without `data` of rows with `varde`")
        .with_hint("fetch `/…/resultat/…`; the addresses above it list codes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;
    use tertial_model::pipeline::Format;

    #[test]
    fn values_keep_their_comma_and_a_missing_page_warns() {
        let text = r#"{"data": [{"mattId": 4, "regionId": 23, "ar": 2023, "varde": "0,03"}],
            "amne": "lakemedel", "nasta_sida": "…&sida=2"}"#;
        let options = ReadOptions::new(Format::Socialstyrelsen, "j01.json");
        let mut reader = open_bytes(text.as_bytes().to_vec(), &options).unwrap();
        assert_eq!(reader.parts()[0].headings, ["mattId", "regionId", "ar", "varde"]);
        let batch = reader.next().unwrap().unwrap().parse();
        assert_eq!(batch.raw_row(0), "4;23;2023;0,03");
        assert_eq!(reader.finish().diagnostics[0].code.name(), "T0103");
        let other = open_bytes(br#"{"data": [{"id": 1}]}"#.to_vec(), &options);
        assert_eq!(other.err().unwrap().code.name(), "T0102");
    }
}

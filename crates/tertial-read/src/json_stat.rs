//! JSON-stat 2, the answer of SCB and other PxWeb servers, and the `json` answer of their first API.
//!
//! One row per cell of the cube: a column of codes for each dimension, then `value` and `status`.
//! A cell without a number has no value; its symbol is the status. A status beside a number is a
//! note. Categories are read by their index, never by their place in the text.

use crate::batch::{BatchBuilder, wanted};
use crate::cube::{self, Dimension};
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::json::document;
use crate::json::scan::Value;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use std::collections::HashMap;
use std::sync::Arc;
use tertial_model::{Code, ColumnType, Diagnostic, Location, Part, Parts, Place, ReadSummary};

/// Opens a data set.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let (text, decision) = input.read_text(options)?;
    let root = document(&text, options)?;
    let mut summary = summary_of(&decision);
    if root.get("columns").is_some() && root.get("data").is_some() {
        return first_api(&root, summary, options);
    }
    recognise(&root, options)?;
    let dimensions = dimensions(&root, options)?;
    let cells = cube::size(&dimensions, options)?;
    let values = cell_list(&root, "value", cells, options)?;
    let status = cell_list(&root, "status", cells, options)?;
    tell_facts(&root, &mut summary);
    let parts: Parts = Arc::new([cube::part(&dimensions, decimals(&root))]);
    wanted(&parts, options)?;
    let batches = cube::rows(&dimensions, cells, options, |position| {
        let value = values.get(position).and_then(Value::cell);
        (value, status.get(position).and_then(Value::as_text).filter(|text| !text.is_empty()))
    });
    Ok(Prepared::open(parts, batches, summary, options))
}

/// Says what else it is, when it is no data set of version 2.
fn recognise(root: &Value<'_>, options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    let data_set = root.get("class").and_then(Value::as_text) == Some("dataset");
    let described = root.get("id").is_some() && root.get("size").is_some();
    // A description of a table gives an empty list for the values.
    let values = root.get("value").is_some_and(|value| match value {
        Value::Array(values) => !values.is_empty(),
        other => *other != Value::Null,
    });
    if data_set && described && values {
        return Ok(());
    }
    let version_1 = root.get("dataset").is_some();
    let mut fault = if version_1 {
        not_agreed(options, "JSON-stat 1").with_hint("ask for `outputFormat=json-stat2`")
    } else if data_set {
        not_agreed(options, "a data set's description without values")
            .with_hint("fetch `/data` and not `/metadata` of the table")
    } else {
        let names: Vec<&str> =
            root.members().iter().map(|(name, _)| name.as_ref()).take(5).collect();
        let found = match names.is_empty() {
            true => "a JSON document without names".to_owned(),
            false => format!("a JSON document with `{}`", names.join("`, `")),
        };
        not_agreed(options, found).with_hint("fetch `/data` of a table as `json-stat2`")
    };
    if version_1 {
        fault.code = Code::UnsupportedVersion;
        fault.message = "JSON-stat 1 is not read here".to_owned();
    }
    Err(Box::new(fault))
}

fn dimensions(root: &Value<'_>, options: &ReadOptions) -> Result<Vec<Dimension>, Box<Diagnostic>> {
    let ids = root.get("id").map_or(&[][..], Value::elements);
    let sizes = root.get("size").map_or(&[][..], Value::elements);
    if ids.len() != sizes.len() {
        let found = format!("{} names in `id`, {} numbers in `size`", ids.len(), sizes.len());
        return Err(Box::new(damaged(found, options)));
    }
    if ids.len() + 2 > options.limits.columns {
        return Err(Box::new(damaged(format!("{} dimensions", ids.len()), options)));
    }
    let mut dimensions = Vec::with_capacity(ids.len());
    for (id, size) in ids.iter().zip(sizes) {
        let name = id.as_text().unwrap_or_default();
        let described = root.get("dimension").and_then(|all| all.get(name));
        let category = described.and_then(|dimension| dimension.get("category"));
        let codes = category.and_then(codes);
        match codes {
            Some(codes) if Some(codes.len()) == size.as_count() => {
                dimensions.push(Dimension { name: name.to_owned(), codes });
            }
            codes => {
                let found = format!(
                    "dimension `{name}` with {} categories, and `size` says {}",
                    codes.map_or(0, |codes| codes.len()),
                    size.cell().unwrap_or_default()
                );
                return Err(Box::new(damaged(found, options)));
            }
        }
    }
    Ok(dimensions)
}

/// The codes in the order of the index, which is a list or a map from code to place. A dimension
/// of one category may do with its label.
fn codes(category: &Value<'_>) -> Option<Vec<String>> {
    match category.get("index") {
        Some(Value::Array(codes)) => {
            codes.iter().map(|code| code.as_text().map(str::to_owned)).collect()
        }
        Some(Value::Object(places)) => {
            let mut codes = vec![None; places.len()];
            for (code, place) in places {
                let place = codes.get_mut(place.as_count()?)?;
                if place.replace(code.to_string()).is_some() {
                    return None;
                }
            }
            codes.into_iter().collect()
        }
        Some(_) => None,
        None => match category.get("label")?.members() {
            [(code, _)] => Some(vec![code.to_string()]),
            _ => None,
        },
    }
}

/// Values or statuses by flat position.
enum CellList<'a, 'b> {
    List(&'b [Value<'a>]),
    Map(HashMap<usize, &'b Value<'a>>),
    Same(&'b Value<'a>),
    None,
}

impl<'a, 'b> CellList<'a, 'b> {
    fn get(&self, position: usize) -> Option<&'b Value<'a>> {
        match self {
            CellList::List(values) => values.get(position),
            CellList::Map(values) => values.get(&position).copied(),
            CellList::Same(value) => Some(value),
            CellList::None => None,
        }
    }
}

fn cell_list<'a, 'b>(
    root: &'b Value<'a>,
    name: &str,
    cells: usize,
    options: &ReadOptions,
) -> Result<CellList<'a, 'b>, Box<Diagnostic>> {
    match root.get(name) {
        None | Some(Value::Null) => Ok(CellList::None),
        Some(Value::Array(values)) if name == "status" && values.len() == 1 => {
            Ok(CellList::Same(&values[0]))
        }
        Some(Value::Array(values)) if values.len() == cells => Ok(CellList::List(values)),
        Some(Value::Array(values)) => {
            let found =
                format!("{} elements in `{name}`, and the sizes make {cells}", values.len());
            Err(Box::new(damaged(found, options)))
        }
        Some(Value::Object(members)) => {
            let mut map = HashMap::with_capacity(members.len());
            for (position, value) in members {
                let place = position.parse().ok().filter(|place| *place < cells);
                let fresh = place.is_some_and(|place| map.insert(place, value).is_none());
                if !fresh {
                    let found = format!(
                        "position `{position}` in `{name}` of {cells} cells, beyond the end or twice"
                    );
                    return Err(Box::new(damaged(found, options)));
                }
            }
            Ok(CellList::Map(map))
        }
        Some(same @ Value::Text(_)) if name == "status" => Ok(CellList::Same(same)),
        Some(_) => Err(Box::new(damaged(format!("`{name}` is no list"), options))),
    }
}

fn damaged(found: String, options: &ReadOptions) -> Diagnostic {
    let message = "the data set does not agree with itself";
    Diagnostic::error(Code::DamagedFile, message, Location::file(&options.file))
        .with_found(found)
        .with_effect("delivery refused")
        .with_hint("fetch the table again")
}

/// The most decimals that a measure is stated to have.
fn decimals(root: &Value<'_>) -> Option<u8> {
    let measures = root.get("role")?.get("metric")?.elements();
    let mut most = None;
    for measure in measures.iter().filter_map(Value::as_text) {
        let units = root.get("dimension")?.get(measure)?.get("category")?.get("unit")?;
        for (_, unit) in units.members() {
            let decimals = unit.get("decimals")?.as_count()?;
            most = most.max(Some(u8::try_from(decimals).ok()?));
        }
    }
    most
}

fn tell_facts(root: &Value<'_>, summary: &mut ReadSummary) {
    for name in ["label", "source", "updated"] {
        if let Some(text) = root.get(name).and_then(Value::as_text) {
            summary.facts.push((name.to_owned(), text.to_owned()));
        }
    }
    for role in ["time", "metric"] {
        let names = root.get("role").and_then(|roles| roles.get(role));
        for name in names.map_or(&[][..], Value::elements).iter().filter_map(Value::as_text) {
            summary.facts.push((format!("{role}_dimension"), name.to_owned()));
        }
    }
    for note in root.get("note").map_or(&[][..], Value::elements) {
        if let Some(text) = note.as_text() {
            summary.facts.push(("note".to_owned(), text.to_owned()));
        }
    }
}

/// The `json` answer of PxWeb's first API: `columns`, and rows of `key` and `values`, all texts.
fn first_api(
    root: &Value<'_>,
    mut summary: ReadSummary,
    options: &ReadOptions,
) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let columns = root.get("columns").map_or(&[][..], Value::elements);
    let text = |column: &Value<'_>, name: &str| {
        column.get(name).and_then(Value::as_text).unwrap_or_default().to_owned()
    };
    let headings: Vec<String> = columns.iter().map(|column| text(column, "code")).collect();
    let types = columns.iter().map(|column| match text(column, "type").as_str() {
        "c" => cube::value_type(None),
        _ => ColumnType::Text,
    });
    let part = Part { name: String::new(), headings, types: types.collect() };
    let width = part.headings.len();
    let keys = columns.iter().filter(|column| text(column, "type") != "c").count();
    let parts: Parts = Arc::new([part]);
    wanted(&parts, options)?;
    summary.decisions.push("answer of PxWeb's first API".to_owned());
    let place = Place::Cube { key: (0..keys).collect() };
    let mut builder = BatchBuilder::new(0, width, place, &options.limits);
    let mut batches = Vec::new();
    let rows = root.get("data").map_or(&[][..], Value::elements);
    for (row, number) in rows.iter().zip(1..) {
        let lists = ["key", "values"].map(|name| row.get(name).map_or(&[][..], Value::elements));
        let texts: Vec<Option<&str>> = lists.into_iter().flatten().map(Value::as_text).collect();
        if texts.len() != width {
            let found = format!("row {number} has {} texts for {width} columns", texts.len());
            return Err(Box::new(damaged(found, options)));
        }
        builder.texts(number, &texts);
        batches.extend(builder.take_full());
    }
    batches.extend(builder.take());
    Ok(Prepared::open(parts, batches, summary, options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;
    use proptest::prelude::*;
    use tertial_model::pipeline::Format;

    fn read(text: &str) -> Result<(Part, Vec<String>), Box<Diagnostic>> {
        let options = ReadOptions::new(Format::JsonStat, "befolkning_2024.json");
        let mut reader = open_bytes(text.as_bytes().to_vec(), &options)?;
        let part = reader.parts()[0].clone();
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            rows.extend((0..batch.rows()).map(|row| batch.raw_row(row)));
        }
        Ok((part, rows))
    }

    fn cube(index: &str, value: &str, status: &str) -> String {
        format!(
            r#"{{"version": "2.0", "class": "dataset", "id": ["Region", "Tid"], "size": [2, 2],
            "role": {{"metric": ["Tid"]}},
            "dimension": {{"Region": {{"category": {{"index": {index}}}}},
            "Tid": {{"category": {{"index": ["2023", "2024"], "unit": {{"2023": {{"decimals": 1}}}}}}}}}},
            "value": {value}{status}}}"#
        )
    }

    const ROWS: [&str; 4] = ["0023;2023;1.50;", "0023;2024;;..", "23L;2023;3;", "23L;2024;4;p"];

    #[test]
    fn every_form_of_a_cube_gives_the_same_rows() {
        for index in [r#"["0023", "23L"]"#, r#"{"23L": 1, "0023": 0}"#] {
            for value in ["[1.50, null, 3, 4]", r#"{"0": 1.50, "2": 3, "3": 4}"#] {
                for status in [r#"{"1": "..", "3": "p"}"#, r#"[null, "..", null, "p"]"#] {
                    let text = cube(index, value, &format!(", \"status\": {status}"));
                    let (part, rows) = read(&text).unwrap();
                    assert_eq!(part.headings, ["Region", "Tid", "value", "status"]);
                    assert_eq!(rows, ROWS);
                    let expected = ColumnType::Decimal { precision: 28, scale: 1 };
                    assert_eq!(part.types[2], expected);
                }
            }
        }
        let text = cube(r#"["a", "b"]"#, "[1, 2, 3, 4]", r#", "status": "e""#);
        assert_eq!(read(&text).unwrap().1[3], "b;2024;4;e");
    }

    #[test]
    fn a_cube_that_does_not_agree_with_itself_is_refused() {
        let check = |text: &str, words: &str| {
            let fault = read(text).unwrap_err().to_string();
            assert!(fault.contains("T0103") && fault.contains(words), "{fault}");
        };
        check(
            &cube(r#"["a", "b"]"#, "[1, 2, 3]", ""),
            "3 elements in `value`, and the sizes make 4",
        );
        check(&cube(r#"["a"]"#, "[1, 2, 3, 4]", ""), "dimension `Region` with 1 categories");
        check(&cube(r#"{"a": 0, "b": 0}"#, "[1, 2, 3, 4]", ""), "dimension `Region`");
        check(&cube(r#"["a", "b"]"#, r#"{"9": 1}"#, ""), "position `9`");
    }

    #[test]
    fn what_is_no_data_is_named() {
        insta::assert_snapshot!(read(r#"{"dataset": {"dimension": {}}}"#).unwrap_err(), @r"
        error[T0112]: JSON-stat 1 is not read here
           --> befolkning_2024.json
            = found:    JSON-stat 1
            = expected: a JSON-stat 2 data set

        hint: ask for `outputFormat=json-stat2`
        ");
        insta::assert_snapshot!(read(r#"{"language": "sv", "tables": []}"#).unwrap_err(), @r"
        error[T0102]: the file is not a JSON-stat 2 data set
           --> befolkning_2024.json
            = found:    a JSON document with `language`, `tables`
            = expected: a JSON-stat 2 data set

        hint: fetch `/data` of a table as `json-stat2`
        ");
    }

    proptest! {
        #[test]
        fn arbitrary_documents_never_panic(
            index in "[\\[\\]{}\",:0-3ab]{0,12}",
            value in "[\\[\\]{}\",:0-9.]{0,12}",
            text in ".*",
        ) {
            let _ = read(&cube(&index, &value, ""));
            let _ = read(&text);
        }
    }
}

//! JSON: documents for the other readers, and tables of flat objects for this one.
//!
//! A table is an array of objects, one object a line, or an object whose only array of objects is
//! the table. Its headings are all names that occur, in the order of their first occurrence.

pub mod scan;

use crate::batch::{BatchBuilder, wanted};
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use scan::{Fault, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use tertial_model::{Cell, Code, Diagnostic, Location, Part, Parts, Place, same};

/// The mark that some writers leave inside the first name.
const MARK: char = '\u{FEFF}';

/// Opens a table of JSON objects.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let (text, decision) = input.read_text(options)?;
    let mut summary = summary_of(&decision);
    let (rows, place) = rows(&text, options)?;
    let objects: Vec<&Value<'_>> = rows.iter().filter_map(|row| row.value.as_ref().ok()).collect();
    let headings = headings(&objects, options)?;
    check_cells(rows.len(), headings.len(), options)?;
    let parts: Parts =
        Arc::new([Part { name: String::new(), headings: headings.clone(), types: Vec::new() }]);
    wanted(&parts, options)?;
    if objects.iter().any(|row| row.members().iter().any(|(name, _)| name.starts_with(MARK))) {
        summary.decisions.push("a byte order mark was taken out of a name".to_owned());
    }
    let columns: HashMap<&str, usize> =
        headings.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let mut builder = BatchBuilder::new(0, headings.len(), place, &options.limits);
    let mut batches = Vec::new();
    let mut cells = Vec::new();
    for row in rows {
        cells.clear();
        cells.resize(headings.len(), Cell::ABSENT);
        if let Some(text) = row.text {
            builder.raw(text);
        }
        for (name, value) in row.value.iter().flat_map(|value| value.members()) {
            let column = columns[&*name_of(name)];
            cells[column] = builder.optional(value.cell().as_deref());
        }
        builder.row(row.number, &cells);
        if let Err(fault) = row.value {
            builder.fault(*fault);
        }
        batches.extend(builder.take_full());
    }
    batches.extend(builder.take());
    Ok(Prepared::open(parts, batches, summary, options))
}

/// An object with its line, or with its running number inside a document.
struct Row<'a> {
    number: u64,
    /// The object, or why the line is none.
    value: Result<Value<'a>, Box<Diagnostic>>,
    /// The line, when it is one.
    text: Option<&'a str>,
}

fn rows<'a>(
    text: &'a str,
    options: &ReadOptions,
) -> Result<(Vec<Row<'a>>, Place), Box<Diagnostic>> {
    let (depth, values) = (options.limits.depth, options.limits.cells);
    let whole = scan::parse(text, depth, values);
    let lines = || text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let by_line = whole.is_err() && lines().nth(1).is_some() && text.trim_start().starts_with('{');
    if by_line && lines().next().is_some_and(|(line, _)| scan::parse(line, depth, values).is_ok()) {
        let row = |(line, number): (&'a str, u64)| {
            let value = match scan::parse(line, depth, values) {
                Ok(value @ Value::Object(_)) => Ok(value),
                Ok(_) => Err(Box::new(no_object(line, number, options))),
                Err(fault) => Err(Box::new(bad_line(line, number, fault, options))),
            };
            Row { number, value, text: Some(line) }
        };
        return Ok((lines().map(row).collect(), Place::Text));
    }
    let value = whole.map_err(|fault| fault_in(text, fault, options))?;
    let elements = match value {
        Value::Array(elements) => elements,
        Value::Object(members) => {
            let tables = |value: &Value<'_>| matches!(value.elements(), [Value::Object(_), ..]);
            let found = members.iter().filter(|(_, value)| tables(value)).count();
            match members.iter().position(|(_, value)| tables(value)).filter(|_| found == 1) {
                Some(index) => match members.into_iter().nth(index) {
                    Some((_, Value::Array(elements))) => elements,
                    _ => Vec::new(),
                },
                None => vec![Value::Object(members)],
            }
        }
        other => vec![other],
    };
    if let Some(at) = elements.iter().position(|row| !matches!(row, Value::Object(_))) {
        let found = format!("element {} is no object", at + 1);
        return Err(Box::new(not_agreed(options, found)));
    }
    let place = Place::Record { label: "element", owner: "", key: Vec::new() };
    let row = |(number, value)| Row { number, value: Ok(value), text: None };
    Ok(((1..).zip(elements).map(row).collect(), place))
}

/// A line that is no JSON: the others are read.
fn bad_line(line: &str, number: u64, fault: Fault, options: &ReadOptions) -> Diagnostic {
    let before = line.get(..fault.at).unwrap_or(line);
    let column = before.chars().count() as u32 + 1;
    let code = if fault.limit { Code::LimitExceeded } else { Code::UnreadableRecord };
    let location = Location::text(&options.file, number, column);
    Diagnostic::error(code, "the line is no JSON object", location)
        .with_found(fault.message)
        .with_effect("row set aside")
        .with_hint(
            "the line may be cut off, or broken by a line end; ask the source to export again",
        )
}

fn no_object(line: &str, number: u64, options: &ReadOptions) -> Diagnostic {
    let location = Location::text(&options.file, number, 1);
    let shown: String = line.trim().chars().take(40).collect();
    Diagnostic::error(Code::UnreadableRecord, "the line is no JSON object", location)
        .with_found(format!("`{shown}`"))
        .with_expected("`{\"name\": value, …}`")
        .with_effect("row set aside")
}

/// Every row takes a cell for every name: few objects with many names each can be a great table.
pub fn check_cells(
    rows: usize,
    names: usize,
    options: &ReadOptions,
) -> Result<(), Box<Diagnostic>> {
    if rows.checked_mul(names).is_some_and(|cells| cells <= options.limits.cells) {
        return Ok(());
    }
    let message = "the table has too many cells";
    let fault = Diagnostic::error(Code::LimitExceeded, message, Location::file(&options.file))
        .with_found(format!("{rows} rows of {names} columns"))
        .with_expected(format!("at most {} cells", options.limits.cells));
    Err(Box::new(fault))
}

/// A name as it is looked up: one writer composes its letters, another does not.
fn name_of(name: &str) -> Cow<'_, str> {
    same::composed(name.trim_start_matches(MARK))
}

/// All names that occur, in the order of their first occurrence.
pub fn headings(
    rows: &[&Value<'_>],
    options: &ReadOptions,
) -> Result<Vec<String>, Box<Diagnostic>> {
    // Each name with the number of the last object that has it.
    let mut known: HashMap<Cow<'_, str>, usize> = HashMap::new();
    let mut headings: Vec<String> = Vec::new();
    for (number, row) in (1..).zip(rows) {
        for (name, _) in row.members() {
            let name = name_of(name);
            match known.get_mut(&name) {
                Some(last) if *last == number => return Err(named_twice(&name, number, options)),
                Some(last) => *last = number,
                None => {
                    headings.push(name.clone().into_owned());
                    known.insert(name, number);
                }
            }
        }
        if headings.len() > options.limits.columns {
            let location = Location::file(&options.file);
            let message = "the objects have too many names";
            let fault = Diagnostic::error(Code::LimitExceeded, message, location)
                .with_expected(format!("at most {} names", options.limits.columns));
            return Err(Box::new(fault));
        }
    }
    Ok(headings)
}

/// Which of the two values is meant, nobody can know.
fn named_twice(name: &str, number: usize, options: &ReadOptions) -> Box<Diagnostic> {
    let message = "an object has two fields of one name";
    let fault = Diagnostic::error(Code::DuplicateHeading, message, Location::file(&options.file))
        .with_found(format!("`{name}` twice in object {number}"))
        .with_expected("one value for each name")
        .with_effect("delivery refused; the last good one stays in force");
    Box::new(fault)
}

/// A document for a reader that knows its shape.
pub fn document<'a>(text: &'a str, options: &ReadOptions) -> Result<Value<'a>, Box<Diagnostic>> {
    let text = text.trim_start_matches(MARK);
    scan::parse(text, options.limits.depth, options.limits.cells)
        .map_err(|fault| fault_in(text, fault, options))
}

fn fault_in(text: &str, fault: Fault, options: &ReadOptions) -> Box<Diagnostic> {
    let before = text.get(..fault.at).unwrap_or(text);
    let line = 1 + before.matches('\n').count() as u64;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() as u32 + 1;
    let location = Location::text(&options.file, line, column);
    Box::new(damaged(fault, location, text.trim_end().len()))
}

/// Damage, or a limit; at the end of the text it is a cut.
fn damaged(fault: Fault, location: Location, length: usize) -> Diagnostic {
    if fault.limit {
        return Diagnostic::error(Code::LimitExceeded, fault.message, location);
    }
    let cut = fault.at >= length || fault.message.contains("never closed");
    let message = if cut { "the JSON document is cut off" } else { "the JSON document is damaged" };
    Diagnostic::error(Code::DamagedFile, message, location)
        .with_found(fault.message)
        .with_effect("delivery refused")
        .with_hint("fetch the file again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;
    use proptest::prelude::*;
    use tertial_model::pipeline::Format;

    fn read(text: &str) -> Result<(Vec<String>, Vec<String>), Box<Diagnostic>> {
        let options = ReadOptions::new(Format::Json, "f.json");
        let mut reader = open_bytes(text.as_bytes().to_vec(), &options)?;
        let headings = reader.parts()[0].headings.clone();
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            rows.extend((0..batch.rows()).map(|row| {
                let cells = (0..batch.width).map(|column| batch.get(row, column).unwrap_or(""));
                cells.collect::<Vec<_>>().join(";")
            }));
        }
        Ok((headings, rows))
    }

    #[test]
    fn a_table_in_three_shapes() {
        let expected = (
            vec!["a".to_owned(), "b".to_owned(), "c".to_owned()],
            vec!["1.50;x;".to_owned(), ";true;[1,\"y\"]".to_owned()],
        );
        let first = r#"{"a": 1.50, "b": "x"}"#;
        let second = r#"{"b": true, "a": null, "c": [1, "y"]}"#;
        assert_eq!(read(&format!("[{first}, {second}]")).unwrap(), expected);
        assert_eq!(read(&format!("{first}\n\n{second}\n")).unwrap(), expected);
        assert_eq!(
            read(&format!("{{\"n\": 2, \"rows\": [{first}, {second}]}}")).unwrap(),
            expected
        );
        assert_eq!(read("{\"\u{feff}a\": 1}").unwrap().0, ["a"]);
    }

    #[test]
    fn a_cut_document_is_told_with_its_place() {
        insta::assert_snapshot!(read("[{\"a\": 1},\n {\"a\"").unwrap_err(), @r"
        error[T0103]: the JSON document is cut off
           --> f.json:2:6
            = found:    a colon should stand here
            = effect:   delivery refused

        hint: fetch the file again
        ");
        assert_eq!(read("[1, 2]").unwrap_err().code, Code::WrongFormat);
        assert_eq!(read(&"[".repeat(100)).unwrap_err().code, Code::LimitExceeded);
        assert_eq!(read("{\"a\": \n{\"a\": 1}\n").unwrap_err().code, Code::DamagedFile);
    }

    #[test]
    fn a_line_that_is_no_object_is_set_aside_and_the_others_are_read() {
        let text = "{\"a\": 1, \"b\": \"å\"}\n{\"a\": 2, \"b\": \"x}\n[3]\n{\"b\": \"y\"}\n";
        let options = ReadOptions::new(Format::Json, "f.json");
        let mut reader = open_bytes(text.as_bytes().to_vec(), &options).unwrap();
        let batch = reader.next().unwrap().unwrap().parse();
        assert_eq!(batch.lines, [1, 2, 3, 4]);
        assert_eq!((batch.get(0, 1), batch.get(1, 0), batch.get(3, 0)), (Some("å"), None, None));
        assert_eq!(batch.raw_row(1), "{\"a\": 2, \"b\": \"x}");
        let told: Vec<String> = batch.faults.iter().map(|(_, fault)| fault.to_string()).collect();
        assert_eq!(told.len(), 2);
        insta::assert_snapshot!(told[0], @r"
        error[T0113]: the line is no JSON object
           --> f.json:2:15
            = found:    a text is never closed
            = effect:   row set aside

        hint: the line may be cut off, or broken by a line end; ask the source to export again
        ");
        assert!(told[1].contains("`[3]`"), "{}", told[1]);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = read(&text);
            let _ = read(&format!("{{\"a\": [{text}"));
        }
    }
}

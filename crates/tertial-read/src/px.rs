//! PX files: keywords, then the cells of a cube.
//!
//! One row per cell: the code of each variable (its text where there is none), then `value` and
//! `status`. A cell that holds a symbol has no value; the symbol is the status. Only the file's
//! default language is read.

use crate::batch::wanted;
use crate::cube::{self, Dimension};
use crate::encoding::Encoding;
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use std::collections::HashMap;
use std::sync::Arc;
use tertial_model::{Code, Diagnostic, Location, Parts, ReadSummary};

/// Opens a PX file. Its `CODEPAGE` counts as agreed when the pipeline says nothing and the bytes
/// bear it out.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let stated = codepage(&input.head);
    let (text, decision) = input.read_text_stating(stated, options)?;
    let mut summary = summary_of(&decision);
    let file = keywords(&text, options)?;
    let dimensions = dimensions(&file, options)?;
    let cells = cube::size(&dimensions, options)?;
    if file.has("KEYS") {
        let found = "cells given by key (`KEYS`)";
        let mut fault =
            not_agreed(options, found).with_hint("save the table without empty rows taken out");
        fault.code = Code::UnsupportedVersion;
        fault.message = "PX files with `KEYS` are not read here".to_owned();
        return Err(Box::new(fault));
    }
    let values = data(file.data, cells, options)?;
    if !file.is_closed {
        // Half a number would be a number, too: something must stand after the last one.
        let is_whole = file.data.ends_with(|c| is_separator(c) || c == '"');
        if !is_whole || file.data.matches('"').count() % 2 == 1 {
            let found = "cells without the closing `;`, the last of them perhaps cut".to_owned();
            return Err(Box::new(damaged(found, &text, text.len(), options)));
        }
        let location = Location::file(&options.file);
        let note = Diagnostic::note(Code::UnreadableRecord, "the closing `;` is missing", location)
            .with_found(format!("{cells} cells, as many as the variables make"))
            .with_effect("none: every cell is there and is read")
            .with_hint("see whether the file is cut off after its cells; if the source always writes it so, nothing needs to be done");
        summary.diagnostics.push(note);
    }
    let decimals = file.first("SHOWDECIMALS").or_else(|| file.first("DECIMALS"));
    let parts: Parts = Arc::new([cube::part(&dimensions, decimals.and_then(|d| d.parse().ok()))]);
    wanted(&parts, options)?;
    tell_facts(&file, &mut summary);
    let batches = cube::rows(&dimensions, cells, options, |position| match values[position] {
        Datum::Number(text) => (Some(text.into()), None),
        Datum::Symbol(text) => (None, Some(text)),
    });
    Ok(Prepared::open(parts, batches, summary, options))
}

/// The encoding that the file states about itself.
fn codepage(head: &[u8]) -> Option<Encoding> {
    let text = String::from_utf8_lossy(head);
    let start = text.find("CODEPAGE=\"")? + "CODEPAGE=\"".len();
    let length = text[start..].find('"')?;
    Encoding::parse(&text[start..start + length])
}

/// One keyword: `NAME[language]("variable","category")=values`.
struct Keyword {
    name: String,
    variables: Vec<String>,
    values: Vec<String>,
}

/// The keywords of the default language, and the text of the cells.
struct Px<'a> {
    keywords: Vec<Keyword>,
    data: &'a str,
    /// Whether the `;` stands after the cells.
    is_closed: bool,
}

impl Px<'_> {
    fn has(&self, name: &str) -> bool {
        self.keywords.iter().any(|keyword| keyword.name == name)
    }

    /// The first value of a keyword about the whole table.
    fn first(&self, name: &str) -> Option<&str> {
        self.list(name, None)?.first().map(String::as_str)
    }

    fn list(&self, name: &str, variable: Option<&str>) -> Option<&[String]> {
        let fits = |keyword: &&Keyword| {
            keyword.name == name && keyword.variables.first().map(String::as_str) == variable
        };
        self.keywords.iter().find(fits).map(|keyword| keyword.values.as_slice())
    }
}

fn keywords<'a>(text: &'a str, options: &ReadOptions) -> Result<Px<'a>, Box<Diagnostic>> {
    let mut scanner = Scanner { text, at: 0 };
    let mut keywords = Vec::new();
    loop {
        scanner.blanks();
        if scanner.rest().is_empty() {
            return Err(Box::new(damaged("no `DATA=`".to_owned(), text, scanner.at, options)));
        }
        let Some((name, language, variables)) = scanner.name() else {
            let found = "a keyword without `=`".to_owned();
            return Err(Box::new(damaged(found, text, scanner.at, options)));
        };
        if name == "DATA" {
            let rest = scanner.rest();
            let end = data_end(rest);
            let data = &rest[..end.unwrap_or(rest.len())];
            return Ok(Px { keywords, data, is_closed: end.is_some() });
        }
        let Some(values) = scanner.values() else {
            let found = format!("`{name}` without the closing `;`");
            return Err(Box::new(damaged(found, text, scanner.at, options)));
        };
        if !language {
            keywords.push(Keyword { name, variables, values });
        }
    }
}

/// The `;` that ends the cells, outside quotes.
fn data_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b';' && !quoted
    })
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The keyword up to and with its `=`; whether it is in another language, and its variables.
    fn name(&mut self) -> Option<(String, bool, Vec<String>)> {
        let rest = self.rest();
        let end = rest.find(['=', '(', '[', '"', ';'])?;
        let name = rest[..end].trim().to_owned();
        self.at += end;
        let mut language = false;
        if let Some(inner) = self.rest().strip_prefix('[') {
            language = true;
            self.at += 1 + inner.find(']')? + 1;
        }
        let mut variables = Vec::new();
        if self.rest().starts_with('(') {
            self.at += 1;
            loop {
                self.blanks();
                match self.rest().bytes().next()? {
                    b'"' => variables.push(self.quoted()?),
                    b',' => self.at += 1,
                    b')' => break,
                    _ => return None,
                }
            }
            self.at += 1;
        }
        self.blanks();
        self.rest().strip_prefix('=')?;
        self.at += 1;
        Some((name, language, variables))
    }

    /// The values up to and with the `;`. Texts that follow one another without a comma are one
    /// text broken over lines.
    fn values(&mut self) -> Option<Vec<String>> {
        let mut values: Vec<String> = Vec::new();
        let mut joins = false;
        loop {
            self.blanks();
            match self.rest().bytes().next()? {
                b';' => {
                    self.at += 1;
                    return Some(values);
                }
                b',' => {
                    self.at += 1;
                    joins = false;
                }
                b'"' => {
                    let text = self.quoted()?;
                    match values.last_mut().filter(|_| joins) {
                        Some(last) => last.push_str(&text),
                        None => values.push(text),
                    }
                    joins = true;
                }
                _ => {
                    let rest = self.rest();
                    let end = rest.find([',', ';', '"']).unwrap_or(rest.len());
                    values.push(rest[..end].trim().to_owned());
                    self.at += end;
                    joins = false;
                }
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let inner = self.rest().strip_prefix('"')?;
        let end = inner.find('"')?;
        self.at += end + 2;
        Some(inner[..end].to_owned())
    }
}

fn dimensions(file: &Px<'_>, options: &ReadOptions) -> Result<Vec<Dimension>, Box<Diagnostic>> {
    let stub = file.list("STUB", None).unwrap_or(&[]);
    let heading = file.list("HEADING", None).unwrap_or(&[]);
    let mut dimensions = Vec::new();
    for variable in stub.iter().chain(heading) {
        let texts = file.list("VALUES", Some(variable));
        let codes = file.list("CODES", Some(variable));
        let Some(codes) = codes.or(texts) else {
            let found = format!("variable `{variable}` without `VALUES`");
            return Err(Box::new(damaged(found, "", 0, options)));
        };
        if texts.is_some_and(|texts| texts.len() != codes.len()) {
            let found = format!("variable `{variable}` with more or fewer codes than texts");
            return Err(Box::new(damaged(found, "", 0, options)));
        }
        let name = file.list("VARIABLECODE", Some(variable)).and_then(|list| list.first());
        let name = name.unwrap_or(variable).clone();
        dimensions.push(Dimension { name, codes: codes.to_vec() });
    }
    if dimensions.is_empty() {
        return Err(Box::new(damaged("neither `STUB` nor `HEADING`".to_owned(), "", 0, options)));
    }
    Ok(dimensions)
}

/// A cell of the file.
#[derive(Debug, Clone, Copy)]
enum Datum<'a> {
    Number(&'a str),
    Symbol(&'a str),
}

fn data<'a>(
    text: &'a str,
    cells: usize,
    options: &ReadOptions,
) -> Result<Vec<Datum<'a>>, Box<Diagnostic>> {
    let mut values = Vec::with_capacity(cells);
    let mut rest = text.trim_start_matches(is_separator);
    while !rest.is_empty() && values.len() <= cells {
        let (datum, after) = if let Some(inner) = rest.strip_prefix('"') {
            let end = inner.find('"').unwrap_or(inner.len());
            (Datum::Symbol(&inner[..end]), inner.get(end + 1..).unwrap_or(""))
        } else {
            let end = rest.find(|c| is_separator(c) || c == '"').unwrap_or(rest.len());
            let word = &rest[..end];
            let digits = word.bytes().any(|byte| byte.is_ascii_digit());
            (if digits { Datum::Number(word) } else { Datum::Symbol(word) }, &rest[end..])
        };
        values.push(datum);
        rest = after.trim_start_matches(is_separator);
    }
    if values.len() == cells {
        return Ok(values);
    }
    let more = if values.len() > cells { "more than " } else { "" };
    let found = format!("{more}{} cells, and the variables make {cells}", values.len().min(cells));
    Err(Box::new(damaged(found, "", 0, options)))
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || letter == ','
}

fn damaged(found: String, text: &str, at: usize, options: &ReadOptions) -> Diagnostic {
    let location = match text.get(..at) {
        None | Some("") => Location::file(&options.file),
        Some(before) => Location::text(&options.file, 1 + before.matches('\n').count() as u64, 1),
    };
    Diagnostic::error(Code::DamagedFile, "the PX file is cut off or damaged", location)
        .with_found(found)
        .with_effect("delivery refused")
        .with_hint("fetch the table again")
}

fn tell_facts(file: &Px<'_>, summary: &mut ReadSummary) {
    let names: HashMap<&str, &str> = [
        ("MATRIX", "matrix"),
        ("TITLE", "label"),
        ("SOURCE", "source"),
        ("CREATION-DATE", "created"),
        ("LAST-UPDATED", "updated"),
        ("UNITS", "unit"),
    ]
    .into();
    for keyword in &file.keywords {
        let Some(name) = names.get(keyword.name.as_str()) else { continue };
        let told = summary.facts.iter().any(|(known, _)| known == name);
        if let Some(value) = keyword.values.first().filter(|_| !told) {
            summary.facts.push(((*name).to_owned(), value.clone()));
        }
    }
    for keyword in &file.keywords {
        let note = matches!(keyword.name.as_str(), "NOTE" | "NOTEX" | "VALUENOTE" | "VALUENOTEX");
        if let Some(value) = keyword.values.first().filter(|_| note) {
            summary.facts.push(("note".to_owned(), value.replace('#', "\n")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;
    use proptest::prelude::*;
    use tertial_model::pipeline::Format;

    fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<String>), Box<Diagnostic>> {
        let options = ReadOptions::new(Format::Px, "TAB.px");
        let mut reader = open_bytes(bytes.to_vec(), &options)?;
        let headings = reader.parts()[0].headings.clone();
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            rows.extend((0..batch.rows()).map(|row| batch.raw_row(row)));
        }
        Ok((headings, rows))
    }

    const FILE: &str = "CHARSET=\"ANSI\";\r\nCODEPAGE=\"iso-8859-1\";\r\nTITLE=\"Lång \"\r\n\"titel; med tecken\";\r\n\
STUB=\"kön\";\r\nHEADING=\"år\";\r\nVALUES(\"kön\")=\"män\",\"kvinnor\";\r\nVALUES(\"år\")=\"2023\",\"2024\";\r\n\
STUB[en]=\"sex\";\r\nVARIABLECODE(\"kön\")=\"Kon\";\r\nTIMEVAL(\"år\")=TLIST(A1),\"2023\",\"2024\";\r\n\
CODES(\"kön\")=\"1\",\"2\";\r\nDECIMALS=1;\r\nDATA=\r\n10.5 \"..\"\r\n-3 \"-\"\r\n;\r\n";

    #[test]
    fn codes_values_and_symbols() {
        let bytes = encoding_rs::WINDOWS_1252.encode(FILE).0.into_owned();
        let (headings, rows) = read(&bytes).unwrap();
        assert_eq!(headings, ["Kon", "år", "value", "status"]);
        assert_eq!(rows, ["1;2023;10.5;", "1;2024;;..", "2;2023;-3;", "2;2024;;-"]);
    }

    #[test]
    fn too_few_cells_are_damage() {
        let text = FILE.replace("10.5 ", "").replace("iso-8859-1", "utf-8");
        insta::assert_snapshot!(read(text.as_bytes()).unwrap_err(), @r"
        error[T0103]: the PX file is cut off or damaged
           --> TAB.px
            = found:    3 cells, and the variables make 4
            = effect:   delivery refused

        hint: fetch the table again
        ");
    }

    #[test]
    fn a_missing_last_semicolon_is_told_where_every_cell_is_there() {
        let whole = FILE.replace("iso-8859-1", "utf-8");
        let without = whole.trim_end().trim_end_matches(';');
        let options = ReadOptions::new(Format::Px, "TAB.px");
        let mut reader = open_bytes(without.as_bytes().to_vec(), &options).unwrap();
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next().unwrap() {
            let batch = chunk.parse();
            rows.extend((0..batch.rows()).map(|row| batch.raw_row(row)));
        }
        assert_eq!(rows, ["1;2023;10.5;", "1;2024;;..", "2;2023;-3;", "2;2024;;-"]);
        insta::assert_snapshot!(reader.finish().diagnostics[0], @r"
        note[T0113]: the closing `;` is missing
           --> TAB.px
            = found:    4 cells, as many as the variables make
            = effect:   none: every cell is there and is read

        hint: see whether the file is cut off after its cells; if the source always writes it so, nothing needs to be done
        ");
        // The last number may have lost digits.
        let number = whole.replace("-3 \"-\"\r\n;\r\n", "-3 125");
        assert_eq!(read(number.as_bytes()).unwrap_err().code, Code::DamagedFile);
        let fewer = whole.replace("-3 \"-\"\r\n;\r\n", "-3\r\n");
        assert_eq!(read(fewer.as_bytes()).unwrap_err().code, Code::DamagedFile);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*", cut in 0usize..400) {
            let _ = read(text.as_bytes());
            let whole = FILE.replace("iso-8859-1", "utf-8");
            let _ = read(&whole.as_bytes()[..cut.min(whole.len())]);
        }
    }
}

//! XLSX: the workbook's list of sheets, its styles and texts, and the cells of a sheet.
//!
//! Elements are known by their names, whatever the namespace, so that the strict form of the format is
//! the same as the usual one. Only the sheet that is asked for is unpacked.

use super::format::Format;
use super::guard::{check_text_count, damaged};
use super::package::Package;
use super::sheet::{Merged, Sheet, Value};
use super::xml;
use crate::ReadOptions;
use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};
use tertial_model::Diagnostic;

/// Most rows and columns of a sheet.
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;

/// An open workbook.
pub struct Xlsx {
    package: Package,
    /// Name and part of each sheet; no part for what holds no cells.
    sheets: Vec<(String, Option<String>)>,
    texts: Vec<String>,
    formats: Vec<Format>,
    is_1904: bool,
    /// Whether the workbook says that its formulas must be computed before their results are used.
    is_stale: bool,
}

impl Xlsx {
    /// Reads all but the sheets.
    pub fn open(
        mut package: Package,
        main: &str,
        options: &ReadOptions,
    ) -> Result<Xlsx, Box<Diagnostic>> {
        let relations = package.relations(main, options)?;
        let Some(text) = package.text(main, options)? else {
            return Err(damaged(format!("an archive without the part `{main}`"), options));
        };
        let mut book = Xlsx {
            package,
            sheets: Vec::new(),
            texts: Vec::new(),
            formats: Vec::new(),
            is_1904: false,
            is_stale: false,
        };
        each_tag(&text, main, options, |tag| match tag.local_name().as_ref() {
            "workbookPr" => {
                book.is_1904 |= xml::is_true(xml::attribute(tag, "date1904").as_deref());
            }
            "calcPr" => {
                let asks = xml::attribute(tag, "fullCalcOnLoad");
                let done = xml::attribute(tag, "calcCompleted");
                book.is_stale |= xml::is_true(asks.as_deref())
                    || done.is_some_and(|done| !xml::is_true(Some(&done)));
            }
            "sheet" => {
                let name = xml::attribute(tag, "name").unwrap_or_default();
                let target = xml::prefixed(tag, "id").and_then(|id| relations.get(&id));
                // Charts, dialogs and macros hold no cells.
                let cells = target.filter(|target| target.kind == "worksheet");
                let missing = target.is_none().then(String::new);
                book.sheets.push((name, cells.map(|found| found.target.clone()).or(missing)));
            }
            _ => {}
        })?;
        let named = |kind: &str, usual: &str| {
            let found = relations.values().find(|relation| relation.kind == kind);
            found.map_or_else(|| usual.to_owned(), |relation| relation.target.clone())
        };
        let styles = named("styles", "xl/styles.xml");
        if let Some(text) = book.package.text(&styles, options)? {
            book.formats = formats(&text, &styles, options)?;
        }
        let texts = named("sharedStrings", "xl/sharedStrings.xml");
        if let Some(text) = book.package.text(&texts, options)? {
            check_text_count(text.as_bytes(), options)?;
            book.texts = shared_texts(&text, options)
                .map_err(|fault| damaged(format!("part `{texts}`: {fault}"), options))?;
        }
        Ok(book)
    }

    /// The sheets' names, in order.
    pub fn names(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Fills a sheet with its cells; gives the areas that are merged.
    pub fn read(
        &mut self,
        index: usize,
        sheet: &mut Sheet,
        options: &ReadOptions,
    ) -> Result<Vec<Merged>, Box<Diagnostic>> {
        let Some((_, Some(part))) = self.sheets.get(index) else { return Ok(Vec::new()) };
        let part = part.clone();
        let Some(text) = self.package.text(&part, options)? else {
            return Err(sheet.damaged("no part with its cells".to_owned(), options));
        };
        let mut cells = Cells { book: self, sheet, options, merged: Vec::new(), row: 0, column: 0 };
        cells.read(&text)?;
        Ok(cells.merged)
    }
}

/// Every opening tag of a part.
fn each_tag(
    text: &str,
    part: &str,
    options: &ReadOptions,
    mut take: impl FnMut(&BytesStart<'_>),
) -> Result<(), Box<Diagnostic>> {
    let mut xml = XmlReader::from_str(text);
    loop {
        match xml.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => take(&tag),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(fault) => return Err(damaged(format!("part `{part}`: {fault}"), options)),
        }
    }
}

/// The format of each cell style, in order.
fn formats(text: &str, part: &str, options: &ReadOptions) -> Result<Vec<Format>, Box<Diagnostic>> {
    let mut codes: Vec<(u32, Format)> = Vec::new();
    let mut styles = Vec::new();
    let mut xml = XmlReader::from_str(text);
    let (mut in_codes, mut in_styles) = (false, false);
    loop {
        let event = xml.read_event();
        let event = event.map_err(|fault| damaged(format!("part `{part}`: {fault}"), options))?;
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let number =
                    || xml::attribute(&tag, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                match tag.local_name().as_ref() {
                    "numFmts" => in_codes = true,
                    "cellXfs" => in_styles = true,
                    "numFmt" if in_codes => {
                        let code = xml::attribute(&tag, "formatCode").unwrap_or_default();
                        codes.push((number(), Format::parse(&code)));
                    }
                    "xf" if in_styles => styles.push(number()),
                    _ => {}
                }
            }
            Event::End(tag) => match tag.local_name().as_ref() {
                "numFmts" => in_codes = false,
                "cellXfs" => in_styles = false,
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    let of = |number: &u32| {
        let own = codes.iter().find(|(known, _)| known == number);
        own.map_or_else(|| Format::built_in(*number), |(_, format)| format.clone())
    };
    Ok(styles.iter().map(of).collect())
}

/// The texts that cells refer to by number.
fn shared_texts(text: &str, _options: &ReadOptions) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    let mut xml = XmlReader::from_str(text);
    let mut open = 0_u32;
    loop {
        match xml.read_event().map_err(|fault| fault.to_string())? {
            Event::Start(tag) if tag.local_name().as_ref() == "si" => {
                texts.push(rich_text(&mut xml, "si")?);
            }
            Event::Empty(tag) if tag.local_name().as_ref() == "si" => texts.push(String::new()),
            Event::Start(_) => open += 1,
            Event::End(_) => open = open.saturating_sub(1),
            Event::Eof if open > 0 => return Err("the end inside an element".to_owned()),
            Event::Eof => return Ok(texts),
            _ => {}
        }
    }
}

/// The text of an element up to its end; how it is pronounced is left out.
fn rich_text(xml: &mut XmlReader<&[u8]>, end: &str) -> Result<String, String> {
    let mut text = String::new();
    let (mut spoken, mut depth) = (0_u32, 0_u32);
    loop {
        match xml.read_event().map_err(|fault| fault.to_string())? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "rPh" => spoken += 1,
                "t" if spoken == 0 => {
                    let kept = xml::attribute(&tag, "space").as_deref() == Some("preserve");
                    let part = plain_text(xml, "t")?;
                    let part = match kept {
                        true => &part,
                        false => part.trim_matches([' ', '\t', '\r', '\n']),
                    };
                    push_unescaped(part, &mut text);
                }
                name if name == end => depth += 1,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "rPh" => spoken = spoken.saturating_sub(1),
                name if name == end && depth == 0 => return Ok(text),
                name if name == end => depth -= 1,
                _ => {}
            },
            Event::Eof => return Err("the end inside a text".to_owned()),
            _ => {}
        }
    }
}

/// The characters of an element without children.
fn plain_text(xml: &mut XmlReader<&[u8]>, end: &str) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match xml.read_event().map_err(|fault| fault.to_string())? {
            Event::Text(part) => text.push_str(&part.xml10_content()),
            Event::CData(part) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(entity) => match xml::entity(&entity) {
                Some(letter) => text.push(letter),
                None => return Err("an entity that XML does not have".to_owned()),
            },
            Event::End(tag) if tag.local_name().as_ref() == end => return Ok(text),
            Event::Start(_) | Event::Empty(_) => return Err("an element inside a text".to_owned()),
            Event::Eof => return Err("the end inside a text".to_owned()),
            _ => {}
        }
    }
}

/// `_x000D_`: a character that XML cannot hold, by its number in UTF-16.
fn push_unescaped(text: &str, out: &mut String) {
    if !text.contains("_x") {
        out.push_str(text);
        return;
    }
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let hex = rest.strip_prefix("_x").and_then(|hex| Some((hex.get(..4)?, hex.get(4..)?)));
        let escaped = hex.filter(|(hex, after)| {
            hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && after.starts_with('_')
        });
        match escaped.and_then(|(hex, after)| Some((u16::from_str_radix(hex, 16).ok()?, after))) {
            Some((unit, after)) => {
                units.push(unit);
                rest = &after[1..];
            }
            None => {
                units.extend(letter.encode_utf16(&mut [0; 2]).iter());
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    out.push_str(&String::from_utf16_lossy(&units));
}

/// The cells of a sheet as they are read.
struct Cells<'a> {
    book: &'a Xlsx,
    sheet: &'a mut Sheet,
    options: &'a ReadOptions,
    merged: Vec<Merged>,
    /// Row from 1 and column from 0 of the cell that comes next.
    row: u32,
    column: u32,
}

/// What is known of a cell before its value.
struct Head {
    row: u32,
    column: u32,
    kind: Option<String>,
    style: usize,
}

impl Cells<'_> {
    fn damaged(&self, fault: impl Into<String>) -> Box<Diagnostic> {
        self.sheet.damaged(fault.into(), self.options)
    }

    fn read(&mut self, text: &str) -> Result<(), Box<Diagnostic>> {
        let mut xml = XmlReader::from_str(text);
        let (mut open, mut inside) = (0_u64, false);
        loop {
            let event = xml.read_event().map_err(|fault| self.damaged(fault.to_string()))?;
            match event {
                Event::Start(tag) => {
                    let name = tag.local_name();
                    if inside && name.as_ref() == "c" {
                        let head = self.head(&tag)?;
                        self.cell(&mut xml, head)?;
                        continue;
                    }
                    open += 1;
                    match name.as_ref() {
                        "sheetData" => inside = true,
                        "row" if inside => self.begin_row(&tag)?,
                        "mergeCell" => self.merge(&tag),
                        _ => {}
                    }
                }
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "row" if inside => self.begin_row(&tag)?,
                    "c" if inside => {
                        self.head(&tag)?;
                    }
                    "mergeCell" => self.merge(&tag),
                    _ => {}
                },
                Event::End(tag) => {
                    open = open.saturating_sub(1);
                    inside &= tag.local_name().as_ref() != "sheetData";
                }
                Event::Eof if open == 0 => return Ok(()),
                Event::Eof => return Err(self.damaged("the end inside an element of a sheet")),
                _ => {}
            }
        }
    }

    fn begin_row(&mut self, tag: &BytesStart<'_>) -> Result<(), Box<Diagnostic>> {
        self.row = match xml::attribute(tag, "r") {
            None => self.row + 1,
            Some(number) => match number.trim().parse() {
                Ok(row) if (1..=MOST_ROWS).contains(&row) => row,
                _ => return Err(self.damaged(format!("a row with the number `{number}`"))),
            },
        };
        self.column = 0;
        Ok(())
    }

    fn head(&mut self, tag: &BytesStart<'_>) -> Result<Head, Box<Diagnostic>> {
        let (mut name, mut kind, mut style) = (None, None, 0);
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|fault| self.damaged(fault.to_string()))?;
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "r" => name = Some(value.to_owned()),
                "t" => kind = Some(value.to_owned()),
                "s" => style = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        let (row, column) = match &name {
            None => (self.row, self.column),
            Some(name) => match place(name) {
                Some(place) => place,
                None => return Err(self.damaged(format!("a cell with the name `{name}`"))),
            },
        };
        if row == 0 || column >= MOST_COLUMNS {
            return Err(self.damaged("a cell outside any row"));
        }
        self.row = row;
        self.column = column + 1;
        Ok(Head { row, column, kind, style })
    }

    /// Value and formula of a cell, up to its end.
    fn cell(&mut self, xml: &mut XmlReader<&[u8]>, head: Head) -> Result<(), Box<Diagnostic>> {
        let damaged = |cells: &Self, fault: String| {
            let name = super::sheet::cell_name(head.row, head.column);
            cells.damaged(format!("cell {name}: {fault}"))
        };
        let (mut value, mut inline, mut formula) = (None, None, false);
        let mut inner = 0_u32;
        loop {
            let event = xml.read_event().map_err(|fault| damaged(self, fault.to_string()))?;
            match event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "v" if inner == 0 => {
                        let text = plain_text(xml, "v");
                        value = Some(text.map_err(|fault| damaged(self, fault))?);
                    }
                    "is" if inner == 0 => {
                        let text = rich_text(xml, "is");
                        inline = Some(text.map_err(|fault| damaged(self, fault))?);
                    }
                    "f" if inner == 0 => {
                        plain_text(xml, "f").map_err(|fault| damaged(self, fault))?;
                        formula = true;
                    }
                    _ => inner += 1,
                },
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "v" if inner == 0 => value = Some(String::new()),
                    "is" if inner == 0 => inline = Some(String::new()),
                    "f" if inner == 0 => formula = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "c" if inner == 0 => break,
                    _ => inner = inner.saturating_sub(1),
                },
                Event::Eof => return Err(damaged(self, "the end inside a cell".to_owned())),
                _ => {}
            }
        }
        let kind = head.kind.as_deref();
        let stored = match (kind, &value, &inline) {
            (Some("inlineStr" | "is"), _, text) | (_, None, text @ Some(_)) => {
                text.as_deref().map(Value::Text)
            }
            (_, None, None) => None,
            (Some("str"), Some(text), _) => {
                let mut plain = String::new();
                push_unescaped(text, &mut plain);
                return self.put(&head, formula, Some(Value::Text(&plain)));
            }
            (_, Some(text), _) if text.trim().is_empty() => None,
            (Some("s"), Some(text), _) => {
                let found = text.trim().parse::<usize>().ok();
                match found.and_then(|number| self.book.texts.get(number)) {
                    Some(text) => Some(Value::Text(text)),
                    None => {
                        let count = self.book.texts.len();
                        let fault = format!("the text number `{}` of {count}", text.trim());
                        return Err(damaged(self, fault));
                    }
                }
            }
            (Some("b"), Some(text), _) => match text.trim() {
                "0" | "false" | "FALSE" => Some(Value::Truth(false)),
                "1" | "true" | "TRUE" => Some(Value::Truth(true)),
                other => return Err(damaged(self, format!("the truth `{other}`"))),
            },
            (Some("e"), Some(text), _) => Some(Value::Error(text)),
            (Some("d"), Some(text), _) => Some(Value::Iso(text)),
            (None | Some("n"), Some(text), _) => match number(text.trim()) {
                Some(number) => Some(Value::Number(number)),
                None if kind.is_none() => Some(Value::Text(text)),
                None => return Err(damaged(self, format!("the number `{}`", text.trim()))),
            },
            (Some(other), Some(_), _) => {
                return Err(damaged(self, format!("a value of the kind `{other}`")));
            }
        };
        self.put(&head, formula, stored)
    }

    fn put(
        &mut self,
        head: &Head,
        formula: bool,
        stored: Option<Value<'_>>,
    ) -> Result<(), Box<Diagnostic>> {
        let value = match (stored, formula) {
            (None, false) => return Ok(()),
            (None, true) => Value::NoResult,
            (Some(error @ Value::Error(_)), _) => error,
            (Some(_), true) if self.book.is_stale => Value::StaleResult,
            (Some(value), _) => value,
        };
        let format = self.book.formats.get(head.style);
        let place = (head.row, head.column);
        self.sheet.push(place, &value, format, self.book.is_1904, self.options)
    }

    fn merge(&mut self, tag: &BytesStart<'_>) {
        let area = xml::attribute(tag, "ref");
        let corners = area.as_deref().and_then(|area| area.split_once(':'));
        if let Some((first, last)) = corners
            && let (Some(first), Some(last)) = (place(first), place(last))
        {
            self.merged.push(Merged { row: first.0, column: first.1, last_row: last.0 });
        }
    }
}

/// A number as XML writes it; no words such as `inf`.
fn number(text: &str) -> Option<f64> {
    let begins = text.bytes().find(|byte| !matches!(byte, b'-' | b'+'));
    let digits = begins.is_some_and(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|number: &f64| digits && number.is_finite())
}

/// `C14` as row from 1 and column from 0.
pub fn place(name: &str) -> Option<(u32, u32)> {
    let name = name.trim();
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = name.split_at(letters);
    if !(1..=3).contains(&letters.len()) || digits.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = digits.parse().ok().filter(|row| (1..=MOST_ROWS).contains(row))?;
    (column <= MOST_COLUMNS).then_some((row, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cells() {
        assert_eq!(place("A1"), Some((1, 0)));
        assert_eq!(place("XFD1048576"), Some((1_048_576, 16_383)));
        for bad in ["", "A", "1", "A0", "XFE1", "A1048577", "A1x", "ABCD1"] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }

    #[test]
    fn escapes_of_texts() {
        let check = |text: &str, expected: &str| {
            let mut out = String::new();
            push_unescaped(text, &mut out);
            assert_eq!(out, expected);
        };
        check("a_x000D_b", "a\rb");
        check("_x005F_x000D_", "_x000D_");
        check("_xå000_ _x12", "_xå000_ _x12");
        check("_xD83D__xDE00_", "😀");
    }
}

//! ODS: the tables of an OpenDocument spreadsheet.
//!
//! Each cell states what it holds: a number, a share, money, a day. Rows and cells that repeat are
//! written out as far as they hold anything.

use super::format::Format;
use super::guard::damaged;
use super::package::Package;
use super::sheet::{Merged, Sheet, Value};
use super::xml;
use crate::ReadOptions;
use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use tertial_model::Diagnostic;

/// Most rows and columns of a sheet.
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;

/// An open spreadsheet.
pub struct Ods {
    content: String,
    names: Vec<String>,
    /// The number format of each cell style, by its name.
    formats: HashMap<String, Format>,
}

impl Ods {
    /// Reads the styles and the tables' names.
    pub fn open(mut package: Package, options: &ReadOptions) -> Result<Ods, Box<Diagnostic>> {
        let Some(content) = package.text("content.xml", options)? else {
            return Err(damaged("an archive without the part `content.xml`", options));
        };
        let mut styles = Styles::default();
        // Styles of the document may be built on those that all documents share.
        if let Some(text) = package.text("styles.xml", options)? {
            styles
                .read(&text)
                .map_err(|fault| damaged(format!("part `styles.xml`: {fault}"), options))?;
        }
        let content_fault =
            |fault: String| damaged(format!("part `content.xml`: {fault}"), options);
        styles.read(&content).map_err(content_fault)?;
        let names = names(&content).map_err(content_fault)?;
        Ok(Ods { content, names, formats: styles.formats() })
    }

    /// The tables' names, in order.
    pub fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Fills a sheet with its cells; gives the areas that are merged.
    pub fn read(
        &mut self,
        index: usize,
        sheet: &mut Sheet,
        options: &ReadOptions,
    ) -> Result<Vec<Merged>, Box<Diagnostic>> {
        let mut xml = XmlReader::from_str(&self.content);
        let mut seen = 0;
        loop {
            let event =
                xml.read_event().map_err(|fault| sheet.damaged(fault.to_string(), options))?;
            match event {
                Event::Start(tag) if is_table(&tag) => {
                    if seen == index {
                        let mut table =
                            Table { formats: &self.formats, sheet, options, merged: Vec::new() };
                        table.read(&mut xml)?;
                        return Ok(table.merged);
                    }
                    seen += 1;
                }
                Event::Empty(tag) if is_table(&tag) => {
                    if seen == index {
                        return Ok(Vec::new());
                    }
                    seen += 1;
                }
                Event::Eof => return Ok(Vec::new()),
                _ => {}
            }
        }
    }
}

fn is_table(tag: &BytesStart<'_>) -> bool {
    tag.local_name().as_ref() == "table" && xml::attribute(tag, "name").is_some()
}

fn names(content: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut xml = XmlReader::from_str(content);
    let mut open = 0_u64;
    loop {
        match xml.read_event().map_err(|fault| fault.to_string())? {
            Event::Start(tag) => {
                open += 1;
                if is_table(&tag) {
                    names.extend(xml::attribute(&tag, "name"));
                }
            }
            Event::Empty(tag) if is_table(&tag) => names.extend(xml::attribute(&tag, "name")),
            Event::End(_) => open = open.saturating_sub(1),
            Event::Eof if open > 0 => return Err("the end inside an element".to_owned()),
            Event::Eof => return Ok(names),
            _ => {}
        }
    }
}

/// Number formats and the cell styles that use them.
#[derive(Default)]
struct Styles {
    numbers: HashMap<String, Number>,
    /// Name of the number format and of the style it is built on.
    cells: HashMap<String, (Option<String>, Option<String>)>,
}

/// A number format while it is read.
#[derive(Default)]
struct Number {
    name: String,
    percent: bool,
    factor: u32,
    noughts: usize,
    plain: bool,
    /// Whether it shows a number, and not a text alone.
    shown: bool,
    literal: String,
    /// Conditions on the value, and the name of the format that shows it where one is met.
    maps: Vec<(String, String)>,
}

impl Styles {
    fn read(&mut self, text: &str) -> Result<(), String> {
        let mut xml = XmlReader::from_str(text);
        let mut number: Option<Number> = None;
        let mut in_text = false;
        loop {
            match xml.read_event().map_err(|fault| fault.to_string())? {
                Event::Start(tag) => {
                    in_text = matches!(tag.local_name().as_ref(), "text" | "currency-symbol");
                    self.tag(&tag, &mut number);
                }
                Event::Empty(tag) => self.tag(&tag, &mut number),
                Event::Text(text) if in_text => {
                    if let Some(number) = &mut number {
                        number.literal.push_str(&text.xml10_content());
                    }
                }
                Event::End(tag) => {
                    in_text = false;
                    if matches!(
                        tag.local_name().as_ref(),
                        "number-style" | "percentage-style" | "currency-style"
                    ) && let Some(number) = number.take()
                    {
                        self.numbers.insert(number.name.clone(), number);
                    }
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn tag(&mut self, tag: &BytesStart<'_>, number: &mut Option<Number>) {
        match tag.local_name().as_ref() {
            name @ ("number-style" | "percentage-style" | "currency-style") => {
                let percent = name == "percentage-style";
                let name = xml::attribute(tag, "name").unwrap_or_default();
                *number = Some(Number { name, percent, factor: 1, ..Number::default() });
            }
            "scientific-number" | "fraction" | "text-content" => {
                if let Some(number) = number {
                    number.shown = true;
                }
            }
            "number" => {
                if let Some(number) = number {
                    number.shown = true;
                    let get = |name| xml::attribute(tag, name);
                    let count = |name| get(name).and_then(|text| text.parse().ok());
                    number.factor = count("display-factor").unwrap_or(1);
                    number.noughts = count("min-integer-digits").unwrap_or(0) as usize;
                    number.plain = count("decimal-places").unwrap_or(0) == 0
                        && get("grouping").as_deref() != Some("true");
                }
            }
            "map" => {
                if let Some(number) = number {
                    let get = |name| xml::attribute(tag, name).unwrap_or_default();
                    let condition = get("condition").replace("value()", "").replace("!=", "<>");
                    number.maps.push((condition.replace(' ', ""), get("apply-style-name")));
                }
            }
            "style" if xml::attribute(tag, "family").as_deref() == Some("table-cell") => {
                if let Some(name) = xml::attribute(tag, "name") {
                    let format = xml::attribute(tag, "data-style-name");
                    let parent = xml::attribute(tag, "parent-style-name");
                    self.cells.insert(name, (format, parent));
                }
            }
            _ => {}
        }
    }

    fn formats(self) -> HashMap<String, Format> {
        let mut formats = HashMap::new();
        for name in self.cells.keys() {
            let mut at = name;
            // Styles that are built on one another in a ring end here.
            for _ in 0..16 {
                let Some((format, parent)) = self.cells.get(at) else { break };
                if let Some(number) = format.as_ref().and_then(|name| self.numbers.get(name)) {
                    formats.insert(name.clone(), self.format(number));
                    break;
                }
                let Some(parent) = parent else { break };
                at = parent;
            }
        }
        formats
    }
}

impl Styles {
    /// The format of a number style with those that its conditions lead to.
    fn format(&self, number: &Number) -> Format {
        let own: Vec<(&str, Format)> = number
            .maps
            .iter()
            .filter_map(|(condition, name)| {
                Some((condition.as_str(), self.numbers.get(name)?.format()))
            })
            .collect();
        let maps: Vec<(&str, &Format)> =
            own.iter().map(|(condition, format)| (*condition, format)).collect();
        number.format().mapped(&maps).unwrap_or_else(|| number.format())
    }
}

impl Number {
    fn format(&self) -> Format {
        if !self.shown {
            return Format::text(&self.literal);
        }
        let literal = self.literal.replace('%', "");
        if !self.percent && self.plain && self.noughts >= 2 && literal.trim().is_empty() {
            return Format::parse(&"0".repeat(self.noughts.min(255)));
        }
        Format::scaled(self.percent, self.factor, &self.literal)
    }
}

/// A table as it is read.
struct Table<'a> {
    formats: &'a HashMap<String, Format>,
    sheet: &'a mut Sheet,
    options: &'a ReadOptions,
    merged: Vec<Merged>,
}

/// A cell of the file, which may stand for several of the sheet.
#[derive(Default)]
struct Cell {
    kind: Option<String>,
    value: Option<String>,
    currency: Option<String>,
    is_error: bool,
    formula: bool,
    style: Option<String>,
    repeated: u32,
    rows: u32,
    text: String,
    /// Whether a text stood in the cell, though an empty one.
    paragraphs: usize,
}

impl Table<'_> {
    fn damaged(&self, fault: impl Into<String>) -> Box<Diagnostic> {
        self.sheet.damaged(fault.into(), self.options)
    }

    /// The rows up to the end of the table. A table inside a cell is passed over.
    fn read(&mut self, xml: &mut XmlReader<&[u8]>) -> Result<(), Box<Diagnostic>> {
        let mut row = 0_u32;
        let mut columns: Vec<(u32, Option<String>)> = Vec::new();
        loop {
            let event = xml.read_event().map_err(|fault| self.damaged(fault.to_string()))?;
            match event {
                Event::Start(tag) | Event::Empty(tag)
                    if tag.local_name().as_ref() == "table-column" =>
                {
                    let style = xml::attribute(&tag, "default-cell-style-name");
                    columns.push((repeated(&tag, "number-columns-repeated", MOST_COLUMNS), style));
                }
                Event::Start(tag) if tag.local_name().as_ref() == "table-row" => {
                    let count = repeated(&tag, "number-rows-repeated", MOST_ROWS);
                    let style = xml::attribute(&tag, "default-cell-style-name");
                    let filled =
                        self.row(xml, row.saturating_add(1), style.as_deref(), &columns)?;
                    if filled > 0 && count > 1 {
                        self.sheet.repeat_row(filled, count - 1, self.options)?;
                    }
                    if filled > 0 && row.saturating_add(count) > MOST_ROWS {
                        return Err(self.damaged("more rows than a sheet has"));
                    }
                    row = row.saturating_add(count).min(MOST_ROWS);
                }
                Event::Empty(tag) if tag.local_name().as_ref() == "table-row" => {
                    let count = repeated(&tag, "number-rows-repeated", MOST_ROWS);
                    row = row.saturating_add(count).min(MOST_ROWS);
                }
                Event::End(tag) if tag.local_name().as_ref() == "table" => return Ok(()),
                Event::Eof => return Err(self.damaged("the end inside a table")),
                _ => {}
            }
        }
    }

    /// One row; gives how many cells it filled.
    fn row(
        &mut self,
        xml: &mut XmlReader<&[u8]>,
        row: u32,
        row_style: Option<&str>,
        columns: &[(u32, Option<String>)],
    ) -> Result<usize, Box<Diagnostic>> {
        let (mut column, mut filled) = (0_u32, 0_usize);
        loop {
            let event = xml.read_event().map_err(|fault| self.damaged(fault.to_string()))?;
            let cell = match event {
                Event::Start(tag) if is_cell(&tag) => {
                    let mut cell = Cell::of(&tag);
                    self.paragraphs(xml, &mut cell)?;
                    cell
                }
                Event::Empty(tag) if is_cell(&tag) => Cell::of(&tag),
                Event::End(tag) if tag.local_name().as_ref() == "table-row" => return Ok(filled),
                Event::Eof => return Err(self.damaged("the end inside a row")),
                _ => continue,
            };
            let format = cell.style.as_deref().or(row_style).or_else(|| {
                let mut end = 0_u32;
                let found = columns.iter().find(|(count, _)| {
                    end = end.saturating_add(*count);
                    column < end
                });
                found.and_then(|(_, style)| style.as_deref())
            });
            let format = format.and_then(|style| self.formats.get(style));
            let texts = cell.value();
            let value = match &texts {
                Ok(Some(value)) => Some(value.borrowed()),
                Ok(None) => None,
                Err(fault) => return Err(self.damaged(format!("row {row}: {fault}"))),
            };
            let count = cell.repeated;
            if let Some(value) = value {
                if column.saturating_add(count) > MOST_COLUMNS {
                    return Err(self.damaged("more columns than a sheet has"));
                }
                let shown = cell.format(format);
                for more in 0..count {
                    let place = (row, column + more);
                    let before = self.sheet.count();
                    self.sheet.push(place, &value, shown.as_ref(), false, self.options)?;
                    filled += self.sheet.count() - before;
                }
                if cell.rows > 1 {
                    let last_row = row.saturating_add(cell.rows - 1);
                    self.merged.push(Merged { row, column, last_row });
                }
            }
            column = column.saturating_add(count).min(MOST_COLUMNS);
        }
    }

    /// The text of a cell, up to its end; notes and drawings are left out.
    fn paragraphs(
        &mut self,
        xml: &mut XmlReader<&[u8]>,
        cell: &mut Cell,
    ) -> Result<(), Box<Diagnostic>> {
        let (mut depth, mut aside, mut in_text) = (0_u32, 0_u32, 0_u32);
        loop {
            let event = xml.read_event().map_err(|fault| self.damaged(fault.to_string()))?;
            match event {
                Event::Start(tag) => {
                    depth += 1;
                    match tag.local_name().as_ref() {
                        "annotation" | "frame" | "table" | "shape" | "custom-shape" => aside += 1,
                        "p" | "h" if aside == 0 => {
                            cell.text.push_str(if cell.paragraphs > 0 { "\n" } else { "" });
                            cell.paragraphs += 1;
                            in_text += 1;
                        }
                        "s" | "tab" | "line-break" if aside == 0 && in_text > 0 => {
                            cell.blank(&tag);
                        }
                        _ => {}
                    }
                }
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "p" | "h" if aside == 0 => {
                        cell.text.push_str(if cell.paragraphs > 0 { "\n" } else { "" });
                        cell.paragraphs += 1;
                    }
                    "s" | "tab" | "line-break" if aside == 0 && in_text > 0 => cell.blank(&tag),
                    _ => {}
                },
                Event::Text(text) if aside == 0 && in_text > 0 => {
                    cell.text.push_str(&text.xml10_content());
                }
                Event::CData(text) if aside == 0 && in_text > 0 => {
                    cell.text.push_str(&text.xml10_content());
                }
                Event::GeneralRef(entity) if aside == 0 && in_text > 0 => {
                    match xml::entity(&entity) {
                        Some(letter) => cell.text.push(letter),
                        None => return Err(self.damaged("an entity that XML does not have")),
                    }
                }
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(tag) => {
                    depth -= 1;
                    match tag.local_name().as_ref() {
                        "annotation" | "frame" | "table" | "shape" | "custom-shape" => {
                            aside = aside.saturating_sub(1);
                        }
                        "p" | "h" if aside == 0 => in_text = in_text.saturating_sub(1),
                        _ => {}
                    }
                }
                Event::Eof => return Err(self.damaged("the end inside a cell")),
                _ => {}
            }
        }
    }
}

fn is_cell(tag: &BytesStart<'_>) -> bool {
    matches!(tag.local_name().as_ref(), "table-cell" | "covered-table-cell")
}

/// How many times a row or cell stands; never more than `most`.
fn repeated(tag: &BytesStart<'_>, name: &str, most: u32) -> u32 {
    let count = xml::attribute(tag, name).and_then(|count| count.parse::<u64>().ok());
    count.unwrap_or(1).clamp(1, u64::from(most) + 1) as u32
}

/// A value with its own text.
enum Owned<'a> {
    Text(&'a str),
    Number(f64),
    Truth(bool),
    Error(&'a str),
    Iso(String),
    NoResult,
}

impl Owned<'_> {
    fn borrowed(&self) -> Value<'_> {
        match self {
            Owned::Text(text) => Value::Text(text),
            Owned::Number(number) => Value::Number(*number),
            Owned::Truth(truth) => Value::Truth(*truth),
            Owned::Error(error) => Value::Error(error),
            Owned::Iso(text) => Value::Iso(text),
            Owned::NoResult => Value::NoResult,
        }
    }
}

impl Cell {
    fn of(tag: &BytesStart<'_>) -> Cell {
        let get = |name| xml::attribute(tag, name);
        let mut kinds = tag.attributes().flatten().filter_map(|attribute| {
            let key = attribute.key.as_ref();
            key.ends_with("value-type")
                .then(|| (key.to_owned(), attribute.value.as_ref().to_owned()))
        });
        let (mut kind, mut is_error) = (None, false);
        for (name, value) in kinds.by_ref() {
            is_error |= value == "error";
            // `calcext:value-type` says more of what `office:value-type` says.
            if name.starts_with("office:") || kind.is_none() {
                kind = Some(value);
            }
        }
        let value = match kind.as_deref() {
            Some("date") => get("date-value"),
            Some("time") => get("time-value"),
            Some("boolean") => get("boolean-value"),
            Some("string") => get("string-value"),
            _ => get("value"),
        };
        Cell {
            kind,
            value,
            currency: get("currency"),
            is_error,
            formula: get("formula").is_some(),
            style: get("style-name"),
            repeated: repeated(tag, "number-columns-repeated", MOST_COLUMNS),
            rows: repeated(tag, "number-rows-spanned", MOST_ROWS),
            ..Cell::default()
        }
    }

    /// A run of blanks, a tab, a line break.
    fn blank(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "s" => {
                let count = xml::attribute(tag, "c").and_then(|count| count.parse().ok());
                self.text.push_str(&" ".repeat(count.unwrap_or(1_usize).min(10_000)));
            }
            "tab" => self.text.push('\t'),
            _ => self.text.push('\n'),
        }
    }

    fn value(&self) -> Result<Option<Owned<'_>>, String> {
        let stated = self.value.as_deref();
        let shows_error = self.text.starts_with('#') || self.text.starts_with("Err:");
        if self.is_error || self.formula && shows_error {
            let text = if self.text.is_empty() { "#ERROR" } else { &self.text };
            return Ok(Some(Owned::Error(text)));
        }
        let missing = if self.formula { Some(Owned::NoResult) } else { None };
        Ok(match (self.kind.as_deref(), stated) {
            (None, _) if self.formula && self.text.is_empty() => missing,
            (None, _) => (!self.text.is_empty()).then_some(Owned::Text(&self.text)),
            (Some("string"), Some(text)) if self.paragraphs == 0 => Some(Owned::Text(text)),
            (Some("string"), _) => Some(Owned::Text(&self.text)),
            (Some(_), None) if self.text.is_empty() => missing,
            (Some(_), None) => Some(Owned::Text(&self.text)),
            (Some("float" | "percentage" | "currency"), Some(text)) => {
                let number: Option<f64> = text.trim().parse().ok();
                let number = number.filter(|number| number.is_finite());
                Some(Owned::Number(number.ok_or_else(|| format!("the number `{text}`"))?))
            }
            (Some("boolean"), Some(text)) => Some(Owned::Truth(text == "true")),
            (Some("time"), Some(text)) => {
                Some(Owned::Iso(duration(text).unwrap_or_else(|| text.to_owned())))
            }
            (Some(_), Some(text)) => Some(Owned::Iso(text.to_owned())),
        })
    }

    /// The format of the cell's number: what the cell itself states counts most.
    fn format(&self, style: Option<&Format>) -> Option<Format> {
        match (self.kind.as_deref(), self.currency.as_deref()) {
            (Some("percentage"), _) => Some(match style {
                Some(style) if style.is_percent() => style.clone(),
                _ => Format::scaled(true, 1, ""),
            }),
            (Some("currency"), Some(currency)) => Some(match style {
                Some(style) if style.has_unit() => style.clone(),
                _ => Format::scaled(false, 1, currency),
            }),
            _ => style.cloned(),
        }
    }
}

/// `PT129H25M00S` as `129:25:00`; fractions of a second are left off.
fn duration(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (days, time) = rest.strip_prefix('P')?.split_once('T')?;
    let days: u64 = match days {
        "" => 0,
        days => days.strip_suffix('D')?.parse().ok()?,
    };
    let mut seconds = days.checked_mul(86_400)?;
    let mut rest = time;
    for (mark, worth) in [('H', 3600), ('M', 60), ('S', 1)] {
        if let Some((count, after)) = rest.split_once(mark) {
            let whole = count.split(['.', ',']).next().unwrap_or("");
            let count: u64 = whole.parse().ok()?;
            seconds = seconds.checked_add(count.checked_mul(worth)?)?;
            rest = after;
        }
    }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    rest.is_empty().then(|| format!("{sign}{hours}:{minutes:02}:{:02}", seconds % 60))
}

#[cfg(test)]
mod tests {
    use super::{Format, Styles, duration};

    #[test]
    fn durations_beyond_a_day() {
        let check = |text, expected: Option<&str>| {
            assert_eq!(duration(text).as_deref(), expected, "{text}");
        };
        check("PT129H25M00S", Some("129:25:00"));
        check("-PT0H30M05.250S", Some("-0:30:05"));
        check("P2DT1H", Some("49:00:00"));
        check("PT5M", Some("0:05:00"));
        for bad in ["", "P1Y", "PT", "PTxH", "PT1H2X", "PT99999999999999999999H"] {
            check(bad, if bad == "PT" { Some("0:00:00") } else { None });
        }
    }

    fn format(styles: &str) -> Format {
        let mut read = Styles::default();
        read.read(&format!(
            "<styles>{styles}<style:style style:name=\"cell\" style:family=\"table-cell\" \
             style:data-style-name=\"N1\"/></styles>"
        ))
        .unwrap();
        read.formats().remove("cell").unwrap()
    }

    #[test]
    fn a_format_that_depends_on_the_value_is_followed() {
        let share = "<number:percentage-style style:name=\"P0\"><number:number/>\
             <number:text>%</number:text></number:percentage-style>";
        let map = |condition: &str, style: &str| {
            format!(
                "<number:number-style style:name=\"N1\"><number:number/><style:map \
                 style:condition=\"value(){condition}\" style:apply-style-name=\"{style}\"/>\
                 </number:number-style>"
            )
        };
        let below_one = format!("{share}{}", map("&lt;1", "P0"));
        assert_eq!(format(&below_one), Format::parse("[<1]0%;0"));
        let text = "<number:number-style style:name=\"N1\"><number:text>okänt</number:text>\
             </number:number-style>";
        assert_eq!(format(text), Format::text("okänt"));
        assert_eq!(format(text), Format::parse("\"okänt\""));
        // What leads nowhere leaves the style's own format.
        assert_eq!(format(&map("&gt;=0", "P9")), Format::parse("0"));
    }
}

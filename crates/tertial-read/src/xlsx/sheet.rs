//! The cells of one sheet as text, in rows; empty cells take no room.

use super::Book;
use crate::ReadOptions;
use crate::number::float_text;
use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader as _, Sheets};
use tertial_model::text::column_letters;
use tertial_model::{Code, Diagnostic, Location, ReadSummary};

/// What a cell held before it was text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text,
    /// Anything else.
    Value,
}

/// A cell.
#[derive(Debug, Clone, Copy)]
pub struct SheetCell<'a> {
    /// Column from 0.
    pub column: u32,
    /// What it held.
    pub content: Content,
    /// Its text.
    pub text: &'a str,
}

/// A sheet with its cells in order.
pub struct Sheet {
    /// Its name.
    pub name: String,
    text: String,
    cells: Vec<Stored>,
    /// Row number from 1, and where its cells begin.
    rows: Vec<(u32, usize)>,
}

#[derive(Clone, Copy)]
struct Stored {
    row: u32,
    column: u32,
    content: Content,
    start: usize,
    end: usize,
}

impl Sheet {
    /// Reads a sheet, cell by cell where the format allows it.
    pub fn read(
        book: &mut Book,
        name: &str,
        summary: &mut ReadSummary,
        options: &ReadOptions,
    ) -> Result<Sheet, Box<Diagnostic>> {
        let mut sheet = Sheet {
            name: name.to_owned(),
            text: String::new(),
            cells: Vec::new(),
            rows: Vec::new(),
        };
        let damaged = |fault: String| Box::new(damaged(name, fault, options));
        if let Sheets::Xlsx(book) = book {
            let mut cells = match book.worksheet_cells_reader(name) {
                Ok(cells) => cells,
                // A chart sheet holds no cells.
                Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(sheet),
                Err(fault) => return Err(damaged(fault.to_string())),
            };
            while let Some(cell) = cells.next_cell().map_err(|fault| damaged(fault.to_string()))? {
                sheet.push(cell.get_position(), cell.get_value(), options)?;
            }
        } else if let Sheets::Xlsb(book) = book {
            let cells = book.worksheet_cells_reader(name);
            let mut cells = cells.map_err(|fault| damaged(fault.to_string()))?;
            while let Some(cell) = cells.next_cell().map_err(|fault| damaged(fault.to_string()))? {
                sheet.push(cell.get_position(), cell.get_value(), options)?;
            }
        } else {
            let range = book.worksheet_range(name).map_err(|fault| damaged(fault.to_string()))?;
            let (first_row, first_column) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                let place = (first_row + row as u32, first_column + column as u32);
                sheet.push(place, &borrowed(value), options)?;
            }
        }
        sheet.in_order().map_err(damaged)?;
        let merged = match book {
            Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(name).unwrap_or_default(),
            Sheets::Xls(book) => book.merge_cells_by_sheet_name(name).unwrap_or_default(),
            _ => Vec::new(),
        };
        sheet.repeat_merged(&merged, summary, options)?;
        sheet.index();
        Ok(sheet)
    }

    /// Two cells in one place, or a row out of order, mean that a row number or a cell's name was
    /// damaged: the value would stand in another row than it belongs to.
    fn in_order(&self) -> Result<(), String> {
        let place = |cell: &Stored| (cell.row, cell.column);
        match self.cells.windows(2).find(|pair| place(&pair[0]) >= place(&pair[1])) {
            None => Ok(()),
            Some(pair) => {
                let name = |cell: &Stored| format!("{}{}", column_letters(cell.column), cell.row);
                Err(format!("cell {} after cell {}", name(&pair[1]), name(&pair[0])))
            }
        }
    }

    /// A text merged over several rows holds for each of them. A number does not: repeated, it
    /// would be summed several times.
    fn repeat_merged(
        &mut self,
        merged: &[Dimensions],
        summary: &mut ReadSummary,
        options: &ReadOptions,
    ) -> Result<(), Box<Diagnostic>> {
        let last_row = self.cells.last().map_or(0, |cell| cell.row);
        let place = |cell: &Stored| (cell.row, cell.column);
        let (mut texts, mut numbers) = (0_usize, 0_usize);
        let known = self.cells.len();
        for area in merged.iter().filter(|area| area.end.0 > area.start.0) {
            let corner = (area.start.0.saturating_add(1), area.start.1);
            let found = self.cells[..known].binary_search_by_key(&corner, place);
            let Ok(at) = found else { continue };
            let cell = self.cells[at];
            if cell.content != Content::Text {
                numbers += 1;
                continue;
            }
            texts += 1;
            for row in cell.row + 1..=area.end.0.saturating_add(1).min(last_row) {
                if self.cells[..known].binary_search_by_key(&(row, cell.column), place).is_err() {
                    self.room(options)?;
                    self.cells.push(Stored { row, ..cell });
                }
            }
        }
        if texts + numbers > 0 {
            summary.decisions.push(format!(
                "sheet `{}`: {texts} texts merged over rows stand in each of them, {numbers} numbers in the first",
                self.name
            ));
        }
        Ok(())
    }

    fn room(&self, options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
        if self.cells.len() < options.limits.cells {
            return Ok(());
        }
        let message = format!("sheet `{}` has too many cells", self.name);
        let fault = Diagnostic::error(Code::T0109, message, Location::file(&options.file))
            .with_expected(format!("at most {} cells", options.limits.cells));
        Err(Box::new(fault))
    }

    fn push(
        &mut self,
        (row, column): (u32, u32),
        value: &DataRef<'_>,
        options: &ReadOptions,
    ) -> Result<(), Box<Diagnostic>> {
        let start = self.text.len();
        let content = render(value, &mut self.text);
        let Some(content) = content.filter(|_| self.text.len() > start) else { return Ok(()) };
        self.room(options)?;
        self.cells.push(Stored { row: row + 1, column, content, start, end: self.text.len() });
        Ok(())
    }

    /// Puts the cells in order, repeated ones among them, and finds where rows begin.
    fn index(&mut self) {
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        for (at, cell) in self.cells.iter().enumerate() {
            if self.rows.last().is_none_or(|(row, _)| *row != cell.row) {
                self.rows.push((cell.row, at));
            }
        }
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The rows that hold anything, in order.
    pub fn row_numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.iter().map(|(row, _)| *row)
    }

    /// The cells of a row, in order.
    pub fn row(&self, row: u32) -> impl Iterator<Item = SheetCell<'_>> {
        let at = self.rows.partition_point(|(known, _)| *known < row);
        let (start, end) = match self.rows.get(at) {
            Some((known, start)) if *known == row => {
                (*start, self.rows.get(at + 1).map_or(self.cells.len(), |(_, next)| *next))
            }
            _ => (0, 0),
        };
        self.cells[start..end].iter().map(|cell| SheetCell {
            column: cell.column,
            content: cell.content,
            text: &self.text[cell.start..cell.end],
        })
    }
}

fn damaged(name: &str, fault: String, options: &ReadOptions) -> Diagnostic {
    let message = format!("sheet `{name}` cannot be read");
    Diagnostic::error(Code::T0103, message, Location::file(&options.file))
        .with_found(fault)
        .with_effect("delivery refused")
        .with_hint("open the file in a spreadsheet program and save it again")
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Empty => DataRef::Empty,
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::String(text) => DataRef::SharedString(text),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

fn render(value: &DataRef<'_>, out: &mut String) -> Option<Content> {
    match value {
        DataRef::Empty => return None,
        DataRef::String(text) => {
            out.push_str(text);
            return Some(Content::Text);
        }
        DataRef::SharedString(text) => {
            out.push_str(text);
            return Some(Content::Text);
        }
        DataRef::Int(number) => out.push_str(&number.to_string()),
        DataRef::Float(number) => out.push_str(&float_text(*number)),
        DataRef::Bool(true) => out.push_str("true"),
        DataRef::Bool(false) => out.push_str("false"),
        DataRef::DateTime(moment) => out.push_str(&moment_text(moment)),
        DataRef::DateTimeIso(text) => out.push_str(text),
        DataRef::DurationIso(text) => match duration_text(text) {
            Some(hours) => out.push_str(&hours),
            None => out.push_str(text),
        },
        DataRef::Error(error) => out.push_str(&error.to_string()),
    }
    Some(Content::Value)
}

/// A date as `2024-08-01`, with a time of day when it has one; a duration in hours beyond 24.
fn moment_text(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        let seconds = (moment.as_f64() * 86_400.0).round();
        if seconds.abs() > 1e12 {
            return float_text(moment.as_f64());
        }
        let sign = if seconds < 0.0 { "-" } else { "" };
        let seconds = seconds.abs() as u64;
        return format!("{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (hour, minute, second, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        (hour, minute, second, milli) => {
            format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}")
        }
    }
}

/// `PT129H25M00S` of an ODS sheet as `129:25:00`; fractions of a second are left off.
fn duration_text(text: &str) -> Option<String> {
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
    use super::duration_text;

    #[test]
    fn durations_beyond_a_day() {
        let check = |text, expected: Option<&str>| {
            assert_eq!(duration_text(text).as_deref(), expected, "{text}");
        };
        check("PT129H25M00S", Some("129:25:00"));
        check("-PT0H30M05.250S", Some("-0:30:05"));
        check("P2DT1H", Some("49:00:00"));
        check("PT5M", Some("0:05:00"));
        for bad in ["", "P1Y", "PT", "PTxH", "PT1H2X", "PT99999999999999999999H"] {
            check(bad, if bad == "PT" { Some("0:00:00") } else { None });
        }
    }
}

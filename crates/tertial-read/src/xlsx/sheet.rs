//! The cells of one sheet as text, in rows; empty cells take no room.

use super::Book;
use crate::ReadOptions;
use crate::number::float_text;
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Sheets};
use tertial_model::{Code, Diagnostic, Location};

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
        } else {
            let range = book.worksheet_range(name).map_err(|fault| damaged(fault.to_string()))?;
            let (first_row, first_column) = range.start().unwrap_or((0, 0));
            for (row, column, value) in range.used_cells() {
                let place = (first_row + row as u32, first_column + column as u32);
                sheet.push(place, &borrowed(value), options)?;
            }
        }
        sheet.index();
        Ok(sheet)
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
        if self.cells.len() >= options.limits.cells {
            let message = format!("sheet `{}` has too many cells", self.name);
            let fault = Diagnostic::error(Code::T0109, message, Location::file(&options.file))
                .with_expected(format!("at most {} cells", options.limits.cells));
            return Err(Box::new(fault));
        }
        self.cells.push(Stored { row: row + 1, column, content, start, end: self.text.len() });
        Ok(())
    }

    /// Puts the cells in order, whatever order they stood in, and finds where rows begin.
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
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => out.push_str(text),
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

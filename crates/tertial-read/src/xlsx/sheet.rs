//! The cells of one sheet as text, in rows; empty cells take no room.

use super::format::Format;
use crate::ReadOptions;
use crate::number::float_text;
use tertial_model::formula::{FAILED, NO_RESULT, STALE_RESULT, is_sheet_error};
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

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A number; the cell's format says what it means.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// What the program shows where a formula failed.
    Error(&'a str),
    /// A day or moment in words, as `2024-08-01`.
    Iso(&'a str),
    /// A formula whose result the workbook does not hold.
    NoResult,
    /// A formula whose result the workbook holds and calls out of date.
    StaleResult,
}

/// An area of cells shown as one: its corner, and its last row. Rows from 1, columns from 0.
#[derive(Debug, Clone, Copy)]
pub struct Merged {
    /// First row.
    pub row: u32,
    /// First column.
    pub column: u32,
    /// Last row.
    pub last_row: u32,
}

impl Sheet {
    /// A sheet without cells.
    pub fn new(name: &str) -> Sheet {
        Sheet { name: name.to_owned(), text: String::new(), cells: Vec::new(), rows: Vec::new() }
    }

    /// Ends a sheet whose cells were pushed: looks at their order, repeats what is merged.
    pub fn finish(
        &mut self,
        merged: &[Merged],
        summary: &mut ReadSummary,
        options: &ReadOptions,
    ) -> Result<(), Box<Diagnostic>> {
        self.in_order().map_err(|fault| self.damaged(fault, options))?;
        self.repeat_merged(merged, summary, options)?;
        self.index();
        Ok(())
    }

    /// Two cells in one place, or a row out of order, mean that a row number or a cell's name was
    /// damaged: the value would stand in another row than it belongs to.
    fn in_order(&self) -> Result<(), String> {
        let place = |cell: &Stored| (cell.row, cell.column);
        match self.cells.windows(2).find(|pair| place(&pair[0]) >= place(&pair[1])) {
            None => Ok(()),
            Some(pair) => {
                let name = |cell: &Stored| cell_name(cell.row, cell.column);
                Err(format!("cell {} after cell {}", name(&pair[1]), name(&pair[0])))
            }
        }
    }

    /// A text merged over several rows holds for each of them. A number does not: repeated, it
    /// would be summed several times.
    fn repeat_merged(
        &mut self,
        merged: &[Merged],
        summary: &mut ReadSummary,
        options: &ReadOptions,
    ) -> Result<(), Box<Diagnostic>> {
        let last_row = self.cells.last().map_or(0, |cell| cell.row);
        let place = |cell: &Stored| (cell.row, cell.column);
        let (mut texts, mut numbers) = (0_usize, 0_usize);
        let known = self.cells.len();
        for area in merged.iter().filter(|area| area.last_row > area.row) {
            let corner = (area.row, area.column);
            let found = self.cells[..known].binary_search_by_key(&corner, place);
            let Ok(at) = found else { continue };
            let cell = self.cells[at];
            if cell.content != Content::Text {
                numbers += 1;
                continue;
            }
            texts += 1;
            for row in cell.row + 1..=area.last_row.min(last_row) {
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
        Err(self.too_many(options))
    }

    fn too_many(&self, options: &ReadOptions) -> Box<Diagnostic> {
        let message = format!("sheet `{}` has too many cells", self.name);
        let fault = Diagnostic::error(Code::LimitExceeded, message, Location::file(&options.file))
            .with_expected(format!("at most {} cells", options.limits.cells));
        Box::new(fault)
    }

    /// Takes the next cell, row from 1 and column from 0.
    pub fn push(
        &mut self,
        (row, column): (u32, u32),
        value: &Value<'_>,
        format: Option<&Format>,
        is_1904: bool,
        options: &ReadOptions,
    ) -> Result<(), Box<Diagnostic>> {
        let start = self.text.len();
        let content = match value {
            Value::Text(text) => {
                self.text.push_str(text);
                Content::Text
            }
            Value::Number(number) => {
                match format {
                    Some(format) => self.text.push_str(&format.show(*number, is_1904)),
                    None => self.text.push_str(&float_text(*number)),
                }
                Content::Value
            }
            Value::Truth(truth) => {
                self.text.push_str(if *truth { "true" } else { "false" });
                Content::Value
            }
            Value::Error(error) => {
                self.text.push_str(&sheet_error(error));
                Content::Value
            }
            Value::Iso(text) => {
                self.text.push_str(text);
                Content::Value
            }
            Value::NoResult => {
                self.text.push_str(NO_RESULT);
                Content::Value
            }
            Value::StaleResult => {
                self.text.push_str(STALE_RESULT);
                Content::Value
            }
        };
        if self.text.len() == start {
            return Ok(());
        }
        self.room(options)?;
        self.cells.push(Stored { row, column, content, start, end: self.text.len() });
        Ok(())
    }

    /// Repeats the last `cells` cells below themselves, `rows` times more.
    pub fn repeat_row(
        &mut self,
        cells: usize,
        rows: u32,
        options: &ReadOptions,
    ) -> Result<(), Box<Diagnostic>> {
        let from = self.cells.len().saturating_sub(cells);
        let more = (self.cells.len() - from) as u64 * u64::from(rows);
        if self.cells.len() as u64 + more > options.limits.cells as u64 {
            return Err(self.too_many(options));
        }
        for below in 1..=rows {
            for at in from..from + cells {
                let cell = self.cells[at];
                self.cells.push(Stored { row: cell.row + below, ..cell });
            }
        }
        Ok(())
    }

    /// The sheet cannot be taken apart.
    pub fn damaged(&self, fault: String, options: &ReadOptions) -> Box<Diagnostic> {
        let message = format!("sheet `{}` cannot be read", self.name);
        let fault = Diagnostic::error(Code::DamagedFile, message, Location::file(&options.file))
            .with_found(fault)
            .with_effect("delivery refused")
            .with_hint("open the file in a spreadsheet program and save it again");
        Box::new(fault)
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

    /// How many cells there are so far.
    pub fn count(&self) -> usize {
        self.cells.len()
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

/// The name of a cell, row from 1 and column from 0.
pub fn cell_name(row: u32, column: u32) -> String {
    format!("{}{row}", column_letters(column))
}

/// An error as the check knows it, whatever language the program showed it in.
fn sheet_error(text: &str) -> String {
    let text = text.trim();
    let plain = match text.to_uppercase().as_str() {
        "#SAKNAS!" => "#N/A",
        "#REFERENS!" => "#REF!",
        "#VÄRDEFEL!" => "#VALUE!",
        "#DIVISION/0!" => "#DIV/0!",
        "#NAMN?" => "#NAME?",
        "#OGILTIGT!" => "#NUM!",
        "#SKÄRNING!" => "#NULL!",
        _ if is_sheet_error(text) => text,
        // Numbers of errors (`Err:502`), and whatever newer programs show.
        _ => return format!("{FAILED}{}", text.trim_start_matches('#')),
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_known_whatever_program_wrote_them() {
        let check = |text: &str, expected: &str| assert_eq!(sheet_error(text), expected);
        check("#REF!", "#REF!");
        check("#SAKNAS!", "#N/A");
        check("#SPILL!", "#SPILL!");
        check("Err:502", "#ERROR Err:502");
        check("#NEW!", "#ERROR NEW!");
        for text in ["#REF!", "#SAKNAS!", "Err:502", "#NEW!"] {
            assert!(is_sheet_error(&sheet_error(text)), "{text}");
        }
        assert!(is_sheet_error(NO_RESULT) && is_sheet_error(STALE_RESULT));
    }
}

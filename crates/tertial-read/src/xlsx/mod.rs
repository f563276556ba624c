//! Workbooks: XLSX, XLSB, XLS and ODS. One part per sheet, or per choice in the pipeline.
//!
//! A sheet is taken cell by cell ([`sheet`]), whatever size it states about itself; the table is cut
//! out of it by heading row and range ([`range`]). Cells become the text a person sees: shortest
//! decimals with a point, `42 %` and `12.5 tkr` where the format says so ([`format`]), dates as
//! `2024-08-01`, durations as `129:25:00`, errors as they show. A formula without a result, or with
//! one that the workbook calls out of date, becomes a word that no column takes. A text merged over
//! several rows stands in each of them. Only sheets that are asked for are read.

mod binary;
mod format;
mod guard;
mod ods;
mod old;
mod ooxml;
mod package;
mod range;
mod sheet;
mod xml;

use crate::batch::{BatchBuilder, missing_part};
use crate::csv::twins;
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::prepared::Prepared;
use crate::{PartChoice, ReadOptions, Reader};
use package::Package;
use range::Range;
use sheet::{Content, Sheet};
use std::sync::Arc;
use tertial_model::text::column_letters;
use tertial_model::{Cell, Code, Diagnostic, Location, Part, Place, ReadSummary, TextBatch, same};

/// An open workbook of any kind.
enum Book {
    Xlsx(ooxml::Xlsx),
    Xlsb(binary::Xlsb),
    Ods(ods::Ods),
    Xls(old::Xls2003),
}

/// Opens a workbook and reads the sheets asked for.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let bytes: Arc<[u8]> = input.read_whole(options)?.into();
    let mut book = Book::open(&bytes, options)?;
    let mut summary = ReadSummary::default();
    let tables = tables(&mut book, &mut summary, options)?;
    let mut parts = Vec::new();
    let mut batches = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        batches.extend(table.batches(index, options));
        parts.push(Part {
            name: table.sheet.name.clone(),
            headings: table.headings.clone(),
            types: Vec::new(),
        });
    }
    Ok(Prepared::open(parts.into(), batches, summary, options))
}

impl Book {
    fn open(bytes: &Arc<[u8]>, options: &ReadOptions) -> Result<Book, Box<Diagnostic>> {
        if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            return Ok(Book::Xls(old::Xls2003::open(bytes, options)?));
        }
        if !bytes.starts_with(b"PK") {
            return Err(crate::foreign::no_workbook(bytes, options));
        }
        let mut package = Package::open(Arc::clone(bytes), options)?;
        if package.has("content.xml") {
            let kind = package.text("mimetype", options)?.unwrap_or_default();
            let manifest = package.text("META-INF/manifest.xml", options)?.unwrap_or_default();
            if manifest.contains("encryption-data") {
                return Err(guard::locked(options));
            }
            if !kind.is_empty() && !kind.contains("spreadsheet") {
                return Err(Box::new(other_package(&package, &kind, options)));
            }
            return Ok(Book::Ods(ods::Ods::open(package, options)?));
        }
        let main = package.relations("", options)?;
        let main = main.into_values().find(|relation| relation.kind == "officeDocument");
        let main = main.map(|relation| relation.target);
        let usual = ["xl/workbook.xml", "xl/workbook.bin"].into_iter().map(str::to_owned);
        let main = main.into_iter().chain(usual).find(|name| package.has(name));
        match main {
            Some(main) if main.to_lowercase().ends_with(".bin") => {
                Ok(Book::Xlsb(binary::Xlsb::open(package, &main, options)?))
            }
            Some(main) if !["word/", "ppt/"].iter().any(|folder| main.starts_with(folder)) => {
                Ok(Book::Xlsx(ooxml::Xlsx::open(package, &main, options)?))
            }
            _ => Err(Box::new(other_package(&package, "", options))),
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Book::Xlsx(book) => book.names(),
            Book::Xlsb(book) => book.names(),
            Book::Ods(book) => book.names(),
            Book::Xls(book) => book.names(),
        }
    }

    /// A sheet by its place.
    fn sheet(
        &mut self,
        index: usize,
        summary: &mut ReadSummary,
        options: &ReadOptions,
    ) -> Result<Sheet, Box<Diagnostic>> {
        let mut sheet = Sheet::new(&self.names()[index]);
        let merged = match self {
            Book::Xlsx(book) => book.read(index, &mut sheet, options),
            Book::Xlsb(book) => book.read(index, &mut sheet, options),
            Book::Ods(book) => book.read(index, &mut sheet, options),
            Book::Xls(book) => book.read(index, &mut sheet, options),
        }?;
        sheet.finish(&merged, summary, options)?;
        Ok(sheet)
    }
}

/// A zipped file that is no workbook, by name of what it is.
fn other_package(package: &Package, kind: &str, options: &ReadOptions) -> Diagnostic {
    let table = "ask the source for the table as a workbook or CSV";
    let (found, hint) = if package.has_folder("word/") || kind.contains("opendocument.text") {
        ("a text document (DOCX or ODT)".to_owned(), table)
    } else if package.has_folder("ppt/") || kind.contains("presentation") {
        ("a presentation (PPTX or ODP)".to_owned(), table)
    } else if package.has_folder("index/") && package.has_folder("metadata/") {
        let hint = "open it in Numbers and export it as Excel (XLSX)";
        ("an Apple Numbers document".to_owned(), hint)
    } else if !kind.is_empty() {
        (format!("a document of the kind `{}`", kind.trim()), table)
    } else {
        let names: Vec<&str> = package.names().take(3).collect();
        let found = match names.is_empty() {
            true => "an empty zip archive".to_owned(),
            false => format!("a zip archive with `{}`", names.join("`, `")),
        };
        (found, "unpack the archive before it is received")
    };
    not_agreed(options, found).with_hint(hint)
}

/// A table cut out of a sheet.
struct Table {
    sheet: Arc<Sheet>,
    range: Range,
    header_row: u32,
    first_column: u32,
    headings: Vec<String>,
}

fn tables(
    book: &mut Book,
    summary: &mut ReadSummary,
    options: &ReadOptions,
) -> Result<Vec<Table>, Box<Diagnostic>> {
    let names = book.names();
    if names.is_empty() {
        return Err(guard::damaged("a workbook without sheets", options));
    }
    if options.tables.is_empty() {
        return every_sheet(book, &names, summary, options);
    }
    let mut sheets: Vec<(usize, Arc<Sheet>)> = Vec::new();
    let mut tables = Vec::new();
    for choice in &options.tables {
        let index = chosen_sheet(choice, &names, options)?;
        let sheet = match sheets.iter().find(|(known, _)| *known == index) {
            Some((_, sheet)) => Arc::clone(sheet),
            None => {
                let sheet = Arc::new(book.sheet(index, summary, options)?);
                sheets.push((index, Arc::clone(&sheet)));
                sheet
            }
        };
        tables.push(Table::cut(sheet, choice, summary, options)?);
    }
    Ok(tables)
}

fn chosen_sheet(
    choice: &PartChoice,
    names: &[String],
    options: &ReadOptions,
) -> Result<usize, Box<Diagnostic>> {
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = match &choice.part {
        Some(part) => names.iter().position(|name| same::is_same(name, part)),
        None => (names.len() == 1).then_some(0),
    };
    match found {
        Some(index) => Ok(index),
        None => {
            let mut fault = missing_part(choice.part.as_deref(), &known, options);
            fault.message = match &choice.part {
                Some(part) => format!("the workbook has no sheet `{part}`"),
                None => {
                    format!("the workbook has {} sheets, and the pipeline names none", names.len())
                }
            };
            Err(Box::new(fault))
        }
    }
}

/// Every sheet that holds anything; one that cannot be a table refuses the workbook only when it is
/// the only one.
fn every_sheet(
    book: &mut Book,
    names: &[String],
    summary: &mut ReadSummary,
    options: &ReadOptions,
) -> Result<Vec<Table>, Box<Diagnostic>> {
    let mut tables = Vec::new();
    let mut faults = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let sheet = book.sheet(index, summary, options)?;
        if sheet.is_empty() {
            summary.decisions.push(format!("sheet `{name}` is empty"));
            continue;
        }
        match Table::cut(Arc::new(sheet), &PartChoice::default(), summary, options) {
            Ok(table) => tables.push(table),
            Err(fault) => faults.push(fault),
        }
    }
    match (tables.is_empty(), faults.into_iter().next()) {
        (true, Some(fault)) => Err(fault),
        (false, Some(mut fault)) => {
            fault.severity = tertial_model::Severity::Warning;
            summary.diagnostics.push(*fault);
            Ok(tables)
        }
        (_, None) => Ok(tables),
    }
}

impl Table {
    fn cut(
        sheet: Arc<Sheet>,
        choice: &PartChoice,
        summary: &mut ReadSummary,
        options: &ReadOptions,
    ) -> Result<Table, Box<Diagnostic>> {
        let location = |cell: String| Location::Sheet {
            file: options.file.clone(),
            sheet: sheet.name.clone(),
            cell,
            field: None,
        };
        let range = match &choice.range {
            None => Range::everything(),
            Some(text) => Range::parse(text).ok_or_else(|| {
                let message = "the range of a table cannot be read";
                let fault = Diagnostic::error(Code::BadSetting, message, location("A1".to_owned()))
                    .with_found(format!("`{text}`"))
                    .with_expected("two corners such as `A4:F200`, or an open end such as `A4:F`");
                Box::new(fault)
            })?,
        };
        let agreed = choice.header_row.or(options.header_row);
        let agreed = agreed.or(choice.range.is_some().then_some(range.first_row));
        let header_row = match agreed.or_else(|| sheet.heading_row(&range)) {
            Some(row) => row,
            None => return Err(Box::new(no_headings(location("A1".to_owned()), &sheet))),
        };
        let cells: Vec<(u32, &str)> = sheet
            .row(header_row)
            .filter(|cell| range.contains(header_row, cell.column) && !cell.text.trim().is_empty())
            .map(|cell| (cell.column, cell.text))
            .collect();
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else {
            let message = format!("row {header_row} of sheet `{}` holds no headings", sheet.name);
            let fault =
                Diagnostic::error(Code::ColumnMissing, message, location(format!("A{header_row}")))
                    .with_hint(
                        "set `header_row` of the table in the pipeline to the row of the headings",
                    );
            return Err(Box::new(fault));
        };
        // A range says which columns there are; without one the headings do, and a table whose
        // first columns lack headings begins where its rows begin.
        let begin = sheet.first_column(&range, header_row).min(first.0);
        let (begin, end) = match choice.range {
            Some(_) => (range.first_column, range.last_column.unwrap_or(last.0)),
            None => (begin, last.0),
        };
        let width = (end - begin + 1) as usize;
        if width > options.limits.columns {
            let fault = Diagnostic::error(
                Code::LimitExceeded,
                "the sheet has too many columns",
                location("A1".into()),
            )
            .with_expected(format!("at most {} columns", options.limits.columns));
            return Err(Box::new(fault));
        }
        let mut headings = vec![String::new(); width];
        for (column, text) in cells {
            if let Some(heading) =
                column.checked_sub(begin).and_then(|at| headings.get_mut(at as usize))
            {
                *heading = text.to_owned();
            }
        }
        let place = location(format!("{}{header_row}", column_letters(begin)));
        summary.diagnostics.extend(twins(&headings, place));
        let how = if agreed.is_some() { "as agreed" } else { "found" };
        summary
            .decisions
            .push(format!("sheet `{}`: headings on row {header_row} ({how})", sheet.name));
        crate::json::check_cells(sheet.row_numbers().count(), width, options)?;
        let table = Table { range, header_row, first_column: begin, headings, sheet };
        if choice.range.is_none() {
            summary.diagnostics.extend(table.cells_beside(options));
        }
        Ok(table)
    }

    fn last_column(&self) -> u32 {
        self.first_column + self.headings.len() as u32 - 1
    }

    /// Cells to the right of the last heading: told, for they are not read.
    fn cells_beside(&self, options: &ReadOptions) -> Option<Diagnostic> {
        let beside = |row: u32| {
            self.sheet
                .row(row)
                .find(|cell| cell.column > self.last_column() && !cell.text.trim().is_empty())
        };
        let below = self.sheet.row_numbers().filter(|row| *row > self.header_row);
        let found: Vec<(u32, u32)> =
            below.filter_map(|row| beside(row).map(|cell| (row, cell.column))).collect();
        let (row, column) = found.first()?;
        let location = Location::Sheet {
            file: options.file.clone(),
            sheet: self.sheet.name.clone(),
            cell: format!("{}{row}", column_letters(*column)),
            field: None,
        };
        let fault =
            Diagnostic::warning(Code::ColumnAdded, "cells stand beside the table", location)
                .with_found(format!("{} rows with text in columns without a heading", found.len()))
                .with_effect("the cells are not read")
                .with_hint("set `range` of the table in the pipeline, or ask for a heading");
        Some(fault)
    }

    /// The rows below the headings; rows without any text are passed over.
    fn batches(&self, part: usize, options: &ReadOptions) -> Vec<TextBatch> {
        let width = self.headings.len();
        let place =
            Place::Sheet { sheet: self.sheet.name.clone(), first_column: self.first_column };
        let mut builder = BatchBuilder::new(part, width, place, &options.limits);
        let mut batches = Vec::new();
        let mut cells = vec![Cell::ABSENT; width];
        for row in self.sheet.row_numbers().filter(|row| *row > self.header_row) {
            let mut any = false;
            cells.fill(Cell::ABSENT);
            for cell in self.sheet.row(row) {
                let inside = self.range.contains(row, cell.column)
                    && (self.first_column..=self.last_column()).contains(&cell.column);
                if inside {
                    any |= !cell.text.trim().is_empty();
                    cells[(cell.column - self.first_column) as usize] = builder.text(cell.text);
                }
            }
            if any {
                builder.row(u64::from(row), &cells);
                batches.extend(builder.take_full());
            }
        }
        batches.extend(builder.take());
        batches
    }
}

fn no_headings(location: Location, sheet: &Sheet) -> Diagnostic {
    let message = format!("no row of sheet `{}` looks like headings", sheet.name);
    Diagnostic::error(Code::WrongFormat, message, location)
        .with_expected("a row of two or more texts that differ and are no numbers")
        .with_hint("set `header_row` of the table in the pipeline to the row of the headings")
}

impl Sheet {
    /// The first row that can be headings: two or more texts, all different, none a number.
    fn heading_row(&self, range: &Range) -> Option<u32> {
        self.row_numbers().find(|row| {
            let cells: Vec<_> = self
                .row(*row)
                .filter(|cell| range.contains(*row, cell.column) && !cell.text.trim().is_empty())
                .collect();
            let heading = |cell: &sheet::SheetCell<'_>| {
                cell.content == Content::Text
                    && cell.text.trim().replace(',', ".").parse::<f64>().is_err()
            };
            let distinct = |at: usize| !cells[..at].iter().any(|c| c.text == cells[at].text);
            cells.len() >= 2 && cells.iter().all(heading) && (0..cells.len()).all(distinct)
        })
    }

    /// The first column that holds text in or below the row of the headings.
    fn first_column(&self, range: &Range, header_row: u32) -> u32 {
        let rows = self.row_numbers().filter(|row| *row >= header_row);
        let first = rows.filter_map(|row| {
            self.row(row)
                .filter(|cell| range.contains(row, cell.column) && !cell.text.trim().is_empty())
                .map(|cell| cell.column)
                .min()
        });
        first.min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;

//! A workbook as an office keeps it by hand: title rows above the table, headings in row 4, a sum
//! row below it and a note at the end. What a sheet holds is each source's own matter.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// A cell as it goes into a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    /// `units × 10^-decimals`.
    Number(i64, i32),
    Empty,
}

/// A sheet before it is written.
pub(crate) struct Sheet {
    /// On the sheet's tab.
    pub name: &'static str,
    /// In the first row.
    pub title: &'static str,
    /// In row 4.
    pub headings: &'static [&'static str],
    /// Below the headings.
    pub rows: Vec<Vec<Cell>>,
    /// Columns that the sum row adds up; no sum row when there are none.
    pub summed: &'static [usize],
    /// Below the table.
    pub note: &'static str,
}

/// Writes the sheets as one workbook. `concerns` is the year or month it is about, `made` the day it
/// says it was made on, fixed so that the same sheets give the same bytes.
pub(crate) fn workbook(
    title: &str,
    author: &str,
    concerns: &str,
    made: (u16, u8, u8),
    sheets: &[Sheet],
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (year, month, day) = made;
    let made = ExcelDateTime::from_ymd(year, month, day)?.and_hms(8, 0, 0)?;
    let properties = DocProperties::new()
        .set_title(format!("{title} {concerns}"))
        .set_author(format!("{author} (syntetiska uppgifter)"))
        .set_creation_datetime(&made);
    workbook.set_properties(&properties);
    for sheet in sheets {
        write_sheet(workbook.add_worksheet(), sheet, concerns)?;
    }
    workbook.save_to_buffer()
}

/// The sum row's text.
const SUM: &str = "Totalsumma";
/// What the note below the table begins with, in a cell of its own.
const NOTE: &str = "Anm.";

fn write_sheet(sheet: &mut Worksheet, content: &Sheet, concerns: &str) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_name(content.name)?;
    sheet.write_with_format(0, 0, content.title, &bold)?;
    sheet.write(1, 0, format!("Avser {concerns}. Syntetiska uppgifter."))?;
    for (column, heading) in (0..).zip(content.headings) {
        sheet.write_with_format(3, column, *heading, &bold)?;
    }
    let sums = (!content.summed.is_empty()).then(|| sum_row(content));
    let mut next = 4;
    for cells in content.rows.iter().chain(&sums) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => {
                    sheet.write(next, column, text)?;
                }
                Cell::Number(units, decimals) => {
                    sheet.write(next, column, *units as f64 / 10f64.powi(*decimals))?;
                }
                Cell::Empty => {}
            }
        }
        next += 1;
    }
    sheet.write(next + 1, 0, NOTE)?;
    sheet.write(next + 1, 1, content.note)?;
    sheet.set_column_width(0, 12)?;
    sheet.set_column_width(1, 30)?;
    Ok(())
}

fn sum_row(content: &Sheet) -> Vec<Cell> {
    let mut cells = vec![Cell::Empty; content.headings.len()];
    cells[0] = Cell::Text(SUM.to_owned());
    for &column in content.summed {
        let mut sum = 0;
        let mut decimals = 0;
        for row in &content.rows {
            if let Cell::Number(units, places) = row[column] {
                sum += units;
                decimals = places;
            }
        }
        cells[column] = Cell::Number(sum, decimals);
    }
    cells
}

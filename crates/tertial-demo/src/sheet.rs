//! A sheet as an office system exports it: a title and a note, headings some rows down, rows, and a
//! sum row where the system adds one. Texts that look like whole numbers and days are written as
//! such, so that the reader meets cells of every kind.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// One sheet of rows that are known as text.
pub(crate) struct Sheet<'a> {
    /// The sheet's name.
    pub(crate) name: &'a str,
    /// Bold text in the first cell.
    pub(crate) title: &'a str,
    /// Row of the headings, from 1 as the workbook shows it; at least 3.
    pub(crate) heading_row: u32,
    /// Text that opens the sum row; none = the sheet has none.
    pub(crate) sum_label: Option<&'a str>,
    /// Headings whose columns the sum row adds up.
    pub(crate) summed: &'a [&'a str],
}

/// A workbook of one sheet; the same rows give the same bytes. `made` is its day of making.
pub(crate) fn workbook(
    sheet: &Sheet,
    headings: &[String],
    rows: &[Vec<String>],
    made: &ExcelDateTime,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(sheet.title)
        .set_author("Syntetiska uppgifter")
        .set_creation_datetime(made);
    workbook.set_properties(&properties);
    let bold = Format::new().set_bold();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let page = workbook.add_worksheet();
    page.set_name(sheet.name)?;
    page.write_with_format(0, 0, sheet.title, &bold)?;
    page.write(1, 0, "Syntetiska uppgifter.")?;
    let first = sheet.heading_row - 1;
    for (column, heading) in (0..).zip(headings) {
        page.write_with_format(first, column, heading, &bold)?;
    }
    let sums = sheet.sum_label.map(|label| sum_row(label, sheet.summed, headings, rows));
    for (row, cells) in (first + 1..).zip(rows.iter().chain(&sums)) {
        for (column, cell) in (0..).zip(cells) {
            if let Some(number) = whole(cell) {
                page.write(row, column, number)?;
            } else if let Some(moment) = as_day(cell) {
                page.write_with_format(row, column, &moment, &day)?;
            } else if !cell.is_empty() {
                page.write(row, column, cell)?;
            }
        }
    }
    workbook.save_to_buffer()
}

fn sum_row(label: &str, summed: &[&str], headings: &[String], rows: &[Vec<String>]) -> Vec<String> {
    let cell = |(at, heading): (usize, &String)| match at {
        0 => label.to_owned(),
        _ if summed.contains(&heading.as_str()) => {
            rows.iter().filter_map(|row| whole(&row[at])).sum::<i32>().to_string()
        }
        _ => String::new(),
    };
    headings.iter().enumerate().map(cell).collect()
}

/// A whole number without leading zeros.
fn whole(text: &str) -> Option<i32> {
    let is_plain = text == "0" || !text.starts_with(['0', '+', '-']);
    text.parse().ok().filter(|_| is_plain)
}

/// `2024-03-18`.
fn as_day(text: &str) -> Option<ExcelDateTime> {
    if text.len() != 10 {
        return None;
    }
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    ExcelDateTime::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_of_the_kind_they_look_like() {
        assert_eq!(whole("2380"), Some(2380));
        assert_eq!(whole("0"), Some(0));
        for text in ["007", "1.10", "-3", "", "2024-08"] {
            assert_eq!(whole(text), None, "{text}");
        }
        assert!(as_day("2024-03-18").is_some());
        assert!(as_day("2024-08").is_none() && as_day("PN/123/2024").is_none());
    }

    #[test]
    fn the_sum_row_adds_what_it_is_told_to() {
        let headings = ["Månad", "Antal", "Kod"].map(str::to_owned);
        let rows = [["2024-08", "3", "1"], ["2024-08", "4", "2"]];
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        assert_eq!(sum_row("Summa", &["Antal"], &headings, &rows), ["Summa", "7", ""]);
    }
}

//! Every table of the document as a workbook, by the rules for accessible spreadsheets.
//!
//! One table a sheet, marked as a table, headings in one row, nothing merged, numbers as numbers with
//! a format, notes on a sheet of their own. The properties carry the edition's day, not the clock's.

use crate::document::{
    Block, Cell, CellValue, Column, ColumnKind, Document, Number, SYNTHETIC_LABEL, Table,
};
use crate::legend;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table as Marked, TableColumn, TableStyle,
    Url, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Location};

/// Characters a sheet's name can hold.
const NAME: usize = 31;

/// Renders the document.
pub fn render(document: &Document) -> Result<Vec<u8>, Box<Diagnostic>> {
    write(document).map_err(|error| {
        let message = format!("the workbook could not be written: {error}");
        Box::new(
            Diagnostic::error(Code::FileAccess, message, Location::file("report.xlsx"))
                .with_hint("the HTML page and the JSON file can still be made"),
        )
    })
}

/// The formats a sheet uses.
struct Dress {
    title: Format,
    heading: Format,
    words: Format,
}

fn write(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let dress = Dress {
        title: Format::new().set_bold().set_font_size(16),
        heading: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Bottom),
        words: Format::new().set_text_wrap().set_align(FormatAlign::Top),
    };
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(document)?);
    let tables: Vec<(String, &Table)> = names(document);
    cover(workbook.add_worksheet(), document, &dress)?;
    contents(workbook.add_worksheet(), &tables, &dress)?;
    notes(workbook.add_worksheet(), &tables, &dress)?;
    let definitions = definitions(document);
    if !definitions.is_empty() {
        explain(workbook.add_worksheet(), &definitions, &dress)?;
    }
    let mut number = 0;
    for (index, (name, table)) in tables.iter().enumerate() {
        let count = table.notes.len() + usize::from(!table.source.is_empty());
        let notes: Vec<usize> = (number + 1..=number + count).collect();
        number += count;
        sheet(workbook.add_worksheet(), name, index, table, &notes, &dress)?;
    }
    workbook.save_to_buffer()
}

fn properties(document: &Document) -> Result<DocProperties, XlsxError> {
    let created = ExcelDateTime::parse_from_str(document.as_of.get(..10).unwrap_or(""))?;
    Ok(DocProperties::new()
        .set_title(document.full_title())
        .set_subject(document.edition_label())
        .set_author(document.region.as_str())
        .set_comment(if document.synthetic { SYNTHETIC_LABEL } else { "" })
        .set_creation_datetime(&created))
}

/// The tables with unique sheet names.
fn names(document: &Document) -> Vec<(String, &Table)> {
    let mut used: BTreeSet<String> =
        ["omslag", "innehåll", "noter", "definitioner"].map(str::to_owned).into_iter().collect();
    let mut named = Vec::new();
    for table in document.tables() {
        let short: String = table.id.chars().take(NAME).collect();
        let mut name = short.clone();
        let mut number = 2;
        while !used.insert(name.to_lowercase()) {
            let tail = format!("_{number}");
            name = short.chars().take(NAME - tail.chars().count()).collect::<String>() + &tail;
            number += 1;
        }
        named.push((name, table));
    }
    named
}

fn cover(sheet: &mut Worksheet, document: &Document, dress: &Dress) -> Result<(), XlsxError> {
    sheet.set_name("Omslag")?.set_column_width(0, 90)?;
    sheet.write_with_format(0, 0, document.full_title(), &dress.title)?;
    let mut lines = vec![
        document.region.clone(),
        format!("Period: {} ({})", document.period_label, document.period),
        document.edition_label(),
        format!("Uppgifter till och med {}", document.as_of),
        format!("Datautgåva {}", document.release_id),
        format!("Program: tertial {}", document.program_version),
    ];
    lines.extend(document.note.clone());
    if document.synthetic {
        lines.insert(0, SYNTHETIC_LABEL.to_owned());
    }
    lines.push(
        "Tal är oavrundade i cellen och visas avrundade. Tecken förklaras på bladet Noter.".into(),
    );
    if !document.contact.is_empty() {
        lines.push(format!("Kontakt: {}", document.contact));
    }
    for (row, line) in (1..).zip(lines) {
        sheet.write_with_format(row, 0, line, &dress.words)?;
    }
    Ok(())
}

fn contents(
    sheet: &mut Worksheet,
    tables: &[(String, &Table)],
    dress: &Dress,
) -> Result<(), XlsxError> {
    sheet.set_name("Innehåll")?.set_column_width(0, 34)?.set_column_width(1, 80)?;
    sheet.write_with_format(0, 0, "Innehåll", &dress.title)?;
    sheet.write_with_format(1, 0, "Arbetsbokens tabeller, en per blad.", &Format::new())?;
    let last = tables.len() as u32 + 4;
    let marked = marked("tabell_innehall", ["Blad", "Tabell"].map(str::to_owned), dress);
    sheet.add_table(2, 0, last, 1, &marked)?;
    for (row, (name, words)) in (3..).zip([("Omslag", "Omslag"), ("Noter", "Noter och tecken")]) {
        link(sheet, row, name, words, dress)?;
    }
    for (row, (name, table)) in (5..).zip(tables) {
        link(sheet, row, name, &table.caption, dress)?;
    }
    Ok(())
}

fn link(
    sheet: &mut Worksheet,
    row: u32,
    name: &str,
    words: &str,
    dress: &Dress,
) -> Result<(), XlsxError> {
    sheet.write_url(row, 0, Url::new(format!("internal:'{name}'!A1")).set_text(name))?;
    sheet.write_with_format(row, 1, words, &dress.words)?;
    Ok(())
}

fn notes(
    sheet: &mut Worksheet,
    tables: &[(String, &Table)],
    dress: &Dress,
) -> Result<(), XlsxError> {
    sheet.set_name("Noter")?.set_column_width(0, 16)?.set_column_width(1, 100)?;
    sheet.write_with_format(0, 0, "Noter", &dress.title)?;
    sheet.write_with_format(1, 0, "Tecken och noter i arbetsboken.", &Format::new())?;
    let mut lines: Vec<(String, String)> = legend::all()
        .into_iter()
        .map(|sign| (sign.sign.to_owned(), sign.words.to_owned()))
        .collect();
    let texts = tables.iter().flat_map(|(_, table)| {
        let source = (!table.source.is_empty()).then(|| format!("Källa: {}", table.source));
        table.notes.iter().cloned().chain(source)
    });
    lines.extend((1..).zip(texts).map(|(number, text)| (format!("[not {number}]"), text)));
    let last = lines.len() as u32 + 2;
    let marked =
        marked("tabell_noter", ["Tecken eller not", "Betydelse"].map(str::to_owned), dress);
    sheet.add_table(2, 0, last, 1, &marked)?;
    for (row, (sign, words)) in (3..).zip(lines) {
        sheet.write_with_format(row, 0, sign, &dress.words)?;
        sheet.write_with_format(row, 1, words, &dress.words)?;
    }
    Ok(())
}

/// Heading, term and words of every definition.
fn definitions(document: &Document) -> Vec<[&str; 3]> {
    let mut rows = Vec::new();
    for chapter in &document.chapters {
        let mut heading = chapter.heading.as_str();
        let mut blocks = Vec::new();
        chapter.blocks.iter().for_each(|block| block.walk(&mut blocks));
        for block in blocks {
            match block {
                Block::Heading { text, .. } => heading = text,
                Block::Folded { level, summary, .. } if *level > 0 => heading = summary,
                Block::Definitions(facts) => {
                    rows.extend(facts.iter().map(|(term, words)| [heading, term, words]));
                }
                _ => {}
            }
        }
    }
    rows
}

fn explain(
    sheet: &mut Worksheet,
    definitions: &[[&str; 3]],
    dress: &Dress,
) -> Result<(), XlsxError> {
    sheet.set_name("Definitioner")?;
    for (column, width) in [(0, 40), (1, 24), (2, 90)] {
        sheet.set_column_width(column, width)?;
    }
    sheet.write_with_format(0, 0, "Definitioner", &dress.title)?;
    sheet.write(1, 0, "Vad nyckeltalen mäter och hur de räknas.")?;
    let headings = ["Nyckeltal", "Uppgift", "Text"].map(str::to_owned);
    let last = definitions.len() as u32 + 2;
    sheet.add_table(2, 0, last, 2, &marked("tabell_definitioner", headings, dress))?;
    for (row, cells) in (3..).zip(definitions) {
        for (column, words) in (0..).zip(cells) {
            sheet.write_string_with_format(row, column, *words, &dress.words)?;
        }
    }
    Ok(())
}

fn marked(name: &str, headings: impl IntoIterator<Item = String>, dress: &Dress) -> Marked {
    let columns: Vec<TableColumn> = headings
        .into_iter()
        .map(|heading| TableColumn::new().set_header(heading).set_header_format(&dress.heading))
        .collect();
    Marked::new()
        .set_name(name)
        .set_columns(&columns)
        .set_style(TableStyle::None)
        .set_autofilter(false)
}

fn sheet(
    sheet: &mut Worksheet,
    name: &str,
    index: usize,
    table: &Table,
    notes: &[usize],
    dress: &Dress,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    let notes: Vec<String> = notes.iter().map(|number| format!("[not {number}]")).collect();
    let title = match notes.is_empty() {
        true => table.caption.clone(),
        false => format!("{} {}", table.caption, notes.join(" ")),
    };
    sheet.write_with_format(0, 0, title, &dress.title)?;
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let signs = table.legend(&all);
    let explained = match signs.is_empty() {
        true => "Bladet innehåller en tabell.".to_owned(),
        false => format!("Bladet innehåller en tabell. Tecken: {signs}."),
    };
    sheet.write(1, 0, explained)?;
    let last_row = table.rows.len().max(1) as u32 + 2;
    let last_column = table.columns.len().saturating_sub(1) as u16;
    let marked = marked(&format!("tabell_{}", index + 1), headings(table), dress);
    sheet.add_table(2, 0, last_row, last_column, &marked)?;
    for (at, column) in table.columns.iter().enumerate() {
        sheet.set_column_width(at as u16, width(table, at, column))?;
    }
    for (row, content) in (3..).zip(&table.rows) {
        for (at, cell) in content.cells.iter().enumerate() {
            write_cell(sheet, row, at as u16, cell, &table.columns[at], dress)?;
        }
    }
    Ok(())
}

/// Headings must differ within a table.
fn headings(table: &Table) -> Vec<String> {
    let mut used = BTreeSet::new();
    let mut headings = Vec::new();
    for column in &table.columns {
        let mut heading = column.heading();
        while !used.insert(heading.to_lowercase()) {
            heading.push_str(" (2)");
        }
        headings.push(heading);
    }
    headings
}

fn width(table: &Table, at: usize, column: &Column) -> f64 {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(at));
    let longest = cells.map(|cell| cell.printed().chars().count()).max().unwrap_or(0);
    let heading = column.heading().chars().count().min(22);
    (longest.clamp(8, 60).max(heading) + 2) as f64
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    cell: &Cell,
    column: &Column,
    dress: &Dress,
) -> Result<(), XlsxError> {
    match &cell.value {
        CellValue::Number { value, printed } if cell.mark.is_none() => {
            let unit = printed.split_once('\u{a0}').filter(|_| column.unit.is_empty());
            let unit = unit.and_then(|_| printed.rsplit('\u{a0}').next());
            let unit = unit.filter(|unit| !unit.bytes().any(|b| b.is_ascii_digit()));
            let places = decimals(printed, column);
            sheet.write_with_format(row, at, exact(*value), &number_format(places, unit))?;
        }
        _ if column.kind == ColumnKind::Number => {
            let right = Format::new().set_align(FormatAlign::Right);
            sheet.write_with_format(row, at, cell.printed(), &right)?;
        }
        // A text that begins like a formula stays a text: it is written as a string.
        _ => {
            sheet.write_string_with_format(row, at, cell.printed(), &dress.words)?;
        }
    }
    Ok(())
}

fn exact(value: Number) -> f64 {
    value.to_f64()
}

/// The decimals that are shown: those of the printed text, or the column's.
fn decimals(printed: &str, column: &Column) -> usize {
    match printed.split_once(',') {
        Some((_, rest)) => rest.chars().take_while(char::is_ascii_digit).count(),
        None if printed == legend::ZERO => usize::from(column.decimals),
        None => 0,
    }
}

/// Thousands parted, zero as its sign, a unit that belongs to the cell behind the number.
fn number_format(decimals: usize, unit: Option<&str>) -> Format {
    let places = if decimals == 0 { String::new() } else { format!(".{}", "0".repeat(decimals)) };
    let unit = unit.map(|unit| format!("\"\u{a0}{}\"", unit.replace('"', ""))).unwrap_or_default();
    let plain = format!("#,##0{places}{unit}");
    Format::new().set_num_format(format!("{plain};\u{2212}{plain};\"{}\"", legend::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shown_decimals_are_those_of_the_printed_text() {
        let column = Column::new("x", "X", "tkr", ColumnKind::Number, 1);
        assert_eq!(decimals("1\u{a0}234,5", &column), 1);
        assert_eq!(decimals("5,65\u{a0}%", &column), 2);
        assert_eq!(decimals("12", &column), 0);
        assert_eq!(decimals("–", &column), 1);
    }
}

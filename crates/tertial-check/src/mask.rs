//! Keeping sensitive values out of what people and logs see.
//!
//! Here cells are masked by their class; civic numbers that stand where nobody expects them are masked
//! by what they look like, [`tertial_model::persons`], where messages and rejects leave for the terminal
//! and the store. A masked character becomes `•`, so that lines keep their form and underlines their
//! place.

use tertial_model::persons::DOT;
use tertial_model::text::{Cell, TextBatch};
use tertial_model::{Excerpt, Location, Place};

/// Longest text shown of a line, in characters.
const WIDEST_EXCERPT: usize = 200;
/// Longest value shown in a fact, in characters.
const WIDEST_VALUE: usize = 80;

/// `<masked, 13 characters>`.
pub(crate) fn by_type(text: &str) -> String {
    format!("<masked, {} characters>", text.chars().count())
}

/// A value in backticks, cut when it is long.
pub(crate) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(WIDEST_VALUE).collect();
    let rest = text.chars().count().saturating_sub(WIDEST_VALUE);
    let shown = shown.replace(['\n', '\r'], " ");
    if rest == 0 {
        format!("`{shown}`")
    } else {
        format!("`{shown}…` and {rest} more characters")
    }
}

/// The whole row with the cells of `columns` masked.
pub(crate) fn raw_row(batch: &TextBatch, row: usize, columns: &[usize]) -> String {
    let columns = within(batch, columns);
    if columns.is_empty() {
        return batch.raw_row(row);
    }
    if let Some(masked) = whole_line(batch, row, &columns) {
        return masked.trim_end_matches(['\r', '\n']).to_owned();
    }
    let cells = (0..batch.width).map(|column| {
        let text = batch.get(row, column).unwrap_or("");
        if columns.contains(&column) { dots(text) } else { text.to_owned() }
    });
    cells.collect::<Vec<_>>().join(";")
}

/// Whether a text has words, as a name or a diagnosis does and a number or a date does not: four
/// letters in a row, or two where there is no digit.
pub(crate) fn has_words(text: &str) -> bool {
    let longest = text.split(|c: char| !c.is_alphabetic()).map(|run| run.chars().count()).max();
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    longest.unwrap_or(0) >= if has_digit { 4 } else { 2 }
}

/// A row that could not be divided into cells, with every letter and digit masked.
pub(crate) fn undivided(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { DOT } else { c }).collect()
}

/// Runs of six digits and more masked, signs between them included: what is left of a message
/// others wrote about such a row.
pub(crate) fn digit_runs(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, masked: &mut String| {
        let is_long = run.bytes().filter(u8::is_ascii_digit).count() >= 6;
        masked.push_str(&if is_long { dots(run) } else { run.clone() });
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() || !run.is_empty() && matches!(c, '-' | '+') {
            run.push(c);
        } else {
            flush(&mut run, &mut masked);
            masked.push(c);
        }
    }
    flush(&mut run, &mut masked);
    masked
}

/// The excerpt of a cell with the cells of `columns` masked; none when they cannot be found in it.
pub(crate) fn excerpt(
    batch: &TextBatch,
    row: usize,
    column: usize,
    columns: &[usize],
) -> Option<Excerpt> {
    let excerpt = batch.excerpt(row, column)?;
    let columns = within(batch, columns);
    if columns.is_empty() {
        return Some(narrowed(excerpt));
    }
    let masked = whole_line(batch, row, &columns)?;
    let index = usize::try_from(excerpt.line - batch.lines[row]).ok()?;
    let line = masked.replace("\r\n", "\n");
    let text = line.split(['\n', '\r']).nth(index)?.to_owned();
    (text.chars().count() == excerpt.text.chars().count())
        .then(|| narrowed(Excerpt { text, ..excerpt }))
}

/// A location whose coordinates or record names hold nothing of `columns`.
pub(crate) fn location(batch: &TextBatch, location: Location, columns: &[usize]) -> Location {
    match (location, &batch.place) {
        (Location::Cube { file, mut coordinates }, Place::Cube { key }) => {
            for (coordinate, column) in coordinates.iter_mut().zip(key) {
                if columns.contains(column) {
                    coordinate.1 = dots(&coordinate.1);
                }
            }
            Location::Cube { file, coordinates }
        }
        (Location::Record { file, line, field, .. }, Place::Record { label, key, .. })
            if key.iter().any(|column| columns.contains(column)) =>
        {
            Location::Record { file, line, record: (*label).to_owned(), field }
        }
        (location, _) => location,
    }
}

fn within(batch: &TextBatch, columns: &[usize]) -> Vec<usize> {
    columns.iter().copied().filter(|column| *column < batch.width).collect()
}

fn dots(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { DOT }).collect()
}

/// The row as it stood with cells masked in place; none when a cell is an unescaped copy that lies
/// elsewhere, or when there is no such row.
fn whole_line(batch: &TextBatch, row: usize, columns: &[usize]) -> Option<String> {
    let whole = batch.text(*batch.raw.get(row)?)?;
    let start = address(batch, whole);
    let mut spans: Vec<(usize, usize)> = Vec::with_capacity(columns.len());
    for column in columns {
        let cell: Cell = batch.cells[row * batch.width + column];
        let Some(text) = batch.text(cell).filter(|text| !text.is_empty()) else { continue };
        let from = address(batch, text).checked_sub(start)?;
        if from + text.len() > whole.len() {
            return None;
        }
        spans.push((from, from + text.len()));
    }
    spans.sort_unstable();
    let mut masked = String::with_capacity(whole.len());
    let mut done = 0;
    for (from, to) in spans {
        let from = from.max(done);
        masked.push_str(whole.get(done..from)?);
        masked.push_str(&dots(whole.get(from..to.max(from))?));
        done = to.max(from);
    }
    masked.push_str(whole.get(done..)?);
    Some(masked)
}

/// Where a slice of the batch's buffer begins in it.
fn address(batch: &TextBatch, slice: &str) -> usize {
    slice.as_ptr() as usize - batch.buffer.as_ptr() as usize
}

/// A very long line is cut around its underlined part.
fn narrowed(excerpt: Excerpt) -> Excerpt {
    let count = excerpt.text.chars().count();
    if count <= WIDEST_EXCERPT {
        return excerpt;
    }
    let skip = excerpt.start.saturating_sub(WIDEST_EXCERPT / 4);
    let mut text: String = excerpt.text.chars().skip(skip).take(WIDEST_EXCERPT).collect();
    if skip + WIDEST_EXCERPT < count {
        text.push('…');
    }
    let lead = if skip > 0 { "…" } else { "" };
    let start = excerpt.start - skip + lead.chars().count();
    let room = (lead.chars().count() + text.chars().count()).saturating_sub(start);
    let length = excerpt.length.min(room);
    Excerpt { line: excerpt.line, text: format!("{lead}{text}"), start, length }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(buffer: &str, cells: &[(usize, usize)], raw: (usize, usize)) -> TextBatch {
        TextBatch {
            part: 0,
            width: cells.len(),
            buffer: buffer.to_owned(),
            cells: cells.iter().map(|(start, length)| Cell::new(*start, *length)).collect(),
            lines: vec![3],
            raw: vec![Cell::new(raw.0, raw.1)],
            place: Place::Text,
            faults: Vec::new(),
        }
    }

    #[test]
    fn a_masked_line_keeps_its_form() {
        let one = batch("a;189001019802;x\r\n", &[(0, 1), (2, 12), (15, 1)], (0, 18));
        assert_eq!(raw_row(&one, 0, &[1]), "a;••••••••••••;x");
        let shown = excerpt(&one, 0, 2, &[1]).unwrap();
        assert_eq!((shown.text.as_str(), shown.start, shown.length), ("a;••••••••••••;x", 15, 1));
        assert_eq!(raw_row(&one, 0, &[]), "a;189001019802;x");
    }

    #[test]
    fn a_copy_outside_the_row_hides_the_line() {
        let one = batch("a;\"18\"\"9\";x\n18\"9", &[(0, 1), (12, 4), (10, 1)], (0, 11));
        assert_eq!(raw_row(&one, 0, &[1]), "a;••••;x");
        assert_eq!(excerpt(&one, 0, 2, &[1]), None);
    }

    #[test]
    fn words_are_told_from_numbers() {
        for text in ["Anna Andersson", "J45.9 astma", "Ek"] {
            assert!(has_words(text), "{text}");
        }
        for text in ["12 345,6o", "2024-08-31", "", "1e5", "*", "å ä ö", "feb -24"] {
            assert!(!has_words(text), "{text}");
        }
    }

    #[test]
    fn undivided_rows_and_foreign_messages() {
        assert_eq!(undivided("a;1890-åb"), "•;••••-••");
        assert_eq!(
            digit_runs("7 fields in `189001019802`, 12345"),
            "7 fields in `••••••••••••`, 12345"
        );
        assert_eq!(digit_runs("123456"), "••••••");
        assert_eq!(digit_runs("on 170110-2384, row 3-4"), "on •••••••••••, row 3-4");
    }

    #[test]
    fn long_lines_and_values_are_cut() {
        let long = "x".repeat(500);
        let cut = narrowed(Excerpt { line: 1, text: long.clone(), start: 300, length: 2 });
        assert_eq!(cut.start, 51);
        assert!(cut.text.chars().count() <= WIDEST_EXCERPT + 2);
        assert!(quoted(&long).ends_with("…` and 420 more characters"));
    }
}

//! A table for people: columns side by side, numbers to the right, and on a terminal no wider than it.

use tertial_model::shown::visible;
use tertial_warehouse::{Rows, Value};
use unicode_width::UnicodeWidthChar;

/// Blanks between two columns.
const GAP: usize = 2;
/// Text is not shortened below so many cells.
const LEAST: usize = 12;

/// The headings, a rule and the rows, a line each.
///
/// `width` is that of the terminal, in cells. Running text gives way, the widest column first, until
/// every line fits; the first column, numbers, and what is written without a blank (ids, codes, days,
/// paths) stay as they are, and so does a table that cannot be made to fit. Without a width nothing is
/// shortened.
pub fn columns(rows: &Rows, width: Option<usize>) -> String {
    // What is no terminal counts characters, as programs that cut columns out of a line do.
    let measure: fn(&str) -> usize = match width {
        Some(_) => cells,
        None => |text: &str| text.chars().count(),
    };
    let columns = 0..rows.columns.len();
    let mut columns: Vec<Column> = columns.map(|at| Column::of(rows, at, measure)).collect();
    if let Some(limit) = width.and_then(|width| limit(&columns, width)) {
        for column in &mut columns {
            column.shorten(limit);
        }
    }
    let line = |cell: &dyn Fn(&Column) -> String| {
        let padded: Vec<String> =
            columns.iter().map(|column| column.padded(cell(column), measure)).collect();
        padded.join(&" ".repeat(GAP)).trim_end().to_owned() + "\n"
    };
    let mut text = line(&|column| column.heading.clone());
    text.push_str(&line(&|column| "─".repeat(column.width)));
    for at in 0..rows.rows.len() {
        text.push_str(&line(&|column| column.cells[at].clone()));
    }
    text
}

/// A column as it is printed.
struct Column {
    heading: String,
    cells: Vec<String>,
    is_number: bool,
    width: usize,
    /// The width it can be shortened to.
    least: usize,
}

impl Column {
    fn of(rows: &Rows, at: usize, measure: fn(&str) -> usize) -> Column {
        let values = || rows.rows.iter().map(|row| &row[at]);
        let heading = visible(&rows.columns[at].0).into_owned();
        let text = |value: &Value| visible(&value.text().unwrap_or_default()).into_owned();
        let cells: Vec<String> = values().map(text).collect();
        let is_number =
            |value| matches!(value, &Value::Integer(_) | &Value::Decimal(_) | &Value::Float(_));
        let least = |(value, cell): (&Value, &String)| match value {
            Value::Text(_) if at > 0 && !is_whole(cell) => measure(cell).min(LEAST),
            _ => measure(cell),
        };
        let of_heading = measure(&heading);
        let widest = cells.iter().map(|cell| measure(cell)).max().unwrap_or(0);
        let least = values().zip(&cells).map(least).max().unwrap_or(0);
        Column {
            is_number: values().any(is_number),
            width: widest.max(of_heading),
            least: least.max(of_heading),
            heading,
            cells,
        }
    }

    /// The width when running text takes at most `limit` cells.
    fn within(&self, limit: usize) -> usize {
        self.width.min(limit.max(self.least))
    }

    fn shorten(&mut self, limit: usize) {
        self.width = self.within(limit);
        for cell in &mut self.cells {
            if cells(cell) > self.width {
                *cell = shortened(cell, self.width);
            }
        }
    }

    fn padded(&self, cell: String, measure: fn(&str) -> usize) -> String {
        let pad = " ".repeat(self.width.saturating_sub(measure(&cell)));
        if self.is_number { format!("{pad}{cell}") } else { format!("{cell}{pad}") }
    }
}

/// How many cells running text may take for every line to fit; none when it need not give way, or
/// when that is not enough.
fn limit(columns: &[Column], width: usize) -> Option<usize> {
    let gaps = GAP * columns.len().saturating_sub(1);
    let fits = |limit: usize| {
        let taken: usize = columns.iter().map(|column| column.within(limit)).sum();
        taken + gaps <= width
    };
    if fits(usize::MAX) { None } else { (0..=width).rev().find(|limit| fits(*limit)) }
}

/// Whether a text says nothing once it is shortened: without a blank it is an id, a code, a day or a
/// path; with a digit and at most two words it is a figure with its unit, `1 234,5 mnkr`.
fn is_whole(text: &str) -> bool {
    let words = text.split_whitespace();
    if words.clone().nth(1).is_none() {
        return true;
    }
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
    has_digit && words.filter(is_word).nth(2).is_none()
}

/// The beginning of a text and `…`, in at most `width` cells.
fn shortened(text: &str, width: usize) -> String {
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| match left.checked_sub(cells_of(*c)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let begin: String = text.chars().take_while(fits).collect();
    format!("{}…", begin.trim_end())
}

/// The cells of a terminal that a text takes.
fn cells(text: &str) -> usize {
    text.chars().map(cells_of).sum()
}

fn cells_of(c: char) -> usize {
    c.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(headings: &[&str], rows: Vec<Vec<Value>>) -> Rows {
        let columns = headings.iter().map(|&name| (name.to_owned(), String::new())).collect();
        Rows { columns, rows }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn sources() -> Rows {
        table(
            &["source", "rows", "told", "file"],
            vec![
                vec![
                    text("a source with a long name"),
                    Value::Integer(293_725),
                    text("the file ends inside a quoted cell, and nothing after it was read"),
                    text("medarbetare_{period}.csv"),
                ],
                vec![text("hr"), Value::Null, text("sound"), text("x.csv")],
            ],
        )
    }

    #[test]
    fn words_give_way_and_nothing_else() {
        let expected = "\
source                       rows  told                      file
─────────────────────────  ──────  ────────────────────────  ────────────────────────
a source with a long name  293725  the file ends inside a…   medarbetare_{period}.csv
hr                                 sound                     x.csv
";
        assert_eq!(columns(&sources(), Some(85)), expected);
    }

    #[test]
    fn what_is_no_terminal_gets_everything() {
        let whole = columns(&sources(), None);
        assert!(whole.contains("and nothing after it was read  medarbetare_"), "{whole}");
        // Nor is anything shortened where it would not be enough, or is not needed.
        assert_eq!(columns(&sources(), Some(40)), whole);
        assert_eq!(columns(&sources(), Some(1000)), whole);
        assert_eq!(columns(&table(&["n"], vec![]), Some(5)), "n\n─\n");
    }

    #[test]
    fn what_is_a_figure_or_a_name_is_whole() {
        for whole in ["1 234,5 mnkr", "minst 98 %", "hr__sick_leave_pct", "2024-09-16 06:00", ""] {
            assert!(is_whole(whole), "{whole}");
        }
        for running in ["data saknas för två enheter", "3 enheter av 4 har svarat i tid"] {
            assert!(!is_whole(running), "{running}");
        }
    }

    #[test]
    fn a_character_that_takes_two_cells_counts_as_two() {
        assert_eq!(shortened("漢字 och kana", 6), "漢字…");
        assert_eq!(shortened("漢字 och kana", 5), "漢字…");
        assert_eq!(shortened("漢字 och kana", 4), "漢…");
        assert_eq!(shortened("A\u{30a}re och Duved", 4), "A\u{30a}re…");
    }

    /// A name, a number, long text, an amount, more text and an id.
    type Given = (String, i64, String, String, String, String);

    fn row((name, number, long, amount, more, id): &Given) -> Vec<Value> {
        vec![text(name), Value::Integer(*number), text(long), text(amount), text(more), text(id)]
    }

    proptest! {
        #[test]
        fn every_line_fits_and_numbers_are_whole(
            given in proptest::collection::vec(
                (
                    "[a-z]{1,4}( [a-z]{1,4}){0,2}",
                    -1_000_000_i64..1_000_000,
                    "([a-zåäö漢]{1,5} ){0,20}",
                    "[0-9]{1,3} [0-9]{3},[0-9] mnkr",
                    "([a-zåäö]{1,9} ){0,9}",
                    "[a-z_]{1,12}",
                ),
                0..8,
            ),
            // The first column takes at most 14 cells, the others 8, 12, 14, 12 and 12.
            width in 82_usize..200,
        ) {
            let headings = ["name", "number", "long", "amount", "more", "id"];
            let shown = columns(&table(&headings, given.iter().map(row).collect()), Some(width));
            for line in shown.lines() {
                prop_assert!(cells(line) <= width, "{} cells: {line}", cells(line));
            }
            let lines: Vec<&str> = shown.lines().skip(2).collect();
            prop_assert_eq!(lines.len(), given.len());
            for (line, (name, number, _, amount, _, id)) in lines.into_iter().zip(&given) {
                let number = number.to_string();
                prop_assert!(line.starts_with(name.as_str()), "{name}: {line}");
                prop_assert!(line.ends_with(id.as_str()), "{id}: {line}");
                for whole in [&number, amount] {
                    prop_assert!(line.contains(whole.as_str()), "{whole}: {line}");
                }
            }
        }
    }
}

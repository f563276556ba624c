//! The small hand-kept CSV tables beside a pipeline, with the line of every row.

use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location};

/// One row: its line and its cells in the order asked for.
pub(crate) struct Row<const N: usize> {
    pub line: u64,
    pub cells: [String; N],
}

/// Reads a table whose first line must name `columns`, in any order. Cells are trimmed.
pub(crate) fn rows<const N: usize>(
    file: &str,
    text: &str,
    columns: [&str; N],
) -> Result<Vec<Row<N>>, Faults> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut faults = Vec::new();
    let mut order: Option<[usize; N]> = None;
    let mut width = 0;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                faults.push(
                    fault(Code::BadSetting, "the file is not a table in CSV", file, text, line)
                        .with_found(error.to_string()),
                );
                break;
            }
        };
        let line = inked_line(text, record.position().map_or(1, csv::Position::line));
        let Some(order) = order else {
            width = record.len();
            let places = columns.map(|name| record.iter().position(|cell| cell == name));
            if places.contains(&None) {
                let found: Vec<String> = record.iter().map(|cell| format!("`{cell}`")).collect();
                let wanted = columns.map(|name| format!("`{name}`")).join(", ");
                return Err(Faults::from(
                    fault(Code::BadSetting, "the table has other columns", file, text, line)
                        .with_found(found.join(", "))
                        .with_expected(wanted),
                ));
            }
            order = Some(places.map(Option::unwrap_or_default));
            continue;
        };
        if record.len() != width {
            let message = "the row has another number of cells than the headings";
            faults.push(
                fault(Code::BadSetting, message, file, text, line)
                    .with_found(format!("{} cells", record.len()))
                    .with_expected(format!("{width} cells"))
                    .with_hint("put a cell that holds a comma in quotation marks"),
            );
            continue;
        }
        let cells = order.map(|place| record.get(place).unwrap_or_default().to_owned());
        rows.push(Row { line, cells });
    }
    if order.is_none() && faults.is_empty() {
        faults.push(
            fault(Code::BadSetting, "the table is empty", file, text, 1)
                .with_expected(columns.map(|name| format!("`{name}`")).join(", ")),
        );
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults.into()) }
}

/// An error on a line, with the whole line shown.
pub(crate) fn fault(code: Code, message: &str, file: &str, text: &str, line: u64) -> Diagnostic {
    let fault = Diagnostic::error(code, message, Location::text(file, line, 1));
    match line_of(text, line) {
        Some(shown) => fault.with_excerpt(Excerpt {
            line,
            text: shown.to_owned(),
            start: 0,
            length: shown.chars().count(),
        }),
        None => fault,
    }
}

/// The first line from `line` on that is not empty: where a row after empty lines begins.
fn inked_line(text: &str, line: u64) -> u64 {
    let before = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    line + text.lines().skip(before).take_while(|shown| shown.is_empty()).count() as u64
}

/// A line of a text, from 1.
pub(crate) fn line_of(text: &str, line: u64) -> Option<&str> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    text.lines().nth(index).filter(|shown| !shown.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_any_order_and_lines_as_an_editor_counts() {
        let text = "\u{feff}b,a\n\n2, 1\n\"x\ny\",3\n4,5\n";
        let rows = rows("f.csv", text, ["a", "b"]).unwrap();
        let seen: Vec<(u64, &str)> =
            rows.iter().map(|row| (row.line, row.cells[0].as_str())).collect();
        assert_eq!(seen, [(3, "1"), (4, "3"), (6, "5")]);
    }

    #[test]
    fn faults_in_the_table_itself() {
        let text = |faults: Faults| faults.iter().map(ToString::to_string).collect::<String>();
        let other = rows("f.csv", "a,c\n1,2\n", ["a", "b"]).map(|_| ()).unwrap_err();
        insta::assert_snapshot!(text(other), @r"
        error[T0502]: the table has other columns
           --> f.csv:1:1
            |
          1 | a,c
            | ^^^
            = found:    `a`, `c`
            = expected: `a`, `b`
        ");
        let ragged = rows("f.csv", "a,b\n1,2,3\n", ["a", "b"]).map(|_| ()).unwrap_err();
        insta::assert_snapshot!(text(ragged), @r"
        error[T0502]: the row has another number of cells than the headings
           --> f.csv:2:1
            |
          2 | 1,2,3
            | ^^^^^
            = found:    3 cells
            = expected: 2 cells

        hint: put a cell that holds a comma in quotation marks
        ");
        assert_eq!(rows("f.csv", "", ["a"]).map(|_| ()).unwrap_err().len(), 1);
    }
}

//! Reading a case: TOML with comma-separated values in it, each cell with its place for messages.
//!
//! Below `given`, a text per table that the query reads; in `expect`, the rows it must answer. A text
//! begins with a row of headings and has a row on each line. An empty cell is null, `''` the empty text.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location};
use toml::Spanned;

/// How the empty text is written, since an empty cell is null.
pub const EMPTY_TEXT: &str = "''";

/// A case, read but not held against any table.
#[derive(Debug)]
pub struct Case {
    source: Source,
    /// Rows of tables that the query reads, by table.
    pub given: Vec<Table>,
    /// The answer: the columns that matter, and every row.
    pub expect: Table,
}

/// A file and its text.
#[derive(Debug)]
struct Source {
    file: String,
    text: String,
}

/// Rows of one table.
#[derive(Debug)]
pub struct Table {
    /// `core.units`; `expect` for the answer.
    pub name: String,
    /// Where the text begins.
    pub place: Place,
    /// The headings.
    pub columns: Vec<Cell>,
    /// The rows, each with as many cells as there are headings.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The names of the columns.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.text.as_deref().unwrap_or("")).collect()
    }
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Without blanks around it; none = null.
    pub text: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// A span on a line: the line from 1, the characters from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    line: u64,
    characters: Range<usize>,
}

/// The file's own form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    given: BTreeMap<String, Spanned<String>>,
    expect: Spanned<String>,
}

impl Case {
    /// Reads a file's text; every fault of it at once.
    pub fn parse(file: &str, text: &str) -> Result<Case, Faults> {
        let source = Source { file: file.to_owned(), text: text.to_owned() };
        let written: Written = toml::from_str(text).map_err(|error| {
            let message = error.message().trim().replace('\n', ", ");
            let place = source.place(&error.span().unwrap_or(0..0));
            source
                .fault(Code::BadSetting, format!("the case cannot be read: {message}"), &place)
                .with_expected(
                    "`given.\"layer.table\" = \"\"\"…\"\"\"` and `expect = \"\"\"…\"\"\"`",
                )
        })?;
        let mut faults = Vec::new();
        let given: Vec<Table> = written
            .given
            .iter()
            .filter_map(|(name, text)| source.table(name, text, &mut faults))
            .collect();
        let expect = source.table("expect", &written.expect, &mut faults);
        match expect {
            Some(expect) if faults.is_empty() => Ok(Case { source, given, expect }),
            _ => Err(faults.into()),
        }
    }

    /// An error at a place of the case.
    pub fn fault(&self, code: Code, message: impl Into<String>, place: &Place) -> Diagnostic {
        self.source.fault(code, message.into(), place)
    }

    /// The file as a whole.
    pub fn location(&self) -> Location {
        Location::file(&self.source.file)
    }
}

impl Source {
    fn fault(&self, code: Code, message: String, place: &Place) -> Diagnostic {
        let Place { line, characters } = place;
        let column = u32::try_from(characters.start + 1).unwrap_or(u32::MAX);
        let location = Location::text(&self.file, *line, column);
        let text = self.line(*line).to_owned();
        let (start, length) = (characters.start, characters.len());
        Diagnostic::error(code, message, location)
            .with_excerpt(Excerpt { line: *line, text, start, length })
            .with_effect("the case is not tried")
    }

    /// A line, from 1.
    fn line(&self, line: u64) -> &str {
        let before = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        self.text.lines().nth(before).unwrap_or("")
    }

    /// The place of a span of bytes, as far as its first line goes.
    fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let start = before.rsplit('\n').next().unwrap_or("").chars().count();
        let marked = self.text.get(span.clone()).unwrap_or("").lines().next().unwrap_or("");
        let line = before.matches('\n').count() as u64 + 1;
        Place { line, characters: start..start + marked.chars().count().max(1) }
    }

    /// The rows in a text of the file; faults are added.
    fn table(
        &self,
        name: &str,
        text: &Spanned<String>,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Table> {
        let place = self.place(&text.span());
        let told = |message: &str, place: &Place, found: String, expected: String| {
            let fault = self.fault(Code::BadSetting, message.to_owned(), place);
            fault.with_found(found).with_expected(expected)
        };
        let mut rows = self.rows(&text.span(), text.get_ref());
        if rows.is_empty() {
            faults.push(told(
                &format!("`{name}` has no row of headings"),
                &place,
                "no row".to_owned(),
                "the names of the columns, with commas between them".to_owned(),
            ));
            return None;
        }
        let columns = rows.remove(0);
        let mut names = BTreeSet::new();
        for column in columns.iter().filter(|column| !names.insert(column.text.clone())) {
            let found = format!("`{}`", column.text.as_deref().unwrap_or(""));
            let expected = "every column once".to_owned();
            faults.push(told("a column is named twice", &column.place, found, expected));
        }
        for row in rows.iter().filter(|row| row.len() != columns.len()) {
            let (first, last) = (&row[0].place, &row[row.len() - 1].place);
            let characters = first.characters.start..last.characters.end;
            let fault = told(
                "the row has another number of cells than the headings",
                &Place { line: first.line, characters },
                cells_in_words(row.len()),
                cells_in_words(columns.len()),
            );
            faults.push(fault.with_hint("put a cell that holds a comma in quotation marks"));
        }
        Some(Table { name: name.to_owned(), place, columns, rows })
    }

    /// The cells of every line of a text that is not empty. The span is the text's with its quotes.
    fn rows(&self, span: &Range<usize>, text: &str) -> Vec<Vec<Cell>> {
        let written = self.text.get(span.clone()).unwrap_or("");
        // A line break right behind three quotes is not part of the text.
        let begins_below = ["\"\"\"", "'''"].iter().any(|quotes| {
            let rest = written.strip_prefix(quotes);
            rest.is_some_and(|rest| rest.starts_with('\n') || rest.starts_with("\r\n"))
        });
        let first = self.place(span).line + u64::from(begins_below);
        let lines = (first..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(number, line)| {
                // The first line may stand behind a name, an equals sign and quotes.
                let shown = self.line(number);
                let skipped = shown.find(line).map_or(0, |at| shown[..at].chars().count());
                let cell = |(text, at): (String, Range<usize>)| {
                    let characters = at.start + skipped..at.end + skipped;
                    let text = match text.as_str() {
                        "" => None,
                        EMPTY_TEXT => Some(String::new()),
                        _ => Some(text),
                    };
                    Cell { text, place: Place { line: number, characters } }
                };
                cells(line).into_iter().map(cell).collect()
            })
            .collect()
    }
}

fn cells_in_words(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

/// The cells of a line of comma-separated values, each with the characters it stands on. Blanks around a
/// cell are no part of it; quotation marks keep commas, and two of them are one.
fn cells(line: &str) -> Vec<(String, Range<usize>)> {
    let letters: Vec<char> = line.chars().collect();
    let mut bounds = Vec::new();
    let (mut begin, mut is_quoted) = (0, false);
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                bounds.push(begin..at);
                begin = at + 1;
            }
            _ => {}
        }
    }
    bounds.push(begin..letters.len());
    bounds.into_iter().map(|bound| cell(&letters, bound)).collect()
}

/// A cell without the blanks and the quotation marks around it.
fn cell(letters: &[char], bound: Range<usize>) -> (String, Range<usize>) {
    let Range { mut start, mut end } = bound;
    while start < end && letters[start].is_whitespace() {
        start += 1;
    }
    while start < end && letters[end - 1].is_whitespace() {
        end -= 1;
    }
    let text: String = letters[start..end].iter().collect();
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = inner.map(|inner| inner.replace("\"\"", "\"")).unwrap_or(text);
    (text, start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows in the notation of a case.
    fn texts(table: &Table) -> Vec<String> {
        let cell = |cell: &Cell| crate::cases::shown(cell.text.as_deref()).to_owned();
        let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join("|");
        table.rows.iter().map(row).collect()
    }

    fn told(text: &str) -> String {
        let faults = Case::parse("sql/tests/core.visits/x.toml", text).unwrap_err();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_case_is_read_with_empty_cells_quotes_and_blanks() {
        let case = Case::parse(
            "x.toml",
            "given.\"core.visits\" = \"\"\"\n\
             month, unit, note\n\
             2024-05-01, '', \"a, b\"\n\
             \n\
             2024-06-01,  ,  \n\
             \"\"\"\n\
             expect = \"n\\n2\"\n",
        )
        .unwrap();
        let visits = &case.given[0];
        assert_eq!(visits.name, "core.visits");
        assert_eq!(visits.names(), ["month", "unit", "note"]);
        assert_eq!(texts(visits), ["2024-05-01|''|a, b", "2024-06-01||"]);
        let last = &visits.rows[1][0].place;
        assert_eq!(*last, Place { line: 5, characters: 0..10 });
        assert_eq!(case.expect.names(), ["n"]);
        assert_eq!(texts(&case.expect), ["2"]);
    }

    #[test]
    fn quotes_within_quotes_are_kept() {
        let found: Vec<String> =
            cells(r#""sa ""nej""",, x "#).into_iter().map(|(text, _)| text).collect();
        assert_eq!(found, ["sa \"nej\"", "", "x"]);
        assert_eq!(cells(" å, b")[1], ("b".to_owned(), 4..5));
    }

    #[test]
    fn what_is_no_table_is_told_with_its_line() {
        let text = "given.\"core.visits\" = '''\na,a\n1\n'''\nexpect = '''\n'''\n";
        insta::assert_snapshot!(told(text), @r"
        error[T0502]: a column is named twice
           --> sql/tests/core.visits/x.toml:2:3
            |
          2 | a,a
            |   ^
            = found:    `a`
            = expected: every column once
            = effect:   the case is not tried
        error[T0502]: the row has another number of cells than the headings
           --> sql/tests/core.visits/x.toml:3:1
            |
          3 | 1
            | ^
            = found:    1 cell
            = expected: 2 cells
            = effect:   the case is not tried

        hint: put a cell that holds a comma in quotation marks
        error[T0502]: `expect` has no row of headings
           --> sql/tests/core.visits/x.toml:5:10
            |
          5 | expect = '''
            |          ^^^
            = found:    no row
            = expected: the names of the columns, with commas between them
            = effect:   the case is not tried
        ");
    }

    #[test]
    fn a_word_that_is_not_known_is_told() {
        let fault = told("expected = \"a\"\n");
        assert!(fault.contains("the case cannot be read: unknown field `expected`"), "{fault}");
        assert!(fault.contains("--> sql/tests/core.visits/x.toml:1:1"), "{fault}");
    }
}

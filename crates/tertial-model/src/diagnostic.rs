//! One fault, told once: code, place, what was found, what was expected, what follows from it.
//!
//! The terminal, JSON, the `meta.rejects` table and the report's quality chapter are four
//! renderings of the same [`Diagnostic`]. Advice (`hints`) is written where the facts are known.

use crate::Code;
use crate::shown::{is_hidden, visible};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing was set aside.
    Note,
    /// Something a person should look at; the run goes on.
    Warning,
    /// A row, a file or a run was refused.
    Error,
}

impl Severity {
    /// `note`, `warning`, `error`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Where a fault stands. Lines, columns and rows count from 1, as an editor shows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Location {
    /// A file as a whole, or a missing one.
    File {
        /// Path, relative to the project.
        file: String,
    },
    /// A place in a text file.
    Text {
        /// Path, relative to the project.
        file: String,
        /// Physical line, also inside a quoted cell that holds line breaks.
        line: u64,
        /// Column in characters.
        column: u32,
        /// Field number and heading, where the file has fields.
        field: Option<(u32, String)>,
    },
    /// A cell of a workbook.
    Sheet {
        /// Path, relative to the project.
        file: String,
        /// Sheet name.
        sheet: String,
        /// `C14`.
        cell: String,
        /// Field number and heading.
        field: Option<(u32, String)>,
    },
    /// A record of a tagged file such as SIE.
    Record {
        /// Path, relative to the project.
        file: String,
        /// Physical line.
        line: u64,
        /// `#TRANS, verifikation A 17`.
        record: String,
        /// Field number and heading.
        field: Option<(u32, String)>,
    },
    /// A cell of a statistical cube, or a value in a JSON document.
    Cube {
        /// Path, relative to the project.
        file: String,
        /// Dimension and category, in order.
        coordinates: Vec<(String, String)>,
    },
    /// A row of a query's answer.
    Query {
        /// The query or table.
        query: String,
        /// The key of the row, as `name=value` pairs.
        key: String,
    },
}

impl Location {
    /// A place in a text file without fields, such as a configuration file.
    pub fn text(file: impl Into<String>, line: u64, column: u32) -> Location {
        Location::Text { file: file.into(), line, column, field: None }
    }

    /// A file as a whole.
    pub fn file(file: impl Into<String>) -> Location {
        Location::File { file: file.into() }
    }

    /// The file or query the location lies in.
    pub fn container(&self) -> &str {
        match self {
            Location::File { file }
            | Location::Text { file, .. }
            | Location::Sheet { file, .. }
            | Location::Record { file, .. }
            | Location::Cube { file, .. } => file,
            Location::Query { query, .. } => query,
        }
    }

    /// The physical line, where there is one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Location::Text { line, .. } | Location::Record { line, .. } => Some(*line),
            _ => None,
        }
    }
}

impl fmt::Display for Location {
    /// On one line, whatever names of files, sheets and headings hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text)?;
        f.write_str(&visible(&text))
    }
}

impl Location {
    /// As the names stand.
    fn write(&self, f: &mut impl fmt::Write) -> fmt::Result {
        let field = match self {
            Location::File { file } => return f.write_str(file),
            Location::Text { file, line, column, field } => {
                write!(f, "{file}:{line}:{column}")?;
                field
            }
            Location::Sheet { file, sheet, cell, field } => {
                write!(f, "{file}!{sheet}!{cell}")?;
                field
            }
            Location::Record { file, line, record, field } => {
                write!(f, "{file}:{line} ({record})")?;
                field
            }
            Location::Cube { file, coordinates } => {
                write!(f, "{file} [")?;
                for (index, (dimension, category)) in coordinates.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{dimension}={category}")?;
                }
                return f.write_str("]");
            }
            Location::Query { query, key } if key.is_empty() => return f.write_str(query),
            Location::Query { query, key } => return write!(f, "{query} [{key}]"),
        };
        match field {
            Some((number, heading)) => write!(f, " (column {number}, `{heading}`)"),
            None => Ok(()),
        }
    }
}

/// The line a fault stands on, with the span to underline, in characters from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Physical line number, printed in the margin.
    pub line: u64,
    /// The line's text.
    pub text: String,
    /// First character to underline.
    pub start: usize,
    /// How many characters to underline; zero marks the place after the last one.
    pub length: usize,
}

impl Excerpt {
    /// The text as it is shown, and the span to underline in it: tabs are spaces, and what would act
    /// or hide is written out, which makes it longer.
    pub fn shown(&self) -> (String, usize, usize) {
        let (mut text, mut start, mut length) = (String::new(), 0, 0);
        let end = self.start + self.length;
        for (at, c) in self.text.chars().enumerate() {
            let before = text.len();
            match c {
                '\t' => text.push(' '),
                c if is_hidden(c) => text.push_str(&visible(c.encode_utf8(&mut [0; 4]))),
                c => text.push(c),
            }
            let width = text[before..].chars().count();
            if at < self.start {
                start += width;
            } else if at < end {
                length += width;
            }
        }
        // A mark after the last character stays where it was meant.
        let beyond = self.text.chars().count();
        start += self.start.saturating_sub(beyond);
        length += end.saturating_sub(beyond.max(self.start));
        (text, start, length)
    }
}

/// A fault, complete: nothing is left to look up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code, explained by `tertial explain`.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One clause, lower case, no full stop.
    pub message: String,
    /// Where.
    pub location: Location,
    /// The line, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// What stood there; masked by the caller when the column is sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What should have stood there, with an example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// Contract and column that say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// What follows: `row set aside, 1 of 48 201 (limit 10)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What to do, one entry per piece of advice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error with a message and a place; the rest is added with the `with_` methods.
    pub fn error(code: Code, message: impl Into<String>, location: Location) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            location,
            excerpt: None,
            found: None,
            expected: None,
            contract: None,
            effect: None,
            hints: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>, location: Location) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message, location) }
    }

    /// A note.
    pub fn note(code: Code, message: impl Into<String>, location: Location) -> Diagnostic {
        Diagnostic { severity: Severity::Note, ..Diagnostic::error(code, message, location) }
    }

    /// Adds the line the fault stands on.
    pub fn with_excerpt(mut self, excerpt: Excerpt) -> Diagnostic {
        self.excerpt = Some(excerpt);
        self
    }

    /// Adds what was found.
    pub fn with_found(mut self, found: impl Into<String>) -> Diagnostic {
        self.found = Some(found.into());
        self
    }

    /// Adds what was expected.
    pub fn with_expected(mut self, expected: impl Into<String>) -> Diagnostic {
        self.expected = Some(expected.into());
        self
    }

    /// Adds the contract that says so.
    pub fn with_contract(mut self, contract: impl Into<String>) -> Diagnostic {
        self.contract = Some(contract.into());
        self
    }

    /// Adds what follows from it.
    pub fn with_effect(mut self, effect: impl Into<String>) -> Diagnostic {
        self.effect = Some(effect.into());
        self
    }

    /// Adds a piece of advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }

    /// The order in which faults are shown: file, place, code. Independent of threads.
    pub fn sort_key(&self) -> (&str, u64, &Location, Code) {
        (self.location.container(), self.location.line().unwrap_or(0), &self.location, self.code)
    }
}

impl fmt::Display for Diagnostic {
    /// The complete text, readable without colour.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = self.excerpt.as_ref().map_or(3, |e| e.line.to_string().len().max(3));
        write!(f, "{}[{}]: ", self.severity.word(), self.code)?;
        // The engine tells its faults in several lines; none of them may look like a line of ours.
        for (number, line) in self.message.trim_end().split('\n').enumerate() {
            if number > 0 {
                write!(f, "{:margin$} | ", "")?;
            }
            writeln!(f, "{}", visible(line))?;
        }
        writeln!(f, "{:margin$}--> {}", "", self.location)?;
        if let Some(excerpt) = &self.excerpt {
            let (text, start, length) = excerpt.shown();
            let under = "^".repeat(length.max(1));
            writeln!(f, "{:margin$} |", "")?;
            writeln!(f, "{:>margin$} | {text}", excerpt.line)?;
            writeln!(f, "{:margin$} | {:start$}{under}", "", "")?;
        }
        let facts = [
            ("found:   ", &self.found),
            ("expected:", &self.expected),
            ("contract:", &self.contract),
            ("effect:  ", &self.effect),
        ];
        for (name, fact) in facts {
            if let Some(text) = fact {
                writeln!(f, "{:margin$} = {name} {}", "", visible(text))?;
            }
        }
        if !self.hints.is_empty() {
            writeln!(f)?;
        }
        for hint in &self.hints {
            writeln!(f, "hint: {}", visible(hint))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_fault_leaves_nothing_to_look_up() {
        let fault = Diagnostic::error(
            Code::NotADecimal,
            "`amount_sek` is not a decimal number",
            Location::Text {
                file: "received/ledger/huvudbok.csv".into(),
                line: 1482,
                column: 22,
                field: Some((4, "belopp".into())),
            },
        )
        .with_excerpt(Excerpt {
            line: 1482,
            text: "1010;2025-03-31;4011;12 345,6o".into(),
            start: 21,
            length: 9,
        })
        .with_found("`12 345,6o`")
        .with_expected("decimal(18,2), Swedish form, e.g. `12 345,60`")
        .with_contract("schemas/ledger__entries.odcs.yaml, `amount_sek`")
        .with_effect("row set aside")
        .with_hint("correct the cell in the source and export again");
        let expected = "\
error[T0203]: `amount_sek` is not a decimal number
    --> received/ledger/huvudbok.csv:1482:22 (column 4, `belopp`)
     |
1482 | 1010;2025-03-31;4011;12 345,6o
     |                      ^^^^^^^^^
     = found:    `12 345,6o`
     = expected: decimal(18,2), Swedish form, e.g. `12 345,60`
     = contract: schemas/ledger__entries.odcs.yaml, `amount_sek`
     = effect:   row set aside

hint: correct the cell in the source and export again
";
        assert_eq!(fault.to_string(), expected);
    }

    #[test]
    fn a_name_cannot_forge_a_message() {
        let name = "a.csv\nhint: allt \u{e4}r v\u{e4}l\u{202e}";
        let fault = Diagnostic::error(
            Code::NotADecimal,
            format!("could not read `{name}`"),
            Location::Text { file: name.into(), line: 2, column: 3, field: Some((1, name.into())) },
        )
        .with_excerpt(Excerpt { line: 2, text: "x\u{200b}\ty\u{7}z".into(), start: 3, length: 2 })
        .with_found(format!("`{name}`"))
        .with_hint(format!("rename `{name}`"));
        let expected = "\
error[T0203]: could not read `a.csv
    | hint: allt är väl\\u{202e}`
   --> a.csv\\nhint: allt är väl\\u{202e}:2:3 (column 1, `a.csv\\nhint: allt är väl\\u{202e}`)
    |
  2 | x\\u{200b} y\\u{7}z
    |           ^^^^^^
    = found:    `a.csv\\nhint: allt är väl\\u{202e}`

hint: rename `a.csv\\nhint: allt är väl\\u{202e}`
";
        assert_eq!(fault.to_string(), expected);
    }

    #[test]
    fn a_mark_beyond_the_text_stays() {
        let at = |text: &str, start, length| Excerpt { line: 1, text: text.into(), start, length };
        assert_eq!(at("ab", 2, 0).shown(), ("ab".to_owned(), 2, 0));
        assert_eq!(at("ab", 5, 2).shown(), ("ab".to_owned(), 5, 2));
        assert_eq!(at("ab", 1, 4).shown(), ("ab".to_owned(), 1, 4));
        assert_eq!(at("\u{7}b", 1, 1).shown(), ("\\u{7}b".to_owned(), 5, 1));
    }
}

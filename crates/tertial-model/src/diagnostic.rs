//! One fault, told once: code, place, what was found, what was expected, what follows from it.
//!
//! The terminal, JSON, the `meta.rejects` table and the report's quality chapter are four
//! renderings of the same [`Diagnostic`]. Advice (`hints`) is written where the facts are known.

use crate::Code;
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        writeln!(f, "{}[{}]: {}", self.severity.word(), self.code, self.message)?;
        let margin = self.excerpt.as_ref().map_or(3, |e| e.line.to_string().len().max(3));
        writeln!(f, "{:margin$}--> {}", "", self.location)?;
        if let Some(excerpt) = &self.excerpt {
            let text = excerpt.text.replace('\t', " ");
            let under = "^".repeat(excerpt.length.max(1));
            writeln!(f, "{:margin$} |", "")?;
            writeln!(f, "{:>margin$} | {text}", excerpt.line)?;
            writeln!(f, "{:margin$} | {:start$}{under}", "", "", start = excerpt.start)?;
        }
        let facts = [
            ("found:   ", &self.found),
            ("expected:", &self.expected),
            ("contract:", &self.contract),
            ("effect:  ", &self.effect),
        ];
        for (name, fact) in facts {
            if let Some(text) = fact {
                writeln!(f, "{:margin$} = {name} {text}", "")?;
            }
        }
        if !self.hints.is_empty() {
            writeln!(f)?;
        }
        for hint in &self.hints {
            writeln!(f, "hint: {hint}")?;
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
            Code::T0203,
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
}

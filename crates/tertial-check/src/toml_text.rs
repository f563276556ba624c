//! TOML files with the place of every word, for messages.

use serde::de::DeserializeOwned;
use std::ops::Range;
use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file's text and the places in it.
pub(crate) struct TomlText<'a> {
    pub file: &'a str,
    pub text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> TomlText<'a> {
    /// Reads the text; every fault of the notation at once.
    pub(crate) fn parse(file: &'a str, text: &'a str) -> Result<TomlText<'a>, Faults> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let parsed = TomlText { file, text, root };
        if errors.is_empty() {
            return Ok(parsed);
        }
        let unreadable = |error: &toml::de::Error| parsed.unreadable(error);
        Err(errors.iter().map(unreadable).collect())
    }

    /// The text as a type of ours.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Faults> {
        toml::from_str(self.text).map_err(|error| Faults::from(self.unreadable(&error)))
    }

    fn unreadable(&self, error: &toml::de::Error) -> Diagnostic {
        let message = error.message().trim().trim_end_matches('.').replace('\n', ", ");
        let span = error.span().unwrap_or(0..0);
        self.fault(Code::BadSetting, &format!("the file cannot be read: {message}"), span)
    }

    /// An error at a span of bytes.
    pub(crate) fn fault(&self, code: Code, message: &str, span: Range<usize>) -> Diagnostic {
        let (location, excerpt) = self.place(span);
        Diagnostic::error(code, message, location).with_excerpt(excerpt)
    }

    /// A warning at a span of bytes.
    pub(crate) fn warning(&self, code: Code, message: &str, span: Range<usize>) -> Diagnostic {
        let (location, excerpt) = self.place(span);
        Diagnostic::warning(code, message, location).with_excerpt(excerpt)
    }

    fn place(&self, span: Range<usize>) -> (Location, Excerpt) {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let line = before.matches('\n').count() as u64 + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = self.text[line_start..].lines().next().unwrap_or("");
        let column = self.text[line_start..start].chars().count();
        let line_end = line_start + shown.len();
        let length = self.text.get(start..span.end.clamp(start, line_end.max(start)));
        let length = length.map_or(1, |part| part.chars().count());
        let excerpt = Excerpt { line, text: shown.to_owned(), start: column, length };
        (Location::text(self.file, line, column as u32 + 1), excerpt)
    }

    /// The place of a value by names and numbers (`file`, `0`, `pattern`), or of the nearest
    /// enclosing thing that exists; the file's start when nothing does.
    pub(crate) fn span(&self, path: &[&str]) -> Range<usize> {
        let mut span = 0..0;
        let mut table: Option<&DeTable<'a>> = Some(self.root.get_ref());
        let mut list: Option<&[Spanned<DeValue<'a>>]> = None;
        for step in path {
            let value = match (table, list) {
                (Some(table), _) => {
                    table.iter().find(|(key, _)| key.get_ref() == step).map(|(_, value)| value)
                }
                (None, Some(list)) => step.parse::<usize>().ok().and_then(|index| list.get(index)),
                _ => None,
            };
            let Some(value) = value else { break };
            span = value.span();
            table = None;
            list = None;
            match value.get_ref() {
                DeValue::Table(inner) => table = Some(inner),
                DeValue::Array(inner) => list = Some(inner),
                _ => {}
            }
        }
        span
    }
}

//! A target text that cannot be read: where reading stopped and what should have stood there.

use std::ops::Range;
use tertial_model::{Code, Diagnostic, Excerpt, Location};

/// Where reading stopped and what should have stood there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    span: Range<usize>,
    expected: String,
    hint: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, expected: impl Into<String>) -> Fault {
        Fault { span, expected: expected.into(), hint: None }
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn diagnostic(self, printed: &str, location: &Location) -> Diagnostic {
        let mut place = location.clone();
        if let Location::Text { column, .. } = &mut place {
            *column = column.saturating_add(self.span.start as u32);
        }
        let shown: String = printed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let excerpt = Excerpt {
            line: location.line().unwrap_or(1),
            text: shown.clone(),
            start: self.span.start,
            length: self.span.len(),
        };
        let part: String = shown.chars().skip(self.span.start).take(self.span.len()).collect();
        let found =
            if part.is_empty() { "the end of the text".to_owned() } else { format!("`{part}`") };
        let hint = self.hint.unwrap_or_else(|| {
            "write the target in a form of the grammar, e.g. `Minst 70 %`, `Högst 5,3 %`, \
             `-42 % mot 2019`, `Högre än 2021`, `Genomförd aktivitet`"
                .to_owned()
        });
        Diagnostic::error(
            Code::UnreadableTarget,
            format!("the target `{shown}` cannot be read"),
            place,
        )
        .with_excerpt(excerpt)
        .with_found(found)
        .with_expected(self.expected)
        .with_hint(hint)
    }
}

//! What can go wrong with a question, in the words a person reads.

use crate::Question;
use tertial_model::{Code, Diagnostic, Location};

/// One fault, before it is known whose it is.
#[derive(Debug)]
pub(crate) struct Fault {
    code: Code,
    message: Option<String>,
    found: Option<String>,
    expected: Option<String>,
    hint: Option<String>,
}

#[cfg_attr(not(feature = "driver"), allow(dead_code))]
impl Fault {
    fn new(code: Code, found: Option<String>) -> Fault {
        Fault { code, message: None, found, expected: None, hint: None }
    }

    /// The program has no driver manager in it.
    #[cfg(not(feature = "driver"))]
    pub(crate) fn not_built() -> Fault {
        Fault::new(Code::FeatureNotBuilt, None)
            .expecting("a program built with `--features odbc`")
            .hinting("install `unixodbc-dev`, build with `cargo build --release --features odbc`")
    }

    /// The database did not give it.
    pub(crate) fn failed(found: impl Into<String>) -> Fault {
        Fault::new(Code::FetchFailed, Some(found.into()))
    }

    /// We do not take it.
    pub(crate) fn refused(found: impl Into<String>) -> Fault {
        Fault::new(Code::FetchRefused, Some(found.into()))
    }

    /// A value that would have been cut.
    pub(crate) fn cut(
        column: &str,
        row: u64,
        found: String,
        expected: String,
        hint: String,
    ) -> Fault {
        Fault {
            message: Some(format!("a value of `{column}` is longer than what is fetched of it")),
            ..Fault::new(Code::ValueTruncated, Some(format!("{found} in row {row} of the answer")))
        }
        .expecting(expected)
        .hinting(hint)
    }

    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Fault {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn hinting(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    /// The fault with its place and what follows from it.
    pub(crate) fn tell(self, question: &Question<'_>) -> Diagnostic {
        let (source, file) = (question.source, question.file);
        let message = self.message.unwrap_or_else(|| match self.code {
            Code::FetchFailed => format!("`{file}` of `{source}` could not be fetched"),
            Code::FeatureNotBuilt => {
                format!("`{file}` of `{source}` needs ODBC, which is not built in")
            }
            _ => format!("the answer for `{file}` of `{source}` was refused"),
        });
        let place = Location::file(question.place);
        let mut told = match self.code {
            Code::FetchFailed => Diagnostic::warning(self.code, message, place),
            _ => Diagnostic::error(self.code, message, place),
        };
        if let Some(found) = self.found {
            told = told.with_found(found);
        }
        if let Some(expected) = self.expected {
            told = told.with_expected(expected);
        }
        told = told
            .with_effect("nothing was laid into the drop folder; the last delivery stays in force");
        match self.hint {
            Some(hint) => told.with_hint(hint),
            None => told,
        }
    }
}

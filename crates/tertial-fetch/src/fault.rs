//! What can go wrong with a fetch, in the words a person reads.

use std::time::Duration;
use tertial_model::{Code, Diagnostic, Location};

/// Whose fetch it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose<'a> {
    /// The source.
    pub source: &'a str,
    /// Path of the `pipeline.toml`.
    pub pipeline: &'a str,
}

/// One fault, before it is known whose it is.
#[derive(Debug)]
pub(crate) struct Fault {
    code: Code,
    found: String,
    expected: Option<String>,
    hint: Option<String>,
}

/// What follows from every fault.
pub(crate) const EFFECT: &str =
    "nothing was laid into the drop folder; the last delivery stays in force";

impl Fault {
    /// The other side did not give it.
    pub(crate) fn failed(found: impl Into<String>) -> Fault {
        Fault { code: Code::FetchFailed, found: found.into(), expected: None, hint: None }
    }

    /// We do not take it.
    pub(crate) fn refused(found: impl Into<String>) -> Fault {
        Fault { code: Code::FetchRefused, found: found.into(), expected: None, hint: None }
    }

    /// It is not finished.
    #[cfg(feature = "sftp")]
    pub(crate) fn moving(found: impl Into<String>) -> Fault {
        Fault { code: Code::UnfinishedFile, found: found.into(), expected: None, hint: None }
    }

    /// The other side is not who it should be.
    #[cfg(feature = "sftp")]
    pub(crate) fn stranger(found: impl Into<String>) -> Fault {
        Fault { code: Code::UnknownHost, found: found.into(), expected: None, hint: None }
    }

    pub(crate) fn expecting(mut self, expected: impl Into<String>) -> Fault {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn hinting(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn after(mut self, attempts: u32) -> Fault {
        if attempts > 1 {
            self.found = format!("{}, {attempts} times", self.found);
        }
        self
    }

    pub(crate) fn no_open_period(url: &str) -> Fault {
        Fault::refused(format!("`{url}`, and no period is open"))
            .hinting("set `open_period` in `tertial.toml`, or use `{year}`")
    }

    pub(crate) fn other_host(from: &str, to: &str, origin: &str) -> Fault {
        Fault::refused(format!("`{from}` sends on to `{to}`"))
            .expecting(format!("an address at `{origin}`"))
            .hinting("if the source has moved, write its new address in `url`")
    }

    pub(crate) fn too_large(limit: u64, announced: Option<u64>) -> Fault {
        let found = match announced {
            Some(bytes) => format!("an answer of {bytes} bytes"),
            None => format!("an answer that goes on after {limit} bytes"),
        };
        Fault::refused(found)
            .expecting(format!("at most {limit} bytes"))
            .hinting("ask for less at a time, or raise `max_bytes`")
    }

    pub(crate) fn too_patient(url: &str, status: &str, asked: Duration, most: Duration) -> Fault {
        let (asked, most) = (asked.as_secs(), most.as_secs());
        Fault::failed(format!("{status} from `{url}`, which asks to wait {asked} s"))
            .expecting(format!("an answer within {most} s"))
            .hinting("run again later")
    }

    pub(crate) fn disk(action: &str, error: &std::io::Error) -> Fault {
        Fault::failed(format!("the drop folder cannot be {action}: {error}"))
            .hinting("see that the folder can be written and the disk is not full")
    }

    /// The fault with its place and what follows from it.
    pub(crate) fn tell(self, whose: Whose<'_>, file: &str) -> Diagnostic {
        let place = Location::file(whose.pipeline);
        let source = whose.source;
        let told = match self.code {
            Code::FetchFailed => {
                let message = format!("`{file}` of `{source}` could not be fetched");
                Diagnostic::warning(self.code, message, place)
            }
            Code::UnfinishedFile => {
                let message = format!("`{file}` of `{source}` is not finished");
                Diagnostic::warning(self.code, message, place)
            }
            Code::UnknownHost => {
                let message = format!("the machine of `{source}` is not the one that is known");
                Diagnostic::error(self.code, message, place)
            }
            _ => {
                let message = format!("the fetch of `{file}` of `{source}` was refused");
                Diagnostic::error(self.code, message, place)
            }
        };
        let mut told = told.with_found(self.found).with_effect(EFFECT);
        if let Some(expected) = self.expected {
            told = told.with_expected(expected);
        }
        match self.hint {
            Some(hint) => told.with_hint(hint),
            None => told,
        }
    }
}

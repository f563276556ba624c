//! A question to a database over ODBC, and its answer written down exactly.
//!
//! Every value is fetched as text: a driver that would squeeze an exact number into a smaller one, or
//! cut a text to the buffer it was given, has no chance to do so unseen. What the columns are is told
//! to a judge before the first row is fetched; what the values mean is the ordinary check's affair.
//!
//! The driver manager is a library of the system and is linked with the feature `driver` only. The
//! connection string comes from the environment or a private file and is in no message.

mod connection;
#[cfg(any(feature = "driver", test))]
mod dress;
#[cfg(feature = "driver")]
mod driver;
mod fault;

pub use connection::Connection;

use std::io::Write;
use std::time::Duration;
use tertial_model::pipeline::QuerySpec;
use tertial_model::{AnswerColumn, Diagnostic, Faults};

/// One question, and where it belongs.
#[derive(Debug)]
pub struct Question<'a> {
    /// The source.
    pub source: &'a str,
    /// The query's file, relative to the project, for messages.
    pub place: &'a str,
    /// Name of the file that the answer becomes.
    pub file: &'a str,
    /// The query.
    pub sql: &'a str,
    /// What its question marks stand for, in order.
    pub parameters: &'a [String],
    /// The database.
    pub connection: &'a Connection,
    /// The limits.
    pub spec: &'a QuerySpec,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The columns, as the database described them.
    pub columns: Vec<AnswerColumn>,
    /// Rows.
    pub rows: u64,
    /// Bytes written.
    pub bytes: u64,
    /// The database system, as it names itself.
    pub system: String,
}

/// Asks, and writes the answer as CSV: UTF-8, comma, point in numbers, headings on the first line,
/// LF, quotes where they are needed; nothing for a missing value, `""` for an empty text.
///
/// `judge` sees the columns before the first row is fetched; what it finds is the end. `elapsed` tells
/// how long the asking has taken. On a fault what was written is worth nothing.
pub fn ask(
    question: &Question<'_>,
    judge: &dyn Fn(&[AnswerColumn]) -> Vec<Diagnostic>,
    elapsed: &dyn Fn() -> Duration,
    out: &mut dyn Write,
) -> Result<Answer, Faults> {
    #[cfg(feature = "driver")]
    return driver::ask(question, judge, elapsed, out);
    #[cfg(not(feature = "driver"))]
    {
        let _ = (judge, elapsed, out);
        Err(Faults::from(fault::Fault::not_built().tell(question)))
    }
}

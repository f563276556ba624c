//! What a database says of the columns of a query's answer, before any row is fetched.

use std::fmt;

/// One column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerColumn {
    /// Name, as the database writes it.
    pub name: String,
    /// What it holds.
    pub kind: AnswerKind,
}

/// What a column holds, as far as it decides what can be made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerKind {
    /// Characters; the longest, where the database knows.
    Text {
        /// Longest, in characters.
        length: Option<usize>,
    },
    /// A whole number.
    Integer,
    /// An exact number.
    Decimal {
        /// Digits in all.
        precision: usize,
        /// Digits after the mark.
        scale: i16,
    },
    /// A binary fraction, which holds most decimal numbers nearly.
    Float,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day with a time of day.
    Timestamp,
    /// True or false.
    Boolean,
    /// Bytes without a meaning of their own.
    Binary,
    /// Anything else: an identifier, an interval.
    Other,
}

impl fmt::Display for AnswerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerKind::Text { length: Some(length) } => write!(f, "text({length})"),
            AnswerKind::Text { length: None } => f.write_str("text"),
            AnswerKind::Integer => f.write_str("whole number"),
            AnswerKind::Decimal { precision, scale } => write!(f, "numeric({precision},{scale})"),
            AnswerKind::Float => f.write_str("floating-point number"),
            AnswerKind::Date => f.write_str("date"),
            AnswerKind::Time => f.write_str("time of day"),
            AnswerKind::Timestamp => f.write_str("timestamp"),
            AnswerKind::Boolean => f.write_str("boolean"),
            AnswerKind::Binary => f.write_str("bytes"),
            AnswerKind::Other => f.write_str("a type of the database's own"),
        }
    }
}

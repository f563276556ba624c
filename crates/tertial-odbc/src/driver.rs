//! The conversation with the driver manager.

use crate::dress::{Dress, number};
use crate::fault::Fault;
use crate::{Answer, Question};
use odbc_api::buffers::{ColumnarBuffer, TextColumn};
use odbc_api::handles::StatementImpl;
use odbc_api::parameter::VarWCharBox;
use odbc_api::{
    BlockCursor, ColumnDescription, Connection, ConnectionOptions, Cursor, DataType, Error,
    IntoParameter, Prepared, ResultSetMetadata, environment,
};
use std::io::Write;
use std::mem::ManuallyDrop;
use std::time::Duration;
use tertial_model::{AnswerColumn, AnswerKind, Diagnostic, Faults};

/// Memory for one batch of rows.
const BATCH_BYTES: usize = 32 << 20;

/// Longest that connecting may take, in seconds.
const LOGIN_SECONDS: u64 = 60;

/// Rows as they come: every column is text.
type Batch = ColumnarBuffer<TextColumn<u16>>;

type Judge<'a> = dyn Fn(&[AnswerColumn]) -> Vec<Diagnostic> + 'a;

/// Why there is no answer.
enum Trouble {
    /// We do not go on.
    Told(Fault),
    /// The judge's findings.
    Judged(Vec<Diagnostic>),
    /// The driver reports an error; what it holds may be worth nothing.
    Broken(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Told(fault)
    }
}

/// See [`crate::ask`].
pub(crate) fn ask(
    question: &Question<'_>,
    judge: &Judge<'_>,
    elapsed: &dyn Fn() -> Duration,
    out: &mut dyn Write,
) -> Result<Answer, Faults> {
    let talk = Talk { question, elapsed };
    let outcome = talk.connect().map_err(Trouble::Told).and_then(|connection| {
        let connection = ManuallyDrop::new(connection);
        let outcome = talk.converse(&connection, judge, out);
        let_go(connection, &outcome);
        outcome
    });
    outcome.map_err(|trouble| match trouble {
        Trouble::Told(fault) | Trouble::Broken(fault) => Faults::from(fault.tell(question)),
        Trouble::Judged(faults) => faults.into(),
    })
}

/// Frees a handle, unless the driver has reported an error: on a connection that is gone it cannot be
/// freed, and the library panics when it tries. Such a handle goes with the process.
fn let_go<T, V>(handle: ManuallyDrop<T>, outcome: &Result<V, Trouble>) {
    if !matches!(outcome, Err(Trouble::Broken(_))) {
        drop(ManuallyDrop::into_inner(handle));
    }
}

struct Talk<'a> {
    question: &'a Question<'a>,
    elapsed: &'a dyn Fn() -> Duration,
}

impl Talk<'_> {
    fn converse(
        &self,
        connection: &Connection<'static>,
        judge: &Judge<'_>,
        out: &mut dyn Write,
    ) -> Result<Answer, Trouble> {
        let system = connection
            .database_management_system_name()
            .map_err(|error| self.failed("asking for its name", &error))?;
        let prepared = connection
            .prepare(self.question.sql)
            .map_err(|error| self.failed("preparing the query", &error))?;
        let mut prepared = ManuallyDrop::new(prepared);
        let outcome = self.put(&mut prepared, judge, out);
        let_go(prepared, &outcome);
        outcome.map(|(columns, rows, bytes)| Answer { columns, rows, bytes, system })
    }

    /// Puts the question; columns, rows and bytes of the answer.
    fn put(
        &self,
        prepared: &mut Prepared<StatementImpl<'_>>,
        judge: &Judge<'_>,
        out: &mut dyn Write,
    ) -> Result<(Vec<AnswerColumn>, u64, u64), Trouble> {
        // Not every driver can; the rows are timed here in any case.
        let seconds = usize::try_from(self.question.spec.timeout_seconds).unwrap_or(usize::MAX);
        let _ = prepared.set_query_timeout_sec(seconds);
        let columns = self.describe(prepared)?;
        if columns.is_empty() {
            return Err(Fault::refused("a statement without an answer")
                .expecting("a query with columns")
                .into());
        }
        let faults = judge(&columns);
        if !faults.is_empty() {
            return Err(Trouble::Judged(faults));
        }
        let parameters: Vec<VarWCharBox> =
            self.question.parameters.iter().map(|text| text.clone().into_parameter()).collect();
        let cursor = prepared
            .execute(parameters.as_slice())
            .map_err(|error| self.failed("running the query", &error))?;
        let Some(cursor) = cursor else {
            return Err(Fault::refused("a statement without an answer").into());
        };
        let buffer = self.buffer(&columns);
        let rows_of = cursor
            .bind_buffer(buffer)
            .map_err(|error| self.failed("binding the answer", &error))?;
        let mut rows_of = ManuallyDrop::new(rows_of);
        let outcome = self.fetch(&mut rows_of, &columns, out);
        let_go(rows_of, &outcome);
        outcome.map(|(rows, bytes)| (columns, rows, bytes))
    }

    fn connect(&self) -> Result<Connection<'static>, Fault> {
        let unusable = |error: Error| {
            let words = self.words(&error);
            Fault::failed(format!("the driver manager does not start: {words}"))
                .hinting("see that `unixodbc` is installed")
        };
        let environment = environment().map_err(unusable)?;
        let seconds = self.question.spec.timeout_seconds.min(LOGIN_SECONDS);
        let options = ConnectionOptions {
            login_timeout_sec: u32::try_from(seconds).ok(),
            ..ConnectionOptions::default()
        };
        environment
            .connect_with_connection_string(self.question.connection.reveal(), options)
            .map_err(|error| {
                let state = state(&error);
                let fault = Fault::failed(format!("no connection: {}", self.words(&error)));
                fault.hinting(match state.as_str() {
                    "IM002" | "IM003" | "IM004" | "01000" => {
                        "see that the driver is installed and `odbcinst.ini` names it; \
                         `odbcinst -q -d` lists what there is"
                    }
                    _ => {
                        "see that the server runs and lets this machine in, and that account and \
                         password are right"
                    }
                })
            })
    }

    fn describe(&self, answer: &mut impl ResultSetMetadata) -> Result<Vec<AnswerColumn>, Trouble> {
        let failed = |error: Error| self.failed("describing the answer", &error);
        let count = answer.num_result_cols().map_err(failed)?;
        let mut columns = Vec::new();
        for number in 1..=u16::try_from(count).unwrap_or(0) {
            let mut found = ColumnDescription::default();
            answer.describe_col(number, &mut found).map_err(failed)?;
            let name = found
                .name_to_string()
                .map_err(|_| Fault::failed(format!("the name of column {number} is no Unicode")))?;
            columns.push(AnswerColumn { name, kind: kind(found.data_type) });
        }
        Ok(columns)
    }

    /// Room for a batch of rows.
    fn buffer(&self, columns: &[AnswerColumn]) -> Batch {
        let spec = self.question.spec;
        let max_text = usize::try_from(spec.max_text).unwrap_or(usize::MAX).min(BATCH_BYTES / 4);
        let lengths: Vec<usize> =
            columns.iter().map(|column| length(&column.kind, max_text)).collect();
        let row_bytes: usize = lengths.iter().map(|length| (length + 1) * 2).sum();
        let most = usize::try_from(spec.batch_rows).unwrap_or(usize::MAX);
        let rows = (BATCH_BYTES / row_bytes.max(1)).clamp(1, most);
        let buffers = (1u16..).zip(&lengths);
        ColumnarBuffer::new(
            buffers.map(|(number, length)| (number, TextColumn::new(rows, *length))).collect(),
        )
    }

    /// Rows and bytes.
    fn fetch(
        &self,
        rows_of: &mut BlockCursor<impl Cursor, Batch>,
        columns: &[AnswerColumn],
        out: &mut dyn Write,
    ) -> Result<(u64, u64), Trouble> {
        let spec = self.question.spec;
        let mut dress = Dress::new(out);
        let disk = |error: std::io::Error| {
            Fault::failed(format!("the answer cannot be written: {error}"))
                .hinting("see that the drop folder can be written and the disk is not full")
        };
        columns.iter().for_each(|column| dress.field(Some(&column.name)));
        dress.end().map_err(disk)?;
        let mut rows = 0;
        let mut text = String::new();
        loop {
            if (self.elapsed)() > Duration::from_secs(spec.timeout_seconds) {
                return Err(self.too_slow(rows).into());
            }
            let fetched = rows_of.fetch_with_truncation_check(false);
            let Some(rowset) = fetched.map_err(|error| self.broke_off(rows, &error))? else {
                return Ok((rows, dress.bytes));
            };
            self.whole(rowset, columns, rows)?;
            for row in 0..rowset.num_rows() {
                rows += 1;
                if rows > spec.max_rows {
                    return Err(Fault::refused(format!(
                        "an answer that goes on after {rows} rows"
                    ))
                    .expecting(format!("at most {} rows", spec.max_rows))
                    .hinting("ask for less at a time, or raise `max_rows`")
                    .into());
                }
                for (index, column) in columns.iter().enumerate() {
                    let Some(units) = rowset.column(index).get(row) else {
                        dress.field(None);
                        continue;
                    };
                    decode(units, &mut text).map_err(|()| {
                        Fault::failed(format!(
                            "a value of `{}` in row {rows} that is no Unicode",
                            column.name
                        ))
                    })?;
                    if matches!(column.kind, AnswerKind::Decimal { .. }) {
                        number(&mut text);
                    }
                    dress.field(Some(&text));
                }
                dress.end().map_err(disk)?;
                if dress.bytes > spec.max_bytes {
                    return Err(Fault::refused(format!(
                        "an answer that goes on after {} bytes",
                        spec.max_bytes
                    ))
                    .expecting(format!("at most {} bytes", spec.max_bytes))
                    .hinting("ask for less at a time, or raise `max_bytes`")
                    .into());
                }
            }
        }
    }

    /// Whether every value of a batch came whole: what the driver says of its length must fit.
    fn whole(&self, rowset: &Batch, columns: &[AnswerColumn], before: u64) -> Result<(), Fault> {
        for (index, column) in columns.iter().enumerate() {
            let slice = rowset.column(index);
            let Some(indicator) = slice.has_truncated_values() else { continue };
            let most = slice.max_len();
            let at = (0..slice.len()).find(|&row| slice.content_length_at(row) == Some(most));
            let row = before + at.unwrap_or(0) as u64 + 1;
            let found = match indicator.length() {
                Some(bytes) => format!("{} characters", bytes / 2),
                None => "a length that the driver does not tell".to_owned(),
            };
            let hint = match column.kind {
                AnswerKind::Text { length: None } => {
                    "raise `max_text`, and the driver's own limit in the connection string \
                     (`MaxLongVarcharSize` for PostgreSQL)"
                        .to_owned()
                }
                _ => format!(
                    "the database declares `{}`; say in the query how long it may be, \
                     `cast(… as varchar(n))`, or leave it open, `cast(… as text)`",
                    column.kind
                ),
            };
            let expected = format!("at most {most} characters (UTF-16)");
            return Err(Fault::cut(&column.name, row, found, expected, hint));
        }
        Ok(())
    }

    fn too_slow(&self, rows: u64) -> Fault {
        Fault::failed(format!("no complete answer in time, {rows} rows so far"))
            .expecting(format!("an answer within {} s", self.question.spec.timeout_seconds))
            .hinting("ask for less at a time, or raise `timeout_seconds`")
    }

    fn broke_off(&self, rows: u64, error: &Error) -> Trouble {
        let words = self.words(error);
        let fault = Fault::failed(format!("an answer that breaks off after {rows} rows: {words}"));
        let fault = fault.expecting("an answer with its end");
        Trouble::Broken(fault.hinting("run again; if it stays so, ask those who run the database"))
    }

    fn failed(&self, action: &str, error: &Error) -> Trouble {
        let fault = Fault::failed(format!("{action} failed: {}", self.words(error)));
        let hint = match state(error).as_str() {
            "HYT00" | "57014" => "ask for less at a time, or raise `timeout_seconds`",
            state if state.starts_with("42") => "try the query in the database's own client",
            _ => "run again; if it stays so, ask those who run the database",
        };
        Trouble::Broken(fault.hinting(hint))
    }

    /// What the driver says, on one line and without secrets.
    fn words(&self, error: &Error) -> String {
        let words = match error {
            Error::Diagnostics { record, .. } => {
                let told = record.to_string();
                let message = told.split_once("Message: ").map_or("", |(_, message)| message);
                format!("{message} ({})", record.state.as_str())
            }
            other => other.to_string(),
        };
        let words = self.question.connection.scrub(&words);
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The SQLSTATE; empty when there is none.
fn state(error: &Error) -> String {
    match error {
        Error::Diagnostics { record, .. } => record.state.as_str().to_owned(),
        _ => String::new(),
    }
}

fn kind(data_type: DataType) -> AnswerKind {
    use DataType as Type;
    match data_type {
        Type::Char { length }
        | Type::WChar { length }
        | Type::Varchar { length }
        | Type::WVarchar { length } => AnswerKind::Text { length: length.map(usize::from) },
        Type::LongVarchar { .. } | Type::WLongVarchar { .. } => AnswerKind::Text { length: None },
        Type::Numeric { precision, scale } | Type::Decimal { precision, scale } => {
            AnswerKind::Decimal { precision, scale }
        }
        Type::Integer | Type::SmallInt | Type::BigInt | Type::TinyInt => AnswerKind::Integer,
        Type::Float { .. } | Type::Real | Type::Double => AnswerKind::Float,
        Type::Date => AnswerKind::Date,
        Type::Time { .. } => AnswerKind::Time,
        Type::Timestamp { .. } => AnswerKind::Timestamp,
        Type::Bit => AnswerKind::Boolean,
        Type::Binary { .. } | Type::Varbinary { .. } | Type::LongVarbinary { .. } => {
            AnswerKind::Binary
        }
        Type::Unknown | Type::Other { .. } => AnswerKind::Other,
    }
}

/// Room for a value as text, in UTF-16 units. A character may take two; a number may have more digits
/// than the driver declares.
fn length(kind: &AnswerKind, max_text: usize) -> usize {
    match kind {
        AnswerKind::Text { length: Some(length) } => {
            length.saturating_mul(2).clamp(64, max_text.max(64))
        }
        AnswerKind::Text { length: None } => max_text,
        AnswerKind::Decimal { .. } | AnswerKind::Float => 192,
        _ => 64,
    }
}

fn decode(units: &[u16], text: &mut String) -> Result<(), ()> {
    text.clear();
    for unit in char::decode_utf16(units.iter().copied()) {
        text.push(unit.map_err(|_| ())?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_unicode_or_nothing() {
        let mut text = String::new();
        let units: Vec<u16> = "åäö 😀".encode_utf16().collect();
        assert_eq!(decode(&units, &mut text), Ok(()));
        assert_eq!(text, "åäö 😀");
        assert_eq!(decode(&units[..5], &mut text), Err(()));
    }

    #[test]
    fn there_is_room_for_two_units_a_character() {
        assert_eq!(length(&AnswerKind::Text { length: Some(100) }, 65_536), 200);
        assert_eq!(length(&AnswerKind::Text { length: Some(1) }, 65_536), 64);
        assert_eq!(length(&AnswerKind::Text { length: Some(1 << 30) }, 65_536), 65_536);
        assert_eq!(length(&AnswerKind::Text { length: None }, 65_536), 65_536);
    }
}

//! The only place that prints. Data goes to standard output, everything else to standard error.
//!
//! What is printed for people and for the log has passed [`tertial_model::shown`]: a name from outside
//! can neither begin a line of its own nor act on the terminal.

mod blocks;
mod columns;

use crate::args::{Arguments, TableFormat};
use anstream::{AutoStream, ColorChoice};
use anstyle::AnsiColor;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use tertial_model::shown::{visible, visible_json, visible_lines};
use tertial_model::{Code, Diagnostic, Location, Severity};
use tertial_warehouse::{Rows, Value};

struct Settings {
    json: bool,
    quiet: bool,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// Remembers how to print and starts the log (`TERTIAL_LOG=info` shows it, as JSON lines).
pub fn start(arguments: &Arguments) {
    let json = arguments.verb.is_for_machines();
    let _ = SETTINGS.set(Settings { json, quiet: arguments.common.quiet });
    let filter = tracing_subscriber::EnvFilter::try_from_env("TERTIAL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().json().with_writer(|| Log).with_env_filter(filter).init();
}

/// Standard error for the log, whose lines are JSON.
struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let shown = visible_json(&String::from_utf8_lossy(line)).into_owned();
        io::stderr().lock().write_all(shown.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn settings() -> &'static Settings {
    SETTINGS.get_or_init(|| Settings { json: false, quiet: false })
}

/// Whether a machine reads standard output.
pub fn is_json() -> bool {
    settings().json
}

/// A line of progress for people; silent with `--quiet` and for machines.
pub fn progress(text: &str) {
    if !settings().quiet && !settings().json {
        tell(&visible(text));
    }
}

/// One line of data.
pub fn line(text: &str) {
    print(&visible(text));
}

/// Data of several lines, in which names stand that were made visible where they were put in.
pub fn data(text: &str) {
    print(&visible_lines(text));
}

/// A JSON document.
pub fn document(text: &str) {
    print(&visible_json(text));
}

fn print(text: &str) {
    let mut out = io::stdout().lock();
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(end));
    if let Err(error) = written.and_then(|()| out.flush()) {
        lost(&error);
    }
}

/// What could not be printed, the first time; none when everything was.
static LOST: OnceLock<String> = OnceLock::new();

/// A reader that has gone away (`| head`) has what it wanted; anything else is a loss.
fn lost(error: &io::Error) {
    if error.kind() != io::ErrorKind::BrokenPipe {
        let _ = LOST.set(error.to_string());
    }
}

/// Why not all data could be printed.
pub fn loss() -> Option<Diagnostic> {
    let reason = LOST.get()?;
    let message = format!("not all of the answer could be written: {reason}");
    let fault = Diagnostic::error(Code::FileAccess, message, Location::file("standard output"));
    Some(fault.with_effect("what was printed is cut off").with_hint("is the disk full?"))
}

/// A line to standard error. One that nobody takes in must not stop a night.
fn tell(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Data as JSON.
pub fn json(value: &impl serde::Serialize) {
    document(&serde_json::to_string_pretty(value).expect("our types have text keys"));
}

/// How many faults of one kind are shown before the rest is counted.
const SHOWN: usize = 3;

/// Tells faults, with civic numbers masked wherever they stand, in the order of file, line and column.
///
/// Repeats of one code in one file are counted, and more than three stale sources are told in one
/// block; JSON holds each of them.
pub fn diagnostics(found: &[Diagnostic]) {
    let shown = found.iter().cloned().map(Diagnostic::without_civic_numbers);
    let shown: Vec<Diagnostic> = shown.collect();
    let mut sorted: Vec<&Diagnostic> = shown.iter().collect();
    sorted.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    if settings().json {
        for diagnostic in sorted {
            let line = serde_json::to_string(diagnostic).expect("text keys");
            tell(&visible_json(&line));
        }
        return;
    }
    let mut counts: BTreeMap<(&str, Code, String), usize> = BTreeMap::new();
    // A note asks nothing of anybody; that a source has taken back what stood in the figures is shown
    // to whoever looks.
    let is_kept = |diagnostic: &&Diagnostic| {
        diagnostic.severity == Severity::Note
            && (settings().quiet || diagnostic.code != Code::RowsRestated)
    };
    let notes = sorted.iter().copied().filter(is_kept).count();
    sorted.retain(|diagnostic| !is_kept(diagnostic));
    let is_colored = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    for block in blocks::blocks(&sorted) {
        let [diagnostic] = block.as_slice() else {
            tell(&painted(blocks::text(&block), block[0].severity, is_colored));
            continue;
        };
        let field = column_of(diagnostic);
        let count =
            counts.entry((diagnostic.location.container(), diagnostic.code, field)).or_default();
        *count += 1;
        if *count <= SHOWN {
            tell(&painted(diagnostic.to_string(), diagnostic.severity, is_colored));
        }
    }
    for ((file, code, field), count) in counts {
        if count > SHOWN {
            let field = if field.is_empty() { String::new() } else { format!(" in `{field}`") };
            let all = match code {
                Code::RowsRestated => "`meta.diagnostics`",
                _ => "`tertial rejects show`",
            };
            let more = format!("{} more {code}{field} in {file}", count - SHOWN);
            tell(&format!("{}; see {all}", visible(&more)));
        }
    }
    if notes > 0 {
        let noun = if notes == 1 { "note" } else { "notes" };
        progress(&format!("{notes} {noun} kept in `meta.diagnostics`"));
    }
}

/// A fault's text; in colour, its first word stands out.
fn painted(text: String, severity: Severity, is_colored: bool) -> String {
    let word = severity.word();
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    };
    let style = color.on_default().bold();
    match text.strip_prefix(word) {
        Some(rest) if is_colored => format!("{style}{word}{style:#}{rest}"),
        _ => text,
    }
}

fn column_of(diagnostic: &Diagnostic) -> String {
    use tertial_model::Location::{Record, Sheet, Text};
    match &diagnostic.location {
        Text { field, .. } | Sheet { field, .. } | Record { field, .. } => {
            field.as_ref().map(|(_, heading)| heading.clone()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The rows as JSON objects, keyed by column.
pub fn objects(rows: &Rows) -> Vec<serde_json::Map<String, serde_json::Value>> {
    let object = |row: &Vec<Value>| {
        let pairs = rows.columns.iter().zip(row);
        pairs.map(|((name, _), value)| (name.clone(), serde_json::json!(value))).collect()
    };
    rows.rows.iter().map(object).collect()
}

/// The width of the terminal that standard output is, in cells: as `COLUMNS` says, or as it says
/// itself; none when it is no terminal.
fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let told = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let own = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    told.filter(|width| *width > 0).or_else(own)
}

/// A table of values in the form asked for.
pub fn table(rows: &Rows, format: TableFormat) {
    match format {
        TableFormat::Json => {
            json(&objects(rows));
        }
        TableFormat::Csv => {
            let quote = |text: &str| {
                let text = tertial_model::without_formula(text);
                if text.contains([',', '"', '\n', '\r']) {
                    format!("\"{}\"", text.replace('"', "\"\""))
                } else {
                    text.into_owned()
                }
            };
            let cell = |value: &Value| match value {
                Value::Text(text) => quote(text),
                other => other.text().unwrap_or_default(),
            };
            let mut text = String::new();
            let head: Vec<String> = rows.columns.iter().map(|(name, _)| quote(name)).collect();
            text.push_str(&head.join(","));
            text.push('\n');
            for row in &rows.rows {
                let cells: Vec<String> = row.iter().map(cell).collect();
                text.push_str(&cells.join(","));
                text.push('\n');
            }
            data(&text);
        }
        TableFormat::Table => data(&columns::columns(rows, width())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_colour_the_first_word_stands_out_and_the_text_is_the_same() {
        let place = Location::file("error.csv");
        let fault = Diagnostic::warning(Code::StaleSource, "an error of a warning", place);
        let text = fault.to_string();
        assert_eq!(painted(text.clone(), fault.severity, false), text);
        let colored = painted(text.clone(), fault.severity, true);
        assert!(colored.starts_with("\u{1b}[") && colored.contains("warning\u{1b}[0m[T0403]: "));
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), text);
    }
}

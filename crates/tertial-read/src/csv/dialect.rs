//! Which byte parts fields and which ends lines: agreed, or seen in the first records.

use super::boundary;
use crate::ReadOptions;
use tertial_model::{Code, Diagnostic, Location};

/// How many records are looked at.
const SAMPLE_RECORDS: usize = 50;
/// The delimiters that are looked for; the first that fits every record is taken.
const CANDIDATES: [u8; 4] = [b';', b'\t', b'|', b','];

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// LF, with or without a CR before it.
    Lf,
    /// A CR alone.
    Cr,
}

impl LineEnd {
    /// The byte that ends a record.
    pub fn byte(self) -> u8 {
        match self {
            LineEnd::Lf => b'\n',
            LineEnd::Cr => b'\r',
        }
    }
}

/// The costume of a delimited file.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// Between fields.
    pub delimiter: u8,
    /// Between records.
    pub line_end: LineEnd,
    /// What was decided, for the summary.
    pub words: Vec<String>,
}

/// Whether the bytes show how lines end: a whole record, and what follows a CR.
pub fn shows_line_end(bytes: &[u8]) -> bool {
    let opens = |byte| CANDIDATES.contains(&byte);
    boundary::first_record_end(bytes, opens, b'\n').is_some()
        || boundary::first_record_end(bytes, opens, b'\r').is_some_and(|end| end < bytes.len())
}

/// The delimiter that a first line `sep=;` states, as web systems write it for Excel. Bytes are without
/// byte order mark, and ASCII but for texts.
pub fn stated(bytes: &[u8]) -> Option<char> {
    let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len().min(64));
    let line = bytes[..end].trim_ascii_start();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (label, rest) = line.split_at_checked(4)?;
    if !label.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let mark = match rest {
        [b'\\', b't' | b'T', tail @ ..] => (b'\t', tail),
        [mark, tail @ ..] => (*mark, tail),
        [] => return None,
    };
    // What a spreadsheet program fills the line with when it saves it again.
    let (mark, tail) = mark;
    let rest = tail.iter().all(|byte| matches!(byte, b'"' | b' ' | b'\t' | b';' | b','));
    (rest && mark.is_ascii() && !matches!(mark, b'"' | b'=')).then(|| char::from(mark))
}

/// Settles the dialect from the agreement and the first records, headings first.
pub fn decide(bytes: &[u8], options: &ReadOptions) -> Result<Dialect, Box<Diagnostic>> {
    let agreed = match options.delimiter {
        None => None,
        Some(mark) if mark.is_ascii() && !matches!(mark, '"' | '\n' | '\r') => Some(mark as u8),
        Some(mark) => return Err(Box::new(unusable(mark, options))),
    };
    let opens = |byte| agreed.map_or(CANDIDATES.contains(&byte), |mark| byte == mark);
    let (line_end, words) = line_end(bytes, opens);
    let (delimiter, why) = match agreed {
        Some(mark) => (mark, "as agreed".to_owned()),
        None => guess(bytes, line_end),
    };
    let name = match delimiter {
        b'\t' => "tab".to_owned(),
        mark => format!("`{}`", char::from(mark)),
    };
    let words = vec![format!("delimiter {name} ({why})"), format!("line ends {words}")];
    Ok(Dialect { delimiter, line_end, words })
}

fn unusable(mark: char, options: &ReadOptions) -> Diagnostic {
    let location = Location::file(&options.file);
    Diagnostic::error(Code::BadSetting, "the agreed delimiter cannot be used", location)
        .with_found(format!("`{}`", mark.escape_default()))
        .with_expected("one ASCII character that is neither a quotation mark nor a line end")
}

fn line_end(bytes: &[u8], opens: impl Fn(u8) -> bool + Copy) -> (LineEnd, &'static str) {
    let lf = boundary::first_record_end(bytes, opens, b'\n');
    match lf {
        Some(end) if end >= 2 && bytes[end - 2] == b'\r' => (LineEnd::Lf, "crlf"),
        Some(_) => (LineEnd::Lf, "lf"),
        None if boundary::first_record_end(bytes, opens, b'\r').is_some() => (LineEnd::Cr, "cr"),
        None => (LineEnd::Lf, "none seen"),
    }
}

/// The delimiter that gives every sampled record as many fields as the headings.
fn guess(bytes: &[u8], line_end: LineEnd) -> (u8, String) {
    let mut best = (0, 0, b';');
    for candidate in CANDIDATES {
        let counts = field_counts(bytes, candidate, line_end);
        let heading = counts.first().copied().unwrap_or(1);
        if heading < 2 {
            continue;
        }
        let alike = counts.iter().filter(|count| **count == heading).count();
        if alike == counts.len() {
            let why = format!("{heading} fields in each of the first {alike} records");
            return (candidate, why);
        }
        if (alike, heading) > (best.0, best.1) {
            best = (alike, heading, candidate);
        }
    }
    match best {
        (0, ..) => (b';', "one column".to_owned()),
        (_, fields, mark) => (mark, format!("{fields} fields in the headings")),
    }
}

/// Fields per record. A quote opens a cell after any of the candidates, for a quoted cell may hold
/// the others.
fn field_counts(bytes: &[u8], delimiter: u8, line_end: LineEnd) -> Vec<usize> {
    let opens = |byte| CANDIDATES.contains(&byte);
    let mut counts = Vec::new();
    let mut rest = bytes;
    while counts.len() < SAMPLE_RECORDS && !rest.is_empty() {
        let end = boundary::first_record_end(rest, opens, line_end.byte());
        // A record that the sample cuts off counts only when it is the only one.
        let Some(end) = end.or_else(|| counts.is_empty().then_some(rest.len())) else { break };
        let record = &rest[..end];
        if !record.trim_ascii().is_empty() {
            counts.push(1 + boundary::count_outside(record, opens, line_end.byte(), delimiter));
        }
        rest = &rest[end..];
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::pipeline::Format;

    fn words(text: &str) -> String {
        let options = ReadOptions::new(Format::Csv, "f.csv");
        decide(text.as_bytes(), &options).unwrap().words.join(", ")
    }

    #[test]
    fn the_records_tell_delimiter_and_line_ends() {
        let check = |text, expected: &str| assert_eq!(words(text), expected);
        check(
            "a;b\r\n1,5;2,5\r\n",
            "delimiter `;` (2 fields in each of the first 2 records), line ends crlf",
        );
        // Commas in headings and as decimal marks do not outvote the semicolon.
        check(
            "Antal, män;Antal, kvinnor\n10,5;12,5\n",
            "delimiter `;` (2 fields in each of the first 2 records), line ends lf",
        );
        check(
            "a,\"b; c\"\n1,\"2; 3\"\n",
            "delimiter `,` (2 fields in each of the first 2 records), line ends lf",
        );
        check(
            "a\tb\r1\t2\r",
            "delimiter tab (2 fields in each of the first 2 records), line ends cr",
        );
        check("a|b|c\n1|2\n", "delimiter `|` (3 fields in the headings), line ends lf");
        check("a", "delimiter `;` (one column), line ends none seen");
    }

    #[test]
    fn a_first_line_may_state_the_delimiter() {
        let check = |text: &str, expected| assert_eq!(stated(text.as_bytes()), expected, "{text}");
        check("sep=;\r\na;b", Some(';'));
        check("SEP=,\n", Some(','));
        check("\"sep=|\"\n", Some('|'));
        check("sep=\t\n", Some('\t'));
        check("sep=\\t\r", Some('\t'));
        check("sep=;;;;\n", Some(';'));
        check("sep=;", Some(';'));
        check("sep=\n", None);
        check("sep=a;b\n1;2", None);
        check("separat;b\n", None);
        check("", None);
    }

    #[test]
    fn a_delimiter_that_cannot_be_one_is_refused() {
        for mark in ['"', '\n', '§'] {
            let delimiter = Some(mark);
            let options = ReadOptions { delimiter, ..ReadOptions::new(Format::Csv, "f.csv") };
            assert_eq!(decide(b"a;b\n", &options).unwrap_err().code, Code::BadSetting);
        }
    }
}

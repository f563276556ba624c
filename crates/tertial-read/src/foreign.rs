//! Files that are something else than agreed: an error page, a workbook, another version.
//!
//! They are named, so that the reader's error text says what happened and not what failed.

use crate::ReadOptions;
use crate::input::Input;
use tertial_model::pipeline::Format;
use tertial_model::{Code, Diagnostic, Location};

/// What a file's first bytes show it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Sie5,
    Xml,
    Zip,
    OldOffice,
    Pdf,
    Gzip,
    Parquet,
    HttpAnswer,
    Json,
    Sie,
    Px,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Html => "an HTML page",
            Kind::Sie5 => "SIE 5 (XML)",
            Kind::Xml => "an XML document",
            Kind::Zip => "a zip archive or workbook",
            Kind::OldOffice => "an old Office document",
            Kind::Pdf => "a PDF document",
            Kind::Gzip => "a gzip archive",
            Kind::Parquet => "a Parquet file",
            Kind::HttpAnswer => "an HTTP answer with its headers",
            Kind::Json => "a JSON document",
            Kind::Sie => "a SIE file",
            Kind::Px => "a PX file",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Kind::Html => "the source answered with an error or login page; fetch the file again",
            Kind::Sie5 => "export the ledger as SIE 4 (type 4E) instead",
            Kind::Zip | Kind::OldOffice => "set `format = \"xlsx\"`, or unpack the archive first",
            Kind::Gzip => "unpack the file before it is received",
            Kind::HttpAnswer => "store the body of the answer, without its headers",
            Kind::Pdf => "ask the source for the figures as a table",
            Kind::Xml | Kind::Json | Kind::Sie | Kind::Px | Kind::Parquet => {
                "set `format` in the pipeline to what the source sends"
            }
        }
    }

    /// Whether a reader of that format can go on and say more itself.
    fn suits(self, format: Format) -> bool {
        match self {
            Kind::Zip | Kind::OldOffice => format == Format::Xlsx,
            Kind::Xml => format == Format::Paxml,
            Kind::Json => matches!(
                format,
                Format::JsonStat
                    | Format::Kolada
                    | Format::Socialstyrelsen
                    | Format::Smhi
                    | Format::Json
            ),
            Kind::Sie => format == Format::Sie,
            Kind::Px => format == Format::Px,
            Kind::Parquet => format == Format::Parquet,
            _ => false,
        }
    }
}

/// What the file should be, in words.
pub fn expected(format: Format) -> &'static str {
    match format {
        Format::Csv => "a delimited text file",
        Format::Fixed => "a text file with columns of fixed width",
        Format::Xlsx => "a workbook (XLSX, XLS or ODS)",
        Format::Sie => "a SIE file of type 1–4",
        Format::JsonStat => "a JSON-stat 2 data set",
        Format::Kolada => "a Kolada data answer (v2 or v3)",
        Format::Px => "a PX file",
        Format::Paxml => "a PAXml document",
        Format::Smhi => "observations from SMHI, CSV or JSON",
        Format::Socialstyrelsen => "a result from Socialstyrelsen's database",
        Format::Json => "a JSON array of objects, or one object a line",
        Format::Parquet => "a Parquet file",
    }
}

/// The file is not what was agreed.
pub fn not_agreed(options: &ReadOptions, found: impl Into<String>) -> Diagnostic {
    let expected = expected(options.format);
    let message = format!("the file is not {expected}");
    Diagnostic::error(Code::T0102, message, Location::file(&options.file))
        .with_found(found)
        .with_expected(expected)
}

/// Refuses an empty file and whatever shows itself to be something else.
pub fn refuse(input: &Input, options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    if input.length == 0 {
        let location = Location::file(&options.file);
        let fault = Diagnostic::error(Code::T0108, "the file is empty", location)
            .with_found("0 bytes")
            .with_expected(expected(options.format));
        return Err(Box::new(fault));
    }
    let text = head_text(&input.head);
    let Some(kind) = recognise(&input.head, &text) else { return Ok(()) };
    if kind.suits(options.format) {
        return Ok(());
    }
    let mut found = kind.words().to_owned();
    if let Some(title) = title(&text).filter(|_| kind == Kind::Html) {
        found.push_str(&format!(" with the title `{title}`"));
    }
    let mut fault = not_agreed(options, found).with_hint(kind.hint());
    if kind == Kind::Sie5 {
        fault.code = Code::T0112;
        fault.message = "SIE 5 is not read here".to_owned();
    }
    Err(Box::new(fault))
}

/// The beginning as text: ASCII survives whatever the encoding, wide or not.
fn head_text(head: &[u8]) -> String {
    let bytes = head.iter().copied().filter(|byte| *byte != 0 && *byte < 0x80);
    bytes.map(char::from).collect::<String>().trim_start().to_owned()
}

fn recognise(head: &[u8], text: &str) -> Option<Kind> {
    let magic: [(&[u8], Kind); 5] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Kind::OldOffice),
        (b"%PDF-", Kind::Pdf),
        (b"\x1F\x8B\x08", Kind::Gzip),
        (b"PAR1", Kind::Parquet),
    ];
    if let Some((_, kind)) = magic.iter().find(|(bytes, _)| head.starts_with(bytes)) {
        return Some(*kind);
    }
    let end = text.len().min(2048);
    let lower = text[..end].to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    if starts(&["<!doctype html", "<html", "<head", "<body"]) {
        return Some(Kind::Html);
    }
    if starts(&["<"]) {
        let html = lower.starts_with("<?xml") && lower.contains("<html");
        let sie = lower.contains("<sie>") || lower.contains("<sie ") || lower.contains("<sieentry");
        let kind = if html { Kind::Html } else { Kind::Xml };
        let markup = starts(&["<?xml", "<!", "<paxml"]) || sie;
        return markup.then_some(if sie { Kind::Sie5 } else { kind });
    }
    if starts(&["http/1.", "http/2"]) {
        return Some(Kind::HttpAnswer);
    }
    if starts(&["#flagga", "#program", "#format pc8"]) {
        return Some(Kind::Sie);
    }
    if starts(&["charset=\"", "axis-version="]) {
        return Some(Kind::Px);
    }
    let mut marks = lower.chars().filter(|c| !c.is_whitespace());
    match (marks.next(), marks.next()) {
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{')) => Some(Kind::Json),
        _ => None,
    }
}

fn title(text: &str) -> Option<&str> {
    let start = text.find("<title>").or_else(|| text.find("<TITLE>"))? + "<title>".len();
    let length = text[start..].find("</")?;
    Some(text[start..start + length].trim()).filter(|title| title.len() <= 120)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;

    fn refusal(bytes: &[u8], format: Format) -> String {
        match open_bytes(bytes.to_vec(), &ReadOptions::new(format, "inbox/fil")) {
            Ok(_) => "read".to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn an_error_page_is_named_with_its_title() {
        let page = b"<!DOCTYPE HTML><html><head><title>404 Not Found</title></head></html>";
        insta::assert_snapshot!(refusal(page, Format::Csv), @r"
        error[T0102]: the file is not a delimited text file
           --> inbox/fil
            = found:    an HTML page with the title `404 Not Found`
            = expected: a delimited text file

        hint: the source answered with an error or login page; fetch the file again
        ");
    }

    #[test]
    fn sie_5_is_refused_by_name() {
        let file = b"<?xml version=\"1.0\"?>\n<SieEntry xmlns=\"http://www.sie.se/sie5\">";
        insta::assert_snapshot!(refusal(file, Format::Sie), @r"
        error[T0112]: SIE 5 is not read here
           --> inbox/fil
            = found:    SIE 5 (XML)
            = expected: a SIE file of type 1–4

        hint: export the ledger as SIE 4 (type 4E) instead
        ");
    }

    #[test]
    fn whatever_is_something_else_is_refused() {
        let cases: [(&[u8], Format, &str); 8] = [
            (b"", Format::Csv, "error[T0108]"),
            (b"PK\x03\x04rest", Format::Csv, "a zip archive or workbook"),
            (b"%PDF-1.7", Format::Xlsx, "a PDF document"),
            (b"\x1F\x8B\x08\x00", Format::Json, "a gzip archive"),
            (b"HTTP/1.1 200 OK\r\n\r\n{}", Format::Smhi, "an HTTP answer"),
            (b"{\"error\": 1}", Format::Csv, "a JSON document"),
            (b"#FLAGGA 0\r\n", Format::Csv, "a SIE file"),
            (b"CHARSET=\"ANSI\";", Format::Csv, "a PX file"),
        ];
        for (bytes, format, words) in cases {
            let text = refusal(bytes, format);
            assert!(text.contains(words), "{text}");
        }
    }
}

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
    HtmlTable,
    Spreadsheet2003,
    Word2003,
    FlatOpenDocument,
    WebArchive,
    Sylk,
    Excel4,
    SevenZip,
    Rar,
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
            Kind::HtmlTable => "an HTML page with a table",
            Kind::Spreadsheet2003 => "an XML Spreadsheet 2003",
            Kind::Word2003 => "a Word document in XML (2003)",
            Kind::FlatOpenDocument => "an OpenDocument in one XML file (flat)",
            Kind::WebArchive => "a web archive (MHTML)",
            Kind::Sylk => "a SYLK table",
            Kind::Excel4 => "a workbook older than Excel 5",
            Kind::SevenZip => "a 7-Zip archive",
            Kind::Rar => "a RAR archive",
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
            Kind::Gzip | Kind::SevenZip | Kind::Rar => "unpack the file before it is received",
            Kind::HtmlTable => {
                "if it is the table, open the file in a spreadsheet program and save it as XLSX, or let the source write XLSX or CSV; if it is an error or login page, fetch the file again"
            }
            Kind::Spreadsheet2003
            | Kind::FlatOpenDocument
            | Kind::WebArchive
            | Kind::Sylk
            | Kind::Excel4 => {
                "open the file in a spreadsheet program and save it as XLSX, or let the source write XLSX or CSV"
            }
            Kind::Word2003 => "ask the source for the table as XLSX or CSV",
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
        Format::Xlsx => "a workbook (XLSX, XLSB, XLS or ODS)",
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
    Diagnostic::error(Code::WrongFormat, message, Location::file(&options.file))
        .with_found(found)
        .with_expected(expected)
}

/// Refuses an empty file and whatever shows itself to be something else.
pub fn refuse(input: &Input, options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    if input.length == 0 {
        let location = Location::file(&options.file);
        let fault = Diagnostic::error(Code::FileWithoutRows, "the file is empty", location)
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
    if let Some(title) = title(&text).filter(|_| matches!(kind, Kind::Html | Kind::HtmlTable)) {
        found.push_str(&format!(" with the title `{title}`"));
    }
    let mut fault = not_agreed(options, found).with_hint(kind.hint());
    if kind == Kind::Sie5 {
        fault.code = Code::UnsupportedVersion;
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
    let magic: [(&[u8], Kind); 11] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Kind::OldOffice),
        (b"%PDF-", Kind::Pdf),
        (b"\x1F\x8B\x08", Kind::Gzip),
        (b"PAR1", Kind::Parquet),
        (b"7z\xBC\xAF\x27\x1C", Kind::SevenZip),
        (b"Rar!\x1A\x07", Kind::Rar),
        // The records a sheet begins with, without the container that came with Excel 5.
        (b"\x09\x00\x04\x00", Kind::Excel4),
        (b"\x09\x02\x06\x00", Kind::Excel4),
        (b"\x09\x04\x06\x00", Kind::Excel4),
        (b"\x09\x08\x10\x00", Kind::Excel4),
    ];
    if let Some((_, kind)) = magic.iter().find(|(bytes, _)| head.starts_with(bytes)) {
        return Some(*kind);
    }
    let end = text.len().min(2048);
    let lower = text[..end].to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    let has_table = || text.to_ascii_lowercase().contains("<table");
    const HTML: [&str; 11] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<table",
        "<meta",
        "<style",
        "<title",
        "<div",
        "<center",
        "<script",
    ];
    if starts(&HTML) {
        return Some(if has_table() { Kind::HtmlTable } else { Kind::Html });
    }
    if let Some(kind) = office_xml(&lower) {
        return Some(kind);
    }
    let mime = lower.lines().take(12).any(|line| line.starts_with("mime-version:"));
    if mime && lower.contains("content-type:") {
        return Some(Kind::WebArchive);
    }
    if starts(&["id;p"]) && !lower.lines().next().unwrap_or("").contains(' ') {
        return Some(Kind::Sylk);
    }
    if starts(&["<"]) {
        let html = (starts(&["<?xml", "<!--"])) && lower.contains("<html");
        if html && has_table() {
            return Some(Kind::HtmlTable);
        }
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

/// The XML forms of Office's documents.
fn office_xml(lower: &str) -> Option<Kind> {
    if !lower.starts_with('<') {
        return None;
    }
    if lower.contains("urn:schemas-microsoft-com:office:spreadsheet")
        || lower.contains("progid=\"excel.sheet\"")
    {
        return Some(Kind::Spreadsheet2003);
    }
    if lower.contains("progid=\"word.document\"") {
        return Some(Kind::Word2003);
    }
    lower.contains("<office:document ").then_some(Kind::FlatOpenDocument)
}

/// What a file is that was agreed to be a workbook and has the form of none.
pub fn no_workbook(bytes: &[u8], options: &ReadOptions) -> Box<Diagnostic> {
    let head = &bytes[..bytes.len().min(64 << 10)];
    let zeros = memchr::memchr_iter(0, head).count();
    let text = head_text(head);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    // As many zeros as other bytes are text in UTF-16.
    if zeros * 20 >= head.len() && zeros * 5 < head.len() * 2 || line.is_empty() {
        let hint = "open the file in the program that wrote it, and save it as XLSX";
        return Box::new(not_agreed(options, "bytes that are no workbook").with_hint(hint));
    }
    let marks = [(';', "`;`"), ('\t', "tabs"), ('|', "`|`"), (',', "`,`")];
    let found = marks.iter().find(|(mark, _)| line.contains(*mark));
    let found = match found {
        Some((_, words)) => format!("text with {words} between its fields (CSV)"),
        None => "text".to_owned(),
    };
    let hint = "the file is text under a workbook's name: set `format = \"csv\"` in the pipeline, or let the source write XLSX";
    Box::new(not_agreed(options, found).with_hint(hint))
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
    fn a_table_under_a_workbooks_name_is_refused_with_advice() {
        let page =
            b"<html><head><title>Timmar</title></head><body><table><tr><td>a</td></tr></table>";
        insta::assert_snapshot!(refusal(page, Format::Xlsx), @r"
        error[T0102]: the file is not a workbook (XLSX, XLSB, XLS or ODS)
           --> inbox/fil
            = found:    an HTML page with a table with the title `Timmar`
            = expected: a workbook (XLSX, XLSB, XLS or ODS)

        hint: if it is the table, open the file in a spreadsheet program and save it as XLSX, or let the source write XLSX or CSV; if it is an error or login page, fetch the file again
        ");
        insta::assert_snapshot!(refusal(b"Kod;Belopp\r\n1;2\r\n", Format::Xlsx), @r#"
        error[T0102]: the file is not a workbook (XLSX, XLSB, XLS or ODS)
           --> inbox/fil
            = found:    text with `;` between its fields (CSV)
            = expected: a workbook (XLSX, XLSB, XLS or ODS)

        hint: the file is text under a workbook's name: set `format = "csv"` in the pipeline, or let the source write XLSX
        "#);
        let cases: [(&[u8], &str); 8] = [
            (b"\xEF\xBB\xBF<table border=1><tr>", "an HTML page with a table"),
            (
                b"<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>",
                "an XML Spreadsheet 2003",
            ),
            (
                b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x",
                "a web archive (MHTML)",
            ),
            (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "a SYLK table"),
            (b"\x09\x04\x06\x00\x00\x00\x10\x00", "a workbook older than Excel 5"),
            (b"<?xml version=\"1.0\"?><office:document xmlns:office=\"x\">", "in one XML file"),
            (b"a\0\0\0\x01\x02\x03\0bbbbbbbbbbbbbbbbbb", "bytes that are no workbook"),
            (b"K\0o\0d\0\t\0B\0\n\0\x31\0\t\0\x32\0\n\0", "text with tabs between"),
        ];
        for (bytes, words) in cases {
            let text = refusal(bytes, Format::Xlsx);
            assert!(text.contains(words) && text.contains("XLSX"), "{text}");
        }
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

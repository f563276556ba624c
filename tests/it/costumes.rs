//! One table in every dress that a source may choose gives the same typed rows.

use crate::door::Agreement;
use std::io::Write;
use tertial_check::{Fields, Headings, parse_contract};
use tertial_model::Contract;
use tertial_model::pipeline::{FixedColumn, Format};
use tertial_read::ReadOptions;

const HEADINGS: [&str; 6] = ["Månad", "Enhet", "Text", "Belopp", "Tid", "Klar"];

/// Month, unit, text, hundredths of the amount, minutes, finished.
const ROWS: [(&str, &str, &str, i64, i64, bool); 6] = [
    ("2024-01", "0605", "Räksmörgås; à la carte, \"stor\"", 123_456_789, 7_765, true),
    ("2024-02", "0605", "två\nrader", -123_450, 0, false),
    ("2024-03", "0700", "Åre | Ström\tsund", 5, 30, true),
    ("2024-04", "0700", "", -5, 45, false),
    ("2024-05", "0811", " blanka kring ", 100_000_000, 6_015, true),
    ("2024-06", "0811", "Ö", 0, 90, false),
];

/// What every dress must give.
fn expected(line_end: &str) -> Vec<Vec<String>> {
    let amount = |hundredths: i64| {
        let sign = if hundredths < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
    };
    let hours = |minutes: i64| format!("{}.{:02}", minutes / 60, (minutes % 60 * 100 + 30) / 60);
    let text = |text: &str| match text.trim() {
        "" => "∅".to_owned(),
        text => text.replace('\n', line_end),
    };
    ROWS.iter()
        .map(|(month, unit, words, hundredths, minutes, done)| {
            vec![
                format!("{month}-01"),
                (*unit).to_owned(),
                text(words),
                amount(*hundredths),
                hours(*minutes),
                done.to_string(),
            ]
        })
        .collect()
}

fn contract() -> Contract {
    let columns = [
        "{name: month, logicalType: date, physicalType: month, required: true, primaryKey: true}",
        "{name: unit_code, logicalType: string, physicalType: varchar, required: true}",
        "{name: words, logicalType: string, physicalType: varchar}",
        "{name: amount_sek, logicalType: number, physicalType: \"decimal(18,2)\", required: true}",
        "{name: time_hours, logicalType: number, physicalType: \"decimal(9,2)\", required: true, customProperties: [{property: tertial.unit, value: timmar}]}",
        "{name: is_done, logicalType: boolean, physicalType: boolean, required: true}",
    ];
    let columns: String = columns.iter().map(|column| format!("      - {column}\n")).collect();
    let head = "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: active\nschema:\n  - name: sample__rows\n    properties:\n";
    parse_contract(
        "schemas/sample__rows.odcs.yaml",
        &format!("{head}{columns}"),
        &Fields::default(),
    )
    .unwrap()
}

fn agreement(options: ReadOptions, decimal: Option<char>) -> Agreement {
    let names = ["month", "unit_code", "words", "amount_sek", "time_hours", "is_done"];
    let lines = HEADINGS.iter().zip(names).map(|(h, n)| format!("sample__rows,{h},{n},\n"));
    let text = format!("table,heading,column,valid_from\n{}", lines.collect::<String>());
    Agreement {
        tables: vec![(None, contract())],
        headings: Headings::parse("headings.csv", &text).unwrap(),
        decimal,
        ..Agreement::of(options)
    }
}

/// How numbers are written.
#[derive(Clone, Copy)]
struct Numbers {
    mark: char,
    thousands: &'static str,
    minus: &'static str,
}

impl Numbers {
    fn amount(self, hundredths: i64) -> String {
        let whole = (hundredths.abs() / 100).to_string();
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push_str(self.thousands);
            }
            grouped.push(digit);
        }
        let sign = if hundredths < 0 { self.minus } else { "" };
        format!("{sign}{grouped}{}{:02}", self.mark, hundredths.abs() % 100)
    }
}

fn cells(numbers: Numbers, line_end: &str) -> Vec<Vec<String>> {
    let mut rows = vec![HEADINGS.map(str::to_owned).to_vec()];
    for (month, unit, words, hundredths, minutes, done) in ROWS {
        rows.push(vec![
            month.to_owned(),
            unit.to_owned(),
            words.replace('\n', line_end),
            numbers.amount(hundredths),
            format!("{}:{:02}", minutes / 60, minutes % 60),
            if done { "J" } else { "N" }.to_owned(),
        ]);
    }
    rows
}

fn delimited(rows: &[Vec<String>], delimiter: char, line_end: &str, quote_all: bool) -> String {
    let dress = |cell: &String| {
        if quote_all || cell.contains([delimiter, '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line = |row: &Vec<String>| {
        row.iter().map(dress).collect::<Vec<_>>().join(&delimiter.to_string()) + line_end
    };
    rows.iter().map(line).collect()
}

/// The name of an encoding, whether it must be agreed, and the bytes; none where it lacks a letter.
fn encode(text: &str, encoding: &str) -> Option<Vec<u8>> {
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let single = |encoding: &'static encoding_rs::Encoding| {
        let (bytes, _, lossy) = encoding.encode(text);
        (!lossy).then(|| bytes.into_owned())
    };
    let oem = |table| oem_cp::encode_string_checked(text, table);
    use oem_cp::code_table::{ENCODING_TABLE_CP437, ENCODING_TABLE_CP850};
    match encoding {
        "utf-8" => Some(text.as_bytes().to_vec()),
        "utf-8 with mark" => Some([b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        "utf-16le" => Some(wide(u16::to_le_bytes)),
        "utf-16le with mark" => Some([b"\xFF\xFE".to_vec(), wide(u16::to_le_bytes)].concat()),
        "utf-16be with mark" => Some([b"\xFE\xFF".to_vec(), wide(u16::to_be_bytes)].concat()),
        "windows-1252" => single(encoding_rs::WINDOWS_1252),
        "iso-8859-15" => single(encoding_rs::ISO_8859_15),
        // The letters of ISO-8859-1 are the first 256 of Unicode.
        "iso-8859-1" => text.chars().map(|c| u8::try_from(c).ok()).collect(),
        "cp437" => oem(&ENCODING_TABLE_CP437),
        "cp850" => oem(&ENCODING_TABLE_CP850),
        _ => panic!("{encoding}"),
    }
}

fn check(name: &str, agreement: &Agreement, bytes: Vec<u8>, line_end: &str) {
    let taken = agreement.take(bytes);
    let told = |all: &[tertial_model::Diagnostic]| {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(taken.refused.is_empty(), "{name}: {}", told(&taken.refused));
    let part = &taken.parts[0];
    assert!(part.reasons.is_empty(), "{name}: {}", told(&part.reasons));
    let rows: Vec<Vec<String>> = part.accepted.iter().map(|(_, cells)| cells.clone()).collect();
    assert_eq!(rows, expected(line_end), "{name}");
}

const ENCODINGS: [&str; 10] = [
    "utf-8",
    "utf-8 with mark",
    "utf-16le",
    "utf-16le with mark",
    "utf-16be with mark",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-15",
    "cp437",
    "cp850",
];
/// Ordinary, no-break and narrow no-break blank, and point.
const THOUSANDS: [&str; 5] = ["", " ", "\u{a0}", "\u{202f}", "."];
/// Hyphen, minus, minus and blank, no-break hyphen, figure dash, en dash.
const MINUSES: [&str; 6] = ["-", "\u{2212}", "\u{2212} ", "\u{2011}", "\u{2012}", "\u{2013}"];

/// Encoding × delimiter × decimal mark × thousands × minus × line end × quotes, agreed and found.
#[test]
fn one_table_in_thousands_of_dresses_of_delimited_text() {
    let mut dresses = 0;
    let mut encodings = std::collections::BTreeSet::new();
    for encoding in ENCODINGS {
        // No byte tells these from their neighbours: they are agreed on or not used.
        let is_agreed = matches!(encoding, "iso-8859-1" | "iso-8859-15" | "cp850");
        for (mark, thousands, minus) in numbers() {
            let numbers = Numbers { mark, thousands, minus };
            for delimiter in [';', ',', '\t', '|'] {
                for line_end in ["\n", "\r\n", "\r"] {
                    for quote_all in [false, true] {
                        let rows = cells(numbers, line_end);
                        let text = delimited(&rows, delimiter, line_end, quote_all);
                        let Some(bytes) = encode(&text, encoding) else { continue };
                        let name = format!(
                            "{encoding}, `{mark}`, thousands {thousands:?}, minus {minus:?}, {delimiter:?}, {line_end:?}, quotes {quote_all}"
                        );
                        let options = ReadOptions {
                            encoding: is_agreed.then(|| encoding.to_owned()),
                            ..ReadOptions::new(Format::Csv, "fil.csv")
                        };
                        check(&name, &agreement(options, Some(mark)), bytes, line_end);
                        dresses += 1;
                        encodings.insert(encoding);
                    }
                }
            }
        }
    }
    assert_eq!(encodings.len(), ENCODINGS.len());
    assert!(dresses > 4_000, "{dresses}");
}

/// Every decimal mark with every mark for thousands that can be told from it, and every minus.
fn numbers() -> Vec<(char, &'static str, &'static str)> {
    let mut all = Vec::new();
    for mark in [',', '.'] {
        for thousands in THOUSANDS {
            for minus in MINUSES {
                if mark != '.' || thousands != "." {
                    all.push((mark, thousands, minus));
                }
            }
        }
    }
    all
}

#[test]
fn the_same_table_in_other_formats() {
    let plain = Numbers { mark: '.', thousands: "", minus: "-" };
    // JSON: one array, one object a line, and inside an envelope.
    let objects: Vec<String> = ROWS
        .iter()
        .zip(&cells(plain, "\n")[1..])
        .map(|(row, cells)| {
            let text = |at: usize| serde_json::Value::from(cells[at].as_str());
            serde_json::json!({
                "Månad": text(0), "Enhet": text(1), "Text": text(2), "Belopp": 0, "Tid": text(4),
                "Klar": row.5,
            })
            .to_string()
            .replace("\"Belopp\":0", &format!("\"Belopp\":{}", cells[3]))
        })
        .collect();
    let json = agreement(ReadOptions::new(Format::Json, "fil.json"), None);
    for text in [
        format!("[{}]", objects.join(",")),
        objects.join("\n"),
        format!("{{\"antal\": 6, \"rader\": [{}]}}", objects.join(",")),
    ] {
        check("json", &json, text.into_bytes(), "\n");
    }
    // Fixed width: texts without line breaks, for a line is a row.
    let widths = [8, 6, 34, 14, 8, 1];
    let mut start = 1;
    let columns: Vec<FixedColumn> = HEADINGS
        .iter()
        .zip(widths)
        .map(|(heading, width)| {
            let column = FixedColumn { heading: (*heading).to_owned(), start, width: Some(width) };
            start += width;
            column
        })
        .collect();
    let numbers = Numbers { mark: ',', thousands: " ", minus: "-" };
    let lines: String = cells(numbers, " ")[1..]
        .iter()
        .map(|row| {
            let cell = |(text, width): (&String, u32)| {
                let blanks = (width as usize).saturating_sub(text.chars().count());
                format!("{text}{}", " ".repeat(blanks))
            };
            row.iter().zip(widths).map(cell).collect::<String>() + "\r\n"
        })
        .collect();
    let options = ReadOptions { columns, ..ReadOptions::new(Format::Fixed, "fil.txt") };
    let fixed = agreement(options, Some(','));
    for encoding in ["utf-8 with mark", "utf-16le with mark", "windows-1252", "cp437"] {
        check(encoding, &fixed, encode(&lines, encoding).unwrap(), " ");
    }
    // A workbook: numbers as numbers, durations as durations, and everything as text.
    for as_text in [false, true] {
        let book = workbook(as_text);
        let options =
            ReadOptions { header_row: Some(3), ..ReadOptions::new(Format::Xlsx, "fil.xlsx") };
        check("xlsx", &agreement(options, as_text.then_some(',')), book, "\n");
    }
}

fn workbook(as_text: bool) -> Vec<u8> {
    use rust_xlsxwriter::{Format as Style, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "Sammanställning 2024").unwrap();
    for (column, heading) in HEADINGS.iter().enumerate() {
        sheet.write_string(2, column as u16, *heading).unwrap();
    }
    let numbers = Numbers { mark: ',', thousands: "\u{a0}", minus: "\u{2212}" };
    let texts = cells(numbers, "\n");
    let duration = Style::new().set_num_format("[h]:mm");
    for (index, row) in ROWS.iter().enumerate() {
        let at = index as u32 + 3;
        for (column, text) in texts[index + 1].iter().enumerate() {
            sheet.write_string(at, column as u16, text).unwrap();
        }
        if !as_text {
            sheet.write_number(at, 3, row.3 as f64 / 100.0).unwrap();
            sheet.write_number_with_format(at, 4, row.4 as f64 / 1440.0, &duration).unwrap();
            sheet.write_boolean(at, 5, row.5).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// A mark in a quoted cell, a delimiter that the text holds, headings far down: found all the same.
#[test]
fn the_first_records_tell_the_dress() {
    let rows = cells(Numbers { mark: ',', thousands: " ", minus: "-" }, "\n");
    let mut text = "Utdrag ur systemet\r\n\r\n".to_owned();
    text.push_str(&delimited(&rows, ';', "\r\n", false));
    let options = ReadOptions { header_row: Some(3), ..ReadOptions::new(Format::Csv, "fil.csv") };
    check("headings on line 3", &agreement(options, Some(',')), text.into_bytes(), "\n");
    let mut sink = Vec::new();
    write!(sink, "{}", delimited(&rows, ';', "\n", true)).unwrap();
    sink.pop();
    let options = ReadOptions::new(Format::Csv, "fil.csv");
    check("no last line end", &agreement(options, Some(',')), sink, "\n");
}

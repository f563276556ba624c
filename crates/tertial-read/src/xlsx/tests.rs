use crate::{Limits, PartChoice, ReadOptions, open_bytes};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use tertial_model::pipeline::Format;
use tertial_model::{Diagnostic, Part, ReadSummary};

/// A workbook with these sheets, written part by part.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, text: &str| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    add("[Content_Types].xml", &format!("<Types xmlns=\"{package}/content-types\"/>"));
    add(
        "_rels/.rels",
        &format!(
            "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    let mut list = String::new();
    let mut links = String::new();
    for (index, (name, _)) in sheets.iter().enumerate() {
        list += &format!("<sheet name=\"{name}\" sheetId=\"{0}\" r:id=\"r{0}\"/>", index + 1);
        links += &format!(
            "<Relationship Id=\"r{0}\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet{0}.xml\"/>",
            index + 1
        );
    }
    links += &format!("<Relationship Id=\"s\" Type=\"{relation}/styles\" Target=\"styles.xml\"/>");
    add(
        "xl/workbook.xml",
        &format!(
            "<workbook xmlns=\"{namespace}\" xmlns:r=\"{relation}\"><sheets>{list}</sheets></workbook>"
        ),
    );
    add(
        "xl/_rels/workbook.xml.rels",
        &format!("<Relationships xmlns=\"{package}/relationships\">{links}</Relationships>"),
    );
    // Style 1 is a date, style 2 a duration.
    add(
        "xl/styles.xml",
        &format!(
            "<styleSheet xmlns=\"{namespace}\"><numFmts count=\"1\"><numFmt numFmtId=\"170\" formatCode=\"[h]:mm\"/></numFmts><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>"
        ),
    );
    for (index, (_, rows)) in sheets.iter().enumerate() {
        add(
            &format!("xl/worksheets/sheet{}.xml", index + 1),
            &format!(
                "<worksheet xmlns=\"{namespace}\"><dimension ref=\"A1\"/><sheetData>{rows}</sheetData></worksheet>"
            ),
        );
    }
    archive.finish().unwrap().into_inner()
}

fn text(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn value(cell: &str, style: u8, value: &str) -> String {
    format!("<c r=\"{cell}\" s=\"{style}\"><v>{value}</v></c>")
}

fn row(number: u32, cells: &[String]) -> String {
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}

fn travel() -> String {
    [
        row(1, &[text("A1", "Resor 2024")]),
        row(
            3,
            &[text("A3", "Månad"), text("B3", "Färdmedel"), text("C3", "Mängd"), text("D3", "Tid")],
        ),
        row(
            4,
            &[
                value("A4", 1, "45505"),
                text("B4", "Flyg"),
                value("C4", 0, "12.5"),
                value("D4", 2, "5.392361111111111"),
            ],
        ),
        row(
            5,
            &[
                text("A5", "007"),
                value("B5", 0, "1200"),
                "<c r=\"C5\" t=\"e\"><v>#DIV/0!</v></c>".to_owned(),
            ],
        ),
        row(6, &[]),
        row(
            7,
            &[value("A7", 1, "45505.75"), text("B7", "Tåg"), value("C7", 0, "0.30000000000000004")],
        ),
    ]
    .concat()
}

struct Read {
    parts: Vec<Part>,
    rows: Vec<String>,
    summary: ReadSummary,
}

fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<Read, Box<Diagnostic>> {
    let mut reader = open_bytes(bytes.to_vec(), options)?;
    let parts = reader.parts().to_vec();
    let mut rows = Vec::new();
    while let Some(chunk) = reader.next()? {
        let batch = chunk.parse();
        let name = &parts[batch.part].name;
        rows.extend(
            (0..batch.rows())
                .map(|row| format!("{name}!{} {}", batch.lines[row], batch.raw_row(row))),
        );
    }
    Ok(Read { parts, rows, summary: reader.finish() })
}

fn options() -> ReadOptions {
    ReadOptions::new(Format::Xlsx, "inbox/klimatdata_2024.xlsx")
}

fn chosen(part: Option<&str>, header_row: Option<u32>, range: Option<&str>) -> ReadOptions {
    let part = part.map(str::to_owned);
    let range = range.map(str::to_owned);
    ReadOptions { tables: vec![PartChoice { part, header_row, range }], ..options() }
}

#[test]
fn cells_are_what_a_person_would_type() {
    let read = read_with(&workbook(&[("Resor", &travel())]), &options()).unwrap();
    assert_eq!(read.parts[0].headings, ["Månad", "Färdmedel", "Mängd", "Tid"]);
    assert_eq!(
        read.rows,
        [
            "Resor!4 2024-08-01;Flyg;12.5;129:25:00",
            "Resor!5 007;1200;#DIV/0!;",
            "Resor!7 2024-08-01T18:00:00;Tåg;0.3;",
        ]
    );
    assert_eq!(read.summary.decisions, ["sheet `Resor`: headings on row 3 (found)"]);
}

#[test]
fn a_cell_can_be_found_again() {
    let mut reader = open_bytes(workbook(&[("Resor", &travel())]), &options()).unwrap();
    let part = reader.parts()[0].clone();
    let batch = reader.next().unwrap().unwrap().parse();
    let place = batch.location("f.xlsx", &part, 1, 2).to_string();
    assert_eq!(place, "f.xlsx!Resor!C5 (column 3, `Mängd`)");
}

#[test]
fn a_missing_sheet_is_told_with_those_there_are() {
    let book = workbook(&[("Resor", &travel()), ("Avfall", "")]);
    let fault = read_with(&book, &chosen(Some("Energi"), None, None)).err().unwrap();
    insta::assert_snapshot!(fault, @r"
    error[T0111]: the workbook has no sheet `Energi`
       --> inbox/klimatdata_2024.xlsx
        = found:    `Resor`, `Avfall`

    hint: set `part` of the table in the pipeline to one of those found
    ");
    assert_eq!(read_with(&book, &chosen(None, None, None)).err().unwrap().code.name(), "T0111");
    assert_eq!(read_with(&book, &options()).unwrap().parts.len(), 1, "an empty sheet is no part");
}

#[test]
fn a_range_and_a_heading_row_cut_the_table_out() {
    let book = workbook(&[("Resor", &travel())]);
    let read = read_with(&book, &chosen(Some("Resor"), None, Some("B3:C4"))).unwrap();
    assert_eq!(read.parts[0].headings, ["Färdmedel", "Mängd"]);
    assert_eq!(read.rows, ["Resor!4 Flyg;12.5"]);
    let read = read_with(&book, &chosen(None, Some(4), None)).unwrap();
    assert_eq!(read.parts[0].headings[0], "2024-08-01");
    let fault = read_with(&book, &chosen(None, None, Some("B:C"))).err().unwrap();
    assert_eq!(fault.code.name(), "T0502");
    let fault = read_with(&book, &chosen(None, Some(2), None)).err().unwrap();
    assert_eq!(fault.code.name(), "T0105");
}

#[test]
fn cells_beside_the_table_are_told() {
    let rows = travel() + &row(8, &[text("A8", "x"), text("F8", "anteckning")]);
    let read = read_with(&workbook(&[("Resor", &rows)]), &options()).unwrap();
    insta::assert_snapshot!(read.summary.diagnostics[0], @r"
    warning[T0107]: cells stand beside the table
       --> inbox/klimatdata_2024.xlsx!Resor!F8
        = found:    1 rows with text in columns without a heading
        = effect:   the cells are not read

    hint: set `range` of the table in the pipeline, or ask for a heading
    ");
}

#[test]
fn a_workbook_that_unpacks_too_far_is_refused() {
    let spaces = " ".repeat(3 << 20);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let small = ReadOptions { limits, ..options() };
    let fault = read_with(&workbook(&[("Resor", &spaces)]), &small).err().unwrap();
    assert!(fault.to_string().contains("T0109"), "{fault}");
    let limits = Limits { cells: 5, ..Limits::default() };
    let few = ReadOptions { limits, ..options() };
    let fault = read_with(&workbook(&[("Resor", &travel())]), &few).err().unwrap();
    assert!(fault.message.contains("too many cells"), "{fault}");
}

#[test]
fn two_tables_of_one_sheet_are_two_parts() {
    let choice = |range: &str| PartChoice {
        part: Some("Resor".into()),
        header_row: None,
        range: Some(range.into()),
    };
    let tables = vec![choice("A3:B"), choice("C3:D")];
    let read = read_with(&workbook(&[("Resor", &travel())]), &ReadOptions { tables, ..options() })
        .unwrap();
    assert_eq!(read.parts[1].headings, ["Mängd", "Tid"]);
    assert_eq!(read.rows.len(), 6);
}

#[test]
fn a_text_file_is_no_workbook() {
    let fault = read_with(b"a;b\n1;2\n", &options()).err().unwrap();
    assert_eq!(fault.code.name(), "T0102");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_never_panics(cut in 0usize..4000, flips in prop::collection::vec((0usize..4000, any::<u8>()), 0..4)) {
        let mut bytes = workbook(&[("Resor", &travel())]);
        let length = bytes.len();
        for (at, byte) in flips {
            bytes[at % length] = byte;
        }
        let _ = read_with(&bytes, &options());
        bytes.truncate(cut);
        let _ = read_with(&bytes, &options());
    }
}

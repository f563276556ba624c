use crate::{Limits, PartChoice, ReadOptions, open_bytes};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use tertial_model::pipeline::Format;
use tertial_model::{Diagnostic, Part, ReadSummary};

/// A workbook with these sheets, written part by part.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    workbook_with(sheets, "")
}

fn workbook_with(sheets: &[(&str, &str)], properties: &str) -> Vec<u8> {
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
            "<workbook xmlns=\"{namespace}\" xmlns:r=\"{relation}\">{properties}<sheets>{list}</sheets></workbook>"
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

const XLS: &[u8] = include_bytes!("../../../../tests/golden/workbooks/resor.xls");
const XLS_1904: &[u8] = include_bytes!("../../../../tests/golden/workbooks/resor_1904.xls");
const ODS: &[u8] = include_bytes!("../../../../tests/golden/workbooks/resor.ods");

#[test]
fn old_and_open_workbooks_give_the_same_rows() {
    let headings = ["Dag", "Enhet", "Kod", "Belopp", "Tid"];
    for bytes in [XLS, XLS_1904] {
        let read = read_with(bytes, &options()).unwrap();
        assert_eq!(read.parts[0].headings, headings);
        assert_eq!(
            read.rows,
            [
                "Resor!4 2024-08-01;Östersund;0070;1234.5;129:25:00",
                "Resor!5 2024-02-29;Östersund;0605;−12,50;12:00:00",
                "Resor!6 2024-01-01;Åre;;#N/A;",
            ]
        );
        let told =
            "sheet `Resor`: 1 texts merged over rows stand in each of them, 0 numbers in the first";
        assert!(read.summary.decisions.contains(&told.to_owned()), "{:?}", read.summary.decisions);
    }
    let read = read_with(ODS, &options()).unwrap();
    assert_eq!(read.parts[0].headings, headings);
    assert_eq!(
        read.rows,
        [
            "Resor!4 2024-08-01;Östersund;0070;1234.5;129:25:00",
            "Resor!5 2024-02-29;Östersund;0605;−12,50;12:00:00",
            "Resor!6 2024-01-01;Åre;;0.3;",
        ]
    );
}

#[test]
fn days_are_counted_from_1904_where_the_workbook_says_so() {
    let rows = row(1, &[text("A1", "Dag"), text("B1", "Text")])
        + &row(2, &[value("A2", 1, "44043"), text("B2", "x")]);
    let book = workbook_with(&[("Resor", &rows)], "<workbookPr date1904=\"1\"/>");
    assert_eq!(read_with(&book, &options()).unwrap().rows, ["Resor!2 2024-08-01;x"]);
    let book = workbook(&[("Resor", &rows)]);
    assert_eq!(read_with(&book, &options()).unwrap().rows, ["Resor!2 2020-07-31;x"]);
}

#[test]
fn a_merged_text_stands_in_each_of_its_rows_and_a_merged_number_in_the_first() {
    let rows = row(1, &[text("A1", "Enhet"), text("B1", "Slag"), text("C1", "Belopp")])
        + &row(2, &[text("A2", "605"), text("B2", "a"), value("C2", 0, "7")])
        + &row(3, &[text("B3", "b")])
        + &row(4, &[text("A4", "607"), text("B4", "c"), value("C4", 0, "8")]);
    let sheet = format!(
        "{rows}</sheetData><mergeCells count=\"2\"><mergeCell ref=\"A2:A3\"/><mergeCell ref=\"C2:C3\"/></mergeCells><sheetData>"
    );
    let read = read_with(&workbook(&[("Resor", &sheet)]), &options()).unwrap();
    assert_eq!(read.rows, ["Resor!2 605;a;7", "Resor!3 605;b;", "Resor!4 607;c;8"]);
    assert!(read.summary.decisions.iter().any(|words| words.contains("1 numbers in the first")));
}

#[test]
fn a_row_number_that_was_damaged_moves_no_value() {
    let good = row(1, &[text("A1", "a"), text("B1", "b")]);
    for rows in [
        good.clone() + &row(7, &[value("A7", 0, "1")]) + &row(5, &[value("A5", 0, "2")]),
        good.clone() + &row(5, &[value("A5", 0, "1"), value("A5", 0, "2")]),
    ] {
        let fault = read_with(&workbook(&[("Resor", &rows)]), &options()).err().unwrap();
        assert_eq!(fault.code.name(), "T0103", "{fault}");
        assert!(fault.to_string().contains("after cell A"), "{fault}");
    }
}

#[test]
fn what_a_workbook_states_about_its_size_is_not_believed() {
    // A library would ask for 24 bytes for each text before it looks.
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook(&[("Resor", &travel())]))).unwrap();
    let mut bigger = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        bigger.raw_copy_file(archive.by_index(index).unwrap()).unwrap();
    }
    let plain = zip::write::SimpleFileOptions::default();
    bigger.start_file("xl/sharedStrings.xml", plain).unwrap();
    bigger.write_all(b"<sst uniqueCount=\"99999999999999\"><si><t>x</t></si></sst>").unwrap();
    let fault = read_with(&bigger.finish().unwrap().into_inner(), &options()).err().unwrap();
    assert_eq!(fault.code.name(), "T0103", "{fault}");
    // Half a million repeated rows of a thousand cells.
    let mut archive = zip::ZipArchive::new(Cursor::new(ODS.to_vec())).unwrap();
    let mut bigger = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().to_owned();
        let mut words = String::new();
        std::io::Read::read_to_string(&mut part, &mut words).unwrap();
        let wide = "<table:table-row table:number-rows-repeated=\"500000\"><table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"1000\"/></table:table-row></table:table>";
        bigger.start_file(name, plain.compression_method(zip::CompressionMethod::Stored)).unwrap();
        bigger.write_all(words.replacen("</table:table>", wide, 1).as_bytes()).unwrap();
    }
    let fault = read_with(&bigger.finish().unwrap().into_inner(), &options()).err().unwrap();
    assert_eq!(fault.code.name(), "T0109", "{fault}");
    // The record of the sheet's size in an old workbook: two thousand million rows.
    let at = XLS.windows(4).position(|w| w == [0x00, 0x02, 0x0E, 0x00]).unwrap();
    let mut bytes = XLS.to_vec();
    bytes[at + 8..at + 12].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x7F]);
    let fault = read_with(&bytes, &options()).err().unwrap();
    assert_eq!(fault.code.name(), "T0109", "{fault}");
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
        for whole in [workbook(&[("Resor", &travel())]), XLS.to_vec(), ODS.to_vec()] {
            let mut bytes = whole;
            let length = bytes.len();
            for (at, byte) in &flips {
                bytes[at % length] = *byte;
            }
            let _ = read_with(&bytes, &options());
            bytes.truncate(cut);
            let _ = read_with(&bytes, &options());
        }
    }
}

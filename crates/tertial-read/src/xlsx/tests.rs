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

const SHARES: &[u8] = include_bytes!("../../../../tests/golden/workbooks/andelar.xls");

/// What the sheet `Andelar` gives in each of the formats.
const SHOWN: [&str; 4] = [
    "Andelar!2 Kök Nord;35.5;12.5 tkr;0605;#NO RESULT",
    "Andelar!3 Kök Syd;42 %;10 kr;0007;#NO RESULT",
    "Andelar!4 Kök Öst;30.75 %;10 EUR;12345;#NO RESULT",
    "Andelar!5 Kök Väst;28 %;#REF!;;",
];

const HEADINGS: [&str; 5] = ["Enhet", "Andel (%)", "Belopp", "Kod", "Summa"];

/// The same sheet as XLSX: styles 1 to 6 are those of the columns.
fn shares_xlsx(calculation: &str, result: &str) -> Vec<u8> {
    let head: Vec<String> =
        HEADINGS.iter().zip("ABCDE".chars()).map(|(h, c)| text(&format!("{c}1"), h)).collect();
    let mut rows = row(1, &head);
    let numbers = [
        ("Kök Nord", "35.5", 0, "12500", 3, "605"),
        ("Kök Syd", "0.42", 1, "10", 4, "7"),
        ("Kök Öst", "0.3075", 2, "10", 5, "12345"),
    ];
    for ((unit, share, percent, amount, money, code), at) in numbers.into_iter().zip(2..) {
        rows += &row(
            at,
            &[
                text(&format!("A{at}"), unit),
                value(&format!("B{at}"), percent, share),
                value(&format!("C{at}"), money, amount),
                value(&format!("D{at}"), 6, code),
                format!("<c r=\"E{at}\"><f>C{at}*2</f>{result}</c>"),
            ],
        );
    }
    rows += &row(
        5,
        &[
            text("A5", "Kök Väst"),
            text("B5", "28 %"),
            "<c r=\"C5\" t=\"e\"><f>X1</f><v>#REF!</v></c>".to_owned(),
        ],
    );
    let book = workbook_with(&[("Andelar", &rows)], "");
    replaced(&book, |name, part| {
        match name {
        "xl/styles.xml" => Some(
            "<styleSheet xmlns=\"x\"><numFmts><numFmt numFmtId=\"170\" formatCode=\"#,##0,&quot; tkr&quot;\"/><numFmt numFmtId=\"171\" formatCode=\"#,##0.00&quot; kr&quot;\"/><numFmt numFmtId=\"172\" formatCode=\"#,##0.00\\ [$€-1]\"/><numFmt numFmtId=\"173\" formatCode=\"0000\"/></numFmts><cellStyleXfs><xf numFmtId=\"9\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"9\"/><xf numFmtId=\"10\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/><xf numFmtId=\"172\"/><xf numFmtId=\"173\"/></cellXfs></styleSheet>".to_owned(),
        ),
        "xl/workbook.xml" => Some(part.replace("</workbook>", &format!("{calculation}</workbook>"))),
        _ => None,
    }
    })
}

/// The archive with some of its parts written anew.
fn replaced(book: &[u8], part: impl Fn(&str, &str) -> Option<String>) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut other = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().to_owned();
        let mut words = String::new();
        std::io::Read::read_to_string(&mut entry, &mut words).unwrap();
        let words = part(&name, &words).unwrap_or(words);
        other.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        other.write_all(words.as_bytes()).unwrap();
    }
    other.finish().unwrap().into_inner()
}

/// The same sheet as XLSB, record by record.
fn shares_xlsb(calculation: u8) -> Vec<u8> {
    fn packed(mut number: usize, out: &mut Vec<u8>) {
        while number >= 0x80 {
            out.push(number as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
    }
    fn record(kind: usize, data: &[u8], out: &mut Vec<u8>) {
        packed(kind, out);
        packed(data.len(), out);
        out.extend_from_slice(data);
    }
    fn wide(text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    }
    let cell = |column: u32, style: u32, rest: &[u8]| {
        [&column.to_le_bytes()[..], &style.to_le_bytes(), rest].concat()
    };
    let mut book = Vec::new();
    record(0x99, &[0; 8], &mut book);
    let sheet = [&[0; 8][..], &wide("r1"), &wide("Andelar")].concat();
    record(0x9C, &sheet, &mut book);
    record(0x90, &[], &mut book);
    record(0x9D, &[&[0; 24][..], &[calculation, 0]].concat(), &mut book);
    let mut styles = Vec::new();
    let codes = ["#,##0,\" tkr\"", "#,##0.00\" kr\"", "#,##0.00\\ [$EUR]", "0000"];
    for (code, number) in codes.iter().zip(170_u16..) {
        record(0x2C, &[&number.to_le_bytes()[..], &wide(code)].concat(), &mut styles);
    }
    record(0x272, &[0; 4], &mut styles);
    record(0x2F, &[0, 0, 9, 0], &mut styles);
    record(0x273, &[], &mut styles);
    record(0x269, &[0; 4], &mut styles);
    for number in [0_u16, 9, 10, 170, 171, 172, 173] {
        record(0x2F, &[&[0, 0][..], &number.to_le_bytes()].concat(), &mut styles);
    }
    record(0x26A, &[], &mut styles);
    let mut texts = Vec::new();
    record(0x9F, &[0; 8], &mut texts);
    record(0x13, &[&[0][..], &wide("Enhet")].concat(), &mut texts);
    let mut sheet = Vec::new();
    record(0x91, &[], &mut sheet);
    record(0x00, &[&0_u32.to_le_bytes()[..], &[0; 13]].concat(), &mut sheet);
    record(0x07, &cell(0, 0, &0_u32.to_le_bytes()), &mut sheet);
    for (heading, column) in HEADINGS[1..].iter().zip(1..) {
        record(0x06, &cell(column, 0, &wide(heading)), &mut sheet);
    }
    let numbers = [
        ("Kök Nord", 35.5, 0, 12500_u32, 3, 605.0),
        ("Kök Syd", 0.42, 1, 10, 4, 7.0),
        ("Kök Öst", 0.3075, 2, 10, 5, 12345.0),
    ];
    for ((unit, share, percent, amount, money, code), row) in numbers.into_iter().zip(1_u32..) {
        record(0x00, &[&row.to_le_bytes()[..], &[0; 13]].concat(), &mut sheet);
        // A text in several styles, a number, a packed whole number, a formula.
        record(0x3E, &cell(0, 0, &[&[0][..], &wide(unit)].concat()), &mut sheet);
        record(0x05, &cell(1, percent, &f64::to_le_bytes(share)), &mut sheet);
        record(0x02, &cell(2, money, &(amount << 2 | 2).to_le_bytes()), &mut sheet);
        record(0x05, &cell(3, 6, &f64::to_le_bytes(code)), &mut sheet);
        record(0x09, &cell(4, 0, &[&f64::to_le_bytes(0.0)[..], &[0; 2]].concat()), &mut sheet);
    }
    record(0x00, &[&4_u32.to_le_bytes()[..], &[0; 13]].concat(), &mut sheet);
    record(0x06, &cell(0, 0, &wide("Kök Väst")), &mut sheet);
    record(0x06, &cell(1, 0, &wide("28 %")), &mut sheet);
    record(0x0B, &cell(2, 0, &[0x17, 0, 0]), &mut sheet);
    record(0x92, &[], &mut sheet);
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let list = |entries: &str| {
        format!("<Relationships xmlns=\"x\">{entries}</Relationships>").into_bytes()
    };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [
        (
            "_rels/.rels",
            list(&format!(
                "<Relationship Id=\"r\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.bin\"/>"
            )),
        ),
        (
            "xl/_rels/workbook.bin.rels",
            list(&format!(
                "<Relationship Id=\"r1\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet1.bin\"/><Relationship Id=\"r2\" Type=\"{relation}/styles\" Target=\"styles.bin\"/><Relationship Id=\"r3\" Type=\"{relation}/sharedStrings\" Target=\"sharedStrings.bin\"/>"
            )),
        ),
        ("xl/workbook.bin", book),
        ("xl/styles.bin", styles),
        ("xl/sharedStrings.bin", texts),
        ("xl/worksheets/sheet1.bin", sheet),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The same sheet as ODS.
fn shares_ods() -> Vec<u8> {
    let word = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let number = |kind: &str, style: &str, value: &str, more: &str| {
        format!(
            "<table:table-cell table:style-name=\"{style}\" office:value-type=\"{kind}\" office:value=\"{value}\"{more}><text:p>x</text:p></table:table-cell>"
        )
    };
    let formula = "<table:table-cell table:formula=\"of:=[.C2]*2\"/>";
    let head: String = HEADINGS.iter().map(|heading| word(heading)).collect();
    let crowns = " office:currency=\"SEK\"";
    let euros = " office:currency=\"EUR\"";
    let rows = [
        head,
        word("Kök Nord")
            + &number("float", "plain", "35.5", "")
            + &number("float", "thousands", "12500", "")
            + &number("float", "code", "605", "")
            + formula,
        word("Kök Syd")
            + &number("percentage", "share", "0.42", "")
            + &number("currency", "plain", "10", crowns)
            + &number("float", "code", "7", "")
            + formula,
        word("Kök Öst")
            + &number("percentage", "plain", "0.3075", "")
            + &number("currency", "plain", "10", euros)
            + &number("float", "code", "12345", "")
            + formula,
        word("Kök Väst")
            + &word("28 %")
            + "<table:table-cell table:formula=\"of:=[.X1]\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>#REFERENS!</text:p></table:table-cell>",
    ];
    let rows: String =
        rows.iter().map(|row| format!("<table:table-row>{row}</table:table-row>")).collect();
    let styles = "<office:automatic-styles><number:number-style style:name=\"N1\"><number:number number:display-factor=\"1000\" number:decimal-places=\"0\" number:min-integer-digits=\"1\"/><number:text> tkr</number:text></number:number-style><number:number-style style:name=\"N2\"><number:number number:decimal-places=\"0\" number:min-integer-digits=\"4\"/></number:number-style><number:percentage-style style:name=\"N3\"><number:number number:decimal-places=\"0\"/><number:text>%</number:text></number:percentage-style><style:style style:name=\"thousands\" style:family=\"table-cell\" style:data-style-name=\"N1\"/><style:style style:name=\"codes\" style:family=\"table-cell\" style:data-style-name=\"N2\"/><style:style style:name=\"code\" style:family=\"table-cell\" style:parent-style-name=\"codes\"/><style:style style:name=\"share\" style:family=\"table-cell\" style:data-style-name=\"N3\"/></office:automatic-styles>";
    let content = format!(
        "<office:document-content>{styles}<office:body><office:spreadsheet><table:table table:name=\"Andelar\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    replaced(ODS, |name, _| (name == "content.xml").then(|| content.clone()))
}

#[test]
fn a_cells_format_is_kept_in_every_kind_of_workbook() {
    let books = [("xlsx", shares_xlsx("", "")), ("xls", SHARES.to_vec()), ("ods", shares_ods())];
    for (name, book) in books {
        let read = read_with(&book, &chosen(Some("Andelar"), None, None)).unwrap();
        assert_eq!(read.parts[0].headings, HEADINGS, "{name}");
        assert_eq!(read.rows, SHOWN, "{name}");
    }
    // A number is always there in a binary formula; whether it counts, the workbook says.
    let held = SHOWN.map(|row| row.replace("#NO RESULT", "0"));
    assert_eq!(read_with(&shares_xlsb(0), &options()).unwrap().rows, held);
    let stale = SHOWN.map(|row| row.replace("#NO RESULT", "#STALE RESULT"));
    for calculation in [0b1, 0b1_0000] {
        assert_eq!(read_with(&shares_xlsb(calculation), &options()).unwrap().rows, stale);
    }
}

#[test]
fn a_formulas_result_counts_when_the_workbook_holds_it_and_stands_by_it() {
    let rows = |calculation: &str, result: &str| {
        read_with(&shares_xlsx(calculation, result), &options()).unwrap().rows
    };
    let shown = |result: &str| SHOWN.map(|row| row.replace("#NO RESULT", result));
    assert_eq!(rows("", "<v>7</v>"), shown("7"));
    assert_eq!(rows("<calcPr calcId=\"191029\"/>", "<v>7</v>"), shown("7"));
    for calculation in [
        "<calcPr fullCalcOnLoad=\"1\"/>",
        "<calcPr fullCalcOnLoad=\"true\"/>",
        "<calcPr calcCompleted=\"0\"/>",
    ] {
        assert_eq!(rows(calculation, "<v>7</v>"), shown("#STALE RESULT"), "{calculation}");
        // No result is none, whatever the workbook says.
        assert_eq!(rows(calculation, "<v/>"), SHOWN, "{calculation}");
    }
    assert_eq!(rows("", "<v></v>"), SHOWN);
    assert_eq!(rows("", "<v> </v>"), SHOWN);
    // An old workbook's number, and the bit that says that it must be computed first.
    let at =
        |book: &[u8], bytes: &[u8]| book.windows(bytes.len()).position(|w| w == bytes).unwrap();
    let formula = at(SHARES, &[0x06, 0x00, 0x1F, 0x00, 0x01, 0x00, 0x04, 0x00]);
    let mut book = SHARES.to_vec();
    book[formula + 10..formula + 18].copy_from_slice(&f64::to_le_bytes(7.0));
    let read = read_with(&book, &chosen(Some("Andelar"), None, None)).unwrap();
    assert_eq!(read.rows[0], SHOWN[0].replace("#NO RESULT", "7"));
    book[formula + 18] |= 0b10;
    let read = read_with(&book, &chosen(Some("Andelar"), None, None)).unwrap();
    assert_eq!(read.rows[0], SHOWN[0].replace("#NO RESULT", "#STALE RESULT"));
}

#[test]
fn odd_containers_hold_the_same_table() {
    let book = workbook(&[("Resor", &travel())]);
    let expected = read_with(&book, &options()).unwrap().rows;
    // Part names with backslashes, in other case, and an absolute target.
    let mut archive = zip::ZipArchive::new(Cursor::new(&book)).unwrap();
    for rename in [|name: &str| name.replace('/', "\\"), |name: &str| name.to_uppercase()] {
        let mut other = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).unwrap();
            let mut words = String::new();
            std::io::Read::read_to_string(&mut part, &mut words).unwrap();
            other
                .start_file(rename(part.name()), zip::write::SimpleFileOptions::default())
                .unwrap();
            other.write_all(words.as_bytes()).unwrap();
        }
        let other = other.finish().unwrap().into_inner();
        assert_eq!(read_with(&other, &options()).unwrap().rows, expected);
    }
    // Strict: other namespaces. A prefix for every element, and parts in UTF-16.
    let strict = replaced(&book, |_, part| {
        Some(
            part.replace(
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                "http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
            .replace(
                "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                "http://purl.oclc.org/ooxml/officeDocument/relationships",
            ),
        )
    });
    assert_eq!(read_with(&strict, &options()).unwrap().rows, expected);
    let prefixed = replaced(&book, |name, part| {
        name.contains("sheet1")
            .then(|| part.replace("</", "\u{1}").replace('<', "<x:").replace('\u{1}', "</x:"))
    });
    assert_eq!(read_with(&prefixed, &options()).unwrap().rows, expected);
    // Cells and rows without names stand where they follow.
    let nameless = replaced(&book, |name, part| {
        name.contains("sheet1").then(|| {
            let rows = "<row><c t=\"inlineStr\"><is><t>a</t></is></c><c t=\"inlineStr\"><is><t>b</t></is></c></row><row/><row><c><v>1</v></c><c><v>2</v></c></row>";
            let start = part.find("<sheetData>").unwrap() + "<sheetData>".len();
            format!("{}{rows}</sheetData></worksheet>", &part[..start])
        })
    });
    assert_eq!(read_with(&nameless, &options()).unwrap().rows, ["Resor!3 1;2"]);
}

#[test]
fn a_sheet_that_nobody_asks_for_cannot_refuse_the_workbook() {
    let book = workbook(&[("Resor", &travel()), ("Trasig", "<row r=\"1\"><c r=\"A1\"><v>1</row>")]);
    let expected = read_with(&workbook(&[("Resor", &travel())]), &options()).unwrap().rows;
    let read = read_with(&book, &chosen(Some("Resor"), None, None)).unwrap();
    assert_eq!(read.rows, expected);
    let fault = read_with(&book, &chosen(Some("Trasig"), None, None)).err().unwrap();
    assert_eq!(fault.code.name(), "T0103");
    // The second sheet of the old workbook begins after the end of the file.
    let mut bytes = SHARES.to_vec();
    let name = b"\x05\x00Annat";
    let at = bytes.windows(name.len()).position(|w| w == name).unwrap();
    bytes[at - 6..at - 2].copy_from_slice(&0x7FFF_FFFF_u32.to_le_bytes());
    let read = read_with(&bytes, &chosen(Some("Andelar"), None, None)).unwrap();
    assert_eq!(read.rows, SHOWN);
    let fault = read_with(&bytes, &chosen(Some("Annat"), None, None)).err().unwrap();
    assert_eq!(fault.code.name(), "T0103", "{fault}");
}

#[test]
fn a_zipped_file_that_is_no_workbook_is_named() {
    let archive = |names: &[(&str, &str)]| {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, words) in names {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(words.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    let check = |names: &[(&str, &str)], words: &str| {
        let fault = read_with(&archive(names), &options()).err().unwrap();
        assert!(fault.to_string().contains(words), "{fault}");
        assert!(!fault.to_string().contains("damaged"), "{fault}");
    };
    check(&[("word/document.xml", "<x/>")], "a text document (DOCX or ODT)");
    check(&[("ppt/presentation.xml", "<x/>")], "a presentation");
    check(
        &[("Index/Tables.iwa", ""), ("Metadata/Properties.plist", "")],
        "an Apple Numbers document",
    );
    check(&[("kostnad.csv", "a;b")], "a zip archive with `kostnad.csv`");
    check(
        &[("content.xml", "<x/>"), ("mimetype", "application/vnd.oasis.opendocument.text")],
        "ODT",
    );
    check(
        &[
            ("content.xml", "<x/>"),
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", "<manifest:encryption-data/>"),
        ],
        "a workbook with a password",
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
fn an_element_that_is_not_closed_by_its_name_swallows_no_row() {
    let rows = row(1, &[text("A1", "a"), text("B1", "b")])
        + &row(2, &[text("A2", "x"), text("B2", "y")]).replacen("</is>", "</iz>", 2)
        + &row(3, &[text("A3", "z"), text("B3", "w")]);
    let fault = read_with(&workbook(&[("Resor", &rows)]), &options()).err().unwrap();
    assert_eq!(fault.code.name(), "T0103", "{fault}");
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

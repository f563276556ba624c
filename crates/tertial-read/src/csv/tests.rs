use crate::{Limits, ReadOptions, open_bytes};
use proptest::prelude::*;
use tertial_model::pipeline::Format;
use tertial_model::{Diagnostic, Part, ReadSummary, TextBatch};

struct Read {
    part: Part,
    batches: Vec<TextBatch>,
    summary: ReadSummary,
}

impl Read {
    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            for row in 0..batch.rows() {
                let cell = |column| batch.get(row, column).unwrap_or("–").to_owned();
                rows.push((0..batch.width).map(cell).collect());
            }
        }
        rows
    }

    fn lines(&self) -> Vec<u64> {
        self.batches.iter().flat_map(|batch| batch.lines.clone()).collect()
    }

    fn faults(&self) -> Vec<String> {
        let faults = self.batches.iter().flat_map(|batch| &batch.faults);
        faults.map(|(row, fault)| format!("{row}: {fault}")).collect()
    }
}

fn options() -> ReadOptions {
    ReadOptions::new(Format::Csv, "inbox/fil.csv")
}

fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<Read, Box<Diagnostic>> {
    let mut reader = open_bytes(bytes.to_vec(), options)?;
    let part = reader.parts()[0].clone();
    let mut batches = Vec::new();
    while let Some(chunk) = reader.next()? {
        batches.push(chunk.parse());
    }
    Ok(Read { part, batches, summary: reader.finish() })
}

fn read(text: &str) -> Read {
    read_with(text.as_bytes(), &options()).unwrap()
}

#[test]
fn cells_are_verbatim() {
    let read = read("konto;text;belopp\r\n0010; två ord ;\"1;5\"\r\n0020;\"säg \"\"hej\"\"\";\r\n");
    assert_eq!(read.part.headings, ["konto", "text", "belopp"]);
    assert_eq!(
        read.rows(),
        [["0010", " två ord ", "1;5"], ["0020", "säg \"hej\"", ""]]
            .map(|r| r.map(str::to_owned).to_vec())
    );
    assert_eq!(read.lines(), [2, 3]);
    assert!(read.faults().is_empty());
    assert_eq!(read.batches[0].raw_row(1), "0020;\"säg \"\"hej\"\"\";");
}

#[test]
fn a_line_is_a_physical_line() {
    let read = read("a;b\n\n\"1\n2\n3\";x\n\ny;z\n");
    assert_eq!(read.lines(), [3, 7]);
    let excerpt = read.batches[0].excerpt(0, 1).unwrap();
    assert_eq!((excerpt.line, excerpt.text.as_str()), (5, "3\";x"));
}

#[test]
fn a_row_with_the_wrong_number_of_fields_is_a_fault() {
    let read = read("a;b;c\n1;2;3\n1;2\n1;2;3;4\n4;5;6\n");
    assert_eq!(read.lines(), [2, 3, 4, 5]);
    assert_eq!(read.rows()[1], ["–", "–", "–"]);
    assert_eq!(read.rows()[3], ["4", "5", "6"]);
    assert_eq!(read.faults().len(), 2);
    insta::assert_snapshot!(read.faults()[1], @r"
    2: error[T0301]: the row has 4 fields, the headings are 3
       --> inbox/fil.csv:4:1
        = found:    4 fields
        = expected: 3 fields: a, b, c
        = effect:   row set aside

    hint: a cell that holds `;` or a line break must stand in quotation marks; correct the export
    ");
}

#[test]
fn bytes_that_do_not_fit_set_their_row_aside() {
    let options = ReadOptions { encoding: Some("utf-8".into()), ..options() };
    let read = read_with(b"a;b\n1;2\n\xC3\xA5;L\xF6n\n3;4\n", &options).unwrap();
    assert_eq!(read.rows()[2], ["3", "4"]);
    insta::assert_snapshot!(read.faults()[0], @r"
    1: error[T0104]: the byte 0xF6 is no utf-8 text
       --> inbox/fil.csv:3:4
        = found:    0xF6
        = expected: utf-8 text
        = effect:   row set aside

    hint: set `encoding` in the pipeline to what the source really writes, or ask the source to export again
    ");
    assert!(read_with(b"\xF6;b\n1;2\n", &options).is_err(), "headings must be readable");
}

#[test]
fn zero_bytes_and_stray_quotes_set_their_row_aside() {
    let filler = "1;2\n".repeat(100);
    let read = read(&format!("a;b\n1;\0\n\"x\"y;2\n5\" rör;2\n{filler}"));
    let faults = read.faults();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("the row holds a zero byte") && faults[0].contains(":2:3"));
    assert!(faults[1].contains("text stands between a closing quotation mark"));
    assert_eq!(read.rows()[2], ["5\" rör", "2"], "a mark inside a plain cell is text");
}

#[test]
fn a_quote_that_is_never_closed_refuses_the_file() {
    let fault = read_with("a;b\n1;2\nå;\"öppen\n3;4\n".as_bytes(), &options()).err().unwrap();
    insta::assert_snapshot!(fault, @r"
    error[T0103]: the file ends inside a quoted cell
       --> inbox/fil.csv:3:3
        = found:    a quotation mark that is never closed
        = expected: a closing quotation mark before the file's end
        = effect:   delivery refused

    hint: the file is cut off, or a cell holds a quotation mark that is not doubled; ask the source to export again
    ");
}

#[test]
fn records_columns_and_files_have_limits() {
    let limits = Limits { record_bytes: 100, block_bytes: 16, columns: 5, ..Limits::default() };
    let small = ReadOptions { limits, ..options() };
    let long = format!("a;b\n1;\"{}\n\";2\n", "x\n".repeat(200));
    assert_eq!(read_with(long.as_bytes(), &small).err().unwrap().code.name(), "T0109");
    assert_eq!(read_with(b"a;b;c;d;e;f\n", &small).err().unwrap().code.name(), "T0109");
    let limits = Limits { file_bytes: 4, ..Limits::default() };
    let tiny = ReadOptions { limits, ..options() };
    assert_eq!(read_with(b"a;b\n1;2\n", &tiny).err().unwrap().code.name(), "T0109");
}

#[test]
fn short_lines_under_many_headings_come_in_small_batches() {
    let headings: Vec<String> = (0..5000).map(|column| format!("k{column}")).collect();
    let text = format!("{}\n{}", headings.join(";"), "x\n".repeat(2000));
    let read = read(&text);
    let most = read.batches.iter().map(|batch| batch.cells.len()).max().unwrap();
    assert!(most <= 4 << 20, "{most}");
    assert_eq!(read.lines(), (2..2002).collect::<Vec<u64>>());
}

#[test]
fn headings_that_cannot_be_told_apart_are_told() {
    insta::assert_snapshot!(read("\nbelopp;konto;belopp\n1;2;3\n").summary.diagnostics[0], @r"
    note[T0114]: two columns have the heading `belopp`
       --> inbox/fil.csv:2:1
        = found:    columns 1 and 3
        = expected: a heading of its own for each column
        = effect:   none, unless the contract asks for one of them

    hint: ask the source to name its columns apart
    ");
    assert_eq!(read("a;;\n1;2;3\n").part.headings, ["a", "", ""], "nameless columns may repeat");
}

#[test]
fn a_first_line_that_states_the_delimiter_is_no_line_of_headings() {
    let text = "sep=,\r\nMånad,Belopp\r\n2024-08,\"1;5\"\r\n";
    let wide: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let single = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for bytes in [text.as_bytes().to_vec(), single, marked, wide] {
        let read = read_with(&bytes, &options()).unwrap();
        assert_eq!(read.part.headings, ["Månad", "Belopp"]);
        assert_eq!(
            (read.rows(), read.lines()),
            (vec![vec!["2024-08".to_owned(), "1;5".to_owned()]], vec![3])
        );
        let told = &read.summary.decisions;
        assert!(told.contains(&"delimiter `,` (as the first line says)".to_owned()), "{told:?}");
        assert!(told.contains(&"headings on line 2".to_owned()), "{told:?}");
    }
    // Whether or not the line of the headings was agreed.
    for header_row in [None, Some(1), Some(2)] {
        let options = ReadOptions { header_row, delimiter: Some('\t'), ..options() };
        let read = read_with(b"sep=\t\na;x\tb\n1\t2\n", &options).unwrap();
        assert_eq!(
            (read.part.headings, read.batches.len()),
            (vec!["a;x".to_owned(), "b".to_owned()], 1)
        );
    }
    let other = ReadOptions { delimiter: Some(';'), ..options() };
    insta::assert_snapshot!(read_with(b"sep=,\na,b\n1,2\n", &other).err().unwrap(), @r"
    error[T0102]: the file states another delimiter than agreed
       --> inbox/fil.csv:1:1
        = found:    `sep=`, with `,`
        = expected: `;` between the fields

    hint: set `delimiter` in the pipeline to what the source writes, or leave it out: the file says it itself
    ");
    let none = read_with(b"sep=;\n", &options()).err().unwrap();
    assert_eq!(none.code.name(), "T0108");
}

#[test]
fn the_headings_may_stand_further_down() {
    let header_row = Some(3);
    let options = ReadOptions { header_row, ..options() };
    let read = read_with(b"Rapport\r\n\r\na;b\r\n1;2\r\n", &options).unwrap();
    assert_eq!((read.part.headings.len(), read.lines()), (2, vec![4]));
    assert!(read.summary.decisions.contains(&"headings on line 3".to_owned()));
    let none = read_with(b"a;b\n1;2\n", &options).err().unwrap();
    assert_eq!(none.code.name(), "T0108");
}

#[test]
fn a_file_with_headings_only_is_read_with_a_warning() {
    let read = read("a;b");
    assert!(read.batches.is_empty());
    assert_eq!(read.summary.diagnostics[0].code.name(), "T0108");
}

const TABLE: [[&str; 3]; 4] = [
    ["kön", "text", "belopp"],
    ["Kvinna", "Räksmörgås; à la carte, \"stor\"", "1 234,50"],
    ["Man", "två\nrader", "-0,5"],
    ["", "Ås", ""],
];

fn dress(delimiter: char, line_end: &str, quote_all: bool) -> String {
    let mut text = String::new();
    for row in TABLE {
        let cells = row.map(|cell| {
            let cell = cell.replace('\n', line_end);
            if quote_all || cell.contains([delimiter, '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell
            }
        });
        text.push_str(&cells.join(&delimiter.to_string()));
        text.push_str(line_end);
    }
    text
}

fn encode(text: &str, encoding: &str) -> Vec<u8> {
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    match encoding {
        "utf-8" => text.as_bytes().to_vec(),
        "utf-8 with mark" => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        "utf-16le" => wide(u16::to_le_bytes),
        "utf-16le with mark" => [b"\xFF\xFE".to_vec(), wide(u16::to_le_bytes)].concat(),
        "utf-16be with mark" => [b"\xFE\xFF".to_vec(), wide(u16::to_be_bytes)].concat(),
        "windows-1252" => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        "cp437" => oem_cp::encode_string_lossy(text, &oem_cp::code_table::ENCODING_TABLE_CP437),
        _ => panic!("{encoding}"),
    }
}

#[test]
fn one_table_in_many_dresses_gives_the_same_rows() {
    let encodings = [
        "utf-8",
        "utf-8 with mark",
        "utf-16le",
        "utf-16le with mark",
        "utf-16be with mark",
        "windows-1252",
        "cp437",
    ];
    let mut dresses = 0;
    for encoding in encodings {
        for delimiter in [';', ',', '\t', '|'] {
            for line_end in ["\n", "\r\n", "\r"] {
                for quote_all in [false, true] {
                    for block_bytes in [16, 4 << 20] {
                        let bytes = encode(&dress(delimiter, line_end, quote_all), encoding);
                        let limits = Limits { block_bytes, ..Limits::default() };
                        // Blocks this small hold too few records to show the delimiter.
                        let delimiter = (block_bytes == 16).then_some(delimiter);
                        let options = ReadOptions { limits, delimiter, ..options() };
                        let name = format!(
                            "{encoding} {delimiter:?} {line_end:?} {quote_all} {block_bytes}"
                        );
                        let read =
                            read_with(&bytes, &options).unwrap_or_else(|f| panic!("{name}: {f}"));
                        assert_eq!(read.part.headings, TABLE[0], "{name}");
                        let expected: Vec<Vec<String>> = TABLE[1..]
                            .iter()
                            .map(|row| row.map(|cell| cell.replace('\n', line_end)).to_vec())
                            .collect();
                        assert_eq!(read.rows(), expected, "{name}");
                        assert_eq!(read.faults(), Vec::<String>::new(), "{name}");
                        dresses += 1;
                    }
                }
            }
        }
    }
    assert_eq!(dresses, 7 * 4 * 3 * 2 * 2);
}

#[test]
fn the_block_size_changes_nothing() {
    let mut text = String::from("nr;text;mått\n");
    for row in 0..200 {
        text.push_str(&format!("{row};\"rad {row}\nandra \"\"raden\"\"\";5\" rör\n"));
    }
    let whole = read(&text);
    for block_bytes in [16, 17, 23, 64, 1000] {
        let limits = Limits { block_bytes, ..Limits::default() };
        let read = read_with(text.as_bytes(), &ReadOptions { limits, ..options() }).unwrap();
        assert_eq!((read.rows(), read.lines()), (whole.rows(), whole.lines()), "{block_bytes}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        block_bytes in 16usize..64,
        encoding in prop::option::of(prop::sample::select(vec!["utf-8", "cp437", "windows-1252", "iso-8859-15", "utf-16"])),
    ) {
        let limits = Limits { block_bytes, ..Limits::default() };
        let encoding = encoding.map(str::to_owned);
        let _ = read_with(&bytes, &ReadOptions { limits, encoding, ..options() });
    }

    #[test]
    fn what_is_written_reads_back(
        rows in prop::collection::vec(prop::collection::vec("[a-zåäö0-9;\"\n\r ]{0,8}", 3), 1..30),
        block_bytes in 16usize..200,
    ) {
        let mut text = String::from("a;b;c\n");
        for row in &rows {
            let cells: Vec<String> =
                row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text.push_str(&cells.join(";"));
            text.push('\n');
        }
        let limits = Limits { block_bytes, ..Limits::default() };
        let read = read_with(text.as_bytes(), &ReadOptions { limits, delimiter: Some(';'), ..options() }).unwrap();
        prop_assert_eq!(read.rows(), rows);
    }

    #[test]
    fn damage_never_panics(cut in 1usize..200, at in 0usize..200, byte in any::<u8>()) {
        let mut bytes = dress(';', "\r\n", true).into_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(cut);
        let _ = read_with(&bytes, &options());
    }
}

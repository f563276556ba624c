//! A sound delivery of every format, divided into pieces.
//!
//! Those of the demo region are checked against the repository's own contracts; the others are
//! written here, a row a line, and checked against what their reader guarantees.

use super::Piece;
use crate::door::{Agreement, Row, Taken};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use tertial_demo::Settings;
use tertial_model::pipeline::{FixedColumn, Format};
use tertial_read::ReadOptions;

/// An accepted row with the piece it was, where that is known.
type Traced<'t> = (Option<(usize, u64)>, &'t Vec<String>);

/// How an accepted row is led back to its piece.
enum Numbering {
    /// Not at all: the pieces are blocks of bytes.
    None,
    /// By the physical line on which the piece begins.
    Line,
    /// By its number among the rows: so many rows for each piece that holds any.
    Count { per_piece: u64 },
    /// As `Count`, and only before the first and after the last damage: a value that is lost or won
    /// moves those after it.
    Dense,
    /// By its place in a cube: the piece of each place, for those that have one.
    Cube(Vec<Option<usize>>),
    /// By the number of its sheet row.
    Sheet(BTreeMap<u64, usize>),
}

pub struct Delivery {
    pub name: &'static str,
    pub agreement: Agreement,
    pub pieces: Vec<Piece>,
    /// Between cells, for delimited text.
    pub delimiter: Option<u8>,
    /// Whether the first piece is the line of headings.
    pub headings_lead: bool,
    numbering: Numbering,
    /// Pieces on which the rows of a part depend; of every part where none is named.
    heads: Vec<(Option<&'static str>, usize)>,
    /// The piece with which a row's record begins, when it is not its own.
    since: BTreeMap<usize, usize>,
    pack: fn(Vec<u8>) -> Vec<u8>,
}

impl Delivery {
    fn new(name: &'static str, agreement: Agreement, numbering: Numbering) -> Delivery {
        Delivery {
            name,
            agreement,
            pieces: Vec::new(),
            delimiter: None,
            headings_lead: false,
            numbering,
            heads: Vec::new(),
            since: BTreeMap::new(),
            pack: |bytes| bytes,
        }
    }

    /// Adds pieces that hold no row and on which every row depends.
    fn head(mut self, text: &str) -> Delivery {
        for line in text.split_inclusive('\n') {
            self.heads.push((None, self.pieces.len()));
            self.push(line.as_bytes(), false);
        }
        self
    }

    /// Adds pieces that hold a row each.
    fn rows(mut self, rows: impl IntoIterator<Item = String>) -> Delivery {
        for row in rows {
            self.push(row.as_bytes(), true);
        }
        self
    }

    fn push(&mut self, bytes: &[u8], is_row: bool) {
        let origin = Some(self.pieces.len());
        self.pieces.push(Piece { bytes: bytes.to_vec(), origin, is_row });
    }

    /// Whether accepted rows can be led back to pieces.
    pub fn has_pieces(&self) -> bool {
        !matches!(self.numbering, Numbering::None)
    }

    /// The file that some pieces make.
    pub fn bytes(&self, pieces: &[Piece]) -> Vec<u8> {
        (self.pack)(pieces.iter().flat_map(|piece| &piece.bytes).copied().collect())
    }

    /// Piece and place in it of an accepted row of the sound delivery.
    pub fn sound_place(&self, _part: &str, number: u64) -> Option<(usize, u64)> {
        match &self.numbering {
            Numbering::None => None,
            Numbering::Line => line_starts(&self.pieces).get(&number).map(|piece| (*piece, 0)),
            Numbering::Count { per_piece } => self.counted(&self.pieces, *per_piece, number),
            Numbering::Dense => self.counted(&self.pieces, 1, number),
            Numbering::Cube(pieces) => {
                pieces.get(number as usize - 1).copied().flatten().map(|piece| (piece, 0))
            }
            Numbering::Sheet(pieces) => pieces.get(&number).map(|piece| (*piece, 0)),
        }
    }

    /// The index of a row's piece in a list of pieces, and its place among the piece's rows.
    fn counted(&self, pieces: &[Piece], per_piece: u64, number: u64) -> Option<(usize, u64)> {
        let mut rows = pieces.iter().enumerate().filter(|(_, piece)| piece.is_row);
        let (index, _) = rows.nth(((number - 1) / per_piece) as usize)?;
        Some((index, (number - 1) % per_piece))
    }
}

/// The piece that begins on each physical line; none for lines that begin inside a piece.
fn line_starts(pieces: &[Piece]) -> BTreeMap<u64, usize> {
    let mut starts = BTreeMap::new();
    let mut line = 1;
    let mut at_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        if at_start && !piece.bytes.is_empty() {
            starts.insert(line, index);
        }
        if let Some(last) = piece.bytes.last() {
            line += piece.bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            at_start = *last == b'\n';
        }
    }
    starts
}

/// Where the accepted rows of a damaged delivery stood in the sound one.
pub struct Find<'a> {
    delivery: &'a Delivery,
    pieces: &'a [Piece],
    lines: BTreeMap<u64, usize>,
    /// Indexes up to which, and from which, nothing was touched.
    hull: (usize, usize),
}

impl<'a> Find<'a> {
    /// None when rows cannot be led back at all.
    pub fn new(delivery: &'a Delivery, pieces: &'a [Piece], taken: &Taken) -> Option<Find<'a>> {
        let rows = pieces.iter().filter(|piece| piece.is_row).count() as u64;
        let read: u64 = taken.parts.iter().map(|part| part.read).sum();
        match delivery.numbering {
            Numbering::None => return None,
            Numbering::Count { per_piece } if read != rows * per_piece => return None,
            Numbering::Dense if read != rows => return None,
            _ => {}
        }
        let whole = delivery.pieces.len();
        let alike = |(index, piece): &(usize, &Piece)| piece.origin == Some(*index);
        let front = pieces.iter().enumerate().take_while(alike).count();
        let back = pieces
            .iter()
            .rev()
            .enumerate()
            .take_while(|(index, piece)| piece.origin == whole.checked_sub(1 + index))
            .count();
        let hull = (front, pieces.len() - back);
        Some(Find { delivery, pieces, lines: line_starts(pieces), hull })
    }

    /// Of each part the accepted rows, with the piece each one was, where that piece and all it
    /// depends on were left alone.
    pub fn rows<'t>(&self, taken: &'t Taken) -> Vec<(&'t crate::door::TakenPart, Vec<Traced<'t>>)> {
        let part = |part: &'t crate::door::TakenPart| {
            let sound = self.heads_are_whole(&part.name);
            let row =
                |(number, cells): &'t Row| (sound.then(|| self.origin(*number)).flatten(), cells);
            (part, part.accepted.iter().map(row).collect())
        };
        taken.parts.iter().map(part).collect()
    }

    /// The pieces that all rows of a part depend on are there, once, in order and before the rows.
    fn heads_are_whole(&self, part: &str) -> bool {
        let wanted: BTreeSet<usize> = self
            .delivery
            .heads
            .iter()
            .filter(|(of, _)| of.is_none_or(|of| of == part))
            .map(|(_, piece)| *piece)
            .collect();
        let found: Vec<usize> = self
            .pieces
            .iter()
            .enumerate()
            // Bytes put right before a head may have become its beginning.
            .filter(|(at, _)| *at == 0 || self.pieces[at - 1].origin.is_some())
            .filter_map(|(_, piece)| piece.origin.filter(|origin| wanted.contains(origin)))
            .collect();
        let leads = wanted.is_empty() || !self.delivery.headings_lead || {
            self.pieces.first().is_some_and(|piece| piece.origin == Some(0))
        };
        found.iter().eq(wanted.iter()) && leads
    }

    fn origin(&self, number: u64) -> Option<(usize, u64)> {
        let delivery = self.delivery;
        let (index, place) = match &delivery.numbering {
            Numbering::None => return None,
            Numbering::Line => (*self.lines.get(&number)?, 0),
            Numbering::Count { per_piece } => delivery.counted(self.pieces, *per_piece, number)?,
            Numbering::Dense => {
                let (index, _) = delivery.counted(self.pieces, 1, number)?;
                let outside = index < self.hull.0 || index >= self.hull.1;
                (Some(index).filter(|_| outside)?, 0)
            }
            Numbering::Cube(places) => {
                let piece = places.get(number as usize - 1).copied().flatten()?;
                let found = self.pieces.iter().position(|one| one.origin == Some(piece))?;
                (found, 0)
            }
            Numbering::Sheet(_) => {
                let wanted = delivery.sound_place("", number)?.0;
                let found = self.pieces.iter().position(|one| one.origin == Some(wanted))?;
                (found, 0)
            }
        };
        let piece = self.pieces.get(index)?;
        let origin = piece.origin.filter(|_| piece.is_row)?;
        let since = delivery.since.get(&origin).copied().unwrap_or(origin);
        let before = origin - since;
        // The record's pieces stand before the row as they stood.
        let whole = (0..=before).all(|step| {
            index.checked_sub(step).is_some_and(|at| self.pieces[at].origin == Some(origin - step))
        });
        whole.then_some((origin, place))
    }
}

/// One delivery of every format.
pub fn all() -> Vec<Delivery> {
    let mut all = demo();
    all.extend([
        found_csv(),
        fixed(),
        dense(),
        sparse(),
        first_api(),
        px(),
        kolada(),
        social(),
        json_array(),
        json_lines(),
        smhi_csv(),
        smhi_json(),
        paxml(),
        sheet(),
        blocks("parquet", Agreement::of(ReadOptions::new(Format::Parquet, "f.parquet")), parquet()),
    ]);
    all
}

/// The demo region's files, small, with the repository's contracts.
fn demo() -> Vec<Delivery> {
    let settings = Settings { scale: 0.0004, seed: 5 };
    let wanted = [
        ("hr", "arbetstid_2024.csv"),
        ("hr", "medarbetare_2024.csv"),
        ("purchases", "leverantorsfakturor_2024.csv"),
        ("prescriptions", "expedieringar_2024.csv"),
        ("health_talks", "halsosamtal_2024.csv"),
        ("ledger", "RJH_2024.SE"),
        ("climate", "klimatdata_2024.xlsx"),
    ];
    let files = tertial_demo::files(&settings).unwrap();
    let mut deliveries = Vec::new();
    for file in files {
        let found =
            wanted.iter().find(|(source, name)| *source == file.source && *name == file.name);
        let Some((source, name)) = found else { continue };
        let mut bytes = Vec::new();
        (file.write)(&mut bytes).unwrap();
        let agreement = Agreement::of_source(source, name);
        deliveries.push(match agreement.options.format {
            Format::Csv => delimited(name, agreement, &bytes),
            Format::Sie => ledger(name, agreement, &bytes),
            _ => blocks(name, agreement, bytes),
        });
    }
    assert_eq!(deliveries.len(), wanted.len());
    deliveries
}

fn delimited(name: &'static str, agreement: Agreement, bytes: &[u8]) -> Delivery {
    let delimiter = agreement.options.delimiter.map(|mark| mark as u8);
    let mut delivery = Delivery { delimiter, ..Delivery::new(name, agreement, Numbering::Line) };
    delivery.headings_lead = true;
    delivery.heads.push((None, 0));
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').take(60).enumerate() {
        delivery.push(line, index > 0);
    }
    delivery
}

fn ledger(name: &'static str, agreement: Agreement, bytes: &[u8]) -> Delivery {
    let mut delivery = Delivery::new(name, agreement, Numbering::Line);
    let mut voucher = 0;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let (mut vouchers, mut balances) = (0, 0);
    for line in lines {
        let index = delivery.pieces.len();
        let is = |labels: &[&str]| labels.iter().any(|label| line.starts_with(label.as_bytes()));
        if is(&["#VER "]) {
            vouchers += 1;
            voucher = index;
        }
        // A part of the year is enough; the checksum at the end is left out with the rest.
        let balance = ["#IB ", "#UB ", "#RES ", "#PBUDGET ", "#PSALDO "];
        balances += usize::from(is(&balance));
        if vouchers > 40 || is(&["#KSUMMA"]) || is(&balance) && balances > 200 {
            continue;
        }
        if is(&["#RAR "]) {
            delivery.heads.push((None, index));
        }
        if is(&["#KTYP ", "#ENHET ", "#SRU "]) {
            delivery.heads.push((Some("accounts"), index));
        }
        let row = ["#TRANS ", "#KONTO ", "#IB ", "#UB ", "#RES ", "#PBUDGET ", "#PSALDO "];
        let is_row = is(&row) || line.trim_ascii_start().starts_with(b"#TRANS");
        if line.trim_ascii_start().starts_with(b"#TRANS") {
            delivery.since.insert(index, voucher);
        }
        delivery.push(line, is_row);
    }
    delivery
}

/// A file without rows that can be told apart from outside: an archive, a binary format.
fn blocks(name: &'static str, agreement: Agreement, bytes: Vec<u8>) -> Delivery {
    let mut delivery = Delivery::new(name, agreement, Numbering::None);
    for block in bytes.chunks(97) {
        delivery.push(block, false);
    }
    delivery
}

const NAMES: [&str; 6] = ["Räka", "Smörgås", "Åre", "Östersund", "Härnösand", "Krokom"];

/// Number, name, amount with two decimals, month.
fn figures(count: usize) -> impl Iterator<Item = (usize, &'static str, String, usize)> {
    (0..count).map(|row| {
        let hundredths = row as i64 * 7_919 - 90_000;
        let sign = if hundredths < 0 { "-" } else { "" };
        let amount = format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100);
        (row, NAMES[row % NAMES.len()], amount, row % 12 + 1)
    })
}

/// Nothing agreed but the format.
fn found_csv() -> Delivery {
    let agreement = Agreement {
        decimal: Some(','),
        ..Agreement::of(ReadOptions::new(Format::Csv, "okänd.csv"))
    };
    let rows = figures(60).map(|(row, name, amount, month)| {
        format!(
            "2024-{month:02};{row:04};{name};\"{name}; \"\"{row}\"\"\";{}\r\n",
            amount.replace('.', ",")
        )
    });
    let mut delivery = Delivery::new("csv, nothing agreed", agreement, Numbering::Line)
        .head("Månad;Nummer;Ort;Anmärkning;Belopp\r\n")
        .rows(rows);
    delivery.headings_lead = true;
    delivery
}

fn fixed() -> Delivery {
    let widths = [("Nummer", 4), ("Ort", 12), ("Belopp", 12), ("Månad", 2)];
    let mut start = 1;
    let columns = widths
        .iter()
        .map(|(heading, width)| {
            let column = FixedColumn { heading: (*heading).to_owned(), start, width: Some(*width) };
            start += width + 1;
            column
        })
        .collect();
    let options = ReadOptions {
        columns,
        encoding: Some("windows-1252".to_owned()),
        ..ReadOptions::new(Format::Fixed, "fast.txt")
    };
    let rows = figures(60).map(|(row, name, amount, month)| {
        format!("{row:04} {name:<12} {amount:>12} {month:02}\r\n")
    });
    let mut delivery = Delivery::new("fixed", Agreement::of(options), Numbering::Line).rows(rows);
    for piece in &mut delivery.pieces {
        let text = String::from_utf8(piece.bytes.clone()).unwrap();
        piece.bytes = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    }
    delivery
}

fn of_format(name: &'static str, format: Format, numbering: Numbering) -> Delivery {
    Delivery::new(name, Agreement::of(ReadOptions::new(format, name)), numbering)
}

/// The description of a cube of 5 × 12 cells.
fn cube_head() -> String {
    let months: Vec<String> = (1..=12).map(|month| format!("\"2024M{month:02}\"")).collect();
    let regions = ["\"0023\"", "\"2303\"", "\"2305\"", "\"2309\"", "\"2380\""];
    format!(
        "{{\"version\": \"2.0\", \"class\": \"dataset\", \"label\": \"Folkmängd\",\n\
         \"id\": [\"Region\", \"Tid\"], \"size\": [5, 12],\n\
         \"dimension\": {{\"Region\": {{\"category\": {{\"index\": [{}]}}}},\n\
         \"Tid\": {{\"category\": {{\"index\": [{}]}}}}}},\n",
        regions.join(", "),
        months.join(", ")
    )
}

fn last_without_comma(rows: Vec<String>) -> Vec<String> {
    let last = rows.len() - 1;
    let end = |(at, row): (usize, String)| if at == last { row + "\n" } else { row + ",\n" };
    rows.into_iter().enumerate().map(end).collect()
}

fn dense() -> Delivery {
    let rows = last_without_comma(figures(60).map(|(_, _, amount, _)| amount).collect());
    let head = cube_head() + "\"value\": [\n";
    let mut delivery =
        of_format("json-stat, dense", Format::JsonStat, Numbering::Dense).head(&head).rows(rows);
    delivery.push(b"]}\n", false);
    delivery
}

fn sparse() -> Delivery {
    let head = cube_head() + "\"status\": {\"3\": \"..\", \"6\": \".\"}, \"value\": {\n";
    let begin = head.split_inclusive('\n').count();
    let filled: Vec<usize> = (0..60).filter(|place| place % 3 != 0).collect();
    let mut places = vec![None; 60];
    for (index, place) in filled.iter().enumerate() {
        places[*place] = Some(begin + index);
    }
    let rows = filled.iter().map(|place| format!("\"{place}\": {}.50", place * 31));
    let rows = last_without_comma(rows.collect());
    let mut delivery = of_format("json-stat, sparse", Format::JsonStat, Numbering::Cube(places))
        .head(&head)
        .rows(rows);
    delivery.push(b"}}\n", false);
    delivery
}

fn first_api() -> Delivery {
    let head = "{\"columns\": [{\"code\": \"Region\", \"type\": \"d\"}, {\"code\": \"Tid\", \"type\": \"t\"}, {\"code\": \"BE0101N1\", \"type\": \"c\"}], \"comments\": [],\n\"data\": [\n";
    let rows = figures(60).map(|(row, name, amount, month)| {
        format!("{{\"key\": [\"{name} {row}\", \"2024M{month:02}\"], \"values\": [\"{amount}\"]}}")
    });
    let numbering = Numbering::Count { per_piece: 1 };
    let mut delivery = of_format("pxweb v1", Format::JsonStat, numbering)
        .head(head)
        .rows(last_without_comma(rows.collect()));
    delivery.push(b"]}\n", false);
    delivery
}

fn px() -> Delivery {
    let months: Vec<String> = (1..=12).map(|month| format!("\"2024M{month:02}\"")).collect();
    let head = format!(
        "CHARSET=\"ANSI\";\nCODEPAGE=\"utf-8\";\nTITLE=\"Folkmängd\";\nSTUB=\"region\";\nHEADING=\"månad\";\n\
         VALUES(\"region\")=\"Jämtland\",\"Ragunda\",\"Bräcke\",\"Krokom\",\"Östersund\";\n\
         CODES(\"region\")=\"23\",\"2303\",\"2305\",\"2309\",\"2380\";\nVALUES(\"månad\")={};\nDECIMALS=2;\nDATA=\n",
        months.join(",")
    );
    let rows = figures(60).map(|(row, _, amount, _)| match row % 7 {
        3 => "\"..\"\n".to_owned(),
        _ => format!("{amount}\n"),
    });
    let mut delivery = of_format("px", Format::Px, Numbering::Dense).head(&head).rows(rows);
    delivery.push(b";\n", false);
    delivery
}

fn kolada() -> Delivery {
    let rows = figures(40).map(|(row, _, amount, month)| {
        let value = |sex: &str, more: usize| {
            format!("{{\"gender\": \"{sex}\", \"count\": 1, \"status\": \"\", \"value\": {more}{}, \"isdeleted\": false}}", amount.trim_start_matches('-'))
        };
        format!(
            "{{\"kpi\": \"N{row:05}\", \"municipality\": \"0023\", \"period\": 20{month:02}, \"values\": [{}, {}, {}]}}",
            value("K", 1),
            value("M", 2),
            value("T", 3)
        )
    });
    let numbering = Numbering::Count { per_piece: 3 };
    let mut delivery = of_format("kolada", Format::Kolada, numbering)
        .head("{\"count\": 40, \"next_url\": null, \"values\": [\n")
        .rows(last_without_comma(rows.collect()));
    delivery.push(b"]}\n", false);
    delivery
}

fn social() -> Delivery {
    let rows = figures(60).map(|(row, _, amount, month)| {
        format!(
            "{{\"atcId\": \"J01\", \"regionId\": {row}, \"konId\": 3, \"mattId\": 4, \"ar\": 20{month:02}, \"varde\": \"{}\"}}",
            amount.replace('.', ",")
        )
    });
    let numbering = Numbering::Count { per_piece: 1 };
    let mut delivery = of_format("socialstyrelsen", Format::Socialstyrelsen, numbering)
        .head("{\"amne\": \"lakemedel\", \"sida\": 1, \"nasta_sida\": null, \"data\": [\n")
        .rows(last_without_comma(rows.collect()));
    delivery.push(b"]}\n", false);
    delivery
}

fn objects() -> Vec<String> {
    figures(60)
        .map(|(row, name, amount, month)| {
            format!("{{\"id\": \"{row:04}\", \"ort\": \"{name}\", \"månad\": \"2024-{month:02}\", \"belopp\": {amount}}}")
        })
        .collect()
}

fn json_array() -> Delivery {
    let numbering = Numbering::Count { per_piece: 1 };
    let mut delivery =
        of_format("json", Format::Json, numbering).head("[\n").rows(last_without_comma(objects()));
    delivery.push(b"]\n", false);
    delivery
}

fn json_lines() -> Delivery {
    let rows = objects().into_iter().map(|row| row + "\n");
    of_format("ndjson", Format::Json, Numbering::Line).rows(rows)
}

fn smhi_csv() -> Delivery {
    let head = "\u{feff}Stationsnamn;Stationsnummer;Stationsnät\nFrösön;134110;SMHI\n\n\
         Parameternamn;Beskrivning;Enhet\nLufttemperatur;medelvärde 1 dygn;celsius\n\n\
         Från Datum Tid (UTC);Till Datum Tid (UTC);Representativt dygn;Lufttemperatur;Kvalitet;;Tidsutsnitt:\n";
    let rows = figures(60).map(|(row, _, amount, month)| {
        let day = format!("2024-{month:02}-{:02}", row % 28 + 1);
        format!("{day} 00:00:01;{day} 23:59:59;{day};{amount};G;;\n")
    });
    of_format("smhi, csv", Format::Smhi, Numbering::Line).head(head).rows(rows)
}

fn smhi_json() -> Delivery {
    let rows = figures(60).map(|(row, _, amount, _)| {
        let moment = 1_704_067_200_000_u64 + row as u64 * 86_400_000;
        format!("{{\"date\": {moment}, \"value\": \"{amount}\", \"quality\": \"G\"}}")
    });
    let numbering = Numbering::Count { per_piece: 1 };
    let mut delivery = of_format("smhi, json", Format::Smhi, numbering)
        .head("{\"key\": \"1\", \"station\": {\"name\": \"Frösön\"}, \"updated\": 1704153600000, \"value\": [\n")
        .rows(last_without_comma(rows.collect()));
    delivery.push(b"]}\n", false);
    delivery
}

fn paxml() -> Delivery {
    let mut delivery = of_format("paxml", Format::Paxml, Numbering::Line);
    let plain = |delivery: &mut Delivery, text: &str| delivery.push(text.as_bytes(), false);
    plain(&mut delivery, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    plain(&mut delivery, "<paxml>\n<header><version>2.0</version></header>\n<tidtransaktioner>\n");
    for (row, _, amount, month) in figures(30) {
        let hours = amount.trim_start_matches('-');
        let line = format!(
            "<tidtrans anstid=\"{row:03}\"><tidkod>SJK</tidkod><datum>2024-{month:02}-01</datum><timmar>{hours}</timmar></tidtrans>\n"
        );
        delivery.push(line.as_bytes(), true);
    }
    plain(&mut delivery, "</tidtransaktioner>\n<schematransaktioner>\n");
    for person in 0..6 {
        let begin = delivery.pieces.len();
        plain(&mut delivery, &format!("<schema anstid=\"{person:03}\">\n"));
        for day in 1..=5 {
            delivery.since.insert(delivery.pieces.len(), begin);
            let line = format!("<dag datum=\"2024-01-{day:02}\" timmar=\"{day}.5\"/>\n");
            delivery.push(line.as_bytes(), true);
        }
        plain(&mut delivery, "</schema>\n");
    }
    plain(&mut delivery, "</schematransaktioner>\n</paxml>\n");
    delivery
}

/// A workbook whose sheet is damaged before it is packed, so that the checksums of the archive do not
/// give the damage away.
fn sheet() -> Delivery {
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let text = |cell: &str, text: &str| {
        format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let begin = format!(
        "<worksheet xmlns=\"{space}\"><dimension ref=\"A1:D61\"/><sheetData>\n<row r=\"1\">{}{}{}</row>\n",
        text("A1", "Nummer"),
        text("B1", "Ort"),
        text("C1", "Belopp")
    );
    let heads = begin.split_inclusive('\n').count();
    let mut numbers = BTreeMap::new();
    let rows: Vec<String> = figures(60)
        .map(|(row, name, amount, _)| {
            let at = row as u64 + 2;
            numbers.insert(at, heads + row);
            let cells =
                text(&format!("A{at}"), &format!("{row:04}")) + &text(&format!("B{at}"), name);
            format!("<row r=\"{at}\">{cells}<c r=\"C{at}\"><v>{amount}</v></c></row>\n")
        })
        .collect();
    let mut delivery =
        of_format("xlsx, sheet", Format::Xlsx, Numbering::Sheet(numbers)).head(&begin).rows(rows);
    delivery.push(b"</sheetData></worksheet>\n", false);
    delivery.pack = pack_sheet;
    delivery
}

fn pack_sheet(sheet: Vec<u8>) -> Vec<u8> {
    pack_workbook(sheet, Vec::new(), Vec::new())
}

/// A workbook from the XML of its sheet, its shared texts and its styles.
pub fn pack_workbook(sheet: Vec<u8>, texts: Vec<u8>, styles: Vec<u8>) -> Vec<u8> {
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let link = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{relation}/{kind}\" Target=\"{target}\"/>")
    };
    let links = |inner: String| {
        format!("<Relationships xmlns=\"{package}/relationships\">{inner}</Relationships>")
            .into_bytes()
    };
    let book = format!(
        "<workbook xmlns=\"{space}\" xmlns:r=\"{relation}\"><sheets><sheet name=\"Blad1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let parts = [
        ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>").into_bytes()),
        ("_rels/.rels", links(link("r1", "officeDocument", "xl/workbook.xml"))),
        ("xl/workbook.xml", book.into_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            links(
                link("r1", "worksheet", "worksheets/sheet1.xml")
                    + &link("r2", "sharedStrings", "sharedStrings.xml")
                    + &link("r3", "styles", "styles.xml"),
            ),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", styles),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        archive.start_file(name, stored).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn parquet() -> Vec<u8> {
    use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let names: StringArray = figures(60).map(|(_, name, _, _)| Some(name)).collect();
    let numbers: Int64Array = figures(60).map(|(row, _, _, _)| Some(row as i64)).collect();
    let amounts: Float64Array = figures(60).map(|(_, _, amount, _)| amount.parse().ok()).collect();
    let columns: [(&str, ArrayRef); 3] =
        [("ort", Arc::new(names)), ("nummer", Arc::new(numbers)), ("belopp", Arc::new(amounts))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

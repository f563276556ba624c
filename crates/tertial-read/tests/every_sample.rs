//! Every sample file is read or refused with the right reason, and holds what was counted by other
//! means: `tests/golden/sample_counts.csv`, made by `tests/tools/count_samples.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tertial_model::pipeline::Format;
use tertial_model::{Decimal, Diagnostic, ReadSummary};
use tertial_read::sie::write::Writer;
use tertial_read::{ReadOptions, open, open_bytes};

type Rows = Vec<Vec<Option<String>>>;

/// The folder of sample files, or a note that there is none.
fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("no sample files beside the repository: nothing was compared");
    None
}

/// A table of texts with headings, read by the reader under test: its own files are small.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let read = read(path, &ReadOptions::new(Format::Csv, "golden.csv")).unwrap();
    let (headings, rows) = &read.tables[""];
    let row = |row: &Vec<Option<String>>| {
        headings
            .iter()
            .cloned()
            .zip(row.iter().map(|cell| cell.clone().unwrap_or_default()))
            .collect()
    };
    rows.iter().map(row).collect()
}

struct Read {
    /// Headings and rows of each part, empty parts included.
    tables: BTreeMap<String, (Vec<String>, Rows)>,
    faults: Vec<Diagnostic>,
    summary: ReadSummary,
}

fn read(path: &Path, options: &ReadOptions) -> Result<Read, Box<Diagnostic>> {
    collect(open(path, options)?)
}

fn collect(mut reader: Box<dyn tertial_read::Reader>) -> Result<Read, Box<Diagnostic>> {
    let parts = reader.parts();
    let empty =
        |part: &tertial_model::Part| (part.name.clone(), (part.headings.clone(), Rows::new()));
    let mut tables: BTreeMap<String, (Vec<String>, Rows)> = parts.iter().map(empty).collect();
    let mut faults = Vec::new();
    while let Some(chunk) = reader.next()? {
        let batch = chunk.parse();
        let rows = &mut tables.get_mut(&parts[batch.part].name).unwrap().1;
        for row in 0..batch.rows() {
            let text = |column| batch.get(row, column).map(str::to_owned);
            rows.push((0..batch.width).map(text).collect());
        }
        faults.extend(batch.faults.into_iter().map(|(_, fault)| fault));
    }
    Ok(Read { tables, faults, summary: reader.finish() })
}

fn format(name: &str) -> Format {
    let formats = [
        Format::Csv,
        Format::Sie,
        Format::Xlsx,
        Format::JsonStat,
        Format::Kolada,
        Format::Px,
        Format::Paxml,
        Format::Smhi,
        Format::Socialstyrelsen,
    ];
    formats.into_iter().find(|format| format.name() == name).unwrap_or_else(|| panic!("{name}"))
}

/// Every file below a folder, relative to it.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap().flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                let path = entry.path();
                let relative = path.strip_prefix(folder).unwrap();
                found.insert(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}

fn total(texts: impl Iterator<Item = Option<String>>) -> Decimal {
    let numbers = texts.flatten().filter_map(|text| Decimal::parse(text.trim()));
    numbers.fold(Decimal::ZERO, |sum, number| sum.checked_add(number).unwrap())
}

#[test]
fn every_sample_holds_what_was_counted_or_is_refused_as_it_should() {
    let Some(folder) = samples() else { return };
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/sample_counts.csv");
    let golden = table(&golden);
    let listed: BTreeSet<String> = golden.iter().map(|row| row["file"].clone()).collect();
    assert_eq!(listed, files(&folder), "count a new file with tests/tools/count_samples.py");
    let mut wrong = Vec::new();
    for row in golden.iter().filter(|row| row["format"] != "none") {
        let name = &row["file"];
        let header_row = row["header_row"].parse().ok();
        let options = ReadOptions { header_row, ..ReadOptions::new(format(&row["format"]), name) };
        let told = match read(&folder.join(name), &options) {
            Err(fault) => refusal(row, &fault),
            Ok(read) => differences(row, &read, &golden),
        };
        wrong.extend(told.into_iter().map(|words| format!("{name} {}: {words}", row["part"])));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn refusal(row: &BTreeMap<String, String>, fault: &Diagnostic) -> Vec<String> {
    let text = fault.to_string();
    if row["code"] == fault.code.name() && text.contains(&row["reason"]) {
        return Vec::new();
    }
    vec![format!("`{}` with `{}` was expected, not\n{text}", row["code"], row["reason"])]
}

fn differences(
    row: &BTreeMap<String, String>,
    read: &Read,
    golden: &[BTreeMap<String, String>],
) -> Vec<String> {
    if !row["code"].is_empty() {
        return vec![format!("read, and `{}` was expected", row["code"])];
    }
    let mut told: Vec<String> = read.faults.iter().map(ToString::to_string).collect();
    let Some((headings, rows)) = read.tables.get(&row["part"]) else {
        return vec!["no such part".to_owned()];
    };
    let mut compare = |what: &str, found: String| {
        let expected = &row[what];
        if !expected.is_empty() && *expected != found {
            told.push(format!("{what} {found}, and {expected} were counted"));
        }
    };
    let cells = || rows.iter().flatten().flatten();
    compare("columns", headings.len().to_string());
    compare("rows", rows.len().to_string());
    compare("filled", cells().filter(|cell| !cell.is_empty()).count().to_string());
    compare("letters", cells().map(|cell| cell.chars().count()).sum::<usize>().to_string());
    if !row["sum_of"].is_empty() {
        let at = headings.iter().position(|heading| *heading == row["sum_of"]).unwrap();
        let found = total(rows.iter().map(|row| row[at].clone()));
        if Decimal::parse(&row["sum"]) != Some(found) {
            told.push(format!("a sum of {found}, and {} was counted", row["sum"]));
        }
    }
    // A part that nobody counted holds nothing.
    let same_file = golden.iter().filter(|other| other["file"] == row["file"]);
    let counted: BTreeSet<&str> = same_file.map(|other| other["part"].as_str()).collect();
    for (part, (_, rows)) in &read.tables {
        if !counted.contains(part.as_str()) && !rows.is_empty() {
            told.push(format!("{} rows of `{part}` that were not counted", rows.len()));
        }
    }
    told
}

/// ΣUB − ΣIB + ΣRES is nothing but in these files, where it was worked out otherwise.
#[test]
fn the_year_ties_where_it_is_known_to() {
    let Some(folder) = samples() else { return };
    let known: BTreeMap<&str, &str> = [
        ("Sie2.se", "-33125.72"),
        ("Sie3.se", "-33125.72"),
        ("Sie4.se", "-33125.72"),
        ("Test3.SE", "100.00"),
        ("Arousells_Visning_AB.SE", "640.80"),
        ("XE_SIE_1_20151125094750.SE", "55135.49"),
        ("XE_SIE_4_20151125095119.SE", "55135.49"),
        ("SIE-fil_fran_Visma_Eget_Aktiebolag_2010.se", "-3909.00"),
        ("SIE_with_long_voucher_series_number.SE", "993436.00"),
        // A balance row without its amount, on purpose.
        ("BLBLOV_SIE4_UTF_8_with_missing_account_balance.SE", "-80000.00"),
    ]
    .into();
    let mut found = BTreeMap::new();
    let mut compared = 0;
    for name in files(&folder.join("sie")) {
        let options = ReadOptions::new(Format::Sie, &name);
        let Ok(read) = read(&folder.join("sie").join(&name), &options) else { continue };
        let claims = read.summary.reconciliations.iter();
        for row in claims.filter(|row| row.claim == "closing_minus_opening_is_result") {
            compared += 1;
            let minus = Decimal::new(-row.expected.units(), row.expected.scale());
            let rest = row.found.checked_add(minus).unwrap();
            if !row.holds() {
                found.insert(name.clone(), rest.to_string());
            }
        }
    }
    let found: BTreeMap<&str, &str> =
        found.iter().map(|(name, rest)| (name.as_str(), rest.as_str())).collect();
    assert_eq!(found, known);
    assert!(compared > 40, "{compared}");
}

/// The months of a year sum to its result; three programs write something else there.
#[test]
fn the_months_tie_where_they_are_known_to() {
    let Some(folder) = samples() else { return };
    let (mut whole, mut broken) = (0, BTreeMap::new());
    for name in files(&folder.join("sie")) {
        let options = ReadOptions::new(Format::Sie, &name);
        let Ok(read) = read(&folder.join("sie").join(&name), &options) else { continue };
        let claims: Vec<bool> = read
            .summary
            .reconciliations
            .iter()
            .filter(|row| row.claim.contains("months"))
            .map(|row| row.holds())
            .collect();
        let failed = claims.iter().filter(|holds| !**holds).count();
        if failed > 0 {
            broken.insert(name, failed);
        } else {
            whole += usize::from(!claims.is_empty());
        }
    }
    let expected = [("BLBLOV_SIE2.SE", 23), ("Sie_1_2.se", 1), ("sie_3.SE", 1)];
    let expected = expected.map(|(name, failed)| (name.to_owned(), failed));
    assert_eq!(broken, BTreeMap::from(expected));
    assert_eq!(whole, 18);
}

/// Read, written and read again, every file gives the same tables.
#[test]
fn every_sie_file_survives_a_round_trip() {
    let Some(folder) = samples() else { return };
    let mut compared = 0;
    for name in files(&folder.join("sie")) {
        let options = ReadOptions::new(Format::Sie, &name);
        let Ok(first) = read(&folder.join("sie").join(&name), &options) else { continue };
        let bytes = written(&first);
        let again = collect(open_bytes(bytes, &options).unwrap()).unwrap();
        for (part, (headings, rows)) in &first.tables {
            // Where a voucher stands in the file is not what it says.
            let place = headings.iter().position(|heading| heading == "voucher_line");
            let without = |row: &[Option<String>]| -> Vec<Option<String>> {
                let kept = row.iter().enumerate().filter(|(at, _)| Some(*at) != place);
                kept.map(|(_, cell)| cell.clone()).collect()
            };
            let expected: Rows = rows
                .iter()
                .map(|row| without(&row.iter().map(as_written).collect::<Vec<_>>()))
                .collect();
            let found: Rows = again.tables[part].1.iter().map(|row| without(row)).collect();
            assert_eq!(found, expected, "{name}, {part}: {headings:?}");
        }
        compared += 1;
    }
    assert_eq!(compared, 76);
}

/// What is left of a text in CP437.
fn as_written(cell: &Option<String>) -> Option<String> {
    let table = &oem_cp::code_table::ENCODING_TABLE_CP437;
    let bytes = oem_cp::encode_string_lossy(cell.as_deref()?, table);
    let decoding = &oem_cp::code_table::DECODING_TABLE_CP437;
    Some(oem_cp::decode_string_complete_table(&bytes, decoding))
}

fn written(read: &Read) -> Vec<u8> {
    let mut writer = Writer::new(true);
    let fact = |name: &str| {
        let found = read.summary.facts.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    writer.record("#SIETYP", &[fact("sietyp").unwrap_or("4")]);
    let rows = |part: &str| read.tables[part].1.iter();
    let text = |row: &[Option<String>], at: usize| row[at].clone().unwrap_or_default();
    for row in rows("accounts") {
        let account = text(row, 0);
        let named: &[&str] = &[&account, &text(row, 1)];
        writer.record("#KONTO", &named[..if row[1].is_some() { 2 } else { 1 }]);
        for (label, at) in [("#KTYP", 2), ("#ENHET", 3)] {
            if let Some(value) = &row[at] {
                writer.record(label, &[&account, value]);
            }
        }
        for code in row[4].iter().flat_map(|codes| codes.split('|')) {
            writer.record("#SRU", &[&account, code]);
        }
    }
    for (part, labels) in [("dimensions", ["#DIM", "#UNDERDIM"]), ("objects", ["#OBJEKT"; 2])] {
        for row in rows(part) {
            let label = labels[usize::from(row[2].is_some())];
            writer.listed(label, &[], None, &trimmed(row));
        }
    }
    let mut years: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for row in rows("balances") {
        if let (Some(year), Some(first), Some(last)) = (&row[1], &row[2], &row[3]) {
            years.insert(year, (first, last));
        }
    }
    for (year, (first, last)) in years {
        writer.record("#RAR", &[year, first, last]);
    }
    for row in rows("balances") {
        let label = format!("#{}", text(row, 0));
        let list = listed(&row[5..7]);
        writer.listed(&label, &[&text(row, 1), &text(row, 4)], list, &trimmed(&row[7..]));
    }
    for row in rows("period_balances") {
        let label = format!("#{}", text(row, 0));
        let list = listed(&row[4..6]).or(Some(Vec::new()));
        writer.listed(
            &label,
            &[&text(row, 1), &text(row, 2), &text(row, 3)],
            list,
            &trimmed(&row[6..]),
        );
    }
    let mut entries = rows("transactions");
    for row in rows("vouchers") {
        writer.listed("#VER", &[], None, &trimmed(&row[..6]));
        writer.open();
        let count: usize = text(row, 6).parse().unwrap();
        for entry in entries.by_ref().take(count) {
            let objects = text(entry, 18);
            let pairs = objects.split('|').filter_map(|pair| pair.split_once(':'));
            let list = pairs.map(|(dimension, object)| (dimension.to_owned(), object.to_owned()));
            writer.listed(
                "#TRANS",
                &[&text(entry, 7)],
                Some(list.collect()),
                &trimmed(&entry[19..24]),
            );
        }
        writer.close();
    }
    assert!(entries.next().is_none(), "a row outside any voucher");
    writer.finish()
}

/// Dimension and object, when they are there.
fn listed(cells: &[Option<String>]) -> Option<Vec<(String, String)>> {
    match cells {
        [Some(dimension), Some(object)] => Some(vec![(dimension.clone(), object.clone())]),
        _ => None,
    }
}

/// The cells up to the last one that is there.
fn trimmed(cells: &[Option<String>]) -> Vec<&str> {
    let length = cells.iter().rposition(Option::is_some).map_or(0, |at| at + 1);
    cells[..length].iter().map(|cell| cell.as_deref().unwrap_or("")).collect()
}

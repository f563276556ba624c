//! Real files of other people, when they lie beside the repository: what each must give was counted
//! by other means (a throw-away reader in another language), not by this crate. What every single file
//! holds is compared in `every_sample.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tertial_model::pipeline::Format;
use tertial_model::{Decimal, Diagnostic, Part, ReadSummary};
use tertial_read::{ReadOptions, open};

/// The folder of sample files, or a note that there is none.
fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("no sample files beside the repository: nothing was compared");
    None
}

struct Read {
    parts: Vec<Part>,
    tables: BTreeMap<String, Vec<Vec<Option<String>>>>,
    faults: Vec<Diagnostic>,
    summary: ReadSummary,
}

fn read_with(path: &Path, options: &ReadOptions) -> Result<Read, Box<Diagnostic>> {
    let mut reader = open(path, options)?;
    let parts = reader.parts().to_vec();
    let mut tables: BTreeMap<String, Vec<Vec<Option<String>>>> = BTreeMap::new();
    let mut faults = Vec::new();
    while let Some(chunk) = reader.next()? {
        let batch = chunk.parse();
        let rows = tables.entry(parts[batch.part].name.clone()).or_default();
        for row in 0..batch.rows() {
            let text = |column| batch.get(row, column).map(str::to_owned);
            rows.push((0..batch.width).map(text).collect());
        }
        faults.extend(batch.faults.into_iter().map(|(_, fault)| fault));
    }
    Ok(Read { parts, tables, faults, summary: reader.finish() })
}

fn read(path: &Path, format: Format) -> Result<Read, Box<Diagnostic>> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    read_with(path, &ReadOptions::new(format, name))
}

impl Read {
    fn rows(&self, part: &str) -> &[Vec<Option<String>>] {
        self.tables.get(part).map_or(&[], Vec::as_slice)
    }

    fn column(&self, part: &str, heading: &str) -> Vec<Option<&str>> {
        let found = self.parts.iter().find(|p| p.name == part).unwrap();
        let at = found.headings.iter().position(|h| h == heading).unwrap();
        self.rows(part).iter().map(|row| row[at].as_deref()).collect()
    }

    fn fact(&self, name: &str) -> &str {
        let fact = self.summary.facts.iter().find(|(known, _)| known == name);
        fact.map_or("", |(_, value)| value.as_str())
    }
}

fn sum<'a>(texts: impl Iterator<Item = &'a str>) -> Decimal {
    texts.fold(Decimal::ZERO, |sum, text| {
        sum.checked_add(Decimal::parse(text).unwrap_or_else(|| panic!("`{text}`"))).unwrap()
    })
}

/// Rows and sum of a balance of year 0, over the amounts that can be read.
fn balance(read: &Read, kind: &str) -> (usize, Decimal) {
    let rows = read
        .rows("balances")
        .iter()
        .filter(|row| row[0].as_deref() == Some(kind) && row[1].as_deref() == Some("0"));
    let amounts: Vec<&str> = rows
        .filter_map(|row| row[7].as_deref())
        .filter(|text| Decimal::parse(text).is_some())
        .collect();
    (amounts.len(), sum(amounts.iter().copied()))
}

fn months(read: &Read, kind: &str) -> usize {
    read.rows("period_balances").iter().filter(|row| row[0].as_deref() == Some(kind)).count()
}

fn golden_row(read: &Read) -> Vec<String> {
    let encoding = read.summary.decisions[0].split(' ').nth(1).unwrap().to_owned();
    let encoding = encoding.replace("windows-1252", "latin-1");
    let mut row = vec![encoding, read.fact("sietyp").to_owned(), "SIE".to_owned()];
    // The golden file counts `#DIM` and leaves `#UNDERDIM` out.
    let own = read.column("dimensions", "parent").into_iter().filter(Option::is_none).count();
    let (accounts, objects) = (read.rows("accounts").len(), read.rows("objects").len());
    row.extend([accounts, own, objects].map(|count| count.to_string()));
    for kind in ["IB", "UB", "RES"] {
        let (rows, sum) = balance(read, kind);
        row.extend([rows.to_string(), sum.to_string()]);
    }
    row.extend(["PSALDO", "PBUDGET"].map(|kind| months(read, kind).to_string()));
    row.extend(["vouchers", "transactions"].map(|p| read.rows(p).len().to_string()));
    let broken = read.summary.reconciliations.iter();
    let broken = broken.filter(|row| row.claim == "voucher_balance" && !row.holds()).count();
    row.extend([broken.to_string(), read.fact("unreadable_amounts").to_owned()]);
    row
}

/// Sums are compared as numbers: the golden file prints `76663.0` where the source does.
fn same(found: &str, expected: &str) -> bool {
    found == expected
        || matches!((Decimal::parse(found), Decimal::parse(expected)), (Some(a), Some(b)) if a == b)
}

#[test]
fn every_sie_file_gives_the_golden_counts() {
    let Some(folder) = samples() else { return };
    let golden = std::fs::read_to_string(folder.join("golden/sie_counts.csv")).unwrap();
    let mut compared = 0;
    for line in golden.lines().skip(1) {
        let expected: Vec<&str> = line.split(';').collect();
        let result = read(&folder.join("sie").join(expected[0]), Format::Sie);
        compared += 1;
        if expected[3] != "SIE" {
            let code = result.err().unwrap().code.name();
            let version = if expected[0] == "SampleEntry.sie" { "T0112" } else { "T0102" };
            assert_eq!(code, version, "{line}");
            continue;
        }
        let found = golden_row(&result.unwrap_or_else(|fault| panic!("{line}: {fault}")));
        let agree = found.iter().zip(&expected[1..]).all(|(found, expected)| same(found, expected));
        assert!(agree && found.len() + 1 == expected.len(), "{line}\n{}", found.join(";"));
    }
    assert_eq!(compared, 78);
}

#[test]
fn the_checksums_of_programs_agree() {
    let Some(folder) = samples() else { return };
    let check = |name: &str| {
        let read = read(&folder.join("sie").join(name), Format::Sie).unwrap();
        let sums = read.summary.reconciliations.iter().filter(|row| row.claim == "checksum");
        sums.map(|row| row.holds()).collect::<Vec<_>>()
    };
    let programs = [
        "41_sie1.se",
        "42_sie2.se",
        "44_sie4.se",
        "Norstedts_Bokslut_SIE_1.se",
        "Norstedts_Bokslut_SIE_4I.si",
        // Written by hand in UTF-8: its sum is that of the text in CP437.
        "Sie4I1ksumma.SI",
    ];
    for name in programs {
        assert_eq!(check(name), [true], "{name}");
    }
    assert!(check("typ4.se").is_empty());
}

#[test]
fn balances_and_entries_tie_where_they_are_known_to() {
    let Some(folder) = samples() else { return };
    let failed = |name: &str| {
        let read = read(&folder.join("sie").join(name), Format::Sie).unwrap();
        let rows = read.summary.reconciliations.iter();
        let rows =
            rows.filter(|row| row.claim.starts_with("opening") || row.claim.starts_with("entries"));
        let rows: Vec<bool> = rows.map(|row| row.holds()).collect();
        (rows.len(), rows.iter().filter(|holds| !**holds).count())
    };
    let whole = [
        "44_sie4.se",
        "BLBLOV_SIE4.SE",
        "CC2-foretaget.SE",
        "SIE4_Exempelfil.SE",
        "SIE_exempelfil.se",
        "Test4.SE",
        "live2011.se",
        "magenta_bokforing_SIE4E.se",
        "transaktioner_ovnbolag.se",
        "typ4.se",
        "XE_SIE_4_20151125095119.SE",
    ];
    for name in whole {
        let (rows, broken) = failed(name);
        assert_eq!(broken, 0, "{name}");
        assert!(rows > 0, "{name}");
    }
    for name in ["9_sie-gruppen-e-conomic.se", "Arousells_Visning_AB.SE", "Sie4.se"] {
        assert!(failed(name).1 > 0, "{name}");
    }
}

#[test]
fn cubes_have_their_cells_and_their_missing_ones() {
    let Some(folder) = samples() else { return };
    let check = |name: &str, format, rows: usize, missing: usize, total: &str| {
        let read = read(&folder.join("scb").join(name), format).unwrap();
        let values = read.column("", "value");
        let statuses = read.column("", "status").iter().flatten().count();
        let nulls = values.iter().filter(|value| value.is_none()).count();
        assert_eq!((values.len(), nulls, statuses), (rows, missing, missing), "{name}");
        let whole = sum(values.into_iter().flatten());
        assert!(total.is_empty() || same(&whole.to_string(), total), "{name}: {whole}");
        read
    };
    let costs = check("tab4242_data_2024_v2.json", Format::JsonStat, 286, 33, "854010");
    let own: Vec<String> = costs
        .rows("")
        .iter()
        .filter(|row| row[0].as_deref() == Some("23L"))
        .map(|row| row[4].clone().unwrap_or_default())
        .collect();
    let expected =
        ["1262", "3077", "503", "514", "129", "340", "34", "75", "51", "26", "8", "", ""];
    assert_eq!(own, expected);
    assert_eq!(costs.summary.facts.iter().filter(|(name, _)| name == "note").count(), 8);
    check("tab638_small_jsonstat2.json", Format::JsonStat, 4, 0, "3178458");
    check("tab6471_data_v2.json", Format::JsonStat, 2772, 0, "84837753");
    let survey = check("TAB2936.px", Format::Px, 189, 37, "");
    assert_eq!(survey.parts[0].headings[..2], ["Kon", "FackligOrg"]);
    assert_eq!(survey.rows("")[17].last().unwrap().as_deref(), Some(".."));
    check("BE0101A1.px", Format::Px, 1, 0, "10462");
    check("tab4_fewcells.px", Format::Px, 1, 0, "");
    let first_api = read(&folder.join("scb/befolkningny_data_v1.json"), Format::JsonStat).unwrap();
    let counts = first_api.column("", "BE0101N1");
    assert_eq!(counts.len(), 24);
    assert!(same(&sum(counts.into_iter().flatten()).to_string(), "29966412"));
}

#[test]
fn kolada_and_socialstyrelsen_answers() {
    let Some(folder) = samples() else { return };
    for (name, rows) in [("data_n00945.json", 63), ("data_n03702_n03703_small.json", 48)] {
        let read = read(&folder.join("kolada").join(name), Format::Kolada).unwrap();
        let values = read.column("", "value");
        assert_eq!((values.len(), values.iter().flatten().count()), (rows, rows), "{name}");
    }
    let first = read(&folder.join("kolada/data_n00945.json"), Format::Kolada).unwrap();
    let row: Vec<&str> = first.rows("")[0].iter().map(|c| c.as_deref().unwrap_or("–")).collect();
    assert_eq!(row, ["N00945", "0180", "2000", "T", "31.32959689", "", "1", "false"]);
    let path = folder.join("socialstyrelsen/j01_2017_assembled.json");
    let items = read(&path, Format::Socialstyrelsen).unwrap();
    let values = items.column("", "varde");
    assert_eq!(values.len(), 6);
    assert!(same(&sum(values.into_iter().flatten()).to_string(), "713384"));
    // The same document as a plain table of objects.
    assert_eq!(read(&path, Format::Json).unwrap().tables, items.tables);
}

#[test]
fn a_ledger_with_bare_carriage_returns_is_read_to_the_ore() {
    let Some(folder) = samples() else { return };
    let ledger = read(&folder.join("vgr_ledger/vgr_sample.csv"), Format::Csv).unwrap();
    assert!(ledger.faults.is_empty());
    assert!(ledger.summary.decisions.contains(&"line ends cr".to_owned()));
    let amounts = sum(ledger.column("", "nettobelopp").into_iter().flatten());
    assert_eq!(amounts.to_string(), "5047504.73");
}

#[test]
fn observations_and_payroll() {
    let Some(folder) = samples() else { return };
    let air = read(&folder.join("smhi/metobs_data.csv"), Format::Smhi).unwrap();
    assert_eq!(air.column("", "value"), [Some("5.3"), Some("5.3")]);
    assert_eq!(air.column("", "from")[1], Some("2013-01-01 01:00:00"));
    assert_eq!(air.fact("station"), "Akalla");
    let cases = [
        ("demo_2022-10.xml", [8, 0, 2, 0, 0, 2, 0, 0, 0, 0]),
        ("sample_01.xml", [25, 0, 3, 0, 0, 0, 0, 0, 0, 0]),
        ("sample_02.xml", [2, 3, 1, 1, 0, 0, 0, 0, 2, 3]),
        ("schema_transactions.xml", [0, 34, 0, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for (name, counts) in cases {
        let read = read(&folder.join("paxml").join(name), Format::Paxml).unwrap();
        let found: Vec<usize> = read.parts.iter().map(|part| read.rows(&part.name).len()).collect();
        assert_eq!(found, counts, "{name}");
    }
    let schedule = read(&folder.join("paxml/schema_transactions.xml"), Format::Paxml).unwrap();
    let hours = sum(schedule.column("schedule", "hours").into_iter().flatten());
    assert_eq!(hours.to_string(), "196.16");
}

#[test]
fn workbooks_are_read_or_say_what_they_need() {
    let Some(folder) = samples() else { return };
    // Dashes stand for months to come; the later the issue, the fewer there are.
    for (issue, dashes) in [("2024-05-08", 20), ("2024-12-03", 6), ("2025-01-31", 2)] {
        let path = folder.join(format!("socialstyrelsen/ekonomiskt_bistand_{issue}.xlsx"));
        let read = read(&path, Format::Xlsx).unwrap();
        let headings = ["År", "Månad", "Antal hushåll", "Utbetalt ekonomiskt bistånd tkr"];
        assert_eq!(read.parts[0].headings, headings);
        let cells = read.rows("Tabell").iter().flatten().flatten();
        let found = cells.filter(|cell| *cell == "--").count();
        assert_eq!((read.rows("Tabell").len(), found), (132, dashes), "{issue}");
        let first: Vec<&str> =
            read.rows("Tabell")[0].iter().flatten().map(String::as_str).collect();
        assert_eq!(first, ["2014", "Januari", "3914", "26908"]);
    }
    // Its sheet states the size A1 and names a drawing that is not there.
    let work = read(&folder.join("misc/arbetsloshet_kommun.xlsx"), Format::Xlsx).unwrap();
    let rows = work.rows("Arbetsloshet kommun");
    let first: Vec<&str> = rows[0].iter().flatten().map(String::as_str).collect();
    assert_eq!((rows.len(), first[7], first[8]), (15, "3", "2-4"));
    let prices = read(&folder.join("misc/KPI.xlsx"), Format::Xlsx).unwrap();
    assert_eq!(prices.rows("KPI").len(), 447);
    assert_eq!(prices.rows("KPI")[446][1].as_deref(), Some("260.53"));
    // Only the third column has a heading: the row must be agreed.
    let path = folder.join("misc/Tillvaxtananalys_2024_08_21.xlsx");
    let fault = read(&path, Format::Xlsx).err().unwrap();
    assert_eq!(fault.code.name(), "T0102");
    assert!(fault.hints[0].contains("header_row"), "{fault}");
    let header_row = Some(3);
    let options = ReadOptions { header_row, ..ReadOptions::new(Format::Xlsx, "t.xlsx") };
    let firms = read_with(&path, &options).unwrap();
    assert_eq!(firms.parts[0].headings, ["", "", "antal nystartade företag"]);
    assert_eq!(firms.rows("BE0101G9").len(), 53);
}

/// Every sample, cut at every tenth and with bytes changed, for every reader: no panic, and an end.
#[test]
fn damaged_samples_come_to_an_end() {
    let Some(folder) = samples() else { return };
    let cases = [
        ("sie/BLBLOV_SIE4.SE", Format::Sie),
        ("sie/typ3.se", Format::Sie),
        ("scb/tab638_small_jsonstat2.json", Format::JsonStat),
        ("scb/TAB2936.px", Format::Px),
        ("kolada/data_n00945.json", Format::Kolada),
        ("smhi/metobs_data.csv", Format::Smhi),
        ("paxml/sample_02.xml", Format::Paxml),
        ("vgr_ledger/vgr_sample.csv", Format::Csv),
        ("misc/arbetsloshet_kommun.xlsx", Format::Xlsx),
        ("socialstyrelsen/ekonomiskt_bistand_2024-05-08.xlsx", Format::Xlsx),
    ];
    let run = |bytes: Vec<u8>, format| {
        let Ok(mut reader) = tertial_read::open_bytes(bytes, &ReadOptions::new(format, "f")) else {
            return;
        };
        while let Ok(Some(chunk)) = reader.next() {
            let batch = chunk.parse();
            assert!(batch.rows() > 0);
        }
        reader.finish();
    };
    for (name, format) in cases {
        let whole = std::fs::read(folder.join(name)).unwrap();
        for tenth in 1..10 {
            run(whole[..whole.len() * tenth / 10].to_vec(), format);
        }
        for step in 0..200_usize {
            let mut bytes = whole.clone();
            let at = step * 7919 % bytes.len();
            bytes[at] ^= 1 << (step % 8);
            bytes[(at * 31) % whole.len()] = 0;
            run(bytes, format);
        }
    }
}

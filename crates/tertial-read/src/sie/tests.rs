use super::write::Writer;
use crate::{Limits, PartChoice, ReadOptions, open_bytes};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tertial_model::pipeline::Format;
use tertial_model::{Decimal, Diagnostic, ReadSummary, TextBatch};

type Tables = BTreeMap<String, Vec<Vec<Option<String>>>>;

fn options() -> ReadOptions {
    ReadOptions::new(Format::Sie, "inbox/RJH_2024.SE")
}

fn read_with(
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<(Tables, ReadSummary), Box<Diagnostic>> {
    let mut reader = open_bytes(bytes.to_vec(), options)?;
    let parts = reader.parts();
    let mut tables = Tables::new();
    while let Some(chunk) = reader.next()? {
        let batch = chunk.parse();
        let rows = tables.entry(parts[batch.part].name.clone()).or_default();
        rows.extend((0..batch.rows()).map(|row| texts(&batch, row)));
    }
    Ok((tables, reader.finish()))
}

fn texts(batch: &TextBatch, row: usize) -> Vec<Option<String>> {
    (0..batch.width).map(|column| batch.get(row, column).map(str::to_owned)).collect()
}

fn read(text: &str) -> (Tables, ReadSummary) {
    read_with(text.as_bytes(), &options()).unwrap()
}

fn row(tables: &Tables, part: &str, index: usize) -> String {
    let cells = tables[part][index].iter();
    cells.map(|cell| cell.as_deref().unwrap_or("–")).collect::<Vec<_>>().join(" · ")
}

fn fact<'a>(summary: &'a ReadSummary, name: &str) -> &'a str {
    summary.facts.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

const FILE: &str = "#FLAGGA 0\n#SIETYP 4\n#FNAMN Region Jämtland Härjedalen\n#RAR 0 20240101 20241231\n\
#KONTO 1910 Kassa\n#KTYP 1910 T\n#SRU 1910 7281\n#SRU 1910 7381\n#KONTO 4010 \"Löner \\\"fasta\\\"\"\n#ENHET 4010 tim\n\
#DIM 1 Ansvar\n#OBJEKT 1 605 \"Regionstab\"\n#IB 0 1910 1000.00\n#UB 0 1910 900.00\n\
#RES 0 4010 100.00\n#PBUDGET 0 202401 4010 {1 605} 50.00\n#PSALDO 0 202401 4010 {} 100\n\
#VER A 17 20240131 \"Löner januari\" 20240201 AB\n{\n#TRANS 4010 {1 \"605\" 20 \"100\"} 60.00 \"\" \"rad 1\" 3.5\n\
#RTRANS 4010 {} 40.00\n#TRANS 4010 {} 40 20240130\n#BTRANS 4010 {} 7.00\n#TRANS 1910 {} -100.00\n}\n";

#[test]
fn every_part_has_its_rows() {
    let (tables, summary) = read(FILE);
    assert_eq!(row(&tables, "accounts", 0), "1910 · Kassa · T · – · 7281|7381");
    assert_eq!(row(&tables, "accounts", 1), "4010 · Löner \"fasta\" · – · tim · –");
    assert_eq!(row(&tables, "dimensions", 0), "1 · Ansvar · –");
    assert_eq!(row(&tables, "objects", 0), "1 · 605 · Regionstab");
    assert_eq!(
        row(&tables, "balances", 0),
        "IB · 0 · 20240101 · 20241231 · 1910 · – · – · 1000.00 · –"
    );
    assert_eq!(
        row(&tables, "period_balances", 0),
        "PBUDGET · 0 · 202401 · 4010 · 1 · 605 · 50.00 · –"
    );
    assert_eq!(row(&tables, "period_balances", 1), "PSALDO · 0 · 202401 · 4010 · – · – · 100 · –");
    assert_eq!(
        row(&tables, "vouchers", 0),
        "A · 17 · 20240131 · Löner januari · 20240201 · AB · 3 · 0.00 · 1 · 18"
    );
    let entries = &tables["transactions"];
    assert_eq!(entries.len(), 3, "RTRANS and BTRANS are not counted");
    assert_eq!(
        row(&tables, "transactions", 0),
        "A · 17 · 20240131 · Löner januari · 20240201 · 1 · TRANS · 4010 · 605 · – · – · – · – · – · – · 100 · – · – \
         · 1:605|20:100 · 60.00 · 20240131 · rad 1 · 3.5 · – · 1 · 18"
    );
    assert_eq!(entries[1][20].as_deref(), Some("20240130"), "the row's own date");
    assert_eq!(fact(&summary, "kind"), "4E");
    assert_eq!(fact(&summary, "company"), "Region Jämtland Härjedalen");
    assert_eq!((fact(&summary, "added_rows"), fact(&summary, "removed_rows")), ("1", "1"));
    assert!(summary.reconciliations.iter().all(|row| row.holds()));
    let claims: Vec<&str> = summary.reconciliations.iter().map(|r| r.claim.as_str()).collect();
    assert_eq!(
        claims,
        [
            "voucher_balance",
            "opening_plus_entries_is_closing",
            "entries_is_result",
            "months_is_result",
            "closing_minus_opening_is_result",
        ]
    );
    assert!(summary.diagnostics.is_empty(), "{:?}", summary.diagnostics);
}

#[test]
fn a_voucher_without_a_number_is_known_by_what_it_holds() {
    let rows = |entries: &[&str]| {
        let lines: String = entries.iter().map(|entry| format!("#TRANS {entry}\n")).collect();
        format!("#VER \"\" \"\" 20240825 \"Löner\"\n{{\n{lines}}}\n")
    };
    let numbers = |vouchers: &[String]| {
        let (tables, _) = read(&format!("#FLAGGA 0\n#SIETYP 4\n{}", vouchers.concat()));
        let given = tables["vouchers"].iter().map(|row| row[1].clone().unwrap());
        given.collect::<Vec<_>>()
    };
    let first = rows(&["4010 {1 \"605\"} 5 20240825 \"Lön\"", "1940 {} -5"]);
    let other = rows(&["4010 {1 \"605\"} 6 20240825 \"Lön\"", "1940 {} -6"]);
    let both = numbers(&[other.clone(), first.clone()]);
    assert_eq!(numbers(std::slice::from_ref(&first))[0], both[1]);
    assert_ne!(both[0], both[1]);
    for changed in [
        rows(&["4010 {1 \"606\"} 5 20240825 \"Lön\"", "1940 {} -5"]),
        rows(&["4011 {1 \"605\"} 5 20240825 \"Lön\"", "1940 {} -5"]),
        rows(&["4010 {1 \"605\"} 5 20240826 \"Lön\"", "1940 {} -5"]),
        rows(&["4010 {1 \"605\"} 5 20240825 \"Löner\"", "1940 {} -5"]),
        rows(&["1940 {} -5", "4010 {1 \"605\"} 5 20240825 \"Lön\""]),
        rows(&["4010 {1 \"605\"} 5 20240825 \"Lön\""]),
    ] {
        assert_ne!(numbers(std::slice::from_ref(&changed))[0], both[1], "{changed}");
    }
    // Spelled otherwise, entered by somebody else on another day.
    let spelled = "#VER \"\" \"\" 20240825 Löner 20240901 EVA\n{\n#BTRANS 4010 {} 1\n\n\
        #TRANS 4010 {1 \"605\"} 5.00 20240825 Lön\n#TRANS 1940 { } -5.00 \"\" \"\" \"\" EVA\n}\n";
    assert_eq!(numbers(&[spelled.to_owned()])[0], both[1]);
}

#[test]
fn vouchers_without_a_number_keep_their_rows_apart() {
    let voucher = |text: &str| {
        format!(
            "#VER \"\" \"\" 20240825 \"{text}\"\n{{\n#TRANS 4010 {{}} 5\n#TRANS 1940 {{}} -5\n}}\n"
        )
    };
    let file = |company: &str| {
        let head = format!("#FLAGGA 0\n#SIETYP 4\n#FNAMN \"{company}\"\n");
        head + &voucher("Löner")
            + &voucher("Löner")
            + "#VER B \"\" 20240826\n{\n#TRANS 4010 {} 1\n}\n#VER B 7 20240826\n{\n}\n"
    };
    let (tables, summary) = read(&file("Region Prov"));
    let numbers: Vec<&str> =
        tables["vouchers"].iter().map(|row| row[1].as_deref().unwrap()).collect();
    assert!(numbers[0].starts_with("utan nr, 20240825, "), "{numbers:?}");
    assert_eq!(numbers[1], format!("{}, 2", numbers[0]));
    assert!(numbers[2].starts_with("utan nr, 20240826, "), "{numbers:?}");
    assert_eq!(numbers[3], "7");
    assert!(numbers.iter().all(|number| number.len() <= 30), "{numbers:?}");
    let rows: Vec<[Option<String>; 4]> =
        tables["transactions"].iter().map(|row| [1, 5, 24, 25].map(|at| row[at].clone())).collect();
    let own = |text: &str| Some(text.to_owned());
    assert_eq!(rows[0], [own(numbers[0]), own("1"), own("1"), own("4")]);
    assert_eq!(rows[3], [own(numbers[1]), own("2"), own("2"), own("9")]);
    assert_eq!(rows.len(), 5);
    // Each voucher is still held against itself, and told by its line.
    let failed: Vec<&str> = summary
        .reconciliations
        .iter()
        .filter(|row| !row.holds())
        .map(|row| row.subject.as_str())
        .collect();
    assert_eq!(failed, ["verifikation B"]);
    // Another company's first voucher of the day is another voucher.
    let (other, _) = read(&file("Region Annan"));
    assert_ne!(other["vouchers"][0][1].as_deref(), Some(numbers[0]));
    assert_eq!(read(&file("Region Prov")).0["vouchers"][0][1].as_deref(), Some(numbers[0]));
}

#[test]
fn what_does_not_tie_is_a_result_and_no_refusal() {
    let broken = FILE.replace("#TRANS 1910 {} -100.00", "#TRANS 1930 {} -99.00");
    let (_, summary) = read(&broken);
    let failed: Vec<String> = summary
        .reconciliations
        .iter()
        .filter(|row| !row.holds())
        .map(|r| format!("{} {} {} {} {}", r.claim, r.subject, r.expected, r.found, r.line))
        .collect();
    assert_eq!(
        failed,
        [
            "voucher_balance verifikation A 17 0 1.00 18",
            "opening_plus_entries_is_closing konto 1910 900.00 1000.00 0",
            "entries_is_result konto 1930 0.00 -99.00 0",
        ]
    );
    insta::assert_snapshot!(summary.diagnostics[0], @r"
    warning[T0213]: accounts are used that the file does not declare
       --> inbox/RJH_2024.SE
        = found:    `1930`
        = expected: a `#KONTO` record for each account
    ");
}

#[test]
fn a_cut_off_file_is_refused() {
    let cut = &FILE[..FILE.len() - 3];
    let fault = read_with(cut.as_bytes(), &options()).unwrap_err();
    insta::assert_snapshot!(fault, @r"
    error[T0103]: the file is cut off
       --> inbox/RJH_2024.SE:24:1
        = found:    `#VER`, verifikation A 17, opened on line 18 and never closed
        = effect:   delivery refused

    hint: export or transfer the file again
    ");
    let unsummed = FILE.replacen("#SIETYP 4", "#KSUMMA\n#SIETYP 4", 1);
    let fault = read_with(unsummed.as_bytes(), &options()).unwrap_err();
    assert!(fault.to_string().contains("a checksum (`#KSUMMA`) opened on line 2"), "{fault}");
}

#[test]
fn a_wrong_checksum_is_told_with_both_values() {
    let mut writer = Writer::new(true);
    writer.record("#SIETYP", &["4"]);
    writer.record("#FNAMN", &["Räksmörgås AB"]);
    let mut bytes = writer.finish();
    let (_, summary) = read_with(&bytes, &options()).unwrap();
    let sum = &summary.reconciliations[0];
    assert!(sum.claim == "checksum" && sum.holds());
    let at = bytes.windows(5).position(|w| w == b"TYP 4").unwrap() + 4;
    bytes[at] = b'3';
    let (_, summary) = read_with(&bytes, &options()).unwrap();
    assert!(!summary.reconciliations[0].holds());
    let text = summary.diagnostics.iter().map(ToString::to_string).collect::<String>();
    assert!(text.contains("warning[T0110]: the checksum does not agree"), "{text}");
}

#[test]
fn a_broken_year_and_stray_lines_warn() {
    let text = FILE.replace("20240101 20241231", "20230701 20240630") + "#TRANS 1 {} 0.00\nskräp\n";
    let (_, summary) = read(&text);
    let lines: Vec<String> = summary
        .diagnostics
        .iter()
        .map(|d| format!("{} {} {}", d.severity.word(), d.code, d.message))
        .collect();
    assert_eq!(
        lines,
        [
            "warning T0102 the fiscal year is not a calendar year",
            "warning T0213 accounts are used that the file does not declare",
            "warning T0113 a row stands outside any voucher",
            "warning T0113 a line does not begin with a label",
        ]
    );
}

#[test]
fn a_list_without_its_brace_sets_the_row_aside_and_a_text_without_its_mark_does_not() {
    let text = FILE
        .replace("#TRANS 1910 {} -100.00", "#TRANS 1910 {1 605 -100.00")
        .replace("40 20240130", "40 20240130 \"cut to a wid");
    let mut reader = open_bytes(text.into_bytes(), &options()).unwrap();
    let parts = reader.parts();
    let mut told = String::new();
    while let Some(chunk) = reader.next().unwrap() {
        let batch = chunk.parse();
        if parts[batch.part].name == "transactions" {
            assert_eq!(batch.get(1, 21), Some("cut to a wid"));
            assert_eq!(batch.get(2, 7), None, "the row set aside has no cells");
            told.extend(batch.faults.iter().map(|(row, fault)| format!("{row}: {fault}")));
        }
    }
    insta::assert_snapshot!(told, @r#"
    2: error[T0113]: a brace is never closed on its line
       --> inbox/RJH_2024.SE:24:1
        = expected: `#TRANS konto {dimension objekt} belopp`, a `}` for each `{`
        = effect:   row set aside

    hint: a quotation mark in a text must be written `\"`; report it to the ledger's supplier
    "#);
    let summary = reader.finish();
    assert_eq!(summary.diagnostics[0].code.name(), "T0113");
    assert_eq!(summary.diagnostics[0].message, "a quotation mark is never closed on its line");
}

#[test]
fn only_the_parts_asked_for_are_given_and_the_sums_are_whole() {
    let choice = |part: &str| PartChoice { part: Some(part.to_owned()), ..PartChoice::default() };
    let options = ReadOptions { tables: vec![choice("vouchers")], ..options() };
    let (tables, summary) = read_with(FILE.as_bytes(), &options).unwrap();
    assert_eq!(tables.keys().collect::<Vec<_>>(), ["vouchers"]);
    assert_eq!(summary.reconciliations.len(), 5);
    let unknown = ReadOptions { tables: vec![choice("entries")], ..options };
    assert_eq!(read_with(FILE.as_bytes(), &unknown).unwrap_err().code.name(), "T0111");
}

#[test]
fn batches_break_inside_a_voucher_without_losing_its_head() {
    let limits = Limits { batch_rows: 2, ..Limits::default() };
    let small = ReadOptions { limits, ..options() };
    let (tables, _) = read_with(FILE.as_bytes(), &small).unwrap();
    assert_eq!(tables, read(FILE).0);
}

#[test]
fn a_row_can_be_found_again() {
    let mut reader = open_bytes(FILE.as_bytes().to_vec(), &options()).unwrap();
    let parts = reader.parts();
    while let Some(chunk) = reader.next().unwrap() {
        let batch = chunk.parse();
        if parts[batch.part].name == "transactions" {
            let place = batch.location("f.SE", &parts[batch.part], 1, 19);
            let expected = "f.SE:22 (#TRANS, verifikation A 17) (column 20, `amount`)";
            assert_eq!(place.to_string(), expected);
            assert_eq!(batch.raw_row(1), "#TRANS 4010 {} 40 20240130");
        }
    }
}

fn word() -> impl Strategy<Value = String> {
    "[a-zåäöÅÄÖé0-9 \"{}\\.,;#-]{0,12}"
        .prop_filter("a backslash before a quote is no text", |t| !t.contains('\\'))
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        rows in prop::collection::vec((word(), word(), -1_000_000i64..1_000_000), 1..20),
        checksum in any::<bool>(),
    ) {
        let mut writer = Writer::new(checksum);
        writer.record("#SIETYP", &["4"]);
        writer.record("#VER", &["A", "1", "20240131", "text"]);
        writer.open();
        for (object, text, units) in &rows {
            let amount = Decimal::new(i128::from(*units), 2).to_string();
            writer.entry("4010", &[("1", object.as_str())], &[&amount, "", text]);
        }
        writer.close();
        let (tables, summary) = read_with(&writer.finish(), &options()).unwrap();
        let read = &tables["transactions"];
        prop_assert_eq!(read.len(), rows.len());
        for ((object, text, units), row) in rows.iter().zip(read) {
            prop_assert_eq!(row[8].as_deref(), Some(object.as_str()));
            prop_assert_eq!(row[21].as_deref(), Some(text.as_str()));
            let amount = row[19].as_deref().and_then(Decimal::parse);
            prop_assert_eq!(amount, Some(Decimal::new(i128::from(*units), 2)));
        }
        let sums = summary.reconciliations.iter().find(|row| row.claim == "checksum");
        prop_assert_eq!(sums.map(|row| row.holds()), checksum.then_some(true));
    }

    #[test]
    fn every_kind_of_record_reads_back(
        accounts in prop::collection::vec(("[0-9]{4}", word(), "[TSKI]"), 1..6),
        objects in prop::collection::vec((1u8..30, "[A-Z0-9]{1,5}", word()), 0..6),
        balances in prop::collection::vec((0usize..5, -2i8..1, "[0-9]{4}", -9_999_999i64..9_999_999, prop::option::of((1u8..30, word()))), 0..8),
        months in prop::collection::vec((any::<bool>(), 1u8..13, "[0-9]{4}", -9_999_999i64..9_999_999, prop::option::of((1u8..30, word()))), 0..8),
        vouchers in prop::collection::vec((word(), "[0-9]{0,4}", prop::collection::vec((word(), -9_999i64..9_999), 0..5)), 0..5),
    ) {
        let money = |units: i64| Decimal::new(i128::from(units), 2).to_string();
        let list = |pair: &Option<(u8, String)>| {
            Some(pair.iter().map(|(dimension, object)| (dimension.to_string(), object.clone())).collect())
        };
        const KINDS: [&str; 5] = ["IB", "UB", "RES", "OIB", "OUB"];
        let mut writer = Writer::new(true);
        writer.record("#SIETYP", &["4"]);
        for (account, name, kind) in &accounts {
            writer.record("#KONTO", &[account, name]);
            writer.record("#KTYP", &[account, kind]);
        }
        for (dimension, object, name) in &objects {
            writer.record("#OBJEKT", &[&dimension.to_string(), object, name]);
        }
        for (kind, year, account, amount, pair) in &balances {
            let label = format!("#{}", KINDS[*kind]);
            writer.listed(&label, &[&year.to_string(), account], list(pair), &[&money(*amount)]);
        }
        for (budget, month, account, amount, pair) in &months {
            let label = if *budget { "#PBUDGET" } else { "#PSALDO" };
            let before = ["0", &format!("2024{month:02}"), account];
            writer.listed(label, &before, list(pair), &[&money(*amount), "1.5"]);
        }
        for (series, number, entries) in &vouchers {
            writer.record("#VER", &[series, number, "20240131"]);
            writer.open();
            for (text, amount) in entries {
                writer.entry("4010", &[], &[&money(*amount), "", text]);
            }
            writer.close();
        }
        let (tables, summary) = read_with(&writer.finish(), &options()).unwrap();
        let rows = |part: &str| tables.get(part).cloned().unwrap_or_default();
        let own = |text: &str| Some(text.to_owned());
        let found: Vec<_> = rows("accounts").iter().map(|r| (r[0].clone(), r[1].clone())).collect();
        let expected: Vec<_> = accounts.iter().map(|(a, n, _)| (own(a), own(n))).collect();
        prop_assert_eq!(found, expected);
        let found: Vec<_> = rows("objects").iter().map(|r| r[2].clone()).collect();
        prop_assert_eq!(found, objects.iter().map(|(_, _, name)| own(name)).collect::<Vec<_>>());
        let found: Vec<_> = rows("balances").iter().map(|r| [0, 1, 4, 5, 6, 7].map(|at| r[at].clone())).collect();
        let expected: Vec<_> = balances.iter().map(|(kind, year, account, amount, pair)| [
            own(KINDS[*kind]),
            own(&year.to_string()),
            own(account),
            pair.as_ref().map(|(dimension, _)| dimension.to_string()),
            pair.as_ref().map(|(_, object)| object.clone()),
            own(&money(*amount)),
        ]).collect();
        prop_assert_eq!(found, expected);
        let found: Vec<_> = rows("period_balances").iter().map(|r| [0, 2, 5, 6].map(|at| r[at].clone())).collect();
        let expected: Vec<_> = months.iter().map(|(budget, month, _, amount, pair)| [
            own(if *budget { "PBUDGET" } else { "PSALDO" }),
            own(&format!("2024{month:02}")),
            pair.as_ref().map(|(_, object)| object.clone()),
            own(&money(*amount)),
        ]).collect();
        prop_assert_eq!(found, expected);
        let numbered = |number: &String| match number.trim() {
            "" => "utan nr".to_owned(),
            _ => number.clone(),
        };
        let found: Vec<_> = rows("vouchers").iter().map(|r| {
            let number = r[1].as_ref().map(|number| number.split(',').next().unwrap_or("").to_owned());
            let own = number.filter(|number| number.starts_with("utan nr"));
            [r[0].clone(), own.or(r[1].clone()), r[6].clone()]
        }).collect();
        let expected: Vec<_> = vouchers.iter().map(|(series, number, entries)| {
            [own(series), own(&numbered(number)), own(&entries.len().to_string())]
        }).collect();
        prop_assert_eq!(found, expected);
        let given: Vec<_> = rows("vouchers").iter().map(|r| (r[0].clone(), r[1].clone())).collect();
        let unnumbered = given.iter().filter(|(_, n)| n.as_deref().unwrap_or("").starts_with("utan nr"));
        let apart: std::collections::BTreeSet<_> = unnumbered.clone().collect();
        prop_assert_eq!(apart.len(), unnumbered.count());
        let found: Vec<_> = rows("transactions").iter().map(|r| [0, 19, 21].map(|at| r[at].clone())).collect();
        let expected: Vec<_> = vouchers.iter().flat_map(|(series, _, entries)| {
            entries.iter().map(|(text, amount)| [own(series), own(&money(*amount)), own(text)])
        }).collect();
        prop_assert_eq!(found, expected);
        prop_assert!(summary.reconciliations.iter().any(|row| row.claim == "checksum" && row.holds()));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_with(&bytes, &options());
        let _ = read_with(&[b"#FLAGGA 0\n".as_slice(), &bytes].concat(), &options());
    }

    #[test]
    fn damage_never_panics(cut in 0usize..600, flips in prop::collection::vec((0usize..600, any::<u8>()), 0..8)) {
        let mut bytes = FILE.as_bytes().to_vec();
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(cut.max(1));
        let _ = read_with(&bytes, &options());
    }
}

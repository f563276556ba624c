//! What a source says of one row more than once: the later statement counts, and a row that moves to
//! another month counts there alone. Small projects of invented trips and vouchers.

use crate::support::{Answer, folder, on, without_hashes};
use std::path::{Path, PathBuf};

const TRIPS: &str = "apiVersion: v3.1.0
kind: DataContract
id: trips__rows
name: Resor
version: 1.0.0
status: active
schema:
  - name: trips__rows
    physicalType: table
    description: En rad per resa.
    properties:
      - {name: case_id, logicalType: string, physicalType: varchar, classification: open, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: month, logicalType: date, physicalType: month, classification: open, required: true}
      - {name: amount_sek, logicalType: number, physicalType: \"decimal(12,2)\", classification: open, required: true}
    customProperties:
      - {property: tertial.periodColumn, value: month}
      - {property: tertial.rejectMax, value: \"0\"}
";

const ENTRIES: &str = "apiVersion: v3.1.0
kind: DataContract
id: books__entries
name: Verifikationer
version: 1.0.0
status: active
schema:
  - name: books__entries
    physicalType: table
    description: En rad per verifikationsrad.
    properties:
      - {name: voucher_date, logicalType: date, physicalType: date, classification: open, required: true}
      - {name: voucher_series, logicalType: string, physicalType: varchar, classification: open, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: voucher_number, logicalType: string, physicalType: varchar, classification: open, primaryKey: true, primaryKeyPosition: 2}
      - {name: row_number, logicalType: integer, physicalType: bigint, classification: open, required: true, primaryKey: true, primaryKeyPosition: 3}
      - {name: account_code, logicalType: string, physicalType: varchar, classification: open, required: true}
      - {name: amount_sek, logicalType: number, physicalType: \"decimal(18,2)\", classification: open, required: true}
    customProperties:
      - {property: tertial.periodColumn, value: voucher_date}
";

const HEADINGS: &str = "table,heading,column,valid_from
books__entries,date,voucher_date,
books__entries,series,voucher_series,
books__entries,number,voucher_number,
books__entries,row,row_number,
books__entries,account,account_code,
books__entries,amount,amount_sek,
";

fn write(project: &Path, file: &str, text: &str) {
    let path = project.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A project whose files of trips are read as `more` says.
fn trips(name: &str, more: &str) -> PathBuf {
    let project = folder(name);
    write(&project, "tertial.toml", "[region]\nname = \"Region\"\nsynthetic = true\n");
    write(&project, "schemas/trips__rows.odcs.yaml", TRIPS);
    let pipeline = format!(
        "name = \"trips\"\n\n[[file]]\npattern = \"resor_{{period}}.csv\"\nformat = \"csv\"\n\
         encoding = \"utf-8\"\ndelimiter = \";\"\ndecimal = \",\"\n{more}\n[[file.table]]\n\
         contract = \"trips__rows\"\n"
    );
    write(&project, "pipelines/trips/pipeline.toml", &pipeline);
    write(&project, "pipelines/trips/README.md", "# Resor\n\nPåhittade resor.\n");
    project
}

fn books(name: &str) -> PathBuf {
    let project = folder(name);
    write(&project, "tertial.toml", "[region]\nname = \"Region\"\nsynthetic = true\n");
    write(&project, "schemas/books__entries.odcs.yaml", ENTRIES);
    let pipeline = "name = \"books\"\n\n[[file]]\npattern = \"RP_{period}.SE\"\nformat = \"sie\"\n\n\
                    [[file.table]]\ncontract = \"books__entries\"\npart = \"transactions\"\n";
    write(&project, "pipelines/books/pipeline.toml", pipeline);
    write(&project, "pipelines/books/headings.csv", HEADINGS);
    write(&project, "pipelines/books/README.md", "# Bok\n\nPåhittade verifikationer.\n");
    project
}

fn drop(project: &Path, source: &str, file: &str, text: &str) {
    write(project, &format!("data/inbox/{source}/{file}"), text);
}

/// Takes in what lies in the drop folder and runs a night; what loading tells.
fn night(project: &Path, day: &str) -> Answer {
    on(project, &["--quiet", "receive", "--as-of", day]).ended(0);
    let told = on(project, &["load", "--as-of", day]);
    on(project, &["--quiet", "run", "--as-of", day]).ended(0);
    told
}

/// Puts a file with rows of trips into the drop folder and runs a night.
fn deliver(project: &Path, month: &str, rows: &str, day: &str) -> Answer {
    let text = format!("case_id;month;amount_sek\n{rows}");
    drop(project, "trips", &format!("resor_{month}.csv"), &text);
    night(project, day)
}

fn ask(project: &Path, query: &str) -> String {
    let answer = on(project, &["sql", "--warehouse", "--format", "csv", query]).ended(0);
    answer.out.lines().skip(1).collect::<Vec<_>>().join(" ")
}

fn by_month(project: &Path) -> String {
    ask(
        project,
        "select strftime(month, '%m') || ' ' || sum(amount_sek) from raw.trips__rows \
         group by month order by month",
    )
}

const AUGUST: &str = "A1;2024-08;100,00\nA2;2024-08;200,00\nA3;2024-08;300,00\n";
const SEPTEMBER: &str = "A2;2024-08;250,00\nS1;2024-09;50,00\nA4;2024-08;75,00\n";
const OCTOBER: &str = "A3;2024-09;300,00\nO1;2024-10;10,00\n";

#[test]
fn a_correction_in_a_later_file_counts_and_a_moved_row_counts_once() {
    let project = trips("statements-late", "");
    deliver(&project, "2024-08", AUGUST, "2024-09-02").ended(0);
    assert_eq!(by_month(&project), "08 600.00");
    let told = deliver(&project, "2024-09", SEPTEMBER, "2024-10-02").ended(0);
    insta::assert_snapshot!(without_hashes(&told.err), @r"
    1 deliveries loaded
    note[T0307]: a later file states rows of `trips__rows` anew
       --> data/received/trips/trips-<hash>/resor_2024-09.csv
        = found:    1 row of `resor_2024-08.csv`, received 2024-09-02: 1 otherwise; case_id `A2`: amount_sek `200.00` → `250.00`
        = contract: schemas/trips__rows.odcs.yaml, key
        = effect:   the later statement counts; the rows of the earlier file do not
    ");
    assert_eq!(by_month(&project), "08 725.00 09 50.00");
    let told = deliver(&project, "2024-10", OCTOBER, "2024-11-02").ended(0);
    assert!(told.err.contains("case_id `A3`: month `2024-08` → `2024-09`"), "{}", told.err);
    assert!(!told.err.contains("`A2`"), "what is known is not told again: {}", told.err);
    assert_eq!(by_month(&project), "08 425.00 09 350.00 10 10.00");

    // Rows in are accounted for as they came; what no longer counts is told beside.
    let rows = "select sum(rows_read) || ' = ' || sum(rows_accepted) || ' + ' || sum(rows_rejected) \
                || ' + ' || sum(rows_sum) from meta.deliveries";
    assert_eq!(ask(&project, rows), "8 = 8 + 0 + 0");
    let counts = "select period || ' ' || row_count || ' ' || changed_count || ' ' || moved_count \
                  || ' ' || left_out_count from meta.superseded order by by_delivery_id, moved_count";
    let mut counts: Vec<String> =
        ask(&project, counts).split("2024-").skip(1).map(|one| one.trim().to_owned()).collect();
    counts.sort();
    assert_eq!(counts, ["08 1 1 0 0", "08 1 1 1 0"]);
    let lines = "select string_agg(line, ' ' order by line) from meta.superseded_rows";
    assert_eq!(ask(&project, lines), "3 4");

    let notes = "select count(*) from meta.diagnostics where code = 'T0307' and found like '%A3%'";
    assert_eq!(ask(&project, notes), "1");

    // As it was seen before, it is still as it was; and a night without news says nothing.
    on(&project, &["--quiet", "run", "--as-of", "2024-10-03"]).ended(0);
    assert_eq!(by_month(&project), "08 725.00 09 50.00");
    on(&project, &["--quiet", "run", "--as-of", "2024-09-03"]).ended(0);
    assert_eq!(by_month(&project), "08 600.00");
    on(&project, &["--quiet", "run", "--as-of", "2024-11-03"]).ended(0);
    assert_eq!(by_month(&project), "08 425.00 09 350.00 10 10.00");
    let again = on(&project, &["--quiet", "run", "--as-of", "2024-11-03"]).ended(0);
    assert_eq!(again.err, "");
}

#[test]
fn files_that_come_at_once_speak_in_the_order_of_their_periods() {
    let project = trips("statements-at-once", "");
    for (month, rows) in [("2024-10", OCTOBER), ("2024-08", AUGUST), ("2024-09", SEPTEMBER)] {
        let text = format!("case_id;month;amount_sek\n{rows}");
        drop(&project, "trips", &format!("resor_{month}.csv"), &text);
    }
    on(&project, &["--quiet", "run", "--as-of", "2024-11-02"]).ended(0);
    assert_eq!(by_month(&project), "08 425.00 09 350.00 10 10.00");
}

#[test]
fn old_bytes_that_come_once_more_take_no_correction_back() {
    let project = trips("statements-again", "");
    deliver(&project, "2024-08", AUGUST, "2024-09-02").ended(0);
    deliver(&project, "2024-09", SEPTEMBER, "2024-10-02").ended(0);
    let release = || on(&project, &["status", "--as-of", "2024-10-03"]).out;
    let before = release();
    // A restored backup: the same file with another time.
    deliver(&project, "2024-08", AUGUST, "2024-10-03").ended(0);
    assert_eq!(by_month(&project), "08 725.00 09 50.00");
    assert_eq!(
        before.lines().last().filter(|line| line.starts_with("release")),
        release().lines().last().filter(|line| line.starts_with("release"))
    );
    // August corrected and sent anew is a new statement of all its rows.
    deliver(&project, "2024-08", "A2;2024-08;260,00\nA3;2024-08;300,00\n", "2024-10-04").ended(0);
    assert_eq!(by_month(&project), "08 635.00 09 50.00");
}

#[test]
fn a_source_says_whether_it_sends_changes_whole_periods_or_everything() {
    let whole = "A2;2024-08;250,00\nS1;2024-09;50,00\n";
    for (sends, expected) in [
        ("changes", "08 650.00 09 50.00"),
        ("history", "08 250.00 09 50.00"),
        ("period", "08 650.00 09 50.00"),
    ] {
        let project = trips(&format!("statements-{sends}"), &format!("sends = \"{sends}\"\n"));
        deliver(&project, "2024-08", AUGUST, "2024-09-02").ended(0);
        deliver(&project, "2024-09", whole, "2024-10-02").ended(0);
        assert_eq!(by_month(&project), expected, "{sends}");
    }
    // The year in one file takes the place of what its months said, also where it says nothing.
    let project = trips("statements-year", "sends = \"period\"\n");
    deliver(&project, "2024-08", AUGUST, "2024-09-02").ended(0);
    let told = deliver(&project, "2024", "A2;2024-08;250,00\nS1;2024-09;50,00\n", "2024-10-02");
    assert!(told.ended(0).err.contains("1 otherwise, 2 left out"));
    assert_eq!(by_month(&project), "08 250.00 09 50.00");
    let told = trips("statements-unknown", "sends = \"deltas\"\n");
    let told = on(&told, &["check"]).ended(2).err;
    assert!(told.contains("`changes`, `period`") && told.contains("`history`"), "{told}");
}

#[test]
fn numbers_that_begin_anew_in_each_file_are_told() {
    let project = trips("statements-numbers", "");
    deliver(&project, "2024-08", "1;2024-08;100,00\n2;2024-08;200,00\n", "2024-09-02").ended(0);
    let told = deliver(&project, "2024-09", "1;2024-09;10,00\n2;2024-09;20,00\n", "2024-10-02");
    insta::assert_snapshot!(without_hashes(&told.ended(1).err), @r#"
    1 deliveries loaded
    warning[T0307]: a later file moves every row of `trips__rows` that it shares with an earlier one
       --> data/received/trips/trips-<hash>/resor_2024-09.csv
        = found:    2 rows of `resor_2024-08.csv`, received 2024-09-02: 2 otherwise; case_id `1`: month `2024-08` → `2024-09`, amount_sek `100.00` → `10.00`; case_id `2`: month `2024-08` → `2024-09`, amount_sek `200.00` → `20.00`
        = expected: a key that names the same row in every file
        = contract: schemas/trips__rows.odcs.yaml, key
        = effect:   the later statement counts; the rows of the earlier file do not

    hint: if numbers begin anew in each file, add the column of the period to the key in schemas/trips__rows.odcs.yaml
    hint: if the source did move the rows, write `sends = "changes"` in pipelines/trips/pipeline.toml
    "#);
    // As the message says: with the period in the key they are rows of their own.
    let contract = TRIPS.replace(
        "{name: month, logicalType: date, physicalType: month, classification: open, required: true}",
        "{name: month, logicalType: date, physicalType: month, classification: open, required: true, primaryKey: true, primaryKeyPosition: 2}",
    );
    write(&project, "schemas/trips__rows.odcs.yaml", &contract);
    on(&project, &["--quiet", "run", "--as-of", "2024-10-03"]).ended(0);
    assert_eq!(by_month(&project), "08 300.00 09 30.00");
}

/// A ledger file of a year with vouchers of rent: number, day and amounts against the bank.
fn ledger(year: i32, made: &str, vouchers: &[(&str, &str, &[i64])]) -> String {
    let total: i64 = vouchers.iter().flat_map(|(_, _, amounts)| amounts.iter()).sum();
    let mut text = format!(
        "#FLAGGA 0\n#PROGRAM \"Huvudbok\" 1\n#FORMAT PC8\n#GEN {made}\n#SIETYP 4\n#FNAMN \"Region\"\n\
         #RAR 0 {year}0101 {year}1231\n#KONTO 1940 \"Bank\"\n#KONTO 5010 \"Hyra\"\n\
         #IB 0 1940 100000.00\n#UB 0 1940 {}.00\n#RES 0 5010 {total}.00\n",
        100_000 - total
    );
    for (number, day, amounts) in vouchers {
        text.push_str(&format!("#VER A {number} {day} \"Hyra\"\n{{\n"));
        for amount in *amounts {
            text.push_str(&format!("#TRANS 5010 {{}} {amount}.00\n"));
        }
        let sum: i64 = amounts.iter().sum();
        text.push_str(&format!("#TRANS 1940 {{}} -{sum}.00\n}}\n"));
    }
    text
}

fn run_books(project: &Path, file: &str, text: &str, day: &str) -> Answer {
    drop(project, "books", file, text);
    night(project, day)
}

fn rent(project: &Path) -> String {
    ask(
        project,
        "select account_code || ' ' || sum(amount_sek) from raw.books__entries group by account_code order by all",
    )
}

#[test]
fn a_part_year_beside_a_full_year_is_one_ledger() {
    let project = books("statements-ledger");
    let year = ledger(
        2024,
        "20240905",
        &[("1", "20240131", &[1000]), ("2", "20240430", &[2000]), ("3", "20240831", &[4000])],
    );
    run_books(&project, "RP_2024.SE", &year, "2024-09-06").ended(0);
    assert_eq!(rent(&project), "1940 -7000.00 5010 7000.00");
    let part = ledger(
        2024,
        "20241007",
        &[
            ("1", "20240131", &[1000]),
            ("2", "20240430", &[2500]),
            ("3", "20240831", &[4000]),
            ("4", "20240930", &[8000]),
        ],
    );
    let told = run_books(&project, "RP_202409.SE", &part, "2024-10-08").ended(0);
    insta::assert_snapshot!(without_hashes(&told.err), @r"
    1 deliveries loaded
    note[T0307]: a later file states rows of `books__entries` anew
       --> data/received/books/books-<hash>/RP_202409.SE
        = found:    6 rows of `RP_2024.SE`, received 2024-09-06: 4 as before, 2 otherwise; voucher_series `A`, voucher_number `2`, row_number `1`: amount_sek `2000.00` → `2500.00`; voucher_series `A`, voucher_number `2`, row_number `2`: amount_sek `-2000.00` → `-2500.00`
        = contract: schemas/books__entries.odcs.yaml, key
        = effect:   the later statement counts; the rows of the earlier file do not

    1 note kept in `meta.diagnostics`
    ");
    assert_eq!(rent(&project), "1940 -15500.00 5010 15500.00");
    // The year before has vouchers with the same numbers.
    let before = ledger(2023, "20241008", &[("1", "20230131", &[500]), ("2", "20230430", &[600])]);
    run_books(&project, "RP_2023.SE", &before, "2024-10-09").ended(0);
    assert_eq!(rent(&project), "1940 -16600.00 5010 16600.00");
    // The whole year again: a voucher dated anew, and one that has lost a row.
    let year = ledger(
        2024,
        "20250110",
        &[
            ("1", "20240131", &[1000]),
            ("2", "20241031", &[2500]),
            ("3", "20240831", &[3000, 1000]),
            ("4", "20240930", &[8000]),
        ],
    );
    run_books(&project, "RP_2024.SE", &year, "2025-01-11").ended(0);
    assert_eq!(rent(&project), "1940 -16600.00 5010 16600.00");
    let april = "select count(*) from raw.books__entries where voucher_date = date '2024-04-30'";
    assert_eq!(ask(&project, april), "0");
    let year = ledger(2024, "20250210", &[("3", "20240831", &[4000])]);
    run_books(&project, "RP_202412.SE", &year, "2025-02-11").ended(0);
    assert_eq!(rent(&project), "1940 -16600.00 5010 16600.00");
}

#[test]
fn files_made_on_different_days_speak_in_their_order_when_they_come_at_once() {
    let project = books("statements-ledger-at-once");
    let vouchers: [(&str, &str, &[i64]); 1] = [("1", "20240131", &[1000])];
    drop(&project, "books", "RP_2024.SE", &ledger(2024, "20240905", &vouchers));
    let vouchers: [(&str, &str, &[i64]); 1] = [("1", "20240131", &[1500])];
    drop(&project, "books", "RP_202409.SE", &ledger(2024, "20241007", &vouchers));
    on(&project, &["--quiet", "run", "--as-of", "2024-10-08"]).ended(0);
    assert_eq!(rent(&project), "1940 -1500.00 5010 1500.00");
}

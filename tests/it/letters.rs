//! Text that looks equal is equal: letters written as one character or as two, blanks and characters
//! that nobody sees, wherever a source's text meets one of ours.

use crate::support::{Answer, folder, on};
use rust_xlsxwriter::Workbook;
use std::path::{Path, PathBuf};

const CONTRACT: &str = "apiVersion: v3.1.0
kind: DataContract
id: visits__rows
name: Besök
version: 1.0.0
status: active
schema:
  - name: visits__rows
    physicalType: table
    description: En rad per ort och månad.
    properties:
      - {name: month, logicalType: date, physicalType: month, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: place_name, logicalType: string, physicalType: varchar, required: true, primaryKey: true, primaryKeyPosition: 2, enum: [{value: Östersund}, {value: Åre}]}
      - {name: visit_count, logicalType: integer, physicalType: bigint, required: true}
      - {name: note, logicalType: string, physicalType: varchar}
    customProperties:
      - {property: tertial.periodColumn, value: month}
";

const HEADINGS: &str = "table,heading,column,valid_from
visits__rows,Månad,month,
visits__rows,Ort,place_name,
visits__rows,Antal besök,visit_count,
visits__rows,Anmärkning,note,
";

const FILES: &str = "
[[file]]
pattern = \"besök_{scope}_{period}.csv\"
format = \"csv\"
encoding = \"utf-8\"
delimiter = \";\"
missing = [\"inga uppgifter\"]
sum_rows = [\"Alla orter\"]
[[file.table]]
contract = \"visits__rows\"
";

/// The text with every letter and its mark apart, as a Mac writes names.
fn apart(text: &str) -> String {
    let pairs = [
        ('å', "a\u{30a}"),
        ('ä', "a\u{308}"),
        ('ö', "o\u{308}"),
        ('Å', "A\u{30a}"),
        ('Ö', "O\u{308}"),
    ];
    pairs.into_iter().fold(text.to_owned(), |text, (one, two)| text.replace(one, two))
}

fn write(project: &Path, file: &str, text: &str) {
    let path = project.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A project whose own texts have gone through `form`.
fn visits(name: &str, form: impl Fn(&str) -> String) -> PathBuf {
    let project = folder(name);
    write(&project, "tertial.toml", "[region]\nname = \"Region\"\nsynthetic = true\n");
    write(&project, "schemas/visits__rows.odcs.yaml", &form(CONTRACT));
    write(
        &project,
        "pipelines/visits/pipeline.toml",
        &form(&format!("name = \"visits\"\n{FILES}")),
    );
    write(&project, "pipelines/visits/headings.csv", &form(HEADINGS));
    write(&project, "pipelines/visits/README.md", "# Besök\n\nPåhittade besök.\n");
    project
}

fn night(project: &Path, day: &str) -> Answer {
    on(project, &["--quiet", "run", "--as-of", day])
}

fn drop(project: &Path, file: &str, text: &str, day: &str) -> Answer {
    write(project, &format!("data/inbox/visits/{file}"), text);
    night(project, day)
}

fn ask(project: &Path, query: &str) -> String {
    let answer = on(project, &["sql", "--warehouse", "--format", "csv", query]).ended(0);
    answer.out.lines().skip(1).collect::<Vec<_>>().join(" ")
}

fn places(project: &Path) -> String {
    ask(project, "select place_name || ' ' || visit_count from raw.visits__rows order by all")
}

const HEAD: &str = "Månad;Ort;Antal besök;Anmärkning\n";
const NAME: &str = "besök_Östersund_2024-08.csv";

fn rows(count: u32) -> String {
    format!("{HEAD}2024-08;Östersund;{count};\n2024-08;Åre;40;\n")
}

#[test]
fn a_name_and_a_text_in_another_form_are_the_same_thing_delivered_again() {
    let composed = |text: &str| text.to_owned();
    let forms: [(&str, String, String); 4] = [
        ("both", apart(NAME), apart(&rows(110))),
        ("name", apart(NAME), rows(110)),
        ("text", NAME.to_owned(), apart(&rows(110))),
        ("cells", NAME.to_owned(), format!("{HEAD}{}", apart(&rows(110)[HEAD.len()..]))),
    ];
    for (what, name, text) in forms {
        for (whose, form) in [("ours", &composed as &dyn Fn(&str) -> String), ("apart", &apart)] {
            let project = visits(&format!("letters-{what}-{whose}"), form);
            drop(&project, NAME, &rows(100), "2024-09-02").ended(0);
            assert_eq!(places(&project), "Åre 40 Östersund 100", "{what} {whose}");
            let told = drop(&project, &name, &text, "2024-09-03").ended(0);
            assert_eq!(told.err, "", "{what} {whose}");
            assert_eq!(places(&project), "Åre 40 Östersund 110", "{what} {whose}");
            let state =
                "select count(*) || ' ' || max(scope) from meta.deliveries where is_in_force";
            assert_eq!(ask(&project, state), "1 Östersund", "{what} {whose}");
        }
    }
}

#[test]
fn a_literal_name_is_found_in_either_form() {
    let project = visits("letters-literal", |text| text.replace("{scope}", "Östersund"));
    drop(&project, NAME, &rows(100), "2024-09-02").ended(0);
    drop(&project, &apart(NAME), &apart(&rows(110)), "2024-09-03").ended(0);
    assert_eq!(places(&project), "Åre 40 Östersund 110");
}

#[test]
fn a_scope_may_be_any_name() {
    let project = visits("letters-scopes", |text| {
        text.replace("enum: [{value: Östersund}, {value: Åre}]", "minLength: 1")
            .replace(", minLength: 1", "")
    });
    for (scope, place) in
        [("Åre", "Åre"), ("S:t Olof", "Olof"), ("v. 2.1", "Två"), ("Norra (fjällen)", "Norra")]
    {
        let text = format!("{HEAD}2024-08;{place};1;\n");
        drop(&project, &format!("besök_{scope}_2024-08.csv"), &text, "2024-09-02").ended(0);
    }
    let scopes =
        "select string_agg(scope, '|' order by scope) from meta.deliveries where is_in_force";
    assert_eq!(ask(&project, scopes), "Norra (fjällen)|S:t Olof|v. 2.1|Åre");
    // The mark of a second copy is no name of a thing.
    let told = drop(&project, "besök_Åre (1)_2024-08.csv", HEAD, "2024-09-03").ended(1).err;
    assert!(told.contains("T0115"), "{told}");
}

#[test]
fn a_key_of_free_text_repeats_in_another_form() {
    let project = visits("letters-free", |text| {
        text.replace(", enum: [{value: Östersund}, {value: Åre}]", "").replace(
            "value: month}\n",
            "value: month}\n      - {property: tertial.rejectMax, value: \"50 %\"}\n",
        )
    });
    let text = format!(
        "{HEAD}2024-08;Östersund;100;\n2024-08;{};110;\n2024-08;Åre;40;\n",
        apart("Östersund")
    );
    let told = drop(&project, NAME, &text, "2024-09-02").ended(1).err;
    assert!(told.contains("two rows have the same key"), "{told}");
    assert_eq!(places(&project), "Åre 40 Östersund 100");
}

#[test]
fn what_nobody_sees_makes_no_other_code_and_free_text_keeps_it() {
    let project = visits("letters-unseen", str::to_owned);
    let text = "\u{feff}Månad;Ort;Antal\u{a0}\u{ad}besök;Anmärkning\n\
                2024-08;\u{200b}Öster\u{ad}sund\u{a0};100;12\u{a0}mnkr  i år\n\
                2024-08;A\u{30a}re\u{200e};40;inga\u{a0}uppgifter\n\
                2024-08;Alla\u{a0} orter;140;\n";
    drop(&project, NAME, text, "2024-09-02").ended(0);
    let sums = "select sum(rows_sum) || ' of ' || sum(rows_read) from meta.deliveries";
    assert_eq!(ask(&project, sums), "1 of 3");
    assert_eq!(places(&project), "Åre 40 Östersund 100");
    let notes =
        "select string_agg(coalesce(note, 'ingen'), '|' order by place_name) from raw.visits__rows";
    assert_eq!(ask(&project, notes), "ingen|12\u{a0}mnkr  i år");
}

#[test]
fn codes_corrections_references_and_queries_meet_in_one_form() {
    for (whose, form) in
        [("ours", &(|text: &str| text.to_owned()) as &dyn Fn(&str) -> String), ("apart", &apart)]
    {
        let project = visits(&format!("letters-tables-{whose}"), |text| {
            form(&text.replace(
                "enum: [{value: Östersund}, {value: Åre}]",
                "relationships: [{to: seed.places.place_name}]",
            ))
        });
        write(
            &project,
            "seeds/places.csv",
            &form("place_name,area\nÖstersund,Storsjön\nÅre,Fjällen\n"),
        );
        write(
            &project,
            "pipelines/visits/codes.csv",
            &form(
                "table,column,code,value,label\nvisits__rows,note,Förväntat,Väntat,\nvisits__rows,note,,,\n",
            ),
        );
        write(
            &project,
            "pipelines/visits/corrections.toml",
            &form(
                "[[correction]]\ntable = \"visits__rows\"\ncolumn = \"visit_count\"\n\
                 match = { place_name = \"Åre\" }\nexpect = \"4O\"\nvalue = \"40\"\n\
                 reason = \"Bokstaven o\"\ndecided_by = \"Controller\"\ndate = 2024-09-01\n",
            ),
        );
        write(
            &project,
            "sql/staging/visits/rows.sql",
            "-- Besöken.\nselect * from raw.visits__rows\n",
        );
        write(
            &project,
            "sql/core/visits.sql",
            &form(
                "-- Besök i fjällen.\nselect area, sum(visit_count)::bigint as visit_count, max(note) as note\n\
                 from staging.visits__rows\ninner join seed.places using (place_name)\n\
                 where place_name = 'Åre' or note = 'Väntat'\ngroup by area\n",
            ),
        );
        let text = format!("{HEAD}2024-08;Östersund;100;Förväntat\n2024-08;Åre;4O;\n");
        for (number, text) in (2..).zip([text.clone(), apart(&text)]) {
            drop(&project, NAME, &text, &format!("2024-09-0{number}")).ended(0);
            let found = "select area || ' ' || visit_count || ' ' || coalesce(note, '-') from core.visits order by all";
            assert_eq!(
                ask(&project, found),
                "Fjällen 40 - Storsjön 100 Väntat",
                "{whose} {number}"
            );
        }
    }
}

#[test]
fn sheets_and_names_of_json_are_found_in_either_form() {
    let project = visits("letters-sheets", |text| {
        text.replace("besök_{scope}_{period}.csv", "besök_{period}.xlsx")
            .replace("format = \"csv\"", "format = \"xlsx\"")
            .replace("delimiter = \";\"\n", "")
            .replace("contract = \"visits__rows\"\n", "contract = \"visits__rows\"\npart = \"Besök år\"\n\n[[file]]\npattern = \"besök_{period}.json\"\nformat = \"json\"\n[[file.table]]\ncontract = \"visits__rows\"\n")
            .replace("encoding = \"utf-8\"\n", "")
    });
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Om").unwrap().write(0, 0, "Besök").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name(apart("Besök\u{a0}år")).unwrap();
    let head = ["Månad", "Ort", "Antal\nbesök", "Anmärkning"].map(apart);
    sheet.write_row(0, 0, head).unwrap();
    sheet.write_row(1, 0, ["2024-08", &*apart("Östersund")]).unwrap();
    sheet.write(1, 2, 100).unwrap();
    let path = project.join("data/inbox/visits/besök_2024-08.xlsx");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    book.save(path).unwrap();
    night(&project, "2024-09-02").ended(0);
    assert_eq!(places(&project), "Östersund 100");
    let json = format!(
        "{{\"Månad\": \"2024-09\", \"Ort\": \"Åre\", \"Antal besök\": 3, \"Anmärkning\": \"x\"}}\n{}\n",
        apart(
            "{\"Månad\": \"2024-10\", \"Ort\": \"Åre\", \"Antal besök\": 4, \"Anmärkning\": \"x\"}"
        )
    );
    drop(&project, "besök_2024.json", &json, "2024-11-02").ended(0);
    assert_eq!(places(&project), "Åre 3 Åre 4 Östersund 100");
}

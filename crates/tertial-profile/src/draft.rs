//! The three files a pipeline begins with, drafted from a profile.
//!
//! A draft passes the check of contracts and pipelines as it stands, but says nothing that was
//! agreed: what must be decided by a person stands in comments.

use crate::{ColumnProfile, Kind, Profile};
use std::fmt::Write as _;
use tertial_model::pipeline::Format;
use tertial_model::{Month, Period};

/// What is known about a source before its table is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts<'a> {
    /// Short English name of the source, the pipeline's folder.
    pub source: &'a str,
    /// What the rows are, English plural: `worked_time`.
    pub entities: &'a str,
    /// The file's name; its period becomes `{period}`.
    pub file_name: &'a str,
    /// The reader.
    pub format: Format,
    /// The encoding found, none when there is nothing to decide.
    pub encoding: Option<&'a str>,
    /// The delimiter of a delimited file.
    pub delimiter: Option<char>,
    /// Row of the headings when it is not the first.
    pub header_row: Option<u32>,
    /// Which part of the file, a sheet's name.
    pub part: Option<&'a str>,
}

/// Drafts the files for the tables of one file: each with its path in the project. A person reads them
/// before they are used.
pub fn drafts(tables: &[(Profile, SourceFacts<'_>)]) -> Vec<(String, String)> {
    let Some((_, facts)) = tables.first() else { return Vec::new() };
    let source = facts.source;
    let mut headings = "table,heading,column,valid_from\n".to_owned();
    let mut contracts = Vec::with_capacity(tables.len());
    for (profile, facts) in tables {
        let table = facts.table();
        add_headings(&mut headings, profile, &table);
        contracts.push((format!("schemas/{table}.odcs.yaml"), contract(profile, facts, &table)));
    }
    let mut files = vec![
        (format!("pipelines/{source}/pipeline.toml"), pipeline(tables, facts)),
        (format!("pipelines/{source}/headings.csv"), headings),
    ];
    files.append(&mut contracts);
    files
}

impl SourceFacts<'_> {
    fn table(&self) -> String {
        format!("{}__{}", self.source, self.entities)
    }
}

/// A file name as a pattern: the first period in it becomes `{period}`.
pub fn pattern_of(file_name: &str) -> String {
    for (start, _) in file_name.char_indices() {
        let before = file_name[..start].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_digit()) {
            continue;
        }
        for length in [7, 6, 4] {
            let Some(text) = file_name.get(start..start + length) else { continue };
            let after = file_name[start + length..].chars().next();
            let is_month = Month::parse(text).is_some_and(|_| !text.contains('M'));
            let ends = !after.is_some_and(|c| c.is_ascii_digit());
            if ends && (is_month || length != 7 && Period::parse(text).is_some()) {
                let (head, tail) = (&file_name[..start], &file_name[start + length..]);
                return format!("{head}{{period}}{tail}");
            }
        }
    }
    file_name.to_owned()
}

fn pipeline(tables: &[(Profile, SourceFacts<'_>)], facts: &SourceFacts<'_>) -> String {
    let profiles = || tables.iter().map(|(profile, _)| profile);
    let file = profiles().next().map_or("", |profile| &profile.file);
    let rows: usize = profiles().map(|profile| profile.rows).sum();
    let notes: String = profiles().map(notes).collect();
    let mut text = format!(
        "# Drafted from `{}` by looking at {rows} rows; nothing here has been agreed with the source.\n{notes}\
         # State the label, who answers for the source and how often it delivers.\n\
         name = {}\nlabel = \"\"\nowner = \"\"\ncadence = \"\"\n\n[[file]]\npattern = {}\nformat = {}\n",
        file.escape_debug(),
        quoted(facts.source),
        quoted(&pattern_of(facts.file_name)),
        quoted(facts.format.name()),
    );
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {value}");
        }
    };
    let letter = |letter: char| quoted(&letter.to_string());
    let columns = || profiles().flat_map(|profile| &profile.columns);
    let mut missing: Vec<&str> =
        columns().flat_map(|column| &column.missing_texts).map(String::as_str).collect();
    missing.sort_unstable();
    missing.dedup();
    let missing: Vec<String> = missing.into_iter().map(quoted).collect();
    let mut marks: Vec<char> = profiles().filter_map(|profile| profile.decimal).collect();
    marks.sort_unstable();
    marks.dedup();
    let decimal = if let [mark] = marks[..] { Some(mark) } else { None };
    line("encoding", facts.encoding.map(quoted));
    line("delimiter", facts.delimiter.map(letter));
    line("decimal", decimal.map(letter));
    line("missing", (!missing.is_empty()).then(|| format!("[{}]", missing.join(", "))));
    line("header_row", facts.header_row.map(|row| row.to_string()));
    for (_, facts) in tables {
        let _ = write!(text, "\n[[file.table]]\ncontract = {}\n", quoted(&facts.table()));
        if let Some(part) = facts.part {
            let _ = writeln!(text, "part = {}", quoted(part));
        }
    }
    text
}

/// What a person should know of the table, as comments.
fn notes(profile: &Profile) -> String {
    profile.notes.iter().map(|note| format!("# {note}\n")).collect()
}

fn add_headings(text: &mut String, profile: &Profile, table: &str) {
    for column in &profile.columns {
        let heading = match column.heading.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", column.heading.replace('"', "\"\"")),
            false => column.heading.clone(),
        };
        // A heading that is empty cannot be named; the reader's own name stands in the contract.
        if !heading.trim().is_empty() {
            let _ = writeln!(text, "{table},{heading},{},", column.name);
        }
    }
}

fn contract(profile: &Profile, facts: &SourceFacts<'_>, table: &str) -> String {
    let mut text = format!(
        "# Drafted from `{}` by looking at {} rows; nothing here has been agreed with the source.\n\
         # A person must say what a row is, what each column means and in which unit, translate the\n\
         # names into English with the unit last, and decide key, limits and owner.\n\
         apiVersion: v3.1.0\nkind: DataContract\nid: {table}\nname: {}\nversion: 0.1.0\nstatus: draft\n\
         domain: {}\ntenant: region\ndescription:\n  purpose: \"Utkast: beskriv vad tabellen används till.\"\n\
         team:\n  name: \"Ej bestämd\"\n  members: [{{username: ej-bestamd, role: owner}}]\n\
         schema:\n  - name: {table}\n    physicalType: table\n    description: \"Utkast: beskriv vad en rad är.\"\n    properties:\n",
        profile.file.escape_debug(),
        profile.rows,
        quoted(table),
        facts.source,
    );
    for column in &profile.columns {
        property(&mut text, profile, column, facts.source);
    }
    text.push_str("    customProperties:\n");
    if let Some(column) = period_column(profile) {
        let _ =
            writeln!(text, "      - {{property: tertial.periodColumn, value: {}}}", column.name);
    }
    text.push_str("      - {property: tertial.rejectMax, value: \"0\"}\n");
    text.push_str("slaProperties:\n  - {property: latency, value: 45, unit: d}\n");
    text
}

fn property(text: &mut String, profile: &Profile, column: &ColumnProfile, source: &str) {
    let _ = writeln!(text, "      # {}", seen(column, profile.rows));
    for note in &column.notes {
        let _ = writeln!(text, "      # {note}");
    }
    let is_number = matches!(column.kind, Kind::Integer | Kind::Decimal { .. });
    if is_number {
        text.push_str(
            "      # name the unit: last in the name, and as tertial.unit (SEK, timmar, %)\n",
        );
    }
    let heading = if column.heading.trim().is_empty() { &column.name } else { &column.heading };
    let _ = write!(
        text,
        "      - name: {}\n        businessName: {}\n        logicalType: {}\n        physicalType: {}\n",
        column.name,
        quoted(heading),
        logical_type(column.kind),
        column.kind.column_type(),
    );
    if column.missing == 0 {
        text.push_str("        required: true\n");
    }
    if let Some(position) = profile.key.iter().position(|name| *name == column.name) {
        let _ = write!(
            text,
            "        primaryKey: true\n        primaryKeyPosition: {}\n",
            position + 1
        );
    }
    text.push_str("        description: \"Utkast: beskriv vad värdet betyder.\"\n");
    if column.is_personal {
        text.push_str("        classification: sensitive\n");
    }
    let properties = own_properties(column, source);
    if !properties.is_empty() {
        text.push_str("        customProperties:\n");
    }
    for (name, value) in properties {
        let _ =
            writeln!(text, "          - {{property: tertial.{name}, value: {}}}", quoted(&value));
    }
}

fn own_properties(column: &ColumnProfile, source: &str) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if let Kind::Decimal { scale, .. } = column.kind {
        properties.push(("decimals", scale.to_string()));
    }
    if column.kind == Kind::CivicNumber {
        properties.push(("transform", format!("civic_number:{source}")));
    }
    properties
}

/// What was seen in a column, on one line.
fn seen(column: &ColumnProfile, rows: usize) -> String {
    let mut text =
        format!("seen: {} of {rows} missing, {} different", column.missing, column.distinct);
    if let Some((first, last)) = &column.months {
        let _ = write!(text, ", {first} to {last}");
    } else if !column.shapes.is_empty() {
        let shapes: Vec<String> =
            column.shapes.iter().map(|shape| format!("`{}`", shape.escape_debug())).collect();
        let _ = write!(text, ", {}", shapes.join(" or "));
    }
    if column.is_code_list {
        text.push_str(
            "; few values that come again: list them as tertial.allowed once they are agreed",
        );
    }
    if column.is_unique {
        text.push_str(", never the same twice");
    }
    text
}

fn logical_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "integer",
        Kind::Decimal { .. } => "number",
        Kind::Date | Kind::Month => "date",
        Kind::Boolean => "boolean",
        Kind::CivicNumber | Kind::Text => "string",
    }
}

/// The first month, else the first day, else a whole number that is a year by name and size.
fn period_column(profile: &Profile) -> Option<&ColumnProfile> {
    let of = |kind: Kind| profile.columns.iter().find(|column| column.kind == kind);
    let is_year = |column: &&ColumnProfile| {
        let sized =
            |text: &String| text.parse().is_ok_and(|year: i32| (1900..=2199).contains(&year));
        let bounds = column.numbers.as_ref();
        let sized = bounds.is_some_and(|(low, high)| sized(low) && sized(high));
        let named = column.name.split('_').any(|word| matches!(word, "ar" | "year"));
        column.kind == Kind::Integer && named && sized
    };
    of(Kind::Month).or_else(|| of(Kind::Date)).or_else(|| profile.columns.iter().find(is_year))
}

/// A text in double quotes; JSON's form is also TOML's and YAML's once what they refuse to see as it
/// stands is escaped.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json.chars().fold(String::with_capacity(json.len()), |mut quoted, letter| {
        match letter {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            plain => quoted.push(plain),
        }
        quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{columns_of_csv, profile};
    use proptest::prelude::*;
    use tertial_model::Pipeline;

    /// The files of one table.
    struct Draft {
        pipeline_toml: String,
        headings_csv: String,
        contract_yaml: String,
    }

    fn draft(profile: &Profile, facts: &SourceFacts<'static>) -> Draft {
        let files = drafts(&[(profile.clone(), facts.clone())]);
        let [pipeline, headings, contract] = files.try_into().unwrap();
        Draft { pipeline_toml: pipeline.1, headings_csv: headings.1, contract_yaml: contract.1 }
    }

    fn facts() -> SourceFacts<'static> {
        SourceFacts {
            source: "hr",
            entities: "worked_time",
            file_name: "arbetstid_2024-08.csv",
            format: Format::Csv,
            encoding: Some("windows-1252"),
            delimiter: Some(';'),
            header_row: None,
            part: None,
        }
    }

    fn drafted() -> Draft {
        let table = "\
Månad;Personnummer;Kön;\"Tid, sjuk\"
2024-07;19121212-1212;K;12,50
2024-07;20121212-1212;M;-
2024-08;19121212-1212;K;0,25
2024-08;20121212-1212;M;3
2024-09;19121212-1212;K;0
2024-09;20121212-1212;M;1
2024-10;19121212-1212;K;1
2024-10;20121212-1212;M;1
2024-11;19121212-1212;K;1
2024-11;20121212-1212;M;1
";
        let columns = columns_of_csv("arbetstid_2024-08.csv", table, ';').unwrap();
        draft(&profile("arbetstid_2024-08.csv", &columns).unwrap(), &facts())
    }

    #[test]
    fn a_pipeline_that_reads_back() {
        let text = drafted().pipeline_toml;
        insta::assert_snapshot!(text, @r#"
        # Drafted from `arbetstid_2024-08.csv` by looking at 10 rows; nothing here has been agreed with the source.
        # State the label, who answers for the source and how often it delivers.
        name = "hr"
        label = ""
        owner = ""
        cadence = ""

        [[file]]
        pattern = "arbetstid_{period}.csv"
        format = "csv"
        encoding = "windows-1252"
        delimiter = ";"
        decimal = ","
        missing = ["-"]

        [[file.table]]
        contract = "hr__worked_time"
        "#);
        let pipeline: Pipeline = toml::from_str(&text).unwrap();
        assert_eq!(pipeline.files[0].decimal, Some(','));
        assert_eq!(pipeline.files[0].tables[0].contract, "hr__worked_time");
    }

    #[test]
    fn the_tables_of_one_file_stand_in_one_pipeline() {
        let columns = columns_of_csv("a.xlsx", "Kod;Belopp\n1;1,5\n2;2,5\n", ';').unwrap();
        let profile = profile("a.xlsx", &columns).unwrap();
        let sheet = |entities, part| SourceFacts { entities, part: Some(part), ..facts() };
        let tables =
            [(profile.clone(), sheet("travel", "Resor")), (profile, sheet("waste", "Avfall"))];
        let files = drafts(&tables);
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "pipelines/hr/pipeline.toml",
                "pipelines/hr/headings.csv",
                "schemas/hr__travel.odcs.yaml",
                "schemas/hr__waste.odcs.yaml"
            ]
        );
        let pipeline: Pipeline = toml::from_str(&files[0].1).unwrap();
        assert_eq!(pipeline.files[0].tables[1].part.as_deref(), Some("Avfall"));
        assert_eq!(files[1].1.matches("table,heading").count(), 1);
    }

    #[test]
    fn headings_with_commas_are_quoted() {
        insta::assert_snapshot!(drafted().headings_csv, @r#"
        table,heading,column,valid_from
        hr__worked_time,Månad,manad,
        hr__worked_time,Personnummer,personnummer,
        hr__worked_time,Kön,kon,
        hr__worked_time,"Tid, sjuk",tid_sjuk,
        "#);
    }

    #[test]
    fn a_contract_that_says_what_must_be_decided() {
        let text = drafted().contract_yaml;
        insta::assert_snapshot!(text, @r#"
        # Drafted from `arbetstid_2024-08.csv` by looking at 10 rows; nothing here has been agreed with the source.
        # A person must say what a row is, what each column means and in which unit, translate the
        # names into English with the unit last, and decide key, limits and owner.
        apiVersion: v3.1.0
        kind: DataContract
        id: hr__worked_time
        name: "hr__worked_time"
        version: 0.1.0
        status: draft
        domain: hr
        tenant: region
        description:
          purpose: "Utkast: beskriv vad tabellen används till."
        team:
          name: "Ej bestämd"
          members: [{username: ej-bestamd, role: owner}]
        schema:
          - name: hr__worked_time
            physicalType: table
            description: "Utkast: beskriv vad en rad är."
            properties:
              # seen: 0 of 10 missing, 5 different, 2024-07 to 2024-11
              - name: manad
                businessName: "Månad"
                logicalType: date
                physicalType: month
                required: true
                primaryKey: true
                primaryKeyPosition: 1
                description: "Utkast: beskriv vad värdet betyder."
              # seen: 0 of 10 missing, 2 different, `99999999-9999`
              - name: personnummer
                businessName: "Personnummer"
                logicalType: string
                physicalType: varchar
                required: true
                primaryKey: true
                primaryKeyPosition: 2
                description: "Utkast: beskriv vad värdet betyder."
                classification: sensitive
                customProperties:
                  - {property: tertial.transform, value: "civic_number:hr"}
              # seen: 0 of 10 missing, 2 different, `A`; few values that come again: list them as tertial.allowed once they are agreed
              - name: kon
                businessName: "Kön"
                logicalType: string
                physicalType: varchar
                required: true
                description: "Utkast: beskriv vad värdet betyder."
              # seen: 1 of 10 missing, 5 different, `9` or `99,99` or `9,99`
              # name the unit: last in the name, and as tertial.unit (SEK, timmar, %)
              - name: tid_sjuk
                businessName: "Tid, sjuk"
                logicalType: number
                physicalType: decimal(18,2)
                description: "Utkast: beskriv vad värdet betyder."
                customProperties:
                  - {property: tertial.decimals, value: "2"}
            customProperties:
              - {property: tertial.periodColumn, value: manad}
              - {property: tertial.rejectMax, value: "0"}
        slaProperties:
          - {property: latency, value: 45, unit: d}
        "#);
        let contract: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(contract["schema"][0]["properties"][3]["physicalType"], "decimal(18,2)");
        for cell in ["1212-1212", "12,50", "K|M", "0,25"] {
            assert!(!text.contains(cell), "no cell is quoted: {cell}");
        }
    }

    #[test]
    fn the_period_of_a_file_name_is_found() {
        let check = |name: &str| pattern_of(name);
        assert_eq!(check("arbetstid_2024-08.csv"), "arbetstid_{period}.csv");
        assert_eq!(check("arbetstid_202408.csv"), "arbetstid_{period}.csv");
        assert_eq!(check("uppdrag_2024T2.csv"), "uppdrag_{period}.csv");
        assert_eq!(check("RJH_2024.SE"), "RJH_{period}.SE");
        assert_eq!(check("v2_20240831.csv"), "v2_20240831.csv");
        assert_eq!(check("år.csv"), "år.csv");
    }

    #[test]
    fn a_draft_quotes_no_cell() {
        let names = ["Astrid", "Bertil", "Cecilia"];
        let rows: String = (0..30)
            .map(|row| {
                format!("{};{};{}\n", names[row % 3], 31_000 + row, ["F320", "F410"][row % 2])
            })
            .collect();
        let table = format!("Namn;Lön;Diagnos\n{rows}");
        let drafted = draft(
            &profile("a.csv", &columns_of_csv("a.csv", &table, ';').unwrap()).unwrap(),
            &facts(),
        );
        for text in [&drafted.pipeline_toml, &drafted.headings_csv, &drafted.contract_yaml] {
            for cell in ["Astrid", "Bertil", "Cecilia", "31000", "31029", "F320", "F410"] {
                assert!(!text.contains(cell), "{cell} in:\n{text}");
            }
        }
        assert!(drafted.contract_yaml.contains("few values that come again"));
    }

    proptest! {
        #[test]
        fn whatever_the_cells_the_drafts_can_be_read(
            heading in ".*", cells in proptest::collection::vec(".*", 1..6), file in ".*",
        ) {
            let columns = [(heading, cells.into_iter().map(Some).collect())];
            let drafted = draft(&profile(&file, &columns).unwrap(), &facts());
            let pipeline: Pipeline = toml::from_str(&drafted.pipeline_toml).unwrap();
            prop_assert_eq!(pipeline.name, "hr");
            let contract: serde_json::Value = serde_saphyr::from_str(&drafted.contract_yaml).unwrap();
            prop_assert_eq!(&contract["id"], "hr__worked_time");
        }
    }
}

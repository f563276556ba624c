//! Files as programs write them, through the whole program: cells with a format, workbooks in odd
//! containers, vouchers without a number, a stated delimiter, and `profile` on whatever comes.

use crate::support::{Answer, copy, folder, on, repository, samples, tertial};
use std::io::Write;
use std::path::{Path, PathBuf};
use tertial_check::{Fields, Headings, parse_contract};
use tertial_model::pipeline::Format;
use tertial_read::ReadOptions;

/// A field case rebuilt as a project, loaded once; none where the cases do not lie beside the repository.
fn case(name: &str, source: &str, code: i32) -> Option<(PathBuf, Answer)> {
    let case = repository().parent()?.join("shared/cases").join(name);
    if !case.is_dir() {
        println!("the case {name} is not there: nothing was tested");
        return None;
    }
    let project = folder(&format!("case-{name}")).join("project");
    tertial(&["init", project.to_str().unwrap()]).ended(0);
    copy(&case.join("setup"), &project);
    let inbox = project.join("data/inbox").join(source);
    std::fs::create_dir_all(&inbox).unwrap();
    for file in std::fs::read_dir(case.join("input")).unwrap().flatten() {
        if file.path().is_file() {
            std::fs::write(inbox.join(file.file_name()), std::fs::read(file.path()).unwrap())
                .unwrap();
        }
    }
    let answer = on(&project, &["run", "--as-of", "2024-10-01"]).ended(code);
    Some((project, answer))
}

fn ask(project: &Path, query: &str) -> serde_json::Value {
    on(project, &["sql", "--warehouse", "--format", "json", query]).ended(0).json()
}

#[test]
fn percent_cells_beside_plain_numbers_are_percent() {
    let Some((project, _)) = case("03-xlsx-percent-cells", "organic", 0) else { return };
    let rows = ask(
        &project,
        "select unit_name, cast(organic_pct as varchar) as pct from raw.organic__shares order by 1",
    );
    let found: Vec<(&str, &str)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["unit_name"].as_str().unwrap(), row["pct"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("Kök Nord", "35.5000"),
            ("Kök Syd", "42.0000"),
            ("Kök Väst", "28.0000"),
            ("Kök Öst", "30.7500")
        ]
    );
}

#[test]
fn workbooks_in_odd_containers_are_read_or_refused_by_name() {
    let Some((project, answer)) = case("04-xlsx-odd-containers", "hours", 1) else { return };
    let rows = ask(
        &project,
        "select d.original_name as name, count(*) as n, cast(sum(h.hour_count) as varchar) as hours \
         from raw.hours__rows h join meta.deliveries d on h._delivery = d.delivery_id group by 1 order by 1",
    );
    let found: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["name"].as_str().unwrap(),
                row["n"],
                row["hours"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(found, ["timmar_2024_bakstreck.xlsx 2 19.75", "timmar_2024_strikt.xlsx 2 19.75"]);
    for words in ["an XML Spreadsheet 2003", "an HTML page with a table", "save it as XLSX"] {
        assert!(answer.err.contains(words), "{words} in:\n{}", answer.err);
    }
    assert!(!answer.err.contains("session has ended"));
}

#[test]
fn vouchers_without_a_number_are_told_apart() {
    let Some((project, _)) = case("05-sie-4i-without-numbers", "payroll", 0) else { return };
    let sums = ask(
        &project,
        "select account_code as account, cast(sum(amount_sek) as varchar) as sum from raw.payroll__entries \
         where account_code in ('4010', '4020', '4510') group by 1 order by 1",
    );
    let sums: Vec<&str> =
        sums.as_array().unwrap().iter().map(|row| row["sum"].as_str().unwrap()).collect();
    assert_eq!(sums, ["96000.00", "20000.00", "37704.00"]);
    let vouchers = ask(
        &project,
        "select voucher_number as number, count(*) as n, cast(sum(amount_sek) as varchar) as sum \
         from raw.payroll__entries group by 1 order by 2 desc, 1",
    );
    let vouchers = vouchers.as_array().unwrap();
    let counts: Vec<i64> = vouchers.iter().map(|row| row["n"].as_i64().unwrap()).collect();
    assert_eq!(counts, [5, 5, 2]);
    for voucher in vouchers {
        assert_eq!(voucher["sum"], "0.00");
        assert!(voucher["number"].as_str().unwrap().starts_with("utan nr, 202408"), "{voucher}");
    }
    // The next month's vouchers are no repeats of these.
    let inbox = project.join("data/inbox/payroll");
    let bytes = std::fs::read(
        repository()
            .parent()
            .unwrap()
            .join("shared/cases/05-sie-4i-without-numbers/input/LON_2024-08.SI"),
    )
    .unwrap();
    let next: Vec<u8> =
        String::from_utf8_lossy(&bytes).replace("20240825", "20240925").into_bytes();
    std::fs::write(inbox.join("LON_2024-09.SI"), next).unwrap();
    on(&project, &["--quiet", "run", "--as-of", "2024-10-02"]).ended(0);
    assert_eq!(ask(&project, "select count(*) as n from raw.payroll__entries")[0]["n"], 24);
    // A later file that holds August's once more, one place further down, counts none of them twice;
    // another with the same place, day and text takes nobody's place.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let vouchers = text.find("#VER").unwrap();
    let new = "#VER \"\" \"\" 20240825 \"R\u{84}ttelse juli\"\r\n{\r\n#TRANS 4010 {1 \"606\"} -1.00\r\n\
        #TRANS 1940 {} 1.00\r\n}\r\n";
    let overlapping = format!("{}{new}{}", &text[..vouchers], &text[vouchers..]);
    let overlapping: Vec<u8> = overlapping.chars().map(|letter| letter as u8).collect();
    std::fs::write(inbox.join("LON_2024-10.SI"), overlapping).unwrap();
    let told = on(&project, &["run", "--as-of", "2024-11-02"]).ended(0);
    assert!(told.err.contains("T0307") && told.err.contains("12 rows"), "{}", told.err);
    assert_eq!(ask(&project, "select count(*) as n from raw.payroll__entries")[0]["n"], 26);
}

#[test]
fn a_stated_delimiter_is_no_line_of_headings() {
    let Some((project, _)) = case("18-csv-sep-line", "costs", 0) else { return };
    let rows = ask(
        &project,
        "select unit_code as unit, cast(sum(amount_sek) as varchar) as sum, count(*) as n from raw.costs__rows group by 1 order by 1",
    );
    assert_eq!(
        rows,
        serde_json::json!([{"unit": "605", "sum": "2469.00", "n": 2}, {"unit": "606", "sum": "198.00", "n": 2}])
    );
}

#[test]
fn a_heading_of_weeks_is_never_a_month() {
    let dir = folder("weeks");
    let file = dir.join("akutbesok_2024.csv");
    let rows: String =
        (1..=12).map(|week| format!("2024{week:02};Akuten;{}\n", 100 + week)).collect();
    std::fs::write(&file, format!("Vecka;Enhet;Besök\n{rows}")).unwrap();
    let answer = tertial(&["profile", file.to_str().unwrap(), "--name", "er"]).ended(0);
    let line = answer.out.lines().find(|line| line.starts_with("Vecka")).unwrap();
    assert!(line.contains("varchar"), "{line}");
    assert!(answer.out.contains("the heading says week"), "{}", answer.out);
    let codes = dir.join("ansvar_2024.csv");
    std::fs::write(&codes, "Ansvar;AID\n201001;203011\n201002;203012\n201011;204010\n").unwrap();
    let answer = tertial(&["profile", codes.to_str().unwrap()]).ended(0);
    for heading in ["Ansvar", "AID"] {
        let line = answer.out.lines().find(|line| line.starts_with(heading)).unwrap();
        assert!(line.contains("varchar"), "{line}");
    }
}

/// A workbook of one sheet with these rows of XML cells.
fn workbook(rows: &str, styles: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let list = |entries: &str| format!("<Relationships>{entries}</Relationships>");
    for (name, words) in [
        ("_rels/.rels", list(&format!("<Relationship Id=\"r\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.xml\"/>"))),
        ("xl/_rels/workbook.xml.rels", list(&format!("<Relationship Id=\"r1\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{relation}/styles\" Target=\"styles.xml\"/>"))),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"Blad1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_owned()),
        ("xl/styles.xml", format!("<styleSheet>{styles}</styleSheet>")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(words.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// What becomes of the cells under one heading: the value, or the code and what was found.
fn column(
    heading: &str,
    name: &str,
    physical: &str,
    more: &str,
    cells: &[(&str, &str)],
) -> Vec<String> {
    let mut codes: Vec<&str> = vec!["General"];
    let mut rows = format!(
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Rad</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>{heading}</t></is></c></row>"
    );
    for (at, (format, value)) in cells.iter().enumerate() {
        let row = at + 2;
        let cell = match *format {
            "text" => format!("<c r=\"B{row}\" t=\"inlineStr\"><is><t>{value}</t></is></c>"),
            "formula" => format!("<c r=\"B{row}\"><f>A1</f>{value}</c>"),
            format => {
                let style = codes.iter().position(|code| *code == format).unwrap_or_else(|| {
                    codes.push(format);
                    codes.len() - 1
                });
                format!("<c r=\"B{row}\" s=\"{style}\"><v>{value}</v></c>")
            }
        };
        rows += &format!("<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c>{cell}</row>");
    }
    let formats: String = codes
        .iter()
        .enumerate()
        .map(|(at, code)| {
            format!(
                "<numFmt numFmtId=\"{}\" formatCode=\"{}\"/>",
                170 + at,
                code.replace('"', "&quot;").replace('<', "&lt;")
            )
        })
        .collect();
    let uses: String =
        (0..codes.len()).map(|at| format!("<xf numFmtId=\"{}\"/>", 170 + at)).collect();
    let book = workbook(&rows, &format!("<numFmts>{formats}</numFmts><cellXfs>{uses}</cellXfs>"));
    let logical = match physical {
        "varchar" => "string",
        "date" | "month" => "date",
        "bigint" => "integer",
        "boolean" => "boolean",
        _ => "number",
    };
    let text = format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n    properties:\n      - {{name: row_number, logicalType: integer, physicalType: bigint, required: true}}\n      - {{name: {name}, logicalType: {logical}, physicalType: \"{physical}\"{more}}}\n"
    );
    let headings =
        format!("table,heading,column,valid_from\nt,Rad,row_number,\nt,\"{heading}\",{name},\n");
    let agreement = crate::door::Agreement {
        tables: vec![(
            None,
            parse_contract("schemas/t.odcs.yaml", &text, &Fields::default()).unwrap(),
        )],
        headings: Headings::parse("headings.csv", &headings).unwrap(),
        ..crate::door::Agreement::of(ReadOptions {
            tables: vec![tertial_read::PartChoice::default()],
            ..ReadOptions::new(Format::Xlsx, "fil.xlsx")
        })
    };
    let taken = agreement.take(book);
    assert!(taken.refused.is_empty(), "{:?}", taken.refused);
    let part = &taken.parts[0];
    assert_eq!(part.read, part.accepted.len() as u64 + part.rejected, "no row is lost");
    let mut found: Vec<(u64, String)> =
        part.accepted.iter().map(|(line, cells)| (*line, cells[1].clone())).collect();
    for reason in &part.reasons {
        let tertial_model::Location::Sheet { cell, .. } = &reason.location else {
            panic!("{reason}")
        };
        let line = cell.trim_start_matches('B').parse().unwrap_or_else(|_| panic!("{reason}"));
        found.push((line, format!("{} {}", reason.code, reason.found.clone().unwrap_or_default())));
    }
    found.sort();
    found.into_iter().map(|(_, words)| words).collect()
}

#[test]
fn a_column_of_shares_holds_what_its_contract_says() {
    let cells = [
        ("General", "35.5"),
        ("0%", "0.42"),
        ("0.00%", "0.3075"),
        ("text", "28 %"),
        ("0.0\" %\"", "12.5"),
    ];
    let percent = ["35.5000", "42.0000", "30.7500", "28.0000", "12.5000"];
    let unit = ", customProperties: [{property: tertial.unit, value: \"%\"}]";
    assert_eq!(column("Andel", "organic", "decimal(7,4)", unit, &cells), percent);
    assert_eq!(column("Andel (%)", "organic", "decimal(7,4)", "", &cells), percent);
    assert_eq!(column("Andel", "organic_pct", "decimal(7,4)", "", &cells), percent);
    let share = ", logicalTypeOptions: {minimum: 0, maximum: 1}, customProperties: [{property: tertial.unit, value: andel}]";
    assert_eq!(
        column("Andel", "organic", "decimal(7,4)", share, &cells),
        ["T0209 `35.5`", "0.4200", "0.3075", "0.2800", "0.1250"]
    );
    // Nothing says which of the two it is.
    let unsaid = "with a unit, and nothing says what the column holds";
    assert_eq!(
        column("Andel", "organic", "decimal(7,4)", "", &cells)[1..],
        ["42 %", "30.75 %", "28 %", "12.5 %"].map(|cell| format!("T0203 `{cell}`, {unsaid}"))
    );
    let other = ", customProperties: [{property: tertial.unit, value: SEK}]";
    assert_eq!(
        column("Andel", "organic", "bigint", other, &[("0%", "0.42")]),
        ["T0202 `42 %`, whose unit is not the column's"]
    );
}

#[test]
fn thousands_currencies_and_codes_keep_their_meaning() {
    let money = [
        ("#,##0", "12500"),
        ("#,##0,", "12500"),
        ("#,##0,\" tkr\"", "12500"),
        ("0.0\" mkr\"", "1.5"),
        ("#,##0 \"kr\"", "10"),
        ("#,##0 [$€-1]", "10"),
    ];
    assert_eq!(
        column("Belopp", "amount_sek", "decimal(18,2)", "", &money),
        [
            "12500.00",
            "12500.00",
            "12500.00",
            "1500000.00",
            "10.00",
            "T0203 `10 EUR`, whose unit is not the column's"
        ]
    );
    let unit = ", customProperties: [{property: tertial.unit, value: tkr}]";
    assert_eq!(
        column("Belopp", "amount", "decimal(18,3)", unit, &money)[..5],
        ["12500.000", "12.500", "12.500", "1500.000", "0.010"]
    );
    assert_eq!(
        column(
            "Avfall",
            "waste_kg",
            "decimal(18,1)",
            "",
            &[("0\" kg\"", "4"), ("0.0\" ton\"", "1.5"), ("0.0\" MWh\"", "1.5")]
        ),
        ["4.0", "1500.0", "T0203 `1.5 MWh`, whose unit is not the column's"]
    );
    assert_eq!(
        column("Enhet", "unit_code", "varchar", "", &[("0000", "605"), ("General", "605")]),
        ["0605", "605"]
    );
}

#[test]
fn days_stand_in_columns_of_days_and_numbers_in_columns_of_numbers() {
    let cells =
        [("yyyy-mm-dd", "45505"), ("General", "45505"), ("[h]:mm", "1.5"), ("yyyy-mm-dd", "0")];
    assert_eq!(
        column("Dag", "day", "date", "", &cells),
        ["2024-08-01", "T0205 `45505`", "T0205 `36:00:00`", "T0205 `0`"]
    );
    assert_eq!(
        column("Antal", "visit_count", "bigint", "", &cells),
        ["T0202 `2024-08-01`", "45505", "T0202 `36:00:00`", "0"]
    );
    let hours = ", customProperties: [{property: tertial.unit, value: timmar}]";
    assert_eq!(
        column(
            "Tid",
            "worked",
            "decimal(9,2)",
            hours,
            &[("[h]:mm", "5.392361111111111"), ("h:mm", "0.3125"), ("General", "7.5")]
        ),
        ["129.42", "7.50", "7.50"]
    );
}

#[test]
fn a_formula_without_a_result_is_no_value_in_any_type() {
    let cells = [("formula", "<v>5</v>"), ("formula", ""), ("formula", "<v/>")];
    let none = "a formula whose result the workbook does not hold";
    for (name, physical, code) in [
        ("amount_sek", "decimal(18,2)", "T0203"),
        ("visit_count", "bigint", "T0202"),
        ("unit_code", "varchar", "T0210"),
        ("day", "date", "T0205"),
        ("month", "month", "T0206"),
        ("is_done", "boolean", "T0207"),
    ] {
        let found = column("Kolumn", name, physical, "", &cells);
        assert_eq!(found[1..], [format!("{code} {none}"), format!("{code} {none}")], "{physical}");
    }
}

#[test]
fn profile_tells_formulas_without_a_result() {
    let dir = folder("profile-formulas");
    let file = dir.join("kostnad_2024.xlsx");
    let text = |cell: &str, text: &str| {
        format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let rows = format!(
        "<row r=\"1\">{}{}</row><row r=\"2\">{}<c r=\"B2\"><f>1+1</f></c></row><row r=\"3\">{}<c r=\"B3\"><v>4</v></c></row>",
        text("A1", "Enhet"),
        text("B1", "Belopp"),
        text("A2", "Nord"),
        text("A3", "Syd")
    );
    std::fs::write(&file, workbook(&rows, "")).unwrap();
    let answer = tertial(&["profile", file.to_str().unwrap()]).ended(0);
    assert!(
        answer.out.contains("1 cells hold an error or a formula without a result"),
        "{}",
        answer.out
    );
}

#[test]
fn profile_tells_rows_that_do_not_divide() {
    let file = folder("profile-rows").join("kostnad_2024.csv");
    std::fs::write(&file, "Enhet;Belopp\n605;1\n606;2;3\n607;4\n").unwrap();
    let answer = tertial(&["profile", file.to_str().unwrap()]).ended(1);
    assert!(answer.err.contains("1 of 3 rows cannot be divided"), "{}", answer.err);
    assert!(answer.err.contains(":3:1"), "{}", answer.err);
}

/// Every sample file is looked at; what is no table is refused by name.
#[test]
fn profile_looks_at_every_sample() {
    let Some(samples) = samples() else { return };
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in
        std::fs::read_dir(&samples).unwrap().flatten().filter(|entry| entry.path().is_dir())
    {
        files.extend(std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path()));
    }
    files.sort();
    let refused: Vec<(String, String)> = files
        .iter()
        .filter_map(|file| {
            let answer = tertial(&["--quiet", "profile", file.to_str().unwrap()]);
            let name = file.strip_prefix(&samples).unwrap().to_string_lossy().into_owned();
            let drafted = answer.out.contains("schemas/source__");
            assert!(answer.code <= 2 && !answer.err.contains("panicked"), "{name}: {}", answer.err);
            assert!(
                drafted != answer.err.contains("error["),
                "{name}:\n{}\n{}",
                answer.out,
                answer.err
            );
            let told = |mark: &str| answer.err.lines().find_map(|line| line.split_once(mark));
            let found =
                told("= found:").or_else(|| told("]:")).map_or("", |(_, words)| words.trim());
            (!drafted).then(|| (name, found.to_owned()))
        })
        .collect();
    let refused: String =
        refused.iter().map(|(name, found)| format!("{name}: {found}\n")).collect();
    insta::assert_snapshot!(refused);
}

//! `pipeline.toml`: what a source sends and in which dress.

use crate::fetch::fetch_faults;
use crate::toml_text::TomlText;
use crate::ways::way_faults;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::pipeline::{FileSpec, Format, TableSpec};
use tertial_model::{Code, Contract, Diagnostic, Faults, Pipeline, Sends, similar};

/// Reads a pipeline. What cannot be read is T0502, what names nothing is T0503; each with its place.
pub fn parse_pipeline(file: &str, toml: &str) -> Result<Pipeline, Faults> {
    let text = TomlText::parse(file, toml)?;
    let pipeline: Pipeline = text.read()?;
    let mut faults = Vec::new();
    name_faults(&text, &pipeline, &mut faults);
    for (index, spec) in pipeline.files.iter().enumerate() {
        file_faults(&text, index, spec, &mut faults);
        let earlier =
            pipeline.files[..index].iter().position(|other| other.pattern == spec.pattern);
        if let Some(earlier) = earlier {
            let span = text.span(&["file", &index.to_string(), "pattern"]);
            faults.push(
                text.fault(Code::UnknownName, "two kinds of file have the same pattern", span)
                    .with_found(format!("`{}`, also in file {}", spec.pattern, earlier + 1)),
            );
        }
    }
    for index in 0..pipeline.fetches.len() {
        fetch_faults(&text, index, &pipeline, &mut faults);
    }
    way_faults(&text, &pipeline, &mut faults);
    faults.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    if faults.is_empty() { Ok(pipeline) } else { Err(faults.into()) }
}

/// Contracts that a pipeline names and that do not exist, T0503.
pub fn check_pipeline(
    file: &str,
    toml: &str,
    pipeline: &Pipeline,
    contracts: &BTreeSet<String>,
) -> Vec<Diagnostic> {
    let Ok(text) = TomlText::parse(file, toml) else { return Vec::new() };
    let mut faults = Vec::new();
    for (index, spec) in pipeline.files.iter().enumerate() {
        for (number, table) in spec.tables.iter().enumerate() {
            if contracts.contains(&table.contract) {
                continue;
            }
            let path = ["file", &index.to_string(), "table", &number.to_string(), "contract"];
            let fault = text
                .fault(Code::UnknownName, "there is no such contract", text.span(&path))
                .with_found(format!("`{}`", table.contract))
                .with_expected("the name of a table with a contract in `schemas/`");
            let nearest =
                similar::nearest(&table.contract, contracts.iter().map(String::as_str), 2);
            faults.push(match similar::question(&nearest) {
                Some(question) => fault.with_hint(question),
                None => fault.with_hint(format!("write `schemas/{}.odcs.yaml`", table.contract)),
            });
        }
    }
    faults
}

/// Kinds of file whose changes cannot be told because a table of theirs has no key, T0503.
pub fn sends_faults(
    file: &str,
    toml: &str,
    pipeline: &Pipeline,
    contracts: &BTreeMap<String, Contract>,
) -> Vec<Diagnostic> {
    let Ok(text) = TomlText::parse(file, toml) else { return Vec::new() };
    let mut faults = Vec::new();
    for (index, spec) in pipeline.files.iter().enumerate() {
        if spec.sends != Some(Sends::Changes) {
            continue;
        }
        let tables = spec.tables.iter().filter_map(|table| contracts.get(&table.contract));
        for contract in tables.filter(|contract| contract.key.is_empty()) {
            let span = text.span(&["file", &index.to_string(), "sends"]);
            let message =
                format!("`{}` has no key by which a row could be changed", contract.table);
            faults.push(
                text.fault(Code::UnknownName, &message, span)
                    .with_found("`sends = \"changes\"`")
                    .with_expected("`primaryKey: true` at a column of the contract")
                    .with_contract(contract.file.clone())
                    .with_hint("say what names a row, or `sends = \"period\"` or `\"history\"` if that is what comes"),
            );
        }
    }
    faults
}

fn name_faults(text: &TomlText, pipeline: &Pipeline, faults: &mut Vec<Diagnostic>) {
    if !is_identifier(&pipeline.name) {
        faults.push(
            text.fault(Code::UnknownName, "the source has no usable name", text.span(&["name"]))
                .with_found(format!("`{}`", pipeline.name))
                .with_expected("lower case letters a–z, digits and `_`, e.g. `ledger`"),
        );
        return;
    }
    let folder = text.file.rsplit(['/', '\\']).nth(1);
    if let Some(folder) = folder.filter(|folder| *folder != pipeline.name) {
        faults.push(
            text.fault(
                Code::UnknownName,
                "the source is not named as its folder",
                text.span(&["name"]),
            )
            .with_found(format!("`{}`", pipeline.name))
            .with_expected(format!("`{folder}`")),
        );
    }
    if pipeline.files.is_empty() {
        faults.push(
            text.fault(Code::UnknownName, "the pipeline names no file", 0..0)
                .with_expected("at least one `[[file]]` with a `pattern` and a `format`"),
        );
    }
}

fn file_faults(text: &TomlText, index: usize, spec: &FileSpec, faults: &mut Vec<Diagnostic>) {
    let number = index.to_string();
    let at = |key: &str| text.span(&["file", &number, key]);
    let mut push = |key: &str, message: &str, found: String, expected: &str| {
        let fault = text.fault(Code::UnknownName, message, at(key));
        faults.push(fault.with_found(found).with_expected(expected));
    };
    if let Some(found) = pattern_fault(&spec.pattern) {
        let expected =
            "a file name with `{period}`, `{scope}` and `*`, e.g. `arbetstid_{period}.csv`";
        push("pattern", "the pattern cannot be used", found, expected);
    }
    if let Some(mark) = spec.decimal.filter(|mark| !matches!(mark, ',' | '.')) {
        push("decimal", "the decimal mark is not known", format!("`{mark}`"), "`,` or `.`");
    }
    if spec.delimiter.is_some() && !matches!(spec.format, Format::Csv | Format::Smhi) {
        let found = format!("`format = \"{}\"`", spec.format.name());
        push(
            "delimiter",
            "the format has no delimiter",
            found,
            "`delimiter` with `format = \"csv\"` only",
        );
    }
    if spec.header_row == Some(0) {
        push("header_row", "rows count from 1", "`0`".to_owned(), "the number a workbook shows");
    }
    if spec.sends == Some(Sends::Period) && !spec.pattern.contains("{period}") {
        let found = format!("`sends = \"period\"` with the pattern `{}`", spec.pattern);
        push("sends", "the file's name tells no period", found, "a pattern with `{period}`");
    }
    if let Some((found, expected)) = column_fault(spec) {
        push("column", "the columns of the file cannot be used", found, expected);
    }
    for table_index in 0..spec.tables.len() {
        table_faults(text, index, &spec.tables, table_index, faults);
    }
}

/// What is wrong with the columns of a fixed-width file, and what should stand there.
fn column_fault(spec: &FileSpec) -> Option<(String, &'static str)> {
    let columns = &spec.columns;
    if spec.format != Format::Fixed {
        let found = format!("`[[file.column]]` with `format = \"{}\"`", spec.format.name());
        return (!columns.is_empty()).then_some((found, "columns with `format = \"fixed\"` only"));
    }
    if columns.is_empty() {
        return Some((
            "no column".to_owned(),
            "`[[file.column]]` with `heading`, `start`, `width`",
        ));
    }
    let mut next = 1;
    for (index, column) in columns.iter().enumerate() {
        let found = |what: &str| format!("`{}`, {what}", column.heading);
        if columns[..index].iter().any(|earlier| earlier.heading == column.heading) {
            return Some((found("twice"), "a heading of its own for each column"));
        }
        if column.start < next {
            let what = format!("which begins at character {}", column.start);
            return Some((found(&what), "columns in order that do not overlap, from character 1"));
        }
        match column.width {
            Some(0) => return Some((found("without a character"), "a width of at least 1")),
            Some(width) => next = column.start.saturating_add(width),
            None if index + 1 == columns.len() => {}
            None => {
                return Some((found("without a width"), "a width for all columns but the last"));
            }
        }
    }
    None
}

fn table_faults(
    text: &TomlText,
    file: usize,
    tables: &[TableSpec],
    index: usize,
    faults: &mut Vec<Diagnostic>,
) {
    let table = &tables[index];
    let (file, number) = (file.to_string(), index.to_string());
    let mut push = |key: &str, message: &str, found: String, expected: &str| {
        let span = text.span(&["file", &file, "table", &number, key]);
        faults.push(
            text.fault(Code::UnknownName, message, span).with_found(found).with_expected(expected),
        );
    };
    if !is_identifier(&table.contract) {
        let expected = "a table name, e.g. `hr__worked_time`";
        push(
            "contract",
            "this cannot be a contract's name",
            format!("`{}`", table.contract),
            expected,
        );
    }
    if table.header_row == Some(0) {
        push("header_row", "rows count from 1", "`0`".to_owned(), "the number a workbook shows");
    }
    if let Some(range) = table.range.as_ref().filter(|range| !is_range(range)) {
        push(
            "range",
            "this is not a range of cells",
            format!("`{range}`"),
            "a range, e.g. `A4:F200`",
        );
    }
    let same = |other: &TableSpec| other.part == table.part && other.contract == table.contract;
    if tables[..index].iter().any(same) {
        let found = format!("`{}`", table.contract);
        push(
            "contract",
            "the same part is taken twice for one table",
            found,
            "one `[[file.table]]` for it",
        );
    }
}

/// What is wrong with a file pattern.
fn pattern_fault(pattern: &str) -> Option<String> {
    if pattern.trim().is_empty() {
        return Some("nothing".to_owned());
    }
    if pattern.contains(['/', '\\']) {
        return Some(format!("`{pattern}`, which names a folder"));
    }
    let mut seen = BTreeSet::new();
    let mut rest = pattern;
    while let Some(open) = rest.find(['{', '}']) {
        let inner = rest[open..].strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let Some((name, after)) = inner else {
            return Some(format!("`{pattern}`, with a brace that has no partner"));
        };
        if !matches!(name, "period" | "scope") {
            return Some(format!("`{pattern}`, with the unknown placeholder `{{{name}}}`"));
        }
        if !seen.insert(name) {
            return Some(format!("`{pattern}`, with `{{{name}}}` twice"));
        }
        rest = after;
    }
    None
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// `A4:F200`.
fn is_range(text: &str) -> bool {
    let is_cell = |cell: &str| {
        let digits = cell.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let letters = cell.len() - digits.len();
        (1..=3).contains(&letters) && digits.parse::<u32>().is_ok_and(|row| row > 0)
    };
    text.split_once(':').is_some_and(|(from, to)| is_cell(from) && is_cell(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "pipelines/hr/pipeline.toml";
    const GOOD: &str = r#"
name = "hr"
label = "Personal"

[[file]]
pattern = "arbetstid_{period}.csv"
format = "csv"
encoding = "windows-1252"
delimiter = ";"
decimal = ","
missing = [".."]
sum_rows = ["Totalsumma"]

[[file.table]]
contract = "hr__worked_time"
"#;

    fn all(faults: impl Into<Faults>) -> String {
        faults.into().iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn a_sound_pipeline() {
        let pipeline = parse_pipeline(FILE, GOOD).unwrap();
        assert_eq!(pipeline.files[0].decimal, Some(','));
        assert_eq!(pipeline.files[0].tables[0].contract, "hr__worked_time");
    }

    #[test]
    fn a_word_that_does_not_exist_and_broken_notation() {
        let unknown = GOOD.replace("decimal =", "decimals =");
        insta::assert_snapshot!(all(parse_pipeline(FILE, &unknown).unwrap_err()), @r#"
        error[T0502]: the file cannot be read: unknown field `decimals`, expected one of `pattern`, `format`, `encoding`, `delimiter`, `decimal`, `missing`, `sum_rows`, `header_row`, `column`, `within_period`, `sends`, `required`, `table`
           --> pipelines/hr/pipeline.toml:10:1
            |
         10 | decimals = ","
            | ^^^^^^^^
        "#);
        let broken = GOOD.replace("format = \"csv\"", "format = csv");
        insta::assert_snapshot!(all(parse_pipeline(FILE, &broken).unwrap_err()), @r"
        error[T0502]: the file cannot be read: string values must be quoted, expected literal string
           --> pipelines/hr/pipeline.toml:7:10
            |
          7 | format = csv
            |          ^^^
        ");
    }

    #[test]
    fn every_name_that_means_nothing_in_one_run() {
        let wrong = GOOD
            .replace("name = \"hr\"", "name = \"payroll\"")
            .replace("{period}", "{month}")
            .replace("decimal = \",\"", "decimal = \";\"")
            .replace("[[file.table]]\n", "[[file.table]]\nrange = \"A4\"\nheader_row = 0\n");
        insta::assert_snapshot!(all(parse_pipeline(FILE, &wrong).unwrap_err()), @r#"
        error[T0503]: the source is not named as its folder
           --> pipelines/hr/pipeline.toml:2:8
            |
          2 | name = "payroll"
            |        ^^^^^^^^^
            = found:    `payroll`
            = expected: `hr`

        error[T0503]: the pattern cannot be used
           --> pipelines/hr/pipeline.toml:6:11
            |
          6 | pattern = "arbetstid_{month}.csv"
            |           ^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `arbetstid_{month}.csv`, with the unknown placeholder `{month}`
            = expected: a file name with `{period}`, `{scope}` and `*`, e.g. `arbetstid_{period}.csv`

        error[T0503]: the decimal mark is not known
           --> pipelines/hr/pipeline.toml:10:11
            |
         10 | decimal = ";"
            |           ^^^
            = found:    `;`
            = expected: `,` or `.`

        error[T0503]: this is not a range of cells
           --> pipelines/hr/pipeline.toml:15:9
            |
         15 | range = "A4"
            |         ^^^^
            = found:    `A4`
            = expected: a range, e.g. `A4:F200`

        error[T0503]: rows count from 1
           --> pipelines/hr/pipeline.toml:16:14
            |
         16 | header_row = 0
            |              ^
            = found:    `0`
            = expected: the number a workbook shows
        "#);
    }

    #[test]
    fn a_contract_that_does_not_exist() {
        let pipeline = parse_pipeline(FILE, GOOD).unwrap();
        let contracts = BTreeSet::from(["hr__work_time".to_owned(), "hr__employments".to_owned()]);
        let faults = check_pipeline(FILE, GOOD, &pipeline, &contracts);
        insta::assert_snapshot!(all(faults), @r#"
        error[T0503]: there is no such contract
           --> pipelines/hr/pipeline.toml:15:12
            |
         15 | contract = "hr__worked_time"
            |            ^^^^^^^^^^^^^^^^^
            = found:    `hr__worked_time`
            = expected: the name of a table with a contract in `schemas/`

        hint: did you mean `hr__work_time`?
        "#);
        assert!(
            check_pipeline(FILE, GOOD, &pipeline, &BTreeSet::from(["hr__worked_time".into()]))
                .is_empty()
        );
    }

    #[test]
    fn columns_of_fixed_width_stand_in_order() {
        let with = |columns: &str| {
            let text = GOOD.replace("format = \"csv\"", "format = \"fixed\"");
            let text = text.replace("delimiter = \";\"\n", "");
            let text = text.replace("\n[[file.table]]", &format!("{columns}\n[[file.table]]"));
            parse_pipeline(FILE, &text).map_err(all)
        };
        let column = |heading: &str, start: u32, width: &str| {
            format!("\n[[file.column]]\nheading = \"{heading}\"\nstart = {start}\n{width}\n")
        };
        let sound = column("Enhet", 1, "width = 3") + &column("Text", 5, "");
        assert_eq!(with(&sound).unwrap().files[0].columns.len(), 2);
        let cases = [
            ("", "no column"),
            (&*(column("Enhet", 1, "width = 3") + &column("Text", 3, "")), "begins at character 3"),
            (&*(column("Enhet", 1, "") + &column("Text", 5, "")), "`Enhet`, without a width"),
            (&*column("Enhet", 1, "width = 0"), "without a character"),
            (&*(column("Enhet", 1, "width = 1") + &column("Enhet", 5, "")), "`Enhet`, twice"),
        ];
        for (columns, words) in cases {
            let told = with(columns).unwrap_err();
            assert!(told.contains("T0503") && told.contains(words), "{told}");
        }
        let other = GOOD.replace("\n[[file.table]]", &format!("{sound}\n[[file.table]]"));
        assert!(all(parse_pipeline(FILE, &other).unwrap_err()).contains("`format = \"csv\"`"));
    }

    #[test]
    fn patterns_and_ranges() {
        for pattern in ["", "a/b.csv", "{period", "x}", "{period}_{period}", "{year}"] {
            assert!(pattern_fault(pattern).is_some(), "{pattern}");
        }
        assert_eq!(pattern_fault("RJH_{period}_{scope}*.SE"), None);
        assert!(is_range("A4:F200") && !is_range("A0:F2") && !is_range("4:F") && !is_range("A4"));
    }
}

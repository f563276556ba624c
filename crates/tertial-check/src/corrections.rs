//! `corrections.toml`: known faults of a source, corrected on agreement, with a guard.
//!
//! A correction says which cell, what stands there (`expect`) and what should. When the source has
//! changed, the correction is not applied and T0508 says so: a patch cannot outlive its cause.
//! Nor is one applied after its day of expiry.

use crate::csv_table;
use crate::toml_text::TomlText;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use tertial_model::{Code, Contract, Diagnostic, Faults, similar};

/// The corrections of one source.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    file: String,
    entries: Vec<Correction>,
    notes: Vec<Diagnostic>,
}

/// One agreed correction.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// Table name.
    pub table: String,
    /// Our column name.
    pub column: String,
    /// The only delivery it concerns, when it concerns one.
    pub delivery: Option<String>,
    /// Physical line in that delivery.
    pub line: Option<u64>,
    /// Our columns and the source's texts that name the row.
    pub row: BTreeMap<String, String>,
    /// What stands in the source.
    pub expect: String,
    /// What should stand there, in the source's own dress.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The role that decided.
    pub decided_by: String,
    /// When it was decided.
    pub date: Date,
    /// The first day it no longer applies.
    pub expires: Option<Date>,
    /// Line in the file, for messages.
    pub at: u64,
}

/// A correction that was applied to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionUse {
    /// Line of the source row.
    pub line: u64,
    /// Our column name.
    pub column: String,
    /// Where the correction stands: `pipelines/hr/corrections.toml:4`.
    pub correction: String,
    /// Why.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    #[serde(default)]
    correction: Vec<EntryForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryForm {
    table: String,
    column: String,
    delivery: Option<String>,
    line: Option<u64>,
    #[serde(default, rename = "match")]
    row: BTreeMap<String, toml::Value>,
    expect: String,
    value: String,
    reason: String,
    decided_by: String,
    date: toml::Value,
    expires: Option<toml::Value>,
}

impl Corrections {
    /// Reads the records. Those that expired before `today` are left out and listed by
    /// [`Corrections::notes`].
    pub fn parse(file: &str, toml: &str, today: Date) -> Result<Corrections, Faults> {
        let text = TomlText::parse(file, toml)?;
        let form: FileForm = text.read()?;
        let mut corrections = Corrections { file: file.to_owned(), ..Corrections::default() };
        let mut faults = Vec::new();
        for (index, entry) in form.correction.into_iter().enumerate() {
            match read(&text, &index.to_string(), entry) {
                Ok(correction) if correction.expires.is_some_and(|day| day <= today) => {
                    corrections.notes.push(expired(&text, &index.to_string(), &correction));
                }
                Ok(correction) => corrections.entries.push(correction),
                Err(more) => faults.extend(more),
            }
        }
        faults.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        if faults.is_empty() { Ok(corrections) } else { Err(faults.into()) }
    }

    /// The file's path, for messages; empty when there is none.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The corrections in force, in the file's order.
    pub fn entries(&self) -> &[Correction] {
        &self.entries
    }

    /// Corrections of a table or column that no contract of the source has, T0508.
    pub fn faults(&self, toml: &str, contracts: &[&Contract]) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for entry in &self.entries {
            let fault = |message: &str, found: &str, nearest: &[&str]| {
                let fault =
                    csv_table::fault(Code::ObsoleteCorrection, message, &self.file, toml, entry.at);
                let fault = fault
                    .with_found(format!("`{found}`"))
                    .with_effect("the correction would never be applied");
                match similar::question(nearest) {
                    Some(question) => fault.with_hint(question),
                    None => fault,
                }
            };
            let Some(contract) = contracts.iter().find(|contract| contract.table == entry.table)
            else {
                let tables = contracts.iter().map(|contract| contract.table.as_str());
                let nearest = similar::nearest(&entry.table, tables, 2);
                faults.push(fault(
                    "a correction names a table that the source does not have",
                    &entry.table,
                    &nearest,
                ));
                continue;
            };
            for name in std::iter::once(&entry.column).chain(entry.row.keys()) {
                if contract.column(name).is_none() {
                    let columns = contract.columns.iter().map(|column| column.name.as_str());
                    let nearest = similar::nearest(name, columns, 2);
                    faults.push(fault(
                        "a correction names a column that is not in the contract",
                        name,
                        &nearest,
                    ));
                }
            }
        }
        faults
    }

    /// Warnings about corrections that have expired.
    pub fn notes(&self) -> &[Diagnostic] {
        &self.notes
    }
}

fn read(text: &TomlText, index: &str, form: EntryForm) -> Result<Correction, Faults> {
    let at = |key: &str| text.span(&["correction", index, key]);
    let mut faults = Vec::new();
    let by_line = form.line.is_some() && form.delivery.is_some();
    let by_key = form.line.is_none() && !form.row.is_empty();
    if !by_line && !by_key {
        faults.push(
            text.fault(Code::BadSetting, "the correction does not say which row", at("table"))
                .with_expected("`line` with `delivery`, or `match = { column = \"text\" }`"),
        );
    }
    for (key, value) in [("reason", &form.reason), ("decided_by", &form.decided_by)] {
        if value.trim().is_empty() {
            let message = format!("the correction has no `{key}`");
            faults.push(text.fault(Code::BadSetting, &message, at(key)));
        }
    }
    if form.expect.trim() == form.value.trim() {
        let message = "the correction changes nothing";
        let fault = text.fault(Code::BadSetting, message, at("value"));
        faults.push(fault.with_expected("a `value` other than `expect`"));
    }
    let mut day = |key: &str, value: &toml::Value| {
        let day = plain(value).and_then(|day| day.parse::<Date>().ok());
        if day.is_none() {
            let fault = text.fault(Code::BadSetting, &format!("`{key}` is not a day"), at(key));
            faults.push(fault.with_expected("a day, e.g. `2024-09-16`"));
        }
        day
    };
    let date = day("date", &form.date);
    let expires = form.expires.as_ref().and_then(|value| day("expires", value));
    let mut row = BTreeMap::new();
    for (column, value) in &form.row {
        match plain(value) {
            Some(value) => drop(row.insert(column.clone(), value)),
            None => faults.push(
                text.fault(Code::BadSetting, "a value to match is not a text", at("match"))
                    .with_found(format!("`{column}`")),
            ),
        }
    }
    let (Some(date), true) = (date, faults.is_empty()) else {
        return Err(faults.into());
    };
    let start = at("table").start;
    Ok(Correction {
        table: form.table,
        column: form.column,
        delivery: form.delivery,
        line: form.line,
        row,
        expect: form.expect.trim().to_owned(),
        value: form.value.trim().to_owned(),
        reason: form.reason,
        decided_by: form.decided_by,
        date,
        expires,
        at: text.text[..start].matches('\n').count() as u64 + 1,
    })
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.trim().to_owned()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Datetime(day) => Some(day.to_string()),
        _ => None,
    }
}

fn expired(text: &TomlText, index: &str, correction: &Correction) -> Diagnostic {
    let span = text.span(&["correction", index, "expires"]);
    let day = correction.expires.map(|day| day.to_string()).unwrap_or_default();
    text.warning(Code::ObsoleteCorrection, "a correction has expired", span)
        .with_found(format!("`expires = {day}`"))
        .with_contract(format!("`{}`, `{}`", correction.table, correction.column))
        .with_effect("not applied; the source's own value is checked")
        .with_hint("remove the record, or agree on a new day if the source is still wrong")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const GOOD: &str = r#"
[[correction]]
table = "hr__worked_time"
column = "sick_hours"
match = { month = "2024-08", employment_id = 17 }
expect = "1 200,00"
value = "120,00"
reason = "Förväxlade kolumner i exporten"
decided_by = "HR-controller"
date = 2024-09-12
expires = "2024-12-31"

[[correction]]
table = "hr__worked_time"
column = "sex"
delivery = "hr-0123456789ab"
line = 14
expect = ""
value = "K"
reason = "Uppgift saknades"
decided_by = "HR-controller"
date = "2024-09-12"
"#;

    #[test]
    fn records_by_key_and_by_line() {
        let corrections = Corrections::parse("c.toml", GOOD, date(2024, 9, 16)).unwrap();
        let [by_key, by_line] = corrections.entries() else { panic!("two records") };
        assert_eq!(by_key.row["employment_id"], "17");
        assert_eq!((by_key.at, by_key.expires), (3, Some(date(2024, 12, 31))));
        assert_eq!(by_line.line, Some(14));
        assert!(corrections.notes().is_empty());
    }

    #[test]
    fn an_expired_record_is_told_and_not_applied() {
        let corrections = Corrections::parse("c.toml", GOOD, date(2025, 1, 1)).unwrap();
        assert_eq!(corrections.entries().len(), 1);
        insta::assert_snapshot!(corrections.notes()[0], @r#"
        warning[T0508]: a correction has expired
           --> c.toml:11:11
            |
         11 | expires = "2024-12-31"
            |           ^^^^^^^^^^^^
            = found:    `expires = 2024-12-31`
            = contract: `hr__worked_time`, `sick_hours`
            = effect:   not applied; the source's own value is checked

        hint: remove the record, or agree on a new day if the source is still wrong
        "#);
    }

    #[test]
    fn names_that_no_contract_has_are_told_with_their_line() {
        let corrections = Corrections::parse("c.toml", GOOD, date(2024, 9, 16)).unwrap();
        let column =
            |name: &str| format!("{{name: {name}, logicalType: string, physicalType: varchar}}");
        let columns = ["month", "employment_id", "sick_hours"].map(column).join("\n");
        let contract = crate::tests::contract(&columns, "");
        let faults = corrections.faults(GOOD, &[&contract]);
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        error[T0508]: a correction names a column that is not in the contract
           --> c.toml:14:1
            |
         14 | table = "hr__worked_time"
            | ^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `sex`
            = effect:   the correction would never be applied
        "#);
        assert_eq!(corrections.faults(GOOD, &[]).len(), 2);
    }

    #[test]
    fn every_fault_of_a_record() {
        let wrong = GOOD
            .replace("match = { month = \"2024-08\", employment_id = 17 }\n", "")
            .replace("reason = \"Uppgift saknades\"", "reason = \" \"")
            .replace("expires = \"2024-12-31\"", "expires = \"vid årsskiftet\"")
            .replace("value = \"K\"", "value = \"\"");
        let faults = Corrections::parse("c.toml", &wrong, date(2024, 9, 16)).unwrap_err();
        let all: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
        insta::assert_snapshot!(all, @r#"
        error[T0502]: the correction does not say which row
           --> c.toml:3:9
            |
          3 | table = "hr__worked_time"
            |         ^^^^^^^^^^^^^^^^^
            = expected: `line` with `delivery`, or `match = { column = "text" }`

        error[T0502]: `expires` is not a day
           --> c.toml:10:11
            |
         10 | expires = "vid årsskiftet"
            |           ^^^^^^^^^^^^^^^^
            = expected: a day, e.g. `2024-09-16`

        error[T0502]: the correction changes nothing
           --> c.toml:18:9
            |
         18 | value = ""
            |         ^^
            = expected: a `value` other than `expect`

        error[T0502]: the correction has no `reason`
           --> c.toml:19:10
            |
         19 | reason = " "
            |          ^^^
        "#);
    }
}

//! Data contracts: Open Data Contract Standard v3 in YAML, read into [`Contract`].
//!
//! Three passes over one located tree: the notation (T0502), the standard's own JSON Schema and our
//! rules (both T0501). Every fault is told in one run, with its line.

mod rules;
mod standard;
mod tree;

use crate::csv_table::line_of;
use rules::{Fault, Rules};
use tertial_model::{Code, Contract, Diagnostic, Excerpt, Location};
use tree::{At, Node};

/// Reads a contract; `file` is its path for messages.
pub fn parse_contract(file: &str, yaml: &str) -> Result<Contract, Vec<Diagnostic>> {
    let source = Source { file, yaml };
    let root: Node =
        serde_saphyr::from_str(yaml).map_err(|error| vec![source.unreadable(&error)])?;
    let mut rules = Rules::new(file);
    let contract = rules.contract(&root);
    let own = rules.faults;
    let mut faults: Vec<Diagnostic> = own.iter().map(|fault| source.fault(fault)).collect();
    for breach in standard::breaches(&root) {
        // Where both object to one word, ours says more.
        if own.iter().any(|fault| fault.at == breach.at) {
            continue;
        }
        let standard::Breach { at, message, found, expected, hint } = breach;
        faults.push(source.fault(&Fault { at, message, found, expected, hint }));
    }
    faults.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    match contract {
        Some(contract) if faults.is_empty() => Ok(contract),
        None if faults.is_empty() => {
            let at = At { line: 1, column: 1 };
            let message = "the contract has no `schema`".to_owned();
            let fault = Fault { at, message, found: None, expected: None, hint: None };
            Err(vec![source.fault(&fault)])
        }
        _ => Err(faults),
    }
}

struct Source<'a> {
    file: &'a str,
    yaml: &'a str,
}

impl Source<'_> {
    fn unreadable(&self, error: &serde_saphyr::Error) -> Diagnostic {
        let at = error.location().filter(|location| location.line() > 0);
        let (line, column) = at.map_or((1, 1), |at| (at.line(), at.column() as u32));
        let options = serde_saphyr::render_options! { snippets: serde_saphyr::SnippetMode::Off };
        let words = error.without_snippet().render_with_options(options);
        let words = words.lines().next().unwrap_or_default();
        let words = words.split(" at line ").next().unwrap_or_default();
        let message = format!("the file cannot be read: {}", words.trim_end_matches(['.', ':']));
        let fault =
            Diagnostic::error(Code::T0502, message, Location::text(self.file, line, column));
        match self.excerpt(At { line, column }) {
            Some(excerpt) => fault.with_excerpt(excerpt),
            None => fault,
        }
    }

    fn fault(&self, fault: &Fault) -> Diagnostic {
        let At { line, column } = fault.at;
        let location = Location::text(self.file, line, column);
        let mut diagnostic = Diagnostic::error(Code::T0501, fault.message.clone(), location);
        diagnostic.excerpt = self.excerpt(fault.at);
        diagnostic.found = fault.found.clone();
        diagnostic.expected = fault.expected.clone();
        diagnostic.hints.extend(fault.hint.clone());
        diagnostic
    }

    /// The line with the word at `at` underlined: up to a blank, a comma or a bracket, or to the end
    /// of a quoted text.
    fn excerpt(&self, at: At) -> Option<Excerpt> {
        let text = line_of(self.yaml, at.line)?;
        let start = (at.column as usize).saturating_sub(1);
        let rest: Vec<char> = text.chars().skip(start).collect();
        let end = match rest.first() {
            Some(quote @ ('"' | '\'')) => {
                rest.iter().skip(1).position(|c| c == quote).map(|end| end + 2)
            }
            _ => rest.iter().position(|c| matches!(c, ' ' | ',' | '}' | ']' | ':')),
        };
        let length = end.unwrap_or(rest.len());
        Some(Excerpt { line: at.line, text: text.to_owned(), start, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::contract::{Classification, RejectMax, Transform};
    use tertial_model::{ColumnType, Decimal};

    const GOOD: &str = r#"apiVersion: v3.1.0
kind: DataContract
id: hr__worked_time
name: Arbetad tid och sjukfrånvaro
version: 1.0.0
status: active
domain: hr
tenant: region
description: {purpose: "Sjukfrånvaro", usage: "Indikatorer", limitations: "Timavlönade saknas"}
team: {name: HR-avdelningen, members: [{username: hr-avdelningen, role: owner}]}
schema:
  - name: hr__worked_time
    physicalType: table
    description: En rad per anställning och månad.
    properties:
      - name: employment_id
        logicalType: string
        physicalType: varchar
        required: true
        primaryKey: true
        primaryKeyPosition: 2
        logicalTypeOptions: {pattern: "[0-9]+", maxLength: 8}
        examples: ["10017"]
      - name: month
        businessName: Månad
        logicalType: date
        physicalType: month
        required: true
        primaryKey: true
        primaryKeyPosition: 1
      - name: person_id
        logicalType: string
        physicalType: varchar
        classification: sensitive
        customProperties:
          - {property: tertial.transform, value: "civic_number:hr"}
      - name: sick_hours
        businessName: Sjuktimmar
        description: Timmar under månaden.
        logicalType: number
        physicalType: decimal(9,2)
        logicalTypeOptions: {minimum: 0, maximum: 400.5}
        customProperties:
          - {property: tertial.unit, value: timmar}
          - {property: tertial.decimals, value: 1}
          - {property: tertial.example, value: "12,50"}
      - name: unit_code
        logicalType: string
        physicalType: varchar
        customProperties:
          - {property: tertial.references, value: seed.units.unit_id}
      - name: sex
        logicalType: string
        physicalType: varchar
        customProperties:
          - {property: tertial.allowed, value: "K|M"}
    customProperties:
      - {property: tertial.periodColumn, value: month}
      - {property: tertial.rejectMax, value: "0,5 %"}
      - {property: tertial.rowCount, value: "1..5000000"}
slaProperties:
  - {property: latency, value: 45, unit: d}
"#;

    fn all(yaml: &str) -> String {
        let faults = parse_contract("schemas/hr__worked_time.odcs.yaml", yaml).unwrap_err();
        faults.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn a_contract_says_everything_once() {
        let contract = parse_contract("schemas/x.odcs.yaml", GOOD).unwrap();
        assert_eq!(contract.table, "hr__worked_time");
        assert_eq!(contract.version, "1.0.0");
        assert_eq!(contract.owner, "HR-avdelningen");
        assert_eq!(contract.key, ["month", "employment_id"]);
        assert_eq!(contract.period_column.as_deref(), Some("month"));
        assert_eq!(contract.reject_max, RejectMax::Share(0.005));
        assert_eq!(contract.row_count, Some((1, 5_000_000)));
        assert_eq!(contract.max_age_days, Some(45));
        let hours = contract.column("sick_hours").unwrap();
        assert_eq!(hours.column_type, ColumnType::Decimal { precision: 9, scale: 2 });
        assert_eq!(hours.maximum, Decimal::parse("400.5"));
        assert_eq!((hours.unit.as_deref(), hours.decimals), (Some("timmar"), Some(1)));
        let person = contract.column("person_id").unwrap();
        assert_eq!(person.classification, Classification::Sensitive);
        assert_eq!(person.transform, Transform::CivicNumber { purpose: "hr".into() });
        assert_eq!(contract.column("employment_id").unwrap().example.as_deref(), Some("10017"));
        assert_eq!(contract.column("sex").unwrap().allowed, ["K", "M"]);
    }

    #[test]
    fn the_older_form_of_a_team_names_the_owner() {
        let line =
            "team: {name: HR-avdelningen, members: [{username: hr-avdelningen, role: owner}]}";
        let older =
            GOOD.replace(line, "team: [{username: a, role: reader}, {username: b, role: owner}]");
        assert_eq!(parse_contract("x.yaml", &older).unwrap().owner, "b");
    }

    #[test]
    fn broken_notation_is_told_with_its_line() {
        insta::assert_snapshot!(all("apiVersion: v3.1.0\nkind: [DataContract\nid: x\n"), @"");
        insta::assert_snapshot!(all("id: a\nid: b\n"), @"");
        insta::assert_snapshot!(all(""), @"");
    }

    #[test]
    fn breaches_of_the_standard() {
        let wrong = GOOD
            .replace("kind: DataContract", "kind: Contract")
            .replace("status: active\n", "")
            .replace("version: 1.0.0", "version: 1.0")
            .replace("    physicalType: table\n", "    physicalTyp: table\n");
        insta::assert_snapshot!(all(&wrong), @"");
    }

    #[test]
    fn our_own_rules_all_in_one_run() {
        let wrong = GOOD
            .replace("physicalType: month", "physicalType: datetime")
            .replace("logicalType: number", "logicalType: string")
            .replace("pattern: \"[0-9]+\"", "pattern: \"[0-9\"")
            .replace("minimum: 0,", "minimum: 500,")
            .replace("tertial.unit", "tertial.units")
            .replace("classification: sensitive", "classification: secret")
            .replace("value: month}", "value: moth}")
            .replace("name: sex", "name: unit_code")
            .replace("primaryKeyPosition: 2", "primaryKeyPosition: 1")
            .replace("seed.units.unit_id", "seed.units")
            .replace("civic_number:hr", "civic_number")
            .replace("\"0,5 %\"", "few")
            .replace("1..5000000", "5..1")
            .replace("unit: d}", "unit: parsec}");
        insta::assert_snapshot!(all(&wrong), @"");
    }

    #[test]
    fn other_words_of_ours_misused() {
        let wrong = GOOD
            .replace("name: employment_id", "name: Employment-ID")
            .replace("value: \"K|M\"", "value: \"K||M\"")
            .replace("classification: sensitive\n", "classification: open\n")
            .replace("value: 1}", "value: många}")
            .replace(
                "        primaryKey: true\n        primaryKeyPosition: 1\n",
                "        primaryKeyPosition: 1\n",
            )
            .replace("unit: d}", "unit: d, element: hr__worked_time.sick_hour}");
        insta::assert_snapshot!(all(&wrong), @"");
    }

    #[test]
    fn one_table_in_a_contract() {
        let two = GOOD.replace("slaProperties:", "  - name: other\nslaProperties:");
        insta::assert_snapshot!(all(&two), @"");
    }
}

//! Data contracts: Open Data Contract Standard v3 in YAML, read into [`Contract`].
//!
//! A located tree is filled in from the fields, then looked at three times: the notation (T0502), the
//! standard's own JSON Schema and our rules (both T0501). Every fault is told in one run, with its line.

mod fields;
mod limits;
mod rules;
mod standard;
mod tree;

use crate::csv_table::line_of;
use rules::{Fault, Rules};
use tertial_model::{Code, Contract, Diagnostic, Excerpt, Faults, Location};
use tree::{At, Node};

pub use fields::Fields;

/// Reads a contract; `file` is its path for messages, and `fields` give the words it leaves to them.
pub fn parse_contract(file: &str, yaml: &str, fields: &Fields) -> Result<Contract, Faults> {
    let source = Source { file, yaml };
    let (root, unknown) = source.filled_in(fields)?;
    let mut rules = Rules::new(file);
    let contract = rules.contract(&root);
    let mut own = unknown;
    own.extend(rules.faults);
    let mut faults: Vec<Diagnostic> = own.iter().map(|fault| source.fault(fault)).collect();
    for breach in standard::breaches(&root, !own.is_empty()) {
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
            Err(Faults::from(source.fault(&fault)))
        }
        _ => Err(faults.into()),
    }
}

/// A contract with the words of its fields, as it leaves the house: whole for whoever reads it there.
pub fn complete_contract(file: &str, yaml: &str, fields: &Fields) -> Result<String, Faults> {
    let source = Source { file, yaml };
    let (root, unknown) = source.filled_in(fields)?;
    if !unknown.is_empty() {
        return Err(unknown.iter().map(|fault| source.fault(fault)).collect());
    }
    Ok(serde_saphyr::to_string(&root.to_json()).expect("a document of texts, numbers and lists"))
}

/// `n` and `no` are names and codes here, as in YAML 1.2.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}

struct Source<'a> {
    file: &'a str,
    yaml: &'a str,
}

impl Source<'_> {
    /// The document with the words of its fields, and the fields it names in vain.
    fn filled_in(&self, fields: &Fields) -> Result<(Node, Vec<Fault>), Faults> {
        let mut root: Node = serde_saphyr::from_str_with_options(self.yaml, options())
            .map_err(|error| Faults::from(self.unreadable(&error)))?;
        let unknown = fields.fill(&mut root);
        Ok((root, unknown))
    }

    fn unreadable(&self, error: &serde_saphyr::Error) -> Diagnostic {
        let at = error.location().filter(|location| location.line() > 0);
        let (line, column) = at.map_or((1, 1), |at| (at.line(), at.column() as u32));
        let options = serde_saphyr::render_options! { snippets: serde_saphyr::SnippetMode::Off };
        let words = error.without_snippet().render_with_options(options);
        let words = words.lines().next().unwrap_or_default();
        let cut =
            |words: &'_ str, end: &str| words.split(end).next().unwrap_or_default().to_owned();
        let words = cut(&cut(words, " at line "), ", set DuplicateKeyPolicy");
        let message = format!("the file cannot be read: {}", words.trim_end_matches(['.', ':']));
        let fault =
            Diagnostic::error(Code::BadSetting, message, Location::text(self.file, line, column));
        match self.excerpt(At { line, column }) {
            Some(excerpt) => fault.with_excerpt(excerpt),
            None => fault,
        }
    }

    fn fault(&self, fault: &Fault) -> Diagnostic {
        let At { line, column } = fault.at;
        let location = Location::text(self.file, line, column);
        let mut diagnostic =
            Diagnostic::error(Code::InvalidContract, fault.message.clone(), location);
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
        let faults = parse_contract("schemas/hr__worked_time.odcs.yaml", yaml, &Fields::default())
            .unwrap_err();
        faults.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn a_contract_says_everything_once() {
        let contract = parse_contract("schemas/x.odcs.yaml", GOOD, &Fields::default()).unwrap();
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
        assert_eq!(parse_contract("x.yaml", &older, &Fields::default()).unwrap().owner, "b");
    }

    #[test]
    fn broken_notation_is_told_with_its_line() {
        insta::assert_snapshot!(all("apiVersion: v3.1.0\nkind: [DataContract\nid: x\n"), @r"
        error[T0502]: the file cannot be read: illegal placement of ':' indicator
           --> schemas/hr__worked_time.odcs.yaml:3:3
            |
          3 | id: x
            |   ^
        ");
        insta::assert_snapshot!(all("id: a\nid: b\n"), @r"
        error[T0502]: the file cannot be read: duplicate mapping key: id
           --> schemas/hr__worked_time.odcs.yaml:2:1
            |
          2 | id: b
            | ^^
        ");
        insta::assert_snapshot!(all(""), @r"
        error[T0501]: the contract is of another type than the standard says
           --> schemas/hr__worked_time.odcs.yaml:1:1
            = found:    nothing
            = expected: object
        ");
    }

    #[test]
    fn breaches_of_the_standard() {
        let wrong = GOOD
            .replace("kind: DataContract", "kind: Contract")
            .replace("id: hr__worked_time\n", "")
            .replace("version: 1.0.0", "version: 1.0")
            .replace("    physicalType: table\n", "    physicalTyp: table\n");
        insta::assert_snapshot!(all(&wrong), @r"
        error[T0501]: the contract has no `id`
           --> schemas/hr__worked_time.odcs.yaml:1:1
            |
          1 | apiVersion: v3.1.0
            | ^^^^^^^^^^

        error[T0501]: `kind` has a value the standard does not know
           --> schemas/hr__worked_time.odcs.yaml:2:7
            |
          2 | kind: Contract
            |       ^^^^^^^^
            = found:    `Contract`
            = expected: `DataContract`

        error[T0501]: `version` is of another type than the standard says
           --> schemas/hr__worked_time.odcs.yaml:4:10
            |
          4 | version: 1.0
            |          ^^^
            = found:    `1.0`
            = expected: string

        error[T0501]: the standard has no such word here
           --> schemas/hr__worked_time.odcs.yaml:12:5
            |
         12 |     physicalTyp: table
            |     ^^^^^^^^^^^
            = found:    `physicalTyp`

        hint: did you mean `physicalType`?
        ");
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
        insta::assert_snapshot!(all(&wrong), @r#"
        error[T0501]: the pattern is not a regular expression
           --> schemas/hr__worked_time.odcs.yaml:22:39
            |
         22 |         logicalTypeOptions: {pattern: "[0-9", maxLength: 8}
            |                                       ^^^^^^
            = found:    `[0-9`, unclosed character class

        error[T0501]: the physical type is not known
           --> schemas/hr__worked_time.odcs.yaml:27:23
            |
         27 |         physicalType: datetime
            |                       ^^^^^^^^
            = found:    `datetime`
            = expected: `varchar`, `bigint`, `decimal(18,2)`, `date`, `month` or `boolean`

        error[T0501]: two columns have the same place in the key
           --> schemas/hr__worked_time.odcs.yaml:30:29
            |
         30 |         primaryKeyPosition: 1
            |                             ^
            = found:    `1`

        error[T0501]: the classification is not known
           --> schemas/hr__worked_time.odcs.yaml:34:25
            |
         34 |         classification: secret
            |                         ^^^^^^
            = found:    `secret`
            = expected: `open`, `internal`, `personal` or `sensitive`

        error[T0501]: `tertial.transform` cannot be used
           --> schemas/hr__worked_time.odcs.yaml:36:50
            |
         36 |           - {property: tertial.transform, value: "civic_number"}
            |                                                  ^^^^^^^^^^^^^^
            = found:    `civic_number`
            = expected: `civic_number:<purpose>` or `pseudonym:<purpose>`, on a column of text

        error[T0501]: the logical type does not fit `physicalType: decimal(9,2)`
           --> schemas/hr__worked_time.odcs.yaml:40:22
            |
         40 |         logicalType: string
            |                      ^^^^^^
            = found:    `string`
            = expected: `logicalType: number`

        error[T0501]: `minimum` is above `maximum`
           --> schemas/hr__worked_time.odcs.yaml:42:30
            |
         42 |         logicalTypeOptions: {minimum: 500, maximum: 400.5}
            |                              ^^^^^^^
            = found:    `500` and `400.5`

        error[T0501]: this word of ours does not exist here
           --> schemas/hr__worked_time.odcs.yaml:44:24
            |
         44 |           - {property: tertial.units, value: timmar}
            |                        ^^^^^^^^^^^^^
            = found:    `tertial.units`
            = expected: one of `tertial.unit`, `tertial.decimals`, `tertial.example`, `tertial.allowed`, `tertial.references`, `tertial.transform`, `tertial.timeZone`

        hint: did you mean `tertial.unit`?

        error[T0501]: `tertial.references` cannot be used
           --> schemas/hr__worked_time.odcs.yaml:51:51
            |
         51 |           - {property: tertial.references, value: seed.units}
            |                                                   ^^^^^^^^^^
            = found:    `seed.units`
            = expected: schema, table and column, e.g. `seed.units.unit_id`, on a column of text

        error[T0501]: the column stands twice in the contract
           --> schemas/hr__worked_time.odcs.yaml:52:15
            |
         52 |       - name: unit_code
            |               ^^^^^^^^^
            = found:    `unit_code`
            = expected: one entry for each column

        error[T0501]: `tertial.periodColumn` names a column that does not exist
           --> schemas/hr__worked_time.odcs.yaml:58:49
            |
         58 |       - {property: tertial.periodColumn, value: moth}
            |                                                 ^^^^
            = found:    `moth`
            = expected: one of `employment_id`, `month`, `person_id`, `sick_hours`, `unit_code`

        hint: did you mean `month`?

        error[T0501]: `tertial.rejectMax` cannot be read
           --> schemas/hr__worked_time.odcs.yaml:59:46
            |
         59 |       - {property: tertial.rejectMax, value: few}
            |                                              ^^^
            = found:    `few`
            = expected: a number of rows or a share, e.g. `10` or `0.5 %`

        error[T0501]: `tertial.rowCount` cannot be read
           --> schemas/hr__worked_time.odcs.yaml:60:45
            |
         60 |       - {property: tertial.rowCount, value: "5..1"}
            |                                             ^^^^^^
            = found:    `5..1`
            = expected: fewest and most rows, e.g. `1..5000000`

        error[T0501]: the latency cannot be read
           --> schemas/hr__worked_time.odcs.yaml:62:32
            |
         62 |   - {property: latency, value: 45, unit: parsec}
            |                                ^^
            = found:    `45`, unit `parsec`
            = expected: a whole number with the unit `h`, `d`, `w` or `y`
        "#);
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
        insta::assert_snapshot!(all(&wrong), @r#"
        error[T0501]: this cannot be a column's name
           --> schemas/hr__worked_time.odcs.yaml:16:15
            |
         16 |       - name: Employment-ID
            |               ^^^^^^^^^^^^^
            = found:    `Employment-ID`
            = expected: lower case letters a–z, digits and `_`, beginning with a letter

        error[T0501]: `month` has a place in the key but is not in it
           --> schemas/hr__worked_time.odcs.yaml:29:9
            |
         29 |         primaryKeyPosition: 1
            |         ^^^^^^^^^^^^^^^^^^
            = expected: `primaryKey: true`, or no `primaryKeyPosition`

        error[T0501]: `person_id` identifies persons but is open
           --> schemas/hr__worked_time.odcs.yaml:30:15
            |
         30 |       - name: person_id
            |               ^^^^^^^^^
            = expected: `classification: sensitive` or `classification: personal`

        error[T0501]: `tertial.decimals` is not a number of decimals
           --> schemas/hr__worked_time.odcs.yaml:44:49
            |
         44 |           - {property: tertial.decimals, value: många}
            |                                                 ^^^^^
            = found:    `många`
            = expected: 0 to 18

        error[T0501]: an allowed value is empty
           --> schemas/hr__worked_time.odcs.yaml:55:48
            |
         55 |           - {property: tertial.allowed, value: "K||M"}
            |                                                ^^^^^^
            = found:    `K||M`
            = expected: values with `|` between them, e.g. `K|M`

        error[T0501]: the service level names a column that does not exist
           --> schemas/hr__worked_time.odcs.yaml:61:54
            |
         61 |   - {property: latency, value: 45, unit: d, element: hr__worked_time.sick_hour}
            |                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `sick_hour`
            = expected: one of `Employment-ID`, `month`, `person_id`, `sick_hours`, `unit_code`, `sex`

        hint: did you mean `sick_hours`?
        "#);
    }

    #[test]
    fn one_table_in_a_contract() {
        let two = GOOD.replace("slaProperties:", "  - name: other\nslaProperties:");
        insta::assert_snapshot!(all(&two), @r"
        error[T0501]: a contract is about one table
           --> schemas/hr__worked_time.odcs.yaml:12:3
            |
         12 |   - name: hr__worked_time
            |   ^
            = found:    2 tables
            = expected: one entry in `schema`
        ");
    }
}

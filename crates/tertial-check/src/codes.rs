//! `codes.csv`: their code, our value.
//!
//! A column with a code list takes only what is in the list. An entry with an empty code says what an
//! empty cell means. Codes and values are compared in their canonical form
//! ([`same::canonical`]).

use crate::csv_table;
use std::collections::BTreeMap;
use tertial_model::{Code, Contract, Diagnostic, Faults, same, similar};

/// The code lists of one source.
#[derive(Debug, Clone, Default)]
pub struct Codes {
    file: String,
    text: String,
    lists: BTreeMap<(String, String), BTreeMap<String, Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    line: u64,
    value: String,
    label: String,
}

impl Codes {
    /// Reads the table `table,column,code,value,label`.
    pub fn parse(file: &str, text: &str) -> Result<Codes, Faults> {
        let rows = csv_table::rows(file, text, ["table", "column", "code", "value", "label"])?;
        let mut codes = Codes { file: file.to_owned(), text: text.to_owned(), ..Codes::default() };
        let mut faults = Vec::new();
        for row in rows {
            let line = row.line;
            let [table, column, code, value, label] = row.cells;
            let [code, value] = [code, value].map(|text| same::canonical(&text).into_owned());
            let fault = |message: &str| {
                csv_table::fault(Code::InvalidHeadingOrCodeList, message, file, text, line)
            };
            if table.is_empty() || column.is_empty() {
                faults.push(fault("a code needs a table and a column"));
                continue;
            }
            let list = codes.lists.entry((table, column)).or_default();
            if let Some(first) = list.get(&code) {
                faults.push(
                    fault("the code stands twice in one list")
                        .with_found(format!("`{code}`, first on line {}", first.line))
                        .with_expected("one value for each code"),
                );
                continue;
            }
            list.insert(code, Entry { line, value, label });
        }
        if faults.is_empty() { Ok(codes) } else { Err(faults.into()) }
    }

    /// The file's path, for messages; empty when there is none.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Code and value of a column's list, in order; none when the column has no list.
    pub fn list(&self, table: &str, column: &str) -> Option<Vec<(&str, &str)>> {
        let list = self.lists.get(&(table.to_owned(), column.to_owned()))?;
        Some(list.iter().map(|(code, entry)| (code.as_str(), entry.value.as_str())).collect())
    }

    /// The label of one of our values in a column's list.
    pub fn label(&self, table: &str, column: &str, value: &str) -> Option<&str> {
        let list = self.lists.get(&(table.to_owned(), column.to_owned()))?;
        list.values().find(|entry| entry.value == value).map(|entry| entry.label.as_str())
    }

    /// Lists for columns that no contract has, and values the contract does not allow.
    pub fn faults(&self, contracts: &[&Contract]) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for ((table, column), list) in &self.lists {
            let Some(first) = list.values().map(|entry| entry.line).min() else { continue };
            let fault = |message: &str, line| {
                csv_table::fault(
                    Code::InvalidHeadingOrCodeList,
                    message,
                    &self.file,
                    &self.text,
                    line,
                )
            };
            let found = contracts.iter().find(|contract| contract.table == *table);
            let Some(contract) = found else {
                faults.push(
                    fault("the table has no contract", first).with_found(format!("`{table}`")),
                );
                continue;
            };
            let Some(known) = contract.column(column) else {
                let names = contract.columns.iter().map(|column| column.name.as_str());
                let question = similar::question(&similar::nearest(column, names, 2));
                let unknown = fault("the contract has no such column", first)
                    .with_found(format!("`{column}`"))
                    .with_contract(contract.file.clone());
                faults.push(match question {
                    Some(question) => unknown.with_hint(question),
                    None => unknown,
                });
                continue;
            };
            for entry in list.values() {
                let is_value = |allowed: &String| same::is_same(allowed, &entry.value);
                let allowed = known.allowed.is_empty() || known.allowed.iter().any(is_value);
                if !allowed && !entry.value.is_empty() {
                    let values: Vec<String> =
                        known.allowed.iter().map(|v| format!("`{v}`")).collect();
                    faults.push(
                        fault("the contract does not allow this value", entry.line)
                            .with_found(format!("`{}`", entry.value))
                            .with_expected(format!("one of {}", values.join(", ")))
                            .with_contract(format!("{}, `{column}`", contract.file)),
                    );
                }
            }
        }
        faults.sort_by_key(|fault| fault.location.line());
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::Column;

    const TEXT: &str =
        "table,column,code,value,label\nt,sex,1,M,män\nt,sex,2,K,kvinnor\nt,sex,3,T,båda\n";

    #[test]
    fn a_list_in_order_with_labels() {
        let codes = Codes::parse("codes.csv", TEXT).unwrap();
        assert_eq!(codes.list("t", "sex").unwrap(), [("1", "M"), ("2", "K"), ("3", "T")]);
        assert_eq!(codes.list("t", "age"), None);
        assert_eq!(codes.label("t", "sex", "K"), Some("kvinnor"));
    }

    #[test]
    fn faults_alone_and_against_contracts() {
        let twice = Codes::parse("codes.csv", &format!("{TEXT}t,sex,1,K,\n")).unwrap_err();
        insta::assert_snapshot!(twice[0], @r"
        error[T0504]: the code stands twice in one list
           --> codes.csv:5:1
            |
          5 | t,sex,1,K,
            | ^^^^^^^^^^
            = found:    `1`, first on line 2
            = expected: one value for each code
        ");
        let codes = Codes::parse("codes.csv", TEXT).unwrap();
        let part =
            tertial_model::Part { name: String::new(), headings: Vec::new(), types: Vec::new() };
        let mut contract = crate::contract_from_part("t", &part);
        contract
            .columns
            .push(Column { allowed: vec!["K".into(), "M".into()], ..Column::text("sex") });
        let faults = codes.faults(&[&contract]);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].location.line(), Some(4));
    }
}

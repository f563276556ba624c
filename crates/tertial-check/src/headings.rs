//! `headings.csv`: their heading, from when, is our column.
//!
//! Several headings may stand for one column (a source renames its columns over the years); a heading
//! with no column is known and not taken. Headings are compared in their canonical form
//! ([`same::canonical`]): a line break or a doubled blank in a cell of a workbook is no other heading.

use crate::csv_table;
use tertial_model::heading::period_of;
use tertial_model::{Code, Column, ColumnType, Contract, Diagnostic, Faults, same, similar};

/// The headings of one source.
#[derive(Debug, Clone, Default)]
pub struct Headings {
    file: String,
    text: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    line: u64,
    table: String,
    heading: String,
    column: String,
    valid_from: String,
}

impl Headings {
    /// Reads the table `table,heading,column,valid_from`. `valid_from` is a day or empty.
    pub fn parse(file: &str, text: &str) -> Result<Headings, Faults> {
        let rows = csv_table::rows(file, text, ["table", "heading", "column", "valid_from"])?;
        let mut faults = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        for row in rows {
            let line = row.line;
            let [table, heading, column, valid_from] = row.cells;
            let heading = same::canonical(&heading).into_owned();
            let fault = |message: &str| {
                csv_table::fault(Code::InvalidHeadingOrCodeList, message, file, text, line)
            };
            if table.is_empty() || heading.is_empty() {
                faults.push(fault("a heading needs a table and a text"));
                continue;
            }
            if !valid_from.is_empty() && valid_from.parse::<jiff::civil::Date>().is_err() {
                faults.push(
                    fault("`valid_from` is not a day")
                        .with_found(format!("`{valid_from}`"))
                        .with_expected("a day, e.g. `2024-01-01`, or nothing"),
                );
            }
            let same = |entry: &&Entry| entry.table == table && entry.heading == heading;
            if let Some(first) = entries.iter().find(same) {
                let first_line = first.line;
                faults.push(
                    fault("the heading stands twice for one table")
                        .with_found(format!("`{heading}`, first on line {first_line}"))
                        .with_expected("one column for each heading"),
                );
                continue;
            }
            entries.push(Entry { line, table, heading, column, valid_from });
        }
        if faults.is_empty() {
            Ok(Headings { file: file.to_owned(), text: text.to_owned(), entries })
        } else {
            Err(faults.into())
        }
    }

    /// The file's path, for messages; empty when there is none.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The headings that stand for a column, the newest first.
    pub fn of<'a>(&'a self, table: &str, column: &str) -> Vec<&'a str> {
        let mut found: Vec<&Entry> =
            self.entries.iter().filter(|e| e.table == table && e.column == column).collect();
        found.sort_by(|a, b| b.valid_from.cmp(&a.valid_from));
        found.into_iter().map(|entry| entry.heading.as_str()).collect()
    }

    /// The place of a column among those listed, by its first heading.
    pub fn place_of(&self, table: &str, column: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.table == table && entry.column == column)
    }

    /// Whether a heading is known and deliberately not taken.
    pub fn is_left_out(&self, table: &str, heading: &str) -> bool {
        self.entries.iter().any(|e| e.table == table && e.heading == heading && e.column.is_empty())
    }

    /// Entries that name a table or a column that no contract has.
    pub fn faults(&self, contracts: &[&Contract]) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for entry in &self.entries {
            let fault = |message: &str| {
                csv_table::fault(
                    Code::InvalidHeadingOrCodeList,
                    message,
                    &self.file,
                    &self.text,
                    entry.line,
                )
            };
            let hint = |fault: Diagnostic, nearest: &[&str]| match similar::question(nearest) {
                Some(question) => fault.with_hint(question),
                None => fault,
            };
            let Some(contract) = contracts.iter().find(|contract| contract.table == entry.table)
            else {
                let tables = contracts.iter().map(|contract| contract.table.as_str());
                let nearest = similar::nearest(&entry.table, tables, 2);
                let unknown =
                    fault("the table has no contract").with_found(format!("`{}`", entry.table));
                faults.push(hint(unknown, &nearest));
                continue;
            };
            let known = contract.column(&entry.column);
            if let Some((column, other)) = known.and_then(|column| {
                other_period(column, &entry.heading).map(|other| (column, other))
            }) {
                let message = format!(
                    "the heading says {other}, and `{}` is a column of months",
                    column.name
                );
                faults.push(
                    fault(&message)
                        .with_found(format!("`{}`", entry.heading))
                        .with_contract(contract.file.clone())
                        .with_hint(PERIOD_HINT),
                );
            }
            if entry.column.is_empty() || known.is_some() {
                continue;
            }
            let columns = contract.columns.iter().map(|column| column.name.as_str());
            let nearest = similar::nearest(&entry.column, columns, 2);
            let unknown = fault("the contract has no such column")
                .with_found(format!("`{}`", entry.column))
                .with_contract(contract.file.clone());
            faults.push(hint(unknown, &nearest));
        }
        faults
    }
}

/// What to do about a column of months under another heading.
pub(crate) const PERIOD_HINT: &str = "give the column the type `varchar` in the contract and turn it into months in the staging query, or ask the source for months; if it does hold months, have the source change the heading";

/// The time that a heading names, where it is no month and the column is one.
pub(crate) fn other_period(column: &Column, heading: &str) -> Option<&'static str> {
    if column.column_type != ColumnType::Month {
        return None;
    }
    period_of(heading).filter(|period| *period != "month")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_heading_comes_first_and_some_are_left_out() {
        let text = "table,heading,column,valid_from\nt,Belopp,amount_sek,\nt,Belopp kr,amount_sek,2024-01-01\nt,Namn,,\n";
        let headings = Headings::parse("headings.csv", text).unwrap();
        assert_eq!(headings.of("t", "amount_sek"), ["Belopp kr", "Belopp"]);
        assert!(headings.of("u", "amount_sek").is_empty());
        assert!(headings.is_left_out("t", "Namn") && !headings.is_left_out("t", "Belopp"));
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "table,heading,column,valid_from\nt,Belopp,amount_sek,1 januari\nt,Belopp,other,\n,x,y,\n";
        let faults = Headings::parse("headings.csv", text).unwrap_err();
        let all: String = faults.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(all, @r"
        error[T0504]: `valid_from` is not a day
           --> headings.csv:2:1
            |
          2 | t,Belopp,amount_sek,1 januari
            | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `1 januari`
            = expected: a day, e.g. `2024-01-01`, or nothing
        error[T0504]: the heading stands twice for one table
           --> headings.csv:3:1
            |
          3 | t,Belopp,other,
            | ^^^^^^^^^^^^^^^
            = found:    `Belopp`, first on line 2
            = expected: one column for each heading
        error[T0504]: a heading needs a table and a text
           --> headings.csv:4:1
            |
          4 | ,x,y,
            | ^^^^^
        ");
    }

    #[test]
    fn a_heading_of_weeks_cannot_stand_for_months() {
        let text = "table,heading,column,valid_from\nt,Vecka,month,\nt,Månad,other,\n";
        let headings = Headings::parse("h.csv", text).unwrap();
        let part =
            tertial_model::Part { name: String::new(), headings: Vec::new(), types: Vec::new() };
        let mut contract = crate::contract_from_part("t", &part);
        for name in ["month", "other"] {
            contract.columns.push(Column { column_type: ColumnType::Month, ..Column::text(name) });
        }
        let faults = headings.faults(&[&contract]);
        assert_eq!(faults.len(), 1);
        insta::assert_snapshot!(faults[0], @r"
        error[T0504]: the heading says week, and `month` is a column of months
           --> h.csv:2:1
            |
          2 | t,Vecka,month,
            | ^^^^^^^^^^^^^^
            = found:    `Vecka`
            = contract: the reader's own contract for `t`

        hint: give the column the type `varchar` in the contract and turn it into months in the staging query, or ask the source for months; if it does hold months, have the source change the heading
        ");
    }

    #[test]
    fn names_no_contract_has_are_found() {
        let headings =
            Headings::parse("h.csv", "table,heading,column,valid_from\nt,A,amont,\nu,B,x,\n")
                .unwrap();
        let part =
            tertial_model::Part { name: String::new(), headings: Vec::new(), types: Vec::new() };
        let mut contract = crate::contract_from_part("t", &part);
        contract.columns.push(Column::text("amount"));
        let faults = headings.faults(&[&contract]);
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[0].hints, ["did you mean `amount`?"]);
        assert_eq!(faults[1].message, "the table has no contract");
    }
}

//! The tables the ledger is drawn from, read and joined with the project's chart and departments.

use crate::{DemoError, totals};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a department's result line must come to, in öre, debit positive.
///
/// The öre are chosen so that every printed line, difference and sum comes out when each is rounded
/// from them by itself: the printed sums are not the sums of the printed lines. Whoever changes one
/// learns from the tests which printed figure it moved.
#[derive(Debug, Deserialize)]
pub(super) struct CellRow {
    pub(super) unit: String,
    pub(super) result_line: String,
    outcome_2023_01_08: i64,
    outcome_2023_09_12: i64,
    outcome_2024_01_08: i64,
    budget_2023_01_08: i64,
    budget_2023_09_12: i64,
    budget_2024_01_08: i64,
    budget_2024_09_12: i64,
}

impl CellRow {
    /// January–August and September–December.
    pub(super) fn outcome(&self, year: i32) -> (i64, i64) {
        match year {
            2023 => (self.outcome_2023_01_08, self.outcome_2023_09_12),
            _ => (self.outcome_2024_01_08, 0),
        }
    }

    /// January–August and September–December.
    pub(super) fn budget(&self, year: i32) -> (i64, i64) {
        match year {
            2023 => (self.budget_2023_01_08, self.budget_2023_09_12),
            _ => (self.budget_2024_01_08, self.budget_2024_09_12),
        }
    }
}

/// How a result line is spread over accounts, and what its rows look like.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    pub(super) result_line: String,
    /// `605|616`; empty = every department without a rule of its own for the line.
    units: String,
    pub(super) account: String,
    weight: u64,
    /// The weight in 2023 where it was another: pension cost grew faster than pay.
    weight_2023: Option<u64>,
    /// Typical amount of a row in kronor.
    pub(super) row_sek: u32,
    /// Most rows in a voucher, the balancing one not counted.
    pub(super) voucher_rows: u32,
    pub(super) series: String,
    /// The balance account on the other side.
    pub(super) counter_account: String,
    /// `10:1|40:3`: codes of dimension 20 with their weights.
    counterparts: String,
    /// `E101|E102`: codes of dimension 6.
    projects: String,
    pub(super) day: Day,
}

impl Rule {
    /// The account's weight in the year.
    pub(super) fn weight(&self, year: i32) -> u64 {
        self.weight_2023.filter(|_| year == 2023).unwrap_or(self.weight)
    }
}

/// When in the month a rule's vouchers are booked.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) enum Day {
    /// Any working day.
    #[serde(rename = "any")]
    Any,
    /// The last working day up to the 25th, when wages are paid.
    #[serde(rename = "25")]
    Wages,
    /// The month's last working day.
    #[serde(rename = "last")]
    Last,
}

/// Trade between two departments, January–August 2024, in öre.
#[derive(Debug, Deserialize)]
pub(super) struct InternalRow {
    pub(super) seller_unit: String,
    pub(super) seller_account: String,
    pub(super) buyer_unit: String,
    pub(super) buyer_account: String,
    pub(super) amount_2024_01_08: i64,
}

/// A balance account at the turns of the years and at the end of August 2024, debit positive.
#[derive(Debug, Deserialize)]
pub(super) struct BalanceRow {
    pub(super) account: String,
    opening_2023: i64,
    closing_2023: i64,
    opening_2024: i64,
    closing_2024_08: i64,
}

impl BalanceRow {
    /// Opening and closing balance of the year's file.
    pub(super) fn of(&self, year: i32) -> (i64, i64) {
        match year {
            2023 => (self.opening_2023, self.closing_2023),
            _ => (self.opening_2024, self.closing_2024_08),
        }
    }
}

/// How a balance account is settled against the bank.
#[derive(Debug, Deserialize)]
pub(super) struct SettlementRow {
    pub(super) account: String,
    pub(super) row_sek: u32,
    pub(super) voucher_rows: u32,
    pub(super) series: String,
    text: String,
}

/// Relative weight of each month for a result line.
#[derive(Debug, Deserialize)]
struct MonthsRow {
    result_line: String,
    m01: u64,
    m02: u64,
    m03: u64,
    m04: u64,
    m05: u64,
    m06: u64,
    m07: u64,
    m08: u64,
    m09: u64,
    m10: u64,
    m11: u64,
    m12: u64,
}

/// A voucher series and what its vouchers are called; `#` stands for a number.
#[derive(Debug, Deserialize)]
pub(super) struct SeriesRow {
    pub(super) series: String,
    pub(super) text: String,
}

/// A project of dimension 6.
#[derive(Debug, Deserialize)]
pub(super) struct ProjectRow {
    pub(super) project: String,
    pub(super) name: String,
}

/// A counterpart of dimension 20.
#[derive(Debug, Deserialize)]
pub(super) struct CounterpartRow {
    pub(super) counterpart: String,
    pub(super) name: String,
    /// Its class, as the fact view's dimension abbreviates it.
    pub(super) view_class: String,
}

/// A row text of an account; `#` stands for a number.
#[derive(Debug, Deserialize)]
struct TextRow {
    account: String,
    text: String,
}

/// An account of the project's chart.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) account_code: String,
    pub(super) account_name: String,
    pub(super) account_type: String,
    pub(super) result_line_code: String,
    pub(super) valid_from: String,
}

/// A department of the project's organisation.
#[derive(Debug, Deserialize)]
pub(super) struct Unit {
    pub(super) unit_id: String,
    pub(super) unit_name: String,
    level: String,
}

/// Every table.
pub(super) struct Totals {
    pub(super) cells: Vec<CellRow>,
    pub(super) rules: Vec<Rule>,
    pub(super) internal: Vec<InternalRow>,
    pub(super) balances: Vec<BalanceRow>,
    pub(super) settlements: Vec<SettlementRow>,
    pub(super) series: Vec<SeriesRow>,
    pub(super) projects: Vec<ProjectRow>,
    pub(super) counterparts: Vec<CounterpartRow>,
    pub(super) accounts: Vec<Account>,
    pub(super) units: Vec<Unit>,
    months: BTreeMap<String, [u64; 12]>,
    texts: BTreeMap<String, Vec<String>>,
}

macro_rules! table {
    ($name:literal) => {
        totals($name, include_str!(concat!("../../totals/", $name)))?
    };
}

impl Totals {
    /// Reads the tables; says which one if they do not fit together.
    pub(super) fn read() -> Result<Totals, DemoError> {
        let accounts = include_str!("../../../../seeds/accounts.csv");
        let units = include_str!("../../../../seeds/units.csv");
        let mut units: Vec<Unit> = totals("seeds/units.csv", units)?;
        units.retain(|unit| unit.level == "department");
        let months: Vec<MonthsRow> = table!("ledger_months.csv");
        let mut read = Totals {
            cells: table!("ledger_cells.csv"),
            rules: table!("ledger_accounts.csv"),
            internal: table!("ledger_internal.csv"),
            balances: table!("ledger_balances.csv"),
            settlements: table!("ledger_settlements.csv"),
            series: table!("ledger_series.csv"),
            projects: table!("ledger_projects.csv"),
            counterparts: table!("ledger_counterparts.csv"),
            accounts: totals("seeds/accounts.csv", accounts)?,
            units,
            months: months.into_iter().map(MonthsRow::weights).collect(),
            texts: BTreeMap::new(),
        };
        let texts: Vec<TextRow> = table!("ledger_texts.csv");
        for row in texts {
            read.texts.entry(row.account).or_default().push(row.text);
        }
        for row in &read.settlements {
            read.texts.entry(row.account.clone()).or_default().push(row.text.clone());
        }
        read.verify()?;
        Ok(read)
    }

    /// The rules that spread a line in a department.
    pub(super) fn rules_for(&self, line: &str, unit: &str) -> Vec<usize> {
        let own = |rule: &Rule| rule.units.split('|').any(|listed| listed == unit);
        let of_line = |&index: &usize| self.rules[index].result_line == line;
        let all: Vec<usize> = (0..self.rules.len()).filter(of_line).collect();
        let named: Vec<usize> = all.iter().copied().filter(|&i| own(&self.rules[i])).collect();
        if named.is_empty() {
            all.into_iter().filter(|&index| self.rules[index].units.is_empty()).collect()
        } else {
            named
        }
    }

    /// The months' weights of a result line.
    pub(super) fn months(&self, line: &str) -> Result<&[u64; 12], DemoError> {
        self.months.get(line).ok_or_else(|| DemoError::Contradiction {
            table: "ledger_months.csv",
            reason: format!("no months for `{line}`"),
        })
    }

    /// The row texts of an account.
    pub(super) fn texts(&self, account: &str) -> &[String] {
        self.texts.get(account).map_or(&[], Vec::as_slice)
    }

    /// Position of a code in one of the lists, for compact rows.
    pub(super) fn account_index(&self, code: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.account_code == code)
    }

    /// Position of a department.
    pub(super) fn unit_index(&self, unit: &str) -> Option<usize> {
        self.units.iter().position(|listed| listed.unit_id == unit)
    }

    /// Position of a voucher series.
    pub(super) fn series_index(&self, series: &str) -> Option<usize> {
        self.series.iter().position(|listed| listed.series == series)
    }

    /// The counterparts a rule's rows may have, by position, each as often as its weight.
    pub(super) fn counterparts(&self, rule: &Rule) -> Vec<usize> {
        let mut drawn_from = Vec::new();
        for (code, weight) in rule.counterparts.split('|').filter_map(|text| text.split_once(':')) {
            let position = self.counterparts.iter().position(|row| row.counterpart == code);
            let times = weight.parse().unwrap_or(0);
            drawn_from.extend(position.into_iter().flat_map(|at| std::iter::repeat_n(at, times)));
        }
        drawn_from
    }

    /// The projects a rule's rows may have, by position.
    pub(super) fn projects(&self, rule: &Rule) -> Vec<usize> {
        let position = |code: &str| self.projects.iter().position(|row| row.project == code);
        rule.projects.split('|').filter_map(position).collect()
    }

    /// Every code that one table takes from another must be there.
    fn verify(&self) -> Result<(), DemoError> {
        let fault =
            |table: &'static str, reason: String| Err(DemoError::Contradiction { table, reason });
        for rule in &self.rules {
            let account = self.accounts.iter().find(|row| row.account_code == rule.account);
            match account {
                Some(account) if account.result_line_code == rule.result_line => {}
                _ => {
                    let reason =
                        format!("account `{}` is not one of `{}`", rule.account, rule.result_line);
                    return fault("ledger_accounts.csv", reason);
                }
            }
            let wanted = rule.counterparts.split('|').filter(|text| !text.is_empty()).count();
            let found: BTreeSet<usize> = self.counterparts(rule).into_iter().collect();
            let projects = rule.projects.split('|').filter(|text| !text.is_empty()).count();
            if found.len() != wanted || self.projects(rule).len() != projects {
                let reason = format!("unknown counterpart or project for `{}`", rule.account);
                return fault("ledger_accounts.csv", reason);
            }
            let known = self.balances.iter().any(|row| row.account == rule.counter_account)
                && self.series_index(&rule.series).is_some();
            if !known || self.texts(&rule.account).is_empty() {
                let reason = format!("counter account, series or texts of `{}`", rule.account);
                return fault("ledger_accounts.csv", reason);
            }
        }
        for cell in &self.cells {
            let spread = !self.rules_for(&cell.result_line, &cell.unit).is_empty();
            if !spread || self.unit_index(&cell.unit).is_none() {
                let reason = format!("no rule for `{}` in `{}`", cell.result_line, cell.unit);
                return fault("ledger_cells.csv", reason);
            }
        }
        let unknown = |account: &&String| self.account_index(account).is_none();
        if let Some(account) = self.balances.iter().map(|row| &row.account).find(unknown) {
            return fault(
                "ledger_balances.csv",
                format!("account `{account}` is not in the chart"),
            );
        }
        Ok(())
    }
}

impl MonthsRow {
    fn weights(self) -> (String, [u64; 12]) {
        let weights = [
            self.m01, self.m02, self.m03, self.m04, self.m05, self.m06, self.m07, self.m08,
            self.m09, self.m10, self.m11, self.m12,
        ];
        (self.result_line, weights)
    }
}

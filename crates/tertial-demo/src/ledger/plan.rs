//! What a year's rows must come to: each department, account and month to the öre, the trade
//! between departments, the settlements that bring the balance sheet where it shall be, the budget.
//!
//! Nothing here is random: the plan is the same for every scale and seed.

use super::totals::Totals;
use crate::DemoError;
use crate::random::split;
use std::collections::BTreeMap;

/// The bank account, against which the other balance accounts are settled.
pub(super) const BANK: &str = "1910";

/// How much more was traded internally in 2024 than in 2023, in per mille: the growth of the
/// region's gross cost, so that it is the same with and without internal trade.
const INTERNAL_GROWTH_PERMILLE: i64 = 52;

/// Months of the printed period, January–August.
const PRINTED_MONTHS: usize = 8;

/// A year.
pub(super) struct Plan {
    pub(super) year: i32,
    /// The last month with entries.
    pub(super) last_month: u32,
    pub(super) flows: Vec<Flow>,
    pub(super) trades: Vec<Trade>,
    pub(super) settlements: Vec<Settlement>,
    pub(super) budgets: Vec<Budget>,
    opening: BTreeMap<String, i64>,
}

/// A department's account, external counterparts: öre by month, debit positive.
pub(super) struct Flow {
    pub(super) unit: String,
    /// Position of the rule in the totals.
    pub(super) rule: usize,
    pub(super) months: [i64; 12],
}

/// What one department sells to another: öre by month, positive.
pub(super) struct Trade {
    /// Position in the totals.
    pub(super) row: usize,
    /// Typical amount of a row in kronor.
    pub(super) row_sek: u32,
    pub(super) months: [i64; 12],
}

/// What a balance account is debited against the bank: öre by month.
pub(super) struct Settlement {
    /// Position in the totals.
    pub(super) row: usize,
    pub(super) months: [i64; 12],
}

/// A department's budget of an account: öre by month, debit positive.
pub(super) struct Budget {
    pub(super) unit: String,
    pub(super) account: String,
    pub(super) months: [i64; 12],
}

impl Plan {
    /// The plan of a year.
    pub(super) fn new(totals: &Totals, year: i32) -> Result<Plan, DemoError> {
        let (mut flows, budgets) = flows_and_budgets(totals, year)?;
        let trades = take_out_trades(totals, year, &mut flows)?;
        let last_month = if year == 2023 { 12 } else { PRINTED_MONTHS as u32 };
        let mut opening = BTreeMap::new();
        for row in &totals.balances {
            opening.insert(row.account.clone(), row.of(year).0);
        }
        let mut plan =
            Plan { year, last_month, flows, trades, settlements: Vec::new(), budgets, opening };
        plan.settle(totals)?;
        Ok(plan)
    }

    /// Opening balances.
    pub(super) fn opening(&self) -> BTreeMap<String, i64> {
        self.opening.clone()
    }

    /// Balances after the last month.
    pub(super) fn closing(&self, totals: &Totals) -> BTreeMap<String, i64> {
        let mut closing = self.opening.clone();
        for (account, months) in self.counter_flows(totals) {
            *closing.entry(account).or_default() += months.iter().sum::<i64>();
        }
        for settlement in &self.settlements {
            let amount: i64 = settlement.months.iter().sum();
            let account = &totals.settlements[settlement.row].account;
            *closing.entry(account.clone()).or_default() += amount;
            *closing.entry(BANK.to_owned()).or_default() -= amount;
        }
        closing
    }

    /// The result accounts' sums.
    pub(super) fn results(&self, totals: &Totals) -> BTreeMap<String, i64> {
        let mut results: BTreeMap<String, i64> = BTreeMap::new();
        for flow in &self.flows {
            let account = &totals.rules[flow.rule].account;
            *results.entry(account.clone()).or_default() += flow.months.iter().sum::<i64>();
        }
        for trade in &self.trades {
            let row = &totals.internal[trade.row];
            let amount: i64 = trade.months.iter().sum();
            *results.entry(row.seller_account.clone()).or_default() -= amount;
            *results.entry(row.buyer_account.clone()).or_default() += amount;
        }
        results
    }

    /// How many rows the year has when every row has its rule's typical amount.
    pub(super) fn rows_as_listed(&self, totals: &Totals) -> f64 {
        let sum = |months: &[i64; 12]| months.iter().map(|amount| amount.abs()).sum::<i64>() as f64;
        let rows = |months, row_sek: u32, voucher_rows: u32| {
            let rows = sum(months) / 100.0 / f64::from(row_sek);
            // A voucher has half its rule's most rows on average, and one row that balances it.
            rows * (1.0 + 2.0 / (f64::from(voucher_rows) + 1.0))
        };
        let flows = self.flows.iter().map(|flow| {
            let rule = &totals.rules[flow.rule];
            rows(&flow.months, rule.row_sek, rule.voucher_rows)
        });
        let trades = self.trades.iter().map(|trade| rows(&trade.months, trade.row_sek, 1));
        let settlements = self.settlements.iter().map(|settlement| {
            let row = &totals.settlements[settlement.row];
            rows(&settlement.months, row.row_sek, row.voucher_rows)
        });
        flows.chain(trades).chain(settlements).sum()
    }

    /// What the flows leave on the balance accounts.
    fn counter_flows(&self, totals: &Totals) -> BTreeMap<String, [i64; 12]> {
        let mut counters: BTreeMap<String, [i64; 12]> = BTreeMap::new();
        for flow in &self.flows {
            let account = &totals.rules[flow.rule].counter_account;
            let months = counters.entry(account.clone()).or_default();
            for (sum, amount) in months.iter_mut().zip(flow.months) {
                *sum -= amount;
            }
        }
        counters
    }

    /// Draws up the settlements, and sees that the bank too ends where it shall.
    fn settle(&mut self, totals: &Totals) -> Result<(), DemoError> {
        let counters = self.counter_flows(totals);
        for (row, settled) in totals.settlements.iter().enumerate() {
            let flows = counters.get(&settled.account).copied().unwrap_or_default();
            let (opening, closing) = totals
                .balances
                .iter()
                .find(|balance| balance.account == settled.account)
                .map_or((0, 0), |balance| balance.of(self.year));
            let total = closing - opening - flows.iter().sum::<i64>();
            let last = self.last_month as usize;
            let weights: Vec<u64> =
                flows[..last].iter().map(|amount| amount.unsigned_abs() + 1).collect();
            let mut months = [0; 12];
            months[..last].copy_from_slice(&split(total, &weights));
            self.settlements.push(Settlement { row, months });
        }
        let reached = self.closing(totals);
        let missed =
            totals.balances.iter().find(|row| reached[&row.account] != row.of(self.year).1);
        match missed {
            None => Ok(()),
            Some(row) => Err(DemoError::Contradiction {
                table: "ledger_balances.csv",
                reason: format!(
                    "account `{}` ends {} at {} öre, not at {}",
                    row.account,
                    self.year,
                    reached[&row.account],
                    row.of(self.year).1
                ),
            }),
        }
    }
}

/// Spreads every cell over its accounts and months.
fn flows_and_budgets(totals: &Totals, year: i32) -> Result<(Vec<Flow>, Vec<Budget>), DemoError> {
    let (mut flows, mut budgets) = (Vec::new(), Vec::new());
    for cell in &totals.cells {
        let weights = totals.months(&cell.result_line)?;
        let rules = totals.rules_for(&cell.result_line, &cell.unit);
        let shares: Vec<u64> = rules.iter().map(|&rule| totals.rules[rule].weight(year)).collect();
        let over_accounts =
            |(first, rest)| split(first, &shares).into_iter().zip(split(rest, &shares));
        let outcomes = over_accounts(cell.outcome(year));
        let planned = over_accounts(cell.budget(year));
        for ((&rule, outcome), budget) in rules.iter().zip(outcomes).zip(planned) {
            let unit = cell.unit.clone();
            flows.push(Flow { unit: unit.clone(), rule, months: over_months(outcome, weights) });
            let account = totals.rules[rule].account.clone();
            budgets.push(Budget { unit, account, months: over_months(budget, weights) });
        }
    }
    Ok((flows, budgets))
}

/// Moves what departments trade out of the external flows.
fn take_out_trades(
    totals: &Totals,
    year: i32,
    flows: &mut [Flow],
) -> Result<Vec<Trade>, DemoError> {
    let mut trades = Vec::new();
    for (row, trade) in totals.internal.iter().enumerate() {
        let amounts = if year == 2023 {
            let first = trade.amount_2024_01_08 * 1000 / (1000 + INTERNAL_GROWTH_PERMILLE);
            (first, first / 2)
        } else {
            (trade.amount_2024_01_08, 0)
        };
        let position = |unit: &str, account: &str| {
            let same =
                |flow: &Flow| flow.unit == unit && totals.rules[flow.rule].account == account;
            flows.iter().position(same).ok_or_else(|| DemoError::Contradiction {
                table: "ledger_internal.csv",
                reason: format!("`{unit}` has nothing on account `{account}`"),
            })
        };
        let seller = position(&trade.seller_unit, &trade.seller_account)?;
        let buyer = position(&trade.buyer_unit, &trade.buyer_account)?;
        let rule = &totals.rules[flows[seller].rule];
        let months = over_months(amounts, totals.months(&rule.result_line)?);
        for (month, amount) in months.iter().enumerate() {
            flows[seller].months[month] += amount;
            flows[buyer].months[month] -= amount;
        }
        trades.push(Trade { row, row_sek: rule.row_sek, months });
    }
    Ok(trades)
}

/// January–August over their months, September–December over theirs.
fn over_months((first, rest): (i64, i64), weights: &[u64; 12]) -> [i64; 12] {
    let mut months = [0; 12];
    let (printed, later) = weights.split_at(PRINTED_MONTHS);
    months[..PRINTED_MONTHS].copy_from_slice(&split(first, printed));
    months[PRINTED_MONTHS..].copy_from_slice(&split(rest, later));
    months
}

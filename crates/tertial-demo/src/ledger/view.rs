//! The ledger as a data platform's export views give it: a fact view with outcome, budget and
//! forecast in columns of their own on one row, and the dimensions account, counterpart and period.
//!
//! The amounts are those of the SIE file ([`super::plan`]), one row a month, department, account and
//! counterpart, so that the two exports agree to the öre. Balance accounts are not in the view.

use super::plan::Plan;
use super::totals::Totals;
use crate::dress::{Delimited, Encoding};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::io::{Result as IoResult, Write};
use std::sync::Arc;

/// The source's name.
const SOURCE: &str = "ledger_view";

/// The company in the names of the files and in their first column.
const COMPANY: &str = "RJH";

/// The year the view is taken out for.
const YEAR: i32 = 2024;

/// Voucher types of the view.
const OUTCOME: &str = "UTF";
const BUDGET: &str = "BUD";

/// The counterpart of trade within the region.
const INTERNAL: &str = "90";

/// A line of the result statement; its place in the report is its number in the view.
#[derive(Deserialize)]
struct Line {
    result_line_code: String,
    result_line_name: String,
    sort_order: u32,
}

/// A row of the fact view, without company, number and day.
struct Fact<'a> {
    kind: &'static str,
    account: &'a str,
    unit: &'a str,
    counterpart: &'a str,
    outcome: Option<i64>,
    budget: Option<i64>,
    forecast: Option<i64>,
}

/// The fact view of the year and its three dimensions.
pub fn files(_settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let lines: Vec<Line> =
        totals("seeds/result_lines.csv", include_str!("../../../../seeds/result_lines.csv"))?;
    let tables = Arc::new(Totals::read()?);
    let plan = Plan::new(&tables, YEAR)?;
    let last_month = plan.last_month;
    let (facts, accounts, counterparts) = (tables.clone(), tables.clone(), tables);
    let name = |view: &str| format!("EK_{view}_{COMPANY}.csv");
    Ok(vec![
        DemoFile::new(SOURCE, format!("EK_FAKTA_VERIFIKAT_{COMPANY}_{YEAR}.csv"), move |sink| {
            write_facts(&facts, &plan, sink)
        }),
        DemoFile::new(SOURCE, name("DIM_OBJ_KONTO"), move |sink| {
            write_accounts(&accounts, &lines, sink)
        }),
        DemoFile::new(SOURCE, name("DIM_OBJ_MOTP"), move |sink| {
            write_counterparts(&counterparts, sink)
        }),
        DemoFile::new(SOURCE, name("DIM_PERIOD"), move |sink| write_periods(last_month, sink)),
    ])
}

fn view<'a>(sink: &'a mut dyn Write, headings: &[&str]) -> IoResult<Delimited<'a>> {
    Delimited::parted_by(sink, Encoding::Windows1252, '|', headings)
}

fn write_facts(totals: &Totals, plan: &Plan, sink: &mut dyn Write) -> IoResult<()> {
    let headings = [
        "FORETAG",
        "VERNR",
        "VERRAD",
        "VERTYP",
        "VERDATUM",
        "KONTO_ID",
        "KST_ID",
        "MOTP_ID",
        "PROJ_ID",
        "AVTAL_ID",
        "UTFALL_V",
        "BUDGET_V",
        "BUDPRE_V",
        "PRG_V",
        "RAMBUD_V",
        "HUVUDTEXT",
        "RADTEXT",
    ];
    let mut table = view(sink, &headings)?;
    for month in 1..=12 {
        let day = super::calendar::day_number(plan.year, month, 31);
        for (number, fact) in (1..).zip(facts(totals, plan, month)) {
            table.text(COMPANY);
            table.text(&format!("S{}{number:05}", day / 100));
            table.whole(1);
            table.text(fact.kind);
            table.text(&day.to_string());
            table.text(fact.account);
            table.text(fact.unit);
            table.text(fact.counterpart);
            table.text("");
            table.text("");
            for amount in [fact.outcome, fact.budget, None, fact.forecast, fact.budget] {
                table.text(&amount.map(sek).unwrap_or_default());
            }
            table.text("Sammanställning");
            table.text("");
            table.end_row()?;
        }
    }
    table.finish()
}

/// A month's rows: each department's account with its budget and forecast, then the trade.
fn facts<'a>(totals: &'a Totals, plan: &'a Plan, month: u32) -> Vec<Fact<'a>> {
    let at = month as usize - 1;
    let is_booked = month <= plan.last_month;
    let mut facts = Vec::new();
    // A flow and the budget of the same account come from one cell, in the same order.
    for (flow, budget) in plan.flows.iter().zip(&plan.budgets) {
        let rule = &totals.rules[flow.rule];
        let outcome = is_booked.then_some(flow.months[at]);
        let planned = budget.months[at];
        if outcome.unwrap_or(0) == 0 && planned == 0 {
            continue;
        }
        let counterpart = totals.counterparts(rule).first().copied();
        facts.push(Fact {
            kind: if is_booked { OUTCOME } else { BUDGET },
            account: &rule.account,
            unit: &flow.unit,
            counterpart: counterpart
                .map_or("", |row| totals.counterparts[row].counterpart.as_str()),
            outcome,
            budget: Some(planned),
            forecast: Some(outcome.unwrap_or(planned)),
        });
    }
    for trade in plan.trades.iter().filter(|_| is_booked) {
        let row = &totals.internal[trade.row];
        let amount = trade.months[at];
        let sides = [
            (&row.seller_unit, &row.seller_account, -amount),
            (&row.buyer_unit, &row.buyer_account, amount),
        ];
        for (unit, account, amount) in sides {
            facts.push(Fact {
                kind: OUTCOME,
                account,
                unit,
                counterpart: INTERNAL,
                outcome: Some(amount),
                budget: None,
                forecast: Some(amount),
            });
        }
    }
    facts
}

/// Öre as kronor with a decimal point.
fn sek(ore: i64) -> String {
    let sign = if ore < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", ore.unsigned_abs() / 100, ore.unsigned_abs() % 100)
}

fn write_accounts(totals: &Totals, lines: &[Line], sink: &mut dyn Write) -> IoResult<()> {
    let headings = [
        "FORETAG",
        "KONTO_ID",
        "KONTO_TEXT",
        "KONTO_ID_TEXT",
        "KONTO_PASSIV",
        "KONTO_GILTIG_FOM",
        "KONTO_GILTIG_TOM",
        "KGRUPP_ID",
        "KKLASS_ID",
        "RAD_ID",
        "RAD_TEXT",
    ];
    let mut table = view(sink, &headings)?;
    for account in &totals.accounts {
        let Some(line) =
            lines.iter().find(|line| line.result_line_code == account.result_line_code)
        else {
            let reason = format!("account `{}` has no line", account.account_code);
            return Err(DemoError::Contradiction { table: "seeds/accounts.csv", reason }.into());
        };
        let code = &account.account_code;
        table.text(COMPANY);
        table.text(code);
        table.text(&account.account_name);
        table.text(&format!("{code} {}", account.account_name));
        table.text("0");
        table.text(&account.valid_from.replace('-', ""));
        table.text("");
        table.text(&code[..2]);
        table.text(&code[..1]);
        table.text(&format!("R{}", line.sort_order));
        table.text(&line.result_line_name);
        table.end_row()?;
    }
    table.finish()
}

fn write_counterparts(totals: &Totals, sink: &mut dyn Write) -> IoResult<()> {
    let headings = [
        "FORETAG",
        "MOTP_ID",
        "MOTP_TEXT",
        "MOTP_ID_TEXT",
        "MOTP_GILTIG_FOM",
        "MOTP_GILTIG_TOM",
        "MOTPKLASS",
    ];
    let mut table = view(sink, &headings)?;
    for row in &totals.counterparts {
        table.text(COMPANY);
        table.text(&row.counterpart);
        table.text(&row.name);
        table.text(&format!("{} {}", row.counterpart, row.name));
        table.text("20150101");
        table.text("");
        table.text(&row.view_class);
        table.end_row()?;
    }
    table.finish()
}

/// The months up to the last one booked are closed, on the fifth of the month after.
fn write_periods(last_month: u32, sink: &mut dyn Write) -> IoResult<()> {
    let headings =
        ["FORETAG", "PERIOD", "AR", "MANADNR", "TERTIALNR", "PERIODSTATUS", "PERIODSLUT"];
    let mut table = view(sink, &headings)?;
    for month in 1..=12 {
        let is_closed = month <= last_month;
        table.text(COMPANY);
        table.text(&format!("{YEAR}{month:02}"));
        table.text(&YEAR.to_string());
        table.whole(i64::from(month));
        table.whole(i64::from(month.div_ceil(4)));
        table.text(if is_closed { "S" } else { "Ö" });
        let closed = if is_closed { format!("{YEAR}-{:02}-05", month + 1) } else { String::new() };
        table.text(&closed);
        table.end_row()?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn written(at: usize) -> String {
        let mut files = files(&Settings { scale: 1.0, seed: 1 }).unwrap();
        let mut bytes = Vec::new();
        (files.remove(at).write)(&mut bytes).unwrap();
        encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned()
    }

    fn ore(text: &str) -> i64 {
        if text.is_empty() { 0 } else { text.replace('.', "").parse().unwrap() }
    }

    #[test]
    fn outcome_and_budget_are_those_of_the_plan_to_the_ore() {
        let totals = Totals::read().unwrap();
        let plan = Plan::new(&totals, YEAR).unwrap();
        let mut outcomes: BTreeMap<String, i64> = BTreeMap::new();
        let mut budget = 0;
        for line in written(0).lines().skip(1) {
            let fields: Vec<&str> = line.split('|').collect();
            *outcomes.entry(fields[5].to_owned()).or_default() += ore(fields[10]);
            budget += ore(fields[11]);
        }
        assert_eq!(outcomes, plan.results(&totals));
        let planned: i64 = plan.budgets.iter().flat_map(|row| row.months).sum();
        assert_eq!(budget, planned);
    }

    #[test]
    fn what_has_not_been_booked_has_a_budget_and_a_forecast_and_no_outcome() {
        let text = written(0);
        let of = |month: &str| -> Vec<Vec<String>> {
            let rows = text
                .lines()
                .skip(1)
                .map(|line| line.split('|').map(str::to_owned).collect::<Vec<String>>());
            rows.filter(|row| row[4].starts_with(month)).collect()
        };
        assert!(of("202408").iter().all(|row| row[3] == OUTCOME && !row[10].is_empty()));
        assert!(of("202409").iter().all(|row| row[3] == BUDGET && row[10].is_empty()));
        assert!(of("202409").iter().all(|row| row[11] == row[13] && !row[11].is_empty()));
    }

    #[test]
    fn every_account_has_a_numbered_line_and_open_months_are_told() {
        let accounts = written(1);
        assert!(accounts.lines().skip(1).all(|line| line.contains("|R")), "{accounts}");
        let periods = written(3);
        assert_eq!(periods.matches("|S|").count(), 8);
        assert_eq!(periods.matches("|Ö|").count(), 4);
    }
}

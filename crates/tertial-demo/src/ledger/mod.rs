//! The general ledger: one SIE 4E file a year, in CP437, with budget, balances and checksum.
//!
//! What the rows must sum to is decided in [`plan`] from the tables in [`totals`]; [`vouchers`]
//! spreads a month over rows; [`sie`] knows how a record is written; this module puts the file
//! together. The chart of accounts and the departments are the project's own seeds.

mod calendar;
mod plan;
mod sie;
mod totals;
pub mod view;
mod vouchers;

#[cfg(test)]
mod tests;

use crate::{DemoError, DemoFile, Settings};
use plan::Plan;
use sie::SieWriter;
use std::io::{Result as IoResult, Write};
use std::sync::Arc;
use totals::Totals;

/// Rows (`#TRANS`) of a whole year at scale 1.
const ROWS_A_YEAR: f64 = 2_500_000.0;

/// Who the system says made the export and the vouchers: a machine, never a person.
const SIGNATURE: &str = "EKO";

/// The ledger's files: the whole of 2023, and 2024 as it stood at the end of August.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let totals = Arc::new(Totals::read()?);
    let last_year = Arc::new(Plan::new(&totals, 2023)?);
    let this_year = Arc::new(Plan::new(&totals, 2024)?);
    let density = ROWS_A_YEAR * settings.scale / last_year.rows_as_listed(&totals);
    let (seed, before) = (settings.seed, last_year.clone());
    let file = |plan: Arc<Plan>, before: Option<Arc<Plan>>| {
        let totals = totals.clone();
        let name = format!("RJH_{}.SE", plan.year);
        DemoFile::new("ledger", name, move |sink| {
            let year = Year { totals: &totals, plan: &plan, before: before.as_deref() };
            year.write(seed, density, sink)
        })
    };
    Ok(vec![file(last_year, None), file(this_year, Some(before))])
}

/// One year's file.
struct Year<'a> {
    totals: &'a Totals,
    plan: &'a Plan,
    /// The year before, when it is known.
    before: Option<&'a Plan>,
}

impl Year<'_> {
    fn write(&self, seed: u64, density: f64, sink: &mut dyn Write) -> IoResult<()> {
        let mut sie = SieWriter::new(sink);
        self.head(&mut sie)?;
        self.chart(&mut sie)?;
        self.balances(&mut sie)?;
        self.budgets(&mut sie)?;
        self.vouchers(seed, density, &mut sie)?;
        sie.finish()
    }

    fn head(&self, sie: &mut SieWriter) -> IoResult<()> {
        let year = self.plan.year;
        let last_day = calendar::day_number(year, self.plan.last_month, 31);
        let made = if self.plan.last_month == 12 { (year + 1, 1, 15) } else { (year, 9, 5) };
        sie.start("FLAGGA").plain("0").end()?;
        sie.begin_checksum()?;
        sie.start("PROGRAM").text("Demoekonomi").plain("1.0").end()?;
        sie.start("FORMAT").plain("PC8").end()?;
        let generated = calendar::day_number(made.0, made.1, made.2);
        sie.start("GEN").plain(&generated.to_string()).text(SIGNATURE).end()?;
        sie.start("SIETYP").plain("4").end()?;
        sie.start("PROSA").text("Syntetiska uppgifter, inga verkliga händelser").end()?;
        sie.start("FNR").text("RJH").end()?;
        sie.start("ORGNR").plain("000000-0000").end()?;
        sie.start("FNAMN").text("Region Jämtland Härjedalen (syntetisk)").end()?;
        for (index, of) in [("0", year), ("-1", year - 1)] {
            let (first, last) = (format!("{of}0101"), format!("{of}1231"));
            sie.start("RAR").plain(index).plain(&first).plain(&last).end()?;
        }
        if self.plan.last_month < 12 {
            sie.start("OMFATTN").plain(&last_day.to_string()).end()?;
        }
        sie.start("VALUTA").plain("SEK").end()
    }

    /// Accounts, dimensions and objects.
    fn chart(&self, sie: &mut SieWriter) -> IoResult<()> {
        for account in &self.totals.accounts {
            sie.start("KONTO").plain(&account.account_code).text(&account.account_name).end()?;
            sie.start("KTYP").plain(&account.account_code).plain(&account.account_type).end()?;
        }
        let dimensions = [("1", "Kostnadsställe"), ("6", "Projekt"), ("20", "Motpart")];
        for (number, name) in dimensions {
            sie.start("DIM").plain(number).text(name).end()?;
        }
        let objects = self.totals.units.iter().map(|unit| ("1", &unit.unit_id, &unit.unit_name));
        let projects = self.totals.projects.iter().map(|row| ("6", &row.project, &row.name));
        let parts = self.totals.counterparts.iter().map(|row| ("20", &row.counterpart, &row.name));
        for (dimension, object, name) in objects.chain(projects).chain(parts) {
            sie.start("OBJEKT").plain(dimension).text(object).text(name).end()?;
        }
        Ok(())
    }

    /// Opening and closing balances and results, this year and, when it is known, last year.
    /// The closing balance of a year that is not over is the balance after its last month.
    fn balances(&self, sie: &mut SieWriter) -> IoResult<()> {
        let years = [("0", Some(self.plan)), ("-1", self.before)];
        for (index, plan) in years.into_iter().filter_map(|(index, plan)| Some((index, plan?))) {
            let lists = [
                ("IB", plan.opening()),
                ("UB", plan.closing(self.totals)),
                ("RES", plan.results(self.totals)),
            ];
            for (label, amounts) in lists {
                for (account, amount) in amounts {
                    sie.start(label).plain(index).plain(&account).amount(amount).end()?;
                }
            }
        }
        Ok(())
    }

    /// The budget of the whole year, by month, account and department.
    fn budgets(&self, sie: &mut SieWriter) -> IoResult<()> {
        for budget in &self.plan.budgets {
            for (month, &amount) in budget.months.iter().enumerate() {
                let period = format!("{}{:02}", self.plan.year, month + 1);
                sie.start("PBUDGET").plain("0").plain(&period).plain(&budget.account);
                sie.objects(&[("1", Some(&budget.unit))]).amount(amount).end()?;
            }
        }
        Ok(())
    }

    /// The vouchers, a month at a time: that is as much as is held in memory.
    fn vouchers(&self, seed: u64, density: f64, sie: &mut SieWriter) -> IoResult<()> {
        let year = self.plan.year;
        // The number begins with the year, so that it is unique over the years' files.
        let first = u64::try_from(year % 100).unwrap_or(0) * 100_000_000;
        let mut numbers = vec![first; self.totals.series.len()];
        for month in 1..=self.plan.last_month {
            let month = vouchers::Month::draw(self.totals, self.plan, month, seed, density);
            month.write(self.totals, &mut numbers, sie)?;
        }
        Ok(())
    }
}

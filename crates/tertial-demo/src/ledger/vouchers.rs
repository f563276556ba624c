//! A month's amounts spread over vouchers and rows, and the vouchers written.
//!
//! Each department's account has a stream of random numbers of its own for each month, so that
//! what happens in one moves nothing in another.

use super::SIGNATURE;
use super::calendar::{day_number, working_days};
use super::plan::{BANK, Plan};
use super::sie::{SieWriter, cp437};
use super::totals::{Day, Totals};
use crate::random::{Random, split};
use std::io::Result;

/// Fewest rows of a department's account in a month with an amount.
const FEWEST_ROWS: f64 = 2.0;

/// How often a row is a credit that the next row makes up for.
const CREDIT_SHARE: f64 = 0.015;

/// Stands for "no object" and "no text of its own" in a compact row.
const NONE: u16 = u16::MAX;

/// One month's vouchers.
pub(super) struct Month {
    year: i32,
    month: u32,
    vouchers: Vec<Voucher>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy)]
struct Voucher {
    series: u16,
    day: u32,
    number: u32,
    first: usize,
    end: usize,
}

/// Positions in the lists of [`Totals`], and an amount in öre.
#[derive(Clone, Copy)]
struct Row {
    account: u16,
    unit: u16,
    project: u16,
    counterpart: u16,
    text: u16,
    number: u32,
    amount: i64,
}

/// What the rows of one department's account are drawn from.
struct Source<'a> {
    account: &'a str,
    unit: Option<&'a str>,
    series: &'a str,
    counter_account: &'a str,
    /// The buying department when the counter row belongs to one.
    counter_unit: Option<&'a str>,
    counterparts: Vec<usize>,
    projects: Vec<usize>,
    row_sek: u32,
    voucher_rows: u32,
    day: Day,
    amount: i64,
}

impl Month {
    /// Draws the vouchers of a month, in the order they are numbered.
    pub(super) fn draw(totals: &Totals, plan: &Plan, month: u32, seed: u64, density: f64) -> Month {
        let mut drawn = Month { year: plan.year, month, vouchers: Vec::new(), rows: Vec::new() };
        let days = working_days(plan.year, month);
        for (name, source) in sources(totals, plan, month as usize - 1) {
            let (year, month) = (plan.year.to_string(), format!("{month:02}"));
            let unit = source.unit.unwrap_or_default();
            let path =
                ["ledger", &year, &month, name, unit, source.account, source.counter_account];
            let mut random = Random::stream(seed, &path);
            drawn.add(totals, &source, &days, density, &mut random);
        }
        drawn.vouchers.sort_by_key(|voucher| (voucher.series, voucher.day, voucher.first));
        drawn
    }

    /// Writes the vouchers; `numbers` holds the last number of each series.
    pub(super) fn write(
        &self,
        totals: &Totals,
        numbers: &mut [u64],
        sie: &mut SieWriter,
    ) -> Result<()> {
        let lists = Lists::new(totals);
        for voucher in &self.vouchers {
            let series = usize::from(voucher.series);
            numbers[series] += 1;
            let date = u64::from(day_number(self.year, self.month, voucher.day));
            let booked =
                u64::from(day_number(self.year, self.month, voucher.day + voucher.number % 4));
            let mut text = Vec::new();
            lists.series[series].fill(voucher.number, &mut text);
            sie.start("VER").plain(&totals.series[series].series).number(numbers[series]);
            sie.number(date).encoded(&text).number(booked).plain(SIGNATURE).end()?;
            sie.brace(b'{')?;
            for row in &self.rows[voucher.first..voucher.end] {
                lists.write_row(totals, row, date, &mut text, sie)?;
            }
            sie.brace(b'}')?;
        }
        Ok(())
    }

    /// Adds the vouchers of one department's account.
    fn add(
        &mut self,
        totals: &Totals,
        source: &Source,
        days: &[u32],
        density: f64,
        random: &mut Random,
    ) {
        let wanted = source.amount.abs() as f64 / 100.0 / f64::from(source.row_sek) * density;
        let amounts = amounts(source.amount, wanted.round().max(FEWEST_ROWS) as usize, random);
        let texts = totals.texts(source.account).len() as u64;
        let position = |index: Option<usize>| index.map_or(NONE, |index| index as u16);
        let account = position(totals.account_index(source.account));
        let unit = position(source.unit.and_then(|unit| totals.unit_index(unit)));
        let draw = |from: &[usize], random: &mut Random| {
            if from.is_empty() { NONE } else { *random.pick(from) as u16 }
        };
        let mut left = amounts.as_slice();
        while !left.is_empty() {
            let most = left.len().min(source.voucher_rows as usize) as i64;
            let (taken, rest) = left.split_at(random.between(1, most) as usize);
            left = rest;
            let counterpart = draw(&source.counterparts, random);
            let project = draw(&source.projects, random);
            let first = self.rows.len();
            let number = random.between(10_000, 99_999) as u32;
            for &amount in taken {
                let text = random.below(texts) as u16;
                let number = number + self.rows.len() as u32 % 7;
                self.rows.push(Row { account, unit, project, counterpart, text, number, amount });
            }
            let counter_unit =
                position(source.counter_unit.and_then(|unit| totals.unit_index(unit)));
            self.rows.push(Row {
                account: position(totals.account_index(source.counter_account)),
                unit: counter_unit,
                project: NONE,
                counterpart: if counter_unit == NONE { NONE } else { counterpart },
                text: NONE,
                number,
                amount: -taken.iter().sum::<i64>(),
            });
            let day = day_of(source.day, days, random);
            let series = position(totals.series_index(source.series));
            self.vouchers.push(Voucher { series, day, number, first, end: self.rows.len() });
        }
    }
}

/// Everything that has an amount in the month, with the name of its kind.
fn sources<'a>(
    totals: &'a Totals,
    plan: &'a Plan,
    month: usize,
) -> impl Iterator<Item = (&'static str, Source<'a>)> {
    let internal: Vec<usize> =
        totals.counterparts.iter().position(|row| row.counterpart == "90").into_iter().collect();
    let flows = plan.flows.iter().map(move |flow| {
        let rule = &totals.rules[flow.rule];
        let source = Source {
            account: &rule.account,
            unit: Some(&flow.unit),
            series: &rule.series,
            counter_account: &rule.counter_account,
            counter_unit: None,
            counterparts: totals.counterparts(rule),
            projects: totals.projects(rule),
            row_sek: rule.row_sek,
            voucher_rows: rule.voucher_rows,
            day: rule.day,
            amount: flow.months[month],
        };
        ("flow", source)
    });
    let trades = plan.trades.iter().map(move |trade| {
        let row = &totals.internal[trade.row];
        let source = Source {
            account: &row.buyer_account,
            unit: Some(&row.buyer_unit),
            series: "I",
            counter_account: &row.seller_account,
            counter_unit: Some(&row.seller_unit),
            counterparts: internal.clone(),
            projects: Vec::new(),
            row_sek: trade.row_sek,
            voucher_rows: 1,
            day: Day::Any,
            amount: trade.months[month],
        };
        ("trade", source)
    });
    let settlements = plan.settlements.iter().map(move |settlement| {
        let row = &totals.settlements[settlement.row];
        let source = Source {
            account: &row.account,
            unit: None,
            series: &row.series,
            counter_account: BANK,
            counter_unit: None,
            counterparts: Vec::new(),
            projects: Vec::new(),
            row_sek: row.row_sek,
            voucher_rows: row.voucher_rows,
            day: Day::Any,
            amount: settlement.months[month],
        };
        ("settlement", source)
    });
    flows.chain(trades).chain(settlements).filter(|(_, source)| source.amount != 0)
}

/// `rows` uneven amounts that sum to `total`; now and then a credit that the next row makes up for.
fn amounts(total: i64, rows: usize, random: &mut Random) -> Vec<i64> {
    let weights: Vec<u64> = (0..rows)
        .map(|_| {
            let weight = 100 + random.below(900);
            if random.chance(1.0 / 16.0) { weight * (2 + random.below(12)) } else { weight }
        })
        .collect();
    let mut amounts = split(total, &weights);
    for row in 1..rows {
        if random.chance(CREDIT_SHARE) && amounts[row - 1].signum() == total.signum() {
            let turned = 2 * amounts[row - 1];
            amounts[row - 1] -= turned;
            amounts[row] += turned;
        }
    }
    amounts
}

fn day_of(day: Day, days: &[u32], random: &mut Random) -> u32 {
    let latest = |limit: u32| days.iter().copied().rfind(|&day| day <= limit).unwrap_or(1);
    match day {
        Day::Any => *random.pick(days),
        Day::Wages => latest(25),
        Day::Last => latest(31),
    }
}

/// The texts in CP437, ready to be written.
struct Lists {
    /// By account position.
    rows: Vec<Vec<Phrase>>,
    series: Vec<Phrase>,
}

impl Lists {
    fn new(totals: &Totals) -> Lists {
        let phrases = |texts: &[String]| texts.iter().map(|text| Phrase::new(text)).collect();
        let rows = totals.accounts.iter().map(|row| phrases(totals.texts(&row.account_code)));
        let series = totals.series.iter().map(|row| Phrase::new(&row.text));
        Lists { rows: rows.collect(), series: series.collect() }
    }

    fn write_row(
        &self,
        totals: &Totals,
        row: &Row,
        date: u64,
        text: &mut Vec<u8>,
        sie: &mut SieWriter,
    ) -> Result<()> {
        let account = usize::from(row.account);
        let at = |index: u16| (index != NONE).then_some(usize::from(index));
        sie.start("TRANS").plain(&totals.accounts[account].account_code);
        sie.objects(&[
            ("1", at(row.unit).map(|index| totals.units[index].unit_id.as_str())),
            ("6", at(row.project).map(|index| totals.projects[index].project.as_str())),
            (
                "20",
                at(row.counterpart).map(|index| totals.counterparts[index].counterpart.as_str()),
            ),
        ]);
        sie.amount(row.amount).number(date);
        if let Some(phrase) = at(row.text).and_then(|index| self.rows[account].get(index)) {
            phrase.fill(row.number, text);
            sie.encoded(text);
        }
        sie.end()
    }
}

/// A text with a place for a number, in CP437.
struct Phrase {
    before: Vec<u8>,
    after: Option<Vec<u8>>,
}

impl Phrase {
    fn new(text: &str) -> Phrase {
        match text.split_once('#') {
            Some((before, after)) => Phrase { before: cp437(before), after: Some(cp437(after)) },
            None => Phrase { before: cp437(text), after: None },
        }
    }

    fn fill(&self, number: u32, text: &mut Vec<u8>) {
        text.clear();
        text.extend_from_slice(&self.before);
        if let Some(after) = &self.after {
            let mut place = 10_000_000;
            while place > 1 && number < place {
                place /= 10;
            }
            while place > 0 {
                text.push(b'0' + (number / place % 10) as u8);
                place /= 10;
            }
            text.extend_from_slice(after);
        }
    }
}

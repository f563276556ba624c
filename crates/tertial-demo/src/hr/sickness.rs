//! Sick leave, spell by spell, made to sum to the percentages of its table.
//!
//! A spell has a first day and a length; its days fall in day 1–14, 15–59 and 60 on counted from
//! that first day, not from the month's. The hours so found are then multiplied by one factor per
//! sex and one per interval, so that each board and year has the percentage, the ratio between
//! women and men, and the shares of the intervals that the table says for January–August.

use super::plan::{Plan, SickLeave};
use super::staff::{Employment, year};
use crate::random::Random;
use std::ops::Range;

/// One employment in one month. Hours are in hundredths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WorkedMonth {
    pub ordinary: i64,
    pub worked: i64,
    /// Sick hours of day 1–14, 15–59 and 60 on; their sum is the sick hours.
    pub sick: [i64; 3],
    pub spells: u32,
}

/// What the spells alone give, before the factors.
#[derive(Debug, Clone, Copy, Default)]
struct Raw {
    ordinary: i64,
    hours: [f64; 3],
    spells: u32,
}

/// Last day, counted from 1, of the first and the second interval.
const INTERVAL_ENDS: [i64; 2] = [14, 59];
/// Days before the first month in which spells may have begun.
const BEFORE: i64 = 365;
/// The months by which a year's percentage is set: January–August.
const MONTHS_SET: usize = 8;
/// Rounds in which the factors close in; the change of the last ones is below the rounding.
const ROUNDS: usize = 40;

/// Fewest employees whose sick leave is divided by sex and interval as the table says.
const FEWEST_DIVIDED: usize = 200;

/// The months of every employment, from its first to its last. One thread does it all: the files are
/// written in parallel, and whoever waits for these months must not be handed another file meanwhile.
pub(super) fn fall_ill(plan: &Plan, staff: &[Employment], seed: u64) -> Vec<Vec<WorkedMonth>> {
    let month_days = month_days(plan.months.len());
    let raw: Vec<Vec<Raw>> =
        staff.iter().map(|employment| raw_months(plan, employment, &month_days, seed)).collect();
    let factors: Vec<Vec<Factors>> =
        boards(plan).iter().map(|board| factors_of_board(plan, board, staff, &raw)).collect();
    let boards = boards(plan);
    staff
        .iter()
        .zip(raw)
        .map(|(employment, months)| {
            let board = &plan.units[employment.unit].board_id;
            let at = boards.iter().position(|other| other == board).unwrap_or(0);
            let mut random = Random::stream(seed, &["hr", "worked", &employment.number]);
            (employment.first..)
                .zip(months)
                .map(|(month, raw)| {
                    let factors = factors[at][month / 12];
                    let absence = plan.months[month].other_absence_pct;
                    finish(raw, factors.of(employment.is_woman), absence, &mut random)
                })
                .collect()
        })
        .collect()
}

fn boards(plan: &Plan) -> Vec<String> {
    let mut boards: Vec<String> = plan.units.iter().map(|unit| unit.board_id.clone()).collect();
    boards.dedup();
    boards
}

/// First and last-plus-one day of each month, counted from the first month's first day.
pub(super) fn month_days(months: usize) -> Vec<Range<i64>> {
    let mut start = 0;
    (0..months)
        .map(|month| {
            let year = year(month);
            let is_leap = year.is_multiple_of(4);
            let days = match month % 12 {
                1 if is_leap => 29,
                1 => 28,
                3 | 5 | 8 | 10 => 30,
                _ => 31,
            };
            let range = start..start + days;
            start += days;
            range
        })
        .collect()
}

/// A spell of sick leave. Days are counted from the first month's first day.
pub(super) struct Spell {
    pub first_day: i64,
    pub days: i64,
    /// Share of the ordinary time away.
    pub extent: f64,
}

fn raw_months(
    plan: &Plan,
    employment: &Employment,
    month_days: &[Range<i64>],
    seed: u64,
) -> Vec<Raw> {
    let rate = employment.rate_pct * i64::from(employment.halves);
    let mut months: Vec<Raw> = (employment.first..employment.end)
        .map(|month| Raw {
            ordinary: plan.months[month].full_time_hours * rate / 2,
            ..Raw::default()
        })
        .collect();
    for spell in spells(plan, employment, month_days, seed) {
        for (raw, days) in months.iter_mut().zip(&month_days[employment.first..employment.end]) {
            add(raw, &spell, days);
        }
    }
    months
}

fn add(raw: &mut Raw, spell: &Spell, days: &Range<i64>) {
    if days.contains(&spell.first_day) {
        raw.spells += 1;
    }
    let hours_a_day = raw.ordinary as f64 / (days.end - days.start) as f64 * spell.extent;
    let ends = [INTERVAL_ENDS[0], INTERVAL_ENDS[1], i64::MAX];
    let mut begin = 0;
    for (hours, end) in raw.hours.iter_mut().zip(ends) {
        let first = (spell.first_day + begin).max(days.start);
        let last = (spell.first_day + end.min(spell.days)).min(days.end);
        *hours += (last - first).max(0) as f64 * hours_a_day;
        begin = end.min(spell.days);
    }
}

/// The spells of one employment, none overlapping another; who is employed from the first month may
/// have fallen ill before it.
pub(super) fn spells(
    plan: &Plan,
    employment: &Employment,
    month_days: &[Range<i64>],
    seed: u64,
) -> Vec<Spell> {
    let from = if employment.first == 0 { -BEFORE } else { month_days[employment.first].start };
    let span = from..month_days[employment.end - 1].end;
    let mut random = Random::stream(seed, &["hr", "sick", &employment.number]);
    let unit = &plan.units[employment.unit];
    let sex = if employment.is_woman { 1.1 } else { 0.75 };
    let weight = f64::from(unit.sick_weight) / 100.0 * sex;
    let mut spells: Vec<Spell> = Vec::new();
    let mut well_from = span.start;
    let mut day = span.start;
    while day < span.end {
        let season = season(plan, month_days, day);
        // Chances per day: all follow the person, the short spells the season too.
        let short = 0.0036 * weight * employment.proneness * season;
        let middle = 0.00032 * weight * employment.proneness;
        let long = 0.00031 * weight * employment.proneness;
        let draw = random.fraction();
        if draw < short + middle + long && day >= well_from {
            let spell = spell(draw, short, middle, day, &mut random);
            // A week at work before the next one.
            well_from = day + spell.days + 7;
            spells.push(spell);
        }
        day += 1;
    }
    spells
}

fn season(plan: &Plan, month_days: &[Range<i64>], day: i64) -> f64 {
    let month = month_days.partition_point(|days| days.end <= day);
    // Days before the first month count as that month.
    f64::from(plan.months[month.min(plan.months.len() - 1)].sick_season_pct) / 100.0
}

fn spell(draw: f64, short: f64, middle: f64, first_day: i64, random: &mut Random) -> Spell {
    let fraction = random.fraction();
    if draw < short {
        let days = *random.pick(&[1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 10, 13, 14, 14]);
        Spell { first_day, days, extent: 1.0 }
    } else if draw < short + middle {
        let days = 35 + (25.0 * fraction) as i64;
        Spell { first_day, days, extent: *random.pick(&[1.0, 1.0, 1.0, 0.75]) }
    } else {
        let days = 80 + (400.0 * fraction * fraction) as i64;
        Spell { first_day, days, extent: *random.pick(&[1.0, 1.0, 1.0, 1.0, 0.75, 0.5]) }
    }
}

/// What the raw hours of one board and year are multiplied by.
#[derive(Debug, Clone, Copy)]
struct Factors {
    women: f64,
    men: f64,
    intervals: [f64; 3],
}

impl Factors {
    const ONE: Factors = Factors { women: 1.0, men: 1.0, intervals: [1.0; 3] };

    fn of(&self, is_woman: bool) -> [f64; 3] {
        let sex = if is_woman { self.women } else { self.men };
        self.intervals.map(|interval| interval * sex)
    }
}

fn factors_of_board(
    plan: &Plan,
    board: &str,
    staff: &[Employment],
    raw: &[Vec<Raw>],
) -> Vec<Factors> {
    (0..plan.months.len().div_ceil(12))
        .map(|year_index| {
            let months = year_index * 12..year_index * 12 + MONTHS_SET;
            let rows: Vec<(bool, Raw)> = staff
                .iter()
                .zip(raw)
                .filter(|(employment, _)| plan.units[employment.unit].board_id == board)
                .flat_map(|(employment, raws)| {
                    let sex = employment.is_woman;
                    (employment.first..)
                        .zip(raws)
                        .filter(|(month, _)| months.contains(month))
                        .map(move |(_, raw)| (sex, *raw))
                })
                .collect();
            match plan.sick_leave.get(&(board.to_owned(), year(year_index * 12))) {
                Some(wanted) => close_in(&rows, wanted),
                None => Factors::ONE,
            }
        })
        .collect()
}

/// Finds the factors by turns: sexes to their hours, intervals to theirs, again and again. A board
/// too small to be divided gets one factor for all.
fn close_in(rows: &[(bool, Raw)], wanted: &SickLeave) -> Factors {
    let ordinary = |is_woman: bool| -> f64 {
        rows.iter().filter(|(sex, _)| *sex == is_woman).map(|(_, raw)| raw.ordinary as f64).sum()
    };
    let (women, men) = (ordinary(true), ordinary(false));
    let total = wanted.sick_leave_pct / 100.0 * (women + men);
    let men_share = total / (wanted.women_to_men * women + men);
    let goals = [men_share * wanted.women_to_men * women, men_share * men];
    let shares = wanted.interval_shares();
    let mut factors = Factors::ONE;
    if rows.len() < FEWEST_DIVIDED * MONTHS_SET {
        for _ in 0..ROUNDS {
            let sum: f64 = sums(rows, &factors).iter().flatten().sum();
            let step = if sum > 0.0 { total / sum } else { 1.0 };
            factors.women *= step;
            factors.men *= step;
        }
        return factors;
    }
    for _ in 0..ROUNDS {
        let sums = sums(rows, &factors);
        let step = |goal: f64, sum: f64| if sum > 0.0 { (goal / sum).clamp(0.2, 5.0) } else { 1.0 };
        factors.women = (factors.women * step(goals[0], sums[0].iter().sum())).min(50.0);
        factors.men = (factors.men * step(goals[1], sums[1].iter().sum())).min(50.0);
        let sums = self::sums(rows, &factors);
        for (interval, factor) in factors.intervals.iter_mut().enumerate() {
            let sum = sums[0][interval] + sums[1][interval];
            *factor = (*factor * step(total * shares[interval], sum)).min(50.0);
        }
    }
    let sums = sums(rows, &factors);
    let last = |goal: f64, sum: f64| if sum > 0.0 { goal / sum } else { 1.0 };
    factors.women *= last(goals[0], sums[0].iter().sum());
    factors.men *= last(goals[1], sums[1].iter().sum());
    factors
}

/// Women's and men's hours by interval, with the factors.
fn sums(rows: &[(bool, Raw)], factors: &Factors) -> [[f64; 3]; 2] {
    let mut sums = [[0.0; 3]; 2];
    for (is_woman, raw) in rows {
        let hours = within(raw, factors.of(*is_woman));
        for (sum, hours) in sums[usize::from(!is_woman)].iter_mut().zip(hours) {
            *sum += hours;
        }
    }
    sums
}

/// The hours with the factors, never more than the ordinary ones.
fn within(raw: &Raw, factors: [f64; 3]) -> [f64; 3] {
    let mut hours = raw.hours;
    for (hours, factor) in hours.iter_mut().zip(factors) {
        *hours *= factor;
    }
    let sum: f64 = hours.iter().sum();
    let ordinary = raw.ordinary as f64;
    if sum > ordinary { hours.map(|hours| hours * ordinary / sum) } else { hours }
}

/// A quarter of an hour, the smallest time that is reported.
const QUARTER: i64 = 25;

fn finish(raw: Raw, factors: [f64; 3], absence_pct: u32, random: &mut Random) -> WorkedMonth {
    let hours = within(&raw, factors);
    let mut left = raw.ordinary;
    let is_whole_month = hours.iter().sum::<f64>() > raw.ordinary as f64 - 1.0;
    let mut sick = hours.map(|hours| {
        let quarters = (hours / QUARTER as f64).round() as i64;
        let some = if hours > 0.0 { quarters.max(1) * QUARTER } else { 0 };
        let given = some.min(left);
        left -= given;
        given
    });
    if is_whole_month && let Some(most) = sick.iter_mut().max() {
        *most += left;
        left = 0;
    }
    let absence = f64::from(absence_pct) / 100.0 * (0.5 + random.fraction());
    let worked = left as f64 * (1.0 - absence.min(1.0));
    let worked = (worked / QUARTER as f64).floor() as i64 * QUARTER;
    WorkedMonth { ordinary: raw.ordinary, worked, sick, spells: raw.spells }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_fall_in_the_interval_counted_from_the_spell_s_first_day() {
        let spell = Spell { first_day: 20, days: 70, extent: 1.0 };
        let mut hours = [[0.0; 3]; 3];
        for (days, hours) in [0..31, 31..60, 60..91].iter().zip(&mut hours) {
            let width = (days.end - days.start) * 100;
            let mut raw = Raw { ordinary: width, ..Raw::default() };
            add(&mut raw, &spell, days);
            *hours = raw.hours.map(|hours| (hours / 100.0).round());
        }
        assert_eq!(hours, [[11.0, 0.0, 0.0], [3.0, 26.0, 0.0], [0.0, 19.0, 11.0]]);
    }

    #[test]
    fn a_month_on_sick_leave_is_all_of_the_ordinary_time() {
        let raw = Raw { ordinary: 13_440, hours: [0.0, 4_480.0, 8_960.0], spells: 0 };
        let month = finish(raw, [1.0; 3], 10, &mut Random::stream(1, &["test"]));
        assert_eq!(month.sick.iter().sum::<i64>(), 13_440);
        assert_eq!(month.worked, 0);
    }
}

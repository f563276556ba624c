//! Which stretches of a year each period is made of, as the numbers themselves tell.
//!
//! A tertial may be the sum of the months since January, of its own months, or its last month; it may
//! go on from the tertial before it without months, or be the same as that, as a survey in force is.
//! A period that is none of these has a stretch of its own. What holds for nearly all cells holds.

use std::collections::BTreeMap;
use tertial_model::{Decimal, Period};

/// Stretches of a year, a bit each: twelve months, then one for each tertial and the year.
pub(super) type Stretches = u32;

/// Numerator and denominator.
pub(super) type Amounts = (Decimal, Option<Decimal>);

/// The parts of cells that agree with a sum before it counts as one.
const NEARLY_ALL: f64 = 0.95;
/// A figure that is counted from January rises in so many cells at least.
const RISES: f64 = 0.9;
/// Bit of the first tertial; the year's follows the third's.
const OF_TERTIALS: u32 = 12;

/// The stretches of each period, from the amounts of each cell by period.
pub(super) fn stretches(cells: &[BTreeMap<Period, Amounts>]) -> BTreeMap<Period, Stretches> {
    let mut found: BTreeMap<Period, Stretches> = BTreeMap::new();
    let periods: std::collections::BTreeSet<Period> =
        cells.iter().flat_map(|cell| cell.keys().copied()).collect();
    for period in &periods {
        if let Period::Month(month) = period {
            found.insert(*period, 1 << (month.month() - 1));
        }
    }
    let mut long: Vec<Period> =
        periods.iter().copied().filter(|period| !matches!(period, Period::Month(_))).collect();
    long.sort_by_key(|period| number(*period));
    for period in long {
        let known = of_months(cells, period)
            .or_else(|| of_earlier(cells, period, &found))
            .unwrap_or(1 << (OF_TERTIALS + number(period) - 1));
        found.insert(period, known);
    }
    found
}

/// Place of a tertial or a year in its year.
fn number(period: Period) -> u32 {
    match period {
        Period::Tertial { number, .. } => number.into(),
        _ => 4,
    }
}

/// The months that make a period, where they do.
fn of_months(cells: &[BTreeMap<Period, Amounts>], period: Period) -> Option<Stretches> {
    let last = u32::from(period.last_month().month());
    let first = last.saturating_sub(3).max(1);
    let months = |from: u32| (from..=last).fold(0, |bits, month| bits | 1 << (month - 1));
    [months(1), months(first), months(last)].into_iter().find(|bits| {
        let agrees = |cell: &BTreeMap<Period, Amounts>| {
            let whole = cell.get(&period)?;
            let of_year = cell.iter().filter(|(part, _)| {
                matches!(part, Period::Month(month) if bits & (1 << (month.month() - 1)) != 0)
            });
            // A month in which nobody was there has no row.
            let sum = of_year.map(|(_, amounts)| *amounts).reduce(plus)?;
            Some(sum == *whole)
        };
        nearly_all(cells.iter().filter_map(agrees))
    })
}

/// The same stretches as an earlier period, or one more, where the numbers say so.
fn of_earlier(
    cells: &[BTreeMap<Period, Amounts>],
    period: Period,
    found: &BTreeMap<Period, Stretches>,
) -> Option<Stretches> {
    let earlier = found.keys().copied().filter(|other| !matches!(other, Period::Month(_)));
    let before = earlier.max_by_key(|other| number(*other))?;
    let pairs = || cells.iter().filter_map(|cell| cell.get(&before).zip(cell.get(&period)));
    if nearly_all(pairs().map(|(one, other)| one == other)) {
        return found.get(&before).copied();
    }
    let falls = |(one, other): (&Amounts, &Amounts)| other.0 < one.0 || other.1 < one.1;
    if matches!(period, Period::Year(_)) || pairs().any(falls) {
        return None;
    }
    let (all, rising) = pairs().fold((0, 0), |(all, rising), (one, other)| {
        (all + 1, rising + usize::from(other.0 > one.0))
    });
    let is_counted_on = all > 0 && rising as f64 >= RISES * all as f64;
    is_counted_on.then(|| found[&before] | 1 << (OF_TERTIALS + number(period) - 1))
}

fn plus(one: Amounts, other: Amounts) -> Amounts {
    let sum = |a: Decimal, b: Decimal| a.checked_add(b).unwrap_or(a);
    (sum(one.0, other.0), one.1.zip(other.1).map(|(a, b)| sum(a, b)))
}

fn nearly_all(agree: impl Iterator<Item = bool>) -> bool {
    let (all, agreeing) =
        agree.fold((0u32, 0u32), |(all, agreeing), one| (all + 1, agreeing + u32::from(one)));
    all > 0 && f64::from(agreeing) >= NEARLY_ALL * f64::from(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(amounts: &[(&str, i128)]) -> BTreeMap<Period, Amounts> {
        let amount = |(period, hours): &(&str, i128)| {
            (Period::parse(period).unwrap(), (Decimal::whole(*hours), Some(Decimal::whole(100))))
        };
        amounts.iter().map(amount).collect()
    }

    fn bits(amounts: &[(&str, i128)], period: &str) -> Stretches {
        stretches(&[cell(amounts)])[&Period::parse(period).unwrap()]
    }

    #[test]
    fn a_stock_is_its_last_month_and_a_survey_in_force_is_the_one_before() {
        let stock = [("2024-03", 5), ("2024-04", 7), ("2024T1", 7)];
        assert_eq!(bits(&stock, "2024T1"), 0b1000);
        let survey = [("2024T1", 7), ("2024T2", 7), ("2024T3", 8)];
        assert_eq!(bits(&survey, "2024T2"), bits(&survey, "2024T1"));
        assert_eq!(bits(&survey, "2024T3"), bits(&survey, "2024T1") | 1 << 14);
        let index = [("2024T1", 7), ("2024T2", 6)];
        assert_eq!(bits(&index, "2024T2"), 1 << 13);
    }

    #[test]
    fn months_make_the_year_so_far() {
        let hours = |period: &str, hours: i128| {
            let amounts = (Decimal::whole(hours), Some(Decimal::whole(10 * hours)));
            (Period::parse(period).unwrap(), amounts)
        };
        let months = (1..=8).map(|month| hours(&format!("2024-{month:02}"), 1));
        let all = months.chain([hours("2024T1", 4), hours("2024T2", 8)]).collect();
        let found = stretches(&[all]);
        assert_eq!(found[&Period::parse("2024T2").unwrap()], 0b1111_1111);
        assert_eq!(found[&Period::parse("2024T1").unwrap()], 0b1111);
    }
}

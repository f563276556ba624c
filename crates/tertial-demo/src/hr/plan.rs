//! The staff tables of totals, joined to one plan per unit. Reading only; nothing is drawn here.

use super::staff::{FIRST_YEAR, steady_changes};
use crate::{DemoError, dress, totals};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything the staff is made from.
pub(super) struct Plan {
    /// The board's own units first, then those that follow the scale.
    pub units: Vec<UnitPlan>,
    pub months: Vec<MonthPlan>,
    /// By board and year.
    pub sick_leave: BTreeMap<(String, u16), SickLeave>,
}

/// One unit.
pub(super) struct UnitPlan {
    pub unit_id: String,
    pub board_id: String,
    pub women_pct: u32,
    /// Sick leave relative to other units; 100 is as others.
    pub sick_weight: u32,
    /// Managers in the first month.
    pub managers: u32,
    /// Half placements, month by month.
    pub halves: Vec<u32>,
    pub changes: Vec<ManagerChange>,
    /// Occupation codes with the running sum of their weights.
    pub occupations: Vec<(u64, String)>,
    /// Codes of municipalities with the running sum of their weights.
    pub workplaces: Vec<(u64, String)>,
}

impl UnitPlan {
    /// The occupation's code at `place` of 0–99.
    pub(super) fn occupation(&self, place: u64) -> &str {
        weighed(&self.occupations, place)
    }

    /// The workplace's municipality at `place` of 0–99.
    pub(super) fn workplace(&self, place: u64) -> &str {
        weighed(&self.workplaces, place)
    }
}

/// The text whose weights reach `place`.
fn weighed(choices: &[(u64, String)], place: u64) -> &str {
    let at = choices.iter().position(|(up_to, _)| place < *up_to);
    &choices[at.unwrap_or(choices.len() - 1)].1
}

/// Managers who stop and start in one month.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ManagerChange {
    pub ended: u32,
    pub appointed: u32,
}

/// One month of the calendar.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MonthPlan {
    pub month: String,
    /// Hours of a full-time schedule.
    pub full_time_hours: i64,
    /// Short sick leave relative to the year's mean.
    pub sick_season_pct: u32,
    /// Holidays and other absence.
    pub other_absence_pct: u32,
}

/// Sick leave of one board and year.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SickLeave {
    board_id: String,
    year: u16,
    /// January–August, both sexes, in per cent of ordinary time.
    pub sick_leave_pct: f64,
    /// Women's per cent divided by men's.
    pub women_to_men: f64,
    day_1_14_weight: f64,
    day_15_59_weight: f64,
    day_60_on_weight: f64,
}

impl SickLeave {
    /// Shares of the three intervals, summing to 1.
    pub(super) fn interval_shares(&self) -> [f64; 3] {
        let weights = [self.day_1_14_weight, self.day_15_59_weight, self.day_60_on_weight];
        let whole: f64 = weights.iter().sum();
        weights.map(|weight| weight / whole)
    }
}

#[derive(Deserialize)]
struct HeadCount {
    month: String,
    unit_id: String,
    head_count: String,
}

#[derive(Deserialize)]
struct BoardUnit {
    unit_id: String,
    women_pct: u32,
    sick_weight: u32,
    manager_count: u32,
}

#[derive(Deserialize)]
struct ScaledUnit {
    unit_id: String,
    board_id: String,
    head_count: u32,
    women_pct: u32,
    sick_weight: u32,
}

#[derive(Deserialize)]
struct Change {
    month: String,
    unit_id: String,
    ended: u32,
    appointed: u32,
}

/// A text that a share of a unit's staff has.
#[derive(Deserialize)]
struct Weighed {
    unit_id: String,
    #[serde(alias = "occupation_code", alias = "municipality_code")]
    code: String,
    weight: u64,
}

/// The board whose staff is always full size.
const FULL_SIZE_BOARD: &str = "RS";
/// Fewest employees of a board that follows the scale.
const FEWEST: f64 = 20.0;

/// Reads the tables and joins them.
pub(super) fn plan(scale: f64) -> Result<Plan, DemoError> {
    let months: Vec<MonthPlan> =
        totals("hr_months.csv", include_str!("../../totals/hr_months.csv"))?;
    let sick_leave: Vec<SickLeave> =
        totals("hr_sick_leave.csv", include_str!("../../totals/hr_sick_leave.csv"))?;
    let work = Work {
        occupations: ByUnit::read(
            "hr_occupations.csv",
            include_str!("../../totals/hr_occupations.csv"),
        )?,
        workplaces: ByUnit::read(
            "hr_workplaces.csv",
            include_str!("../../totals/hr_workplaces.csv"),
        )?,
    };
    let mut units = board_units(months.len(), &work)?;
    units.extend(scaled_units(months.len(), scale, &work)?);
    let sick_leave =
        sick_leave.into_iter().map(|row| ((row.board_id.clone(), row.year), row)).collect();
    Ok(Plan { units, months, sick_leave })
}

/// Texts with the running sum of their weights, by unit.
struct ByUnit {
    table: &'static str,
    choices: BTreeMap<String, Vec<(u64, String)>>,
}

impl ByUnit {
    fn read(table: &'static str, text: &str) -> Result<ByUnit, DemoError> {
        let rows: Vec<Weighed> = totals(table, text)?;
        let mut choices: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
        for row in rows {
            let codes = choices.entry(row.unit_id).or_default();
            let so_far = codes.last().map_or(0, |(up_to, _)| *up_to);
            codes.push((so_far + row.weight, row.code));
        }
        Ok(ByUnit { table, choices })
    }

    fn of(&self, unit_id: &str) -> Result<Vec<(u64, String)>, DemoError> {
        self.choices.get(unit_id).cloned().ok_or_else(|| DemoError::Contradiction {
            table: self.table,
            reason: format!("unit {unit_id} is not in it"),
        })
    }
}

/// What a unit's staff works with and where.
struct Work {
    occupations: ByUnit,
    workplaces: ByUnit,
}

fn board_units(months: usize, work: &Work) -> Result<Vec<UnitPlan>, DemoError> {
    let units: Vec<BoardUnit> = totals("hr_units.csv", include_str!("../../totals/hr_units.csv"))?;
    let counts: Vec<HeadCount> =
        totals("hr_head_counts.csv", include_str!("../../totals/hr_head_counts.csv"))?;
    let changes: Vec<Change> =
        totals("hr_manager_changes.csv", include_str!("../../totals/hr_manager_changes.csv"))?;
    units
        .into_iter()
        .map(|unit| {
            let known: Vec<(usize, u32)> = counts
                .iter()
                .filter(|row| row.unit_id == unit.unit_id)
                .map(|row| Ok((month_index(&row.month, months)?, halves(row)?)))
                .collect::<Result<_, DemoError>>()?;
            let mut by_month = vec![ManagerChange::default(); months];
            for row in changes.iter().filter(|row| row.unit_id == unit.unit_id) {
                by_month[month_index(&row.month, months)?] =
                    ManagerChange { ended: row.ended, appointed: row.appointed };
            }
            Ok(UnitPlan {
                occupations: work.occupations.of(&unit.unit_id)?,
                workplaces: work.workplaces.of(&unit.unit_id)?,
                unit_id: unit.unit_id,
                board_id: FULL_SIZE_BOARD.to_owned(),
                women_pct: unit.women_pct,
                sick_weight: unit.sick_weight,
                managers: unit.manager_count,
                halves: between_known(&known, months),
                changes: by_month,
            })
        })
        .collect()
}

fn scaled_units(months: usize, scale: f64, work: &Work) -> Result<Vec<UnitPlan>, DemoError> {
    let units: Vec<ScaledUnit> =
        totals("hr_other_units.csv", include_str!("../../totals/hr_other_units.csv"))?;
    let mut boards: BTreeMap<&str, f64> = BTreeMap::new();
    for unit in &units {
        *boards.entry(&unit.board_id).or_default() += f64::from(unit.head_count);
    }
    units
        .iter()
        .map(|unit| {
            let head_count = f64::from(unit.head_count);
            let floor = (FEWEST * head_count / boards[unit.board_id.as_str()]).ceil();
            // The staff grows by four per cent from the first month to the last.
            let at = |month: usize| 0.96 + 0.04 * month as f64 / months as f64;
            let halves: Vec<u32> = (0..months)
                .map(|month| (head_count * at(month) * scale).round().max(floor) as u32 * 2)
                .collect();
            let managers = halves[0] / 40;
            Ok(UnitPlan {
                unit_id: unit.unit_id.clone(),
                board_id: unit.board_id.clone(),
                women_pct: unit.women_pct,
                sick_weight: unit.sick_weight,
                managers,
                halves,
                changes: steady_changes(managers, months),
                occupations: work.occupations.of(&unit.unit_id)?,
                workplaces: work.workplaces.of(&unit.unit_id)?,
            })
        })
        .collect()
}

fn month_index(month: &str, months: usize) -> Result<usize, DemoError> {
    let index = tertial_model::Month::parse(month).and_then(|parsed| {
        let years = usize::try_from(parsed.year() - FIRST_YEAR as i16).ok()?;
        Some(years * 12 + usize::from(parsed.month()) - 1)
    });
    index.filter(|&index| index < months).ok_or_else(|| DemoError::Contradiction {
        table: "hr_head_counts.csv or hr_manager_changes.csv",
        reason: format!("month {month} lies outside hr_months.csv"),
    })
}

fn halves(row: &HeadCount) -> Result<u32, DemoError> {
    let tenths = dress::exact(&row.head_count, 1).filter(|tenths| *tenths > 0 && tenths % 5 == 0);
    tenths.map(|tenths| (tenths / 5) as u32).ok_or_else(|| DemoError::Contradiction {
        table: "hr_head_counts.csv",
        reason: format!("unit {}: {} is not a number of halves", row.unit_id, row.head_count),
    })
}

/// The known months exactly, the others on the line between their neighbours, the ends held.
fn between_known(known: &[(usize, u32)], months: usize) -> Vec<u32> {
    (0..months)
        .map(|month| {
            let before = known.iter().rev().find(|(at, _)| *at <= month);
            let after = known.iter().find(|(at, _)| *at >= month);
            match (before, after) {
                (Some(&(a, low)), Some(&(b, high))) if a < b => {
                    let step = (i64::from(high) - i64::from(low)) * (month - a) as i64;
                    // Half a step is added so that the division rounds to the nearest half.
                    let width = (b - a) as i64;
                    (i64::from(low) + (2 * step + width).div_euclid(2 * width)) as u32
                }
                (Some(&(_, count)), _) | (None, Some(&(_, count))) => count,
                (None, None) => 0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_between_two_known_ones_lie_on_the_line() {
        assert_eq!(between_known(&[(1, 10), (5, 20)], 8), [10, 10, 13, 15, 18, 20, 20, 20]);
        assert_eq!(between_known(&[(0, 20), (4, 10)], 5), [20, 18, 15, 13, 10]);
    }

    #[test]
    fn the_tables_hold_together() {
        let plan = plan(1.0).unwrap();
        assert_eq!(plan.months[0].month, format!("{FIRST_YEAR}-01"));
        let total: u32 = plan
            .units
            .iter()
            .filter(|unit| unit.board_id == FULL_SIZE_BOARD)
            .map(|unit| unit.halves[plan.months.len() - 1])
            .sum();
        assert_eq!(total, 2 * 665);
    }
}

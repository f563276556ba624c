//! Disclosure control: which cells must be hidden so that few persons stay unseen.
//!
//! Version 3. A reader sees ratios with their printed digits and counts in full, and knows which cells
//! add up and how large every group is. *Primary*: a cell behind which 1 to `max_persons` persons
//! stand is hidden (nobody is no person, so 0 is shown), and so is a share of persons with
//! [`FEW_ON_A_SIDE`] or fewer, or nobody, on one of its sides. *Secondary*: further cells are hidden
//! until he cannot work a small group out within [`WITHIN`] of its value, whether that is a hidden
//! cell, what the shown parts leave of a shown whole, or several hidden cells together.
//!
//! What he cannot work out is shown by what could be otherwise: [`table`] has the cells, the sums and
//! the pieces that the cells are made of, and a world in which some pieces are larger and others
//! smaller, while every shown cell prints as it does, looks the same to him ([`search`]). Only such
//! worlds count, so that a search that does not find one hides a cell too many and never one too few.
//! Where he knows to within printed digits, most cells need no company.
//!
//! What a hidden cell looks like is the report's work.

mod search;
mod table;
mod time;

use crate::definition::Definition;
use search::Search;
use std::collections::{BTreeMap, BTreeSet};
use table::{Scale, Table};
use tertial_model::{Decimal, Period, Sex};

/// Name of the rule.
pub const RULE: &str = "rojandekontroll";
/// Version of the rule.
pub const VERSION: u32 = 3;

/// A small group's value is known when it is known to within this part of it, to each side.
pub const WITHIN: f64 = 0.05;
/// So many persons on one side of a share are few, whatever the other side is.
pub const FEW_ON_A_SIDE: u32 = 3;

/// A row of an indicator's query.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// Unit.
    pub unit: &'a str,
    /// Period.
    pub period: Period,
    /// Sex.
    pub sex: Sex,
    /// Breakdown, empty when none.
    pub breakdown: &'a str,
    /// Exact numerator.
    pub numerator: Option<Decimal>,
    /// Exact denominator.
    pub denominator: Option<Decimal>,
    /// Persons behind the row; none when no persons are.
    pub persons: Option<u64>,
    /// Whether a plan in force asks for this figure, or follows its unit.
    pub is_planned: bool,
}

/// Why a cell is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Too few persons.
    Primary,
    /// It would give away another cell.
    Secondary,
}

/// Which rows of an indicator are hidden, and why; in their order. Without a limit none is.
///
/// `parents` has the unit above each unit.
pub fn hidden(
    definition: &Definition,
    parents: &BTreeMap<String, Option<String>>,
    rows: &[Row],
) -> Vec<Option<Reason>> {
    let mut answer = vec![None; rows.len()];
    let Some(limit) = definition.suppress_max else { return answer };
    let scale = Scale::of(definition, rows, u64::from(limit));
    let years: BTreeSet<i16> = rows.iter().map(|row| row.period.year()).collect();
    let of_year = |year: i16| -> Vec<usize> {
        (0..rows.len()).filter(|at| rows[*at].period.year() == year).collect()
    };
    let decide = |year: i16| -> Vec<(usize, Option<Reason>)> {
        let table = Table::new(definition, parents, rows, &of_year(year), &scale);
        let reasons = Search::new(&table).decide();
        let decided = reasons.into_iter().enumerate();
        decided.filter_map(|(cell, reason)| Some((table.cells[cell].row?, reason))).collect()
    };
    // No sum crosses a year, so that each is decided apart.
    let decided = std::thread::scope(|scope| {
        let years: Vec<_> =
            years.into_iter().map(|year| scope.spawn(move || decide(year))).collect();
        let years = years.into_iter().map(std::thread::ScopedJoinHandle::join);
        // A panic goes on: nothing may be shown because nothing was decided.
        years
            .flat_map(|year| year.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Vec<_>>()
    });
    for (row, reason) in decided {
        answer[row] = reason;
    }
    // What has no numerator tells nothing, but that few persons are there.
    for (row, reason) in rows.iter().zip(&mut answer) {
        let is_few = row.persons.is_some_and(|persons| (1..=u64::from(limit)).contains(&persons));
        if row.numerator.is_none() && is_few {
            *reason = Some(Reason::Primary);
        }
    }
    answer
}

#[cfg(test)]
mod tests;

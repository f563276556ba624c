//! Disclosure control: which cells must be hidden so that few persons stay unseen.
//!
//! Version 2. *Primary*: a cell behind which 1 to `max_persons` persons stand is hidden (nobody is
//! no person, so 0 is shown). *Secondary*: further cells are hidden until no hidden cell can be
//! worked out from what is shown and the sums the reader knows: units add up to their parent, women
//! and men to the total, months to the year to date; and until what is left of a shown whole, when
//! its shown parts are taken off, stands for more than `max_persons` persons too, and is neither
//! nothing nor all that it could be: those parts would each be known. One structure holds
//! all tables that share cells, so that one table cannot give away another.
//!
//! A hidden cell is *safe* when another table, with the same shown cells, the same sums and no
//! hidden cell below one person, has another number there: its exact value cannot be known. Which
//! cell is hidden next is fixed: the one with the fewest persons, parts before wholes, first in
//! order; at the end secondary cells that are not needed are shown again (in groups small enough to
//! search). Same cells, same answer.
//!
//! What a hidden cell looks like is the report's work. Persons who sit in several parts make the
//! parts overlap; give such a structure without that sum.

mod linear;

use linear::Hidden;
use std::collections::BTreeMap;
use tertial_model::Decimal;

/// Name of the rule.
pub const RULE: &str = "rojandekontroll";
/// Version of the rule.
pub const VERSION: u32 = 2;

/// Groups of more hidden cells than this are not searched for cells to show again: the gain is
/// small and the search costs a solution of the whole group for each cell.
const LARGE_GROUP: usize = 120;

/// What may be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// This many persons or fewer are hidden.
    pub max_persons: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { max_persons: 10 }
    }
}

/// A cell's number within its structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId(usize);

#[derive(Debug, Clone)]
struct Cell {
    persons: Option<u64>,
    /// Numerator and denominator, where they add up as the persons do.
    amounts: Option<(Decimal, Decimal)>,
    /// How many sums it is the whole of.
    wholes: usize,
}

#[derive(Debug, Clone)]
struct Sum {
    whole: usize,
    parts: Vec<usize>,
}

/// Cells and the sums that hold between them.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    cells: Vec<Cell>,
    keys: BTreeMap<String, usize>,
    sums: Vec<Sum>,
}

/// Why a cell is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Too few persons.
    Primary,
    /// It would give away another cell.
    Secondary,
}

impl Reason {
    /// In Swedish.
    pub fn words(self) -> &'static str {
        match self {
            Reason::Primary => "för få personer",
            Reason::Secondary => "skulle röja en annan cell",
        }
    }
}

/// Which cells are hidden, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    hidden: Vec<Option<Reason>>,
}

impl Answer {
    /// Why a cell is hidden; none when it is shown.
    pub fn reason(&self, cell: CellId) -> Option<Reason> {
        self.hidden.get(cell.0).copied().flatten()
    }

    /// Whether a cell is hidden.
    pub fn is_hidden(&self, cell: CellId) -> bool {
        self.reason(cell).is_some()
    }

    /// How many cells are hidden for each reason: primary, secondary.
    pub fn counts(&self) -> (usize, usize) {
        let count = |wanted| self.hidden.iter().filter(|reason| **reason == Some(wanted)).count();
        (count(Reason::Primary), count(Reason::Secondary))
    }
}

impl Structure {
    /// A structure without cells.
    pub fn new() -> Structure {
        Structure::default()
    }

    /// The cell of that key (indicator, unit, period, sex, breakdown), made when it is new. The
    /// same key in another table is the same cell. `persons` is how many stand behind the value;
    /// none when no persons do. Of two statements the smaller count is kept.
    pub fn cell(&mut self, key: &str, persons: Option<u64>) -> CellId {
        if let Some(&id) = self.keys.get(key) {
            let cell = &mut self.cells[id];
            cell.persons = match (cell.persons, persons) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            return CellId(id);
        }
        self.cells.push(Cell { persons, amounts: None, wholes: 0 });
        self.keys.insert(key.to_owned(), self.cells.len() - 1);
        CellId(self.cells.len() - 1)
    }

    /// States the numerator and denominator behind a cell, neither below nought.
    pub fn amounts(&mut self, cell: CellId, numerator: Decimal, denominator: Decimal) {
        self.cells[cell.0].amounts = Some((numerator, denominator));
    }

    /// States that the parts add up to the whole. A sum without parts says nothing; a part given
    /// twice counts once.
    pub fn sum(&mut self, whole: CellId, parts: &[CellId]) {
        let mut parts: Vec<usize> = parts.iter().map(|part| part.0).collect();
        parts.sort_unstable();
        parts.dedup();
        parts.retain(|part| *part != whole.0);
        if !parts.is_empty() {
            self.cells[whole.0].wholes += 1;
            self.sums.push(Sum { whole: whole.0, parts });
        }
    }

    /// Decides which cells to hide.
    pub fn suppress(&self, settings: &Settings) -> Answer {
        let is_small = |cell: &Cell| {
            cell.persons.is_some_and(|persons| (1..=settings.max_persons).contains(&persons))
        };
        let primary = |cell: &Cell| is_small(cell).then_some(Reason::Primary);
        let mut answer = Answer { hidden: self.cells.iter().map(primary).collect() };
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.sort_by_key(|id| {
            let cell = &self.cells[*id];
            // Nobody last: a shown zero seldom helps anyone, and hiding it protects least.
            let persons = cell.persons.filter(|persons| *persons > 0).unwrap_or(u64::MAX);
            (persons, cell.wholes, *id)
        });
        while let Some(id) = self.next_to_hide(&answer, &order, settings) {
            answer.hidden[id] = Some(Reason::Secondary);
        }
        self.show_what_may_be_shown(&mut answer, &order, settings);
        answer
    }

    /// The first exposed cell's next companion; none when every hidden cell is safe.
    fn next_to_hide(&self, answer: &Answer, order: &[usize], settings: &Settings) -> Option<usize> {
        // A hidden cell alone in its sum is exposed without any algebra, and most are of this kind;
        // and so are few persons, whatever cells they are divided into.
        let is_open = |sum: &&Sum| {
            sum.hidden(answer) == 1
                || self.leaves_few(sum, answer, settings)
                || self.leaves_nothing(sum, answer)
        };
        if let Some(sum) = self.sums.iter().find(is_open) {
            let is_shown =
                |id: &&usize| answer.hidden[**id].is_none() && sum.cells().any(|cell| cell == **id);
            return order.iter().find(is_shown).copied();
        }
        for group in self.groups(answer) {
            let exposed = self.exposed(&group);
            let Some(first) = exposed.first() else { continue };
            let rank = |sum: &&Sum| !sum.cells().any(|id| id == *first);
            let touches = |sum: &&Sum| sum.cells().any(|id| group.contains(&id));
            let has_shown = |sum: &&Sum| sum.cells().any(|id| answer.hidden[id].is_none());
            let sum = self.sums.iter().filter(touches).filter(has_shown).min_by_key(rank);
            let Some(sum) = sum else { continue };
            let is_candidate =
                |id: &&usize| answer.hidden[**id].is_none() && sum.cells().any(|cell| cell == **id);
            return order.iter().find(is_candidate).copied();
        }
        None
    }

    /// Shows secondary cells again, the largest first, as long as everything stays safe.
    fn show_what_may_be_shown(&self, answer: &mut Answer, order: &[usize], settings: &Settings) {
        for &id in order.iter().rev() {
            if answer.hidden[id] != Some(Reason::Secondary) {
                continue;
            }
            let before = self.group_of(answer, id);
            if before.len() > LARGE_GROUP {
                continue;
            }
            answer.hidden[id] = None;
            let is_opened = |sum: &Sum| {
                sum.cells().any(|cell| cell == id)
                    && (sum.hidden(answer) == 1
                        || self.leaves_few(sum, answer, settings)
                        || self.leaves_nothing(sum, answer))
            };
            if self.sums.iter().any(is_opened) {
                answer.hidden[id] = Some(Reason::Secondary);
                continue;
            }
            let rest: Vec<usize> = before.into_iter().filter(|cell| *cell != id).collect();
            let is_safe = self
                .groups_within(answer, &rest)
                .iter()
                .all(|group| self.exposed(group).is_empty());
            if !is_safe {
                answer.hidden[id] = Some(Reason::Secondary);
            }
        }
    }

    /// Whether a shown whole and its shown parts tell the value of few persons: those of the hidden
    /// parts together. Cells without a count are taken for nobody's.
    fn leaves_few(&self, sum: &Sum, answer: &Answer, settings: &Settings) -> bool {
        let hidden = sum.parts.iter().filter(|part| answer.hidden[**part].is_some());
        let left: u64 = hidden.filter_map(|part| self.cells[*part].persons).sum();
        answer.hidden[sum.whole].is_none() && (1..=settings.max_persons).contains(&left)
    }

    /// Whether a shown whole and its shown parts tell that the hidden parts have nothing, or all that
    /// they can have: amounts are not below nought, so each of them is then known, however many they are.
    fn leaves_nothing(&self, sum: &Sum, answer: &Answer) -> bool {
        if answer.hidden[sum.whole].is_some() {
            return false;
        }
        let hidden = sum.parts.iter().filter(|part| answer.hidden[**part].is_some());
        let amounts: Option<Vec<(Decimal, Decimal)>> =
            hidden.map(|part| self.cells[*part].amounts).collect();
        amounts.is_some_and(|amounts| {
            !amounts.is_empty()
                && (amounts.iter().all(|(numerator, _)| *numerator == Decimal::ZERO)
                    || amounts.iter().all(|(numerator, denominator)| numerator == denominator))
        })
    }

    /// The hidden cells of a group whose exact value could be known.
    fn exposed(&self, group: &[usize]) -> Vec<usize> {
        let sums = self.sums.iter().map(|sum| (sum.whole, sum.parts.as_slice()));
        let persons: Vec<Option<u64>> = group.iter().map(|id| self.cells[*id].persons).collect();
        let safe = Hidden::new(group, &persons, sums).safe();
        group.iter().zip(safe).filter(|(_, is_safe)| !is_safe).map(|(id, _)| *id).collect()
    }

    /// Hidden cells that sums tie together, in order of their first cell.
    fn groups(&self, answer: &Answer) -> Vec<Vec<usize>> {
        let hidden = answer.hidden.iter().enumerate().filter(|(_, reason)| reason.is_some());
        let hidden: Vec<usize> = hidden.map(|(id, _)| id).collect();
        self.groups_within(answer, &hidden)
    }

    fn group_of(&self, answer: &Answer, id: usize) -> Vec<usize> {
        let groups = self.groups(answer);
        groups.into_iter().find(|group| group.contains(&id)).unwrap_or_default()
    }

    fn groups_within(&self, answer: &Answer, cells: &[usize]) -> Vec<Vec<usize>> {
        let mut leader: BTreeMap<usize, usize> = cells.iter().map(|id| (*id, *id)).collect();
        for sum in &self.sums {
            let tied: Vec<usize> = sum
                .cells()
                .filter(|id| answer.hidden[*id].is_some() && leader.contains_key(id))
                .map(|id| leader[&id])
                .collect();
            let Some(first) = tied.iter().min().copied() else { continue };
            for (_, of) in leader.iter_mut().filter(|(_, of)| tied.contains(of)) {
                *of = first;
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (id, of) in leader {
            groups.entry(of).or_default().push(id);
        }
        groups.into_values().collect()
    }
}

impl Sum {
    fn cells(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().copied().chain([self.whole])
    }

    fn hidden(&self, answer: &Answer) -> usize {
        self.cells().filter(|id| answer.hidden[*id].is_some()).count()
    }
}

#[cfg(test)]
mod tests;

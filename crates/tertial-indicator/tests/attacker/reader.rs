//! From rows and what is hidden of them to what a reader knows: sums over units, sexes, breakdowns
//! and months, and what he may not come closer to.

#![allow(dead_code)]

use super::attacker::{Knowledge, Secret};
use std::collections::{BTreeMap, BTreeSet};

/// A value is known when it is known to within this part of it, to each side.
const WITHIN: f64 = 0.05;
/// So many persons on one side of a share are few.
const FEW_ON_A_SIDE: f64 = 3.0;

/// A cell of an indicator, as the warehouse has it, and whether it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub unit: String,
    pub period: String,
    pub sex: String,
    pub breakdown: String,
    pub numerator: f64,
    pub denominator: Option<f64>,
    pub persons: u64,
    pub is_hidden: bool,
}

/// What is known of an indicator besides its cells.
#[derive(Debug, Clone)]
pub struct Form {
    pub name: String,
    pub factor: f64,
    pub decimals: i32,
    pub max_persons: u64,
    pub breakdowns_add_up: bool,
    /// Shares of persons may not tell of few on one side.
    pub is_two_sided: bool,
    /// Numerators are whole numbers.
    pub is_whole: bool,
    /// Tertials are counted from January, though no months are given.
    pub counts_on: bool,
}

type Key = (String, String, String, String);

impl Cell {
    fn key(&self) -> Key {
        (self.unit.clone(), self.period.clone(), self.sex.clone(), self.breakdown.clone())
    }
}

/// What a reader knows who sees the cells shown, printed with the decimals of the indicator.
///
/// `parents` has the unit above each unit. `also` holds numerators that are published elsewhere.
pub fn knowledge(
    form: &Form,
    cells: &[Cell],
    scale: Scale,
    parents: &BTreeMap<String, Option<String>>,
    also: &BTreeSet<Key>,
) -> Knowledge {
    let mut reader = Reader {
        form,
        known: Knowledge::default(),
        at: BTreeMap::new(),
        cells,
        scale,
        secrets: Vec::new(),
        rates: BTreeMap::new(),
    };
    for (index, cell) in cells.iter().enumerate() {
        let (low, high) = if cell.is_hidden {
            reader.possible(cell.numerator, cell.denominator)
        } else if also.contains(&cell.key()) {
            (cell.numerator, cell.numerator)
        } else {
            reader.printed(cell)
        };
        let label = format!(
            "{} {} {} {} {} ({} persons)",
            form.name, cell.unit, cell.period, cell.sex, cell.breakdown, cell.persons
        );
        let number = reader.known.number(label, cell.numerator, low, high);
        assert_eq!(number, index);
        reader.at.insert(cell.key(), number);
        if cell.is_hidden && reader.is_few(cell.numerator, cell.denominator, cell.persons) {
            let secret = (vec![number], cell.numerator, cell.denominator, cell.persons);
            reader.secrets.push(secret);
        }
    }
    reader.sums(parents);
    for (numbers, numerator, denominator, persons) in std::mem::take(&mut reader.secrets) {
        let rates = numbers.iter().filter_map(|at| reader.rates.get(at));
        let rate = rates.copied().fold(reader.scale.usual, f64::min).max(0.2 * reader.scale.usual);
        let width = reader.width(numerator, denominator, persons, rate);
        reader.known.secrets.push(Secret { numbers, width });
    }
    reader.known
}

/// What a reader knows who has kept an earlier release: a cell that is the same in both is shown when
/// either shows it, and both releases' sums hold.
pub fn knowledge_of_both(
    form: &Form,
    before: &[Cell],
    now: &[Cell],
    scale: Scale,
    parents: &BTreeMap<String, Option<String>>,
) -> Knowledge {
    let nothing = BTreeSet::new();
    let mut known = knowledge(form, now, scale, parents, &nothing);
    let earlier = knowledge(form, before, scale, parents, &nothing);
    let same = |one: &Cell, other: &Cell| {
        one.key() == other.key()
            && (one.numerator, one.denominator) == (other.numerator, other.denominator)
    };
    let mut place = Vec::with_capacity(earlier.numbers.len());
    for (at, number) in earlier.numbers.into_iter().enumerate() {
        let twin = before.get(at).and_then(|cell| now.iter().position(|other| same(cell, other)));
        if let Some(twin) = twin {
            let own = &mut known.numbers[twin];
            (own.low, own.high) = (own.low.max(number.low), own.high.min(number.high));
            place.push(twin);
        } else {
            known.numbers.push(number);
            place.push(known.numbers.len() - 1);
        }
    }
    for (whole, parts) in earlier.sums {
        known.sums.push((place[whole], parts.into_iter().map(|part| place[part]).collect()));
    }
    for secret in earlier.secrets {
        let numbers: Vec<usize> = secret.numbers.into_iter().map(|at| place[at]).collect();
        known.secrets.push(Secret { numbers, ..secret });
    }
    known
}

/// What a reader knows of the size of ratios.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Numerator per denominator of the largest group.
    usual: f64,
    /// The least and the most it can be; none and one where numerators are parts of denominators.
    bounds: (f64, f64),
}

impl Scale {
    /// From all cells of an indicator.
    pub fn of(cells: &[Cell]) -> Scale {
        let ratios: Vec<(f64, f64)> = cells
            .iter()
            .filter_map(|cell| {
                let of = cell.denominator.filter(|of| *of > 0.0)?;
                Some((cell.numerator / of, of))
            })
            .collect();
        let largest = ratios.iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let most = ratios.iter().map(|ratio| ratio.0).fold(f64::NEG_INFINITY, f64::max);
        let least = ratios.iter().map(|ratio| ratio.0).fold(f64::INFINITY, f64::min);
        Scale {
            usual: largest.map_or(0.0, |ratio| ratio.0),
            bounds: if most <= 1.0 { (0.0, 1.0) } else { (least, most) },
        }
    }
}

struct Reader<'a> {
    form: &'a Form,
    known: Knowledge,
    at: BTreeMap<Key, usize>,
    cells: &'a [Cell],
    scale: Scale,
    /// Numbers that are added, with numerator, denominator and persons of the sum.
    secrets: Vec<(Vec<usize>, f64, Option<f64>, u64)>,
    /// The lowest ratio among the wholes of a number.
    rates: BTreeMap<usize, f64>,
}

impl Reader<'_> {
    fn possible(&self, numerator: f64, denominator: Option<f64>) -> (f64, f64) {
        match denominator {
            None => (numerator.min(1.0), f64::INFINITY),
            Some(of) => (
                (self.scale.bounds.0 * of).min(numerator),
                (self.scale.bounds.1 * of).max(numerator),
            ),
        }
    }

    fn printed(&self, cell: &Cell) -> (f64, f64) {
        let numerator = cell.numerator;
        let Some(of) = cell.denominator.filter(|of| *of > 0.0) else {
            return (numerator, numerator);
        };
        let unit = 10f64.powi(-self.form.decimals);
        let value = numerator / of * self.form.factor;
        // A reader does not know how halves were rounded.
        let shown = (value / unit + 1e-9).round() * unit;
        let at = |value: f64| value * of / self.form.factor;
        let (least, most) = self.possible(numerator, Some(of));
        let (low, high) = (at(shown - 0.5 * unit), at(shown + 0.5 * unit));
        (low.max(least).min(numerator), high.min(most).max(numerator))
    }

    fn is_few(&self, numerator: f64, denominator: Option<f64>, persons: u64) -> bool {
        (1..=self.form.max_persons).contains(&persons)
            || self.few_side(numerator, denominator, persons).is_some()
    }

    fn few_side(&self, numerator: f64, denominator: Option<f64>, persons: u64) -> Option<f64> {
        let side = denominator.map(|of| numerator.min(of - numerator))?;
        (self.form.is_two_sided && persons > 0 && side <= FEW_ON_A_SIDE).then_some(side)
    }

    /// How far apart the ends must lie: a twentieth of the value to each side, or of what it would be if
    /// the group were like its wholes; where persons are counted, two numbers of them.
    fn width(&self, numerator: f64, denominator: Option<f64>, persons: u64, rate: f64) -> f64 {
        let few_persons = (1..=self.form.max_persons).contains(&persons);
        let size = match self.few_side(numerator, denominator, persons) {
            Some(side) if !few_persons => side,
            _ => {
                // Of a share the smaller side counts.
                let side = |amount: f64| match denominator {
                    Some(of) if self.scale.bounds == (0.0, 1.0) => {
                        amount.min((of - amount).max(0.0))
                    }
                    _ => amount,
                };
                side(numerator).max(denominator.map_or(0.0, |of| side(of * rate)))
            }
        };
        let width = 2.0 * WITHIN * size;
        let width = if self.form.is_whole { width.max(1.0) } else { width };
        let (low, high) = self.possible(numerator, denominator);
        width.min(0.8 * (high - low))
    }

    fn sums(&mut self, parents: &BTreeMap<String, Option<String>>) {
        let keys: Vec<Key> = self.at.keys().cloned().collect();
        for (unit, period, sex, breakdown) in &keys {
            let key = (unit.clone(), period.clone(), sex.clone(), breakdown.clone());
            if sex == "T" {
                let parts: Vec<usize> = ["K", "M"]
                    .iter()
                    .filter_map(|sex| {
                        let key =
                            (unit.clone(), period.clone(), (*sex).to_owned(), breakdown.clone());
                        self.at.get(&key).copied()
                    })
                    .collect();
                self.add(&key, parts);
            }
            let below: Vec<usize> = keys
                .iter()
                .filter(|other| (&other.1, &other.2, &other.3) == (period, sex, breakdown))
                .filter(|other| self.nearest(other, parents).as_ref() == Some(unit))
                .map(|other| self.at[other])
                .collect();
            self.add(&key, below);
            self.add_lowest(&key, &keys, parents);
            if breakdown.is_empty() {
                let parts: Vec<usize> = keys
                    .iter()
                    .filter(|other| (&other.0, &other.1, &other.2) == (unit, period, sex))
                    .filter(|other| !other.3.is_empty() && !other.3.contains(", "))
                    .map(|other| self.at[other])
                    .collect();
                if self.form.breakdowns_add_up {
                    self.add(&key, parts);
                } else {
                    for part in parts {
                        self.add(&key, vec![part]);
                    }
                }
            }
            self.add_time(&key);
        }
    }

    fn nearest(&self, key: &Key, parents: &BTreeMap<String, Option<String>>) -> Option<String> {
        let mut parent = parents.get(&key.0)?.clone();
        while let Some(unit) = parent {
            let at = (unit.clone(), key.1.clone(), key.2.clone(), key.3.clone());
            if self.at.contains_key(&at) {
                return Some(unit);
            }
            parent = parents.get(&unit).cloned().flatten();
        }
        None
    }

    /// Few persons in the hidden units below a shown one, when those shown are taken off at whatever
    /// level they stand.
    fn add_lowest(
        &mut self,
        whole: &Key,
        keys: &[Key],
        parents: &BTreeMap<String, Option<String>>,
    ) {
        if self.cells[self.at[whole]].is_hidden {
            return;
        }
        let below = |key: &Key| -> Vec<Key> {
            let same = keys
                .iter()
                .filter(|other| (&other.1, &other.2, &other.3) == (&key.1, &key.2, &key.3));
            same.filter(|other| self.nearest(other, parents).as_ref() == Some(&key.0))
                .cloned()
                .collect()
        };
        let (mut open, mut lowest) = (below(whole), Vec::new());
        let mut deep = false;
        while let Some(key) = open.pop() {
            let cell = &self.cells[self.at[&key]];
            let parts = below(&key);
            if cell.is_hidden && parts.is_empty() {
                lowest.push(self.at[&key]);
            } else if cell.is_hidden {
                deep = true;
                open.extend(parts);
            }
        }
        let persons: u64 = lowest.iter().map(|at| self.cells[*at].persons).sum();
        if deep && lowest.len() > 1 && (1..=self.form.max_persons).contains(&persons) {
            let numerator = lowest.iter().map(|at| self.cells[*at].numerator).sum();
            let sizes = lowest.iter().map(|at| self.cells[*at].denominator);
            let denominator = sizes.sum::<Option<f64>>();
            self.secrets.push((lowest, numerator, denominator, persons));
        }
    }

    /// A whole and its parts; what the parts leave is a number of its own.
    fn add(&mut self, whole: &Key, parts: Vec<usize>) {
        if parts.is_empty() {
            return;
        }
        let whole = self.at[whole];
        let cell = |at: usize| &self.cells[at];
        let numerator =
            cell(whole).numerator - parts.iter().map(|at| cell(*at).numerator).sum::<f64>();
        let denominator = cell(whole)
            .denominator
            .map(|of| of - parts.iter().filter_map(|at| cell(*at).denominator).sum::<f64>());
        let told: u64 = parts.iter().map(|at| cell(*at).persons).sum();
        let persons = cell(whole).persons.saturating_sub(told);
        let is_nothing = numerator.abs() < 1e-6 && denominator.unwrap_or(0.0).abs() < 1e-6;
        // Persons in two parts make the parts more than the whole: such a sum tells nothing exactly.
        if numerator < -1e-6 || denominator.is_some_and(|of| of < -1e-6) {
            return;
        }
        let label = format!("what is left of {}", self.known.numbers[whole].label);
        let mut all = parts.clone();
        if !is_nothing {
            let numerator = numerator.max(0.0);
            if denominator.is_some_and(|of| of <= 1e-6) {
                return;
            }
            let (low, high) = self.possible(numerator, denominator);
            let rest = self.known.number(label, numerator, low, high);
            all.push(rest);
            if persons > 0 && self.is_few(numerator, denominator, persons) {
                self.secrets.push((vec![rest], numerator, denominator, persons));
            }
        }
        // Few persons in several hidden parts.
        let hidden: Vec<usize> = parts.iter().copied().filter(|at| cell(*at).is_hidden).collect();
        let few: u64 = hidden.iter().map(|at| cell(*at).persons).sum();
        if is_nothing
            && !cell(whole).is_hidden
            && hidden.len() > 1
            && (1..=self.form.max_persons).contains(&few)
        {
            let numerator = hidden.iter().map(|at| cell(*at).numerator).sum();
            let denominator = cell(whole)
                .denominator
                .map(|_| hidden.iter().filter_map(|at| cell(*at).denominator).sum());
            self.secrets.push((hidden, numerator, denominator, few));
        }
        if let Some(of) = cell(whole).denominator.filter(|of| *of > 0.0) {
            let rate = cell(whole).numerator / of;
            for part in &all {
                let lowest = self.rates.entry(*part).or_insert(f64::INFINITY);
                *lowest = lowest.min(rate);
            }
        }
        self.known.sums.push((whole, all));
    }

    /// Months make the year so far, where their numerators do; so do an earlier tertial and the months
    /// since. The last month may be the same, and the third tertial is the year. Where no months are
    /// given, what came since the tertial before is a number of its own.
    fn add_time(&mut self, whole: &Key) {
        let (unit, period, sex, breakdown) = whole;
        let year = &period[..4];
        let (number, last) = match &period[4..] {
            "T1" => (1, 4),
            "T2" => (2, 8),
            "T3" => (3, 12),
            "" => (4, 12),
            _ => return,
        };
        let at = |reader: &Self, period: String| {
            let key = (unit.clone(), period, sex.clone(), breakdown.clone());
            reader.at.get(&key).copied()
        };
        let of_months = |reader: &Self, first: usize| -> Vec<usize> {
            (first..=last).filter_map(|month| at(reader, format!("{year}-{month:02}"))).collect()
        };
        let before = at(self, format!("{year}T{}", number - 1));
        let since = of_months(self, if number == 4 { 13 } else { last - 3 });
        let mut ways = vec![of_months(self, 1), of_months(self, last)];
        ways.extend(before.filter(|_| number == 4).map(|third| vec![third]));
        ways.extend(before.map(|before| since.iter().copied().chain([before]).collect()));
        for parts in ways {
            if !parts.is_empty() && self.is_sum(self.at[whole], &parts) {
                self.known.sums.push((self.at[whole], parts));
            }
        }
        if let (Some(before), true) = (before, self.form.counts_on && since.is_empty()) {
            self.add_since(self.at[whole], before);
        }
    }

    fn is_sum(&self, whole: usize, parts: &[usize]) -> bool {
        let own = &self.cells[whole];
        let sum: f64 = parts.iter().map(|at| self.cells[*at].numerator).sum();
        let of: f64 = parts.iter().filter_map(|at| self.cells[*at].denominator).sum();
        (own.numerator - sum).abs() < 1e-6 && (own.denominator.unwrap_or(0.0) - of).abs() < 1e-6
    }

    fn add_since(&mut self, whole: usize, before: usize) {
        let (own, earlier) = (&self.cells[whole], &self.cells[before]);
        let numerator = own.numerator - earlier.numerator;
        let denominator = own.denominator.zip(earlier.denominator).map(|(own, of)| own - of);
        if denominator.is_none_or(|of| of <= 0.0 || numerator < 0.0 || numerator > of) {
            return;
        }
        let persons = own.persons.min(earlier.persons);
        let (low, high) = self.possible(numerator, denominator);
        let label = format!("since then {}", self.known.numbers[whole].label);
        let rest = self.known.number(label, numerator, low, high);
        if self.is_few(numerator, denominator, persons) {
            self.secrets.push((vec![rest], numerator, denominator, persons));
        }
        self.known.sums.push((whole, vec![before, rest]));
    }
}

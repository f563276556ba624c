//! The cells of an indicator in a year, which of them add up, and the pieces they are made of.
//!
//! Cells add up in four ways: women and men to both; units to the nearest unit above that has a cell;
//! breakdowns to the figure itself, all of them where the definition says so, else each with those it
//! leaves out; and stretches of time to longer ones. What the parts leave of a whole, persons placed
//! at an area itself, units of a level that is not given, is a cell too, though never a published one.
//!
//! A piece is what one unit, sex, breakdown and stretch of time have in common. Somebody else's hours
//! in a piece change every cell that contains it and no other, so that all sums still hold.
//!
//! Amounts are numerators, or counts. A shown ratio tells its numerator to within its printed digits
//! to a reader who knows the denominator, and the control takes it that he does.

use super::time::{self, Stretches};
use super::{FEW_ON_A_SIDE, Row};
use crate::definition::Definition;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Decimal, Period, Sex, swedish};

/// However low a whole is, its parts are not known to be lower than this part of what is usual.
const LOWEST_USUAL: f64 = 0.2;
/// A rest of so many times fewer persons than its size asks for is counted by its size.
const PERSONS_BY_SIZE: u64 = 3;

/// A cell, or what is left of one.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// The row it stands for; none for what is left of a whole.
    pub row: Option<usize>,
    /// Numerator or count.
    pub amount: f64,
    /// Where the numerator is a part of it: the denominator.
    pub of: Option<f64>,
    /// Persons behind it.
    pub persons: u64,
    /// Where few persons are on one side of a share: how many.
    pub few_side: Option<f64>,
    /// Changes of the amount that print does not show.
    pub printed: (f64, f64),
    /// Changes that are possible where nothing is shown.
    pub possible: (f64, f64),
    /// What the amount would be if the group were like those it belongs to.
    pub usual: f64,
    /// What a reader loses when it is hidden.
    pub cost: f64,
}

/// Cells that add up to another.
#[derive(Debug)]
pub(super) struct Sum {
    pub whole: usize,
    pub parts: Vec<usize>,
    /// What the parts leave; none when they are all of it.
    pub rest: Option<usize>,
    /// The same persons stand behind several parts, as in months.
    pub shares_persons: bool,
    /// The parts are units.
    pub is_of_units: bool,
}

impl Sum {
    /// Every cell of it: parts, whole, and what is left.
    pub(super) fn cells(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().copied().chain([self.whole]).chain(self.rest)
    }
}

/// The place of a piece: unit, sex, breakdown and stretch.
pub(super) type Place = [usize; 4];

/// What is known of an indicator's numbers as a whole.
pub(super) struct Scale {
    pub max_persons: u64,
    factor: f64,
    decimals: u8,
    /// Numerators are parts of their denominators.
    is_share: bool,
    /// Numerators count persons of the group, and few of them may be a secret.
    counts_persons: bool,
    /// All numerators are whole numbers.
    pub is_whole: bool,
    /// Numerator per denominator where the denominator is largest.
    usual: f64,
    /// The lowest and the highest numerator per denominator: a scale, as readers know it.
    range: (f64, f64),
}

impl Scale {
    pub(super) fn of(definition: &Definition, rows: &[Row], max_persons: u64) -> Scale {
        let ratios: Vec<(f64, f64, u64)> = rows
            .iter()
            .filter_map(|row| {
                let (amount, of) = (row.numerator?.to_f64(), row.denominator?.to_f64());
                (of > 0.0).then_some((amount, of, row.persons.unwrap_or(0)))
            })
            .collect();
        let rate = |(amount, of, _): &(f64, f64, u64)| amount / of;
        let largest = ratios.iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let is_share = ratios.iter().all(|(amount, of, _)| (0.0..=*of).contains(amount));
        let is_whole = rows
            .iter()
            .filter_map(|row| row.numerator)
            .all(|amount| amount.rescale(0).is_some_and(|whole| whole == amount));
        Scale {
            max_persons,
            factor: definition.factor.to_f64(),
            decimals: definition.decimals,
            is_share,
            counts_persons: definition.few_on_a_side.is_none()
                && is_share
                && is_whole
                && !ratios.is_empty()
                && ratios.iter().all(|(_, of, persons)| *of <= *persons as f64),
            is_whole,
            usual: largest.map_or(0.0, rate),
            range: (
                ratios.iter().map(rate).fold(f64::INFINITY, f64::min),
                ratios.iter().map(rate).fold(f64::NEG_INFINITY, f64::max),
            ),
        }
    }

    /// A cell of an amount; `of` is the denominator.
    fn cell(&self, amount: f64, of: Option<f64>, persons: u64) -> Cell {
        let change = |(low, high): (f64, f64)| ((low - amount).min(0.0), (high - amount).max(0.0));
        let (printed, possible) = match of {
            // A hidden count is of somebody, since nobody is shown.
            None => ((amount, amount), (amount.min(1.0), f64::INFINITY)),
            Some(of) => {
                let possible = match self.is_share {
                    true => (0.0, of.max(amount)),
                    false => (self.range.0 * of, self.range.1 * of),
                };
                let told = self.printed(amount, of);
                ((told.0.max(possible.0), told.1.min(possible.1)), possible)
            }
        };
        let side = of.filter(|_| self.counts_persons).map(|of| amount.min(of - amount));
        Cell {
            row: None,
            amount,
            of: of.filter(|_| self.is_share),
            persons,
            few_side: side.filter(|side| persons > 0 && *side <= f64::from(FEW_ON_A_SIDE)),
            printed: change(printed),
            possible: change(possible),
            usual: of.map_or(amount, |of| of * self.usual),
            cost: f64::INFINITY,
        }
    }

    /// The numerators that the printed ratio allows.
    fn printed(&self, amount: f64, of: f64) -> (f64, f64) {
        let value = amount / of * self.factor;
        let shown = swedish::from_float(value).and_then(|exact| exact.rescale(self.decimals));
        let Some(shown) = shown.filter(|_| of > 0.0 && self.factor != 0.0) else {
            return (amount, amount);
        };
        let half = 0.5 * 10f64.powi(-i32::from(self.decimals));
        let at = |value: f64| value * of / self.factor;
        (at(shown.to_f64() - half), at(shown.to_f64() + half))
    }

    /// Whether few persons stand behind a cell, or on one side of it.
    pub(super) fn is_few(&self, cell: &Cell) -> bool {
        (1..=self.max_persons).contains(&cell.persons) || cell.few_side.is_some()
    }
}

/// The cells of a year.
pub(super) struct Table<'a> {
    pub scale: &'a Scale,
    pub cells: Vec<Cell>,
    pub sums: Vec<Sum>,
    /// Every piece with the cells that contain it.
    pub pieces: Vec<Vec<usize>>,
    /// The piece of each place.
    pub at: BTreeMap<Place, usize>,
    pub places: Vec<Place>,
    /// The pieces of each cell.
    pub pieces_of: Vec<Vec<usize>>,
    /// How many units, sexes, breakdowns and stretches there are.
    pub size: Place,
    /// For each unit the others below the same one.
    pub siblings: Vec<Vec<usize>>,
}

/// A cell's place without its period.
type Key<'a> = (&'a str, Sex, &'a str);

const SEXES: [Sex; 3] = [Sex::T, Sex::K, Sex::M];

impl<'a> Table<'a> {
    pub(super) fn new(
        definition: &Definition,
        parents: &'a BTreeMap<String, Option<String>>,
        rows: &'a [Row<'a>],
        of_year: &[usize],
        scale: &'a Scale,
    ) -> Table<'a> {
        let mut maker = Maker {
            definition,
            parents,
            rows,
            scale,
            cells: Vec::new(),
            sums: Vec::new(),
            at: BTreeMap::new(),
            stretches: BTreeMap::new(),
            rates: BTreeMap::new(),
        };
        maker.add_cells(of_year);
        maker.add_sums();
        maker.finish()
    }

    fn add_piece(&mut self, place: Place, cells: &[usize]) -> usize {
        cells.iter().for_each(|cell| self.pieces_of[*cell].push(self.pieces.len()));
        self.pieces.push(cells.to_vec());
        self.places.push(place);
        self.pieces.len() - 1
    }
}

/// A table in the making.
struct Maker<'a, 'b> {
    definition: &'b Definition,
    parents: &'a BTreeMap<String, Option<String>>,
    rows: &'a [Row<'a>],
    scale: &'a Scale,
    cells: Vec<Cell>,
    sums: Vec<Sum>,
    /// Cells by place and period.
    at: BTreeMap<Key<'a>, BTreeMap<Period, usize>>,
    stretches: BTreeMap<Period, Stretches>,
    /// The lowest rate among the wholes of a cell.
    rates: BTreeMap<usize, f64>,
}

/// What parts leave of a whole.
enum Rest {
    Nothing,
    Some(Box<Cell>),
    /// They cannot be added.
    Unknown,
}

impl<'a> Maker<'a, '_> {
    fn add_cells(&mut self, of_year: &[usize]) {
        for &at in of_year {
            let row = &self.rows[at];
            let Some(amount) = row.numerator else { continue };
            let of = row.denominator.map(Decimal::to_f64);
            let cell = self.scale.cell(amount.to_f64(), of, row.persons.unwrap_or(0));
            self.cells.push(Cell { row: Some(at), ..cell });
            let key = (row.unit, row.sex, row.breakdown);
            self.at.entry(key).or_default().insert(row.period, self.cells.len() - 1);
        }
        let amounts = self.at.values().map(|periods| {
            periods
                .iter()
                .filter_map(|(period, cell)| {
                    let row = self.row(*cell);
                    Some((*period, (row.numerator?, row.denominator)))
                })
                .collect()
        });
        self.stretches = time::stretches(&amounts.collect::<Vec<_>>());
        let keys: Vec<Key<'a>> = self.at.keys().copied().collect();
        let units: BTreeSet<&str> = keys.iter().map(|key| key.0).collect();
        let mut height: BTreeMap<&str, i32> = BTreeMap::new();
        for unit in &units {
            let above = self.above(unit).into_iter().filter(|above| units.contains(above));
            for (below, unit) in above.enumerate() {
                let height = height.entry(unit).or_default();
                *height = (*height).max(below as i32 + 1);
            }
        }
        for cell in 0..self.cells.len() {
            let row = self.row(cell);
            let is_top = self.above(row.unit).iter().all(|above| !units.contains(above));
            self.cells[cell].cost =
                self.cost(row, height.get(row.unit).copied().unwrap_or(0), is_top);
        }
    }

    /// What a reader loses: least for a month, a sex, a part, a low unit and a small group; the
    /// region's own figure and what the plan asks for go last.
    fn cost(&self, row: &Row, height: i32, is_top: bool) -> f64 {
        let is_long = !matches!(row.period, Period::Month(_));
        let is_figure = row.sex == Sex::T && row.breakdown.is_empty();
        let mut cost = 1.0 + row.persons.unwrap_or(0) as f64 / 50.0;
        cost *= if is_long { 4.0 } else { 1.0 };
        cost *= if is_figure { 4.0 } else { 1.0 };
        cost *= f64::from(1 << height.min(6));
        cost *= if row.is_planned && is_long { 100.0 } else { 1.0 };
        cost * if is_top && is_figure && is_long && height > 0 { 1_000.0 } else { 1.0 }
    }

    fn row(&self, cell: usize) -> &'a Row<'a> {
        // Only published cells are asked for.
        &self.rows[self.cells[cell].row.unwrap_or_default()]
    }

    fn cell(&self, key: &Key<'a>, period: Period) -> Option<usize> {
        self.at.get(key)?.get(&period).copied()
    }

    /// The units above one, nearest first.
    fn above(&self, unit: &str) -> Vec<&'a str> {
        let mut found: Vec<&'a str> = Vec::new();
        let mut parent = self.parents.get(unit);
        while let Some(Some(above)) = parent {
            if found.contains(&above.as_str()) {
                break;
            }
            found.push(above);
            parent = self.parents.get(above);
        }
        found
    }

    /// The breakdown that another one is a part of: `Åre, 0-4` of `Åre` where that is a cell, else of
    /// the figure itself.
    fn whole_of(&self, (unit, sex, breakdown): Key<'a>) -> Key<'a> {
        let whole = breakdown.rsplit_once(", ").map(|(whole, _)| (unit, sex, whole));
        whole.filter(|whole| self.at.contains_key(whole)).unwrap_or((unit, sex, ""))
    }

    fn add_sums(&mut self) {
        let places: Vec<(Key<'a>, Period)> = self
            .at
            .iter()
            .flat_map(|(key, periods)| periods.keys().map(|period| (*key, *period)))
            .collect();
        let mut below: BTreeMap<(Key<'a>, Period), Vec<usize>> = BTreeMap::new();
        let mut parts: BTreeMap<(Key<'a>, Period), Vec<usize>> = BTreeMap::new();
        for &(key, period) in &places {
            let (unit, sex, breakdown) = key;
            let Some(own) = self.cell(&key, period) else { continue };
            let above = self.above(unit).into_iter().map(|above| (above, sex, breakdown));
            let nearest = above.into_iter().find(|key| self.cell(key, period).is_some());
            if let Some(nearest) = nearest {
                below.entry((nearest, period)).or_default().push(own);
            }
            if !breakdown.is_empty() && self.cell(&self.whole_of(key), period).is_some() {
                parts.entry((self.whole_of(key), period)).or_default().push(own);
            }
            if sex == Sex::T {
                let sexes = [Sex::K, Sex::M].map(|sex| self.cell(&(unit, sex, breakdown), period));
                self.add(own, sexes.into_iter().flatten().collect(), false);
            }
        }
        for ((key, period), parts) in below {
            let Some(whole) = self.cell(&key, period) else { continue };
            self.add(whole, parts, true);
        }
        for ((key, period), parts) in parts {
            let Some(whole) = self.cell(&key, period) else { continue };
            if self.definition.breakdowns_add_up {
                self.add(whole, parts, false);
                continue;
            }
            // Breakdowns may overlap: each is held against those that it leaves out.
            for part in parts {
                self.add(whole, vec![part], false);
            }
        }
        for (key, period) in places {
            self.add_time(&key, period);
        }
    }

    /// A period as the sum of its months, and as an earlier period and what came since.
    fn add_time(&mut self, key: &Key<'a>, period: Period) {
        let Some(whole) = self.cell(key, period) else { return };
        if matches!(period, Period::Month(_)) {
            return;
        }
        let bits = self.stretches[&period];
        let of = |table: &Self, wanted: &dyn Fn(Period, Stretches) -> bool| -> Vec<usize> {
            let own = table.at[key].iter();
            own.filter(|(other, _)| **other != period && wanted(**other, table.stretches[other]))
                .map(|(_, cell)| *cell)
                .collect()
        };
        let is_month = |other: Period| matches!(other, Period::Month(_));
        let months = of(self, &|other, own| is_month(other) && own & bits != 0);
        if !months.is_empty() {
            self.add_complete(whole, months);
        }
        let last = |other: Period| other.last_month();
        let earlier = of(self, &|other, own| {
            !is_month(other)
                && own & !bits == 0
                && (last(other) < last(period) || !matches!(other, Period::Year(_)))
        });
        let Some(&earlier) = earlier.iter().max_by_key(|cell| last(self.row(**cell).period)) else {
            return;
        };
        let since = bits & !self.stretches[&self.row(earlier).period];
        let mut parts = of(self, &|other, own| is_month(other) && own & since != 0);
        if since != 0 && parts.is_empty() {
            // No months are given: what came since is a cell of its own, of the same persons.
            if let Rest::Some(mut rest) = self.rest(whole, &[earlier]) {
                rest.persons = self.cells[whole].persons.min(self.cells[earlier].persons);
                self.cells.push(*rest);
                let rest = Some(self.cells.len() - 1);
                let parts = vec![earlier];
                self.sums.push(Sum {
                    whole,
                    parts,
                    rest,
                    shares_persons: true,
                    is_of_units: false,
                });
            }
            return;
        }
        parts.push(earlier);
        self.add_complete(whole, parts);
    }

    /// Parts of the same persons, when they are all of a whole.
    fn add_complete(&mut self, whole: usize, parts: Vec<usize>) {
        if matches!(self.rest(whole, &parts), Rest::Nothing) {
            let (rest, shares_persons) = (None, true);
            self.sums.push(Sum { whole, parts, rest, shares_persons, is_of_units: false });
        }
    }

    fn add(&mut self, whole: usize, parts: Vec<usize>, is_of_units: bool) {
        if parts.is_empty() {
            return;
        }
        let rest = match self.rest(whole, &parts) {
            Rest::Nothing => None,
            Rest::Some(rest) => {
                self.cells.push(*rest);
                Some(self.cells.len() - 1)
            }
            Rest::Unknown => return,
        };
        let row = self.row(whole);
        if let (Some(amount), Some(of)) = (row.numerator, row.denominator)
            && of > Decimal::ZERO
        {
            let rate = amount.to_f64() / of.to_f64();
            for part in parts.iter().copied().chain(rest) {
                let lowest = self.rates.entry(part).or_insert(f64::INFINITY);
                *lowest = lowest.min(rate);
            }
        }
        self.sums.push(Sum { whole, parts, rest, shares_persons: false, is_of_units });
    }

    /// What parts leave of a whole.
    fn rest(&self, whole: usize, parts: &[usize]) -> Rest {
        let row = self.row(whole);
        let less = |of: fn(&Row) -> Option<Decimal>| -> Option<Option<Decimal>> {
            let Some(mut left) = of(row) else {
                return parts.iter().all(|part| of(self.row(*part)).is_none()).then_some(None);
            };
            for part in parts {
                left = left.checked_sub(of(self.row(*part))?)?;
            }
            Some(Some(left))
        };
        let (Some(Some(amount)), Some(of)) =
            (less(|row| row.numerator), less(|row| row.denominator))
        else {
            return Rest::Unknown;
        };
        let (amount, of) = (amount.to_f64(), of.map(Decimal::to_f64));
        if amount == 0.0 && of.unwrap_or(0.0) == 0.0 {
            return Rest::Nothing;
        }
        let told: u64 = parts.iter().map(|part| self.cells[*part].persons).sum();
        let all = self.cells[whole].persons;
        let counted = all.saturating_sub(told);
        // Persons may stand in several parts; how large the rest is tells how many it is then.
        let persons = |share: f64| {
            let by_size = ((all as f64 * share).ceil() as u64).max(1);
            let is_by_size = counted == 0 || by_size > PERSONS_BY_SIZE * counted;
            if all == 0 {
                0
            } else if is_by_size {
                by_size
            } else {
                counted
            }
        };
        let size = |of: fn(&Row) -> Option<Decimal>| of(row).map_or(1.0, Decimal::to_f64);
        let is_part = of.is_none_or(|of| of > 0.0 && (!self.scale.is_share || amount <= of));
        if is_part && amount >= 0.0 && (of.is_some() || amount > 0.0) {
            let share = match of {
                None => amount / size(|row| row.numerator),
                Some(of) => of / size(|row| row.denominator),
            };
            return Rest::Some(Box::new(self.scale.cell(amount, of, persons(share))));
        }
        // The parts are more than the whole, because persons are counted in several of them: what is
        // too much is known no better than to its size.
        let slack = 2.0 * amount.abs() + self.scale.usual * of.unwrap_or(0.0).abs();
        let possible = (-slack, slack);
        Rest::Some(Box::new(Cell { possible, ..self.scale.cell(amount, None, 0) }))
    }

    /// The pieces, and what each group would be if it were like its wholes.
    fn finish(mut self) -> Table<'a> {
        // What is low in a whole is known to be low in its parts, which is no secret of theirs.
        if self.scale.usual > 0.0 {
            for (cell, rate) in &self.rates {
                let lowest = (rate / self.scale.usual).clamp(LOWEST_USUAL, 1.0);
                self.cells[*cell].usual *= lowest;
            }
        }
        let units: Vec<&str> =
            self.at.keys().map(|key| key.0).collect::<BTreeSet<_>>().into_iter().collect();
        let breakdowns: Vec<&str> = {
            let named: BTreeSet<&str> = self.at.keys().map(|key| key.2).collect();
            [""].into_iter().chain(named.into_iter().filter(|name| !name.is_empty())).collect()
        };
        let bits: Stretches = self.stretches.values().fold(0, |all, bits| all | bits);
        let stretches: Vec<Stretches> =
            (0..Stretches::BITS).map(|bit| 1 << bit).filter(|bit| bits & bit != 0).collect();
        let size = [units.len(), SEXES.len(), breakdowns.len(), stretches.len()];
        let mut of_whole: Vec<Vec<usize>> = vec![Vec::new(); self.cells.len()];
        for (at, sum) in self.sums.iter().enumerate() {
            of_whole[sum.whole].push(at);
        }
        let mut table = Table {
            scale: self.scale,
            cells: Vec::new(),
            sums: Vec::new(),
            pieces: Vec::new(),
            at: BTreeMap::new(),
            places: Vec::new(),
            pieces_of: vec![Vec::new(); self.cells.len()],
            size,
            siblings: self.siblings(&units),
        };
        let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for (u, unit) in units.iter().enumerate() {
            let line: Vec<&str> = [*unit].into_iter().chain(self.above(unit)).collect();
            for (s, sex) in SEXES.into_iter().enumerate() {
                for (b, breakdown) in breakdowns.iter().enumerate() {
                    let holders = self.holders(&line, sex, breakdown);
                    for (t, stretch) in stretches.iter().enumerate() {
                        if let Some(cells) = self.piece(&holders, *stretch, &of_whole) {
                            // Where sexes are not given, both are one piece.
                            let place = [u, s, b, t];
                            let piece = *known
                                .entry(cells)
                                .or_insert_with_key(|cells| table.add_piece(place, cells));
                            table.at.insert(place, piece);
                        }
                    }
                }
            }
        }
        table.cells = self.cells;
        table.sums = self.sums;
        table
    }

    /// For each unit the others with the same nearest unit above.
    fn siblings(&self, units: &[&str]) -> Vec<Vec<usize>> {
        let above = |unit: &&str| self.above(unit).into_iter().find(|above| units.contains(above));
        let parents: Vec<Option<&str>> = units.iter().map(above).collect();
        let of = |unit: usize| {
            let others = (0..units.len()).filter(move |other| *other != unit);
            others.filter(|other| parents[*other] == parents[unit]).collect()
        };
        (0..units.len()).map(of).collect()
    }

    /// The places whose cells contain a unit, sex and breakdown: `line` is the unit and those above.
    fn holders(&self, line: &[&'a str], sex: Sex, breakdown: &'a str) -> Vec<Key<'a>> {
        let mut found = Vec::new();
        for unit in line {
            for of_sex in [Sex::T, sex] {
                let own = (*unit, of_sex, breakdown);
                found.extend([own, self.whole_of(own), (*unit, of_sex, "")]);
            }
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|key| self.at.contains_key(key));
        found
    }

    /// The cells that contain a piece; none when no such piece can be.
    fn piece(
        &self,
        holders: &[Key<'a>],
        stretch: Stretches,
        of_whole: &[Vec<usize>],
    ) -> Option<Vec<usize>> {
        let mut cells: Vec<usize> = holders
            .iter()
            .flat_map(|key| &self.at[key])
            .filter(|(period, _)| self.stretches[period] & stretch != 0)
            .map(|(_, cell)| *cell)
            .collect();
        cells.sort_unstable();
        let published = cells.clone();
        for whole in &published {
            for sum in &of_whole[*whole] {
                let sum = &self.sums[*sum];
                let is_in_a_part =
                    sum.parts.iter().any(|part| published.binary_search(part).is_ok());
                if !is_in_a_part {
                    cells.push(sum.rest?);
                }
            }
        }
        cells.sort_unstable();
        cells.dedup();
        (!cells.is_empty()).then_some(cells)
    }
}

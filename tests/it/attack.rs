//! The public database of the demo against a reader who adds and subtracts: what every shown whole
//! and its shown parts leave of few persons, printed digits counted, over sexes, units with levels
//! left out, breakdowns and months. Systems of several sums are attacked in `tertial-indicator`'s own
//! tests, over regions that never were.

use crate::support::{demo, on};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tertial_indicator::Definition;
use tertial_indicator::suppression::WITHIN;

/// The region that is attacked: the demo of the tests, or the one in the folder that the environment names.
fn attacked() -> PathBuf {
    std::env::var_os("TERTIAL_TEST_ATTACKED").map_or_else(|| demo().to_path_buf(), PathBuf::from)
}

fn ask(sql: &str, database: &[&str]) -> Vec<Value> {
    let arguments = [&["sql", "--format", "json"], database, &[sql]].concat();
    on(&attacked(), &arguments).ended(0).json().as_array().unwrap().clone()
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or("").to_owned()
}

fn number(row: &Value, key: &str) -> Option<f64> {
    let value = &row[key];
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Unit, period, sex, breakdown.
type Key = [String; 4];

/// What is true of a cell, and whether it is shown.
#[derive(Clone)]
struct Cell {
    amount: f64,
    of: Option<f64>,
    persons: u64,
    is_hidden: bool,
}

/// An indicator's cells with what a reader knows of all of them.
struct Figure {
    definition: Definition,
    cells: BTreeMap<Key, Cell>,
    parents: BTreeMap<String, Option<String>>,
    /// Numerator per denominator where the denominator is largest.
    usual: f64,
}

impl Figure {
    fn read(definition: Definition, parents: &BTreeMap<String, Option<String>>) -> Figure {
        let id = &definition.id;
        let key = |row: &Value| ["unit_id", "period", "sex", "breakdown"].map(|key| text(row, key));
        let hidden: BTreeSet<Key> = ask(
            &format!(
                "select unit_id, period, sex, breakdown from indicator.outcomes \
                 where id = '{id}' and missing = 'suppressed'"
            ),
            &[],
        )
        .iter()
        .map(key)
        .collect();
        let truth = ask(
            &format!("select * from indicator.{id} where numerator is not null"),
            &["--warehouse"],
        );
        let cell = |row: &Value| {
            let cell = Cell {
                amount: number(row, "numerator").unwrap(),
                of: number(row, "denominator"),
                persons: number(row, "person_count").map_or(0, |persons| persons as u64),
                is_hidden: hidden.contains(&key(row)),
            };
            (key(row), cell)
        };
        let cells: BTreeMap<Key, Cell> = truth.iter().map(cell).collect();
        let sized = cells.values().filter_map(|cell| Some((cell.of?, cell.amount)));
        let largest = sized.max_by(|one, other| one.0.total_cmp(&other.0));
        let usual = largest.filter(|(of, _)| *of > 0.0).map_or(0.0, |(of, amount)| amount / of);
        Figure { definition, cells, parents: parents.clone(), usual }
    }

    /// The amounts that what is shown allows.
    fn allowed(&self, cell: &Cell) -> (f64, f64) {
        let Some(of) = cell.of.filter(|of| *of > 0.0) else { return (cell.amount, cell.amount) };
        let unit = 10f64.powi(-i32::from(self.definition.decimals));
        let factor = self.definition.factor.to_f64();
        let shown = (cell.amount / of * factor / unit + 1e-9).round() * unit;
        let at = |value: f64| value * of / factor;
        (at(shown - 0.5 * unit), at(shown + 0.5 * unit))
    }

    /// The nearest unit above with the same cell.
    fn above(&self, key: &Key) -> Option<Key> {
        let mut unit = self.parents.get(&key[0])?.clone();
        while let Some(name) = unit {
            let [_, period, sex, breakdown] = key.clone();
            unit = self.parents.get(&name).cloned().flatten();
            let above = [name, period, sex, breakdown];
            if self.cells.contains_key(&above) {
                return Some(above);
            }
        }
        None
    }

    /// Wholes with their parts, and whether the parts are of the same persons.
    fn sums(&self) -> Vec<(Key, Vec<Key>, bool)> {
        let mut units: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
        let mut found = Vec::new();
        for key in self.cells.keys() {
            let with = |at: usize, value: &str| {
                let mut other = key.clone();
                value.clone_into(&mut other[at]);
                other
            };
            let known = |keys: Vec<Key>| -> Vec<Key> {
                keys.into_iter().filter(|key| self.cells.contains_key(key)).collect()
            };
            if let Some(above) = self.above(key) {
                units.entry(above).or_default().push(key.clone());
            }
            if key[2] == "T" {
                found.push((key.clone(), known(vec![with(2, "K"), with(2, "M")]), false));
            }
            if key[3].is_empty() {
                let same = |other: &&Key| other[..3] == key[..3] && !other[3].is_empty();
                let parts: Vec<Key> = self.cells.keys().filter(same).cloned().collect();
                let is_nested = parts.iter().any(|part| part[3].contains(", "));
                match self.definition.breakdowns_add_up {
                    true if !is_nested => found.push((key.clone(), parts, false)),
                    true => {}
                    false => {
                        found
                            .extend(parts.into_iter().map(|part| (key.clone(), vec![part], false)));
                    }
                }
            }
            let (year, rest) = key[1].split_at(4);
            let last = match rest {
                "T1" => 4,
                "T2" => 8,
                "T3" | "" => 12,
                _ => continue,
            };
            let months = (1..=last).map(|month| with(1, &format!("{year}-{month:02}")));
            let months = known(months.collect());
            if self.left(key, &months).is_some_and(|left| left.0.abs() + left.1.abs() < 1e-6) {
                found.push((key.clone(), months, true));
            }
        }
        found.extend(units.into_iter().map(|(whole, parts)| (whole, parts, false)));
        found.retain(|(_, parts, _)| !parts.is_empty());
        found
    }

    /// Numerator and denominator of what parts leave; none where they are more than the whole, since
    /// persons stand in several of them.
    fn left(&self, whole: &Key, parts: &[Key]) -> Option<(f64, f64)> {
        let whole = &self.cells[whole];
        let parts = || parts.iter().map(|key| &self.cells[key]);
        let amount = whole.amount - parts().map(|cell| cell.amount).sum::<f64>();
        let of = whole.of.unwrap_or(0.0) - parts().filter_map(|cell| cell.of).sum::<f64>();
        (amount > -1e-6 && of > -1e-6).then_some((amount, of))
    }

    /// What few persons have that a reader can place too closely.
    fn recovered(&self) -> Vec<String> {
        let most = u64::from(self.definition.suppress_max.unwrap());
        let is_share = self.cells.values().all(|cell| cell.of.is_none_or(|of| cell.amount <= of));
        let is_whole = self.cells.values().all(|cell| cell.amount.fract() == 0.0);
        let mut told = Vec::new();
        for (key, parts, are_same_persons) in self.sums() {
            let whole = &self.cells[&key];
            let Some(left) = self.left(&key, &parts).filter(|_| !whole.is_hidden) else { continue };
            let cells = || parts.iter().map(|key| &self.cells[key]);
            let hidden = || cells().filter(|cell| cell.is_hidden);
            let persons = match are_same_persons {
                true => hidden().map(|cell| cell.persons).max().unwrap_or(0),
                false => whole.persons.saturating_sub(
                    cells().filter(|cell| !cell.is_hidden).map(|cell| cell.persons).sum(),
                ),
            };
            let is_nobody = hidden().next().is_none() && left.0.abs() + left.1.abs() < 1e-6;
            if is_nobody || !(1..=most).contains(&persons) {
                continue;
            }
            let amount = left.0.max(0.0) + hidden().map(|cell| cell.amount).sum::<f64>();
            let of = left.1.max(0.0) + hidden().filter_map(|cell| cell.of).sum::<f64>();
            let (mut low, mut high) = self.allowed(whole);
            for cell in cells().filter(|cell| !cell.is_hidden) {
                let (least, greatest) = self.allowed(cell);
                (low, high) = (low - greatest, high - least);
            }
            let possible = if is_share && whole.of.is_some() { of } else { f64::INFINITY };
            let width = high.min(possible) - low.max(0.0);
            // A low whole tells that its parts are low, but not that they are next to nothing.
            let usual = of * self.usual * 0.2;
            let side = |amount: f64| match is_share && whole.of.is_some() {
                true => amount.min((of - amount).max(0.0)),
                false => amount,
            };
            let needed = 2.0 * WITHIN * side(amount).max(side(usual));
            let needed = if is_whole { needed.max(1.0) } else { needed };
            if width < needed.min(0.8 * possible) - 1e-6 {
                told.push(format!(
                    "{} {key:?}: {persons} persons have {amount}, {width} wide, not {needed}",
                    self.definition.id
                ));
            }
        }
        told
    }
}

#[test]
fn what_shown_cells_leave_of_few_persons_is_not_known() {
    let parents = ask("select unit_id, parent_unit_id from core.units", &["--warehouse"]);
    let parents: BTreeMap<String, Option<String>> = parents
        .iter()
        .map(|row| {
            (text(row, "unit_id"), Some(text(row, "parent_unit_id")).filter(|p| !p.is_empty()))
        })
        .collect();
    let (mut told, mut naive) = (Vec::new(), 0);
    let (mut hidden, mut all) = (0, 0);
    for entry in std::fs::read_dir(demo().join("sql/indicator")).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let content = std::fs::read_to_string(&path).unwrap();
        let definition = Definition::parse(path.to_str().unwrap(), &content).unwrap();
        if definition.suppress_max.is_none() || definition.reported {
            continue;
        }
        let mut figure = Figure::read(definition, &parents);
        hidden += figure.cells.values().filter(|cell| cell.is_hidden).count();
        all += figure.cells.len();
        told.extend(figure.recovered());
        // With small groups alone hidden the same reader sees many of them: he is not blind.
        for cell in figure.cells.values_mut() {
            cell.is_hidden = (1..=10).contains(&cell.persons);
        }
        naive += figure.recovered().len();
    }
    println!("{hidden} of {all} cells about persons are hidden");
    assert!(told.is_empty(), "{} known:\n{}", told.len(), told[..told.len().min(30)].join("\n"));
    assert!(naive > 100, "{naive} known where only small groups are hidden");
}

#[test]
fn the_star_tells_what_the_outcomes_tell_and_no_more() {
    let columns = [
        ("value", "value"),
        ("numerator", "numerator"),
        ("denominator", "denominator"),
        ("attainment", "attainment"),
        ("target_value", "target_value"),
        ("target_printed", "target_printed"),
        ("missing_reason", "missing"),
        ("status", "status"),
        ("is_coarse", "is_coarse"),
    ];
    let differs = columns
        .map(|(fact, outcome)| format!("facts.{fact} is distinct from outcomes.{outcome}"))
        .join(" or ");
    let rows = ask(
        &format!(
            "select count(*) as outcomes, count(*) filter (where {differs}) as differ, \
             count(*) filter (where outcomes.is_coarse) as coarse \
             from indicator.outcomes as outcomes full join mart.fact_outcome as facts \
             using (indicator_id, unit_id, period, sex, breakdown)"
        ),
        &[],
    );
    assert_eq!(rows[0]["differ"], 0, "{rows:?}");
    assert!(number(&rows[0], "outcomes").unwrap() > 10_000.0, "{rows:?}");
    assert!(number(&rows[0], "coarse").unwrap() > 100.0, "{rows:?}");
}

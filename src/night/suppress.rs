//! The additive structure of an indicator's cells, for the disclosure control.
//!
//! Cells of one period add up in two ways: women and men to both, units to the unit above; and in a
//! third where the definition says so: the breakdowns to the figure itself, such as age groups to
//! all, and a breakdown's own parts to it, such as `Åre, 0-4` to `Åre`. What is hidden is decided in `tertial-indicator`; here it is only said which cells add up to
//! which.
//! Cells of different periods add up too, months to the year to date. So where one cell of a unit,
//! sex and year is hidden, all its months are: a pattern that is safe in one month is safe in every
//! month, and a sum of several hidden months tells none of them.

use super::outcomes::{Fact, Units};
use crate::own;
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_indicator::suppression::{CellId, RULE, Settings, Structure, VERSION};
use tertial_model::{Decimal, Period, Sex};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Cell, Engine, Record};

/// Cells of one indicator in periods of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    cells: i64,
    for_few_persons: i64,
    for_others: i64,
}

/// What the disclosure control did, by indicator and kind of period.
#[derive(Debug, Default)]
pub struct Price(BTreeMap<(String, &'static str), Count>);

/// Marks the facts that must be hidden. An indicator without a limit hides nothing.
pub fn hide(definition: &Definition, units: &Units, facts: &mut [Fact], price: &mut Price) {
    let Some(limit) = definition.suppress_max else { return };
    let settings = Settings { max_persons: u64::from(limit) };
    // Cells that share no sum are decided apart.
    let mut groups: BTreeMap<(Period, &str), Vec<usize>> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate() {
        let breakdown = if definition.breakdowns_add_up { "" } else { fact.breakdown.as_str() };
        groups.entry((fact.period, breakdown)).or_default().push(at);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    for members in groups {
        hide_group(units, facts, &members, &settings);
    }
    hide_months(facts);
    for fact in facts.iter() {
        price.count(definition, fact, u64::from(limit));
    }
}

/// Hides every month of a unit, sex and year in which anything is hidden.
fn hide_months(facts: &mut [Fact]) {
    let key =
        |fact: &Fact| (fact.unit_id.clone(), fact.sex, fact.breakdown.clone(), fact.period.year());
    let touched: BTreeSet<_> = facts.iter().filter(|fact| fact.hidden).map(key).collect();
    for fact in facts.iter_mut() {
        if matches!(fact.period, Period::Month(_)) && touched.contains(&key(fact)) {
            fact.hidden = true;
        }
    }
}

impl Price {
    fn count(&mut self, definition: &Definition, fact: &Fact, limit: u64) {
        let kind = match fact.period {
            Period::Month(_) => "month",
            Period::Tertial { .. } => "tertial",
            Period::Year(_) => "year",
        };
        let is_few = fact.person_count.is_some_and(|persons| (1..=limit).contains(&persons));
        let count = self.0.entry((definition.id.clone(), kind)).or_default();
        count.cells += 1;
        count.for_few_persons += i64::from(fact.hidden && is_few);
        count.for_others += i64::from(fact.hidden && !is_few);
    }

    /// Writes how many cells are hidden.
    pub fn write(&self, engine: &Engine) -> Result<(), EngineError> {
        let rows = self.0.iter();
        own::write(
            engine,
            rows.map(|((indicator, kind), count)| HiddenRow { indicator, kind, count }),
        )
    }
}

struct HiddenRow<'a> {
    indicator: &'a str,
    kind: &'a str,
    count: &'a Count,
}

impl Record for HiddenRow<'_> {
    const TABLE: &'static str = "meta.hidden_cells";

    fn cells(&self) -> Vec<Cell> {
        vec![
            ("indicator_id", self.indicator.into()),
            ("period_kind", self.kind.into()),
            ("cell_count", self.count.cells.into()),
            ("hidden_for_few_persons_count", self.count.for_few_persons.into()),
            ("hidden_for_others_count", self.count.for_others.into()),
            ("rule", RULE.into()),
            ("rule_version", VERSION.into()),
        ]
    }
}

/// A cell of one period: unit, sex and breakdown.
type CellKey = (String, Sex, String);

fn hide_group(units: &Units, facts: &mut [Fact], members: &[usize], settings: &Settings) {
    let mut structure = Structure::new();
    let mut cells: BTreeMap<CellKey, CellId> = BTreeMap::new();
    let mut of_fact = Vec::with_capacity(members.len());
    for &at in members {
        let fact = &facts[at];
        let name = format!("{} {} {}", fact.unit_id, fact.sex, fact.breakdown);
        let cell = structure.cell(&name, fact.person_count);
        if let Some((numerator, denominator)) = fact.numerator.zip(fact.denominator)
            && numerator >= Decimal::ZERO
        {
            structure.amounts(cell, numerator, denominator);
        }
        cells.insert((fact.unit_id.clone(), fact.sex, fact.breakdown.clone()), cell);
        of_fact.push((at, cell));
    }
    for (key, &whole) in &cells {
        for parts in parts_of(key, &cells, units) {
            structure.sum(whole, &parts);
        }
    }
    let answer = structure.suppress(settings);
    for (at, cell) in of_fact {
        facts[at].hidden = answer.is_hidden(cell);
    }
}

/// The sets of cells that add up to a cell: its sexes, its units below, its breakdowns. Empty where
/// it has none.
fn parts_of(
    (unit, sex, breakdown): &CellKey,
    cells: &BTreeMap<CellKey, CellId>,
    units: &Units,
) -> [Vec<CellId>; 3] {
    let sexes = [Sex::K, Sex::M].into_iter().filter(|_| *sex == Sex::T);
    let sexes = sexes.filter_map(|sex| cells.get(&(unit.clone(), sex, breakdown.clone())).copied());
    let below = units.parents.iter().filter(|(_, parent)| parent.as_deref() == Some(unit));
    let below = below
        .filter_map(|(child, _)| cells.get(&(child.clone(), *sex, breakdown.clone())).copied());
    let is_cell = |text: &str| cells.contains_key(&(unit.clone(), *sex, text.to_owned()));
    // `Åre, 0-4` is a part of `Åre` where that is a cell, else of the figure itself.
    let whole_of = |part: &str| match part.rsplit_once(", ") {
        Some((whole, _)) if is_cell(whole) => whole.to_owned(),
        _ => String::new(),
    };
    let breakdowns = cells.iter().filter(|((other_unit, other_sex, other), _)| {
        !other.is_empty() && other_unit == unit && other_sex == sex && whole_of(other) == *breakdown
    });
    [sexes.collect(), below.collect(), breakdowns.map(|(_, &cell)| cell).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(unit: &str, period: &str, sex: Sex, hours: i128, hidden: bool) -> Fact {
        Fact {
            unit_id: unit.to_owned(),
            period: Period::parse(period).unwrap(),
            sex,
            breakdown: String::new(),
            numerator: Some(Decimal::whole(hours)),
            denominator: Some(Decimal::whole(100)),
            person_count: Some(20),
            response: None,
            mark: None,
            hidden,
        }
    }

    #[test]
    fn a_part_of_a_breakdown_belongs_to_it_and_not_to_the_figure() {
        let cells: BTreeMap<CellKey, CellId> = {
            let mut structure = Structure::new();
            let named = ["", "Åre", "Åre, 0-4", "Åre, 85+", "Berg"].map(|breakdown| {
                let key = ("RJH".to_owned(), Sex::T, breakdown.to_owned());
                (key, structure.cell(breakdown, None))
            });
            named.into()
        };
        let units = Units { parents: BTreeMap::new() };
        let parts = |breakdown: &str| -> Vec<String> {
            let key = ("RJH".to_owned(), Sex::T, breakdown.to_owned());
            let found = parts_of(&key, &cells, &units)[2].clone();
            let name =
                |id: CellId| cells.iter().find(|(_, cell)| **cell == id).unwrap().0.2.clone();
            found.into_iter().map(name).collect()
        };
        assert_eq!(parts(""), ["Berg", "Åre"]);
        assert_eq!(parts("Åre"), ["Åre, 0-4", "Åre, 85+"]);
        assert_eq!(parts("Berg"), Vec::<String>::new());
    }

    #[test]
    fn a_hidden_age_group_cannot_be_had_from_the_others_and_the_whole() {
        let aged = |breakdown: &str, persons: u64| Fact {
            breakdown: breakdown.to_owned(),
            person_count: Some(persons),
            ..fact("605", "2024T2", Sex::T, i128::from(persons), false)
        };
        let facts = [aged("", 60), aged("-29", 4), aged("30-49", 31), aged("50-", 25)];
        let hidden = |add_up: bool| -> Vec<bool> {
            let text = format!(
                "name = \"x\"\nunit = \"%\"\nfactor = 100\ndecimals = 1\ndirection = \"lower\"\n\
                 frequency = \"tertial\"\nmeasures = \"x\"\nkort = \"x\"\nviktigt = [\"x\"]\n\
                 bearbetning = \"x\"\nresponsible = \"x\"\nsource = \"x\"\nsuppress_max = 10\n\
                 breakdowns_add_up = {add_up}\n[[version]]\nnumber = 1\n\
                 valid_from = \"2019-01-01\"\nreason = \"x\"\n"
            );
            let definition = Definition::parse("sql/indicator/hr__x_pct.toml", &text).unwrap();
            let mut facts = facts.clone();
            let units = Units { parents: BTreeMap::from([("605".to_owned(), None)]) };
            hide(&definition, &units, &mut facts, &mut Price::default());
            facts.iter().map(|fact| fact.hidden).collect()
        };
        assert_eq!(hidden(false), [false, true, false, false]);
        assert_eq!(hidden(true), [false, true, false, true]);
    }

    #[test]
    fn a_hidden_month_takes_the_year_s_other_months_with_it() {
        let mut facts = vec![
            fact("605", "2024-01", Sex::K, 1, false),
            fact("605", "2024-02", Sex::K, 2, true),
            fact("605", "2024T1", Sex::K, 3, false),
            fact("605", "2024-01", Sex::T, 4, false),
            fact("605", "2023-01", Sex::K, 5, false),
            fact("607", "2024-01", Sex::K, 6, false),
        ];
        hide_months(&mut facts);
        let hidden: Vec<bool> = facts.iter().map(|fact| fact.hidden).collect();
        assert_eq!(hidden, [true, true, false, false, false, false]);
    }
}

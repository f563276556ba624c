//! Which units have reported to which source, month by month.
//!
//! Expected are the units that had rows in one of the [`LOOK_BACK`] months before the month asked about,
//! as long as the organisation has them: a unit that falls silent is missing, one that never reported to
//! this source is not waited for.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::Month;

/// How many months back a unit's rows make it expected.
const LOOK_BACK: i32 = 12;

/// Units expected to report to a source for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceUnits {
    /// The raw table.
    pub table: String,
    /// Units that have reported every month they were expected to.
    pub complete: Vec<UnitName>,
    /// Units that lack a month.
    pub lacking: Vec<Lacking>,
}

/// A unit that has not reported all it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitName,
    /// The months it lacks.
    pub months: Vec<String>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnitName {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl SourceUnits {
    /// How many units were expected.
    pub fn expected(&self) -> usize {
        self.complete.len() + self.lacking.len()
    }

    /// Only those units.
    pub fn among(&self, units: &BTreeSet<String>) -> SourceUnits {
        let own = |unit: &UnitName| units.contains(&unit.id);
        SourceUnits {
            table: self.table.clone(),
            complete: self.complete.iter().filter(|unit| own(unit)).cloned().collect(),
            lacking: self.lacking.iter().filter(|lacking| own(&lacking.unit)).cloned().collect(),
        }
    }

    /// `11 av 14 enheter har rapporterat; saknas: …`.
    pub fn text(&self) -> String {
        let (reported, expected) = (self.complete.len(), self.expected());
        let mut text = format!("{reported} av {expected} enheter har rapporterat");
        let missing: Vec<String> = self
            .lacking
            .iter()
            .map(|lacking| format!("{} ({})", lacking.unit.name, lacking.months.join(", ")))
            .collect();
        if !missing.is_empty() {
            text.push_str(&format!("; saknas: {}", missing.join("; ")));
        }
        text
    }
}

/// The units that an organisation has had, by id.
#[derive(Debug, Default)]
pub struct Known(BTreeMap<String, KnownUnit>);

/// A unit's name and the months in which the organisation has it.
#[derive(Debug)]
struct KnownUnit {
    name: String,
    first: Option<Month>,
    last: Option<Month>,
}

impl Known {
    /// Takes in a unit of the organisation and the months it holds for; rows of a unit in order of time.
    /// A unit that stands twice, with other names or parents, is there from first to last.
    pub fn add(&mut self, unit: UnitName, first: Option<Month>, last: Option<Month>) {
        let first = self.0.get(&unit.id).map_or(first, |earlier| earlier.first.min(first));
        self.0.insert(unit.id, KnownUnit { name: unit.name, first, last });
    }
}

/// Whether a unit has reported for a month to a source.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The raw table.
    pub table: String,
    /// The month.
    pub month: Month,
    /// The unit.
    pub unit: UnitName,
    /// Whether it had rows.
    pub has_reported: bool,
}

/// Every unit and month of a source that had rows or was expected to. `reported` are the months with
/// rows of each unit.
pub fn expected(
    table: &str,
    reported: &BTreeMap<String, BTreeSet<Month>>,
    organisation: &Known,
) -> Vec<Reported> {
    let months: BTreeSet<Month> = reported.values().flatten().copied().collect();
    let mut rows = Vec::new();
    for (unit, own) in reported {
        let Some(known) = organisation.0.get(unit) else { continue };
        for month in &months {
            let is_there = known.first.is_none_or(|first| first <= *month)
                && known.last.is_none_or(|last| *month <= last);
            let has_reported = own.contains(month);
            let was_heard = own.range(month.plus(-LOOK_BACK)..*month).next().is_some();
            if has_reported || is_there && was_heard {
                let (table, unit) =
                    (table.to_owned(), UnitName { id: unit.clone(), name: known.name.clone() });
                rows.push(Reported { table, month: *month, unit, has_reported });
            }
        }
    }
    rows
}

/// The sources' units in some months, complete and lacking; rows of other months are left out.
pub fn by_source(
    rows: impl IntoIterator<Item = Reported>,
    months: &BTreeSet<String>,
) -> Vec<SourceUnits> {
    let mut found: BTreeMap<String, BTreeMap<UnitName, Vec<String>>> = BTreeMap::new();
    for row in rows {
        let month = row.month.to_string();
        if !months.contains(&month) {
            continue;
        }
        let lacking = found.entry(row.table).or_default().entry(row.unit).or_default();
        if !row.has_reported {
            lacking.push(month);
        }
    }
    let source = |(table, units): (String, BTreeMap<UnitName, Vec<String>>)| {
        let (complete, lacking): (Vec<_>, Vec<_>) =
            units.into_iter().partition(|(_, months)| months.is_empty());
        SourceUnits {
            table,
            complete: complete.into_iter().map(|(unit, _)| unit).collect(),
            lacking: lacking.into_iter().map(|(unit, months)| Lacking { unit, months }).collect(),
        }
    };
    found.into_iter().map(source).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    #[test]
    fn a_unit_that_falls_silent_is_missing_and_one_that_is_closed_is_not() {
        let mut organisation = Known::default();
        for (id, last) in [("a", None), ("b", None), ("c", Some("2024-01"))] {
            let unit = UnitName { id: id.to_owned(), name: "Enhet".to_owned() };
            organisation.add(unit, None, last.map(month));
        }
        let all = |texts: &[&str]| texts.iter().map(|text| month(text)).collect::<BTreeSet<_>>();
        let reported = BTreeMap::from([
            ("a".to_owned(), all(&["2024-01", "2024-02"])),
            ("b".to_owned(), all(&["2024-01"])),
            ("c".to_owned(), all(&["2024-01"])),
            ("x".to_owned(), all(&["2024-02"])),
        ]);
        let rows = expected("t", &reported, &organisation);
        let lines: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {} {}", row.unit.id, row.month, row.has_reported))
            .collect();
        let told = [
            "a 2024-01 true",
            "a 2024-02 true",
            "b 2024-01 true",
            "b 2024-02 false",
            "c 2024-01 true",
        ];
        assert_eq!(lines, told);
    }

    #[test]
    fn the_text_names_the_units_that_lack_months() {
        let unit = |id: &str, name: &str| UnitName { id: id.to_owned(), name: name.to_owned() };
        let source = SourceUnits {
            table: "hr".to_owned(),
            complete: vec![unit("1", "Köket")],
            lacking: vec![Lacking {
                unit: unit("2", "Lagret"),
                months: vec!["2024-08".to_owned()],
            }],
        };
        assert_eq!(source.text(), "1 av 2 enheter har rapporterat; saknas: Lagret (2024-08)");
        let own = source.among(&BTreeSet::from(["1".to_owned()]));
        assert_eq!(own.text(), "1 av 1 enheter har rapporterat");
    }
}

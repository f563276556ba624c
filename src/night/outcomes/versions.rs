//! The versions of the methods: what each period is computed by, where series break, and what the
//! same periods are by the other versions.

use super::{Fact, value_of};
use crate::own;
use tertial_indicator::{Definition, Ratio};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Cell, Engine, Record, Value};

/// A cell computed by a version that is not the one of its period.
pub(super) struct Restatement {
    id: String,
    version: u32,
    fact: Fact,
    value: Option<Ratio>,
}

/// What may be told of the other versions. Where an indicator hides small groups nothing is, since
/// two versions of one cell would tell more than one.
pub(super) fn restatements(definition: &Definition, facts: Vec<(u32, Fact)>) -> Vec<Restatement> {
    if definition.suppress_max.is_some() {
        return Vec::new();
    }
    let restated = |(version, fact): (u32, Fact)| Restatement {
        id: definition.id.clone(),
        version,
        value: value_of(definition, &fact),
        fact,
    };
    facts.into_iter().map(restated).collect()
}

/// Writes both tables.
pub(super) fn write(
    engine: &Engine,
    definitions: &[Definition],
    restated: &[Restatement],
) -> Result<(), EngineError> {
    let versions = definitions.iter().flat_map(|definition| {
        (0..definition.versions.len()).map(move |at| VersionRow { definition, at })
    });
    own::write(engine, versions)?;
    own::write(engine, restated.iter())
}

impl Record for &Restatement {
    const TABLE: &'static str = "indicator.restatements";

    fn cells(&self) -> Vec<Cell> {
        let fact = &self.fact;
        vec![
            ("indicator_id", (&self.id).into()),
            ("id", (&self.id).into()),
            ("unit_id", (&fact.unit_id).into()),
            ("period", fact.period.to_string().into()),
            ("sex", fact.sex.to_string().into()),
            ("breakdown", (&fact.breakdown).into()),
            ("method_version", self.version.into()),
            ("numerator", fact.numerator.into()),
            ("denominator", fact.denominator.into()),
            ("value", self.value.map(Ratio::to_f64).into()),
        ]
    }
}

/// One of a definition's versions, by its place.
struct VersionRow<'a> {
    definition: &'a Definition,
    at: usize,
}

impl Record for VersionRow<'_> {
    const TABLE: &'static str = "indicator.versions";

    fn cells(&self) -> Vec<Cell> {
        let definition = self.definition;
        let version = &definition.versions[self.at];
        let next = definition.versions.get(self.at + 1);
        let day = |day: &str| Value::Date(day.to_owned());
        let base_year = version.base_year.map(i64::from);
        vec![
            ("indicator_id", (&definition.id).into()),
            ("id", (&definition.id).into()),
            ("method_version", version.number.into()),
            ("valid_from", day(&version.valid_from)),
            ("valid_before", next.map(|next| day(&next.valid_from)).into()),
            ("decided_on", day(version.known_from())),
            ("breaks_series", version.breaks_series.into()),
            ("name", version.name.as_ref().unwrap_or(&definition.name).into()),
            ("measures", version.measures.as_ref().unwrap_or(&definition.measures).into()),
            ("base_year", base_year.into()),
            ("start_value", version.start_value.into()),
            ("reason", (&version.reason).into()),
        ]
    }
}

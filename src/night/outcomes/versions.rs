//! The versions of the methods: what each period is computed by, where series break, and what the
//! same periods are by the other versions.

use super::{Fact, value_of};
use tertial_indicator::{Definition, Ratio};
use tertial_model::Decimal;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Engine, Value};

/// One row per indicator and version.
const VERSIONS: &str = "indicator.versions";
/// The cells by other versions than the valid one.
const RESTATEMENTS: &str = "indicator.restatements";

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
    write_versions(engine, definitions)?;
    let columns = [
        ("indicator_id", "varchar"),
        ("id", "varchar"),
        ("unit_id", "varchar"),
        ("period", "varchar"),
        ("sex", "varchar"),
        ("breakdown", "varchar"),
        ("method_version", "bigint"),
        ("numerator", "decimal(38,6)"),
        ("denominator", "decimal(38,6)"),
        ("value", "double"),
    ];
    let exact = |value: Option<Decimal>| value.map_or(Value::Null, Value::Decimal);
    let rows = restated.iter().map(|restated| {
        let fact = &restated.fact;
        vec![
            Value::Text(restated.id.clone()),
            Value::Text(restated.id.clone()),
            Value::Text(fact.unit_id.clone()),
            Value::Text(fact.period.to_string()),
            Value::Text(fact.sex.to_string()),
            Value::Text(fact.breakdown.clone()),
            Value::Integer(restated.version.into()),
            exact(fact.numerator),
            exact(fact.denominator),
            restated.value.map_or(Value::Null, |value| Value::Float(value.to_f64())),
        ]
    });
    engine.create_table(RESTATEMENTS, &columns, rows)
}

fn write_versions(engine: &Engine, definitions: &[Definition]) -> Result<(), EngineError> {
    let columns = [
        ("indicator_id", "varchar"),
        ("id", "varchar"),
        ("method_version", "bigint"),
        ("valid_from", "date"),
        ("valid_before", "date"),
        ("decided_on", "date"),
        ("breaks_series", "boolean"),
        ("name", "varchar"),
        ("measures", "varchar"),
        ("base_year", "bigint"),
        ("start_value", "decimal(18,6)"),
        ("reason", "varchar"),
    ];
    let text = |text: &str| Value::Text(text.to_owned());
    let rows = definitions.iter().flat_map(|definition| {
        let versions = definition.versions.iter().enumerate();
        versions.map(move |(at, version)| {
            let next = definition.versions.get(at + 1);
            vec![
                text(&definition.id),
                text(&definition.id),
                Value::Integer(version.number.into()),
                Value::Date(version.valid_from.clone()),
                next.map_or(Value::Null, |next| Value::Date(next.valid_from.clone())),
                Value::Date(version.known_from().to_owned()),
                Value::Boolean(version.breaks_series),
                text(version.name.as_deref().unwrap_or(&definition.name)),
                text(version.measures.as_deref().unwrap_or(&definition.measures)),
                version.base_year.map_or(Value::Null, |year| Value::Integer(year.into())),
                version.start_value.map_or(Value::Null, Value::Decimal),
                text(&version.reason),
            ]
        })
    });
    engine.create_table(VERSIONS, &columns, rows)
}

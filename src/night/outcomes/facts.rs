//! The rows of the indicators' queries as facts.
//!
//! An indicator that a role reports has no query of its own; one question to the reported outcomes
//! serves all of them. Where a query has no value for a cell and a role has stated the outcome, the
//! stated one stands in, marked as such. A query may give the column `method_version`: the same period computed by
//! several versions of the method, of which the one that is valid in the period counts.

use super::ask;
use crate::project::{Project, REPORTED, STATED};
use std::collections::BTreeSet;
use tertial_indicator::Definition;
use tertial_model::{Code, Diagnostic, Faults, Location, OutcomeMark, Period, Response, Sex};
use tertial_outcomes::{Fact, Facts};
use tertial_warehouse::engine::{identifier, literal};
use tertial_warehouse::{Catalog, Engine, Value};

/// The columns every query gives.
const COLUMNS: [&str; 7] =
    ["unit_id", "period", "sex", "breakdown", "numerator", "denominator", "person_count"];
/// Further columns that a query may give: how many answered, how many were asked, and a reservation.
const OPTIONAL: [(&str, &str); 3] =
    [("response_count", "bigint"), ("invited_count", "bigint"), ("mark", "varchar")];
/// The column of a query that gives several versions.
const VERSION: &str = "method_version";

/// What an indicator's query gave, and what a role has stated beside it.
pub(super) fn read(
    engine: &Engine,
    catalog: &Catalog,
    project: &Project,
    definition: &Definition,
) -> Result<Facts, Faults> {
    let place = project.file_of_query(&definition.id);
    let sql = if project.is_reported(definition) {
        let gives = catalog.columns_of(REPORTED);
        let column = |&name: &&str| match name {
            _ if gives.iter().any(|column| column == name) => name.to_owned(),
            "breakdown" => "'' as breakdown".to_owned(),
            _ => format!("cast(null as bigint) as {name}"),
        };
        let columns: Vec<String> = COLUMNS.iter().map(column).collect();
        format!(
            "select {}, cast(null as bigint) as {VERSION}, {} from {REPORTED} \
             where indicator_id = {} order by 1, 2, 3, 4",
            columns.join(", "),
            optional(&|_| false).join(", "),
            literal(&definition.id)
        )
    } else {
        let found = catalog.columns_of(&format!("indicator.{}", definition.id));
        let has = |name: &str| found.iter().any(|column| column == name);
        if let Some(lacking) = COLUMNS.iter().find(|column| !has(column)) {
            return Err(Faults::from(
                Diagnostic::error(
                    Code::QueryLacksColumn,
                    format!("the query lacks the column `{lacking}`"),
                    Location::file(place),
                )
                .with_found(found.join(", "))
                .with_expected(COLUMNS.join(", ")),
            ));
        }
        let version = if has(VERSION) {
            VERSION.to_owned()
        } else {
            format!("cast(null as bigint) as {VERSION}")
        };
        format!(
            "select {}, {version}, {} from indicator.{} order by 1, 2, 3, 4, 8",
            COLUMNS.join(", "),
            optional(&has).join(", "),
            identifier(&definition.id)
        )
    };
    let mut facts = Facts::default();
    let mut known = BTreeSet::new();
    for row in &ask(engine, &sql)?.rows {
        let version = row[COLUMNS.len()].integer().and_then(|number| u32::try_from(number).ok());
        let fact = fact(&place, row)?;
        if !known.insert((fact.key(), version)) {
            return Err(Faults::from(twice(&place, &fact)));
        }
        if definition.suppress_max.is_some()
            && fact.numerator.is_some()
            && fact.person_count.is_none()
        {
            return Err(Faults::from(uncounted(&place, definition, &fact)));
        }
        facts.add(definition, fact, version);
    }
    if !project.is_reported(definition) && !catalog.columns_of(STATED).is_empty() {
        stand_in(&mut facts, engine, definition)?;
    }
    Ok(facts)
}

/// A figure and where it stands, for messages.
fn cell(fact: &Fact) -> String {
    let Fact { unit_id, period, sex, breakdown, .. } = fact;
    format!("unit_id={unit_id}, period={period}, sex={sex}, breakdown={breakdown}")
}

/// Two rows for one figure: which of them it is, nobody can know.
fn twice(place: &str, fact: &Fact) -> Diagnostic {
    let message = "the query gives two rows for one figure";
    Diagnostic::error(Code::ContractBroken, message, Location::file(place))
        .with_found(cell(fact))
        .with_expected("one row for each unit, period, sex, breakdown and version of the method")
        .with_effect("nothing was published; the release in force stays")
        .with_hint("a join may repeat rows: sum them, or join on the whole key")
}

/// A value that small groups are to be hidden in, and nobody counted who stands behind it.
fn uncounted(place: &str, definition: &Definition, fact: &Fact) -> Diagnostic {
    let message = "the query does not count the persons behind a figure about persons";
    Diagnostic::error(Code::QueryLacksColumn, message, Location::file(place))
        .with_found(format!("`person_count` is empty at {}", cell(fact)))
        .with_expected(format!(
            "a number of persons in every row with a value, since `suppress_max` of `{}` asks for it",
            definition.id
        ))
        .with_effect("nothing was published; small groups would be shown as they are")
        .with_hint("count the persons the row stands on, or say `unsuppressed_because`")
}

/// Puts what a role has stated where the query gives no value.
fn stand_in(facts: &mut Facts, engine: &Engine, definition: &Definition) -> Result<(), Faults> {
    let place = format!("sql/{}.sql", STATED.replacen('.', "/", 1));
    let sql = format!(
        "select {}, cast(null as bigint) as {VERSION}, {}, _delivery from {STATED} \
         where indicator_id = {} order by 1, 2, 3, 4",
        COLUMNS
            .map(|name| match name {
                "person_count" => "cast(null as bigint) as person_count",
                name => name,
            })
            .join(", "),
        optional(&|_| false).join(", "),
        literal(&definition.id)
    );
    for row in &ask(engine, &sql)?.rows {
        let delivery = row[row.len() - 1].text().unwrap_or_default();
        facts.stand_in(definition, fact(&place, row)?, delivery);
    }
    Ok(())
}

/// The further columns, empty where the query does not give them.
fn optional(has: &dyn Fn(&str) -> bool) -> [String; OPTIONAL.len()] {
    OPTIONAL.map(|(name, kind)| match has(name) {
        true => name.to_owned(),
        false => format!("cast(null as {kind}) as {name}"),
    })
}

fn fact(place: &str, row: &[Value]) -> Result<Fact, Faults> {
    let text = |at: usize| row[at].text().unwrap_or_default();
    let wrong = |what: &str, found: String| {
        vec![
            Diagnostic::error(
                Code::QueryLacksColumn,
                format!("the query gives a `{what}` that is none"),
                Location::file(place),
            )
            .with_found(format!("`{found}`")),
        ]
    };
    let count = |at: usize| row[at].integer().and_then(|count| u64::try_from(count).ok());
    Ok(Fact {
        unit_id: text(0),
        period: Period::parse(&text(1)).ok_or_else(|| wrong("period", text(1)))?,
        sex: Sex::parse(&text(2)).ok_or_else(|| wrong("sex", text(2)))?,
        breakdown: text(3),
        numerator: row[4].decimal(),
        denominator: row[5].decimal(),
        person_count: row[6].integer().and_then(|count| u64::try_from(count).ok()),
        response: count(8).zip(count(9)).map(|(answered, asked)| Response { answered, asked }),
        mark: match row[10].text() {
            None => None,
            Some(name) => {
                Some(OutcomeMark::parse(&name).ok_or_else(|| wrong("mark", name.clone()))?)
            }
        },
        hidden: false,
    })
}

//! Audits that nobody writes: what contracts claim of the tables that are built, as queries.
//!
//! A contract says which columns tell rows apart, and which table's rows are found again in this one.
//! Of the first comes an audit per layer, of the second one for all tables; both name the tables in
//! which the claim does not hold. Nothing is told that could be about a person.

use crate::engine::{identifier, literal, qualified};
use crate::graph::{Graph, Layer, Model};
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::contract::Conserved;
use tertial_model::{Code, Contract, Diagnostic, Location};

/// The layers whose keys are audited: schema, and the claim.
const KEYS: [(&str, &str); 5] = [
    ("core", "Ingen tabell i core har två rader med samma nyckel"),
    ("measure", "Inget mått har två rader med samma nyckel"),
    ("indicator", "Ingen av programmets tabeller om utfall har två rader med samma nyckel"),
    ("mart", "Ingen mart har två rader med samma nyckel"),
    ("meta", "Ingen av programmets tabeller om lagret har två rader med samma nyckel"),
];
/// The claim about rows that are found again.
const CONSERVED: &str = "Ingen rad och inget belopp försvinner eller blir två på vägen från källan";

/// The audits that follow from the contracts of tables that are built, and what is wrong in them.
pub fn audits(
    graph: &Graph,
    contracts: &BTreeMap<String, Contract>,
) -> (Vec<Model>, Vec<Diagnostic>) {
    let is_built = |contract: &&Contract| {
        let schema = contract.table.split('.').next().unwrap_or_default();
        // What no query makes, the program fills.
        graph.model(&contract.table).is_some() || matches!(schema, "indicator" | "meta")
    };
    let built: Vec<&Contract> = contracts.values().filter(is_built).collect();
    let mut audits = Vec::new();
    for (schema, claim) in KEYS {
        let own = built.iter().filter(|contract| {
            contract.table.split_once('.').is_some_and(|(own, _)| own == schema)
        });
        let keyed: Vec<&&Contract> = own.filter(|contract| !contract.key.is_empty()).collect();
        let parts = keyed.iter().map(|contract| keys_of(contract));
        let reads = keyed.iter().map(|contract| contract.table.clone());
        let name = format!("{schema}_tables__keys_are_unique");
        audits.extend(audit(
            &name,
            claim,
            "table_name, key_columns",
            parts.collect(),
            reads.collect(),
        ));
    }
    let mut faults = Vec::new();
    let (mut parts, mut reads) = (Vec::new(), BTreeSet::new());
    for contract in built {
        let Some(conserved) = &contract.conserves else { continue };
        if !graph.behind(&contract.table).contains(&conserved.table) {
            faults.push(not_read(graph, contract, conserved));
            continue;
        }
        reads.extend([contract.table.clone(), conserved.table.clone()]);
        parts.extend(conserved_in(contract, conserved));
    }
    let name = "core_tables__rows_are_conserved";
    audits.extend(audit(name, CONSERVED, "table_name, source_name, counted", parts, reads));
    (audits, faults)
}

fn audit(
    name: &str,
    claim: &str,
    public: &str,
    parts: Vec<String>,
    reads: BTreeSet<String>,
) -> Option<Model> {
    if parts.is_empty() {
        return None;
    }
    let comment = ["severity: stop".to_owned(), claim.to_owned(), format!("public: {public}")];
    let heading: String = comment.iter().map(|line| format!("-- {line}\n")).collect();
    Some(Model {
        layer: Layer::Audit,
        name: format!("audits.{name}"),
        file: "schemas".to_owned(),
        sql: format!("{heading}{}\n", parts.join("\nunion all\n")),
        comment: comment.to_vec(),
        reads: reads.into_iter().collect(),
    })
}

/// How many keys stand on several rows, when any do.
fn keys_of(contract: &Contract) -> String {
    let key: Vec<String> = contract.key.iter().map(|name| identifier(name)).collect();
    format!(
        "select {} as table_name, {} as key_columns, count(*) as key_count\n\
         from (select 1 as one from {} group by {} having count(*) > 1) as repeated\n\
         having count(*) > 0",
        literal(&contract.table),
        literal(&contract.key.join(", ")),
        qualified(&contract.table),
        key.join(", ")
    )
}

/// A row for the number of rows, and one for each sum, where the two tables differ.
fn conserved_in(contract: &Contract, conserved: &Conserved) -> Vec<String> {
    let differ = |counted: &str, expected: String, found: String| {
        format!(
            "select {} as table_name, {} as source_name, {} as counted, \
             expected.total as expected, found.total as found\n\
             from (select {expected} as total from {}) as expected\n\
             cross join (select {found} as total from {}) as found\n\
             where expected.total is distinct from found.total",
            literal(&contract.table),
            literal(&conserved.table),
            literal(counted),
            qualified(&conserved.table),
            qualified(&contract.table)
        )
    };
    let found = match &conserved.count {
        Some(column) => format!("coalesce(sum({}), 0)", identifier(column)),
        None => "count(*)".to_owned(),
    };
    let mut parts = vec![differ("rader", "count(*)".to_owned(), found)];
    parts.extend(conserved.sums.iter().map(|column| {
        let sum = format!("sum({})", identifier(column));
        differ(column, sum.clone(), sum)
    }));
    parts
}

fn not_read(graph: &Graph, contract: &Contract, conserved: &Conserved) -> Diagnostic {
    let read = graph.behind(&contract.table);
    let read: Vec<String> = read.iter().map(|table| format!("`{table}`")).collect();
    Diagnostic::error(
        Code::InvalidContract,
        format!("`{}` cannot hold the rows of a table that it does not read", contract.table),
        Location::file(&contract.file),
    )
    .with_found(format!("`tertial.conserves`, `{}`", conserved.table))
    .with_expected(match read.is_empty() {
        true => "a table that stands behind it; no query makes it".to_owned(),
        false => format!("one of {}", read.join(", ")),
    })
    .with_effect("the project cannot be built")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Audit;
    use crate::engine::Engine;
    use tertial_model::{Column, ColumnType};

    fn contract(conserves: Option<Conserved>) -> Contract {
        let hours = ColumnType::Decimal { precision: 9, scale: 2 };
        let columns = vec![
            Column::text("unit_id"),
            Column { column_type: ColumnType::Date, ..Column::text("day") },
            Column { column_type: hours, ..Column::text("hours") },
            Column { column_type: ColumnType::Integer, ..Column::text("shift_count") },
        ];
        Contract {
            file: "schemas/core.shifts.odcs.yaml".to_owned(),
            key: vec!["unit_id".to_owned(), "day".to_owned()],
            conserves,
            ..Contract::of("core.shifts", columns)
        }
    }

    fn derived(conserves: Option<Conserved>) -> (Vec<Model>, Vec<Diagnostic>) {
        let model = Model {
            layer: Layer::Core,
            name: "core.shifts".to_owned(),
            file: "sql/core/shifts.sql".to_owned(),
            sql: String::new(),
            comment: Vec::new(),
            reads: vec!["staging.time__shifts".to_owned()],
        };
        let graph = Graph { models: vec![model], ..Graph::default() };
        let contracts = BTreeMap::from([("core.shifts".to_owned(), contract(conserves))]);
        audits(&graph, &contracts)
    }

    fn found(rows: &str, conserves: Option<Conserved>) -> Vec<String> {
        let engine = Engine::in_memory().unwrap();
        engine
            .execute(&format!(
                "create schema core; create schema staging; \
                 create table staging.time__shifts as select * from (values ('A', 1.5), ('A', 2), ('B', 1)) \
                 t(unit_id, hours); \
                 create table core.shifts as select * from (values {rows}) \
                 t(unit_id, day, hours, shift_count)"
            ))
            .unwrap();
        let (audits, faults) = derived(conserves);
        assert!(faults.is_empty(), "{faults:?}");
        let run = |model: &Model| Audit::from_model(model).unwrap().run(&engine).unwrap();
        let results: Vec<_> = audits.iter().map(run).collect();
        let told = results.iter().flat_map(|result| {
            result
                .findings()
                .map(|finding| format!("{}: {finding}", result.name))
                .collect::<Vec<_>>()
        });
        told.collect()
    }

    fn conserved(count: Option<&str>) -> Option<Conserved> {
        Some(Conserved {
            table: "staging.time__shifts".to_owned(),
            count: count.map(str::to_owned),
            sums: vec!["hours".to_owned()],
        })
    }

    const SOUND: &str = "('A', 1, 1.5, 1), ('A', 2, 2, 1), ('B', 1, 1, 1)";

    #[test]
    fn sound_tables_are_not_told_of() {
        assert!(found(SOUND, conserved(None)).is_empty());
        let summed = "('A', 1, 3.5, 2), ('B', 1, 1, 1)";
        assert!(found(summed, conserved(Some("shift_count"))).is_empty());
    }

    #[test]
    fn a_key_that_stands_twice_is_found_with_its_columns() {
        let twice = format!("{SOUND}, ('B', 1, 0, 0)");
        assert_eq!(
            found(&twice, None),
            ["core_tables__keys_are_unique: table_name=core.shifts, key_columns=unit_id, day"]
        );
        // Nothing is a value of a key too.
        let nothing = "(null, 1, 1, 1), (null, 1, 1, 1)";
        assert_eq!(found(nothing, None).len(), 1);
    }

    #[test]
    fn rows_and_sums_that_are_lost_are_found() {
        let lost = "('A', 1, 1.5, 1), ('A', 2, 3, 1)";
        let place = "core_tables__rows_are_conserved: table_name=core.shifts, \
                     source_name=staging.time__shifts, counted=";
        assert_eq!(found(lost, conserved(None)), [format!("{place}rader")]);
        let moved = "('A', 1, 1.5, 1), ('A', 2, 2, 1), ('B', 1, 9, 1)";
        assert_eq!(found(moved, conserved(None)), [format!("{place}hours")]);
        assert_eq!(
            found("('A', 1, 4.5, 2)", conserved(Some("shift_count"))),
            [format!("{place}rader")]
        );
    }

    #[test]
    fn rows_of_a_table_that_is_not_read_cannot_be_conserved() {
        let other =
            Conserved { table: "staging.time__breaks".to_owned(), count: None, sums: Vec::new() };
        let (_, faults) = derived(Some(other));
        assert_eq!(
            faults.iter().map(Diagnostic::to_string).collect::<String>(),
            "\
error[T0501]: `core.shifts` cannot hold the rows of a table that it does not read
   --> schemas/core.shifts.odcs.yaml
    = found:    `tertial.conserves`, `staging.time__breaks`
    = expected: one of `staging.time__shifts`
    = effect:   the project cannot be built
"
        );
    }
}

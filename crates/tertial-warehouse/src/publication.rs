//! What leaves the house, decided before anything is built: closed by default.
//!
//! A mart, or a table that the program itself fills, leaves with the columns that its contract classes
//! open, and with nothing when no contract describes it. A column that comes from persons, under whatever name ([`crate::classes`]), must not
//! be classed open, neither in a mart nor where an audit tells of its offenders; and no query may hand
//! on rows of persons one by one. What is only not published is a warning, what would be published
//! wrongly an error.

use crate::audit::Audit;
use crate::classes::{Classes, Mark, Relation};
use crate::graph::{Graph, Layer, Model, place_in};
use std::collections::BTreeMap;
use tertial_model::contract::Classification;
use tertial_model::{Code, Contract, Diagnostic, Location, Severity};

/// The tables that leave the house, each with its open columns in the contract's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// Columns by table.
    pub tables: BTreeMap<String, Vec<String>>,
}

/// What was found about a project's queries, and what follows for what is published.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// The class of each column.
    pub classes: Classes,
    /// What leaves the house.
    pub publication: Publication,
    /// Errors, which keep the project from being built, and warnings.
    pub faults: Vec<Diagnostic>,
}

impl Decision {
    /// Follows every query and decides. `seeds` gives the columns of each seed.
    pub fn of(
        graph: &Graph,
        contracts: &BTreeMap<String, Contract>,
        seeds: &BTreeMap<String, Vec<String>>,
    ) -> Decision {
        match Classes::read(graph, contracts, seeds) {
            Ok(classes) => {
                let (publication, faults) = Publication::decide(graph, &classes, contracts);
                Decision { classes, publication, faults }
            }
            Err(faults) => Decision { faults: faults.into(), ..Decision::default() },
        }
    }

    /// Those that keep the project from being built.
    pub fn errors(&self) -> Vec<Diagnostic> {
        self.of_severity(|severity| severity == Severity::Error)
    }

    /// Those that do not.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        self.of_severity(|severity| severity != Severity::Error)
    }

    fn of_severity(&self, wanted: impl Fn(Severity) -> bool) -> Vec<Diagnostic> {
        self.faults.iter().filter(|fault| wanted(fault.severity)).cloned().collect()
    }
}

/// Where the program's own tables lie.
const OWN_SCHEMAS: [&str; 2] = ["indicator.", "meta."];

/// Key columns of an indicator's query.
const KEYS: [&str; 4] = ["unit_id", "period", "sex", "breakdown"];

impl Publication {
    /// Decides; the second part holds errors and warnings.
    pub fn decide(
        graph: &Graph,
        classes: &Classes,
        contracts: &BTreeMap<String, Contract>,
    ) -> (Publication, Vec<Diagnostic>) {
        let mut publication = Publication { tables: own_tables(graph, contracts) };
        let mut faults = Vec::new();
        for model in &graph.models {
            let Some(found) = classes.table(&model.name) else { continue };
            match (model.layer, contracts.get(&model.name)) {
                (Layer::Mart, None) => faults.push(undescribed(model, found)),
                (Layer::Mart, Some(contract)) => {
                    let columns = mart(model, found, contract, &mut faults);
                    publication.tables.insert(model.name.clone(), columns);
                }
                (Layer::Indicator, _) => indicator(model, classes, &mut faults),
                _ => {}
            }
        }
        for model in &graph.audits {
            if let (Ok(audit), Some(found)) = (Audit::from_model(model), classes.audit(&model.name))
            {
                tells(&audit, found, &mut faults);
            }
        }
        (publication, faults)
    }
}

/// The tables that no query makes and that the program fills: what their contracts open.
fn own_tables(
    graph: &Graph,
    contracts: &BTreeMap<String, Contract>,
) -> BTreeMap<String, Vec<String>> {
    let is_own = |name: &&String| {
        OWN_SCHEMAS.iter().any(|schema| name.starts_with(schema)) && graph.model(name).is_none()
    };
    let open = |contract: &Contract| {
        let columns = contract.columns.iter();
        let open = columns.filter(|column| column.classification == Classification::Open);
        open.map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    let own = contracts.iter().filter(|(name, _)| is_own(name));
    let own = own.map(|(name, contract)| (name.clone(), open(contract)));
    own.filter(|(_, columns)| !columns.is_empty()).collect()
}

/// What is known of a column of that name; of all of them when the query's names cannot be told.
fn mark_of(found: &Relation, name: &str) -> Mark {
    found.column(name).cloned().unwrap_or_else(|| found.whole())
}

fn mart(
    model: &Model,
    found: &Relation,
    contract: &Contract,
    faults: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let mut open = Vec::new();
    let mut unclassed = Vec::new();
    for column in &contract.columns {
        let mark = mark_of(found, &column.name);
        match (column.classification, mark.class) {
            (Classification::Personal | Classification::Sensitive, _)
            | (Classification::Internal, Classification::Open | Classification::Internal) => {}
            (_, Classification::Personal | Classification::Sensitive) => {
                faults.push(personal(model, &column.name, &mark, contract));
            }
            (Classification::Open, Classification::Open) => open.push(column.name.clone()),
            (_, _) => unclassed.push((column.name.as_str(), mark)),
        }
    }
    let unknown = found.columns.iter().map(|(name, _)| name.as_str());
    let unknown: Vec<&str> = unknown
        .filter(|name| !name.is_empty() && *name != "*" && contract.column(name).is_none())
        .collect();
    if !unknown.is_empty() {
        let message = format!("`{}` gives columns that its contract does not know", model.name);
        let mut fault = place(Code::NotPublished, message, model, unknown[0])
            .with_found(list(unknown))
            .with_expected(format!("each column named, typed and classed in `{}`", contract.file))
            .with_effect("the columns stay in `warehouse.duckdb`");
        fault.severity = Severity::Warning;
        faults.push(fault);
    }
    if !unclassed.is_empty() {
        let own = format!("{}.", model.name);
        let words = unclassed.iter().map(|(name, mark)| match &mark.source {
            Some(source) if !source.starts_with(&own) => format!("`{name}`, from `{source}`"),
            _ => format!("`{name}`"),
        });
        let found = words.collect::<Vec<_>>().join("; ");
        faults.push(
            Diagnostic::warning(
                Code::NotPublished,
                format!("`{}` has columns that nobody has classed", model.name),
                Location::file(&contract.file),
            )
            .with_found(found)
            .with_expected("`classification: open`, `personal` or `sensitive` on each column, there and where it comes from")
            .with_effect("the columns stay in `warehouse.duckdb`"),
        );
    }
    if !open.is_empty() && found.rows.class >= Classification::Personal {
        faults.push(rows(model, &found.rows));
    }
    open
}

/// A mart without a contract.
fn undescribed(model: &Model, found: &Relation) -> Diagnostic {
    let file = format!("schemas/{}.odcs.yaml", model.name);
    let message = format!("no contract describes `{}`", model.name);
    let mut fault = Diagnostic::warning(Code::NotPublished, message, Location::file(&model.file))
        .with_found(format!("no `{file}`"))
        .with_expected(
            "a contract that names, types and classes each column that may leave the house",
        )
        .with_effect("the table stays in `warehouse.duckdb`");
    let personal = found.columns.iter().filter(|(_, m)| m.class >= Classification::Personal);
    let words: Vec<String> =
        personal.map(|(name, mark)| format!("`{name}` from {}", origin(mark))).collect();
    if !words.is_empty() {
        let more = words.len().saturating_sub(SHOWN);
        let rest = if more == 0 { String::new() } else { format!("; and {more} more") };
        let words = words.into_iter().take(SHOWN).collect::<Vec<_>>().join("; ");
        fault = fault.with_hint(format!("columns about persons cannot be open: {words}{rest}"));
    }
    fault
}

/// How many columns a message lists.
const SHOWN: usize = 4;

fn personal(model: &Model, column: &str, mark: &Mark, contract: &Contract) -> Diagnostic {
    let message = format!("`{}` would publish `{column}`, which comes from persons", model.name);
    place(Code::PersonalColumnPublished, message, model, column)
        .with_found(origin(mark))
        .with_expected("columns that concern nobody, or counts and sums over several persons")
        .with_contract(format!("{}, `{column}`", contract.file))
        .with_effect("nothing is built; the release that was published last stays in force")
        .with_hint(format!(
            "leave the column out, count or sum it, or write `classification: {}` in the contract: it then stays in `warehouse.duckdb`",
            mark.class.word()
        ))
}

fn rows(model: &Model, mark: &Mark) -> Diagnostic {
    let message = format!("`{}` would publish rows of persons one by one", model.name);
    Diagnostic::error(Code::PersonalColumnPublished, message, Location::file(&model.file))
        .with_found(format!("rows kept apart by {}", origin(mark)))
        .with_expected("rows that are grouped, by columns that do not tell persons apart")
        .with_effect("nothing is built; the release that was published last stays in force")
        .with_hint("group the rows, such as by unit and month, and count or sum what is shown")
}

/// An indicator's key must not tell persons apart, and its numbers must be counts or sums.
fn indicator(model: &Model, classes: &Classes, faults: &mut Vec<Diagnostic>) {
    for (column, mark) in classes.persons_in(&model.name) {
        let message = match KEYS.contains(&column.as_str()) {
            true => format!("`{column}` of `{}` tells persons apart", model.name),
            false => format!("`{column}` of `{}` is the value of a person", model.name),
        };
        faults.push(
            place(Code::PersonalColumnPublished, message, model, column)
                .with_found(origin(mark))
                .with_expected(
                    "units, periods, sexes and groups as the key, counts and sums as the numbers",
                )
                .with_effect(
                    "nothing is built; the release that was published last stays in force",
                ),
        );
    }
}

/// The columns that an audit tells of.
fn tells(audit: &Audit, found: &Relation, faults: &mut Vec<Diagnostic>) {
    let model = audit.model;
    for column in &audit.public {
        let Some(mark) = found.column(column) else {
            let names = found.columns.iter().map(|(name, _)| name.as_str());
            faults.push(
                place(
                    Code::UnparsableQuery,
                    format!("an audit tells of `{column}`, which it does not give"),
                    model,
                    column,
                )
                .with_expected(format!("some of {}", list(names)))
                .with_effect("the project cannot be built"),
            );
            continue;
        };
        let mark = if mark.is_open() { &found.rows } else { mark };
        if !mark.is_open() {
            let message = format!("an audit tells of `{column}`, which comes from persons");
            faults.push(
                place(Code::PersonalColumnPublished, message, model, column)
                    .with_found(origin(mark))
                    .with_expected("columns that concern nobody, of rows that are not one person each")
                    .with_effect("nothing is built; the release that was published last stays in force")
                    .with_hint("leave it out of the line `-- public:`; the offenders are then counted, and seen with `tertial sql --warehouse`"),
            );
        }
    }
}

/// `core.worked_time.person_id`, sensitive.
fn origin(mark: &Mark) -> String {
    format!("`{}`, {}", mark.source.as_deref().unwrap_or("?"), mark.class.word())
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A fault at the last place where a query's text has a column's name.
fn place(code: Code, message: String, model: &Model, column: &str) -> Diagnostic {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let text = model.sql.to_lowercase();
    let is_whole = |at: &usize| {
        let before = text[..*at].chars().next_back();
        let after = text[at + column.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    };
    let found = text.rmatch_indices(column).map(|(at, _)| at).find(is_whole);
    match found {
        // Lower case may have another length in bytes.
        Some(at) if text.len() == model.sql.len() => {
            place_in(code, message, &model.file, &model.sql, at, column.chars().count())
        }
        _ => Diagnostic::error(code, message, Location::file(&model.file)),
    }
}

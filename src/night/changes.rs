//! Two publications laid side by side: their figures and facts are read here; what differs, and why,
//! is found by [`tertial_outcomes::difference`].

use super::methods::{self, Methods};
use super::outcomes;
use super::record::{DELIVERIES, Publication, Record};
use crate::clock::Moment;
use crate::project::{Project, Source};
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Faults, Location, Outcome, Period};
use tertial_outcomes::difference::{Change, Decision, Delivery, Side, Sources, compare};
use tertial_warehouse::engine::literal;
use tertial_warehouse::{Engine, Rows};

/// The calendar follows from plans and from what has come; how far it reaches changes no value.
const CALENDAR: [&str; 1] = ["core.months"];
/// The organisation of a release.
const UNITS: &str = "core.units";

/// A publication with its figures, deliveries and facts: of one period, or of all.
pub fn read_side(
    project: &Project,
    record: &Record,
    publication: &Publication,
    period: Option<Period>,
) -> Result<Side, Faults> {
    let identity = &publication.identity;
    let failed = |error: tertial_warehouse::engine::EngineError| {
        let message = format!("what was published cannot be read: {error}");
        Faults::from(Diagnostic::error(
            Code::StoredFileChanged,
            message,
            Location::file("data/published"),
        ))
    };
    let engine = Engine::in_memory().map_err(failed)?;
    let view = |name: &str, file: &str| {
        let path = literal(&record.path(file).to_string_lossy());
        engine.execute(&format!("create view {name} as select * from read_parquet({path})"))
    };
    engine.execute("create schema indicator").map_err(failed)?;
    let outcomes = match &identity.outcomes {
        None => Vec::new(),
        Some(file) => {
            view("indicator.outcomes", file).map_err(failed)?;
            match period {
                Some(period) => outcomes::read(&engine, "period = $1", &[&period.to_string()])?,
                None => outcomes::read(&engine, "true", &[])?,
            }
        }
    };
    view("deliveries", &identity.deliveries).map_err(failed)?;
    let rows = engine.query("select * from deliveries", &[]).map_err(failed)?;
    Ok(Side {
        day: identity.as_of.get(..10).map(str::to_owned),
        program_version: identity.program_version.clone(),
        outcomes,
        deliveries: (0..rows.rows.len()).map(|at| delivery(&rows, at)).collect(),
        facts: Methods::new(&project.data()).listing(&identity.methods)?,
    })
}

/// What the project as it lies today would publish, from its warehouse.
pub fn draft_side(
    project: &Project,
    engine: &Engine,
    moment: &Moment,
    period: Option<Period>,
) -> Result<Side, Faults> {
    let rows = engine.query(DELIVERIES, &[]).map_err(|error| {
        let message = format!("what would be published cannot be read: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file("data/scratch")))
    })?;
    Ok(Side {
        day: Some(moment.day().to_owned()),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        outcomes: match period {
            Some(period) => outcomes::read(engine, "period = $1", &[&period.to_string()])?,
            None => outcomes::read(engine, "true", &[])?,
        },
        deliveries: (0..rows.rows.len()).map(|at| delivery(&rows, at)).collect(),
        facts: methods::listing(project),
    })
}

fn delivery(rows: &Rows, at: usize) -> (String, Delivery) {
    let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
    let delivery = Delivery {
        key: ["source", "pattern", "period", "scope"].map(text),
        name: text("original_name"),
        received: text("received_at").chars().take(10).collect(),
        rows: rows.get(at, "rows_accepted").integer().unwrap_or(0),
        load: text("load_fingerprint"),
        superseded: text("superseded")
            .split(';')
            .filter_map(|one| one.split_once(' '))
            .map(|(by, rows)| (by.to_owned(), rows.to_owned()))
            .collect(),
    };
    (text("delivery_id"), delivery)
}

/// Every figure that differs between two publications; `project` has the facts of the later.
pub fn between(project: &Project, before: &Side, after: &Side) -> Vec<Change> {
    compare(&Facts(project), before, after)
}

/// The facts of a project, as a comparison asks for them.
struct Facts<'a>(&'a Project);

impl Sources for Facts<'_> {
    fn settings_file(&self) -> &str {
        crate::config::FILE
    }

    fn file_of_query(&self, indicator: &str) -> String {
        self.0.file_of_query(indicator)
    }

    fn files_behind(&self, indicator: &str) -> BTreeSet<String> {
        let table = self.0.table_of(indicator);
        let graph = &self.0.graph;
        let mut behind = graph.behind_up_to(&table, &CALENDAR);
        behind.insert(table);
        let mut files: BTreeSet<String> = BTreeSet::from([self.0.file_of_query(indicator)]);
        for name in &behind {
            files.extend(graph.model(name).map(|model| model.file.clone()));
            if let Some(seed) = name.strip_prefix("seed.") {
                files.insert(format!("seeds/{seed}.csv"));
            }
            let Some(raw) = name.strip_prefix("raw.") else { continue };
            files.extend(self.0.contracts.get(raw).map(|contract| contract.file.clone()));
            let reads = |source: &&Source| {
                let files = source.pipeline.files.iter();
                files.flat_map(|file| &file.tables).any(|table| table.contract == raw)
            };
            for source in self.0.sources.iter().filter(reads) {
                let names = ["pipeline.toml", "headings.csv", "codes.csv", "corrections.toml"];
                files.extend(names.map(|name| format!("{}/{name}", source.folder())));
            }
        }
        files
    }

    fn reason_of_version(&self, indicator: &str, version: u32) -> Option<String> {
        let mut versions = self.0.definitions.get(indicator)?.versions.iter();
        Some(versions.find(|known| known.number == version)?.reason.clone())
    }

    fn decisions(&self, figure: &Outcome, between: &(String, String)) -> Vec<Decision> {
        let graph = &self.0.graph;
        let organisation = graph.behind(UNITS);
        let is_whole = self.0.is_whole_organisation(&figure.level);
        let tables = graph.behind_up_to(&self.0.table_of(&figure.id), &CALENDAR);
        let mut decisions = Vec::new();
        for seed in tables.iter().filter_map(|table| table.strip_prefix("seed.")) {
            let is_organisation = organisation.contains(&format!("seed.{seed}"));
            if is_organisation && is_whole {
                continue;
            }
            let decided = self.0.decided_between(seed, between).into_iter();
            decisions.extend(decided.map(|(name, decided_on)| Decision {
                seed: seed.to_owned(),
                name,
                decided_on,
                is_organisation,
            }));
        }
        decisions
    }
}

/// What changed from the publication before to this one, for a period; empty for the first.
pub fn since_before(
    project: &Project,
    facts: &Project,
    record: &Record,
    publication: &Publication,
    period: Period,
) -> Result<Option<(Publication, Vec<Change>)>, Faults> {
    let Some(earlier) = record.before(publication)? else {
        return Ok(None);
    };
    let before = read_side(project, record, &earlier, Some(period))?;
    let after = read_side(project, record, publication, Some(period))?;
    Ok(Some((earlier, between(facts, &before, &after))))
}

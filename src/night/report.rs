//! The report of a period, from an edition and from nothing else.

mod quality;
mod told;

pub use told::{changed, refused, rejects};

use super::coarse::Coarse;
use super::edition::Edition;
use super::evidence::Background;
use super::outcomes;
use crate::args::ReportFormat;
use crate::clock;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tertial_lake::{Damage, Stored, atomic};
use tertial_model::seal::{Listed, Listing};
use tertial_model::{Code, Diagnostic, Faults, Location, Outcome, Period};
use tertial_report::spec::BlockKind;
use tertial_report::{
    Comment, DataColumn, DataTable, Document, GoalArea, IndicatorText, Part, PlanEntry, ReportData,
    Value as Shown,
};
use tertial_warehouse::engine::{literal, qualified};
use tertial_warehouse::publish::WAREHOUSE_FILE;
use tertial_warehouse::{Engine, Rows, Value};

/// The document of a period, from an edition and with its own facts.
pub fn document(edition: &Edition, period: Period) -> Result<Document, Faults> {
    let project = edition.project();
    let Some(spec) = &project.report else {
        let place = Location::file("seeds/report.toml");
        return Err(Faults::from(
            Diagnostic::error(
                Code::BadSetting,
                "the project does not say what its report holds",
                place,
            )
            .with_expected("a file `seeds/report.toml`"),
        ));
    };
    let data = Source { edition, project, engine: &edition.engine, period }.data(spec)?;
    tertial_report::compose(spec, &data)
}

/// The list of a report's files, in their folder.
const LISTING: &str = ".files.json";

/// What a folder holds of a release's report.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing, or the report of another release.
    Nothing,
    /// Every file as it was written.
    Whole,
    /// Files that are gone, cut or changed since.
    Damaged(Vec<(Stored, Damage)>),
}

/// Whether a folder holds the files of a release's report, as they were written. Reads every byte.
pub fn kept(folder: &Path, release: &str, formats: &[ReportFormat]) -> Kept {
    let Some(listing) = listing(folder).filter(|listing| listing.release == release) else {
        return Kept::Nothing;
    };
    let mut damaged = Vec::new();
    for name in formats.iter().flat_map(|format| file_names(*format)) {
        let Some(written) = listing.files.get(*name).cloned() else { return Kept::Nothing };
        let stored = Stored { path: folder.join(name), written };
        damaged.extend(stored.look().map(|damage| (stored, damage)));
    }
    if damaged.is_empty() { Kept::Whole } else { Kept::Damaged(damaged) }
}

/// The list of the files in a report's folder; none when it is gone or damaged.
pub fn listing(folder: &Path) -> Option<Listing> {
    Listing::parse(&std::fs::read(folder.join(LISTING)).ok()?)
}

/// The files of a format; what the report rests on is a file of its own in print.
pub fn file_names(format: ReportFormat) -> &'static [&'static str] {
    match format {
        ReportFormat::Html => &["report.html"],
        ReportFormat::Pdf => &["report.pdf", "underlag.pdf"],
        ReportFormat::Xlsx => &["report.xlsx"],
        ReportFormat::Json => &["report.json"],
    }
}

/// Renders a document into a folder, which then has a list of what was written there; the paths in the
/// order asked for.
pub fn write(
    folder: &Path,
    document: &Document,
    formats: &[ReportFormat],
) -> Result<Vec<PathBuf>, Faults> {
    let mut paths = Vec::new();
    let known = listing(folder).filter(|listing| listing.release == document.release_id);
    let mut listed = known.unwrap_or_default();
    listed.release.clone_from(&document.release_id);
    let write = |path: &Path, bytes: &[u8]| {
        let written = atomic::create_dir(folder, 0o755)
            .and_then(|()| atomic::write_with_mode(path, bytes, 0o644));
        written.map_err(|error| {
            let message = format!("the report cannot be written: {error}");
            Faults::from(Diagnostic::error(
                Code::FileAccess,
                message,
                Location::file(path.to_string_lossy()),
            ))
        })
    };
    for format in formats {
        let files = match format {
            ReportFormat::Html => {
                vec![tertial_report::html::render(document)?.into_bytes()]
            }
            ReportFormat::Pdf => [Part::Report, Part::Basis]
                .into_iter()
                .map(|part| tertial_report::pdf::render(document, part))
                .collect::<Result<_, _>>()?,
            ReportFormat::Xlsx => vec![tertial_report::xlsx::render(document)?],
            ReportFormat::Json => vec![tertial_report::json::render(document).into_bytes()],
        };
        for (name, bytes) in file_names(*format).iter().zip(files) {
            let path = folder.join(name);
            write(&path, &bytes)?;
            listed.files.insert((*name).to_owned(), Listed::of(&bytes));
            paths.push(path);
        }
    }
    write(&folder.join(LISTING), &listed.to_json())?;
    Ok(paths)
}

/// Where the report's data comes from.
struct Source<'a> {
    edition: &'a Edition<'a>,
    project: &'a Project,
    engine: &'a Engine,
    period: Period,
}

impl Source<'_> {
    fn data(&self, spec: &tertial_report::ReportSpec) -> Result<ReportData, Faults> {
        let period = self.period.to_string();
        let release = self.ask("select * from meta.release", &[])?;
        let text = |name: &str| release.get(0, name).text().unwrap_or_default();
        let mut outcomes = outcomes::read(self.engine, "period = $1", &[&period])?;
        if outcomes.is_empty() {
            return Err(Faults::from(self.nothing_for_period()?));
        }
        let background = Background::read(self.edition, self.period)?;
        let plan = self.plan()?;
        let evidence = self.evidence(&background, &plan, &outcomes);
        let coarse = Coarse::new(self.project);
        outcomes.iter_mut().for_each(|outcome| coarse.persons.outcome(outcome));
        let mut units = super::units::read(self.engine, self.period)?;
        units.iter_mut().for_each(|(panel, figures)| coarse.persons.units(panel, figures));
        let mut signals = super::signals::read(self.engine, "period = $1", &[&period])?;
        signals.iter_mut().for_each(|signal| coarse.persons.signal(signal));
        let mut points = super::signals::read_points(self.engine, "period = $1", &[&period])?;
        points.iter_mut().for_each(|point| coarse.persons.signal_point(point));
        Ok(ReportData {
            region: text("region_name"),
            period: self.period,
            edition: 0,
            as_of: clock::day_of(&text("as_of")),
            synthetic: *release.get(0, "is_synthetic") == Value::Boolean(true),
            release_id: text("release_id"),
            program_version: text("program_version"),
            known_faults: Vec::new(),
            tables: self.tables(spec)?,
            evidence,
            table_texts: self.table_texts(spec)?,
            units,
            note: self.edition.note.clone(),
            outcomes,
            indicators: self.indicators(),
            goal_areas: self.goal_areas()?,
            levels: self.levels()?,
            history: self.history(&plan, &coarse)?,
            plan,
            comments: self.comments(&period)?,
            quality: self.quality(&background)?,
            signals,
            signal_points: points,
        })
    }

    fn ask(&self, sql: &str, arguments: &[&str]) -> Result<Rows, Faults> {
        self.engine.query(sql, arguments).map_err(|error| {
            let message = format!("the release could not answer: {error}");
            Faults::from(Diagnostic::error(
                Code::QueryFailed,
                message,
                Location::file(WAREHOUSE_FILE),
            ))
        })
    }

    fn nothing_for_period(&self) -> Result<Diagnostic, Faults> {
        let known = self.ask(
            "select string_agg(distinct period, ', ' order by period) from indicator.outcomes where period like '%T%'",
            &[],
        )?;
        let known = known.rows.first().and_then(|row| row[0].text()).unwrap_or_default();
        let place = Location::Query {
            query: "indicator.outcomes".into(),
            key: format!("period={}", self.period),
        };
        Ok(Diagnostic::error(
            Code::NoRelease,
            format!("the release has no outcomes for {}", self.period),
            place,
        )
        .with_found(format!("outcomes for {known}"))
        .with_hint("deliver the period's data and run `tertial run`"))
    }

    fn tables(
        &self,
        spec: &tertial_report::ReportSpec,
    ) -> Result<BTreeMap<String, DataTable>, Faults> {
        let mut tables = BTreeMap::new();
        for name in names_of_tables(spec) {
            if let Some(table) = self.table(name)? {
                tables.insert(name.to_owned(), table);
            }
        }
        Ok(tables)
    }

    /// A report table with the rows of the period; none when the release has no such table.
    fn table(&self, name: &str) -> Result<Option<DataTable>, Faults> {
        let full = full_name(name);
        let columns = self.engine.columns_of(&full).unwrap_or_default();
        if columns.is_empty() {
            return Ok(None);
        }
        let has = |wanted: &str| columns.iter().any(|column| column == wanted);
        let filter = match has("report_period") {
            true => format!(" where report_period = {}", literal(&self.period.to_string())),
            false => String::new(),
        };
        let order = if has("sort_order") { "sort_order" } else { "all" };
        let rows =
            self.ask(&format!("select * from {}{filter} order by {order}", qualified(&full)), &[])?;
        let contract = self.project.contracts.get(&full);
        let column = |(name, _): &(String, String)| match contract
            .and_then(|contract| contract.column(name))
        {
            Some(column) => DataColumn::from_contract(column),
            None => DataColumn::text(name, name),
        };
        let mut columns: Vec<DataColumn> = rows.columns.iter().map(column).collect();
        let coarse = Coarse::new(self.project);
        let printed = coarse.decimals_of(&full);
        let printed: Vec<_> =
            rows.columns.iter().map(|(name, _)| printed.get(name.as_str())).collect();
        let told = |row: Vec<Value>| -> Vec<Shown> {
            let cells = row.into_iter().zip(&printed);
            cells.map(|(value, decimals)| Coarse::shown(*decimals, shown(value))).collect()
        };
        let rows = rows.rows.into_iter().map(told);
        let mut rows: Vec<Vec<Shown>> = rows.collect();
        place_missing(&mut columns, &mut rows);
        Ok(Some(DataTable { columns, rows, source: self.sources_behind(&full) }))
    }

    /// The sources behind a table, as their pipelines name them: `Huvudbok, Budgetramar`.
    fn sources_behind(&self, table: &str) -> String {
        let raw = self.project.graph.raw_tables_behind(table);
        let sources: BTreeSet<&str> = raw
            .iter()
            .filter_map(|name| name.trim_start_matches("raw.").split("__").next())
            .collect();
        let known = self.project.sources.iter().map(|source| &source.pipeline);
        let labels: Vec<&str> = known
            .filter(|pipeline| sources.contains(pipeline.name.as_str()))
            .map(|pipeline| pipeline.label.as_str())
            .collect();
        labels.join(", ")
    }

    /// What the units are called; the whole region is the one that belongs to no other.
    fn levels(&self) -> Result<BTreeMap<String, String>, Faults> {
        let rows = self.ask(
            "select unit_id, unit_name, parent_unit_id is null from core.units order by unit_id",
            &[],
        )?;
        let level = |row: &Vec<Value>| {
            let name = match row[2] {
                Value::Boolean(true) => "hela regionen".to_owned(),
                _ => row[1].text()?,
            };
            Some((row[0].text()?, name))
        };
        Ok(rows.rows.iter().filter_map(level).collect())
    }

    /// The months and tertials up to the period, of the plan's indicators on their levels, that no break
    /// parts from it.
    fn history(&self, plan: &[PlanEntry], coarse: &Coarse<'_>) -> Result<Vec<Outcome>, Faults> {
        let last = self.period.last_month();
        let earliest = format!("{}", last.plus(-24));
        let mut found = outcomes::read(
            self.engine,
            "sex = 'T' and breakdown = '' and period >= $1 and period <= $2 and value is not null \
             and (id, unit_id) in (select (indicator_id, unit_id) from core.plan_indicators)",
            &[&earliest, &format!("{}~", self.period.year())],
        )?;
        found.retain(|then| {
            then.period.last_month() <= last
                && then.period != self.period
                && plan.iter().any(|entry| entry.indicator == then.id && entry.level == then.level)
                && self
                    .project
                    .definitions
                    .get(&then.id)
                    .is_some_and(|known| known.break_between(then.period, self.period).is_none())
        });
        found.iter_mut().for_each(|then| coarse.persons.outcome(then));
        Ok(found)
    }

    fn indicators(&self) -> Vec<IndicatorText> {
        let day = format!("{}-28", self.period.last_month());
        let texts = self.project.definitions.values().map(|definition| {
            let version = definition.version_on(&day).or(definition.versions.first());
            IndicatorText {
                id: definition.id.clone(),
                name: definition.name.clone(),
                unit: definition.unit.clone(),
                measures: definition.measures.clone(),
                kort: definition.kort.clone(),
                viktigt: definition.viktigt.clone(),
                bearbetning: definition.bearbetning.clone(),
                responsible: definition.responsible.clone(),
                source: definition.source.clone(),
                kolada: definition.kolada.clone().unwrap_or_default(),
                direction: match outcomes::direction_word(definition.direction) {
                    "higher" => "Högre är bättre".to_owned(),
                    "lower" => "Lägre är bättre".to_owned(),
                    _ => String::new(),
                },
                frequency: match outcomes::frequency_word(definition.frequency) {
                    "year" => "En gång om året".to_owned(),
                    _ => "Varje tertial".to_owned(),
                },
                version: version.map_or(1, |version| version.number),
                version_valid_from: version
                    .map_or(String::new(), |version| version.valid_from.clone()),
                version_reason: version.map_or(String::new(), |version| version.reason.clone()),
                sql: self.project.text_of_query(&definition.id).to_owned(),
            }
        });
        texts.collect()
    }

    fn goal_areas(&self) -> Result<Vec<GoalArea>, Faults> {
        let rows = self.ask(
            "select goal_area_code, goal_area_name, sort_order from core.goal_areas order by sort_order",
            &[],
        )?;
        let area = |row: &Vec<Value>| GoalArea {
            code: row[0].text().unwrap_or_default(),
            name: row[1].text().unwrap_or_default(),
            sort: row[2].integer().unwrap_or(0),
        };
        Ok(rows.rows.iter().map(area).collect())
    }

    fn plan(&self) -> Result<Vec<PlanEntry>, Faults> {
        let (first, last) = (self.period.first_month(), self.period.last_month());
        let rows = self.ask(
            "select goal_area_code, indicator_id, unit_id, sort_order, decided_by from core.plan_indicators \
             where breakdown = '' and is_first and valid_from <= cast($1 as date) and valid_to >= cast($2 as date) \
             order by sort_order",
            &[&format!("{first}-01"), &format!("{last}-01")],
        )?;
        let entry = |row: &Vec<Value>| PlanEntry {
            goal_area: row[0].text().unwrap_or_default(),
            indicator: row[1].text().unwrap_or_default(),
            level: row[2].text().unwrap_or_default(),
            sort: row[3].integer().unwrap_or(0),
            decided_by: row[4].text().unwrap_or_default(),
        };
        Ok(rows.rows.iter().map(entry).collect())
    }

    fn comments(&self, period: &str) -> Result<Vec<Comment>, Faults> {
        let rows = self.ask(
            "select indicator_id, unit_id, comment, author_role, cast(written_date as varchar) \
             from core.comments where period = $1 order by all",
            &[period],
        )?;
        let text = |row: &Vec<Value>, at: usize| row[at].text().unwrap_or_default();
        let comment = |row: &Vec<Value>| Comment {
            indicator: text(row, 0),
            level: text(row, 1),
            text: text(row, 2),
            author_role: text(row, 3),
            written_date: text(row, 4),
        };
        Ok(rows.rows.iter().map(comment).collect())
    }
}

/// A table's name with its layer.
fn full_name(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("mart.{name}") }
}

/// The tables that a report shows.
fn names_of_tables(spec: &tertial_report::ReportSpec) -> BTreeSet<&str> {
    let blocks = spec.chapters.iter().flat_map(|chapter| &chapter.blocks);
    let named = blocks.filter_map(|block| match &block.kind {
        BlockKind::Table(table) => Some(table.table.as_str()),
        BlockKind::Chart(chart) => Some(chart.table.as_str()),
        _ => None,
    });
    named.collect()
}

/// A column `x_missing` says why `x` has no value; it becomes the sign in the cell of `x`.
fn place_missing(columns: &mut Vec<DataColumn>, rows: &mut [Vec<Shown>]) {
    while let Some(reason) = columns.iter().position(|column| column.name.ends_with("_missing")) {
        let name = columns[reason].name.trim_end_matches("_missing").to_owned();
        let value = columns.iter().position(|column| column.name == name);
        for row in rows.iter_mut() {
            let Shown::Text(word) = row.remove(reason) else { continue };
            let at = value.map(|at| if at > reason { at - 1 } else { at });
            if let (Some(at), Some(missing)) = (at, outcomes::missing_from(&word)) {
                row[at] = Shown::Missing(missing);
            }
        }
        columns.remove(reason);
    }
}

fn shown(value: Value) -> Shown {
    match value {
        Value::Null => Shown::Null,
        Value::Boolean(value) => Shown::Boolean(value),
        Value::Integer(value) => Shown::Integer(value),
        Value::Decimal(value) => Shown::Exact(value),
        Value::Float(value) => Shown::Float(value),
        Value::Text(text) => Shown::Text(text),
        Value::Date(text) | Value::Timestamp(text) => Shown::Date(text),
    }
}

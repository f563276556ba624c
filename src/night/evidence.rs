//! What stands behind a figure besides its rows: target's source, deliveries, rows that were set
//! aside, units that have not reported, and what changed since the publication before.
//!
//! Read from a release and the records of publications; the same for the terminal, for JSON and for
//! the report.

use super::changes;
use super::completeness;
use super::edition::Edition;
use super::outcomes;
use super::record::Publication;
use crate::clock;
use crate::project::Project;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Code, Diagnostic, Faults, Location, Outcome, Period, Sex};
use tertial_outcomes::difference::Change;
use tertial_outcomes::reporting::SourceUnits;
use tertial_outcomes::{Organisation, Spans};
use tertial_warehouse::{Engine, Rows};

/// What stands behind one figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// Where the target is printed; none without a target.
    pub target_source: Option<String>,
    /// The raw tables behind the query.
    pub raw_tables: Vec<String>,
    /// The deliveries with rows in the months that the query looks at.
    pub deliveries: Vec<DeliveryLine>,
    /// Deliveries with such rows that were refused whole, and that no sound one has replaced.
    pub refused: Vec<DeliveryLine>,
    /// Rows set aside among both.
    pub rejects: Vec<RejectLine>,
    /// Which units have reported, per source.
    pub units: Vec<SourceUnits>,
    /// The moment of the publication before; none for the first.
    pub previous_as_of: Option<String>,
    /// The same for readers: its day, with the time when both are of one day.
    #[serde(skip)]
    pub previous_in_words: Option<String>,
    /// What changed since then; none when nothing did.
    pub change: Option<Change>,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryLine {
    /// Its id.
    pub delivery: String,
    /// The file's name, as [`NAME`] gives it.
    pub file: String,
    /// The day it came.
    pub received: String,
    /// Rows in the file.
    pub rows_read: i64,
    /// Rows that were accepted.
    pub rows_accepted: i64,
    /// Rows that were set aside.
    pub rows_rejected: i64,
}

/// Rows of one table and delivery that were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectLine {
    /// The delivery.
    pub delivery: String,
    /// The raw table.
    pub table: String,
    /// Rows whose months, units and sex are the figure's: they would have counted.
    pub would_have_counted: u64,
    /// Rows of which that cannot be told, because what would tell it could not be read.
    pub undecided: u64,
    /// The lines of both, in order; at most [`LINES`].
    pub lines: Vec<i64>,
}

/// A delivery that was refused whole and that no sound one has replaced.
struct Refused {
    line: DeliveryLine,
    source: String,
    pattern: String,
    /// The period in its name; empty when the name has none.
    period: String,
}

impl Refused {
    /// Whether it would have stood behind a figure of these months and tables.
    fn would_stand_behind(
        &self,
        project: &Project,
        raw: &[String],
        months: &BTreeSet<String>,
    ) -> bool {
        let sources = project.sources.iter().filter(|source| source.pipeline.name == self.source);
        let files = sources.flat_map(|source| &source.pipeline.files);
        let mut tables = files.filter(|file| file.pattern == self.pattern).flat_map(|f| &f.tables);
        let is_of_table = tables
            .any(|table| raw.iter().any(|name| name.trim_start_matches("raw.") == table.contract));
        let is_of_month = match Period::parse(&self.period) {
            Some(period) => period.months().any(|month| months.contains(&month.to_string())),
            None => true,
        };
        is_of_table && is_of_month
    }
}

/// How many line numbers are named.
pub const LINES: usize = 20;

/// What a delivery's file is called in print: the agreed pattern with the period it is about. Its own
/// name is the sender's words, and they may be about persons.
pub const NAME: &str = "replace(pattern, '{period}', coalesce(period, '{period}'))";

/// What a period's figures stand on, read once.
pub struct Background {
    units: Organisation,
    spans: Spans,
    targets: Rows,
    deliveries: BTreeMap<String, DeliveryLine>,
    refused: Vec<Refused>,
    rejects: Rows,
    reported: Vec<SourceUnits>,
    previous_as_of: Option<String>,
    previous_in_words: Option<String>,
    changes: Vec<Change>,
}

impl Background {
    /// For one period of an edition.
    pub fn read(edition: &Edition, period: Period) -> Result<Background, Faults> {
        let engine = &edition.engine;
        let deliveries = ask(
            engine,
            &format!(
                "select delivery_id, {NAME}, left(received_at, 10), rows_read, rows_accepted, \
                 rows_rejected from meta.deliveries"
            ),
        )?;
        let refused = ask(
            engine,
            &format!(
                "select delivery_id, {NAME}, left(received_at, 10), rows_read, rows_accepted, \
                 rows_rejected, source, pattern, coalesce(period, '') from meta.deliveries \
                 qualify state = 'refused' and received_at = max(received_at) \
                 over (partition by source, pattern, period, scope) order by delivery_id"
            ),
        )?;
        let refused = refused.rows.iter().map(|row| Refused {
            line: delivery_line(row),
            source: row[6].text().unwrap_or_default(),
            pattern: row[7].text().unwrap_or_default(),
            period: row[8].text().unwrap_or_default(),
        });
        let has_known =
            engine.columns_of("meta.rejects").unwrap_or_default().contains(&"known".to_owned());
        let rejects = if has_known {
            ask(
                engine,
                "select distinct delivery_id, table_name, line, known from meta.rejects \
                 order by all",
            )?
        } else {
            Rows::default()
        };
        let (today, facts) = (edition.today(), edition.project());
        let changed = match &edition.publication {
            Some(publication) => {
                changes::since_before(today, facts, &edition.record(), publication, period)?
            }
            None => None,
        };
        let (previous_as_of, changes) = match changed {
            Some((earlier, changes)) => (Some(earlier.moment().to_owned()), changes),
            None => (None, Vec::new()),
        };
        let own = edition.publication.as_ref().map(Publication::moment);
        let previous_in_words =
            previous_as_of.as_deref().zip(own).map(|(earlier, own)| clock::in_words(earlier, own));
        Ok(Background {
            units: outcomes::read_organisation(engine)?,
            spans: outcomes::read_spans(engine)?,
            targets: ask(
                engine,
                "select plan, indicator_id, unit_id, breakdown, printed, source, note \
                 from core.targets",
            )?,
            deliveries: deliveries
                .rows
                .iter()
                .map(|row| delivery_line(row))
                .map(|line| (line.delivery.clone(), line))
                .collect(),
            refused: refused.collect(),
            rejects,
            reported: completeness::read(engine, period)?,
            previous_as_of,
            previous_in_words,
            changes,
        })
    }

    /// Every change of the period since the publication before, and when that was, for readers.
    pub fn changes(&self) -> (Option<&str>, &[Change]) {
        (self.previous_in_words.as_deref(), &self.changes)
    }

    /// Which units have reported to each source that expects it.
    pub fn reported(&self) -> &[SourceUnits] {
        &self.reported
    }

    /// What stands behind a figure.
    pub fn of(&self, project: &Project, figure: &Outcome) -> Evidence {
        let raw: Vec<String> = project.raw_tables_of(&figure.id).into_iter().collect();
        let months = outcomes::months_read(&self.spans, project, &figure.id, figure.period);
        let known = figure.source_deliveries.iter().filter_map(|id| self.deliveries.get(id));
        let refused = self.refused.iter();
        let refused: Vec<DeliveryLine> = refused
            .filter(|refused| refused.would_stand_behind(project, &raw, &months))
            .map(|refused| refused.line.clone())
            .collect();
        Evidence {
            target_source: self.target_source(figure),
            deliveries: known.cloned().collect(),
            rejects: self.rejects(project, figure, &raw, &months, &refused),
            refused,
            units: self.units_of(project, figure),
            raw_tables: raw,
            previous_as_of: self.previous_as_of.clone(),
            previous_in_words: self.previous_in_words.clone(),
            change: self.changes.iter().find(|change| is_about(change, figure)).cloned(),
        }
    }

    fn target_source(&self, figure: &Outcome) -> Option<String> {
        let target = figure.target.as_ref()?;
        let text = |at: usize, name: &str| self.targets.get(at, name).text().unwrap_or_default();
        let is_of = |at: &usize| {
            text(*at, "plan") == target.plan
                && text(*at, "indicator_id") == figure.id
                && text(*at, "unit_id") == figure.level
                && text(*at, "breakdown") == figure.breakdown
                && text(*at, "printed") == target.printed
        };
        let at = (0..self.targets.rows.len()).find(is_of)?;
        let parts = [text(at, "source"), text(at, "note")];
        let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// Rows set aside in the figure's deliveries and in refused ones, of the tables behind it.
    fn rejects(
        &self,
        project: &Project,
        figure: &Outcome,
        raw: &[String],
        months: &BTreeSet<String>,
        refused: &[DeliveryLine],
    ) -> Vec<RejectLine> {
        let is_top = self.units.parents.get(&figure.level).is_none_or(std::option::Option::is_none);
        let units = self.units.with_those_below(&figure.level);
        let mut found: BTreeMap<(String, String), RejectLine> = BTreeMap::new();
        for at in 0..self.rejects.rows.len() {
            let text = |name: &str| self.rejects.get(at, name).text().unwrap_or_default();
            let (delivery, table) = (text("delivery_id"), text("table_name"));
            let is_delivered = figure.source_deliveries.contains(&delivery)
                || refused.iter().any(|line| line.delivery == delivery);
            let is_behind =
                is_delivered && raw.iter().any(|name| name.trim_start_matches("raw.") == table);
            if !is_behind {
                continue;
            }
            let question = Question {
                project,
                table: &table,
                months,
                units: (!is_top).then_some(&units),
                sex: figure.sex,
            };
            let known: serde_json::Value = serde_json::from_str(&text("known")).unwrap_or_default();
            let Some(counts) = question.would_have_counted(&known) else { continue };
            let line = found.entry((delivery.clone(), table.clone())).or_insert(RejectLine {
                delivery,
                table,
                would_have_counted: 0,
                undecided: 0,
                lines: Vec::new(),
            });
            match counts {
                Counts::Yes => line.would_have_counted += 1,
                Counts::Untold => line.undecided += 1,
            }
            if line.lines.len() < LINES {
                line.lines.extend(self.rejects.get(at, "line").integer());
            }
        }
        found.into_values().collect()
    }

    /// Which of the units under the figure's own have reported to each source.
    fn units_of(&self, project: &Project, figure: &Outcome) -> Vec<SourceUnits> {
        let Some(definition) = project.definitions.get(&figure.id) else { return Vec::new() };
        let below = self.units.with_those_below(&figure.level);
        let own = self
            .reported
            .iter()
            .filter(|source| definition.reported_by_units.contains(&source.table))
            .map(|source| source.among(&below));
        own.filter(|source| source.expected() > 0).collect()
    }
}

/// Of the first six columns of a row about a delivery.
fn delivery_line(row: &[tertial_warehouse::Value]) -> DeliveryLine {
    let text = |at: usize| row[at].text().unwrap_or_default();
    let number = |at: usize| row[at].integer().unwrap_or(0);
    DeliveryLine {
        delivery: text(0),
        file: text(1),
        received: text(2),
        rows_read: number(3),
        rows_accepted: number(4),
        rows_rejected: number(5),
    }
}

fn is_about(change: &Change, figure: &Outcome) -> bool {
    change.id == figure.id
        && change.level == figure.level
        && change.period == figure.period
        && change.sex == figure.sex
        && change.breakdown == figure.breakdown
}

enum Counts {
    Yes,
    Untold,
}

/// Whether a row that was set aside was about a figure.
struct Question<'a> {
    project: &'a Project,
    table: &'a str,
    months: &'a BTreeSet<String>,
    units: Option<&'a BTreeSet<String>>,
    sex: Sex,
}

impl Question<'_> {
    /// None when it was about something else.
    fn would_have_counted(&self, known: &serde_json::Value) -> Option<Counts> {
        let Some(contract) = self.project.contracts.get(self.table) else {
            return Some(Counts::Untold);
        };
        let text = |name: &str| known[name].as_str();
        let mut is_told = true;
        // `None` of a cell: it could not be read.
        let mut holds = |answer: Option<bool>| {
            is_told &= answer.is_some();
            answer != Some(false)
        };
        if let Some(column) = &contract.period_column {
            let month = |day: &str| match day.len() {
                // A yearly row serves every month of its year and of the year after.
                4 => self.months.iter().any(|month| {
                    let year = |text: &str| text.get(..4)?.parse::<i32>().ok();
                    year(month) == year(day) || year(month) == year(day).map(|year| year + 1)
                }),
                _ => day.get(..7).is_some_and(|month| self.months.contains(month)),
            };
            if !holds(text(column).map(month)) {
                return None;
            }
        }
        let unit = completeness::unit_column(self.project, contract);
        if let Some((column, units)) = unit.zip(self.units)
            && !holds(text(column).map(|unit| units.contains(unit)))
        {
            return None;
        }
        if self.sex != Sex::T && contract.column("sex").is_some() {
            let sex = self.sex.to_string();
            if !holds(text("sex").map(|found| found == sex)) {
                return None;
            }
        }
        Some(if is_told { Counts::Yes } else { Counts::Untold })
    }
}

fn ask(engine: &Engine, sql: &str) -> Result<Rows, Faults> {
    engine.query(sql, &[]).map_err(|error| {
        let message = format!("the release could not answer: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file("data/releases")))
    })
}

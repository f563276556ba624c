//! Organisation, calendar, plans and rules as the warehouse under construction has them.

use super::ask;
use crate::night::standing::Deliveries;
use crate::project::Project;
use std::collections::BTreeSet;
use tertial_indicator::status;
use tertial_model::{Decimal, Diagnostic, Faults, Location, Period};
use tertial_outcomes::published::PrintedStatus;
use tertial_outcomes::{Arrivals, Organisation, PlanEntry, PlanTarget, Spans, plan};
use tertial_warehouse::{Engine, Rows, Value};

/// The table of targets, as a person edits it.
const TARGETS: &str = "seeds/targets.csv";
/// Where the program finds the statuses of printed reports.
const PUBLISHED: &str = "core.published_statuses";

fn text(row: &[Value], at: usize) -> String {
    row[at].text().unwrap_or_default()
}

/// As `core.units` says.
pub fn read_organisation(engine: &Engine) -> Result<Organisation, Faults> {
    let rows = ask(engine, "select unit_id, parent_unit_id from core.units order by 1")?;
    let parents = rows.rows.iter().map(|row| (text(row, 0), row[1].text())).collect();
    Ok(Organisation { parents })
}

/// As `core.period_months` says; empty when there is no such table.
pub fn read_spans(engine: &Engine) -> Result<Spans, Faults> {
    let mut spans = Spans::default();
    if engine.columns_of("core.period_months").unwrap_or_default().is_empty() {
        return Ok(spans);
    }
    let sql = "select period_id, span, strftime(month, '%Y-%m') from core.period_months";
    for row in ask(engine, sql)?.rows {
        spans.add(text(&row, 0), text(&row, 1), text(&row, 2));
    }
    Ok(spans)
}

/// The months that an indicator's query looks at, for a period: those of the spans that its texts name.
pub fn months_read(
    spans: &Spans,
    project: &Project,
    indicator: &str,
    period: Period,
) -> BTreeSet<String> {
    let code =
        project.text_of_query(indicator).lines().map(|line| line.split("--").next().unwrap_or(""));
    spans.months(code.flat_map(|line| line.split('\'').skip(1).step_by(2)), period)
}

/// What has been delivered to a project.
pub(super) struct Delivered<'a> {
    pub(super) project: &'a Project,
    pub(super) deliveries: &'a Deliveries,
    pub(super) spans: &'a Spans,
}

impl Arrivals for Delivered<'_> {
    fn partitions(&self, table: &str) -> BTreeSet<String> {
        self.deliveries.periods_of(table)
    }

    fn rejected_rows(&self, table: &str) -> u64 {
        self.deliveries.rejected_rows(table)
    }

    fn behind(&self, indicator: &str, period: Period) -> Vec<String> {
        let months = months_read(self.spans, self.project, indicator, period);
        let raw = self.project.raw_tables_of(indicator);
        let ids = raw.iter().flat_map(|name| {
            self.deliveries.of_table(name.trim_start_matches("raw."), period, &months)
        });
        ids.collect::<BTreeSet<String>>().into_iter().collect()
    }
}

/// Every target in its latest decided revision.
pub(super) fn read_targets(engine: &Engine) -> Result<Vec<PlanTarget>, Faults> {
    let rows = ask(
        engine,
        "select plan_revision, indicator_id, unit_id, breakdown, printed, kind, baseline, \
         strftime(valid_from, '%Y-%m') as valid_from, strftime(valid_to, '%Y-%m') as valid_to \
         from core.targets order by all",
    )?;
    let target = |row: &Vec<Value>| PlanTarget {
        plan: text(row, 0),
        indicator_id: text(row, 1),
        unit_id: text(row, 2),
        breakdown: text(row, 3),
        printed: text(row, 4),
        kind: text(row, 5),
        baseline: row[6].text(),
        valid_from: text(row, 7),
        valid_to: text(row, 8),
    };
    Ok(rows.rows.iter().map(target).collect())
}

/// What the plans want to see.
pub fn read_plan(engine: &Engine) -> Result<Vec<PlanEntry>, Faults> {
    let rows = ask(
        engine,
        "select indicator_id, unit_id, breakdown, strftime(valid_from, '%Y-%m') as valid_from, \
         strftime(valid_to, '%Y-%m') as valid_to, frequency = 'year' as is_yearly, has_target \
         from core.plan_indicators order by all",
    )?;
    let entry = |row: &Vec<Value>| PlanEntry {
        indicator_id: text(row, 0),
        unit_id: text(row, 1),
        breakdown: text(row, 2),
        valid_from: text(row, 3),
        valid_to: text(row, 4),
        is_yearly: row[5] == Value::Boolean(true),
        has_target: row[6] == Value::Boolean(true),
    };
    Ok(rows.rows.iter().map(entry).collect())
}

/// The versions of the status rule; the house's own where the project states none.
pub(super) fn read_rules(engine: &Engine) -> Result<status::Rules, Faults> {
    if engine.columns_of("core.status_rules").unwrap_or_default().is_empty() {
        return Ok(status::Rules::default());
    }
    let rows = ask(
        engine,
        "select strftime(valid_from, '%Y-%m-%d') as valid_from, version, partly_from, \
         in_line_tolerance from core.status_rules order by all",
    )?;
    let house = status::Settings::default();
    let version = |row: &Vec<Value>| {
        let number = |at: usize, other: Decimal| row[at].decimal().unwrap_or(other);
        let settings = status::Settings {
            version: row[1].integer().and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
            partly_from: number(2, house.partly_from),
            in_line_tolerance: number(3, house.in_line_tolerance),
        };
        (text(row, 0), settings)
    };
    Ok(status::Rules::new(rows.rows.iter().map(version).collect()))
}

/// The statuses of printed reports.
pub(super) struct PrintedStatuses {
    /// Their rows.
    pub(super) rows: Rows,
    /// Each that can be judged, with its place among the rows.
    pub(super) found: Vec<(usize, PrintedStatus)>,
}

/// None when the project has no such table.
pub(super) fn read_printed_statuses(engine: &Engine) -> Result<Option<PrintedStatuses>, Faults> {
    if engine.columns_of(PUBLISHED).unwrap_or_default().is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "select report_period, nr, indicator_id, unit_id, printed_outcome, outcome, \
         printed_target, target_kind, target_baseline, printed_status from {PUBLISHED} \
         order by report_period, nr"
    );
    let rows = ask(engine, &sql)?;
    let printed = |at: usize| {
        let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
        let status = PrintedStatus {
            period: Period::parse(&text("report_period"))?,
            outcome: rows.get(at, "outcome").decimal(),
            target: PlanTarget {
                plan: text("report_period"),
                indicator_id: text("indicator_id"),
                unit_id: text("unit_id"),
                breakdown: String::new(),
                printed: text("printed_target"),
                kind: text("target_kind"),
                baseline: rows.get(at, "target_baseline").text(),
                valid_from: String::new(),
                valid_to: String::new(),
            },
        };
        Some((at, status))
    };
    let found = (0..rows.rows.len()).filter_map(printed).collect();
    Ok(Some(PrintedStatuses { rows, found }))
}

/// Every target text of the seed that cannot be read, with its line; needs no data.
pub fn check_targets(project: &Project) -> Vec<Diagnostic> {
    let mut reader = csv::Reader::from_reader(project.text(TARGETS).as_bytes());
    let Ok(heads) = reader.headers().cloned() else { return Vec::new() };
    let mut faults = Vec::new();
    for record in reader.records().flatten() {
        let text = |name: &str| {
            let at = heads.iter().position(|head| head == name);
            at.and_then(|at| record.get(at)).unwrap_or("").to_owned()
        };
        let target = PlanTarget {
            plan: text("plan"),
            indicator_id: text("indicator_id"),
            unit_id: text("unit_id"),
            breakdown: text("breakdown"),
            printed: text("printed"),
            kind: text("kind"),
            baseline: Some(text("baseline")).filter(|baseline| !baseline.is_empty()),
            valid_from: text("valid_from_period"),
            valid_to: text("valid_to_period"),
        };
        let line = record.position().map_or(1, csv::Position::line);
        for fault in plan::target_faults(&project.definitions, &[target]) {
            faults.push(Diagnostic { location: Location::text(TARGETS, line, 1), ..fault });
        }
    }
    faults
}

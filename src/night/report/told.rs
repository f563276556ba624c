//! What the report tells about where its figures come from: each figure of the plan, each table.

use super::{Source, full_name, names_of_tables};
use crate::night::evidence::{Background, DeliveryLine, Evidence, RejectLine};
use crate::project::Project;
use std::collections::BTreeMap;
use tertial_model::{Contract, Faults, Outcome, Period, Sex};
use tertial_outcomes::difference::Change;
use tertial_outcomes::precision;
use tertial_report::{FigureEvidence, Mark, PlanEntry, ReportSpec, TableText};

/// How many deliveries are named one by one.
const NAMED: usize = 6;

impl Source<'_> {
    /// What stands behind the figures that the report shows: those on the plan's levels.
    pub(super) fn evidence(
        &self,
        background: &Background,
        plan: &[PlanEntry],
        outcomes: &[Outcome],
    ) -> Vec<FigureEvidence> {
        let is_shown = |outcome: &&Outcome| {
            plan.iter().any(|entry| entry.indicator == outcome.id && entry.level == outcome.level)
        };
        let told = outcomes.iter().filter(is_shown).map(|outcome| {
            let found = background.of(self.project, outcome);
            let is_revised = found.change.as_ref().is_some_and(|change| {
                change.value_before.is_some() && change.value_before != change.value_after
            });
            FigureEvidence {
                id: outcome.id.clone(),
                level: outcome.level.clone(),
                sex: Some(outcome.sex),
                breakdown: outcome.breakdown.clone(),
                facts: match outcome.sex {
                    Sex::T => facts(self.project, outcome, &found),
                    _ => Vec::new(),
                },
                mark: match is_revised {
                    true => Some(Mark::Revised),
                    false => self.is_broken(outcome).then_some(Mark::Break),
                },
            }
        });
        told.collect()
    }

    /// Whether a break parts the figure from the same months a year before.
    fn is_broken(&self, outcome: &Outcome) -> bool {
        let before = match outcome.period {
            Period::Tertial { year, number } => Period::Tertial { year: year - 1, number },
            Period::Year(year) => Period::Year(year - 1),
            Period::Month(month) => Period::Month(month.plus(-12)),
        };
        let definition = self.project.definitions.get(&outcome.id);
        definition.is_some_and(|known| known.break_between(before, outcome.period).is_some())
    }

    /// How the report's tables are made.
    pub(super) fn table_texts(
        &self,
        spec: &ReportSpec,
    ) -> Result<BTreeMap<String, TableText>, Faults> {
        let mut texts = BTreeMap::new();
        for name in names_of_tables(spec) {
            let full = full_name(name);
            let Some(model) = self.project.graph.model(&full) else { continue };
            let contract = self.project.contracts.get(&full);
            let columns = contract.into_iter().flat_map(|contract| &contract.columns);
            let columns = columns.filter(|column| !column.description.is_empty());
            let behind: Vec<String> =
                self.project.graph.raw_tables_behind(&full).into_iter().collect();
            texts.insert(
                name.to_owned(),
                TableText {
                    description: contract.map(|c| c.description.clone()).unwrap_or_default(),
                    columns: columns
                        .map(|column| (column.label.clone(), column.description.clone()))
                        .collect(),
                    deliveries: self.deliveries_behind(&behind)?,
                    behind,
                    file: model.file.clone(),
                    sql: model.sql.clone(),
                },
            );
        }
        Ok(texts)
    }

    /// `12 leveranser med 5 712 rader, 3 avvisade`.
    fn deliveries_behind(&self, raw: &[String]) -> Result<String, Faults> {
        let names: Vec<&str> = raw.iter().map(|name| name.trim_start_matches("raw.")).collect();
        let rows =
            self.ask(include_str!("../../own/explain/rows_of_tables.sql"), &[&names.join(" ")])?;
        let count = |at: usize| rows.rows.first().and_then(|row| row[at].integer()).unwrap_or(0);
        Ok(match count(0) {
            0 => String::new(),
            found => {
                let contracts = names.iter().filter_map(|name| self.project.contracts.get(*name));
                let is_about_persons = contracts.into_iter().any(Contract::concerns_persons);
                counted(found, precision::rows(count(1), is_about_persons), count(2))
            }
        })
    }
}

fn whole(count: i64) -> String {
    tertial_model::swedish::decimal(tertial_model::Decimal::whole(count.into()), 0)
}

fn counted(deliveries: i64, rows: i64, rejected: i64) -> String {
    let noun = if deliveries == 1 { "leverans" } else { "leveranser" };
    format!("{} {noun} med {} rader, {} avvisade", whole(deliveries), whole(rows), whole(rejected))
}

/// The facts of a figure, as terms and words.
fn facts(project: &Project, outcome: &Outcome, found: &Evidence) -> Vec<(String, String)> {
    let is_about_persons =
        project.definitions.get(&outcome.id).is_some_and(precision::is_about_persons);
    let mut facts = Vec::new();
    let mut tell = |term: &str, words: String| facts.push((term.to_owned(), words));
    if let Some(source) = &found.target_source {
        tell("Målets källa", source.clone());
    }
    for units in &found.units {
        tell("Enheter", units.text());
    }
    tell("Leveranser", deliveries(found, is_about_persons));
    if !found.refused.is_empty() {
        tell("Stoppade leveranser", refused(found));
    }
    tell("Avvisade rader", rejects(found));
    tell(
        "Ändrat sedan förra publiceringen",
        changed(found, &|change| precision::reasons(project.definitions.get(&change.id), change)),
    );
    let mut command = format!("tertial explain {} {}", outcome.id, outcome.period);
    command.push_str(&format!(" --unit {}", outcome.level));
    if !outcome.breakdown.is_empty() {
        command.push_str(&format!(" --breakdown \"{}\"", outcome.breakdown));
    }
    tell("Raderna bakom", format!("listas med {command} --rows"));
    facts
}

fn deliveries(found: &Evidence, is_about_persons: bool) -> String {
    let lines = &found.deliveries;
    if lines.is_empty() {
        return "inga".to_owned();
    }
    let sum = |of: fn(&DeliveryLine) -> i64| -> i64 { lines.iter().map(of).sum() };
    let rows = precision::rows(sum(|line| line.rows_read), is_about_persons);
    let total = counted(lines.len() as i64, rows, sum(|line| line.rows_rejected));
    if lines.len() > NAMED {
        return format!("{total}; var och en står i kapitlet om datakvalitet");
    }
    let named: Vec<String> = lines
        .iter()
        .map(|line| format!("{} ({}, mottagen {})", line.file, line.delivery, line.received))
        .collect();
    format!("{total}: {}", named.join("; "))
}

/// The deliveries that were stopped at the door and are not in the figure.
pub fn refused(found: &Evidence) -> String {
    let line = |line: &DeliveryLine| {
        let (rows, rejected) = (whole(line.rows_read), whole(line.rows_rejected));
        format!("{} (mottagen {}; {rows} rader, {rejected} felaktiga)", line.file, line.received)
    };
    let named: Vec<String> = found.refused.iter().map(line).collect();
    format!("{}; siffran står på den leverans som gällde före", named.join(", "))
}

/// How many rows that were set aside would have counted.
pub fn rejects(found: &Evidence) -> String {
    let sum = |of: fn(&RejectLine) -> u64| -> u64 { found.rejects.iter().map(of).sum() };
    let (counted, undecided) = (sum(|line| line.would_have_counted), sum(|line| line.undecided));
    if counted + undecided == 0 {
        return "inga som hade räknats".to_owned();
    }
    let places: Vec<String> = found
        .rejects
        .iter()
        .map(|line| {
            let lines: Vec<String> = line.lines.iter().map(i64::to_string).collect();
            format!("{} i {}, rad {}", line.table, line.delivery, lines.join(", "))
        })
        .collect();
    let mut text = format!("{counted} som hade räknats");
    if undecided > 0 {
        text.push_str(&format!(", {undecided} där det inte kan avgöras"));
    }
    format!("{text}: {}", places.join("; "))
}

/// What changed since the publication before.
pub fn changed(found: &Evidence, reasons: &dyn Fn(&Change) -> Vec<String>) -> String {
    let Some(day) = &found.previous_in_words else {
        return "första publiceringen".to_owned();
    };
    match &found.change {
        None => format!("nej, jämfört med den {day}"),
        Some(change) => {
            let reasons = reasons(change);
            format!(
                "ja, den {day} var det {}, nu {}; {}",
                change.before_in_words(),
                change.after_in_words(),
                reasons.join("; ")
            )
        }
    }
}

//! Claims about the data, as queries that return offenders.
//!
//! `-- severity: stop` on top of a file means that a warehouse with offenders is never published;
//! `warn` means that a person should look. The next comment line is the claim in Swedish.
//! `-- public: unit_id, month` names the columns of an offender that may be told outside the
//! warehouse; without it offenders are counted and not shown.

use crate::build::place_of;
use crate::engine::{Engine, identifier};
use crate::graph::{Model, place_in};
use crate::value::Rows;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use tertial_model::{Acknowledgement, Code, Diagnostic, Location};

/// What follows from offenders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditSeverity {
    /// Nothing is published.
    Stop,
    /// Published, and the run ends with 1.
    Warn,
}

impl AuditSeverity {
    /// `stop` or `warn`.
    pub fn word(self) -> &'static str {
        match self {
            AuditSeverity::Stop => "stop",
            AuditSeverity::Warn => "warn",
        }
    }
}

/// One claim.
#[derive(Debug, Clone)]
pub struct Audit<'a> {
    /// The query.
    pub model: &'a Model,
    /// What follows from offenders.
    pub severity: AuditSeverity,
    /// The claim, true when the query returns nothing.
    pub claim: String,
    /// The columns of an offender that may be told, lower case.
    pub public: Vec<String>,
}

/// What an audit found.
#[derive(Debug, Clone)]
pub struct AuditResult {
    /// `ledger_entries__vouchers_sum_to_zero`.
    pub name: String,
    /// What follows from offenders.
    pub severity: AuditSeverity,
    /// The claim in Swedish.
    pub claim: String,
    /// How many offenders.
    pub offenders: u64,
    /// The first of them, with the columns that may be told.
    pub examples: Rows,
    /// Path of the query.
    pub file: String,
    /// For each of the examples, who answers for it; none for one that is new.
    pub known: Vec<Option<Acknowledgement>>,
    /// How many offenders somebody answers for, those that are not kept row by row among them.
    pub known_count: u64,
    /// Lines of the acknowledgements that are about any of them.
    pub known_lines: BTreeSet<u64>,
    /// Acknowledgements of offenders that no longer hold.
    pub expired: Vec<Acknowledgement>,
}

/// How many offenders are kept row by row; more are only counted.
const KEPT: usize = 200;

/// What begins the comment line with the columns that may be told.
const PUBLIC: &str = "public:";

/// How many offenders a message shows.
const SHOWN: usize = 3;

impl<'a> Audit<'a> {
    /// Reads the two comment lines on top.
    pub fn from_model(model: &'a Model) -> Result<Audit<'a>, Box<Diagnostic>> {
        let line = model.comment.first().map_or("", String::as_str);
        let severity = match line.strip_prefix("severity:").map(str::trim) {
            Some("stop") => AuditSeverity::Stop,
            Some("warn") => AuditSeverity::Warn,
            _ => {
                let place = Location::text(&model.file, 1, 1);
                return Err(Box::new(
                    Diagnostic::error(
                        Code::UnparsableQuery,
                        "an audit does not say its severity",
                        place,
                    )
                    .with_found(format!("`{line}`"))
                    .with_expected("`-- severity: stop` or `-- severity: warn` as the first line")
                    .with_effect("the project cannot be built"),
                ));
            }
        };
        let claim = model.comment.get(1).cloned().unwrap_or_else(|| model.name.clone());
        let told = model.comment.iter().filter_map(|line| line.strip_prefix(PUBLIC));
        let names = told.flat_map(|names| names.split(',')).map(|name| name.trim().to_lowercase());
        let public = names.filter(|name| !name.is_empty()).collect();
        Ok(Audit { model, severity, claim, public })
    }

    /// Runs the query and counts the offenders.
    pub fn run(&self, engine: &Engine) -> Result<AuditResult, Box<Diagnostic>> {
        let query = self.model.sql.trim_end().trim_end_matches(';');
        let failed = |error: crate::engine::EngineError| {
            let text = error.to_string();
            let reason = text.lines().next().unwrap_or("");
            let (offset, length) = place_of(&text, &self.model.sql, 1);
            let (file, sql) = (&self.model.file, &self.model.sql);
            let message = format!("the audit failed when it was run: {reason}");
            Box::new(place_in(Code::QueryFailed, message, file, sql, offset, length))
        };
        let count = engine
            .scalar(&format!("select count(*) from (\n{query}\n) as offenders"), &[])
            .map_err(failed)?;
        let offenders = count.and_then(|text| text.parse().ok()).unwrap_or(0);
        let examples = if offenders == 0 || self.public.is_empty() {
            Rows::default()
        } else {
            let told: Vec<String> = self.public.iter().map(|name| identifier(name)).collect();
            let told = told.join(", ");
            let limited =
                format!("select {told} from (\n{query}\n) as offenders order by all limit {KEPT}");
            engine.query(&limited, &[]).map_err(failed)?
        };
        let name = self.model.name.trim_start_matches("audits.").to_owned();
        let (severity, claim) = (self.severity, self.claim.clone());
        Ok(AuditResult {
            name,
            severity,
            claim,
            offenders,
            examples,
            file: self.model.file.clone(),
            known: Vec::new(),
            known_count: 0,
            known_lines: BTreeSet::new(),
            expired: Vec::new(),
        })
    }
}

impl AuditResult {
    /// Notes which offenders are known on a day, and by which lines.
    ///
    /// The narrowest acknowledgement counts first, and each for no more offenders than it says. Offenders
    /// that are not kept row by row are known only by an acknowledgement of any. An audit that stops a
    /// release knows none.
    pub fn acknowledge(&mut self, all: &[Acknowledgement], day: &str) {
        let mut used = BTreeSet::new();
        let columns: Vec<String> =
            self.examples.columns.iter().map(|(name, _)| name.clone()).collect();
        let values: Vec<Vec<Option<String>>> = self
            .examples
            .rows
            .iter()
            .map(|row| row.iter().map(crate::value::Value::text).collect())
            .collect();
        let own =
            all.iter().filter(|one| one.audit == self.name && self.severity == AuditSeverity::Warn);
        let (mut in_force, expired): (Vec<_>, Vec<_>) = own.partition(|one| one.holds_on(day));
        in_force.sort_by_key(|one| (Reverse(one.breadth(&columns)), one.line));
        let mut left: Vec<u64> = in_force.iter().map(|one| one.at_most).collect();
        let mut take = |is_about: &dyn Fn(&Acknowledgement) -> bool| {
            let at = (0..in_force.len()).find(|&at| left[at] > 0 && is_about(in_force[at]))?;
            left[at] -= 1;
            used.insert(in_force[at].line);
            Some(in_force[at].clone())
        };
        self.known =
            values.iter().map(|values| take(&|one| one.is_about(&columns, values))).collect();
        let beyond = self.offenders.saturating_sub(values.len() as u64);
        let beyond = (0..beyond).take_while(|_| take(&|one| one.finding.is_empty()).is_some());
        self.known_count = beyond.count() as u64 + self.known.iter().flatten().count() as u64;
        let is_missed = |one: &&Acknowledgement| {
            let mut new = values.iter().zip(&self.known).filter(|(_, known)| known.is_none());
            one.decided_on.as_str() <= day
                && self.new_count() > 0
                && (one.finding.is_empty() || new.any(|(values, _)| one.is_about(&columns, values)))
        };
        self.expired = expired.into_iter().filter(is_missed).cloned().collect();
        self.known_lines = used;
    }

    /// How many offenders nobody answers for.
    pub fn new_count(&self) -> u64 {
        self.offenders - self.known_count
    }

    /// The fault to tell; none when nothing new was found.
    pub fn diagnostic(&self) -> Option<Diagnostic> {
        let new = self.new_count();
        if new == 0 {
            return None;
        }
        let place = Location::file(&self.file);
        let rows = if new == 1 { "row" } else { "rows" };
        let is_new = |at: &usize| self.known.get(*at).is_none_or(Option::is_none);
        let told = self.findings().enumerate().filter(|(at, _)| is_new(at));
        let shown: Vec<String> = told.map(|(_, finding)| finding).take(SHOWN).collect();
        let mut found = if shown.is_empty() {
            format!("{new} {rows}; run the query in the warehouse to see them")
        } else {
            let rest = new - shown.len() as u64;
            let rest = if rest == 0 { String::new() } else { format!("; and {rest} more") };
            format!("{new} {rows}: {}{rest}", shown.join("; "))
        };
        if self.known_count > 0 {
            found.push_str(&format!("; {} known besides", self.known_count));
        }
        let fault = match self.severity {
            AuditSeverity::Stop => Diagnostic::error(
                Code::AuditFailed,
                format!("audit `{}` stopped the release", self.name),
                place,
            )
            .with_effect("the release that was published last stays in force"),
            AuditSeverity::Warn => Diagnostic::warning(
                Code::AuditWarning,
                format!("audit `{}` found something", self.name),
                place,
            )
            .with_effect("published; listed in the report's quality chapter"),
        };
        let fault = fault.with_found(found).with_expected(self.claim.clone());
        let last = self.expired.iter().max_by(|a, b| a.expires_on.cmp(&b.expires_on));
        Some(match last {
            None => fault,
            Some(last) => fault.with_hint(format!(
                "acknowledged by {} until {} ({}): decide anew, or mend the cause",
                last.acknowledged_by, last.expires_on, last.reason
            )),
        })
    }

    /// The offenders that are kept, each as `name=value` pairs.
    pub fn findings(&self) -> impl Iterator<Item = String> + '_ {
        self.examples.rows.iter().map(|row| {
            let pairs = self.examples.columns.iter().zip(row);
            let pairs = pairs.filter_map(|((name, _), value)| {
                value.text().map(|value| format!("{name}={value}"))
            });
            pairs.collect::<Vec<_>>().join(", ")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    /// Three offenders kept, and one more counted.
    fn result() -> AuditResult {
        let row = |unit: &str, value: &str| {
            vec![Value::Text(unit.to_owned()), Value::Text(value.to_owned())]
        };
        AuditResult {
            name: "a__b".to_owned(),
            severity: AuditSeverity::Warn,
            claim: "Allt stämmer.".to_owned(),
            offenders: 4,
            examples: Rows {
                columns: ["unit_id", "value"]
                    .map(|name| (name.to_owned(), "varchar".to_owned()))
                    .into(),
                rows: vec![row("RF", "1"), row("RF", "2"), row("RS", "1")],
            },
            file: "sql/audits/a__b.sql".to_owned(),
            known: Vec::new(),
            known_count: 0,
            known_lines: BTreeSet::new(),
            expired: Vec::new(),
        }
    }

    fn known(finding: &str, at_most: u64, expires_on: &str, line: u64) -> Acknowledgement {
        Acknowledgement {
            audit: "a__b".to_owned(),
            finding: finding.to_owned(),
            at_most,
            reason: "Tryckt så".to_owned(),
            acknowledged_by: "Analyschef".to_owned(),
            decided_on: "2024-09-13".to_owned(),
            expires_on: expires_on.to_owned(),
            line,
        }
    }

    const DAY: &str = "2024-09-16";
    const LATER: &str = "2025-07-01";

    fn told(known: &[Acknowledgement]) -> (Vec<u64>, Option<String>) {
        let mut result = result();
        result.acknowledge(known, DAY);
        let told = result.diagnostic().map(|fault| {
            let hints = fault.hints.iter().map(|hint| format!("; {hint}")).collect::<String>();
            format!("{}{hints}", fault.found.unwrap_or_default())
        });
        (result.known_lines.into_iter().collect(), told)
    }

    #[test]
    fn what_is_known_needs_nobody_and_what_is_new_is_told_alone() {
        let all =
            "4 rows: unit_id=RF, value=1; unit_id=RF, value=2; unit_id=RS, value=1; and 1 more";
        assert_eq!(told(&[]), (vec![], Some(all.to_owned())));
        assert_eq!(told(&[known("", 4, LATER, 2)]), (vec![2], None));
        let (used, new) = told(&[known("unit_id=RF", 9, LATER, 2), known("", 1, LATER, 3)]);
        assert_eq!(used, [2, 3]);
        assert_eq!(
            new.unwrap(),
            "1 row; run the query in the warehouse to see them; 3 known besides"
        );
    }

    #[test]
    fn more_than_were_known_are_new() {
        let (_, new) = told(&[known("unit_id=RF", 1, LATER, 2)]);
        assert_eq!(
            new.unwrap(),
            "3 rows: unit_id=RF, value=2; unit_id=RS, value=1; and 1 more; 1 known besides"
        );
    }

    #[test]
    fn an_acknowledgement_that_has_expired_says_so_and_knows_nothing() {
        let (used, new) = told(&[known("", 9, DAY, 2)]);
        assert!(used.is_empty());
        assert!(
            new.unwrap().ends_with(
                "; acknowledged by Analyschef until 2024-09-16 (Tryckt så): decide anew, or mend the cause"
            )
        );
    }

    #[test]
    fn an_audit_that_stops_a_release_knows_nothing() {
        let mut result = AuditResult { severity: AuditSeverity::Stop, ..result() };
        result.acknowledge(&[known("", 9, LATER, 2)], DAY);
        assert!(result.known_lines.is_empty());
        assert_eq!(result.new_count(), 4);
    }
}

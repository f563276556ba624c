//! Which deliveries figures are made of at a moment, which of their rows no longer count, and what is
//! stale or missing among them.

use super::restated::Restated;
use crate::clock::Moment;
use crate::project::{Project, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tertial_lake::{Lake, LakeFile, LoadManifest, Standing};
use tertial_model::{Code, Diagnostic, Faults, Location, Period, Restatement};

/// The deliveries at a moment.
pub struct Deliveries {
    /// Every delivery that was loaded or refused, with its standing.
    pub all: Vec<Standing>,
    /// Rows of those in force that later ones take the place of.
    pub restated: Restated,
}

impl Deliveries {
    /// As of a moment.
    pub fn at(project: &Project, lake: &Lake, moment: &Moment) -> Result<Deliveries, Faults> {
        let all = lake.standings(Some(&moment.at))?;
        let restated = Restated::of(project, lake, &all)?;
        Ok(Deliveries { all, restated })
    }

    /// Those that figures are made of.
    pub fn in_force(&self) -> impl Iterator<Item = &LoadManifest> {
        self.all.iter().filter(|standing| standing.in_force).map(|standing| &standing.manifest)
    }

    /// Parquet files per raw table, in order.
    pub fn files(&self, lake: &Lake) -> BTreeMap<String, Vec<PathBuf>> {
        let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for manifest in self.in_force() {
            for table in &manifest.tables {
                let paths = table.files.iter().map(|file| lake.path(file));
                files.entry(table.table.clone()).or_default().extend(paths);
            }
        }
        for paths in files.values_mut() {
            paths.sort();
        }
        files
    }

    /// Delivery ids that hold rows of a table for a period, in partitions among `months`. A table
    /// that is not divided by time is judged by the period its delivery is about.
    pub fn of_table(
        &self,
        table: &str,
        period: Period,
        months: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let is_about = |manifest: &LoadManifest| {
            let about = manifest.delivery.period.as_deref().and_then(Period::parse);
            !matches!(about, Some(Period::Tertial { .. })) || about == Some(period)
        };
        let holds = |manifest: &&LoadManifest| {
            let tables = manifest.tables.iter().filter(|load| load.table == table);
            let files = tables.flat_map(|load| &load.files);
            let mut counting = files.filter(|file| self.counts(table, manifest, file));
            counting.any(|file| match file.period.len() {
                7 => months.contains(&file.period),
                // A yearly figure, such as the population on 31 December, serves the year after too.
                4 => months.iter().any(|month| {
                    let year = |text: &str| text.get(..4).and_then(|year| year.parse::<i32>().ok());
                    let (of_month, of_file) = (year(month), year(&file.period));
                    of_month == of_file || of_month == of_file.map(|year| year + 1)
                }),
                _ => is_about(manifest),
            })
        };
        self.in_force().filter(holds).map(|manifest| manifest.delivery.id.clone()).collect()
    }

    /// The partitions of a table that have rows.
    pub fn periods_of(&self, table: &str) -> BTreeSet<String> {
        let mut periods = BTreeSet::new();
        for manifest in self.in_force() {
            let loads = manifest.tables.iter().filter(|load| load.table == table);
            let files = loads.flat_map(|load| &load.files);
            let counting = files.filter(|file| self.counts(table, manifest, file));
            periods.extend(counting.map(|file| file.period.clone()));
        }
        periods
    }

    /// Whether any row of a file counts.
    fn counts(&self, table: &str, manifest: &LoadManifest, file: &LakeFile) -> bool {
        file.rows > self.restated.rows(table, &manifest.delivery.id, &file.period)
    }

    /// Rows set aside in the deliveries in force that hold a table.
    pub fn rejected_rows(&self, table: &str) -> u64 {
        let loads = self.in_force().flat_map(|manifest| &manifest.tables);
        loads.filter(|load| load.table == table).map(|load| load.rows_rejected).sum()
    }

    /// A hash-worthy line per delivery: a refused one changes no figure, but a release tells of it.
    pub fn fingerprint_lines(&self) -> Vec<String> {
        let line = |standing: &Standing| {
            let load = &standing.manifest;
            format!("{} {} {}", load.delivery.id, load.load_fingerprint, standing.in_force)
        };
        let mut lines: Vec<String> = self.all.iter().map(line).collect();
        // The same deliveries in another order are other statements.
        lines.extend(self.restated.all().map(|(table, found)| {
            let Restatement { earlier, later, period, rows, .. } = found;
            format!("restated {table} {earlier} {later} {period} {rows}")
        }));
        lines.sort();
        lines
    }
}

/// Sources that are late, and required files that have never come.
pub fn stale(project: &Project, deliveries: &Deliveries, now: &Moment) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for source in &project.sources {
        let mut late = Vec::new();
        for spec in &source.pipeline.files {
            let of_kind = deliveries.all.iter().filter(|standing| {
                let delivery = &standing.manifest.delivery;
                standing.in_force
                    && delivery.source == source.pipeline.name
                    && delivery.pattern == spec.pattern
            });
            let Some(newest) = of_kind.map(|standing| &standing.last_received_at[..10]).max()
            else {
                if spec.required {
                    diagnostics.push(missing(project, source, &spec.pattern));
                }
                continue;
            };
            let limits = spec.tables.iter().filter_map(|table| {
                project.contracts.get(&table.contract).and_then(|contract| contract.max_age_days)
            });
            if let Some(limit) = limits.min()
                && newest < now.days_earlier(limit).as_str()
            {
                late.push(format!(
                    "`{}` received {newest}, at most {limit} days are agreed",
                    spec.pattern
                ));
            }
        }
        late.extend(refused(deliveries, &source.pipeline.name));
        if !late.is_empty() {
            diagnostics.push(is_stale(project, source, &late, now));
        }
    }
    diagnostics.extend(unnamed(project, deliveries));
    diagnostics.extend(deliveries.all.iter().filter_map(came_again));
    diagnostics
}

/// T0409: bytes that are withdrawn have been sent once more.
fn came_again(standing: &Standing) -> Option<Diagnostic> {
    let decision = standing.withdrawn.as_ref()?;
    if standing.last_received_at <= decision.decided_at {
        return None;
    }
    let delivery = &standing.manifest.delivery;
    let message = "a withdrawn delivery has come again";
    let fault =
        Diagnostic::warning(Code::WithdrawnCameAgain, message, Location::file(delivery.place()))
            .with_found(format!(
                "the same bytes, received {}; withdrawn {} by {}: {}",
                standing.last_received_at,
                decision.decided_at,
                decision.decided_by,
                decision.reason
            ))
            .with_expected("a corrected file")
            .with_effect("it stays withdrawn")
            .with_hint("ask the sender for a corrected file")
            .with_hint(format!(
                "if the bytes are right after all: `tertial withdraw {} --undo --reason …`",
                delivery.id
            ));
    Some(fault)
}

/// Deliveries in force whose source or pattern no pipeline has any longer.
fn unnamed(project: &Project, deliveries: &Deliveries) -> Vec<Diagnostic> {
    let is_named = |source: &str, pattern: &str| {
        let mut own = project.sources.iter().filter(|own| own.pipeline.name == source);
        own.any(|own| own.pipeline.files.iter().any(|spec| spec.pattern == pattern))
    };
    let mut kinds: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for standing in deliveries.all.iter().filter(|standing| standing.in_force) {
        let delivery = &standing.manifest.delivery;
        if !is_named(&delivery.source, &delivery.pattern) {
            let kind =
                kinds.entry((delivery.source.as_str(), delivery.pattern.as_str())).or_default();
            kind.0 += 1;
            kind.1 = kind.1.max(&standing.last_received_at[..10]);
        }
    }
    let tell = |((source, pattern), (count, last)): ((&str, &str), (usize, &str))| {
        let deliveries = match count {
            1 => "1 delivery".to_owned(),
            count => format!("{count} deliveries"),
        };
        Diagnostic::warning(
            Code::OrphanedDeliveries,
            "deliveries are in force that no pipeline names",
            Location::file(format!("pipelines/{source}/pipeline.toml")),
        )
        .with_found(format!("{deliveries} of `{pattern}`, the last received {last}"))
        .with_expected(format!("a `[[file]]` with that pattern in the pipeline of `{source}`"))
        .with_effect("their rows stay in the figures, and nothing can supersede them")
        .with_hint("put the source or the pattern back, or take the deliveries out of the figures: `tertial withdraw`")
    };
    kinds.into_iter().map(tell).collect()
}

/// Refused deliveries that no sound one has replaced.
fn refused(deliveries: &Deliveries, source: &str) -> Vec<String> {
    let is_latest = |standing: &&Standing| {
        let own = &standing.manifest.delivery;
        !deliveries.all.iter().any(|other| {
            other.manifest.delivery.supersession_key() == own.supersession_key()
                && other.last_received_at > standing.last_received_at
        })
    };
    let own = deliveries.all.iter().filter(|standing| standing.manifest.delivery.source == source);
    own.filter(|standing| standing.refused)
        .filter(is_latest)
        .map(|standing| {
            let delivery = &standing.manifest.delivery;
            let day = delivery.received_at.get(..10).unwrap_or_default();
            format!("`{}`, received {day}, was refused", delivery.original_name)
        })
        .collect()
}

fn is_stale(project: &Project, source: &Source, late: &[String], now: &Moment) -> Diagnostic {
    let folder = project.shown(&project.inbox(source));
    Diagnostic::warning(
        Code::StaleSource,
        format!("source `{}` is stale on {}", source.pipeline.name, now.day()),
        Location::file(folder),
    )
    .with_found(late.join("; "))
    .with_expected("a newer delivery in the drop folder")
    .with_effect("figures are computed from the last delivery")
    .with_hint(format!("ask {} for a new export", source.pipeline.owner))
}

fn missing(project: &Project, source: &Source, pattern: &str) -> Diagnostic {
    let folder = project.shown(&project.inbox(source));
    Diagnostic::error(
        Code::FileNotDelivered,
        format!("no sound delivery of `{pattern}` has come from `{}`", source.pipeline.name),
        Location::file(format!("{folder}/{pattern}")),
    )
    .with_expected(format!("a file `{pattern}` in `{folder}`, {}", source.pipeline.cadence))
    .with_effect("indicators that need it have status 3, data saknas")
    .with_hint(format!("ask {} for the export", source.pipeline.owner))
}

//! Which deliveries in force may speak of the same rows: the plan of a comparison.
//!
//! Statements are held against each other within a lane: one source and scope, and in accounting files
//! one fiscal year, since the numbers of vouchers begin anew with it. What the rows say is not looked
//! at here; where partitions already tell that two statements cannot meet, nothing has to be.

use crate::{Lake, LakeFile, LoadManifest, Standing};
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Period, Replaces, Sends, Statement};

/// What is known of the deliveries of one kind of file, for one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// How the source sends changes, when it is agreed.
    pub sends: Option<Sends>,
    /// Whether a later row takes the place of an earlier one with its key.
    pub by_key: bool,
    /// The fiscal year its numbers belong to; none where they belong to none.
    pub fiscal_year: Option<String>,
}

impl Lake {
    /// The statements about a table that must be held against each other, in their order; none when no
    /// two can meet. `kind_of` tells of a delivery's kind, none when nothing is known of it; `is_divided`
    /// says that the period is a part of a row's key, so that a row cannot move to another one.
    pub fn statements(
        &self,
        table: &str,
        standings: &[Standing],
        is_divided: bool,
        kind_of: impl Fn(&LoadManifest) -> Option<Kind>,
    ) -> Vec<Statement> {
        let mut lanes: BTreeMap<Lane, Vec<Found>> = BTreeMap::new();
        for standing in standings {
            let Some(number) = standing.statement else { continue };
            let manifest = &standing.manifest;
            let loads = manifest.tables.iter().filter(|load| load.table == table);
            let files: Vec<&LakeFile> = loads.flat_map(|load| &load.files).collect();
            let Some(kind) = kind_of(manifest).filter(|_| !files.is_empty()) else { continue };
            let delivery = &manifest.delivery;
            let lane = (&*delivery.source, delivery.scope.as_deref(), kind.fiscal_year.clone());
            lanes.entry(lane).or_default().push(Found { number, manifest, kind, files });
        }
        let mut statements = Vec::new();
        for (lane, found) in (0..).zip(lanes.into_values()) {
            statements.extend(meeting(found, is_divided).into_iter().map(|found| {
                let period = found.period();
                Statement {
                    lane,
                    number: found.number as u32,
                    delivery: found.manifest.delivery.id.clone(),
                    files: found.files.iter().map(|file| self.path_text(file)).collect(),
                    by_key: found.kind.by_key,
                    about: period.map(|period| {
                        let after = period.last_month().plus(1);
                        (format!("{}-01", period.first_month()), format!("{after}-01"))
                    }),
                    replaces: found.replaces(),
                }
            }));
        }
        statements.sort_by_key(|statement| statement.number);
        statements
    }

    fn path_text(&self, file: &LakeFile) -> String {
        self.path(file).to_string_lossy().into_owned()
    }
}

/// Source, scope and fiscal year.
type Lane<'a> = (&'a str, Option<&'a str>, Option<String>);

/// A delivery with its files of the table.
struct Found<'a> {
    number: usize,
    manifest: &'a LoadManifest,
    kind: Kind,
    files: Vec<&'a LakeFile>,
}

impl Found<'_> {
    fn period(&self) -> Option<Period> {
        self.manifest.delivery.period.as_deref().and_then(Period::parse)
    }

    fn replaces(&self) -> Replaces {
        match self.kind.sends {
            Some(Sends::History) => Replaces::Everything,
            Some(Sends::Period) if self.period().is_some() => Replaces::Period,
            _ => Replaces::Nothing,
        }
    }
}

/// Those of a lane that can speak of the same rows, with the files in which they can.
fn meeting(mut lane: Vec<Found>, is_divided: bool) -> Vec<Found> {
    let is_whole = lane.iter().any(|found| found.replaces() != Replaces::Nothing);
    if lane.len() < 2 || !is_whole && lane.iter().all(|found| !found.kind.by_key) {
        return Vec::new();
    }
    if is_divided && !is_whole {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut shared: BTreeSet<&str> = BTreeSet::new();
        for found in &lane {
            let own: BTreeSet<&str> = found.files.iter().map(|file| &*file.period).collect();
            shared.extend(own.iter().copied().filter(|period| !seen.insert(period)));
        }
        for found in &mut lane {
            found.files.retain(|file| shared.contains(&*file.period));
        }
        lane.retain(|found| !found.files.is_empty());
    }
    lane
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeliveryManifest, LoadState, TableLoad};

    fn standing(number: usize, scope: Option<&str>, period: &str, partitions: &[&str]) -> Standing {
        let id = format!("hr-{number}");
        let file = |partition: &&str| LakeFile {
            path: format!("lake/t/period={partition}/{id}.parquet"),
            period: (*partition).to_owned(),
            first_month: None,
            last_month: None,
            rows: 1,
            bytes: 1,
            sha256: String::new(),
        };
        let table = TableLoad {
            table: "t".to_owned(),
            contract_version: String::new(),
            rows_read: 1,
            rows_accepted: 1,
            rows_rejected: 0,
            rows_sum: 0,
            files: partitions.iter().map(file).collect(),
        };
        let manifest = LoadManifest {
            delivery: DeliveryManifest {
                id,
                source: "hr".to_owned(),
                pattern: "a_{period}.csv".to_owned(),
                period: Some(period.to_owned()),
                scope: scope.map(str::to_owned),
                original_name: "a.csv".to_owned(),
                sha256: String::new(),
                bytes: 0,
                received_at: "2024-09-10T06:00:00Z".to_owned(),
                origin: None,
            },
            load_fingerprint: String::new(),
            state: LoadState::Loaded,
            program_version: String::new(),
            tables: vec![table],
            rejects: None,
            decisions: Vec::new(),
            facts: Vec::new(),
            diagnostics: Vec::new(),
            reconciliations: Vec::new(),
            compared: Vec::new(),
            rows_repeated: 0,
        };
        Standing {
            manifest,
            in_force: true,
            superseded_by: None,
            refused: false,
            withdrawn: None,
            last_received_at: String::new(),
            statement: Some(number),
        }
    }

    fn plan(
        standings: &[Standing],
        is_divided: bool,
        sends: Option<Sends>,
        by_key: bool,
    ) -> String {
        let lake = Lake::open("/data").unwrap();
        let kind = Kind { sends, by_key, fiscal_year: None };
        let statements = lake.statements("t", standings, is_divided, |_| Some(kind.clone()));
        let line = |one: Statement| {
            let files: Vec<&str> =
                one.files.iter().filter_map(|file| file.split('=').nth(1)?.get(..7)).collect();
            format!("{} {} {} {:?}", one.lane, one.delivery, files.join(" "), one.replaces)
        };
        statements.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn only_what_can_meet_is_compared() {
        let months = [
            standing(2, None, "2024-09", &["2024-08", "2024-09"]),
            standing(1, None, "2024-08", &["2024-07", "2024-08"]),
            standing(3, None, "2024-10", &["2024-10"]),
        ];
        insta::assert_snapshot!(plan(&months, true, None, true), @"
        0 hr-1 2024-08 Nothing
        0 hr-2 2024-08 Nothing
        ");
        // Without the month in the key a row can move.
        insta::assert_snapshot!(plan(&months, false, None, true), @"
        0 hr-1 2024-07 2024-08 Nothing
        0 hr-2 2024-08 2024-09 Nothing
        0 hr-3 2024-10 Nothing
        ");
        assert_eq!(plan(&months, false, None, false), "");
        insta::assert_snapshot!(plan(&months[1..], true, Some(Sends::Period), false), @"
        0 hr-1 2024-07 2024-08 Period
        0 hr-3 2024-10 Period
        ");
        assert_eq!(plan(&months[..1], false, Some(Sends::History), true), "");
    }

    #[test]
    fn senders_are_held_apart() {
        let scopes = [
            standing(1, Some("Åre"), "2024-08", &["2024-08"]),
            standing(2, Some("Krokom"), "2024-08", &["2024-08"]),
            standing(3, Some("Åre"), "2024-09", &["2024-08"]),
        ];
        insta::assert_snapshot!(plan(&scopes, true, None, true), @"
        1 hr-1 2024-08 Nothing
        1 hr-3 2024-08 Nothing
        ");
    }
}

//! Which deliveries figures are made of, at a given time.
//!
//! Of the deliveries of one thing (source, pattern, period, scope) the one received last counts, be it
//! for the first time or again; what was received after the time asked for did not exist then, and
//! what was refused, or is withdrawn by then, does not count. Those in force are statements, one after the other: where two of one
//! sender speak of the same row, the later one stands (`restated`).

use crate::receive::not_a_time;
use crate::{DeliveryDecision, DeliveryManifest, Lake, LoadManifest, LoadState};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZoneDatabase;
use std::collections::BTreeMap;
use tertial_model::{Diagnostic, Period};

/// The facts by which files tell when they were made.
const MADE: [&str; 2] = ["generated", "updated"];

/// A delivery and whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The delivery and what was made of it.
    pub manifest: LoadManifest,
    /// Whether figures are made of it.
    pub in_force: bool,
    /// The next later delivery of the same thing.
    pub superseded_by: Option<String>,
    /// Whether it was refused.
    pub refused: bool,
    /// The decision that leaves it out.
    pub withdrawn: Option<DeliveryDecision>,
    /// When its bytes came the last time, RFC 3339, UTC.
    pub last_received_at: String,
    /// Its place among the statements in force, the latest last; none when it is not in force.
    pub statement: Option<usize>,
}

impl Lake {
    /// The deliveries in force, by id. `as_of` is a time in RFC 3339, or a day and then means its
    /// end in Sweden; without it everything received counts.
    pub fn in_force(&self, as_of: Option<&str>) -> Result<Vec<LoadManifest>, Box<Diagnostic>> {
        let standings = self.standings(as_of)?.into_iter().filter(|standing| standing.in_force);
        Ok(standings.map(|standing| standing.manifest).collect())
    }

    /// Every delivery received by `as_of` and loaded or refused, by id.
    pub fn standings(&self, as_of: Option<&str>) -> Result<Vec<Standing>, Box<Diagnostic>> {
        self.standings_among(self.loads()?, as_of)
    }

    /// As [`Lake::standings`], of manifests that are already at hand.
    pub fn standings_among(
        &self,
        loads: Vec<LoadManifest>,
        as_of: Option<&str>,
    ) -> Result<Vec<Standing>, Box<Diagnostic>> {
        let end = as_of.map(end_of).transpose()?;
        let is_before = |text: &str| -> Result<bool, Box<Diagnostic>> {
            let time = self.timestamp(text)?;
            Ok(end.is_none_or(|end| time < end))
        };
        let receipts = self.receipts()?;
        let received = receipts.of_deliveries(is_before)?;
        let withdrawn = receipts.withdrawn(is_before)?;
        let mut timed = Vec::new();
        for manifest in loads {
            if !is_before(&manifest.delivery.received_at)? {
                continue;
            }
            let first = [(manifest.delivery.received_at.as_str(), 0)];
            let events =
                received.get(manifest.delivery.id.as_str()).map_or(&first[..], Vec::as_slice);
            let mut receipts = Vec::with_capacity(events.len());
            for (at, number) in events {
                receipts.push((self.timestamp(at)?, *number));
            }
            // A run that looks back writes an earlier moment on a later line.
            receipts.sort_unstable();
            let withdrawn = withdrawn.get(manifest.delivery.id.as_str());
            timed.push(Timed { receipts, withdrawn: withdrawn.copied().cloned(), manifest });
        }
        Ok(judge(timed))
    }
}

/// When bytes came, and on which line of the log, which tells the order within one moment; 0 when no
/// line speaks of it.
type Receipt = (Timestamp, usize);

/// A load and its receipts, the last one last.
struct Timed {
    receipts: Vec<Receipt>,
    withdrawn: Option<DeliveryDecision>,
    manifest: LoadManifest,
}

impl Timed {
    /// Whether it may count at all.
    fn is_sound(&self) -> bool {
        self.manifest.state == LoadState::Loaded && self.withdrawn.is_none()
    }

    fn last(&self) -> Option<Receipt> {
        self.receipts.last().copied()
    }
}

fn judge(mut timed: Vec<Timed>) -> Vec<Standing> {
    timed.sort_by(|a, b| {
        (a.last(), &a.manifest.delivery.id).cmp(&(b.last(), &b.manifest.delivery.id))
    });
    let since = since(&timed);
    let mut later = BTreeMap::new();
    let mut standings = Vec::with_capacity(timed.len());
    for one in timed.into_iter().rev() {
        let is_sound = one.is_sound();
        let Timed { receipts, withdrawn, manifest } = one;
        let delivery = &manifest.delivery;
        let key = thing(delivery);
        let refused = manifest.state == LoadState::Refused;
        let superseded_by = match is_sound {
            true => later.insert(key, delivery.id.clone()),
            false => later.get(&key).cloned(),
        };
        let in_force = is_sound && superseded_by.is_none();
        let last_received_at = receipts.last().map(|(at, _)| at.to_string()).unwrap_or_default();
        standings.push(Standing {
            manifest,
            in_force,
            superseded_by,
            refused,
            withdrawn,
            last_received_at,
            statement: None,
        });
    }
    number(&mut standings, &since);
    standings.sort_by(|a, b| a.manifest.delivery.id.cmp(&b.manifest.delivery.id));
    standings
}

/// Source, pattern, period and scope.
type Thing = [Option<String>; 4];

fn thing(delivery: &DeliveryManifest) -> Thing {
    let (source, pattern, period, scope) = delivery.supersession_key();
    [Some(source), Some(pattern), period, scope].map(|part| part.map(str::to_owned))
}

/// The receipt by which the delivery in force of each thing came to be in force: its first one after
/// the last of any other delivery of the thing.
fn since(timed: &[Timed]) -> BTreeMap<Thing, Receipt> {
    let mut newest: BTreeMap<Thing, (&Timed, Option<Receipt>)> = BTreeMap::new();
    for one in timed.iter().filter(|one| one.is_sound()) {
        let key = thing(&one.manifest.delivery);
        let before = newest.get(&key).and_then(|(earlier, _)| earlier.last());
        newest.insert(key, (one, before));
    }
    let first = |(key, (one, before)): (Thing, (&Timed, Option<Receipt>))| {
        let first = one.receipts.iter().find(|receipt| Some(**receipt) > before);
        first.or(one.receipts.last()).map(|receipt| (key, *receipt))
    };
    newest.into_iter().filter_map(first).collect()
}

/// Numbers the statements in force. One was made when its bytes came and were in force from then on:
/// that they came once more meanwhile says nothing new. Of those that came at one moment, the one that
/// dates itself later is the later one, then the one of the later period.
fn number(standings: &mut [Standing], since: &BTreeMap<Thing, Receipt>) {
    let mut order: Vec<usize> = (0..standings.len()).filter(|at| standings[*at].in_force).collect();
    order.sort_by_cached_key(|at| {
        let manifest = &standings[*at].manifest;
        let delivery = &manifest.delivery;
        let receipt = since.get(&thing(delivery)).copied();
        let period = delivery.period.as_deref().and_then(Period::parse);
        let last_month = period.map(|period| period.last_month().to_string());
        (
            receipt.map(|(at, _)| at),
            dated(manifest),
            last_month,
            receipt.map(|(_, number)| number),
            delivery.id.clone(),
        )
    });
    for (number, at) in order.into_iter().enumerate() {
        standings[at].statement = Some(number);
    }
}

/// The day a file says it was made on, in digits.
fn dated(manifest: &LoadManifest) -> Option<String> {
    let (_, text) = manifest.facts.iter().find(|(name, _)| MADE.contains(&name.as_str()))?;
    Some(text.chars().filter(char::is_ascii_digit).collect())
}

/// The first instant that no longer belongs to `as_of`.
fn end_of(as_of: &str) -> Result<Timestamp, Box<Diagnostic>> {
    let next = |time: Timestamp| time.checked_add(jiff::Span::new().nanoseconds(1)).ok();
    let end = match as_of.parse::<Timestamp>() {
        Ok(time) => next(time),
        // `2024-09-16` only: a date with a time but no zone could mean anything.
        Err(_) if as_of.len() == 10 => as_of.parse::<Date>().ok().and_then(|day| {
            let sweden = TimeZoneDatabase::bundled().get("Europe/Stockholm").ok()?;
            Some(day.tomorrow().ok()?.to_zoned(sweden).ok()?.timestamp())
        }),
        Err(_) => None,
    };
    end.ok_or_else(|| not_a_time(as_of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReceiptEvent;

    fn load(id: &str, period: &str, received_at: &str, state: LoadState) -> LoadManifest {
        LoadManifest {
            delivery: DeliveryManifest {
                id: id.to_owned(),
                source: "hr".to_owned(),
                pattern: "a_{period}.csv".to_owned(),
                period: Some(period.to_owned()),
                scope: None,
                original_name: "a.csv".to_owned(),
                sha256: String::new(),
                bytes: 0,
                received_at: received_at.to_owned(),
                origin: None,
            },
            load_fingerprint: String::new(),
            state,
            program_version: String::new(),
            tables: Vec::new(),
            rejects: None,
            decisions: Vec::new(),
            facts: Vec::new(),
            diagnostics: Vec::new(),
            reconciliations: Vec::new(),
            compared: Vec::new(),
            rows_repeated: 0,
        }
    }

    struct Room(#[expect(dead_code, reason = "removes the folder")] tempfile::TempDir, Lake);

    impl Room {
        fn new() -> Room {
            use LoadState::{Loaded, Refused};
            let folder = tempfile::tempdir().unwrap();
            let lake = Lake::open(folder.path()).unwrap();
            for (id, period, at, state) in [
                ("hr-1", "2024-07", "2024-08-10T06:00:00Z", Loaded),
                ("hr-2", "2024-08", "2024-09-10T06:00:00Z", Loaded),
                ("hr-3", "2024-08", "2024-09-12T06:00:00Z", Refused),
                ("hr-5", "2024-08", "2024-09-16T21:59:59Z", Loaded),
                ("hr-4", "2024-08", "2024-09-16T22:00:00Z", Loaded),
                ("hr-6", "2024-08", "2024-09-16T22:00:00Z", Loaded),
            ] {
                lake.commit(&load(id, period, at, state)).unwrap();
            }
            Room(folder, lake)
        }

        fn in_force(&self, as_of: Option<&str>) -> Vec<String> {
            let manifests = self.1.in_force(as_of).unwrap();
            manifests.into_iter().map(|manifest| manifest.delivery.id).collect()
        }
    }

    #[test]
    fn what_was_known_then_is_what_counts_then() {
        let room = Room::new();
        assert_eq!(room.in_force(Some("2024-08-09")), Vec::<String>::new());
        assert_eq!(room.in_force(Some("2024-09-09")), ["hr-1"]);
        assert_eq!(room.in_force(Some("2024-09-10T05:59:59Z")), ["hr-1"]);
        assert_eq!(room.in_force(Some("2024-09-10T06:00:00Z")), ["hr-1", "hr-2"]);
        // The refused delivery of the 12th leaves the one before it in force.
        assert_eq!(room.in_force(Some("2024-09-12")), ["hr-1", "hr-2"]);
        // A day ends at midnight in Sweden, in summer at 22 UTC.
        assert_eq!(room.in_force(Some("2024-09-16")), ["hr-1", "hr-5"]);
        // Two at the same instant: the greater id.
        assert_eq!(room.in_force(None), ["hr-1", "hr-6"]);
    }

    #[test]
    fn the_listing_tells_what_superseded_what() {
        let room = Room::new();
        let lines = room.1.standings(None).unwrap().into_iter().map(|s| {
            let by = s.superseded_by.unwrap_or_default();
            format!("{} {} {} {by}", s.manifest.delivery.id, s.in_force, s.refused)
        });
        let lines: Vec<String> = lines.collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        hr-1 true false 
        hr-2 false false hr-5
        hr-3 false true hr-5
        hr-4 false false hr-6
        hr-5 false false hr-4
        hr-6 true false 
        ");
    }

    #[test]
    fn a_withdrawn_delivery_gives_way_to_the_one_before_it() {
        let room = Room::new();
        let decide = |delivery: &str, at: &str, is_withdrawn: bool| {
            let decision = DeliveryDecision {
                decided_at: at.to_owned(),
                delivery: delivery.to_owned(),
                is_withdrawn,
                reason: "fel fil".to_owned(),
                decided_by: "analysenheten".to_owned(),
            };
            room.1.decide(&decision).unwrap();
        };
        decide("hr-6", "2024-09-17T06:00:00Z", true);
        decide("hr-1", "2024-09-18T06:00:00Z", true);
        assert_eq!(room.in_force(Some("2024-09-16")), ["hr-1", "hr-5"]);
        assert_eq!(room.in_force(Some("2024-09-17")), ["hr-1", "hr-4"]);
        // The only one of its thing: nothing counts in its place.
        assert_eq!(room.in_force(Some("2024-09-18")), ["hr-4"]);
        let standings = room.1.standings(None).unwrap();
        let of = |id: &str| standings.iter().find(|one| one.manifest.delivery.id == id).unwrap();
        assert_eq!(of("hr-6").withdrawn.as_ref().unwrap().reason, "fel fil");
        assert_eq!((of("hr-6").refused, of("hr-6").statement), (false, None));
        assert_eq!(of("hr-4").superseded_by, None);
        decide("hr-6", "2024-09-19T06:00:00Z", false);
        assert_eq!(room.in_force(None), ["hr-6"]);
        // Each moment keeps what held then.
        assert_eq!(room.in_force(Some("2024-09-18")), ["hr-4"]);
    }

    #[test]
    fn bytes_that_come_back_are_in_force_again() {
        let room = Room::new();
        let came = |delivery: &str, at: &str| ReceiptEvent {
            received_at: at.to_owned(),
            source: "hr".to_owned(),
            file: "data/inbox/hr/a.csv".to_owned(),
            member: None,
            bytes: 1,
            changed_ns: 0,
            sha256: String::new(),
            delivery: Some(delivery.to_owned()),
        };
        room.1
            .record(&[
                came("hr-2", "2024-09-10T06:00:00Z"),
                came("hr-5", "2024-09-16T21:59:59Z"),
                came("hr-2", "2024-09-17T06:00:00Z"),
                came("hr-5", "2024-09-18T06:00:00Z"),
                came("hr-2", "2024-09-18T06:00:00Z"),
                came("hr-3", "2024-09-19T06:00:00Z"),
                // Written by a run that looked back.
                came("hr-2", "2024-09-16T12:00:00Z"),
            ])
            .unwrap();
        assert_eq!(room.in_force(Some("2024-09-16")), ["hr-1", "hr-5"]);
        assert_eq!(room.in_force(Some("2024-09-16T22:00:00Z")), ["hr-1", "hr-6"]);
        assert_eq!(room.in_force(Some("2024-09-17T06:00:00Z")), ["hr-1", "hr-2"]);
        // At one moment the log tells the order; what was refused before is refused again.
        assert_eq!(room.in_force(None), ["hr-1", "hr-2"]);
        let standings = room.1.standings(Some("2024-09-17")).unwrap();
        let lines: Vec<String> = standings
            .into_iter()
            .map(|s| {
                let by = s.superseded_by.unwrap_or_default();
                format!("{} {} {by} {}", s.manifest.delivery.id, s.in_force, s.last_received_at)
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        hr-1 true  2024-08-10T06:00:00Z
        hr-2 true  2024-09-17T06:00:00Z
        hr-3 false hr-5 2024-09-12T06:00:00Z
        hr-4 false hr-6 2024-09-16T22:00:00Z
        hr-5 false hr-4 2024-09-16T21:59:59Z
        hr-6 false hr-2 2024-09-16T22:00:00Z
        ");
    }

    /// The deliveries in force in the order of their statements.
    fn statements(lake: &Lake, as_of: Option<&str>) -> Vec<String> {
        let mut found: Vec<_> = lake
            .standings(as_of)
            .unwrap()
            .into_iter()
            .filter_map(|one| Some((one.statement?, one.manifest.delivery.id)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn a_statement_is_made_when_its_bytes_came_and_stayed_in_force() {
        let room = Room::new();
        let lake = &room.1;
        let came = |delivery: &str, at: &str| ReceiptEvent {
            received_at: at.to_owned(),
            source: "hr".to_owned(),
            file: "data/inbox/hr/a.csv".to_owned(),
            member: None,
            bytes: 1,
            changed_ns: 0,
            sha256: String::new(),
            delivery: Some(delivery.to_owned()),
        };
        assert_eq!(statements(lake, None), ["hr-1", "hr-6"]);
        lake.record(&[
            came("hr-1", "2024-08-10T06:00:00Z"),
            came("hr-2", "2024-09-10T06:00:00Z"),
            came("hr-5", "2024-09-16T21:59:59Z"),
            // Once more, while it is in force.
            came("hr-1", "2024-09-18T06:00:00Z"),
            // Back again, after others had taken its place.
            came("hr-2", "2024-09-17T06:00:00Z"),
            came("hr-2", "2024-09-19T06:00:00Z"),
        ])
        .unwrap();
        assert_eq!(statements(lake, Some("2024-09-18")), ["hr-1", "hr-2"]);
        lake.commit(&load("hr-7", "2024-07", "2024-09-17T12:00:00Z", LoadState::Loaded)).unwrap();
        lake.commit(&load("hr-8", "2024-09", "2024-09-16T23:00:00Z", LoadState::Loaded)).unwrap();
        assert_eq!(statements(lake, Some("2024-09-17")), ["hr-8", "hr-2", "hr-7"]);
    }

    #[test]
    fn statements_of_one_moment_follow_their_own_days_and_periods() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let commit = |id: &str, period: &str, made: Option<&str>| {
            let facts = made.map(|day| ("generated".to_owned(), day.to_owned()));
            let at = "2024-10-08T06:00:00Z";
            let load = load(id, period, at, LoadState::Loaded);
            lake.commit(&LoadManifest { facts: facts.into_iter().collect(), ..load }).unwrap();
        };
        commit("hr-1", "2024", Some("20240905"));
        commit("hr-2", "2024-09", Some("2024-10-07"));
        commit("hr-3", "2024-10", None);
        commit("hr-4", "2024-08", None);
        assert_eq!(statements(&lake, None), ["hr-4", "hr-3", "hr-1", "hr-2"]);
    }

    #[test]
    fn a_time_that_says_nothing_is_refused() {
        let room = Room::new();
        for text in ["", "2024-09", "2024-09-31", "2024-09-16T06:00", "igår"] {
            assert!(room.1.in_force(Some(text)).is_err(), "{text}");
        }
        insta::assert_snapshot!(room.1.in_force(Some("igår")).unwrap_err(), @"
        error[T0502]: a time cannot be read
           --> as-of
            = found:    `igår`
            = expected: `2024-09-16` or `2024-09-16T06:30:00Z`
        ");
    }
}

//! What was published when: a file per publication, so that any earlier one can be found and compared.
//!
//! A release says about itself what it was made from (`release.json` in its folder), before it is in
//! force; the record is written after, from that file. A run that dies in between leaves a release in
//! force without a record, and the next run writes it. Releases are forgotten after some nights;
//! their records, outcomes and lists of deliveries are not.
//!
//! A publication has a moment of its own: a release that is put in force once more, because what
//! replaced it was wrong, is the same release and another publication.
//!
//! ```text
//! data/published/000017.json            a publication
//! data/published/next                   the publication that is about to be, while it is made
//! data/published/<hash>.parquet         outcomes, or deliveries, of one or more of them
//! ```

use super::methods::hash;
use crate::clock::Moment;
use crate::project::Project;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tertial_lake::{Lake, atomic};
use tertial_model::seal::{self, Seal};
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::literal;
use tertial_warehouse::publish::Releases;

/// The file in a release's folder.
pub const FILE: &str = "release.json";
/// The file of the publication that is about to be.
const NEXT: &str = "next";

/// What a release says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The release's id.
    pub release: String,
    /// The moment it looks from.
    pub as_of: String,
    /// The set of facts it was made from.
    pub methods: String,
    /// The program that made it.
    pub program_version: String,
    /// The file with its outcomes; none when the project has no indicators.
    pub outcomes: Option<String>,
    /// The file with its deliveries.
    pub deliveries: String,
}

/// Why an earlier release was put in force again, and publishing is held since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// The release that was in force before.
    pub from: String,
    /// Why.
    pub reason: String,
    /// Who decided: a role.
    pub decided_by: String,
}

/// A release that was put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Running number, from 1.
    pub number: u64,
    /// When it was put in force, RFC 3339, UTC; the moment its release looks from where nothing
    /// else is known.
    #[serde(default)]
    published_at: String,
    /// Whether it looked from an earlier moment than one before it: put in force to look back, it
    /// was never what was said on that day.
    pub is_look_back: bool,
    /// The decision, when an earlier release was put in force again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<Rollback>,
    /// The release.
    #[serde(flatten)]
    pub identity: Identity,
}

impl Publication {
    /// The moment from which on it was what readers saw; for a look back the one it looks from.
    pub fn moment(&self) -> &str {
        if self.is_look_back || self.published_at.is_empty() {
            &self.identity.as_of
        } else {
            &self.published_at
        }
    }
}

/// A publication that is about to be: written down before its release is put in force, so that a run
/// that dies in between does not take the moment with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Next {
    release: String,
    published_at: String,
    looks_from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollback: Option<Rollback>,
}

/// The records of a project.
#[derive(Debug, Clone)]
pub struct Record {
    folder: PathBuf,
    releases: Releases,
}

impl Record {
    /// The folder `published` below the data folder.
    pub fn new(project: &Project) -> Record {
        let data = project.data();
        Record { folder: data.join("published"), releases: Releases::new(&data) }
    }

    /// Keeps outcomes and deliveries of a built warehouse, writes its `release.json`, and notes that it
    /// is about to be put in force at a moment, RFC 3339, UTC.
    pub fn prepare(
        &self,
        engine: &Engine,
        built: &Path,
        published_at: &str,
    ) -> Result<(), Box<Diagnostic>> {
        let asked = |sql: &str| {
            engine.query(sql, &[]).map_err(|error| {
                let message = format!("the built warehouse does not say what it is: {error}");
                let place = Location::file(built.to_string_lossy());
                Box::new(Diagnostic::error(Code::UnverifiedRelease, message, place))
            })
        };
        self.sweep();
        let release = asked("select * from meta.release")?;
        let text = |name: &str| release.get(0, name).text().unwrap_or_default();
        let has_outcomes = !engine.columns_of("indicator.outcomes").unwrap_or_default().is_empty();
        let outcomes = "select * from indicator.outcomes \
                        order by id, unit_id, period, sex, breakdown";
        let identity = Identity {
            release: text("release_id"),
            as_of: text("as_of"),
            methods: text("methods"),
            program_version: text("program_version"),
            outcomes: has_outcomes.then(|| self.snapshot(engine, outcomes)).transpose()?,
            deliveries: self.snapshot(engine, DELIVERIES)?,
        };
        let next = Next {
            release: identity.release.clone(),
            published_at: published_at.to_owned(),
            looks_from: identity.as_of.clone(),
            rollback: None,
        };
        let path = built.join(FILE);
        atomic::write(&path, &to_json(&identity))
            .map_err(|error| unusable("written", &path, &error))?;
        self.note_next(&next)
    }

    /// Notes that a release which lies there is about to be put in force again.
    pub fn announce_rollback(
        &self,
        identity: &Identity,
        published_at: &str,
        rollback: Rollback,
    ) -> Result<(), Box<Diagnostic>> {
        self.note_next(&Next {
            release: identity.release.clone(),
            published_at: published_at.to_owned(),
            looks_from: published_at.to_owned(),
            rollback: Some(rollback),
        })
    }

    fn note_next(&self, next: &Next) -> Result<(), Box<Diagnostic>> {
        let path = self.folder.join(NEXT);
        atomic::write(&path, &to_json(next)).map_err(|error| unusable("written", &path, &error))
    }

    /// Enters the release in force, unless it is the one entered last.
    pub fn enter(&self) -> Result<(), Box<Diagnostic>> {
        let Some(identity) = self.in_force()? else { return Ok(()) };
        let known = self.all()?;
        let path = self.folder.join(NEXT);
        if known.last().is_none_or(|last| last.identity.release != identity.release) {
            let next = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let publication = entry(&known, identity, next);
            let path = self.folder.join(format!("{:06}.json", publication.number));
            atomic::create_dir(&self.folder, 0o750)
                .and_then(|()| atomic::write(&path, &to_json(&publication)))
                .map_err(|error| unusable("written", &path, &error))?;
            // So that it is missed when it is gone.
            let data = self.folder.parent().unwrap_or(&self.folder);
            Lake::open(data)?.mark_publications(publication.number)?;
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(unusable("written", &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Every publication, oldest first.
    pub fn all(&self) -> Result<Vec<Publication>, Box<Diagnostic>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unusable("read", &self.folder, &error)),
        };
        let paths = entries.flatten().map(|entry| entry.path());
        let is_record = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
        let mut all: Vec<Publication> =
            paths.filter(is_record).map(|path| read(&path)).collect::<Result<_, _>>()?;
        all.sort_by_key(|publication| publication.number);
        Ok(all)
    }

    /// The publication that was in force at a moment.
    pub fn at(&self, moment: &Moment) -> Result<Option<Publication>, Box<Diagnostic>> {
        let known = self.all()?.into_iter().filter(|publication| {
            !publication.is_look_back && publication.moment() <= moment.at.as_str()
        });
        Ok(known.max_by_key(|publication| (publication.moment().to_owned(), publication.number)))
    }

    /// The publication that readers saw last, look backs aside.
    pub fn newest(&self) -> Result<Option<Publication>, Box<Diagnostic>> {
        let known = self.all()?.into_iter().filter(|publication| !publication.is_look_back);
        Ok(known.max_by_key(|publication| (publication.moment().to_owned(), publication.number)))
    }

    /// The publication of a release; the latest when it was put in force more than once.
    pub fn of(&self, release: &str) -> Result<Option<Publication>, Box<Diagnostic>> {
        let all = self.all()?;
        Ok(all.into_iter().rev().find(|publication| publication.identity.release == release))
    }

    /// The publication that a report of this one compares with: the one readers saw before it, at no
    /// later moment. A look back is so compared with what it looks back from, however
    /// much was published since.
    pub fn before(&self, later: &Publication) -> Result<Option<Publication>, Box<Diagnostic>> {
        let is_earlier = |known: &Publication| {
            known.number < later.number
                && !known.is_look_back
                && known.identity.release != later.identity.release
                && known.moment() <= later.moment()
        };
        Ok(self.all()?.into_iter().rev().find(is_earlier))
    }

    /// Where the outcomes or deliveries of a publication lie.
    pub fn path(&self, snapshot: &str) -> PathBuf {
        self.folder.join(snapshot)
    }

    /// What the release in force says about itself; none before the first, and for one that an
    /// earlier program made.
    pub fn in_force(&self) -> Result<Option<Identity>, Box<Diagnostic>> {
        let path = self.releases.current_file(FILE);
        if path.is_file() { read(&path).map(Some) } else { Ok(None) }
    }

    /// Removes what runs that were killed left here. The caller holds the lock.
    fn sweep(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let left = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('.'));
        for entry in left {
            let path = entry.path();
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }

    /// The rows of a question as a file under its hash.
    fn snapshot(&self, engine: &Engine, sql: &str) -> Result<String, Box<Diagnostic>> {
        let failed = |error: io::Error| unusable("written", &self.folder, &error);
        atomic::create_dir(&self.folder, 0o750).map_err(failed)?;
        let beside =
            tempfile::Builder::new().prefix(".").tempdir_in(&self.folder).map_err(failed)?;
        let path = beside.path().join("rows.parquet");
        let target = literal(&path.to_string_lossy());
        engine
            .execute(&format!("copy ({sql}) to {target} (format parquet, compression zstd)"))
            .map_err(|error| failed(io::Error::other(error.to_string())))?;
        let bytes = fs::read(&path).map_err(failed)?;
        let name = format!("{}.parquet", hash(&bytes));
        let kept = self.folder.join(&name);
        if !fs::read(&kept).is_ok_and(|found| found == bytes) {
            atomic::write(&kept, &bytes).map_err(failed)?;
        }
        Ok(name)
    }
}

/// The publication after the known ones that puts a release in force.
fn entry(known: &[Publication], identity: Identity, next: Option<Next>) -> Publication {
    let next = next.filter(|next| next.release == identity.release);
    let Next { published_at, looks_from, rollback, .. } = next.unwrap_or_else(|| Next {
        release: identity.release.clone(),
        published_at: identity.as_of.clone(),
        looks_from: identity.as_of.clone(),
        rollback: None,
    });
    let is_look_back = known.iter().any(|earlier| {
        earlier.moment() > published_at.as_str() || earlier.identity.as_of > looks_from
    });
    let number = known.last().map_or(1, |last| last.number + 1);
    Publication { number, published_at, is_look_back, rollback, identity }
}

/// What a comparison needs to know about the deliveries that figures were made of.
pub const DELIVERIES: &str = include_str!("../own/record/deliveries.sql");

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Box<Diagnostic>> {
    let bytes = fs::read(path).map_err(|error| unusable("read", path, &error))?;
    let damaged = |found: String| {
        Box::new(
            Diagnostic::error(
                Code::StoredFileChanged,
                "the record of a publication is damaged",
                Location::file(path.to_string_lossy()),
            )
            .with_found(found)
            .with_effect("what was in force then cannot be told")
            .with_hint("take the file back from a backup of `data/published`"),
        )
    };
    match seal::check(&bytes) {
        Seal::Broken => match serde_json::from_slice::<serde_json::Value>(&bytes) {
            Ok(_) => Err(damaged("other bytes than those that were sealed".to_owned())),
            Err(error) => Err(damaged(error.to_string())),
        },
        Seal::Sound | Seal::Missing => {
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))
        }
    }
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("text keys");
    bytes.push(b'\n');
    seal::seal(&bytes)
}

fn unusable(verb: &str, path: &Path, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("the record of a publication cannot be {verb}: {error}");
    Box::new(Diagnostic::error(Code::FileAccess, message, Location::file(path.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(release: &str, as_of: &str) -> Identity {
        Identity {
            release: release.to_owned(),
            as_of: format!("2024-09-16T{as_of}:00Z"),
            methods: String::new(),
            program_version: String::new(),
            outcomes: None,
            deliveries: String::new(),
        }
    }

    /// A release, the moment it looks from, and what was written down before it was put in force: when
    /// that was, and the moment the run looked from.
    type Published<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>);

    /// A record of publications.
    fn record(told: &[Published<'_>]) -> (tempfile::TempDir, Record) {
        let folder = tempfile::tempdir().unwrap();
        let mut known = Vec::new();
        for (release, as_of, next) in told {
            let moment = |time: &str| format!("2024-09-16T{time}:00Z");
            let next = next.map(|(published, from)| Next {
                release: (*release).to_owned(),
                published_at: moment(published),
                looks_from: moment(from),
                rollback: None,
            });
            let publication = entry(&known, identity(release, as_of), next);
            let path = folder.path().join(format!("{:06}.json", publication.number));
            fs::write(path, to_json(&publication)).unwrap();
            known.push(publication);
        }
        let record =
            Record { folder: folder.path().to_owned(), releases: Releases::new(folder.path()) };
        (folder, record)
    }

    fn at(record: &Record, time: &str) -> Option<u64> {
        let moment = Moment::given(&format!("2024-09-16T{time}:00Z")).unwrap();
        record.at(&moment).unwrap().map(|publication| publication.number)
    }

    #[test]
    fn a_release_that_is_put_back_is_in_force_from_then_on() {
        // The night, a wrong release at ten, and the night's release put back at eleven.
        let told = [
            ("a", "06:00", Some(("06:01", "06:00"))),
            ("b", "10:00", Some(("10:01", "10:00"))),
            ("a", "06:00", Some(("11:01", "11:00"))),
        ];
        let (_folder, record) = record(&told);
        let found = ["06:00", "06:01", "09:59", "10:01", "11:00", "11:01", "23:59"];
        let found = found.map(|time| at(&record, time));
        assert_eq!(found, [None, Some(1), Some(1), Some(2), Some(2), Some(3), Some(3)]);
        let all = record.all().unwrap();
        assert!(all.iter().all(|publication| !publication.is_look_back));
        let before = |at: usize| record.before(&all[at]).unwrap().map(|found| found.number);
        assert_eq!([before(0), before(1), before(2)], [None, Some(1), Some(2)]);
        assert_eq!(record.of("a").unwrap().unwrap().number, 3);
    }

    #[test]
    fn a_look_back_is_no_history() {
        let told = [
            ("a", "06:00", Some(("06:00", "06:00"))),
            ("b", "10:00", Some(("10:00", "10:00"))),
            ("c", "08:00", Some(("08:00", "08:00"))),
            // Built from an earlier moment, and put in force now.
            ("d", "09:00", Some(("12:00", "09:00"))),
            ("b", "10:00", Some(("13:00", "13:00"))),
        ];
        let (_folder, record) = record(&told);
        let all = record.all().unwrap();
        let look_backs: Vec<bool> = all.iter().map(|found| found.is_look_back).collect();
        assert_eq!(look_backs, [false, false, true, true, false]);
        assert_eq!([at(&record, "09:00"), at(&record, "12:30")], [Some(1), Some(2)]);
        let before = |at: usize| record.before(&all[at]).unwrap().map(|found| found.number);
        // Each look back is compared with what it looks back from.
        assert_eq!([before(2), before(3)], [Some(1), Some(1)]);
        assert_eq!(record.newest().unwrap().unwrap().number, 5);
    }

    #[test]
    fn without_a_note_the_release_s_own_moment_counts() {
        let (_folder, record) = record(&[("a", "06:00", None), ("b", "10:00", None)]);
        assert_eq!([at(&record, "09:00"), at(&record, "10:00")], [Some(1), Some(2)]);
        let old = r#"{"number":1,"is_look_back":false,"release":"a","as_of":"2024-09-16T06:00:00Z",
            "methods":"","program_version":"","outcomes":null,"deliveries":""}"#;
        let old: Publication = serde_json::from_str(old).unwrap();
        assert_eq!(old.moment(), "2024-09-16T06:00:00Z");
    }
}

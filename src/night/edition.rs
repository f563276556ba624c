//! A release and the facts it was made from, together: what every reader of figures opens.
//!
//! The one in force, or the one that was in force at an earlier moment. A release is read with its
//! own definitions, queries and composition, not with those that lie in the folder today, so that
//! what was reported is made again byte for byte after a method or a target has changed. A release
//! that has been forgotten is built again from the received bytes and the facts kept of it, in a
//! private data folder that goes when the reader is done.

use super::methods::{self, Methods};
use super::record::{Publication, Record};
use super::standing::Deliveries;
use super::warehouse::Built;
use super::{audit, build, keyring, load, publish};
use crate::clock::Moment;
use crate::output;
use crate::project::Project;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tertial_lake::{Lake, Lock, atomic};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::publish::{Releases, WAREHOUSE_FILE, warehouse_of};
use tertial_warehouse::{AuditResult, Engine};

/// Whose methods an earlier moment is looked at with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Methodology {
    /// Those in force then: what was said is said again.
    OfThen,
    /// Those in the project's folder: what would be said with the data of then.
    Todays,
}

/// A release with its facts, open for reading.
pub struct Edition<'a> {
    /// The row-level warehouse, read only.
    pub engine: Engine,
    /// Where the warehouse lies.
    pub path: PathBuf,
    /// The folder of the release, with the public database.
    pub folder: PathBuf,
    /// When it was put in force; none for a release without a record.
    pub publication: Option<Publication>,
    /// What a reader of the result must know, in Swedish.
    pub note: Option<String>,
    today: &'a Project,
    then: Option<Project>,
    _room: Option<Room>,
}

/// A private data folder, and the lock that keeps others from sweeping it.
struct Room {
    _folder: TempDir,
    _lock: Lock,
}

impl<'a> Edition<'a> {
    /// The release in force.
    pub fn in_force(project: &'a Project) -> Result<Edition<'a>, Faults> {
        let releases = Releases::new(&project.data());
        let Some(release) = releases.current_id() else { return Err(Faults::from(no_release())) };
        let folder = releases.path(&release);
        let path = warehouse_of(&folder);
        let engine = open(&path)?;
        let methods = engine
            .columns_of("meta.release")
            .unwrap_or_default()
            .contains(&"methods".to_owned())
            .then(|| engine.scalar("select methods from meta.release", &[]).ok().flatten())
            .flatten();
        let then = match methods {
            Some(set) if set != methods::set_of(project) => {
                output::progress(
                    "the project has changed since the release in force was built, which is read \
                     with the facts of then; `tertial run` builds a new one",
                );
                Some(facts(project, &set)?)
            }
            _ => None,
        };
        let publication = Record::new(project).of(&release)?;
        let today = project;
        Ok(Edition { engine, path, folder, publication, note: None, today, then, _room: None })
    }

    /// What was in force at a moment.
    pub fn at(
        project: &'a Project,
        moment: &Moment,
        methods: Methodology,
    ) -> Result<Edition<'a>, Faults> {
        if methods == Methodology::Todays {
            return Edition::with_todays_methods(project, moment);
        }
        let record = Record::new(project);
        let Some(publication) = record.at(moment)? else {
            return Err(Faults::from(nothing_yet(&record, moment)?));
        };
        Edition::of(project, publication)
    }

    /// What a publication put in force.
    pub fn of(project: &'a Project, publication: Publication) -> Result<Edition<'a>, Faults> {
        let identity = &publication.identity;
        let folder = Releases::new(&project.data()).path(&identity.release);
        let path = warehouse_of(&folder);
        if path.is_file() {
            let engine = open(&path)?;
            let then = Edition::facts_of(project, &publication)?;
            let publication = Some(publication);
            return Ok(Edition {
                engine,
                path,
                folder,
                publication,
                note: None,
                today: project,
                then,
                _room: None,
            });
        }
        let folder = Methods::new(&project.data()).folder(&identity.methods)?;
        let Some(moment) = Moment::given(&identity.as_of) else {
            return Err(Faults::from(not_a_moment(&publication)));
        };
        let (release, mut edition) = Edition::rebuilt(project, &folder, &moment)?;
        if release != identity.release {
            output::diagnostics(&[another(&publication, &release)]);
        }
        edition.publication = Some(publication);
        Ok(edition)
    }

    fn with_todays_methods(project: &'a Project, moment: &Moment) -> Result<Edition<'a>, Faults> {
        let (_, mut edition) = Edition::rebuilt(project, &project.root, moment)?;
        edition.note = Some(format!(
            "Uppgifterna är de som hade kommit in den {}; definitioner, mål och beräkningar är de \
             som gäller nu. Detta är inte vad som rapporterades då.",
            moment.day()
        ));
        Ok(edition)
    }

    /// The project with the facts of a publication; none when they are those of today.
    pub fn facts_of(
        project: &Project,
        publication: &Publication,
    ) -> Result<Option<Project>, Faults> {
        let set = &publication.identity.methods;
        if *set == methods::set_of(project) { Ok(None) } else { facts(project, set).map(Some) }
    }

    /// The project with the facts of this release.
    pub fn project(&self) -> &Project {
        self.then.as_ref().unwrap_or(self.today)
    }

    /// The records of the project's publications.
    pub fn record(&self) -> Record {
        Record::new(self.today)
    }

    /// The project the edition belongs to, as it lies in its folder today.
    pub fn today(&self) -> &'a Project {
        self.today
    }

    /// Builds a release from the facts in a folder and the deliveries of a moment; its id.
    fn rebuilt(
        project: &'a Project,
        facts: &Path,
        moment: &Moment,
    ) -> Result<(String, Edition<'a>), Faults> {
        output::progress("the release of then is built again from the received deliveries");
        let again = Again::build(project, facts, moment, "tertial report --as-of")?;
        if audit::stops(&again.results) {
            let told = again.results.iter().filter_map(AuditResult::diagnostic);
            return Err(told.collect());
        }
        let release = again.built.id.clone();
        let folder = publish::publish(&again.project, &again.lake, &again.built, moment, &[])?;
        let path = warehouse_of(&folder);
        let engine = open(&path)?;
        let edition = Edition {
            engine,
            path,
            folder,
            publication: None,
            note: None,
            today: project,
            then: Some(again.project),
            _room: Some(again.room),
        };
        Ok((release, edition))
    }
}

/// A warehouse built and audited apart from the project's own releases.
struct Again {
    project: Project,
    lake: Lake,
    built: Built,
    results: Vec<AuditResult>,
    faults: Vec<Diagnostic>,
    room: Room,
}

impl Again {
    /// From the facts in a folder and the deliveries of a moment; `verb` holds the lock.
    fn build(
        project: &Project,
        facts: &Path,
        moment: &Moment,
        verb: &str,
    ) -> Result<Again, Faults> {
        let data = project.data();
        let lock = Lake::open(&data).and_then(|lake| lake.lock(verb))?;
        let folder = private_data(&data).map_err(|error| {
            let message = format!("there is no room to build the release again: {error}");
            Faults::from(Diagnostic::error(
                Code::FileAccess,
                message,
                Location::file("data/scratch"),
            ))
        })?;
        let then = Project::open_facts(facts, project.root.clone(), folder.path().to_path_buf())?;
        let own = Lake::open(&data)?;
        let keyring = keyring::open(project, &then, &own, moment, None)?;
        let lake = Lake::open(folder.path())?;
        let mut faults = load::load(&then, &lake, moment, &keyring, None)?.diagnostics;
        let deliveries = Deliveries::at(&then, &lake, moment)?;
        let (built, told) = build::build(&then, &lake, &deliveries, moment)?;
        faults.extend(told.diagnostics);
        let (results, _) = audit::audit(&then, &built)?;
        let room = Room { _folder: folder, _lock: lock };
        Ok(Again { project: then, lake, built, results, faults, room })
    }
}

/// What the project as it lies in its folder today would publish from the deliveries of a moment.
pub struct Draft {
    /// Its warehouse, read only.
    pub engine: Engine,
    /// What its audits found.
    pub results: Vec<AuditResult>,
    /// What loading and building had to tell.
    pub faults: Vec<Diagnostic>,
    _room: Room,
}

impl Draft {
    /// Builds and audits it; nothing of the project's own data changes.
    pub fn of(project: &Project, moment: &Moment) -> Result<Draft, Faults> {
        let again = Again::build(project, &project.root, moment, "tertial preview")?;
        let Again { built, results, faults, room, .. } = again;
        let engine = open(&built.folder.join(WAREHOUSE_FILE))?;
        Ok(Draft { engine, results, faults, _room: room })
    }
}

/// The facts of a set, laid out beside the project's data.
fn facts(project: &Project, set: &str) -> Result<Project, Faults> {
    let folder = Methods::new(&project.data()).folder(set)?;
    Project::open_facts(&folder, project.root.clone(), project.data())
}

/// A data folder with the same received bytes and the same lake, in which loading and building leave
/// the project's own untouched: received bytes and facts are linked, the lake's files are shared.
fn private_data(data: &Path) -> io::Result<TempDir> {
    let scratch = data.join("scratch");
    if scratch.exists() {
        // The lock is held: what lies here was left by one that was killed.
        fs::remove_dir_all(&scratch)?;
    }
    atomic::create_dir(&scratch, 0o750)?;
    let folder = TempDir::new_in(&scratch)?;
    for name in ["received", "methods"] {
        std::os::unix::fs::symlink(data.join(name), folder.path().join(name))?;
    }
    // What the log and the manifests are held against.
    match fs::copy(data.join("seals.json"), folder.path().join("seals.json")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for name in ["deliveries", "lake", "rejects"] {
        share(&data.join(name), &folder.path().join(name))?;
    }
    Ok(folder)
}

/// The same tree with the same files: linked where the file system can, copied where not.
fn share(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            share(&entry.path(), &target)?;
        } else if fs::hard_link(entry.path(), &target).is_err() {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<Engine, Faults> {
    Engine::open_read_only(path).map_err(|error| {
        let message = format!("the release cannot be opened: {error}");
        Faults::from(Diagnostic::error(
            Code::UnverifiedRelease,
            message,
            Location::file(path.to_string_lossy()),
        ))
    })
}

/// Nothing has been published yet.
pub fn no_release() -> Diagnostic {
    let place = Location::file("data/releases/current");
    Diagnostic::error(Code::NoRelease, "there is no release yet", place)
        .with_hint("make one with `tertial run`")
}

fn nothing_yet(record: &Record, moment: &Moment) -> Result<Diagnostic, Faults> {
    let all = record.all()?;
    let first = all.iter().filter(|known| !known.is_look_back).map(Publication::moment);
    let found = first.min().map_or_else(
        || "no publication at all".to_owned(),
        |first| format!("the first publication was at {first}"),
    );
    let message = format!("nothing had been published at {}", moment.at);
    Ok(Diagnostic::error(Code::NoRelease, message, Location::file("data/published"))
        .with_found(found)
        .with_expected("a day on which a release was in force")
        .with_hint("`--with-todays-methods` computes from what had been received by that day"))
}

fn not_a_moment(publication: &Publication) -> Diagnostic {
    Diagnostic::error(
        Code::StoredFileChanged,
        "the record of a publication does not say what moment it looks from",
        Location::file(format!("data/published/{:06}.json", publication.number)),
    )
    .with_found(format!("`{}`", publication.identity.as_of))
    .with_expected("a moment such as `2024-09-16T06:00:00Z`")
    .with_hint("take the file back from a backup of `data/published`")
}

fn another(publication: &Publication, release: &str) -> Diagnostic {
    let identity = &publication.identity;
    let reason = if identity.program_version == env!("CARGO_PKG_VERSION") {
        "the received bytes, the lake or the key are not what they were".to_owned()
    } else {
        format!("it was made by tertial {}", identity.program_version)
    };
    let place = Location::file("data/published");
    Diagnostic::warning(
        Code::NotReproducible,
        "what was published could not be made the same",
        place,
    )
    .with_found(format!("`{release}`: {reason}"))
    .with_expected(format!("`{}`", identity.release))
    .with_effect("figures may differ from those that were published")
}

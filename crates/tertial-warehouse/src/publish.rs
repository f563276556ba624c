//! Releases: a folder each, immutable once published, behind the directory symlink `current`.
//!
//! Order of a publication: verify the private files read-only, make them durable, rename the folder
//! into `releases/<id>`, flip `current` with one rename, forget the oldest. A crash at any instant
//! leaves the old release or the new one in force, never neither; what it leaves behind is swept by
//! the next publication. The *directory* is linked, not the file, because DuckDB names the catalog
//! after the file it really opens.
//!
//! Beside its files a release holds their list, `files.json`, with size and hash of each, so that one
//! that is gone, cut or changed is noticed; publishing the same release again then mends it.
//!
//! The two databases lie in different folders: whoever reads the public one need not be able to reach
//! the other. [`Access`] says which groups may.

use crate::engine::{Engine, EngineError, qualified};
use sha2::{Digest, Sha256};
use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use tertial_model::seal::{Listed, Listing, hex};
use tertial_model::{Code, Diagnostic, Location};

/// The list of a release's files.
pub const LISTING: &str = "files.json";
/// The folder of a release that only those who may see rows of persons can enter.
pub const RESTRICTED_FOLDER: &str = "restricted";
/// Row-level, pseudonymised; for statisticians.
pub const WAREHOUSE_FILE: &str = "restricted/warehouse.duckdb";
/// A link to it where it used to lie, for those who may enter.
const WAREHOUSE_LINK: &str = "warehouse.duckdb";
/// Aggregated and suppressed; for BI.
pub const PUBLIC_FILE: &str = "tertial.duckdb";

/// Begins the name of a folder that is being filled.
const BUILDING: &str = ".building-";
/// Begins the name of a folder that holds a whole warehouse and waits.
const BUILT: &str = ".built-";

/// Which groups may read a release, by id; none is the group of whoever publishes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Access {
    /// May enter the restricted folder, and read rows of persons.
    pub restricted: Option<u32>,
    /// May read the public database. When it is named, nobody else's group is needed to get there:
    /// the folders above let everyone through and show nobody what they hold.
    pub public: Option<u32>,
}

/// The releases of a project.
#[derive(Debug, Clone)]
pub struct Releases {
    folder: PathBuf,
    access: Access,
}

/// The row-level database of a release; releases of older programs have it beside the public one.
pub fn warehouse_of(release: &Path) -> PathBuf {
    let path = release.join(WAREHOUSE_FILE);
    if path.exists() { path } else { release.join(WAREHOUSE_LINK) }
}

impl Releases {
    /// The folder `releases` below the data folder.
    pub fn new(data: &Path) -> Releases {
        Releases { folder: data.join("releases"), access: Access::default() }
    }

    /// The same, to be read by these groups once published.
    pub fn with_access(self, access: Access) -> Releases {
        Releases { access, ..self }
    }

    /// A private folder to build in; an earlier attempt's leavings are removed.
    pub fn private_folder(&self, id: &str) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.folder)?;
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if [BUILDING, BUILT].iter().any(|prefix| name.starts_with(prefix)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let folder = self.folder.join(format!("{BUILDING}{id}"));
        fs::create_dir(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(0o750))?;
        let restricted = folder.join(RESTRICTED_FOLDER);
        fs::create_dir(&restricted)?;
        fs::set_permissions(&restricted, Permissions::from_mode(0o750))?;
        Ok(folder)
    }

    /// Says that a private folder holds a whole warehouse; only such a one may be published.
    pub fn mark_built(&self, private: &Path, id: &str) -> io::Result<PathBuf> {
        let built = self.folder.join(format!("{BUILT}{id}"));
        fs::rename(private, &built)?;
        Ok(built)
    }

    /// The whole warehouse that waits to be published, with its id.
    pub fn waiting(&self) -> Option<(PathBuf, String)> {
        let entries = fs::read_dir(&self.folder).ok()?.flatten();
        entries.into_iter().find_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            Some((entry.path(), name.strip_prefix(BUILT)?.to_owned()))
        })
    }

    /// The release in force, `None` before the first.
    pub fn current(&self) -> Option<PathBuf> {
        let target = fs::read_link(self.folder.join("current")).ok()?;
        let folder = self.folder.join(target);
        folder.is_dir().then_some(folder)
    }

    /// The path readers open: `releases/current/<file>`.
    pub fn current_file(&self, file: &str) -> PathBuf {
        let current = self.folder.join("current");
        if file == WAREHOUSE_FILE { warehouse_of(&current) } else { current.join(file) }
    }

    /// The id of the release in force.
    pub fn current_id(&self) -> Option<String> {
        Some(self.current()?.file_name()?.to_string_lossy().into_owned())
    }

    /// Where a release lies.
    pub fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// The files of a release as they were published; none when the list is gone or damaged.
    pub fn listing(&self, id: &str) -> Option<Listing> {
        let listing = Listing::parse(&fs::read(self.path(id).join(LISTING)).ok()?)?;
        (listing.release == id).then_some(listing)
    }

    /// Lists the files of a release as they lie there.
    pub fn list_again(&self, id: &str) -> io::Result<()> {
        let folder = self.path(id);
        match fs::remove_file(folder.join(LISTING)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        list(&folder, id)?;
        fs::set_permissions(folder.join(LISTING), Permissions::from_mode(0o444))
    }

    /// Lays the link to the row-level database of a release again, where it is gone.
    pub fn link_again(&self, id: &str) -> io::Result<()> {
        let folder = self.path(id);
        let link = folder.join(WAREHOUSE_LINK);
        if !folder.join(WAREHOUSE_FILE).exists() || link.symlink_metadata().is_ok() {
            return Ok(());
        }
        symlink(WAREHOUSE_FILE, link)
    }

    /// Puts a whole release that lies there in force again.
    pub fn put_in_force(&self, id: &str) -> io::Result<()> {
        let link = self.folder.join(".current-next");
        if link.symlink_metadata().is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(id, &link)?;
        let current = self.folder.join("current");
        // Something else may stand in the link's place.
        if current.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            fs::remove_dir_all(&current)?;
        }
        fs::rename(&link, current)?;
        File::open(&self.folder)?.sync_all()
    }

    /// Whether every file of a release is as it was published. Reads every byte.
    pub fn is_whole(&self, id: &str) -> bool {
        let folder = self.path(id);
        self.listing(id).is_some_and(|listing| {
            let is_sound = |(name, written): (&String, &Listed)| {
                listed(&folder.join(name)).is_ok_and(|found| found == *written)
            };
            listing.files.iter().all(is_sound)
        })
    }

    /// Publishes a private folder under an id and keeps the newest `keep` releases.
    pub fn publish(
        &self,
        private: &Path,
        id: &str,
        keep: usize,
    ) -> Result<PathBuf, Box<Diagnostic>> {
        for file in [WAREHOUSE_FILE, PUBLIC_FILE] {
            verify(&private.join(file))?;
        }
        self.publish_verified(private, id, keep).map_err(|error| {
            let place = Location::file(self.folder.to_string_lossy());
            Box::new(
                Diagnostic::error(
                    Code::FileAccess,
                    format!("the release could not be published: {error}"),
                    place,
                )
                .with_effect("the release that was published last stays in force"),
            )
        })
    }

    fn publish_verified(&self, private: &Path, id: &str, keep: usize) -> io::Result<PathBuf> {
        list(private, id)?;
        self.give_access(private)?;
        make_durable(private)?;
        let release = self.folder.join(id);
        if !release.exists() {
            fs::rename(private, &release)?;
        } else if self.is_whole(id) {
            // The same inputs were published before and something else was put in force since.
            fs::remove_dir_all(private)?;
        } else {
            replace(private, &release)?;
            self.give_access(&release)?;
        }
        File::open(&self.folder)?.sync_all()?;
        self.put_in_force(id)?;
        self.forget(keep, id)?;
        Ok(release)
    }

    /// Removes all but the newest `keep` releases; the one in force always stays.
    fn forget(&self, keep: usize, in_force: &str) -> io::Result<()> {
        let mut ids = self.list()?;
        ids.retain(|id| id != in_force);
        let surplus = (ids.len() + 1).saturating_sub(keep.max(1));
        for id in ids.into_iter().take(surplus) {
            fs::remove_dir_all(self.folder.join(id))?;
        }
        Ok(())
    }

    /// The ids of all releases, oldest first by the time of their publication.
    pub fn list(&self) -> io::Result<Vec<String>> {
        if !self.folder.exists() {
            return Ok(Vec::new());
        }
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && name != "current" && entry.path().is_dir() {
                ids.push((entry.metadata()?.modified()?, name));
            }
        }
        ids.sort();
        Ok(ids.into_iter().map(|(_, id)| id).collect())
    }
}

/// Opens a database file read-only and reads every table and view; `T0802` when that fails.
pub fn verify(path: &Path) -> Result<Vec<(String, u64)>, Box<Diagnostic>> {
    let failed = |error: EngineError| {
        let place = Location::file(path.to_string_lossy());
        let message = format!("a built database cannot be read back: {error}");
        Box::new(
            Diagnostic::error(Code::UnverifiedRelease, message, place)
                .with_effect("the release that was published last stays in force"),
        )
    };
    let engine = Engine::open_read_only(path).map_err(failed)?;
    let mut counts = Vec::new();
    for (name, _) in engine.relations().map_err(failed)? {
        let count = engine
            .scalar(&format!("select count(*) from {}", qualified(&name)), &[])
            .map_err(failed)?;
        counts.push((name, count.and_then(|text| text.parse().ok()).unwrap_or(0)));
    }
    Ok(counts)
}

/// Size and hash of a file.
fn listed(path: &Path) -> io::Result<Listed> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Listed { bytes, sha256: hex(&hasher.finalize()) }),
            count => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
        }
    }
}

/// Writes the list of a private folder's files.
fn list(folder: &Path, id: &str) -> io::Result<()> {
    let mut listing = Listing { release: id.to_owned(), ..Listing::default() };
    let mut open = vec![folder.to_owned()];
    while let Some(inner) = open.pop() {
        for entry in fs::read_dir(inner)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() && name != LISTING {
                listing.files.insert(name, listed(&path)?);
            }
        }
    }
    fs::write(folder.join(LISTING), listing.to_json())
}

/// Puts the files of a private folder in the place of a damaged release's, one by one, the list last:
/// a reader keeps what it has open, and a run that dies in between leaves a release that is still
/// seen to be damaged.
fn replace(private: &Path, release: &Path) -> io::Result<()> {
    if !release.is_dir() {
        fs::remove_file(release)?;
        fs::create_dir(release)?;
    }
    fs::set_permissions(release, Permissions::from_mode(0o750))?;
    let mut names = Vec::new();
    for entry in fs::read_dir(private)? {
        names.push(entry?.file_name());
    }
    names.sort_by_key(|name| name == LISTING);
    for name in names {
        let target = release.join(&name);
        if target.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            fs::remove_dir_all(&target)?;
        }
        fs::rename(private.join(&name), target)?;
    }
    File::open(release)?.sync_all()?;
    fs::remove_dir_all(private)
}

impl Releases {
    /// Read-only files, and folders that let those in who may.
    fn give_access(&self, private: &Path) -> io::Result<()> {
        let link = private.join(WAREHOUSE_LINK);
        if link.symlink_metadata().is_err() {
            symlink(WAREHOUSE_FILE, &link)?;
        }
        let Access { restricted, public } = self.access;
        give(&private.join(WAREHOUSE_FILE), restricted, 0o440)?;
        give(&private.join(RESTRICTED_FOLDER), restricted, 0o750)?;
        give(&private.join(PUBLIC_FILE), public, if public.is_some() { 0o440 } else { 0o444 })?;
        give(private, public, if public.is_some() { 0o751 } else { 0o750 })?;
        if public.is_some() {
            let above = [Some(self.folder.as_path()), self.folder.parent()];
            for folder in above.into_iter().flatten() {
                let mode = fs::metadata(folder)?.permissions().mode() & 0o777;
                fs::set_permissions(folder, Permissions::from_mode(mode | 0o001))?;
            }
        }
        Ok(())
    }
}

/// Gives a file or folder its mode, and to a group when one is named.
fn give(path: &Path, group: Option<u32>, mode: u32) -> io::Result<()> {
    if let Some(group) = group {
        chown(path, None, Some(group)).map_err(|error| {
            let what = format!("group {group} cannot be given {}: {error}", path.display());
            io::Error::new(error.kind(), what)
        })?;
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Files synced, then their folders.
fn make_durable(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            make_durable(&entry.path())?;
        } else if kind.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineSettings;
    use crate::value::Value;
    use std::os::unix::fs::MetadataExt;

    fn build(releases: &Releases, id: &str, value: i64) -> PathBuf {
        let folder = releases.private_folder(id).unwrap();
        for file in [WAREHOUSE_FILE, PUBLIC_FILE] {
            let engine = Engine::create(&folder.join(file), &EngineSettings::default()).unwrap();
            engine.create_schemas().unwrap();
            let row = vec![Value::Integer(value), Value::Text("å".into())];
            engine
                .create_table("mart.numbers", &[("n", "bigint"), ("t", "varchar")], [row])
                .unwrap();
            engine.close().unwrap();
        }
        folder
    }

    fn answer(releases: &Releases) -> String {
        let engine = Engine::open_read_only(&releases.current_file(PUBLIC_FILE)).unwrap();
        engine.scalar("select n from mart.numbers", &[]).unwrap().unwrap()
    }

    #[test]
    fn a_new_release_replaces_the_old_one_and_the_oldest_goes() {
        let data = tempfile::tempdir().unwrap();
        let releases = Releases::new(data.path());
        assert!(releases.current().is_none());
        for (id, value) in [("r1", 1), ("r2", 2), ("r3", 3)] {
            let folder = build(&releases, id, value);
            releases.publish(&folder, id, 2).unwrap();
            assert_eq!(answer(&releases), value.to_string());
        }
        assert_eq!(releases.list().unwrap(), ["r2", "r3"]);
    }

    #[test]
    fn a_damaged_release_is_mended_by_publishing_it_again() {
        let data = tempfile::tempdir().unwrap();
        let releases = Releases::new(data.path());
        releases.publish(&build(&releases, "r1", 1), "r1", 3).unwrap();
        let folder = data.path().join("releases/r1");
        let listing = releases.listing("r1").unwrap();
        assert_eq!(listing.files.keys().collect::<Vec<_>>(), [WAREHOUSE_FILE, PUBLIC_FILE]);
        // A sound one stays as it is, whatever would be put in its place.
        releases.publish(&build(&releases, "r1", 2), "r1", 3).unwrap();
        assert_eq!((answer(&releases), releases.listing("r1")), ("1".to_owned(), Some(listing)));
        type Spoil = (&'static str, fn(&Path));
        let spoil: [Spoil; 4] = [
            ("gone", |path| fs::remove_file(path).unwrap()),
            ("cut", |path| {
                fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
                File::options().write(true).open(path).unwrap().set_len(5).unwrap();
            }),
            ("changed", |path| {
                let mut bytes = fs::read(path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                fs::remove_file(path).unwrap();
                fs::write(path, bytes).unwrap();
            }),
            ("a folder", |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            }),
        ];
        for (number, (how, spoil)) in (3..).zip(spoil) {
            spoil(&folder.join(PUBLIC_FILE));
            releases.publish(&build(&releases, "r1", number), "r1", 3).unwrap();
            assert_eq!(answer(&releases), number.to_string(), "{how}");
        }
        fs::remove_file(data.path().join("releases/current")).unwrap();
        releases.put_in_force("r1").unwrap();
        assert_eq!(releases.current_id().as_deref(), Some("r1"));
    }

    #[test]
    fn the_two_databases_lie_apart_and_the_old_path_still_leads_there() {
        let data = tempfile::tempdir().unwrap();
        fs::set_permissions(data.path(), Permissions::from_mode(0o700)).unwrap();
        let own = fs::metadata(data.path()).unwrap().gid();
        let access = Access { restricted: Some(own), public: Some(own) };
        let releases = Releases::new(data.path()).with_access(access);
        let release = releases.publish(&build(&releases, "r1", 1), "r1", 3).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&release.join(RESTRICTED_FOLDER)), 0o750);
        assert_eq!(mode(&release.join(WAREHOUSE_FILE)), 0o440);
        assert_eq!(mode(&release.join(PUBLIC_FILE)), 0o440);
        assert_eq!(mode(&release), 0o751);
        assert_eq!(mode(data.path()) & 0o007, 0o001);
        assert!(!fs::metadata(release.join(WAREHOUSE_LINK)).unwrap().is_symlink());
        let old = fs::canonicalize(data.path().join("releases/current").join(WAREHOUSE_LINK));
        assert_eq!(old.unwrap(), fs::canonicalize(release.join(WAREHOUSE_FILE)).unwrap());
        assert!(Engine::open_read_only(&releases.current_file(WAREHOUSE_FILE)).is_ok());
    }

    #[test]
    fn without_groups_only_the_own_group_gets_in() {
        let data = tempfile::tempdir().unwrap();
        let releases = Releases::new(data.path());
        let release = releases.publish(&build(&releases, "r1", 1), "r1", 3).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&release), mode(&release.join(PUBLIC_FILE))), (0o750, 0o444));
    }

    #[test]
    fn an_open_reader_keeps_its_release() {
        let data = tempfile::tempdir().unwrap();
        let releases = Releases::new(data.path());
        releases.publish(&build(&releases, "r1", 1), "r1", 3).unwrap();
        let reader = Engine::open_read_only(&releases.current_file(PUBLIC_FILE)).unwrap();
        releases.publish(&build(&releases, "r2", 2), "r2", 3).unwrap();
        let old = reader.scalar("select n from mart.numbers", &[]).unwrap();
        assert_eq!(old.as_deref(), Some("1"));
    }

    #[test]
    fn a_damaged_file_is_never_published() {
        let data = tempfile::tempdir().unwrap();
        let releases = Releases::new(data.path());
        releases.publish(&build(&releases, "r1", 1), "r1", 3).unwrap();
        let folder = build(&releases, "r2", 2);
        fs::write(folder.join(PUBLIC_FILE), b"not a database").unwrap();
        let fault = releases.publish(&folder, "r2", 3).unwrap_err();
        assert_eq!(fault.code, Code::UnverifiedRelease);
        assert_eq!(answer(&releases), "1");
    }

    #[test]
    fn a_question_cannot_leave_the_release() {
        let data = tempfile::tempdir().unwrap();
        let releases = Releases::new(data.path());
        releases.publish(&build(&releases, "r1", 1), "r1", 3).unwrap();
        let engine = Engine::open_read_only(&releases.current_file(PUBLIC_FILE)).unwrap();
        for sql in [
            "create table x as select 1",
            "copy mart.numbers to '/tmp/out.csv'",
            "select * from read_csv('/etc/passwd')",
            "attach '/tmp/x.duckdb'",
            "load httpfs",
        ] {
            assert!(engine.execute(sql).is_err(), "{sql}");
        }
    }
}

//! Releases: a folder each, immutable once published, behind the directory symlink `current`.
//!
//! Order of a publication: verify the private files read-only, make them durable, rename the folder
//! into `releases/<id>`, flip `current` with one rename, forget the oldest. A crash at any instant
//! leaves the old release or the new one in force, never neither; what it leaves behind is swept by
//! the next publication. The *directory* is linked, not the file, because DuckDB names the catalog
//! after the file it really opens.

use crate::engine::{Engine, EngineError, qualified};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tertial_model::{Code, Diagnostic, Location};

/// Row-level, pseudonymised; for statisticians.
pub const WAREHOUSE_FILE: &str = "warehouse.duckdb";
/// Aggregated and suppressed; for BI.
pub const PUBLIC_FILE: &str = "tertial.duckdb";

/// Begins the name of a folder that is being filled.
const BUILDING: &str = ".building-";
/// Begins the name of a folder that holds a whole warehouse and waits.
const BUILT: &str = ".built-";

/// The releases of a project.
#[derive(Debug, Clone)]
pub struct Releases {
    folder: PathBuf,
}

impl Releases {
    /// The folder `releases` below the data folder.
    pub fn new(data: &Path) -> Releases {
        Releases { folder: data.join("releases") }
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
        self.folder.join("current").join(file)
    }

    /// The id of the release in force.
    pub fn current_id(&self) -> Option<String> {
        Some(self.current()?.file_name()?.to_string_lossy().into_owned())
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
                    Code::T0805,
                    format!("the release could not be published: {error}"),
                    place,
                )
                .with_effect("the release that was published last stays in force"),
            )
        })
    }

    fn publish_verified(&self, private: &Path, id: &str, keep: usize) -> io::Result<PathBuf> {
        make_durable(private)?;
        let release = self.folder.join(id);
        if release.exists() {
            // The same inputs were published before and something else was put in force since.
            fs::remove_dir_all(private)?;
        } else {
            fs::rename(private, &release)?;
        }
        File::open(&self.folder)?.sync_all()?;
        let link = self.folder.join(".current-next");
        if link.symlink_metadata().is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(id, &link)?;
        fs::rename(&link, self.folder.join("current"))?;
        File::open(&self.folder)?.sync_all()?;
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
            Diagnostic::error(Code::T0802, message, place)
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

/// Read-only files, synced, then their folder.
fn make_durable(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if !path.is_file() {
            continue;
        }
        File::open(&path)?.sync_all()?;
        let personal = path.file_name().is_some_and(|name| name == WAREHOUSE_FILE);
        let mode = if personal { 0o440 } else { 0o444 };
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineSettings;
    use crate::value::Value;

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
        assert_eq!(fault.code, Code::T0802);
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

//! Removing what crashes and new loads left behind: files that no manifest names.

use crate::{Lake, Lock, atomic};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tertial_model::Diagnostic;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many files.
    pub files: u64,
    /// How many bytes they held.
    pub bytes: u64,
}

impl Lake {
    /// Removes Parquet files that no committed manifest names, everything with a temporary name, and
    /// folders left empty. Only under the lock, because a load under way has files that no manifest
    /// names yet. Nothing is removed when a manifest cannot be read.
    pub fn sweep(&self, _lock: &Lock) -> Result<Swept, Box<Diagnostic>> {
        let loads = self.loads()?;
        let named: BTreeSet<PathBuf> =
            loads.iter().flat_map(|load| load.files()).map(|file| self.path(file)).collect();
        let mut swept = Swept::default();
        let unnamed = |path: &Path, name: &str| {
            atomic::is_temporary(name) || name.ends_with(".parquet") && !named.contains(path)
        };
        let temporary = |_: &Path, name: &str| atomic::is_temporary(name);
        self.sweep_folder(&self.lake_folder(), &unnamed, &mut swept)?;
        self.sweep_folder(&self.rejects_folder(), &unnamed, &mut swept)?;
        self.sweep_folder(&self.manifests_folder(), &temporary, &mut swept)?;
        self.sweep_folder(&self.received_folder(), &temporary, &mut swept)?;
        Ok(swept)
    }

    fn sweep_folder(
        &self,
        folder: &Path,
        goes: &dyn Fn(&Path, &str) -> bool,
        swept: &mut Swept,
    ) -> Result<(), Box<Diagnostic>> {
        let names = atomic::names(folder).map_err(|e| self.unusable("read", folder, &e))?;
        for (name, path) in names {
            let metadata =
                fs::symlink_metadata(&path).map_err(|e| self.unusable("read", &path, &e))?;
            match (metadata.is_dir(), goes(&path, &name)) {
                // A delivery that was being received when the process ended.
                (true, true) => self.sweep_folder(&path, &|_, _| true, swept)?,
                (true, false) => self.sweep_folder(&path, goes, swept)?,
                (false, true) => {
                    self.remove_file(&path)?;
                    swept.files += 1;
                    swept.bytes += metadata.len();
                }
                (false, false) => {}
            }
            if metadata.is_dir() {
                self.remove_empty(&path)?;
            }
        }
        Ok(())
    }

    fn remove_empty(&self, folder: &Path) -> Result<(), Box<Diagnostic>> {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => {
                Err(self.unusable("remove", folder, &error))
            }
            _ => Ok(()),
        }
    }
}

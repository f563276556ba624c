//! Whether what lies stored is still what was written, and putting back what can be put back.
//!
//! A glance asks for the size and costs next to nothing; a look reads every byte. Which of the two is
//! due when, and what follows from damage, is for others to say. What was looked at once in a process
//! is not read again.

use crate::drop_folder::open_plain;
use crate::receive::{MANIFEST, hash_file};
use crate::{DeliveryManifest, Lake, LakeFile, SHARED_FOLDER, atomic};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tertial_model::Diagnostic;
use tertial_model::seal::Listed;

/// Files that were found damaged and are to be read in whole by the next night.
const SUSPECTS: &str = "suspects.json";

/// A stored file and what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies.
    pub path: PathBuf,
    /// What was written there.
    pub written: Listed,
}

/// What is wrong with a stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// It is gone.
    Gone,
    /// Something else stands in its place, or it cannot be read.
    Unreadable(String),
    /// It has another size.
    Size(u64),
    /// It has other bytes, with this hash.
    Bytes(String),
}

impl Damage {
    /// What was found, in words.
    pub fn found(&self) -> String {
        match self {
            Damage::Gone => "no file".to_owned(),
            Damage::Unreadable(fault) => fault.clone(),
            Damage::Size(bytes) => format!("{bytes} bytes"),
            Damage::Bytes(sha256) => format!("sha256 `{sha256}`"),
        }
    }

    /// What was written, in the words that answer to [`Damage::found`].
    pub fn expected(&self, written: &Listed) -> String {
        match self {
            Damage::Bytes(_) => format!("sha256 `{}`", written.sha256),
            _ => format!("{} bytes", written.bytes),
        }
    }
}

impl Stored {
    /// Asks for the size.
    pub fn glance(&self) -> Option<Damage> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Damage::Gone),
            Err(error) => Some(Damage::Unreadable(error.to_string())),
            Ok(found) if !found.is_file() => Some(Damage::Unreadable("no file".to_owned())),
            Ok(found) if found.len() != self.written.bytes => Some(Damage::Size(found.len())),
            Ok(_) => None,
        }
    }

    /// Reads every byte.
    pub fn look(&self) -> Option<Damage> {
        if let Some(damage) = self.glance() {
            return Some(damage);
        }
        match hash_file(&self.path) {
            Err(error) => Some(Damage::Unreadable(error.to_string())),
            Ok((sha256, _)) if sha256 == self.written.sha256 => None,
            Ok((sha256, _)) => Some(Damage::Bytes(sha256)),
        }
    }
}

/// Sound receipts, and of each of the others source, id and fault.
pub type SoundReceived = (Vec<DeliveryManifest>, Vec<(String, String, Box<Diagnostic>)>);

impl Lake {
    /// A Parquet file and what its manifest says of it.
    pub fn stored_file(&self, file: &LakeFile) -> Stored {
        let written = Listed { bytes: file.bytes, sha256: file.sha256.clone() };
        Stored { path: self.path(file), written }
    }

    /// The received bytes of a delivery and what its manifest says of them.
    pub fn stored_bytes(&self, delivery: &DeliveryManifest) -> Stored {
        let written = Listed { bytes: delivery.bytes, sha256: delivery.sha256.clone() };
        Stored { path: self.received_path(delivery), written }
    }

    /// As [`Stored::look`], once in a process.
    pub fn look(&self, stored: &Stored) -> Option<Damage> {
        let key = (stored.path.clone(), stored.written.sha256.clone());
        let seen = || self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen().contains(&key) && stored.glance().is_none() {
            return None;
        }
        let damage = stored.look();
        if damage.is_none() {
            seen().insert(key);
        }
        damage
    }

    /// The deliveries whose receipt can be read, and of the others source, id and fault.
    pub fn sound_received(&self) -> Result<SoundReceived, Box<Diagnostic>> {
        let (mut sound, mut faults) = (Vec::new(), Vec::new());
        for (source, id) in self.received_ids()? {
            match self.delivery(&source, &id) {
                Ok(delivery) => sound.extend(delivery),
                Err(fault) => faults.push((source, id, fault)),
            }
        }
        Ok((sound, faults))
    }

    /// Whether a file holds the bytes of a delivery. Links are not followed.
    pub fn holds(&self, path: &Path, delivery_sha256: &str) -> bool {
        let is_plain = open_plain(path).is_ok();
        is_plain && hash_file(path).is_ok_and(|(sha256, _)| sha256 == delivery_sha256)
    }

    /// Writes the receipt of a delivery anew, from another manifest's copy of it.
    pub fn restore_receipt(&self, delivery: &DeliveryManifest) -> Result<(), Box<Diagnostic>> {
        let path = self.delivery_folder(&delivery.source, &delivery.id).join(MANIFEST);
        let bytes = crate::manifest::sealed(delivery);
        atomic::write_with_mode(&path, &bytes, crate::PRIVATE_FILE)
            .map_err(|error| self.unusable("write", &path, &error))
    }

    /// Takes a delivery's folder away, damaged as it is, so that its bytes can be received anew.
    pub fn set_aside(&self, source: &str, id: &str) -> Result<(), Box<Diagnostic>> {
        let folder = self.delivery_folder(source, id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.unusable("remove", &folder, &error))
            }
            _ => Ok(()),
        }
    }

    /// Removes a Parquet file that is not what was written, so that it is made again.
    pub fn discard(&self, stored: &Stored) -> Result<(), Box<Diagnostic>> {
        self.remove_file(&stored.path)
    }

    /// Remembers files that were found damaged; the next night reads them in whole.
    pub fn suspect<'a>(
        &self,
        paths: impl IntoIterator<Item = &'a Path>,
    ) -> Result<(), Box<Diagnostic>> {
        let mut all = self.suspects();
        all.extend(paths.into_iter().map(Path::to_path_buf));
        all.sort();
        all.dedup();
        let path = self.data_dir().join(SUSPECTS);
        if all.is_empty() {
            return self.remove_file(&path);
        }
        let names: Vec<String> = all
            .iter()
            .map(|path| path.strip_prefix(self.data_dir()).unwrap_or(path).display().to_string())
            .collect();
        let bytes = serde_json::to_vec_pretty(&names).expect("texts");
        atomic::create_dir(self.data_dir(), SHARED_FOLDER)
            .and_then(|()| atomic::write(&path, &bytes))
            .map_err(|error| self.unusable("write", &path, &error))
    }

    /// The files that were found damaged.
    pub fn suspects(&self) -> Vec<PathBuf> {
        let bytes = fs::read(self.data_dir().join(SUSPECTS)).unwrap_or_default();
        let names: Vec<String> = serde_json::from_slice(&bytes).unwrap_or_default();
        names.into_iter().map(|name| self.data_dir().join(name)).collect()
    }

    /// Forgets them: they have been looked at.
    pub fn clear_suspects(&self) -> Result<(), Box<Diagnostic>> {
        self.remove_file(&self.data_dir().join(SUSPECTS))
    }

    /// Whether every manifest must have its seal.
    pub fn is_sealed(&self) -> bool {
        self.is_sealed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_sees_the_size_and_a_look_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let stored = Stored { path: path.clone(), written: Listed::of(b"abc") };
        assert_eq!(stored.glance(), Some(Damage::Gone));
        fs::write(&path, "abc").unwrap();
        assert_eq!((stored.glance(), stored.look()), (None, None));
        fs::write(&path, "abd").unwrap();
        assert_eq!(stored.glance(), None);
        assert_eq!(stored.look(), Some(Damage::Bytes(tertial_model::seal::sha256(b"abd"))));
        fs::write(&path, "ab").unwrap();
        assert_eq!(
            (stored.glance(), stored.look()),
            (Some(Damage::Size(2)), Some(Damage::Size(2)))
        );
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(stored.look(), Some(Damage::Unreadable(_))));
    }

    #[test]
    fn suspects_are_remembered_until_they_were_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        assert!(lake.suspects().is_empty());
        let (a, b) = (lake.data_dir().join("lake/a"), lake.data_dir().join("lake/b"));
        lake.suspect([b.as_path()]).unwrap();
        lake.suspect([a.as_path(), b.as_path()]).unwrap();
        assert_eq!(lake.suspects(), [a, b]);
        lake.clear_suspects().unwrap();
        assert!(lake.suspects().is_empty());
    }
}

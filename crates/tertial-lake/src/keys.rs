//! Which keys the lake's pseudonyms were made with: their ids, never the keys.
//!
//! `data/keys.json` holds a line of history per key, the one in use last. A key that is not that one
//! makes other codes of the same persons, so nothing is loaded with it before somebody has said that
//! the change is meant. Whether a key is needed, where it comes from and what is told when it is
//! another, is the caller's business.

use crate::manifest::sealed;
use crate::{Lake, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tertial_model::Diagnostic;

/// A key the lake has been loaded with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownKey {
    /// Its id.
    pub id: String,
    /// From when on, RFC 3339, UTC.
    pub since: String,
}

/// What is kept: an object, since the seal is its last field.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    keys: Vec<KnownKey>,
}

/// How a key stands to those the lake knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStanding {
    /// It is the one in use.
    Known,
    /// The lake has never been loaded with a key.
    First,
    /// Another one is in use.
    Other(KnownKey),
}

impl Lake {
    /// The keys so far, the one in use last; empty when there was none.
    pub fn keys(&self) -> Result<Vec<KnownKey>, Box<Diagnostic>> {
        let hint = "take the file back from a backup of `data`, or remove it and state the key's id \
                    with `--new-key`";
        let kept: Option<Kept> = self.read_manifest(&self.keys_path(), hint)?;
        Ok(kept.unwrap_or_default().keys)
    }

    /// How the key with an id stands to those the lake knows.
    pub fn standing_of_key(&self, id: &str) -> Result<KeyStanding, Box<Diagnostic>> {
        Ok(match self.keys()?.pop() {
            None => KeyStanding::First,
            Some(known) if known.id == id => KeyStanding::Known,
            Some(other) => KeyStanding::Other(other),
        })
    }

    /// Takes a key into use from a moment on; on disk when this returns.
    pub fn take_key(&self, id: &str, since: &str) -> Result<(), Box<Diagnostic>> {
        let mut keys = self.keys()?;
        keys.push(KnownKey { id: id.to_owned(), since: since.to_owned() });
        let path = self.keys_path();
        atomic::create_dir(self.data_dir(), SHARED_FOLDER)
            .and_then(|()| atomic::write(&path, &sealed(&Kept { keys })))
            .map_err(|error| self.unusable("write", &path, &error))
    }

    fn keys_path(&self) -> PathBuf {
        self.data_dir().join("keys.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_once_it_was_taken_into_use() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        assert_eq!(lake.standing_of_key("aa").unwrap(), KeyStanding::First);
        lake.take_key("aa", "2024-09-16T06:00:00Z").unwrap();
        assert_eq!(lake.standing_of_key("aa").unwrap(), KeyStanding::Known);
        let first = KnownKey { id: "aa".to_owned(), since: "2024-09-16T06:00:00Z".to_owned() };
        assert_eq!(lake.standing_of_key("bb").unwrap(), KeyStanding::Other(first));
        lake.take_key("bb", "2024-10-01T06:00:00Z").unwrap();
        assert_eq!(lake.standing_of_key("bb").unwrap(), KeyStanding::Known);
        assert!(matches!(lake.standing_of_key("aa").unwrap(), KeyStanding::Other(_)));
        assert_eq!(lake.keys().unwrap().len(), 2);
    }

    #[test]
    fn a_damaged_record_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        lake.take_key("aa", "2024-09-16T06:00:00Z").unwrap();
        std::fs::write(folder.path().join("data/keys.json"), "{").unwrap();
        insta::assert_snapshot!(lake.standing_of_key("aa").unwrap_err(), @"
        error[T0806]: a stored manifest is damaged
           --> data/keys.json
            = found:    EOF while parsing an object at line 1 column 1

        hint: take the file back from a backup of `data`, or remove it and state the key's id with `--new-key`
        ");
    }
}

//! Seals: small stored JSON files that carry the hash of themselves, so that a byte that changed, a
//! line that was taken out and an edit by hand are noticed when the file is read.
//!
//! A seal stands as the last key of the document and covers every byte before it. It is no signature:
//! it tells damage and well-meant edits, not an enemy who can write in the folder. Reading and writing
//! files is left to others.
//!
//! ```text
//! {
//!   "id": "hr-ba7816bf8f01",
//!   "seal": "9f86d081…"
//! }
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What stands before a seal.
const OPENING: &[u8] = b",\n  \"seal\": \"";
/// What stands behind it.
const CLOSING: &[u8] = b"\"\n}\n";
/// How a document ends that has no seal.
const END: &[u8] = b"\n}\n";
/// Hexadecimal digits of a seal.
const DIGITS: usize = 64;

/// What a seal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// The document is as it was written.
    Sound,
    /// It was written before there were seals, or its seal was taken off.
    Missing,
    /// It is not as it was written.
    Broken,
}

/// An indented JSON object with its seal. Anything else is returned as it is.
pub fn seal(document: &[u8]) -> Vec<u8> {
    let Some(body) = document.strip_suffix(END).filter(|body| body.len() > 1) else {
        return document.to_vec();
    };
    let mut sealed = body.to_vec();
    sealed.extend_from_slice(OPENING);
    sealed.extend_from_slice(sha256(body).as_bytes());
    sealed.extend_from_slice(CLOSING);
    sealed
}

/// Whether a document is as it was sealed.
pub fn check(document: &[u8]) -> Seal {
    let head = document.strip_suffix(CLOSING).and_then(|rest| {
        let at = rest.len().checked_sub(DIGITS)?;
        let (head, digits) = rest.split_at(at);
        Some((head.strip_suffix(OPENING)?, digits))
    });
    match head {
        Some((body, digits)) if sha256(body).as_bytes() == digits => Seal::Sound,
        Some(_) => Seal::Broken,
        // Most damage to a seal leaves its name.
        None if mentions_seal(document) => Seal::Broken,
        None => Seal::Missing,
    }
}

/// A sealed document without its seal; none when it is not as it was sealed.
pub fn unsealed(document: &[u8]) -> Option<Vec<u8>> {
    if check(document) != Seal::Sound {
        return None;
    }
    let body = document.len() - OPENING.len() - DIGITS - CLOSING.len();
    Some([&document[..body], END].concat())
}

fn mentions_seal(document: &[u8]) -> bool {
    document.windows(6).any(|window| window == b"\"seal\"")
}

/// SHA-256, hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The files of a folder as they were written, for folders that hold no manifest of their own: a
/// release, a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The release that the files belong to.
    pub release: String,
    /// The files, by their path in the folder.
    pub files: BTreeMap<String, Listed>,
}

/// A file as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// How many bytes.
    pub bytes: u64,
    /// Hash of the bytes, hex.
    pub sha256: String,
}

impl Listed {
    /// Of bytes at hand.
    pub fn of(bytes: &[u8]) -> Listed {
        Listed { bytes: bytes.len() as u64, sha256: sha256(bytes) }
    }
}

impl Listing {
    /// The sealed document.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("text keys");
        bytes.push(b'\n');
        seal(&bytes)
    }

    /// Reads the document; none when it is not as it was written.
    pub fn parse(document: &[u8]) -> Option<Listing> {
        let is_sound = check(document) == Seal::Sound;
        is_sound.then(|| serde_json::from_slice(document).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = b"{\n  \"id\": \"hr-1\",\n  \"rows\": 3\n}\n";

    #[test]
    fn a_sealed_document_is_still_json_and_sound() {
        let sealed = seal(DOCUMENT);
        assert_eq!(check(&sealed), Seal::Sound);
        assert_eq!(check(DOCUMENT), Seal::Missing);
        assert_eq!(unsealed(&sealed).as_deref(), Some(DOCUMENT));
        assert_eq!(unsealed(DOCUMENT), None);
        let value: serde_json::Value = serde_json::from_slice(&sealed).unwrap();
        assert_eq!((&value["id"], &value["rows"]), (&"hr-1".into(), &3.into()));
        assert_eq!(value["seal"].as_str().unwrap().len(), DIGITS);
    }

    #[test]
    fn a_changed_byte_is_noticed_wherever_it_stands() {
        let sealed = seal(DOCUMENT);
        let name = sealed.windows(6).position(|window| window == b"\"seal\"").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            // A seal whose very name was changed is none; the lake asks every manifest for one.
            let expected =
                if (name..name + 6).contains(&at) { Seal::Missing } else { Seal::Broken };
            assert_eq!(check(&changed), expected, "byte {at}");
        }
        for end in 0..sealed.len() {
            assert_ne!(check(&sealed[..end]), Seal::Sound, "cut at {end}");
        }
    }

    #[test]
    fn a_listing_is_read_back_or_not_at_all() {
        let files = BTreeMap::from([("a.html".to_owned(), Listed::of(b"abc"))]);
        let listing = Listing { release: "2024-09-16-ab".to_owned(), files };
        let document = listing.to_json();
        assert_eq!(Listing::parse(&document), Some(listing));
        assert_eq!(Listing::parse(&document[1..]), None);
        assert_eq!(Listing::parse(b""), None);
    }

    #[test]
    fn what_is_no_indented_object_is_left_alone() {
        for text in ["", "{}\n", "[]\n", "\n}\n"] {
            assert_eq!(seal(text.as_bytes()), text.as_bytes());
        }
    }
}

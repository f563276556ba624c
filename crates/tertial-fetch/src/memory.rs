//! What is remembered of earlier fetches, so that a night without news brings nothing.

use crate::spool::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tertial_model::Origin;
use tertial_model::seal::{self, Seal};

/// The last answer of every file, under `source/file`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory {
    answers: BTreeMap<String, Kept>,
}

/// What is remembered of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Hash of the request; another request's answer says nothing.
    pub request: String,
    /// The way it came.
    pub origin: Origin,
    /// `ETag` of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified` of the answer; of a file over SFTP, the second it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Hash of the file that was delivered.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Number of pages.
    pub pages: u32,
}

impl Memory {
    /// Reads a memory that was written; anything else is an empty one, and all is fetched again.
    pub fn parse(json: &[u8]) -> Memory {
        let document = match seal::check(json) {
            Seal::Sound => seal::unsealed(json).unwrap_or_default(),
            // Written before there were seals.
            Seal::Missing => json.to_vec(),
            Seal::Broken => return Memory::default(),
        };
        serde_json::from_slice(&document).unwrap_or_default()
    }

    /// For writing down.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("text keys");
        bytes.push(b'\n');
        seal::seal(&bytes)
    }

    /// What is remembered of a file.
    pub fn of(&self, key: &str) -> Option<&Kept> {
        self.answers.get(key)
    }

    pub(crate) fn keep(&mut self, key: String, kept: Kept) {
        self.answers.insert(key, kept);
    }
}

/// One text for one request: the entry as it is written and the address as it is filled. Headers
/// and log-ins go in as written, so that no secret leaves a trace.
pub(crate) fn request_id(request: &impl Serialize) -> String {
    let text = serde_json::to_string(request).expect("plain values");
    hex(&Sha256::digest(text.as_bytes()))
}

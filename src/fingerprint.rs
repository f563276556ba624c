//! Hashes that decide whether anything has to be done again.

use sha2::{Digest, Sha256};

/// Collects named texts; the order of the calls matters, the lengths are part of the hash.
#[derive(Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins with the program's version: another program may compute otherwise.
    pub fn new() -> Fingerprint {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add("program", env!("CARGO_PKG_VERSION"));
        fingerprint
    }

    /// Adds a named text.
    pub fn add(&mut self, name: &str, text: impl AsRef<[u8]>) {
        for part in [name.as_bytes(), text.as_ref()] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    /// Hex.
    pub fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

//! Pseudonyms: keyed hashes of persons' identifiers, one key per purpose.
//!
//! HMAC-SHA-256. Each purpose has its own key, derived from the one secret, so that a pseudonym of
//! one purpose cannot be joined with one of another. Where the secret comes from is the caller's
//! business; it is wiped from memory when dropped and never printed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use tertial_model::{Code, Diagnostic, Location};
use zeroize::Zeroizing;

/// Fewest bytes a secret read from text may have.
pub const MINIMUM_BYTES: usize = 32;
/// How many hexadecimal characters a pseudonym has.
pub const PSEUDONYM_LENGTH: usize = 32;

/// The secret all pseudonyms depend on.
#[derive(Clone)]
pub struct PseudonymKey {
    secret: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(<masked>)")
    }
}

impl PseudonymKey {
    /// A key of these bytes, whatever they are.
    pub fn new(bytes: impl Into<Vec<u8>>) -> PseudonymKey {
        PseudonymKey { secret: Zeroizing::new(bytes.into()) }
    }

    /// A key from the text of a variable or a key file; refuses one that is too short to be secret.
    /// `origin` says where the text came from, never what it is.
    pub fn from_text(origin: &str, text: &str) -> Result<PseudonymKey, Box<Diagnostic>> {
        let text = text.trim();
        if text.len() >= MINIMUM_BYTES {
            return Ok(PseudonymKey::new(text.as_bytes()));
        }
        let fault = Diagnostic::error(
            Code::T0804,
            "the key for pseudonyms is too short",
            Location::file(origin),
        )
        .with_found(format!("{} characters", text.chars().count()))
        .with_expected(format!("at least {MINIMUM_BYTES} characters drawn at random"))
        .with_hint("make a key once with `openssl rand -hex 32` and keep it for good");
        Err(Box::new(fault))
    }

    /// The pseudonym of a text for a purpose: 32 hexadecimal characters.
    pub fn pseudonym(&self, purpose: &str, text: &str) -> String {
        let mut hex = Vec::with_capacity(PSEUDONYM_LENGTH);
        self.for_purpose(purpose).append(text.as_bytes(), &mut hex);
        hex.into_iter().map(char::from).collect()
    }

    /// The hash of one purpose, ready for many texts.
    pub(crate) fn for_purpose(&self, purpose: &str) -> PurposeHash {
        let mut derivation = keyed(&self.secret);
        derivation.update(b"tertial pseudonym 1\0");
        derivation.update(purpose.as_bytes());
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(derivation.finalize().into_bytes().into());
        PurposeHash { state: keyed(key.as_slice()) }
    }
}

/// The hash of one purpose.
#[derive(Clone)]
pub(crate) struct PurposeHash {
    state: Hmac<Sha256>,
}

impl PurposeHash {
    /// Appends the pseudonym of `text` to a column's bytes.
    pub(crate) fn append(&self, text: &[u8], bytes: &mut Vec<u8>) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut state = self.state.clone();
        state.update(text);
        let digest = state.finalize().into_bytes();
        for byte in &digest[..PSEUDONYM_LENGTH / 2] {
            bytes.push(HEX[usize::from(byte >> 4)]);
            bytes.push(HEX[usize::from(byte & 15)]);
        }
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_cannot_be_joined_and_keys_matter() {
        let key = PseudonymKey::new(*b"0123456789abcdef0123456789abcdef");
        let hr = key.pseudonym("hr", "201701102384");
        assert_eq!(hr.len(), PSEUDONYM_LENGTH);
        assert_eq!(hr, key.pseudonym("hr", "201701102384"));
        assert_ne!(hr, key.pseudonym("care", "201701102384"));
        assert_ne!(hr, PseudonymKey::new(*b"another").pseudonym("hr", "201701102384"));
    }

    #[test]
    fn agrees_with_the_construction_written_out() {
        // python: hmac(hmac(b"k" * 32, b"tertial pseudonym 1\0hr"), b"201701102384")[:16]
        let key = PseudonymKey::new([b'k'; 32]);
        assert_eq!(key.pseudonym("hr", "201701102384"), "72976431ed0c0d0db293bc433910a1e0");
    }

    #[test]
    fn a_key_is_never_printed_and_never_short() {
        let key = PseudonymKey::new(*b"secret");
        assert_eq!(format!("{key:?}"), "PseudonymKey(<masked>)");
        let fault = PseudonymKey::from_text("TERTIAL_KEY", " hemlig \n").unwrap_err();
        assert!(!fault.to_string().contains("hemlig"));
        insta::assert_snapshot!(fault, @r"
        error[T0804]: the key for pseudonyms is too short
           --> TERTIAL_KEY
            = found:    6 characters
            = expected: at least 32 characters drawn at random

        hint: make a key once with `openssl rand -hex 32` and keep it for good
        ");
        assert!(PseudonymKey::from_text("TERTIAL_KEY", &"ab".repeat(32)).is_ok());
    }
}

//! Pseudonyms: keyed hashes of persons' identifiers, one key per purpose.
//!
//! HMAC-SHA-256. Each purpose has its own key, derived from the one secret, so that a pseudonym of
//! one purpose cannot be joined with one of another. Where the secret comes from is the caller's
//! business; it is wiped from memory when dropped and never printed. A key is told from another by
//! its id, which says nothing about it; a text that could be guessed is no key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use tertial_model::{Code, Diagnostic, Location};
use zeroize::Zeroizing;

/// Fewest bytes a secret read from text may have.
pub const MINIMUM_BYTES: usize = 32;
/// How many hexadecimal characters a pseudonym has.
pub const PSEUDONYM_LENGTH: usize = 32;
/// How many hexadecimal characters the id of a key has.
pub const KEY_ID_LENGTH: usize = 16;
/// Fewest bits that the characters of a secret must carry, by their own frequencies.
const MINIMUM_BITS: f64 = 80.0;
/// Fewest different characters in a secret.
const MINIMUM_DIFFERENT: usize = 9;

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

    /// A key from the text of a variable or a key file; refuses one that was not drawn at random.
    /// `origin` says where the text came from, never what it is.
    pub fn from_text(origin: &str, text: &str) -> Result<PseudonymKey, Box<Diagnostic>> {
        let text = text.trim();
        let Some((message, found)) = weakness(text) else {
            return Ok(PseudonymKey::new(text.as_bytes()));
        };
        let fault = Diagnostic::error(Code::KeyMissing, message, Location::file(origin))
            .with_found(found)
            .with_expected(format!("at least {MINIMUM_BYTES} characters drawn at random"))
            .with_effect("nothing is read with it")
            .with_hint("make a key once with `openssl rand -hex 32` and keep it for good");
        Err(Box::new(fault))
    }

    /// What the key is told from another by: 16 hexadecimal characters, a keyed hash, from which
    /// neither the key nor any pseudonym can be found.
    pub fn id(&self) -> String {
        let mut derivation = keyed(&self.secret);
        derivation.update(b"tertial key id 1\0");
        let digest = derivation.finalize().into_bytes();
        digest[..KEY_ID_LENGTH / 2].iter().map(|byte| format!("{byte:02x}")).collect()
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

/// Why a text is no secret, and what was found of that, without any of its characters.
///
/// Civic numbers are few and known, so whoever guesses the key has every person. A text drawn at
/// random passes whatever its notation; words, repeats and sequences do not.
fn weakness(text: &str) -> Option<(&'static str, String)> {
    let length = text.chars().count();
    if text.len() < MINIMUM_BYTES {
        let found = format!("{length} characters");
        return Some(("the key for pseudonyms is too short", found));
    }
    let guessable = "the key for pseudonyms could be guessed";
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        let found = format!("{length} characters with blanks or letters beyond ASCII, as in words");
        return Some((guessable, found));
    }
    let bytes = text.as_bytes();
    let period = (1..=bytes.len() / 2).find(|&step| bytes[step..] == bytes[..bytes.len() - step]);
    if let Some(period) = period {
        let found = format!("{length} characters that repeat the first {period}");
        return Some((guessable, found));
    }
    if bytes.iter().all(u8::is_ascii_alphabetic) && !is_hex(bytes) {
        return Some((guessable, format!("{length} letters and no digit, as in words")));
    }
    let different = bytes.iter().collect::<BTreeSet<_>>().len();
    let steps: Vec<u8> = bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    let bits = entropy_bits(bytes).min(entropy_bits(&steps));
    if different < MINIMUM_DIFFERENT || bits < MINIMUM_BITS {
        let found =
            format!("{length} characters that follow a pattern, {different} of them different");
        return Some((guessable, found));
    }
    None
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_hexdigit)
}

/// How many bits the values carry together, each as frequent as it is among them.
fn entropy_bits(values: &[u8]) -> f64 {
    let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_default() += 1;
    }
    let all = values.len() as f64;
    counts.values().map(|&count| -f64::from(count) * (f64::from(count) / all).log2()).sum()
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
            = effect:   nothing is read with it

        hint: make a key once with `openssl rand -hex 32` and keep it for good
        ");
        assert!(PseudonymKey::from_text("TERTIAL_KEY", DRAWN[0]).is_ok());
    }

    /// `openssl rand -hex 32`, `openssl rand -hex 16`, `openssl rand -base64 32` and `pwgen -s 32`.
    const DRAWN: [&str; 5] = [
        "a3f1c09be4d27785106fd2c94be8a1735cf0962e8d41b7a05e93f6c21d08ba47",
        "9c41f07be2d8a35610bf4e97c3d2685a",
        "q3Zt0yX7fWm2LrVbN8sKd1Jh5uGcEo9PAiTnR4wYk6Q=",
        "Vb9xQ2mLr7Tz4KpWc8Nj3HdFs6Yg5XaR",
        "_f0Rk-2Lq8sVx7TzB-4nWm_9cJhYd3Gp",
    ];

    #[test]
    fn what_was_drawn_at_random_is_a_key() {
        for text in DRAWN {
            assert_eq!(weakness(text), None, "{text}");
        }
        // Whatever is drawn: bytes of a generator that anyone can run, as hexadecimal digits.
        let mut state = 1_u64;
        for _ in 0..2000 {
            let mut text = String::new();
            for _ in 0..2 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let mixed = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                text.push_str(&format!("{:016x}", mixed ^ (mixed >> 32)));
            }
            assert_eq!(weakness(&text), None, "{text}");
        }
    }

    #[test]
    fn what_can_be_guessed_is_no_key() {
        let poor = [
            "a".repeat(32),
            "0".repeat(64),
            "ab".repeat(32),
            "0123456789abcdef".repeat(4),
            "hemlig".repeat(6),
            "lösenord lösenord lösenord lösenord".to_owned(),
            "correct horse battery staple every day".to_owned(),
            "thisisthesecretkeyofthehroffice".to_owned() + "andnobodyknowsit",
            "abcdefghijklmnopqrstuvwxyz0123456789".to_owned(),
            "0123456789012345678901234567890123".to_owned(),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab1".to_owned(),
            "11112222333344445555666677778888".to_owned(),
            "2024-01-012024-01-022024-01-032024".to_owned(),
        ];
        for text in poor {
            let (message, found) = weakness(&text).expect(&text);
            assert_eq!(message, "the key for pseudonyms could be guessed");
            assert!(!found.contains(&text[..6]), "{found}");
        }
        assert!(weakness("kort").is_some() && weakness("").is_some());
        insta::assert_snapshot!(PseudonymKey::from_text("key", &"0".repeat(64)).unwrap_err(), @r"
        error[T0804]: the key for pseudonyms could be guessed
           --> key
            = found:    64 characters that repeat the first 1
            = expected: at least 32 characters drawn at random
            = effect:   nothing is read with it

        hint: make a key once with `openssl rand -hex 32` and keep it for good
        ");
    }

    #[test]
    fn a_key_has_an_id_of_its_own() {
        let key = |text: &str| PseudonymKey::from_text("key", text).unwrap();
        let ids = DRAWN.map(|text| key(text).id());
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), ids.len());
        assert_eq!(ids[0].len(), KEY_ID_LENGTH);
        assert_eq!(key(&format!("  {}\n", DRAWN[0])).id(), ids[0]);
        assert!(!DRAWN[0].contains(&ids[0]) && ids[0] != key(DRAWN[0]).pseudonym("", "")[..16]);
    }
}

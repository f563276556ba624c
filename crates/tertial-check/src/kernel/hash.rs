//! Fast, deterministic hashing of cells: for look-ups, and for keys of rows.
//!
//! Products of two 64-bit words folded together: chance collisions of row keys are about 2⁻⁶⁴ a pair.
//! Not a defence against crafted collisions; rows of one hash are compared by their values before
//! anything is said of them, so that such a file only takes longer to read.

use std::hash::{BuildHasherDefault, Hasher};

const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xc2b2_ae3d_27d4_eb4f;
const THIRD: u64 = 0xff51_afd7_ed55_8ccd;
const START: u64 = 0x243f_6a88_85a3_08d3;

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// The key of a row, taken in value by value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowKey(u64);

impl RowKey {
    pub(crate) const START: RowKey = RowKey(START);

    #[inline]
    fn word(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word, FIRST).wrapping_add(THIRD);
    }

    /// A value that is not there; told apart from every value that is.
    #[inline]
    pub(crate) fn missing(&mut self) {
        self.word(u64::MAX);
    }

    /// A number of any width.
    #[inline]
    pub(crate) fn number(&mut self, value: i128) {
        self.word(1);
        self.word(value as u64);
        self.word((value >> 64) as u64);
    }

    /// A text.
    #[inline]
    pub(crate) fn text(&mut self, bytes: &[u8]) {
        self.word(2 + ((bytes.len() as u64) << 2));
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.word(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut last = [0u8; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(last));
        }
    }

    /// The hash, all of its bits alike good.
    #[inline]
    pub(crate) fn finish(self) -> u64 {
        fold(self.0, SECOND)
    }
}

/// Hashes short texts and words for look-up tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folding {
    state: u64,
}

impl Default for Folding {
    fn default() -> Folding {
        Folding { state: SECOND }
    }
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.state = fold(self.state ^ u64::from_le_bytes(word), FIRST).wrapping_add(THIRD);
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.state = fold(self.state ^ value, FIRST).wrapping_add(THIRD);
    }

    #[inline]
    fn finish(&self) -> u64 {
        fold(self.state, SECOND)
    }
}

/// For `HashMap` and `HashSet`.
pub(crate) type BuildFolding = BuildHasherDefault<Folding>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn key(texts: &[&str]) -> u64 {
        let mut key = RowKey::START;
        texts.iter().for_each(|text| key.text(text.as_bytes()));
        key.finish()
    }

    #[test]
    fn borders_between_values_count() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["", "a"]), key(&["a", ""]));
        assert_ne!(key(&["a"]), key(&["a\0"]));
        let mut missing = RowKey::START;
        missing.missing();
        assert_ne!(missing.finish(), key(&[""]));
    }

    #[test]
    fn a_million_neighbours_do_not_collide_and_fill_every_first_byte_alike() {
        let mut seen = HashSet::new();
        let mut first_bytes = [0; 256];
        for number in 0..1_000_000 {
            let mut key = RowKey::START;
            key.number(number / 1000);
            key.number(number % 1000);
            let hash = key.finish();
            seen.insert(hash);
            first_bytes[(hash >> 56) as usize] += 1;
        }
        assert_eq!(seen.len(), 1_000_000);
        assert!(first_bytes.iter().all(|count| (3_500..4_300).contains(count)));
    }

    proptest! {
        #[test]
        fn other_texts_have_other_keys(a in "[a-c]{0,20}", b in "[a-c]{0,20}") {
            prop_assert_eq!(a == b, key(&[&a]) == key(&[&b]));
        }
    }
}

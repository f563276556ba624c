//! When two texts are the same, whoever wrote them: one rule for every comparison of a sender's text
//! with ours.
//!
//! Unicode writes `Ö` as one character or as two, and a blank, a hyphen or a mark of direction can
//! stand in a text without being seen. Two forms are enough: [`composed`] for text that is kept to be
//! read, and [`canonical`] for what is compared (names of files and sheets, headings, codes, keys,
//! allowed values, references, marks). Case counts in both.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in Unicode's composed form (NFC); nothing else is changed.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// The text as it is compared: composed, without invisible characters, every run of blanks (ordinary,
/// no-break, tabs, line breaks) as one blank, none at the ends.
#[inline]
pub fn canonical(text: &str) -> Cow<'_, str> {
    if is_plain(text.as_bytes()) { Cow::Borrowed(text) } else { slowly(text) }
}

/// Whether two texts are the same when compared.
pub fn is_same(a: &str, b: &str) -> bool {
    a == b || canonical(a) == canonical(b)
}

/// Whether a text is printable ASCII without any blank: most codes are, and need no second look.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let mut chunks = bytes.chunks_exact(8);
    let words = chunks.by_ref().all(|chunk| {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        // A byte with its top bit set, or one below `!`, which alone borrows in the subtraction.
        (word | word.wrapping_sub(ONES * 0x21)) & TOPS == 0
    });
    words && chunks.remainder().iter().all(|byte| (0x21..0x80).contains(byte))
}

#[cold]
fn slowly(text: &str) -> Cow<'_, str> {
    let mut wanted = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)).nfc() {
        match c {
            c if !c.is_whitespace() => wanted.push(c),
            _ if wanted.is_empty() || wanted.ends_with(' ') => {}
            _ => wanted.push(' '),
        }
    }
    if wanted.ends_with(' ') {
        wanted.pop();
    }
    if wanted == text { Cow::Borrowed(text) } else { Cow::Owned(wanted) }
}

/// Characters that take no room: soft hyphen, zero-width blanks and joiners, marks of direction,
/// selectors of variants, the byte order mark.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_equal_is_equal() {
        for text in [
            "O\u{308}stersund",
            "\u{d6}ster\u{ad}sund",
            " \u{d6}stersund\u{a0}",
            "\u{feff}\u{d6}stersund\u{200b}",
            "O\u{200d}\u{308}stersund",
        ] {
            assert_eq!(canonical(text), "Östersund", "{text:?}");
        }
        assert_eq!(canonical("Norra\u{a0}  Jämtland"), "Norra Jämtland");
        assert_eq!(canonical("Antal\r\nbesök"), "Antal besök");
        assert!(is_same("A\u{30a}re", "Åre") && !is_same("Åre", "åre") && !is_same("Åre", "Are"));
    }

    #[test]
    fn text_to_read_keeps_its_blanks() {
        assert_eq!(composed("12\u{a0}mnkr i O\u{308}vik  \n"), "12\u{a0}mnkr i Övik  \n");
        assert!(matches!(composed("Östersund"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn once_is_enough(text in ".{0,20}") {
            let once = canonical(&text).into_owned();
            prop_assert_eq!(canonical(&once), once.as_str());
            let readable = composed(&text);
            prop_assert_eq!(canonical(&readable), once.as_str());
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(canonical(&decomposed), once.as_str());
        }

        #[test]
        fn plain_text_is_left_alone(text in "[!-~]{0,20}( [!-~]{1,9}){0,2}") {
            let text = text.trim();
            prop_assert!(matches!(canonical(text), Cow::Borrowed(_)));
        }

        #[test]
        fn the_quick_look_agrees_with_the_slow_one(text in "[ -~\u{80}-\u{17f}\t]{0,20}") {
            prop_assert_eq!(canonical(&text), slowly(&text));
        }
    }
}

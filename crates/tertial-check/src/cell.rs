//! How one cell's text is read: numbers, days and months, truth values, civic numbers.
//!
//! Everything here is a pure function of a text. The loops over cells are `kernel`'s work, the words
//! about what went wrong are `fault`'s.

pub(crate) mod civic;
pub(crate) mod moment;
pub(crate) mod number;
pub(crate) mod truth;
pub(crate) mod unit;

use tertial_model::same;

/// Blanks around a value, no-break ones and characters without room included, are never part of it.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if is_inked(*first) && is_inked(*last) => text,
        _ => text.trim_matches(|c: char| c.is_whitespace() || same::is_invisible(c)),
    }
}

/// A byte that certainly belongs to no blank: printable ASCII.
#[inline]
fn is_inked(byte: u8) -> bool {
    (0x21..=0x7e).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_break_blanks_are_blanks() {
        assert_eq!(trim("12,50\u{a0}"), "12,50");
        assert_eq!(trim("\u{feff} å\u{202f}\t"), "å");
        assert_eq!(trim("a b"), "a b");
        assert_eq!(trim(" \u{a0}"), "");
        assert_eq!(trim("\u{200b}605\u{ad}"), "605");
    }
}

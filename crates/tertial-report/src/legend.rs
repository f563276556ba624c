//! The signs for special values: one legend in every format.
//!
//! Zero, not available, cannot occur, suppressed and not yet published are different things.
//! A sign is explained wherever it is used; a screen reader gets the words.

use crate::document::{Mark, Number};
use tertial_model::Missing;

/// The sign for exactly nothing.
pub const ZERO: &str = "–";

/// A sign and the words it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// What is printed.
    pub sign: &'static str,
    /// What it means.
    pub words: &'static str,
    /// The name in JSON.
    pub code: &'static str,
}

const NOTHING: Sign = Sign { sign: ZERO, words: "noll, inget fall", code: "zero" };
const NEARLY_NOTHING: Sign =
    Sign { sign: "0", words: "mindre än hälften av enheten", code: "rounds_to_zero" };

/// Every sign, in the order of the legend.
pub fn all() -> Vec<Sign> {
    const MISSING: [Missing; 4] = [
        Missing::NotAvailable,
        Missing::CannotOccur,
        Missing::Suppressed,
        Missing::NotYetPublished,
    ];
    const MARKS: [Mark; 7] = [
        Mark::Preliminary,
        Mark::Revised,
        Mark::Estimated,
        Mark::Forecast,
        Mark::Break,
        Mark::Uncertain,
        Mark::Stated,
    ];
    let mut signs = vec![NOTHING, NEARLY_NOTHING];
    signs.extend(MISSING.map(missing));
    signs.extend(MARKS.map(mark));
    signs
}

/// The sign for a kind of nothing.
pub fn missing(missing: Missing) -> Sign {
    let (words, code) = match missing {
        Missing::NotAvailable => ("uppgift saknas", "not_available"),
        Missing::CannotOccur => ("ej tillämplig eller mäts inte i perioden", "cannot_occur"),
        Missing::Suppressed => ("dold, för få personer", "suppressed"),
        Missing::NotYetPublished => ("ännu inte publicerad", "not_yet_published"),
    };
    Sign { sign: missing.sign(), words, code }
}

/// The sign behind a value with a reservation.
pub fn mark(mark: Mark) -> Sign {
    let (sign, words, code) = match mark {
        Mark::Preliminary => ("[p]", "preliminär", "preliminary"),
        Mark::Revised => ("[r]", "reviderad", "revised"),
        Mark::Estimated => ("[u]", "uppskattad", "estimated"),
        Mark::Forecast => ("[pr]", "prognos", "forecast"),
        Mark::Break => ("[b]", "tidsseriebrott", "break"),
        Mark::Uncertain => ("[o]", "osäker", "uncertain"),
        Mark::Stated => ("[l]", "lämnad av ansvarig roll, inte räknad", "stated"),
    };
    Sign { sign, words, code }
}

/// The sign a number is printed as when it is nothing or nearly nothing.
pub fn zero(value: Number, printed: &str) -> Option<Sign> {
    if printed == ZERO {
        return Some(NOTHING);
    }
    let vanished = !printed.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    (vanished && !value.is_zero() && printed.starts_with(['0', '\u{2212}']))
        .then_some(NEARLY_NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_kinds_share_a_sign_or_a_code() {
        let signs = all();
        let texts: BTreeSet<&str> = signs.iter().map(|sign| sign.sign).collect();
        let codes: BTreeSet<&str> = signs.iter().map(|sign| sign.code).collect();
        assert_eq!((texts.len(), codes.len()), (signs.len(), signs.len()));
    }

    #[test]
    fn a_small_number_is_not_nothing() {
        assert_eq!(zero(Number::Float(0.04), "0,0").unwrap().code, "rounds_to_zero");
        assert_eq!(zero(Number::Float(0.0), "–").unwrap().code, "zero");
        assert_eq!(zero(Number::Float(10.0), "10"), None);
        assert_eq!(zero(Number::Float(0.0), "0,0"), None);
    }
}

//! Patterns of a fixed number of ASCII characters, such as `[0-9]{8}`, matched without an automaton.
//!
//! Most patterns of contracts are of this kind, and a key of theirs is new in every row. Any other
//! pattern is left to the regular expressions.

/// For each character of the text the ASCII characters it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FixedForm {
    places: Vec<u128>,
}

/// Longer texts are no codes.
const LONGEST: usize = 64;

impl FixedForm {
    /// None when the pattern is of another kind.
    pub(crate) fn parse(pattern: &str) -> Option<FixedForm> {
        let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
        let mut rest = pattern.strip_suffix('$').unwrap_or(pattern).as_bytes();
        let mut places = Vec::new();
        while let [first, tail @ ..] = rest {
            let set;
            (set, rest) = match first {
                b'[' => class(tail)?,
                byte => (one(*byte)?, tail),
            };
            let mut count = 1;
            if let [b'{', tail @ ..] = rest {
                let end = tail.iter().position(|byte| *byte == b'}')?;
                let digits = tail[..end].iter().all(u8::is_ascii_digit);
                count = std::str::from_utf8(&tail[..end]).ok().filter(|_| digits)?.parse().ok()?;
                rest = &tail[end + 1..];
            }
            if places.len() + count > LONGEST {
                return None;
            }
            places.extend(std::iter::repeat_n(set, count));
        }
        (!places.is_empty()).then_some(FixedForm { places })
    }

    /// Whether the whole text has the form.
    #[inline]
    pub(crate) fn matches(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let fits = |(byte, set): (&u8, &u128)| *byte < 128 && set >> *byte & 1 == 1;
        bytes.len() == self.places.len() && bytes.iter().zip(&self.places).all(fits)
    }
}

/// A character that means itself.
fn one(byte: u8) -> Option<u128> {
    let plain = byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'/' | b':' | b'-');
    plain.then(|| 1 << byte)
}

/// The characters of a class, and what follows its bracket.
fn class(mut rest: &[u8]) -> Option<(u128, &[u8])> {
    let mut set = 0;
    loop {
        rest = match rest {
            [b']', tail @ ..] if set != 0 => return Some((set, tail)),
            [first, b'-', last, tail @ ..]
                if first.is_ascii_alphanumeric()
                    && last.is_ascii_alphanumeric()
                    && first <= last =>
            {
                (*first..=*last).for_each(|byte| set |= 1 << byte);
                tail
            }
            [byte, tail @ ..] if byte.is_ascii_alphanumeric() || *byte == b'_' => {
                set |= 1 << *byte;
                tail
            }
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    #[test]
    fn other_patterns_are_left_alone() {
        for pattern in [
            "",
            "[0-9]+",
            "a|b",
            "[^0-9]",
            r"\d{4}",
            "[0-9]{1,4}",
            "(?i)ab",
            "å",
            "[0-9",
            "a.c",
            "[]a]",
            "[a-]",
            "x{",
            "x{99}",
            "[--0]",
        ] {
            assert_eq!(FixedForm::parse(pattern), None, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn as_the_regular_expression_finds(
            pattern in "(\\^)?([a-c]|\\[[0-4]-[5-9]\\]|\\[A-C_x\\]|-){1,3}(\\{[0-3]\\})?([0-1]|\\[0-9\\]\\{2\\})?(\\$)?",
            text in "[a-cA-Cx_0-9å-]{0,8}",
        ) {
            if let Some(form) = FixedForm::parse(&pattern) {
                let regex = Regex::new(&format!("^(?:{pattern})$")).unwrap();
                prop_assert_eq!(form.matches(&text), regex.is_match(&text), "{}", pattern);
            }
        }
    }
}

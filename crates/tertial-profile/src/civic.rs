//! Values that name a person.

/// Parts of headings whose values name a person.
const PERSON_WORDS: [&str; 8] =
    ["personnr", "personnummer", "fornamn", "efternamn", "e_post", "epost", "telefon", "adress"];

/// Whether a heading says that its values name a person.
pub(crate) fn names_a_person(heading: &str) -> bool {
    let plain = crate::identifier(heading);
    PERSON_WORDS.iter().any(|word| plain.contains(word))
}

/// Whether a text has the form of a civic number: `YYMMDD-NNNN`, with century and sign or without.
pub(crate) fn has_form(text: &str) -> bool {
    digits(text).is_some()
}

/// Whether a text is a civic number: form, day and check digit. The day of a coordination number is
/// sixty more.
pub(crate) fn is_civic(text: &str) -> bool {
    let Some(digits) = digits(text) else { return false };
    let (month, day) = (digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]);
    let day = if day > 60 { day - 60 } else { day };
    (1..=12).contains(&month) && (1..=31).contains(&day) && luhn(digits)
}

/// Whether a civic number stands anywhere in a text.
pub(crate) fn holds_civic(text: &str) -> bool {
    let other = |c: char| !(c.is_ascii_digit() || c == '-' || c == '+');
    text.split(other).any(|word| is_civic(word.trim_matches(['-', '+'])))
}

/// The last ten digits.
fn digits(text: &str) -> Option<[u8; 10]> {
    let (birth, last) = text.split_at_checked(text.len().checked_sub(4)?)?;
    let birth = birth.strip_suffix(['-', '+']).unwrap_or(birth);
    let birth = match birth.len() {
        8 if birth.starts_with("18") || birth.starts_with("19") || birth.starts_with("20") => {
            &birth[2..]
        }
        6 => birth,
        _ => return None,
    };
    let mut digits = [0; 10];
    for (slot, byte) in digits.iter_mut().zip(birth.bytes().chain(last.bytes())) {
        *slot = byte.is_ascii_digit().then(|| byte - b'0')?;
    }
    Some(digits)
}

/// Every second digit doubled, the digits of all added up: a multiple of ten.
fn luhn(digits: [u8; 10]) -> bool {
    let sum: u8 = digits
        .iter()
        .enumerate()
        .map(|(index, digit)| if index % 2 == 0 { digit * 2 } else { *digit })
        .map(|value| value / 10 + value % 10)
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn civic_numbers_in_all_dresses() {
        for text in ["19121212-1212", "191212121212", "121212-1212", "121212+1212", "1212121212"] {
            assert!(is_civic(text), "{text}");
        }
        // Coordination number: the day plus sixty.
        assert!(is_civic("701063-2391"));
        for text in ["121212-1213", "121312-1211", "5560360793", "12121212", "", "år121212-1212"] {
            assert!(!is_civic(text), "{text}");
        }
        assert!(has_form("5560360793"), "a company's number has the form, not the month");
    }

    #[test]
    fn a_civic_number_in_a_text_is_found() {
        assert!(holds_civic("ring 121212-1212!"));
        assert!(!holds_civic("faktura 121212-1213"));
        assert!(
            names_a_person("Personnr.") && names_a_person("E-post") && !names_a_person("Konto")
        );
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = (is_civic(&text), holds_civic(&text));
        }
    }
}

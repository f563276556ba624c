//! The shape of a text: what kind of characters stand where, and nothing of what they say.

use polars::prelude::*;
use std::collections::HashMap;

/// Shapes shown per column.
const SHOWN: usize = 3;
/// The longest shape shown, in characters.
const LONGEST: usize = 40;
/// Longer runs of one kind are shortened.
const RUN: usize = 12;

/// `Åre 2024-08` becomes `Aaa 9999-99`: letters by case, digits as nines, marks as they stand. Letters
/// run together after four, so that the length of a name is not told either.
pub(crate) fn shape(text: &str) -> String {
    let mut shape = String::new();
    let (mut last, mut run) = ('\0', 0);
    for letter in text.chars() {
        let kind = match letter {
            letter if letter.is_numeric() => '9',
            letter if letter.is_uppercase() => 'A',
            letter if letter.is_alphabetic() => 'a',
            letter if letter.is_whitespace() => ' ',
            letter if letter.is_control() => '?',
            mark => mark,
        };
        run = if kind == last { run + 1 } else { 1 };
        last = kind;
        let most = if matches!(kind, 'A' | 'a') { 4 } else { RUN };
        match run.cmp(&(most + 1)) {
            std::cmp::Ordering::Less => shape.push(kind),
            std::cmp::Ordering::Equal => shape.push('…'),
            std::cmp::Ordering::Greater => {}
        }
        if shape.chars().count() >= LONGEST {
            shape.push('…');
            break;
        }
    }
    shape
}

/// The most frequent shapes of a column, and how many others there are.
pub(crate) fn shapes(texts: &StringChunked) -> Vec<String> {
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for (at, text) in texts.iter().flatten().enumerate() {
        counts.entry(shape(text)).or_insert((0, at)).0 += 1;
    }
    let mut found: Vec<(String, (usize, usize))> = counts.into_iter().collect();
    found.sort_by_key(|(_, (count, first))| (std::cmp::Reverse(*count), *first));
    let more = found.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = found.into_iter().take(SHOWN).map(|(shape, _)| shape).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown
}

/// Whether a text was written as UTF-8, taken for another encoding and written again: `Ã–stersund`.
pub(crate) fn encoded_twice(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let once = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|once| !once.is_ascii());
    let (windows, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
    if !lossy && once(&windows) {
        return true;
    }
    use oem_cp::code_table::{ENCODING_TABLE_CP437, ENCODING_TABLE_CP850};
    [&ENCODING_TABLE_CP437, &ENCODING_TABLE_CP850]
        .into_iter()
        .any(|table| oem_cp::encode_string_checked(text, table).is_some_and(|bytes| once(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_shape_says_nothing_of_the_text() {
        let check = |text: &str, expected: &str| assert_eq!(shape(text), expected);
        check("Åre 2024-08", "Aaa 9999-99");
        check("Östersund–Brunflo", "Aaaaa…–Aaaaa…");
        check("19121212-1212", "99999999-9999");
        check("anna.svensson@exempel.se", "aaaa.aaaa…@aaaa….aa");
        check("605", "999");
        check("−12,50", "−99,99");
        check("", "");
    }

    #[test]
    fn text_that_was_encoded_twice_is_seen() {
        for text in ["Ã–stersund", "Ã…re", "BerÃ¤ttelse", "MÃ¥nad", "├ûstersund", "kÃ¶n"]
        {
            assert!(encoded_twice(text), "{text}");
        }
        for text in ["Östersund", "Åre", "à la carte", "§ 12", "Malmö – Köpenhamn", "ÅÄÖ", "10 €"]
        {
            assert!(!encoded_twice(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_letter_or_digit_of_a_text_is_left(text in ".*") {
            let left = shape(&text);
            prop_assert!(left.chars().all(|c| !c.is_alphanumeric() || "Aa9".contains(c)));
            let _ = encoded_twice(&text);
        }
    }
}

//! Identifiers drafted from Swedish headings.

use std::collections::BTreeSet;

/// Words that some YAML reader takes for a truth value or for nothing.
const YAML_WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// A heading as an identifier: small ASCII letters, digits and `_`. A draft: a person translates it
/// and puts the unit last. Empty when no letter or digit is left.
pub fn identifier(heading: &str) -> String {
    let mut name = String::with_capacity(heading.len());
    for letter in heading.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            'å' | 'ä' | 'à' | 'á' => name.push('a'),
            'ö' | 'ø' | 'ó' => name.push('o'),
            'é' | 'è' | 'ê' | 'ë' => name.push('e'),
            'ü' | 'ú' => name.push('u'),
            'æ' => name.push_str("ae"),
            '%' => name.push_str("_pct_"),
            // The decomposed forms' marks: the letter before them is kept.
            '\u{300}'..='\u{36f}' => {}
            _ => name.push('_'),
        }
    }
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// The names given so far in a table.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// A name for the column at `index` that no other column has.
    pub(crate) fn draft(&mut self, heading: &str, index: usize) -> String {
        let plain = identifier(heading);
        let stem = match plain.as_bytes().first() {
            None => format!("column_{}", index + 1),
            Some(b'0'..=b'9') => format!("column_{plain}"),
            Some(_) if YAML_WORDS.contains(&plain.as_str()) => format!("column_{plain}"),
            Some(_) => plain,
        };
        let mut name = stem.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{stem}_{number}");
            number += 1;
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn swedish_headings_become_identifiers() {
        let names = ["Kön", "Sjuk tim. > 60 d", "Ändamål/Åtgärd", "Andel (%)", "A\u{30a}r", " – "];
        let names = names.map(identifier);
        assert_eq!(names, ["kon", "sjuk_tim_60_d", "andamal_atgard", "andel_pct", "ar", ""]);
    }

    #[test]
    fn no_two_columns_have_the_same_name() {
        let mut names = Names::default();
        let headings = ["Kön", "kon", "KÖN", "", "2024", "kon_2", "Nö"];
        let drafted: Vec<String> = headings
            .iter()
            .enumerate()
            .map(|(index, heading)| names.draft(heading, index))
            .collect();
        assert_eq!(
            drafted,
            ["kon", "kon_2", "kon_3", "column_4", "column_2024", "kon_2_2", "column_no"]
        );
    }

    proptest! {
        #[test]
        fn any_heading_gives_a_sound_name(heading in ".*") {
            let name = Names::default().draft(&heading, 0);
            let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            prop_assert!(name.bytes().all(sound));
            prop_assert!(name.as_bytes()[0].is_ascii_lowercase());
        }
    }
}

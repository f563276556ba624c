//! File name patterns: `{period}`, `{scope}` and `*`; anything else stands for itself.
//!
//! A pattern says which files of a source are the same kind of thing, and which period and scope
//! one of them concerns. Case counts; how a letter is composed, invisible characters and the kind and
//! number of blanks do not ([`same::canonical`]), since nobody sees them in a name.

use regex::Regex;
use serde::{Deserialize, Serialize};
use tertial_model::{Period, persons, same};

/// `2024`, `2024-08`, `202408` or `2024T2`; the longest that fits.
const PERIOD: &str = "(?:19|20|21)[0-9]{2}(?:-(?:0[1-9]|1[0-2])|T[1-3]|(?:0[1-9]|1[0-2]))?";
/// Anything that can stand in the name of a file.
const SCOPE: &str = r"[^/\\\p{Cc}]+";

/// What a file name says about its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PatternMatch {
    /// `2024-08` (also for `202408`), `2024T2` or `2024`; none when the pattern has no `{period}`.
    pub period: Option<String>,
    /// The text in the place of `{scope}`, in its canonical form.
    pub scope: Option<String>,
}

/// A pattern ready for use.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Reads a pattern. `None` when it is longer than a file name can be.
    pub fn new(pattern: &str) -> Option<Pattern> {
        if pattern.len() > 255 {
            return None;
        }
        let pattern = same::canonical(pattern);
        let mut source = String::from("^");
        let mut rest = &*pattern;
        while let Some(first) = rest.chars().next() {
            let (taken, part) = if rest.starts_with("{period}") {
                ("{period}".len(), format!("({PERIOD})"))
            } else if rest.starts_with("{scope}") {
                ("{scope}".len(), format!("(?P<s{}>{SCOPE})", source.len()))
            } else if first == '*' {
                (1, "(?s:.*?)".to_owned())
            } else {
                (first.len_utf8(), regex::escape(&rest[..first.len_utf8()]))
            };
            source.push_str(&part);
            rest = &rest[taken..];
        }
        source.push('$');
        Some(Pattern { regex: Regex::new(&source).ok()? })
    }

    /// What `file_name` says, `None` when it is not of this kind. A `{period}` or `{scope}` that
    /// stands twice in the pattern must be the same text twice in the name. A scope that ends in ` (2)`
    /// is the mark of a second copy of one file, and no name of a thing; one that holds a civic number
    /// names a person, and would be kept wherever the delivery is named.
    pub fn find(&self, file_name: &str) -> Option<PatternMatch> {
        let file_name = same::canonical(file_name);
        let captures = self.regex.captures(&file_name)?;
        let (mut period, mut scope) = (None, None);
        for (index, name) in self.regex.capture_names().enumerate().skip(1) {
            let text = captures.get(index)?.as_str();
            let slot = if name.is_some() { &mut scope } else { &mut period };
            if slot.is_some_and(|earlier| earlier != text) {
                return None;
            }
            *slot = Some(text);
        }
        if scope.is_some_and(|scope| is_copy(scope) || persons::holds_civic_number(scope)) {
            return None;
        }
        let period = match period {
            Some(text) => Some(Period::parse(text)?.to_string()),
            None => None,
        };
        Some(PatternMatch { period, scope: scope.map(str::to_owned) })
    }
}

/// `Åre (2)`: what browsers and file managers make of a name that is taken.
fn is_copy(scope: &str) -> bool {
    let number = scope.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Period and scope of `file_name` under `pattern`, `None` when the name does not fit.
pub fn match_pattern(pattern: &str, file_name: &str) -> Option<PatternMatch> {
    Pattern::new(pattern)?.find(file_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, name: &str) -> String {
        match match_pattern(pattern, name) {
            None => "no".to_owned(),
            Some(found) => format!(
                "{} {}",
                found.period.as_deref().unwrap_or("-"),
                found.scope.as_deref().unwrap_or("-")
            ),
        }
    }

    #[test]
    fn periods_in_four_dresses() {
        assert_eq!(check("RJH_{period}.SE", "RJH_2024.SE"), "2024 -");
        assert_eq!(check("medarbetare_{period}.csv", "medarbetare_2024-08.csv"), "2024-08 -");
        assert_eq!(check("medarbetare_{period}.csv", "medarbetare_202408.csv"), "2024-08 -");
        assert_eq!(check("uppdrag_{period}.csv", "uppdrag_2024T2.csv"), "2024T2 -");
        for name in ["x_2024-13.csv", "x_2024T4.csv", "x_24.csv", "x_.csv", "x_2024-08-01.csv"] {
            assert_eq!(check("x_{period}.csv", name), "no", "{name}");
        }
    }

    #[test]
    fn scopes_stars_and_literals() {
        assert_eq!(check("kolada_{scope}.json", "kolada_N60030.json"), "- N60030");
        assert_eq!(check("kolada_{scope}.json", "kolada_å.json"), "- å");
        assert_eq!(check("{scope}_{period}.csv", "a_b_2024-01.csv"), "2024-01 a_b");
        assert_eq!(check("*_{period}.csv", "vad_som helst_2024-01.csv"), "2024-01 -");
        assert_eq!(check("a.csv", "aXcsv"), "no");
        assert_eq!(check("a.csv", "A.csv"), "no");
        assert_eq!(check("a.csv", "xa.csv"), "no");
        assert_eq!(check("[a]+{x}.csv", "[a]+{x}.csv"), "- -");
        assert_eq!(check("{period}/{period}", "2024-01/2024-01"), "2024-01 -");
        assert_eq!(check("{period}/{period}", "2024-01/2024-02"), "no");
    }

    #[test]
    fn a_scope_is_whatever_tells_deliveries_apart() {
        let pattern = "besök_{scope}_{period}.csv";
        for (name, scope) in [
            ("besök_Åre_2024-08.csv", "Åre"),
            ("beso\u{308}k_A\u{30a}re_2024-08.csv", "Åre"),
            ("besök_S:t Olof_2024-08.csv", "S:t Olof"),
            ("besök_Norra\u{a0} Jämtland_2024-08.csv", "Norra Jämtland"),
            ("besök_v. 2.1_2024-08.csv", "v. 2.1"),
            ("besök_HC_Åre (norra)_2024-08.csv", "HC_Åre (norra)"),
        ] {
            assert_eq!(check(pattern, name), format!("2024-08 {scope}"), "{name}");
        }
        for name in [
            "besök__2024-08.csv",
            "besök_Åre (2)_2024-08.csv",
            "besök_a/b_2024-08.csv",
            "besök_20170110-2384_2024-08.csv",
            "besök_Åre 201701102384_2024-08.csv",
        ] {
            assert_eq!(check(pattern, name), "no", "{name}");
        }
        // The pattern may be the one that was written on a Mac.
        assert_eq!(check("beso\u{308}k_O\u{308}_{period}.csv", "besök_Ö_2024.csv"), "2024 -");
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(pattern in ".*", name in ".*") {
            let _ = match_pattern(&pattern, &name);
        }

        #[test]
        fn a_literal_pattern_fits_itself_only(text in "[^*{}]{1,40}", other in "[^*{}]{1,40}") {
            prop_assert!(match_pattern(&text, &text).is_some());
            prop_assert_eq!(match_pattern(&text, &other).is_some(), same::is_same(&text, &other));
        }

        #[test]
        fn period_and_scope_come_back(year in 1900..2200, month in 1..=12, scope in "[A-Za-z_]{1,20}") {
            let period = format!("{year:04}-{month:02}");
            let found = match_pattern("p_{period}~{scope}.x", &format!("p_{period}~{scope}.x"));
            prop_assert_eq!(found, Some(PatternMatch { period: Some(period), scope: Some(scope) }));
        }
    }
}

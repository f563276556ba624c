//! Truth values as sources write them.

/// `J`/`N`, `Ja`/`Nej`, `1`/`0`, `true`/`false`, `sant`/`falskt` in any case, and `X` for true.
#[inline]
pub(crate) fn truth(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text.len() {
        1 if is("1") || is("j") || is("x") => Some(true),
        1 if is("0") || is("n") => Some(false),
        2 if is("ja") => Some(true),
        3 if is("nej") => Some(false),
        4 if is("true") || is("sant") => Some(true),
        5 if is("false") => Some(false),
        6 if is("falskt") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_both_kinds() {
        for text in ["J", "ja", "1", "TRUE", "x", "Sant"] {
            assert_eq!(truth(text), Some(true), "{text}");
        }
        for text in ["N", "nej", "0", "False", "FALSKT"] {
            assert_eq!(truth(text), Some(false), "{text}");
        }
        for text in ["", "Y", "2", "ja!", "på", "tru"] {
            assert_eq!(truth(text), None, "{text}");
        }
    }
}

//! Formulas of spreadsheets: what stands in a cell where one gave no value, and text that a
//! spreadsheet would run although it is none.

use std::borrow::Cow;

/// A formula whose result the workbook does not hold: it was written by a program that does not
/// compute.
pub const NO_RESULT: &str = "#NO RESULT";
/// A formula whose stored result the workbook itself calls out of date.
pub const STALE_RESULT: &str = "#STALE RESULT";
/// An error under a name of its own; what the program showed follows.
pub const FAILED: &str = "#ERROR ";

/// What Excel and LibreOffice show where a formula failed, in English and in Swedish.
const ERRORS: [&str; 21] = [
    "#DIV/0!",
    "#N/A",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#REF!",
    "#VALUE!",
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#BUSY!",
    "#SAKNAS!",
    "#REFERENS!",
    "#VÄRDEFEL!",
    "#DIVISION/0!",
    "#NAMN?",
    "#OGILTIGT!",
    "#SKÄRNING!",
];

/// Whether a text is what a spreadsheet shows where a formula failed or has no result; taken for a
/// text it would be a value.
#[inline]
pub fn is_sheet_error(text: &str) -> bool {
    text.starts_with('#')
        && (ERRORS.contains(&text)
            || text == NO_RESULT
            || text == STALE_RESULT
            || text.starts_with(FAILED))
}

/// What a spreadsheet takes for the beginning of a formula, or skips before one.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text cell for a CSV file that may be opened in a spreadsheet: what begins like a formula gets a
/// leading `'`, as OWASP advises against CSV injection. A number with its sign stays a number.
pub fn without_formula(text: &str) -> Cow<'_, str> {
    match text.starts_with(BEGINNINGS) && !is_number(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// `-42`, `+0,5`: digits with at most one decimal mark.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let marks = digits.chars().filter(|c| matches!(c, ',' | '.')).count();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
    marks <= 1 && digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_made_text() {
        for text in [
            "=1+1",
            "=HYPERLINK(\"http://x\")",
            "+46 63 14 70 00",
            "-1 000",
            "-1+2",
            "-",
            "- ett",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1+1",
            "-1,2,3",
        ] {
            assert_eq!(without_formula(text), format!("'{text}"));
        }
        for text in ["", "-42", "+0,5", "-1000.25", "5", "a=1", "'=1", "–5", "2024-08"] {
            assert_eq!(without_formula(text), text);
        }
    }
}

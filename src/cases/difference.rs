//! What an answer lacks of the rows that were expected, and what it has too much of.

use std::collections::BTreeMap;

/// Values of the columns compared, in the engine's own text; none = null.
pub type Row = Vec<Option<String>>;

/// Rows that stand on one side only, each as often as it is lacking there; sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The columns compared, in the case's order.
    pub columns: Vec<String>,
    /// Expected and not answered.
    pub missing: Vec<Row>,
    /// Answered and not expected.
    pub surplus: Vec<Row>,
}

impl Difference {
    /// Compares two lots of rows; their order is of no account, how often a row stands is.
    pub fn between(columns: Vec<String>, expected: Vec<Row>, answered: Vec<Row>) -> Difference {
        let mut counts: BTreeMap<Row, i64> = BTreeMap::new();
        for row in expected {
            *counts.entry(row).or_default() += 1;
        }
        for row in answered {
            *counts.entry(row).or_default() -= 1;
        }
        let mut difference = Difference { columns, ..Difference::default() };
        for (row, count) in counts {
            let side = if count > 0 { &mut difference.missing } else { &mut difference.surplus };
            side.extend((0..count.abs()).map(|_| row.clone()));
        }
        difference
    }

    /// Whether both sides hold the same rows.
    pub fn is_none(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty()
    }
}

/// A value as a case writes it: nothing for null, `''` for the empty text.
pub fn shown(value: Option<&str>) -> &str {
    match value {
        None => "",
        Some("") => super::file::EMPTY_TEXT,
        Some(text) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[[Option<&str>; 2]]) -> Vec<Row> {
        rows.iter().map(|row| row.iter().map(|value| value.map(str::to_owned)).collect()).collect()
    }

    fn between(expected: &[[Option<&str>; 2]], answered: &[[Option<&str>; 2]]) -> Difference {
        let columns = vec!["a".to_owned(), "b".to_owned()];
        Difference::between(columns, rows(expected), rows(answered))
    }

    #[test]
    fn the_order_of_rows_is_of_no_account_and_their_number_is() {
        let (one, two) = ([Some("1"), None], [Some("2"), Some("x")]);
        assert!(between(&[one, two, one], &[two, one, one]).is_none());
        assert!(between(&[], &[]).is_none());
        let difference = between(&[one, one, two], &[one, two, two, two]);
        assert_eq!(difference.missing, rows(&[one]));
        assert_eq!(difference.surplus, rows(&[two, two]));
    }

    #[test]
    fn nothing_and_the_empty_text_are_two_values() {
        let difference = between(&[[Some("1"), None]], &[[Some("1"), Some("")]]);
        assert_eq!(difference.missing, rows(&[[Some("1"), None]]));
        assert_eq!(difference.surplus, rows(&[[Some("1"), Some("")]]));
        assert_eq!([shown(None), shown(Some("")), shown(Some("x"))], ["", "''", "x"]);
    }
}

//! `A4:F200`: which cells of a sheet hold a table.

/// A rectangle; rows from 1, columns from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First row.
    pub first_row: u32,
    /// First column.
    pub first_column: u32,
    /// Last row; none = as far as the sheet goes.
    pub last_row: Option<u32>,
    /// Last column; none = as far as the headings go.
    pub last_column: Option<u32>,
}

impl Range {
    /// The whole sheet.
    pub fn everything() -> Range {
        Range { first_row: 1, first_column: 0, last_row: None, last_column: None }
    }

    /// Reads `A4:F200`, `A4:F` or `A4`.
    pub fn parse(text: &str) -> Option<Range> {
        let (first, last) = match text.trim().split_once(':') {
            Some((first, last)) => (first, Some(last)),
            None => (text.trim(), None),
        };
        let (first_column, first_row) = corner(first)?;
        let (last_column, last_row) = match last {
            Some(last) => {
                let (column, row) = corner(last)?;
                (Some(column), row)
            }
            None => (None, None),
        };
        let first_row = first_row?;
        let sound = last_row.is_none_or(|row| row >= first_row)
            && last_column.is_none_or(|column| column >= first_column);
        sound.then_some(Range { first_row, first_column, last_row, last_column })
    }

    /// Whether a cell lies inside.
    pub fn contains(&self, row: u32, column: u32) -> bool {
        row >= self.first_row
            && column >= self.first_column
            && self.last_row.is_none_or(|last| row <= last)
            && self.last_column.is_none_or(|last| column <= last)
    }
}

/// `F200` as column from 0 and row from 1; the row may be missing.
fn corner(text: &str) -> Option<(u32, Option<u32>)> {
    let text = text.trim().replace('$', "");
    let letters = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (letters, digits) = text.split_at(letters);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = match digits {
        "" => None,
        digits => Some(digits.parse().ok().filter(|row| *row > 0)?),
    };
    Some((column - 1, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_people_write_them() {
        let check = |text: &str, expected: Option<(u32, u32, Option<u32>, Option<u32>)>| {
            let range = Range::parse(text);
            let found = range.map(|r| (r.first_column, r.first_row, r.last_column, r.last_row));
            assert_eq!(found, expected, "{text}");
        };
        check("A4:F200", Some((0, 4, Some(5), Some(200))));
        check("$b$2:$AA$9", Some((1, 2, Some(26), Some(9))));
        check("A4:F", Some((0, 4, Some(5), None)));
        check("C3", Some((2, 3, None, None)));
        for bad in ["", "4:9", "A0:B2", "F4:A9", "A9:B4", "ABCD1:B2", "A1:B2:C3", "A:F"] {
            check(bad, None);
        }
    }
}

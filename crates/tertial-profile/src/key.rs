//! Which columns together tell the rows apart.

use crate::{ColumnProfile, Kind};
use polars::prelude::*;

/// The most columns of a key that is looked for.
const WIDEST: usize = 4;
/// Columns tried together; the most telling ones.
const TRIED: usize = 8;

/// The fewest columns without a missing value that are different in every row, leftmost first. Names
/// in the order of the table; empty when there are none.
pub(crate) fn candidate(frame: &DataFrame, columns: &[ColumnProfile]) -> PolarsResult<Vec<String>> {
    let rows = frame.height();
    if rows < 2 {
        return Ok(Vec::new());
    }
    let amount = |kind: &Kind| matches!(kind, Kind::Decimal { .. } | Kind::Boolean);
    let mut fit: Vec<usize> = (0..columns.len())
        .filter(|index| columns[*index].missing == 0 && !amount(&columns[*index].kind))
        .collect();
    fit.sort_by_key(|index| (std::cmp::Reverse(columns[*index].distinct), *index));
    fit.truncate(TRIED);
    fit.sort_unstable();
    for width in 1..=WIDEST.min(fit.len()) {
        for chosen in combinations(&fit, width) {
            // Fewer combinations of values than rows cannot tell all rows apart.
            let most =
                chosen.iter().map(|index| columns[*index].distinct).try_fold(1, usize::checked_mul);
            if most.is_some_and(|most| most < rows) {
                continue;
            }
            let names: Vec<&str> =
                chosen.iter().map(|index| columns[*index].name.as_str()).collect();
            if frame.select(names.iter().copied())?.is_unique()?.all() {
                return Ok(names.into_iter().map(str::to_owned).collect());
            }
        }
    }
    Ok(Vec::new())
}

/// Every choice of `width` of the items, in order.
fn combinations(items: &[usize], width: usize) -> Vec<Vec<usize>> {
    if width == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in items.iter().enumerate() {
        for mut rest in combinations(&items[index + 1..], width - 1) {
            rest.insert(0, *first);
            all.push(rest);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{columns_of_csv, profile};

    fn check(table: &str) -> String {
        profile("a.csv", &columns_of_csv("a.csv", table, ';').unwrap()).unwrap().key.join("+")
    }

    #[test]
    fn the_fewest_columns_are_proposed() {
        assert_eq!(check("id;a\n1;x\n2;x\n3;x\n"), "id");
        assert_eq!(check("a;b;c\n1;1;q\n1;2;q\n2;1;q\n2;2;r\n"), "a+b");
        assert_eq!(check("a;b;c\n1;1;1\n1;2;1\n2;1;1\n2;2;1\n2;2;2\n"), "a+b+c");
        // A row that comes twice, a missing value, an amount: no key.
        assert_eq!(check("a;b\n1;1\n1;1\n2;1\n"), "");
        assert_eq!(check("a;b\n1;1\n;1\n"), "");
        assert_eq!(check("a;belopp\n1;1,50\n1;2,50\n"), "");
    }

    #[test]
    fn choices_come_in_order() {
        assert_eq!(combinations(&[1, 2, 3], 2), [[1, 2], [1, 3], [2, 3]]);
    }
}

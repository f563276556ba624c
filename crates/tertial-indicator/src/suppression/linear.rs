//! Can the exact value of a hidden cell be known? Linear algebra over exact fractions.
//!
//! The sums, with the shown cells moved to one side, are linear equations in the hidden cells. A
//! *move* is a change of the hidden cells that keeps every sum; if a move of whole persons leaves
//! nobody below one person and changes a cell, that cell has at least two possible values. Moves
//! are taken from the null space of the equations: single ones, then pairs. A cell for which none
//! is found counts as exposed, which may hide a cell too many but never one too few.

use crate::ratio::Ratio;

/// A row's entries that are not zero, by column.
type Row = Vec<(usize, Ratio)>;

/// The hidden cells of one group.
pub(super) struct Hidden {
    persons: Vec<Option<u64>>,
    /// Reduced equations with their pivot columns; none when a number became too large.
    rows: Option<Vec<(usize, Row)>>,
}

impl Hidden {
    pub(super) fn new<'a>(
        group: &[usize],
        persons: &[Option<u64>],
        sums: impl Iterator<Item = (usize, &'a [usize])>,
    ) -> Hidden {
        let place = |id: usize| group.binary_search(&id).ok();
        let mut rows: Vec<Row> = Vec::new();
        for (whole, parts) in sums {
            let parts = parts.iter().map(|part| (*part, 1));
            let cells = parts.chain([(whole, -1)]);
            let mut row: Row =
                cells.filter_map(|(id, sign)| Some((place(id)?, Ratio::whole(sign)))).collect();
            row.sort_by_key(|(column, _)| *column);
            if !row.is_empty() {
                rows.push(row);
            }
        }
        Hidden { persons: persons.to_vec(), rows: reduce(rows) }
    }

    /// Which cells have at least two possible values.
    pub(super) fn safe(&self) -> Vec<bool> {
        let mut safe = vec![false; self.persons.len()];
        let Some(rows) = &self.rows else { return safe };
        let moves = self.moves(rows);
        for one in &moves {
            self.mark(one, &mut safe);
        }
        for cell in 0..safe.len() {
            for one in moves.iter().filter(|one| change_of(one, cell) != 0) {
                for other in &moves {
                    if safe[cell] {
                        break;
                    }
                    for sign in [1, -1] {
                        if let Some(pair) = combine(one, other, sign) {
                            self.mark(&pair, &mut safe);
                        }
                    }
                }
            }
        }
        safe
    }

    /// Marks what a move changes, when it can be made forwards or backwards.
    fn mark(&self, change: &[(usize, i64)], safe: &mut [bool]) {
        let possible = |sign: i64| {
            change.iter().all(|(cell, change)| match self.persons[*cell] {
                None => true,
                // A hidden nobody may stay nobody; where somebody is, somebody must be left.
                Some(persons) => {
                    let least = i128::from(persons.min(1));
                    i128::from(persons) + i128::from(sign) * i128::from(*change) >= least
                }
            })
        };
        if possible(1) || possible(-1) {
            change.iter().for_each(|(cell, _)| safe[*cell] = true);
        }
    }

    /// A basis of the null space in whole numbers: one move per column without pivot.
    fn moves(&self, rows: &[(usize, Row)]) -> Vec<Vec<(usize, i64)>> {
        let mut changes: Vec<Row> =
            (0..self.persons.len()).map(|column| vec![(column, Ratio::ONE)]).collect();
        for (pivot, row) in rows {
            changes[*pivot].clear();
            for (column, value) in row.iter().filter(|(column, _)| column != pivot) {
                changes[*column].push((*pivot, value.negated()));
            }
        }
        changes.iter().filter(|change| !change.is_empty()).filter_map(whole).collect()
    }
}

fn change_of(change: &[(usize, i64)], cell: usize) -> i64 {
    change.binary_search_by_key(&cell, |(at, _)| *at).map_or(0, |at| change[at].1)
}

/// One move and `sign` times another; none when a number becomes too large.
fn combine(one: &[(usize, i64)], other: &[(usize, i64)], sign: i64) -> Option<Vec<(usize, i64)>> {
    let merged = merge(one, other, |a, b| a.checked_add(b.checked_mul(sign)?))?;
    Some(merged.into_iter().filter(|(_, change)| *change != 0).collect())
}

/// Fully reduced rows with their pivot columns; none when a number overflows. The shortest row
/// gives the next pivot, which keeps the rows short.
fn reduce(mut rows: Vec<Row>) -> Option<Vec<(usize, Row)>> {
    let mut done: Vec<(usize, Row)> = Vec::new();
    loop {
        rows.retain(|row| !row.is_empty());
        let shortest = rows.iter().enumerate().min_by_key(|(at, row)| (row.len(), *at));
        let Some((at, _)) = shortest else { break };
        let mut pivot = rows.swap_remove(at);
        let (column, lead) = pivot[0];
        for (_, value) in &mut pivot {
            *value = value.checked_div(lead)?;
        }
        for row in rows.iter_mut().chain(done.iter_mut().map(|(_, row)| row)) {
            let Ok(at) = row.binary_search_by_key(&column, |(column, _)| *column) else { continue };
            let times = row[at].1;
            let less = merge(row, &pivot, |a, b| a.checked_sub(b.checked_mul(times)?))?;
            *row = less.into_iter().filter(|(_, value)| !value.is_zero()).collect();
        }
        done.push((column, pivot));
    }
    Some(done)
}

/// Entries of both rows by column, put together by `with`; what one lacks is zero.
fn merge<T: Copy + Default>(
    one: &[(usize, T)],
    other: &[(usize, T)],
    with: impl Fn(T, T) -> Option<T>,
) -> Option<Vec<(usize, T)>> {
    let mut merged = Vec::with_capacity(one.len() + other.len());
    let (mut i, mut j) = (0, 0);
    while i < one.len() || j < other.len() {
        let left = one.get(i).map_or(usize::MAX, |(column, _)| *column);
        let right = other.get(j).map_or(usize::MAX, |(column, _)| *column);
        let column = left.min(right);
        let a = if left == column { one[i].1 } else { T::default() };
        let b = if right == column { other[j].1 } else { T::default() };
        merged.push((column, with(a, b)?));
        i += usize::from(left == column);
        j += usize::from(right == column);
    }
    Some(merged)
}

/// The smallest whole-number multiple of a change, by column; none when it is too large.
fn whole(change: &Row) -> Option<Vec<(usize, i64)>> {
    let mut multiple = Ratio::ONE;
    for (_, value) in change {
        let scaled = value.checked_mul(multiple)?;
        multiple = multiple.checked_mul(scaled.denominator_as_ratio())?;
    }
    let scaled =
        change.iter().map(|(at, value)| Some((*at, value.checked_mul(multiple)?.as_whole()?)));
    let mut whole: Vec<(usize, i64)> = scaled.collect::<Option<_>>()?;
    whole.sort_by_key(|(column, _)| *column);
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(persons: &[u64], sums: &[(usize, &[usize])]) -> Vec<bool> {
        let group: Vec<usize> = (0..persons.len()).collect();
        let persons: Vec<Option<u64>> = persons.iter().copied().map(Some).collect();
        Hidden::new(&group, &persons, sums.iter().copied()).safe()
    }

    #[test]
    fn a_lone_cell_in_a_sum_is_known() {
        // The whole (99) is shown, so its only hidden part follows.
        assert_eq!(safe(&[4], &[(99, &[0, 7])]), [false]);
        assert_eq!(safe(&[4, 20], &[(99, &[0, 1, 7])]), [true, true]);
        assert_eq!(safe(&[4], &[]), [true]);
    }

    #[test]
    fn two_ones_that_sum_to_two_are_known() {
        assert_eq!(safe(&[1, 1], &[(99, &[0, 1])]), [false, false]);
        assert_eq!(safe(&[1, 2], &[(99, &[0, 1])]), [true, true]);
    }

    #[test]
    fn a_cell_may_be_known_although_no_sum_has_only_one() {
        // Rows 0+1 and 2+3, columns 0+2 and 1+3+4: subtracting columns from rows leaves 4.
        let sums: [(usize, &[usize]); 4] =
            [(90, &[0, 1]), (91, &[2, 3]), (92, &[0, 2]), (93, &[1, 3, 4])];
        assert_eq!(safe(&[5, 6, 7, 8, 9], &sums), [true, true, true, true, false]);
    }
}

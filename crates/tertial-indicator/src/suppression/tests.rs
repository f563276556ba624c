use super::*;
use proptest::prelude::*;

/// A table of parts by columns with row sums, column sums and a grand total.
struct Table {
    structure: Structure,
    ids: Vec<Vec<CellId>>,
    persons: Vec<Vec<u64>>,
}

/// Builds the table with its margins as last row and column.
fn table(inside: &[Vec<u64>]) -> Table {
    let mut persons: Vec<Vec<u64>> = inside.to_vec();
    for row in &mut persons {
        row.push(row.iter().sum());
    }
    let columns = persons[0].len();
    let totals = (0..columns).map(|c| persons.iter().map(|row| row[c]).sum()).collect();
    persons.push(totals);
    let mut structure = Structure::new();
    let ids: Vec<Vec<CellId>> = persons
        .iter()
        .enumerate()
        .map(|(r, row)| {
            let cell =
                |(c, count): (usize, &u64)| structure.cell(&format!("{r}:{c}"), Some(*count));
            row.iter().enumerate().map(cell).collect()
        })
        .collect();
    for row in &ids {
        structure.sum(row[columns - 1], &row[..columns - 1]);
    }
    for c in 0..columns {
        let column: Vec<CellId> = ids.iter().map(|row| row[c]).collect();
        structure.sum(column[column.len() - 1], &column[..column.len() - 1]);
    }
    Table { structure, ids, persons }
}

impl Table {
    fn picture(&self, settings: &Settings) -> String {
        let answer = self.structure.suppress(settings);
        let text = |(id, persons): (&CellId, &u64)| match answer.reason(*id) {
            None => persons.to_string(),
            Some(Reason::Primary) => "[p]".to_owned(),
            Some(Reason::Secondary) => "[s]".to_owned(),
        };
        let rows = self.ids.iter().zip(&self.persons);
        let lines = rows
            .map(|(ids, persons)| ids.iter().zip(persons).map(text).collect::<Vec<_>>().join(" "));
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn a_small_cell_takes_the_smallest_safe_company() {
    let table = table(&[vec![4, 30], vec![25, 40], vec![60, 70]]);
    insta::assert_snapshot!(table.picture(&Settings::default()), @r#"
    [p] [s] 34
    [s] [s] 65
    60 70 130
    89 140 229
    "#);
}

#[test]
fn what_is_left_of_a_whole_stands_for_more_than_few() {
    // 61 managers of a region, 57 of them in one board: two boards of two are hidden, and their sum
    // would be the value of four persons. With a third board of 20 that one is hidden instead.
    let boards = |persons: &[u64]| -> Vec<bool> {
        let mut structure = Structure::new();
        let numbered = persons.iter().enumerate();
        let parts: Vec<CellId> =
            numbered.map(|(at, count)| structure.cell(&format!("{at}"), Some(*count))).collect();
        let whole = structure.cell("all", Some(persons.iter().sum()));
        structure.sum(whole, &parts);
        let answer = structure.suppress(&Settings { max_persons: 10 });
        parts.into_iter().chain([whole]).map(|cell| answer.is_hidden(cell)).collect()
    };
    assert_eq!(boards(&[57, 2, 2]), [true, true, true, false]);
    assert_eq!(boards(&[57, 20, 2, 2]), [false, true, true, true, false]);
    assert_eq!(boards(&[57, 6, 5]), [false, true, true, false], "eleven are not few");
    assert_eq!(boards(&[57, 20]), [false, false, false]);
}

#[test]
fn women_and_men_give_each_other_away() {
    let mut structure = Structure::new();
    let women = structure.cell("RS:K", Some(7));
    let men = structure.cell("RS:M", Some(80));
    let total = structure.cell("RS:T", Some(87));
    structure.sum(total, &[women, men]);
    let answer = structure.suppress(&Settings::default());
    assert_eq!(answer.reason(women), Some(Reason::Primary));
    assert_eq!(answer.reason(men), Some(Reason::Secondary));
    assert!(!answer.is_hidden(total));
    assert_eq!(answer.counts(), (1, 1));
}

#[test]
fn another_table_with_the_same_cell_gives_nothing_away() {
    // Units by sex, and the same women by age: hiding the women's partner is not enough.
    let mut structure = Structure::new();
    let women = structure.cell("605:K", Some(6));
    let men = structure.cell("605:M", Some(40));
    let total = structure.cell("605:T", Some(46));
    structure.sum(total, &[women, men]);
    let women_again = structure.cell("605:K", None);
    assert_eq!(women, women_again);
    let men_young = structure.cell("605:M:ung", Some(15));
    let men_old = structure.cell("605:M:äldre", Some(25));
    structure.sum(men, &[men_young, men_old]);
    let answer = structure.suppress(&Settings::default());
    assert!(answer.is_hidden(women) && answer.is_hidden(men));
    assert!(answer.is_hidden(men_young) || answer.is_hidden(men_old), "the men follow by addition");
}

#[test]
fn months_give_the_year_to_date_away() {
    let mut structure = Structure::new();
    let months: Vec<CellId> =
        (1..=4).map(|m| structure.cell(&format!("2024-0{m}"), Some(m * 9))).collect();
    let so_far = structure.cell("2024T1", Some(90));
    structure.sum(so_far, &months);
    let answer = structure.suppress(&Settings::default());
    let hidden: Vec<bool> = months.iter().map(|month| answer.is_hidden(*month)).collect();
    assert_eq!(hidden, [true, true, false, false]);
    assert!(!answer.is_hidden(so_far));
}

#[test]
fn nobody_and_no_persons_are_no_reason_to_hide() {
    let mut structure = Structure::new();
    let none = structure.cell("a", Some(0));
    let kilowatts = structure.cell("b", None);
    let many = structure.cell("c", Some(11));
    structure.sum(many, &[none, kilowatts]);
    assert_eq!(structure.suppress(&Settings::default()).counts(), (0, 0));
    let eleven = Settings { max_persons: 11 };
    assert_eq!(structure.suppress(&eleven).reason(many), Some(Reason::Primary));
}

#[test]
fn an_only_child_takes_its_parent_along() {
    let mut structure = Structure::new();
    let department = structure.cell("605", Some(3));
    let area = structure.cell("REGIONSTABEN", Some(3));
    let other = structure.cell("VARDVAL", Some(50));
    let board = structure.cell("RS", Some(53));
    structure.sum(area, &[department]);
    structure.sum(board, &[area, other]);
    let answer = structure.suppress(&Settings::default());
    assert!(answer.is_hidden(department) && answer.is_hidden(area) && answer.is_hidden(other));
    assert!(!answer.is_hidden(board));
}

/// A region of 30 units by sex and month with year to date, in one structure.
#[test]
fn a_regions_months_by_unit_and_sex_are_safe() {
    let mut structure = Structure::new();
    let mut state = 12_345u64;
    let mut random = |most: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    const UNITS: usize = 30;
    const MONTHS: usize = 8;
    // counts[unit][sex][month], with totals last on each axis.
    let mut counts = vec![vec![vec![0u64; MONTHS + 1]; 3]; UNITS + 1];
    for unit in 0..UNITS {
        let size = [4, 12, 40, 200][unit % 4];
        for sex in 0..2 {
            for month in 0..MONTHS {
                let count = random(size);
                for u in [unit, UNITS] {
                    for s in [sex, 2] {
                        for m in [month, MONTHS] {
                            counts[u][s][m] += count;
                        }
                    }
                }
            }
        }
    }
    let mut id = |u: usize, s: usize, m: usize| {
        structure.cell(&format!("{u}:{s}:{m}"), Some(counts[u][s][m]))
    };
    let mut sums: Vec<(CellId, Vec<CellId>)> = Vec::new();
    for u in 0..=UNITS {
        for s in 0..3 {
            sums.push((id(u, s, MONTHS), (0..MONTHS).map(|m| id(u, s, m)).collect()));
        }
        for m in 0..=MONTHS {
            sums.push((id(u, 2, m), vec![id(u, 0, m), id(u, 1, m)]));
        }
    }
    for s in 0..3 {
        for m in 0..=MONTHS {
            sums.push((id(UNITS, s, m), (0..UNITS).map(|u| id(u, s, m)).collect()));
        }
    }
    for (whole, parts) in sums {
        structure.sum(whole, &parts);
    }
    let answer = structure.suppress(&Settings::default());
    assert_eq!(determined(&structure, &answer), Vec::<usize>::new());
    let (primary, secondary) = answer.counts();
    assert!(primary > 150 && secondary < 2 * primary, "{primary} {secondary}");
}

/// Every value each hidden cell may have, by trying all: an attacker who knows the shown cells,
/// the sums, and that nobody is ever hidden (so at least one person is).
fn possible_values(
    table: &Table,
    answer: &Answer,
) -> Vec<(CellId, std::collections::BTreeSet<u64>)> {
    let cells: Vec<(CellId, u64)> =
        table.ids.iter().flatten().copied().zip(table.persons.iter().flatten().copied()).collect();
    let hidden: Vec<CellId> =
        cells.iter().map(|cell| cell.0).filter(|id| answer.is_hidden(*id)).collect();
    let most = table.persons.iter().flatten().max().copied().unwrap_or(0) + 3;
    let mut value: Vec<Option<u64>> = vec![None; cells.len()];
    for (id, persons) in &cells {
        if !answer.is_hidden(*id) {
            value[id.0] = Some(*persons);
        }
    }
    let least = |id: CellId| table.persons.iter().flatten().nth(id.0).copied().unwrap_or(0).min(1);
    let mut found: Vec<(CellId, std::collections::BTreeSet<u64>)> =
        hidden.iter().map(|id| (*id, Default::default())).collect();
    try_all(&table.structure, &hidden, 0, most, &least, &mut value, &mut found);
    found
}

fn try_all(
    structure: &Structure,
    hidden: &[CellId],
    at: usize,
    most: u64,
    least: &dyn Fn(CellId) -> u64,
    value: &mut Vec<Option<u64>>,
    found: &mut [(CellId, std::collections::BTreeSet<u64>)],
) {
    if found.iter().all(|(_, values)| values.len() > 1) {
        return;
    }
    let is_possible = structure.sums.iter().all(|sum| {
        let parts: Option<u64> = sum.parts.iter().map(|part| value[*part]).sum();
        match (parts, value[sum.whole]) {
            (Some(parts), Some(whole)) => parts == whole,
            (None, Some(whole)) => {
                sum.parts.iter().filter_map(|part| value[*part]).sum::<u64>() <= whole
            }
            _ => true,
        }
    });
    if !is_possible {
        return;
    }
    let Some(id) = hidden.get(at) else {
        for (id, values) in found {
            values.extend(value[id.0]);
        }
        return;
    };
    for guess in least(*id)..=most {
        value[id.0] = Some(guess);
        try_all(structure, hidden, at + 1, most, least, value, found);
    }
    value[id.0] = None;
}

/// An independent attacker for larger tables: elimination modulo a prime tells which hidden cells
/// the sums determine.
fn determined(structure: &Structure, answer: &Answer) -> Vec<usize> {
    const PRIME: i64 = 1_000_003;
    let hidden: Vec<usize> =
        (0..structure.cells.len()).filter(|id| answer.hidden[*id].is_some()).collect();
    let mut rows: Vec<Vec<i64>> = structure
        .sums
        .iter()
        .map(|sum| {
            let sign = |id: &usize| {
                if *id == sum.whole { PRIME - 1 } else { i64::from(sum.parts.contains(id)) }
            };
            hidden.iter().map(sign).collect()
        })
        .collect();
    let power = |base: i64, mut exponent: i64| {
        let (mut result, mut base) = (1, base);
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result * base % PRIME;
            }
            base = base * base % PRIME;
            exponent /= 2;
        }
        result
    };
    let mut top = 0;
    for column in 0..hidden.len() {
        let Some(at) = (top..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(top, at);
        let inverse = power(rows[top][column], PRIME - 2);
        rows[top].iter_mut().for_each(|value| *value = *value * inverse % PRIME);
        let pivot = rows[top].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            let times = row[column];
            if at != top && times != 0 {
                for (value, lead) in row.iter_mut().zip(&pivot) {
                    *value = (*value + (PRIME - times) * lead) % PRIME;
                }
            }
        }
        top += 1;
    }
    let alone = rows.iter().filter(|row| row.iter().filter(|v| **v != 0).count() == 1);
    alone.map(|row| hidden[row.iter().position(|v| *v != 0).unwrap()]).collect()
}

/// Without company both attackers find the small cell: they are not blind.
#[test]
fn the_attackers_can_see() {
    let table = table(&[vec![4, 30], vec![25, 40]]);
    let mut answer = table.structure.suppress(&Settings::default());
    for reason in &mut answer.hidden {
        *reason = reason.filter(|reason| *reason == Reason::Primary);
    }
    assert_eq!(determined(&table.structure, &answer), [table.ids[0][0].0]);
    let found = possible_values(&table, &answer);
    assert_eq!(found, [(table.ids[0][0], [4].into())]);
}

fn counts(rows: usize, columns: usize, most: u64) -> impl Strategy<Value = Vec<Vec<u64>>> {
    prop::collection::vec(prop::collection::vec(0..=most, columns), rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nobody_who_tries_everything_learns_a_hidden_cell(inside in counts(2, 2, 7), max in 1u64..4) {
        let table = table(&inside);
        let answer = table.structure.suppress(&Settings { max_persons: max });
        for (id, values) in possible_values(&table, &answer) {
            prop_assert!(values.len() > 1, "{id:?} is {values:?} in\n{}", table.picture(&Settings { max_persons: max }));
        }
    }

    #[test]
    fn elimination_determines_no_hidden_cell(inside in (2usize..7, 2usize..6).prop_flat_map(|(r, c)| counts(r, c, 40))) {
        let table = table(&inside);
        let answer = table.structure.suppress(&Settings::default());
        prop_assert_eq!(determined(&table.structure, &answer), Vec::<usize>::new());
    }

    #[test]
    fn exactly_the_small_cells_are_primary_and_nothing_is_hidden_without_them(inside in counts(3, 3, 60)) {
        let table = table(&inside);
        let answer = table.structure.suppress(&Settings::default());
        let mut small = 0;
        for (id, persons) in table.ids.iter().flatten().zip(table.persons.iter().flatten()) {
            let is_small = (1..=10).contains(persons);
            small += usize::from(is_small);
            prop_assert_eq!(answer.reason(*id) == Some(Reason::Primary), is_small);
        }
        prop_assert!(small > 0 || answer.counts() == (0, 0));
        let structure = &table.structure;
        let tells_few = |sum: &&Sum| structure.leaves_few(sum, &answer, &Settings::default());
        prop_assert_eq!(structure.sums.iter().find(tells_few).map(|sum| sum.whole), None);
    }

    #[test]
    fn trees_of_units_by_sex_are_safe(leaves in prop::collection::vec((0u64..30, 0u64..30), 4..12)) {
        let mut structure = Structure::new();
        let mut add = |key: String, women: u64, men: u64| {
            let cells = [
                structure.cell(&format!("{key}:K"), Some(women)),
                structure.cell(&format!("{key}:M"), Some(men)),
                structure.cell(&format!("{key}:T"), Some(women + men)),
            ];
            structure.sum(cells[2], &cells[..2]);
            cells
        };
        let sum = |leaves: &[(u64, u64)]| leaves.iter().fold((0, 0), |(w, m), leaf| (w + leaf.0, m + leaf.1));
        let mut areas = Vec::new();
        let mut sums = Vec::new();
        for (a, units) in leaves.chunks(4).enumerate() {
            let (women, men) = sum(units);
            let area = add(format!("area{a}"), women, men);
            let units: Vec<[CellId; 3]> =
                units.iter().enumerate().map(|(u, (w, m))| add(format!("{a}.{u}"), *w, *m)).collect();
            for sex in 0..3 {
                sums.push((area[sex], units.iter().map(|unit| unit[sex]).collect::<Vec<_>>()));
            }
            areas.push(area);
        }
        let (women, men) = sum(&leaves);
        let board = add("RS".into(), women, men);
        for sex in 0..3 {
            sums.push((board[sex], areas.iter().map(|area| area[sex]).collect()));
        }
        for (whole, parts) in sums {
            structure.sum(whole, &parts);
        }
        let answer = structure.suppress(&Settings::default());
        prop_assert_eq!(determined(&structure, &answer), Vec::<usize>::new());
        prop_assert_eq!(structure.suppress(&Settings::default()), answer);
    }
}

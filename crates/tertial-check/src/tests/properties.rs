//! What holds for any delivery.

use super::*;
use crate::contract_from_part;
use proptest::prelude::*;
use tertial_model::same;

fn delivery() -> Delivery {
    let columns = [
        column("id", "varchar", ", required: true, primaryKey: true, primaryKeyPosition: 1"),
        column("month", "month", ", primaryKey: true, primaryKeyPosition: 2"),
        column("amount", "decimal(9,2)", ", required: true, logicalTypeOptions: {maximum: 5000}"),
        column("count", "bigint", ""),
        column(
            "person",
            "varchar",
            ", classification: sensitive, customProperties: [{property: tertial.transform, value: \"pseudonym:hr\"}]",
        ),
    ];
    Delivery::new(contract(&columns.join("\n"), ""), "id;month;amount;count;person")
}

/// Rows that are mostly sound, sometimes wrong in each way.
fn row() -> impl Strategy<Value = String> {
    let id =
        prop_oneof![6 => "[a-e]", 1 => Just(String::new()), 1 => Just("Totalsumma".to_owned())];
    let month =
        prop_oneof![6 => "2024-0[1-3]", 1 => Just("juli".to_owned()), 1 => Just(String::new())];
    let amount = prop_oneof![6 => "[1-9][0-9]{0,2},[0-9]{1,2}", 1 => "[0-9]{6}", 1 => "[0-9]\\.[0-9]", 1 => Just("..".to_owned())];
    let count = prop_oneof![6 => "[0-9]{1,3}", 1 => "[a-z]"];
    let tail = prop_oneof![9 => Just(""), 1 => Just(";x")];
    (id, month, amount, count, tail).prop_map(|(id, month, amount, count, tail)| {
        format!("{id};{month};{amount};{count};p{tail}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn accepted_and_set_aside_and_sums_are_all_rows(rows in prop::collection::vec(row(), 1..60), size in 1usize..20) {
        let (batches, _) = delivery().night(&rows.join("\n"), size);
        let mut read = 0;
        for one in &batches {
            let parts = one.accepted.num_rows() as u64 + one.rejects.len() as u64 + one.sum_rows;
            prop_assert_eq!(one.rows_read, parts);
            prop_assert!(one.keys.iter().all(|keys| keys.len() == one.accepted.num_rows()));
            prop_assert_eq!(one.lines.len(), one.accepted.num_rows());
            prop_assert!(one.rejects.iter().all(|reject| !reject.diagnostics.is_empty()));
            prop_assert!(one.rejects.is_sorted_by_key(|reject| reject.line));
            read += one.rows_read;
        }
        prop_assert_eq!(read, rows.len() as u64);
    }

    #[test]
    fn the_size_of_batches_changes_nothing(rows in prop::collection::vec(row(), 1..60), size in 1usize..20) {
        let rows = rows.join("\n");
        let all = |size: usize| {
            let (batches, sums) = delivery().night(&rows, size);
            let accepted: Vec<String> = batches.iter().flat_map(|one| accepted(&one.accepted)).collect();
            let rejects: Vec<_> = batches.into_iter().flat_map(|one| one.rejects).collect();
            (accepted, rejects, sums.finish())
        };
        prop_assert_eq!(all(1000), all(size));
    }

    #[test]
    fn the_order_of_rows_changes_only_lines(rows in prop::collection::vec(row(), 1..40)) {
        let outcome = |rows: &[String]| {
            let (batches, sums) = delivery().night(&rows.join("\n"), 7);
            let mut keys: Vec<u64> = batches.iter().flat_map(|one| one.keys[0].clone()).collect();
            keys.sort_unstable();
            let rejects = batches.iter().flat_map(|one| one.rejects.iter());
            let mut codes: Vec<Vec<_>> = rejects.map(|r| r.diagnostics.iter().map(|d| d.code).collect()).collect();
            codes.sort();
            let (_, mut comparisons) = sums.finish();
            comparisons.iter_mut().for_each(|one| one.line = 0);
            comparisons.sort_by_key(|one| (one.subject.clone(), one.expected, one.found));
            (keys, codes, comparisons)
        };
        let backwards: Vec<String> = rows.iter().rev().cloned().collect();
        prop_assert_eq!(outcome(&rows), outcome(&backwards));
    }

    #[test]
    fn arbitrary_text_never_panics_and_is_never_lost(rows in prop::collection::vec("[^;\n]{0,12};[^;\n]{0,12};[^;\n]{0,12};[^;\n]{0,12};[^;\n]{0,12}", 1..20)) {
        let (batches, sums) = delivery().night(&rows.join("\n"), 6);
        let read: u64 = batches.iter().map(|one| one.rows_read).sum();
        prop_assert!(read >= rows.len() as u64);
        for reject in batches.iter().flat_map(|one| &one.rejects) {
            reject.diagnostics.iter().for_each(|diagnostic| drop(diagnostic.to_string()));
        }
        sums.finish();
    }

    #[test]
    fn a_sensitive_text_is_in_no_message(secret in "[0-9]{6}-[0-9]{4}", amount in "[a-z]{1,4}") {
        let checked = delivery().check(&format!("a;2024-01;{amount};1;{secret}\n;x;y;z;{secret}\n{secret};1"));
        for reject in &checked.rejects {
            let all = format!("{}{}", reject.raw, told(&reject.diagnostics));
            prop_assert!(!all.contains(&secret[..6]), "{}", all);
        }
        prop_assert_eq!(checked.rejects.len(), 3);
    }

    #[test]
    fn text_columns_keep_what_stood_there_with_its_letters_composed(cells in prop::collection::vec("[^;\n\u{feff}]{0,16}", 1..20)) {
        let part = Part { name: String::new(), headings: vec!["a".into()], types: Vec::new() };
        let mut delivery = Delivery::new(contract_from_part("t", &part), "a");
        delivery.missing.clear();
        delivery.sum_rows.clear();
        let checked = delivery.check(&cells.join("\n"));
        let kept: Vec<String> = accepted(&checked.accepted);
        let outside = |c: char| c.is_whitespace() || same::is_invisible(c);
        let plain = |cell: &String| match &*same::composed(cell.trim_matches(outside)) {
            "" => "∅".to_owned(),
            text => text.to_owned(),
        };
        prop_assert_eq!(kept, cells.iter().map(plain).collect::<Vec<_>>());
    }
}

//! Small tables worked through by hand.

use super::*;

/// Unit, period, sex, breakdown, numerator, denominator (none for a count) and persons.
type Given = (&'static str, &'static str, Sex, &'static str, f64, Option<f64>, u64);

fn definition(fields: &str) -> Definition {
    let text = format!(
        "name = \"x\"\nunit = \"%\"\ndirection = \"lower\"\nfrequency = \"tertial\"\n\
         measures = \"x\"\nkort = \"x\"\nviktigt = [\"x\"]\nbearbetning = \"x\"\n\
         responsible = \"x\"\nsource = \"x\"\nsuppress_max = 10\n{fields}\n[[version]]\n\
         number = 1\nvalid_from = \"2019-01-01\"\nreason = \"x\"\n"
    );
    Definition::parse("sql/indicator/hr__x_pct.toml", &text).unwrap()
}

/// A region with a board and three departments.
fn parents() -> BTreeMap<String, Option<String>> {
    [
        ("RJH", None),
        ("RS", Some("RJH")),
        ("605", Some("RS")),
        ("607", Some("RS")),
        ("608", Some("RS")),
    ]
    .into_iter()
    .map(|(unit, parent)| (unit.to_owned(), parent.map(str::to_owned)))
    .collect()
}

/// The cells that are hidden, with a letter for why.
fn hides(fields: &str, given: &[Given]) -> Vec<String> {
    let exact = |value: f64| Decimal::parse(&format!("{value:.2}"));
    let rows: Vec<Row> = given
        .iter()
        .map(|(unit, period, sex, breakdown, numerator, denominator, persons)| Row {
            unit,
            period: Period::parse(period).unwrap(),
            sex: *sex,
            breakdown,
            numerator: exact(*numerator),
            denominator: denominator.and_then(exact),
            persons: Some(*persons),
            is_planned: false,
        })
        .collect();
    let reasons = hidden(&definition(fields), &parents(), &rows);
    let named = rows.iter().zip(reasons).filter_map(|(row, reason)| {
        let letter = match reason? {
            Reason::Primary => "p",
            Reason::Secondary => "s",
        };
        let name = format!("{} {} {} {}", row.unit, row.period, row.sex, row.breakdown);
        Some(format!("{} {letter}", name.trim_end()))
    });
    named.collect()
}

const SHARE: &str = "factor = 100\ndecimals = 1";
const INDEX: &str = "factor = 1\ndecimals = 1";

#[test]
fn four_managers_outside_the_board_hide_neither_board_nor_region() {
    let given = [
        ("RJH", "2024T2", Sex::T, "", 1_372.5, Some(305.0), 305),
        ("RJH", "2024T2", Sex::T, "Chefer", 286.7, Some(61.0), 61),
        ("RS", "2024T2", Sex::T, "", 1_192.5, Some(265.0), 265),
        ("RS", "2024T2", Sex::T, "Chefer", 267.9, Some(57.0), 57),
        ("605", "2024T2", Sex::T, "", 40.0, Some(10.0), 10),
    ];
    // 4,7 of 61 and 4,7 of 57 leave anything from 3,3 to 6,1 to the four.
    assert_eq!(hides(INDEX, &given), ["605 2024T2 T p"]);
}

#[test]
fn a_remainder_of_nothing_tells_nobody_s_health() {
    // 30 of 225 less 30 of 200 leaves nothing for five and twenty persons.
    let given = [
        ("RS", "2024T2", Sex::T, "", 30.0, Some(225.0), 225),
        ("605", "2024T2", Sex::T, "", 0.0, Some(5.0), 5),
        ("607", "2024T2", Sex::T, "", 0.0, Some(20.0), 20),
        ("608", "2024T2", Sex::T, "", 30.0, Some(200.0), 200),
    ];
    let found = hides(&format!("{SHARE}\nfew_on_a_side = \"x\""), &given);
    assert!(found.contains(&"605 2024T2 T p".to_owned()), "{found:?}");
    assert!(
        found.iter().any(|cell| cell.starts_with("608") || cell.starts_with("RS")),
        "{found:?}"
    );
}

#[test]
fn women_and_men_who_are_counted_give_each_other_away() {
    let given = [
        ("605", "2024T2", Sex::K, "", 7.0, None, 7),
        ("605", "2024T2", Sex::M, "", 80.0, None, 80),
        ("605", "2024T2", Sex::T, "", 87.0, None, 87),
    ];
    assert_eq!(hides(INDEX, &given), ["605 2024T2 K p", "605 2024T2 M s"]);
}

#[test]
fn one_of_eighteen_is_a_person_and_two_hundred_of_five_hundred_are_not() {
    let given = [
        ("RS", "2024T2", Sex::T, "", 300.0, Some(500.0), 500),
        ("605", "2024T2", Sex::T, "", 17.0, Some(18.0), 18),
        ("607", "2024T2", Sex::T, "", 18.0, Some(18.0), 18),
        ("608", "2024T2", Sex::T, "", 265.0, Some(464.0), 464),
    ];
    let found = hides(SHARE, &given);
    assert_eq!(&found[..2], ["605 2024T2 T p", "607 2024T2 T p"], "{found:?}");
    let harmless = hides(&format!("{SHARE}\nfew_on_a_side = \"x\""), &given);
    assert_eq!(harmless, Vec::<String>::new());
}

#[test]
fn persons_at_an_area_itself_are_few_too() {
    // The board's own man: its hours less those of its departments.
    let of = |man: f64| {
        [
            ("RS", "2024T2", Sex::T, "", 2_000.0 + man, Some(40_000.0), 25),
            ("605", "2024T2", Sex::T, "", 1_000.0, Some(19_200.0), 12),
            ("607", "2024T2", Sex::T, "", 1_000.0, Some(19_200.0), 12),
        ]
    };
    // One decimal leaves 604 to 682 hours to the man's 640, and two decimals 636 to 644.
    assert_eq!(hides(SHARE, &of(640.0)), Vec::<String>::new());
    assert_ne!(hides("factor = 100\ndecimals = 2", &of(640.0)), Vec::<String>::new());
}

#[test]
fn a_level_that_is_left_out_is_no_shelter() {
    // The departments stand below a board that the figure does not give.
    let given = [
        ("RJH", "2024T2", Sex::T, "", 300.0, None, 300),
        ("605", "2024T2", Sex::T, "", 296.0, None, 296),
        ("607", "2024T2", Sex::T, "", 4.0, None, 4),
    ];
    assert_eq!(hides(INDEX, &given), ["605 2024T2 T s", "607 2024T2 T p"]);
}

#[test]
fn a_hidden_month_takes_another_month_with_it_and_not_the_year() {
    let month = |name, hours, persons| ("605", name, Sex::T, "", hours, Some(1_000.0), persons);
    let given = [
        month("2024-01", 50.25, 9),
        month("2024-02", 60.5, 12),
        month("2024-03", 40.0, 12),
        month("2024-04", 55.0, 12),
        ("605", "2024T1", Sex::T, "", 205.75, Some(4_000.0), 12),
    ];
    // One decimal of the four months leaves 44,5 to 51,5 to the nine persons' 50,25.
    assert_eq!(hides(SHARE, &given), ["605 2024-01 T p"]);
    let exact = hides("factor = 100\ndecimals = 2", &given);
    assert_eq!(exact[0], "605 2024-01 T p");
    assert_eq!(exact.len(), 2, "{exact:?}");
    assert!(!exact[1].contains("2024T1"), "{exact:?}");
}

#[test]
fn a_hidden_age_group_keeps_company_only_where_print_would_tell() {
    let ages = |young: f64, decimals: u8| {
        let fields = format!("factor = 100\ndecimals = {decimals}\nbreakdowns_add_up = true");
        let given = [
            ("605", "2024T2", Sex::T, "", young + 4_500.0, Some(96_000.0), 60),
            ("605", "2024T2", Sex::T, "-29", young, Some(6_400.0), 4),
            ("605", "2024T2", Sex::T, "30-49", 2_500.0, Some(49_600.0), 31),
            ("605", "2024T2", Sex::T, "50-", 2_000.0, Some(40_000.0), 25),
        ];
        hides(&fields, &given)
    };
    assert_eq!(ages(320.25, 1), ["605 2024T2 T -29 p"]);
    let exact = ages(320.25, 4);
    assert_eq!(exact[0], "605 2024T2 T -29 p");
    assert_eq!(exact.len(), 2, "{exact:?}");
}

#[test]
fn nobody_and_no_limit_are_no_reason_to_hide() {
    let given = [
        ("605", "2024T2", Sex::T, "", 0.0, None, 0),
        ("607", "2024T2", Sex::T, "", 11.0, None, 11),
        ("RS", "2024T2", Sex::T, "", 11.0, None, 11),
    ];
    assert_eq!(hides(INDEX, &given), Vec::<String>::new());
}

#[test]
fn the_order_of_the_rows_decides_nothing() {
    let mut given = vec![
        ("RS", "2024T2", Sex::T, "", 95.0, None, 95),
        ("605", "2024T2", Sex::T, "", 4.0, None, 4),
        ("607", "2024T2", Sex::T, "", 31.0, None, 31),
        ("608", "2024T2", Sex::T, "", 60.0, None, 60),
    ];
    let one = hides(INDEX, &given);
    given.reverse();
    let mut other = hides(INDEX, &given);
    other.reverse();
    assert_eq!(one, other);
    assert_eq!(one, ["605 2024T2 T p", "607 2024T2 T s"]);
}

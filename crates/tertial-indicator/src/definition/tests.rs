use super::form::is_day;
use super::*;
use proptest::prelude::*;
use tertial_model::{Code, Diagnostic};

const SOUND: &str = r#"
name = "Sjukfrånvaro"
unit = "%"
factor = 100
decimals = 1
direction = "lower"
frequency = "tertial"
measures = "Sjuktimmar som andel av ordinarie arbetstid."
kort = "Hur stor del av arbetstiden som är sjukfrånvaro."
viktigt = ["Timavlönade ingår inte."]
bearbetning = "Timmar summeras per månad."
responsible = "HR-direktör"
source = "Löne- och HR-systemet"
kolada = "N60030"
suppress_max = 10
completeness = ["hr__worked_time"]
preliminary_until = ""

[[version]]
number = 1
valid_from = "2024-01-01"
reason = "Första metoden."

[[version]]
number = 2
valid_from = 2025-01-01
reason = "Ny definition av ordinarie tid."
"#;

const FILE: &str = "sql/indicator/hr__sick_leave_pct.toml";

fn faults(text: &str) -> String {
    let faults = Definition::parse(FILE, text).unwrap_err();
    faults.iter().map(Diagnostic::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sound_definition_is_read_with_its_defaults() {
    let definition = Definition::parse(FILE, SOUND).unwrap();
    assert_eq!(definition.id, "hr__sick_leave_pct");
    assert_eq!(definition.factor, Decimal::whole(100));
    assert_eq!(definition.direction, Direction::Lower);
    assert_eq!(definition.attainment_form, AttainmentForm::Ratio);
    assert_eq!(definition.series, SeriesKind::Plain);
    assert_eq!(definition.preliminary_until, None);
    assert_eq!(definition.version_on("2023-12-31"), None);
    assert_eq!(definition.version_on("2024-08-31").unwrap().number, 1);
    assert_eq!(definition.version_on("2025-01-01").unwrap().number, 2);
}

#[test]
fn every_fault_of_a_file_comes_in_one_run() {
    let text = SOUND
        .replace("direction = \"lower\"", "direction = \"down\"")
        .replace("decimals = 1", "decimals = \"1\"")
        .replace("kort = \"Hur stor del av arbetstiden som är sjukfrånvaro.\"", "kort = \" \"")
        .replace("kolada", "koladda")
        .replace("responsible = \"HR-direktör\"\n", "")
        .replace("2025-01-01", "2023-01-01");
    insta::assert_snapshot!(faults(&text), @r#"
        error[T0506]: `responsible` is missing
           --> sql/indicator/hr__sick_leave_pct.toml

        hint: add `responsible = …`

        error[T0502]: `decimals` is not a whole number
           --> sql/indicator/hr__sick_leave_pct.toml:5:12
            |
          5 | decimals = "1"
            |            ^^^
            = found:    a TOML string
            = expected: a whole number

        error[T0506]: `direction` has no such value as `down`
           --> sql/indicator/hr__sick_leave_pct.toml:6:13
            |
          6 | direction = "down"
            |             ^^^^^^
            = expected: one of `higher`, `lower`, `none`

        error[T0506]: `kort` is empty
           --> sql/indicator/hr__sick_leave_pct.toml:9:8
            |
          9 | kort = " "
            |        ^^^
            = expected: a text for the reader

        error[T0502]: `koladda` is not a field of a definition
           --> sql/indicator/hr__sick_leave_pct.toml:13:1
            |
         13 | koladda = "N60030"
            | ^^^^^^^
            = expected: one of `name`, `unit`, `factor`, `decimals`, `direction`, `frequency`, `series`, `seasonal`, `measures`, `kort`, `viktigt`, `bearbetning`, `responsible`, `source`, `kolada`, `attainment_form`, `start_value`, `judged_by`, `suppress_max`, `unsuppressed_because`, `breakdowns_add_up`, `few_on_a_side`, `completeness`, `reported_by_units`, `reported`, `units`, `units_of`, `units_count`, `standard_population`, `response_rate_min`, `preliminary_until`, `metric`, `own_query`, `version`

        hint: correct the spelling or remove the line

        error[T0506]: `version[2]` does not follow the one before
           --> sql/indicator/hr__sick_leave_pct.toml:23:1
            |
         23 | [[version]]
            | ^^^^^^^^^^^
            = expected: a number above 1 and a day after 2024-01-01
        "#);
}

#[test]
fn what_the_board_reads_may_not_be_empty() {
    for (field, empty) in [("viktigt", "[]"), ("viktigt", "[\"\"]"), ("bearbetning", "\"\"")] {
        let line = SOUND.lines().find(|line| line.starts_with(field)).unwrap();
        let text = SOUND.replace(line, &format!("{field} = {empty}"));
        let faults = Definition::parse(FILE, &text).unwrap_err();
        assert_eq!(faults.len(), 1, "{field} = {empty}");
        assert_eq!(faults[0].code, Code::IncompleteDefinition);
        assert!(faults[0].location.line().is_some());
    }
}

#[test]
fn broken_toml_names_the_place() {
    let text = SOUND.replace("unit = \"%\"", "unit = \"%");
    insta::assert_snapshot!(faults(&text), @r#"
        error[T0502]: the file is not TOML: invalid basic string, expected `"`
           --> sql/indicator/hr__sick_leave_pct.toml:3:10
            |
          3 | unit = "%
            |          ^

        hint: correct the line; nothing else of the file was judged
        "#);
}

#[test]
fn distance_needs_its_start() {
    let text = format!("attainment_form = \"distance\"\n{SOUND}");
    let faults = Definition::parse(FILE, &text).unwrap_err();
    assert_eq!(faults.len(), 1);
    let text = format!("start_value = -1.5\n{text}");
    let definition = Definition::parse(FILE, &text).unwrap();
    assert_eq!(definition.start_value, Decimal::parse("-1.5"));
}

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

const VERSIONED: &str = r#"
[[version]]
number = 3
valid_from = "2026-01-01"
decided_on = "2025-06-11"
reason = "Bara egna lokaler."
name = "Sjukfrånvaro, egna lokaler"
measures = "Något annat."
base_year = 2019
start_value = "4.67"

[[version]]
number = 4
valid_from = "2027-01-01"
reason = "Förtydligad text."
breaks_series = false
"#;

#[test]
fn a_period_has_the_version_of_its_last_month() {
    let definition = Definition::parse(FILE, &format!("{SOUND}{VERSIONED}")).unwrap();
    let number = |text: &str| definition.version_for(period(text)).unwrap().number;
    assert_eq!(number("2023-05"), 1, "the first version for what lies before it");
    assert_eq!(number("2024T3"), 1);
    assert_eq!(number("2025-01"), 2);
    assert_eq!(number("2026T1"), 3);
    assert_eq!(definition.name_for(period("2026T1")), "Sjukfrånvaro, egna lokaler");
    assert_eq!(definition.name_for(period("2027T1")), "Sjukfrånvaro");
    assert_eq!(definition.measures_for(period("2026")), "Något annat.");
    let version = definition.version_for(period("2026")).unwrap();
    assert_eq!((version.base_year, version.start_value), (Some(2019), Decimal::parse("4.67")));
}

#[test]
fn a_break_parts_what_lies_on_its_two_sides() {
    let text = format!("{SOUND}{VERSIONED}");
    let definition = Definition::parse(FILE, &text).unwrap();
    let parted = |one: &str, other: &str| {
        definition.break_between(period(one), period(other)).map(|version| version.number)
    };
    assert_eq!(parted("2024-11", "2024-12"), None);
    assert_eq!(parted("2024-12", "2025-01"), Some(2));
    assert_eq!(parted("2025-01", "2024-12"), Some(2));
    assert_eq!(parted("2024T2", "2026T2"), Some(3));
    assert_eq!(parted("2026-12", "2027-01"), None, "a version that says it breaks nothing");
    assert_eq!(definition.breaks().map(|version| version.number).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_version_does_not_exist_before_it_was_decided() {
    let text = format!("{SOUND}{VERSIONED}");
    let definition = Definition::parse(FILE, &text).unwrap();
    let known = |day: &str| {
        definition.known_on(day).versions.iter().map(|version| version.number).collect::<Vec<_>>()
    };
    assert_eq!(known("2020-01-01"), [1], "a definition always has its first version");
    assert_eq!(known("2025-01-01"), [1, 2]);
    assert_eq!(known("2025-06-11"), [1, 2, 3]);
    assert_eq!(known("2027-01-01"), [1, 2, 3, 4]);
}

#[test]
fn the_first_version_breaks_nothing_and_a_slip_is_told() {
    let text = SOUND.replacen("number = 1\n", "number = 1\nbreaks_series = true\n", 1);
    assert_eq!(Definition::parse(FILE, &text).unwrap_err().len(), 1);
    let text = format!("{SOUND}breaks_serie = false\n");
    let faults = Definition::parse(FILE, &text).unwrap_err();
    assert_eq!((faults.len(), faults[0].code), (1, Code::BadSetting));
    let text = format!("{SOUND}decided_on = \"hösten\"\n");
    assert_eq!(Definition::parse(FILE, &text).unwrap_err()[0].code, Code::IncompleteDefinition);
}

#[test]
fn days_are_days() {
    for day in ["2024-02-29", "2023-12-31"] {
        assert!(is_day(day), "{day}");
    }
    for day in ["2023-02-29", "2024-13-01", "2024-1-01", "2024-01-01T00:00:00", "", "å"] {
        assert!(!is_day(day), "{day}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".*") {
        let _ = Definition::parse(FILE, &text);
    }

    #[test]
    fn a_damaged_definition_never_panics(at in 0usize..600, junk in "[\\[\\]\"=\\n å0-9{}.,-]{0,4}") {
        let at = (0..=at.min(SOUND.len())).rev().find(|at| SOUND.is_char_boundary(*at)).unwrap();
        let _ = Definition::parse(FILE, &format!("{}{junk}{}", &SOUND[..at], &SOUND[at..]));
    }
}

#[test]
fn small_groups_are_hidden_or_it_is_said_why_not() {
    let because = "unsuppressed_because = \"Antal leverantörer, inga patienter.\"";
    let both = SOUND.replace("suppress_max = 10", &format!("suppress_max = 10\n{because}"));
    insta::assert_snapshot!(faults(&both), @r#"
        error[T0506]: `unsuppressed_because` stands beside `suppress_max`
           --> sql/indicator/hr__sick_leave_pct.toml:16:24
            |
         16 | unsuppressed_because = "Antal leverantörer, inga patienter."
            |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = expected: one of them: small groups are hidden, or it is said why they are not
        "#);
    let one = Definition::parse(FILE, &SOUND.replace("suppress_max = 10", because)).unwrap();
    assert_eq!(one.unsuppressed_because.as_deref(), Some("Antal leverantörer, inga patienter."));
    let empty = SOUND.replace("suppress_max = 10", "unsuppressed_because = \"\"");
    assert!(faults(&empty).contains("`unsuppressed_because` is empty"));
}

use super::*;
use crate::samples;
use proptest::prelude::*;

const HIGHER: Context = Context {
    direction: Direction::Higher,
    unit: "",
    baseline: Baseline::None,
    wording: Wording::Plain,
};
const LOWER: Context = Context { direction: Direction::Lower, ..HIGHER };
const NEITHER: Context = Context { direction: Direction::None, ..HIGHER };
const SINCE_2019: Context = Context { baseline: Baseline::Year(2019), unit: "%", ..LOWER };
const STRICT: Context = Context { wording: Wording::Strict, ..HIGHER };
const REDUCTION: Context = Context { wording: Wording::Reduction, ..SINCE_2019 };

fn place() -> Location {
    Location::Text {
        file: "seeds/plan_targets.csv".into(),
        line: 12,
        column: 9,
        field: Some((3, "printed".into())),
    }
}

fn read(printed: &str, context: &Context) -> String {
    match Target::parse(printed, context, &place()) {
        Ok(target) => {
            assert_eq!(target.printed, printed);
            target.to_string()
        }
        Err(fault) => format!("{}: {}", fault.code, fault.expected.unwrap_or_default()),
    }
}

/// Every form the plans and reports print, and its neighbours.
const PRINTED: [(&str, Context, &str); 86] = [
    ("Minst 70 %", HIGHER, ">= 70 %"),
    ("Minst 50 %", HIGHER, ">= 50 %"),
    ("minst 70 procent", LOWER, ">= 70 %"),
    ("Minst41 %", HIGHER, ">= 41 %"),
    ("Minst 9 %", HIGHER, ">= 9 %"),
    ("Minst 70 st", HIGHER, ">= 70 st"),
    ("Minst 3 st", HIGHER, ">= 3 st"),
    ("Minst 1 000 st", HIGHER, ">= 1000 st"),
    ("Minst 5 st genomförda aktiviteter", HIGHER, ">= 5 st, counts `genomförda aktiviteter`"),
    ("Minst 3 aktiviteter", HIGHER, ">= 3 aktiviteter"),
    ("Lägst 4,5", HIGHER, ">= 4.5"),
    ("≥ 95 %", HIGHER, ">= 95 %"),
    (">=95%", HIGHER, ">= 95 %"),
    ("Högst 5,3 %", LOWER, "<= 5.3 %"),
    ("Högst 4,4 %", LOWER, "<= 4.4 %"),
    ("Högst -3,1 %", LOWER, "<= -3.1 %"),
    ("Max 14 dagar", LOWER, "<= 14 dagar"),
    ("≤ 4,8 %", LOWER, "<= 4.8 %"),
    ("<= 4,80 %", LOWER, "<= 4.80 %"),
    ("Under 10 %", LOWER, "< 10 %"),
    ("<16%", LOWER, "< 16 %"),
    ("<14%", LOWER, "< 14 %"),
    ("< 15 %", LOWER, "< 15 %"),
    ("<250 rec/TIN", LOWER, "< 250 recept per 1 000 invånare"),
    ("<250 (nationellt mål)", LOWER, "< 250, remark `nationellt mål`"),
    ("Mindre än 20 %", LOWER, "< 20 %"),
    ("Lägre än 5", LOWER, "< 5"),
    ("Färre än 2 000", LOWER, "< 2000"),
    ("Lägre än 2000 kr", LOWER, "< 2000 kr"),
    ("Lägre än -3 %", LOWER, "< -3 %"),
    (">100%", HIGHER, "> 100 %"),
    ("Över 80 %", HIGHER, "> 80 %"),
    ("Mer än 12 personer", HIGHER, "> 12 personer"),
    ("= 100 %", HIGHER, "= 100 %"),
    ("Exakt 4", NEITHER, "= 4"),
    ("75 %", HIGHER, ">= 75 %"),
    ("95", HIGHER, ">= 95"),
    ("100%", HIGHER, ">= 100 %"),
    ("4,5", HIGHER, ">= 4.5"),
    ("5", LOWER, "<= 5"),
    ("12", LOWER, "<= 12"),
    ("4,8 %", LOWER, "<= 4.8 %"),
    ("4.8 %", LOWER, "<= 4.8 %"),
    ("-15,8 %", HIGHER, ">= -15.8 %"),
    ("-15,8%", HIGHER, ">= -15.8 %"),
    ("−34,8\u{a0}%", HIGHER, ">= -34.8 %"),
    ("– 0,5 %", LOWER, "<= -0.5 %"),
    ("-0,5 %", LOWER, "<= -0.5 %"),
    ("0,6 %", LOWER, "<= 0.6 %"),
    ("0,0%", LOWER, "<= 0.0 %"),
    ("+4 %", HIGHER, ">= 4 %"),
    ("200kWh/m2", LOWER, "<= 200 kWh/m²"),
    ("165 kWh/m²", LOWER, "<= 165 kWh/m²"),
    ("1\u{202f}250,50 mnkr", HIGHER, ">= 1250.50 mnkr"),
    ("2 procentenheter", HIGHER, ">= 2 procentenheter"),
    ("4,67 (RJH) 4,67 (RS)", HIGHER, ">= RJH=4.67 RS=4.67"),
    ("4,8 % (RJH) 4,8 % (RS)", LOWER, "<= RJH=4.8 RS=4.8 %"),
    ("≤ 4,8 % (RJH), ≤ 5 % (RS)", LOWER, "<= RJH=4.8 RS=5 %"),
    ("Minst 70 % (HSN) och minst 80 % (RUN)", HIGHER, ">= HSN=70 RUN=80 %"),
    ("-42 % mot 2019", LOWER, "<= -42 %, change from 2019"),
    ("−42 % jämfört med 2019", LOWER, "<= -42 %, change from 2019"),
    ("+5 % sedan föregående år", HIGHER, ">= 5 %, change from previous_year"),
    ("Högst +1 % jmf med 2019", LOWER, "<= 1 %, change from 2019"),
    ("-48 %", SINCE_2019, "<= -48 %, change from 2019"),
    ("-20 %", SINCE_2019, "<= -20 %, change from 2019"),
    ("Minska med 20 % mot 2019", LOWER, "<= -20 %, change from 2019"),
    ("Öka med minst 5 % jämfört med föregående år", HIGHER, ">= 5 %, change from previous_year"),
    ("Minska med 20 %", SINCE_2019, "<= -20 %, change from 2019"),
    (
        "Minskad användning jämfört med föregående år",
        LOWER,
        "<, against previous_year, counts `användning`",
    ),
    ("Ökad andel jämfört med 2020", HIGHER, ">, against 2020, counts `andel`"),
    ("Större andel än 2021", HIGHER, ">, against 2021, counts `andel`"),
    ("Högre än 2021", HIGHER, ">, against 2021"),
    (". Högre än 2021", HIGHER, ">, against 2021"),
    ("Bättre än startvärdet", LOWER, "<, against start_value"),
    ("Lägre än riket", LOWER, "<, against nation"),
    ("I nivå med nationella utvecklingen", LOWER, "in_line, against nation"),
    ("I nivå med den nationella utvecklingen.", LOWER, "in_line, against nation"),
    ("I jämförelse med riket", LOWER, "<, against nation"),
    ("5–7 %", LOWER, "between 5..7 %"),
    ("Mellan 5 och 7 %", NEITHER, "between 5..7 %"),
    ("Genomförd aktivitet", HIGHER, "done"),
    ("Målvärde kompletteras efter 2021", HIGHER, "to_be_set, remark `efter 2021`"),
    ("Mål fastställs senare", HIGHER, "to_be_set"),
    ("4,67", STRICT, "> 4.67"),
    ("4,7 (RJH) 4,6 (RS)", STRICT, "> RJH=4.7 RS=4.6"),
    ("1 %", REDUCTION, "<= -1 %, change from 2019, remark `minskning, tryckt utan tecken`"),
];

#[test]
fn printed_texts_are_read() {
    for (printed, context, expected) in PRINTED {
        assert_eq!(read(printed, &context), expected, "{printed}");
    }
}

#[test]
fn distinct_texts_are_many() {
    let distinct: std::collections::BTreeSet<&str> = PRINTED.iter().map(|row| row.0).collect();
    assert_eq!(distinct.len(), PRINTED.len());
}

#[test]
fn what_could_mean_two_things_is_refused() {
    let refused = [
        ("", HIGHER),
        ("   ", HIGHER),
        ("Bra", HIGHER),
        ("Minst", HIGHER),
        ("Minst %", HIGHER),
        ("1.000 st", HIGHER),
        ("4,8,2", HIGHER),
        ("75 %", NEITHER),
        ("Bättre än 2021", NEITHER),
        ("I jämförelse med riket", NEITHER),
        ("1 %", SINCE_2019),
        ("1 % mot 2019", LOWER),
        ("7–5 %", LOWER),
        ("Minst 5–7 %", HIGHER),
        ("70 % 80 %", HIGHER),
        ("70 % (RJH) 80 %", HIGHER),
        ("70 % (RJH) 80 % (RJH)", HIGHER),
        ("70 % (RJH) högst 80 % (RS)", HIGHER),
        ("70 % (hela regionen)", HIGHER),
        ("70 % (RJH", HIGHER),
        ("70 alnar", HIGHER),
        ("70 % och", HIGHER),
        ("200 kWh/m2", SINCE_2019),
        ("Minska med 20 %", LOWER),
        ("Minskad användning", LOWER),
        ("Högre 2021", HIGHER),
        ("Högre än 2021 mot 2020", HIGHER),
        ("Genomförd", HIGHER),
        ("Genomförd aktivitet 2", HIGHER),
        ("I nivå med grannen", HIGHER),
        ("70 € ", HIGHER),
        ("5 % 2019", LOWER),
        ("-1 %", REDUCTION),
        ("Högst 1 %", REDUCTION),
        ("1–2 %", REDUCTION),
        ("Målvärde kompletteras efter sommaren", HIGHER),
    ];
    for (printed, context) in refused {
        let answer = read(printed, &context);
        assert!(answer.starts_with("T0505: "), "`{printed}` was read as {answer}");
    }
}

#[test]
fn a_fault_points_into_the_text() {
    let fault = Target::parse("Minst 70 alnar", &HIGHER, &place()).unwrap_err();
    insta::assert_snapshot!(fault.to_string(), @r#"
    error[T0505]: the target `Minst 70 alnar` cannot be read
       --> seeds/plan_targets.csv:12:18 (column 3, `printed`)
        |
     12 | Minst 70 alnar
        |          ^^^^^
        = found:    `alnar`
        = expected: a unit: `%`, `procentenheter`, `st`, `kWh/m2`, `rec/TIN`, `kr`, `tkr`, `mnkr`, `ton`, `dagar` …

    hint: write the target in a form of the grammar, e.g. `Minst 70 %`, `Högst 5,3 %`, `-42 % mot 2019`, `Högre än 2021`, `Genomförd aktivitet`
    "#);
    let fault = Target::parse("1 %", &SINCE_2019, &place()).unwrap_err();
    insta::assert_snapshot!(fault.to_string(), @r#"
    error[T0505]: the target `1 %` cannot be read
       --> seeds/plan_targets.csv:12:9 (column 3, `printed`)
        |
     12 | 1 %
        | ^^^
        = found:    `1 %`
        = expected: a sign: `-1 %` for a decrease, `+1 %` for an increase

    hint: write the target in a form of the grammar, e.g. `Minst 70 %`, `Högst 5,3 %`, `-42 % mot 2019`, `Högre än 2021`, `Genomförd aktivitet`
    "#);
    let fault = Target::parse("Minst 200 kWh/m2", &SINCE_2019, &place()).unwrap_err();
    insta::assert_snapshot!(fault.to_string(), @r#"
    error[T0505]: the target `Minst 200 kWh/m2` cannot be read
       --> seeds/plan_targets.csv:12:19 (column 3, `printed`)
        |
     12 | Minst 200 kWh/m2
        |           ^^^^^^
        = found:    `kWh/m2`
        = expected: `%`, the unit of the indicator

    hint: correct the unit in the plan or in the indicator's definition
    "#);
    let fault = Target::parse("75 %", &NEITHER, &Location::file("f.csv")).unwrap_err();
    insta::assert_snapshot!(fault.to_string(), @r#"
    error[T0505]: the target `75 %` cannot be read
       --> f.csv
        |
      1 | 75 %
        | ^^^^
        = found:    `75 %`
        = expected: a comparison such as `minst` or `högst`

    hint: the indicator has no direction, so a bare number could mean either way
    "#);
}

#[test]
fn an_indicators_own_unit_is_taken() {
    let context = Context { unit: "g CO2e", ..LOWER };
    assert_eq!(read("Högst 5", &context), "<= 5 g CO2e");
    let context = Context { unit: "vårddygn", ..LOWER };
    assert_eq!(read("Högst 5 vårddygn", &context), "<= 5 vårddygn");
    assert!(read("Högst 5 %", &context).starts_with("T0505: `vårddygn`"));
    assert_eq!(read("Högst 5 vårddygn mot 2019", &context), "<= 5 vårddygn, change from 2019");
}

#[test]
fn levels_and_baselines_resolve_or_say_why_not() {
    let target = Target::parse("4,67 (RJH) 4,7 (RS)", &HIGHER, &place()).unwrap();
    let nothing = |baseline: Baseline| Err(Unresolved::NoReference(baseline));
    assert_eq!(target.resolve("RS", &nothing).unwrap().phrase(), "minst 4,7");
    let reason = target.resolve("HSN", &nothing).unwrap_err().reason();
    assert_eq!(reason, "målet anger RJH och RS, inte HSN");

    let target = Target::parse("Högre än 2021", &HIGHER, &place()).unwrap();
    let reason = target.resolve("RS", &nothing).unwrap_err().reason();
    assert_eq!(reason, "jämförelsetal saknas för 2021");
    let parted = |baseline: Baseline| Err(Unresolved::Break(baseline));
    let reason = target.resolve("RS", &parted).unwrap_err().reason();
    assert_eq!(reason, "serien bryts mellan perioden och 2021");
    let known = |_: Baseline| Ok(Ratio::whole(62));
    let resolved = target.resolve("RS", &known).unwrap();
    assert_eq!(resolved.phrase(), "över 62");
    let view = resolved.view("Verksamhetsplan 2022");
    assert_eq!(
        (view.comparator.as_str(), view.value, view.baseline.as_deref()),
        (">", Some(62.0), Some("2021"))
    );

    // A change keeps its own number: the outcome is a change too.
    let target = Target::parse("-42 %", &SINCE_2019, &place()).unwrap();
    assert_eq!(target.resolve("RJH", &nothing).unwrap().phrase(), "högst −42\u{a0}%");

    let target = Target::parse("Målvärde kompletteras efter 2021", &HIGHER, &place()).unwrap();
    assert_eq!(target.resolve("RS", &nothing), Err(Unresolved::ToBeSet));
}

/// The direction that the plan tables' own comparator column implies.
fn context_of(row: &samples::Row) -> Context<'static> {
    let cell = |key: &str| row.get(key).map_or("", String::as_str);
    let direction = match (cell("direction"), cell("comparator")) {
        ("lower", _) => Direction::Lower,
        ("higher", _) => Direction::Higher,
        // The report has no such columns; its growth, absence, debt, change and energy fall.
        _ if row.contains_key("utfall") && row.contains_key("mål") => {
            match cell("nr").parse().unwrap_or(0) {
                1 | 4 | 11 | 12 | 14 | 15 | 18..=21 => Direction::Lower,
                _ => Direction::Higher,
            }
        }
        (_, "<" | "<=" | "relative_to_baseline" | "relative_to_nation") => Direction::Lower,
        _ => Direction::Higher,
    };
    let year = if cell("nyckeltal").contains("(minska jämfört med 2019)") {
        Some(2019)
    } else {
        cell("baseline").parse().ok().filter(|_| cell("comparator") == "relative_to_baseline")
    };
    let wording = match cell("comparator_basis") {
        basis if basis.starts_with("deduced: reduction") => Wording::Reduction,
        basis if basis.starts_with("printed in the Mål") => Wording::Strict,
        _ => Wording::Plain,
    };
    let baseline = year.map_or(Baseline::None, Baseline::Year);
    Context { direction, unit: "", baseline, wording }
}

fn corpus(table: &str, column: &str) -> Option<String> {
    let rows = samples::rows(&format!("seeds/tables/{table}.csv"))?;
    let lines = rows.iter().filter(|row| !row[column].is_empty()).map(|row| {
        let printed = row[column].as_str();
        let target = Target::parse(printed, &context_of(row), &place())
            .unwrap_or_else(|fault| panic!("{table}: {fault}"));
        if let Some(value) = target.value.filter(|_| row.contains_key("target_value")) {
            let stated = row["target_value"].trim_start_matches('-');
            let found = value.to_f64().abs();
            assert_eq!(Ok(found), stated.parse(), "{table}: {printed}");
        }
        format!("{printed} -> {target}")
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_target_of_the_plan_of_2022_is_read() {
    let Some(found) = corpus("plan_2022/mal", "målvärde") else { return };
    insta::assert_snapshot!(found, @r#"
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Minst 50 % -> >= 50 %
    Minst 70 % -> >= 70 %
    Minst 70 % -> >= 70 %
    Större andel än 2021 -> >, against 2021, counts `andel`
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Minst 70 st -> >= 70 st
    Minst 80 % -> >= 80 %
    Genomförd aktivitet -> done
    Minst 3 st aktiviteter ska genomföras inom ramen för det strategiska arbetet -> >= 3 st, counts `aktiviteter ska genomföras inom ramen för det strategiska arbetet`
    Minst 3 st -> >= 3 st
    Mindre än 20 % -> < 20 %
    Minst 20 % -> >= 20 %
    -20 % -> <= -20 %, change from 2019
    200kWh/m2 -> <= 200 kWh/m²
    1 % -> <= -1 %, remark `minskning, tryckt utan tecken`
    Minst 90 % -> >= 90 %
    Minst 30 % -> >= 30 %
    Minst 9 % -> >= 9 %
    Minst41 % -> >= 41 %
    Genomförd aktivitet -> done
    Minst 3 st -> >= 3 st
    Minst 5 st genomförda aktiviteter -> >= 5 st, counts `genomförda aktiviteter`
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    100 % -> >= 100 %
    I nivå med nationella utvecklingen -> in_line, against nation
    Minst 3 st -> >= 3 st
    Minst 5 st -> >= 5 st
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförd aktivitet -> done
    Genomförda aktiviteteter -> done
    Målvärde kompletteras efter 2021 -> to_be_set, remark `efter 2021`
    Målvärde kompletteras efter 2021 -> to_be_set, remark `efter 2021`
    100 % -> >= 100 %
    Minst 40 st -> >= 40 st
    4,5 -> >= 4.5
    4 -> >= 4
    4,67 (RJH) 4,67 (RS) -> > RJH=4.67 RS=4.67
    4,8 % (RJH) 4,8 % (RS) -> <= RJH=4.8 RS=4.8 %
    100% -> >= 100 %
    . Högre än 2021 -> >, against 2021
    4 % -> <= 4 %
    -1,1 % -> <= -1.1 %
    Högst 5,3 % -> <= 5.3 %
    Högst 4,4 % -> <= 4.4 %
    95 % -> >= 95 %
    100 % -> >= 100 %
    "#);
}

#[test]
fn every_target_of_the_other_plans_and_the_report_is_read() {
    let tables = [
        ("plan_2022/egna_indikatorer", "nationellt_mål"),
        ("plan_2025/kortsiktiga_nyckeltal", "målvärde"),
        ("plan_2025/finansiella_mal", "målvärde"),
        ("delar_2024_08/kpi", "mål"),
    ];
    let found: Option<Vec<String>> =
        tables.iter().map(|(table, column)| corpus(table, column)).collect();
    let Some(found) = found else { return };
    insta::assert_snapshot!(found.join("\n"), @r#"
    <250 (nationellt mål) -> < 250, remark `nationellt mål`
    30 % -> >= 30 %
    5 -> >= 5
    70 % -> >= 70 %
    70 % -> >= 70 %
    42 % -> >= 42 %
    165 -> <= 165
    42 % -> >= 42 %
    -42 % -> <= -42 %, change from 2019
    I jämförelse med riket -> <, against nation
    -34,8 % -> >= -34.8 %
    67 % -> >= 67 %
    -3,1 % -> <= -3.1 %
    -3,8 % -> <= -3.8 %
    95 % -> >= 95 %
    <16% -> < 16 %
    -6,5 % -> <= -6.5 %
    95 % -> >= 95 %
    5 -> <= 5
    75 % -> >= 75 %
    4,5 -> >= 4.5
    12 -> <= 12
    70 % -> >= 70 %
    70 % -> >= 70 %
    20 % -> >= 20 %
    80 % -> >= 80 %
    -15,8 % -> >= -15.8 %
    100 % -> >= 100 %
    -0,5 % -> <= -0.5 %
    0,6 % -> <= 0.6 %
    95 % -> >= 95 %
    14 % -> <= 14 %
    -6,5 % -> <= -6.5 %
    95 % -> >= 95 %
    5 -> >= 5
    10,1 % -> <= 10.1 %
    -48 % -> <= -48 %, change from 2019
    176 -> <= 176
    -1 % -> <= -1 %, change from 2019
    36 % -> >= 36 %
    41 % -> >= 41 %
    "#);
}

/// The wording that a row of the project's own table of targets states.
fn wording_of(kind: &str) -> Wording {
    match kind {
        "reduction" => Wording::Reduction,
        "strict" => Wording::Strict,
        _ => Wording::Plain,
    }
}

#[test]
fn every_target_of_the_project_is_read_and_printed_back() {
    let mut read = 0;
    for row in samples::project_rows("seeds/targets.csv") {
        let file = format!("sql/indicator/{}.toml", row["indicator_id"]);
        let Some(text) = samples::project_text(&file) else { continue };
        let definition = crate::Definition::parse(&file, &text).unwrap();
        let baseline = row["baseline"].parse().map_or(Baseline::None, Baseline::Year);
        let context = Context {
            direction: definition.direction,
            unit: &definition.unit,
            baseline,
            wording: wording_of(&row["kind"]),
        };
        // The nation's own figure is the target; the printed text only repeats it.
        if row["kind"] == "nation" {
            continue;
        }
        let target = Target::parse(&row["printed"], &context, &place())
            .unwrap_or_else(|fault| panic!("{fault}"));
        let again = Context { baseline: Baseline::None, wording: Wording::Plain, ..context };
        let text = target.text();
        let second = Target::parse(&text, &again, &place()).unwrap_or_else(|f| panic!("{f}"));
        assert_eq!(same(second), same(Target { remark: reread(&target), ..target }), "{text}");
        read += 1;
    }
    assert!(read >= 60, "only {read} targets of the project were read");
}

/// All of a target but its printed text.
fn same(target: Target) -> Target {
    Target { printed: String::new(), ..target }
}

/// The remark that stands in the text itself.
fn reread(target: &Target) -> Option<String> {
    target.remark.clone().filter(|remark| !remark.starts_with("minskning"))
}

#[test]
fn the_tables_without_targets_have_none() {
    for table in ["plan_2022/indikatorer", "plan_2025/langsiktiga_nyckeltal"] {
        let Some(rows) = samples::rows(&format!("seeds/tables/{table}.csv")) else { return };
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|row| !row.contains_key("målvärde")), "{table} has targets now");
    }
}

/// Targets of every form, as the grammar can hold them.
fn any_target() -> impl Strategy<Value = Target> {
    let number = (-9_999_999i64..9_999_999, 0u8..5)
        .prop_map(|(units, scale)| Decimal::new(units.into(), scale));
    let unit = prop::sample::select(vec![
        "",
        "%",
        "st",
        "procentenheter",
        "kWh/m²",
        "recept per 1 000 invånare",
        "mnkr",
        "dagar",
    ]);
    let baseline = prop_oneof![
        Just(Baseline::None),
        (1900i16..2200).prop_map(Baseline::Year),
        Just(Baseline::PreviousYear),
        Just(Baseline::Nation),
        Just(Baseline::StartValue),
    ];
    let against = baseline.clone().prop_filter("something", |b| *b != Baseline::None);
    let sided = prop::sample::select(vec![
        Comparator::AtLeast,
        Comparator::AtMost,
        Comparator::Below,
        Comparator::Above,
        Comparator::Equal,
    ]);
    let beyond = prop::sample::select(vec![Comparator::Below, Comparator::Above]);
    let empty = |comparator| Target {
        printed: String::new(),
        comparator,
        value: None,
        upper: None,
        unit: String::new(),
        levels: Vec::new(),
        baseline: Baseline::None,
        counted: None,
        remark: None,
    };
    let word = prop::sample::select(vec!["andel", "användning", "sjukdagar"]);
    let levels = prop::sample::subsequence(vec!["RJH", "RS", "HSN", "RUN"], 1..4);
    prop_oneof![
        Just(empty(Comparator::ActivityDone)),
        (1900i16..2200).prop_map(move |year| Target {
            remark: Some(format!("efter {year}")),
            ..empty(Comparator::ToBeSet)
        }),
        Just(empty(Comparator::ToBeSet)),
        against.clone().prop_map(move |baseline| Target { baseline, ..empty(Comparator::InLine) }),
        (beyond.clone(), against, prop::option::of(word.clone())).prop_map(
            move |(c, baseline, word)| Target {
                baseline,
                counted: word.map(str::to_owned),
                ..empty(c)
            }
        ),
        (sided.clone(), number.clone(), unit.clone(), baseline.clone(), any::<bool>()).prop_map(
            move |(c, value, unit, baseline, is_counted)| Target {
                value: Some(value),
                unit: unit.to_owned(),
                baseline,
                counted: (is_counted && unit == "st").then(|| "genomförda aktiviteter".to_owned()),
                ..empty(c)
            }
        ),
        (beyond, number.clone(), unit.clone(), word).prop_map(move |(c, value, unit, word)| {
            Target {
                value: Some(value),
                unit: unit.to_owned(),
                counted: (unit != "st").then(|| word.to_owned()),
                ..empty(c)
            }
        }),
        (number.clone(), 1i64..10_000, unit.clone()).prop_map(move |(value, more, unit)| Target {
            value: Some(value),
            upper: value.checked_add(Decimal::new(more.into(), value.scale())),
            unit: unit.to_owned(),
            ..empty(Comparator::Between)
        }),
        (sided.clone(), number.clone(), unit).prop_map(move |(c, value, unit)| Target {
            value: Some(value),
            unit: unit.to_owned(),
            remark: Some("nationellt mål".to_owned()),
            ..empty(c)
        }),
        (sided, prop::collection::vec(number, 4), levels).prop_map(move |(c, values, levels)| {
            Target {
                levels: levels
                    .iter()
                    .zip(values)
                    .map(|(level, value)| LevelValue { level: (*level).to_owned(), value })
                    .collect(),
                unit: "%".to_owned(),
                ..empty(c)
            }
        }),
    ]
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".*") {
        for context in [HIGHER, LOWER, NEITHER, SINCE_2019] {
            let _ = read(&text, &context);
        }
    }

    #[test]
    fn words_of_the_grammar_in_any_order_never_panic(words in prop::collection::vec(
        prop::sample::select(vec![
            "minst", "högst", "än", "högre", "mindre", "mot", "2019", "4,8", "%", "(RJH)", "(RS)",
            "-", "st", "aktiviteter", "i", "nivå", "med", "riket", "och", "mellan", "till", ",", ".",
            "<", "≥", "jämfört", "föregående", "år", "genomförd", "målvärde", "minska", "andel", "(", ")",
        ]), 0..9)) {
        let text = words.join(" ");
        for context in [HIGHER, LOWER, NEITHER, SINCE_2019] {
            if let Ok(target) = Target::parse(&text, &context, &place()) {
                prop_assert_eq!(target.printed.as_str(), text.as_str());
                let _ = target.resolve("RJH", &|_| Ok(Ratio::ONE));
            }
        }
    }

    #[test]
    fn what_is_printed_reads_back_as_it_was(target in any_target()) {
        let text = target.text();
        let read = Target::parse(&text, &HIGHER, &place())
            .unwrap_or_else(|fault| panic!("{target}\n{fault}"));
        prop_assert_eq!(read.printed.as_str(), text.as_str());
        prop_assert_eq!(same(read), target);
    }

    #[test]
    fn a_damaged_text_is_a_fault_with_its_place_or_a_target(
        target in any_target(), at in 0usize..40, junk in "[%a-ö0-9 ,.()<≥€-]{1,3}",
    ) {
        let text: Vec<char> = target.text().chars().collect();
        let at = at.min(text.len());
        let whole: String = text[..at].iter().copied().chain(junk.chars())
            .chain(text[at..].iter().copied()).collect();
        match Target::parse(&whole, &HIGHER, &place()) {
            Ok(read) => prop_assert_eq!(read.printed, whole),
            Err(fault) => {
                prop_assert!(fault.found.is_some() && fault.expected.is_some());
                let Location::Text { column, .. } = fault.location else { panic!("no place") };
                prop_assert!(column as usize <= 9 + whole.chars().count());
            }
        }
    }

    #[test]
    fn every_number_survives_in_full(units in -1_000_000i64..1_000_000, scale in 0u8..6) {
        let value = Decimal::new(units.into(), scale);
        let printed = value.to_string().replace('.', ",");
        let target = Target::parse(&format!("Högst {printed} %"), &LOWER, &place()).unwrap();
        prop_assert_eq!(target.value.unwrap().to_string(), value.to_string());
    }
}

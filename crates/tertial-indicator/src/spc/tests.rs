use super::*;
use crate::samples::{Row, close, number, spc};
use crate::series::{Point, SeriesKind};
use proptest::prelude::*;
use tertial_model::Month;

fn months(values: &[f64]) -> Series {
    let start = Month::parse("2016-04").unwrap();
    let points = values.iter().enumerate();
    let point = |(i, v): (usize, &f64)| Point::new(Period::Month(start.plus(i as i32)), *v);
    Series::plain(points.map(point).collect())
}

fn low_minimum() -> Settings {
    Settings { minimum_points: 10, ..Settings::default() }
}

fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Common => "common",
        Cause::AboveUpper => "above_upper",
        Cause::BelowLower => "below_lower",
        Cause::TrendUp => "trend_up",
        Cause::TrendDown => "trend_down",
        Cause::TwoOfThreeAbove => "two_of_three_above",
        Cause::TwoOfThreeBelow => "two_of_three_below",
        Cause::ShiftAbove => "shift_above",
        Cause::ShiftBelow => "shift_below",
    }
}

fn same_limits(found: &Limits, row: &Row, tolerance: f64) {
    let pairs = [
        (found.mean, "mean"),
        (found.lower, "lower"),
        (found.upper, "upper"),
        (found.near_lower, "near_lower"),
        (found.near_upper, "near_upper"),
    ];
    for (found, heading) in pairs {
        close(found, number(row, heading).unwrap(), tolerance);
    }
}

#[test]
fn limits_and_causes_agree_with_the_reference_package() {
    let (Some(series), Some(cases), Some(points)) =
        (spc("xmr_series"), spc("xmr_expected_limits"), spc("xmr_expected_points"))
    else {
        return;
    };
    for case in cases {
        let index = |row: &Row| number(row, "index").unwrap();
        let (first, last) = (number(&case, "first").unwrap(), number(&case, "last").unwrap());
        let inside =
            |row: &&Row| row["series"] == case["series"] && (first..=last).contains(&index(row));
        let values: Vec<f64> =
            series.iter().filter(inside).map(|row| number(row, "value").unwrap()).collect();
        let settings = Settings {
            screening: case["screened"] == "yes",
            fix_after: case["fix_after_n"].parse().ok(),
            ..low_minimum()
        };
        let chart = Chart::draw(&months(&values), Direction::None, &[], &settings).unwrap();
        same_limits(chart.groups[0].limits.as_ref().unwrap(), &case, 1e-5);
        let expected = points.iter().filter(|row| row["case"] == case["case"]);
        let mut compared = 0;
        for (row, point) in expected.zip(&chart.points) {
            assert_eq!(cause_name(point.cause.unwrap()), row["cause"], "{row:?}");
            compared += 1;
        }
        assert_eq!(compared, values.len(), "{}", case["case"]);
    }
}

#[test]
fn three_years_of_real_months_agree_point_for_point() {
    let (Some(data), Some(limits), Some(points)) =
        (spc("ae_monthly"), spc("ae_expected_limits"), spc("ae_expected_points"))
    else {
        return;
    };
    for case in ["e01", "e02", "e03", "e04"] {
        let groups: Vec<&Row> = limits.iter().filter(|row| row["case"] == case).collect();
        let (series, measure) = groups[0]["series"].split_once('.').unwrap();
        let rows = data.iter().filter(|row| row["series"] == series);
        let values: Vec<f64> = rows.map(|row| number(row, measure).unwrap()).collect();
        let rebases: Vec<Rebase> = groups[1..]
            .iter()
            .map(|row| Rebase {
                from: Period::parse(&row["first"][..7]).unwrap(),
                reason: "nytt år".into(),
                decided_by: "analysenheten".into(),
                decided_on: "2019-04-01".into(),
            })
            .collect();
        let settings = Settings {
            minimum_points: 12,
            screening: groups[0]["screened"] == "yes",
            ..Settings::default()
        };
        let direction = if measure == "breaches" { Direction::Lower } else { Direction::None };
        let chart = Chart::draw(&months(&values), direction, &rebases, &settings).unwrap();
        assert_eq!(chart.groups.len(), groups.len());
        for (group, row) in chart.groups.iter().zip(groups) {
            same_limits(group.limits.as_ref().unwrap(), row, 1e-4);
            assert_eq!(group.points.len().to_string(), row["points"]);
        }
        let expected: Vec<&Row> = points.iter().filter(|row| row["case"] == case).collect();
        assert_eq!(expected.len(), chart.points.len());
        for (point, row) in chart.points.iter().zip(expected) {
            assert_eq!(format!("{}-01", point.period), row["month"]);
            assert_eq!(cause_name(point.cause.unwrap()), row["cause"], "{row:?}");
            let variation = match point.variation.unwrap() {
                Variation::Common => "common_cause",
                Variation::Improvement => "improvement",
                Variation::Concern => "concern",
                Variation::High => "neutral_high",
                Variation::Low => "neutral_low",
            };
            assert_eq!(variation, row["variation"], "{row:?}");
        }
    }
}

#[test]
fn assurance_agrees_with_the_reference_package() {
    let Some(rows) = spc("assurance_cases") else { return };
    for row in rows {
        let at = |heading: &str| number(&row, heading).unwrap();
        let limits = Limits {
            mean: at("mean"),
            lower: at("lower"),
            upper: at("upper"),
            near_lower: at("lower"),
            near_upper: at("upper"),
        };
        let direction = match row["improvement_direction"].as_str() {
            "increase" => Direction::Higher,
            "decrease" => Direction::Lower,
            _ => Direction::None,
        };
        let found = number(&row, "target").and_then(|t| assurance(&limits, t, direction));
        let expected = match row["expected"].as_str() {
            "consistent_fail" => Some(Assurance::Fails),
            "consistent_pass" => Some(Assurance::Passes),
            "inconsistent" => Some(Assurance::HitOrMiss),
            _ => None,
        };
        assert_eq!(found, expected, "{}", row["case"]);
    }
}

#[test]
fn a_target_on_a_limit_is_hit_or_miss() {
    let at = limits(&[1.0, 2.0, 1.0, 2.0], false);
    assert_eq!(assurance(&at, at.upper, Direction::Higher), Some(Assurance::HitOrMiss));
    assert_eq!(assurance(&at, at.lower, Direction::Lower), Some(Assurance::HitOrMiss));
}

const NOISE: [f64; 14] = [5.1, 4.9, 5.3, 4.8, 5.0, 5.4, 4.7, 5.2, 4.9, 5.0, 5.3, 4.8, 5.1, 5.0];

#[test]
fn too_little_or_overlapping_data_is_refused_with_a_reason() {
    let reason = |series: &Series, settings: &Settings| {
        Chart::draw(series, Direction::Lower, &[], settings).unwrap_err().reason
    };
    let settings = Settings::default();
    assert_eq!(reason(&months(&NOISE[..12]), &settings), "för få mätpunkter: 12 av 13");
    let rolling = Series { kind: SeriesKind::Rolling, ..months(&NOISE) };
    assert_eq!(reason(&rolling, &settings), "rullande värden överlappar varandra och bedöms inte");
    let cumulative = Series { kind: SeriesKind::Cumulative, ..months(&NOISE) };
    assert_eq!(reason(&cumulative, &settings), "ackumulerade värden bedöms inte");
    let short = Settings { fix_after: Some(11), ..Settings::default() };
    assert_eq!(reason(&months(&NOISE), &short), "fast baslinje kräver minst 12 punkter");
    let seasonal = Settings { seasonal: true, ..Settings::default() };
    assert_eq!(reason(&months(&NOISE), &seasonal), "för få hela år för säsongsrensning: 0 av 3");
}

#[test]
fn noise_stays_noise_and_the_rules_are_printed() {
    let chart = Chart::draw(&months(&NOISE), Direction::Lower, &[], &Settings::default()).unwrap();
    assert_eq!(chart.variation, Ok(Variation::Common));
    assert_eq!(chart.notes, ["regel xmr-7-7-2av3, version 1, med gallring av spann"]);
    assert_eq!(chart.assurance(9.0, Direction::Lower), Some(Assurance::Passes));
    assert_eq!(chart.assurance(9.0, Direction::None), None);
}

#[test]
fn a_new_level_waits_for_its_points_and_needs_a_decision() {
    let values: Vec<f64> = NOISE.iter().copied().chain(NOISE.iter().map(|v| v + 3.0)).collect();
    let decision = Rebase {
        from: Period::parse("2017-06").unwrap(),
        reason: "nytt schema".into(),
        decided_by: "HR-direktör".into(),
        decided_on: "2018-01-15".into(),
    };
    let draw = |count: usize, rebase: &Rebase| {
        let rebases = std::slice::from_ref(rebase);
        Chart::draw(&months(&values[..count]), Direction::Lower, rebases, &Settings::default())
    };
    let waiting = draw(20, &decision).unwrap();
    assert_eq!(waiting.groups.len(), 1);
    assert!(
        waiting.notes.contains(&"beslutad ny nivå från juni 2017 väntar: 6 av 7 punkter".into())
    );
    let silent = draw(21, &decision).unwrap();
    assert_eq!(silent.groups.len(), 2);
    assert_eq!(silent.variation, Err(Silence::too_few(7, 13)));
    let full = draw(28, &decision).unwrap();
    assert_eq!(full.variation, Ok(Variation::Common));
    assert_eq!(full.groups[1].points, 14..28);
    let undecided = Rebase { reason: String::new(), ..decision };
    let reason = draw(28, &undecided).unwrap_err().reason;
    assert_eq!(reason, "en ny nivå kräver skäl, dag och vem som beslutat");
}

#[test]
fn warnings_are_said() {
    let mut values = vec![1.0, 1.2, 1.1, 1.4, 1.3];
    values.extend((0..12).map(|i| 1.5 + f64::from(i) * 0.4));
    values.extend([2.0, 1.0, 0.5]);
    let mut series = months(&values);
    series.points.remove(3);
    series.points[0].denominator = Some(10.0);
    series.points[1].denominator = Some(21.0);
    let chart = Chart::draw(&series, Direction::Higher, &[], &Settings::default()).unwrap();
    let notes = chart.notes.join("\n");
    for part in [
        "nämnarna skiljer sig mer än dubbelt",
        "perioder saknas i serien",
        "hänger ihop (0,",
        "både förbättringar och försämringar",
    ] {
        assert!(notes.contains(part), "{part} is not in\n{notes}");
    }
}

/// Months `2022-09` to `2024-08` of the share in per cent, without those named.
fn holed(values: &[u8], without: &[&str]) -> Series {
    let start = Month::parse("2022-09").unwrap();
    let months = (0..).map(|at| Period::Month(start.plus(at)));
    let months = months.filter(|month| !without.contains(&month.to_string().as_str()));
    let point = |(month, value): (Period, &u8)| Point::new(month, f64::from(*value) / 10.0);
    Series::plain(months.zip(values).map(point).collect())
}

/// Worked out by hand: twelve months up to the hole, four after it, and four more.
const BESIDE_A_HOLE: [u8; 20] =
    [45, 50, 44, 49, 45, 50, 44, 49, 45, 50, 51, 50, 51, 50, 51, 50, 45, 49, 44, 50];
const HOLES: [&str; 4] = ["2023-01", "2023-10", "2023-11", "2023-12"];

#[test]
fn a_run_does_not_go_over_a_hole() {
    let draw = |count: usize, without: &[&str]| {
        let series = holed(&BESIDE_A_HOLE[..count], without);
        Chart::draw(&series, Direction::Lower, &[], &Settings::default()).unwrap()
    };
    let chart = draw(16, &HOLES);
    let limits = chart.groups[0].limits.clone().unwrap();
    close(limits.mean, 4.8375, 1e-9);
    close(limits.lower, 3.9331, 5e-5);
    close(limits.upper, 5.7419, 5e-5);
    assert_eq!(chart.points.len(), 16);
    assert_eq!(chart.variation, Ok(Variation::Common));
    assert!(chart.points.iter().all(|point| point.cause == Some(Cause::Common)));
    assert_eq!(
        chart.notes[1],
        "perioder saknas i serien: 2023-01, 2023-10 till 2023-12; spannet räknas över luckan, en \
         följd av punkter bryts där"
    );
    // The same values month upon month are a shift.
    assert_eq!(draw(16, &[]).points[15].cause, Some(Cause::ShiftAbove));
    let later = draw(20, &HOLES);
    let limits = later.groups[0].limits.clone().unwrap();
    close(limits.mean, 4.81, 1e-9);
    close(limits.lower, 3.8160, 5e-5);
    close(limits.upper, 5.8040, 5e-5);
    assert!(later.points.iter().all(|point| point.cause == Some(Cause::Common)));
}

#[test]
fn no_trend_and_no_pair_goes_over_a_hole_either() {
    let rise: Vec<u8> = [40, 60, 40, 60, 40, 60, 40].into_iter().chain(45..52).collect();
    let cause = |values: &[u8], without: &[&str]| {
        let series = holed(values, without);
        let chart = Chart::draw(&series, Direction::Lower, &[], &Settings::default()).unwrap();
        chart.points.last().unwrap().cause.unwrap()
    };
    assert_eq!(cause(&rise, &[]), Cause::TrendUp);
    assert_eq!(cause(&rise, &["2023-07"]), Cause::Common);
    let mut pair: Vec<u8> = [49, 50].into_iter().cycle().take(14).collect();
    pair.extend([52, 51, 52]);
    assert_eq!(cause(&pair, &[]), Cause::TwoOfThreeAbove);
    assert_ne!(cause(&pair, &["2023-12"]), Cause::TwoOfThreeAbove);
}

#[test]
fn one_value_a_tertial_has_no_limits_by_month() {
    let values: Vec<u8> = (0..24).map(|at| 40 + (at + 8) / 4 * 7 % 5).collect();
    let refused = Chart::draw(&holed(&values, &[]), Direction::Lower, &[], &Settings::default());
    assert_eq!(
        refused.unwrap_err().reason,
        "månadsvärdena är ett värde per tertial, upprepat för varje månad"
    );
}

#[test]
fn a_calendar_alone_is_no_signal_when_the_season_is_taken_out() {
    let wave = |i: usize| 50.0 * (i as f64 * std::f64::consts::TAU / 12.0).sin();
    let start = Month::parse("2020-01").unwrap();
    let points = (0..48).map(|i| {
        let noise = NOISE[i * 5 % 14] + NOISE[i * 3 % 14];
        Point::new(Period::Month(start.plus(i as i32)), wave(i) + noise)
    });
    let series = Series::plain(points.collect());
    let marked = |seasonal: bool| {
        let settings = Settings { seasonal, ..Settings::default() };
        let chart = Chart::draw(&series, Direction::Lower, &[], &settings).unwrap();
        chart.points.iter().filter(|p| p.variation != Some(Variation::Common)).count()
    };
    assert!(marked(false) > 20, "{}", marked(false));
    assert!(marked(true) <= 3, "{}", marked(true));
}

#[test]
fn constant_values_have_limits_on_their_mean() {
    let chart = Chart::draw(&months(&[4.0; 13]), Direction::Higher, &[], &Settings::default());
    let chart = chart.unwrap();
    let at = chart.groups[0].limits.clone().unwrap();
    assert_eq!((at.lower, at.mean, at.upper), (4.0, 4.0, 4.0));
    assert_eq!(chart.variation, Ok(Variation::Common));
}

proptest! {
    #[test]
    fn mirrored_values_are_mirrored_answers(values in prop::collection::vec(-20i32..20, 13..40)) {
        let forward: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let mirrored: Vec<f64> = forward.iter().map(|v| -v).collect();
        let draw = |values: &[f64], direction| {
            Chart::draw(&months(values), direction, &[], &Settings::default()).unwrap()
        };
        let up = draw(&forward, Direction::Higher);
        let down = draw(&mirrored, Direction::Lower);
        let variations = |chart: &Chart| chart.points.iter().map(|p| p.variation).collect::<Vec<_>>();
        prop_assert_eq!(variations(&up), variations(&down));
    }
}

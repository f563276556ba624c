use super::*;
use tertial_model::Month;
use tertial_model::{Completeness, Status, TargetView};

const DEFINITION: &str = r#"
name = "Sjukfrånvaro"
unit = "%"
factor = 100
decimals = 1
direction = "lower"
frequency = "tertial"
measures = "Sjuktimmar som andel av ordinarie tid."
kort = "Sjukfrånvaro."
viktigt = ["Timavlönade ingår inte."]
bearbetning = "Timmar summeras."
responsible = "HR-direktör"
source = "HR-systemet"

[[version]]
number = 1
valid_from = "2019-01-01"
reason = "Första metoden."
"#;

fn definition(more: &str) -> Definition {
    Definition::parse("hr__absence_pct.toml", &format!("{more}\n{DEFINITION}")).unwrap()
}

fn outcome(period: &str, parts: Option<(i128, i128)>) -> Outcome {
    Outcome {
        id: "hr__absence_pct".into(),
        name: "Sjukfrånvaro".into(),
        unit: "%".into(),
        decimals: 1,
        level: "RS".into(),
        period: Period::parse(period).unwrap(),
        sex: Sex::T,
        breakdown: String::new(),
        numerator: parts.map(|(numerator, _)| Decimal::whole(numerator)),
        denominator: parts.map(|(_, denominator)| Decimal::whole(denominator)),
        value: parts.map(|(numerator, denominator)| numerator as f64 / denominator as f64 * 100.0),
        missing: parts.is_none().then_some(Missing::Suppressed),
        target: None,
        attainment: None,
        status: Some(Status::NotMet),
        status_reason: String::new(),
        completeness: Completeness {
            of: "månader".into(),
            expected: 1,
            reported: 1,
            rejected_rows: 0,
            preliminary: false,
        },
        source_deliveries: Vec::new(),
        method_version: 1,
        mark: None,
        response: None,
    }
}

/// `count` months that end with August 2024 and the tertial they end in. Hours swing without order.
fn history(count: i32) -> Vec<Outcome> {
    let end = Month::parse("2024-08").unwrap();
    let hours = |month: Month| {
        500 + i128::from((i32::from(month.month()) * 7 + i32::from(month.year())) % 5) * 10
    };
    let mut all: Vec<Outcome> = (1 - count..=0)
        .map(|back| end.plus(back))
        .map(|month| outcome(&month.to_string(), Some((hours(month), 10_000))))
        .collect();
    let inside: Vec<Month> = Period::parse("2024T2").unwrap().months().collect();
    let sum = inside.iter().map(|month| hours(*month)).sum();
    let mut own = outcome("2024T2", Some((sum, 10_000 * inside.len() as i128)));
    own.target = Some(TargetView {
        printed: "Högst 9 %".into(),
        comparator: "<=".into(),
        value: Some(9.0),
        unit: "%".into(),
        baseline: None,
        plan: "2024".into(),
    });
    all.push(own);
    all
}

fn answers(definition: &Definition, history: &[Outcome]) -> BTreeMap<&'static str, Signal> {
    let own = history.iter().find(|outcome| outcome.period.to_string() == "2024T2").unwrap();
    let answered = Figure::new(definition, own, history).answers(&Forecasts::default());
    answered.signals.into_iter().map(|signal| (signal.question.name(), signal)).collect()
}

fn hide(history: &mut [Outcome], period: &str) {
    let at = history.iter().position(|outcome| outcome.period.to_string() == period).unwrap();
    history[at] = outcome(period, None);
}

#[test]
fn four_questions_are_answered_apart_with_rule_and_version() {
    let found = answers(&definition(""), &history(20));
    assert_eq!(found["variation"].answer, Answer::Common);
    assert_eq!(found["variation"].points, 20);
    assert_eq!(found["assurance"].answer, Answer::Passes);
    assert_eq!(
        found["trend"].reason,
        "för få mätpunkter av samma månad: 1 av 5; samma tertial: för få mätpunkter: 1 av 5"
    );
    assert_eq!(found["forecast"].answer, Answer::WeakForecast);
    for signal in found.values() {
        assert!(!signal.reason.is_empty() && signal.method_version >= 1, "{signal:?}");
        let stated = format!("regel {}, version {}", signal.method, signal.method_version);
        assert!(signal.method_text.starts_with(&stated), "{}", signal.method_text);
        assert!(signal.method_text.contains("minst"), "{}", signal.method_text);
    }
}

#[test]
fn too_few_months_give_the_reason_and_no_limits() {
    let found = answers(&definition(""), &history(12));
    assert_eq!(found["variation"].reason, "för få mätpunkter: 12 av 13");
    assert_eq!(found["assurance"].reason, "för få mätpunkter: 12 av 13");
    assert_eq!(found["variation"].answer_word, "kan inte bedömas");
    assert_eq!(found["variation"].mean, None);
    assert_eq!(
        answers(&definition(""), &history(0))["variation"].reason,
        "inga månadsvärden finns"
    );
}

#[test]
fn a_suppressed_month_is_not_a_value() {
    let mut history = history(14);
    hide(&mut history, "2024-03");
    hide(&mut history, "2023-12");
    let found = answers(&definition(""), &history);
    assert_eq!(
        found["variation"].reason,
        "för få mätpunkter: 12 av 13; 2 dolda månader ingår inte"
    );
    assert_eq!(
        found["forecast"].reason,
        "en månad saknas i årets utfall; 2 dolda månader ingår inte"
    );
    let mut history = super::tests::history(20);
    hide(&mut history, "2024-08");
    let variation = &answers(&definition(""), &history)["variation"];
    assert_eq!(variation.reason, "periodens sista månad saknas i serien: augusti 2024");
    assert_eq!((variation.answer, variation.points), (Answer::Silent, 19));
}

#[test]
fn months_that_nobody_measured_are_named() {
    let mut history = history(20);
    history.retain(|outcome| {
        !["2023-10", "2023-11", "2024-02"].contains(&outcome.period.to_string().as_str())
    });
    let variation = &answers(&definition(""), &history)["variation"];
    assert_eq!(variation.points, 17);
    assert!(
        variation.reason.ends_with("; 3 månader saknas: 2023-10 till 2023-11, 2024-02"),
        "{}",
        variation.reason
    );
    assert!(variation.method_text.contains("en följd av punkter bryts där"));
    let mut short = super::tests::history(14);
    short.retain(|outcome| outcome.period.to_string() != "2023-11");
    hide(&mut short, "2024-03");
    assert_eq!(
        answers(&definition(""), &short)["variation"].reason,
        "för få mätpunkter: 12 av 13; en månad saknas: 2023-11; en dold månad ingår inte"
    );
}

#[test]
fn one_value_a_tertial_says_nothing_of_a_month() {
    let mut history = history(20);
    for outcome in &mut history {
        if let Period::Month(month) = outcome.period {
            let tertial = i128::from(month.year()) * 3 + i128::from((month.month() - 1) / 4);
            *outcome = self::outcome(&month.to_string(), Some((400 + tertial * 7 % 5, 1_000)));
        }
    }
    let found = answers(&definition(""), &history);
    for question in ["variation", "assurance"] {
        assert_eq!(
            found[question].reason,
            "månadsvärdena är ett värde per tertial, upprepat för varje månad"
        );
    }
    assert!(found["trend"].reason.contains("; samma tertial: för få mätpunkter"));
}

#[test]
fn what_overlaps_or_adds_up_is_refused() {
    let reason = |kind: &str, question: &str| {
        let definition = definition(&format!("series = \"{kind}\""));
        answers(&definition, &history(60))[question].reason.clone()
    };
    for question in ["variation", "assurance", "trend"] {
        assert_eq!(
            reason("rolling", question),
            "rullande värden överlappar varandra och bedöms inte"
        );
        assert_eq!(reason("cumulative", question), "ackumulerade värden bedöms inte");
        assert_eq!(
            reason("change", question),
            "förändringstal delar underlag med den period de jämförs med och bedöms inte"
        );
    }
    assert_eq!(reason("rolling", "forecast"), "rullande värden har ingen återstod av året");
}

#[test]
fn a_calendar_needs_three_whole_years() {
    let seasonal = definition("seasonal = true");
    let reason = answers(&seasonal, &history(32))["variation"].reason.clone();
    assert_eq!(reason, "för få hela år för säsongsrensning: 2 av 3");
    let variation = answers(&seasonal, &history(44))["variation"].clone();
    assert!(variation.method_text.contains("värdena är rensade från säsong"));
    assert!(variation.upper_limit > variation.lower_limit);
}

#[test]
fn values_behind_a_change_of_method_do_not_enter() {
    let mut definition = definition("");
    definition.versions.push(tertial_indicator::definition::MethodVersion {
        number: 2,
        valid_from: "2024-01-01".into(),
        reason: "Ny metod.".into(),
        breaks_series: true,
        ..Default::default()
    });
    let found = answers(&definition, &history(40));
    assert_eq!(
        found["variation"].reason,
        "för få mätpunkter: 8 av 13; bara värden efter tidsseriebrottet, från januari 2024"
    );
    assert_eq!(found["forecast"].reason, "en månad saknas i föregående år");
}

#[test]
fn years_of_months_give_trend_and_forecast_of_summed_parts() {
    let found = answers(&definition(""), &history(68));
    let (trend, forecast) = (&found["trend"], &found["forecast"]);
    assert_ne!(trend.answer, Answer::Silent, "{}", trend.reason);
    assert!(trend.method_text.contains("månader, varje månad för sig"));
    assert_eq!(forecast.answer, Answer::Forecast, "{}", forecast.reason);
    let (low, value, high) = (
        forecast.forecast_low.unwrap(),
        forecast.forecast.unwrap(),
        forecast.forecast_high.unwrap(),
    );
    assert!(low <= value && value <= high && (5.0..5.4).contains(&value), "{value}");
    assert!(forecast.mase.is_some());
}

#[test]
fn a_period_that_is_no_sum_of_its_months_has_no_forecast() {
    let mut history = history(44);
    history.last_mut().unwrap().numerator = Some(Decimal::whole(530));
    assert_eq!(
        answers(&definition(""), &history)["forecast"].reason,
        "periodens värde är inte summan av månadernas; ett helår har ingen återstod"
    );
}

#[test]
fn assurance_needs_a_target_that_points_the_same_way() {
    let mut history = history(20);
    let with = |history: &mut Vec<Outcome>, comparator: &str| {
        history.last_mut().unwrap().target.as_mut().unwrap().comparator = comparator.into();
        answers(&definition(""), history)["assurance"].reason.clone()
    };
    assert_eq!(with(&mut history, ">="), "målet pekar åt ett annat håll än nyckeltalet");
    assert_eq!(with(&mut history, "between"), "målets form kan inte prövas mot gränser");
    history.last_mut().unwrap().target = None;
    assert_eq!(answers(&definition(""), &history)["assurance"].reason, "inget mål gäller perioden");
}

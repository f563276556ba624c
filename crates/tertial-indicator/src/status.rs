//! Is the target met? Attainment and status 0–3, with the reason that lets anyone check it.
//!
//! Outcome, target and threshold are exact fractions and compared unrounded. The rule, `status`:
//!
//! 1. No outcome, no target, or nothing to compare with: *data saknas*, with the reason.
//! 2. The comparator decides whether the target is met.
//! 3. Attainment as a share needs a one-sided comparator. More is better: outcome ÷ target; less is
//!    better: target ÷ outcome. Both negative: the other way round, so that −17 against at least
//!    −15,8 is 15,8 ÷ 17 and a decrease of 21 % against at least 48 % is 21 ÷ 48. The target is 0,
//!    the signs differ, or the divisor is 0: no share, comparison alone.
//! 4. Met: 0. Not met, attainment at or above the threshold: 1. Otherwise: 2.
//!
//! The form `distance` replaces the share by the part of the way travelled from a start value,
//! (outcome − start) ÷ (target − start). The form `comparison` and the comparators *equal*,
//! *between*, *in line with* and *activity done* have no share.
//!
//! The rule's numbers have versions with the first period each is for ([`Rules`]); a status names its
//! version. Where target and reference values come from is decided elsewhere ([`crate::target`]).

use crate::definition::{AttainmentForm, Direction};
use crate::ratio::Ratio;
use crate::target::{Comparator, Resolved, Unresolved};
use std::cmp::Ordering;
use tertial_model::{Completeness, Decimal, Missing, Period, Status, swedish};

/// Name of the rule.
pub const RULE: &str = "status";

/// One version of the rule's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The version that stands beside every status.
    pub version: u32,
    /// Attainment from which a target that is not met counts as partly met.
    pub partly_from: Decimal,
    /// How far from the baseline still counts as in line with it, in the indicator's unit.
    pub in_line_tolerance: Decimal,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { version: 1, partly_from: Decimal::new(90, 2), in_line_tolerance: Decimal::ZERO }
    }
}

/// The rule's versions, each with the first day it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    versions: Vec<(String, Settings)>,
}

impl Rules {
    /// Versions with their first day (`2024-01-01`), in any order.
    pub fn new(mut versions: Vec<(String, Settings)>) -> Rules {
        versions.sort_by(|a, b| (&a.0, a.1.version).cmp(&(&b.0, b.1.version)));
        Rules { versions }
    }

    /// The version that a period is judged by: the one in force at its end. Without any version
    /// before it the first; without any at all the house's own.
    pub fn for_period(&self, period: Period) -> Settings {
        // No month has a day after this one, and texts compare as days do.
        let day = format!("{}-31", period.last_month());
        let found = self.versions.iter().rev().find(|(from, _)| *from <= day);
        let found = found.or_else(|| self.versions.first());
        found.map_or_else(Settings::default, |(_, settings)| settings.clone())
    }
}

/// All that a judgement rests on.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The unrounded outcome, in the target's unit.
    pub value: Option<Ratio>,
    /// Why there is no outcome.
    pub missing: Option<Missing>,
    /// The target of this level and period; none when the plan has none.
    pub target: Option<Result<&'a Resolved, &'a Unresolved>>,
    /// Which way is better.
    pub direction: Direction,
    /// How attainment is worked out.
    pub form: AttainmentForm,
    /// Start of the way, for the form `distance`.
    pub start: Option<Ratio>,
    /// How much of the data has come.
    pub completeness: Option<&'a Completeness>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// 0–3.
    pub status: Status,
    /// 1 = met in full; none where no share exists.
    pub attainment: Option<Ratio>,
    /// Rule, version, threshold and unrounded numbers in Swedish; for 3 why there is no answer.
    pub reason: String,
}

/// Judges an outcome.
pub fn judge(question: &Question, settings: &Settings) -> Judgement {
    judge_telling(question, settings, None)
}

/// Judges an outcome by its unrounded value, with a reason that tells it as it is printed, with
/// `decimals`, and no share that could be turned back into it: for ratios about persons.
pub fn judge_as_printed(question: &Question, settings: &Settings, decimals: u8) -> Judgement {
    judge_telling(question, settings, Some(decimals))
}

fn judge_telling(question: &Question, settings: &Settings, decimals: Option<u8>) -> Judgement {
    let nothing = |reason: String| Judgement {
        status: Status::NoData,
        attainment: None,
        reason: format!("{reason}; regel {RULE}, version {}", settings.version),
    };
    let arrived = question.completeness.is_none_or(|c| c.reported > 0 || c.expected == 0);
    let (Some(value), true) = (question.value, arrived) else {
        let missing = question.missing.unwrap_or(Missing::NotAvailable);
        return nothing(match question.completeness {
            Some(completeness) if !arrived => {
                format!("{} ({})", missing.word(), completeness.text())
            }
            _ => missing.word().to_owned(),
        });
    };
    let target = match question.target {
        None => return nothing("mål saknas i planen".to_owned()),
        Some(Err(unresolved)) => return nothing(unresolved.reason()),
        Some(Ok(target)) => target,
    };
    match is_met(value, target, question.direction, settings) {
        Some(met) => answer(question, value, target, met, settings, decimals),
        None => nothing("målet kan inte jämföras med utfallet".to_owned()),
    }
}

fn answer(
    question: &Question,
    value: Ratio,
    target: &Resolved,
    met: bool,
    settings: &Settings,
    decimals: Option<u8>,
) -> Judgement {
    let share = attainment(question, value, target);
    let threshold = Ratio::from_decimal(settings.partly_from).unwrap_or(Ratio::ONE);
    let status = match &share {
        _ if met => Status::Met,
        Ok((share, _)) if *share >= threshold => Status::Partly,
        _ => Status::NotMet,
    };
    let verb = if met { "nås" } else { "nås inte" };
    let outcome = match decimals {
        Some(decimals) => swedish::float(value.to_f64(), decimals),
        None => value.text(),
    };
    let outcome = swedish::with_unit(&outcome, &target.unit);
    let mut reason = match target.comparator {
        Comparator::ActivityDone if met => "aktiviteten är genomförd".to_owned(),
        Comparator::ActivityDone => "aktiviteten är inte genomförd".to_owned(),
        _ => format!("utfall {outcome}, mål {}: målet {verb}", target.phrase()),
    };
    match &share {
        Ok((_, how)) if decimals.is_some() => reason.push_str(&format!(
            "; uppfyllelse {how} bedöms på det oavrundade utfallet, gräns för delvis {}",
            percent(threshold)
        )),
        Ok((share, how)) => {
            reason.push_str(&format!(
                "; uppfyllelse {how} = {}, gräns för delvis {}",
                percent(*share),
                percent(threshold)
            ));
        }
        Err(why) => reason.push_str(&format!("; kvot saknas ({why})")),
    }
    if let Some(completeness) = question.completeness.filter(|c| !c.is_complete() || c.preliminary)
    {
        reason.push_str(&format!("; underlag {}", completeness.text()));
    }
    reason.push_str(&format!("; regel {RULE}, version {}", settings.version));
    Judgement { status, attainment: share.ok().map(|(share, _)| share), reason }
}

fn is_met(
    value: Ratio,
    target: &Resolved,
    direction: Direction,
    settings: &Settings,
) -> Option<bool> {
    let aim = target.value?;
    let order = value.cmp(&aim);
    Some(match target.comparator {
        Comparator::AtLeast | Comparator::ActivityDone => order != Ordering::Less,
        Comparator::AtMost => order != Ordering::Greater,
        Comparator::Below => order == Ordering::Less,
        Comparator::Above => order == Ordering::Greater,
        Comparator::Equal => order == Ordering::Equal,
        Comparator::Between => order != Ordering::Less && value <= target.upper?,
        Comparator::InLine => {
            let room = Ratio::from_decimal(settings.in_line_tolerance)?;
            match direction {
                Direction::Higher => value >= aim.checked_sub(room)?,
                Direction::Lower => value <= aim.checked_add(room)?,
                Direction::None => value.checked_sub(aim)?.abs() <= room,
            }
        }
        Comparator::ToBeSet => return None,
    })
}

/// The share and the words for how it came about, or why there is none.
fn attainment(
    question: &Question,
    value: Ratio,
    target: &Resolved,
) -> Result<(Ratio, &'static str), &'static str> {
    let more_is_better = match target.comparator {
        Comparator::AtLeast | Comparator::Above => true,
        Comparator::AtMost | Comparator::Below => false,
        _ => return Err("målet jämförs bara"),
    };
    let Some(aim) = target.value else { return Err("målet jämförs bara") };
    match question.form {
        AttainmentForm::Comparison => Err("måttet jämförs bara"),
        AttainmentForm::Ratio => share(value, aim, more_is_better),
        AttainmentForm::Distance => {
            let start = question.start.ok_or("startvärde saknas")?;
            let way = aim.checked_sub(start);
            let travelled = value.checked_sub(start);
            match (travelled, way) {
                (_, Some(way)) if way.is_zero() => Err("målet är startvärdet"),
                (Some(travelled), Some(way)) => travelled
                    .checked_div(way)
                    .map(|share| (share, "(utfall − start)/(mål − start)"))
                    .ok_or("talen är för stora"),
                _ => Err("talen är för stora"),
            }
        }
    }
}

fn share(
    value: Ratio,
    aim: Ratio,
    more_is_better: bool,
) -> Result<(Ratio, &'static str), &'static str> {
    if aim.is_zero() {
        return Err("målet är 0");
    }
    if value.signum() * aim.signum() < 0 {
        return Err("utfall och mål har olika tecken");
    }
    // Below zero the larger distance from zero is the smaller number.
    let outcome_on_top = more_is_better == (aim.signum() > 0);
    let (top, bottom, words) = match (outcome_on_top, aim.signum() > 0) {
        (true, true) => (value, aim, "utfall/mål"),
        (false, true) => (aim, value, "mål/utfall"),
        (true, false) => (value, aim, "|utfall|/|mål|"),
        (false, false) => (aim, value, "|mål|/|utfall|"),
    };
    if bottom.is_zero() {
        return Err("utfallet är 0");
    }
    top.checked_div(bottom).map(|share| (share, words)).ok_or("talen är för stora")
}

fn percent(share: Ratio) -> String {
    let percent = share.checked_mul(Ratio::whole(100)).unwrap_or(share);
    swedish::with_unit(&percent.text(), "%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Baseline;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::from_decimal(Decimal::parse(text).unwrap()).unwrap()
    }

    fn aim(comparator: Comparator, value: &str) -> Resolved {
        Resolved {
            printed: value.to_owned(),
            comparator,
            value: Some(ratio(value)),
            upper: None,
            unit: "%".to_owned(),
            baseline: Baseline::None,
        }
    }

    fn question<'a>(value: &str, target: &'a Resolved) -> Question<'a> {
        Question {
            value: Some(ratio(value)),
            missing: None,
            target: Some(Ok(target)),
            direction: Direction::Lower,
            form: AttainmentForm::Ratio,
            start: None,
            completeness: None,
        }
    }

    fn judged(value: &str, comparator: Comparator, target: &str) -> (u8, Option<f64>) {
        let target = aim(comparator, target);
        let judgement = judge(&question(value, &target), &Settings::default());
        let share = judgement.attainment.map(|share| (share.to_f64() * 1000.0).round() / 10.0);
        (judgement.status.number(), share)
    }

    #[test]
    fn the_printed_report_is_judged_as_the_rule_says() {
        use Comparator::{AtLeast, AtMost, Below};
        let cases = [
            ("4.6", AtLeast, "4.5", 0, Some(102.2)),
            ("5.7", AtMost, "5", 2, Some(87.7)),
            ("-17", AtLeast, "-15.8", 1, Some(92.9)),
            ("90", AtLeast, "95", 1, Some(94.7)),
            ("89", AtLeast, "95", 1, Some(93.7)),
            ("35", AtLeast, "36", 1, Some(97.2)),
            ("268", AtLeast, "100", 0, Some(268.0)),
            ("7", AtMost, "14", 0, Some(200.0)),
            ("5.2", AtMost, "-0.5", 2, None),
            ("7.5", AtMost, "0.6", 2, Some(8.0)),
            ("9.2", AtMost, "-6.5", 2, None),
            ("-21", AtMost, "-48", 2, Some(43.8)),
            ("-1", AtMost, "-1", 0, Some(100.0)),
            ("4.6", AtLeast, "5", 1, Some(92.0)),
            ("10.7", Below, "10.1", 1, Some(94.4)),
            ("14", AtLeast, "20", 2, Some(70.0)),
            ("83.3", AtLeast, "80", 0, Some(104.1)),
            ("13", AtLeast, "70", 2, Some(18.6)),
            ("40", AtLeast, "70", 2, Some(57.1)),
        ];
        for (value, comparator, target, status, share) in cases {
            assert_eq!(judged(value, comparator, target), (status, share), "{value} {target}");
        }
    }

    #[test]
    fn a_period_is_judged_by_the_version_in_force_at_its_end() {
        let version = |number, partly| Settings {
            version: number,
            partly_from: Decimal::new(partly, 2),
            ..Settings::default()
        };
        let rules = Rules::new(vec![
            ("2025-01-01".to_owned(), version(2, 80)),
            ("2015-01-01".to_owned(), version(1, 90)),
        ]);
        let number = |text: &str| rules.for_period(Period::parse(text).unwrap()).version;
        assert_eq!(
            [number("2014"), number("2024T3"), number("2025-01"), number("2026T1")],
            [1, 1, 2, 2]
        );
        assert_eq!(
            Rules::default().for_period(Period::parse("2024T2").unwrap()),
            Settings::default()
        );

        let target = aim(Comparator::AtLeast, "100");
        let status = |period: &str| {
            let settings = rules.for_period(Period::parse(period).unwrap());
            judge(&question("85", &target), &settings)
        };
        assert_eq!(status("2024T2").status, Status::NotMet);
        assert_eq!(status("2025T2").status, Status::Partly);
        assert!(
            status("2025T2")
                .reason
                .ends_with("gräns för delvis 80\u{a0}%; regel status, version 2")
        );
    }

    #[test]
    fn edges_of_the_rule() {
        use Comparator::{Above, AtLeast, AtMost, Below, Equal};
        assert_eq!(judged("90", AtLeast, "100"), (1, Some(90.0)));
        assert_eq!(judged("89.999999", AtLeast, "100"), (2, Some(90.0)));
        assert_eq!(judged("10.1", Below, "10.1"), (1, Some(100.0)));
        assert_eq!(judged("62", Above, "62"), (1, Some(100.0)));
        assert_eq!(judged("0", AtLeast, "20"), (2, Some(0.0)));
        assert_eq!(judged("0", AtMost, "20"), (0, None));
        assert_eq!(judged("1", AtMost, "0"), (2, None));
        assert_eq!(judged("0", AtMost, "-5"), (2, Some(0.0)));
        assert_eq!(judged("-3", AtLeast, "2"), (2, None));
        assert_eq!(judged("99", Equal, "100"), (2, None));
        assert_eq!(judged("100", Equal, "100.00"), (0, None));
    }

    #[test]
    fn every_status_shows_its_rule_and_numbers() {
        let target = aim(Comparator::Below, "10.1");
        let judgement = judge(&question("10.7", &target), &Settings::default());
        assert_eq!(
            judgement.reason,
            "utfall 10,7\u{a0}%, mål under 10,1\u{a0}%: målet nås inte; uppfyllelse mål/utfall = \
             94,3925233644…\u{a0}%, gräns för delvis 90\u{a0}%; regel status, version 1"
        );
        let target = aim(Comparator::AtMost, "-0.5");
        let judgement = judge(&question("5.2", &target), &Settings::default());
        assert_eq!(
            judgement.reason,
            "utfall 5,2\u{a0}%, mål högst −0,5\u{a0}%: målet nås inte; kvot saknas (utfall och mål \
             har olika tecken); regel status, version 1"
        );
    }

    #[test]
    fn nothing_to_judge_always_has_a_reason() {
        let target = aim(Comparator::AtLeast, "41");
        let yearly =
            Question { value: None, missing: Some(Missing::CannotOccur), ..question("0", &target) };
        let reason = |question: &Question| {
            let judgement = judge(question, &Settings::default());
            assert_eq!(judgement.status, Status::NoData);
            judgement.reason
        };
        assert_eq!(reason(&yearly), "mäts inte i perioden; regel status, version 1");
        let unplanned = Question { target: None, ..question("1", &target) };
        assert_eq!(reason(&unplanned), "mål saknas i planen; regel status, version 1");
        let unresolved = Unresolved::NoReference(Baseline::Nation);
        let alone = Question { target: Some(Err(&unresolved)), ..question("1", &target) };
        assert_eq!(reason(&alone), "jämförelsetal saknas för riket; regel status, version 1");
        let none_came = Completeness {
            of: "enheter".into(),
            expected: 14,
            reported: 0,
            rejected_rows: 0,
            preliminary: false,
        };
        let empty = Question { completeness: Some(&none_came), ..question("1", &target) };
        assert_eq!(reason(&empty), "uppgift saknas (0 av 14 enheter); regel status, version 1");
    }

    #[test]
    fn incomplete_data_is_said_beside_the_status() {
        let target = aim(Comparator::AtLeast, "41");
        let part = Completeness {
            of: "enheter".into(),
            expected: 14,
            reported: 11,
            rejected_rows: 0,
            preliminary: true,
        };
        let question = Question { completeness: Some(&part), ..question("42", &target) };
        let judgement = judge(&question, &Settings::default());
        assert_eq!(judgement.status, Status::Met);
        assert!(judgement.reason.contains("; underlag 11 av 14 enheter, preliminär; "));
    }

    #[test]
    fn own_comparators_have_no_share() {
        let range = Resolved { upper: Some(ratio("7")), ..aim(Comparator::Between, "5") };
        for (value, status) in [("5", 0), ("7", 0), ("7.01", 2), ("4.99", 2)] {
            let judgement = judge(&question(value, &range), &Settings::default());
            assert_eq!(
                (judgement.status.number(), judgement.attainment),
                (status, None),
                "{value}"
            );
        }
        let nation = aim(Comparator::InLine, "10.1");
        let settings = Settings { in_line_tolerance: Decimal::new(5, 1), ..Settings::default() };
        for (value, status) in [("10.1", 0), ("10.6", 0), ("10.7", 2), ("3", 0)] {
            assert_eq!(judge(&question(value, &nation), &settings).status.number(), status);
        }
        let done = Resolved { unit: String::new(), ..aim(Comparator::ActivityDone, "1") };
        let judgement = judge(&question("1", &done), &Settings::default());
        assert_eq!(judgement.status, Status::Met);
        assert!(judgement.reason.starts_with("aktiviteten är genomförd; kvot saknas"));
    }

    #[test]
    fn the_way_travelled_is_another_form() {
        let target = aim(Comparator::AtMost, "4");
        let question = Question {
            form: AttainmentForm::Distance,
            start: Some(ratio("6")),
            ..question("4.1", &target)
        };
        let judgement = judge(&question, &Settings::default());
        assert_eq!(judgement.status, Status::Partly);
        assert_eq!(judgement.attainment, Some(ratio("0.95")));
        let stuck = Question { start: Some(ratio("4")), ..question };
        assert_eq!(judge(&stuck, &Settings::default()).attainment, None);
    }

    proptest! {
        #[test]
        fn attainment_agrees_with_the_comparison(value in -1000i64..1000, target in -1000i64..1000, more in any::<bool>()) {
            let comparator = if more { Comparator::AtLeast } else { Comparator::AtMost };
            let target = Resolved { value: Some(Ratio::whole(target)), ..aim(comparator, "1") };
            let mut question = question("1", &target);
            question.value = Some(Ratio::whole(value));
            let judgement = judge(&question, &Settings::default());
            if let Some(share) = judgement.attainment {
                prop_assert_eq!(share >= Ratio::ONE, judgement.status == Status::Met);
            }
        }

        #[test]
        fn a_better_outcome_never_has_a_worse_status(a in 1i64..1000, b in 1i64..1000, target in 1i64..1000, more in any::<bool>()) {
            let comparator = if more { Comparator::AtLeast } else { Comparator::AtMost };
            let target = Resolved { value: Some(Ratio::whole(target)), ..aim(comparator, "1") };
            let status = |value: i64| {
                let mut question = question("1", &target);
                question.value = Some(Ratio::whole(value));
                judge(&question, &Settings::default()).status
            };
            let (better, worse) = if more == (a > b) { (a, b) } else { (b, a) };
            prop_assert!(status(better) <= status(worse));
        }
    }
}

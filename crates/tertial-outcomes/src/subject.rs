//! One outcome in the making: why there is no value, what its target is compared with, its status.

use crate::fact::{Fact, Key, value_of};
use crate::plan::{KIND_NATION, NATION, PlanTarget, better_than, holds, parse_target};
use crate::precision;
use std::collections::BTreeMap;
use tertial_indicator::status::judge_as_printed;
use tertial_indicator::target::{Baseline, Resolved, Unresolved};
use tertial_indicator::{Definition, Frequency, Ratio, judge, status};
use tertial_model::{
    Completeness, Missing, Outcome, OutcomeMark, Period, Response, Sex, Status, swedish,
};

/// The reason of an outcome that nobody judges.
const NOT_JUDGED: &str = "inget mål gäller denna nivå och uppdelning";

/// One cell of an indicator, with the cells beside it.
pub(crate) struct Subject<'a> {
    pub definition: &'a Definition,
    pub key: &'a Key,
    pub fact: Option<&'a Fact>,
    /// What may be shown of every cell.
    pub values: &'a BTreeMap<Key, Option<Ratio>>,
}

/// The value that is compared with a target, and the breakdown it is of when that is another.
struct Judged<'a> {
    value: Option<Ratio>,
    by: Option<&'a str>,
}

/// What a cell is judged by.
pub(crate) struct Judge<'a> {
    pub target: Option<&'a PlanTarget>,
    pub is_planned: bool,
    pub rules: &'a status::Rules,
    pub completeness: Completeness,
    pub source_deliveries: Vec<String>,
}

impl Subject<'_> {
    /// Whether a target of the plan is meant for this cell.
    pub(crate) fn is_aimed_at_by(&self, target: &PlanTarget) -> bool {
        let (unit, period, sex, breakdown) = self.key;
        let same_cell = target.unit_id == *unit && target.breakdown == *breakdown;
        same_cell
            && *sex == Sex::T
            && !matches!(period, Period::Month(_))
            && holds(*period, &target.valid_from, &target.valid_to)
    }

    fn missing(&self) -> Option<Missing> {
        match self.fact {
            Some(fact) if fact.hidden => Some(Missing::Suppressed),
            Some(fact) if value_of(self.definition, fact).is_some() => None,
            _ => {
                let yearly = self.definition.frequency == Frequency::Year;
                let is_year =
                    matches!(self.key.1, Period::Year(_) | Period::Tertial { number: 3, .. });
                Some(if yearly && !is_year { Missing::CannotOccur } else { Missing::NotAvailable })
            }
        }
    }

    /// The target with its number.
    fn resolve(&self, target: &PlanTarget) -> Option<Result<Resolved, Unresolved>> {
        let nation = target.baseline.as_deref().filter(|text| text.parse::<i16>().is_err());
        let reference = |baseline| self.reference(baseline, nation.unwrap_or(NATION));
        if target.kind != KIND_NATION {
            let parsed = parse_target(self.definition, target).ok()?;
            return Some(parsed.resolve(&self.key.0, &reference));
        }
        // The target is to be better than the nation. A printed figure is the nation's of one period
        // only; each period has its own.
        let nation = match reference(Baseline::Nation) {
            Ok(value) => value,
            Err(unresolved) => return Some(Err(unresolved)),
        };
        let comparator = better_than(self.definition);
        let is_figure = target.printed.contains(|c: char| c.is_ascii_digit());
        let printed = match is_figure {
            true => self.printed(nation),
            false => target.printed.clone(),
        };
        Some(Ok(Resolved {
            printed,
            comparator,
            value: Some(nation),
            upper: None,
            unit: self.definition.unit.clone(),
            baseline: Baseline::Nation,
        }))
    }

    /// A value of the indicator as it is printed.
    fn printed(&self, value: Ratio) -> String {
        let number = swedish::float(value.to_f64(), self.definition.decimals);
        swedish::with_unit(&number, &self.definition.unit)
    }

    /// The value that is compared with the target: the figure's own, or that of the breakdown which
    /// the definition judges it by.
    fn judged(&self, own: Option<Ratio>) -> Judged<'_> {
        let (unit, period, sex, breakdown) = self.key;
        match (own, self.definition.judged_by.as_deref()) {
            (Some(_), Some(by)) if by != breakdown => {
                let key = (unit.clone(), *period, *sex, by.to_owned());
                Judged { value: self.values.get(&key).copied().flatten(), by: Some(by) }
            }
            _ => Judged { value: own, by: None },
        }
    }

    /// The value of a baseline that is itself the target: the same months of another year, the
    /// nation's figure from the same query, the start value of the version. Never across a break.
    fn reference(&self, baseline: Baseline, nation: &str) -> Result<Ratio, Unresolved> {
        let (unit, period, _, breakdown) = self.key;
        let at = |period, breakdown: &str| {
            let key = (unit.clone(), period, Sex::T, breakdown.to_owned());
            self.values.get(&key).copied().flatten()
        };
        let earlier = |year| {
            let other = in_year(*period, year);
            if self.definition.break_between(other, *period).is_some() {
                return Err(Unresolved::Break(baseline));
            }
            // A whole year may have been told as a tertial or as a year.
            let whole = match other {
                Period::Tertial { number: 3, year } => Some(Period::Year(year)),
                Period::Year(year) => Some(Period::Tertial { year, number: 3 }),
                _ => None,
            };
            at(other, breakdown)
                .or_else(|| at(whole?, breakdown))
                .ok_or(Unresolved::NoReference(baseline))
        };
        match baseline {
            Baseline::Year(year) => earlier(year),
            Baseline::PreviousYear => earlier(period.year() - 1),
            Baseline::Nation => at(*period, nation).ok_or(Unresolved::NoReference(baseline)),
            Baseline::StartValue => {
                let version = self.definition.version_for(*period);
                let start = version.and_then(|version| version.start_value);
                let start = start.or(self.definition.start_value).and_then(Ratio::from_decimal);
                start.ok_or(Unresolved::NoReference(baseline))
            }
            Baseline::None => Err(Unresolved::NoReference(baseline)),
        }
    }

    /// The outcome with its judgement.
    pub(crate) fn outcome(&self, by: Judge) -> Outcome {
        let (definition, missing) = (self.definition, self.missing());
        let shown = self.fact.filter(|fact| !fact.hidden);
        let exact = if missing.is_none() {
            shown.and_then(|fact| value_of(definition, fact))
        } else {
            None
        };
        let resolved = by.target.and_then(|target| self.resolve(target));
        let (unit, period, sex, breakdown) = self.key.clone();
        let judged = self.judged(exact);
        let question = status::Question {
            value: judged.value,
            missing,
            target: resolved.as_ref().map(Result::as_ref),
            direction: definition.direction,
            form: definition.attainment_form,
            start: definition.start_value.and_then(Ratio::from_decimal),
            completeness: Some(&by.completeness),
        };
        let response = shown.and_then(|fact| fact.response);
        let rules = by.rules.for_period(period);
        let has_denominator = shown.is_some_and(|fact| fact.denominator.is_some());
        let mut judgement = match precision::is_as_printed(definition, has_denominator) {
            true => judge_as_printed(&question, &rules, definition.decimals),
            false => judge(&question, &rules),
        };
        if let Some((by, own)) = judged.by.zip(exact) {
            let own = self.printed(own);
            judgement.reason = match judged.value {
                Some(_) => format!("värdet {own} bedöms {by}: {}", judgement.reason),
                None => format!("värdet {own} bedöms {by}, och det värdet saknas"),
            };
        }
        let mark = shown.and_then(|fact| fact.mark).filter(|_| exact.is_some());
        if mark == Some(OutcomeMark::Stated) {
            judgement.reason.push_str("; utfallet är lämnat av ansvarig roll, inte räknat");
        }
        let too_few = too_few_answers(definition, response).filter(|_| exact.is_some());
        if let Some(reason) = &too_few {
            judgement.status = Status::NoData;
            judgement.attainment = None;
            judgement.reason.clone_from(reason);
        }
        let is_judged = by.target.is_some() || by.is_planned;
        Outcome {
            id: definition.id.clone(),
            name: definition.name_for(period).to_owned(),
            unit: definition.unit.clone(),
            decimals: definition.decimals,
            level: unit,
            period,
            sex,
            breakdown,
            numerator: shown.and_then(|fact| fact.numerator),
            denominator: shown.and_then(|fact| fact.denominator),
            value: exact.map(Ratio::to_f64),
            missing,
            target: by.target.and_then(|plan_target| {
                let resolved = resolved.as_ref()?.as_ref().ok()?;
                Some(resolved.view(&plan_target.plan))
            }),
            attainment: judgement.attainment.map(Ratio::to_f64),
            status: is_judged.then_some(judgement.status),
            status_reason: if is_judged { judgement.reason } else { NOT_JUDGED.to_owned() },
            completeness: by.completeness,
            source_deliveries: by.source_deliveries,
            method_version: definition.version_for(period).map_or(1, |version| version.number),
            mark: match too_few {
                Some(_) => Some(OutcomeMark::Uncertain),
                None => mark,
            },
            response,
        }
    }
}

/// Why a value is not judged, when fewer answered than the definition asks for.
fn too_few_answers(definition: &Definition, response: Option<Response>) -> Option<String> {
    let least = definition.response_rate_min?;
    let response = response?;
    let rate = response.rate_pct()?;
    (rate < least.to_f64()).then(|| {
        format!(
            "för få svar: {} av {}, {}; gränsen är {}",
            response.answered,
            response.asked,
            swedish::with_unit(&swedish::float(rate, 1), "%"),
            swedish::with_unit(&swedish::decimal(least, 0), "%")
        )
    })
}

/// The same months in another year; a month stays what it is.
fn in_year(period: Period, year: i16) -> Period {
    match period {
        Period::Tertial { number, .. } => Period::Tertial { year, number },
        Period::Year(_) => Period::Year(year),
        Period::Month(_) => period,
    }
}

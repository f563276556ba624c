//! Variation, assurance, trend and forecast of what the plan follows, once for every reader.
//!
//! The months and tertials among the outcomes become series, and the methods of [`tertial_indicator`]
//! answer or say why they are silent. A value that is suppressed or missing is
//! not in a series: nothing stands in its place. The four answers are worked out apart from each
//! other and from the status.

mod forecast;

use crate::plan::PlanEntry;
use crate::precision;
use crate::responsible::Forecasts;
use std::collections::BTreeMap;
use tertial_indicator::series::{in_words, position};
use tertial_indicator::spc::{self, Assurance, Chart, Limits, Variation};
use tertial_indicator::trend::{self, Verdict};
use tertial_indicator::{Definition, Direction, Point, Series, Silence};
use tertial_model::{
    Answer, Decimal, Missing, Outcome, OutcomeMark, Period, Question, Sex, Signal, SignalPoint,
    swedish,
};

/// A hole of so many months ends the series that limits are drawn from.
const LONGEST_HOLE: i64 = 12;
/// What stands where there is no answer.
const SILENT: &str = "kan inte bedömas";
const NO_MONTHS: &str = "inga månadsvärden finns";

/// The answers to every question about every figure that the plan follows or that somebody has forecast,
/// and the months behind them, each with the period it is told for.
///
/// `outcomes` are those of both sexes of these figures, in any order of series; within a series by
/// period.
pub fn answers(
    definitions: &BTreeMap<String, Definition>,
    plan: &[PlanEntry],
    responsible: &Forecasts,
    outcomes: Vec<Outcome>,
) -> (Vec<Signal>, Vec<(Period, SignalPoint)>) {
    let mut series: BTreeMap<(String, String, String), Vec<Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        let key = (outcome.id.clone(), outcome.level.clone(), outcome.breakdown.clone());
        series.entry(key).or_default().push(outcome);
    }
    let (mut signals, mut points) = (Vec::new(), Vec::new());
    for ((id, level, breakdown), history) in &series {
        let Some(definition) = definitions.get(id) else { continue };
        for own in history {
            let is_followed = plan.iter().any(|entry| {
                entry.indicator_id == *id
                    && entry.unit_id == *level
                    && entry.breakdown == *breakdown
                    && entry.reports(own.period)
            });
            let is_forecast = breakdown.is_empty()
                && matches!(own.period, Period::Tertial { .. })
                && responsible.is_about(id, level, own.period.last_month());
            if is_followed || is_forecast {
                let answered = Figure::new(definition, own, history).answers(responsible);
                points.extend(answered.points.into_iter().map(|point| (own.period, point)));
                signals.extend(answered.signals);
            }
        }
    }
    (signals, points)
}

/// The answers about one figure, and the months its limits stand on.
struct Answered {
    signals: Vec<Signal>,
    points: Vec<SignalPoint>,
}

/// One figure of one tertial with everything known before its end.
struct Figure<'a> {
    definition: &'a Definition,
    own: &'a Outcome,
    months: Vec<&'a Outcome>,
    same_tertial: Vec<&'a Outcome>,
    /// What the year before became; none before its end.
    last_year: Option<f64>,
    breaks: Vec<Period>,
}

/// The chart of the months since the last break, and what was left out.
struct Process {
    chart: Chart,
    points: Vec<Point>,
    limits: Limits,
}

impl<'a> Figure<'a> {
    fn new(definition: &'a Definition, own: &'a Outcome, history: &'a [Outcome]) -> Figure<'a> {
        let end = position(own.period);
        let mut known: Vec<&Outcome> = history
            .iter()
            .filter(|outcome| outcome.sex == Sex::T && position(outcome.period) <= end)
            .collect();
        known.sort_by_key(|outcome| position(outcome.period));
        let number = |period| match period {
            Period::Tertial { number, .. } => Some(number),
            _ => None,
        };
        let is_month = |outcome: &&Outcome| matches!(outcome.period, Period::Month(_));
        let is_same = |outcome: &&Outcome| {
            number(outcome.period).is_some() && number(outcome.period) == number(own.period)
        };
        let later = definition.breaks();
        let last_year = own.period.year() - 1;
        let is_last_year = |outcome: &&&Outcome| match outcome.period {
            Period::Year(year) | Period::Tertial { year, number: 3 } => year == last_year,
            _ => false,
        };
        let whole = known.iter().filter(is_last_year).find_map(|outcome| outcome.value);
        Figure {
            definition,
            own,
            months: known.iter().copied().filter(is_month).collect(),
            same_tertial: known.iter().copied().filter(is_same).collect(),
            last_year: whole,
            breaks: later
                .filter_map(|version| Period::parse(version.valid_from.get(..7)?))
                .collect(),
        }
    }

    fn answers(&self, responsible: &Forecasts) -> Answered {
        let process = self.process();
        let signals = vec![
            self.variation(&process),
            self.assurance(&process),
            self.trend(),
            self.forecast(responsible),
        ];
        let points = match &process {
            Ok(process) => self.signal_points(process),
            Err(_) => Vec::new(),
        };
        Answered { signals, points }
    }

    fn series(&self, outcomes: &[&Outcome]) -> Series {
        let point = |outcome: &&Outcome| {
            // What somebody states is not measured as the computed values are.
            let is_computed = outcome.mark != Some(OutcomeMark::Stated);
            let value = outcome.value.filter(|_| outcome.missing.is_none() && is_computed)?;
            let denominator = outcome.denominator.map(Decimal::to_f64);
            Some(Point { period: outcome.period, value, denominator })
        };
        Series {
            points: outcomes.iter().filter_map(point).collect(),
            kind: self.definition.series,
            breaks: self.breaks.clone(),
        }
    }

    /// The limits of the months; what a break or a long hole parts off does not enter.
    fn process(&self) -> Result<Process, Silence> {
        let whole = self.series(&self.months);
        whole.independent()?;
        let (mut points, is_cut) = whole.after_last_break();
        let mut notes = Vec::new();
        if is_cut && let Some(first) = points.first() {
            let from = first.period.label();
            notes.push(format!("bara värden efter tidsseriebrottet, från {from}"));
        }
        let hole = points
            .windows(2)
            .rposition(|pair| position(pair[1].period) - position(pair[0].period) > LONGEST_HOLE);
        if let Some(hole) = hole {
            points = &points[hole + 1..];
            let from = points[0].period.label();
            notes.push(format!("bara värden från {from}: ett år eller mer saknas dessförinnan"));
        }
        if points.is_empty() && self.months.iter().all(|outcome| outcome.missing.is_none()) {
            return Err(Silence::new(NO_MONTHS));
        }
        let series = Series { breaks: Vec::new(), ..Series::plain(points.to_vec()) };
        let settings =
            spc::Settings { seasonal: self.definition.seasonal, ..spc::Settings::default() };
        let mut chart = Chart::draw(&series, self.definition.direction, &[], &settings)
            .map_err(|silence| self.with_hidden(self.with_why(silence, &notes, &series)))?;
        chart.notes.append(&mut notes);
        chart.notes.extend(self.hidden());
        let group = chart.groups.last().ok_or_else(|| Silence::new(NO_MONTHS))?;
        let limits = group.limits.clone()?;
        Ok(Process { chart, points: series.points, limits })
    }

    /// Why there are so few points: what was left out before, and the months that nobody measured.
    fn with_why(&self, silence: Silence, notes: &[String], series: &Series) -> Silence {
        let mut reasons = vec![silence.reason];
        reasons.extend_from_slice(notes);
        reasons.extend(self.unmeasured(series));
        Silence::new(reasons.join("; "))
    }

    /// The months inside a series that have no value and are not hidden, in words.
    fn unmeasured(&self, series: &Series) -> Option<String> {
        let is_hidden = |period: &Period| {
            let mut months = self.months.iter();
            months.any(|own| own.period == *period && own.missing == Some(Missing::Suppressed))
        };
        let mut absent = series.absent();
        absent.retain(|period| !is_hidden(period));
        match absent.len() {
            0 => None,
            1 => Some(format!("en månad saknas: {}", in_words(&absent))),
            count => Some(format!("{count} månader saknas: {}", in_words(&absent))),
        }
    }

    /// How many months are hidden, in words.
    fn hidden(&self) -> Option<String> {
        let is_hidden = |outcome: &&&Outcome| outcome.missing == Some(Missing::Suppressed);
        match self.months.iter().filter(is_hidden).count() {
            0 => None,
            1 => Some("en dold månad ingår inte".to_owned()),
            count => Some(format!("{count} dolda månader ingår inte")),
        }
    }

    fn with_hidden(&self, silence: Silence) -> Silence {
        match self.hidden() {
            Some(hidden) => Silence::new(format!("{silence}; {hidden}")),
            None => silence,
        }
    }

    fn signal_points(&self, process: &Process) -> Vec<SignalPoint> {
        let pairs = process.points.iter().zip(&process.chart.points);
        pairs
            .map(|(point, judged)| SignalPoint {
                id: self.own.id.clone(),
                level: self.own.level.clone(),
                breakdown: self.own.breakdown.clone(),
                month: point.period.last_month(),
                value: point.value,
                judged: judged.value,
                cause: judged.cause.map_or("", spc::rules::Cause::words).to_owned(),
            })
            .collect()
    }

    /// An answer without its numbers.
    fn signal(&self, question: Question, rule: (&str, u32), least: &str) -> Signal {
        let (method, version) = rule;
        Signal {
            id: self.own.id.clone(),
            level: self.own.level.clone(),
            breakdown: self.own.breakdown.clone(),
            period: self.own.period,
            question,
            answer: Answer::Silent,
            answer_word: SILENT.to_owned(),
            reason: String::new(),
            method: method.to_owned(),
            method_version: version,
            method_text: format!("regel {method}, version {version}; {least}"),
            points: 0,
            mean: None,
            lower_limit: None,
            upper_limit: None,
            slope: None,
            forecast: None,
            forecast_low: None,
            forecast_high: None,
            mase: None,
            mean_error: None,
            tested: None,
            covered: None,
            last_error: None,
            responsible: None,
        }
    }

    fn variation(&self, process: &Result<Process, Silence>) -> Signal {
        let settings = spc::Settings::default();
        let mut least = format!("minst {} månader", settings.minimum_points);
        if self.definition.seasonal {
            least.push_str(&format!(", {} hela år för säsongen", settings.seasonal_years));
        }
        let mut signal = self.signal(Question::Variation, (spc::RULE, spc::VERSION), &least);
        let process = match process {
            Ok(process) => process,
            Err(silence) => {
                signal.reason.clone_from(&silence.reason);
                signal.points = self.series(&self.months).points.len() as u64;
                return signal;
            }
        };
        let limits = &process.limits;
        signal.points = process.points.len() as u64;
        signal.mean = Some(limits.mean);
        signal.lower_limit = Some(limits.lower);
        signal.upper_limit = Some(limits.upper);
        signal.method_text = format!("{}; {least}", process.chart.notes.join("; "));
        let last = process.chart.points.last();
        let end = Period::Month(self.own.period.last_month());
        let (Some(last), Ok(variation)) =
            (last.filter(|point| point.period == end), &process.chart.variation)
        else {
            signal.reason = format!("periodens sista månad saknas i serien: {}", end.label());
            return signal;
        };
        signal.answer = match variation {
            Variation::Common => Answer::Common,
            Variation::Improvement => Answer::Improvement,
            Variation::Concern => Answer::Concern,
            Variation::High => Answer::High,
            Variation::Low => Answer::Low,
        };
        variation.word().clone_into(&mut signal.answer_word);
        let absent = self.unmeasured(&Series::plain(process.points.clone()));
        signal.reason = format!(
            "{} i {}: {} mot gränserna {}, medel {}{}",
            last.cause.map_or("", spc::rules::Cause::words),
            end.label(),
            self.print(last.value),
            self.range(limits.lower, limits.upper),
            self.print(limits.mean),
            absent.map_or_else(String::new, |absent| format!("; {absent}"))
        );
        signal
    }

    fn assurance(&self, process: &Result<Process, Silence>) -> Signal {
        let least =
            format!("minst {} månader och ett mål", spc::Settings::default().minimum_points);
        let mut signal = self.signal(Question::Assurance, (spc::RULE, spc::VERSION), &least);
        let answer = process.as_ref().map_err(Clone::clone).and_then(|process| {
            let target = self.target()?;
            let answer = spc::assurance(&process.limits, target, self.definition.direction);
            let answer = answer.ok_or_else(|| Silence::new("nyckeltalet har ingen riktning"))?;
            Ok((process, target, answer))
        });
        signal.points = match process {
            Ok(process) => process.points.len() as u64,
            Err(_) => self.series(&self.months).points.len() as u64,
        };
        let (process, target, answer) = match answer {
            Ok(answer) => answer,
            Err(silence) => {
                signal.reason = silence.reason;
                return signal;
            }
        };
        let limits = &process.limits;
        signal.mean = Some(limits.mean);
        signal.lower_limit = Some(limits.lower);
        signal.upper_limit = Some(limits.upper);
        signal.answer = match answer {
            Assurance::Passes => Answer::Passes,
            Assurance::HitOrMiss => Answer::HitOrMiss,
            Assurance::Fails => Answer::Fails,
        };
        answer.word().clone_into(&mut signal.answer_word);
        let place = match () {
            () if target > limits.upper => "över månadernas gränser",
            () if target < limits.lower => "under månadernas gränser",
            () => "inom månadernas gränser",
        };
        signal.reason = format!(
            "periodens mål {} ligger {place} {}",
            self.print(target),
            self.range(limits.lower, limits.upper)
        );
        signal.method_text = format!("{}; {least}", process.chart.notes.join("; "));
        signal
    }

    /// The number to compare limits with, or why there is none.
    fn target(&self) -> Result<f64, Silence> {
        let target = self.own.target.as_ref();
        let target = target.ok_or_else(|| Silence::new("inget mål gäller perioden"))?;
        let upwards = match target.comparator.as_str() {
            ">=" | ">" => Direction::Higher,
            "<=" | "<" => Direction::Lower,
            _ => return Err(Silence::new("målets form kan inte prövas mot gränser")),
        };
        match self.definition.direction {
            Direction::None => return Err(Silence::new("nyckeltalet har ingen riktning")),
            direction if direction != upwards => {
                return Err(Silence::new("målet pekar åt ett annat håll än nyckeltalet"));
            }
            _ => {}
        }
        target.value.ok_or_else(|| Silence::new("målet har inget tal att jämföra med"))
    }

    fn trend(&self) -> Signal {
        let settings = trend::Settings::default();
        let least =
            format!("minst {} värden av samma månad eller tertial", settings.minimum_points);
        let mut signal = self.signal(Question::Trend, (trend::RULE, trend::VERSION), &least);
        let months = self.series(&self.months);
        let tertials = self.series(&self.same_tertial);
        signal.points = months.points.len().max(tertials.points.len()) as u64;
        let found = months.independent().and_then(|()| {
            let by_month = if months.points.is_empty() {
                Err(Silence::new(NO_MONTHS))
            } else {
                trend::judge(&months, &trend::Settings { seasonal: true, ..settings.clone() })
            };
            by_month.map(|trend| (trend, "månader, varje månad för sig")).or_else(|of_months| {
                trend::judge(&tertials, &settings)
                    .map(|trend| (trend, "samma tertial år för år"))
                    .map_err(|of_tertials| {
                        Silence::new(format!("{of_months}; samma tertial: {of_tertials}"))
                    })
            })
        });
        let (trend, basis) = match found {
            Ok(found) => found,
            Err(silence) => {
                signal.reason = self.with_hidden(silence).reason;
                return signal;
            }
        };
        signal.points = trend.points as u64;
        signal.slope = Some(trend.slope_per_year);
        signal.answer = match trend.verdict {
            Verdict::Increasing => Answer::Increasing,
            Verdict::Decreasing => Answer::Decreasing,
            Verdict::NoCertainTrend => Answer::NoCertainTrend,
        };
        trend.verdict.word().clone_into(&mut signal.answer_word);
        if let Some(judgement) = trend.verdict.judgement(self.definition.direction) {
            signal.answer_word = format!("{}, {judgement}", signal.answer_word);
        }
        let unit = match self.own.unit.as_str() {
            "%" => "procentenheter",
            unit => unit,
        };
        let certain = trend
            .slope_interval
            .map(|(low, high)| format!(", intervall {}", self.range(low, high)));
        signal.reason = format!(
            "{} per år{}; p = {}; {} värden, {} till {}",
            swedish::with_unit(&self.print(trend.slope_per_year), unit),
            certain.unwrap_or_default(),
            swedish::float(trend.test.p, 3),
            trend.points,
            trend.span.0.label(),
            trend.span.1.label()
        );
        let notes: Vec<String> =
            [basis.to_owned()].into_iter().chain(trend.notes).chain(self.hidden()).collect();
        signal.method_text = format!("{}; {}", signal.method_text, notes.join("; "));
        signal
    }

    fn print(&self, value: f64) -> String {
        // A ratio about persons is nowhere told finer than it is printed.
        let is_coarse = precision::is_as_printed(self.definition, self.own.denominator.is_some());
        swedish::float(value, self.own.decimals.saturating_add(u8::from(!is_coarse)))
    }

    fn range(&self, low: f64, high: f64) -> String {
        let dash = if low < 0.0 { " till " } else { "–" };
        format!("{}{dash}{}", self.print(low), self.print(high))
    }
}

#[cfg(test)]
mod tests;

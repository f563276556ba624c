//! Variation, assurance, trend and forecast of what the plan follows, once for every reader.
//!
//! The months and tertials in `indicator.outcomes` become series, and the methods of
//! [`tertial_indicator`] answer or say why they are silent. A value that is suppressed or missing is
//! not in a series: nothing stands in its place. The four answers are worked out apart from each
//! other and from the status.

use super::build::ask;
use super::outcomes;
use crate::project::Project;
use std::collections::BTreeMap;
use tertial_indicator::forecast::{self, History};
use tertial_indicator::series::position;
use tertial_indicator::spc::{self, Assurance, Chart, Limits, Variation};
use tertial_indicator::trend::{self, Verdict};
use tertial_indicator::{Definition, Direction, Point, Series, SeriesKind, Silence};
use tertial_model::{
    Code, Decimal, Diagnostic, Location, Missing, Month, Outcome, Period, Sex, swedish,
};
use tertial_report::{Answer, Question, Signal, SignalPoint};
use tertial_warehouse::{Engine, Rows, Value};

/// The answers' table.
const SIGNALS: &str = "indicator.signals";
/// The table of the months behind the limits.
const POINTS: &str = "indicator.signal_points";
/// A hole of so many months ends the series that limits are drawn from.
const LONGEST_HOLE: i64 = 12;
/// What stands where there is no answer.
const SILENT: &str = "kan inte bedömas";
const NO_MONTHS: &str = "inga månadsvärden finns";

/// Answers every question about every figure the plan follows and writes both tables.
pub fn compute(engine: &Engine, project: &Project) -> Result<(), Vec<Diagnostic>> {
    let plan = outcomes::read_plan(engine)?;
    let condition = "sex = 'T' and (id, unit_id, breakdown) in \
                     (select indicator_id, unit_id, breakdown from core.plan_indicators)";
    let mut series: BTreeMap<(String, String, String), Vec<Outcome>> = BTreeMap::new();
    for outcome in outcomes::read(engine, condition, &[])? {
        let key = (outcome.id.clone(), outcome.level.clone(), outcome.breakdown.clone());
        series.entry(key).or_default().push(outcome);
    }
    let (mut signals, mut points) = (Vec::new(), Vec::new());
    for ((id, level, breakdown), history) in &series {
        let Some(definition) = project.definitions.get(id) else { continue };
        for own in history {
            let is_followed = plan.iter().any(|entry| {
                entry.indicator_id == *id
                    && entry.unit_id == *level
                    && entry.breakdown == *breakdown
                    && entry.reports(own.period)
            });
            if is_followed {
                let answered = Figure::new(definition, own, history).answers();
                points.extend(answered.points.into_iter().map(|point| (own.period, point)));
                signals.extend(answered.signals);
            }
        }
    }
    let failed = |error: tertial_warehouse::engine::EngineError| {
        let message = format!("the answers beside the status cannot be written: {error}");
        vec![Diagnostic::error(Code::T0607, message, Location::file(SIGNALS))]
    };
    engine.create_table(SIGNALS, &COLUMNS, signals.iter().map(row)).map_err(failed)?;
    let rows = points.iter().map(|(period, point)| point_row(*period, point));
    engine.create_table(POINTS, &POINT_COLUMNS, rows).map_err(failed)
}

/// A month with its exact numerator and, where it has one, denominator.
type Part = (Month, Decimal, Option<Decimal>);

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
        Figure {
            definition,
            own,
            months: known.iter().copied().filter(is_month).collect(),
            same_tertial: known.iter().copied().filter(is_same).collect(),
            breaks: later
                .filter_map(|version| Period::parse(version.valid_from.get(..7)?))
                .collect(),
        }
    }

    fn answers(&self) -> Answered {
        let process = self.process();
        let signals =
            vec![self.variation(&process), self.assurance(&process), self.trend(), self.forecast()];
        let points = match &process {
            Ok(process) => self.signal_points(process),
            Err(_) => Vec::new(),
        };
        Answered { signals, points }
    }

    fn series(&self, outcomes: &[&Outcome]) -> Series {
        let point = |outcome: &&Outcome| {
            let value = outcome.value.filter(|_| outcome.missing.is_none())?;
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
            .map_err(|silence| self.with_hidden(silence))?;
        chart.notes.append(&mut notes);
        chart.notes.extend(self.hidden());
        let group = chart.groups.last().ok_or_else(|| Silence::new(NO_MONTHS))?;
        let limits = group.limits.clone()?;
        Ok(Process { chart, points: series.points, limits })
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
        signal.reason = format!(
            "{} i {}: {} mot gränserna {}, medel {}",
            last.cause.map_or("", spc::rules::Cause::words),
            end.label(),
            self.print(last.value),
            self.range(limits.lower, limits.upper),
            self.print(limits.mean)
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

    fn forecast(&self) -> Signal {
        let settings = forecast::Settings::default();
        let least = format!("minst {} hela år", settings.minimum_years);
        let rule = (forecast::RULE, forecast::VERSION);
        let mut signal = self.signal(Question::Forecast, rule, &least);
        signal.points = self.series(&self.months).points.len() as u64;
        let chosen = match self.chosen(&settings) {
            Ok(chosen) => chosen,
            Err(silence) => {
                signal.reason = self.with_hidden(silence).reason;
                return signal;
            }
        };
        let made = &chosen.forecast;
        signal.answer = if chosen.is_weak { Answer::WeakForecast } else { Answer::Forecast };
        signal.answer_word =
            swedish::with_unit(&swedish::float(made.value, self.own.decimals), &self.own.unit);
        if chosen.is_weak {
            signal.answer_word = format!("{} (svag)", signal.answer_word);
        }
        signal.forecast = Some(made.value);
        signal.forecast_low = made.interval.map(|(low, _)| low);
        signal.forecast_high = made.interval.map(|(_, high)| high);
        signal.mase = chosen.test.as_ref().map(|test| test.mase);
        let interval = match made.interval {
            Some((low, high)) => format!(
                "intervall {} ({})",
                self.range(low, high),
                swedish::with_unit(&swedish::float(settings.level * 100.0, 0), "%")
            ),
            None => "inget intervall".to_owned(),
        };
        let error = chosen.test.as_ref().map_or_else(String::new, |test| {
            format!(
                "; medelfel {}, MASE {}, prövade år {}",
                self.print(test.mean_error),
                swedish::float(test.mase, 2),
                test.years.len()
            )
        });
        signal.reason = format!(
            "helår {}: {}, {interval}; hittills {}{error}",
            self.own.period.year(),
            self.print(made.value),
            self.print(made.so_far)
        );
        let mut notes = chosen.notes.clone();
        notes.push(format!("metod {}", made.method.words()));
        if self.own.denominator.is_some() {
            notes.push("täljare och nämnare läggs ihop var för sig".to_owned());
        }
        notes.push("den ansvarigas egen prognos är inte levererad".to_owned());
        signal.method_text = format!("{}; {least}", notes.join("; "));
        signal
    }

    fn chosen(&self, settings: &forecast::Settings) -> Result<forecast::Chosen, Silence> {
        match self.definition.series {
            SeriesKind::Rolling => {
                return Err(Silence::new("rullande värden har ingen återstod av året"));
            }
            SeriesKind::Cumulative => {
                return Err(Silence::new("ackumulerade månadsvärden kan inte läggas ihop"));
            }
            SeriesKind::Plain | SeriesKind::Change => {}
        }
        if self.months.is_empty() {
            return Err(Silence::new(NO_MONTHS));
        }
        let parts = self.parts();
        self.adds_up(&parts)?;
        let crosses = parts.iter().any(|(_, numerator, _)| numerator.to_f64() <= 0.0);
        let ratios: Option<Vec<(Month, f64, f64)>> = parts
            .iter()
            .map(|(month, numerator, denominator)| {
                Some((*month, numerator.to_f64(), (*denominator)?.to_f64()))
            })
            .collect();
        let factor = self.definition.factor.to_f64();
        let history = match ratios {
            Some(ratios) => History::of_ratios(ratios, factor),
            None => History::new(
                parts.iter().map(|(month, numerator, _)| (*month, numerator.to_f64() * factor)),
            ),
        };
        let end = self.own.period.last_month();
        forecast::choose(&history, end.year(), end.month(), crosses, settings)
    }

    /// Exact parts of the visible months since the last break.
    fn parts(&self) -> Vec<Part> {
        let start = self.breaks.iter().map(|period| period.first_month()).max();
        let part = |outcome: &&Outcome| {
            let month = outcome.period.last_month();
            let numerator = outcome.numerator.filter(|_| outcome.missing.is_none())?;
            let is_same_method = start.is_none_or(|start| month >= start);
            is_same_method.then_some((month, numerator, outcome.denominator))
        };
        self.months.iter().filter_map(part).collect()
    }

    /// Whether the period's parts are the sums of its months'; only then does a year have a rest.
    fn adds_up(&self, parts: &[Part]) -> Result<(), Silence> {
        let inside: Vec<_> = self
            .own
            .period
            .months()
            .filter_map(|month| parts.iter().find(|part| part.0 == month))
            .collect();
        if inside.len() < self.own.period.months().count() {
            return Err(Silence::new("en månad saknas i årets utfall"));
        }
        let sum = |of: &dyn Fn(&Part) -> Option<Decimal>| {
            inside.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(of(part)?))
        };
        let numerator = sum(&|part| Some(part.1));
        let denominator = sum(&|part| part.2);
        if numerator.is_some()
            && numerator == self.own.numerator
            && denominator == self.own.denominator
        {
            return Ok(());
        }
        Err(Silence::new(
            "periodens värde är inte summan av månadernas; ett helår har ingen återstod",
        ))
    }

    fn print(&self, value: f64) -> String {
        swedish::float(value, self.own.decimals.saturating_add(1))
    }

    fn range(&self, low: f64, high: f64) -> String {
        let dash = if low < 0.0 { " till " } else { "–" };
        format!("{}{dash}{}", self.print(low), self.print(high))
    }
}

const COLUMNS: [(&str, &str); 20] = [
    ("id", "varchar"),
    ("unit_id", "varchar"),
    ("breakdown", "varchar"),
    ("period", "varchar"),
    ("question", "varchar"),
    ("answer", "varchar"),
    ("answer_word", "varchar"),
    ("reason", "varchar"),
    ("method", "varchar"),
    ("method_version", "bigint"),
    ("method_text", "varchar"),
    ("points", "bigint"),
    ("mean", "double"),
    ("lower_limit", "double"),
    ("upper_limit", "double"),
    ("slope", "double"),
    ("forecast", "double"),
    ("forecast_low", "double"),
    ("forecast_high", "double"),
    ("mase", "double"),
];

const POINT_COLUMNS: [(&str, &str); 8] = [
    ("id", "varchar"),
    ("unit_id", "varchar"),
    ("breakdown", "varchar"),
    ("period", "varchar"),
    ("month", "varchar"),
    ("value", "double"),
    ("judged", "double"),
    ("cause", "varchar"),
];

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn row(signal: &Signal) -> Vec<Value> {
    let float = |value: Option<f64>| value.map_or(Value::Null, Value::Float);
    vec![
        text(&signal.id),
        text(&signal.level),
        text(&signal.breakdown),
        Value::Text(signal.period.to_string()),
        text(signal.question.name()),
        text(signal.answer.name()),
        text(&signal.answer_word),
        text(&signal.reason),
        text(&signal.method),
        Value::Integer(signal.method_version.into()),
        text(&signal.method_text),
        Value::Integer(signal.points as i64),
        float(signal.mean),
        float(signal.lower_limit),
        float(signal.upper_limit),
        float(signal.slope),
        float(signal.forecast),
        float(signal.forecast_low),
        float(signal.forecast_high),
        float(signal.mase),
    ]
}

fn point_row(period: Period, point: &SignalPoint) -> Vec<Value> {
    vec![
        text(&point.id),
        text(&point.level),
        text(&point.breakdown),
        Value::Text(period.to_string()),
        Value::Text(point.month.to_string()),
        Value::Float(point.value),
        Value::Float(point.judged),
        text(&point.cause),
    ]
}

/// Rows of one of the tables; none from a release that was made before it had them.
fn rows(
    engine: &Engine,
    table: &str,
    rest: &str,
    arguments: &[&str],
) -> Result<Option<Rows>, Vec<Diagnostic>> {
    if engine.columns_of(table).unwrap_or_default().is_empty() {
        return Ok(None);
    }
    let sql = format!("select * from {table} where {rest}");
    if arguments.is_empty() {
        return ask(engine, &sql).map(Some);
    }
    engine.query(&sql, arguments).map(Some).map_err(|error| {
        let message = format!("the release could not answer: {error}");
        vec![Diagnostic::error(Code::T0607, message, Location::file(table))]
    })
}

/// Answers as they stand in a release.
pub fn read(
    engine: &Engine,
    condition: &str,
    arguments: &[&str],
) -> Result<Vec<Signal>, Vec<Diagnostic>> {
    let rest = format!("{condition} order by id, unit_id, breakdown, period, question");
    let Some(rows) = rows(engine, SIGNALS, &rest, arguments)? else { return Ok(Vec::new()) };
    let mut signals: Vec<Signal> =
        (0..rows.rows.len()).filter_map(|at| from_row(&rows, at)).collect();
    signals.sort_by(|a, b| {
        let key = |s: &Signal| (s.id.clone(), s.level.clone(), s.breakdown.clone(), s.period);
        (key(a), a.question).cmp(&(key(b), b.question))
    });
    Ok(signals)
}

fn from_row(rows: &Rows, at: usize) -> Option<Signal> {
    let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
    let float = |name: &str| rows.get(at, name).float();
    let number = |name: &str| rows.get(at, name).integer().unwrap_or(0);
    Some(Signal {
        id: text("id"),
        level: text("unit_id"),
        breakdown: text("breakdown"),
        period: Period::parse(&text("period"))?,
        question: Question::parse(&text("question"))?,
        answer: Answer::parse(&text("answer"))?,
        answer_word: text("answer_word"),
        reason: text("reason"),
        method: text("method"),
        method_version: number("method_version") as u32,
        method_text: text("method_text"),
        points: number("points") as u64,
        mean: float("mean"),
        lower_limit: float("lower_limit"),
        upper_limit: float("upper_limit"),
        slope: float("slope"),
        forecast: float("forecast"),
        forecast_low: float("forecast_low"),
        forecast_high: float("forecast_high"),
        mase: float("mase"),
    })
}

/// The months behind the limits as they stand in a release.
pub fn read_points(
    engine: &Engine,
    condition: &str,
    arguments: &[&str],
) -> Result<Vec<SignalPoint>, Vec<Diagnostic>> {
    let rest = format!("{condition} order by id, unit_id, breakdown, month");
    let Some(rows) = rows(engine, POINTS, &rest, arguments)? else { return Ok(Vec::new()) };
    let point = |at: usize| {
        let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
        Some(SignalPoint {
            id: text("id"),
            level: text("unit_id"),
            breakdown: text("breakdown"),
            month: Month::parse(&text("month"))?,
            value: rows.get(at, "value").float()?,
            judged: rows.get(at, "judged").float()?,
            cause: text("cause"),
        })
    };
    Ok((0..rows.rows.len()).filter_map(point).collect())
}

#[cfg(test)]
mod tests;

//! Where the year ends: our forecast with its back-tested error, and beside it the forecast of the
//! one who answers for the figure.

use super::{Figure, NO_MONTHS};
use crate::responsible::{Forecasts, Wanted};
use tertial_indicator::forecast::{self, History};
use tertial_indicator::{SeriesKind, Silence};
use tertial_model::{
    Answer, Decimal, Month, Outcome, Question, ResponsibleForecast, Signal, swedish,
};

/// A month with its exact numerator and, where it has one, denominator.
type Part = (Month, Decimal, Option<Decimal>);

impl Figure<'_> {
    pub(super) fn forecast(&self, responsible: &Forecasts) -> Signal {
        let settings = forecast::Settings::default();
        let least = format!("minst {} hela år", settings.minimum_years);
        let rule = (forecast::RULE, forecast::VERSION);
        let mut signal = self.signal(Question::Forecast, rule, &least);
        signal.points = self.series(&self.months).points.len() as u64;
        let beside = match self.own.breakdown.as_str() {
            "" => responsible.beside(&Wanted {
                indicator: &self.own.id,
                unit: &self.own.level,
                unit_word: &self.own.unit,
                month: self.own.period.last_month(),
                last_year: self.last_year,
            }),
            _ => Err("den ansvariga gör ingen prognos för en del".to_owned()),
        };
        let chosen = match self.chosen(&settings) {
            Ok(chosen) => chosen,
            Err(silence) => {
                signal.reason = self.with_hidden(silence).reason;
                self.set_beside(&mut signal, beside);
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
        let interval = match made.interval {
            Some((low, high)) => format!(
                "intervall {} ({})",
                self.range(low, high),
                swedish::with_unit(&swedish::float(settings.level * 100.0, 0), "%")
            ),
            None => "inget intervall".to_owned(),
        };
        signal.reason = format!(
            "helår {}: {}, {interval}; hittills {}{}",
            self.own.period.year(),
            self.print(made.value),
            self.print(made.so_far),
            self.tested(&mut signal, chosen.test.as_ref())
        );
        let mut notes = chosen.notes.clone();
        notes.push(format!("metod {}", made.method.words()));
        if self.own.denominator.is_some() {
            notes.push("täljare och nämnare läggs ihop var för sig".to_owned());
        }
        signal.method_text = format!("{}; {least}", notes.join("; "));
        self.set_beside(&mut signal, beside);
        signal
    }

    /// How the method has done so far, for the answer's numbers and words.
    fn tested(&self, signal: &mut Signal, test: Option<&forecast::BackTest>) -> String {
        let Some(test) = test else {
            return "; felet kan inte prövas bakåt: för få hela år".to_owned();
        };
        signal.mase = Some(test.mase);
        signal.mean_error = Some(test.mean_error);
        signal.tested = Some(test.years.len() as u64);
        signal.covered = test.covered.map(|covered| covered as u64);
        let last_year = self.own.period.year() - 1;
        let last = test.years.iter().find(|(year, _, _)| *year == last_year);
        signal.last_error = last.map(|(_, made, came)| made.value - came);
        let covered = test
            .covered
            .map(|covered| format!(", {covered} av {} inom intervallet", test.years.len()));
        format!(
            "; medelfel {}, MASE {}, prövade år {}{}",
            self.print(test.mean_error),
            swedish::float(test.mase, 2),
            test.years.len(),
            covered.unwrap_or_default()
        )
    }

    /// Puts the forecast of the one who answers for the figure beside ours.
    fn set_beside(&self, signal: &mut Signal, beside: Result<ResponsibleForecast, String>) {
        let beside = match beside {
            Ok(beside) => beside,
            Err(reason) => {
                signal.method_text = format!("{}; {reason}", signal.method_text);
                return;
            }
        };
        let error = |error: Option<f64>| match error {
            Some(error) => self.print(error),
            None => "okänt".to_owned(),
        };
        signal.reason = format!(
            "{}; ansvarigs prognos ({}, {}): {}; fel i fjol vid samma tid: vår {}, ansvarigs {}",
            signal.reason,
            beside.role,
            beside.made_on,
            self.print(beside.value),
            error(signal.last_error),
            error(beside.last_error)
        );
        signal.responsible = Some(beside);
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
}

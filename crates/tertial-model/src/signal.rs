//! Variation, assurance, trend and forecast as the release holds them: answers, not judgements of
//! ours.
//!
//! Each is one of four separate questions beside the status; none is derived from another. An answer
//! is a word and a shape of its own; silence is an answer too, with its reason.

use crate::{Month, Period};
use serde::{Serialize, Serializer};

/// A question that a figure is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Is the last month noise?
    Variation,
    /// Will the process as it is meet the target?
    Assurance,
    /// Does it rise or fall?
    Trend,
    /// Where does the year end?
    Forecast,
}

/// What a question was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing can be said.
    Silent,
    /// Nothing but noise.
    Common,
    /// A change for the better.
    Improvement,
    /// A change for the worse.
    Concern,
    /// A change upwards of something without direction.
    High,
    /// A change downwards of something without direction.
    Low,
    /// Meets the target steadily.
    Passes,
    /// Meets the target now and then.
    HitOrMiss,
    /// Does not meet the target.
    Fails,
    /// Rises.
    Increasing,
    /// Falls.
    Decreasing,
    /// Neither is shown.
    NoCertainTrend,
    /// A forecast with its interval.
    Forecast,
    /// A forecast without interval.
    WeakForecast,
}

impl Question {
    /// All, in the order of the report.
    pub const ALL: [Question; 4] =
        [Question::Variation, Question::Assurance, Question::Trend, Question::Forecast];

    /// The name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Question::Variation => "variation",
            Question::Assurance => "assurance",
            Question::Trend => "trend",
            Question::Forecast => "forecast",
        }
    }

    /// In Swedish.
    pub fn label(self) -> &'static str {
        match self {
            Question::Variation => "Variation",
            Question::Assurance => "Säkerhet mot målet",
            Question::Trend => "Trend",
            Question::Forecast => "Prognos helår",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Question> {
        Question::ALL.into_iter().find(|question| question.name() == text)
    }
}

impl Answer {
    /// All.
    pub const ALL: [Answer; 14] = [
        Answer::Silent,
        Answer::Common,
        Answer::Improvement,
        Answer::Concern,
        Answer::High,
        Answer::Low,
        Answer::Passes,
        Answer::HitOrMiss,
        Answer::Fails,
        Answer::Increasing,
        Answer::Decreasing,
        Answer::NoCertainTrend,
        Answer::Forecast,
        Answer::WeakForecast,
    ];

    /// The name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Silent => "silent",
            Answer::Common => "common",
            Answer::Improvement => "improvement",
            Answer::Concern => "concern",
            Answer::High => "high",
            Answer::Low => "low",
            Answer::Passes => "passes",
            Answer::HitOrMiss => "hit_or_miss",
            Answer::Fails => "fails",
            Answer::Increasing => "increasing",
            Answer::Decreasing => "decreasing",
            Answer::NoCertainTrend => "no_certain_trend",
            Answer::Forecast => "forecast",
            Answer::WeakForecast => "weak_forecast",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Answer> {
        Answer::ALL.into_iter().find(|answer| answer.name() == text)
    }
}

fn by_name<S: Serializer>(name: &'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name)
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        by_name(self.name(), serializer)
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        by_name(self.name(), serializer)
    }
}

/// One answer about one figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signal {
    /// The indicator.
    pub id: String,
    /// `RJH`, `RS` or a unit's code.
    pub level: String,
    /// Further breakdown, empty when none.
    pub breakdown: String,
    /// The tertial whose report it stands in.
    pub period: Period,
    /// What was asked.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
    /// The answer in Swedish.
    pub answer_word: String,
    /// The numbers behind the answer, or why there is none.
    pub reason: String,
    /// Name of the rule.
    pub method: String,
    /// Version of the rule.
    pub method_version: u32,
    /// Rule, version, least amount of data and what else a reader should know.
    pub method_text: String,
    /// How many values it stands on.
    pub points: u64,
    /// Mean of the baseline.
    pub mean: Option<f64>,
    /// Lower limit.
    pub lower_limit: Option<f64>,
    /// Upper limit.
    pub upper_limit: Option<f64>,
    /// Slope per year, in the indicator's unit.
    pub slope: Option<f64>,
    /// The year's value.
    pub forecast: Option<f64>,
    /// Lower end of its interval.
    pub forecast_low: Option<f64>,
    /// Upper end of its interval.
    pub forecast_high: Option<f64>,
    /// Back-tested error against repeating last year; below 1 is better.
    pub mase: Option<f64>,
    /// Mean back-tested error without sign, in the indicator's unit.
    pub mean_error: Option<f64>,
    /// How many back-tested years there are.
    pub tested: Option<u64>,
    /// How many of them fell inside the interval.
    pub covered: Option<u64>,
    /// Our forecast of last year at the same time, minus what came.
    pub last_error: Option<f64>,
    /// The forecast of the one who answers for the figure.
    pub responsible: Option<ResponsibleForecast>,
}

/// What the one who answers for a figure expects of the year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponsibleForecast {
    /// When it was made, `2024-09-12`.
    pub made_on: String,
    /// Whose it is, a role.
    pub role: String,
    /// The year's value.
    pub value: f64,
    /// Their forecast of last year at the same time, minus what came.
    pub last_error: Option<f64>,
}

/// A month behind the limits.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalPoint {
    /// The indicator.
    pub id: String,
    /// The level.
    pub level: String,
    /// Further breakdown, empty when none.
    pub breakdown: String,
    /// The month.
    pub month: Month,
    /// The month's value.
    pub value: f64,
    /// What was judged: the value, or the value freed of its season.
    pub judged: f64,
    /// Which rule it met, in Swedish.
    pub cause: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for question in Question::ALL {
            assert_eq!(Question::parse(question.name()), Some(question));
        }
        for answer in Answer::ALL {
            assert_eq!(Answer::parse(answer.name()), Some(answer));
        }
        assert_eq!(Answer::parse("status"), None);
    }
}

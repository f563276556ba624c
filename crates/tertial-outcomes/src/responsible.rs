//! The forecasts of those who answer for a figure, to stand beside the computed one.
//!
//! Of several for one year the one counts that was made last before the report must be out, two months
//! after its period; of several on one day the last in order. Where a forecast tells that its unit held
//! other units when it was made than it does now, it is of another unit and stands beside no outcome.

use tertial_model::{Month, ResponsibleForecast};

/// Months after a period in which its report must be out, by law.
const REPORT_WITHIN: i32 = 2;

/// Every forecast of the project.
#[derive(Debug, Default)]
pub struct Forecasts {
    lines: Vec<ForecastLine>,
    /// Whether the project has such a table at all.
    is_delivered: bool,
}

/// One forecast.
#[derive(Debug)]
pub struct ForecastLine {
    /// The day it was made, `2024-09-12`.
    pub made_on: String,
    /// The indicator it is of.
    pub indicator: String,
    /// The unit it is of.
    pub unit: String,
    /// The year it is of.
    pub year: i16,
    /// The year's value.
    pub value: f64,
    /// Unit of the value; empty when not told.
    pub unit_word: String,
    /// Whose it is, a role.
    pub role: String,
    /// Whether the unit holds now what it held then.
    pub is_same_unit: bool,
}

/// Whose forecast, of which year, known when.
pub struct Wanted<'a> {
    /// The indicator.
    pub indicator: &'a str,
    /// The unit.
    pub unit: &'a str,
    /// Unit of the indicator's value.
    pub unit_word: &'a str,
    /// The period's last month.
    pub month: Month,
    /// What the year before became.
    pub last_year: Option<f64>,
}

impl Forecasts {
    /// Those delivered, in the order in which later ones count before earlier ones of a day.
    pub fn new(lines: Vec<ForecastLine>) -> Forecasts {
        Forecasts { lines, is_delivered: true }
    }

    /// The figures that a forecast is about, as `(indicator, unit)`.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|line| (line.indicator.as_str(), line.unit.as_str()))
    }

    /// Whether somebody has forecast the year of a figure of both sexes, without a breakdown, in time
    /// for the report after the month.
    pub fn is_about(&self, indicator: &str, unit: &str, month: Month) -> bool {
        self.latest((indicator, unit), month.year(), month).is_some()
    }

    /// The forecast that stands beside ours, or why none does.
    pub fn beside(&self, wanted: &Wanted) -> Result<ResponsibleForecast, String> {
        if !self.is_delivered {
            return Err("den ansvarigas egen prognos är inte levererad".to_owned());
        }
        let (figure, year) = ((wanted.indicator, wanted.unit), wanted.month.year());
        let Some(line) = self.latest(figure, year, wanted.month) else {
            return Err("den ansvariga har ingen egen prognos för året".to_owned());
        };
        if !line.is_same_unit {
            return Err("den ansvarigas prognos gäller enheten före omorganisationen: de jämförs \
                        inte"
                .to_owned());
        }
        if !line.unit_word.is_empty() && line.unit_word != wanted.unit_word {
            return Err(format!(
                "den ansvarigas prognos är i {}, nyckeltalet i {}: de jämförs inte",
                line.unit_word,
                if wanted.unit_word.is_empty() { "rena tal" } else { wanted.unit_word }
            ));
        }
        let earlier = self.latest(figure, year - 1, wanted.month.plus(-12));
        let earlier = earlier.filter(|line| line.is_same_unit);
        let last_error = earlier.zip(wanted.last_year).map(|(line, came)| line.value - came);
        Ok(ResponsibleForecast {
            made_on: line.made_on.clone(),
            role: line.role.clone(),
            value: line.value,
            last_error,
        })
    }

    /// The last one about a year that was made in time for the report after a month.
    fn latest(&self, figure: (&str, &str), year: i16, month: Month) -> Option<&ForecastLine> {
        let due = month.plus(REPORT_WITHIN).to_string();
        self.lines
            .iter()
            .filter(|line| (line.indicator.as_str(), line.unit.as_str()) == figure)
            .filter(|line| line.year == year)
            .filter(|line| line.made_on.get(..7).is_some_and(|made| made <= due.as_str()))
            .max_by(|a, b| a.made_on.cmp(&b.made_on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(made_on: &str, year: i16, value: f64) -> ForecastLine {
        ForecastLine {
            made_on: made_on.to_owned(),
            indicator: "a__b_tkr".to_owned(),
            unit: "RS".to_owned(),
            year,
            value,
            unit_word: "tkr".to_owned(),
            role: "Ekonomichef".to_owned(),
            is_same_unit: true,
        }
    }

    fn wanted(unit_word: &str, last_year: Option<f64>) -> Wanted<'_> {
        Wanted {
            indicator: "a__b_tkr",
            unit: "RS",
            unit_word,
            month: Month::parse("2024-08").unwrap(),
            last_year,
        }
    }

    #[test]
    fn the_last_forecast_in_time_counts_and_last_year_s_error_is_told() {
        let lines = vec![
            line("2023-09-10", 2023, 95.0),
            line("2024-05-20", 2024, 90.0),
            line("2024-09-12", 2024, 80.0),
            line("2024-12-01", 2024, 70.0),
        ];
        let forecasts = Forecasts { lines, is_delivered: true };
        let found = forecasts.beside(&wanted("tkr", Some(100.0))).unwrap();
        assert_eq!((found.value, found.made_on.as_str()), (80.0, "2024-09-12"));
        assert_eq!(found.last_error, Some(-5.0));
        assert_eq!(forecasts.beside(&wanted("tkr", None)).unwrap().last_error, None);
    }

    #[test]
    fn a_forecast_of_the_unit_before_a_reorganisation_stands_beside_nothing() {
        let old =
            |made_on: &str, year| ForecastLine { is_same_unit: false, ..line(made_on, year, 95.0) };
        let forecasts = Forecasts {
            lines: vec![old("2023-09-10", 2023), line("2024-09-12", 2024, 80.0)],
            is_delivered: true,
        };
        let found = forecasts.beside(&wanted("tkr", Some(100.0))).unwrap();
        assert_eq!((found.value, found.last_error), (80.0, None));
        let forecasts = Forecasts { lines: vec![old("2024-09-12", 2024)], is_delivered: true };
        assert_eq!(
            forecasts.beside(&wanted("tkr", Some(100.0))).unwrap_err(),
            "den ansvarigas prognos gäller enheten före omorganisationen: de jämförs inte"
        );
    }

    #[test]
    fn what_cannot_stand_beside_says_why() {
        let none = Forecasts::default().beside(&wanted("tkr", None)).unwrap_err();
        assert_eq!(none, "den ansvarigas egen prognos är inte levererad");
        let forecasts =
            Forecasts { lines: vec![line("2024-05-20", 2024, 1.0)], is_delivered: true };
        assert_eq!(
            forecasts.beside(&wanted("mkr", None)).unwrap_err(),
            "den ansvarigas prognos är i tkr, nyckeltalet i mkr: de jämförs inte"
        );
    }
}

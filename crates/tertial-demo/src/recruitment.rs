//! Recruitments as the hiring system lists them: no names, one row an advertisement.
//!
//! The tables say how many a unit advertises in a year and how long it takes; the random numbers say
//! when. What is not filled when the list is taken out goes on.

use crate::dress::{Delimited, Encoding};
use crate::random::Random;
use crate::{DemoError, DemoFile, Settings, totals};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Deserialize;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Unit {
    unit_id: String,
    occupation_code: String,
    per_year: u64,
    mean_days: i64,
    mean_applicants: i64,
}

/// Years of advertisements.
const YEARS: [i16; 2] = [2023, 2024];
/// The day the list is taken out.
const TAKEN_OUT: Date = date(2024, 9, 2);
/// One advertisement in so many is called off.
const CALLED_OFF: u64 = 15;

/// One file a year of publication, `rekrytering_<year>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let units: Vec<Unit> =
        totals("recruitment_units.csv", include_str!("../totals/recruitment_units.csv"))?;
    let units = Arc::new(units);
    let seed = settings.seed;
    let file = |year: i16| {
        let units = Arc::clone(&units);
        DemoFile::new("recruitment", format!("rekrytering_{year}.csv"), move |sink| {
            write(year, &units, seed, sink)
        })
    };
    Ok(YEARS.into_iter().map(file).collect())
}

fn write(year: i16, units: &[Unit], seed: u64, sink: &mut dyn Write) -> io::Result<()> {
    let headings = [
        "Referensnummer",
        "Organisationsenhet",
        "AID",
        "Publicerad",
        "Sista ansökningsdag",
        "Tillsatt",
        "Status",
        "Antal tjänster",
        "Antal sökande",
    ];
    let mut table = Delimited::new(sink, Encoding::Utf8WithMark, &headings)?;
    let mut running = 0;
    for unit in units {
        let mut random = Random::stream(seed, &["recruitment", &year.to_string(), &unit.unit_id]);
        let mut days: Vec<i64> = (0..unit.per_year).map(|_| random.between(0, 363)).collect();
        days.sort_unstable();
        for day in days {
            let published = date(year, 1, 1).saturating_add(day.days());
            let open = random.between(14, 28);
            let takes = unit.mean_days * random.between(60, 140) / 100;
            let is_called_off = random.below(CALLED_OFF) == 0;
            let position_count = if random.chance(0.1) { 2 } else { 1 };
            let applicants = unit.mean_applicants * random.between(30, 170) / 100;
            if published > TAKEN_OUT {
                continue;
            }
            running += 1;
            let filled = published.saturating_add(takes.max(open).days());
            let (status, filled) = match () {
                () if is_called_off => ("Avbruten", None),
                () if filled > TAKEN_OUT => ("Pågående", None),
                () => ("Tillsatt", Some(filled)),
            };
            table.text(&format!("RJH-{year}-{running:04}"));
            table.text(&unit.unit_id);
            table.text(&unit.occupation_code);
            table.text(&published.to_string());
            table.text(&published.saturating_add(open.days()).to_string());
            table.text(&filled.map(|day| day.to_string()).unwrap_or_default());
            table.text(status);
            table.whole(position_count);
            table.whole(applicants);
            table.end_row()?;
        }
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_position_has_its_day_and_no_other_has() {
        for file in files(&Settings { scale: 0.02, seed: 1 }).unwrap() {
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.lines().count() > 60);
            for line in text.lines().skip(1) {
                let fields: Vec<&str> = line.split(';').collect();
                assert_eq!(fields[6] == "Tillsatt", !fields[5].is_empty(), "{line}");
                assert!(fields[5].is_empty() || fields[5] >= fields[4], "{line}");
            }
        }
    }
}

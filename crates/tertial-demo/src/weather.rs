//! Mean temperature of each day at a made-up station, in the dress of SMHI's open data.
//!
//! The months' degree days are the normal ones times the year's share; the days share them.

use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings, dress, totals};
use jiff::ToSpan;
use jiff::civil::date;
use serde::Deserialize;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Month {
    month: i8,
    normal_degree_days: i64,
    degree_day_share_2019: String,
    degree_day_share_2023: String,
    degree_day_share_2024: String,
}

impl Month {
    /// Degree days in tenths; none = the month has not been.
    fn degree_days(&self, year: i16) -> Option<i64> {
        let share = match year {
            2019 => &self.degree_day_share_2019,
            2023 => &self.degree_day_share_2023,
            _ => &self.degree_day_share_2024,
        };
        let share = dress::exact(share, 4)?;
        Some((self.normal_degree_days * 10 * share + 5_000) / 10_000)
    }
}

/// Years with weather.
const YEARS: [i16; 3] = [2019, 2023, 2024];
/// The day's mean below which heating is counted, in tenths of a degree.
const BASE: i64 = 170;
/// Number of the station; SMHI has none of this number.
const STATION: &str = "99999";

/// One file a year, `smhi-opendata_2_99999_<year>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let months: Vec<Month> =
        totals("climate_months.csv", include_str!("../totals/climate_months.csv"))?;
    let months = Arc::new(months);
    let seed = settings.seed;
    let file = |year: i16| {
        let months = Arc::clone(&months);
        DemoFile::new("weather", format!("smhi-opendata_2_{STATION}_{year}.csv"), move |sink| {
            write(year, &months, seed, sink)
        })
    };
    Ok(YEARS.into_iter().map(file).collect())
}

fn write(year: i16, months: &[Month], seed: u64, sink: &mut dyn Write) -> io::Result<()> {
    write!(
        sink,
        "\u{feff}Stationsnamn;Stationsnummer;Stationsnät;Mäthöjd (meter över marken)\n\
         Syntetisk station;{STATION};Övriga stationer;2.0\n\n\
         Parameternamn;Beskrivning;Enhet\n\
         Lufttemperatur;medelvärde 1 dygn, 1 gång/dygn, kl 00;celsius\n\n\
         Tidsperiod (fr.o.m);Tidsperiod (t.o.m);Höjd (meter över havet);\
         Latitud (decimalgrader);Longitud (decimalgrader)\n\
         {year}-01-01 00:00:00;{year}-12-31 23:59:59;376.0;63.2000;14.5000\n\n\
         Från Datum Tid (UTC);Till Datum Tid (UTC);Representativt dygn;Lufttemperatur;Kvalitet;;\
         Tidsutsnitt:\n"
    )?;
    let mut is_first = true;
    for month in months {
        let Some(degree_days) = month.degree_days(year) else { continue };
        let first = date(year, month.month, 1);
        let path = ["weather", &year.to_string(), &month.month.to_string()];
        let mut random = Random::stream(seed, &path);
        let weights: Vec<u64> = (0..first.days_in_month()).map(|_| 60 + random.below(81)).collect();
        for (day, below) in (0_i64..).zip(split(degree_days, &weights)) {
            let day = first.saturating_add(day.days());
            let mean = BASE - below;
            let sign = if mean < 0 { "-" } else { "" };
            let note = if is_first { "Syntetiska uppgifter" } else { "" };
            writeln!(
                sink,
                "{day} 00:00:01;{} 00:00:00;{day};{sign}{}.{};G;;{note}",
                day.saturating_add(1.day()),
                mean.abs() / 10,
                mean.abs() % 10
            )?;
            is_first = false;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_s_days_make_its_degree_days() {
        let all = files(&Settings { scale: 0.02, seed: 1 }).unwrap();
        let file = all.into_iter().find(|file| file.name.ends_with("_2024.csv")).unwrap();
        let mut bytes = Vec::new();
        (file.write)(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let january: i64 = text
            .lines()
            .filter(|line| line.starts_with("2024-01") && line.contains(";G;"))
            .map(|line| {
                let mean = line.split(';').nth(3).unwrap();
                BASE - mean.replace('.', "").parse::<i64>().unwrap()
            })
            .sum();
        // 800 normal degree days, 1,087 of them that year.
        assert_eq!(january, 8_696);
        assert!(!text.contains("2024-09-01;"));
    }
}

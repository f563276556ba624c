//! Key figures of all regions in the envelope of Kolada's version 3 answers, one file a figure.
//!
//! The nation's and the region's own series are the table's; the other regions lie around the
//! nation at a distance of their own. All values are made up. As in the real answers a value can be
//! null with the status `Missing`, and a withdrawn one is marked as deleted.

use crate::dress::exact;
use crate::random::Random;
use crate::{DemoError, DemoFile, Settings, totals};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Deserialize)]
struct Indicator {
    kpi_id: String,
    riket_2019: String,
    riket_2020: String,
    riket_2021: String,
    riket_2022: String,
    riket_2023: String,
    region_2019: String,
    region_2020: String,
    region_2021: String,
    region_2022: String,
    region_2023: String,
    /// The largest distance of another region from the nation.
    spread: String,
    /// A number of something, which follows the region's size; others do not.
    is_count: bool,
    /// Women's value in per cent of the total's; none = not divided by sex.
    women_pct: Option<i64>,
    men_pct: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Region {
    municipality_id: String,
    /// The region's part of the nation.
    size_permille: i64,
}

#[derive(Serialize)]
struct Envelope {
    values: Vec<Row>,
    next_url: Option<String>,
    previous_url: Option<String>,
    count: usize,
}

#[derive(Serialize)]
struct Row {
    kpi: String,
    municipality: String,
    period: u16,
    values: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    gender: &'static str,
    count: u8,
    status: &'static str,
    value: Option<f64>,
    isdeleted: bool,
}

const NATION: &str = "0000";
const OWN: &str = "0023";
const FIRST_YEAR: u16 = 2019;
/// Values have at most six decimals.
const DECIMALS: u8 = 6;
/// One, in those decimals.
const WHOLE: i64 = 1_000_000;
/// One value in so many is missing.
const MISSING_ONE_IN: u64 = 40;

/// One file per key figure, `kolada_<id>.json`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let indicators: Vec<Indicator> =
        totals("kolada_indicators.csv", include_str!("../totals/kolada_indicators.csv"))?;
    let regions: Vec<Region> =
        totals("kolada_regions.csv", include_str!("../totals/kolada_regions.csv"))?;
    indicators
        .into_iter()
        .map(|indicator| {
            let envelope = envelope(&indicator, &regions, settings.seed)?;
            let name = format!("kolada_{}.json", indicator.kpi_id);
            Ok(DemoFile::new("kolada", name, move |sink| {
                serde_json::to_writer(&mut *sink, &envelope)?;
                sink.write_all(b"\n")
            }))
        })
        .collect()
}

fn envelope(indicator: &Indicator, regions: &[Region], seed: u64) -> Result<Envelope, DemoError> {
    let nation = indicator.series([
        &indicator.riket_2019,
        &indicator.riket_2020,
        &indicator.riket_2021,
        &indicator.riket_2022,
        &indicator.riket_2023,
    ])?;
    let own = indicator.series([
        &indicator.region_2019,
        &indicator.region_2020,
        &indicator.region_2021,
        &indicator.region_2022,
        &indicator.region_2023,
    ])?;
    let spread = indicator.number(&indicator.spread)?.unwrap_or(0);
    let mut values = Vec::new();
    for region in regions {
        let id = region.municipality_id.as_str();
        let mut random = Random::stream(seed, &["kolada", &indicator.kpi_id, id]);
        // The distance is kept over the years; a tenth of the spread is each year's own.
        let distance = random.between(-spread, spread) * 9 / 10;
        for (year, (nation, own)) in (FIRST_YEAR..).zip(nation.iter().zip(&own)) {
            let noise = random.between(-spread / 10, spread / 10);
            let is_missing = random.below(MISSING_ONE_IN) == 0;
            let total = match id {
                NATION => *nation,
                OWN => *own,
                _ if is_missing => None,
                _ if indicator.is_count => {
                    nation.map(|nation| nation / WHOLE * region.size_permille / 1_000 * WHOLE)
                }
                _ => nation.map(|nation| nation + distance + noise),
            };
            values.push(Row {
                kpi: indicator.kpi_id.clone(),
                municipality: id.to_owned(),
                period: year,
                values: indicator.cells(total, random.below(300) == 0 && id != OWN),
            });
        }
    }
    Ok(Envelope { count: values.len(), values, next_url: None, previous_url: None })
}

impl Indicator {
    fn series(&self, texts: [&String; 5]) -> Result<Vec<Option<i64>>, DemoError> {
        texts.into_iter().map(|text| self.number(text)).collect()
    }

    fn number(&self, text: &str) -> Result<Option<i64>, DemoError> {
        if text.is_empty() {
            return Ok(None);
        }
        exact(text, DECIMALS).map(Some).ok_or_else(|| DemoError::Unreadable {
            table: "kolada_indicators.csv",
            reason: format!("{}: `{text}` is not a decimal number", self.kpi_id),
        })
    }

    /// The total, and women and men where the figure is divided, women first as Kolada has it.
    fn cells(&self, total: Option<i64>, isdeleted: bool) -> Vec<Cell> {
        let status = if total.is_none() { "Missing" } else { "" };
        let cell = |gender, pct: i64| {
            // A whole number of millionths below 2^53 is exact, and so is its shortest print.
            let value = total.map(|total| (total * pct / 100) as f64 / 1e6);
            Cell { gender, count: 1, status, value, isdeleted }
        };
        let women = self.women_pct.map(|pct| cell("K", pct));
        let men = self.men_pct.map(|pct| cell("M", pct));
        women.into_iter().chain(men).chain([cell("T", 100)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_region_and_year_has_a_row_and_the_own_series_is_the_table_s() {
        for file in files(&Settings { scale: 0.02, seed: 1 }).unwrap() {
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            let rows = answer["values"].as_array().unwrap();
            assert_eq!(rows.len(), 22 * 5);
            assert_eq!(answer["count"], 110);
            assert_eq!(answer["next_url"], Value::Null);
            if file.name == "kolada_N60030.json" {
                let own: Vec<String> = rows
                    .iter()
                    .filter(|row| row["municipality"] == OWN)
                    .map(|row| row["values"][2]["value"].to_string())
                    .collect();
                assert_eq!(own, ["6.1", "7.7", "6.8", "7.3", "6.2"]);
            }
        }
    }
}

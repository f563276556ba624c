//! Travel, fuel, food, waste and energy in one workbook a year.
//!
//! The tables give each quantity for January–April, May–August and September–December; the months
//! share it out. A year whose last months have no totals ends with August.

use crate::dress::exact;
use crate::random::{Random, split};
use crate::workbook::{Cell, Sheet, workbook};
use crate::{DemoError, DemoFile, Settings, totals};
use rust_xlsxwriter::XlsxError;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Travel {
    year: u16,
    means: String,
    quantity_unit: String,
    january_april: i64,
    may_august: i64,
    september_december: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Fuel {
    year: u16,
    fuel: String,
    quantity_unit: String,
    january_april: i64,
    may_august: i64,
    september_december: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Food {
    year: u16,
    kitchen: String,
    total_january_april: i64,
    total_may_august: i64,
    total_september_december: Option<i64>,
    organic_january_april: i64,
    organic_may_august: i64,
    organic_september_december: Option<i64>,
    ethical_january_april: i64,
    ethical_may_august: i64,
    ethical_september_december: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Waste {
    year: u16,
    fraction: String,
    treatment: String,
    january_april: i64,
    may_august: i64,
    september_december: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Building {
    year: u16,
    building_id: String,
    tenure: String,
    area_m2: i64,
    electricity_kwh_normal_year: i64,
    heat_kwh_normal_year: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct MonthWeights {
    electricity_weight: u64,
    heat_weight: u64,
    degree_day_share_2019: String,
    degree_day_share_2023: String,
    degree_day_share_2024: String,
    travel_weight: u64,
    fuel_weight: u64,
    food_weight: u64,
    waste_weight: u64,
}

impl MonthWeights {
    /// Actual degree days by normal ones, in ten thousandths; none = the month has not been.
    fn degree_day_share(&self, year: u16) -> Option<i64> {
        let text = match year {
            2019 => &self.degree_day_share_2019,
            2023 => &self.degree_day_share_2023,
            2024 => &self.degree_day_share_2024,
            _ => return None,
        };
        exact(text, 4)
    }
}

/// The part of the heat that follows the weather, in ten thousandths; the rest is hot water.
const WEATHER_PART: i64 = 8_000;

/// Quantities of January–April, May–August and September–December.
type Blocks = [Option<i64>; 3];

/// All tables.
struct Tables {
    travel: Vec<Travel>,
    fuel: Vec<Fuel>,
    food: Vec<Food>,
    waste: Vec<Waste>,
    buildings: Vec<Building>,
    months: Vec<MonthWeights>,
    seed: u64,
}

/// One workbook a year, `klimatdata_<year>.xlsx`; a year that only travel and fuel were worked out
/// for again is `utgangsvarde_<year>.xlsx`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let tables = Arc::new(tables(settings.seed)?);
    let years: BTreeSet<u16> = tables.travel.iter().map(|row| row.year).collect();
    let file = |year: u16| {
        let tables = Arc::clone(&tables);
        let kind = if tables.is_whole(year) { "klimatdata" } else { "utgangsvarde" };
        DemoFile::new("climate", format!("{kind}_{year}.xlsx"), move |sink| {
            sink.write_all(&tables.workbook(year).map_err(io::Error::other)?)
        })
    };
    Ok(years.into_iter().map(file).collect())
}

fn tables(seed: u64) -> Result<Tables, DemoError> {
    let tables = Tables {
        travel: totals("climate_travel.csv", include_str!("../totals/climate_travel.csv"))?,
        fuel: totals("climate_fuel.csv", include_str!("../totals/climate_fuel.csv"))?,
        food: totals("climate_food.csv", include_str!("../totals/climate_food.csv"))?,
        waste: totals("climate_waste.csv", include_str!("../totals/climate_waste.csv"))?,
        buildings: totals(
            "climate_buildings.csv",
            include_str!("../totals/climate_buildings.csv"),
        )?,
        months: totals("climate_months.csv", include_str!("../totals/climate_months.csv"))?,
        seed,
    };
    if tables.months.len() != 12 {
        let reason = format!("{} months in a year", tables.months.len());
        return Err(DemoError::Contradiction { table: "climate_months.csv", reason });
    }
    Ok(tables)
}

impl Tables {
    /// Whether every sheet has something for the year.
    fn is_whole(&self, year: u16) -> bool {
        self.food.iter().any(|row| row.year == year)
    }

    fn workbook(&self, year: u16) -> Result<Vec<u8>, XlsxError> {
        let mut sheets = vec![self.travel(year), self.fuel(year)];
        if self.is_whole(year) {
            sheets.extend([self.food(year), self.waste(year), self.energy(year)]);
        }
        workbook("Klimatdata", "Miljöenheten", &year.to_string(), (year.max(2019), 9, 5), &sheets)
    }

    fn travel(&self, year: u16) -> Sheet {
        let chosen: Vec<&Travel> = self.travel.iter().filter(|row| row.year == year).collect();
        let series: Vec<Vec<i64>> = chosen
            .iter()
            .map(|row| {
                let blocks =
                    [Some(row.january_april), Some(row.may_august), row.september_december];
                self.months(blocks, 10, |month| month.travel_weight, &["Resor", &row.means], year)
            })
            .collect();
        let row = |month: usize, at: usize| {
            vec![
                month_cell(year, month),
                Cell::Text(chosen[at].means.clone()),
                Cell::Number(series[at][month], 1),
                Cell::Text(chosen[at].quantity_unit.clone()),
            ]
        };
        Sheet {
            name: "Resor",
            title: "Tjänsteresor per månad och färdsätt",
            headings: &["Månad", "Färdsätt", "Kvantitet", "Enhet"],
            rows: by_month(&series, row),
            summed: &[2],
            note: "Flyg och tåg enligt resebyrån, egen bil enligt reseräkningar. 1 mil = 10 km.",
        }
    }

    fn fuel(&self, year: u16) -> Sheet {
        let chosen: Vec<&Fuel> = self.fuel.iter().filter(|row| row.year == year).collect();
        let series: Vec<Vec<i64>> = chosen
            .iter()
            .map(|row| {
                let blocks =
                    [Some(row.january_april), Some(row.may_august), row.september_december];
                self.months(blocks, 10, |month| month.fuel_weight, &["Drivmedel", &row.fuel], year)
            })
            .collect();
        let row = |month: usize, at: usize| {
            vec![
                month_cell(year, month),
                Cell::Text(chosen[at].fuel.clone()),
                Cell::Number(series[at][month], 1),
                Cell::Text(chosen[at].quantity_unit.clone()),
            ]
        };
        Sheet {
            name: "Drivmedel",
            title: "Tankat drivmedel i regionens fordon per månad",
            headings: &["Månad", "Drivmedel", "Kvantitet", "Enhet"],
            rows: by_month(&series, row),
            summed: &[2],
            note: "Enligt drivmedelsbolagens fakturaunderlag.",
        }
    }

    fn food(&self, year: u16) -> Sheet {
        let chosen: Vec<&Food> = self.food.iter().filter(|row| row.year == year).collect();
        let share = |blocks: Blocks, kitchen: &str, what: &str| {
            let weight = |month: &MonthWeights| month.food_weight;
            self.months(blocks, 100, weight, &["Livsmedel", kitchen, what], year)
        };
        let series: Vec<[Vec<i64>; 3]> = chosen
            .iter()
            .map(|row| {
                let total = [
                    Some(row.total_january_april),
                    Some(row.total_may_august),
                    row.total_september_december,
                ];
                let organic = [
                    Some(row.organic_january_april),
                    Some(row.organic_may_august),
                    row.organic_september_december,
                ];
                let ethical = [
                    Some(row.ethical_january_april),
                    Some(row.ethical_may_august),
                    row.ethical_september_december,
                ];
                [(total, "total"), (organic, "organic"), (ethical, "ethical")]
                    .map(|(blocks, what)| share(blocks, &row.kitchen, what))
            })
            .collect();
        let totals: Vec<Vec<i64>> = series.iter().map(|[total, ..]| total.clone()).collect();
        let row = |month: usize, at: usize| {
            let mut cells = vec![month_cell(year, month), Cell::Text(chosen[at].kitchen.clone())];
            cells.extend(series[at].iter().map(|values| Cell::Number(values[month], 2)));
            cells
        };
        Sheet {
            name: "Livsmedel",
            title: "Livsmedelsinköp per månad och kök, kronor exklusive moms",
            headings: &["Månad", "Kök", "Totalt inköp", "Varav ekologiskt", "Varav etiskt märkt"],
            rows: by_month(&totals, row),
            summed: &[2, 3, 4],
            note: "Kaffe, te och annan dryck till personalen redovisas som Personaldryck.",
        }
    }

    fn waste(&self, year: u16) -> Sheet {
        let chosen: Vec<&Waste> = self.waste.iter().filter(|row| row.year == year).collect();
        let series: Vec<Vec<i64>> = chosen
            .iter()
            .map(|row| {
                let blocks =
                    [Some(row.january_april), Some(row.may_august), row.september_december];
                let path = ["Avfall", row.fraction.as_str()];
                self.months(blocks, 10, |month| month.waste_weight, &path, year)
            })
            .collect();
        let row = |month: usize, at: usize| {
            vec![
                month_cell(year, month),
                Cell::Text(chosen[at].fraction.clone()),
                Cell::Text(chosen[at].treatment.clone()),
                Cell::Number(series[at][month], 1),
            ]
        };
        Sheet {
            name: "Avfall",
            title: "Avfall per månad och fraktion",
            headings: &["Månad", "Fraktion", "Behandling", "Vikt kg"],
            rows: by_month(&series, row),
            summed: &[3],
            note: "Vikter enligt entreprenörernas vågsedlar.",
        }
    }

    fn energy(&self, year: u16) -> Sheet {
        let chosen: Vec<&Building> = self.buildings.iter().filter(|row| row.year == year).collect();
        let weights = |weight: fn(&MonthWeights) -> u64| -> Vec<u64> {
            self.months.iter().map(weight).collect()
        };
        let series: Vec<[Vec<i64>; 2]> = chosen
            .iter()
            .map(|row| {
                let electricity = row.electricity_kwh_normal_year * 10;
                let heat = row.heat_kwh_normal_year * 10;
                [
                    split(electricity, &weights(|month| month.electricity_weight)),
                    split(heat, &weights(|month| month.heat_weight)),
                ]
            })
            .collect();
        let mut rows = Vec::new();
        for (month, weather) in self.months.iter().enumerate() {
            let Some(share) = weather.degree_day_share(year) else { continue };
            for (building, [electricity, heat]) in chosen.iter().zip(&series) {
                rows.push(vec![
                    month_cell(year, month),
                    Cell::Text(building.building_id.clone()),
                    Cell::Number(building.area_m2, 0),
                    Cell::Number(electricity[month], 1),
                    Cell::Number(measured(heat[month], share), 1),
                    Cell::Number(share, 4),
                    Cell::Text(building.tenure.clone()),
                ]);
            }
        }
        Sheet {
            name: "Energi",
            title: "Energianvändning per månad och byggnad",
            headings: &[
                "Månad",
                "Byggnad",
                "Area m2",
                "El kWh",
                "Värme kWh",
                "Graddagar andel av normalt",
                "Ägande",
            ],
            rows,
            summed: &[3, 4],
            note: "Värmen är uppmätt. Andelen graddagar används för normalårskorrigering.",
        }
    }

    /// A quantity in its three blocks, in parts of a unit, shared over the months that have been.
    fn months(
        &self,
        blocks: Blocks,
        parts: i64,
        weight: impl Fn(&MonthWeights) -> u64,
        path: &[&str],
        year: u16,
    ) -> Vec<i64> {
        let year = year.to_string();
        let names: Vec<&str> = ["climate", &year].into_iter().chain(path.iter().copied()).collect();
        let mut random = Random::stream(self.seed, &names);
        blocks
            .into_iter()
            .zip(self.months.chunks(4))
            .filter_map(|(total, months)| total.map(|total| (total, months)))
            .flat_map(|(total, months)| {
                let weights: Vec<u64> =
                    months.iter().map(|month| weight(month) * (980 + random.below(41))).collect();
                split(total * parts, &weights)
            })
            .collect()
    }
}

/// The table holds a normal year; a cold month takes more heat and a mild one less.
fn measured(normal: i64, share: i64) -> i64 {
    let weather = WEATHER_PART * share / 10_000;
    (normal * (10_000 - WEATHER_PART + weather) + 5_000).div_euclid(10_000)
}

/// Rows month by month, one for each series.
fn by_month(series: &[Vec<i64>], row: impl Fn(usize, usize) -> Vec<Cell>) -> Vec<Vec<Cell>> {
    let months = series.iter().map(Vec::len).max().unwrap_or(0);
    (0..months)
        .flat_map(|month| (0..series.len()).map(move |at| (month, at)))
        .map(|(month, at)| row(month, at))
        .collect()
}

fn month_cell(year: u16, month: usize) -> Cell {
    Cell::Text(format!("{year}-{:02}", month + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kilograms of carbon dioxide of one year's first `months` months, by the frozen factors.
    fn carbon(tables: &Tables, year: u16, months: usize) -> f64 {
        let grams = |name: &str| match name {
            "Flyg" => 1_330.0,
            "Tåg" => 38.0,
            "Egen bil i tjänsten" => 1_700.0,
            "Hyrbil" => 184.0,
            "Elbil" => 6.6,
            "Bensin" => 2_890.0,
            "Diesel" => 2_853.0,
            "HVO100" => 476.0,
            "Fordonsgas" => 1_347.0,
            "El till fordon" => 46.8,
            other => panic!("no factor for {other}"),
        };
        let last = format!("{year}-{months:02}");
        [tables.travel(year), tables.fuel(year)]
            .iter()
            .flat_map(|sheet| sheet.rows.iter())
            .map(|row| match row.as_slice() {
                [Cell::Text(month), Cell::Text(name), Cell::Number(units, 1), _]
                    if *month <= last =>
                {
                    *units as f64 / 10.0 * grams(name) / 1_000.0
                }
                _ => 0.0,
            })
            .sum()
    }

    #[test]
    fn travel_has_changed_as_the_report_prints() {
        let tables = tables(1).unwrap();
        let change =
            |months| (carbon(&tables, 2024, months) / carbon(&tables, 2019, months) - 1.0) * 100.0;
        assert_eq!(change(8).round(), -21.0);
        assert_eq!(change(4).round(), -10.0);
    }

    #[test]
    fn the_same_workbook_has_the_same_bytes() {
        let tables = tables(1).unwrap();
        assert_eq!(tables.workbook(2024).unwrap(), tables.workbook(2024).unwrap());
    }

    #[test]
    fn a_year_without_its_last_months_ends_with_august() {
        let tables = tables(1).unwrap();
        for sheet in [tables.travel(2024), tables.food(2024), tables.energy(2024)] {
            let last = sheet.rows.last().unwrap();
            assert!(matches!(&last[0], Cell::Text(month) if month == "2024-08"));
        }
        assert_eq!(tables.travel(2019).rows.len(), 12 * 5);
    }

    /// Sum of a column over the first eight months, of the rows whose second cell is `name`.
    fn sum(sheet: &Sheet, name: Option<&str>, column: usize) -> f64 {
        let chosen = sheet.rows.iter().filter(|row| match (&row[0], &row[1]) {
            (Cell::Text(month), Cell::Text(text)) => {
                month[5..] <= *"08" && name.is_none_or(|n| n == text)
            }
            _ => false,
        });
        chosen
            .map(|row| match row[column] {
                Cell::Number(units, decimals) => units as f64 / 10f64.powi(decimals),
                _ => 0.0,
            })
            .sum()
    }

    #[test]
    fn food_waste_and_flights_are_the_printed_ones() {
        let tables = tables(1).unwrap();
        let food = tables.food(2024);
        let organic = |kitchen| (sum(&food, kitchen, 3) / sum(&food, kitchen, 2) * 100.0).round();
        let kitchens = ["Kostenheten", "Birka folkhögskola", "Bäckedals folkhögskola"];
        assert_eq!(kitchens.map(|kitchen| organic(Some(kitchen))), [29.0, 33.0, 36.0]);
        assert_eq!(organic(None), 35.0);
        let waste = |year| sum(&tables.waste(year), None, 3);
        let change = (waste(2024) / waste(2019) - 1.0) * 100.0;
        assert!(change <= -1.0 && change.round() == -1.0, "{change}");
        let travel = tables.travel(2024);
        assert!(sum(&travel, Some("Tåg"), 2) > sum(&travel, Some("Flyg"), 2));
    }
}

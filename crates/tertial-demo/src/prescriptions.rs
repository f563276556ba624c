//! Dispensed medicines of the region, and what the nation paid for its own.
//!
//! A yearly file of aggregated rows in the manner of the pharmacies' reporting service, and one of
//! the nation's monthly cost. Each month's cost and number of items come from tables; the rows
//! share them out. At scale 1 a row is about one item; at a smaller scale there are fewer rows with
//! more items each, so neither the cost nor the antibiotics depend on the scale.

use crate::dress::{Delimited, Encoding, exact};
use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct MonthCost {
    month: String,
    cost_type: String,
    item_count: i64,
    cost_sek: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Antibiotics {
    month: String,
    antibiotic_item_count: i64,
    methenamine_item_count: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct Substance {
    atc_code: String,
    /// `recept` and `rekvisition`, or `antibiotika` and `metenamin`, whose items have own totals.
    cost_type: String,
    item_weight: u64,
    price_sek: u64,
    women_pct: u64,
    age_profile: String,
    /// How many of a hundred rows lie within the benefit; requisitions have none.
    benefit_pct: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct NationMonth {
    month: String,
    cost_type: String,
    /// As the source writes it, empty for requisitions.
    benefit_type: String,
    cost_tkr: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Municipality {
    region_code: String,
    year: u16,
    inhabitant_count: u64,
}

/// What all months share.
struct Book {
    substances: Vec<Substance>,
    /// Age classes with their weight, by profile.
    ages: BTreeMap<String, Wheel>,
    municipalities: Wheel,
    antibiotics: BTreeMap<String, Antibiotics>,
    scale: f64,
    seed: u64,
}

/// Texts that take up as much of a turn as they weigh.
struct Wheel {
    /// Running sums of the weights.
    up_to: Vec<u64>,
    texts: Vec<String>,
}

impl Wheel {
    fn new(weights: impl IntoIterator<Item = (String, u64)>) -> Wheel {
        let (mut up_to, mut texts, mut sum) = (Vec::new(), Vec::new(), 0);
        for (text, weight) in weights {
            sum += weight;
            up_to.push(sum);
            texts.push(text);
        }
        Wheel { up_to, texts }
    }

    /// The text at a place of the whole turn, 2^64 being the turn.
    fn at(&self, turn: u64) -> &str {
        let whole = self.up_to.last().copied().unwrap_or(0);
        let place = ((u128::from(turn) * u128::from(whole)) >> 64) as u64;
        &self.texts[self.up_to.partition_point(|up_to| *up_to <= place)]
    }
}

/// Steps round two wheels that together cover every pair evenly (the two-dimensional golden ratio),
/// so that few rows share out over municipalities and ages as many do.
#[derive(Clone, Copy)]
struct Walk(u64, u64);

impl Walk {
    fn step(&mut self) -> (u64, u64) {
        self.0 = self.0.wrapping_add(0xC13F_A9A9_02A6_328F);
        self.1 = self.1.wrapping_add(0x91E1_0DA5_C79E_7B1D);
        (self.0, self.1)
    }
}

/// The yearly files `expedieringar_<year>.csv` and `riket_lakemedelskostnad_<year>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let costs: Vec<MonthCost> =
        totals("prescriptions_costs.csv", include_str!("../totals/prescriptions_costs.csv"))?;
    let nation: Vec<NationMonth> =
        totals("prescriptions_nation.csv", include_str!("../totals/prescriptions_nation.csv"))?;
    let book = Arc::new(book(settings)?);
    check(&book, &costs)?;
    let mut files = Vec::new();
    for (year, months) in by_year(costs, |row| &row.month) {
        let book = Arc::clone(&book);
        files.push(DemoFile::new(
            "prescriptions",
            format!("expedieringar_{year}.csv"),
            move |sink| book.write(&months, sink),
        ));
    }
    for (year, months) in by_year(nation, |row| &row.month) {
        files.push(DemoFile::new(
            "prescriptions",
            format!("riket_lakemedelskostnad_{year}.csv"),
            move |sink| write_nation(&months, sink),
        ));
    }
    Ok(files)
}

fn by_year<T>(rows: Vec<T>, month: impl Fn(&T) -> &String) -> BTreeMap<String, Vec<T>> {
    let mut years: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        let year = month(&row)[..4].to_owned();
        years.entry(year).or_default().push(row);
    }
    years
}

fn book(settings: &Settings) -> Result<Book, DemoError> {
    let substances = totals(
        "prescriptions_substances.csv",
        include_str!("../totals/prescriptions_substances.csv"),
    )?;
    let antibiotics: Vec<Antibiotics> = totals(
        "prescriptions_antibiotics.csv",
        include_str!("../totals/prescriptions_antibiotics.csv"),
    )?;
    let municipalities: Vec<Municipality> = totals(
        "population_municipalities.csv",
        include_str!("../totals/population_municipalities.csv"),
    )?;
    let newest = municipalities.iter().map(|row| row.year).max();
    let residents = municipalities
        .into_iter()
        .filter(|row| Some(row.year) == newest)
        .map(|row| (row.region_code, row.inhabitant_count));
    Ok(Book {
        substances,
        ages: ages()?,
        municipalities: Wheel::new(residents),
        antibiotics: antibiotics.into_iter().map(|row| (row.month.clone(), row)).collect(),
        scale: settings.scale,
        seed: settings.seed,
    })
}

fn ages() -> Result<BTreeMap<String, Wheel>, DemoError> {
    let rows: Vec<BTreeMap<String, String>> =
        totals("prescriptions_ages.csv", include_str!("../totals/prescriptions_ages.csv"))?;
    let mut profiles: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for row in &rows {
        for (profile, weight) in row.iter().filter(|(name, _)| *name != "age_group") {
            let weight = weight.parse().map_err(|_| DemoError::Unreadable {
                table: "prescriptions_ages.csv",
                reason: format!("`{weight}` is not a weight"),
            })?;
            profiles.entry(profile.clone()).or_default().push((row["age_group"].clone(), weight));
        }
    }
    Ok(profiles.into_iter().map(|(name, weights)| (name, Wheel::new(weights))).collect())
}

/// Finds what would stop a month half written.
fn check(book: &Book, costs: &[MonthCost]) -> Result<(), DemoError> {
    let table = "prescriptions_costs.csv";
    for row in costs {
        let known = exact(&row.cost_sek, 2).is_some() && book.antibiotics.contains_key(&row.month);
        if !known {
            let reason =
                format!("{} {}: no exact cost or no antibiotics", row.month, row.cost_type);
            return Err(DemoError::Contradiction { table, reason });
        }
    }
    let ward = |substance: &&Substance| substance.cost_type != REQUISITION;
    for substance in book.substances.iter().filter(ward) {
        if !book.ages.contains_key(&substance.age_profile) {
            let reason = format!("{} has no age profile", substance.atc_code);
            return Err(DemoError::Contradiction { table: "prescriptions_substances.csv", reason });
        }
    }
    Ok(())
}

/// Ordered for a ward: such rows have no patient.
const REQUISITION: &str = "rekvisition";

const HEADINGS: &[&str] = &[
    "Expedierad månad",
    "Kommun",
    "Kön",
    "Åldersklass",
    "ATC-kod",
    "Kostnadsslag",
    "Förmånstyp",
    "Antal expedieringar",
    "Kostnad",
];

/// A substance's share of one month.
struct Share<'a> {
    substance: &'a Substance,
    /// Items of each row.
    rows: Vec<i64>,
    /// Weight of each row in the cost.
    weights: Vec<u64>,
}

impl Book {
    fn write(&self, months: &[MonthCost], sink: &mut dyn Write) -> io::Result<()> {
        let mut table = Delimited::new(sink, Encoding::Utf8WithMark, HEADINGS)?;
        let mut walk = Walk(0, 0);
        for month in months {
            let path = ["prescriptions", month.month.as_str(), month.cost_type.as_str()];
            let mut random = Random::stream(self.seed, &path);
            let shares = self.shares(month, &mut random);
            let weights: Vec<u64> = shares.iter().map(|share| share.weights.iter().sum()).collect();
            let cost = exact(&month.cost_sek, 2).unwrap_or(0);
            for (share, cost) in shares.iter().zip(split(cost, &weights)) {
                self.write_share(&mut table, month, share, cost, &mut walk, &mut random)?;
            }
        }
        table.finish()
    }

    /// How many items each substance has in the month, and how its rows share them.
    fn shares(&self, month: &MonthCost, random: &mut Random) -> Vec<Share<'_>> {
        let antibiotics = &self.antibiotics[&month.month];
        let (bacteria, methenamine) =
            (antibiotics.antibiotic_item_count, antibiotics.methenamine_item_count);
        if month.cost_type == REQUISITION {
            return self.shares_of(REQUISITION, month.item_count, true, random);
        }
        let others = month.item_count - bacteria - methenamine;
        let mut shares = self.shares_of(&month.cost_type, others, true, random);
        shares.extend(self.shares_of("antibiotika", bacteria, false, random));
        shares.extend(self.shares_of("metenamin", methenamine, false, random));
        shares
    }

    /// `may_grow` says whether a scale above 1 may add items.
    fn shares_of(
        &self,
        cost_type: &str,
        items: i64,
        may_grow: bool,
        random: &mut Random,
    ) -> Vec<Share<'_>> {
        let chosen: Vec<&Substance> =
            self.substances.iter().filter(|one| one.cost_type == cost_type).collect();
        let weights: Vec<u64> =
            chosen.iter().map(|one| one.item_weight * (950 + random.below(101))).collect();
        chosen
            .into_iter()
            .zip(split(items, &weights))
            .map(|(substance, items)| {
                let wanted = ((items as f64 * self.scale).round() as i64).max(1);
                let rows = if may_grow { wanted } else { wanted.min(items) };
                let rows = match usize::try_from(rows) {
                    Ok(count @ 1..) => split(items.max(rows), &vec![1; count]),
                    _ => Vec::new(),
                };
                let weight =
                    |items: &i64| *items as u64 * substance.price_sek * (850 + random.below(301));
                let weights = rows.iter().map(weight).collect();
                Share { substance, rows, weights }
            })
            .filter(|share| !share.rows.is_empty())
            .collect()
    }

    fn write_share(
        &self,
        table: &mut Delimited,
        month: &MonthCost,
        share: &Share,
        cost: i64,
        walk: &mut Walk,
        random: &mut Random,
    ) -> io::Result<()> {
        let substance = share.substance;
        for (items, cost) in share.rows.iter().zip(split(cost, &share.weights)) {
            table.text(&month.month);
            if month.cost_type == REQUISITION {
                (0..3).for_each(|_| table.text(""));
            } else {
                let (municipality, age) = walk.step();
                table.text(self.municipalities.at(municipality));
                table.text(if random.below(100) < substance.women_pct { "K" } else { "M" });
                table.text(self.ages[&substance.age_profile].at(age));
            }
            table.text(&substance.atc_code);
            table.text(&month.cost_type);
            table.text(if month.cost_type == REQUISITION {
                ""
            } else if random.below(100) < substance.benefit_pct {
                "Förmån"
            } else {
                "Utanför förmån"
            });
            table.whole(*items);
            table.decimal(cost, 2);
            table.end_row()?;
        }
        Ok(())
    }
}

fn write_nation(months: &[NationMonth], sink: &mut dyn Write) -> io::Result<()> {
    let headings = ["Månad", "Kostnadsslag", "Förmånstyp", "Kostnad tkr"];
    let mut table = Delimited::new(sink, Encoding::Utf8WithMark, &headings)?;
    for row in months {
        table.text(&row.month);
        table.text(&row.cost_type);
        table.text(&row.benefit_type);
        table.text(&row.cost_tkr.replace('.', ","));
        table.end_row()?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month() -> MonthCost {
        let text = include_str!("../totals/prescriptions_costs.csv");
        totals::<MonthCost>("prescriptions_costs.csv", text).unwrap().remove(0)
    }

    /// Rows, items and öre of one month's prescriptions, and the items of antibiotics.
    fn drawn(scale: f64) -> (usize, i64, i64, i64) {
        let book = book(&Settings { scale, seed: 1 }).unwrap();
        let mut bytes = Vec::new();
        book.write(&[month()], &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (mut rows, mut items, mut cost, mut antibiotics) = (0, 0, 0, 0);
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(';').collect();
            let count: i64 = fields[7].parse().unwrap();
            rows += 1;
            items += count;
            cost += exact(&fields[8].replace(',', "."), 2).unwrap();
            if fields[4].starts_with("J01") && fields[4] != "J01XX05" {
                antibiotics += count;
            }
            assert!(count > 0 && fields.len() == 9, "{line}");
        }
        (rows, items, cost, antibiotics)
    }

    #[test]
    fn the_scale_changes_rows_and_neither_cost_nor_antibiotics() {
        let month = month();
        let book = book(&Settings { scale: 1.0, seed: 1 }).unwrap();
        let cost = exact(&month.cost_sek, 2).unwrap();
        let antibiotics = book.antibiotics[&month.month].antibiotic_item_count;
        for scale in [0.01, 0.5, 1.0, 2.0] {
            let (rows, items, sum, bacteria) = drawn(scale);
            assert_eq!((sum, bacteria), (cost, antibiotics), "{scale}");
            let wanted = month.item_count as f64 * scale;
            assert!((rows as f64 / wanted - 1.0).abs() < 0.06, "{scale}: {rows} of {wanted}");
            assert!(scale > 1.0 || items == month.item_count, "{scale}: {items}");
        }
    }

    #[test]
    fn cost_growth_and_antibiotics_are_the_printed_ones() {
        let text = include_str!("../totals/prescriptions_costs.csv");
        let own: Vec<MonthCost> = totals("prescriptions_costs.csv", text).unwrap();
        let text = include_str!("../totals/prescriptions_nation.csv");
        let nation: Vec<NationMonth> = totals("prescriptions_nation.csv", text).unwrap();
        let own: Vec<(&str, &str)> = own.iter().map(|r| (&*r.month, &*r.cost_sek)).collect();
        let nation: Vec<(&str, &str)> = nation.iter().map(|r| (&*r.month, &*r.cost_tkr)).collect();
        let growth = |rows: &[(&str, &str)]| {
            let sum = |from: &str, to: &str| -> i64 {
                let within = rows.iter().filter(|(month, _)| (from..=to).contains(month));
                within.map(|(_, cost)| exact(cost, 2).unwrap()).sum()
            };
            let (now, before) = (sum("2024-01", "2024-08"), sum("2023-01", "2023-08"));
            (now as f64 / before as f64 - 1.0) * 100.0
        };
        assert_eq!(format!("{:.1} {:.1}", growth(&own), growth(&nation)), "10.7 10.1");
        let book = book(&Settings { scale: 1.0, seed: 1 }).unwrap();
        let months = book.antibiotics.range("2023-09".to_owned()..="2024-08".to_owned());
        let items: i64 = months.map(|(_, row)| row.antibiotic_item_count).sum();
        let inhabitants = *book.municipalities.up_to.last().unwrap();
        assert_eq!((items as f64 * 1_000.0 / inhabitants as f64).round(), 232.0);
    }
}

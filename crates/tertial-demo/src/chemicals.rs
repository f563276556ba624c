//! The register of chemical products: each product of a unit and whether its risk is assessed.
//!
//! A snapshot is the register on one day. The tables say how many products a unit has and how large
//! a share is assessed on that day; which, is drawn once, so that an assessed product stays so.

use crate::dress::{Delimited, Encoding};
use crate::random::Random;
use crate::{DemoError, DemoFile, Settings, totals};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Unit {
    snapshot: String,
    unit_id: String,
    product_count: usize,
    assessed_pct: usize,
}

/// Kinds of products, with the hazard class they are labelled with.
const KINDS: [(&str, &str); 8] = [
    ("Ytdesinfektion", "Brandfarlig"),
    ("Handdesinfektion", "Brandfarlig"),
    ("Maskindiskmedel", "Frätande"),
    ("Lim", "Skadlig"),
    ("Formalinlösning", "Cancerframkallande"),
    ("Smörjolja", ""),
    ("Gasol", "Brandfarlig"),
    ("Laboratoriereagens", "Giftig"),
];

/// One file a snapshot, `kemikalieregister_<month>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let units: Vec<Unit> =
        totals("chemicals_units.csv", include_str!("../totals/chemicals_units.csv"))?;
    let snapshots: BTreeSet<String> = units.iter().map(|unit| unit.snapshot.clone()).collect();
    let units = Arc::new(units);
    let seed = settings.seed;
    let file = |snapshot: String| {
        let units = Arc::clone(&units);
        DemoFile::new("chemicals", format!("kemikalieregister_{snapshot}.csv"), move |sink| {
            write(&snapshot, &units, seed, sink)
        })
    };
    Ok(snapshots.into_iter().map(file).collect())
}

fn write(snapshot: &str, units: &[Unit], seed: u64, sink: &mut dyn Write) -> io::Result<()> {
    let headings = [
        "Uttag",
        "Avdelning",
        "Produktnr",
        "Produktnamn",
        "Faroklass",
        "Riskbedömning",
        "Signerad",
    ];
    let mut table = Delimited::new(sink, Encoding::Utf8, &headings)?;
    let first: Date = format!("{snapshot}-01").parse().map_err(io::Error::other)?;
    for unit in units.iter().filter(|unit| unit.snapshot == snapshot) {
        let mut random = Random::stream(seed, &["chemicals", &unit.unit_id]);
        let assessed = (unit.product_count * unit.assessed_pct + 50) / 100;
        for number in 0..unit.product_count {
            let (kind, hazard) = random.pick(&KINDS);
            let age = random.between(5, 700);
            table.text(snapshot);
            table.text(&unit.unit_id);
            table.text(&format!("K-{}{number:04}", unit.unit_id));
            table.text(&format!("{kind} {}", number + 1));
            table.text(hazard);
            let is_assessed = number < assessed;
            table.text(match number {
                _ if is_assessed => "Slutförd",
                _ if number.is_multiple_of(2) => "Påbörjad",
                _ => "Saknas",
            });
            let signed = first.saturating_sub(age.days());
            table.text(&if is_assessed { signed.to_string() } else { String::new() });
            table.end_row()?;
        }
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_assessed_are_the_share_the_table_says() {
        let all = files(&Settings { scale: 0.02, seed: 1 }).unwrap();
        let file = all.into_iter().find(|file| file.name.contains("2024-08")).unwrap();
        let mut bytes = Vec::new();
        (file.write)(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let own: Vec<&str> = text.lines().filter(|line| line.contains(";616;")).collect();
        let assessed = own.iter().filter(|line| line.contains("Slutförd")).count();
        assert_eq!((assessed, own.len()), (163, 185));
    }
}

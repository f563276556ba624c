//! Health talks offered to those who turn 40, 50, 60 or 70, counted per health centre and month.
//!
//! Months' talks and years' target groups come from tables; centres and sexes share them.

use crate::dress::{Delimited, Encoding};
use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Month {
    month: String,
    talk_count: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct TargetGroup {
    year: u16,
    person_count: i64,
}

/// A health centre, the same in every source that names one.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Centre {
    pub(crate) centre_code: String,
    pub(crate) centre_name: String,
    /// Its share of those who are listed.
    pub(crate) person_weight: u64,
    talk_weight: u64,
}

/// The health centres in the order of their codes.
pub(crate) fn centres() -> Result<Vec<Centre>, DemoError> {
    totals("health_talks_centres.csv", include_str!("../totals/health_talks_centres.csv"))
}

/// The sexes as the source writes them, with their share in per mille of those who come.
const SEXES: [(&str, u64); 2] = [("Kvinnor", 547), ("Män", 453)];

/// The yearly files `halsosamtal_<year>.csv` and `malgrupp_<year>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let months: Vec<Month> =
        totals("health_talks_months.csv", include_str!("../totals/health_talks_months.csv"))?;
    let groups: Vec<TargetGroup> = totals(
        "health_talks_target_groups.csv",
        include_str!("../totals/health_talks_target_groups.csv"),
    )?;
    let centres = Arc::new(centres()?);
    let seed = settings.seed;
    let mut years: BTreeMap<String, Vec<Month>> = BTreeMap::new();
    for row in months {
        years.entry(row.month[..4].to_owned()).or_default().push(row);
    }
    let mut files = Vec::new();
    for (year, months) in years {
        let centres = Arc::clone(&centres);
        files.push(DemoFile::new("health_talks", format!("halsosamtal_{year}.csv"), move |sink| {
            write_talks(&months, &centres, seed, sink)
        }));
    }
    for group in groups {
        let centres = Arc::clone(&centres);
        files.push(DemoFile::new(
            "health_talks",
            format!("malgrupp_{}.csv", group.year),
            move |sink| write_target_group(&group, &centres, sink),
        ));
    }
    Ok(files)
}

fn write_talks(
    months: &[Month],
    centres: &[Centre],
    seed: u64,
    sink: &mut dyn Write,
) -> io::Result<()> {
    let headings = ["Månad", "Enhetskod", "Hälsocentral", "Kön", "Antal samtal"];
    let mut table = Delimited::new(sink, Encoding::Utf8, &headings)?;
    for month in months {
        let mut random = Random::stream(seed, &["health_talks", &month.month]);
        let weights: Vec<u64> = centres
            .iter()
            .flat_map(|centre| SEXES.map(|(_, share)| centre.talk_weight * share))
            .map(|weight| weight * (600 + random.below(801)))
            .collect();
        let cells = centres.iter().flat_map(|centre| SEXES.map(|(sex, _)| (centre, sex)));
        for ((centre, sex), count) in cells.zip(split(month.talk_count, &weights)) {
            table.text(&month.month);
            table.text(&centre.centre_code);
            table.text(&centre.centre_name);
            table.text(sex);
            table.whole(count);
            table.end_row()?;
        }
    }
    table.finish()
}

fn write_target_group(
    group: &TargetGroup,
    centres: &[Centre],
    sink: &mut dyn Write,
) -> io::Result<()> {
    let headings = ["År", "Enhetskod", "Kön", "Antal personer"];
    let mut table = Delimited::new(sink, Encoding::Utf8, &headings)?;
    // Men and women are as many among those listed; only those who come differ.
    let weights: Vec<u64> = centres.iter().flat_map(|centre| [centre.person_weight; 2]).collect();
    let cells = centres.iter().flat_map(|centre| SEXES.map(|(sex, _)| (centre, sex)));
    for ((centre, sex), count) in cells.zip(split(group.person_count, &weights)) {
        table.whole(i64::from(group.year));
        table.text(&centre.centre_code);
        table.text(sex);
        table.whole(count);
        table.end_row()?;
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talks_and_target_group_are_the_printed_ones() {
        let mut sums = BTreeMap::new();
        for file in files(&Settings { scale: 0.02, seed: 1 }).unwrap() {
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let text = String::from_utf8(bytes).unwrap();
            let last = |line: &str| line.rsplit(';').next().unwrap().parse::<i64>().unwrap();
            sums.insert(file.name, text.lines().skip(1).map(last).sum::<i64>());
        }
        assert_eq!(sums["halsosamtal_2024.csv"], 957);
        assert_eq!(sums["malgrupp_2024.csv"], 6805);
    }
}

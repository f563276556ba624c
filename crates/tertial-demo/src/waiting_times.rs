//! Assessments in primary care, contact by contact, in the columns of the national register.
//!
//! A month's number of contacts and their share in time come from a table; the scale changes how
//! many contacts there are, not the share they are drawn with. Every month has some who chose to
//! wait and some whom the guarantee does not cover, so that there is something to leave out.

use crate::dress::{Delimited, Encoding};
use crate::health_talks::{Centre, centres};
use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::io::{self, Write};
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct Month {
    month: String,
    assessment_count: i64,
    /// How many of a thousand come within three days.
    within_permille: u64,
}

/// The register's columns; the source fills in those that a region must.
const HEADINGS: &[&str] = &[
    "beslut_datum",
    "start_datum",
    "medicinskt_maldatum",
    "matperiod",
    "kva_kod",
    "mvo_kod",
    "aktivitetskod",
    "aktivitet_kva",
    "aktivitet_icd",
    "vardgaranti",
    "avvikelsekod",
    "regionkod",
    "hsaid_region",
    "hsaid_vardgivare",
    "hsaid_vardenhet",
    "hsaid_enhet",
    "sjukhuskod",
    "sjukhusnamn",
    "yrkeskategori",
    "bokningssatt",
    "vardkontakttyp",
    "kon",
    "fodelsear",
    "lkf",
    "hsaid_listning",
    "remittenttyp",
    "remittent_hsaid",
    "remiss_id",
    "remiss_datum",
    "ankomst_datum",
    "vardkontakt_id",
    "fas",
    "typ_akutverksamhet",
    "status",
    "vantetid_dagar",
];

/// One file a month, `vantetider_primarvard_<month>.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let months: Vec<Month> =
        totals("waiting_times_months.csv", include_str!("../totals/waiting_times_months.csv"))?;
    let centres = Arc::new(centres()?);
    let Settings { scale, seed } = *settings;
    let file = |month: Month| {
        let centres = Arc::clone(&centres);
        let name = format!("vantetider_primarvard_{}.csv", month.month);
        DemoFile::new("waiting_times", name, move |sink| write(&month, &centres, scale, seed, sink))
    };
    Ok(months.into_iter().map(file).collect())
}

/// What one contact is.
struct Contact {
    decided_day: u64,
    wait_days: u64,
    is_guaranteed: bool,
    has_chosen_to_wait: bool,
}

fn contact(month: &Month, random: &mut Random) -> Contact {
    let is_guaranteed = random.below(100) < 88;
    let has_chosen_to_wait = random.below(100) < 4;
    let is_within = random.below(1_000) < month.within_permille;
    let wait_days = match (has_chosen_to_wait, is_within) {
        (true, _) => 4 + random.below(10),
        (false, true) => random.below(4),
        (false, false) => 4 + random.below(12),
    };
    // The assessment lies in the month of measurement, the decision before it.
    Contact { decided_day: 1 + random.below(12), wait_days, is_guaranteed, has_chosen_to_wait }
}

fn write(
    month: &Month,
    centres: &[Centre],
    scale: f64,
    seed: u64,
    sink: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Delimited::new(sink, Encoding::Utf8, HEADINGS)?;
    let mut random = Random::stream(seed, &["waiting_times", &month.month]);
    let wanted = ((month.assessment_count as f64 * scale).round() as i64).max(1);
    let weights: Vec<u64> =
        centres.iter().map(|centre| centre.person_weight * (900 + random.below(201))).collect();
    let mut number = 0;
    for (centre, count) in centres.iter().zip(split(wanted, &weights)) {
        for _ in 0..count {
            number += 1;
            let contact = contact(month, &mut random);
            let hour = 7 + random.below(9);
            let minute = random.below(60);
            let day =
                |day: u64, hour: u64| format!("{}-{day:02}T{hour:02}:{minute:02}:00", month.month);
            let women = random.below(100) < 56;
            for heading in HEADINGS {
                match *heading {
                    "beslut_datum" => table.text(&day(contact.decided_day, hour)),
                    "start_datum" => {
                        table.text(&day(
                            contact.decided_day + contact.wait_days,
                            8 + random.below(8),
                        ));
                    }
                    "matperiod" => table.text(&month.month),
                    "vardgaranti" => table.text(if contact.is_guaranteed { "JA" } else { "NEJ" }),
                    "avvikelsekod" if contact.has_chosen_to_wait => table.text("PvV"),
                    "hsaid_vardenhet" => {
                        table.text(&format!("SE9999999999-{}", centre.centre_code));
                    }
                    "vardkontakttyp" => table.text("Besök"),
                    "kon" => table.text(if women { "2" } else { "1" }),
                    "vardkontakt_id" => {
                        table.text(&format!("{}-{number:06}", month.month.replace('-', "")));
                    }
                    "fas" | "status" => table.text("Genomförd"),
                    "vantetid_dagar" => table.whole(contact.wait_days as i64),
                    _ => table.text(""),
                }
            }
            table.end_row()?;
        }
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_august(scale: f64) -> Vec<Vec<String>> {
        let files = files(&Settings { scale, seed: 1 }).unwrap();
        let file = files.into_iter().find(|file| file.name.ends_with("2024-08.csv")).unwrap();
        let mut bytes = Vec::new();
        (file.write)(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().skip(1).map(|line| line.split(';').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_row_has_every_column_and_its_days_are_those_of_its_times() {
        for row in of_august(0.02) {
            assert_eq!(row.len(), HEADINGS.len());
            let day = |text: &str| text[8..10].parse::<i64>().unwrap();
            assert_eq!(day(&row[1]) - day(&row[0]), row[34].parse::<i64>().unwrap(), "{row:?}");
        }
    }

    #[test]
    fn the_scale_changes_the_number_and_hardly_the_share() {
        let (small, large) = (of_august(0.05), of_august(1.0));
        assert!(large.len() > small.len() * 15, "{} {}", small.len(), large.len());
        let share = |rows: &[Vec<String>]| {
            let counted: Vec<_> =
                rows.iter().filter(|row| row[9] == "JA" && row[10].is_empty()).collect();
            let within = counted.iter().filter(|row| row[34].parse::<u64>().unwrap() <= 3).count();
            within as f64 / counted.len() as f64
        };
        assert!((share(&small) - share(&large)).abs() < 0.08);
    }
}

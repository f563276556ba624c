//! Who is listed where, and what people turn to the patient board with.
//!
//! Months' totals come from tables; health centres share out those who are listed, and each case of
//! the board gets a day, a number and a problem. The cases concern nobody.

use crate::health_talks::{Centre, centres};
use crate::random::{Random, split};
use crate::sheet::{Sheet, workbook};
use crate::{DemoError, DemoFile, Settings, totals};
use rust_xlsxwriter::{ExcelDateTime, XlsxError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

#[derive(Debug, Clone, Deserialize)]
struct ListedMonth {
    month: String,
    women_count: i64,
    men_count: i64,
}

/// A month's cases by topic, in the order of the table's columns.
type BoardMonth = BTreeMap<String, String>;

/// The workbooks `listning_<month>.xlsx` and `patientnamnden_<year>.xlsx`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let months: Vec<ListedMonth> =
        totals("listing_months.csv", include_str!("../totals/listing_months.csv"))?;
    let centres = Arc::new(centres()?);
    let mut files = Vec::new();
    for month in months {
        let centres = Arc::clone(&centres);
        let name = format!("listning_{}.xlsx", month.month);
        files.push(DemoFile::new("listing", name, move |sink| {
            sink.write_all(&listing(&month, &centres).map_err(io::Error::other)?)
        }));
    }
    let board: Vec<BoardMonth> =
        totals("patient_board_months.csv", include_str!("../totals/patient_board_months.csv"))?;
    let mut years: BTreeMap<String, Vec<BoardMonth>> = BTreeMap::new();
    for month in board {
        years.entry(month["month"][..4].to_owned()).or_default().push(month);
    }
    let seed = settings.seed;
    for (year, months) in years {
        let name = format!("patientnamnden_{year}.xlsx");
        files.push(DemoFile::new("patient_board", name, move |sink| {
            let bytes = board_cases(&year, &months, seed);
            sink.write_all(&bytes.map_err(io::Error::other)?)
        }));
    }
    Ok(files)
}

/// Health centres run by somebody else than the region; made up.
const PRIVATE: [&str; 4] = ["HC03", "HC15", "HC21", "HC22"];

fn listing(month: &ListedMonth, centres: &[Centre]) -> Result<Vec<u8>, XlsxError> {
    let headings =
        texts(&["Månad", "Enhetskod", "Hälsocentral", "Driftsform", "Kvinnor", "Män", "Totalt"]);
    let weights: Vec<u64> = centres.iter().map(|centre| centre.person_weight).collect();
    let counts =
        split(month.women_count, &weights).into_iter().zip(split(month.men_count, &weights));
    let row = |(centre, (women, men)): (&Centre, (i64, i64))| {
        let is_private = PRIVATE.contains(&centre.centre_code.as_str());
        vec![
            month.month.clone(),
            centre.centre_code.clone(),
            centre.centre_name.clone(),
            (if is_private { "Privat" } else { "Region" }).to_owned(),
            women.to_string(),
            men.to_string(),
            (women + men).to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = centres.iter().zip(counts).map(row).collect();
    let sheet = Sheet {
        name: "Listade",
        title: "Listade per hälsocentral",
        heading_row: 4,
        sum_label: Some("Summa"),
        summed: &["Kvinnor", "Män", "Totalt"],
    };
    workbook(&sheet, &headings, &rows, &made()?)
}

/// Topics in the order of the table, and the problems that cases are about.
const TOPICS: [&str; 6] =
    ["Sjukresor", "Primärvård", "Somatisk specialistvård", "Psykiatri", "Tandvård", "Övrigt"];
const PROBLEMS: [&str; 4] =
    ["Tillgänglighet", "Kommunikation", "Vård och behandling", "Administrativ hantering"];

fn board_cases(year: &str, months: &[BoardMonth], seed: u64) -> Result<Vec<u8>, XlsxError> {
    let headings = texts(&[
        "Ärendenummer",
        "Inkommet",
        "Avslutat",
        "Område",
        "Huvudproblem",
        "Kön",
        "Åldersgrupp",
        "Handläggningstid",
    ]);
    let mut random = Random::stream(seed, &["patient_board", year]);
    let mut rows = Vec::new();
    for month in months {
        let count =
            |topic: &&str| month.get(*topic).and_then(|text| text.parse().ok()).unwrap_or(0);
        let topics: Vec<&str> =
            TOPICS.iter().flat_map(|topic| vec![*topic; count(topic)]).collect();
        let mut days: Vec<u64> = topics.iter().map(|_| 1 + random.below(28)).collect();
        days.sort_unstable();
        let mut topics = topics;
        random.shuffle(&mut topics);
        for (topic, day) in topics.into_iter().zip(days) {
            let number = rows.len() + 1;
            // Closed the same month, or not yet.
            let closed = (day <= 15).then(|| format!("{}-{:02}", month["month"], day + 13));
            rows.push(vec![
                format!("PN/{number}/{year}"),
                format!("{}-{day:02}", month["month"]),
                closed.clone().unwrap_or_default(),
                topic.to_owned(),
                (*random.pick(&PROBLEMS)).to_owned(),
                (*random.pick(&["Kvinna", "Kvinna", "Man", "Man", "Okänt"])).to_owned(),
                (*random.pick(&["0–19", "20–64", "65–"])).to_owned(),
                if closed.is_some() { "13".to_owned() } else { String::new() },
            ]);
        }
    }
    let sheet = Sheet {
        name: "Ärenden",
        title: "Ärenden hos patientnämnden",
        heading_row: 3,
        sum_label: None,
        summed: &[],
    };
    workbook(&sheet, &headings, &rows, &made()?)
}

/// A fixed time of making, so that the same tables give the same bytes.
fn made() -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(2024, 9, 5)?.and_hms(8, 0, 0)
}

fn texts(headings: &[&str]) -> Vec<String> {
    headings.iter().map(|heading| (*heading).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_the_table_s_columns() {
        let text = include_str!("../totals/patient_board_months.csv");
        assert_eq!(text.lines().next(), Some(format!("month,{}", TOPICS.join(",")).as_str()));
    }

    #[test]
    fn the_same_tables_give_the_same_workbooks() {
        let bytes = || {
            let settings = Settings { scale: 0.02, seed: 1 };
            let written = files(&settings).unwrap().into_iter().map(|file| {
                let mut bytes = Vec::new();
                (file.write)(&mut bytes).unwrap();
                (file.name, bytes)
            });
            written.collect::<BTreeMap<_, _>>()
        };
        let first = bytes();
        assert!(first == bytes());
        assert!(first.contains_key("listning_2024-08.xlsx"));
        assert!(first.contains_key("patientnamnden_2024.xlsx"));
    }
}

//! The bibliography's export: every record with its year, in the dress of the usual Swedish database.
//!
//! How many publications of each type a year has comes from a table. Some have two records with one
//! DOI, as real ones do, so that a count of records would be too high. Titles and numbers are made
//! up and belong to nothing.

use crate::dress::{Delimited, Encoding};
use crate::random::Random;
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::io::{self, Write};

#[derive(Debug, Clone, Deserialize)]
struct YearType {
    year: u16,
    publication_type: String,
    publication_count: u64,
}

const HEADINGS: [&str; 12] = [
    "PID",
    "Name",
    "Title",
    "PublicationType",
    "ContentType",
    "Language",
    "Journal",
    "Year",
    "DOI",
    "PMID",
    "ISI",
    "CreatedDate",
];

/// One publication in so many has a second record.
const DOUBLE_ONE_IN: u64 = 12;

/// One file with every year, `publikationer_2024.csv`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let years: Vec<YearType> =
        totals("publications_years.csv", include_str!("../totals/publications_years.csv"))?;
    let newest = years.iter().map(|row| row.year).max().unwrap_or_default();
    let seed = settings.seed;
    Ok(vec![DemoFile::new("publications", format!("publikationer_{newest}.csv"), move |sink| {
        write(&years, newest, seed, sink)
    })])
}

fn write(years: &[YearType], newest: u16, seed: u64, sink: &mut dyn Write) -> io::Result<()> {
    let mut table = Delimited::parted_by(sink, Encoding::Utf8WithMark, ',', &HEADINGS)?;
    let mut random = Random::stream(seed, &["publications"]);
    let mut record = 1_700_000;
    for row in years {
        for number in 1..=row.publication_count {
            let has_doi = row.publication_type.starts_with("Artikel") || random.below(3) == 0;
            let doi = if has_doi {
                format!("10.99999/demo.{}.{record}", row.year)
            } else {
                String::new()
            };
            let copies = if has_doi && random.below(DOUBLE_ONE_IN) == 0 { 2 } else { 1 };
            // The running year has no record from a month that has not been.
            let last_month = if row.year == newest { 8 } else { 12 };
            for copy in 0..copies {
                record += 1 + random.below(40);
                let month = 1 + random.below(last_month);
                let is_late = copy > 0 && row.year < newest;
                let year = if is_late { row.year + 1 } else { row.year };
                let month = if is_late { 1 + month % 3 } else { month };
                table.whole(record as i64);
                table.text("Efternamn, Förnamn (påhittad)");
                table.text(&format!(
                    "Påhittad studie {number}, \"{}\", {}",
                    row.publication_type, row.year
                ));
                table.text(&row.publication_type);
                table.text(if row.publication_type == "Rapport" {
                    "Övrigt"
                } else {
                    "Refereegranskat"
                });
                table.text("eng");
                table.text("Påhittad tidskrift");
                table.whole(row.year.into());
                table.text(&if copy > 0 { doi.to_uppercase() } else { doi.clone() });
                table.text("");
                table.text("");
                table.text(&format!("{year}-{month:02}-{:02}", 1 + random.below(28)));
                table.end_row()?;
            }
        }
    }
    table.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn publications_are_as_many_as_the_table_says_and_records_are_more() {
        let file = files(&Settings { scale: 1.0, seed: 1 }).unwrap().remove(0);
        let mut bytes = Vec::new();
        (file.write)(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let mut keys = BTreeSet::new();
        let mut records = 0;
        for row in reader.records().map(Result::unwrap).filter(|row| &row[7] == "2023") {
            records += 1;
            let key = if row[8].is_empty() { row[0].to_owned() } else { row[8].to_lowercase() };
            keys.insert(key);
        }
        assert_eq!(keys.len(), 83 + 10 + 7 + 5 + 9);
        assert!(records > keys.len(), "{records}");
    }
}

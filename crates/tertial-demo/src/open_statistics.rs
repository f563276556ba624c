//! What other agencies publish about the county: the health survey in the dress of PxWeb's first
//! interface, and the regional accounts in that of json-stat2. All values are made up, the nation's
//! too.

use crate::population::dimension;
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
struct Share {
    year: u16,
    region_code: String,
    sex: String,
    share_pct: String,
    low_pct: String,
    high_pct: String,
    answer_count: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Economy {
    year: u16,
    region_code: String,
    tax_base_sek: i64,
    tax_inhabitants: i64,
    grp_msek: i64,
    grp_mean_inhabitants: i64,
    /// The mark that the source sets at the values, `p` for preliminary.
    note: String,
}

/// The age group that the survey is asked for.
const AGES: &str = "16-29";

/// The files `psykiskt_valbefinnande_<year>.json`, `skattekraft_<year>.json` and
/// `bruttoregionalprodukt_<year>.json`.
pub fn files(_settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let shares: Vec<Share> =
        totals("health_survey.csv", include_str!("../totals/health_survey.csv"))?;
    let economy: Vec<Economy> =
        totals("regional_economy.csv", include_str!("../totals/regional_economy.csv"))?;
    let mut files = Vec::new();
    for (year, rows) in by_year(shares, |row| row.year) {
        let name = format!("psykiskt_valbefinnande_{year}.json");
        files.push(answer("health_survey", name, survey(&rows)));
    }
    for (year, rows) in by_year(economy, |row| row.year) {
        let tax = |row: &Economy| [row.tax_base_sek, row.tax_inhabitants];
        let product = |row: &Economy| [row.grp_msek, row.grp_mean_inhabitants];
        let contents = [("OE0101C1", "Skatteunderlag, kr"), ("OE0101C2", "Invånare 1 november")];
        let name = format!("skattekraft_{year}.json");
        files.push(answer("regional_economy", name, cube("Skattekraft", &contents, &rows, tax)));
        let contents =
            [("NR0105C1", "Bruttoregionalprodukt, mnkr"), ("NR0105C2", "Medelfolkmängd")];
        let name = format!("bruttoregionalprodukt_{year}.json");
        let product = cube("Bruttoregionalprodukt", &contents, &rows, product);
        files.push(answer("regional_economy", name, product));
    }
    Ok(files)
}

fn answer(source: &'static str, name: String, body: Value) -> DemoFile {
    DemoFile::new(source, name, move |sink| {
        serde_json::to_writer(&mut *sink, &body)?;
        sink.write_all(b"\n")
    })
}

fn by_year<T>(rows: Vec<T>, year: impl Fn(&T) -> u16) -> BTreeMap<u16, Vec<T>> {
    let mut years: BTreeMap<u16, Vec<T>> = BTreeMap::new();
    for row in rows {
        years.entry(year(&row)).or_default().push(row);
    }
    years
}

/// Rows of keys and values, all of them text.
fn survey(rows: &[Share]) -> Value {
    let column = |code: &str, kind: &str| json!({"code": code, "text": code, "type": kind});
    let mut data = Vec::new();
    for row in rows {
        let values = [&row.share_pct, &row.low_pct, &row.high_pct, &row.answer_count];
        for (measure, value) in ["01", "02", "03", "04"].iter().zip(values) {
            let key = [&row.region_code, AGES, &row.sex, measure, &row.year.to_string()];
            data.push(json!({"key": key, "values": [value]}));
        }
    }
    json!({
        "columns": [
            column("Region", "d"),
            column("Ålder", "d"),
            column("Kön", "d"),
            column("Andel och konfidensintervall", "d"),
            column("År", "t"),
            column("Gott psykiskt välbefinnande", "c"),
        ],
        "comments": [],
        "data": data,
    })
}

/// One cell for each area and content; a note beside a value stands in `status`.
fn cube(
    title: &str,
    contents: &[(&str, &str); 2],
    rows: &[Economy],
    values: impl Fn(&Economy) -> [i64; 2],
) -> Value {
    let regions: Vec<(&str, &str)> =
        rows.iter().map(|row| (row.region_code.as_str(), row.region_code.as_str())).collect();
    let year = rows.first().map_or(0, |row| row.year).to_string();
    let mut cells = Vec::new();
    let mut status = serde_json::Map::new();
    for row in rows {
        for value in values(row) {
            if !row.note.is_empty() {
                status.insert(cells.len().to_string(), row.note.clone().into());
            }
            cells.push(value);
        }
    }
    let mut body = json!({
        "version": "2.0",
        "class": "dataset",
        "label": format!("{title} efter region och år (syntetiska uppgifter)"),
        "source": "Syntetiska uppgifter i SCB:s format",
        "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
        "id": ["Region", "ContentsCode", "Tid"],
        "size": [regions.len(), contents.len(), 1],
        "dimension": {
            "Region": dimension("region", &regions),
            "ContentsCode": dimension("tabellinnehåll", contents),
            "Tid": dimension("år", &[(year.as_str(), year.as_str())]),
        },
        "value": cells,
    });
    if !status.is_empty() {
        body["status"] = Value::Object(status);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_a_value_and_only_the_newest_year_a_note() {
        for file in files(&Settings { scale: 0.02, seed: 1 }).unwrap() {
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let body: Value = serde_json::from_slice(&bytes).unwrap();
            if file.source == "health_survey" {
                assert_eq!(body["data"].as_array().unwrap().len(), 2 * 3 * 4);
                continue;
            }
            assert_eq!(body["value"].as_array().unwrap().len(), 4);
            let noted = body.get("status").map_or(0, |status| status.as_object().unwrap().len());
            assert_eq!(noted, if file.name.contains("2023") { 4 } else { 0 }, "{}", file.name);
        }
    }
}

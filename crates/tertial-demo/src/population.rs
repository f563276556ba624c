//! Inhabitants at the end of the year, in the dress of the statistics agency's json-stat2 answers.
//!
//! Counts per municipality come from a table and are shared out over sexes and ages; the county is
//! the sum of its municipalities. Sex 1 is men and 2 women, as that agency codes it.

use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
struct Municipality {
    region_code: String,
    region_name: String,
    year: u16,
    inhabitant_count: i64,
}

#[derive(Debug, Clone, Deserialize)]
struct Age {
    age_code: String,
    men_weight: u64,
    women_weight: u64,
}

/// The county that the municipalities make up.
const COUNTY: (&str, &str) = ("23", "Jämtlands län");

/// One file a year, `befolkning_<year>.json`.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let municipalities: Vec<Municipality> = totals(
        "population_municipalities.csv",
        include_str!("../totals/population_municipalities.csv"),
    )?;
    let ages: Vec<Age> =
        totals("population_ages.csv", include_str!("../totals/population_ages.csv"))?;
    let mut years: BTreeMap<u16, Vec<Municipality>> = BTreeMap::new();
    for row in municipalities {
        years.entry(row.year).or_default().push(row);
    }
    let seed = settings.seed;
    let file = |(year, rows): (u16, Vec<Municipality>)| {
        let ages = ages.clone();
        DemoFile::new("population", format!("befolkning_{year}.json"), move |sink| {
            serde_json::to_writer(&mut *sink, &answer(year, &rows, &ages, seed))?;
            sink.write_all(b"\n")
        })
    };
    Ok(years.into_iter().map(file).collect())
}

fn answer(year: u16, municipalities: &[Municipality], ages: &[Age], seed: u64) -> Value {
    let regions: Vec<(&str, &str)> = std::iter::once(COUNTY)
        .chain(
            municipalities.iter().map(|one| (one.region_code.as_str(), one.region_name.as_str())),
        )
        .collect();
    let age_labels: Vec<(&str, String)> =
        ages.iter().map(|age| (age.age_code.as_str(), format!("{} år", age.age_code))).collect();
    let year = year.to_string();
    json!({
        "version": "2.0",
        "class": "dataset",
        "label": "Folkmängden efter region, ålder, kön och år (syntetiska uppgifter)",
        "source": "Syntetiska uppgifter i SCB:s format",
        "updated": format!("{}-02-22T07:00:00Z", year.parse::<u16>().unwrap_or(0) + 1),
        "role": {"time": ["Tid"], "metric": ["ContentsCode"]},
        "id": ["Region", "Alder", "Kon", "ContentsCode", "Tid"],
        "size": [regions.len(), ages.len(), 2, 1, 1],
        "dimension": {
            "Region": dimension("region", &regions),
            "Alder": dimension("ålder", &age_labels),
            "Kon": dimension("kön", &[("1", "män"), ("2", "kvinnor")]),
            "ContentsCode": dimension("tabellinnehåll", &[("BE0101N1", "Folkmängd")]),
            "Tid": dimension("år", &[(year.as_str(), year.as_str())]),
        },
        "value": values(municipalities, ages, seed),
    })
}

/// A dimension of a json-stat2 answer: its label, and its codes with theirs in order.
pub(crate) fn dimension<T: AsRef<str>>(label: &str, categories: &[(&str, T)]) -> Value {
    let places =
        categories.iter().enumerate().map(|(at, (code, _))| ((*code).to_owned(), at.into()));
    let labels = categories.iter().map(|(code, label)| ((*code).to_owned(), label.as_ref().into()));
    json!({
        "label": label,
        "category": {
            "index": Value::Object(Map::from_iter(places)),
            "label": Value::Object(Map::from_iter(labels)),
        },
    })
}

/// Flat, the last dimension fastest: for each region, for each age, men then women.
fn values(municipalities: &[Municipality], ages: &[Age], seed: u64) -> Vec<i64> {
    let cells = ages.len() * 2;
    let mut county = vec![0; cells];
    let mut all = Vec::with_capacity(cells * (municipalities.len() + 1));
    for municipality in municipalities {
        // The same stream every year: a municipality keeps its leaning towards old or young.
        let mut random = Random::stream(seed, &["population", &municipality.region_code]);
        let leaning = random.between(-12, 12);
        let middle = ages.len() as i64 / 2;
        let weights: Vec<u64> = ages
            .iter()
            .zip(0..)
            .flat_map(|(age, at)| [(age.men_weight, at), (age.women_weight, at)])
            .map(|(weight, at)| {
                let tilt = 1_000 + leaning * (at - middle) + random.between(-25, 25);
                weight * tilt.max(1) as u64
            })
            .collect();
        let counts = split(municipality.inhabitant_count, &weights);
        for (sum, count) in county.iter_mut().zip(&counts) {
            *sum += count;
        }
        all.extend(counts);
    }
    county.extend(all);
    county
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_county_is_the_sum_of_its_municipalities() {
        let files = files(&Settings { scale: 0.02, seed: 1 }).unwrap();
        assert_eq!(files.len(), 5);
        for file in files {
            let mut bytes = Vec::new();
            (file.write)(&mut bytes).unwrap();
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            let sizes: Vec<usize> = serde_json::from_value(answer["size"].clone()).unwrap();
            let values: Vec<i64> = serde_json::from_value(answer["value"].clone()).unwrap();
            assert_eq!(values.len(), sizes.iter().product::<usize>());
            let (county, parts) = values.split_at(values.len() / sizes[0]);
            assert_eq!(county.iter().sum::<i64>(), parts.iter().sum::<i64>());
            assert!((130_000..134_000).contains(&county.iter().sum::<i64>()));
            assert!(values.iter().all(|&count| count > 0));
        }
    }
}

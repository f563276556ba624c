//! The form in which an office reports an outcome that no system holds.

use crate::dress::{Delimited, Encoding};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Debug, Clone, Deserialize)]
struct Outcome {
    period: String,
    indicator_id: String,
    unit_id: String,
    sex: String,
    numerator: String,
    denominator: String,
    reported_by_role: String,
    reported_date: String,
    source_note: String,
}

/// One file a tertial, `rapporterade_utfall_<period>.csv`.
pub fn files(_settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let outcomes: Vec<Outcome> =
        totals("reported_outcomes.csv", include_str!("../totals/reported_outcomes.csv"))?;
    let mut periods: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
    for row in outcomes {
        periods.entry(row.period.clone()).or_default().push(row);
    }
    let file = |(period, rows): (String, Vec<Outcome>)| {
        DemoFile::new("reported", format!("rapporterade_utfall_{period}.csv"), move |sink| {
            write(&rows, sink)
        })
    };
    Ok(periods.into_iter().map(file).collect())
}

fn write(rows: &[Outcome], sink: &mut dyn Write) -> io::Result<()> {
    let headings = [
        "Nyckeltal",
        "Enhet",
        "Period",
        "Kön",
        "Täljare",
        "Nämnare",
        "Rapporterat av",
        "Rapporterat datum",
        "Källa",
    ];
    let mut table = Delimited::new(sink, Encoding::Utf8, &headings)?;
    for row in rows {
        table.text(&row.indicator_id);
        table.text(&row.unit_id);
        table.text(&row.period);
        table.text(&row.sex);
        table.text(&row.numerator.replace('.', ","));
        table.text(&row.denominator.replace('.', ","));
        table.text(&row.reported_by_role);
        table.text(&row.reported_date);
        table.text(&row.source_note);
        table.end_row()?;
    }
    table.finish()
}

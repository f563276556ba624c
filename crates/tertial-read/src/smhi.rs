//! SMHI's meteorological observations, CSV with its preamble or JSON: one row per value.
//!
//! `from`, `to` and `ref_date` are UTC. An observation of a moment has the moment in both `from` and
//! `to` and its day as `ref_date`.

use crate::batch::{BatchBuilder, part, wanted};
use crate::cube::value_type;
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::json::document;
use crate::json::scan::Value;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use std::sync::Arc;
use tertial_model::{
    Code, ColumnType, Diagnostic, Excerpt, Location, Parts, Place, ReadSummary, TextBatch,
};

/// Opens a file of observations.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let (text, decision) = input.read_text(options)?;
    let mut summary = summary_of(&decision);
    let parts = parts();
    wanted(&parts, options)?;
    let batches = if text.trim_start().starts_with('{') {
        json_rows(&text, &mut summary, options)?
    } else {
        csv_rows(&text, &mut summary, options)?
    };
    Ok(Prepared::open(parts, batches, summary, options))
}

fn parts() -> Parts {
    use ColumnType::Text;
    Arc::new([part(
        "",
        &[
            ("from", Text),
            ("to", Text),
            ("ref_date", Text),
            ("value", value_type(None)),
            ("quality", Text),
        ],
    )])
}

fn json_rows(
    text: &str,
    summary: &mut ReadSummary,
    options: &ReadOptions,
) -> Result<Vec<TextBatch>, Box<Diagnostic>> {
    let root = document(text, options)?;
    let Some(Value::Array(values)) = root.get("value") else {
        let found = "a description without `value`";
        let hint = "fetch `…/period/…/data.json` or `data.csv`";
        return Err(Box::new(not_agreed(options, found).with_hint(hint)));
    };
    for (name, value) in
        [("station", "name"), ("parameter", "name"), ("parameter", "unit"), ("period", "key")]
    {
        if let Some(text) = root.get(name).and_then(|object| object.get(value)?.cell()) {
            let name = if value == "unit" { "unit" } else { name };
            summary.facts.push((name.to_owned(), text.into_owned()));
        }
    }
    if let Some(updated) = root.get("updated").and_then(moment) {
        summary.facts.push(("updated".to_owned(), updated));
    }
    let place = Place::Cube { key: vec![0, 2] };
    let mut builder = BatchBuilder::new(0, 5, place, &options.limits);
    let mut batches = Vec::new();
    for value in values {
        let date = value.get("date").and_then(moment);
        let from = value.get("from").and_then(moment).or_else(|| date.clone());
        let to = value.get("to").and_then(moment).or_else(|| date.clone());
        let day = date.as_deref().and_then(|date| date.get(..10));
        let reference = value.get("ref").and_then(Value::as_text).or(day);
        let figure = value.get("value").and_then(Value::cell);
        let quality = value.get("quality").and_then(Value::as_text);
        let texts = [from.as_deref(), to.as_deref(), reference, figure.as_deref(), quality];
        builder.texts(builder.rows + 1, &texts);
        batches.extend(builder.take_full());
    }
    batches.extend(builder.take());
    Ok(batches)
}

/// Milliseconds since 1970 as `2024-08-01 06:00:00`; a text stays.
fn moment(value: &Value<'_>) -> Option<String> {
    let Value::Number(text) = value else { return value.as_text().map(str::to_owned) };
    let seconds = text.parse::<i64>().ok()?.div_euclid(1000);
    let (year, month, day) = civil_date(seconds.div_euclid(86_400));
    let time = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

/// The Gregorian date of a number of days since 1970-01-01 (H. Hinnant's algorithm: years begin in
/// March, so that the leap day comes last).
fn civil_date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Where the columns of the table stand.
struct Columns {
    from: usize,
    /// The time of day, when the date stands apart.
    time: Option<usize>,
    to: Option<usize>,
    reference: Option<usize>,
    value: usize,
    quality: usize,
}

impl Columns {
    /// The columns of a heading line; none for a line of the preamble.
    fn read(line: &str) -> Option<Columns> {
        let names: Vec<&str> = line.split(';').map(str::trim).collect();
        let place = |start: &str| names.iter().position(|name| name.starts_with(start));
        let quality = place("Kvalitet")?;
        let from = place("Från Datum").or_else(|| place("Datum"))?;
        Some(Columns {
            from,
            time: place("Tid (UTC)"),
            to: place("Till Datum"),
            reference: place("Representati"),
            value: quality.checked_sub(1)?,
            quality,
        })
    }
}

fn csv_rows(
    text: &str,
    summary: &mut ReadSummary,
    options: &ReadOptions,
) -> Result<Vec<TextBatch>, Box<Diagnostic>> {
    let mut lines = text.lines().zip(1_u64..);
    let mut preamble: Vec<&str> = Vec::new();
    let found = lines.find_map(|(line, _)| {
        let columns = Columns::read(line);
        if columns.is_none() {
            preamble.push(line);
        }
        columns.map(|columns| (columns, line.split(';').count()))
    });
    let Some((columns, width)) = found else {
        let found = "text without a line of headings such as `Datum;Tid (UTC);…;Kvalitet`";
        return Err(Box::new(not_agreed(options, found)));
    };
    tell_preamble(&preamble, summary);
    let place = Place::Text;
    let mut builder = BatchBuilder::new(0, 5, place, &options.limits);
    let mut batches = Vec::new();
    for (line, number) in lines.filter(|(line, _)| !line.trim_matches([';', ' ']).is_empty()) {
        let fields: Vec<&str> = line.split(';').collect();
        // The last columns hold running comments on the first rows only.
        if fields.len() <= columns.quality {
            let fault = short_row(line, number, fields.len(), width, options);
            builder.texts(number, &[None; 5]);
            builder.fault(fault);
            batches.extend(builder.take_full());
            continue;
        }
        let field = |column: usize| fields.get(column).copied().unwrap_or("");
        let from = match columns.time {
            Some(time) => format!("{} {}", field(columns.from), field(time)),
            None => field(columns.from).to_owned(),
        };
        let to = columns.to.map_or(from.as_str(), field);
        let reference = match columns.reference {
            Some(column) => field(column),
            None => from.get(..10).unwrap_or(&from),
        };
        let texts = [&from, to, reference, field(columns.value), field(columns.quality)];
        builder.texts(number, &texts.map(Some));
        batches.extend(builder.take_full());
    }
    batches.extend(builder.take());
    Ok(batches)
}

fn short_row(
    line: &str,
    number: u64,
    fields: usize,
    width: usize,
    options: &ReadOptions,
) -> Diagnostic {
    let message = format!("the row has {fields} fields, the headings are {width}");
    let excerpt =
        Excerpt { line: number, text: line.to_owned(), start: 0, length: line.chars().count() };
    Diagnostic::error(Code::WrongFieldCount, message, Location::text(&options.file, number, 1))
        .with_excerpt(excerpt)
        .with_effect("row set aside")
        .with_hint("the file may be cut off; fetch it again")
}

/// Station, parameter and unit stand on the line after their headings.
fn tell_preamble(lines: &[&str], summary: &mut ReadSummary) {
    let names = [
        ("Stationsnamn", "station"),
        ("Parameternamn", "parameter"),
        ("Enhet", "unit"),
        ("Tidsperiod (fr.o.m", "from"),
        ("Tidsperiod (t.o.m", "to"),
    ];
    for pair in lines.windows(2) {
        for (heading, value) in pair[0].split(';').zip(pair[1].split(';')) {
            let name = names.iter().find(|(known, _)| heading.trim().starts_with(known));
            if let Some((_, name)) = name {
                summary.facts.push(((*name).to_owned(), value.trim().to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_bytes;
    use proptest::prelude::*;
    use tertial_model::pipeline::Format;

    fn read(text: &str) -> Result<(Vec<String>, ReadSummary), Box<Diagnostic>> {
        let options = ReadOptions::new(Format::Smhi, "frosn.csv");
        let mut reader = open_bytes(text.as_bytes().to_vec(), &options)?;
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            rows.extend((0..batch.rows()).map(|row| batch.raw_row(row)));
        }
        Ok((rows, reader.finish()))
    }

    #[test]
    fn the_daily_mean_has_a_span_and_a_day() {
        let (rows, summary) = read("\u{feff}Stationsnamn;Stationsnummer\nFrösön;134110\n\n\
Parameternamn;Beskrivning;Enhet\nLufttemperatur;medelvärde 1 dygn;celsius\n\n\
Från Datum Tid (UTC);Till Datum Tid (UTC);Representativt dygn;Lufttemperatur;Kvalitet;;Tidsutsnitt:\n\
2024-01-01 00:00:01;2024-01-02 00:00:00;2024-01-01;-12.3;G;;Kvalitetskontrollerade\n\
2024-01-02 00:00:01;2024-01-03 00:00:00;2024-01-02;-10.0;Y;;\nkort;rad\n").unwrap();
        assert_eq!(rows[0], "2024-01-01 00:00:01;2024-01-02 00:00:00;2024-01-01;-12.3;G");
        assert_eq!(rows.len(), 3);
        let facts: Vec<String> = summary.facts.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(facts, ["station=Frösön", "parameter=Lufttemperatur", "unit=celsius"]);
    }

    #[test]
    fn a_moment_is_its_own_span() {
        let (rows, _) = read(
            "Datum;Tid (UTC);Lufttemperatur;Kvalitet;;Tidsutsnitt:\n2013-01-01;00:00:00;5.3;Y;;x\n",
        )
        .unwrap();
        assert_eq!(rows, ["2013-01-01 00:00:00;2013-01-01 00:00:00;2013-01-01;5.3;Y"]);
    }

    #[test]
    fn json_moments_are_written_out() {
        let text = r#"{"value": [{"from": 1704067201000, "to": 1704153600000, "ref": "2024-01-01", "value": "-12.3", "quality": "G"},
            {"date": 1356998400000, "value": "5.3", "quality": "Y"}], "station": {"name": "Frösön"}, "updated": 951782400000}"#;
        let (rows, summary) = read(text).unwrap();
        assert_eq!(rows[0], "2024-01-01 00:00:01;2024-01-02 00:00:00;2024-01-01;-12.3;G");
        assert_eq!(rows[1], "2013-01-01 00:00:00;2013-01-01 00:00:00;2013-01-01;5.3;Y");
        assert_eq!(summary.facts[1], ("updated".to_owned(), "2000-02-29 00:00:00".to_owned()));
        assert_eq!(read(r#"{"key": "1"}"#).unwrap_err().code.name(), "T0102");
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = read(&text);
            let _ = read(&format!("Datum;Tid (UTC);x;Kvalitet\n{text}"));
        }
    }
}

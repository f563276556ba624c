//! What a column of texts seems to hold: every value must fit, one that does not makes it text.
//!
//! Polars does the looking: regular expressions over the column, and the cast that proves the guess.

use crate::civic;
use polars::prelude::*;
use serde::Serialize;
use tertial_model::heading::period_of;
use tertial_model::{ColumnType, Decimal, Month};

/// Texts that sources write where there is no value.
const MISSING_TEXTS: [&str; 12] =
    ["-", "–", "..", ".", "*", "NULL", "null", "NA", "N/A", "#N/A", "#SAKNAS!", "saknas"];
/// Ends of headings whose digits are names, not amounts.
const CODE_WORDS: [&str; 27] = [
    "kod",
    "nr",
    "nummer",
    "id",
    "konto",
    "ansvar",
    "enhet",
    "avdelning",
    "projekt",
    "motpart",
    "code",
    "verksamhet",
    "objekt",
    "aktivitet",
    "kst",
    "kostnadsstalle",
    "kombika",
    "vht",
    "nyckel",
    "artikel",
    "faktura",
    "order",
    "befattning",
    "yrke",
    "kommun",
    "klinik",
    "kund",
];
/// Words of headings whose eight digits are days.
const DAY_WORDS: [&str; 6] = ["datum", "dag", "date", "day", "fran", "till"];
/// Words of headings whose six digits are months, beside those that name the month itself.
const MONTH_WORDS: [&str; 3] = ["period", "ar_man", "arman"];
/// Starts of headings whose noughts and ones are counts.
const COUNT_WORDS: [&str; 4] = ["antal", "summa", "belopp", "count"];
/// How large a share of the different values must be right for a column of civic numbers.
const CIVIC_SHARE: f64 = 0.8;

const BLANK: &str = "[ \u{a0}\u{202f}]";
const MINUS: &str = "[-\u{2212}\u{2013}]";

/// The type proposed for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    /// Whole numbers.
    Integer,
    /// Numbers with decimals.
    Decimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the mark.
        scale: u8,
        /// `,` or `.`.
        mark: char,
    },
    /// Days.
    Date,
    /// Months.
    Month,
    /// Yes or no.
    Boolean,
    /// Swedish civic numbers.
    CivicNumber,
    /// Anything else, codes of digits included.
    Text,
}

impl Kind {
    /// The type in a contract.
    pub fn column_type(self) -> ColumnType {
        match self {
            Kind::Integer => ColumnType::Integer,
            Kind::Decimal { precision, scale, .. } => ColumnType::Decimal { precision, scale },
            Kind::Date => ColumnType::Date,
            Kind::Month => ColumnType::Month,
            Kind::Boolean => ColumnType::Boolean,
            Kind::CivicNumber | Kind::Text => ColumnType::Text,
        }
    }

    /// The decimal mark, where there is one.
    pub fn mark(self) -> Option<char> {
        if let Kind::Decimal { mark, .. } = self { Some(mark) } else { None }
    }

    /// A value in machine form.
    pub(crate) fn show(self, value: &AnyValue<'_>) -> String {
        match value {
            AnyValue::Decimal(units, _, scale) => {
                Decimal::new(*units, u8::try_from(*scale).unwrap_or(0)).to_string()
            }
            AnyValue::String(text) => (*text).to_owned(),
            AnyValue::StringOwned(text) => text.to_string(),
            AnyValue::Int64(value) => value.to_string(),
            AnyValue::Date(_) if self == Kind::Month => value.to_string()[..7].to_owned(),
            other => other.to_string(),
        }
    }
}

/// A column read as what it seems to be.
pub(crate) struct Reading {
    pub kind: Kind,
    /// The typed values; texts where the kind is a text.
    pub values: Series,
    /// Texts that stand for no value.
    pub missing_texts: Vec<String>,
    pub notes: Vec<String>,
}

/// Reads a trimmed column. When a few known texts for "no value" are all that keeps it from being
/// something better than text, they are taken as such.
pub(crate) fn read(heading: &str, texts: &StringChunked) -> PolarsResult<Reading> {
    let mut reading = fit(heading, texts)?;
    let is_empty = texts.null_count() == texts.len();
    if reading.kind != Kind::Text || is_empty {
        return Ok(reading);
    }
    let found: Vec<String> = MISSING_TEXTS
        .iter()
        .filter(|missing| texts.equal(**missing).any())
        .map(|missing| (*missing).to_owned())
        .collect();
    if !found.is_empty() {
        let without = texts
            .apply(|text| text.filter(|text| !found.iter().any(|m| m == text)).map(Into::into));
        let better = fit(heading, &without)?;
        if better.kind != Kind::Text && without.null_count() < without.len() {
            return Ok(Reading { missing_texts: found, ..better });
        }
    }
    const UNIT: &str =
        "(?:%|‰|kr|tkr|mkr|mdkr|tusen|miljoner|miljarder|EUR|USD|GBP|NOK|DKK|kg|ton|kWh|MWh|GWh)";
    let number = "[-−]?[0-9][0-9 .,\u{a0}]*";
    if all(texts, &format!("^{number} ?{UNIT}?$"))?
        && texts.contains(&format!(" ?{UNIT}$"), true)?.any()
    {
        reading.notes.push(
            "numbers, some with a unit: give the column a number type, and state what it holds as tertial.unit".to_owned(),
        );
    }
    if all(texts, r"^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}$")? {
        reading.notes.push("looks like days in a form that can be read in two ways".to_owned());
    }
    Ok(reading)
}

fn fit(heading: &str, texts: &StringChunked) -> PolarsResult<Reading> {
    let plain =
        |kind, values| Reading { kind, values, missing_texts: Vec::new(), notes: Vec::new() };
    let text = |kind| plain(kind, texts.clone().into_series());
    if texts.null_count() == texts.len() {
        return Ok(text(Kind::Text));
    }
    let different = texts.unique()?;
    let mut different: Vec<&str> = different.iter().flatten().collect();
    different.sort_unstable();
    if are_civic(heading, &different) {
        return Ok(text(Kind::CivicNumber));
    }
    if are_truths(heading, &different) {
        return Ok(text(Kind::Boolean));
    }
    let bare = |length: usize| {
        let digits = |text: &&str| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        different.iter().all(digits)
    };
    // Words of months name themselves; digits are what their heading says they are.
    let named = different.iter().all(|text| !text.starts_with(|c: char| c.is_ascii_digit()));
    let other = period_of(heading).filter(|period| *period != "month" && !named);
    let says_month = period_of(heading) == Some("month") || has_word(heading, &MONTH_WORDS);
    if let Some(other) = other
        && (bare(6) || different.iter().all(|text| month_of(text).is_some()))
    {
        let mut reading = text(Kind::Text);
        reading
            .notes
            .push(format!("the heading says {other}: kept as text, for these are no months"));
        return Ok(reading);
    }
    let are_months = different.iter().all(|text| month_of(text).is_some());
    let is_code = is_code(heading) && !says_month;
    let is_month = are_months && (named || says_month || !bare(6) && !is_code);
    let mut unsure = None;
    if are_months && !is_month {
        unsure = Some("six digits that could be months (ÅÅÅÅMM), but the heading does not say so");
    }
    if is_month {
        let days = texts.apply(|text| Some(format!("{}-01", month_of(text?)?).into()));
        return Ok(plain(Kind::Month, days.as_date(Some("%Y-%m-%d"), true)?.into_series()));
    }
    let is_counted = COUNT_WORDS.iter().any(|word| crate::identifier(heading).starts_with(word));
    let says_day = has_word(heading, &DAY_WORDS);
    let may_be_days = !bare(8) || says_day || says_month || !is_code && !is_counted;
    if let Some(days) = days(texts)?.filter(|_| may_be_days) {
        let first_days = different.len() > 1
            && !says_day
            && other.is_none()
            && all(texts, r"^[0-9]{4}-?[0-9]{2}-?01(?:[T ]|$)")?;
        return Ok(plain(if first_days { Kind::Month } else { Kind::Date }, days));
    }
    if let Some(mut reading) = numbers(texts)? {
        if reading.kind == Kind::Integer && is_code {
            reading = text(Kind::Text);
            reading.notes.push("digits that seem to be a code, kept as text".to_owned());
        } else if let Some(unsure) = unsure {
            reading.notes.push(unsure.to_owned());
        }
        return Ok(reading);
    }
    Ok(text(Kind::Text))
}

/// Whether every present text matches.
fn all(texts: &StringChunked, pattern: &str) -> PolarsResult<bool> {
    Ok(texts.contains(pattern, true)?.all())
}

fn are_civic(heading: &str, different: &[&str]) -> bool {
    if !different.iter().all(|text| civic::has_form(text)) {
        return false;
    }
    let right = different.iter().filter(|text| civic::is_civic(text)).count();
    right as f64 >= CIVIC_SHARE * different.len() as f64 || civic::names_a_person(heading)
}

/// Pairs of yes and no in any case; nought and one only when both occur and nothing is counted.
fn are_truths(heading: &str, different: &[&str]) -> bool {
    let mut words: Vec<String> = different.iter().map(|text| text.to_lowercase()).collect();
    words.sort();
    words.dedup();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let heading = crate::identifier(heading);
    match words[..] {
        ["0", "1"] => !COUNT_WORDS.iter().any(|word| heading.starts_with(word)),
        ["j", "n"] | ["ja", "nej"] | ["false", "true"] | ["falskt", "sant"] => true,
        ["ja"] | ["nej"] | ["true"] | ["false"] | ["sant"] | ["falskt"] => true,
        _ => false,
    }
}

/// `2024-08`, `202408`, `2024M08` or `augusti 2024`.
fn month_of(text: &str) -> Option<Month> {
    if let Some(month) = Month::parse(text) {
        // Six digits could be any number; only our own times are taken for months.
        let ours = text.len() > 6 || (1970..=2069).contains(&month.year());
        return ours.then_some(month);
    }
    let (name, year) = text.rsplit_once(' ')?;
    let (name, year) = (name.trim_end_matches('.').to_lowercase(), year.parse().ok()?);
    let months = (1..=12).filter_map(|number| Month::new(year, number));
    let mut months = months.filter(|month| name.len() >= 3 && month.label().starts_with(&name));
    months.next()
}

fn days(texts: &StringChunked) -> PolarsResult<Option<Series>> {
    let dashed = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$";
    let format = if all(texts, dashed)? {
        "%Y-%m-%d"
    } else if all(texts, "^(?:19|20)[0-9]{6}$")? {
        "%Y%m%d"
    } else {
        return Ok(None);
    };
    let days = texts.replace_all("[T ].*$", "")?.as_date(Some(format), true)?;
    Ok((days.null_count() == texts.null_count()).then(|| days.into_series()))
}

fn numbers(texts: &StringChunked) -> PolarsResult<Option<Reading>> {
    let whole =
        format!("(?:{MINUS}{BLANK}?)?(?:0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?:{BLANK}[0-9]{{3}})+)");
    let plain = texts.replace_all(BLANK, "")?.replace_all(&format!("^{MINUS}"), "-")?;
    if all(texts, &format!("^{whole}$"))? {
        let reading = |values| Reading {
            kind: Kind::Integer,
            values,
            missing_texts: Vec::new(),
            notes: Vec::new(),
        };
        // More than a bigint holds stays text.
        let values = plain.into_series().cast(&DataType::Int64)?;
        return Ok((values.null_count() == texts.null_count()).then(|| reading(values)));
    }
    for mark in [',', '.'] {
        let escaped = if mark == '.' { r"\." } else { "," };
        if all(texts, &format!("^{whole}(?:{escaped}[0-9]+)?$"))? {
            return decimals(texts, &plain, mark, escaped);
        }
    }
    Ok(None)
}

fn decimals(
    texts: &StringChunked,
    plain: &StringChunked,
    mark: char,
    escaped: &str,
) -> PolarsResult<Option<Reading>> {
    let longest = |part: StringChunked| part.str_len_chars().max().unwrap_or(0);
    let scale = longest(plain.replace_all(&format!("^[^{mark}]*{escaped}?"), "")?);
    let digits = longest(plain.replace_all(&format!("{escaped}.*$"), "")?.replace_all("-", "")?);
    if scale > 18 || digits + scale > 38 {
        return Ok(None);
    }
    let machine = plain.replace_all(escaped, ".")?.into_series();
    let values = machine.strict_cast(&DataType::Decimal(38, scale as usize))?;
    let precision = if digits + scale <= 18 { 18 } else { 38 };
    let mut notes = Vec::new();
    if mark == '.' && all(texts, r"^[-−–]?[1-9][0-9]{0,2}\.[0-9]{3}$")? {
        notes.push("the points could also part thousands".to_owned());
    }
    let kind = Kind::Decimal { precision, scale: scale as u8, mark };
    Ok(Some(Reading { kind, values, missing_texts: Vec::new(), notes }))
}

/// Whether a heading has one of the words in it, alone or at the end of a word.
fn has_word(heading: &str, words: &[&str]) -> bool {
    let name = crate::identifier(heading);
    let is = |part: &str| words.iter().any(|word| part.ends_with(word) || part.starts_with(word));
    name.split('_').any(is) || words.contains(&name.as_str())
}

fn is_code(heading: &str) -> bool {
    let name = crate::identifier(heading);
    // `Avgångar i tid` ends as `AnstId` does, and is none.
    let is_time = name.ends_with("tid");
    CODE_WORDS.iter().any(|word| name.ends_with(word) && !(is_time && *word == "id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(heading: &str, cells: &[&str]) -> String {
        let texts: StringChunked =
            cells.iter().map(|cell| (!cell.is_empty()).then_some(*cell)).collect();
        let reading = read(heading, &texts).unwrap();
        let bound = |value: PolarsResult<Scalar>| reading.kind.show(value.unwrap().value());
        let (low, high) = (bound(reading.values.min_reduce()), bound(reading.values.max_reduce()));
        format!("{} {low}–{high}", reading.kind.column_type())
    }

    #[test]
    fn numbers() {
        assert_eq!(check("antal", &["12", "− 3", "1 200"]), "bigint -3–1200");
        assert_eq!(
            check("belopp", &["12,5", "-3", "1\u{a0}200,25"]),
            "decimal(18,2) -3.00–1200.25"
        );
        assert_eq!(check("belopp", &["12.5", "0.125"]), "decimal(18,3) 0.125–12.500");
        assert_eq!(check("belopp", &["12,5", "12.5"]), "varchar 12,5–12.5");
        assert_eq!(check("belopp", &["0012", "12"]), "varchar 0012–12");
        assert_eq!(
            check("x", &["99999999999999999999"]),
            "varchar 99999999999999999999–99999999999999999999"
        );
        assert_eq!(
            check("x", &["99999999999999999999,5"]),
            "decimal(38,1) 99999999999999999999.5–99999999999999999999.5"
        );
        assert_eq!(check("Konto", &["4011", "5010"]), "varchar 4011–5010");
        assert_eq!(check("timmar", &["1,5", "-", "..", ""]), "decimal(18,1) 1.5–1.5");
    }

    #[test]
    fn days_and_months() {
        assert_eq!(check("datum", &["2024-08-31", "2024-02-29"]), "date 2024-02-29–2024-08-31");
        assert_eq!(check("datum", &["2024-08-31", "2023-02-29"]), "varchar 2023-02-29–2024-08-31");
        assert_eq!(check("datum", &["20240831", "20240901"]), "date 2024-08-31–2024-09-01");
        assert_eq!(check("datum", &["2024-08-31 00:00:00"]), "date 2024-08-31–2024-08-31");
        assert_eq!(check("månad", &["2024-08-01", "2024-09-01"]), "month 2024-08–2024-09");
        assert_eq!(check("månad", &["202408", "202412"]), "month 2024-08–2024-12");
        assert_eq!(check("belopp", &["202408", "202413"]), "bigint 202408–202413");
        assert_eq!(check("månad", &["Augusti 2024", "jan. 2025"]), "month 2024-08–2025-01");
        assert_eq!(check("datum", &["31/8/2024"]), "varchar 31/8/2024–31/8/2024");
    }

    #[test]
    fn a_heading_beats_a_guess() {
        let kind = |heading: &str, cells: &[&str]| {
            let texts: StringChunked = cells.iter().map(|cell| Some(*cell)).collect();
            let reading = read(heading, &texts).unwrap();
            (reading.kind, reading.notes.join("; "))
        };
        let six = ["201001", "201002", "201011"];
        for heading in ["Ansvar", "AID", "Konto", "Verksamhet", "Objektnr", "Kst"] {
            assert_eq!(kind(heading, &six).0, Kind::Text, "{heading}");
        }
        for heading in ["Vecka", "ISO-vecka", "Week", "Kvartal", "Tertial"] {
            let (kind, notes) = kind(heading, &["202401", "202402", "202452"]);
            assert_eq!(kind, Kind::Text, "{heading}");
            assert!(notes.contains("the heading says"), "{notes}");
        }
        assert_eq!(kind("Vecka", &["2024-01", "2024-02"]).0, Kind::Text);
        for heading in ["Månad", "Period", "Redovisningsperiod", "År_mån", "ÅÅÅÅMM", "År-månad"]
        {
            assert_eq!(kind(heading, &six).0, Kind::Month, "{heading}");
        }
        let (unknown, notes) = kind("Kolumn1", &six);
        assert_eq!(unknown, Kind::Integer);
        assert!(notes.contains("could be months"), "{notes}");
        assert_eq!(kind("Belopp", &six).0, Kind::Integer);
        assert_eq!(kind("Avgångar i tid", &["269", "392"]).0, Kind::Integer);
        let eight = ["20240101", "20240215"];
        assert_eq!(kind("Konto", &eight).0, Kind::Text);
        assert_eq!(kind("Belopp", &eight).0, Kind::Integer);
        assert_eq!(kind("Datum", &eight).0, Kind::Date);
        assert_eq!(kind("Från", &eight).0, Kind::Date);
        assert_eq!(kind("Fakturadatum", &["2024-01-01", "2024-02-01"]).0, Kind::Date);
        assert_eq!(kind("Vecka", &["Augusti 2024"]).0, Kind::Month);
    }

    #[test]
    fn truths() {
        let kind = |heading: &str, cells: &[&str]| {
            let texts: StringChunked = cells.iter().map(|cell| Some(*cell)).collect();
            read(heading, &texts).unwrap().kind
        };
        assert_eq!(kind("chef", &["J", "n", "N"]), Kind::Boolean);
        assert_eq!(kind("chef", &["1", "0"]), Kind::Boolean);
        assert_eq!(kind("Antal chefer", &["1", "0"]), Kind::Integer);
        assert_eq!(kind("chef", &["1"]), Kind::Integer);
        assert_eq!(kind("kön", &["K", "M"]), Kind::Text);
    }

    #[test]
    fn civic_numbers_are_known_by_their_check_digit_or_their_heading() {
        let kind = |heading: &str, cells: &[&str]| {
            let texts: StringChunked = cells.iter().map(|cell| Some(*cell)).collect();
            read(heading, &texts).unwrap().kind
        };
        assert_eq!(kind("nummer", &["121212-1212", "701063-2391"]), Kind::CivicNumber);
        assert_eq!(kind("Personnr", &["121212-1213"]), Kind::CivicNumber);
        assert_eq!(kind("Orgnr", &["5560360793", "2321000214"]), Kind::Text);
    }

    #[test]
    fn a_column_without_values_is_text() {
        let texts: StringChunked = [None::<&str>, None].into_iter().collect();
        let reading = read("x", &texts).unwrap();
        assert_eq!((reading.kind, reading.notes.len()), (Kind::Text, 0));
    }
}

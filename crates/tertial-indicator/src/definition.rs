//! An indicator's definition: the TOML beside its SQL, read strictly and completely.
//!
//! The file is walked by hand over TOML's spanned tree, because a person must see every fault of a
//! file in one run: unknown fields, wrong types, missing and empty texts, each with line and column.
//! Faults of form are T0502, faults of content T0506. What a definition's numbers mean is decided
//! elsewhere ([`crate::status`], [`crate::target`]).

use crate::place::locate;
use crate::series::SeriesKind;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use tertial_model::{Code, Decimal, Diagnostic, Location};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What one indicator is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Definition {
    /// `area__what_unit`, the file's name without ending.
    pub id: String,
    /// Swedish name.
    pub name: String,
    /// Unit of the value, `%`; empty for a bare number.
    pub unit: String,
    /// value = numerator / denominator × factor.
    pub factor: Decimal,
    /// Decimals when printed.
    pub decimals: u8,
    /// Which way is better.
    pub direction: Direction,
    /// How often a value exists.
    pub frequency: Frequency,
    /// How values of successive periods relate to each other.
    pub series: SeriesKind,
    /// Whether the months follow the calendar, so that limits need the season taken out.
    pub seasonal: bool,
    /// What it measures, in full.
    pub measures: String,
    /// One sentence for the public.
    pub kort: String,
    /// What a reader should know.
    pub viktigt: Vec<String>,
    /// What is done to the data on the way.
    pub bearbetning: String,
    /// Role that answers for it.
    pub responsible: String,
    /// Where the data comes from.
    pub source: String,
    /// Kolada's id of the same measure.
    pub kolada: Option<String>,
    /// How attainment is worked out.
    pub attainment_form: AttainmentForm,
    /// Where the way to the target began; only with the form `distance`.
    pub start_value: Option<Decimal>,
    /// Hide when this many persons or fewer stand behind a value.
    pub suppress_max: Option<u32>,
    /// Whether the rows with a breakdown together make the row without, so that a hidden one could be
    /// worked out from the others.
    pub breakdowns_add_up: bool,
    /// Raw tables whose months are counted; empty for reported outcomes.
    pub completeness: Vec<String>,
    /// Raw tables to which every unit reports each month, so that a silent unit is missed.
    pub reported_by_units: Vec<String>,
    /// Whether the outcome comes from the reporting form.
    pub reported: bool,
    /// How units are shown beside each other; none when they are not.
    pub units: Option<UnitComparison>,
    /// Standard population that makes units of different age mix comparable; the breakdowns of the
    /// query are then its age groups.
    pub standard_population: Option<String>,
    /// Share of the asked that must have answered, in per cent; below it nothing is judged.
    pub response_rate_min: Option<Decimal>,
    /// Until when a value is preliminary, in words.
    pub preliminary_until: Option<String>,
    /// The method's versions, oldest first.
    pub versions: Vec<MethodVersion>,
}

/// How units of an indicator are shown beside each other; never ranked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitComparison {
    /// In what form.
    pub form: UnitForm,
    /// Level of the units in the organisation, or `breakdown` when the query's breakdowns are units.
    pub of: String,
    /// What numerator and denominator count.
    pub counts: UnitCounts,
}

/// In what form units are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitForm {
    /// Around the total of all units, between limits that follow from each unit's size.
    Funnel,
    /// Each with its own interval.
    Interval,
}

/// What numerator and denominator count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitCounts {
    /// Some of the same: persons among persons, rows among rows.
    Shares,
    /// Events among persons or over time.
    Events,
    /// Hours, money and other amounts: no count, so limits are drawn with overdispersion or not at all.
    Amounts,
}

/// One version of the method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodVersion {
    /// Running number from 1.
    pub number: u32,
    /// First day it holds, `2024-01-01`.
    pub valid_from: String,
    /// Why it was made.
    pub reason: String,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither.
    None,
}

/// How often a value exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// At each tertial.
    Tertial,
    /// Once a year.
    Year,
}

/// How attainment is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttainmentForm {
    /// Outcome against target as a share.
    Ratio,
    /// The target is met or not; no share.
    Comparison,
    /// Share of the way from the start value to the target.
    Distance,
}

impl Definition {
    /// Reads a definition; every fault of the file comes back.
    pub fn parse(file: &str, text: &str) -> Result<Definition, Vec<Diagnostic>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors.iter().map(|error| syntax_fault(file, text, error)).collect());
        }
        let span = 0..0;
        let mut form = Form { file, text, faults: Vec::new() };
        let definition = read(&mut form, &Fields { table: root.get_ref(), span, path: "" });
        form.faults.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        if form.faults.is_empty() { Ok(definition) } else { Err(form.faults) }
    }

    /// The version of the method in force on a day (`2024-08-31`); none before the first.
    pub fn version_on(&self, day: &str) -> Option<&MethodVersion> {
        self.versions.iter().rev().find(|version| version.valid_from.as_str() <= day)
    }
}

const FIELDS: [&str; 29] = [
    "name",
    "unit",
    "factor",
    "decimals",
    "direction",
    "frequency",
    "series",
    "seasonal",
    "measures",
    "kort",
    "viktigt",
    "bearbetning",
    "responsible",
    "source",
    "kolada",
    "attainment_form",
    "start_value",
    "suppress_max",
    "breakdowns_add_up",
    "completeness",
    "reported_by_units",
    "reported",
    "units",
    "units_of",
    "units_count",
    "standard_population",
    "response_rate_min",
    "preliminary_until",
    "version",
];

fn read(form: &mut Form, fields: &Fields) -> Definition {
    form.refuse_unknown(fields, &FIELDS);
    let id = form.id();
    let one_of = |form: &mut Form, key, words: &[&str], default| {
        form.word(fields, key, words, default).unwrap_or(0)
    };
    let direction = one_of(form, "direction", &["higher", "lower", "none"], None);
    let frequency = one_of(form, "frequency", &["tertial", "year"], None);
    let series = one_of(form, "series", &["plain", "cumulative", "rolling", "change"], Some(0));
    let attainment = one_of(form, "attainment_form", &["ratio", "comparison", "distance"], Some(0));
    let attainment_form =
        [AttainmentForm::Ratio, AttainmentForm::Comparison, AttainmentForm::Distance][attainment];
    let start_value = form.decimal(fields, "start_value", None);
    if (attainment_form == AttainmentForm::Distance) != start_value.is_some() {
        form.content(
            fields,
            "start_value",
            "`start_value` and `attainment_form = \"distance\"` belong together",
            "both or neither",
        );
    }
    let units = units(form, fields);
    Definition {
        id,
        name: form.required_text(fields, "name"),
        unit: form.text(fields, "unit").unwrap_or_else(|| form.missing(fields, "unit")),
        factor: form.factor(fields),
        decimals: form
            .whole(fields, "decimals", 0..=6)
            .map_or_else(|| form.missing_number(fields, "decimals"), |number| number as u8),
        direction: [Direction::Higher, Direction::Lower, Direction::None][direction],
        frequency: [Frequency::Tertial, Frequency::Year][frequency],
        series: [
            SeriesKind::Plain,
            SeriesKind::Cumulative,
            SeriesKind::Rolling,
            SeriesKind::Change,
        ][series],
        seasonal: form.boolean(fields, "seasonal").unwrap_or(false),
        measures: form.required_text(fields, "measures"),
        kort: form.required_text(fields, "kort"),
        viktigt: form.required_texts(fields, "viktigt"),
        bearbetning: form.required_text(fields, "bearbetning"),
        responsible: form.required_text(fields, "responsible"),
        source: form.required_text(fields, "source"),
        kolada: form.text(fields, "kolada").filter(|text| !text.is_empty()),
        attainment_form,
        start_value,
        suppress_max: form.whole(fields, "suppress_max", 0..=1_000_000).map(|n| n as u32),
        breakdowns_add_up: form.boolean(fields, "breakdowns_add_up").unwrap_or(false),
        completeness: form.texts(fields, "completeness").unwrap_or_default(),
        reported_by_units: form.texts(fields, "reported_by_units").unwrap_or_default(),
        reported: form.boolean(fields, "reported").unwrap_or(false),
        units,
        standard_population: form.text(fields, "standard_population").filter(|t| !t.is_empty()),
        response_rate_min: form.decimal(fields, "response_rate_min", None),
        preliminary_until: form.text(fields, "preliminary_until").filter(|t| !t.is_empty()),
        versions: form.versions(fields),
    }
}

/// `units`, `units_of` and `units_count`: all of them or none.
fn units(form: &mut Form, fields: &Fields) -> Option<UnitComparison> {
    const KEYS: [&str; 3] = ["units", "units_of", "units_count"];
    let given: Vec<&str> = KEYS.into_iter().filter(|key| fields.get(key).is_some()).collect();
    let first = given.first()?;
    if given.len() < KEYS.len() {
        let message = "`units`, `units_of` and `units_count` belong together";
        form.content(fields, first, message, "all three or none");
        return None;
    }
    let shown = form.word(fields, "units", &["funnel", "interval"], None)?;
    let of = form.required_text(fields, "units_of");
    let counts = form.word(fields, "units_count", &["shares", "events", "amounts"], None)?;
    Some(UnitComparison {
        form: [UnitForm::Funnel, UnitForm::Interval][shown],
        of,
        counts: [UnitCounts::Shares, UnitCounts::Events, UnitCounts::Amounts][counts],
    })
}

/// A table being read, with its name for messages and its place.
struct Fields<'a, 'i> {
    table: &'a DeTable<'i>,
    span: Range<usize>,
    /// `version[2].`, or empty for the root.
    path: &'a str,
}

impl<'a, 'i> Fields<'a, 'i> {
    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }
}

/// The file, and the faults found so far.
struct Form<'a> {
    file: &'a str,
    text: &'a str,
    faults: Vec<Diagnostic>,
}

impl Form<'_> {
    fn fault(&mut self, code: Code, message: String, span: Range<usize>) -> &mut Diagnostic {
        let fault = if span == (0..0) {
            Diagnostic::error(code, message, Location::file(self.file))
        } else {
            let (location, excerpt) = locate(self.file, self.text, span);
            Diagnostic::error(code, message, location).with_excerpt(excerpt)
        };
        self.faults.push(fault);
        self.faults.last_mut().expect("just pushed")
    }

    /// The id is the file's name; a name that is no id is a fault of the file.
    fn id(&mut self) -> String {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or(self.file);
        let id = name.strip_suffix(".toml").unwrap_or(name);
        let plain = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let sound = id.split_once("__").is_some_and(|(area, what)| plain(area) && plain(what));
        if !sound {
            let fault = self.fault(Code::T0506, format!("`{id}` is not an indicator id"), 0..0);
            fault.expected = Some("`area__what_unit`, e.g. `hr__turnover_pct.toml`".into());
        }
        id.to_owned()
    }

    fn refuse_unknown(&mut self, fields: &Fields, known: &[&str]) {
        for key in fields.table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let message = format!("`{}{name}` is not a field of a definition", fields.path);
                let fault = self.fault(Code::T0502, message, key.span());
                fault.expected = Some(format!("one of `{}`", known.join("`, `")));
                fault.hints.push("correct the spelling or remove the line".into());
            }
        }
    }

    fn wrong_type(&mut self, fields: &Fields, key: &str, value: &Spanned<DeValue>, wanted: &str) {
        let message = format!("`{}{key}` is not {wanted}", fields.path);
        let kind = value.get_ref().type_str();
        let fault = self.fault(Code::T0502, message, value.span());
        fault.found = Some(format!("a TOML {kind}"));
        fault.expected = Some(wanted.to_owned());
    }

    fn content(&mut self, fields: &Fields, key: &str, message: &str, expected: &str) {
        let span = fields.get(key).map_or(fields.span.clone(), |value| value.span());
        self.fault(Code::T0506, message.to_owned(), span).expected = Some(expected.to_owned());
    }

    fn missing(&mut self, fields: &Fields, key: &str) -> String {
        if fields.get(key).is_none() {
            let message = format!("`{}{key}` is missing", fields.path);
            let span = fields.span.clone();
            let fault = self.fault(Code::T0506, message, span);
            fault.hints.push(format!("add `{key} = …`"));
        }
        String::new()
    }

    fn missing_number(&mut self, fields: &Fields, key: &str) -> u8 {
        self.missing(fields, key);
        0
    }

    fn text(&mut self, fields: &Fields, key: &str) -> Option<String> {
        let value = fields.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.trim().to_owned()),
            _ => {
                self.wrong_type(fields, key, value, "a text");
                None
            }
        }
    }

    fn required_text(&mut self, fields: &Fields, key: &str) -> String {
        match self.text(fields, key) {
            Some(text) if !text.is_empty() => text,
            Some(_) => {
                let message = format!("`{}{key}` is empty", fields.path);
                self.content(fields, key, &message, "a text for the reader");
                String::new()
            }
            None => self.missing(fields, key),
        }
    }

    fn texts(&mut self, fields: &Fields, key: &str) -> Option<Vec<String>> {
        let value = fields.get(key)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(fields, key, value, "a list of texts");
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str().map(str::trim) {
                Some("") => {
                    let message = format!("`{}{key}` holds an empty text", fields.path);
                    self.fault(Code::T0506, message, item.span());
                }
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong_type(fields, key, item, "a text"),
            }
        }
        Some(texts)
    }

    fn required_texts(&mut self, fields: &Fields, key: &str) -> Vec<String> {
        let before = self.faults.len();
        match self.texts(fields, key) {
            Some(texts) if texts.is_empty() && self.faults.len() == before => {
                let message = format!("`{}{key}` is empty", fields.path);
                self.content(fields, key, &message, "at least one text for the reader");
            }
            Some(texts) => return texts,
            None => {
                self.missing(fields, key);
            }
        }
        Vec::new()
    }

    fn boolean(&mut self, fields: &Fields, key: &str) -> Option<bool> {
        let value = fields.get(key)?;
        let answer = value.get_ref().as_bool();
        if answer.is_none() {
            self.wrong_type(fields, key, value, "true or false");
        }
        answer
    }

    /// The index of the word among `words`; a missing field takes `default` or is a fault.
    fn word(
        &mut self,
        fields: &Fields,
        key: &str,
        words: &[&str],
        default: Option<usize>,
    ) -> Option<usize> {
        if fields.get(key).is_none() {
            if default.is_none() {
                self.missing(fields, key);
            }
            return default;
        }
        let text = self.text(fields, key)?;
        let found = words.iter().position(|word| *word == text);
        if found.is_none() {
            let message = format!("`{}{key}` has no such value as `{text}`", fields.path);
            self.content(fields, key, &message, &format!("one of `{}`", words.join("`, `")));
        }
        found
    }

    /// A number without a detour over floats; also as a text, for decimals that must stay exact.
    fn decimal(&mut self, fields: &Fields, key: &str, default: Option<Decimal>) -> Option<Decimal> {
        let Some(value) = fields.get(key) else { return default };
        let number = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => Decimal::parse(number.as_str()),
            DeValue::Float(number) => Decimal::parse(number.as_str()),
            DeValue::String(text) => Decimal::parse(text),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(fields, key, value, "a decimal number");
        }
        number
    }

    fn factor(&mut self, fields: &Fields) -> Decimal {
        let before = self.faults.len();
        let factor = self.decimal(fields, "factor", None);
        if factor.is_none() && self.faults.len() == before {
            self.missing(fields, "factor");
        }
        if factor.is_some_and(|factor| factor <= Decimal::ZERO) {
            self.content(fields, "factor", "`factor` is not above zero", "e.g. `100` for per cent");
        }
        factor.unwrap_or(Decimal::whole(1))
    }

    fn whole(
        &mut self,
        fields: &Fields,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = fields.get(key)?;
        let number = value.get_ref().as_integer().filter(|number| number.radix() == 10);
        let number: Option<i64> = number.and_then(|number| number.as_str().parse().ok());
        let Some(number) = number else {
            self.wrong_type(fields, key, value, "a whole number");
            return Some(0);
        };
        if !range.contains(&number) {
            let message = format!("`{}{key}` is out of range", fields.path);
            let expected = format!("{} to {}", range.start(), range.end());
            self.content(fields, key, &message, &expected);
            return Some(0);
        }
        Some(number)
    }

    fn versions(&mut self, fields: &Fields) -> Vec<MethodVersion> {
        let Some(value) = fields.get("version") else {
            self.missing(fields, "version");
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array().filter(|items| !items.is_empty()) else {
            self.wrong_type(fields, "version", value, "a list of [[version]] tables");
            return Vec::new();
        };
        let mut versions: Vec<MethodVersion> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(fields, "version", item, "a [[version]] table");
                continue;
            };
            let path = format!("version[{}].", index + 1);
            let fields = Fields { table, span: item.span(), path: &path };
            let version = self.version(&fields);
            if let Some(earlier) = versions.last() {
                let later = version.number > earlier.number
                    && version.valid_from.as_str() > earlier.valid_from.as_str();
                if !later && !version.valid_from.is_empty() && !earlier.valid_from.is_empty() {
                    let message =
                        format!("`version[{}]` does not follow the one before", index + 1);
                    let expected = format!(
                        "a number above {} and a day after {}",
                        earlier.number, earlier.valid_from
                    );
                    self.fault(Code::T0506, message, item.span()).expected = Some(expected);
                }
            }
            versions.push(version);
        }
        versions
    }

    fn version(&mut self, fields: &Fields) -> MethodVersion {
        self.refuse_unknown(fields, &["number", "valid_from", "reason"]);
        let number = match self.whole(fields, "number", 1..=100_000) {
            Some(number) => number as u32,
            None => u32::from(self.missing_number(fields, "number")),
        };
        let valid_from = match fields.get("valid_from").map(|value| value.get_ref()) {
            Some(DeValue::Datetime(day)) => day.to_string(),
            _ => self.required_text(fields, "valid_from"),
        };
        if !valid_from.is_empty() && !is_day(&valid_from) {
            let message = format!("`{}valid_from` is not a day", fields.path);
            self.content(fields, "valid_from", &message, "e.g. `\"2024-01-01\"`");
        }
        MethodVersion { number, valid_from, reason: self.required_text(fields, "reason") }
    }
}

fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length: usize| -> Option<u16> {
        let digits = parts.next()?;
        (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (part(4), part(2), part(2)) else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    parts.next().is_none() && (1..=last).contains(&day)
}

fn syntax_fault(file: &str, text: &str, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let (location, excerpt) = locate(file, text, span);
    let message = format!("the file is not TOML: {}", error.message().replace('\n', ", "));
    Diagnostic::error(Code::T0502, message, location)
        .with_excerpt(excerpt)
        .with_hint("correct the line; nothing else of the file was judged")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOUND: &str = r#"
name = "Sjukfrånvaro"
unit = "%"
factor = 100
decimals = 1
direction = "lower"
frequency = "tertial"
measures = "Sjuktimmar som andel av ordinarie arbetstid."
kort = "Hur stor del av arbetstiden som är sjukfrånvaro."
viktigt = ["Timavlönade ingår inte."]
bearbetning = "Timmar summeras per månad."
responsible = "HR-direktör"
source = "Löne- och HR-systemet"
kolada = "N60030"
suppress_max = 10
completeness = ["hr__worked_time"]
preliminary_until = ""

[[version]]
number = 1
valid_from = "2024-01-01"
reason = "Första metoden."

[[version]]
number = 2
valid_from = 2025-01-01
reason = "Ny definition av ordinarie tid."
"#;

    const FILE: &str = "sql/indicator/hr__sick_leave_pct.toml";

    fn faults(text: &str) -> String {
        let faults = Definition::parse(FILE, text).unwrap_err();
        faults.iter().map(Diagnostic::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_sound_definition_is_read_with_its_defaults() {
        let definition = Definition::parse(FILE, SOUND).unwrap();
        assert_eq!(definition.id, "hr__sick_leave_pct");
        assert_eq!(definition.factor, Decimal::whole(100));
        assert_eq!(definition.direction, Direction::Lower);
        assert_eq!(definition.attainment_form, AttainmentForm::Ratio);
        assert_eq!(definition.series, SeriesKind::Plain);
        assert_eq!(definition.preliminary_until, None);
        assert_eq!(definition.version_on("2023-12-31"), None);
        assert_eq!(definition.version_on("2024-08-31").unwrap().number, 1);
        assert_eq!(definition.version_on("2025-01-01").unwrap().number, 2);
    }

    #[test]
    fn every_fault_of_a_file_comes_in_one_run() {
        let text = SOUND
            .replace("direction = \"lower\"", "direction = \"down\"")
            .replace("decimals = 1", "decimals = \"1\"")
            .replace("kort = \"Hur stor del av arbetstiden som är sjukfrånvaro.\"", "kort = \" \"")
            .replace("kolada", "koladda")
            .replace("responsible = \"HR-direktör\"\n", "")
            .replace("2025-01-01", "2023-01-01");
        insta::assert_snapshot!(faults(&text), @r#"
        error[T0506]: `responsible` is missing
           --> sql/indicator/hr__sick_leave_pct.toml

        hint: add `responsible = …`

        error[T0502]: `decimals` is not a whole number
           --> sql/indicator/hr__sick_leave_pct.toml:5:12
            |
          5 | decimals = "1"
            |            ^^^
            = found:    a TOML string
            = expected: a whole number

        error[T0506]: `direction` has no such value as `down`
           --> sql/indicator/hr__sick_leave_pct.toml:6:13
            |
          6 | direction = "down"
            |             ^^^^^^
            = expected: one of `higher`, `lower`, `none`

        error[T0506]: `kort` is empty
           --> sql/indicator/hr__sick_leave_pct.toml:9:8
            |
          9 | kort = " "
            |        ^^^
            = expected: a text for the reader

        error[T0502]: `koladda` is not a field of a definition
           --> sql/indicator/hr__sick_leave_pct.toml:13:1
            |
         13 | koladda = "N60030"
            | ^^^^^^^
            = expected: one of `name`, `unit`, `factor`, `decimals`, `direction`, `frequency`, `series`, `seasonal`, `measures`, `kort`, `viktigt`, `bearbetning`, `responsible`, `source`, `kolada`, `attainment_form`, `start_value`, `suppress_max`, `breakdowns_add_up`, `completeness`, `reported`, `preliminary_until`, `version`

        hint: correct the spelling or remove the line

        error[T0506]: `version[2]` does not follow the one before
           --> sql/indicator/hr__sick_leave_pct.toml:23:1
            |
         23 | [[version]]
            | ^^^^^^^^^^^
            = expected: a number above 1 and a day after 2024-01-01
        "#);
    }

    #[test]
    fn what_the_board_reads_may_not_be_empty() {
        for (field, empty) in [("viktigt", "[]"), ("viktigt", "[\"\"]"), ("bearbetning", "\"\"")] {
            let line = SOUND.lines().find(|line| line.starts_with(field)).unwrap();
            let text = SOUND.replace(line, &format!("{field} = {empty}"));
            let faults = Definition::parse(FILE, &text).unwrap_err();
            assert_eq!(faults.len(), 1, "{field} = {empty}");
            assert_eq!(faults[0].code, Code::T0506);
            assert!(faults[0].location.line().is_some());
        }
    }

    #[test]
    fn broken_toml_names_the_place() {
        let text = SOUND.replace("unit = \"%\"", "unit = \"%");
        insta::assert_snapshot!(faults(&text), @r#"
        error[T0502]: the file is not TOML: invalid basic string, expected `"`
           --> sql/indicator/hr__sick_leave_pct.toml:3:10
            |
          3 | unit = "%
            |          ^

        hint: correct the line; nothing else of the file was judged
        "#);
    }

    #[test]
    fn distance_needs_its_start() {
        let text = format!("attainment_form = \"distance\"\n{SOUND}");
        let faults = Definition::parse(FILE, &text).unwrap_err();
        assert_eq!(faults.len(), 1);
        let text = format!("start_value = -1.5\n{text}");
        let definition = Definition::parse(FILE, &text).unwrap();
        assert_eq!(definition.start_value, Decimal::parse("-1.5"));
    }

    #[test]
    fn days_are_days() {
        for day in ["2024-02-29", "2023-12-31"] {
            assert!(is_day(day), "{day}");
        }
        for day in ["2023-02-29", "2024-13-01", "2024-1-01", "2024-01-01T00:00:00", "", "å"] {
            assert!(!is_day(day), "{day}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = Definition::parse(FILE, &text);
        }

        #[test]
        fn a_damaged_definition_never_panics(at in 0usize..600, junk in "[\\[\\]\"=\\n å0-9{}.,-]{0,4}") {
            let at = (0..=at.min(SOUND.len())).rev().find(|at| SOUND.is_char_boundary(*at)).unwrap();
            let _ = Definition::parse(FILE, &format!("{}{junk}{}", &SOUND[..at], &SOUND[at..]));
        }
    }
}

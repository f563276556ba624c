//! An indicator's definition: the TOML beside its SQL, read strictly and completely.
//!
//! The file is walked by hand over TOML's spanned tree, because a person must see every fault of a
//! file in one run: unknown fields, wrong types, missing and empty texts, each with line and column.
//! Faults of form are T0502, faults of content T0506. What a definition's numbers mean is decided
//! elsewhere ([`crate::status`], [`crate::target`]).

pub(crate) mod form;
#[cfg(test)]
mod tests;
mod units;

use crate::metric::{self, Metric};
use crate::series::SeriesKind;
use form::{Fields, Form, syntax_fault};
use serde::{Deserialize, Serialize};
use tertial_model::{Decimal, Faults, Period};
use toml::de::DeTable;
pub use units::{UnitComparison, UnitCounts, UnitForm};

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
    /// The breakdown whose value is compared with the target in place of the figure itself, where the
    /// figure does not span the time that the target is for: `per tolv månader`.
    pub judged_by: Option<String>,
    /// Hide when this many persons or fewer stand behind a value.
    pub suppress_max: Option<u32>,
    /// Why nothing is hidden although the figure is about persons.
    pub unsuppressed_because: Option<String>,
    /// Whether the rows with a breakdown together make the row without, so that a hidden one could be
    /// worked out from the others.
    pub breakdowns_add_up: bool,
    /// Why a share of persons may tell of few on one of its sides, such as two who are not trained;
    /// none when it may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub few_on_a_side: Option<String>,
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
    /// What is summed; none where the indicator has a query of its own or is reported.
    pub metric: Option<Metric>,
    /// Why the indicator has a query of its own.
    pub own_query: Option<String>,
    /// The method's versions, oldest first.
    pub versions: Vec<MethodVersion>,
}

/// One version of the method.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MethodVersion {
    /// Running number from 1.
    pub number: u32,
    /// First day of the periods it is for, `2024-01-01`.
    pub valid_from: String,
    /// The day it was decided; its first day when nothing else is said. Seen from before, the
    /// version does not exist.
    pub decided_on: Option<String>,
    /// Why it was made.
    pub reason: String,
    /// Whether values before and after cannot be compared.
    pub breaks_series: bool,
    /// The indicator's name in these periods, where it had another.
    pub name: Option<String>,
    /// What it measured in these periods, where that was something else.
    pub measures: Option<String>,
    /// The year a change is measured from.
    pub base_year: Option<i16>,
    /// The value that the plan set out from.
    pub start_value: Option<Decimal>,
}

impl MethodVersion {
    /// The day from which the version is known.
    pub fn known_from(&self) -> &str {
        self.decided_on.as_deref().unwrap_or(&self.valid_from)
    }
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
    pub fn parse(file: &str, text: &str) -> Result<Definition, Faults> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors.iter().map(|error| syntax_fault(file, text, error)).collect());
        }
        let span = 0..0;
        let mut form = Form { file, text, faults: Vec::new() };
        let definition = read(&mut form, &Fields { table: root.get_ref(), span, path: "" });
        form.faults.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        if form.faults.is_empty() { Ok(definition) } else { Err(form.faults.into()) }
    }

    /// The version of the method in force on a day (`2024-08-31`); none before the first.
    pub fn version_on(&self, day: &str) -> Option<&MethodVersion> {
        self.versions.iter().rev().find(|version| version.valid_from.as_str() <= day)
    }

    /// The version that a period is computed by: the one valid in its last month, the first version
    /// for what lies before.
    pub fn version_for(&self, period: Period) -> Option<&MethodVersion> {
        // No month has a day after this one, and texts compare as days do.
        let day = format!("{}-31", period.last_month());
        self.version_on(&day).or_else(|| self.versions.first())
    }

    /// The name that the indicator has in a period.
    pub fn name_for(&self, period: Period) -> &str {
        let own = self.version_for(period).and_then(|version| version.name.as_deref());
        own.unwrap_or(&self.name)
    }

    /// What the indicator measures in a period.
    pub fn measures_for(&self, period: Period) -> &str {
        let own = self.version_for(period).and_then(|version| version.measures.as_deref());
        own.unwrap_or(&self.measures)
    }

    /// The versions that values may not be compared across, earliest first.
    pub fn breaks(&self) -> impl Iterator<Item = &MethodVersion> {
        self.versions.iter().skip(1).filter(|version| version.breaks_series)
    }

    /// The break that parts two periods, the later one when there are several.
    pub fn break_between(&self, one: Period, other: Period) -> Option<&MethodVersion> {
        let number = |period| self.version_for(period).map_or(0, |version| version.number);
        let (first, last) = (number(one).min(number(other)), number(one).max(number(other)));
        self.breaks().filter(|version| first < version.number && version.number <= last).last()
    }

    /// The definition as it was known on a day: without versions that were decided later.
    pub fn known_on(&self, day: &str) -> Definition {
        let mut known = self.clone();
        let mut at = 0;
        known.versions.retain(|version| {
            at += 1;
            at == 1 || version.known_from() <= day
        });
        known
    }
}

const VERSION_FIELDS: [&str; 9] = [
    "number",
    "valid_from",
    "decided_on",
    "reason",
    "breaks_series",
    "name",
    "measures",
    "base_year",
    "start_value",
];

const FIELDS: [&str; 34] = [
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
    "judged_by",
    "suppress_max",
    "unsuppressed_because",
    "breakdowns_add_up",
    "few_on_a_side",
    "completeness",
    "reported_by_units",
    "reported",
    "units",
    "units_of",
    "units_count",
    "standard_population",
    "response_rate_min",
    "preliminary_until",
    "metric",
    "own_query",
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
    let units = units::read(form, fields);
    let suppress_max = form.whole(fields, "suppress_max", 0..=1_000_000).map(|n| n as u32);
    let unsuppressed_because = fields
        .get("unsuppressed_because")
        .is_some()
        .then(|| form.required_text(fields, "unsuppressed_because"));
    if suppress_max.is_some() && unsuppressed_because.is_some() {
        form.content(
            fields,
            "unsuppressed_because",
            "`unsuppressed_because` stands beside `suppress_max`",
            "one of them: small groups are hidden, or it is said why they are not",
        );
    }
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
        judged_by: form.text(fields, "judged_by").filter(|text| !text.is_empty()),
        suppress_max,
        unsuppressed_because,
        breakdowns_add_up: form.boolean(fields, "breakdowns_add_up").unwrap_or(false),
        few_on_a_side: fields
            .get("few_on_a_side")
            .is_some()
            .then(|| form.required_text(fields, "few_on_a_side")),
        completeness: form.texts(fields, "completeness").unwrap_or_default(),
        reported_by_units: form.texts(fields, "reported_by_units").unwrap_or_default(),
        reported: form.boolean(fields, "reported").unwrap_or(false),
        units,
        standard_population: form.text(fields, "standard_population").filter(|t| !t.is_empty()),
        response_rate_min: form.decimal(fields, "response_rate_min", None),
        preliminary_until: form.text(fields, "preliminary_until").filter(|t| !t.is_empty()),
        metric: metric::read(form, fields),
        own_query: form.text(fields, "own_query").filter(|t| !t.is_empty()),
        versions: form.versions(fields),
    }
}

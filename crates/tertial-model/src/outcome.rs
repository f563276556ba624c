//! An indicator's outcome: value with everything that must be said about it.
//!
//! Computed once, by the runner, from a numerator and a denominator that SQL gives; the JSON of
//! `tertial indicators`, the published table `indicator.outcomes` and the report are the same rows.

use crate::{Decimal, Period, Sex, swedish};
use serde::{Deserialize, Serialize};

/// One outcome: an indicator, a unit, a period, a sex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// `area__what_unit`.
    pub id: String,
    /// Swedish name.
    pub name: String,
    /// Unit of the value, `%`.
    pub unit: String,
    /// Decimals when printed.
    pub decimals: u8,
    /// `RJH`, `RS` or a unit's code.
    pub level: String,
    /// The period.
    pub period: Period,
    /// T, K or M.
    pub sex: Sex,
    /// Further breakdown, empty when none.
    pub breakdown: String,
    /// Exact numerator; none when suppressed or missing.
    pub numerator: Option<Decimal>,
    /// Exact denominator; none for plain counts.
    pub denominator: Option<Decimal>,
    /// Unrounded value in `unit`; none when missing or suppressed.
    pub value: Option<f64>,
    /// Why there is no value.
    pub missing: Option<Missing>,
    /// The target that was in force.
    pub target: Option<TargetView>,
    /// Outcome as a share of the target, 1 = met; none where no ratio exists.
    pub attainment: Option<f64>,
    /// The judgement; none where no target aims at this level, sex and breakdown.
    pub status: Option<Status>,
    /// Why that status: rule, version, threshold and unrounded numbers, or the reason for 3 or none.
    pub status_reason: String,
    /// How much of the data has come.
    pub completeness: Completeness,
    /// Deliveries the value was computed from.
    pub source_deliveries: Vec<String>,
    /// Method version of the definition.
    pub method_version: u32,
    /// A reservation that the source states about the value.
    pub mark: Option<OutcomeMark>,
    /// How many answered, where people were asked.
    pub response: Option<Response>,
}

/// A reservation about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeMark {
    /// May still change.
    Preliminary,
    /// Differs from what the source gave before.
    Revised,
    /// Estimated.
    Estimated,
    /// The source's series is broken here.
    Break,
    /// Low reliability.
    Uncertain,
    /// Stated by a responsible role where there are no rows to compute it from.
    Stated,
}

impl OutcomeMark {
    const ALL: [OutcomeMark; 6] = [
        OutcomeMark::Preliminary,
        OutcomeMark::Revised,
        OutcomeMark::Estimated,
        OutcomeMark::Break,
        OutcomeMark::Uncertain,
        OutcomeMark::Stated,
    ];

    /// The name in queries and tables.
    pub fn name(self) -> &'static str {
        match self {
            OutcomeMark::Preliminary => "preliminary",
            OutcomeMark::Revised => "revised",
            OutcomeMark::Estimated => "estimated",
            OutcomeMark::Break => "break",
            OutcomeMark::Uncertain => "uncertain",
            OutcomeMark::Stated => "stated",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<OutcomeMark> {
        OutcomeMark::ALL.into_iter().find(|mark| mark.name() == text)
    }
}

/// How many answered of those who were asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Answers.
    pub answered: u64,
    /// Asked.
    pub asked: u64,
}

impl Response {
    /// The share that answered, in per cent; none when nobody was asked.
    pub fn rate_pct(self) -> Option<f64> {
        (self.asked > 0).then(|| self.answered as f64 / self.asked as f64 * 100.0)
    }
}

impl Outcome {
    /// The value as printed with its unit, or the sign for its absence.
    pub fn printed(&self) -> String {
        match self.value {
            Some(value) => swedish::with_unit(&swedish::float(value, self.decimals), &self.unit),
            None => self.missing.map_or("..", Missing::sign).to_owned(),
        }
    }
}

/// The judgement of an outcome against its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// 0 — target met.
    Met,
    /// 1 — partly: attainment at or above the limit for *delvis*.
    Partly,
    /// 2 — not met.
    NotMet,
    /// 3 — no data, or not measured in the period.
    NoData,
}

impl Status {
    /// 0–3 as the reports number them.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// From 0–3.
    pub fn from_number(number: u8) -> Option<Status> {
        [Status::Met, Status::Partly, Status::NotMet, Status::NoData]
            .get(usize::from(number))
            .copied()
    }

    /// The word that always stands beside shape and colour.
    pub fn word(self) -> &'static str {
        match self {
            Status::Met => "Helt uppnått",
            Status::Partly => "Delvis uppnått",
            Status::NotMet => "Ej uppnått",
            Status::NoData => "Data saknas",
        }
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u8::deserialize(deserializer)?;
        Status::from_number(number)
            .ok_or_else(|| serde::de::Error::custom(format!("`{number}` is not a status 0–3")))
    }
}

/// The kinds of nothing, kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// No data has come.
    NotAvailable,
    /// The measure does not exist for this period or unit.
    CannotOccur,
    /// Hidden because too few persons stand behind it, or because it would reveal such a cell.
    Suppressed,
    /// The source has not published yet.
    NotYetPublished,
}

impl Missing {
    /// The sign in tables.
    pub fn sign(self) -> &'static str {
        match self {
            Missing::NotAvailable => "..",
            Missing::CannotOccur => ".",
            Missing::Suppressed => "[s]",
            Missing::NotYetPublished => "[k]",
        }
    }

    /// The words behind the sign.
    pub fn word(self) -> &'static str {
        match self {
            Missing::NotAvailable => "uppgift saknas",
            Missing::CannotOccur => "mäts inte i perioden",
            Missing::Suppressed => "dold, för få personer",
            Missing::NotYetPublished => "ännu inte publicerad",
        }
    }
}

/// A target as shown: printed text and what was read from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetView {
    /// As printed in the plan.
    pub printed: String,
    /// `>=`, `<=`, `<`, `>`, `=`, `between`, `in_line`, `done`, `to_be_set`.
    pub comparator: String,
    /// The value to compare with, resolved (base year, nation); none for activities.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
    /// `2019`, `previous_year`, `nation` — what the target is relative to.
    pub baseline: Option<String>,
    /// The plan it stands in.
    pub plan: String,
}

/// How much of the expected data has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// What is counted: `månader`, `enheter`.
    pub of: String,
    /// How many were expected.
    pub expected: u32,
    /// How many have come.
    pub reported: u32,
    /// Rows set aside in the deliveries behind the value.
    pub rejected_rows: u64,
    /// Whether later deliveries are still expected to change the figure.
    pub preliminary: bool,
}

impl Completeness {
    /// `8 av 8 månader`, with what is wrong with it.
    pub fn text(&self) -> String {
        let mut text = format!("{} av {} {}", self.reported, self.expected, self.of);
        if self.rejected_rows > 0 {
            text.push_str(&format!(", {} rader avvisade", self.rejected_rows));
        }
        if self.preliminary {
            text.push_str(", preliminär");
        }
        text
    }

    /// Whether everything expected has come.
    pub fn is_complete(&self) -> bool {
        self.reported >= self.expected
    }
}

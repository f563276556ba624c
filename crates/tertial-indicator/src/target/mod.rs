//! Targets: the text of a plan, read into something that can be compared with an outcome.
//!
//! The printed text is kept as it stands; every number keeps all its decimals. A text outside the
//! grammar below is an error with its place (T0505), never a guess. Upper and lower case are the
//! same; a full stop before or after the text is ignored.
//!
//! ```text
//! target     = activity | to-be-set | in-line | change | amounts ;
//!
//! activity   = ( "genomförd" | "genomförda" ) ( "aktivitet" | "aktiviteter" | "aktiviteteter" ) ;
//! to-be-set  = [ "målvärde" | "mål" ] ( "kompletteras" | "fastställs" | "saknas" )
//!              [ "senare" | ( "efter" | "under" ) year ] ;
//! in-line    = "i" ( "nivå" | "linje" | "jämförelse" ) "med" baseline ;
//! change     = ( "minska" | "minskad" | "minskat" | "minskning" | "öka" | "ökad" | "ökat" | "ökning" )
//!              ( [ "med" ] [ "minst" ] quantity against | [ noun ] against ) ;
//! amounts    = amount { [ "," | ";" | "och" ] amount } ;   several only when each names its level
//! amount     = beyond | [ comparator ] [ sign ] quantity [ against ] [ note ] ;
//! beyond     = ( "större" | "högre" | "fler" | "mer" | "bättre" | "lägre" | "mindre" | "färre" )
//!              [ noun ] "än" ( baseline | [ sign ] quantity ) ;
//! comparator = "minst" | "lägst" | "≥" | ">=" | "högst" | "max" | "maximalt" | "≤" | "<="
//!            | "under" | "<" | "över" | ">" | "exakt" | "=" | "mellan" ;
//! quantity   = number [ ( dash | "till" | "och" ) [ sign ] number ] [ unit [ counted ] ] ;
//! unit       = "%" | "procent" | "procentenheter" | "st" | "kWh/m2" | …   (see `unit.rs`)
//!            | the unit of the indicator itself ;
//! counted    = word { word } ;                             only after "st"
//! note       = "(" ( level | "nationellt mål" ) ")" ;      level = two to four capitals
//! against    = ( "mot" | "sedan" | "jämfört med" | "jmf med" | "i jämförelse med" ) baseline ;
//! baseline   = year | "föregående år" | "riket" | "nationen" | "startvärdet" | "utgångsvärdet"
//!            | [ "den" ] ( "nationell" | "nationella" ) [ word ] ;
//! number     = digits { blank digits³ } [ ( "," | "." ) digits ] ;
//! sign       = "+" | "-" | "−" | "–" | "‑" | "‒" ;
//! ```
//!
//! Rules beside the grammar:
//! - A bare number takes its comparator from the direction of the indicator: lower is better gives
//!   *at most*, higher is better *at least*. An indicator without direction needs a comparator.
//! - Four digits between 1900 and 2199 right after `än`, without unit and blank, are a year.
//! - Where the plan's own words say *higher than* (`wording` strict), a bare number is *above* or
//!   *below* it. Where they say that a number without sign is a reduction, it is read as one, and
//!   the target says so.
//! - A number with `against`, or a bare or signed one where the plan names a base year, is a
//!   *change*: the outcome is a change too, and both are compared as they stand. A bare change
//!   without sign is an error, because `1 %` may mean one per cent more or less.
//! - `1.000` is an error: a thousand or one?
//! - A printed unit must be the unit of the indicator.
//!
//! Comparing and judging is [`crate::status`]'s work; where base years and nations get their values
//! is the caller's.

mod cursor;
mod fault;
mod parse;
mod print;
mod token;
mod unit;

use crate::Ratio;
use crate::definition::Direction;
use serde::{Deserialize, Serialize};
use std::fmt;
use tertial_model::{Decimal, Diagnostic, Location, TargetView, swedish};

pub use unit::canonical as canonical_unit;

/// Version of the grammar, for the record beside a parsed target.
pub const GRAMMAR_VERSION: u32 = 2;

/// A target of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// As printed.
    pub printed: String,
    /// How outcome and value are compared.
    pub comparator: Comparator,
    /// The number; none when it stands per level, is another series' value, or there is none.
    pub value: Option<Decimal>,
    /// Upper end of a range.
    pub upper: Option<Decimal>,
    /// Unit, in one spelling; the indicator's where the text has none.
    pub unit: String,
    /// Numbers per level, when the text names levels.
    pub levels: Vec<LevelValue>,
    /// What the target is relative to.
    pub baseline: Baseline,
    /// What is counted or compared, as printed: `genomförda aktiviteter`, `andel`.
    pub counted: Option<String>,
    /// A remark the text carries, `nationellt mål`, `efter 2021`, or that its reading needs.
    pub remark: Option<String>,
}

/// A level's own number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelValue {
    /// `RJH`, `RS`.
    pub level: String,
    /// Its number.
    pub value: Decimal,
}

/// How outcome and target are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// Outcome ≥ value.
    AtLeast,
    /// Outcome ≤ value.
    AtMost,
    /// Outcome < value.
    Below,
    /// Outcome > value.
    Above,
    /// Outcome = value.
    Equal,
    /// Value ≤ outcome ≤ upper.
    Between,
    /// As good as the baseline, in the indicator's direction.
    InLine,
    /// An activity was carried out.
    ActivityDone,
    /// The plan leaves the number to later.
    ToBeSet,
}

/// What a target is relative to. With a value: the value is a change against it. Without: the
/// baseline's own value is the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Baseline {
    /// Nothing: the number stands for itself.
    None,
    /// A calendar year.
    Year(i16),
    /// The same months a year earlier.
    PreviousYear,
    /// The nation, same period.
    Nation,
    /// The value at the start of the plan.
    StartValue,
}

/// What is known of the indicator whose target is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// Which way is better.
    pub direction: Direction,
    /// The indicator's unit; empty = not known, nothing is checked.
    pub unit: &'a str,
    /// What the plan says the target is relative to, outside the text.
    pub baseline: Baseline,
    /// What the plan's words around the text decide about a bare number.
    pub wording: Wording,
}

/// What a plan says about a bare number outside the text of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wording {
    /// Nothing: the direction of the indicator decides.
    #[default]
    Plain,
    /// Better than the number, not merely as good: `högre än 2021`.
    Strict,
    /// The number is a reduction, printed without sign.
    Reduction,
}

impl Target {
    /// Reads a target. `location` is where the text begins; a fault is T0505 and points into it.
    pub fn parse(
        printed: &str,
        context: &Context,
        location: &Location,
    ) -> Result<Target, Box<Diagnostic>> {
        parse::parse(printed, context)
            .map_err(|fault| Box::new(fault.diagnostic(printed, location)))
    }

    /// Whether the value is a change against the baseline.
    pub fn is_change(&self) -> bool {
        self.baseline != Baseline::None && (self.value.is_some() || !self.levels.is_empty())
    }

    /// The number of a level: its own, or the only one.
    pub fn value_for(&self, level: &str) -> Option<Decimal> {
        match self.levels.iter().find(|entry| entry.level == level) {
            Some(entry) => Some(entry.value),
            None => self.value,
        }
    }

    /// What to compare an outcome of `level` with. `reference` gives the value of a baseline that
    /// is itself the target (last year, the nation), or why there is none.
    pub fn resolve(
        &self,
        level: &str,
        reference: &dyn Fn(Baseline) -> Result<Ratio, Unresolved>,
    ) -> Result<Resolved, Unresolved> {
        let value = match self.comparator {
            Comparator::ToBeSet => return Err(Unresolved::ToBeSet),
            Comparator::ActivityDone => Some(Ratio::ONE),
            _ => match self.value_for(level) {
                Some(value) => Some(Ratio::from_decimal(value).ok_or(Unresolved::TooLarge)?),
                None if !self.levels.is_empty() => {
                    let stated = self.levels.iter().map(|entry| entry.level.clone()).collect();
                    return Err(Unresolved::NoLevel { level: level.to_owned(), stated });
                }
                None => Some(reference(self.baseline)?),
            },
        };
        let upper = match self.upper {
            Some(upper) => Some(Ratio::from_decimal(upper).ok_or(Unresolved::TooLarge)?),
            None => None,
        };
        Ok(Resolved {
            printed: self.printed.clone(),
            comparator: self.comparator,
            value,
            upper,
            unit: self.unit.clone(),
            baseline: self.baseline,
        })
    }
}

/// A target with its numbers in place, for one level and period.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// As printed in the plan.
    pub printed: String,
    /// How outcome and value are compared.
    pub comparator: Comparator,
    /// The value to compare with; 1 for an activity.
    pub value: Option<Ratio>,
    /// Upper end of a range.
    pub upper: Option<Ratio>,
    /// Unit of both.
    pub unit: String,
    /// What the target is relative to.
    pub baseline: Baseline,
}

impl Resolved {
    /// `minst 70 %`, `under 10,1 %`, `5–7 %`: the target in one spelling, unrounded.
    pub fn phrase(&self) -> String {
        let number = |value: Option<Ratio>| value.map_or_else(|| "..".to_owned(), Ratio::text);
        let value = match (self.comparator, self.upper) {
            (Comparator::Between, upper) => {
                let dash =
                    if self.value.is_some_and(|v| v.signum() < 0) { " till " } else { "–" };
                format!("{}{dash}{}", number(self.value), number(upper))
            }
            _ => number(self.value),
        };
        let value = swedish::with_unit(&value, &self.unit);
        match self.comparator {
            Comparator::AtLeast => format!("minst {value}"),
            Comparator::AtMost => format!("högst {value}"),
            Comparator::Below => format!("under {value}"),
            Comparator::Above => format!("över {value}"),
            Comparator::Equal => format!("exakt {value}"),
            Comparator::Between => value,
            Comparator::InLine => format!("i nivå med {value}"),
            Comparator::ActivityDone => "genomförd aktivitet".to_owned(),
            Comparator::ToBeSet => "målvärdet är inte fastställt".to_owned(),
        }
    }

    /// The target as outcomes carry it.
    pub fn view(&self, plan: &str) -> TargetView {
        let shown = self.comparator != Comparator::ActivityDone;
        TargetView {
            printed: self.printed.clone(),
            comparator: self.comparator.sign().to_owned(),
            value: self.value.filter(|_| shown).map(Ratio::to_f64),
            unit: self.unit.clone(),
            baseline: (self.baseline != Baseline::None).then(|| self.baseline.to_string()),
            plan: plan.to_owned(),
        }
    }
}

/// Why a target cannot be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// The plan leaves the number to later.
    ToBeSet,
    /// The text names levels, but not this one.
    NoLevel {
        /// The level asked for.
        level: String,
        /// The levels the text names.
        stated: Vec<String>,
    },
    /// The baseline's value is not known.
    NoReference(Baseline),
    /// The series breaks between the baseline and the outcome.
    Break(Baseline),
    /// The number is too large to be compared exactly.
    TooLarge,
}

impl Unresolved {
    /// The reason in Swedish.
    pub fn reason(&self) -> String {
        match self {
            Unresolved::ToBeSet => "målvärdet är inte fastställt i planen".to_owned(),
            Unresolved::NoLevel { level, stated } => {
                format!("målet anger {}, inte {level}", stated.join(" och "))
            }
            Unresolved::NoReference(baseline) => {
                format!("jämförelsetal saknas för {}", baseline.words())
            }
            Unresolved::Break(baseline) => {
                format!("serien bryts mellan perioden och {}", baseline.words())
            }
            Unresolved::TooLarge => "måltalet är för stort för att jämföras exakt".to_owned(),
        }
    }
}

impl Comparator {
    /// The sign in tables and databases.
    pub fn sign(self) -> &'static str {
        match self {
            Comparator::AtLeast => ">=",
            Comparator::AtMost => "<=",
            Comparator::Below => "<",
            Comparator::Above => ">",
            Comparator::Equal => "=",
            Comparator::Between => "between",
            Comparator::InLine => "in_line",
            Comparator::ActivityDone => "done",
            Comparator::ToBeSet => "to_be_set",
        }
    }
}

impl Baseline {
    /// In Swedish.
    pub fn words(self) -> String {
        match self {
            Baseline::None => "ingenting".to_owned(),
            Baseline::Year(year) => year.to_string(),
            Baseline::PreviousYear => "föregående år".to_owned(),
            Baseline::Nation => "riket".to_owned(),
            Baseline::StartValue => "startvärdet".to_owned(),
        }
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Baseline::None => f.write_str("none"),
            Baseline::Year(year) => write!(f, "{year}"),
            Baseline::PreviousYear => f.write_str("previous_year"),
            Baseline::Nation => f.write_str("nation"),
            Baseline::StartValue => f.write_str("start_value"),
        }
    }
}

impl fmt::Display for Target {
    /// One line that shows all that was read; for tests and `--format table`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.comparator.sign())?;
        if let Some(value) = self.value {
            write!(f, " {value}")?;
        }
        if let Some(upper) = self.upper {
            write!(f, "..{upper}")?;
        }
        for entry in &self.levels {
            write!(f, " {}={}", entry.level, entry.value)?;
        }
        if !self.unit.is_empty() {
            write!(f, " {}", self.unit)?;
        }
        if self.baseline != Baseline::None {
            let word = if self.is_change() { "change from" } else { "against" };
            write!(f, ", {word} {}", self.baseline)?;
        }
        for (label, text) in [("counts", &self.counted), ("remark", &self.remark)] {
            if let Some(text) = text {
                write!(f, ", {label} `{text}`")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

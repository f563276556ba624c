//! What the queries of the indicators gave: numerators and denominators, by version of the method.

use std::collections::BTreeMap;
use tertial_indicator::{Definition, Ratio};
use tertial_model::{Decimal, OutcomeMark, Period, Response, Sex};

/// A cell of an indicator: unit, period, sex, breakdown.
pub type Key = (String, Period, Sex, String);

/// One row of an indicator's query.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Unit.
    pub unit_id: String,
    /// Period.
    pub period: Period,
    /// Sex.
    pub sex: Sex,
    /// Breakdown, empty when none.
    pub breakdown: String,
    /// Exact numerator.
    pub numerator: Option<Decimal>,
    /// Exact denominator.
    pub denominator: Option<Decimal>,
    /// Persons behind the row.
    pub person_count: Option<u64>,
    /// How many answered, where people were asked.
    pub response: Option<Response>,
    /// A reservation that the source states.
    pub mark: Option<OutcomeMark>,
    /// Hidden by the disclosure control.
    pub hidden: bool,
}

impl Fact {
    /// The cell it is about.
    pub fn key(&self) -> Key {
        (self.unit_id.clone(), self.period, self.sex, self.breakdown.clone())
    }
}

/// The value of a fact in the indicator's unit.
pub fn value_of(definition: &Definition, fact: &Fact) -> Option<Ratio> {
    Ratio::of(fact.numerator?, fact.denominator, definition.factor)
}

/// The facts of an indicator.
#[derive(Debug, Default)]
pub struct Facts {
    /// By the version that is valid in each period.
    pub valid: Vec<Fact>,
    /// The same cells by the other versions.
    pub restated: Vec<(u32, Fact)>,
    /// The cells whose value a role has stated, with the delivery it came in.
    pub stated: BTreeMap<Key, String>,
}

impl Facts {
    /// Takes in a row of the indicator's query. `version` is the version of the method it was computed
    /// by, where the query says; a version that is not decided yet does not exist.
    pub fn add(&mut self, definition: &Definition, fact: Fact, version: Option<u32>) {
        let valid = definition.version_for(fact.period).map_or(1, |version| version.number);
        match version {
            Some(version) if version != valid => {
                if definition.versions.iter().any(|known| known.number == version) {
                    self.restated.push((version, fact));
                }
            }
            _ => self.valid.push(fact),
        }
    }

    /// Puts what a role has stated, and the delivery it came in, where the query gives no value.
    pub fn stand_in(&mut self, definition: &Definition, fact: Fact, delivery: String) {
        let fact = Fact { mark: Some(OutcomeMark::Stated), ..fact };
        if value_of(definition, &fact).is_none() {
            return;
        }
        let key = fact.key();
        match self.valid.iter().position(|own| own.key() == key) {
            Some(at) if value_of(definition, &self.valid[at]).is_some() => return,
            Some(at) => self.valid[at] = fact,
            None => self.valid.push(fact),
        }
        self.stated.insert(key, delivery);
    }
}

//! What the same periods are by the other versions of a method.

use crate::fact::{Fact, value_of};
use tertial_indicator::{Definition, Ratio};

/// A cell computed by a version that is not the one of its period.
#[derive(Debug)]
pub struct Restatement {
    /// The indicator.
    pub id: String,
    /// The version it is computed by.
    pub version: u32,
    /// Numerator and denominator.
    pub fact: Fact,
    /// The value, where there is one.
    pub value: Option<Ratio>,
}

/// What may be told of the other versions. Where an indicator hides small groups nothing is, since
/// two versions of one cell would tell more than one.
pub fn restatements(definition: &Definition, facts: Vec<(u32, Fact)>) -> Vec<Restatement> {
    if definition.suppress_max.is_some() {
        return Vec::new();
    }
    let restated = |(version, fact): (u32, Fact)| Restatement {
        id: definition.id.clone(),
        version,
        value: value_of(definition, &fact),
        fact,
    };
    facts.into_iter().map(restated).collect()
}

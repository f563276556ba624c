//! What stands behind a single figure.

use crate::document::Mark;
use tertial_model::Sex;

/// What stands behind a figure of the period.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FigureEvidence {
    /// The indicator.
    pub id: String,
    /// The level.
    pub level: String,
    /// T, K or M.
    pub sex: Option<Sex>,
    /// Further breakdown, empty when none.
    pub breakdown: String,
    /// What must be told, as terms and words in Swedish, in order.
    pub facts: Vec<(String, String)>,
    /// A reservation that follows from what stands behind it.
    pub mark: Option<Mark>,
}

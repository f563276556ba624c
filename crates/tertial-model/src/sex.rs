//! Sex as official statistics of individuals give it: T, K, M.
//!
//! Sources use their own codes (SCB 1 = men, FoHM 01 = women); those are mapped in
//! `pipelines/<source>/codes.csv`, never here.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Total, women, men — Kolada's letters, used in every table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// Both sexes together.
    T,
    /// Women.
    K,
    /// Men.
    M,
}

impl Sex {
    /// The Swedish word shown to readers.
    pub fn label(self) -> &'static str {
        match self {
            Sex::T => "Totalt",
            Sex::K => "Kvinnor",
            Sex::M => "Män",
        }
    }

    /// Reads `T`, `K` or `M`.
    pub fn parse(text: &str) -> Option<Sex> {
        match text {
            "T" => Some(Sex::T),
            "K" => Some(Sex::K),
            "M" => Some(Sex::M),
            _ => None,
        }
    }
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sex::T => "T",
            Sex::K => "K",
            Sex::M => "M",
        })
    }
}

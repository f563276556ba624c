//! The steps of the night, each idempotent: receive → load → build → audit → publish → report.
//!
//! Each step is a function of what lies in the project and of a moment passed in. Faults that
//! concern one source are collected and the night goes on with the others.

pub mod access;
pub mod again;
pub mod audit;
pub mod build;
pub mod changes;
pub mod coarse;
pub mod completeness;
pub mod edition;
pub mod evidence;
pub mod fetch;
pub mod intact;
pub mod keyring;
pub mod lineage;
pub mod load;
pub mod lost;
pub mod mended;
pub mod meta;
pub mod methods;
pub mod outcomes;
pub mod persons;
pub mod publish;
pub mod receipts;
pub mod receive;
pub mod record;
pub mod rehearsal;
pub mod report;
pub mod restated;
pub mod signals;
pub mod space;
pub mod standing;
pub mod store;
pub mod timeline;
pub mod units;
pub mod untold;
pub mod warehouse;
pub mod wording;

use tertial_model::Diagnostic;

/// What a step has to tell.
#[derive(Debug, Default)]
pub struct Told {
    /// Faults, warnings and notes.
    pub diagnostics: Vec<Diagnostic>,
}

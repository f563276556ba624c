//! The steps of the night, each idempotent: receive → load → build → audit → publish → report.
//!
//! Each step is a function of what lies in the project and of a moment passed in. Faults that
//! concern one source are collected and the night goes on with the others.

pub mod audit;
pub mod build;
pub mod fetch;
pub mod load;
pub mod meta;
pub mod outcomes;
pub mod publish;
pub mod query;
pub mod receipts;
pub mod receive;
pub mod report;
pub mod signals;
pub mod standing;
pub mod suppress;
pub mod transfer;

use tertial_model::Diagnostic;

/// What a step has to tell.
#[derive(Debug, Default)]
pub struct Told {
    /// Faults, warnings and notes.
    pub diagnostics: Vec<Diagnostic>,
}

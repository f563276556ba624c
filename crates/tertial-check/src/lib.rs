//! The check at the door: text rows and a contract become typed rows and rejects.
//!
//! This is the only place where text becomes type. A row is accepted or set aside, never half of it,
//! and `rows read = accepted + set aside + sum rows` always holds. Nothing is guessed: a decimal
//! point where a comma was agreed is a fault, not a number a thousand times too large.
//!
//! The crate reads no file, no clock and no environment; configuration texts, the pseudonym key and
//! the day a delivery came are arguments. Start reading in [`checker`] (what happens once per
//! delivery), then `kernel` (what happens per cell) and [`contract`] (where the rules come from).

pub mod answer;
mod cell;
pub mod checker;
pub mod codes;
pub mod contract;
pub mod corrections;
mod csv_table;
pub mod draft;
mod fault;
mod fetch;
pub mod headings;
mod kernel;
pub mod keys;
pub mod known;
mod mask;
pub mod pipeline;
pub mod pseudonym;
pub mod references;
pub mod sums;
#[cfg(test)]
mod tests;
mod toml_text;
pub mod uniqueness;
mod ways;

pub use answer::{answer_faults, file_of_query};
pub use checker::{CheckInput, Checked, Checker, Reject};
pub use codes::Codes;
pub use contract::{Fields, complete_contract, parse_contract};
pub use corrections::{CorrectionUse, Corrections};
pub use draft::contract_from_part;
pub use fault::foreign;
pub use headings::Headings;
pub use pipeline::{check_pipeline, parse_pipeline, sends_faults};
pub use pseudonym::PseudonymKey;
pub use references::References;
pub use sums::{SumRows, Sums};
pub use uniqueness::{First, Uniqueness};
pub use ways::query_faults;

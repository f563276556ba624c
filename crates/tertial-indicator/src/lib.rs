//! What an indicator means: its definition and target, and what may be said of its outcome.
//!
//! Four answers are kept apart and none is derived from another: *status* (is the target met),
//! *variation* (is the last point noise), *assurance* (will the process as it is meet the target)
//! and *trend* (does it rise or fall). Every method has a minimum of data; below it the program
//! says why it is silent ([`series::Silence`]) and never guesses.
//!
//! Everything here is a function of its arguments: no files, no clock, no environment. Settings are
//! structs whose defaults are the house's; every rule set carries a version that is printed with
//! its answer. Start reading in [`target`] (the grammar of targets) and [`status`] (the judgement).

pub mod definition;
pub mod forecast;
pub mod funnel;
pub mod interval;
pub mod metric;
pub mod numeric;
pub mod ratio;
pub mod series;
pub mod spc;
pub mod status;
pub mod suppression;
pub mod target;
pub mod trend;

mod place;
#[cfg(test)]
mod samples;

pub use definition::{
    AttainmentForm, Definition, Direction, Frequency, UnitComparison, UnitCounts, UnitForm,
};
pub use metric::Metric;
pub use ratio::Ratio;
pub use series::{Point, Series, SeriesKind, Silence};
pub use status::{Judgement, Question, judge};
pub use target::{Baseline, Comparator, Context, Resolved, Target, Unresolved};

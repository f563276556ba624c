//! The only crate that knows DuckDB: order of the queries, build, audits, publishing, questions.
//!
//! A warehouse is built in a private file, audited, and published as a release folder behind a
//! directory symlink, so that readers are never blocked and never see half of one.
//! What goes into it (deliveries, outcomes) is decided by the caller; nothing here reads a clock.
//!
//! Start in [`graph`] (which query needs which), then [`engine`] (a connection with our settings),
//! [`build`] (raw, seeds, models, comments), [`audit`] and [`publish`]; what leaves the house is decided in
//! [`publication`] from the classes that [`classes`] follows through the queries.

pub mod audit;
pub mod build;
pub mod calendar;
mod catalog;
pub mod classes;
mod dated;
pub mod derived;
pub mod engine;
pub mod graph;
mod held;
pub mod provenance;
pub mod publication;
pub mod publish;
pub mod record;
mod remembered;
pub mod restated;
pub mod value;
pub mod wording;

pub use audit::{Audit, AuditResult, AuditSeverity};
pub use catalog::{Catalog, Comments};
pub use classes::Classes;
pub use engine::{Engine, EngineSettings};
pub use graph::{Graph, Layer, Model, Resolved};
pub use held::Holding;
pub use publication::{Decision, Publication};
pub use record::{Cell, Record};
pub use remembered::Remembered;
pub use restated::Stated;
pub use value::{Rows, Value};

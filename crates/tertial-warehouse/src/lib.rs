//! The only crate that knows DuckDB: order of the queries, build, audits, publishing, questions.
//!
//! A warehouse is built in a private file, audited, and published as a release folder behind a
//! directory symlink, so that readers are never blocked and never see half of one.
//! What goes into it (deliveries, outcomes) is decided by the caller; nothing here reads a clock.
//!
//! Start in [`graph`] (which query needs which), then [`engine`] (a connection with our settings),
//! [`build`] (raw, seeds, models, comments), [`audit`] and [`publish`].

pub mod audit;
pub mod build;
mod catalog;
mod dated;
pub mod engine;
pub mod graph;
pub mod provenance;
pub mod publish;
mod remembered;
pub mod value;

pub use audit::{Audit, AuditResult, AuditSeverity};
pub use catalog::{Catalog, Comments};
pub use engine::{Engine, EngineSettings};
pub use graph::{Graph, Layer, Model};
pub use remembered::Remembered;
pub use value::{Rows, Value};

//! From indicator rows to a report: one content model, several renderings.
//!
//! The way through: [`spec`] reads which chapters and blocks a report has (`seeds/report.toml`),
//! [`data`] is what the caller hands over, [`compose`](compose::compose) joins the two into a
//! [`document::Document`], and [`html`], [`pdf`], [`xlsx`] and [`json`] render that document.
//! Nothing here knows a table, an indicator or a unit by name; nothing reads a file or a clock.
//! The same document gives the same bytes.

pub mod chart;
pub mod compose;
pub mod data;
pub mod document;
pub mod figure;
pub mod html;
pub mod json;
pub mod legend;
pub mod palette;
pub mod pdf;
#[cfg(test)]
mod random;
mod safe;
pub mod spec;
pub mod xlsx;

pub use compose::compose;
pub use data::{
    Comment, DataColumn, DataKind, DataTable, GoalArea, IndicatorText, PlanEntry, QualityTable,
    ReportData, TableText, Value,
};
pub use document::{Document, Mark, Part};
pub use figure::FigureEvidence;
pub use spec::{ReportSpec, parse_spec};

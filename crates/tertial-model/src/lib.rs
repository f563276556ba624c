//! The words of the house: periods, amounts, contracts, pipelines, locations and diagnostics.
//!
//! Every other crate depends on this one and, as a rule, on nothing else of ours.
//! It does no I/O, reads no clock and knows no source, account, unit or indicator by name.
//! Start reading in [`diagnostic`] (what a fault looks like), [`contract`] (what a table must be)
//! and [`period`] (the three kinds of time).

pub mod acknowledgement;
pub mod answer;
pub mod code;
pub mod comparison;
pub mod contract;
pub mod decimal;
pub mod diagnostic;
pub mod faults;
pub mod formula;
pub mod heading;
pub mod origin;
pub mod outcome;
pub mod period;
pub mod persons;
pub mod pipeline;
pub mod same;
pub mod seal;
pub mod sex;
pub mod shown;
pub mod signal;
pub mod similar;
pub mod statement;
pub mod swedish;
pub mod text;

pub use acknowledgement::Acknowledgement;
pub use answer::{AnswerColumn, AnswerKind};
pub use code::Code;
pub use comparison::{UnitFigure, UnitPanel};
pub use contract::{Column, ColumnType, Contract};
pub use decimal::Decimal;
pub use diagnostic::{Diagnostic, Excerpt, Location, Severity};
pub use faults::Faults;
pub use formula::without_formula;
pub use origin::Origin;
pub use outcome::{Completeness, Missing, Outcome, OutcomeMark, Response, Status, TargetView};
pub use period::{Month, Period};
pub use pipeline::Pipeline;
pub use sex::Sex;
pub use signal::{Answer, Question, ResponsibleForecast, Signal, SignalPoint};
pub use statement::{Replaces, Restatement, Sends, Statement};
pub use text::{Cell, Part, Parts, Place, ReadSummary, Reconciliation, TextBatch};

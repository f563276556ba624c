//! The whole program, from outside: one test target, since each carries the engine.
//!
//! Tests that need Python clients, a browser or `poppler` run when `.ci/run` has named them in the
//! environment, and say so when it has not. Real sample files are used where they lie beside the
//! repository.

mod around;
mod attack;
mod bad_input;
mod canary;
mod care;
mod cases;
mod catalogue;
mod clients;
mod command_line;
mod costumes;
mod deliveries;
mod demo;
mod door;
mod doors;
mod economy;
mod editions;
mod explain;
mod faults;
mod fetch;
mod figures;
mod fixtures;
mod guides;
mod indicators;
mod known;
mod letters;
mod memory;
mod moments;
mod mutation;
mod night;
mod papers;
mod people;
mod preview;
mod publish;
mod real_files;
mod regressions;
mod second_opinion;
mod signals;
mod statements;
mod store;
mod support;
mod tidy;
mod undo;
mod ways;
mod workbench;

#[cfg(any(feature = "odbc", feature = "sftp"))]
#[path = "../support/ordinary.rs"]
mod ordinary;
#[cfg(feature = "odbc")]
#[path = "../../crates/tertial-odbc/tests/postgres/server.rs"]
mod postgres;
#[cfg(feature = "sftp")]
#[path = "../../crates/tertial-fetch/tests/sftp/server.rs"]
mod sshd;

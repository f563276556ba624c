//! The `tertial` program: parse, open the project, do the verb, print, exit code.
//!
//! The work is in the crates; here they are only joined. Exit codes: 0 clean; 1 ran to the end but a
//! person is needed; 2 could not run.

mod args;
mod cases;
mod catalogue;
mod clock;
mod commands;
mod composition;
mod config;
mod fingerprint;
mod needs;
mod night;
mod output;
mod own;
mod project;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    output::start(&arguments);
    commands::run(arguments)
}

//! `tertial completions`: what a shell completes verbs and options with.

use super::{Ending, Outcome};
use crate::args::Shell;
use crate::output;

/// The verb; it needs no project.
pub fn run(shell: Shell) -> Outcome {
    output::data(&shell.script());
    Ok(Ending::Clean)
}

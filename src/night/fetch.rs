//! What the pipelines name over HTTP, into the drop folders; from there the receipt goes on.
//!
//! One fetch that fails is told, and the others go on: the last delivery stays in force.

use super::receive::{inbox, shown};
use crate::clock::{self, Moment};
use crate::output;
use crate::project::Project;
use std::path::PathBuf;
use tertial_fetch::{Errand, Fetched, Memory, World, fetch as fetch_one};
use tertial_lake::atomic;
use tertial_model::{Code, Diagnostic, Location};

/// What the fetches brought.
#[derive(Debug, Default)]
pub struct Brought {
    /// Files laid into drop folders.
    pub new: Vec<PathBuf>,
    /// Answers that were had before.
    pub unchanged: usize,
    /// Fetches that failed.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether any pipeline fetches.
pub fn is_wanted(project: &Project) -> bool {
    project.sources.iter().any(|source| !source.pipeline.fetches.is_empty())
}

/// Fetches everything, one after the other.
pub fn fetch(project: &Project, moment: &Moment) -> Brought {
    let path = project.data().join("received").join("fetched.json");
    let mut memory = std::fs::read(&path).map(|bytes| Memory::parse(&bytes)).unwrap_or_default();
    let before = memory.clone();
    let open = project.config.night.open_period.map(|period| period.to_string());
    let year = open.as_deref().unwrap_or(&moment.at)[..4].to_owned();
    let world = World {
        now: &clock::wall,
        sleep: &std::thread::sleep,
        variable: &|name| std::env::var(name).ok(),
        seed: moment
            .at
            .bytes()
            .fold(0, |seed: u64, byte| seed * 31 % 0xffff_fffb + u64::from(byte)),
    };
    let mut brought = Brought::default();
    for source in &project.sources {
        let pipeline = format!("{}/pipeline.toml", source.folder());
        let inbox = inbox(project, source);
        for spec in &source.pipeline.fetches {
            let errand = Errand {
                source: &source.pipeline.name,
                pipeline: &pipeline,
                spec,
                period: open.as_deref(),
                year: &year,
                project: &project.root,
                inbox: &inbox,
            };
            match fetch_one(&errand, &mut memory, &world) {
                Ok(Fetched::New(file)) => {
                    output::progress(&format!("fetched  {}", shown(project, &file)));
                    brought.new.push(file);
                }
                Ok(Fetched::Unchanged) => brought.unchanged += 1,
                Err(fault) => brought.diagnostics.push(*fault),
            }
        }
    }
    if memory != before {
        let written = atomic::create_dir(path.parent().expect("a folder"), 0o700)
            .and_then(|()| atomic::write_with_mode(&path, &memory.to_json(), 0o600));
        if let Err(error) = written {
            let message = format!("what was fetched cannot be written down: {error}");
            let place = Location::file(shown(project, &path));
            brought.diagnostics.push(Diagnostic::warning(Code::T0805, message, place));
        }
    }
    brought
}

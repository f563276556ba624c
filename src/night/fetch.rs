//! What the pipelines name on other machines, into the drop folders; from there the receipt goes on.
//!
//! One fetch that fails is told, and the others go on: the last delivery stays in force.

mod query;
mod transfer;

use crate::clock::{self, Moment};
use crate::output;
use crate::project::{Project, Source};
use std::path::{Path, PathBuf};
use tertial_fetch::{Errand, Fetched, Memory, World, fetch as fetch_one};
use tertial_lake::atomic;
use tertial_model::{Code, Diagnostic, Faults, Location};

/// What the fetches brought.
#[derive(Debug, Default)]
pub struct Brought {
    /// Files laid into drop folders, whole.
    pub new: Vec<PathBuf>,
    /// Answers that were had before.
    pub unchanged: usize,
    /// Fetches that failed.
    pub diagnostics: Vec<Diagnostic>,
}

/// One source's fetches.
pub struct Visit<'a> {
    /// The project.
    pub project: &'a Project,
    /// The source.
    pub source: &'a Source,
    /// Path of its `pipeline.toml`, for messages.
    pub pipeline: String,
    /// Its drop folder.
    pub inbox: PathBuf,
    /// What `{period}` stands for.
    pub period: Option<&'a str>,
    /// What `{year}` stands for.
    pub year: &'a str,
}

impl Brought {
    /// Takes down what came of one file.
    pub fn note(&mut self, project: &Project, outcome: Result<Fetched, Faults>) {
        match outcome {
            Ok(Fetched::New(file)) => self.add(project, file),
            Ok(Fetched::Unchanged) => self.unchanged += 1,
            Err(faults) => self.diagnostics.extend(faults),
        }
    }

    /// Takes down a new file.
    pub fn add(&mut self, project: &Project, file: PathBuf) {
        output::progress(&format!("fetched  {}", project.shown(&file)));
        self.new.push(file);
    }
}

/// Whether any pipeline fetches.
pub fn is_wanted(project: &Project) -> bool {
    project.sources.iter().any(|source| {
        let pipeline = &source.pipeline;
        !(pipeline.fetches.is_empty()
            && pipeline.queries.is_empty()
            && pipeline.transfers.is_empty())
    })
}

/// What is remembered of earlier fetches.
pub fn memory(project: &Project) -> Memory {
    std::fs::read(memory_path(project)).map(|bytes| Memory::parse(&bytes)).unwrap_or_default()
}

fn memory_path(project: &Project) -> PathBuf {
    project.data().join("received").join("fetched.json")
}

/// Fetches everything, one after the other.
pub fn fetch(project: &Project, moment: &Moment) -> Brought {
    let mut memory = memory(project);
    let open = project.config.night.open_period.map(|period| period.to_string());
    let year = open.as_deref().unwrap_or(moment.day())[..4].to_owned();
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
        let before = memory.clone();
        let visit = Visit {
            project,
            source,
            pipeline: format!("{}/pipeline.toml", source.folder()),
            inbox: project.inbox(source),
            period: open.as_deref(),
            year: &year,
        };
        for spec in &source.pipeline.fetches {
            let errand = Errand {
                source: &source.pipeline.name,
                pipeline: &visit.pipeline,
                spec,
                period: visit.period,
                year: visit.year,
                project: &project.root,
                inbox: &visit.inbox,
            };
            let outcome = fetch_one(&errand, &mut memory, &world).map_err(Faults::from);
            brought.note(project, outcome);
        }
        for spec in &source.pipeline.queries {
            brought.note(project, query::ask(&visit, spec, &mut memory, &world));
        }
        for spec in &source.pipeline.transfers {
            transfer::bring(&visit, spec, &mut memory, &world, &mut brought);
        }
        if memory != before
            && let Err(fault) = keep(project, &memory_path(project), &memory)
        {
            brought.diagnostics.push(*fault);
        }
    }
    brought
}

/// Written down source by source, so that a run that is killed fetches no file twice.
fn keep(project: &Project, path: &Path, memory: &Memory) -> Result<(), Box<Diagnostic>> {
    let written = atomic::create_dir(path.parent().expect("a folder"), 0o700)
        .and_then(|()| atomic::write_with_mode(path, &memory.to_json(), 0o600));
    written.map_err(|error| {
        let message = format!("what was fetched cannot be written down: {error}");
        let place = Location::file(project.shown(path));
        Box::new(Diagnostic::warning(Code::FileAccess, message, place))
    })
}

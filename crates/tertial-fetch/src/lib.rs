//! Fetching deliveries over HTTP(S) and SFTP into a drop folder: with conditions, retries and limits.
//!
//! An answer is laid into the drop folder whole or not at all, and what becomes of it there is the
//! ordinary receipt's affair: an HTML page with status 200 is a file like any other, and the reader
//! says what is wrong with it. Nothing here reads a clock, sleeps or looks into the environment:
//! those come in with [`World`].

mod address;
mod call;
mod fault;
mod landing;
mod limits;
mod memory;
mod pages;
mod retry;
#[cfg(feature = "sftp")]
mod sftp;
mod spool;
mod transfer;

pub use landing::{Landing, land};
pub use memory::{Kept, Memory};
pub use transfer::{Transfer, Transferred, transfer};

use address::{Origin, fill};
use call::{Answer, Caller, Conditions};
use fault::{Fault, Whose};
use jiff::Timestamp;
use spool::Spool;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tertial_model::pipeline::{FetchKind, FetchSpec};
use tertial_model::{Diagnostic, Origin as WayIn};

/// What a fetch needs from outside.
pub struct World<'a> {
    /// The clock, for a `Retry-After` that names a moment.
    pub now: &'a dyn Fn() -> Timestamp,
    /// How to wait.
    pub sleep: &'a dyn Fn(Duration),
    /// The environment, for headers that name a variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Decides the jitter of the pauses.
    pub seed: u64,
}

/// One entry of a pipeline, and where it belongs.
#[derive(Debug, Clone)]
pub struct Errand<'a> {
    /// The source.
    pub source: &'a str,
    /// Path of the `pipeline.toml`, for messages.
    pub pipeline: &'a str,
    /// The entry.
    pub spec: &'a FetchSpec,
    /// What `{period}` stands for; `None` when no period is open.
    pub period: Option<&'a str>,
    /// What `{year}` stands for.
    pub year: &'a str,
    /// The project folder, from which `ca_file` is named.
    pub project: &'a Path,
    /// The drop folder.
    pub inbox: &'a Path,
}

/// What came of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// A file was laid into the drop folder.
    New(PathBuf),
    /// The source has nothing that was not fetched before.
    Unchanged,
}

/// The text with `{period}` and `{year}` filled in; `None` when it needs a period and none is open.
pub fn filled(text: &str, period: Option<&str>, year: &str) -> Option<String> {
    fill(text, period, year)
}

/// Fetches one answer. On a fault nothing is delivered and the memory stays as it was.
pub fn fetch(
    errand: &Errand<'_>,
    memory: &mut Memory,
    world: &World<'_>,
) -> Result<Fetched, Box<Diagnostic>> {
    let file = fill(&errand.spec.file, errand.period, errand.year)
        .unwrap_or_else(|| errand.spec.file.clone());
    let whose = Whose { source: errand.source, pipeline: errand.pipeline };
    run(errand, &file, memory, world).map_err(|fault| Box::new(fault.tell(whose, &file)))
}

fn run(
    errand: &Errand<'_>,
    file: &str,
    memory: &mut Memory,
    world: &World<'_>,
) -> Result<Fetched, Fault> {
    let spec = errand.spec;
    let filled = fill(&spec.url, errand.period, errand.year).zip(fill(
        &spec.file,
        errand.period,
        errand.year,
    ));
    let Some((url, _)) = filled else { return Err(Fault::no_open_period(&spec.url)) };
    let target = errand.inbox.join(file);
    let key = format!("{}/{file}", errand.source);
    let request = memory::request_id(&(&url, spec));
    let kept = memory.of(&key).filter(|kept| kept.request == request).cloned();
    let mut caller = Caller::new(errand, world, &key)?;
    if spec.limits.is_some() {
        limits::keep_to(&url, spec, &mut caller, world)?;
    }
    let mut spool = Spool::new(errand.inbox, spec.max_bytes)?;
    let conditions = match &kept {
        // Page one of several says nothing of the others; a query has no conditions.
        Some(kept) if kept.pages == 1 && spec.kind != FetchKind::Pxweb => Conditions::of(kept),
        _ => Conditions::default(),
    };
    let Answer::Body { etag, last_modified } = caller.call(&url, &conditions, &mut spool)? else {
        return Ok(Fetched::Unchanged);
    };
    let pages = match spec.kind {
        FetchKind::Kolada => {
            pages::follow(&url, &Origin::of(&url), spec.max_pages, &mut caller, &mut spool)?
        }
        FetchKind::File | FetchKind::Pxweb => 1,
    };
    let (sha256, bytes) = spool.digest()?;
    let is_known = kept.is_some_and(|kept| kept.sha256 == sha256);
    if !is_known {
        spool.deliver(&target)?;
    }
    let origin = WayIn::Http { url };
    memory.keep(key, Kept { request, origin, etag, last_modified, sha256, bytes, pages });
    Ok(if is_known { Fetched::Unchanged } else { Fetched::New(target) })
}

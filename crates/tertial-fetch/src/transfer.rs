//! Files of another machine over SFTP: what is asked for, and what comes of it.

use crate::{Memory, World};
use std::path::{Path, PathBuf};
use tertial_model::Diagnostic;
use tertial_model::pipeline::SftpSpec;

/// One entry of a pipeline, and where it belongs.
pub struct Transfer<'a> {
    /// The source.
    pub source: &'a str,
    /// Path of the `pipeline.toml`, for messages.
    pub pipeline: &'a str,
    /// The entry.
    pub spec: &'a SftpSpec,
    /// The project folder, from which files are named.
    pub project: &'a Path,
    /// The drop folder.
    pub inbox: &'a Path,
    /// Whether a remote name fits the entry's pattern and one of the source's.
    pub is_wanted: &'a dyn Fn(&str) -> bool,
    /// Whether a remote name is that of a transfer under way.
    pub is_unfinished: &'a dyn Fn(&str) -> bool,
}

/// What a transfer brought.
#[derive(Debug, Default)]
pub struct Transferred {
    /// Files laid into the drop folder.
    pub new: Vec<PathBuf>,
    /// Files that were had before.
    pub unchanged: usize,
    /// What could not be had.
    pub diagnostics: Vec<Diagnostic>,
}

/// Brings every file that fits and is new, one after the other. A file is conditional by size and
/// second of change; one that changes while it is fetched is left for the next run.
pub fn transfer(transfer: &Transfer<'_>, memory: &mut Memory, world: &World<'_>) -> Transferred {
    #[cfg(feature = "sftp")]
    return crate::sftp::transfer(transfer, memory, world);
    #[cfg(not(feature = "sftp"))]
    {
        use tertial_model::{Code, Location};
        let _ = (memory, world);
        let message = format!("files of `{}` need SFTP, which is not built in", transfer.source);
        let told =
            Diagnostic::error(Code::FeatureNotBuilt, message, Location::file(transfer.pipeline))
                .with_expected("a program built with `--features sftp`")
                .with_effect(crate::fault::EFFECT)
                .with_hint(
                    "install `libssl-dev`, build with `cargo build --release --features sftp`",
                );
        Transferred { diagnostics: vec![told], ..Transferred::default() }
    }
}

//! The `[[sftp]]` entries: files of other machines into the drop folder.

use super::{Brought, Visit};
use tertial_fetch::{Memory, Transfer, World, transfer};
use tertial_lake::{is_archive, is_unfinished, match_pattern};
use tertial_model::pipeline::SftpSpec;

/// Brings every new file whose name fits the entry and would be received.
pub fn bring(
    visit: &Visit<'_>,
    spec: &SftpSpec,
    memory: &mut Memory,
    world: &World<'_>,
    brought: &mut Brought,
) {
    let is_wanted = |name: &str| {
        let fits = |pattern: &str| match_pattern(pattern, name).is_some();
        let is_received = visit.source.pipeline.files.iter().any(|file| fits(&file.pattern));
        fits(&spec.pattern) && (is_received || is_archive(name))
    };
    let one = Transfer {
        source: &visit.source.pipeline.name,
        pipeline: &visit.pipeline,
        spec,
        project: &visit.project.root,
        inbox: &visit.inbox,
        is_wanted: &is_wanted,
        is_unfinished: &is_unfinished,
    };
    let outcome = transfer(&one, memory, world);
    brought.unchanged += outcome.unchanged;
    brought.diagnostics.extend(outcome.diagnostics);
    for file in outcome.new {
        brought.add(visit.project, file);
    }
}

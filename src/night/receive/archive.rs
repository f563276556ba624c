//! A zip archive in a drop folder: each member is a delivery of its own that knows its archive.

use super::{Desk, hint, patterns, spec_for};
use crate::project::Source;
use tertial_lake::{Archive, Dropped, Member, ReceiptEvent};
use tertial_model::pipeline::FileSpec;
use tertial_model::{Code, Diagnostic, Location, Origin};

impl Desk<'_> {
    /// Takes in an archive whole or not at all; members that match no pattern are told each time.
    pub(super) fn take_archive(
        &mut self,
        source: &Source,
        file: &Dropped,
        shown: &str,
    ) -> Result<(), Box<Diagnostic>> {
        let limits = &source.pipeline.drop_folder;
        let unreadable = |error: std::io::Error| Box::new(cannot_be_read(shown, &error));
        let opened = file.open().map_err(unreadable)?;
        let again = opened.try_clone().map_err(unreadable)?;
        let mut archive = match Archive::read(again, shown, limits) {
            Ok(archive) => archive,
            Err(faults) => {
                self.received.diagnostics.extend(faults);
                return Ok(());
            }
        };
        let mut wanted: Vec<(Member, &FileSpec)> = Vec::new();
        let mut is_whole = true;
        for member in archive.members() {
            match spec_for(source, &member.name) {
                Some(spec) => wanted.push((member.clone(), spec)),
                None => {
                    is_whole = false;
                    self.received.diagnostics.push(unknown_member(source, shown, member));
                }
            }
        }
        wanted.retain(|(member, _)| {
            !self.log.knows(shown, Some(&member.path), file.bytes, file.changed_ns)
        });
        let folder = self.lake.private_folder()?;
        let members: Vec<Member> = wanted.iter().map(|(member, _)| member.clone()).collect();
        let paths = archive.unpack(&members, folder.path())?;
        let archive_sha256 = self.lake.hash_unchanged(file, &opened)?;
        let mut events = Vec::new();
        for ((member, spec), path) in wanted.iter().zip(&paths) {
            let origin = Origin::Archive {
                archive: file.name.clone(),
                archive_sha256: archive_sha256.clone(),
                member: member.path.clone(),
            };
            let event = self.take_in(source, spec, path, &|_| Some(origin.clone()))?;
            events.push(ReceiptEvent {
                file: shown.to_owned(),
                member: Some(member.path.clone()),
                bytes: file.bytes,
                changed_ns: file.changed_ns,
                ..event
            });
        }
        if is_whole {
            events.push(ReceiptEvent {
                received_at: self.now.at.clone(),
                source: source.pipeline.name.clone(),
                file: shown.to_owned(),
                member: None,
                bytes: file.bytes,
                changed_ns: file.changed_ns,
                sha256: archive_sha256,
                delivery: None,
            });
        }
        self.record(events)
    }
}

fn cannot_be_read(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(Code::UnreadableArchive, "an archive cannot be read", Location::file(shown))
        .with_found(error.to_string())
        .with_effect("nothing of the archive was taken in")
        .with_hint("give the user that runs `tertial` the right to read the file, and run again")
}

fn unknown_member(source: &Source, shown: &str, member: &Member) -> Diagnostic {
    let name = &source.pipeline.name;
    let message = format!("a member of an archive of `{name}` matches no pattern");
    Diagnostic::warning(Code::UnmatchedFile, message, Location::file(shown))
        .with_found(format!("`{}`", member.path))
        .with_expected(patterns(source))
        .with_effect("the member was passed over; the others were taken in")
        .with_hint(hint(
            &member.path,
            format!(
                "add its pattern to {}/pipeline.toml, or ask the sender to leave it out",
                source.folder()
            ),
        ))
}

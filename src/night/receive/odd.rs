//! Drop folders that cannot be read, and what lies in one and cannot be taken in.

use crate::project::{Project, Source};
use std::io::{self, ErrorKind};
use tertial_lake::{NoFile, Odd};
use tertial_model::{Code, Diagnostic, Location};

/// The drop folder of a source is gone or cannot be read.
pub(super) fn no_folder(project: &Project, source: &Source, error: &io::Error) -> Box<Diagnostic> {
    let name = &source.pipeline.name;
    let folder = project.shown(&project.inbox(source));
    let message = match error.kind() {
        ErrorKind::NotFound => format!("the drop folder of `{name}` is gone"),
        _ => format!("the drop folder of `{name}` cannot be read"),
    };
    let fault = Diagnostic::error(Code::DropFolderUnreadable, message, Location::file(&folder))
        .with_found(error.to_string())
        .with_expected("a folder that the user who runs `tertial` may read")
        .with_effect("nothing was taken in from it; figures are computed from the last delivery");
    let fault = match error.kind() {
        ErrorKind::NotFound => {
            fault.with_hint("see that the share it lies on is mounted, or make the folder again")
        }
        ErrorKind::PermissionDenied => {
            fault.with_hint("give the user that runs `tertial` the right to read the folder")
        }
        _ => fault.with_hint("see what stands in its place"),
    };
    let pipeline = format!("{}/pipeline.toml", source.folder());
    Box::new(fault.with_hint(match &source.pipeline.inbox {
        Some(_) => format!("where it lies is said by `inbox` in {pipeline}"),
        None => format!("if it has been moved, say where to with `inbox` in {pipeline}"),
    }))
}

/// Something in a drop folder is no file of its own.
pub(super) fn no_file(source: &Source, place: &str, odd: &Odd) -> Diagnostic {
    let name = &source.pipeline.name;
    let message = format!("what lies in the drop folder of `{name}` is not taken in");
    let place = Location::file(place);
    let fault = match odd.what {
        NoFile::Folder => Diagnostic::warning(Code::NotARegularFile, message, place),
        _ => Diagnostic::error(Code::NotARegularFile, message, place),
    };
    let fault = fault
        .with_found(odd.what.words())
        .with_expected("a regular file that has no other name")
        .with_effect("it was left where it is and nothing was read from it");
    match &odd.what {
        NoFile::Link => fault.with_hint(
            "lay the file itself there: a link may lead to anything on this machine, the key for \
             pseudonyms included, so none is followed",
        ),
        NoFile::HardLink { .. } => fault.with_hint(
            "copy the file into the folder instead of linking it: its other name may be that of a \
             file that is not the sender's",
        ),
        NoFile::Folder => fault.with_hint(
            "lay its files into the drop folder itself, which is not searched deeper, and take it away",
        ),
        NoFile::Special => fault.with_hint("take it away: it holds no bytes that could be kept"),
        NoFile::Unreadable(_) => {
            fault.with_hint("give the user that runs `tertial` the right to read it")
        }
    }
}

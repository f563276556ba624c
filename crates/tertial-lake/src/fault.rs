//! How faults of disk and Parquet become diagnostics.

use crate::Lake;
use std::io;
use std::path::Path;
use tertial_model::{Code, Diagnostic, Location};

impl Lake {
    /// T0805: `action` is `read`, `write` or `remove`.
    pub(crate) fn unusable(&self, action: &str, path: &Path, error: &io::Error) -> Box<Diagnostic> {
        let shown = self.shown(path);
        let hint = match error.kind() {
            io::ErrorKind::NotFound => "see that the path exists and run again",
            io::ErrorKind::PermissionDenied => {
                "give the user that runs `tertial` the right to the folder and run again"
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "free space on the disk and run again; nothing half written is ever read"
            }
            _ => "see to the disk and run again; nothing half written is ever read",
        };
        let message = format!("could not {action} `{shown}`");
        let diagnostic = Diagnostic::error(Code::FileAccess, message, Location::file(shown))
            .with_found(error.to_string())
            .with_hint(hint);
        Box::new(diagnostic)
    }

    /// T0806: a manifest that cannot be what was written.
    pub(crate) fn damaged(&self, path: &Path, found: String, hint: &str) -> Box<Diagnostic> {
        let shown = self.shown(path);
        let diagnostic = Diagnostic::error(
            Code::StoredFileChanged,
            "a stored manifest is damaged",
            Location::file(shown),
        )
        .with_found(found)
        .with_hint(hint);
        Box::new(diagnostic)
    }

    /// T0806: a Parquet file that is not what its manifest says.
    pub(crate) fn altered(&self, path: &Path, found: String, written: String) -> Box<Diagnostic> {
        let message = "a file of the lake is not as it was written";
        let diagnostic =
            Diagnostic::error(Code::StoredFileChanged, message, Location::file(self.shown(path)))
                .with_found(found)
                .with_expected(written)
                .with_hint("load the delivery again; its bytes are in `received/`");
        Box::new(diagnostic)
    }
}

/// A fault of the Arrow or Parquet library, as the disk fault it nearly always is.
pub(crate) fn as_io(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

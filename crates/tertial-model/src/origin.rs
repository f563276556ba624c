//! The way a file came, when nobody laid it into the drop folder by hand. Never holds a secret.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a delivery's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Origin {
    /// An answer over HTTP.
    Http {
        /// The address asked.
        url: String,
    },
    /// A file of another machine.
    Sftp {
        /// `sftp://user@host:22/folder/file`.
        url: String,
        /// When the file was changed there, in seconds since 1970.
        changed_at: u64,
    },
    /// A query's answer.
    Odbc {
        /// The query's file, relative to the project.
        query: String,
        /// Hash of the query's text, hex.
        query_sha256: String,
        /// The values given to the query, in order.
        parameters: Vec<String>,
        /// The driver, as the connection names it.
        driver: Option<String>,
        /// The data source (DSN), as the connection names it.
        data_source: Option<String>,
        /// The database system, as it names itself.
        system: String,
    },
    /// A member of an archive.
    Archive {
        /// The archive's name in the drop folder.
        archive: String,
        /// Hash of the archive, hex.
        archive_sha256: String,
        /// The member's path in the archive.
        member: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Http { url } | Origin::Sftp { url, .. } => f.write_str(url),
            Origin::Odbc { query, driver, data_source, .. } => {
                write!(f, "{query}")?;
                match data_source.as_ref().or(driver.as_ref()) {
                    Some(name) => write!(f, " at `{name}`"),
                    None => Ok(()),
                }
            }
            Origin::Archive { archive, member, .. } => write!(f, "`{member}` in {archive}"),
        }
    }
}

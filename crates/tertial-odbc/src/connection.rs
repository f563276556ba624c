//! The connection string: read from where it is kept, shown nowhere.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tertial_model::{Code, Diagnostic, Location};
use zeroize::Zeroizing;

/// A connection string. Neither `Debug` nor any message shows it.
pub struct Connection {
    text: Zeroizing<String>,
    /// What its attributes hold that must not be read anywhere.
    secrets: Vec<Zeroizing<String>>,
    /// The driver it names.
    pub driver: Option<String>,
    /// The data source (DSN) it names.
    pub data_source: Option<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection(***)")
    }
}

impl Connection {
    /// Reads `env:NAME` or `file:PATH`; a relative path begins at the project. `pipeline` and
    /// `source` are for messages. A file that others may read is refused.
    pub fn read(
        kept: &str,
        project: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
        source: &str,
        pipeline: &str,
    ) -> Result<Connection, Box<Diagnostic>> {
        let refused = |found: String, hint: String| {
            let message = format!("the database of `{source}` has no connection string");
            let fault = Diagnostic::error(Code::FetchRefused, message, Location::file(pipeline))
                .with_found(found)
                .with_effect("nothing was asked; the last delivery stays in force");
            Box::new(fault.with_hint(hint))
        };
        let text = if let Some(name) = kept.strip_prefix("env:") {
            variable(name).map(Zeroizing::new).ok_or_else(|| {
                refused(
                    format!("no variable `{name}`"),
                    format!("set `{name}` for the account the night runs as"),
                )
            })?
        } else {
            let path = kept.strip_prefix("file:").unwrap_or(kept);
            let unreadable = |error: std::io::Error| {
                let hint = "put the connection string there, in a file that only the night's account \
                            may read";
                refused(format!("`{path}`: {error}"), hint.to_owned())
            };
            let file = project.join(path);
            let mode = std::fs::metadata(&file).map_err(unreadable)?.permissions().mode();
            if mode & 0o077 != 0 {
                let found = format!("`{path}`, which others may read (mode {:03o})", mode & 0o777);
                return Err(refused(found, format!("chmod 600 {path}")));
            }
            Zeroizing::new(std::fs::read_to_string(&file).map_err(unreadable)?)
        };
        let text = Zeroizing::new(text.trim().to_owned());
        if text.is_empty() || text.chars().any(char::is_control) {
            let hint = "write it on one line, `Driver={…};Server=…;Database=…;Uid=…;Pwd=…;`";
            return Err(refused(format!("nothing usable in `{kept}`"), hint.to_owned()));
        }
        Ok(Connection::new(text))
    }

    fn new(text: Zeroizing<String>) -> Connection {
        let mut connection =
            Connection { secrets: Vec::new(), driver: None, data_source: None, text };
        for (key, value) in attributes(&connection.text) {
            let key = key.to_ascii_lowercase();
            match key.as_str() {
                "driver" => connection.driver = Some(value),
                "dsn" => connection.data_source = Some(value),
                _ if is_secret(&key) && !value.is_empty() => {
                    connection.secrets.push(Zeroizing::new(value));
                }
                _ => {}
            }
        }
        // A longer one may hold a shorter one.
        connection.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        connection
    }

    /// The string itself, for the driver manager alone.
    #[cfg(feature = "driver")]
    pub(crate) fn reveal(&self) -> &str {
        &self.text
    }

    /// A driver's words without anything that is secret.
    #[cfg_attr(not(feature = "driver"), allow(dead_code))]
    pub(crate) fn scrub(&self, words: &str) -> String {
        let whole = words.replace(self.text.as_str(), "***");
        self.secrets.iter().fold(whole, |words, secret| words.replace(secret.as_str(), "***"))
    }
}

/// Whether an attribute's value is nobody's affair.
fn is_secret(key: &str) -> bool {
    ["pwd", "pass", "secret", "token", "key", "credential"].iter().any(|part| key.contains(part))
}

/// Keys and values of `a=b;c={d;e}}f}`.
fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_start_matches(';').trim().to_owned();
        let (value, next) = match after.trim_start().strip_prefix('{') {
            Some(braced) => braces(braced),
            None => {
                let (value, next) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), next)
            }
        };
        found.push((key, value));
        rest = next;
    }
    found
}

/// A value up to its closing brace, `}}` standing for one, and what follows.
fn braces(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    while let Some((part, after)) = rest.split_once('}') {
        value.push_str(part);
        match after.strip_prefix('}') {
            Some(more) => {
                value.push('}');
                rest = more;
            }
            None => return (value, after.trim_start().trim_start_matches(';')),
        }
    }
    value.push_str(rest);
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(text: &str) -> Connection {
        Connection::new(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn attributes_in_every_dress() {
        let all = attributes("Driver={PostgreSQL Unicode};Server = db;PWD={a;b}}c};Uid=x;Flag");
        let pairs: Vec<String> = all.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(pairs, ["Driver=PostgreSQL Unicode", "Server=db", "PWD=a;b}c", "Uid=x"]);
        let named = connection("DSN=lon;UID=x;Password=hemligt");
        assert_eq!((named.driver, named.data_source.as_deref()), (None, Some("lon")));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let all =
            connection("Driver={X};Uid=tertial;Pwd=hem;SSLKeyPassword=hemligt;AccessToken=t0k");
        assert_eq!(format!("{all:?}"), "Connection(***)");
        let words = "login of tertial with hemligt (hem) and t0k to Driver={X};Uid=tertial;Pwd=hem;\
                     SSLKeyPassword=hemligt;AccessToken=t0k failed";
        assert_eq!(all.scrub(words), "login of tertial with *** (***) and *** to *** failed");
    }

    #[test]
    fn where_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let variable = |name: &str| match name {
            "GOOD" => Some(" Driver={X};Pwd=hemligt; \n".to_owned()),
            "LINES" => Some("Driver={X};\nPwd=hemligt".to_owned()),
            _ => None,
        };
        let read = |kept: &str| {
            let pipeline = "pipelines/payments/pipeline.toml";
            Connection::read(kept, folder.path(), &variable, "payments", pipeline)
        };
        assert_eq!(read("env:GOOD").unwrap().text.as_str(), "Driver={X};Pwd=hemligt;");
        let file = folder.path().join("data/odbc");
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(&file, "Driver={X};Pwd=hemligt\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read("file:data/odbc").unwrap().driver.as_deref(), Some("X"));
        insta::assert_snapshot!(read("env:OTHER").unwrap_err(), @"
        error[T0117]: the database of `payments` has no connection string
           --> pipelines/payments/pipeline.toml
            = found:    no variable `OTHER`
            = effect:   nothing was asked; the last delivery stays in force

        hint: set `OTHER` for the account the night runs as
        ");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        insta::assert_snapshot!(read("file:data/odbc").unwrap_err(), @"
        error[T0117]: the database of `payments` has no connection string
           --> pipelines/payments/pipeline.toml
            = found:    `data/odbc`, which others may read (mode 640)
            = effect:   nothing was asked; the last delivery stays in force

        hint: chmod 600 data/odbc
        ");
        insta::assert_snapshot!(read("file:data/none").unwrap_err(), @"
        error[T0117]: the database of `payments` has no connection string
           --> pipelines/payments/pipeline.toml
            = found:    `data/none`: No such file or directory (os error 2)
            = effect:   nothing was asked; the last delivery stays in force

        hint: put the connection string there, in a file that only the night's account may read
        ");
        let lines = read("env:LINES").unwrap_err().to_string();
        assert!(lines.contains("nothing usable") && !lines.contains("hemligt"), "{lines}");
    }
}

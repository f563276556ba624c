//! `tertial.toml`: the few facts about a project that are neither pipeline, contract, query nor seed.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;
use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location, Period};
use toml::Table;

/// File name in the project folder.
pub const FILE: &str = "tertial.toml";

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The region.
    pub region: Region,
    /// The nightly run.
    #[serde(default)]
    pub night: Night,
    /// Persons.
    #[serde(default)]
    pub privacy: Privacy,
    /// What is done after a night.
    #[serde(default, skip_serializing_if = "After::is_empty")]
    pub after: After,
}

/// The region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Name, `Region Jämtland Härjedalen`.
    pub name: String,
    /// Whether every figure is made up; then every page says so.
    #[serde(default)]
    pub synthetic: bool,
}

/// The nightly run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Night {
    /// The period whose report is written each night; `"none"` says in so many words that none is.
    #[serde(deserialize_with = "open_period")]
    pub open_period: Option<Period>,
    /// How many releases are kept.
    pub keep_releases: usize,
    /// Memory the query engine may use.
    pub memory_limit: String,
    /// Threads of the query engine; no answer depends on it.
    pub threads: usize,
    /// Seconds after which a query is stopped, of the night or of `tertial sql`; 0 = never.
    pub query_seconds: u64,
}

impl Default for Night {
    fn default() -> Self {
        let memory_limit = "600MB".to_owned();
        Night { open_period: None, keep_releases: 7, memory_limit, threads: 2, query_seconds: 600 }
    }
}

impl Night {
    /// How long a query may take; none = as long as it takes.
    pub fn query_limit(&self) -> Option<Duration> {
        (self.query_seconds > 0).then(|| Duration::from_secs(self.query_seconds))
    }
}

fn open_period<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Period>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match (text.as_str(), Period::parse(&text)) {
        ("none", _) => Ok(None),
        (_, Some(period)) => Ok(Some(period)),
        (_, None) => Err(D::Error::custom(format!(
            "`{text}` is no period; expected one such as `2024T2`, or `none`"
        ))),
    }
}

/// Persons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// File with the key for pseudonyms, relative to the project; the environment variable
    /// `TERTIAL_PSEUDONYM_KEY` goes before it.
    pub key_file: Option<String>,
    /// The group that may read rows of persons, a name or a number; none is the program's own group.
    pub restricted_group: Option<String>,
    /// The group that may read the public database; none is the program's own group.
    pub public_group: Option<String>,
}

/// What is done after a night; nothing of it has a say in a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct After {
    /// A program with its arguments, run in the project's folder after a new release was published.
    pub command: Vec<String>,
    /// Seconds after which it is ended.
    pub command_seconds: u64,
    /// A file that is written when a night has ended clean, relative to the project.
    pub success_file: Option<String>,
    /// A file with the night's figures for Prometheus, relative to the project.
    pub metrics_file: Option<String>,
}

impl After {
    /// Whether nothing is done.
    fn is_empty(&self) -> bool {
        *self == After::default()
    }
}

impl Default for After {
    fn default() -> Self {
        let (success_file, metrics_file) = (None, None);
        After { command: Vec::new(), command_seconds: 60, success_file, metrics_file }
    }
}

/// The setting of an earlier file that a file leaves out although something else holds without it:
/// `night.threads = 4`. The key file is none of these: whether the key is there is asked for itself.
pub fn left_out(earlier: &str, now: &str) -> Option<String> {
    // A file that an earlier program wrote may have other words; those are no omission.
    let effective = |text: &str| Table::try_from(Config::parse(text).ok()?).ok();
    let stated = |text: &str| text.parse::<Table>().ok();
    let (was, is) = (effective(earlier)?, effective(now)?);
    let (said, says) = (stated(earlier)?, stated(now)?);
    let has_a_say = |section: &str| !matches!(section, "privacy" | "after");
    for (section, settings) in said.iter().filter(|(section, _)| has_a_say(section)) {
        for key in settings.as_table().into_iter().flat_map(Table::keys) {
            let of = |table: &Table| table.get(section)?.get(key).cloned();
            if of(&says).is_none() && of(&was) != of(&is) {
                return of(&said).map(|value| format!("{section}.{key} = {value}"));
            }
        }
    }
    None
}

impl Config {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Config, Faults> {
        toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text[..offset].matches('\n').count();
            let start = offset - text[..offset].rfind('\n').map_or(0, |at| at + 1);
            let content = text.lines().nth(line).unwrap_or("").to_owned();
            let place = Location::text(FILE, line as u64 + 1, start as u32 + 1);
            Faults::from(
                Diagnostic::error(Code::BadSetting, error.message().to_owned(), place)
                    .with_excerpt(Excerpt {
                        line: line as u64 + 1,
                        text: content,
                        start,
                        length: 1,
                    })
                    .with_effect("the project cannot be opened"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "[region]\nname = \"R\"\nsynthetic = true\n\n[night]\n\
        open_period = \"2024T2\"\nkeep_releases = 30\nthreads = 2\n\n[privacy]\nkey_file = \"key\"\n";

    fn without(line: &str) -> String {
        assert!(FULL.contains(line));
        FULL.lines().filter(|found| *found != line).map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_line_that_is_gone_is_no_decision() {
        let gone = |line: &str| left_out(FULL, &without(line));
        assert_eq!(gone("synthetic = true").as_deref(), Some("region.synthetic = true"));
        assert_eq!(
            gone("open_period = \"2024T2\"").as_deref(),
            Some("night.open_period = \"2024T2\"")
        );
        assert_eq!(gone("keep_releases = 30").as_deref(), Some("night.keep_releases = 30"));
        // Two threads are what holds anyway; the key is asked for itself.
        assert_eq!(gone("threads = 2"), None);
        assert_eq!(gone("key_file = \"key\""), None);
        assert_eq!(left_out(FULL, FULL), None);
    }

    #[test]
    fn a_line_that_says_something_else_is_one() {
        for (from, to) in [
            ("synthetic = true", "synthetic = false"),
            ("\"2024T2\"", "\"none\""),
            ("\"2024T2\"", "\"2024T3\""),
            ("keep_releases = 30", "keep_releases = 7"),
        ] {
            assert_eq!(left_out(FULL, &FULL.replace(from, to)), None, "{to}");
        }
        assert_eq!(left_out(&without("threads = 2"), FULL), None);
        assert_eq!(left_out("[planet]\nname = 1\n", FULL), None);
        let none = Config::parse(&FULL.replace("2024T2", "none")).unwrap();
        assert_eq!(none.night.open_period, None);
        let fault = Config::parse(&FULL.replace("2024T2", "sommaren")).unwrap_err();
        assert!(fault[0].message.contains("`sommaren` is no period"), "{fault:?}");
    }
}

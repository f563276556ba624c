//! What others are told when a night has ended: a command after a new release, a file that says that
//! all is well, and figures for whoever watches machines.
//!
//! None of it changes what was published; that something of it failed is told.

use super::Night;
use crate::config::{After, FILE};
use crate::night::changes;
use crate::night::record::Record;
use crate::project::Project;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Seek, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tertial_lake::atomic;
use tertial_model::{Code, Diagnostic, Faults, Location, persons};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::{EngineError, identifier, literal};
use tertial_warehouse::publish::{PUBLIC_FILE, Releases};

/// How much of what the command says is told.
const MOST_TOLD: usize = 500;

/// What the command reads on its standard input.
#[derive(Debug, Serialize)]
struct Published<'a> {
    region: &'a str,
    synthetic: bool,
    release: &'a str,
    previous: Option<&'a str>,
    as_of: &'a str,
    /// The public database, an absolute path.
    database: PathBuf,
    /// Indicators with another figure than before.
    changed_indicators: BTreeSet<String>,
    /// Marts with other rows than before.
    changed_marts: Vec<String>,
}

/// Runs the command, where one is named and the night published a release.
pub fn hook(project: &Project, night: &Night, previous: Option<&str>) -> Vec<Diagnostic> {
    let After { command, command_seconds, .. } = &project.config.after;
    let (Some(release), [program, arguments @ ..]) = (&night.release, command.as_slice()) else {
        return Vec::new();
    };
    if !night.is_new_release {
        return Vec::new();
    }
    let document = match published(project, night, release, previous) {
        Ok(document) => document,
        Err(faults) => return faults.into(),
    };
    let limit = Duration::from_secs(*command_seconds);
    match call(&project.root, program, arguments, document.as_bytes(), limit) {
        Ok(()) => Vec::new(),
        Err((message, found)) => vec![
            failed("command", message)
                .with_found(found)
                .with_expected("0")
                .with_effect("the release is in force; what the command refreshes is not"),
        ],
    }
}

fn published(
    project: &Project,
    night: &Night,
    release: &str,
    previous: Option<&str>,
) -> Result<String, Faults> {
    let record = Record::new(project);
    let now = record.of(release)?;
    let before = match previous {
        Some(id) => record.of(id)?,
        None => None,
    };
    let mut changed_indicators = BTreeSet::new();
    if let Some(now) = &now {
        let after = changes::read_side(project, &record, now, None)?;
        changed_indicators = match &before {
            Some(before) => {
                let before = changes::read_side(project, &record, before, None)?;
                let changes = changes::between(project, &before, &after);
                changes.into_iter().map(|change| change.id).collect()
            }
            None => after.outcomes.iter().map(|outcome| outcome.id.clone()).collect(),
        };
    }
    let releases = Releases::new(&project.data());
    let file = |id: &str| releases.path(id).join(PUBLIC_FILE);
    let changed_marts = changed_marts(previous.map(file).as_deref(), &file(release));
    let changed_marts = changed_marts.map_err(|error| {
        Faults::from(failed("command", format!("the releases cannot be compared: {error}")))
    })?;
    let database = releases.current_file(PUBLIC_FILE);
    let document = Published {
        region: &project.config.region.name,
        synthetic: project.config.region.synthetic,
        release,
        previous,
        as_of: &night.as_of,
        database: std::path::absolute(&database).unwrap_or(database),
        changed_indicators,
        changed_marts,
    };
    Ok(serde_json::to_string(&document).expect("text keys"))
}

/// The marts of a public database whose rows are not those of the one before; all where there is none.
fn changed_marts(before: Option<&Path>, now: &Path) -> Result<Vec<String>, EngineError> {
    let engine = Engine::in_memory()?;
    let attach = |path: &Path, name: &str| {
        let path = literal(&path.to_string_lossy());
        engine.execute(&format!("attach {path} as {name} (read_only)"))
    };
    attach(now, "release_now")?;
    let before = before.filter(|path| path.exists());
    if let Some(path) = before {
        attach(path, "release_before")?;
    }
    let tables = |database: &str| -> Result<BTreeSet<String>, EngineError> {
        let sql = "select table_name from duckdb_tables() \
                   where database_name = $1 and schema_name = 'mart'";
        let rows = engine.query(sql, &[database])?;
        Ok(rows.rows.iter().filter_map(|row| row[0].text()).collect())
    };
    let (old, new) = (tables("release_before")?, tables("release_now")?);
    let mut changed: BTreeSet<String> = old.symmetric_difference(&new).cloned().collect();
    for name in old.intersection(&new) {
        let name_in_sql = identifier(name);
        let other = |one: &str, two: &str| {
            format!(
                "exists (from {one}.mart.{name_in_sql} except all from {two}.mart.{name_in_sql})"
            )
        };
        let sql = format!(
            "select {} or {} as is_other",
            other("release_now", "release_before"),
            other("release_before", "release_now")
        );
        // Other columns are another mart.
        let is_same = engine
            .query(&sql, &[])
            .is_ok_and(|rows| rows.get(0, "is_other").text().as_deref() == Some("false"));
        if !is_same {
            changed.insert(name.clone());
        }
    }
    Ok(changed.into_iter().collect())
}

/// Runs a program in the project's folder, gives it a document and waits; what went wrong, and what it
/// said.
fn call(
    folder: &Path,
    program: &str,
    arguments: &[String],
    document: &[u8],
    limit: Duration,
) -> Result<(), (String, String)> {
    let cannot = |error: std::io::Error| {
        ("the command after publishing cannot be run".to_owned(), format!("`{program}`: {error}"))
    };
    // Files, so that neither side waits for the other.
    let mut input = tempfile::tempfile().map_err(cannot)?;
    input.write_all(document).and_then(|()| input.rewind()).map_err(cannot)?;
    let mut said = tempfile::tempfile().map_err(cannot)?;
    let both = said.try_clone().and_then(|one| Ok((one, said.try_clone()?))).map_err(cannot)?;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(both.0))
        .stderr(Stdio::from(both.1))
        .spawn()
        .map_err(cannot)?;
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().map_err(cannot)? {
            Some(status) => break Some(status),
            None if begin.elapsed() >= limit => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    if status.is_some_and(|status| status.success()) {
        return Ok(());
    }
    let mut text = Vec::new();
    let read = said.rewind().and_then(|()| said.read_to_end(&mut text));
    let text =
        if read.is_ok() { String::from_utf8_lossy(&text).into_owned() } else { String::new() };
    let tail: Vec<char> = text.trim().chars().rev().take(MOST_TOLD).collect();
    let tail = persons::masked(&tail.into_iter().rev().collect::<String>()).to_string();
    let found = if tail.is_empty() { "it said nothing".to_owned() } else { tail };
    Err(match status.and_then(|status| status.code()) {
        Some(code) => (format!("the command after publishing ended with {code}"), found),
        None if status.is_some() => {
            ("the command after publishing was ended by a signal".to_owned(), found)
        }
        None => {
            let seconds = limit.as_secs();
            (format!("the command after publishing had not ended after {seconds} s"), found)
        }
    })
}

/// Writes the files that others look at: that the night was clean, and its figures.
pub fn leave(project: &Project, night: &Night, finished_at: i64) -> Vec<Diagnostic> {
    let After { success_file, metrics_file, .. } = &project.config.after;
    let success = success_file.as_ref().filter(|_| night.exit_code == 0);
    let success = success.map(|file| ("success_file", file, format!("{}\n", night.as_of)));
    let metrics = metrics_file.as_ref();
    let metrics = metrics.map(|file| ("metrics_file", file, metrics_text(night, finished_at)));
    let written = success.into_iter().chain(metrics).filter_map(|(setting, file, text)| {
        let path = project.root.join(file);
        let error = atomic::write(&path, text.as_bytes()).err()?;
        let message = format!("`{file}` cannot be written: {error}");
        Some(failed(setting, message).with_effect("whoever watches it takes the night for failed"))
    });
    written.collect()
}

fn failed(setting: &str, message: impl Into<String>) -> Diagnostic {
    let place = Location::file(format!("{FILE}, after.{setting}"));
    Diagnostic::warning(Code::HookFailed, message, place)
}

/// The night in the text format of Prometheus.
fn metrics_text(night: &Night, finished_at: i64) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: &[(String, f64)]| {
        let _ = writeln!(text, "# HELP tertial_{name} {help}\n# TYPE tertial_{name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "tertial_{name}{labels} {value}");
        }
    };
    let plain = |value: f64| vec![(String::new(), value)];
    let label = |name: &str, word: &str, value: f64| {
        // The format's own escapes.
        let word = word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        (format!("{{{name}=\"{word}\"}}"), value)
    };
    gauge("run_finished_seconds", "When the night ended, Unix time.", &plain(finished_at as f64));
    gauge(
        "run_exit_code",
        "0 clean, 1 a person is needed, 2 failed.",
        &plain(f64::from(night.exit_code)),
    );
    let steps = night.seconds.iter().map(|(name, seconds)| label("step", name, *seconds));
    gauge("step_seconds", "Wall time of each step.", &steps.collect::<Vec<_>>());
    let [read, accepted, rejected, sums] = night.rows.map(|rows| rows as f64);
    gauge(
        "rows",
        "Rows of the deliveries that were read.",
        &[
            label("kind", "read", read),
            label("kind", "accepted", accepted),
            label("kind", "rejected", rejected),
            label("kind", "sum", sums),
        ],
    );
    gauge(
        "deliveries",
        "Deliveries that were read.",
        &[
            label("state", "loaded", night.loaded as f64),
            label("state", "refused", night.refused as f64),
        ],
    );
    let [known, new] = night.findings.map(|count| count as f64);
    gauge(
        "findings",
        "Findings of the audits of this night; none when nothing was built.",
        &[label("kind", "known", known), label("kind", "new", new)],
    );
    gauge("publishing_held", "1 after a rollback.", &plain(f64::from(u8::from(night.is_held))));
    let release = night.release.iter().map(|release| label("release", release, 1.0));
    gauge("release_info", "The release in force.", &release.collect::<Vec<_>>());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_as_prometheus_reads_it() {
        let night = Night {
            rows: [10, 8, 2, 0],
            loaded: 1,
            findings: [3, 1],
            seconds: vec![("load", 0.25)],
            release: Some("20240916-\"x\"".to_owned()),
            exit_code: 1,
            ..Night::default()
        };
        insta::assert_snapshot!(metrics_text(&night, 1_726_466_400), @r#"
        # HELP tertial_run_finished_seconds When the night ended, Unix time.
        # TYPE tertial_run_finished_seconds gauge
        tertial_run_finished_seconds 1726466400
        # HELP tertial_run_exit_code 0 clean, 1 a person is needed, 2 failed.
        # TYPE tertial_run_exit_code gauge
        tertial_run_exit_code 1
        # HELP tertial_step_seconds Wall time of each step.
        # TYPE tertial_step_seconds gauge
        tertial_step_seconds{step="load"} 0.25
        # HELP tertial_rows Rows of the deliveries that were read.
        # TYPE tertial_rows gauge
        tertial_rows{kind="read"} 10
        tertial_rows{kind="accepted"} 8
        tertial_rows{kind="rejected"} 2
        tertial_rows{kind="sum"} 0
        # HELP tertial_deliveries Deliveries that were read.
        # TYPE tertial_deliveries gauge
        tertial_deliveries{state="loaded"} 1
        tertial_deliveries{state="refused"} 0
        # HELP tertial_findings Findings of the audits of this night; none when nothing was built.
        # TYPE tertial_findings gauge
        tertial_findings{kind="known"} 3
        tertial_findings{kind="new"} 1
        # HELP tertial_publishing_held 1 after a rollback.
        # TYPE tertial_publishing_held gauge
        tertial_publishing_held 0
        # HELP tertial_release_info The release in force.
        # TYPE tertial_release_info gauge
        tertial_release_info{release="20240916-\"x\""} 1
        "#);
    }

    #[test]
    fn a_command_reads_the_document_and_is_held_to_its_code_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let run = |script: &str, limit: u64| {
            let arguments = ["-c".to_owned(), script.to_owned()];
            call(folder.path(), "sh", &arguments, b"{\"a\": 1}", Duration::from_millis(limit))
        };
        assert_eq!(run("cat > read.json", 5000), Ok(()));
        let read = std::fs::read_to_string(folder.path().join("read.json")).unwrap();
        assert_eq!(read, "{\"a\": 1}");
        // More than a pipe holds is said, and its end is told.
        let (message, found) =
            run("yes ord | head -c 300000; echo slut >&2; exit 3", 5000).unwrap_err();
        assert_eq!(message, "the command after publishing ended with 3");
        assert!(found.ends_with("slut") && found.len() <= MOST_TOLD, "{found}");
        let (message, found) = run("exec sleep 30", 200).unwrap_err();
        assert_eq!(message, "the command after publishing had not ended after 0 s");
        assert_eq!(found, "it said nothing");
        let (message, found) =
            call(folder.path(), "./no-such", &[], b"", Duration::from_secs(1)).unwrap_err();
        assert_eq!(message, "the command after publishing cannot be run");
        assert!(found.starts_with("`./no-such`: "), "{found}");
    }
}

//! The log of receipts: what came when, under which name. A receipt is an event, bytes are content.
//!
//! `received/receipts.jsonl` holds a line per file that was taken in, in the order it was, and is only
//! ever added to. From it follows which files of a drop folder were taken in already, and when a
//! delivery came the last time: bytes that come back after others are in force again. How far it had
//! come stands in the register, so that a line that is gone or changed is noticed.
//!
//! Between the receipts stand decisions: from its moment on a delivery is withdrawn, or counts again.

use crate::register::{LogMark, Registered};
use crate::{Lake, PRIVATE_FILE, PRIVATE_FOLDER, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use tertial_model::{Code, Diagnostic, Location};

/// One file, or one member of an archive, taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptEvent {
    /// When, RFC 3339, UTC.
    pub received_at: String,
    /// The source.
    pub source: String,
    /// The file in the drop folder, relative to the project.
    pub file: String,
    /// Path inside the archive, when the file is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Size of the file in the drop folder.
    pub bytes: u64,
    /// When that file was changed, in nanoseconds since 1970.
    pub changed_ns: i64,
    /// Hash of what was taken in, hex.
    pub sha256: String,
    /// The delivery it is; none for an archive as a whole, of which every member was taken in.
    pub delivery: Option<String>,
}

/// What was decided about a delivery that had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryDecision {
    /// When, RFC 3339, UTC.
    pub decided_at: String,
    /// The delivery.
    pub delivery: String,
    /// Whether it is left out from then on, or counts again.
    pub is_withdrawn: bool,
    /// Why.
    pub reason: String,
    /// Who decided: a role.
    pub decided_by: String,
}

/// A line of the log.
enum Line {
    Receipt(ReceiptEvent),
    Decision(DeliveryDecision),
}

/// Everything taken in so far, and what was decided about it.
#[derive(Debug, Clone, Default)]
pub struct Receipts {
    events: Vec<ReceiptEvent>,
    decisions: Vec<DeliveryDecision>,
    /// Place of the last event of a file and member.
    last_of_file: HashMap<(String, Option<String>), usize>,
}

/// Per delivery, when it was received and the number of the line in the log, from 1.
pub(crate) type ReceiptsOfDeliveries<'log> = HashMap<&'log str, Vec<(&'log str, usize)>>;

impl Receipts {
    fn new(lines: Vec<Line>) -> Receipts {
        let mut receipts = Receipts::default();
        for line in lines {
            match line {
                Line::Receipt(event) => receipts.push(event),
                Line::Decision(decision) => receipts.decisions.push(decision),
            }
        }
        receipts
    }

    /// Adds events that were written down.
    pub fn add(&mut self, events: Vec<ReceiptEvent>) {
        events.into_iter().for_each(|event| self.push(event));
    }

    fn push(&mut self, event: ReceiptEvent) {
        let key = (event.file.clone(), event.member.clone());
        self.last_of_file.insert(key, self.events.len());
        self.events.push(event);
    }

    /// The receipts in order.
    pub fn events(&self) -> &[ReceiptEvent] {
        &self.events
    }

    /// The decisions in order.
    pub fn decisions(&self) -> &[DeliveryDecision] {
        &self.decisions
    }

    /// The deliveries that are withdrawn by the last decision that `counts`.
    pub(crate) fn withdrawn(
        &self,
        counts: impl Fn(&str) -> Result<bool, Box<Diagnostic>>,
    ) -> Result<HashMap<&str, &DeliveryDecision>, Box<Diagnostic>> {
        let mut last = HashMap::new();
        for decision in &self.decisions {
            if counts(&decision.decided_at)? {
                last.insert(decision.delivery.as_str(), decision);
            }
        }
        last.retain(|_, decision| decision.is_withdrawn);
        Ok(last)
    }

    /// Whether a file is, unchanged, the one that was last taken in under its name.
    pub fn knows(&self, file: &str, member: Option<&str>, bytes: u64, changed_ns: i64) -> bool {
        let key = (file.to_owned(), member.map(str::to_owned));
        self.last_of_file.get(&key).is_some_and(|&at| {
            let event = &self.events[at];
            event.bytes == bytes && event.changed_ns == changed_ns
        })
    }

    /// Whether any receipt of a delivery was written down.
    pub fn names(&self, delivery: &str) -> bool {
        self.events.iter().any(|event| event.delivery.as_deref() == Some(delivery))
    }

    /// The receipts of every delivery that `counts`.
    pub(crate) fn of_deliveries(
        &self,
        counts: impl Fn(&str) -> Result<bool, Box<Diagnostic>>,
    ) -> Result<ReceiptsOfDeliveries<'_>, Box<Diagnostic>> {
        let mut found = ReceiptsOfDeliveries::new();
        for (index, event) in self.events.iter().enumerate() {
            let Some(delivery) = event.delivery.as_deref() else { continue };
            if counts(&event.received_at)? {
                found.entry(delivery).or_default().push((&event.received_at, index + 1));
            }
        }
        Ok(found)
    }
}

impl Lake {
    /// The log. A last line that a kill cut short is passed over: what it told of is taken in again.
    pub fn receipts(&self) -> Result<Receipts, Box<Diagnostic>> {
        let path = self.receipts_path();
        let bytes = self.log_bytes()?;
        let whole = bytes.as_slice();
        if let Registered::Sound(register) = self.register()?
            && !register.receipts.begins(whole)
        {
            return Err(self.log_altered(&register.receipts, whole));
        }
        let lines = whole.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.enumerate().map(|(index, line)| {
            parse(line).map_err(|error| {
                let hint = "remove the line; the files it speaks of are then taken in again";
                self.damaged(&path, format!("line {}: {error}", index + 1), hint)
            })
        });
        Ok(Receipts::new(lines.collect::<Result<_, _>>()?))
    }

    /// Adds receipts to the log, on disk when this returns.
    pub fn record(&self, events: &[ReceiptEvent]) -> Result<(), Box<Diagnostic>> {
        self.append(events)
    }

    /// Adds a decision about a delivery to the log, on disk and marked when this returns.
    pub fn decide(&self, decision: &DeliveryDecision) -> Result<(), Box<Diagnostic>> {
        self.append(std::slice::from_ref(decision))?;
        self.mark_receipts()
    }

    fn append(&self, events: &[impl Serialize]) -> Result<(), Box<Diagnostic>> {
        if events.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for event in events {
            serde_json::to_writer(&mut lines, event).expect("text keys");
            lines.push(b'\n');
        }
        let path = self.receipts_path();
        let folder = self.received_folder();
        let append = || -> io::Result<()> {
            atomic::create_dir(&self.data, SHARED_FOLDER)?;
            atomic::create_dir(&folder, PRIVATE_FOLDER)?;
            let is_new = !path.exists();
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false).mode(PRIVATE_FILE);
            let mut file = options.open(&path)?;
            let mut written = Vec::new();
            io::Read::read_to_end(&mut file, &mut written)?;
            let end = whole_lines(&written) as u64;
            file.set_len(end)?;
            io::Seek::seek(&mut file, io::SeekFrom::Start(end))?;
            file.write_all(&lines)?;
            file.sync_all()?;
            if is_new { atomic::sync_dir(&folder) } else { Ok(()) }
        };
        append().map_err(|error| self.unusable("write", &path, &error))
    }

    /// The whole lines of the log.
    pub(crate) fn log_bytes(&self) -> Result<Vec<u8>, Box<Diagnostic>> {
        let path = self.receipts_path();
        let mut bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(self.unusable("read", &path, &error)),
        };
        bytes.truncate(whole_lines(&bytes));
        Ok(bytes)
    }

    /// T0806: lines of the log are gone, or are not those that were written.
    fn log_altered(&self, written: &LogMark, found: &[u8]) -> Box<Diagnostic> {
        let path = self.receipts_path();
        let LogMark { lines, bytes, .. } = LogMark::of(found);
        let is_shorter = bytes < written.bytes;
        let count = |lines: u64, bytes: u64| match lines {
            1 => format!("1 line, {bytes} bytes"),
            _ => format!("{lines} lines, {bytes} bytes"),
        };
        let message = "the log of receipts is not as it was written";
        let fault = Diagnostic::error(
            Code::StoredFileChanged,
            message,
            Location::file(self.shown(&path)),
        )
        .with_found(match (found.is_empty(), is_shorter) {
            (true, _) => "no log".to_owned(),
            (_, true) => count(lines, bytes),
            _ => format!("other bytes among the first {}", written.bytes),
        })
        .with_expected(format!(
            "{}, or more, that begin with those written before",
            count(written.lines, written.bytes)
        ))
        .with_effect("nothing was loaded or published: which delivery is in force cannot be told")
        .with_hint("take the file back from the backup of `data/received`")
        .with_hint(
            "without a backup: remove `data/seals.json`; the log then counts as it stands, and \
                 a file of which no line speaks is taken in once more",
        );
        Box::new(fault)
    }

    fn receipts_path(&self) -> PathBuf {
        self.received_folder().join("receipts.jsonl")
    }
}

/// A line: a receipt, or what was decided.
fn parse(line: &[u8]) -> Result<Line, serde_json::Error> {
    serde_json::from_slice(line)
        .map(Line::Receipt)
        .or_else(|error| serde_json::from_slice(line).map(Line::Decision).map_err(|_| error))
}

/// Where the last whole line ends.
pub(crate) fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(file: &str, changed_ns: i64, delivery: &str) -> ReceiptEvent {
        ReceiptEvent {
            received_at: "2024-09-10T06:00:00Z".to_owned(),
            source: "hr".to_owned(),
            file: file.to_owned(),
            member: None,
            bytes: 3,
            changed_ns,
            sha256: "ab".to_owned(),
            delivery: Some(delivery.to_owned()),
        }
    }

    #[test]
    fn a_file_is_known_as_it_was_last_taken_in() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        lake.record(&[event("a.csv", 1, "hr-1"), event("a.csv", 2, "hr-2")]).unwrap();
        lake.record(&[event("b.csv", 1, "hr-1")]).unwrap();
        let receipts = lake.receipts().unwrap();
        assert!(receipts.knows("a.csv", None, 3, 2) && receipts.knows("b.csv", None, 3, 1));
        // The file of the first line, put back with its old time, is news.
        assert!(!receipts.knows("a.csv", None, 3, 1));
        assert!(!receipts.knows("a.csv", None, 4, 2));
        assert!(!receipts.knows("a.csv", Some("a.csv"), 3, 2));
        assert!(receipts.names("hr-2") && !receipts.names("hr-3"));
        let text = std::fs::read_to_string(folder.path().join("received/receipts.jsonl")).unwrap();
        insta::assert_snapshot!(text.lines().next().unwrap(), @r#"{"received_at":"2024-09-10T06:00:00Z","source":"hr","file":"a.csv","bytes":3,"changed_ns":1,"sha256":"ab","delivery":"hr-1"}"#);
    }

    #[test]
    fn a_line_cut_short_by_a_kill_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        lake.record(&[event("a.csv", 1, "hr-1"), event("b.csv", 1, "hr-2")]).unwrap();
        let path = folder.path().join("received/receipts.jsonl");
        let whole = std::fs::read(&path).unwrap();
        let first_line = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        for end in 0..=whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let kept = lake.receipts().unwrap().events().len();
            assert_eq!(kept, usize::from(end >= first_line) + usize::from(end == whole.len()));
            lake.record(&[event("c.csv", 1, "hr-3")]).unwrap();
            assert_eq!(lake.receipts().unwrap().events().len(), kept + 1, "cut at {end}");
        }
    }

    #[test]
    fn a_line_that_is_gone_or_changed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        lake.record(&[event("a.csv", 1, "hr-1"), event("b.csv", 1, "hr-2")]).unwrap();
        lake.mark_receipts().unwrap();
        // What a run that was killed added after the mark counts.
        lake.record(&[event("c.csv", 1, "hr-3")]).unwrap();
        assert_eq!(lake.receipts().unwrap().events().len(), 3);
        let path = folder.path().join("data/received/receipts.jsonl");
        let whole = std::fs::read(&path).unwrap();
        let second = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        let marked = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0;
        for end in 0..=marked {
            std::fs::write(&path, &whole[..end]).unwrap();
            assert!(lake.receipts().is_err(), "cut at {end}");
        }
        for at in (0..marked).step_by(7) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            std::fs::write(&path, changed).unwrap();
            assert!(lake.receipts().is_err(), "byte {at}");
        }
        std::fs::write(&path, &whole[second..]).unwrap();
        let told = lake.receipts().unwrap_err().to_string();
        assert!(told.contains("the log of receipts is not as it was written"), "{told}");
        assert!(told.contains("other bytes among the first "), "{told}");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(lake.receipts().unwrap_err().found.as_deref(), Some("no log"));
        std::fs::remove_file(folder.path().join("data/seals.json")).unwrap();
        assert_eq!(lake.receipts().unwrap().events().len(), 0);
    }

    #[test]
    fn a_damaged_line_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        lake.record(&[event("a.csv", 1, "hr-1")]).unwrap();
        let path = folder.path().join("data/received/receipts.jsonl");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"{\"received_at\"\n");
        std::fs::write(&path, bytes).unwrap();
        insta::assert_snapshot!(lake.receipts().unwrap_err(), @"
        error[T0806]: a stored manifest is damaged
           --> data/received/receipts.jsonl
            = found:    line 2: EOF while parsing an object at line 1 column 14

        hint: remove the line; the files it speaks of are then taken in again
        ");
    }
}

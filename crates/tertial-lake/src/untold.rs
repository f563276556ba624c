//! What was found and nobody has been told yet, so that a run that is killed takes no message with it.
//!
//! `data/untold.jsonl` gets a line before a load counts or a release is put in force, with everything
//! there is to tell of it; a later line about the same thing takes the place of an earlier one. The
//! file goes when its contents have been told. A line that a kill cut short is passed over: what it
//! would have told of does not count yet, and is found again.

use crate::receipts::whole_lines;
use crate::{Lake, PRIVATE_FILE, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use tertial_model::Diagnostic;

/// What there is to tell about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untold {
    /// The thing: a delivery's load, or a release.
    pub about: String,
    /// What was found, in order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Lake {
    /// Keeps what there is to tell about a thing until it has been told; on disk when this returns.
    /// The caller holds the lock.
    pub fn keep_untold(&self, about: &str, found: &[Diagnostic]) -> Result<(), Box<Diagnostic>> {
        let is_news = !found.is_empty() || self.untold()?.iter().any(|kept| kept.about == about);
        if !is_news {
            return Ok(());
        }
        let untold = Untold { about: about.to_owned(), diagnostics: found.to_vec() };
        let mut line = serde_json::to_vec(&untold).expect("text keys");
        line.push(b'\n');
        let path = self.untold_path();
        let append = || -> io::Result<()> {
            atomic::create_dir(self.data_dir(), SHARED_FOLDER)?;
            let is_new = !path.exists();
            let kept = fs::read(&path).unwrap_or_default();
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(PRIVATE_FILE);
            let mut file = options.open(&path)?;
            let end = whole_lines(&kept) as u64;
            file.set_len(end)?;
            io::Seek::seek(&mut file, io::SeekFrom::Start(end))?;
            file.write_all(&line)?;
            file.sync_all()?;
            if is_new { atomic::sync_dir(self.data_dir()) } else { Ok(()) }
        };
        append().map_err(|error| self.unusable("write", &path, &error))
    }

    /// What has not been told, in the order it was found; the last line about each thing.
    pub fn untold(&self) -> Result<Vec<Untold>, Box<Diagnostic>> {
        let path = self.untold_path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unusable("read", &path, &error)),
        };
        let lines = bytes[..whole_lines(&bytes)].split(|&byte| byte == b'\n');
        let mut last: BTreeMap<String, (usize, Untold)> = BTreeMap::new();
        for (index, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let untold: Untold = serde_json::from_slice(line).map_err(|error| {
                let hint = "read what is left of it, then remove it: it holds messages only";
                self.damaged(&path, format!("line {}: {error}", index + 1), hint)
            })?;
            last.insert(untold.about.clone(), (index, untold));
        }
        let mut kept: Vec<_> = last.into_values().collect();
        kept.sort_by_key(|(index, _)| *index);
        Ok(kept.into_iter().map(|(_, untold)| untold).collect())
    }

    /// Everything has been told.
    pub fn forget_untold(&self) -> Result<(), Box<Diagnostic>> {
        self.remove_file(&self.untold_path())
    }

    fn untold_path(&self) -> PathBuf {
        self.data_dir().join("untold.jsonl")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::{Code, Location};

    fn fault(message: &str) -> Diagnostic {
        Diagnostic::warning(Code::NotADecimal, message, Location::text("a.csv", 2, 3))
            .with_found("`1,6o`")
            .with_hint("write a zero")
    }

    fn told(lake: &Lake) -> Vec<String> {
        let untold = lake.untold().unwrap();
        let each = |untold: Untold| {
            let messages: Vec<String> =
                untold.diagnostics.into_iter().map(|found| found.message).collect();
            format!("{}: {}", untold.about, messages.join(", "))
        };
        untold.into_iter().map(each).collect()
    }

    #[test]
    fn the_last_word_about_a_thing_is_kept_until_it_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        lake.keep_untold("load hr-1", &[]).unwrap();
        assert!(!folder.path().join("data/untold.jsonl").exists(), "nothing to tell");
        lake.keep_untold("load hr-1", &[fault("one"), fault("two")]).unwrap();
        lake.keep_untold("load hr-2", &[fault("three")]).unwrap();
        lake.keep_untold("load hr-1", &[fault("four")]).unwrap();
        assert_eq!(told(&lake), ["load hr-2: three", "load hr-1: four"]);
        assert_eq!(lake.untold().unwrap()[0].diagnostics, [fault("three")]);
        lake.keep_untold("load hr-2", &[]).unwrap();
        assert_eq!(told(&lake), ["load hr-1: four", "load hr-2: "]);
        lake.forget_untold().unwrap();
        lake.forget_untold().unwrap();
        assert_eq!(told(&lake), [""; 0]);
    }

    #[test]
    fn a_line_cut_short_by_a_kill_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        lake.keep_untold("a", &[fault("one")]).unwrap();
        lake.keep_untold("b", &[fault("two")]).unwrap();
        let path = folder.path().join("untold.jsonl");
        let whole = fs::read(&path).unwrap();
        let first = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
        for end in 0..=whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            let kept = usize::from(end >= first) + usize::from(end == whole.len());
            assert_eq!(lake.untold().unwrap().len(), kept, "cut at {end}");
            lake.keep_untold("c", &[fault("three")]).unwrap();
            assert_eq!(lake.untold().unwrap().len(), kept + 1, "cut at {end}");
        }
    }
}

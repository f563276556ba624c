//! One run at a time: an advisory lock on `data/lock`.
//!
//! The kernel releases it when the process ends, however it ends; the text in the file only tells
//! others whom they wait for, and its time of change tells since when.

use crate::{Lake, SHARED_FILE, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use tertial_model::{Code, Diagnostic, Location};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file releases the lock; an emptied file says that the run ended in order.
        let _ = self.file.set_len(0);
    }
}

#[derive(Serialize, Deserialize)]
struct Holder {
    process: u32,
    command: String,
}

impl Lake {
    /// Takes the lock for `who`, a command line such as `tertial run`, or says who holds it.
    pub fn lock(&self, who: &str) -> Result<Lock, Box<Diagnostic>> {
        let path = self.data.join("lock");
        let fault = |error: io::Error| self.unusable("write", &path, &error);
        atomic::create_dir(&self.data, SHARED_FOLDER).map_err(fault)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(SHARED_FILE);
        let mut file = options.open(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.held_by_another(file)),
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        let holder = Holder { process: std::process::id(), command: who.to_owned() };
        let text = serde_json::to_vec(&holder).expect("a holder is plain text");
        file.set_len(0).and_then(|()| file.write_all(&text)).map_err(fault)?;
        Ok(Lock { file })
    }

    fn held_by_another(&self, mut file: File) -> Box<Diagnostic> {
        let since = file.metadata().and_then(|metadata| metadata.modified()).ok();
        let since = since.and_then(|time| jiff::Timestamp::try_from(time).ok());
        let since = since.and_then(|time| time.round(jiff::Unit::Second).ok());
        let since = since.map(|time| format!(", since {time}")).unwrap_or_default();
        let mut text = String::new();
        let read = file.read_to_string(&mut text);
        let holder = read.ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok());
        let location = Location::file(self.shown(&self.data.join("lock")));
        let fault = Diagnostic::error(Code::RunInProgress, "another run is under way", location)
            .with_effect("nothing was done");
        Box::new(match holder {
            Some(Holder { process, command }) => fault
                .with_found(format!("`{command}`, process {process}{since}"))
                .with_hint(format!("wait for it, or end process {process} if it hangs"))
                .with_hint("the lock ends with the process; the file need not be removed"),
            // The holder has taken the lock but not yet written its name.
            None => fault.with_hint("wait for it and try again"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_run_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path().join("data")).unwrap();
        let lock = lake.lock("tertial run").unwrap();
        let text = lake.lock("tertial load").unwrap_err().to_string();
        let process = std::process::id().to_string();
        let since = text.split("since ").nth(1).unwrap().lines().next().unwrap();
        let _: jiff::Timestamp = since.parse().unwrap();
        let text = text.replace(&process, "PROCESS").replace(since, "TIME");
        insta::assert_snapshot!(text, @"
        error[T0801]: another run is under way
           --> data/lock
            = found:    `tertial run`, process PROCESS, since TIME
            = effect:   nothing was done

        hint: wait for it, or end process PROCESS if it hangs
        hint: the lock ends with the process; the file need not be removed
        ");
        drop(lock);
        drop(lake.lock("tertial load").unwrap());
    }
}

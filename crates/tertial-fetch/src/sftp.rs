//! The conversation with an SSH server. Nothing is said to a machine before it has shown its key.

mod known;
mod link;

use crate::fault::{Fault, Whose};
use crate::landing::{Landing, request_of, settle};
use crate::spool::Spool;
use crate::{Fetched, Memory, Transfer, Transferred, World};
use link::{Link, Trouble};
use ssh2::{FileStat, Sftp};
use std::io::Read;
use std::path::{Path, PathBuf};
use tertial_model::Origin;

/// A remote file that is wanted.
struct Remote {
    name: String,
    path: PathBuf,
    bytes: u64,
    changed_at: u64,
}

/// What was found in a remote folder, by name.
struct Listed {
    files: Vec<Remote>,
    /// Names that are links.
    links: Vec<String>,
}

/// See [`crate::transfer`].
pub(crate) fn transfer(
    transfer: &Transfer<'_>,
    memory: &mut Memory,
    world: &World<'_>,
) -> Transferred {
    let whose = Whose { source: transfer.source, pipeline: transfer.pipeline };
    let mut brought = Transferred::default();
    let mut link = Link::new(transfer, world);
    let Listed { files, links } = match link.attempt(&mut |sftp| list(transfer, sftp)) {
        Ok(files) => files,
        Err(fault) => {
            brought.diagnostics.push(fault.tell(whose, &transfer.spec.pattern));
            return brought;
        }
    };
    for name in links {
        let fault = Fault::refused("a symbolic link")
            .expecting("a regular file")
            .hinting("ask for the file itself: a link may lead to anything on that machine, so none is followed");
        brought.diagnostics.push(fault.tell(whose, &name));
    }
    for file in files {
        match bring(transfer, &file, &mut link, memory) {
            Ok(Fetched::New(path)) => brought.new.push(path),
            Ok(Fetched::Unchanged) => brought.unchanged += 1,
            Err(fault) => brought.diagnostics.push(fault.tell(whose, &file.name)),
        }
    }
    brought
}

/// The wanted files of the folder, and the links among them; a folder is none.
fn list(transfer: &Transfer<'_>, sftp: &Sftp) -> Result<Listed, Trouble> {
    let folder = Path::new(&transfer.spec.folder);
    let url = transfer.spec.url();
    let entries = sftp.readdir(folder).map_err(|error| {
        Trouble::of(&error, &url, "see that the folder is there and the account may read it")
    })?;
    let (mut files, mut links) = (Vec::new(), Vec::new());
    for (path, stat) in entries {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            continue;
        };
        if name.starts_with('.') || !(transfer.is_wanted)(&name) {
            continue;
        }
        if stat.file_type().is_symlink() {
            links.push(name);
        } else if let Some(file) = remote(name, path, &stat) {
            files.push(file);
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    links.sort();
    let most = transfer.spec.max_files;
    if files.len() as u64 > most {
        let found = format!("{} files that fit in `{url}`", files.len());
        return Err(Fault::refused(found)
            .expecting(format!("at most {most}"))
            .hinting("clear the folder there, narrow `pattern`, or raise `max_files`")
            .into());
    }
    Ok(Listed { files, links })
}

fn remote(name: String, path: PathBuf, stat: &FileStat) -> Option<Remote> {
    if !stat.is_file() {
        return None;
    }
    Some(Remote { name, path, bytes: stat.size?, changed_at: stat.mtime? })
}

/// Brings one file unless it is known by size and second of change.
fn bring(
    transfer: &Transfer<'_>,
    file: &Remote,
    link: &mut Link<'_>,
    memory: &mut Memory,
) -> Result<Fetched, Fault> {
    let most = transfer.spec.max_bytes;
    let origin = Origin::Sftp {
        url: format!("{}/{}", transfer.spec.url().trim_end_matches('/'), file.name),
        changed_at: file.changed_at,
    };
    let changed_at = file.changed_at.to_string();
    let is_known = memory.of(&format!("{}/{}", transfer.source, file.name)).is_some_and(|kept| {
        kept.request == request_of(&origin)
            && kept.bytes == file.bytes
            && kept.last_modified.as_deref() == Some(&changed_at)
    });
    if is_known {
        return Ok(Fetched::Unchanged);
    }
    if (transfer.is_unfinished)(&file.name) {
        return Err(Fault::moving(format!("`{}`, the name of a transfer under way", file.name))
            .expecting("the file's own name, which it gets when the transfer is done"));
    }
    if file.bytes > most {
        return Err(Fault::too_large(most, Some(file.bytes)));
    }
    let mut spool = Spool::new(transfer.inbox, most)?;
    link.attempt(&mut |sftp| {
        spool.rewind(0)?;
        copy(sftp, file, &mut spool)
    })?;
    let landing = Landing {
        source: transfer.source,
        pipeline: transfer.pipeline,
        file: &file.name,
        inbox: transfer.inbox,
        max_bytes: most,
    };
    settle(&landing, spool, origin, Some(changed_at), memory)
}

/// Copies a file that is the same before and after.
fn copy(sftp: &Sftp, file: &Remote, spool: &mut Spool) -> Result<(), Trouble> {
    let hint = "see that the account may read the file";
    let mut from = sftp.open(&file.path).map_err(|error| Trouble::of(&error, &file.name, hint))?;
    let mut buffer = vec![0; 1 << 17];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => spool.add(&buffer[..count])?,
            Err(error) => return Err(Trouble::of_reading(&error, &file.name, spool.written())),
        }
    }
    // Of the name itself: a link that was put in the file's place has another size.
    let after = sftp.lstat(&file.path).map_err(|error| Trouble::of(&error, &file.name, hint))?;
    let is_same =
        after.is_file() && (after.size, after.mtime) == (Some(file.bytes), Some(file.changed_at));
    if is_same && spool.written() == file.bytes {
        return Ok(());
    }
    let bytes = after.size.unwrap_or(0).max(spool.written());
    Err(Fault::moving(format!("{} bytes in the list, {bytes} after the transfer", file.bytes))
        .expecting("a file that is left alone")
        .hinting("it is fetched in the next run; a sender that renames finished files helps")
        .into())
}

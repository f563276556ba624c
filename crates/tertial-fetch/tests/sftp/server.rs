//! An SSH server of Debian's package that offers SFTP, for the tests alone.

use crate::ordinary::{self, Served};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A server with one account, let in by a key.
pub struct Sshd {
    /// Where it listens on the loopback.
    pub port: u16,
    /// Its account.
    pub user: String,
    /// The folder it offers.
    pub export: PathBuf,
    /// The private key that is let in.
    pub key_file: PathBuf,
    folder: PathBuf,
    _served: Served,
    _keys: tempfile::TempDir,
}

impl Sshd {
    /// Starts one that has keys of the kinds given, at a port of its own.
    pub fn start(kinds: &[&str]) -> Sshd {
        let keys = tempfile::tempdir().unwrap();
        let folder = ordinary::folder("sshd");
        let key_file = keys.path().join("id");
        keygen(&key_file, "ed25519", "");
        std::fs::copy(key_file.with_extension("pub"), folder.join("authorized_keys")).unwrap();
        let export = folder.join("export");
        ordinary::run(ordinary::command("mkdir").arg(&export));
        let port = ordinary::free_port();
        let shown = folder.display();
        let mut config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nStrictModes no\n\
             AuthorizedKeysFile {shown}/authorized_keys\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n\
             MaxStartups 100\n"
        );
        let user = ordinary::user();
        // Without PAM an account without a password counts as locked.
        config.push_str(if user == "nobody" { "UsePAM yes\n" } else { "UsePAM no\n" });
        for kind in kinds {
            let host_key = folder.join(format!("host_{kind}"));
            keygen(&host_key, kind, "");
            ordinary::give(&host_key);
            config.push_str(&format!("HostKey {}\n", host_key.display()));
        }
        let file = folder.join("sshd_config");
        std::fs::write(&file, config).unwrap();
        let arguments = ["-D", "-e", "-f", file.to_str().unwrap()];
        let served = ordinary::serve(&folder, port, "/usr/sbin/sshd", &arguments);
        Sshd { port, user, export, key_file, folder, _served: served, _keys: keys }
    }

    /// The line that makes the server known at a port.
    pub fn known_line(&self, kind: &str, port: u16) -> String {
        let key = std::fs::read_to_string(self.folder.join(format!("host_{kind}.pub"))).unwrap();
        let mut parts = key.split_whitespace();
        let (kind, key) = (parts.next().unwrap(), parts.next().unwrap());
        format!("[127.0.0.1]:{port} {kind} {key}\n")
    }

    /// Puts a file into the folder; it was changed at a second since 1970.
    pub fn put(&self, name: &str, bytes: &[u8], changed_at: u64) {
        let path = self.export.join(name);
        std::fs::write(&path, bytes).unwrap();
        let changed = std::time::UNIX_EPOCH + std::time::Duration::from_secs(changed_at);
        std::fs::File::options().append(true).open(&path).unwrap().set_modified(changed).unwrap();
        ordinary::give(&path);
    }
}

/// Makes a key; the public one lies beside it.
pub fn keygen(path: &Path, kind: &str, passphrase: &str) {
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"]).arg(path);
    ordinary::run(&mut keygen);
}

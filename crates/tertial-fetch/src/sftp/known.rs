//! Which keys a machine is known by, and whether it shows one of them.
//!
//! The file is one that `ssh-keyscan` writes: names, plain or hashed, kind and key. Matching is the
//! library's; here each known key is held against the name, so that the machine is asked for a key of
//! a kind that is known.

use crate::fault::Fault;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ssh2::{CheckResult, HashType, KnownHostFileKind, KnownHosts, MethodType, Session};
use std::path::Path;
use tertial_model::pipeline::SftpSpec;

/// The keys of one machine.
pub(super) struct Known<'a> {
    spec: &'a SftpSpec,
    hosts: KnownHosts,
    /// Kinds of the keys it is known by: `ssh-ed25519`.
    kinds: Vec<String>,
}

impl<'a> Known<'a> {
    /// Reads the file; a relative path begins at the project.
    pub(super) fn read(
        session: &Session,
        spec: &'a SftpSpec,
        project: &Path,
    ) -> Result<Known<'a>, Fault> {
        let shown = &spec.known_hosts;
        let text = std::fs::read_to_string(project.join(shown)).map_err(|error| {
            Fault::refused(format!("the known machines in `{shown}`: {error}"))
                .hinting(how_to_know(spec))
        })?;
        let unusable = |number: usize, why: &str| {
            Fault::refused(format!("line {number} of `{shown}`, {why}"))
                .expecting("a name, a kind and a key, as `ssh-keyscan` writes them")
                .hinting("keep a file of known machines for this program alone")
        };
        let mut hosts = session
            .known_hosts()
            .map_err(|error| Fault::failed(format!("no list of machines: {}", error.message())))?;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with('@') {
                return Err(unusable(number, "which begins with a marker that is not acted on"));
            }
            hosts
                .read_str(line, KnownHostFileKind::OpenSSH)
                .map_err(|_| unusable(number, "which cannot be read"))?;
        }
        let mut kinds = Vec::new();
        for host in hosts.iter().unwrap_or_default() {
            let Ok(key) = STANDARD.decode(host.key()) else { continue };
            let is_of_the_machine =
                matches!(hosts.check_port(&spec.host, spec.port, &key), CheckResult::Match);
            if let Some(kind) = kind_of(&key).filter(|_| is_of_the_machine)
                && !kinds.contains(&kind)
            {
                kinds.push(kind);
            }
        }
        Ok(Known { spec, hosts, kinds })
    }

    /// Whether any key of the machine is known.
    pub(super) fn has_any(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// Asks for a key of a kind that is known.
    pub(super) fn prefer(&self, session: &Session) {
        let methods: Vec<&str> = self
            .kinds
            .iter()
            .flat_map(|kind| match kind.as_str() {
                "ssh-rsa" => vec!["rsa-sha2-512", "rsa-sha2-256"],
                kind => vec![kind],
            })
            .collect();
        if !methods.is_empty() {
            // A kind that the library does not have makes the handshake fail, which is told then.
            let _ = session.method_pref(MethodType::HostKey, &methods.join(","));
        }
    }

    /// Whether the machine shows a key that is known.
    pub(super) fn check(&self, session: &Session) -> Result<(), Fault> {
        let Some((key, _)) = session.host_key() else {
            return Err(Fault::failed("a machine that shows no key"));
        };
        let (spec, kind) = (self.spec, kind_of(key).unwrap_or_default());
        let print = session
            .host_key_hash(HashType::Sha256)
            .map(|hash| format!("SHA256:{}", STANDARD_NO_PAD.encode(hash)))
            .unwrap_or_default();
        let shown = format!("`{}:{}` shows the key {kind} {print}", spec.host, spec.port);
        match self.hosts.check_port(&spec.host, spec.port, key) {
            CheckResult::Match => Ok(()),
            _ if self.has_any() => Err(Fault::stranger(shown)
                .expecting(format!("the key that stands in `{}`", spec.known_hosts))
                .hinting(
                    "nothing was said to it; ask those who run it, by another way, whether its key \
                     was changed, and only then replace the line",
                )),
            _ => Err(Fault::stranger(shown)
                .expecting(format!("a line for the machine in `{}`", spec.known_hosts))
                .hinting(how_to_know(spec))),
        }
    }

    /// The machine has no key of a kind that is known.
    pub(super) fn no_common_key(&self, why: &str) -> Fault {
        let spec = self.spec;
        Fault::stranger(format!(
            "`{}:{}` offers no key of a known kind ({why})",
            spec.host, spec.port
        ))
        .expecting(format!("a key of the kind {}", self.kinds.join(" or ")))
        .hinting(how_to_know(spec))
    }
}

fn how_to_know(spec: &SftpSpec) -> String {
    format!(
        "ask those who run the machine for its key, compare it with `ssh-keyscan -p {} {}`, and add \
         the line to `{}`",
        spec.port, spec.host, spec.known_hosts
    )
}

/// The kind that a key says it is: its first field.
fn kind_of(key: &[u8]) -> Option<String> {
    let length = u32::from_be_bytes(key.first_chunk::<4>().copied()?) as usize;
    let kind = key.get(4..4 + length)?;
    String::from_utf8(kind.to_vec()).ok()
}

//! One connection, made anew when it breaks, and what is worth trying again.

use super::known::Known;
use crate::fault::Fault;
use crate::retry::{ATTEMPTS, Backoff};
use crate::{Transfer, World};
use ssh2::{ErrorCode, Session, Sftp};
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

/// Codes of `libssh2.h`: the other side is gone, silent or out of step.
const BROKEN: [i32; 11] = [-2, -5, -7, -8, -9, -13, -26, -30, -37, -43, -45];
/// The two sides have no algorithm in common; also a connection that ends during key exchange.
const KEY_EXCHANGE: [i32; 2] = [-5, -8];
/// Codes of the SFTP protocol.
const NO_SUCH_FILE: [i32; 2] = [2, 10];
const PERMISSION_DENIED: i32 = 3;
const CONNECTION_LOST: [i32; 2] = [6, 7];

/// Why an attempt brought nothing.
pub(super) enum Trouble {
    /// It may pass.
    Passing(String),
    /// It will not.
    Lasting(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Lasting(fault)
    }
}

impl Trouble {
    /// Of a call about something.
    pub(super) fn of(error: &ssh2::Error, about: &str, hint: &str) -> Trouble {
        let lasting =
            |words: &str| Fault::failed(format!("{words}: `{about}`")).hinting(hint).into();
        match error.code() {
            ErrorCode::Session(code) if BROKEN.contains(&code) => {
                Trouble::Passing(format!("a connection that breaks off ({})", error.message()))
            }
            ErrorCode::SFTP(code) if CONNECTION_LOST.contains(&code) => {
                Trouble::Passing(format!("a connection that breaks off ({})", error.message()))
            }
            ErrorCode::SFTP(code) if NO_SUCH_FILE.contains(&code) => {
                lasting("no such file or folder")
            }
            ErrorCode::SFTP(PERMISSION_DENIED) => lasting("no permission"),
            _ => lasting(error.message()),
        }
    }

    /// Of reading a file's bytes.
    pub(super) fn of_reading(error: &io::Error, name: &str, bytes: u64) -> Trouble {
        Trouble::Passing(format!("`{name}` breaks off after {bytes} bytes ({error})"))
    }
}

pub(super) struct Link<'a> {
    transfer: &'a Transfer<'a>,
    world: &'a World<'a>,
    backoff: Backoff,
    sftp: Option<Sftp>,
}

impl<'a> Link<'a> {
    pub(super) fn new(transfer: &'a Transfer<'a>, world: &'a World<'a>) -> Link<'a> {
        let backoff = Backoff::new(world.seed, &transfer.spec.url());
        Link { transfer, world, backoff, sftp: None }
    }

    /// Does something, connecting first where needed, until it is done or there is no hope.
    pub(super) fn attempt<T>(
        &mut self,
        work: &mut dyn FnMut(&Sftp) -> Result<T, Trouble>,
    ) -> Result<T, Fault> {
        let mut number = 1;
        loop {
            let done = match self.sftp.take() {
                Some(sftp) => Ok(sftp),
                None => self.connect(),
            };
            let found = match done.and_then(|sftp| {
                let outcome = work(&sftp);
                if !matches!(outcome, Err(Trouble::Passing(_))) {
                    self.sftp = Some(sftp);
                }
                outcome
            }) {
                Ok(value) => return Ok(value),
                Err(Trouble::Lasting(fault)) => return Err(fault),
                Err(Trouble::Passing(found)) => found,
            };
            if number == ATTEMPTS {
                return Err(Fault::failed(found)
                    .after(number)
                    .hinting("see that the machine runs and lets this one in, and run again"));
            }
            (self.world.sleep)(self.backoff.pause(number));
            number += 1;
        }
    }

    fn connect(&self) -> Result<Sftp, Trouble> {
        let spec = self.transfer.spec;
        let key_file = self.key_file()?;
        let passphrase = self.passphrase()?;
        let silence = Duration::from_secs(spec.timeout_seconds);
        let mut session = Session::new().map_err(|error| broken(&error))?;
        session.set_timeout(u32::try_from(silence.as_millis()).unwrap_or(u32::MAX));
        let known = Known::read(&session, spec, self.transfer.project)?;
        known.prefer(&session);
        session.set_tcp_stream(self.stream(silence)?);
        session.handshake().map_err(|error| match error.code() {
            ErrorCode::Session(code) if KEY_EXCHANGE.contains(&code) && known.has_any() => {
                known.no_common_key(error.message()).into()
            }
            _ => broken(&error),
        })?;
        known.check(&session)?;
        session.userauth_pubkey_file(&spec.user, None, &key_file, passphrase.as_deref()).map_err(
            |error| match error.code() {
                ErrorCode::Session(code) if BROKEN.contains(&code) && code != -30 => broken(&error),
                _ => {
                    let found = format!("no log-in for `{}` ({})", spec.user, error.message());
                    Fault::failed(found)
                        .expecting(format!("an account that lets the key `{}` in", spec.key_file))
                        .hinting(
                            "see that the public key stands in the account's `authorized_keys`, \
                             and that the passphrase is right",
                        )
                        .into()
                }
            },
        )?;
        session.sftp().map_err(|error| {
            Trouble::of(&error, &spec.url(), "see that the server offers SFTP to the account")
        })
    }

    fn stream(&self, silence: Duration) -> Result<TcpStream, Trouble> {
        let spec = self.transfer.spec;
        let addresses = (spec.host.as_str(), spec.port).to_socket_addrs().map_err(|error| {
            Fault::failed(format!("no such machine: `{}` ({error})", spec.host))
                .hinting("see that the name is right and names are looked up on this machine")
        })?;
        let mut last = None;
        for address in addresses {
            match TcpStream::connect_timeout(&address, silence) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        let why = match last {
            Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => "refused".to_owned(),
            Some(error) => error.to_string(),
            None => "no address".to_owned(),
        };
        Err(Trouble::Passing(format!("no connection to `{}:{}` ({why})", spec.host, spec.port)))
    }

    /// The private key, which nobody else may read.
    fn key_file(&self) -> Result<PathBuf, Fault> {
        let shown = &self.transfer.spec.key_file;
        let path = self.transfer.project.join(shown);
        let metadata = std::fs::metadata(&path).map_err(|error| {
            Fault::refused(format!("the key `{shown}`: {error}"))
                .hinting("make one with `ssh-keygen -t ed25519`, for the account the night runs as")
        })?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let found = format!("the key `{shown}`, which others may read (mode {mode:03o})");
            return Err(Fault::refused(found).hinting(format!("chmod 600 {shown}")));
        }
        Ok(path)
    }

    fn passphrase(&self) -> Result<Option<String>, Fault> {
        let Some(kept) = &self.transfer.spec.passphrase else { return Ok(None) };
        let name = kept.strip_prefix("env:").unwrap_or(kept);
        match (self.world.variable)(name) {
            Some(passphrase) => Ok(Some(passphrase)),
            None => Err(Fault::refused("no passphrase for the key in the environment")
                .expecting(format!("the variable `{name}`"))
                .hinting(format!("set `{name}` for the account the night runs as"))),
        }
    }
}

fn broken(error: &ssh2::Error) -> Trouble {
    Trouble::Passing(format!("a connection that breaks off ({})", error.message()))
}

//! One call: conditions, redirects on the same host, retries, and a body that is whole.

use crate::address::{Origin, join};
use crate::fault::Fault;
use crate::retry::{ATTEMPTS, Backoff, LONGEST, is_passing, retry_after};
use crate::spool::Spool;
use crate::{Errand, Kept, World};
use std::io::{self, Read};
use std::time::Duration;
use tertial_model::pipeline::{FetchKind, FetchSpec};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// Redirects followed in one call.
const REDIRECTS: u32 = 5;

/// Largest answer about a service or a table; the metadata of SCB's largest tables is some 5 MB.
const ABOUT_BYTES: u64 = 32 << 20;

/// What makes an answer news.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Conditions {
    /// Those of the last answer.
    pub(crate) fn of(kept: &Kept) -> Conditions {
        Conditions { etag: kept.etag.clone(), last_modified: kept.last_modified.clone() }
    }

    fn is_some(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

/// What a call brought.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A body, now in the spool.
    Body {
        /// `ETag`.
        etag: Option<String>,
        /// `Last-Modified`.
        last_modified: Option<String>,
    },
    /// Nothing new.
    Unchanged,
}

/// Why an attempt brought nothing.
enum Trouble {
    /// It may pass.
    Passing { found: String, wait: Option<Duration>, hint: Option<&'static str> },
    /// It will not.
    Lasting(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Trouble {
        Trouble::Lasting(fault)
    }
}

/// Calls the addresses of one errand.
pub(crate) struct Caller<'a> {
    agent: Agent,
    spec: &'a FetchSpec,
    headers: Vec<(String, String)>,
    world: &'a World<'a>,
    backoff: Backoff,
    /// Whether the call is about the service and not the query itself.
    is_about: bool,
}

impl<'a> Caller<'a> {
    /// Reads the authorities and the environment.
    pub(crate) fn new(
        errand: &Errand<'a>,
        world: &'a World<'a>,
        key: &str,
    ) -> Result<Caller<'a>, Fault> {
        let spec = errand.spec;
        let roots = match &spec.ca_file {
            Some(file) => authorities(&errand.project.join(file), file)?,
            None => RootCerts::PlatformVerifier,
        };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .accept_encoding("identity")
            .user_agent(concat!("tertial/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(Duration::from_secs(spec.timeout_seconds)))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .new_agent();
        let headers = headers(spec, world)?;
        let backoff = Backoff::new(world.seed, key);
        Ok(Caller { agent, spec, headers, world, backoff, is_about: false })
    }

    /// Calls an address until there is an answer or no hope; the body is added to the spool.
    pub(crate) fn call(
        &mut self,
        url: &str,
        conditions: &Conditions,
        spool: &mut Spool,
    ) -> Result<Answer, Fault> {
        let mark = spool.written();
        let mut attempt = 1;
        loop {
            let (found, wait, hint) = match self.attempt(url, conditions, spool) {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Lasting(fault)) => return Err(fault),
                Err(Trouble::Passing { found, wait, hint }) => (found, wait, hint),
            };
            spool.rewind(mark)?;
            if let Some(asked) = wait.filter(|wait| *wait > LONGEST) {
                return Err(Fault::too_patient(url, &found, asked, LONGEST));
            }
            if attempt == ATTEMPTS {
                let fault = Fault::failed(format!("{found} from `{url}`")).after(attempt);
                return Err(fault.hinting(hint.unwrap_or("run again later")));
            }
            let pause = self.backoff.pause(attempt);
            (self.world.sleep)(wait.map_or(pause, |wait| wait.max(Duration::from_secs(1))));
            attempt += 1;
        }
    }

    fn attempt(
        &self,
        url: &str,
        conditions: &Conditions,
        spool: &mut Spool,
    ) -> Result<Answer, Trouble> {
        let origin = Origin::of(url);
        let mut at = url.to_owned();
        for _ in 0..=REDIRECTS {
            let response = self.send(&at, conditions).map_err(|error| trouble(&at, error))?;
            let status = response.status();
            if is_redirect(status) {
                at = self.redirected(&at, &origin, &response)?;
                continue;
            }
            if is_passing(status.as_u16()) {
                let header = text(response.headers(), header::RETRY_AFTER);
                let wait = header.and_then(|header| retry_after(&header, (self.world.now)()));
                return Err(Trouble::Passing { found: said(status), wait, hint: None });
            }
            if status == StatusCode::NOT_MODIFIED && conditions.is_some() {
                return Ok(Answer::Unchanged);
            }
            if status != StatusCode::OK {
                return Err(unusable(&at, status).into());
            }
            return take(&at, response, spool);
        }
        let found = format!("`{url}` sends on more than {REDIRECTS} times, lastly to `{at}`");
        Err(Fault::refused(found).expecting("an answer").into())
    }

    /// Asks for something about the service, with GET whatever the kind is.
    pub(crate) fn ask_about(&mut self, url: &str) -> Result<Vec<u8>, Fault> {
        let mut spool = Spool::aside(ABOUT_BYTES)?;
        self.is_about = true;
        let answer = self.call(url, &Conditions::default(), &mut spool);
        self.is_about = false;
        answer.and_then(|_| spool.after(0))
    }

    fn send(&self, url: &str, conditions: &Conditions) -> Result<Response<Body>, ureq::Error> {
        let body = self.spec.body.as_ref().filter(|_| !self.is_about);
        if let (FetchKind::Pxweb, Some(body)) = (self.spec.kind, body) {
            let mut request = self.agent.post(url);
            if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                request = request.header(header::CONTENT_TYPE, "application/json");
            }
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            return request.send(body);
        }
        let mut request = self.agent.get(url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(etag) = &conditions.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(moment) = &conditions.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, moment);
        }
        request.call()
    }

    /// Where a redirect leads, when it may be followed.
    fn redirected(
        &self,
        at: &str,
        origin: &Origin,
        response: &Response<Body>,
    ) -> Result<String, Fault> {
        let status = response.status();
        let Some(location) = text(response.headers(), header::LOCATION) else {
            return Err(Fault::failed(format!("{} from `{at}` without a place", said(status))));
        };
        let to = join(at, &location);
        if !Origin::of(at).allows(&Origin::of(&to)) {
            return Err(Fault::other_host(at, &to, &origin.to_string()));
        }
        let keeps_the_query = matches!(status.as_u16(), 307 | 308);
        if self.spec.kind == FetchKind::Pxweb && !self.is_about && !keeps_the_query {
            return Err(Fault::refused(format!("{} from `{at}` to `{to}`", said(status)))
                .expecting("an answer to the query itself")
                .hinting("write the new address in `url`"));
        }
        Ok(to)
    }
}

/// Takes the body into the spool, whole.
fn take(at: &str, response: Response<Body>, spool: &mut Spool) -> Result<Answer, Trouble> {
    let headers = response.headers();
    let coding = text(headers, header::CONTENT_ENCODING).filter(|coding| coding != "identity");
    if let Some(coding) = coding {
        return Err(Fault::failed(format!("an answer packed as `{coding}` from `{at}`"))
            .expecting("an answer that is not packed, as was asked for")
            .into());
    }
    let announced = response.body().content_length();
    if let Some(bytes) = announced.filter(|bytes| *bytes > spool.room()) {
        return Err(Fault::too_large(spool.limit(), Some(bytes)).into());
    }
    let etag = text(headers, header::ETAG);
    let last_modified = text(headers, header::LAST_MODIFIED);
    let mut reader = response.into_body().into_reader();
    let mut buffer = vec![0; 1 << 16];
    let mut count = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(more) => {
                spool.add(&buffer[..more])?;
                count += more as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(cut(at, error, count, announced)),
        }
    }
    if let Some(bytes) = announced.filter(|bytes| *bytes != count) {
        return Err(incomplete(at, count, Some(bytes)).into());
    }
    Ok(Answer::Body { etag, last_modified })
}

fn cut(at: &str, error: io::Error, count: u64, announced: Option<u64>) -> Trouble {
    match ureq::Error::from(error) {
        error @ ureq::Error::Timeout(_) => trouble(at, error),
        _ => incomplete(at, count, announced).into(),
    }
}

fn incomplete(at: &str, count: u64, announced: Option<u64>) -> Fault {
    let expected = match announced {
        Some(bytes) => format!("{bytes} bytes, as announced"),
        None => "an answer with its end".to_owned(),
    };
    Fault::failed(format!("an answer from `{at}` that breaks off after {count} bytes"))
        .expecting(expected)
        .hinting("run again; if it stays so, ask those who run the source")
}

/// A status that is no answer.
fn unusable(at: &str, status: StatusCode) -> Fault {
    let fault = Fault::failed(format!("{} from `{at}`", said(status)))
        .expecting("an answer with status 200");
    match status.as_u16() {
        401 | 403 => fault.hinting("see whether the key in `headers` is set and still good"),
        404 | 410 => {
            fault.hinting("see whether the address has changed, or asks for what is not there yet")
        }
        400 | 405 | 413 | 414 | 422 => {
            fault.hinting("see whether the query asks for too much, or for what does not exist")
        }
        _ => fault,
    }
}

fn trouble(at: &str, error: ureq::Error) -> Trouble {
    const NOT_THERE: &str = "see that the network lets this machine through to the address";
    let passing = |found: String, hint| Trouble::Passing { found, wait: None, hint };
    match error {
        ureq::Error::Timeout(_) => passing(
            "no complete answer in time".to_owned(),
            Some("raise `timeout_seconds`, or ask for less at a time"),
        ),
        ureq::Error::HostNotFound => Fault::failed(format!("no such host: `{at}`"))
            .hinting("see that the address is right and names are looked up on this machine")
            .into(),
        ureq::Error::Io(error) if is_certificate(&error) => {
            untrusted(at, &error.to_string()).into()
        }
        ureq::Error::Rustls(error) => untrusted(at, &error.to_string()).into(),
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                passing("no connection (refused)".to_owned(), Some(NOT_THERE))
            }
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => {
                passing("a connection that breaks off".to_owned(), None)
            }
            _ => {
                Fault::failed(format!("no connection to `{at}`: {error}")).hinting(NOT_THERE).into()
            }
        },
        other => Fault::failed(format!("no usable answer from `{at}`: {other}"))
            .expecting("an answer in HTTP")
            .into(),
    }
}

/// Whether the error comes from the encryption.
fn is_certificate(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.to_string().contains("certificate"))
}

fn untrusted(at: &str, why: &str) -> Fault {
    Fault::failed(format!("`{at}` shows a certificate that is not trusted: {why}"))
        .expecting("a certificate from an authority of `ca_file`, or of this machine")
        .hinting("name the PEM file of the authority in `ca_file`")
}

/// The certificates in a PEM file.
fn authorities(path: &std::path::Path, shown: &str) -> Result<RootCerts, Fault> {
    let hint = "put the authority's certificate there, in PEM";
    let bytes = std::fs::read(path)
        .map_err(|error| Fault::refused(format!("`{shown}`: {error}")).hinting(hint))?;
    let certificates: Vec<_> = parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(Fault::refused(format!("`{shown}` holds no certificate")).hinting(hint));
    }
    Ok(RootCerts::from(certificates))
}

/// The headers with their values from the environment, which no message ever holds.
fn headers(spec: &FetchSpec, world: &World<'_>) -> Result<Vec<(String, String)>, Fault> {
    let value = |(name, value): (&String, &String)| {
        let Some(variable) = value.strip_prefix("env:") else {
            return Ok((name.clone(), value.clone()));
        };
        let secret = (world.variable)(variable).map(|secret| secret.trim().to_owned());
        let usable = |secret: &String| {
            !secret.is_empty() && secret.chars().all(|c| c == ' ' || c.is_ascii_graphic())
        };
        match secret.filter(usable) {
            Some(secret) => Ok((name.clone(), secret)),
            None => Err(Fault::refused(format!("no usable value in the environment for `{name}`"))
                .expecting(format!("the variable `{variable}`"))
                .hinting(format!("set `{variable}` for the account the night runs as"))),
        }
    };
    spec.headers.iter().map(value).collect()
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// `503 Service Unavailable`.
fn said(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => format!("status {}", status.as_u16()),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

//! A small HTTP server on the loopback that answers as it is told, faults included.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Number of the request from 1, its text, and the server's own address.
type Script = dyn Fn(usize, &str, &str) -> Vec<u8> + Send + Sync;

/// A server that lives as long as the test's process.
pub struct Server {
    /// `http://127.0.0.1:1234`.
    pub base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// One without encryption.
    pub fn plain(script: impl Fn(usize, &str, &str) -> Vec<u8> + Send + Sync + 'static) -> Server {
        Server::start(None, Arc::new(script))
    }

    /// One with encryption.
    pub fn encrypted(
        identity: Arc<ServerConfig>,
        script: impl Fn(usize, &str, &str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Server {
        Server::start(Some(identity), Arc::new(script))
    }

    /// The requests so far, as they came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn start(identity: Option<Arc<ServerConfig>>, script: Arc<Script>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if identity.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let server = Server { base: base.clone(), requests: requests.clone() };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (identity, requests) = (identity.clone(), requests.clone());
                let (script, base) = (script.clone(), base.clone());
                thread::spawn(move || match identity {
                    None => answer(&mut &stream, &requests, &*script, &base, &stream),
                    Some(identity) => {
                        let connection = ServerConnection::new(identity).unwrap();
                        let socket = stream.try_clone().unwrap();
                        let mut stream = StreamOwned::new(connection, stream);
                        answer(&mut stream, &requests, &*script, &base, &socket);
                    }
                });
            }
        });
        server
    }
}

fn answer(
    stream: &mut (impl Read + Write),
    requests: &Mutex<Vec<String>>,
    script: &Script,
    base: &str,
    socket: &TcpStream,
) {
    let Some(request) = request(stream) else { return };
    let number = {
        let mut requests = requests.lock().unwrap();
        requests.push(request.clone());
        requests.len()
    };
    // A client that has had enough goes away.
    let _ = stream.write_all(&script(number, &request, base));
    let _ = stream.flush();
    let _ = socket.shutdown(Shutdown::Write);
}

fn request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// An answer with status, headers (`A: b\r\n`) and a body of the length it says.
pub fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A certificate authority made on the spot: its PEM, and a server's identity under it.
pub fn authority() -> (String, Arc<ServerConfig>) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (pem, Arc::new(config))
}

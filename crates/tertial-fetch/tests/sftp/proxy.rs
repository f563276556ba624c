//! A wire that can be cut: passes bytes on to a server, and does something after so many of them.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What happens when so many bytes have come from the server.
pub enum Then {
    /// The wire is cut.
    Cut,
    /// Something is done, and the wire holds.
    Do(Box<dyn Fn() + Send + Sync>),
}

/// A wire that lives as long as the test's process.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// A wire to a port. `then` happens on the first `times` connections after `bytes` bytes.
    pub fn start(to: u16, bytes: usize, times: usize, then: Then) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (count, then) = (connections.clone(), Arc::new(then));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let then = (number <= times).then(|| then.clone());
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let (from, into) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || pass(from, into, usize::MAX, None));
                thread::spawn(move || pass(server, client, bytes, then));
            }
        });
        Proxy { port, connections }
    }

    /// How often it was connected to.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn pass(mut from: TcpStream, mut into: TcpStream, limit: usize, then: Option<Arc<Then>>) {
    let mut buffer = [0; 4096];
    let mut passed = 0;
    let mut then = then;
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || into.write_all(&buffer[..count]).is_err() {
            break;
        }
        passed += count;
        if passed < limit {
            continue;
        }
        match then.take().as_deref() {
            Some(Then::Cut) => break,
            Some(Then::Do(something)) => something(),
            None => {}
        }
    }
    let _ = into.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

//! Servers of the machine's own packages, started by an ordinary user in a folder under `/tmp`; they
//! end, and their folder goes, with the process of the test.
//!
//! Shared by the targets that need such a server; a test that runs as root lends `nobody`'s rights.

use std::ffi::OsStr;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server. Dropping it, or the end of the process in any way, closes the pipe that its
/// keeper waits at.
pub struct Served {
    keeper: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("`id`");
    id.stdout.starts_with(b"0\n")
}

/// The account that servers run as.
#[allow(dead_code, reason = "one of the servers has accounts of its own")]
pub fn user() -> String {
    if is_root() {
        return "nobody".to_owned();
    }
    let id = Command::new("id").arg("-un").output().expect("`id`");
    String::from_utf8(id.stdout).expect("a name").trim().to_owned()
}

/// A command of that account.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = if is_root() {
        let mut lent = Command::new("setpriv");
        lent.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
        lent
    } else {
        Command::new(program)
    };
    command.current_dir("/").env("LC_ALL", "C.UTF-8").env_remove("TMPDIR");
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        words(&output.stdout),
        words(&output.stderr)
    );
    words(&output.stdout)
}

/// A new folder of that account.
pub fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = PathBuf::from(format!("/tmp/tertial-{name}-{}-{number}", std::process::id()));
    run(command("mkdir").arg(&path));
    path
}

/// Gives a file to that account.
pub fn give(path: &Path) {
    if is_root() {
        run(Command::new("chown").arg("nobody:nogroup").arg(path));
    }
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server that listens at a port, and waits until it does. Its words go to `log` in `folder`.
pub fn serve(folder: &Path, port: u16, program: &str, arguments: &[&str]) -> Served {
    const KEEP: &str = "folder=$1; shift; \"$@\" > \"$folder/log\" 2>&1 < /dev/null & server=$!; \
                        cat > /dev/null; kill -TERM $server; kill -INT $server; wait $server; rm -rf \"$folder\"";
    let mut keeper = command("sh");
    keeper.args(["-c", KEEP, "keeper"]).arg(folder).arg(program).args(arguments);
    let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let served = Served { keeper: keeper.spawn().expect("`sh`") };
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(begin.elapsed() < Duration::from_secs(30), "{program} does not start:\n{log}");
        std::thread::sleep(Duration::from_millis(20));
    }
    served
}

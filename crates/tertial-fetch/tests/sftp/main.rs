//! Fetching over SFTP from a real OpenSSH server on the loopback, on good days and bad.

#[path = "../../../../tests/support/ordinary.rs"]
mod ordinary;
mod proxy;
mod server;

use proxy::{Proxy, Then};
use server::{Sshd, keygen};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tertial_fetch::{Memory, Transfer, World, transfer};
use tertial_model::Origin;
use tertial_model::pipeline::SftpSpec;

/// A project with one drop folder, a memory, and a clock that only counts pauses.
struct Room {
    folder: tempfile::TempDir,
    memory: RefCell<Memory>,
    pauses: RefCell<Vec<Duration>>,
}

/// What a fetch brought: new names, unchanged files, and the complete texts of the faults.
type Outcome = (Vec<String>, usize, Vec<String>);

impl Room {
    fn new() -> Room {
        Room {
            folder: tempfile::tempdir().unwrap(),
            memory: RefCell::default(),
            pauses: RefCell::default(),
        }
    }

    fn known(&self, lines: &str) {
        std::fs::write(self.folder.path().join("known_hosts"), lines).unwrap();
    }

    fn fetch(&self, spec: &SftpSpec) -> Outcome {
        let world = World {
            now: &|| "2024-09-16T06:00:00Z".parse().unwrap(),
            sleep: &|pause| self.pauses.borrow_mut().push(pause),
            variable: &|name| (name == "PASSPHRASE").then(|| "ordet är hemligt".to_owned()),
            seed: 1,
        };
        let one = Transfer {
            source: "hr",
            pipeline: "pipelines/hr/pipeline.toml",
            spec,
            project: self.folder.path(),
            inbox: &self.folder.path().join("inbox"),
            is_wanted: &|name| name.starts_with("tid_"),
            is_unfinished: &|name| name.ends_with(".part"),
        };
        let brought = transfer(&one, &mut self.memory.borrow_mut(), &world);
        let name =
            |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let told: Vec<String> = brought.diagnostics.iter().map(ToString::to_string).collect();
        assert!(!told.concat().contains("hemligt"), "{told:?}");
        (brought.new.iter().map(name).collect(), brought.unchanged, told)
    }

    /// The one fault of a fetch that brings nothing, free of ports and folders.
    fn fault(&self, spec: &SftpSpec, sshd: &Sshd) -> String {
        let before = self.files();
        let (new, _, told) = self.fetch(spec);
        assert_eq!((new.len(), told.len()), (0, 1), "{new:?} {told:?}");
        assert_eq!(self.files(), before, "nothing is delivered");
        plain(&told[0], spec, sshd)
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.folder.path().join("inbox"));
        let files = entries.into_iter().flatten().flatten();
        let pair = |entry: std::fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap())
        };
        files.map(pair).collect()
    }
}

fn plain(text: &str, spec: &SftpSpec, sshd: &Sshd) -> String {
    let text = text
        .replace(&spec.port.to_string(), "<port>")
        .replace(&sshd.port.to_string(), "<port>")
        .replace(&spec.folder, "/export")
        .replace(&spec.key_file, "<key>")
        .replace(&format!("{}@", sshd.user), "<user>@")
        .replace(&format!("`{}`", sshd.user), "`<user>`");
    match text.split_once("SHA256:") {
        Some((head, tail)) => format!("{head}SHA256:<print>{}", &tail[43..]),
        None => text,
    }
}

fn spec(sshd: &Sshd) -> SftpSpec {
    SftpSpec {
        host: "127.0.0.1".to_owned(),
        port: sshd.port,
        user: sshd.user.clone(),
        key_file: sshd.key_file.display().to_string(),
        passphrase: None,
        known_hosts: "known_hosts".to_owned(),
        folder: sshd.export.display().to_string(),
        pattern: "tid_*".to_owned(),
        max_bytes: 5_000_000,
        max_files: 10,
        timeout_seconds: 10,
    }
}

const MORNING: u64 = 1_726_466_400;

#[test]
fn a_link_is_told_and_not_followed() {
    let sshd = Sshd::start(&["ed25519"]);
    sshd.put("tid_1.csv", b"a", MORNING);
    let link = sshd.export.join("tid_2.csv");
    ordinary::run(ordinary::command("ln").args(["-s", "/etc/passwd"]).arg(link));
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", sshd.port));
    let (new, _, told) = room.fetch(&spec(&sshd));
    assert_eq!((new, told.len()), (vec!["tid_1.csv".to_owned()], 1));
    assert!(told[0].contains("T0117") && told[0].contains("a symbolic link"), "{}", told[0]);
    assert_eq!(room.files().len(), 1);
}

#[test]
fn new_and_changed_files_are_brought_and_others_are_not() {
    let sshd = Sshd::start(&["ed25519"]);
    sshd.put("tid_1.csv", "å;1\n".as_bytes(), MORNING);
    sshd.put("tid_2.csv", b"", MORNING);
    sshd.put("lista.csv", b"not wanted", MORNING);
    sshd.put(".tid_3.csv", b"hidden", MORNING);
    ordinary::run(ordinary::command("mkdir").arg(sshd.export.join("tid_folder")));
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", sshd.port));
    let spec = spec(&sshd);
    let both = ["tid_1.csv".to_owned(), "tid_2.csv".to_owned()];
    assert_eq!(room.fetch(&spec), (both.to_vec(), 0, Vec::new()));
    let files = room.files();
    assert_eq!(files.keys().collect::<Vec<_>>(), both.iter().collect::<Vec<_>>());
    assert_eq!(files["tid_1.csv"], "å;1\n".as_bytes());

    assert_eq!(room.fetch(&spec), (Vec::new(), 2, Vec::new()));
    // Another second, other bytes; another second, the same bytes; other bytes of another size.
    sshd.put("tid_1.csv", "å;2\n".as_bytes(), MORNING + 1);
    sshd.put("tid_2.csv", b"", MORNING + 1);
    assert_eq!(room.fetch(&spec), (vec!["tid_1.csv".to_owned()], 1, Vec::new()));
    sshd.put("tid_2.csv", b"x", MORNING + 1);
    assert_eq!(room.fetch(&spec), (vec!["tid_2.csv".to_owned()], 1, Vec::new()));
    let memory = room.memory.borrow();
    let kept = memory.of("hr/tid_1.csv").unwrap();
    let Origin::Sftp { url, changed_at } = &kept.origin else { panic!("{kept:?}") };
    assert!(url.starts_with("sftp://") && url.ends_with("/export/tid_1.csv"), "{url}");
    assert_eq!(*changed_at, MORNING + 1);
}

#[test]
fn a_machine_that_is_not_the_known_one_is_told_nothing() {
    let (sshd, other) = (Sshd::start(&["ed25519"]), Sshd::start(&["ed25519"]));
    sshd.put("tid_1.csv", b"x", MORNING);
    let room = Room::new();
    let spec = spec(&sshd);
    insta::assert_snapshot!(room.fault(&spec, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    the known machines in `known_hosts`: No such file or directory (os error 2)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask those who run the machine for its key, compare it with `ssh-keyscan -p <port> 127.0.0.1`, and add the line to `known_hosts`
    ");
    room.known("# nobody\n\nother.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE38GXXHFOLBR7UFt1oRgBv6XBXrNS3ljIQAHbCxCNCX\n");
    insta::assert_snapshot!(room.fault(&spec, &sshd), @"
    error[T0128]: the machine of `hr` is not the one that is known
       --> pipelines/hr/pipeline.toml
        = found:    `127.0.0.1:<port>` shows the key ssh-ed25519 SHA256:<print>
        = expected: a line for the machine in `known_hosts`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask those who run the machine for its key, compare it with `ssh-keyscan -p <port> 127.0.0.1`, and add the line to `known_hosts`
    ");
    // The key was changed.
    room.known(&other.known_line("ed25519", sshd.port));
    insta::assert_snapshot!(room.fault(&spec, &sshd), @"
    error[T0128]: the machine of `hr` is not the one that is known
       --> pipelines/hr/pipeline.toml
        = found:    `127.0.0.1:<port>` shows the key ssh-ed25519 SHA256:<print>
        = expected: the key that stands in `known_hosts`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: nothing was said to it; ask those who run it, by another way, whether its key was changed, and only then replace the line
    ");
    let log = std::fs::read_to_string(sshd.export.with_file_name("log")).unwrap();
    assert!(!log.contains("Accepted publickey"), "{log}");
    assert!(room.pauses.borrow().is_empty(), "nothing is tried again");
    room.known(&format!("@revoked {}", sshd.known_line("ed25519", sshd.port)));
    insta::assert_snapshot!(room.fault(&spec, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    line 1 of `known_hosts`, which begins with a marker that is not acted on
        = expected: a name, a kind and a key, as `ssh-keyscan` writes them
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: keep a file of known machines for this program alone
    ");
    room.known("127.0.0.1\n");
    insta::assert_snapshot!(room.fault(&spec, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    line 1 of `known_hosts`, which cannot be read
        = expected: a name, a kind and a key, as `ssh-keyscan` writes them
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: keep a file of known machines for this program alone
    ");
}

#[test]
fn the_machine_is_asked_for_a_key_of_the_known_kind() {
    let sshd = Sshd::start(&["ecdsa", "ed25519", "rsa"]);
    sshd.put("tid_1.csv", b"x", MORNING);
    for kind in ["ecdsa", "ed25519", "rsa"] {
        let room = Room::new();
        room.known(&sshd.known_line(kind, sshd.port));
        assert_eq!(room.fetch(&spec(&sshd)).0, ["tid_1.csv"], "{kind}");
    }
    // A hashed name, as `ssh-keygen -H` makes it.
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", sshd.port));
    let file = room.folder.path().join("known_hosts");
    ordinary::run(std::process::Command::new("ssh-keygen").args(["-H", "-f"]).arg(&file));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("|1|"));
    assert_eq!(room.fetch(&spec(&sshd)).0, ["tid_1.csv"]);

    let only_rsa = Sshd::start(&["rsa"]);
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", only_rsa.port));
    insta::assert_snapshot!(room.fault(&spec(&only_rsa), &only_rsa), @"
    error[T0128]: the machine of `hr` is not the one that is known
       --> pipelines/hr/pipeline.toml
        = found:    `127.0.0.1:<port>` offers no key of a known kind (Unable to exchange encryption keys)
        = expected: a key of the kind ssh-ed25519
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask those who run the machine for its key, compare it with `ssh-keyscan -p <port> 127.0.0.1`, and add the line to `known_hosts`
    ");
}

#[test]
fn keys_that_do_not_let_in() {
    let sshd = Sshd::start(&["ed25519"]);
    sshd.put("tid_1.csv", b"x", MORNING);
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", sshd.port));
    let key = |name: &str, passphrase: &str| {
        let path = room.folder.path().join(name);
        keygen(&path, "ed25519", passphrase);
        SftpSpec { key_file: path.display().to_string(), ..spec(&sshd) }
    };
    insta::assert_snapshot!(room.fault(&key("other", ""), &sshd), @"
    warning[T0116]: `tid_*` of `hr` could not be fetched
       --> pipelines/hr/pipeline.toml
        = found:    no log-in for `<user>` (Username/PublicKey combination invalid)
        = expected: an account that lets the key `<key>` in
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the public key stands in the account's `authorized_keys`, and that the passphrase is right
    ");
    let missing = SftpSpec { key_file: "no/key".to_owned(), ..spec(&sshd) };
    insta::assert_snapshot!(room.fault(&missing, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    the key `<key>`: No such file or directory (os error 2)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: make one with `ssh-keygen -t ed25519`, for the account the night runs as
    ");
    let open = key("open", "");
    std::fs::set_permissions(&open.key_file, std::fs::Permissions::from_mode(0o644)).unwrap();
    insta::assert_snapshot!(room.fault(&open, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    the key `<key>`, which others may read (mode 644)
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: chmod 600 <key>
    ");
    let unset = SftpSpec { passphrase: Some("env:OTHER".to_owned()), ..spec(&sshd) };
    insta::assert_snapshot!(room.fault(&unset, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    no passphrase for the key in the environment
        = expected: the variable `OTHER`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: set `OTHER` for the account the night runs as
    ");

    // A key with a passphrase, let in.
    let locked = key("locked", "ordet är hemligt");
    let line = std::fs::read(room.folder.path().join("locked.pub")).unwrap();
    std::fs::write(sshd.export.with_file_name("authorized_keys"), line).unwrap();
    assert_eq!(room.fetch(&locked).2.len(), 1, "without its passphrase");
    let opened = SftpSpec { passphrase: Some("env:PASSPHRASE".to_owned()), ..locked };
    assert_eq!(room.fetch(&opened).0, ["tid_1.csv"]);
}

#[test]
fn what_the_account_may_not_read_and_what_is_not_there() {
    let sshd = Sshd::start(&["ed25519"]);
    sshd.put("tid_1.csv", b"closed", MORNING);
    sshd.put("tid_2.csv", b"open", MORNING);
    let closed = sshd.export.join("tid_1.csv");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", sshd.port));
    let (new, _, told) = room.fetch(&spec(&sshd));
    assert_eq!(new, ["tid_2.csv"], "the others go on");
    insta::assert_snapshot!(plain(&told[0], &spec(&sshd), &sshd), @"
    warning[T0116]: `tid_1.csv` of `hr` could not be fetched
       --> pipelines/hr/pipeline.toml
        = found:    no permission: `tid_1.csv`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the account may read the file
    ");
    let elsewhere = SftpSpec { folder: "/no/such/folder".to_owned(), ..spec(&sshd) };
    insta::assert_snapshot!(room.fault(&elsewhere, &sshd), @"
    warning[T0116]: `tid_*` of `hr` could not be fetched
       --> pipelines/hr/pipeline.toml
        = found:    no such file or folder: `sftp://<user>@127.0.0.1:<port>/export`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the folder is there and the account may read it
    ");
    std::fs::set_permissions(&sshd.export, std::fs::Permissions::from_mode(0o000)).unwrap();
    insta::assert_snapshot!(room.fault(&spec(&sshd), &sshd), @"
    warning[T0116]: `tid_*` of `hr` could not be fetched
       --> pipelines/hr/pipeline.toml
        = found:    no permission: `sftp://<user>@127.0.0.1:<port>/export`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the folder is there and the account may read it
    ");
    // So that the folder can go with the server.
    std::fs::set_permissions(&sshd.export, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn limits() {
    let sshd = Sshd::start(&["ed25519"]);
    sshd.put("tid_1.csv", &[b'x'; 2000], MORNING);
    sshd.put("tid_2.csv", b"x", MORNING);
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", sshd.port));
    let small = SftpSpec { max_bytes: 1999, ..spec(&sshd) };
    let (new, _, told) = room.fetch(&small);
    assert_eq!(new, ["tid_2.csv"]);
    insta::assert_snapshot!(plain(&told[0], &small, &sshd), @"
    error[T0117]: the fetch of `tid_1.csv` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    an answer of 2000 bytes
        = expected: at most 1999 bytes
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask for less at a time, or raise `max_bytes`
    ");
    let few = SftpSpec { max_files: 1, ..spec(&sshd) };
    insta::assert_snapshot!(room.fault(&few, &sshd), @"
    error[T0117]: the fetch of `tid_*` of `hr` was refused
       --> pipelines/hr/pipeline.toml
        = found:    2 files that fit in `sftp://<user>@127.0.0.1:<port>/export`
        = expected: at most 1
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: clear the folder there, narrow `pattern`, or raise `max_files`
    ");
}

#[test]
fn a_wire_that_is_cut_is_laid_again_and_half_a_file_is_never_delivered() {
    let sshd = Sshd::start(&["ed25519"]);
    let bytes: Vec<u8> = (0..3_000_000u32).map(|number| (number % 251) as u8).collect();
    sshd.put("tid_1.csv", &bytes, MORNING);
    let room = Room::new();
    let cut = |times: usize| {
        let proxy = Proxy::start(sshd.port, 1_000_000, times, Then::Cut);
        let spec = SftpSpec { port: proxy.port, ..spec(&sshd) };
        room.known(&sshd.known_line("ed25519", proxy.port));
        (proxy, spec)
    };
    let (proxy, always) = cut(usize::MAX);
    let told = room.fault(&always, &sshd);
    assert_eq!((proxy.connections(), room.pauses.take().len()), (4, 3));
    // How much had come when the wire was cut differs, and whether it was sending or waiting that saw it.
    let (head, tail) = told.split_once(" after ").unwrap();
    let tail = tail.split_once(" bytes (").unwrap().1.split_once(')').unwrap().1;
    insta::assert_snapshot!(format!("{head} after <n> bytes (<words>){tail}"), @"
    warning[T0116]: `tid_1.csv` of `hr` could not be fetched
       --> pipelines/hr/pipeline.toml
        = found:    `tid_1.csv` breaks off after <n> bytes (<words>), 4 times
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the machine runs and lets this one in, and run again
    ");

    let (proxy, twice) = cut(2);
    assert_eq!(room.fetch(&twice).0, ["tid_1.csv"]);
    assert_eq!((proxy.connections(), room.pauses.take().len()), (3, 2));
    assert_eq!(room.files()["tid_1.csv"], bytes);
}

#[test]
fn nobody_listens_or_somebody_else_does() {
    let sshd = Sshd::start(&["ed25519"]);
    let room = Room::new();
    let down = SftpSpec { port: ordinary::free_port(), ..spec(&sshd) };
    room.known(&sshd.known_line("ed25519", down.port));
    insta::assert_snapshot!(room.fault(&down, &sshd), @"
    warning[T0116]: `tid_*` of `hr` could not be fetched
       --> pipelines/hr/pipeline.toml
        = found:    no connection to `127.0.0.1:<port>` (refused), 4 times
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see that the machine runs and lets this one in, and run again
    ");
    assert_eq!(room.pauses.take().len(), 3);
    let unknown = SftpSpec { host: "sftp.region.invalid".to_owned(), ..spec(&sshd) };
    let told = room.fault(&unknown, &sshd);
    assert!(told.contains("no such machine: `sftp.region.invalid`"), "{told}");
    // A server that says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = SftpSpec { port, timeout_seconds: 1, ..spec(&sshd) };
    room.known(&sshd.known_line("ed25519", port));
    let told = room.fault(&silent, &sshd);
    assert!(told.contains("T0116") && told.contains("4 times"), "{told}");
}

#[test]
fn a_file_that_grows_while_it_is_fetched_waits_for_the_next_run() {
    let sshd = Sshd::start(&["ed25519"]);
    let bytes = vec![b'x'; 3_000_000];
    sshd.put("tid_1.csv", &bytes, MORNING);
    sshd.put("tid_2.csv.part", b"half", MORNING);
    let file = sshd.export.join("tid_1.csv");
    let grow = move || {
        use std::io::Write;
        let mut file = std::fs::File::options().append(true).open(&file).unwrap();
        file.write_all(b"and more\n").unwrap();
    };
    let proxy = Proxy::start(sshd.port, 1_000_000, 1, Then::Do(Box::new(grow)));
    let room = Room::new();
    room.known(&sshd.known_line("ed25519", proxy.port));
    let through = SftpSpec { port: proxy.port, ..spec(&sshd) };
    let (new, _, told) = room.fetch(&through);
    assert_eq!((new.len(), room.files().len()), (0, 0));
    let told: Vec<String> = told.iter().map(|text| plain(text, &through, &sshd)).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    warning[T0121]: `tid_1.csv` of `hr` is not finished
       --> pipelines/hr/pipeline.toml
        = found:    3000000 bytes in the list, 3000009 after the transfer
        = expected: a file that is left alone
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: it is fetched in the next run; a sender that renames finished files helps

    warning[T0121]: `tid_2.csv.part` of `hr` is not finished
       --> pipelines/hr/pipeline.toml
        = found:    `tid_2.csv.part`, the name of a transfer under way
        = expected: the file's own name, which it gets when the transfer is done
        = effect:   nothing was laid into the drop folder; the last delivery stays in force
    ");
    assert_eq!(room.fetch(&through).0, ["tid_1.csv"]);
    assert_eq!(room.files()["tid_1.csv"].len(), bytes.len() + 9);
}

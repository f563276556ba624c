//! Running the program, projects to run it on, and texts made fit for comparison.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tertial_check::Fields;

/// The morning the tests look from.
pub const MORNING: &str = "2024-09-16T06:00:00Z";

/// What the program answered.
pub struct Answer {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Answer {
    fn from(output: Output) -> Answer {
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// The same, after asserting the exit code.
    pub fn ended(self, code: i32) -> Answer {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }
}

/// A command of the program, free of the surroundings' settings.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tertial"));
    command
        .args(arguments)
        .env_remove("TERTIAL_PROJECT")
        .env_remove("TERTIAL_PSEUDONYM_KEY")
        .env_remove("TERTIAL_LOG")
        .env_remove("CLICOLOR_FORCE");
    command
}

/// Runs the program.
pub fn tertial(arguments: &[&str]) -> Answer {
    Answer::from(command(arguments).output().expect("the program starts"))
}

/// Runs a verb on a project.
pub fn on(project: &Path, arguments: &[&str]) -> Answer {
    let project = project.to_str().expect("a plain path");
    let mut all = vec!["--project", project];
    all.extend(arguments);
    tertial(&all)
}

/// The repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What columns mean in the repository's contracts.
pub fn fields() -> Fields {
    let read = |file: &str| {
        let text = std::fs::read_to_string(repository().join(file)).expect("the fields");
        Fields::parse(file, &text).unwrap_or_else(|faults| panic!("{faults:?}"))
    };
    read("schemas/fields.yaml").or(&read("src/own/fields.yaml"))
}

/// A folder for one test, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("an earlier run's folder");
    }
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The demo region, run once for all tests; nobody may change it. What its audits find is known.
pub fn demo() -> &'static Path {
    static DEMO: OnceLock<PathBuf> = OnceLock::new();
    DEMO.get_or_init(|| {
        let dir = folder("demo");
        tertial(&["--quiet", "demo", dir.to_str().unwrap(), "--scale", "0.005"]).ended(0);
        dir
    })
}

/// A copy of the demo region that a test may change.
pub fn demo_copy(name: &str) -> PathBuf {
    let target = folder(name);
    copy(demo(), &target);
    target
}

/// The same where nothing that the audits find is known: every night has something to tell.
pub fn demo_copy_that_tells(name: &str) -> PathBuf {
    let target = demo_copy(name);
    std::fs::remove_file(target.join("seeds/known_findings.csv")).expect("known findings");
    target
}

/// Copies a folder with all it holds; symbolic links stay links.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder to copy").flatten() {
        let target = to.join(entry.file_name());
        let kind = entry.file_type().expect("a kind");
        if kind.is_symlink() {
            let link = std::fs::read_link(entry.path()).expect("a link");
            std::os::unix::fs::symlink(link, target).expect("a link");
        } else if kind.is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// A key for pseudonyms, drawn for these tests.
pub const KEY: &str = "a3f1c09be4d27785106fd2c94be8a1735cf0962e8d41b7a05e93f6c21d08ba47";

/// Writes the key for pseudonyms into a file of its owner alone.
pub fn give_key(file: &Path, key: &str) {
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(file, format!("{key}\n")).expect("a key");
    close(file);
}

/// Takes a file from all but its owner.
pub fn close(file: &Path) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(file, mode).expect("a mode");
}

/// Replaces hashes in paths and ids, which follow from bytes that tests change.
pub fn without_hashes(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('-') {
        let (head, tail) = rest.split_at(at + 1);
        plain.push_str(head);
        let hex =
            tail.bytes().take_while(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)).count();
        let is_part = hex == 8 && tail[8..].starts_with(".parquet");
        if hex == 12 || is_part {
            plain.push_str("<hash>");
            rest = &tail[hex..];
        } else {
            rest = tail;
        }
    }
    plain + rest
}

/// The samples beside the repository, when they are there.
pub fn samples() -> Option<PathBuf> {
    let folder = repository().parent()?.join("shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("the sample files are not there: nothing was tested");
    None
}

/// A tool that `.ci/run` names in the environment.
pub fn tool(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        println!("{variable} is not set: nothing was tested");
    }
    found
}

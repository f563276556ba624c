//! Every diagnostic code has a fixture that raises it, and its complete text is a snapshot.
//!
//! `faults/base/` is a small sound project; `faults/<code>/` holds what is laid over it, and
//! `case.toml` the steps to take. `told.snap` beside it is what the user reads. A code without a
//! folder, or a folder that does not raise its code, fails.

use crate::support::{close, command, copy, folder, repository, without_hashes};
use serde::Deserialize;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic};

/// How a fault is brought about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Command lines; `spoil FILE` overwrites files with something else, `write FILE TEXT` with a
    /// text, `forget FOLDER` and `remove FILE` take them away, `link TARGET FILE` makes a symbolic link
    /// and `pipe FILE` a pipe.
    steps: Vec<String>,
    /// Files of the base that are taken away.
    #[serde(default)]
    remove: Vec<String>,
    /// What a server on the loopback answers; `{server}` in the files is its address.
    serve: Option<String>,
    /// Whether another run holds the lock.
    #[serde(default)]
    hold_lock: bool,
    /// A feature without which alone the program raises the code.
    without: Option<String>,
    /// The test that raises the code and holds its text, for what needs another machine.
    elsewhere: Option<String>,
}

impl Case {
    fn read(fixture: &Path) -> Case {
        let text = std::fs::read_to_string(fixture.join("case.toml")).unwrap();
        toml::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", fixture.display()))
    }
}

fn cases() -> PathBuf {
    repository().join("tests/it/faults")
}

#[test]
fn every_code_is_raised_and_its_text_is_known() {
    let mut faults = Vec::new();
    let settings = || {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    for code in Code::ALL {
        let fixture = cases().join(code.name());
        if !fixture.join("case.toml").is_file() {
            faults.push(format!("{code} has no tests/it/faults/{code}/case.toml"));
            continue;
        }
        let case = Case::read(&fixture);
        if let Some(test) = &case.elsewhere {
            let text = std::fs::read_to_string(repository().join(test)).unwrap_or_default();
            if !text.contains(&format!("[{code}]: ")) {
                faults.push(format!("{test} does not hold the text of {code}"));
            }
            continue;
        }
        let is_built_in = cfg!(feature = "sftp") && case.without.as_deref() == Some("sftp");
        if is_built_in {
            continue;
        }
        let told = raised(*code, &fixture, &case);
        if told.is_empty() {
            faults.push(format!("tests/it/faults/{code} does not raise its code"));
            continue;
        }
        let mut settings = settings();
        settings.set_snapshot_path(&fixture);
        let compared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!("told", told));
        }));
        if compared.is_err() {
            faults.push(format!("the text of {code} has changed"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_project_without_a_fault_is_sound() {
    let project = folder("faults-base");
    copy(&cases().join("base"), &project);
    close(&project.join("key"));
    let told = ["receive", "load", "run"].map(|step| take(&project, step));
    assert!(told.iter().all(Vec::is_empty), "{told:?}");
}

#[test]
fn every_folder_belongs_to_a_code() {
    for entry in std::fs::read_dir(cases()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(name == "base" || Code::parse(&name).is_some(), "{name} is no code");
    }
}

/// The texts of a code's diagnostics after the case's steps.
fn raised(code: Code, fixture: &Path, case: &Case) -> String {
    let project = folder(&format!("fault-{code}"));
    copy(&cases().join("base"), &project);
    copy(fixture, &project);
    // Version control keeps no more of a mode than whether a file is a program.
    close(&project.join("key"));
    for name in ["case.toml", "told.snap", "told.snap.new"] {
        let _ = std::fs::remove_file(project.join(name));
    }
    for name in &case.remove {
        std::fs::remove_file(project.join(name)).unwrap();
    }
    if let Some(answer) = &case.serve {
        point_at(&project, &serve(answer.clone()));
    }
    let lake = Lake::open(project.join("data")).unwrap();
    let lock = case.hold_lock.then(|| lake.lock("tertial run").unwrap());
    let mut told = Vec::new();
    for step in &case.steps {
        match step.split_once(' ') {
            Some(("spoil", pattern)) => spoil(&project, pattern),
            Some(("forget", path)) => std::fs::remove_dir_all(project.join(path)).unwrap(),
            Some(("link", more)) => {
                let (target, file) = more.split_once(' ').unwrap();
                std::os::unix::fs::symlink(project.join(target), project.join(file)).unwrap();
            }
            Some(("pipe", file)) => {
                let made = std::process::Command::new("mkfifo").arg(project.join(file)).status();
                assert!(made.unwrap().success());
            }
            Some(("remove", path)) => std::fs::remove_file(project.join(path)).unwrap(),
            Some(("write", more)) => {
                let (file, text) = more.split_once(' ').unwrap();
                std::fs::write(project.join(file), text).unwrap();
            }
            _ => told.extend(take(&project, step)),
        }
    }
    drop(lock);
    let of_code = told.into_iter().filter(|diagnostic| diagnostic.code == code);
    let texts: Vec<String> = of_code.map(|d| plain(&d.to_string(), &project)).collect();
    texts.join("\n")
}

/// Runs a verb and gives what it told.
fn take(project: &Path, step: &str) -> Vec<Diagnostic> {
    let mut arguments: Vec<&str> = step.split(' ').collect();
    let verb = arguments[0];
    let with_day = matches!(verb, "receive" | "load" | "run");
    if with_day && !step.contains("--as-of") {
        arguments.extend(["--as-of", "2024-09-16T06:00:00Z"]);
    }
    let for_machines = with_day || verb == "check";
    if for_machines {
        arguments.extend(["--format", "json"]);
    }
    let output = command(&["--project", project.to_str().unwrap()])
        .args(&arguments)
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    if for_machines {
        let lines = text.lines().filter(|line| line.starts_with('{'));
        return lines.map(|line| serde_json::from_str(line).expect("a diagnostic")).collect();
    }
    let mut told: Vec<Diagnostic> = Vec::new();
    for block in text.split("\n\n") {
        match (from_text(block), told.last_mut()) {
            (Some(fault), _) => told.push(fault),
            (None, Some(last)) => last.hints.extend(
                block.lines().filter_map(|line| line.strip_prefix("hint: ")).map(str::to_owned),
            ),
            (None, None) => {}
        }
    }
    told
}

/// A diagnostic from what was printed for people; the hints follow after an empty line.
fn from_text(text: &str) -> Option<Diagnostic> {
    let (head, rest) = text.trim_start().split_once('\n')?;
    let (severity, after) = head.split_once('[')?;
    let (code, message) = after.split_once("]: ")?;
    let place = rest.trim_start().strip_prefix("--> ")?;
    let (file, facts) = place.split_once('\n').unwrap_or((place, ""));
    let location = tertial_model::Location::file(file);
    let code = Code::parse(code)?;
    let mut fault = match severity {
        "warning" => Diagnostic::warning(code, message, location),
        _ => Diagnostic::error(code, message, location),
    };
    for line in facts.lines() {
        let Some((name, fact)) = line.trim_start().trim_start_matches("= ").split_once(':') else {
            continue;
        };
        let fact = fact.trim_start().to_owned();
        match name {
            "found" => fault.found = Some(fact),
            "expected" => fault.expected = Some(fact),
            "effect" => fault.effect = Some(fact),
            _ => {}
        }
    }
    Some(fault)
}

/// Without what differs from run to run.
fn plain(text: &str, project: &Path) -> String {
    let text = without_hashes(text).replace(project.to_str().unwrap(), "<project>");
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        for (mark, name) in [("process ", "<process>"), ("127.0.0.1:", "<port>")] {
            while let Some(at) = line.find(mark).map(|at| at + mark.len()) {
                let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
                if digits == 0 {
                    break;
                }
                line.replace_range(at..at + digits, name);
            }
        }
        for mark in [", since ", "the clock says "] {
            if let Some(at) = line.find(mark).map(|at| at + mark.len()) {
                line.replace_range(at.., "<time>");
            }
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

/// Overwrites the files that a path with one `*` names.
fn spoil(project: &Path, pattern: &str) {
    let (folder, name) = pattern.rsplit_once('/').unwrap();
    let (before, after) = name.split_once('*').unwrap_or((name, ""));
    let mut spoilt = 0;
    for entry in std::fs::read_dir(project.join(folder)).unwrap().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with(before) && file.ends_with(after) && entry.path().is_file() {
            std::fs::write(entry.path(), "{ cut").unwrap();
            spoilt += 1;
        }
    }
    assert!(spoilt > 0, "{pattern} names no file");
}

/// A server that gives everybody the same answer.
fn serve(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// Puts the server's address into the pipelines.
fn point_at(project: &Path, address: &str) {
    for entry in std::fs::read_dir(project.join("pipelines")).unwrap().flatten() {
        let file = entry.path().join("pipeline.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("{server}", address)).unwrap();
    }
}

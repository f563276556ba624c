//! The guides are run as they are printed: every command of every console block, in the order of a
//! reader's first week, on one demo region; what they print is held against what is printed there.
//!
//! What a block is stands after its fence: `console in=data/demo` says where it begins, `console
//! needs=root` what a test has not (it is then not run), `toml file=PATH` that the block is a file of
//! the project, `csv append=PATH` that it is added to one, `text output` that it is what the last
//! command printed (`within`: a part of it). A comment `<!-- guide: COMMAND -->` prepares what the prose takes for granted.
//!
//! Numbers are compared by their place and not by their value, so that a new source does not fail a
//! guide that only happens to count rows; what a night took in, how many audits hold and what
//! `check` counts are compared as they stand. `TERTIAL_GUIDES=write` writes what was printed into
//! the guides; read the difference before it is kept.

use crate::support::{folder, repository};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The guides in the order in which a newcomer reads them: later ones go on from earlier ones.
const ORDER: [&str; 14] = [
    "README.md",
    "docs/guide/first-night.md",
    "docs/guide/add-a-source.md",
    "docs/guide/add-an-indicator.md",
    "docs/guide/a-row-was-rejected.md",
    "docs/guide/query-the-release.md",
    "docs/guide/for-statisticians.md",
    "docs/guide/schedule.md",
    "docs/guide/drop-folder.md",
    "docs/guide/fetch-over-http.md",
    "docs/guide/fetch-over-odbc.md",
    "docs/guide/fetch-over-sftp.md",
    "docs/guide/develop.md",
    "docs/README.md",
];

/// What a block may need that a test has not: the machine's own administration, the network, a
/// server, a notebook, or a build of the program itself (which is what runs the tests).
const NEEDS: [&str; 5] = ["root", "network", "server", "jupyter", "build"];

/// A fenced block of a guide.
struct Block {
    /// The line of its fence, from 0.
    at: usize,
    /// How far its lines are set in.
    indent: usize,
    /// The words after the fence.
    info: Vec<String>,
    /// Its lines without the indent.
    lines: Vec<String>,
}

impl Block {
    /// The value of `key=…` among the words of the fence.
    fn value(&self, key: &str) -> Option<&str> {
        self.info.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn is(&self, word: &str) -> bool {
        self.info.iter().any(|found| found == word)
    }
}

/// A step of a guide: a block, or a preparation.
enum Step {
    Block(Block),
    Prepare(String),
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        if let Some(block) = &mut open {
            if bare == "```" {
                steps.extend(open.take().map(Step::Block));
            } else {
                let cut = line.len().min(block.indent);
                block.lines.push(line.get(cut..).unwrap_or_default().to_owned());
            }
        } else if let Some(info) = bare.strip_prefix("```") {
            open = Some(Block {
                at,
                indent: line.len() - bare.len(),
                info: info.split_whitespace().map(str::to_owned).collect(),
                lines: Vec::new(),
            });
        } else if let Some(command) = bare.strip_prefix("<!-- guide: ") {
            let command = command.strip_suffix("-->").expect("a closed comment").trim();
            steps.push(Step::Prepare(command.to_owned()));
        }
    }
    assert!(open.is_none(), "a block is not closed");
    steps
}

/// A reader's shell: where it stands and what it has exported.
struct Shell {
    root: PathBuf,
    folder: PathBuf,
    path: String,
    variables: BTreeMap<String, String>,
    printed: String,
}

impl Shell {
    fn new(root: PathBuf) -> Shell {
        let bin = root.join("bin");
        std::fs::create_dir_all(&bin).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tertial"), bin.join("tertial"))
            .expect("a link");
        let home = root.join("home");
        std::fs::create_dir_all(home.join("work")).expect("a folder");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let folder = home.join("work");
        Shell { root, folder, path, variables: BTreeMap::new(), printed: String::new() }
    }

    /// Runs a command as it stands, and remembers where it left the reader.
    fn run(&mut self, command: &str) -> i32 {
        let state = self.root.join("state");
        let script = format!(
            "set -o pipefail\n{{ {command}\n}}\ncode=$?\n{{ pwd; export -p; }} > '{}'\nexit $code\n",
            state.display()
        );
        let mut bash = Command::new("bash");
        bash.arg("-c")
            .arg(format!("exec 2>&1\n{script}"))
            .current_dir(&self.folder)
            .env_remove("TERTIAL_PSEUDONYM_KEY")
            .env_remove("TERTIAL_PROJECT")
            .env_remove("TERTIAL_LOG")
            .env("HOME", self.root.join("home"))
            .env("PATH", &self.path)
            .env("REPOSITORY", repository())
            .envs(&self.variables);
        let output = bash.output().expect("a shell");
        self.printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if let Ok(state) = std::fs::read_to_string(&state) {
            let mut lines = state.lines();
            self.folder = PathBuf::from(lines.next().expect("a folder"));
            self.variables = lines
                .filter_map(|line| line.strip_prefix("declare -x TERTIAL_")?.split_once('='))
                .map(|(name, value)| {
                    (format!("TERTIAL_{name}"), value.trim_matches('"').to_owned())
                })
                .collect();
        }
        output.status.code().unwrap_or(-1)
    }
}

/// Commands of a block, each with the lines printed below it.
fn commands(lines: &[String]) -> Vec<(usize, String, Vec<String>)> {
    let mut found: Vec<(usize, String, Vec<String>)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in lines.iter().enumerate() {
        if goes_on {
            let (_, command, _) = found.last_mut().expect("a command that goes on");
            command.push('\n');
            command.push_str(line);
        } else if let Some(command) = line.strip_prefix("$ ") {
            found.push((at, command.to_owned(), Vec::new()));
        } else if let Some((_, _, printed)) = found.last_mut() {
            printed.push(line.clone());
            continue;
        }
        goes_on = line.ends_with('|') || line.ends_with('\\');
    }
    found
}

/// Whether the guides are to be written anew.
fn writes() -> bool {
    std::env::var("TERTIAL_GUIDES").is_ok_and(|wish| wish == "write")
}

/// Lines that are compared as they stand: what came in, which claims hold, what a project holds.
fn is_exact(line: &str) -> bool {
    ["received ", "loaded  ", "audits "].iter().any(|begin| line.starts_with(begin))
        || line.ends_with("no fault found")
}

/// A line without what differs between machines and days: folders, hashes, widths, and numbers.
fn plain(line: &str, root: &Path) -> String {
    let home = root.join("home/work");
    let line = line.replace(&home.display().to_string(), "…").replace("<hash>", "0");
    // What is about to be written anew may have any number.
    let exact = is_exact(&line) && !writes();
    let mut plain = String::new();
    let mut letters = line.trim_end().chars().peekable();
    while let Some(letter) = letters.next() {
        let last = plain.chars().last();
        let is_number = |c: char| c.is_ascii_digit();
        match letter {
            ' ' | '\u{a0}' if last == Some(' ') => {}
            // A space between digits parts thousands.
            ' ' | '\u{a0}'
                if !exact
                    && last == Some('0')
                    && letters.peek().copied().is_some_and(is_number) => {}
            ' ' | '\u{a0}' => plain.push(' '),
            '─' if last == Some('─') => {}
            c if is_number(c) && !exact => {
                if last != Some('0') {
                    plain.push('0');
                }
            }
            c => plain.push(c),
        }
    }
    masked_hashes(&plain)
}

/// Twelve hexadecimal digits behind a hyphen are a delivery's or a release's own.
fn masked_hashes(line: &str) -> String {
    line.split(' ')
        .map(|word| match word.rsplit_once('-') {
            Some((head, tail))
                if tail.len() >= 2
                    && tail.chars().all(|c| c.is_ascii_hexdigit())
                    && tail.contains('0')
                    && head.chars().any(char::is_alphanumeric) =>
            {
                format!("{head}-0")
            }
            _ => word.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a printed line is what the guide says; `…` stands for anything.
fn is_like(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        if at + 1 == parts.len() && !part.is_empty() {
            return rest.ends_with(part);
        }
        let Some(position) = rest.find(part) else { return false };
        rest = &rest[position + part.len()..];
    }
    parts.is_empty() == rest.is_empty() || !parts.is_empty()
}

/// The printed line behind each line of the guide, or the first line that has none.
fn matched(expected: &[String], printed: &str, root: &Path) -> Result<Vec<Option<String>>, String> {
    let lines: Vec<&str> = printed.lines().collect();
    let mut at = 0;
    let mut may_skip = false;
    let mut found = Vec::new();
    for line in expected {
        if line.trim() == "…" {
            may_skip = true;
            found.push(None);
            continue;
        }
        let wanted = plain(line, root);
        let position = (at..lines.len())
            .take(if may_skip { lines.len() } else { 1 })
            .find(|&position| is_like(&wanted, &plain(lines[position], root)));
        let Some(position) = position else { return Err(line.clone()) };
        found.push(Some(lines[position].to_owned()));
        (at, may_skip) = (position + 1, false);
    }
    if at < lines.len() && !may_skip && lines[at..].iter().any(|line| !line.trim().is_empty()) {
        return Err(format!("(and then printed: {})", lines[at]));
    }
    Ok(found)
}

/// The guide's line with the numbers that were printed.
fn renewed(line: &str, printed: &str) -> String {
    if !line.contains('…') && !line.contains("<hash>") {
        return printed.trim_end().to_owned();
    }
    let digits = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_digit())
            .filter(|d| !d.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (old, new) = (digits(line), digits(printed));
    if old.len() != new.len() {
        return line.to_owned();
    }
    let mut renewed = String::new();
    let mut rest = line;
    for (old, new) in old.iter().zip(&new) {
        let at = rest.find(old.as_str()).expect("its own digits");
        renewed.push_str(&rest[..at]);
        renewed.push_str(new);
        rest = &rest[at + old.len()..];
    }
    renewed + rest
}

/// What was wrong, and the lines that would be right.
#[derive(Default)]
struct Report {
    faults: String,
    renewed: BTreeMap<usize, String>,
}

impl Report {
    fn compare(&mut self, guide: &str, first: usize, expected: &[String], shell: &Shell) {
        match matched(expected, &shell.printed, &shell.root) {
            Ok(found) => {
                for (at, (line, printed)) in expected.iter().zip(found).enumerate() {
                    if let Some(printed) = printed {
                        self.renewed.insert(first + at, renewed(line, &printed));
                    }
                }
            }
            Err(line) => {
                let _ = writeln!(
                    self.faults,
                    "{guide}:{}: not printed: {line}\n  printed was\n{}",
                    first + 1,
                    shell.printed.lines().map(|l| format!("    {l}\n")).collect::<String>()
                );
            }
        }
    }
}

fn run_block(block: &Block, guide: &str, shell: &mut Shell, report: &mut Report) {
    if let Some(path) = block.value("file").or_else(|| block.value("append")) {
        let path = shell.folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let mut text = block.lines.join("\n") + "\n";
        if block.value("append").is_some() {
            text = std::fs::read_to_string(&path).unwrap_or_default() + &text;
        }
        return std::fs::write(&path, text).expect("a file of the guide");
    }
    if block.is("output") {
        let begin = block.is("within").then(|| "…".to_owned());
        let (first, end) = (block.at + 1, begin.clone());
        let lines: Vec<String> =
            begin.into_iter().chain(block.lines.iter().cloned()).chain(end).collect();
        return report.compare(guide, first - usize::from(block.is("within")), &lines, shell);
    }
    if !block.is("console") {
        return;
    }
    if let Some(needs) = block.value("needs") {
        assert!(
            needs.split(',').all(|need| NEEDS.contains(&need)),
            "{guide}:{}: `{needs}` is nothing a test may lack",
            block.at + 1
        );
        return;
    }
    if let Some(place) = block.value("in") {
        shell.folder = shell.root.join("home/work").join(place);
        shell.variables.clear();
    }
    assert!(
        !block.lines.iter().any(|line| line.starts_with("# ")),
        "{guide}:{}: a command of root is marked needs=root",
        block.at + 1
    );
    for (at, command, expected) in commands(&block.lines) {
        let command = command.replace("cargo run --release -- ", "tertial ");
        let code = shell.run(&command);
        // 1 says that a person is needed, and is part of many a guide.
        if !matches!(code, 0 | 1) {
            let _ = writeln!(
                report.faults,
                "{guide}:{}: `{command}` ended with {code}\n{}",
                block.at + 2 + at,
                shell.printed
            );
        }
        if !expected.is_empty() {
            let first = block.at + 2 + at + command.lines().count() - 1;
            report.compare(guide, first, &expected, shell);
        }
    }
}

#[test]
fn every_command_of_the_guides_runs_as_printed() {
    let root = folder("guides");
    let mut shell = Shell::new(root);
    let mut faults = String::new();
    for guide in ORDER {
        let path = repository().join(guide);
        let text = std::fs::read_to_string(&path).expect("a guide");
        let mut report = Report::default();
        shell.folder = shell.root.join("home/work");
        shell.variables.clear();
        for step in steps(&text) {
            match step {
                Step::Block(block) => run_block(&block, guide, &mut shell, &mut report),
                Step::Prepare(command) => {
                    let code = shell.run(&command);
                    assert!(code < 2, "{guide}: `{command}` ended with {code}\n{}", shell.printed);
                }
            }
        }
        if writes() {
            let lines = text.lines().enumerate().map(|(at, line)| {
                let indent = line.len() - line.trim_start().len();
                match report.renewed.get(&at) {
                    Some(new) if indent > 0 && !new.starts_with(' ') => {
                        format!("{}{new}", &line[..indent])
                    }
                    Some(new) => new.clone(),
                    None => line.to_owned(),
                }
            });
            let new = lines.collect::<Vec<_>>().join("\n") + "\n";
            if new != text {
                std::fs::write(&path, new).expect("the guide");
            }
        }
        faults.push_str(&report.faults);
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn every_guide_has_its_place_in_the_order() {
    let guides = std::fs::read_dir(repository().join("docs/guide")).expect("guides");
    for guide in guides.flatten() {
        let name = format!("docs/guide/{}", guide.file_name().to_string_lossy());
        assert!(ORDER.contains(&name.as_str()), "{name} is not run");
    }
}

#[test]
fn a_line_is_compared_by_its_words_and_the_places_of_its_numbers() {
    let root = Path::new("/r");
    let same = |one: &str, other: &str| is_like(&plain(one, root), &plain(other, root));
    assert!(same("rows      260 225 read", "rows  1 293 725 read"));
    assert!(same(
        "release   2024-09-16-<hash> (published)",
        "release   2024-09-16-88e573e5f46d (published)"
    ));
    assert!(same("database  …/data/x.duckdb", "database  /r/home/work/data/x.duckdb"));
    assert!(same("2024T2 RS Totalt: 5,7 %", "2024T2 RS Totalt: 12,3 %"));
    assert!(!same("received  49 new files", "received  193 new files"), "what came in counts");
    assert!(!same("audits    28 of 30 hold", "audits    28 of 31 hold"));
    assert!(!same("rows      260 225 read", "rows  1 293 725 lines"));
    assert!(!same("a line", "a line and more"));
    let expected = ["one 1".to_owned(), "…".to_owned(), "three".to_owned()];
    assert!(matched(&expected, "one 2\ntwo\nthree\n", root).is_ok());
    assert!(matched(&expected, "one 2\ntwo\n", root).is_err());
    assert!(matched(&expected[..1], "one 2\ntwo\n", root).is_err(), "more than the guide prints");
}

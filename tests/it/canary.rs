//! A canary in every place a sender can write in: a civic number, a name and a diagnosis in each field
//! of every source, in headings, in names of files, in broken rows, in columns that were swapped and in
//! place of the row of headings. It may be found where files come in and are kept as they came, and
//! nowhere else: not in the lake, the rejects, the manifests, either database, a report, a journal or a
//! message.
//!
//! A civic number is recognised wherever it stands. A name has no form: in a column that a contract calls
//! open free text somebody has said that anyone may see it. So words are looked for where they are the
//! sender's alone, in the names of files.

use crate::support::{KEY, copy, folder, give_key, on, repository};
use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::{literal, qualified};

/// The tax agency's number for tests, in the usual writings, a name and a diagnosis.
const CANARIES: [&str; 6] = [
    "20170110-2384",
    "201701102384",
    "170110-2384",
    "Kanarie Fågelholm",
    "Kanarieångest F411",
    "Ang. 20170110 2384, vård",
];
/// What is left of a civic number that was not masked.
const NUMBERS: [&str; 3] = ["0110-2384", "01102384", "0110 2384"];
/// What is left of a name or a diagnosis.
const WORDS: [&str; 2] = ["Fågelholm", "Kanarieångest"];

/// Where the canary stands in a file.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In every eighth column from this one on, in rows of their own.
    Column(usize),
    /// In a heading.
    Heading(usize),
    /// In place of the row of headings.
    NoHeadings,
    /// In every cell of a row, as when columns are swapped.
    EveryCell,
    /// In a row that cannot be divided.
    Broken,
}

#[test]
fn a_canary_is_found_where_files_come_in_and_nowhere_else() {
    let project = project();
    let mut told = String::new();
    let mut places: Vec<Place> = (0..8).map(Place::Column).collect();
    places.extend([1, 2].map(Place::Heading));
    places.extend([Place::NoHeadings, Place::EveryCell, Place::Broken]);
    for (number, place) in places.iter().enumerate() {
        let planted = plant(&project, *place);
        assert!(planted > 10, "{place:?} fits {planted} files only");
        let moment = format!("2024-09-16T{:02}:{:02}:00Z", 6 + number / 60, number % 60);
        let answer = on(&project, &["run", "--as-of", moment.as_str()]);
        assert!(answer.code < 2, "{place:?}: {}", answer.err);
        told.push_str(&answer.out);
        told.push_str(&answer.err);
    }
    for verb in [
        &["rejects", "list"][..],
        &["rejects", "show", "--limit", "100000"],
        &["rejects", "show", "--limit", "100000", "--format", "json"],
        &["status", "--as-of", "2024-09-17"],
        &["sql", "--warehouse", "--format", "csv", "from meta.diagnostics"],
    ] {
        let answer = on(&project, verb);
        told.push_str(&answer.out);
        told.push_str(&answer.err);
    }
    let mut found: Vec<String> =
        traces(&told, &NUMBERS).map(|trace| format!("told: {trace}")).collect();
    sweep(&project.join("data"), &NUMBERS, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
    // The net holds: where files come in, the canary is seen.
    let mut there = Vec::new();
    sweep_file(&project.join("data/inbox/hr/arbetstid_2024.csv"), &NUMBERS, &mut there);
    assert!(!there.is_empty());
}

#[test]
fn the_name_of_a_file_is_the_sender_s_words() {
    let project = project();
    let number = CANARIES[0];
    for (source, from, name) in [
        (
            "time_reports",
            "tid_folkhogskolor_2024-08.xml",
            format!("tid_Fågelholm{number}_2024-08.xml"),
        ),
        ("kolada", "kolada_N79173.json", format!("kolada_{number}Kanarieångest.json")),
        ("agreements", "", format!("avtalsregister Fågelholm {number}.xlsx")),
        ("hr", "arbetstid_2024.csv", format!("Fågelholm {number}.csv")),
        ("ledger", "RJH_2024.SE", "Kanarieångest201701102384.SE".to_owned()),
    ] {
        let inbox = project.join("data/inbox").join(source);
        let from = match from {
            "" => std::fs::read_dir(&inbox).unwrap().flatten().next().unwrap().path(),
            name => inbox.join(name),
        };
        std::fs::rename(from, inbox.join(name)).unwrap();
    }
    let answer = on(&project, &["run", "--as-of", "2024-09-16T06:00:00Z"]);
    let mut found: Vec<String> = traces(&format!("{}{}", answer.out, answer.err), &NUMBERS)
        .map(|trace| format!("told: {trace}"))
        .collect();
    sweep(&project.join("data"), &NUMBERS, &mut found);
    // What leaves the house has no word of the sender's either.
    sweep(&project.join("data/reports"), &WORDS, &mut found);
    sweep_file(&project.join("data/releases/current/tertial.duckdb"), &WORDS, &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The repository's facts with a small delivery of every source.
fn project() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let project = folder(&format!("canary-{number}"));
    for part in ["pipelines", "schemas", "sql", "seeds"] {
        copy(&repository().join(part), &project.join(part));
    }
    std::fs::copy(repository().join("tertial.toml"), project.join("tertial.toml")).unwrap();
    give_key(&project.join("data/secret/pseudonym.key"), KEY);
    for source in sources() {
        copy(
            &repository().join("tests/fixtures").join(&source),
            &project.join("data/inbox").join(&source),
        );
        let _ = std::fs::remove_file(project.join("data/inbox").join(&source).join("expected.csv"));
    }
    project
}

/// Every source of `tests/fixtures`.
fn sources() -> BTreeSet<String> {
    let entries = std::fs::read_dir(repository().join("tests/fixtures")).unwrap().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Puts the canary into every file; how many of them have such a place.
fn plant(project: &Path, place: Place) -> usize {
    let mut planted = 0;
    for source in sources() {
        let from = repository().join("tests/fixtures").join(&source);
        for entry in std::fs::read_dir(&from).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name == "expected.csv" {
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            let ending = name.rsplit('.').next().unwrap_or("").to_lowercase();
            let changed = match ending.as_str() {
                "xlsx" => workbook(&bytes, place),
                "csv" => Some(coded(&bytes, |text| table(text, place))).flatten(),
                _ => Some(coded(&bytes, |text| tokens(text, place))).flatten(),
            };
            let target = project.join("data/inbox").join(&source).join(&name);
            if changed.is_some() {
                planted += 1;
            }
            // A file whose time and size stay is not taken in again.
            std::fs::write(&target, changed.unwrap_or(bytes)).unwrap();
        }
    }
    planted
}

/// Changes a text in its own encoding.
fn coded(bytes: &[u8], change: impl FnOnce(&str) -> Option<String>) -> Option<Vec<u8>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => change(text).map(String::into_bytes),
        Err(_) => {
            let (text, _, _) = encoding_rs::WINDOWS_1252.decode(bytes);
            change(&text).map(|text| encoding_rs::WINDOWS_1252.encode(&text).0.into_owned())
        }
    }
}

/// A delimited text with the canary in it.
fn table(text: &str, place: Place) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let delimiter = [';', ',', '\t', '|'].into_iter().max_by_key(|mark| {
        lines.iter().take(20).map(|line| line.matches(*mark).count()).sum::<usize>()
    })?;
    let widest = lines.iter().map(|line| fields(line, delimiter).len()).max()?;
    let head = lines.iter().position(|line| fields(line, delimiter).len() == widest)?;
    let sample = fields(lines.get(head + 1)?, delimiter);
    match place {
        Place::Column(at) if at < sample.len() => {
            for (at, canary) in
                (at..sample.len()).step_by(8).flat_map(|at| CANARIES.map(|c| (at, c)))
            {
                let mut row = sample.clone();
                row[at] = canary.to_owned();
                lines.insert(head + 1, row.join(&delimiter.to_string()));
            }
        }
        Place::Heading(at) => {
            let mut heads = fields(&lines[head], delimiter);
            *heads.get_mut(at)? = CANARIES[at % CANARIES.len()].to_owned();
            lines[head] = heads.join(&delimiter.to_string());
        }
        Place::NoHeadings => {
            let row: Vec<&str> =
                (0..sample.len()).map(|at| CANARIES[at % CANARIES.len()]).collect();
            lines[head] = row.join(&delimiter.to_string());
        }
        Place::EveryCell => {
            for turn in 0..CANARIES.len() {
                let row = (0..sample.len()).map(|at| CANARIES[(at + turn) % CANARIES.len()]);
                lines.insert(head + 1, row.collect::<Vec<_>>().join(&delimiter.to_string()));
            }
        }
        Place::Broken => {
            lines.insert(head + 1, CANARIES.join(&delimiter.to_string().repeat(2)));
            lines.insert(head + 1, CANARIES[..2].join(&delimiter.to_string()));
            lines.push(format!("\"{}", CANARIES.join(" ")));
        }
        Place::Column(_) => return None,
    }
    Some(lines.join("\r\n") + "\r\n")
}

fn fields(line: &str, delimiter: char) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        is_quoted ^= c == '"';
        match found.last_mut() {
            Some(last) if c != delimiter || is_quoted => last.push(c),
            _ => found.push(String::new()),
        }
    }
    found
}

/// Any other text: the canary in the place of words and numbers spread over it.
fn tokens(text: &str, place: Place) -> Option<String> {
    let (number, of) = match place {
        Place::Column(at) => (at, 8),
        Place::EveryCell => (0, 1),
        _ => return None,
    };
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                // A number is not put before a decimal mark: it would be an amount.
                if at - from > 2 && !text[at..].starts_with(['.', ',']) {
                    words.push((from, at));
                }
            }
            _ => {}
        }
    }
    let mut changed = String::new();
    let mut done = 0;
    for (at, (from, to)) in words.into_iter().enumerate().filter(|(at, _)| at % of == number) {
        changed.push_str(&text[done..from]);
        changed.push_str(CANARIES[at / of % CANARIES.len()]);
        done = to;
    }
    changed.push_str(&text[done..]);
    Some(changed)
}

/// A workbook with the canary in its sheets.
fn workbook(bytes: &[u8], place: Place) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut is_changed = false;
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).ok()?;
        let name = member.name().to_owned();
        let mut content = Vec::new();
        member.read_to_end(&mut content).ok()?;
        if name.starts_with("xl/worksheets/sheet") {
            let text = String::from_utf8(content).ok()?;
            let changed = sheet(&text, place);
            is_changed |= changed.is_some();
            content = changed.unwrap_or(text).into_bytes();
        }
        writer.start_file(name, zip::write::SimpleFileOptions::default()).ok()?;
        writer.write_all(&content).ok()?;
    }
    let bytes = writer.finish().ok()?.into_inner();
    is_changed.then_some(bytes)
}

fn sheet(xml: &str, place: Place) -> Option<String> {
    let cells = cells(xml);
    let count = |row: u32| cells.iter().filter(|cell| cell.row == row).count();
    let last = cells.iter().map(|cell| cell.row).max()?;
    let widest = (1..=last).map(count).max()?;
    let head = (1..=last).find(|row| count(*row) == widest)?;
    let mut changed = String::new();
    let mut done = 0;
    for cell in &cells {
        let below = cell.row.checked_sub(head + 1).map(|below| below as usize);
        let canary = match (place, below) {
            (Place::Column(at), Some(below)) if at == cell.column && below < CANARIES.len() => {
                Some(below)
            }
            (Place::Heading(at), None) if at == cell.column && cell.row == head => Some(at),
            (Place::NoHeadings, None) if cell.row == head => Some(cell.column),
            (Place::EveryCell, Some(below)) if below < CANARIES.len() => Some(below + cell.column),
            _ => None,
        };
        let Some(canary) = canary else { continue };
        changed.push_str(&xml[done..cell.from]);
        let text = CANARIES[canary % CANARIES.len()];
        changed.push_str(&format!(
            "<c r=\"{}\" t=\"inlineStr\"><is><t>{text}</t></is></c>",
            cell.name
        ));
        done = cell.to;
    }
    changed.push_str(&xml[done..]);
    (done > 0).then_some(changed)
}

struct SheetCell {
    from: usize,
    to: usize,
    row: u32,
    column: usize,
    name: String,
}

/// The cells of a sheet's XML, in order.
fn cells(xml: &str) -> Vec<SheetCell> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(from) = xml[at..].find("<c ").map(|found| at + found) {
        let Some(tag) = xml[from..].find('>').map(|end| from + end + 1) else { break };
        let to = match xml[from..tag].ends_with("/>") {
            true => tag,
            false => match xml[tag..].find("</c>") {
                Some(end) => tag + end + 4,
                None => break,
            },
        };
        at = to;
        let Some(name) =
            xml[from..tag].split(" r=\"").nth(1).and_then(|rest| rest.split('"').next())
        else {
            continue;
        };
        let letters: String = name.chars().take_while(char::is_ascii_uppercase).collect();
        let column =
            letters.bytes().fold(0, |column, letter| column * 26 + usize::from(letter - b'A') + 1);
        if let (Ok(row), 1..) = (name[letters.len()..].parse(), column) {
            found.push(SheetCell { from, to, row, column: column - 1, name: name.to_owned() });
        }
    }
    found
}

fn traces<'a>(text: &'a str, wanted: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    let around = move |at: usize| -> String {
        let from = text[..at].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
        text[from..].chars().take(140).collect::<String>().replace('\n', " ")
    };
    wanted.iter().filter_map(move |trace| text.find(trace).map(around))
}

/// Looks through everything below a folder but what came in.
fn sweep(folder: &Path, wanted: &[&str], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name == "inbox" || name == "received" || entry.file_type().unwrap().is_symlink() {
            continue;
        }
        let its_name = traces(&name, wanted);
        found.extend(its_name.map(|trace| format!("{}: its name {trace}", path.display())));
        match path.is_dir() {
            true => sweep(&path, wanted, found),
            false => sweep_file(&path, wanted, found),
        }
    }
}

fn sweep_file(path: &Path, wanted: &[&str], found: &mut Vec<String>) {
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
    match ending.as_deref() {
        Some("parquet") => {
            let engine = Engine::in_memory().unwrap();
            let from = format!("read_parquet({})", literal(&path.to_string_lossy()));
            sweep_rows(&engine, &from, path, wanted, found);
        }
        Some("duckdb") => {
            let engine = Engine::open_read_only(path).unwrap();
            for (table, _) in engine.relations().unwrap() {
                sweep_rows(&engine, &qualified(&table), path, wanted, found);
            }
        }
        _ => {
            let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
            found.extend(traces(&text, wanted).map(|trace| format!("{}: {trace}", path.display())));
        }
    }
}

fn sweep_rows(engine: &Engine, table: &str, path: &Path, wanted: &[&str], found: &mut Vec<String>) {
    let condition: Vec<String> =
        wanted.iter().map(|trace| format!("contains(line, {})", literal(trace))).collect();
    let sql = format!(
        "select distinct line from (select cast(t as varchar) as line from {table} as t) where {} \
         limit 5",
        condition.join(" or ")
    );
    let rows = engine.query(&sql, &[]);
    let rows = rows.unwrap_or_else(|error| panic!("{table} {}: {error}", path.display()));
    for row in rows.rows {
        let line = row[0].text().unwrap_or_default();
        let here = traces(&line, wanted);
        found.extend(here.map(|trace| format!("{} {table}: {trace}", path.display())));
    }
}

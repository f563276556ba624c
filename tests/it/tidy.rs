//! The house is in order: every thing has its page, no page is out of date, nothing lies about.

use crate::support::{demo, fields, folder, on, repository};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tertial_check::{Fields, parse_contract};
use tertial_model::Contract;
use tertial_model::contract::Classification;
use tertial_warehouse::Engine;

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![repository().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The contracts of a folder, each with its text.
fn contract_files(folder: &str) -> Vec<(PathBuf, String)> {
    let files = files(folder, "yaml").into_iter();
    let files = files.filter(|path| path.to_string_lossy().ends_with(".odcs.yaml"));
    files.map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect()
}

/// The contracts of a folder, by table.
fn contracts(folder: &str) -> BTreeMap<String, Contract> {
    let read = |(path, text): (PathBuf, String)| {
        parse_contract(&path.to_string_lossy(), &text, &fields())
            .unwrap_or_else(|faults| panic!("{faults:?}"))
    };
    let read = contract_files(folder).into_iter().map(read);
    read.map(|contract| (contract.table.clone(), contract)).collect()
}

/// A table as it lies in a database.
#[derive(Default)]
struct Table {
    comment: String,
    /// Names, each with its comment.
    columns: Vec<(String, String)>,
}

/// The tables of a database, views apart.
fn tables(database: &Path) -> BTreeMap<String, Table> {
    let engine = Engine::open_read_only(database).unwrap();
    let rows = engine
        .query(
            "select columns.schema_name || '.' || columns.table_name, columns.column_name, \
             columns.comment, tables.comment \
             from duckdb_columns() as columns \
             join duckdb_tables() as tables using (table_oid) \
             where not columns.internal order by 1, columns.column_index",
            &[],
        )
        .unwrap();
    let mut found: BTreeMap<String, Table> = BTreeMap::new();
    for row in rows.rows {
        let [name, column, comment, of_table] = [0, 1, 2, 3].map(|at| row[at].text());
        let table = found.entry(name.unwrap()).or_default();
        table.comment = of_table.unwrap_or_default();
        table.columns.push((column.unwrap(), comment.unwrap_or_default()));
    }
    found
}

#[test]
fn nothing_is_published_that_no_contract_opens() {
    let mut agreed = contracts("schemas");
    agreed.extend(contracts("src/own"));
    let public = tables(&demo().join("data/releases/current/tertial.duckdb"));
    assert!(public.contains_key("indicator.outcomes") && public.contains_key("meta.release"));
    for (table, found) in &public {
        let contract = agreed.get(table).unwrap_or_else(|| panic!("{table} has no contract"));
        assert_eq!(found.comment, contract.description, "{table}");
        for (name, comment) in &found.columns {
            let column = contract.column(name).unwrap_or_else(|| panic!("{table}.{name}"));
            assert_eq!(column.classification, Classification::Open, "{table}.{name}");
            assert!(comment.contains(column.description.trim()), "{table}.{name}: {comment}");
            assert!(!column.description.is_empty(), "{table}.{name} is not described");
        }
    }
}

#[test]
fn every_table_that_the_program_fills_has_its_contract_and_the_reverse() {
    let own = contracts("src/own");
    let made: BTreeSet<String> = files("sql/indicator", "toml")
        .iter()
        .map(|path| format!("indicator.{}", stem(path)))
        .collect();
    let built = tables(&demo().join("data/releases/current/warehouse.duckdb"));
    let is_own = |table: &&String| {
        (table.starts_with("indicator.") || table.starts_with("meta.")) && !made.contains(*table)
    };
    let filled: Vec<&String> = built.keys().filter(is_own).collect();
    assert_eq!(filled, own.keys().collect::<Vec<_>>());
    for (table, contract) in &own {
        let columns: Vec<&str> =
            built[table].columns.iter().map(|(name, _)| name.as_str()).collect();
        let agreed: Vec<&str> = contract.columns.iter().map(|column| &*column.name).collect();
        assert_eq!(columns, agreed, "{table}");
    }
}

#[test]
fn no_description_stands_twice() {
    let mut said: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut twice = Vec::new();
    let mut say = |name: &str, text: &str, place: String| {
        if let Some(earlier) = said.insert((name.to_owned(), text.to_owned()), place.clone()) {
            twice.push(format!("`{name}` says the same in {earlier} and {place}: {text}"));
        }
    };
    for file in ["schemas/fields.yaml", "src/own/fields.yaml"] {
        let text = std::fs::read_to_string(repository().join(file)).unwrap();
        for (name, description) in Fields::parse(file, &text).unwrap().descriptions() {
            say(name, description, file.to_owned());
        }
    }
    let own = contract_files("schemas").into_iter().chain(contract_files("src/own"));
    let mut count = 0;
    for (path, text) in own {
        let mut column = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("      - name: ") {
                column = name;
            } else if let Some(text) = line.strip_prefix("        description: \"") {
                count += 1;
                say(column, text.trim_end_matches('"'), path.to_string_lossy().into_owned());
            }
        }
    }
    assert!(count > 500, "only {count} descriptions were looked at");
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn contracts_leave_the_house_whole() {
    let target = folder("contracts-that-leave");
    on(repository(), &["docs", "--contracts", &target.to_string_lossy()]).ended(0);
    let mut agreed = contracts("schemas");
    agreed.extend(contracts("src/own"));
    let mut found = 0;
    for entry in std::fs::read_dir(&target).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let mut alone = parse_contract("x", &text, &Fields::default())
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", entry.path().display()));
        let with_fields = &agreed[&alone.table];
        alone.file.clone_from(&with_fields.file);
        assert_eq!(&alone, with_fields);
        found += 1;
    }
    assert_eq!(found, agreed.len());
}

#[test]
fn every_core_and_mart_query_has_its_contract_and_the_reverse() {
    let contracts: Vec<String> = contract_files("schemas")
        .iter()
        .map(|(path, _)| stem(path).trim_end_matches(".odcs").to_owned())
        .collect();
    for layer in ["core", "measure", "mart"] {
        for query in files(&format!("sql/{layer}"), "sql") {
            let name = format!("{layer}.{}", stem(&query));
            assert!(contracts.contains(&name), "{name} has no contract in schemas/");
        }
    }
    for contract in contracts.iter().filter(|name| name.contains('.')) {
        let file = format!("sql/{}.sql", contract.replacen('.', "/", 1));
        assert!(repository().join(&file).is_file(), "{contract} has no query {file}");
    }
}

#[test]
fn every_source_has_its_page() {
    for pipeline in files("pipelines", "toml").iter().filter(|path| path.ends_with("pipeline.toml"))
    {
        let page = pipeline.with_file_name("README.md");
        let text = std::fs::read_to_string(&page)
            .unwrap_or_else(|_| panic!("{} is missing", page.display()));
        assert!(text.lines().count() > 5, "{} says too little", page.display());
    }
}

#[test]
fn every_query_says_its_grain() {
    for query in files("sql", "sql") {
        let text = std::fs::read_to_string(&query).unwrap();
        assert!(text.starts_with("-- "), "{} does not begin with its grain", query.display());
    }
}

#[test]
fn generated_pages_are_up_to_date() {
    on(repository(), &["docs", "--check"]).ended(0);
}

/// What outcomes are stands on what an indicator means.
const SIBLINGS: [(&str, &str); 1] = [("tertial-outcomes", "tertial-indicator")];

#[test]
fn libraries_depend_on_the_model_alone() {
    for manifest in files("crates", "toml").iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = std::fs::read_to_string(manifest).unwrap();
        let is_allowed = |line: &str| {
            let pair = |(of, on): &(&str, &str)| {
                text.contains(&format!("name = \"{of}\"")) && line.starts_with(on)
            };
            line.starts_with("tertial-model") || SIBLINGS.iter().any(pair)
        };
        let own: Vec<&str> =
            text.lines().filter(|line| line.starts_with("tertial-") && !is_allowed(line)).collect();
        assert!(own.is_empty(), "{} depends on {own:?}", manifest.display());
        let knows_engine = text.lines().any(|line| line.starts_with("duckdb"));
        assert_eq!(
            knows_engine,
            manifest.to_string_lossy().contains("tertial-warehouse"),
            "{}",
            manifest.display()
        );
    }
}

#[test]
fn no_code_names_a_source_or_an_indicator() {
    let names: Vec<String> = files("sql/indicator", "toml").iter().map(|path| stem(path)).collect();
    for path in files("crates", "rs").into_iter().chain(files("src", "rs")) {
        let shown = path.to_string_lossy().into_owned();
        // The demo makes the deliveries of named sources, and help and tests may use examples.
        if shown.contains("tertial-demo")
            || shown.contains("/tests")
            || shown.contains("/examples/")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if let Some(name) = names.iter().find(|name| line.contains(name.as_str())) {
                panic!("{shown} names the indicator {name}: {line}");
            }
        }
    }
}

/// The rooms of the program: a file of `src/`, or a file or folder of `src/night/`.
fn room(path: &Path) -> Option<String> {
    let below = path.strip_prefix(repository().join("src")).ok()?.with_extension("");
    let mut parts = below.iter().map(|part| part.to_string_lossy().into_owned());
    let first = parts.next()?;
    match first.as_str() {
        "night" => parts.next().filter(|name| name != "mod").map(|name| format!("night::{name}")),
        _ => Some(first),
    }
}

/// The names that follow a path: `a::{b, c::d}` gives `b` and `c`.
fn names_after<'a>(code: &'a str, path: &str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = |text: &'a str| text.split(|c| !is_name(c)).next().unwrap_or("");
    let mut found = Vec::new();
    for (at, _) in code.match_indices(path) {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(
                list.split('}').next().unwrap_or("").split(',').map(|item| name(item.trim_start())),
            ),
            None => found.push(name(rest)),
        }
    }
    found
}

/// Which rooms each room of the program takes something from.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let paths = files("src", "rs");
    let rooms: BTreeSet<String> = paths.iter().filter_map(|path| room(path)).collect();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in &paths {
        let Some(own) = room(path) else { continue };
        let text = std::fs::read_to_string(path).unwrap();
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join(" ");
        let mut to: Vec<String> = names_after(&code, "crate::").iter().map(|&n| n.into()).collect();
        let mut nights = names_after(&code, "crate::night::");
        if path.parent().is_some_and(|folder| folder.ends_with("src/night")) {
            nights.extend(names_after(&code, "super::"));
        }
        to.extend(nights.into_iter().map(|name| format!("night::{name}")));
        let to = to.into_iter().filter(|name| *name != own && rooms.contains(name));
        arrows.entry(own.clone()).or_default().extend(to);
    }
    arrows
}

#[test]
fn the_rooms_of_the_program_form_no_circle() {
    let mut arrows = arrows();
    assert!(arrows.len() > 30, "only {} rooms were found", arrows.len());
    assert!(arrows["night::build"].contains("night::outcomes"), "arrows are not seen");
    // Rooms that take nothing from those left over are taken away, until none is left to take.
    loop {
        let done: BTreeSet<String> = arrows
            .iter()
            .filter(|(_, to)| to.iter().all(|name| !arrows.contains_key(name)))
            .map(|(name, _)| name.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        arrows.retain(|name, _| !done.contains(name));
    }
    assert!(arrows.is_empty(), "these rooms stand in circles, or on one: {arrows:#?}");
}

#[test]
fn the_queries_of_the_program_are_files() {
    // What is asked of a table whose name or columns are known only at run time is put together in
    // code; whole questions of several lines are not.
    let mut found = Vec::new();
    for path in files("src", "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for (at, _) in code.match_indices("\"select ") {
            let rest = &code[at..];
            let end = rest[1..].find('"').unwrap_or(0) + 1;
            let lines = rest[..end].lines().count();
            if lines > 5 {
                let line = code[..at].lines().count();
                found.push(format!("{}:{line}: {lines} lines", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

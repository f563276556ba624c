//! The house is in order: every thing has its page, no page is out of date, nothing lies about.

use crate::support::{on, repository};
use std::path::{Path, PathBuf};

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

#[test]
fn every_core_and_mart_query_has_its_contract_and_the_reverse() {
    let contracts: Vec<String> = files("schemas", "yaml")
        .iter()
        .map(|path| stem(path).trim_end_matches(".odcs").to_owned())
        .collect();
    for layer in ["core", "mart"] {
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

#[test]
fn libraries_depend_on_the_model_alone() {
    for manifest in files("crates", "toml").iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = std::fs::read_to_string(manifest).unwrap();
        let own: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("tertial-") && !line.starts_with("tertial-model"))
            .collect();
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

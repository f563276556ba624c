//! A project's queries over rows written by hand or made up: no lake, no deliveries, no outcomes.
//!
//! Given tables take their types from their contracts; one without a contract names the types in
//! its heading (`value:double`). A core table that is not given is computed
//! by the project's own query when that reads only seeds, given tables and others like it, and is
//! empty otherwise. Seeds are those known on one day, so that an organisation or a rule decided
//! later needs to be given. What a figure becomes afterwards (value, target, status) is not tested here.

use crate::support::{fields, repository};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;
use tertial_indicator::Definition;
use tertial_model::Contract;
use tertial_warehouse::engine::{identifier, qualified};
use tertial_warehouse::{Engine, Graph, Model, Remembered, Resolved, Rows, Value};

/// The months that rows are about, where a case does not say: the calendar reaches to 2026.
const ROW_MONTHS: &str = "select unnest(['a', 'b']) as table_name, date '2026-12-01' as month, \
     1::bigint as row_count";

/// The day the seeds are seen from.
const KNOWN_ON: &str = "2024-09-16";

/// The repository's contracts, queries and seeds.
pub struct Facts {
    /// Contracts by table.
    pub contracts: BTreeMap<String, Contract>,
    /// The queries, each after what it reads.
    pub graph: Graph,
    /// Seeds by table name, `seed.units`.
    seeds: BTreeMap<String, PathBuf>,
}

/// Tables of rows: name, and CSV with a heading line.
pub type Given = BTreeMap<String, String>;

impl Facts {
    /// Reads them once for all tests.
    pub fn get() -> &'static Facts {
        static FACTS: OnceLock<Facts> = OnceLock::new();
        FACTS.get_or_init(Facts::read)
    }

    fn read() -> Facts {
        let fields = fields();
        let mut files = entries("schemas");
        files.extend(entries("src/own"));
        files.retain(|path| path.to_string_lossy().ends_with(".odcs.yaml"));
        let contracts: BTreeMap<String, Contract> = files
            .iter()
            .map(|path| {
                let text = std::fs::read_to_string(path).expect("a contract");
                let contract =
                    tertial_check::parse_contract(&path.to_string_lossy(), &text, &fields)
                        .unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()));
                (contract.table.clone(), contract)
            })
            .collect();
        let seeds: BTreeMap<String, PathBuf> = entries("seeds")
            .into_iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
            .map(|path| (format!("seed.{}", path.file_stem().unwrap().to_string_lossy()), path))
            .collect();
        let raw = contracts.keys().filter(|name| !name.contains('.'));
        let mut known: BTreeSet<String> = raw.map(|name| format!("raw.{name}")).collect();
        known.extend(seeds.keys().cloned());
        let own = entries("src/own");
        let own =
            own.iter().filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".odcs.yaml"));
        known.extend(own.map(str::to_owned));
        let definitions = definitions();
        let (queries, faults) = tertial_indicator::metric::queries(&definitions, &contracts);
        assert!(faults.is_empty(), "{faults:?}");
        let resolved: Vec<Resolved> = queries
            .into_iter()
            .map(|query| Resolved {
                name: format!("indicator.{}", query.indicator),
                file: query.file,
                sql: query.sql,
            })
            .collect();
        let graph = Graph::read(repository(), &known, &resolved, &mut Remembered::default())
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        Facts { contracts, graph, seeds }
    }

    /// The answer of one query over the given rows.
    pub fn answer(&self, query: &str, given: &Given) -> Rows {
        let bench = Bench {
            facts: self,
            given,
            engine: Engine::in_memory().expect("an engine"),
            made: RefCell::default(),
        };
        bench.engine.create_schemas().expect("schemas");
        let audits = || self.graph.audits.iter().find(|audit| audit.name == query);
        let model = self.graph.model(query).or_else(audits);
        let model = model.unwrap_or_else(|| panic!("no query {query}"));
        for table in &model.reads {
            bench.make(table);
        }
        for table in given.keys() {
            assert!(
                bench.made.borrow().contains(table),
                "{query} does not read `{table}`, which the case gives"
            );
        }
        let sql = model.sql.trim_end().trim_end_matches(';');
        bench.engine.query(sql, &[]).unwrap_or_else(|error| panic!("{query}: {error}"))
    }
}

/// Every indicator's definition.
fn definitions() -> BTreeMap<String, Definition> {
    stems("sql/indicator", "toml")
        .into_iter()
        .map(|id| {
            let file = format!("sql/indicator/{id}.toml");
            let text = std::fs::read_to_string(repository().join(&file)).expect("a definition");
            let definition = Definition::parse(&file, &text)
                .unwrap_or_else(|faults| panic!("{file}: {faults:?}"));
            (id, definition)
        })
        .collect()
}

fn entries(folder: &str) -> Vec<PathBuf> {
    let folder = repository().join(folder);
    let mut found: Vec<_> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending != "md"))
        .filter(|path| path.extension().is_some_and(|ending| ending != "toml"))
        .collect();
    found.sort();
    found
}

struct Bench<'a> {
    facts: &'a Facts,
    given: &'a Given,
    engine: Engine,
    made: RefCell<BTreeSet<String>>,
}

impl Bench<'_> {
    /// Makes a table, and before it what its query reads.
    fn make(&self, table: &str) {
        if !self.made.borrow_mut().insert(table.to_owned()) {
            return;
        }
        if let Some(csv) = self.given.get(table) {
            return self.fill(table, csv);
        }
        if table == tertial_warehouse::calendar::ROW_MONTHS {
            let sql = format!("create table {} as {ROW_MONTHS}", qualified(table));
            return self.engine.execute(&sql).unwrap_or_else(|error| panic!("{table}: {error}"));
        }
        if let Some(path) = self.facts.seeds.get(table) {
            let name = table.trim_start_matches("seed.");
            let loaded = self.engine.load_seed(name, path);
            let known = loaded.and_then(|()| self.engine.forget_undecided_in(table, KNOWN_ON));
            return known.unwrap_or_else(|error| panic!("{table}: {error}"));
        }
        match self.facts.graph.model(table).filter(|model| self.can_compute(model)) {
            Some(model) => {
                model.reads.iter().for_each(|read| self.make(read));
                self.engine.run_model(model).unwrap_or_else(|fault| panic!("{fault:?}"));
            }
            None => self.empty(table),
        }
    }

    fn can_compute(&self, model: &Model) -> bool {
        model.reads.iter().all(|read| {
            self.given.contains_key(read)
                || read == tertial_warehouse::calendar::ROW_MONTHS
                || self.facts.seeds.contains_key(read)
                || self.facts.graph.model(read).is_some_and(|read| self.can_compute(read))
        })
    }

    /// Name and type of each column, from the contract.
    fn columns(&self, table: &str) -> Vec<(String, String)> {
        let contract = self.facts.contracts.get(table);
        let contract = contract.unwrap_or_else(|| panic!("{table} has neither rows nor contract"));
        contract
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.column_type.duckdb()))
            .collect()
    }

    fn empty(&self, table: &str) {
        self.table(table, &self.columns(table), Vec::new());
    }

    fn fill(&self, table: &str, csv: &str) {
        let mut reader = csv::ReaderBuilder::new().from_reader(csv.trim_start().as_bytes());
        let headings = reader.headers().expect("headings").clone();
        let columns: Vec<(String, String)> = if table.starts_with("seed.") {
            headings.iter().map(|name| (name.to_owned(), "varchar".to_owned())).collect()
        } else if self.facts.contracts.contains_key(table) {
            // The way back to the delivered row is in no contract.
            let back = headings.iter().filter(|name| name.starts_with('_'));
            let back = back.map(|name| (name.to_owned(), "varchar".to_owned()));
            self.columns(table).into_iter().chain(back).collect()
        } else {
            let typed = |heading: &str| {
                let (name, kind) = heading
                    .split_once(':')
                    .unwrap_or_else(|| panic!("`{heading}` of {table} has no type"));
                (name.to_owned(), kind.to_owned())
            };
            headings.iter().map(typed).collect()
        };
        let headings: csv::StringRecord =
            headings.iter().map(|heading| heading.split(':').next().unwrap_or_default()).collect();
        for heading in &headings {
            assert!(
                columns.iter().any(|(name, _)| name == heading),
                "`{table}` has no column `{heading}`"
            );
        }
        let rows = reader
            .records()
            .map(|row| {
                let row = row.unwrap_or_else(|error| panic!("{table}: {error}"));
                columns
                    .iter()
                    .map(|(name, _)| {
                        let at = headings.iter().position(|heading| heading == name);
                        match at.and_then(|at| row.get(at)).filter(|text| !text.is_empty()) {
                            Some(text) => Value::Text(text.to_owned()),
                            None => Value::Null,
                        }
                    })
                    .collect()
            })
            .collect();
        self.table(table, &columns, rows);
    }

    /// Text rows first, then the contract's types: the engine's own cast reads dates and decimals.
    fn table(&self, table: &str, columns: &[(String, String)], rows: Vec<Vec<Value>>) {
        let as_text: Vec<(&str, &str)> =
            columns.iter().map(|(name, _)| (name.as_str(), "varchar")).collect();
        self.engine
            .create_table("main.written", &as_text, rows)
            .unwrap_or_else(|error| panic!("{table}: {error}"));
        let casts: Vec<String> = columns
            .iter()
            .map(|(name, kind)| {
                let name = identifier(name);
                format!("cast({name} as {kind}) as {name}")
            })
            .collect();
        let sql = format!(
            "create table {} as select {} from main.written; drop table main.written",
            qualified(table),
            casts.join(", ")
        );
        self.engine.execute(&sql).unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

/// The stems of the files of a folder with an ending.
pub fn stems(folder: &str, ending: &str) -> BTreeSet<String> {
    std::fs::read_dir(repository().join(folder))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

//! A project folder, opened and understood: configuration, pipelines, contracts, seeds, queries,
//! indicators. Every fault in every file is told in one run; no data is touched.

mod dated;

use crate::config::{self, Config};
use crate::fingerprint::Fingerprint;
use crate::own;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tertial_check::{Codes, Corrections, Fields, Headings, References, known};
use tertial_indicator::{Definition, metric};
use tertial_lake::{DeliveryManifest, atomic};
use tertial_model::pipeline::FileSpec;
use tertial_model::{
    Acknowledgement, Code, Contract, Diagnostic, Faults, Location, Pipeline, same,
};
use tertial_warehouse::{Audit, AuditSeverity, Decision, Graph, Remembered, Resolved, derived};

/// An opened project.
pub struct Project {
    /// The folder.
    pub root: PathBuf,
    /// The data folder.
    data: PathBuf,
    /// `tertial.toml`.
    pub config: Config,
    /// The sources, by name.
    pub sources: Vec<Source>,
    /// Every contract, the project's and those of the program's own tables, by table name.
    pub contracts: BTreeMap<String, Contract>,
    /// What columns mean: the project's words, and the program's where it has none.
    pub fields: Fields,
    /// Seed tables: name and file.
    pub seeds: Vec<(String, PathBuf)>,
    /// The queries in order.
    pub graph: Graph,
    /// Indicator definitions, by id.
    pub definitions: BTreeMap<String, Definition>,
    /// Findings of audits that are known, whenever they were or will be.
    pub known: Vec<Acknowledgement>,
    /// What the report holds, when the project has a report.
    pub report: Option<tertial_report::ReportSpec>,
    /// Texts of every file that has a say, by path relative to the project.
    texts: BTreeMap<String, String>,
    /// What may leave the house.
    decision: OnceLock<Decision>,
}

/// One source with its facts.
pub struct Source {
    /// `pipeline.toml`.
    pub pipeline: Pipeline,
    /// `headings.csv`.
    pub headings: Headings,
    /// `codes.csv`.
    pub codes: Codes,
    /// Text of `corrections.toml`; its expiry is judged on the day of the run.
    pub corrections: String,
}

impl Source {
    /// The folder of the source's facts.
    pub fn folder(&self) -> String {
        format!("pipelines/{}", self.pipeline.name)
    }
}

/// The outcomes that a responsible role reports: the query of every indicator without its own.
pub const REPORTED: &str = "core.reported_outcomes";

/// The outcomes that a role has stated; they stand in where a query has no rows to compute from.
pub const STATED: &str = "core.stated_outcomes";

/// What columns mean wherever they stand.
pub const FIELDS: &str = "schemas/fields.yaml";

/// What is remembered of the queries, in the data folder.
const QUERIES: &str = "queries.json";

impl Project {
    /// Opens a folder; all faults at once when it cannot be used.
    pub fn open(root: &Path) -> Result<Project, Faults> {
        let root = root.canonicalize().map_err(|error| {
            let place = Location::file(root.to_string_lossy());
            Faults::from(Diagnostic::error(
                Code::FileAccess,
                format!("the project folder cannot be opened: {error}"),
                place,
            ))
        })?;
        let data = root.join("data");
        Project::open_facts(&root.clone(), root, data)
    }

    /// Opens the facts kept in another folder as this project's, with a data folder of their own.
    pub fn open_facts(facts: &Path, root: PathBuf, data: PathBuf) -> Result<Project, Faults> {
        let mut reading = Reading { root: facts, texts: BTreeMap::new(), faults: Vec::new() };
        let kept = data.join(QUERIES);
        let Some(config) = reading.config() else { return Err(reading.faults.into()) };
        let fields = reading.fields();
        let contracts = reading.contracts(&fields);
        let sources = reading.sources(&contracts);
        let seeds = reading.seeds();
        let definitions = reading.definitions();
        let resolved = reading.resolved(&definitions, &contracts);
        let graph = reading.graph(&contracts, &sources, &seeds, &resolved, &kept);
        reading.match_queries(&definitions, &graph);
        let known = reading.known(&graph);
        let report = reading.report();
        let Reading { texts, faults, .. } = reading;
        if faults.is_empty() {
            Ok(Project {
                root,
                data,
                config,
                sources,
                contracts,
                fields,
                seeds,
                graph,
                definitions,
                known,
                report,
                texts,
                decision: OnceLock::new(),
            })
        } else {
            Err(faults.into())
        }
    }

    /// The drop folder of a source.
    pub fn inbox(&self, source: &Source) -> PathBuf {
        match &source.pipeline.inbox {
            Some(folder) => self.root.join(folder),
            None => self.data().join("inbox").join(&source.pipeline.name),
        }
    }

    /// A path as a person sees it from the project folder.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// The pipeline entry a delivery came under; none when the pipeline has changed since.
    pub fn spec_of(&self, delivery: &DeliveryManifest) -> Option<(&Source, &FileSpec)> {
        let source = self.sources.iter().find(|source| source.pipeline.name == delivery.source)?;
        let spec = source.pipeline.files.iter().find(|spec| spec.pattern == delivery.pattern)?;
        Some((source, spec))
    }

    /// The same project with another data folder.
    pub fn with_data(self, data: PathBuf) -> Project {
        Project { data, ..self }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Every text that has a say in what a release holds, by path relative to the project.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        let told = self.texts.iter().filter(|(name, _)| !name.ends_with(".md"));
        told.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Texts of the files below a folder or of one file, in order.
    pub fn texts_below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let below = format!("{prefix}/");
        self.texts
            .iter()
            .filter(move |(name, _)| *name == prefix || name.starts_with(&below))
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// A hash of every file that has a say in what a release seen from a day holds.
    pub fn fingerprint(&self, day: &str) -> Fingerprint {
        let mut fingerprint = Fingerprint::new();
        for (name, text) in self.facts() {
            fingerprint.add(name, dated::known(self, name, text, day).as_bytes());
        }
        fingerprint
    }

    /// The values that `tertial.references` of contracts point at.
    pub fn references(&self) -> References {
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for contract in self.contracts.values() {
            wanted
                .extend(contract.columns.iter().filter_map(|column| column.references.as_deref()));
        }
        let mut references = References::new();
        for name in wanted {
            if let Some(values) = self.seed_values(name) {
                references.insert(name, values);
            }
        }
        references
    }

    /// Which class each column of each query has and what may leave the house; found once, since it
    /// takes every query to be parsed.
    pub fn decision(&self) -> &Decision {
        self.decision.get_or_init(|| {
            let columns = |name: &str| {
                let text = self.text(&format!("seeds/{name}.csv"));
                let mut reader = csv::Reader::from_reader(text.as_bytes());
                let heads = reader.headers().cloned().unwrap_or_default();
                heads.iter().map(str::to_owned).collect::<Vec<_>>()
            };
            let seeds = self.seeds.iter().map(|(name, _)| (name.clone(), columns(name)));
            Decision::of(&self.graph, &self.contracts, &seeds.collect())
        })
    }

    /// The values of `seed.<table>.<column>`.
    fn seed_values(&self, name: &str) -> Option<BTreeSet<String>> {
        let (table, column) = name.strip_prefix("seed.")?.split_once('.')?;
        let text = self.texts.get(&format!("seeds/{table}.csv"))?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let at = reader.headers().ok()?.iter().position(|heading| heading == column)?;
        Some(reader.records().flatten().filter_map(|row| row.get(at).map(str::to_owned)).collect())
    }

    /// Whether an indicator's outcomes come from the reporting form alone, without a query.
    pub fn is_reported(&self, definition: &Definition) -> bool {
        definition.reported && self.graph.model(&format!("indicator.{}", definition.id)).is_none()
    }

    /// The table that gives an indicator's numerators and denominators.
    pub fn table_of(&self, indicator: &str) -> String {
        match self.definitions.get(indicator) {
            Some(definition) if self.is_reported(definition) => REPORTED.to_owned(),
            _ => format!("indicator.{indicator}"),
        }
    }

    /// The file that states how an indicator's numerators and denominators are had.
    pub fn file_of_query(&self, indicator: &str) -> String {
        let table = self.table_of(indicator);
        match self.graph.model(&table) {
            Some(model) => model.file.clone(),
            None => format!("sql/{}.sql", table.replacen('.', "/", 1)),
        }
    }

    /// The query that gives them, resolved where a metric states it.
    pub fn text_of_query(&self, indicator: &str) -> &str {
        self.graph.model(&self.table_of(indicator)).map_or("", |model| model.sql.as_str())
    }

    /// The raw tables that stand behind an indicator.
    pub fn raw_tables_of(&self, indicator: &str) -> BTreeSet<String> {
        self.graph.raw_tables_behind(&self.table_of(indicator))
    }

    /// The rows of a seed that were decided after the one day and up to the other: what each is
    /// called and its day. A seed without a column `decided_on` has none.
    pub fn decided_between(
        &self,
        seed: &str,
        (after, until): &(String, String),
    ) -> Vec<(String, String)> {
        let mut reader =
            csv::Reader::from_reader(self.text(&format!("seeds/{seed}.csv")).as_bytes());
        let Ok(heads) = reader.headers().cloned() else { return Vec::new() };
        let at = |is_wanted: &dyn Fn(&str) -> bool| heads.iter().position(is_wanted);
        let Some(decided) = at(&|head| head == "decided_on") else { return Vec::new() };
        let name = at(&|head| head.ends_with("_name")).unwrap_or(0);
        let rows = reader.records().flatten().filter_map(|row| {
            let day = row.get(decided)?;
            let is_between = day > after.as_str() && day <= until.as_str();
            is_between.then(|| (row.get(name).unwrap_or("").to_owned(), day.to_owned()))
        });
        rows.collect()
    }

    /// Whether a unit stands above all others, so that no organisation changes what it holds.
    pub fn is_whole_organisation(&self, unit: &str) -> bool {
        let mut reader = csv::Reader::from_reader(self.text("seeds/units.csv").as_bytes());
        let Ok(heads) = reader.headers().cloned() else { return false };
        let at = |name: &str| heads.iter().position(|head| head == name);
        let (Some(id), Some(parent)) = (at("unit_id"), at("parent_unit_id")) else { return false };
        let is_top = |row: csv::StringRecord| {
            row.get(id) == Some(unit) && row.get(parent).is_some_and(str::is_empty)
        };
        reader.records().flatten().any(is_top)
    }

    /// The text of a file that has a say, empty when there is none.
    pub fn text(&self, file: &str) -> &str {
        self.texts.get(file).map_or("", String::as_str)
    }
}

/// Where an indicator is defined.
fn definition_file(indicator: &str) -> String {
    format!("sql/indicator/{indicator}.toml")
}

/// Reading a project, collecting faults.
struct Reading<'a> {
    root: &'a Path,
    texts: BTreeMap<String, String>,
    faults: Vec<Diagnostic>,
}

impl Reading<'_> {
    fn config(&mut self) -> Option<Config> {
        if !self.root.join(config::FILE).is_file() {
            self.faults.push(
                Diagnostic::error(
                    Code::BadSetting,
                    "this folder is not a project",
                    Location::file(self.root.to_string_lossy()),
                )
                .with_expected(format!("a file `{}`", config::FILE))
                .with_hint(
                    "name the project with `--project DIR`, or make one with `tertial init DIR`",
                ),
            );
            return None;
        }
        let text = self.read(config::FILE)?;
        self.kept(Config::parse(&text))
    }

    /// What columns mean: the project's words, and the program's where it has none.
    fn fields(&mut self) -> Fields {
        let text = self.optional(FIELDS).unwrap_or_default();
        let fields = self.kept(Fields::parse(FIELDS, &text)).unwrap_or_default();
        fields.or(own::fields())
    }

    fn contracts(&mut self, fields: &Fields) -> BTreeMap<String, Contract> {
        let mut contracts = own::contracts().clone();
        for file in self.files("schemas", "yaml").into_iter().filter(|file| file != FIELDS) {
            let Some(text) = self.read(&file) else { continue };
            let read = tertial_check::parse_contract(&file, &text, fields);
            let Some(contract) = self.kept(read) else { continue };
            if let Some(earlier) = contracts.get(&contract.table) {
                let table = &contract.table;
                let fault = Diagnostic::error(
                    Code::InvalidContract,
                    format!("table `{table}` has two contracts"),
                    Location::file(&file),
                );
                let fault = fault.with_found(format!("`{}` and `{file}`", earlier.file));
                self.faults.push(match own::contracts().contains_key(table) {
                    true => fault
                        .with_expected("no contract: the program fills the table and describes it"),
                    false => fault.with_expected("one contract a table"),
                });
                continue;
            }
            contracts.insert(contract.table.clone(), contract);
        }
        contracts
    }

    fn sources(&mut self, contracts: &BTreeMap<String, Contract>) -> Vec<Source> {
        let mut sources = Vec::new();
        for folder in self.folders("pipelines") {
            if let Some(source) = self.source(&format!("pipelines/{folder}"), contracts) {
                sources.push(source);
            }
        }
        sources
    }

    fn source(&mut self, folder: &str, contracts: &BTreeMap<String, Contract>) -> Option<Source> {
        let file = format!("{folder}/pipeline.toml");
        let text = self.read(&file)?;
        let pipeline = self.kept(tertial_check::parse_pipeline(&file, &text))?;
        let names: BTreeSet<String> = contracts.keys().cloned().collect();
        self.faults.extend(tertial_check::check_pipeline(&file, &text, &pipeline, &names));
        self.faults.extend(tertial_check::sends_faults(&file, &text, &pipeline, contracts));
        for (index, query) in pipeline.queries.iter().enumerate() {
            let sql = self.optional(&format!("{folder}/{}", query.sql));
            let faults = tertial_check::query_faults(&file, &text, index, query, sql.as_deref());
            self.faults.extend(faults);
        }
        let headings_file = format!("{folder}/headings.csv");
        let headings = match self.optional(&headings_file) {
            Some(text) => self.kept(Headings::parse(&headings_file, &text))?,
            None => Headings::default(),
        };
        let codes_file = format!("{folder}/codes.csv");
        let codes = match self.optional(&codes_file) {
            Some(text) => self.kept(Codes::parse(&codes_file, &text))?,
            None => Codes::default(),
        };
        let own: Vec<&Contract> = pipeline
            .files
            .iter()
            .flat_map(|file| &file.tables)
            .filter_map(|table| contracts.get(&table.contract))
            .collect();
        self.faults.extend(headings.faults(&own));
        self.faults.extend(codes.faults(&own));
        let corrections_file = format!("{folder}/corrections.toml");
        let corrections = self.optional(&corrections_file).unwrap_or_default();
        // Which have expired is a question for the day of the run; how they are written is not.
        let parsed =
            Corrections::parse(&corrections_file, &corrections, Date::constant(1900, 1, 1));
        if let Some(parsed) = self.kept(parsed) {
            self.faults.extend(parsed.faults(&corrections, &own));
        }
        self.optional(&format!("{folder}/README.md"));
        Some(Source { pipeline, headings, codes, corrections })
    }

    fn seeds(&mut self) -> Vec<(String, PathBuf)> {
        let mut seeds = Vec::new();
        for file in self.files("seeds", "csv") {
            let Some(text) = self.read(&file) else { continue };
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            for record in reader.records() {
                if let Err(error) = record {
                    let line = error.position().map_or(1, csv::Position::line);
                    let message = format!("the reference table cannot be read: {error}");
                    self.faults.push(
                        Diagnostic::error(
                            Code::InvalidReferenceTable,
                            message,
                            Location::text(&file, line, 1),
                        )
                        .with_expected("commas between fields, as many fields as headings, UTF-8"),
                    );
                }
            }
            let path = self.root.join(&file);
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            seeds.push((name, path));
        }
        seeds
    }

    /// Findings of audits that somebody answers for.
    fn known(&mut self, graph: &Graph) -> Vec<Acknowledgement> {
        let text = self.texts.get(known::FILE).cloned().unwrap_or_default();
        let audits: Vec<known::Nameable> = graph
            .audits
            .iter()
            .filter_map(|model| {
                let audit = Audit::from_model(model).ok()?;
                let name = model.name.trim_start_matches("audits.");
                Some(known::Nameable { name, warns: audit.severity == AuditSeverity::Warn })
            })
            .collect();
        self.kept(known::parse(&text, &audits)).unwrap_or_default()
    }

    fn graph(
        &mut self,
        contracts: &BTreeMap<String, Contract>,
        sources: &[Source],
        seeds: &[(String, PathBuf)],
        resolved: &[Resolved],
        kept: &Path,
    ) -> Graph {
        for file in self.files("sql", "sql") {
            self.read(&file);
        }
        let mut known: BTreeSet<String> = own::contracts().keys().cloned().collect();
        known.extend(seeds.iter().map(|(name, _)| format!("seed.{name}")));
        for source in sources {
            let tables = source.pipeline.files.iter().flat_map(|file| &file.tables);
            known.extend(tables.map(|table| format!("raw.{}", table.contract)));
        }
        known.extend(
            contracts.keys().filter(|name| !name.contains('.')).map(|name| format!("raw.{name}")),
        );
        let mut remembered = Remembered::parse(&std::fs::read_to_string(kept).unwrap_or_default());
        let read = Graph::read(self.root, &known, resolved, &mut remembered);
        if let Some(text) = remembered.text().filter(|_| kept.parent().is_some_and(Path::is_dir)) {
            // Without it the queries are parsed again, that is all.
            let _ = atomic::write(kept, text.as_bytes());
        }
        let Some(mut graph) = self.kept(read) else { return Graph::default() };
        let (audits, faults) = derived::audits(&graph, contracts);
        self.faults.extend(faults);
        graph.audits.extend(audits);
        graph.audits.sort_by(|one, other| one.name.cmp(&other.name));
        for model in &graph.audits {
            if let Err(fault) = Audit::from_model(model) {
                self.faults.push(*fault);
            }
        }
        graph
    }

    fn definitions(&mut self) -> BTreeMap<String, Definition> {
        let mut definitions = BTreeMap::new();
        for file in self.files("sql/indicator", "toml") {
            let Some(text) = self.read(&file) else { continue };
            let Some(definition) = self.kept(Definition::parse(&file, &text)) else { continue };
            definitions.insert(definition.id.clone(), definition);
        }
        definitions
    }

    /// The queries of the definitions that state a metric.
    fn resolved(
        &mut self,
        definitions: &BTreeMap<String, Definition>,
        contracts: &BTreeMap<String, Contract>,
    ) -> Vec<Resolved> {
        let (queries, faults) = metric::queries(definitions, contracts);
        self.faults.extend(faults);
        let resolved = queries.into_iter().map(|query| Resolved {
            name: format!("indicator.{}", query.indicator),
            file: query.file,
            sql: query.sql,
        });
        resolved.collect()
    }

    /// Every indicator has one query, its metric's or its own, and every query an indicator.
    fn match_queries(&mut self, definitions: &BTreeMap<String, Definition>, graph: &Graph) {
        if !self.faults.is_empty() {
            return;
        }
        for definition in definitions.values() {
            let file = definition_file(&definition.id);
            let own = format!("sql/indicator/{}.sql", definition.id);
            let has_own = self.texts.contains_key(&own);
            let is_given = has_own
                || definition.metric.is_some()
                || (definition.reported && graph.model(REPORTED).is_some());
            let fault = |message: String, expected: String| {
                Diagnostic::error(Code::IncompleteDefinition, message, Location::file(&file))
                    .with_expected(expected)
            };
            if !is_given {
                self.faults.push(fault(
                    format!("indicator `{}` has no query", definition.id),
                    format!(
                        "`[metric]`, or `{own}`, or `reported = true` and the query `{REPORTED}`"
                    ),
                ));
            } else if has_own && definition.metric.is_some() {
                self.faults.push(fault(
                    format!("indicator `{}` has a metric and a query of its own", definition.id),
                    format!("`[metric]` or `{own}`, not both"),
                ));
            } else if !has_own && definition.own_query.is_some() {
                self.faults.push(fault(
                    format!("`own_query` gives the reason for a query that is not there: `{own}`"),
                    format!("`{own}`, or no `own_query`"),
                ));
            }
        }
        for model in graph.models.iter().filter(|model| model.name.starts_with("indicator.")) {
            let id = model.name.trim_start_matches("indicator.");
            if !definitions.contains_key(id) {
                let message = format!("the query `{}` has no definition", model.name);
                self.faults.push(
                    Diagnostic::error(
                        Code::IncompleteDefinition,
                        message,
                        Location::file(&model.file),
                    )
                    .with_expected(format!("`{}`", definition_file(id))),
                );
            }
        }
    }

    fn report(&mut self) -> Option<tertial_report::ReportSpec> {
        let file = "seeds/report.toml";
        let text = self.optional(file)?;
        self.kept(tertial_report::parse_spec(file, &text))
    }

    fn kept<T>(&mut self, result: Result<T, Faults>) -> Option<T> {
        result.map_err(|faults| self.faults.extend(faults)).ok()
    }

    fn read(&mut self, file: &str) -> Option<String> {
        match std::fs::read_to_string(self.root.join(file)) {
            Ok(text) => {
                // Letters that an editor took apart are put together: what is compared with a source's
                // text is in one form wherever it stands.
                let text = same::composed(&text).into_owned();
                self.texts.insert(file.to_owned(), text.clone());
                Some(text)
            }
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                self.faults.push(Diagnostic::error(
                    Code::BadSetting,
                    message,
                    Location::file(file),
                ));
                None
            }
        }
    }

    fn optional(&mut self, file: &str) -> Option<String> {
        if self.root.join(file).is_file() { self.read(file) } else { None }
    }

    /// Files below a folder with an ending, relative to the project, sorted.
    fn files(&self, folder: &str, ending: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for (name, path) in entries(&self.root.join(&folder)) {
                let relative = format!("{folder}/{name}");
                if path.is_dir() {
                    open.push(relative);
                } else if path.extension().is_some_and(|extension| extension == ending) {
                    found.push(relative);
                }
            }
        }
        found.sort();
        found
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        let found = entries(&self.root.join(folder));
        found.into_iter().filter(|(_, path)| path.is_dir()).map(|(name, _)| name).collect()
    }
}

fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<(String, PathBuf)> = found
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.sort();
    entries
}

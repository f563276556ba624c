//! Received bytes to the lake: read, check, write, commit, one delivery after the other.
//!
//! Within a delivery, blocks are parsed and checked on all cores while the block before is written;
//! what must see the file in order (keys, sums, Parquet) sees it in order, so that neither rows nor
//! messages depend on the number of threads.

use crate::clock::Moment;
use crate::fingerprint::Fingerprint;
use crate::project::{Project, Source};
use rayon::prelude::*;
use std::collections::BTreeMap;
use tertial_check::{
    CheckInput, Checked, Checker, Corrections, PseudonymKey, References, SumRows, Uniqueness,
    contract_from_part,
};
use tertial_lake::{
    DeliveryManifest, FileMetadata, Lake, LoadManifest, LoadState, RejectWriter, TableLoad,
    TableWriter,
};
use tertial_model::pipeline::FileSpec;
use tertial_model::{Code, Contract, Diagnostic, Location, Parts, Reconciliation, Severity};
use tertial_read::{Chunk, Limits, PartChoice, ReadOptions};

/// What loading brought.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Deliveries read in this run.
    pub loads: Vec<LoadManifest>,
    /// Faults to tell: those of files, and examples of those of rows.
    pub diagnostics: Vec<Diagnostic>,
}

/// How many blocks are parsed and checked at a time.
const WINDOW: usize = 8;

/// How many reject diagnostics of one delivery are kept to be told; all are in `rejects`.
const TOLD: usize = 12;

/// Loads every delivery that was received by `moment` and whose load is due.
///
/// `only` limits the work to some deliveries, whether their load is due or not.
pub fn load(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
    only: Option<&dyn Fn(&DeliveryManifest) -> bool>,
) -> Result<Loaded, Vec<Diagnostic>> {
    let one = |fault: Box<Diagnostic>| vec![*fault];
    let key = pseudonym_key(project).map_err(one)?;
    let references = project.references();
    let known: BTreeMap<String, LoadManifest> = lake
        .loads()
        .map_err(one)?
        .into_iter()
        .map(|manifest| (manifest.delivery.id.clone(), manifest))
        .collect();
    let mut loaded = Loaded::default();
    for delivery in lake.received().map_err(one)? {
        if delivery.received_at > moment.at {
            continue;
        }
        let Some((source, spec)) = spec_of(project, &delivery) else { continue };
        let corrections = match corrections_of(source, moment) {
            Ok(corrections) => corrections,
            Err(faults) => {
                loaded.diagnostics.extend(faults);
                continue;
            }
        };
        let fingerprint = load_fingerprint(project, source, spec, &corrections, key.as_ref());
        let is_due = match only {
            Some(wanted) => wanted(&delivery),
            None => known.get(&delivery.id).is_none_or(|load| load.load_fingerprint != fingerprint),
        };
        if !is_due {
            continue;
        }
        tracing::info!(delivery = delivery.id, "load");
        let task = Task {
            project,
            lake,
            source,
            spec,
            delivery: &delivery,
            corrections: &corrections,
            references: &references,
            key: key.as_ref(),
        };
        let (manifest, told) = task.run(fingerprint).map_err(one)?;
        loaded.diagnostics.extend(told);
        loaded.loads.push(manifest);
    }
    Ok(loaded)
}

/// The pipeline entry a delivery came under; none when the pipeline has changed since.
fn spec_of<'a>(
    project: &'a Project,
    delivery: &DeliveryManifest,
) -> Option<(&'a Source, &'a FileSpec)> {
    let source = project.sources.iter().find(|source| source.pipeline.name == delivery.source)?;
    let spec = source.pipeline.files.iter().find(|spec| spec.pattern == delivery.pattern)?;
    Some((source, spec))
}

/// Everything that a load depends on, besides the delivery's bytes.
fn load_fingerprint(
    project: &Project,
    source: &Source,
    spec: &FileSpec,
    corrections: &Corrections,
    key: Option<&PseudonymKey>,
) -> String {
    let mut fingerprint = Fingerprint::new();
    for (name, text) in project.texts_below(&source.folder()) {
        if !name.ends_with(".md") {
            fingerprint.add(name, text);
        }
    }
    for table in &spec.tables {
        let Some(contract) = project.contracts.get(&table.contract) else { continue };
        fingerprint.add(&contract.file, project.text(&contract.file));
        for name in contract.columns.iter().filter_map(|column| column.references.as_deref()) {
            let table = name.trim_start_matches("seed.").split('.').next().unwrap_or("");
            fingerprint.add(name, project.text(&format!("seeds/{table}.csv")));
        }
    }
    for expired in corrections.notes() {
        fingerprint.add("expired correction", expired.location.to_string());
    }
    if let Some(key) = key {
        // Another key gives other pseudonyms; its own hash stands for it.
        fingerprint.add("key", key.pseudonym("fingerprint", "key"));
    }
    fingerprint.finish()
}

fn corrections_of(source: &Source, moment: &Moment) -> Result<Corrections, Vec<Diagnostic>> {
    let today = moment.day().parse().expect("a moment begins with a day");
    let file = format!("{}/corrections.toml", source.folder());
    Corrections::parse(&file, &source.corrections, today)
}

/// The key from the environment or the key file; none when neither is there.
pub fn pseudonym_key(project: &Project) -> Result<Option<PseudonymKey>, Box<Diagnostic>> {
    const VARIABLE: &str = "TERTIAL_PSEUDONYM_KEY";
    if let Ok(text) = std::env::var(VARIABLE) {
        return PseudonymKey::from_text(VARIABLE, &text).map(Some);
    }
    let Some(file) = &project.config.privacy.key_file else { return Ok(None) };
    match std::fs::read_to_string(project.root.join(file)) {
        Ok(text) => PseudonymKey::from_text(file, &text).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let message = format!("the key for pseudonyms cannot be read: {error}");
            Err(Box::new(Diagnostic::error(Code::T0804, message, Location::file(file))))
        }
    }
}

/// One delivery's load.
struct Task<'a> {
    project: &'a Project,
    lake: &'a Lake,
    source: &'a Source,
    spec: &'a FileSpec,
    delivery: &'a DeliveryManifest,
    corrections: &'a Corrections,
    references: &'a References,
    key: Option<&'a PseudonymKey>,
}

/// One table of the delivery while it is written.
struct Table {
    contract: Contract,
    checker: Checker,
    uniqueness: Uniqueness,
    sums: SumRows,
    writer: TableWriter,
    read: u64,
    accepted: u64,
    rejected: u64,
    sum_rows: u64,
}

/// What has been found so far.
struct Findings {
    rejects: RejectWriter,
    told: Vec<Diagnostic>,
    kept: Vec<Diagnostic>,
    corrected: Vec<String>,
    reconciliations: Vec<Reconciliation>,
}

impl Task<'_> {
    fn run(&self, fingerprint: String) -> Result<(LoadManifest, Vec<Diagnostic>), Box<Diagnostic>> {
        let mut manifest = LoadManifest {
            delivery: self.delivery.clone(),
            load_fingerprint: fingerprint,
            state: LoadState::Refused,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            tables: Vec::new(),
            rejects: None,
            decisions: Vec::new(),
            facts: Vec::new(),
            diagnostics: Vec::new(),
            reconciliations: Vec::new(),
        };
        let told = match self.read_and_write(&mut manifest)? {
            Ok(told) => {
                manifest.state = LoadState::Loaded;
                told
            }
            Err(faults) => {
                // What was written of a refused delivery must not count.
                for table in &mut manifest.tables {
                    table.files.clear();
                }
                manifest.diagnostics.extend(faults.iter().cloned());
                faults
            }
        };
        self.lake.commit(&manifest)?;
        Ok((manifest, told))
    }

    /// The outer result is about our own disk, the inner one about the delivery.
    fn read_and_write(
        &self,
        manifest: &mut LoadManifest,
    ) -> Result<Result<Vec<Diagnostic>, Vec<Diagnostic>>, Box<Diagnostic>> {
        let file = self.place_file();
        let path = self.lake.received_path(self.delivery);
        let mut reader = match tertial_read::open(&path, &self.read_options(&file)) {
            Ok(reader) => reader,
            Err(fault) => return Ok(Err(vec![self.refused(*fault)])),
        };
        let parts = reader.parts();
        let mut findings = Findings {
            rejects: RejectWriter::new(self.lake, &self.delivery.id),
            told: self.corrections.notes().to_vec(),
            kept: self.corrections.notes().to_vec(),
            corrected: Vec::new(),
            reconciliations: Vec::new(),
        };
        let mut tables = match self.tables(&file, &parts, &mut findings) {
            Ok(tables) => tables,
            Err(faults) => return Ok(Err(faults)),
        };
        if let Err(fault) = self.pump(reader.as_mut(), &mut tables, &mut findings)? {
            return Ok(Err(vec![self.refused(*fault)]));
        }
        let summary = reader.finish();
        manifest.decisions = summary.decisions;
        manifest.decisions.append(&mut findings.corrected);
        manifest.facts = summary.facts;
        findings.reconciliations.extend(summary.reconciliations);
        findings.told.extend(summary.diagnostics.iter().cloned());
        findings.kept.extend(summary.diagnostics);
        let mut refusals = Vec::new();
        for table in tables.into_iter().flatten() {
            let (sum_notes, sum_claims) = table.sums.clone().finish();
            findings.told.extend(sum_notes.iter().cloned());
            findings.kept.extend(sum_notes);
            findings.reconciliations.extend(sum_claims);
            refusals.extend(self.judge(&file, &table));
            manifest.tables.push(table.finish()?);
        }
        manifest.rejects = findings.rejects.finish()?;
        manifest.diagnostics = findings.kept;
        manifest.reconciliations = findings.reconciliations;
        if refusals.is_empty() {
            return Ok(Ok(findings.told));
        }
        findings.told.extend(refusals.iter().cloned());
        Ok(Err(findings.told))
    }

    /// Path in messages: where the sender put it is not where it lies now.
    fn place_file(&self) -> String {
        format!(
            "data/received/{}/{}/{}",
            self.delivery.source, self.delivery.id, self.delivery.original_name
        )
    }

    fn read_options(&self, file: &str) -> ReadOptions {
        let choice = |table: &tertial_model::pipeline::TableSpec| PartChoice {
            part: table.part.clone(),
            header_row: table.header_row,
            range: table.range.clone(),
        };
        ReadOptions {
            format: self.spec.format,
            file: file.to_owned(),
            encoding: self.spec.encoding.clone(),
            delimiter: self.spec.delimiter,
            header_row: self.spec.header_row,
            tables: self.spec.tables.iter().map(choice).collect(),
            limits: Limits::default(),
        }
    }

    /// One entry per part; none for a part that nobody wants.
    fn tables(
        &self,
        file: &str,
        parts: &Parts,
        findings: &mut Findings,
    ) -> Result<Vec<Option<Table>>, Vec<Diagnostic>> {
        let Some(received_on) =
            self.delivery.received_at.get(..10).and_then(|day| day.parse().ok())
        else {
            let fault = Diagnostic::error(
                Code::T0806,
                "the manifest does not say when the delivery came",
                Location::file(file),
            );
            return Err(vec![fault.with_found(format!("`{}`", self.delivery.received_at))]);
        };
        let mut tables: Vec<Option<Table>> = parts.iter().map(|_| None).collect();
        let mut faults = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let Some(contract) = self.contract_for(at, part, parts) else { continue };
            let input = CheckInput {
                contract: &contract,
                part,
                place_file: file,
                delivery: &self.delivery.id,
                received_on,
                decimal: self.spec.decimal,
                missing: &self.spec.missing,
                sum_rows: &self.spec.sum_rows,
                headings: &self.source.headings,
                codes: &self.source.codes,
                corrections: self.corrections,
                references: self.references,
                key: self.key,
            };
            match Checker::new(input) {
                Ok((checker, notes)) => {
                    findings.told.extend(notes.iter().cloned());
                    findings.kept.extend(notes);
                    tables[at] = Some(self.table(contract, checker));
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() { Ok(tables) } else { Err(faults) }
    }

    /// The contract of a part: the one the pipeline names, or one drawn from the file.
    fn contract_for(
        &self,
        at: usize,
        part: &tertial_model::Part,
        parts: &Parts,
    ) -> Option<Contract> {
        if self.spec.tables.is_empty() {
            let name = match (part.name.as_str(), parts.len()) {
                ("", _) => self.source.pipeline.name.clone(),
                (name, _) => format!("{}__{}", self.source.pipeline.name, identifier(name)),
            };
            return Some(contract_from_part(&name, part));
        }
        let named =
            self.spec.tables.iter().find(|table| table.part.as_deref() == Some(part.name.as_str()));
        let alone = (parts.len() == 1 && self.spec.tables.len() == 1).then(|| &self.spec.tables[0]);
        let in_order = self.spec.tables.get(at).filter(|table| table.part.is_none());
        let table = named.or(alone).or(in_order)?;
        self.project.contracts.get(&table.contract).cloned()
    }

    fn table(&self, contract: Contract, checker: Checker) -> Table {
        let metadata = FileMetadata {
            sha256: self.delivery.sha256.clone(),
            contract_version: contract.version.clone(),
        };
        let writer = TableWriter::new(
            self.lake,
            &contract.table,
            &self.delivery.id,
            checker.schema(),
            &contract.key,
            contract.period_column.as_deref(),
            &metadata,
        );
        let (uniqueness, sums) = (Uniqueness::new(&contract), SumRows::new());
        Table {
            contract,
            checker,
            uniqueness,
            sums,
            writer,
            read: 0,
            accepted: 0,
            rejected: 0,
            sum_rows: 0,
        }
    }

    /// Reads, checks and writes all blocks; the check of a window runs beside the writing of the one
    /// before.
    fn pump(
        &self,
        reader: &mut dyn tertial_read::Reader,
        tables: &mut [Option<Table>],
        findings: &mut Findings,
    ) -> Result<Result<(), Box<Diagnostic>>, Box<Diagnostic>> {
        let mut checked: Vec<(usize, Checked)> = Vec::new();
        loop {
            let chunks = match next_window(reader) {
                Ok(chunks) => chunks,
                Err(fault) => return Ok(Err(fault)),
            };
            if chunks.is_empty() && checked.is_empty() {
                return Ok(Ok(()));
            }
            let checkers: Vec<Option<Checker>> = tables
                .iter()
                .map(|table| table.as_ref().map(|table| table.checker.clone()))
                .collect();
            let ready = std::mem::take(&mut checked);
            let (written, next) = rayon::join(
                || {
                    ready
                        .into_iter()
                        .try_for_each(|(part, checked)| take_in(tables, findings, part, checked))
                },
                || check_all(chunks, &checkers),
            );
            written?;
            checked = next;
        }
    }

    /// Whether the delivery must be refused for what one of its tables holds.
    fn judge(&self, file: &str, table: &Table) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let allowed = table.contract.reject_max.allowed(table.read);
        if table.rejected > allowed {
            faults.push(
                Diagnostic::error(
                    Code::T0401,
                    format!("too many rows of `{}` were set aside", table.contract.table),
                    Location::file(file),
                )
                .with_found(format!("{} of {} rows", table.rejected, table.read))
                .with_expected(format!("at most {allowed}"))
                .with_contract(format!("{}, `tertial.rejectMax`", table.contract.file))
                .with_effect("delivery refused; the last good one stays in force")
                .with_hint(format!(
                    "see the rows with `tertial rejects show {}`",
                    self.delivery.id
                )),
            );
        }
        if let Some((fewest, most)) = table.contract.row_count
            && !(fewest..=most).contains(&table.accepted)
        {
            faults.push(
                Diagnostic::error(
                    Code::T0402,
                    format!("`{}` has an unexpected number of rows", table.contract.table),
                    Location::file(file),
                )
                .with_found(format!("{} rows", table.accepted))
                .with_expected(format!("{fewest} to {most} rows"))
                .with_contract(format!("{}, `tertial.rowCount`", table.contract.file))
                .with_effect("delivery refused; the last good one stays in force"),
            );
        }
        faults
    }

    /// A fault of the whole file, with what follows from it.
    fn refused(&self, fault: Diagnostic) -> Diagnostic {
        let has_effect = fault.effect.is_some();
        let fault = Diagnostic { severity: Severity::Error, ..fault };
        if has_effect {
            fault
        } else {
            fault.with_effect("delivery refused; the last good one stays in force")
        }
    }
}

/// Lower-case ASCII with `_`, for a table named after a sheet.
fn identifier(name: &str) -> String {
    let plain = |c: char| match c {
        'å' | 'ä' | 'Å' | 'Ä' => 'a',
        'ö' | 'Ö' => 'o',
        c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
        _ => '_',
    };
    name.chars().map(plain).collect()
}

fn next_window(reader: &mut dyn tertial_read::Reader) -> Result<Vec<Chunk>, Box<Diagnostic>> {
    let mut chunks = Vec::with_capacity(WINDOW);
    while chunks.len() < WINDOW {
        match reader.next()? {
            Some(chunk) => chunks.push(chunk),
            None => break,
        }
    }
    Ok(chunks)
}

fn check_all(chunks: Vec<Chunk>, checkers: &[Option<Checker>]) -> Vec<(usize, Checked)> {
    chunks
        .into_par_iter()
        .filter_map(|chunk| {
            let batch = chunk.parse();
            let part = batch.part;
            let checker = checkers.get(part)?.as_ref()?;
            Some((part, checker.check_owned(batch)))
        })
        .collect()
}

/// Takes in a checked batch: in the file's order.
fn take_in(
    tables: &mut [Option<Table>],
    findings: &mut Findings,
    part: usize,
    checked: Checked,
) -> Result<(), Box<Diagnostic>> {
    let Some(table) = tables.get_mut(part).and_then(Option::as_mut) else { return Ok(()) };
    let checked = table.uniqueness.filter(checked);
    table.sums.add(&checked.sums);
    table.read += checked.rows_read;
    table.accepted += checked.accepted.num_rows() as u64;
    table.rejected += checked.rejects.len() as u64;
    table.sum_rows += checked.sum_rows;
    for reject in &checked.rejects {
        findings.rejects.push(
            &table.contract.table,
            reject.line,
            &reject.raw,
            reject.known.as_deref(),
            &reject.diagnostics,
        )?;
        let room = TOLD.saturating_sub(findings.told.len());
        findings.told.extend(reject.diagnostics.iter().take(room).cloned());
    }
    findings.corrected.extend(checked.corrections.iter().map(|used| {
        let (line, column) = (used.line, &used.column);
        format!("line {line}, `{column}` corrected by {}: {}", used.correction, used.reason)
    }));
    findings.told.extend(checked.diagnostics.iter().cloned());
    findings.kept.extend(checked.diagnostics);
    findings.reconciliations.extend(checked.reconciliations);
    table.writer.write(checked.accepted)
}

impl Table {
    fn finish(self) -> Result<TableLoad, Box<Diagnostic>> {
        Ok(TableLoad {
            table: self.contract.table,
            contract_version: self.contract.version,
            rows_read: self.read,
            rows_accepted: self.accepted,
            rows_rejected: self.rejected,
            rows_sum: self.sum_rows,
            files: self.writer.finish()?,
        })
    }
}

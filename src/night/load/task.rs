//! One delivery: read, check, write.
//!
//! The bytes are read once, and the hashes of the keys are set aside meanwhile. Only when a hash came
//! twice, or when another delivery holds one of the keys, are they read a second time, with the keys
//! under suspicion compared by their values.

use super::pump::pump;
use super::{Night, Ready};
use std::collections::BTreeMap;
use tertial_check::keys::key_sets;
use tertial_check::{CheckInput, Checked, Checker, First, SumRows, Uniqueness, contract_from_part};
use tertial_lake::{
    FileMetadata, KeyScreen, LoadManifest, LoadState, RejectWriter, TableLoad, TableWriter,
};
use tertial_model::{
    Code, Contract, Diagnostic, Faults, Location, Part, Parts, Period, Reconciliation, Severity,
    same,
};
use tertial_read::{Limits, PartChoice, ReadOptions, Reader};

/// How many reject diagnostics of one delivery are kept to be told; all are in `rejects`.
const TOLD: usize = 12;

/// How many keys of one table may stand more than once before the delivery is refused as a whole:
/// each of them is kept in memory.
const MOST_REPEATED: usize = 1_000_000;

/// Keys that deliveries received earlier hold, by table.
#[derive(Debug, Default)]
pub(super) struct Taken(pub BTreeMap<String, Vec<TakenKey>>);

/// A key of another delivery's row.
#[derive(Debug)]
pub(super) struct TakenKey {
    /// Its hash.
    pub hash: u64,
    /// Its exact values.
    pub exact: Box<[u8]>,
    /// Where it stands.
    pub first: First,
}

/// One delivery's load.
pub(super) struct Task<'a> {
    pub night: &'a Night<'a>,
    pub ready: &'a Ready<'a>,
    pub taken: &'a Taken,
}

/// For each part the hashes that came more than once, one list for each of its key sets.
type Suspects = Vec<Vec<Vec<u64>>>;

/// How a reading of the file ended.
enum Reading {
    /// With these messages.
    Loaded(Vec<Diagnostic>),
    /// The delivery must not count.
    Refused(Vec<Diagnostic>),
    /// Some keys may stand more than once.
    Suspected(Suspects),
}

/// One table of the delivery while it is written.
struct Table {
    contract: Contract,
    checker: Checker,
    keys: Keys,
    sums: SumRows,
    writer: TableWriter,
    read: u64,
    accepted: u64,
    rejected: u64,
    /// Of the rejected, those whose key another delivery holds.
    repeated: u64,
    sum_rows: u64,
    /// Columns in which civic numbers stood that nobody expects there, with the number of cells.
    strangers: BTreeMap<String, u64>,
}

/// What becomes of the keys.
enum Keys {
    /// Their hashes are set aside.
    Screened(Vec<KeyScreen>),
    /// Those under suspicion are compared.
    Compared(Uniqueness),
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
    /// The manifest, not yet committed, and what is to be told.
    pub fn run(&self) -> Result<(LoadManifest, Vec<Diagnostic>), Box<Diagnostic>> {
        let mut manifest = LoadManifest {
            delivery: self.ready.delivery.clone(),
            load_fingerprint: self.ready.fingerprint.clone(),
            state: LoadState::Refused,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            tables: Vec::new(),
            rejects: None,
            decisions: Vec::new(),
            facts: Vec::new(),
            diagnostics: Vec::new(),
            reconciliations: Vec::new(),
            compared: Vec::new(),
            rows_repeated: 0,
        };
        let mut reading = self.read(&mut manifest, None)?;
        if let Reading::Suspected(suspects) = reading {
            reading = self.read(&mut manifest, Some(suspects))?;
        }
        let told = match reading {
            Reading::Loaded(told) => {
                manifest.state = LoadState::Loaded;
                told
            }
            Reading::Refused(faults) => {
                // What was written of a refused delivery must not count.
                for table in &mut manifest.tables {
                    table.files.clear();
                }
                manifest.diagnostics.extend(faults.iter().cloned());
                faults
            }
            Reading::Suspected(_) => unreachable!("keys under suspicion were compared"),
        };
        Ok((manifest, told))
    }

    /// Reads the file once. A fault is one of our own disk.
    fn read(
        &self,
        manifest: &mut LoadManifest,
        suspects: Option<Suspects>,
    ) -> Result<Reading, Box<Diagnostic>> {
        let lake = self.night.lake;
        let file = self.ready.delivery.place();
        let path = lake.received_path(self.ready.delivery);
        let mut reader = match tertial_read::open(&path, &self.read_options(&file)) {
            Ok(reader) => reader,
            Err(fault) => return Ok(Reading::Refused(vec![refused(self.discreet(*fault))])),
        };
        let parts = reader.parts();
        let expired = self.ready.corrections.notes();
        let mut findings = Findings {
            rejects: RejectWriter::new(lake, &self.ready.delivery.id),
            told: expired.to_vec(),
            kept: expired.to_vec(),
            corrected: Vec::new(),
            reconciliations: Vec::new(),
        };
        let compares = suspects.is_some();
        let mut tables = match self.tables(&file, &parts, suspects, &mut findings) {
            Ok(tables) => tables,
            Err(faults) => return Ok(Reading::Refused(faults.into())),
        };
        if let Err(fault) = take_all(reader.as_mut(), &mut tables, compares, &mut findings)? {
            return Ok(Reading::Refused(vec![refused(self.discreet(*fault))]));
        }
        if !compares {
            match self.suspects(&file, &mut tables)? {
                Ok(suspects) if suspects.iter().flatten().all(Vec::is_empty) => {}
                Ok(suspects) => return Ok(Reading::Suspected(suspects)),
                Err(faults) => return Ok(Reading::Refused(faults.into())),
            }
        }
        self.end(manifest, &file, reader, tables, findings)
    }

    /// Writes what is left and judges the whole.
    fn end(
        &self,
        manifest: &mut LoadManifest,
        file: &str,
        reader: Box<dyn Reader>,
        tables: Vec<Option<Table>>,
        mut findings: Findings,
    ) -> Result<Reading, Box<Diagnostic>> {
        let summary = reader.finish();
        manifest.decisions = summary.decisions;
        manifest.decisions.append(&mut findings.corrected);
        manifest.facts = summary.facts;
        findings.reconciliations.extend(summary.reconciliations);
        let said: Vec<Diagnostic> =
            summary.diagnostics.into_iter().map(|fault| self.discreet(fault)).collect();
        findings.told.extend(said.iter().cloned());
        findings.kept.extend(said);
        let mut refusals = Vec::new();
        for table in tables.into_iter().flatten() {
            let (sum_notes, sum_claims) = table.sums.clone().finish();
            findings.told.extend(sum_notes.iter().cloned());
            findings.kept.extend(sum_notes);
            findings.reconciliations.extend(sum_claims);
            let strangers = strangers(file, &table);
            findings.told.extend(strangers.iter().cloned());
            findings.kept.extend(strangers);
            refusals.extend(self.judge(file, &table));
            manifest.rows_repeated += table.repeated;
            manifest.tables.push(table.finish()?);
        }
        let broken = broken(file, &findings.reconciliations);
        findings.told.extend(broken.iter().cloned());
        findings.kept.extend(broken);
        manifest.rejects = findings.rejects.finish()?;
        manifest.diagnostics = findings.kept;
        manifest.reconciliations = findings.reconciliations;
        if refusals.is_empty() {
            return Ok(Reading::Loaded(findings.told));
        }
        findings.told.extend(refusals.iter().cloned());
        Ok(Reading::Refused(findings.told))
    }

    /// What the reader says of a file: of one about persons without anything of its rows.
    fn discreet(&self, fault: Diagnostic) -> Diagnostic {
        let contracts = &self.night.project.contracts;
        let mut tables = self.ready.spec.tables.iter();
        let is_about_persons = tables
            .any(|table| contracts.get(&table.contract).is_some_and(Contract::concerns_persons));
        if is_about_persons { tertial_check::foreign(fault) } else { fault }
    }

    fn read_options(&self, file: &str) -> ReadOptions {
        let choice = |table: &tertial_model::pipeline::TableSpec| PartChoice {
            part: table.part.clone(),
            header_row: table.header_row,
            range: table.range.clone(),
        };
        let spec = self.ready.spec;
        ReadOptions {
            format: spec.format,
            file: file.to_owned(),
            encoding: spec.encoding.clone(),
            delimiter: spec.delimiter,
            header_row: spec.header_row,
            columns: spec.columns.clone(),
            tables: spec.tables.iter().map(choice).collect(),
            limits: Limits::default(),
        }
    }

    /// One entry per part; none for a part that nobody wants.
    fn tables(
        &self,
        file: &str,
        parts: &Parts,
        mut suspects: Option<Suspects>,
        findings: &mut Findings,
    ) -> Result<Vec<Option<Table>>, Faults> {
        let Ready { delivery, source, spec, corrections, .. } = self.ready;
        let Some(received_on) = delivery.received_at.get(..10).and_then(|day| day.parse().ok())
        else {
            let fault = Diagnostic::error(
                Code::StoredFileChanged,
                "the manifest does not say when the delivery came",
                Location::file(file),
            );
            return Err(Faults::from(fault.with_found(format!("`{}`", delivery.received_at))));
        };
        let period = delivery.period.as_deref().and_then(Period::parse);
        let within = period.filter(|_| spec.within_period);
        let mut tables: Vec<Option<Table>> = parts.iter().map(|_| None).collect();
        let mut faults = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let Some(contract) = self.contract_for(at, part, parts) else { continue };
            let input = CheckInput {
                contract: &contract,
                part,
                place_file: file,
                delivery: &delivery.id,
                received_on,
                within,
                decimal: spec.decimal,
                missing: &spec.missing,
                sum_rows: &spec.sum_rows,
                headings: &source.headings,
                codes: &source.codes,
                corrections,
                references: &self.night.references,
                key: self.night.keyring.key(),
            };
            match Checker::new(input) {
                Ok((checker, notes)) => {
                    findings.told.extend(notes.iter().cloned());
                    findings.kept.extend(notes);
                    let of_part = suspects.as_mut().map(|parts| std::mem::take(&mut parts[at]));
                    let keys = self.keys(&contract, of_part);
                    tables[at] = Some(self.table(contract, checker, keys));
                }
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() { Ok(tables) } else { Err(faults.into()) }
    }

    /// The contract of a part: the one the pipeline names, or one drawn from the file.
    fn contract_for(&self, at: usize, part: &Part, parts: &Parts) -> Option<Contract> {
        let wanted = &self.ready.spec.tables;
        if wanted.is_empty() {
            let pipeline = &self.ready.source.pipeline.name;
            let name = match (part.name.as_str(), parts.len()) {
                ("", _) => pipeline.clone(),
                (name, _) => format!("{pipeline}__{}", identifier(name)),
            };
            return Some(contract_from_part(&name, part));
        }
        let is_part = |name: &String| same::is_same(name, &part.name);
        let named = wanted.iter().find(|table| table.part.as_ref().is_some_and(is_part));
        let alone = (parts.len() == 1 && wanted.len() == 1).then(|| &wanted[0]);
        let in_order = wanted.get(at).filter(|table| table.part.is_none());
        let table = named.or(alone).or(in_order)?;
        self.night.project.contracts.get(&table.contract).cloned()
    }

    fn keys(&self, contract: &Contract, suspects: Option<Vec<Vec<u64>>>) -> Keys {
        let Some(suspects) = suspects else {
            let sets = key_sets(contract).into_iter();
            return Keys::Screened(sets.map(|_| KeyScreen::new(self.night.lake)).collect());
        };
        let mut keys = Uniqueness::among(suspects);
        for TakenKey { hash, exact, first } in
            self.taken.0.get(&contract.table).into_iter().flatten()
        {
            keys.taken(0, *hash, exact.clone(), first.clone());
        }
        Keys::Compared(keys)
    }

    fn table(&self, contract: Contract, checker: Checker, keys: Keys) -> Table {
        let delivery = self.ready.delivery;
        let metadata = FileMetadata {
            sha256: delivery.sha256.clone(),
            contract_version: contract.version.clone(),
        };
        let writer = TableWriter::new(
            self.night.lake,
            &contract.table,
            &delivery.id,
            checker.schema(),
            &contract.key,
            contract.period_column.as_deref(),
            &metadata,
        );
        Table {
            contract,
            checker,
            keys,
            sums: SumRows::new(),
            writer,
            read: 0,
            accepted: 0,
            rejected: 0,
            repeated: 0,
            sum_rows: 0,
            strangers: BTreeMap::new(),
        }
    }

    /// The hashes that came more than once, and those that other deliveries hold. The inner fault is
    /// about a delivery that repeats itself all through.
    fn suspects(
        &self,
        file: &str,
        tables: &mut [Option<Table>],
    ) -> Result<Result<Suspects, Faults>, Box<Diagnostic>> {
        let mut suspects = Vec::with_capacity(tables.len());
        let mut faults = Vec::new();
        for table in tables.iter_mut() {
            let Some(Table { contract, keys: Keys::Screened(screens), .. }) = table else {
                suspects.push(Vec::new());
                continue;
            };
            let mut sets = Vec::with_capacity(screens.len());
            for screen in screens.drain(..) {
                match screen.repeated(None, MOST_REPEATED)? {
                    Some(hashes) => sets.push(hashes),
                    None => faults.push(repeats_throughout(file, contract)),
                }
            }
            if let (Some(key), Some(taken)) = (sets.first_mut(), self.taken.0.get(&contract.table))
            {
                key.extend(taken.iter().map(|taken| taken.hash));
            }
            suspects.push(sets);
        }
        Ok(if faults.is_empty() { Ok(suspects) } else { Err(faults.into()) })
    }

    /// Whether the delivery must be refused for what one of its tables holds.
    fn judge(&self, file: &str, table: &Table) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let allowed = table.contract.reject_max.allowed(table.read);
        // Rows that another delivery holds too are not this one's fault alone.
        let own = table.rejected - table.repeated;
        if own > allowed {
            faults.push(
                Diagnostic::error(
                    Code::TooManyRejects,
                    format!("too many rows of `{}` were set aside", table.contract.table),
                    Location::file(file),
                )
                .with_found(format!("{own} of {} rows", table.read))
                .with_expected(format!("at most {allowed}"))
                .with_contract(format!("{}, `tertial.rejectMax`", table.contract.file))
                .with_effect("delivery refused; the last good one stays in force")
                .with_hint(format!(
                    "see the rows with `tertial rejects show {}`",
                    self.ready.delivery.id
                )),
            );
        }
        let count = table.accepted + table.repeated;
        if let Some((fewest, most)) = table.contract.row_count
            && !(fewest..=most).contains(&count)
        {
            faults.push(
                Diagnostic::error(
                    Code::UnexpectedRowCount,
                    format!("`{}` has an unexpected number of rows", table.contract.table),
                    Location::file(file),
                )
                .with_found(format!("{count} rows"))
                .with_expected(match most {
                    u64::MAX => format!("at least {fewest} rows"),
                    most => format!("{fewest} to {most} rows"),
                })
                .with_contract(format!("{}, `tertial.rowCount`", table.contract.file))
                .with_effect("delivery refused; the last good one stays in force"),
            );
        }
        faults
    }
}

/// Comparisons of the file with itself that do not hold; a sum row and a checksum are told where they
/// stand.
fn broken(file: &str, reconciliations: &[Reconciliation]) -> Vec<Diagnostic> {
    let told = |one: &&Reconciliation| !matches!(one.claim.as_str(), "sum_row" | "checksum");
    let broken: Vec<_> = reconciliations.iter().filter(|one| !one.holds()).filter(told).collect();
    let tell = |one: &&Reconciliation| {
        let place = match one.line {
            0 => Location::file(file),
            line => Location::text(file, line, 1),
        };
        let fault = Diagnostic::warning(
            Code::ReconciliationFailed,
            "a reconciliation does not hold",
            place,
        )
        .with_found(format!("`{}`, {}", one.found, one.subject))
        .with_expected(format!("`{}`, as `{}` says", one.expected, one.claim))
        .with_effect("the rows are loaded");
        match broken.len() - broken.len().min(TOLD) {
            0 => fault,
            more => fault.with_hint(format!("{more} more are in `meta.reconciliations`")),
        }
    };
    broken.iter().take(TOLD).map(tell).collect()
}

/// Civic numbers in columns that do not expect them.
fn strangers(file: &str, table: &Table) -> Vec<Diagnostic> {
    let told = table.strangers.iter().map(|(column, count)| {
        let message =
            format!("`{column}` holds civic numbers, which its contract does not expect");
        let cells = if *count == 1 { "cell" } else { "cells" };
        Diagnostic::warning(Code::UnexpectedCivicNumber, message, Location::file(file))
            .with_found(format!("{count} {cells}"))
            .with_expected("civic numbers in columns with the transform `civic_number` or `pseudonym` only")
            .with_contract(format!("{}, `{column}`", table.contract.file))
            .with_effect("each is replaced by a code or masked; the rows count")
            .with_hint("ask the source to leave them out, or give the column a class and a transform in the contract")
    });
    told.collect()
}

/// A fault of the whole file, with what follows from it.
fn refused(fault: Diagnostic) -> Diagnostic {
    let has_effect = fault.effect.is_some();
    let fault = Diagnostic { severity: Severity::Error, ..fault };
    if has_effect {
        fault
    } else {
        fault.with_effect("delivery refused; the last good one stays in force")
    }
}

/// So many rows repeat a key that they cannot be told one by one.
fn repeats_throughout(file: &str, contract: &Contract) -> Diagnostic {
    let message =
        format!("the rows of `{}` repeat their keys all through the file", contract.table);
    Diagnostic::error(Code::TooManyRejects, message, Location::file(file))
        .with_found(format!("more than {MOST_REPEATED} keys that stand twice or more"))
        .with_expected("one row for each key")
        .with_contract(format!("{}, key", contract.file))
        .with_effect("delivery refused; the last good one stays in force")
        .with_hint("the file may hold the same export twice, or the key lacks a column that tells the rows apart")
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

/// All blocks of the file into its tables.
fn take_all(
    reader: &mut dyn Reader,
    tables: &mut [Option<Table>],
    compares: bool,
    findings: &mut Findings,
) -> Result<Result<(), Box<Diagnostic>>, Box<Diagnostic>> {
    let checkers: Vec<Option<Checker>> =
        tables.iter().map(|table| table.as_ref().map(|table| table.checker.clone())).collect();
    pump(reader, &checkers, compares, |(part, checked)| match &mut tables[part] {
        Some(table) => table.take_in(findings, checked),
        None => Ok(()),
    })
}

impl Table {
    /// Takes in a checked batch: in the file's order.
    fn take_in(
        &mut self,
        findings: &mut Findings,
        checked: Checked,
    ) -> Result<(), Box<Diagnostic>> {
        let checked = match &mut self.keys {
            Keys::Screened(screens) => {
                for (screen, hashes) in screens.iter_mut().zip(&checked.keys) {
                    screen.push(hashes)?;
                }
                checked
            }
            Keys::Compared(keys) => keys.filter(checked),
        };
        self.sums.add(&checked.sums);
        self.read += checked.rows_read;
        self.accepted += checked.accepted.num_rows() as u64;
        self.rejected += checked.rejects.len() as u64;
        self.sum_rows += checked.sum_rows;
        for (column, count) in &checked.strangers {
            *self.strangers.entry(column.clone()).or_default() += count;
        }
        for reject in &checked.rejects {
            let is_elsewhere =
                |fault: &Diagnostic| fault.code == Code::DuplicateKeyAcrossDeliveries;
            self.repeated += u64::from(reject.diagnostics.iter().all(is_elsewhere));
            findings.rejects.push(
                &self.contract.table,
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
        self.writer.write(checked.accepted)
    }

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

//! The `meta` tables of a release: where every figure came from, and how it was checked.

use super::standing::Deliveries;
use crate::clock::Moment;
use crate::own;
use crate::project::Project;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tertial_indicator::Definition;
use tertial_lake::{Lake, LoadState, Standing, TableLoad};
use tertial_model::{
    Acknowledgement, Column, Contract, Diagnostic, Reconciliation, Restatement, persons,
};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{AuditResult, Cell, Engine, Model, Record, Value};

/// What a warehouse is filled from.
pub struct Inputs<'a> {
    /// The queries and all other facts.
    pub project: &'a Project,
    /// The rows.
    pub lake: &'a Lake,
    /// Which of them count.
    pub deliveries: &'a Deliveries,
    /// The moment looked from.
    pub moment: &'a Moment,
}

/// What a release is called, when it looks from and what it is made from.
pub struct Release<'a> {
    /// Day looked from and a hash of everything that went in.
    pub id: &'a str,
    /// The moment.
    pub moment: &'a Moment,
    /// The set of facts, as `data/methods` keeps it.
    pub methods: &'a str,
}

/// Everything that is known before the first query runs.
pub fn write_sources(
    engine: &Engine,
    inputs: &Inputs,
    release: &Release,
) -> Result<(), EngineError> {
    let Inputs { project, lake, deliveries, .. } = *inputs;
    let engine_version = engine.scalar("select version()", &[])?.unwrap_or_default();
    own::write(engine, [ReleaseRow { release, project, engine_version }])?;
    write_deliveries(engine, project, deliveries)?;
    let superseded = deliveries.restated.all();
    own::write(engine, superseded.map(|(table, found)| SupersededRow { table, found }))?;
    write_findings(engine, project, deliveries)?;
    write_rejects(engine, lake, deliveries)?;
    let models = project.graph.models.iter().chain(&project.graph.audits);
    let reads = models.flat_map(|model| model.reads.iter().map(move |read| (model, read)));
    own::write(engine, reads.map(|(model, read)| LineageRow { model, read }))?;
    super::wording::write(engine, project)?;
    own::write(engine, project.definitions.values().map(IndicatorRow))
}

struct ReleaseRow<'a> {
    release: &'a Release<'a>,
    project: &'a Project,
    engine_version: String,
}

impl Record for ReleaseRow<'_> {
    const TABLE: &'static str = "meta.release";

    fn cells(&self) -> Vec<Cell> {
        let region = &self.project.config.region;
        vec![
            ("release_id", self.release.id.into()),
            ("region_name", (&region.name).into()),
            ("is_synthetic", region.synthetic.into()),
            ("as_of", (&self.release.moment.at).into()),
            ("program_version", env!("CARGO_PKG_VERSION").into()),
            ("engine_version", (&self.engine_version).into()),
            ("methods", self.release.methods.into()),
        ]
    }
}

fn write_deliveries(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
) -> Result<(), EngineError> {
    let concerns_persons =
        |table: &str| project.contracts.get(table).is_some_and(Contract::concerns_persons);
    let rows = deliveries.all.iter().map(|standing| {
        let mut tables = standing.manifest.tables.iter();
        let concerns_persons = tables.any(|table| concerns_persons(&table.table));
        DeliveryRow { standing, concerns_persons }
    });
    own::write(engine, rows)?;
    let rows = deliveries.all.iter().flat_map(|standing| {
        standing.manifest.tables.iter().map(move |load| DeliveryTableRow {
            delivery: &standing.manifest.delivery.id,
            concerns_persons: concerns_persons(&load.table),
            load,
        })
    });
    own::write(engine, rows)
}

struct DeliveryRow<'a> {
    standing: &'a Standing,
    concerns_persons: bool,
}

impl Record for DeliveryRow<'_> {
    const TABLE: &'static str = "meta.deliveries";

    fn cells(&self) -> Vec<Cell> {
        let Standing { manifest, in_force, superseded_by, withdrawn, .. } = self.standing;
        let delivery = &manifest.delivery;
        let sum = |of: fn(&TableLoad) -> u64| manifest.tables.iter().map(of).sum::<u64>();
        let state = match manifest.state {
            _ if withdrawn.is_some() => "withdrawn",
            LoadState::Loaded => "loaded",
            LoadState::Refused => "refused",
        };
        vec![
            ("delivery_id", (&delivery.id).into()),
            ("source", (&delivery.source).into()),
            ("pattern", (&delivery.pattern).into()),
            ("period", delivery.period.as_deref().into()),
            ("scope", delivery.scope.as_deref().map(persons::masked).into()),
            ("original_name", persons::masked(&delivery.original_name).into()),
            ("sha256", (&delivery.sha256).into()),
            ("byte_count", delivery.bytes.into()),
            ("received_at", (&delivery.received_at).into()),
            ("state", state.into()),
            ("is_in_force", (*in_force).into()),
            ("superseded_by", superseded_by.as_deref().into()),
            ("rows_read", sum(|table| table.rows_read).into()),
            ("rows_accepted", sum(|table| table.rows_accepted).into()),
            ("rows_rejected", sum(|table| table.rows_rejected).into()),
            ("rows_sum", sum(|table| table.rows_sum).into()),
            ("decisions", manifest.decisions.join("; ").into()),
            ("load_fingerprint", (&manifest.load_fingerprint).into()),
            ("concerns_persons", self.concerns_persons.into()),
        ]
    }
}

struct DeliveryTableRow<'a> {
    delivery: &'a str,
    load: &'a TableLoad,
    concerns_persons: bool,
}

impl Record for DeliveryTableRow<'_> {
    const TABLE: &'static str = "meta.delivery_tables";

    fn cells(&self) -> Vec<Cell> {
        let load = self.load;
        let periods: BTreeSet<&str> = load.files.iter().map(|file| file.period.as_str()).collect();
        vec![
            ("delivery_id", self.delivery.into()),
            ("table_name", (&load.table).into()),
            ("contract_version", (&load.contract_version).into()),
            ("rows_read", load.rows_read.into()),
            ("rows_accepted", load.rows_accepted.into()),
            ("rows_rejected", load.rows_rejected.into()),
            ("rows_sum", load.rows_sum.into()),
            ("first_period", periods.first().copied().into()),
            ("last_period", periods.last().copied().into()),
            ("concerns_persons", self.concerns_persons.into()),
        ]
    }
}

struct SupersededRow<'a> {
    table: &'a str,
    found: &'a Restatement,
}

impl Record for SupersededRow<'_> {
    const TABLE: &'static str = "meta.superseded";

    fn cells(&self) -> Vec<Cell> {
        let found = self.found;
        vec![
            ("table_name", self.table.into()),
            ("delivery_id", (&found.earlier).into()),
            ("by_delivery_id", (&found.later).into()),
            ("period", (&found.period).into()),
            ("row_count", found.rows.into()),
            ("changed_count", found.changed.into()),
            ("moved_count", found.moved.into()),
            ("left_out_count", found.left_out.into()),
        ]
    }
}

fn write_findings(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
) -> Result<(), EngineError> {
    let rows = deliveries.all.iter().flat_map(|standing| {
        let delivery = &standing.manifest.delivery.id;
        let claims = standing.manifest.reconciliations.iter();
        claims.map(move |claim| ReconciliationRow { delivery, claim })
    });
    own::write(engine, rows)?;
    let own = deliveries.all.iter().flat_map(|standing| {
        let id = &standing.manifest.delivery.id;
        standing.manifest.diagnostics.iter().map(move |fault| (id.clone(), fault.clone()))
    });
    let all = own.chain(deliveries.restated.notes(project, &deliveries.all));
    own::write(engine, all.map(|(delivery, fault)| DiagnosticRow { delivery, fault }))
}

struct ReconciliationRow<'a> {
    delivery: &'a str,
    claim: &'a Reconciliation,
}

impl Record for ReconciliationRow<'_> {
    const TABLE: &'static str = "meta.reconciliations";

    fn cells(&self) -> Vec<Cell> {
        let claim = self.claim;
        vec![
            ("delivery_id", self.delivery.into()),
            ("claim", (&claim.claim).into()),
            ("subject", (&claim.subject).into()),
            ("expected", claim.expected.into()),
            ("found", claim.found.into()),
            ("holds", claim.holds().into()),
            ("line", claim.line.into()),
        ]
    }
}

struct DiagnosticRow {
    delivery: String,
    fault: Diagnostic,
}

impl Record for DiagnosticRow {
    const TABLE: &'static str = "meta.diagnostics";

    fn cells(&self) -> Vec<Cell> {
        let fault = &self.fault;
        vec![
            ("delivery_id", (&self.delivery).into()),
            ("code", fault.code.name().into()),
            ("severity", fault.severity.word().into()),
            ("location", fault.location.to_string().into()),
            ("message", (&fault.message).into()),
            ("found", fault.found.as_deref().into()),
            ("expected", fault.expected.as_deref().into()),
            ("effect", fault.effect.as_deref().into()),
        ]
    }
}

fn write_rejects(engine: &Engine, lake: &Lake, deliveries: &Deliveries) -> Result<(), EngineError> {
    let files: Vec<PathBuf> = deliveries
        .all
        .iter()
        .filter_map(|standing| standing.manifest.rejects.as_ref())
        .map(|file| lake.path(file))
        .collect();
    own::read(engine, "meta.rejects", &files)?;
    own::fill(engine, "meta.rejects_by_rule")
}

struct LineageRow<'a> {
    model: &'a Model,
    read: &'a str,
}

impl Record for LineageRow<'_> {
    const TABLE: &'static str = "meta.lineage";

    fn cells(&self) -> Vec<Cell> {
        vec![
            ("table_name", (&self.model.name).into()),
            ("reads", self.read.into()),
            ("file", (&self.model.file).into()),
        ]
    }
}

struct IndicatorRow<'a>(&'a Definition);

impl Record for IndicatorRow<'_> {
    const TABLE: &'static str = "meta.indicators";

    fn cells(&self) -> Vec<Cell> {
        let definition = self.0;
        let version = definition.versions.last().map_or(1, |version| version.number);
        vec![
            ("indicator_id", (&definition.id).into()),
            ("name", (&definition.name).into()),
            ("unit", (&definition.unit).into()),
            ("decimals", u32::from(definition.decimals).into()),
            ("direction", super::outcomes::direction_word(definition.direction).into()),
            ("frequency", super::outcomes::frequency_word(definition.frequency).into()),
            ("measures", (&definition.measures).into()),
            ("kort", (&definition.kort).into()),
            ("viktigt", definition.viktigt.join(" ").into()),
            ("bearbetning", (&definition.bearbetning).into()),
            ("responsible", (&definition.responsible).into()),
            ("source", (&definition.source).into()),
            ("kolada_id", definition.kolada.as_deref().into()),
            ("method_version", version.into()),
            ("is_reported", definition.reported.into()),
        ]
    }
}

/// What the audits found, and one row per offender that is kept: what a person goes through in the
/// morning. Replaces what an earlier run found.
pub fn write_audits(engine: &Engine, results: &[AuditResult]) -> Result<(), EngineError> {
    own::replace(engine, results.iter().map(AuditRow))?;
    let findings = results.iter().flat_map(|result| {
        let known = result.known.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        let numbered = result.findings().zip(1..).zip(known);
        numbered.map(|((finding, number), known)| FindingRow {
            audit: &result.name,
            number,
            finding,
            known,
        })
    });
    own::replace(engine, findings)
}

struct AuditRow<'a>(&'a AuditResult);

impl Record for AuditRow<'_> {
    const TABLE: &'static str = "meta.audits";

    fn cells(&self) -> Vec<Cell> {
        let result = self.0;
        vec![
            ("audit", (&result.name).into()),
            ("severity", result.severity.word().into()),
            ("claim", (&result.claim).into()),
            ("offender_count", result.offenders.into()),
            ("known_count", result.known_count.into()),
            ("holds", (result.offenders == 0).into()),
            ("example", result.findings().next().unwrap_or_default().into()),
            ("file", (&result.file).into()),
        ]
    }
}

struct FindingRow<'a> {
    audit: &'a str,
    number: i64,
    finding: String,
    known: Option<&'a Acknowledgement>,
}

impl Record for FindingRow<'_> {
    const TABLE: &'static str = "meta.findings";

    fn cells(&self) -> Vec<Cell> {
        let day = |of: fn(&Acknowledgement) -> &String| {
            self.known.map(|known| Value::Date(of(known).clone()))
        };
        vec![
            ("audit", self.audit.into()),
            ("number", self.number.into()),
            ("finding", (&self.finding).into()),
            ("is_known", self.known.is_some().into()),
            ("known_reason", self.known.map(|known| &known.reason).into()),
            ("acknowledged_by", self.known.map(|known| &known.acknowledged_by).into()),
            ("expires_on", day(|known| &known.expires_on).into()),
        ]
    }
}

/// One row per column of every table with a contract.
pub fn write_dictionary<'a>(
    engine: &Engine,
    contracts: impl Iterator<Item = &'a Contract>,
) -> Result<(), EngineError> {
    let columns = contracts.flat_map(|contract| {
        let numbered = contract.columns.iter().zip(1..);
        numbered.map(move |(column, position)| DictionaryRow { contract, column, position })
    });
    own::write(engine, columns)
}

struct DictionaryRow<'a> {
    contract: &'a Contract,
    column: &'a Column,
    position: i64,
}

impl Record for DictionaryRow<'_> {
    const TABLE: &'static str = "meta.dictionary";

    fn cells(&self) -> Vec<Cell> {
        let DictionaryRow { contract, column, position } = self;
        vec![
            ("table_name", (&contract.table).into()),
            ("column_name", (&column.name).into()),
            ("position", (*position).into()),
            ("label", (&column.label).into()),
            ("unit", column.unit.as_deref().into()),
            ("type", column.column_type.to_string().into()),
            ("description", (&column.description).into()),
            ("classification", column.classification.word().into()),
            ("is_key", contract.key.contains(&column.name).into()),
            ("table_description", (&contract.description).into()),
        ]
    }
}

//! The `meta` tables of a release: where every figure came from, and how it was checked.

use super::standing::Deliveries;
use crate::clock::Moment;
use crate::project::Project;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tertial_lake::{Lake, LoadState};
use tertial_model::{Contract, persons};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{AuditResult, Comments, Engine, Value};

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

fn count(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
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
    project: &Project,
    lake: &Lake,
    deliveries: &Deliveries,
    release: &Release,
) -> Result<(), EngineError> {
    write_release(engine, project, release)?;
    write_deliveries(engine, project, deliveries)?;
    write_superseded(engine, deliveries)?;
    write_findings(engine, project, deliveries)?;
    write_rejects(engine, lake, deliveries)?;
    write_lineage(engine, project)?;
    super::wording::write(engine, project)?;
    write_indicators(engine, project)
}

fn write_release(engine: &Engine, project: &Project, release: &Release) -> Result<(), EngineError> {
    let version = engine.scalar("select version()", &[])?.unwrap_or_default();
    let row = vec![
        text(release.id),
        text(project.config.region.name.clone()),
        Value::Boolean(project.config.region.synthetic),
        text(release.moment.at.clone()),
        text(env!("CARGO_PKG_VERSION")),
        text(version),
        text(release.methods),
    ];
    let columns = [
        ("release_id", "varchar"),
        ("region_name", "varchar"),
        ("is_synthetic", "boolean"),
        ("as_of", "varchar"),
        ("program_version", "varchar"),
        ("engine_version", "varchar"),
        ("methods", "varchar"),
    ];
    engine.create_table("meta.release", &columns, [row])
}

fn write_deliveries(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
) -> Result<(), EngineError> {
    let concerns_persons =
        |table: &str| project.contracts.get(table).is_some_and(super::coarse::concerns_persons);
    let columns = [
        ("delivery_id", "varchar"),
        ("source", "varchar"),
        ("pattern", "varchar"),
        ("period", "varchar"),
        ("scope", "varchar"),
        ("original_name", "varchar"),
        ("sha256", "varchar"),
        ("byte_count", "bigint"),
        ("received_at", "varchar"),
        ("state", "varchar"),
        ("is_in_force", "boolean"),
        ("superseded_by", "varchar"),
        ("rows_read", "bigint"),
        ("rows_accepted", "bigint"),
        ("rows_rejected", "bigint"),
        ("rows_sum", "bigint"),
        ("decisions", "varchar"),
        ("load_fingerprint", "varchar"),
        ("concerns_persons", "boolean"),
    ];
    let rows = deliveries.all.iter().map(|standing| {
        let (delivery, tables) = (&standing.manifest.delivery, &standing.manifest.tables);
        let sum = |of: fn(&tertial_lake::TableLoad) -> u64| count(tables.iter().map(of).sum());
        let state = match standing.manifest.state {
            LoadState::Loaded => "loaded",
            LoadState::Refused => "refused",
        };
        vec![
            text(&delivery.id),
            text(&delivery.source),
            text(&delivery.pattern),
            optional(delivery.period.as_deref()),
            optional(delivery.scope.as_deref().map(persons::masked).as_deref()),
            text(persons::masked(&delivery.original_name)),
            text(&delivery.sha256),
            count(delivery.bytes),
            text(&delivery.received_at),
            text(state),
            Value::Boolean(standing.in_force),
            optional(standing.superseded_by.as_deref()),
            sum(|table| table.rows_read),
            sum(|table| table.rows_accepted),
            sum(|table| table.rows_rejected),
            sum(|table| table.rows_sum),
            text(standing.manifest.decisions.join("; ")),
            text(&standing.manifest.load_fingerprint),
            Value::Boolean(tables.iter().any(|table| concerns_persons(&table.table))),
        ]
    });
    engine.create_table("meta.deliveries", &columns, rows)?;

    let columns = [
        ("delivery_id", "varchar"),
        ("table_name", "varchar"),
        ("contract_version", "varchar"),
        ("rows_read", "bigint"),
        ("rows_accepted", "bigint"),
        ("rows_rejected", "bigint"),
        ("rows_sum", "bigint"),
        ("first_period", "varchar"),
        ("last_period", "varchar"),
        ("concerns_persons", "boolean"),
    ];
    let rows = deliveries.all.iter().flat_map(|standing| {
        let id = &standing.manifest.delivery.id;
        standing.manifest.tables.iter().map(move |table| {
            let periods: BTreeSet<&str> =
                table.files.iter().map(|file| file.period.as_str()).collect();
            vec![
                text(id),
                text(&table.table),
                text(&table.contract_version),
                count(table.rows_read),
                count(table.rows_accepted),
                count(table.rows_rejected),
                count(table.rows_sum),
                optional(periods.first().copied()),
                optional(periods.last().copied()),
                Value::Boolean(concerns_persons(&table.table)),
            ]
        })
    });
    engine.create_table("meta.delivery_tables", &columns, rows)
}

fn write_superseded(engine: &Engine, deliveries: &Deliveries) -> Result<(), EngineError> {
    let columns = [
        ("table_name", "varchar"),
        ("delivery_id", "varchar"),
        ("by_delivery_id", "varchar"),
        ("period", "varchar"),
        ("row_count", "bigint"),
        ("changed_count", "bigint"),
        ("moved_count", "bigint"),
        ("left_out_count", "bigint"),
    ];
    let rows = deliveries.restated.all().map(|(table, found)| {
        vec![
            text(table),
            text(&found.earlier),
            text(&found.later),
            text(&found.period),
            count(found.rows),
            count(found.changed),
            count(found.moved),
            count(found.left_out),
        ]
    });
    engine.create_table("meta.superseded", &columns, rows)
}

fn write_findings(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
) -> Result<(), EngineError> {
    let columns = [
        ("delivery_id", "varchar"),
        ("claim", "varchar"),
        ("subject", "varchar"),
        ("expected", "decimal(38,6)"),
        ("found", "decimal(38,6)"),
        ("holds", "boolean"),
        ("line", "bigint"),
    ];
    let rows = deliveries.all.iter().flat_map(|standing| {
        let id = &standing.manifest.delivery.id;
        standing.manifest.reconciliations.iter().map(move |claim| {
            vec![
                text(id),
                text(&claim.claim),
                text(&claim.subject),
                Value::Decimal(claim.expected),
                Value::Decimal(claim.found),
                Value::Boolean(claim.holds()),
                count(claim.line),
            ]
        })
    });
    engine.create_table("meta.reconciliations", &columns, rows)?;

    let columns = [
        ("delivery_id", "varchar"),
        ("code", "varchar"),
        ("severity", "varchar"),
        ("location", "varchar"),
        ("message", "varchar"),
        ("found", "varchar"),
        ("expected", "varchar"),
        ("effect", "varchar"),
    ];
    let own = deliveries.all.iter().flat_map(|standing| {
        let id = &standing.manifest.delivery.id;
        standing.manifest.diagnostics.iter().map(move |fault| (id.clone(), fault.clone()))
    });
    let all = own.chain(deliveries.restated.notes(project, &deliveries.all));
    let rows = all.map(|(id, fault)| {
        vec![
            text(id),
            text(fault.code.name()),
            text(fault.severity.word()),
            text(fault.location.to_string()),
            text(&fault.message),
            optional(fault.found.as_deref()),
            optional(fault.expected.as_deref()),
            optional(fault.effect.as_deref()),
        ]
    });
    engine.create_table("meta.diagnostics", &columns, rows)
}

fn write_rejects(engine: &Engine, lake: &Lake, deliveries: &Deliveries) -> Result<(), EngineError> {
    let columns = [
        ("delivery_id", "varchar"),
        ("table_name", "varchar"),
        ("line", "bigint"),
        ("raw", "varchar"),
        ("code", "varchar"),
        ("column_name", "varchar"),
        ("location", "varchar"),
        ("message", "varchar"),
        ("found", "varchar"),
        ("expected", "varchar"),
        ("effect", "varchar"),
        ("severity", "varchar"),
        ("known", "varchar"),
    ];
    let files: Vec<PathBuf> = deliveries
        .all
        .iter()
        .filter_map(|standing| standing.manifest.rejects.as_ref())
        .map(|file| lake.path(file))
        .collect();
    engine.table_from_parquet("meta.rejects", &columns, &files)?;
    engine.execute(
        "create table meta.rejects_by_rule as \
         select delivery_id, table_name, code, column_name, \
         count(distinct line)::bigint as row_count \
         from meta.rejects group by all order by all",
    )
}

fn write_lineage(engine: &Engine, project: &Project) -> Result<(), EngineError> {
    let columns = [("table_name", "varchar"), ("reads", "varchar"), ("file", "varchar")];
    let models = project.graph.models.iter().chain(&project.graph.audits);
    let rows = models.flat_map(|model| {
        model.reads.iter().map(|read| vec![text(&model.name), text(read), text(&model.file)])
    });
    engine.create_table("meta.lineage", &columns, rows)
}

fn write_indicators(engine: &Engine, project: &Project) -> Result<(), EngineError> {
    let columns = [
        ("indicator_id", "varchar"),
        ("name", "varchar"),
        ("unit", "varchar"),
        ("decimals", "bigint"),
        ("direction", "varchar"),
        ("frequency", "varchar"),
        ("measures", "varchar"),
        ("kort", "varchar"),
        ("viktigt", "varchar"),
        ("bearbetning", "varchar"),
        ("responsible", "varchar"),
        ("source", "varchar"),
        ("kolada_id", "varchar"),
        ("method_version", "bigint"),
        ("is_reported", "boolean"),
    ];
    let rows = project.definitions.values().map(|definition| {
        vec![
            text(&definition.id),
            text(&definition.name),
            text(&definition.unit),
            Value::Integer(definition.decimals.into()),
            text(super::outcomes::direction_word(definition.direction)),
            text(super::outcomes::frequency_word(definition.frequency)),
            text(&definition.measures),
            text(&definition.kort),
            text(definition.viktigt.join(" ")),
            text(&definition.bearbetning),
            text(&definition.responsible),
            text(&definition.source),
            optional(definition.kolada.as_deref()),
            Value::Integer(definition.versions.last().map_or(1, |version| version.number).into()),
            Value::Boolean(definition.reported),
        ]
    });
    engine.create_table("meta.indicators", &columns, rows)
}

/// What the audits found; replaces an earlier table.
pub fn write_audits(engine: &Engine, results: &[AuditResult]) -> Result<(), EngineError> {
    engine.execute("drop table if exists meta.audits")?;
    let columns = [
        ("audit", "varchar"),
        ("severity", "varchar"),
        ("claim", "varchar"),
        ("offender_count", "bigint"),
        ("holds", "boolean"),
        ("example", "varchar"),
        ("file", "varchar"),
    ];
    let rows = results.iter().map(|result| {
        vec![
            text(&result.name),
            text(result.severity.word()),
            text(&result.claim),
            count(result.offenders),
            Value::Boolean(result.offenders == 0),
            text(result.findings().next().unwrap_or_default()),
            text(&result.file),
        ]
    });
    engine.create_table("meta.audits", &columns, rows)?;
    write_offenders(engine, results)
}

/// One row per offender that is kept: what a person goes through in the morning.
fn write_offenders(engine: &Engine, results: &[AuditResult]) -> Result<(), EngineError> {
    engine.execute("drop table if exists meta.findings")?;
    let columns = [("audit", "varchar"), ("number", "bigint"), ("finding", "varchar")];
    let rows = results.iter().flat_map(|result| {
        let numbered = result.findings().zip(1..);
        numbered.map(|(finding, number)| {
            vec![text(&result.name), Value::Integer(number), text(finding)]
        })
    });
    engine.create_table("meta.findings", &columns, rows)
}

/// What the program's own tables hold.
const COMMENTS: [(&str, &str); 28] = [
    (
        "meta.row_months",
        "En rad per källtabell och månad som dess rader handlar om, med antalet rader: kalendern följer av den.",
    ),
    (
        "indicator.outcomes",
        "En rad per nyckeltal, enhet, period, kön och uppdelning: värde, mål, status och fullständighet. Små grupper är dolda.",
    ),
    (
        "indicator.reporting_units",
        "En rad per källtabell, månad och enhet som väntades rapportera: om den har rapporterat.",
    ),
    (
        "indicator.unit_figures",
        "En rad per nyckeltal, tertial och enhet, för nyckeltal vars enheter visas bredvid varandra: värde, gränser, omdöme och åldersstandardiserat värde. Ingen rangordning; dolda enheter är dolda.",
    ),
    (
        "indicator.unit_panels",
        "En rad per nyckeltal och tertial vars enheter visas bredvid varandra: total, överspridning, metod, eller skäl till att inget trattdiagram visas.",
    ),
    (
        "indicator.published_judgements",
        "En rad per nyckeltal i en tryckt rapport: tryckt utfall, tryckt mål, tryckt status och den status som regeln ger av dem.",
    ),
    (
        "indicator.restatements",
        "En rad per nyckeltal, enhet, period, kön, uppdelning och metodversion som inte är periodens egen: samma period räknad med den versionen.",
    ),
    (
        "indicator.signal_points",
        "En rad per månad som ligger till grund för variation och säkerhet mot målet: värde, värde rensat från säsong och vilken regel som slog till.",
    ),
    (
        "indicator.signals",
        "En rad per nyckeltal i planen, enhet, tertial och fråga (variation, säkerhet mot målet, trend, prognos): svar eller skäl till tystnad, metod och version, gränser, lutning och prognos. Dolda värden ingår aldrig.",
    ),
    (
        "indicator.targets",
        "En rad per mål i en plan: den tryckta texten, hur den är läst, jämförelse, tal och bas.",
    ),
    (
        "indicator.versions",
        "En rad per nyckeltal och metodversion: när den gäller, när den beslutades, om den bryter serien, namn och skäl.",
    ),
    (
        "meta.audits",
        "En rad per påstående om lagret: om det håller, och hur många rader som avviker.",
    ),
    (
        "meta.deliveries",
        "En rad per mottagen fil: hash, mottagningstid, läge och antal rader. Rader in = godkända + avvisade + summarader.",
    ),
    ("meta.delivery_tables", "En rad per mottagen fil och tabell: antal rader och perioder."),
    ("meta.diagnostics", "En rad per iakttagelse om en fil som helhet."),
    (
        "meta.dictionary",
        "En rad per kolumn i varje tabell med kontrakt: etikett, enhet, typ, beskrivning och informationsklass.",
    ),
    ("meta.findings", "En rad per avvikelse som en kontroll har funnit, högst 200 per kontroll."),
    (
        "meta.hidden_cells",
        "En rad per nyckeltal och slag av period: hur många utfall som finns och hur många som döljs, för att få personer ligger bakom dem eller för att de skulle röja andra.",
    ),
    ("meta.indicators", "En rad per nyckeltal: definition, ansvarig, källa och metodversion."),
    ("meta.lineage", "En rad per tabell och tabell som den läser, hämtat ur frågorna själva."),
    (
        super::wording::TABLE,
        "En rad per fråga och definition: vad den säger, som en hash, och nyckeltalets version.",
    ),
    ("meta.receipts", "En rad per mottagning: vad som kom när, under vilket namn."),
    (
        "meta.reconciliations",
        "En rad per avstämning som källan gör möjlig: väntat och funnet värde.",
    ),
    (
        "meta.rejects",
        "En rad per fel i en avvisad rad: plats, regel, funnet och väntat. Känsliga värden är maskerade.",
    ),
    ("meta.rejects_by_rule", "Antal avvisade rader per leverans, tabell, regel och kolumn."),
    (
        "meta.release",
        "Utgåvan: region, om uppgifterna är syntetiska, tidpunkt, programversion och vilken uppsättning metoder den är gjord med.",
    ),
    (
        "meta.superseded",
        "En rad per tabell, period och par av leveranser där den senare anger rader ur den tidigare på nytt: hur många rader som inte längre räknas, och hur många av dem som fick andra värden, flyttades till en annan period eller utelämnades.",
    ),
    (
        "meta.superseded_rows",
        "En rad per godkänd rad som inte längre räknas, och den senare leverans som gäller i stället.",
    ),
];

/// Puts words on the program's own tables, those that are there.
pub fn comment_own(comments: &mut Comments) {
    for (table, text) in COMMENTS {
        comments.table(table, text);
    }
}

/// One row per column of every table with a contract.
pub fn write_dictionary(engine: &Engine, contracts: &[&Contract]) -> Result<(), EngineError> {
    let columns = [
        ("table_name", "varchar"),
        ("column_name", "varchar"),
        ("position", "bigint"),
        ("label", "varchar"),
        ("unit", "varchar"),
        ("type", "varchar"),
        ("description", "varchar"),
        ("classification", "varchar"),
        ("is_key", "boolean"),
        ("table_description", "varchar"),
    ];
    let rows = contracts.iter().flat_map(|contract| {
        contract.columns.iter().enumerate().map(move |(position, column)| {
            vec![
                text(&contract.table),
                text(&column.name),
                Value::Integer(position as i64 + 1),
                text(&column.label),
                optional(column.unit.as_deref()),
                text(column.column_type.to_string()),
                text(&column.description),
                text(column.classification.word()),
                Value::Boolean(contract.key.contains(&column.name)),
                text(&contract.description),
            ]
        })
    });
    engine.create_table("meta.dictionary", &columns, rows)
}

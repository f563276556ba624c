//! The report of a period, from the release in force and from nothing else.

use super::outcomes;
use crate::args::ReportFormat;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tertial_lake::atomic;
use tertial_model::{Code, Diagnostic, Location, Period};
use tertial_report::spec::BlockKind;
use tertial_report::{
    Comment, DataColumn, DataKind, DataTable, Document, GoalArea, IndicatorText, PlanEntry,
    QualityTable, ReportData, Value as Shown,
};
use tertial_warehouse::engine::{literal, qualified};
use tertial_warehouse::publish::{Releases, WAREHOUSE_FILE};
use tertial_warehouse::{Engine, Rows, Value};

/// The document of a period.
pub fn document(project: &Project, period: Period) -> Result<Document, Vec<Diagnostic>> {
    let Some(spec) = &project.report else {
        let place = Location::file("seeds/report.toml");
        return Err(vec![
            Diagnostic::error(Code::T0502, "the project does not say what its report holds", place)
                .with_expected("a file `seeds/report.toml`"),
        ]);
    };
    let engine = open_release(project)?;
    let data = Source { project, engine: &engine, period }.data(spec)?;
    tertial_report::compose(spec, &data)
}

/// The release in force, read only.
pub fn open_release(project: &Project) -> Result<Engine, Vec<Diagnostic>> {
    let releases = Releases::new(&project.data());
    let path = releases.current_file(WAREHOUSE_FILE);
    if releases.current().is_none() {
        return Err(vec![no_release()]);
    }
    Engine::open_read_only(&path).map_err(|error| {
        let message = format!("the release in force cannot be opened: {error}");
        vec![Diagnostic::error(Code::T0802, message, Location::file(path.to_string_lossy()))]
    })
}

/// Nothing has been published yet.
pub fn no_release() -> Diagnostic {
    Diagnostic::error(
        Code::T0803,
        "there is no release yet",
        Location::file("data/releases/current"),
    )
    .with_hint("make one with `tertial run`")
}

/// Renders a document into `data/reports/<period>/`; the paths in the order asked for.
pub fn write(
    project: &Project,
    document: &Document,
    period: Period,
    formats: &[ReportFormat],
) -> Result<Vec<PathBuf>, Vec<Diagnostic>> {
    let folder = project.data().join("reports").join(period.to_string());
    let mut paths = Vec::new();
    for format in formats {
        let one = |fault: Box<Diagnostic>| vec![*fault];
        let (name, bytes) = match format {
            ReportFormat::Html => {
                let page = tertial_report::html::render(document).map_err(one)?;
                ("report.html", page.into_bytes())
            }
            ReportFormat::Pdf => {
                ("report.pdf", tertial_report::pdf::render(document).map_err(one)?)
            }
            ReportFormat::Xlsx => {
                ("report.xlsx", tertial_report::xlsx::render(document).map_err(one)?)
            }
            ReportFormat::Json => {
                ("report.json", tertial_report::json::render(document).into_bytes())
            }
        };
        let path = folder.join(name);
        let written = atomic::create_dir(&folder, 0o755)
            .and_then(|()| atomic::write_with_mode(&path, &bytes, 0o644));
        written.map_err(|error| {
            let message = format!("the report cannot be written: {error}");
            vec![Diagnostic::error(Code::T0805, message, Location::file(path.to_string_lossy()))]
        })?;
        paths.push(path);
    }
    Ok(paths)
}

/// Where the report's data comes from.
struct Source<'a> {
    project: &'a Project,
    engine: &'a Engine,
    period: Period,
}

impl Source<'_> {
    fn data(&self, spec: &tertial_report::ReportSpec) -> Result<ReportData, Vec<Diagnostic>> {
        let period = self.period.to_string();
        let release = self.ask("select * from meta.release", &[])?;
        let text = |name: &str| release.get(0, name).text().unwrap_or_default();
        let outcomes = outcomes::read(self.engine, "period = $1", &[&period])?;
        if outcomes.is_empty() {
            return Err(vec![self.nothing_for_period()?]);
        }
        Ok(ReportData {
            region: text("region_name"),
            period: self.period,
            edition: 0,
            as_of: text("as_of").get(..10).unwrap_or_default().to_owned(),
            synthetic: *release.get(0, "is_synthetic") == Value::Boolean(true),
            release_id: text("release_id"),
            program_version: text("program_version"),
            known_faults: Vec::new(),
            tables: self.tables(spec)?,
            outcomes,
            indicators: self.indicators(),
            goal_areas: self.goal_areas()?,
            plan: self.plan()?,
            comments: self.comments(&period)?,
            quality: self.quality()?,
            signals: super::signals::read(self.engine, "period = $1", &[&period])?,
            signal_points: super::signals::read_points(self.engine, "period = $1", &[&period])?,
        })
    }

    fn ask(&self, sql: &str, arguments: &[&str]) -> Result<Rows, Vec<Diagnostic>> {
        self.engine.query(sql, arguments).map_err(|error| {
            let message = format!("the release could not answer: {error}");
            vec![Diagnostic::error(Code::T0607, message, Location::file(WAREHOUSE_FILE))]
        })
    }

    fn nothing_for_period(&self) -> Result<Diagnostic, Vec<Diagnostic>> {
        let known = self.ask(
            "select string_agg(distinct period, ', ' order by period) from indicator.outcomes where period like '%T%'",
            &[],
        )?;
        let known = known.rows.first().and_then(|row| row[0].text()).unwrap_or_default();
        let place = Location::Query {
            query: "indicator.outcomes".into(),
            key: format!("period={}", self.period),
        };
        Ok(Diagnostic::error(
            Code::T0803,
            format!("the release has no outcomes for {}", self.period),
            place,
        )
        .with_found(format!("outcomes for {known}"))
        .with_hint("deliver the period's data and run `tertial run`"))
    }

    fn tables(
        &self,
        spec: &tertial_report::ReportSpec,
    ) -> Result<BTreeMap<String, DataTable>, Vec<Diagnostic>> {
        let blocks = spec.chapters.iter().flat_map(|chapter| &chapter.blocks);
        let names: BTreeSet<&str> = blocks
            .filter_map(|block| match &block.kind {
                BlockKind::Table(table) => Some(table.table.as_str()),
                BlockKind::Chart(chart) => Some(chart.table.as_str()),
                _ => None,
            })
            .collect();
        let mut tables = BTreeMap::new();
        for name in names {
            if let Some(table) = self.table(name)? {
                tables.insert(name.to_owned(), table);
            }
        }
        Ok(tables)
    }

    /// A report table with the rows of the period; none when the release has no such table.
    fn table(&self, name: &str) -> Result<Option<DataTable>, Vec<Diagnostic>> {
        let full = if name.contains('.') { name.to_owned() } else { format!("mart.{name}") };
        let columns = self.engine.columns_of(&full).unwrap_or_default();
        if columns.is_empty() {
            return Ok(None);
        }
        let has = |wanted: &str| columns.iter().any(|column| column == wanted);
        let filter = match has("report_period") {
            true => format!(" where report_period = {}", literal(&self.period.to_string())),
            false => String::new(),
        };
        let order = if has("sort_order") { "sort_order" } else { "all" };
        let rows =
            self.ask(&format!("select * from {}{filter} order by {order}", qualified(&full)), &[])?;
        let contract = self.project.contracts.get(&full);
        let column = |(name, _): &(String, String)| match contract
            .and_then(|contract| contract.column(name))
        {
            Some(column) => DataColumn::from_contract(column),
            None => DataColumn::text(name, name),
        };
        let mut columns: Vec<DataColumn> = rows.columns.iter().map(column).collect();
        let rows = rows.rows.into_iter().map(|row| row.into_iter().map(shown).collect());
        let mut rows: Vec<Vec<Shown>> = rows.collect();
        place_missing(&mut columns, &mut rows);
        let source = format!("{full}, beräknad i sql/{}.sql", full.replacen('.', "/", 1));
        Ok(Some(DataTable { columns, rows, source }))
    }

    fn indicators(&self) -> Vec<IndicatorText> {
        let day = format!("{}-28", self.period.last_month());
        let texts = self.project.definitions.values().map(|definition| {
            let version = definition.version_on(&day).or(definition.versions.first());
            IndicatorText {
                id: definition.id.clone(),
                name: definition.name.clone(),
                unit: definition.unit.clone(),
                measures: definition.measures.clone(),
                kort: definition.kort.clone(),
                viktigt: definition.viktigt.clone(),
                bearbetning: definition.bearbetning.clone(),
                responsible: definition.responsible.clone(),
                source: definition.source.clone(),
                kolada: definition.kolada.clone().unwrap_or_default(),
                direction: match outcomes::direction_word(definition.direction) {
                    "higher" => "Högre är bättre".to_owned(),
                    "lower" => "Lägre är bättre".to_owned(),
                    _ => String::new(),
                },
                frequency: match outcomes::frequency_word(definition.frequency) {
                    "year" => "En gång om året".to_owned(),
                    _ => "Varje tertial".to_owned(),
                },
                version: version.map_or(1, |version| version.number),
                version_valid_from: version
                    .map_or(String::new(), |version| version.valid_from.clone()),
                version_reason: version.map_or(String::new(), |version| version.reason.clone()),
                sql: self.project.text_of_query(&definition.id).to_owned(),
            }
        });
        texts.collect()
    }

    fn goal_areas(&self) -> Result<Vec<GoalArea>, Vec<Diagnostic>> {
        let rows = self.ask(
            "select goal_area_code, goal_area_name, sort_order from core.goal_areas order by sort_order",
            &[],
        )?;
        let area = |row: &Vec<Value>| GoalArea {
            code: row[0].text().unwrap_or_default(),
            name: row[1].text().unwrap_or_default(),
            sort: row[2].integer().unwrap_or(0),
        };
        Ok(rows.rows.iter().map(area).collect())
    }

    fn plan(&self) -> Result<Vec<PlanEntry>, Vec<Diagnostic>> {
        let (first, last) = (self.period.first_month(), self.period.last_month());
        let rows = self.ask(
            "select goal_area_code, indicator_id, unit_id, sort_order from core.plan_indicators \
             where breakdown = '' and is_first and valid_from <= cast($1 as date) and valid_to >= cast($2 as date) \
             order by sort_order",
            &[&format!("{first}-01"), &format!("{last}-01")],
        )?;
        let entry = |row: &Vec<Value>| PlanEntry {
            goal_area: row[0].text().unwrap_or_default(),
            indicator: row[1].text().unwrap_or_default(),
            level: row[2].text().unwrap_or_default(),
            sort: row[3].integer().unwrap_or(0),
        };
        Ok(rows.rows.iter().map(entry).collect())
    }

    fn comments(&self, period: &str) -> Result<Vec<Comment>, Vec<Diagnostic>> {
        let rows = self.ask(
            "select indicator_id, unit_id, comment, author_role, cast(written_date as varchar) \
             from core.comments where period = $1 order by all",
            &[period],
        )?;
        let text = |row: &Vec<Value>, at: usize| row[at].text().unwrap_or_default();
        let comment = |row: &Vec<Value>| Comment {
            indicator: text(row, 0),
            level: text(row, 1),
            text: text(row, 2),
            author_role: text(row, 3),
            written_date: text(row, 4),
        };
        Ok(rows.rows.iter().map(comment).collect())
    }

    /// The tables of the quality chapter: what came, what was set aside, what was claimed.
    fn quality(&self) -> Result<Vec<QualityTable>, Vec<Diagnostic>> {
        let mut tables = Vec::new();
        for view in QUALITY {
            let rows = self.ask(view.sql, &[])?;
            let column = |(name, _): &(String, String)| {
                let number = name.starts_with("Rader") || name.starts_with("Antal");
                if number {
                    DataColumn::number(name, name, "", 0)
                } else {
                    DataColumn::new(name, name, "", 0, DataKind::Text)
                }
            };
            tables.push(QualityTable {
                id: view.id.to_owned(),
                heading: view.heading.to_owned(),
                intro: view.intro.to_owned(),
                empty: view.empty.to_owned(),
                table: DataTable {
                    columns: rows.columns.iter().map(column).collect(),
                    rows: rows
                        .rows
                        .into_iter()
                        .map(|row| row.into_iter().map(shown).collect())
                        .collect(),
                    source: String::new(),
                },
            });
        }
        Ok(tables)
    }
}

/// A question of the quality chapter.
struct QualityView {
    id: &'static str,
    heading: &'static str,
    intro: &'static str,
    empty: &'static str,
    sql: &'static str,
}

const QUALITY: [QualityView; 5] = [
    QualityView {
        id: "kvalitet-leveranser",
        heading: "Leveranser som ligger till grund för rapporten",
        intro: "Rader in är alltid godkända plus avvisade plus summarader; summarader jämförs med raderna och tas bort.",
        empty: "Inga leveranser ligger till grund för rapporten.",
        sql: "select delivery_id as \"Leverans\", original_name as \"Fil\", left(received_at, 10) as \"Mottagen\", \
              rows_read as \"Rader in\", rows_accepted as \"Rader godkända\", rows_rejected as \"Rader avvisade\", \
              rows_sum as \"Rader summor\" from meta.deliveries where is_in_force order by source, original_name",
    },
    QualityView {
        id: "kvalitet-avvisade",
        heading: "Avvisade rader",
        intro: "Antal rader per regel. Radernas innehåll visas inte här; det finns hos analysenheten.",
        empty: "Inga rader har avvisats.",
        sql: "select delivery_id as \"Leverans\", table_name as \"Tabell\", code as \"Regel\", \
              coalesce(column_name, '') as \"Kolumn\", row_count as \"Antal rader\" \
              from meta.rejects_by_rule order by all",
    },
    QualityView {
        id: "kvalitet-vagrade",
        heading: "Leveranser som inte togs in, och övriga iakttagelser",
        intro: "En leverans som inte kan tas in ersätts av den senaste godkända.",
        empty: "Alla leveranser kunde tas in utan anmärkning.",
        sql: "select d.delivery_id as \"Leverans\", d.state as \"Läge\", g.code as \"Regel\", g.message as \"Iakttagelse\", \
              coalesce(g.found, '') as \"Fanns\", coalesce(g.expected, '') as \"Väntades\" \
              from meta.diagnostics g join meta.deliveries d using (delivery_id) \
              where g.severity <> 'note' and (d.is_in_force or d.state = 'refused') order by all",
    },
    QualityView {
        id: "kvalitet-kontroller",
        heading: "Kontroller av lagret",
        intro: "Varje påstående prövas varje natt. Ett påstående som stoppar hindrar publicering när det inte håller.",
        empty: "Inga kontroller har körts.",
        sql: "select claim as \"Påstående\", case severity when 'stop' then 'stoppar' else 'varnar' end as \"Verkan\", \
              case when holds then 'håller' else 'håller inte' end as \"Utfall\", offender_count as \"Antal avvikelser\", \
              coalesce(example, '') as \"Exempel\" from meta.audits order by holds, severity, claim",
    },
    QualityView {
        id: "kvalitet-avstamningar",
        heading: "Avstämningar i källorna",
        intro: "Sådant som källan själv gör möjligt att kontrollera: verifikationers balans, ingående plus rörelse lika med utgående, kontrollsummor, summarader.",
        empty: "Källorna innehåller inget att stämma av.",
        sql: "select case claim when 'checksum' then 'Kontrollsumma' \
              when 'voucher_balance' then 'Verifikationer i balans' \
              when 'entries_is_result' then 'Poster lika med resultat' \
              when 'opening_plus_entries_is_closing' then 'Ingående plus poster lika med utgående' \
              when 'sum_row' then 'Summarad lika med raderna' else claim end as \"Avstämning\", count(*) as \"Antal prövade\", \
              count(*) filter (where not holds) as \"Antal som inte håller\", \
              coalesce(min(subject) filter (where not holds), '') as \"Exempel\" \
              from meta.reconciliations join meta.deliveries using (delivery_id) where is_in_force \
              group by claim order by claim",
    },
];

/// A column `x_missing` says why `x` has no value; it becomes the sign in the cell of `x`.
fn place_missing(columns: &mut Vec<DataColumn>, rows: &mut [Vec<Shown>]) {
    while let Some(reason) = columns.iter().position(|column| column.name.ends_with("_missing")) {
        let name = columns[reason].name.trim_end_matches("_missing").to_owned();
        let value = columns.iter().position(|column| column.name == name);
        for row in rows.iter_mut() {
            let Shown::Text(word) = row.remove(reason) else { continue };
            let at = value.map(|at| if at > reason { at - 1 } else { at });
            if let (Some(at), Some(missing)) = (at, outcomes::missing_from(&word)) {
                row[at] = Shown::Missing(missing);
            }
        }
        columns.remove(reason);
    }
}

fn shown(value: Value) -> Shown {
    match value {
        Value::Null => Shown::Null,
        Value::Boolean(value) => Shown::Boolean(value),
        Value::Integer(value) => Shown::Integer(value),
        Value::Decimal(value) => Shown::Exact(value),
        Value::Float(value) => Shown::Float(value),
        Value::Text(text) => Shown::Text(text),
        Value::Date(text) | Value::Timestamp(text) => Shown::Date(text),
    }
}

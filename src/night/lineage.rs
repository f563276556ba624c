//! From a figure down to the rows it was made of, for any indicator.
//!
//! The query graph tells which tables with provenance (`_delivery`, `_row`) stand behind an
//! indicator; contracts tell which of their columns are month, unit and sex; the queries' own
//! conditions tell which rows they can use at all. What is found is *proven*: the indicator's query
//! is run again on these rows alone, and must give the same numerator and denominator. When it does
//! not, the narrowest filter is dropped and the proof tried again. So the rows listed are always
//! enough for the figure; among them may be rows that the query passes over further on.
//!
//! Nothing about a person is shown: columns that concern persons are masked, and groups as small as
//! those the disclosure control hides are not listed at all.

use super::outcomes;
use crate::project::{Project, REPORTED, STATED};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tertial_model::contract::Classification;
use tertial_model::{
    Code, ColumnType, Contract, Diagnostic, Faults, Location, Outcome, OutcomeMark, Sex,
};
use tertial_outcomes::{Organisation, Spans};
use tertial_warehouse::engine::{BESIDE, EngineError, literal, qualified};
use tertial_warehouse::{Engine, Layer, Rows, Value, provenance};

/// What stands in the place of a value that concerns a person.
pub const MASKED: &str = "[skyddad]";
/// Groups of so many persons are not listed where the definition states no limit.
const SMALL_GROUP: u32 = 10;

/// A table with provenance, and which of its rows a figure was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// `core.worked_time`.
    pub table: String,
    /// What narrows the rows, in Swedish.
    pub filters: Vec<String>,
    /// How many rows; none when the group is too small to tell.
    pub row_count: Option<u64>,
    condition: String,
}

/// The rows behind a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Behind {
    /// A selection per table with provenance.
    pub selections: Vec<Selection>,
    /// Whether the query gives the same numerator and denominator from these rows alone.
    pub is_proven: bool,
    /// Tables whose rows the release does not hold.
    pub not_kept: Vec<String>,
    /// Why no row may be shown; none when rows may be.
    pub withheld: Option<String>,
}

/// A figure's rows, and the engine that shows them.
pub struct Lineage<'a> {
    project: &'a Project,
    engine: Engine,
    units: Organisation,
    spans: Spans,
}

/// A table with provenance behind an indicator, with the conditions of the queries that read it.
struct Root {
    table: String,
    condition: Option<String>,
}

/// How narrow a selection is, from the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Width {
    sex: bool,
    units: bool,
    months: bool,
}

const WIDTHS: [Width; 4] = [
    Width { sex: true, units: true, months: true },
    Width { sex: false, units: true, months: true },
    Width { sex: false, units: false, months: true },
    Width { sex: false, units: false, months: false },
];

impl<'a> Lineage<'a> {
    /// Beside a release's warehouse.
    pub fn open(project: &'a Project, engine: &Engine, path: &Path) -> Result<Lineage<'a>, Faults> {
        let (units, spans) = (outcomes::read_organisation(engine)?, outcomes::read_spans(engine)?);
        let beside = Engine::beside(path).map_err(failed)?;
        let lineage = Lineage { project, engine: beside, units, spans };
        lineage.mirror().map_err(failed)?;
        Ok(lineage)
    }

    /// The rows of a figure.
    pub fn behind(&self, figure: &Outcome) -> Result<Behind, Faults> {
        self.find(figure).map_err(failed)
    }

    fn find(&self, figure: &Outcome) -> Result<Behind, EngineError> {
        let (roots, not_kept) = self.roots(figure)?;
        let withheld = self.withheld(figure, &roots)?;
        let expected = self.answer(figure, &self.facts(figure, &format!("{BESIDE}.")))?;
        let mut selections = Vec::new();
        let mut is_proven = false;
        for width in WIDTHS {
            selections = roots
                .iter()
                .map(|root| self.selection(figure, root, width))
                .collect::<Result<Vec<_>, EngineError>>()?;
            if let Some(found) = self.again(figure, &selections)? {
                is_proven = found == expected;
            } else {
                // The query cannot be run on rows alone: the narrowest selection stands, unproven.
                break;
            }
            if is_proven {
                break;
            }
        }
        if withheld.is_none() {
            for selection in &mut selections {
                selection.row_count = Some(self.count(selection)?);
            }
        }
        Ok(Behind { selections, is_proven, not_kept, withheld })
    }

    /// The first rows of a selection, masked, with the file each came from.
    pub fn rows(&self, selection: &Selection, limit: usize) -> Result<Rows, Faults> {
        let table = &selection.table;
        let contract = self.project.contracts.get(table);
        let names = self.columns(table).map_err(failed)?;
        let own = names.iter().filter(|name| !name.starts_with('_'));
        let shown: Vec<String> = own
            .map(|name| {
                let column = tertial_warehouse::engine::identifier(name);
                match is_masked(contract, name) {
                    true => format!("{} as {column}", literal(MASKED)),
                    false => format!("rows.{column}"),
                }
            })
            .collect();
        let sql = format!(
            "select rows._delivery as delivery, deliveries.original_name as file, \
             rows._row as line, {} from {BESIDE}.{} as rows \
             left join {BESIDE}.meta.deliveries as deliveries \
             on rows._delivery = deliveries.delivery_id \
             where {} order by rows._delivery, rows._row limit {limit}",
            shown.join(", "),
            qualified(table),
            selection.condition
        );
        self.engine.query(&sql, &[]).map_err(failed)
    }

    /// The same names as in the release, so that its queries run unchanged.
    fn mirror(&self) -> Result<(), EngineError> {
        let tables = self.engine.query(
            &format!(
                "select schema_name, table_name from duckdb_tables() \
                 where database_name = '{BESIDE}' and schema_name in ('core', 'measure', 'seed') order by all"
            ),
            &[],
        )?;
        self.engine.execute("create schema core; create schema measure; create schema seed")?;
        for row in &tables.rows {
            let name = format!(
                "{}.{}",
                row[0].text().unwrap_or_default(),
                row[1].text().unwrap_or_default()
            );
            self.look_at(&name, "true")?;
        }
        Ok(())
    }

    /// Lets a name stand for those rows of the release's table.
    fn look_at(&self, table: &str, condition: &str) -> Result<(), EngineError> {
        let name = qualified(table);
        self.engine.execute(&format!(
            "create or replace view {name} as select * from {BESIDE}.{name} where {condition}"
        ))
    }

    fn columns(&self, table: &str) -> Result<Vec<String>, EngineError> {
        let (schema, name) = table.split_once('.').unwrap_or(("main", table));
        let rows = self.engine.query(
            &format!(
                "select column_name from duckdb_columns() where database_name = '{BESIDE}' \
                 and schema_name = $1 and table_name = $2 order by column_index"
            ),
            &[schema, name],
        )?;
        Ok(rows.rows.iter().filter_map(|row| row[0].text()).collect())
    }

    /// The nearest tables with provenance behind an indicator, and those that are not in the release.
    fn roots(&self, figure: &Outcome) -> Result<(Vec<Root>, Vec<String>), EngineError> {
        let mut found: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        let mut not_kept = BTreeSet::new();
        let table = self.table_of(figure);
        if is_stated(&table) {
            // What a role reports is its own row.
            let condition = Some(format!("indicator_id = {}", literal(&figure.id)));
            return Ok((vec![Root { table, condition }], Vec::new()));
        }
        let mut open = vec![table];
        let mut seen = BTreeSet::new();
        while let Some(reader) = open.pop() {
            if !seen.insert(reader.clone()) {
                continue;
            }
            let Some(model) = self.project.graph.model(&reader) else { continue };
            for table in &model.reads {
                let columns = self.columns(table)?;
                let has = |name: &str| columns.iter().any(|column| column == name);
                if has("_delivery") && has("_row") {
                    let condition =
                        provenance::condition(&self.engine, &model.sql, table, &columns)?;
                    found.entry(table.clone()).or_default().push(condition);
                } else if table.starts_with("staging.") || table.starts_with("raw.") {
                    not_kept.insert(table.clone());
                } else {
                    open.push(table.clone());
                }
            }
        }
        let roots = found.into_iter().map(|(table, conditions)| {
            // One reader without a condition may use every row.
            let all: Option<Vec<String>> = conditions.into_iter().collect();
            let condition = all.map(|mut all| {
                all.sort();
                all.dedup();
                all.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" or ")
            });
            Root { table, condition }
        });
        Ok((roots.collect(), not_kept.into_iter().collect()))
    }

    fn selection(
        &self,
        figure: &Outcome,
        root: &Root,
        width: Width,
    ) -> Result<Selection, EngineError> {
        let contract = self.project.contracts.get(&root.table);
        let columns = self.columns(&root.table)?;
        let roles = Roles::of(contract, &columns);
        let (mut filters, mut conditions) = (Vec::new(), Vec::new());
        if is_stated(&root.table) && width.months {
            conditions.push(format!("period = {}", literal(&figure.period.to_string())));
            filters.push(figure.period.to_string());
        }
        if width.months
            && let Some((condition, words)) = self.months(figure, &roles)
        {
            conditions.push(condition);
            filters.push(words);
        }
        if width.units
            && let Some((condition, words)) = self.below(figure, &roles)
        {
            conditions.push(condition);
            filters.push(words);
        }
        if width.sex
            && figure.sex != Sex::T
            && let Some(column) = roles.sex
        {
            conditions.push(format!("{column} = {}", literal(&figure.sex.to_string())));
            filters.push(format!("{} ({column})", figure.sex.label().to_lowercase()));
        }
        if let Some(condition) = &root.condition {
            conditions.push(format!("({condition})"));
            filters.push(format!("frågans eget villkor: {condition}"));
        }
        let condition =
            if conditions.is_empty() { "true".to_owned() } else { conditions.join(" and ") };
        let table = root.table.clone();
        Ok(Selection { table, filters, row_count: None, condition })
    }

    fn months(&self, figure: &Outcome, roles: &Roles) -> Option<(String, String)> {
        let months = outcomes::months_read(&self.spans, self.project, &figure.id, figure.period);
        let (first, last) = (months.first()?, months.last()?);
        let list = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join(", ");
        match roles.time.as_ref()? {
            Time::Month(column) => {
                let days = months.iter().map(|month| format!("date '{month}-01'")).collect();
                let condition = format!("date_trunc('month', {column}) in ({})", list(days));
                let words = match months.len() {
                    1 => format!("{first} ({column})"),
                    count => format!("{count} månader, {first} till {last} ({column})"),
                };
                Some((condition, words))
            }
            Time::Year(column) => {
                // A yearly figure serves the year after too.
                let year = |month: &String| month.get(..4)?.parse::<i32>().ok();
                let years: BTreeSet<i32> =
                    months.iter().filter_map(year).flat_map(|year| [year - 1, year]).collect();
                let texts = years.iter().map(i32::to_string).collect();
                let words = format!("åren {} till {} ({column})", years.first()?, years.last()?);
                Some((format!("{column} in ({})", list(texts)), words))
            }
        }
    }

    /// The figure's unit and every unit under it; none for the top, which has everything.
    fn below(&self, figure: &Outcome, roles: &Roles) -> Option<(String, String)> {
        let column = roles.unit?;
        self.units.parents.get(&figure.level)?.as_ref()?;
        let units = self.units.with_those_below(&figure.level);
        let list: Vec<String> = units.iter().map(|unit| literal(unit)).collect();
        let words = match units.len() {
            1 => format!("{} ({column})", figure.level),
            count => format!("{} och {} enheter under den ({column})", figure.level, count - 1),
        };
        Some((format!("{column} in ({})", list.join(", ")), words))
    }

    /// Numerator and denominator of the figure in a table of the indicator's shape.
    fn answer(&self, figure: &Outcome, table: &str) -> Result<Vec<Vec<Value>>, EngineError> {
        let sql = format!(
            "select numerator, denominator from {table} where unit_id = $1 and period = $2 \
             and sex = $3 and breakdown = $4"
        );
        let (period, sex) = (figure.period.to_string(), figure.sex.to_string());
        Ok(self.engine.query(&sql, &[&figure.level, &period, &sex, &figure.breakdown])?.rows)
    }

    /// The figure once more, from the selected rows alone; none when a query cannot be run here.
    fn again(
        &self,
        figure: &Outcome,
        selections: &[Selection],
    ) -> Result<Option<Vec<Vec<Value>>>, EngineError> {
        let roots: BTreeSet<&str> = selections.iter().map(|s| s.table.as_str()).collect();
        for selection in selections {
            self.look_at(&selection.table, &selection.condition)?;
        }
        let target = self.table_of(figure);
        if is_stated(&target) {
            let found = self.answer(figure, &self.facts(figure, ""))?;
            self.look_at(&target, "true")?;
            return Ok(Some(found));
        }
        let mut made = Vec::new();
        let mut found = None;
        for model in &self.project.graph.models {
            let is_between = matches!(model.layer, Layer::Core | Layer::Measure)
                && !roots.contains(model.name.as_str())
                && self.stands_between(&model.name, &target, &roots);
            if !is_between && model.name != target {
                continue;
            }
            let query = model.sql.trim_end().trim_end_matches(';');
            if model.name == target {
                found = Some(self.answer(figure, &format!("(\n{query}\n)"))?);
                break;
            }
            if model.reads.iter().any(|table| table.starts_with("staging.")) {
                break;
            }
            let name = qualified(&model.name);
            self.engine.execute(&format!("create or replace view {name} as\n{query}"))?;
            made.push(model.name.clone());
        }
        for table in made.iter().map(String::as_str).chain(roots) {
            self.look_at(table, "true")?;
        }
        Ok(found)
    }

    /// Whether a table is read on the way from the indicator to a root.
    fn stands_between(&self, table: &str, target: &str, roots: &BTreeSet<&str>) -> bool {
        let graph = &self.project.graph;
        let reads_root = |name: &str| graph.reaches(name, &|read| roots.contains(read));
        graph.reaches(target, &|read| read == table) && reads_root(table)
    }

    /// The table that gives a figure: the indicator's query, or what a role has stated.
    fn table_of(&self, figure: &Outcome) -> String {
        match figure.mark {
            Some(OutcomeMark::Stated) => STATED.to_owned(),
            _ => self.project.table_of(&figure.id),
        }
    }

    /// What gives a figure's numerator and denominator, as a table of the usual shape.
    fn facts(&self, figure: &Outcome, database: &str) -> String {
        let table = self.table_of(figure);
        let name = format!("{database}{}", qualified(&table));
        if !is_stated(&table) {
            return name;
        }
        let breakdown = if table == STATED { "breakdown" } else { "'' as breakdown" };
        format!(
            "(select unit_id, period, sex, {breakdown}, numerator, denominator, \
             cast(null as bigint) as person_count from {name} where indicator_id = {})",
            literal(&figure.id)
        )
    }

    fn count(&self, selection: &Selection) -> Result<u64, EngineError> {
        let table = qualified(&selection.table);
        let sql = format!("select count(*) from {BESIDE}.{table} where {}", selection.condition);
        let count = self.engine.scalar(&sql, &[])?;
        Ok(count.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Why the rows of a figure may not be listed.
    fn withheld(&self, figure: &Outcome, roots: &[Root]) -> Result<Option<String>, EngineError> {
        let concerns_persons = roots.iter().any(|root| {
            self.project.contracts.get(&root.table).is_some_and(|contract| {
                contract.columns.iter().any(|c| c.classification != Classification::Open)
            })
        });
        if !concerns_persons {
            return Ok(None);
        }
        if figure.missing == Some(tertial_model::Missing::Suppressed) {
            return Ok(Some("värdet är dolt, och då listas inte heller raderna".to_owned()));
        }
        let definition = self.project.definitions.get(&figure.id);
        let limit = definition.and_then(|d| d.suppress_max).unwrap_or(SMALL_GROUP);
        let sql = format!(
            "select person_count from {} where unit_id = $1 and period = $2 and sex = $3 \
             and breakdown = $4",
            self.facts(figure, &format!("{BESIDE}."))
        );
        let (period, sex) = (figure.period.to_string(), figure.sex.to_string());
        let arguments = [figure.level.as_str(), &period, &sex, &figure.breakdown];
        let persons = self.engine.query(&sql, &arguments)?;
        let persons = persons.rows.first().and_then(|row| row[0].integer());
        Ok(persons.filter(|count| (1..=i64::from(limit)).contains(count)).map(|_| {
            format!("gruppen är liten, högst {limit} personer, och då listas inte raderna")
        }))
    }
}

/// Which columns of a table say when, where and of which sex.
struct Roles<'a> {
    time: Option<Time>,
    unit: Option<&'a str>,
    sex: Option<&'a str>,
}

enum Time {
    /// A month or a day.
    Month(String),
    /// A year.
    Year(String),
}

impl<'a> Roles<'a> {
    fn of(contract: Option<&Contract>, columns: &'a [String]) -> Roles<'a> {
        let named = |name: &str| columns.iter().find(|c| *c == name).map(String::as_str);
        let of_type = |wanted: ColumnType| {
            let own = contract.into_iter().flat_map(|contract| &contract.columns);
            let found: Vec<&str> = own
                .filter(|column| column.column_type == wanted && columns.contains(&column.name))
                .map(|column| column.name.as_str())
                .collect();
            // Several columns of one kind leave open which of them the query goes by.
            if found.len() == 1 { Some(found[0].to_owned()) } else { None }
        };
        let month = contract
            .and_then(|contract| contract.period_column.clone())
            .or_else(|| named("month").map(str::to_owned))
            .or_else(|| of_type(ColumnType::Month));
        let time = month
            .map(Time::Month)
            .or_else(|| named("year").map(|year| Time::Year(year.to_owned())))
            .or_else(|| of_type(ColumnType::Date).map(Time::Month));
        Roles { time, unit: named("unit_id"), sex: named("sex") }
    }
}

/// Whether a table's rows are what a role has stated, one a figure.
fn is_stated(table: &str) -> bool {
    table == REPORTED || table == STATED
}

fn is_masked(contract: Option<&Contract>, name: &str) -> bool {
    // A table without a contract, or a column its contract does not know, says nothing of whom it
    // concerns, so it is treated as if it concerned somebody.
    let column = contract.and_then(|contract| contract.column(name));
    column.is_none_or(|column| column.classification != Classification::Open)
}

fn failed(error: EngineError) -> Faults {
    let message = format!("the rows behind the figure cannot be found: {error}");
    Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file("data/releases")))
}

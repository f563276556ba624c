//! Rows that a later statement takes the place of, found among the lake's files by exact values.
//!
//! Which statements are held against each other, and in which order they were made, is the caller's to
//! say. A row of an earlier one no longer counts when a later one of its lane states its key anew, or
//! was agreed to hold all rows of its period or all rows there are. Nothing is changed in the lake: the
//! raw table leaves the rows out, and `meta.superseded_rows` names them.

use crate::engine::{Engine, EngineError, identifier, literal, qualified};
use tertial_model::contract::{Classification, Transform};
use tertial_model::{Column, ColumnType, Contract, Replaces, Restatement, Statement};

/// The rows that no longer count, by table, delivery and line.
pub const SUPERSEDED_ROWS: &str = "meta.superseded_rows";
/// How many rows of two deliveries are told one by one.
const EXAMPLES: u32 = 3;

/// The statements about one table.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    /// The table.
    pub contract: &'a Contract,
    /// Columns that together are stated as one thing: the key, or what its rows have in common, as the
    /// rows of a voucher do. Empty: no row takes another's place by its key.
    pub unit: &'a [String],
    /// Columns of the unit without which it names nothing.
    pub given: &'a [String],
    /// The statements.
    pub statements: &'a [Statement],
}

impl Engine {
    /// Adds to [`SUPERSEDED_ROWS`] the rows of one table that no longer count.
    pub fn add_superseded_rows(&self, stated: &Stated) -> Result<(), EngineError> {
        self.find_superseded(stated)?;
        self.execute(&format!(
            "insert into {} select {}, superseded._delivery, superseded._row, statements.delivery \
             from superseded join statements \
             on statements.lane = superseded.lane and statements.number = superseded.by_number \
             order by all",
            qualified(SUPERSEDED_ROWS),
            literal(&stated.contract.table),
        ))?;
        self.forget_superseded()
    }

    /// What later statements take the place of, by earlier delivery, later delivery and partition.
    pub fn restatements(&self, stated: &Stated) -> Result<Vec<Restatement>, EngineError> {
        self.find_superseded(stated)?;
        let counts = self.query(&counts_sql(stated), &[])?;
        let examples = self.query(&examples_sql(stated), &[])?;
        self.forget_superseded()?;
        let text = |rows: &crate::Rows, at: usize, name: &str| {
            rows.get(at, name).text().unwrap_or_default()
        };
        let count = |at: usize, name: &str| {
            counts.get(at, name).integer().and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
        };
        let restatement = |at: usize| {
            let (earlier, later) = (text(&counts, at, "earlier"), text(&counts, at, "later"));
            let of_pair = |at: &usize| {
                text(&examples, *at, "earlier") == earlier && text(&examples, *at, "later") == later
            };
            let own = (0..examples.rows.len()).filter(of_pair);
            Restatement {
                examples: own.map(|at| text(&examples, at, "example")).collect(),
                earlier: earlier.clone(),
                later: later.clone(),
                period: text(&counts, at, "period"),
                rows: count(at, "row_count"),
                changed: count(at, "changed"),
                moved: count(at, "moved"),
                left_out: count(at, "left_out"),
            }
        };
        Ok((0..counts.rows.len()).map(restatement).collect())
    }

    /// Makes `statements`, `stated` (every row of theirs) and `superseded` (those that no longer count).
    fn find_superseded(&self, stated: &Stated) -> Result<(), EngineError> {
        self.execute(&statements_sql(stated.statements))?;
        let files: Vec<String> =
            stated.statements.iter().flat_map(|one| &one.files).map(|file| literal(file)).collect();
        self.execute(&format!(
            "create or replace temp view stated as select held.*, statements.lane, \
             statements.number, statements.by_key, statements.about_first, statements.about_end \
             from read_parquet([{}], union_by_name = true, hive_partitioning = false) as held \
             join statements on statements.delivery = held._delivery",
            files.join(", ")
        ))?;
        self.execute(&superseded_sql(stated))
    }

    fn forget_superseded(&self) -> Result<(), EngineError> {
        self.execute("drop table superseded; drop view stated; drop table statements")
    }
}

fn statements_sql(statements: &[Statement]) -> String {
    let day = |day: Option<&String>| day.map_or("null".to_owned(), |day| literal(day));
    let rows = statements.iter().map(|one| {
        let (is_period, is_all) =
            (one.replaces == Replaces::Period, one.replaces == Replaces::Everything);
        let (first, end) = one.about.as_ref().map(|(first, end)| (first, end)).unzip();
        format!(
            "({}, {}, {}, {}, {}, {}, {is_period}, {is_all})",
            one.lane,
            one.number,
            literal(&one.delivery),
            one.by_key,
            day(first),
            day(end)
        )
    });
    let rows: Vec<String> = rows.collect();
    format!(
        "create or replace temp table statements (lane integer, number integer, delivery varchar, \
         by_key boolean, about_first date, about_end date, is_period boolean, is_all boolean); \
         insert into statements values {}",
        rows.join(", ")
    )
}

/// A day that tells the period of a row of `rows`; the first day of the period its delivery is about
/// where the table has none.
fn within(contract: &Contract, rows: &str, later: &str) -> String {
    let column = contract.period_column.as_ref().and_then(|name| contract.column(name));
    let name = column.map(|column| format!("{rows}.{}", identifier(&column.name)));
    let (from, to) = (format!("{later}.about_first"), format!("{later}.about_end"));
    match (column.map(|column| column.column_type), name) {
        (Some(ColumnType::Date | ColumnType::Month), Some(name)) => {
            format!("{name} >= {from} and {name} < {to}")
        }
        (Some(ColumnType::Integer), Some(name)) => {
            format!("{name} between year({from}) and year({to} - 1)")
        }
        _ => format!("{rows}.about_first >= {from} and {rows}.about_end <= {to}"),
    }
}

fn same(columns: &[String], a: &str, b: &str) -> String {
    let one = |name: &String| {
        let name = identifier(name);
        format!("{a}.{name} is not distinct from {b}.{name}")
    };
    columns.iter().map(one).collect::<Vec<_>>().join(" and ")
}

fn superseded_sql(stated: &Stated) -> String {
    let mut found = Vec::new();
    if !stated.unit.is_empty() {
        let unit: Vec<String> = stated.unit.iter().map(|name| identifier(name)).collect();
        let given =
            stated.given.iter().map(|name| format!(" and {} is not null", identifier(name)));
        found.push(format!(
            "select stated._delivery, stated._row, stated.lane, newest.number as by_number \
             from stated join (select lane, {}, max(number) as number from stated \
             where by_key{} group by all having min(number) < max(number)) as newest \
             on stated.lane = newest.lane and stated.by_key and {} \
             where stated.number < newest.number",
            unit.join(", "),
            given.collect::<String>(),
            same(stated.unit, "stated", "newest"),
        ));
    }
    if stated.statements.iter().any(|one| one.replaces != Replaces::Nothing) {
        found.push(format!(
            "select stated._delivery, stated._row, stated.lane, later.number as by_number \
             from stated join statements as later \
             on later.lane = stated.lane and later.number > stated.number \
             and (later.is_all or later.is_period and {})",
            within(stated.contract, "stated", "later"),
        ));
    }
    if found.is_empty() {
        found.push(
            "select _delivery, _row, lane, number as by_number from stated where false".into(),
        );
    }
    format!(
        "create or replace temp table superseded as \
         select _delivery, _row, lane, max(by_number) as by_number from ({}) group by all",
        found.join(" union all ")
    )
}

/// Every row that no longer counts as `old`, and the row with its key in the later statement as `new`.
fn pairs_sql(stated: &Stated) -> String {
    let key = &stated.contract.key;
    let counterpart = match key.is_empty() {
        true => "false".to_owned(),
        false => same(key, "new", "old"),
    };
    format!(
        "from superseded join stated as old \
         on old._delivery = superseded._delivery and old._row = superseded._row \
         join statements as by_one \
         on by_one.lane = superseded.lane and by_one.number = superseded.by_number \
         left join stated as new on new.lane = superseded.lane \
         and new.number = superseded.by_number and {counterpart}"
    )
}

/// The columns that are not the key.
fn values(contract: &Contract) -> impl Iterator<Item = &Column> {
    contract.columns.iter().filter(|column| !contract.key.contains(&column.name))
}

fn counts_sql(stated: &Stated) -> String {
    let contract = stated.contract;
    let period_column = contract.period_column.as_ref().and_then(|name| contract.column(name));
    let partition = match period_column.map(|column| (column.column_type, &column.name)) {
        Some((ColumnType::Date | ColumnType::Month, name)) => {
            format!("strftime(old.{}, '%Y-%m')", identifier(name))
        }
        Some((ColumnType::Integer, name)) => format!("old.{}::varchar", identifier(name)),
        _ => "'all'".to_owned(),
    };
    let partition_of_new = partition.replace("old.", "new.");
    let differs = values(contract).map(|column| {
        let name = identifier(&column.name);
        format!("old.{name} is distinct from new.{name}")
    });
    let differs = differs.collect::<Vec<_>>();
    let differs = if differs.is_empty() { "false".to_owned() } else { differs.join(" or ") };
    format!(
        "select old._delivery as earlier, by_one.delivery as later, \
         coalesce({partition}, '__HIVE_DEFAULT_PARTITION__') as period, count(*) as row_count, \
         count(*) filter (where new._row is not null and ({differs})) as changed, \
         count(*) filter (where new._row is not null and \
         {partition} is distinct from {partition_of_new}) as moved, \
         count(*) filter (where new._row is null) as left_out \
         {} group by all order by all",
        pairs_sql(stated)
    )
}

/// A few rows in words. Of a table about persons only the line and the columns that differ are told.
fn examples_sql(stated: &Stated) -> String {
    let contract = stated.contract;
    let is_about_persons = contract.columns.iter().any(|column| {
        column.classification != Classification::Open || column.transform != Transform::None
    });
    let shown = |rows: &str, column: &Column| {
        let name = format!("{rows}.{}", identifier(&column.name));
        let text = match column.column_type {
            ColumnType::Month => format!("strftime({name}, '%Y-%m')"),
            _ => format!("left({name}::varchar, 60)"),
        };
        format!("coalesce('`' || {text} || '`', 'nothing')")
    };
    let key = contract.key.iter().filter_map(|name| contract.column(name));
    let key: Vec<String> = match is_about_persons || contract.key.is_empty() {
        true => vec!["'line ' || old._row::varchar".to_owned()],
        false => key
            .map(|column| {
                format!("{} || {}", literal(&format!("{} ", column.name)), shown("old", column))
            })
            .collect(),
    };
    let changes = values(contract).map(|column| {
        let name = identifier(&column.name);
        let told = match is_about_persons {
            true => literal(&format!("`{}` is another", column.name)),
            false => format!(
                "{} || {} || ' → ' || {}",
                literal(&format!("{} ", column.name)),
                shown("old", column),
                shown("new", column)
            ),
        };
        format!("case when old.{name} is distinct from new.{name} then {told} end")
    });
    let changes: Vec<String> = changes.collect();
    let changes = match changes.is_empty() {
        true => "''".to_owned(),
        false => format!("concat_ws(', ', {})", changes.join(", ")),
    };
    format!(
        "select earlier, later, head || ': ' || what as example from ( \
         select old._delivery as earlier, by_one.delivery as later, old._row as line, \
         concat_ws(', ', {}) as head, \
         case when new._row is null then 'left out' else {changes} end as what, \
         row_number() over (partition by old._delivery, by_one.delivery order by old._row) as place \
         {} where new._row is null or {changes} <> '') \
         where place <= {EXAMPLES} order by earlier, later, line",
        key.join(", "),
        pairs_sql(stated)
    )
}

//! The tables that the program itself fills, `indicator.…` and `meta.…`: one contract each, carried by
//! the program, and whatever the program writes is written as they say.
//!
//! The contracts lie beside this file, and with them `fields.yaml`, which says once what columns of the
//! same name mean. Names, types, comments, the dictionary, what leaves the house and what is audited
//! follow from them. What goes into a table stands where it is worked out, as a [`Record`].

use include_dir::{Dir, File, include_dir};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use tertial_check::{Fields, parse_contract};
use tertial_model::{Contract, Diagnostic};
use tertial_warehouse::engine::{EngineError, qualified};
use tertial_warehouse::{Engine, Record};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/own");
/// What columns mean.
const FIELDS: &str = "fields.yaml";
/// What a file with a contract ends with.
const CONTRACT: &str = ".odcs.yaml";

/// What the columns of the program's own tables mean.
pub fn fields() -> &'static Fields {
    static FIELDS_READ: LazyLock<Fields> = LazyLock::new(|| {
        let text = FILES.get_file(FIELDS).and_then(File::contents_utf8).unwrap_or_default();
        Fields::parse(FIELDS, text).unwrap_or_else(|faults| unsound(&faults))
    });
    &FIELDS_READ
}

/// The contracts of the program's own tables, by table.
pub fn contracts() -> &'static BTreeMap<String, Contract> {
    static CONTRACTS: LazyLock<BTreeMap<String, Contract>> = LazyLock::new(|| {
        let read = files().map(|(file, text)| {
            parse_contract(&file, text, fields()).unwrap_or_else(|faults| unsound(&faults))
        });
        read.map(|contract| (contract.table.clone(), contract)).collect()
    });
    &CONTRACTS
}

/// The files of the contracts, as messages name them, with their texts.
pub fn files() -> impl Iterator<Item = (String, &'static str)> {
    let files = FILES.files().filter_map(|file| Some((name_of(file)?, file.contents_utf8()?)));
    files
        .filter(|(name, _)| name.ends_with(CONTRACT))
        .map(|(name, text)| (format!("own/{name}"), text))
}

fn name_of(file: &File) -> Option<String> {
    Some(file.path().file_name()?.to_string_lossy().into_owned())
}

/// A file that the program carries and cannot read was never tried.
fn unsound(faults: &[Diagnostic]) -> ! {
    let told: Vec<String> = faults.iter().map(Diagnostic::to_string).collect();
    panic!("{}", told.join("\n"))
}

fn contract(table: &str) -> &'static Contract {
    contracts().get(table).unwrap_or_else(|| panic!("no contract describes `{table}`"))
}

/// Makes an own table, empty.
pub fn create(engine: &Engine, table: &str) -> Result<(), EngineError> {
    engine.create_agreed(contract(table))
}

/// Makes every own table of a schema that is not there, empty: a project without indicators has no
/// outcomes, and nothing has been audited yet.
pub fn create_missing(engine: &Engine, schema: &str) -> Result<(), EngineError> {
    let catalog = engine.catalog()?;
    let is_missing = |contract: &&Contract| {
        let table = &contract.table;
        table.split('.').next() == Some(schema) && catalog.names().all(|name| name != table)
    };
    contracts().values().filter(is_missing).try_for_each(|contract| engine.create_agreed(contract))
}

/// Makes an own table with its rows.
pub fn write<R: Record>(
    engine: &Engine,
    records: impl IntoIterator<Item = R>,
) -> Result<(), EngineError> {
    engine.write_records(contract(R::TABLE), records)
}

/// Makes an own table with its rows in the place of an earlier one.
pub fn replace<R: Record>(
    engine: &Engine,
    records: impl IntoIterator<Item = R>,
) -> Result<(), EngineError> {
    engine.execute(&format!("drop table if exists {}", qualified(R::TABLE)))?;
    write(engine, records)
}

/// Makes an own table from the Parquet files of the lake.
pub fn read(engine: &Engine, table: &str, files: &[PathBuf]) -> Result<(), EngineError> {
    engine.read_agreed(contract(table), files)
}

/// Makes an own table with what its query beside its contract gives.
pub fn fill(engine: &Engine, table: &str) -> Result<(), EngineError> {
    let query = FILES.get_file(format!("{table}.sql")).and_then(File::contents_utf8);
    let query = query.unwrap_or_else(|| panic!("no query fills `{table}`"));
    create(engine, table)?;
    engine.execute(&format!("insert into {} by name\n{query}", qualified(table)))
}

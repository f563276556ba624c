//! The key for pseudonyms: where it lies, whether it is fit, and whether it is the lake's own.
//!
//! A key that is missing stops whatever would load: without it every delivery about persons would be
//! refused, and a release without them published. Another key than before makes other codes of the
//! same persons, so it is used only when somebody has said that the change is meant.

use crate::clock::Moment;
use crate::output;
use crate::project::Project;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tertial_check::PseudonymKey;
use tertial_lake::{KeyStanding, KnownKey, Lake};
use tertial_model::contract::Transform;
use tertial_model::{Code, Column, Contract, Diagnostic, Location};

/// The environment variable that goes before the key file.
pub const VARIABLE: &str = "TERTIAL_PSEUDONYM_KEY";
/// Most bytes a key file may have.
const LARGEST: u64 = 4096;
const EFFECT: &str = "nothing was received, loaded or published; the release in force stays";

/// What loads are made with: the lake's own key, or none where no contract asks for one.
#[derive(Debug, Clone)]
pub struct Keyring {
    key: Option<PseudonymKey>,
}

impl Keyring {
    /// The key, when any contract asks for one.
    pub fn key(&self) -> Option<&PseudonymKey> {
        self.key.as_ref()
    }
}

/// Finds the key that the contracts of `wanting` ask for, by the settings of `project`, and holds it
/// against the keys that the project's lake knows. `stated` is the id of a key that is new on purpose.
pub fn open(
    project: &Project,
    wanting: &Project,
    lake: &Lake,
    moment: &Moment,
    stated: Option<&str>,
) -> Result<Keyring, Box<Diagnostic>> {
    let Some((contract, column)) = first_wish(wanting) else {
        return match stated {
            None => Ok(Keyring { key: None }),
            Some(stated) => Err(not_wanted(stated)),
        };
    };
    let found = find(project)?;
    let known = lake.keys()?.pop();
    let Some((origin, key)) = found else {
        return Err(missing(project, contract, column, known.as_ref()));
    };
    let id = key.id();
    if let Some(stated) = stated.filter(|stated| *stated != id) {
        return Err(not_the_stated(&origin, &id, stated));
    }
    match lake.standing_of_key(&id)? {
        KeyStanding::Known => {}
        KeyStanding::First if stated.is_none() && holds_pseudonyms(wanting, lake)? => {
            return Err(forgotten(&origin, &id));
        }
        KeyStanding::First => lake.take_key(&id, &moment.at_by_now())?,
        KeyStanding::Other(_) if stated.is_some() => {
            output::progress(
                "the key for pseudonyms is a new one, as stated: what asks for it is read anew",
            );
            lake.take_key(&id, &moment.at_by_now())?;
        }
        KeyStanding::Other(known) => return Err(another(&origin, &id, &known)),
    }
    Ok(Keyring { key: Some(key) })
}

/// What is wrong with the ids of the keys so far; nothing is written.
pub fn look(project: &Project, lake: &Lake) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let known = match lake.keys() {
        Ok(known) => known,
        Err(fault) => return Ok(Some(*fault)),
    };
    if !known.is_empty() || first_wish(project).is_none() || !holds_pseudonyms(project, lake)? {
        return Ok(None);
    }
    let message = "the ids of the keys for pseudonyms are gone";
    let fault = Diagnostic::error(Code::KeyChanged, message, Location::file("data/keys.json"));
    Ok(Some(
        fault
            .with_found("no such file, and rows with pseudonyms")
            .with_expected("the ids of the keys so far")
            .with_effect(EFFECT)
            .with_hint("take the file back from a backup of `data`"),
    ))
}

/// Whether a contract asks for pseudonyms.
pub fn is_wanted_by(contract: &Contract) -> bool {
    wish(contract).is_some()
}

fn wish(contract: &Contract) -> Option<&Column> {
    contract.columns.iter().find(|column| column.transform != Transform::None)
}

/// The first column that asks for pseudonyms, of the tables that deliveries are read into.
fn first_wish(project: &Project) -> Option<(&Contract, &Column)> {
    let specs = project.sources.iter().flat_map(|source| &source.pipeline.files);
    let mut contracts = specs
        .flat_map(|spec| &spec.tables)
        .filter_map(|table| project.contracts.get(&table.contract));
    contracts.find_map(|contract| Some((contract, wish(contract)?)))
}

/// Whether the lake holds rows that were loaded with a key.
fn holds_pseudonyms(project: &Project, lake: &Lake) -> Result<bool, Box<Diagnostic>> {
    let loads = lake.loads()?;
    let mut tables = loads.iter().flat_map(|load| &load.tables);
    Ok(tables.any(|table| {
        table.rows_accepted > 0 && project.contracts.get(&table.table).is_some_and(is_wanted_by)
    }))
}

/// The key and where it was found; none when neither variable nor file is there.
fn find(project: &Project) -> Result<Option<(String, PseudonymKey)>, Box<Diagnostic>> {
    if let Some(text) = std::env::var_os(VARIABLE) {
        let Some(text) = text.to_str() else {
            return Err(unfit(VARIABLE, "bytes that are no text", "a line of ASCII text"));
        };
        return Ok(Some((VARIABLE.to_owned(), PseudonymKey::from_text(VARIABLE, text)?)));
    }
    let Some(file) = &project.config.privacy.key_file else { return Ok(None) };
    match read(file, &project.root.join(file))? {
        Some(text) => Ok(Some((file.clone(), PseudonymKey::from_text(file, &text)?))),
        None => Ok(None),
    }
}

/// The text of a key file that is its owner's alone; none when there is no such file.
fn read(file: &str, path: &Path) -> Result<Option<String>, Box<Diagnostic>> {
    let unreadable = |error: std::io::Error| {
        let message = format!("the key for pseudonyms cannot be read: {error}");
        let fault = Diagnostic::error(Code::KeyMissing, message, Location::file(file));
        Box::new(fault.with_effect(EFFECT))
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    if !metadata.is_file() {
        return Err(unfit(file, "something that is no file", "a file that holds the key alone"));
    }
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        let found = format!("mode {mode:03o}: others than its owner can read or write it");
        let fault = unfit(file, &found, "a file that its owner alone can read, mode 600");
        return Err(Box::new(fault.with_hint(format!("`chmod 600 {file}`")).with_hint(
            "whoever may have read it can find every person: see whether a new key is needed",
        )));
    }
    if metadata.len() > LARGEST {
        let found = format!("{} bytes", metadata.len());
        return Err(unfit(file, &found, "a file that holds the key alone"));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(unfit(file, "bytes that are no text", "a line of ASCII text")),
    }
}

fn unfit(origin: &str, found: &str, expected: &str) -> Box<Diagnostic> {
    let message = "the key for pseudonyms cannot be used";
    let fault = Diagnostic::error(Code::KeyMissing, message, Location::file(origin));
    Box::new(fault.with_found(found).with_expected(expected).with_effect(EFFECT).with_hint(
        "take the key back from where it is kept; a first one is made with `openssl rand -hex 32`",
    ))
}

fn missing(
    project: &Project,
    contract: &Contract,
    column: &Column,
    known: Option<&KnownKey>,
) -> Box<Diagnostic> {
    let (place, file) = match &project.config.privacy.key_file {
        Some(file) => (file.as_str(), format!("no file `{file}`")),
        None => (crate::config::FILE, "no `key_file` under `[privacy]`".to_owned()),
    };
    let fault = Diagnostic::error(
        Code::KeyMissing,
        "the key for pseudonyms is missing",
        Location::file(place),
    )
    .with_found(format!("no variable `{VARIABLE}` and {file}"))
    .with_contract(format!("{}, `{}`", contract.file, column.name))
    .with_effect(EFFECT);
    Box::new(match known {
        Some(known) => fault
            .with_expected(format!("the key `{}`, in use since {}", known.id, known.since))
            .with_hint(format!(
                "put it back where it lay, name its file under `[privacy]` in {}, or give the \
                 variable to the user that runs `tertial`",
                crate::config::FILE
            ))
            .with_hint("a new key would give every person another code: take the old one back"),
        None => {
            fault.with_expected("the key that persons' identifiers are replaced with").with_hint(
                "make a key once with `openssl rand -hex 32`, mode 600, and keep it for good",
            )
        }
    })
}

fn another(origin: &str, id: &str, known: &KnownKey) -> Box<Diagnostic> {
    let message = "the key for pseudonyms is another than before";
    let fault = Diagnostic::error(Code::KeyChanged, message, Location::file(origin))
        .with_found(format!("the key `{id}`"))
        .with_expected(format!("the key `{}`, in use since {}", known.id, known.since))
        .with_effect(EFFECT)
        .with_hint("put the key back that was there before")
        .with_hint(format!(
            "if it was changed on purpose, say so once: `tertial run --new-key {id}`; everything \
             that asks for it is then read anew, and persons cannot be followed from earlier \
             releases to later ones"
        ));
    Box::new(fault)
}

fn forgotten(origin: &str, id: &str) -> Box<Diagnostic> {
    let message = "it is not known which key the lake's pseudonyms were made with";
    let fault = Diagnostic::error(Code::KeyChanged, message, Location::file("data/keys.json"))
        .with_found(format!("no such file, rows with pseudonyms, and the key `{id}` in {origin}"))
        .with_expected("the ids of the keys so far")
        .with_effect(EFFECT)
        .with_hint("take the file back from a backup of `data`")
        .with_hint(format!(
            "if the key is the right one, say so once: `tertial run --new-key {id}`"
        ));
    Box::new(fault)
}

fn not_the_stated(origin: &str, id: &str, stated: &str) -> Box<Diagnostic> {
    let message = "the key for pseudonyms is not the one that was stated";
    let fault = Diagnostic::error(Code::KeyChanged, message, Location::file(origin))
        .with_found(format!("the key `{id}`"))
        .with_expected(format!("the key `{stated}`, as `--new-key` says"))
        .with_effect(EFFECT)
        .with_hint("state the id of the key that is there, or put the stated key there");
    Box::new(fault)
}

fn not_wanted(stated: &str) -> Box<Diagnostic> {
    let message = "a key is stated and no contract asks for pseudonyms";
    let fault = Diagnostic::error(Code::KeyChanged, message, Location::file("--new-key"))
        .with_found(format!("`{stated}`"))
        .with_expected("a column with the transform `civic_number` or `pseudonym`")
        .with_effect(EFFECT);
    Box::new(fault)
}

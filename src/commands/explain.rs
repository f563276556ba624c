//! `tertial explain`: where a figure comes from, down to its rows, or what a diagnostic means.

mod rows;
mod text;

use super::indicators::{is_about, period_or_open, with_signals};
use super::{Ending, NEAR, Outcome, asking, edition, few};
use crate::args::{ExplainFormat, FigureArguments, Past};
use crate::night::edition::Edition;
use crate::night::evidence::{Background, Evidence};
use crate::night::lineage::{Behind, Lineage};
use crate::night::{outcomes, signals, units};
use crate::output;
use crate::project::Project;
use std::collections::BTreeSet;
use std::path::Path;
use tertial_indicator::Definition;
use tertial_model::{
    Code, Diagnostic, Faults, Location, Outcome as Figure, Period, Sex, Signal, UnitFigure,
    UnitPanel, same, similar,
};

/// What the user wished for.
pub struct Wish {
    /// An indicator or a code.
    pub what: String,
    /// The period; the open one when not given.
    pub period: Option<Period>,
    /// Which of the figures.
    pub figure: FigureArguments,
    /// Only the query.
    pub sql: bool,
    /// The rows behind them; none when they are not wanted.
    pub wanted: Option<Wanted>,
    /// From when.
    pub past: Past,
    /// How to print.
    pub format: ExplainFormat,
}

/// Which rows.
pub struct Wanted {
    /// Only of this table.
    pub table: Option<String>,
    /// At most so many of each table.
    pub limit: usize,
}

/// An indicator in one period, with everything there is to tell.
pub struct Told<'a> {
    /// The release and its facts.
    pub edition: &'a Edition<'a>,
    /// The indicator.
    pub definition: &'a Definition,
    /// Its figures, each with what stands behind it.
    pub figures: Vec<(Figure, Evidence, Option<Behind>)>,
    /// The answers beside their status.
    pub answers: Vec<Signal>,
    /// Its units beside each other.
    pub units: Option<(UnitPanel, Vec<UnitFigure>)>,
}

/// The verb; a code needs no project.
pub fn run(folder: &Path, wish: &Wish) -> Outcome {
    if let Some(code) = Code::parse(&wish.what) {
        if output::is_json() {
            output::json(
                &serde_json::json!({ "code": code, "title": code.title(), "page": code.page() }),
            );
        } else {
            output::data(&format!("{code}: {}", code.page().trim_start_matches("# ")));
        }
        return Ok(Ending::Clean);
    }
    let project = Project::open(folder)?;
    let period = period_or_open(&project, wish.period)?;
    let edition = edition(&project, &wish.past)?;
    let facts = edition.project();
    let Some(definition) = facts.definitions.get(&wish.what) else {
        return Err(Faults::from(unknown(facts, &wish.what)));
    };
    if wish.sql {
        let sql = facts.text_of_query(&definition.id).trim_end();
        match wish.format == ExplainFormat::Json || output::is_json() {
            true => output::json(&serde_json::json!({
                "id": definition.id, "file": facts.file_of_query(&definition.id), "sql": sql,
            })),
            false => output::data(sql),
        }
        return Ok(Ending::Clean);
    }
    let found = figures(&edition, definition, period, &wish.figure)?;
    let lineage = Lineage::open(facts, &edition.engine, &edition.path)?;
    if let Some(wanted) = &wish.wanted {
        return rows::run(&lineage, &found, wanted, wish.format);
    }
    if wish.format == ExplainFormat::Csv {
        return Err(Faults::from(
            Diagnostic::error(
                Code::BadSetting,
                "an explanation is no table",
                Location::file("--format csv"),
            )
            .with_hint("add `--rows` for the rows behind a figure, or take `--format json`"),
        ));
    }
    let background = Background::read(&edition, period)?;
    let mut told = Vec::with_capacity(found.len());
    // Rows are looked for when one figure is asked about; for all of them it would take long.
    let is_one = found.len() == 1 || wish.figure.unit.is_some();
    for figure in found {
        let evidence = background.of(facts, &figure);
        let behind = if is_one { Some(lineage.behind(&figure)?) } else { None };
        told.push((figure, evidence, behind));
    }
    let about = "id = $1 and period = $2";
    let told = Told {
        edition: &edition,
        definition,
        figures: told,
        answers: signals::read(&edition.engine, about, &[&wish.what, &period.to_string()])?,
        units: units::read(&edition.engine, period)?
            .into_iter()
            .find(|(panel, _)| panel.id == wish.what),
    };
    if output::is_json() {
        output::json(&json(&told));
    } else {
        output::data(&text::text(&told));
    }
    Ok(Ending::Clean)
}

/// The figures asked for; a fault when there are none.
fn figures(
    edition: &Edition,
    definition: &Definition,
    period: Period,
    asked: &FigureArguments,
) -> Result<Vec<Figure>, Faults> {
    let sex = match asked.sex.as_deref().map(|text| (text, Sex::parse(&text.to_uppercase()))) {
        None => None,
        Some((_, Some(sex))) => Some(sex),
        Some((text, None)) => {
            return Err(Faults::from(
                Diagnostic::error(
                    Code::BadSetting,
                    "there is no such sex",
                    Location::file("--sex"),
                )
                .with_found(format!("`{text}`"))
                .with_expected("T, K or M"),
            ));
        }
    };
    let condition = "id = $1 and period = $2";
    let all = outcomes::read(&edition.engine, condition, &[&definition.id, &period.to_string()])?;
    let is_asked = |figure: &Figure| {
        asked.unit.as_ref().is_none_or(|unit| figure.level == *unit)
            && sex.is_none_or(|sex| figure.sex == sex)
            && asked
                .breakdown
                .as_ref()
                .is_none_or(|breakdown| same::is_same(&figure.breakdown, breakdown))
    };
    let (found, others): (Vec<Figure>, Vec<Figure>) = all.into_iter().partition(is_asked);
    if found.is_empty() {
        return Err(Faults::from(no_figure(definition, period, asked, &others)));
    }
    Ok(found)
}

/// That none of the figures of the period is the one asked for, and which unit or breakdown was meant.
fn no_figure(
    definition: &Definition,
    period: Period,
    asked: &FigureArguments,
    figures: &[Figure],
) -> Diagnostic {
    let unit = asked.unit.as_deref();
    let place = Location::Query {
        query: "indicator.outcomes".to_owned(),
        key: format!("id={}, period={period}, unit_id={}", definition.id, unit.unwrap_or("")),
    };
    let fault = Diagnostic::error(Code::NoRelease, "the release has no such figure", place);
    let list = format!("`tertial indicators {period}` lists every figure");
    let units: BTreeSet<&str> = figures.iter().map(|figure| &*figure.level).collect();
    let of_unit = figures.iter().filter(|figure| unit.is_none_or(|unit| figure.level == unit));
    let mut breakdowns: BTreeSet<&str> = of_unit.map(|figure| &*figure.breakdown).collect();
    breakdowns.remove("");
    let (kind, word, known) = match (unit, asked.breakdown.as_deref().unwrap_or("")) {
        (Some(unit), _) if !units.contains(unit) => ("units", unit, units),
        (_, word) if !word.is_empty() && !breakdowns.contains(word) => {
            ("breakdowns", word, breakdowns)
        }
        _ => return fault.with_hint(list),
    };
    let fault = match few(&known) {
        None => fault,
        Some(names) => fault
            .with_found(format!("`{word}`"))
            .with_expected(format!("one of the {kind} {names}")),
    };
    asking(fault, &similar::meant(word, known, NEAR)).with_hint(list)
}

fn json(told: &Told) -> serde_json::Value {
    let definition = told.definition;
    let project = told.edition.project();
    let file = project.file_of_query(&definition.id);
    let plain: Vec<Figure> = told.figures.iter().map(|(figure, _, _)| figure.clone()).collect();
    let mut figures = with_signals(&plain, &told.answers);
    for (value, (_, evidence, behind)) in figures.iter_mut().zip(&told.figures) {
        value["evidence"] = serde_json::json!(evidence);
        value["rows"] = behind.as_ref().map_or(serde_json::Value::Null, rows::summary);
    }
    let first = told.figures.first().map_or(1, |(figure, _, _)| figure.method_version);
    let publication = told.edition.publication.as_ref();
    serde_json::json!({
        "definition": {
            "id": definition.id, "name": definition.name, "measures": definition.measures,
            "kort": definition.kort, "viktigt": definition.viktigt,
            "bearbetning": definition.bearbetning, "responsible": definition.responsible,
            "source": definition.source, "kolada": definition.kolada, "method_version": first,
            "versions": definition.versions,
        },
        "publication": publication,
        "note": told.edition.note,
        "figures": figures,
        "units": told.units.as_ref().map(|(panel, units)| {
            serde_json::json!({ "panel": panel, "units": units })
        }),
        "raw_tables": told.figures.first().map(|(_, evidence, _)| &evidence.raw_tables),
        "sql_file": file,
        "sql": project.text_of_query(&definition.id),
    })
}

fn unknown(project: &Project, what: &str) -> Diagnostic {
    let definitions = project.definitions.values();
    let ids = definitions.clone().map(|definition| definition.id.as_str());
    let mut near = similar::meant(what, ids.chain(Code::ALL.iter().map(|code| code.name())), NEAR);
    if near.is_empty() {
        let names = definitions.clone().map(|definition| definition.name.as_str());
        let named = similar::meant(what, names, NEAR);
        let is_named = |definition: &&Definition| named.contains(&definition.name.as_str());
        near = definitions.filter(is_named).map(|definition| definition.id.as_str()).collect();
        near.truncate(NEAR);
    }
    let fault = Diagnostic::error(
        Code::IncompleteDefinition,
        format!("`{what}` is neither an indicator nor a diagnostic code"),
        Location::file("sql/indicator"),
    )
    .with_expected("the id of an indicator, or a code such as `T0203`");
    asking(fault, &near).with_hint("`tertial indicators` lists the indicators with their figures")
}

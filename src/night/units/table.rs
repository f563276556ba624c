//! Panels and their units as rows of a release, there and back.

use super::{FIGURES, PANELS};
use crate::night::outcomes;
use tertial_model::{Code, Diagnostic, Location, Period};
use tertial_report::{UnitFigure, UnitPanel};
use tertial_warehouse::{Engine, Rows, Value};

/// The columns of the panels' table.
pub const PANEL_COLUMNS: [(&str, &str); 10] = [
    ("indicator_id", "varchar"),
    ("id", "varchar"),
    ("period", "varchar"),
    ("form", "varchar"),
    ("total", "double"),
    ("phi", "double"),
    ("tau", "double"),
    ("reason", "varchar"),
    ("method_text", "varchar"),
    ("standard", "varchar"),
];

/// The columns of the units' table.
pub const FIGURE_COLUMNS: [(&str, &str); 21] = [
    ("indicator_id", "varchar"),
    ("id", "varchar"),
    ("period", "varchar"),
    ("unit_id", "varchar"),
    ("unit_name", "varchar"),
    ("numerator", "double"),
    ("denominator", "double"),
    ("value", "double"),
    ("missing", "varchar"),
    ("response_rate", "double"),
    ("is_uncertain", "boolean"),
    ("low", "double"),
    ("high", "double"),
    ("outer_low", "double"),
    ("outer_high", "double"),
    ("verdict", "varchar"),
    ("reason", "varchar"),
    ("standardised", "double"),
    ("standardised_low", "double"),
    ("standardised_high", "double"),
    ("standardised_reason", "varchar"),
];

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn float(value: Option<f64>) -> Value {
    value.map_or(Value::Null, Value::Float)
}

/// A panel as a row.
pub fn panel_row(panel: &UnitPanel) -> Vec<Value> {
    vec![
        text(&panel.id),
        text(&panel.id),
        Value::Text(panel.period.to_string()),
        text(&panel.form),
        float(panel.total),
        float(panel.phi),
        float(panel.tau),
        text(&panel.reason),
        text(&panel.method_text),
        panel.standard.as_deref().map_or(Value::Null, text),
    ]
}

/// A unit as a row.
pub fn figure_row(panel: &UnitPanel, unit: &UnitFigure) -> Vec<Value> {
    vec![
        text(&panel.id),
        text(&panel.id),
        Value::Text(panel.period.to_string()),
        text(&unit.unit),
        text(&unit.name),
        float(unit.numerator),
        float(unit.denominator),
        float(unit.value),
        unit.missing.map_or(Value::Null, |kind| text(outcomes::missing_word(kind))),
        float(unit.response_rate),
        Value::Boolean(unit.is_uncertain),
        float(unit.low),
        float(unit.high),
        float(unit.outer_low),
        float(unit.outer_high),
        text(&unit.verdict),
        text(&unit.reason),
        float(unit.standardised),
        float(unit.standardised_low),
        float(unit.standardised_high),
        text(&unit.standardised_reason),
    ]
}

/// A period's panels with their units, as they stand in a release.
pub fn read(
    engine: &Engine,
    period: Period,
) -> Result<Vec<(UnitPanel, Vec<UnitFigure>)>, Vec<Diagnostic>> {
    if engine.columns_of(PANELS).unwrap_or_default().is_empty() {
        return Ok(Vec::new());
    }
    let asked = |table: &str| {
        let sql = format!("select * from {table} where period = $1");
        engine.query(&sql, &[&period.to_string()]).map_err(|error| {
            let message = format!("the release could not answer: {error}");
            vec![Diagnostic::error(Code::T0607, message, Location::file(table))]
        })
    };
    let (panels, figures) = (asked(PANELS)?, asked(FIGURES)?);
    let text = |rows: &Rows, at: usize, name: &str| rows.get(at, name).text().unwrap_or_default();
    let mut found = Vec::new();
    for at in 0..panels.rows.len() {
        let float = |name: &str| panels.get(at, name).float();
        let id = text(&panels, at, "id");
        let units = (0..figures.rows.len())
            .filter(|own| text(&figures, *own, "id") == id)
            .map(|own| figure_from(&figures, own));
        let panel = UnitPanel {
            period,
            form: text(&panels, at, "form"),
            total: float("total"),
            phi: float("phi"),
            tau: float("tau"),
            reason: text(&panels, at, "reason"),
            method_text: text(&panels, at, "method_text"),
            standard: panels.get(at, "standard").text(),
            id: id.clone(),
        };
        found.push((panel, units.collect()));
    }
    Ok(found)
}

fn figure_from(rows: &Rows, at: usize) -> UnitFigure {
    let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
    let float = |name: &str| rows.get(at, name).float();
    UnitFigure {
        unit: text("unit_id"),
        name: text("unit_name"),
        numerator: float("numerator"),
        denominator: float("denominator"),
        value: float("value"),
        missing: rows.get(at, "missing").text().and_then(|word| outcomes::missing_from(&word)),
        response_rate: float("response_rate"),
        is_uncertain: *rows.get(at, "is_uncertain") == Value::Boolean(true),
        low: float("low"),
        high: float("high"),
        outer_low: float("outer_low"),
        outer_high: float("outer_high"),
        verdict: text("verdict"),
        reason: text("reason"),
        standardised: float("standardised"),
        standardised_low: float("standardised_low"),
        standardised_high: float("standardised_high"),
        standardised_reason: text("standardised_reason"),
    }
}

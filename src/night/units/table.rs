//! Panels and their units as rows of a release, there and back.

use super::{FIGURES, PANELS};
use crate::night::outcomes;
use tertial_model::{Code, Diagnostic, Faults, Location, Period, UnitFigure, UnitPanel};
use tertial_warehouse::{Cell, Engine, Record, Rows, Value};

/// A panel as a row.
pub struct PanelRow<'a>(pub &'a UnitPanel);

impl Record for PanelRow<'_> {
    const TABLE: &'static str = PANELS;

    fn cells(&self) -> Vec<Cell> {
        let panel = self.0;
        vec![
            ("indicator_id", (&panel.id).into()),
            ("id", (&panel.id).into()),
            ("period", panel.period.to_string().into()),
            ("form", (&panel.form).into()),
            ("total", panel.total.into()),
            ("phi", panel.phi.into()),
            ("tau", panel.tau.into()),
            ("reason", (&panel.reason).into()),
            ("method_text", (&panel.method_text).into()),
            ("standard", panel.standard.as_deref().into()),
        ]
    }
}

/// A unit of a panel as a row.
pub struct FigureRow<'a>(pub &'a UnitPanel, pub &'a UnitFigure);

impl Record for FigureRow<'_> {
    const TABLE: &'static str = FIGURES;

    fn cells(&self) -> Vec<Cell> {
        let FigureRow(panel, unit) = self;
        vec![
            ("indicator_id", (&panel.id).into()),
            ("id", (&panel.id).into()),
            ("period", panel.period.to_string().into()),
            ("unit_id", (&unit.unit).into()),
            ("unit_name", (&unit.name).into()),
            ("numerator", unit.numerator.into()),
            ("denominator", unit.denominator.into()),
            ("value", unit.value.into()),
            ("missing", unit.missing.map(outcomes::missing_word).into()),
            ("response_rate", unit.response_rate.into()),
            ("is_uncertain", unit.is_uncertain.into()),
            ("low", unit.low.into()),
            ("high", unit.high.into()),
            ("outer_low", unit.outer_low.into()),
            ("outer_high", unit.outer_high.into()),
            ("verdict", (&unit.verdict).into()),
            ("reason", (&unit.reason).into()),
            ("standardised", unit.standardised.into()),
            ("standardised_low", unit.standardised_low.into()),
            ("standardised_high", unit.standardised_high.into()),
            ("standardised_reason", (&unit.standardised_reason).into()),
        ]
    }
}

/// A period's panels with their units, as they stand in a release.
pub fn read(engine: &Engine, period: Period) -> Result<Vec<(UnitPanel, Vec<UnitFigure>)>, Faults> {
    if engine.columns_of(PANELS).unwrap_or_default().is_empty() {
        return Ok(Vec::new());
    }
    let asked = |table: &str| {
        let sql = format!("select * from {table} where period = $1");
        engine.query(&sql, &[&period.to_string()]).map_err(|error| {
            let message = format!("the release could not answer: {error}");
            Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(table)))
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

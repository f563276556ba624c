//! `tertial explain`: where a figure comes from, or what a diagnostic means.

use super::indicators::{is_about, period_or_open, with_signals};
use super::{Ending, Outcome};
use crate::night::{outcomes, report, signals};
use crate::output;
use crate::project::Project;
use std::path::Path;
use tertial_model::{Code, Decimal, Diagnostic, Location, Outcome as Figure, Period, swedish};
use tertial_report::Signal;
use tertial_warehouse::Engine;

/// The verb; a code needs no project.
pub fn run(folder: &Path, what: &str, period: Option<Period>, unit: Option<&str>) -> Outcome {
    if let Some(code) = Code::parse(what) {
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
    let Some(definition) = project.definitions.get(what) else {
        return Err(vec![unknown(&project, what)]);
    };
    let period = period_or_open(&project, period)?;
    let engine = report::open_release(&project)?;
    let condition = "id = $1 and period = $2 and ($3 = '' or unit_id = $3)";
    let unit = unit.unwrap_or("");
    let figures = outcomes::read(&engine, condition, &[what, &period.to_string(), unit])?;
    let Some(first) = figures.first() else {
        let place = Location::Query {
            query: "indicator.outcomes".to_owned(),
            key: format!("id={what}, period={period}, unit_id={unit}"),
        };
        return Err(vec![
            Diagnostic::error(Code::T0803, "the release has no such figure", place)
                .with_hint("see what there is with `tertial indicators`"),
        ]);
    };
    let answers = signals::read(&engine, "id = $1 and period = $2", &[what, &period.to_string()])?;
    let deliveries = deliveries(&engine, &first.source_deliveries)?;
    let file = project.file_of_query(what);
    let raw: Vec<String> = project.raw_tables_of(what).into_iter().collect();
    if output::is_json() {
        output::json(&serde_json::json!({
            "definition": {
                "id": definition.id, "name": definition.name, "measures": definition.measures,
                "kort": definition.kort, "viktigt": definition.viktigt, "bearbetning": definition.bearbetning,
                "responsible": definition.responsible, "source": definition.source,
                "kolada": definition.kolada, "method_version": first.method_version,
                "versions": definition.versions,
            },
            "figures": with_signals(&figures, &answers), "sql_file": file, "sql": project.text(&file),
            "raw_tables": raw, "deliveries": deliveries,
        }));
        return Ok(Ending::Clean);
    }
    let mut text = format!(
        "{} ({})\n{}\n\n{}\n",
        definition.name, definition.id, definition.kort, definition.measures
    );
    for point in &definition.viktigt {
        text.push_str(&format!("  - {point}\n"));
    }
    text.push_str(&format!("Bearbetning: {}\n", definition.bearbetning));
    text.push_str(&format!(
        "Ansvarig: {}. Källa: {}. Metodversion {}.\n\n",
        definition.responsible, definition.source, first.method_version
    ));
    for version in definition.breaks() {
        text.push_str(&format!("Tidsseriebrott {}: {}\n", version.valid_from, version.reason));
    }
    for figure in &figures {
        text.push_str(&figure_lines(figure));
        for signal in answers.iter().filter(|signal| is_about(signal, figure)) {
            text.push_str(&signal_lines(signal));
        }
    }
    text.push_str(&format!("\nBeräknas i {file} ur {}\n", raw.join(", ")));
    text.push_str(&format!("Leveranser ({}):\n", deliveries.len()));
    for delivery in &deliveries {
        text.push_str(&format!("  {delivery}\n"));
    }
    output::data(&text);
    Ok(Ending::Clean)
}

fn figure_lines(figure: &Figure) -> String {
    let breakdown =
        if figure.breakdown.is_empty() { String::new() } else { format!(", {}", figure.breakdown) };
    let mut lines = format!(
        "{} {} {}{breakdown}: {}\n",
        figure.period,
        figure.level,
        figure.sex.label(),
        figure.printed()
    );
    if let (Some(numerator), Some(denominator)) = (figure.numerator, figure.denominator) {
        let exact = |value: Decimal| swedish::decimal(value, value.scale());
        lines.push_str(&format!(
            "    täljare {}, nämnare {}\n",
            exact(numerator),
            exact(denominator)
        ));
    } else if let Some(numerator) = figure.numerator {
        lines.push_str(&format!("    värde {numerator}\n"));
    }
    if let Some(target) = &figure.target {
        lines.push_str(&format!("    mål `{}` (plan {})\n", target.printed, target.plan));
    }
    if let Some(status) = figure.status {
        lines.push_str(&format!(
            "    status {} {}: {}\n",
            status.number(),
            status.word(),
            figure.status_reason
        ));
    }
    lines.push_str(&format!("    fullständighet {}\n", figure.completeness.text()));
    lines
}

fn signal_lines(signal: &Signal) -> String {
    format!(
        "    {} {}: {}\n        {}\n",
        signal.question.label().to_lowercase(),
        signal.answer_word,
        signal.reason,
        signal.method_text
    )
}

/// One line per delivery: name, when it came, rows.
fn deliveries(engine: &Engine, ids: &[String]) -> Result<Vec<String>, Vec<Diagnostic>> {
    let rows = engine
        .query(
            "select delivery_id, original_name, left(received_at, 10), rows_read, rows_rejected \
             from meta.deliveries where list_contains(string_split($1, ' '), delivery_id) order by 1",
            &[&ids.join(" ")],
        )
        .map_err(|error| {
            let message = format!("the release could not answer: {error}");
            vec![Diagnostic::error(Code::T0607, message, Location::file("meta.deliveries"))]
        })?;
    let text = |row: &[tertial_warehouse::Value], at: usize| row[at].text().unwrap_or_default();
    Ok(rows
        .rows
        .iter()
        .map(|row| {
            format!(
                "{}  {}  mottagen {}  {} rader, {} avvisade",
                text(row, 0),
                text(row, 1),
                text(row, 2),
                text(row, 3),
                text(row, 4)
            )
        })
        .collect())
}

fn unknown(project: &Project, what: &str) -> Diagnostic {
    let known: Vec<&str> = project.definitions.keys().map(String::as_str).collect();
    Diagnostic::error(
        Code::T0506,
        format!("`{what}` is neither an indicator nor a diagnostic code"),
        Location::file("sql/indicator"),
    )
    .with_expected(format!("a code such as `T0203`, or one of {}", known.join(", ")))
}

//! An explanation for people.

use super::{Told, is_about, rows};
use crate::night::evidence::Evidence;
use crate::night::lineage::Behind;
use crate::night::report::{changed, refused, rejects};
use tertial_indicator::Definition;
use tertial_model::{Decimal, Outcome as Figure, Signal, UnitFigure, UnitPanel, swedish};
use tertial_outcomes::difference::Change;
use tertial_outcomes::precision;
use tertial_outcomes::reporting::SourceUnits;

/// The whole text.
pub fn text(told: &Told) -> String {
    let definition = told.definition;
    let mut text = format!(
        "{} ({})\n{}\n\n{}\n",
        definition.name, definition.id, definition.kort, definition.measures
    );
    if let Some(note) = &told.edition.note {
        text = format!("{note}\n\n{text}");
    }
    for point in &definition.viktigt {
        text.push_str(&format!("  - {point}\n"));
    }
    let version = told.figures.first().map_or(1, |(figure, _, _)| figure.method_version);
    let stated = definition.versions.iter().find(|known| known.number == version);
    text.push_str(&format!(
        "Bearbetning: {}\nAnsvarig: {}. Källa: {}.\nMetodversion {version}{}\n\n",
        definition.bearbetning,
        definition.responsible,
        definition.source,
        stated.map_or_else(String::new, |version| {
            format!(", gäller från {}: {}", version.valid_from, version.reason)
        })
    ));
    for version in definition.breaks() {
        text.push_str(&format!("Tidsseriebrott {}: {}\n\n", version.valid_from, version.reason));
    }
    for (figure, evidence, behind) in &told.figures {
        text.push_str(&figure_lines(definition, figure, evidence));
        for signal in told.answers.iter().filter(|signal| is_about(signal, figure)) {
            text.push_str(&signal_lines(signal));
        }
        text.push_str(&evidence_lines(evidence));
        text.push_str(&behind.as_ref().map_or_else(String::new, behind_lines));
    }
    if let Some((panel, units)) = &told.units {
        text.push_str(&unit_lines(panel, units));
    }
    let file = told.edition.project().file_of_query(&definition.id);
    let raw = told.figures.first().map(|(_, evidence, _)| evidence.raw_tables.join(", "));
    text.push_str(&format!("\nBeräknas i {file} ur {}\n", raw.unwrap_or_default()));
    text.push_str(&deliveries(told));
    text.push_str(&format!("\n{}", told.edition.project().text_of_query(&definition.id)));
    text
}

fn figure_lines(definition: &Definition, figure: &Figure, evidence: &Evidence) -> String {
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
        let source = evidence.target_source.as_ref();
        lines.push_str(&format!(
            "    mål `{}` (plan {}){}\n",
            target.printed,
            target.plan,
            source.map_or_else(String::new, |source| format!(", {source}"))
        ));
    }
    if let Some(status) = figure.status {
        lines.push_str(&format!(
            "    status {} {}: {}\n",
            status.number(),
            status.word(),
            figure.status_reason
        ));
        // Of ratios about persons the reason is kept as it is printed; who may read the warehouse sees
        // what it was judged on.
        let is_coarse = precision::is_as_printed(definition, figure.denominator.is_some());
        if let Some(attainment) = figure.attainment.filter(|_| is_coarse) {
            let percent = swedish::float(attainment * 100.0, 10);
            lines.push_str(&format!("    uppfyllelse {percent} %, oavrundad\n"));
        }
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

fn evidence_lines(evidence: &Evidence) -> String {
    let mut lines: String = evidence.units.iter().map(units_line).collect();
    if !evidence.refused.is_empty() {
        lines.push_str(&format!("    stoppade leveranser: {}\n", refused(evidence)));
    }
    lines.push_str(&format!("    avvisade rader: {}\n", rejects(evidence)));
    lines.push_str(&format!(
        "    ändrat sedan förra publiceringen: {}\n",
        changed(evidence, &Change::reasons_in_words)
    ));
    lines
}

fn units_line(units: &SourceUnits) -> String {
    format!("    enheter: {} ({})\n", units.text(), units.table)
}

fn behind_lines(behind: &Behind) -> String {
    let mut lines = String::from("    rader bakom:\n");
    for selection in &behind.selections {
        lines.push_str(&format!("        {}\n", rows::heading(selection)));
    }
    for table in &behind.not_kept {
        lines.push_str(&format!("        {table}: raderna finns inte i utgåvan\n"));
    }
    match &behind.withheld {
        Some(reason) => lines.push_str(&format!("        {reason}\n")),
        None => lines.push_str(&format!("        {}\n", rows::proof(behind))),
    }
    lines
}

fn unit_lines(panel: &UnitPanel, units: &[UnitFigure]) -> String {
    let mut lines = format!("\nEnheterna bredvid varandra ({})\n", panel.method_text);
    if !panel.reason.is_empty() {
        lines.push_str(&format!("    inget trattdiagram: {}\n", panel.reason));
    }
    for unit in units {
        let value = match (unit.value, unit.missing) {
            (Some(value), _) => swedish::float(value, 2),
            (None, Some(missing)) => missing.sign().to_owned(),
            (None, None) => String::new(),
        };
        let range = unit.low.zip(unit.high).map_or_else(String::new, |(low, high)| {
            format!(" (gränser {} till {})", swedish::float(low, 2), swedish::float(high, 2))
        });
        let said = [unit.verdict.as_str(), unit.reason.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        lines.push_str(&format!("    {} {value}{range} {}\n", unit.name, said.join(": ")));
    }
    lines
}

/// Every delivery behind any of the figures, each once.
fn deliveries(told: &Told) -> String {
    let mut known: Vec<_> =
        told.figures.iter().flat_map(|(_, evidence, _)| &evidence.deliveries).collect();
    known.sort_by(|a, b| a.delivery.cmp(&b.delivery));
    known.dedup();
    let mut text = format!("Leveranser ({}):\n", known.len());
    for line in known {
        text.push_str(&format!(
            "  {}  {}  mottagen {}  {} rader, {} avvisade\n",
            line.delivery, line.file, line.received, line.rows_read, line.rows_rejected
        ));
    }
    text
}

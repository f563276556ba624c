//! Where each figure comes from: definition, method, numerator and denominator, target, reason for
//! the status, completeness, deliveries, query; and a section of its own for each figure of the plan,
//! to which its value in the report leads.

use super::outcomes;
use crate::data::{IndicatorText, ReportData};
use crate::document::{
    Block, Cell, Chapter, Column, ColumnKind, Mark, Number, Part, Place, Row, RowKind, Table,
};
use crate::figure::FigureEvidence;
use std::collections::BTreeSet;
use tertial_model::{Decimal, Missing, Outcome, Sex, swedish};

/// More rows than this are not printed below an indicator.
const MOST_ROWS: usize = 60;

/// So many are on paper at least; more only when the report shows their figures.
const FEW: usize = 6;

/// Anchor of an indicator's section.
pub(super) fn anchor(indicator: &str) -> String {
    format!("nyckeltal-{indicator}")
}

/// Where the explanation of a figure stands: its own section, or its indicator's. Women and men are
/// explained together with both sexes.
pub(super) fn figure_anchor(data: &ReportData, outcome: &Outcome) -> String {
    match evidence(data, outcome) {
        Some(found) => own_anchor(found),
        None => anchor(&outcome.id),
    }
}

/// What stands behind a figure, or behind the same figure of both sexes.
fn evidence<'a>(data: &'a ReportData, outcome: &Outcome) -> Option<&'a FigureEvidence> {
    data.evidence.iter().find(|found| {
        found.id == outcome.id
            && found.level == outcome.level
            && found.breakdown == outcome.breakdown
            && found.sex == Some(Sex::T)
    })
}

/// A reservation that follows from what stands behind a figure.
pub(super) fn mark(data: &ReportData, outcome: &Outcome) -> Option<Mark> {
    let own = |found: &&FigureEvidence| {
        found.id == outcome.id
            && found.level == outcome.level
            && found.breakdown == outcome.breakdown
            && found.sex == Some(outcome.sex)
    };
    data.evidence.iter().find(own).and_then(|found| found.mark)
}

fn own_anchor(found: &FigureEvidence) -> String {
    let group = [found.level.as_str(), found.breakdown.as_str()];
    let group: Vec<String> =
        group.into_iter().filter(|part| !part.is_empty()).map(super::slug).collect();
    format!("figur-{}-{}", found.id, group.join("-"))
}

/// The chapter with a section per indicator: those of the plan first, in its order.
pub(super) fn chapter(data: &ReportData, id: &str) -> Chapter {
    let (planned, others) = in_order(data);
    let mut blocks: Vec<Block> = planned.into_iter().map(|text| section(data, text)).collect();
    if !others.is_empty() {
        let names: Vec<&str> = others.iter().map(|text| text.name.as_str()).collect();
        let told = format!(
            "Nyckeltal som planen inte följer förklaras i webbversionen: {}.",
            names.join(", ")
        );
        let blocks_of_others = others.into_iter().map(|text| section(data, text)).collect();
        blocks.push(Block::OnPage { told, blocks: blocks_of_others });
    }
    Chapter {
        id: id.to_owned(),
        part: Part::Basis,
        heading: "Nyckeltalen förklarade".into(),
        finding: Vec::new(),
        intro: vec![
            "Här står för varje nyckeltal vad det mäter, hur det är räknat, vilka uppgifter det \
             bygger på och varför det har sin status. Täljare och nämnare är oavrundade."
                .to_owned(),
        ],
        blocks,
    }
}

/// The indicators of the plan, in its order, and the others that have a figure.
fn in_order(data: &ReportData) -> (Vec<&IndicatorText>, Vec<&IndicatorText>) {
    let mut areas: Vec<_> = data.goal_areas.iter().collect();
    areas.sort_by(|a, b| (a.sort, &a.code).cmp(&(b.sort, &b.code)));
    let planned = areas
        .into_iter()
        .flat_map(|area| outcomes::entries(data, &area.code))
        .map(|entry| entry.indicator.as_str());
    let computed = data.outcomes.iter().map(|outcome| outcome.id.as_str());
    let mut seen = BTreeSet::new();
    let mut texts = |ids: &mut dyn Iterator<Item = &'_ str>| -> Vec<&IndicatorText> {
        ids.filter(|id| seen.insert((*id).to_owned()))
            .filter_map(|id| data.indicators.iter().find(|text| text.id == id))
            .collect()
    };
    let planned = texts(&mut planned.into_iter());
    (planned, texts(&mut computed.into_iter()))
}

fn section(data: &ReportData, text: &IndicatorText) -> Block {
    let mut found: Vec<&Outcome> = data
        .outcomes
        .iter()
        .filter(|outcome| outcome.id == text.id && outcome.period == data.period)
        .collect();
    // What the report shows comes first: the rest may be cut.
    found.sort_by_key(|outcome| evidence(data, outcome).is_none());
    let mut blocks = super::text_blocks(&text.kort);
    let mut facts = facts(text);
    let deliveries: BTreeSet<&str> =
        found.iter().flat_map(|o| &o.source_deliveries).map(String::as_str).collect();
    if !deliveries.is_empty() {
        let names: Vec<&str> = deliveries.into_iter().collect();
        facts.push(("Leveranser".to_owned(), names.join(", ")));
    }
    blocks.push(Block::Definitions(facts));
    if !found.is_empty() {
        blocks.push(Block::Table(table(data, text, &found)));
    }
    blocks.extend(super::signals::blocks(data, text));
    blocks.extend(super::units::blocks(data, text));
    for outcome in found.iter().filter(|outcome| outcome.sex == Sex::T) {
        let own = evidence(data, outcome);
        blocks.extend(own.map(|evidence| figure(data, outcome, evidence)).unwrap_or_default());
    }
    if !text.sql.is_empty() {
        let summary = format!("SQL-texten bakom {}", text.name);
        blocks.push(Block::Code { summary, text: text.sql.clone() });
    }
    Block::Folded { level: 2, id: anchor(&text.id), summary: text.name.clone(), blocks }
}

fn facts(text: &IndicatorText) -> Vec<(String, String)> {
    let version = match (text.version_valid_from.as_str(), text.version_reason.as_str()) {
        ("", _) => text.version.to_string(),
        (from, "") => format!("{}, gäller från {from}", text.version),
        (from, reason) => format!("{}, gäller från {from}: {reason}", text.version),
    };
    let facts = [
        ("Mäter", text.measures.clone()),
        ("Bra att veta", text.viktigt.join(" ")),
        ("Bearbetning", text.bearbetning.clone()),
        ("Enhet", text.unit.clone()),
        ("Riktning", text.direction.clone()),
        ("Mäts", text.frequency.clone()),
        ("Källa", text.source.clone()),
        ("Ansvarig", text.responsible.clone()),
        ("Metodversion", version),
        ("Motsvarighet i Kolada", text.kolada.clone()),
        ("Beteckning", text.id.clone()),
    ];
    let given = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    given.map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// A figure's own section.
fn figure(data: &ReportData, outcome: &Outcome, evidence: &FigureEvidence) -> Vec<Block> {
    let exact = |part: Option<Decimal>| part.map(|part| swedish::decimal(part, places(part)));
    let unrounded = outcome.value.map(|value| {
        // A ratio about persons is told as it is printed and without its parts.
        let is_as_printed = outcome.numerator.is_none()
            && swedish::from_float(value).is_some_and(|exact| {
                exact.rescale(outcome.decimals).is_some_and(|cut| cut == exact)
            });
        if is_as_printed {
            return outcome.printed();
        }
        let value = swedish::with_unit(&swedish::float(value, 9), &outcome.unit);
        format!("{} (oavrundat {value})", outcome.printed())
    });
    let missing = outcome.missing.map(|kind| kind.word().to_owned());
    let target = outcome.target.as_ref().map(|target| {
        let words = outcomes::target_in_words(target, &outcome.unit);
        format!("{words} (plan {}, tryckt {})", target.plan, target.printed)
    });
    let attainment = outcome.attainment.map(|_| outcomes::attainment(outcome).printed());
    let status =
        outcome.status.map(|status| format!("{}: {}", status.word(), outcome.status_reason));
    let facts = [
        ("Utfall", unrounded.or(missing)),
        ("Täljare", exact(outcome.numerator)),
        ("Nämnare", exact(outcome.denominator)),
        ("Mål", target),
        ("Måluppfyllelse", attainment),
        ("Status", status),
        ("Fullständighet", Some(outcome.completeness.text())),
    ];
    let own = facts.into_iter().filter_map(|(term, words)| Some((term.to_owned(), words?)));
    let heading = format!("{}: {}", outcome.name, group(data, outcome));
    vec![
        Block::Heading { level: 3, id: own_anchor(evidence), text: heading },
        Block::Definitions(own.chain(evidence.facts.iter().cloned()).collect()),
    ]
}

fn table(data: &ReportData, text: &IndicatorText, found: &[&Outcome]) -> Table {
    let notes = match found.len().saturating_sub(MOST_ROWS) {
        0 => Vec::new(),
        left => vec![format!(
            "{left} rader till står i den öppna databasen, tabellen indicator.outcomes."
        )],
    };
    let columns = vec![
        Column::text("group", "Nivå och grupp"),
        Column::new("numerator", "Täljare", "", ColumnKind::Number, 0),
        Column::new("denominator", "Nämnare", "", ColumnKind::Number, 0),
        Column::new("value", "Utfall", "", ColumnKind::Number, 0),
        Column::text("target", "Mål"),
        Column::new("status", "Status", "", ColumnKind::Status, 0),
        Column::text("completeness", "Fullständighet"),
        Column::text("reason", "Skäl till status").placed(Place::Below),
    ];
    let (id, caption) = (format!("underlag-{}", text.id), format!("Underlag: {}", text.name));
    Table {
        rows: found.iter().take(MOST_ROWS).map(|outcome| row(data, outcome)).collect(),
        notes,
        paper_rows: Some(found.iter().filter(|o| evidence(data, o).is_some()).count().max(FEW)),
        ..Table::new(id, caption, columns)
    }
}

fn row(data: &ReportData, outcome: &Outcome) -> Row {
    let part = |number: Option<Decimal>| match number {
        Some(number) => Cell::number(Number::Exact(number), places(number)),
        None => match (outcome.missing, outcome.value) {
            (Some(missing), None) => Cell::missing(missing),
            _ => Cell::missing(Missing::CannotOccur),
        },
    };
    let text = |words: &str| match words {
        "" => Cell::missing(Missing::CannotOccur),
        words => Cell::text(words),
    };
    let complete = &outcome.completeness;
    let complete = match outcome.value {
        Some(_) if complete.expected > 0 => complete.text(),
        _ => String::new(),
    };
    let mut value = outcomes::value(data, outcome);
    if data.evidence.is_empty() {
        value.explain = None;
    }
    let cells =
        vec![
            Cell::text(group(data, outcome)),
            part(outcome.numerator),
            part(outcome.denominator),
            value,
            text(&outcome.target.as_ref().map_or_else(String::new, |target| {
                outcomes::target_in_words(target, &outcome.unit)
            })),
            match outcome.status {
                Some(status) => Cell::status(status, outcome.status_reason.as_str()),
                None => Cell::missing(Missing::CannotOccur),
            },
            text(&complete),
            text(if outcome.status.is_some() { &outcome.status_reason } else { "" }),
        ];
    Row { kind: RowKind::Body, cells }
}

fn group(data: &ReportData, outcome: &Outcome) -> String {
    let mut parts = vec![data.level_name(&outcome.level).to_owned()];
    if !outcome.breakdown.is_empty() {
        parts.push(outcome.breakdown.clone());
    }
    if outcome.sex != Sex::T {
        parts.push(outcome.sex.label().to_lowercase());
    }
    parts.join(", ")
}

/// As many decimals as the number has, trailing zeros not counted.
fn places(number: Decimal) -> u8 {
    let exact = |places: &u8| number.rescale(*places).is_some_and(|cut| cut == number);
    (0..number.scale()).find(exact).unwrap_or(number.scale())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_printed_with_the_decimals_it_has() {
        let places = |text: &str| places(Decimal::parse(text).unwrap());
        assert_eq!(places("957"), 0);
        assert_eq!(places("957.0000"), 0);
        assert_eq!(places("12.3400"), 2);
    }

    #[test]
    fn empty_facts_are_left_out() {
        let text = IndicatorText { unit: "%".into(), version: 2, ..IndicatorText::default() };
        let names: Vec<String> = facts(&text).into_iter().map(|fact| fact.0).collect();
        assert_eq!(names, ["Enhet", "Metodversion"]);
    }
}

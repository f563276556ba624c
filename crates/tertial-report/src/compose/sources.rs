//! Where the figures of the report's tables come from: what a row is, the columns, the sources, the query.

use super::slug;
use crate::data::{ReportData, TableText};
use crate::document::{Block, Chapter, Part};

/// Anchor of the chapter.
const CHAPTER: &str = "tabellerna-forklarade";

/// Anchor of a table's section.
pub(super) fn anchor(table: &str) -> String {
    format!("tabell-{}", slug(table))
}

/// A section for each of the tables, in the order in which the report shows them and under the caption
/// it has there.
pub(super) fn chapter(data: &ReportData, tables: &[(String, String)]) -> Chapter {
    let known = tables
        .iter()
        .filter_map(|(name, caption)| Some((name, caption, data.table_texts.get(name)?)));
    Chapter {
        id: CHAPTER.to_owned(),
        part: Part::Basis,
        finding: Vec::new(),
        heading: "Tabellerna förklarade".to_owned(),
        intro: vec![
            "Här står för varje tabell och diagram vad en rad är, vad kolumnerna betyder, vilka \
             källor siffrorna kommer ur och hur de är räknade."
                .to_owned(),
        ],
        blocks: known.map(|(name, caption, text)| section(name, caption, text)).collect(),
    }
}

fn section(name: &str, caption: &str, text: &TableText) -> Block {
    let mut facts = vec![("En rad är".to_owned(), text.description.clone())];
    facts.extend(text.columns.iter().cloned());
    if !text.behind.is_empty() {
        facts.push(("Källtabeller".to_owned(), text.behind.join(", ")));
    }
    facts.push(("Leveranser".to_owned(), text.deliveries.clone()));
    facts.push(("Fråga".to_owned(), text.file.clone()));
    facts.retain(|(_, words)| !words.is_empty());
    let blocks = vec![
        Block::Definitions(facts),
        Block::Code { summary: format!("SQL-texten bakom {caption}"), text: text.sql.clone() },
    ];
    Block::Folded { level: 2, id: anchor(name), summary: caption.to_owned(), blocks }
}

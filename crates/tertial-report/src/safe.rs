//! Names and words from outside in a finished document: what would act or hide is made visible, once,
//! for every rendering. Line breaks stay; they are white space on a page.

use crate::chart::Chart;
use crate::document::{Block, CellValue, Document, Front, Table};
use tertial_model::shown::visible_lines;

/// Makes every text of a document fit to be shown.
pub(crate) fn make(document: &mut Document) {
    let Document { title, body, region, period_label, contact, note, known_faults, .. } = document;
    for text in [title, body, region, period_label, contact].into_iter().chain(note) {
        one(text);
    }
    known_faults.iter_mut().for_each(one);
    front(&mut document.front);
    for chapter in &mut document.chapters {
        one(&mut chapter.heading);
        chapter.finding.iter_mut().for_each(one);
        chapter.intro.iter_mut().for_each(one);
        chapter.blocks.iter_mut().for_each(block);
    }
}

fn front(front: &mut Front) {
    one(&mut front.headline);
    for sentence in &mut front.sentences {
        one(&mut sentence.lead);
        one(&mut sentence.rest);
        one(&mut sentence.place);
    }
    for figure in &mut front.figures {
        for text in [&mut figure.label, &mut figure.printed, &mut figure.unit, &mut figure.beside] {
            one(text);
        }
    }
    front.strips.iter_mut().for_each(|strip| one(&mut strip.label));
}

fn one(text: &mut String) {
    if let std::borrow::Cow::Owned(shown) = visible_lines(text) {
        *text = shown;
    }
}

fn block(block_: &mut Block) {
    match block_ {
        Block::Heading { text, .. } | Block::Paragraph(text) | Block::Note(text) => one(text),
        Block::List(points) => points.iter_mut().for_each(one),
        Block::Table(table) => of_table(table),
        Block::Chart { chart, table } => {
            of_chart(chart);
            of_table(table);
        }
        Block::Definitions(facts) => {
            for (term, words) in facts {
                one(term);
                one(words);
            }
        }
        Block::Code { summary, text } => {
            one(summary);
            one(text);
        }
        Block::Folded { summary, blocks, .. } => {
            one(summary);
            blocks.iter_mut().for_each(block);
        }
        Block::OnPage { told, blocks } => {
            one(told);
            blocks.iter_mut().for_each(block);
        }
    }
}

fn of_table(table: &mut Table) {
    one(&mut table.caption);
    one(&mut table.source);
    table.notes.iter_mut().for_each(one);
    for column in &mut table.columns {
        one(&mut column.label);
        one(&mut column.unit);
    }
    for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
        match &mut cell.value {
            CellValue::Text(text)
            | CellValue::Status { reason: text, .. }
            | CellValue::Answer { word: text, .. }
            | CellValue::Series { words: text, .. }
            | CellValue::Link { text, .. }
            | CellValue::Number { printed: text, .. } => one(text),
            CellValue::Missing(_) => {}
        }
    }
}

fn of_chart(chart: &mut Chart) {
    for text in [&mut chart.title, &mut chart.subtitle, &mut chart.unit, &mut chart.source] {
        one(text);
    }
    chart.categories.iter_mut().for_each(one);
    if let Some(along) = &mut chart.along {
        one(&mut along.label);
    }
    for series in &mut chart.series {
        one(&mut series.name);
    }
}

//! A part of the document as PDF/UA-1 and PDF/A-2a, set by typst from memory, on upright pages.
//!
//! What is folded on a screen stands in *Underlag*, a file of its own that the report links to.
//! The template is fixed; the document reaches it as JSON data, so that no word of it is ever read as
//! markup. Fonts are embedded, the date is the edition's, nothing is fetched: the same document gives
//! the same bytes. Typst itself refuses a file that breaks either standard.

use crate::document::{
    Block, Cell, CellValue, Chapter, ColumnKind, Document, Part, Place, SYNTHETIC_LABEL, Table,
};
use crate::legend;
use crate::palette::{answer_svg, status_colour, status_svg};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tertial_model::{Answer, Code, Diagnostic, Location, Missing, Status};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const TEMPLATE: &str = include_str!("../templates/report.typ");
const FONTS: [&[u8]; 4] = [
    include_bytes!("../fonts/Inter-Regular.otf"),
    include_bytes!("../fonts/Inter-Italic.otf"),
    include_bytes!("../fonts/Inter-SemiBold.otf"),
    include_bytes!("../fonts/JetBrainsMono-Regular.ttf"),
];
const STATUSES: [Status; 4] = [Status::Met, Status::Partly, Status::NotMet, Status::NoData];
/// Characters a row may need before its table is set smaller and the words of its headings are parted.
const PORTRAIT: usize = 104;
/// The file of *Underlag*, beside that of the report.
const BASIS_FILE: &str = "underlag.pdf";
/// The file of the report.
const REPORT_FILE: &str = "report.pdf";
/// A column of words never asks for more than this many characters.
const WIDEST: usize = 46;

/// Renders a part of the document.
pub fn render(document: &Document, part: Part) -> Result<Vec<u8>, Box<Diagnostic>> {
    let date = date(&document.as_of).ok_or_else(|| bad_date(&document.as_of))?;
    let world = Room::new(data(document, part, date).to_string())?;
    let compiled = typst::compile(&world).output.map_err(|faults| refused(&faults))?;
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_2a])
        .map_err(|error| fault(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(identity(document, part)),
        creator: Smart::Custom(Some(format!("tertial {}", document.program_version))),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&compiled, &options).map_err(|faults| refused(&faults))
}

/// What makes this file another than the region's other files.
fn identity(document: &Document, part: Part) -> String {
    [
        own_file(part),
        document.region.as_str(),
        document.body.as_str(),
        document.title.as_str(),
        &document.period.to_string(),
        &document.edition.to_string(),
        document.release_id.as_str(),
    ]
    .join("/")
}

fn fault(message: String) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(Code::FileAccess, message, Location::file("report.pdf"))
            .with_expected("a file that is both PDF/UA-1 and PDF/A-2a"),
    )
}

fn bad_date(text: &str) -> Box<Diagnostic> {
    let mut fault = fault("the day of the edition is not a date".to_owned());
    fault.found = Some(format!("`{text}`"));
    fault.expected = Some("a day such as `2024-09-16`".to_owned());
    fault
}

fn refused(faults: &[SourceDiagnostic]) -> Box<Diagnostic> {
    let first = faults.first();
    let message = first.map_or("no reason was given", |fault| fault.message.as_str());
    let mut told = fault(format!("the PDF was refused: {message}"));
    let hints = faults.iter().flat_map(|fault| &fault.hints);
    told.hints.extend(hints.map(|hint| hint.v.to_string()));
    told.hints.push("the HTML page and the JSON file can still be made".to_owned());
    told
}

fn date(text: &str) -> Option<(i32, u8, u8)> {
    let mut parts = text.get(..10)?.split('-');
    let (year, month, day) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Datetime::from_ymd(year, month, day)?;
    Some((year, month, day))
}

/// The compiler's world: one template, one data file, our fonts, no clock.
struct Room {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    source: Source,
    data: (FileId, Bytes),
}

impl Room {
    fn new(data: String) -> Result<Room, Box<Diagnostic>> {
        let fonts: Vec<Font> =
            FONTS.iter().flat_map(|bytes| Font::iter(Bytes::new(*bytes))).collect();
        let features = [Feature::A11yExtras].into_iter().collect();
        let source = Source::new(file("/report.typ")?, TEMPLATE.to_owned());
        Ok(Room {
            library: LazyHash::new(Library::builder().with_features(features).build()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            source,
            data: (file("/document.json")?, Bytes::from_string(data)),
        })
    }
}

fn file(path: &str) -> Result<FileId, Box<Diagnostic>> {
    let path = VirtualPath::new(path).map_err(|error| fault(format!("{path}: {error:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Room {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() { Ok(self.source.clone()) } else { Err(FileError::NotSource) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn own_file(part: Part) -> &'static str {
    match part {
        Part::Report => REPORT_FILE,
        Part::Basis => BASIS_FILE,
    }
}

/// What the template reads.
fn data(document: &Document, part: Part, (year, month, day): (i32, u8, u8)) -> Value {
    let folded: Vec<Chapter> = match part {
        Part::Report => Vec::new(),
        Part::Basis => document.part(Part::Report).filter_map(appendix).collect(),
    };
    let shown: Vec<&Chapter> = document.part(part).chain(&folded).collect();
    let places = Places { part, own: anchors(&shown, part), all: every_anchor(document) };
    let mut chapters: Vec<Value> = shown.iter().map(|shown| chapter(shown, &places)).collect();
    if part == Part::Basis {
        chapters.push(closing(document));
    }
    let shapes: Map<String, Value> = STATUSES
        .iter()
        .map(|status| (status.number().to_string(), json!(status_svg(*status))))
        .chain(Answer::ALL.map(|answer| (answer.name().to_owned(), json!(answer_svg(answer)))))
        .collect();
    let colours: Map<String, Value> = STATUSES
        .iter()
        .map(|status| (status.number().to_string(), json!(status_colour(*status).light)))
        .collect();
    let title = match part {
        Part::Report => document.title.clone(),
        Part::Basis => format!("Underlag till {}", document.title.to_lowercase()),
    };
    let full_title = match part {
        Part::Report => document.full_title(),
        Part::Basis => format!("{title} {}, {}", document.period_label, document.body),
    };
    json!({
        "title": title,
        "full_title": full_title,
        "is_report": part == Part::Report,
        "front": front(document, part, &places),
        "body": document.body,
        "region": document.region,
        "period_label": document.period_label,
        "edition": document.edition_label(),
        "synthetic": document.synthetic.then_some(SYNTHETIC_LABEL),
        "note": document.note,
        "keywords": [document.period.to_string(), document.edition_label()],
        "date": [year, month, day],
        "meta": meta(document),
        "shapes": shapes,
        "colours": colours,
        "chapters": chapters,
    })
}

/// The first page: what the whole report says; only the report has it.
fn front(document: &Document, part: Part, places: &Places<'_>) -> Value {
    if part == Part::Basis {
        return Value::Null;
    }
    let front = &document.front;
    let sentences: Vec<Value> = front
        .sentences
        .iter()
        .map(|sentence| {
            json!({
                "lead": sentence.lead,
                "rest": sentence.rest,
                "place": sentence.place,
                "target": places.target(&format!("#{}", sentence.target)),
            })
        })
        .collect();
    let strips: Vec<Value> = front
        .strips
        .iter()
        .map(|strip| {
            let parts = STATUSES.iter().zip(strip.counts).filter(|(_, count)| *count > 0);
            let parts: Vec<Value> = parts
                .map(|(status, count)| {
                    json!({
                        "status": status.number(),
                        "count": count,
                    })
                })
                .collect();
            json!({"label": format!("{}: {}", strip.label, strip.words()), "parts": parts})
        })
        .collect();
    json!({
        "headline": front.headline,
        "sentences": sentences,
        "figures": front.figures,
        "strips": strips,
    })
}

/// What a chapter of the report folds, as a chapter of *Underlag*; none when it folds nothing.
fn appendix(chapter: &Chapter) -> Option<Chapter> {
    let blocks: Vec<Block> = chapter
        .blocks
        .iter()
        .flat_map(|block| match block {
            Block::Folded { blocks, .. } => blocks.clone(),
            Block::Chart { table, .. } => vec![Block::Table(table.clone())],
            _ => Vec::new(),
        })
        .collect();
    (!blocks.is_empty()).then(|| Chapter {
        id: format!("bilaga-{}", chapter.id),
        part: Part::Basis,
        heading: format!("Tabeller till {}", chapter.heading),
        finding: Vec::new(),
        intro: Vec::new(),
        blocks,
    })
}

/// The places a link can lead to, in this file and in the other.
struct Places<'a> {
    part: Part,
    own: BTreeSet<&'a str>,
    all: BTreeSet<&'a str>,
}

impl Places<'_> {
    /// Where a link leads from here: a place in this file, one in the other file, or an address.
    fn target(&self, target: &str) -> Option<String> {
        let Some(anchor) = target.strip_prefix('#') else {
            let is_address = target.starts_with("https://") || target.starts_with("http://");
            return is_address.then(|| target.to_owned());
        };
        if self.own.contains(anchor) {
            return Some(target.to_owned());
        }
        let other = match self.part {
            Part::Report => BASIS_FILE,
            Part::Basis => REPORT_FILE,
        };
        self.all.contains(anchor).then(|| format!("{other}#{anchor}"))
    }
}

fn meta(document: &Document) -> Value {
    json!([
        ["Period", document.period.to_string()],
        ["Utgåva", document.edition_label()],
        ["Uppgifter till och med", document.as_of],
        ["Datautgåva", document.release_id],
        ["Program", format!("tertial {}", document.program_version)],
    ])
}

/// The places that chapters have on paper; in the report what is folded has none.
fn anchors<'a>(chapters: &[&'a Chapter], part: Part) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = chapters.iter().map(|chapter| chapter.id.as_str()).collect();
    for chapter in chapters {
        collect(&chapter.blocks, part, &mut found);
    }
    found
}

/// The places of both files.
fn every_anchor(document: &Document) -> BTreeSet<&str> {
    let all: Vec<&Chapter> = document.chapters.iter().collect();
    anchors(&all, Part::Basis)
}

fn collect<'a>(blocks: &'a [Block], part: Part, found: &mut BTreeSet<&'a str>) {
    for block in blocks {
        match block {
            Block::Heading { id, .. } => {
                found.insert(id);
            }
            Block::Table(table) => {
                found.insert(&table.id);
            }
            // The report has the drawing, Underlag the numbers.
            Block::Chart { chart, table } => {
                found.insert(&chart.id);
                if part == Part::Basis {
                    found.insert(&table.id);
                }
            }
            Block::Folded { id, blocks, .. } if part == Part::Basis => {
                found.insert(id);
                collect(blocks, part, found);
            }
            _ => {}
        }
    }
    found.remove("");
}

fn chapter(chapter: &Chapter, places: &Places<'_>) -> Value {
    json!({
        "id": chapter.id,
        "heading": chapter.heading,
        "finding": chapter.finding,
        "intro": chapter.intro,
        "blocks": blocks(&chapter.blocks, places),
    })
}

fn blocks(shown: &[Block], places: &Places<'_>) -> Vec<Value> {
    let mut made = Vec::new();
    for shown in shown {
        match shown {
            Block::Folded { blocks: inside, .. } if places.part == Part::Report => {
                let found = inside.iter().filter_map(|block| match block {
                    Block::Table(table) => {
                        Some((format!("{}, {} rader", table.caption, table.rows.len()), &table.id))
                    }
                    Block::Chart { chart, .. } => Some((chart.title.clone(), &chart.id)),
                    _ => None,
                });
                made.extend(found.map(|(text, id)| {
                    let target = places.target(&format!("#{id}"));
                    json!({"kind": "elsewhere", "text": text, "target": target})
                }));
            }
            Block::Folded { level, id, summary, blocks: inside } => {
                if *level > 0 {
                    made.push(
                        json!({"kind": "heading", "level": level, "id": id, "text": summary}),
                    );
                }
                made.extend(blocks(inside, places));
            }
            shown => made.push(block(shown, places)),
        }
    }
    made
}

/// A block that holds no others.
fn block(block: &Block, places: &Places<'_>) -> Value {
    match block {
        Block::Heading { level, id, text } => {
            json!({"kind": "heading", "level": level, "id": id, "text": text})
        }
        Block::Paragraph(text) => json!({"kind": "paragraph", "text": text}),
        Block::List(points) => json!({"kind": "list", "points": points}),
        Block::Note(text) => json!({"kind": "note", "text": text}),
        Block::Definitions(facts) => json!({"kind": "definitions", "facts": facts}),
        // Queries are read on a screen: the page shows them, the printed report says where.
        Block::Code { summary, .. } => {
            json!({"kind": "paragraph", "text": format!("{summary} står i rapportens webbversion.")})
        }
        Block::OnPage { told, .. } => json!({"kind": "paragraph", "text": told}),
        Block::Table(shown) => json!({"kind": "table", "table": table(shown, places)}),
        Block::Chart { chart, table: numbers } => json!({
            "kind": "chart",
            "id": chart.id,
            "title": chart.title,
            "subtitle": chart.subtitle,
            "svg": chart.svg(),
            "alt": chart.alt(),
            "finding": chart.finding(),
            "numbers": places.target(&format!("#{}", numbers.id)),
            "table": (places.part == Part::Basis).then(|| table(numbers, places)),
        }),
        Block::Folded { summary, .. } => json!({"kind": "paragraph", "text": summary}),
    }
}

fn table(table: &Table, places: &Places<'_>) -> Value {
    let all = table.on_page();
    let (below, shown): (Vec<usize>, Vec<usize>) =
        all.iter().partition(|at| table.columns[**at].place == Place::Below);
    let columns: Vec<Value> = shown
        .iter()
        .enumerate()
        .map(|(place, at)| {
            let column = &table.columns[*at];
            let before = place.checked_sub(1).map(|before| table.columns[shown[before]].kind);
            json!({
                "label": column.label,
                "unit": column.unit,
                "right": column.kind == ColumnKind::Number,
                "first": place == 0,
                "after-number": before == Some(ColumnKind::Number)
                    && column.kind != ColumnKind::Number,
                "weight": need(table, *at),
            })
        })
        .collect();
    let printed = table.paper_rows.unwrap_or(table.rows.len()).min(table.rows.len());
    let mut notes = table.notes.clone();
    if printed < table.rows.len() {
        let left = table.rows.len() - printed;
        notes.insert(0, format!("{left} rader till står i rapportens webbversion."));
    }
    let rows: Vec<Value> = table.rows[..printed]
        .iter()
        .map(|row| {
            let cells: Vec<Value> = shown.iter().map(|at| cell(&row.cells[*at], places)).collect();
            let words = below.iter().map(|at| &row.cells[*at]).filter(|cell| {
                !cell.is_blank() && cell.value != CellValue::Missing(Missing::CannotOccur)
            });
            let words: Vec<String> = words.map(Cell::printed).collect();
            json!({"kind": row.kind.name(), "cells": cells, "below": words.join(" ")})
        })
        .collect();
    json!({
        "id": table.id,
        "caption": table.caption,
        "columns": columns,
        "crowded": total(table, &shown) > PORTRAIT,
        "rows": rows,
        "notes": notes,
        "legend": table.legend(&all),
        "source": table.source,
        "explain": table.explain.as_ref().and_then(|anchor| places.target(&format!("#{anchor}"))),
    })
}

/// About how many characters a row needs.
fn total(table: &Table, shown: &[usize]) -> usize {
    shown.iter().map(|at| need(table, *at)).sum()
}

/// About how many characters a column needs: whole numbers and words, part of a long text.
fn need(table: &Table, at: usize) -> usize {
    let column = &table.columns[at];
    let words = column.label.split(' ').map(|word| word.chars().count());
    let heading = words.max().unwrap_or(0).max(column.unit.chars().count() + 2);
    let cells = table.rows.iter().filter_map(|row| row.cells.get(at));
    let longest = cells.map(|cell| cell.printed().chars().count()).max().unwrap_or(0);
    let wanted = match column.kind {
        ColumnKind::Number => longest,
        ColumnKind::Status => longest + 3,
        _ if table.rows.iter().any(|row| {
            matches!(row.cells.get(at).map(|cell| &cell.value), Some(CellValue::Series { .. }))
        }) =>
        {
            12
        }
        // A long text breaks into lines: its column grows more slowly than the text.
        ColumnKind::Text | ColumnKind::Date if longest > 20 => 20 + (longest - 20) / 4,
        ColumnKind::Text | ColumnKind::Date => longest,
    };
    wanted.clamp(heading.min(WIDEST), WIDEST) + 3
}

fn cell(cell: &Cell, places: &Places<'_>) -> Value {
    let status = match &cell.value {
        CellValue::Status { status, .. } => Some(status.number()),
        _ => None,
    };
    let answer = match &cell.value {
        CellValue::Answer { answer, .. } => Some(answer.name()),
        _ => None,
    };
    let line = match &cell.value {
        CellValue::Series { values, .. } => Some(crate::chart::spark(values)),
        _ => None,
    };
    let target = match &cell.value {
        CellValue::Link { target, .. } => places.target(target),
        _ => cell.explain.as_ref().and_then(|anchor| places.target(&format!("#{anchor}"))),
    };
    json!({
        "text": cell.printed(),
        "status": status,
        "answer": answer,
        "line": line,
        "target": target,
    })
}

/// Signs and accessibility, as the last chapter.
fn closing(document: &Document) -> Value {
    let signs: Vec<(&str, &str)> =
        legend::all().into_iter().map(|sign| (sign.sign, sign.words)).collect();
    let mut blocks = vec![
        json!({"kind": "paragraph", "text": "Samma tecken betyder samma sak i alla tabeller och i alla format."}),
        json!({"kind": "definitions", "facts": signs}),
        json!({"kind": "heading", "level": 2, "id": "", "text": "Tillgänglighet"}),
        json!({"kind": "paragraph", "text": "Filen är taggad enligt PDF/UA-1 och arkivbeständig enligt PDF/A-2a. Varje diagram har en textbeskrivning och en tabell med samma värden. Ingen oberoende granskning har gjorts."}),
    ];
    if document.known_faults.is_empty() {
        let text = "Inga brister är kända i den här utgåvan.";
        blocks.push(json!({"kind": "paragraph", "text": text}));
    } else {
        let text = "Kända brister i den här utgåvan:";
        blocks.push(json!({"kind": "paragraph", "text": text}));
        blocks.push(json!({"kind": "list", "points": document.known_faults}));
    }
    if !document.contact.is_empty() {
        let text =
            format!("Hittar du något som inte är tillgängligt? Kontakta {}.", document.contact);
        blocks.push(json!({"kind": "paragraph", "text": text}));
    }
    json!({
        "id": "om-filen",
        "heading": "Teckenförklaring och tillgänglighet",
        "finding": [],
        "intro": [],
        "blocks": blocks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_the_edition_is_read_or_refused() {
        assert_eq!(date("2024-09-16"), Some((2024, 9, 16)));
        assert_eq!(date("2024-09-16T06:00:00Z"), Some((2024, 9, 16)));
        for text in ["", "i dag", "2024-13-01", "2024-02-30"] {
            assert_eq!(date(text), None, "{text}");
        }
        assert_eq!(
            bad_date("i dag").to_string(),
            "\
error[T0805]: the day of the edition is not a date
   --> report.pdf
    = found:    `i dag`
    = expected: a day such as `2024-09-16`
"
        );
    }
}

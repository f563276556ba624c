//! The document as one HTML file: no outer requests, no script, readable offline. What is folded opens
//! when its address is followed; that is the browser's work.
//!
//! The template holds the structure (landmarks, headings, captions, scopes) and escapes everything;
//! this module only turns the document into what the template asks for, and colours into a style
//! sheet. Only our own drawings pass the template unescaped.

use crate::document::{
    Block, Cell, CellValue, Chapter, ColumnKind, Document, Front, Part, Place, SYNTHETIC_LABEL,
    Sentence, Strip, Table,
};
use crate::legend;
use crate::palette::{self, answer_shape, status_colour, status_shape};
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use std::fmt::Write as _;
use tertial_model::{Code, Diagnostic, Location, Missing, Status};

const TEMPLATE: &str = include_str!("../templates/report.html");
const STYLE: &str = include_str!("../templates/report.css");
const STATUSES: [Status; 4] = [Status::Met, Status::Partly, Status::NotMet, Status::NoData];
/// Texts longer than this get a wide column.
const LONG: usize = 60;

/// Renders the document.
pub fn render(document: &Document) -> Result<String, Box<Diagnostic>> {
    let mut environment = Environment::new();
    let result = environment
        .add_template("report.html", TEMPLATE)
        .and_then(|()| environment.get_template("report.html"))
        .and_then(|template| template.render(Serde(page(document))));
    let html = result.map_err(|error| {
        let message = format!("the page could not be written: {error:#}");
        Box::new(
            Diagnostic::error(Code::FileAccess, message, Location::file("report.html"))
                .with_hint("report this as a fault of the program"),
        )
    })?;
    Ok(html + "\n")
}

#[derive(Serialize)]
struct Page {
    full_title: String,
    title: String,
    body: String,
    region: String,
    period_label: String,
    program_version: String,
    as_of: String,
    contact: String,
    known_faults: Vec<String>,
    synthetic: Option<&'static str>,
    note: Option<String>,
    meta: Vec<(&'static str, String)>,
    style: String,
    legend: Vec<Sign>,
    statuses: Vec<CellView>,
    front: FrontView,
    chapters: Vec<ChapterView>,
    basis: Vec<ChapterView>,
}

#[derive(Serialize)]
struct FrontView {
    headline: String,
    sentences: Vec<SentenceView>,
    figures: Vec<FigureView>,
    strips: Vec<StripView>,
}

#[derive(Serialize)]
struct SentenceView {
    lead: String,
    rest: String,
    target: String,
    place: String,
}

#[derive(Serialize)]
struct FigureView {
    label: String,
    printed: String,
    unit: String,
    beside: String,
    target: String,
}

#[derive(Serialize)]
struct StripView {
    label: String,
    /// The counts in words.
    words: String,
    target: String,
    segments: Vec<Segment>,
}

/// How many of a status, as a part of a strip.
#[derive(Serialize)]
struct Segment {
    status: u8,
    word: &'static str,
    shape: String,
    count: u64,
}

#[derive(Serialize)]
struct Sign {
    sign: &'static str,
    words: &'static str,
}

#[derive(Serialize)]
struct ChapterView {
    id: String,
    heading: String,
    finding: Vec<String>,
    intro: Vec<String>,
    blocks: Vec<BlockView>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum BlockView {
    Heading {
        level: u8,
        id: String,
        text: String,
    },
    Paragraph {
        text: String,
    },
    List {
        points: Vec<String>,
    },
    Note {
        text: String,
    },
    Definitions {
        facts: Vec<(String, String)>,
    },
    Code {
        summary: String,
        text: String,
    },
    /// What follows is folded, until its end.
    Open {
        level: u8,
        id: String,
        summary: String,
    },
    Close,
    Table {
        table: TableView,
    },
    Chart {
        id: String,
        title: String,
        subtitle: String,
        svg: String,
        finding: String,
        table: TableView,
    },
}

#[derive(Serialize)]
struct TableView {
    id: String,
    caption: String,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    notes: Vec<String>,
    legend: String,
    source: String,
    explain: Option<String>,
}

#[derive(Serialize)]
struct ColumnView {
    label: String,
    /// Label and unit, for the cards of a small screen.
    name: String,
    unit: String,
    class: &'static str,
}

#[derive(Serialize)]
struct RowView {
    kind: &'static str,
    cells: Vec<CellView>,
}

#[derive(Serialize, Default)]
struct CellView {
    text: String,
    /// What a screen reader says instead of a sign.
    words: Option<&'static str>,
    status: Option<u8>,
    shape: Option<String>,
    href: Option<String>,
    mark: Option<Sign>,
    /// Whether there cannot be anything.
    is_nothing: bool,
    /// A line drawn of the values; the text is then for those who cannot see it.
    line: Option<String>,
    class: &'static str,
    /// The label of its column.
    label: String,
}

fn page(document: &Document) -> Page {
    Page {
        full_title: document.full_title(),
        title: document.title.clone(),
        body: document.body.clone(),
        region: document.region.clone(),
        period_label: document.period_label.clone(),
        program_version: document.program_version.clone(),
        as_of: document.as_of.clone(),
        contact: document.contact.clone(),
        known_faults: document.known_faults.clone(),
        synthetic: document.synthetic.then_some(SYNTHETIC_LABEL),
        note: document.note.clone(),
        meta: vec![
            ("Period", document.period.to_string()),
            ("Utgåva", document.edition_label()),
            ("Uppgifter till och med", document.as_of.clone()),
            ("Datautgåva", document.release_id.clone()),
            ("Program", format!("tertial {}", document.program_version)),
        ],
        style: style(),
        legend: legend::all()
            .into_iter()
            .map(|sign| Sign { sign: sign.sign, words: sign.words })
            .collect(),
        statuses: STATUSES.map(|status| cell(&Cell::status(status, ""), "", "")).into(),
        front: front(&document.front),
        chapters: document.part(Part::Report).map(|shown| chapter(shown, 1)).collect(),
        basis: document.part(Part::Basis).map(|shown| chapter(shown, 2)).collect(),
    }
}

fn front(front: &Front) -> FrontView {
    let sentence = |sentence: &Sentence| SentenceView {
        lead: sentence.lead.clone(),
        rest: sentence.rest.clone(),
        target: sentence.target.clone(),
        place: sentence.place.clone(),
    };
    let strip = |strip: &Strip| StripView {
        label: strip.label.clone(),
        words: strip.words(),
        target: strip.target.clone(),
        segments: STATUSES
            .iter()
            .zip(strip.counts)
            .filter(|(_, count)| *count > 0)
            .map(|(status, count)| {
                let ground = format!("var(--status-{})", status.number());
                Segment {
                    status: status.number(),
                    word: status.word(),
                    shape: status_shape(*status, "currentColor", &ground),
                    count,
                }
            })
            .collect(),
    };
    let figures = front.figures.iter().map(|figure| FigureView {
        label: figure.label.clone(),
        printed: figure.printed.clone(),
        unit: figure.unit.clone(),
        beside: figure.beside.clone(),
        target: figure.target.clone(),
    });
    FrontView {
        headline: front.headline.clone(),
        sentences: front.sentences.iter().map(sentence).collect(),
        figures: figures.collect(),
        strips: front.strips.iter().map(strip).collect(),
    }
}

/// A chapter whose headings lie so many levels below their own.
fn chapter(chapter: &Chapter, below: u8) -> ChapterView {
    ChapterView {
        id: chapter.id.clone(),
        heading: chapter.heading.clone(),
        finding: chapter.finding.clone(),
        intro: chapter.intro.clone(),
        blocks: blocks(&chapter.blocks, below),
    }
}

fn blocks(shown: &[Block], below: u8) -> Vec<BlockView> {
    let mut views = Vec::with_capacity(shown.len());
    for shown in shown {
        match shown {
            Block::OnPage { blocks: inside, .. } => views.extend(blocks(inside, below)),
            Block::Folded { level, id, summary, blocks: inside } => {
                views.push(BlockView::Open {
                    level: if *level == 0 { 0 } else { level + below },
                    id: id.clone(),
                    summary: summary.clone(),
                });
                views.extend(blocks(inside, below));
                views.push(BlockView::Close);
            }
            shown => views.extend(block(shown, below)),
        }
    }
    views
}

/// A block that holds no others.
fn block(block: &Block, below: u8) -> Option<BlockView> {
    Some(match block {
        Block::Heading { level, id, text } => {
            BlockView::Heading { level: level + below, id: id.clone(), text: text.clone() }
        }
        Block::Paragraph(text) => BlockView::Paragraph { text: text.clone() },
        Block::List(points) => BlockView::List { points: points.clone() },
        Block::Note(text) => BlockView::Note { text: text.clone() },
        Block::Definitions(facts) => BlockView::Definitions { facts: facts.clone() },
        Block::Code { summary, text } => {
            BlockView::Code { summary: summary.clone(), text: text.clone() }
        }
        Block::Table(shown) => BlockView::Table { table: table(shown) },
        Block::Chart { chart, table: numbers } => BlockView::Chart {
            id: chart.id.clone(),
            title: chart.title.clone(),
            subtitle: chart.subtitle.clone(),
            svg: chart.svg(),
            finding: chart.finding(),
            table: table(numbers),
        },
        Block::Folded { .. } | Block::OnPage { .. } => return None,
    })
}

fn table(table: &Table) -> TableView {
    let shown = table.on_page();
    let columns: Vec<ColumnView> = shown
        .iter()
        .map(|at| {
            let column = &table.columns[*at];
            ColumnView {
                label: column.label.clone(),
                name: column.heading(),
                unit: column.unit.clone(),
                class: class(table, *at),
            }
        })
        .collect();
    let rows: Vec<RowView> = table
        .rows
        .iter()
        .map(|row| {
            let cells = shown.iter().zip(&columns);
            let cells = cells.map(|(at, column)| cell(&row.cells[*at], column.class, &column.name));
            RowView { kind: row.kind.name(), cells: cells.collect() }
        })
        .collect();
    TableView {
        id: table.id.clone(),
        caption: table.caption.clone(),
        legend: table.legend(&shown),
        columns,
        rows,
        notes: table.notes.clone(),
        source: table.source.clone(),
        explain: table.explain.clone(),
    }
}

fn class(table: &Table, index: usize) -> &'static str {
    match table.columns[index].kind {
        ColumnKind::Number => "num",
        ColumnKind::Status => "status-cell",
        ColumnKind::Date => "date",
        ColumnKind::Text if table.columns[index].place == Place::Below => "beside",
        ColumnKind::Text => {
            let lengths = table.rows.iter().filter_map(|row| row.cells.get(index));
            match lengths.map(|cell| cell.printed().chars().count()).max() {
                Some(longest) if longest > LONG => "long",
                Some(longest) if longest > 16 => "mid",
                _ => "short",
            }
        }
    }
}

fn cell(cell: &Cell, class: &'static str, label: &str) -> CellView {
    let plain = Cell { mark: None, explain: None, value: cell.value.clone() };
    let mut view = CellView {
        text: plain.printed(),
        words: plain.signs().first().filter(|sign| sign.sign == plain.printed()).map(|s| s.words),
        href: cell.explain.as_ref().map(|anchor| format!("#{anchor}")),
        mark: cell.mark.map(|mark| {
            let sign = legend::mark(mark);
            Sign { sign: sign.sign, words: sign.words }
        }),
        class,
        label: label.to_owned(),
        ..CellView::default()
    };
    match &cell.value {
        CellValue::Status { status, .. } => {
            view.status = Some(status.number());
            view.shape = Some(status_shape(*status, "currentColor", "var(--paper)"));
        }
        CellValue::Answer { answer, .. } => {
            view.shape = Some(answer_shape(*answer, "currentColor", "var(--paper)"));
        }
        CellValue::Link { target, .. } => view.href = safe_target(target),
        CellValue::Series { values, .. } => {
            view.line = Some(crate::chart::spark(values));
        }
        CellValue::Missing(Missing::CannotOccur) => view.is_nothing = true,
        _ => {}
    }
    view
}

/// A place in the document or on the web; anything else is not made a link.
fn safe_target(target: &str) -> Option<String> {
    let is_safe = ["#", "https://", "http://"].iter().any(|start| target.starts_with(start));
    is_safe.then(|| target.to_owned())
}

/// The colours of the palette for both papers, then the fixed style sheet.
fn style() -> String {
    let variables = |dark: bool| {
        let mut css = String::new();
        let paper = if dark { palette::DARK_PAPER } else { palette::LIGHT_PAPER };
        let series = if dark { palette::SERIES_DARK } else { palette::SERIES_LIGHT };
        let grey = if dark { palette::BACKGROUND_DARK } else { palette::BACKGROUND_LIGHT };
        let _ = write!(css, "--paper:{paper};--s0:{grey};");
        for (index, colour) in series.iter().enumerate() {
            let _ = write!(css, "--s{}:{colour};", index + 1);
        }
        for status in STATUSES {
            let colour = status_colour(status);
            let colour = if dark { colour.dark } else { colour.light };
            let _ = write!(css, "--status-{}:{colour};", status.number());
        }
        css
    };
    let mut css = format!(
        ":root{{{}}}\n@media (prefers-color-scheme: dark){{:root{{{}}}}}\n{STYLE}",
        variables(false),
        variables(true)
    );
    for pen in 0..=4 {
        let _ = writeln!(
            css,
            ".chart .l{pen}{{stroke:var(--s{pen})}}.chart .f{pen}{{fill:var(--s{pen})}}"
        );
    }
    for status in STATUSES {
        let number = status.number();
        let _ = writeln!(
            css,
            ".status-{number}{{color:var(--status-{number})}}\
             .segment-{number}{{background:var(--status-{number});color:var(--paper)}}"
        );
    }
    // On paper the light colours hold, whatever the screen prefers.
    let _ = write!(css, "@media print{{:root{{{}}}}}", variables(false));
    css
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::contrast;

    #[test]
    fn only_places_in_the_document_and_on_the_web_become_links() {
        assert_eq!(safe_target("#a").as_deref(), Some("#a"));
        assert!(safe_target("https://exempel.se").is_some());
        assert!(safe_target("javascript:alert(1)").is_none());
        assert!(safe_target("data:text/html,x").is_none());
    }

    /// The value of `--name` in the n-th `:root` of the fixed style sheet.
    fn variable(name: &str, root: usize) -> &'static str {
        let rules = STYLE.split(":root {").nth(root + 1).unwrap().split('}').next().unwrap();
        let start = rules.find(&format!("--{name}: ")).unwrap() + name.len() + 4;
        rules[start..].split(';').next().unwrap()
    }

    #[test]
    fn text_stands_out_from_its_ground_in_both_modes() {
        for (root, paper) in [(0, palette::LIGHT_PAPER), (1, palette::DARK_PAPER)] {
            let safe = |ink: &str, ground: &str, least: f64| {
                let found = contrast(ink, ground).unwrap();
                assert!(found >= least, "{ink} on {ground} in mode {root}: {found:.2}");
            };
            for ink in ["ink", "muted", "link"] {
                safe(variable(ink, root), paper, 4.5);
                safe(variable(ink, root), variable("tint", root), 4.5);
            }
            safe(variable("on-notice", root), variable("notice", root), 4.5);
            safe(variable("focus", root), paper, 3.0);
            for status in STATUSES {
                let colour = status_colour(status);
                let ink = if root == 0 { colour.light } else { colour.dark };
                safe(ink, variable("tint", root), 4.5);
            }
        }
    }
}

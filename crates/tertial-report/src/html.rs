//! The document as one HTML file: no outer requests, no script, readable offline.
//!
//! The template holds the structure (landmarks, headings, captions, scopes) and escapes everything;
//! this module only turns the document into what the template asks for, and colours into a style
//! sheet. Only our own drawings pass the template unescaped.

use crate::document::{Block, Cell, CellValue, ColumnKind, Document, SYNTHETIC_LABEL, Table};
use crate::legend;
use crate::palette::{self, answer_shape, status_colour, status_shape};
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;
use std::fmt::Write as _;
use tertial_model::{Code, Diagnostic, Location, Status};

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
            Diagnostic::error(Code::T0805, message, Location::file("report.html"))
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
    chapters: Vec<ChapterView>,
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
    class: &'static str,
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
        statuses: STATUSES.map(|status| cell(&Cell::status(status, ""), "")).into(),
        chapters: document
            .chapters
            .iter()
            .map(|chapter| ChapterView {
                id: chapter.id.clone(),
                heading: chapter.heading.clone(),
                intro: chapter.intro.clone(),
                blocks: chapter.blocks.iter().flat_map(Block::on_page).map(block).collect(),
            })
            .collect(),
    }
}

fn block(block: &Block) -> BlockView {
    match block {
        Block::Heading { level, id, text } => {
            BlockView::Heading { level: level + 1, id: id.clone(), text: text.clone() }
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
        Block::OnPage { .. } => unreachable!("a page is made of the blocks these hold"),
    }
}

fn table(table: &Table) -> TableView {
    let classes: Vec<&'static str> =
        (0..table.columns.len()).map(|index| class(table, index)).collect();
    let columns = table.columns.iter().zip(&classes).map(|(column, class)| ColumnView {
        label: column.label.clone(),
        unit: column.unit.clone(),
        class,
    });
    let rows = table.rows.iter().map(|row| RowView {
        kind: row.kind.name(),
        cells: row.cells.iter().zip(&classes).map(|(shown, class)| cell(shown, class)).collect(),
    });
    TableView {
        id: table.id.clone(),
        caption: table.caption.clone(),
        columns: columns.collect(),
        rows: rows.collect(),
        notes: table.notes.clone(),
        legend: table.legend(),
        source: table.source.clone(),
        explain: table.explain.clone(),
    }
}

fn class(table: &Table, index: usize) -> &'static str {
    match table.columns[index].kind {
        ColumnKind::Number => "num",
        ColumnKind::Status => "status-cell",
        ColumnKind::Date => "date",
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

fn cell(cell: &Cell, class: &'static str) -> CellView {
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
        let _ = writeln!(css, ".status-{number}{{color:var(--status-{number})}}");
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
            safe(variable("on-band", root), variable("band", root), 4.5);
            safe(variable("on-band-muted", root), variable("band", root), 4.5);
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

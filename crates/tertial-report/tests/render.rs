//! The renderings of one document: sound structure, the same words everywhere, the same bytes twice.

#[path = "support/markup.rs"]
mod markup;
#[path = "support/sample.rs"]
mod sample;

use serde_json::Value;
use std::collections::BTreeSet;
use tertial_model::{Missing, Period, Status};
use tertial_report::document::{
    Block, Cell, CellValue, Chapter, Column, ColumnKind, Document, Front, KeyFigure, Number, Part,
    Row, RowKind, SYNTHETIC_LABEL, Sentence, Strip, Table,
};
use tertial_report::{html, json, pdf, xlsx};

const HOSTILE: &str =
    "<script>alert(1)</script> #let x = $1$ ] *b* `c` @d \\ \"e\" 'f' &amp; {{ g }}";

/// A document of one table, with `words` wherever words can stand.
fn small(words: &str) -> Document {
    let cells =
        |value: Cell, status: Status| vec![Cell::text(words), value, Cell::status(status, words)];
    let table = Table {
        id: "tabell".into(),
        caption: words.to_owned(),
        columns: vec![
            Column::text("name", words),
            Column::new("value", "Utfall", "tkr", ColumnKind::Number, 0),
            Column::new("status", "Status", "", ColumnKind::Status, 0),
        ],
        rows: vec![
            Row {
                kind: RowKind::Body,
                cells: cells(Cell::number(Number::Float(-1234.5), 0), Status::Met),
            },
            Row {
                kind: RowKind::Sum,
                cells: cells(Cell::missing(Missing::Suppressed), Status::NoData),
            },
        ],
        notes: vec![words.to_owned()],
        source: words.to_owned(),
        explain: None,
        paper_rows: None,
    };
    let front = Front {
        headline: words.to_owned(),
        sentences: vec![Sentence {
            lead: words.to_owned(),
            rest: words.to_owned(),
            target: "tabell".into(),
            place: words.to_owned(),
        }],
        figures: vec![KeyFigure {
            label: words.to_owned(),
            printed: "−1,2".into(),
            unit: words.to_owned(),
            beside: words.to_owned(),
            target: "tabell".into(),
        }],
        strips: vec![Strip {
            label: words.to_owned(),
            counts: [1, 0, 0, 1],
            target: "tabell".into(),
        }],
    };
    let folded = Block::Folded {
        level: 2,
        id: "delar".into(),
        summary: words.to_owned(),
        blocks: vec![Block::Paragraph(words.to_owned())],
    };
    Document {
        title: words.to_owned(),
        body: words.to_owned(),
        region: words.to_owned(),
        period: Period::parse("2024T2").unwrap(),
        period_label: "januari–augusti 2024".into(),
        edition: 2,
        as_of: "2024-09-16".into(),
        synthetic: true,
        note: Some(words.to_owned()),
        release_id: words.to_owned(),
        program_version: "0.1.0".into(),
        contact: words.to_owned(),
        known_faults: vec![words.to_owned()],
        front,
        chapters: vec![Chapter {
            id: "kapitel".into(),
            part: Part::Report,
            heading: words.to_owned(),
            finding: vec![words.to_owned()],
            intro: vec![words.to_owned()],
            blocks: vec![
                Block::Heading { level: 2, id: "del".into(), text: words.to_owned() },
                Block::Paragraph(words.to_owned()),
                Block::List(vec![words.to_owned()]),
                Block::Note(words.to_owned()),
                Block::Definitions(vec![(words.to_owned(), words.to_owned())]),
                Block::Table(table),
                Block::Code { summary: words.to_owned(), text: words.to_owned() },
                folded,
            ],
        }],
        outcomes: Vec::new(),
    }
}

#[test]
fn the_page_of_a_small_document_is_the_golden_one() {
    let page = html::render(&small("Ord å ä ö")).unwrap();
    let start = page.find("<main").unwrap();
    let end = page.find("<section id=\"underlag\"").unwrap();
    let shown = &page[start..end];
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/small.html");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, shown).unwrap();
    }
    assert_eq!(shown, std::fs::read_to_string(&golden).unwrap(), "see {}", golden.display());
}

#[test]
fn names_from_outside_neither_act_nor_hide() {
    let spec = tertial_report::parse_spec("report.toml", sample::SPEC).unwrap();
    let mut data = sample::data();
    let name = "huvud\u{202e}bok\u{1b}[2J\u{200b}.csv";
    data.region = name.to_owned();
    data.comments[0].text = name.to_owned();
    data.quality[0].heading = name.to_owned();
    data.quality[0].table.rows[0][0] = tertial_report::Value::text(name);
    data.quality[0].table.columns[1].label = name.to_owned();
    let document = tertial_report::compose(&spec, &data).unwrap();
    let page = html::render(&document).unwrap();
    let seen = "huvud\\u{202e}bok\\u{1b}[2J\\u{200b}.csv";
    assert!(page.matches(seen).count() >= 5, "{}", page.matches(seen).count());
    let whole = json::render(&document);
    for text in [&page, &whole] {
        let hidden = text.chars().find(|c| tertial_model::shown::is_hidden(*c) && *c != '\n');
        assert_eq!(hidden, None);
    }
    assert!(pdf::render(&document, Part::Report).is_ok() && xlsx::render(&document).is_ok());
}

#[test]
fn the_page_is_balanced_and_every_anchor_unique_and_found() {
    let page = html::render(&sample::document()).unwrap();
    markup::assert_balanced(&page);
    let ids = markup::attributes(&page, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "an id stands twice: {ids:?}");
    for name in ["href", "aria-labelledby"] {
        for value in markup::attributes(&page, name) {
            for target in value.split(' ') {
                let anchor = if name == "href" { target.strip_prefix('#') } else { Some(target) };
                assert!(
                    anchor.is_none_or(|a| unique.contains(a)),
                    "{name} leads nowhere: {target}"
                );
            }
        }
    }
}

#[test]
fn the_first_screen_says_what_the_tables_say() {
    let document = sample::document();
    let front = &document.front;
    let table = |id: &str| document.tables().find(|table| table.id == id).unwrap();
    let cell = |table: &Table, row: usize, key: &str| {
        let at = table.columns.iter().position(|column| column.key == key).unwrap();
        table.rows[row].cells[at].clone()
    };
    let result = table("resultat");
    let sum = result.rows.iter().rposition(|row| row.kind == RowKind::Sum).unwrap();
    let difference = cell(result, sum, "difference_tkr");
    let CellValue::Number { value, .. } = difference.value else { panic!("{difference:?}") };
    let millions = tertial_model::swedish::float(value.to_f64() / 1000.0, 1);
    assert_eq!(front.figures[0].printed, millions);
    assert!(front.headline.contains(millions.trim_start_matches('−')), "{}", front.headline);
    let summary = table("sammanfattning-nyckeltal");
    let last = summary.rows.len() - 1;
    let counted: Vec<String> = (0..4)
        .map(|status| cell(summary, last, &format!("status_{status}")).printed().replace('–', "0"))
        .collect();
    let strip: Vec<String> = front.strips[0].counts.iter().map(u64::to_string).collect();
    assert_eq!(strip, counted);
    assert!(front.headline.contains(&format!("{} av ", counted[0])), "{}", front.headline);
    for sentence in &front.sentences {
        let page = html::render(&document).unwrap();
        assert!(page.contains(&format!("id=\"{}\"", sentence.target)), "{sentence:?}");
    }
    assert!(front.sentences.len() >= 3, "{front:?}");
}

#[test]
fn the_page_has_language_landmarks_and_headings_in_order() {
    let page = html::render(&sample::document()).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"sv\">"));
    for part in ["<header", "<nav", "<main", "<footer", "class=\"skip\" href=\"#innehall\""] {
        assert_eq!(page.matches(part).count(), 1, "{part}");
    }
    let levels = markup::heading_levels(&page);
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    for pair in levels.windows(2) {
        assert!(pair[1] <= pair[0] + 1, "a heading level is skipped: {levels:?}");
    }
}

#[test]
fn the_page_needs_nothing_from_outside() {
    let page = html::render(&sample::document()).unwrap();
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "@import", "src=", "url(http", "url(\""]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn every_table_has_caption_scopes_and_a_labelled_region() {
    let page = html::render(&sample::document()).unwrap();
    let tables = page.matches("<table id=").count();
    assert!(tables > 10);
    assert_eq!(page.matches("<caption id=").count(), tables);
    assert_eq!(page.matches("<thead role=\"rowgroup\">").count(), tables);
    assert_eq!(page.matches("<th ").count(), page.matches(" scope=\"").count());
    assert!(page.matches("role=\"region\"").count() >= tables);
    assert!(!page.contains("colspan") && !page.contains("rowspan"));
}

#[test]
fn a_sign_is_explained_where_it_stands() {
    let document = sample::document();
    let mut used = 0;
    for table in document.tables() {
        let shown = table.on_page();
        for sign in table.signs(&shown) {
            used += 1;
            assert!(table.legend(&shown).contains(sign.words), "{}: {}", table.id, sign.sign);
        }
    }
    assert!(used > 5, "the sample uses signs");
    let page = html::render(&document).unwrap();
    assert!(page.contains("<span aria-hidden=\"true\">[s]</span><span class=\"vh\">dold, för få"));
}

#[test]
fn made_up_data_says_so_in_every_section_and_real_data_does_not() {
    let mut document = sample::document();
    let page = html::render(&document).unwrap();
    assert!(page.matches(SYNTHETIC_LABEL).count() >= page.matches("<section").count() + 2);
    document.synthetic = false;
    assert!(!html::render(&document).unwrap().contains("yntetiska data"));
}

#[test]
fn a_status_is_a_word_a_shape_and_a_colour() {
    let page = html::render(&sample::document()).unwrap();
    for (number, word) in
        ["Helt uppnått", "Delvis uppnått", "Ej uppnått", "Data saknas"].into_iter().enumerate()
    {
        let start = page.find(&format!("<span class=\"status status-{number}\"><svg")).unwrap();
        let end = page[start..].find("</span>").unwrap();
        assert!(page[start..start + end].ends_with(&format!("</svg>{word}")));
        assert!(page.contains(&format!(".status-{number}{{color:var(--status-{number})}}")));
    }
}

#[test]
fn every_table_of_the_page_stands_in_json_with_the_same_words() {
    let document = sample::document();
    let page = html::render(&document).unwrap();
    let data: Value = serde_json::from_str(&json::render(&document)).unwrap();
    let tables = markup::tables(&page);
    // One more in JSON: the goal areas' indicators together.
    assert_eq!(tables.len() + 1, data["tables"].as_object().unwrap().len());
    for (id, rows) in tables {
        let table = &data["tables"][id.as_str()];
        let keys: Vec<&str> = table["columns"]
            .as_array()
            .unwrap_or_else(|| panic!("{id} is not in the JSON"))
            .iter()
            .filter(|column| column["on_page"].as_bool() == Some(true))
            .map(|column| column["key"].as_str().unwrap())
            .collect();
        let printed: Vec<Vec<String>> = table["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                keys.iter().map(|key| row[key]["printed"].as_str().unwrap().to_owned()).collect()
            })
            .collect();
        assert_eq!(rows, printed, "{id}");
    }
}

#[test]
fn json_keeps_unrounded_values_and_codes_for_nothing() {
    let data: Value = serde_json::from_str(&json::render(&sample::document())).unwrap();
    let first = &data["tables"]["resultat"]["rows"][0]["outcome_tkr"];
    assert_eq!((first["value"].as_f64(), first["printed"].as_str()), (Some(612.4), Some("612")));
    let outcome = &data["outcomes"][0];
    assert_eq!(outcome["value"].as_f64(), Some(5.6512));
    assert_eq!(outcome["printed"].as_str(), Some("5,7\u{a0}%"));
    let hidden = &data["tables"]["omrade-personal-uppdelat"]["rows"][1]["value"];
    assert_eq!(hidden["missing"].as_str(), Some("suppressed"));
    assert_eq!(data["meta"]["notice"].as_str(), Some(SYNTHETIC_LABEL));
    assert!(data["charts"]["franvaro"]["series"][2]["values"][3].is_null(), "a gap is null");
}

#[test]
fn hostile_words_stay_words() {
    let document = small(HOSTILE);
    let page = html::render(&document).unwrap();
    markup::assert_balanced(&page);
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;alert(1)"));
    let data: Value = serde_json::from_str(&json::render(&document)).unwrap();
    assert_eq!(data["tables"]["tabell"]["rows"][0]["name"]["printed"].as_str(), Some(HOSTILE));
    let bytes = pdf::render(&document, Part::Report).unwrap();
    let title = "&lt;script&gt;alert(1)&lt;/script&gt; #let x = $1$ ] *b*";
    assert!(contains(&bytes, title.as_bytes()), "the title is kept letter by letter");
    assert!(xlsx::render(&document).is_ok());
}

#[test]
fn a_link_that_leads_nowhere_does_not_stop_the_pdf() {
    let mut document = small("Ord");
    let Block::Table(table) = &mut document.chapters[0].blocks[5] else { panic!() };
    table.rows[0].cells[0] = Cell::link("Ord", "#ingenstans");
    table.rows[1].cells[0] = Cell::link("Ord", "javascript:alert(1)");
    assert!(pdf::render(&document, Part::Report).is_ok());
    assert!(!html::render(&document).unwrap().contains("javascript:"));
}

#[test]
fn the_pdf_claims_both_standards_and_is_the_same_twice() {
    let document = sample::document();
    for part in [Part::Report, Part::Basis] {
        let first = pdf::render(&document, part).unwrap();
        assert!(first.starts_with(b"%PDF-1.7"));
        for words in ["<pdfuaid:part>1<", "<pdfaid:part>2<", "<pdfaid:conformance>A<"] {
            assert!(contains(&first, words.as_bytes()), "{words} in {part:?}");
        }
        assert!(contains(&first, b"<rdf:li>sv-SE</rdf:li>"), "the language is told");
        assert!(first == pdf::render(&document, part).unwrap(), "the bytes of {part:?} differ");
    }
}

#[test]
fn what_the_report_folds_stands_in_the_other_file_and_is_linked() {
    let document = sample::document();
    let report = pdf::render(&document, Part::Report).unwrap();
    assert!(contains(&report, b"underlag.pdf"));
    assert!(contains(&pdf::render(&document, Part::Basis).unwrap(), b"report.pdf"));
}

#[test]
fn what_typst_refuses_is_told_as_a_diagnostic() {
    // No font of ours has this sign, and PDF/A forbids text that cannot be read back.
    let fault = pdf::render(&small("\u{13080}"), Part::Report).unwrap_err();
    assert!(fault.message.starts_with("the PDF was refused: "), "{fault}");
    assert!(fault.hints.iter().any(|hint| hint.contains("HTML")), "{fault}");
}

#[test]
fn page_json_and_workbook_are_the_same_twice() {
    let document = sample::document();
    assert_eq!(html::render(&document).unwrap(), html::render(&document).unwrap());
    assert_eq!(json::render(&document), json::render(&document));
    assert!(xlsx::render(&document).unwrap() == xlsx::render(&document).unwrap());
}

#[test]
fn numbers_have_swedish_form_everywhere() {
    let document = sample::document();
    let page = html::render(&document).unwrap();
    assert!(page.contains("−1\u{a0}520\u{a0}396"), "U+2212 and no-break spaces");
    let cells = document.tables().flat_map(|table| &table.rows).flat_map(|row| &row.cells);
    for cell in cells {
        if matches!(cell.value, CellValue::Number { .. }) {
            let printed = cell.printed().replace("p.e.", "");
            assert!(!printed.contains(['-', '.']), "{printed}");
        }
    }
}

#[test]
fn the_workbook_keeps_the_rules_for_accessible_spreadsheets() {
    let document = sample::document();
    let bytes = xlsx::render(&document).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        let mut file = archive.by_name(name).unwrap_or_else(|_| panic!("{name} is missing"));
        std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        text
    };
    let book = part("xl/workbook.xml");
    let sheets = document.tables().count() + 4;
    assert_eq!(book.matches("<sheet ").count(), sheets);
    for name in ["Omslag", "Innehåll", "Noter", "Definitioner"] {
        assert!(book.contains(&format!("name=\"{name}\"")), "{name}");
    }
    for number in 1..=sheets {
        let sheet = part(&format!("xl/worksheets/sheet{number}.xml"));
        for forbidden in ["mergeCell", "headerFooter", "<pane", "hidden=\"1\"", "drawing"] {
            assert!(!sheet.contains(forbidden), "{forbidden} in sheet {number}");
        }
        assert!(sheet.contains("<c r=\"A1\""), "sheet {number} has its title in A1");
        assert_eq!(sheet.matches("<tablePart ").count(), usize::from(number > 1), "{number}");
    }
    let properties = part("docProps/core.xml");
    assert!(properties.contains("Tertialrapport januari–augusti 2024"));
    assert!(properties.contains("2024-09-16T00:00:00Z"), "the edition's day, not today");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

//! `seeds/report.toml`: which chapters and blocks a report has, as data.
//!
//! Reading only: whether a table exists is `compose`'s question. Every fault has line and column.

use crate::chart::ChartKind;
use crate::document::Part;
use serde::Deserialize;
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location};
use toml::Spanned;

/// What the report consists of.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportSpec {
    /// Path relative to the project, for messages.
    pub file: String,
    /// `Tertialrapport`.
    pub title: String,
    /// The board the report is for.
    pub body: String,
    /// Where a reader reports an accessibility fault; may be empty.
    pub contact: String,
    /// What the first screen is made from.
    pub message: MessageSpec,
    /// The chapters in order.
    pub chapters: Vec<ChapterSpec>,
}

/// What the first screen is made from, beside the indicators of the plan; each may be left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MessageSpec {
    /// The table of the period's result.
    pub result: Option<SourceSpec>,
    /// The table of the year's forecast.
    pub forecast: Option<SourceSpec>,
    /// The table of the assignments.
    pub assignments: Option<SourceSpec>,
}

/// A table of the report and what its columns are to a sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceSpec {
    /// Line and column of its place in the file.
    pub place: (u64, u32),
    /// Id of the table's block.
    pub block: String,
    /// What is spoken of, as a sentence begins: `Resultatet`.
    pub subject: String,
    /// Column of the value, or of the status.
    pub value: String,
    /// Column it is held against; empty = none.
    pub against: String,
    /// Column of the difference; empty = none.
    pub difference: String,
    /// Column of the change since the statement before; empty = none.
    pub change: String,
}

/// What a table or chart says of itself, in a generated sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingSpec {
    /// Line and column of its place in the file.
    pub place: (u64, u32),
    /// What is looked for.
    pub kind: FindingKind,
    /// What is spoken of, as a sentence begins.
    pub subject: String,
    /// Column of the value; empty for a chart.
    pub value: String,
    /// Column it is held against.
    pub against: String,
    /// Column of the difference.
    pub difference: String,
    /// What it is held against, in words; or what is said of the rows counted.
    pub words: String,
    /// What a row is, in plural.
    pub rows: String,
    /// The text that counts, where not any text does.
    pub equals: String,
}

/// What is looked for in a table or chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// The sum's difference, and the rows that differ most.
    Deviation,
    /// How many rows there are of each status.
    Statuses,
    /// The last row, and its change.
    Change,
    /// The total, and what it was.
    Total,
    /// How many rows have a text.
    Marked,
    /// The part sums, each with what it is held against.
    Subtotals,
    /// In how many rows the value lies above what it is held against.
    Above,
    /// The latest series of a chart against the one before it.
    Years,
    /// Whether one series of a chart lies above the other.
    Gap,
    /// Which share of a chart changed most.
    Shares,
}

impl FindingKind {
    const ALL: [(&str, FindingKind); 10] = [
        ("deviation", FindingKind::Deviation),
        ("statuses", FindingKind::Statuses),
        ("change", FindingKind::Change),
        ("total", FindingKind::Total),
        ("marked", FindingKind::Marked),
        ("subtotals", FindingKind::Subtotals),
        ("above", FindingKind::Above),
        ("years", FindingKind::Years),
        ("gap", FindingKind::Gap),
        ("shares", FindingKind::Shares),
    ];

    /// Whether a chart is asked, not a table.
    pub fn is_of_chart(self) -> bool {
        matches!(self, FindingKind::Years | FindingKind::Gap | FindingKind::Shares)
    }
}

/// What of a table is folded on a screen, and stands in *Underlag* on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fold {
    /// Nothing.
    #[default]
    Nothing,
    /// The whole table.
    All,
    /// All rows but sums and part sums.
    Body,
    /// The rows with the status *delvis*.
    Partly,
}

impl Fold {
    const ALL: [(&str, Fold); 3] =
        [("all", Fold::All), ("body", Fold::Body), ("partly", Fold::Partly)];
}

/// A chapter.
#[derive(Debug, Clone, PartialEq)]
pub struct ChapterSpec {
    /// Anchor.
    pub id: String,
    /// Which part of the document it belongs to.
    pub part: Part,
    /// Heading.
    pub heading: String,
    /// Lead text; an empty line parts paragraphs.
    pub intro: String,
    /// The blocks in order.
    pub blocks: Vec<BlockSpec>,
}

/// A block with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockSpec {
    /// Line and column of the block's `kind`.
    pub place: (u64, u32),
    /// What it is.
    pub kind: BlockKind,
}

/// What a block shows.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// Running text; lines that begin with `- ` are points.
    Text {
        /// The words.
        text: String,
    },
    /// A heading inside the chapter.
    Heading {
        /// The words.
        text: String,
    },
    /// Something the reader must not miss.
    Note {
        /// The words.
        text: String,
    },
    /// A table.
    Table(TableSpec),
    /// A chart with its table.
    Chart(ChartSpec),
    /// The indicators of the plan per goal area.
    Outcomes {
        /// Whether indicators outside the plan are shown too.
        others: bool,
    },
    /// The tables about the data itself.
    Quality,
}

/// A table of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSpec {
    /// Anchor, and the key in JSON.
    pub id: String,
    /// The table in the data.
    pub table: String,
    /// Caption.
    pub caption: String,
    /// Printed below; may be empty.
    pub note: String,
    /// The columns to show, in order; empty = all.
    pub columns: Vec<String>,
    /// Those of them that stand below their row on paper.
    pub below: Vec<String>,
    /// Those of them that only JSON and the workbook have.
    pub data: Vec<String>,
    /// What is folded.
    pub fold: Fold,
    /// What it says of itself.
    pub finding: Option<FindingSpec>,
}

/// A chart of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartSpec {
    /// Anchor, and the key in JSON.
    pub id: String,
    /// Its form.
    pub kind: ChartKind,
    /// The table in the data.
    pub table: String,
    /// Column along the horizontal axis.
    pub x: String,
    /// Columns with the values; several are one series each.
    pub y: Vec<String>,
    /// Column whose values are the series; empty = none.
    pub series: String,
    /// Title.
    pub caption: String,
    /// What is shown, of whom.
    pub subtitle: String,
    /// Unit of the values; empty = as the column says.
    pub unit: String,
    /// Printed below; may be empty.
    pub note: String,
    /// Whether it is folded.
    pub folded: bool,
    /// What it says of itself.
    pub finding: Option<FindingSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpec {
    title: String,
    body: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    message: RawMessage,
    #[serde(rename = "chapter", default)]
    chapters: Vec<RawChapter>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawMessage {
    result: Option<RawSource>,
    forecast: Option<RawSource>,
    assignments: Option<RawSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    block: Spanned<String>,
    subject: String,
    value: String,
    #[serde(default)]
    against: String,
    #[serde(default)]
    difference: String,
    #[serde(default)]
    change: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFinding {
    kind: Spanned<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    against: String,
    #[serde(default)]
    difference: String,
    words: Option<Spanned<String>>,
    #[serde(default)]
    rows: String,
    #[serde(default)]
    equals: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChapter {
    id: Spanned<String>,
    #[serde(default)]
    underlag: bool,
    heading: String,
    #[serde(default)]
    intro: Option<Spanned<String>>,
    #[serde(rename = "block", default)]
    blocks: Vec<RawBlock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    kind: Spanned<String>,
    id: Option<Spanned<String>>,
    table: Option<String>,
    caption: Option<Spanned<String>>,
    note: Option<Spanned<String>>,
    columns: Option<Vec<String>>,
    below: Option<Vec<String>>,
    data: Option<Vec<String>>,
    fold: Option<Spanned<String>>,
    finding: Option<RawFinding>,
    chart: Option<Spanned<String>>,
    x: Option<String>,
    y: Option<Spanned<toml::Value>>,
    series: Option<String>,
    subtitle: Option<Spanned<String>>,
    unit: Option<String>,
    text: Option<Spanned<String>>,
    others: Option<bool>,
}

const KINDS: &str = "`text`, `heading`, `note`, `table`, `chart`, `outcomes` or `quality`";
const CHARTS: &str = "`line`, `bar`, `stacked_bar` or `small_multiples`";
/// The words in braces that a text may use.
pub const PLACEHOLDERS: [&str; 8] =
    ["period", "period_id", "year", "previous_year", "last_month", "region", "body", "as_of"];

/// Reads the specification; every fault at once.
pub fn parse_spec(file: &str, text: &str) -> Result<ReportSpec, Faults> {
    let raw: RawSpec = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => return Err(syntax_fault(file, text, &error).into()),
    };
    let mut reader = Reader { file, text, faults: Vec::new(), ids: BTreeSet::new() };
    let chapters: Vec<ChapterSpec> =
        raw.chapters.into_iter().map(|chapter| reader.chapter(chapter)).collect();
    let message = reader.message(raw.message, &chapters);
    if !reader.faults.is_empty() {
        return Err(reader.faults.into());
    }
    let (title, body, contact) = (raw.title, raw.body, raw.contact);
    Ok(ReportSpec { file: file.to_owned(), title, body, contact, message, chapters })
}

fn syntax_fault(file: &str, text: &str, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().lines().next().unwrap_or("the file is not TOML").to_owned();
    place_fault(file, text, span, message)
        .with_expected(format!(
            "`title`, `body` and chapters with `id`, `heading` and blocks of kind {KINDS}"
        ))
        .with_effect("no report can be made")
        .with_hint("correct the file and run `tertial check`")
}

/// A fault at a span of the file, with the line underlined.
fn place_fault(
    file: &str,
    text: &str,
    span: std::ops::Range<usize>,
    message: String,
) -> Diagnostic {
    let (line, column) = position(text, span.start);
    let shown = text.lines().nth(line as usize - 1).unwrap_or("");
    let start = column as usize - 1;
    let marked = text.get(span).unwrap_or("").lines().next().unwrap_or("").chars().count();
    let length = marked.min(shown.chars().count().saturating_sub(start));
    Diagnostic::error(Code::BadSetting, message, Location::text(file, line, column))
        .with_excerpt(Excerpt { line, text: shown.to_owned(), start, length })
}

fn position(text: &str, offset: usize) -> (u64, u32) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() as u64 + 1;
    (line, before[line_start..].chars().count() as u32 + 1)
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    faults: Vec<Diagnostic>,
    ids: BTreeSet<String>,
}

impl Reader<'_> {
    fn fault(&mut self, span: std::ops::Range<usize>, message: String) -> &mut Diagnostic {
        self.faults.push(place_fault(self.file, self.text, span, message));
        self.faults.last_mut().expect("a fault was just pushed")
    }

    fn chapter(&mut self, raw: RawChapter) -> ChapterSpec {
        let id = self.id(raw.id);
        let intro = raw.intro.map(|intro| self.words(intro)).unwrap_or_default();
        let blocks = raw.blocks.into_iter().filter_map(|block| self.block(block)).collect();
        let part = if raw.underlag { Part::Basis } else { Part::Report };
        ChapterSpec { id, part, heading: raw.heading, intro, blocks }
    }

    fn message(&mut self, raw: RawMessage, chapters: &[ChapterSpec]) -> MessageSpec {
        let blocks = chapters.iter().flat_map(|chapter| &chapter.blocks);
        let tables = blocks.filter_map(|block| match &block.kind {
            BlockKind::Table(table) => Some(table.id.as_str()),
            _ => None,
        });
        let tables: Vec<&str> = tables.collect();
        let mut source = |raw: Option<RawSource>| Some(self.source(raw?, &tables));
        MessageSpec {
            result: source(raw.result),
            forecast: source(raw.forecast),
            assignments: source(raw.assignments),
        }
    }

    /// A table that the first screen is made from; it must be one of the report's.
    fn source(&mut self, raw: RawSource, tables: &[&str]) -> SourceSpec {
        if !tables.contains(&raw.block.get_ref().as_str()) {
            let known: Vec<String> = tables.iter().map(|id| format!("`{id}`")).collect();
            let message = format!("the report has no table `{}`", raw.block.get_ref());
            let fault = self.fault(raw.block.span(), message);
            fault.expected = Some(match known.is_empty() {
                true => "the `id` of a table of the report; there is none yet".to_owned(),
                false => format!("one of {}", known.join(", ")),
            });
        }
        SourceSpec {
            place: position(self.text, raw.block.span().start),
            block: raw.block.into_inner(),
            subject: raw.subject,
            value: raw.value,
            against: raw.against,
            difference: raw.difference,
            change: raw.change,
        }
    }

    /// What a block says of itself; a chart is asked other things than a table.
    fn finding(&mut self, raw: Option<RawFinding>, of_chart: bool) -> Option<FindingSpec> {
        let raw = raw?;
        let kind = self.named(&raw.kind, "a kind of finding", &FindingKind::ALL)?;
        if kind.is_of_chart() != of_chart {
            let of = if of_chart { "chart" } else { "table" };
            let message = format!("a {of} cannot be asked for `{}`", raw.kind.get_ref());
            let asked =
                FindingKind::ALL.into_iter().filter(|(_, kind)| kind.is_of_chart() == of_chart);
            let names: Vec<String> = asked.map(|(name, _)| format!("`{name}`")).collect();
            self.fault(raw.kind.span(), message).expected =
                Some(format!("one of {}", names.join(", ")));
            return None;
        }
        Some(FindingSpec {
            place: position(self.text, raw.kind.span().start),
            kind,
            subject: raw.subject,
            value: raw.value,
            against: raw.against,
            difference: raw.difference,
            words: raw.words.map(|words| self.words(words)).unwrap_or_default(),
            rows: raw.rows,
            equals: raw.equals,
        })
    }

    /// One of some names, or a fault that lists them.
    fn named<T: Copy>(
        &mut self,
        text: &Spanned<String>,
        what: &str,
        names: &[(&str, T)],
    ) -> Option<T> {
        let found = names.iter().find(|(name, _)| name == text.get_ref());
        if found.is_none() {
            let known: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
            let message = format!("`{}` is not {what}", text.get_ref());
            self.fault(text.span(), message).expected =
                Some(format!("one of {}", known.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    fn block(&mut self, mut raw: RawBlock) -> Option<BlockSpec> {
        let place = position(self.text, raw.kind.span().start);
        let span = raw.kind.span();
        let kind = match raw.kind.get_ref().as_str() {
            "text" => BlockKind::Text { text: self.needed_text(&span, "text", raw.text.take())? },
            "heading" => {
                BlockKind::Heading { text: self.needed_text(&span, "heading", raw.text.take())? }
            }
            "note" => BlockKind::Note { text: self.needed_text(&span, "note", raw.text.take())? },
            "outcomes" => BlockKind::Outcomes { others: raw.others.unwrap_or(false) },
            "quality" => BlockKind::Quality,
            "table" => BlockKind::Table(self.table(&span, raw)?),
            "chart" => BlockKind::Chart(self.chart(&span, raw)?),
            other => {
                let message = format!("`{other}` is not a kind of block");
                let fault = self.fault(span, message);
                fault.found = Some(format!("`{other}`"));
                fault.expected = Some(KINDS.to_owned());
                return None;
            }
        };
        Some(BlockSpec { place, kind })
    }

    fn table(&mut self, span: &std::ops::Range<usize>, raw: RawBlock) -> Option<TableSpec> {
        let id = self.needed(span, "table", "id", raw.id)?;
        let table = self.needed(span, "table", "table", raw.table)?;
        let caption = self.needed(span, "table", "caption", raw.caption)?;
        Some(TableSpec {
            id: self.id(id),
            table,
            caption: self.words(caption),
            note: raw.note.map(|note| self.words(note)).unwrap_or_default(),
            columns: raw.columns.unwrap_or_default(),
            below: raw.below.unwrap_or_default(),
            data: raw.data.unwrap_or_default(),
            fold: raw
                .fold
                .and_then(|fold| self.named(&fold, "a part of a table", &Fold::ALL))
                .unwrap_or_default(),
            finding: self.finding(raw.finding, false),
        })
    }

    fn chart(&mut self, span: &std::ops::Range<usize>, raw: RawBlock) -> Option<ChartSpec> {
        let id = self.needed(span, "chart", "id", raw.id)?;
        let chart = self.needed(span, "chart", "chart", raw.chart)?;
        let table = self.needed(span, "chart", "table", raw.table)?;
        let caption = self.needed(span, "chart", "caption", raw.caption)?;
        let x = self.needed(span, "chart", "x", raw.x)?;
        let y = self.needed(span, "chart", "y", raw.y)?;
        let Some(kind) = ChartKind::parse(chart.get_ref()) else {
            let message = format!("`{}` is not a form of chart", chart.get_ref());
            self.fault(chart.span(), message).expected = Some(CHARTS.to_owned());
            return None;
        };
        Some(ChartSpec {
            id: self.id(id),
            kind,
            table,
            x,
            y: self.columns(y)?,
            series: raw.series.unwrap_or_default(),
            caption: self.words(caption),
            subtitle: raw.subtitle.map(|text| self.words(text)).unwrap_or_default(),
            unit: raw.unit.unwrap_or_default(),
            note: raw.note.map(|note| self.words(note)).unwrap_or_default(),
            folded: raw
                .fold
                .and_then(|fold| self.named(&fold, "a part of a chart", &Fold::ALL[..1]))
                .is_some(),
            finding: self.finding(raw.finding, true),
        })
    }

    fn columns(&mut self, y: Spanned<toml::Value>) -> Option<Vec<String>> {
        let names: Option<Vec<String>> = match y.get_ref() {
            toml::Value::String(name) => Some(vec![name.clone()]),
            toml::Value::Array(names) => {
                names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        let names = names.filter(|names| !names.is_empty());
        if names.is_none() {
            let fault = self.fault(y.span(), "`y` is not a column or a list of columns".to_owned());
            fault.expected = Some("`y = \"value\"` or `y = [\"outcome\", \"budget\"]`".to_owned());
        }
        names
    }

    fn needed<T>(
        &mut self,
        span: &std::ops::Range<usize>,
        kind: &str,
        field: &str,
        value: Option<T>,
    ) -> Option<T> {
        if value.is_none() {
            self.fault(span.clone(), format!("a block of kind `{kind}` lacks `{field}`"))
                .hints
                .push(format!("add `{field}` to the block"));
        }
        value
    }

    fn needed_text(
        &mut self,
        span: &std::ops::Range<usize>,
        kind: &str,
        text: Option<Spanned<String>>,
    ) -> Option<String> {
        let text = self.needed(span, kind, "text", text)?;
        Some(self.words(text))
    }

    /// An anchor: unique, and safe in an address, in a style sheet and as a sheet's name.
    fn id(&mut self, id: Spanned<String>) -> String {
        let text = id.get_ref().clone();
        let sound = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
        if !sound {
            let message = format!("`{text}` cannot be an anchor");
            self.fault(id.span(), message).expected =
                Some("a letter a–z, then letters a–z, digits, `-` and `_`".to_owned());
        } else if !self.ids.insert(text.clone()) {
            let message = format!("the anchor `{text}` is used twice");
            self.fault(id.span(), message)
                .hints
                .push("give every chapter, table and chart an id of its own".to_owned());
        }
        text
    }

    /// A text whose words in braces are all known.
    fn words(&mut self, text: Spanned<String>) -> String {
        for name in placeholders(text.get_ref()) {
            if !PLACEHOLDERS.contains(&name) {
                let known = PLACEHOLDERS.map(|name| format!("`{{{name}}}`")).join(", ");
                let message = format!("`{{{name}}}` stands for nothing");
                self.fault(text.span(), message).expected = Some(format!("one of {known}"));
            }
        }
        text.into_inner()
    }
}

/// The words in braces.
fn placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .filter(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> String {
        let faults = parse_spec("seeds/report.toml", text).unwrap_err();
        faults.iter().map(Diagnostic::to_string).collect::<Vec<_>>().join("---\n")
    }

    #[test]
    fn reads_every_kind_of_block() {
        let spec = parse_spec(
            "seeds/report.toml",
            r#"
title = "Tertialrapport"
body = "Regionstyrelsen"
[[chapter]]
id = "ekonomi"
heading = "Ekonomi"
intro = "Perioden {period}."
[[chapter.block]]
kind = "text"
text = "Ord."
[[chapter.block]]
kind = "table"
id = "resultat"
table = "ekonomi"
caption = "Resultat"
[[chapter.block]]
kind = "chart"
id = "kurva"
chart = "line"
table = "ekonomi"
x = "month"
y = ["a", "b"]
caption = "Kurva"
[[chapter.block]]
kind = "outcomes"
[[chapter.block]]
kind = "quality"
"#,
        )
        .unwrap();
        assert_eq!(spec.chapters[0].blocks.len(), 5);
        let BlockKind::Chart(chart) = &spec.chapters[0].blocks[2].kind else { panic!() };
        assert_eq!(chart.y, ["a", "b"]);
    }

    #[test]
    fn an_unknown_kind_is_shown_where_it_stands() {
        let text = "title = \"T\"\nbody = \"B\"\n[[chapter]]\nid = \"a\"\nheading = \"A\"\n\
                    [[chapter.block]]\nkind = \"pie\"\n";
        assert_eq!(
            faults(text),
            "\
error[T0502]: `pie` is not a kind of block
   --> seeds/report.toml:7:8
    |
  7 | kind = \"pie\"
    |        ^^^^^
    = found:    `pie`
    = expected: `text`, `heading`, `note`, `table`, `chart`, `outcomes` or `quality`
"
        );
    }

    #[test]
    fn a_finding_that_cannot_be_looked_for_is_shown_where_it_stands() {
        let block = "title = \"T\"\nbody = \"B\"\n[[chapter]]\nid = \"a\"\nheading = \"A\"\n\
                     [[chapter.block]]\nkind = \"table\"\nid = \"t\"\ntable = \"t\"\n\
                     caption = \"T\"\n";
        let told = faults(&format!("{block}finding = {{ kind = \"gap\" }}\n"));
        assert!(told.contains("a table cannot be asked for `gap`"), "{told}");
        assert!(told.contains("seeds/report.toml:11:20"), "{told}");
        let message = "[message]\nresult = { block = \"x\", subject = \"R\", value = \"v\" }\n";
        let told = faults(&format!("{block}{message}"));
        assert!(told.contains("the report has no table `x`"), "{told}");
        assert!(told.contains("one of `t`"), "{told}");
        let told = faults(&format!("{block}fold = \"half\"\n"));
        assert!(told.contains("`half` is not a part of a table"), "{told}");
        assert!(told.contains("one of `all`, `body`, `partly`"), "{told}");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let text = "title = \"T\"\nbody = \"B\"\n[[chapter]]\nid = \"Å\"\nheading = \"A\"\n\
                    intro = \"{perod}\"\n[[chapter.block]]\nkind = \"table\"\nid = \"t\"\n";
        let told = faults(text);
        assert!(told.contains("`Å` cannot be an anchor"), "{told}");
        assert!(told.contains("`{perod}` stands for nothing"), "{told}");
        assert!(told.contains("a block of kind `table` lacks `table`"), "{told}");
    }

    #[test]
    fn a_file_that_is_not_toml_names_its_line() {
        let told = faults("title = \"T\"\nbody = \n");
        assert!(told.starts_with("error[T0502]: "), "{told}");
        assert!(told.contains("seeds/report.toml:2:"), "{told}");
        let unknown = faults("title = \"T\"\nbody = \"B\"\ncolour = \"red\"\n");
        assert!(unknown.contains("colour"), "{unknown}");
    }

    #[test]
    fn an_anchor_is_used_once() {
        let text = "title = \"T\"\nbody = \"B\"\n[[chapter]]\nid = \"a\"\nheading = \"A\"\n\
                    [[chapter]]\nid = \"a\"\nheading = \"A\"\n";
        assert!(faults(text).contains("the anchor `a` is used twice"));
    }

    #[test]
    fn arbitrary_text_never_panics() {
        let mut random = crate::random::Random::new(7);
        for _ in 0..2000 {
            let text = random.text();
            assert!(parse_spec("f", &text).is_err(), "{text}");
            let quoted = text.replace(['"', '\\'], "").replace(char::is_control, "");
            let whole = format!(
                "title = \"T\"\nbody = \"B\"\n[[chapter]]\nid = \"{quoted}\"\nheading = \"\"\nintro = \"{quoted}\""
            );
            let _ = parse_spec("f", &whole);
        }
    }
}

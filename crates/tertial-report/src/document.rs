//! The content model: what a report says, free of how it looks.
//!
//! Every rendering reads this and only this, so that a number has one printed form everywhere.
//! Numbers keep their exact value beside the printed text. Composition is `compose`'s work.
//! A document has two parts: the report, and *Underlag*, what it rests on. What is folded belongs to the
//! report on a screen and to *Underlag* on paper.

use crate::chart::Chart;
use crate::legend::{self, Sign};
use tertial_model::{Answer, Decimal, Missing, Outcome, OutcomeMark, Period, Status, swedish};

/// The words that stand on every page of a report made from synthetic data.
pub const SYNTHETIC_LABEL: &str = "Syntetiska data – inga verkliga personer eller uppgifter";

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// `Tertialrapport`.
    pub title: String,
    /// The board the report is for.
    pub body: String,
    /// The region's name.
    pub region: String,
    /// The period the report concerns.
    pub period: Period,
    /// `januari–augusti 2024`.
    pub period_label: String,
    /// Running number of the edition, from 1; 0 is a draft.
    pub edition: u32,
    /// The day whose knowledge the figures show, `2024-09-16`.
    pub as_of: String,
    /// Whether the figures are made up.
    pub synthetic: bool,
    /// What a reader must know first; none = nothing.
    pub note: Option<String>,
    /// The release the figures were read from.
    pub release_id: String,
    /// The program's version.
    pub program_version: String,
    /// Where a reader reports an accessibility fault; may be empty.
    pub contact: String,
    /// What the edition's own checks found not accessible.
    pub known_faults: Vec<String>,
    /// What the whole report says, on one screen.
    pub front: Front,
    /// The chapters in order.
    pub chapters: Vec<Chapter>,
    /// Every outcome behind the report, for machines.
    pub outcomes: Vec<Outcome>,
}

/// What the whole report says, on one screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Front {
    /// The most important thing; empty = nothing can be said.
    pub headline: String,
    /// The few sentences that everybody should have read.
    pub sentences: Vec<Sentence>,
    /// The few numbers.
    pub figures: Vec<KeyFigure>,
    /// How many there are of each status.
    pub strips: Vec<Strip>,
}

/// A generated sentence that leads to what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The words that carry it.
    pub lead: String,
    /// What follows, its full stop included.
    pub rest: String,
    /// Anchor of the place that bears it out.
    pub target: String,
    /// What that place is called.
    pub place: String,
}

/// A number that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyFigure {
    /// What it is.
    pub label: String,
    /// Its printed form.
    pub printed: String,
    /// Its unit.
    pub unit: String,
    /// What it is made of.
    pub beside: String,
    /// Anchor of the table it stands in.
    pub target: String,
}

/// How many there are of each status, and where they are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// `23 nyckeltal`.
    pub label: String,
    /// How many of each, in the order of [`Status::number`].
    pub counts: [u64; 4],
    /// Anchor of the list.
    pub target: String,
}

impl Strip {
    /// The counts in words: `5 helt uppnådda, 7 delvis, 9 ej, 2 utan data`.
    pub fn words(&self) -> String {
        let words = ["helt uppnådda", "delvis", "ej", "utan data"];
        let parts = self.counts.iter().zip(words).filter(|(count, _)| **count > 0);
        parts.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }
}

/// A part of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What the board reads.
    Report,
    /// *Underlag*: what the figures rest on.
    Basis,
}

/// A chapter.
#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    /// Anchor, unique in the document.
    pub id: String,
    /// Which part it belongs to.
    pub part: Part,
    /// Heading.
    pub heading: String,
    /// What its tables and charts say, in generated sentences.
    pub finding: Vec<String>,
    /// Lead paragraphs.
    pub intro: Vec<String>,
    /// What follows.
    pub blocks: Vec<Block>,
}

/// A piece of a chapter.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a report holds a few dozen blocks, moved once")]
pub enum Block {
    /// A heading below the chapter's own; level 2 or 3.
    Heading {
        /// 2 is a section of the chapter, 3 a part of a section.
        level: u8,
        /// Anchor; empty = none.
        id: String,
        /// The words.
        text: String,
    },
    /// Running text.
    Paragraph(String),
    /// Points.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A chart and the table with the same numbers.
    Chart {
        /// The drawing.
        chart: Chart,
        /// Its numbers.
        table: Table,
    },
    /// Something the reader must not miss.
    Note(String),
    /// Terms and what they mean.
    Definitions(Vec<(String, String)>),
    /// A text for the specialist, folded where the medium can fold.
    Code {
        /// What it is: `SQL-texten bakom nyckeltalet`.
        summary: String,
        /// The text, verbatim.
        text: String,
    },
    /// What a reader opens when it is needed: folded on a screen, in *Underlag* on paper.
    Folded {
        /// Level of the heading it is on paper, 2 or 3; 0 = none.
        level: u8,
        /// Anchor; empty = none.
        id: String,
        /// What is inside.
        summary: String,
        /// The inside.
        blocks: Vec<Block>,
    },
    /// What is read on a screen: whole sections that would only be weight on paper.
    OnPage {
        /// What the paper says in their place.
        told: String,
        /// What the page shows.
        blocks: Vec<Block>,
    },
}

impl Block {
    /// The block and everything it holds, in reading order.
    pub fn walk<'a>(&'a self, found: &mut Vec<&'a Block>) {
        found.push(self);
        if let Block::Folded { blocks, .. } | Block::OnPage { blocks, .. } = self {
            blocks.iter().for_each(|block| block.walk(found));
        }
    }
}

/// A table. The first column names the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Anchor, unique in the document; the table's key in JSON.
    pub id: String,
    /// What it shows.
    pub caption: String,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The rows in order.
    pub rows: Vec<Row>,
    /// Notes printed below.
    pub notes: Vec<String>,
    /// Where the figures come from; may be empty.
    pub source: String,
    /// Anchor of the section that explains every figure of the table.
    pub explain: Option<String>,
    /// How many of the rows stand on paper; the page and the workbook have them all.
    pub paper_rows: Option<usize>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Identifier for machines.
    pub key: String,
    /// Swedish label.
    pub label: String,
    /// Unit of every number in the column; empty = none.
    pub unit: String,
    /// What the cells hold.
    pub kind: ColumnKind,
    /// Decimals of the printed numbers.
    pub decimals: u8,
    /// Where it is shown.
    pub place: Place,
}

/// Where a column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Page,
    /// Everywhere; on paper in a line of its own below the row.
    Below,
    /// In JSON and in the workbook only.
    Data,
}

/// What a column's cells hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Text,
    /// Numbers, aligned on the comma.
    Number,
    /// A judgement: word, shape and colour.
    Status,
    /// Days, months and periods.
    Date,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its part in the table.
    pub kind: RowKind,
    /// One cell per column.
    pub cells: Vec<Cell>,
}

/// A row's part in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An ordinary row.
    Body,
    /// The total.
    Sum,
    /// A part sum.
    Subtotal,
    /// A share of the rows above or a part of the row above it.
    Share,
    /// A row whose figures rest on little; a column says why, the subdued colour only repeats it.
    Uncertain,
}

impl RowKind {
    /// Reads the `row_kind` of a mart.
    pub fn parse(text: &str) -> Option<RowKind> {
        Some(match text {
            "" | "body" | "row" => RowKind::Body,
            "sum" => RowKind::Sum,
            "subtotal" => RowKind::Subtotal,
            "share" => RowKind::Share,
            "uncertain" => RowKind::Uncertain,
            _ => return None,
        })
    }

    /// The name used in JSON and in style sheets.
    pub fn name(self) -> &'static str {
        match self {
            RowKind::Body => "body",
            RowKind::Sum => "sum",
            RowKind::Subtotal => "subtotal",
            RowKind::Share => "share",
            RowKind::Uncertain => "uncertain",
        }
    }
}

/// A number with its exact value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Money, hours, counts.
    Exact(Decimal),
    /// A ratio.
    Float(f64),
}

impl Number {
    /// The Swedish form with that many decimals.
    pub fn print(self, decimals: u8) -> String {
        match self {
            Number::Exact(value) => swedish::decimal(value, decimals),
            Number::Float(value) => swedish::float(value, decimals),
        }
    }

    /// Whether the value is exactly zero.
    pub fn is_zero(self) -> bool {
        match self {
            Number::Exact(value) => value.is_zero(),
            Number::Float(value) => value == 0.0,
        }
    }

    /// The nearest float, for charts.
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Exact(value) => value.to_f64(),
            Number::Float(value) => value,
        }
    }
}

/// A cell: a value, and what must be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The value.
    pub value: CellValue,
    /// Anchor of the section that explains the figure.
    pub explain: Option<String>,
    /// A reservation printed behind the value.
    pub mark: Option<Mark>,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// Words; may be empty.
    Text(String),
    /// A number and its printed form.
    Number {
        /// Unrounded.
        value: Number,
        /// As every rendering shows it.
        printed: String,
    },
    /// One of the kinds of nothing.
    Missing(Missing),
    /// A judgement with its reason.
    Status {
        /// The judgement.
        status: Status,
        /// Rule, threshold and numbers.
        reason: String,
    },
    /// What a question beside the status was answered with.
    Answer {
        /// The answer; it has a shape.
        answer: Answer,
        /// The word beside the shape.
        word: String,
    },
    /// Values side by side, drawn as a line without axes.
    Series {
        /// From the first to the last; none is a gap.
        values: Vec<Option<f64>>,
        /// The same in words.
        words: String,
    },
    /// A link.
    Link {
        /// The words.
        text: String,
        /// `#anchor` or an `https://` address.
        target: String,
    },
}

/// A reservation about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// May still change.
    Preliminary,
    /// Differs from an earlier edition.
    Revised,
    /// Estimated.
    Estimated,
    /// A forecast.
    Forecast,
    /// The series is broken here.
    Break,
    /// Low reliability.
    Uncertain,
    /// Stated by a responsible role, not computed.
    Stated,
}

impl From<OutcomeMark> for Mark {
    fn from(mark: OutcomeMark) -> Mark {
        match mark {
            OutcomeMark::Preliminary => Mark::Preliminary,
            OutcomeMark::Revised => Mark::Revised,
            OutcomeMark::Estimated => Mark::Estimated,
            OutcomeMark::Break => Mark::Break,
            OutcomeMark::Uncertain => Mark::Uncertain,
            OutcomeMark::Stated => Mark::Stated,
        }
    }
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::of(CellValue::Text(text.into()))
    }

    /// A number with that many decimals; exactly zero is printed as the sign for zero.
    pub fn number(value: Number, decimals: u8) -> Cell {
        let printed = if value.is_zero() { legend::ZERO.to_owned() } else { value.print(decimals) };
        Cell::printed_number(value, printed)
    }

    /// A number whose printed form the caller knows, such as one with its unit.
    pub fn printed_number(value: Number, printed: impl Into<String>) -> Cell {
        Cell::of(CellValue::Number { value, printed: printed.into() })
    }

    /// One of the kinds of nothing.
    pub fn missing(missing: Missing) -> Cell {
        Cell::of(CellValue::Missing(missing))
    }

    /// A judgement.
    pub fn status(status: Status, reason: impl Into<String>) -> Cell {
        Cell::of(CellValue::Status { status, reason: reason.into() })
    }

    /// An answer: its shape and its word.
    pub fn answer(answer: Answer, word: impl Into<String>) -> Cell {
        Cell::of(CellValue::Answer { answer, word: word.into() })
    }

    /// Values side by side.
    pub fn series(values: Vec<Option<f64>>, words: impl Into<String>) -> Cell {
        Cell::of(CellValue::Series { values, words: words.into() })
    }

    /// A link.
    pub fn link(text: impl Into<String>, target: impl Into<String>) -> Cell {
        Cell::of(CellValue::Link { text: text.into(), target: target.into() })
    }

    fn of(value: CellValue) -> Cell {
        Cell { value, explain: None, mark: None }
    }

    /// Adds the anchor of the section that explains the figure.
    pub fn explained(mut self, anchor: impl Into<String>) -> Cell {
        self.explain = Some(anchor.into());
        self
    }

    /// Adds a reservation.
    pub fn marked(mut self, mark: Option<Mark>) -> Cell {
        self.mark = mark;
        self
    }

    /// The text every rendering shows, marks included.
    pub fn printed(&self) -> String {
        let text = match &self.value {
            CellValue::Text(text) | CellValue::Link { text, .. } => text,
            CellValue::Number { printed, .. } => printed,
            CellValue::Missing(missing) => missing.sign(),
            CellValue::Status { status, .. } => status.word(),
            CellValue::Answer { word, .. } => word,
            CellValue::Series { words, .. } => words,
        };
        match self.mark {
            Some(mark) => format!("{text}{}{}", swedish::NO_BREAK_SPACE, legend::mark(mark).sign),
            None => text.to_owned(),
        }
    }

    /// The special signs the cell uses.
    pub fn signs(&self) -> Vec<Sign> {
        let value = match &self.value {
            CellValue::Missing(missing) => Some(legend::missing(*missing)),
            CellValue::Number { value, printed } => legend::zero(*value, printed),
            _ => None,
        };
        value.into_iter().chain(self.mark.map(legend::mark)).collect()
    }

    /// Whether nothing at all stands in the cell.
    pub fn is_blank(&self) -> bool {
        matches!(&self.value, CellValue::Text(text) if text.is_empty())
    }
}

impl Column {
    /// A column of words.
    pub fn text(key: &str, label: &str) -> Column {
        Column::new(key, label, "", ColumnKind::Text, 0)
    }

    /// Any column.
    pub fn new(key: &str, label: &str, unit: &str, kind: ColumnKind, decimals: u8) -> Column {
        let (key, label, unit) = (key.to_owned(), label.to_owned(), unit.to_owned());
        Column { key, label, unit, kind, decimals, place: Place::Page }
    }

    /// The same column, shown elsewhere.
    pub fn placed(mut self, place: Place) -> Column {
        self.place = place;
        self
    }

    /// The label with its unit: `Utfall (tkr)`.
    pub fn heading(&self) -> String {
        if self.unit.is_empty() {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.unit)
        }
    }
}

impl Table {
    /// A table of what is given, without notes.
    pub fn new(id: impl Into<String>, caption: impl Into<String>, columns: Vec<Column>) -> Table {
        Table {
            id: id.into(),
            caption: caption.into(),
            columns,
            rows: Vec::new(),
            notes: Vec::new(),
            source: String::new(),
            explain: None,
            paper_rows: None,
        }
    }

    /// The columns that a page shows: not those for machines, nor those in which no row can have
    /// anything. The first always is.
    pub fn on_page(&self) -> Vec<usize> {
        let is_empty = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(at));
            cells.into_iter().all(|cell| cell.value == CellValue::Missing(Missing::CannotOccur))
        };
        (0..self.columns.len())
            .filter(|at| *at == 0 || (self.columns[*at].place != Place::Data && !is_empty(*at)))
            .collect()
    }

    /// The special signs that the columns use, in the order of the legend, each once.
    pub fn signs(&self, columns: &[usize]) -> Vec<Sign> {
        let cells =
            self.rows.iter().flat_map(|row| columns.iter().filter_map(|at| row.cells.get(*at)));
        let used: Vec<Sign> = cells.flat_map(Cell::signs).collect();
        legend::all().into_iter().filter(|sign| used.contains(sign)).collect()
    }

    /// The legend of the columns as one line, empty when no sign is used.
    pub fn legend(&self, columns: &[usize]) -> String {
        let signs = self.signs(columns);
        let parts: Vec<String> =
            signs.iter().map(|sign| format!("{} {}", sign.sign, sign.words)).collect();
        parts.join("; ")
    }
}

impl Document {
    /// `Tertialrapport januari–augusti 2024, Regionstyrelsen`.
    pub fn full_title(&self) -> String {
        format!("{} {}, {}", self.title, self.period_label, self.body)
    }

    /// `Utgåva 1`, or the word for a draft.
    pub fn edition_label(&self) -> String {
        match self.edition {
            0 => "Arbetsutkast".to_owned(),
            number => format!("Utgåva {number}"),
        }
    }

    /// Every table, those of charts included, in reading order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks().into_iter().filter_map(|block| match block {
            Block::Table(table) | Block::Chart { table, .. } => Some(table),
            _ => None,
        })
    }

    /// Every chart in reading order.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks().into_iter().filter_map(|block| match block {
            Block::Chart { chart, .. } => Some(chart),
            _ => None,
        })
    }

    /// Every block, what is folded included, in reading order.
    pub fn blocks(&self) -> Vec<&Block> {
        let mut found = Vec::new();
        let blocks = self.chapters.iter().flat_map(|chapter| &chapter.blocks);
        blocks.for_each(|block| block.walk(&mut found));
        found
    }

    /// The chapters of a part.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Chapter> {
        self.chapters.iter().filter(move |chapter| chapter.part == part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_printed_form_and_zero_has_a_sign() {
        let exact = |text: &str| Number::Exact(Decimal::parse(text).unwrap());
        assert_eq!(Cell::number(exact("-1234.56"), 1).printed(), "−1\u{a0}234,6");
        assert_eq!(Cell::number(exact("0.00"), 1).printed(), "–");
        assert_eq!(Cell::number(exact("0.04"), 1).printed(), "0,0");
        let marked = Cell::number(Number::Float(5.65), 1).marked(Some(Mark::Preliminary));
        assert_eq!(marked.printed(), "5,7\u{a0}[p]");
    }

    #[test]
    fn the_legend_lists_each_used_sign_once_in_its_own_order() {
        let cells = vec![
            Cell::missing(Missing::Suppressed),
            Cell::number(Number::Float(0.0), 0),
            Cell::missing(Missing::Suppressed),
        ];
        let rows = vec![Row { kind: RowKind::Body, cells }];
        let table = Table { rows, ..Table::new("t", "Tabell", vec![Column::text("a", "A"); 3]) };
        assert_eq!(table.legend(&[0, 1, 2]), "– noll, inget fall; [s] dold, för få personer");
        assert_eq!(table.legend(&[1]), "– noll, inget fall");
    }

    #[test]
    fn a_page_leaves_out_what_no_row_can_have() {
        let row = |second: Cell| Row {
            kind: RowKind::Body,
            cells: vec![
                Cell::text("a"),
                Cell::missing(Missing::CannotOccur),
                second,
                Cell::text("b"),
            ],
        };
        let columns = vec![
            Column::text("name", "Namn"),
            Column::text("target", "Mål"),
            Column::text("value", "Utfall"),
            Column::text("code", "Kod").placed(Place::Data),
        ];
        let rows = vec![row(Cell::text("1")), row(Cell::missing(Missing::CannotOccur))];
        let table = Table { rows, ..Table::new("t", "Tabell", columns) };
        assert_eq!(table.on_page(), [0, 2]);
    }
}

//! Specification + data → document.
//!
//! Everything is looked up by the names the specification gives; a name that leads nowhere is a
//! diagnostic with its place in the file. `tables` and `charts` turn rows into blocks, `outcomes`
//! shows the plan's indicators, `units` lays units beside each other, `finding` puts into words what
//! they show and `message` what all of it comes to, `explain` and `sources` say where each figure comes
//! from.

mod charts;
mod explain;
mod finding;
mod message;
mod outcomes;
mod signals;
mod sources;
mod tables;
mod units;

pub(crate) use outcomes::AREA_PREFIX;

use crate::data::{DataTable, ReportData};
use crate::document::{Block, Chapter, Document, Front, Part};
use crate::spec::{BlockKind, BlockSpec, PLACEHOLDERS, ReportSpec};
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Faults, Location};

/// Anchor of the chapter that explains every indicator.
const EXPLANATIONS: &str = "nyckeltalen-forklarade";

/// Puts the report together; every fault at once.
pub fn compose(spec: &ReportSpec, data: &ReportData) -> Result<Document, Faults> {
    let mut composer = Composer {
        spec,
        data,
        faults: Vec::new(),
        explains: false,
        shown: Vec::new(),
        told: Vec::new(),
    };
    let mut chapters: Vec<Chapter> = Vec::new();
    for chapter in &spec.chapters {
        let (intro, mut blocks) = (composer.fill(&chapter.intro), Vec::new());
        for block in &chapter.blocks {
            blocks.extend(composer.block(block));
        }
        chapters.push(Chapter {
            id: chapter.id.clone(),
            part: chapter.part,
            heading: composer.fill(&chapter.heading),
            finding: std::mem::take(&mut composer.told),
            intro: paragraphs(&intro),
            blocks,
        });
    }
    // The report comes first, whatever the order of the specification.
    chapters.sort_by_key(|chapter| chapter.part == Part::Basis);
    if composer.explains {
        chapters.push(explain::chapter(data, EXPLANATIONS));
    }
    if !composer.shown.is_empty() {
        chapters.push(sources::chapter(data, &composer.shown));
    }
    composer.faults.extend(doubled(&spec.file, &chapters));
    let front = message::front(&mut composer, &chapters);
    if composer.faults.is_empty() {
        let mut document = document(spec, data, front, chapters);
        crate::safe::make(&mut document);
        Ok(document)
    } else {
        Err(composer.faults.into())
    }
}

/// Anchors that stand twice, where the specification and the data meet.
fn doubled(file: &str, chapters: &[Chapter]) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    let mut blocks = Vec::new();
    let all = chapters.iter().flat_map(|chapter| &chapter.blocks);
    all.for_each(|block| block.walk(&mut blocks));
    let ids = blocks.into_iter().flat_map(|block| match block {
        Block::Heading { id, .. } | Block::Folded { id, .. } if !id.is_empty() => vec![id],
        Block::Table(table) => vec![&table.id],
        Block::Chart { chart, table } => vec![&chart.id, &table.id],
        _ => Vec::new(),
    });
    for id in chapters.iter().map(|chapter| &chapter.id).chain(ids) {
        if !seen.insert(id) {
            let message = format!("the anchor `{id}` is used twice");
            faults.push(
                Diagnostic::error(Code::BadSetting, message, Location::file(file))
                    .with_effect("no report can be made")
                    .with_hint("give the chapter, table or chart another id"),
            );
        }
    }
    faults
}

fn document(
    spec: &ReportSpec,
    data: &ReportData,
    front: Front,
    chapters: Vec<Chapter>,
) -> Document {
    Document {
        title: spec.title.clone(),
        body: spec.body.clone(),
        region: data.region.clone(),
        period: data.period,
        period_label: data.period.label(),
        edition: data.edition,
        as_of: data.as_of.clone(),
        synthetic: data.synthetic,
        note: data.note.clone(),
        release_id: data.release_id.clone(),
        program_version: data.program_version.clone(),
        contact: spec.contact.clone(),
        known_faults: data.known_faults.clone(),
        front,
        chapters,
        outcomes: data.outcomes.clone(),
    }
}

struct Composer<'a> {
    spec: &'a ReportSpec,
    data: &'a ReportData,
    faults: Vec<Diagnostic>,
    explains: bool,
    /// The tables shown that can be explained, in order, with their captions.
    shown: Vec<(String, String)>,
    /// What the blocks of the chapter in hand say of themselves.
    told: Vec<String>,
}

impl Composer<'_> {
    fn block(&mut self, block: &BlockSpec) -> Vec<Block> {
        match &block.kind {
            BlockKind::Text { text } => text_blocks(&self.fill(text)),
            BlockKind::Heading { text } => {
                vec![Block::Heading { level: 2, id: String::new(), text: self.fill(text) }]
            }
            BlockKind::Note { text } => vec![Block::Note(self.fill(text))],
            BlockKind::Table(table) => tables::block(self, block.place, table),
            BlockKind::Chart(chart) => charts::block(self, block.place, chart),
            BlockKind::Outcomes { others } => self.outcomes(block.place, *others),
            BlockKind::Quality => self.quality(),
        }
    }

    fn outcomes(&mut self, place: (u64, u32), others: bool) -> Vec<Block> {
        if self.explains {
            self.fault(
                place,
                Code::BadSetting,
                "the indicators of the plan are shown twice".to_owned(),
            )
            .hints
            .push("keep one block of kind `outcomes`".to_owned());
            return Vec::new();
        }
        self.explains = true;
        self.faults.extend(outcomes::undefined(self.data));
        self.told.extend(outcomes::finding(self.data));
        outcomes::blocks(self.data, others)
    }

    fn quality(&mut self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for part in &self.data.quality {
            blocks.push(Block::Heading { level: 2, id: String::new(), text: part.heading.clone() });
            blocks.extend(text_blocks(&part.intro));
            if part.table.rows.is_empty() {
                blocks.push(Block::Paragraph(part.empty.clone()));
                continue;
            }
            match tables::whole(&part.id, &part.heading, &part.table, self.data) {
                Ok(table) => blocks.push(Block::Table(table)),
                Err(fault) => self.faults.push(*fault),
            }
        }
        blocks
    }

    /// The anchor of a table's explanation, which is then given.
    fn explained(&mut self, table: &str, caption: &str) -> Option<String> {
        self.data.table_texts.get(table)?;
        if !self.shown.iter().any(|(shown, _)| shown == table) {
            self.shown.push((table.to_owned(), caption.to_owned()));
        }
        Some(sources::anchor(table))
    }

    /// A fault at a place in the specification.
    fn fault(&mut self, place: (u64, u32), code: Code, message: String) -> &mut Diagnostic {
        let location = Location::text(self.spec.file.as_str(), place.0, place.1);
        let fault = Diagnostic::error(code, message, location).with_effect("no report can be made");
        self.faults.push(fault);
        self.faults.last_mut().expect("a fault was just pushed")
    }

    /// The table of that name, or a fault that lists those there are.
    fn find(&mut self, place: (u64, u32), name: &str) -> Option<&DataTable> {
        let data = self.data;
        let found = data.tables.get(name);
        if found.is_none() {
            let known: Vec<String> = data.tables.keys().map(|name| format!("`{name}`")).collect();
            let fault = self.fault(place, Code::UnknownName, format!("there is no table `{name}`"));
            fault.found = Some(format!("`{name}`"));
            fault.expected = Some(match known.is_empty() {
                true => "a table of the mart; there is none yet".to_owned(),
                false => format!("one of {}", known.join(", ")),
            });
            fault.hints.push("correct `table`, or add a query for it to `sql/mart`".to_owned());
        }
        found
    }

    /// The index of a column, or a fault that lists those there are.
    fn column(&mut self, place: (u64, u32), table: &str, name: &str) -> Option<usize> {
        let data = self.data;
        let columns = &data.tables.get(table)?.columns;
        let found = columns.iter().position(|column| column.name == name);
        if found.is_none() {
            let known: Vec<String> =
                columns.iter().map(|column| format!("`{}`", column.name)).collect();
            let message = format!("the table `{table}` has no column `{name}`");
            let fault = self.fault(place, Code::UnknownName, message);
            fault.found = Some(format!("`{name}`"));
            fault.expected = Some(format!("one of {}", known.join(", ")));
            fault.hints.push("correct the block, or add the column to the mart".to_owned());
        }
        found
    }

    /// The text with the words in braces replaced.
    fn fill(&self, text: &str) -> String {
        let period = self.data.period;
        let values: [String; PLACEHOLDERS.len()] = [
            period.label(),
            period.to_string(),
            period.year().to_string(),
            (period.year() - 1).to_string(),
            period.last_month().label().to_owned(),
            self.data.region.clone(),
            self.spec.body.clone(),
            self.data.as_of.clone(),
        ];
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let known = PLACEHOLDERS.iter().zip(&values).find(|(name, _)| {
                rest[at + 1..].strip_prefix(**name).is_some_and(|tail| tail.starts_with('}'))
            });
            filled.push_str(&rest[..at]);
            match known {
                Some((name, value)) => {
                    filled.push_str(value);
                    rest = &rest[at + name.len() + 2..];
                }
                None => {
                    filled.push('{');
                    rest = &rest[at + 1..];
                }
            }
        }
        filled + rest
    }
}

/// Paragraphs parted by empty lines; other line breaks are spaces.
fn paragraphs(text: &str) -> Vec<String> {
    let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines().map(str::trim) {
        match (line.is_empty(), parts.last_mut()) {
            (false, Some(part)) => part.push(line),
            _ => parts.push(Vec::new()),
        }
    }
    parts.iter().filter(|part| !part.is_empty()).map(|part| part.join(" ")).collect()
}

/// Paragraphs and points.
fn text_blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim).chain([""]) {
        let point = line.strip_prefix("- ");
        if (line.is_empty() || point.is_some()) && !words.is_empty() {
            blocks.push(Block::Paragraph(words.join(" ")));
            words.clear();
        }
        match (point, blocks.last_mut()) {
            (Some(point), Some(Block::List(points))) => points.push(point.to_owned()),
            (Some(point), _) => blocks.push(Block::List(vec![point.to_owned()])),
            (None, _) if !line.is_empty() => words.push(line),
            _ => {}
        }
    }
    blocks
}

/// A text as a part of an anchor: letters, digits and hyphens.
fn slug(text: &str) -> String {
    let lower = text.to_lowercase();
    let plain = lower.chars().map(|letter| match letter {
        'å' | 'ä' => 'a',
        'ö' => 'o',
        c if c.is_ascii_alphanumeric() => c,
        _ => '-',
    });
    plain.collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DataColumn, QualityTable, Value};
    use crate::spec::parse_spec;
    use std::collections::BTreeMap;
    use tertial_model::{Decimal, Period};

    pub(super) fn data() -> ReportData {
        ReportData {
            region: "Region Exempel".into(),
            period: Period::parse("2024T2").unwrap(),
            edition: 1,
            as_of: "2024-09-16".into(),
            synthetic: true,
            release_id: "r1".into(),
            program_version: "0.1.0".into(),
            known_faults: Vec::new(),
            tables: BTreeMap::new(),
            outcomes: Vec::new(),
            indicators: Vec::new(),
            goal_areas: Vec::new(),
            levels: BTreeMap::new(),
            history: Vec::new(),
            plan: Vec::new(),
            comments: Vec::new(),
            quality: Vec::new(),
            signals: Vec::new(),
            signal_points: Vec::new(),
            evidence: Vec::new(),
            table_texts: BTreeMap::new(),
            units: Vec::new(),
            note: None,
        }
    }

    pub(super) fn spec(block: &str) -> ReportSpec {
        let text = format!(
            "title = \"Rapport\"\nbody = \"Nämnden\"\n[[chapter]]\nid = \"a\"\n\
             heading = \"A\"\nintro = \"För {{period}}, mot {{previous_year}}.\"\n\
             [[chapter.block]]\n{block}\n"
        );
        parse_spec("seeds/report.toml", &text).unwrap()
    }

    fn money() -> DataTable {
        let amount = |text: &str| Value::Exact(Decimal::parse(text).unwrap());
        DataTable {
            columns: vec![
                DataColumn::text("report_period", "Period"),
                DataColumn::number("sort_order", "Ordning", "", 0),
                DataColumn::text("row_kind", "Radslag"),
                DataColumn::text("line", "Post"),
                DataColumn::number("amount_tkr", "Utfall", "tkr", 0),
            ],
            rows: vec![
                row("2024T2", 2, "sum", "Summa", amount("490.4")),
                row("2024T2", 1, "body", "Avgifter", amount("563.6")),
                row("2024T1", 1, "body", "Avgifter", amount("1.0")),
            ],
            source: "Redovisningen".into(),
        }
    }

    fn row(period: &str, sort: i64, kind: &str, line: &str, amount: Value) -> Vec<Value> {
        vec![
            Value::text(period),
            Value::Integer(sort),
            Value::text(kind),
            Value::text(line),
            amount,
        ]
    }

    #[test]
    fn a_table_shows_its_period_in_order_and_hides_what_steers_it() {
        let mut data = data();
        data.tables.insert("resultat".into(), money());
        let spec =
            spec("kind = \"table\"\nid = \"t\"\ntable = \"resultat\"\ncaption = \"R {year}\"");
        let document = compose(&spec, &data).unwrap();
        assert_eq!(document.chapters[0].intro, ["För januari–augusti 2024, mot 2023."]);
        let table = document.tables().next().unwrap();
        assert_eq!(table.caption, "R 2024");
        let headings: Vec<String> = table.columns.iter().map(|c| c.heading()).collect();
        assert_eq!(headings, ["Post", "Utfall (tkr)"]);
        let printed: Vec<String> =
            table.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.printed()).collect();
        assert_eq!(printed, ["Avgifter", "564", "Summa", "490"]);
        assert_eq!(table.rows[1].kind.name(), "sum");
    }

    #[test]
    fn a_table_that_is_not_there_is_named_with_its_place() {
        let mut data = data();
        data.tables.insert("resultat".into(), money());
        let spec = spec("kind = \"table\"\nid = \"t\"\ntable = \"resutat\"\ncaption = \"R\"");
        let faults = compose(&spec, &data).unwrap_err();
        assert_eq!(
            faults[0].to_string(),
            "\
error[T0503]: there is no table `resutat`
   --> seeds/report.toml:8:8
    = found:    `resutat`
    = expected: one of `resultat`
    = effect:   no report can be made

hint: correct `table`, or add a query for it to `sql/mart`
"
        );
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let mut data = data();
        data.tables.insert("resultat".into(), money());
        let spec = spec(
            "kind = \"chart\"\nid = \"c\"\nchart = \"bar\"\ntable = \"resultat\"\nx = \"line\"\n\
             y = \"amount\"\ncaption = \"R\"",
        );
        let faults = compose(&spec, &data).unwrap_err();
        assert_eq!(faults[0].message, "the table `resultat` has no column `amount`");
    }

    #[test]
    fn quality_without_rows_says_so_in_words() {
        let mut data = data();
        data.quality.push(QualityTable {
            id: "avvisade".into(),
            heading: "Avvisade rader".into(),
            intro: String::new(),
            empty: "Inga rader avvisades.".into(),
            table: DataTable::default(),
        });
        let document = compose(&spec("kind = \"quality\""), &data).unwrap();
        assert_eq!(
            document.chapters[0].blocks[1],
            Block::Paragraph("Inga rader avvisades.".into())
        );
    }

    #[test]
    fn text_becomes_paragraphs_and_points() {
        assert_eq!(
            text_blocks("En mening.\nSamma stycke.\n\n- a\n- b\nNytt."),
            [
                Block::Paragraph("En mening. Samma stycke.".into()),
                Block::List(vec!["a".into(), "b".into()]),
                Block::Paragraph("Nytt.".into()),
            ]
        );
        assert_eq!(slug("Hälso- & sjukvård"), "halso----sjukvard");
    }
}

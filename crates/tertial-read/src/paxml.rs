//! PAXml 2.0, payroll transactions: time, schedule, salary, travel, payslip rows, persons, balances and
//! the code lists.
//!
//! Names, addresses and telephone numbers of persons are left where they are: nothing downstream
//! needs them. Document type declarations are refused, so that no entity is ever expanded.

use crate::batch::{BatchBuilder, part, wanted};
use crate::encoding::Encoding;
use crate::foreign::not_agreed;
use crate::input::Input;
use crate::prepared::{Prepared, summary_of};
use crate::{ReadOptions, Reader};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader as XmlReader, XmlVersion};
use tertial_model::{
    Code, ColumnType, Diagnostic, Location, Part, Parts, Place, ReadSummary, TextBatch,
};

/// One part: which elements are its rows, and where each column comes from.
struct Layout {
    part: &'static str,
    section: &'static str,
    row: &'static str,
    columns: &'static [(&'static str, Type, Origin)],
}

/// Types that the format guarantees.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Date,
    Number,
}

/// Where a column's text stands.
#[derive(Clone, Copy)]
enum Origin {
    /// An attribute of the row.
    Attribute(&'static str),
    /// An attribute of the nearest element around the row that has it.
    Outer(&'static str),
    /// A child element, under one of these names.
    Child(&'static [&'static str]),
    /// The result units of the row, as `1:605|6:100`.
    Units,
}

use Origin::{Attribute, Child, Outer, Units};

const EMPLOYMENT: (&str, Type, Origin) = ("employment_id", Type::Text, Attribute("anstid"));
const PERSON: (&str, Type, Origin) = ("person_id", Type::Text, Attribute("persnr"));
const ENTRY: (&str, Type, Origin) = ("entry_id", Type::Text, Attribute("postid"));

const LAYOUTS: &[Layout] = &[
    Layout {
        part: "time",
        section: "tidtransaktioner",
        row: "tidtrans",
        columns: &[
            EMPLOYMENT,
            PERSON,
            ENTRY,
            ("code", Type::Text, Child(&["tidkod"])),
            ("date", Type::Date, Child(&["datum"])),
            ("date_from", Type::Date, Child(&["datumfrom"])),
            ("date_to", Type::Date, Child(&["datumtom"])),
            ("start_time", Type::Text, Child(&["starttid"])),
            ("end_time", Type::Text, Child(&["sluttid"])),
            ("hours", Type::Number, Child(&["timmar"])),
            ("extent_pct", Type::Number, Child(&["omfattning"])),
            ("units", Type::Text, Units),
        ],
    },
    Layout {
        part: "schedule",
        section: "schematransaktioner",
        row: "dag",
        columns: &[
            ("employment_id", Type::Text, Outer("anstid")),
            ("person_id", Type::Text, Outer("persnr")),
            ("date", Type::Date, Attribute("datum")),
            ("hours", Type::Number, Attribute("timmar")),
        ],
    },
    Layout {
        part: "salary",
        section: "lonetransaktioner",
        row: "lonetrans",
        columns: &[
            EMPLOYMENT,
            PERSON,
            ENTRY,
            ("code", Type::Text, Child(&["lonart", "lonkod"])),
            ("name", Type::Text, Child(&["benamning"])),
            ("date", Type::Date, Child(&["datum"])),
            ("date_from", Type::Date, Child(&["datumfrom"])),
            ("date_to", Type::Date, Child(&["datumtom"])),
            ("quantity", Type::Number, Child(&["antal"])),
            ("unit_price", Type::Number, Child(&["apris"])),
            ("amount", Type::Number, Child(&["belopp"])),
            ("account", Type::Text, Child(&["kontonr"])),
            ("units", Type::Text, Units),
        ],
    },
    Layout {
        part: "travel",
        section: "resetransaktioner",
        row: "resetrans",
        columns: &[
            EMPLOYMENT,
            PERSON,
            ENTRY,
            ("code", Type::Text, Child(&["resekod"])),
            ("time", Type::Text, Child(&["tidpunkt"])),
            ("quantity", Type::Number, Child(&["antal"])),
            ("amount", Type::Number, Child(&["belopp"])),
            ("kilometres", Type::Number, Child(&["kilometer"])),
            ("units", Type::Text, Units),
        ],
    },
    Layout {
        part: "payslip_rows",
        section: "loneutbetalning",
        row: "lonrad",
        columns: &[
            ("employment_id", Type::Text, Outer("anstid")),
            ("person_id", Type::Text, Outer("persnr")),
            ("row", Type::Text, Attribute("radnr")),
            ("code", Type::Text, Child(&["lonart"])),
            ("name", Type::Text, Child(&["benamning"])),
            ("date_from", Type::Date, Child(&["datumfrom"])),
            ("date_to", Type::Date, Child(&["datumtom"])),
            ("hours", Type::Number, Child(&["timmar"])),
            ("quantity", Type::Number, Child(&["antal"])),
            ("unit_price", Type::Number, Child(&["apris"])),
            ("amount", Type::Number, Child(&["belopp"])),
            ("account", Type::Text, Child(&["kontonr"])),
            ("units", Type::Text, Units),
        ],
    },
    Layout {
        part: "persons",
        section: "personal",
        row: "person",
        columns: &[
            EMPLOYMENT,
            PERSON,
            ("employment_form", Type::Text, Child(&["anstform"])),
            ("employment_date", Type::Date, Child(&["anstdatum"])),
            ("wage_form", Type::Text, Child(&["lonform"])),
            ("category", Type::Text, Child(&["kategori"])),
            ("position", Type::Text, Child(&["befattning"])),
            ("position_code", Type::Text, Child(&["befattningskod"])),
            ("end_date", Type::Date, Child(&["avgdatum"])),
            ("employment_rate_pct", Type::Number, Child(&["sysgrad"])),
        ],
    },
    Layout {
        part: "balances",
        section: "saldon",
        row: "saldo",
        columns: &[
            EMPLOYMENT,
            PERSON,
            ("date", Type::Date, Child(&["datum"])),
            ("gross_pay", Type::Number, Child(&["ackbruttolon"])),
            ("tax", Type::Number, Child(&["ackprelskatt"])),
            ("net_pay", Type::Number, Child(&["acknettolon"])),
            ("flex_time", Type::Number, Child(&["flexsaldo"])),
            ("compensatory_time", Type::Number, Child(&["kompsaldo"])),
            ("time_bank_hours", Type::Number, Child(&["tidbanktim"])),
            ("paid_leave", Type::Number, Child(&["sembettot"])),
            ("paid_leave_taken", Type::Number, Child(&["sembetutb"])),
            ("saved_leave", Type::Number, Child(&["semspatot"])),
        ],
    },
    Layout {
        part: "codes",
        section: "koder",
        row: "kod",
        columns: &[("code", Type::Text, Attribute("id")), ("name", Type::Text, Attribute("namn"))],
    },
    Layout {
        part: "dimensions",
        section: "dimensioner",
        row: "dimension",
        columns: &[
            ("dimension", Type::Text, Attribute("dim")),
            ("name", Type::Text, Attribute("namn")),
        ],
    },
    Layout {
        part: "units",
        section: "resultatenheter",
        row: "resultatenhet",
        columns: &[
            ("dimension", Type::Text, Attribute("dim")),
            ("unit", Type::Text, Attribute("id")),
            ("name", Type::Text, Attribute("namn")),
        ],
    },
];

/// What of the header is told: nothing about the persons to ask.
const HEADER: [&str; 8] = [
    "format",
    "version",
    "datum",
    "foretagid",
    "foretagorgnr",
    "foretagnamn",
    "programnamn",
    "land",
];

/// Opens a PAXml document.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let stated = stated_encoding(&input.head);
    let (text, decision) = input.read_text_stating(stated, options)?;
    let mut summary = summary_of(&decision);
    let parts: Parts = LAYOUTS.iter().map(layout_part).collect::<Vec<Part>>().into();
    let wanted = wanted(&parts, options)?;
    let mut builders: Vec<BatchBuilder> = Vec::new();
    for (index, layout) in LAYOUTS.iter().enumerate() {
        let place = Place::Record { label: layout.row, owner: "", key: Vec::new() };
        builders.push(BatchBuilder::new(index, layout.columns.len(), place, &options.limits));
    }
    let mut document = Document {
        text: text.trim_start_matches('\u{FEFF}'),
        options,
        builders,
        wanted,
        batches: Vec::new(),
        facts: Vec::new(),
        line: 1,
        counted: 0,
    };
    document.read()?;
    let mut batches = document.batches;
    for builder in &mut document.builders {
        batches.extend(builder.take());
    }
    summary.facts = document.facts;
    tell_counts(&document.builders, &mut summary);
    Ok(Prepared::open(parts, batches, summary, options))
}

fn layout_part(layout: &Layout) -> Part {
    let columns: Vec<(&str, ColumnType)> = layout
        .columns
        .iter()
        .map(|(name, column_type, _)| {
            let column_type = match column_type {
                Type::Text => ColumnType::Text,
                Type::Date => ColumnType::Date,
                // Programs write hours with as many decimals as a float has.
                Type::Number => ColumnType::Decimal { precision: 28, scale: 14 },
            };
            (*name, column_type)
        })
        .collect();
    part(layout.part, &columns)
}

fn stated_encoding(head: &[u8]) -> Option<Encoding> {
    let text = String::from_utf8_lossy(&head[..head.len().min(200)]).into_owned();
    let start = text.find("encoding=")? + "encoding=".len();
    let quote = text[start..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = &text[start + 1..];
    Encoding::parse(&inner[..inner.find(quote)?])
}

fn tell_counts(builders: &[BatchBuilder], summary: &mut ReadSummary) {
    for (layout, builder) in LAYOUTS.iter().zip(builders) {
        summary.facts.push((format!("{}_rows", layout.part), builder.rows.to_string()));
    }
}

/// An open element: its name and attributes.
struct Open {
    name: String,
    attributes: Vec<(String, String)>,
}

/// A row under construction: how deep it began, its children's texts and its units.
struct Row {
    layout: usize,
    depth: usize,
    line: u64,
    children: Vec<(String, String)>,
    units: Vec<String>,
}

struct Document<'a> {
    text: &'a str,
    options: &'a ReadOptions,
    builders: Vec<BatchBuilder>,
    wanted: Vec<bool>,
    batches: Vec<TextBatch>,
    facts: Vec<(String, String)>,
    /// Physical line at the byte `counted`.
    line: u64,
    counted: usize,
}

impl Document<'_> {
    fn read(&mut self) -> Result<(), Box<Diagnostic>> {
        let text = self.text;
        let mut xml = XmlReader::from_str(text);
        let mut stack: Vec<Open> = Vec::new();
        let mut row: Option<Row> = None;
        let mut content = String::new();
        loop {
            let at = xml.buffer_position() as usize;
            let event = xml.read_event();
            let event = event.map_err(|fault| Box::new(self.damaged(at, &fault.to_string())))?;
            match event {
                Event::Start(tag) => {
                    content.clear();
                    let open = self.begin(at, &tag, &stack, &mut row)?;
                    stack.push(open);
                }
                Event::Empty(tag) => {
                    content.clear();
                    let open = self.begin(at, &tag, &stack, &mut row)?;
                    stack.push(open);
                    self.end(&mut stack, &mut row, "");
                }
                Event::End(_) => {
                    self.end(&mut stack, &mut row, content.trim());
                    content.clear();
                }
                Event::Text(part) => content.push_str(&part.xml10_content()),
                Event::CData(part) => content.push_str(&part.xml10_content()),
                Event::GeneralRef(entity) => match self.entity(&entity) {
                    Some(letter) => content.push(letter),
                    None => {
                        return Err(Box::new(self.damaged(at, "an entity that XML does not have")));
                    }
                },
                Event::DocType(_) => {
                    let found = "an XML document with a document type declaration";
                    return Err(Box::new(not_agreed(self.options, found)));
                }
                Event::Eof if stack.is_empty() => return Ok(()),
                Event::Eof => {
                    return Err(Box::new(self.damaged(text.len(), "the end inside an element")));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn entity(&self, entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
        if let Ok(Some(letter)) = entity.resolve_char_ref() {
            return Some(letter);
        }
        match entity.xml10_content().as_ref() {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        }
    }

    /// Reads an element's name and attributes, and begins a row where one begins.
    fn begin(
        &mut self,
        at: usize,
        tag: &BytesStart<'_>,
        stack: &[Open],
        row: &mut Option<Row>,
    ) -> Result<Open, Box<Diagnostic>> {
        if stack.len() >= self.options.limits.depth {
            let location = Location::text(&self.options.file, self.line_at(at), 1);
            let message = "the document is nested too deeply";
            return Err(Box::new(Diagnostic::error(Code::LimitExceeded, message, location)));
        }
        let name = tag.local_name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let read = attribute.map_err(|fault| fault.to_string()).and_then(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                let value = value.map_err(|fault| fault.to_string())?;
                Ok((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
            });
            attributes.push(read.map_err(|fault| Box::new(self.damaged(at, &fault)))?);
        }
        if stack.is_empty() && name != "paxml" {
            let found = format!("an XML document with the root `{name}`");
            return Err(Box::new(not_agreed(self.options, found)));
        }
        let open = Open { name, attributes };
        if let Some(row) = row {
            if open.name == "resenhet" {
                let text = |name: &str| attribute(&open, name).unwrap_or_default().to_owned();
                row.units.push(format!("{}:{}", text("dim"), text("id")));
            }
            return Ok(open);
        }
        let section = stack.get(1).map(|open| open.name.as_str());
        let found = LAYOUTS
            .iter()
            .position(|layout| Some(layout.section) == section && layout.row == open.name);
        if let Some(layout) = found {
            let line = self.line_at(at);
            let depth = stack.len();
            *row = Some(Row { layout, depth, line, children: Vec::new(), units: Vec::new() });
        }
        Ok(open)
    }

    /// Closes the innermost element, and the row when it is the row's.
    fn end(&mut self, stack: &mut Vec<Open>, row: &mut Option<Row>, content: &str) {
        let Some(open) = stack.pop() else { return };
        if stack.len() == 2 && stack[1].name == "header" && !content.is_empty() {
            if HEADER.contains(&open.name.as_str()) {
                self.facts.push((open.name, content.to_owned()));
            }
            return;
        }
        match row.take() {
            Some(done) if done.depth == stack.len() => self.add(&done, &open, stack),
            Some(mut open_row) => {
                if open_row.depth + 1 == stack.len() && !content.is_empty() {
                    open_row.children.push((open.name, content.to_owned()));
                }
                *row = Some(open_row);
            }
            None => {}
        }
    }

    fn add(&mut self, row: &Row, open: &Open, around: &[Open]) {
        let builder = &mut self.builders[row.layout];
        if !self.wanted[row.layout] {
            return;
        }
        let units = row.units.join("|");
        let child = |names: &[&str]| {
            let found = row.children.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, text)| text.as_str())
        };
        let texts: Vec<Option<&str>> = LAYOUTS[row.layout]
            .columns
            .iter()
            .map(|(_, _, from)| match from {
                Attribute(name) => attribute(open, name),
                Outer(name) => around.iter().rev().find_map(|outer| attribute(outer, name)),
                Child(names) => child(names),
                Units => Some(units.as_str()).filter(|units| !units.is_empty()),
            })
            .collect();
        builder.texts(row.line, &texts);
        self.batches.extend(builder.take_full());
    }

    /// The physical line of a byte; bytes are asked for in order.
    fn line_at(&mut self, at: usize) -> u64 {
        let bytes = self.text.as_bytes();
        let at = at.min(bytes.len());
        if at > self.counted {
            let breaks = memchr::memchr_iter(b'\n', &bytes[self.counted..at]).count();
            self.line += breaks as u64;
            self.counted = at;
        }
        self.line
    }

    fn damaged(&mut self, at: usize, found: &str) -> Diagnostic {
        let location = Location::text(&self.options.file, self.line_at(at), 1);
        Diagnostic::error(Code::DamagedFile, "the XML document is cut off or damaged", location)
            .with_found(found)
            .with_effect("delivery refused")
            .with_hint("export the file again")
    }
}

fn attribute<'a>(open: &'a Open, name: &str) -> Option<&'a str> {
    open.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PartChoice, open_bytes};
    use proptest::prelude::*;
    use tertial_model::pipeline::Format;

    fn read_with(
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<(Vec<String>, ReadSummary), Box<Diagnostic>> {
        let mut reader = open_bytes(bytes.to_vec(), options)?;
        let parts = reader.parts();
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            let name = &parts[batch.part].name;
            let texts = (0..batch.rows()).map(|row| batch.raw_row(row));
            rows.extend(texts.map(|text| format!("{name} {text}")));
        }
        Ok((rows, reader.finish()))
    }

    fn read(bytes: &[u8]) -> Result<(Vec<String>, ReadSummary), Box<Diagnostic>> {
        read_with(bytes, &ReadOptions::new(Format::Paxml, "lon.xml"))
    }

    const FILE: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
<paxml xmlns="http://www.paxml.se/2.0/paxml.xsd">
 <header><format>LÖNIN</format><version>2.0</version></header>
 <tidtransaktioner>
  <tidtrans postid="1" anstid="101"><tidkod>SJK_LÖN</tidkod><datumfrom>2012-06-02</datumfrom><datumtom>2012-06-05</datumtom><omfattning>100.0</omfattning></tidtrans>
 </tidtransaktioner>
 <lonetransaktioner><lonetrans persnr="198210101237"><lonkod>A &amp; B&#228;</lonkod><belopp>-1.50</belopp>
  <resenheter><resenhet id="12" dim="1"/><resenhet id="100" dim="6"/></resenheter></lonetrans></lonetransaktioner>
 <schematransaktioner><schema anstid="101"><dag datum="2012-06-02" timmar="8.0"/></schema></schematransaktioner>
 <personal><person anstid="101"><fornamn>Hemligt</fornamn><anstform>Tillsvidare</anstform></person></personal>
 <koder><kod id="91" namn="Månadslön"/></koder>
 <loneutbetalning><lonebesked anstid="101"><fornamn>Hemligt</fornamn><lonerader><lonrad radnr="1"><lonart>91</lonart><belopp>100.00</belopp></lonrad></lonerader></lonebesked></loneutbetalning>
 <saldon><saldo anstid="101"><datum>2012-06-30</datum><flexsaldo>-1.5</flexsaldo></saldo></saldon>
</paxml>"#;

    #[test]
    fn rows_of_every_part_and_no_names() {
        let bytes = encoding_rs::WINDOWS_1252.encode(FILE).0.into_owned();
        let (rows, summary) = read(&bytes).unwrap();
        assert_eq!(
            rows,
            [
                "time 101;;1;SJK_LÖN;;2012-06-02;2012-06-05;;;;100.0;",
                "schedule 101;;2012-06-02;8.0",
                "salary ;198210101237;;A & Bä;;;;;;;-1.50;;1:12|6:100",
                "payslip_rows 101;;1;91;;;;;;;100.00;;",
                "persons 101;;Tillsvidare;;;;;;;",
                "balances 101;;2012-06-30;;;;-1.5;;;;;",
                "codes 91;Månadslön",
            ]
        );
        assert_eq!(summary.facts[0], ("format".to_owned(), "LÖNIN".to_owned()));
    }

    #[test]
    fn one_part_alone_and_a_place_to_find() {
        let part = Some("time".to_owned());
        let tables = vec![PartChoice { part, ..PartChoice::default() }];
        let options = ReadOptions { tables, ..ReadOptions::new(Format::Paxml, "lon.xml") };
        let mut reader =
            open_bytes(FILE.replace("ISO-8859-1", "UTF-8").into_bytes(), &options).unwrap();
        let parts = reader.parts();
        let batch = reader.next().unwrap().unwrap().parse();
        let place = batch.location("lon.xml", &parts[0], 0, 10);
        assert_eq!(place.to_string(), "lon.xml:5 (tidtrans) (column 11, `extent_pct`)");
        assert!(reader.next().unwrap().is_none());
    }

    #[test]
    fn hostile_and_cut_documents_are_refused() {
        let code = |text: &str| read(text.as_bytes()).unwrap_err().code.name();
        assert_eq!(
            code("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><paxml>&a;</paxml>"),
            "T0102"
        );
        assert_eq!(code("<?xml version=\"1.0\"?><paxml>&a;</paxml>"), "T0103");
        assert_eq!(code("<?xml version=\"1.0\"?><order/>"), "T0102");
        assert_eq!(code(&format!("<paxml>{}", "<a>".repeat(100))), "T0109");
        let whole = FILE.replace("ISO-8859-1", "UTF-8");
        insta::assert_snapshot!(read(&whole.as_bytes()[..whole.len() - 18]).unwrap_err(), @r"
        error[T0103]: the XML document is cut off or damaged
           --> lon.xml:13:1
            = found:    the end inside an element
            = effect:   delivery refused

        hint: export the file again
        ");
    }

    proptest! {
        #[test]
        fn damage_never_panics(text in ".*", cut in 0usize..1200, at in 0usize..1200, byte in any::<u8>()) {
            let _ = read(text.as_bytes());
            let mut bytes = FILE.replace("ISO-8859-1", "UTF-8").into_bytes();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(cut);
            let _ = read(&bytes);
        }
    }
}

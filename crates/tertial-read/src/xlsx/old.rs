//! XLS, the binary workbook of Excel 5 to 2003.
//!
//! The values come from a library. Formats, formulas without a result and which sheets there are, it
//! does not tell: those are read here, record by record. It is given one sheet at a time and no
//! formula texts, so that what nobody asks for cannot refuse the file.

use super::format::Format;
use super::guard::{check_sheet, damaged, locked, too_large};
use super::sheet::{Merged, Sheet, Value};
use crate::ReadOptions;
use crate::foreign::not_agreed;
use calamine::{Data, Reader as _, Xls, XlsError};
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tertial_model::{Code, Diagnostic};

/// Most sheets of a workbook.
const MOST_SHEETS: usize = 4096;

/// Kinds of records.
const SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const LOCKED: u16 = 0x002F;
const FORMAT: u16 = 0x041E;
const STYLE: u16 = 0x00E0;
const DATES_1904: u16 = 0x0022;
const NAME: u16 = 0x0018;
const OUTSIDE: u16 = 0x0017;
const COMPUTED: u16 = 0x01C1;
const NOT_COMPUTED: u16 = 0x005E;
const FORMULA: u16 = 0x0006;
const FORMULA_TEXT: u16 = 0x0207;
const SEVERAL: u16 = 0x00BD;
/// A kind that no reader knows.
const NOTHING: u16 = 0x7FFE;

/// An open workbook.
pub struct Xls2003 {
    stream: Vec<u8>,
    stream_name: &'static str,
    sheets: Vec<Listed>,
    formats: Vec<Format>,
    is_1904: bool,
    /// Whether a program that computes has saved the workbook.
    is_computed: bool,
}

/// A sheet as the workbook lists it.
struct Listed {
    name: String,
    /// Where its records begin.
    start: usize,
    /// Where the record that lists it begins.
    record: usize,
    has_cells: bool,
}

/// What the records say of a cell.
#[derive(Clone, Copy)]
struct Mark {
    row: u32,
    column: u32,
    style: u16,
    formula: Option<Held>,
}

/// Whether a formula's result is there.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    Result,
    Nothing,
    Stale,
}

impl Xls2003 {
    /// Reads all but the sheets.
    pub fn open(bytes: &Arc<[u8]>, options: &ReadOptions) -> Result<Xls2003, Box<Diagnostic>> {
        let mut file = cfb::CompoundFile::open(Cursor::new(Arc::clone(bytes)))
            .map_err(|fault| damaged(fault.to_string(), options))?;
        if file.is_stream("/EncryptedPackage") {
            return Err(locked(options));
        }
        let names: Vec<String> = file
            .walk()
            .filter(cfb::Entry::is_stream)
            .map(|entry| entry.path().to_string_lossy().into_owned())
            .collect();
        let found = ["/Workbook", "/Book"]
            .into_iter()
            .find_map(|name| Some((name, names.iter().find(|n| n.eq_ignore_ascii_case(name))?)));
        let Some((stream_name, path)) = found else {
            return Err(Box::new(other_document(&names, options)));
        };
        let mut stream = Vec::new();
        file.open_stream(path)
            .and_then(|found| found.take(options.limits.document_bytes).read_to_end(&mut stream))
            .map_err(|fault| damaged(fault.to_string(), options))?;
        let mut book = Xls2003 {
            stream,
            stream_name,
            sheets: Vec::new(),
            formats: Vec::new(),
            is_1904: false,
            is_computed: false,
        };
        book.read_globals(options)?;
        Ok(book)
    }

    fn read_globals(&mut self, options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
        let mut codes: Vec<(u16, Format)> = Vec::new();
        let mut styles: Vec<u16> = Vec::new();
        let mut is_8 = true;
        for record in Records::new(&self.stream, 0) {
            let Record { kind, data, at } = record;
            match kind {
                BEGIN => is_8 = short(data, 0) != 0x0500,
                LOCKED if short(data, 0) != 0 || data.len() > 2 => return Err(locked(options)),
                DATES_1904 => self.is_1904 = short(data, 0) == 1,
                COMPUTED => self.is_computed = true,
                FORMAT => {
                    let code = match is_8 {
                        true => text_8(data.get(2..).unwrap_or(&[]), true),
                        false => text_5(data.get(2..).unwrap_or(&[])),
                    };
                    codes.push((short(data, 0), Format::parse(&code)));
                }
                STYLE => styles.push(short(data, 2)),
                SHEET => {
                    let name = match is_8 {
                        true => text_8(data.get(6..).unwrap_or(&[]), false),
                        false => text_5(data.get(6..).unwrap_or(&[])),
                    };
                    let name = name.replace('\0', "");
                    let start = double(data, 0) as usize;
                    let has_cells = data.get(5).is_some_and(|kind| *kind == 0);
                    self.sheets.push(Listed { name, start, record: at, has_cells });
                }
                END => break,
                _ => {}
            }
        }
        if self.sheets.len() > MOST_SHEETS {
            let found = format!("{} sheets", self.sheets.len());
            return Err(too_large(found, MOST_SHEETS as u64, "sheets", options));
        }
        let of = |number: &u16| {
            let own = codes.iter().find(|(known, _)| known == number);
            own.map_or_else(|| Format::built_in(u32::from(*number)), |(_, format)| format.clone())
        };
        self.formats = styles.iter().map(of).collect();
        Ok(())
    }

    /// The sheets' names, in order.
    pub fn names(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.name.clone()).collect()
    }

    /// Fills a sheet with its cells; gives the areas that are merged.
    pub fn read(
        &mut self,
        index: usize,
        sheet: &mut Sheet,
        options: &ReadOptions,
    ) -> Result<Vec<Merged>, Box<Diagnostic>> {
        let Some(listed) = self.sheets.get(index).filter(|listed| listed.has_cells) else {
            return Ok(Vec::new());
        };
        if listed.start >= self.stream.len() {
            return Err(sheet.damaged("a sheet that begins after the end".to_owned(), options));
        }
        check_sheet(&self.stream, listed.start, options)?;
        let marks = self.marks(listed.start);
        let (range, merged) = self.values(index, sheet, options)?;
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        let mut cells: Vec<(u32, u32, &Data)> = range
            .used_cells()
            .map(|(row, column, value)| {
                (first_row + row as u32, first_column + column as u32, value)
            })
            .collect();
        // A formula whose text was never computed leaves no cell behind.
        let place = |row: u32, column: u32| {
            range.get_value((row, column)).is_some_and(|value| *value != Data::Empty)
        };
        let nothing = Data::Empty;
        let unheld = marks.iter().filter(|mark| {
            mark.formula.is_some_and(|held| held != Held::Result) && !place(mark.row, mark.column)
        });
        cells.extend(unheld.map(|mark| (mark.row, mark.column, &nothing)));
        cells.sort_by_key(|(row, column, _)| (*row, *column));
        for (row, column, value) in cells {
            let mark = marks.binary_search_by_key(&(row, column), |mark| (mark.row, mark.column));
            let mark = mark.ok().map(|at| marks[at]);
            let shown;
            let value = match (value, mark.and_then(|mark| mark.formula)) {
                (Data::Error(error), _) => {
                    shown = error.to_string();
                    Value::Error(&shown)
                }
                (_, Some(Held::Nothing)) => Value::NoResult,
                (_, Some(Held::Stale)) => Value::StaleResult,
                (Data::Empty, _) => continue,
                (Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text), _) => {
                    Value::Text(text)
                }
                (Data::Int(number), _) => Value::Number(*number as f64),
                (Data::Float(number), _) => Value::Number(*number),
                (Data::DateTime(moment), _) => Value::Number(moment.as_f64()),
                (Data::Bool(truth), _) => Value::Truth(*truth),
            };
            let format = mark.and_then(|mark| self.formats.get(usize::from(mark.style)));
            sheet.push((row + 1, column), &value, format, self.is_1904, options)?;
        }
        Ok(merged)
    }

    /// The numbers and formulas of a sheet with their style, in the order of their places.
    fn marks(&self, start: usize) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        let mut depth = 0;
        let mut all_stale = false;
        let mut waiting = None;
        for Record { kind, data, .. } in Records::new(&self.stream, start) {
            match kind {
                BEGIN => depth += 1,
                END if depth <= 1 => break,
                END => depth -= 1,
                _ if depth > 1 => {}
                NOT_COMPUTED => all_stale = true,
                SEVERAL => {
                    let first = u32::from(short(data, 2));
                    let cells = data.len().saturating_sub(6) / 6;
                    marks.extend((0..cells).map(|at| Mark {
                        row: short(data, 0).into(),
                        column: first + at as u32,
                        style: short(data, 4 + 6 * at),
                        formula: None,
                    }));
                }
                0x0203 | 0x027E | 0x0205 | 0x0204 | 0x00D6 | 0x00FD => marks.push(Mark {
                    row: short(data, 0).into(),
                    column: short(data, 2).into(),
                    style: short(data, 4),
                    formula: None,
                }),
                FORMULA => {
                    let held = self.held(data);
                    // A text follows in a record of its own, where there is one.
                    let text = data.get(12..14) == Some(&[0xFF, 0xFF]) && data.get(6) == Some(&0);
                    waiting = text.then_some(marks.len());
                    marks.push(Mark {
                        row: short(data, 0).into(),
                        column: short(data, 2).into(),
                        style: short(data, 4),
                        formula: Some(if text && held == Held::Result {
                            Held::Nothing
                        } else {
                            held
                        }),
                    });
                }
                FORMULA_TEXT => {
                    if let Some(mark) = waiting.take().and_then(|at: usize| marks.get_mut(at))
                        && mark.formula == Some(Held::Nothing)
                    {
                        mark.formula = Some(Held::Result);
                    }
                }
                _ => {}
            }
        }
        if all_stale {
            for mark in &mut marks {
                if mark.formula == Some(Held::Result) {
                    mark.formula = Some(Held::Stale);
                }
            }
        }
        marks.sort_by_key(|mark| (mark.row, mark.column));
        marks
    }

    /// What a formula's record says of its result.
    fn held(&self, data: &[u8]) -> Held {
        let special = data.get(12..14) == Some(&[0xFF, 0xFF]);
        // An empty text is what programs write that do not compute, too.
        if special && data.get(6) == Some(&3) && !self.is_computed {
            return Held::Nothing;
        }
        // Bit 1: compute when opened.
        if short(data, 14) & 0b10 != 0 { Held::Stale } else { Held::Result }
    }

    /// The values of one sheet, from the library.
    fn values(
        &self,
        index: usize,
        sheet: &Sheet,
        options: &ReadOptions,
    ) -> Result<(calamine::Range<Data>, Vec<Merged>), Box<Diagnostic>> {
        let bytes = self.alone(index).map_err(|fault| damaged(fault.to_string(), options))?;
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut book = Xls::new(Cursor::new(bytes))?;
            let name = book.sheet_names().first().cloned().unwrap_or_default();
            let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
            Ok::<_, XlsError>((book.worksheet_range(&name)?, merged))
        }));
        let (range, merged) = match read {
            Ok(Ok(found)) => found,
            Ok(Err(XlsError::Password)) => return Err(locked(options)),
            Ok(Err(
                fault @ (XlsError::Io(_)
                | XlsError::Cfb(_)
                | XlsError::Len { .. }
                | XlsError::ContinueRecordTooShort
                | XlsError::EoStream(_)),
            )) => return Err(sheet.damaged(fault.to_string(), options)),
            Ok(Err(fault)) => return Err(Box::new(not_known(fault.to_string(), options))),
            Err(_) => {
                let found = "records that this program does not know".to_owned();
                return Err(Box::new(not_known(found, options)));
            }
        };
        let merged = merged.iter().map(|area| Merged {
            row: area.start.0.saturating_add(1),
            column: area.start.1,
            last_row: area.end.0.saturating_add(1),
        });
        Ok((range, merged.collect()))
    }

    /// The workbook with one sheet, without names and the texts of formulas.
    fn alone(&self, index: usize) -> std::io::Result<Vec<u8>> {
        let mut stream = self.stream.clone();
        let nothing = NOTHING.to_le_bytes();
        for (other, listed) in self.sheets.iter().enumerate() {
            if other != index {
                stream[listed.record..listed.record + 2].copy_from_slice(&nothing);
            }
        }
        for Record { kind, at, .. } in Records::new(&self.stream, 0) {
            match kind {
                NAME | OUTSIDE => stream[at..at + 2].copy_from_slice(&nothing),
                END => break,
                _ => {}
            }
        }
        let start = self.sheets.get(index).map_or(0, |listed| listed.start);
        for Record { kind, data, at } in Records::new(&self.stream, start) {
            if kind == FORMULA && data.len() >= 22 {
                // How long the formula is: the text that follows is not asked for.
                stream[at + 24..at + 26].fill(0);
            }
        }
        let mut file =
            cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
        file.create_stream(self.stream_name)?.write_all(&stream)?;
        file.flush()?;
        Ok(file.into_inner().into_inner())
    }
}

/// A workbook of a kind that is not read here: no damage.
fn not_known(found: String, options: &ReadOptions) -> Diagnostic {
    let mut fault = not_agreed(options, found)
        .with_effect("delivery refused")
        .with_hint("open the workbook in a spreadsheet program and save it as XLSX");
    fault.code = Code::UnsupportedVersion;
    fault.message = "the old workbook (XLS) is of a kind that is not read here".to_owned();
    fault
}

/// An old Office file that is no workbook, by name of what it is.
fn other_document(streams: &[String], options: &ReadOptions) -> Diagnostic {
    let has = |name: &str| streams.iter().any(|stream| stream.eq_ignore_ascii_case(name));
    let (found, hint) = if has("/WordDocument") {
        ("a Word document (DOC)", "ask the source for the table as a workbook or CSV")
    } else if has("/PowerPoint Document") {
        ("a PowerPoint presentation (PPT)", "ask the source for the table as a workbook or CSV")
    } else if streams.iter().any(|stream| stream.contains("__properties_version")) {
        ("an e-mail message (MSG)", "take the attachment out of the message and deliver that")
    } else {
        ("an old Office file without a workbook", "ask the source for the table as XLSX or CSV")
    };
    not_agreed(options, found).with_hint(hint)
}

fn short(data: &[u8], at: usize) -> u16 {
    data.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn double(data: &[u8], at: usize) -> u32 {
    u32::from(short(data, at)) | u32::from(short(data, at + 2)) << 16
}

/// A text of Excel 97 and later: its length, whether it is wide, its letters.
fn text_8(data: &[u8], long: bool) -> String {
    let (length, rest) = match long {
        true => (usize::from(short(data, 0)), data.get(2..)),
        false => (data.first().copied().map_or(0, usize::from), data.get(1..)),
    };
    let Some([flags, rest @ ..]) = rest else { return String::new() };
    if flags & 1 == 1 {
        let bytes = rest.get(..2 * length).unwrap_or(rest);
        return encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned();
    }
    rest.iter().take(length).map(|byte| char::from(*byte)).collect()
}

/// A text of Excel 5: its length, its letters.
fn text_5(data: &[u8]) -> String {
    let Some([length, rest @ ..]) = Some(data) else { return String::new() };
    let bytes = rest.get(..usize::from(*length)).unwrap_or(rest);
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// A record: its kind, what it holds, where it begins.
pub struct Record<'a> {
    /// Its kind.
    pub kind: u16,
    /// What it holds.
    pub data: &'a [u8],
    /// Where it begins.
    pub at: usize,
}

/// The records of a stream from a place on.
pub struct Records<'a> {
    stream: &'a [u8],
    /// Where the next one begins.
    pub at: usize,
}

impl<'a> Records<'a> {
    /// From that place on.
    pub fn new(stream: &'a [u8], at: usize) -> Records<'a> {
        Records { stream, at }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let at = self.at;
        let head = self.stream.get(at..at + 4)?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let data = self.stream.get(at + 4..at + 4 + length)?;
        self.at = at + 4 + length;
        Some(Record { kind, data, at })
    }
}

//! XLSB: the same workbook as XLSX, its parts written as binary records.

use super::format::Format;
use super::guard::damaged;
use super::package::Package;
use super::sheet::{Merged, Sheet, Value};
use crate::ReadOptions;
use tertial_model::Diagnostic;

/// Records of the workbook.
const BOOK: u32 = 0x99;
const SHEET: u32 = 0x9C;
const CALCULATION: u32 = 0x9D;
/// Records of the styles.
const FORMAT: u32 = 0x2C;
const STYLE: u32 = 0x2F;
const STYLES_BEGIN: u32 = 0x269;
const STYLES_END: u32 = 0x26A;
/// A text that cells refer to.
const TEXT: u32 = 0x13;
/// Records of a sheet.
const ROW: u32 = 0x00;
const CELLS_END: u32 = 0x92;
const MERGED: u32 = 0xB0;

/// An open workbook.
pub struct Xlsb {
    package: Package,
    /// Name and part of each sheet; no part for what holds no cells.
    sheets: Vec<(String, Option<String>)>,
    texts: Vec<String>,
    formats: Vec<Format>,
    is_1904: bool,
    is_stale: bool,
}

impl Xlsb {
    /// Reads all but the sheets.
    pub fn open(
        mut package: Package,
        main: &str,
        options: &ReadOptions,
    ) -> Result<Xlsb, Box<Diagnostic>> {
        let relations = package.relations(main, options)?;
        let Some(bytes) = package.part(main, options)? else {
            return Err(damaged(format!("an archive without the part `{main}`"), options));
        };
        let mut book = Xlsb {
            package,
            sheets: Vec::new(),
            texts: Vec::new(),
            formats: Vec::new(),
            is_1904: false,
            is_stale: false,
        };
        for record in Records::new(&bytes) {
            let (kind, mut data) = record.map_err(|fault| part_fault(main, fault, options))?;
            match kind {
                BOOK => book.is_1904 = data.first().is_some_and(|flags| flags & 1 == 1),
                // Bit 0: compute all when opened; bit 4: some were not computed when saved.
                CALCULATION => {
                    book.is_stale |= data.get(24).is_some_and(|flags| flags & 0b1_0001 != 0);
                }
                SHEET => {
                    data.skip(8);
                    let (id, name) = (data.wide(), data.wide());
                    let (Some(id), Some(name)) = (id, name) else {
                        return Err(part_fault(main, "a sheet without a name".into(), options));
                    };
                    let target = relations.get(&id);
                    let cells = target.filter(|target| target.kind == "worksheet");
                    let missing = target.is_none().then(String::new);
                    book.sheets.push((name, cells.map(|found| found.target.clone()).or(missing)));
                }
                _ => {}
            }
        }
        let named = |kind: &str, usual: &str| {
            let found = relations.values().find(|relation| relation.kind == kind);
            found.map_or_else(|| usual.to_owned(), |relation| relation.target.clone())
        };
        let styles = named("styles", "xl/styles.bin");
        if let Some(bytes) = book.package.part(&styles, options)? {
            book.formats = formats(&bytes).map_err(|fault| part_fault(&styles, fault, options))?;
        }
        let texts = named("sharedStrings", "xl/sharedStrings.bin");
        if let Some(bytes) = book.package.part(&texts, options)? {
            for record in Records::new(&bytes) {
                let (kind, mut data) =
                    record.map_err(|fault| part_fault(&texts, fault, options))?;
                if kind == TEXT {
                    data.skip(1);
                    let text = data.wide();
                    let text =
                        text.ok_or_else(|| part_fault(&texts, "half a text".into(), options));
                    book.texts.push(text?);
                }
            }
        }
        Ok(book)
    }

    /// The sheets' names, in order.
    pub fn names(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Fills a sheet with its cells; gives the areas that are merged.
    pub fn read(
        &mut self,
        index: usize,
        sheet: &mut Sheet,
        options: &ReadOptions,
    ) -> Result<Vec<Merged>, Box<Diagnostic>> {
        let Some((_, Some(part))) = self.sheets.get(index) else { return Ok(Vec::new()) };
        let part = part.clone();
        let Some(bytes) = self.package.part(&part, options)? else {
            return Err(sheet.damaged("no part with its cells".to_owned(), options));
        };
        let mut merged = Vec::new();
        let (mut row, mut ended) = (0_u32, false);
        for record in Records::new(&bytes) {
            let (kind, mut data) = record.map_err(|fault| sheet.damaged(fault, options))?;
            match kind {
                ROW => {
                    row = data.number().map_or(0, |row| row.saturating_add(1));
                    if row == 0 || row > 1_048_576 {
                        return Err(sheet.damaged(format!("a row with the number {row}"), options));
                    }
                }
                CELLS_END => ended = true,
                MERGED => {
                    let (first, last) = (data.number(), data.number());
                    if let (Some(first), Some(last), Some(column)) = (first, last, data.number()) {
                        let (row, last_row) = (first.saturating_add(1), last.saturating_add(1));
                        merged.push(Merged { row, column, last_row });
                    }
                }
                kind if (0x02..=0x0B).contains(&kind) || kind == 0x3E => {
                    let cell = self.cell(kind, &mut data);
                    let cell = cell.map_err(|fault| sheet.damaged(fault, options))?;
                    if row == 0 {
                        return Err(sheet.damaged("a cell outside any row".to_owned(), options));
                    }
                    let format = self.formats.get(cell.style);
                    let place = (row, cell.column);
                    sheet.push(place, &cell.value.borrowed(), format, self.is_1904, options)?;
                }
                _ => {}
            }
        }
        if !ended {
            return Err(sheet.damaged("the end inside the cells of a sheet".to_owned(), options));
        }
        Ok(merged)
    }

    fn cell(&self, kind: u32, data: &mut Data<'_>) -> Result<Cell<'_>, String> {
        let half = || "half a cell".to_owned();
        let column = data.number().ok_or_else(half)?;
        if column >= 16_384 {
            return Err(format!("a cell in column {column}"));
        }
        let style = (data.number().ok_or_else(half)? & 0x00FF_FFFF) as usize;
        let value = match kind {
            0x02 => {
                let packed = data.number().ok_or_else(half)?;
                let number = if packed & 2 != 0 {
                    f64::from(packed as i32 >> 2)
                } else {
                    f64::from_bits(u64::from(packed & 0xFFFF_FFFC) << 32)
                };
                Owned::Number(if packed & 1 != 0 { number / 100.0 } else { number })
            }
            0x03 | 0x0B => Owned::Error(error(data.byte().ok_or_else(half)?)),
            0x04 | 0x0A => Owned::Truth(data.byte().ok_or_else(half)? != 0),
            0x05 | 0x09 => Owned::Number(data.double().ok_or_else(half)?),
            0x06 | 0x08 => Owned::Text(data.wide().ok_or_else(half)?),
            0x07 => {
                let number = data.number().ok_or_else(half)? as usize;
                let count = self.texts.len();
                let text = self.texts.get(number);
                Owned::Shared(text.ok_or_else(|| format!("the text number {number} of {count}"))?)
            }
            // A text with letters in several styles.
            _ => {
                data.skip(1);
                Owned::Text(data.wide().ok_or_else(half)?)
            }
        };
        let is_formula = (0x08..=0x0A).contains(&kind);
        let value = if is_formula && self.is_stale { Owned::Stale } else { value };
        Ok(Cell { column, style, value })
    }
}

struct Cell<'a> {
    column: u32,
    style: usize,
    value: Owned<'a>,
}

enum Owned<'a> {
    Text(String),
    Shared(&'a str),
    Number(f64),
    Truth(bool),
    Error(&'static str),
    Stale,
}

impl Owned<'_> {
    fn borrowed(&self) -> Value<'_> {
        match self {
            Owned::Text(text) => Value::Text(text),
            Owned::Shared(text) => Value::Text(text),
            Owned::Number(number) => Value::Number(*number),
            Owned::Truth(truth) => Value::Truth(*truth),
            Owned::Error(error) => Value::Error(error),
            Owned::Stale => Value::StaleResult,
        }
    }
}

/// The error of a code, in both binary formats.
pub fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        _ => "#ERROR",
    }
}

/// The format of each cell style, in order.
fn formats(bytes: &[u8]) -> Result<Vec<Format>, String> {
    let mut codes: Vec<(u32, Format)> = Vec::new();
    let mut styles = Vec::new();
    let mut inside = false;
    for record in Records::new(bytes) {
        let (kind, mut data) = record?;
        match kind {
            STYLES_BEGIN => inside = true,
            STYLES_END => inside = false,
            FORMAT => {
                if let (Some(number), Some(code)) = (data.short(), data.wide()) {
                    codes.push((number, Format::parse(&code)));
                }
            }
            STYLE if inside => {
                data.skip(2);
                styles.push(data.short().unwrap_or(0));
            }
            _ => {}
        }
    }
    let of = |number: &u32| {
        let own = codes.iter().find(|(known, _)| known == number);
        own.map_or_else(|| Format::built_in(*number), |(_, format)| format.clone())
    };
    Ok(styles.iter().map(of).collect())
}

fn part_fault(part: &str, fault: String, options: &ReadOptions) -> Box<Diagnostic> {
    damaged(format!("part `{part}`: {fault}"), options)
}

/// The records of a part.
struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn new(bytes: &'a [u8]) -> Records<'a> {
        Records { bytes, at: 0 }
    }

    /// A number in groups of seven bits.
    fn packed(&mut self, longest: u32) -> Option<u32> {
        let mut value = 0;
        for group in 0..longest {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u32::from(byte & 0x7F) << (7 * group);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        Some(value)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<(u32, Data<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let cut = || Some(Err("the end inside a record".to_owned()));
        let (Some(kind), Some(length)) = (self.packed(2), self.packed(4)) else {
            self.at = self.bytes.len();
            return cut();
        };
        let end = self.at + length as usize;
        let Some(data) = self.bytes.get(self.at..end) else {
            self.at = self.bytes.len();
            return cut();
        };
        self.at = end;
        Some(Ok((kind, Data(data))))
    }
}

/// What is left of a record.
struct Data<'a>(&'a [u8]);

impl<'a> Data<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn skip(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or(&[]);
    }

    fn first(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn get(&self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Option<u32> {
        self.take().map(|bytes| u16::from_le_bytes(bytes).into())
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn double(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }

    /// A text in UTF-16 behind its length.
    fn wide(&mut self) -> Option<String> {
        let length = self.number()? as usize;
        let bytes = self.0.get(..length.checked_mul(2)?)?;
        self.0 = &self.0[length * 2..];
        Some(encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned())
    }
}

//! What is looked at before a workbook is opened: how far it unpacks, and whether what it states about
//! its own size can be true. A library that believes such a statement would ask for all memory.

use crate::ReadOptions;
use crate::foreign::not_agreed;
use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Cursor, Read};
use tertial_model::{Code, Diagnostic, Location};

/// Most sheets of a workbook.
const MOST_SHEETS: usize = 4096;

/// Refuses a workbook that goes too far, and an old one with a password.
pub fn check(bytes: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    if bytes.starts_with(b"PK") {
        return check_packed(bytes, options);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return check_old(bytes, options);
    }
    Ok(())
}

/// A workbook that cannot be taken apart.
pub fn damaged(found: impl Into<String>, options: &ReadOptions) -> Box<Diagnostic> {
    let message = "the workbook is cut off or damaged";
    let fault = Diagnostic::error(Code::T0103, message, Location::file(&options.file))
        .with_found(found)
        .with_effect("delivery refused")
        .with_hint("transfer the file again, or save it again in a spreadsheet program");
    Box::new(fault)
}

/// A workbook that only a password opens.
pub fn locked(options: &ReadOptions) -> Box<Diagnostic> {
    let mut fault = not_agreed(options, "a workbook with a password")
        .with_hint("take the password off the workbook before it is delivered");
    fault.code = Code::T0112;
    fault.message = "a workbook with a password is not read here".to_owned();
    Box::new(fault)
}

fn too_large(found: String, limit: u64, what: &str, options: &ReadOptions) -> Box<Diagnostic> {
    let message = "the workbook is too large when unpacked";
    let fault = Diagnostic::error(Code::T0109, message, Location::file(&options.file))
        .with_found(found)
        .with_expected(format!("at most {limit} {what}"));
    Box::new(fault)
}

/// Unpacks every part into nothing: what a part states about its own size proves nothing.
fn check_packed(bytes: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    let fault = |fault: &dyn std::fmt::Display| damaged(fault.to_string(), options);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|found| fault(&found))?;
    let limit = options.limits.unpacked_bytes;
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|found| fault(&found))?;
        let name = part.name().to_ascii_lowercase();
        let mut part = part.take(limit + 1 - total);
        total += if name.ends_with("sharedstrings.xml") {
            let mut text = Vec::new();
            let length = part.read_to_end(&mut text).map_err(|found| fault(&found))?;
            check_text_count(&text, options)?;
            length as u64
        } else if name == "content.xml" {
            let mut text = Vec::new();
            let length = part.read_to_end(&mut text).map_err(|found| fault(&found))?;
            check_repeats(&text, options)?;
            length as u64
        } else {
            std::io::copy(&mut part, &mut std::io::sink()).map_err(|found| fault(&found))?
        };
        if total > limit {
            let found = format!("more than {limit} bytes from {} packed ones", bytes.len());
            return Err(too_large(found, limit, "bytes", options));
        }
    }
    Ok(())
}

/// A table of texts cannot hold more of them than it has bytes.
fn check_text_count(text: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    let stated = memchr::memmem::find_iter(text, "uniqueCount").filter_map(|at| {
        let mark = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'');
        let rest = &text[at + "uniqueCount".len()..];
        let digits = rest.iter().skip_while(|byte| mark(byte)).take_while(|b| b.is_ascii_digit());
        digits.take(20).map(|byte| u128::from(byte - b'0')).reduce(|all, digit| all * 10 + digit)
    });
    match stated.max().filter(|count| *count > text.len() as u128) {
        Some(count) => {
            Err(damaged(format!("{count} texts stated in {} bytes", text.len()), options))
        }
        None => Ok(()),
    }
}

/// Repeated rows and cells of an ODS sheet, multiplied out.
fn check_repeats(text: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    let mut xml = XmlReader::from_reader(BufReader::new(text));
    let mut buffer = Vec::new();
    let (mut rows, mut widest, mut columns, mut used, mut repeats) =
        (0_u64, 0_u64, 0_u64, 0_u64, 1_u64);
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer);
        let event = event.map_err(|found| damaged(found.to_string(), options))?;
        let (tag, empty) = match &event {
            Event::Start(tag) => (tag, false),
            Event::Empty(tag) => (tag, true),
            Event::End(tag) => {
                if tag.local_name().as_ref() == "table-row" && used > 0 {
                    rows = rows.saturating_add(repeats);
                    widest = widest.max(used);
                }
                if tag.local_name().as_ref() == "table" {
                    let cells = rows.saturating_mul(widest);
                    if cells > options.limits.cells as u64 {
                        let found = format!("{rows} rows of {widest} cells");
                        let limit = options.limits.cells as u64;
                        return Err(too_large(found, limit, "cells of a sheet", options));
                    }
                }
                continue;
            }
            Event::Eof => return Ok(()),
            _ => continue,
        };
        match tag.local_name().as_ref() {
            "table" => (rows, widest) = (0, 0),
            "table-row" => {
                // Empty rows in between take room as soon as a filled one follows.
                if used == 0 && columns > 0 {
                    rows = rows.saturating_add(repeats);
                }
                (columns, used) = (0, 0);
                repeats = repeat(tag, "number-rows-repeated");
            }
            "table-cell" | "covered-table-cell" => {
                columns = columns.saturating_add(repeat(tag, "number-columns-repeated"));
                let filled = !empty || attribute(tag, "value-type").is_some();
                if filled {
                    used = columns;
                }
            }
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.value.as_ref().to_owned())
}

fn repeat(tag: &BytesStart<'_>, name: &str) -> u64 {
    attribute(tag, name).and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// The records of an old workbook (XLS), for the room their cells will take.
fn check_old(bytes: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes))
        .map_err(|fault| damaged(fault.to_string(), options))?;
    if file.is_stream("/EncryptedPackage") {
        return Err(locked(options));
    }
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)) else {
        return Ok(());
    };
    let limit = options.limits.document_bytes;
    let mut stream = Vec::new();
    file.open_stream(name)
        .and_then(|found| found.take(limit).read_to_end(&mut stream))
        .map_err(|fault| damaged(fault.to_string(), options))?;
    let mut sheets = Vec::new();
    for (kind, data) in Records::new(&stream, 0) {
        match (kind, data) {
            (SHEET, [a, b, c, d, ..]) => sheets.push(u32::from_le_bytes([*a, *b, *c, *d])),
            (END, _) => break,
            _ => {}
        }
    }
    if sheets.len() > MOST_SHEETS {
        return Err(too_large(
            format!("{} sheets", sheets.len()),
            MOST_SHEETS as u64,
            "sheets",
            options,
        ));
    }
    let mut walked = 0;
    for start in sheets {
        if start as usize >= stream.len() {
            return Err(damaged("a sheet that begins after the end", options));
        }
        walked += check_sheet(&stream, start as usize, options)?;
        if walked > 8 * stream.len() {
            return Err(damaged("sheets that overlap", options));
        }
    }
    Ok(())
}

const SHEET: u16 = 0x0085;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const SIZE: u16 = 0x0200;
/// Records of one cell, and of several in a row.
const CELLS: [u16; 7] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, 0x0006];
const MANY_CELLS: u16 = 0x00BD;

/// Looks at one sheet; gives how many bytes it has.
fn check_sheet(
    stream: &[u8],
    start: usize,
    options: &ReadOptions,
) -> Result<usize, Box<Diagnostic>> {
    let word = |data: &[u8], at: usize| {
        data.get(at..at + 2).map_or(0, |bytes| u64::from(u16::from_le_bytes([bytes[0], bytes[1]])))
    };
    let double = |data: &[u8], at: usize| word(data, at) | word(data, at + 2) << 16;
    let (mut rows, mut columns) = ((u64::MAX, 0), (u64::MAX, 0));
    let widen = |(low, high): (u64, u64), at: u64| (low.min(at), high.max(at));
    let limit = options.limits.cells as u64;
    let too_many = |rows: u64, columns: u64| {
        let found = format!("{rows} rows of {columns} cells");
        too_large(found, limit, "cells of a sheet", options)
    };
    let mut depth = 0;
    let mut records = Records::new(stream, start);
    for (kind, data) in records.by_ref() {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            SIZE => {
                let (first, last, left, right) = match data.len() {
                    10 => (word(data, 0), word(data, 2), word(data, 4), word(data, 6)),
                    _ => (double(data, 0), double(data, 4), word(data, 8), word(data, 10)),
                };
                let high = last.saturating_sub(first).saturating_add(1);
                let wide = right.saturating_sub(left).saturating_add(1);
                if first > last.max(1) || left > right.max(1) || high.saturating_mul(wide) > limit {
                    return Err(too_many(high, wide));
                }
            }
            kind if CELLS.contains(&kind) => {
                rows = widen(rows, word(data, 0));
                columns = widen(columns, word(data, 2));
            }
            MANY_CELLS => {
                rows = widen(rows, word(data, 0));
                columns =
                    widen(widen(columns, word(data, 2)), word(data, data.len().saturating_sub(2)));
            }
            _ => {}
        }
    }
    if rows.0 <= rows.1 && (rows.1 - rows.0 + 1) * (columns.1 - columns.0 + 1) > limit {
        return Err(too_many(rows.1 - rows.0 + 1, columns.1 - columns.0 + 1));
    }
    Ok(records.at - start)
}

/// The records of a stream from a place on.
struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn new(stream: &'a [u8], at: usize) -> Records<'a> {
        Records { stream, at }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let head = self.stream.get(self.at..self.at + 4)?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let data = self.stream.get(self.at + 4..self.at + 4 + length)?;
        self.at += 4 + length;
        Some((kind, data))
    }
}

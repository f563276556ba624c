//! What a workbook states about its own size, whether it can be true, and what is said of one that is
//! damaged, locked or too large. A library that believes such a statement would ask for all memory.

use super::old::Records;
use crate::ReadOptions;
use crate::foreign::not_agreed;
use tertial_model::{Code, Diagnostic, Location};

/// A workbook that cannot be taken apart.
pub fn damaged(found: impl Into<String>, options: &ReadOptions) -> Box<Diagnostic> {
    let message = "the workbook is cut off or damaged";
    let fault = Diagnostic::error(Code::DamagedFile, message, Location::file(&options.file))
        .with_found(found)
        .with_effect("delivery refused")
        .with_hint("transfer the file again, or save it again in a spreadsheet program");
    Box::new(fault)
}

/// A workbook that only a password opens.
pub fn locked(options: &ReadOptions) -> Box<Diagnostic> {
    let mut fault = not_agreed(options, "a workbook with a password")
        .with_hint("take the password off the workbook before it is delivered");
    fault.code = Code::UnsupportedVersion;
    fault.message = "a workbook with a password is not read here".to_owned();
    Box::new(fault)
}

/// A workbook that goes too far.
pub fn too_large(found: String, limit: u64, what: &str, options: &ReadOptions) -> Box<Diagnostic> {
    let message = "the workbook is too large when unpacked";
    let fault = Diagnostic::error(Code::LimitExceeded, message, Location::file(&options.file))
        .with_found(found)
        .with_expected(format!("at most {limit} {what}"));
    Box::new(fault)
}

/// A table of texts cannot hold more of them than it has bytes.
pub fn check_text_count(text: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
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

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;
const SIZE: u16 = 0x0200;
/// Records of one cell, and of several in a row.
const CELLS: [u16; 7] = [0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD, 0x0006];
const MANY_CELLS: u16 = 0x00BD;

/// Looks at one sheet of an old workbook (XLS) for the room its cells will take.
pub fn check_sheet(
    stream: &[u8],
    start: usize,
    options: &ReadOptions,
) -> Result<(), Box<Diagnostic>> {
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
    for record in Records::new(stream, start) {
        let (kind, data) = (record.kind, record.data);
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
    Ok(())
}

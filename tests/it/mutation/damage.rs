//! What happens to files on their way.

use super::Piece;
use super::deliveries::Delivery;
use tertial_demo::random::Random;

/// A damaged copy of a delivery's pieces, and what was done to it.
pub fn damage(delivery: &Delivery, random: &mut Random) -> (Vec<Piece>, String) {
    let mut pieces = delivery.pieces.clone();
    let mut done = Vec::new();
    for _ in 0..=random.below(3) {
        let kind = random.below(10);
        done.push(match kind {
            0 | 1 => flip(&mut pieces, random),
            2 => cut_rows(&mut pieces, random),
            3 => repeat(&mut pieces, random),
            4 => swap_rows(&mut pieces, random),
            5 => swap_cells(delivery, &mut pieces, random),
            6 => swap_columns(delivery, &mut pieces, random),
            7 => other_encoding(&mut pieces, random),
            8 => insert(&mut pieces, random),
            _ => truncate(&mut pieces, random),
        });
    }
    (pieces, done.join(", "))
}

fn index(pieces: &[Piece], random: &mut Random) -> usize {
    // The first pieces are headings; they are struck as often as any row.
    random.below(pieces.len() as u64) as usize
}

fn flip(pieces: &mut [Piece], random: &mut Random) -> String {
    let count = 1 + random.below(4);
    let mut places = Vec::new();
    for _ in 0..count {
        let at = index(pieces, random);
        let piece = &mut pieces[at];
        if piece.bytes.is_empty() {
            continue;
        }
        let byte = random.below(piece.bytes.len() as u64) as usize;
        let marks = b"\"';,.|\t\n\r\0{}[]<>#-0159 \xE5\x84\xC3";
        let new = match random.below(2) {
            0 => random.below(256) as u8,
            _ => *random.pick(marks),
        };
        if piece.bytes[byte] != new {
            piece.bytes[byte] = new;
            piece.origin = None;
            places.push(format!("{at}:{byte}"));
        }
    }
    format!("bytes changed at {}", places.join(" "))
}

fn cut_rows(pieces: &mut Vec<Piece>, random: &mut Random) -> String {
    let from = index(pieces, random);
    let to = (from + 1 + random.below(12) as usize).min(pieces.len());
    if to - from < pieces.len() {
        pieces.drain(from..to);
    }
    format!("pieces {from}..{to} cut")
}

fn repeat(pieces: &mut Vec<Piece>, random: &mut Random) -> String {
    let from = index(pieces, random);
    let to = (from + 1 + random.below(12) as usize).min(pieces.len());
    let at = index(pieces, random);
    let block: Vec<Piece> = pieces[from..to].to_vec();
    pieces.splice(at..at, block);
    format!("pieces {from}..{to} again before {at}")
}

fn swap_rows(pieces: &mut [Piece], random: &mut Random) -> String {
    let (first, second) = (index(pieces, random), index(pieces, random));
    pieces.swap(first, second);
    format!("pieces {first} and {second} swapped")
}

/// The cells of a line, line end apart.
fn cells(bytes: &[u8], delimiter: u8) -> (Vec<Vec<u8>>, Vec<u8>) {
    let length = bytes.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |at| at + 1);
    let line = bytes[..length].split(|byte| *byte == delimiter);
    (line.map(<[u8]>::to_vec).collect(), bytes[length..].to_vec())
}

fn joined(cells: &[Vec<u8>], end: &[u8], delimiter: u8) -> Vec<u8> {
    let mut line = cells.join(&delimiter);
    line.extend_from_slice(end);
    line
}

/// Two cells of one row change places.
fn swap_cells(delivery: &Delivery, pieces: &mut [Piece], random: &mut Random) -> String {
    let Some(delimiter) = delivery.delimiter else { return flip(pieces, random) };
    let at = index(pieces, random);
    let (mut row, end) = cells(&pieces[at].bytes, delimiter);
    if row.len() < 2 {
        return flip(pieces, random);
    }
    let (first, second) = (random.below(row.len() as u64), random.below(row.len() as u64));
    row.swap(first as usize, second as usize);
    let line = joined(&row, &end, delimiter);
    if line != pieces[at].bytes {
        pieces[at].bytes = line;
        pieces[at].origin = None;
    }
    format!("cells {first} and {second} of piece {at} swapped")
}

/// Two columns change places in every row, their headings with them: nothing may change.
fn swap_columns(delivery: &Delivery, pieces: &mut [Piece], random: &mut Random) -> String {
    let Some(delimiter) = delivery.delimiter else { return flip(pieces, random) };
    let width = cells(&pieces[0].bytes, delimiter).0.len();
    let (first, second) =
        (random.below(width as u64) as usize, random.below(width as u64) as usize);
    let fits = |piece: &Piece| cells(&piece.bytes, delimiter).0.len() == width;
    if !delivery.headings_lead || !pieces.iter().all(|piece| piece.origin.is_some() && fits(piece))
    {
        return flip(pieces, random);
    }
    for piece in pieces {
        let (mut row, end) = cells(&piece.bytes, delimiter);
        row.swap(first, second);
        piece.bytes = joined(&row, &end, delimiter);
    }
    format!("columns {first} and {second} swapped")
}

/// Some rows were joined from a file in another encoding.
fn other_encoding(pieces: &mut [Piece], random: &mut Random) -> String {
    let from = index(pieces, random);
    // Fewer than half: where nothing is agreed, the encoding of most rows is the file's.
    let most = (pieces.len() / 4).max(1) as u64;
    let to = (from + 1 + random.below(most) as usize).min(pieces.len());
    let target = random.below(3);
    for piece in &mut pieces[from..to] {
        let text = match std::str::from_utf8(&piece.bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(&piece.bytes).0.into_owned(),
        };
        let table = &oem_cp::code_table::ENCODING_TABLE_CP437;
        let bytes = match target {
            0 => text.clone().into_bytes(),
            1 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
            _ => oem_cp::encode_string_lossy(&text, table),
        };
        if bytes != piece.bytes {
            piece.bytes = bytes;
            piece.origin = None;
        }
    }
    format!("pieces {from}..{to} in encoding {target}")
}

fn insert(pieces: &mut Vec<Piece>, random: &mut Random) -> String {
    let at = index(pieces, random);
    let length = 1 + random.below(40);
    let mut bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
    if random.chance(0.7) {
        bytes.push(b'\n');
    }
    pieces.insert(at, Piece { bytes, origin: None, is_row: false });
    format!("{length} bytes before piece {at}")
}

fn truncate(pieces: &mut Vec<Piece>, random: &mut Random) -> String {
    let at = index(pieces, random);
    let keep = random.below(pieces[at].bytes.len() as u64 + 1) as usize;
    if at == 0 && keep == 0 {
        return "nothing".to_owned();
    }
    pieces.truncate(at + 1);
    if keep < pieces[at].bytes.len() {
        pieces[at].bytes.truncate(keep);
        pieces[at].origin = None;
    }
    format!("cut off in piece {at} after {keep} bytes")
}

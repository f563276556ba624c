//! Where records end, quotes respected, without splitting them into fields.
//!
//! A quotation mark opens a cell when a delimiter or a line end stands before it, and nowhere else;
//! in an open cell a doubled mark is text. [`super::parse`] goes by the same rule, so that a block
//! never ends inside a cell.

use memchr::{memchr, memchr_iter, memrchr};

/// What was found in a piece of a file that begins with a record.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Just after the last line end outside quotes.
    pub end: Option<usize>,
    /// Where the quote stands that is still open at the end.
    pub open_quote: Option<usize>,
}

/// The end of the last whole record.
pub fn last_record_end(bytes: &[u8], delimits: impl Fn(u8) -> bool, line_end: u8) -> Found {
    let mut plain: Vec<(usize, usize)> = Vec::new();
    let open_quote = walk(bytes, delimits, line_end, |from, to| {
        plain.push((from, to));
        true
    });
    let end = plain
        .iter()
        .rev()
        .find_map(|(from, to)| memrchr(line_end, &bytes[*from..*to]).map(|at| from + at + 1));
    Found { end, open_quote }
}

/// The end of the first record.
pub fn first_record_end(
    bytes: &[u8],
    delimits: impl Fn(u8) -> bool,
    line_end: u8,
) -> Option<usize> {
    let mut end = None;
    walk(bytes, delimits, line_end, |from, to| {
        end = memchr(line_end, &bytes[from..to]).map(|at| from + at + 1);
        end.is_none()
    });
    end
}

/// How often a byte stands outside quotes.
pub fn count_outside(
    bytes: &[u8],
    delimits: impl Fn(u8) -> bool,
    line_end: u8,
    wanted: u8,
) -> usize {
    let mut count = 0;
    walk(bytes, delimits, line_end, |from, to| {
        count += memchr_iter(wanted, &bytes[from..to]).count();
        true
    });
    count
}

/// How many lines end in the bytes.
pub fn line_breaks(bytes: &[u8], line_end: u8) -> u64 {
    memchr_iter(line_end, bytes).count() as u64
}

/// Hands out the stretches outside quoted cells, in order, until told to stop.
/// Gives the place of a quote that is still open.
fn walk(
    bytes: &[u8],
    delimits: impl Fn(u8) -> bool,
    line_end: u8,
    mut plain: impl FnMut(usize, usize) -> bool,
) -> Option<usize> {
    let mut from = 0;
    let mut search = 0;
    while let Some(quote) = memchr(b'"', &bytes[search..]).map(|at| search + at) {
        let opens = quote == 0 || {
            let before = bytes[quote - 1];
            delimits(before) || before == line_end || line_end == b'\r' && before == b'\n'
        };
        if !opens {
            search = quote + 1;
            continue;
        }
        if !plain(from, quote) {
            return None;
        }
        match closing_quote(bytes, quote + 1) {
            Some(close) => {
                from = close + 1;
                search = close + 1;
            }
            None => return Some(quote),
        }
    }
    plain(from, bytes.len());
    None
}

/// The mark that closes a cell whose text begins at `from`.
pub fn closing_quote(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let quote = at + memchr(b'"', &bytes[at..])?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Option<usize>, Option<usize>) {
        let found = last_record_end(text.as_bytes(), |b| b == b';', b'\n');
        (found.end, found.open_quote)
    }

    #[test]
    fn line_ends_inside_quotes_end_no_record() {
        assert_eq!(found("a;b\nc"), (Some(4), None));
        assert_eq!(found("a;\"b\nc\"\nd"), (Some(8), None));
        assert_eq!(found("a\n\"b\nc"), (Some(2), Some(2)));
        assert_eq!(found("a;\"b\"\"\n\"\nc;d"), (Some(9), None));
        assert_eq!(found("no end"), (None, None));
    }

    #[test]
    fn a_mark_inside_a_plain_cell_is_text() {
        assert_eq!(found("5\" rör;x\ny"), (Some(10), None));
        let text = "rör 5\";\"a\nb\";\n";
        assert_eq!(found(text), (Some(text.len()), None));
    }

    #[test]
    fn the_first_record_may_hold_line_ends() {
        let end = |text: &str| first_record_end(text.as_bytes(), |b| b == b';', b'\n');
        assert_eq!(end("a;\"b\nc\";d\ne\n"), Some(10));
        assert_eq!(end("\"a\nb"), None);
    }
}

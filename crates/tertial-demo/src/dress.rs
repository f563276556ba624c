//! Delimited text in the dress of Swedish systems: `;` between fields (or what the source has in its
//! place), decimal comma, CRLF, and the encoding the source uses. What a file holds is each source's
//! own matter.

use std::fmt::Write as _;
use std::io::{self, Write};

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Plain UTF-8.
    Utf8,
    /// UTF-8 that opens with a byte order mark, as Excel and many public exports write it.
    Utf8WithMark,
    /// Windows-1252, the habit of older personnel and planning systems.
    Windows1252,
    /// UTF-16 little-endian with its mark, the "Unicode text" of spreadsheet programs.
    Utf16,
}

/// Bytes gathered before they are encoded and handed on.
const BLOCK: usize = 64 * 1024;

/// Writes rows of fields; [`Delimited::finish`] must be called for the last ones to be written.
pub(crate) struct Delimited<'a> {
    sink: &'a mut dyn Write,
    encoding: Encoding,
    delimiter: char,
    text: String,
    is_row_open: bool,
}

impl<'a> Delimited<'a> {
    /// Starts a file with its headings, `;` between fields.
    pub(crate) fn new(
        sink: &'a mut dyn Write,
        encoding: Encoding,
        headings: &[&str],
    ) -> io::Result<Delimited<'a>> {
        Delimited::parted_by(sink, encoding, ';', headings)
    }

    /// Starts a file with its headings, with another mark between fields.
    pub(crate) fn parted_by<T: AsRef<str>>(
        sink: &'a mut dyn Write,
        encoding: Encoding,
        delimiter: char,
        headings: &[T],
    ) -> io::Result<Delimited<'a>> {
        let mut text = String::with_capacity(BLOCK + 1024);
        if matches!(encoding, Encoding::Utf8WithMark | Encoding::Utf16) {
            text.push('\u{feff}');
        }
        let mut table = Delimited { sink, encoding, delimiter, text, is_row_open: false };
        for heading in headings {
            table.text(heading.as_ref());
        }
        table.end_row()?;
        Ok(table)
    }

    /// A field of text, quoted where it must be.
    pub(crate) fn text(&mut self, value: &str) {
        self.separate();
        if value.contains([self.delimiter, '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(&value.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(value);
        }
    }

    /// A whole number.
    pub(crate) fn whole(&mut self, value: i64) {
        self.separate();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// `units × 10^-decimals` with a decimal comma; `decimals` is at least 1.
    pub(crate) fn decimal(&mut self, units: i64, decimals: u32) {
        self.separate();
        let power = 10_u64.pow(decimals);
        let sign = if units < 0 { "-" } else { "" };
        let (whole, rest) = (units.unsigned_abs() / power, units.unsigned_abs() % power);
        let _ = write!(self.text, "{sign}{whole},{rest:0width$}", width = decimals as usize);
    }

    /// Ends the row.
    pub(crate) fn end_row(&mut self) -> io::Result<()> {
        self.text.push_str("\r\n");
        self.is_row_open = false;
        if self.text.len() >= BLOCK { self.hand_on() } else { Ok(()) }
    }

    /// Hands on what is left.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.hand_on()
    }

    fn separate(&mut self) {
        if self.is_row_open {
            self.text.push(self.delimiter);
        }
        self.is_row_open = true;
    }

    fn hand_on(&mut self) -> io::Result<()> {
        match self.encoding {
            Encoding::Utf8 | Encoding::Utf8WithMark => self.sink.write_all(self.text.as_bytes())?,
            Encoding::Windows1252 => {
                let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&self.text);
                self.sink.write_all(&bytes)?;
            }
            Encoding::Utf16 => {
                let bytes: Vec<u8> = self.text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                self.sink.write_all(&bytes)?;
            }
        }
        self.text.clear();
        Ok(())
    }
}

/// `30120.5` as an exact number of `10^-decimals`; `None` when it is no decimal number or too fine.
pub(crate) fn exact(text: &str, decimals: u8) -> Option<i64> {
    let value = tertial_model::Decimal::parse(text)?;
    let rescaled = value.rescale(decimals)?;
    (rescaled == value).then(|| i64::try_from(rescaled.units()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(encoding: Encoding) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut table = Delimited::new(&mut bytes, encoding, &["Månad", "Belopp"]).unwrap();
        table.text("a;\"b\"");
        table.decimal(-5, 2);
        table.end_row().unwrap();
        table.finish().unwrap();
        bytes
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        let text = String::from_utf8(written(Encoding::Utf8)).unwrap();
        assert_eq!(text, "Månad;Belopp\r\n\"a;\"\"b\"\"\";-0,05\r\n");
    }

    #[test]
    fn the_encoding_is_the_one_asked_for() {
        assert_eq!(written(Encoding::Utf8WithMark)[..4], [0xEF, 0xBB, 0xBF, b'M']);
        assert_eq!(written(Encoding::Windows1252)[..5], [b'M', 0xE5, b'n', b'a', b'd']);
        assert_eq!(written(Encoding::Utf16)[..6], [0xFF, 0xFE, b'M', 0, 0xE5, 0]);
    }

    #[test]
    fn another_mark_between_fields_is_the_one_that_is_quoted() {
        let mut bytes = Vec::new();
        let headings = ["a;b", "c,d"];
        let table = Delimited::parted_by(&mut bytes, Encoding::Utf8, ',', &headings).unwrap();
        table.finish().unwrap();
        assert_eq!(bytes, b"a;b,\"c,d\"\r\n");
    }

    #[test]
    fn decimals_are_read_exactly_or_not_at_all() {
        assert_eq!(exact("30120.5", 2), Some(3_012_050));
        assert_eq!(exact("-9.8", 6), Some(-9_800_000));
        assert_eq!(exact("0.125", 2), None);
        assert_eq!(exact("x", 2), None);
    }
}

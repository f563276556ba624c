//! How a SIE record is written: fields, quotes, CP437, CRLF and the checksum.
//!
//! The checksum is CRC-32 over every record between the two `#KSUMMA`: the label and the fields'
//! bytes without the blanks between them, the enclosing quotes and the braces.

use std::io::{Result, Write};

/// Bytes gathered before they are handed on.
const BUFFER: usize = 1 << 16;

/// Writes records to a sink.
pub(super) struct SieWriter<'a> {
    sink: &'a mut dyn Write,
    line: Vec<u8>,
    summed: Vec<u8>,
    checksum: Option<Crc32>,
}

impl<'a> SieWriter<'a> {
    pub(super) fn new(sink: &'a mut dyn Write) -> SieWriter<'a> {
        let line = Vec::with_capacity(2 * BUFFER);
        SieWriter { sink, line, summed: Vec::with_capacity(2 * BUFFER), checksum: None }
    }

    /// Begins a record; the fields follow, then [`end`](SieWriter::end).
    pub(super) fn start(&mut self, label: &str) -> &mut Self {
        self.line.push(b'#');
        self.line.extend_from_slice(label.as_bytes());
        self.summed.push(b'#');
        self.summed.extend_from_slice(label.as_bytes());
        self
    }

    /// A field that needs no quotes: a number, a date, a code.
    pub(super) fn plain(&mut self, field: &str) -> &mut Self {
        self.line.push(b' ');
        self.line.extend_from_slice(field.as_bytes());
        self.summed.extend_from_slice(field.as_bytes());
        self
    }

    /// A quoted field. Our texts hold no quotes and nothing outside CP437.
    pub(super) fn text(&mut self, field: &str) -> &mut Self {
        self.encoded(&cp437(field))
    }

    /// A quoted field already in CP437.
    pub(super) fn encoded(&mut self, field: &[u8]) -> &mut Self {
        self.line.extend_from_slice(b" \"");
        self.line.extend_from_slice(field);
        self.line.push(b'"');
        self.summed.extend_from_slice(field);
        self
    }

    /// A whole number.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        let mut digits = [0u8; 20];
        let digits = decimal_digits(number, &mut digits);
        self.line.push(b' ');
        self.line.extend_from_slice(digits);
        self.summed.extend_from_slice(digits);
        self
    }

    /// An amount in öre, written in kronor with two decimals.
    pub(super) fn amount(&mut self, amount: i64) -> &mut Self {
        let mut digits = [0u8; 20];
        let digits = decimal_digits(amount.unsigned_abs() / 100, &mut digits);
        let rest = (amount.unsigned_abs() % 100) as u8;
        let rest = [b'.', b'0' + rest / 10, b'0' + rest % 10];
        self.line.push(b' ');
        for part in [if amount < 0 { b"-".as_slice() } else { b"" }, digits, &rest] {
            self.line.extend_from_slice(part);
            self.summed.extend_from_slice(part);
        }
        self
    }

    /// An object list; dimensions without an object are left out.
    pub(super) fn objects(&mut self, objects: &[(&str, Option<&str>)]) -> &mut Self {
        self.line.extend_from_slice(b" {");
        let mut first = true;
        for (dimension, object) in objects {
            let Some(object) = object else { continue };
            if !first {
                self.line.push(b' ');
            }
            first = false;
            self.line.extend_from_slice(dimension.as_bytes());
            self.line.extend_from_slice(b" \"");
            self.line.extend_from_slice(object.as_bytes());
            self.line.push(b'"');
            self.summed.extend_from_slice(dimension.as_bytes());
            self.summed.extend_from_slice(object.as_bytes());
        }
        self.line.push(b'}');
        self
    }

    /// Ends the record.
    pub(super) fn end(&mut self) -> Result<()> {
        self.line.extend_from_slice(b"\r\n");
        if self.line.len() >= BUFFER { self.hand_on() } else { Ok(()) }
    }

    /// The braces round a voucher's rows.
    pub(super) fn brace(&mut self, brace: u8) -> Result<()> {
        self.line.push(brace);
        self.end()
    }

    /// Writes the opening `#KSUMMA`; what follows is summed.
    pub(super) fn begin_checksum(&mut self) -> Result<()> {
        self.start("KSUMMA").end()?;
        self.hand_on()?;
        self.checksum = Some(Crc32::new());
        Ok(())
    }

    /// Writes the closing `#KSUMMA` and everything that is left.
    pub(super) fn finish(mut self) -> Result<()> {
        self.hand_on()?;
        let sum = self.checksum.take().map(|crc| crc.value());
        if let Some(sum) = sum {
            self.start("KSUMMA").number(u64::from(sum)).end()?;
        }
        self.hand_on()
    }

    fn hand_on(&mut self) -> Result<()> {
        if let Some(crc) = &mut self.checksum {
            crc.update(&self.summed);
        }
        self.sink.write_all(&self.line)?;
        self.line.clear();
        self.summed.clear();
        Ok(())
    }
}

/// A text in CP437; what it cannot hold becomes `?`.
pub(super) fn cp437(text: &str) -> Vec<u8> {
    let table = &oem_cp::code_table::ENCODING_TABLE_CP437;
    oem_cp::encode_string_lossy(text, table)
}

fn decimal_digits(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[from..];
        }
    }
}

/// CRC-32 with the reflected polynomial EDB88320, eight bytes a step.
struct Crc32 {
    state: u32,
}

static TABLES: [[u32; 256]; 8] = crc_tables();

impl Crc32 {
    fn new() -> Crc32 {
        Crc32 { state: u32::MAX }
    }

    fn update(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        for chunk in chunks {
            let word = u64::from_le_bytes(*chunk) ^ u64::from(self.state);
            let pick = |table: usize| TABLES[7 - table][(word >> (8 * table)) as usize & 0xFF];
            self.state = (0..8).fold(0, |state, table| state ^ pick(table));
        }
        for &byte in rest {
            let index = (self.state ^ u32::from(byte)) & 0xFF;
            self.state = (self.state >> 8) ^ TABLES[0][index as usize];
        }
    }

    fn value(&self) -> u32 {
        !self.state
    }
}

const fn crc_tables() -> [[u32; 256]; 8] {
    let mut tables = [[0u32; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = (byte as u32, 0);
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let previous = tables[table - 1][byte];
            tables[table][byte] = (previous >> 8) ^ tables[0][(previous & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(records: impl FnOnce(&mut SieWriter) -> Result<()>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sie = SieWriter::new(&mut bytes);
        records(&mut sie).unwrap();
        sie.finish().unwrap();
        bytes
    }

    #[test]
    fn the_checksum_is_the_usual_crc_32() {
        // The check value of CRC-32/ISO-HDLC, in one piece and in two.
        for cut in [0, 4, 9] {
            let mut crc = Crc32::new();
            crc.update(&b"123456789"[..cut]);
            crc.update(&b"123456789"[cut..]);
            assert_eq!(crc.value(), 0xCBF4_3926);
        }
    }

    #[test]
    fn the_sum_leaves_out_blanks_quotes_and_braces() {
        let bytes = written(|sie| {
            sie.start("FLAGGA").plain("0").end()?;
            sie.begin_checksum()?;
            sie.start("TRANS").plain("4010").objects(&[("1", Some("605")), ("6", None)]);
            sie.amount(-5).text("a b").end()
        });
        let mut crc = Crc32::new();
        crc.update(b"#TRANS40101605-0.05a b");
        let expected = format!(
            "#FLAGGA 0\r\n#KSUMMA\r\n#TRANS 4010 {{1 \"605\"}} -0.05 \"a b\"\r\n#KSUMMA {}\r\n",
            crc.value()
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn swedish_letters_are_cp437() {
        assert_eq!(cp437("åäöÅÄÖ"), b"\x86\x84\x94\x8F\x8E\x99");
        let bytes = written(|sie| sie.start("FNAMN").text("Härjedalen").end());
        assert_eq!(bytes, b"#FNAMN \"H\x84rjedalen\"\r\n");
    }

    #[test]
    fn amounts_have_two_decimals() {
        for (amount, expected) in [(0, "0.00"), (7, "0.07"), (-100, "-1.00"), (123_456, "1234.56")]
        {
            let bytes = written(|sie| sie.start("X").amount(amount).end());
            assert_eq!(String::from_utf8(bytes).unwrap(), format!("#X {expected}\r\n"));
        }
    }
}

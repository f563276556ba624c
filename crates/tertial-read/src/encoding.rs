//! Which letters the bytes are: the agreement first, then the bytes; never a label inside the file.
//!
//! Order of evidence: agreement, byte order mark, UTF-16 by its zero bytes, strict UTF-8, the
//! places of å ä ö Å Ä Ö in CP437 and Windows-1252, and last a statistical guess with a warning.
//! An agreement that the bytes contradict beyond doubt is a fault, for text would be ruined in
//! silence.

use crate::ReadOptions;
use crate::input::Window;
use std::sync::OnceLock;
use tertial_model::{Code, Diagnostic, Location};

/// The encodings that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Nothing but ASCII.
    Ascii,
    /// UTF-8.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252.
    Windows1252,
    /// ISO-8859-1.
    Iso8859_1,
    /// ISO-8859-15.
    Iso8859_15,
    /// CP437, the only character set of SIE 1–4.
    Cp437,
    /// CP850.
    Cp850,
}

impl Encoding {
    /// The name used in decisions and in `pipeline.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Ascii => "ascii",
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Iso8859_1 => "iso-8859-1",
            Encoding::Iso8859_15 => "iso-8859-15",
            Encoding::Cp437 => "cp437",
            Encoding::Cp850 => "cp850",
        }
    }

    /// Reads a name, in the forms people and files write it.
    pub fn parse(label: &str) -> Option<Encoding> {
        Some(match label.trim().to_ascii_lowercase().as_str() {
            "ascii" | "us-ascii" => Encoding::Ascii,
            "utf-8" | "utf8" | "utf-8-bom" | "utf-8-sig" => Encoding::Utf8,
            "utf-16" | "utf16" | "utf-16le" => Encoding::Utf16Le,
            "utf-16be" => Encoding::Utf16Be,
            "windows-1252" | "windows1252" | "cp1252" | "ansi" => Encoding::Windows1252,
            "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" => Encoding::Iso8859_1,
            "iso-8859-15" | "iso8859-15" | "latin9" | "latin-9" => Encoding::Iso8859_15,
            "cp437" | "ibm437" | "437" | "pc8" => Encoding::Cp437,
            "cp850" | "ibm850" | "850" => Encoding::Cp850,
            _ => return None,
        })
    }

    /// Whether text takes two bytes a character.
    pub fn is_wide(self) -> bool {
        matches!(self, Encoding::Utf16Le | Encoding::Utf16Be)
    }

    /// Bytes to text. A byte that the encoding lacks becomes U+FFFD and is listed.
    /// Wide encodings are decoded by [`WideDecoder`], not here.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> Decoded {
        match self {
            Encoding::Ascii | Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be => {
                match String::from_utf8(bytes) {
                    Ok(text) => Decoded { text, bad: Vec::new() },
                    Err(fault) => decode_faulty_utf8(fault.as_bytes()),
                }
            }
            Encoding::Windows1252 => transcode(&bytes, table(&WINDOWS_1252, windows_1252)),
            Encoding::Iso8859_1 => transcode(&bytes, table(&ISO_8859_1, iso_8859_1)),
            Encoding::Iso8859_15 => transcode(&bytes, table(&ISO_8859_15, iso_8859_15)),
            Encoding::Cp437 => transcode(&bytes, table(&CP437, cp437)),
            Encoding::Cp850 => transcode(&bytes, table(&CP850, cp850)),
        }
    }
}

/// Text and the places where the bytes did not fit.
pub struct Decoded {
    /// The text, U+FFFD in the bad places.
    pub text: String,
    /// The bad places, in order.
    pub bad: Vec<BadByte>,
}

/// A byte that the encoding lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadByte {
    /// Where its U+FFFD begins in the text.
    pub at: usize,
    /// The byte.
    pub byte: u8,
}

fn decode_faulty_utf8(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len() + 16);
    let mut bad = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if let Some(&byte) = chunk.invalid().first() {
            bad.push(BadByte { at: text.len(), byte });
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Decoded { text, bad }
}

/// The upper half of a single-byte encoding as UTF-8; length 0 = the byte means nothing.
struct Table([([u8; 3], u8); 128]);

static WINDOWS_1252: OnceLock<Table> = OnceLock::new();
static ISO_8859_1: OnceLock<Table> = OnceLock::new();
static ISO_8859_15: OnceLock<Table> = OnceLock::new();
static CP437: OnceLock<Table> = OnceLock::new();
static CP850: OnceLock<Table> = OnceLock::new();

fn table(cell: &'static OnceLock<Table>, letter: fn(u8) -> Option<char>) -> &'static Table {
    cell.get_or_init(|| {
        let mut table = [([0; 3], 0); 128];
        for (index, entry) in table.iter_mut().enumerate() {
            if let Some(letter) = letter(128 + index as u8) {
                letter.encode_utf8(&mut entry.0);
                entry.1 = letter.len_utf8() as u8;
            }
        }
        Table(table)
    })
}

fn windows_1252(byte: u8) -> Option<char> {
    if matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D) {
        return None;
    }
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next()
}

fn iso_8859_1(byte: u8) -> Option<char> {
    (byte >= 0xA0).then_some(char::from(byte))
}

fn iso_8859_15(byte: u8) -> Option<char> {
    iso_8859_1(byte)?;
    encoding_rs::ISO_8859_15.decode_without_bom_handling(&[byte]).0.chars().next()
}

fn cp437(byte: u8) -> Option<char> {
    Some(oem_cp::code_table::DECODING_TABLE_CP437[usize::from(byte) - 128])
}

fn cp850(byte: u8) -> Option<char> {
    Some(oem_cp::code_table::DECODING_TABLE_CP850[usize::from(byte) - 128])
}

fn transcode(bytes: &[u8], table: &Table) -> Decoded {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len() + bytes.len() / 8 + 16);
    let mut bad = Vec::new();
    let mut rest = bytes;
    while let Some(at) = first_non_ascii(rest) {
        out.extend_from_slice(&rest[..at]);
        let byte = rest[at];
        let (letter, length) = &table.0[usize::from(byte) - 128];
        if *length == 0 {
            bad.push(BadByte { at: out.len(), byte });
            out.extend_from_slice("\u{FFFD}".as_bytes());
        } else {
            out.extend_from_slice(&letter[..usize::from(*length)]);
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    let text = String::from_utf8(out);
    let text = text.unwrap_or_else(|fault| String::from_utf8_lossy(fault.as_bytes()).into_owned());
    Decoded { text, bad }
}

fn first_non_ascii(bytes: &[u8]) -> Option<usize> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut words = bytes.chunks_exact(8);
    for (index, word) in words.by_ref().enumerate() {
        let word = u64::from_le_bytes(word.try_into().unwrap_or([0; 8])) & HIGH;
        if word != 0 {
            return Some(index * 8 + word.trailing_zeros() as usize / 8);
        }
    }
    let done = bytes.len() - words.remainder().len();
    words.remainder().iter().position(|byte| !byte.is_ascii()).map(|at| done + at)
}

/// UTF-16 to UTF-8, piece by piece.
pub struct WideDecoder {
    decoder: encoding_rs::Decoder,
    /// How many bytes were taken, to tell where a fault stands.
    taken: u64,
}

impl WideDecoder {
    /// A decoder for one of the wide encodings; the byte order mark is taken off.
    pub fn new(encoding: Encoding) -> WideDecoder {
        let utf16 = match encoding {
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
            _ => encoding_rs::UTF_16LE,
        };
        WideDecoder { decoder: utf16.new_decoder_with_bom_removal(), taken: 0 }
    }

    /// Appends the text of `bytes`; the fault is the byte offset in the file of what is no text.
    pub fn push(&mut self, bytes: &[u8], last: bool, out: &mut Vec<u8>) -> Result<(), u64> {
        let mut text = String::with_capacity(bytes.len() * 2 + 16);
        let mut rest = bytes;
        loop {
            let (result, read) =
                self.decoder.decode_to_string_without_replacement(rest, &mut text, last);
            self.taken += read as u64;
            rest = &rest[read..];
            match result {
                encoding_rs::DecoderResult::InputEmpty => break,
                encoding_rs::DecoderResult::OutputFull => text.reserve(rest.len() * 2 + 16),
                encoding_rs::DecoderResult::Malformed(..) => return Err(self.taken),
            }
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// What was decided and why.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The encoding.
    pub encoding: Encoding,
    /// Bytes of the byte order mark at the beginning.
    pub mark: usize,
    /// In words, for the summary.
    pub words: String,
    /// Doubts a person should know of.
    pub warnings: Vec<Diagnostic>,
}

impl Decision {
    fn new(encoding: Encoding, mark: usize, why: &str) -> Decision {
        let words = format!("encoding {} ({why})", encoding.name());
        Decision { encoding, mark, words, warnings: Vec::new() }
    }

    /// Decodes a document; one bad byte refuses it.
    pub fn decode_whole(
        &self,
        mut bytes: Vec<u8>,
        options: &ReadOptions,
    ) -> Result<String, Box<Diagnostic>> {
        if self.encoding.is_wide() {
            let mut out = Vec::with_capacity(bytes.len());
            let decoded = WideDecoder::new(self.encoding).push(&bytes, true, &mut out);
            decoded.map_err(|at| wide_fault(self.encoding, at, &options.file))?;
            return Ok(Encoding::Utf8.decode(out).text);
        }
        bytes.drain(..self.mark.min(bytes.len()));
        let decoded = self.encoding.decode(bytes);
        match decoded.bad.first() {
            None => Ok(decoded.text),
            Some(bad) => {
                let before = &decoded.text[..bad.at];
                let line = 1 + before.matches('\n').count() as u64;
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let column = before[start..].chars().count() as u32 + 1;
                Err(Box::new(byte_fault(self.encoding, *bad, &options.file, line, column)))
            }
        }
    }
}

/// A byte that does not fit.
pub fn byte_fault(
    encoding: Encoding,
    bad: BadByte,
    file: &str,
    line: u64,
    column: u32,
) -> Diagnostic {
    let message = format!("the byte 0x{:02X} is no {} text", bad.byte, encoding.name());
    Diagnostic::error(Code::WrongEncoding, message, Location::text(file, line, column))
        .with_found(format!("0x{:02X}", bad.byte))
        .with_expected(format!("{} text", encoding.name()))
        .with_hint("set `encoding` in the pipeline to what the source really writes, or ask the source to export again")
}

/// A unit of UTF-16 that is no text.
pub fn wide_fault(encoding: Encoding, offset: u64, file: &str) -> Box<Diagnostic> {
    let message = format!("the bytes are no {} text", encoding.name());
    let fault = Diagnostic::error(Code::WrongEncoding, message, Location::file(file))
        .with_found(format!("half a character before byte {offset}"))
        .with_hint("the file is cut off or is not UTF-16; ask the source to export again");
    Box::new(fault)
}

/// Settles the encoding from the agreement, the first bytes and the first bytes beyond ASCII.
pub fn decide(
    options: &ReadOptions,
    head: &[u8],
    window: &Window,
    fallback: Encoding,
) -> Result<Decision, Box<Diagnostic>> {
    let marked = byte_order_mark(head);
    let Some(label) = &options.encoding else {
        return Ok(match marked {
            Some((encoding, length)) => Decision::new(encoding, length, "byte order mark"),
            None => guess(head, window, fallback, &options.file),
        });
    };
    let Some(agreed) = Encoding::parse(label) else {
        let location = Location::file(&options.file);
        let fault =
            Diagnostic::error(Code::WrongEncoding, "the agreed encoding is not known", location)
                .with_found(format!("`{label}`"))
                .with_expected(
                    "utf-8, utf-16, windows-1252, iso-8859-1, iso-8859-15, cp437 or cp850",
                );
        return Err(Box::new(fault));
    };
    let mismatch = |found: &str| {
        let message = format!("the file is not {} as agreed", agreed.name());
        let fault = Diagnostic::error(Code::WrongEncoding, message, Location::file(&options.file))
            .with_found(found)
            .with_expected(agreed.name())
            .with_hint("set `encoding` in the pipeline to what the source writes now");
        Err(Box::new(fault))
    };
    if let Some((encoding, length)) = marked {
        let same = encoding == agreed || encoding.is_wide() && label.to_lowercase().ends_with("16");
        if !same {
            return mismatch(&format!("the byte order mark of {}", encoding.name()));
        }
        return Ok(Decision::new(encoding, length, "as agreed, with byte order mark"));
    }
    let single = !matches!(agreed, Encoding::Utf8 | Encoding::Ascii) && !agreed.is_wide();
    if single && !window.bytes.is_empty() && is_utf8(window) {
        return mismatch("letters written as UTF-8");
    }
    let mut decision = Decision::new(agreed, 0, "as agreed");
    decision.warnings.extend(doubt(agreed, window, &options.file));
    Ok(decision)
}

/// An agreement on a single-byte encoding whose Swedish letters all stand elsewhere.
fn doubt(agreed: Encoding, window: &Window, file: &str) -> Option<Diagnostic> {
    let (dos, windows) = count_letters(&window.bytes);
    let (own, other, name) = match agreed {
        Encoding::Cp437 | Encoding::Cp850 => (dos, windows, "windows-1252"),
        Encoding::Windows1252 | Encoding::Iso8859_1 | Encoding::Iso8859_15 => {
            (windows, dos, "cp437")
        }
        _ => return None,
    };
    if own > 0 || other < 3 {
        return None;
    }
    let message = format!("the letters look like {name}, not {} as agreed", agreed.name());
    let found = format!("{other} letters å ä ö where {name} has them, none where agreed");
    let hint = "look at a text with å, ä or ö before the figures are used";
    Some(
        Diagnostic::warning(Code::WrongEncoding, message, Location::file(file))
            .with_found(found)
            .with_expected(agreed.name())
            .with_hint(hint),
    )
}

fn byte_order_mark(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => Some((Encoding::Utf8, 3)),
        [0xFF, 0xFE, ..] => Some((Encoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}

fn guess(head: &[u8], window: &Window, fallback: Encoding, file: &str) -> Decision {
    if let Some(encoding) = wide_by_zero_bytes(head) {
        return Decision::new(encoding, 0, "every other byte is zero");
    }
    if window.bytes.is_empty() {
        return Decision::new(Encoding::Ascii, 0, "no byte above 127");
    }
    if is_utf8(window) {
        return Decision::new(Encoding::Utf8, 0, "valid UTF-8 beyond ASCII");
    }
    if let Some(decision) = damaged_utf8(window, file) {
        return decision;
    }
    let (dos, windows) = count_letters(&window.bytes);
    if dos > windows {
        let why = format!("{dos} letters å ä ö in CP437 places, {windows} in Windows-1252");
        return Decision::new(Encoding::Cp437, 0, &why);
    }
    if windows > dos {
        let why = format!("{windows} letters å ä ö in Windows-1252 places, {dos} in CP437");
        return Decision::new(Encoding::Windows1252, 0, &why);
    }
    last_word(window, fallback, file)
}

/// Text that is UTF-8 but for some bytes. Taken for another encoding, every letter of the file would
/// be ruined for the sake of the damaged ones. In a single-byte encoding, whole UTF-8 sequences do not
/// outnumber the bytes that fit none, nor do å ä ö written as UTF-8 outnumber those written as one byte.
fn damaged_utf8(window: &Window, file: &str) -> Option<Decision> {
    let (mut whole, mut swedish, mut broken) = (0_usize, 0_usize, Vec::new());
    for chunk in window.bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        swedish += chunk.valid().chars().filter(|letter| "åäöÅÄÖ".contains(*letter)).count();
        broken.extend_from_slice(chunk.invalid());
    }
    let (dos, windows) = count_letters(&broken);
    let broken = broken.len();
    if whole <= broken && swedish <= dos.max(windows) {
        return None;
    }
    let mut decision = Decision::new(
        Encoding::Utf8,
        0,
        &format!("{whole} letters in UTF-8, and {broken} bytes that fit nowhere"),
    );
    let message = "the file is UTF-8 with some bytes that are not";
    decision.warnings.push(
        Diagnostic::warning(Code::WrongEncoding, message, Location::file(file))
            .with_found(format!("{broken} bytes among {whole} letters"))
            .with_expected("utf-8 text")
            .with_hint("the file was damaged, or joined from files in two encodings; ask the source to export again"),
    );
    Some(decision)
}

/// Neither place has more letters: a guess from the statistics of languages, with a warning.
fn last_word(window: &Window, fallback: Encoding, file: &str) -> Decision {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(&window.bytes, !window.cut);
    let guessed = detector.guess(Some(b"se"), chardetng::Utf8Detection::Deny).name();
    let western = Encoding::parse(guessed).filter(|_| fallback == Encoding::Windows1252);
    let encoding = western.unwrap_or(fallback);
    let mut decision = Decision::new(encoding, 0, "a guess: no letters å ä ö to go by");
    let message = format!("the encoding is a guess: {}", encoding.name());
    decision.warnings.push(
        Diagnostic::warning(Code::WrongEncoding, message, Location::file(file))
            .with_found("bytes above 127, but none where å ä ö usually are")
            .with_hint("agree on the encoding with the source and set `encoding` in the pipeline"),
    );
    decision
}

fn wide_by_zero_bytes(head: &[u8]) -> Option<Encoding> {
    let sample = &head[..head.len().min(4096) & !1];
    if sample.len() < 4 {
        return None;
    }
    let zeros = |start: usize| sample[start..].iter().step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = sample.len() / 2 * 7 / 10;
    if odd > most && even == 0 {
        return Some(Encoding::Utf16Le);
    }
    (even > most && odd == 0).then_some(Encoding::Utf16Be)
}

/// Whether the window is UTF-8; a character cut at its end does not count against it.
fn is_utf8(window: &Window) -> bool {
    match std::str::from_utf8(&window.bytes) {
        Ok(_) => true,
        Err(fault) => window.cut && fault.error_len().is_none(),
    }
}

/// How many bytes stand where CP437 and where Windows-1252 has å ä ö Å Ä Ö.
fn count_letters(bytes: &[u8]) -> (usize, usize) {
    let mut dos = 0;
    let mut windows = 0;
    for byte in bytes {
        match byte {
            0x86 | 0x84 | 0x94 | 0x8F | 0x8E | 0x99 => dos += 1,
            0xE5 | 0xE4 | 0xF6 | 0xC5 | 0xC4 | 0xD6 => windows += 1,
            _ => {}
        }
    }
    (dos, windows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::pipeline::Format;

    const TEXT: &str = "Räksmörgås på Ås";

    fn options(encoding: Option<&str>) -> ReadOptions {
        let encoding = encoding.map(str::to_owned);
        ReadOptions { encoding, ..ReadOptions::new(Format::Csv, "f.csv") }
    }

    fn decided(bytes: &[u8], agreed: Option<&str>) -> Result<Decision, Box<Diagnostic>> {
        let start = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(bytes.len());
        let window = Window { bytes: bytes[start..].to_vec(), cut: false };
        decide(&options(agreed), bytes, &window, Encoding::Windows1252)
    }

    fn windows_bytes() -> Vec<u8> {
        encoding_rs::WINDOWS_1252.encode(TEXT).0.into_owned()
    }

    fn cp437_bytes() -> Vec<u8> {
        oem_cp::encode_string_lossy(TEXT, &oem_cp::code_table::ENCODING_TABLE_CP437)
    }

    #[test]
    fn the_bytes_tell_the_encoding() {
        let check = |bytes: &[u8], expected| {
            let decision = decided(bytes, None).unwrap();
            assert_eq!(decision.encoding, expected);
            assert_eq!(decision.decode_whole(bytes.to_vec(), &options(None)).unwrap(), TEXT);
        };
        check(TEXT.as_bytes(), Encoding::Utf8);
        check(&[b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(), Encoding::Utf8);
        check(&windows_bytes(), Encoding::Windows1252);
        check(&cp437_bytes(), Encoding::Cp437);
        let wide: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wide, Encoding::Utf16Le);
        let wide: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&[b"\xFE\xFF".as_slice(), &wide].concat(), Encoding::Utf16Be);
        assert_eq!(decided(b"abc", None).unwrap().encoding, Encoding::Ascii);
    }

    #[test]
    fn a_damaged_byte_does_not_change_the_encoding_of_the_rest() {
        let mut bytes = TEXT.repeat(3).into_bytes();
        let at = bytes.iter().position(|byte| !byte.is_ascii()).unwrap();
        bytes[at] = b'x';
        let decision = decided(&bytes, None).unwrap();
        assert_eq!((decision.encoding, decision.warnings.len()), (Encoding::Utf8, 1));
        // More bytes that fit nowhere than letters: what they are not is å, ä or ö as one byte.
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.extend([0x9B, 0xC1, 0xE5, 0xFE, 0xA0, 0xB3].repeat(2));
        let decision = decided(&bytes, None).unwrap();
        assert_eq!((decision.encoding, decision.warnings.len()), (Encoding::Utf8, 1));
        // One letter that happens to look like UTF-8 does not outweigh the others.
        let bytes = encoding_rs::WINDOWS_1252.encode("Ã¥ på räksmörgås").0.into_owned();
        assert_eq!(decided(&bytes, None).unwrap().encoding, Encoding::Windows1252);
    }

    #[test]
    fn an_agreement_that_the_bytes_contradict_is_a_fault() {
        let fault = decided(TEXT.as_bytes(), Some("windows-1252")).unwrap_err();
        insta::assert_snapshot!(fault, @r"
        error[T0104]: the file is not windows-1252 as agreed
           --> f.csv
            = found:    letters written as UTF-8
            = expected: windows-1252

        hint: set `encoding` in the pipeline to what the source writes now
        ");
        assert!(decided(b"\xEF\xBB\xBFa", Some("cp437")).is_err());
        assert!(decided(b"a", Some("ebcdic")).is_err());
        let doubtful = decided(&cp437_bytes(), Some("windows-1252")).unwrap();
        assert_eq!(doubtful.warnings.len(), 1);
    }

    #[test]
    fn a_byte_that_does_not_fit_is_told_with_line_and_column() {
        let decision = decided(b"abc", Some("utf-8")).unwrap();
        let fault = decision.decode_whole(b"a\nb\xE5c".to_vec(), &options(None)).unwrap_err();
        insta::assert_snapshot!(fault, @r"
        error[T0104]: the byte 0xE5 is no utf-8 text
           --> f.csv:2:2
            = found:    0xE5
            = expected: utf-8 text

        hint: set `encoding` in the pipeline to what the source really writes, or ask the source to export again
        ");
        let decoded = Encoding::Windows1252.decode(b"a\x81b".to_vec());
        assert_eq!(decoded.bad, [BadByte { at: 1, byte: 0x81 }]);
        assert_eq!(Encoding::Iso8859_15.decode(b"\xA4".to_vec()).text, "€");
        assert_eq!(Encoding::Iso8859_1.decode(b"\x80".to_vec()).bad.len(), 1);
    }

    #[test]
    fn runs_of_ascii_are_found_at_any_offset() {
        for before in 0..20 {
            let mut bytes = vec![b'x'; before];
            assert_eq!(first_non_ascii(&bytes), None);
            bytes.push(0x84);
            bytes.push(b'y');
            assert_eq!(first_non_ascii(&bytes), Some(before));
        }
    }
}

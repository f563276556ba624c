//! The bytes of one file: their number, their beginning, a window for deciding the encoding, and
//! then the file from its start, block by block or whole.

use crate::ReadOptions;
use crate::encoding::{self, Decision};
use std::io::{Read, Seek, SeekFrom};
use tertial_model::{Code, Diagnostic, Location};

/// What a file is read from.
pub trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// How much of the beginning is kept for recognising the file.
const HEAD_BYTES: usize = 64 << 10;
/// How much is looked at from the first non-ASCII byte on.
const WINDOW_BYTES: usize = 1 << 20;

/// An open file before a reader has taken it.
pub struct Input {
    source: Box<dyn Source>,
    file: String,
    /// The first bytes.
    pub head: Vec<u8>,
    /// How many bytes there are.
    pub length: u64,
}

/// The bytes from the first non-ASCII one on.
pub struct Window {
    /// Empty when the whole file is ASCII.
    pub bytes: Vec<u8>,
    /// Whether the file goes on after them.
    pub cut: bool,
}

impl Input {
    /// Looks at the beginning and the size.
    pub fn new(
        mut source: Box<dyn Source>,
        options: &ReadOptions,
    ) -> Result<Input, Box<Diagnostic>> {
        let file = options.file.clone();
        let fault = |fault| unreadable(&file, fault);
        let length = source.seek(SeekFrom::End(0)).map_err(fault)?;
        source.rewind().map_err(fault)?;
        let mut head = Vec::new();
        source.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(fault)?;
        source.rewind().map_err(fault)?;
        Ok(Input { source, file, head, length })
    }

    /// Settles the encoding from the agreement and the bytes. `fallback` is taken when neither
    /// tells.
    pub fn decide(
        &mut self,
        options: &ReadOptions,
        fallback: encoding::Encoding,
    ) -> Result<Decision, Box<Diagnostic>> {
        let window = self.window()?;
        encoding::decide(options, &self.head, &window, fallback)
    }

    /// Scans past the ASCII beginning; a file that is ASCII throughout is read through once.
    fn window(&mut self) -> Result<Window, Box<Diagnostic>> {
        let fault = |fault| unreadable(&self.file, fault);
        let mut block = vec![0; WINDOW_BYTES];
        loop {
            let count = fill(&mut self.source, &mut block).map_err(fault)?;
            let found = block[..count].iter().position(|byte| !byte.is_ascii());
            if found.is_none() && count == block.len() {
                continue;
            }
            let mut bytes = block[found.unwrap_or(count)..count].to_vec();
            let mut cut = false;
            if found.is_some() && count == block.len() {
                let room = WINDOW_BYTES - bytes.len();
                let mut more = self.source.by_ref().take(room as u64);
                more.read_to_end(&mut bytes).map_err(fault)?;
                cut = true;
            }
            self.source.rewind().map_err(fault)?;
            return Ok(Window { bytes, cut });
        }
    }

    /// The whole file, for formats that are documents.
    pub fn read_whole(mut self, options: &ReadOptions) -> Result<Vec<u8>, Box<Diagnostic>> {
        check_size(&self.file, self.length, options.limits.document_bytes)?;
        let mut bytes = Vec::with_capacity(self.length as usize);
        let limit = options.limits.document_bytes + 1;
        let read = self.source.by_ref().take(limit).read_to_end(&mut bytes);
        read.map_err(|fault| unreadable(&self.file, fault))?;
        check_size(&self.file, bytes.len() as u64, options.limits.document_bytes)?;
        Ok(bytes)
    }

    /// The whole file as text, and how it was decoded.
    pub fn read_text(
        mut self,
        options: &ReadOptions,
    ) -> Result<(String, Decision), Box<Diagnostic>> {
        check_size(&self.file, self.length, options.limits.document_bytes)?;
        let decision = self.decide(options, encoding::Encoding::Windows1252)?;
        let bytes = self.read_whole(options)?;
        let text = decision.decode_whole(bytes, options)?;
        Ok((text, decision))
    }

    /// As [`Input::read_text`], for a document that states its own encoding. The statement counts
    /// when nothing is agreed, it names a single-byte encoding, and the bytes do not gainsay it.
    pub fn read_text_stating(
        mut self,
        stated: Option<encoding::Encoding>,
        options: &ReadOptions,
    ) -> Result<(String, Decision), Box<Diagnostic>> {
        use encoding::Encoding::{Ascii, Utf8};
        let stated = stated.filter(|stated| !stated.is_wide() && !matches!(stated, Ascii | Utf8));
        if let Some(stated) = stated.filter(|_| options.encoding.is_none()) {
            let encoding = Some(stated.name().to_owned());
            let agreed = ReadOptions { encoding, ..options.clone() };
            if let Ok(mut decision) = self.decide(&agreed, stated)
                && decision.warnings.is_empty()
            {
                decision.words = format!("encoding {} (as the file states)", stated.name());
                let bytes = self.read_whole(options)?;
                let text = decision.decode_whole(bytes, options)?;
                return Ok((text, decision));
            }
        }
        self.read_text(options)
    }

    /// The source, for a reader that goes block by block.
    pub fn into_source(self, options: &ReadOptions) -> Result<Box<dyn Source>, Box<Diagnostic>> {
        check_size(&self.file, self.length, options.limits.file_bytes)?;
        Ok(self.source)
    }
}

/// Reads until the block is full or the file ends.
pub fn fill(source: &mut dyn Source, block: &mut [u8]) -> std::io::Result<usize> {
    let mut count = 0;
    while count < block.len() {
        match source.read(&mut block[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(fault) if fault.kind() == std::io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(count)
}

/// The operating system could not read on.
pub fn unreadable(file: &str, fault: std::io::Error) -> Box<Diagnostic> {
    let message = format!("the file cannot be read: {fault}");
    Box::new(Diagnostic::error(Code::FileAccess, message, Location::file(file)))
}

fn check_size(file: &str, length: u64, limit: u64) -> Result<(), Box<Diagnostic>> {
    if length <= limit {
        return Ok(());
    }
    let fault =
        Diagnostic::error(Code::LimitExceeded, "the file is too large", Location::file(file))
            .with_found(format!("{length} bytes"))
            .with_expected(format!("at most {limit} bytes"));
    Err(Box::new(fault))
}

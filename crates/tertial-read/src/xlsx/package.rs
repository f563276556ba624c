//! The parts of a zipped workbook (XLSX, XLSB, ODS): found by name as programs write it, unpacked
//! under a limit, and only those that are asked for.

use super::guard::{damaged, locked, too_large};
use super::xml;
use crate::ReadOptions;
use crate::foreign::not_agreed;
use quick_xml::Reader as XmlReader;
use quick_xml::events::Event;
use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::sync::Arc;
use tertial_model::{Code, Diagnostic};
use zip::result::ZipError;

/// A zipped workbook.
pub struct Package {
    archive: zip::ZipArchive<Cursor<Arc<[u8]>>>,
    /// Place of each part, by its name in small letters with slashes.
    places: HashMap<String, usize>,
    packed: usize,
    /// Bytes unpacked so far.
    unpacked: u64,
}

/// What a part refers to: kind and place of each target.
pub type Relations = HashMap<String, Relation>;

/// One reference of a part to another.
pub struct Relation {
    /// The last word of its type: `worksheet`, `styles`.
    pub kind: String,
    /// The part's name in the package.
    pub target: String,
}

impl Package {
    /// Opens the archive and lists its parts.
    pub fn open(bytes: Arc<[u8]>, options: &ReadOptions) -> Result<Package, Box<Diagnostic>> {
        let packed = bytes.len();
        let archive = zip::ZipArchive::new(Cursor::new(bytes))
            .map_err(|fault| damaged(fault.to_string(), options))?;
        let places = (0..archive.len())
            .filter_map(|at| Some((normal(archive.name_for_index(at)?), at)))
            .collect();
        Ok(Package { archive, places, packed, unpacked: 0 })
    }

    /// Whether there is a part of that name.
    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(&normal(name))
    }

    /// Whether a part's name begins so.
    pub fn has_folder(&self, prefix: &str) -> bool {
        self.places.keys().any(|name| name.starts_with(prefix))
    }

    /// The names of the parts as they stand, the first few.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.archive.len()).filter_map(|at| self.archive.name_for_index(at))
    }

    /// A part's bytes; none when there is no such part.
    pub fn part(
        &mut self,
        name: &str,
        options: &ReadOptions,
    ) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
        let Some(place) = self.places.get(&normal(name)) else { return Ok(None) };
        let part = self.archive.by_index(*place).map_err(|fault| unread(&fault, options))?;
        let limit = options.limits.unpacked_bytes;
        let mut bytes = Vec::new();
        let room = limit.saturating_sub(self.unpacked);
        let count = part
            .take(room.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|fault| damaged(format!("part `{name}`: {fault}"), options))?;
        self.unpacked += count as u64;
        if self.unpacked > limit {
            let found = format!("more than {limit} bytes from {} packed ones", self.packed);
            return Err(too_large(found, limit, "bytes", options));
        }
        Ok(Some(bytes))
    }

    /// A part as text.
    pub fn text(
        &mut self,
        name: &str,
        options: &ReadOptions,
    ) -> Result<Option<String>, Box<Diagnostic>> {
        let Some(bytes) = self.part(name, options)? else { return Ok(None) };
        let text = xml::text_of(bytes);
        text.map(Some).map_err(|fault| damaged(format!("part `{name}`: {fault}"), options))
    }

    /// What a part refers to; nothing when it has no list of references.
    pub fn relations(
        &mut self,
        name: &str,
        options: &ReadOptions,
    ) -> Result<Relations, Box<Diagnostic>> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let list = format!("{folder}/_rels/{file}.rels");
        let Some(text) = self.text(&list, options)? else { return Ok(Relations::new()) };
        let mut found = Relations::new();
        let mut xml = XmlReader::from_str(&text);
        loop {
            match xml.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag))
                    if tag.local_name().as_ref() == "Relationship" =>
                {
                    let get = |name| xml::attribute(&tag, name);
                    if get("TargetMode").as_deref() == Some("External") {
                        continue;
                    }
                    let (Some(id), Some(kind), Some(target)) =
                        (get("Id"), get("Type"), get("Target"))
                    else {
                        continue;
                    };
                    let kind = kind.rsplit('/').next().unwrap_or("").to_owned();
                    found.insert(id, Relation { kind, target: resolved(folder, &target) });
                }
                Ok(Event::Eof) => return Ok(found),
                Ok(_) => {}
                Err(fault) => return Err(damaged(format!("part `{list}`: {fault}"), options)),
            }
        }
    }
}

/// Small letters and slashes: some programs write `xl\worksheets\sheet1.xml`, others `XL/…`.
fn normal(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// A target as it is written in a part of that folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut path: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|step| !step.is_empty()).collect(),
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

/// A part that is there and cannot be unpacked: locked, packed in another way, or damaged.
fn unread(fault: &ZipError, options: &ReadOptions) -> Box<Diagnostic> {
    match fault {
        ZipError::UnsupportedArchive(words) if words.to_lowercase().contains("password") => {
            locked(options)
        }
        ZipError::InvalidPassword => locked(options),
        ZipError::UnsupportedArchive(words) => {
            let mut fault =
                not_agreed(options, format!("an archive that is packed in another way ({words})"))
                    .with_effect("delivery refused")
                    .with_hint(
                        "open the workbook in a spreadsheet program and save it again as XLSX",
                    );
            fault.code = Code::UnsupportedVersion;
            fault.message = "the packing of the workbook is not read here".to_owned();
            Box::new(fault)
        }
        other => damaged(other.to_string(), options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_their_folder() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl/worksheets", "..\\media\\x.png"), "xl/media/x.png");
        assert_eq!(resolved("", "./xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(normal("XL\\Worksheets\\Sheet1.xml"), "xl/worksheets/sheet1.xml");
    }
}

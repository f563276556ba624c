//! The XML of workbooks: a document's text, its attributes and entities.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

/// A document as text: UTF-8, UTF-16 with a mark, or what it states about itself.
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    let wide = match bytes.as_slice() {
        [0xFF, 0xFE, ..] => Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    let Some(encoding) = wide else {
        return match String::from_utf8(bytes) {
            Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
            Err(fault) => {
                let at = fault.utf8_error().valid_up_to();
                match stated(fault.as_bytes()) {
                    Some(encoding) => decoded(encoding, fault.as_bytes()),
                    None => Err(format!("bytes that are no UTF-8 from byte {at}")),
                }
            }
        };
    };
    decoded(encoding, &bytes)
}

fn decoded(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> Result<String, String> {
    match encoding.decode(bytes) {
        (text, _, false) => Ok(text.into_owned()),
        _ => Err(format!("bytes that are no {}", encoding.name())),
    }
}

/// The single-byte encoding that a declaration names: `<?xml version="1.0" encoding="iso-8859-1"?>`.
fn stated(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let head = String::from_utf8_lossy(head);
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
    let (_, value) = declaration.split_once("encoding=")?;
    let value = value.trim_start_matches(['"', '\'']);
    let label = value.split(['"', '\'']).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes()).filter(|found| found.is_single_byte())
}

/// The value of an attribute, by its name without prefix.
pub fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0);
    Some(value.map_or_else(|_| found.value.as_ref().to_owned(), |value| value.into_owned()))
}

/// As [`attribute`], for a name that must have a prefix: `r:id` beside `sheetId`.
pub fn prefixed(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes().flatten();
    let found = attributes.find(|attribute| {
        let key = attribute.key.as_ref();
        key.split_once(':').is_some_and(|(_, local)| local == name)
    })?;
    Some(found.value.as_ref().to_owned())
}

/// The character of an entity; none for one that XML does not have.
pub fn entity(entity: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(letter)) = entity.resolve_char_ref() {
        return Some(letter);
    }
    match entity.xml10_content().as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// A stated truth: `1`, `true`, `on`.
pub fn is_true(text: Option<&str>) -> bool {
    matches!(text, Some("1" | "true" | "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_states_its_encoding() {
        let text = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>Åre</a>";
        let single = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        assert_eq!(text_of(single).unwrap(), text);
        assert_eq!(text_of(text.as_bytes().to_vec()).unwrap(), text);
        let wide: Vec<u8> =
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text_of(wide).unwrap(), text);
        assert_eq!(text_of(b"\xEF\xBB\xBF<a/>".to_vec()).unwrap(), "<a/>");
        assert!(text_of(b"<a>\xC5</a>".to_vec()).is_err());
    }
}

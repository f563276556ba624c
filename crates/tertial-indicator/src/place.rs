//! From a byte offset in a configuration text to the line and column an editor shows.

use std::ops::Range;
use tertial_model::{Excerpt, Location};

/// Location and underlined line of a byte span; the span is cut at the end of its first line.
pub(crate) fn locate(file: &str, text: &str, span: Range<usize>) -> (Location, Excerpt) {
    let start = floor(text, span.start.min(text.len()));
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = floor(text, span.end.clamp(start, line_end));
    let line = text[..start].matches('\n').count() as u64 + 1;
    let column = text[line_start..start].chars().count();
    let excerpt = Excerpt {
        line,
        text: text[line_start..line_end].trim_end_matches('\r').to_owned(),
        start: column,
        length: text[start..end].chars().count(),
    };
    (Location::text(file, line, column as u32 + 1), excerpt)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_spans_end_with_the_line() {
        let text = "a = 1\nnamn = \"åäö\nslut\"\n";
        let start = text.find("\"åäö").unwrap();
        let (location, excerpt) = locate("f.toml", text, start..text.len());
        assert_eq!(location, Location::text("f.toml", 2, 8));
        assert_eq!((excerpt.start, excerpt.length), (7, 4));
        let (location, _) = locate("f.toml", text, text.len()..text.len());
        assert_eq!(location, Location::text("f.toml", 4, 1));
    }
}

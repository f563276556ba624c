//! Text from outside, made fit to be shown.
//!
//! A file name, a heading or a cell may hold characters that are not seen but do something: begin a
//! line, move the cursor, colour the terminal, turn the direction of reading, hide what follows. Shown
//! as they are they forge a message. Here they are made visible, `\n` and `\u{202e}`, and everything
//! else stays as it was. What is stored and compared is left to others: this is for eyes only.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character acts or hides where it should be seen: control characters, line and paragraph
/// separators, marks of direction, and characters without a width of their own (general category Cc,
/// Zl, Zp, Cf, and the fillers and selectors that are drawn as nothing).
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// A text that stands on one line: everything hidden is made visible, line breaks included.
pub fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |_, _| false, push_visible)
}

/// A text of several lines: as [`visible`], but its own line breaks and tabs stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    let stays = |c: char, next: Option<char>| match c {
        '\n' | '\t' => true,
        // Alone it goes back to the start of the line and writes over it.
        '\r' => next == Some('\n'),
        _ => false,
    };
    replaced(text, stays, push_visible)
}

/// A serialised JSON document: what is hidden in its texts is written in JSON's own form, `\u202e`.
/// The value is the same.
pub fn visible_json(document: &str) -> Cow<'_, str> {
    // Outside of texts JSON holds nothing hidden but its layout.
    replaced(
        document,
        |c, _| matches!(c, '\n' | '\r' | '\t'),
        |out, c| {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

/// The text with the hidden characters that do not stay written by `push`.
fn replaced(
    text: &str,
    stays: impl Fn(char, Option<char>) -> bool,
    push: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if is_hidden(c) && !stays(c, letters.peek().copied()) {
            push(&mut shown, c);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_text_is_not_touched() {
        for text in ["", "Åre kommun", "12\u{a0}345,6", "e\u{301}", "😀 日本", "a\\nb"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_acts_is_seen() {
        let name = "a.csv\nerror[T0001]: allt är väl\r\x1b[2K\u{202e}fdp.\u{200b}\u{85}\t";
        assert_eq!(
            visible(name),
            "a.csv\\nerror[T0001]: allt är väl\\r\\u{1b}[2K\\u{202e}fdp.\\u{200b}\\u{85}\\t"
        );
        assert_eq!(
            visible("\u{2028}\u{2029}\u{feff}\u{e0041}"),
            "\\u{2028}\\u{2029}\\u{feff}\\u{e0041}"
        );
    }

    #[test]
    fn lines_of_our_own_stay_lines() {
        assert_eq!(visible_lines("a\tb\r\nc\rd\x07\n"), "a\tb\r\nc\\rd\\u{7}\n");
    }

    #[test]
    fn a_json_document_keeps_its_value() {
        let document = "{\n  \"file\": \"a\u{202e}b\u{e0041}\"\n}";
        assert_eq!(visible_json(document), "{\n  \"file\": \"a\\u202eb\\udb40\\udc41\"\n}");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(is_hidden));
            let lines = visible_lines(&text).into_owned();
            prop_assert!(!lines.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\r' | '\t')));
            prop_assert_eq!(visible(&visible(&text)).into_owned(), visible(&text).into_owned());
        }
    }
}

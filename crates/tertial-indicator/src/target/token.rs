//! A target's text cut into words, numbers and signs, each with its span in characters.

use super::fault::Fault;
use std::ops::Range;
use tertial_model::Decimal;

/// A piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Characters `start..end` of the text.
    pub span: Range<usize>,
    pub kind: Kind,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Letters, lower case, with inner `/` and hyphens, `²`, and digits after a `/`.
    Word(String),
    /// A number without sign.
    Number {
        value: Decimal,
        /// Written with blanks between thousands.
        is_grouped: bool,
    },
    /// Any of the dashes: a minus or the middle of a range.
    Dash,
    Plus,
    /// `>=`, `<=`, `<`, `>` or `=`.
    Compare(&'static str),
    Percent,
    Open,
    Close,
    /// `,` or `;` between amounts.
    Separator,
    /// A full stop.
    Stop,
}

const BLANKS: [char; 4] = [' ', '\u{a0}', '\u{202f}', '\u{2009}'];
const DASHES: [char; 5] = ['-', '\u{2212}', '\u{2013}', '\u{2011}', '\u{2012}'];

/// Cuts a text; characters the grammar has no use for are faults.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let c = characters[at];
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        let kind = if c.is_ascii_digit() {
            number(&characters, &mut at)?
        } else if c.is_alphabetic() {
            word(&characters, &mut at)
        } else {
            sign(&characters, &mut at)?
        };
        found.push(Token { span: start..at, kind });
    }
    Ok(found)
}

fn word(characters: &[char], at: &mut usize) -> Kind {
    let start = *at;
    // Digits belong to a word after a slash (kWh/m2); elsewhere they are a number that a missing
    // blank has pushed against it (Minst41).
    let mut has_slash = false;
    while let Some(&c) = characters.get(*at) {
        let next = characters.get(*at + 1);
        let belongs = match c {
            '/' => next.is_some_and(|next| next.is_alphanumeric()),
            '-' => next.is_some_and(|next| next.is_alphabetic()),
            '²' | '³' => true,
            c if c.is_ascii_digit() => has_slash,
            c => c.is_alphanumeric(),
        };
        if !belongs {
            break;
        }
        has_slash |= c == '/';
        *at += 1;
    }
    Kind::Word(characters[start..*at].iter().collect::<String>().to_lowercase())
}

fn number(characters: &[char], at: &mut usize) -> Result<Kind, Fault> {
    let start = *at;
    let digit = |i: usize| characters.get(i).is_some_and(char::is_ascii_digit);
    let run = |from: usize| (from..).take_while(|i| digit(*i)).count();
    let mut text: String = String::new();
    let first = run(*at);
    text.extend(&characters[*at..*at + first]);
    *at += first;
    let mut is_grouped = false;
    while first <= 3 && characters.get(*at).is_some_and(|c| BLANKS.contains(c)) && run(*at + 1) == 3
    {
        text.extend(&characters[*at + 1..*at + 4]);
        *at += 4;
        is_grouped = true;
    }
    let mark = characters.get(*at).copied().filter(|c| matches!(c, ',' | '.'));
    if let Some(mark) = mark.filter(|_| digit(*at + 1)) {
        let length = run(*at + 1);
        if mark == '.' && length == 3 && first <= 3 {
            return Err(Fault::new(
                start..*at + 4,
                "an unambiguous number: write `1000` or `1 000` for a thousand, `1,000` for one",
            ));
        }
        text.push('.');
        text.extend(&characters[*at + 1..=*at + length]);
        *at += 1 + length;
        if characters.get(*at).is_some_and(|c| matches!(c, ',' | '.')) && digit(*at + 1) {
            let end = *at + 1 + run(*at + 1);
            return Err(Fault::new(start..end, "a number with one decimal mark, e.g. `4,8`"));
        }
    }
    let value = Decimal::parse(&text).filter(|value| value.rescale(18).is_some());
    let value = value.ok_or_else(|| {
        Fault::new(start..*at, "a number of at most twenty digits, eighteen of them decimals")
    })?;
    Ok(Kind::Number { value, is_grouped })
}

fn sign(characters: &[char], at: &mut usize) -> Result<Kind, Fault> {
    let c = characters[*at];
    let followed_by_equals = characters.get(*at + 1) == Some(&'=');
    let (kind, length) = match c {
        '<' if followed_by_equals => (Kind::Compare("<="), 2),
        '>' if followed_by_equals => (Kind::Compare(">="), 2),
        '<' => (Kind::Compare("<"), 1),
        '>' => (Kind::Compare(">"), 1),
        '≤' => (Kind::Compare("<="), 1),
        '≥' => (Kind::Compare(">="), 1),
        '=' => (Kind::Compare("="), 1),
        '%' => (Kind::Percent, 1),
        '+' => (Kind::Plus, 1),
        '(' => (Kind::Open, 1),
        ')' => (Kind::Close, 1),
        ',' | ';' => (Kind::Separator, 1),
        '.' => (Kind::Stop, 1),
        c if DASHES.contains(&c) => (Kind::Dash, 1),
        _ => return Err(Fault::new(*at..*at + 1, "words, numbers, `%` and comparison signs")),
    };
    *at += length;
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<String> {
        let tokens = tokens(text).unwrap();
        tokens
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Number { value, .. } => Some(value.to_string()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn numbers_keep_their_decimals_and_lose_their_blanks() {
        assert_eq!(numbers("1 000 12\u{a0}345,60 2021 4.8"), ["1000", "12345.60", "2021", "4.8"]);
        assert_eq!(numbers("1000 200kWh/m2"), ["1000", "200"]);
        assert_eq!(numbers("4,67 (RJH) 4,67 (RS)"), ["4.67", "4.67"]);
    }

    #[test]
    fn words_hold_together() {
        let words: Vec<Kind> =
            tokens("hälso-samtal kWh/m2 RJH-5").unwrap().into_iter().map(|t| t.kind).collect();
        let word = |text: &str| Kind::Word(text.to_owned());
        assert_eq!(words[..3], [word("hälso-samtal"), word("kwh/m2"), word("rjh")]);
        assert_eq!(words[3], Kind::Dash);
    }

    #[test]
    fn ambiguous_numbers_are_refused() {
        for text in ["1.000", "4,8,2", "1.2.3", "123456789012345678901234567890", "5 € "] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}

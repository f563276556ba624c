//! What a cell's number format says about its number: a share in percent, thousands, a currency, a
//! day, a duration, a code with leading noughts.
//!
//! A number becomes the text a person sees, with every decimal that is stored: `0.42` under `0%` is
//! `42 %`, `12500` under `#,##0,` is `12.5 tusen`. Whether the column's agreement can hold that is for
//! the check to say; what the format only decorates (colours, blanks, `" st"`) is left off.

use crate::number::{float_text, shifted};

/// A number format, its sections apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Format {
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq)]
struct Section {
    condition: Option<Condition>,
    shape: Shape,
}

/// `[>=1000]` in front of a section.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Condition {
    compare: Compare,
    limit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Compare {
    Less,
    AtMost,
    Equal,
    Other,
    AtLeast,
    More,
}

/// What a section makes of a number.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    /// The number itself.
    Plain,
    /// At least so many digits, with noughts in front: a code.
    Digits(usize),
    /// So many powers of ten more than stored, and the unit that then stands behind.
    Unit(i32, &'static str),
    /// A day, perhaps with a time.
    Day,
    /// A time of day.
    Clock,
    /// Hours beyond 24.
    Duration,
    /// A text in place of the number, or nothing at all.
    Text(String),
}

/// Stands behind a number that its format does not show, so that no column takes it for a number.
const NOT_SHOWN: &str = "(visas inte)";

impl Format {
    /// The format of `formatCode`, in the form that workbooks store it.
    pub fn parse(code: &str) -> Format {
        if code.is_empty() {
            return Format::default();
        }
        Format { sections: sections(code).iter().map(|section| Section::parse(section)).collect() }
    }

    /// The formats that have a number and no text.
    pub fn built_in(number: u32) -> Format {
        let code = match number {
            9 => "0%",
            10 => "0.00%",
            14..=17 | 27..=31 | 34..=36 | 50..=58 => "yyyy-mm-dd",
            18..=21 | 32..=33 | 45 | 47 => "hh:mm:ss",
            22 => "yyyy-mm-dd hh:mm",
            46 => "[h]:mm:ss",
            _ => return Format::default(),
        };
        Format::parse(code)
    }

    /// A format of the OpenDocument kind: a factor by which the number is divided, and a unit.
    pub fn scaled(percent: bool, factor: u32, literal: &str) -> Format {
        let thousands = (factor.max(1).ilog10() / 3) as i32;
        let shape = unit_shape(if percent { 1 } else { 0 }, thousands, literal);
        Format { sections: vec![Section { condition: None, shape }] }
    }

    /// A format that shows a text and no number.
    pub fn text(text: &str) -> Format {
        Format { sections: vec![Section { condition: None, shape: Shape::Text(text.to_owned()) }] }
    }

    /// The same, where numbers that meet a condition (`>=1000`) are shown by another format; none when a
    /// condition cannot be read, and what such a format means is not known.
    pub fn mapped(self, maps: &[(&str, &Format)]) -> Option<Format> {
        let mut sections = Vec::new();
        for (condition, format) in maps {
            let condition = Some(Condition::parse(condition)?);
            let shape = format.sections.first()?.shape.clone();
            sections.push(Section { condition, shape });
        }
        sections.extend(self.sections);
        Some(Format { sections })
    }

    /// Whether its numbers are shares in percent.
    pub fn is_percent(&self) -> bool {
        self.sections.iter().any(|section| matches!(section.shape, Shape::Unit(_, "%")))
    }

    /// Whether a unit stands behind its numbers.
    pub fn has_unit(&self) -> bool {
        self.sections.iter().any(|section| matches!(section.shape, Shape::Unit(..)))
    }

    /// A number as a person sees it, whole.
    pub fn show(&self, value: f64, is_1904: bool) -> String {
        match self.shape(value) {
            Shape::Plain => float_text(value),
            Shape::Digits(count) => {
                let text = float_text(value);
                let digits = text.trim_start_matches('-');
                let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
                if !whole || digits.len() >= *count {
                    return text;
                }
                let sign = if value < 0.0 { "-" } else { "" };
                format!("{sign}{}{digits}", "0".repeat(count - digits.len()))
            }
            Shape::Unit(power, unit) => {
                format!("{} {unit}", shifted(&float_text(value), *power))
            }
            Shape::Day => moment(value, is_1904).unwrap_or_else(|| float_text(value)),
            Shape::Clock if (0.0..1.0).contains(&value) => duration(value),
            Shape::Clock => moment(value, is_1904).unwrap_or_else(|| float_text(value)),
            Shape::Duration => duration(value),
            // A nought is often shown as a dash or as nothing; that is no other value.
            Shape::Text(text) if value == 0.0 && !text.contains(char::is_alphanumeric) => {
                float_text(value)
            }
            Shape::Text(text) if text.contains(char::is_alphanumeric) => text.trim().to_owned(),
            Shape::Text(_) => format!("{} {NOT_SHOWN}", float_text(value)),
        }
    }

    /// The section that a number falls under: by its condition, else by its sign.
    fn shape(&self, value: f64) -> &Shape {
        let conditional = self.sections.iter().any(|section| section.condition.is_some());
        let section = if conditional {
            self.sections.iter().find(|s| s.condition.is_none_or(|c| c.holds(value)))
        } else {
            match (self.sections.len(), value) {
                (2.., value) if value < 0.0 => self.sections.get(1),
                (3.., 0.0) => self.sections.get(2),
                _ => self.sections.first(),
            }
        };
        section.map_or(&Shape::Plain, |section| &section.shape)
    }
}

impl Condition {
    /// `>=1000`.
    fn parse(text: &str) -> Option<Condition> {
        let signs = [
            ("<=", Compare::AtMost),
            (">=", Compare::AtLeast),
            ("<>", Compare::Other),
            ("<", Compare::Less),
            (">", Compare::More),
            ("=", Compare::Equal),
        ];
        let (sign, compare) = signs.into_iter().find(|(sign, _)| text.starts_with(sign))?;
        let limit = text[sign.len()..].trim().parse().ok()?;
        Some(Condition { compare, limit })
    }

    fn holds(self, value: f64) -> bool {
        match self.compare {
            Compare::Less => value < self.limit,
            Compare::AtMost => value <= self.limit,
            Compare::Equal => value == self.limit,
            Compare::Other => value != self.limit,
            Compare::AtLeast => value >= self.limit,
            Compare::More => value > self.limit,
        }
    }
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A character with a meaning.
    Mark(char),
    /// Text that is shown as it stands.
    Literal(String),
    /// What stood in brackets.
    Bracket(String),
}

/// Cuts a format at its semicolons, quoted ones left alone.
fn sections(code: &str) -> Vec<Vec<Token>> {
    let mut all = vec![Vec::new()];
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        let token = match letter {
            ';' => {
                all.push(Vec::new());
                continue;
            }
            '"' => Token::Literal(letters.by_ref().take_while(|c| *c != '"').collect()),
            '\\' | '!' => Token::Literal(letters.next().into_iter().collect()),
            // A blank as wide as the next character, and a character that fills the cell.
            '_' | '*' => {
                letters.next();
                continue;
            }
            '[' => Token::Bracket(letters.by_ref().take_while(|c| *c != ']').collect()),
            mark => Token::Mark(mark),
        };
        if let Some(section) = all.last_mut() {
            section.push(token);
        }
    }
    all
}

impl Section {
    fn parse(tokens: &[Token]) -> Section {
        let mut condition = None;
        let mut literal = String::new();
        let mut marks = String::new();
        let mut elapsed = false;
        for token in tokens {
            match token {
                // What parts numbers from one another parts them in the marks, too.
                Token::Literal(text) => {
                    literal.push_str(text);
                    marks.push(' ');
                }
                Token::Mark(mark) => {
                    // `kr` comes without quotation marks, too.
                    if !mark.is_ascii() || "krtKRT".contains(*mark) {
                        literal.push(*mark);
                    }
                    marks.push(*mark);
                }
                Token::Bracket(text) => match text.strip_prefix('$') {
                    Some(currency) => literal.push_str(&currency_of(currency)),
                    None if is_elapsed(text) => elapsed = true,
                    None => condition = condition.or(Condition::parse(text)),
                },
            }
        }
        let shape = match elapsed {
            true => Shape::Duration,
            false if shows_number(&marks) => shape_of(&marks, &literal),
            false => Shape::Text(literal),
        };
        Section { condition, shape }
    }
}

/// Whether there is a place for a digit, for the whole number or for a part of a day.
fn shows_number(marks: &str) -> bool {
    let lower = marks.to_ascii_lowercase();
    lower.contains(|mark| "0#?@ydmhs".contains(mark)) || lower.contains("general")
}

/// `h`, `hh`, `mm`, `s`: a duration.
fn is_elapsed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut letters = lower.bytes();
    let first = letters.next();
    matches!(first, Some(b'h' | b'm' | b's')) && letters.all(|letter| Some(letter) == first)
}

/// `kr-41D`: the sign, and the country that says whose crowns they are.
fn currency_of(text: &str) -> String {
    let (sign, country) = text.rsplit_once('-').unwrap_or((text, ""));
    let crowns = sign.trim_matches(['.', ' ']).eq_ignore_ascii_case("kr");
    match country.to_ascii_uppercase().as_str() {
        "414" | "814" | "14" if crowns => "NOK".to_owned(),
        "406" | "438" | "46F" if crowns => "DKK".to_owned(),
        "40F" if crowns => "ISK".to_owned(),
        _ => sign.to_owned(),
    }
}

fn shape_of(marks: &str, literal: &str) -> Shape {
    let lower = marks.to_ascii_lowercase();
    let lower = lower.replace("general", "").replace("standard", "").replace("am/pm", "h");
    // An exponent's letter is no era of a calendar.
    let lower = lower.replace("e+", "").replace("e-", "");
    let has = |letters: &str| lower.contains(|c| letters.contains(c));
    if has("yd") || has("m") && !has("hs") {
        return Shape::Day;
    }
    if has("hs") {
        return Shape::Clock;
    }
    let digits: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() >= 2 && digits.bytes().all(|byte| byte == b'0') && literal.trim().is_empty() {
        return Shape::Digits(digits.len());
    }
    let percent = lower.matches('%').count() as i32;
    let visible = lower.contains('€').then_some("€").or(lower.contains('$').then_some("$"));
    let literal = visible.map_or_else(|| literal.to_owned(), |sign| format!("{literal} {sign}"));
    unit_shape(percent, thousands(&lower), &literal)
}

/// How many commas divide by a thousand: those after the last digit before a mark, a text or the end.
fn thousands(marks: &str) -> i32 {
    let bytes = marks.as_bytes();
    let digit = |at: usize| matches!(bytes.get(at), Some(b'0' | b'#' | b'?'));
    let mut count = 0;
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|byte| **byte == b',').count();
        if run > 0 && at > 0 && digit(at - 1) && !digit(at + run) {
            count += run as i32;
        }
        at += run.max(1);
    }
    count
}

/// Powers of ten and the unit behind the number; plain where neither says anything.
fn unit_shape(percent: i32, thousands: i32, literal: &str) -> Shape {
    let unit = unit_of(literal);
    if percent > 0 {
        return Shape::Unit(2 * percent - 3 * thousands, "%");
    }
    let crowns = ["kr", "tkr", "mkr", "mdkr"];
    let counts = ["", "tusen", "miljoner", "miljarder"];
    let is_crowns = unit.is_some_and(|unit| crowns.contains(&unit));
    let ladder = if is_crowns { crowns } else { counts };
    match (thousands, unit) {
        (0, None) => Shape::Plain,
        (0, Some(unit)) => Shape::Unit(0, unit),
        // A unit that is larger than its stem says itself what the commas do.
        (_, Some(unit)) if unit != "kr" => Shape::Unit(-3 * thousands, unit),
        (1..=3, _) => Shape::Unit(-3 * thousands, ladder[thousands as usize]),
        _ => Shape::Unit(0, "tusental i flera led"),
    }
}

/// The unit that a format's text names; none for a text that only decorates.
fn unit_of(literal: &str) -> Option<&'static str> {
    let text = literal.trim_matches(|c: char| c.is_whitespace() || "()-–.:,".contains(c));
    if let "k" | "K" = text {
        return Some("tusen");
    }
    if text == "M" {
        return Some("miljoner");
    }
    let plain: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    const UNITS: [(&str, &[&str]); 28] = [
        ("%", &["%", "procent", "pct"]),
        ("‰", &["‰", "promille"]),
        ("kr", &["kr", "sek", "kronor"]),
        ("tkr", &["tkr", "kkr", "tsek", "ksek", "tusenkr", "tusenkronor"]),
        (
            "mkr",
            &["mkr", "mnkr", "msek", "miljkr", "milj.kr", "miljonerkr", "miljonerkronor", "mnsek"],
        ),
        ("mdkr", &["mdkr", "mdrkr", "mdsek", "miljarderkr", "miljarderkronor"]),
        ("tusen", &["tusen", "tusental", "1000", "'000"]),
        ("miljoner", &["miljoner", "milj", "mn", "mln", "mio"]),
        ("miljarder", &["miljarder", "md", "mdr"]),
        ("EUR", &["€", "eur", "euro"]),
        ("USD", &["$", "usd", "us$"]),
        ("GBP", &["£", "gbp"]),
        ("NOK", &["nok"]),
        ("DKK", &["dkk"]),
        ("ISK", &["isk"]),
        ("CHF", &["chf"]),
        ("mg", &["mg"]),
        ("g", &["g", "gram"]),
        ("kg", &["kg", "kilo"]),
        ("ton", &["ton", "tonne", "tonnes"]),
        ("Wh", &["wh"]),
        ("kWh", &["kwh"]),
        ("MWh", &["mwh"]),
        ("GWh", &["gwh"]),
        ("timmar", &["h", "tim", "timmar"]),
        ("minuter", &["min", "minuter"]),
        ("km", &["km"]),
        ("mil", &["mil"]),
    ];
    UNITS.iter().find(|(_, words)| words.contains(&plain.as_str())).map(|(unit, _)| *unit)
}

/// Days after the last that a workbook knows, 9999-12-31.
const LAST_DAY: f64 = 2_958_466.0;

/// A serial number as `2024-08-01`, with a time of day when it has one.
fn moment(value: f64, is_1904: bool) -> Option<String> {
    let value = if is_1904 { value + 1462.0 } else { value };
    if !(1.0..LAST_DAY).contains(&value) {
        return None;
    }
    let mut millis = (value * 86_400_000.0).round() as i64;
    // The 29th of February 1900, which never was, is the serial number 60.
    if millis < 60 * 86_400_000 {
        millis += 86_400_000;
    }
    let (days, rest) = (millis / 86_400_000 - 25_569, millis % 86_400_000);
    let (year, month, day) = civil(days);
    let date = format!("{year:04}-{month:02}-{day:02}");
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1000 % 60, rest % 1000);
    Some(match (rest, milli) {
        (0, _) => date,
        (_, 0) => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    })
}

/// The day so many days after 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Days as hours, minutes and seconds, the hours beyond 24.
fn duration(days: f64) -> String {
    let seconds = (days * 86_400.0).round();
    if seconds.abs() > 1e12 {
        return float_text(days);
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let seconds = seconds.abs() as u64;
    format!("{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, value: f64, expected: &str) {
        assert_eq!(Format::parse(code).show(value, false), expected, "{code}");
    }

    #[test]
    fn percent_is_what_a_person_sees() {
        check("0%", 0.42, "42 %");
        check("0.00%", 0.3075, "30.75 %");
        check("0 %", -0.07, "-7 %");
        check("0.0\\ %", 0.125, "12.5 %");
        // A sign in quotes is shown and does not multiply.
        check("0.0\" %\"", 42.5, "42.5 %");
        check("0.0;[Red]-0.0%", -0.5, "-50 %");
        check("0.0;[Red]-0.0%", 0.5, "0.5");
        check("[<1]0%;0", 0.25, "25 %");
        check("[<1]0%;0", 25.0, "25");
        check("0\"‰\"", 3.0, "3 ‰");
    }

    #[test]
    fn thousands_are_told() {
        check("#,##0", 12_500.0, "12500");
        check("#,##0.00", 12_500.5, "12500.5");
        check("#,##0,", 12_500.0, "12.5 tusen");
        check("0,", 12_500.0, "12.5 tusen");
        check("0.0,,", 12_500_000.0, "12.5 miljoner");
        check("#,##0,\" tkr\"", 12_500.0, "12.5 tkr");
        check("#,##0,\" kr\"", 12_500.0, "12.5 tkr");
        check("0.0,,\" mkr\"", 12_500_000.0, "12.5 mkr");
        check("0\" tkr\"", 12.5, "12.5 tkr");
        check("#,##0.0,;-#,##0.0,", -500.0, "-0.5 tusen");
        check("0.0,,\"M\"", 2_000_000.0, "2 miljoner");
    }

    #[test]
    fn currencies_are_told_and_decorations_are_not() {
        check("#,##0.00\\ \"kr\"", 1234.5, "1234.5 kr");
        check("#,##0.00 kr", 1234.5, "1234.5 kr");
        check("#,##0.00\\ [$kr-41D]", 1234.5, "1234.5 kr");
        check("#,##0.00\\ [$kr-414]", 1234.5, "1234.5 NOK");
        check("#,##0.00\\ [$€-1]", 10.0, "10 EUR");
        check("[$$-409]#,##0", 10.0, "10 USD");
        check("\"$\"#,##0", 10.0, "10 USD");
        check("_-* #,##0.00\\ _k_r_-;\\-* #,##0.00\\ _k_r_-", 10.0, "10");
        check("0\" st\"", 42.0, "42");
        check("0.0\" kg\"", 4.5, "4.5 kg");
        check("[Red]0.0", 4.5, "4.5");
        check("General", 4.5, "4.5");
        check("# ?/?", 0.5, "0.5");
        check("0.00E+00", 1500.0, "1500");
    }

    #[test]
    fn codes_keep_their_noughts() {
        check("0000", 605.0, "0605");
        check("00000", 123_456.0, "123456");
        check("0000", 6.5, "6.5");
        check("0", 6.0, "6");
    }

    #[test]
    fn a_number_that_its_format_does_not_show_is_none() {
        check("\"okänt\"", 5.0, "okänt");
        check("0;\"okänt\"", -5.0, "okänt");
        check("0;\"okänt\"", 5.0, "5");
        check("\"Ja\";\"Ja\";\"Nej\"", 1.0, "Ja");
        check("\"Ja\";\"Ja\";\"Nej\"", 0.0, "Nej");
        check(";;;", 5.0, "5 (visas inte)");
        check(";;;", -0.5, "-0.5 (visas inte)");
        check("0;;", -3.0, "-3 (visas inte)");
        check("\"–\"", 3.0, "3 (visas inte)");
        // A nought may be shown as a dash, or not at all.
        check("0;-0;;@", 0.0, "0");
        check("General;-General;\"-\"", 0.0, "0");
        check("#,##0;-#,##0;\\-", 0.0, "0");
        check("_-* #,##0_-;-* #,##0_-;_-* \"-\"??_-;_-@_-", 0.0, "0");
        check("@", 5.0, "5");
        check("", 5.0, "5");
    }

    #[test]
    fn days_clocks_and_durations() {
        check("yyyy-mm-dd", 45_505.0, "2024-08-01");
        check("yyyy\\-mm\\-dd\\ hh:mm", 45_505.75, "2024-08-01T18:00:00");
        check("mmm-yy", 45_505.0, "2024-08-01");
        check("[$-41D]mmmm yyyy;@", 45_505.0, "2024-08-01");
        check("d/m/yyyy", 1.0, "1900-01-01");
        check("d/m/yyyy", 0.0, "0");
        check("d/m/yyyy", -1.0, "-1");
        check("h:mm", 0.3125, "7:30:00");
        check("h:mm AM/PM", 0.3125, "7:30:00");
        check("h:mm", 1.3125, "1900-01-01T07:30:00");
        check("[h]:mm", 5.392361111111111, "129:25:00");
        check("[mm]:ss", 0.5, "12:00:00");
        assert_eq!(Format::built_in(14).show(44_043.0, true), "2024-08-01");
        assert_eq!(Format::built_in(9).show(0.5, false), "50 %");
        assert_eq!(Format::built_in(0).show(0.5, false), "0.5");
    }

    #[test]
    fn days_agree_with_the_calendar() {
        let (mut year, mut month, mut day) = (1900, 3, 1);
        for serial in 61..=2_958_465_i64 {
            assert_eq!(civil(serial - 25_569), (year, month, day), "{serial}");
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > last {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_formats_never_panic(code in ".*", value in proptest::num::f64::ANY) {
            let _ = Format::parse(&code).show(value, false);
        }
    }
}

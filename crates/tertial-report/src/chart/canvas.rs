//! Pens and measures for the charts: escaping, numbers, scales, text widths.

use crate::palette::{BACKGROUND_LIGHT, SERIES_LIGHT};
use std::fmt::Write as _;
use tertial_model::swedish;

/// Ink of the text in print.
const INK: &str = "#1F2328";
/// Ink of what stands back.
const MUTED: &str = "#56606B";
/// Grid lines.
const GRID: &str = "#D5DADF";
/// Size of the text in drawing units.
pub const TEXT: f64 = 13.0;
/// From one line of text to the next.
pub const LINE: f64 = 16.0;

/// A drawing with its size.
pub struct Drawing {
    pub width: f64,
    pub height: f64,
    pub body: String,
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// The colour of a series: one of four, or the grey of what stands back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pen {
    Series(usize),
    Background,
}

impl Pen {
    /// The number in the classes `l1`, `f1`; 0 is the background.
    pub fn class(self) -> usize {
        match self {
            Pen::Series(index) => index % SERIES_LIGHT.len() + 1,
            Pen::Background => 0,
        }
    }

    /// The colour on light paper.
    pub fn colour(self) -> &'static str {
        match self {
            Pen::Series(index) => SERIES_LIGHT[index % SERIES_LIGHT.len()],
            Pen::Background => BACKGROUND_LIGHT,
        }
    }
}

/// Text for XML.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML 1.0 has no form for other control characters.
            c if (c as u32) < 0x20 && !matches!(c, '\n' | '\t') => {}
            c => safe.push(c),
        }
    }
    safe
}

/// A coordinate with one decimal, never `-0`.
pub fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// About how wide a text is; generous, so that labels do not touch.
pub fn width(text: &str) -> f64 {
    let units: f64 =
        text.chars()
            .map(|letter| match letter {
                'i' | 'j' | 'l' | 't' | 'f' | 'r' | '.' | ',' | ' ' | '\u{a0}' | '(' | ')'
                | ':' => 0.36,
                'm' | 'w' | 'M' | 'W' | '%' | '–' | '−' => 0.88,
                c if c.is_uppercase() => 0.70,
                _ => 0.60,
            })
            .sum();
    units * TEXT
}

/// Breaks a text into lines of about that width, at spaces only.
pub fn wrap(text: &str, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(line) + width(" ") + width(word) <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}

/// A line or path of the grid.
pub fn grid(body: &mut String, from: (f64, f64), to: (f64, f64), strong: bool) {
    let (class, colour) = if strong { ("gs", MUTED) } else { ("g", GRID) };
    let _ = write!(
        body,
        "<path class=\"{class}\" stroke=\"{colour}\" stroke-width=\"1\" fill=\"none\" d=\"M{} {}L{} {}\"/>",
        number(from.0),
        number(from.1),
        number(to.0),
        number(to.1)
    );
}

/// How a text looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    Plain,
    Muted,
    Strong,
}

/// A line of text.
pub fn text(body: &mut String, at: (f64, f64), anchor: Anchor, voice: Voice, words: &str) {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let (class, colour, weight) = match voice {
        Voice::Plain => ("t", INK, ""),
        Voice::Muted => ("m", MUTED, ""),
        Voice::Strong => ("t", INK, " font-weight=\"600\""),
    };
    let _ = write!(
        body,
        "<text class=\"{class}\" fill=\"{colour}\"{weight} text-anchor=\"{anchor}\" x=\"{}\" y=\"{}\">{}</text>",
        number(at.0),
        number(at.1),
        escape(words)
    );
}

/// A linear axis from round to round.
pub struct Scale {
    /// The ticks in order.
    pub ticks: Vec<f64>,
    decimals: u8,
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// An axis for values between `low` and `high`, drawn from `start` to `end`.
    pub fn new(range: Option<(f64, f64)>, from_zero: bool, start: f64, end: f64) -> Scale {
        let (mut low, mut high) = range.unwrap_or((0.0, 1.0));
        if from_zero || (low >= 0.0 && low <= high * 0.6) || (high <= 0.0 && high >= low * 0.6) {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        if high - low <= 1e-9 * high.abs().max(low.abs()).max(1.0) {
            high = low + low.abs().max(1.0) * 0.1;
        }
        let step = round_step((high - low) / 5.0);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil();
        let count = (last - first).clamp(1.0, 20.0) as usize;
        let ticks: Vec<f64> = (0..=count).map(|index| (first + index as f64) * step).collect();
        let decimals = (0u8..9)
            .find(|places| {
                let scaled = step * 10f64.powi(i32::from(*places));
                (scaled - scaled.round()).abs() < 1e-6
            })
            .unwrap_or(9);
        let (low, high) = (ticks[0], ticks[count]);
        Scale { ticks, decimals, low, high, start, end }
    }

    /// Where a value lies.
    pub fn at(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// A tick's label.
    pub fn label(&self, tick: f64) -> String {
        swedish::float(tick, self.decimals)
    }

    /// The widest label.
    pub fn label_width(&self) -> f64 {
        self.ticks.iter().map(|tick| width(&self.label(*tick))).fold(0.0, f64::max)
    }

    /// Whether zero lies on the axis.
    pub fn has_zero(&self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

/// The next step of 1, 2 or 5 times a power of ten that is not smaller.
fn round_step(raw: f64) -> f64 {
    let mut magnitude = 1.0;
    while magnitude * 10.0 <= raw && magnitude < 1e15 {
        magnitude *= 10.0;
    }
    while magnitude > raw && magnitude > 1e-9 {
        magnitude /= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * magnitude)
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0 * magnitude)
}

/// A category such as `jan 2024` as month and year; the year is printed where it changes.
pub fn split_year(category: &str) -> (&str, Option<&str>) {
    match category.rsplit_once(' ') {
        Some((month, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => {
            (month, Some(year))
        }
        _ => (category, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_run_from_round_to_round() {
        let scale = Scale::new(Some((3.9, 6.9)), false, 100.0, 0.0);
        assert_eq!(scale.ticks, [0.0, 2.0, 4.0, 6.0, 8.0]);
        let narrow = Scale::new(Some((590.0, 665.0)), false, 0.0, 1.0);
        assert_eq!(narrow.ticks.first(), Some(&580.0));
        assert!(!narrow.has_zero());
        let money = Scale::new(Some((-1913.3, 24.2)), true, 0.0, 1.0);
        assert_eq!(money.label(money.ticks[0]), "−2\u{a0}000");
        let flat = Scale::new(Some((5.0, 5.0)), true, 0.0, 1.0);
        assert!(flat.at(5.0).is_finite());
    }

    #[test]
    fn texts_break_at_spaces_and_lose_nothing() {
        let lines = wrap("Forskning, utbildning och utveckling", 120.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), "Forskning, utbildning och utveckling");
    }

    #[test]
    fn any_range_gives_a_finite_axis() {
        let mut random = crate::random::Random::new(11);
        for _ in 0..20_000 {
            let magnitude = 10f64.powi((random.next() % 22) as i32 - 9);
            let low = (random.share() - 0.5) * magnitude;
            let span = random.share() * 10f64.powi((random.next() % 22) as i32 - 9);
            let scale = Scale::new(Some((low, low + span)), false, 0.0, 100.0);
            assert!((2..=21).contains(&scale.ticks.len()), "{low} + {span}");
            assert!(scale.at(low).is_finite(), "{low} + {span}");
        }
    }

    #[test]
    fn escaped_text_holds_no_markup() {
        let mut random = crate::random::Random::new(13);
        for _ in 0..2000 {
            let safe = escape(&random.text());
            assert!(!safe.contains(['<', '>', '"', '\u{0}', '\u{1f}']), "{safe}");
        }
    }
}

//! A target in one spelling of the grammar, with every decimal: what was read can be read again.

use super::{Baseline, Comparator, Target, unit};
use std::fmt::Write as _;
use tertial_model::{Decimal, swedish};

impl Target {
    /// `Minst 70 %`, `Högst −42 % mot 2019`, `Minst 4,67 (RJH), minst 4,67 (RS)`; nothing is rounded.
    pub fn text(&self) -> String {
        match self.comparator {
            Comparator::ActivityDone => return "Genomförd aktivitet".to_owned(),
            Comparator::ToBeSet => {
                let when = self.remark.as_deref().unwrap_or("senare");
                return format!("Målvärde kompletteras {when}");
            }
            Comparator::InLine => return format!("I nivå med {}", self.baseline.words()),
            _ => {}
        }
        if !self.levels.is_empty() {
            let one = |value: Decimal, level: &str| format!("{} ({level})", self.amount(value));
            let parts: Vec<String> =
                self.levels.iter().map(|entry| one(entry.value, &entry.level)).collect();
            return capital(&parts.join(", "));
        }
        let Some(value) = self.value else {
            return capital(&self.beyond(&self.baseline.words()));
        };
        let mut text = self.amount(value);
        if let Some(remark) = self.remark.as_deref().filter(|remark| *remark == "nationellt mål") {
            let _ = write!(text, " ({remark})");
        }
        capital(&text)
    }

    /// A number with its comparison, unit, what is counted and what it is compared with.
    fn amount(&self, value: Decimal) -> String {
        let unit = unit::short(&self.unit);
        let number = |value| swedish::with_unit(&exact(value), unit);
        let is_counted = unit::is_counting(&self.unit);
        let mut text = match (self.comparator, self.upper) {
            (Comparator::Between, Some(upper)) => {
                format!("mellan {} och {}", exact(value), number(upper))
            }
            (Comparator::Above | Comparator::Below, _) if self.counted.is_some() && !is_counted => {
                self.beyond(&number(value))
            }
            (comparator, _) => format!("{} {}", word(comparator), number(value)),
        };
        if let Some(counted) = self.counted.as_deref().filter(|_| is_counted) {
            let _ = write!(text, " {counted}");
        }
        if self.baseline != Baseline::None {
            let _ = write!(text, " mot {}", self.baseline.words());
        }
        text
    }

    fn beyond(&self, than: &str) -> String {
        let word = if self.comparator == Comparator::Below { "lägre" } else { "högre" };
        match &self.counted {
            Some(counted) => format!("{word} {counted} än {than}"),
            None => format!("{word} än {than}"),
        }
    }
}

fn word(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::AtMost => "högst",
        Comparator::Below => "under",
        Comparator::Above => "över",
        Comparator::Equal => "exakt",
        _ => "minst",
    }
}

/// All decimals, thousands parted, so that four digits are never taken for a year.
fn exact(value: Decimal) -> String {
    swedish::decimal(value, value.scale())
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

//! Numbers of a workbook whose format shows a unit: `42 %`, `12.5 tkr`, `10 EUR`.
//!
//! What the column holds is said by its contract: the unit, else the end of its name, else its heading.
//! Where both are powers of ten of one thing the number is taken over exactly; where they are not, or
//! the contract says nothing, the cell is refused. Nothing is guessed from the size of a number.

use super::number::{NumberFault, NumberForm, power_of_ten};

/// What a number counts, and which power of ten of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    stem: Stem,
    power: i8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stem {
    /// A share: 1, %, ‰.
    Ratio,
    /// Swedish crowns.
    Crowns,
    /// Money of another country.
    Money(&'static str),
    Gram,
    WattHour,
    Hour,
    Minute,
    Metre,
    /// Things that are counted.
    Count,
    /// Of whatever the column holds.
    Any,
    /// Something else.
    Other,
}

/// Words for units. What the readers write is among them.
const WORDS: [(&[&str], Stem, i8); 36] = [
    (&["%", "procent", "pct", "percent", "procentenheter"], Stem::Ratio, -2),
    (&["‰", "promille"], Stem::Ratio, -3),
    (&["andel", "kvot", "faktor", "share", "ratio", "factor", "1"], Stem::Ratio, 0),
    (&["kr", "sek", "kronor"], Stem::Crowns, 0),
    (&["tkr", "kkr", "tsek", "ksek"], Stem::Crowns, 3),
    (&["mkr", "mnkr", "msek"], Stem::Crowns, 6),
    (&["mdkr", "mdrkr"], Stem::Crowns, 9),
    (&["tusen"], Stem::Any, 3),
    (&["miljoner"], Stem::Any, 6),
    (&["miljarder"], Stem::Any, 9),
    (&["eur", "€", "euro"], Stem::Money("EUR"), 0),
    (&["teur", "keur"], Stem::Money("EUR"), 3),
    (&["usd"], Stem::Money("USD"), 0),
    (&["gbp"], Stem::Money("GBP"), 0),
    (&["nok"], Stem::Money("NOK"), 0),
    (&["dkk"], Stem::Money("DKK"), 0),
    (&["isk"], Stem::Money("ISK"), 0),
    (&["chf"], Stem::Money("CHF"), 0),
    (&["mg"], Stem::Gram, -3),
    (&["g", "gram"], Stem::Gram, 0),
    (&["kg", "kilo"], Stem::Gram, 3),
    (&["ton", "tonne", "tonnes"], Stem::Gram, 6),
    (&["wh"], Stem::WattHour, 0),
    (&["kwh"], Stem::WattHour, 3),
    (&["mwh"], Stem::WattHour, 6),
    (&["gwh"], Stem::WattHour, 9),
    (&["timmar", "tim", "h", "hours"], Stem::Hour, 0),
    (&["minuter", "min", "minutes"], Stem::Minute, 0),
    (&["m", "meter"], Stem::Metre, 0),
    (&["km"], Stem::Metre, 3),
    (&["mil"], Stem::Metre, 4),
    (&["antal", "st", "count"], Stem::Count, 0),
    (&["personer", "elever", "patienter", "anställda"], Stem::Count, 0),
    (&["ärenden", "besök", "samtal", "recept"], Stem::Count, 0),
    (&["svar", "enkäter"], Stem::Count, 0),
    (&["dagar", "days"], Stem::Other, 0),
];

fn word(text: &str) -> Option<Measure> {
    let plain = text.trim().to_lowercase();
    let found = WORDS.iter().find(|(words, ..)| words.contains(&plain.as_str()))?;
    Some(Measure { stem: found.1, power: found.2 })
}

/// What a column holds: as its contract says, or its name, or its heading. None when nothing says, or
/// name and heading say different things.
pub(crate) fn of_column(
    unit: Option<&str>,
    name: &str,
    headings: &[&str],
    is_at_most_one: bool,
) -> Option<Measure> {
    if let Some(unit) = unit {
        // `SEK/h` and `kr per invånare` are money.
        let first = unit.split(['/', '(']).next().unwrap_or(unit);
        let first = first.split(" per ").next().unwrap_or(first);
        return Some(word(first).unwrap_or(Measure { stem: Stem::Other, power: 0 }));
    }
    let name = name.rsplit('_').next().and_then(word);
    let mut heading = None;
    for text in headings {
        let said = of_heading(text);
        if heading.is_some() && said.is_some() && heading != said {
            return None;
        }
        heading = heading.or(said);
    }
    match (name, heading) {
        (Some(name), Some(heading)) => (name == heading).then_some(name),
        (None, None) => is_at_most_one.then_some(Measure { stem: Stem::Ratio, power: 0 }),
        (name, heading) => name.or(heading),
    }
}

/// `Andel ekologiskt (%)`, `Belopp tkr`: the last unit named.
fn of_heading(text: &str) -> Option<Measure> {
    let parted = text.replace('%', " % ").replace('‰', " ‰ ");
    let words = parted.split(|c: char| c.is_whitespace() || "()[],;:/".contains(c));
    // `Andel` and `h` stand in headings that are no units.
    let telling = |measure: &Measure| match measure.stem {
        Stem::Ratio => measure.power != 0,
        Stem::Count | Stem::Other | Stem::Any | Stem::Metre | Stem::Minute => false,
        _ => true,
    };
    words.filter_map(word).rfind(telling)
}

/// Reads a number with its unit behind it, in the column's own measure.
pub(crate) fn parse(
    form: &NumberForm,
    column: Option<Measure>,
    text: &str,
) -> Result<i128, NumberFault> {
    let Some((number, unit)) = parted(text) else { return Err(NumberFault::NotANumber) };
    // A word that is no unit makes the text no number, whatever the column.
    let cell = word(unit).ok_or(NumberFault::NotANumber)?;
    let power = match (cell.stem, column) {
        (stem, Some(column)) if stem == column.stem && stem != Stem::Other => {
            cell.power - column.power
        }
        (Stem::Any, Some(Measure { stem: Stem::Crowns | Stem::Money(_), power })) => {
            cell.power - power
        }
        (Stem::Any, Some(Measure { stem: Stem::Count, .. })) => cell.power,
        (Stem::Crowns, None) if cell.power == 0 => 0,
        (_, None) => return Err(NumberFault::NoUnit),
        _ => return Err(NumberFault::OtherUnit),
    };
    times(form, number, power)
}

/// The number and what stands behind it.
fn parted(text: &str) -> Option<(&str, &str)> {
    let last = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (number, unit) = text.split_at(last);
    (!unit.trim().is_empty()).then_some((number, unit.trim()))
}

/// A number times a power of ten, exactly or not at all.
fn times(form: &NumberForm, number: &str, power: i8) -> Result<i128, NumberFault> {
    let scale = i32::from(form.scale) + i32::from(power);
    let wide = NumberForm { limit: i128::MAX, ..*form };
    let value = if scale >= 0 {
        NumberForm { scale: scale.min(38) as u8, ..wide }.parse(number)?
    } else {
        let value = NumberForm { scale: 0, ..wide }.parse(number)?;
        let divisor = power_of_ten(scale.unsigned_abs().min(38) as u8);
        if value % divisor != 0 {
            return Err(NumberFault::TooPrecise);
        }
        value / divisor
    };
    if value.unsigned_abs() >= form.limit.unsigned_abs() {
        return Err(NumberFault::TooLarge);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(scale: u8) -> NumberForm {
        NumberForm { mark: b'.', scale, limit: power_of_ten(18), hours: false, floats: true }
    }

    fn read(unit: &str, text: &str) -> Result<i128, NumberFault> {
        parse(&form(4), of_column(Some(unit), "x", &[], false), text)
    }

    #[test]
    fn a_share_is_taken_over_in_the_columns_own_measure() {
        assert_eq!(read("%", "42 %"), Ok(420_000));
        assert_eq!(read("%", "30.75 %"), Ok(307_500));
        assert_eq!(read("procent", "28%"), Ok(280_000));
        assert_eq!(read("andel", "42 %"), Ok(4_200));
        assert_eq!(read("andel", "-0.07 %"), Ok(-7));
        assert_eq!(read("andel", "0.001 %"), Err(NumberFault::TooPrecise));
        assert_eq!(read("‰", "42 %"), Ok(4_200_000));
        assert_eq!(read("SEK", "42 %"), Err(NumberFault::OtherUnit));
        assert_eq!(parse(&form(0), of_column(Some("andel"), "x", &[], false), "4200 %"), Ok(42));
        let share = of_column(Some("andel"), "x", &[], false);
        assert_eq!(parse(&form(0), share, "42 %"), Err(NumberFault::TooPrecise));
    }

    #[test]
    fn thousands_are_taken_over_where_it_is_known_of_what() {
        assert_eq!(read("SEK", "12.5 tkr"), Ok(125_000_000));
        assert_eq!(read("tkr", "12.5 tkr"), Ok(125_000));
        assert_eq!(read("mkr", "12.5 tkr"), Ok(125));
        assert_eq!(read("SEK", "12.5 tusen"), Ok(125_000_000));
        assert_eq!(read("tkr", "12.5 tusen"), Ok(125_000));
        assert_eq!(read("antal", "12.5 tusen"), Ok(125_000_000));
        assert_eq!(read("kWh", "12.5 tusen"), Err(NumberFault::OtherUnit));
        assert_eq!(read("kWh", "1.5 MWh"), Ok(15_000_000));
        assert_eq!(read("SEK/h", "10 EUR"), Err(NumberFault::OtherUnit));
        assert_eq!(read("EUR", "10 EUR"), Ok(100_000));
        assert_eq!(read("SEK", "10 kr"), Ok(100_000));
        assert_eq!(read("besök per dag", "10 kr"), Err(NumberFault::OtherUnit));
        assert_eq!(read("SEK", "10 st"), Err(NumberFault::OtherUnit));
        assert_eq!(read("SEK", "10 stolar"), Err(NumberFault::NotANumber));
        assert_eq!(read("SEK", "99999999999999999 mkr"), Err(NumberFault::TooLarge));
    }

    #[test]
    fn the_contract_says_what_a_column_holds() {
        let told = |name: &str, heading: &str| of_column(None, name, &[heading], false);
        let percent = word("%");
        assert_eq!(told("organic_pct", "Andel ekologiskt (%)"), percent);
        assert_eq!(told("organic", "Andel ekologiskt (%)"), percent);
        assert_eq!(told("organic_pct", "Andel"), percent);
        assert_eq!(told("organic_share", "Andel"), word("andel"));
        // Name and heading contradict each other.
        assert_eq!(told("organic_share", "Andel (%)"), None);
        assert_eq!(told("amount_sek", "Belopp (tkr)"), None);
        assert_eq!(told("amount", "Belopp"), None);
        assert_eq!(told("amount", "Belopp tkr"), word("tkr"));
        assert_eq!(of_column(None, "factor_x", &["Vikt"], true), word("andel"));
    }

    #[test]
    fn without_a_word_from_the_contract_only_crowns_are_taken() {
        assert_eq!(parse(&form(2), None, "10 kr"), Ok(1_000));
        for text in ["42 %", "12.5 tkr", "12.5 tusen", "10 EUR", "5 kg"] {
            assert_eq!(parse(&form(2), None, text), Err(NumberFault::NoUnit), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*", unit in ".*", heading in ".*") {
            let column = of_column(None, &unit, &[&heading], false);
            let _ = parse(&form(2), column, &text);
            let _ = parse(&form(18), of_column(Some(&unit), "x", &[], false), "1.5 miljarder");
        }
    }
}

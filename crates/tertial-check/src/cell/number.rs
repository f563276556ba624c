//! Numbers as Swedish sources write them, read into an integer at the contract's scale.
//!
//! Two paths: plain digits with the agreed mark, in one loop over bytes; and everything else
//! (groups of thousands, other minus signs, durations, many digits). Neither allocates.

/// Why a text is no number of the agreed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberFault {
    /// It is no number at all.
    NotANumber,
    /// It would be a number with the other decimal mark, or can be read in two ways.
    OtherMark,
    /// It has more decimals than the type keeps.
    TooPrecise,
    /// It has more digits than the type holds.
    TooLarge,
    /// Its cell shows a unit, and nothing says what the column holds.
    NoUnit,
    /// Its cell shows a unit that the column does not hold.
    OtherUnit,
}

/// The agreed form of a column's numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberForm {
    /// `,` or `.`.
    pub mark: u8,
    /// Decimals kept.
    pub scale: u8,
    /// The first magnitude, in units of the last decimal, that is too large.
    pub limit: i128,
    /// Whether `129:25` means hours and minutes.
    pub hours: bool,
    /// Whether the texts come from binary floats (workbooks, JSON), which carry 15 digits at most.
    pub floats: bool,
}

const POWERS: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut index = 1;
    while index < 39 {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// Ten to the power of `exponent`, at most 38.
pub(crate) fn power_of_ten(exponent: u8) -> i128 {
    POWERS[usize::from(exponent)]
}

/// Signs that mean minus: hyphen, minus, no-break hyphen, figure dash, en dash.
const MINUSES: [char; 5] = ['-', '\u{2212}', '\u{2011}', '\u{2012}', '\u{2013}'];
/// Blanks that part thousands: space, no-break space, narrow no-break space.
const BLANKS: [char; 3] = [' ', '\u{a0}', '\u{202f}'];

impl NumberForm {
    /// Reads a text without blanks around it.
    #[inline]
    pub(crate) fn parse(&self, text: &str) -> Result<i128, NumberFault> {
        match self.plain(text.as_bytes()) {
            Some(value) => Ok(value),
            None => self.dressed(text),
        }
    }

    /// Digits with at most one agreed mark, 18 bytes at most; `None` sends the text the long way.
    #[inline]
    fn plain(&self, bytes: &[u8]) -> Option<i128> {
        let (negative, digits) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, bytes),
        };
        if digits.is_empty() || digits.len() > 18 {
            return None;
        }
        let mut units: u64 = 0;
        let mut mark_at = usize::MAX;
        for (index, byte) in digits.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                units = units * 10 + u64::from(digit);
            } else if *byte == self.mark && mark_at == usize::MAX && index > 0 {
                mark_at = index;
            } else {
                return None;
            }
        }
        let decimals = match mark_at {
            usize::MAX => 0,
            at => digits.len() - 1 - at,
        };
        let missing = usize::from(self.scale).checked_sub(decimals)?;
        if mark_at == digits.len() - 1 {
            return None;
        }
        let value = i128::from(units) * POWERS[missing];
        (value < self.limit).then_some(if negative { -value } else { value })
    }

    /// The long way: minus signs, groups, durations, exponents, and the reason when all fail.
    #[cold]
    #[inline(never)]
    fn dressed(&self, text: &str) -> Result<i128, NumberFault> {
        let (negative, body) = strip_minus(text);
        let magnitude = if self.hours && body.contains(':') {
            self.duration(body)?
        } else {
            match self.scan(body, self.mark) {
                Err(NumberFault::TooPrecise) if self.floats => self.rounded_float(body)?,
                Err(NumberFault::NotANumber) if self.floats && body.contains(['e', 'E']) => {
                    self.rounded_float(body)?
                }
                Err(NumberFault::NotANumber) => {
                    let other = if self.mark == b',' { b'.' } else { b',' };
                    return Err(match self.scan(body, other) {
                        Err(NumberFault::NotANumber) => NumberFault::NotANumber,
                        _ => NumberFault::OtherMark,
                    });
                }
                outcome => outcome?,
            }
        };
        if magnitude >= self.limit {
            return Err(NumberFault::TooLarge);
        }
        Ok(if negative { -magnitude } else { magnitude })
    }

    /// Digits, groups of thousands and one mark, without sign.
    fn scan(&self, text: &str, mark: u8) -> Result<i128, NumberFault> {
        let mut digits = Digits::new(self.scale);
        let mut group = 0usize;
        let mut separator: Option<char> = None;
        let mut groups = 0usize;
        let mut in_fraction = false;
        for character in text.chars() {
            if let Some(digit) = character.to_digit(10) {
                digits.push(digit as u8, in_fraction);
                group += 1;
            } else if character == char::from(mark) && !in_fraction {
                if separator.is_some() && group != 3 {
                    return Err(NumberFault::NotANumber);
                }
                in_fraction = true;
            } else if !in_fraction
                && (BLANKS.contains(&character) || mark == b',' && character == '.')
            {
                let well_formed = match separator {
                    None => (1..=3).contains(&group),
                    Some(first) => first == character && group == 3,
                };
                if !well_formed {
                    return Err(NumberFault::NotANumber);
                }
                separator = Some(character);
                groups += 1;
                group = 0;
            } else {
                return Err(NumberFault::NotANumber);
            }
        }
        if digits.seen == 0 || in_fraction && digits.fraction == 0 {
            return Err(NumberFault::NotANumber);
        }
        if separator.is_some() && !in_fraction && group != 3 {
            return Err(NumberFault::NotANumber);
        }
        // `1.234` is 1 234 to one program and 1,234 to another.
        if separator == Some('.') && groups == 1 && !in_fraction {
            return Err(NumberFault::OtherMark);
        }
        digits.value()
    }

    /// `129:25` or `129:25:30` as decimal hours, rounded half away from zero.
    fn duration(&self, text: &str) -> Result<i128, NumberFault> {
        let mut parts = text.split(':');
        let mut next = |most: u64, longest: usize| -> Result<u64, NumberFault> {
            let part = parts.next().ok_or(NumberFault::NotANumber)?;
            let sound =
                (1..=longest).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            let value = part.parse().ok().filter(|value| sound && *value <= most);
            value.ok_or(NumberFault::NotANumber)
        };
        let hours = next(999_999_999, 9)?;
        let minutes = next(59, 2)?;
        let seconds = if text.matches(':').count() == 2 { next(59, 2)? } else { 0 };
        if text.matches(':').count() > 2 {
            return Err(NumberFault::NotANumber);
        }
        let total = i128::from(hours * 3600 + minutes * 60 + seconds) * power_of_ten(self.scale);
        Ok((total + 1800) / 3600)
    }

    /// A number that was a binary float: 15 significant digits carry all a workbook shows, so the
    /// rest is noise. What then still has too many decimals is too precise.
    fn rounded_float(&self, text: &str) -> Result<i128, NumberFault> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let sound = exponent.trim_start_matches(['+', '-']).len() <= 3;
                let exponent: i32 = exponent.parse().map_err(|_| NumberFault::NotANumber)?;
                (mantissa, if sound { exponent } else { return Err(NumberFault::NotANumber) })
            }
            None => (text, 0),
        };
        let (whole, fraction) =
            mantissa.split_once(char::from(self.mark)).unwrap_or((mantissa, ""));
        let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(NumberFault::NotANumber);
        }
        let mut units: i128 = 0;
        let mut power = exponent - fraction.len() as i32;
        let mut kept = 0;
        let mut bytes = whole.bytes().chain(fraction.bytes()).peekable();
        while let Some(byte) = bytes.next_if(|_| kept < 15) {
            units = units * 10 + i128::from(byte - b'0');
            kept += usize::from(units > 0);
        }
        let rest = bytes.clone().count() as i32;
        if bytes.next().is_some_and(|byte| byte >= b'5') {
            units += 1;
        }
        power += rest;
        while units != 0 && units % 10 == 0 {
            units /= 10;
            power += 1;
        }
        if units == 0 {
            return Ok(0);
        }
        let shift = i32::from(self.scale) + power;
        if shift < 0 {
            return Err(NumberFault::TooPrecise);
        }
        let factor = POWERS.get(shift as usize).ok_or(NumberFault::TooLarge)?;
        units.checked_mul(*factor).ok_or(NumberFault::TooLarge)
    }
}

/// Digits on their way to an integer at a scale.
struct Digits {
    scale: usize,
    units: i128,
    seen: usize,
    fraction: usize,
    overflown: bool,
    lost: bool,
}

impl Digits {
    fn new(scale: u8) -> Digits {
        let scale = usize::from(scale);
        Digits { scale, units: 0, seen: 0, fraction: 0, overflown: false, lost: false }
    }

    fn push(&mut self, digit: u8, in_fraction: bool) {
        self.seen += 1;
        if in_fraction {
            self.fraction += 1;
            if self.fraction > self.scale {
                self.lost |= digit != 0;
                return;
            }
        }
        match self.units.checked_mul(10).and_then(|units| units.checked_add(i128::from(digit))) {
            Some(units) => self.units = units,
            None => self.overflown = true,
        }
    }

    fn value(&self) -> Result<i128, NumberFault> {
        if self.overflown {
            return Err(NumberFault::TooLarge);
        }
        if self.lost {
            return Err(NumberFault::TooPrecise);
        }
        let factor = POWERS[self.scale - self.fraction.min(self.scale)];
        self.units.checked_mul(factor).ok_or(NumberFault::TooLarge)
    }
}

fn strip_minus(text: &str) -> (bool, &str) {
    match text.strip_prefix(MINUSES) {
        Some(rest) => (true, rest.strip_prefix(BLANKS).unwrap_or(rest)),
        None => (false, text),
    }
}

/// The first character that can belong to no number, in words; helps to see an `o` among noughts.
pub(crate) fn odd_character(text: &str) -> Option<String> {
    let belongs = |c: char| {
        c.is_ascii_digit()
            || matches!(c, ',' | '.' | ':')
            || MINUSES.contains(&c)
            || BLANKS.contains(&c)
    };
    let (at, odd) = text.chars().enumerate().find(|(_, c)| !belongs(*c))?;
    let kind = if odd.is_alphabetic() { "letter" } else { "character" };
    let shown = if odd.is_control() || odd.is_whitespace() {
        format!("U+{:04X}", odd as u32)
    } else {
        format!("`{odd}`")
    };
    Some(format!("character {} is the {kind} {shown}", at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tertial_model::Decimal;

    fn form(mark: u8, precision: u8, scale: u8) -> NumberForm {
        let limit = power_of_ten(precision);
        NumberForm { mark, scale, limit, hours: false, floats: false }
    }

    fn read(text: &str) -> Result<i128, NumberFault> {
        form(b',', 18, 2).parse(text)
    }

    #[test]
    fn the_same_amount_in_many_dresses() {
        let dresses = [
            "-12345,6",
            "-12345,60",
            "-12345,600",
            "\u{2212}12345,60",
            "\u{2013}12345,60",
            "\u{2011}12345,60",
            "\u{2012} 12345,60",
            "- 12 345,60",
            "\u{2212}\u{a0}12\u{a0}345,60",
            "-12\u{202f}345,60",
            "-12.345,60",
            "-0012345,60",
        ];
        for text in dresses {
            assert_eq!(read(text), Ok(-1_234_560), "{text}");
        }
        assert_eq!(read("1.234.567"), Ok(123_456_700));
        assert_eq!(read(",5"), Ok(50));
        assert_eq!(form(b'.', 18, 2).parse("1 234.5"), Ok(123_450));
    }

    #[test]
    fn what_is_no_number() {
        let texts = [
            "",
            "-",
            ",",
            "5,",
            "1 23,4",
            "12345 678",
            "1 234 56",
            "1 234.567,8",
            "--1",
            "+1",
            "1e3",
            "12 345,6o",
            "½",
            "１２",
            "1\u{2009}234",
            "1,234.5",
            "12:30",
            "1,2,3",
            "100-",
        ];
        for text in texts {
            assert_eq!(read(text), Err(NumberFault::NotANumber), "{text}");
        }
    }

    #[test]
    fn the_other_mark_is_told_apart_and_never_guessed() {
        for text in ["12.5", "0.05", "1.234", "-1.234", "1234.56"] {
            assert_eq!(read(text), Err(NumberFault::OtherMark), "{text}");
        }
        assert_eq!(form(b'.', 18, 2).parse("12,5"), Err(NumberFault::OtherMark));
    }

    #[test]
    fn too_precise_and_too_large() {
        assert_eq!(read("1,005"), Err(NumberFault::TooPrecise));
        assert_eq!(read("10000000000000000"), Err(NumberFault::TooLarge));
        assert_eq!(read("9999999999999999,99"), Ok(999_999_999_999_999_999));
        let nines = "9".repeat(60);
        assert_eq!(read(&nines), Err(NumberFault::TooLarge));
        assert_eq!(form(b',', 38, 0).parse(&"9".repeat(38)), Ok(power_of_ten(38) - 1));
    }

    #[test]
    fn durations_only_where_hours_were_agreed() {
        let hours = NumberForm { hours: true, ..form(b',', 9, 2) };
        assert_eq!(hours.parse("129:25"), Ok(12_942));
        assert_eq!(hours.parse("-0:30"), Ok(-50));
        assert_eq!(hours.parse("0:20:06"), Ok(34));
        for text in ["1:60", "1:2:3:4", ":30", "1:", "1:234", "a:30"] {
            assert_eq!(hours.parse(text), Err(NumberFault::NotANumber), "{text}");
        }
    }

    #[test]
    fn noise_of_binary_floats_is_rounded_away_and_nothing_else() {
        let cell = NumberForm { floats: true, ..form(b'.', 14, 2) };
        assert_eq!(cell.parse("0.30000000000000004"), Ok(30));
        assert_eq!(cell.parse("1234.5600000000001"), Ok(123_456));
        assert_eq!(cell.parse("99.999999999999999"), Ok(10_000));
        assert_eq!(cell.parse("1.5e3"), Ok(150_000));
        assert_eq!(cell.parse("1e-05"), Err(NumberFault::TooPrecise));
        assert_eq!(cell.parse("0.333333333333333"), Err(NumberFault::TooPrecise));
        assert_eq!(cell.parse("1e99"), Err(NumberFault::TooLarge));
        assert_eq!(cell.parse("1e9999999999"), Err(NumberFault::NotANumber));
    }

    #[test]
    fn the_odd_character_is_named() {
        assert_eq!(odd_character("12 345,6o").unwrap(), "character 9 is the letter `o`");
        assert_eq!(odd_character("12\u{2009}5").unwrap(), "character 3 is the character U+2009");
        assert_eq!(odd_character("12,5"), None);
    }

    proptest! {
        #[test]
        fn plain_text_gives_the_plain_parse(units in -10i128.pow(15)..10i128.pow(15), scale in 0u8..=4) {
            let value = Decimal::new(units, scale);
            let text = value.to_string();
            prop_assert_eq!(form(b'.', 38, 4).parse(&text), Ok(value.rescale(4).unwrap().units()));
            let comma = text.replace('.', ",");
            prop_assert_eq!(form(b',', 38, 4).parse(&comma), Ok(value.rescale(4).unwrap().units()));
        }

        #[test]
        fn what_is_accepted_is_what_a_plain_parse_gives(text in "[-0-9., \u{a0}\u{2212}]{0,14}", comma in any::<bool>()) {
            let mark = if comma { b',' } else { b'.' };
            if let Ok(units) = form(mark, 38, 3).parse(&text) {
                let stripped: String = text
                    .replace('\u{2212}', "-")
                    .chars()
                    .filter(|c| !(BLANKS.contains(c) || comma && *c == '.'))
                    .collect();
                let mut machine = stripped.replace(',', ".");
                if let Some(at) = machine.find('.').filter(|at| !machine[..*at].ends_with(|c: char| c.is_ascii_digit())) {
                    machine.insert(at, '0');
                }
                prop_assert_eq!(Decimal::new(units, 3), Decimal::parse(&machine).unwrap());
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*", scale in 0u8..=18, hours in any::<bool>(), floats in any::<bool>()) {
            for mark in [b',', b'.'] {
                let form = NumberForm { mark, scale, limit: power_of_ten(38), hours, floats };
                let _ = form.parse(&text);
            }
            let _ = odd_character(&text);
        }

        #[test]
        fn odd_digits_never_panic(text in "[-0-9.,:eE+ ]{0,60}", scale in 0u8..=18) {
            for mark in [b',', b'.'] {
                let form = NumberForm { mark, scale, limit: power_of_ten(38), hours: true, floats: true };
                let _ = form.parse(&text);
            }
        }
    }
}

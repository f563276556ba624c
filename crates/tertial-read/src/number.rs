//! Numbers as text: what a workbook's floats and a JSON number in exponent form are written as.

/// A float as the decimal a person typed: at most the 15 digits that workbooks promise, no
/// exponent, no `.0`.
pub fn float_text(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    let shortest = format!("{value}");
    let digits = shortest.bytes().filter(u8::is_ascii_digit).count();
    let text = if digits > 15 {
        // 0.1 + 0.2 is stored with 17 digits; the 15 that are promised give 0.3 back.
        let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
        format!("{rounded}")
    } else {
        shortest
    };
    if text == "-0" { "0".to_owned() } else { text }
}

/// A plain decimal times a power of ten, exactly: the mark moves.
pub fn shifted(text: &str, power: i32) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || power.abs() > 40 {
        return text.to_owned();
    }
    let point = whole.len() as i32 + power;
    let mut all = format!("{whole}{fraction}");
    let mut at = point.max(0) as usize;
    if point < 0 {
        all.insert_str(0, &"0".repeat(point.unsigned_abs() as usize));
        at = 0;
    }
    if all.len() < at {
        all.push_str(&"0".repeat(at - all.len()));
    }
    let (whole, fraction) = all.split_at(at);
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

/// A JSON number in plain decimal form, or as it stands when it has no exponent or too large a one.
pub fn plain_number(text: &str) -> std::borrow::Cow<'_, str> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return text.into() };
    let Some(exponent) = exponent.parse::<i32>().ok().filter(|e| e.unsigned_abs() <= 40) else {
        return text.into();
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i32 + exponent;
    let plain = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if point as usize >= digits.len() {
        format!("{digits}{}", "0".repeat(point as usize - digits.len()))
    } else {
        format!("{}.{}", &digits[..point as usize], &digits[point as usize..])
    };
    let trimmed = plain.trim_start_matches('0');
    let plain = if trimmed.is_empty() || trimmed.starts_with('.') {
        format!("0{trimmed}")
    } else {
        trimmed.to_owned()
    };
    format!("{sign}{plain}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_a_person_typed_them() {
        let check = |value: f64, expected: &str| assert_eq!(float_text(value), expected);
        check(12.0, "12");
        check(12.5, "12.5");
        check(-0.0, "0");
        check(0.1 + 0.2, "0.3");
        check(199_001_011_234.0, "199001011234");
        check(1e21, "1000000000000000000000");
        check(1_234_567.891_234_567_9, "1234567.89123457");
        check(f64::NAN, "");
    }

    #[test]
    fn the_mark_moves_exactly() {
        let check = |text, power, expected: &str| assert_eq!(shifted(text, power), expected);
        check("0.42", 2, "42");
        check("0.3075", 2, "30.75");
        check("-0.07", 2, "-7");
        check("1", 2, "100");
        check("12500", -3, "12.5");
        check("5", -3, "0.005");
        check("-0.5", -3, "-0.0005");
        check("0", 2, "0");
        check("0.333333333333333", 2, "33.3333333333333");
        check("1.5e3", 2, "1.5e3");
    }

    #[test]
    fn exponents_are_written_out() {
        let check = |text, expected: &str| assert_eq!(plain_number(text), expected);
        check("31.32959689", "31.32959689");
        check("1e3", "1000");
        check("-1.5E-3", "-0.0015");
        check("1.25e1", "12.5");
        check("0.5e1", "5");
        check("0e0", "0");
        check("1e999", "1e999");
    }
}

//! What a heading says of the times below it.

/// The time a heading names: `month`, `week`, `quarter`, `tertial` or `half-year`. A heading that names
/// months beside something else is one of months.
pub fn period_of(heading: &str) -> Option<&'static str> {
    // Letters whose marks stand apart are the same letters.
    let heading = heading.to_lowercase();
    let heading =
        heading.replace("a\u{30a}", "å").replace("a\u{308}", "ä").replace("o\u{308}", "ö");
    let words: Vec<&str> = heading.split(|c: char| !c.is_alphanumeric()).collect();
    let has =
        |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| word.contains(stem)));
    let is = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&["månad", "manad", "month"]) || is(&["mån", "yyyymm", "ååååmm"]) {
        return Some("month");
    }
    if has(&["vecka", "veckor", "veckonr", "veckonummer", "week"])
        || is(&["v", "vnr", "wk", "kw", "yw", "yyyyww", "yyyyvv", "ååååvv", "ååååww", "vv", "ww"])
    {
        return Some("week");
    }
    if has(&["kvartal", "quarter"]) || is(&["kv", "kvart", "qtr", "q"]) {
        return Some("quarter");
    }
    if has(&["tertial"]) {
        return Some("tertial");
    }
    if has(&["termin", "semester"]) || is(&["sem"]) {
        return Some("half-year");
    }
    has(&["halvår", "halvar"]).then_some("half-year")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_a_heading_names() {
        let check = |heading: &str, expected| assert_eq!(period_of(heading), expected, "{heading}");
        check("Vecka", Some("week"));
        check("År_vecka", Some("week"));
        check("ISO-vecka", Some("week"));
        check("Week no", Some("week"));
        check("Månad (vecka)", Some("month"));
        check("Ma\u{30a}nad", Some("month"));
        check("Kvartal", Some("quarter"));
        check("Tertial", Some("tertial"));
        check("Halvår", Some("half-year"));
        check("Termin", Some("half-year"));
        check("YYYYVV", Some("week"));
        check("Vv", Some("week"));
        check("Period", None);
        check("Utveckling", None);
    }
}

//! Units as plans print them, and the one spelling we keep.

/// Printed form (lower case) and our spelling. `Counted` units may be followed by what is counted.
const UNITS: [(&str, &str); 40] = [
    ("%", "%"),
    ("procent", "%"),
    ("procentenhet", "procentenheter"),
    ("procentenheter", "procentenheter"),
    ("st", "st"),
    ("stycken", "st"),
    ("antal", "st"),
    ("personer", "personer"),
    ("aktiviteter", "aktiviteter"),
    ("kwh/m2", "kWh/m²"),
    ("kwh/m²", "kWh/m²"),
    ("kwh", "kWh"),
    ("mwh", "MWh"),
    ("gwh", "GWh"),
    ("rec/tin", "recept per 1 000 invånare"),
    ("recept/tin", "recept per 1 000 invånare"),
    ("rec/1000", "recept per 1 000 invånare"),
    ("recept per 1 000 invånare", "recept per 1 000 invånare"),
    ("recept per 1000 invånare", "recept per 1 000 invånare"),
    ("kr", "kr"),
    ("kronor", "kr"),
    ("sek", "kr"),
    ("tkr", "tkr"),
    ("mkr", "mnkr"),
    ("mnkr", "mnkr"),
    ("kg", "kg"),
    ("ton", "ton"),
    ("km", "km"),
    ("mil", "mil"),
    ("liter", "liter"),
    ("minuter", "minuter"),
    ("timmar", "timmar"),
    ("dagar", "dagar"),
    ("veckor", "veckor"),
    ("månader", "månader"),
    ("index", "index"),
    ("poäng", "poäng"),
    ("kwh/m2 och år", "kWh/m²"),
    ("kwh/m², år", "kWh/m²"),
    ("recept per 1\u{a0}000 invånare", "recept per 1 000 invånare"),
];

/// Our spelling of a unit; none when it is not one we know.
pub fn canonical(printed: &str) -> Option<&'static str> {
    let lower = printed.trim().to_lowercase();
    UNITS.iter().find(|(form, _)| *form == lower).map(|(_, ours)| *ours)
}

/// The first spelling of a unit that is one word; the unit itself when it is none of ours.
pub(super) fn short(unit: &str) -> &str {
    let own = UNITS.iter().find(|(form, ours)| *ours == unit && !form.contains([' ', '\u{a0}']));
    match own {
        Some((form, _)) if unit.contains(' ') => form,
        _ => unit,
    }
}

/// Whether words after the unit say what is counted.
pub(super) fn is_counting(unit: &str) -> bool {
    unit == "st"
}

/// The single-word forms, for error texts.
pub(super) fn examples() -> &'static str {
    "`%`, `procentenheter`, `st`, `kWh/m2`, `rec/TIN`, `kr`, `tkr`, `mnkr`, `ton`, `dagar` …"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_meet() {
        assert_eq!(canonical("KWH/M2"), canonical(" kWh/m² "));
        assert_eq!(canonical("procent"), Some("%"));
        assert_eq!(canonical("alnar"), None);
    }
}

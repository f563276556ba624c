//! "Did you mean": the known words nearest to one that is not known.

/// At most `count` of `known` that are near enough to `word`, nearest first, then in order.
pub fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let plain = fold(word);
    let longest = plain.chars().count();
    let allowed = (longest / 3).max(1);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let other = fold(candidate);
            if other.chars().count().abs_diff(longest) > allowed {
                return None;
            }
            // Edits, neighbours swapped counting as one.
            let distance = strsim::osa_distance(&plain, &other);
            (distance <= allowed && candidate != word).then_some((distance, candidate))
        })
        .collect();
    found.sort();
    found.truncate(count);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// At most `count` of `known` for whoever typed `word`: the [`nearest`], then those of which it is a
/// part, as `sick_leave` is of `hr__sick_leave_pct`, the shortest first.
pub fn meant<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    count: usize,
) -> Vec<&'a str> {
    let mut found = nearest(word, known.clone(), count);
    let plain = fold(word);
    // Shorter words are a part of too much.
    if plain.chars().count() < 3 {
        return found;
    }
    let is_part = |candidate: &&str| candidate != &word && fold(candidate).contains(&plain);
    let mut whole: Vec<&str> = known.into_iter().filter(is_part).collect();
    whole.retain(|candidate| !found.contains(candidate));
    whole.sort_by_key(|candidate| (candidate.chars().count(), *candidate));
    found.extend(whole);
    found.truncate(count);
    found
}

/// ``did you mean `a`?``, ``did you mean `a` or `b`?``; none when nothing is near.
pub fn question(nearest: &[&str]) -> Option<String> {
    if nearest.is_empty() {
        return None;
    }
    let quoted: Vec<String> = nearest.iter().map(|word| format!("`{word}`")).collect();
    Some(format!("did you mean {}?", quoted.join(" or ")))
}

/// Lower case, without blanks, marks and Swedish dots: `Belopp (kr)` is near `belopp_kr`.
fn fold(word: &str) -> String {
    let plain = |c: char| match c {
        'å' | 'ä' | 'á' | 'à' => 'a',
        'ö' | 'ó' => 'o',
        'é' | 'è' => 'e',
        other => other,
    };
    word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["605", "607", "811", "Belopp (kr)", "månad"];
        assert_eq!(nearest("6O5", known, 2), ["605"]);
        assert_eq!(nearest("belopp_kr", known, 2), ["Belopp (kr)"]);
        assert_eq!(nearest("manad", known, 2), ["månad"]);
        assert_eq!(nearest("650", known, 2), ["605"]);
        assert!(nearest("enhet", known, 2).is_empty());
        assert_eq!(question(&["a", "b"]).unwrap(), "did you mean `a` or `b`?");
        assert_eq!(question(&[]), None);
    }

    #[test]
    fn a_part_of_a_name_is_enough() {
        let known = [
            "hr__sick_leave_pct",
            "hr__sick_leave_long_pct",
            "hr__turnover_pct",
            "drugs__cost_sek",
        ];
        let three = |word: &str| meant(word, known, 3);
        assert_eq!(three("sick_leave"), ["hr__sick_leave_pct", "hr__sick_leave_long_pct"]);
        assert_eq!(three("Turnover pct"), ["hr__turnover_pct"]);
        assert_eq!(three("hr__sick_leve_pct"), ["hr__sick_leave_pct"]);
        assert_eq!(meant("pct", known, 2), ["hr__turnover_pct", "hr__sick_leave_pct"]);
        assert!(three("hr").is_empty() && three("").is_empty() && three("waste").is_empty());
        assert!(!three("hr__turnover_pct").contains(&"hr__turnover_pct"));
    }
}

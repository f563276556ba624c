//! "Did you mean": the known words nearest to one that is not known.

/// At most `count` of `known` that are near enough to `word`, nearest first, then in order.
pub(crate) fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let plain = fold(word);
    let longest = plain.len();
    let allowed = (longest / 3).max(1);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let other = fold(candidate);
            if other.len().abs_diff(longest) > allowed {
                return None;
            }
            let distance = distance(&plain, &other);
            (distance <= allowed && candidate != word).then_some((distance, candidate))
        })
        .collect();
    found.sort();
    found.truncate(count);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// `did you mean `a`?`, `did you mean `a` or `b`?`.
pub(crate) fn question(nearest: &[&str]) -> Option<String> {
    if nearest.is_empty() {
        return None;
    }
    let quoted: Vec<String> = nearest.iter().map(|word| format!("`{word}`")).collect();
    Some(format!("did you mean {}?", quoted.join(" or ")))
}

/// Lower case, without blanks, marks and Swedish dots: `Belopp (kr)` is near `belopp_kr`.
fn fold(word: &str) -> Vec<char> {
    let plain = |c: char| match c {
        'å' | 'ä' | 'á' | 'à' => 'a',
        'ö' | 'ó' => 'o',
        'é' | 'è' => 'e',
        other => other,
    };
    word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).map(plain).collect()
}

/// Edits, neighbours swapped counting as one.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, y) in b.iter().enumerate() {
            let change = last[j] + usize::from(x != y);
            row[j + 1] = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
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
}

//! What a query says, apart from how it is laid out: two texts that differ in comments and blanks
//! alone have one fingerprint.

use sha2::{Digest, Sha256};

/// A hash of a query without its comments and with one blank for every run of them; what stands in
/// quotation marks is kept as it is.
pub fn fingerprint(sql: &str) -> String {
    Sha256::digest(bare(sql).as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many statements a text holds; empty ones between semicolons are none.
pub fn statements(sql: &str) -> usize {
    let bare = bare(sql);
    let mut quoted = None;
    let parts = bare.split(|c: char| match (quoted, c) {
        (None, ';') => true,
        (None, '\'' | '"') => {
            quoted = Some(c);
            false
        }
        (Some(mark), c) if mark == c => {
            quoted = None;
            false
        }
        _ => false,
    });
    parts.filter(|part| !part.trim().is_empty()).count()
}

fn bare(sql: &str) -> String {
    let mut bare = String::with_capacity(sql.len());
    let mut rest = sql.trim_end().trim_end_matches(';');
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if first.is_whitespace() {
            rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len())
        } else if first == '\'' || first == '"' {
            // A doubled quotation mark ends one text and begins the next, which comes to the same.
            let end = rest[1..].find(first).map_or(rest.len(), |at| at + 2);
            bare.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        } else {
            bare.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        rest = &rest[length..];
        if !bare.is_empty() && !bare.ends_with(' ') {
            bare.push(' ');
        }
    }
    bare.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blanks_say_nothing_and_texts_everything() {
        let one = "-- One row.\nselect  a, 'x -- y'\nfrom t /* b */ ;\n";
        assert_eq!(bare(one), "select a, 'x -- y' from t");
        assert_eq!(fingerprint(one), fingerprint("select a, 'x -- y' from t"));
        for other in ["select a, 'x  -- y' from t", "select b, 'x -- y' from t", "select a from t"]
        {
            assert_ne!(fingerprint(one), fingerprint(other), "{other}");
        }
        assert_eq!(bare("select 'it''s' -- end"), "select 'it''s'");
        assert_eq!(bare("select 'open"), "select 'open");
        assert_eq!(bare("/* open"), "");
    }

    #[test]
    fn statements_are_counted_outside_of_texts_and_comments() {
        for (sql, count) in [
            ("select 1", 1),
            ("select 1; -- the end;\n;", 1),
            ("select ';', \"a;b\" /* ; */ from t -- ;", 1),
            ("select 'it''s; so'", 1),
            ("select 1; select 2", 2),
            (";;set a = 1;select 2;select 3", 3),
            (" -- nothing\n", 0),
        ] {
            assert_eq!(statements(sql), count, "{sql}");
        }
    }
}

//! What the parser found in a query, kept by the query's text: parsing takes most of a night without
//! news. Only sound queries are remembered, so a fault is told every time; the caller says where the
//! text is kept.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tertial_model::seal::{self, Seal};

/// The engine whose parser it was.
const ENGINE: &str = "v2.0.0";
/// Raised when what is looked for in a query changes.
const RULES: u32 = 1;

/// The tables that queries read, by a hash of the query's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    before: BTreeMap<String, Vec<String>>,
    now: BTreeMap<String, Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    engine: String,
    rules: u32,
    reads: BTreeMap<String, Vec<String>>,
}

impl Remembered {
    /// From the text kept; nothing when another program wrote it or it is damaged.
    pub fn parse(text: &str) -> Remembered {
        let is_sound = seal::check(text.as_bytes()) == Seal::Sound;
        let kept = is_sound.then(|| serde_json::from_str::<Kept>(text).ok()).flatten();
        let kept = kept.filter(|kept| kept.engine == ENGINE && kept.rules == RULES);
        Remembered { before: kept.map(|kept| kept.reads).unwrap_or_default(), ..Self::default() }
    }

    /// The text to keep; none when what was kept before is still the whole of it.
    pub fn text(&self) -> Option<String> {
        if self.before == self.now {
            return None;
        }
        let kept = Kept { engine: ENGINE.to_owned(), rules: RULES, reads: self.now.clone() };
        let document = serde_json::to_string_pretty(&kept).expect("text keys") + "\n";
        String::from_utf8(seal::seal(document.as_bytes())).ok()
    }

    /// Whether it is known what a query reads.
    pub(crate) fn knows(&self, sql: &str) -> bool {
        self.before.contains_key(&key_of(sql))
    }

    /// What a query reads: remembered, or found now and remembered from here on.
    pub(crate) fn reads<E>(
        &mut self,
        sql: &str,
        find: impl FnOnce() -> Result<Vec<String>, E>,
    ) -> Result<Vec<String>, E> {
        let key = key_of(sql);
        let reads = match self.before.get(&key) {
            Some(reads) => reads.clone(),
            None => find()?,
        };
        self.now.insert(key, reads.clone());
        Ok(reads)
    }
}

fn key_of(sql: &str) -> String {
    Sha256::digest(sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    fn found(reads: &str) -> Result<Vec<String>, ()> {
        Ok(vec![reads.to_owned()])
    }

    #[test]
    fn a_query_is_looked_at_once() {
        let mut first = Remembered::default();
        first.reads("select 1", || found("core.a")).unwrap();
        first.reads("select 2", || Err(())).unwrap_err();
        let text = first.text().unwrap();
        let mut second = Remembered::parse(&text);
        let reads = second.reads("select 1", || -> Result<_, ()> { panic!("looked at again") });
        assert_eq!(reads, found("core.a"));
        assert_eq!(second.text(), None, "nothing new");
        // Another text is another query, and one that is gone is forgotten.
        let mut third = Remembered::parse(&text);
        assert_eq!(third.reads("select  1", || found("core.b")), found("core.b"));
        assert!(!third.text().unwrap().contains("core.a"));
    }

    #[test]
    fn what_another_program_kept_or_is_damaged_is_not_believed() {
        let mut first = Remembered::default();
        first.reads("select 1", || found("core.a")).unwrap();
        let text = first.text().unwrap();
        let bare = String::from_utf8(seal::unsealed(text.as_bytes()).unwrap()).unwrap();
        let other = |from: &str, to: &str| {
            String::from_utf8(seal::seal(bare.replace(from, to).as_bytes())).unwrap()
        };
        assert_ne!(Remembered::parse(&other("core.a", "core.b")), Remembered::default());
        for other in [
            other(ENGINE, "v0.0.1"),
            other("\"rules\": ", "\"rules\": 9"),
            text[9..].to_owned(),
            text.replace("core.a", "core.b"),
        ] {
            assert_eq!(Remembered::parse(&other), Remembered::default(), "{other}");
        }
    }

    #[test]
    fn the_engine_is_the_one_it_says() {
        let engine = Engine::in_memory().unwrap();
        assert_eq!(engine.scalar("select version()", &[]).unwrap().as_deref(), Some(ENGINE));
    }
}

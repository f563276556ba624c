//! When to try again, and after how long.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// Calls in all before giving up.
pub(crate) const ATTEMPTS: u32 = 4;

/// The longest pause a server may ask for.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);

/// Pauses that double, each with up to half of itself added.
pub(crate) struct Backoff {
    state: u64,
}

impl Backoff {
    /// From the seed of the run and the name of the file, so that neighbours do not keep step.
    pub(crate) fn new(seed: u64, key: &str) -> Backoff {
        let state = key.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Backoff { state }
    }

    /// The pause after the attempt of that number, from 1: 1–1.5 s, 2–3 s, 4–6 s.
    pub(crate) fn pause(&mut self, attempt: u32) -> Duration {
        let whole = 1000 << (attempt - 1).min(6);
        Duration::from_millis(whole + self.next() % (whole / 2 + 1))
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Whether a status passes by itself.
pub(crate) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// What `Retry-After` asks for, in seconds or as a moment; a moment that has passed is no pause.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = DateTimeParser::new().parse_timestamp(header).ok()?;
    let seconds = moment.as_second() - now.as_second();
    Some(Duration::from_secs(seconds.max(0).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_follow_from_the_seed() {
        let pauses = |seed: u64, key: &str| {
            let mut backoff = Backoff::new(seed, key);
            (1..=3).map(|attempt| backoff.pause(attempt)).collect::<Vec<_>>()
        };
        assert_eq!(pauses(1, "a"), pauses(1, "a"));
        assert_ne!(pauses(1, "a"), pauses(1, "b"));
        assert_ne!(pauses(1, "a"), pauses(2, "a"));
        for seed in 0..200 {
            for (pause, least) in pauses(seed, "a").iter().zip([1000, 2000, 4000]) {
                assert!((least..=least * 3 / 2).contains(&pause.as_millis()), "{pause:?}");
            }
        }
    }

    #[test]
    fn retry_after_in_both_forms() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        assert_eq!(retry_after(" 12 ", now), Some(Duration::from_secs(12)));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(retry_after(date, now), Some(Duration::from_secs(7)));
        let later: Timestamp = "1995-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after(date, later), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-5", now), None);
    }
}

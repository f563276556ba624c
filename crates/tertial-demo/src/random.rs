//! The demo's own random numbers: small, the same on every machine, and in named streams.
//!
//! A stream is named by the seed and a path such as `["ledger", "2024", "03"]`. Streams do not
//! share state, so a new source, or more rows in one month, moves nothing else.
//! The generator is SplitMix64; there are no transcendental functions, whose last bit may differ
//! between machines.

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

/// The odd constant by which SplitMix64 walks: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    /// The stream that `seed` and the names of `path` lead to.
    pub fn stream(seed: u64, path: &[&str]) -> Random {
        let mut state = mix(seed.wrapping_add(STEP));
        for name in path {
            // The length is mixed in so that ["ab", "c"] and ["a", "bc"] are different streams.
            state = mix(state ^ name.len() as u64);
            for byte in name.bytes() {
                state = mix(state.wrapping_add(STEP) ^ u64::from(byte));
            }
        }
        Random { state }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A whole number in `0..end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // Multiply and keep the high half: the bias is below 2^-32 for the sizes used here.
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        debug_assert!(low <= high, "{low} > {high}");
        low + self.below((high - low) as u64 + 1) as i64
    }

    /// A fraction in `0..1`.
    pub fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// A bell-shaped number with mean 0, standard deviation 1 and no value beyond ±6.
    pub fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.fraction()).sum::<f64>() - 6.0
    }

    /// One of `items`, which must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// Puts `items` in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// Splits `total` over `weights` so that the parts sum to it exactly: each part is the difference
/// of two rounded running sums. The weights must not all be zero.
pub fn split(total: i64, weights: &[u64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    assert!(whole > 0, "nothing to split by");
    let (mut running, mut given) = (0i128, 0i64);
    weights
        .iter()
        .map(|&weight| {
            running += i128::from(weight);
            let so_far = (i128::from(total) * running).div_euclid(whole) as i64;
            let part = so_far - given;
            given = so_far;
            part
        })
        .collect()
}

/// SplitMix64's finishing step.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stream_is_known_by_its_name() {
        let first = |path: &[&str]| Random::stream(1, path).bits();
        assert_eq!(first(&["ledger", "2024"]), first(&["ledger", "2024"]));
        assert_ne!(first(&["ledger", "2024"]), first(&["ledger", "2023"]));
        assert_ne!(first(&["ab", "c"]), first(&["a", "bc"]));
        assert_ne!(first(&["a", ""]), first(&["a"]));
    }

    #[test]
    fn the_generator_is_splitmix64() {
        // The reference sequence for state 1234567 of the published algorithm.
        let mut random = Random { state: 1_234_567 };
        let drawn: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        let expected =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn numbers_keep_within_their_bounds_and_spread() {
        let mut random = Random::stream(7, &["test"]);
        let mut seen = [0u32; 6];
        for _ in 0..6_000 {
            seen[(random.between(-2, 3) + 2) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1150).contains(&count)), "{seen:?}");
        let mean = (0..10_000).map(|_| random.bell()).sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.05, "{mean}");
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        Random::stream(7, &["shuffle"]).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(total in -1_000_000_000_000i64..1_000_000_000_000,
                                  weights in prop::collection::vec(0u64..1_000, 1..50)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let parts = split(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let whole: u64 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let fair = total as f64 * *weight as f64 / whole as f64;
                prop_assert!((*part as f64 - fair).abs() <= 1.001);
            }
        }
    }
}

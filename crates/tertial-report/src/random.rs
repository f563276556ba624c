//! Numbers and texts without order, the same in every run, for tests of properties.

/// A small generator (xorshift), seeded by hand.
pub struct Random(u64);

impl Random {
    /// A generator with that seed.
    pub fn new(seed: u64) -> Random {
        Random(seed.max(1))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number between 0 and 1.
    pub fn share(&mut self) -> f64 {
        (self.next() % 1_000_000) as f64 / 1_000_000.0
    }

    /// A text of up to 60 letters, rich in marks that mean something to somebody.
    pub fn text(&mut self) -> String {
        const MARKS: &str =
            "abc åäö <>&\"'{}[]()#$@\\*_`=\n\t\r\u{0}\u{1f}%½☃\u{10348}\u{a0}−–0123.-";
        let marks: Vec<char> = MARKS.chars().collect();
        let length = self.next() % 60;
        (0..length).map(|_| marks[self.next() as usize % marks.len()]).collect()
    }
}

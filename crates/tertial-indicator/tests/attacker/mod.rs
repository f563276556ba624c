//! A reader who wants to know what is hidden, and has a solver.
//!
//! He knows every sum, the size of every group to the unit (more than is published), and of every
//! shown ratio that it is printed rightly. Of what is hidden he knows what is possible. For a cell he
//! finds the lowest and the highest value that agree with all of it at once: two linear programs over
//! everything that hangs together. It shares no code with the disclosure control.

#![allow(dead_code)]

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome};
use std::collections::{BTreeMap, BTreeSet};

/// A number that the reader knows within bounds.
#[derive(Debug, Clone)]
pub struct Number {
    /// What it is, for messages.
    pub label: String,
    /// What it truly is; used to keep the programs small in numbers, never to answer.
    pub truth: f64,
    /// The bounds.
    pub low: f64,
    /// The bounds.
    pub high: f64,
}

/// What is to stay unknown: numbers, or their sum.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The numbers that are added.
    pub numbers: Vec<usize>,
    /// How far apart the lowest and the highest must be at least.
    pub width: f64,
}

/// All that the reader knows.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Numbers.
    pub numbers: Vec<Number>,
    /// A whole and its parts.
    pub sums: Vec<(usize, Vec<usize>)>,
    /// What he is after.
    pub secrets: Vec<Secret>,
}

/// How close the reader comes.
#[derive(Debug)]
pub struct Answer {
    /// Lowest value.
    pub low: f64,
    /// Highest value.
    pub high: f64,
}

impl Knowledge {
    /// Adds a number.
    pub fn number(&mut self, label: String, truth: f64, low: f64, high: f64) -> usize {
        assert!(low <= truth + 1e-6 && truth <= high + 1e-6, "{label}: {low} {truth} {high}");
        self.numbers.push(Number { label, truth, low: low.min(truth), high: high.max(truth) });
        self.numbers.len() - 1
    }

    /// The secrets that he knows closer than they may be known, in words.
    pub fn recovered(&self) -> Vec<String> {
        let groups = self.groups();
        let told = |secret: &Secret| {
            let of = groups[secret.numbers[0]];
            let answer = self.bounds(secret, &groups, of);
            let labels: Vec<&str> =
                secret.numbers.iter().map(|at| self.numbers[*at].label.as_str()).collect();
            let truth: f64 = secret.numbers.iter().map(|at| self.numbers[*at].truth).sum();
            (answer.high - answer.low < secret.width * (1.0 - 1e-6)).then(|| {
                format!(
                    "{} is {truth}: {} to {} (should be {} apart)",
                    labels.join(" + "),
                    answer.low,
                    answer.high,
                    secret.width
                )
            })
        };
        self.secrets.iter().filter_map(told).collect()
    }

    /// Lowest and highest value of a secret.
    fn bounds(&self, secret: &Secret, groups: &[usize], of: usize) -> Answer {
        let truth: f64 = secret.numbers.iter().map(|at| self.numbers[*at].truth).sum();
        let far = |direction| self.extreme(secret, groups, of, direction);
        let high = far(OptimizationDirection::Maximize);
        // Far enough to one side is far enough.
        let low = if high >= secret.width { 0.0 } else { far(OptimizationDirection::Minimize) };
        Answer { low: truth + low, high: truth + high }
    }

    /// How far from the truth a secret can lie. Numbers are changes, in units of the width asked for.
    fn extreme(
        &self,
        secret: &Secret,
        groups: &[usize],
        of: usize,
        direction: OptimizationDirection,
    ) -> f64 {
        let unit = secret.width.max(1e-9);
        let mut problem = Problem::new(direction);
        let mut variables = BTreeMap::new();
        for (at, number) in self.numbers.iter().enumerate() {
            if groups[at] == of && number.high - number.low > 0.0 {
                let aim = if secret.numbers.contains(&at) { 1.0 } else { 0.0 };
                let bound = |value: f64| ((value - number.truth) / unit).clamp(-1e6, 1e6);
                let variable = problem.add_var(aim, (bound(number.low), bound(number.high)));
                variables.insert(at, variable);
            }
        }
        for (whole, parts) in &self.sums {
            let parts = parts.iter().map(|part| (part, 1.0));
            let row: Vec<(microlp::Variable, f64)> = parts
                .chain([(whole, -1.0)])
                .filter_map(|(at, sign)| Some((*variables.get(at)?, sign)))
                .collect();
            if !row.is_empty() {
                problem.add_constraint(row.as_slice(), ComparisonOp::Eq, 0.0);
            }
        }
        match problem.solve() {
            Ok(SolveOutcome::Solution(solution)) => solution.objective() * unit,
            Ok(SolveOutcome::Interrupted(_)) => panic!("no limit was set"),
            Err(microlp::Error::Unbounded) => match direction {
                OptimizationDirection::Minimize => f64::NEG_INFINITY,
                OptimizationDirection::Maximize => f64::INFINITY,
            },
            Err(error) => panic!("{}: {error}", self.numbers[secret.numbers[0]].label),
        }
    }

    /// Numbers that hang together through sums; what is known exactly ties nothing.
    fn groups(&self) -> Vec<usize> {
        let mut of: Vec<usize> = (0..self.numbers.len()).collect();
        fn top(of: &mut [usize], mut at: usize) -> usize {
            while of[at] != at {
                of[at] = of[of[at]];
                at = of[at];
            }
            at
        }
        for (whole, parts) in &self.sums {
            let open: Vec<usize> = parts
                .iter()
                .chain([whole])
                .copied()
                .filter(|at| self.numbers[*at].high - self.numbers[*at].low > 0.0)
                .collect();
            for pair in open.windows(2) {
                let (one, other) = (top(&mut of, pair[0]), top(&mut of, pair[1]));
                of[one.max(other)] = one.min(other);
            }
        }
        (0..of.len()).map(|at| top(&mut of, at)).collect()
    }

    /// Keeps one secret of so many, beginning with the one at `first`.
    pub fn keep_every(&mut self, step: usize, first: usize) {
        let mut at = first;
        self.secrets.retain(|_| {
            at += 1;
            at.is_multiple_of(step)
        });
    }

    /// The secrets among [`Knowledge::determined`].
    pub fn determined_secrets(&self) -> Vec<String> {
        let secrets: BTreeSet<&str> = self
            .secrets
            .iter()
            .filter(|secret| secret.numbers.len() == 1)
            .map(|secret| self.numbers[secret.numbers[0]].label.as_str())
            .collect();
        let mut told = self.determined();
        told.retain(|label| secrets.contains(label.as_str()));
        told
    }

    /// Numbers that elimination alone tells exactly: those of which all others in some combination of
    /// sums are known. Weaker than [`Knowledge::recovered`] and right over any number of cells.
    pub fn determined(&self) -> Vec<String> {
        const PRIME: i64 = 1_000_003;
        let open: Vec<usize> = (0..self.numbers.len())
            .filter(|at| self.numbers[*at].high - self.numbers[*at].low > 0.0)
            .collect();
        let column: BTreeMap<usize, usize> =
            open.iter().enumerate().map(|(column, at)| (*at, column)).collect();
        let mut rows: Vec<BTreeMap<usize, i64>> = Vec::new();
        for (whole, parts) in &self.sums {
            let mut row: BTreeMap<usize, i64> = BTreeMap::new();
            let parts = parts.iter().map(|part| (part, 1));
            for (at, sign) in parts.chain([(whole, PRIME - 1)]) {
                if let Some(column) = column.get(at) {
                    *row.entry(*column).or_default() += sign;
                }
            }
            rows.push(row);
        }
        let mut done: Vec<(usize, BTreeMap<usize, i64>)> = Vec::new();
        while let Some(mut row) = rows.pop() {
            row.retain(|_, value| {
                *value %= PRIME;
                *value != 0
            });
            let Some((&lead, &value)) = row.iter().next() else { continue };
            let inverse = power(value, PRIME - 2, PRIME);
            row.values_mut().for_each(|value| *value = *value * inverse % PRIME);
            for other in rows.iter_mut().chain(done.iter_mut().map(|(_, row)| row)) {
                let Some(times) = other.get(&lead).copied() else { continue };
                for (column, by) in &row {
                    let value = other.entry(*column).or_default();
                    *value = (*value + (PRIME - times) * by) % PRIME;
                }
                other.retain(|_, value| *value != 0);
            }
            done.push((lead, row));
        }
        let alone: BTreeSet<usize> =
            done.iter().filter(|(_, row)| row.len() == 1).map(|(lead, _)| open[*lead]).collect();
        alone.into_iter().map(|at| self.numbers[at].label.clone()).collect()
    }
}

fn power(base: i64, mut exponent: i64, prime: i64) -> i64 {
    let (mut result, mut base) = (1, base);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % prime;
        }
        base = base * base % prime;
        exponent /= 2;
    }
    result
}

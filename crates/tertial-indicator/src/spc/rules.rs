//! The four rules by which a point is more than noise, as plain functions over values.

use super::Limits;

/// Why a point is marked: the first rule that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// None of the rules.
    Common,
    /// Strictly above the upper limit.
    AboveUpper,
    /// Strictly below the lower limit.
    BelowLower,
    /// Part of seven points that rise.
    TrendUp,
    /// Part of seven points that fall.
    TrendDown,
    /// Near the upper limit, one of two among three above the mean.
    TwoOfThreeAbove,
    /// Near the lower limit, one of two among three below the mean.
    TwoOfThreeBelow,
    /// Part of seven points above the mean.
    ShiftAbove,
    /// Part of seven points below the mean.
    ShiftBelow,
}

impl Cause {
    /// Which way the change goes: a rising trend goes up even below the mean.
    pub fn goes_up(self) -> Option<bool> {
        match self {
            Cause::Common => None,
            Cause::AboveUpper | Cause::TrendUp | Cause::TwoOfThreeAbove | Cause::ShiftAbove => {
                Some(true)
            }
            Cause::BelowLower | Cause::TrendDown | Cause::TwoOfThreeBelow | Cause::ShiftBelow => {
                Some(false)
            }
        }
    }

    /// In Swedish.
    pub fn words(self) -> &'static str {
        match self {
            Cause::Common => "inom det vanliga",
            Cause::AboveUpper => "över övre gränsen",
            Cause::BelowLower => "under nedre gränsen",
            Cause::TrendUp => "sju punkter i stigande följd",
            Cause::TrendDown => "sju punkter i fallande följd",
            Cause::TwoOfThreeAbove => "två av tre nära övre gränsen",
            Cause::TwoOfThreeBelow => "två av tre nära nedre gränsen",
            Cause::ShiftAbove => "sju punkter över medelvärdet",
            Cause::ShiftBelow => "sju punkter under medelvärdet",
        }
    }
}

/// The cause of every point of one level.
pub fn causes(
    values: &[f64],
    limits: &Limits,
    trend_points: usize,
    shift_points: usize,
) -> Vec<Cause> {
    let sides: Vec<i8> = values.iter().map(|value| sign(value - limits.mean)).collect();
    let outside = |value: f64| i8::from(value > limits.upper) - i8::from(value < limits.lower);
    let near: Vec<i8> = values
        .iter()
        .map(|value| match outside(*value) {
            0 => i8::from(*value > limits.near_upper) - i8::from(*value < limits.near_lower),
            _ => 0,
        })
        .collect();
    let trends = mark_back(&trend_ends(values, trend_points), trend_points);
    let shifts = mark_back(&shift_ends(&sides, shift_points), shift_points);
    let pairs = two_of_three(&near, &sides);
    let cause = |i: usize| match (outside(values[i]), trends[i], pairs[i], shifts[i]) {
        (1, ..) => Cause::AboveUpper,
        (-1, ..) => Cause::BelowLower,
        (_, 1, ..) => Cause::TrendUp,
        (_, -1, ..) => Cause::TrendDown,
        (_, _, true, _) if sides[i] > 0 => Cause::TwoOfThreeAbove,
        (_, _, true, _) => Cause::TwoOfThreeBelow,
        (.., 1) => Cause::ShiftAbove,
        (.., -1) => Cause::ShiftBelow,
        _ => Cause::Common,
    };
    (0..values.len()).map(cause).collect()
}

fn sign(value: f64) -> i8 {
    i8::from(value > 0.0) - i8::from(value < 0.0)
}

/// 1 or −1 where the last `points` points all lie on that side; a point on the mean breaks it.
pub fn shift_ends(sides: &[i8], points: usize) -> Vec<i8> {
    run_ends(sides, points)
}

/// 1 or −1 where `points` points end that all rise or all fall; a tie breaks it.
pub fn trend_ends(values: &[f64], points: usize) -> Vec<i8> {
    let steps: Vec<i8> = values.windows(2).map(|pair| sign(pair[1] - pair[0])).collect();
    let mut ends = vec![0; values.len().min(1)];
    ends.extend(run_ends(&steps, points.saturating_sub(1)));
    ends
}

fn run_ends(signs: &[i8], length: usize) -> Vec<i8> {
    let mut run = 0usize;
    let mut before = 0;
    let ends = signs.iter().map(|sign| {
        run = if *sign == before { run + 1 } else { 1 };
        before = *sign;
        if *sign != 0 && run >= length { *sign } else { 0 }
    });
    ends.collect()
}

/// Spreads each end backwards over its `points` points. Where two runs share a point (the top of a
/// rise that becomes a fall) the later one has it, because it is the news.
pub fn mark_back(ends: &[i8], points: usize) -> Vec<i8> {
    let mut marks = vec![0; ends.len()];
    for (end, mark) in ends.iter().enumerate().filter(|(_, mark)| **mark != 0) {
        for place in &mut marks[(end + 1).saturating_sub(points)..=end] {
            *place = *mark;
        }
    }
    marks
}

/// Marks the near points where at least two of three neighbours are near and all three lie on one
/// side of the mean. Points outside a limit do not count as near.
pub fn two_of_three(near: &[i8], sides: &[i8]) -> Vec<bool> {
    let mut marks = vec![false; near.len()];
    for start in 0..near.len().saturating_sub(2) {
        let three = start..start + 3;
        let side = sides[start];
        let is_one_side = side != 0 && sides[three.clone()].iter().all(|other| *other == side);
        let is_near = |i: &usize| near[*i] == side;
        if is_one_side && three.clone().filter(is_near).count() >= 2 {
            three.filter(is_near).for_each(|i| marks[i] = true);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::spc;

    fn list(text: &str) -> Vec<i8> {
        text.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn rules_agree_with_the_reference_cases() {
        let Some(rows) = spc("rule_cases") else { return };
        for row in rows {
            let input = list(&row["input"]);
            let expected = list(&row["expected"]);
            let values: Vec<f64> = input.iter().map(|v| f64::from(*v)).collect();
            let found = match row["rule"].as_str() {
                // The reference's flag has no sign here.
                "shift_end" => shift_ends(&input, 7).iter().map(|mark| mark.abs()).collect(),
                "trend_end" => trend_ends(&values, 7),
                "mark_seven" => mark_back(&input, 7).iter().map(|mark| mark.abs()).collect(),
                "two_of_three" => two_of_three(&input, &list(&row["sign_to_mean"]))
                    .into_iter()
                    .map(i8::from)
                    .collect(),
                rule => panic!("unknown rule {rule}"),
            };
            assert_eq!(found, expected, "{}", row["case"]);
        }
    }

    #[test]
    fn ties_and_points_on_the_mean_break_runs() {
        assert_eq!(trend_ends(&[1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 6.0], 4), [0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(shift_ends(&[1, 1, 0, 1, 1, 1], 3), [0, 0, 0, 0, 0, 1]);
        assert_eq!(trend_ends(&[], 7), Vec::<i8>::new());
        assert_eq!(two_of_three(&[1, 1], &[1, 1]), [false, false]);
    }

    #[test]
    fn the_later_run_has_the_shared_point() {
        let ends = trend_ends(&[1.0, 2.0, 3.0, 2.0, 1.0], 3);
        assert_eq!(ends, [0, 0, 1, 0, -1]);
        assert_eq!(mark_back(&ends, 3), [1, 1, -1, -1, -1]);
    }
}

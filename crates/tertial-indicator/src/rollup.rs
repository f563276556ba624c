//! *Sammanvägd status*: one status for a goal area out of many.
//!
//! Rule `sammanvagd-1`. Only what is assessed counts (status 0–2), each with its stated weight.
//! Nothing assessed: *data saknas*. All met: *helt*. More than half of the weight not met: *ej*.
//! Otherwise: *delvis*.

use tertial_model::Status;

/// Name of the rule, version included.
pub const RULE: &str = "sammanvagd-1";

/// One part of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its status.
    pub status: Status,
    /// Its weight; 0 leaves it out.
    pub weight: u32,
}

impl Part {
    /// A part that weighs as much as any other.
    pub fn equal(status: Status) -> Part {
        Part { status, weight: 1 }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUp {
    /// The status of the whole.
    pub status: Status,
    /// How many parts have status 0, 1, 2 and 3.
    pub counts: [u32; 4],
    /// Weight of the parts with status 0, 1, 2 and 3.
    pub weights: [u64; 4],
    /// Rule, counts and weights in Swedish.
    pub reason: String,
}

/// Rolls parts up.
pub fn roll_up(parts: &[Part]) -> RollUp {
    let (mut counts, mut weights) = ([0u32; 4], [0u64; 4]);
    for part in parts {
        let place = usize::from(part.status.number());
        counts[place] += 1;
        weights[place] += u64::from(part.weight);
    }
    let assessed = weights[0] + weights[1] + weights[2];
    let status = if assessed == 0 {
        Status::NoData
    } else if weights[0] == assessed {
        Status::Met
    } else if weights[2] * 2 > assessed {
        Status::NotMet
    } else {
        Status::Partly
    };
    let words = ["helt", "delvis", "ej", "utan data"];
    let list = |numbers: [String; 4]| {
        let pairs = numbers.iter().zip(words).map(|(number, word)| format!("{number} {word}"));
        pairs.collect::<Vec<_>>().join(", ")
    };
    let is_equal = parts.iter().all(|part| part.weight == 1);
    let basis = if is_equal {
        format!("{}, lika vikt", list(counts.map(|n| n.to_string())))
    } else {
        format!(
            "{}; vikt {}",
            list(counts.map(|n| n.to_string())),
            list(weights.map(|n| n.to_string()))
        )
    };
    let reason = format!("{}: {basis}; regel {RULE}", status.word());
    RollUp { status, counts, weights, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(counts: [usize; 4]) -> RollUp {
        let parts: Vec<Part> = counts
            .iter()
            .enumerate()
            .flat_map(|(status, count)| {
                let status = Status::from_number(status as u8).unwrap();
                std::iter::repeat_n(Part::equal(status), *count)
            })
            .collect();
        roll_up(&parts)
    }

    #[test]
    fn the_reports_goal_areas() {
        assert_eq!(of([0, 8, 0, 0]).status, Status::Partly);
        assert_eq!(of([1, 0, 0, 0]).status, Status::Met);
        assert_eq!(of([3, 13, 4, 2]).status, Status::Partly);
        assert_eq!(of([5, 12, 5, 2]).status, Status::Partly);
        assert_eq!(of([9, 39, 9, 4]).status, Status::Partly);
    }

    #[test]
    fn half_is_not_more_than_half() {
        assert_eq!(of([1, 1, 2, 0]).status, Status::Partly);
        assert_eq!(of([1, 1, 3, 0]).status, Status::NotMet);
        assert_eq!(of([2, 0, 0, 9]).status, Status::Met);
        assert_eq!(of([0, 0, 0, 4]).status, Status::NoData);
        assert_eq!(of([0, 0, 0, 0]).status, Status::NoData);
    }

    #[test]
    fn weights_count_and_are_said() {
        let parts = [
            Part { status: Status::Met, weight: 1 },
            Part { status: Status::NotMet, weight: 3 },
            Part { status: Status::NoData, weight: 5 },
        ];
        let whole = roll_up(&parts);
        assert_eq!(whole.status, Status::NotMet);
        assert_eq!(
            whole.reason,
            "Ej uppnått: 1 helt, 0 delvis, 1 ej, 1 utan data; vikt 1 helt, 0 delvis, 3 ej, 5 utan \
             data; regel sammanvagd-1"
        );
        assert_eq!(
            of([1, 1, 0, 0]).reason,
            "Delvis uppnått: 1 helt, 1 delvis, 0 ej, 0 utan data, lika vikt; regel sammanvagd-1"
        );
    }
}

//! Findings that somebody has looked at and answers for, until a day.

/// A row of `seeds/known_findings.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The audit, without its layer: `claims__agree_with_status`.
    pub audit: String,
    /// What a finding must hold, as `name=value` pairs in the words of the audit; empty for any.
    pub finding: String,
    /// How many findings it answers for.
    pub at_most: u64,
    /// Why nothing is done about them.
    pub reason: String,
    /// The role that decided so.
    pub acknowledged_by: String,
    /// The day it was decided, `2024-09-13`.
    pub decided_on: String,
    /// The first day it no longer holds.
    pub expires_on: String,
    /// Line in the file.
    pub line: u64,
}

impl Acknowledgement {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: &str) -> bool {
        self.decided_on.as_str() <= day && day < self.expires_on.as_str()
    }

    /// How many columns of a finding it names; the more, the narrower it is.
    pub fn breadth(&self, columns: &[String]) -> usize {
        self.pairs(columns).len()
    }

    /// Whether a finding, as the values of an audit's columns, is one it was written for.
    pub fn is_about(&self, columns: &[String], values: &[Option<String>]) -> bool {
        self.pairs(columns).iter().all(|(name, wanted)| {
            let at = columns.iter().position(|column| column == name);
            at.and_then(|at| values.get(at)?.as_deref()) == Some(wanted)
        })
    }

    /// The pairs of the text. A value may hold commas and signs of equality: a pair begins only with
    /// the name of a column. What begins with none is a pair that no finding has.
    fn pairs<'a>(&'a self, columns: &'a [String]) -> Vec<(&'a str, &'a str)> {
        const BETWEEN: &str = ", ";
        let mut starts: Vec<(usize, &str)> = Vec::new();
        for column in columns {
            let start = format!("{column}=");
            for (at, _) in self.finding.match_indices(&start) {
                if at == 0 || self.finding[..at].ends_with(BETWEEN) {
                    starts.push((at, column));
                }
            }
        }
        starts.sort_unstable();
        if starts.first().is_none_or(|(at, _)| *at > 0) && !self.finding.is_empty() {
            return vec![("", &self.finding)];
        }
        let ends = starts.iter().skip(1).map(|(at, _)| at - BETWEEN.len());
        let ends: Vec<usize> = ends.chain([self.finding.len()]).collect();
        let pair = |((at, name), end): (&(usize, &'a str), usize)| {
            (*name, &self.finding[at + name.len() + 1..end])
        };
        starts.iter().zip(ends).map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acknowledgement(finding: &str) -> Acknowledgement {
        Acknowledgement {
            audit: "a__b".to_owned(),
            finding: finding.to_owned(),
            at_most: 1,
            reason: "Tryckt så.".to_owned(),
            acknowledged_by: "Analyschef".to_owned(),
            decided_on: "2024-09-13".to_owned(),
            expires_on: "2025-07-01".to_owned(),
            line: 2,
        }
    }

    fn is_about(finding: &str, values: [&str; 3]) -> bool {
        let columns = ["unit_id", "text", "unit"].map(str::to_owned);
        let values = values.map(|value| Some(value.to_owned()).filter(|value| !value.is_empty()));
        acknowledgement(finding).is_about(&columns, &values)
    }

    #[test]
    fn a_finding_is_known_by_the_columns_that_are_named() {
        assert!(is_about("", ["RS", "a", "%"]));
        assert!(is_about("unit_id=RS", ["RS", "a", "%"]));
        assert!(is_about("text=a, unit=%", ["RS", "a", "%"]));
        assert!(!is_about("unit_id=RS, unit=kr", ["RS", "a", "%"]));
        assert!(!is_about("unit_id=RS", ["", "a", "%"]));
    }

    #[test]
    fn values_may_hold_commas_and_what_names_no_column_is_about_nothing() {
        assert!(is_about("text=a, b=c, unit=%", ["RS", "a, b=c", "%"]));
        assert!(!is_about("level=RS", ["RS", "a", "%"]));
        assert!(!is_about("RS", ["RS", "a", "%"]));
    }

    #[test]
    fn it_holds_from_its_day_until_the_day_before_it_expires() {
        let days = ["2024-09-12", "2024-09-13", "2025-06-30", "2025-07-01"];
        let holds = days.map(|day| acknowledgement("").holds_on(day));
        assert_eq!(holds, [false, true, true, false]);
    }
}

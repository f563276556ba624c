//! `seeds/known_findings.csv`: findings of audits that are known, why nothing is done about them, who
//! decided so, and until when.

use crate::csv_table;
use jiff::civil::Date;
use tertial_model::{Acknowledgement, Code, Diagnostic, Faults, similar};

/// The file.
pub const FILE: &str = "seeds/known_findings.csv";

/// Its columns.
const COLUMNS: [&str; 7] =
    ["audit", "finding", "at_most", "reason", "acknowledged_by", "decided_on", "expires_on"];

/// An audit that may be named, and whether it only warns.
#[derive(Debug, Clone, Copy)]
pub struct Nameable<'a> {
    /// Without its layer.
    pub name: &'a str,
    /// An audit that stops a release cannot be acknowledged.
    pub warns: bool,
}

/// Reads the file; every row that is not whole, or names no audit that may be acknowledged, is a fault.
pub fn parse(text: &str, audits: &[Nameable]) -> Result<Vec<Acknowledgement>, Faults> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for row in csv_table::rows(FILE, text, COLUMNS)? {
        let line = row.line;
        let [audit, finding, at_most, reason, acknowledged_by, decided_on, expires_on] = row.cells;
        let fault = |message: &str| {
            csv_table::fault(Code::InvalidReferenceTable, message, FILE, text, line)
                .with_effect("nothing is acknowledged")
        };
        match audits.iter().find(|known| known.name == audit) {
            Some(known) if known.warns => {}
            Some(_) => faults.push(
                fault("an audit that stops the release cannot be acknowledged")
                    .with_found(format!("`{audit}`"))
                    .with_expected("an audit with `-- severity: warn`"),
            ),
            None => {
                let names = audits.iter().filter(|known| known.warns).map(|known| known.name);
                let near = similar::question(&similar::nearest(&audit, names, 2));
                let told = fault("a known finding names an audit that is not there")
                    .with_found(format!("`{audit}`"))
                    .with_expected("an audit in `sql/audits/`, without `.sql`");
                faults.push(near.into_iter().fold(told, Diagnostic::with_hint));
            }
        }
        for (name, cell) in [("reason", &reason), ("acknowledged_by", &acknowledged_by)] {
            if cell.is_empty() {
                let message = format!("a known finding does not say its `{name}`");
                faults.push(fault(&message).with_expected("a text"));
            }
        }
        for (name, cell) in [("decided_on", &decided_on), ("expires_on", &expires_on)] {
            if cell.parse::<Date>().is_err() {
                let message = format!("the `{name}` of a known finding is not a date");
                let told = fault(&message).with_found(format!("`{cell}`"));
                faults.push(told.with_expected("a day as `2025-06-30`"));
            }
        }
        let count = at_most.parse().ok().filter(|&count: &u64| count > 0);
        if count.is_none() {
            let told = fault("`at_most` of a known finding is not a number of findings");
            faults.push(
                told.with_found(format!("`{at_most}`"))
                    .with_expected("how many findings are known, at least 1"),
            );
        }
        found.push(Acknowledgement {
            audit,
            finding,
            at_most: count.unwrap_or(0),
            reason,
            acknowledged_by,
            decided_on,
            expires_on,
            line,
        });
    }
    if faults.is_empty() { Ok(found) } else { Err(faults.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUDITS: [Nameable; 2] = [
        Nameable { name: "claims__agree_with_status", warns: true },
        Nameable { name: "ledger__vouchers_sum_to_zero", warns: false },
    ];

    fn told(rows: &str) -> Vec<String> {
        let text = format!("{}\n{rows}", COLUMNS.join(","));
        match parse(&text, &AUDITS) {
            Ok(found) => found.iter().map(|row| format!("{} {}", row.audit, row.at_most)).collect(),
            Err(faults) => faults.iter().map(|fault| fault.message.clone()).collect(),
        }
    }

    #[test]
    fn a_whole_row_is_read_and_no_file_knows_nothing() {
        let row =
            "claims__agree_with_status,\"a=1, b=2\",3,Tryckt så.,Analyschef,2024-09-13,2025-07-01";
        assert_eq!(told(row), ["claims__agree_with_status 3"]);
        assert_eq!(parse("", &AUDITS).unwrap(), []);
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_at_once() {
        let row = "claims__agree_with_statu,,0,,Analyschef,2024-09-13,nästa år";
        assert_eq!(
            told(row),
            [
                "a known finding names an audit that is not there",
                "a known finding does not say its `reason`",
                "the `expires_on` of a known finding is not a date",
                "`at_most` of a known finding is not a number of findings",
            ]
        );
        let row = "ledger__vouchers_sum_to_zero,,1,Så är det.,Analyschef,2024-09-13,2025-07-01";
        assert_eq!(told(row), ["an audit that stops the release cannot be acknowledged"]);
    }
}

//! What is known of a SIE file at its end: facts, findings and comparisons.

use super::super::totals::decimal;
use super::{FACTS, Records, Sum};
use tertial_model::{Code, Decimal, Diagnostic, Location, ReadSummary, Reconciliation};

impl Records {
    /// Facts, findings and comparisons.
    pub fn summarise(self, summary: &mut ReadSummary) {
        let kind = self.kind();
        self.tell_facts(kind, summary);
        if kind != Some("4I") {
            self.tell_year(summary);
        }
        if self.counts.unnumbered > 0 {
            summary.decisions.push(format!(
                "{} of {} vouchers have no number: `number` holds `utan nr`, their day and a sign of what they hold",
                self.counts.unnumbered, self.counts.vouchers
            ));
        }
        let undeclared = self.totals.undeclared();
        if self.counts.accounts > 0 && !undeclared.is_empty() {
            summary.diagnostics.push(undeclared_fault(&self.file, &undeclared));
        }
        let year = self.year_balance();
        summary.diagnostics.extend(self.diagnostics);
        if let Sum::Closed { line, written, computed } = &self.checksum {
            tell_checksum(&self.file, *line, written, *computed, summary);
        }
        if self.unbalanced.is_empty() && self.counts.vouchers > 0 {
            summary.reconciliations.push(Reconciliation {
                claim: "voucher_balance".to_owned(),
                subject: format!("samtliga {} verifikationer", self.counts.vouchers),
                expected: Decimal::ZERO,
                found: Decimal::ZERO,
                line: 0,
            });
        }
        summary.reconciliations.extend(self.unbalanced);
        let balances = self.counts.opening.0 + self.counts.closing.0 + self.counts.result.0;
        if kind == Some("4E") && self.totals.has_entries && balances > 0 {
            summary.reconciliations.extend(self.totals.reconcile_entries(self.limit));
        }
        if self.counts.months > 0 && balances > 0 {
            summary.reconciliations.extend(self.totals.reconcile_months(self.limit));
        }
        if self.counts.closing.0 > 0 && self.counts.result.0 > 0 {
            summary.reconciliations.push(year);
        }
    }

    /// What the balances grew by is what the year brought: ΣUB − ΣIB = −ΣRES.
    fn year_balance(&self) -> Reconciliation {
        Reconciliation {
            claim: "closing_minus_opening_is_result".to_owned(),
            subject: "räkenskapsåret".to_owned(),
            expected: decimal(-self.counts.result.1),
            found: decimal(self.counts.closing.1 - self.counts.opening.1),
            line: 0,
        }
    }

    /// Export or import, for type 4: by what the file holds, then by its ending.
    fn kind(&self) -> Option<&'static str> {
        if self.facts.get("sietyp").map(String::as_str) != Some("4") {
            return None;
        }
        let ends = self.counts.closing.0 + self.counts.result.0 > 0;
        let export = ends || self.counts.opening.0 > 0 && !self.ending_is_import;
        Some(if export { "4E" } else { "4I" })
    }

    fn tell_facts(&self, kind: Option<&str>, summary: &mut ReadSummary) {
        let mut fact = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                summary.facts.push((name.to_owned(), value));
            }
        };
        let sie_type = self.facts.get("sietyp").cloned().unwrap_or_else(|| "1".to_owned());
        fact("sietyp", Some(sie_type));
        fact("kind", kind.map(str::to_owned));
        for (_, name) in FACTS {
            fact(name, self.facts.get(name).filter(|_| name != "sietyp").cloned());
        }
        fact("year", self.years.get("0").map(|(first, last)| format!("{first}–{last}")));
        let counts = &self.counts;
        let numbers = [
            ("accounts", counts.accounts),
            ("dimensions", counts.dimensions),
            ("objects", counts.objects),
            ("ib_rows", counts.opening.0),
            ("ub_rows", counts.closing.0),
            ("res_rows", counts.result.0),
            ("psaldo_rows", counts.months),
            ("pbudget_rows", counts.budgets),
            ("vouchers", counts.vouchers),
            ("transactions", counts.entries),
            ("added_rows", counts.added),
            ("removed_rows", counts.removed),
            ("unreadable_amounts", counts.unreadable),
            ("unbalanced_vouchers", counts.unbalanced),
            ("unread_lines", counts.faults),
        ];
        for (name, count) in numbers {
            fact(name, Some(count.to_string()));
        }
        let sums =
            [("ib_sum", counts.opening), ("ub_sum", counts.closing), ("res_sum", counts.result)];
        for (name, (rows, sum)) in sums {
            fact(name, (rows > 0).then(|| decimal(sum).to_string()));
        }
    }

    /// A region's fiscal year is the calendar year.
    fn tell_year(&self, summary: &mut ReadSummary) {
        let Some((first, last)) = self.years.get("0") else { return };
        let calendar = first.len() == 8
            && first.ends_with("0101")
            && last.ends_with("1231")
            && first.get(..4) == last.get(..4);
        if calendar || first.is_empty() {
            return;
        }
        let location = Location::file(&self.file);
        let fault = Diagnostic::warning(
            Code::WrongFormat,
            "the fiscal year is not a calendar year",
            location,
        )
        .with_found(format!("`{first}`–`{last}`"))
        .with_expected("1 January to 31 December of one year")
        .with_hint("check that the file is the region's own ledger");
        summary.diagnostics.push(fault);
    }
}

fn undeclared_fault(file: &str, accounts: &[&str]) -> Diagnostic {
    let shown: Vec<String> = accounts.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = accounts.len().saturating_sub(5);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = "accounts are used that the file does not declare";
    Diagnostic::warning(Code::UnknownReference, message, Location::file(file))
        .with_found(format!("{}{tail}", shown.join(", ")))
        .with_expected("a `#KONTO` record for each account")
}

fn tell_checksum(file: &str, line: u64, written: &str, computed: u32, summary: &mut ReadSummary) {
    let expected = written.parse().ok().map(|value: u32| Decimal::whole(value.into()));
    let found = Decimal::whole(computed.into());
    if expected != Some(found) {
        let location = Location::text(file, line, 1);
        let fault =
            Diagnostic::warning(Code::ChecksumMismatch, "the checksum does not agree", location)
                .with_found(format!("`{written}` in `#KSUMMA`"))
                .with_expected(format!("`{computed}`, computed from the records"))
                .with_hint(
                    "the file was changed after it was written, or its program sums wrongly",
                );
        summary.diagnostics.push(fault);
    }
    if let Some(expected) = expected {
        summary.reconciliations.push(Reconciliation {
            claim: "checksum".to_owned(),
            subject: "KSUMMA".to_owned(),
            expected,
            found,
            line,
        });
    }
}

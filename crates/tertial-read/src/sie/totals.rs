//! What a SIE file must agree with itself about: vouchers, and balances against entries.

use std::collections::HashMap;
use tertial_model::{Decimal, Reconciliation};

/// Decimals kept of an amount; the format allows two, some programs write more.
const SCALE: u8 = 6;

/// An exact amount in millionths.
pub type Micro = i128;

/// Reads an amount in the format's form: a dot, a leading minus, no plus, no thousands mark.
#[inline]
pub fn parse_amount(text: &str) -> Option<Micro> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.len() > 18 {
        let value = Decimal::parse(text).filter(|value| value.scale() <= SCALE)?;
        return value.rescale(SCALE).map(Decimal::units);
    }
    let mut value: u64 = 0;
    let mut point = None;
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() && index > 0 => point = Some(index),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |point| digits.len() - point - 1);
    if digits.is_empty() || point.is_some() && decimals == 0 || decimals > usize::from(SCALE) {
        return None;
    }
    let value = i128::from(value) * i128::from(10i64.pow(u32::from(SCALE) - decimals as u32));
    Some(if negative { -value } else { value })
}

/// Two decimals where they suffice.
pub fn decimal(value: Micro) -> Decimal {
    let exact = Decimal::new(value, SCALE);
    exact.rescale(2).filter(|short| *short == exact).unwrap_or(exact)
}

/// The sums of one account in year 0.
#[derive(Debug, Clone, Default)]
struct Account {
    declared: bool,
    used: bool,
    opening: Option<Micro>,
    closing: Option<Micro>,
    result: Option<Micro>,
    /// The changes of the months, rows of the whole account only.
    months: Option<Micro>,
    entries: Micro,
}

/// The sums of all accounts.
#[derive(Debug, Default)]
pub struct Totals {
    accounts: HashMap<String, Account>,
    /// Whether any `#TRANS` was summed.
    pub has_entries: bool,
}

/// Which balance of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// `#IB`
    Opening,
    /// `#UB`
    Closing,
    /// `#RES`
    Result,
}

impl Totals {
    fn account(&mut self, account: &str) -> &mut Account {
        self.accounts.entry(account.to_owned()).or_default()
    }

    /// How many accounts occur.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// The chart has the account.
    pub fn declare(&mut self, account: &str) {
        self.account(account).declared = true;
    }

    /// A balance of year 0.
    pub fn balance(&mut self, account: &str, balance: Balance, amount: Micro) {
        let account = self.account(account);
        account.used = true;
        let sum = match balance {
            Balance::Opening => &mut account.opening,
            Balance::Closing => &mut account.closing,
            Balance::Result => &mut account.result,
        };
        *sum = Some(sum.unwrap_or(0) + amount);
    }

    /// A month's change of a whole account in year 0.
    pub fn month(&mut self, account: &str, amount: Micro) {
        let account = self.account(account);
        account.used = true;
        account.months = Some(account.months.unwrap_or(0) + amount);
    }

    /// A counted row of a voucher.
    #[inline]
    pub fn entry(&mut self, account: &str, amount: Micro) {
        self.has_entries = true;
        if let Some(known) = self.accounts.get_mut(account) {
            known.entries += amount;
            known.used = true;
            return;
        }
        let fresh = Account { used: true, entries: amount, ..Account::default() };
        self.accounts.insert(account.to_owned(), fresh);
    }

    /// Accounts that occur and are not declared, in order.
    pub fn undeclared(&self) -> Vec<&str> {
        let unknown = self.accounts.iter().filter(|(_, account)| account.used && !account.declared);
        let mut names: Vec<&str> = unknown.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Opening balance + entries = closing balance, and entries = result, per account: the accounts
    /// that fail (at most `limit` a claim), or one row for all when all hold.
    pub fn reconcile_entries(&self, limit: usize) -> Vec<Reconciliation> {
        let changes = |account: &Account| Some(account.entries);
        self.reconcile("opening_plus_entries_is_closing", "entries_is_result", changes, limit)
    }

    /// The same of the months' changes, for the accounts that have any.
    pub fn reconcile_months(&self, limit: usize) -> Vec<Reconciliation> {
        let changes = |account: &Account| account.months;
        self.reconcile("opening_plus_months_is_closing", "months_is_result", changes, limit)
    }

    fn reconcile(
        &self,
        balance_claim: &'static str,
        result_claim: &'static str,
        changes: impl Fn(&Account) -> Option<Micro>,
        limit: usize,
    ) -> Vec<Reconciliation> {
        let mut names: Vec<&String> = self.accounts.keys().collect();
        names.sort_unstable();
        let mut balances = Claim::new(balance_claim);
        let mut results = Claim::new(result_claim);
        for name in names {
            let account = &self.accounts[name];
            let Some(changed) = changes(account) else { continue };
            let standing = account.opening.is_some() || account.closing.is_some();
            if standing {
                let found = account.opening.unwrap_or(0) + changed;
                balances.compare(name, account.closing.unwrap_or(0), found, limit);
            } else if account.result.is_some() || changed != 0 {
                results.compare(name, account.result.unwrap_or(0), changed, limit);
            }
        }
        let mut rows = balances.rows();
        rows.extend(results.rows());
        rows
    }
}

/// One claim over many accounts.
struct Claim {
    name: &'static str,
    compared: u64,
    expected: Micro,
    found: Micro,
    failed: Vec<Reconciliation>,
}

impl Claim {
    fn new(name: &'static str) -> Claim {
        Claim { name, compared: 0, expected: 0, found: 0, failed: Vec::new() }
    }

    fn compare(&mut self, account: &str, expected: Micro, found: Micro, limit: usize) {
        self.compared += 1;
        self.expected += expected;
        self.found += found;
        if expected != found && self.failed.len() < limit {
            self.failed.push(Reconciliation {
                claim: self.name.to_owned(),
                subject: format!("konto {account}"),
                expected: decimal(expected),
                found: decimal(found),
                line: 0,
            });
        }
    }

    fn rows(self) -> Vec<Reconciliation> {
        if !self.failed.is_empty() || self.compared == 0 {
            return self.failed;
        }
        vec![Reconciliation {
            claim: self.name.to_owned(),
            subject: format!("samtliga {} konton", self.compared),
            expected: decimal(self.expected),
            found: decimal(self.found),
            line: 0,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_in_the_formats_form() {
        let text = |t: &str| parse_amount(t).map(|value| decimal(value).to_string());
        assert_eq!(text("-500").as_deref(), Some("-500.00"));
        assert_eq!(text("76663.0").as_deref(), Some("76663.00"));
        assert_eq!(text("0.125").as_deref(), Some("0.125000"));
        assert_eq!(text("12345678901234567890.12").as_deref(), Some("12345678901234567890.12"));
        for bad in ["", "-", "+1", "1,50", "1 000", "1.", ".5", "1.2.3", "1.1234567", "å"] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }

    #[test]
    fn failing_accounts_are_told_and_holding_ones_summed() {
        let mut totals = Totals::default();
        totals.balance("1910", Balance::Opening, 5_000_000);
        totals.balance("1910", Balance::Closing, 4_000_000);
        totals.entry("1910", -1_000_000);
        totals.balance("3010", Balance::Result, 900_000);
        totals.entry("3010", 1_000_000);
        let rows = totals.reconcile_entries(10);
        assert_eq!(rows.len(), 2);
        assert!(rows[0].holds() && rows[0].subject == "samtliga 1 konton");
        assert!(!rows[1].holds() && rows[1].subject == "konto 3010");
        assert_eq!(rows[1].expected.to_string(), "0.90");
        assert_eq!(totals.undeclared(), ["1910", "3010"]);
        assert!(totals.reconcile_months(10).is_empty(), "no account has months");
        totals.month("1910", -400_000);
        totals.month("1910", -600_000);
        let rows = totals.reconcile_months(10);
        assert!(rows.len() == 1 && rows[0].holds() && rows[0].found.to_string() == "4.00");
    }

    proptest! {
        #[test]
        fn amounts_read_back(units in -1_000_000_000_000_000i64..1_000_000_000_000_000, scale in 0u8..=6) {
            let written = Decimal::new(i128::from(units), scale);
            prop_assert_eq!(decimal(parse_amount(&written.to_string()).unwrap()), written);
        }

        #[test]
        fn arbitrary_text_is_read_as_the_model_reads_it(text in "-?[0-9]{0,22}(\\.[0-9]{0,6})?") {
            let model = Decimal::parse(&text);
            prop_assert_eq!(parse_amount(&text).map(decimal), model);
        }
    }
}

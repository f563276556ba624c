//! The files are read back and summed by other means than they were written by.

use super::files;
use crate::Settings;
use std::collections::{BTreeMap, BTreeSet};

/// Result line or sum, and the printed outcome, budget, difference, last year and change, in tkr:
/// Delårsrapport augusti 2024, Intäkter och kostnader i tkr.
const PRINTED_LINES: [(&str, [i64; 5]); 19] = [
    ("patientavgifter", [564, 460, 104, 498, 66]),
    ("forsaljning", [270_927, 235_387, 35_540, 251_725, 19_201]),
    ("erhallna_bidrag", [214_207, 116_222, 97_985, 181_834, 32_373]),
    ("ovriga_intakter", [5_660, 15_528, -9_868, 8_132, -2_472]),
    ("income", [491_357, 367_597, 123_761, 442_190, 49_168]),
    ("personalkostnader", [-542_657, -460_051, -82_606, -433_944, -108_714]),
    ("kopt_riks_regionvard", [-4_320, -6_084, 1_764, -4_446, 125]),
    ("kop_av_verksamhet", [-709_135, -595_492, -113_643, -689_639, -19_496]),
    ("verksamhetsanknutna_tjanster", [-9_292, -18_535, 9_243, -10_346, 1_055]),
    ("inhyrd_personal", [-27, -3, -24, -149, 122]),
    ("lakemedel", [-22_977, -21_081, -1_895, -16_541, -6_435]),
    ("sjukvardsartiklar_varor", [-120_851, -112_120, -8_731, -114_098, -6_752]),
    ("lamnade_bidrag", [-3_027, -3_647, 620, -3_173, 146]),
    ("fastighetskostnader", [-79_716, -102_213, 22_497, -91_078, 11_362]),
    ("konsultkostnader", [-79_122, -87_158, 8_036, -70_201, -8_921]),
    ("ovriga_kostnader", [-116_251, -77_293, -38_958, -122_913, 6_662]),
    ("avskrivningar_finansnetto", [-72_848, -47_440, -25_408, -55_822, -17_026]),
    ("cost", [-1_760_223, -1_531_118, -229_105, -1_612_351, -147_872]),
    ("net", [-1_268_866, -1_163_521, -105_345, -1_170_161, -98_705]),
];

/// Department or area, and the printed outcome, budget and deviation, in tkr.
const PRINTED_DEPARTMENTS: [(&str, [i64; 3]); 8] = [
    ("605", [-91_777, -99_819, 8_042]),
    ("607", [-27_541, -27_902, 361]),
    ("608", [-37_938, -43_531, 5_593]),
    ("612", [-25_139, -31_514, 6_375]),
    ("614", [-4_479, 69_725, -74_204]),
    ("616", [-114_084, -117_029, 2_945]),
    ("617", [-99_531, -106_445, 6_914]),
    ("REGIONSTABEN", [-400_489, -356_515, -43_974]),
];

/// Department or area, and the deviation printed in the running text, in tenths of mkr.
const PRINTED_DEVIATIONS: [(&str, i64); 9] = [
    ("621", 52),
    ("622", 14),
    ("623", 13),
    ("VARDVAL", 78),
    ("631", 25),
    ("632", 77),
    ("633", -1),
    ("634", -792),
    ("REGIONDIREKTOR", -691),
];

/// Row of the organisation or the chart: code and, after it, what it belongs to.
fn seed_column(text: &str, column: &str) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = headings.iter().position(|heading| heading == column).unwrap();
    reader.records().map(Result::unwrap).map(|row| (row[0].into(), row[at].into())).collect()
}

/// The organisation that the printed report knew: the places that held in August 2024.
fn as_printed(units: &str) -> String {
    let held = |line: &&str| {
        let mut fields = line.rsplit(',');
        let (to, from) = (fields.next().unwrap(), fields.next().unwrap());
        from == "valid_from" || from <= "2024-08-31" && (to.is_empty() || to >= "2024-08-31")
    };
    units.lines().filter(held).flat_map(|line| [line, "\n"]).collect()
}

/// A file read back: amounts in öre, debit positive.
#[derive(Default)]
struct Ledger {
    /// By account, department and month.
    entries: BTreeMap<(String, String, u32), i64>,
    budgets: BTreeMap<(String, String, u32), i64>,
    /// By label, year index and account.
    balances: BTreeMap<(String, String, String), i64>,
    rows: usize,
    declared: BTreeSet<String>,
    used: BTreeSet<String>,
    stated_sum: String,
    computed_sum: u32,
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => rest[1..].find('"').unwrap() + 2,
            '{' | '}' => 1,
            _ => rest.find([' ', '}']).unwrap_or(rest.len()),
        };
        fields.push(rest[..end].trim_matches('"').to_owned());
        rest = rest[end..].trim_start();
    }
    fields
}

/// A field's öre; amounts always have two decimals.
fn ore(field: &str) -> i64 {
    let (whole, rest) = field.split_once('.').unwrap();
    assert_eq!(rest.len(), 2, "{field}");
    format!("{whole}{rest}").parse().unwrap()
}

/// The checksum bit by bit, unlike the writer's tables.
fn sum_bits(mut state: u32, bytes: &[u8]) -> u32 {
    for byte in bytes {
        state ^= u32::from(*byte);
        for _ in 0..8 {
            state = (state >> 1) ^ (0xEDB8_8320 * (state & 1));
        }
    }
    state
}

impl Ledger {
    fn read(bytes: &[u8], year: i32) -> Ledger {
        let table = &oem_cp::code_table::DECODING_TABLE_CP437;
        let text = oem_cp::decode_string_complete_table(bytes, table);
        let mut ledger = Ledger::default();
        let (mut is_summed, mut state) = (false, u32::MAX);
        let (mut voucher, mut balance) = (Vec::new(), 0);
        for line in text.split_terminator("\r\n") {
            assert!(!line.contains('\n'), "a bare line feed");
            let fields = fields(line);
            if fields[0] == "#KSUMMA" && is_summed {
                ledger.stated_sum = fields[1].clone();
                is_summed = false;
            }
            if is_summed {
                let summed: String = fields
                    .iter()
                    .filter(|field| !matches!(field.as_str(), "{" | "}"))
                    .cloned()
                    .collect();
                state = sum_bits(state, &super::sie::cp437(&summed));
            }
            match fields[0].as_str() {
                "#KSUMMA" => is_summed = ledger.stated_sum.is_empty(),
                "#KONTO" => drop(ledger.declared.insert(format!("account {}", fields[1]))),
                "#OBJEKT" => drop(ledger.declared.insert(format!("{} {}", fields[1], fields[2]))),
                "#VER" => {
                    voucher = fields;
                    balance = 0;
                }
                "}" => assert_eq!(balance, 0, "voucher {voucher:?} does not balance"),
                "#TRANS" => balance += ledger.entry(&fields, &voucher, year),
                "#PBUDGET" => {
                    let key =
                        (fields[3].clone(), fields[6].clone(), fields[2][4..].parse().unwrap());
                    assert_eq!(ledger.budgets.insert(key, ore(&fields[8])), None, "{line}");
                }
                "#IB" | "#UB" | "#RES" => {
                    let key = (fields[0][1..].to_owned(), fields[1].clone(), fields[2].clone());
                    assert_eq!(ledger.balances.insert(key, ore(&fields[3])), None, "{line}");
                }
                _ => {}
            }
        }
        ledger.computed_sum = !state;
        ledger
    }

    /// Takes in one row and gives its amount.
    fn entry(&mut self, fields: &[String], voucher: &[String], year: i32) -> i64 {
        let close = fields.iter().position(|field| field == "}").unwrap();
        let mut unit = String::new();
        for pair in fields[3..close].chunks(2) {
            self.used.insert(format!("{} {}", pair[0], pair[1]));
            if pair[0] == "1" {
                unit.clone_from(&pair[1]);
            }
        }
        let (amount, date) = (ore(&fields[close + 1]), &fields[close + 2]);
        assert_eq!(date, &voucher[3], "the row's day is the voucher's");
        assert_eq!(date[..4], year.to_string());
        assert_eq!(unit.is_empty(), fields[1].as_str() < "3", "department on result accounts");
        self.used.insert(format!("account {}", fields[1]));
        self.rows += 1;
        let month = date[4..6].parse().unwrap();
        *self.entries.entry((fields[1].clone(), unit, month)).or_default() += amount;
        amount
    }

    fn balance(&self, label: &str, index: &str) -> BTreeMap<String, i64> {
        let of = |key: &&(String, String, String)| key.0 == label && key.1 == index;
        let amounts =
            self.balances.keys().filter(of).map(|key| (key.2.clone(), self.balances[key]));
        amounts.collect()
    }
}

fn draw(scale: f64, seed: u64) -> Vec<Vec<u8>> {
    let drawn = files(&Settings { scale, seed }).unwrap().into_iter().map(|file| {
        let mut bytes = Vec::new();
        (file.write)(&mut bytes).unwrap();
        bytes
    });
    drawn.collect()
}

/// Both years of a small region.
fn ledgers() -> [Ledger; 2] {
    let bytes = draw(0.002, 11);
    [Ledger::read(&bytes[0], 2023), Ledger::read(&bytes[1], 2024)]
}

/// The printed figures' view of the ledgers.
struct Report {
    ledgers: [Ledger; 2],
    line_of: BTreeMap<String, String>,
    type_of: BTreeMap<String, String>,
    parent_of: BTreeMap<String, String>,
}

impl Report {
    fn new() -> Report {
        let accounts = include_str!("../../../../seeds/accounts.csv");
        let lines = include_str!("../../../../seeds/result_lines.csv");
        let units = include_str!("../../../../seeds/units.csv");
        Report {
            ledgers: ledgers(),
            line_of: seed_column(accounts, "result_line_code"),
            type_of: seed_column(lines, "line_type"),
            parent_of: seed_column(&as_printed(units), "parent_unit_id"),
        }
    }

    fn is_under(&self, unit: &str, above: &str) -> bool {
        unit == above || self.parent_of.get(unit).is_some_and(|parent| self.is_under(parent, above))
    }

    /// Outcome, budget and last year of a line or sum in a unit, in öre, income positive.
    fn figures(&self, unit: &str, line: &str, months: std::ops::RangeInclusive<u32>) -> [i64; 3] {
        let is_in = |account: &String| {
            let of = &self.line_of[account];
            let line_type = self.type_of[of].as_str();
            of == line
                || line_type == line
                || line == "net" && ["income", "cost"].contains(&line_type)
        };
        let sum = |rows: &BTreeMap<(String, String, u32), i64>| {
            let rows = rows.iter().filter(|((account, department, month), _)| {
                months.contains(month) && self.is_under(department, unit) && is_in(account)
            });
            -rows.map(|(_, amount)| amount).sum::<i64>()
        };
        let [before, now] = &self.ledgers;
        [sum(&now.entries), sum(&now.budgets), sum(&before.entries)]
    }

    /// This year's balance of a group of accounts at the end of a month, debit positive.
    fn balance(&self, lines: &[&str], last_month: u32) -> i64 {
        let ledger = &self.ledgers[1];
        let is_in = |account: &String| lines.contains(&self.line_of[account].as_str());
        let opening = ledger.balance("IB", "0").into_iter().filter(|(account, _)| is_in(account));
        let entries = ledger.entries.iter().filter(|(key, _)| key.2 <= last_month && is_in(&key.0));
        opening.map(|(_, amount)| amount).sum::<i64>()
            + entries.map(|(_, amount)| amount).sum::<i64>()
    }
}

/// Half away from zero.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    let half = denominator.abs() / 2 * numerator.signum() * denominator.signum();
    (numerator + half * denominator.signum()) / denominator
}

fn tkr(amount: i64) -> i64 {
    rounded(amount.into(), 100_000) as i64
}

/// Growth in tenths of a per cent.
fn growth(now: i64, before: i64) -> i128 {
    rounded(i128::from(now - before) * 1000, before.abs().into()) * i128::from(before.signum())
}

#[test]
fn the_printed_lines_come_out() {
    let report = Report::new();
    for (line, printed) in PRINTED_LINES {
        let [outcome, budget, before] = report.figures("RS", line, 1..=8);
        let figures = [outcome, budget, outcome - budget, before, outcome - before].map(tkr);
        assert_eq!(figures, printed, "{line}");
    }
}

#[test]
fn the_printed_departments_come_out() {
    let report = Report::new();
    let net = |unit: &str| report.figures(unit, "net", 1..=8);
    for (unit, printed) in PRINTED_DEPARTMENTS {
        let [outcome, budget, _] = net(unit);
        assert_eq!([outcome, budget, outcome - budget].map(tkr), printed, "{unit}");
    }
    let tenths = |amount: i64| rounded(amount.into(), 10_000_000) as i64;
    for (unit, printed) in PRINTED_DEVIATIONS {
        let [outcome, budget, _] = net(unit);
        assert_eq!(tenths(outcome - budget), printed, "{unit}");
    }
    for (unit, printed) in [("VARDVAL", -158), ("REGIONDIREKTOR", -381)] {
        let [outcome, _, before] = net(unit);
        assert_eq!(tenths(outcome - before), printed, "{unit} against last year");
    }
    // The whole year's budget as the forecast table prints it.
    let areas =
        [("REGIONSTABEN", -5411), ("REGIONDIREKTOR", -2967), ("VARDVAL", -9165), ("RS", -17544)];
    for (unit, printed) in areas {
        assert_eq!(tenths(report.figures(unit, "net", 1..=12)[1]), printed, "{unit} budget 2024");
    }
}

#[test]
fn cost_growth_comes_out() {
    let report = Report::new();
    for (unit, line, printed) in
        [("RJH", "cost", 52), ("RJH", "net", 75), ("RS", "cost", 92), ("RS", "net", 84)]
    {
        let [outcome, _, before] = report.figures(unit, line, 1..=8);
        // Costs are negative, so more cost is a smaller number.
        assert_eq!(growth(-outcome, -before), printed, "{unit} {line}");
    }
}

#[test]
fn the_financial_indicators_come_out() {
    let report = Report::new();
    let current = ["kortfristiga_fordringar", "kassa_bank", "pensionsplaceringar"];
    let assets = ["anlaggningstillgangar", "forrad", current[0], current[1], current[2]];
    let result: i64 = report.ledgers[1].balance("RES", "0").values().sum();
    let equity = -(report.balance(&["eget_kapital"], 8) + result);
    let percent = |part: i64, whole: i64| rounded(i128::from(part) * 100, whole.into());
    assert_eq!(percent(equity, report.balance(&assets, 8)), -17, "soliditet");
    let short = -report.balance(&["kortfristiga_skulder"], 8);
    assert_eq!(percent(report.balance(&current, 8), short), 268, "kassalikviditet");
    let financing = report.figures("RJH", "skatteintakter", 1..=8)[0]
        + report.figures("RJH", "generella_statsbidrag", 1..=8)[0];
    let debt = -report.balance(&["rantebarande_skulder"], 8);
    assert_eq!(percent(debt, financing), 7, "skuldsättningstak");
}

#[test]
fn balances_hold_together() {
    for (ledger, year) in ledgers().iter().zip([2023, 2024]) {
        let [opening, closing, results] =
            ["IB", "UB", "RES"].map(|label| ledger.balance(label, "0"));
        assert_eq!(opening.values().sum::<i64>(), 0, "{year}");
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for ((account, _, _), amount) in &ledger.entries {
            *sums.entry(account.clone()).or_default() += amount;
        }
        for (account, sum) in sums {
            let at = |list: &BTreeMap<String, i64>| list.get(&account).copied().unwrap_or_default();
            if account.as_str() < "3" {
                assert_eq!(at(&opening) + sum, at(&closing), "{year} {account}");
            } else {
                assert_eq!(sum, at(&results), "{year} {account}");
            }
        }
        assert_eq!(ledger.stated_sum, ledger.computed_sum.to_string(), "{year} checksum");
        assert!(ledger.used.is_subset(&ledger.declared), "{year} uses what it declares");
    }
}

#[test]
fn a_year_opens_as_the_last_one_closed() {
    let [before, now] = ledgers();
    let (mut closing, opening) = (before.balance("UB", "0"), now.balance("IB", "0"));
    let result: i64 = before.balance("RES", "0").values().sum();
    *closing.get_mut("2010").unwrap() += closing["2090"];
    closing.insert("2090".to_owned(), result);
    assert_eq!(opening, closing);
    for label in ["IB", "UB", "RES"] {
        assert_eq!(now.balance(label, "-1"), before.balance(label, "0"), "{label}");
    }
}

#[test]
fn scale_moves_rows_and_no_amount() {
    let read = |scale| Ledger::read(&draw(scale, 3)[1], 2024);
    let (small, large) = (read(0.0), read(0.05));
    assert!(large.rows > 2 * small.rows, "{} and {}", small.rows, large.rows);
    assert_eq!(small.entries, large.entries);
    assert_eq!(small.budgets, large.budgets);
}

#[test]
fn the_seed_decides_the_bytes() {
    assert!(draw(0.001, 1) == draw(0.001, 1), "the same seed gives the same bytes");
    assert!(draw(0.001, 1) != draw(0.001, 2), "another seed gives others");
}

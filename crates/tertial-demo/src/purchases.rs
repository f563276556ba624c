//! The supplier ledger: one CSV a year in the columns of the open supplier-ledger standard, with
//! row number and EU mark beside them.
//!
//! The share bought under an agreement (leverantörstrohet) is decided by `purchases_amounts.csv`;
//! `purchases_spread.csv` says which departments and accounts it falls on. Suppliers are numbers:
//! their names and ids can be nobody's.

use crate::random::{Random, split};
use crate::{DemoError, DemoFile, Settings, totals};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{Result as IoResult, Write};
use std::sync::Arc;

/// Rows of a whole year at scale 1.
const ROWS_A_YEAR: f64 = 300_000.0;

/// Fewest rows of a department's account in a month.
const FEWEST_ROWS: f64 = 2.0;

/// Suppliers with an agreement are numbered from 1, the others from here.
const FIRST_WITHOUT_AGREEMENT: u64 = 801;

/// The last supplier.
const LAST_SUPPLIER: u64 = 1400;

const HEADINGS: &str = "kopare_id;kopare;verifikationsnummer;radnummer;leverantor;leverantor_id;\
konto_nr;konto_text;bokforingsdatum;forvaltning;fakturanummer;nettobelopp;grund;avtal;eu_projekt";

/// What a board bought in a tertial's own months, in öre.
#[derive(Debug, Deserialize)]
struct AmountRow {
    board: String,
    eu_project: String,
    agreement: String,
    amount_2023_01_04: i64,
    amount_2023_05_08: i64,
    amount_2023_09_12: i64,
    amount_2024_01_04: i64,
    amount_2024_05_08: i64,
}

/// A department's account, with its weight among the purchases under an agreement and the others.
#[derive(Debug, Deserialize)]
struct SpreadRow {
    board: String,
    eu_project: String,
    unit: String,
    account: String,
    agreement_weight: u64,
    other_weight: u64,
    /// Typical amount of a row in kronor.
    row_sek: u32,
}

#[derive(Debug, Deserialize)]
struct Account {
    account_code: String,
    account_name: String,
}

/// Purchases of one kind by one department on one account: öre by month.
struct Cell {
    unit: String,
    account: String,
    account_name: String,
    row_sek: u32,
    has_agreement: bool,
    eu_project: String,
    months: Vec<i64>,
}

/// One year's purchases.
struct Year {
    year: i32,
    cells: Vec<Cell>,
}

/// The supplier ledger's files: the whole of 2023, and January–August 2024.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let amounts: Vec<AmountRow> =
        totals("purchases_amounts.csv", include_str!("../totals/purchases_amounts.csv"))?;
    let spread: Vec<SpreadRow> =
        totals("purchases_spread.csv", include_str!("../totals/purchases_spread.csv"))?;
    let accounts: Vec<Account> =
        totals("seeds/accounts.csv", include_str!("../../../seeds/accounts.csv"))?;
    let years = [2023, 2024]
        .map(|year| Year::new(year, &amounts, &spread, &accounts))
        .into_iter()
        .collect::<Result<Vec<Year>, DemoError>>()?;
    let density = ROWS_A_YEAR * settings.scale / years[0].rows_as_listed();
    let seed = settings.seed;
    let file = |year: Year| {
        let year = Arc::new(year);
        let name = format!("leverantorsfakturor_{}.csv", year.year);
        DemoFile::new("purchases", name, move |sink| year.write(seed, density, sink))
    };
    Ok(years.into_iter().map(file).collect())
}

impl AmountRow {
    fn tertials(&self, year: i32) -> Vec<i64> {
        match year {
            2023 => vec![self.amount_2023_01_04, self.amount_2023_05_08, self.amount_2023_09_12],
            _ => vec![self.amount_2024_01_04, self.amount_2024_05_08],
        }
    }
}

impl Year {
    fn new(
        year: i32,
        amounts: &[AmountRow],
        spread: &[SpreadRow],
        accounts: &[Account],
    ) -> Result<Year, DemoError> {
        let names: BTreeMap<&str, &str> = accounts
            .iter()
            .map(|row| (row.account_code.as_str(), row.account_name.as_str()))
            .collect();
        let mut cells = Vec::new();
        for amount in amounts {
            let has_agreement = amount.agreement == "ja";
            let same =
                |row: &&SpreadRow| row.board == amount.board && row.eu_project == amount.eu_project;
            let rows: Vec<&SpreadRow> = spread.iter().filter(same).collect();
            let weight = |row: &&SpreadRow| {
                if has_agreement { row.agreement_weight } else { row.other_weight }
            };
            let weights: Vec<u64> = rows.iter().map(weight).collect();
            let tertials = amount.tertials(year);
            let parts: Vec<Vec<i64>> =
                tertials.iter().map(|&total| split(total, &weights)).collect();
            for (index, row) in rows.iter().enumerate() {
                let name = names.get(row.account.as_str()).ok_or_else(|| {
                    let reason = format!("account `{}` is not in the chart", row.account);
                    DemoError::Contradiction { table: "purchases_spread.csv", reason }
                })?;
                let months = parts.iter().flat_map(|part| split(part[index], &[26, 25, 25, 24]));
                cells.push(Cell {
                    unit: row.unit.clone(),
                    account: row.account.clone(),
                    account_name: (*name).to_owned(),
                    row_sek: row.row_sek,
                    has_agreement,
                    eu_project: row.eu_project.clone(),
                    months: months.collect(),
                });
            }
        }
        Ok(Year { year, cells })
    }

    fn rows_as_listed(&self) -> f64 {
        let rows =
            |cell: &Cell| cell.months.iter().sum::<i64>() as f64 / 100.0 / f64::from(cell.row_sek);
        self.cells.iter().map(rows).sum()
    }

    fn write(&self, seed: u64, density: f64, sink: &mut dyn Write) -> IoResult<()> {
        write!(sink, "{HEADINGS}\r\n")?;
        let months = self.cells.iter().map(|cell| cell.months.len()).max().unwrap_or(0);
        // The number begins with the year, so that it is unique over the years' files.
        let mut voucher = u64::from(self.year.unsigned_abs()) % 100 * 100_000_000;
        for month in 0..months {
            for cell in &self.cells {
                cell.write(self.year, month, seed, density, &mut voucher, sink)?;
            }
        }
        Ok(())
    }
}

impl Cell {
    /// Writes one month's rows; `voucher` is the last voucher number used.
    fn write(
        &self,
        year: i32,
        month: usize,
        seed: u64,
        density: f64,
        voucher: &mut u64,
        sink: &mut dyn Write,
    ) -> IoResult<()> {
        let kind = if self.has_agreement { "agreement" } else { "other" };
        let (year, at) = (year.to_string(), format!("{:02}", month + 1));
        let path = ["purchases", &year, &at, &self.unit, &self.account, kind, &self.eu_project];
        let mut random = Random::stream(seed, &path);
        let wanted = self.months[month] as f64 / 100.0 / f64::from(self.row_sek) * density;
        let amounts =
            amounts(self.months[month], wanted.round().max(FEWEST_ROWS) as usize, &mut random);
        let mut left = amounts.as_slice();
        while !left.is_empty() {
            let (invoice, rest) =
                left.split_at(random.between(1, left.len().min(3) as i64) as usize);
            left = rest;
            *voucher += 1;
            let supplier = self.supplier(&mut random);
            let day = random.between(1, 28);
            let number = random.between(100_000, 9_999_999);
            for (row, &amount) in invoice.iter().enumerate() {
                write!(
                    sink,
                    "000000-0000;Region Jämtland Härjedalen (syntetisk);{voucher};{};\
                     Leverantör {supplier:04} AB;99{supplier:08};{};{};{year}-{at}-{day:02};{};\
                     {number};{}{}.{:02};{};{};{}\r\n",
                    row + 1,
                    self.account,
                    self.account_name,
                    self.unit,
                    if amount < 0 { "-" } else { "" },
                    amount.unsigned_abs() / 100,
                    amount.unsigned_abs() % 100,
                    self.ground(supplier),
                    self.agreement(supplier),
                    self.eu_project,
                )?;
            }
        }
        Ok(())
    }

    fn supplier(&self, random: &mut Random) -> u64 {
        let (first, end) = if self.has_agreement {
            (1, FIRST_WITHOUT_AGREEMENT)
        } else {
            (FIRST_WITHOUT_AGREEMENT, LAST_SUPPLIER + 1)
        };
        // Two draws, the smaller one: a few suppliers have much, many have little.
        first + random.below(end - first).min(random.below(end - first))
    }

    fn ground(&self, supplier: u64) -> &'static str {
        match (self.has_agreement, supplier % 3) {
            (true, 0) => "Ramavtal",
            (true, _) => "Upphandlat avtal",
            (false, 0) => "Direktupphandling",
            (false, _) => "Inköp utan avtal",
        }
    }

    fn agreement(&self, supplier: u64) -> String {
        if self.has_agreement { agreement_id(supplier) } else { String::new() }
    }
}

/// The suppliers with an agreement, by number.
pub(crate) fn suppliers_with_agreement() -> std::ops::Range<u64> {
    1..FIRST_WITHOUT_AGREEMENT
}

/// The first year of a supplier's agreement.
pub(crate) fn agreement_year(supplier: u64) -> u64 {
    2019 + supplier % 5
}

/// The number of a supplier's agreement.
pub(crate) fn agreement_id(supplier: u64) -> String {
    format!("AVT-{}-{supplier:04}", agreement_year(supplier))
}

/// `rows` uneven amounts that sum to `total`; now and then a credit note, made up for by the next.
fn amounts(total: i64, rows: usize, random: &mut Random) -> Vec<i64> {
    let weights: Vec<u64> = (0..rows)
        .map(|_| {
            let weight = 80 + random.below(920);
            if random.chance(0.08) { weight * (2 + random.below(9)) } else { weight }
        })
        .collect();
    let mut amounts = split(total, &weights);
    for row in 1..rows {
        if amounts[row - 1] > 0 && random.chance(0.02) {
            let turned = 2 * amounts[row - 1];
            amounts[row - 1] -= turned;
            amounts[row] += turned;
        }
    }
    amounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    struct Invoice {
        month: u32,
        unit: String,
        ore: i64,
        has_agreement: bool,
        is_eu: bool,
    }

    fn draw(year: usize, scale: f64, seed: u64) -> String {
        let mut files = files(&Settings { scale, seed }).unwrap();
        let mut bytes = Vec::new();
        (files.remove(year).write)(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn read(text: &str) -> Vec<Invoice> {
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(";"), HEADINGS);
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            let (whole, rest) = row[11].split_once('.').unwrap();
            assert!(row[4].starts_with("Leverantör ") && row[5].starts_with("99"), "{row:?}");
            Invoice {
                month: row[8][5..7].parse().unwrap(),
                unit: row[9].to_owned(),
                ore: format!("{whole}{rest}").parse().unwrap(),
                has_agreement: !row[13].is_empty(),
                is_eu: &row[14] == "ja",
            }
        });
        rows.collect()
    }

    /// Per cent bought under an agreement, as it is printed.
    fn loyalty(rows: &[Invoice], is_in: impl Fn(&Invoice) -> bool) -> i64 {
        let sum = |is_in: &dyn Fn(&Invoice) -> bool| {
            rows.iter().filter(|row| is_in(row)).map(|row| row.ore).sum::<i64>()
        };
        let with = sum(&|row| is_in(row) && row.has_agreement);
        (with * 200 + sum(&is_in)) / (2 * sum(&is_in))
    }

    #[test]
    fn the_printed_loyalty_comes_out() {
        let rows = read(&draw(1, 0.002, 5));
        let is_board = |row: &Invoice| row.unit.starts_with('6');
        assert_eq!(loyalty(&rows, |_| true), 90);
        assert_eq!(loyalty(&rows, is_board), 89);
        assert_eq!(loyalty(&rows, |row| is_board(row) && !row.is_eu), 91);
        assert_eq!(loyalty(&rows, |row| row.month <= 4), 86);
        assert_eq!(loyalty(&rows, |row| is_board(row) && row.month <= 4), 86);
    }

    #[test]
    fn there_are_credit_notes_and_whole_years() {
        let (before, now) = (read(&draw(0, 0.02, 5)), read(&draw(1, 0.02, 5)));
        let months = |rows: &[Invoice]| rows.iter().map(|row| row.month).collect::<BTreeSet<_>>();
        assert_eq!(months(&before), (1..=12).collect());
        assert_eq!(months(&now), (1..=8).collect());
        let credits = now.iter().filter(|row| row.ore < 0).count();
        assert!((20..now.len() / 20).contains(&credits), "{credits} of {}", now.len());
    }

    #[test]
    fn scale_and_seed_move_rows_and_no_sum() {
        let sum = |text: &str| read(text).iter().map(|row| row.ore).sum::<i64>();
        let (one, other, larger) = (draw(1, 0.002, 5), draw(1, 0.002, 6), draw(1, 0.05, 5));
        assert!(one == draw(1, 0.002, 5) && one != other && one.len() < larger.len());
        assert!(sum(&one) == sum(&other) && sum(&one) == sum(&larger));
    }

    #[test]
    fn rows_are_known_by_voucher_and_number() {
        let text = draw(0, 0.002, 5) + &draw(1, 0.002, 5);
        let keys = text.lines().filter(|line| line.starts_with('0')).map(|line| {
            let fields: Vec<&str> = line.split(';').collect();
            (fields[2].to_owned(), fields[3].to_owned())
        });
        let keys: Vec<(String, String)> = keys.collect();
        let unique: BTreeSet<&(String, String)> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len());
    }
}

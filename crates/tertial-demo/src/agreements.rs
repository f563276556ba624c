//! The register of agreements: one workbook, a row for each supplier that the supplier ledger buys
//! from under an agreement. The numbers are those of [`crate::purchases`]; the suppliers are nobody's.

use crate::purchases::{agreement_id, agreement_year, suppliers_with_agreement};
use crate::sheet::{Sheet, workbook};
use crate::{DemoError, DemoFile, Settings};
use rust_xlsxwriter::{ExcelDateTime, XlsxError};
use std::io;

/// What is bought, in turn.
const CATEGORIES: [(&str, &str); 5] = [
    ("Varor", "Förbrukningsmaterial"),
    ("IT", "Licenser och systemdrift"),
    ("Konsulter", "Utredning och stöd"),
    ("Fastighet", "Drift och underhåll"),
    ("Vård", "Vårdtjänster och bemanning"),
];

/// Every agreement holds to the end of this year, extensions included.
const LAST_YEAR: u64 = 2026;

/// `avtalsregister_2024-08.xlsx`.
pub fn files(_settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let write = |sink: &mut dyn io::Write| sink.write_all(&register().map_err(io::Error::other)?);
    Ok(vec![DemoFile::new("agreements", "avtalsregister_2024-08.xlsx", write)])
}

fn register() -> Result<Vec<u8>, XlsxError> {
    let sheet = Sheet {
        name: "Avtal",
        title: "Avtalsregister, utdrag 2024-08-31",
        heading_row: 4,
        sum_label: None,
        summed: &[],
    };
    let headings = [
        "Avtalsnummer",
        "Org.nr",
        "Leverantör",
        "Benämning",
        "Kategori",
        "Fr.o.m.",
        "T.o.m.",
        "EU-projekt",
        "Rangordning",
    ];
    let made = ExcelDateTime::from_ymd(2024, 9, 5)?.and_hms(8, 0, 0)?;
    let rows: Vec<Vec<String>> = suppliers_with_agreement().map(row).collect();
    workbook(&sheet, &headings.map(str::to_owned), &rows, &made)
}

fn row(supplier: u64) -> Vec<String> {
    let (category, title) = CATEGORIES[supplier as usize % CATEGORIES.len()];
    vec![
        agreement_id(supplier),
        format!("99{supplier:08}"),
        format!("Leverantör {supplier:04} AB"),
        title.to_owned(),
        category.to_owned(),
        format!("{}-01-01", agreement_year(supplier)),
        // The register's filler for an agreement that holds until further notice.
        if supplier.is_multiple_of(7) { "0.0".to_owned() } else { format!("{LAST_YEAR}-12-31") },
        "nej".to_owned(),
        if supplier.is_multiple_of(3) {
            format!("Rang:{}", supplier % 4 + 1)
        } else {
            "_x000D_".to_owned()
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agreement_holds_when_the_supplier_ledger_uses_it() {
        for supplier in suppliers_with_agreement() {
            let row = row(supplier);
            assert!(row[5].as_str() <= "2023-01-01", "{row:?}");
            assert!(row[6] == "0.0" || row[6].as_str() > "2024-12-31", "{row:?}");
        }
    }
}

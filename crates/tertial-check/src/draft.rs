//! A contract drawn from the reader itself, for sources whose pipeline names only the format.

use tertial_model::{Column, ColumnType, Contract, Part};

/// One column per heading, of the type the format guarantees, nothing required and no key.
/// Columns without a heading, and later ones with the same heading, are left out.
pub fn contract_from_part(table: &str, part: &Part) -> Contract {
    let mut columns: Vec<Column> = Vec::new();
    for (index, heading) in part.headings.iter().enumerate() {
        let name = crate::cell::trim(heading);
        if name.is_empty() || columns.iter().any(|column| column.name == name) {
            continue;
        }
        let column_type = part.types.get(index).copied().unwrap_or(ColumnType::Text);
        columns.push(Column { column_type, ..Column::text(name) });
    }
    let file = format!("the reader's own contract for `{table}`");
    Contract { file, ..Contract::of(table, columns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_knows_its_own_columns() {
        let part = Part {
            name: "balances".into(),
            headings: ["account", "amount", "", "amount "].map(str::to_owned).to_vec(),
            types: vec![ColumnType::Text, ColumnType::Decimal { precision: 18, scale: 2 }],
        };
        let contract = contract_from_part("ledger__balances", &part);
        let names: Vec<&str> = contract.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["account", "amount"]);
        assert_eq!(contract.columns[1].column_type.to_string(), "decimal(18,2)");
    }
}

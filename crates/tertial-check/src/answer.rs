//! A query's answer against its contract, before the first row is fetched, T0126.
//!
//! A database says beforehand what its columns are called and what they hold. What cannot become the
//! contract's type, or would only nearly become it, is told here; what each value is, the check of the
//! rows tells later, as for any file.

use crate::Headings;
use tertial_model::{
    AnswerColumn, AnswerKind, Code, Column, ColumnType, Contract, Diagnostic, Location, same,
    similar,
};

pub use crate::ways::file_of_query;

/// Every difference at once. `query` is the query's file, for messages.
pub fn answer_faults(
    query: &str,
    contract: &Contract,
    headings: &Headings,
    answer: &[AnswerColumn],
) -> Vec<Diagnostic> {
    let check = Check { query, contract, headings };
    let mut faults = Vec::new();
    let mut left: Vec<&AnswerColumn> = Vec::new();
    for column in answer {
        match left.iter().any(|other| other.name == column.name) {
            true => faults.push(check.twice(&column.name)),
            false => left.push(column),
        }
    }
    let mut missing = Vec::new();
    for column in &contract.columns {
        let at = left.iter().position(|found| check.is_for(found, column));
        match at {
            Some(at) => faults.extend(check.kind_fault(column, left.remove(at))),
            None => missing.push(column),
        }
    }
    left.retain(|column| !headings.is_left_out(&contract.table, &same::canonical(&column.name)));
    for column in missing {
        let near = check.near(column, &left);
        // One that is probably meant is told once, not as missing and as not agreed.
        left.retain(|found| Some(found.name.as_str()) != near);
        faults.push(check.missing(column, near));
    }
    faults.extend(left.into_iter().map(|column| check.extra(column)));
    faults
}

struct Check<'a> {
    query: &'a str,
    contract: &'a Contract,
    headings: &'a Headings,
}

impl Check<'_> {
    fn is_for(&self, found: &AnswerColumn, column: &Column) -> bool {
        let headings = self.headings.of(&self.contract.table, &column.name);
        found.name == column.name || headings.iter().any(|name| same::is_same(name, &found.name))
    }

    fn fault(&self, message: String, effect: &str) -> Diagnostic {
        Diagnostic::error(Code::QueryColumnsDiffer, message, Location::file(self.query))
            .with_effect(effect)
    }

    fn refusal(&self, message: String) -> Diagnostic {
        self.fault(message, "nothing was fetched; the last delivery stays in force")
    }

    fn twice(&self, name: &str) -> Diagnostic {
        self.refusal(format!("the answer has two columns `{name}`"))
            .with_expected("a name of its own for each column")
            .with_hint("name one of them otherwise in the query, with `as`")
    }

    /// What a column may be called.
    fn names<'a>(&'a self, column: &'a Column) -> Vec<&'a str> {
        let mut names = self.headings.of(&self.contract.table, &column.name);
        names.push(&column.name);
        names
    }

    /// The name in the answer that is probably the column's.
    fn near<'a>(&self, column: &Column, left: &[&'a AnswerColumn]) -> Option<&'a str> {
        let others = || left.iter().map(|found| found.name.as_str());
        self.names(column).iter().find_map(|name| {
            // A name that differs in case only is near too.
            let same = |other: &&str| other.to_lowercase() == name.to_lowercase();
            others().find(same).or_else(|| similar::nearest(name, others(), 1).first().copied())
        })
    }

    fn missing(&self, column: &Column, near: Option<&str>) -> Diagnostic {
        let name = &column.name;
        let expected: Vec<String> =
            self.names(column).iter().map(|name| format!("`{name}`")).collect();
        let told = self
            .refusal(format!("the answer has no column for `{name}`"))
            .with_expected(expected.join(" or "))
            .with_contract(self.contract.file.clone());
        match near {
            Some(near) => told
                .with_found(format!("`{near}`, which is nearly the same"))
                .with_hint(format!("if it is the same, write `{near} as {name}` in the query")),
            None => told.with_hint(format!("add it to the query, `… as {name}`")),
        }
    }

    fn extra(&self, column: &AnswerColumn) -> Diagnostic {
        let file = match self.headings.file() {
            "" => "headings.csv",
            file => file,
        };
        self.refusal(format!("the answer has a column `{}` that is not agreed", column.name))
            .with_expected(format!("the columns of `{}`", self.contract.table))
            .with_contract(self.contract.file.clone())
            .with_hint(format!(
                "leave it out of the query, or add it to the contract, or to {file} without a column"
            ))
    }

    fn kind_fault(&self, column: &Column, found: &AnswerColumn) -> Option<Diagnostic> {
        let hint = unfit(column, &found.kind)?;
        let told = self
            .refusal(format!(
                "the column `{}` cannot carry `{}` as it is agreed",
                found.name, column.name
            ))
            .with_found(found.kind.to_string())
            .with_expected(column.column_type.to_string())
            .with_contract(self.contract.file.clone());
        Some(told.with_hint(hint))
    }
}

/// What to do about a kind that cannot become the type exactly; none when it can.
fn unfit(column: &Column, kind: &AnswerKind) -> Option<String> {
    use AnswerKind as Kind;
    use ColumnType as Type;
    let target = column.column_type;
    let cast = |to: &str| Some(format!("say in the query how it becomes one: `cast(… as {to})`"));
    match (target, kind) {
        (_, Kind::Binary | Kind::Other) => cast("varchar"),
        // What a float is written as differs from driver to driver.
        (Type::Decimal { precision, scale }, Kind::Float) => {
            cast(&format!("numeric({precision},{scale})"))
        }
        (_, Kind::Float) => {
            cast(if target == Type::Text { "varchar(50)" } else { "numeric(38,0)" })
        }
        (Type::Decimal { precision, scale }, Kind::Decimal { scale: found, .. }) => {
            let is_finer = *found > i16::from(scale) || *found < 0;
            is_finer
                .then(|| cast(&format!("numeric({precision},{scale})")))
                .flatten()
                .map(|hint| format!("{hint}, or agree on more decimals in the contract"))
        }
        (Type::Integer, Kind::Decimal { scale: 0, .. }) => None,
        (Type::Integer, Kind::Decimal { .. }) => cast("bigint"),
        (Type::Integer | Type::Decimal { .. }, Kind::Date | Kind::Time | Kind::Timestamp) => {
            cast("numeric(38,0)")
        }
        (Type::Date | Type::Month, Kind::Timestamp) => cast("date"),
        (Type::Date | Type::Month, Kind::Time | Kind::Boolean | Kind::Decimal { .. })
        | (Type::Date, Kind::Integer) => cast("date"),
        (Type::Boolean, Kind::Decimal { .. } | Kind::Date | Kind::Time | Kind::Timestamp) => {
            cast("boolean")
        }
        (Type::Text | Type::Integer | Type::Decimal { .. }, _)
        | (Type::Date | Type::Month, Kind::Date | Kind::Text { .. })
        | (Type::Month, Kind::Integer)
        | (Type::Boolean, Kind::Boolean | Kind::Text { .. } | Kind::Integer)
        | (Type::Double, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(columns: &[(&str, &str)]) -> Contract {
        let columns = columns.iter().map(|(name, column_type)| Column {
            column_type: ColumnType::parse(column_type).unwrap(),
            ..Column::text(name)
        });
        let file = "schemas/payments__rows.odcs.yaml".to_owned();
        Contract { file, ..Contract::of("payments__rows", columns.collect()) }
    }

    fn answer(columns: &[(&str, AnswerKind)]) -> Vec<AnswerColumn> {
        let column = |(name, kind): &(&str, AnswerKind)| AnswerColumn {
            name: (*name).to_owned(),
            kind: kind.clone(),
        };
        columns.iter().map(column).collect()
    }

    fn told(contract: &Contract, answer: &[AnswerColumn]) -> String {
        let text = "table,heading,column,valid_from\npayments__rows,Belopp,amount_sek,\npayments__rows,intern,,\n";
        let headings = Headings::parse("pipelines/payments/headings.csv", text).unwrap();
        let query = "pipelines/payments/utbetalningar.sql";
        let faults = answer_faults(query, contract, &headings, answer);
        faults.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn an_answer_as_agreed() {
        let contract = contract(&[("paid_on", "date"), ("amount_sek", "decimal(18,2)")]);
        let answer = answer(&[
            ("Belopp", AnswerKind::Decimal { precision: 12, scale: 2 }),
            ("paid_on", AnswerKind::Date),
            ("intern", AnswerKind::Binary),
        ]);
        assert_eq!(told(&contract, &answer), "");
    }

    #[test]
    fn missing_extra_renamed_and_doubled_columns() {
        let contract = contract(&[
            ("paid_on", "date"),
            ("amount_sek", "decimal(18,2)"),
            ("supplier_name", "varchar"),
        ]);
        let answer = answer(&[
            ("PAID_ON", AnswerKind::Date),
            ("leverantör", AnswerKind::Text { length: Some(40) }),
            ("belopp", AnswerKind::Decimal { precision: 18, scale: 2 }),
            ("leverantör", AnswerKind::Text { length: Some(40) }),
        ]);
        insta::assert_snapshot!(told(&contract, &answer), @"
        error[T0126]: the answer has two columns `leverantör`
           --> pipelines/payments/utbetalningar.sql
            = expected: a name of its own for each column
            = effect:   nothing was fetched; the last delivery stays in force

        hint: name one of them otherwise in the query, with `as`

        error[T0126]: the answer has no column for `paid_on`
           --> pipelines/payments/utbetalningar.sql
            = found:    `PAID_ON`, which is nearly the same
            = expected: `paid_on`
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: if it is the same, write `PAID_ON as paid_on` in the query

        error[T0126]: the answer has no column for `amount_sek`
           --> pipelines/payments/utbetalningar.sql
            = found:    `belopp`, which is nearly the same
            = expected: `Belopp` or `amount_sek`
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: if it is the same, write `belopp as amount_sek` in the query

        error[T0126]: the answer has no column for `supplier_name`
           --> pipelines/payments/utbetalningar.sql
            = expected: `supplier_name`
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: add it to the query, `… as supplier_name`

        error[T0126]: the answer has a column `leverantör` that is not agreed
           --> pipelines/payments/utbetalningar.sql
            = expected: the columns of `payments__rows`
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: leave it out of the query, or add it to the contract, or to pipelines/payments/headings.csv without a column
        ");
    }

    #[test]
    fn kinds_that_would_only_nearly_do() {
        let contract = contract(&[
            ("a", "decimal(18,2)"),
            ("b", "decimal(18,2)"),
            ("c", "bigint"),
            ("d", "date"),
            ("e", "varchar"),
        ]);
        let answer = answer(&[
            ("a", AnswerKind::Float),
            ("b", AnswerKind::Decimal { precision: 28, scale: 6 }),
            ("c", AnswerKind::Decimal { precision: 10, scale: 1 }),
            ("d", AnswerKind::Timestamp),
            ("e", AnswerKind::Binary),
        ]);
        insta::assert_snapshot!(told(&contract, &answer), @"
        error[T0126]: the column `a` cannot carry `a` as it is agreed
           --> pipelines/payments/utbetalningar.sql
            = found:    floating-point number
            = expected: decimal(18,2)
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: say in the query how it becomes one: `cast(… as numeric(18,2))`

        error[T0126]: the column `b` cannot carry `b` as it is agreed
           --> pipelines/payments/utbetalningar.sql
            = found:    numeric(28,6)
            = expected: decimal(18,2)
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: say in the query how it becomes one: `cast(… as numeric(18,2))`, or agree on more decimals in the contract

        error[T0126]: the column `c` cannot carry `c` as it is agreed
           --> pipelines/payments/utbetalningar.sql
            = found:    numeric(10,1)
            = expected: bigint
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: say in the query how it becomes one: `cast(… as bigint)`

        error[T0126]: the column `d` cannot carry `d` as it is agreed
           --> pipelines/payments/utbetalningar.sql
            = found:    timestamp
            = expected: date
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: say in the query how it becomes one: `cast(… as date)`

        error[T0126]: the column `e` cannot carry `e` as it is agreed
           --> pipelines/payments/utbetalningar.sql
            = found:    bytes
            = expected: varchar
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: say in the query how it becomes one: `cast(… as varchar)`
        ");
    }

    #[test]
    fn what_each_type_takes() {
        let text = AnswerKind::Text { length: None };
        let whole = AnswerKind::Decimal { precision: 10, scale: 0 };
        let rows = [
            ("varchar", &text, true),
            ("varchar", &AnswerKind::Float, false),
            ("varchar", &AnswerKind::Timestamp, true),
            ("bigint", &AnswerKind::Integer, true),
            ("bigint", &whole, true),
            ("bigint", &AnswerKind::Float, false),
            ("bigint", &AnswerKind::Date, false),
            ("decimal(18,2)", &AnswerKind::Integer, true),
            ("decimal(18,2)", &text, true),
            ("date", &text, true),
            ("date", &AnswerKind::Integer, false),
            ("month", &AnswerKind::Integer, true),
            ("month", &AnswerKind::Date, true),
            ("boolean", &AnswerKind::Boolean, true),
            ("boolean", &AnswerKind::Timestamp, false),
            ("boolean", &AnswerKind::Other, false),
        ];
        for (target, kind, fits) in rows {
            let column =
                Column { column_type: ColumnType::parse(target).unwrap(), ..Column::text("a") };
            assert_eq!(unfit(&column, kind).is_none(), fits, "{target} from {kind}");
        }
    }
}

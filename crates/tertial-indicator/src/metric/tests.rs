use super::*;
use crate::Definition;
use tertial_model::{Column, ColumnType, Contract};

fn contract(table: &str, columns: &[(&str, &str)]) -> Contract {
    let column = |(name, kind): &(&str, &str)| Column {
        column_type: ColumnType::parse(kind).unwrap(),
        ..Column::text(name)
    };
    let file = format!("schemas/{table}.odcs.yaml");
    Contract { file, ..Contract::of(table, columns.iter().map(column).collect()) }
}

fn definition(metric: &str) -> Result<Definition, String> {
    let text = format!(
        "name = \"Ekologiska livsmedel\"\nunit = \"%\"\nfactor = 100\ndecimals = 1\ndirection = \"higher\"\n\
         frequency = \"tertial\"\nmeasures = \"x\"\nkort = \"x\"\nviktigt = [\"x\"]\nbearbetning = \"x\"\n\
         responsible = \"x\"\nsource = \"x\"\n\n[metric]\n{metric}\n\n[[version]]\nnumber = 1\n\
         valid_from = \"2019-01-01\"\nreason = \"x\"\n"
    );
    Definition::parse("sql/indicator/climate__food_pct.toml", &text)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn metric(text: &str) -> Metric {
    definition(text).unwrap().metric.unwrap()
}

fn food() -> Contract {
    contract(
        "measure.climate__food",
        &[
            ("month", "month"),
            ("kitchen", "varchar"),
            ("organic_sek", "decimal(14,2)"),
            ("total_sek", "decimal(14,2)"),
        ],
    )
}

const FOOD: &str = "type = \"ratio\"\nmeasure = \"climate__food\"\nnumerator = \"organic_sek\"\n\
                    denominator = \"total_sek\"\nbreakdowns = [{ by = \"kitchen\" }]";

#[test]
fn a_ratio_becomes_a_query_that_a_person_can_read() {
    let sql = resolve("Ekologiska livsmedel", &metric(FOOD), &food(), None);
    insta::assert_snapshot!(sql);
}

#[test]
fn persons_are_counted_apart_from_what_can_be_added() {
    let worked = contract(
        "measure.hr__worked_time",
        &[
            ("month", "month"),
            ("unit_id", "varchar"),
            ("sex", "varchar"),
            ("age_group", "varchar"),
            ("person_id", "varchar"),
            ("sick_hours", "decimal(9,2)"),
            ("ordinary_hours", "decimal(9,2)"),
        ],
    );
    let metric = metric(
        "type = \"ratio\"\nmeasure = \"hr__worked_time\"\nnumerator = \"sick_hours\"\n\
         denominator = \"ordinary_hours\"\nlevels = [\"region\", \"board\"]\nsexes = \"summed\"\n\
         persons = { distinct = \"person_id\" }\n\
         breakdowns = [{ by = \"age_group\", periods = [\"tertial\", \"year\"] }]",
    );
    insta::assert_snapshot!(resolve("Sjukfrånvaro", &metric, &worked, None));
}

#[test]
fn a_change_compares_the_same_months() {
    let metric = metric(
        "type = \"change\"\nmeasure = \"climate__food\"\nnumerator = \"total_sek\"\n\
         compared_with = \"2019\"\nrequires = \"paired_months\"",
    );
    insta::assert_snapshot!(resolve("Förändring", &metric, &food(), None));
}

#[test]
fn what_the_measure_lacks_is_told_with_what_it_has() {
    let metric = metric(
        "type = \"ratio\"\nmeasure = \"climate__food\"\nnumerator = \"organic_kr\"\n\
         denominator = \"kitchen\"\nlevels = [\"galaxy\"]\nbreakdowns = [{ by = \"chef\" }]",
    );
    let levels = ["region".to_owned(), "board".to_owned()];
    let told = |contract: Option<&Contract>| -> String {
        let file = "sql/indicator/climate__food_pct.toml";
        let found = faults(file, &metric, contract, None, &levels);
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(told(Some(&food())));
    insta::assert_snapshot!(told(None));
}

#[test]
fn a_kind_that_does_not_fit_is_refused_at_its_place() {
    for wrong in [
        "type = \"ratio\"\nmeasure = \"m\"\nnumerator = \"a\"",
        "type = \"simple\"\nmeasure = \"m\"\nnumerator = \"a\"\ndenominator = \"b\"",
        "type = \"change\"\nmeasure = \"m\"\nnumerator = \"a\"",
        "type = \"change\"\nmeasure = \"m\"\nnumerator = \"a\"\ncompared_with = \"last year\"",
        "type = \"simple\"\nmeasure = \"m\"\nnumerator = \"a\"\nrequires = \"paired_months\"",
        "type = \"simple\"\nmeasure = \"m\"\nnumerator = \"a\"\ntotal = false",
        "type = \"simple\"\nmeasure = \"m\"\nnumerator = \"a\"\npersons = { most_of = \"q\" }",
        "type = \"simple\"\nmeasure = \"m\"\nnumerator = \"a\"\nperiods = [\"quarter\"]",
        "type = \"simple\"\nmeasure = \"m\"\nnumerator = \"a\"\nonly = { topic = [] }",
        "type = \"sum\"\nmeasure = \"m\"\nnumerator = \"a\"",
    ] {
        let text = definition(wrong).unwrap_err();
        assert!(
            text.contains("error[T05") && text.contains("climate__food_pct.toml:"),
            "{wrong}\n{text}"
        );
        assert!(text.contains("= expected:"), "{wrong}\n{text}");
    }
}

#[test]
fn texts_of_a_definition_cannot_leave_their_quotes() {
    let metric = metric(
        "type = \"simple\"\nmeasure = \"climate__food\"\nnumerator = \"total_sek\"\n\
         only = { kitchen = \"O'Brien\" }\n[[metric.variant]]\nname = \"d'accord\"\n\
         numerator = \"organic_sek\"",
    );
    let sql = resolve("Mat", &metric, &food(), None);
    assert!(sql.contains("where kitchen = 'O''Brien'"), "{sql}");
    assert!(sql.contains("'d''accord' as breakdown"), "{sql}");
}

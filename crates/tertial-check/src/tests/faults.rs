//! One fixture for each fault, and the complete text it is told in.

use super::*;

fn one(column: String, rows: &str) -> String {
    let name = column.split([':', ',']).nth(1).unwrap_or("").trim().to_owned();
    set_aside(&Delivery::new(contract(&column, ""), &name).check(rows))
}

fn own(word: &str, value: &str) -> String {
    format!(", customProperties: [{{property: tertial.{word}, value: \"{value}\"}}]")
}

#[test]
fn t0201_required() {
    insta::assert_snapshot!(one(column("unit_code", "varchar", ", required: true, examples: [\"605\"]"), " "), @"");
    insta::assert_snapshot!(one(column("unit_code", "varchar", ", required: true"), ".."), @"");
}

#[test]
fn t0202_whole_number() {
    insta::assert_snapshot!(one(column("item_count", "bigint", ""), "12,5\ntolv"), @"");
}

#[test]
fn t0203_decimal_number() {
    insta::assert_snapshot!(one(column("amount_sek", "decimal(18,2)", ""), "12 345,6o"), @"");
}

#[test]
fn t0204_decimal_mark() {
    insta::assert_snapshot!(one(column("cost_sek", "decimal(14,2)", ""), "12.5\n1.234"), @"");
}

#[test]
fn t0205_date() {
    insta::assert_snapshot!(one(column("entry_date", "date", ""), "31/8/2024\n2024-02-30\n2024-08-31 12:30\ni går"), @"");
}

#[test]
fn t0206_month() {
    insta::assert_snapshot!(one(column("month", "month", ""), "2024-08-31\n2024-13\nTertial 2"), @"");
}

#[test]
fn t0207_truth() {
    insta::assert_snapshot!(one(column("is_manager", "boolean", ""), "tf"), @"");
    insta::assert_snapshot!(one(column("is_manager", "boolean", &own("allowed", "X|")), "J"), @"");
}

#[test]
fn t0208_codes_and_allowed_values() {
    insta::assert_snapshot!(one(column("sex", "varchar", &own("allowed", "K|M")), "k"), @"");
    let mut delivery = Delivery::new(contract(&column("status", "bigint", ""), ""), "status");
    let text = "table,column,code,value,label\nhr__worked_time,status,helt,0,\nhr__worked_time,status,delvis,1,\n";
    delivery.codes = Codes::parse("pipelines/hr/codes.csv", text).unwrap();
    insta::assert_snapshot!(set_aside(&delivery.check("delvs")), @"");
}

#[test]
fn t0209_range() {
    let limits = ", logicalTypeOptions: {minimum: 0, maximum: 400}";
    insta::assert_snapshot!(one(column("sick_hours", "decimal(9,2)", limits), "1 200,00"), @"");
}

#[test]
fn t0210_form_and_length() {
    let form = ", logicalTypeOptions: {pattern: \"[0-9]{4}\", maxLength: 4}, examples: [\"4011\"]";
    insta::assert_snapshot!(one(column("account_code", "varchar", form), "401\nförlång"), @"");
}

const PERSON: &str = ", classification: sensitive, customProperties: [{property: tertial.transform, value: \"civic_number:hr\"}]";

#[test]
fn t0211_civic_numbers_are_never_shown() {
    let columns = [column("person_id", "varchar", PERSON), column("n", "bigint", "")];
    let delivery = Delivery::new(contract(&columns.join("\n"), ""), "person_id;n");
    let checked =
        delivery.check("20170110-2385;1\n20170110-T384;1\n20170110-2384;x\n20170110-2384;1;2");
    let text = set_aside(&checked);
    let raw: Vec<&str> = checked.rejects.iter().map(|reject| reject.raw.as_str()).collect();
    assert_eq!(raw, ["•••••••••••••;1", "•••••••••••••;1", "•••••••••••••;x", "••••••••-••••;•;•"]);
    assert!(!text.contains("2017") && !text.contains("238"), "{text}");
    insta::assert_snapshot!(text, @"");
}

#[test]
fn t0212_precision_and_size() {
    insta::assert_snapshot!(one(column("net_amount_sek", "decimal(6,2)", ""), "1042,375\n123 456,00"), @"");
}

#[test]
fn t0213_references() {
    let mut delivery = Delivery::new(
        contract(&column("unit_code", "varchar", &own("references", "seed.units.unit_id")), ""),
        "unit_code",
    );
    delivery.references = references();
    insta::assert_snapshot!(set_aside(&delivery.check("6O5")), @"");
    delivery.references = References::new();
    let (_, notes) = delivery.checker().unwrap();
    insta::assert_snapshot!(told(&notes), @"");
}

#[test]
fn t0302_duplicates_name_the_first_line_and_mask() {
    let columns = [
        column("month", "month", ", primaryKey: true, primaryKeyPosition: 1"),
        column(
            "person_id",
            "varchar",
            &format!("{PERSON}, primaryKey: true, primaryKeyPosition: 2"),
        ),
    ];
    let delivery = Delivery::new(contract(&columns.join("\n"), ""), "month;person_id");
    let (batches, _) = delivery.night("2024-08;20170110-2384\n2024-08;170110-2384", 1);
    assert_eq!(batches[1].rejects[0].raw, "2024-08;•••••••••••");
    insta::assert_snapshot!(set_aside(&batches[1]), @"");
}

#[test]
fn t0105_t0106_headings_missing_and_changed() {
    let columns = [
        column("unit_code", "varchar", ", required: true"),
        column("sick_hours", "decimal(9,2)", ", required: true"),
        column("id", "varchar", ""),
    ];
    let mut delivery = Delivery::new(contract(&columns.join("\n"), ""), "Månad;Sjuk tid;id");
    delivery.headings = Headings::parse(
        "pipelines/hr/headings.csv",
        "table,heading,column,valid_from\nhr__worked_time,Sjuktid,sick_hours,\nhr__worked_time,Enhet,unit_code,\n",
    )
    .unwrap();
    insta::assert_snapshot!(told(&delivery.checker().map(|_| ()).unwrap_err()), @"");
}

#[test]
fn t0107_new_columns() {
    let mut delivery =
        Delivery::new(contract(&column("id", "varchar", ""), ""), " id ;Kommentar;Namn");
    delivery.headings = Headings::parse(
        "headings.csv",
        "table,heading,column,valid_from\nhr__worked_time,Namn,,\n",
    )
    .unwrap();
    let (_, notes) = delivery.checker().unwrap();
    insta::assert_snapshot!(told(&notes), @"");
}

#[test]
fn t0114_doubled_headings() {
    let delivery = Delivery::new(contract(&column("id", "varchar", ""), ""), "id;n;id");
    insta::assert_snapshot!(told(&delivery.checker().map(|_| ()).unwrap_err()), @"");
}

#[test]
fn t0508_a_correction_of_a_column_that_is_not_there() {
    let mut delivery = Delivery::new(contract(&column("id", "varchar", ""), ""), "id");
    let toml = "[[correction]]\ntable = \"hr__worked_time\"\ncolumn = \"hours\"\nmatch = { id = \"b\" }\nexpect = \"1\"\nvalue = \"2\"\nreason = \"r\"\ndecided_by = \"d\"\ndate = 2024-09-12\n";
    delivery.corrections =
        Corrections::parse("pipelines/hr/corrections.toml", toml, date(2024, 9, 16)).unwrap();
    let (_, notes) = delivery.checker().unwrap();
    insta::assert_snapshot!(told(&notes), @"");
}

#[test]
fn t0804_no_key() {
    let mut delivery =
        Delivery::new(contract(&column("person_id", "varchar", PERSON), ""), "person_id");
    delivery.key = None;
    insta::assert_snapshot!(told(&delivery.checker().map(|_| ()).unwrap_err()), @"");
}

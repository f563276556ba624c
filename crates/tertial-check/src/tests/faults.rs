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
    insta::assert_snapshot!(one(column("unit_code", "varchar", ", required: true, examples: [\"605\"]"), " "), @r"
    error[T0201]: `unit_code` has no value
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `unit_code`)
        |
      2 |  
        | ^
        = found:    an empty cell
        = expected: varchar, e.g. `605`
        = contract: schemas/hr__worked_time.odcs.yaml, `unit_code`
        = effect:   row set aside

    hint: fill in the cell in the source and export again; if it may be empty, say so in the contract
    ");
    insta::assert_snapshot!(one(column("unit_code", "varchar", ", required: true"), ".."), @r"
    error[T0201]: `unit_code` has no value
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `unit_code`)
        |
      2 | ..
        | ^^
        = found:    `..`, which means no value
        = expected: varchar
        = contract: schemas/hr__worked_time.odcs.yaml, `unit_code`
        = effect:   row set aside

    hint: fill in the cell in the source and export again; if it may be empty, say so in the contract
    ");
}

#[test]
fn t0202_whole_number() {
    insta::assert_snapshot!(one(column("item_count", "bigint", ""), "12,5\ntolv"), @r"
    error[T0202]: `item_count` is not a whole number
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `item_count`)
        |
      2 | 12,5
        | ^^^^
        = found:    `12,5`, 1 decimal
        = expected: bigint: a whole number of at most 18 digits
        = contract: schemas/hr__worked_time.odcs.yaml, `item_count`
        = effect:   row set aside

    hint: nothing is rounded at the door: give the column more decimals in the contract, or ask for rounded figures

    error[T0202]: `item_count` is not a whole number
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `item_count`)
        |
      3 | tolv
        | ^^^^
        = found:    `tolv`
        = expected: bigint, e.g. `12 345`
        = contract: schemas/hr__worked_time.odcs.yaml, `item_count`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0203_decimal_number() {
    insta::assert_snapshot!(one(column("amount_sek", "decimal(18,2)", ""), "12 345,6o"), @r"
    error[T0203]: `amount_sek` is not a decimal number
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `amount_sek`)
        |
      2 | 12 345,6o
        | ^^^^^^^^^
        = found:    `12 345,6o` (character 9 is the letter `o`)
        = expected: decimal(18,2) with decimal comma, e.g. `12 345,60`
        = contract: schemas/hr__worked_time.odcs.yaml, `amount_sek`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0204_decimal_mark() {
    insta::assert_snapshot!(one(column("cost_sek", "decimal(14,2)", ""), "12.5\n1.234"), @r"
    error[T0204]: `cost_sek` has another decimal mark than agreed
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `cost_sek`)
        |
      2 | 12.5
        | ^^^^
        = found:    `12.5`
        = expected: decimal(14,2) with decimal comma, e.g. `12 345,60`
        = contract: schemas/hr__worked_time.odcs.yaml, `cost_sek`
        = effect:   row set aside

    hint: ask the source for one decimal mark, or state the one it uses as `decimal` in `pipeline.toml`

    error[T0204]: `cost_sek` has another decimal mark than agreed
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `cost_sek`)
        |
      3 | 1.234
        | ^^^^^
        = found:    `1.234`, which can be read in two ways
        = expected: decimal(14,2) with decimal comma, e.g. `12 345,60`
        = contract: schemas/hr__worked_time.odcs.yaml, `cost_sek`
        = effect:   row set aside

    hint: ask the source for one decimal mark, or state the one it uses as `decimal` in `pipeline.toml`
    ");
}

#[test]
fn t0205_date() {
    insta::assert_snapshot!(one(column("entry_date", "date", ""), "31/8/2024\n2024-02-30\n2024-08-31 12:30\ni går"), @r"
    error[T0205]: `entry_date` is not a date
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `entry_date`)
        |
      2 | 31/8/2024
        | ^^^^^^^^^
        = found:    `31/8/2024`
        = expected: date, e.g. `2024-08-31`
        = contract: schemas/hr__worked_time.odcs.yaml, `entry_date`
        = effect:   row set aside

    hint: day and month cannot be told apart in this form: ask the source for `2024-08-31`

    error[T0205]: `entry_date` is not a date
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `entry_date`)
        |
      3 | 2024-02-30
        | ^^^^^^^^^^
        = found:    `2024-02-30`, which does not exist
        = expected: date, e.g. `2024-08-31`
        = contract: schemas/hr__worked_time.odcs.yaml, `entry_date`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`

    error[T0205]: `entry_date` is not a date
       --> received/hr/arbetstid_2024-08.csv:4:1 (column 1, `entry_date`)
        |
      4 | 2024-08-31 12:30
        | ^^^^^^^^^^^^^^^^
        = found:    `2024-08-31 12:30`, with a time of day
        = expected: date, e.g. `2024-08-31`
        = contract: schemas/hr__worked_time.odcs.yaml, `entry_date`
        = effect:   row set aside

    hint: if the column holds moments, say so in the contract with `{property: tertial.timeZone, value: Europe/Stockholm}`: those without a zone of their own lie there, and the day is that of Sweden; otherwise ask the source for the day alone

    error[T0205]: `entry_date` is not a date
       --> received/hr/arbetstid_2024-08.csv:5:1 (column 1, `entry_date`)
        |
      5 | i går
        | ^^^^^
        = found:    `i går`
        = expected: date, e.g. `2024-08-31`
        = contract: schemas/hr__worked_time.odcs.yaml, `entry_date`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0206_month() {
    insta::assert_snapshot!(one(column("month", "month", ""), "2024-08-31\n2024-13\nTertial 2"), @r"
    error[T0206]: `month` is not a month
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `month`)
        |
      2 | 2024-08-31
        | ^^^^^^^^^^
        = found:    `2024-08-31`, a day inside a month
        = expected: month, the first day or the month alone, e.g. `2024-08`
        = contract: schemas/hr__worked_time.odcs.yaml, `month`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`

    error[T0206]: `month` is not a month
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `month`)
        |
      3 | 2024-13
        | ^^^^^^^
        = found:    `2024-13`, which does not exist
        = expected: month, the first day or the month alone, e.g. `2024-08`
        = contract: schemas/hr__worked_time.odcs.yaml, `month`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`

    error[T0206]: `month` is not a month
       --> received/hr/arbetstid_2024-08.csv:4:1 (column 1, `month`)
        |
      4 | Tertial 2
        | ^^^^^^^^^
        = found:    `Tertial 2`
        = expected: month, the first day or the month alone, e.g. `2024-08`
        = contract: schemas/hr__worked_time.odcs.yaml, `month`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0207_truth() {
    insta::assert_snapshot!(one(column("is_manager", "boolean", ""), "tf"), @r"
    error[T0207]: `is_manager` is neither true nor false
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `is_manager`)
        |
      2 | tf
        | ^^
        = found:    `tf`
        = expected: boolean: `J` or `N`, `Ja` or `Nej`, `1` or `0`, `true` or `false`
        = contract: schemas/hr__worked_time.odcs.yaml, `is_manager`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
    insta::assert_snapshot!(one(column("is_manager", "boolean", &own("allowed", "X|")), "J"), @r"
    error[T0207]: `is_manager` is neither true nor false
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `is_manager`)
        |
      2 | J
        | ^
        = found:    `J`
        = expected: boolean: one of `X`, nothing
        = contract: schemas/hr__worked_time.odcs.yaml, `is_manager`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0208_codes_and_allowed_values() {
    insta::assert_snapshot!(one(column("sex", "varchar", &own("allowed", "K|M")), "k"), @r"
    error[T0208]: `sex` is not among the allowed values
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `sex`)
        |
      2 | k
        | ^
        = found:    `k`
        = expected: one of `K`, `M`
        = contract: schemas/hr__worked_time.odcs.yaml, `sex`
        = effect:   row set aside

    hint: did you mean `K` or `M`?
    hint: if the value is sound, add it to the contract, or map it in `codes.csv`
    ");
    let mut delivery = Delivery::new(contract(&column("status", "bigint", ""), ""), "status");
    let text = "table,column,code,value,label\nhr__worked_time,status,helt,0,\nhr__worked_time,status,delvis,1,\n";
    delivery.codes = Codes::parse("pipelines/hr/codes.csv", text).unwrap();
    insta::assert_snapshot!(set_aside(&delivery.check("delvs")), @r"
    error[T0208]: `status` has a code that is not in the code list
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `status`)
        |
      2 | delvs
        | ^^^^^
        = found:    `delvs`
        = expected: one of the codes in pipelines/hr/codes.csv: `delvis`, `helt`
        = contract: schemas/hr__worked_time.odcs.yaml, `status`
        = effect:   row set aside

    hint: did you mean `delvis`?
    hint: if the code is new, add it to `pipelines/hr/codes.csv`
    ");
}

#[test]
fn t0209_range() {
    let limits = ", logicalTypeOptions: {minimum: 0, maximum: 400}";
    insta::assert_snapshot!(one(column("sick_hours", "decimal(9,2)", limits), "1 200,00"), @r"
    error[T0209]: `sick_hours` is out of range
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `sick_hours`)
        |
      2 | 1 200,00
        | ^^^^^^^^
        = found:    `1 200,00`
        = expected: at least 0 and at most 400
        = contract: schemas/hr__worked_time.odcs.yaml, `sick_hours`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0210_form_and_length() {
    let form = ", logicalTypeOptions: {pattern: \"[0-9]{4}\", maxLength: 4}, examples: [\"4011\"]";
    insta::assert_snapshot!(one(column("account_code", "varchar", form), "401\nförlång"), @r"
    error[T0210]: `account_code` does not have the agreed form
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `account_code`)
        |
      2 | 401
        | ^^^
        = found:    `401`
        = expected: text that matches `[0-9]{4}`, e.g. `4011`
        = contract: schemas/hr__worked_time.odcs.yaml, `account_code`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`

    error[T0210]: `account_code` is too long
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `account_code`)
        |
      3 | förlång
        | ^^^^^^^
        = found:    `förlång`, 7 characters
        = expected: at most 4 characters
        = contract: schemas/hr__worked_time.odcs.yaml, `account_code`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
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
    insta::assert_snapshot!(text, @r"
    error[T0211]: `person_id` is not a valid civic number
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `person_id`)
        |
      2 | •••••••••••••;1
        | ^^^^^^^^^^^^^
        = found:    <masked, 13 characters>: the check digit does not agree with the other digits
        = expected: a Swedish civic or coordination number of 12 or 10 digits
        = contract: schemas/hr__worked_time.odcs.yaml, `person_id`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`

    error[T0211]: `person_id` is not a valid civic number
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `person_id`)
        |
      3 | •••••••••••••;1
        | ^^^^^^^^^^^^^
        = found:    <masked, 13 characters>: it is an interim number, which is not permanent
        = expected: a Swedish civic or coordination number of 12 or 10 digits
        = contract: schemas/hr__worked_time.odcs.yaml, `person_id`
        = effect:   row set aside

    hint: ask the source for the permanent number

    error[T0202]: `n` is not a whole number
       --> received/hr/arbetstid_2024-08.csv:4:15 (column 2, `n`)
        |
      4 | •••••••••••••;x
        |               ^
        = found:    `x`
        = expected: bigint, e.g. `12 345`
        = contract: schemas/hr__worked_time.odcs.yaml, `n`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`

    error[T0301]: a row has the wrong number of fields
       --> received/hr/arbetstid_2024-08.csv:5:1
        |
      5 | ••••••••-••••;•;•
        | ^
        = found:    3 fields, the first `•••••••••••••`
    ");
}

#[test]
fn t0212_precision_and_size() {
    insta::assert_snapshot!(one(column("net_amount_sek", "decimal(6,2)", ""), "1042,375\n123 456,00"), @r"
    error[T0212]: `net_amount_sek` does not fit its type
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `net_amount_sek`)
        |
      2 | 1042,375
        | ^^^^^^^^
        = found:    `1042,375`, 3 decimals
        = expected: decimal(6,2): at most 4 digits before the mark and 2 after it
        = contract: schemas/hr__worked_time.odcs.yaml, `net_amount_sek`
        = effect:   row set aside

    hint: nothing is rounded at the door: give the column more decimals in the contract, or ask for rounded figures

    error[T0212]: `net_amount_sek` does not fit its type
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `net_amount_sek`)
        |
      3 | 123 456,00
        | ^^^^^^^^^^
        = found:    `123 456,00`
        = expected: decimal(6,2): at most 4 digits before the mark and 2 after it
        = contract: schemas/hr__worked_time.odcs.yaml, `net_amount_sek`
        = effect:   row set aside

    hint: correct the cell in the source and export again, or agree on a correction in `corrections.toml`
    ");
}

#[test]
fn t0213_references() {
    let mut delivery = Delivery::new(
        contract(&column("unit_code", "varchar", &own("references", "seed.units.unit_id")), ""),
        "unit_code",
    );
    delivery.references = references();
    insta::assert_snapshot!(set_aside(&delivery.check("6O5")), @r"
    error[T0213]: `unit_code` refers to something unknown
       --> received/hr/arbetstid_2024-08.csv:2:1 (column 1, `unit_code`)
        |
      2 | 6O5
        | ^^^
        = found:    `6O5`
        = expected: a value of `seed.units.unit_id`
        = contract: schemas/hr__worked_time.odcs.yaml, `unit_code`
        = effect:   row set aside

    hint: did you mean `605`?
    hint: if it is new, add it to the table it should stand in
    ");
    delivery.references = References::new();
    let (_, notes) = delivery.checker().unwrap();
    insta::assert_snapshot!(told(&notes), @r"
    warning[T0507]: a reference table is not there to check against
       --> received/hr/arbetstid_2024-08.csv
        = found:    `seed.units.unit_id`
        = contract: schemas/hr__worked_time.odcs.yaml, `unit_code`
        = effect:   the column's values are not looked up
    ");
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
    insta::assert_snapshot!(set_aside(&batches[1]), @r"
    error[T0302]: two rows have the same key
       --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `month`)
        |
      3 | 2024-08;•••••••••••
        | ^^^^^^^
        = found:    month `2024-08`, person_id <masked, 11 characters>, first on line 2
        = expected: one row for each key
        = contract: schemas/hr__worked_time.odcs.yaml, key
        = effect:   row set aside; the first one stays

    hint: remove the row that is too many in the source, or add the column that tells the rows apart to the key
    ");
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
    insta::assert_snapshot!(told(&delivery.checker().map(|_| ()).unwrap_err()), @r"
    error[T0105]: `unit_code` is not in the file
       --> received/hr/arbetstid_2024-08.csv
        = found:    headings `Månad`, `Sjuk tid`, `id`
        = expected: the heading `Enhet`
        = contract: schemas/hr__worked_time.odcs.yaml, `unit_code`
        = effect:   delivery refused

    hint: ask the source for the column, or add its new heading to `pipelines/hr/headings.csv`

    error[T0106]: the heading of `sick_hours` seems to be `Sjuk tid` now
       --> received/hr/arbetstid_2024-08.csv
        = found:    headings `Månad`, `Sjuk tid`, `id`
        = expected: the heading `Sjuktid`
        = contract: schemas/hr__worked_time.odcs.yaml, `sick_hours`
        = effect:   delivery refused

    hint: if it is the same thing, add `hr__worked_time,Sjuk tid,sick_hours,` to `pipelines/hr/headings.csv`
    ");
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
    insta::assert_snapshot!(told(&notes), @r"
    note[T0107]: a column the contract does not have: `Kommentar`
       --> received/hr/arbetstid_2024-08.csv
        = found:    headings `Kommentar`
        = contract: schemas/hr__worked_time.odcs.yaml
        = effect:   not loaded

    hint: add the column to the contract, or list its heading with an empty column in `headings.csv`
    ");
}

#[test]
fn t0114_doubled_headings() {
    let delivery = Delivery::new(contract(&column("id", "varchar", ""), ""), "id;n;id");
    insta::assert_snapshot!(told(&delivery.checker().map(|_| ()).unwrap_err()), @r"
    error[T0114]: two columns have the heading of `id`
       --> received/hr/arbetstid_2024-08.csv
        = found:    `id` in column 1, `id` in column 3
        = expected: one column
        = contract: schemas/hr__worked_time.odcs.yaml, `id`
        = effect:   delivery refused

    hint: ask the source to remove or rename the column that is too many
    ");
}

#[test]
fn t0508_a_correction_of_a_column_that_is_not_there() {
    let mut delivery = Delivery::new(contract(&column("id", "varchar", ""), ""), "id");
    let toml = "[[correction]]\ntable = \"hr__worked_time\"\ncolumn = \"hours\"\nmatch = { id = \"b\" }\nexpect = \"1\"\nvalue = \"2\"\nreason = \"r\"\ndecided_by = \"d\"\ndate = 2024-09-12\n";
    delivery.corrections =
        Corrections::parse("pipelines/hr/corrections.toml", toml, date(2024, 9, 16)).unwrap();
    let (_, notes) = delivery.checker().unwrap();
    insta::assert_snapshot!(told(&notes), @r"
    warning[T0508]: a correction names a column that is not there
       --> pipelines/hr/corrections.toml:2:1
        = found:    `hours`
        = contract: schemas/hr__worked_time.odcs.yaml
        = effect:   not applied
    ");
}

#[test]
fn t0804_no_key() {
    let mut delivery =
        Delivery::new(contract(&column("person_id", "varchar", PERSON), ""), "person_id");
    delivery.key = None;
    insta::assert_snapshot!(told(&delivery.checker().map(|_| ()).unwrap_err()), @r"
    error[T0804]: the key for pseudonyms is missing
       --> received/hr/arbetstid_2024-08.csv
        = contract: schemas/hr__worked_time.odcs.yaml, `person_id`
        = effect:   delivery not checked

    hint: give the program its key file or variable, the same as last time
    ");
}

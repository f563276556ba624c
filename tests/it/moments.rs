//! Moments and the days and months they lie on: the calendar is Sweden's, in whatever form and zone a
//! source writes its times.

use crate::support::{folder, on, without_hashes};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::path::{Path, PathBuf};

fn contract(more: &str) -> String {
    format!(
        "apiVersion: v3.1.0
kind: DataContract
id: alarms__rows
name: Larm
version: 1.0.0
status: active
schema:
  - name: alarms__rows
    physicalType: table
    description: En rad per larm.
    properties:
      - {{name: alarm_id, logicalType: string, physicalType: varchar, required: true, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: opened_on, logicalType: date, physicalType: date, required: true{more}}}
    customProperties:
      - {{property: tertial.periodColumn, value: opened_on}}
      - {{property: tertial.rejectMax, value: \"100 %\"}}
"
    )
}

const ZONE: &str = ", customProperties: [{property: tertial.timeZone, value: ";

fn alarms(name: &str, format: &str, contract: &str) -> PathBuf {
    let project = folder(name);
    let write = |file: &str, text: &str| {
        let path = project.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("tertial.toml", "[region]\nname = \"Region\"\nsynthetic = true\n");
    write("schemas/alarms__rows.odcs.yaml", contract);
    let pipeline = format!(
        "name = \"alarms\"\n\n[[file]]\npattern = \"larm_{{period}}.*\"\nformat = \"{format}\"\n\n\
         [[file.table]]\ncontract = \"alarms__rows\"\n"
    );
    write("pipelines/alarms/pipeline.toml", &pipeline);
    write("pipelines/alarms/README.md", "# Larm\n\nPåhittade larm.\n");
    std::fs::create_dir_all(project.join("data/inbox/alarms")).unwrap();
    project
}

/// The accepted alarms with their days and the months they are kept under.
fn days(project: &Path) -> String {
    let query = "select string_agg(alarm_id || ' ' || opened_on, ' ' order by alarm_id) from raw.alarms__rows";
    let answer = on(project, &["sql", "--warehouse", "--format", "csv", query]).ended(0);
    answer.out.lines().skip(1).collect::<Vec<_>>().join(" ")
}

fn partitions(project: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(project.join("data/lake/alarms__rows")).unwrap().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const MOMENTS: &str = r#"[
 {"alarm_id": "E1", "opened_on": "2024-12-31T22:30:00Z"},
 {"alarm_id": "E2", "opened_on": "2024-12-31T23:00:00Z"},
 {"alarm_id": "E3", "opened_on": "2024-12-31T23:30:00Z"},
 {"alarm_id": "E4", "opened_on": "2025-01-01T00:00:00Z"},
 {"alarm_id": "E5", "opened_on": "2024-08-31T22:15:00+00:00"},
 {"alarm_id": "E6", "opened_on": "2025-01-01T00:00:00+01:00"}
]"#;

#[test]
fn a_moment_with_its_zone_lies_on_a_swedish_day() {
    let project = alarms("moments-json", "json", &contract(""));
    std::fs::write(project.join("data/inbox/alarms/larm_2024.json"), MOMENTS).unwrap();
    on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(0);
    assert_eq!(
        days(&project),
        "E1 2024-12-31 E2 2025-01-01 E3 2025-01-01 E4 2025-01-01 E5 2024-09-01 E6 2025-01-01"
    );
    assert_eq!(partitions(&project), ["period=2024-09", "period=2024-12", "period=2025-01"]);
}

#[test]
fn a_moment_without_a_zone_is_refused_until_the_contract_names_one() {
    let rows = r#"[{"alarm_id": "E1", "opened_on": "2024-08-31 22:15:00"}]"#;
    let project = alarms("moments-zoneless", "json", &contract(""));
    std::fs::write(project.join("data/inbox/alarms/larm_2024.json"), rows).unwrap();
    let told = on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(1);
    insta::assert_snapshot!(without_hashes(&told.err), @r"
    error[T0205]: `opened_on` is not a date
       --> data/received/alarms/alarms-<hash>/larm_2024.json:1 (element) (column 2, `opened_on`)
        = found:    `2024-08-31 22:15:00`, with a time of day
        = expected: date, e.g. `2024-08-31`
        = contract: schemas/alarms__rows.odcs.yaml, `opened_on`
        = effect:   row set aside

    hint: if the column holds moments, say so in the contract with `{property: tertial.timeZone, value: Europe/Stockholm}`: those without a zone of their own lie there, and the day is that of Sweden; otherwise ask the source for the day alone
    ");
    for (zone, expected) in [
        ("Europe/Stockholm", "E1 2024-08-31"),
        ("UTC", "E1 2024-09-01"),
        ("Atlantic/Azores", "E1 2024-09-01"),
    ] {
        let file = project.join("schemas/alarms__rows.odcs.yaml");
        std::fs::write(file, contract(&format!("{ZONE}{zone}}}]"))).unwrap();
        on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(0);
        assert_eq!(days(&project), expected, "{zone}");
    }
    std::fs::write(
        project.join("schemas/alarms__rows.odcs.yaml"),
        contract(&format!("{ZONE}Europe/Ostersund}}]")),
    )
    .unwrap();
    let told = on(&project, &["check"]).ended(2).err;
    assert!(told.contains("`tertial.timeZone` cannot be used"), "{told}");
}

#[test]
fn times_of_a_workbook_are_local() {
    let project = alarms("moments-xlsx", "xlsx", &contract(&format!("{ZONE}Europe/Stockholm}}]")));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write_row(0, 0, ["alarm_id", "opened_on"]).unwrap();
    for (row, (id, time)) in
        (1..).zip([("E1", "2024-08-31T23:30:00"), ("E2", "2024-09-01T00:00:00")])
    {
        sheet.write(row, 0, id).unwrap();
        let time = ExcelDateTime::parse_from_str(time).unwrap();
        sheet.write_datetime_with_format(row, 1, &time, &format).unwrap();
    }
    book.save(project.join("data/inbox/alarms/larm_2024.xlsx")).unwrap();
    on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(0);
    assert_eq!(days(&project), "E1 2024-08-31 E2 2024-09-01");
}

#[test]
fn moments_of_parquet_lie_on_swedish_days() {
    use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
    use std::sync::Arc;
    let project = alarms("moments-parquet", "parquet", &contract(&format!("{ZONE}UTC}}]")));
    let ids: ArrayRef = Arc::new(StringArray::from(vec!["E1", "E2"]));
    // 2024-08-31T22:15:00 and 2024-12-31T22:30:00, in UTC.
    let times = vec![1_725_142_500_000_000, 1_735_684_200_000_000];
    for (name, zone) in [
        ("larm_2022.parquet", None),
        ("larm_2023.parquet", Some("UTC")),
        ("larm_2024.parquet", Some("America/New_York")),
    ] {
        let times = TimestampMicrosecondArray::from(times.clone()).with_timezone_opt(zone);
        let times: ArrayRef = Arc::new(times);
        let batch =
            RecordBatch::try_from_iter([("alarm_id", ids.clone()), ("opened_on", times)]).unwrap();
        let file = std::fs::File::create(project.join("data/inbox/alarms").join(name)).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(0);
        assert_eq!(days(&project), "E1 2024-09-01 E2 2024-12-31", "{name}");
        std::fs::remove_file(project.join("data/inbox/alarms").join(name)).unwrap();
    }
}

#[test]
fn a_month_is_the_one_sweden_had() {
    let monthly = contract("").replace("physicalType: date", "physicalType: month");
    let project = alarms("moments-month", "json", &monthly);
    let rows = r#"[
 {"alarm_id": "M1", "opened_on": "2024-08-31T22:00:00.000Z"},
 {"alarm_id": "M2", "opened_on": "2024-09-01T00:00:00Z"},
 {"alarm_id": "M3", "opened_on": "2024-08-31T22:15:00Z"}
]"#;
    std::fs::write(project.join("data/inbox/alarms/larm_2024.json"), rows).unwrap();
    let told = on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(1).err;
    assert!(told.contains("`2024-08-31T22:15:00Z`, with a time of day"), "{told}");
    assert_eq!(days(&project), "M1 2024-09-01 M2 2024-09-01");
    let monthly =
        contract(&format!("{ZONE}UTC}}]")).replace("physicalType: date", "physicalType: month");
    std::fs::write(project.join("schemas/alarms__rows.odcs.yaml"), monthly).unwrap();
    on(&project, &["--quiet", "run", "--as-of", "2025-02-01"]).ended(0);
    assert_eq!(days(&project), "M1 2024-09-01 M2 2024-09-01 M3 2024-09-01");
}

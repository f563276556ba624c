//! What deliveries must agree about: keys within one, keys between several, values that one takes
//! from another. A project of its own, small enough to be read here.

use crate::support::{Answer, folder, on, without_hashes};
use std::path::{Path, PathBuf};

const PATIENTS: &str = "apiVersion: v3.1.0
kind: DataContract
id: clinic__visits
name: Besök
version: 1.0.0
status: active
schema:
  - name: clinic__visits
    physicalType: table
    description: En rad per besök.
    properties:
      - {name: month, logicalType: date, physicalType: month, required: true, primaryKey: true, primaryKeyPosition: 1, logicalTypeOptions: {minimum: \"2024-01-01\"}}
      - {name: visit_id, logicalType: string, physicalType: varchar, required: true, primaryKey: true, primaryKeyPosition: 2, logicalTypeOptions: {minLength: 2}}
      - {name: clinic_code, logicalType: string, physicalType: varchar, required: true, relationships: [{to: clinic__units.clinic_code}]}
      - {name: receipt, logicalType: string, physicalType: varchar, unique: true}
      - {name: fee_sek, logicalType: number, physicalType: \"decimal(9,2)\", logicalTypeOptions: {exclusiveMinimum: 0}}
    customProperties:
      - {property: tertial.periodColumn, value: month}
      - {property: tertial.rejectMax, value: \"50 %\"}
";

const UNITS: &str = "apiVersion: v3.1.0
kind: DataContract
id: clinic__units
name: Mottagningar
version: 1.0.0
status: active
schema:
  - name: clinic__units
    physicalType: table
    description: En rad per mottagning.
    quality: [{metric: rowCount, mustBeGreaterOrEqualTo: 2}]
    properties:
      - {name: clinic_code, logicalType: string, physicalType: varchar, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: kind, logicalType: string, physicalType: varchar, enum: [{value: hälsocentral}, {value: sjukhus}]}
";

const PIPELINE: &str = "name = \"clinic\"

[[file]]
pattern = \"besok_{scope}_{period}.csv\"
format = \"csv\"
encoding = \"utf-8\"
delimiter = \";\"
decimal = \",\"
within_period = true
[[file.table]]
contract = \"clinic__visits\"

[[file]]
pattern = \"mottagningar_{period}.csv\"
format = \"csv\"
encoding = \"utf-8\"
delimiter = \";\"
[[file.table]]
contract = \"clinic__units\"
";

/// The units that visits point at have come; nothing else has.
fn clinic(name: &str) -> PathBuf {
    let project = folder(name);
    let write = |file: &str, text: &str| {
        let path = project.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("tertial.toml", "[region]\nname = \"Region\"\nsynthetic = true\n");
    write("schemas/clinic__visits.odcs.yaml", PATIENTS);
    write("schemas/clinic__units.odcs.yaml", UNITS);
    write("pipelines/clinic/pipeline.toml", PIPELINE);
    write("pipelines/clinic/README.md", "# Mottagningar\n\nSyntetiska besök.\n");
    deliver(
        &project,
        "mottagningar_2024.csv",
        "clinic_code;kind\nKROM;hälsocentral\nBRUN;hälsocentral\nÖSD;sjukhus\n",
        "2024-08-01",
    )
    .ended(0);
    project
}

/// Puts a file into the drop folder, takes it in on a day, and loads.
fn deliver(project: &Path, file: &str, text: &str, day: &str) -> Answer {
    let inbox = project.join("data/inbox/clinic");
    std::fs::create_dir_all(&inbox).unwrap();
    std::fs::write(inbox.join(file), text).unwrap();
    on(project, &["--quiet", "receive", "--as-of", day]).ended(0);
    on(project, &["load", "--as-of", day])
}

const HEAD: &str = "month;visit_id;clinic_code;receipt;fee_sek\n";

fn visits(rows: &str) -> String {
    format!("{HEAD}{rows}")
}

/// Accepted and rejected rows of a file's load, by its manifest.
fn counts(project: &Path, file: &str) -> (u64, u64) {
    let folder = project.join("data/deliveries");
    let manifests = std::fs::read_dir(folder).unwrap().flatten().map(|entry| {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    });
    let newest = manifests
        .filter(|manifest| manifest["delivery"]["original_name"] == file)
        .max_by_key(|manifest| manifest["delivery"]["received_at"].as_str().map(str::to_owned));
    let newest = newest.expect("the file was loaded");
    let count = |name: &str| newest["tables"][0][name].as_u64().unwrap();
    (count("rows_accepted"), count("rows_rejected"))
}

#[test]
fn the_contract_s_rules_in_the_standard_s_own_words_are_checked() {
    let project = clinic("deliveries-rules");
    let text = visits(
        "2024-08;b1;KROM;k1;12,50\n2024-08;b;KROM;k2;12,50\n2024-08;b3;KROM;k3;0,00\n\
         2024-08;b4;XXXX;k4;1,00\n2024-07;b5;KROM;k5;1,00\n2024-08;b6;KROM;k1;1,00\n\
         2024-08;b1;KROM;k7;1,00\n2024-08;b8;BRUN;;1,00\n2024-08;b9;BRUN;;1,00\n\
         2023-08;c1;BRUN;;1,00\n2024-08;c2;BRUN;k8;1,00\n2024-08;c3;BRUN;k9;1,00\n2024-08;c4;BRUN;l1;1,00\n\
         2024-08;c5;BRUN;l2;1,00\n",
    );
    let answer = deliver(&project, "besok_krokom_2024-08.csv", &text, "2024-09-01").ended(1);
    insta::assert_snapshot!(without_hashes(&answer.err));
    assert_eq!(counts(&project, "besok_krokom_2024-08.csv"), (7, 7));
}

#[test]
fn a_table_with_too_few_rows_is_refused() {
    let project = clinic("deliveries-count");
    let answer = deliver(
        &project,
        "mottagningar_2025.csv",
        "clinic_code;kind\nKROM;sjukhus\n",
        "2024-09-01",
    );
    let told = answer.ended(1).err;
    assert!(told.contains("T0402") && told.contains("at least 2 rows"), "{told}");
}

#[test]
fn a_key_that_another_delivery_holds_is_set_aside_until_the_other_is_delivered_again() {
    let project = clinic("deliveries-across");
    let (first, second) = ("besok_krokom_2024-08.csv", "besok_brunflo_2024-08.csv");
    let rows = "2024-08;b1;KROM;;1,00\n2024-08;b2;KROM;;1,00\n2024-08;b3;BRUN;;1,00\n";
    deliver(&project, first, &visits(rows), "2024-09-01").ended(0);
    let rows = "2024-08;b3;BRUN;;2,00\n2024-08;b4;BRUN;;1,00\n";
    let answer = deliver(&project, second, &visits(rows), "2024-09-02").ended(1);
    insta::assert_snapshot!(without_hashes(&answer.err));
    assert_eq!(counts(&project, second), (1, 1));

    // Nothing is due before something has changed.
    let again = on(&project, &["load", "--as-of", "2024-09-02"]).ended(0);
    assert_eq!(again.out, "");
    // A third delivery has nothing to do with it.
    let other = visits("2024-07;b3;BRUN;;1,00\n");
    deliver(&project, "besok_krokom_2024-07.csv", &other, "2024-09-03").ended(0);
    assert_eq!(counts(&project, second), (1, 1));

    // The first sender takes the row back: both deliveries are right now.
    let rows = "2024-08;b1;KROM;;1,00\n2024-08;b2;KROM;;1,00\n";
    let answer = deliver(&project, first, &visits(rows), "2024-09-04").ended(0);
    assert!(answer.out.contains("besok_brunflo_2024-08.csv"), "{}", answer.out);
    assert_eq!((counts(&project, first), counts(&project, second)), ((2, 0), (2, 0)));
    assert_eq!(on(&project, &["rejects", "list"]).ended(0).out.lines().count(), 2);

    // As it was seen before that, it is still as it was.
    on(&project, &["load", "--as-of", "2024-09-03"]).ended(1);
    assert_eq!(counts(&project, second), (1, 1));
}

#[test]
fn values_of_another_table_are_known_when_it_has_been_delivered() {
    let project = clinic("deliveries-references");
    let file = "besok_krokom_2024-08.csv";
    let rows = "2024-08;b1;KROM;;1,00\n2024-08;b2;NY;;1,00\n";
    let answer = deliver(&project, file, &visits(rows), "2024-09-01").ended(1);
    assert!(answer.err.contains("raw.clinic__units.clinic_code"), "{}", answer.err);
    assert_eq!(counts(&project, file), (1, 1));

    // The same values under another date change nothing.
    let units = "clinic_code;kind\nBRUN;hälsocentral\nKROM;sjukhus\nÖSD;sjukhus\n";
    let answer = deliver(&project, "mottagningar_2024.csv", units, "2024-09-02").ended(0);
    assert!(!answer.out.contains("besok"), "{}", answer.out);
    // A new clinic takes the row in.
    let units = format!("{units}NY;hälsocentral\n");
    let answer = deliver(&project, "mottagningar_2024.csv", &units, "2024-09-03").ended(0);
    assert!(answer.out.contains("besok"), "{}", answer.out);
    assert_eq!(counts(&project, file), (2, 0));
}

#[test]
fn references_that_cannot_be_looked_up_are_faults_of_the_project() {
    let project = clinic("deliveries-circle");
    let units = UNITS.replace(
        "physicalType: varchar, enum:",
        "physicalType: varchar, relationships: [{to: clinic__visits.receipt}], enum:",
    );
    std::fs::write(project.join("schemas/clinic__units.odcs.yaml"), units).unwrap();
    let told = on(&project, &["check"]).ended(2).err;
    assert!(told.contains("T0507") && told.contains("refer back"), "{told}");
    let visits = PATIENTS.replace("clinic__units.clinic_code", "clinic__units.code");
    std::fs::write(project.join("schemas/clinic__visits.odcs.yaml"), visits).unwrap();
    let told = on(&project, &["check"]).ended(2).err;
    assert!(told.contains("a column that does not exist"), "{told}");
}

#[test]
fn a_rule_that_nothing_checks_is_a_fault_of_the_contract() {
    let project = clinic("deliveries-unchecked");
    let visits = PATIENTS.replace("exclusiveMinimum: 0", "exclusiveMinimum: 0, multipleOf: 5");
    std::fs::write(project.join("schemas/clinic__visits.odcs.yaml"), visits).unwrap();
    let units = UNITS.replace("mustBeGreaterOrEqualTo: 2", "mustNotBe: 2");
    std::fs::write(project.join("schemas/clinic__units.odcs.yaml"), units).unwrap();
    let told = on(&project, &["check"]).ended(2).err;
    for word in ["multipleOf", "quality"] {
        assert!(told.contains(&format!("the rule `{word}` is not checked")), "{told}");
    }
}

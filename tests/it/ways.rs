//! The ways in, from outside: drop folder with archives and bytes that come back, ODBC, SFTP.

use crate::support::{MORNING, command, folder, on, tertial, without_hashes};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

const PIPELINE: &str = r#"name = "payments"
label = "Utbetalningar"
owner = "Ekonomienheten"

[[file]]
pattern = "utbetalningar_{period}*.csv"
format = "csv"
encoding = "utf-8"
delimiter = ","
decimal = "."

[[file.table]]
contract = "payments__rows"
"#;

const CONTRACT: &str = r#"apiVersion: v3.1.0
kind: DataContract
id: payments__rows
name: "Utbetalningar"
version: 1.0.0
status: active
domain: payments
tenant: region
description:
  purpose: "Utbetalningar per dag."
team:
  name: "Ekonomienheten"
  members: [{username: ekonomi, role: owner}]
schema:
  - name: payments__rows
    physicalType: table
    description: "En rad per utbetalning."
    properties:
      - name: payment_id
        businessName: "Utbetalning"
        logicalType: integer
        physicalType: bigint
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        description: "Utbetalningens nummer."
      - name: paid_on
        businessName: "Dag"
        logicalType: date
        physicalType: date
        required: true
        description: "Utbetalningens dag."
      - name: amount_sek
        businessName: "Belopp"
        logicalType: number
        physicalType: decimal(18,2)
        description: "Utbetalt belopp."
      - name: supplier_name
        businessName: "Leverantör"
        logicalType: string
        physicalType: varchar
        description: "Leverantörens namn."
    customProperties:
      - {property: tertial.rejectMax, value: "0"}
"#;

/// A project with one source and no queries; `more` goes at the end of its pipeline.
fn project(name: &str, more: &str) -> PathBuf {
    let dir = folder(name).join("region");
    tertial(&["init", dir.to_str().unwrap()]).ended(0);
    let pipeline = dir.join("pipelines/payments");
    std::fs::create_dir_all(&pipeline).unwrap();
    std::fs::write(pipeline.join("pipeline.toml"), format!("{PIPELINE}\n{more}")).unwrap();
    std::fs::write(pipeline.join("README.md"), "# Utbetalningar\n").unwrap();
    std::fs::write(dir.join("schemas/payments__rows.odcs.yaml"), CONTRACT).unwrap();
    dir
}

fn rows(amounts: &[&str]) -> String {
    let mut text = "payment_id,paid_on,amount_sek,supplier_name\n".to_owned();
    for (number, amount) in (1..).zip(amounts) {
        text.push_str(&format!("{number},2024-08-31,{amount},Åre Städ\n"));
    }
    text
}

fn put(project: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let inbox = project.join("data/inbox/payments");
    std::fs::create_dir_all(&inbox).unwrap();
    std::fs::write(inbox.join(name), bytes).unwrap();
}

fn ask(project: &Path, query: &str) -> String {
    on(project, &["sql", "--warehouse", "--format", "csv", query]).ended(0).out
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        writer.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn bytes_that_come_back_are_in_force_again() {
    let dir = project("ways-back", "");
    let total = "select sum(amount_sek) as total from raw.payments__rows";
    let run = |moment: &str| on(&dir, &["run", "--as-of", moment]).ended(0);
    put(&dir, "utbetalningar_2024T2.csv", rows(&["10.00", "5.50"]));
    run("2024-09-16T06:00:00Z");
    assert_eq!(ask(&dir, total), "total\n15.50\n");
    // Withdrawn with an error, and put right with the very file of the first day.
    put(&dir, "utbetalningar_2024T2.csv", rows(&["99.00"]));
    run("2024-09-17T06:00:00Z");
    assert_eq!(ask(&dir, total), "total\n99.00\n");
    put(&dir, "utbetalningar_2024T2.csv", rows(&["10.00", "5.50"]));
    let third = run("2024-09-18T06:00:00Z");
    assert_eq!(ask(&dir, total), "total\n15.50\n");
    assert!(third.out.contains("received  0 new files, 1 that had come before"), "{}", third.out);
    let receipts = ask(
        &dir,
        "select received_at, file_name, r.delivery_id = d.delivery_id as of_the_first from \
         meta.receipts as r, (select min(delivery_id) as delivery_id from meta.deliveries where \
         is_in_force) as d order by receipt",
    );
    insta::assert_snapshot!(receipts, @"
    received_at,file_name,of_the_first
    2024-09-16T06:00:00Z,data/inbox/payments/utbetalningar_2024T2.csv,true
    2024-09-17T06:00:00Z,data/inbox/payments/utbetalningar_2024T2.csv,false
    2024-09-18T06:00:00Z,data/inbox/payments/utbetalningar_2024T2.csv,true
    ");
    // A night without news does nothing, and the past is as it was.
    let fourth = run("2024-09-19T06:00:00Z");
    assert!(fourth.out.contains("nothing has changed"), "{}", fourth.out);
    run("2024-09-17T12:00:00Z");
    assert_eq!(ask(&dir, total), "total\n99.00\n");
    run("2024-09-19T06:00:00Z");
    assert_eq!(ask(&dir, total), "total\n15.50\n");
    // The log is lost, which is told. Without a backup every file is read again, and nothing comes
    // back or is received twice.
    std::fs::remove_file(dir.join("data/received/receipts.jsonl")).unwrap();
    let receive = ["receive", "--as-of", "2024-09-20T06:00:00Z"];
    let told = on(&dir, &receive).ended(2).err;
    assert!(told.contains("T0806") && told.contains("remove `data/seals.json`"), "{told}");
    std::fs::remove_file(dir.join("data/seals.json")).unwrap();
    let fifth = on(&dir, &receive);
    assert!(fifth.code < 2 && fifth.out.is_empty(), "{}{}", fifth.out, fifth.err);
}

#[test]
fn a_file_under_way_waits_for_the_next_run() {
    let dir = project("ways-moving", "");
    put(&dir, "utbetalningar_2024T2.csv", rows(&["10.00"]));
    put(&dir, "utbetalningar_2024T1.csv.part", "payment_id,pa");
    let answer = on(&dir, &["--quiet", "receive"]).ended(1);
    assert_eq!(answer.out, "");
    let told = answer.err.split_once(" s away").unwrap();
    let seconds = told.0.rsplit(' ').next().unwrap();
    assert!(seconds.parse::<u64>().unwrap() < 30, "{}", answer.err);
    insta::assert_snapshot!(answer.err.replace(&format!("change {seconds} s"), "change <n> s"), @"
    warning[T0121]: a file has the name of a transfer under way
       --> data/inbox/payments/utbetalningar_2024T1.csv.part
        = expected: the file's own name, which it gets when the transfer is done
        = effect:   the file was left for the next run

    hint: if nothing is being sent, the transfer broke off: send the file again

    warning[T0121]: a file changed a moment ago and may still be growing
       --> data/inbox/payments/utbetalningar_2024T2.csv
        = found:    a change <n> s away from the run
        = expected: 30 s without a change
        = effect:   the file was left for the next run

    hint: run again in a while; a sender that renames finished files needs no pause: `quiet_seconds = 0` under `[drop]` in pipelines/payments/pipeline.toml
    ");
    // Left alone long enough, or agreed to be whole.
    let file = dir.join("data/inbox/payments/utbetalningar_2024T2.csv");
    let earlier = std::time::SystemTime::now() - std::time::Duration::from_secs(31);
    std::fs::File::options().append(true).open(file).unwrap().set_modified(earlier).unwrap();
    let answer = on(&dir, &["--quiet", "receive"]).ended(1);
    assert_eq!(answer.out.lines().count(), 1, "{}", answer.out);

    let dir = project("ways-still", "[drop]\nquiet_seconds = 0\n");
    put(&dir, "utbetalningar_2024T2.csv", rows(&["10.00"]));
    assert_eq!(on(&dir, &["--quiet", "receive"]).ended(0).out.lines().count(), 1);
}

#[test]
fn an_archive_is_taken_in_member_by_member() {
    let dir = project("ways-archive", "");
    let (first, second) = (rows(&["10.00"]), rows(&["7.25", "1.00"]));
    let members = [
        ("2024/utbetalningar_2023.csv", first.as_str()),
        ("utbetalningar_2024.csv", &second),
        ("LÄS_MIG.txt", "hej"),
    ];
    put(&dir, "leverans.zip", zipped(&members));
    let answer = on(&dir, &["--quiet", "receive", "--as-of", MORNING]).ended(1);
    insta::assert_snapshot!(without_hashes(&(answer.out + &answer.err)), @"
    payments-<hash>  utbetalningar_2023.csv  74 bytes
    payments-<hash>  utbetalningar_2024.csv  102 bytes
    warning[T0115]: a member of an archive of `payments` matches no pattern
       --> data/inbox/payments/leverans.zip
        = found:    `LÄS_MIG.txt`
        = expected: `utbetalningar_{period}*.csv`
        = effect:   the member was passed over; the others were taken in

    hint: add its pattern to pipelines/payments/pipeline.toml, or ask the sender to leave it out
    ");
    let manifests: Vec<serde_json::Value> = glob(&dir.join("data/received/payments"))
        .iter()
        .map(|path| {
            serde_json::from_slice(&std::fs::read(path.join("manifest.json")).unwrap()).unwrap()
        })
        .collect();
    let origins: std::collections::BTreeSet<&str> =
        manifests.iter().map(|manifest| manifest["origin"]["member"].as_str().unwrap()).collect();
    assert_eq!(
        origins.into_iter().collect::<Vec<_>>(),
        ["2024/utbetalningar_2023.csv", "utbetalningar_2024.csv"]
    );
    assert!(manifests.iter().all(|manifest| manifest["origin"]["way"] == "archive"
        && manifest["origin"]["archive"] == "leverans.zip"));
    // What was passed over is told each night, what was taken in is not taken in again.
    let answer = on(&dir, &["--quiet", "receive", "--as-of", "2024-09-17"]).ended(1);
    assert!(answer.out.is_empty() && answer.err.contains("T0115"), "{}", answer.err);
    // Nobody takes the member away; a pattern for it ends the matter.
    let whole = zipped(&members[..2]);
    put(&dir, "leverans.zip", &whole);
    let answer = on(&dir, &["--quiet", "receive", "--as-of", "2024-09-18"]).ended(0);
    assert_eq!(answer.out.lines().filter(|line| line.ends_with("received before")).count(), 2);
    on(&dir, &["run", "--as-of", "2024-09-19"]).ended(0);
    let total = "select count(*) as n, sum(amount_sek) as total from raw.payments__rows";
    assert_eq!(ask(&dir, total), "n,total\n3,18.25\n");
    let receipts = "select left(received_at, 10) as day, file_name, member, delivery_id is null as \
                    is_whole from meta.receipts order by receipt";
    insta::assert_snapshot!(ask(&dir, receipts), @"
    day,file_name,member,is_whole
    2024-09-16,data/inbox/payments/leverans.zip,2024/utbetalningar_2023.csv,false
    2024-09-16,data/inbox/payments/leverans.zip,utbetalningar_2024.csv,false
    2024-09-18,data/inbox/payments/leverans.zip,2024/utbetalningar_2023.csv,false
    2024-09-18,data/inbox/payments/leverans.zip,utbetalningar_2024.csv,false
    2024-09-18,data/inbox/payments/leverans.zip,,true
    ");
}

#[test]
fn a_hostile_archive_is_taken_in_not_at_all() {
    let dir = project("ways-hostile", "[drop]\narchive_max_bytes = 100000\n");
    let sound = rows(&["10.00"]);
    put(&dir, "a.zip", zipped(&[("utbetalningar_2024.csv", &sound), ("../../key", "x")]));
    put(&dir, "b.zip", zipped(&[("utbetalningar_2024.csv", &"0".repeat(200_000))]));
    put(&dir, "c.zip", b"PK\x03\x04 and no more");
    let answer = on(&dir, &["--quiet", "receive", "--as-of", MORNING]).ended(1);
    assert_eq!(answer.out, "");
    insta::assert_snapshot!(answer.err, @"
    error[T0124]: a member of an archive names a place outside of it
       --> data/inbox/payments/a.zip
        = found:    `../../key`
        = expected: a path below the archive, e.g. `2024/arbetstid_2024-08.csv`
        = effect:   nothing of the archive was taken in

    hint: such archives are made to overwrite files; ask the sender where it comes from

    error[T0123]: an archive would unpack to too much
       --> data/inbox/payments/b.zip
        = found:    200000 bytes out of 354
        = expected: at most 100000 bytes
        = effect:   nothing of the archive was taken in

    hint: ask for less at a time, or raise `archive_max_bytes`

    error[T0122]: an archive cannot be read
       --> data/inbox/payments/c.zip
        = found:    invalid Zip archive: Could not find EOCD
        = expected: a whole zip archive
        = effect:   nothing of the archive was taken in

    hint: ask the sender for it again; an ordinary zip program makes archives that open
    ");
    assert!(!dir.join("data/received/payments").exists());
    let left = std::fs::read_dir(dir.join("data/received")).into_iter().flatten().count();
    assert_eq!(left, 0, "nothing is left of what was unpacked");
}

/// The folders in a folder.
fn glob(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect()
}

const QUERY: &str = r#"[[query]]
connection = "env:PAYMENTS_ODBC"
sql = "utbetalningar.sql"
file = "utbetalningar_{year}.csv"
"#;

const SFTP: &str = r#"[[sftp]]
host = "127.0.0.1"
user = "USER"
key_file = "data/secret/id"
known_hosts = "pipelines/payments/known_hosts"
folder = "FOLDER"
pattern = "utbetalningar_*.csv"
"#;

#[cfg(not(all(feature = "odbc", feature = "sftp")))]
#[test]
fn a_way_that_is_not_built_in_is_told() {
    let dir = project("ways-none", &format!("{QUERY}\n{SFTP}"));
    let sql = "select 1 as payment_id from a order by 1\n";
    std::fs::write(dir.join("pipelines/payments/utbetalningar.sql"), sql).unwrap();
    on(&dir, &["check"]).ended(0);
    let answer =
        command(&["--project", dir.to_str().unwrap(), "--quiet", "receive", "--as-of", MORNING])
            .env("PAYMENTS_ODBC", "Driver={X};Pwd=hemligt")
            .output()
            .unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let told = String::from_utf8(answer.stderr).unwrap();
    assert!(!told.contains("hemligt"), "{told}");
    insta::assert_snapshot!(told, @"
    error[T0125]: files of `payments` need SFTP, which is not built in
       --> pipelines/payments/pipeline.toml
        = expected: a program built with `--features sftp`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: install `libssl-dev`, build with `cargo build --release --features sftp`

    error[T0125]: `utbetalningar_2024.csv` of `payments` needs ODBC, which is not built in
       --> pipelines/payments/utbetalningar.sql
        = expected: a program built with `--features odbc`
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: install `unixodbc-dev`, build with `cargo build --release --features odbc`
    ");
}

#[cfg(feature = "odbc")]
mod odbc {
    use super::*;
    use crate::postgres::{self, Postgres};

    const SQL: &str =
        "select payment_id, paid_on, amount_sek, supplier_name from payments order by payment_id\n";

    /// Runs a verb with the driver manager's own folder and the connection string in the environment.
    fn with_odbc(dir: &Path, connection: &str, verb: &[&str]) -> (i32, String, String) {
        let mut command = command(&["--project", dir.to_str().unwrap(), "--quiet"]);
        let output = command
            .args(verb)
            .env("ODBCSYSINI", dir.join("odbc"))
            .env("PAYMENTS_ODBC", connection)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(!format!("{out}{err}").contains("hemligt"), "{out}{err}");
        (output.status.code().unwrap(), out, err)
    }

    #[test]
    fn a_database_is_asked_and_its_drift_is_told() {
        let server = Postgres::start();
        server.run(
            "create table payments (payment_id bigint, paid_on date, amount_sek numeric(18,2), \
             supplier_name text); insert into payments values (1, '2024-08-31', 10.10, 'Åre Städ'), \
             (2, '2024-08-31', 0.05, null)",
        );
        let dir = project("ways-odbc", QUERY);
        std::fs::write(dir.join("pipelines/payments/utbetalningar.sql"), SQL).unwrap();
        std::fs::create_dir(dir.join("odbc")).unwrap();
        let driver = format!("[PostgreSQL Unicode]\nDriver={}\n", postgres::driver().display());
        std::fs::write(dir.join("odbc/odbcinst.ini"), driver).unwrap();
        let source = format!(
            "[lon]\nDriver=PostgreSQL Unicode\nServername=127.0.0.1\nPort={}\nDatabase=postgres\n",
            server.port
        );
        std::fs::write(dir.join("odbc/odbc.ini"), source).unwrap();
        let password = postgres::PASSWORD.replace('}', "}}");
        let connection = format!("DSN=lon;Uid=tertial;Pwd={{{password}}};");

        let (code, _, err) = with_odbc(&dir, &connection, &["run", "--as-of", MORNING]);
        assert_eq!((code, err.as_str()), (0, ""));
        let all = "select payment_id, amount_sek, supplier_name from raw.payments__rows order by 1";
        assert_eq!(
            ask(&dir, all),
            "payment_id,amount_sek,supplier_name\n1,10.10,Åre Städ\n2,0.05,\n"
        );
        let delivery = &glob(&dir.join("data/received/payments"))[0];
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(delivery.join("manifest.json")).unwrap())
                .unwrap();
        let mut origin = manifest["origin"].clone();
        assert_eq!(origin["query_sha256"].as_str().unwrap().len(), 64);
        origin["query_sha256"] = "<hash>".into();
        insta::assert_snapshot!(serde_json::to_string_pretty(&origin).unwrap(), @r#"
        {
          "way": "odbc",
          "query": "pipelines/payments/utbetalningar.sql",
          "query_sha256": "<hash>",
          "parameters": [],
          "driver": null,
          "data_source": "lon",
          "system": "PostgreSQL"
        }
        "#);
        // The same rows are no news, and nothing kept holds the password.
        let next = ["receive", "--as-of", "2024-09-17"];
        assert_eq!(with_odbc(&dir, &connection, &next), (0, String::new(), String::new()));
        let grep = std::process::Command::new("grep").args(["-rl", "hemligt"]).arg(&dir).output();
        assert_eq!(String::from_utf8(grep.unwrap().stdout).unwrap(), "");

        // The database drifts: told before a row is fetched, and what was had stays in force.
        server.run(
            "alter table payments rename column supplier_name to suppliername; \
             alter table payments alter column amount_sek type float8",
        );
        let sql = "select * from payments order by payment_id\n";
        std::fs::write(dir.join("pipelines/payments/utbetalningar.sql"), sql).unwrap();
        let (code, out, err) = with_odbc(&dir, &connection, &next);
        assert_eq!((code, out.as_str()), (1, ""));
        insta::assert_snapshot!(err, @"
        error[T0126]: the column `amount_sek` cannot carry `amount_sek` as it is agreed
           --> pipelines/payments/utbetalningar.sql
            = found:    floating-point number
            = expected: decimal(18,2)
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: say in the query how it becomes one: `cast(… as numeric(18,2))`

        error[T0126]: the answer has no column for `supplier_name`
           --> pipelines/payments/utbetalningar.sql
            = found:    `suppliername`, which is nearly the same
            = expected: `supplier_name`
            = contract: schemas/payments__rows.odcs.yaml
            = effect:   nothing was fetched; the last delivery stays in force

        hint: if it is the same, write `suppliername as supplier_name` in the query
        ");

        let wrong = connection.replace("hemligt", "fel hemligt");
        let (code, _, err) = with_odbc(&dir, &wrong, &next);
        assert_eq!(code, 1);
        insta::assert_snapshot!(err.replace(&server.port.to_string(), "<port>"), @r#"
        warning[T0116]: `utbetalningar_2024.csv` of `payments` could not be fetched
           --> pipelines/payments/utbetalningar.sql
            = found:    no connection: connection to server at "127.0.0.1", port <port> failed: FATAL: password authentication failed for user "tertial" (08001)
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: see that the server runs and lets this machine in, and that account and password are right
        "#);
    }
}

#[cfg(feature = "sftp")]
mod sftp {
    use super::*;
    use crate::sshd::Sshd;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn files_of_another_machine_are_received_the_same_night() {
        let server = Sshd::start(&["ed25519"]);
        server.put("utbetalningar_2024.csv", rows(&["10.00"]).as_bytes(), 1_726_466_400);
        let text = SFTP
            .replace("USER", &server.user)
            .replace("FOLDER", server.export.to_str().unwrap())
            .replace("folder =", &format!("port = {}\nfolder =", server.port));
        let dir = project("ways-sftp", &text);
        let known = server.known_line("ed25519", server.port);
        std::fs::write(dir.join("pipelines/payments/known_hosts"), known).unwrap();
        let key = dir.join("data/secret/id");
        std::fs::create_dir_all(key.parent().unwrap()).unwrap();
        std::fs::copy(&server.key_file, &key).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        // By the clock of today: what was fetched is whole, however new the file is.
        let first = on(&dir, &["--quiet", "receive"]).ended(0);
        assert_eq!(first.out.lines().count(), 1, "{}", first.out);
        let delivery = &glob(&dir.join("data/received/payments"))[0];
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(delivery.join("manifest.json")).unwrap())
                .unwrap();
        assert_eq!(manifest["origin"]["way"], "sftp");
        assert_eq!(manifest["origin"]["changed_at"], 1_726_466_400);
        let second = on(&dir, &["--quiet", "receive"]).ended(0);
        assert_eq!(second.out, "");
    }
}

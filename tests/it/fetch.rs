//! A night that fetches: a server on the loopback answers as Kolada does.

use crate::support::{MORNING, copy, folder, on, repository, tertial};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A server that gives one answer with an `ETag`, 304 to those who have it, and 404 elsewhere.
fn kolada() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = requests.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = request(&mut stream);
            let answer = if !request.starts_with("GET /v3/data/kpi/N60030/") {
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .to_owned()
            } else if request.to_lowercase().contains("if-none-match: \"first\"") {
                "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned()
            } else {
                let value = |gender: &str, value: &str| {
                    format!(
                        r#"{{"gender": "{gender}", "count": 1, "status": "", "value": {value}, "isdeleted": false}}"#
                    )
                };
                let body = format!(
                    r#"{{"values": [{{"kpi": "N60030", "municipality": "0023", "period": 2023, "values": [{}, {}]}}], "next_url": null, "previous_url": null, "count": 1}}"#,
                    value("T", "6.25"),
                    value("K", "7.5")
                );
                format!(
                    "HTTP/1.1 200 OK\r\nETag: \"first\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                )
            };
            kept.lock().unwrap().push(request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (base, requests)
}

fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        bytes.push(byte[0]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An empty project with the one source, which is fetched from `base`.
fn project(base: &str) -> std::path::PathBuf {
    let dir = folder("fetch").join("region");
    tertial(&["init", dir.to_str().unwrap()]).ended(0);
    copy(&repository().join("pipelines/kolada"), &dir.join("pipelines/kolada"));
    for file in ["schemas/kolada__values.odcs.yaml", "schemas/fields.yaml", "seeds/regions.csv"] {
        std::fs::copy(repository().join(file), dir.join(file)).unwrap();
    }
    fetches(&dir, &format!("{base}/v3/data/kpi/N60030/municipality/0023/year/{{year}}"));
    dir
}

fn fetches(dir: &Path, url: &str) {
    let file = dir.join("pipelines/kolada/pipeline.toml");
    let text =
        std::fs::read_to_string(repository().join("pipelines/kolada/pipeline.toml")).unwrap();
    let fetch =
        format!("\n[[fetch]]\nurl = \"{url}\"\nfile = \"kolada_N60030.json\"\nkind = \"kolada\"\n");
    std::fs::write(file, text + &fetch).unwrap();
}

#[test]
fn a_night_fetches_and_the_next_one_has_nothing_to_do() {
    let (base, requests) = kolada();
    let dir = project(&base);
    on(&dir, &["check"]).ended(0);
    // Without the network nothing is asked for.
    on(&dir, &["run", "--offline", "--as-of", MORNING]).ended(0);
    assert!(requests.lock().unwrap().is_empty());

    let first = on(&dir, &["run", "--as-of", MORNING]).ended(0);
    assert!(first.out.contains("received  1 new files"), "{}{}", first.out, first.err);
    assert!(
        requests.lock().unwrap()[0]
            .starts_with("GET /v3/data/kpi/N60030/municipality/0023/year/2024 ")
    );
    let query = "select sex, value from raw.kolada__values order by sex";
    let rows = on(&dir, &["sql", "--warehouse", "--format", "csv", query]).ended(0).out;
    assert_eq!(rows, "sex,value\nK,7.5000000000\nT,6.2500000000\n");

    let second = on(&dir, &["run", "--as-of", "2024-09-17T06:00:00Z"]).ended(0);
    assert!(second.out.contains("nothing has changed since the last run"), "{}", second.out);
    assert_eq!(requests.lock().unwrap().len(), 2);

    // The address is gone: told, and what was delivered stays in force.
    fetches(&dir, &format!("{base}/v2/data"));
    let third = on(&dir, &["run", "--as-of", "2024-09-18T06:00:00Z"]).ended(1);
    // The seconds of the steps differ from run to run.
    let told = third.err.replace(&base, "http://host");
    let told: Vec<&str> = told.lines().filter(|line| !line.ends_with(" s")).collect();
    insta::assert_snapshot!(told.join("\n"), @"
        warning[T0116]: `kolada_N60030.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    404 Not Found from `http://host/v2/data`
            = expected: an answer with status 200
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: see whether the address has changed, or asks for what is not there yet

        1 note kept in `meta.diagnostics`
        ");
    let rows = on(&dir, &["sql", "--warehouse", "--format", "csv", query]).ended(0).out;
    assert_eq!(rows.lines().count(), 3);
    let receive = on(&dir, &["receive", "--as-of", "2024-09-18T06:00:00Z"]).ended(1);
    assert!(receive.err.contains("T0116"), "{}", receive.err);
    on(&dir, &["receive", "--offline", "--as-of", "2024-09-18T06:00:00Z"]).ended(0);
}

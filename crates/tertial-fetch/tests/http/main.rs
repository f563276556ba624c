//! Fetching from a server on the loopback that behaves as real ones do, on good days and bad.

mod server;

use server::{Server, authority, reply};
use std::cell::RefCell;
use std::time::Duration;
use tertial_fetch::{Errand, Fetched, Memory, World, fetch};
use tertial_model::pipeline::{FetchKind, FetchSpec};

/// A project with one drop folder, a memory, and a clock that only counts pauses.
struct Room {
    folder: tempfile::TempDir,
    memory: RefCell<Memory>,
    pauses: RefCell<Vec<Duration>>,
}

impl Room {
    fn new() -> Room {
        Room {
            folder: tempfile::tempdir().unwrap(),
            memory: RefCell::default(),
            pauses: RefCell::default(),
        }
    }

    fn fetch(&self, spec: &FetchSpec) -> Result<Fetched, String> {
        let world = World {
            now: &|| "2024-09-16T06:00:00Z".parse().unwrap(),
            sleep: &|pause| self.pauses.borrow_mut().push(pause),
            variable: &|name| (name == "PORTAL_KEY").then(|| "s3cret".to_owned()),
            seed: 1,
        };
        let errand = Errand {
            source: "kolada",
            pipeline: "pipelines/kolada/pipeline.toml",
            spec,
            period: None,
            year: "2024",
            project: self.folder.path(),
            inbox: &self.folder.path().join("inbox"),
        };
        let outcome = fetch(&errand, &mut self.memory.borrow_mut(), &world);
        outcome.map_err(|fault| fault.to_string())
    }

    /// The complete text of the fault, free of the port; nothing may have been delivered.
    fn fault(&self, spec: &FetchSpec, server: &Server) -> String {
        let before = self.files();
        let text = self.fetch(spec).unwrap_err();
        assert_eq!(self.files(), before, "nothing is delivered");
        assert!(!text.contains("s3cret"), "{text}");
        text.replace(&server.base, "https://host")
    }

    fn files(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(self.folder.path().join("inbox"));
        let mut files: Vec<_> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| {
                let bytes = std::fs::read(entry.path()).unwrap();
                let name = entry.file_name().to_string_lossy().into_owned();
                (name, String::from_utf8_lossy(&bytes).into_owned())
            })
            .collect();
        files.sort();
        files
    }

    fn body(&self) -> String {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].1.clone()
    }
}

fn spec(server: &Server, path: &str, kind: FetchKind) -> FetchSpec {
    FetchSpec {
        url: format!("{}{path}", server.base),
        file: "answer_{year}.json".to_owned(),
        kind,
        body: None,
        headers: Default::default(),
        ca_file: None,
        max_bytes: 1000,
        timeout_seconds: 20,
        max_pages: 5,
        limits: None,
    }
}

fn file(server: &Server) -> FetchSpec {
    spec(server, "/data/{year}", FetchKind::File)
}

#[test]
fn an_answer_becomes_a_file_and_304_brings_nothing() {
    let server = Server::plain(|number, _, _| match number {
        1 => reply(
            "200 OK",
            "ETag: \"a1\"\r\nLast-Modified: Sun, 15 Sep 2024 04:00:00 GMT\r\n",
            "one",
        ),
        2 => reply("304 Not Modified", "ETag: \"a1\"\r\n", ""),
        _ => reply("200 OK", "ETag: \"a2\"\r\n", "two"),
    });
    let room = Room::new();
    let target = room.folder.path().join("inbox/answer_2024.json");
    assert_eq!(room.fetch(&file(&server)), Ok(Fetched::New(target.clone())));
    assert_eq!(room.body(), "one");
    assert_eq!(room.fetch(&file(&server)), Ok(Fetched::Unchanged));
    assert_eq!(room.fetch(&file(&server)), Ok(Fetched::New(target)));
    assert_eq!(room.body(), "two");
    let requests = server.requests();
    assert!(requests[0].starts_with("GET /data/2024 HTTP/1.1\r\n"), "{}", requests[0]);
    let first = requests[0].to_lowercase();
    assert!(!first.contains("if-none-match"), "{first}");
    assert!(first.contains("accept-encoding: identity\r\n"), "{first}");
    let second = requests[1].to_lowercase();
    assert!(second.contains("if-none-match: \"a1\"\r\n"), "{second}");
    assert!(second.contains("if-modified-since: sun, 15 sep 2024 04:00:00 gmt\r\n"), "{second}");
}

#[test]
fn the_memory_can_be_written_down_and_holds_no_secret() {
    let server = Server::plain(|_, _, _| reply("200 OK", "", "one"));
    let room = Room::new();
    let mut spec = file(&server);
    spec.headers.insert("X-Key".to_owned(), "env:PORTAL_KEY".to_owned());
    room.fetch(&spec).unwrap();
    assert!(server.requests()[0].to_lowercase().contains("x-key: s3cret\r\n"));
    let json = room.memory.borrow().to_json();
    assert!(!String::from_utf8_lossy(&json).contains("s3cret"));
    assert_eq!(Memory::parse(&json), *room.memory.borrow());
    assert_eq!(Memory::parse(b"{\"damaged"), Memory::default());
    // A server without conditions: the same bytes are no news.
    assert_eq!(room.fetch(&spec), Ok(Fetched::Unchanged));
}

#[test]
fn another_request_asks_without_conditions() {
    let server = Server::plain(|_, _, _| reply("200 OK", "ETag: \"a1\"\r\n", "one"));
    let room = Room::new();
    room.fetch(&file(&server)).unwrap();
    let other = FetchSpec { url: format!("{}/other", server.base), ..file(&server) };
    room.fetch(&other).unwrap();
    assert!(!server.requests()[1].to_lowercase().contains("if-none-match"));
}

#[test]
fn pages_are_followed_and_stored_as_one_array() {
    let server = Server::plain(|number, _, base| {
        let next = match number {
            1 => format!("\"{base}/v3/data?page=2\""),
            2 => "\"?page=3\"".to_owned(),
            _ => "null".to_owned(),
        };
        reply(
            "200 OK",
            "ETag: \"a1\"\r\n",
            &format!("{{\"values\": [{number}], \"next_url\": {next}}}"),
        )
    });
    let room = Room::new();
    room.fetch(&spec(&server, "/v3/data", FetchKind::Kolada)).unwrap();
    let pages: serde_json::Value = serde_json::from_str(&room.body()).unwrap();
    let values: Vec<_> = pages.as_array().unwrap().iter().map(|page| &page["values"][0]).collect();
    assert_eq!(values, [1, 2, 3]);
    let paths: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        ["GET /v3/data HTTP/1.1", "GET /v3/data?page=2 HTTP/1.1", "GET /v3/data?page=3 HTTP/1.1"]
    );
    // The first of several pages says nothing of the others, so no conditions are set.
    room.fetch(&spec(&server, "/v3/data", FetchKind::Kolada)).unwrap();
    assert!(!server.requests()[3].to_lowercase().contains("if-none-match"));
}

#[test]
fn pages_that_never_end_turn_in_a_circle_or_lead_away() {
    let endless = Server::plain(|number, _, base| {
        reply("200 OK", "", &format!("{{\"next_url\": \"{base}/data?page={}\"}}", number + 1))
    });
    let room = Room::new();
    let kolada = |server: &Server| spec(server, "/data", FetchKind::Kolada);
    insta::assert_snapshot!(room.fault(&kolada(&endless), &endless), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    page 5 names yet another, `https://host/data?page=6`
            = expected: at most 5 pages
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: ask for less at a time, or raise `max_pages`
        ");
    assert_eq!(endless.requests().len(), 5);
    let circle = Server::plain(|_, _, base| {
        reply("200 OK", "", &format!("{{\"next_url\": \"{base}/data\"}}"))
    });
    insta::assert_snapshot!(room.fault(&kolada(&circle), &circle), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    page 1 names an earlier page, `https://host/data`
            = expected: pages that come to an end
            = effect:   nothing was laid into the drop folder; the last delivery stays in force
        ");
    let away = Server::plain(|_, _, _| {
        reply("200 OK", "", "{\"next_url\": \"https://example.org/data\"}")
    });
    insta::assert_snapshot!(room.fault(&kolada(&away), &away), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    `https://host/data` sends on to `https://example.org/data`
            = expected: an address at `https://host`
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: if the source has moved, write its new address in `url`
        ");
    let broken = Server::plain(|number, _, _| match number {
        1 => reply("200 OK", "", "{\"next_url\": \"/data?page=2\"}"),
        _ => reply("200 OK", "", "<html>the session has ended</html>"),
    });
    insta::assert_snapshot!(room.fault(&kolada(&broken), &broken), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    page 2 from `https://host/data?page=2` is no JSON object: expected value at line 1 column 1
            = expected: a page like the first one
            = effect:   nothing was laid into the drop folder; the last delivery stays in force
        ");
}

#[test]
fn an_html_page_is_delivered_for_the_reader_to_judge() {
    let page = "<!DOCTYPE html><title>Logga in</title>";
    let server = Server::plain(move |_, _, _| reply("200 OK", "Content-Type: text/html\r\n", page));
    for kind in [FetchKind::File, FetchKind::Kolada] {
        let room = Room::new();
        room.fetch(&spec(&server, "/", kind)).unwrap();
        assert_eq!(room.body(), page);
    }
}

#[test]
fn a_query_is_posted() {
    let server = Server::plain(|_, _, _| reply("200 OK", "ETag: \"a1\"\r\n", "{}"));
    let room = Room::new();
    let mut spec = spec(&server, "/ssd/BefolkningNy", FetchKind::Pxweb);
    spec.body = Some("{\"query\": []}".to_owned());
    room.fetch(&spec).unwrap();
    assert_eq!(room.fetch(&spec), Ok(Fetched::Unchanged));
    for request in server.requests() {
        assert!(request.starts_with("POST /ssd/BefolkningNy HTTP/1.1\r\n"), "{request}");
        assert!(request.to_lowercase().contains("content-type: application/json\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\n{\"query\": []}"), "{request}");
    }
}

/// A PxWeb of the first version: limits at `?config`, the table's variables with GET, data with POST.
fn pxweb(config: &'static str) -> Server {
    Server::plain(move |_, request, _| {
        if request.starts_with("GET /sv/?config ") {
            return reply("200 OK", "", config);
        }
        if request.starts_with("GET /sv/ssd/Befolkning ") {
            let variables = r#"{"title": "Befolkning", "variables": [
                {"code": "Region", "text": "region", "values": ["23", "2303", "2305", "00"]},
                {"code": "Kon", "text": "kön", "values": ["1", "2"], "elimination": true},
                {"code": "Tid", "text": "år", "values": ["2021", "2022", "2023", "2024"]}]}"#;
            return reply("200 OK", "", variables);
        }
        reply("200 OK", "", "{\"class\": \"dataset\"}")
    })
}

fn limited(server: &Server, body: &str) -> FetchSpec {
    FetchSpec {
        body: Some(body.to_owned()),
        limits: Some(format!("{}/sv/?config", server.base)),
        ..spec(server, "/sv/ssd/Befolkning", FetchKind::Pxweb)
    }
}

#[test]
fn a_query_keeps_to_what_the_service_allows() {
    let config =
        r#"{"maxValues": 100, "maxCells": 6, "maxCalls": 10, "timeWindow": 5, "CORS": true}"#;
    let server = pxweb(config);
    let room = Room::new();
    // Three regions (`23*`) by two years (`top`), the sexes together: six cells.
    let six = r#"{"query": [
        {"code": "Region", "selection": {"filter": "all", "values": ["23*"]}},
        {"code": "Tid", "selection": {"filter": "top", "values": ["2"]}}],
        "response": {"format": "json-stat2"}}"#;
    room.fetch(&limited(&server, six)).unwrap();
    // Ten calls in five seconds: half a second between them.
    assert_eq!(*room.pauses.borrow(), [500, 500].map(Duration::from_millis));
    let requests = server.requests();
    let lines: Vec<&str> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "GET /sv/?config HTTP/1.1",
            "GET /sv/ssd/Befolkning HTTP/1.1",
            "POST /sv/ssd/Befolkning HTTP/1.1"
        ]
    );

    let server = pxweb(config);
    let room = Room::new();
    // All years, since the query does not speak of them; both sexes, since it does.
    let many = r#"{"query": [
        {"code": "Region", "selection": {"filter": "item", "values": ["23"]}},
        {"code": "Kon", "selection": {"filter": "item", "values": ["1", "2"]}}]}"#;
    insta::assert_snapshot!(room.fault(&limited(&server, many), &server), @"
    error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
       --> pipelines/kolada/pipeline.toml
        = found:    a query for 8 cells
        = expected: at most 6, as `https://host/sv/?config` says
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask for less at a time, in several `[[fetch]]` with a file each
    ");
    assert_eq!(server.requests().len(), 2, "the query itself was not sent");
}

#[test]
fn limits_of_the_second_version_and_limits_that_say_nothing() {
    let server = Server::plain(|_, request, _| {
        if request.starts_with("GET /api/v2/config ") {
            let config = r#"{"apiVersion": "2.2.0", "maxDataCells": 150000, "maxCallsPerTimeWindow": 3, "timeWindow": 1}"#;
            return reply("200 OK", "", config);
        }
        if request.starts_with("GET /api/v2/tables/TAB638/metadata ") {
            let cube = r#"{"version": "2.0", "class": "dataset", "id": ["Region", "Alder", "Tid"],
                "size": [312, 101, 56], "dimension": {
                "Region": {"extension": {"elimination": true}}, "Alder": {"extension": {"elimination": false}},
                "Tid": {"extension": {"elimination": false}}}}"#;
            return reply("200 OK", "", cube);
        }
        reply("200 OK", "", "{}")
    });
    let room = Room::new();
    let query = |regions: &str, years: &str| FetchSpec {
        body: Some(format!(
            r#"{{"selection": [{{"variableCode": "Region", "valueCodes": [{regions}]}},
                {{"variableCode": "Alder", "valueCodes": ["*"]}},
                {{"variableCode": "Tid", "valueCodes": [{years}]}}]}}"#
        )),
        limits: Some(format!("{}/api/v2/config", server.base)),
        ..spec(&server, "/api/v2/tables/TAB638/data?outputFormat=json-stat2", FetchKind::Pxweb)
    };
    room.fetch(&query(r#""23", "2303""#, r#""top(5)""#)).unwrap();
    insta::assert_snapshot!(room.fault(&query(r#""*""#, r#""top(5)""#), &server), @"
    error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
       --> pipelines/kolada/pipeline.toml
        = found:    a query for 157560 cells
        = expected: at most 150000, as `https://host/api/v2/config` says
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: ask for less at a time, in several `[[fetch]]` with a file each
    ");
    // What cannot be counted from here is for the service to judge.
    room.fetch(&query(r#""23""#, r#""from(1970)""#)).unwrap();

    let server = pxweb("<html>");
    insta::assert_snapshot!(room.fault(&limited(&server, "{\"query\": []}"), &server), @"
    warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
       --> pipelines/kolada/pipeline.toml
        = found:    the answer from `https://host/sv/?config` is no JSON: expected value at line 1 column 1
        = expected: what the service says of itself
        = effect:   nothing was laid into the drop folder; the last delivery stays in force

    hint: see whether the address is right, or leave `limits` out
    ");
}

#[test]
fn pauses_that_the_server_asks_for_are_kept() {
    let seconds = Server::plain(|number, _, _| match number {
        1 => reply("429 Too Many Requests", "Retry-After: 7\r\n", "slowly"),
        2 => reply("503 Service Unavailable", "Retry-After: Mon, 16 Sep 2024 06:00:30 GMT\r\n", ""),
        _ => reply("200 OK", "", "one"),
    });
    let room = Room::new();
    room.fetch(&file(&seconds)).unwrap();
    assert_eq!(room.body(), "one");
    assert_eq!(*room.pauses.borrow(), [7, 30].map(Duration::from_secs));
    let hours =
        Server::plain(|_, _, _| reply("429 Too Many Requests", "Retry-After: 7200\r\n", ""));
    insta::assert_snapshot!(room.fault(&file(&hours), &hours), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    429 Too Many Requests from `https://host/data/2024`, which asks to wait 7200 s
            = expected: an answer within 300 s
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: run again later
        ");
    assert_eq!(hours.requests().len(), 1);
}

#[test]
fn what_passes_is_tried_again_and_what_lasts_is_told() {
    let thrice = Server::plain(|number, _, _| match number {
        1..=3 => reply("503 Service Unavailable", "", "later"),
        _ => reply("200 OK", "", "one"),
    });
    let room = Room::new();
    room.fetch(&file(&thrice)).unwrap();
    assert_eq!(room.body(), "one");
    let pauses = room.pauses.take();
    assert_eq!(pauses.len(), 3);
    for (pause, least) in pauses.iter().zip([1000, 2000, 4000]) {
        assert!((least..=least * 3 / 2).contains(&pause.as_millis()), "{pauses:?}");
    }
    let down = Server::plain(|_, _, _| reply("502 Bad Gateway", "", ""));
    insta::assert_snapshot!(room.fault(&file(&down), &down), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    502 Bad Gateway from `https://host/data/2024`, 4 times
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: run again later
        ");
    assert_eq!(down.requests().len(), 4);
    for status in
        ["404 Not Found", "401 Unauthorized", "500 Internal Server Error", "204 No Content"]
    {
        let server = Server::plain(move |_, _, _| reply(status, "", ""));
        room.fault(&file(&server), &server);
        assert_eq!(server.requests().len(), 1, "{status}");
    }
    let gone = Server::plain(|_, _, _| reply("404 Not Found", "", "<html>"));
    insta::assert_snapshot!(room.fault(&file(&gone), &gone), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    404 Not Found from `https://host/data/2024`
            = expected: an answer with status 200
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: see whether the address has changed, or asks for what is not there yet
        ");
}

#[test]
fn a_slow_answer_is_asked_for_again() {
    let server = Server::plain(|number, _, _| {
        if number == 1 {
            std::thread::sleep(Duration::from_secs(3));
        }
        reply("200 OK", "", "one")
    });
    let room = Room::new();
    room.fetch(&FetchSpec { timeout_seconds: 1, ..file(&server) }).unwrap();
    assert_eq!((room.body().as_str(), room.pauses.borrow().len()), ("one", 1));
}

#[test]
fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let server = Server::plain(|_, _, _| Vec::new());
    let room = Room::new();
    let spec = FetchSpec { url: format!("{base}/data"), ..file(&server) };
    insta::assert_snapshot!(room.fault(&spec, &server).replace(&base, "https://host"), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    no connection (refused) from `https://host/data`, 4 times
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: see that the network lets this machine through to the address
        ");
}

#[test]
fn a_cut_answer_is_not_delivered() {
    let cut = |text: &'static str| Server::plain(move |_, _, _| text.as_bytes().to_vec());
    let room = Room::new();
    let length = cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
    insta::assert_snapshot!(room.fault(&file(&length), &length), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    an answer from `https://host/data/2024` that breaks off after 10 bytes
            = expected: 100 bytes, as announced
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: run again; if it stays so, ask those who run the source
        ");
    let chunk =
        cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n20\r\nhalf");
    insta::assert_snapshot!(room.fault(&file(&chunk), &chunk), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    an answer from `https://host/data/2024` that breaks off after 9 bytes
            = expected: an answer with its end
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: run again; if it stays so, ask those who run the source
        ");
    let wrong = cut("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nall of it");
    insta::assert_snapshot!(room.fault(&file(&wrong), &wrong), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    no usable answer from `https://host/data/2024`: protocol: content-length header not a number
            = expected: an answer in HTTP
            = effect:   nothing was laid into the drop folder; the last delivery stays in force
        ");
    let packed = cut("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz");
    insta::assert_snapshot!(room.fault(&file(&packed), &packed), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    an answer packed as `gzip` from `https://host/data/2024`
            = expected: an answer that is not packed, as was asked for
            = effect:   nothing was laid into the drop folder; the last delivery stays in force
        ");
}

#[test]
fn a_fault_leaves_the_last_file_and_the_memory_as_they_were() {
    let server = Server::plain(|number, _, _| match number {
        1 => reply("200 OK", "ETag: \"a1\"\r\n", "one"),
        _ => b"HTTP/1.1 200 OK\r\nETag: \"a2\"\r\nContent-Length: 100\r\n\r\ntw".to_vec(),
    });
    let room = Room::new();
    room.fetch(&file(&server)).unwrap();
    let before = room.memory.borrow().clone();
    room.fault(&file(&server), &server);
    assert_eq!(*room.memory.borrow(), before);
    assert_eq!(room.body(), "one");
}

#[test]
fn a_huge_answer_is_refused_as_it_comes() {
    let announced = Server::plain(|_, _, _| reply("200 OK", "", &"x".repeat(5000)));
    let room = Room::new();
    insta::assert_snapshot!(room.fault(&file(&announced), &announced), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    an answer of 5000 bytes
            = expected: at most 1000 bytes
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: ask for less at a time, or raise `max_bytes`
        ");
    let silent = Server::plain(|_, _, _| {
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(2000))
            .into_bytes()
    });
    insta::assert_snapshot!(room.fault(&file(&silent), &silent), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    an answer that goes on after 1000 bytes
            = expected: at most 1000 bytes
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: ask for less at a time, or raise `max_bytes`
        ");
    let pages = Server::plain(|number, _, _| {
        let filling = "x".repeat(400);
        reply(
            "200 OK",
            "",
            &format!("{{\"a\": \"{filling}\", \"next_url\": \"/data?page={number}\"}}"),
        )
    });
    room.fault(&spec(&pages, "/data", FetchKind::Kolada), &pages);
    assert_eq!(pages.requests().len(), 3);
}

#[test]
fn redirects_stay_on_the_host() {
    let moved = Server::plain(|number, _, base| match number {
        1 => reply("301 Moved Permanently", &format!("Location: {base}/new\r\n"), ""),
        2 => reply("307 Temporary Redirect", "Location: /newer?a=b\r\n", ""),
        _ => reply("200 OK", "", "one"),
    });
    let room = Room::new();
    room.fetch(&file(&moved)).unwrap();
    assert!(moved.requests()[2].starts_with("GET /newer?a=b HTTP/1.1\r\n"));
    let other = Server::plain(|_, _, _| reply("200 OK", "", "stolen"));
    let target = format!("Location: {}/login\r\n", other.base);
    let away = Server::plain(move |_, _, _| reply("302 Found", &target, ""));
    let mut with_key = file(&away);
    with_key.headers.insert("X-Key".to_owned(), "env:PORTAL_KEY".to_owned());
    let text = room.fault(&with_key, &away).replace(&other.base, "https://other");
    insta::assert_snapshot!(text, @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    `https://host/data/2024` sends on to `https://other/login`
            = expected: an address at `https://host`
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: if the source has moved, write its new address in `url`
        ");
    assert!(other.requests().is_empty());
    let circle = Server::plain(|_, _, _| reply("302 Found", "Location: /data/2024\r\n", ""));
    insta::assert_snapshot!(room.fault(&file(&circle), &circle), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    `https://host/data/2024` sends on more than 5 times, lastly to `https://host/data/2024`
            = expected: an answer
            = effect:   nothing was laid into the drop folder; the last delivery stays in force
        ");
    let mut query = spec(&circle, "/q", FetchKind::Pxweb);
    query.body = Some("{}".to_owned());
    insta::assert_snapshot!(room.fault(&query, &circle), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    302 Found from `https://host/q` to `https://host/data/2024`
            = expected: an answer to the query itself
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: write the new address in `url`
        ");
}

#[test]
fn the_regions_own_authority_is_trusted_when_it_is_named() {
    let (pem, identity) = authority();
    let server = Server::encrypted(identity, |_, _, _| reply("200 OK", "", "one"));
    let room = Room::new();
    std::fs::write(room.folder.path().join("region-ca.pem"), &pem).unwrap();
    let named =
        |file_name: &str| FetchSpec { ca_file: Some(file_name.to_owned()), ..file(&server) };
    room.fetch(&named("region-ca.pem")).unwrap();
    assert_eq!(room.body(), "one");

    let (other, _) = authority();
    std::fs::write(room.folder.path().join("other-ca.pem"), other).unwrap();
    insta::assert_snapshot!(room.fault(&named("other-ca.pem"), &server), @"
        warning[T0116]: `answer_2024.json` of `kolada` could not be fetched
           --> pipelines/kolada/pipeline.toml
            = found:    `https://host/data/2024` shows a certificate that is not trusted: invalid peer certificate: BadSignature
            = expected: a certificate from an authority of `ca_file`, or of this machine
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: name the PEM file of the authority in `ca_file`
        ");
    assert!(room.fault(&file(&server), &server).contains("T0116"));
    std::fs::write(room.folder.path().join("empty.pem"), "no certificate").unwrap();
    insta::assert_snapshot!(room.fault(&named("empty.pem"), &server), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    `empty.pem` holds no certificate
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: put the authority's certificate there, in PEM
        ");
    insta::assert_snapshot!(room.fault(&named("missing.pem"), &server), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    `missing.pem`: No such file or directory (os error 2)
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: put the authority's certificate there, in PEM
        ");
    assert_eq!(server.requests().len(), 1, "nothing was sent to a server that is not trusted");
}

#[test]
fn what_the_pipeline_asks_for_and_the_night_lacks() {
    let server = Server::plain(|_, _, _| reply("200 OK", "", "one"));
    let room = Room::new();
    let mut spec = file(&server);
    spec.headers.insert("X-Key".to_owned(), "env:OTHER_KEY".to_owned());
    insta::assert_snapshot!(room.fault(&spec, &server), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    no usable value in the environment for `X-Key`
            = expected: the variable `OTHER_KEY`
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: set `OTHER_KEY` for the account the night runs as
        ");
    let period = FetchSpec { url: format!("{}/{{period}}", server.base), ..file(&server) };
    insta::assert_snapshot!(room.fault(&period, &server), @"
        error[T0117]: the fetch of `answer_2024.json` of `kolada` was refused
           --> pipelines/kolada/pipeline.toml
            = found:    `https://host/{period}`, and no period is open
            = effect:   nothing was laid into the drop folder; the last delivery stays in force

        hint: set `open_period` in `tertial.toml`, or use `{year}`
        ");
    assert!(server.requests().is_empty());
}

#[test]
fn what_a_killed_run_left_is_taken_away() {
    let server = Server::plain(|_, _, _| reply("200 OK", "", "one"));
    let room = Room::new();
    let inbox = room.folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    std::fs::write(inbox.join(".fetching-abc"), "ha").unwrap();
    room.fetch(&file(&server)).unwrap();
    assert_eq!(room.files(), [("answer_2024.json".to_owned(), "one".to_owned())]);
}

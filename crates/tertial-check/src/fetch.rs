//! The `[[fetch]]` entries of `pipeline.toml`: address, file name, query and headers.

use crate::toml_text::TomlText;
use tertial_model::pipeline::{FetchKind, FetchSpec};
use tertial_model::{Code, Diagnostic, Period, Pipeline};

/// The faults of one entry, T0503.
pub(crate) fn fetch_faults(
    text: &TomlText,
    index: usize,
    pipeline: &Pipeline,
    faults: &mut Vec<Diagnostic>,
) {
    let spec = &pipeline.fetches[index];
    let number = index.to_string();
    let mut push = |path: &[&str], message: &str, found: String, expected: String| {
        let path: Vec<&str> = ["fetch", &number].into_iter().chain(path.iter().copied()).collect();
        let fault = text.fault(Code::UnknownName, message, text.span(&path));
        faults.push(fault.with_found(found).with_expected(expected));
    };
    if let Some(found) = url_fault(&spec.url) {
        let expected =
            "`https://host/path`, without blanks or a log-in, non-ASCII letters as `%C3%A5`";
        push(&["url"], "the address cannot be used", found, expected.to_owned());
    }
    if let Some((found, expected)) = name_fault(pipeline, &spec.file) {
        push(&["file"], "the fetched file would not be received", found, expected);
    }
    if pipeline.fetches[..index].iter().any(|other| other.file == spec.file) {
        let expected = "a name of its own for each answer".to_owned();
        push(&["file"], "two answers have the same name", format!("`{}`", spec.file), expected);
    }
    if let Some((path, found, expected)) = body_fault(spec) {
        push(&[path], "the query does not fit the kind", found, expected);
    }
    if let Some((found, expected)) = limits_fault(spec) {
        push(&["limits"], "the service's limits cannot be asked for", found, expected);
    }
    for (name, value) in &spec.headers {
        if let Some((found, expected)) = header_fault(&spec.url, name, value) {
            push(&["headers", name], "the header cannot be sent", found, expected);
        }
    }
    let limits = [
        ("max_bytes", spec.max_bytes),
        ("timeout_seconds", spec.timeout_seconds),
        ("max_pages", spec.max_pages.into()),
    ];
    for (key, value) in limits {
        if value == 0 {
            let expected = "a number above zero".to_owned();
            push(&[key], "the limit lets nothing through", "`0`".to_owned(), expected);
        }
    }
}

/// What is wrong with an address.
fn url_fault(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Some(format!("`{url}`, which begins with neither `https://` nor `http://`"));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    if host.is_empty() || host.contains(['{', '}']) {
        return Some(format!("`{url}`, which names no host"));
    }
    if host.contains('@') {
        return Some("an address with a name or a password in it".to_owned());
    }
    if url.contains('#') || url.chars().any(|c| !c.is_ascii_graphic() || "<>\"\\^`|".contains(c)) {
        return Some(format!("`{url}`, with a character that must be escaped"));
    }
    placeholder_fault(url)
}

/// A brace that is no placeholder.
pub(crate) fn placeholder_fault(text: &str) -> Option<String> {
    let filled = text.replace("{period}", "").replace("{year}", "");
    filled
        .contains(['{', '}'])
        .then(|| format!("`{text}`, with a brace that is neither `{{period}}` nor `{{year}}`"))
}

/// Found and expected, for a name that would not be received.
pub(crate) fn name_fault(pipeline: &Pipeline, file: &str) -> Option<(String, String)> {
    if file.is_empty() || file.starts_with('.') || file.contains(['/', '\\']) {
        let expected = "a plain file name, e.g. `kolada_N60030.json`".to_owned();
        return Some((format!("`{file}`"), expected));
    }
    if let Some(found) = placeholder_fault(file) {
        return Some((found, "`{period}` and `{year}` only".to_owned()));
    }
    let example = file.replace("{period}", "2024T2").replace("{year}", "2024");
    if pipeline.files.iter().any(|spec| fits(&spec.pattern, &example)) {
        return None;
    }
    let patterns: Vec<String> =
        pipeline.files.iter().map(|spec| format!("`{}`", spec.pattern)).collect();
    Some((format!("`{file}`"), format!("a name that fits {}", patterns.join(" or "))))
}

/// Whether a file of that name is received under the pattern.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let ends = || name.char_indices().map(|(at, _)| at).chain([name.len()]);
    if let Some(rest) = pattern.strip_prefix("{period}") {
        return ends().any(|at| Period::parse(&name[..at]).is_some() && fits(rest, &name[at..]));
    }
    if let Some(rest) = pattern.strip_prefix("{scope}") {
        let is_scope = |text: &str| {
            let of_scope = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            !text.is_empty() && text.bytes().all(of_scope)
        };
        return ends().any(|at| is_scope(&name[..at]) && fits(rest, &name[at..]));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        return ends().any(|at| fits(rest, &name[at..]));
    }
    match (pattern.chars().next(), name.chars().next()) {
        (None, None) => true,
        (Some(left), Some(right)) if left == right => {
            fits(&pattern[left.len_utf8()..], &name[right.len_utf8()..])
        }
        _ => false,
    }
}

/// Key, found and expected, for a query that is missing, superfluous or no JSON.
fn body_fault(spec: &FetchSpec) -> Option<(&'static str, String, String)> {
    match (spec.kind, &spec.body) {
        (FetchKind::Pxweb, None) => {
            let expected = "`body` with the JSON of the query".to_owned();
            Some(("kind", "`kind = \"pxweb\"` without `body`".to_owned(), expected))
        }
        (FetchKind::Pxweb, Some(body)) => {
            let error = serde_json::from_str::<serde_json::Value>(body).err()?;
            let expected =
                "JSON, e.g. `{\"query\": [], \"response\": {\"format\": \"json-stat2\"}}`";
            Some(("body", error.to_string(), expected.to_owned()))
        }
        (_, Some(_)) => {
            let expected = "`kind = \"pxweb\"`, or no `body`".to_owned();
            Some(("body", "`body` where nothing is sent".to_owned(), expected))
        }
        _ => None,
    }
}

/// Found and expected, for an address of limits that cannot be used.
fn limits_fault(spec: &FetchSpec) -> Option<(String, String)> {
    let limits = spec.limits.as_deref()?;
    let host = |url: &str| {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or("").to_owned()
    };
    if spec.kind != FetchKind::Pxweb {
        let found = format!("`limits` with `kind = \"{}\"`", kind_name(spec.kind));
        return Some((found, "`kind = \"pxweb\"`, or no `limits`".to_owned()));
    }
    if let Some(found) = url_fault(limits) {
        return Some((found, "`https://host/path`, e.g. `…/api/v2/config`".to_owned()));
    }
    let (own, other) = (host(&spec.url), host(limits));
    (own != other).then(|| (format!("`{limits}`"), format!("an address at `{own}`, as `url`")))
}

fn kind_name(kind: FetchKind) -> &'static str {
    match kind {
        FetchKind::File => "file",
        FetchKind::Kolada => "kolada",
        FetchKind::Pxweb => "pxweb",
    }
}

/// Found and expected, for a header that cannot be sent or would betray a secret.
fn header_fault(url: &str, name: &str, value: &str) -> Option<(String, String)> {
    const OWN: [&str; 8] = [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "accept-encoding",
        "if-none-match",
        "if-modified-since",
        "range",
    ];
    let is_name = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    if !is_name(name, "-_") {
        return Some((format!("`{name}`"), "a name such as `Authorization`".to_owned()));
    }
    if OWN.contains(&name.to_ascii_lowercase().as_str()) {
        let expected = "a header that is not settled by the fetching itself".to_owned();
        return Some((format!("`{name}`"), expected));
    }
    if value.chars().any(|c| !(c == ' ' || c.is_ascii_graphic())) {
        let expected = "printable ASCII".to_owned();
        return Some((format!("a value of `{name}` with other characters"), expected));
    }
    let variable = value.strip_prefix("env:")?;
    if !is_name(variable, "_") {
        let expected = "the name of an environment variable, e.g. `env:PORTAL_KEY`".to_owned();
        return Some((format!("`{value}`"), expected));
    }
    let at_home = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_home = |home: &&str| {
        url.strip_prefix(*home).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    if url.starts_with("http://") && !at_home.iter().any(is_home) {
        let found = format!("`{value}` over `http://`, for everyone on the way to read");
        return Some((found, "an address with `https://`".to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_pipeline;

    const FILE: &str = "pipelines/kolada/pipeline.toml";
    const GOOD: &str = r#"name = "kolada"

[[file]]
pattern = "kolada_{scope}_{period}.json"
format = "kolada"

[[fetch]]
url = "https://api.kolada.se/v3/data/kpi/N60030/year/{year}"
file = "kolada_N60030_{year}.json"
kind = "kolada"
ca_file = "seeds/region-ca.pem"
max_pages = 20
[fetch.headers]
X-Key = "env:PORTAL_KEY"
"#;

    fn all(toml: &str) -> String {
        let faults = parse_pipeline(FILE, toml).unwrap_err();
        faults.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn a_sound_fetch_and_its_defaults() {
        let pipeline = parse_pipeline(FILE, GOOD).unwrap();
        let fetch = &pipeline.fetches[0];
        assert_eq!(
            (fetch.kind, fetch.max_pages, fetch.timeout_seconds),
            (FetchKind::Kolada, 20, 60)
        );
        assert_eq!(fetch.max_bytes, 268_435_456);
    }

    #[test]
    fn words_that_do_not_exist() {
        let kind = GOOD.replace("kind = \"kolada\"", "kind = \"ftp\"");
        insta::assert_snapshot!(all(&kind), @r#"
        error[T0502]: the file cannot be read: unknown variant `ftp`, expected one of `file`, `kolada`, `pxweb`
           --> pipelines/kolada/pipeline.toml:10:8
            |
         10 | kind = "ftp"
            |        ^^^^^
        "#);
        let key = GOOD.replace("max_pages", "pages");
        insta::assert_snapshot!(all(&key), @"
        error[T0502]: the file cannot be read: unknown field `pages`, expected one of `url`, `file`, `kind`, `body`, `headers`, `ca_file`, `max_bytes`, `timeout_seconds`, `max_pages`, `limits`
           --> pipelines/kolada/pipeline.toml:12:1
            |
         12 | pages = 20
            | ^^^^^
        ");
    }

    #[test]
    fn every_fault_of_a_fetch_in_one_run() {
        let wrong = GOOD
            .replace("https://api.kolada.se/v3", "http://api.kolada.se/{kpi}")
            .replace("file = \"kolada_N60030", "file = \"N60030")
            .replace("max_pages = 20", "max_pages = 0\nbody = \"{\"")
            .replace("X-Key", "Host = \"a\"\nX-Key");
        insta::assert_snapshot!(all(&wrong), @r#"
        error[T0503]: the address cannot be used
           --> pipelines/kolada/pipeline.toml:8:7
            |
          8 | url = "http://api.kolada.se/{kpi}/data/kpi/N60030/year/{year}"
            |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `http://api.kolada.se/{kpi}/data/kpi/N60030/year/{year}`, with a brace that is neither `{period}` nor `{year}`
            = expected: `https://host/path`, without blanks or a log-in, non-ASCII letters as `%C3%A5`

        error[T0503]: the fetched file would not be received
           --> pipelines/kolada/pipeline.toml:9:8
            |
          9 | file = "N60030_{year}.json"
            |        ^^^^^^^^^^^^^^^^^^^^
            = found:    `N60030_{year}.json`
            = expected: a name that fits `kolada_{scope}_{period}.json`

        error[T0503]: the limit lets nothing through
           --> pipelines/kolada/pipeline.toml:12:13
            |
         12 | max_pages = 0
            |             ^
            = found:    `0`
            = expected: a number above zero

        error[T0503]: the query does not fit the kind
           --> pipelines/kolada/pipeline.toml:13:8
            |
         13 | body = "{"
            |        ^^^
            = found:    `body` where nothing is sent
            = expected: `kind = "pxweb"`, or no `body`

        error[T0503]: the header cannot be sent
           --> pipelines/kolada/pipeline.toml:15:8
            |
         15 | Host = "a"
            |        ^^^
            = found:    `Host`
            = expected: a header that is not settled by the fetching itself

        error[T0503]: the header cannot be sent
           --> pipelines/kolada/pipeline.toml:16:9
            |
         16 | X-Key = "env:PORTAL_KEY"
            |         ^^^^^^^^^^^^^^^^
            = found:    `env:PORTAL_KEY` over `http://`, for everyone on the way to read
            = expected: an address with `https://`
        "#);
        let query = GOOD.replace("kind = \"kolada\"", "kind = \"pxweb\"");
        insta::assert_snapshot!(all(&query), @r#"
        error[T0503]: the query does not fit the kind
           --> pipelines/kolada/pipeline.toml:10:8
            |
         10 | kind = "pxweb"
            |        ^^^^^^^
            = found:    `kind = "pxweb"` without `body`
            = expected: `body` with the JSON of the query
        "#);
        let limits = "limits = \"https://other.example/config\"\nmax_pages";
        insta::assert_snapshot!(all(&GOOD.replace("max_pages", limits)), @r#"
        error[T0503]: the service's limits cannot be asked for
           --> pipelines/kolada/pipeline.toml:12:10
            |
         12 | limits = "https://other.example/config"
            |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `limits` with `kind = "kolada"`
            = expected: `kind = "pxweb"`, or no `limits`
        "#);
        let limited = query.replace("max_pages", &format!("body = '{{}}'\n{limits}"));
        insta::assert_snapshot!(all(&limited), @r#"
        error[T0503]: the service's limits cannot be asked for
           --> pipelines/kolada/pipeline.toml:13:10
            |
         13 | limits = "https://other.example/config"
            |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            = found:    `https://other.example/config`
            = expected: an address at `api.kolada.se`, as `url`
        "#);
        let no_json = query.replace("max_pages", "body = '{'\nmax_pages");
        insta::assert_snapshot!(all(&no_json), @r#"
        error[T0503]: the query does not fit the kind
           --> pipelines/kolada/pipeline.toml:12:8
            |
         12 | body = '{'
            |        ^^^
            = found:    EOF while parsing an object at line 1 column 1
            = expected: JSON, e.g. `{"query": [], "response": {"format": "json-stat2"}}`
        "#);
    }

    #[test]
    fn addresses() {
        for url in [
            "api.kolada.se",
            "ftp://a/b",
            "https://",
            "https://{year}.se/",
            "https://user:word@host/",
            "https://host/a b",
            "https://host/å",
            "https://host/#part",
            "https://host/{month}",
        ] {
            assert!(url_fault(url).is_some(), "{url}");
        }
        let scb =
            "https://statistikdatabasen.scb.se/api/v2/tables/TAB638/data?valueCodes[Tid]=top(5)";
        assert_eq!(url_fault(scb), None);
    }

    #[test]
    fn names_fit_as_they_are_received() {
        assert!(fits("kolada_{scope}_{period}.json", "kolada_N60030_2024T2.json"));
        assert!(fits("{period}*.csv", "2024-08 sen.csv"));
        assert!(!fits("{period}.csv", "augusti.csv"));
        assert!(!fits("kolada_{scope}.json", "kolada_.json"));
        assert!(!fits("a.json", "a.json.old") && !fits("a.json.old", "a.json"));
    }

    #[test]
    fn a_secret_travels_closed() {
        assert!(header_fault("http://host.se/", "X-Key", "env:KEY").is_some());
        assert!(header_fault("http://localhost.evil.se/", "X-Key", "env:KEY").is_some());
        assert!(header_fault("http://127.0.0.1:8080/", "X-Key", "env:KEY").is_none());
        assert!(header_fault("http://host.se/", "Accept", "text/csv").is_none());
    }
}

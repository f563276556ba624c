//! What a PxWeb service says that it allows: cells in an answer, and calls in a while.
//!
//! A query that asks for more is told before it is sent, with the count: the service itself answers
//! such a query with a bare 403. What cannot be counted from here is for the service to judge.

use crate::World;
use crate::call::Caller;
use crate::fault::Fault;
use serde_json::Value;
use std::time::Duration;
use tertial_model::pipeline::FetchSpec;

/// The limits of a service; both versions have names of their own for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    cells: Option<u64>,
    /// How long to wait between two calls.
    pause: Option<Duration>,
}

impl Limits {
    fn of(config: &Value) -> Limits {
        let number = |names: [&str; 2]| names.iter().find_map(|name| config.get(name)?.as_u64());
        let calls = number(["maxCallsPerTimeWindow", "maxCalls"]).filter(|calls| *calls > 0);
        let window = number(["timeWindow", "timeWindow"]);
        let pause = calls
            .zip(window)
            .map(|(calls, window)| Duration::from_millis((window.min(60) * 1000).div_ceil(calls)));
        Limits { cells: number(["maxDataCells", "maxCells"]), pause }
    }
}

/// Reads the limits and holds the query against them; waits as long as they ask before it returns.
pub(crate) fn keep_to(
    url: &str,
    spec: &FetchSpec,
    caller: &mut Caller<'_>,
    world: &World<'_>,
) -> Result<(), Fault> {
    let Some(address) = &spec.limits else { return Ok(()) };
    let limits = Limits::of(&json(address, caller)?);
    let wait = || {
        if let Some(pause) = limits.pause {
            (world.sleep)(pause);
        }
    };
    wait();
    let Some(most) = limits.cells else { return Ok(()) };
    let query = spec.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let Some(query) = query else { return Ok(()) };
    let about = json(&metadata_address(url), caller)?;
    wait();
    match cells(&query, &about) {
        Some(asked) if asked > u128::from(most) => {
            Err(Fault::refused(format!("a query for {asked} cells"))
                .expecting(format!("at most {most}, as `{address}` says"))
                .hinting("ask for less at a time, in several `[[fetch]]` with a file each"))
        }
        _ => Ok(()),
    }
}

fn json(url: &str, caller: &mut Caller<'_>) -> Result<Value, Fault> {
    let bytes = caller.ask_about(url)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Fault::failed(format!("the answer from `{url}` is no JSON: {error}"))
            .expecting("what the service says of itself")
            .hinting("see whether the address is right, or leave `limits` out")
    })
}

/// Where a table describes itself: version 1 at its own address, version 2 beside its data.
fn metadata_address(url: &str) -> String {
    let path = url.split('?').next().unwrap_or(url);
    match path.strip_suffix("/data") {
        Some(table) => format!("{table}/metadata"),
        None => path.to_owned(),
    }
}

/// Cells that a query asks for; `None` when that cannot be told from here.
fn cells(query: &Value, about: &Value) -> Option<u128> {
    let mut product: u128 = 1;
    for variable in variables(about)? {
        let count = match selection(query, &variable.code) {
            Some(selection) => selected(&selection, &variable)?,
            None if variable.is_optional => 1,
            None => variable.size,
        };
        product = product.saturating_mul(u128::from(count.max(1)));
    }
    Some(product)
}

struct Variable {
    code: String,
    size: u64,
    /// The values, where the description lists them.
    values: Vec<String>,
    /// Whether it may be left out, and is then summed over.
    is_optional: bool,
}

fn variables(about: &Value) -> Option<Vec<Variable>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(listed) = about.get("variables").and_then(Value::as_array) {
        let variable = |found: &Value| {
            let values: Vec<String> =
                found.get("values")?.as_array()?.iter().filter_map(text).collect();
            Some(Variable {
                code: text(found.get("code")?)?,
                size: values.len() as u64,
                values,
                is_optional: found.get("elimination").and_then(Value::as_bool).unwrap_or(false),
            })
        };
        return listed.iter().map(variable).collect();
    }
    let (ids, sizes) = (about.get("id")?.as_array()?, about.get("size")?.as_array()?);
    let variable = |(id, size): (&Value, &Value)| {
        let code = text(id)?;
        let dimension = about.get("dimension").and_then(|all| all.get(&code));
        let optional = dimension.and_then(|found| found.pointer("/extension/elimination"));
        let index = dimension.and_then(|found| found.pointer("/category/index"));
        let values = match index {
            Some(Value::Array(codes)) => codes.iter().filter_map(text).collect(),
            Some(Value::Object(codes)) => codes.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let is_optional = optional.and_then(Value::as_bool).unwrap_or(false);
        Some(Variable { code, size: size.as_u64()?, values, is_optional })
    };
    ids.iter().zip(sizes).map(variable).collect()
}

/// Filter and values that a query has for a variable.
fn selection(query: &Value, code: &str) -> Option<(String, Vec<String>)> {
    let texts = |value: &Value| -> Vec<String> {
        let listed = value.as_array().into_iter().flatten();
        listed.filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let named = |entry: &&Value, key: &str| entry.get(key).and_then(Value::as_str) == Some(code);
    if let Some(entries) = query.get("query").and_then(Value::as_array) {
        let entry = entries.iter().find(|entry| named(entry, "code"))?;
        let filter = entry.pointer("/selection/filter").and_then(Value::as_str).unwrap_or("item");
        return Some((filter.to_owned(), texts(entry.pointer("/selection/values")?)));
    }
    let entries = query.get("selection")?.as_array()?;
    let entry = entries.iter().find(|entry| named(entry, "variableCode"))?;
    Some(("expressions".to_owned(), texts(entry.get("valueCodes")?)))
}

fn selected((filter, values): &(String, Vec<String>), variable: &Variable) -> Option<u64> {
    let top = |text: &str| Some(text.trim().parse::<u64>().ok()?.min(variable.size));
    match filter.as_str() {
        "item" => Some(values.len() as u64),
        "top" => top(values.first()?),
        "all" | "expressions" => {
            let mut count = 0;
            for value in values {
                let bounded = value
                    .strip_prefix("top(")
                    .or_else(|| value.strip_prefix("bottom("))
                    .and_then(|rest| rest.strip_suffix(')'));
                count += match (value.as_str(), bounded) {
                    ("*", _) => variable.size,
                    (_, Some(number)) => top(number.split(',').next()?)?,
                    (text, _) if text.contains('(') => return None,
                    (text, _) if text.contains(['*', '?']) => {
                        if variable.values.is_empty() {
                            return None;
                        }
                        let fits = |code: &&String| is_like(text.as_bytes(), code.as_bytes());
                        variable.values.iter().filter(fits).count() as u64
                    }
                    _ => 1,
                };
            }
            Some(count.min(variable.size))
        }
        // `vs:` and `agg:` select from lists of the service's own.
        _ => None,
    }
}

/// Whether a code fits `23*` or `2?`.
fn is_like(pattern: &[u8], code: &[u8]) -> bool {
    match (pattern.split_first(), code.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            is_like(rest, code)
                || code.split_first().is_some_and(|(_, tail)| is_like(pattern, tail))
        }
        (Some((b'?', rest)), Some((_, tail))) => is_like(rest, tail),
        (Some((left, rest)), Some((right, tail))) => left == right && is_like(rest, tail),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_say_it_in_their_words() {
        let limits = |json: &str| Limits::of(&serde_json::from_str(json).unwrap());
        assert_eq!(
            limits(r#"{"maxDataCells": 150000, "maxCallsPerTimeWindow": 3, "timeWindow": 1}"#),
            Limits { cells: Some(150_000), pause: Some(Duration::from_millis(334)) }
        );
        assert_eq!(
            limits(r#"{"maxCells": 100000, "maxCalls": 10, "timeWindow": 10}"#),
            Limits { cells: Some(100_000), pause: Some(Duration::from_secs(1)) }
        );
        assert_eq!(limits("{}"), Limits { cells: None, pause: None });
        assert_eq!(limits(r#"{"maxCalls": 0, "timeWindow": 10}"#).pause, None);
    }

    #[test]
    fn addresses_of_descriptions() {
        let v2 = "https://host/api/v2/tables/TAB638/data?outputFormat=json-stat2";
        assert_eq!(metadata_address(v2), "https://host/api/v2/tables/TAB638/metadata");
        let v1 = "https://host/OV0104/v1/doris/sv/ssd/BE/BefolkningNy";
        assert_eq!(metadata_address(v1), v1);
    }

    #[test]
    fn patterns_of_codes() {
        for (pattern, code, fits) in [
            ("23*", "2303", true),
            ("23*", "23", true),
            ("2?", "23", true),
            ("2?", "2", false),
            ("*3", "23", true),
        ] {
            assert_eq!(is_like(pattern.as_bytes(), code.as_bytes()), fits, "{pattern} {code}");
        }
    }
}

//! What the Open Data Contract Standard itself demands, by its own JSON Schema.
//!
//! The schema lies unchanged in `standard/`, with a note on its origin.

use crate::contract::tree::{At, Node, Value};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use tertial_model::similar;

const SCHEMA: &str = include_str!("../../standard/odcs-v3.2.0.schema.json");

struct Standard {
    validator: Validator,
    /// Every word the standard knows, wherever it stands.
    words: BTreeSet<String>,
}

static STANDARD: LazyLock<Standard> = LazyLock::new(|| {
    let schema: Json = serde_json::from_str(SCHEMA).expect("the vendored schema is JSON");
    let validator = Validator::new(&schema).expect("the vendored schema is a schema");
    let mut words = BTreeSet::new();
    collect_words(&schema, &mut words);
    Standard { validator, words }
});

/// A breach of the standard.
pub(crate) struct Breach {
    pub at: At,
    pub message: String,
    pub found: Option<String>,
    pub expected: Option<String>,
    pub hint: Option<String>,
}

/// Every breach in a document. `others` says that it has other faults already, which echo here.
pub(crate) fn breaches(root: &Node, others: bool) -> Vec<Breach> {
    let json = root.to_json();
    let errors: Vec<ValidationError> = STANDARD.validator.iter_errors(&json).collect();
    // A fault inside an object makes all its words "unevaluated"; those are only echoes.
    let only_these = !others && errors.iter().all(|error| unexpected(error).is_some());
    let mut breaches = Vec::new();
    for error in &errors {
        let node = root.follow(error.instance_path().as_str());
        match unexpected(error) {
            Some(words) => {
                for word in words {
                    if only_these || !STANDARD.words.contains(word) {
                        breaches.push(unknown_word(node, word));
                    }
                }
            }
            None if is_echo_of_no_type(node, error) => {}
            None => breaches.push(breach(node, error)),
        }
    }
    breaches
}

/// The schema's condition on maps also catches a column without a `logicalType`; our own rule says
/// that in plainer words.
fn is_echo_of_no_type(node: &Node, error: &ValidationError) -> bool {
    matches!(error.kind(), ValidationErrorKind::Required { property } if property == "map")
        && node.get("logicalType").is_none()
}

fn unexpected<'e>(error: &'e ValidationError) -> Option<&'e [String]> {
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => Some(unexpected),
        _ => None,
    }
}

fn unknown_word(node: &Node, word: &str) -> Breach {
    let at = node.entry(word).map_or(node.at, |entry| entry.at);
    let nearest = similar::nearest(word, STANDARD.words.iter().map(String::as_str), 2);
    Breach {
        at,
        message: "the standard has no such word here".to_owned(),
        found: Some(format!("`{word}`")),
        expected: None,
        hint: similar::question(&nearest)
            .or_else(|| Some("put what is our own under `customProperties`".to_owned())),
    }
}

fn breach(node: &Node, error: &ValidationError) -> Breach {
    let path = error.instance_path().as_str();
    let name = path.rsplit('/').find(|step| !step.is_empty() && step.parse::<usize>().is_err());
    let subject = name.map_or("the contract".to_owned(), |name| format!("`{name}`"));
    let found = match &node.value {
        Value::List(_) => Some("a list".to_owned()),
        Value::Map(_) => Some("an object".to_owned()),
        Value::Null => Some("nothing".to_owned()),
        _ => node.scalar().map(|text| format!("`{text}`")),
    };
    let (message, expected, found) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            (format!("{subject} has no `{property}`"), None, None)
        }
        ValidationErrorKind::Enum { options } => {
            let values = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let values: Vec<String> =
                values.iter().map(|v| format!("`{}`", v.as_str().unwrap_or_default())).collect();
            let expected = match values.as_slice() {
                [one] => one.clone(),
                many => format!("one of {}", many.join(", ")),
            };
            (format!("{subject} has a value the standard does not know"), Some(expected), found)
        }
        ValidationErrorKind::Type { kind } => {
            let wanted = format!("{kind:?}").to_lowercase();
            let wanted = wanted.trim_start_matches("single(").trim_end_matches(')').to_owned();
            (format!("{subject} is of another type than the standard says"), Some(wanted), found)
        }
        ValidationErrorKind::Pattern { pattern } => {
            let expected = format!("text that matches `{pattern}`");
            (format!("{subject} does not have the standard's form"), Some(expected), found)
        }
        _ => {
            let words = error.masked().to_string();
            (format!("{subject} does not follow the standard: {words}"), None, found)
        }
    };
    Breach { at: node.at, message, found, expected, hint: None }
}

fn collect_words(schema: &Json, words: &mut BTreeSet<String>) {
    match schema {
        Json::Object(members) => {
            for (key, value) in members {
                if key == "properties"
                    && let Json::Object(properties) = value
                {
                    words.extend(properties.keys().cloned());
                }
                collect_words(value, words);
            }
        }
        Json::Array(values) => values.iter().for_each(|value| collect_words(value, words)),
        _ => {}
    }
}

//! What a column means wherever it stands: `schemas/fields.yaml`, one entry for all contracts.
//!
//! A contract that says nothing of its own about a column means what its field says; `description:
//! $name` takes the words of another field. A contract is filled in before it is read, so that
//! everything after sees one whole document, and the files that leave the house are whole too.

use crate::contract::rules::{Fault, is_identifier};
use crate::contract::tree::{At, Entry, Node, Value};
use crate::contract::{Source, options};
use std::collections::BTreeMap;
use tertial_model::{Faults, similar};

/// The meanings of columns, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Meaning>);

/// What a column is called and what it says, in the language of the contracts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Meaning {
    label: Option<String>,
    description: String,
}

const LABEL: &str = "businessName";
const DESCRIPTION: &str = "description";
/// What begins the name of a field in the place of a description.
const NAMED: char = '$';

impl Fields {
    /// Reads the file; `file` is its path for messages.
    pub fn parse(file: &str, yaml: &str) -> Result<Fields, Faults> {
        let source = Source { file, yaml };
        let root: Node = serde_saphyr::from_str_with_options(yaml, options())
            .map_err(|error| Faults::from(source.unreadable(&error)))?;
        let (mut fields, mut faults) = (Fields::default(), Vec::new());
        let Value::Map(entries) = root.value else {
            let found = (!matches!(root.value, Value::Null)).then(|| "no object".to_owned());
            let message = "the fields cannot be read";
            return match found {
                None => Ok(fields),
                Some(found) => {
                    let fault =
                        fault(root.at, message, found, "the name of a field, then its words");
                    Err(Faults::from(source.fault(&fault)))
                }
            };
        };
        for Entry { key, at, node } in entries {
            if !is_identifier(&key) {
                let message = "this cannot be the name of a field";
                let expected = "lower case letters a–z, digits and `_`, beginning with a letter";
                faults.push(fault(at, message, format!("`{key}`"), expected));
            }
            let text = |word: &str| node.get(word).and_then(Node::text).map(str::to_owned);
            let known = "`businessName` and `description`, both texts";
            if let Value::Map(words) = &node.value {
                let is_known = |word: &&Entry| {
                    [LABEL, DESCRIPTION].contains(&word.key.as_str()) && word.node.text().is_some()
                };
                for word in words.iter().filter(|word| !is_known(word)) {
                    let message = format!("`{key}` has a word that no field has");
                    faults.push(fault(word.at, message, format!("`{}`", word.key), known));
                }
            }
            match text(DESCRIPTION) {
                Some(description) => {
                    fields.0.insert(key, Meaning { label: text(LABEL), description });
                }
                None => {
                    let message = format!("`{key}` has no `description`");
                    faults.push(fault(at, message, "no description".to_owned(), known));
                }
            }
        }
        match faults.is_empty() {
            true => Ok(fields),
            false => Err(faults.iter().map(|fault| source.fault(fault)).collect()),
        }
    }

    /// These, and others where these say nothing.
    pub fn or(&self, others: &Fields) -> Fields {
        let mut both = others.0.clone();
        both.extend(self.0.clone());
        Fields(both)
    }

    /// The names and descriptions, by name.
    pub fn descriptions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, meaning)| (name.as_str(), meaning.description.as_str()))
    }

    /// Fills in what a contract leaves to its fields.
    pub(super) fn fill(&self, root: &mut Node) -> Vec<Fault> {
        let mut faults = Vec::new();
        let objects = root.get_mut("schema").map(Node::list_mut).unwrap_or_default();
        let properties = objects.iter_mut().filter_map(|object| object.get_mut("properties"));
        for property in properties.flat_map(Node::list_mut) {
            self.fill_column(property, &mut faults);
        }
        faults
    }

    fn fill_column(&self, property: &mut Node, faults: &mut Vec<Fault>) {
        let Some(name) = property.get("name").and_then(Node::text).map(str::to_owned) else {
            return;
        };
        let said = property.get(DESCRIPTION);
        let is_silent = said.is_none();
        let named = said.and_then(|node| Some((node.text()?.strip_prefix(NAMED)?, node.at)));
        let named = named.map(|(field, at)| (field.to_owned(), at));
        let meaning = match &named {
            Some((field, at)) => match self.0.get(field) {
                Some(meaning) => meaning,
                None => {
                    let names = self.0.keys().map(String::as_str);
                    let mut unknown = fault(
                        *at,
                        "no field has this name",
                        format!("`{NAMED}{field}`"),
                        "a field of `schemas/fields.yaml`, or a description",
                    );
                    unknown.hint = similar::question(&similar::nearest(field, names, 2));
                    faults.push(unknown);
                    return;
                }
            },
            None => match self.0.get(&name) {
                Some(meaning) => meaning,
                None => return,
            },
        };
        if property.get(LABEL).is_none()
            && let Some(label) = &meaning.label
        {
            property.add(LABEL, label);
        }
        if named.is_some() || is_silent {
            property.remove(DESCRIPTION);
            property.add(DESCRIPTION, &meaning.description);
        }
    }
}

fn fault(at: At, message: impl Into<String>, found: String, expected: &str) -> Fault {
    Fault {
        at,
        message: message.into(),
        found: Some(found),
        expected: Some(expected.to_owned()),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{complete_contract, parse_contract};

    const FIELDS: &str = "\
month: {businessName: Månad, description: Månadens första dag.}
survey_month: {description: Månaden då enkäten gjordes.}
";
    const CONTRACT: &str = "\
apiVersion: v3.1.0
kind: DataContract
id: core__surveys
version: 1.0.0
status: active
schema:
  - name: core.surveys
    properties:
      - {name: month, logicalType: date, physicalType: month}
      - {name: answer_month, logicalType: date, physicalType: month, description: $survey_month}
      - {name: unit_id, logicalType: string, physicalType: varchar, description: Enhetens kod.}
";

    fn fields() -> Fields {
        Fields::parse("schemas/fields.yaml", FIELDS).unwrap()
    }

    #[test]
    fn a_contract_that_says_nothing_means_what_its_fields_say() {
        let contract = parse_contract("schemas/x.odcs.yaml", CONTRACT, &fields()).unwrap();
        let said: Vec<String> = contract
            .columns
            .iter()
            .map(|column| format!("{}: {}", column.label, column.description))
            .collect();
        assert_eq!(
            said,
            [
                "Månad: Månadens första dag.",
                "answer_month: Månaden då enkäten gjordes.",
                "unit_id: Enhetens kod."
            ]
        );
    }

    #[test]
    fn what_leaves_the_house_needs_no_fields() {
        let whole = complete_contract("schemas/x.odcs.yaml", CONTRACT, &fields()).unwrap();
        let alone = parse_contract("x.odcs.yaml", &whole, &Fields::default()).unwrap();
        let with_fields = parse_contract("x.odcs.yaml", CONTRACT, &fields()).unwrap();
        assert_eq!(alone, with_fields);
    }

    #[test]
    fn own_words_come_before_those_of_others() {
        let others = "month: {description: En månad.}\nyear: {description: Ett år.}\n";
        let both = fields().or(&Fields::parse("own/fields.yaml", others).unwrap());
        let said: Vec<(&str, &str)> = both.descriptions().collect();
        assert_eq!(
            said,
            [
                ("month", "Månadens första dag."),
                ("survey_month", "Månaden då enkäten gjordes."),
                ("year", "Ett år.")
            ]
        );
        assert_eq!(Fields::parse("schemas/fields.yaml", ""), Ok(Fields::default()));
    }

    #[test]
    fn faults_have_their_place() {
        let told = |faults: Faults| -> Vec<String> {
            faults.iter().map(|fault| format!("{}: {}", fault.location, fault.message)).collect()
        };
        let wrong = "Month: {description: a}\nyear: {descripton: b}\nday: [1]\n";
        assert_eq!(
            told(Fields::parse("schemas/fields.yaml", wrong).unwrap_err()),
            [
                "schemas/fields.yaml:1:1: this cannot be the name of a field",
                "schemas/fields.yaml:2:8: `year` has a word that no field has",
                "schemas/fields.yaml:2:1: `year` has no `description`",
                "schemas/fields.yaml:3:1: `day` has no `description`",
            ]
        );
        assert_eq!(
            told(Fields::parse("schemas/fields.yaml", "- month\n").unwrap_err()),
            ["schemas/fields.yaml:1:1: the fields cannot be read"]
        );
        let unknown = CONTRACT.replace("$survey_month", "$survey_mont");
        let faults = parse_contract("schemas/x.odcs.yaml", &unknown, &fields()).unwrap_err();
        assert_eq!(faults[0].hints, ["did you mean `survey_month`?"]);
        assert_eq!(told(faults), ["schemas/x.odcs.yaml:10:83: no field has this name"]);
    }
}

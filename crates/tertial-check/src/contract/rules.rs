//! Our own rules for a contract, on top of the standard's, and the way from YAML to [`Contract`].
//!
//! Reading never stops at a fault: what cannot be used is left out and told, so that one run shows
//! everything that is wrong.

use crate::contract::tree::{At, Node, Value};
use tertial_model::contract::{Classification, Conserved, RejectMax, Transform};
use tertial_model::{Column, ColumnType, Contract, Decimal, similar, swedish};

/// A fault against our rules.
pub(crate) struct Fault {
    pub at: At,
    pub message: String,
    pub found: Option<String>,
    pub expected: Option<String>,
    pub hint: Option<String>,
}

/// Our words under a table's and a column's `customProperties`.
const TABLE_WORDS: [&str; 7] = [
    "tertial.periodColumn",
    "tertial.timeColumn",
    "tertial.rejectMax",
    "tertial.rowCount",
    "tertial.conserves",
    "tertial.conservedCount",
    "tertial.conservedSums",
];
/// Those that say how a table's rows are found again.
const CONSERVED: [&str; 2] = ["tertial.conservedCount", "tertial.conservedSums"];
const COLUMN_WORDS: [&str; 7] = [
    "tertial.unit",
    "tertial.decimals",
    "tertial.example",
    "tertial.allowed",
    "tertial.references",
    "tertial.transform",
    "tertial.timeZone",
];
const TYPES: &str = "`varchar`, `bigint`, `decimal(18,2)`, `date`, `month` or `boolean`";
const IDENTIFIER: &str = "lower case letters a–z, digits and `_`, beginning with a letter";

/// Reads one document.
pub(crate) struct Rules<'a> {
    file: &'a str,
    pub(crate) faults: Vec<Fault>,
}

impl<'a> Rules<'a> {
    pub(crate) fn new(file: &'a str) -> Rules<'a> {
        Rules { file, faults: Vec::new() }
    }

    pub(crate) fn push(
        &mut self,
        at: At,
        message: impl Into<String>,
        found: Option<String>,
        expected: Option<&str>,
    ) {
        self.faults.push(Fault {
            at,
            message: message.into(),
            found,
            expected: expected.map(str::to_owned),
            hint: None,
        });
    }

    pub(crate) fn hint(&mut self, hint: Option<String>) {
        if let Some(fault) = self.faults.last_mut() {
            fault.hint = hint;
        }
    }

    /// The contract as far as it can be read; it is whole when no fault was added.
    pub(crate) fn contract(&mut self, root: &Node) -> Option<Contract> {
        let schema = root.get("schema")?;
        let [object] = schema.list() else {
            let count = format!("{} tables", schema.list().len());
            self.push(
                schema.at,
                "a contract is about one table",
                Some(count),
                Some("one entry in `schema`"),
            );
            return None;
        };
        let name = object.get("name");
        let table = name.and_then(Node::text).unwrap_or_default().to_owned();
        if let Some(name) = name
            && !(table.split('.').count() <= 2 && table.split('.').all(is_identifier))
        {
            let expected = "a name such as `hr__worked_time` or `mart.economy`";
            self.push(
                name.at,
                "this cannot be a table's name",
                Some(format!("`{table}`")),
                Some(expected),
            );
        }
        let (columns, key) = self.columns(object, &table);
        let custom = self.custom(object, &TABLE_WORDS);
        let text = |node: Option<&Node>| node.and_then(Node::text).unwrap_or_default().to_owned();
        let purpose = root.get("description").and_then(|d| d.get("purpose"));
        let counted = self.quality(object);
        let contract = Contract {
            table,
            version: text(root.get("version")),
            file: self.file.to_owned(),
            description: text(object.get("description").or(purpose)),
            owner: owner(root),
            period_column: self.time_column("tertial.periodColumn", &custom, &columns),
            time_column: self.time_column("tertial.timeColumn", &custom, &columns),
            reject_max: self.reject_max(&custom),
            row_count: self.row_count(&custom).or(counted),
            max_age_days: self.max_age(root, object, &columns),
            conserves: self.conserves(&custom, &columns),
            columns,
            key,
        };
        Some(contract)
    }

    fn columns(&mut self, object: &Node, table: &str) -> (Vec<Column>, Vec<String>) {
        let properties = object.get("properties");
        let mut columns: Vec<Column> = Vec::new();
        let mut keys: Vec<(i64, String, At)> = Vec::new();
        for node in properties.map(Node::list).unwrap_or_default() {
            let Some(name) = node.get("name").filter(|name| name.text().is_some()) else {
                continue;
            };
            let text = name.text().unwrap_or_default().to_owned();
            if !is_identifier(&text) {
                self.push(
                    name.at,
                    "this cannot be a column's name",
                    Some(format!("`{text}`")),
                    Some(IDENTIFIER),
                );
            }
            if columns.iter().any(|column| column.name == text) {
                let message = "the column stands twice in the contract";
                self.push(
                    name.at,
                    message,
                    Some(format!("`{text}`")),
                    Some("one entry for each column"),
                );
                continue;
            }
            if node.get("primaryKey").and_then(Node::truth) == Some(true) {
                let position = node.get("primaryKeyPosition").and_then(integer).unwrap_or(i64::MAX);
                let at = node.get("primaryKeyPosition").map_or(name.at, |position| position.at);
                if position != i64::MAX && keys.iter().any(|(other, _, _)| *other == position) {
                    let found = Some(format!("`{position}`"));
                    self.push(at, "two columns have the same place in the key", found, None);
                }
                keys.push((position, text.clone(), at));
            } else if let Some(position) = node.entry("primaryKeyPosition") {
                self.push(
                    position.at,
                    format!("`{text}` has a place in the key but is not in it"),
                    None,
                    Some("`primaryKey: true`, or no `primaryKeyPosition`"),
                );
            }
            let column = self.column(node, text, name.at);
            if column.column_type == ColumnType::Double && !table.contains('.') {
                let at = node.get("physicalType").map_or(name.at, |physical| physical.at);
                let expected = "a decimal type, e.g. `decimal(18,6)`, for what is delivered";
                let message = "a delivered value is exact";
                self.push(at, message, Some("`double`".to_owned()), Some(expected));
            }
            columns.push(column);
        }
        if columns.is_empty() {
            self.push(
                object.at,
                "the contract has no columns",
                None,
                Some("at least one entry in `properties`"),
            );
        }
        keys.sort_by_key(|(position, _, _)| *position);
        (columns, keys.into_iter().map(|(_, name, _)| name).collect())
    }

    fn column(&mut self, node: &Node, name: String, at: At) -> Column {
        let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
        let column_type = self.column_type(node, &name, at);
        let mut column = Column::text(&name);
        column.column_type = column_type.unwrap_or(ColumnType::Text);
        column.label = Some(text("businessName")).filter(|label| !label.is_empty()).unwrap_or(name);
        column.description = text("description");
        column.required = node.get("required").and_then(Node::truth).unwrap_or(false);
        column.unique = node.get("unique").and_then(Node::truth).unwrap_or(false);
        column.classification = self.classification(node);
        self.options(node, &mut column, column_type);
        self.values(node, &mut column, column_type);
        self.relationships(node, &mut column, column_type);
        self.unchecked(node);
        let custom = self.custom(node, &COLUMN_WORDS);
        for (word, value, at) in &custom {
            self.own_word(&mut column, column_type, word, value, *at);
        }
        if column.example.is_none() {
            let first = node.get("examples").and_then(|examples| examples.list().first());
            column.example = first.and_then(Node::scalar);
        }
        if column.transform != Transform::None && column.classification < Classification::Personal {
            let message = format!("`{}` identifies persons but is open", column.name);
            let expected = "`classification: sensitive` or `classification: personal`";
            self.push(at, message, None, Some(expected));
        }
        column
    }

    fn column_type(&mut self, node: &Node, name: &str, at: At) -> Option<ColumnType> {
        let Some(physical) = node.get("physicalType") else {
            self.push(at, format!("`{name}` has no `physicalType`"), None, Some(TYPES));
            return None;
        };
        let text = physical.text().unwrap_or_default();
        let Some(found) = ColumnType::parse(text) else {
            self.push(
                physical.at,
                "the physical type is not known",
                Some(format!("`{text}`")),
                Some(TYPES),
            );
            return None;
        };
        let fitting: &[&str] = match found {
            ColumnType::Text => &["string"],
            ColumnType::Integer => &["integer", "number"],
            ColumnType::Decimal { .. } => &["number"],
            ColumnType::Date | ColumnType::Month => &["date"],
            ColumnType::Boolean => &["boolean"],
            ColumnType::Double => &["number"],
        };
        let expected = format!("`logicalType: {}`", fitting[0]);
        match node.get("logicalType") {
            None => {
                let message = format!("`{name}` has no `logicalType`");
                self.push(at, message, None, Some(&expected));
            }
            Some(logical) => {
                let text = logical.text().unwrap_or_default();
                if !fitting.contains(&text) {
                    let message = format!("the logical type does not fit `physicalType: {found}`");
                    self.push(logical.at, message, Some(format!("`{text}`")), Some(&expected));
                }
            }
        }
        Some(found)
    }

    fn classification(&mut self, node: &Node) -> Classification {
        let Some(node) = node.get("classification") else { return Classification::Undeclared };
        match node.text() {
            Some("open") => Classification::Open,
            Some("internal") => Classification::Internal,
            Some("personal") => Classification::Personal,
            Some("sensitive") => Classification::Sensitive,
            other => {
                let found = other.map(|text| format!("`{text}`"));
                let expected = "`open`, `internal`, `personal` or `sensitive`";
                self.push(node.at, "the classification is not known", found, Some(expected));
                Classification::Sensitive
            }
        }
    }

    /// Our own words under `customProperties`, with the place of their values.
    fn custom(&mut self, node: &Node, known: &[&str]) -> Vec<(String, String, At)> {
        let mut words: Vec<(String, String, At)> = Vec::new();
        for property in node.get("customProperties").map(Node::list).unwrap_or_default() {
            let Some(name) = property.get("property") else { continue };
            let text = name.text().unwrap_or_default();
            if !text.starts_with("tertial.") {
                continue;
            }
            if !known.contains(&text) {
                let expected = format!("one of `{}`", known.join("`, `"));
                self.push(
                    name.at,
                    "this word of ours does not exist here",
                    Some(format!("`{text}`")),
                    Some(&expected),
                );
                self.hint(similar::question(&similar::nearest(text, known.iter().copied(), 2)));
                continue;
            }
            if words.iter().any(|(word, _, _)| word == text) {
                self.push(name.at, "the word stands twice", Some(format!("`{text}`")), None);
                continue;
            }
            match property
                .get("value")
                .and_then(|value| value.scalar().map(|text| (text, value.at)))
            {
                Some((value, at)) => words.push((text.to_owned(), value, at)),
                None => self.push(name.at, format!("`{text}` has no value"), None, None),
            }
        }
        words
    }

    fn own_word(
        &mut self,
        column: &mut Column,
        known: Option<ColumnType>,
        word: &str,
        value: &str,
        at: At,
    ) {
        let is_text = matches!(known, None | Some(ColumnType::Text));
        let found = Some(format!("`{value}`"));
        match word {
            "tertial.unit" => column.unit = Some(value.to_owned()),
            "tertial.example" => column.example = Some(value.to_owned()),
            "tertial.decimals" => match value.parse::<u8>() {
                Ok(decimals) if decimals <= 18 => column.decimals = Some(decimals),
                _ => self.push(
                    at,
                    "`tertial.decimals` is not a number of decimals",
                    found,
                    Some("0 to 18"),
                ),
            },
            "tertial.allowed" => {
                let keep_empty = known == Some(ColumnType::Boolean);
                column.allowed = value.split('|').map(|text| text.trim().to_owned()).collect();
                let has_empty = column.allowed.iter().any(String::is_empty);
                if has_empty && !keep_empty {
                    let expected = "values with `|` between them, e.g. `K|M`";
                    self.push(at, "an allowed value is empty", found, Some(expected));
                } else if let Some(fault) = allowed_fault(&column.allowed, known) {
                    self.push(
                        at,
                        "an allowed value does not fit the type",
                        Some(format!("`{fault}`")),
                        None,
                    );
                }
            }
            "tertial.timeZone" => {
                let is_day = matches!(known, None | Some(ColumnType::Date | ColumnType::Month));
                if is_day && crate::cell::moment::zone(value).is_some() {
                    column.time_zone = Some(value.to_owned());
                } else {
                    let expected = "a zone of the IANA database, e.g. `Europe/Stockholm` or `UTC`, on a column of dates or months";
                    self.push(at, "`tertial.timeZone` cannot be used", found, Some(expected));
                }
            }
            "tertial.references" => {
                let parts: Vec<&str> = value.split('.').collect();
                if is_text && parts.len() == 3 && parts.iter().all(|part| is_identifier(part)) {
                    column.references = Some(value.to_owned());
                } else {
                    let expected =
                        "schema, table and column, e.g. `seed.units.unit_id`, on a column of text";
                    self.push(at, "`tertial.references` cannot be used", found, Some(expected));
                }
            }
            _ => {
                let transform = match value.split_once(':') {
                    Some((_, purpose)) if !is_identifier(purpose) => None,
                    Some(("civic_number", purpose)) => {
                        Some(Transform::CivicNumber { purpose: purpose.to_owned() })
                    }
                    Some(("pseudonym", purpose)) => {
                        Some(Transform::Pseudonym { purpose: purpose.to_owned() })
                    }
                    _ => None,
                };
                match transform.filter(|_| is_text) {
                    Some(transform) => column.transform = transform,
                    None => {
                        let expected = "`civic_number:<purpose>` or `pseudonym:<purpose>`, on a column of text";
                        self.push(at, "`tertial.transform` cannot be used", found, Some(expected));
                    }
                }
            }
        }
    }

    /// The column that a property of the table names, of a type that can tell the time.
    fn time_column(
        &mut self,
        property: &str,
        custom: &[(String, String, At)],
        columns: &[Column],
    ) -> Option<String> {
        let (_, name, at) = custom.iter().find(|(word, _, _)| word == property)?;
        let Some(column) = columns.iter().find(|column| column.name == *name) else {
            self.unknown_column(
                &format!("`{property}` names a column that does not exist"),
                name,
                *at,
                columns,
            );
            return None;
        };
        if matches!(
            column.column_type,
            ColumnType::Decimal { .. } | ColumnType::Boolean | ColumnType::Double
        ) {
            let message = match property {
                "tertial.periodColumn" => "a column of this type cannot divide a table by period",
                _ => "a column of this type cannot tell the time of a row",
            };
            let found = Some(format!("`{name}`, {}", column.column_type));
            self.push(*at, message, found, Some("`month`, `date`, `bigint` (a year) or `varchar`"));
        }
        Some(name.clone())
    }

    fn unknown_column(&mut self, message: &str, name: &str, at: At, columns: &[Column]) {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let expected = format!("one of `{}`", names.join("`, `"));
        self.push(at, message, Some(format!("`{name}`")), Some(&expected));
        self.hint(similar::question(&similar::nearest(name, names, 2)));
    }

    fn reject_max(&mut self, custom: &[(String, String, At)]) -> RejectMax {
        let Some((_, value, at)) = custom.iter().find(|(word, _, _)| word == "tertial.rejectMax")
        else {
            return RejectMax::Rows(0);
        };
        let share = value.strip_suffix('%').map(|number| number.trim().replace(',', "."));
        let limit = match share {
            Some(share) => share
                .parse::<f64>()
                .ok()
                .filter(|share| (0.0..=100.0).contains(share))
                .map(|share| RejectMax::Share(share / 100.0)),
            None => value.trim().parse::<u64>().ok().map(RejectMax::Rows),
        };
        limit.unwrap_or_else(|| {
            let expected = "a number of rows or a share, e.g. `10` or `0.5 %`";
            self.push(
                *at,
                "`tertial.rejectMax` cannot be read",
                Some(format!("`{value}`")),
                Some(expected),
            );
            RejectMax::Rows(0)
        })
    }

    fn row_count(&mut self, custom: &[(String, String, At)]) -> Option<(u64, u64)> {
        let (_, value, at) = custom.iter().find(|(word, _, _)| word == "tertial.rowCount")?;
        let limits = value.split_once("..").and_then(|(low, high)| {
            Some((low.trim().parse::<u64>().ok()?, high.trim().parse::<u64>().ok()?))
        });
        match limits {
            Some((low, high)) if low <= high => Some((low, high)),
            _ => {
                let expected = "fewest and most rows, e.g. `1..5000000`";
                self.push(
                    *at,
                    "`tertial.rowCount` cannot be read",
                    Some(format!("`{value}`")),
                    Some(expected),
                );
                None
            }
        }
    }

    /// The table whose rows are found again, and how that is seen.
    fn conserves(
        &mut self,
        custom: &[(String, String, At)],
        columns: &[Column],
    ) -> Option<Conserved> {
        let word = |name: &str| custom.iter().find(|(word, _, _)| word == name);
        let Some((_, table, at)) = word("tertial.conserves") else {
            for (name, value, at) in custom.iter().filter(|(w, ..)| CONSERVED.contains(&&**w)) {
                let message = format!("`{name}` says how, but not what is found again");
                let expected = "`tertial.conserves` beside it";
                self.push(*at, message, Some(format!("`{value}`")), Some(expected));
            }
            return None;
        };
        let parts: Vec<&str> = table.split('.').collect();
        if parts.len() != 2 || !parts.iter().all(|part| is_identifier(part)) {
            let expected = "schema and table, e.g. `staging.hr__employments`";
            let message = "`tertial.conserves` cannot be used";
            self.push(*at, message, Some(format!("`{table}`")), Some(expected));
        }
        let mut named = |name: &str| {
            let Some((_, value, at)) = word(name) else { return Vec::new() };
            let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
            for own in &names {
                let found = columns.iter().find(|column| column.name == *own);
                let message = format!("`{name}` names a column that cannot be summed");
                match found.map(|column| column.column_type) {
                    None => self.unknown_column(&message, own, *at, columns),
                    Some(ColumnType::Integer | ColumnType::Decimal { .. }) => {}
                    Some(other) => {
                        let found = Some(format!("`{own}`, {other}"));
                        self.push(*at, message, found, Some("whole numbers or decimals"));
                    }
                }
            }
            names
        };
        let count = named(CONSERVED[0]).into_iter().next();
        Some(Conserved { table: table.clone(), count, sums: named(CONSERVED[1]) })
    }

    /// `latency` among the service levels, in days.
    fn max_age(&mut self, root: &Node, object: &Node, columns: &[Column]) -> Option<u32> {
        let levels = root.get("slaProperties").map(Node::list).unwrap_or_default();
        let table = object.get("name").and_then(Node::text).unwrap_or_default();
        for level in levels {
            let element =
                level.get("element").and_then(|element| Some((element.text()?, element.at)));
            if let Some((element, at)) = element
                && let Some(name) =
                    element.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'))
                && !columns.iter().any(|column| column.name == name)
            {
                self.unknown_column(
                    "the service level names a column that does not exist",
                    name,
                    at,
                    columns,
                );
            }
        }
        let level =
            levels.iter().find(|l| l.get("property").and_then(Node::text) == Some("latency"))?;
        let value = level.get("value")?;
        let unit = level.get("unit").and_then(Node::text).unwrap_or("d");
        let days =
            value.scalar().and_then(|text| text.parse::<u32>().ok()).and_then(|count| match unit {
                "d" | "day" | "days" => Some(count),
                "h" | "hour" | "hours" => Some(count.div_ceil(24)),
                "w" | "week" | "weeks" => count.checked_mul(7),
                "y" | "yr" | "year" | "years" => count.checked_mul(366),
                _ => None,
            });
        if days.is_none() {
            let found = value.scalar().map(|text| format!("`{text}`, unit `{unit}`"));
            let expected = "a whole number with the unit `h`, `d`, `w` or `y`";
            self.push(value.at, "the latency cannot be read", found, Some(expected));
        }
        days
    }
}

/// The team's name, else its owner, else its first member.
fn owner(root: &Node) -> String {
    let Some(team) = root.get("team") else { return String::new() };
    if let Some(name) = team.get("name").and_then(Node::text) {
        return name.to_owned();
    }
    let members = team.get("members").unwrap_or(team).list();
    let is_owner = |member: &&Node| member.get("role").and_then(Node::text) == Some("owner");
    let member = members.iter().find(is_owner).or(members.first());
    member
        .and_then(|member| member.get("username"))
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned()
}

pub(crate) fn allowed_fault(allowed: &[String], known: Option<ColumnType>) -> Option<String> {
    let fits = |text: &String| match known {
        Some(ColumnType::Integer) => text.parse::<i64>().is_ok(),
        Some(ColumnType::Decimal { .. }) => Decimal::parse(text).is_some(),
        Some(ColumnType::Boolean) => text.is_empty() || crate::cell::truth::truth(text).is_some(),
        Some(ColumnType::Date | ColumnType::Month | ColumnType::Double) => false,
        Some(ColumnType::Text) | None => true,
    };
    allowed.iter().find(|text| !fits(text)).cloned()
}

pub(crate) fn integer(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
}

pub(crate) fn number(node: &Node) -> Option<Decimal> {
    match &node.value {
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Some(Decimal::whole(whole.into())),
            None => number.as_f64().and_then(swedish::from_float),
        },
        _ => None,
    }
}

pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

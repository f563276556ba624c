//! Reading a definition's `[metric]` table; every fault is kept and reading goes on.

use super::{
    Breakdown, Comparison, Metric, MetricType, Only, Per, PerYear, Persons, Requires, Sexes, Sums,
    Variant, VersionSums, Window,
};
use crate::definition::form::{Fields, Form};
use toml::de::DeValue;

const FIELDS: [&str; 19] = [
    "type",
    "measure",
    "numerator",
    "denominator",
    "denominator_mean",
    "over",
    "requires",
    "requires_denominator",
    "compared_with",
    "periods",
    "levels",
    "sexes",
    "only",
    "total",
    "breakdowns",
    "variant",
    "version",
    "persons",
    "per",
];
const KINDS: [&str; 3] = ["month", "tertial", "year"];

/// The metric of a definition; none where it has a query of its own.
pub(crate) fn read(form: &mut Form, root: &Fields) -> Option<Metric> {
    let value = root.get("metric")?;
    let Some(table) = value.get_ref().as_table() else {
        form.wrong_type(root, "metric", value, "a [metric] table");
        return None;
    };
    let fields = Fields { table, span: value.span(), path: "metric." };
    form.refuse_unknown(&fields, &FIELDS);
    let kind = form.word(&fields, "type", &["simple", "ratio", "change"], None)?;
    let kind = [MetricType::Simple, MetricType::Ratio, MetricType::Change][kind];
    let windows = [
        ("period", Window::Period),
        ("year_to_date", Window::YearToDate),
        ("rolling_12", Window::Rolling12),
        ("last_month", Window::LastMonth),
        ("latest_in_period", Window::LatestInPeriod),
        ("survey_in_force", Window::SurveyInForce),
        ("year", Window::Year),
        ("stated", Window::Stated),
    ];
    let words: Vec<&str> = windows.iter().map(|(word, _)| *word).collect();
    let over =
        form.word(&fields, "over", &words, Some(0)).map_or(Window::Period, |at| windows[at].1);
    let compared_with = comparison(form, &fields);
    let requires = [
        ("opened", Requires::Opened),
        ("start", Requires::Start),
        ("span", Requires::Span),
        ("every_month", Requires::EveryMonth),
        ("paired_months", Requires::PairedMonths),
    ];
    let words: Vec<&str> = requires.iter().map(|(word, _)| *word).collect();
    let usual = match (compared_with.is_some(), over) {
        (true, _) => 1,
        (false, Window::Rolling12) => 2,
        (false, _) => 0,
    };
    let requires = requires[form.word(&fields, "requires", &words, Some(usual)).unwrap_or(usual)].1;
    let sexes = form.word(&fields, "sexes", &["none", "summed", "stated"], Some(0)).unwrap_or(0);
    let metric = Metric {
        kind,
        measure: form.required_text(&fields, "measure"),
        sums: sums(form, &fields),
        over,
        requires,
        compared_with,
        requires_denominator: form.boolean(&fields, "requires_denominator").unwrap_or(false),
        periods: kinds(form, &fields, "periods"),
        levels: form.texts(&fields, "levels").unwrap_or_default(),
        sexes: [Sexes::None, Sexes::Summed, Sexes::Stated][sexes],
        only: only(form, &fields),
        total: form.boolean(&fields, "total").unwrap_or(true),
        breakdowns: tables(form, &fields, "breakdowns", |form, fields| {
            form.refuse_unknown(fields, &["by", "prefix", "periods", "levels"]);
            Breakdown {
                by: form.required_text(fields, "by"),
                // A blank before the group's name belongs to the prefix.
                prefix: form.verbatim(fields, "prefix").unwrap_or_default(),
                periods: kinds(form, fields, "periods"),
                levels: form.texts(fields, "levels").unwrap_or_default(),
            }
        }),
        variants: tables(form, &fields, "variant", |form, fields| {
            form.refuse_unknown(fields, &["name", "numerator", "denominator"]);
            Variant { name: form.required_text(fields, "name"), sums: sums(form, fields) }
        }),
        versions: tables(form, &fields, "version", |form, fields| {
            form.refuse_unknown(fields, &["number", "numerator", "denominator"]);
            let number = form.whole(fields, "number", 1..=100_000);
            if number.is_none() {
                form.missing(fields, "number");
            }
            VersionSums { number: number.unwrap_or(1) as u32, sums: sums(form, fields) }
        }),
        persons: persons(form, &fields),
        per: per(form, &fields),
        text: form.text.to_owned(),
    };
    fits(form, &fields, &metric);
    Some(metric)
}

/// What does not fit together within the metric itself.
fn fits(form: &mut Form, fields: &Fields, metric: &Metric) {
    let is_below = metric.sums.denominator.is_some() || metric.per.is_some();
    match metric.kind {
        MetricType::Ratio if !is_below => form.misfit(
            fields,
            "type",
            "a `ratio` has no `denominator`",
            "`denominator = \"…\"` or `per = { … }`: shares of units cannot be added without what they are of",
        ),
        MetricType::Simple if is_below => form.misfit(
            fields,
            "type",
            "a `simple` metric has a denominator",
            "`type = \"ratio\"`, or no denominator",
        ),
        MetricType::Change if is_below => form.misfit(
            fields,
            "type",
            "a `change` has a denominator of its own",
            "no `denominator`: it is the sum of the months compared with",
        ),
        _ => {}
    }
    if (metric.kind == MetricType::Change) != metric.compared_with.is_some() {
        let message = "`type = \"change\"` and `compared_with` belong together";
        form.misfit(fields, "type", message, "both or neither");
    }
    if metric.requires == Requires::PairedMonths && metric.compared_with.is_none() {
        let message = "`paired_months` pairs nothing without `compared_with`";
        form.misfit(fields, "requires", message, "another word, or `compared_with`");
    }
    if metric.compared_with.is_some()
        && !matches!(metric.requires, Requires::Start | Requires::PairedMonths)
    {
        let message = "a change cannot be had of a window that is not whole in both years";
        form.misfit(fields, "requires", message, "`start` or `paired_months`");
    }
    if metric.compared_with.is_some() && metric.over != Window::Period {
        let message = "a change is of the period's own months";
        form.misfit(fields, "over", message, "`over = \"period\"`");
    }
    if !metric.total && metric.breakdowns.is_empty() {
        let message = "`total = false` without `breakdowns` leaves no figure";
        form.misfit(fields, "total", message, "a breakdown, or no `total`");
    }
    if metric.sums.is_denominator_mean
        && (metric.sexes != Sexes::None || !metric.breakdowns.is_empty())
    {
        let message = "the mean of months is not divided into groups";
        form.misfit(fields, "denominator_mean", message, "a metric without sexes and breakdowns");
    }
}

fn sums(form: &mut Form, fields: &Fields) -> Sums {
    Sums {
        numerator: form.required_text(fields, "numerator"),
        denominator: form.text(fields, "denominator").filter(|text| !text.is_empty()),
        is_denominator_mean: form.boolean(fields, "denominator_mean").unwrap_or(false),
    }
}

fn comparison(form: &mut Form, fields: &Fields) -> Option<Comparison> {
    let text = form.text(fields, "compared_with")?;
    if text == "previous_year" {
        return Some(Comparison::PreviousYear);
    }
    let year = text.parse().ok().filter(|year| (1900..=2199).contains(year));
    if year.is_none() {
        let message = format!("`metric.compared_with` has no such value as `{text}`");
        let expected = "`previous_year`, or a base year such as `2019`";
        form.content(fields, "compared_with", &message, expected);
    }
    year.map(Comparison::BaseYear)
}

fn kinds(form: &mut Form, fields: &Fields, key: &str) -> Vec<String> {
    let found = form.texts(fields, key).unwrap_or_default();
    if let Some(wrong) = found.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        let message = format!("`{}{key}` has no such value as `{wrong}`", fields.path);
        form.content(fields, key, &message, &format!("of `{}`", KINDS.join("`, `")));
    }
    found
}

fn only(form: &mut Form, fields: &Fields) -> Vec<Only> {
    let Some(value) = fields.get("only") else { return Vec::new() };
    let Some(table) = value.get_ref().as_table() else {
        form.wrong_type(fields, "only", value, "a table of columns and values");
        return Vec::new();
    };
    let fields = Fields { table, span: value.span(), path: "metric.only." };
    let mut found = Vec::new();
    for (key, value) in table.iter() {
        let literal = |value: &DeValue| match value {
            DeValue::String(text) => Some(super::query::literal(text)),
            DeValue::Boolean(truth) => Some(truth.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
            _ => None,
        };
        let values = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| literal(item.get_ref())).collect(),
            one => literal(one).map(|one| vec![one]),
        };
        match values {
            Some(values) if !values.is_empty() => {
                found.push(Only { column: key.get_ref().to_string(), values });
            }
            _ => form.wrong_type(&fields, key.get_ref(), value, "a value or a list of values"),
        }
    }
    found
}

fn persons(form: &mut Form, fields: &Fields) -> Option<Persons> {
    let value = fields.get("persons")?;
    let Some(table) = value.get_ref().as_table() else {
        form.wrong_type(fields, "persons", value, "`{ distinct = … }` or `{ sum = … }`");
        return None;
    };
    let fields = Fields { table, span: value.span(), path: "metric.persons." };
    form.refuse_unknown(&fields, &["distinct", "sum", "most_of"]);
    match (form.text(&fields, "distinct"), form.text(&fields, "sum"), form.text(&fields, "most_of"))
    {
        (Some(column), None, None) => Some(Persons::Distinct(column)),
        (None, Some(column), None) => Some(Persons::Sum(column)),
        (None, Some(sum), Some(of)) => Some(Persons::Most { sum, of }),
        _ => {
            let message = "`metric.persons` says neither how nor what is counted";
            let expected = "`distinct` alone, `sum` alone, or `sum` with `most_of`";
            form.content(&fields, "distinct", message, expected);
            None
        }
    }
}

fn per(form: &mut Form, fields: &Fields) -> Option<Per> {
    let value = fields.get("per")?;
    let Some(table) = value.get_ref().as_table() else {
        form.wrong_type(fields, "per", value, "`{ measure = …, column = …, year = … }`");
        return None;
    };
    let fields = Fields { table, span: value.span(), path: "metric.per." };
    form.refuse_unknown(&fields, &["measure", "column", "year", "persons"]);
    let year = form.word(&fields, "year", &["same", "latest_before"], Some(0)).unwrap_or(0);
    Some(Per {
        measure: form.required_text(&fields, "measure"),
        column: form.required_text(&fields, "column"),
        year: [PerYear::Same, PerYear::LatestBefore][year],
        is_persons: form.boolean(&fields, "persons").unwrap_or(false),
    })
}

/// A list of tables, each read by `one`.
fn tables<T>(
    form: &mut Form,
    fields: &Fields,
    key: &str,
    one: impl Fn(&mut Form, &Fields) -> T,
) -> Vec<T> {
    let Some(value) = fields.get(key) else { return Vec::new() };
    let Some(items) = value.get_ref().as_array() else {
        form.wrong_type(fields, key, value, "a list of tables");
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(table) = item.get_ref().as_table() else {
            form.wrong_type(fields, key, item, "a table");
            continue;
        };
        let path = format!("metric.{key}[{}].", index + 1);
        found.push(one(form, &Fields { table, span: item.span(), path: &path }));
    }
    found
}

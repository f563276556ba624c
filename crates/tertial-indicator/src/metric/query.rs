//! The one place where a measure is summed over periods, units and sexes.
//!
//! A metric and its measure's contract become one plain `select` that a person can read and paste into a
//! shell: the rows that count, summed per month and lowest unit; the windows of the periods; the units
//! above; the figures with their groups; and, counted apart since they cannot be added, the persons. Only
//! constructs that engines agree on are used: no `grouping sets`, no `qualify`, no lists.

use super::{
    Breakdown, Comparison, Metric, MetricType, PerYear, Persons, Requires, Sexes, Sums, Window,
};
use std::fmt::Write as _;
use tertial_model::{ColumnType, Contract};

/// The metric's whole query. `contract` is the measure's, `per` that of the population's measure; both must
/// have passed [`super::faults`].
pub fn resolve(
    title: &str,
    metric: &Metric,
    contract: &Contract,
    per: Option<&Contract>,
) -> String {
    let has = |name: &str| contract.column(name).is_some();
    let composer = Composer {
        metric,
        contract,
        has_units: has("unit_id"),
        has_sex: metric.sexes != Sexes::None,
        needs_kind: metric.breakdowns.iter().any(|breakdown| !breakdown.periods.is_empty()),
        needs_level: metric.breakdowns.iter().any(|breakdown| !breakdown.levels.is_empty()),
    };
    let mut parts = vec![("facts", composer.facts())];
    parts.extend(composer.windows());
    parts.push(("units", composer.units()));
    parts.push(("facts_summed", composer.facts_summed()));
    parts.push(("period_sums", composer.period_sums()));
    parts.push(("figures", composer.figures()));
    if let Some(Persons::Distinct(column)) = &metric.persons {
        parts.push(("persons_in_units", composer.persons_in_units(column)));
        parts.push(("persons", composer.persons(column)));
        parts.push(("persons_counted", composer.persons_counted(column)));
    }
    if let Some(contract) = per {
        parts.extend(composer.population(contract));
    }
    parts.push(("final", composer.last()));

    let mut text = format!("-- {}.\n-- Resolved from the definition.\nwith\n", title);
    for (at, (name, body)) in parts.iter().enumerate() {
        let comma = if at + 1 < parts.len() { "," } else { "" };
        let _ = write!(text, "\n{name} as (\n{}\n){comma}\n", indented(body));
    }
    text.push_str("\nselect * from final\n");
    text
}

struct Composer<'a> {
    metric: &'a Metric,
    contract: &'a Contract,
    has_units: bool,
    has_sex: bool,
    needs_kind: bool,
    needs_level: bool,
}

/// One group of figures: which rows, and what they are called.
struct Group<'a> {
    sex: SexOf,
    breakdown: String,
    sums: &'a Sums,
    version: Option<u32>,
    conditions: Vec<String>,
    by: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SexOf {
    All,
    Own,
    Stated,
}

impl Composer<'_> {
    fn table(&self) -> String {
        format!("measure.{}", self.metric.measure)
    }

    /// The column that says when.
    fn time(&self) -> &'static str {
        match self.metric.over {
            Window::Year => "year",
            Window::Stated => "period",
            _ => "month",
        }
    }

    /// The columns that are summed, each once.
    fn summed(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut add = |name| {
            if !found.contains(&name) {
                found.push(name);
            }
        };
        for sums in self.metric.all_sums() {
            add(sums.numerator.as_str());
            sums.denominator.as_deref().map(&mut add);
        }
        match &self.metric.persons {
            Some(Persons::Sum(column) | Persons::Most { sum: column, .. }) => add(column),
            Some(Persons::Distinct(_)) | None => {}
        }
        found
    }

    /// What the rows are told apart by, beside time and unit.
    fn kept(&self) -> Vec<&str> {
        let mut kept = Vec::new();
        if self.has_sex {
            kept.push("sex");
        }
        kept.extend(self.metric.dimensions());
        if let Some(Persons::Most { of, .. }) = &self.metric.persons
            && !kept.contains(&of.as_str())
        {
            kept.push(of);
        }
        kept
    }

    fn facts(&self) -> String {
        let mut columns = vec![self.time()];
        if self.has_units {
            columns.push("unit_id");
        }
        columns.extend(self.kept());
        if let Some(Persons::Distinct(column)) = &self.metric.persons {
            columns.push(column);
        }
        for column in self.summed() {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let conditions = self.metric.only.iter().map(|only| match only.values.as_slice() {
            [value] => format!("{} = {value}", only.column),
            values => format!("{} in ({})", only.column, values.join(", ")),
        });
        let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
        select(&columns, &self.table(), &[], &conditions.collect::<Vec<_>>(), &[], &[])
    }

    /// Which months, years or stated periods each period takes.
    fn windows(&self) -> Vec<(&'static str, String)> {
        let metric = self.metric;
        let kinds = |prefix: &str| -> Vec<String> {
            let names: Vec<String> = metric.periods.iter().map(|kind| literal(kind)).collect();
            match names.as_slice() {
                [] => Vec::new(),
                [one] => vec![format!("{prefix}kind = {one}")],
                many => vec![format!("{prefix}kind in ({})", many.join(", "))],
            }
        };
        let coverage = || {
            let columns = ["min(month) as first_month", "max(month) as last_month"];
            ("coverage", select(&owned(&columns), &self.table(), &[], &[], &[], &[]))
        };
        let delivered = || {
            let text = format!("select distinct month\nfrom {}", self.table());
            ("delivered_months", text)
        };
        let plain = ["period_months.period_id", "period_months.kind", "period_months.month"];
        match metric.over {
            Window::Stated => {
                let columns = ["period_id", "kind", "period_id as period"];
                let text = select(&owned(&columns), "core.periods", &[], &kinds(""), &[], &[]);
                vec![("windows", text)]
            }
            Window::Year => {
                let mut conditions =
                    vec!["(kind = 'year' or (kind = 'tertial' and number = 3))".to_owned()];
                conditions.extend(kinds(""));
                let columns = ["period_id", "kind", "year"];
                vec![(
                    "windows",
                    select(&owned(&columns), "core.periods", &[], &conditions, &[], &[]),
                )]
            }
            Window::SurveyInForce => {
                let columns = [
                    "survey_periods.period_id",
                    "period_months.kind",
                    "survey_periods.survey_month as month",
                ];
                let join = "inner join core.period_months\n    on\n        \
                            survey_periods.period_id = period_months.period_id\n        \
                            and survey_periods.survey_month = period_months.month";
                let mut conditions = vec!["period_months.span = 'rolling_12'".to_owned()];
                conditions.extend(kinds("period_months."));
                let from = "core.survey_periods";
                let joins = [join.to_owned()];
                vec![("windows", select(&owned(&columns), from, &joins, &conditions, &[], &[]))]
            }
            Window::LastMonth => {
                let mut conditions = vec!["span = 'last_month'".to_owned()];
                conditions.extend(kinds(""));
                let columns = ["period_id", "kind", "month"];
                let from = "core.period_months";
                vec![("windows", select(&owned(&columns), from, &[], &conditions, &[], &[]))]
            }
            Window::LatestInPeriod => {
                let columns = [
                    "period_months.period_id",
                    "period_months.kind",
                    "max(period_months.month) as month",
                ];
                let joins =
                    ["inner join delivered_months on period_months.month = delivered_months.month"
                        .to_owned()];
                let mut conditions = vec![
                    "period_months.span = 'period'".to_owned(),
                    "period_months.month >= period_months.opens_month".to_owned(),
                ];
                conditions.extend(kinds("period_months."));
                let by = ["period_months.period_id", "period_months.kind"];
                let from = "core.period_months";
                let text = select(&owned(&columns), from, &joins, &conditions, &owned(&by), &[]);
                let months = "select distinct month\nfrom facts".to_owned();
                vec![("delivered_months", months), ("windows", text)]
            }
            Window::Period | Window::YearToDate | Window::Rolling12 => {
                let span = match metric.over {
                    Window::YearToDate => "year_to_date",
                    Window::Rolling12 => "rolling_12",
                    _ => "period",
                };
                if let Some(comparison) = &metric.compared_with {
                    return self.compared_windows(span, comparison, &kinds("period_months."));
                }
                let opened = "period_months.opens_month <= coverage.last_month".to_owned();
                let spans = format!("period_months.span = {}", literal(span));
                let cross = "cross join coverage".to_owned();
                let from = "core.period_months";
                let mut conditions = vec![spans.clone()];
                conditions.extend(kinds("period_months."));
                match metric.requires {
                    Requires::Opened | Requires::PairedMonths => {
                        conditions.push(opened);
                        let text = select(&owned(&plain), from, &[cross], &conditions, &[], &[]);
                        vec![coverage(), ("windows", text)]
                    }
                    Requires::Start | Requires::Span => {
                        let mut having = vec![
                            "min(period_months.month) >= min(coverage.first_month)".to_owned(),
                        ];
                        match metric.requires {
                            Requires::Span => having.push(
                                "max(period_months.month) <= max(coverage.last_month)".to_owned(),
                            ),
                            _ => conditions.push(opened),
                        }
                        let columns = owned(&["period_months.period_id"]);
                        let whole =
                            select(&columns, from, &[cross], &conditions, &columns, &having);
                        let joins = [joined_periods()];
                        let text = select(&owned(&plain), from, &joins, &[spans], &[], &[]);
                        vec![coverage(), ("whole_periods", whole), ("windows", text)]
                    }
                    Requires::EveryMonth => {
                        let columns = owned(&["period_months.period_id"]);
                        let left = "left join delivered_months on period_months.month = \
                                    delivered_months.month"
                            .to_owned();
                        let having = ["count(*) = count(delivered_months.month)".to_owned()];
                        let whole = select(&columns, from, &[left], &conditions, &columns, &having);
                        let joins = [joined_periods()];
                        let text = select(&owned(&plain), from, &joins, &[spans], &[], &[]);
                        vec![delivered(), ("whole_periods", whole), ("windows", text)]
                    }
                }
            }
        }
    }

    /// The windows of a change: a span of the period's own months and one of those it is compared with.
    fn compared_windows(
        &self,
        span: &str,
        comparison: &Comparison,
        kinds: &[String],
    ) -> Vec<(&'static str, String)> {
        let base = base_span(comparison);
        let from = "core.period_months";
        let opened = "period_months.opens_month <= coverage.last_month".to_owned();
        let cross = "cross join coverage".to_owned();
        let is_base = format!("period_months.span = {}", literal(&base));
        let is_either = format!("period_months.span in ({}, {})", literal(span), literal(&base));
        let plain = owned(&[
            "period_months.period_id",
            "period_months.kind",
            "period_months.span",
            "period_months.month",
        ]);
        let coverage = (
            "coverage",
            select(
                &owned(&["min(month) as first_month", "max(month) as last_month"]),
                &self.table(),
                &[],
                &[format!("{} is not null", self.metric.sums.numerator)],
                &[],
                &[],
            ),
        );
        let mut conditions = vec![is_base];
        conditions.extend(kinds.iter().cloned());
        conditions.push(opened);
        let mut year = Vec::new();
        if let Comparison::BaseYear(base) = comparison {
            year.push(
                "inner join core.periods on period_months.period_id = periods.period_id".to_owned(),
            );
            conditions.push(format!("periods.year > {base}"));
        }
        if self.metric.requires == Requires::PairedMonths {
            let months = format!("select distinct month\nfrom {}", self.table());
            let columns = owned(&["period_months.period_id", "period_months.current_month"]);
            let mut joins = year;
            joins.push("inner join delivered_months as base_months on period_months.month = base_months.month".to_owned());
            joins.push(
                "inner join delivered_months as own_months\n    on period_months.current_month = \
                 own_months.month"
                    .to_owned(),
            );
            joins.push(cross);
            let paired = select(&columns, from, &joins, &conditions, &[], &[]);
            let join = "inner join paired_months\n    on\n        \
                        period_months.period_id = paired_months.period_id\n        \
                        and period_months.current_month = paired_months.current_month";
            let text = select(&plain, from, &[join.to_owned()], &[is_either], &[], &[]);
            return vec![
                coverage,
                ("delivered_months", months),
                ("paired_months", paired),
                ("windows", text),
            ];
        }
        let mut joins = year;
        joins.push(cross.clone());
        let columns = owned(&["period_months.period_id"]);
        let having = ["min(period_months.month) >= min(coverage.first_month)".to_owned()];
        let whole = select(&columns, from, &joins, &conditions, &columns, &having);
        let conditions =
            [is_either, "period_months.current_month <= coverage.last_month".to_owned()];
        let text = select(&plain, from, &[joined_periods(), cross], &conditions, &[], &[]);
        vec![coverage, ("whole_periods", whole), ("windows", text)]
    }

    /// Each unit and those above it that have a figure; of a measure without units, the region alone.
    fn units(&self) -> String {
        if !self.has_units {
            let columns = owned(&["unit_id as ancestor_unit_id", "level as ancestor_level"]);
            let conditions = owned(&["parent_unit_id is null"]);
            return select(&columns, "core.units", &[], &conditions, &[], &[]);
        }
        let columns = owned(&["unit_id", "ancestor_unit_id", "ancestor_level"]);
        let levels: Vec<String> = self.metric.levels.iter().map(|level| literal(level)).collect();
        let conditions = match levels.as_slice() {
            [] => Vec::new(),
            levels => vec![format!("ancestor_level in ({})", levels.join(", "))],
        };
        select(&columns, "core.unit_ancestors", &[], &conditions, &[], &[])
    }

    fn facts_summed(&self) -> String {
        let mut by = vec![self.time().to_owned()];
        if self.has_units {
            by.push("unit_id".to_owned());
        }
        by.extend(self.kept().into_iter().map(str::to_owned));
        let mut columns = by.clone();
        columns.extend(self.summed().iter().map(|column| format!("sum({column}) as {column}")));
        select(&columns, "facts", &[], &[], &by, &[])
    }

    fn joins(&self, facts: &str) -> Vec<String> {
        let time = self.time();
        let windows = format!("inner join windows on {facts}.{time} = windows.{time}");
        let units = match self.has_units {
            true => format!("inner join units on {facts}.unit_id = units.unit_id"),
            false => "cross join units".to_owned(),
        };
        vec![windows, units]
    }

    /// What a row of a period and unit is told apart by: alias, and the expression before it has one.
    fn period_keys(&self, facts: &str) -> Vec<(String, String)> {
        let mut keys = vec![
            ("period_id".to_owned(), "windows.period_id".to_owned()),
            ("unit_id".to_owned(), "units.ancestor_unit_id".to_owned()),
        ];
        if self.needs_kind {
            keys.push(("kind".to_owned(), "windows.kind".to_owned()));
        }
        if self.needs_level {
            keys.push(("level".to_owned(), "units.ancestor_level".to_owned()));
        }
        keys.extend(
            self.kept().into_iter().map(|name| (name.to_owned(), format!("{facts}.{name}"))),
        );
        keys
    }

    fn period_sums(&self) -> String {
        let keys = self.period_keys("facts_summed");
        let mut columns: Vec<String> =
            keys.iter().map(|(alias, expression)| aliased(expression, alias)).collect();
        for column in self.summed() {
            match &self.metric.compared_with {
                None => columns.push(format!("sum(facts_summed.{column}) as {column}")),
                Some(comparison) => {
                    let (own, base) = (self.own_span(), base_span(comparison));
                    for (span, alias) in [(own, "own"), (base.as_str(), "base")] {
                        columns.push(format!(
                            "sum(\n    case\n        when windows.span = {}\n            \
                             then facts_summed.{column}\n        else 0\n    end\n) as {alias}_{column}",
                            literal(span)
                        ));
                    }
                }
            }
        }
        if self.metric.all_sums().any(|sums| sums.is_denominator_mean) {
            columns.push("count(distinct facts_summed.month) as month_count".to_owned());
        }
        let by: Vec<String> = keys.into_iter().map(|(_, expression)| expression).collect();
        select(&columns, "facts_summed", &self.joins("facts_summed"), &[], &by, &[])
    }

    fn own_span(&self) -> &'static str {
        match self.metric.over {
            Window::YearToDate => "year_to_date",
            Window::Rolling12 => "rolling_12",
            _ => "period",
        }
    }

    /// The groups that have figures.
    fn groups(&self) -> Vec<Group<'_>> {
        let metric = self.metric;
        let mut groups = Vec::new();
        let sexes: &[SexOf] = match metric.sexes {
            Sexes::None => &[SexOf::All],
            Sexes::Summed => &[SexOf::All, SexOf::Own],
            Sexes::Stated => &[SexOf::Stated],
        };
        let group = |sex: SexOf, breakdown: &str, sums, version| Group {
            sex,
            breakdown: breakdown.to_owned(),
            sums,
            version,
            conditions: Vec::new(),
            by: Vec::new(),
        };
        if metric.total {
            for &sex in sexes {
                if metric.versions.is_empty() {
                    groups.push(group(sex, "''", &metric.sums, None));
                }
                for version in &metric.versions {
                    groups.push(group(sex, "''", &version.sums, Some(version.number)));
                }
            }
        }
        for breakdown in &metric.breakdowns {
            // Beside a total a group is not told apart by sex: the cells would be few persons.
            let own: &[SexOf] = if metric.total { &sexes[..1] } else { sexes };
            for &sex in own {
                let mut group = group(sex, &name_of(breakdown), &metric.sums, None);
                group.conditions.push(format!("{} is not null", breakdown.by));
                group.conditions.extend(one_of("kind", &breakdown.periods));
                group.conditions.extend(one_of("level", &breakdown.levels));
                group.by.push(breakdown.by.clone());
                groups.push(group);
            }
        }
        for variant in &metric.variants {
            groups.push(group(sexes[0], &literal(&variant.name), &variant.sums, None));
        }
        groups
    }

    fn group_query(&self, group: &Group<'_>, from: &str, answers: &[String]) -> String {
        let mut columns = owned(&["period_id", "unit_id"]);
        let mut by = columns.clone();
        let mut conditions = group.conditions.clone();
        match group.sex {
            SexOf::All => columns.push("'T' as sex".to_owned()),
            SexOf::Own => {
                columns.push("sex".to_owned());
                by.push("sex".to_owned());
                conditions.push("sex in ('K', 'M')".to_owned());
            }
            SexOf::Stated => {
                columns.push("sex".to_owned());
                by.push("sex".to_owned());
            }
        }
        columns.push(aliased(&group.breakdown, "breakdown"));
        by.extend(group.by.iter().cloned());
        columns.extend(answers.iter().cloned());
        select(&columns, from, &[], &conditions, &by, &[])
    }

    fn figures(&self) -> String {
        let queries: Vec<String> = self
            .groups()
            .iter()
            .map(|group| {
                let sums = group.sums;
                let mut answers = Vec::new();
                if self.metric.compared_with.is_some() {
                    let column = &sums.numerator;
                    answers.push(format!("sum(own_{column}) - sum(base_{column}) as numerator"));
                    answers.push(format!("abs(sum(base_{column})) as denominator"));
                } else {
                    answers.push(format!("sum({}) as numerator", sums.numerator));
                    answers.extend(sums.denominator.as_ref().map(|column| {
                        if sums.is_denominator_mean {
                            format!(
                                "cast(sum({column}) as double) / cast(max(month_count) as double) \
                                 as denominator"
                            )
                        } else {
                            format!("sum({column}) as denominator")
                        }
                    }));
                }
                match &self.metric.persons {
                    Some(Persons::Sum(column)) => {
                        answers.push(format!("sum({column}) as person_count"));
                    }
                    Some(Persons::Most { sum, .. }) => {
                        answers.push(format!("max({sum}) as person_count"));
                    }
                    Some(Persons::Distinct(_)) | None => {}
                }
                if let Some(version) = group.version {
                    answers.push(format!("{version} as method_version"));
                }
                self.group_query(group, "period_sums", &answers)
            })
            .collect();
        queries.join("\nunion all\n")
    }

    /// The persons of each lowest unit and period, each once: summing first would lose who they are.
    fn persons_in_units(&self, column: &str) -> String {
        let mut columns = owned(&["windows.period_id"]);
        if self.needs_kind {
            columns.push("windows.kind".to_owned());
        }
        if self.has_units {
            columns.push("facts.unit_id".to_owned());
        }
        columns.extend(self.kept().iter().map(|name| format!("facts.{name}")));
        columns.push(format!("facts.{column}"));
        let time = self.time();
        let joins = [format!("inner join windows on facts.{time} = windows.{time}")];
        let conditions: Vec<String> = match self.metric.compared_with {
            Some(_) => vec![format!("windows.span = {}", literal(self.own_span()))],
            None => Vec::new(),
        };
        distinct(&select(&columns, "facts", &joins, &conditions, &[], &[]))
    }

    fn persons(&self, column: &str) -> String {
        let mut columns =
            owned(&["persons_in_units.period_id", "units.ancestor_unit_id as unit_id"]);
        if self.needs_kind {
            columns.push("persons_in_units.kind".to_owned());
        }
        if self.needs_level {
            columns.push("units.ancestor_level as level".to_owned());
        }
        columns.extend(self.kept().iter().map(|name| format!("persons_in_units.{name}")));
        columns.push(format!("persons_in_units.{column}"));
        let joins = [match self.has_units {
            true => "inner join units on persons_in_units.unit_id = units.unit_id".to_owned(),
            false => "cross join units".to_owned(),
        }];
        distinct(&select(&columns, "persons_in_units", &joins, &[], &[], &[]))
    }

    fn persons_counted(&self, column: &str) -> String {
        let count = [format!("count(distinct {column}) as person_count")];
        let mut queries: Vec<String> = Vec::new();
        for group in self.groups() {
            let query = self.group_query(&group, "persons", &count);
            // Versions of the method are of the same persons.
            if !queries.contains(&query) {
                queries.push(query);
            }
        }
        queries.join("\nunion all\n")
    }

    /// The population by the same groups, and which year's a period is divided by.
    fn population(&self, contract: &Contract) -> Vec<(&'static str, String)> {
        let Some(per) = &self.metric.per else { return Vec::new() };
        let table = format!("measure.{}", per.measure);
        let has = |name: &str| contract.column(name).is_some();
        let queries: Vec<String> = self
            .groups()
            .iter()
            .filter(|group| group.by.iter().all(|name| has(name)))
            .map(|group| {
                let mut columns = owned(&["year"]);
                let mut by = columns.clone();
                let mut conditions: Vec<String> =
                    group.by.iter().map(|name| format!("{name} is not null")).collect();
                match group.sex {
                    SexOf::All => columns.push("'T' as sex".to_owned()),
                    SexOf::Own | SexOf::Stated => {
                        columns.push("sex".to_owned());
                        by.push("sex".to_owned());
                        if group.sex == SexOf::Own {
                            conditions.push("sex in ('K', 'M')".to_owned());
                        }
                    }
                }
                columns.push(aliased(&group.breakdown, "breakdown"));
                by.extend(group.by.iter().cloned());
                columns.push(format!("sum({}) as denominator", per.column));
                select(&columns, &table, &[], &conditions, &by, &[])
            })
            .collect();
        let operator = match per.year {
            PerYear::Same => "=",
            PerYear::LatestBefore => ">",
        };
        let years = select(
            &owned(&["periods.period_id", "max(population.year) as year"]),
            "core.periods",
            &[format!("inner join population on periods.year {operator} population.year")],
            &[],
            &owned(&["periods.period_id"]),
            &[],
        );
        vec![("population", queries.join("\nunion all\n")), ("population_years", years)]
    }

    fn last(&self) -> String {
        let metric = self.metric;
        let denominator = match &metric.per {
            Some(_) => "population.denominator",
            None => "figures.denominator",
        };
        let has_denominator = metric.kind != MetricType::Simple;
        let mut columns = owned(&[
            "figures.unit_id",
            "figures.period_id as period",
            "figures.sex",
            "figures.breakdown",
        ]);
        let own = self.type_of(&metric.sums.numerator);
        columns.push(format!("cast(figures.numerator as {own}) as numerator"));
        let below = match &metric.sums.denominator {
            Some(_) if metric.sums.is_denominator_mean => "decimal(28, 4)".to_owned(),
            Some(column) => self.type_of(column),
            None if metric.per.is_some() => "bigint".to_owned(),
            None => own,
        };
        columns.push(match has_denominator {
            true => format!("cast({denominator} as {below}) as denominator"),
            false => format!("cast(null as {below}) as denominator"),
        });
        columns.push(match (&metric.persons, &metric.per) {
            (Some(Persons::Distinct(_)), _) => "persons_counted.person_count".to_owned(),
            (Some(_), _) => "cast(figures.person_count as bigint) as person_count".to_owned(),
            (None, Some(per)) if per.is_persons => {
                "cast(population.denominator as bigint) as person_count".to_owned()
            }
            (None, _) => "cast(null as bigint) as person_count".to_owned(),
        });
        if !metric.versions.is_empty() {
            columns.push("cast(figures.method_version as bigint) as method_version".to_owned());
        }
        let mut joins = Vec::new();
        if let Some(Persons::Distinct(_)) = &metric.persons {
            joins.push(
                "inner join persons_counted\n    on\n        \
                 figures.period_id = persons_counted.period_id\n        \
                 and figures.unit_id = persons_counted.unit_id\n        \
                 and figures.sex = persons_counted.sex\n        \
                 and figures.breakdown = persons_counted.breakdown"
                    .to_owned(),
            );
        }
        if metric.per.is_some() {
            joins.push(
                "inner join population_years on figures.period_id = population_years.period_id"
                    .to_owned(),
            );
            joins.push(
                "inner join population\n    on\n        \
                 population_years.year = population.year\n        \
                 and figures.sex = population.sex\n        \
                 and figures.breakdown = population.breakdown"
                    .to_owned(),
            );
        }
        // What a row does not have, of a variant or of a ratio that needs both, is no figure.
        let mut conditions = Vec::new();
        if !metric.variants.is_empty() || metric.requires_denominator {
            conditions.push("figures.numerator is not null".to_owned());
        }
        let needs_denominator = metric.requires_denominator
            || metric.kind == MetricType::Change
            || metric.per.is_some();
        if has_denominator && needs_denominator {
            conditions.push(format!("{denominator} <> 0"));
        }
        select(&columns, "figures", &joins, &conditions, &[], &[])
    }

    /// The type that a sum of a column is stored in: whole numbers stay whole, decimals keep the decimals
    /// that the contract states, so that rows finer than that are summed before they are rounded.
    fn type_of(&self, column: &str) -> String {
        let Some(column) = self.contract.column(column) else { return "bigint".to_owned() };
        match column.column_type {
            ColumnType::Decimal { scale, .. } => {
                format!(
                    "decimal(28, {})",
                    column.decimals.map_or(scale, |stated| stated.min(scale))
                )
            }
            _ => "bigint".to_owned(),
        }
    }
}

/// The span of `core.period_months` that holds a comparison's months.
fn base_span(comparison: &Comparison) -> String {
    match comparison {
        Comparison::PreviousYear => "previous_year".to_owned(),
        Comparison::BaseYear(year) => format!("base_{year}"),
    }
}

fn joined_periods() -> String {
    "inner join whole_periods on period_months.period_id = whole_periods.period_id".to_owned()
}

fn name_of(breakdown: &Breakdown) -> String {
    match breakdown.prefix.as_str() {
        "" => breakdown.by.clone(),
        prefix => format!("{} || {}", literal(prefix), breakdown.by),
    }
}

fn one_of(column: &str, values: &[String]) -> Option<String> {
    let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
    match values.as_slice() {
        [] => None,
        [one] => Some(format!("{column} = {one}")),
        many => Some(format!("{column} in ({})", many.join(", "))),
    }
}

/// A text as SQL writes it.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn aliased(expression: &str, alias: &str) -> String {
    match expression == alias || expression.ends_with(&format!(".{alias}")) {
        true => expression.to_owned(),
        false => format!("{expression} as {alias}"),
    }
}

fn distinct(query: &str) -> String {
    query.replacen("select\n", "select distinct\n", 1)
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!("    {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One `select`, a clause a line.
fn select(
    columns: &[String],
    from: &str,
    joins: &[String],
    conditions: &[String],
    by: &[String],
    having: &[String],
) -> String {
    let listed = columns.iter().map(|column| indented(column)).collect::<Vec<_>>().join(",\n");
    let mut text = format!("select\n{listed}\nfrom {from}");
    for join in joins {
        let _ = write!(text, "\n{join}");
    }
    let conditioned = |word: &str, all: &[String]| match all {
        [] => String::new(),
        [one] => format!("\n{word} {one}"),
        many => format!("\n{word}\n    {}", many.join("\n    and ")),
    };
    text.push_str(&conditioned("where", conditions));
    if !by.is_empty() {
        let _ = write!(text, "\ngroup by {}", by.join(", "));
    }
    text.push_str(&conditioned("having", having));
    text
}

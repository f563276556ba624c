//! The tables that the program itself asks a project for, and their columns.
//!
//! Everything else is the project's own business; these names are the program's. `tertial check`
//! demands them, `tertial init` ships them, `docs/reference/tables.md` is written from this list, and
//! a test holds the list against the code.

use crate::project::{Project, REPORTED, STATED};
use tertial_model::{Code, Diagnostic, Location};

/// When a table is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The project defines indicators.
    Indicators,
    /// The project defines indicators, and checking is all that asks: a night can do without.
    Spans,
    /// An indicator is reported and has no query.
    Reported,
    /// The project has a report.
    Report,
    /// Never asked for, but used when it is there.
    IfPresent,
    /// A seed whose rows are checked when it is there; a project may keep it in another form.
    Seed,
}

impl When {
    /// In English, for the reference page.
    pub fn words(self) -> &'static str {
        match self {
            When::Indicators | When::Spans => "with the first indicator",
            When::Reported => "with the first reported indicator without a query",
            When::Report => "with `seeds/report.toml`",
            When::IfPresent => "used when it is there",
            When::Seed => "its rows are checked when it is there",
        }
    }

    fn holds(self, project: &Project) -> bool {
        let has_indicators = !project.definitions.is_empty();
        match self {
            When::Indicators | When::Spans => has_indicators,
            When::Reported => project.definitions.values().any(|d| project.is_reported(d)),
            When::Report => has_indicators && project.report.is_some(),
            When::IfPresent | When::Seed => false,
        }
    }
}

/// A table that the program asks for by name.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// `core.units`.
    pub table: &'static str,
    /// The columns it is asked for.
    pub columns: &'static [&'static str],
    /// Those it is asked for besides when the project has a report.
    pub for_report: &'static [&'static str],
    /// When.
    pub when: When,
    /// What it is for.
    pub purpose: &'static str,
}

/// Every table, by name.
pub const NEEDS: &[Need] = &[
    Need {
        table: "core.comments",
        columns: &["indicator_id", "unit_id", "period", "comment", "author_role", "written_date"],
        for_report: &[],
        when: When::Report,
        purpose: "the comments beside the figures of the report",
    },
    Need {
        table: "core.goal_areas",
        columns: &["goal_area_code", "goal_area_name", "sort_order"],
        for_report: &[],
        when: When::Report,
        purpose: "the goal areas that the report's indicators stand under",
    },
    Need {
        table: "core.period_months",
        columns: &["period_id", "span", "month"],
        for_report: &[],
        when: When::Spans,
        purpose: "which months a query looks at, for completeness, deliveries and the rows behind a figure",
    },
    Need {
        table: "core.plan_indicators",
        columns: &[
            "indicator_id",
            "unit_id",
            "breakdown",
            "valid_from",
            "valid_to",
            "frequency",
            "has_target",
        ],
        for_report: &["goal_area_code", "sort_order", "is_first", "decided_by"],
        when: When::Indicators,
        purpose: "which figures the plans want to see, when and where",
    },
    Need {
        table: "core.published_statuses",
        columns: &[
            "report_period",
            "nr",
            "indicator_id",
            "unit_id",
            "printed_outcome",
            "outcome",
            "printed_target",
            "target_kind",
            "target_baseline",
            "printed_status",
        ],
        for_report: &[],
        when: When::IfPresent,
        purpose: "statuses of printed reports, judged anew by the rule",
    },
    Need {
        table: REPORTED,
        columns: &["indicator_id", "unit_id", "period", "sex", "numerator"],
        for_report: &[],
        when: When::Reported,
        purpose: "outcomes that a role reports and no system can compute; further columns: denominator, breakdown, person_count",
    },
    Need {
        table: "core.responsible_forecasts",
        columns: &["made_on", "unit_id", "year", "value", "unit", "author_role"],
        for_report: &[],
        when: When::IfPresent,
        purpose: "forecasts of those who answer for a figure; further columns: indicator_id (or measure), version, is_same_unit",
    },
    Need {
        table: STATED,
        columns: &[
            "indicator_id",
            "unit_id",
            "period",
            "sex",
            "breakdown",
            "numerator",
            "denominator",
            "_delivery",
        ],
        for_report: &[],
        when: When::IfPresent,
        purpose: "outcomes that a role has stated, where a query has no rows to compute from",
    },
    Need {
        table: "core.status_rules",
        columns: &["valid_from", "version", "partly_from", "in_line_tolerance"],
        for_report: &[],
        when: When::IfPresent,
        purpose: "the versions of the status rule; without it the house's own",
    },
    Need {
        table: "core.targets",
        columns: &[
            "plan",
            "plan_revision",
            "indicator_id",
            "unit_id",
            "breakdown",
            "printed",
            "kind",
            "baseline",
            "note",
            "source",
            "valid_from",
            "valid_to",
        ],
        for_report: &[],
        when: When::Indicators,
        purpose: "the targets as the plans print them",
    },
    Need {
        table: "core.units",
        columns: &[
            "unit_id",
            "unit_name",
            "parent_unit_id",
            "level",
            "sort_order",
            "valid_from",
            "valid_to",
        ],
        for_report: &[],
        when: When::Indicators,
        purpose: "the organisation that the release is built on",
    },
    Need {
        table: "seed.assignments",
        columns: &["plan", "assignment_id", "goal_area_code", "continues"],
        for_report: &[],
        when: When::Seed,
        purpose: "the assignments of the plans, checked against plans and goal areas",
    },
    Need {
        table: "seed.goal_areas",
        columns: &["goal_area_code"],
        for_report: &[],
        when: When::Seed,
        purpose: "the goal areas that items and assignments belong to",
    },
    Need {
        table: "seed.plan_indicators",
        columns: &["plan", "nr", "indicator_id", "unit_id", "breakdown"],
        for_report: &[],
        when: When::Seed,
        purpose: "which outcome tells how an item of a plan goes",
    },
    Need {
        table: "seed.plan_items",
        columns: &["plan", "nr", "kind", "goal_area_code", "decided_by", "frequency"],
        for_report: &[],
        when: When::Seed,
        purpose: "what the plans print",
    },
    Need {
        table: "seed.plans",
        columns: &["plan", "decided_on", "valid_from", "valid_to", "revises"],
        for_report: &[],
        when: When::Seed,
        purpose: "the plans and the day each was decided",
    },
    Need {
        table: "seed.standard_populations",
        columns: &["standard_population", "year", "age_group", "weight"],
        for_report: &[],
        when: When::IfPresent,
        purpose: "age groups that units are compared by",
    },
    Need {
        table: "seed.targets",
        columns: &[
            "plan",
            "indicator_id",
            "unit_id",
            "breakdown",
            "valid_from_period",
            "valid_to_period",
            "printed",
            "kind",
            "baseline",
        ],
        for_report: &[],
        when: When::Seed,
        purpose: "the targets, whose texts are read before any data comes",
    },
    Need {
        table: "seed.unit_successors",
        columns: &["unit_id"],
        for_report: &[],
        when: When::Seed,
        purpose: "what took over from a unit that ceased",
    },
    Need {
        table: "seed.units",
        columns: &["unit_id", "parent_unit_id", "valid_from", "valid_to"],
        for_report: &[],
        when: When::Seed,
        purpose: "the units, checked to be one tree",
    },
];

impl Need {
    /// The file that gives the table.
    pub fn file(&self) -> String {
        match self.table.strip_prefix("seed.") {
            Some(seed) => format!("seeds/{seed}.csv"),
            None => format!("sql/{}.sql", self.table.replacen('.', "/", 1)),
        }
    }

    fn is_there(&self, project: &Project) -> bool {
        match self.table.strip_prefix("seed.") {
            Some(seed) => project.seeds.iter().any(|(name, _)| name == seed),
            None => project.graph.model(self.table).is_some(),
        }
    }

    fn asked(&self, project: &Project) -> impl Iterator<Item = &'static str> {
        let for_report = if project.report.is_some() { self.for_report } else { &[] };
        self.columns.iter().chain(for_report).copied()
    }

    fn names(&self, project: &Project) -> String {
        self.asked(project).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }
}

/// The tables that a project must have and has not; a night asks for fewer than `tertial check`.
pub fn missing_tables(project: &Project, is_night: bool) -> Vec<Diagnostic> {
    let asked = |need: &&Need| need.when.holds(project) && !(is_night && need.when == When::Spans);
    let fault = |need: &Need| {
        let message = format!("the program asks for `{}`, and no query makes it", need.table);
        Diagnostic::error(Code::RequiredTableMissing, message, Location::file(need.file()))
            .with_expected(format!("a table with {}", need.names(project)))
            .with_effect(format!("nothing can be built: it holds {}", need.purpose))
            .with_hint(
                "`tertial init` in an empty folder writes one to begin with; \
                 `docs/reference/tables.md` tells what each table is for",
            )
    };
    NEEDS.iter().filter(asked).filter(|need| !need.is_there(project)).map(fault).collect()
}

/// The columns that the tables of a project lack; `columns_of` gives those they have.
pub fn missing_columns<'a>(
    project: &Project,
    columns_of: impl Fn(&str) -> &'a [String],
) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let is_asked = |need: &&Need| need.when != When::Seed && need.is_there(project);
    for need in NEEDS.iter().filter(is_asked) {
        let found = columns_of(need.table);
        let lacks: Vec<String> = need
            .asked(project)
            .filter(|name| !found.iter().any(|column| column == name))
            .map(|name| format!("`{name}`"))
            .collect();
        if lacks.is_empty() {
            continue;
        }
        let what = if lacks.len() == 1 { "a column" } else { "columns" };
        faults.push(
            Diagnostic::error(
                Code::RequiredTableMissing,
                format!("`{}` lacks {what} that the program asks for", need.table),
                Location::file(need.file()),
            )
            .with_found(found.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
            .with_expected(lacks.join(", "))
            .with_effect(format!("it holds {}", need.purpose)),
        );
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every name of a core or seed table that stands in a text of the code.
    fn named() -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                let file = path.to_string_lossy().into_owned();
                if path.is_dir() {
                    open.push(path);
                } else if file.ends_with(".rs") && !file.ends_with("tests.rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let code = text.split("#[cfg(test)]").next().unwrap_or("");
                    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                    for line in lines.filter(|line| line.contains('"') || line.contains('\\')) {
                        for schema in ["core.", "seed."] {
                            for (at, _) in line.match_indices(schema) {
                                let before = line[..at].chars().last();
                                let name: String = line[at + schema.len()..]
                                    .chars()
                                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                                    .collect();
                                let is_name = !before.is_some_and(|c| c.is_alphanumeric());
                                if is_name && !name.is_empty() {
                                    found.push((format!("{schema}{name}"), file.clone()));
                                }
                            }
                        }
                    }
                }
            }
        }
        found
    }

    #[test]
    fn every_table_that_the_code_names_is_in_the_list() {
        // Examples in help and messages.
        let examples = ["core.worked_time", "core.months", "core.periods"];
        let named = named();
        for need in NEEDS {
            if need.table.starts_with("core.") {
                assert!(named.iter().any(|(name, _)| name == need.table), "{}", need.table);
            }
        }
        for (name, file) in named {
            let is_known = NEEDS.iter().any(|need| need.table == name);
            assert!(is_known || examples.contains(&name.as_str()), "{name} in {file}");
        }
    }

    #[test]
    fn the_list_is_in_order_and_names_each_table_once() {
        assert!(NEEDS.windows(2).all(|pair| pair[0].table < pair[1].table));
    }
}

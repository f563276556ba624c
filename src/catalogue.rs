//! The proof that every plan can be followed: nothing a plan prints is left without an outcome.
//!
//! Read from the seeds alone, with the line of each fault. Every item that is measured names an
//! indicator; every indicator has a definition, a responsible role, a source behind its query (or a
//! reported outcome), a contract with an owner for each table of that source, and a target where the
//! item sets one. The rows of plans, targets, assignments and units name things that exist. Whether
//! the target's text can be read is [`crate::night::outcomes::check_targets`]'s question.

use crate::project::{Project, REPORTED};
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Code, Diagnostic, Location};

/// Kinds of items that are followed with an indicator.
const MEASURED: [&str; 6] =
    ["goal", "financial_goal", "short_indicator", "long_indicator", "indicator", "own_indicator"];
/// Kinds of items that a target is set for.
const AIMED: [&str; 3] = ["goal", "financial_goal", "short_indicator"];
/// Kinds of items that are followed in words or through what lies under them.
const TOLD: [&str; 2] = ["priority", "follow_up_area"];

/// Every fault of the catalogue; none when the project has no plans.
pub fn faults(project: &Project) -> Vec<Diagnostic> {
    let catalogue = Catalogue::read(project);
    let mut faults = Vec::new();
    catalogue.plans(&mut faults);
    catalogue.items(&mut faults);
    catalogue.indicators(&mut faults);
    catalogue.targets(&mut faults);
    catalogue.assignments(&mut faults);
    catalogue.units(&mut faults);
    faults
}

/// A row of a seed.
struct Row {
    file: String,
    line: u64,
    cells: BTreeMap<String, String>,
}

impl Row {
    fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn fault(&self, column: &str, message: impl Into<String>) -> Diagnostic {
        let place = Location::text(&self.file, self.line, 1);
        let found = format!("`{column}` = `{}`", self.get(column));
        Diagnostic::error(Code::InvalidReferenceTable, message, place).with_found(found)
    }
}

/// The rows of `seeds/<name>.csv`; none when there is no such seed.
fn rows(project: &Project, name: &str) -> Vec<Row> {
    let file = format!("seeds/{name}.csv");
    let mut reader = csv::Reader::from_reader(project.text(&file).as_bytes());
    let Ok(heads) = reader.headers().cloned() else { return Vec::new() };
    let row = |record: csv::StringRecord| Row {
        file: file.clone(),
        line: record.position().map_or(1, csv::Position::line),
        cells: heads.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect(),
    };
    reader.records().flatten().map(row).collect()
}

struct Catalogue<'a> {
    project: &'a Project,
    plans: Vec<Row>,
    items: Vec<Row>,
    indicators: Vec<Row>,
    targets: Vec<Row>,
    assignments: Vec<Row>,
    goal_areas: BTreeSet<String>,
    units: Vec<Row>,
    successors: Vec<Row>,
}

impl<'a> Catalogue<'a> {
    fn read(project: &'a Project) -> Catalogue<'a> {
        let areas = rows(project, "goal_areas");
        Catalogue {
            project,
            plans: rows(project, "plans"),
            items: rows(project, "plan_items"),
            indicators: rows(project, "plan_indicators"),
            targets: rows(project, "targets"),
            assignments: rows(project, "assignments"),
            goal_areas: areas.iter().map(|row| row.get("goal_area_code").to_owned()).collect(),
            units: rows(project, "units"),
            successors: rows(project, "unit_successors"),
        }
    }

    fn plan(&self, id: &str) -> Option<&Row> {
        self.plans.iter().find(|row| row.get("plan") == id)
    }

    /// The plan that a revision revises; a plan itself otherwise.
    fn root<'b>(&'b self, id: &'b str) -> &'b str {
        let revises = self.plan(id).map_or("", |row| row.get("revises"));
        if revises.is_empty() { id } else { revises }
    }

    fn knows_plan(&self, row: &Row, faults: &mut Vec<Diagnostic>) {
        if self.plan(row.get("plan")).is_none() {
            faults.push(
                row.fault("plan", "the row belongs to a plan that is not known")
                    .with_expected("a `plan` of `seeds/plans.csv`")
                    .with_effect("no release sees the row"),
            );
        }
    }

    fn knows_area(&self, row: &Row, faults: &mut Vec<Diagnostic>) {
        if !self.goal_areas.contains(row.get("goal_area_code")) {
            faults.push(
                row.fault("goal_area_code", "the row belongs to a goal area that is not known")
                    .with_expected("a `goal_area_code` of `seeds/goal_areas.csv`"),
            );
        }
    }

    fn plans(&self, faults: &mut Vec<Diagnostic>) {
        let mut seen = BTreeSet::new();
        for row in &self.plans {
            if !seen.insert(row.get("plan")) {
                faults.push(row.fault("plan", "two plans have one name"));
            }
            let revises = row.get("revises");
            let earlier = self.plan(revises);
            if !revises.is_empty() && earlier.is_none_or(|plan| !plan.get("revises").is_empty()) {
                faults.push(
                    row.fault("revises", "the row revises a plan that is not known")
                        .with_expected("a plan that is no revision itself"),
                );
            }
            for column in ["decided_on", "valid_from", "valid_to"] {
                if row.get(column).parse::<jiff::civil::Date>().is_err() {
                    faults.push(row.fault(column, "the plan lacks a day").with_expected(
                        "a day such as `2025-02-11`; `decided_on_basis` says how it is known",
                    ));
                }
            }
            if row.get("valid_from") > row.get("valid_to") {
                faults.push(
                    row.fault("valid_to", "the plan ends before it begins")
                        .with_expected(format!("a day from `{}` on", row.get("valid_from"))),
                );
            }
        }
    }

    fn items(&self, faults: &mut Vec<Diagnostic>) {
        let mut seen = BTreeSet::new();
        let mapped: BTreeSet<(&str, &str)> =
            self.indicators.iter().map(|row| (self.root(row.get("plan")), row.get("nr"))).collect();
        for row in &self.items {
            self.knows_plan(row, faults);
            if !seen.insert((row.get("plan"), row.get("nr"))) {
                faults.push(row.fault("nr", "two items of a plan have one number"));
            }
            let kind = row.get("kind");
            if TOLD.contains(&kind) {
                continue;
            }
            if !MEASURED.contains(&kind) {
                faults.push(row.fault("kind", "the item is of no known kind").with_expected(
                    format!("one of `{}`, `{}`", MEASURED.join("`, `"), TOLD.join("`, `")),
                ));
                continue;
            }
            self.knows_area(row, faults);
            if !mapped.contains(&(self.root(row.get("plan")), row.get("nr"))) {
                faults.push(
                    row.fault("nr", "no indicator tells how an item of the plan goes")
                        .with_expected(format!(
                            "a row of plan `{}`, number `{}` in `seeds/plan_indicators.csv`",
                            row.get("plan"),
                            row.get("nr")
                        ))
                        .with_effect("the item would be missing from every report")
                        .with_hint(
                            "an outcome that no system gives is reported: a definition with \
                             `reported = true` is enough",
                        ),
                );
            }
            let is_one_of = |column: &str, words: &[&str]| words.contains(&row.get(column));
            if !is_one_of("decided_by", &["RF", "RS"]) {
                let fault = row.fault("decided_by", "the item does not say who decided it");
                faults.push(fault.with_expected("`RF` or `RS`"));
            }
            if !is_one_of("frequency", &["tertial", "year"]) {
                let fault =
                    row.fault("frequency", "the item does not say how often it is followed");
                faults.push(fault.with_expected("`tertial` or `year`"));
            }
        }
    }

    /// The item that a row of `plan_indicators` belongs to: of its revision, else of the plan.
    fn item_of(&self, row: &Row) -> Option<&Row> {
        let of = |plan: &str| {
            self.items
                .iter()
                .find(|item| item.get("plan") == plan && item.get("nr") == row.get("nr"))
        };
        of(row.get("plan")).or_else(|| of(self.root(row.get("plan"))))
    }

    fn indicators(&self, faults: &mut Vec<Diagnostic>) {
        let mut seen = BTreeSet::new();
        let unit_ids: BTreeSet<&str> = self.units.iter().map(|row| row.get("unit_id")).collect();
        for row in &self.indicators {
            self.knows_plan(row, faults);
            let cell =
                ["plan", "nr", "indicator_id", "unit_id", "breakdown"].map(|name| row.get(name));
            if !seen.insert(cell) {
                faults
                    .push(row.fault("nr", "an item names one indicator, unit and breakdown twice"));
            }
            if !unit_ids.contains(row.get("unit_id")) {
                faults.push(
                    row.fault("unit_id", "the plan follows a unit that is not known")
                        .with_expected("a `unit_id` of `seeds/units.csv`"),
                );
            }
            self.outcome(row, faults);
            let Some(item) = self.item_of(row) else {
                faults.push(
                    row.fault("nr", "the plan has no such item")
                        .with_expected("a `nr` of the plan in `seeds/plan_items.csv`"),
                );
                continue;
            };
            if AIMED.contains(&item.get("kind")) && !self.has_target(row) {
                faults.push(
                    row.fault(
                        "indicator_id",
                        "the plan sets no target for an indicator it aims with",
                    )
                    .with_expected(
                        "a row with its indicator, unit and breakdown in `seeds/targets.csv`",
                    )
                    .with_effect("its status would be 3, data saknas, in every report"),
                );
            }
        }
    }

    /// Definition, owner, source and contracts of the indicator that a row names.
    fn outcome(&self, row: &Row, faults: &mut Vec<Diagnostic>) {
        let id = row.get("indicator_id");
        let Some(definition) = self.project.definitions.get(id) else {
            faults.push(
                row.fault("indicator_id", "an indicator of a plan has no definition")
                    .with_expected(format!("`sql/indicator/{id}.toml`"))
                    .with_effect("the plan cannot be followed"),
            );
            return;
        };
        if definition.responsible.is_empty() {
            faults.push(
                row.fault("indicator_id", "nobody answers for an indicator of a plan")
                    .with_expected(format!("`responsible` in `sql/indicator/{id}.toml`")),
            );
        }
        let raw = self.project.raw_tables_of(id);
        if raw.is_empty() {
            let given = self.project.file_of_query(id);
            faults.push(
                row.fault("indicator_id", "an indicator of a plan has neither source nor reported outcome")
                    .with_expected(format!(
                        "a query in `{given}` that stands on a source, or `reported = true` and `{REPORTED}`"
                    )),
            );
        }
        for table in raw {
            let name = table.trim_start_matches("raw.");
            let contract = self.project.contracts.get(name);
            if contract.is_none_or(|contract| contract.owner.is_empty()) {
                faults.push(
                    row.fault("indicator_id", format!("the table `{name}` behind an indicator of a plan has no contract with an owner"))
                        .with_expected(format!("`schemas/{name}.odcs.yaml` with `team`")),
                );
            }
        }
    }

    fn has_target(&self, row: &Row) -> bool {
        let plan = self.root(row.get("plan"));
        self.targets.iter().any(|target| {
            self.root(target.get("plan")) == plan
                && ["indicator_id", "unit_id", "breakdown"]
                    .iter()
                    .all(|column| target.get(column) == row.get(column))
        })
    }

    fn targets(&self, faults: &mut Vec<Diagnostic>) {
        let followed: BTreeSet<[&str; 4]> = self
            .indicators
            .iter()
            .map(|row| {
                [
                    self.root(row.get("plan")),
                    row.get("indicator_id"),
                    row.get("unit_id"),
                    row.get("breakdown"),
                ]
            })
            .collect();
        let mut seen = BTreeSet::new();
        for row in &self.targets {
            self.knows_plan(row, faults);
            let cell = ["indicator_id", "unit_id", "breakdown"].map(|column| row.get(column));
            let [indicator, unit, breakdown] = cell;
            if !seen.insert((row.get("plan"), cell)) {
                faults.push(row.fault("indicator_id", "a plan sets two targets for one figure"));
            }
            if !followed.contains(&[self.root(row.get("plan")), indicator, unit, breakdown]) {
                faults.push(
                    row.fault("indicator_id", "a target is set for a figure that its plan does not follow")
                        .with_expected("a row with its indicator, unit and breakdown in `seeds/plan_indicators.csv`"),
                );
            }
        }
    }

    fn assignments(&self, faults: &mut Vec<Diagnostic>) {
        let ids: BTreeSet<&str> =
            self.assignments.iter().map(|row| row.get("assignment_id")).collect();
        let mut seen = BTreeSet::new();
        for row in &self.assignments {
            self.knows_plan(row, faults);
            self.knows_area(row, faults);
            if !seen.insert((row.get("plan"), row.get("assignment_id"))) {
                faults
                    .push(row.fault("assignment_id", "two assignments of a plan have one number"));
            }
            let earlier = row.get("continues");
            if !earlier.is_empty()
                && (earlier == row.get("assignment_id") || !ids.contains(earlier))
            {
                faults.push(
                    row.fault("continues", "the assignment continues one that is not known")
                        .with_expected("the `assignment_id` of an assignment of an earlier plan"),
                );
            }
        }
    }

    fn units(&self, faults: &mut Vec<Diagnostic>) {
        let ids: BTreeSet<&str> = self.units.iter().map(|row| row.get("unit_id")).collect();
        let mut places: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in &self.units {
            places.entry(row.get("unit_id")).or_default().push(row);
            let parent = row.get("parent_unit_id");
            if !parent.is_empty() && !ids.contains(parent) {
                faults.push(
                    row.fault("parent_unit_id", "the unit stands below a unit that is not known")
                        .with_expected("a `unit_id` of the same table"),
                );
            }
        }
        for (unit, mut rows) in places {
            rows.sort_by_key(|row| row.get("valid_from").to_owned());
            for pair in rows.windows(2) {
                let ends = pair[0].get("valid_to");
                if ends.is_empty() || ends >= pair[1].get("valid_from") {
                    faults.push(
                        pair[1]
                            .fault("valid_from", "the unit has two places at one time")
                            .with_expected(format!("a day after the place before ends, `{ends}`")),
                    );
                }
            }
            let last = rows[rows.len() - 1];
            let successor = self.successors.iter().find(|row| row.get("unit_id") == unit);
            if !last.get("valid_to").is_empty() && successor.is_none() {
                faults.push(
                    last.fault("valid_to", "a unit ceases and nothing takes over")
                        .with_expected("a row for it in `seeds/unit_successors.csv`")
                        .with_effect("its figures would belong to no unit"),
                );
            }
        }
        for row in &self.successors {
            for column in ["unit_id", "successor_unit_id"] {
                if !ids.contains(row.get(column)) {
                    faults.push(
                        row.fault(column, "a unit that took over or ceased is not known")
                            .with_expected("a `unit_id` of `seeds/units.csv`"),
                    );
                }
            }
        }
    }
}

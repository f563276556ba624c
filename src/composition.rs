//! Whether what `seeds/report.toml` names exists: tables, columns, and indicators named in its words.
//!
//! How the file is written is `tertial-report`'s question; here its names are held against the tables
//! that the project makes, before any night has been run.

use crate::night::rehearsal::Tables;
use crate::project::Project;
use std::collections::BTreeSet;
use tertial_model::{Code, Diagnostic, Excerpt, Location};
use tertial_report::spec::{BlockKind, BlockSpec, ChapterSpec, FindingSpec};

/// Every name that leads nowhere, each at its place in the file.
pub fn faults(project: &Project, tables: &Tables) -> Vec<Diagnostic> {
    let Some(spec) = &project.report else { return Vec::new() };
    let text = project.text(&spec.file);
    let check = Check { project, tables, file: &spec.file, lines: text.lines().collect() };
    let mut faults = Vec::new();
    for chapter in &spec.chapters {
        check.words(chapter, &mut faults);
        for block in &chapter.blocks {
            check.block(block, &mut faults);
        }
    }
    faults
}

struct Check<'a> {
    project: &'a Project,
    tables: &'a Tables,
    file: &'a str,
    lines: Vec<&'a str>,
}

impl Check<'_> {
    fn block(&self, block: &BlockSpec, faults: &mut Vec<Diagnostic>) {
        let (table, columns): (&str, Vec<&str>) = match &block.kind {
            BlockKind::Table(table) => {
                let asked =
                    table.finding.iter().flat_map(|f| [&f.value, &f.against, &f.difference]);
                let named = table.columns.iter().chain(asked.filter(|name| !name.is_empty()));
                let mut seen = BTreeSet::new();
                (
                    &table.table,
                    named.map(String::as_str).filter(|name| seen.insert(*name)).collect(),
                )
            }
            BlockKind::Chart(chart) => {
                let series = (!chart.series.is_empty()).then_some(chart.series.as_str());
                let axes = [chart.x.as_str()].into_iter();
                let named = axes.chain(chart.y.iter().map(String::as_str)).chain(series);
                (&chart.table, named.collect())
            }
            _ => return,
        };
        let full = if table.contains('.') { table.to_owned() } else { format!("mart.{table}") };
        let known = self.tables.columns_of(&full);
        if known.is_empty() {
            let names: Vec<&str> = self.tables.of_layer("mart").collect();
            faults.push(
                self.fault(block, table, format!("there is no table `{table}`"))
                    .with_expected(one_of(&names, "a table of the mart; there is none yet"))
                    .with_hint("correct `table`, or add a query for it to `sql/mart`"),
            );
            return;
        }
        if let BlockKind::Table(table) = &block.kind {
            faults.extend(table.finding.iter().filter_map(|one| self.counted(block, &full, one)));
        }
        for column in columns {
            if !known.iter().any(|name| name == column) {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("the table `{table}` has no column `{column}`");
                faults.push(
                    self.fault(block, column, message)
                        .with_expected(one_of(&names, "a column"))
                        .with_hint("correct the block, or add the column to the mart"),
                );
            }
        }
    }

    /// A finding that counts rows with a text which the column can never hold: its sentence would say
    /// that there are none.
    fn counted(&self, block: &BlockSpec, table: &str, finding: &FindingSpec) -> Option<Diagnostic> {
        let column = self.project.contracts.get(table)?.column(&finding.value)?;
        let equals = &finding.equals;
        if equals.is_empty() || column.allowed.is_empty() || column.allowed.contains(equals) {
            return None;
        }
        let allowed: Vec<&str> = column.allowed.iter().map(String::as_str).collect();
        let message = format!("no row of `{table}` can have this text in `{}`", finding.value);
        Some(self.fault(block, equals, message).with_expected(one_of(&allowed, "a text")))
    }

    /// Indicators that a chapter's words name by their ids, and that nobody has defined.
    fn words(&self, chapter: &ChapterSpec, faults: &mut Vec<Diagnostic>) {
        let mut texts = vec![chapter.intro.as_str()];
        for block in &chapter.blocks {
            match &block.kind {
                BlockKind::Text { text }
                | BlockKind::Heading { text }
                | BlockKind::Note { text } => {
                    texts.push(text);
                }
                BlockKind::Table(table) => texts.extend([table.caption.as_str(), &table.note]),
                BlockKind::Chart(chart) => {
                    texts.extend([chart.caption.as_str(), &chart.subtitle, &chart.note]);
                }
                BlockKind::Outcomes { .. } | BlockKind::Quality => {}
            }
        }
        for id in texts.into_iter().flat_map(ids) {
            if self.project.definitions.contains_key(id) {
                continue;
            }
            let at = self.lines.iter().position(|line| line.contains(id)).unwrap_or(0);
            let message = format!("the words name the indicator `{id}`, which nobody has defined");
            faults.push(
                self.at_line(at, id, message)
                    .with_expected(format!("an indicator with `sql/indicator/{id}.toml`")),
            );
        }
    }

    /// A fault at a name inside a block: between the heading above its `kind` and the next one.
    fn fault(&self, block: &BlockSpec, name: &str, message: String) -> Diagnostic {
        let kind = (block.place.0 as usize).saturating_sub(1);
        let is_head = |line: &&str| line.trim_start().starts_with("[[");
        let begin = self.lines[..kind.min(self.lines.len())]
            .iter()
            .rposition(is_head)
            .map_or(0, |at| at + 1);
        let rest = self.lines.iter().skip(kind + 1).position(is_head);
        let end = rest.map_or(self.lines.len(), |at| kind + 1 + at);
        let quoted = format!("\"{name}\"");
        let found = (begin..end).find(|at| self.lines[*at].contains(&quoted));
        self.at_line(found.unwrap_or(kind), name, message)
    }

    fn at_line(&self, at: usize, name: &str, message: String) -> Diagnostic {
        let line = self.lines.get(at).copied().unwrap_or("");
        let start = line.find(name).map_or(0, |byte| line[..byte].chars().count());
        let number = at as u64 + 1;
        let place = Location::text(self.file, number, start as u32 + 1);
        Diagnostic::error(Code::UnknownName, message, place)
            .with_excerpt(Excerpt {
                line: number,
                text: line.to_owned(),
                start,
                length: name.chars().count(),
            })
            .with_found(format!("`{name}`"))
            .with_effect("no report can be made")
    }
}

fn one_of(names: &[&str], none: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { none.to_owned() } else { format!("one of {}", quoted.join(", ")) }
}

/// Words of the form `area__what_unit`.
fn ids(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| !is_part(c));
    words.filter(|word| word.contains("__") && !word.starts_with('_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_are_taken_for_ids() {
        assert_eq!(
            ids("Se hr__sick_leave_pct, inte mart.ekonomi eller a_b."),
            ["hr__sick_leave_pct"]
        );
        assert!(ids("{last_month} __x").is_empty());
    }
}

//! Seeds as they were known on a day: a row that was decided later does not exist for it.

use crate::engine::{Engine, EngineError, literal, qualified};

/// The column that says when a row was decided.
const DECIDED: &str = "decided_on";
/// The seed of plans, and the column by which rows of other seeds belong to a plan.
const PLANS: (&str, &str) = ("plans", "plan");

impl Engine {
    /// Takes from the seeds what was decided after `day` (`2024-09-16`): rows whose own `decided_on`
    /// is later, and rows of a plan that is.
    pub fn forget_undecided(&self, day: &str) -> Result<(), EngineError> {
        let (plans, key) = PLANS;
        let mut of_plans = Vec::new();
        let mut dated = Vec::new();
        let catalog = self.catalog()?;
        for name in catalog.names() {
            let Some(seed) = name.strip_prefix("seed.") else { continue };
            let columns = catalog.columns_of(name);
            let has = |column: &str| columns.iter().any(|found| found == column);
            if seed != plans && has(key) {
                of_plans.push(name.to_owned());
            }
            if has(DECIDED) {
                dated.push(name.to_owned());
            }
        }
        let plans = format!("seed.{plans}");
        let later = format!("{DECIDED} > {}", literal(day));
        if dated.contains(&plans) {
            for name in of_plans {
                self.execute(&format!(
                    "delete from {} where {key} in (select {key} from {} where {later})",
                    qualified(&name),
                    qualified(&plans)
                ))?;
            }
        }
        dated.iter().try_for_each(|name| self.forget_rows(name, day))
    }

    /// Takes from one table the rows whose own `decided_on` is later; nothing where it has none.
    pub fn forget_undecided_in(&self, table: &str, day: &str) -> Result<(), EngineError> {
        if !self.columns_of(table)?.iter().any(|column| column == DECIDED) {
            return Ok(());
        }
        self.forget_rows(table, day)
    }

    fn forget_rows(&self, table: &str, day: &str) -> Result<(), EngineError> {
        let later = format!("{DECIDED} > {}", literal(day));
        self.execute(&format!("delete from {} where {later}", qualified(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(engine: &Engine, table: &str) -> String {
        engine.scalar(&format!("select count(*) from {table}"), &[]).unwrap().unwrap()
    }

    #[test]
    fn what_was_decided_later_is_forgotten_with_all_that_belongs_to_it() {
        let engine = Engine::in_memory().unwrap();
        engine
            .execute(
                "create schema seed; \
                 create table seed.plans as select * from (values ('2024', '2023-12-31'), \
                 ('2025', '2024-12-31'), ('2025r1', '2025-02-11')) t(plan, decided_on); \
                 create table seed.targets as select * from (values ('2024', 'a'), ('2025', 'b'), \
                 ('2025r1', 'c'), ('none', 'd')) t(plan, printed); \
                 create table seed.rules as select * from (values ('2015-01-01', 1), \
                 ('2025-03-01', 2)) t(decided_on, version); \
                 create table seed.units as select 'RJH' as unit_id",
            )
            .unwrap();
        engine.forget_undecided("2025-02-11").unwrap();
        let counts = ["plans", "targets", "rules", "units"]
            .map(|table| count(&engine, &format!("seed.{table}")));
        assert_eq!(counts, ["3", "4", "1", "1"], "the day itself counts");
        engine.forget_undecided("2025-02-10").unwrap();
        assert_eq!(count(&engine, "seed.targets"), "3");
        engine.forget_undecided("2024-09-16").unwrap();
        let left =
            engine.scalar("select string_agg(printed, '' order by printed) from seed.targets", &[]);
        assert_eq!(left.unwrap().unwrap(), "ad", "a row of no known plan is no plan's to take");
        assert_eq!(count(&engine, "seed.units"), "1");
    }

    #[test]
    fn seeds_without_days_are_left_alone() {
        let engine = Engine::in_memory().unwrap();
        engine
            .execute("create schema seed; create table seed.targets as select '2024' as plan")
            .unwrap();
        engine.forget_undecided("1900-01-01").unwrap();
        assert_eq!(count(&engine, "seed.targets"), "1");
    }
}

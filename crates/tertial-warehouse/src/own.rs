//! The program's own tables: which of them leave the house, and which of their columns.
//!
//! The tables of `indicator` and `meta` that no query makes have no contract; this list stands in its
//! place. It is closed: a table or a column that is not named here stays in the warehouse. What a
//! query reads of a column that stays is followed as if it were personal.

/// A table of the program's own with the columns of it that anyone may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTable {
    /// `indicator.outcomes`.
    pub name: &'static str,
    /// Columns classed open, in any order.
    pub open: &'static [&'static str],
}

impl OwnTable {
    /// The table of that name.
    pub fn named(name: &str) -> Option<&'static OwnTable> {
        OWN_TABLES.iter().find(|table| table.name == name)
    }

    /// Whether a column may leave the house.
    pub fn is_open(&self, column: &str) -> bool {
        self.open.contains(&column)
    }
}

/// Every table of the program's own that leaves the house, by name.
pub const OWN_TABLES: [OwnTable; 21] = [
    OwnTable {
        name: "indicator.outcomes",
        open: &[
            "indicator_id",
            "id",
            "name",
            "unit",
            "decimals",
            "unit_id",
            "level",
            "period",
            "sex",
            "breakdown",
            "numerator",
            "denominator",
            "value",
            "missing",
            "target_printed",
            "target_comparator",
            "target_value",
            "target_unit",
            "target_baseline",
            "plan",
            "attainment",
            "status",
            "status_word",
            "status_reason",
            "completeness",
            "expected",
            "reported",
            "rejected_rows",
            "method_version",
            "is_preliminary",
            "completeness_of",
            "source_deliveries",
            "mark",
            "response_count",
            "invited_count",
            "is_coarse",
        ],
    },
    OwnTable {
        name: "indicator.published_judgements",
        open: &[
            "report_period",
            "nr",
            "indicator_id",
            "id",
            "unit_id",
            "printed_outcome",
            "printed_target",
            "printed_status",
            "rule_status",
            "agrees",
            "reason",
        ],
    },
    OwnTable {
        name: "indicator.reporting_units",
        open: &["table_name", "month", "unit_id", "unit_name", "has_reported"],
    },
    OwnTable {
        name: "indicator.restatements",
        open: &[
            "indicator_id",
            "id",
            "unit_id",
            "period",
            "sex",
            "breakdown",
            "method_version",
            "numerator",
            "denominator",
            "value",
        ],
    },
    OwnTable {
        name: "indicator.signal_points",
        open: &[
            "indicator_id",
            "id",
            "unit_id",
            "breakdown",
            "period",
            "month",
            "value",
            "judged",
            "cause",
        ],
    },
    OwnTable {
        name: "indicator.signals",
        open: &[
            "indicator_id",
            "id",
            "unit_id",
            "breakdown",
            "period",
            "question",
            "answer",
            "answer_word",
            "reason",
            "method",
            "method_version",
            "method_text",
            "points",
            "mean",
            "lower_limit",
            "upper_limit",
            "slope",
            "forecast",
            "forecast_low",
            "forecast_high",
            "mase",
            "mean_error",
            "tested",
            "covered",
            "last_error",
            "responsible_forecast",
            "responsible_made_on",
            "responsible_role",
            "responsible_last_error",
        ],
    },
    OwnTable {
        name: "indicator.targets",
        open: &[
            "plan",
            "indicator_id",
            "id",
            "unit_id",
            "breakdown",
            "printed",
            "kind",
            "read_as",
            "comparator",
            "value",
            "upper",
            "baseline",
            "remark",
        ],
    },
    OwnTable {
        name: "indicator.unit_figures",
        open: &[
            "indicator_id",
            "id",
            "period",
            "unit_id",
            "unit_name",
            "numerator",
            "denominator",
            "value",
            "missing",
            "response_rate",
            "is_uncertain",
            "low",
            "high",
            "outer_low",
            "outer_high",
            "verdict",
            "reason",
            "standardised",
            "standardised_low",
            "standardised_high",
            "standardised_reason",
        ],
    },
    OwnTable {
        name: "indicator.unit_panels",
        open: &[
            "indicator_id",
            "id",
            "period",
            "form",
            "total",
            "phi",
            "tau",
            "reason",
            "method_text",
            "standard",
        ],
    },
    OwnTable {
        name: "indicator.versions",
        open: &[
            "indicator_id",
            "id",
            "method_version",
            "valid_from",
            "valid_before",
            "decided_on",
            "breaks_series",
            "name",
            "measures",
            "base_year",
            "start_value",
            "reason",
        ],
    },
    OwnTable {
        name: "meta.audits",
        open: &["audit", "severity", "claim", "offender_count", "holds", "example", "file"],
    },
    // Names of files, and what was decided about them, are the sender's words.
    OwnTable {
        name: "meta.deliveries",
        open: &[
            "delivery_id",
            "source",
            "pattern",
            "period",
            "sha256",
            "byte_count",
            "received_at",
            "state",
            "is_in_force",
            "superseded_by",
            "rows_read",
            "rows_accepted",
            "rows_rejected",
            "rows_sum",
            "load_fingerprint",
        ],
    },
    OwnTable {
        name: "meta.delivery_tables",
        open: &[
            "delivery_id",
            "table_name",
            "contract_version",
            "rows_read",
            "rows_accepted",
            "rows_rejected",
            "rows_sum",
            "first_period",
            "last_period",
        ],
    },
    OwnTable {
        name: "meta.dictionary",
        open: &[
            "table_name",
            "column_name",
            "position",
            "label",
            "unit",
            "type",
            "description",
            "classification",
            "is_key",
            "table_description",
        ],
    },
    // Holds the columns that an audit itself says may be told.
    OwnTable { name: "meta.findings", open: &["audit", "number", "finding"] },
    OwnTable {
        name: "meta.hidden_cells",
        open: &[
            "indicator_id",
            "period_kind",
            "cell_count",
            "hidden_for_few_persons_count",
            "hidden_for_others_count",
            "rule",
            "rule_version",
        ],
    },
    OwnTable {
        name: "meta.indicators",
        open: &[
            "indicator_id",
            "name",
            "unit",
            "decimals",
            "direction",
            "frequency",
            "measures",
            "kort",
            "viktigt",
            "bearbetning",
            "responsible",
            "source",
            "kolada_id",
            "method_version",
            "is_reported",
        ],
    },
    OwnTable { name: "meta.lineage", open: &["table_name", "reads", "file"] },
    // What a sum is about, and what it is, stands in the sender's file.
    OwnTable { name: "meta.reconciliations", open: &["delivery_id", "claim", "holds", "line"] },
    OwnTable {
        name: "meta.rejects_by_rule",
        open: &["delivery_id", "table_name", "code", "column_name", "row_count"],
    },
    OwnTable {
        name: "meta.release",
        open: &[
            "release_id",
            "region_name",
            "is_synthetic",
            "as_of",
            "program_version",
            "engine_version",
            "methods",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays() {
        let deliveries = OwnTable::named("meta.deliveries").unwrap();
        assert!(deliveries.is_open("pattern") && !deliveries.is_open("original_name"));
        for table in ["meta.rejects", "meta.diagnostics", "meta.receipts", "core.units"] {
            assert_eq!(OwnTable::named(table), None, "{table}");
        }
    }
}

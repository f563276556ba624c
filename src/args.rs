//! What the user typed. The only module that knows `clap`.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use tertial_model::Period;

/// The indicator warehouse of a Swedish region: from source exports to a report every figure of
/// which can be followed to its rows.
#[derive(Debug, Parser)]
#[command(name = "tertial", version, max_term_width = 100)]
pub struct Arguments {
    /// What every verb understands.
    #[command(flatten)]
    pub common: Common,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Debug, Args)]
pub struct Common {
    /// Project folder with pipelines, schemas, sql and seeds
    #[arg(long, global = true, default_value = ".", value_name = "DIR", env = "TERTIAL_PROJECT")]
    pub project: PathBuf,
    /// Print results and faults only
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// For people or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Text for people
    Text,
    /// One JSON document on standard output
    Json,
}

/// For whom to print.
#[derive(Debug, Clone, Copy, Args)]
pub struct Reader {
    /// How to print: for people or for machines
    #[arg(long, value_enum, default_value_t = OutputFormat::Text, global = true)]
    pub format: OutputFormat,
}

/// The point in time a run looks from.
#[derive(Debug, Clone, Args)]
pub struct AsOf {
    /// What was known at the end of that day (`2024-09-16`) or at that moment; now when not given.
    /// Before what was received or published last, nothing is taken in
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,
    /// How to print: for people or for machines
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub format: OutputFormat,
}

/// What an earlier moment is looked at with.
#[derive(Debug, Clone, Args)]
pub struct Past {
    /// As it was published and in force on that day (`2024-09-16`) or at that moment
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,
    /// With the definitions, targets and queries of today, on the deliveries of that day
    #[arg(long, requires = "as_of")]
    pub with_todays_methods: bool,
}

/// Which of an indicator's figures.
#[derive(Debug, Clone, Default, Args)]
pub struct FigureArguments {
    /// Unit of the figure
    #[arg(long)]
    pub unit: Option<String>,
    /// T for both sexes together, K for women, M for men
    #[arg(long)]
    pub sex: Option<String>,
    /// Breakdown of the figure
    #[arg(long)]
    pub breakdown: Option<String>,
}

/// How an explanation is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// Text for people
    Text,
    /// One JSON document on standard output
    Json,
    /// Rows of one table as comma-separated values
    Csv,
}

/// Where deliveries may come from.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Ways {
    /// Fetch nothing over the network; take in what lies in the drop folders
    #[arg(long)]
    pub offline: bool,
}

/// What is said about the key for pseudonyms.
#[derive(Debug, Clone, Default, Args)]
pub struct KeyChange {
    /// The key for pseudonyms is a new one on purpose; ID is the id that the refusal of it names
    #[arg(long, value_name = "ID")]
    pub new_key: Option<String>,
}

/// A decision that is kept in history.
#[derive(Debug, Clone, Args)]
pub struct DecisionArguments {
    /// Why, in a sentence; kept with the decision
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who decided: a role, such as `analysenheten`
    #[arg(long, value_name = "ROLE")]
    pub decided_by: String,
    #[command(flatten)]
    pub as_of: AsOf,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a synthetic region's deliveries, run the night and write the report
    Demo {
        /// Folder for the demo project; it must be empty, missing or an earlier demo
        #[arg(default_value = "data/demo")]
        dir: PathBuf,
        /// Size of the region's row level; 1 is the real size (2.5 million ledger rows a year)
        #[arg(long, default_value_t = 0.02)]
        scale: f64,
        /// Seed of the made-up rows
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Write the project and its deliveries, but do not run the night
        #[arg(long)]
        only_deliveries: bool,
    },
    /// Make a new, empty project
    Init {
        /// Folder of the new project
        dir: PathBuf,
        /// Name of the region
        #[arg(long, default_value = "Region")]
        name: String,
    },
    /// Validate pipelines, contracts, queries, seeds and indicators, without data
    Check {
        #[command(flatten)]
        reader: Reader,
    },
    /// Try queries on given rows: the cases in `sql/tests`, without a release
    ///
    /// A case holds rows of the tables that a query reads and the rows it must answer. Ends with 1 when
    /// an answer is another, with 2 when a case cannot be tried.
    Test {
        /// Only the cases of a query, such as `core.units` or `units`, or one: `core.units/CASE`; all when
        /// none is named
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        reader: Reader,
    },
    /// Fetch what the pipelines name and take in the files that lie in the drop folders
    Receive {
        #[command(flatten)]
        as_of: AsOf,
        #[command(flatten)]
        ways: Ways,
    },
    /// Read and check what was received and write it to the lake
    Load {
        #[command(flatten)]
        as_of: AsOf,
        #[command(flatten)]
        key: KeyChange,
    },
    /// Build a private warehouse from the lake
    Build {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Check the claims about the built warehouse
    Audit {
        #[command(flatten)]
        reader: Reader,
    },
    /// Put the built and audited warehouse in force
    Publish,
    /// The whole night: receive, load, build, audit, publish, report of the open period
    Run {
        #[command(flatten)]
        as_of: AsOf,
        #[command(flatten)]
        ways: Ways,
        #[command(flatten)]
        key: KeyChange,
    },
    /// Write the report of a period from the release in force
    Report {
        /// Period, e.g. `2024T2`
        period: Period,
        /// Kinds to write: html, pdf, xlsx, json; with a single `json` the document goes to standard output
        #[arg(long, value_delimiter = ',', default_value = "html,pdf,json")]
        format: Vec<ReportFormat>,
        #[command(flatten)]
        past: Past,
    },
    /// The indicators of a period with target, status and completeness
    Indicators {
        /// Period, e.g. `2024T2`; the open one when not given
        period: Option<Period>,
        #[command(flatten)]
        past: Past,
        /// How to print
        #[arg(long, value_enum, default_value_t = TableFormat::Table)]
        format: TableFormat,
    },
    /// Where a figure comes from, or what a diagnostic means
    Explain {
        /// An indicator such as `hr__sick_leave_pct`, or a code such as `T0203`
        what: String,
        /// Period of the figure; the open one when not given
        period: Option<Period>,
        #[command(flatten)]
        figure: FigureArguments,
        /// Print the whole query that gives numerators and denominators, and nothing else
        #[arg(long, conflicts_with = "rows")]
        sql: bool,
        /// List the rows behind the figure; those about persons are masked, small groups not listed
        #[arg(long)]
        rows: bool,
        /// Rows of this table only, e.g. `core.worked_time`
        #[arg(long, requires = "rows")]
        table: Option<String>,
        /// At most so many rows of each table
        #[arg(long, default_value_t = 50, requires = "rows")]
        limit: usize,
        #[command(flatten)]
        past: Past,
        /// How to print; `csv` is for rows of one table
        #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
        format: ExplainFormat,
    },
    /// What changed in the figures since an earlier publication, and why
    Changes {
        /// Period, e.g. `2024T2`; every period when not given
        period: Option<Period>,
        /// Compare with what was in force on that day or at that moment; with the publication before
        /// when not given
        #[arg(long, value_name = "DAY")]
        since: Option<String>,
        /// Compare what was in force on that day instead of what is in force now
        #[arg(long, value_name = "DAY")]
        as_of: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value_t = TableFormat::Table)]
        format: TableFormat,
    },
    /// What would change if the project were published as it lies here, and why; nothing is published
    ///
    /// Definitions, queries, seeds, targets and corrections are taken from the folder, deliveries and
    /// moment from the release in force. Ends with 1 when a figure changes without a new `[[version]]`.
    Preview {
        /// Period, e.g. `2024T2`; every period when not given
        period: Option<Period>,
        /// How to print; `markdown` is a page for a review
        #[arg(long, value_enum, default_value_t = PreviewFormat::Text)]
        format: PreviewFormat,
    },
    /// What the audits found in the release in force: what is new and what is known
    Findings {
        /// Only what nobody has acknowledged yet
        #[arg(long)]
        new: bool,
        /// Print what is new as rows for `seeds/known_findings.csv`, to be completed with reason, role
        /// and days
        #[arg(long)]
        draft: bool,
        /// How to print
        #[arg(long, value_enum, default_value_t = TableFormat::Table)]
        format: TableFormat,
    },
    /// Rows that were set aside
    Rejects {
        /// What to do
        #[command(subcommand)]
        action: Option<RejectsAction>,
        #[command(flatten)]
        reader: Reader,
    },
    /// Ask the release in force, or one of another day, a question, read only
    Sql {
        /// The query
        query: String,
        /// Ask the row-level warehouse instead of the public database
        #[arg(long)]
        warehouse: bool,
        /// Stop the query after so many seconds; as `query_seconds` in `tertial.toml` when not given
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
        time_limit: Option<u64>,
        #[command(flatten)]
        past: Past,
        /// How to print; in `csv`, text that a spreadsheet would run as a formula gets a leading `'`
        #[arg(long, value_enum, default_value_t = TableFormat::Table)]
        format: TableFormat,
    },
    /// Leave a delivery out of the figures from now on, as one that should not have come
    ///
    /// The delivery before it counts again where there is one. The bytes stay, figures of earlier
    /// moments stay as they were, and the next `run` publishes without it.
    Withdraw {
        /// Delivery id, or the file's name when only one delivery in force has it
        delivery: String,
        #[command(flatten)]
        decision: DecisionArguments,
        /// Let it count again
        #[arg(long)]
        undo: bool,
    },
    /// Put an earlier release in force again, and hold publishing until a person publishes
    Rollback {
        /// The release's id; the one before when not given
        release: Option<String>,
        #[command(flatten)]
        decision: DecisionArguments,
    },
    /// Freshness per source, the release in force, what the open period lacks
    Status {
        #[command(flatten)]
        as_of: AsOf,
    },
    /// Read every stored file and hold it against what was written; changes nothing
    Verify {
        #[command(flatten)]
        reader: Reader,
    },
    /// Look at an unknown export and draft its pipeline and contract
    Profile {
        /// The file
        file: PathBuf,
        /// Name for the source
        #[arg(long, default_value = "source")]
        name: String,
    },
    /// Write the generated reference pages (`docs/reference`)
    Docs {
        /// Only tell whether they are up to date
        #[arg(long)]
        check: bool,
        /// Write the contracts instead, each complete with the words of its fields
        #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
        contracts: Option<PathBuf>,
    },
    /// Print what a shell completes verbs and options with: `source <(tertial completions bash)`
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// What to do with rows that were set aside.
#[derive(Debug, Subcommand)]
pub enum RejectsAction {
    /// Count them per source, table and rule
    List,
    /// Show them in full
    Show {
        /// Delivery id
        delivery: Option<String>,
        /// Show at most so many
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Check every received delivery that had any again, after a correction
    Replay,
}

/// Shells that complete what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU Bash
    Bash,
    /// Z shell
    Zsh,
    /// Fish
    Fish,
}

/// Kinds of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One self-contained page
    Html,
    /// PDF/UA-1 and PDF/A-2a
    Pdf,
    /// A workbook with one table a sheet, numbers as numbers
    Xlsx,
    /// Every table as rows
    Json,
}

/// Kinds of preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PreviewFormat {
    /// For people
    Text,
    /// JSON
    Json,
    /// A page to put into a review
    Markdown,
}

/// Kinds of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// Columns for people
    Table,
    /// JSON
    Json,
    /// Comma-separated values
    Csv,
}

impl Shell {
    /// The script with which the shell completes verbs, options and their values.
    pub fn script(self) -> String {
        let shell = match self {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "tertial", &mut script);
        String::from_utf8(script).expect("the names of verbs and options are text")
    }
}

impl Verb {
    /// Whether a machine reads what the verb prints.
    pub fn is_for_machines(&self) -> bool {
        let format = match self {
            Verb::Receive { as_of, .. }
            | Verb::Load { as_of, .. }
            | Verb::Build { as_of }
            | Verb::Run { as_of, .. }
            | Verb::Status { as_of } => as_of.format,
            Verb::Withdraw { decision, .. } | Verb::Rollback { decision, .. } => {
                decision.as_of.format
            }
            Verb::Check { reader }
            | Verb::Test { reader, .. }
            | Verb::Audit { reader }
            | Verb::Verify { reader }
            | Verb::Rejects { reader, .. } => reader.format,
            Verb::Explain { format: ExplainFormat::Json, .. }
            | Verb::Preview { format: PreviewFormat::Json, .. } => OutputFormat::Json,
            _ => OutputFormat::Text,
        };
        format == OutputFormat::Json
    }
}

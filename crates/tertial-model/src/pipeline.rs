//! What `pipelines/<source>/pipeline.toml` says: facts about a source, no code.
//!
//! The file names and the reader with its costume (encoding, delimiter, decimal mark), and which
//! contract each part of the file answers to. A closed list of formats, not a plug-in system.

use crate::Sends;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Short English noun, the same in every room; equals the folder's name.
    pub name: String,
    /// Swedish label.
    #[serde(default)]
    pub label: String,
    /// Role or unit that answers for the source.
    #[serde(default)]
    pub owner: String,
    /// How often a delivery is expected, in words for people.
    #[serde(default)]
    pub cadence: String,
    /// Folder the files are dropped in, relative to the project; `data/inbox/<name>` when not said.
    #[serde(default)]
    pub inbox: Option<String>,
    /// The kinds of file the source sends.
    #[serde(rename = "file", default)]
    pub files: Vec<FileSpec>,
    /// How the drop folder is read.
    #[serde(rename = "drop", default)]
    pub drop_folder: DropSpec,
    /// What is fetched over HTTP into the drop folder; none when the source sends by itself.
    #[serde(rename = "fetch", default)]
    pub fetches: Vec<FetchSpec>,
    /// What a database is asked for over ODBC.
    #[serde(rename = "query", default)]
    pub queries: Vec<QuerySpec>,
    /// What is fetched over SFTP.
    #[serde(rename = "sftp", default)]
    pub transfers: Vec<SftpSpec>,
}

/// How the drop folder is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DropSpec {
    /// A file that changed less than so long ago may still be growing, and waits for the next run.
    pub quiet_seconds: u64,
    /// Most bytes that an archive may unpack to.
    pub archive_max_bytes: u64,
    /// Most members of an archive.
    pub archive_max_members: u64,
}

impl Default for DropSpec {
    /// Half a minute, 4 GiB, a thousand members.
    fn default() -> DropSpec {
        DropSpec { quiet_seconds: 30, archive_max_bytes: 4 << 30, archive_max_members: 1000 }
    }
}

/// One question to a database, whose answer is laid into the drop folder as CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuerySpec {
    /// Where the connection string is kept: `env:NAME` or `file:PATH`. It never stands here.
    pub connection: String,
    /// File of the pipeline's folder with the query.
    pub sql: String,
    /// Name of the file in the drop folder, with `{period}` and `{year}`.
    pub file: String,
    /// What the question marks of the query stand for, in order.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Most rows taken in.
    #[serde(default = "QuerySpec::default_max_rows")]
    pub max_rows: u64,
    /// Largest file made of the answer.
    #[serde(default = "QuerySpec::default_max_bytes")]
    pub max_bytes: u64,
    /// How long connecting, the query and the answer may take in all.
    #[serde(default = "QuerySpec::default_timeout_seconds")]
    pub timeout_seconds: u64,
    /// Longest text taken in, in UTF-16 units, where the database knows no bound of its own.
    #[serde(default = "QuerySpec::default_max_text")]
    pub max_text: u64,
    /// Most rows fetched at a time.
    #[serde(default = "QuerySpec::default_batch_rows")]
    pub batch_rows: u64,
}

impl QuerySpec {
    /// Twenty million.
    pub const fn default_max_rows() -> u64 {
        20_000_000
    }

    /// 4 GiB.
    pub const fn default_max_bytes() -> u64 {
        4 << 30
    }

    /// Half an hour.
    pub const fn default_timeout_seconds() -> u64 {
        1800
    }

    /// 64 Ki units.
    pub const fn default_max_text() -> u64 {
        65_536
    }

    /// Two thousand.
    pub const fn default_batch_rows() -> u64 {
        2_000
    }
}

/// A value given to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// The open period, `2024T2`.
    Period,
    /// Its year, or the year of the run when no period is open.
    Year,
    /// First day of the open period.
    FirstDay,
    /// Last day of the open period.
    LastDay,
}

/// Files of another machine, fetched over SFTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SftpSpec {
    /// Name or address of the machine.
    pub host: String,
    /// Port.
    #[serde(default = "SftpSpec::default_port")]
    pub port: u16,
    /// Account there.
    pub user: String,
    /// File with the private key that logs in, outside the project's own files.
    pub key_file: String,
    /// `env:NAME` of the key's passphrase, when it has one.
    #[serde(default)]
    pub passphrase: Option<String>,
    /// File with the keys of known machines, as `ssh-keyscan` writes them; relative to the project.
    pub known_hosts: String,
    /// Folder there.
    pub folder: String,
    /// Names to fetch, with `{period}`, `{scope}` and `*`.
    pub pattern: String,
    /// Largest file fetched.
    #[serde(default = "FetchSpec::default_max_bytes")]
    pub max_bytes: u64,
    /// Most files whose names fit.
    #[serde(default = "SftpSpec::default_max_files")]
    pub max_files: u64,
    /// How long the other side may be silent.
    #[serde(default = "FetchSpec::default_timeout_seconds")]
    pub timeout_seconds: u64,
}

impl SftpSpec {
    /// The port of SSH.
    pub const fn default_port() -> u16 {
        22
    }

    /// A thousand.
    pub const fn default_max_files() -> u64 {
        1000
    }

    /// `sftp://user@host:22/folder`, for people.
    pub fn url(&self) -> String {
        let folder = self.folder.trim_end_matches('/');
        let slash = if folder.starts_with('/') || folder.is_empty() { "" } else { "/" };
        format!("sftp://{}@{}:{}{slash}{folder}", self.user, self.host, self.port)
    }
}

/// One answer that is fetched over HTTP(S) and laid into the drop folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchSpec {
    /// Address, with `{period}` (the open one) and `{year}`.
    pub url: String,
    /// Name of the file in the drop folder, with the same placeholders; one of the patterns fits it.
    pub file: String,
    /// How the answer is got.
    #[serde(default)]
    pub kind: FetchKind,
    /// JSON of the query, for `pxweb`.
    #[serde(default)]
    pub body: Option<String>,
    /// Headers sent along; `env:NAME` stands for the value of an environment variable.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// PEM file, relative to the project, with the authorities trusted in place of the system's.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// Largest answer taken in, all pages together.
    #[serde(default = "FetchSpec::default_max_bytes")]
    pub max_bytes: u64,
    /// How long one call may take, its body included.
    #[serde(default = "FetchSpec::default_timeout_seconds")]
    pub timeout_seconds: u64,
    /// Most pages followed, for `kolada`.
    #[serde(default = "FetchSpec::default_max_pages")]
    pub max_pages: u32,
    /// Address of the service's own limits, for `pxweb`.
    #[serde(default)]
    pub limits: Option<String>,
}

impl FetchSpec {
    /// 256 MiB.
    pub const fn default_max_bytes() -> u64 {
        256 << 20
    }

    /// One minute.
    pub const fn default_timeout_seconds() -> u64 {
        60
    }

    /// A million Kolada rows at 5 000 a page.
    pub const fn default_max_pages() -> u32 {
        200
    }
}

/// How an answer is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchKind {
    /// One GET; the body is the file.
    #[default]
    File,
    /// GET page after page by `next_url`; the file is a JSON array of the pages.
    Kolada,
    /// One POST of a JSON query; the answer is the file.
    Pxweb,
}

/// One kind of file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// File name with `{period}` (a month, tertial or year), `{scope}` (anything) and `*`.
    /// Two files of one kind with the same period and scope are deliveries of the same thing: the
    /// later one supersedes the earlier one.
    pub pattern: String,
    /// The reader.
    pub format: Format,
    /// Name of the encoding agreed with the source; `None` = decided from the bytes and logged.
    #[serde(default)]
    pub encoding: Option<String>,
    /// Field delimiter of a delimited file.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// Decimal mark agreed with the source.
    #[serde(default)]
    pub decimal: Option<char>,
    /// Texts that mean "no value"; an empty cell always does.
    #[serde(default)]
    pub missing: Vec<String>,
    /// First-cell texts that mark a sum row, compared with the rows and dropped: `Totalsumma`.
    #[serde(default)]
    pub sum_rows: Vec<String>,
    /// Row of the headings, from 1.
    #[serde(default)]
    pub header_row: Option<u32>,
    /// The columns of a fixed-width file, in order; other formats have their own.
    #[serde(rename = "column", default)]
    pub columns: Vec<FixedColumn>,
    /// Whether every row's month or year lies in the `{period}` of the file's name; a row outside is
    /// set aside.
    #[serde(default)]
    pub within_period: bool,
    /// How the source tells of changes in what it sent before; none = by the key, where the contract has
    /// one and divides its table by period.
    #[serde(default)]
    pub sends: Option<Sends>,
    /// Whether the run is incomplete without at least one delivery of this kind.
    #[serde(default)]
    pub required: bool,
    /// The tables the file holds; none = every part under the reader's own contract.
    #[serde(rename = "table", default)]
    pub tables: Vec<TableSpec>,
}

/// One column of a fixed-width file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedColumn {
    /// Heading, as `headings.csv` names it.
    pub heading: String,
    /// Character on the line at which it begins, from 1.
    pub start: u32,
    /// How many characters it takes; the last column may leave it out and take the rest of the line.
    #[serde(default)]
    pub width: Option<u32>,
}

/// One table in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Contract and table name, `ledger__entries`.
    pub contract: String,
    /// Which part of the file: sheet name, SIE part. The file's only part when not said.
    #[serde(default)]
    pub part: Option<String>,
    /// Row of the headings when it differs from the file's.
    #[serde(default)]
    pub header_row: Option<u32>,
    /// `A4:F200`: the cells that hold the table, headings included.
    #[serde(default)]
    pub range: Option<String>,
}

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text.
    Csv,
    /// Fixed-width text: every line is a row, its columns stand at agreed characters.
    Fixed,
    /// XLSX, XLS or ODS workbook.
    Xlsx,
    /// SIE 1–4 accounting export.
    Sie,
    /// JSON-stat 2 (SCB and other PxWeb servers).
    JsonStat,
    /// Kolada v2 or v3 data answers.
    Kolada,
    /// PX file.
    Px,
    /// PAXml 2.0 payroll transactions.
    Paxml,
    /// SMHI meteorological observations, CSV or JSON.
    Smhi,
    /// Socialstyrelsen's statistical database, JSON answer.
    Socialstyrelsen,
    /// A JSON array of objects, or one JSON object a line.
    Json,
    /// Parquet.
    Parquet,
}

impl Format {
    /// The name used in `pipeline.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Fixed => "fixed",
            Format::Xlsx => "xlsx",
            Format::Sie => "sie",
            Format::JsonStat => "json_stat",
            Format::Kolada => "kolada",
            Format::Px => "px",
            Format::Paxml => "paxml",
            Format::Smhi => "smhi",
            Format::Socialstyrelsen => "socialstyrelsen",
            Format::Json => "json",
            Format::Parquet => "parquet",
        }
    }
}

//! The stable codes of our diagnostics. One page per code in `codes/`, shown by `tertial explain`.
//!
//! Families: T01 file, T02 cell, T03 row, T04 table, T05 contract and configuration, T06 model (SQL),
//! T07 audit, T08 run and release. A code is never given a second meaning and never reused.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

macro_rules! codes {
    ($($code:ident $name:ident),+ $(,)?) => {
        /// A stable diagnostic code: named in code, shown as `T0203`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(
                #[doc = concat!("`", stringify!($code), "`, see `codes/", stringify!($code), ".md`.")]
                $name
            ),+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// `T0203`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($code)),+ }
            }

            /// The page: a heading and prose in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$name => include_str!(concat!("../codes/", stringify!($code), ".md"))),+
                }
            }
        }
    };
}

codes![
    T0101 FileNotDelivered,
    T0102 WrongFormat,
    T0103 DamagedFile,
    T0104 WrongEncoding,
    T0105 ColumnMissing,
    T0106 HeadingChanged,
    T0107 ColumnAdded,
    T0108 FileWithoutRows,
    T0109 LimitExceeded,
    T0110 ChecksumMismatch,
    T0111 PartMissing,
    T0112 UnsupportedVersion,
    T0113 UnreadableRecord,
    T0114 DuplicateHeading,
    T0115 UnmatchedFile,
    T0116 FetchFailed,
    T0117 FetchRefused,
    T0118 ColumnsReordered,
    T0121 UnfinishedFile,
    T0122 UnreadableArchive,
    T0123 OversizedArchive,
    T0124 UnusableMember,
    T0125 FeatureNotBuilt,
    T0126 QueryColumnsDiffer,
    T0127 ValueTruncated,
    T0128 UnknownHost,
    T0131 DropFolderUnreadable,
    T0132 NotARegularFile,
    T0201 ValueMissing,
    T0202 NotAnInteger,
    T0203 NotADecimal,
    T0204 WrongDecimalMark,
    T0205 NotADate,
    T0206 NotAMonth,
    T0207 NotABoolean,
    T0208 ValueNotAllowed,
    T0209 OutOfRange,
    T0210 PatternMismatch,
    T0211 InvalidCivicNumber,
    T0212 NumberTooLarge,
    T0213 UnknownReference,
    T0214 UnexpectedCivicNumber,
    T0301 WrongFieldCount,
    T0302 DuplicateKey,
    T0303 RowOutsidePeriod,
    T0304 SumRowDropped,
    T0305 SumRowMismatch,
    T0306 DuplicateKeyAcrossDeliveries,
    T0307 RowsRestated,
    T0401 TooManyRejects,
    T0402 UnexpectedRowCount,
    T0403 StaleSource,
    T0404 ReconciliationFailed,
    T0405 UnreadableBySettings,
    T0408 OrphanedDeliveries,
    T0409 WithdrawnCameAgain,
    T0501 InvalidContract,
    T0502 BadSetting,
    T0503 UnknownName,
    T0504 InvalidHeadingOrCodeList,
    T0505 UnreadableTarget,
    T0506 IncompleteDefinition,
    T0507 InvalidReferenceTable,
    T0508 ObsoleteCorrection,
    T0521 UnknownMeasure,
    T0522 NotSummable,
    T0523 UnknownLevel,
    T0524 UnknownBreakdown,
    T0525 InvalidMetric,
    T0601 UnparsableQuery,
    T0602 UnknownTable,
    T0603 ForbiddenLayer,
    T0604 CircularQueries,
    T0605 ForbiddenExpression,
    T0606 QueryLacksColumn,
    T0607 QueryFailed,
    T0608 PersonalColumnPublished,
    T0609 NotPublished,
    T0610 ContractBroken,
    T0611 RequiredTableMissing,
    T0612 MethodChangedSilently,
    T0701 AuditFailed,
    T0702 AuditWarning,
    T0801 RunInProgress,
    T0802 UnverifiedRelease,
    T0803 NoRelease,
    T0804 KeyMissing,
    T0805 FileAccess,
    T0806 StoredFileChanged,
    T0807 RowsNotListed,
    T0808 NotReproducible,
    T0811 KeyChanged,
    T0812 MomentInFuture,
    T0813 ClockBehind,
    T0814 NothingTakenIn,
    T0821 StoredFileRestored,
    T0822 ReceivedBytesLost,
    T0823 PublishingHeld,
    T0824 HookFailed,
];

impl Code {
    /// What the code means, in one clause.
    pub fn title(self) -> &'static str {
        self.page().lines().next().unwrap_or("").trim_start_matches("# ")
    }

    /// Reads `T0203`, in either case.
    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.name().eq_ignore_ascii_case(text))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let name = String::deserialize(deserializer)?;
        Code::parse(&name).ok_or_else(|| D::Error::custom(format!("no code is named `{name}`")))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_a_heading_and_prose() {
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with("# ") && page.lines().count() > 4, "{code} needs a page");
        }
    }
}

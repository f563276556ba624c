//! The stable codes of our diagnostics. One page per code in `codes/`, shown by `tertial explain`.
//!
//! Families: T01 file, T02 cell, T03 row, T04 table, T05 contract and configuration, T06 model (SQL),
//! T07 audit, T08 run and release. A code is never given a second meaning and never reused.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($($code:ident),+ $(,)?) => {
        /// A stable diagnostic code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = concat!("See `codes/", stringify!($code), ".md`.")] $code),+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$code),+];

            /// `T0203`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => stringify!($code)),+ }
            }

            /// The page: a heading and prose in Markdown.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$code => include_str!(concat!("../codes/", stringify!($code), ".md"))),+
                }
            }
        }
    };
}

codes![
    T0101, T0102, T0103, T0104, T0105, T0106, T0107, T0108, T0109, T0110, T0111, T0112, T0113,
    T0114, T0115, T0116, T0117, T0118, T0121, T0122, T0123, T0124, T0125, T0126, T0127, T0128,
    T0131, T0132, T0201, T0202, T0203, T0204, T0205, T0206, T0207, T0208, T0209, T0210, T0211,
    T0212, T0213, T0214, T0301, T0302, T0303, T0304, T0305, T0306, T0307, T0401, T0402, T0403,
    T0404, T0408, T0501, T0502, T0503, T0504, T0505, T0506, T0507, T0508, T0521, T0522, T0523,
    T0524, T0525, T0601, T0602, T0603, T0604, T0605, T0606, T0607, T0608, T0609, T0610, T0611,
    T0612, T0701, T0702, T0801, T0802, T0803, T0804, T0805, T0806, T0807, T0808, T0811, T0812,
    T0813, T0814, T0821, T0822,
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

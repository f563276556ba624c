//! Why something could not be done: what `?` gathers on its way up.

use crate::Diagnostic;
use std::ops::Deref;

/// One fault or several; whoever tells them tells them all.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults(Vec<Diagnostic>);

impl Deref for Faults {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl From<Diagnostic> for Faults {
    fn from(fault: Diagnostic) -> Faults {
        Faults(vec![fault])
    }
}

impl From<Box<Diagnostic>> for Faults {
    fn from(fault: Box<Diagnostic>) -> Faults {
        Faults(vec![*fault])
    }
}

impl From<Vec<Diagnostic>> for Faults {
    fn from(faults: Vec<Diagnostic>) -> Faults {
        Faults(faults)
    }
}

impl From<Faults> for Vec<Diagnostic> {
    fn from(faults: Faults) -> Vec<Diagnostic> {
        faults.0
    }
}

impl FromIterator<Diagnostic> for Faults {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(faults: I) -> Faults {
        Faults(faults.into_iter().collect())
    }
}

impl IntoIterator for Faults {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

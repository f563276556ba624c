//! The reader's place in the pieces of a target text: looking ahead, taking, and faults at the place.

use super::Context;
use super::fault::Fault;
use super::token::{Kind, Token};
use std::ops::Range;

/// A text being read.
pub(super) struct Parser<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) at: usize,
    pub(super) characters: &'a [char],
    pub(super) context: &'a Context<'a>,
}

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn peek_kind(&self) -> Option<&'a Kind> {
        self.peek().map(|token| &token.kind)
    }

    pub(super) fn peek_word(&self) -> Option<&'a str> {
        match self.peek_kind() {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn take(&mut self, kind: &Kind) -> bool {
        let is_there = self.peek_kind() == Some(kind);
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn take_word(&mut self, words: &[&str]) -> bool {
        let is_there = self.peek_word().is_some_and(|word| words.contains(&word));
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn expect_word(&mut self, words: &[&str]) -> Result<(), Fault> {
        if self.take_word(words) {
            return Ok(());
        }
        Err(self.fault(format!("`{}`", words.join("` or `"))))
    }

    pub(super) fn fault(&self, expected: impl Into<String>) -> Fault {
        let end = self.characters.len();
        let span = self.peek().map_or(end..end, |token| token.span.clone());
        Fault::new(span, expected)
    }

    pub(super) fn end_of_read(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].span.end)
    }

    pub(super) fn slice(&self, span: Range<usize>) -> String {
        self.characters[span].iter().collect()
    }
}

//! Recursive descent over the grammar stated in the module above: one function per rule.

use super::cursor::Parser;
use super::fault::Fault;
use super::token::{Kind, tokens};
use super::unit;
use super::{Baseline, Comparator, Context, LevelValue, Target, Wording};
use crate::definition::Direction;
use std::ops::Range;
use tertial_model::Decimal;

pub(super) fn parse(printed: &str, context: &Context) -> Result<Target, Fault> {
    let tokens = tokens(printed)?;
    let characters: Vec<char> = printed.chars().collect();
    let mut parser = Parser { tokens: &tokens, at: 0, characters: &characters, context };
    parser.take(&Kind::Stop);
    let mut target = parser.target()?;
    parser.take(&Kind::Stop);
    if parser.peek().is_some() {
        return Err(parser.fault("the end of the text"));
    }
    target.printed = printed.to_owned();
    Ok(target)
}

/// One number (or range) with all that stood around it.
struct Amount {
    span: Range<usize>,
    comparator: Option<Comparator>,
    is_signed: bool,
    value: Option<Decimal>,
    upper: Option<Decimal>,
    unit: Option<String>,
    baseline: Baseline,
    counted: Option<String>,
    level: Option<String>,
    remark: Option<String>,
}

/// The remark of a reduction that the plan prints without sign.
const UNSIGNED_REDUCTION: &str = "minskning, tryckt utan tecken";
const DECREASE: [&str; 4] = ["minska", "minskad", "minskat", "minskning"];
const INCREASE: [&str; 4] = ["öka", "ökad", "ökat", "ökning"];
const MORE: [&str; 4] = ["större", "högre", "fler", "mer"];
const LESS: [&str; 3] = ["lägre", "mindre", "färre"];

impl<'a> Parser<'a> {
    fn target(&mut self) -> Result<Target, Fault> {
        match self.peek_word() {
            Some("genomförd" | "genomförda") => self.activity(),
            Some("målvärde" | "mål" | "kompletteras" | "fastställs") => self.left_open(),
            Some("i") => self.in_line(),
            Some(word) if DECREASE.contains(&word) => self.change(false),
            Some(word) if INCREASE.contains(&word) => self.change(true),
            _ => self.amounts(),
        }
    }

    fn activity(&mut self) -> Result<Target, Fault> {
        self.at += 1;
        // The third form is a slip that a plan has printed; it can mean nothing else.
        self.expect_word(&["aktivitet", "aktiviteter", "aktiviteteter"])?;
        Ok(self.empty(Comparator::ActivityDone))
    }

    fn left_open(&mut self) -> Result<Target, Fault> {
        self.take_word(&["målvärde", "mål"]);
        self.expect_word(&["kompletteras", "fastställs", "saknas"])?;
        let mut remark = None;
        if let Some(word @ ("efter" | "under")) = self.peek_word() {
            self.at += 1;
            let year = self.year().ok_or_else(|| self.fault("a year, e.g. `2021`"))?;
            remark = Some(format!("{word} {year}"));
        } else {
            self.take_word(&["senare"]);
        }
        Ok(Target { remark, ..self.empty(Comparator::ToBeSet) })
    }

    fn in_line(&mut self) -> Result<Target, Fault> {
        self.at += 1;
        let is_level = self.peek_word() != Some("jämförelse");
        self.expect_word(&["nivå", "linje", "jämförelse"])?;
        self.expect_word(&["med"])?;
        let baseline = self.baseline()?;
        let comparator = match self.context.direction {
            _ if is_level => Comparator::InLine,
            Direction::Higher => Comparator::Above,
            Direction::Lower => Comparator::Below,
            Direction::None => return Err(self.needs_direction(0..self.end_of_read())),
        };
        Ok(Target { baseline, ..self.empty(comparator) })
    }

    /// `Minska med 20 % mot 2019`, `Minskad användning jämfört med föregående år`.
    fn change(&mut self, is_increase: bool) -> Result<Target, Fault> {
        self.at += 1;
        let takes_number = self.take_word(&["med"]);
        let takes_number = self.take_word(&["minst"]) || takes_number;
        if !takes_number && !matches!(self.peek_kind(), Some(Kind::Number { .. })) {
            let counted = self.noun();
            let baseline = self
                .against()?
                .ok_or_else(|| self.fault("`jämfört med` and what it is compared with"))?;
            let comparator = if is_increase { Comparator::Above } else { Comparator::Below };
            return Ok(Target { baseline, counted, ..self.empty(comparator) });
        }
        let (value, _) = self.number()?;
        let unit = self.unit()?;
        let baseline = match self.against()? {
            Some(baseline) => baseline,
            None if self.context.baseline != Baseline::None => self.context.baseline,
            None => return Err(self.fault("`jämfört med` and what it is compared with")),
        };
        let comparator = if is_increase { Comparator::AtLeast } else { Comparator::AtMost };
        let value = Some(if is_increase { value } else { -value });
        let mut target = Target { value, baseline, ..self.empty(comparator) };
        if let Some(unit) = unit {
            target.unit = unit;
        }
        Ok(target)
    }

    fn amounts(&mut self) -> Result<Target, Fault> {
        let mut amounts = vec![self.amount()?];
        loop {
            let before = self.at;
            let separated = self.take(&Kind::Separator) || self.take_word(&["och"]);
            let ended = matches!(self.peek_kind(), None | Some(Kind::Stop));
            if ended && !separated {
                break;
            }
            if amounts[amounts.len() - 1].level.is_none() {
                self.at = before;
                return Err(self.fault("the end of the text, or a level such as `(RJH)`"));
            }
            amounts.push(self.amount()?);
        }
        self.combine(amounts)
    }

    /// One target out of one amount, or out of several with their levels.
    fn combine(&self, amounts: Vec<Amount>) -> Result<Target, Fault> {
        let mut target: Option<Target> = None;
        for amount in &amounts {
            let one = self.single(amount)?;
            let Some(level) = &amount.level else {
                if amounts.len() > 1 {
                    let expected = "a level such as `(RJH)` after each number";
                    return Err(Fault::new(amount.span.clone(), expected));
                }
                return Ok(one);
            };
            let (Some(value), None) = (one.value, one.upper) else {
                return Err(Fault::new(amount.span.clone(), "one number for the level"));
            };
            let entry = LevelValue { level: level.clone(), value };
            match &mut target {
                None => {
                    target = Some(Target { value: None, levels: vec![entry], ..one });
                }
                Some(whole) => {
                    let alike = whole.comparator == one.comparator
                        && whole.baseline == one.baseline
                        && whole.unit == one.unit;
                    if !alike {
                        let expected = "the same comparison and unit for every level";
                        return Err(Fault::new(amount.span.clone(), expected));
                    }
                    if whole.levels.iter().any(|other| other.level == *level) {
                        let expected = format!("each level once; `{level}` stands twice");
                        return Err(Fault::new(amount.span.clone(), expected));
                    }
                    whole.levels.push(entry);
                }
            }
        }
        target.ok_or_else(|| self.fault("a target"))
    }

    /// What one amount means in this context.
    fn single(&self, amount: &Amount) -> Result<Target, Fault> {
        let is_bare = amount.comparator.is_none();
        let from_plan = match self.context.baseline {
            Baseline::Year(_) | Baseline::PreviousYear => self.context.baseline,
            _ => Baseline::None,
        };
        let inherits = amount.baseline == Baseline::None && (is_bare || amount.is_signed);
        let baseline = if inherits { from_plan } else { amount.baseline };
        let is_zero = amount.value.is_some_and(Decimal::is_zero);
        let is_unsigned = is_bare && !amount.is_signed;
        if self.context.wording == Wording::Reduction {
            return self.reduction(amount, is_unsigned, baseline);
        }
        if is_unsigned && !is_zero && baseline != Baseline::None {
            let expected = "a sign: `-1 %` for a decrease, `+1 %` for an increase";
            return Err(Fault::new(amount.span.clone(), expected));
        }
        let is_strict = self.context.wording == Wording::Strict;
        let comparator = match (amount.comparator, self.context.direction) {
            (Some(comparator), _) => comparator,
            (None, Direction::Higher) if is_strict => Comparator::Above,
            (None, Direction::Lower) if is_strict => Comparator::Below,
            (None, Direction::Higher) => Comparator::AtLeast,
            (None, Direction::Lower) => Comparator::AtMost,
            (None, Direction::None) => return Err(self.needs_direction(amount.span.clone())),
        };
        let unit = amount.unit.clone().unwrap_or_else(|| self.own_unit());
        Ok(Target {
            value: amount.value,
            upper: amount.upper,
            unit,
            baseline,
            counted: amount.counted.clone(),
            remark: amount.remark.clone(),
            ..self.empty(comparator)
        })
    }

    /// A number that the plan means as a reduction and prints without sign.
    fn reduction(
        &self,
        amount: &Amount,
        is_unsigned: bool,
        baseline: Baseline,
    ) -> Result<Target, Fault> {
        let (Some(value), None, true) = (amount.value, amount.upper, is_unsigned) else {
            let expected =
                "one number without sign or comparison, since the plan means a reduction";
            return Err(Fault::new(amount.span.clone(), expected)
                .with_hint("a text that shows its sign needs no such kind in the plan's table"));
        };
        Ok(Target {
            value: Some(-value),
            unit: amount.unit.clone().unwrap_or_else(|| self.own_unit()),
            baseline,
            remark: Some(UNSIGNED_REDUCTION.to_owned()),
            ..self.empty(Comparator::AtMost)
        })
    }

    fn amount(&mut self) -> Result<Amount, Fault> {
        let start = self.peek().map_or(self.characters.len(), |token| token.span.start);
        let mut amount = match self.peek_word() {
            Some(word) if MORE.contains(&word) => self.beyond(Some(Comparator::Above))?,
            Some(word) if LESS.contains(&word) => self.beyond(Some(Comparator::Below))?,
            Some("bättre") => self.beyond(None)?,
            _ => {
                let comparator = self.comparator()?;
                self.quantity(comparator)?
            }
        };
        if let Some(baseline) = self.against()? {
            if amount.value.is_none() {
                self.at -= 1;
                return Err(self.fault("the end of the text: what it is compared with is said"));
            }
            amount.baseline = baseline;
        }
        self.note(&mut amount)?;
        amount.span = start..self.end_of_read();
        Ok(amount)
    }

    /// `Högre än 2021`, `Större andel än 2021`, `Mindre än 20 %`, `Lägre än riket`.
    fn beyond(&mut self, comparator: Option<Comparator>) -> Result<Amount, Fault> {
        let start = self.at;
        self.at += 1;
        let comparator = match (comparator, self.context.direction) {
            (Some(comparator), _) => comparator,
            (None, Direction::Higher) => Comparator::Above,
            (None, Direction::Lower) => Comparator::Below,
            (None, Direction::None) => {
                return Err(self.needs_direction(self.tokens[start].span.clone()));
            }
        };
        let counted = if self.peek_word() == Some("än") { None } else { self.noun() };
        self.expect_word(&["än"])?;
        let before = self.at;
        let followed_by_unit = self.year().is_some()
            && (self.take(&Kind::Percent)
                || self.peek_word().is_some_and(|word| self.is_unit(word)));
        self.at = before;
        let is_number =
            matches!(self.peek_kind(), Some(Kind::Number { .. } | Kind::Dash | Kind::Plus));
        let is_year = self.year().is_some();
        self.at = before;
        if is_number && (!is_year || followed_by_unit) {
            let amount = self.quantity(Some(comparator))?;
            let counted = amount.counted.clone().or(counted);
            return Ok(Amount { counted, ..amount });
        }
        let baseline = self.baseline()?;
        Ok(Amount {
            span: 0..0,
            comparator: Some(comparator),
            is_signed: false,
            value: None,
            upper: None,
            unit: None,
            baseline,
            counted,
            level: None,
            remark: None,
        })
    }

    fn comparator(&mut self) -> Result<Option<Comparator>, Fault> {
        let comparator = match self.peek_kind() {
            Some(Kind::Compare(sign)) => match *sign {
                ">=" => Comparator::AtLeast,
                "<=" => Comparator::AtMost,
                "<" => Comparator::Below,
                ">" => Comparator::Above,
                _ => Comparator::Equal,
            },
            Some(Kind::Word(word)) => match word.as_str() {
                "minst" | "lägst" => Comparator::AtLeast,
                "högst" | "max" | "maximalt" => Comparator::AtMost,
                "under" => Comparator::Below,
                "över" => Comparator::Above,
                "exakt" => Comparator::Equal,
                "mellan" => Comparator::Between,
                _ => {
                    return Err(self.fault(
                        "a number, or a word such as `minst`, `högst`, `högre än`, `i nivå med`, \
                         `genomförd aktivitet`",
                    ));
                }
            },
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(comparator))
    }

    fn quantity(&mut self, comparator: Option<Comparator>) -> Result<Amount, Fault> {
        let start = self.at;
        let (value, is_signed) = self.signed_number()?;
        let mut amount = Amount {
            span: 0..0,
            comparator,
            is_signed,
            value: Some(value),
            upper: None,
            unit: None,
            baseline: Baseline::None,
            counted: None,
            level: None,
            remark: None,
        };
        let is_between = comparator == Some(Comparator::Between);
        let ranged = if is_between {
            self.expect_word(&["och"])?;
            true
        } else {
            self.take(&Kind::Dash) || self.take_word(&["till"])
        };
        if ranged {
            if comparator.is_some() && !is_between {
                self.at = start;
                return Err(self.fault("one number after a comparison, or a range without one"));
            }
            let (upper, _) = self.signed_number()?;
            if upper <= value {
                self.at -= 1;
                return Err(self.fault("an upper end above the lower one"));
            }
            amount.comparator = Some(Comparator::Between);
            amount.upper = Some(upper);
        }
        amount.unit = self.unit()?;
        if amount.unit.as_deref().is_some_and(unit::is_counting) {
            amount.counted = self.counted();
        }
        Ok(amount)
    }

    fn signed_number(&mut self) -> Result<(Decimal, bool), Fault> {
        let is_negative = self.take(&Kind::Dash);
        let is_signed = is_negative || self.take(&Kind::Plus);
        let (value, _) = self.number()?;
        Ok((if is_negative { -value } else { value }, is_signed))
    }

    fn number(&mut self) -> Result<(Decimal, bool), Fault> {
        match self.peek_kind() {
            Some(Kind::Number { value, is_grouped }) => {
                let number = (*value, *is_grouped);
                self.at += 1;
                Ok(number)
            }
            _ => Err(self.fault("a number, e.g. `70` or `4,8`")),
        }
    }

    /// A unit in our spelling, checked against the indicator's; none when no unit follows.
    fn unit(&mut self) -> Result<Option<String>, Fault> {
        let printed = match self.peek_kind() {
            Some(Kind::Percent) => "%".to_owned(),
            Some(Kind::Word(word)) if self.is_unit(word) => word.clone(),
            Some(Kind::Word(word)) if !self.ends_amount(word) => {
                let own = self.context.unit;
                let own = if own.is_empty() { String::new() } else { format!("`{own}`, or ") };
                return Err(self.fault(format!("a unit: {own}{}", unit::examples())));
            }
            _ => return Ok(None),
        };
        let own = self.context.unit;
        if printed == own.to_lowercase() {
            self.at += 1;
            return Ok(Some(self.own_unit()));
        }
        let ours = unit::canonical(&printed).unwrap_or_default();
        let expected = self.own_unit();
        if !expected.is_empty() && expected != ours {
            return Err(self
                .fault(format!("`{expected}`, the unit of the indicator"))
                .with_hint("correct the unit in the plan or in the indicator's definition"));
        }
        self.at += 1;
        Ok(Some(ours.to_owned()))
    }

    fn is_unit(&self, word: &str) -> bool {
        unit::canonical(word).is_some()
            || (!word.is_empty() && word == self.context.unit.to_lowercase())
    }

    /// Words that may follow a number without being its unit.
    fn ends_amount(&self, word: &str) -> bool {
        let follows = ["och", "mot", "sedan", "jämfört", "jmf", "i", "minst", "högst"];
        follows.contains(&word)
    }

    /// The words after `st`, as printed.
    fn counted(&mut self) -> Option<String> {
        let first = self.at;
        while let Some(Kind::Word(word)) = self.peek_kind() {
            if ["mot", "sedan", "jämfört", "jmf"].contains(&word.as_str()) {
                break;
            }
            self.at += 1;
        }
        let last = self.at.checked_sub(1).filter(|last| *last >= first)?;
        Some(self.slice(self.tokens[first].span.start..self.tokens[last].span.end))
    }

    /// One word that says what is compared, as printed.
    fn noun(&mut self) -> Option<String> {
        let token = self.peek()?;
        let Kind::Word(word) = &token.kind else { return None };
        if ["mot", "sedan", "jämfört", "jmf", "i", "än"].contains(&word.as_str()) {
            return None;
        }
        let span = token.span.clone();
        self.at += 1;
        Some(self.slice(span))
    }

    fn against(&mut self) -> Result<Option<Baseline>, Fault> {
        if self.take_word(&["mot", "sedan"]) {
            return self.baseline().map(Some);
        }
        if self.take_word(&["i"]) {
            self.expect_word(&["jämförelse"])?;
        } else if !self.take_word(&["jämfört", "jmf"]) {
            return Ok(None);
        }
        self.expect_word(&["med"])?;
        self.baseline().map(Some)
    }

    fn baseline(&mut self) -> Result<Baseline, Fault> {
        if let Some(year) = self.year() {
            return Ok(Baseline::Year(year));
        }
        if self.take_word(&["föregående"]) {
            self.expect_word(&["år"])?;
            return Ok(Baseline::PreviousYear);
        }
        if self.take_word(&["riket", "nationen"]) {
            return Ok(Baseline::Nation);
        }
        if self.take_word(&["startvärdet", "utgångsvärdet", "startvärde", "utgångsvärde"]) {
            return Ok(Baseline::StartValue);
        }
        let before = self.at;
        self.take_word(&["den", "det"]);
        if self.take_word(&["nationell", "nationella"]) {
            self.noun();
            return Ok(Baseline::Nation);
        }
        self.at = before;
        Err(self.fault(
            "what it is compared with: a year, `föregående år`, `riket`, \
             `nationella utvecklingen` or `startvärdet`",
        ))
    }

    /// Four plain digits between 1900 and 2199.
    fn year(&mut self) -> Option<i16> {
        let Some(Kind::Number { value, is_grouped: false }) = self.peek_kind() else { return None };
        let year = i16::try_from(value.units()).ok()?;
        if value.scale() != 0 || !(1900..=2199).contains(&year) {
            return None;
        }
        self.at += 1;
        Some(year)
    }

    fn note(&mut self, amount: &mut Amount) -> Result<(), Fault> {
        if !self.take(&Kind::Open) {
            return Ok(());
        }
        let Some(token) = self.peek() else {
            return Err(self.fault("a level such as `RJH`, or `nationellt mål`"));
        };
        let printed = self.slice(token.span.clone());
        let is_level = (2..=4).contains(&printed.chars().count())
            && printed.chars().all(|c| c.is_alphabetic() && c.is_uppercase());
        if is_level {
            self.at += 1;
            amount.level = Some(printed);
        } else if self.take_word(&["nationellt"]) {
            self.expect_word(&["mål", "målvärde"])?;
            amount.remark = Some("nationellt mål".to_owned());
        } else {
            return Err(self.fault("a level such as `RJH`, or `nationellt mål`"));
        }
        if !self.take(&Kind::Close) {
            return Err(self.fault("`)`"));
        }
        Ok(())
    }

    fn empty(&self, comparator: Comparator) -> Target {
        let is_number = !matches!(comparator, Comparator::ActivityDone | Comparator::ToBeSet);
        Target {
            printed: String::new(),
            comparator,
            value: None,
            upper: None,
            unit: if is_number { self.own_unit() } else { String::new() },
            levels: Vec::new(),
            baseline: Baseline::None,
            counted: None,
            remark: None,
        }
    }

    fn own_unit(&self) -> String {
        let own = self.context.unit;
        unit::canonical(own).unwrap_or(own).to_owned()
    }

    fn needs_direction(&self, span: Range<usize>) -> Fault {
        Fault::new(span, "a comparison such as `minst` or `högst`")
            .with_hint("the indicator has no direction, so a bare number could mean either way")
    }
}

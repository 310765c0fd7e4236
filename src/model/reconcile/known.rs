//! What the ledger knows by query and by notification, beside what the sides say: it makes a difference certain, explains
//! it, or shows that it is none; and it stands in for the merchant's orders where these are missing.

use super::outcome::{Found, text};
use super::row::BookEntry;
use super::{
    AskKnown, BookSide, BookState, Confidence, DifferenceClass, KnownMovement, Movement, Reconciliation, RowVerdict,
    WhyDifferent,
};
use crate::model::time::beijing_day;

/// How many numbers are asked about at once.
const AT_ONCE: usize = 1000;

impl Reconciliation {
    /// Weighs what is known of the numbers that differ, and of those that nothing else was compared with.
    pub(super) fn weigh(&mut self, ask: &mut AskKnown<'_>) {
        self.weigh_found(ask);
        if self.books.orders.is_none() {
            self.stand_in(ask);
        }
    }

    fn weigh_found(&mut self, ask: &mut AskKnown<'_>) {
        let key = |found: &Found| self.subject(found).map(|row| (row.movement(), text(row.number())));
        let keys: Vec<_> = self.found.iter().map(key).collect();
        let known = ask_all(keys.iter().flatten().cloned(), ask);
        let mut known = known.into_iter();
        let mut kept = Vec::with_capacity(self.found.len());
        for (mut found, key) in std::mem::take(&mut self.found).into_iter().zip(keys) {
            let answer = key.as_ref().and_then(|_| known.next()).flatten();
            let (Some(answer), Some(key)) = (answer, key) else {
                kept.push(found);
                continue;
            };
            match self.weighed(&found, &answer) {
                Weighed::Agrees(verdict) => self.agree(&found, verdict),
                Weighed::Differs(why, confidence) => {
                    (found.why, found.confidence) = (why, confidence);
                    kept.push(found);
                }
            }
            self.known.insert(key, answer);
        }
        self.found = kept;
    }

    fn weighed(&self, found: &Found, known: &KnownMovement) -> Weighed {
        use BookState as S;
        let same = Weighed::Differs(found.why, found.confidence);
        let certain = Weighed::Differs(found.why, Confidence::Certain);
        let Some(row) = self.subject(found) else { return same };
        let amounts = known.amount.is_none_or(|amount| amount.minor == row.amount().saturating_abs());
        let elsewhere = known.at.is_none_or(|at| !self.period.contains(beijing_day(at)));
        let paid = matches!(known.state, S::Paid | S::Refunded);
        match (found.class, row.movement()) {
            // It was paid on another day, and is in the bill of that one.
            (DifferenceClass::Shortage, Movement::Payment) if paid && amounts && elsewhere => {
                Weighed::Agrees(RowVerdict::AcrossDays)
            }
            (DifferenceClass::Shortage, Movement::Payment) if paid => {
                Weighed::Differs(WhyDifferent::QueryShows, Confidence::Certain)
            }
            (DifferenceClass::Shortage, Movement::Payment) => {
                let after = row.at().is_none_or(|at| known.verified_at >= at);
                if after { certain } else { same }
            }
            // A bill lists a refund on the day that it was accepted, a merchant often on the day that it arrived.
            (DifferenceClass::Shortage, Movement::Refund) => match known.state {
                S::Refunded | S::RefundPending if amounts => Weighed::Agrees(RowVerdict::AcrossDays),
                S::RefundFailed | S::Closed => certain,
                S::Refunded | S::RefundPending | S::Paid | S::Unpaid | S::Reversed | S::Unsaid => same,
            },
            // The state of a refund in a bill is that of its acceptance.
            (DifferenceClass::State, Movement::Refund) => match known.state {
                S::Refunded => Weighed::Agrees(RowVerdict::Matched),
                S::RefundFailed | S::Closed => certain,
                S::RefundPending | S::Paid | S::Unpaid | S::Reversed | S::Unsaid => same,
            },
            (DifferenceClass::Surplus, _) if paid && amounts => certain,
            _ => same,
        }
    }

    fn agree(&mut self, found: &Found, verdict: RowVerdict) {
        let Found { trade, orders, flow, .. } = *found;
        for (side, place) in [(BookSide::Trade, trade), (BookSide::Orders, orders), (BookSide::Flow, flow)] {
            let of_side = self.verdicts[side as usize].get_mut(place as usize);
            if let Some(current) = of_side.filter(|current| **current == RowVerdict::Differs(found.class)) {
                *current = verdict;
            }
        }
    }

    /// Compares the trade bill with what is known, where there are no orders.
    fn stand_in(&mut self, ask: &mut AskKnown<'_>) {
        let Some(trade) = &self.books.trade else { return };
        let verdicts = &self.verdicts[BookSide::Trade as usize];
        let alone = trade.iter().zip(verdicts);
        let alone: Vec<u32> = alone
            .filter(|(row, verdict)| {
                let agreed = matches!(verdict, RowVerdict::NotCompared | RowVerdict::Matched);
                row.is_within() && agreed && !row.is_reversal() && !row.number().is_empty()
            })
            .map(|(row, _)| row.place)
            .collect();
        for places in alone.chunks(AT_ONCE) {
            let keys: Vec<_> = places.iter().filter_map(|place| self.books.row(BookSide::Trade, *place)).collect();
            let keys: Vec<_> = keys.iter().map(|row| (row.movement(), text(row.number()))).collect();
            let answers = ask(&keys);
            for ((place, key), known) in places.iter().zip(keys).zip(answers) {
                let Some((known, row)) = known.zip(self.books.row(BookSide::Trade, *place)) else { continue };
                let Some(problem) = compared(&row, &known) else { continue };
                let (class, found) = match problem {
                    Ok(()) => {
                        self.verdicts[BookSide::Trade as usize][*place as usize] = RowVerdict::Matched;
                        continue;
                    }
                    Err((class, amount)) => {
                        let (why, confidence) = (WhyDifferent::QueryShows, Confidence::Certain);
                        let none = super::outcome::NONE;
                        let found = Found {
                            class,
                            why,
                            confidence,
                            secondary: false,
                            amount,
                            trade: *place,
                            orders: none,
                            flow: none,
                        };
                        (class, found)
                    }
                };
                self.verdicts[BookSide::Trade as usize][*place as usize] = RowVerdict::Differs(class);
                self.found.push(found);
                self.known.insert(key, known);
            }
        }
    }
}

/// What becomes of a difference.
enum Weighed {
    Agrees(RowVerdict),
    Differs(WhyDifferent, Confidence),
}

/// A row of the bill beside what is known; `None` if that says nothing about it.
fn compared(row: &BookEntry<'_>, known: &KnownMovement) -> Option<Result<(), (DifferenceClass, i64)>> {
    use BookState as S;
    if row.at().is_some_and(|at| known.verified_at < at) {
        return None;
    }
    let agrees = match row.movement() {
        Movement::Payment => matches!(known.state, S::Paid | S::Refunded),
        Movement::Refund if row.state() == S::RefundFailed => true,
        Movement::Refund => matches!(known.state, S::Refunded | S::RefundPending),
        Movement::Reversal | Movement::Other => return None,
    };
    if known.state == S::Unsaid {
        return None;
    }
    if !agrees {
        return Some(Err((DifferenceClass::State, row.amount())));
    }
    let known = known.amount?;
    let off = row.amount().saturating_abs().saturating_sub(known.minor);
    match off == 0 && known.currency == row.currency() {
        true => Some(Ok(())),
        false => Some(Err((DifferenceClass::Amount, if row.amount() < 0 { off.saturating_neg() } else { off }))),
    }
}

fn ask_all(keys: impl Iterator<Item = (Movement, String)>, ask: &mut AskKnown<'_>) -> Vec<Option<KnownMovement>> {
    let keys: Vec<_> = keys.collect();
    keys.chunks(AT_ONCE)
        .flat_map(|keys| {
            let mut answers = ask(keys);
            answers.resize(keys.len(), None);
            answers
        })
        .collect()
}

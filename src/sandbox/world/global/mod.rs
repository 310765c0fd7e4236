//! WeChat Pay Global (境外支付): merchants outside the mainland who are paid in their own currencies by users who pay in
//! theirs. It is independent of the mainland's world: it has its own objects, random generator and agenda, and shares
//! only the gateway (Global reference §14).

mod creation;
mod market;
mod order;
mod party;
mod refund;
mod seed;
mod settlement;
mod statement;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::store::ObjectStore;
use super::{Call, UserError};
use crate::model::Kind;
use crate::model::time::Timestamp;
use crate::sandbox::notice::Notice;
use order::GlobalOrder;
use refund::GlobalRefund;

pub(in crate::sandbox) use party::Party;
pub(in crate::sandbox) use refund::End;

/// The orders and refunds of one merchant.
#[derive(Debug, Default)]
struct Books {
    orders: ObjectStore<GlobalOrder>,
    refunds: ObjectStore<GlobalRefund>,
    /// From WeChat Pay's own numbers to the merchant's.
    transaction_ids: HashMap<String, String>,
    refund_ids: HashMap<String, String>,
    /// An order's refunds, oldest first.
    refunds_by_order: HashMap<String, Vec<String>>,
    /// Numbers created since the gateway last took them.
    new_numbers: Vec<(Kind, String)>,
}

/// A change that comes due at a time. Whether it still applies to the object is checked then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// An order's `time_expire`, or two hours after it was placed.
    Unpaid(String),
    /// The password was not entered at the till.
    Till(String),
    /// The end of a refund's processing.
    Refund(String),
}

/// All objects of the Global merchants.
#[derive(Debug)]
pub(in crate::sandbox) struct Global {
    books: [Books; 2],
    rng: StdRng,
    agenda: BTreeSet<(Timestamp, Party, Due)>,
    notices: Vec<Notice>,
    /// Where events are sent.
    notify_url: String,
    /// Both merchants' accounts are empty: nothing can be refunded.
    short_of_money: bool,
    /// The number of objects up to which users create more.
    bound: usize,
    /// Counts the shops' own numbers.
    serial: u64,
}

impl Global {
    pub(super) fn empty(seed: u64, notify_url: &str) -> Self {
        Self {
            books: Default::default(),
            // Not the mainland's generator, so that the mainland's world does not depend on this one.
            rng: StdRng::seed_from_u64(seed ^ 0x0061_0ba1),
            agenda: BTreeSet::new(),
            notices: Vec::new(),
            notify_url: notify_url.to_owned(),
            short_of_money: false,
            bound: 0,
            serial: 0,
        }
    }

    fn books(&self, party: Party) -> &Books {
        &self.books[party as usize]
    }

    fn books_mut(&mut self, party: Party) -> &mut Books {
        &mut self.books[party as usize]
    }

    /// Applies everything that was due by `now`, in order.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while let Some((at, ..)) = self.agenda.first()
            && *at <= now
            && let Some((at, party, due)) = self.agenda.pop_first()
        {
            match due {
                Due::Unpaid(number) => self.expire(party, &number),
                Due::Till(number) => self.reverse_at_till(party, &number),
                Due::Refund(number) => self.settle_refund(party, &number, at),
            }
        }
    }

    fn schedule(&mut self, at: Timestamp, party: Party, due: Due) {
        self.agenda.insert((at, party, due));
    }

    /// When something is due next.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, ..)| *at)
    }

    /// The events since the last call, oldest first.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The numbers created for a merchant since the last call, oldest first.
    pub(super) fn take_new_numbers(&mut self, party: Party) -> Vec<(Kind, String)> {
        std::mem::take(&mut self.books_mut(party).new_numbers)
    }

    /// Empties or refills the merchants' accounts.
    pub(in crate::sandbox) fn set_short_of_money(&mut self, short: bool) {
        self.short_of_money = short;
    }

    fn len(&self) -> usize {
        self.books.iter().map(|books| books.orders.len() + books.refunds.len()).sum()
    }

    /// The merchant whose object has the number.
    fn party_of<T>(&self, number: &str, store: fn(&Books) -> &ObjectStore<T>) -> Result<Party, UserError> {
        let has = |party: &Party| store(self.books(*party)).get(number).is_some();
        Party::ALL.into_iter().find(has).ok_or_else(|| UserError::Unknown(number.to_owned()))
    }
}

//! WeChat Pay Global (境外支付): merchants outside the mainland who are paid in their own currencies by users who pay in
//! theirs. It stands beside the mainland's world and shares nothing with it but the gateway: its own books, its own
//! chance, its own times (Global reference §14).

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

use super::store::Store;
use super::{Call, UserError};
use crate::sandbox::notice::Notice;
use crate::model::time::Timestamp;
use crate::model::{EndpointId, Kind};
use crate::sandbox::answer::{Code, Outcome, Refusal};
use order::Order;
use refund::Refund;

pub(in crate::sandbox) use party::Party;
pub(in crate::sandbox) use refund::End;

/// What one merchant sold and gave back.
#[derive(Debug, Default)]
struct Books {
    orders: Store<Order>,
    refunds: Store<Refund>,
    /// WeChat Pay's own numbers, to the merchant's.
    transaction_ids: HashMap<String, String>,
    refund_ids: HashMap<String, String>,
    /// An order's refunds, oldest first.
    refunds_by_order: HashMap<String, Vec<String>>,
    /// Created since the gateway last asked.
    new_numbers: Vec<(Kind, String)>,
}

/// Something that comes due at a time. What has happened to the object meanwhile is looked at then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// An order's `time_expire`, or two hours after it was placed.
    Unpaid(String),
    /// Nobody typed the password at the till.
    Till(String),
    /// The end of a refund's way.
    Refund(String),
}

/// Everything there is outside the mainland.
#[derive(Debug)]
pub(in crate::sandbox) struct Global {
    books: [Books; 2],
    rng: StdRng,
    agenda: BTreeSet<(Timestamp, Party, Due)>,
    notices: Vec<Notice>,
    /// Where the shops want to be told.
    notify_url: String,
    /// Both merchants' accounts are empty: nothing can be refunded.
    short_of_money: bool,
    /// How many objects the users may bring the books to.
    bound: usize,
    /// Counts the shops' own numbers.
    serial: u64,
}

impl Global {
    pub(super) fn empty(seed: u64, notify_url: &str) -> Self {
        Self {
            books: Default::default(),
            // Another chance than the mainland's, which stays as it is without this world.
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

    pub(super) fn handle(&mut self, party: Party, call: &Call, now: Timestamp) -> Outcome {
        self.advance(now);
        match call.endpoint {
            EndpointId::GlobalApp | EndpointId::GlobalJsapi | EndpointId::GlobalNative | EndpointId::GlobalH5 => {
                self.place(party, call, now)
            }
            EndpointId::GlobalById | EndpointId::GlobalByNumber => self.query(party, call),
            EndpointId::GlobalClose | EndpointId::GlobalCloseById => self.close(party, call, now),
            EndpointId::GlobalRefundCreate => self.give_back(party, call, now),
            EndpointId::GlobalRefundById | EndpointId::GlobalRefundByNumber => self.query_refund(party, call),
            EndpointId::GlobalRefundList => self.list_refunds(party, call),
            EndpointId::GlobalStatement => self.statement(party, call, now),
            EndpointId::GlobalSettlements => self.settlements(party, call, now),
            EndpointId::GlobalCertificates => {
                Err(Refusal::new(Code::ResourceNotExists, "证书不存在", "there is no certificate"))
            }
            _ => Err(Refusal::overseas()),
        }
    }

    /// Lets everything happen that was due by `now`, in order.
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

    /// What there is to tell since the last call, oldest first.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// The numbers a merchant's objects were given since the last call, oldest first.
    pub(super) fn take_new_numbers(&mut self, party: Party) -> Vec<(Kind, String)> {
        std::mem::take(&mut self.books_mut(party).new_numbers)
    }

    /// Empties the merchants' accounts, or fills them again.
    pub(in crate::sandbox) fn set_short_of_money(&mut self, short: bool) {
        self.short_of_money = short;
    }

    fn len(&self) -> usize {
        self.books.iter().map(|books| books.orders.len() + books.refunds.len()).sum()
    }

    /// Whose object has the number.
    fn party_of<T>(&self, number: &str, store: fn(&Books) -> &Store<T>) -> Result<Party, UserError> {
        let has = |party: &Party| store(self.books(*party)).get(number).is_some();
        Party::ALL.into_iter().find(has).ok_or_else(|| UserError::Unknown(number.to_owned()))
    }
}

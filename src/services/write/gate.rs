//! The only gate: every write passes it, from every caller and whatever the screen showed. It checks in this order:
//! read-only, the rules of the profile, how it was confirmed, legality by the latest document. Then it commits the intent
//! to the journal: at most one open intent per object across all processes, and for actions that are done only once no
//! second one of the same intention.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::ledger::{Ending, Fresh, IntendError, Intent, JournalEntry, JournalSearch, Ledger, LedgerError, OpenIntent};
use crate::model::action::{ActionId, Confirmed, Evidence, Illegal, Operation, RawObject, Repetition, Write, evidence};
use crate::model::{Entity, ObjectId};
use crate::services::{Actor, Became, Denial, Earlier, Runner};

/// How many entries of an object are searched for its creation.
const REPEATED_WITHIN: usize = 50;

/// How a write passed the gate.
pub(crate) enum Passage {
    /// Under a new entry of the journal.
    New(i64),
    /// As the request of an open entry, which is sent again under its own number.
    Again(Box<OpenIntent>),
}

impl Actor {
    /// What forbids a write whatever its object's state; `objects` is the size of a bulk action. Checked by the gate,
    /// and by callers that report it before they ask for a confirmation.
    pub(crate) fn permits(&self, write: Write<'_>, objects: usize) -> Result<(), Denial> {
        if self.read_only {
            return Err(Denial::ReadOnly);
        }
        self.rules.judge(write, objects).map_err(|broken| Denial::Rule { broken, profile: self.profile.clone() })
    }
}

impl Runner {
    /// Lets a write pass, or returns why not; ends with the intent in the journal. The type proves that it was
    /// confirmed as its risk demands; where money is real, the gate demands that it was typed or given by a flag.
    pub(crate) async fn pass(&self, confirmed: Confirmed<Write<'_>>) -> Result<Passage, Denial> {
        let write = *confirmed.what();
        self.actor.permits(write, confirmed.objects())?;
        if !self.actor.accepts(confirmed.by()) {
            return Err(Denial::NotTyped);
        }
        let object = self.object_of(write).await?;
        // An entry that an earlier run left open is settled first; then it may pass, and everything is checked again.
        let barred = match self.try_intend(&confirmed, object.as_ref()).await {
            Ok(journal) => return Ok(Passage::New(journal)),
            Err(barred) => barred,
        };
        let journal = match &barred {
            Denial::Busy { journal } => *journal,
            Denial::Repeated(earlier) => match (earlier.became, earlier.journal) {
                (Became::Unknown, Some(journal)) => journal,
                (Became::Unknown, None) | (Became::Done | Became::UnderWay, _) => return Err(barred),
            },
            Denial::ReadOnly
            | Denial::Rule { .. }
            | Denial::NotTyped
            | Denial::Illegal(_)
            | Denial::SameRequest { .. }
            | Denial::NumberTaken { .. }
            | Denial::Journal(_) => return Err(barred),
        };
        match (self.resolve_one(journal).await, barred) {
            (Some(Ending::Done), Denial::Repeated(earlier)) if !earlier.is_besides(write) => {
                let found = self.earlier_of(journal).await.ok().flatten();
                Err(Denial::Repeated(found.map_or(earlier, Box::new)))
            }
            // It was confirmed before it was known that the earlier action had taken effect.
            (Some(Ending::Done), _) => Err(Denial::Illegal(Illegal("illegal-overtaken"))),
            (Some(_), _) => self.try_intend(&confirmed, object.as_ref()).await.map(Passage::New),
            (None, Denial::Repeated(earlier))
                if earlier.action.action().may_be_sent_again() && !earlier.is_besides(write) =>
            {
                self.pass_again(journal, earlier).await
            }
            (None, barred) => Err(barred),
        }
    }

    /// An unknown outcome whose object shows nothing (yet) is settled under the same number: the exact request of the
    /// journal is sent again.
    async fn pass_again(&self, journal: i64, earlier: Box<Earlier>) -> Result<Passage, Denial> {
        let unreadable = |error| Denial::Journal(Arc::new(error));
        let (profile, platform_at) = (self.actor.key.clone(), self.client.platform_now());
        let claimed = move |ledger: &Ledger| {
            let open = ledger.open_intents(&profile)?.into_iter().find(|open| open.id == journal);
            match open.filter(|open| !ledger.is_under_way(open)) {
                Some(open) if ledger.send_again(journal, OffsetDateTime::now_utc(), platform_at)? => Ok(Some(open)),
                _ => Ok(None),
            }
        };
        match self.ledger.run(claimed).await.map_err(unreadable)? {
            Some(open) => Ok(Passage::Again(Box::new(open))),
            None => Err(Denial::Repeated(earlier)),
        }
    }

    /// The object that a write is about. A raw refund names it in its body only, perhaps by WeChat Pay's number; a raw
    /// close of a Global transaction may name it in its path by that number.
    pub(crate) async fn object_of(&self, write: Write<'_>) -> Result<Option<ObjectId>, Denial> {
        let object = write.object();
        let (Write::Raw(raw), None) = (write, &object) else { return Ok(object) };
        let Some(action) = raw.action().map(ActionId::action).filter(|one| !one.is_creation()) else {
            return Ok(None);
        };
        let unknown = || Denial::Illegal(Illegal("illegal-raw-unknown"));
        let Some(named) = raw.named() else {
            return if action.raw_object == RawObject::Known { Err(unknown()) } else { Ok(None) };
        };
        let (profile, text) = (self.actor.key.clone(), named.as_str().to_owned());
        let found = self.ledger.run(move |ledger| ledger.find(&profile, &text)).await;
        let found = found.map_err(|error| Denial::Journal(Arc::new(error)))?;
        let found = found.into_iter().map(|known| known.id).find(|id| id.kind == action.kind);
        match (found, action.raw_object) {
            (Some(found), _) => Ok(Some(found)),
            (None, RawObject::Known) => Err(unknown()),
            (None, RawObject::AsNamed) => Ok(Some(ObjectId::new(action.kind, named))),
            (None, RawObject::IfKnown) => Ok(None),
        }
    }

    /// Checks against what is known now, and commits the intent.
    async fn try_intend(&self, confirmed: &Confirmed<Write<'_>>, object: Option<&ObjectId>) -> Result<i64, Denial> {
        let write = *confirmed.what();
        let unreadable = |error| Denial::Journal(Arc::new(error));
        let latest = match object {
            Some(id) => self.known(id).await.map_err(unreadable)?,
            None => None,
        };
        // The object may have changed since the confirmation: check against the latest document in the ledger.
        if let (Write::Operation(operation), Some(fresh)) = (write, &latest)
            && !operation.action.action().is_creation()
        {
            operation
                .action
                .action()
                .legal(&fresh.object.entity, OffsetDateTime::now_utc())
                .map_err(Denial::Illegal)?;
        }
        // A creation under a number that already stands for something would be answered as if it were made. An
        // identical request is an exception: it returns a new code or link for the existing object (protocol reference
        // §13).
        if let Write::Operation(operation) = write
            && operation.action.action().makes_object()
            && let Some(known) = self.known(&operation.outcome_object).await.map_err(unreadable)?
        {
            if operation.action.action().is_once() {
                return Err(self.number_used(operation, &known).await.map_err(unreadable)?);
            }
            if !self.is_repeated(operation).await.map_err(unreadable)? {
                return Err(number_taken(&known));
            }
        }
        let (method, target, body) = match write {
            Write::Operation(operation) => (operation.endpoint.endpoint().method, &*operation.target, &*operation.body),
            Write::Raw(raw) => (raw.method(), raw.target(), raw.body()),
        };
        let latest = latest.map(|fresh| (fresh.object.entity.state().code, fresh.object.raw.to_string()));
        let (state, seen, replaces) = match write {
            Write::Operation(operation) => (operation.before.clone(), operation.seen, operation.replaces.clone()),
            Write::Raw(_) => (latest.as_ref().map(|(state, _)| state.clone()).unwrap_or_default(), None, None),
        };
        let intent = Intent {
            at: OffsetDateTime::now_utc(),
            platform_at: self.client.platform_at_the_latest(),
            operator: self.actor.operator.clone(),
            profile: self.actor.key.clone(),
            mchid: self.client.mchid().as_str().to_owned(),
            action: write.name().name(),
            object: object.cloned(),
            method,
            target: target.to_owned(),
            body: body.to_owned(),
            state,
            before: replaces.or(latest.map(|(_, document)| document)),
            seen,
            confirmed: confirmed.by(),
            objects: confirmed.objects(),
            reason: write.reason().map(str::to_owned),
            once: match write {
                Write::Operation(operation) => operation.action.action().is_once().then(|| self.once(operation.again)),
                Write::Raw(_) => None,
            },
        };
        self.intend(intent, write).await
    }

    /// What a number that is already known stands for: the same thing, which is shown and not made again, or another.
    async fn number_used(&self, operation: &Operation, known: &Fresh) -> Result<Denial, LedgerError> {
        if evidence(operation.action, &operation.body, &known.object.entity) != Evidence::Effect {
            return Ok(number_taken(known));
        }
        let same = Operation { again: Repetition::Yes, ..operation.clone() };
        let earlier = self.earlier(&same).await?.unwrap_or_else(|| Earlier::shown(operation, known));
        Ok(Denial::Repeated(Box::new(earlier)))
    }

    /// Whether the journal holds the identical request, and it was not refused.
    async fn is_repeated(&self, operation: &Operation) -> Result<bool, LedgerError> {
        let (profile, operation) = (self.actor.key.clone(), operation.clone());
        let repeated = move |ledger: &Ledger| {
            let search = JournalSearch {
                profile: Some(&profile),
                object: Some(&operation.object),
                limit: REPEATED_WITHIN,
                ..JournalSearch::default()
            };
            let same = |entry: &JournalEntry| {
                entry.ending() != Some(Ending::Refused)
                    && entry.intent.action == operation.action.action().name()
                    && entry.intent.target == operation.target
                    && entry.intent.body == operation.body
            };
            Ok(ledger.journal_entries(&search)?.iter().any(same))
        };
        self.ledger.run(repeated).await
    }

    /// Commits an intent. Without it nothing is sent, and each object has at most one that is open.
    async fn intend(&self, intent: Intent, write: Write<'_>) -> Result<i64, Denial> {
        let ledger = self.ledger.clone();
        let written = tokio::task::spawn_blocking(move || ledger.intend(&intent)).await;
        let (bars, busy) = match written.unwrap_or(Err(LedgerError::Thread.into())) {
            Ok(journal) => return Ok(journal),
            Err(IntendError::Repeated(journal)) => (journal, false),
            Err(IntendError::Busy(journal)) => (journal, true),
            Err(IntendError::SameRequest(journal)) => return Err(Denial::SameRequest { journal }),
            Err(IntendError::Overtaken(_)) => return Err(Denial::Illegal(Illegal("illegal-overtaken"))),
            Err(IntendError::Ledger(error)) => return Err(Denial::Journal(Arc::new(self.ledger.named(error)))),
        };
        let earlier = self.earlier_of(bars).await.map_err(|error| Denial::Journal(Arc::new(error)))?;
        // The open entry of the object may be this same action.
        let same = |earlier: &Earlier| match write {
            Write::Operation(operation) => earlier.is_of(operation),
            Write::Raw(_) => false,
        };
        match earlier {
            Some(earlier) if !busy || same(&earlier) => Err(Denial::Repeated(Box::new(earlier))),
            _ => Err(Denial::Busy { journal: bars }),
        }
    }
}

/// What a number stands for that the request wanted to use for something else.
fn number_taken(known: &Fresh) -> Denial {
    let (entity, is) = (&known.object.entity, known.object.id.clone());
    let of = match &**entity {
        Entity::Refund(refund) => refund.out_trade_no.clone().or_else(|| refund.transaction_id.clone()),
        _ => None,
    };
    Denial::NumberTaken { is, amount: entity.amount(), of }
}

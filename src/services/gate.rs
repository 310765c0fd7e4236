//! The one gate: every write passes it, whoever asks and whatever the screen showed. In this order: read-only, the
//! rules of the profile, the confirmation, legality by the latest document, and the intent in the journal, of which
//! one object has no more than one open across all processes.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{Actor, Denial, Runner};
use crate::ledger::{Ending, IntendError, Intent, JournalEntry, JournalSearch, Ledger, LedgerError};
use crate::model::ObjectId;
use crate::model::action::{ActionId, Confirmed, Illegal, Operation, Write};

/// Entries of an object among which its creation is looked for.
const REPEATED_WITHIN: usize = 50;

impl Actor {
    /// What forbids a write whatever its object's state; one of so many in a bulk action. The gate asks here, and so
    /// does whoever wants to tell it before asking for a confirmation.
    pub fn permits(&self, write: Write<'_>, objects: usize) -> Result<(), Denial> {
        if self.read_only {
            return Err(Denial::ReadOnly);
        }
        self.rules.judge(write, objects).map_err(|broken| Denial::Rule { broken, profile: self.profile.clone() })
    }
}

impl Runner {
    /// Lets a write pass, or says why not; ends with the intent in the journal. That it was confirmed, and as its
    /// risk demands, is told by its type.
    pub(super) async fn pass(&self, confirmed: Confirmed<Write<'_>>) -> Result<i64, Denial> {
        let write = *confirmed.what();
        self.actor.permits(write, confirmed.objects())?;
        let object = self.object_of(write).await?;
        // An entry that an earlier run left open is settled first; then there may be room, and all is judged anew.
        let journal = match self.try_intend(&confirmed, object.as_ref()).await {
            Err(Denial::Busy { journal }) => journal,
            passed => return passed,
        };
        match self.resolve_one(journal).await {
            // Whoever confirmed did not know that the earlier action had its effect: a refund would go out a second time.
            Some(Ending::Done) => Err(Denial::Illegal(Illegal("illegal-overtaken"))),
            Some(_) => self.try_intend(&confirmed, object.as_ref()).await,
            None => Err(Denial::Busy { journal }),
        }
    }

    /// The object that a write is about. A raw refund names it in its body only, perhaps by WeChat Pay's number; a raw
    /// close abroad may name it in its path by that.
    pub(super) async fn object_of(&self, write: Write<'_>) -> Result<Option<ObjectId>, Denial> {
        let object = write.object();
        let (Write::Raw(raw), None) = (write, &object) else { return Ok(object) };
        let Some(action) = raw.action().map(ActionId::action).filter(|one| !one.is_creation()) else {
            return Ok(None);
        };
        let unknown = || Denial::Illegal(Illegal("illegal-raw-unknown"));
        let is_refund = action.id == ActionId::TransactionRefund;
        let Some(named) = raw.named() else { return if is_refund { Err(unknown()) } else { Ok(None) } };
        let (profile, text) = (self.actor.key.clone(), named.as_str().to_owned());
        let found = self.ledger.run(move |ledger| ledger.find(&profile, &text)).await;
        let found = found.map_err(|error| Denial::Journal(Arc::new(error)))?;
        match found.into_iter().map(|known| known.id).find(|id| id.kind == action.kind) {
            None if is_refund => Err(unknown()),
            found => Ok(found),
        }
    }

    /// Judges by what is known now, and commits the intent.
    async fn try_intend(&self, confirmed: &Confirmed<Write<'_>>, object: Option<&ObjectId>) -> Result<i64, Denial> {
        let write = *confirmed.what();
        let unreadable = |error| Denial::Journal(Arc::new(error));
        let latest = match object {
            Some(id) => self.known(id).await.map_err(unreadable)?,
            None => None,
        };
        // What was confirmed may have been overtaken: judge by the latest document in the ledger.
        if let (Write::Operation(operation), Some(fresh)) = (write, &latest)
            && !operation.action.action().is_creation()
        {
            operation
                .action
                .action()
                .legal(&fresh.object.entity, OffsetDateTime::now_utc())
                .map_err(Denial::Illegal)?;
        }
        // What is to be made under a number that already stands for something would be answered as if it were made.
        // The very same request again is no such thing: it brings a new code or link for what is there already
        // (protocol reference §13).
        if let Write::Operation(operation) = write
            && operation.action.action().makes.is_some()
            && operation.action != ActionId::StockCallback
            && self.known(&operation.witness).await.map_err(unreadable)?.is_some()
            && !self.is_repeated(operation).await.map_err(unreadable)?
        {
            return Err(Denial::Illegal(Illegal("illegal-number-used")));
        }
        let (method, target, body) = match write {
            Write::Operation(operation) => (operation.endpoint.endpoint().method, &*operation.target, &*operation.body),
            Write::Raw(raw) => (raw.method(), raw.target(), raw.body()),
        };
        let (state, seen) = match write {
            Write::Operation(operation) => (operation.before.clone(), operation.seen),
            Write::Raw(_) => (latest.as_ref().map(|fresh| fresh.object.entity.state().code).unwrap_or_default(), None),
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
            before: latest.map(|fresh| fresh.object.raw.to_string()),
            seen,
            confirmed: confirmed.by(),
            objects: confirmed.objects(),
            reason: write.reason().map(str::to_owned),
        };
        self.intend(intent).await
    }

    /// Whether the journal holds the very request, and it was not refused. A refund is never asked for twice: it has
    /// nothing to bring.
    async fn is_repeated(&self, operation: &Operation) -> Result<bool, LedgerError> {
        if operation.action == ActionId::TransactionRefund {
            return Ok(false);
        }
        let (profile, operation) = (self.actor.key.clone(), operation.clone());
        let repeated = move |ledger: &Ledger| {
            let search = JournalSearch {
                profile: Some(&profile),
                object: Some(&operation.object),
                limit: REPEATED_WITHIN,
                ..JournalSearch::default()
            };
            let same = |entry: &JournalEntry| {
                let refused = entry.settlements.last().is_some_and(|end| end["outcome"] == "refused");
                let text = |name: &str| entry.intent[name].as_str().unwrap_or_default().to_owned();
                !refused
                    && text("action") == operation.action.action().name()
                    && text("target") == operation.target
                    && text("body") == operation.body
            };
            Ok(ledger.journal_entries(&search)?.iter().any(same))
        };
        self.ledger.run(repeated).await
    }

    /// Commits an intent. Without it nothing is sent, and of one object only one is open at a time.
    async fn intend(&self, intent: Intent) -> Result<i64, Denial> {
        let ledger = self.ledger.clone();
        let written = tokio::task::spawn_blocking(move || ledger.intend(&intent)).await;
        match written.unwrap_or(Err(LedgerError::Thread.into())) {
            Ok(journal) => Ok(journal),
            Err(IntendError::Busy(journal)) => Err(Denial::Busy { journal }),
            Err(IntendError::Overtaken(_)) => Err(Denial::Illegal(Illegal("illegal-overtaken"))),
            Err(IntendError::Ledger(error)) => Err(Denial::Journal(Arc::new(self.ledger.named(error)))),
        }
    }
}

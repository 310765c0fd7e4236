//! The one gate: every write passes it, whoever asks and whatever the screen showed. In this order: read-only, the
//! rules of the profile, the confirmation, legality by the latest document, and the intent in the journal, of which
//! one object has no more than one open across all processes.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{Actor, Denial, Runner};
use crate::ledger::{Ending, IntendError, Intent, LedgerError};
use crate::model::action::{Confirmed, Illegal, Write};

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
        let object = write.object();
        let latest = match &object {
            Some(id) => self.known(id).await.map_err(|error| Denial::Journal(Arc::new(error)))?,
            None => None,
        };
        // What was confirmed may have been overtaken: judge by the latest document in the ledger.
        if let (Write::Operation(operation), Some(fresh)) = (write, &latest) {
            operation
                .action
                .action()
                .legal(&fresh.object.entity, OffsetDateTime::now_utc())
                .map_err(Denial::Illegal)?;
        }
        // What is to be made under a number that already stands for something would be answered as if it were made.
        if let Write::Operation(operation) = write
            && operation.witness != operation.object
            && self.known(&operation.witness).await.map_err(|error| Denial::Journal(Arc::new(error)))?.is_some()
        {
            return Err(Denial::Illegal(Illegal("illegal-number-used")));
        }
        let (method, target, body) = match write {
            Write::Operation(operation) => {
                (operation.action.action().endpoint.endpoint().method, &*operation.target, &*operation.body)
            }
            Write::Raw(raw) => (raw.method(), raw.target(), raw.body()),
        };
        let state = match write {
            Write::Operation(operation) => operation.before.clone(),
            Write::Raw(_) => latest.as_ref().map(|fresh| fresh.object.entity.state().code).unwrap_or_default(),
        };
        let intent = Intent {
            at: OffsetDateTime::now_utc(),
            operator: self.actor.operator.clone(),
            profile: self.actor.key.clone(),
            mchid: self.client.mchid().as_str().to_owned(),
            action: write.name().name(),
            object,
            method,
            target: target.to_owned(),
            body: body.to_owned(),
            state,
            before: latest.map(|fresh| fresh.object.raw.to_string()),
            confirmed: confirmed.by(),
            objects: confirmed.objects(),
            reason: write.reason().map(str::to_owned),
        };
        match self.intend(intent.clone()).await {
            // An entry that an earlier run left open is settled first; then there may be room. Whoever confirmed did not
            // know that the earlier action had its effect: a refund would go out a second time.
            Err(Denial::Busy { journal }) => match self.resolve_one(journal).await {
                Some(Ending::Done) => Err(Denial::Illegal(Illegal("illegal-overtaken"))),
                Some(_) => self.intend(intent).await,
                None => Err(Denial::Busy { journal }),
            },
            other => other,
        }
    }

    /// Commits an intent. Without it nothing is sent, and of one object only one is open at a time.
    async fn intend(&self, intent: Intent) -> Result<i64, Denial> {
        let ledger = self.ledger.clone();
        let written = tokio::task::spawn_blocking(move || ledger.intend(&intent)).await;
        match written.unwrap_or(Err(LedgerError::Thread.into())) {
            Ok(journal) => Ok(journal),
            Err(IntendError::Busy(journal)) => Err(Denial::Busy { journal }),
            Err(IntendError::Ledger(error)) => Err(Denial::Journal(Arc::new(self.ledger.named(error)))),
        }
    }
}

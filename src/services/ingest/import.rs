//! Brings a file's numbers into the ledger: first recorded, then all queried.

use std::collections::HashSet;

use crate::ledger::LedgerError;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::{Lookup, LookupAttempt, Runner, Source, Stopped};

/// How far an import has come.
#[derive(Debug, Default)]
pub struct Import {
    /// Numbers in the file, each once.
    pub total: usize,
    pub fetched: usize,
    /// Fetched shortly before; not queried again.
    pub skipped: usize,
    /// Numbers that found no object, and what was tried.
    pub missing: Vec<(Lookup, Vec<LookupAttempt>)>,
}

/// Numbers noted in one commit: others wait for the ledger meanwhile.
pub(crate) const NOTED_AT_ONCE: usize = 10_000;

impl Import {
    /// Numbers that have been dealt with.
    pub fn done(&self) -> usize {
        self.skipped + self.asked()
    }

    /// Numbers that were queried.
    pub fn asked(&self) -> usize {
        self.fetched + self.missing.len()
    }
}

impl Runner {
    /// Imports numbers. Those whose documents were verified since `since` are skipped: that is how an interrupted
    /// import continues. `import` shows the progress, also when the import is stopped or dropped; `report` is called at
    /// every step.
    pub async fn import(
        &self,
        wanted: Vec<Lookup>,
        origin: Source,
        since: Option<Timestamp>,
        import: &mut Import,
        mut report: impl FnMut(&Import),
    ) -> Result<(), Stopped> {
        import.total = wanted.len();
        // Numbers of unknown kind are not recorded in the ledger before their kind is known.
        let ids: Vec<ObjectId> = wanted.iter().filter_map(object).cloned().collect();
        for ids in ids.chunks(NOTED_AT_ONCE) {
            self.note(ids.to_vec(), origin).await?;
        }
        let due = match since {
            Some(since) => self.due(wanted, ids, since).await?,
            None => wanted,
        };
        import.skipped = import.total - due.len();
        report(import);
        self.query_all(due, |wanted, search| {
            if search.found.is_empty() {
                import.missing.push((wanted, search.tried));
            } else {
                import.fetched += 1;
            }
            report(import);
        })
        .await
    }

    /// Those whose documents were not verified since.
    async fn due(&self, wanted: Vec<Lookup>, ids: Vec<ObjectId>, since: Timestamp) -> Result<Vec<Lookup>, LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger
            .run(move |ledger| {
                let verified: HashSet<ObjectId> = ledger.verified_since(&profile, &ids, since)?;
                let mut due = Vec::with_capacity(wanted.len());
                for wanted in wanted {
                    let fetched = match &wanted {
                        Lookup::Object(id) => verified.contains(id),
                        Lookup::Number(number, kind) => {
                            let known = ledger.find(&profile, number.as_str())?;
                            let mut of_kind = known.iter().filter(|k| kind.is_none_or(|kind| kind == k.id.kind));
                            of_kind.any(|known| known.fresh.as_ref().is_some_and(|fresh| fresh.verified_at >= since))
                        }
                    };
                    if !fetched {
                        due.push(wanted);
                    }
                }
                Ok(due)
            })
            .await
    }
}

fn object(wanted: &Lookup) -> Option<&ObjectId> {
    match wanted {
        Lookup::Object(id) => Some(id),
        Lookup::Number(..) => None,
    }
}

//! Brings a file's numbers into the ledger: noted first, then asked about one and all.

use std::collections::HashSet;

use crate::ledger::LedgerError;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::{Runner, Source, Stopped, Tried, Wanted};

/// How far an import has come.
#[derive(Debug, Default)]
pub struct Import {
    /// Numbers in the file, each once.
    pub total: usize,
    pub fetched: usize,
    /// Fetched not long before; not asked about again.
    pub skipped: usize,
    /// What brought no object, and what was tried.
    pub missing: Vec<(Wanted, Vec<Tried>)>,
}

/// Numbers noted in one commit: others wait for the ledger meanwhile.
pub(crate) const NOTED_AT_ONCE: usize = 10_000;

impl Import {
    /// Numbers that have been dealt with.
    pub fn done(&self) -> usize {
        self.skipped + self.asked()
    }

    /// Numbers that were asked about.
    pub fn asked(&self) -> usize {
        self.fetched + self.missing.len()
    }
}

impl Runner {
    /// Imports numbers. Those whose documents were verified since `since` are skipped: that is how an import that was
    /// interrupted, in whatever way, goes on where it was. `import` tells how far it came, also when it is stopped or
    /// dropped; `told` hears of every step.
    pub async fn import(
        &self,
        wanted: Vec<Wanted>,
        origin: Source,
        since: Option<Timestamp>,
        import: &mut Import,
        mut told: impl FnMut(&Import),
    ) -> Result<(), Stopped> {
        import.total = wanted.len();
        // Numbers of no known kind have no place in the ledger before somebody has told what they are.
        let ids: Vec<ObjectId> = wanted.iter().filter_map(object).cloned().collect();
        for ids in ids.chunks(NOTED_AT_ONCE) {
            self.note(ids.to_vec(), origin).await?;
        }
        let due = match since {
            Some(since) => self.due(wanted, ids, since).await?,
            None => wanted,
        };
        import.skipped = import.total - due.len();
        told(import);
        self.sweep(due, |wanted, search| {
            if search.found.is_empty() {
                import.missing.push((wanted, search.tried));
            } else {
                import.fetched += 1;
            }
            told(import);
        })
        .await
    }

    /// Those whose documents were not verified since.
    async fn due(&self, wanted: Vec<Wanted>, ids: Vec<ObjectId>, since: Timestamp) -> Result<Vec<Wanted>, LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger
            .run(move |ledger| {
                let verified: HashSet<ObjectId> = ledger.verified_since(&profile, &ids, since)?;
                let mut due = Vec::with_capacity(wanted.len());
                for wanted in wanted {
                    let fetched = match &wanted {
                        Wanted::Object(id) => verified.contains(id),
                        Wanted::Number(number, kind) => {
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

fn object(wanted: &Wanted) -> Option<&ObjectId> {
    match wanted {
        Wanted::Object(id) => Some(id),
        Wanted::Number(..) => None,
    }
}

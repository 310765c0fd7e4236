//! Queries an object repeatedly at little more cost than the request itself: an answer with the same bytes is not
//! parsed again.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};

use crate::api::{ApiError, Client, Permit};
use crate::ledger::DocumentHash;
use crate::model::{EndpointId, Object, ObjectId};
use crate::services::Runner;

/// A query to send.
pub(crate) struct WatchQuery {
    pub id: ObjectId,
    /// What is remembered of the last answer.
    pub memory: Option<Arc<Memory>>,
    /// Whether the document is wanted even if it is the same as last time.
    pub whole: bool,
    /// Whether the answer is to be remembered.
    pub remember: bool,
}

/// What is remembered of an object that is queried often.
#[derive(Debug)]
pub(crate) struct Memory {
    endpoint: EndpointId,
    target: String,
    /// The hash of its document's bytes as they were verified.
    bytes: [u8; 32],
    pub digest: DocumentHash,
    pub is_final: bool,
}

/// An answer.
pub(crate) enum WatchAnswer {
    /// The same bytes as last time; the document, if it was wanted.
    Same(Option<Object>),
    Other {
        object: Object,
        /// True if the ledger had no document of it, or a different one.
        news: bool,
        /// True if it had one.
        known: bool,
        memory: Option<Arc<Memory>>,
    },
}

/// The query function. It is the refresher's only access to the network.
pub(super) type Ask =
    Arc<dyn Fn(WatchQuery, Permit) -> BoxFuture<'static, Result<WatchAnswer, ApiError>> + Send + Sync>;

/// Queries WeChat Pay.
pub(crate) fn ask(runner: Runner) -> Ask {
    Arc::new(move |asking, permit| {
        let runner = runner.clone();
        Box::pin(async move { runner.ask_again(asking, permit).await })
    })
}

impl Runner {
    async fn ask_again(&self, asking: WatchQuery, permit: Permit) -> Result<WatchAnswer, ApiError> {
        let WatchQuery { id, memory, whole, remember } = asking;
        let Some(memory) = memory else {
            let before = self.known(&id).await.unwrap_or_default().map(|fresh| fresh.object);
            let (endpoint, target) = self.client.question(&id, before.as_ref())?;
            let reply = self.client.query(permit, endpoint, &target).await?;
            return Ok(other(&self.client, self.client.object_in(&id, &reply)?, before, remember));
        };
        let reply = self.client.query(permit, memory.endpoint, &memory.target).await?;
        if fingerprint(&reply.body) == memory.bytes {
            // These bytes were verified when they first arrived.
            return Ok(WatchAnswer::Same(if whole { Some(self.client.object_in(&id, &reply)?) } else { None }));
        }
        let object = self.client.object_in(&id, &reply)?;
        let before = self.known(&id).await.unwrap_or_default().map(|fresh| fresh.object);
        Ok(other(&self.client, object, before, remember))
    }
}

fn other(client: &Client, object: Object, before: Option<Object>, remember: bool) -> WatchAnswer {
    let known = before.is_some();
    let same = before.is_some_and(|before| {
        before.raw == object.raw || DocumentHash::of(&before.raw) == DocumentHash::of(&object.raw)
    });
    let memory = remember.then(|| Memory::of(client, &object).map(Arc::new)).flatten();
    WatchAnswer::Other { object, news: !same, known, memory }
}

impl Memory {
    /// `None` for what cannot be queried.
    pub(crate) fn of(client: &Client, object: &Object) -> Option<Self> {
        let (endpoint, target) = client.question(&object.id, Some(object)).ok()?;
        let (bytes, digest) = (fingerprint(&object.raw), DocumentHash::of(&object.raw));
        Some(Self { endpoint, target, bytes, digest, is_final: object.entity.state().is_final })
    }
}

fn fingerprint(document: &str) -> [u8; 32] {
    Sha256::digest(document.as_bytes()).into()
}

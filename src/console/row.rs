//! A row of a table: a number, what is known of it, and how the last query went.

use std::sync::Arc;

use super::filter::fold;
use crate::api::ApiError;
use crate::model::time::Timestamp;
use crate::model::{Entity, ObjectId, State};
use crate::services::Fresh;

/// A row's lasting name within its list: rows are only ever added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey(pub u32);

/// One known number.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: ObjectId,
    pub fresh: Option<Fresh>,
    /// Read once when the document came; `None` before.
    pub state: Option<State>,
    /// The last query failed, and when. Cleared by the next that succeeds.
    pub failed: Option<(Timestamp, Arc<ApiError>)>,
    /// A refresh was asked for and has not been answered.
    pub asked: bool,
    /// An action on it is under way.
    pub in_flight: bool,
    /// An action on it ended in nobody knows what, and is being looked into.
    pub unresolved: bool,
    /// What words of a filter are looked for in, in lower case.
    pub words: String,
}

impl Row {
    pub fn new(id: ObjectId, fresh: Option<Fresh>) -> Self {
        let words = fold(id.number.as_str()).to_lowercase();
        let mut row = Self {
            id,
            fresh: None,
            state: None,
            failed: None,
            asked: false,
            in_flight: false,
            unresolved: false,
            words,
        };
        if let Some(fresh) = fresh {
            row.take(fresh);
        }
        row
    }

    /// Takes in a newer document.
    pub fn take(&mut self, fresh: Fresh) {
        let entity = &fresh.object.entity;
        let state = entity.state();
        let mut words = fold(self.id.number.as_str()).to_lowercase();
        let parts = [entity.title(), entity.user(), entity.platform_number(), Some(state.code.as_str())];
        for part in parts.into_iter().flatten() {
            words.push(' ');
            words.push_str(&fold(part).to_lowercase());
        }
        self.words = words;
        self.state = Some(state);
        self.fresh = Some(fresh);
        self.failed = None;
        self.asked = false;
    }

    pub fn entity(&self) -> Option<&Entity> {
        self.fresh.as_ref().map(|fresh| &*fresh.object.entity)
    }

    /// When the document was last verified.
    pub fn verified_at(&self) -> Option<Timestamp> {
        self.fresh.as_ref().map(|fresh| fresh.verified_at)
    }
}

//! Answers read requests.

use std::sync::Arc;

use crate::ledger::{LedgerError, Stop};
use crate::model::time::Timestamp;
use crate::services::{Event, LedgerReader, ReadRequest, Selection, TabAnswer};

impl LedgerReader {
    /// The event that answers a request. `stop` cancels the reading of a table. Blocking.
    pub fn answer(&self, request: ReadRequest, now: Timestamp, stop: &Stop) -> Result<Event, LedgerError> {
        Ok(match request {
            ReadRequest::TablePage(request) => {
                let page = Arc::new(self.window(&request, now, stop)?);
                TabAnswer::TablePage { request: Arc::new(request), page }.into()
            }
            ReadRequest::Sums(selection) => {
                let sums = Arc::new(self.sums(&selection, now, stop)?);
                TabAnswer::Sums { selection: Arc::new(selection), sums }.into()
            }
            ReadRequest::Matching(selection, limit) => self.matching(selection, limit, now)?,
            ReadRequest::Rows(ids) => Event::Rows(Arc::new(self.rows(&ids)?)),
            ReadRequest::JournalPage(request) => {
                let page = Arc::new(self.journal(&request)?);
                TabAnswer::JournalPage { request: Arc::new(request), page }.into()
            }
            ReadRequest::InboxPage(request) => {
                let page = Arc::new(self.inbox(&request)?);
                TabAnswer::InboxPage { request: Arc::new(request), page }.into()
            }
            ReadRequest::InboxEvent(id) => TabAnswer::InboxEvent { id, event: self.event(id)?.map(Arc::new) }.into(),
            ReadRequest::Disputes => TabAnswer::Disputes(Arc::new(self.disputes(now)?)).into(),
            ReadRequest::Reconcile(id) => {
                let standing = Arc::new(self.reconcile(&id)?);
                TabAnswer::Reconciled { id, standing }.into()
            }
            ReadRequest::Story { of: id, chain } => {
                let story = if chain { self.whole_story(&id)? } else { self.story(&id)? };
                Event::Story { id, story: Arc::new(story) }
            }
            ReadRequest::Compare { of: id, before, after } => {
                let differences = self.compare(&id, before, after)?.map(Arc::new);
                TabAnswer::Compared { id, before, after, differences }.into()
            }
        })
    }

    fn matching(&self, selection: Selection, limit: usize, now: Timestamp) -> Result<Event, LedgerError> {
        let (mut rows, mut more) = (Vec::new(), false);
        self.each(&selection, now, |found| {
            let room = limit - rows.len();
            more = found.len() > room;
            rows.extend(found.iter().take(room).map(|row| (row.id.clone(), row.amount())));
            !more
        })?;
        Ok(Event::Matching { selection: Arc::new(selection), rows: Arc::new(rows), more })
    }
}

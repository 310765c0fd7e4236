//! Everything the step can ask for. The runtime performs it and answers with messages.

use std::path::PathBuf;

use crate::api::Usable;
use crate::console::app::export::{Export, Outcomes};
use crate::model::action::{Confirmed, Operation};
use crate::model::{Kind, Number, ObjectId, Settled};
use crate::services::{
    BillWish, BulkRequest, BulkRun, Glance, InboxGlance, JournalGlance, Replay, Selection, Ticket, Wanted, Wish,
};

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read a stretch of a table.
    Glance(Glance),
    /// Add a table up.
    Sum(Selection),
    /// Read a stretch of the journal.
    Journal(JournalGlance),
    /// Read a stretch of the inbox.
    Inbox(InboxGlance),
    /// Read all that is kept of a line of the inbox.
    OpenEvent(i64),
    /// Read where sources contradict each other.
    Disputes,
    /// An object was asked: what does its document still not say?
    Reconcile(ObjectId),
    /// Send a line of the inbox once more.
    Replay(i64, Box<Replay>),
    /// Read all that is known of an object.
    Story(ObjectId),
    /// The same, and of all along its chain.
    WholeStory(ObjectId),
    /// Compare two versions of an object; without the earlier one, tell all of the later.
    Compare {
        of: ObjectId,
        before: Option<i64>,
        after: i64,
    },
    /// Query these now.
    Refresh(Vec<ObjectId>),
    /// Watch these until they are final.
    Watch(Vec<ObjectId>),
    /// Watch these no more.
    Unwatch(Vec<ObjectId>),
    /// Ask nothing by itself, or go on.
    Pause(bool),
    /// Read what the ledger knows of these.
    Rows(Vec<ObjectId>),
    /// Ring, and have the desktop tell this.
    Ring(String),
    /// Find out what a number is.
    Find(Number),
    /// List a user's coupons.
    UserCoupons(Number),
    /// List where a stock's coupons can be used, or for what.
    Usable(ObjectId, Usable),
    /// Learn an order's refunds from WeChat Pay Global.
    ListRefunds(ObjectId),
    /// Read a page of settlements from a row on.
    Settlements(Ticket, Settled, usize),
    /// Write the statement of a day, `20261120`, to a new file.
    Statement {
        day: String,
        path: PathBuf,
    },
    /// Go to what is meant: to what the ledger knows of it, else to what is found out.
    Follow(Wanted),
    /// Do something about bills.
    Bill(BillWish),
    /// Find out what an operation that is being previewed would repeat.
    Earlier(Box<Operation>),
    /// Close an entry of the journal, for this reason.
    CloseEntry(i64, String),
    /// Send a confirmed operation, through the gate.
    Perform(Ticket, Box<Confirmed>),
    /// Read which objects pass a filter, no more than so many.
    Matching(Selection, usize),
    /// Count on how many of these each action is legal.
    Survey(Kind, Vec<ObjectId>),
    /// Prepare a bulk action.
    PrepareBulk(Ticket, Box<BulkRequest>),
    /// Perform a confirmed bulk action, each operation through the gate.
    RunBulk(Box<BulkRun>),
    /// Pause it, let it go on, or stop it.
    Rein(Wish),
    /// Open a profile; answers carry the generation.
    Open {
        generation: u64,
        profile: Option<String>,
    },
    /// Put a text on the clipboard.
    Copy(String),
    Export(Box<Export>),
    /// Write what became of a bulk action.
    ExportOutcomes(Box<Outcomes>),
    /// Give the terminal back and stop until continued.
    Suspend,
    Quit,
}

//! Bills whose rows are in the ledger.

use crate::model::bill::{BillEntry, BillFacts, BillFileRow, RowSubjects};
use crate::model::time::{Date, Timestamp};

/// A bill whose rows follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBill {
    /// `trade-ALL`, `fundflow-BASIC`, `statement`; `fundflow` where the account is not known. A profile has one bill of
    /// each kind and day: another takes its place, with all its rows.
    pub kind: String,
    /// In Beijing.
    pub day: Date,
    /// SHA-1 of its file's unpacked bytes.
    pub hash: String,
    /// Whether WeChat Pay named that hash. If not, only the summary vouches for the rows.
    pub proven: bool,
    /// The line with the names of its columns.
    pub header: String,
}

/// A row of a bill.
#[derive(Clone, Debug, PartialEq)]
pub struct NewBillRow {
    /// Of the file, counted from 1.
    pub line: u64,
    /// The line as it was read.
    pub cells: String,
    pub subjects: RowSubjects,
    /// What it says of its subject.
    pub facts: Option<BillFacts>,
}

impl NewBillRow {
    pub fn of(entry: BillEntry) -> Self {
        let facts = match &entry.row {
            BillFileRow::Trade(row) => row.facts(),
            BillFileRow::Flow(_) => None,
        };
        Self { line: entry.line, subjects: entry.row.subjects(), facts, cells: entry.text }
    }
}

/// A step of taking a file of bills in.
#[derive(Clone, Debug, PartialEq)]
pub enum BillStep {
    Begins(NewBill),
    /// Rows of the bill that began last.
    Rows(Vec<NewBillRow>),
    /// Its sums, as JSON.
    Ends(String),
    /// Every bill of the file agrees with its summary and its hash: the rows count from now on.
    Verified,
}

/// What taking a file in has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BillsTaken {
    /// The rows that are kept.
    pub rows: u64,
    /// The objects of which nothing was known before.
    pub new: u64,
    /// Those that the ledger had already.
    pub known: u64,
    /// The bills whose place others have taken.
    pub replaced: u64,
}

/// A bill whose rows are in the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenBill {
    pub kind: String,
    pub day: Date,
    pub hash: String,
    pub proven: bool,
    pub rows: u64,
    pub taken_at: Timestamp,
}

/// A row of a bill that is about an object, with its cells by the names of their columns, as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptBillRow {
    pub bill: TakenBill,
    /// Counted from 1 among the rows of its bill.
    pub row: u64,
    /// Of the file, counted from 1.
    pub line: u64,
    pub cells: Vec<(String, String)>,
}

//! What stands on the pages Timeline and Related, in its order. The view draws it and the step acts on it, so both
//! ask here.

use super::state::DetailPage;
use crate::ledger::{Group, JournalEntry, Listed, Noted, Version};
use crate::model::time::Timestamp;
use crate::model::{Document, Kind, Link, ObjectId, State};
use crate::services::Story;

/// What a line that can be selected tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    Version(i64),
    Entry(i64),
    Noted,
    Object(ObjectId),
    Unmet(Link),
}

/// Something that happened to an object.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'a> {
    /// A version was seen; the one before it.
    Version(&'a Version, Option<&'a Version>),
    /// A change was sent.
    Entry(&'a JournalEntry),
    /// Its number became known.
    Noted(&'a Noted),
}

impl Moment<'_> {
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Version(version, _) => version.seen_at,
            Self::Entry(entry) => sent_at(entry).unwrap_or(Timestamp::UNIX_EPOCH),
            Self::Noted(noted) => noted.at,
        }
    }

    pub fn spot(&self) -> Spot {
        match self {
            Self::Version(version, _) => Spot::Version(version.id),
            Self::Entry(entry) => Spot::Entry(entry.id),
            Self::Noted(_) => Spot::Noted,
        }
    }
}

/// When a change was sent.
fn sent_at(entry: &JournalEntry) -> Option<Timestamp> {
    Document::new(&entry.intent).time("at")
}

/// The timeline, newest first.
pub fn moments(story: &Story) -> Vec<Moment<'_>> {
    let before = story.versions.iter().skip(1).map(Some).chain([None]);
    let versions = story.versions.iter().zip(before).map(|(version, before)| Moment::Version(version, before));
    let mut moments: Vec<Moment<'_>> = versions.collect();
    moments.extend(story.journal.iter().map(Moment::Entry));
    moments.extend(story.noted.iter().map(Moment::Noted));
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at()));
    moments
}

/// An object on the page Related.
#[derive(Clone, Copy, Debug)]
pub enum Relative<'a> {
    /// Named by the object, or naming it.
    Near(&'a Listed),
    /// Through others.
    Far(&'a Listed),
    /// Only WeChat Pay's number is known of it.
    Unmet(&'a Link),
}

impl Relative<'_> {
    pub fn spot(&self) -> Spot {
        match self {
            Self::Near(row) | Self::Far(row) => Spot::Object(row.id.clone()),
            Self::Unmet(link) => Spot::Unmet((*link).clone()),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Near(row) | Self::Far(row) => row.id.kind,
            Self::Unmet(link) => link.kind(),
        }
    }
}

/// The related objects of one kind.
#[derive(Clone, Debug)]
pub struct Family<'a> {
    pub kind: Kind,
    pub relatives: Vec<Relative<'a>>,
    /// All there are by state, where there are more than these.
    pub all: Vec<(Option<&'a State>, u64)>,
}

/// The related objects in the order of the chain from plan to cash.
pub fn families(story: &Story) -> Vec<Family<'_>> {
    let near = story.related.iter().map(|related| Relative::Near(&related.row));
    let far = story.further.iter().map(Relative::Far);
    let all: Vec<Relative<'_>> = near.chain(far).chain(story.unmet.iter().map(Relative::Unmet)).collect();
    let family = |kind: Kind| Family {
        kind,
        relatives: all.iter().filter(|relative| relative.kind() == kind).copied().collect(),
        all: by_state(story.dependents.iter().filter(|(of, _)| *of == kind).map(|(_, group)| group)),
    };
    Kind::ALL.into_iter().map(family).filter(|family| !family.relatives.is_empty()).collect()
}

/// How many there are in each state, whatever their currency.
fn by_state<'a>(groups: impl Iterator<Item = &'a Group>) -> Vec<(Option<&'a State>, u64)> {
    let mut all: Vec<(Option<&State>, u64)> = Vec::new();
    for group in groups {
        let state = group.state.as_ref();
        match all.iter_mut().find(|(of, _)| of.map(|of| &of.code) == state.map(|state| &state.code)) {
            Some((_, count)) => *count += group.count,
            None => all.push((state, group.count)),
        }
    }
    all
}

/// The lines of a page that can be selected.
pub fn spots(page: DetailPage, story: &Story) -> Vec<Spot> {
    match page {
        DetailPage::Timeline => moments(story).iter().map(Moment::spot).collect(),
        DetailPage::Related => {
            families(story).iter().flat_map(|family| &family.relatives).map(Relative::spot).collect()
        }
        DetailPage::Overview | DetailPage::Raw => Vec::new(),
    }
}

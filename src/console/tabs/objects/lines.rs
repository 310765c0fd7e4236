//! The lines on the pages Timeline and Related, in their order. Both the view and the update take them from here.

use std::collections::{BTreeSet, HashSet};

use crate::console::tabs::objects::detail::{DetailPage, LineId};
use crate::console::tabs::objects::json;
use crate::ledger::{Group, Listed};
use crate::model::{Kind, Link, ObjectId, State};
use crate::services::{EntryKind, ObjectHistory, Source, TimelineEntry, timeline_entries};

/// The timeline, newest first: of the object, or along its chain.
pub fn timeline(story: &ObjectHistory, whole: bool) -> Vec<TimelineEntry<'_>> {
    let mut entries = timeline_entries(story.records(whole));
    if whole {
        // Along a chain, the lines that say when an object became known are left out if a version of it was seen.
        let seen: HashSet<&ObjectId> =
            story.records(true).filter(|(_, records)| !records.versions.is_empty()).map(|(of, _)| of).collect();
        entries.retain(|entry| match entry.what {
            EntryKind::Noted(noted) => noted.origin == Source::Action || !seen.contains(entry.of),
            _ => true,
        });
    }
    entries
}

/// An object on the page Related.
#[derive(Clone, Copy, Debug)]
pub enum RelatedLine<'a> {
    /// Named by the object, or naming it.
    Near(&'a Listed),
    /// Related through others.
    Far(&'a Listed),
    /// Only WeChat Pay's number is known.
    Unresolved(&'a Link),
}

impl RelatedLine<'_> {
    pub(crate) fn line_id(&self) -> LineId {
        match self {
            Self::Near(row) | Self::Far(row) => LineId::Object(row.id.clone()),
            Self::Unresolved(link) => LineId::Unresolved((*link).clone()),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Near(row) | Self::Far(row) => row.id.kind,
            Self::Unresolved(link) => link.kind(),
        }
    }
}

/// The related objects of one kind.
#[derive(Clone, Debug)]
pub struct Family<'a> {
    pub kind: Kind,
    pub related: Vec<RelatedLine<'a>>,
    /// The number of all by state, if there are more than these.
    pub all: Vec<(Option<&'a State>, u64)>,
}

/// The related objects in the order of the chain from plan to cash.
pub(crate) fn families(story: &ObjectHistory) -> Vec<Family<'_>> {
    let near = story.related.iter().map(|related| RelatedLine::Near(&related.row));
    let far = story.further.iter().map(RelatedLine::Far);
    let all: Vec<RelatedLine<'_>> =
        near.chain(far).chain(story.unresolved_links.iter().map(RelatedLine::Unresolved)).collect();
    let family = |kind: Kind| Family {
        kind,
        related: all.iter().filter(|line| line.kind() == kind).copied().collect(),
        all: by_state(story.dependents.iter().filter(|(of, _)| *of == kind).map(|(_, group)| group)),
    };
    Kind::ALL.into_iter().map(family).filter(|family| !family.related.is_empty()).collect()
}

/// The number in each state, whatever the currency.
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

/// The lines of a page that can be selected. With `whole` the timeline is that of the chain.
pub fn selectable_lines(
    page: DetailPage,
    story: &ObjectHistory,
    whole: bool,
    folded: &BTreeSet<String>,
) -> Vec<LineId> {
    match page {
        DetailPage::Timeline => timeline(story, whole).iter().map(LineId::of).collect(),
        DetailPage::Related => {
            families(story).iter().flat_map(|family| &family.related).map(RelatedLine::line_id).collect()
        }
        DetailPage::Raw => raw_lines(story, folded),
        DetailPage::Overview => Vec::new(),
    }
}

/// The values of the document, in its order.
fn raw_lines(story: &ObjectHistory, folded: &BTreeSet<String>) -> Vec<LineId> {
    let document = story.fresh.as_ref().and_then(|fresh| serde_json::from_str(&fresh.object.raw).ok());
    let lines = document.map(|document| json::lines(&document, folded)).unwrap_or_default();
    lines.into_iter().filter_map(|line| line.path.map(LineId::Json)).collect()
}

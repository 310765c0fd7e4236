//! What stands on the pages Timeline and Related, in its order. The view draws it and the step acts on it, so both
//! ask here.

use std::collections::HashSet;

use crate::console::tabs::objects::detail::{DetailPage, Spot};
use crate::ledger::{Group, Listed};
use crate::model::{Kind, Link, ObjectId, State};
use crate::services::{Moment, Source, Story, What, moments};

/// The timeline, newest first: of the object, or along its chain.
pub fn timeline(story: &Story, whole: bool) -> Vec<Moment<'_>> {
    let mut told = moments(story.strands(whole));
    if whole {
        // Of a chain's many objects it goes without saying that what was seen had become known.
        let seen: HashSet<&ObjectId> =
            story.strands(true).filter(|(_, strand)| !strand.versions.is_empty()).map(|(of, _)| of).collect();
        told.retain(|moment| match moment.what {
            What::Noted(noted) => noted.origin == Source::Action || !seen.contains(moment.of),
            _ => true,
        });
    }
    told
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

/// The lines of a page that can be selected; `whole`: the timeline goes along the chain.
pub fn spots(page: DetailPage, story: &Story, whole: bool) -> Vec<Spot> {
    match page {
        DetailPage::Timeline => timeline(story, whole).iter().map(Spot::of).collect(),
        DetailPage::Related => {
            families(story).iter().flat_map(|family| &family.relatives).map(Relative::spot).collect()
        }
        DetailPage::Overview | DetailPage::Raw => Vec::new(),
    }
}

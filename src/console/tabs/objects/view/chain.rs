//! The chain from plan to refund on one line, with the object's own place in it.

use crate::console::tabs::objects::lines::{Family, RelatedLine, families};
use crate::console::widgets::role::{Line, Role};
use crate::i18n::Lang;
use crate::model::{Entity, Kind, ObjectId, State, Tone};
use crate::services::ObjectHistory;
use crate::text;

/// The kinds of the chain, in its order.
const CHAIN: [Kind; 5] = [Kind::Plan, Kind::SignPlan, Kind::ServiceOrder, Kind::Transaction, Kind::Refund];
/// Between two of them.
const LINK: &str = " ─ ";
/// How many columns the numbers of the others may have, the most that fits.
const NUMBERS: [usize; 6] = [32, 18, 14, 11, 9, 7];

/// How many columns the numbers have where the chain takes several lines.
const WRAPPED: usize = 18;

/// One place of the chain.
struct Place {
    number: String,
    state: Option<State>,
    amount: String,
    own: bool,
    /// In place of a number, words: they are not cut.
    words: bool,
}

/// The chain, if the object is part of one: on one line if it fits with shortened numbers, else continued below.
pub(super) fn lines(lang: Lang, story: &ObjectHistory, entity: &Entity, width: usize) -> Vec<Line> {
    let places = places(lang, story, entity).unwrap_or_default();
    if places.len() < 2 {
        return Vec::new();
    }
    let taken = |line: &Line| line.iter().map(|(piece, _)| text::width(piece)).sum::<usize>();
    if let Some(line) = NUMBERS.iter().map(|numbers| drawn(&places, *numbers)).find(|line| taken(line) <= width) {
        return vec![line];
    }
    let mut lines: Vec<Line> = Vec::new();
    for place in &places {
        let piece = drawn(std::slice::from_ref(place), WRAPPED);
        match lines.last_mut() {
            Some(line) if taken(line) + text::width(LINK) * 2 + taken(&piece) <= width => {
                line.push((LINK.to_owned(), Role::Faint));
                line.extend(piece);
            }
            Some(line) => {
                line.push((LINK.trim_end().to_owned(), Role::Faint));
                lines.push(piece);
            }
            None => lines.push(piece),
        }
    }
    lines
}

fn places(lang: Lang, story: &ObjectHistory, entity: &Entity) -> Option<Vec<Place>> {
    if !CHAIN.contains(&story.of.kind) {
        return None;
    }
    let families = families(story);
    let mut places = Vec::new();
    let mut paid = false;
    for kind in CHAIN {
        if kind == story.of.kind {
            let state = entity.state();
            paid |= kind == Kind::Transaction && state.tone == Tone::Done;
            places.push(own(&story.of, state, entity));
            continue;
        }
        match families.iter().find(|family| family.kind == kind) {
            Some(family) => {
                let place = place(lang, family);
                paid |= kind == Kind::Transaction && place.state.as_ref().is_some_and(|state| state.tone == Tone::Done);
                places.push(place);
            }
            None if kind == Kind::Refund && paid => {
                let number = lang.t("chain-no-refund");
                places.push(Place { number, state: None, amount: String::new(), own: false, words: true });
            }
            None => {}
        }
    }
    Some(places)
}

fn own(id: &ObjectId, state: State, entity: &Entity) -> Place {
    let has_amount = matches!(id.kind, Kind::Transaction | Kind::Refund);
    let amount = entity.amount().filter(|_| has_amount).map(|amount| amount.to_string()).unwrap_or_default();
    Place { number: id.own_number().to_owned(), state: Some(state), amount, own: true, words: false }
}

/// The one object of a kind, or how many there are.
fn place(lang: Lang, family: &Family<'_>) -> Place {
    let all: u64 = family.all.iter().map(|(_, count)| count).sum();
    let count = all.max(family.related.len() as u64);
    if count > 1 {
        let kind = lang.t(&format!("short-{}", family.kind.noun()));
        let number = format!("{kind} ×{count}");
        return Place { number, state: None, amount: String::new(), own: false, words: true };
    }
    match family.related.first() {
        Some(RelatedLine::Near(row) | RelatedLine::Far(row)) => {
            let has_amount = matches!(row.id.kind, Kind::Transaction | Kind::Refund);
            let amount = row.amount().filter(|_| has_amount).map(|amount| amount.to_string()).unwrap_or_default();
            let state = row.seen.as_ref().map(|seen| seen.summary.state.clone());
            Place { number: row.id.own_number().to_owned(), state, amount, own: false, words: false }
        }
        Some(RelatedLine::Unresolved(link)) => {
            Place { number: link.number().to_string(), state: None, amount: String::new(), own: false, words: false }
        }
        None => Place { number: String::new(), state: None, amount: String::new(), own: false, words: false },
    }
}

fn drawn(places: &[Place], numbers: usize) -> Line {
    let mut line = Line::new();
    for place in places {
        if !line.is_empty() {
            line.push((LINK.to_owned(), Role::Faint));
        }
        if let Some(state) = &place.state {
            line.push((state.tone.glyph().to_owned(), Role::Tone(state.tone)));
        }
        // The object's own number is cut last.
        let room = match (place.words, place.own) {
            (true, _) => usize::MAX,
            (false, true) => numbers.max(12),
            (false, false) => numbers,
        };
        let role = match (place.own, &place.state) {
            (true, _) => Role::Strong,
            (false, Some(_)) => Role::Plain,
            (false, None) => Role::Faint,
        };
        line.push((text::cut_middle(&text::neutralise(&place.number), room).into_owned(), role));
        if !place.amount.is_empty() {
            line.push((format!(" {}", place.amount), Role::Strong));
        }
    }
    line
}

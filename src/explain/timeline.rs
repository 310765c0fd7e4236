//! Texts for the entries of a timeline and for differences between documents, shared by the console and the command line.

use crate::i18n::Lang;
use crate::ledger::{CLOSE_DIFFERENCE, Claim, Ending, EventRow, JournalEntry, RecordedIntent, Version};
use crate::model::action::Action;
use crate::model::bill::{BillId, BillKind, BillRow};
use crate::model::diff::Difference;
use crate::model::endpoint::Guide;
use crate::model::time::{Duration, beijing_day, day, parse_compact};
use crate::model::{DatedEvent, DatedFact, Kind, Money, State, Tone};
use crate::services::{EntryKind, PollGap, Source, SourceAgreement, TimelineEntry, event_message};
use crate::text;
use crate::text::age;

/// A change seen within this time counts as seen at once.
const AT_ONCE: Duration = Duration::seconds(2);

/// The text of a timeline entry.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// What happened, in pieces: a piece with a tone is a state or an outcome.
    pub head: Vec<(String, Option<Tone>)>,
    /// Details, not yet neutralised.
    pub facts: Vec<String>,
}

pub(crate) fn describe(lang: Lang, entry: &TimelineEntry<'_>) -> Described {
    match &entry.what {
        EntryKind::Version { version, before, delay, poll_gap, .. } => {
            seen(lang, version, before.map(|before| version.seen_at - before.seen_at), *delay, *poll_gap)
        }
        EntryKind::Entry(entry) => sent(lang, entry),
        EntryKind::Event(event, agreement) => received(lang, event, *agreement),
        EntryKind::Row(claim, agreement) => bill_row(lang, claim, *agreement),
        EntryKind::Dated(dated) => dates(lang, dated),
        EntryKind::Noted(noted) => {
            let id = if noted.origin == Source::Action { "timeline-created" } else { "timeline-noted" };
            let head = vec![(format!("+ {}", lang.t(id)), None)];
            Described { head, facts: vec![source(lang, noted.origin)] }
        }
    }
}

fn source(lang: Lang, source: Source) -> String {
    lang.t(&format!("source-{}", source.name()))
}

/// A version.
fn seen(
    lang: Lang,
    version: &Version,
    after: Option<Duration>,
    delay: Option<Duration>,
    poll_gap: Option<PollGap>,
) -> Described {
    let head = vec![(text::neutralise(&glyphed(lang, &version.state)).into_owned(), Some(version.state.tone))];
    let mut facts = vec![source(lang, version.source)];
    match (delay, after) {
        (Some(delay), _) if delay < AT_ONCE => facts.push(lang.t("timeline-at-once")),
        (Some(delay), _) => facts.push(tr!(lang, "timeline-delay", age = age::span(lang, delay))),
        (None, Some(after)) => facts.push(tr!(lang, "timeline-after", age = age::span(lang, after))),
        (None, None) => {}
    }
    if after.is_none() {
        facts.push(lang.t("timeline-first"));
    }
    facts.extend(poll_gap.map(|poll_gap| {
        let same_day = beijing_day(poll_gap.from) == beijing_day(poll_gap.to);
        let format = if same_day { age::clock } else { age::exact };
        tr!(lang, "timeline-silence", from = format(poll_gap.from), to = format(poll_gap.to))
    }));
    Described { head, facts }
}

/// A change that was sent.
fn sent(lang: Lang, entry: &JournalEntry) -> Described {
    let (outcome, tone) = outcome(lang, entry);
    let head = vec![
        (text::neutralise(&format!("» {} · ", action(lang, entry))).into_owned(), None),
        (format!("{} {outcome}", tone.glyph()), Some(tone)),
    ];
    let RecordedIntent { operator, reason, .. } = &entry.intent;
    let request = entry.latest(|one| &one.request_id).map(|id| tr!(lang, "toast-request-id", id = id));
    let journal = tr!(lang, "toast-journal", journal = entry.id);
    let reason = reason.as_ref().map(|reason| tr!(lang, "timeline-reason", reason = reason));
    let operator = Some(operator.clone()).filter(|operator| !operator.is_empty());
    Described { head, facts: [operator, request, Some(journal), reason].into_iter().flatten().collect() }
}

/// A notification that was received.
fn received(lang: Lang, event: &EventRow, agreement: SourceAgreement) -> Described {
    let event_type = event.event_type.clone().unwrap_or_default();
    let what = match event.fact {
        Some(fact) => lang.t(&format!("claim-{}", fact.word())),
        None => text::neutralise(&event_type).into_owned(),
    };
    let mut head = vec![(format!("« {what}"), None)];
    head.extend(disputed(lang, agreement));
    // What it says stands before it; its type is its name in the interface.
    let message = event_message(&event_type);
    let named = if lang.has(&message) { lang.t(&message) } else { event_type.clone() };
    let named = lang.code_beside(&named, &event_type).map_or_else(|| named.clone(), str::to_owned);
    let mut facts = vec![tr!(lang, "timeline-notification", type = named)];
    if event.attempts > 1 {
        facts.push(tr!(lang, "timeline-attempts", n = event.attempts));
    }
    let late = event.created.map(|created| (event.first_at - created).max(Duration::ZERO));
    facts.extend(late.map(|late| tr!(lang, "timeline-received-after", age = age::span(lang, late))));
    facts.extend(event.slowest.map(|took| tr!(lang, "timeline-answered", n = took.div_ceil(1000))));
    facts.extend(agreement_text(lang, agreement));
    Described { head, facts }
}

/// A row of a bill.
fn bill_row(lang: Lang, claim: &Claim, agreement: SourceAgreement) -> Described {
    let what = lang.t(&format!("claim-{}", claim.fact.word()));
    let amount = claim.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
    let mut head = vec![(format!("= {what}{amount}"), None)];
    head.extend(disputed(lang, agreement));
    let place = BillRow::parse(&claim.reference)
        .map(|place| tr!(lang, "timeline-bill-row", bill = bill_name(lang, place.bill), row = place.row));
    let since = tr!(lang, "timeline-since", at = age::exact(claim.said_at));
    let facts = [Some(place.unwrap_or_else(|| claim.reference.clone())), Some(since), agreement_text(lang, agreement)];
    Described { head, facts: facts.into_iter().flatten().collect() }
}

/// An event that a document dates.
fn dates(lang: Lang, dated: &DatedEvent) -> Described {
    let what = lang.t(&format!("dated-{}", dated.what.word()));
    let (which, mut facts) = match &dated.what {
        DatedFact::Step { number, name, order, price, .. } => {
            let number = number.map(|number| format!(" {number}")).unwrap_or_default();
            let order = order.as_ref().map(|order| format!("{} {order}", lang.t("short-order")));
            (number, vec![name.clone(), price.map(|price| price.to_string()), order])
        }
        DatedFact::Collected { amount, transaction_id, by } => (
            amount.map(|amount| format!(" {amount}")).unwrap_or_default(),
            vec![transaction_id.clone(), by.as_deref().map(|by| lang.code("paid-by", by))],
        ),
        _ => (String::new(), Vec::new()),
    };
    facts.push(Some(lang.t("timeline-dated")));
    let head = vec![(format!("· {what}{which}"), None)];
    Described { head, facts: facts.into_iter().flatten().collect() }
}

/// The mark of an entry that the document contradicts.
fn disputed(lang: Lang, agreement: SourceAgreement) -> Option<(String, Option<Tone>)> {
    let words = || format!(" · {} {}", Tone::Failed.glyph(), lang.t("timeline-disputed"));
    (agreement == SourceAgreement::Contradicts).then(|| (words(), Some(Tone::Failed)))
}

fn agreement_text(lang: Lang, agreement: SourceAgreement) -> Option<String> {
    match agreement {
        SourceAgreement::Agrees => Some(lang.t("timeline-agrees")),
        SourceAgreement::Contradicts => Some(lang.t("timeline-contradicts")),
        SourceAgreement::Unknown => None,
    }
}

/// Sorts the differences: changed values first, then added ones, then removed ones.
pub(crate) fn changed_first(differences: &[Difference]) -> Vec<&Difference> {
    let mut sorted: Vec<&Difference> = differences.iter().collect();
    sorted.sort_by_key(|one| (one.before.is_none() || one.after.is_none(), one.after.is_none()));
    sorted
}

/// A value of a document, followed by its readable form in parentheses if it has one: yuan for the fen of PayScore, whose
/// amounts have no other currency; a readable time for a compact one.
pub(crate) fn worded(kind: Kind, path: &str, value: &str) -> String {
    let name = path.rsplit(['.', ']']).next().unwrap_or_default();
    let is_payscore = matches!(kind.row().query.endpoint().guide, Guide::PayScorePlan | Guide::PayScore);
    let is_amount = is_payscore && (name.ends_with("amount") || name.ends_with("price"));
    let fen = value.parse::<i64>().ok().filter(|_| is_amount).map(|fen| Money::cny(fen).to_string());
    let digits = value.trim_matches('"');
    let is_time = name.ends_with("time") && digits.len() == 14;
    let time = parse_compact(digits).filter(|_| is_time).map(age::exact);
    fen.or(time).map_or_else(|| value.to_owned(), |words| format!("{value} ({words})"))
}

/// The name of a bill: its kind, what it lists, its day.
pub(crate) fn bill_name(lang: Lang, id: BillId) -> String {
    format!("{} · {}", kind_words(lang, id.kind), day(id.day))
}

/// The words for a kind of bill as the ledger names it, `trade-ALL`.
pub(crate) fn bill_kind(lang: Lang, kind: &str) -> String {
    let known = kind.split_once('-').and_then(|(noun, word)| BillKind::parse(noun, word));
    known.map_or_else(|| lang.t("bill-statement"), |kind| kind_words(lang, kind))
}

fn kind_words(lang: Lang, kind: BillKind) -> String {
    let words = |word: &str| lang.t(&format!("bill-{word}"));
    format!("{} · {}", words(kind.noun()), words(kind.word()))
}

pub(crate) fn glyphed(lang: Lang, state: &State) -> String {
    let meaning = lang.state(state);
    format!("{} {meaning}", state.tone.glyph())
}

/// The name of the action; a raw request as it was sent.
pub(crate) fn action(lang: Lang, entry: &JournalEntry) -> String {
    match Action::named(&entry.intent.action) {
        Some(action) => lang.action(action),
        None if entry.intent.action == CLOSE_DIFFERENCE => lang.t("journal-action-difference-close"),
        None => tr!(lang, "timeline-raw", request = entry.intent.request()),
    }
}

/// The outcome of a change, as text.
pub(crate) fn outcome(lang: Lang, entry: &JournalEntry) -> (String, Tone) {
    let id = match entry.ending() {
        None => "timeline-under-way",
        Some(Ending::Done) => "timeline-done",
        Some(Ending::Refused) => "timeline-refused",
        Some(Ending::Unknown) => "timeline-unsettled",
        Some(Ending::Unknowable | Ending::Closed) => "timeline-unknown",
    };
    (lang.t(id), Ending::tone(entry.ending()))
}

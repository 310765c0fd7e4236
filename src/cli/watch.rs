//! `watch KIND ID…`: follows objects until they are final or in the awaited state. Prints one line for the present
//! state of each, then one for each change.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use serde_json::{json, value::RawValue};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::context::Context;
use super::export::{Format, csv};
use super::output::Output;
use super::{Failure, Status, named};
use crate::api::{ApiError, Misconfigured};
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::DocumentHash;
use crate::model::time::{rfc3339, rfc3339_millis};
use crate::model::{Kind, Object, ObjectId, State};
use crate::services::{Event, ForegroundWatch, Fresh, Gap, Health, Source};
use crate::text::neutralise;

pub(super) fn command(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let wrong = t("cli-watch-bad-time");
    let time = move |text: &str| parse_time(text).ok_or_else(|| wrong.clone());
    Command::new("watch")
        .about(t("cli-watch"))
        .long_about(t("cli-watch-long"))
        .arg(
            Arg::new("noun")
                .required(true)
                .value_name("KIND")
                .value_parser(Kind::ALL.map(Kind::noun))
                .help(t("cli-watch-kind")),
        )
        .arg(Arg::new("numbers").required(true).num_args(1..).value_name("NUMBER").help(t("cli-watch-number")))
        .arg(Arg::new("until").long("until").value_name("STATE").help(t("cli-watch-until")))
        .arg(Arg::new("timeout").long("timeout").value_name("TIME").value_parser(time).help(t("cli-watch-timeout")))
}

/// Reads `30s`, `5m`, `2h`, `1d`, or seconds.
fn parse_time(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    // Longer than a century is a mistake.
    let total = digits.parse::<u64>().ok()?.checked_mul(seconds).filter(|total| *total <= 36_500 * 86_400)?;
    Some(Duration::from_secs(total))
}

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let noun = matches.get_one::<String>("noun").map(String::as_str).unwrap_or_default();
    let kind = Kind::from_noun(noun).ok_or_else(|| Failure::Usage(noun.to_owned()))?;
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let region = account.profile.merchant.region;
    if !kind.is_in(region) {
        return Err(Misconfigured::Region(region).into());
    }
    let given: Vec<String> = matches.get_many::<String>("numbers").into_iter().flatten().cloned().collect();
    let timeout = matches.get_one::<Duration>("timeout").copied();
    let until = matches.get_one::<String>("until").cloned();
    // Not certainly a mistake: WeChat Pay may have states that are unknown here.
    if let Some(until) = until.as_deref().filter(|until| !kind.has_state(until)) {
        output.say(&tr!(output.lang, "cli-watch-no-state", state = until, kind = kind.noun()));
    }
    let watch = async {
        let named = named::objects(&account.runner(), kind, &given, None, output).await?;
        let mut seen = BTreeSet::new();
        let ids: Vec<ObjectId> = named.into_iter().filter(|id| seen.insert(id.clone())).collect();
        let (sender, events) = unbounded_channel();
        let foreground = ForegroundWatch::open(account.runner(), &ids, sender);
        follow(Following::new(ids, until, output), foreground, events, timeout).await
    };
    tokio::select! {
        result = watch => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::Left),
    }
}

async fn follow(
    mut following: Following<'_>,
    foreground: ForegroundWatch,
    mut events: UnboundedReceiver<Event>,
    timeout: Option<Duration>,
) -> Result<(), Failure> {
    let end = timeout.map(|timeout| tokio::time::Instant::now() + timeout);
    while !following.open.is_empty() {
        let event = tokio::select! {
            event = events.recv() => event,
            () = until(end) => return Err(following.timed_out()),
        };
        let Some(event) = event else { break };
        if !following.handle(event, &foreground)? {
            return Ok(());
        }
    }
    following.result()
}

async fn until(end: Option<tokio::time::Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// The followed objects and their results so far.
struct Following<'a> {
    output: &'a Output,
    total: usize,
    /// The awaited state; without one, any final state.
    wanted: Option<String>,
    /// The objects still followed, with their states and latest documents.
    open: HashMap<ObjectId, Option<(State, DocumentHash)>>,
    /// The number of objects that ended in another state than the awaited one.
    missed: usize,
    /// The queries that WeChat Pay refused.
    refused: Vec<Arc<ApiError>>,
    /// Objects whose latest query failed and was reported.
    failing: BTreeSet<ObjectId>,
    /// The platform is unreachable, and this was reported.
    silent: bool,
    printed: bool,
}

impl<'a> Following<'a> {
    fn new(ids: Vec<ObjectId>, wanted: Option<String>, output: &'a Output) -> Self {
        let total = ids.len();
        let open = ids.into_iter().map(|id| (id, None)).collect();
        let (refused, failing) = (Vec::new(), BTreeSet::new());
        Self { output, total, wanted, open, missed: 0, refused, failing, silent: false, printed: false }
    }

    /// Handles an event. False if the output is closed.
    fn handle(&mut self, event: Event, foreground: &ForegroundWatch) -> Result<bool, Failure> {
        match event {
            Event::Fetched { id, result: Ok(fresh), .. } => return self.fetched(&id, &fresh, foreground),
            Event::Fetched { id, result: Err(error), .. } => self.failed(id, error, foreground)?,
            Event::Health(health) => self.health(&health),
            Event::Gap(gap) => self.gap(&gap),
            Event::CaughtUp { changed, .. } => {
                self.output.say(&tr!(self.output.lang, "cli-watch-caught-up", n = changed));
            }
            Event::NotStored(error) => self.output.say(&explain::ledger(self.output.lang, &error).line()),
            _ => {}
        }
        Ok(true)
    }

    fn fetched(&mut self, id: &ObjectId, fresh: &Fresh, foreground: &ForegroundWatch) -> Result<bool, Failure> {
        let Some(seen) = self.open.get_mut(id) else { return Ok(true) };
        self.failing.remove(id);
        let (state, digest) = (fresh.object.entity.state(), DocumentHash::of(&fresh.object.raw));
        if seen.as_ref().is_some_and(|(_, before)| *before == digest) {
            return Ok(true);
        }
        let from = seen.replace((state.clone(), digest)).map(|(state, _)| state);
        let source = if foreground.was_named(id) && from.is_some() { Source::Notification } else { fresh.source };
        let change = Change { from: from.as_ref(), to: &state, source, fresh };
        let first = !std::mem::replace(&mut self.printed, true);
        if !self.output.line(&change.text(self.output, first))? {
            return Ok(false);
        }
        let reached = self.wanted.as_ref().map_or(state.is_final, |wanted| is_in(&state, wanted));
        if reached || state.is_final {
            self.missed += usize::from(!reached);
            self.open.remove(id);
            foreground.leave(id.clone());
        }
        Ok(true)
    }

    /// A failure of one object ends its watch; a failure that concerns all ends the command, unless it is temporary.
    fn failed(&mut self, id: ObjectId, error: Arc<ApiError>, foreground: &ForegroundWatch) -> Result<(), Failure> {
        let why = explain::api_error(self.output.lang, &error).line();
        if error.is_of_the_object() {
            if self.open.remove(&id).is_some() {
                // For a single object it is reported at the end.
                if self.total > 1 {
                    self.output.say(&format!("{id}: {why}"));
                }
                self.refused.push(error);
                foreground.leave(id);
            }
            return Ok(());
        }
        match *error {
            ApiError::Unreachable(_) => {
                // An unreachable platform is reported once for all objects.
                let alone = error.refusal().is_some_and(|refusal| !refusal.is_rate_limit());
                if alone && !self.silent && self.open.contains_key(&id) && self.failing.insert(id.clone()) {
                    self.output.say(&tr!(self.output.lang, "cli-watch-failing", object = id.to_string(), why = why));
                }
                Ok(())
            }
            _ => Err(Failure::Api(error, None)),
        }
    }

    fn health(&mut self, health: &Health) {
        let lang = self.output.lang;
        match (&health.trouble, self.silent) {
            (Some(trouble), false) => {
                self.silent = true;
                let why = explain::api_error(lang, &trouble.error).line();
                self.output.say(&tr!(lang, "cli-watch-silent", since = rfc3339(trouble.since), why = why));
            }
            (None, true) => self.silent = false,
            _ => {}
        }
    }

    fn gap(&self, gap: &Gap) {
        let (from, to) = (rfc3339(gap.from), rfc3339(gap.to));
        self.output.say(&tr!(
            self.output.lang,
            &format!("cli-watch-gap-{}", gap.why.name()),
            from = from,
            to = to,
            n = gap.objects
        ));
    }

    fn timed_out(&self) -> Failure {
        Failure::TimedOut { open: self.open.len(), total: self.total }
    }

    fn result(self) -> Result<(), Failure> {
        let (missed, total) = (self.missed, self.total);
        let worst = self.refused.iter().map(|error| Failure::Api(error.clone(), None).status()).max();
        match (worst, missed, self.refused.as_slice()) {
            (None, 0, _) => Ok(()),
            // There is nothing to add to why.
            (Some(_), 0, [error]) if total == 1 => Err(Failure::Api(error.clone(), None)),
            (worst, ..) => {
                let state = self.wanted.unwrap_or_default();
                let status = worst.unwrap_or(Status::Refused);
                Err(Failure::Missed { status, missed, refused: self.refused.len(), total, state })
            }
        }
    }
}

/// Whether a state is the one of that name, or one of its parts is.
fn is_in(state: &State, name: &str) -> bool {
    state.code.eq_ignore_ascii_case(name) || state.code.split('/').any(|part| part.eq_ignore_ascii_case(name))
}

/// A change, or how an object is at first.
struct Change<'a> {
    from: Option<&'a State>,
    to: &'a State,
    source: Source,
    fresh: &'a Fresh,
}

impl Change<'_> {
    fn text(&self, output: &Output, first: bool) -> String {
        let object = &self.fresh.object;
        match output.format {
            Format::JsonLines => self.json(object),
            Format::Csv => {
                let header = first.then_some(["at", "kind", "number", "from", "to", "final", "source"]);
                let (id, from) = (&object.id, self.from.map(|state| state.code.clone()));
                let row = [
                    rfc3339_millis(self.fresh.verified_at),
                    id.kind.noun().to_owned(),
                    id.number.to_string(),
                    from.unwrap_or_default(),
                    self.to.code.clone(),
                    self.to.is_final.to_string(),
                    self.source.name().to_owned(),
                ];
                csv(header, std::iter::once(row))
            }
            Format::Text => self.line(object, output.lang),
        }
    }

    fn line(&self, object: &Object, lang: Lang) -> String {
        let word = |state: &State| {
            let code = neutralise(&state.code).into_owned();
            let meaning = state.meaning.map(|id| format!("{} ({code})", lang.t(id)));
            format!("{} {}", state.tone.glyph(), meaning.unwrap_or(code))
        };
        let states = match self.from {
            Some(from) if from.code != self.to.code => format!("{} → {}", word(from), word(self.to)),
            _ => word(self.to),
        };
        let amount = object.entity.amount().map(|amount| amount.to_string());
        let source = lang.t(&format!("source-{}", self.source.name()));
        let parts =
            [Some(rfc3339(self.fresh.verified_at)), Some(object.id.to_string()), Some(states), amount, Some(source)];
        parts.into_iter().flatten().collect::<Vec<_>>().join("  ") + "\n"
    }

    fn json(&self, object: &Object) -> String {
        let about = json!({
            "at": rfc3339_millis(self.fresh.verified_at), "kind": object.id.kind.noun(),
            "number": object.id.number.as_str(), "from": self.from.map(|state| &state.code), "to": self.to.code,
            "final": self.to.is_final, "source": self.source.name(),
        });
        let about = about.to_string();
        let raw = serde_json::from_str::<&RawValue>(&object.raw).map_or("null", RawValue::get);
        // Blanks between members may be line breaks; those within texts are escaped.
        format!("{},\"object\":{}}}\n", about.trim_end_matches('}'), raw.replace(['\n', '\r'], " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_unit_or_as_seconds() {
        let seconds = |text: &str| parse_time(text).map(|time| time.as_secs());
        assert_eq!(["30s", "5m", "2h", "1d", "90"].map(seconds), [30, 300, 7200, 86_400, 90].map(Some));
        for wrong in ["", "s", "-1", "1.5h", "1w", "5 m", "99999999999d", "18446744073709551616"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_state_is_named_whole_or_by_any_of_its_parts() {
        let state = Kind::ServiceOrder.state("DONE/MCH_COMPLETE/USER_PAID");
        assert!(["DONE", "user_paid", "DONE/MCH_COMPLETE/USER_PAID"].iter().all(|name| is_in(&state, name)));
        assert!(["PAID", "USER_PAYING", ""].iter().all(|name| !is_in(&state, name)));
    }

    #[test]
    fn a_change_is_one_line_whatever_the_document_looks_like() {
        let raw = "{\n \"out_trade_no\": \"TRADE-1\",\r\n \"trade_state\": \"SUC\\u001b[2JCESS\", \"note\": \"a\\nb\"}";
        let object = Object::parse(Kind::Transaction, raw).unwrap();
        let at = crate::model::time::Timestamp::from_unix_timestamp(1_700_000_000).unwrap();
        let fresh = Fresh { object, verified_at: at, source: Source::Query };
        let (from, to) = (Kind::Transaction.state("NOTPAY"), fresh.object.entity.state());
        let change = Change { from: Some(&from), to: &to, source: Source::Query, fresh: &fresh };
        let json: serde_json::Value = serde_json::from_str(&change.json(&fresh.object)).unwrap();
        assert_eq!((&json["from"], &json["object"]["note"]), (&"NOTPAY".into(), &"a\nb".into()));
        assert_eq!(change.json(&fresh.object).lines().count(), 1);
        let line = change.line(&fresh.object, Lang::En);
        assert!(line.lines().count() == 1 && !line.contains('\u{1b}') && line.contains('→'), "{line}");
    }
}

//! `listen`: receives notifications until it is stopped.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{Receiver as Inbox, Sender, channel, error::TrySendError};

use super::Failure;
use super::args::address;
use super::context::Context;
use super::export::Format;
use super::interrupt::Interrupt;
use super::output::Output;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::Verdict;
use crate::model::time::rfc3339;
use crate::model::{Fact, Part};
use crate::services::{
    Bind, EventSink, ForwardTo, ListenOptions, ListenerEvent, Listening, NewNotification, Receiver, Unusable,
};
use crate::sync::lock;

/// How many events may wait to be printed; more are only in the ledger.
const WAITING: usize = 1024;
/// Rejections for one reason are reported at once, and then at most this often.
const REFUSALS_EVERY: Duration = Duration::from_secs(60);
/// How long printing of the remaining events may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Its arguments.
pub(super) fn command(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let flag =
        |name: &'static str, value: &'static str, help: &str| Arg::new(name).long(name).value_name(value).help(t(help));
    Command::new("listen")
        .about(t("listen-about"))
        .long_about(t("listen-long-about"))
        .arg(flag("bind", "ADDR", "listen-bind").value_parser(move |text: &str| address(lang, text)))
        .arg(flag("path", "PATH", "listen-path"))
        .arg(flag("forward-to", "URL", "listen-forward-to"))
        .arg(
            Arg::new("answer-after-forward")
                .long("answer-after-forward")
                .action(ArgAction::SetTrue)
                .help(t("listen-answer-after-forward")),
        )
}

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let given = ListenArguments::read(lang, matches)?;
    let ending = Interrupt::listen();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let path = given.path.as_deref().unwrap_or(ListenOptions::PATH);
    let world = context.reporting_setup(given.bind.unwrap_or(free), path).await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let configured = match &world.gateway {
        Some(embedded) => embedded.listen.clone(),
        None => account.profile.listen.clone(),
    };
    let options = given.over(lang, configured, world.gateway.is_some())?;
    if let Some(forward) = &options.forward {
        forward.check_against(&account.profile.base_url).map_err(|error| unusable(lang, error))?;
    }
    let (sender, events) = channel(WAITING);
    let scribe = Printer {
        lang,
        json: output.format == Format::JsonLines,
        waits: options.answer_after_forward,
        read_only: account.profile.read_only,
        refusals: HashMap::new(),
    };
    let (unprinted, status) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Listening::default())));
    let sink = event_sink(sender, unprinted.clone(), status.clone());
    let profile = account.actor.key.clone();
    let receiver = Receiver::start(account.client, account.ledger, &profile, &options, sink).await?;
    scribe.ready(receiver.url(), &options, output);
    // Standard output may be slow to be read; only the printer waits for it.
    let printer = output.clone();
    let printing = tokio::task::spawn_blocking(move || scribe.run(events, &printer));
    ending.wait().await;
    receiver.stop().await;
    let _ = tokio::time::timeout(LAST_WORDS, printing).await;
    let unprinted = unprinted.load(Ordering::Relaxed);
    if unprinted > 0 {
        output.say(&tr!(lang, "listen-unprinted", count = unprinted));
    }
    let status = lock(&status).clone();
    if output.format != Format::JsonLines {
        output.say(&tr!(lang, "listen-ended", received = status.received, refused = status.refused));
    }
    if let Some(embedded) = world.gateway {
        embedded.gateway.stop().await;
    }
    Ok(())
}

fn unusable(lang: Lang, error: Unusable) -> Failure {
    Failure::Usage(match error {
        Unusable::Path(path) => tr!(lang, "listen-bad-path", path = path),
        Unusable::Forward => lang.t("listen-bad-forward"),
        Unusable::ForwardNoScheme => lang.t("listen-forward-no-scheme"),
        Unusable::ForwardToWeChatPay => lang.t("listen-forward-wechat-pay"),
    })
}

/// What the flags say.
struct ListenArguments {
    bind: Option<SocketAddr>,
    path: Option<String>,
    forward: Option<ForwardTo>,
    answer_after_forward: bool,
}

impl ListenArguments {
    fn read(lang: Lang, matches: &ArgMatches) -> Result<Self, Failure> {
        let unusable = |error| unusable(lang, error);
        let path = matches.get_one::<String>("path").cloned();
        path.as_deref().map(ListenOptions::check_path).transpose().map_err(unusable)?;
        let forward = matches.get_one::<String>("forward-to").map(|url| ForwardTo::parse(url));
        Ok(Self {
            bind: matches.get_one::<SocketAddr>("bind").copied(),
            path,
            forward: forward.transpose().map_err(unusable)?,
            answer_after_forward: matches.get_flag("answer-after-forward"),
        })
    }

    /// Flags override the configuration; the embedded sandbox's socket is already listening.
    fn over(self, lang: Lang, configured: Option<ListenOptions>, bound: bool) -> Result<ListenOptions, Failure> {
        let mut options = configured.unwrap_or_default();
        if let Some(bind) = self.bind.filter(|_| !bound) {
            options.bind = Bind::Address(bind);
        }
        if let Some(path) = self.path {
            options.path = path;
        }
        options.forward = self.forward.or(options.forward);
        options.answer_after_forward |= self.answer_after_forward;
        if options.answer_after_forward && options.forward.is_none() {
            return Err(Failure::Usage(lang.t("listen-needs-forward")));
        }
        Ok(options)
    }
}

/// Passes events on and never waits for them to be printed.
fn event_sink(sender: Sender<ListenerEvent>, unprinted: Arc<AtomicU64>, status: Arc<Mutex<Listening>>) -> EventSink {
    Arc::new(move |event| match event {
        ListenerEvent::Status(listening) => *lock(&status) = listening,
        ListenerEvent::Answered => {}
        event => {
            if let Err(TrySendError::Full(ListenerEvent::Received(received))) = sender.try_send(event) {
                unprinted.fetch_add(received.len() as u64, Ordering::Relaxed);
            }
        }
    })
}

/// Prints events.
struct Printer {
    lang: Lang,
    json: bool,
    /// WeChat Pay is answered after the back end.
    waits: bool,
    /// The profile is read-only: forwarding still happens, which is reported.
    read_only: bool,
    /// When each reason was last reported, and the count since.
    refusals: HashMap<Verdict, (Instant, u64)>,
}

impl Printer {
    fn ready(&self, url: &str, options: &ListenOptions, output: &Output) {
        if self.json {
            let forward_to = options.forward.as_ref().map(ToString::to_string);
            let after = options.answer_after_forward;
            let read_only = self.read_only;
            let ready = json!({
                "listening": url, "forward_to": forward_to, "answer_after_forward": after, "read_only": read_only,
            });
            return self.object(&ready);
        }
        output.say(&tr!(self.lang, "listen-ready", url = url));
        if let Some(forward) = &options.forward {
            let how = if self.waits { "listen-onward-first" } else { "listen-onward" };
            output.say(&tr!(self.lang, how, url = forward.to_string()));
            if self.read_only {
                output.say(&self.lang.t("listen-read-only"));
            }
        }
    }

    /// Runs until all senders are gone.
    fn run(mut self, mut events: Inbox<ListenerEvent>, output: &Output) {
        while let Some(event) = events.blocking_recv() {
            self.write(event, output);
        }
        let left: Vec<(Verdict, u64)> = self.refusals.iter().map(|(verdict, (_, left))| (*verdict, *left)).collect();
        self.refused(&left.into_iter().filter(|(_, left)| *left > 0).collect::<Vec<_>>(), output);
    }

    fn write(&mut self, event: ListenerEvent, output: &Output) {
        let (id, why) = match event {
            ListenerEvent::Received(received) => {
                let lines: String = received.iter().map(|one| self.line(one, output)).collect();
                // A closed pipe is not a failure; the ledger has all events.
                let _ = output.print(&lines);
                return;
            }
            ListenerEvent::Refused(counts) => {
                let due = self.due(&counts, Instant::now());
                return self.refused(&due, output);
            }
            ListenerEvent::Stuck(error) => ("listen-stuck", explain::ledger(self.lang, &error).line()),
            ListenerEvent::NoKeys(error) => ("listen-no-keys", explain::api_error(self.lang, &error).line()),
            ListenerEvent::NotForwarded(why) if self.waits => ("listen-not-accepted", why),
            ListenerEvent::NotForwarded(why) => ("listen-not-forwarded", why),
            ListenerEvent::Unstuck => ("listen-unstuck", String::new()),
            ListenerEvent::KeysInHand => ("listen-keys", String::new()),
            ListenerEvent::ForwardedAgain => ("listen-forwarded-again", String::new()),
            ListenerEvent::Status(_) | ListenerEvent::Answered => return,
        };
        let text = tr!(self.lang, id, why = why);
        match self.json {
            true => self.object(&json!({ "notice": text })),
            false => output.say(&text),
        }
    }

    fn line(&self, received: &NewNotification, output: &Output) -> String {
        let object = received.content.of.object();
        let others = &received.content.others;
        if self.json {
            let mut line = json!({
                "event": received.event, "id": received.notice, "time": rfc3339(received.at), "type": received.event_type,
                "kind": object.map(|id| id.kind.noun()), "number": object.map(|id| id.number.as_str()),
                "fact": received.content.fact.map(Fact::word), "verdict": Verdict::Genuine.word(), "attempts": 1,
            });
            if !others.is_empty() {
                let other = |part: &Part| json!({ "kind": part.of.kind.noun(), "number": part.of.number.as_str() });
                line["others"] = others.iter().map(other).collect();
            }
            return format!("{line}\n");
        }
        let object = match object {
            Some(id) => {
                let kind = self.lang.kind(id.kind);
                let numbers: Vec<&str> = received.content.objects().map(|id| id.number.as_str()).collect();
                format!("{kind} {}", numbers.join(", "))
            }
            None => self.lang.t("listen-no-object"),
        };
        let line = tr!(self.lang, "listen-received", at = rfc3339(received.at), type = received.event_type, object = object, attempts = 1i64);
        format!("{}\n", output.outside(&line).trim_end())
    }

    /// The reasons of rejections that are due to be reported, with their counts since the last report.
    fn due(&mut self, counts: &[(Verdict, u64)], now: Instant) -> Vec<(Verdict, u64)> {
        let mut due = Vec::new();
        for (verdict, count) in counts {
            let known = self.refusals.contains_key(verdict);
            let (last, waiting) = self.refusals.entry(*verdict).or_insert((now, 0));
            *waiting += count;
            if !known || now.duration_since(*last) >= REFUSALS_EVERY {
                *last = now;
                due.push((*verdict, std::mem::take(waiting)));
            }
        }
        due
    }

    fn refused(&self, counts: &[(Verdict, u64)], output: &Output) {
        if self.json && !counts.is_empty() {
            let counts: Map<String, Value> =
                counts.iter().map(|(verdict, count)| (verdict.word().to_owned(), (*count).into())).collect();
            return self.object(&json!({ "refused": counts }));
        }
        for (verdict, count) in counts {
            output.say(&tr!(self.lang, &format!("listen-refused-{}", verdict.word()), count = count));
        }
    }

    fn object(&self, line: &Value) {
        use std::io::Write;
        // Standard error may be closed; then there is no reader.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_reported_at_once_and_then_once_a_minute_with_all_that_came_since() {
        let mut scribe =
            Printer { lang: Lang::En, json: false, waits: false, read_only: false, refusals: HashMap::new() };
        let now = Instant::now();
        let mut due = |seconds, count| scribe.due(&[(Verdict::Forged, count)], now + Duration::from_secs(seconds));
        assert_eq!(due(0, 3), [(Verdict::Forged, 3)]);
        assert_eq!(due(1, 5000), []);
        assert_eq!(due(59, 5000), []);
        assert_eq!(due(60, 1), [(Verdict::Forged, 10_001)]);
        for verdict in Verdict::ALL {
            for lang in [Lang::En, Lang::ZhCn] {
                assert!(lang.has(&format!("listen-refused-{}", verdict.word())), "{verdict:?}");
            }
        }
    }
}

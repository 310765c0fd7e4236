//! `list` and `get` of every noun, and the dispatch to its actions.

use std::sync::Arc;

use clap::ArgMatches;
use time::{Duration, OffsetDateTime};

use super::args::{NUMBER, number};
use super::context::{Context, OpenAccount};
use super::coupons::Looked;
use super::output::Output;
use super::{Failure, act, bulk, coupons, story, timeline};
use crate::api::{Misconfigured, StockFilter};
use crate::explain;
use crate::ledger::LedgerError;
use crate::model::action::Action;
use crate::model::{Kind, Number, ObjectId};
use crate::services::{Fresh, Lookup, LookupAttempt, Search, Source, list_stocks};

/// A document younger than this is not asked for again by `list`.
const FRESH_FOR: Duration = Duration::seconds(60);
/// Documents read and printed at once.
const PAGE: usize = 1000;

pub(super) async fn run(context: &Context, noun: &str, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let unknown = || Failure::Usage(noun.to_owned());
    let kind = Kind::from_noun(noun).ok_or_else(unknown)?;
    let (verb, matches) = matches.subcommand().ok_or_else(unknown)?;
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let region = account.profile.merchant.region;
    if !kind.is_in(region) {
        return Err(Misconfigured::Region(region).into());
    }
    match verb {
        "list" if kind == Kind::Refund && matches.contains_id("transaction") => {
            let number = matches.get_one::<String>("transaction").map(String::as_str).unwrap_or_default();
            refunds_of(&account, &ObjectId::new(Kind::Transaction, Number::parse(number)?), output).await
        }
        "list" => {
            if coupons::list(&account, kind, matches, output).await? {
                return Ok(());
            }
            list(&account, kind, matches.get_flag("cached"), output).await
        }
        "get" => {
            let Looked { object, store_error } = look(&account, kind, matches, output).await?;
            match matches.get_flag("history") {
                true => story::history(&account, object.id, output).await?,
                false => output.object(&object)?,
            }
            was_kept(store_error)
        }
        "related" => {
            let unnoted = account.try_numbers().await?;
            let (id, store_error) = look_unless_cached(&account, kind, matches, output).await?;
            story::related(&account, id, output).await?;
            was_kept(store_error.or(unnoted))
        }
        "timeline" => {
            let (id, store_error) = look_unless_cached(&account, kind, matches, output).await?;
            timeline::run(&account, id, matches.get_flag("chain"), output).await?;
            was_kept(store_error)
        }
        "diff" => {
            let version = |name| matches.get_one::<u32>(name).copied();
            timeline::diff(&account, number(kind, matches)?, (version("from"), version("to")), output).await
        }
        verb if kind == Kind::Stock && coupons::run(&account, verb, matches, output).await? => Ok(()),
        verb => {
            let (verb, matches) = nested(verb, matches);
            // An object to make it of, or nothing.
            let of = matches.try_contains_id(NUMBER).unwrap_or(false);
            let making = Action::making(kind).filter(|action| of && verb == action.made_verb());
            let creating = || Action::creating(kind).find(|action| action.verb == verb);
            let action = Action::find(kind, &verb).or(making).or_else(creating).ok_or_else(unknown)?;
            let may_be_many = action.is_for_many() && action.kind == kind;
            match may_be_many.then(|| bulk::numerous(matches)).flatten() {
                Some(numerous) => bulk::run(context, &account, action, numerous, matches, output).await,
                None => {
                    let id = match action.is_creation() {
                        true => None,
                        false => Some(meant(&account, action.kind, matches, output).await?),
                    };
                    act::run(context, &account, action, id, matches, output).await
                }
            }
        }
    }
}

/// `create native` is one verb.
fn nested<'a>(verb: &str, matches: &'a ArgMatches) -> (String, &'a ArgMatches) {
    match matches.subcommand() {
        Some((inner, matches)) => (format!("{verb}-{inner}"), matches),
        None => (verb.to_owned(), matches),
    }
}

/// Queries the named object, by any of its numbers.
async fn look(account: &OpenAccount, kind: Kind, matches: &ArgMatches, output: &Output) -> Result<Looked, Failure> {
    match Lookup::new(number(kind, matches)?.number, Some(kind)) {
        Lookup::Object(id) if !matches!(kind, Kind::Coupon | Kind::Permission) => {
            let (object, store_error) = account.runner().look_and_keep(&id).await?;
            Ok(Looked { object, store_error })
        }
        _ => coupons::find(account, kind, matches, output).await,
    }
}

/// The named object, queried unless it is to be read from the ledger.
async fn look_unless_cached(
    account: &OpenAccount,
    kind: Kind,
    matches: &ArgMatches,
    output: &Output,
) -> Result<(ObjectId, Option<Arc<LedgerError>>), Failure> {
    if matches.get_flag("cached") {
        return Ok((number(kind, matches)?, None));
    }
    let Looked { object, store_error } = look(account, kind, matches, output).await?;
    Ok((object.id, store_error))
}

/// A shown object must be in the ledger, too: a failure to store it is an error.
fn was_kept(store_error: Option<Arc<LedgerError>>) -> Result<(), Failure> {
    store_error.map_or(Ok(()), |error| Err(Failure::NotStored(error)))
}

/// The object that an action is on. Only a number that its kind is not queried by has to be asked about.
async fn meant(account: &OpenAccount, kind: Kind, matches: &ArgMatches, output: &Output) -> Result<ObjectId, Failure> {
    match Lookup::new(number(kind, matches)?.number, Some(kind)) {
        Lookup::Object(id) => Ok(id),
        Lookup::Number(..) => Ok(look(account, kind, matches, output).await?.object.id),
    }
}

/// Lists the known objects of a kind, after querying those that were never fetched or may have changed.
async fn list(account: &OpenAccount, kind: Kind, cached: bool, output: &Output) -> Result<(), Failure> {
    account.read_numbers().await?;
    if !cached {
        if kind == Kind::Stock {
            let asked_at = OffsetDateTime::now_utc();
            let stocks = list_stocks(&account.client, &StockFilter::default()).await?;
            let rows = stocks.into_iter().map(|stock| Fresh::asked(stock, Source::List, asked_at)).collect();
            account.runner().keep(rows).await?;
        } else {
            refresh(account, kind, output).await?;
        }
    }
    let (profile, ledger) = (account.actor.key.clone(), account.ledger.clone());
    let (mut after, mut never_fetched) = (0, 0);
    loop {
        let profile = profile.clone();
        let (known, last) = ledger.run(move |ledger| ledger.documents(&profile, kind, after, PAGE)).await?;
        if last == after {
            break;
        }
        let first = after == 0;
        after = last;
        never_fetched += known.iter().filter(|known| known.fresh.is_none() && known.billed.is_none()).count();
        output.known(&known, first)?;
    }
    if never_fetched > 0 {
        output.note(&tr!(output.lang, "cli-never-fetched", count = never_fetched));
    }
    Ok(())
}

/// Lists a transaction's refunds as WeChat Pay Global knows them, and keeps them.
async fn refunds_of(account: &OpenAccount, transaction: &ObjectId, output: &Output) -> Result<(), Failure> {
    let ids = account.runner().refunds_of(transaction, |search| print_failures(&search, output)).await?;
    let (profile, ledger) = (account.actor.key.clone(), account.ledger.clone());
    let known = ledger
        .run(move |ledger| ids.iter().map(|id| ledger.object(&profile, id)).collect::<Result<Vec<Option<Fresh>>, _>>());
    output.objects(&known.await?.into_iter().flatten().collect::<Vec<_>>(), true)
}

/// Reports the objects that could not be queried.
fn print_failures(search: &Search, output: &Output) {
    for LookupAttempt { question, error } in &search.tried {
        let explanation = explain::api_error(output.lang, error);
        output.note(&format!("{question}: {}", explanation.line()));
    }
}

/// Queries every object that is due. A failure of one object is reported and skipped; any other failure would affect
/// all, and ends it.
async fn refresh(account: &OpenAccount, kind: Kind, output: &Output) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let profile = account.actor.key.clone();
    let due = account.ledger.run(move |ledger| ledger.stale(&profile, kind, now - FRESH_FOR)).await?;
    let due = due.into_iter().map(Lookup::Object).collect();
    Ok(account.runner().query_all(due, |_, search| print_failures(&search, output)).await?)
}

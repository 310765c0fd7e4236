//! `list` and `get` of every noun, and the way to its interventions.

use std::sync::Arc;

use clap::ArgMatches;
use time::{Duration, OffsetDateTime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::context::{Account, Context};
use super::output::Output;
use super::{Failure, act};
use crate::api::{ApiError, Client};
use crate::explain;
use crate::model::action::Action;
use crate::model::{Kind, Number, Object, ObjectId};
use crate::services::{Fresh, Known, Source, list_stocks};

/// A document younger than this is not asked for again by `list`.
const FRESH_FOR: Duration = Duration::seconds(60);
/// Queries in flight at once.
const AT_ONCE: usize = 32;

pub async fn run(context: &Context, noun: &str, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let unknown = || Failure::Usage(noun.to_owned());
    let kind = Kind::from_noun(noun).ok_or_else(unknown)?;
    let (verb, matches) = matches.subcommand().ok_or_else(unknown)?;
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    match verb {
        "list" => list(&account, kind, matches.get_flag("cached"), output).await,
        "get" => {
            let id = number(kind, matches)?;
            output.object(&account.runner().look(&id).await?)
        }
        verb => {
            let action = Action::find(kind, verb).ok_or_else(unknown)?;
            act::run(context, &account, action, number(kind, matches)?, matches, output).await
        }
    }
}

fn number(kind: Kind, matches: &ArgMatches) -> Result<ObjectId, Failure> {
    let text = matches.get_one::<String>("number").map(String::as_str).unwrap_or_default();
    Ok(ObjectId::new(kind, Number::parse(text)?))
}

/// Lists what is known of a kind, asking first about what was never fetched or may have changed.
async fn list(account: &Account, kind: Kind, cached: bool, output: &Output) -> Result<(), Failure> {
    account.read_numbers().await?;
    if !cached {
        if kind == Kind::Stock {
            let stocks = list_stocks(&account.client).await?;
            keep(account, stocks.into_iter().map(|object| fresh(object, Source::List)).collect()).await?;
        } else {
            refresh(account, kind, output).await?;
        }
    }
    let known = known(account, kind).await?;
    let never_fetched = known.iter().filter(|known| known.fresh.is_none()).count();
    let rows: Vec<Fresh> = known.into_iter().filter_map(|known| known.fresh).collect();
    output.objects(&rows)?;
    if never_fetched > 0 {
        output.note(&output.lang.tr("cli-never-fetched", &[("count", &never_fetched)]));
    }
    Ok(())
}

async fn known(account: &Account, kind: Kind) -> Result<Vec<Known>, Failure> {
    let profile = account.actor.key.clone();
    let mut known = account.ledger.run(move |ledger| ledger.known(&profile)).await?;
    known.retain(|known| known.id.kind == kind);
    Ok(known)
}

/// Asks about every object that is due. What goes wrong with one object is told and passed over; anything else would
/// go wrong for all.
async fn refresh(account: &Account, kind: Kind, output: &Output) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let due = |known: &Known| match &known.fresh {
        None => true,
        Some(fresh) => !fresh.object.entity.state().is_final && now - fresh.verified_at > FRESH_FOR,
    };
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut due: Vec<Known> = known(account, kind).await?.into_iter().filter(due).collect();
    let mut queries = JoinSet::new();
    // One finds out alone whether anybody answers at all.
    let spawn = |queries: &mut JoinSet<_>, known| queries.spawn(query(account.client.clone(), known, turns.clone()));
    if let Some(first) = due.pop() {
        spawn(&mut queries, first);
    }
    let mut fetched = Vec::new();
    let mut failure: Option<Failure> = None;
    while let Some(joined) = queries.join_next().await {
        match joined {
            Ok((_, Ok(object))) => fetched.push(fresh(object, Source::Query)),
            Ok((id, Err(error))) if error.is_of_the_object() => {
                let explanation = explain::api_error(output.lang, &error);
                output.note(&format!("{id}: {}", explanation.what));
            }
            Ok((_, Err(error))) => failure = failure.or(Some(error.into())),
            Err(error) if error.is_cancelled() => {}
            Err(error) => failure = failure.or(Some(Failure::io("list", std::io::Error::other(error)))),
        }
        match failure {
            Some(_) => queries.abort_all(),
            None => due.drain(..).for_each(|known| drop(spawn(&mut queries, known))),
        }
    }
    keep(account, fetched).await?;
    failure.map_or(Ok(()), Err)
}

async fn query(client: Client, known: Known, turns: Arc<Semaphore>) -> (ObjectId, Result<Object, ApiError>) {
    // The semaphore is never closed; without a turn the query simply goes ahead.
    let _turn = turns.acquire().await;
    let before = known.fresh.map(|fresh| fresh.object);
    let result = client.fetch(&known.id, before.as_ref()).await.map(|(object, _)| object);
    (known.id, result)
}

async fn keep(account: &Account, rows: Vec<Fresh>) -> Result<(), Failure> {
    let profile = account.actor.key.clone();
    Ok(account.ledger.run(move |ledger| ledger.put(&profile, &rows)).await?)
}

fn fresh(object: Object, source: Source) -> Fresh {
    Fresh { object, verified_at: OffsetDateTime::now_utc(), source }
}

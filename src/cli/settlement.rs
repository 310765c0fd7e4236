//! `settlement list`: the payouts of a Global merchant, paid and pending.

use clap::ArgMatches;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Failure;
use super::context::Context;
use super::export::{Format, aligned, csv};
use super::output::Output;
use super::statement::day;
use crate::model::time::{Duration, compact_day};
use crate::model::{Money, Settled, Settlement};
use crate::services::all_settlements;
use crate::text::neutralise;

/// How far back payouts are listed by default.
const LATELY: Duration = Duration::days(30);
const HEADER: [&str; 12] = [
    "batch_id",
    "settlement_date",
    "trade_start_date",
    "trade_end_date",
    "wallet_region",
    "currency",
    "pay",
    "refund",
    "net",
    "fee",
    "settled",
    "unsettled",
];

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let Some(("list", matches)) = matches.subcommand() else { return Err(Failure::Usage(String::new())) };
    let now = OffsetDateTime::now_utc();
    let given = |name: &str| matches.get_one::<String>(name).map(|text| day(text, output)).transpose();
    let which = match matches.get_one::<String>("state").map(String::as_str) {
        Some("settled") => {
            let from = given("from")?.unwrap_or_else(|| compact_day(now - LATELY));
            Settled::Between(from, given("to")?.unwrap_or_else(|| compact_day(now)))
        }
        _ => Settled::NotYet,
    };
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let settlements = all_settlements(&account.client, &which).await?;
    output.print(&match output.format {
        Format::JsonLines => settlements.iter().map(|one| format!("{}\n", json(one))).collect(),
        Format::Csv => csv(Some(HEADER), settlements.iter().map(record)),
        Format::Text => {
            let cells = |one: &Settlement| shown(one).map(|cell| neutralise(&cell).into_owned());
            let amount = if which == Settled::NotYet { "settlement-unsettled" } else { "settlement-settled" };
            let labels = ["date", "traded", "wallet", "pay", "refund", "net", "fee"];
            let [date, traded, wallet, pay, refund, net, fee] =
                labels.map(|label| output.lang.t(&format!("settlement-{label}")));
            let header = [String::new(), date, traded, wallet, pay, refund, net, fee, output.lang.t(amount)];
            aligned(&[header].into_iter().chain(settlements.iter().map(cells)).collect::<Vec<_>>())
        }
    })
}

/// Its currency is that of whatever amount it has.
fn currency(one: &Settlement) -> Option<String> {
    let amounts = [one.pay, one.net, one.settled, one.unsettled, one.refund, one.fee];
    amounts.into_iter().flatten().next().map(|amount| amount.currency.code().to_owned())
}

fn record(one: &Settlement) -> [String; 12] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let plain = |amount: Option<Money>| amount.map(|amount| amount.plain()).unwrap_or_default();
    [
        text(&one.batch_id),
        text(&one.settlement_date),
        text(&one.trade_start_date),
        text(&one.trade_end_date),
        text(&one.wallet_region),
        text(&currency(one)),
        plain(one.pay),
        plain(one.refund),
        plain(one.net),
        plain(one.fee),
        plain(one.settled),
        plain(one.unsettled),
    ]
}

/// For a person: the amounts with their currency's sign.
fn shown(one: &Settlement) -> [String; 9] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let money = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    let due = if one.settled.is_some_and(|amount| amount.minor != 0) { one.settled } else { one.unsettled };
    [
        text(&one.batch_id),
        text(&one.settlement_date),
        text(&one.trade_start_date),
        text(&one.wallet_region),
        money(one.pay),
        money(one.refund),
        money(one.net),
        money(one.fee),
        money(due),
    ]
}

/// Amounts in the smallest unit of their currency.
fn json(one: &Settlement) -> Value {
    let minor = |amount: Option<Money>| amount.map(|amount| amount.minor);
    json!({
        "batch_id": one.batch_id, "settlement_date": one.settlement_date, "trade_start_date": one.trade_start_date,
        "trade_end_date": one.trade_end_date, "wallet_region": one.wallet_region, "currency": currency(one),
        "pay": minor(one.pay), "refund": minor(one.refund), "net": minor(one.net), "fee": minor(one.fee),
        "settled": minor(one.settled), "unsettled": minor(one.unsettled),
    })
}

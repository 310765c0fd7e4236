//! Queries that only coupons and their stocks have: a user's coupons, stocks by state and time, where a stock can be
//! used, where uses are reported.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;
use time::OffsetDateTime;

use super::args::number;
use super::context::OpenAccount;
use super::export::{Format, csv};
use super::output::Output;
use super::{Failure, bill};
use crate::api::{CouponFilter, CouponsBy, StockFilter, Usable};
use crate::i18n::Lang;
use crate::ledger::LedgerError;
use crate::model::time::{Timestamp, parse_any, parse_compact};
use crate::model::{CouponStatus, Kind, Number, Object, ObjectId, StockStatus};
use crate::services::{BillFlow, Fresh, Lookup, Search, Source, list_coupons, list_stocks, list_usable};

/// The flags of `list` that filter the query to WeChat Pay.
pub(super) fn list_flags(lang: Lang, kind: Kind) -> Vec<Arg> {
    let flag = |name: &'static str, value: &'static str, help: &str| {
        Arg::new(name).long(name).value_name(value).help(lang.t(help)).conflicts_with("cached")
    };
    match kind {
        Kind::Stock => vec![
            flag("status", "STATUS", "cli-stock-status").value_parser([
                "unactivated",
                "audit",
                "running",
                "stoped",
                "paused",
            ]),
            flag("since", "TIME", "cli-stock-since"),
            flag("until", "TIME", "cli-stock-until"),
        ],
        Kind::Coupon => vec![
            flag("openid", "OPENID", "cli-coupon-openid"),
            flag("stock", "STOCK_ID", "cli-coupon-stock").requires("openid"),
            flag("status", "STATUS", "cli-coupon-status").requires("openid").value_parser(["SENDED", "USED"]),
            flag("by", "WHO", "cli-coupon-by").requires("openid").value_parser(CouponsBy::ALL.map(CouponsBy::word)),
        ],
        _ => Vec::new(),
    }
}

/// The verbs that only stocks have.
pub(super) fn stock_verbs(lang: Lang, number: impl Fn() -> Arg) -> Vec<Command> {
    let verb = |name: &'static str, help: &str| Command::new(name).about(lang.t(help));
    let to = || {
        let path = clap::value_parser!(PathBuf);
        Arg::new("to").long("to").value_name("PATH").value_parser(path).help(lang.t("cli-flow-to"))
    };
    vec![
        verb("merchants", "cli-stock-merchants").arg(number()),
        verb("items", "cli-stock-items").arg(number()),
        verb("callback", "cli-stock-callback"),
        verb(BillFlow::Use.word(), "cli-stock-use-flow").arg(number()).arg(to()),
        verb(BillFlow::Refund.word(), "cli-stock-refund-flow").arg(number()).arg(to()),
    ]
}

/// The user of a coupon that is given by its id alone.
pub(super) fn openid(lang: Lang) -> Arg {
    Arg::new("openid").long("openid").value_name("OPENID").help(lang.t("cli-coupon-whose"))
}

/// Queries and lists the objects that the flags select, and stores them in the ledger; false if there are no such
/// flags.
pub(super) async fn list(
    account: &OpenAccount,
    kind: Kind,
    matches: &ArgMatches,
    output: &Output,
) -> Result<bool, Failure> {
    let given = |name: &str| matches.get_one::<String>(name);
    let asked_at = OffsetDateTime::now_utc();
    let found = match kind {
        Kind::Stock if ["status", "since", "until"].into_iter().any(|name| given(name).is_some()) => {
            let time = |name: &str| given(name).map(|text| time_of(name, text, output.lang)).transpose();
            let status = given("status").map(|code| StockStatus::parse(code));
            let filter = StockFilter { status, since: time("since")?, until: time("until")? };
            list_stocks(&account.client, &filter).await?
        }
        Kind::Coupon => {
            let Some(openid) = given("openid") else { return Ok(false) };
            let number = |text: &String| Number::parse(text);
            let by = given("by").and_then(|word| CouponsBy::ALL.into_iter().find(|by| by.word() == word));
            let filter = CouponFilter {
                by: by.unwrap_or_default(),
                stock: given("stock").map(number).transpose()?,
                status: given("status").map(|code| CouponStatus::parse(code)),
            };
            list_coupons(&account.client, &number(openid)?, &filter).await?
        }
        _ => return Ok(false),
    };
    let rows: Vec<Fresh> = found.into_iter().map(|object| Fresh::asked(object, Source::List, asked_at)).collect();
    account.runner().keep(rows.clone()).await?;
    output.objects(&rows, true)?;
    Ok(true)
}

/// A time as WeChat Pay writes it, or a day, which begins at midnight in Beijing.
fn time_of(name: &str, text: &str, lang: Lang) -> Result<Timestamp, Failure> {
    let wrong = || Failure::Usage(tr!(lang, "cli-bad-time", name = name, text = text));
    parse_any(text).or_else(|| parse_compact(&text.replace('-', ""))).ok_or_else(wrong)
}

/// A verb that only stocks have; false if it is none of these.
pub(super) async fn run(
    account: &OpenAccount,
    verb: &str,
    matches: &ArgMatches,
    output: &Output,
) -> Result<bool, Failure> {
    let (what, member) = match verb {
        "merchants" => (Usable::Merchants, "merchant"),
        "items" => (Usable::Items, "item"),
        "callback" if !is_setting(matches) => {
            return callback(account, output).await.map(|()| true);
        }
        verb => match BillFlow::ALL.into_iter().find(|flow| flow.word() == verb) {
            Some(which) => return flow(account, which, matches, output).await.map(|()| true),
            None => return Ok(false),
        },
    };
    let stock = number(Kind::Stock, matches)?.number;
    let found = list_usable(&account.client, &stock, what).await?;
    if found.is_empty() && what == Usable::Items {
        output.note(&output.lang.t("usable-whole-orders"));
    }
    output.print(&match output.format {
        Format::JsonLines => found.iter().map(|one| format!("{}\n", json!({ member: one }))).collect::<String>(),
        Format::Csv => csv(Some([member]), found.into_iter().map(|one| [one])),
        Format::Text => found.iter().map(|one| output.outside(&format!("{one}\n"))).collect(),
    })?;
    Ok(true)
}

/// True if any part of a new address is given: then missing parts are errors.
fn is_setting(matches: &ArgMatches) -> bool {
    let given = |name: &str| matches.get_one::<String>(name).is_some();
    matches.get_flag("dry-run") || ["notify-url", "switch", "reason"].into_iter().any(given)
}

/// Writes a stock's flow file, or prints it.
async fn flow(account: &OpenAccount, which: BillFlow, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let stock = number(Kind::Stock, matches)?.number;
    let runner = account.runner();
    let Some(to) = matches.get_one::<PathBuf>("to").filter(|to| to.as_os_str() != "-") else {
        let (file, _) = runner.fetch_flow(&stock, which, &std::env::temp_dir()).await?;
        return bill::copy(file.path());
    };
    let (path, fetched) = runner.save_flow(&stock, which, to).await?;
    let path = path.display().to_string();
    if output.format == Format::JsonLines {
        let document = json!({ "path": path, "bytes": fetched.bytes, "hash_type": "SHA1", "hash": fetched.sha1, "verified": true });
        return output.print(&format!("{document}\n"));
    }
    output.print(&output.outside(&format!("{path}\n")))?;
    output.note(&tr!(output.lang, "cli-flow-verified", hash = fetched.sha1));
    Ok(())
}

/// Prints the address that is set.
pub(super) async fn callback(account: &OpenAccount, output: &Output) -> Result<(), Failure> {
    let url = account.client.callback().await?;
    let mchid = account.client.mchid().as_str();
    match (output.format, url) {
        (Format::JsonLines, url) => output.print(&format!("{}\n", json!({ "mchid": mchid, "notify_url": url }))),
        (Format::Csv, url) => {
            let record = [mchid.to_owned(), url.unwrap_or_default()];
            output.print(&csv(Some(["mchid", "notify_url"]), std::iter::once(record)))
        }
        (Format::Text, Some(url)) => output.print(&output.outside(&format!("{url}\n"))),
        (Format::Text, None) => {
            output.note(&output.lang.t("cli-callback-none"));
            Ok(())
        }
    }
}

/// A queried object.
pub(super) struct Looked {
    pub object: Object,
    /// Why it could not be stored in the ledger, if so.
    pub store_error: Option<Arc<LedgerError>>,
}

/// Finds a coupon or a permission: a coupon by its id and `--openid`, or by the id alone if the ledger knows its user;
/// a permission by its code or its user.
pub(super) async fn find(
    account: &OpenAccount,
    kind: Kind,
    matches: &ArgMatches,
    output: &Output,
) -> Result<Looked, Failure> {
    let number = number(kind, matches)?.number;
    let openid = matches.try_get_one::<String>("openid").ok().flatten();
    let number = match openid {
        Some(openid) => ObjectId::of_coupon(number.as_str(), openid)?.number,
        None => number,
    };
    let Search { mut found, mut tried, store_error } =
        account.runner().find(&Lookup::Number(number.clone(), Some(kind))).await?;
    match (found.pop(), tried.pop()) {
        (Some(object), _) if found.is_empty() => Ok(Looked { object, store_error }),
        (Some(_), _) => Err(Failure::Ambiguous(number, vec![kind])),
        (None, None) => Err(Failure::Usage(output.lang.t("cli-coupon-needs-openid"))),
        // With only one way to query, its error is final.
        (None, Some(only)) if tried.is_empty() => Err(only.error.into()),
        (None, Some(last)) => {
            tried.push(last);
            Err(Failure::NotFound(number, tried))
        }
    }
}

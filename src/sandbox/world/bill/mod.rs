//! Bills: the trade bill and the fund-flow bill of a past day, generated from the world (transactions reference §9). The
//! bill of a past day is always the same.

mod fund_flow;
#[cfg(test)]
mod tests;
mod trade;

use serde_json::json;

use super::{Call, World};
use crate::model::Money;
use crate::model::bill::{FundAccount, TradeRows};
use crate::model::time::{Date, Duration, Timestamp, beijing_day, midnight, parse_day};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::UrlQuery;

/// When the bill of a day is ready, after the next midnight.
const READY: Duration = Duration::hours(10);
/// How far back bills are available.
const MONTHS: u8 = 3;
/// The rate of the fee, as bills write it.
const RATE: &str = "0.60%";

/// 0.6 % of what is settled, rounded to the fen, half up.
pub(super) fn fee_of(settlement: i64) -> i64 {
    (settlement * 6 + 500) / 1000
}

/// An amount as bills write it.
fn yuan(fen: i64) -> String {
    Money::cny(fen).plain()
}

/// A fee as trade bills write it.
fn fine_yuan(fen: i64) -> String {
    format!("{}000", yuan(fen))
}

/// A bill being written.
struct Csv(String);

impl Csv {
    fn new(header: &[&str]) -> Self {
        let mut csv = Self("\u{feff}".to_owned());
        csv.names(header);
        csv
    }

    /// A header: of the rows, or of the summary.
    fn names(&mut self, names: &[&str]) {
        self.0.push_str(&names.join(","));
        self.0.push_str("\r\n");
    }

    /// Values, each behind a backtick.
    fn values<T: AsRef<str>>(&mut self, values: impl IntoIterator<Item = T>) {
        for (i, value) in values.into_iter().enumerate() {
            self.0.push_str(if i == 0 { "`" } else { ",`" });
            self.0.push_str(value.as_ref());
        }
        self.0.push_str("\r\n");
    }
}

/// The parameters of a request for a bill.
struct BillQuery {
    day: Date,
    packed: bool,
}

impl BillQuery {
    fn read(query: &UrlQuery<'_>, now: Timestamp) -> Result<Self, SandboxRefusal> {
        let day = query.text("bill_date", 10)?;
        let day = parse_day(day).ok_or_else(|| UrlQuery::wrong("bill_date", "账单日期格式错误", "not yyyy-MM-dd"))?;
        let packed = match query.text_if_given("tar_type", 32)? {
            None => false,
            Some("GZIP") => true,
            Some(_) => return Err(UrlQuery::wrong("tar_type", "压缩类型不在枚举范围内", "must be GZIP")),
        };
        if query.text_if_given("sub_mchid", 32)?.is_some() {
            return Err(UrlQuery::wrong("sub_mchid", "商户无权传入该参数", "only service providers send it"));
        }
        let today = beijing_day(now);
        let invalid = |chinese: &'static str, english: &'static str| {
            Err(SandboxRefusal::new(Code::InvalidRequest, chinese, english))
        };
        if day >= today {
            return invalid("账单日期不能是当天或未来的日期", "the day has not ended");
        }
        if day < months_before(today, MONTHS) {
            return invalid("仅支持查询三个月内的账单", "bills are kept for three months");
        }
        if now < midnight(day) + Duration::DAY + READY {
            return Err(SandboxRefusal::new(
                Code::StatementCreating,
                "账单生成中，请在次日10点后获取",
                "the bill is being made; ask after 10:00 of the next day",
            ));
        }
        Ok(Self { day, packed })
    }
}

/// The same day of an earlier month, or its last day.
fn months_before(day: Date, months: u8) -> Date {
    let month = u8::from(day.month());
    let (year, month) =
        if month > months { (day.year(), month - months) } else { (day.year() - 1, month + 12 - months) };
    let date =
        |day: u8| time::Month::try_from(month).ok().and_then(|month| Date::from_calendar_date(year, month, day).ok());
    (28..=day.day()).rev().find_map(date).or_else(|| date(day.day())).unwrap_or(day)
}

fn on(day: Date, at: Timestamp) -> bool {
    beijing_day(at) == day
}

impl World {
    pub(super) fn trade_bill(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let query = call.query();
        let rows = query
            .text_if_given("bill_type", 32)?
            .map_or(Some(TradeRows::All), exact(TradeRows::parse, TradeRows::word));
        let rows = rows.ok_or_else(|| {
            UrlQuery::wrong("bill_type", "账单类型不在枚举范围内", "must be one of ALL, SUCCESS, REFUND")
        })?;
        let asked = BillQuery::read(&query, now)?;
        let bill = self.trade_csv(asked.day, rows);
        self.offer_bill(bill, &asked, now)
    }

    pub(super) fn fund_flow_bill(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let query = call.query();
        let account = query
            .text_if_given("account_type", 32)?
            .map_or(Some(FundAccount::Basic), exact(FundAccount::parse, FundAccount::word));
        let account = account.ok_or_else(|| {
            UrlQuery::wrong("account_type", "资金账户类型不在枚举范围内", "must be one of BASIC, OPERATION, FEES")
        })?;
        let asked = BillQuery::read(&query, now)?;
        // All of this merchant's money goes through one account.
        let bill = if account == FundAccount::Basic { self.fund_flow_csv(asked.day) } else { None };
        self.offer_bill(bill, &asked, now)
    }

    fn offer_bill(&mut self, bill: Option<Csv>, asked: &BillQuery, now: Timestamp) -> SandboxOutcome {
        let bill = bill.ok_or_else(|| {
            SandboxRefusal::new(Code::NoStatementExist, "账单文件不存在", "nothing happened that a bill could list")
        })?;
        let link = self.offer_file(bill.0.into_bytes(), asked.packed, now)?;
        let answer = json!({ "hash_type": "SHA1", "hash_value": link.sha1, "download_url": link.url });
        Ok(Answer::Document(answer))
    }
}

/// WeChat Pay accepts these words in capitals only.
fn exact<T: Copy>(parse: fn(&str) -> Option<T>, word: fn(T) -> &'static str) -> impl Fn(&str) -> Option<T> {
    move |text| parse(text).filter(|value| word(*value) == text)
}

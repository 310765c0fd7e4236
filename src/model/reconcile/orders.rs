//! The merchant's own orders: which column of their table holds what, found by known names or as it is given once, and
//! what a row of it says.

use std::collections::HashMap;

use ::time::UtcOffset;
use serde::{Deserialize, Serialize};

use super::super::time::{BEIJING, Timestamp, parse_bill_time, parse_rfc3339};
use super::super::{Currency, Money};
use super::order_column::{named_unit, plain_name, without_unit};
use super::{AmountUnit, BookState, OrderColumn};
use crate::model::bill::has_lost_digits;

/// The merchant's own words for states, beside those that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderWords {
    pub paid: Vec<String>,
    pub unpaid: Vec<String>,
    pub closed: Vec<String>,
    pub refunded: Vec<String>,
}

/// Which column holds what. What is missing is found by the names that tables of shops usually have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnMap {
    /// The name of a column by [`OrderColumn::word`].
    columns: std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<AmountUnit>,
    /// The offset of times that name none: `+08:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    words: OrderWords,
}

/// What is wrong with a mapping, or with a table that it is to fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnMapError {
    /// A part that is not `column=name`.
    #[error("{0} is not column=name")]
    Malformed(String),
    #[error("there is nothing called {0} to be mapped")]
    Unknown(String),
    #[error("{0} is neither yuan nor fen")]
    Unit(String),
    #[error("{0} is not an offset such as +08:00")]
    Zone(String),
    /// The table has no such column; its columns.
    #[error("there is no column {0}")]
    NoColumn(String, Vec<String>),
    /// Neither given nor found by a known name; the table's columns.
    #[error("no column holds the {}", .0.word())]
    NotFound(OrderColumn, Vec<String>),
}

impl ColumnMap {
    /// Parses `number=订单号,amount=金额(元),unit=fen,zone=+08:00,paid=已发货|待发货`. A name may contain commas if what
    /// follows them is no assignment.
    pub fn parse(text: &str) -> Result<Self, ColumnMapError> {
        let mut map = Self::default();
        let mut parts: Vec<String> = Vec::new();
        for part in text.split(',') {
            let assigns = part.split_once('=').is_some_and(|(name, _)| is_assignable(name.trim()));
            match parts.last_mut() {
                Some(last) if !assigns && !part.contains('=') => {
                    last.push(',');
                    last.push_str(part);
                }
                _ => parts.push(part.to_owned()),
            }
        }
        for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(ColumnMapError::Malformed(part.to_owned()));
            };
            map.assign(name.trim(), value.trim())?;
        }
        Ok(map)
    }

    fn assign(&mut self, name: &str, value: &str) -> Result<(), ColumnMapError> {
        let words = || value.split('|').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
        match name {
            "unit" => {
                let unit = [AmountUnit::Yuan, AmountUnit::Fen].into_iter().find(|unit| unit.word() == value);
                self.unit = Some(unit.ok_or_else(|| ColumnMapError::Unit(value.to_owned()))?);
            }
            "zone" => {
                parse_zone(value).ok_or_else(|| ColumnMapError::Zone(value.to_owned()))?;
                self.zone = Some(value.to_owned());
            }
            "paid" => self.words.paid = words(),
            "unpaid" => self.words.unpaid = words(),
            "closed" => self.words.closed = words(),
            "refunded" => self.words.refunded = words(),
            _ if OrderColumn::from_word(name).is_some() => {
                self.columns.insert(name.to_owned(), value.to_owned());
            }
            _ => return Err(ColumnMapError::Unknown(name.to_owned())),
        }
        Ok(())
    }

    /// The same as it is written: read again by [`Self::parse`].
    pub fn text(&self) -> String {
        let mut parts: Vec<String> = self.columns.iter().map(|(name, column)| format!("{name}={column}")).collect();
        parts.extend(self.unit.map(|unit| format!("unit={}", unit.word())));
        parts.extend(self.zone.as_ref().map(|zone| format!("zone={zone}")));
        let words = &self.words;
        let words = [
            ("paid", &words.paid),
            ("unpaid", &words.unpaid),
            ("closed", &words.closed),
            ("refunded", &words.refunded),
        ];
        parts.extend(
            words.iter().filter(|(_, words)| !words.is_empty()).map(|(name, w)| format!("{name}={}", w.join("|"))),
        );
        parts.join(",")
    }

    /// The offset of times that name none.
    pub fn offset(&self) -> UtcOffset {
        self.zone.as_deref().and_then(parse_zone).unwrap_or(BEIJING)
    }

    /// Fits it to the columns of a table.
    pub fn fit(&self, names: &[String]) -> Result<OrderCells, ColumnMapError> {
        let plain: Vec<String> = names.iter().map(|name| plain_name(name)).collect();
        let mut places = HashMap::new();
        for column in OrderColumn::ALL {
            match self.columns.get(column.word()) {
                Some(name) => {
                    let place = plain.iter().position(|known| *known == plain_name(name));
                    let missing = || ColumnMapError::NoColumn(name.clone(), names.to_vec());
                    places.insert(column, place.ok_or_else(missing)?);
                }
                None => {
                    let known = column.names().iter().map(|name| without_unit(name));
                    let place = known.filter_map(|name| plain.iter().position(|own| without_unit(own) == name)).next();
                    places.extend(place.map(|place| (column, place)));
                }
            }
        }
        // A table of refunds alone has no amounts of orders.
        let required = [OrderColumn::Number, OrderColumn::Amount];
        let has = |column: OrderColumn| match column {
            OrderColumn::Number => [column, OrderColumn::TransactionId, OrderColumn::RefundNumber]
                .iter()
                .any(|column| places.contains_key(column)),
            _ => places.contains_key(&column) || places.contains_key(&OrderColumn::Refund),
        };
        if let Some(missing) = required.into_iter().find(|column| !has(*column)) {
            return Err(ColumnMapError::NotFound(missing, names.to_vec()));
        }
        let unit_of = |column| places.get(&column).and_then(|place: &usize| named_unit(&names[*place]));
        let named = unit_of(OrderColumn::Amount).or_else(|| unit_of(OrderColumn::Refund));
        let unit = self.unit.or(named).unwrap_or(AmountUnit::Yuan);
        Ok(OrderCells { places, unit, offset: self.offset(), words: self.words.clone(), names: names.to_vec() })
    }
}

fn is_assignable(name: &str) -> bool {
    OrderColumn::from_word(name).is_some() || ["unit", "zone", "paid", "unpaid", "closed", "refunded"].contains(&name)
}

fn parse_zone(text: &str) -> Option<UtcOffset> {
    let (sign, rest) = match text.trim() {
        "Z" | "UTC" => return Some(UtcOffset::UTC),
        text => (if text.starts_with('-') { -1 } else { 1 }, text.strip_prefix(['+', '-'])?),
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok().filter(|_| hours <= 15 && (0..60).contains(&minutes))
}

/// How the rows of a table are read.
#[derive(Clone, Debug)]
pub struct OrderCells {
    places: HashMap<OrderColumn, usize>,
    unit: AmountUnit,
    offset: UtcOffset,
    words: OrderWords,
    names: Vec<String>,
}

/// What a row says: an order, a refund, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub number: String,
    pub transaction_id: String,
    pub amount: Option<Money>,
    pub state: BookState,
    /// A word for a state that is not known.
    pub unknown_state: Option<String>,
    pub at: Option<Timestamp>,
    /// Positive.
    pub refund: Option<Money>,
    pub refund_number: String,
    pub refund_at: Option<Timestamp>,
}

impl OrderCells {
    pub fn unit(&self) -> AmountUnit {
        self.unit
    }

    pub fn offset(&self) -> UtcOffset {
        self.offset
    }

    pub fn has(&self, column: OrderColumn) -> bool {
        self.places.contains_key(&column)
    }

    /// The names of the columns that are read, by what they hold.
    pub fn columns(&self) -> impl Iterator<Item = (OrderColumn, &str)> {
        let of = |column: OrderColumn| Some((column, self.names.get(*self.places.get(&column)?)?.as_str()));
        OrderColumn::ALL.into_iter().filter_map(of)
    }

    /// Reads a row; the column that cannot be read as an error. `Ok(None)`: a line without a number and an amount, such
    /// as a blank one or a sum.
    pub fn read<T: AsRef<str>>(&self, cells: &[T]) -> Result<Option<OrderRow>, OrderColumn> {
        let cell = |column: OrderColumn| {
            let cell = self.places.get(&column).and_then(|place| cells.get(*place));
            cell.map_or("", |cell| clean(cell.as_ref()))
        };
        let number = |column| match cell(column) {
            // A bill and some exports write 0 where there is none.
            "0" | "-" | "--" | "无" => Ok(String::new()),
            text if text.len() > 255 || has_lost_digits(text, false) => Err(column),
            text => Ok(text.to_owned()),
        };
        let (order, refund_number) = (number(OrderColumn::Number)?, number(OrderColumn::RefundNumber)?);
        let transaction_id = number(OrderColumn::TransactionId)?;
        if order.is_empty() && transaction_id.is_empty() && refund_number.is_empty() {
            return Ok(None);
        }
        let currency = match cell(OrderColumn::Currency) {
            "" | "人民币" | "RMB" | "rmb" => Currency::CNY,
            code => Currency::parse(code).ok_or(OrderColumn::Currency)?,
        };
        let amount = self.amount(cell(OrderColumn::Amount), currency).map_err(|()| OrderColumn::Amount)?;
        let refund = self.amount(cell(OrderColumn::Refund), currency).map_err(|()| OrderColumn::Refund)?;
        let refund = refund.map(|refund| Money { minor: refund.minor.saturating_abs(), currency });
        let time = |column| match cell(column) {
            "" | "0" | "-" => Ok(None),
            text => self.time(text).map(Some).ok_or(column),
        };
        let (state, unknown_state) = self.state(cell(OrderColumn::State));
        let (at, refund_at) = (time(OrderColumn::Time)?, time(OrderColumn::RefundTime)?);
        Ok(Some(OrderRow {
            number: order,
            transaction_id,
            amount,
            state,
            unknown_state,
            at,
            refund,
            refund_number,
            refund_at,
        }))
    }

    fn amount(&self, text: &str, currency: Currency) -> Result<Option<Money>, ()> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '元').collect();
        if text.is_empty() || text == "-" || text == "--" {
            return Ok(None);
        }
        let code = currency.code();
        let text = text.strip_prefix(code).or_else(|| text.strip_suffix(code)).unwrap_or(&text);
        // A spreadsheet leaves zeros, and calculates others: 12.300, 12.30.
        let trimmed = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
        match self.unit {
            AmountUnit::Yuan => Money::parse(trimmed, currency).map(Some).map_err(|_| ()),
            AmountUnit::Fen => {
                let plain = trimmed.replace(',', "");
                plain.parse().map(|minor| Some(Money { minor, currency })).map_err(|_| ())
            }
        }
    }

    fn time(&self, text: &str) -> Option<Timestamp> {
        if let Some(at) = parse_rfc3339(text) {
            return Some(at);
        }
        // Seconds or milliseconds since 1970.
        if text.bytes().all(|byte| byte.is_ascii_digit()) && matches!(text.len(), 10 | 13) {
            let seconds: i64 = text[..10].parse().ok()?;
            return Timestamp::from_unix_timestamp(seconds).ok();
        }
        // A day alone is at its noon: it is on that day in any zone that is near.
        let (text, is_day) = match text.len() <= 10 && text.matches(['-', '/']).count() == 2 {
            true => (format!("{text} 12:00:00"), true),
            false => (text.replacen('T', " ", 1), false),
        };
        let text = text.split_once('.').map_or(text.as_str(), |(seconds, _)| seconds);
        let at = parse_bill_time(text)?;
        Some(if is_day { at } else { at.replace_offset(self.offset) })
    }

    fn state(&self, text: &str) -> (BookState, Option<String>) {
        if text.is_empty() {
            return (BookState::Unsaid, None);
        }
        let own = [
            (&self.words.paid, BookState::Paid),
            (&self.words.unpaid, BookState::Unpaid),
            (&self.words.closed, BookState::Closed),
            (&self.words.refunded, BookState::Refunded),
        ];
        let own = own.into_iter().find(|(words, _)| words.iter().any(|word| word == text)).map(|(_, state)| state);
        match own.or_else(|| state_of(text)) {
            Some(state) => (state, None),
            None => (BookState::Unsaid, Some(text.to_owned())),
        }
    }
}

/// A cell without what spreadsheets and exports put around numbers so that they stay text.
fn clean(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || "`'\"=\u{feff}".contains(c))
}

/// The meaning of words that shops use for states.
fn state_of(text: &str) -> Option<BookState> {
    let word = text.to_lowercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "success" | "paid" | "trade_success" | "finished" | "complete" | "completed" | "done" | "pay_success"
        | "已支付" | "支付成功" | "已付款" | "付款成功" | "交易成功" | "交易完成" | "已完成" | "完成" | "成功"
        | "已收款" | "待发货" | "已发货" | "待收货" | "已收货" | "已签收" | "待评价" | "shipped" => {
            BookState::Paid
        }
        "notpay" | "unpaid" | "not_paid" | "pending" | "created" | "new" | "wait_pay" | "未支付" | "待支付"
        | "未付款" | "待付款" | "等待付款" | "支付中" | "userpaying" => BookState::Unpaid,
        "closed" | "canceled" | "cancelled" | "trade_closed" | "expired" | "failed" | "payerror" | "已关闭"
        | "交易关闭" | "已取消" | "订单取消" | "已失效" | "支付失败" | "关闭" | "取消" => {
            BookState::Closed
        }
        "refund" | "refunded" | "partially_refunded" | "已退款" | "全额退款" | "部分退款" | "退款成功" | "退款完成" => {
            BookState::Refunded
        }
        "refunding" | "processing" | "退款中" | "退款处理中" | "售后中" => BookState::RefundPending,
        "refund_failed" | "refund_closed" | "fail" | "change" | "abnormal" | "退款失败" | "退款异常" | "退款关闭" => {
            BookState::RefundFailed
        }
        "revoked" | "reversed" | "已撤销" | "撤销" => BookState::Reversed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::rfc3339;

    fn cells(map: &str, names: &[&str]) -> Result<OrderCells, ColumnMapError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        ColumnMap::parse(map).and_then(|map| map.fit(&names))
    }

    #[test]
    fn columns_are_found_by_known_names_and_as_they_are_mapped() {
        let read = cells("", &["店铺", "订单编号", "实付金额（元）", "付款时间", "订单状态"]).unwrap();
        let row = read.read(&["一店", "'A-1", "¥1,234.50", "2026/11/20 8:05", "已发货"]).unwrap().unwrap();
        assert_eq!((&*row.number, row.amount, row.state), ("A-1", Some(Money::cny(123_450)), BookState::Paid));
        assert_eq!(row.at.map(rfc3339).as_deref(), Some("2026-11-20T08:05:00+08:00"));
        let read =
            cells("number=单据,amount=价税合计,unit=fen,zone=+00:00,paid=OK|Y", &["单据", "价税合计", "时间", "状态"]);
        let row = read.unwrap().read(&["A-1", "2880", "2026-11-20 16:30:00", "Y"]).unwrap().unwrap();
        assert_eq!((row.amount, row.state), (Some(Money::cny(2880)), BookState::Paid));
        assert_eq!(row.at.map(crate::model::time::bill_time).as_deref(), Some("2026-11-21 00:30:00"));
        let names = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(cells("", &["a", "b"]).unwrap_err(), ColumnMapError::NotFound(OrderColumn::Number, names.clone()));
        assert_eq!(cells("number=c", &["a", "b"]).unwrap_err(), ColumnMapError::NoColumn("c".into(), names));
    }

    #[test]
    fn the_unit_is_that_of_the_column_unless_it_is_given() {
        assert_eq!(cells("", &["order_no", "amount"]).unwrap().unit(), AmountUnit::Yuan);
        for name in ["金额(分)", "金额（分）", "amount_fen", "total_fee", "amount.total"] {
            assert_eq!(
                cells(&format!("amount={name}"), &["order_no", name]).unwrap().unit(),
                AmountUnit::Fen,
                "{name}"
            );
        }
        assert_eq!(cells("unit=yuan", &["order_no", "total_fee"]).unwrap().unit(), AmountUnit::Yuan);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_column_and_what_is_no_row_is_none() {
        let read = cells("", &["订单号", "金额", "时间", "退款单号", "退款金额"]).unwrap();
        let wrong = |row: [&str; 5]| read.read(&row).unwrap_err();
        assert_eq!(wrong(["4.2E+27", "1.00", "", "", ""]), OrderColumn::Number);
        assert_eq!(wrong(["A-1", "1.005", "", "", ""]), OrderColumn::Amount);
        assert_eq!(wrong(["A-1", "1,5", "", "", ""]), OrderColumn::Amount);
        assert_eq!(wrong(["A-1", "1.00", "昨天", "", ""]), OrderColumn::Time);
        assert_eq!(wrong(["A-1", "1.00", "", "R-1", "x"]), OrderColumn::Refund);
        assert_eq!(read.read(&["", "合计", "", "", ""]), Ok(None));
        assert_eq!(read.read(&["", "", "", "", ""]), Ok(None));
        let row = read.read(&["A-1", "12.300", "1763600000", "R-1", "-2.3"]).unwrap().unwrap();
        assert_eq!((row.amount, row.refund), (Some(Money::cny(1230)), Some(Money::cny(230))));
        assert!(row.at.is_some() && row.refund_number == "R-1");
    }

    #[test]
    fn a_mapping_is_read_as_it_is_written() {
        let text = "amount=金额,含税,number=订单号,unit=fen,zone=-03:30,paid=OK|Y";
        let map = ColumnMap::parse(text).unwrap();
        assert_eq!(ColumnMap::parse(&map.text()), Ok(map.clone()));
        assert_eq!(map.text(), text);
        assert_eq!(map.offset().whole_minutes(), -210);
        for (wrong, error) in [
            ("number", ColumnMapError::Malformed("number".into())),
            ("colour=x", ColumnMapError::Unknown("colour".into())),
            ("unit=jiao", ColumnMapError::Unit("jiao".into())),
            ("zone=8", ColumnMapError::Zone("8".into())),
        ] {
            assert_eq!(ColumnMap::parse(wrong), Err(error));
        }
    }
}

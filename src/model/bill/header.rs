//! The first line of a bill: which columns it has, under their current or old names, or those of WeChat Pay Global
//! (transactions reference §9.3–§9.5, Global reference §9).

use std::borrow::Cow;

use super::super::time::{Timestamp, parse_bill_time};
use super::super::{Currency, Money, MoneyError};
use super::row::{BillFileRow, Direction, FlowRow, NumberMeaning, RefundPart, TradeRow, flow_numbers, trade_numbers};
use super::{Decimal, TradeRows, Why};

/// The layout of a bill's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    Trade,
    FundFlow,
}

macro_rules! columns {
    ($($column:ident $name:literal $(or $older:literal)*,)*) => {
        /// The content of a column.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum BillColumn { $($column),* }

        impl BillColumn {
            const COUNT: usize = [$(stringify!($column)),*].len();

            const fn name(self) -> &'static str {
                match self { $(Self::$column => $name),* }
            }

            fn of(name: &str) -> Option<Self> {
                match name {
                    $($name $(| $older)* => Some(Self::$column),)*
                    _ => None,
                }
            }
        }
    };
}

columns! {
    At "交易时间",
    Appid "公众账号ID" or "公众账号id",
    Mchid "商户号",
    SubMchid "特约商户号" or "子商户号",
    Device "设备号",
    TransactionId "微信订单号" or "微信支付订单号",
    Number "商户订单号",
    User "用户标识",
    TradeType "交易类型",
    State "交易状态",
    Bank "付款银行",
    Currency "货币种类" or "标价币种",
    Settlement "应结订单金额" or "总金额",
    SettledIn "结算币种",
    Coupon "代金券金额" or "代金券或立减优惠金额" or "企业红包金额" or "充值券金额",
    CouponIn "充值券币种",
    Applied "退款申请时间",
    Succeeded "退款成功时间",
    RefundId "微信退款单号",
    RefundNumber "商户退款单号",
    Refunded "退款金额" or "退款应结订单金额",
    RefundedIn "退款结算币种",
    CouponRefunded "充值券退款金额" or "代金券或立减优惠退款金额" or "企业红包退款金额",
    RefundType "退款类型",
    RefundState "退款状态",
    Description "商品名称",
    Attach "商户数据包",
    Fee "手续费",
    Rate "费率",
    Total "订单金额" or "订单金额(标价币种)",
    Requested "申请退款金额",
    RateNote "费率备注",
    FlowAt "记账时间",
    BusinessNumber "微信支付业务单号",
    FlowNumber "资金流水单号" or "资金流水号",
    Business "业务名称",
    BusinessType "业务类型",
    Direction "收支类型",
    Amount "收支金额(元)",
    Balance "账户结余(元)",
    By "资金变更提交申请人",
    Note "备注",
    Voucher "业务凭证号",
}

/// The columns of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    layout: Layout,
    /// The column names.
    names: Vec<String>,
    places: [Option<usize>; BillColumn::COUNT],
    /// The separator of cells in rows without backticks.
    delimiter: u8,
}

/// Separators that programs use in tables.
pub const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];

/// The values of a row as WeChat Pay writes it: each begins with a backtick, and may contain commas. `None` if the line
/// is not such a row.
pub fn values(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix('`')?.split(",`").collect())
}

/// The cells of a line as other programs write it, without the characters that keep numbers as text.
pub fn cells(line: &str, delimiter: u8) -> Vec<Cow<'_, str>> {
    if !line.contains('"') {
        return line.split(char::from(delimiter)).map(|cell| bare(cell).into()).collect();
    }
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter);
    let record = reader.from_reader(line.as_bytes()).into_records().next();
    let record = record.and_then(Result::ok).unwrap_or_default();
    record.iter().map(|cell| bare(cell).to_owned().into()).collect()
}

/// A cell without the apostrophe, tab, backtick or `="…"` that prevents a spreadsheet from reading it as a number.
fn bare(cell: &str) -> &str {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if let Some(text) = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"')) {
        return text;
    }
    cell.strip_prefix(['\'', '`']).unwrap_or(cell).trim()
}

/// A column's name in the form that [`BillColumn::of`] expects: without blanks, brackets in ASCII.
fn plain_name(name: &str) -> String {
    let kept = |c: &char| !c.is_whitespace() && *c != '\u{feff}';
    name.chars()
        .filter(kept)
        .map(|c| {
            if c == '（' {
                '('
            } else if c == '）' {
                ')'
            } else {
                c
            }
        })
        .collect()
}

/// A number of which a spreadsheet kept only the first digits: `4.20001E+27`; or, in cells `resaved` by one, all digits
/// after the fifteenth are 0.
pub fn has_lost_digits(number: &str, resaved: bool) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let scientific = number.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        exponent.starts_with('+') && digits(&exponent[1..]) && digits(whole) && digits(fraction)
    });
    let rounded = || number.len() > 18 && digits(number) && number[15..].bytes().all(|digit| digit == b'0');
    scientific || (resaved && rounded())
}

impl Header {
    /// Parses a header line; `None` if it is not a bill's.
    pub fn parse(line: &str) -> Option<Self> {
        if line.starts_with('`') {
            return None;
        }
        // Most lines are not headers: reject them quickly.
        if !line.contains('时') || !line.contains('间') {
            return None;
        }
        DELIMITERS.into_iter().find_map(|delimiter| Self::parse_by(line, delimiter))
    }

    fn parse_by(line: &str, delimiter: u8) -> Option<Self> {
        let names: Vec<String> = cells(line, delimiter).into_iter().map(Cow::into_owned).collect();
        let mut places = [None; BillColumn::COUNT];
        for (place, name) in names.iter().enumerate() {
            if let Some(column) = BillColumn::of(&plain_name(name)) {
                places[column as usize].get_or_insert(place);
            }
        }
        let has = |column: BillColumn| places[column as usize].is_some();
        let layout = if has(BillColumn::At) && (has(BillColumn::Number) || has(BillColumn::TransactionId)) {
            Layout::Trade
        } else if has(BillColumn::FlowAt) && has(BillColumn::FlowNumber) {
            Layout::FundFlow
        } else {
            return None;
        };
        Some(Self { layout, names, places, delimiter })
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The column names as they are in the file.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A line from which the same header is read.
    pub fn line(&self) -> String {
        self.names.join(&char::from(self.delimiter).to_string())
    }

    /// The number of columns.
    pub(crate) fn width(&self) -> usize {
        self.names.len()
    }

    /// The separator of its line.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The cells of a line that another program wrote.
    pub(super) fn split<'a>(&self, line: &'a str) -> Vec<Cow<'a, str>> {
        cells(line, self.delimiter)
    }

    /// Whether a column holds money: a table of times and numbers is not a bill.
    pub(crate) fn has_amounts(&self) -> bool {
        let amounts = [
            BillColumn::Total,
            BillColumn::Settlement,
            BillColumn::Requested,
            BillColumn::Refunded,
            BillColumn::Amount,
        ]
        .into_iter();
        amounts.into_iter().any(|column| self.places[column as usize].is_some())
    }

    /// Whether the cells have a time in a row's time column: this distinguishes a row from other lines with as many
    /// cells.
    pub(super) fn is_timed<T: AsRef<str>>(&self, cells: &[T]) -> bool {
        let column = if self.layout == Layout::Trade { BillColumn::At } else { BillColumn::FlowAt };
        let cell = self.places[column as usize].and_then(|place| cells.get(place));
        cell.is_some_and(|cell| parse_bill_time(cell.as_ref()).is_some())
    }

    /// The column of a row's time, if its cell is neither a time nor empty.
    pub(super) fn untimed<T: AsRef<str>>(&self, cells: &[T]) -> Option<&'static str> {
        let column = if self.layout == Layout::Trade { BillColumn::At } else { BillColumn::FlowAt };
        let cell = cells.get(self.places[column as usize]?)?.as_ref().trim();
        (!matches!(cell, "" | "0") && parse_bill_time(cell).is_none()).then_some(column.name())
    }

    /// Whether it is a statement of WeChat Pay Global, which has no summary.
    pub(crate) fn is_statement(&self) -> bool {
        self.places[BillColumn::SettledIn as usize].is_some()
    }

    /// Which rows a trade bill with these columns lists.
    pub(crate) fn trade_rows(&self) -> TradeRows {
        let has = |column: BillColumn| self.places[column as usize].is_some();
        if has(BillColumn::Applied) {
            TradeRows::Refund
        } else if [BillColumn::RefundNumber, BillColumn::RefundId, BillColumn::Refunded].into_iter().any(has) {
            TradeRows::All
        } else {
            TradeRows::Success
        }
    }

    /// Whether a column holds numbers of objects or of accounts: text, even if it looks like an amount.
    pub(crate) fn names_something(&self, place: usize) -> bool {
        const NUMBERS: [BillColumn; 12] = [
            BillColumn::Appid,
            BillColumn::Mchid,
            BillColumn::SubMchid,
            BillColumn::Device,
            BillColumn::TransactionId,
            BillColumn::Number,
            BillColumn::User,
            BillColumn::RefundId,
            BillColumn::RefundNumber,
            BillColumn::BusinessNumber,
            BillColumn::FlowNumber,
            BillColumn::Voucher,
        ];
        NUMBERS.into_iter().any(|column| self.places[column as usize] == Some(place))
    }

    /// Whether a column holds the merchant's text, with commas and line feeds escaped.
    pub(crate) fn is_merchants(&self, place: usize) -> bool {
        [BillColumn::Description, BillColumn::Attach]
            .into_iter()
            .any(|column| self.places[column as usize] == Some(place))
    }

    /// Parses a row.
    pub fn row<T: AsRef<str>>(&self, values: &[T]) -> Result<BillFileRow, Why> {
        let cells = self.cells(values)?;
        match self.layout {
            Layout::Trade => cells.trade().map(|row| BillFileRow::Trade(Box::new(row))),
            Layout::FundFlow => cells.flow().map(|row| BillFileRow::Flow(Box::new(row))),
        }
    }

    /// The numbers that a row names, whatever its other cells contain; see [`BillFileRow::numbers`].
    pub fn numbers<'a, T: AsRef<str>>(&self, values: &'a [T]) -> Result<Vec<(NumberMeaning, &'a str)>, Why> {
        let cells = self.cells(values)?;
        let get = |column| cells.get(column).unwrap_or_default().trim();
        Ok(match self.layout {
            Layout::Trade => trade_numbers(
                get(BillColumn::RefundNumber),
                get(BillColumn::Number),
                get(BillColumn::TransactionId),
                get(BillColumn::Attach),
            ),
            Layout::FundFlow => flow_numbers(get(BillColumn::Business), get(BillColumn::Voucher)),
        })
    }

    /// The column whose number lost its digits, if there is one.
    pub fn lost_digits<T: AsRef<str>>(&self, values: &[T], resaved: bool) -> Option<&'static str> {
        const WHOLE: [BillColumn; 7] = [
            BillColumn::TransactionId,
            BillColumn::Number,
            BillColumn::RefundId,
            BillColumn::RefundNumber,
            BillColumn::BusinessNumber,
            BillColumn::FlowNumber,
            BillColumn::Voucher,
        ];
        let cells = self.cells(values).ok()?;
        let lost = |column: &BillColumn| has_lost_digits(cells.get(*column).unwrap_or_default().trim(), resaved);
        WHOLE.into_iter().find(lost).map(BillColumn::name)
    }

    fn cells<'a, T: AsRef<str>>(&self, values: &'a [T]) -> Result<Cells<'_, 'a, T>, Why> {
        if values.len() != self.width() {
            return Err(Why::Fields { found: values.len(), expected: self.width() });
        }
        Ok(Cells { header: self, values })
    }
}

/// One row, read by column.
struct Cells<'h, 'a, T> {
    header: &'h Header,
    values: &'a [T],
}

impl<'a, T: AsRef<str>> Cells<'_, 'a, T> {
    /// `None` if the layout has no such column.
    fn get(&self, column: BillColumn) -> Option<&'a str> {
        self.values.get(self.header.places[column as usize]?).map(AsRef::as_ref)
    }

    fn text(&self, column: BillColumn) -> String {
        self.get(column).unwrap_or_default().trim().to_owned()
    }

    fn wrong(&self, column: BillColumn) -> Why {
        Why::Value { column: column.name().into() }
    }

    /// An amount in a currency's major unit; `None` for a missing column.
    fn amount_if_there(&self, column: BillColumn, currency: Currency) -> Result<Option<Money>, Why> {
        let parse = |text: &str| match Money::parse(text, currency) {
            // Zeros beyond the currency's decimals change nothing.
            Err(MoneyError::Decimals(_)) => {
                Money::parse(text.trim().trim_end_matches('0').trim_end_matches('.'), currency)
            }
            read => read,
        };
        self.get(column).map(|text| parse(text).map_err(|_| self.wrong(column))).transpose()
    }

    fn amount(&self, column: BillColumn, currency: Currency) -> Result<Money, Why> {
        Ok(self.amount_if_there(column, currency)?.unwrap_or(Money { minor: 0, currency }))
    }

    /// The currency in a column; `other` if the column is missing or empty.
    fn currency(&self, column: BillColumn, other: Currency) -> Result<Currency, Why> {
        match self.get(column).unwrap_or_default().trim() {
            "" | "0" => Ok(other),
            code => Currency::parse(code).ok_or_else(|| self.wrong(column)),
        }
    }

    fn fine(&self, column: BillColumn) -> Result<Decimal, Why> {
        let parse = |text: &str| Decimal::parse(text).ok_or_else(|| self.wrong(column));
        self.get(column).map_or(Ok(Decimal::default()), parse)
    }

    fn time(&self, column: BillColumn) -> Result<Option<Timestamp>, Why> {
        let text = self.get(column).unwrap_or_default().trim();
        // If a time is not known yet, the cell is empty or 0.
        if text.is_empty() || text == "0" {
            return Ok(None);
        }
        parse_bill_time(text).map(Some).ok_or_else(|| self.wrong(column))
    }

    fn trade(&self) -> Result<TradeRow, Why> {
        let currency = self.currency(BillColumn::Currency, Currency::CNY)?;
        let settled_in = self.currency(BillColumn::SettledIn, currency)?;
        let coupon_in = self.currency(BillColumn::CouponIn, currency)?;
        let total = self.amount_if_there(BillColumn::Total, currency)?;
        // Old layouts, and tables with fewer columns, have only this one.
        let settlement = self.amount_if_there(BillColumn::Settlement, settled_in)?;
        let [total, settlement] = match (total, settlement) {
            (Some(total), Some(settlement)) => [total, settlement],
            (Some(one), None) | (None, Some(one)) => [one, one],
            (None, None) => [Money { minor: 0, currency }, Money { minor: 0, currency: settled_in }],
        };
        let state = self.text(BillColumn::State);
        let refund = self.refund(currency, settled_in, coupon_in, &state)?;
        Ok(TradeRow {
            at: self.time(BillColumn::At)?,
            appid: self.text(BillColumn::Appid),
            mchid: self.text(BillColumn::Mchid),
            sub_mchid: self.text(BillColumn::SubMchid),
            device: self.text(BillColumn::Device),
            transaction_id: self.text(BillColumn::TransactionId),
            number: self.text(BillColumn::Number),
            user: self.text(BillColumn::User),
            trade_type: self.text(BillColumn::TradeType),
            state,
            bank: self.text(BillColumn::Bank),
            settlement,
            coupon: self.amount(BillColumn::Coupon, coupon_in)?,
            total,
            refund: refund.map(Box::new),
            description: merchants_text(self.get(BillColumn::Description).unwrap_or_default()),
            attach: merchants_text(self.get(BillColumn::Attach).unwrap_or_default()),
            fee: self.fine(BillColumn::Fee)?,
            settled_in,
            rate: self.text(BillColumn::Rate),
            rate_note: self.text(BillColumn::RateNote),
        })
    }

    /// The refund in a row, if it is a refund's row.
    fn refund(
        &self,
        currency: Currency,
        settled_in: Currency,
        coupon_in: Currency,
        state: &str,
    ) -> Result<Option<RefundPart>, Why> {
        let refunded_in = self.currency(BillColumn::RefundedIn, settled_in)?;
        let requested = self.amount_if_there(BillColumn::Requested, currency)?;
        let refunded = self.amount_if_there(BillColumn::Refunded, refunded_in)?;
        let [requested, refunded] = match (requested, refunded) {
            (Some(requested), Some(refunded)) => [requested, refunded],
            (Some(one), None) | (None, Some(one)) => [one, one],
            (None, None) => [Money { minor: 0, currency }, Money { minor: 0, currency: refunded_in }],
        };
        let number = |column: BillColumn| Some(self.text(column)).filter(|text| text != "0").unwrap_or_default();
        let (number, id) = (number(BillColumn::RefundNumber), number(BillColumn::RefundId));
        // A reversal has no refund number, and its money is in the refund columns.
        let reversed = state == "REVOKED" && (requested.minor != 0 || refunded.minor != 0);
        if number.is_empty() && id.is_empty() && state != "REFUND" && !reversed {
            return Ok(None);
        }
        Ok(Some(RefundPart {
            number,
            id,
            refunded,
            coupon: self.amount(BillColumn::CouponRefunded, coupon_in)?,
            requested,
            channel: self.text(BillColumn::RefundType),
            state: self.text(BillColumn::RefundState),
            applied: self.time(BillColumn::Applied)?,
            succeeded: self.time(BillColumn::Succeeded)?,
        }))
    }

    fn flow(&self) -> Result<FlowRow, Why> {
        Ok(FlowRow {
            at: self.time(BillColumn::FlowAt)?,
            business_number: self.text(BillColumn::BusinessNumber),
            flow_number: self.text(BillColumn::FlowNumber),
            business: self.text(BillColumn::Business),
            kind: self.text(BillColumn::BusinessType),
            direction: Direction::parse(&self.text(BillColumn::Direction)),
            amount: self.amount(BillColumn::Amount, Currency::CNY)?,
            balance: self.amount(BillColumn::Balance, Currency::CNY)?,
            by: self.text(BillColumn::By),
            note: self.text(BillColumn::Note),
            voucher: self.text(BillColumn::Voucher),
        })
    }
}

/// The merchant's text: commas and line feeds are escaped in the file.
pub fn merchants_text(text: &str) -> String {
    // Most texts have none, and searching for two strings costs more than for one letter.
    if !text.contains('\\') {
        return text.to_owned();
    }
    text.replace("\\ ", ",").replace("\\n", "\n")
}

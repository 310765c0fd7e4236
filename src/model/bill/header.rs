//! The first line of a bill: which columns it has, under the names of today or of years ago (transactions reference
//! §9.3–§9.5).

use super::super::Money;
use super::super::time::{Timestamp, parse_bill_time};
use super::row::{Direction, FlowRow, Named, RefundPart, Row, TradeRow, flow_numbers, trade_numbers};
use super::{BillError, Fine};

/// What the rows of a bill are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    Trade,
    FundFlow,
}

macro_rules! columns {
    ($($column:ident $name:literal $(or $older:literal)*,)*) => {
        /// What a column holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Column { $($column),* }

        impl Column {
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
    Device "设备号",
    TransactionId "微信订单号" or "微信支付订单号",
    Number "商户订单号",
    User "用户标识",
    TradeType "交易类型",
    State "交易状态",
    Bank "付款银行",
    Currency "货币种类",
    Settlement "应结订单金额" or "总金额",
    Coupon "代金券金额" or "代金券或立减优惠金额" or "企业红包金额",
    Applied "退款申请时间",
    Succeeded "退款成功时间",
    RefundId "微信退款单号",
    RefundNumber "商户退款单号",
    Refunded "退款金额",
    CouponRefunded "充值券退款金额" or "代金券或立减优惠退款金额" or "企业红包退款金额",
    RefundType "退款类型",
    RefundState "退款状态",
    Description "商品名称",
    Attach "商户数据包",
    Fee "手续费",
    Rate "费率",
    Total "订单金额",
    Requested "申请退款金额",
    RateNote "费率备注",
    FlowAt "记账时间",
    BusinessNumber "微信支付业务单号",
    FlowNumber "资金流水单号" or "资金流水号",
    Business "业务名称",
    BusinessType "业务类型",
    Direction "收支类型",
    Amount "收支金额(元)" or "收支金额（元）",
    Balance "账户结余(元)" or "账户结余（元）",
    By "资金变更提交申请人",
    Note "备注",
    Voucher "业务凭证号",
}

/// The columns of a bill, as it has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    layout: Layout,
    width: usize,
    places: [Option<usize>; Column::COUNT],
}

/// The names in a header line.
pub(super) fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(|name| name.trim_matches(|c: char| c.is_whitespace() || "`\u{feff}".contains(c)))
}

/// The values of a row: each begins with a backtick, and may hold commas. None if the line is no row.
pub fn values(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix('`')?.split(",`").collect())
}

/// Whether a line is the header of the summary below a bill's rows.
pub fn is_summary(line: &str) -> bool {
    ["总交易单数", "资金流水总笔数"].iter().any(|name| line.starts_with(name))
}

impl Header {
    /// Reads a header line; none if it is no bill's.
    pub fn parse(line: &str) -> Option<Self> {
        if line.starts_with('`') {
            return None;
        }
        let mut places = [None; Column::COUNT];
        let mut width = 0;
        for (place, name) in names(line).enumerate() {
            width = place + 1;
            if let Some(column) = Column::of(name) {
                places[column as usize].get_or_insert(place);
            }
        }
        let has = |column: Column| places[column as usize].is_some();
        let layout = if has(Column::At) && (has(Column::Number) || has(Column::TransactionId)) {
            Layout::Trade
        } else if has(Column::FlowAt) && has(Column::FlowNumber) {
            Layout::FundFlow
        } else {
            return None;
        };
        Some(Self { layout, width, places })
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Reads a row, the `line`th line of its file.
    pub fn row(&self, text: &str, line: u64) -> Result<Row, BillError> {
        let cells = self.cells(text, line)?;
        match self.layout {
            Layout::Trade => cells.trade().map(Row::Trade),
            Layout::FundFlow => cells.flow().map(Row::Flow),
        }
    }

    /// The numbers that a row names, whatever its other cells hold; see [`Row::numbers`].
    pub fn numbers<'a>(&self, text: &'a str, line: u64) -> Result<Vec<(Named, &'a str)>, BillError> {
        let cells = self.cells(text, line)?;
        let get = |column| cells.get(column).unwrap_or_default().trim();
        Ok(match self.layout {
            Layout::Trade => trade_numbers(
                get(Column::RefundNumber),
                get(Column::Number),
                get(Column::TransactionId),
                get(Column::Attach),
            ),
            Layout::FundFlow => flow_numbers(get(Column::Business), get(Column::Voucher)),
        })
    }

    fn cells<'a>(&self, text: &'a str, line: u64) -> Result<Cells<'_, 'a>, BillError> {
        let values = values(text).unwrap_or_default();
        if values.len() != self.width {
            return Err(BillError::Fields { line, found: values.len(), expected: self.width });
        }
        Ok(Cells { header: self, values, line })
    }
}

/// One row, read by column.
struct Cells<'h, 'a> {
    header: &'h Header,
    values: Vec<&'a str>,
    line: u64,
}

impl<'a> Cells<'_, 'a> {
    /// None if the layout has no such column.
    fn get(&self, column: Column) -> Option<&'a str> {
        self.values.get(self.header.places[column as usize]?).copied()
    }

    fn text(&self, column: Column) -> String {
        self.get(column).unwrap_or_default().trim().to_owned()
    }

    fn wrong(&self, column: Column) -> BillError {
        BillError::Value { line: self.line, column: column.name() }
    }

    /// An amount in yuan; of a column that is not there, none.
    fn yuan_if_there(&self, column: Column) -> Result<Option<Money>, BillError> {
        let parse = |text: &str| Money::parse(text, super::super::Currency::CNY).map_err(|_| self.wrong(column));
        self.get(column).map(parse).transpose()
    }

    fn yuan(&self, column: Column) -> Result<Money, BillError> {
        Ok(self.yuan_if_there(column)?.unwrap_or(Money::cny(0)))
    }

    fn fine(&self, column: Column) -> Result<Fine, BillError> {
        self.get(column).map_or(Ok(Fine::default()), |text| Fine::parse(text).ok_or_else(|| self.wrong(column)))
    }

    fn time(&self, column: Column) -> Result<Option<Timestamp>, BillError> {
        let text = self.get(column).unwrap_or_default().trim();
        // Where a time is not known yet, the cell is empty, or 0.
        if text.is_empty() || text == "0" {
            return Ok(None);
        }
        parse_bill_time(text).map(Some).ok_or_else(|| self.wrong(column))
    }

    fn trade(&self) -> Result<TradeRow, BillError> {
        let settlement = self.yuan(Column::Settlement)?;
        let refunded = self.yuan(Column::Refunded)?;
        let refund_number = self.text(Column::RefundNumber);
        let refund_id = self.text(Column::RefundId);
        let some = |text: &str| !text.is_empty() && text != "0";
        let refund = if some(&refund_number) || some(&refund_id) {
            Some(Box::new(RefundPart {
                number: refund_number,
                id: refund_id,
                refunded,
                coupon: self.yuan(Column::CouponRefunded)?,
                // Of years ago there is only the one.
                requested: self.yuan_if_there(Column::Requested)?.unwrap_or(refunded),
                channel: self.text(Column::RefundType),
                state: self.text(Column::RefundState),
                applied: self.time(Column::Applied)?,
                succeeded: self.time(Column::Succeeded)?,
            }))
        } else {
            None
        };
        Ok(TradeRow {
            at: self.time(Column::At)?,
            appid: self.text(Column::Appid),
            mchid: self.text(Column::Mchid),
            device: self.text(Column::Device),
            transaction_id: self.text(Column::TransactionId),
            number: self.text(Column::Number),
            user: self.text(Column::User),
            trade_type: self.text(Column::TradeType),
            state: self.text(Column::State),
            bank: self.text(Column::Bank),
            currency: self.text(Column::Currency),
            settlement,
            coupon: self.yuan(Column::Coupon)?,
            total: self.yuan_if_there(Column::Total)?.unwrap_or(settlement),
            refund,
            description: merchants_text(self.get(Column::Description)),
            attach: merchants_text(self.get(Column::Attach)),
            fee: self.fine(Column::Fee)?,
            rate: self.text(Column::Rate),
            rate_note: self.text(Column::RateNote),
        })
    }

    fn flow(&self) -> Result<FlowRow, BillError> {
        Ok(FlowRow {
            at: self.time(Column::FlowAt)?,
            business_number: self.text(Column::BusinessNumber),
            flow_number: self.text(Column::FlowNumber),
            business: self.text(Column::Business),
            kind: self.text(Column::BusinessType),
            direction: Direction::parse(&self.text(Column::Direction)),
            amount: self.yuan(Column::Amount)?,
            balance: self.yuan(Column::Balance)?,
            by: self.text(Column::By),
            note: self.text(Column::Note),
            voucher: self.text(Column::Voucher),
        })
    }
}

/// What the merchant wrote: commas and line feeds come escaped.
fn merchants_text(text: Option<&str>) -> String {
    text.unwrap_or_default().replace("\\ ", ",").replace("\\n", "\n")
}

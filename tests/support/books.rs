//! Worlds of bills and orders for reconciliation, made from a seed, with known differences of every class in them.
#![allow(dead_code, reason = "each user needs a part of it")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The day that is reconciled, and the day before and after.
pub const DAY: &str = "2026-11-20";
pub const BEFORE: &str = "2026-11-19";
pub const AFTER: &str = "2026-11-21";

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Ordinary payments.
    pub rows: usize,
    /// Differences of each class.
    pub planted: usize,
}

/// A world.
pub struct Books {
    trade: Vec<TradeLine>,
    flow: Vec<FlowLine>,
    orders: Vec<OrderLine>,
    /// The class and the number of every difference.
    pub planted: BTreeSet<(String, String)>,
    /// What is matched across a midnight.
    pub across: Vec<String>,
}

struct TradeLine {
    at: String,
    number: String,
    platform: String,
    total: i64,
    fee: i64,
    /// The number of the refund, and its amount.
    refund: Option<(String, i64)>,
}

struct FlowLine {
    at: String,
    number: String,
    business: &'static str,
    kind: &'static str,
    /// Signed.
    amount: i64,
}

/// A line of the merchant's file.
pub struct OrderLine {
    pub number: String,
    pub at: String,
    pub amount: Option<i64>,
    pub state: &'static str,
    pub refund_number: String,
    pub refund: Option<i64>,
    pub refund_at: String,
}

pub fn fee_of(settled: i64) -> i64 {
    (settled * 6 + 500) / 1000
}

pub fn yuan(fen: i64) -> String {
    format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100)
}

impl Books {
    pub fn make(plan: Plan) -> Self {
        let books = Self {
            trade: Vec::with_capacity(plan.rows * 2),
            flow: Vec::with_capacity(plan.rows * 3),
            orders: Vec::with_capacity(plan.rows * 2),
            planted: BTreeSet::new(),
            across: Vec::new(),
        };
        let mut maker = Maker { books, random: StdRng::seed_from_u64(plan.seed), next: 0 };
        maker.ordinary(plan.rows);
        for _ in 0..plan.planted {
            maker.plant();
        }
        maker.shuffle();
        maker.books
    }

    /// What the bill of the day adds up to: payments less refunds.
    pub fn trade_total(&self) -> i64 {
        let of_the_day = self.trade.iter().filter(|line| line.at.starts_with(DAY));
        of_the_day.map(|line| line.refund.as_ref().map_or(line.total, |(_, refund)| -refund)).sum()
    }

    pub fn orders(&self) -> &[OrderLine] {
        &self.orders
    }

    /// Writes the bills, a file for each side and day. Returns those that there are.
    pub fn write_bills(&self, folder: &Path) -> Vec<PathBuf> {
        let mut written = Vec::new();
        for day in [BEFORE, DAY, AFTER] {
            let trade: Vec<&TradeLine> = self.trade.iter().filter(|line| line.at.starts_with(day)).collect();
            let flow: Vec<&FlowLine> = self.flow.iter().filter(|line| line.at.starts_with(day)).collect();
            for (name, text) in [("trade", trade_bill(&trade)), ("flow", flow_bill(&flow))] {
                let path = folder.join(format!("{name}-{day}.csv"));
                std::fs::write(&path, text).unwrap();
                written.push(path);
            }
        }
        written
    }

    /// The merchant's file as CSV.
    pub fn orders_csv(&self) -> String {
        let mut text = String::from("门店,订单号,支付时间,金额(元),订单状态,退款单号,退款金额(元),退款时间\n");
        for line in &self.orders {
            let money = |amount: Option<i64>| amount.map(yuan).unwrap_or_default();
            let _ = writeln!(
                text,
                "\"一店, 总部\",{},{},{},{},{},{},{}",
                line.number,
                line.at,
                money(line.amount),
                line.state,
                line.refund_number,
                money(line.refund),
                line.refund_at,
            );
        }
        text
    }

    /// The same as JSON lines, amounts in fen.
    pub fn orders_json(&self) -> String {
        let mut text = String::new();
        for line in &self.orders {
            let document = serde_json::json!({
                "order_no": line.number, "paid_at": line.at, "amount_fen": line.amount, "status": line.state,
                "refund": {"no": line.refund_number, "fen": line.refund, "at": line.refund_at},
            });
            let _ = writeln!(text, "{document}");
        }
        text
    }
}

struct Maker {
    books: Books,
    random: StdRng,
    next: usize,
}

impl Maker {
    fn number(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{:08}", self.next)
    }

    /// A time of the day that is far from its midnights.
    fn time(&mut self, day: &str) -> String {
        let second = self.random.random_range(3_600..82_000);
        format!("{day} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }

    fn amount(&mut self) -> i64 {
        self.random.random_range(500..200_000)
    }

    fn bill(&mut self, number: &str, at: &str, total: i64) {
        let fee = fee_of(total);
        let platform = self.number("42000099992026");
        self.books.trade.push(TradeLine { at: at.into(), number: number.into(), platform, total, fee, refund: None });
    }

    fn account(&mut self, number: &str, at: &str, total: i64) {
        let mut flow = |business, kind, amount| {
            self.books.flow.push(FlowLine { at: at.into(), number: number.into(), business, kind, amount });
        };
        flow("交易", "交易", total);
        flow("交易", "扣除交易手续费", -fee_of(total));
    }

    fn order(&mut self, number: &str, at: &str, amount: i64, state: &'static str) {
        let (refund_number, refund, refund_at) = (String::new(), None, String::new());
        let (number, at, amount) = (number.to_owned(), at.to_owned(), Some(amount));
        self.books.orders.push(OrderLine { number, at, amount, state, refund_number, refund, refund_at });
    }

    fn refund_in_bill(&mut self, refund: &str, order: &str, at: &str, amount: i64) {
        let platform = self.number("50300099992026");
        let (number, fee) = (order.to_owned(), -fee_of(amount));
        let refund_part = Some((refund.to_owned(), amount));
        self.books.trade.push(TradeLine { at: at.into(), number, platform, total: 0, fee, refund: refund_part });
        let moved = fee_of(amount) - amount;
        let (number, at) = (refund.to_owned(), at.to_owned());
        self.books.flow.push(FlowLine { at, number, business: "退款", kind: "退款", amount: moved });
    }

    fn refund_in_orders(&mut self, refund: &str, order: &str, at: &str, amount: i64) {
        self.books.orders.push(OrderLine {
            number: order.to_owned(),
            at: String::new(),
            amount: None,
            state: "退款成功",
            refund_number: refund.to_owned(),
            refund: Some(amount),
            refund_at: at.to_owned(),
        });
    }

    /// A payment that all sides have.
    fn paid(&mut self, day: &str) -> (String, String, i64) {
        let (number, at, amount) = (self.number("PAY"), self.time(day), self.amount());
        self.bill(&number, &at, amount);
        self.account(&number, &at, amount);
        let state = ["已支付", "已发货", "SUCCESS"][self.random.random_range(0..3)];
        self.order(&number, &at, amount, state);
        (number, at, amount)
    }

    fn ordinary(&mut self, rows: usize) {
        for _ in 0..rows {
            match self.random.random_range(0..100) {
                // Refunded in part on the same day.
                0..3 => {
                    let (number, _, amount) = self.paid(DAY);
                    let (refund, at) = (self.number("REF"), format!("{DAY} 23:01:00"));
                    self.refund_in_bill(&refund, &number, &at, amount / 2);
                    self.refund_in_orders(&refund, &number, &at, amount / 2);
                }
                // Never paid.
                3..5 => {
                    let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
                    let state = ["待支付", "已关闭"][self.random.random_range(0..2)];
                    self.order(&number, &at, amount, state);
                }
                5 => {
                    self.paid(BEFORE);
                }
                // Of an order of long ago.
                6 => {
                    let (refund, order, at) = (self.number("REF"), self.number("OLD"), self.time(DAY));
                    self.refund_in_bill(&refund, &order, &at, 700);
                    self.refund_in_orders(&refund, &order, &at, 700);
                }
                // A withdrawal is no trade.
                7 => {
                    let (number, at) = (self.number("WDR"), self.time(DAY));
                    let (business, kind) = ("提现", "提现");
                    self.books.flow.push(FlowLine { at, number, business, kind, amount: -5_000 });
                }
                8 => {
                    let number = self.number("CUT");
                    let amount = self.amount();
                    let (there, here) = match self.random.random_range(0..3) {
                        0 => (format!("{AFTER} 00:00:03"), format!("{DAY} 23:59:58")),
                        1 => (format!("{DAY} 00:00:02"), format!("{BEFORE} 23:59:59")),
                        _ => (format!("{DAY} 23:59:59"), format!("{AFTER} 00:00:01")),
                    };
                    self.bill(&number, &there, amount);
                    self.account(&number, &there, amount);
                    self.order(&number, &here, amount, "已支付");
                    self.books.across.push(number);
                }
                _ => {
                    self.paid(DAY);
                }
            }
        }
    }

    /// One difference of each class, some in several forms.
    fn plant(&mut self) {
        // 长款.
        let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
        self.bill(&number, &at, amount);
        self.account(&number, &at, amount);
        self.planted("surplus", &number);
        // 长款 of a refund: made elsewhere.
        let (number, at, amount) = self.paid(DAY);
        let refund = self.number("REF");
        self.refund_in_bill(&refund, &number, &at, amount / 3);
        self.planted("surplus", &refund);
        // 短款, of a payment and of a refund.
        let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
        self.order(&number, &at, amount, "已支付");
        self.planted("shortage", &number);
        let (number, at, amount) = self.paid(DAY);
        let refund = self.number("REF");
        self.refund_in_orders(&refund, &number, &at, amount / 3);
        self.planted("shortage", &refund);
        // The amounts.
        let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
        self.bill(&number, &at, amount);
        self.account(&number, &at, amount);
        self.order(&number, &at, amount - 100, "已支付");
        self.planted("amount", &number);
        // The states: paid there, and open or closed here.
        let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
        self.bill(&number, &at, amount);
        self.account(&number, &at, amount);
        let state = ["待支付", "已取消"][self.random.random_range(0..2)];
        self.order(&number, &at, amount, state);
        self.planted("state", &number);
        // Twice in the orders; paid twice.
        let (number, at, amount) = self.paid(DAY);
        if self.random.random_bool(0.5) {
            self.order(&number, &at, amount, "已支付");
        } else {
            self.bill(&number, &at, amount);
            self.account(&number, &at, amount);
        }
        self.planted("duplicate", &number);
        // A refund of nothing.
        let (refund, order, at) = (self.number("REF"), self.number("NONE"), self.time(DAY));
        self.refund_in_bill(&refund, &order, &at, 900);
        self.planted("refund-without-payment", &refund);
        // Refunds that are more than the payment: the second one.
        let (number, _, amount) = self.paid(DAY);
        for (part, hour) in [(amount * 2 / 3, 23), (amount * 2 / 3 + 1, 24)] {
            let (refund, at) = (self.number("REF"), format!("{DAY} 23:{:02}:00", hour - 20));
            self.refund_in_bill(&refund, &number, &at, part);
            self.refund_in_orders(&refund, &number, &at, part);
            if hour == 24 {
                self.planted("refund-too-large", &refund);
            }
        }
        // The fee, which the account has as the bill has it.
        let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
        self.bill(&number, &at, amount);
        self.account(&number, &at, amount);
        self.order(&number, &at, amount, "已支付");
        self.books.trade.last_mut().unwrap().fee += 7;
        self.books.flow.last_mut().unwrap().amount -= 7;
        self.planted("fee", &number);
        // The account: nothing, another amount, or money that no trade bill has.
        let (number, at, amount) = (self.number("PAY"), self.time(DAY), self.amount());
        match self.random.random_range(0..3) {
            0 => {
                self.bill(&number, &at, amount);
                self.order(&number, &at, amount, "已支付");
            }
            1 => {
                self.bill(&number, &at, amount);
                self.order(&number, &at, amount, "已支付");
                self.account(&number, &at, amount + 100);
                self.books.flow.last_mut().unwrap().amount = -fee_of(amount);
            }
            _ => self.account(&number, &at, amount),
        }
        self.planted("trade-and-flow", &number);
    }

    fn planted(&mut self, class: &str, number: &str) {
        self.books.planted.insert((class.to_owned(), number.to_owned()));
    }

    fn shuffle(&mut self) {
        fn shuffled<T>(rows: &mut [T], random: &mut StdRng) {
            for i in (1..rows.len()).rev() {
                rows.swap(i, random.random_range(0..=i));
            }
        }
        shuffled(&mut self.books.trade, &mut self.random);
        shuffled(&mut self.books.flow, &mut self.random);
        shuffled(&mut self.books.orders, &mut self.random);
    }
}

/// A trade bill with all its columns, as WeChat Pay writes it.
fn trade_bill(lines: &[&TradeLine]) -> String {
    let mut text = String::from(
        "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
         应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,\
         订单金额,申请退款金额,费率备注\r\n",
    );
    let (mut paid, mut refunded, mut fees) = (0, 0, 0);
    for line in lines {
        let TradeLine { at, number, platform, total, fee, refund } = line;
        let (refund_number, amount) = refund.as_ref().map_or(("0", 0), |(number, amount)| (number.as_str(), *amount));
        let (state, channel, ended) = match refund {
            Some(_) => ("REFUND", "ORIGINAL", "SUCCESS"),
            None => ("SUCCESS", "", ""),
        };
        let refund_id = if refund.is_some() { platform.as_str() } else { "0" };
        let transaction = if refund.is_some() { format!("42{number}") } else { platform.clone() };
        paid += total;
        refunded += amount;
        fees += fee;
        let _ = write!(
            text,
            "`{at},`wx0123456789abcdef,`1900009999,`0,`,`{transaction},`{number},`oUser,`JSAPI,`{state},`OTHERS,`CNY,`{total},`0.00,\
             `{refund_id},`{refund_number},`{amount},`0.00,`{channel},`{ended},`拿铁\\  大杯,`desk=7,`{fee}000,`0.60%,`{total},`{amount},`\r\n",
            total = yuan(*total),
            amount = yuan(amount),
            fee = yuan(*fee),
        );
    }
    let _ = write!(
        text,
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n\
         `{},`{paid},`{refunded},`0.00,`{fees}000,`{paid},`{refunded}\r\n",
        lines.len(),
        paid = yuan(paid),
        refunded = yuan(refunded),
        fees = yuan(fees),
    );
    text
}

fn flow_bill(lines: &[&FlowLine]) -> String {
    let mut text = String::from(
        "\u{feff}记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,\
         业务凭证号\r\n",
    );
    let (mut income, mut outgo) = ((0, 0), (0, 0));
    for (at, line) in lines.iter().enumerate() {
        let side = if line.amount < 0 { &mut outgo } else { &mut income };
        *side = (side.0 + 1, side.1 + line.amount.abs());
        let _ = write!(
            text,
            "`{},`42{},`{at},`{},`{},`{},`{},`1000.00,`system,`,`{}\r\n",
            line.at,
            line.number,
            line.business,
            line.kind,
            if line.amount < 0 { "支出" } else { "收入" },
            yuan(line.amount.abs()),
            line.number,
        );
    }
    let _ = write!(
        text,
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`{},`{},`{},`{},`{}\r\n",
        lines.len(),
        income.0,
        yuan(income.1),
        outgo.0,
        yuan(outgo.1),
    );
    text
}

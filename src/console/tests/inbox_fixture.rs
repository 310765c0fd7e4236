//! What the tests of the events show: a frozen inbox, with what is genuine, what is not, and what contradicts it.

use serde_json::{Value, json};

use crate::console::tests::fixture::{Console, NOW, PROFILE, hear, id, order};
use crate::ledger::Onward;
use crate::ledger::Receipt;
use crate::ledger::inbox::{Arrival, Delivery, Refused, Verdict};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Document, Kind, told};
use crate::services::Event;

/// A genuine notification that came so many minutes ago.
pub fn arrival(notice: &str, event_type: &str, summary: &str, resource: &Value, minutes: i64) -> Arrival {
    let at = NOW - Duration::minutes(minutes);
    let body = json!({
        "id": notice, "create_time": (at - Duration::milliseconds(1400)).to_string(), "resource_type": "encrypt-resource",
        "event_type": event_type, "summary": summary,
        "resource": {"algorithm": "AEAD_AES_256_GCM", "ciphertext": "1AbC…", "nonce": "a1b2c3d4e5f6", "associated_data": "x"}});
    let headers = "host: pay.shop.example\r\ncontent-type: application/json\r\nuser-agent: Mozilla/4.0\r\n\
        wechatpay-serial: 5157F09EFDC096DE15EBE81A47057A7232F1B8E1\r\nwechatpay-timestamp: 1795251600\r\n\
        wechatpay-nonce: EcWl8cPkw1\r\nwechatpay-signature: uOVRnA4qG/MNnYzdQxJanN+zU+lTgIcnU9BxGw5dKjK+VdEUz2FeIoC+D5sB/LN+==\r\n";
    let mut stamp = [0; 32];
    for (place, byte) in stamp.iter_mut().zip(notice.bytes().rev()) {
        *place = byte;
    }
    Arrival {
        delivery: Delivery {
            at,
            peer: "101.226.103.17:51234".into(),
            target: "/notify".into(),
            headers: headers.as_bytes().to_vec(),
            body: body.to_string().into_bytes(),
        },
        stamp,
        status: 204,
        notice: notice.into(),
        event_type: event_type.into(),
        created: Some(at - Duration::milliseconds(1400)),
        summary: Some(summary.into()),
        resource: resource.to_string(),
        told: told(event_type, Document::new(resource)),
    }
}

/// A request that was refused so many seconds ago.
pub fn refused(verdict: Verdict, detail: &str, body: &[u8], seconds: i64) -> Refused {
    let delivery = Delivery {
        at: NOW - Duration::seconds(seconds),
        peer: "127.0.0.1:40112".into(),
        target: "/notify".into(),
        headers: b"host: 127.0.0.1\r\nuser-agent: curl/8.5\r\n".to_vec(),
        body: body.to_vec(),
    };
    Refused { delivery, verdict, status: 401, detail: detail.into() }
}

impl Console {
    /// Commits arrivals and says how long their answers took; the screen is told.
    pub fn receive(&mut self, arrivals: Vec<(Arrival, u64)>) {
        let (arrivals, took): (Vec<Arrival>, Vec<u64>) = arrivals.into_iter().unzip();
        let receipts = self.ledger().receive(PROFILE, &arrivals, &[], Onward::Nowhere).unwrap();
        let delivery = |receipt: &Receipt| match receipt {
            Receipt::New { delivery, .. } | Receipt::Again { delivery, .. } => Some(*delivery),
            Receipt::Replayed => None,
        };
        let answered: Vec<(i64, u64)> =
            receipts.iter().zip(took).filter_map(|(receipt, took)| Some((delivery(receipt)?, took))).collect();
        self.ledger().receive(PROFILE, &[], &answered, Onward::Nowhere).unwrap();
        hear(self, Event::InboxChanged);
    }

    pub fn refuse(&mut self, refused: &[Refused]) {
        self.ledger().tally(PROFILE, refused, &[]).unwrap();
        hear(self, Event::InboxChanged);
    }

    /// Time passes, and the screen is told.
    pub fn pass(&mut self, span: Duration) -> Timestamp {
        let now = self.now + span;
        self.step(crate::console::app::msg::Msg::Now(now));
        now
    }
}

/// Payments, a refund that came twice, a coupon of nobody, a type from the future; and what was refused.
pub fn inbox(console: &mut Console) {
    let paid = json!({"out_trade_no": "T20261121000001", "transaction_id": "4200001234202611210000000001",
        "trade_state": "SUCCESS", "success_time": "2026-11-21T16:40:00+08:00", "mchid": "1900000001",
        "amount": {"total": 5800, "payer_total": 4800, "currency": "CNY", "payer_currency": "CNY"}});
    let order = order("SO20261121000003", crate::console::tests::fixture::PAID, 990);
    let refund = json!({"out_refund_no": "RF0000000002", "refund_status": "SUCCESS", "out_trade_no": "T20261120000007",
        "success_time": "2026-11-21T16:20:09+08:00", "amount": {"total": 9900, "refund": 900, "payer_refund": 800}});
    let coupon = json!({"coupon_id": "98674556", "stock_id": "18529001",
        "consume_information": {"consume_time": "2026-11-21T16:50:00+08:00"}});
    let later = json!({"what": "nobody knows", "note": "备注 😀 \u{1b}[2J\u{202e}evil"});
    console.receive(vec![
        (arrival("EV-20261121-0001", "TRANSACTION.SUCCESS", "支付成功", &paid, 20), 3_800),
        (arrival("EV-20261121-0002", "PAYSCORE.USER_PAID", "用户支付成功通知", &order, 18), 48_000),
        (arrival("EV-20261121-0003", "REFUND.SUCCESS", "退款成功", &refund, 12), 4_600_000),
        (arrival("EV-20261121-0004", "COUPON.USE", "代金券核销通知", &coupon, 10), 900),
        (arrival("EV-20261121-0005", "SECURITY_ECHO.SUCCESS", "安全", &later, 6), 2_100),
    ]);
    let mut again = arrival("EV-20261121-0003", "REFUND.SUCCESS", "退款成功", &refund, 11);
    again.stamp = [9; 32];
    console.receive(vec![(again, 61_000)]);
    console.refuse(&[refused(Verdict::Probe, "WECHATPAY/SIGNTEST/", b"{}", 300)]);
    let forged: Vec<Refused> = (0..5213)
        .map(|i| refused(Verdict::Forged, "the signature is not the key's", b"\xff\x00{\"id\":1}", 90 + i % 60))
        .collect();
    console.refuse(&forged);
}

/// A notification says that an order was paid which its document calls unpaid, another of a refund nobody asked about.
pub fn dispute(console: &mut Console) {
    let paid = json!({"out_trade_no": "T20261121000002", "trade_state": "SUCCESS",
        "success_time": "2026-11-21T16:58:30+08:00", "amount": {"total": 8800, "currency": "CNY"}});
    let closed = json!({"out_refund_no": "RF-UNHEARD-OF", "refund_status": "CLOSED", "amount": {"refund": 100}});
    console.receive(vec![
        (arrival("EV-20261121-0006", "TRANSACTION.SUCCESS", "支付成功", &paid, 1), 3_000),
        (arrival("EV-20261121-0007", "REFUND.CLOSED", "退款关闭", &closed, 1), 3_000),
    ]);
    console.pass(Duration::SECOND);
    assert_eq!(console.view.disputes.about(&id(Kind::Transaction, "T20261121000002")).count(), 1);
}

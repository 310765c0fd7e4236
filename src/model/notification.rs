//! What a notification tells of (PayScore reference §6, transactions §5 and §8, coupons §4, Global §13).

use super::{Document, Kind, Number, ObjectId};

/// The object that an event of a documented type tells of, by what was encrypted in its notification. A used coupon is
/// told without its user, by whom alone it could be asked for.
pub fn told_of(event_type: &str, resource: Document<'_>) -> Option<ObjectId> {
    let (kind, member) = match event_type {
        "TRANSACTION.SUCCESS" => (Kind::Transaction, "out_trade_no"),
        "PAYSCORE.USER_SIGN_PLAN" | "PAYSCORE.USER_CANCEL_SIGN_PLAN" => (Kind::SignPlan, "merchant_sign_plan_no"),
        "PAYSCORE.USER_CONFIRM" | "PAYSCORE.USER_PAID" => (Kind::ServiceOrder, "out_order_no"),
        "PAYSCORE.USER_OPEN_SERVICE" | "PAYSCORE.USER_CLOSE_SERVICE" => (Kind::Permission, "authorization_code"),
        refund if refund.starts_with("REFUND.") => (Kind::Refund, "out_refund_no"),
        _ => return None,
    };
    Some(ObjectId::new(kind, Number::parse(&resource.text(member)?).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_tells_of_its_object_and_an_unknown_one_of_none() {
        let resource = json!({ "out_trade_no": "T1", "out_refund_no": "R1", "out_order_no": "O1",
            "merchant_sign_plan_no": "S1", "coupon_id": "8000" });
        let told = |event| told_of(event, Document::new(&resource)).map(|id| (id.kind, id.number.to_string()));
        assert_eq!(told("TRANSACTION.SUCCESS"), Some((Kind::Transaction, "T1".into())));
        assert_eq!(told("REFUND.ABNORMAL"), Some((Kind::Refund, "R1".into())));
        assert_eq!(told("PAYSCORE.USER_PAID"), Some((Kind::ServiceOrder, "O1".into())));
        assert_eq!(told("PAYSCORE.USER_CANCEL_SIGN_PLAN"), Some((Kind::SignPlan, "S1".into())));
        assert_eq!(told("PAYSCORE.USER_OPEN_SERVICE"), None, "an authorisation of the older flow has no number");
        assert_eq!(told("COUPON.USE"), None);
        assert_eq!(told("SECURITY_ECHO.SUCCESS"), None);
    }
}

//! Why the world refuses what a user is made to do, in the two languages of the platform.

use crate::sandbox::UserError;

const CHINESE: &[(&str, &str)] = &[
    ("the coupon cannot be used with this merchant", "代金券不能在该商户使用"),
    ("the coupon cannot be used yet", "代金券还未到可用时间"),
    ("the coupon has expired", "代金券已过期"),
    ("the coupon was used already", "代金券已使用"),
    ("an order of the user is unfinished", "用户有未完结的订单"),
    ("no payment is outstanding", "没有待支付的款项"),
    ("the link has run out", "链接已过期"),
    ("the order is not waiting for confirmation", "订单不在待确认状态"),
    ("the plan is stopped", "计划已停止"),
    ("the sign plan is not signed", "签约计划不在已签约状态"),
    ("the sign plan is not waiting for a signature", "签约计划不在待签约状态"),
    ("the transaction is not waiting for payment", "订单不在待支付状态"),
    ("the transaction's pay deadline has passed", "订单已过支付截止时间"),
    ("a deduction is running already", "已有扣款正在进行"),
    ("the refund is not being processed", "退款不在处理中"),
    ("the code is another user's", "授权协议号属于其他用户"),
    ("the code is not waiting for a user", "授权协议号不在待授权状态"),
    ("the token has run out", "授权凭证已过期"),
    ("the user has not authorised the service", "用户未授权该服务"),
];

/// The refusal in words.
pub(super) fn refusal(error: &UserError, english: bool) -> String {
    match error {
        _ if english => error.to_string(),
        UserError::Unknown(number) => format!("没有单号为 {number} 的对象"),
        UserError::NotNow(reason) => {
            let known = CHINESE.iter().find(|(english, _)| english == reason);
            known.map_or(*reason, |(_, chinese)| chinese).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_the_world_gives_is_known_in_chinese() {
        let mut files = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/sandbox/world"))];
        let mut reasons = 0;
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for reason in source.split("NotNow(\"").skip(1).filter_map(|rest| rest.split_once('"')) {
                assert!(CHINESE.iter().any(|(english, _)| *english == reason.0), "{}", reason.0);
                reasons += 1;
            }
        }
        assert!(reasons >= CHINESE.len());
    }
}

//! What a merchant's front end needs from the answer to a creation: how the user pays, signs, confirms or authorises
//! (transactions reference §2.2, §2.4; PayScore reference §3.5, §4.11).

use super::{Document, EndpointId};

/// What is passed to a front end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    pub what: CheckoutPayload,
    /// The parameters for the call of WeChat, under their names there; signed where that is required.
    pub parameters: Vec<(&'static str, String)>,
}

/// The member found in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutPayload {
    /// For `wx.requestPayment` and `WeixinJSBridge`: valid for two hours.
    Jsapi { prepay_id: String },
    /// For the app's SDK: valid for two hours.
    App { prepay_id: String },
    /// A URL to show as a QR code: valid for two hours.
    Code { code_url: String },
    /// A URL to open in the phone's browser: valid for five minutes.
    Page { url: String },
    /// Opens a page of a mini program: the page, and its parameter.
    Jump { business: &'static str, parameter: &'static str, value: String },
}

impl CheckoutPayload {
    /// Reads it from the verified answer of an endpoint.
    pub fn read(endpoint: EndpointId, reply: &str) -> Option<Self> {
        let member = |name: &str| Document::member(reply, name);
        let jump = |business, name, parameter| Some(Self::Jump { business, parameter, value: member(name)? });
        match endpoint {
            EndpointId::TransactionJsapi | EndpointId::GlobalJsapi => {
                Some(Self::Jsapi { prepay_id: member("prepay_id")? })
            }
            EndpointId::TransactionApp | EndpointId::GlobalApp => Some(Self::App { prepay_id: member("prepay_id")? }),
            EndpointId::TransactionNative | EndpointId::GlobalNative => {
                Some(Self::Code { code_url: member("code_url")? })
            }
            EndpointId::TransactionH5 => Some(Self::Page { url: member("h5_url")? }),
            EndpointId::GlobalH5 => Some(Self::Page { url: member("mweb_url")? }),
            EndpointId::SignPlanCreate => jump("wxpayScorePlan", "package", "package"),
            EndpointId::OrderCreate => jump("wxpayScoreUse", "package", "package"),
            EndpointId::PermissionCreate => {
                jump("wxpayScoreEnable", "apply_permissions_token", "apply_permissions_token")
            }
            _ => None,
        }
    }

    /// The name of its member in the answer.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Jsapi { .. } | Self::App { .. } => "prepay_id",
            Self::Code { .. } => "code_url",
            Self::Page { .. } => "h5_url",
            Self::Jump { parameter, .. } => parameter,
        }
    }

    /// The message id that explains its use and lifetime.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Jsapi { .. } => "handover-jsapi",
            Self::App { .. } => "handover-app",
            Self::Code { .. } => "handover-code",
            Self::Page { .. } => "handover-page",
            Self::Jump { business, .. } => match business.as_bytes() {
                b"wxpayScorePlan" => "handover-sign",
                b"wxpayScoreUse" => "handover-confirm",
                _ => "handover-authorise",
            },
        }
    }

    /// The text to copy: it is scanned, opened or passed on.
    pub fn text(&self) -> &str {
        match self {
            Self::Jsapi { prepay_id } | Self::App { prepay_id } => prepay_id,
            Self::Code { code_url } => code_url,
            Self::Page { url } => url,
            Self::Jump { value, .. } => value,
        }
    }

    /// The parameters for the front end. `sign` signs with the merchant's key, SHA256-RSA, base64.
    pub fn parameters(
        &self,
        appid: &str,
        mchid: &str,
        timestamp: i64,
        nonce: &str,
        sign: impl FnOnce(&str) -> String,
    ) -> Vec<(&'static str, String)> {
        let own = |text: &str| text.to_owned();
        let timestamp = timestamp.to_string();
        match self {
            Self::Jsapi { prepay_id } => {
                let package = format!("prepay_id={prepay_id}");
                let signature = sign(&format!("{appid}\n{timestamp}\n{nonce}\n{package}\n"));
                vec![
                    ("appId", own(appid)),
                    ("timeStamp", timestamp),
                    ("nonceStr", own(nonce)),
                    ("package", package),
                    ("signType", own("RSA")),
                    ("paySign", signature),
                ]
            }
            Self::App { prepay_id } => {
                let signature = sign(&format!("{appid}\n{timestamp}\n{nonce}\n{prepay_id}\n"));
                vec![
                    ("appid", own(appid)),
                    ("partnerid", own(mchid)),
                    ("prepayid", own(prepay_id)),
                    ("package", own("Sign=WXPay")),
                    ("noncestr", own(nonce)),
                    ("timestamp", timestamp),
                    ("sign", signature),
                ]
            }
            Self::Jump { business, parameter, value } => {
                vec![("businessType", own(business)), (parameter, value.clone())]
            }
            Self::Code { .. } | Self::Page { .. } => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_front_end_needs_is_read_from_the_answer() {
        let native =
            CheckoutPayload::read(EndpointId::TransactionNative, r#"{"code_url":"weixin://wxpay/bizpayurl/up?pr=1"}"#);
        assert_eq!(native.as_ref().map(CheckoutPayload::text), Some("weixin://wxpay/bizpayurl/up?pr=1"));
        assert!(native.unwrap().parameters("wx", "1", 0, "n", |_| unreachable!()).is_empty());
        let sign = CheckoutPayload::read(EndpointId::SignPlanCreate, r#"{"package":"AAq1","sign_plan":{}}"#).unwrap();
        let parameters = sign.parameters("wx", "1", 0, "n", |_| unreachable!());
        assert_eq!(parameters, [("businessType", "wxpayScorePlan".to_owned()), ("package", "AAq1".to_owned())]);
        assert_eq!(CheckoutPayload::read(EndpointId::TransactionJsapi, "{}"), None);
        assert_eq!(CheckoutPayload::read(EndpointId::PlanCreate, r#"{"package":"x"}"#), None);
    }

    #[test]
    fn the_texts_that_are_signed_are_those_of_the_vectors() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/vectors/pay_sign.json")).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let given = &case["client_params"];
            let text = |name: &str| given[name].as_str().unwrap_or_default().to_owned();
            let (pass, appid, timestamp, nonce) = match case["name"].as_str() {
                Some("app") => (
                    CheckoutPayload::App { prepay_id: text("prepayid") },
                    text("appid"),
                    text("timestamp"),
                    text("noncestr"),
                ),
                _ => {
                    let prepay_id = text("package").trim_start_matches("prepay_id=").to_owned();
                    (CheckoutPayload::Jsapi { prepay_id }, text("appId"), text("timeStamp"), text("nonceStr"))
                }
            };
            let mut signed = String::new();
            let parameters =
                pass.parameters(&appid, &text("partnerid"), timestamp.parse().unwrap(), &nonce, |message| {
                    signed = message.to_owned();
                    "signature".to_owned()
                });
            assert_eq!(signed, case["message"].as_str().unwrap());
            for (name, value) in parameters.iter().filter(|(_, value)| value != "signature") {
                assert_eq!(value, given[*name].as_str().unwrap(), "{name}");
            }
        }
    }
}

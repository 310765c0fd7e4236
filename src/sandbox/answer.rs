//! What the gateway answers: a document, a file, nothing, or a refusal with WeChat Pay's code and message.

use std::borrow::Cow;

use axum::body::Bytes;
use serde_json::{Value, json};

/// A business answer before it is signed.
pub(super) type SandboxOutcome = Result<Answer, SandboxRefusal>;

/// A success.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// 200 with a document.
    Document(Value),
    /// 200 with a file, which is never signed (protocol reference §5).
    File { bytes: Bytes, content_type: &'static str },
    /// 200 with a statement's text, whose digest is signed in its place.
    Statement(String),
    /// 204 without a body.
    Nothing,
}

/// Ends the Request-ID of errors for which no number is documented. WeChat Pay sends such numbers, too.
const UNDOCUMENTED: u32 = 268_435_462;

macro_rules! codes {
    ($($name:ident $status:literal $text:literal $tail:expr,)*) => {
        /// The error codes in use, each with its status and the internal number that ends its Request-ID (protocol
        /// reference §11, PayScore reference §7).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Code { $($name),* }

        impl Code {
            pub(super) const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            const fn tail(self) -> u32 {
                match self { $(Self::$name => $tail),* }
            }
        }
    };
}

codes! {
    UserPaying 202 "USERPAYING" UNDOCUMENTED,
    ParamError 400 "PARAM_ERROR" 268_435_461,
    InvalidRequest 400 "INVALID_REQUEST" UNDOCUMENTED,
    InvalidOrderState 400 "INVALID_ORDER_STATE" 271_302_262,
    OrderCanceled 400 "ORDER_CANCELED" 271_302_333,
    OrderDone 400 "ORDER_DONE" 271_302_262,
    OrderClosed 400 "ORDER_CLOSED" UNDOCUMENTED,
    OrderPaid 400 "ORDER_PAID" 268_449_538,
    AppidMchidNotMatch 400 "APPID_MCHID_NOT_MATCH" 268_445_527,
    MchNotExists 400 "MCH_NOT_EXISTS" 268_443_715,
    NoStatementExist 400 "NO_STATEMENT_EXIST" 268_435_462,
    ResourceAlreadyExists 400 "RESOURCE_ALREADY_EXISTS" 268_498_688,
    GlobalOrderPaid 400 "ORDERPAID" 268_449_538,
    GlobalOrderClosed 400 "ORDERCLOSED" 268_447_914,
    GlobalOrderReversed 400 "ORDERREVERSED" 268_447_914,
    StatementCreating 400 "STATEMENT_CREATING" 268_435_462,
    SignError 401 "SIGN_ERROR" 268_443_699,
    NoAuth 403 "NO_AUTH" 268_503_786,
    NotEnough 403 "NOT_ENOUGH" UNDOCUMENTED,
    RuleLimit 403 "RULE_LIMIT" UNDOCUMENTED,
    UserAccountAbnormal 403 "USER_ACCOUNT_ABNORMAL" UNDOCUMENTED,
    RequestBlocked 403 "REQUEST_BLOCKED" UNDOCUMENTED,
    OutTradeNoUsed 403 "OUT_TRADE_NO_USED" 268_498_688,
    GlobalNotEnough 403 "NOTENOUGH" 268_435_462,
    GlobalTradeOverdue 403 "TRADE_OVERDUE" 268_435_462,
    GlobalNoStatement 404 "NO_STATEMENT_EXIST" 268_435_462,
    OrderNotExist 404 "ORDER_NOT_EXIST" 268_512_771,
    ResourceNotExists 404 "RESOURCE_NOT_EXISTS" UNDOCUMENTED,
    FrequencyLimited 429 "FREQUENCY_LIMITED" 268_447_840,
    SystemError 500 "SYSTEM_ERROR" 272_888_874,
}

/// A refusal: code, message in both languages, and details about the field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SandboxRefusal {
    pub(super) code: Code,
    chinese: Cow<'static, str>,
    english: Cow<'static, str>,
    /// Boxed, because a refusal is the error type of every rule and should be small.
    detail: Option<Box<Value>>,
    tail: u32,
}

impl SandboxRefusal {
    pub(super) fn new(
        code: Code,
        chinese: impl Into<Cow<'static, str>>,
        english: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, chinese: chinese.into(), english: english.into(), detail: None, tail: code.tail() }
    }

    /// Names the field a PARAM_ERROR or SIGN_ERROR is about.
    pub(super) fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }

    /// Sets the internal number at the end of the Request-ID, where it is more specific than the code.
    pub(super) fn tail(mut self, tail: u32) -> Self {
        self.tail = tail;
        self
    }

    pub(super) fn request_id_tail(&self) -> u32 {
        self.tail
    }

    pub(super) fn body(&self, english: bool) -> Value {
        let message = if english { &self.english } else { &self.chinese };
        let mut body = json!({ "code": self.code.as_str(), "message": message });
        if let Some(detail) = &self.detail {
            body["detail"] = Value::clone(detail);
        }
        body
    }

    /// The same number came with other parameters (PayScore reference §4.3).
    pub(super) fn reentry() -> Self {
        Self::new(
            Code::InvalidRequest,
            "订单重入参数校验失败",
            "the parameters differ from those of the first request under this number",
        )
        .tail(271_316_598)
    }

    /// A merchant of one of the two worlds called the other (protocol reference §1).
    pub(super) fn overseas() -> Self {
        Self::new(Code::InvalidRequest, "暂不支持境外支付", "overseas payment is not supported")
    }

    pub(super) fn not_bound() -> Self {
        Self::new(Code::InvalidRequest, "mch_id和AppID未绑定", "the appid is not bound to this mchid").tail(271_302_149)
    }
}

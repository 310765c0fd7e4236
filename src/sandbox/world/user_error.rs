//! Why a user could not do what was requested. The sandbox answers codes; their words are in the
//! catalogue of the command line.

/// Why a user could not do what was requested.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum UserError {
    #[error("nothing has the number {0}")]
    Unknown(String),
    #[error("not possible now: {}", .0.code())]
    NotNow(Reason),
}

macro_rules! reasons {
    ($($name:ident $code:literal,)*) => {
        /// The state that forbids it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason { $($name),* }

        impl Reason {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name on the wire and in the catalogue of messages.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

reasons! {
    CouponElsewhere "coupon-elsewhere",
    CouponNotYet "coupon-not-yet",
    CouponExpired "coupon-expired",
    CouponUsed "coupon-used",
    OrderUnfinished "order-unfinished",
    NothingOutstanding "nothing-outstanding",
    LinkExpired "link-expired",
    OrderNotWaiting "order-not-waiting",
    PlanStopped "plan-stopped",
    NotSigned "not-signed",
    NotWaitingForSignature "not-waiting-for-signature",
    NotWaitingForPayment "not-waiting-for-payment",
    PayDeadlinePassed "pay-deadline-passed",
    DeductionRunning "deduction-running",
    RefundNotProcessing "refund-not-processing",
    CodeOfAnother "code-of-another",
    CodeNotWaiting "code-not-waiting",
    TokenExpired "token-expired",
    NotAuthorised "not-authorised",
}

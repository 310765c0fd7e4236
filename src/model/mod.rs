//! What Paydeck talks about: numbers, money, times, the kinds of objects with their states, the catalogue of
//! actions and the table of endpoints. No I/O, no clock, no network.

pub mod action;
pub mod bill;
mod coupon;
pub mod diff;
mod document;
pub mod endpoint;
mod environment;
pub mod filter;
mod id;
mod kind;
mod link;
mod money;
mod object;
mod permission;
mod plan;
mod query;
mod refund;
mod service_order;
mod settlement;
mod sign_plan;
mod state;
mod stock;
mod summary;
pub mod time;
mod transaction;

pub use coupon::{Coupon, CouponStatus};
pub use document::{Document, DocumentError};
pub use endpoint::{Endpoint, EndpointId, Method};
pub use environment::{Environment, Region};
pub use id::{AppId, MchId, Number, NumberError, ObjectId, OpenId, Serial, ServiceId};
pub use kind::Kind;
pub use link::Link;
pub use money::{Currency, Money, MoneyError};
pub use object::{Entity, Object, Progress};
pub use permission::{AuthorizationState, Permission};
pub use plan::{Plan, PlanDetail, PlanState};
pub use query::{Merchant, MissingSetting, Unaskable, permission_of, query_of};
pub use refund::{BETWEEN_REFUNDS, MOST_REFUNDS, REFUND_WITHIN, Refund, RefundStatus, Refundable};
pub use service_order::{Collection, CollectionState, LineItem, OrderState, OrderStep, ServiceOrder};
pub use settlement::{Settled, Settlement};
pub use sign_plan::{CancelSignType, DetailState, SignPlan, SignState, SignedDetail};
pub use state::{State, Tone};
pub use stock::{Stock, StockStatus};
pub use summary::Summary;
pub use transaction::{ExchangeRate, Promotion, TradeState, Transaction};

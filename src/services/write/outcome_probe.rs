//! Determines the outcome of an action whose answer was lost. Most show on an object that can be queried; if only the
//! answer has the number that WeChat Pay assigned, the object is searched for by what was sent.

use time::{Duration, OffsetDateTime};

use crate::api::{ApiError, CouponFilter, CouponsBy, Reply, StockFilter};
use crate::ledger::{Ending, JournalSearch, Ledger, LedgerError, RecordedConclusion};
use crate::model::action::{ActionId, Evidence, Operation, ShownBy, evidence, made};
use crate::model::filter::{Condition, Matcher};
use crate::model::{Document, Entity, Number, Object, ObjectId};
use crate::services::Runner;
use crate::services::write::runner::CLOCKS_APART;

/// An object may appear older than its request by this much: the platform's machines have clocks of their own.
const MADE_BEFORE: Duration = Duration::seconds(5);

/// An action as it was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentAction<'a> {
    pub action: ActionId,
    pub outcome_object: &'a ObjectId,
    pub target: &'a str,
    pub body: &'a str,
    pub at: OffsetDateTime,
}

impl<'a> SentAction<'a> {
    pub(crate) fn of(operation: &'a Operation, at: OffsetDateTime) -> Self {
        let Operation { action, outcome_object, target, body, .. } = operation;
        Self { action: *action, outcome_object, target, body, at }
    }
}

/// A query has shown the effect of an action: on which object, if there is one.
#[derive(Debug)]
pub(crate) struct Shown(pub Option<Object>);

impl Runner {
    /// What shows the effect of an action whose genuine answer names nothing of it: the object's own query.
    pub(crate) async fn shows(&self, sent: &SentAction<'_>, reply: &Reply) -> Option<Shown> {
        let SentAction { action, outcome_object, target, body, at } = *sent;
        match action.action().shown_by {
            ShownBy::NewStock | ShownBy::SentCoupon => {
                let (id, _) = made(action, outcome_object, target, &reply.body);
                // It was known before, so this action did not make it.
                let is_new = id != *outcome_object && matches!(self.known(&id).await, Ok(None));
                if is_new
                    && let Ok(found) = self.look(&id).await
                    && self.is_made_by(sent, &found)
                {
                    return Some(Shown(Some(found)));
                }
            }
            ShownBy::Object | ShownBy::Setting => {}
        }
        match self.probe_outcome(action, outcome_object, target, body, at).await {
            Ok((Evidence::Effect, found)) => Some(Shown(found)),
            // No query shows whether the address for coupon events is switched off; the answer has the time it was set.
            Ok((Evidence::Silent, _)) if action.action().shown_by == ShownBy::Setting => {
                let answer: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
                self.is_since(Document::new(&answer).time("update_time"), at).then_some(Shown(None))
            }
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, %outcome_object, "the object of an action could not be queried");
                None
            }
        }
    }

    /// Whether the object found under the number in the answer is what was requested, and was made since.
    fn is_made_by(&self, sent: &SentAction<'_>, found: &Object) -> bool {
        let body: serde_json::Value = serde_json::from_str(sent.body).unwrap_or_default();
        let body = Document::new(&body);
        match (sent.action.action().shown_by, &*found.entity) {
            (ShownBy::NewStock, Entity::Stock(stock)) => {
                stock.begin_time == body.time("available_begin_time")
                    && stock.end_time == body.time("available_end_time")
                    && evidence(sent.action, sent.body, &found.entity) == Evidence::Effect
                    && self.is_since(stock.create_time, sent.at)
            }
            (ShownBy::SentCoupon, Entity::Coupon(coupon)) => match &coupon.out_request_no {
                Some(number) => Some(number) == body.text("out_request_no").as_ref(),
                None => coupon.stock_id == body.text("stock_id") && self.is_since(coupon.create_time, sent.at),
            },
            (ShownBy::NewStock | ShownBy::SentCoupon | ShownBy::Object | ShownBy::Setting, _) => false,
        }
    }

    /// Whether a platform time is later than the time of a request, by the platform's clock.
    fn is_since(&self, time: Option<OffsetDateTime>, sent_at: OffsetDateTime) -> bool {
        let sent = self.client.platform_now().map(|now| now - (OffsetDateTime::now_utc() - sent_at));
        time.zip(sent).is_some_and(|(time, sent)| time >= sent - MADE_BEFORE)
    }

    /// Queries the outcome of an action that was sent at a time; returns the object that shows it.
    pub(crate) async fn probe_outcome(
        &self,
        action: ActionId,
        outcome_object: &ObjectId,
        target: &str,
        body: &str,
        sent_at: OffsetDateTime,
    ) -> Result<(Evidence, Option<Object>), ApiError> {
        let found = match action.action().shown_by {
            ShownBy::NewStock => match self.created_stocks(action, body, sent_at).await?.as_deref() {
                Some([]) => None,
                Some([only]) => Some(only.clone()),
                // Several candidates, or an unreadable journal: it is unknown which one, if any.
                Some([_, _, ..]) | None => return Ok((Evidence::Silent, None)),
            },
            ShownBy::SentCoupon => return self.sent_coupon(action, target, body).await,
            ShownBy::Setting => {
                let sent: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
                let sent = Document::new(&sent);
                let evidence = match self.client.callback().await? == sent.text("notify_url") {
                    // The answer does not contain the switch (coupons reference §3.15).
                    true if sent.flag("switch") == Some(false) => Evidence::Silent,
                    true => Evidence::Effect,
                    false => Evidence::NoEffect,
                };
                return Ok((evidence, None));
            }
            ShownBy::Object => Some(self.look(outcome_object).await?),
        };
        let evidence = found.as_ref().map_or(Evidence::NoEffect, |found| evidence(action, body, &found.entity));
        Ok((evidence, found))
    }

    /// The stocks that a creation may have made: of its name, budget and times, and not older. `None` if the journal,
    /// which shows those of other creations, cannot be read.
    async fn created_stocks(
        &self,
        action: ActionId,
        body: &str,
        sent_at: OffsetDateTime,
    ) -> Result<Option<Vec<Object>>, ApiError> {
        let sent: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let sent = Document::new(&sent);
        let (begins, ends) = (sent.time("available_begin_time"), sent.time("available_end_time"));
        let is_it = |stock: &Object| match &*stock.entity {
            Entity::Stock(found) => {
                found.begin_time == begins
                    && found.end_time == ends
                    && found.create_time.is_none_or(|at| at >= sent_at - CLOCKS_APART)
                    && evidence(action, body, &stock.entity) == Evidence::Effect
            }
            _ => false,
        };
        let mut stocks = crate::services::list_stocks(&self.client, &StockFilter::default()).await?;
        stocks.retain(is_it);
        let mut found = Vec::new();
        for stock in stocks {
            match self.is_made_by_another(action, &stock.id).await {
                Ok(true) => {}
                Ok(false) => found.push(stock),
                Err(error) => {
                    tracing::warn!(%error, "the creator of a stock could not be read from the journal");
                    return Ok(None);
                }
            }
        }
        Ok(Some(found))
    }

    /// Whether the journal holds an answer by which a completed creation made this stock.
    async fn is_made_by_another(&self, action: ActionId, stock: &ObjectId) -> Result<bool, LedgerError> {
        let (profile, number) = (self.actor.key.clone(), stock.number.as_str().to_owned());
        let made = move |ledger: &Ledger| {
            let text = Matcher::Text { text: number.to_ascii_lowercase(), states: Vec::new() };
            let conditions = &[Condition { negated: false, matcher: text }];
            let search =
                JournalSearch { profile: Some(&profile), conditions, limit: usize::MAX, ..JournalSearch::default() };
            let name = action.action().name();
            let is_it = |end: &RecordedConclusion| {
                // The result of a query takes precedence over the number in the answer.
                let answered = || Document::member(end.reply.as_deref()?, "stock_id");
                let made = end.made.clone().or_else(answered);
                end.ending == Ending::Done && made.as_deref() == Some(&number)
            };
            let entries = ledger.journal_entries(&search)?;
            Ok(entries.iter().any(|entry| entry.intent.action == *name && entry.conclusions.iter().any(is_it)))
        };
        self.ledger.run(made).await
    }

    /// The coupon that was sent, if the platform lists the number it was sent under.
    async fn sent_coupon(
        &self,
        action: ActionId,
        target: &str,
        body: &str,
    ) -> Result<(Evidence, Option<Object>), ApiError> {
        let endpoint = action.action().endpoint.endpoint();
        let openid = endpoint.parameters_leniently(target).and_then(|found| found.into_iter().next());
        let sent: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let sent = Document::new(&sent);
        let parsed = |text: Option<String>| text.and_then(|text| Number::parse(&text).ok());
        let (openid, stock) = (parsed(openid), parsed(sent.text("stock_id")));
        let (Some(openid), Some(number), Some(stock)) = (openid, sent.text("out_request_no"), stock) else {
            return Ok((Evidence::Silent, None));
        };
        // Its stock may be another merchant's; it was sent by this one.
        let filter = CouponFilter { by: CouponsBy::Sender, stock: Some(stock), ..CouponFilter::default() };
        let coupons = crate::services::list_coupons(&self.client, &openid, &filter).await?;
        let numbered = |coupon: &Object| match &*coupon.entity {
            Entity::Coupon(coupon) => coupon.out_request_no.clone(),
            _ => None,
        };
        // Expired coupons are not listed, and those of some stocks never (coupons reference §3.11): an empty list
        // proves nothing. One of the same stock shows that this one would be listed, too.
        let all_numbered = !coupons.is_empty() && coupons.iter().all(|coupon| numbered(coupon).is_some());
        match coupons.into_iter().find(|coupon| numbered(coupon).as_ref() == Some(&number)) {
            Some(coupon) => Ok((Evidence::Effect, Some(coupon))),
            None if all_numbered => Ok((Evidence::NoEffect, None)),
            None => Ok((Evidence::Silent, None)),
        }
    }
}

//! Users' permissions to create orders without confirmation (授权): pre-authorised by the merchant, granted and revoked by
//! the user, ended by either (PayScore reference §5, §9.5). A user has at most one for each service.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::{Call, Reason, SandboxMerchant, UserError, World};
use crate::model::Kind;
use crate::model::time::{Duration, Timestamp, compact, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::drop_nulls;
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;

/// The life of the token for the authorisation page.
const TOKEN_LIFE: Duration = Duration::HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthorizationState {
    Unbound,
    Available,
    Unavailable,
}

impl AuthorizationState {
    const fn word(self) -> &'static str {
        match self {
            Self::Unbound => "UNBINDUSER",
            Self::Available => "AVAILABLE",
            Self::Unavailable => "UNAVAILABLE",
        }
    }
}

#[derive(Debug)]
pub(super) struct Permission {
    pub(super) code: String,
    service_id: String,
    appid: String,
    notify_url: String,
    pub(super) state: AuthorizationState,
    /// The user it belongs or belonged to: a code is never used for another user.
    openid: Option<String>,
    /// Until when the user may authorise.
    pub(super) token_until: Timestamp,
    authorised: Option<Timestamp>,
    cancelled: Option<Timestamp>,
    request: Value,
}

impl Permission {
    pub(super) fn document(&self, mchid: &str) -> Value {
        // No user is shown until one has authorised (again).
        let openid = self.openid.as_ref().filter(|_| self.state != AuthorizationState::Unbound);
        let mut document = json!({
            "service_id": self.service_id,
            "appid": self.appid,
            "mchid": mchid,
            "openid": openid,
            "authorization_code": self.code,
            "authorization_state": self.state.word(),
            "notify_url": self.notify_url,
            "authorization_success_time": self.authorised.map(rfc3339),
            "cancel_authorization_time": self.cancelled.map(rfc3339),
        });
        drop_nulls(&mut document);
        document
    }

    /// The event when the user has authorised or the permission has ended.
    fn notice(&self, merchant: &SandboxMerchant, opened: bool, now: Timestamp) -> Notice {
        let (event_type, status, summary) = match opened {
            true => ("PAYSCORE.USER_OPEN_SERVICE", "USER_OPEN_SERVICE", "签约成功"),
            false => ("PAYSCORE.USER_CLOSE_SERVICE", "USER_CLOSE_SERVICE", "解约成功"),
        };
        let resource = json!({
            "appid": self.appid, "mchid": merchant.mchid, "service_id": self.service_id, "openid": self.openid,
            "user_service_status": status, "openorclose_time": compact(now), "authorization_code": self.code,
        });
        Notice { url: self.notify_url.clone(), at: now, event_type, original_type: "payscore", summary, resource }
    }
}

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "授权记录不存在", "there is no such authorization")
}

fn foreign() -> SandboxRefusal {
    SandboxRefusal::new(Code::NoAuth, "服务或AppID与授权时不一致", "not the service_id and appid of the authorization")
}

fn unfinished() -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, "存在未完成订单", "an order of the user is unfinished")
}

impl World {
    pub(super) fn create_permission(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let service_id = fields.text("service_id", 1..=32)?;
        let appid = fields.text("appid", 1..=32)?;
        let code = fields.number("authorization_code", 1..=32)?;
        let url = fields.notify_url("notify_url", 1..=256)?;
        if !self.service(service_id)?.no_confirm {
            return Err(SandboxRefusal::new(
                Code::NoAuth,
                "商户暂无权限使用此服务",
                "the service has no authorizations",
            ));
        }
        self.check_appid(appid)?;
        let token_until = now + TOKEN_LIFE;
        match self.permissions.get_mut(code) {
            None => {
                self.new_numbers.push((Kind::Permission, code.to_owned()));
                let permission = Permission {
                    code: code.to_owned(),
                    service_id: service_id.to_owned(),
                    appid: appid.to_owned(),
                    notify_url: url.to_owned(),
                    state: AuthorizationState::Unbound,
                    openid: None,
                    token_until,
                    authorised: None,
                    cancelled: None,
                    request: call.content(),
                };
                self.permissions.add(code.to_owned(), permission);
            }
            Some(known) if known.request != call.content() => return Err(SandboxRefusal::reentry()),
            // A code in force cannot be offered again.
            Some(known) if known.state == AuthorizationState::Available => {
                return Err(SandboxRefusal::new(
                    Code::InvalidRequest,
                    "授权协议号已被用户使用",
                    "a user has authorised under this code",
                ));
            }
            Some(known) => (known.state, known.token_until) = (AuthorizationState::Unbound, token_until),
        }
        Ok(Answer::Document(json!({ "apply_permissions_token": self.rng.token(64) })))
    }

    /// For a user who never authorised the answer is: not available.
    pub(super) fn query_permission_of_user(&self, call: &Call) -> SandboxOutcome {
        let query = call.query();
        let (service_id, appid) = (query.text("service_id", 32)?, query.text("appid", 32)?);
        self.service(service_id)?;
        if appid != self.merchant.appid {
            return Err(foreign());
        }
        let openid = call.parameter("openid");
        let mut document = match self.permission_of(openid, service_id) {
            // A user whose code waits for a new authorisation has no permission.
            Some(permission) if permission.state != AuthorizationState::Unbound => {
                permission.document(&self.merchant.mchid)
            }
            _ => json!({
                "service_id": service_id, "appid": appid, "mchid": self.merchant.mchid, "openid": openid,
                "authorization_state": AuthorizationState::Unavailable.word(),
            }),
        };
        // Only a query by code returns the notification address.
        document["notify_url"] = Value::Null;
        drop_nulls(&mut document);
        Ok(Answer::Document(document))
    }

    pub(super) fn query_permission(&self, call: &Call) -> SandboxOutcome {
        let service_id = call.query().text("service_id", 32)?;
        self.service(service_id)?;
        let permission = self.permissions.get(call.parameter("authorization_code")).ok_or_else(unknown)?;
        if permission.service_id != service_id {
            return Err(foreign());
        }
        Ok(Answer::Document(permission.document(&self.merchant.mchid)))
    }

    pub(super) fn end_permission_of_user(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let (service_id, appid) = (fields.text("service_id", 1..=32)?, fields.text("appid", 1..=32)?);
        fields.text("reason", 1..=50)?;
        self.service(service_id)?;
        if appid != self.merchant.appid {
            return Err(foreign());
        }
        let openid = call.parameter("openid");
        let available = |permission: &&Permission| permission.state == AuthorizationState::Available;
        if self.permission_of(openid, service_id).filter(available).is_some() {
            self.close_service(openid, service_id, now).map_err(|_| unfinished())?;
        }
        Ok(Answer::Nothing)
    }

    pub(super) fn end_permission(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let service_id = fields.text("service_id", 1..=32)?;
        fields.text("reason", 1..=50)?;
        self.service(service_id)?;
        let permission = self.permissions.get(call.parameter("authorization_code")).ok_or_else(unknown)?;
        if permission.service_id != service_id {
            return Err(foreign());
        }
        let (code, state) = (permission.code.clone(), permission.state);
        let openid = permission.openid.clone().filter(|_| state != AuthorizationState::Unbound);
        let current = openid.as_deref().and_then(|openid| self.permission_of(openid, service_id));
        let Some(openid) = openid.as_deref().filter(|_| current.is_some_and(|current| current.code == code)) else {
            return Err(SandboxRefusal::new(
                Code::InvalidRequest,
                "商户解除授权的授权码不是这个用户签约的授权",
                "the code is not the one a user has authorised under last",
            ));
        };
        if state == AuthorizationState::Available {
            self.close_service(openid, service_id, now).map_err(|_| unfinished())?;
        }
        Ok(Answer::Nothing)
    }

    /// The latest authorisation of a user for a service, in any state.
    fn permission_of(&self, openid: &str, service_id: &str) -> Option<&Permission> {
        let code = self.permission_codes.get(&(openid.to_owned(), service_id.to_owned()))?;
        self.permissions.get(code)
    }

    /// Whether orders without confirmation may be created for a user.
    pub(super) fn may_charge(&self, openid: &str, service_id: &str) -> bool {
        let permission = self.permission_of(openid, service_id);
        permission.is_some_and(|permission| permission.state == AuthorizationState::Available)
    }

    /// A user authorises: under this code, or, for an openid, under a code that the shop creates.
    pub(in crate::sandbox) fn authorise(&mut self, code_or_openid: &str, now: Timestamp) -> Result<(), UserError> {
        let Some(permission) = self.permissions.get(code_or_openid) else {
            self.permit(code_or_openid, now);
            return Ok(());
        };
        let openid = permission.openid.clone().unwrap_or_else(|| self.random_user());
        self.authorise_as(code_or_openid, &openid, now)
    }

    /// The user authorises on the page behind the token.
    pub(in crate::sandbox) fn authorise_as(
        &mut self,
        code: &str,
        openid: &str,
        now: Timestamp,
    ) -> Result<(), UserError> {
        self.advance(now);
        let permission = self.permissions.get_mut(code).ok_or_else(|| UserError::Unknown(code.to_owned()))?;
        if permission.state != AuthorizationState::Unbound {
            return Err(UserError::NotNow(Reason::CodeNotWaiting));
        }
        if now >= permission.token_until {
            return Err(UserError::NotNow(Reason::TokenExpired));
        }
        if permission.openid.as_ref().is_some_and(|bound| bound != openid) {
            return Err(UserError::NotNow(Reason::CodeOfAnother));
        }
        permission.state = AuthorizationState::Available;
        permission.openid = Some(openid.to_owned());
        permission.authorised = Some(now);
        let notice = permission.notice(&self.merchant, true, now);
        let key = (openid.to_owned(), permission.service_id.clone());
        // The user's previous code ends.
        if let Some(earlier) = self.permission_codes.insert(key, code.to_owned()).filter(|earlier| earlier != code)
            && let Some(earlier) = self.permissions.get_mut(&earlier)
            && earlier.state == AuthorizationState::Available
        {
            (earlier.state, earlier.cancelled) = (AuthorizationState::Unavailable, Some(now));
        }
        self.announce(notice);
        Ok(())
    }

    /// Authorises the merchant's service for a user, unless they have done so.
    pub(super) fn permit(&mut self, openid: &str, now: Timestamp) {
        let (service_id, appid) = (self.merchant.service_id.clone(), self.merchant.appid.clone());
        if self.may_charge(openid, &service_id) {
            return;
        }
        let mut codes = (self.permissions.len()..).map(|n| format!("AUTH{n:06}"));
        let Some(code) = codes.find(|code| self.permissions.get(code).is_none()) else { return };
        let request = json!({ "service_id": service_id, "appid": appid, "authorization_code": code });
        let permission = Permission {
            code: code.clone(),
            service_id,
            appid,
            notify_url: self.merchant.notify_url.clone(),
            state: AuthorizationState::Unbound,
            openid: None,
            token_until: now + TOKEN_LIFE,
            authorised: None,
            cancelled: None,
            request,
        };
        self.permissions.add(code.clone(), permission);
        // All reasons for a refusal are excluded here.
        if let Err(reason) = self.authorise_as(&code, openid, now) {
            tracing::debug!(openid, %reason, "a user could not be permitted");
        }
    }

    /// The user revokes the permission for the merchant's service.
    pub(in crate::sandbox) fn revoke(&mut self, openid: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let service_id = self.merchant.service_id.clone();
        if !self.may_charge(openid, &service_id) {
            return Err(UserError::NotNow(Reason::NotAuthorised));
        }
        self.close_service(openid, &service_id, now)
    }

    /// The user of a sign plan, of an authorization code or of an openid closes the service, with or without a sign plan.
    pub(in crate::sandbox) fn close_service_of(
        &mut self,
        number_or_openid: &str,
        now: Timestamp,
    ) -> Result<(), UserError> {
        if self.sign_plans.get(number_or_openid).is_some() {
            return self.revoke_service(number_or_openid, now);
        }
        if let Some(permission) = self.permissions.get(number_or_openid) {
            let openid = permission.openid.clone().filter(|_| permission.state == AuthorizationState::Available);
            let openid = openid.ok_or(UserError::NotNow(Reason::NotAuthorised))?;
            return self.revoke(&openid, now);
        }
        let known = (number_or_openid.to_owned(), self.merchant.service_id.clone());
        match self.permission_codes.contains_key(&known) {
            true => self.revoke(number_or_openid, now),
            false => Err(UserError::Unknown(number_or_openid.to_owned())),
        }
    }

    /// Ends a user's permission for a service and their sign plans of it. Refused while an order is unfinished.
    pub(super) fn close_service(&mut self, openid: &str, service_id: &str, now: Timestamp) -> Result<(), UserError> {
        if self.orders.iter().any(|order| order.is_unfinished_for(openid, service_id)) {
            return Err(UserError::NotNow(Reason::OrderUnfinished));
        }
        let code = self.permission_codes.get(&(openid.to_owned(), service_id.to_owned()));
        if let Some(permission) = code.and_then(|code| self.permissions.get_mut(code))
            && permission.state == AuthorizationState::Available
        {
            (permission.state, permission.cancelled) = (AuthorizationState::Unavailable, Some(now));
            let notice = permission.notice(&self.merchant, false, now);
            self.announce(notice);
        }
        self.revoke_sign_plans(openid, service_id, now);
        Ok(())
    }
}

//! Permissions: a user allows the merchant to create orders without confirmation (授权; PayScore reference §5).

use super::query::Asking;
use super::state::states;
use super::subject::Subject;
use super::{
    DatedEvent, DatedFact, Document, EndpointId, Entity, Fact, Kind, MissingSetting, Money, ObjectId, Properties,
    State, Tone, permission_of,
};
use crate::model::time::Timestamp;

states! {
    /// `authorization_state`.
    AuthorizationState {
        /// Pre-authorised; the user has not finished.
        UnboundUser = "UNBINDUSER",
        Available = "AVAILABLE",
        /// Never authorised, or authorised once and revoked.
        Unavailable = "UNAVAILABLE",
    }
}

/// A user's permission for one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// The merchant's number for one authorisation. A query by openid may lack it.
    pub authorization_code: Option<String>,
    /// Absent until the user has authorised.
    pub openid: Option<String>,
    pub service_id: Option<String>,
    pub appid: Option<String>,
    pub state: AuthorizationState,
    pub notify_url: Option<String>,
    pub success_time: Option<Timestamp>,
    pub cancel_time: Option<Timestamp>,
}

impl Properties for Permission {
    fn read(doc: Document<'_>) -> Self {
        Self {
            authorization_code: doc.text("authorization_code"),
            openid: doc.text("openid"),
            service_id: doc.text("service_id"),
            appid: doc.text("appid"),
            state: AuthorizationState::parse(&doc.text("authorization_state").unwrap_or_default()),
            notify_url: doc.text("notify_url"),
            success_time: doc.time("authorization_success_time"),
            cancel_time: doc.time("cancel_authorization_time"),
        }
    }

    fn state(&self) -> State {
        Self::state_of(self.state.code())
    }

    fn state_codes() -> &'static [&'static str] {
        AuthorizationState::CODES
    }

    /// The meaning of a code of [`Permission::state`]. A user may authorise again, so no state is final.
    fn state_of(code: &str) -> State {
        match AuthorizationState::parse(code) {
            AuthorizationState::UnboundUser => State::known(code, "state-permission-unbound", Tone::Waiting, false)
                .waits("wants-permission-unbound", &["state-permission-available"]),
            AuthorizationState::Available => State::known(code, "state-permission-available", Tone::Running, false)
                .waits("wants-permission-available", &["state-permission-unavailable"]),
            AuthorizationState::Unavailable => State::known(code, "state-permission-unavailable", Tone::Stopped, false)
                .waits("wants-permission-unavailable", &["state-permission-available"]),
            AuthorizationState::Unknown(_) => State::unknown(code),
        }
    }

    /// A permission queried by its user may have no number of its own (PayScore reference §5).
    fn number_in(doc: Document<'_>, kind: Kind) -> Option<String> {
        doc.text(kind.number_field()).or_else(|| doc.text("openid"))
    }

    fn takes_number(&mut self, _own: &ObjectId, asked: &ObjectId) -> bool {
        self.openid.as_deref() == Some(asked.number.as_str())
    }

    fn since(&self) -> Option<Timestamp> {
        match self.state {
            AuthorizationState::Available => self.success_time,
            AuthorizationState::Unavailable => self.cancel_time,
            AuthorizationState::UnboundUser | AuthorizationState::Unknown(_) => None,
        }
    }

    fn title(&self) -> Option<&str> {
        self.service_id.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        self.cancel_time.max(self.success_time)
    }

    fn user(&self) -> Option<&str> {
        self.openid.as_deref()
    }

    fn label(&self) -> Option<&str> {
        self.service_id.as_deref()
    }

    fn dated(&self) -> Vec<DatedEvent> {
        DatedEvent::all([(self.success_time, DatedFact::Authorised), (self.cancel_time, DatedFact::Deauthorised)])
    }

    fn agrees(&self, fact: Fact) -> bool {
        match (fact, &self.state) {
            (_, AuthorizationState::Unknown(_)) => true,
            (Fact::Authorised, state) => *state != AuthorizationState::UnboundUser,
            (Fact::Deauthorised, state) => *state != AuthorizationState::Available,
            _ => false,
        }
    }

    fn query(asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting> {
        let service_id = asking.merchant.service_id()?;
        match asking.known {
            Some(Entity::Permission(known)) if known.openid.as_deref() == Some(asking.id.number.as_str()) => {
                permission_of(asking.id.number.as_str(), asking.merchant)
            }
            _ => Ok(asking.by_number(&[("service_id", service_id)])),
        }
    }

    /// An authorisation of the older flow has no number of its own; it can be queried by its user.
    fn subject(resource: Document<'_>, kind: Kind) -> Subject {
        match Subject::of(kind, resource, kind.number_field()) {
            Subject::Unknown => Subject::of(kind, resource, "openid"),
            known => known,
        }
    }

    fn reported(_fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
        (None, resource.time("openorclose_time"))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Kind, Number, Object, ObjectId};

    #[test]
    fn a_permission_is_known_by_its_code_and_without_one_by_its_user() {
        let object = |raw: &str| Object::parse(Kind::Permission, raw).unwrap();
        let by_code = object(r#"{"authorization_code":"A-1","openid":"oUser","authorization_state":"AVAILABLE"}"#);
        assert_eq!((by_code.id.number.as_str(), by_code.entity.user()), ("A-1", Some("oUser")));
        let raw = r#"{"openid":"oUser","authorization_state":"LATER","authorization_success_time":""}"#;
        let by_user = object(raw);
        assert_eq!((by_user.id.number.as_str(), by_user.entity.time()), ("oUser", None));
        assert_eq!((by_user.entity.state().meaning, by_user.entity.state().is_final), (None, false));
        // A permission queried by its user keeps that id although the document contains a code by now.
        let asked = ObjectId::new(Kind::Permission, Number::parse("oUser").unwrap());
        assert_eq!(Object::parse_as(&asked, &by_code.raw).unwrap().id, asked);
        assert!(Object::parse(Kind::Permission, r#"{"authorization_state":"AVAILABLE"}"#).is_err());
    }
}

//! Actions on permissions (PayScore reference §5).

use serde_json::json;

use super::evidence::{is_made, same, shows};
use super::field::{APPID, ID, NOTIFY, REASON_50, SERVICE};
use super::form::fresh_number;
use super::{
    Action, ActionContext, ActionId, ActionRow, Behaviour, Evidence, Field, Illegal, PrepareError, RequestParts, Risk,
    SameBy,
};
use crate::model::{
    AppId, AuthorizationState, Document, EndpointId, Entity, Kind, MissingSetting, Object, Permission, ServiceId,
};

pub(super) const TERMINATE: Action = Action {
    fields: &[REASON_50],
    ..ActionRow(
        ActionId::PermissionTerminate,
        Kind::Permission,
        "terminate",
        EndpointId::PermissionTerminateByCode,
        Risk::Irreversible,
    )
    .does(Behaviour {
        legal: |entity, _| legal(entity, |known| known.authorization_code.is_some(), "illegal-permission-no-code"),
        request: |context, given| {
            let (object, permission) = permission_of(context)?;
            // It may be identified by its user.
            let code = permission.authorization_code.as_deref().unwrap_or(object.id.number.as_str());
            let body = json!({"service_id": service_id(context, permission)?, "reason": given.text("reason")});
            Ok(RequestParts { path: Some(("authorization_code", code.to_owned())), body, ..RequestParts::default() })
        },
        evidence: is_terminated,
        same_by: SameBy::Terms,
    })
};

pub(super) const TERMINATE_OPENID: Action = Action {
    fields: &[REASON_50],
    ..ActionRow(
        ActionId::PermissionTerminateOpenid,
        Kind::Permission,
        "terminate-openid",
        EndpointId::PermissionTerminateByOpenid,
        Risk::Irreversible,
    )
    .does(Behaviour {
        legal: |entity, _| legal(entity, |known| known.openid.is_some(), "illegal-permission-no-openid"),
        request: |context, given| {
            let (_, permission) = permission_of(context)?;
            let appid = permission.appid.as_deref().or(context.merchant.appid.as_ref().map(AppId::as_str));
            let service_id = service_id(context, permission)?;
            let appid = appid.ok_or(PrepareError::Setting(MissingSetting("appid")))?;
            let body = json!({"service_id": service_id, "reason": given.text("reason"), "appid": appid});
            let openid = permission.openid.clone().unwrap_or_default();
            Ok(RequestParts { path: Some(("openid", openid)), body, ..RequestParts::default() })
        },
        evidence: is_terminated,
        same_by: SameBy::Terms,
    })
};

pub(super) const CREATE: Action = Action {
    fields: &[
        Field::needed("number", "column-authorization-code", ID, "/authorization_code"),
        Field { required: false, ..NOTIFY },
        SERVICE,
        APPID,
    ],
    makes: Some(Kind::Permission),
    defaults: |context| fresh_number("AUTH", context.now),
    ..ActionRow(ActionId::PermissionCreate, Kind::Permission, "create", EndpointId::PermissionCreate, Risk::Makes).does(
        Behaviour {
            legal: |_, _| Err(Illegal::KIND),
            request: |_, given| {
                Ok(RequestParts {
                    body: given.body().into(),
                    makes: Some(given.id(Kind::Permission)?),
                    ..RequestParts::default()
                })
            },
            evidence: |sent, found| {
                let Entity::Permission(permission) = found else { return Evidence::Silent };
                is_made(same(sent.text("service_id"), permission.service_id.clone()))
            },
            same_by: SameBy::Terms,
        },
    )
};

fn legal(entity: &Entity, is_known: fn(&Permission) -> bool, unknown: &'static str) -> Result<(), Illegal> {
    let Entity::Permission(permission) = entity else { return Err(Illegal::KIND) };
    if !is_known(permission) {
        return Err(Illegal(unknown));
    }
    match permission.state {
        AuthorizationState::Available => Ok(()),
        AuthorizationState::Unavailable => Err(Illegal("illegal-permission-over")),
        AuthorizationState::UnboundUser => Err(Illegal("illegal-permission-unbound")),
        AuthorizationState::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
    }
}

fn is_terminated(_: Document<'_>, found: &Entity) -> Evidence {
    let Entity::Permission(permission) = found else { return Evidence::Silent };
    shows(permission.state == AuthorizationState::Unavailable, found)
}

fn permission_of<'a>(context: &ActionContext<'a>) -> Result<(&'a Object, &'a Permission), PrepareError> {
    match (context.object, context.entity()) {
        (Some(object), Some(Entity::Permission(permission))) => Ok((object, permission)),
        _ => Err(PrepareError::Illegal(Illegal::KIND)),
    }
}

fn service_id<'a>(context: &ActionContext<'a>, permission: &'a Permission) -> Result<&'a str, PrepareError> {
    let own = context.merchant.service_id.as_ref().map(ServiceId::as_str);
    permission.service_id.as_deref().or(own).ok_or(PrepareError::Setting(MissingSetting("service_id")))
}

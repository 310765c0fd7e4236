//! Certificates, of both worlds.

use paydeck::model::EndpointId;

use crate::call::Call;
use crate::stage::Stage;

pub fn mainland() -> Call {
    Call::to(EndpointId::Certificates).gives("/data/0/encrypt_certificate/associated_data", "certificate")
}

pub fn global() -> Call {
    Call::to(EndpointId::GlobalCertificates).gives("/data/0/encrypt_certificate/associated_data", "certificate")
}

/// A merchant who has only the public key.
pub fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    (code == "RESOURCE_NOT_EXISTS").then(|| {
        stage.shop.gateway.faults().set_public_key_only(true);
        Call::to(id)
    })
}

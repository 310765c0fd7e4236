//! What an answer proves: its signature, and the platform certificates that verify it.

use time::OffsetDateTime;

use super::{Call, Client, PLATFORM_CLOCKS_APART, signed_at, unsent_or_unreachable};
use crate::api::transport::{HttpAnswer, Patience};
use crate::api::trust::CertificateAnswer;
use crate::api::{ApiError, Misconfigured, Proof, Refusal, Reply, RequestFailure, Trust, Unproven, Untrusted};
use crate::crypto::{SignatureHeaders, VerifyError};
use crate::model::outcome::{AnswerMeaning, Answered, Change, Doubt, SignatureVerdict, conclude};
use crate::model::{Endpoint, EndpointId, Method, Serial};

/// The status of a request that is accepted and not finished: the user is still paying.
const ACCEPTED: u16 = 202;

impl Client {
    /// Verifies the answer to a query.
    pub(in crate::api) async fn judge(&self, answer: HttpAnswer) -> Result<Reply, ApiError> {
        let success = (200..300).contains(&answer.status);
        let signed = !answer.signature.absent();
        if signed || success {
            if let Err(reason) = self.verify(&answer, &answer.body).await {
                return Err(ApiError::Untrusted { reason, request_id: answer.request_id });
            }
        } else if (300..400).contains(&answer.status) {
            return Err(led_elsewhere(&answer));
        }
        let HttpAnswer { status, request_id, body, .. } = answer;
        // Accepted is not done (protocol reference §11.1): the caller queries again.
        if success && status != ACCEPTED {
            return match String::from_utf8(body) {
                Ok(body) => Ok(Reply { status, body, request_id, proof: Proof::Itself }),
                Err(error) => Err(ApiError::Unreadable { source: error.utf8_error().into(), request_id }),
            };
        }
        let refusal = Refusal::read(status, &body, request_id, signed);
        Err(match status {
            ACCEPTED | 429 | 500.. => ApiError::Unreachable(RequestFailure::Status(refusal)),
            _ => ApiError::Refused(refusal),
        })
    }

    /// Decides what the answer to a change proves. `left` is the platform's time when the request was sent, if known.
    pub(super) async fn judge_change(
        &self,
        call: Call<'_>,
        left: Option<OffsetDateTime>,
        answer: HttpAnswer,
    ) -> Result<Reply, ApiError> {
        let (verdict, distrust) = match self.verify(&answer, &answer.body).await {
            Ok(()) if is_stale(left, signed_at(&answer.signature)) => (SignatureVerdict::Stale, None),
            Ok(()) => (SignatureVerdict::Verified, None),
            Err(Untrusted::Unsigned { .. }) => (SignatureVerdict::Unsigned, None),
            Err(reason) => (SignatureVerdict::NotGenuine, Some(reason)),
        };
        let path = call.target.split('?').next().unwrap_or_default();
        let endpoint = Endpoint::find(call.method.as_str(), path).ok().map(|(endpoint, _)| endpoint.id);
        let HttpAnswer { status, request_id, body, html, .. } = answer;
        // Invalid UTF-8 does not change the meaning of the rest.
        let text = String::from_utf8_lossy(&body);
        let change = Change { merchant: self.merchant(), endpoint, target: call.target, body: call.body };
        let proof = match conclude(&change, &Answered { status, verdict, body: &text }) {
            AnswerMeaning::Done => Proof::Itself,
            AnswerMeaning::NeedsQuery => Proof::Query,
            AnswerMeaning::Refused => return Err(ApiError::Refused(Refusal::read(status, &body, request_id, true))),
            AnswerMeaning::Unknown(doubt) => {
                let unproven = |lack| RequestFailure::Unproven(lack);
                let refusal = |signed| Refusal::read(status, if html { b"" } else { &body }, request_id, signed);
                return Err(ApiError::UnknownOutcome(match doubt {
                    // An unsigned answer is at most a hint.
                    Doubt::Unsigned if status < 400 => RequestFailure::Untrusted(Untrusted::Unsigned { html }),
                    Doubt::Unsigned => RequestFailure::Status(refusal(false)),
                    Doubt::NotGenuine => RequestFailure::Untrusted(distrust.unwrap_or(Untrusted::Unsigned { html })),
                    Doubt::Stale => RequestFailure::Untrusted(Untrusted::Stale),
                    Doubt::Status => RequestFailure::Status(refusal(true)),
                    Doubt::Another { found } => RequestFailure::Untrusted(Untrusted::Another { found }),
                    Doubt::Lacks(member) => unproven(Unproven::Lacks(member)),
                    Doubt::NotShown => unproven(Unproven::NotShown),
                }));
            }
        };
        Ok(Reply { status, body: text.into_owned(), request_id, proof })
    }

    /// Verifies what an answer's signature covers, which is its bytes except where a digest stands for them. For an
    /// unknown serial the certificates are fetched once.
    pub(in crate::api) async fn verify(&self, answer: &HttpAnswer, signed: &[u8]) -> Result<(), Untrusted> {
        if answer.signature.absent() {
            return Err(Untrusted::Unsigned { html: answer.html });
        }
        self.judge_signature(&answer.signature, signed, OffsetDateTime::now_utc()).await?;
        self.note_clock(&answer.signature);
        Ok(())
    }

    /// Verifies a signature as of `at`.
    pub(in crate::api) async fn judge_signature(
        &self,
        signature: &SignatureHeaders,
        signed: &[u8],
        at: OffsetDateTime,
    ) -> Result<(), VerifyError> {
        let trust = &self.0.trust;
        let check = || trust.verify(signature, signed, at);
        match check() {
            // A caller that needs the serial during a refresh waits for it and then looks again.
            Err(VerifyError::UnknownSerial(serial)) if trust.may_be_certificate(&serial) => {
                if let Err(error) = self.refresh_for(&serial).await {
                    tracing::debug!(%error, "certificates could not be refreshed for {serial}");
                }
                check()
            }
            other => other,
        }
    }

    /// Fetches platform certificates if they are missing or old.
    pub(in crate::api) async fn ensure_trust(&self) -> Result<(), ApiError> {
        if self.0.trust.is_empty() {
            return self.refresh_certificates(Trust::is_empty).await;
        }
        if self.0.trust.is_due()
            && let Err(error) = self.refresh_certificates(Trust::is_due).await
        {
            // The old set still verifies; the next call after a minute tries again.
            tracing::warn!(%error, "platform certificates could not be refreshed");
        }
        Ok(())
    }

    /// Fetches the platform certificates for this serial if another attempt is due.
    pub(in crate::api) async fn refresh_for(&self, serial: &Serial) -> Result<(), ApiError> {
        self.refresh_certificates(|trust| {
            let worth = trust.may_refresh_for(serial);
            if worth {
                trust.looks_for(serial);
            }
            worth
        })
        .await
    }

    /// One refresh at a time; a caller that waited checks `needed` again first.
    pub(in crate::api) async fn refresh_certificates(&self, needed: impl Fn(&Trust) -> bool) -> Result<(), ApiError> {
        let trust = &self.0.trust;
        let _one_at_a_time = trust.refreshing.lock().await;
        if !needed(trust) {
            return Ok(());
        }
        self.0.budget.turn().await;
        trust.tried();
        let now = OffsetDateTime::now_utc();
        let target = EndpointId::Certificates.on(self.merchant().region).endpoint().path;
        let serial = trust.named_serial(now);
        let answer = self
            .0
            .transport
            .exchange(Method::Get, target, b"", serial.as_ref(), Patience::Whole)
            .await
            .map_err(unsent_or_unreachable)?;
        match answer.status {
            200..300 => {
                let accepted = trust.accept(&answer.signature, &answer.body, now);
                if accepted.is_ok() {
                    self.note_clock(&answer.signature);
                }
                accepted.map_err(|error| match error {
                    CertificateAnswer::Untrusted(_) if answer.signature.absent() => ApiError::Untrusted {
                        reason: Untrusted::Unsigned { html: answer.html },
                        request_id: answer.request_id.clone(),
                    },
                    CertificateAnswer::Untrusted(reason) => {
                        ApiError::Untrusted { reason, request_id: answer.request_id.clone() }
                    }
                    CertificateAnswer::Misconfigured(misconfigured) => misconfigured.into(),
                })
            }
            300..400 if answer.signature.absent() => Err(led_elsewhere(&answer)),
            status => {
                // Before the first certificate no answer can be verified, so this one counts as unsigned.
                let signed = trust.verify(&answer.signature, &answer.body, now).is_ok();
                let body: &[u8] = if answer.html { b"" } else { &answer.body };
                let refusal = Refusal::read(status, body, answer.request_id, signed);
                let error = match status {
                    // Only WeChat Pay can know this about the merchant, not a proxy in front of it.
                    404 if signed && !refusal.code.is_empty() => Misconfigured::PublicKeyNeeded.into(),
                    429 | 500.. => ApiError::Unreachable(RequestFailure::Status(refusal)),
                    _ => ApiError::Refused(refusal),
                };
                Err(error.to("GET", target))
            }
        }
    }
}

/// An unsigned answer that redirects, for instance to a login page.
fn led_elsewhere(answer: &HttpAnswer) -> ApiError {
    let reason = Untrusted::Unsigned { html: true };
    ApiError::Untrusted { reason, request_id: answer.request_id.clone() }
}

/// Whether an answer was signed before the request was sent.
pub(super) fn is_stale(left: Option<OffsetDateTime>, signed: Option<OffsetDateTime>) -> bool {
    left.zip(signed).is_some_and(|(left, signed)| signed + PLATFORM_CLOCKS_APART < left)
}

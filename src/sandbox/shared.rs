//! State that the gateway's tasks share: the world behind its lock, the keys, the clock, the queue of notifications.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use axum::http::HeaderMap;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use super::clock::SandboxClock;
use super::control::access::ControlFile;
use super::faults::{Fault, Faults};
use super::fields::Fields;
use super::gate::Gate;
use super::identity::Identity;
use super::log::RequestLog;
use super::notify::outbox::Outbox;
use super::platform::PlatformSigner;
use super::world::{Call, Party, World};
use super::{Options, SandboxError};
use crate::crypto::PrivateKey;
use crate::model::time::{Duration, Timestamp};
use crate::model::{EndpointId, Kind, Serial};
use crate::sync::lock;

#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    pub(super) identity: Mutex<Identity>,
    pub(super) gate: Gate,
    pub(super) faults: Faults,
    pub(super) log: RequestLog,
    numbers: Mutex<File>,
    /// Those of the Global merchants, in the order of [`Party::ALL`].
    numbers_global: [Mutex<File>; 2],
    pub(super) clock: SandboxClock,
    pub(super) outbox: Outbox,
    pub(super) control: ControlFile,
    pub(super) closing: CancellationToken,
    /// The latest answer of each endpoint to a request that changed something, for [`Fault::Replayed`].
    changes: Mutex<Vec<(EndpointId, Answer)>>,
}

impl Shared {
    pub(super) fn open(options: &Options, base_url: &str) -> Result<Self, SandboxError> {
        let mut identity = Identity::open(&options.identity)?;
        if let Some(url) = &options.notify_url {
            identity.merchant.notify_url.clone_from(url);
            if options.notify_global {
                identity.merchant.notify_url_global.clone_from(url);
            }
        }
        identity.write_config(base_url)?;
        let create = |path: PathBuf| File::create(&path).map_err(|source| SandboxError::File { path, source });
        let numbers = create(identity.numbers_path())?;
        let [institution, direct] = Party::ALL.map(|party| create(identity.numbers_path_global(party)));
        let merchant = identity.merchant.clone();
        let gate = Gate::new(&merchant.mchid, identity.merchant_certificate.clone());
        let start = options.start.unwrap_or_else(OffsetDateTime::now_utc);
        let outbox = Outbox::new(identity.apiv3_key.clone(), options.patience);
        let control = ControlFile::write(&options.identity, base_url)?;
        let mut world = World::seeded(merchant, options.seed, options.objects, options.users_act, start);
        world.serve_files_from(base_url);
        let shared = Self {
            world: Mutex::new(world),
            identity: Mutex::new(identity),
            gate,
            faults: Faults::default(),
            log: RequestLog::default(),
            numbers: Mutex::new(numbers),
            numbers_global: [Mutex::new(institution?), Mutex::new(direct?)],
            clock: SandboxClock::new(start, options.speed),
            outbox,
            control,
            closing: CancellationToken::new(),
            changes: Mutex::default(),
        };
        // The seeded objects are the first numbers of the file.
        shared.with_world(|_, _| ());
        Ok(shared)
    }

    /// Does something in the world, then queues its events and appends the numbers it created to the numbers files.
    pub(super) fn with_world<T>(&self, action: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let mut world = lock(&self.world);
        let due = world.next_due();
        let result = action(&mut world, self.clock.now());
        let (new_numbers, notices) = (world.take_new_numbers(), world.take_notices());
        let global = Party::ALL.map(|party| world.take_new_global_numbers(party));
        // Queued under the world's lock, so that the order of the events is kept.
        self.outbox.enqueue(&notices, self.faults.treatment());
        if !notices.is_empty() || world.next_due() != due {
            self.outbox.wake();
        }
        drop(world);
        append(&self.numbers, &new_numbers);
        self.numbers_global.iter().zip(&global).for_each(|(file, numbers)| append(file, numbers));
        result
    }

    pub(super) fn let_time_pass(&self, time: Duration) {
        self.clock.skip(time);
        self.with_world(World::advance);
        self.outbox.wake();
    }

    /// When something is due next in the world.
    pub(super) fn next_in_world(&self) -> Option<Timestamp> {
        lock(&self.world).next_due()
    }

    pub(super) fn wire_now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.faults.clock_offset()
    }

    pub(super) fn rotate_certificate(&self) -> Result<Serial, SandboxError> {
        let key = PrivateKey::generate()?;
        let mut identity = lock(&self.identity);
        identity.issue(key)?;
        let newest = identity.platform.certificates.last().map(|issued| issued.certificate.serial.clone());
        Ok(newest.unwrap_or_else(|| Serial::new("")))
    }

    /// Decrypts the members of a body that were encrypted for the platform, with the key that the request names
    /// (protocol reference §7, §8.2).
    pub(super) fn open_fields(&self, call: &mut Call, headers: &HeaderMap) -> Result<(), SandboxRefusal> {
        if call.endpoint != EndpointId::RefundApplyAbnormal {
            return Ok(());
        }
        let serial = headers.get("wechatpay-serial").and_then(|value| value.to_str().ok());
        for name in ["bank_account", "real_name"] {
            // A member that is not a string is refused later, by the rules.
            let Some(sealed) = call.body.get(name).and_then(Value::as_str) else { continue };
            let serial = serial.ok_or_else(|| {
                let chinese = "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)";
                SandboxRefusal::new(Code::ParamError, chinese, "the header Wechatpay-Serial is missing")
            })?;
            let opened = lock(&self.identity).platform.decrypt(serial, sealed);
            let opened = opened.ok_or_else(|| {
                let issue = "does not open with the key that Wechatpay-Serial names";
                Fields::of(&call.body).hidden(name, "敏感信息解密失败", issue)
            })?;
            call.body.insert(name.to_owned(), opened.into());
        }
        Ok(())
    }

    pub(super) fn answer(&self, call: &Call) -> SandboxOutcome {
        if !matches!(call.endpoint, EndpointId::Certificates | EndpointId::GlobalCertificates) {
            return self.with_world(|world, now| world.handle(call, now));
        }
        if self.faults.public_key_only() {
            return Err(SandboxRefusal::new(Code::ResourceNotExists, "证书不存在", "there is no certificate"));
        }
        let identity = lock(&self.identity);
        Ok(Answer::Document(identity.platform.certificates(&identity.apiv3_key)))
    }

    /// The answer that is sent: with the replay faults that of an earlier change, to the same endpoint if there was one.
    /// The answer to a change is kept for that.
    pub(super) fn remembered(&self, call: &Call, fault: Option<&Fault>, outcome: SandboxOutcome) -> SandboxOutcome {
        let mut changes = lock(&self.changes);
        if matches!(fault, Some(Fault::Replayed | Fault::ReplayedBefore)) {
            let same = changes.iter().rfind(|(endpoint, _)| *endpoint == call.endpoint);
            let earlier = same.or(changes.last()).map(|(_, answer)| answer.clone());
            return earlier.ok_or_else(|| SandboxRefusal::new(Code::SystemError, "系统错误", "system error"));
        }
        if let Ok(answer) = &outcome
            && call.endpoint.endpoint().is_mutation()
        {
            changes.retain(|(endpoint, _)| *endpoint != call.endpoint);
            changes.push((call.endpoint, answer.clone()));
        }
        outcome
    }

    /// The signer that the request's `Wechatpay-Serial` names.
    pub(super) fn signer(&self, headers: &HeaderMap) -> Result<PlatformSigner, SandboxRefusal> {
        let wanted = headers.get("wechatpay-serial").map(|value| value.to_str().unwrap_or(""));
        let identity = lock(&self.identity);
        identity.platform.signer(wanted, self.faults.public_key_only()).ok_or_else(|| {
            SandboxRefusal::new(
                Code::ParamError,
                "平台证书序列号Wechatpay-Serial错误",
                "Wechatpay-Serial names no key of WeChat Pay's",
            )
        })
    }

    /// The signer of the mode that the request does not name.
    pub(super) fn other_signer(&self, headers: &HeaderMap) -> Option<PlatformSigner> {
        let identity = lock(&self.identity);
        let public_key = identity.platform.public_key_id.as_str();
        let asked = headers.get("wechatpay-serial").is_some_and(|value| value.as_bytes() == public_key.as_bytes());
        identity.platform.signer((!asked).then_some(public_key), false)
    }

    /// The signer for a request that names none.
    pub(super) fn default_signer(&self) -> Option<PlatformSigner> {
        lock(&self.identity).platform.signer(None, self.faults.public_key_only())
    }
}

/// Appends to a numbers file, as a merchant's back end would. Blocking is fine: the file is small and local.
fn append(file: &Mutex<File>, new_numbers: &[(Kind, String)]) {
    if new_numbers.is_empty() {
        return;
    }
    let lines: String = new_numbers
        .iter()
        .map(|(kind, number)| format!("{}\n", json!({ "kind": kind.noun(), "number": number })))
        .collect();
    if let Err(error) = lock(file).write_all(lines.as_bytes()) {
        tracing::warn!(%error, "the numbers file could not be written");
    }
}

//! A shop for tests: the real gateway on a free port, its identity in a folder of its own, and clients of it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use paydeck::api::{ApiError, Client};
use paydeck::config::Config;
use paydeck::i18n::Lang;
use paydeck::ledger::Ledger;
use paydeck::model::action::{
    Action, ActionId, Confirmation, Confirmed, Field, Operation, RelatedState, Values, create, prepare,
};
use paydeck::model::{EndpointId, Kind, Merchant, Number, Object, ObjectId};
use paydeck::sandbox::{self, AUTHORISED_USER, Fault, FaultMatcher, Gateway, Options};
use paydeck::services::{Actor, Known, NumberTail, Outcome, Runner, SessionOptions};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;

/// A base URL where nothing listens: a port that is never assigned, unlike one that was free a moment ago.
pub const NOBODY: &str = "http://127.0.0.1:1";

pub struct Shop {
    pub gateway: Gateway,
    pub folder: TempDir,
}

/// Everything a ledger knows of a shop.
pub fn known(ledger: &Ledger, shop: &Shop) -> Vec<Known> {
    let documents = |kind| ledger.documents(&shop.actor().key, kind, 0, usize::MAX).unwrap().0;
    Kind::ALL.into_iter().flat_map(documents).collect()
}

/// The latest outcome of a journal entry, as stored; `None` while it is under way.
pub fn outcome_of(ledger: &Ledger, journal: i64) -> Option<String> {
    ledger.journal_entry(journal).unwrap().unwrap().outcome().map(str::to_owned)
}

/// Values that the sandbox's rules let pass, of the fields that no default fills.
pub fn plausible(action: &Action) -> Values {
    let now = OffsetDateTime::now_utc();
    let day = |days| (now + time::Duration::days(days)).date().to_string();
    let value = |name: &str| {
        Some(match (action.id, name) {
            (_, "reason") => "测试".to_owned(),
            // Lower than any total of the seeded orders.
            (ActionId::OrderModify, "amount") => "0.01".to_owned(),
            (ActionId::PlanCreate, "details") => "第一课\t99\t99\t\n第二课\t99\t88\t立减11元".to_owned(),
            (ActionId::PlanCreate, "name") => "陶艺课".to_owned(),
            (ActionId::PlanCreate, "days") => "90".to_owned(),
            (ActionId::OrderCreate, "introduction") => "共享单车".to_owned(),
            (ActionId::OrderCreate, "risk-amount") => "50".to_owned(),
            (ActionId::OrderCreate, "payments") => "骑行费\t\t1.5元/30分钟\t".to_owned(),
            (ActionId::RefundApplyAbnormal, "type") => "USER_BANK_CARD".to_owned(),
            (ActionId::RefundApplyAbnormal, "bank-type") => "CMB_DEBIT".to_owned(),
            (ActionId::RefundApplyAbnormal, "bank-account") => "6225880123456789".to_owned(),
            (ActionId::RefundApplyAbnormal, "real-name") => "张三".to_owned(),
            (ActionId::StockCreate, "name") => "秋季满减".to_owned(),
            (ActionId::StockCreate, "begins") => day(2),
            (ActionId::StockCreate, "ends") => day(30),
            (ActionId::StockCreate, "face") => "5".to_owned(),
            (ActionId::StockCreate, "minimum") => "30".to_owned(),
            (ActionId::StockCreate, "coupons") => "200".to_owned(),
            (ActionId::StockCallback, "notify-url") => "https://merchant.example/coupons".to_owned(),
            (_, "description") if action.kind == Kind::Transaction => "拿铁 大杯".to_owned(),
            (_, "amount") if action.is_creation() => "28.80".to_owned(),
            (_, "client-ip") => "203.0.113.7".to_owned(),
            (_, "openid") => AUTHORISED_USER.to_owned(),
            _ => return None,
        })
    };
    action.fields.iter().filter_map(|field| Some((field.name, value(field.name)?))).collect()
}

impl Shop {
    /// A merchant whose users act only on command.
    pub async fn open(objects: usize) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), objects).await
    }

    /// The shop of a merchant with another number.
    pub async fn of_merchant(mchid: &str, objects: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mchid.txt"), mchid).unwrap();
        Self::open_in(folder, objects).await
    }

    async fn open_in(folder: tempfile::TempDir, objects: usize) -> Self {
        let options = Options { objects, users_act: false, ..Options::new(folder.path()) };
        let gateway = sandbox::start(options).await.unwrap();
        let shop = Self { gateway, folder };
        // A mutation that is never answered should not keep a test for half a minute.
        shop.edit_config("requests_per_second = 400", "requests_per_second = 400\ntimeout_seconds = 2");
        shop
    }

    pub fn config_path(&self) -> PathBuf {
        self.gateway.config()
    }

    pub fn edit_config(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.config_path()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        std::fs::write(self.config_path(), text.replace(from, to)).unwrap();
    }

    pub fn client(&self) -> Client {
        self.client_of("sandbox")
    }

    pub fn client_of(&self, profile: &str) -> Client {
        let config = Config::read(&self.config_path()).unwrap();
        let profile = config.profile(Some(profile)).unwrap();
        Client::new(profile.client_options(profile.credentials().unwrap(), Lang::En)).unwrap()
    }

    /// The console's options for its session.
    pub fn session_options(config: &Path) -> SessionOptions {
        let config = Config::read(config).unwrap();
        let profile = config.profile(None).unwrap();
        SessionOptions {
            client: Client::new(profile.client_options(profile.credentials().unwrap(), Lang::En)).unwrap(),
            ledger: Ledger::open(&config.store).unwrap(),
            actor: Actor::new(
                &profile.name,
                profile.merchant.mchid.as_str(),
                "tester",
                profile.read_only,
                profile.rules.clone(),
            ),
            bills: config.bills(),
            numbers: profile.numbers.clone(),
            merchant_certificate_expires: None,
            listen: None,
        }
    }

    pub fn ledger(&self) -> Ledger {
        Ledger::open(&Config::read(&self.config_path()).unwrap().store).unwrap()
    }

    pub fn actor(&self) -> Actor {
        Self::session_options(&self.config_path()).actor
    }

    /// The folder for the bills of all profiles.
    pub fn bills(&self) -> PathBuf {
        self.folder.path().join("bills")
    }

    pub fn runner(&self, client: &Client) -> Runner {
        Runner::new(client.clone(), self.ledger(), self.actor(), &self.bills())
    }

    /// All numbers of a kind.
    pub fn ids(&self, kind: Kind) -> Vec<ObjectId> {
        let mut ids = NumberTail::new(&self.folder.path().join("numbers.jsonl")).read().unwrap();
        ids.retain(|id| id.kind == kind);
        ids
    }

    /// The first object on which an action is legal.
    pub async fn object_for(&self, client: &Client, action: &Action) -> Object {
        for id in self.ids(action.kind) {
            let (object, _) = client.fetch(&id, None).await.unwrap();
            if action.legal(&object.entity, OffsetDateTime::now_utc()).is_ok() {
                return object;
            }
        }
        panic!("no object for {}", action.name());
    }

    /// The first objects on which an action is legal, so many.
    pub async fn objects_for(&self, client: &Client, action: &Action, count: usize) -> Vec<ObjectId> {
        let mut found = Vec::new();
        for id in self.ids(action.kind) {
            let (object, _) = client.fetch(&id, None).await.unwrap();
            if action.legal(&object.entity, OffsetDateTime::now_utc()).is_ok() {
                found.push(id);
            }
            if found.len() == count {
                return found;
            }
        }
        panic!("only {} objects for {}", found.len(), action.name());
    }

    /// An operation that the world lets pass: on an object of the shop's, or a creation.
    pub async fn ready(&self, client: &Client, action: &'static Action) -> Operation {
        if !action.is_creation() {
            return self.operation(client, action, &self.object_for(client, action).await);
        }
        let now = OffsetDateTime::now_utc();
        let mut values = action.fresh(client.merchant(), now);
        values.extend(plausible(action));
        create(action, client.merchant(), &values, now).unwrap_or_else(|error| panic!("{}: {error:?}", action.name()))
    }

    /// The command for an action, on the object of an operation if it has one.
    pub fn command(&self, action: &'static Action, operation: &Operation) -> Vec<String> {
        let noun =
            [action.kind.noun()].into_iter().chain(action.verb.splitn(2, "create-").filter(|part| !part.is_empty()));
        let mut command: Vec<String> = noun.map(str::to_owned).collect();
        if action.verb.starts_with("create-") {
            command.insert(1, "create".to_owned());
        }
        if !action.is_creation() {
            command.push(operation.object.number.as_str().to_owned());
        }
        // What is secret is taken from a file only.
        if action.fields.iter().any(|field| field.kind.is_secret()) {
            let values = plausible(action);
            let member = |field: &Field| {
                Some((field.at.trim_start_matches('/').to_owned(), Value::from(values.get(field.name)?.clone())))
            };
            let document: serde_json::Map<String, Value> = action.fields.iter().filter_map(member).collect();
            let file = self.folder.path().join("secrets.json");
            std::fs::write(&file, Value::from(document).to_string()).unwrap();
            command.extend(["--from".to_owned(), file.to_str().unwrap().to_owned()]);
            return command;
        }
        for (name, value) in plausible(action) {
            for row in value.split('\n') {
                command.extend([format!("--{name}"), row.replace('\t', "|")]);
            }
        }
        command
    }

    /// A confirmed operation with plausible values.
    pub fn operation(&self, client: &Client, action: &'static Action, object: &Object) -> Operation {
        let now = OffsetDateTime::now_utc();
        let journal = self.ledger().latest_entry(&self.actor().key, &object.id).unwrap();
        let related_state = RelatedState { journal, ..RelatedState::default() };
        let mut values = action.defaults(object, &related_state, client.merchant(), now);
        values.extend(plausible(action));
        prepare(action, object, &related_state, client.merchant(), &values, now).unwrap()
    }

    /// The same, confirmed.
    pub fn confirmed(&self, client: &Client, action: &'static Action, object: &Object) -> Confirmed {
        self.operation(client, action, object).confirm(Confirmation::Flag).unwrap()
    }

    /// Gives the profile both kinds of platform keys, as during the gray switch.
    pub fn trust_both(&self) {
        let config = std::fs::read_to_string(self.config_path()).unwrap();
        let public_key = config.split("platform = { public_key").nth(1).unwrap().lines().next().unwrap();
        let both = format!("platform = {{ certificates = \"auto\", public_key{public_key}");
        self.edit_config("platform = { certificates = \"auto\" }", &both);
    }

    /// Creates a plan of ¥1.00 with arbitrary names.
    pub async fn create_plan(&self, client: &Client, number: &str, name: &str) {
        let Merchant { appid, service_id, .. } = client.merchant();
        let body = json!({
            "service_id": service_id.as_ref().unwrap().as_str(), "appid": appid.as_ref().unwrap().as_str(),
            "merchant_plan_no": number, "plan_name": name, "plan_duration": 30, "deduction_quantity": 1,
            "total_original_price": 100, "total_actual_price": 100,
            "plan_detail_list": [{"plan_detail_name": name, "original_price": 100, "actual_price": 100}],
        });
        let create = EndpointId::PlanCreate;
        client.call(create, create.endpoint().path, &body.to_string()).await.unwrap();
    }

    /// Waits until so many requests have arrived at an endpoint.
    pub async fn wait_for(&self, endpoint: EndpointId, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.arrived(endpoint) < count {
            assert!(Instant::now() < deadline, "the request does not arrive");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Starts the real binary without waiting for it.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = binary();
        command.arg("--config").arg(self.config_path()).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Has a command stop a plan and kills it (SIGKILL) when the gateway has accepted and does not answer.
    pub async fn kill_while_stopping(&self, plan: &Object) {
        self.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::HoldAfter);
        let mut process = self.start(&["plan", "stop", plan.id.number.as_str(), "--yes"]);
        self.wait_for(EndpointId::PlanStop, 1).await;
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// A ledger beside the shop's own, for `--store`. `PAYDECK_TEST_STORE` names another engine's: `{path}` in it stands
    /// for a path that no other ledger has.
    pub fn store(&self, name: &str) -> String {
        let form = std::env::var("PAYDECK_TEST_STORE").unwrap_or_else(|_| "sqlite:{path}".to_owned());
        form.replace("{path}", &self.folder.path().join(name).display().to_string())
    }

    /// The file of the shop's own ledger.
    pub fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    /// How many requests arrived at an endpoint.
    pub fn arrived(&self, endpoint: EndpointId) -> usize {
        self.gateway.requests().iter().filter(|r| r.endpoint == Some(endpoint)).count()
    }

    /// How many requests arrived that may change something.
    pub fn mutations(&self) -> usize {
        self.gateway.requests().iter().filter(|r| r.method != "GET").count()
    }

    /// The real binary on this shop's configuration.
    pub fn paydeck(&self, arguments: &[&str]) -> Output {
        binary().arg("--config").arg(self.config_path()).args(arguments).output().unwrap()
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The exit status; a process that was killed shows everything it said.
pub fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{output:?}"))
}

/// The real binary in a plain environment.
pub fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paydeck"));
    command.env_clear().env("LANG", "en_US.UTF-8").env("USER", "tester").env("HOME", "/nonexistent");
    command
}

/// The errors on standard error of a command with `--output json`, in their order.
pub fn json_errors(output: &Output) -> Vec<Value> {
    let errors = stderr(output).lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).collect::<Vec<_>>();
    errors.into_iter().map(|error| error["error"].clone()).filter(Value::is_object).collect()
}

/// Random moments, the same again for the same seed.
pub struct Moments(Mutex<StdRng>);

impl Moments {
    pub fn new() -> Self {
        const NAME: &str = "PAYDECK_TEST_SEED";
        let seed = std::env::var(NAME).map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
        // Shown if the test fails.
        println!("{NAME}={seed}");
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    pub fn within(&self, span: Range<Duration>) -> Duration {
        let share: f64 = self.0.lock().unwrap().random();
        span.start + (span.end - span.start).mul_f64(share)
    }
}

pub fn id(kind: Kind, number: &str) -> ObjectId {
    ObjectId::new(kind, Number::parse(number).unwrap())
}

/// The error in an unsuccessful outcome.
pub fn error_of(outcome: &Outcome) -> Arc<ApiError> {
    match outcome {
        Outcome::Refused { error, .. } | Outcome::Unknown { error, .. } => error.clone(),
        other => panic!("{other:?} has no error"),
    }
}

//! A console over a ledger of transactions, without the network: requests of the state to the ledger are answered at
//! once.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use paydeck::console::app::effect::Effect;
use paydeck::console::app::msg::Msg;
use paydeck::console::app::state::AppState;
use paydeck::console::app::update::update;
use paydeck::console::{Account, Start, Theme};
use paydeck::i18n::Lang;
use paydeck::ledger::{Ledger, Stop};
use paydeck::model::{Environment, MchId, Merchant};
use paydeck::services::{Actor, LedgerReader, Request};

fn actor() -> Actor {
    Actor::new("shop", "1900000001", "bench", false, Default::default())
}

/// The key of the console's profile.
pub fn profile() -> String {
    actor().key
}

/// The console's state, and the ledger that answers what it asks.
pub struct Console {
    pub state: AppState,
    pub reader: LedgerReader,
    now: time::OffsetDateTime,
}

impl Console {
    /// On the tab of the transactions, its first rows read.
    pub fn open(ledger: Ledger, now: time::OffsetDateTime) -> Self {
        let start = Start {
            lang: Lang::ZhCn,
            theme: Theme::default(),
            themes: Arc::new(Arc::default),
            opener: Arc::new(|_| Box::pin(std::future::pending())),
            profile: None,
            all_profiles: false,
            surface: Default::default(),
            bell: true,
            first_run: false,
            configured: Default::default(),
        };
        let reader = LedgerReader::new(ledger, &actor());
        let mut console = Self { state: paydeck::console::app::starting(&start, now, (120, 40)), reader, now };
        let account = Account {
            name: "shop".into(),
            environment: Environment::Production,
            color: None,
            merchant: Merchant::new(MchId::new("1900000001")),
            read_only: false,
            insecure: false,
            rules: Default::default(),
            embedded: false,
            saved_filters: Default::default(),
            peers: Arc::default(),
            host: "https://api.mch.weixin.qq.com".into(),
        };
        let generation = console.state.generation;
        console.step(Msg::Opened { generation, result: Ok((account, vec!["shop".into()])) });
        console.step(key('4'));
        console
    }

    /// Handles one message and the ledger's answers to it.
    pub fn step(&mut self, msg: Msg) {
        let mut effects = update(&mut self.state, msg);
        while let Some(effect) = effects.pop() {
            let Effect::Ask(Request::Read(request)) = effect else { continue };
            let event = self.reader.answer(request, self.now, &Stop::default()).expect("an answer");
            let generation = self.state.generation;
            effects.extend(update(&mut self.state, Msg::Session { generation, event }));
        }
    }
}

pub fn key(c: char) -> Msg {
    Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))
}

//! What lies over the tables: the top of the stack takes the keys.

use crate::console::app::scope::Scope;
use crate::console::dialogs::scopes;
use crate::console::theme::Theme;
use crate::i18n::Lang;
use std::sync::Arc;

use tui_input::Input;

use crate::api::{ApiError, Usable};
use crate::console::app::keys::Key;
use crate::console::dialogs::bulk::state::{BulkConfirm, Preparing};
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::form::state::Form;
use crate::console::dialogs::settlements::state::Settlements;
use crate::console::dialogs::watching::state::WatchList;
use crate::console::tabs::bills::state::BillForm;
use crate::ledger::JournalEntry;
use crate::model::action::{
    ActionId, Confirmation, Confirmed, Field, Illegal, NotConfirmed, Operation, Repetition, Rules, Values, Write,
};
use crate::model::filter::{Filter, FilterError};
use crate::model::time::Timestamp;
use crate::model::{Kind, Object, ObjectId, State};
use crate::services::{Became, Earlier, InboxFilter, InboxFilterError, JournalFilter, Replay};

/// One dialog.
#[derive(Clone, Debug)]
pub enum Dialog {
    Filter(FilterInput),
    /// What the journal is searched for.
    Search(SearchInput),
    /// What the inbox is searched for.
    Inbox(InboxInput),
    Palette(Palette),
    Pick(Pick),
    Form(Form),
    /// What a creation has for the front end.
    Handover,
    /// Which bill to fetch.
    Bill(BillForm),
    Confirm(Box<Confirm>),
    /// A bulk action is being prepared.
    Preparing(Preparing),
    BulkConfirm(Box<BulkConfirm>),
    /// The bulk action that is under way, or was the last. Without a place it shows what is at work.
    Bulk {
        scroll: Option<usize>,
    },
    /// What is watched.
    Watching(WatchList),
    /// What is paid out to a Global merchant, and what is not yet.
    Settlements(Settlements),
    Export(Prompt),
    ExportBulk(Prompt),
    /// The day whose statement is to be written.
    Statement(Prompt),
    /// A number to find.
    Open(Prompt),
    /// Where a line of the inbox is to be sent once more.
    ReplayTo(Prompt),
    /// What will be sent there.
    Replay(Box<ReplayConfirm>),
    /// An entry of the journal that a person is about to end.
    CloseEntry(Box<CloseConfirm>),
    /// The user whose coupons are to be asked for.
    UserCoupons(Prompt),
    /// Where a stock's coupons can be used, or for what.
    Usable(UsablePanel),
    Help {
        scroll: usize,
    },
    Quit,
}

impl Dialog {
    /// The scope that has the keys while it is on top.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Filter(_) | Self::Search(_) | Self::Inbox(_) => scopes::FILTER,
            Self::Palette(_) => scopes::PALETTE,
            Self::Pick(_) => scopes::PICK,
            Self::Form(_) => scopes::FORM,
            Self::Bill(_) => scopes::BILL_FORM,
            Self::Confirm(_) | Self::BulkConfirm(_) | Self::Replay(_) | Self::CloseEntry(_) => scopes::CONFIRM,
            Self::Preparing(_) => scopes::PREPARING,
            Self::Bulk { .. } => scopes::BULK,
            Self::Settlements(_) => scopes::SETTLEMENTS,
            Self::Watching(_) => scopes::WATCHING,
            Self::Export(_)
            | Self::ExportBulk(_)
            | Self::Statement(_)
            | Self::Open(_)
            | Self::ReplayTo(_)
            | Self::UserCoupons(_) => scopes::PROMPT,
            Self::Help { .. } | Self::Usable(_) => scopes::HELP,
            Self::Quit => scopes::QUIT,
            Self::Handover => scopes::HANDOVER,
        }
    }

    /// What it asks for before something is sent.
    pub fn confirm_input(&self) -> Option<&ConfirmInput> {
        match self {
            Self::Confirm(confirm) => Some(&confirm.confirm_input),
            Self::BulkConfirm(confirm) => Some(&confirm.confirm_input),
            Self::Replay(confirm) => Some(&confirm.confirm_input),
            Self::CloseEntry(confirm) => Some(&confirm.confirm_input),
            _ => None,
        }
    }

    pub fn confirm_input_mut(&mut self) -> Option<&mut ConfirmInput> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.confirm_input),
            Self::BulkConfirm(confirm) => Some(&mut confirm.confirm_input),
            Self::Replay(confirm) => Some(&mut confirm.confirm_input),
            Self::CloseEntry(confirm) => Some(&mut confirm.confirm_input),
            _ => None,
        }
    }
}

/// The filter while it is typed. The table shows the last text that made sense.
#[derive(Clone, Debug)]
pub struct FilterInput {
    pub input: Input,
    /// What Esc goes back to.
    pub before: Filter,
    pub error: Option<FilterError>,
}

/// The journal's search while it is typed.
#[derive(Clone, Debug)]
pub struct SearchInput {
    pub input: Input,
    /// What Esc goes back to.
    pub before: JournalFilter,
}

/// The inbox's search while it is typed.
#[derive(Clone, Debug)]
pub struct InboxInput {
    pub input: Input,
    /// What Esc goes back to.
    pub before: InboxFilter,
    pub error: Option<InboxFilterError>,
}

/// A line of the inbox that is to be sent once more, waiting for a yes.
#[derive(Clone, Debug)]
pub struct ReplayConfirm {
    pub event: i64,
    /// When the delivery came whose bytes these are.
    pub sent_at: Timestamp,
    pub replay: Replay,
    pub confirm_input: ConfirmInput,
}

/// An open entry of the journal that is to be closed, waiting for a reason and its number.
#[derive(Clone, Debug)]
pub struct CloseConfirm {
    pub entry: Box<JournalEntry>,
    pub confirm_input: ConfirmInput,
}

/// The command palette.
#[derive(Clone, Debug)]
pub struct Palette {
    pub input: Input,
    pub entries: Vec<PaletteEntry>,
    /// Entries that match, best first.
    pub found: Vec<usize>,
    pub selected: usize,
}

/// A list to choose from.
#[derive(Clone, Debug)]
pub struct Pick {
    pub what: Picking,
    pub selected: usize,
}

/// What is chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Picking {
    /// An action, on this object.
    Action(ObjectId),
    /// An action, on these marked objects.
    Marked(Vec<ObjectId>),
    /// What of a kind is to be created.
    New(Kind),
    Sort,
    Columns,
    Profile,
    /// Which of the objects under one number.
    Found(Vec<ObjectId>),
}

/// The preview of an operation, waiting for a yes. It holds the very value that will be sent.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub operation: Arc<Operation>,
    /// The form's fields with their values, which are to be read again.
    pub values: Vec<(&'static Field, String)>,
    /// The object's state when the operation was prepared; none of what is to be created.
    pub before: Option<State>,
    /// The object changed meanwhile.
    pub changed: Option<Changed>,
    /// What it would repeat.
    pub earlier: Option<Arc<Earlier>>,
    pub confirm_input: ConfirmInput,
}

/// How the object is now, if not as it was when the operation was prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub state: State,
    pub illegal: Option<Illegal>,
}

/// Where a stock's coupons can be used, or for what.
#[derive(Clone, Debug)]
pub struct UsablePanel {
    pub stock: ObjectId,
    pub what: Usable,
    /// None until WeChat Pay has answered.
    pub told: Option<Result<Arc<Vec<String>>, Arc<ApiError>>>,
    pub scroll: usize,
}

/// One line to be typed: where to write the export, which number to find.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub input: Input,
}

impl Confirm {
    pub fn new(
        operation: Operation,
        before: Option<State>,
        values: &Values,
        rules: &Rules,
        opened_by: Option<Key>,
    ) -> Self {
        let broken = rules.judge(Write::Operation(&operation), 1).err();
        let word = operation.typed_confirmation();
        let confirm_input = ConfirmInput::new(word, broken, operation.reason.is_none(), opened_by);
        let value = |field: &'static Field| Some((field, values.get(field.name)?.trim().to_owned()));
        let values = operation.action.action().fields.iter().filter_map(value).collect();
        Self { operation: Arc::new(operation), values, before, changed: None, earlier: None, confirm_input }
    }

    /// True if nothing is in the way of confirming.
    pub fn ready(&self) -> bool {
        self.confirm_input.given() && self.changed.as_ref().is_none_or(|changed| changed.illegal.is_none())
    }

    /// What the operation would repeat. Doing it again on purpose takes the number of that entry, typed.
    pub fn repeats(&mut self, earlier: Arc<Earlier>) {
        if let (Became::Done, Some(journal)) = (earlier.became, earlier.journal) {
            let operation = Operation { again: Repetition::AfterEntry(journal), ..(*self.operation).clone() };
            self.confirm_input.ask_for(operation.typed_confirmation());
            self.operation = Arc::new(operation);
        }
        self.earlier = Some(earlier);
    }

    /// The very operation the dialog holds, with the reason given here, confirmed as it asks for.
    pub fn confirmed(&self) -> Result<Confirmed, NotConfirmed> {
        let mut operation = (*self.operation).clone();
        if let Some(reason) = self.confirm_input.reason() {
            operation.reason = Some(reason.to_owned());
        }
        let confirmation = match operation.typed_confirmation() {
            Some(_) => Confirmation::Typed(self.confirm_input.typed.value().to_owned()),
            None => Confirmation::Yes,
        };
        operation.confirm(confirmation)
    }

    /// The object was seen again. The operation stays what it was; only the dialog learns of it.
    pub fn observe(&mut self, object: &Object, now: Timestamp) {
        if object.id != self.operation.object || self.before.is_none() {
            return;
        }
        let state = object.entity.state();
        let illegal = self.operation.action.action().legal(&object.entity, now).err();
        self.changed = (state.code != self.operation.before || illegal.is_some()).then_some(Changed { state, illegal });
    }
}

/// What choosing it means.
#[derive(Clone, Debug, PartialEq)]
pub enum MenuAction {
    Action(ActionId, ObjectId),
    New(ActionId),
    /// An action on these marked objects.
    Marked(ActionId, Vec<ObjectId>),
    Sort(&'static str),
    Column(&'static str),
    Profile(String),
    Show(ObjectId),
}

/// One thing that can be done.
#[derive(Clone, Debug)]
pub struct PaletteEntry {
    pub label: String,
    /// The keys that do the same.
    pub keys: String,
    /// Why it cannot be done now.
    pub blocked: Option<String>,
    pub intent: PaletteIntent,
    /// What is searched: its words in every language.
    pub words: String,
}

/// What an entry does.
#[derive(Clone, Debug)]
pub enum PaletteIntent {
    /// A command, by its id.
    Command(&'static str),
    Take(MenuAction),
    Lang(Lang),
    Theme(Theme),
}

//! The stack of open dialogs. The one on top receives the keys.

use crate::console::Account;
use crate::console::app::scope::Scope;
use crate::console::dialogs::scopes;
use crate::console::saved_filters::SavedFilter;
use crate::console::theme::Theme;
use crate::i18n::Lang;
use std::collections::BTreeSet;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use tui_input::Input;

use crate::api::{ApiError, Usable};
use crate::console::app::keys::Key;
use crate::console::dialogs::bulk::state::{BulkConfirm, Preparing};
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::filter::state::{Calendar, Candidate};
use crate::console::dialogs::form::state::Form;
use crate::console::dialogs::prefilled::replaces;
use crate::console::dialogs::settlements::state::Settlements;
use crate::console::dialogs::watching::state::WatchList;
use crate::console::tabs::bills::state::BillForm;
use crate::console::tabs::objects::find::Needle;
use crate::console::user_commands::state::{OutputPanel, RunConfirm};
use crate::ledger::JournalEntry;
use crate::model::action::{
    ActionId, Confirmation, Confirmed, Field, Illegal, NotConfirmed, Operation, Repetition, Values, Write,
};
use crate::model::filter::{Filter, FilterError, Language};
use crate::model::time::Timestamp;
use crate::model::{Environment, Kind, Object, ObjectId, State};
use crate::services::{Became, Earlier, Replay};

/// One dialog.
#[derive(Clone, Debug)]
pub enum Dialog {
    Filter(FilterInput),
    /// The calendar over the filter.
    Calendar(Calendar),
    /// A name for the current filter.
    SaveFilter(Prompt),
    /// The search in the detail of an object.
    Find(FindInput),
    Palette(Palette),
    Pick(Pick),
    Form(Form),
    /// What a creation returned for the front end.
    Handover,
    /// The form to fetch a bill.
    Bill(BillForm),
    Confirm(Box<Confirm>),
    /// A bulk action is being prepared.
    Preparing(Preparing),
    BulkConfirm(Box<BulkConfirm>),
    /// The bulk action in progress, or the latest one. Without a scroll position the view follows the current
    /// operation.
    Bulk {
        scroll: Option<usize>,
    },
    /// The watched objects.
    Watching(WatchList),
    /// The settlements of a Global merchant, paid or pending.
    Settlements(Settlements),
    Export(Prompt),
    ExportBulk(Prompt),
    /// The day of a statement to write.
    Statement(Prompt),
    /// The merchant's orders to reconcile a day with.
    OrdersFile(Prompt),
    /// The reason for closing a difference between the books.
    CloseDifference(Prompt),
    /// A number to find.
    Open(Prompt),
    /// The URL to which a line of the inbox is to be replayed.
    ReplayTo(Prompt),
    /// The preview of a replay.
    Replay(Box<ReplayConfirm>),
    /// An open entry of the journal that the operator is about to close.
    CloseEntry(Box<CloseConfirm>),
    /// The user whose coupons are to be queried.
    UserCoupons(Prompt),
    /// Where a stock's coupons can be used, or for which goods.
    Usable(UsablePanel),
    Help {
        scroll: usize,
    },
    /// A program of the operator's that waits for confirmation, and the output of one.
    RunProgram(Box<RunConfirm>),
    Output(Box<OutputPanel>),
    Quit,
}

impl Dialog {
    /// The scope that receives the keys while this dialog is on top.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Find(_) => scopes::FILTER,
            Self::Filter(_) => scopes::WORDS,
            Self::Calendar(_) => scopes::CALENDAR,
            Self::Palette(_) => scopes::PALETTE,
            Self::Pick(_) => scopes::PICK,
            Self::Form(form) if form.has_rows() => scopes::FORM_ROWS,
            Self::Form(_) => scopes::FORM,
            Self::Bill(_) => scopes::BILL_FORM,
            Self::Confirm(_) | Self::BulkConfirm(_) | Self::Replay(_) | Self::CloseEntry(_) | Self::RunProgram(_) => {
                scopes::CONFIRM
            }
            Self::Preparing(_) => scopes::PREPARING,
            Self::Bulk { .. } => scopes::BULK,
            Self::Settlements(_) => scopes::SETTLEMENTS,
            Self::Watching(_) => scopes::WATCHING,
            Self::Export(_)
            | Self::SaveFilter(_)
            | Self::ExportBulk(_)
            | Self::Statement(_)
            | Self::OrdersFile(_)
            | Self::CloseDifference(_)
            | Self::Open(_)
            | Self::ReplayTo(_)
            | Self::UserCoupons(_) => scopes::PROMPT,
            Self::Help { .. } | Self::Usable(_) | Self::Output(_) => scopes::HELP,
            Self::Quit => scopes::QUIT,
            Self::Handover => scopes::HANDOVER,
        }
    }

    /// The one-line prompt that it is, if it is one.
    pub(crate) fn prompt_mut(&mut self) -> Option<&mut Prompt> {
        match self {
            Self::Export(prompt)
            | Self::ExportBulk(prompt)
            | Self::Statement(prompt)
            | Self::OrdersFile(prompt)
            | Self::CloseDifference(prompt)
            | Self::Open(prompt)
            | Self::SaveFilter(prompt)
            | Self::ReplayTo(prompt)
            | Self::UserCoupons(prompt) => Some(prompt),
            _ => None,
        }
    }
}

/// The filter while it is typed. The table shows the latest valid one.
#[derive(Clone, Debug)]
pub struct FilterInput {
    pub input: Input,
    /// The language of the table that it filters.
    pub language: Language,
    /// The filter that Esc restores.
    pub before: Filter,
    pub error: Option<FilterError>,
    /// What can be typed now, and which of them Tab takes.
    pub candidates: Vec<Candidate>,
    pub chosen: usize,
}

/// What is searched for in the detail, while it is typed.
#[derive(Clone, Debug)]
pub struct FindInput {
    pub input: Input,
    /// The needle that Esc restores.
    pub before: Option<Needle>,
    /// What of the document was folded: a match may be in it, so it is unfolded while the needle is typed.
    pub folded: BTreeSet<String>,
}

/// A replay of a line of the inbox that waits for confirmation.
#[derive(Clone, Debug)]
pub struct ReplayConfirm {
    pub event: i64,
    /// When the delivery with these bytes was received.
    pub sent_at: Timestamp,
    pub replay: Replay,
    pub confirm_input: ConfirmInput,
}

/// An open entry of the journal to be closed; waits for a reason and for its number.
#[derive(Clone, Debug)]
pub struct CloseConfirm {
    pub entry: Box<JournalEntry>,
    pub confirm_input: ConfirmInput,
}

/// The command palette.
#[derive(Clone, Debug)]
pub struct Palette {
    pub input: Input,
    /// What can be done; after these, the objects that were found.
    pub entries: Vec<PaletteEntry>,
    /// How many of the entries are no objects.
    pub own: usize,
    /// Entries that match, in the order in which they are shown.
    pub found: Vec<usize>,
    pub selected: usize,
    /// The text whose objects are to be looked up, and whether the ledger was asked.
    pub wanted: Option<(String, bool)>,
}

impl Palette {
    /// The text whose objects are to be looked up now, if any.
    pub fn ask(&mut self) -> Option<String> {
        let (text, asked) = self.wanted.as_mut()?;
        (!std::mem::replace(asked, true)).then(|| text.clone())
    }
}

/// A list to choose from.
#[derive(Clone, Debug)]
pub struct Pick {
    pub what: Picking,
    pub selected: usize,
}

/// What a list chooses.
#[derive(Clone, Debug, PartialEq)]
pub enum Picking {
    /// An action, on this object.
    Action(ObjectId),
    /// An action, on these marked objects.
    Marked(Vec<ObjectId>),
    /// A creation of this kind.
    New(Kind),
    Sort,
    Columns,
    /// A field of this object, to be copied.
    Field(ObjectId),
    Profile,
    /// One of several objects with the same number.
    Found(Vec<ObjectId>),
}

/// The preview of an operation that waits for confirmation. It holds exactly the value that will be sent.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub operation: Arc<Operation>,
    /// The form's fields with their values, shown once more.
    pub values: Vec<(&'static Field, String)>,
    /// The object's state when the operation was prepared; `None` for a creation.
    pub before: Option<State>,
    /// Set if the object has changed since.
    pub changed: Option<Changed>,
    /// The earlier operation that this one would repeat.
    pub earlier: Option<Arc<Earlier>>,
    /// For a setting, the one that it replaces.
    pub replaced: Option<Replaced>,
    pub confirm_input: ConfirmInput,
}

/// The address that a new one replaces.
#[derive(Clone, Debug)]
pub enum Replaced {
    Reading,
    /// `None` if none was ever set.
    Read(Option<String>),
    Unread(Arc<ApiError>),
}

/// The object's new state, if it has changed since the operation was prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub state: State,
    pub illegal: Option<Illegal>,
}

/// Where a stock's coupons can be used, or for which goods.
#[derive(Clone, Debug)]
pub struct UsablePanel {
    pub stock: ObjectId,
    pub what: Usable,
    /// None until WeChat Pay has answered.
    pub answer: Option<Result<Arc<Vec<String>>, Arc<ApiError>>>,
    pub scroll: usize,
}

/// A one-line prompt: the path of an export, the number to find.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    pub input: Input,
    /// The value is a proposal: the first character replaces it.
    pub(crate) proposed: bool,
}

impl Prompt {
    /// With a value that can be kept.
    pub(crate) fn proposing(value: String) -> Self {
        Self { proposed: !value.is_empty(), input: Input::new(value) }
    }

    /// A key is about to be typed. True if it removed the proposed value.
    pub(crate) fn type_over(&mut self, key: KeyEvent) -> bool {
        let removed = std::mem::take(&mut self.proposed) && replaces(key);
        if removed {
            self.input.reset();
        }
        removed
    }
}

impl Confirm {
    pub fn new(
        operation: Operation,
        before: Option<State>,
        values: &Values,
        account: &Account,
        opened_by: Option<Key>,
    ) -> Self {
        let broken = account.rules.judge(Write::Operation(&operation), 1).err();
        let word = operation.typed_confirmation(account.environment);
        let mut confirm_input = ConfirmInput::new(word, broken, operation.reason.is_none(), opened_by);
        let replaced = operation.action.action().is_setting().then_some(Replaced::Reading);
        confirm_input.set_incomplete(replaced.is_some());
        let value = |field: &'static Field| Some((field, values.get(field.name)?.trim().to_owned()));
        let values = operation.action.action().fields.iter().filter_map(value).collect();
        Self { operation: Arc::new(operation), values, before, changed: None, earlier: None, replaced, confirm_input }
    }

    /// True if the operation can be confirmed.
    pub fn ready(&self) -> bool {
        self.confirm_input.given() && self.changed.as_ref().is_none_or(|changed| changed.illegal.is_none())
    }

    /// Sets the earlier operation. To repeat it on purpose, the end of the number and the entry's number must be typed.
    pub fn repeats(&mut self, earlier: Arc<Earlier>) {
        if let (Became::Done, Some(journal)) = (earlier.became, earlier.journal) {
            let operation = Operation { again: Repetition::AfterEntry(journal), ..(*self.operation).clone() };
            // A repetition is typed wherever it is made.
            self.confirm_input.ask_for(operation.typed_confirmation(Environment::Production));
            self.operation = Arc::new(operation);
        }
        self.earlier = Some(earlier);
        self.confirm_input.hide();
    }

    /// Sets what it replaces. The journal will keep it.
    pub(crate) fn replaces(&mut self, result: Result<Option<String>, Arc<ApiError>>) {
        self.replaced = Some(match result {
            Ok(url) => {
                self.operation = Arc::new((*self.operation).clone().replacing(url.as_deref()));
                Replaced::Read(url)
            }
            Err(error) => Replaced::Unread(error),
        });
        self.confirm_input.set_incomplete(false);
    }

    /// The operation that the dialog shows, confirmed, with the reason given here.
    pub fn confirmed(&self) -> Result<Confirmed, NotConfirmed> {
        let mut operation = (*self.operation).clone();
        if let Some(reason) = self.confirm_input.reason() {
            operation.reason = Some(reason.to_owned());
        }
        let confirmation = match self.confirm_input.word {
            Some(_) => Confirmation::Typed(self.confirm_input.typed.value().to_owned()),
            None => Confirmation::Yes,
        };
        operation.confirm(confirmation)
    }

    /// The object was queried again. The operation is not changed; the dialog only shows the new state.
    pub(crate) fn observe(&mut self, object: &Object, now: Timestamp) {
        if object.id != self.operation.object || self.before.is_none() {
            return;
        }
        let state = object.entity.state();
        let illegal = self.operation.action.action().legal(&object.entity, now).err();
        let changed = (state.code != self.operation.before || illegal.is_some()).then_some(Changed { state, illegal });
        if self.changed != changed {
            self.changed = changed;
            self.confirm_input.hide();
        }
    }
}

/// What choosing a line does.
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
    Copy(String),
}

/// An entry of the palette.
#[derive(Clone, Debug)]
pub struct PaletteEntry {
    pub label: String,
    /// The keys that do the same.
    pub keys: String,
    /// Why it is not possible now.
    pub blocked: Option<String>,
    pub intent: PaletteIntent,
    /// It is in force now: the profile, the theme or the language.
    pub current: bool,
    /// The text that is searched: its name in every language.
    pub words: String,
    pub group: PanelGroup,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PanelGroup {
    /// It changes something, or marks what is to be changed.
    Act,
    /// It shows something in another way.
    Look,
    /// It leads to somewhere else.
    Go,
    /// It is about the console itself.
    Window,
}

impl PanelGroup {
    pub const ALL: [Self; 4] = [Self::Act, Self::Look, Self::Go, Self::Window];

    /// The message of its heading.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Act => "group-act",
            Self::Look => "group-look",
            Self::Go => "group-go",
            Self::Window => "group-window",
        }
    }
}

/// What an entry does.
#[derive(Clone, Debug)]
pub enum PaletteIntent {
    /// A command, by its id.
    Command(&'static str),
    Take(MenuAction),
    Lang(Lang),
    Theme(Theme),
    SavedFilter(SavedFilter),
}

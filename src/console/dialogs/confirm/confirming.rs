//! Which dialogs ask for a confirmation before something is sent or run, and what each asks about.

use crate::console::dialogs::bulk::state::BulkConfirm;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::state::{CloseConfirm, Confirm, Dialog, ReplayConfirm};
use crate::console::user_commands::state::RunConfirm;

/// What a confirmation is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Confirming<'a> {
    /// An operation on one object.
    One(&'a Confirm),
    /// A bulk action.
    Many(&'a BulkConfirm),
    Replay(&'a ReplayConfirm),
    /// The end of an open journal entry.
    Closing(&'a CloseConfirm),
    Program(&'a RunConfirm),
}

impl Dialog {
    /// What it asks to be confirmed, if it is a confirmation.
    pub(crate) fn confirming(&self) -> Option<Confirming<'_>> {
        match self {
            Self::Confirm(confirm) => Some(Confirming::One(confirm)),
            Self::BulkConfirm(confirm) => Some(Confirming::Many(confirm)),
            Self::Replay(confirm) => Some(Confirming::Replay(confirm)),
            Self::CloseEntry(confirm) => Some(Confirming::Closing(confirm)),
            Self::RunProgram(confirm) => Some(Confirming::Program(confirm)),
            Self::Filter(_)
            | Self::Calendar(_)
            | Self::SaveFilter(_)
            | Self::Find(_)
            | Self::Palette(_)
            | Self::Pick(_)
            | Self::Form(_)
            | Self::Handover
            | Self::Bill(_)
            | Self::Preparing(_)
            | Self::Bulk { .. }
            | Self::Watching(_)
            | Self::Settlements(_)
            | Self::Export(_)
            | Self::ExportBulk(_)
            | Self::Statement(_)
            | Self::OrdersFile(_)
            | Self::CloseDifference(_)
            | Self::Open(_)
            | Self::ReplayTo(_)
            | Self::UserCoupons(_)
            | Self::Usable(_)
            | Self::Help { .. }
            | Self::Output(_)
            | Self::Quit => None,
        }
    }

    /// What the operator gives to confirm it.
    pub(crate) fn confirm_input(&self) -> Option<&ConfirmInput> {
        self.confirming().map(|confirming| match confirming {
            Confirming::One(confirm) => &confirm.confirm_input,
            Confirming::Many(confirm) => &confirm.confirm_input,
            Confirming::Replay(confirm) => &confirm.confirm_input,
            Confirming::Closing(confirm) => &confirm.confirm_input,
            Confirming::Program(confirm) => &confirm.confirm_input,
        })
    }

    pub(crate) fn confirm_input_mut(&mut self) -> Option<&mut ConfirmInput> {
        match self {
            Self::Confirm(confirm) => Some(&mut confirm.confirm_input),
            Self::BulkConfirm(confirm) => Some(&mut confirm.confirm_input),
            Self::Replay(confirm) => Some(&mut confirm.confirm_input),
            Self::CloseEntry(confirm) => Some(&mut confirm.confirm_input),
            Self::RunProgram(confirm) => Some(&mut confirm.confirm_input),
            Self::Filter(_)
            | Self::Calendar(_)
            | Self::SaveFilter(_)
            | Self::Find(_)
            | Self::Palette(_)
            | Self::Pick(_)
            | Self::Form(_)
            | Self::Handover
            | Self::Bill(_)
            | Self::Preparing(_)
            | Self::Bulk { .. }
            | Self::Watching(_)
            | Self::Settlements(_)
            | Self::Export(_)
            | Self::ExportBulk(_)
            | Self::Statement(_)
            | Self::OrdersFile(_)
            | Self::CloseDifference(_)
            | Self::Open(_)
            | Self::ReplayTo(_)
            | Self::UserCoupons(_)
            | Self::Usable(_)
            | Self::Help { .. }
            | Self::Output(_)
            | Self::Quit => None,
        }
    }
}

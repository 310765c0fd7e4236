//! What has no room on a small screen.

use crate::console::app::state::AppState;
use crate::console::dialogs::state::Dialog;

/// True for a dialog that must be seen whole before any of its keys mean something.
pub(crate) fn needs_room(dialog: &Dialog) -> bool {
    match dialog {
        Dialog::Form(_)
        | Dialog::Bill(_)
        | Dialog::Confirm(_)
        | Dialog::BulkConfirm(_)
        | Dialog::Bulk { .. }
        | Dialog::Replay(_)
        | Dialog::CloseEntry(_)
        | Dialog::RunProgram(_)
        | Dialog::Handover
        | Dialog::Settlements(_)
        | Dialog::Watching(_) => true,
        Dialog::Filter(_)
        | Dialog::Calendar(_)
        | Dialog::SaveFilter(_)
        | Dialog::Find(_)
        | Dialog::Palette(_)
        | Dialog::Pick(_)
        | Dialog::Preparing(_)
        | Dialog::Export(_)
        | Dialog::ExportBulk(_)
        | Dialog::Statement(_)
        | Dialog::OrdersFile(_)
        | Dialog::CloseDifference(_)
        | Dialog::Open(_)
        | Dialog::ReplayTo(_)
        | Dialog::UserCoupons(_)
        | Dialog::Usable(_)
        | Dialog::Help { .. }
        | Dialog::Output(_)
        | Dialog::Quit => false,
    }
}

/// True if the dialog on top is not drawn because it has no room.
pub(crate) fn hides_dialog(state: &AppState) -> bool {
    state.is_small() && state.view.dialogs.last().is_some_and(needs_room)
}

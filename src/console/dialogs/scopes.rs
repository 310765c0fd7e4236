//! The scopes of the commands of the dialogs.

use crate::console::app::scope::Scope;

/// Dialogs with lines to read or to choose from, and no input.
pub(crate) const LISTS: Scope = Scope::new("lists", &[]);
pub(crate) const FILTER: Scope = Scope::new("filter", &[]);
/// The filter of a table, where words are offered.
pub(crate) const WORDS: Scope = Scope::new("filter-words", &[FILTER]);
pub(crate) const CALENDAR: Scope = Scope::new("calendar", &[]);
pub(crate) const PALETTE: Scope = Scope::new("palette", &[]);
pub(crate) const PICK: Scope = Scope::new("pick", &[LISTS]);
pub(crate) const FORM: Scope = Scope::new("form", &[]);
/// A form with a field of rows.
pub(crate) const FORM_ROWS: Scope = Scope::new("form-rows", &[FORM]);
pub(crate) const CONFIRM: Scope = Scope::new("confirm", &[]);
pub(crate) const PREPARING: Scope = Scope::new("preparing", &[]);
pub(crate) const BULK: Scope = Scope::new("bulk", &[LISTS]);
pub(crate) const SETTLEMENTS: Scope = Scope::new("settlements", &[LISTS]);
pub(crate) const WATCHING: Scope = Scope::new("watching", &[LISTS]);
pub(crate) const PROMPT: Scope = Scope::new("prompt", &[]);
/// Dialogs with a text to read.
pub(crate) const HELP: Scope = Scope::new("help", &[LISTS]);
pub(crate) const QUIT: Scope = Scope::new("quit", &[]);
/// What a creation returned for the front end.
pub(crate) const HANDOVER: Scope = Scope::new("handover", &[]);
/// The form to fetch a bill.
pub(crate) const BILL_FORM: Scope = Scope::new("bill-form", &[]);

//! Where the commands of the dialogs apply.

use crate::console::app::command::Scope;

/// What is read or chosen from by its lines, with nothing typed.
pub const LISTS: Scope = Scope::new("lists", &[]);
pub const FILTER: Scope = Scope::new("filter", &[]);
pub const PALETTE: Scope = Scope::new("palette", &[]);
pub const PICK: Scope = Scope::new("pick", &[LISTS]);
pub const FORM: Scope = Scope::new("form", &[]);
pub const CONFIRM: Scope = Scope::new("confirm", &[]);
pub const PREPARING: Scope = Scope::new("preparing", &[]);
pub const BULK: Scope = Scope::new("bulk", &[LISTS]);
pub const SETTLEMENTS: Scope = Scope::new("settlements", &[LISTS]);
pub const WATCHING: Scope = Scope::new("watching", &[LISTS]);
pub const PROMPT: Scope = Scope::new("prompt", &[]);
/// Something to be read.
pub const HELP: Scope = Scope::new("help", &[LISTS]);
pub const QUIT: Scope = Scope::new("quit", &[]);
/// What a creation has for its front end.
pub const HANDOVER: Scope = Scope::new("handover", &[]);
/// Which bill to fetch.
pub const BILL_FORM: Scope = Scope::new("bill-form", &[]);

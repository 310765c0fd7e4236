//! The tabs and the commands there are, with their keys.

use std::sync::Arc;

use crate::console::app::command::Command;
use crate::console::tabs::pane::Tab;
use crate::i18n::NamedKeys;

/// The tabs and the commands there are.
#[derive(Clone, Debug)]
pub struct KeyTables {
    pub tabs: Arc<[Tab]>,
    pub commands: Arc<[Command]>,
    /// The commands with the keys that they have without a configuration.
    pub(crate) usual: Arc<[Command]>,
    /// The keys as messages name them.
    pub(crate) named: NamedKeys,
}

//! What the console takes of the configuration, at the start and when it changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use crate::config::{Config, KeyBinding};
use crate::console::{KeySetting, LiveSettings, Theme, Themes};

/// What the console takes of the configuration.
pub(super) fn settings(config: Option<&Config>) -> LiveSettings {
    let Some(config) = config else { return LiveSettings::default() };
    let key = |KeyBinding { command, keys, line }: &KeyBinding| KeySetting {
        command: command.clone(),
        keys: keys.clone(),
        line: *line,
    };
    LiveSettings {
        keys: config.keys.iter().map(key).collect(),
        commands: config.commands.clone(),
        hooks: config.hooks.clone(),
    }
}

/// The themes, and the checks of what the configuration says of them.
pub(super) struct ThemeFolder {
    folder: Option<PathBuf>,
    themes: Themes,
}

impl ThemeFolder {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { themes: Themes::new(folder.clone()), folder }
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    pub(super) fn usable(&self) -> Arc<[Theme]> {
        self.themes.usable().into()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.themes.names().contains(name)
    }

    pub(super) fn known(&self) -> String {
        self.themes.known()
    }

    /// The theme of that name; the default one without a name.
    pub(super) fn chosen(&self, name: Option<&str>) -> Result<Theme, Failure> {
        Ok(name.and_then(|name| self.themes.get(name)).transpose()?.unwrap_or_default())
    }

    /// The theme that the configuration names is there, and its file can be read.
    pub(super) fn check(&self, config: &Config) -> Result<(), Failure> {
        match config.theme.as_deref() {
            Some(name) if !self.has(name) => Err(config.wrong_theme(name, &self.known()).into()),
            name => self.chosen(name).map(drop),
        }
    }

    /// Every file can be read.
    pub(super) fn check_all(&self) -> Result<(), Failure> {
        self.themes.names().iter().try_for_each(|name| self.chosen(Some(name)).map(drop))
    }
}

//! Reads the configuration and the themes again when they change while the console runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::context::Context;
use super::settings::{ThemeFolder, settings};
use crate::config::{Config, changed_keys};
use crate::console::{Reload, Reloaded, Unread};
use crate::file_watcher::FileWatcher;

/// Editors write a file in several steps: it is read once they are over.
const SETTLES: Duration = Duration::from_millis(150);

/// Keys that take effect while the console runs, and tables all of whose keys do.
const LIVE: [&str; 3] = ["bell", "language", "theme"];
const LIVE_TABLES: [&str; 3] = ["keys", "commands", "hooks"];

/// What was read last, and what it is compared with.
struct Reloader {
    context: Context,
    path: PathBuf,
    themes: ThemeFolder,
    /// The text at the start: what needs a restart is what differs from it.
    started: String,
    /// The text in force.
    good: String,
    /// Everything as it was last seen, good or not.
    seen: Files,
}

/// The bytes of the configuration and of the theme files.
#[derive(Clone, Default, PartialEq, Eq)]
struct Files {
    config: Vec<u8>,
    themes: BTreeMap<PathBuf, Vec<u8>>,
}

/// Watches the configuration; each change is reported. The receiver's end ends it.
pub(super) fn watch(context: &Context, config: &Config, themes: ThemeFolder) -> UnboundedReceiver<Reload> {
    let (sender, receiver) = unbounded_channel();
    let (context, path) = (context.clone(), config.path.clone());
    tokio::spawn(async move {
        let begun = tokio::task::spawn_blocking(move || Reloader::begin(context, path, themes)).await;
        if let Ok((reloader, watchers)) = begun {
            follow(reloader, watchers, &sender).await;
        }
    });
    receiver
}

/// Watches the files of a folder, or where there is none, for the folder.
struct FolderWatcher {
    watcher: FileWatcher,
    exists: bool,
}

impl FolderWatcher {
    fn new(folder: &Path) -> Self {
        let exists = folder.is_dir();
        Self { watcher: if exists { FileWatcher::of_folder(folder) } else { FileWatcher::new(folder) }, exists }
    }

    /// The folder may have come or gone since.
    fn renew(&mut self, folder: &Path) {
        if folder.is_dir() != self.exists {
            *self = Self::new(folder);
        }
    }
}

struct Watchers {
    config: FileWatcher,
    themes: Option<FolderWatcher>,
}

async fn follow(mut reloader: Reloader, mut watchers: Watchers, reports: &UnboundedSender<Reload>) {
    loop {
        let themes_changed = async {
            match &watchers.themes {
                Some(themes) => themes.watcher.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = watchers.config.changed() => {}
            () = themes_changed => {}
            () = reports.closed() => return,
        }
        tokio::time::sleep(SETTLES).await;
        let read = tokio::task::spawn_blocking(move || {
            if let Some((themes, folder)) = watchers.themes.as_mut().zip(reloader.themes.folder()) {
                themes.renew(folder);
            }
            let report = reloader.read();
            (reloader, watchers, report)
        });
        let Ok((back, renewed, report)) = read.await else { return };
        (reloader, watchers) = (back, renewed);
        if report.is_some_and(|report| reports.send(report).is_err()) {
            return;
        }
    }
}

impl Reloader {
    fn begin(context: Context, path: PathBuf, themes: ThemeFolder) -> (Self, Watchers) {
        // Watched before it is read: no change is missed.
        let watchers = Watchers { themes: themes.folder().map(FolderWatcher::new), config: FileWatcher::new(&path) };
        let seen = Files::read(&path, &themes);
        let text = String::from_utf8_lossy(&seen.config).into_owned();
        (Self { context, path, themes, started: text.clone(), good: text, seen }, watchers)
    }

    /// Reads everything again. `None` if nothing has changed.
    fn read(&mut self) -> Option<Reload> {
        let files = Files::read(&self.path, &self.themes);
        if files == self.seen {
            return None;
        }
        let config_changed = files.config != self.seen.config;
        self.seen = files;
        Some(
            self.judge(config_changed)
                .unwrap_or_else(|failure| Reload::Broken(Unread(Arc::new(move |lang| failure.explain(lang))))),
        )
    }

    fn judge(&mut self, config_changed: bool) -> Result<Reload, super::Failure> {
        let config = self.context.resolve(Config::read(&self.path)?)?;
        self.themes.check(&config)?;
        if !config_changed {
            self.themes.check_all()?;
        }
        let text = String::from_utf8_lossy(&self.seen.config).into_owned();
        let changed = changed_keys(&self.good, &text);
        let is = |key: &str| changed.iter().any(|changed| changed == key);
        let live = |key: &String| {
            let table = key.split('.').next().unwrap_or_default();
            LIVE.contains(&key.as_str()) || LIVE_TABLES.contains(&table)
        };
        let lang = is("language").then(|| self.context.lang(Some(&config)));
        let theme = is("theme") && self.context.theme.is_none();
        let reloaded = Reloaded {
            file: self.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            settings: settings(Some(&config)),
            lang,
            theme: if theme { Some(self.themes.chosen(config.theme.as_deref())?) } else { None },
            bell: is("bell").then_some(config.bell),
            themes: self.themes.usable(),
            restart: changed_keys(&self.started, &text).into_iter().filter(|key| !live(key)).collect(),
        };
        self.good = text;
        Ok(Reload::Read(Box::new(reloaded)))
    }
}

impl Files {
    fn read(config: &Path, themes: &ThemeFolder) -> Self {
        let read = |path: &Path| std::fs::read(path).unwrap_or_default();
        let entries = themes.folder().and_then(|folder| std::fs::read_dir(folder).ok());
        let themes = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let themes = themes.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        Self { config: read(config), themes: themes.map(|path| (path.clone(), read(&path))).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments;
    use crate::i18n::Lang;

    const CONFIG: &str = "language = \"en\"\n[profiles.shop]\nmchid = \"1900000001\"\nmerchant_serial = \
        \"5157f09efdc096de15ebe81a47057a7232f1b8e1\"\nprivate_key = { file = \"key.pem\" }\napiv3_key = { env = \"KEY\" }\n";

    fn reloader(folder: &Path) -> Reloader {
        begin(folder).0
    }

    fn begin(folder: &Path) -> (Reloader, Watchers) {
        let path = folder.join("config.toml");
        std::fs::write(&path, CONFIG).unwrap();
        let line = ["paydeck", "--config", path.to_str().unwrap()];
        let matches = arguments::command(Lang::En).try_get_matches_from(line).unwrap();
        let context = Context::new(Lang::En, &matches);
        Reloader::begin(context, path, ThemeFolder::new(Some(folder.join("themes"))))
    }

    fn edited(reloader: &mut Reloader, text: &str) -> Option<Reload> {
        std::fs::write(&reloader.path, text).unwrap();
        reloader.read()
    }

    fn read(reload: Option<Reload>) -> Reloaded {
        match reload {
            Some(Reload::Read(reloaded)) => *reloaded,
            other => panic!("{other:?}"),
        }
    }

    fn broken(reload: Option<Reload>) -> String {
        let Some(Reload::Broken(unread)) = reload else { panic!("{reload:?}") };
        (unread.0)(Lang::En).why.unwrap()
    }

    #[test]
    fn what_has_changed_is_reported_and_what_needs_a_restart_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut reloader = reloader(folder.path());
        assert!(reloader.read().is_none(), "nothing has changed");
        let text = CONFIG.replace("\"en\"", "\"zh-CN\"").replace("1900000001", "1900000002");
        let text = format!("bell = false\ntheme = \"light\"\n{text}\n[keys]\nfind = \"ctrl-o\"\n");
        let reloaded = read(edited(&mut reloader, &text));
        assert_eq!((reloaded.lang, reloaded.bell), (Some(Lang::ZhCn), Some(false)));
        assert_eq!(reloaded.theme.map(|theme| theme.name.to_string()).as_deref(), Some("light"));
        assert_eq!(reloaded.settings.keys.len(), 1);
        assert_eq!(reloaded.restart, ["profiles.shop.mchid"]);
        let reloaded = read(edited(&mut reloader, &text.replace("ctrl-o", "ctrl-t")));
        assert_eq!((reloaded.lang, reloaded.bell, reloaded.theme), (None, None, None), "what the operator chose stays");
        assert!(edited(&mut reloader, &text.replace("ctrl-o", "ctrl-t")).is_none());
    }

    #[test]
    fn a_mistake_names_its_file_and_line_and_the_next_reading_is_compared_with_what_is_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let mut reloader = reloader(folder.path());
        for (text, line) in [
            (format!("theme = \"drak\"\n{CONFIG}"), 1),
            (format!("{CONFIG}bell = 3\n"), 7),
            (format!("{CONFIG}\nnope = true\n"), 8),
            (CONFIG.replace("1900000001", "shop"), 3),
            (format!("{CONFIG}[commands.x]\nrun = [\"x\", \"{{nubmer}}\"]\n"), 8),
        ] {
            let why = broken(edited(&mut reloader, &text));
            assert!(why.contains("config.toml") && why.contains(&format!("line {line}")), "{why}");
        }
        let reloaded = read(edited(&mut reloader, CONFIG));
        assert!(reloaded.restart.is_empty() && reloaded.lang.is_none());
    }

    #[test]
    fn a_mistake_in_a_theme_is_reported_when_the_theme_changes() {
        let folder = tempfile::tempdir().unwrap();
        let themes = folder.path().join("themes");
        std::fs::create_dir(&themes).unwrap();
        let mut reloader = reloader(folder.path());
        std::fs::write(themes.join("mine.toml"), "[colors]\n\ntext = \"rde\"\n").unwrap();
        let why = broken(reloader.read());
        assert!(why.contains("mine.toml") && why.contains("line 3"), "{why}");
        std::fs::write(themes.join("mine.toml"), "[colors]\n\ntext = \"red\"\n").unwrap();
        let reloaded = read(reloader.read());
        assert!(reloaded.themes.iter().any(|theme| &*theme.name == "mine"));
    }

    #[tokio::test]
    async fn themes_are_read_again_also_if_their_folder_is_made_while_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (reloader, watchers) = begin(folder.path());
        let (sender, mut reports) = unbounded_channel();
        tokio::spawn(async move { follow(reloader, watchers, &sender).await });
        let themes = folder.path().join("themes");
        std::fs::create_dir(&themes).unwrap();
        for (text, good) in [("[colors]\ntext = \"rde\"\n", false), ("[colors]\ntext = \"red\"\n", true)] {
            std::fs::write(themes.join("mine.toml"), text).unwrap();
            let report = tokio::time::timeout(Duration::from_secs(20), reports.recv()).await;
            let report = report.expect("the change is reported").unwrap();
            assert_eq!(matches!(report, Reload::Read(_)), good, "{report:?}");
        }
    }
}

//! Themes: TOML files, Paydeck's own in `assets/themes` and the user's in the folder `themes` beside the configuration.
//! `assets/themes/dark.toml` documents every key.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use include_dir::{Dir, File, include_dir};
use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::i18n::Lang;
use crate::text::terminal::{ColorDepth, brightness, rgb};
use crate::text::{brief, nearest};

static BUILT_IN: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/themes");

/// The default theme, from which others start.
const DEFAULT: &str = "dark";

const COLOR: &str = "\"#rrggbb\", \"red\", \"light-blue\", 0…255";
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// The colours and modifiers of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: Arc<str>,
    palette: ThemeColors,
}

/// The colours and modifiers of a theme, by what they mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ThemeColors {
    pub ground: Color,
    pub raised: Color,
    pub bar: Color,
    pub text: Color,
    pub faint: Color,
    pub settled: Color,
    pub backdrop: Color,
    pub accent: Color,
    pub pill_text: Color,
    pub pill: Color,
    pub selected: Color,
    pub problem: Color,
    pub changed_new: Color,
    pub changed_recent: Color,
    pub changed_old: Color,
    pub good: Color,
    pub busy: Color,
    pub waiting: Color,
    pub bad: Color,
    pub warning: Color,
    pub production_text: Color,
    pub production: Color,
    pub sandbox_text: Color,
    pub sandbox: Color,
    pub strong: Modifier,
    pub amount: Modifier,
    pub heading: Modifier,
    pub failed: Modifier,
    pub message: Modifier,
    pub header: Modifier,
    pub tab: Modifier,
    pub badge: Modifier,
    pub production_frame: Modifier,
    pub input: Modifier,
}

/// A key of a theme file and the field it sets.
type Key<T> = (&'static str, fn(&mut ThemeColors) -> &mut T);

const COLOR_KEYS: &[Key<Color>] = &[
    ("ground", |p| &mut p.ground),
    ("raised", |p| &mut p.raised),
    ("bar", |p| &mut p.bar),
    ("text", |p| &mut p.text),
    ("faint", |p| &mut p.faint),
    ("final", |p| &mut p.settled),
    ("backdrop", |p| &mut p.backdrop),
    ("accent", |p| &mut p.accent),
    ("pill-text", |p| &mut p.pill_text),
    ("pill", |p| &mut p.pill),
    ("selected", |p| &mut p.selected),
    ("problem", |p| &mut p.problem),
    ("changed-new", |p| &mut p.changed_new),
    ("changed-recent", |p| &mut p.changed_recent),
    ("changed-old", |p| &mut p.changed_old),
    ("good", |p| &mut p.good),
    ("busy", |p| &mut p.busy),
    ("waiting", |p| &mut p.waiting),
    ("bad", |p| &mut p.bad),
    ("warning", |p| &mut p.warning),
    ("production-text", |p| &mut p.production_text),
    ("production", |p| &mut p.production),
    ("sandbox-text", |p| &mut p.sandbox_text),
    ("sandbox", |p| &mut p.sandbox),
];

const MODIFIER_KEYS: &[Key<Modifier>] = &[
    ("strong", |p| &mut p.strong),
    ("amount", |p| &mut p.amount),
    ("heading", |p| &mut p.heading),
    ("failed", |p| &mut p.failed),
    ("message", |p| &mut p.message),
    ("header", |p| &mut p.header),
    ("tab", |p| &mut p.tab),
    ("badge", |p| &mut p.badge),
    ("production-frame", |p| &mut p.production_frame),
    ("input", |p| &mut p.input),
];

/// The colours of [`COLOR_KEYS`] that are drawn as backgrounds only.
const BACKGROUNDS: [&str; 11] = [
    "ground",
    "raised",
    "bar",
    "pill",
    "selected",
    "problem",
    "changed-new",
    "changed-recent",
    "changed-old",
    "production",
    "sandbox",
];

impl ThemeColors {
    /// The nearest colours that the terminal has. Those that must stand out from the ground still do.
    fn reduced(mut self, depth: ColorDepth) -> Self {
        if depth == ColorDepth::True {
            return self;
        }
        for (name, field) in COLOR_KEYS {
            let color = field(&mut self);
            *color = depth.nearest(*color, BACKGROUNDS.contains(name));
        }
        if depth == ColorDepth::Sixteen {
            let dark = rgb(self.ground).is_none_or(|rgb| brightness(rgb) < 128);
            let text = if dark { Color::White } else { Color::Black };
            if self.selected == self.ground || self.selected == Color::Gray {
                self.selected = if dark { Color::Blue } else { Color::Cyan };
            }
            for color in [&mut self.text, &mut self.faint, &mut self.settled, &mut self.backdrop] {
                if *color == self.ground {
                    *color = text;
                }
            }
            // Dark grey is hardly seen: it is left to what is behind a dialog.
            for color in [&mut self.faint, &mut self.settled] {
                if *color == Color::DarkGray {
                    *color = if dark { Color::Gray } else { text };
                }
            }
            if self.pill == self.ground || self.pill == self.pill_text {
                (self.pill, self.pill_text) =
                    if dark { (Color::Gray, Color::Black) } else { (Color::Blue, Color::White) };
            }
        }
        self
    }
}

/// What is wrong with a theme file.
#[derive(Debug, thiserror::Error)]
pub enum ThemeError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    /// TOML that does not parse. `line` counts from 1.
    #[error("{path}:{line}: {message}")]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("{path}:{line}: unknown key {key}")]
    UnknownKey { path: PathBuf, line: usize, key: String, nearest: Option<String> },
    #[error("{path}:{line}: {key} = {value}: {expected}")]
    Value { path: PathBuf, line: usize, key: String, value: String, expected: String },
}

/// Parsed once: it is needed for every frame without colours.
static DEFAULT_THEME: LazyLock<Theme> = LazyLock::new(|| {
    // The file is part of the program; a test reads it.
    let palette = Themes::default().palette(DEFAULT, &[]).and_then(Result::ok).unwrap_or_default();
    Theme { name: DEFAULT.into(), palette }
});

impl Default for Theme {
    fn default() -> Self {
        DEFAULT_THEME.clone()
    }
}

impl Theme {
    /// Its name in the palette: the translation if there is one, else the name.
    pub fn label(&self, lang: Lang) -> String {
        let message = format!("theme-{}", self.name);
        if lang.has(&message) { lang.t(&message) } else { self.name.to_string() }
    }

    /// The palette to draw with. Without colours only the modifiers carry the meaning, so no theme can remove them.
    pub(super) fn palette(&self, depth: ColorDepth) -> ThemeColors {
        if depth == ColorDepth::None { DEFAULT_THEME.palette } else { self.palette.reduced(depth) }
    }

    /// The theme with a colour of the profile's own for what shows whose screen this is: the current tab and the name.
    pub(crate) fn tinted(&self, color: Option<Color>) -> Self {
        let Some(color) = color else { return self.clone() };
        let bright = rgb(color).is_none_or(|rgb| brightness(rgb) > 140);
        let pill_text = if bright { Color::Rgb(0x10, 0x14, 0x18) } else { Color::Rgb(0xff, 0xff, 0xff) };
        Self { name: self.name.clone(), palette: ThemeColors { pill: color, pill_text, ..self.palette } }
    }
}

/// The themes to choose from.
#[derive(Debug, Default)]
pub struct Themes {
    folder: Option<PathBuf>,
}

impl Themes {
    /// The built-in themes and the files of this folder. A file replaces the built-in theme of the same name.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    /// The user's files with their names.
    fn files(&self) -> impl Iterator<Item = (String, PathBuf)> {
        let entries = self.folder.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter_map(|path| Some((name_of(&path)?, path)))
    }

    /// The names, in alphabetical order.
    pub fn names(&self) -> BTreeSet<String> {
        let built_in = BUILT_IN.files().filter_map(|file| name_of(file.path()));
        self.files().map(|(name, _)| name).chain(built_in).collect()
    }

    /// The names as a list for a message.
    pub fn known(&self) -> String {
        self.names().into_iter().collect::<Vec<_>>().join(", ")
    }

    /// The theme of that name, if there is one.
    pub fn get(&self, name: &str) -> Option<Result<Theme, ThemeError>> {
        let palette = self.palette(name, &[])?;
        Some(palette.map(|palette| Theme { name: name.into(), palette }))
    }

    /// All themes whose files are valid. A broken file is an error only if it is chosen at the start; until then it
    /// must not stop the console.
    pub(crate) fn usable(&self) -> Vec<Theme> {
        self.names().iter().filter_map(|name| self.get(name)?.ok()).collect()
    }

    /// The colours of a theme from which those in `heirs` start. None of these is read again, so that there is no
    /// cycle.
    fn palette(&self, name: &str, heirs: &[PathBuf]) -> Option<Result<ThemeColors, ThemeError>> {
        let is_heir = |path: &PathBuf| heirs.contains(path);
        if let Some((_, path)) = self.files().find(|(known, path)| known == name && !is_heir(path)) {
            return Some(match std::fs::read_to_string(&path) {
                Ok(text) => self.read(&path, &text, heirs),
                Err(source) => Err(ThemeError::Read { path, source }),
            });
        }
        let path = PathBuf::from(format!("{name}.toml"));
        let text = BUILT_IN.get_file(&path).and_then(File::contents_utf8).filter(|_| !is_heir(&path))?;
        Some(self.read(&path, text, heirs))
    }

    fn read(&self, path: &Path, text: &str, heirs: &[PathBuf]) -> Result<ThemeColors, ThemeError> {
        let heirs = [heirs, &[path.to_owned()]].concat();
        let file = Reader { path, text };
        let table = DeTable::parse(text).map_err(|error| file.syntax(&error))?.into_inner();
        let mut palette = match table.get("inherits") {
            Some(base) => {
                let wrong = || file.value("inherits", base, self.known());
                let name = base.get_ref().as_str().ok_or_else(wrong)?;
                self.palette(name, &heirs).ok_or_else(wrong)??
            }
            None => self.palette(DEFAULT, &heirs).transpose()?.unwrap_or_default(),
        };
        for (key, value) in &table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("inherits", _) => {}
                ("colors", DeValue::Table(colors)) => file.set(&mut palette, COLOR_KEYS, colors, color, COLOR)?,
                ("modifiers", DeValue::Table(table)) => {
                    let known = format!("{:?}", MODIFIERS.map(|(name, _)| name));
                    file.set(&mut palette, MODIFIER_KEYS, table, modifier, &known)?;
                }
                (name @ ("colors" | "modifiers"), _) => return Err(file.value(name, value, format!("[{name}]"))),
                _ => return Err(file.unknown(key, ["inherits", "colors", "modifiers"].into_iter())),
            }
        }
        Ok(palette)
    }
}

fn name_of(path: &Path) -> Option<String> {
    let is_theme = path.extension().is_some_and(|extension| extension == "toml");
    Some(path.file_stem().filter(|_| is_theme)?.to_str()?.to_owned())
}

fn color(value: &DeValue<'_>) -> Option<Color> {
    match value {
        DeValue::String(text) => text.parse().ok(),
        DeValue::Integer(index) => index.as_str().parse().ok().map(Color::Indexed),
        _ => None,
    }
}

fn modifier(value: &DeValue<'_>) -> Option<Modifier> {
    let names = value.as_array()?.iter().map(|name| name.get_ref().as_str());
    names.map(|name| MODIFIERS.iter().find(|(known, _)| name == Some(known)).map(|(_, modifier)| *modifier)).collect()
}

/// A theme file while it is read, to report where an error is.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    /// Sets the fields that a table names.
    fn set<T>(
        &self,
        palette: &mut ThemeColors,
        keys: &[Key<T>],
        table: &DeTable<'_>,
        parse: fn(&DeValue<'_>) -> Option<T>,
        expected: &str,
    ) -> Result<(), ThemeError> {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = keys.iter().find(|(known, _)| *known == name);
            let (_, field) = known.ok_or_else(|| self.unknown(key, keys.iter().map(|(known, _)| *known)))?;
            let parsed = parse(value.get_ref()).ok_or_else(|| self.value(name, value, expected.to_owned()))?;
            *field(palette) = parsed;
        }
        Ok(())
    }

    fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }

    fn syntax(&self, error: &toml::de::Error) -> ThemeError {
        let line = self.line(error.span().map_or(0, |span| span.start));
        ThemeError::Syntax { path: self.path.to_owned(), line, message: error.message().to_owned() }
    }

    fn unknown<'k>(&self, key: &Spanned<impl AsRef<str>>, known: impl Iterator<Item = &'k str>) -> ThemeError {
        let (line, key) = (self.line(key.span().start), key.get_ref().as_ref());
        let nearest = nearest(key, known);
        ThemeError::UnknownKey { path: self.path.to_owned(), line, key: brief(key).into_owned(), nearest }
    }

    fn value(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: String) -> ThemeError {
        let written = self.text.get(value.span()).unwrap_or_default();
        let (path, line) = (self.path.to_owned(), self.line(value.span().start));
        ThemeError::Value { path, line, key: key.to_owned(), value: brief(written).into_owned(), expected }
    }
}

#[cfg(test)]
mod tests;

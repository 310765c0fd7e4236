//! Styles by meaning. Views name what a text is; the theme names the colours.

use ratatui::style::{Color, Modifier, Style};

use crate::console::theme::{Theme, ThemeColors};
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::role::{Role, RowRole};
use crate::model::{Environment, Tone};
use crate::text::terminal::{Borders, ColorDepth, TerminalLook};

/// The styles of a theme.
#[derive(Clone, Copy)]
pub struct Styles {
    palette: ThemeColors,
    color: bool,
    /// There are sixteen colours: few of them can be read on another.
    few: bool,
    pub borders: Borders,
}

impl Styles {
    /// The theme in the colours that the terminal has. Without any, meaning is kept by bold, dim, underline and reverse.
    pub fn new(theme: &Theme, surface: TerminalLook) -> Self {
        let TerminalLook { colors, borders, .. } = surface;
        Self {
            palette: theme.palette(colors),
            color: colors != ColorDepth::None,
            few: colors == ColorDepth::Sixteen,
            borders,
        }
    }

    fn fg(self, color: Color, modifier: Modifier) -> Style {
        let style = Style::new().add_modifier(modifier);
        if self.color { style.fg(color) } else { style }
    }

    fn filled(self, (fg, bg): (Color, Color)) -> Style {
        if self.color {
            // With sixteen colours, bold black is grey on many terminals.
            let bold = if fg == Color::Black { Modifier::empty() } else { self.palette.badge };
            Style::new().fg(fg).bg(bg).add_modifier(bold)
        } else {
            Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
        }
    }

    /// A background, or what marks the same where it cannot be seen.
    fn back(self, color: Color, otherwise: Modifier) -> Style {
        let style = if self.color { Style::new().bg(color) } else { Style::new() };
        let is_seen = self.color && color != self.palette.ground;
        if is_seen { style } else { style.add_modifier(otherwise) }
    }

    /// The background of the screen.
    pub fn ground(self) -> Style {
        self.fg(self.palette.text, Modifier::empty()).patch(self.back(self.palette.ground, Modifier::empty()))
    }

    /// The background of dialogs and toasts.
    pub(crate) fn raised(self) -> Style {
        self.fg(self.palette.text, Modifier::empty()).patch(self.back(self.palette.raised, Modifier::empty()))
    }

    /// The background of the header with the tabs, and of the footer.
    pub(crate) fn bar(self) -> Style {
        self.fg(self.palette.text, Modifier::empty()).patch(self.back(self.palette.bar, Modifier::empty()))
    }

    /// The name of the profile, in its colour.
    pub fn profile(self) -> Style {
        self.filled((self.palette.pill_text, self.palette.pill))
    }

    /// What a row is drawn on. [`Styles::over`] draws its cells.
    pub fn row(self, row: RowRole) -> Style {
        match row {
            RowRole::Plain => Style::new(),
            RowRole::Final | RowRole::Settled => self.fg(self.palette.settled, self.dim()),
            RowRole::Problem => self.back(self.palette.problem, Modifier::empty()),
        }
    }

    /// The style of a cell on the style of its row: in a final row, only the state keeps its colour, and the amount that
    /// was paid its brightness; a problem's number and amount have the colour of the problem; nothing is dimmed where the
    /// cursor is.
    pub fn over(self, base: Style, row: RowRole, role: Role) -> Style {
        let style = self.role(role);
        let style = match (row, role) {
            (RowRole::Settled, Role::Amount) => {
                self.fg(self.palette.text, Modifier::empty()).remove_modifier(self.dim())
            }
            (RowRole::Final | RowRole::Settled, Role::Plain | Role::Strong | Role::Amount | Role::Faint) => {
                Style::new()
            }
            (RowRole::Problem, Role::Strong | Role::Amount) => {
                style.patch(self.fg(self.palette.bad, Modifier::empty()))
            }
            _ => style,
        };
        let style = base.patch(style);
        // Dim and reversed at once leaves patches; so would a quiet colour that is the selection's own.
        match style {
            Style { add_modifier, .. } if add_modifier.contains(Modifier::REVERSED) => {
                style.remove_modifier(Modifier::DIM)
            }
            Style { fg: Some(fg), bg: Some(bg), .. } if fg == bg => style.fg(self.palette.text),
            // There the words alone carry the meaning.
            Style { bg: Some(bg), .. } if self.few && bg == self.palette.selected => style.fg(self.palette.text),
            _ => style,
        }
    }

    /// Everything behind a dialog.
    pub(crate) fn backdrop(self) -> Style {
        if self.color {
            Style::new().fg(self.palette.backdrop).bg(self.palette.ground).remove_modifier(Modifier::all())
        } else {
            Style::new().remove_modifier(Modifier::all()).add_modifier(Modifier::DIM)
        }
    }

    fn dim(self) -> Modifier {
        if self.color { Modifier::empty() } else { Modifier::DIM }
    }

    pub(crate) fn role(self, role: Role) -> Style {
        let p = self.palette;
        match role {
            Role::Plain => Style::new(),
            Role::Faint => self.fg(p.faint, self.dim()),
            Role::Strong => self.fg(p.text, p.strong),
            Role::Amount => self.fg(p.text, p.amount),
            Role::Heading => self.fg(p.accent, p.heading),
            Role::Accent | Role::Gauge(_) => self.fg(p.accent, Modifier::empty()),
            Role::Warning => self.fg(p.warning, Modifier::empty()),
            Role::Found => self.fg(p.accent, Modifier::REVERSED),
            Role::Tone(tone) => self.tone(tone),
            Role::Changed(highlight) => self.changed(highlight),
        }
    }

    pub(crate) fn tone(self, tone: Tone) -> Style {
        let p = self.palette;
        let color = match tone {
            Tone::Waiting => p.waiting,
            Tone::Running | Tone::Done => p.good,
            Tone::Busy => p.busy,
            Tone::Stopped => p.faint,
            Tone::Failed => p.bad,
            Tone::Unknown => p.warning,
        };
        self.fg(color, if tone == Tone::Failed { p.failed } else { Modifier::empty() })
    }

    pub(crate) fn faint(self) -> Style {
        self.role(Role::Faint)
    }

    pub(crate) fn strong(self) -> Style {
        self.role(Role::Strong)
    }

    pub(crate) fn accent(self) -> Style {
        self.role(Role::Accent)
    }

    pub(crate) fn danger(self) -> Style {
        self.fg(self.palette.bad, self.palette.message)
    }

    pub fn good(self) -> Style {
        self.fg(self.palette.good, self.palette.message)
    }

    pub fn warning(self) -> Style {
        self.fg(self.palette.warning, self.palette.message)
    }

    /// The line under the cursor.
    pub fn selected(self) -> Style {
        self.back(self.palette.selected, Modifier::REVERSED)
    }

    /// A cell that has changed, by how far its highlight has faded.
    pub fn changed(self, highlight: Highlight) -> Style {
        let (color, otherwise) = match highlight {
            Highlight::New => (self.palette.changed_new, Modifier::BOLD | Modifier::UNDERLINED),
            Highlight::Known => (self.palette.changed_recent, Modifier::UNDERLINED),
            Highlight::Old => (self.palette.changed_old, Modifier::UNDERLINED | Modifier::DIM),
        };
        self.back(color, otherwise)
    }

    /// The style of a cell that has changed: it can be read on its highlight, even if its row is dimmed.
    pub(crate) fn over_change(self, style: Style, highlight: Highlight) -> Style {
        let quiet = [self.palette.faint, self.palette.settled].map(Some).contains(&style.fg);
        let style = style.patch(self.changed(highlight));
        if self.color && (quiet || highlight == Highlight::New) { style.fg(self.palette.text) } else { style }
    }

    pub fn header(self) -> Style {
        self.fg(self.palette.faint, self.palette.header)
    }

    pub fn tab(self, current: bool) -> Style {
        match current {
            true if self.color => {
                let bold = if self.palette.pill_text == Color::Black { Modifier::empty() } else { self.palette.tab };
                Style::new().fg(self.palette.pill_text).bg(self.palette.pill).add_modifier(bold)
            }
            true => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            false => self.faint(),
        }
    }

    /// The badge that says whether money is real.
    pub fn environment(self, environment: Environment) -> Style {
        self.filled(match environment {
            Environment::Production => (self.palette.production_text, self.palette.production),
            Environment::Sandbox => (self.palette.sandbox_text, self.palette.sandbox),
        })
    }

    /// Lines and borders: red wherever money is real.
    pub fn rule(self, environment: Option<Environment>) -> Style {
        match environment {
            Some(Environment::Production) => self.fg(self.palette.production, self.palette.production_frame),
            Some(Environment::Sandbox) => self.fg(self.palette.sandbox, Modifier::empty()),
            None => self.faint(),
        }
    }

    pub(crate) fn banner(self) -> Style {
        self.filled((self.palette.ground, self.palette.warning))
    }

    pub fn button(self, focused: bool, enabled: bool) -> Style {
        match (focused, enabled) {
            (true, true) => self.filled((self.palette.ground, self.palette.accent)),
            (true, false) => self.fg(self.palette.faint, Modifier::UNDERLINED),
            (false, true) => self.strong(),
            (false, false) => self.faint(),
        }
    }

    /// A QR code: its light and dark are fixed, whatever the theme.
    pub(crate) fn scanned(self) -> Style {
        if !self.color { Style::new() } else { Style::new().fg(Color::White).bg(Color::Black) }
    }

    pub fn input(self, focused: bool) -> Style {
        if focused { self.fg(self.palette.text, self.palette.input) } else { self.faint() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::Themes;
    use crate::model::Progress;

    /// Every style with its name.
    fn walk(s: Styles) -> Vec<(String, Style)> {
        let mut all: Vec<(String, Style)> = vec![
            ("ground".into(), s.ground()),
            ("raised".into(), s.raised()),
            ("danger".into(), s.danger()),
            ("good".into(), s.good()),
            ("warning".into(), s.warning()),
            ("selected".into(), s.selected()),
            ("header".into(), s.header()),
            ("banner".into(), s.banner()),
            ("scanned".into(), s.scanned()),
            ("rule".into(), s.rule(None)),
        ];
        let highlight = [Highlight::New, Highlight::Known, Highlight::Old];
        all.push(("bar".into(), s.bar()));
        all.push(("profile".into(), s.profile()));
        all.push(("backdrop".into(), s.backdrop()));
        for row in [RowRole::Final, RowRole::Settled, RowRole::Problem] {
            all.push((format!("row {row:?}"), s.row(row)));
            all.push((format!("amount in {row:?}"), s.over(s.row(row), row, Role::Amount)));
            all.push((format!("selected {row:?}"), s.over(s.row(row).patch(s.selected()), row, Role::Faint)));
        }
        let roles = [Role::Plain, Role::Faint, Role::Strong, Role::Amount, Role::Heading, Role::Accent, Role::Warning];
        let gauge = Role::Gauge(Progress { done: 1, total: 2 });
        let tones = [Tone::Waiting, Tone::Running, Tone::Done, Tone::Busy, Tone::Stopped, Tone::Failed, Tone::Unknown];
        let roles = roles.into_iter().chain([gauge]).chain(tones.map(Role::Tone)).chain(highlight.map(Role::Changed));
        all.extend(roles.map(|role| (format!("{role:?}"), s.role(role))));
        for environment in [Environment::Production, Environment::Sandbox] {
            all.push((format!("environment {environment:?}"), s.environment(environment)));
            all.push((format!("rule {environment:?}"), s.rule(Some(environment))));
        }
        for on in [true, false] {
            all.push((format!("tab {on}"), s.tab(on)));
            all.push((format!("input {on}"), s.input(on)));
            all.extend([true, false].map(|enabled| (format!("button {on} {enabled}"), s.button(on, enabled))));
        }
        all
    }

    #[test]
    fn what_has_changed_is_read_in_a_dimmed_row_too() {
        let s = Styles::new(&crate::console::theme::Theme::default(), TerminalLook::default());
        let dimmed = s.row(RowRole::Final);
        let good = s.tone(Tone::Done);
        for highlight in [Highlight::New, Highlight::Known, Highlight::Old] {
            assert_eq!(s.over_change(dimmed, highlight).fg, Some(s.palette.text));
            let kept = if highlight == Highlight::New { Some(s.palette.text) } else { good.fg };
            assert_eq!(s.over_change(good, highlight).fg, kept, "a state keeps its colour but for a moment");
        }
    }

    #[test]
    fn the_styles_of_the_built_in_themes() {
        let mut text = String::new();
        for theme in Themes::default().usable() {
            for depth in [ColorDepth::True, ColorDepth::Sixteen, ColorDepth::None] {
                text.push_str(&format!("{} {depth:?}\n", theme.name));
                for (name, style) in
                    walk(Styles::new(&theme, TerminalLook { colors: depth, ..TerminalLook::default() }))
                {
                    text.push_str(&format!("  {name}: {style:?}\n"));
                }
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../tests/snapshots/styles");
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!("built_in_themes", text));
    }
}

//! Styles by meaning. Views name what a text is; only this file names colours.

use ratatui::style::{Color, Modifier, Style};

use crate::console::theme::Theme;
use crate::console::widgets::fading::Fading;
use crate::console::widgets::ink::Ink;
use crate::model::{Environment, Tone};

/// The colours of a theme. Everything else follows from them.
struct Palette {
    ground: Color,
    raised: Color,
    text: Color,
    faint: Color,
    accent: Color,
    selected: Color,
    /// In the order of [`Fading`].
    changed: [Color; 3],
    good: Color,
    busy: Color,
    waiting: Color,
    bad: Color,
    warning: Color,
    production: (Color, Color),
    sandbox: (Color, Color),
}

const fn rgb(hex: u32) -> Color {
    Color::Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Palette = Palette {
    ground: rgb(0x12161b),
    raised: rgb(0x1b2129),
    text: rgb(0xd7dce2),
    faint: rgb(0x7d8896),
    accent: rgb(0x6cb6ff),
    selected: rgb(0x263a50),
    changed: [rgb(0x6a5614), rgb(0x443a14), rgb(0x2a2717)],
    good: rgb(0x57c785),
    busy: rgb(0x5cc8d7),
    waiting: rgb(0xc9b4ff),
    bad: rgb(0xff7b72),
    warning: rgb(0xe3b341),
    production: (rgb(0xffffff), rgb(0xb4232c)),
    sandbox: (rgb(0xe6fff5), rgb(0x1f6f5c)),
};

const LIGHT: Palette = Palette {
    ground: rgb(0xfbfbf9),
    raised: rgb(0xf0f1ee),
    text: rgb(0x20262c),
    faint: rgb(0x6a737d),
    accent: rgb(0x095fc2),
    selected: rgb(0xcfe3fa),
    changed: [rgb(0xffdf70), rgb(0xffeeb0), rgb(0xfdf5d8)],
    good: rgb(0x11723b),
    busy: rgb(0x0b6e7f),
    waiting: rgb(0x6b3fc4),
    bad: rgb(0xb41e2a),
    warning: rgb(0x8a5a00),
    production: (rgb(0xffffff), rgb(0xb4232c)),
    sandbox: (rgb(0xffffff), rgb(0x1f7a63)),
};

const HIGH_CONTRAST: Palette = Palette {
    ground: rgb(0),
    raised: rgb(0),
    text: rgb(0xffffff),
    faint: rgb(0xc8c8c8),
    accent: rgb(0x7fd4ff),
    selected: rgb(0x003f8f),
    changed: [rgb(0x7a6100), rgb(0x4d3d00), rgb(0x2b2200)],
    good: rgb(0x7cffa8),
    busy: rgb(0x7ff0ff),
    waiting: rgb(0xe0c8ff),
    bad: rgb(0xff8f88),
    warning: rgb(0xffd84d),
    production: (rgb(0xffffff), rgb(0xc00010)),
    sandbox: (rgb(0), rgb(0x5cffc8)),
};

/// The styles of a theme.
#[derive(Clone, Copy)]
pub struct Styles {
    palette: &'static Palette,
    color: bool,
}

impl Styles {
    /// Without colours, meaning is kept by bold, dim, underline and reverse.
    pub fn new(theme: Theme, no_color: bool) -> Self {
        let palette = match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
            Theme::HighContrast => &HIGH_CONTRAST,
        };
        Self { palette, color: !no_color }
    }

    fn fg(self, color: Color, modifier: Modifier) -> Style {
        let style = Style::new().add_modifier(modifier);
        if self.color { style.fg(color) } else { style }
    }

    fn filled(self, (fg, bg): (Color, Color)) -> Style {
        if self.color {
            Style::new().fg(fg).bg(bg).add_modifier(Modifier::BOLD)
        } else {
            Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
        }
    }

    fn back(self, color: Color, otherwise: Modifier) -> Style {
        if self.color { Style::new().bg(color) } else { Style::new().add_modifier(otherwise) }
    }

    /// What everything stands on.
    pub fn ground(self) -> Style {
        self.fg(self.palette.text, Modifier::empty()).patch(self.back(self.palette.ground, Modifier::empty()))
    }

    /// What dialogs and toasts stand on.
    pub fn raised(self) -> Style {
        self.fg(self.palette.text, Modifier::empty()).patch(self.back(self.palette.raised, Modifier::empty()))
    }

    pub fn ink(self, ink: Ink) -> Style {
        let p = self.palette;
        match ink {
            Ink::Plain => Style::new(),
            Ink::Faint => self.fg(p.faint, if self.color { Modifier::empty() } else { Modifier::DIM }),
            Ink::Strong => self.fg(p.text, Modifier::BOLD),
            Ink::Heading => self.fg(p.accent, Modifier::BOLD),
            Ink::Accent | Ink::Gauge(_) => self.fg(p.accent, Modifier::empty()),
            Ink::Warning => self.fg(p.warning, Modifier::empty()),
            Ink::Tone(tone) => self.tone(tone),
            Ink::Changed(fading) => self.changed(fading),
        }
    }

    pub fn tone(self, tone: Tone) -> Style {
        let p = self.palette;
        let color = match tone {
            Tone::Waiting => p.waiting,
            Tone::Running | Tone::Done => p.good,
            Tone::Busy => p.busy,
            Tone::Stopped => p.faint,
            Tone::Failed => p.bad,
            Tone::Unknown => p.warning,
        };
        self.fg(color, if tone == Tone::Failed { Modifier::BOLD } else { Modifier::empty() })
    }

    pub fn faint(self) -> Style {
        self.ink(Ink::Faint)
    }

    pub fn strong(self) -> Style {
        self.ink(Ink::Strong)
    }

    pub fn accent(self) -> Style {
        self.ink(Ink::Accent)
    }

    pub fn danger(self) -> Style {
        self.fg(self.palette.bad, Modifier::BOLD)
    }

    pub fn good(self) -> Style {
        self.fg(self.palette.good, Modifier::BOLD)
    }

    pub fn warning(self) -> Style {
        self.fg(self.palette.warning, Modifier::BOLD)
    }

    /// The line the cursor is on.
    pub fn selected(self) -> Style {
        self.back(self.palette.selected, Modifier::REVERSED)
    }

    /// A cell that changed, as far as that has faded.
    pub fn changed(self, fading: Fading) -> Style {
        let (color, otherwise) = match fading {
            Fading::New => (self.palette.changed[0], Modifier::BOLD | Modifier::UNDERLINED),
            Fading::Known => (self.palette.changed[1], Modifier::UNDERLINED),
            Fading::Old => (self.palette.changed[2], Modifier::UNDERLINED | Modifier::DIM),
        };
        self.back(color, otherwise)
    }

    pub fn header(self) -> Style {
        self.fg(self.palette.faint, Modifier::UNDERLINED)
    }

    pub fn tab(self, current: bool) -> Style {
        match current {
            true if self.color => self.fg(self.palette.accent, Modifier::BOLD | Modifier::UNDERLINED),
            true => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            false => self.faint(),
        }
    }

    /// The badge that says whether money is real.
    pub fn environment(self, environment: Environment) -> Style {
        self.filled(match environment {
            Environment::Production => self.palette.production,
            Environment::Sandbox => self.palette.sandbox,
        })
    }

    /// Lines and borders: red wherever money is real.
    pub fn rule(self, environment: Option<Environment>) -> Style {
        match environment {
            Some(Environment::Production) => self.fg(self.palette.production.1, Modifier::BOLD),
            Some(Environment::Sandbox) => self.fg(self.palette.sandbox.1, Modifier::empty()),
            None => self.faint(),
        }
    }

    pub fn banner(self) -> Style {
        self.filled((self.palette.ground, self.palette.warning))
    }

    pub fn button(self, focused: bool, enabled: bool) -> Style {
        match (focused, enabled) {
            (true, true) => self.filled((self.palette.ground, self.palette.accent)),
            (true, false) => self.filled((self.palette.ground, self.palette.faint)),
            (false, true) => self.strong(),
            (false, false) => self.faint(),
        }
    }

    /// A code to be scanned: light and dark are what they are, whatever the theme.
    pub fn scanned(self) -> Style {
        if !self.color { Style::new() } else { Style::new().fg(Color::White).bg(Color::Black) }
    }

    pub fn input(self, focused: bool) -> Style {
        if focused { self.fg(self.palette.text, Modifier::UNDERLINED) } else { self.faint() }
    }
}

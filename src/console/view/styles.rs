//! Styles by meaning. Views name what a text is; only this file names colours.

use ratatui::style::{Color, Modifier, Style};

use crate::console::columns::Ink;
use crate::console::theme::Theme;
use crate::model::{Environment, Tone};

/// The colours of a theme. Everything else follows from them.
struct Palette {
    ground: Color,
    raised: Color,
    text: Color,
    faint: Color,
    accent: Color,
    selected: Color,
    changed: Color,
    fading: Color,
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
    ground: rgb(0x12_16_1b),
    raised: rgb(0x1b_21_29),
    text: rgb(0xd7_dc_e2),
    faint: rgb(0x7d_88_96),
    accent: rgb(0x6c_b6_ff),
    selected: rgb(0x26_3a_50),
    changed: rgb(0x5a_4a_12),
    fading: rgb(0x33_2e_16),
    good: rgb(0x57_c7_85),
    busy: rgb(0x5c_c8_d7),
    waiting: rgb(0xc9_b4_ff),
    bad: rgb(0xff_7b_72),
    warning: rgb(0xe3_b3_41),
    production: (rgb(0xff_ff_ff), rgb(0xb4_23_2c)),
    sandbox: (rgb(0xe6_ff_f5), rgb(0x1f_6f_5c)),
};

const LIGHT: Palette = Palette {
    ground: rgb(0xfb_fb_f9),
    raised: rgb(0xf0_f1_ee),
    text: rgb(0x20_26_2c),
    faint: rgb(0x6a_73_7d),
    accent: rgb(0x09_5f_c2),
    selected: rgb(0xcf_e3_fa),
    changed: rgb(0xff_e5_8a),
    fading: rgb(0xff_f3_cc),
    good: rgb(0x11_72_3b),
    busy: rgb(0x0b_6e_7f),
    waiting: rgb(0x6b_3f_c4),
    bad: rgb(0xb4_1e_2a),
    warning: rgb(0x8a_5a_00),
    production: (rgb(0xff_ff_ff), rgb(0xb4_23_2c)),
    sandbox: (rgb(0xff_ff_ff), rgb(0x1f_7a_63)),
};

const HIGH_CONTRAST: Palette = Palette {
    ground: rgb(0),
    raised: rgb(0),
    text: rgb(0xff_ff_ff),
    faint: rgb(0xc8_c8_c8),
    accent: rgb(0x7f_d4_ff),
    selected: rgb(0x00_3f_8f),
    changed: rgb(0x6b_55_00),
    fading: rgb(0x3a_30_00),
    good: rgb(0x7c_ff_a8),
    busy: rgb(0x7f_f0_ff),
    waiting: rgb(0xe0_c8_ff),
    bad: rgb(0xff_8f_88),
    warning: rgb(0xff_d8_4d),
    production: (rgb(0xff_ff_ff), rgb(0xc0_00_10)),
    sandbox: (rgb(0), rgb(0x5c_ff_c8)),
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

    /// A cell that changed; the second step of its fading.
    pub fn changed(self, fading: bool) -> Style {
        let (color, otherwise) = match fading {
            false => (self.palette.changed, Modifier::BOLD | Modifier::UNDERLINED),
            true => (self.palette.fading, Modifier::UNDERLINED),
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

    pub fn input(self, focused: bool) -> Style {
        if focused { self.fg(self.palette.text, Modifier::UNDERLINED) } else { self.faint() }
    }
}

//! What a terminal can show: how many colours, which borders, how wide the ambiguous characters are.

use std::borrow::Cow;

use ratatui::style::Color;

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorDepth {
    /// None: bold, dim, underline and reverse carry the meaning.
    None,
    /// The sixteen that every colour terminal has.
    Sixteen,
    Indexed,
    #[default]
    True,
}

/// What lines and frames are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Borders {
    #[default]
    Lines,
    /// `+`, `-` and `|`: for fonts and recordings without line characters.
    Ascii,
}

impl Borders {
    pub const EXPECTED: &str = "\"lines\", \"ascii\"";

    /// Reads a setting.
    pub fn parse(text: &str) -> Option<Self> {
        [("lines", Self::Lines), ("ascii", Self::Ascii)].into_iter().find(|(name, _)| *name == text).map(|(_, it)| it)
    }

    /// The text with these borders.
    pub fn of(self, text: Cow<'_, str>) -> Cow<'_, str> {
        let is_line = |c: char| matches!(c, '\u{2500}'..='\u{257f}');
        if self == Self::Lines || !text.contains(is_line) {
            return text;
        }
        let ascii = |c: char| match c {
            '─' => '-',
            '━' | '═' => '=',
            '╌' | '┄' | '┈' => '.',
            '│' | '┃' | '║' | '╎' | '┆' | '┊' => '|',
            c if is_line(c) => '+',
            c => c,
        };
        text.chars().map(ascii).collect::<String>().into()
    }
}

/// The surface that the console draws on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalLook {
    pub colors: ColorDepth,
    pub borders: Borders,
    /// Ambiguous characters are two columns wide.
    pub wide_ambiguous: bool,
}

/// The sixteen colours with their usual values. Terminals differ, but not so much that another would be nearer.
const SIXTEEN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [170, 0, 0]),
    (Color::Green, [0, 170, 0]),
    (Color::Yellow, [170, 85, 0]),
    (Color::Blue, [0, 0, 170]),
    (Color::Magenta, [170, 0, 170]),
    (Color::Cyan, [0, 170, 170]),
    (Color::Gray, [170, 170, 170]),
    (Color::DarkGray, [85, 85, 85]),
    (Color::LightRed, [255, 85, 85]),
    (Color::LightGreen, [85, 255, 85]),
    (Color::LightYellow, [255, 255, 85]),
    (Color::LightBlue, [85, 85, 255]),
    (Color::LightMagenta, [255, 85, 255]),
    (Color::LightCyan, [85, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The steps of the colour cube among the 256.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl ColorDepth {
    /// As the configuration and the command line name them.
    pub const NAMES: [(&str, Self); 4] =
        [("24-bit", Self::True), ("256", Self::Indexed), ("16", Self::Sixteen), ("none", Self::None)];

    /// What the configuration may say, besides `auto`.
    pub const EXPECTED: &str = "\"auto\", \"24-bit\", \"256\", \"16\", \"none\"";

    /// Reads a setting. The inner `None`: as the terminal can.
    pub fn parse(text: &str) -> Option<Option<Self>> {
        let named = Self::NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, depth)| Some(depth));
        named.or((text == "auto").then_some(None))
    }

    /// What the terminal can do, by its environment. Without `TERM` (Windows) it is a terminal of today.
    pub(crate) fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        if value("NO_COLOR").is_some() {
            return Self::None;
        }
        let Some(term) = value("TERM") else {
            return if cfg!(windows) { Self::True } else { Self::Sixteen };
        };
        let is = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        if is(&["vt1", "vt2", "vt3", "vt4", "vt5", "dumb"]) || term.ends_with("-m") || term.ends_with("-mono") {
            return Self::None;
        }
        let modern = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"];
        if matches!(value("COLORTERM").as_deref(), Some("truecolor" | "24bit")) && term != "linux"
            || term.contains("direct")
            || term.contains("truecolor")
            || is(&modern)
        {
            return Self::True;
        }
        if term.contains("256") || is(&["tmux", "iterm"]) { Self::Indexed } else { Self::Sixteen }
    }

    /// The nearest colour that there is. A background among sixteen is one of the eight that every such terminal has.
    pub fn nearest(self, color: Color, background: bool) -> Color {
        match self {
            Self::None => Color::Reset,
            Self::True => color,
            Self::Indexed => match color {
                Color::Rgb(r, g, b) => Color::Indexed(nearest_indexed([r, g, b])),
                other => other,
            },
            Self::Sixteen => match rgb(color) {
                Some(rgb) => nearest_of_sixteen(rgb, background),
                None => color,
            },
        }
    }
}

/// Red, green and blue of a colour; `None` for what the terminal itself chooses.
pub(crate) fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(index) => Some(match index {
            0..=15 => SIXTEEN[usize::from(index)].1,
            16..=231 => [36, 6, 1].map(|step| CUBE[usize::from((index - 16) / step % 6)]),
            grey => [8 + (grey - 232) * 10; 3],
        }),
        named => SIXTEEN.iter().find(|(known, _)| *known == named).map(|(_, rgb)| *rgb),
    }
}

/// How bright a colour looks, from 0 to 255.
pub(crate) fn brightness([r, g, b]: [u8; 3]) -> u32 {
    (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    // The eye sees differences of green best, of blue least.
    [2, 4, 1].iter().zip(a.iter().zip(b)).map(|(weight, (a, b))| weight * u32::from(a.abs_diff(b)).pow(2)).sum()
}

fn nearest_indexed(color: [u8; 3]) -> u8 {
    let nearest_step = |value: u8| (0..6).min_by_key(|at| CUBE[usize::from(*at)].abs_diff(value)).unwrap_or(0);
    let cube = color.map(nearest_step);
    let in_cube = 16 + 36 * cube[0] + 6 * cube[1] + cube[2];
    let mean = color.iter().map(|value| u16::from(*value)).sum::<u16>() / 3;
    let grey = 232 + (mean.saturating_sub(3) / 10).min(23) as u8;
    let far = |index: u8| rgb(Color::Indexed(index)).map_or(u32::MAX, |found| distance(found, color));
    if far(grey) <= far(in_cube) { grey } else { in_cube }
}

/// By hue, then by brightness: a dark theme's quiet colours are all nearest to grey, and would lose their meaning.
fn nearest_of_sixteen(color: [u8; 3], background: bool) -> Color {
    let (low, high) = (color.iter().min().copied().unwrap_or(0), color.iter().max().copied().unwrap_or(0));
    let chroma = high - low;
    let is_grey = chroma < 40 || u16::from(chroma) * 4 < u16::from(high);
    let candidates = SIXTEEN.iter().take(if background { 8 } else { 16 });
    let found = candidates.filter(|(_, rgb)| is_grey || rgb.iter().any(|value| *value != rgb[0]));
    let full = |rgb: [u8; 3]| {
        let (low, high) = (rgb.iter().min().copied().unwrap_or(0), rgb.iter().max().copied().unwrap_or(0));
        rgb.map(|value| (u32::from(value - low) * 255 / u32::from((high - low).max(1))) as u8)
    };
    let far = |rgb: [u8; 3]| {
        if is_grey { distance(rgb, color) } else { distance(full(rgb), full(color)) + distance(rgb, color) / 8 }
    };
    found.min_by_key(|(_, rgb)| far(*rgb)).map_or(Color::Reset, |(color, _)| *color)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> ColorDepth {
        ColorDepth::detect(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn a_terminal_gets_the_colours_that_it_has() {
        for (term, expected) in [
            ("xterm-256color", ColorDepth::Indexed),
            ("screen-256color", ColorDepth::Indexed),
            ("tmux", ColorDepth::Indexed),
            ("xterm-direct", ColorDepth::True),
            ("xterm-kitty", ColorDepth::True),
            ("alacritty", ColorDepth::True),
            ("xterm", ColorDepth::Sixteen),
            ("linux", ColorDepth::Sixteen),
            ("screen", ColorDepth::Sixteen),
            ("vt100", ColorDepth::None),
            ("vt220", ColorDepth::None),
            ("xterm-mono", ColorDepth::None),
        ] {
            assert_eq!(detect(&[("TERM", term)]), expected, "{term}");
        }
        assert_eq!(detect(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), ColorDepth::True);
        assert_eq!(detect(&[("TERM", "xterm"), ("COLORTERM", "24bit"), ("NO_COLOR", "")]), ColorDepth::True);
        assert_eq!(detect(&[("TERM", "linux"), ("COLORTERM", "truecolor")]), ColorDepth::Sixteen);
        assert_eq!(detect(&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]), ColorDepth::None);
    }

    #[test]
    fn ascii_borders_are_ascii_and_as_wide() {
        let framed = "╭─ Refund ─╮ ╔═╗ │a┃ ├┼┤ ━━╌╌";
        assert_eq!(Borders::Ascii.of(framed.into()), "+- Refund -+ +=+ |a| +++ ==..");
        assert_eq!(Borders::Lines.of(framed.into()), framed);
        assert_eq!(Borders::parse("ascii"), Some(Borders::Ascii));
        assert_eq!(Borders::parse("round"), None);
    }

    #[test]
    fn a_setting_is_a_depth_or_left_to_the_terminal() {
        assert_eq!(ColorDepth::parse("16"), Some(Some(ColorDepth::Sixteen)));
        assert_eq!(ColorDepth::parse("auto"), Some(None));
        assert_eq!(ColorDepth::parse("many"), None);
        assert!(ColorDepth::NAMES.iter().all(|(name, _)| ColorDepth::EXPECTED.contains(&format!("{name:?}"))));
    }

    #[test]
    fn colours_have_a_near_one_among_256_and_among_16() {
        let indexed = |r, g, b| ColorDepth::Indexed.nearest(Color::Rgb(r, g, b), false);
        assert_eq!(indexed(255, 255, 255), Color::Indexed(231));
        assert_eq!(indexed(0x12, 0x16, 0x1b), Color::Indexed(233));
        assert_eq!(indexed(255, 0, 0), Color::Indexed(196));
        assert_eq!(ColorDepth::Indexed.nearest(Color::Reset, true), Color::Reset);
        let sixteen = |r, g, b, background| ColorDepth::Sixteen.nearest(Color::Rgb(r, g, b), background);
        assert_eq!(sixteen(0x12, 0x16, 0x1b, true), Color::Black);
        assert_eq!(sixteen(0xfb, 0xfb, 0xf9, true), Color::Gray, "only eight backgrounds are everywhere");
        assert_eq!(sixteen(0xd7, 0xdc, 0xe2, false), Color::White);
        assert_eq!(sixteen(0x57, 0xc7, 0x85, false), Color::LightGreen);
        assert_eq!(sixteen(0xff, 0x7b, 0x72, false), Color::LightRed);
        assert_eq!(sixteen(0xb4, 0x23, 0x2c, true), Color::Red);
        assert_eq!(ColorDepth::Sixteen.nearest(Color::Reset, false), Color::Reset);
        assert_eq!(ColorDepth::None.nearest(Color::Rgb(1, 2, 3), true), Color::Reset);
    }
}

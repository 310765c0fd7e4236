//! Themes: what reads, what does not, and what the documents say of them.

use super::*;
use crate::console::widgets::role::{Role, RowRole};
use crate::console::widgets::styles::Styles;
use crate::model::Tone;
use crate::text::terminal::TerminalLook;

/// A user's folder with these files.
fn themes(files: &[(&str, &str)]) -> (tempfile::TempDir, Themes) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let themes = Themes::new(Some(folder.path().to_owned()));
    (folder, themes)
}

fn palette(themes: &Themes, name: &str) -> ThemeColors {
    themes.get(name).expect("it exists").expect("it reads").palette(ColorDepth::True)
}

#[test]
fn every_built_in_theme_reads_and_the_default_one_has_every_key() {
    let themes = Themes::default();
    let names = themes.names();
    assert_eq!(
        names.iter().map(String::as_str).collect::<Vec<_>>(),
        ["catppuccin-mocha", "colour-blind", "dark", "high-contrast", "light", "tokyo-night"]
    );
    for name in &names {
        themes.get(name).unwrap().unwrap();
    }
    let text = BUILT_IN.get_file("dark.toml").and_then(File::contents_utf8).unwrap();
    let table = DeTable::parse(text).unwrap().into_inner();
    let keys = |name: &str| {
        let table = table.get(name).and_then(|table| table.get_ref().as_table()).unwrap();
        table.iter().map(|(key, _)| key.get_ref().to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(keys("colors"), COLOR_KEYS.iter().map(|(key, _)| (*key).to_owned()).collect());
    assert_eq!(keys("modifiers"), MODIFIER_KEYS.iter().map(|(key, _)| (*key).to_owned()).collect());
    assert_eq!(Theme::default(), themes.get("dark").unwrap().unwrap());
}

#[test]
fn the_documents_list_the_built_in_themes() {
    let names = Themes::default().names();
    let listed = |text: &str, begin: &str, quote: char| -> BTreeSet<String> {
        let (_, rest) = text.split_once(begin).unwrap();
        let (list, _) = rest.split_once("or ").unwrap();
        list.split(quote).skip(1).step_by(2).map(str::to_owned).collect()
    };
    assert_eq!(listed(include_str!("../../../README.md"), "chooses the colours:", '`'), names);
    let config = include_str!("../../../config.example.toml");
    let begin = config.find(&format!("{DEFAULT:?}, ")).unwrap();
    assert_eq!(listed(&config[begin..], "", '"'), names);
    assert!(config.contains(&format!("\n#: theme = {DEFAULT:?}\n")));
}

#[test]
fn a_users_theme_is_one_short_file() {
    let own = "inherits = \"light\"\n[colors]\naccent = \"light-blue\"\nbad = 9\n[modifiers]\ntab = [\"italic\"]\n";
    let (_folder, themes) = themes(&[("own.toml", own), ("plain.toml", ""), ("notes.txt", "no theme")]);
    assert_eq!(themes.known(), "catppuccin-mocha, colour-blind, dark, high-contrast, light, own, plain, tokyo-night");
    let (light, own) = (palette(&themes, "light"), palette(&themes, "own"));
    let expected = ThemeColors { accent: Color::LightBlue, bad: Color::Indexed(9), tab: Modifier::ITALIC, ..light };
    assert_eq!(own, expected);
    assert_eq!(palette(&themes, "plain"), Theme::default().palette(ColorDepth::True));
    assert!(themes.get("none").is_none() && themes.get("../own").is_none());
}

#[test]
fn a_users_theme_replaces_the_built_in_one_of_its_name_and_may_start_from_it() {
    let (_folder, themes) = themes(&[("dark.toml", "inherits = \"dark\"\n[colors]\ntext = \"white\"\n")]);
    let expected = ThemeColors { text: Color::White, ..Theme::default().palette(ColorDepth::True) };
    assert_eq!(palette(&themes, "dark"), expected);
    // A theme that starts from it sees the change.
    let changed = palette(&themes, "high-contrast");
    assert_eq!(changed, palette(&Themes::default(), "high-contrast"));
}

#[test]
fn a_broken_theme_is_an_error_that_names_file_line_and_key() {
    let files = [
        ("color.toml", "[colors]\n\naccent = \"blau\"\n", "color.toml:3: accent = \"blau\": "),
        ("index.toml", "[colors]\naccent = 256\n", "index.toml:2: accent = 256: "),
        ("key.toml", "[colors]\nacent = \"red\"\n", "key.toml:2: unknown key acent"),
        ("table.toml", "[colours]\naccent = \"red\"\n", "table.toml:1: unknown key colours"),
        ("flat.toml", "colors = \"red\"\n", "flat.toml:1: colors = \"red\": [colors]"),
        ("shape.toml", "[modifiers]\ntab = [\"bold\", \"huge\"]\n", "shape.toml:2: tab = [\"bold\", \"huge\"]: "),
        ("base.toml", "inherits = \"nine\"\n", "base.toml:1: inherits = \"nine\": base, "),
        ("syntax.toml", "[colors]\naccent =\n", "syntax.toml:2: "),
        ("circle.toml", "inherits = \"spiral\"\n", "spiral.toml:1: inherits = \"circle\": "),
        ("spiral.toml", "inherits = \"circle\"\n", "circle.toml:1: inherits = \"spiral\": "),
    ];
    let (folder, themes) = themes(&files.map(|(name, text, _)| (name, text)));
    for (name, _, expected) in files {
        let error = themes.get(name.trim_end_matches(".toml")).unwrap().unwrap_err().to_string();
        let expected = format!("{}/{expected}", folder.path().display());
        assert!(error.starts_with(&expected), "{error}");
    }
    let Err(ThemeError::UnknownKey { nearest, .. }) = themes.get("key").unwrap() else { panic!("an unknown key") };
    assert_eq!(nearest.as_deref(), Some("accent"));
    // Broken files that are not chosen do no harm.
    assert_eq!(
        themes.usable().iter().map(|theme| &*theme.name).collect::<Vec<_>>(),
        ["catppuccin-mocha", "colour-blind", "dark", "high-contrast", "light", "tokyo-night"]
    );
}

#[test]
fn without_colours_a_theme_cannot_take_away_what_marks_a_meaning() {
    let bare = MODIFIER_KEYS.iter().map(|(key, _)| format!("{key} = []\n")).collect::<String>();
    let (_folder, themes) = themes(&[("bare.toml", &format!("[modifiers]\n{bare}"))]);
    let bare = themes.get("bare").unwrap().unwrap();
    assert_eq!(bare.palette(ColorDepth::None), Theme::default().palette(ColorDepth::None));
    assert_ne!(bare.palette(ColorDepth::True), Theme::default().palette(ColorDepth::True));
}

/// The contrast of two colours, from 1 to 21, as WCAG 2 defines it.
fn contrast(a: Color, b: Color) -> f64 {
    let light = |color: Color| {
        let [r, g, b] = rgb(color).unwrap().map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (a, b) = (light(a), light(b));
    a.max(b) / a.min(b)
}

#[test]
fn every_text_of_a_built_in_theme_can_be_read_on_what_it_is_drawn_on() {
    for theme in Themes::default().usable() {
        let p = theme.palette(ColorDepth::True);
        let grounds = [("ground", p.ground), ("raised", p.raised), ("bar", p.bar), ("problem", p.problem)];
        let texts = [
            ("text", p.text, 7.0),
            ("faint", p.faint, 3.4),
            ("accent", p.accent, 4.5),
            ("good", p.good, 4.5),
            ("busy", p.busy, 4.5),
            ("waiting", p.waiting, 4.5),
            ("bad", p.bad, 4.5),
            ("warning", p.warning, 4.5),
        ];
        let on = |text: &str, color, least, ground: &str, back| {
            let found = contrast(color, back);
            assert!(found >= least, "{}: {text} on {ground}: {found:.2}", theme.name);
        };
        // What has just changed and what is selected is read most of all.
        let marks = [("selected", p.selected), ("changed-recent", p.changed_recent), ("changed-old", p.changed_old)];
        for (text, color, least) in texts {
            grounds.iter().for_each(|(ground, back)| on(text, color, least, ground, *back));
            marks
                .iter()
                .for_each(|(ground, back)| on(text, color, if text == "faint" { 3.0 } else { 4.5 }, ground, *back));
        }
        on("text", p.text, 4.5, "changed-new", p.changed_new);
        on("final", p.settled, 3.4, "ground", p.ground);
        on("pill-text", p.pill_text, 4.5, "pill", p.pill);
        on("production-text", p.production_text, 4.5, "production", p.production);
        on("sandbox-text", p.sandbox_text, 4.5, "sandbox", p.sandbox);
        for (name, back) in [("selected", p.selected), ("changed-new", p.changed_new)] {
            assert!(contrast(back, p.ground) >= 1.2, "{}: {name}", theme.name);
        }
        // Dimmed, but still there.
        assert!((1.5..5.0).contains(&contrast(p.backdrop, p.ground)), "{}: backdrop", theme.name);
    }
}

#[test]
fn with_fewer_colours_the_selection_and_the_current_tab_stand_out() {
    for theme in Themes::default().usable() {
        for depth in [ColorDepth::Indexed, ColorDepth::Sixteen] {
            let p = theme.palette(depth);
            assert_ne!(p.selected, p.ground, "{} {depth:?}", theme.name);
            assert!(p.pill != p.ground && p.pill != p.pill_text, "{} {depth:?}", theme.name);
            assert!(p.text != p.ground && p.faint != p.ground && p.text != p.selected, "{} {depth:?}", theme.name);
            assert_ne!(p.bad, p.good, "{} {depth:?}", theme.name);
            assert_ne!(p.production, p.sandbox, "{} {depth:?}", theme.name);
        }
    }
}

#[test]
fn with_sixteen_colours_every_text_on_the_selection_and_every_quiet_one_can_be_read() {
    for theme in Themes::default().usable() {
        let p = theme.palette(ColorDepth::Sixteen);
        let selected = contrast(p.text, p.selected);
        assert!(selected >= 4.5, "{}: text on selected: {selected:.2}", theme.name);
        for (name, color) in [("faint", p.faint), ("final", p.settled)] {
            let found = contrast(color, p.ground);
            assert!(found >= 3.4, "{}: {name}: {found:.2}", theme.name);
        }
        let styles = Styles::new(&theme, TerminalLook { colors: ColorDepth::Sixteen, ..TerminalLook::default() });
        for tone in [Tone::Waiting, Tone::Running, Tone::Busy, Tone::Stopped, Tone::Failed, Tone::Unknown] {
            let style = styles.over(styles.selected(), RowRole::Problem, Role::Tone(tone));
            assert_eq!((style.fg, style.bg), (Some(p.text), Some(p.selected)), "{}: {tone:?}", theme.name);
        }
    }
}

/// The colours of two states must differ for eyes that lack one of the three kinds of cones, too.
#[test]
fn the_colour_blind_theme_keeps_good_and_bad_apart_for_every_kind_of_eye() {
    // Simulation after Viénot, Brettel and Mollon (protan and deutan).
    const EYES: [[[f64; 3]; 3]; 2] = [
        [[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.0040, -0.0040, 1.0]],
        [[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1.0]],
    ];
    let theme = Themes::default().get("colour-blind").unwrap().unwrap().palette(ColorDepth::True);
    let states = [theme.good, theme.bad, theme.waiting, theme.warning];
    for eye in EYES {
        let seen = states.map(|color| {
            let rgb = rgb(color).unwrap().map(|value| (f64::from(value) / 255.0).powf(2.2));
            eye.map(|row| {
                row.iter().zip(rgb).map(|(weight, value)| weight * value).sum::<f64>().max(0.0).powf(1.0 / 2.2)
            })
        });
        for (i, a) in seen.iter().enumerate() {
            for (j, b) in seen.iter().enumerate().skip(i + 1) {
                let apart = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(apart > 0.2, "{i} and {j}: {apart}");
            }
        }
    }
}

#[test]
fn a_profiles_colour_fills_the_current_tab_and_is_readable() {
    let theme = Theme::default();
    assert_eq!(theme.tinted(None), theme);
    for color in ["#ffd84d", "#102a6b", "red"] {
        let tinted = theme.tinted(color.parse().ok()).palette(ColorDepth::True);
        assert_eq!(Some(tinted.pill), color.parse().ok());
        assert!(contrast(tinted.pill, tinted.pill_text) > 4.0, "{color}");
        assert_eq!(tinted.accent, theme.palette(ColorDepth::True).accent);
    }
}

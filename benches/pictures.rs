//! Draws README's pictures: the real binary in a pseudo-terminal, on the embedded sandbox, each screen as an SVG file in
//! `assets/pictures/`. Not a measurement; a bench target because these have the release binary at hand.
//!
//! ```sh
//! cargo bench --bench pictures
//! ```

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

#[path = "../tests/support/terminal.rs"]
mod terminal;

use terminal::Terminal;
use vt100::{Cell, Color, Screen};

/// The size of a cell, in the units of the SVG file.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
/// The colours of a terminal that sets none: the console sets all of its own.
const FOREGROUND: &str = "#d5d9e3";
const BACKGROUND: &str = "#11151c";
const FONTS: &str = "ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', \
                     'PingFang SC', 'Microsoft YaHei', monospace";
const ENTER: &str = "\r";
/// A transaction of the seeded merchant, at the end of a chain.
const PAID: &str = "9194752302859838821609776535";
/// Changes keep their highlight for some seconds, and a dialog accepts keys some moments after it was drawn.
const PAUSE: Duration = Duration::from_millis(900);

/// A picture: its file, language and theme, and the keys that lead to it, each with the text to wait for afterwards.
struct Picture {
    name: &'static str,
    lang: &'static str,
    theme: &'static str,
    steps: &'static [(&'static str, &'static str)],
}

const SIZE: (u16, u16) = (132, 36);
const PICTURES: &[Picture] = &[
    Picture { name: "orders", lang: "en", theme: "dark", steps: &[("3", "in all")] },
    Picture {
        name: "chain",
        lang: "en",
        theme: "tokyo-night",
        steps: &[("o", "Open"), (PAID, "6535"), (ENTER, "Attachment"), ("t", "first seen"), ("c", "PLN0")],
    },
    Picture {
        name: "refund",
        lang: "en",
        theme: "dark",
        steps: &[
            ("o", "Open"),
            (PAID, "6535"),
            (ENTER, "Attachment"),
            ("a", "moves money"),
            (ENTER, "Refund amount"),
            ("20", "20"),
            (ENTER, "to confirm"),
        ],
    },
    Picture {
        name: "bill",
        lang: "en",
        theme: "catppuccin-mocha",
        steps: &[("7", "No bill"), ("n", "Download"), (ENTER, "Volume by hour"), (ENTER, "Row 1 of")],
    },
    Picture { name: "commands", lang: "en", theme: "dark", steps: &[("3", "in all"), (":", "Not possible now")] },
    Picture { name: "orders.zh-CN", lang: "zh-CN", theme: "light", steps: &[("3", "共")] },
];

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    std::fs::create_dir_all(&folder).expect("the folder of the pictures");
    for picture in PICTURES {
        let home = tempfile::tempdir().expect("a home for the process");
        let arguments = ["--lang", picture.lang, "--theme", picture.theme, "--colors", "24-bit"];
        let mut terminal = Terminal::start(SIZE.0, SIZE.1, home.path(), &arguments);
        // At the start every object is queried once.
        terminal.wait("36");
        std::thread::sleep(2 * PAUSE);
        terminal.press("\x1b");
        terminal.wait_until("quiet", is_quiet);
        for (keys, shown) in picture.steps {
            terminal.press(keys);
            terminal.wait(shown);
            std::thread::sleep(PAUSE);
        }
        terminal.wait_until("quiet", is_quiet);
        // A message about what was just done would hide a part.
        terminal.wait_until("the message is gone", |screen| !screen.contents().contains("downloaded"));
        let svg = terminal.on_screen(svg);
        let file = folder.join(format!("{}.svg", picture.name));
        std::fs::write(&file, &svg).expect("a picture");
        println!("{} {} KB", file.display(), svg.len() / 1000);
    }
}

/// What was to be queried has been: the header shows the limit of requests, not their number.
fn is_quiet(screen: &Screen) -> bool {
    screen.contents().contains("≤")
}

/// The screen as SVG: backgrounds as rectangles, lines and blocks as shapes, runs of alike cells as text.
fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f32::from(columns) * CELL.0 + 2.0 * MARGIN, f32::from(rows) * CELL.1 + 2.0 * MARGIN);
    let ground = screen.cell(rows - 3, columns - 1).and_then(|cell| colour(cell.bgcolor()));
    let ground = ground.unwrap_or_else(|| BACKGROUND.into());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" font-family=\"{FONTS}\" \
         font-size=\"14\" xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let Some(first) = screen.cell(row, column) else { break };
            let (start, alike) = (column, look(first));
            let mut text = String::new();
            while let Some(cell) = screen.cell(row, column).filter(|cell| look(cell) == alike && goes_on(&text, cell)) {
                text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                column += if cell.is_wide() { 2 } else { 1 };
            }
            run(&mut svg, (row, start), column - start, &alike, &text, &ground);
        }
    }
    svg + "</svg>\n"
}

/// A run has characters of one width: ASCII, wide ones, or one symbol repeated. Then its length places each of them,
/// whatever the font.
fn goes_on(text: &str, cell: &Cell) -> bool {
    let contents = if cell.has_contents() { cell.contents() } else { " " };
    match text.chars().next() {
        None => true,
        Some(first) if first.is_ascii() => contents.is_ascii(),
        Some(first) if cell.is_wide() => !is_symbol(first),
        Some(first) => contents.starts_with(first),
    }
}

fn is_symbol(first: char) -> bool {
    first.is_ascii() || u32::from(first) < 0x2e80
}

#[derive(PartialEq)]
struct Look {
    foreground: String,
    background: Option<String>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

fn look(cell: &Cell) -> Look {
    let (mut foreground, mut background) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    if cell.inverse() {
        (foreground, background) =
            (background.or(Some(BACKGROUND.into())), foreground.or_else(|| Some(FOREGROUND.into())));
    }
    Look {
        foreground: foreground.unwrap_or_else(|| FOREGROUND.into()),
        background,
        bold: cell.bold(),
        dim: cell.dim(),
        underlined: cell.underline(),
    }
}

fn run(svg: &mut String, (row, column): (u16, u16), cells: u16, look: &Look, text: &str, ground: &str) {
    let (x, y) = (MARGIN + f32::from(column) * CELL.0, MARGIN + f32::from(row) * CELL.1);
    let width = f32::from(cells) * CELL.0;
    let first = text.chars().next().filter(|_| !text.trim().is_empty());
    let fill = &look.foreground;
    let mut rect = |[left, top, right, bottom]: [f32; 4], fill: &str| {
        let (x, y, wide, high) = (x + left, y + top * CELL.1, right - left, (bottom - top) * CELL.1);
        let _ =
            writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" fill=\"{fill}\"/>");
    };
    let background = look.background.as_deref().filter(|background| *background != ground);
    match (first.and_then(block), background) {
        // A block in the colour of the ground leaves what is above it.
        (Some([_, top, ..]), Some(background)) if fill == ground => {
            return rect([0.0, 0.0, width, top], background);
        }
        // A hair larger, so that no seam is seen between two of one colour.
        (_, Some(background)) => rect([0.0, 0.0, width + 0.2, 1.01], background),
        (_, None) => {}
    }
    if look.underlined {
        rect([0.0, 0.86, width, 0.92], fill);
    }
    let Some(first) = first else { return };
    if let Some([left, top, right, bottom]) = block(first) {
        // Whole columns are drawn together.
        let (cells, wide) = if (left, right) == (0.0, 1.0) { (1, width) } else { (cells, CELL.0) };
        for nth in 0..cells {
            let from = f32::from(nth) * CELL.0;
            rect([from + left * wide, top, from + right * wide, bottom], fill);
        }
        return;
    }
    if let Some((path, stroke)) = line((x, y, width), first) {
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{fill}\" {stroke}/>");
        return;
    }
    let style = [(look.bold, " font-weight=\"bold\""), (look.dim, " opacity=\"0.6\"")];
    let style: String = style.iter().filter(|(on, _)| *on).map(|(_, attribute)| *attribute).collect();
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{fill}\"{style} textLength=\"{width:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\">{text}</text>",
        y + 13.5,
    );
}

/// The part of a cell that a block fills: left, top, right, bottom, each from 0 to 1.
fn block(symbol: char) -> Option<[f32; 4]> {
    let eighth = |from: u32| (u32::from(symbol) - from) as f32 / 8.0;
    match symbol {
        '▀' => Some([0.0, 0.0, 1.0, 0.5]),
        '▁'..='█' => Some([0.0, 1.0 - eighth(0x2580), 1.0, 1.0]),
        '▉'..='▏' => Some([0.0, 0.0, 1.0 - eighth(0x2588), 1.0]),
        _ => None,
    }
}

/// The path of a line over cells at `x` and `y`, and how it is drawn.
fn line((x, y, width): (f32, f32, f32), symbol: char) -> Option<(String, &'static str)> {
    const THIN: &str = "stroke-width=\"1\"";
    let (right, bottom) = (x + width, y + CELL.1);
    let (mx, my) = (x + CELL.0 / 2.0, y + CELL.1 / 2.0);
    let (level, upright) = (format!("M{x:.1} {my:.1}H{right:.1}"), format!("M{mx:.1} {y:.1}V{bottom:.1}"));
    let corner = |side: f32, end: f32| format!("M{mx:.1} {end:.1}Q{mx:.1} {my:.1} {side:.1} {my:.1}");
    Some(match symbol {
        '─' => (level, THIN),
        '━' => (level, "stroke-width=\"2.4\""),
        '╌' => (level, "stroke-width=\"1\" stroke-dasharray=\"2.8 1.4\""),
        '│' => (upright, THIN),
        '┼' => (level + &upright, THIN),
        '┤' => (format!("M{x:.1} {my:.1}H{mx:.1}{upright}"), THIN),
        '├' => (format!("M{mx:.1} {my:.1}H{right:.1}{upright}"), THIN),
        '╭' => (corner(right, bottom), THIN),
        '╮' => (corner(x, bottom), THIN),
        '╰' => (corner(right, y), THIN),
        '╯' => (corner(x, y), THIN),
        _ => return None,
    })
}

/// A colour as CSS; `None` is the terminal's own.
fn colour(colour: Color) -> Option<String> {
    const ANSI: [&str; 16] = [
        "#1c2230", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#5c6370", "#ff7b86",
        "#b1d98f", "#f0d399", "#7cc0ff", "#d78fea", "#6fd0dc", "#ffffff",
    ];
    match colour {
        Color::Default => None,
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Idx(index @ 0..16) => Some(ANSI[usize::from(index)].to_owned()),
        Color::Idx(index @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let cube = index - 16;
            Some(format!("#{:02x}{:02x}{:02x}", level(cube / 36), level(cube / 6 % 6), level(cube % 6)))
        }
        Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
    }
}

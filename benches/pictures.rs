//! Draws README's pictures: the real binary in a pseudo-terminal, on the embedded sandbox, each screen as an SVG file in
//! `assets/pictures/`. Not a measurement; a bench target because these have the release binary at hand.
//!
//! ```sh
//! cargo bench --bench pictures
//! ```

use std::fmt::Write;
use std::path::Path;

#[path = "../tests/support/terminal.rs"]
mod terminal;

use terminal::Terminal;
use vt100::{Cell, Color, Screen};

/// The size of a cell, in the units of the SVG file.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;
const FOREGROUND: &str = "#d5d9e3";
const BACKGROUND: &str = "#11151c";
const FONTS: &str = "ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', \
                     'PingFang SC', 'Microsoft YaHei', monospace";
const ENTER: &str = "\r";
const RIGHT: &str = "\x1b[C";

/// A picture: its file, its language and size, and the keys that lead to it, each with the text to wait for afterwards.
struct Picture {
    name: &'static str,
    lang: &'static str,
    size: (u16, u16),
    steps: &'static [(&'static str, &'static str)],
}

const PICTURES: &[Picture] = &[
    Picture { name: "orders", lang: "en", size: (140, 36), steps: &[("3", "in all"), (ENTER, "Overview")] },
    Picture { name: "filter", lang: "en", size: (120, 30), steps: &[("4", "in all"), ("/amount>100", " of ")] },
    Picture {
        name: "timeline",
        lang: "en",
        size: (120, 30),
        steps: &[("3", "in all"), ("/state:DONE", " of "), (ENTER, " of "), ("t", "Timeline")],
    },
    Picture {
        name: "bill",
        lang: "en",
        size: (120, 36),
        steps: &[("7", "Bills"), ("n", "Download"), (ENTER, "✓"), (ENTER, "¥")],
    },
    Picture {
        name: "orders.zh-CN",
        lang: "zh-CN",
        size: (140, 36),
        steps: &[("3", "共"), (ENTER, "概览"), (RIGHT, "时间线")],
    },
    Picture { name: "palette", lang: "en", size: (120, 36), steps: &[("3", "in all"), (":", "go")] },
];

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    std::fs::create_dir_all(&folder).expect("the folder of the pictures");
    for picture in PICTURES {
        let home = tempfile::tempdir().expect("a home for the process");
        let (columns, rows) = picture.size;
        let arguments = ["--lang", picture.lang];
        let mut terminal = Terminal::start(columns, rows, home.path(), &arguments);
        for (keys, shown) in picture.steps {
            terminal.wait("9");
            terminal.press(keys);
            terminal.wait(shown);
        }
        let svg = terminal.on_screen(svg);
        terminal.press("\x1b\x1b\x1bq");
        let file = folder.join(format!("{}.svg", picture.name));
        std::fs::write(&file, svg).expect("a picture");
        println!("{}", file.display());
    }
}

/// The screen as SVG: the cells' backgrounds as rectangles, runs of alike cells as text.
fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f32::from(columns) * CELL.0 + 2.0 * MARGIN, f32::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" font-family=\"{FONTS}\" \
         font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let Some(first) = screen.cell(row, column) else { break };
            let (start, alike) = (column, look(first));
            let mut text = String::new();
            while let Some(cell) = screen.cell(row, column).filter(|cell| look(cell) == alike && !ends(&text, cell)) {
                text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                column += if cell.is_wide() { 2 } else { 1 };
            }
            run(&mut svg, (row, start), column - start, &alike, &text);
        }
    }
    svg + "</svg>\n"
}

/// Wide characters stand in runs of their own, so that fonts of another width shift nothing.
fn ends(text: &str, cell: &Cell) -> bool {
    let wide = |c: char| !c.is_ascii() && u32::from(c) >= 0x1100;
    text.chars().next().is_some_and(|first| wide(first) != cell.is_wide())
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

fn run(svg: &mut String, (row, column): (u16, u16), cells: u16, look: &Look, text: &str) {
    let (x, y) = (MARGIN + f32::from(column) * CELL.0, MARGIN + f32::from(row) * CELL.1);
    let width = f32::from(cells) * CELL.0;
    if let Some(background) = &look.background {
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{background}\"/>",
            CELL.1
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let style = [
        (look.bold, " font-weight=\"bold\""),
        (look.dim, " opacity=\"0.6\""),
        (look.underlined, " text-decoration=\"underline\""),
    ];
    let style: String = style.iter().filter(|(on, _)| *on).map(|(_, attribute)| *attribute).collect();
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\"{style} textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\">{text}</text>",
        y + 13.5,
        look.foreground
    );
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

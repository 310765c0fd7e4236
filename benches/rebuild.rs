//! What a change costs those who develop Paydeck: the debug build after a change in a view, and the size of the release
//! binary. `cargo build` must have run before; nothing else may build in this folder meanwhile.

#[path = "support/owed.rs"]
mod owed;

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime};

use owed::report;

const ROUNDS: usize = 3;

/// A debug build in seconds.
fn build(root: &Path) -> f64 {
    let begun = Instant::now();
    let built = Command::new(env!("CARGO")).arg("build").current_dir(root).output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    begun.elapsed().as_secs_f64()
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let binary = std::fs::metadata(env!("CARGO_BIN_EXE_paydeck")).expect("the release binary").len() as f64 / 1e6;
    report("release binary", &format!("{binary:.1} MB"), "", binary, ..=25.0);
    build(root);
    let view = root.join("src/console/app/view.rs");
    let mut took: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let touched =
                File::options().append(true).open(&view).and_then(|file| file.set_modified(SystemTime::now()));
            touched.expect("the view is touched");
            build(root)
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let median = took[ROUNDS / 2];
    let all = format!("{took:.1?} s");
    report("debug build after a change in a view, median", &all, "", median, ..=10.0);
}

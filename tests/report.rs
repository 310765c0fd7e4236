//! The report of a reconciliation in a real browser: it prints on A4 with nothing cut off, shows names as text whatever is
//! in them, and asks for nothing outside. Where Chromium is not installed, it says that it did not run.

#[path = "support/books.rs"]
mod books;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use books::{Books, DAY, Plan};
use serde_json::Value;
use support::{Shop, status, stderr};

/// What is printed of A4 between the margins of 12 mm, at 96 dots an inch.
const PRINTED_WIDTH: u32 = 703;

/// In the page: what is wider than its place, what is markup, and whether a row is on two pages.
const PROBE: &str = "<script>
const wide = [...document.querySelectorAll('body,p,h1,h2,table,td,th')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40));
const lines = e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length; };
const broken = [...document.querySelectorAll('td.n')].filter(e => e.textContent && lines(e) !== 1).length;
const markup = document.querySelectorAll('img,b,iframe,link,a').length;
const headless = [...document.querySelectorAll('table')].filter(t => !t.tHead).length;
document.body.innerHTML = '<pre id=found></pre>';
document.getElementById('found').textContent = JSON.stringify({wide, broken, markup, headless});
</script>";

fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let files = std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name)));
    files.into_iter().find(|file| file.is_file())
}

/// Runs the browser without any network on a page.
fn browse(browser: &Path, folder: &Path, page: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"])
        .arg(format!("--user-data-dir={}", folder.join("browser").display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Hundreds of differences, and rows whose numbers are long, markup, and pictures.
fn write_sides(folder: &Path) -> (Vec<PathBuf>, PathBuf) {
    let world = Books::make(Plan { seed: 6, rows: 200, planted: 40 });
    let mut bills = world.write_bills(folder);
    let hostile = folder.join("hostile.csv");
    let numbers = ["<b>bold</b>&<script>1</script>", "<img src=x onerror=alert(1)>", &"A".repeat(64), "咖啡☕🧋订单"];
    let mut rows = String::from("交易时间,商户订单号,交易状态,订单金额\n");
    for (number, amount) in numbers.iter().zip(["1.00", "12345.67", "9999999999.99", "0.01"]) {
        rows += &format!("`2026-11-20 10:00:00,`{number},`SUCCESS,`{amount}\n");
    }
    std::fs::write(&hostile, rows).unwrap();
    bills.push(hostile);
    let orders = folder.join("orders.csv");
    std::fs::write(&orders, world.orders_csv()).unwrap();
    (bills, orders)
}

async fn report(shop: &Shop, lang: &str, bills: &[PathBuf], orders: &Path, to: &Path) -> i32 {
    let mut command = support::binary();
    command.arg("--config").arg(shop.config_path()).args(["reconcile", DAY, "--lang", lang, "--html"]).arg(to);
    command.arg("--against").arg(orders);
    bills.iter().for_each(|bill| {
        command.arg("--bill").arg(bill);
    });
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(to.exists(), "{}", stderr(&output));
    status(&output)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_prints_on_a4_with_nothing_cut_off_and_no_name_becomes_markup() {
    let Some(browser) = chromium() else {
        eprintln!("did not run: there is no Chromium here");
        return;
    };
    let shop = Shop::open(0).await;
    let folder = tempfile::tempdir().unwrap();
    let (bills, orders) = write_sides(folder.path());
    for lang in ["en", "zh-CN"] {
        let page = folder.path().join(format!("{lang}.html"));
        assert_eq!(report(&shop, lang, &bills, &orders, &page).await, 1);
        let pdf = folder.path().join(format!("{lang}.pdf"));
        let to = format!("--print-to-pdf={}", pdf.display());
        browse(&browser, folder.path(), &page, &[&to, "--no-pdf-header-footer"]);
        let printed = std::fs::read(&pdf).unwrap();
        let printed = String::from_utf8_lossy(&printed);
        let pages = printed.matches("/Type /Page\n").count();
        assert!((10..60).contains(&pages), "{pages} pages");
        // A4 in points, rounded by the browser.
        let size = printed.split("/MediaBox [0 0 ").nth(1).unwrap().split(']').next().unwrap();
        let size: Vec<f64> = size.split(' ').map(|side| side.parse().unwrap()).collect();
        assert!((size[0] - 595.3).abs() < 1.0 && (size[1] - 841.9).abs() < 1.0, "{size:?}");
        // The same in the style of the print, as wide as the paper, measured.
        let text = std::fs::read_to_string(&page).unwrap();
        let policy = text.find("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
        let policy = &text[policy..policy + text[policy..].find('>').unwrap() + 1];
        let probed = text.replace("@media print", "@media all").replace(policy, "").replace("</body>", PROBE);
        let probe = folder.path().join("probe.html");
        std::fs::write(&probe, probed).unwrap();
        let width = format!("--window-size={PRINTED_WIDTH},1000");
        let dom = browse(&browser, folder.path(), &probe, &["--dump-dom", "--hide-scrollbars", &width]);
        let dom = String::from_utf8(dom).unwrap();
        let found = dom.split("<pre id=\"found\">").nth(1).unwrap().split("</pre>").next().unwrap();
        let found: Value =
            serde_json::from_str(&found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).unwrap();
        assert_eq!(found, serde_json::json!({"wide": [], "broken": 0, "markup": 0, "headless": 0}), "{lang}");
    }
}

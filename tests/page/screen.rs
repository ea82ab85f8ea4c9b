//! What stands where on a screen: positions and colours as Chromium lays the page out.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::browser::Browser;
use super::{USAGE, page};

/// What is measured: boxes of elements, by selector, and the colours of the page.
const MEASURE: &str = r"
const at = (document, selector) => {
  const element = document.querySelector(selector);
  if (!element) return null;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return {top: box.top, left: box.left, right: box.right, height: box.height, display: style.display,
          color: style.color, background: style.backgroundColor};
};
addEventListener('load', () => {
  const inner = document.querySelector('iframe').contentDocument;
  const cost = [...inner.querySelectorAll('#table-models thead th')].find(th => th.textContent.startsWith('cost'));
  cost.id = 'cost';
  const seen = {width: inner.documentElement.clientWidth, scroll: inner.documentElement.scrollWidth};
  for (const selector of ['#totals', '#findings', '#records', '#time', '#models', '#cost', 'body', 'nav',
      '#table-models tfoot', 'details > div', '.tile .value', '#table-models td.spare', '.chart svg'])
    seen[selector] = at(inner, selector);
  seen.tiles = [...inner.querySelectorAll('.tile')].map(tile => tile.getBoundingClientRect().top);
  document.body.dataset.seen = JSON.stringify(seen);
});
";

/// The page as it is laid out in a frame of this width.
fn laid_out(browser: &Browser, page: &str, folder: &Path, width: u32, dark: bool) -> Value {
    // The frame may be looked into; the page itself runs no script and is under its own rules.
    let start = page.find("<meta http-equiv").expect("a policy");
    let end = start + page[start..].find('>').expect("its end") + 1;
    let page = format!("{}{}", &page[..start], &page[end..]);
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let scheme = if dark { "dark" } else { "light" };
    let around = format!(
        "<!doctype html><meta charset=utf-8><style>:root{{color-scheme:{scheme}}} iframe{{color-scheme:{scheme}}}</style>\
         <body><iframe width={width} height=900 srcdoc=\"{page}\"></iframe><script>{MEASURE}</script>"
    );
    let path = folder.join("around.html");
    fs::write(&path, around).expect("written");
    let dom = browser.open(&path, folder).dom;
    let seen = dom.split("data-seen=\"").nth(1).and_then(|rest| rest.split('"').next());
    let seen = seen.unwrap_or_else(|| panic!("nothing was measured: {dom:.500}"));
    serde_json::from_str(&seen.replace("&quot;", "\"").replace("&gt;", ">").replace("&amp;", "&"))
        .expect("JSON")
}

fn top(seen: &Value, selector: &str) -> f64 {
    seen[selector]["top"].as_f64().unwrap_or_else(|| panic!("{selector} in {seen}"))
}

#[test]
fn everything_stands_where_it_is_looked_for() {
    let Some(browser) = Browser::find() else {
        println!("skipped: no Chromium on this machine");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (path, _) = page(folder.path(), &USAGE, &[]);
    let text = fs::read_to_string(path).expect("the page");
    let wide = laid_out(&browser, &text, folder.path(), 1200, false);
    // On an audit the findings come right after the amounts, and can be seen without scrolling.
    let order = ["#totals", "#findings", "#records", "#time", "#models"];
    assert!(order.windows(2).all(|pair| top(&wide, pair[0]) < top(&wide, pair[1])), "{wide}");
    assert!(top(&wide, "#findings") < 700.0, "{wide}");
    let tiles = wide["tiles"].as_array().expect("tiles");
    assert!(tiles.len() == 4 && tiles.iter().all(|top| *top == tiles[0]), "one row: {tiles:?}");
    assert_eq!(wide["#table-models td.spare"]["display"], "table-cell");

    for width in [390, 500] {
        let narrow = laid_out(&browser, &text, folder.path(), width, false);
        let cost = narrow["#cost"]["right"].as_f64().expect("a column");
        assert!(cost <= f64::from(width), "the cost ends at {cost} of {width}: {narrow}");
        assert_eq!(narrow["width"], narrow["scroll"], "nothing scrolls sideways: {narrow}");
        assert_eq!(narrow["#table-models td.spare"]["display"], "none");
        let chart = narrow[".chart svg"]["right"].as_f64().expect("a chart");
        assert!(chart <= f64::from(width), "the last day is at {chart} of {width}");
    }

    let dark = laid_out(&browser, &text, folder.path(), 1200, true);
    assert_eq!(wide["body"]["background"], "rgb(251, 251, 250)");
    assert_eq!(dark["body"]["background"], "rgb(21, 23, 26)", "{dark}");
    assert_ne!(dark["body"]["color"], wide["body"]["color"]);

    // What holds on paper, on a screen: no menu, sums once, every figure unfolded.
    let paper = text.replace("@media print", "@media all");
    let paper = laid_out(&browser, &paper, folder.path(), 1200, true);
    assert_eq!(paper["nav"]["display"], "none");
    assert_eq!(paper["#table-models tfoot"]["display"], "table-row-group");
    assert!(
        paper["details > div"]["height"].as_f64().is_some_and(|height| height > 40.0),
        "{paper}"
    );
    assert_eq!(paper["body"]["background"], "rgb(255, 255, 255)");
}

#[test]
fn amounts_are_short_and_have_all_their_digits() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, json) = page(folder.path(), &USAGE, &[]);
    let text = fs::read_to_string(path).expect("the page");
    let cost = &json["total"]["costs"][0];
    // Two records of it have no price.
    assert_eq!(cost["high"], Value::Null);
    let low = cost["low"].as_str().expect("an amount");
    assert!(text.contains(&format!("title=\"at least {low} USD\">at least 33.75 USD<")), "{low}");
    let body = text.split("<body>").nth(1).expect("a body");
    assert!(!body.contains('`'), "{:?}", body.split('`').nth(1));
    assert!(body.contains("no price for model <code>o1-mnii</code>"));
}

//! Bills: made-up ones with known causes, and recorded ones.
//!
//! Both print a table that stands in `docs/reconcile.md`; `BLESS=1` writes it anew.

#[path = "../laws/random.rs"]
#[expect(dead_code, reason = "the loop over seeds belongs to the laws")]
mod random;
mod world;
mod causes;
mod pieces;
mod truth;
mod bounds;

use std::path::Path;

/// Compares a part of the page between two marks with what was measured, or writes it.
fn compare_with_page(mark: &str, measured: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reconcile.md");
    let page = std::fs::read_to_string(&path).expect("docs/reconcile.md");
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->"));
    let from = page.find(&begin).expect("a mark") + begin.len();
    let to = page.find(&end).expect("an end");
    if std::env::var_os("BLESS").is_some() {
        let page = format!("{}{measured}{}", &page[..from], &page[to..]);
        std::fs::write(path, page).expect("the page can be written");
        return;
    }
    assert_eq!(&page[from..to], measured, "the page is out of date (BLESS=1 writes it)");
}

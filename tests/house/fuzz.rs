//! Every reader and every table has a fuzz target, and every target a row on the page, of 0 where it has not run.

use super::root;

#[test]
fn every_reader_and_table_has_a_fuzz_target_and_every_target_a_row() {
    let text = |path: &str| std::fs::read_to_string(root().join(path)).expect("a file");
    let (manifest, page) = (text("fuzz/Cargo.toml"), text("docs/fuzzing.md"));
    let readers = tokreckon::read::Format::ALL.map(|format| format!("read-{}", format.name()));
    let tables = tokreckon::import::Source::ALL.map(|source| source.name().replace('.', "-"));
    let tables = tables.map(|table| format!("import-{table}"));
    for target in readers.iter().chain(&tables) {
        let bin = format!("[[bin]]\nname = \"{target}\"\n");
        assert!(manifest.contains(&bin), "fuzz/Cargo.toml has no `{target}`");
    }
    let bins = manifest.split("[[bin]]\nname = \"").skip(1);
    for target in bins.filter_map(|bin| bin.split('"').next()) {
        let row = format!("| `{target}` |");
        assert!(page.contains(&row), "docs/fuzzing.md has no row for `{target}`");
    }
}

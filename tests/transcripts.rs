//! Transcripts that people can read: every console block of the README and of `transcripts/` runs.

#[test]
fn transcripts() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    std::env::set_current_dir(root).expect("the workspace is there");
    trycmd::TestCases::new()
        .case("README.md")
        .case("tests/transcripts/*.md")
        .case("docs/recipes/*.md");
}

//! Price tables of others: every price has one fate, and the files that come out have no mistake.

use tokreckon::import::{ImportOptions, PriceFile, Source, read_table};
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Origin};

use crate::one_of;

/// Reads with the source that a target is named after, `import-litellm`.
///
/// # Panics
/// When something does not hold.
pub fn import(target: &str, data: &[u8]) {
    let name = target.strip_prefix("import-").expect("the name of a table");
    // The name of a target has no point in it.
    let is = |source: &Source| source.name().replace('.', "-") == name;
    let source = Source::ALL.into_iter().find(is).expect("the name of a table");
    let options = ImportOptions {
        since_day: one_of(2, data).then_some(20_000),
        zero_is_free: one_of(3, data),
        ..ImportOptions::new("table.json", 20_777)
    };
    let Ok(imported) = read_table(source, data, &options) else { return };
    let listed = imported.left_out.len() + imported.conflicts.len();
    let fates = imported.written + imported.repeated + imported.not_asked + listed as u64;
    assert_eq!(imported.found, fates);
    let in_files: u64 = imported.files.iter().map(PriceFile::prices).sum();
    assert_eq!(in_files, imported.written + imported.filled);
    let files = imported.files.iter().map(|file| {
        let text = file.text();
        let (read, mistakes) = schema::read(&text, Origin::User);
        assert!(mistakes.is_empty(), "{mistakes:?}\n{text}");
        read
    });
    compile(&files.collect::<Vec<_>>()).expect("files that do not contradict each other");
}

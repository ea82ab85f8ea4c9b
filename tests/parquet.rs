//! Parquet through the program: files of another writer give what the same rows give as CSV.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/parquet").join(name)
}

fn report(path: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    program.args(["report", "--by", "model,day", "--format", "csv"]).arg(path);
    program.output().expect("the program runs")
}

#[test]
fn rows_cost_what_they_cost_as_csv() {
    let expected = report(&fixture("rows.csv")).stdout;
    let text = String::from_utf8_lossy(&expected);
    assert!(text.contains("o1-mini") && text.contains(",50,"), "{text}");
    for name in ["micros-decimal.parquet", "nanos-float.parquet", "millis-gzip.parquet"] {
        let printed = report(&fixture(name));
        let complaint = String::from_utf8_lossy(&printed.stderr);
        assert_eq!(String::from_utf8_lossy(&printed.stdout), text, "{name}: {complaint}");
        assert!(printed.status.success(), "{name}: {complaint}");
    }
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let file = std::fs::File::open(fixture("micros-decimal.parquet")).expect("a fixture");
    let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    program.args(["report", "--by", "model,day", "--format", "csv", "-"]).stdin(Stdio::from(file));
    let printed = program.output().expect("the program runs");
    assert_eq!(printed.stdout, report(&fixture("rows.csv")).stdout);
}

#[test]
fn a_file_that_is_cut_off_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(fixture("micros-decimal.parquet")).expect("a fixture");
    for length in [4, 100, whole.len() / 2, whole.len() - 1] {
        let path = folder.path().join("cut.parquet");
        std::fs::write(&path, &whole[..length]).expect("written");
        let printed = report(&path);
        assert_eq!(printed.status.code(), Some(2), "{length} bytes");
        assert!(String::from_utf8_lossy(&printed.stderr).contains("damaged"), "{length} bytes");
    }
}

//! Files that are read whole: texts, requests, prices, mappings, histories. None may be endless.

use std::fs::{self, File};
use std::io::{self, Read, stdin};
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use tokreckon_tokenizer::{Tokenizer, TokenizerFile};

use crate::context::{near_names, with_hint, with_near};
use crate::write::refuse_output;

/// Most bytes of what is counted or estimated.
const MOST_BYTES: u64 = 128 << 20;

/// Most bytes of what is parsed as a table of settings: it takes many times its size.
const MOST_OF_TEXT: u64 = 64 << 20;

/// All bytes of a file, or of standard input when it is called `-`. `what` it is stands in errors:
/// `the table`.
///
/// It is an error when there are more than 128 MiB: a device gives bytes without end.
pub(crate) fn bytes(path: &Path, what: &str) -> Result<Vec<u8>> {
    at_most(MOST_BYTES, path, what)
}

/// The text of a file, or of standard input when it is called `-`.
///
/// It is an error when it is no UTF-8, or has more than 64 MiB.
pub(crate) fn text(path: &Path, what: &str) -> Result<String> {
    let bytes = at_most(MOST_OF_TEXT, path, what)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("{}: cannot read {what}: no UTF-8 text (byte {at})", name(path));
        with_hint(message, Some("save it as UTF-8".to_owned()))
    })
}

/// A tokenizer of a file, called by the file's name.
pub(crate) fn tokenizer(path: &Path) -> Result<Tokenizer> {
    let file = path.file_name().map_or_else(|| name(path), |name| name.to_string_lossy().into());
    let read = TokenizerFile::from_bytes(file, &bytes(path, "the tokenizer")?);
    read.map(Tokenizer::from)
        .with_context(|| format!("{}: no tokenizer to count by", path.display()))
}

/// What a file is called in messages.
pub(crate) fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() }
}

/// Why a file cannot be opened; for one that is not there, the files beside it with near names.
pub(crate) fn cannot_open(path: &Path, error: io::Error, message: String) -> anyhow::Error {
    match beside(path, &error) {
        near if near.is_empty() => anyhow::Error::new(error).context(message),
        near => with_near(format!("{message}: {error}"), near, None),
    }
}

/// The same for a file among others: the error, with its cure on a line of its own.
pub(crate) fn with_names_beside(path: &Path, error: io::Error) -> io::Error {
    match beside(path, &error) {
        near if near.is_empty() => error,
        near => {
            let said = format!("{error}\nhint: near names: {}", near.join(", "));
            io::Error::new(error.kind(), said)
        }
    }
}

/// Files of nearly the same name in the folder of one that is not there.
fn beside(path: &Path, error: &io::Error) -> Vec<String> {
    if error.kind() != io::ErrorKind::NotFound {
        return Vec::new();
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let folder = path.parent().unwrap_or(Path::new(""));
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(listed).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let near = near_names(&name.unwrap_or_default(), names);
    near.into_iter().map(|name| folder.join(name).display().to_string()).collect()
}

fn at_most(most: u64, path: &Path, what: &str) -> Result<Vec<u8>> {
    let cannot = || format!("{}: cannot read {what}", name(path));
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        stdin().lock().take(most + 1).read_to_end(&mut bytes).with_context(cannot)?;
    } else {
        refuse_output(path)?;
        let file = File::open(path).map_err(|error| cannot_open(path, error, cannot()))?;
        file.take(most + 1).read_to_end(&mut bytes).with_context(cannot)?;
    }
    if bytes.len() as u64 > most {
        return Err(anyhow!("it has more than {} MiB", most >> 20).context(cannot()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("prices.toml");
        fs::write(&path, b"12345").expect("written");
        assert_eq!(at_most(5, &path, "the price file").expect("short enough"), b"12345");
        let error = format!("{:#}", at_most(4, &path, "the price file").expect_err("too long"));
        assert!(error.ends_with("prices.toml: cannot read the price file: it has more than 0 MiB"));
        let error =
            text(&folder.path().join("price.toml"), "the price file").expect_err("not there");
        assert!(error.to_string().ends_with("prices.toml"), "{error}");
        fs::write(&path, b"12\xff").expect("written");
        let error = text(&path, "the price file").expect_err("no text").to_string();
        assert!(error.contains("no UTF-8 text (byte 2)\nhint: save it as UTF-8"), "{error}");
    }
}

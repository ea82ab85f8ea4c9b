//! Writing a file whole or not at all: beside its place first, then under its name.
//!
//! Whoever looks sees the old file or the new one, never a part. Ctrl-C removes what is half
//! written and ends with 130.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use tempfile::Builder;

/// Files that are being written.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The exit code of a program that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Ctrl-C ends the program with 130 and leaves no part of a file behind.
pub(crate) fn clean_up_when_interrupted() {
    // Without a handler Ctrl-C still ends the program; only the cleaning up is lost.
    let _ = ctrlc::set_handler(|| {
        let unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        for path in unfinished.iter() {
            let _ = fs::remove_file(path);
        }
        std::process::exit(INTERRUPTED);
    });
}

/// Writes a file whole or not at all. What is no ordinary file, such as `/dev/stdout` or a pipe,
/// is written to as it is; a symbolic link is followed and stays.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let shown = path.display();
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let existing = fs::metadata(&place).ok();
    if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
        return fs::write(&place, bytes).with_context(|| format!("{shown}: cannot write"));
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    ensure!(
        folder.is_dir(),
        "{shown}: cannot write: there is no folder `{}`",
        path.parent().unwrap_or(folder).display()
    );
    let name = place.file_name().map(|name| name.to_string_lossy().into_owned());
    let prefix = format!(".{}.", name.unwrap_or_default());
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: what the umask leaves of reading and writing for all.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = {
        // Made and noted under one lock: there is no moment in which it is not known.
        let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        let file = builder
            .tempfile_in(folder)
            // Without the name of the file beside, which is another one each time.
            .map_err(|error| std::io::Error::from(error.kind()))
            .with_context(|| format!("{shown}: cannot write beside it"))?;
        unfinished.push(file.path().to_owned());
        file
    };
    let part = file.path().to_owned();
    let written = file.write_all(bytes).and_then(|()| file.flush()).and_then(|()| {
        // On the disk before it takes the name: a power cut leaves the old file or the new one.
        file.as_file().sync_all()?;
        // An existing file keeps its permissions.
        existing.map_or(Ok(()), |existing| fs::set_permissions(&part, existing.permissions()))
    });
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    let result = match written {
        Ok(()) => file.persist(&place).map(drop).map_err(|error| error.error),
        Err(error) => Err(error),
    };
    unfinished.retain(|other| *other != part);
    result.with_context(|| format!("{shown}: cannot write"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("my-history.toml");
        write_file(&path, b"one").expect("written");
        write_file(&path, b"two").expect("written again");
        assert_eq!(fs::read(&path).expect("there"), b"two");
        let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(names.len(), 1);
        let error = write_file(&folder.path().join("none/file"), b"").expect_err("no folder");
        assert!(error.to_string().contains("cannot write: there is no folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, b"old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        symlink(&path, &link).expect("a link");
        write_file(&link, b"new").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        write_file(Path::new("/dev/null"), b"gone").expect("not an ordinary file");
    }
}

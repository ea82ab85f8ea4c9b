//! Writing a file whole or not at all: beside its place first, then under its name.
//!
//! Whoever looks sees the old file or the new one, never a part, also after a power cut: the bytes
//! are on the disk before the name is. A program that is told to end (Ctrl-C, `kill`, a closed
//! terminal) removes what is half written first. What is read is never written over.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use tempfile::{Builder, NamedTempFile};

use crate::context::with_hint;
use crate::keys::without_keys;

/// Files that are being written.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Files that will be written: none of them may be read.
static ANNOUNCED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Most links that are followed from one to the next.
const MAX_LINKS: usize = 40;

fn lock(paths: &'static Mutex<Vec<PathBuf>>) -> MutexGuard<'static, Vec<PathBuf>> {
    paths.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove_unfinished(unfinished: &[PathBuf]) {
    for path in unfinished {
        let _ = fs::remove_file(path);
    }
}

/// A program that is told to end leaves no part of a file behind, and ends as the signal says.
#[cfg(unix)]
pub(crate) fn clean_up_when_ended() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    let mut ending = vec![SIGINT, SIGTERM];
    if hang_up_ends_the_program() {
        ending.push(SIGHUP);
    }
    // Without a handler a signal still ends the program; only the cleaning up is lost.
    let Ok(mut signals) = Signals::new(ending) else { return };
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held to the end: no file is begun any more.
            let unfinished = lock(&UNFINISHED);
            remove_unfinished(&unfinished);
            // As without a handler: a shell sees that it was a signal, and ends its loop.
            let _ = emulate_default_handler(signal);
            std::process::exit(128 + signal);
        }
    });
}

/// False when whoever started the program wants it to outlive its terminal, as `nohup` does, or
/// when that cannot be told: a handler would end it all the same.
#[cfg(unix)]
fn hang_up_ends_the_program() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 << (signal_hook::consts::SIGHUP - 1) == 0)
}

/// Ctrl-C ends the program with 130 and leaves no part of a file behind.
#[cfg(not(unix))]
pub(crate) fn clean_up_when_ended() {
    // Without a handler Ctrl-C still ends the program; only the cleaning up is lost.
    let _ = ctrlc::set_handler(|| {
        remove_unfinished(&lock(&UNFINISHED));
        std::process::exit(130);
    });
}

/// A file that is going to be written, announced before anything is read: from then on reading
/// that same file is an error, by whatever name or link.
#[derive(Debug)]
pub(crate) struct Output {
    /// As the user wrote it.
    shown: String,
    /// Where it leads through links.
    place: PathBuf,
}

impl Output {
    /// Announces a file. It is an error when it cannot be written for want of its folder.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let place = end_of_links(path).with_context(|| format!("{shown}: cannot write"))?;
        let folder = folder(&place);
        ensure!(
            folder.is_dir(),
            "{shown}: cannot write: there is no folder `{}`",
            folder.display()
        );
        lock(&ANNOUNCED).push(place.clone());
        Ok(Self { shown, place })
    }

    /// Writes a text, without keys.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        self.write_bytes(without_keys(text).as_bytes())
    }

    /// Writes the file whole or not at all. What is no ordinary file, such as `/dev/stdout` or a pipe,
    /// is written to as it is; a symbolic link is followed and stays.
    pub(crate) fn write_bytes(&self, bytes: &[u8]) -> Result<()> {
        let Self { shown, place } = self;
        let existing = fs::metadata(place).ok();
        if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
            return fs::write(place, bytes).with_context(|| format!("{shown}: cannot write"));
        }
        let mut part = self.part()?;
        let name = part.path().to_owned();
        let written = part.write_all(bytes).and_then(|()| {
            // An existing file keeps its permissions.
            existing.map_or(Ok(()), |old| part.as_file().set_permissions(old.permissions()))?;
            // Else a power cut may leave the new name with nothing behind it.
            part.as_file().sync_all()
        });
        let mut unfinished = lock(&UNFINISHED);
        let result = written.and_then(|()| part.persist(place).map(drop).map_err(|e| e.error));
        unfinished.retain(|other| *other != name);
        result.with_context(|| format!("{shown}: cannot write"))?;
        // The name lasts as well. Not every file system can do that, and the file is whole anyway.
        #[cfg(unix)]
        let _ = File::open(folder(place)).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// An empty file beside the place.
    fn part(&self) -> Result<NamedTempFile> {
        let name = self.place.file_name().map(|name| name.to_string_lossy().into_owned());
        let prefix = format!(".{}.", name.unwrap_or_default());
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: what the umask leaves of reading and writing for all.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        // Made and noted under one lock: there is no moment in which it is not known.
        let mut unfinished = lock(&UNFINISHED);
        let part = builder
            .tempfile_in(folder(&self.place))
            // Without the name of the file beside, which is another one each time.
            .map_err(|error| std::io::Error::from(error.kind()))
            .with_context(|| format!("{}: cannot write beside it", self.shown))?;
        unfinished.push(part.path().to_owned());
        Ok(part)
    }
}

/// Refuses to read a file that is going to be written.
pub(crate) fn refuse_output(path: &Path) -> Result<()> {
    // Only what is stored can be written over, and opening a pipe to compare it would wait.
    if !fs::metadata(path).is_ok_and(|file| file.is_file()) {
        return Ok(());
    }
    for output in lock(&ANNOUNCED).iter().filter(|output| output.is_file()) {
        if same_file::is_same_file(output, path).unwrap_or(false) {
            return Err(with_hint(
                format!("{}: the file to write is one of those that are read", path.display()),
                Some("give it another name".to_owned()),
            ));
        }
    }
    Ok(())
}

fn folder(place: &Path) -> &Path {
    place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a path leads through symbolic links, also when there is nothing yet.
fn end_of_links(path: &Path) -> Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&place) {
            Ok(target) => place = folder(&place).join(target),
            // It is no link, or there is nothing.
            Err(_) => return Ok(place),
        }
    }
    bail!("its links lead in a circle, or from one to the next more than {MAX_LINKS} times")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) -> Result<()> {
        Output::new(path)?.write(text)
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("my-history.toml");
        write(&path, "one").expect("written");
        write(&path, "two").expect("written again");
        assert_eq!(fs::read(&path).expect("there"), b"two");
        let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(names.len(), 1);
        let error = write(&folder.path().join("none/file"), "").expect_err("no folder");
        assert!(error.to_string().contains("cannot write: there is no folder"), "{error}");
    }

    #[test]
    fn what_will_be_written_cannot_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("in.csv"), folder.path().join("other.csv"));
        fs::write(&path, b"old").expect("written");
        fs::write(&other, b"old").expect("written");
        let hard = folder.path().join("hard.csv");
        fs::hard_link(&path, &hard).expect("a link");
        let _output = Output::new(&path).expect("announced");
        for same in [path, hard] {
            let error = refuse_output(&same).expect_err("the same file").to_string();
            assert!(error.contains("the file to write is one of those that are read"), "{error}");
        }
        refuse_output(&other).expect("another file");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let (path, link) = (at("file"), at("link"));
        fs::write(&path, b"old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        symlink(&path, &link).expect("a link");
        write(&link, "new").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        write(Path::new("/dev/null"), "gone").expect("not an ordinary file");

        fs::create_dir(at("place")).expect("a folder");
        symlink("place/later", at("to nothing")).expect("a link");
        write(&at("to nothing"), "new").expect("written");
        assert_eq!(fs::read(at("place/later")).expect("made"), b"new");
        assert!(fs::symlink_metadata(at("to nothing")).expect("there").is_symlink());

        symlink("circle", at("circle")).expect("a link");
        let error = format!("{:#}", write(&at("circle"), "").expect_err("a circle"));
        assert!(error.contains("its links lead in a circle"), "{error}");
    }
}

//! Which files: those that are named, those in directories, those that a pattern means.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use tokreckon::words::counted;

use crate::context::{complain, with_hint};
use crate::write::refuse_output;

/// Endings of files that may hold usage, before `.gz` or `.zst`.
const ENDINGS: [&str; 7] = ["csv", "tsv", "json", "jsonl", "ndjson", "txt", "log"];

/// The same, of files that this build reads or does not.
const COLUMNS_ENDING: Option<&str> = if cfg!(feature = "parquet") { Some("parquet") } else { None };

/// Deepest directory below a named one.
const MAX_DEPTH: usize = 32;

/// The files to read, in order; standard input when none is named. None is a file to write. A file that was named before,
/// or is a link to one, is left out when each is to count `once`.
pub(super) fn list(named: &[PathBuf], once: bool) -> Result<Vec<PathBuf>> {
    let mut files = named_and_found(named)?;
    files.iter().try_for_each(|path| refuse_output(path))?;
    if once {
        let mut seen: BTreeMap<Identity, PathBuf> = BTreeMap::new();
        files.retain(|path| {
            let Some(identity) = identity(path) else { return true };
            let Some(first) = seen.get(&identity) else {
                seen.insert(identity, path.clone());
                return true;
            };
            let (path, first) = (path.display(), first.display());
            complain(&format!(
                "{path}: the same file as {first}, read once\nhint: `--no-dedup` counts it as often as it is named"
            ));
            false
        });
    }
    Ok(files)
}

/// What tells files apart, whatever their names: device and inode, or else the path without links.
type Identity = (u64, u64, PathBuf);

/// `None` for what is no regular file: a pipe is another one each time.
fn identity(path: &Path) -> Option<Identity> {
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((file.dev(), file.ino(), PathBuf::new()))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Some((0, 0, fs::canonicalize(path).ok()?))
    }
}

fn named_and_found(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if named.is_empty() {
        return Ok(vec![PathBuf::from("-")]);
    }
    let mut files = Vec::new();
    for path in named {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if path.is_dir() {
            let others = find(path, &may_hold_usage, &mut files)?;
            if others > 0 {
                let (shown, others) = (path.display(), counted(others, "file"));
                complain(&format!("{shown}: {others} with other endings not read"));
            }
        } else if name.contains(['*', '?']) && !path.exists() {
            matching(path, name, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// What was found in a directory and is not read.
#[derive(Default)]
struct LeftOut {
    /// Files with other endings.
    others: usize,
    /// Folders.
    too_deep: usize,
}

/// The names in a directory, in order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let shown = folder.display();
    let entries = fs::read_dir(folder).with_context(|| format!("{shown}: cannot list"))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// Adds the wanted files below a folder, in order, and says how many others there are. Folders that are
/// too deep are said.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn find(
    folder: &Path,
    is_wanted: &dyn Fn(&Path) -> bool,
    files: &mut Vec<PathBuf>,
) -> Result<usize> {
    let mut left = LeftOut::default();
    walk(folder, 0, is_wanted, files, &mut left)?;
    if left.too_deep > 0 {
        let (shown, folders) = (folder.display(), counted(left.too_deep, "folder"));
        complain(&format!(
            "{shown}: {folders} not looked into: they are more than {MAX_DEPTH} levels deep\nhint: name them"
        ));
    }
    Ok(left.others)
}

fn walk(
    folder: &Path,
    depth: usize,
    is_wanted: &dyn Fn(&Path) -> bool,
    files: &mut Vec<PathBuf>,
    left: &mut LeftOut,
) -> Result<()> {
    for path in entries(folder)? {
        let kind = fs::symlink_metadata(&path)?.file_type();
        // A link to a folder may lead around in a circle.
        if kind.is_dir() && depth >= MAX_DEPTH {
            left.too_deep += 1;
        } else if kind.is_dir() {
            walk(&path, depth + 1, is_wanted, files, left)?;
        } else if path.is_file() && is_wanted(&path) {
            files.push(path);
        } else {
            left.others += 1;
        }
    }
    Ok(())
}

fn may_hold_usage(path: &Path) -> bool {
    let ending = |path: &Path| {
        path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase)
    };
    let outer = ending(path);
    if outer.is_some() && outer.as_deref() == COLUMNS_ENDING {
        return true;
    }
    let inner = match outer.as_deref() {
        Some("gz" | "zst") => path.file_stem().and_then(|stem| ending(Path::new(stem))),
        _ => outer,
    };
    inner.is_some_and(|inner| ENDINGS.contains(&inner.as_str()))
}

/// Files of one directory whose names a pattern means: `*` any text, `?` any character. Only
/// the last part of a path may be a pattern.
fn matching(path: &Path, pattern: &str, files: &mut Vec<PathBuf>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let before = files.len();
    let pattern: Vec<char> = pattern.chars().collect();
    for file in entries(folder)? {
        let name: Vec<char> =
            file.file_name().unwrap_or_default().to_string_lossy().chars().collect();
        if matches(&pattern, &name) && file.is_file() {
            files.push(if folder == Path::new(".") && !path.starts_with(".") {
                file.file_name().map_or(file.clone(), PathBuf::from)
            } else {
                file
            });
        }
    }
    if files.len() == before {
        let hint = "patterns may stand in the name of a file, not of a directory".to_owned();
        return Err(with_hint(format!("{}: no such file", path.display()), Some(hint)));
    }
    Ok(())
}

/// True when a pattern means a name; the last `*` takes more text whenever the rest does not fit.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(&c) if c == '?' || c == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else {
                    return false;
                };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                in_name = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let means = |pattern: &str, name: &str| {
            let [pattern, name] = [pattern, name].map(|text| text.chars().collect::<Vec<_>>());
            matches(&pattern, &name)
        };
        assert!(means("*.csv", "usage.csv") && means("usage-2025-1?.csv*", "usage-2025-10.csv.gz"));
        assert!(means("*a*b", "xaxbxb") && means("*", ""));
        assert!(!means("*.csv", "usage.json") && !means("?", "") && !means("a", "ab"));
    }
}

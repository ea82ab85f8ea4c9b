//! The logs that agents leave on this machine: where each keeps them, and which are there.
//!
//! Places are those of the programs' own documentation; the variables by which a program is told
//! another place are obeyed as it obeys them. Nothing is searched for anywhere else.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use tokreckon::words::counted;

use crate::args::InputArgs;
use crate::context::complain;
use crate::input::find;

/// A program that keeps logs of its requests.
struct Agent {
    /// Its name as a format has it, for `--from`.
    name: &'static str,
    /// Variables that name its folder, the first that is set counts.
    variables: &'static [&'static str],
    /// True where several folders may stand in such a variable, with commas between.
    names_several: bool,
    /// What is appended to a folder that a variable names.
    below: &'static str,
    /// Its folders where no variable is set, from the home directory; `config` and `data` stand for
    /// those of the XDG base directories.
    homes: &'static [&'static str],
    /// Where its logs are in such a folder.
    logs: &'static [&'static str],
    /// True for the name of a log, by its path below the folder.
    is_log: fn(&Path) -> bool,
    /// A database that holds newer logs and cannot be read, and what to do about it.
    database: Option<(&'static str, &'static str)>,
}

const AGENTS: [Agent; 9] = [
    Agent {
        name: "claude-code",
        variables: &["CLAUDE_CONFIG_DIR"],
        // So documented by those who read these logs (ccusage, "Directory Detection").
        names_several: true,
        homes: &["config/claude", ".claude"],
        logs: &["projects"],
        ..NONE
    },
    Agent {
        name: "codex",
        variables: &["CODEX_HOME"],
        homes: &[".codex"],
        logs: &["sessions", "archived_sessions"],
        ..NONE
    },
    Agent {
        name: "gemini-cli",
        variables: &["GEMINI_CLI_HOME"],
        below: ".gemini",
        homes: &[".gemini"],
        logs: &["tmp"],
        is_log: |path| has_ending(path, &["json", "jsonl"]) && has_folder(path, "chats"),
        ..NONE
    },
    Agent {
        name: "qwen-code",
        variables: &["QWEN_RUNTIME_DIR", "QWEN_HOME"],
        homes: &[".qwen"],
        logs: &["projects", "tmp"],
        is_log: |path| has_ending(path, &["json", "jsonl"]) && has_folder(path, "chats"),
        ..NONE
    },
    Agent {
        name: "kimi-cli",
        variables: &["KIMI_SHARE_DIR"],
        homes: &[".kimi"],
        logs: &["sessions"],
        is_log: |path| path.file_name().is_some_and(|name| name == "wire.jsonl"),
        ..NONE
    },
    Agent {
        name: "copilot-cli",
        variables: &["COPILOT_HOME"],
        homes: &[".copilot"],
        logs: &["session-state"],
        ..NONE
    },
    Agent {
        name: "opencode",
        homes: &["data/opencode"],
        logs: &["storage/message"],
        is_log: |path| has_ending(path, &["json"]),
        database: Some((
            "opencode.db",
            "`opencode export SESSION > FILE.json`, and report the file",
        )),
        ..NONE
    },
    Agent {
        name: "pi",
        variables: &["PI_CODING_AGENT_DIR"],
        homes: &[".pi/agent"],
        logs: &["sessions"],
        ..NONE
    },
    Agent {
        name: "cline",
        homes: &[
            ".cline/data",
            "config/Code/User/globalStorage/saoudrizwan.claude-dev",
            "config/Code/User/globalStorage/rooveterinaryinc.roo-cline",
            "config/Code/User/globalStorage/kilocode.kilo-code",
            "Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev",
            "Library/Application Support/Code/User/globalStorage/rooveterinaryinc.roo-cline",
            "Library/Application Support/Code/User/globalStorage/kilocode.kilo-code",
            "AppData/Roaming/Code/User/globalStorage/saoudrizwan.claude-dev",
            "AppData/Roaming/Code/User/globalStorage/rooveterinaryinc.roo-cline",
            "AppData/Roaming/Code/User/globalStorage/kilocode.kilo-code",
        ],
        logs: &["tasks"],
        is_log: |path| path.file_name().is_some_and(|name| name == "ui_messages.json"),
        ..NONE
    },
];

/// What most agents have.
const NONE: Agent = Agent {
    name: "",
    variables: &[],
    names_several: false,
    below: "",
    homes: &[],
    logs: &[],
    is_log: |path| has_ending(path, &["jsonl"]),
    database: None,
};

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.contains(&ending))
}

fn has_folder(path: &Path, name: &str) -> bool {
    path.parent().is_some_and(|folder| folder.iter().any(|part| part == name))
}

/// What was found of one agent.
pub(crate) struct Found {
    name: &'static str,
    folder: PathBuf,
    files: Vec<PathBuf>,
}

/// The logs that are there, by agents and folders.
///
/// # Errors
/// When a folder of theirs cannot be listed.
fn found() -> Result<Vec<Found>> {
    let mut all = Vec::new();
    for agent in &AGENTS {
        for folder in agent.folders() {
            for logs in agent.logs {
                let place = folder.join(logs);
                if !place.is_dir() {
                    continue;
                }
                let mut files = Vec::new();
                let is_log =
                    |path: &Path| (agent.is_log)(path.strip_prefix(&place).unwrap_or(path));
                find(&place, &is_log, &mut files)?;
                if !files.is_empty() {
                    all.push(Found { name: agent.name, folder: place, files });
                }
            }
            if let Some((name, hint)) = agent.database
                && folder.join(name).is_file()
            {
                let shown = folder.join(name);
                complain(&format!(
                    "{}: a database, which is not read\nhint: {hint}",
                    shown.display()
                ));
            }
        }
    }
    Ok(all)
}

impl Agent {
    /// The folders in which it keeps what it keeps, as far as they are there.
    fn folders(&self) -> Vec<PathBuf> {
        let set = |name: &&str| env::var_os(name).filter(|value| !value.is_empty());
        let mut folders: Vec<PathBuf> = match self.variables.iter().find_map(set) {
            Some(named) => match named.to_str().filter(|_| self.names_several) {
                Some(text) => {
                    text.split(',').map(|one| Path::new(one.trim()).join(self.below)).collect()
                }
                None => vec![Path::new(&named).join(self.below)],
            },
            None => self.homes.iter().filter_map(|home| place(home)).collect(),
        };
        folders.retain(|folder| folder.is_dir());
        folders
    }
}

/// A folder of the home directory.
fn place(path: &str) -> Option<PathBuf> {
    let base = |variable: &str, usual: &str| {
        let named = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(env::home_dir()?.join(usual)))
    };
    match path.split_once('/') {
        Some(("config", rest)) => Some(base("XDG_CONFIG_HOME", ".config")?.join(rest)),
        Some(("data", rest)) => Some(base("XDG_DATA_HOME", ".local/share")?.join(rest)),
        _ => Some(env::home_dir()?.join(path)),
    }
}

/// The input with the logs of this machine, where they are asked for, and what was found.
///
/// # Errors
/// When there are none.
pub(crate) fn input(args: &InputArgs, local: bool) -> Result<(Cow<'_, InputArgs>, Vec<String>)> {
    if !local {
        return Ok((Cow::Borrowed(args), Vec::new()));
    }
    let found = found()?;
    if found.is_empty() {
        let names: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
        bail!(
            "no log of an agent in its usual place: looked for {}\nhint: name the files or folders, or set the agent's own variable, such as CLAUDE_CONFIG_DIR",
            names.join(", ")
        );
    }
    let lines = found.iter().map(|found| {
        let files = counted(found.files.len(), "file");
        format!("found: {}: {files} in {}", found.name, tilde(&found.folder))
    });
    let lines = lines.collect();
    let logs = found.into_iter().flat_map(|found| found.files);
    let files = args.files.iter().cloned().chain(logs).collect();
    Ok((Cow::Owned(InputArgs { files, ..args.clone() }), lines))
}

/// A path as people write it.
fn tilde(path: &Path) -> String {
    let short = env::home_dir().and_then(|home| Some(path.strip_prefix(home).ok()?.to_owned()));
    short.map_or_else(|| path.display().to_string(), |rest| format!("~/{}", rest.display()))
}

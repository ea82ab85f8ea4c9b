//! The program as tests run it: from the workspace, with nothing of the machine's own settings.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Every command.
pub(crate) const COMMANDS: [&str; 11] = [
    "count",
    "estimate",
    "calibrate",
    "price",
    "compare",
    "report",
    "audit",
    "models",
    "prices",
    "completions",
    "man",
];

/// Every command below `prices`.
pub(crate) const PRICES_COMMANDS: [&str; 8] =
    ["list", "show", "check", "import", "refresh", "diff", "conflicts", "export"];

/// What a machine may say about colours, and about where logs are.
const VARIABLES: [&str; 13] = [
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "NO_COLOR",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "GEMINI_CLI_HOME",
    "QWEN_RUNTIME_DIR",
    "QWEN_HOME",
    "KIMI_SHARE_DIR",
    "COPILOT_HOME",
    "PI_CODING_AGENT_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program in the folder of the workspace, with nothing on its standard input.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs it with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().expect("it runs")
}

/// What it printed.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

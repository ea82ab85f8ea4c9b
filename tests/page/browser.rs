//! A headless Chromium, driven by its own options: what it shows, what it complains about, what it asks the network for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) struct Browser {
    program: &'static str,
}

/// What a page looked like.
pub(crate) struct Seen {
    /// The elements after loading.
    pub(crate) dom: String,
    /// Messages of the console: errors of scripts, refused resources.
    pub(crate) console: Vec<String>,
    /// Addresses that the page asked for, itself left out.
    pub(crate) requests: Vec<String>,
    /// Bytes of a picture of it.
    pub(crate) screenshot: u64,
}

impl Browser {
    pub(crate) fn find() -> Option<Self> {
        let programs = ["chromium", "chromium-browser", "google-chrome"];
        let works = |program: &&str| {
            Command::new(program).arg("--version").output().is_ok_and(|run| run.status.success())
        };
        programs.into_iter().find(works).map(|program| Self { program })
    }

    pub(crate) fn open(&self, page: &Path, folder: &Path) -> Seen {
        let picture = folder.join("page.png");
        let dom = self.run(page, folder, &["--dump-dom"]);
        self.run(page, folder, &[&format!("--screenshot={}", picture.display())]);
        let said = String::from_utf8_lossy(&dom.stderr).into_owned();
        Seen {
            dom: String::from_utf8_lossy(&dom.stdout).into_owned(),
            console: said
                .lines()
                .filter(|line| line.contains("CONSOLE"))
                .map(str::to_owned)
                .collect(),
            requests: requests(&folder.join("net.json")),
            screenshot: fs::metadata(picture).map_or(0, |file| file.len()),
        }
    }

    fn run(&self, page: &Path, folder: &Path, what: &[&str]) -> Output {
        let mut command = Command::new(self.program);
        command.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ]);
        command.args(["--disable-background-networking", "--disable-component-update"]);
        command.args(["--no-first-run", "--virtual-time-budget=2000", "--enable-logging=stderr"]);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        command.arg(format!("--log-net-log={}", folder.join("net.json").display()));
        command.args(what).arg(format!("file://{}", page.display()));
        command.output().expect("the browser runs")
    }
}

/// What was asked of the network on behalf of the page, which is a file: there it is the initiator.
fn requests(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let log: Value = serde_json::from_str(&text).expect("a log of the network");
    let events = log["events"].as_array().expect("events");
    let of_pages = events.iter().filter(|event| {
        let initiator = event["params"]["initiator"].as_str().unwrap_or("not an origin");
        event["params"]["url"].is_string() && initiator != "not an origin"
    });
    of_pages.filter_map(|event| event["params"]["url"].as_str().map(str::to_owned)).collect()
}

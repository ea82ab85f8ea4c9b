//! A program that counts one text: the file in its second argument, or a few words.

use std::{env, fs};

/// Counts and prints the count and the peak memory in kB.
pub fn run(load: super::engines::Load) {
    let mut arguments = env::args().skip(1);
    let encoding = arguments
        .next()
        .and_then(|name| name.parse().ok())
        .expect("an encoding");
    let text = arguments
        .next()
        .map(|file| fs::read_to_string(file).expect("a text file"));
    let count = load(encoding)(text.as_deref().unwrap_or("How long until this is counted?"));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or(" 0 kB");
    println!("{count} {}", peak.trim().trim_end_matches(" kB"));
}

//! Runs a target on mutated inputs of its corpus, without coverage: `spray TARGET EXECUTIONS [SEED]`.
//!
//! libFuzzer finds inputs that reach new code; most of its time goes into looking for that. This
//! takes what it found and tries many more neighbours of it, ten times as fast. A panic ends the
//! run with the input in `artifacts/TARGET/`.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

/// Longest input in bytes.
const MAX_BYTES: usize = 512;

/// Pieces that mean something to a reader.
const PIECES: [&[u8]; 44] = [
    b",",
    b"\"",
    b"\n",
    b"\r\n",
    b"\t",
    b";",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"0",
    b"-1",
    b"null",
    b"18446744073709551615",
    b"18446744073709551616",
    b"9223372036854775807",
    b"1e400",
    b"1e-400",
    b"0.1",
    b"-0.0",
    b"00",
    b"1,234",
    b"$1.50",
    b"1970-01-01",
    b"2025-02-30",
    b"9999-12-31T23:59:60Z",
    b"1735689600",
    b"99999999999999999",
    b"+14:00",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x00",
    b"\xc3",
    b"\xe2\x80\xae",
    b"{}",
    b"[]",
    b"true",
    b"\\u0000",
    b"\\",
    b"NaN",
    b"=",
    b"'",
    b"#",
];

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let usage = || io::Error::other("usage: spray TARGET EXECUTIONS [SEED]");
    let target = args.next().ok_or_else(usage)?;
    let executions: u64 = args.next().and_then(|text| text.parse().ok()).ok_or_else(usage)?;
    let seed: u64 = args.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let run = target_of(&target).ok_or_else(usage)?;
    let mut corpus = Vec::new();
    let folder = Path::new("corpus").join(&target);
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let mut bytes = fs::read(path)?;
        bytes.truncate(MAX_BYTES);
        corpus.push(bytes);
    }
    if corpus.is_empty() {
        return Err(io::Error::other(format!("corpus/{target} is empty")));
    }
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let start = Instant::now();
    let mut input = Vec::new();
    for done in 0..executions {
        random.mutated(&corpus, &mut input);
        if catch_unwind(AssertUnwindSafe(|| run(&target, &input))).is_err() {
            let path = Path::new("artifacts").join(&target).join(format!("spray-{seed}-{done}"));
            fs::create_dir_all(Path::new("artifacts").join(&target))?;
            fs::write(&path, &input)?;
            println!("{target}\t{done} sprayed\tFAILED: {}", path.display());
            std::process::exit(1);
        }
    }
    let per_second = executions / start.elapsed().as_secs().max(1);
    println!("{target}\t{executions} sprayed\t{per_second} per second\tno panic");
    Ok(())
}

/// What a target does with an input.
fn target_of(name: &str) -> Option<fn(&str, &[u8])> {
    Some(match name {
        "prices" => |_, data| tokreckon_fuzz::prices(data),
        "request" => |_, data| tokreckon_fuzz::request(data),
        "batch-line" => |_, data| tokreckon_fuzz::batch_line(data),
        "estimate" => |_, data| tokreckon_fuzz::estimate(data),
        "history" => |_, data| tokreckon_fuzz::history(data),
        "saved" => |_, data| tokreckon_fuzz::saved(data),
        "format-file" => |_, data| tokreckon_fuzz::format_file(data),
        _ if name.starts_with("read-") => tokreckon_fuzz::read,
        _ if name.starts_with("import-") => tokreckon_fuzz::import,
        _ => return None,
    })
}

/// xorshift64*: the same inputs for the same seed and corpus.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, many: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % many.max(1)
    }

    /// One input of the corpus after one to four changes.
    fn mutated(&mut self, corpus: &[Vec<u8>], input: &mut Vec<u8>) {
        input.clear();
        input.extend_from_slice(&corpus[self.below(corpus.len())]);
        for _ in 0..=self.below(4) {
            self.change(corpus, input);
        }
        input.truncate(MAX_BYTES);
    }

    fn change(&mut self, corpus: &[Vec<u8>], input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(16)).min(input.len());
        match self.below(9) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.below(256) as u8,
            2 => drop(input.drain(at.min(end)..end)),
            3 | 4 => drop(input.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
            5 => drop(
                input.splice(at.min(end)..end, PIECES[self.below(PIECES.len())].iter().copied()),
            ),
            6 => {
                let copy = input[at.min(end)..end].to_vec();
                let to = self.below(input.len() + 1);
                drop(input.splice(to..to, copy));
            }
            7 => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ if at < input.len() && input[at].is_ascii_digit() => {
                input[at] = b'0' + self.below(10) as u8;
            }
            _ => {}
        }
    }
}

//! Measures token counters beside each other.

mod corpora;
mod engines;

use std::time::Instant;

use toktab_tokenizer::Encoding;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let encoding: Encoding = arguments[0].parse().expect("an encoding");
    let engines: Vec<&str> = arguments[1].split(',').collect();
    let only = arguments.get(2).map_or("", String::as_str);
    let mut corpora = corpora::ordinary(10_000_000);
    if only == "path" { corpora = corpora::pathological(); }
    for corpus in corpora {
        if !only.is_empty() && only != "path" && !corpus.name.starts_with(only) { continue; }
        print!("{:16} {:9}", corpus.name, corpus.bytes());
        for engine in &engines {
            let (first, best, total) = std::thread::scope(|s| s.spawn(|| {
            let count = engines::load(engine, encoding);
            std::hint::black_box(count("warm up the loading"));
            let mut first = 0.0; let mut best = 0.0; let mut total = 0;
            let passes = if *engine == "tiktoken-rs" { 1 } else { 5 };
            for pass in 0..passes {
                let start = Instant::now();
                total = corpus.texts.iter().map(|t| count(t)).sum::<usize>();
                let speed = corpus.bytes() as f64 / start.elapsed().as_secs_f64() / 1e6;
                if pass == 0 { first = speed; }
                if speed > best { best = speed; }
            }
            (first,best,total)}).join().unwrap());
            print!("  {engine} {first:.0}/{best:.0} [{total}]");
        }
        println!();
    }
}

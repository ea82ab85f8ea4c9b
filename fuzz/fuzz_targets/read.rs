//! One reader, named by the target: `read-openai-usage` reads as `--from openai-usage` does.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tokreckon_fuzz::read(env!("CARGO_BIN_NAME"), data));

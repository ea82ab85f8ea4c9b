//! One table of prices, named by the target: `import-litellm` reads as `--from litellm` does.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toktab_fuzz::import(env!("CARGO_BIN_NAME"), data));

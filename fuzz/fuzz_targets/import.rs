//! One table of prices, named by the target: `import-litellm` reads as `--from litellm` does.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tokreckon_fuzz::import(env!("CARGO_BIN_NAME"), data));

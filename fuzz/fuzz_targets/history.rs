//! Histories of own requests.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toktab_fuzz::history(data));

//! Histories of own requests.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tokreckon_fuzz::history(data));

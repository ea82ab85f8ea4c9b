//! Requests, counted.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tokreckon_fuzz::request(data));

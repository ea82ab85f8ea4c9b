//! Requests, estimated before sending.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toktab_fuzz::estimate(data));

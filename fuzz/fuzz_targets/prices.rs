//! Price files.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toktab_fuzz::prices(data));

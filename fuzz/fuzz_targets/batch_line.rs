//! Lines of a batch file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toktab_fuzz::batch_line(data));

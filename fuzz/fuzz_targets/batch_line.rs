//! Lines of a batch file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tokreckon_fuzz::batch_line(data));

//! The program `toktab`.
fn main() {}

//! Counts nothing: what an empty program costs.

fn main() {
    println!("0 0");
}

//! How much an audit finds, and how often it is wrong: changes of known size to recorded requests.
//!
//! ```text
//! TOKTAB_FACTS=FOLDER cargo run --release -p toktab --example detection
//! ```
//!
//! `FOLDER/reasoning/requests.csv` holds one request per line with `model`, `task` and
//! `reasoning_tokens`. Without `TOKTAB_FACTS` synthetic requests are used, and the output says so.

mod statistics;

fn main() {
    statistics::print();
}

//! Counts the tokens of the `OpenAI` encodings, exactly and fast.
//!
//! ```
//! use toktab_tokenizer::Encoding;
//!
//! let found = Encoding::for_model("gpt-5-mini").expect("a known model");
//! assert_eq!(found.encoding, Encoding::O200kBase);
//! assert_eq!(found.encoding.count("How many tokens is this?"), 6);
//! ```

#![deny(unsafe_code)]

mod unicode;
mod vocabulary;
mod tables;
mod split;
mod merge;
mod cache;
mod encoding;
mod cut;
mod special;
mod count;
mod parallel;
mod counter;
mod model;

pub use count::UnknownToken;
pub use counter::{Counter, UncuttableText};
pub use encoding::{Encoding, UnknownEncoding};
pub use model::{ModelEncoding, Standing};
pub use special::{ForbiddenSpecialToken, SpecialTokens};

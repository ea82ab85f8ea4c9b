//! Exactness: every count and every id equals the reference's, on everything that was ever got wrong.

mod reference;
mod generator;
mod vocabulary;
mod characters;
mod traps;
mod fuzz;
mod runs;
mod cuts;
mod special;
mod models;

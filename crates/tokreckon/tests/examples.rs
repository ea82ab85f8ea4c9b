//! The examples run.

#[path = "../examples/embed.rs"]
mod embed;

#[test]
fn what_an_application_writes() -> Result<(), Box<dyn std::error::Error>> {
    embed::main()
}

//! The program `tokreckon`: arguments → command → exit code.
//!
//! It is a library so that the Python package can run the same program: [`main`] as a program does,
//! [`answer`] with what it says handed over.

mod args;
mod as_if;
mod asked;
mod audit;
mod bare;
mod bill;
mod calibrate;
mod compare;
mod context;
mod count;
mod estimate;
mod filter;
mod focus;
mod given;
mod input;
mod keys;
mod kind;
mod local;
mod models;
mod offers;
mod open;
mod options;
mod page;
mod people;
mod price;
mod prices;
mod print;
mod progress;
mod report;
mod shell;
mod words;
mod write;

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Write, stderr, stdin};

use crate::args::{Command, PricesCommand};
pub use crate::context::Problem;
pub use crate::given::Given;
use crate::print::Out;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// All accounted for.
    Fine = 0,
    /// Findings or rejects.
    Findings = 1,
    /// Could not do the work, or a part of it.
    Failed = 2,
}

/// What a run of the program came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The exit code: 0 all accounted for, 1 findings, 2 could not do the work.
    pub exit: u8,
    /// What the program prints.
    pub text: String,
    /// What it complains about; the last one is why it could not do the work, where it could not.
    pub messages: Vec<Problem>,
}

/// Runs the program with these arguments, its own name the first, and hands over what it says.
/// Nothing is printed; files are written where the arguments ask for it.
///
/// What is `given` is read where its path stands among the files.
pub fn answer(
    args: impl IntoIterator<Item = OsString>,
    given: impl IntoIterator<Item = Given>,
) -> Answer {
    let mut text = Vec::new();
    let words = args::with_show(bare::with_command(args.into_iter().collect(), args::is_command));
    let (exit, messages) = context::heard(|| match args::Args::read(&words) {
        Ok(mut args) => {
            progress::allow(true);
            args.command.give(&given.into_iter().collect());
            let mut out = Out::new(args.command.format(), None, &mut text);
            let result = run(&args.command, &mut out);
            // A list of bytes takes whatever is written to it.
            let _ = out.finish();
            result.unwrap_or_else(|error| {
                context::complain_error(&error);
                Exit::Failed
            })
        }
        Err(error) if error.exit_code() == 0 => {
            text = error.to_string().into_bytes();
            Exit::Fine
        }
        Err(error) => {
            context::complain(error.to_string().trim_start_matches("error: ").trim_end());
            Exit::Failed
        }
    });
    let text = String::from_utf8_lossy(&text).into_owned();
    Answer { exit: exit as u8, text, messages }
}

fn run(command: &Command, text: &mut Out<'_>) -> anyhow::Result<Exit> {
    match command {
        Command::Count(args) => count::run(args, text),
        Command::Estimate(args) => estimate::run(args, text),
        Command::Calibrate(args) => calibrate::run(args, text),
        Command::Price(args) => price::run(args, text),
        Command::Compare(args) => compare::run(args, text),
        Command::Report(args) => report::run(args, text),
        Command::Audit(args) => audit::run(args, text),
        Command::Models(args) => models::run(args, text),
        Command::Prices(PricesCommand::List(args)) => prices::list(args, text),
        Command::Prices(PricesCommand::Show(args)) => prices::show(args, text),
        Command::Prices(PricesCommand::Check(args)) => prices::check(args, text),
        Command::Prices(PricesCommand::Import(args)) => prices::import(args, text),
        Command::Prices(PricesCommand::Refresh(args)) => prices::refresh(args, text),
        Command::Prices(PricesCommand::Diff(args)) => prices::diff(args, text),
        Command::Prices(PricesCommand::Conflicts(args)) => prices::conflicts(args, text),
        Command::Prices(PricesCommand::Export(args)) => prices::export(args, text),
        Command::Completions(args) => Ok(shell::completions(args, text)),
        Command::Man(args) => shell::man(args, text),
    }
}

/// Runs the program with these arguments, its own name the first: prints, and says how it ended.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let words = args::with_show(bare::with_command(args.into_iter().collect(), args::is_command));
    let args = args::Args::said(&words);
    args.color.choice().write_global();
    if args.command.reads_standard_input() && stdin().is_terminal() {
        // Nobody types an export: what was meant is told instead of waiting for it.
        return args::Args::usage_of(args.command.name());
    }
    write::clean_up_when_ended();
    progress::allow(args.quiet);
    let mut stdout = anstream::stdout();
    let mut out = Out::new(args.command.format(), print::terminal_width(), &mut stdout);
    let result = run(&args.command, &mut out);
    let written = out.finish();
    let exit = match (result, written) {
        (Err(error), _) => {
            context::complain_error(&error);
            Exit::Failed
        }
        (Ok(exit), Ok(())) => exit,
        // A closed pipe is how `head` says thank you.
        (Ok(exit), Err(error)) if error.kind() == ErrorKind::BrokenPipe => exit,
        (Ok(_), Err(error)) => {
            let _ = writeln!(stderr(), "tokreckon: cannot write the output: {error}");
            Exit::Failed
        }
    };
    exit as u8
}

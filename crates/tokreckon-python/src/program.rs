//! The program, run with its documents handed over or as a program.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;
use tokreckon_cli::Given;

use crate::columns::Table;

/// What the program complains about: a message, what to do about it, names near one that is not known.
type Message = (String, Option<String>, Vec<String>);

/// Runs the program: its exit code, what it prints, and what it complains about. Tables are read where
/// their paths stand among the files.
#[pyfunction]
pub(crate) fn run(
    py: Python<'_>,
    args: Vec<String>,
    tables: Vec<(PathBuf, String, Bound<'_, PyAny>)>,
) -> PyResult<(u8, String, Vec<Message>)> {
    let given = |(path, name, source): &(PathBuf, String, Bound<'_, PyAny>)| {
        let table = Table::taken(source)?;
        Ok(Given::table(path, name, table.bytes(), move |tap| Ok(table.open(tap))))
    };
    let given: Vec<Given> = tables.iter().map(given).collect::<PyResult<_>>()?;
    let answer = py.detach(|| {
        let name = std::iter::once(OsString::from("tokreckon"));
        tokreckon_cli::answer(name.chain(args.into_iter().map(OsString::from)), given)
    });
    let message = |problem: tokreckon_cli::Problem| (problem.message, problem.hint, problem.near);
    Ok((answer.exit, answer.text, answer.messages.into_iter().map(message).collect()))
}

/// Runs the program as one: it prints, and ends with this code.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| tokreckon_cli::main(args))
}

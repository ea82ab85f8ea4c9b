//! Recorded requests, by model and task class.

use std::collections::BTreeMap;

/// Tokens of one recorded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Which prompt.
    pub(crate) item: String,
    /// Prompt tokens.
    pub(crate) prompt: u64,
    /// Billed output that is not visible.
    pub(crate) hidden: u64,
    /// Visible output.
    pub(crate) visible: u64,
}

/// Requests by task class.
pub(crate) type Tasks = BTreeMap<String, Vec<Request>>;

/// Reads a table with the columns `model`, `task`, `item`, `prompt_tokens`, `visible_o200k` and
/// `hidden_tokens`; others are ignored.
pub(crate) fn read(text: &str) -> Result<BTreeMap<String, Tasks>, String> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let at = headers.iter().position(|header| header == name);
        at.ok_or_else(|| format!("there is no column `{name}`"))
    };
    let texts = [column("model")?, column("task")?, column("item")?];
    let counts = [column("prompt_tokens")?, column("hidden_tokens")?, column("visible_o200k")?];
    let mut models: BTreeMap<String, Tasks> = BTreeMap::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let text = |at: usize| row.get(at).unwrap_or("");
        let count = |at: usize| {
            text(at).parse::<u64>().map_err(|_| format!("`{}` is not a count", text(at)))
        };
        let ([model, task, item], [prompt, hidden, visible]) = (texts.map(text), counts.map(count));
        let request =
            Request { item: item.to_owned(), prompt: prompt?, hidden: hidden?, visible: visible? };
        let tasks = models.entry(model.to_owned()).or_default();
        tasks.entry(task.to_owned()).or_default().push(request);
    }
    Ok(models)
}

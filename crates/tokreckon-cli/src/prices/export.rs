//! `tokreckon prices export`: the price book as tables of a warehouse.

use anyhow::{Result, anyhow};
use tokreckon::sql::{Dialect, Export, ExportOptions};
use tokreckon::time::Instant;

use crate::Exit;
use crate::args::ExportArgs;
use crate::context::{book, day, layers, now, with_hint};
use crate::write::Output;

pub(crate) fn export(args: &ExportArgs, out: &mut String) -> Result<Exit> {
    let dialect =
        Dialect::from_name(&args.sql).ok_or_else(|| anyhow!("no dialect `{}`", args.sql))?;
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let known = book.providers();
    if let Some(other) = args.providers.iter().find(|asked| !known.contains(&asked.as_str())) {
        let hint = "`--provider` takes our ids, such as `openai` or `aws-bedrock`".to_owned();
        return Err(with_hint(format!("no provider `{other}` in the price book"), Some(hint)));
    }
    let until = match &args.until {
        Some(text) => i64::from(day("--until", text)?),
        None => now()?.start.day() + 366,
    };
    let options = ExportOptions { providers: &args.providers, until: Instant(until * 86_400) };
    let script = Export::of(&book, &options).script(dialect);
    match &args.out {
        None => out.push_str(&script),
        Some(path) => Output::new(path)?.write(&script)?,
    }
    Ok(Exit::Fine)
}

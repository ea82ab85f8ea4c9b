//! What the page says about how it was asked for.

use std::path::PathBuf;

use crate::args::{AuditArgs, BookArgs, GroupingArgs, InputArgs, PageArgs, ReportArgs, TermsArgs};

type Terms = Vec<(&'static str, String)>;

pub(crate) fn of_audit(args: &AuditArgs) -> Terms {
    let mut terms = terms(&args.input, &args.grouping, &args.terms, &args.book);
    terms.extend(args.cached.as_deref().map(cached));
    let files = |paths: &[PathBuf]| {
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    };
    let bill = args.bill.bill_total.clone().unwrap_or_else(|| files(&args.bill.bills));
    let now = args.now.clone().unwrap_or_else(|| "when it was made; `--now` repeats it".to_owned());
    let more = [("bill", bill), ("baseline", files(&args.baseline)), ("now", now)];
    terms.extend(more.into_iter().filter(|(_, value)| !value.is_empty()));
    with_people(terms, &args.page)
}

pub(crate) fn of_report(args: &ReportArgs) -> Terms {
    let mut terms = terms(&args.input, &args.grouping, &args.terms, &args.book);
    terms.extend(args.cached.as_deref().map(cached));
    terms.extend(args.as_if.iter().map(|scenario| ("as if", scenario.clone())));
    with_people(terms, &args.output.page)
}

fn cached(count: &str) -> (&'static str, String) {
    ("cached input where a file does not say", count.to_owned())
}

fn with_people(mut terms: Terms, page: &PageArgs) -> Terms {
    let shown = if page.show_people { "as the files have them" } else { "stand-ins" };
    terms.push(("users, keys, e-mail addresses", shown.to_owned()));
    terms
}

/// Every option that was given or has a value anyway.
fn terms(input: &InputArgs, grouping: &GroupingArgs, given: &TermsArgs, book: &BookArgs) -> Terms {
    let files = input.files.iter().map(|path| path.display().to_string());
    let prices = book.prices.iter().map(|path| path.display().to_string());
    let copies = if input.no_dedup { "counted" } else { "recognised and left out" };
    let all = [
        ("files", files.collect::<Vec<_>>().join(", ")),
        ("format", input.from.clone().unwrap_or_default()),
        ("columns", input.map.clone().unwrap_or_default()),
        ("provider", input.provider.clone().unwrap_or_default()),
        ("service tier", input.service_tier.clone().unwrap_or_default()),
        ("undated usage", input.at.clone().unwrap_or_default()),
        ("copies of requests", copies.to_owned()),
        ("grouped by", grouping.by.join(", ")),
        ("time zone", grouping.timezone.clone()),
        ("factors", given.factors.join(", ")),
        ("rates", given.rates.join(", ")),
        ("rounding", given.round.clone().unwrap_or_else(|| "none".to_owned())),
        ("own prices", prices.collect::<Vec<_>>().join(", ")),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

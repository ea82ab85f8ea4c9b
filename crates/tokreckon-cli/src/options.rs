//! What the library's settings are called on the command line.

use tokreckon::hint::{Hint, Setting};

/// A hint with the names of the program's options.
pub(crate) fn in_options(hint: &Hint) -> String {
    hint.named(option)
}

/// The same about a bill, whose options have names of their own.
pub(crate) fn in_options_of_bill(hint: &Hint) -> String {
    hint.named(|setting| match setting {
        Setting::Format => "`--bill-from`".to_owned(),
        Setting::Columns(columns) => with_value("--bill-map", columns),
        Setting::AllColumns => "`--bill-map time=…,cost=…`".to_owned(),
        other => option(other),
    })
}

/// The option of a setting, in backquotes.
pub(crate) fn option(setting: &Setting) -> String {
    let plain = match setting {
        Setting::Columns(columns) => return with_value("--map", columns),
        Setting::Days(day) => return with_value("--since", day),
        Setting::PriceTable(name) => return with_value("--from", name),
        Setting::Provider => "`--provider`",
        Setting::ServiceTier => "`--service-tier`",
        Setting::Format => "`--from`",
        Setting::AllColumns => "`--map model=…,input=…,output=…,time=…`",
        Setting::Time => "`--at`",
        Setting::Model => "`tokreckon price FILE --model …`",
        Setting::Prices => "`--prices`",
        Setting::NothingCached => "`--cached 0`",
        Setting::By => "`--by`",
        Setting::Zone => "`--timezone`",
        Setting::PricesOfThisBook => "`--reprice`",
        Setting::AllReasons => "`--json`",
        other => return other.to_string(),
    };
    plain.to_owned()
}

/// An option as a shell takes it: the name of a column may have blanks and quotes in it.
fn with_value(option: &str, value: &str) -> String {
    if value.chars().all(|c| c.is_alphanumeric() || "=,._-…".contains(c)) {
        format!("`{option} {value}`")
    } else {
        format!("`{option} '{}'`", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_quoted_for_a_shell() {
        for (columns, is) in [
            ("input=tokens_in,time=…", "`--map input=tokens_in,time=…`"),
            ("input=tokens in", "`--map 'input=tokens in'`"),
            ("input=it's", "`--map 'input=it'\\''s'`"),
        ] {
            assert_eq!(option(&Setting::Columns(columns.to_owned().into())), is);
        }
    }
}

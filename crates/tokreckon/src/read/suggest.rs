//! A mapping to paste for the header of somebody's own table: only columns whose names say what
//! they hold. It is suggested, never used.

/// Fields of `--map`, and what people call them, folded: lower case, no signs between words.
const NAMES: [(&str, &[&str]); 10] = [
    (
        "time",
        &[
            "time",
            "date",
            "day",
            "timestamp",
            "ts",
            "t",
            "datetime",
            "createdat",
            "created",
            "when",
            "starttime",
        ],
    ),
    ("provider", &["provider", "vendor", "seller"]),
    ("model", &["model", "modelname", "modelid", "llm", "engine", "deployment"]),
    (
        "input",
        &[
            "input",
            "in",
            "inputtokens",
            "inputtok",
            "tokin",
            "prompt",
            "prompttokens",
            "prompttok",
            "tokensin",
            "intokens",
            "promptlength",
        ],
    ),
    (
        "cached",
        &[
            "cached",
            "cachedtokens",
            "cachedinput",
            "cacheread",
            "cachereadtokens",
            "cachehit",
            "hit",
        ],
    ),
    (
        "output",
        &[
            "output",
            "out",
            "outputtokens",
            "outputtok",
            "tokout",
            "completion",
            "completiontokens",
            "completiontok",
            "tokensout",
            "outtokens",
            "generated",
        ],
    ),
    (
        "project",
        &[
            "project",
            "projectname",
            "team",
            "tenant",
            "customer",
            "app",
            "application",
            "service",
            "department",
            "dept",
        ],
    ),
    ("user", &["user", "username", "userid", "email"]),
    ("requests", &["requests", "calls", "numrequests", "count"]),
    ("cost", &["cost", "costusd", "price", "amount", "spend", "totalcost"]),
];

/// `time=date,model=model_name,input=prompt_tok,…`, or `time=date,cost=amount` for a table of costs; `None`
/// when it holds neither tokens of a model nor costs of a time or a model.
pub(super) fn mapping(header: &str) -> Option<String> {
    let columns: Vec<&str> = header.split([',', ';', '\t']).map(str::trim).collect();
    let fold = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let pairs: Vec<String> = NAMES
        .iter()
        .filter_map(|(field, names)| {
            let column = names
                .iter()
                .find_map(|name| columns.iter().find(|column| fold(column) == *name))?;
            let plain = !column.contains(['=', ',', '`', '"']);
            plain.then(|| format!("{field}={column}"))
        })
        .collect();
    let has = |field: &str| pairs.iter().any(|pair| pair.starts_with(field));
    let is_usage = has("model=") && (has("input=") || has("output="));
    let is_bill = has("cost=") && (has("time=") || has("model="));
    (is_usage || is_bill).then(|| pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::mapping;

    #[test]
    fn names_that_say_what_they_hold_are_suggested() {
        let of = |header: &str| mapping(header);
        assert_eq!(
            of("date,model_name,prompt_tok,completion_tok,team").as_deref(),
            Some("time=date,model=model_name,input=prompt_tok,output=completion_tok,project=team")
        );
        assert_eq!(of("t,m,in,hit,out"), None);
        assert_eq!(of("model,colour"), None);
        assert_eq!(of("Day,Spend").as_deref(), Some("time=Day,cost=Spend"));
        assert_eq!(
            of("Model;Tokens In;Tokens Out").as_deref(),
            Some("model=Model,input=Tokens In,output=Tokens Out")
        );
    }
}

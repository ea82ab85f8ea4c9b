//! An export of buckets that is split into files, in whatever way, comes to what the whole comes to.
//!
//! The rows of one export have a key each, some of whose columns are empty. Parts may share every day and
//! lack a column altogether: nothing tells them from exports of their own, and nothing may be lost or
//! counted twice. `.ci/nightly splits` makes 10,000 of them.

use std::collections::BTreeMap;

use tokreckon::dedup::{CopyVerdict, Dedup};
use tokreckon::money::Exact;
use tokreckon::read::{Item, Options, read};
use tokreckon::record::Record;

use crate::random::{Random, each_case};

/// An export: its header, and how a row of a day, of three keys and of three counts is written.
struct Export {
    header: &'static str,
    row: fn(u64, [&str; 3], [u64; 3]) -> String,
}

const EXPORTS: [Export; 5] = [
    Export {
        header: "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,api_key_id,model,input_tokens,output_tokens,input_cached_tokens",
        row: |day, [model, project, key], [requests, input, output]| {
            let (start, end) = (1_769_904_000 + day * 86_400, 1_769_990_400 + day * 86_400);
            format!("{start},{end},,,{project},{requests}.0,{key},{model},{input}.0,{output}.0,0.0")
        },
    },
    Export {
        header: "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,api_key_id",
        row: |day, [model, project, key], [dollars, cents, _]| {
            let (start, end) = (1_769_904_000 + day * 86_400, 1_769_990_400 + day * 86_400);
            format!("{start},{end},,,{dollars}.{cents:06},usd,\"{model}, input\",{project},{key}")
        },
    },
    Export {
        header: "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed",
        row: |day, [model, project, key], [written, input, output]| {
            format!(
                "2026-02-{:02},{model},{key},{project},standard,,{input},{written},0,7,{output},0,not_available,",
                day + 1
            )
        },
    },
    Export {
        header: "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type,inference_geo,speed",
        row: |day, [model, project, key], [dollars, cents, _]| {
            format!(
                "2026-02-{:02},{model},{project},{key},standard,,input_no_cache,{dollars}.{cents:06},token,not_available,",
                day + 1
            )
        },
    },
    Export {
        header: "SubscriptionId,ResourceGroup,Date,MeterCategory,MeterSubCategory,MeterName,Quantity,UnitOfMeasure,EffectivePrice,CostInBillingCurrency,BillingCurrency,ChargeType,ResourceId",
        row: |day, [model, project, key], [dollars, cents, _]| {
            format!(
                "{project},{key},02/{:02}/2026,Cognitive Services,Azure OpenAI,{model}-Inp-glbl Tokens,1,1K,0.1,{dollars}.{cents:06},USD,Usage,/r/{key}{project}",
                day + 1
            )
        },
    },
];

/// Every count and cost, by model.
type Sums = BTreeMap<String, (u64, Vec<u128>, Exact)>;

fn add(sums: &mut Sums, record: &Record<'_>) {
    let name = format!("{} {}", record.model, record.line_item);
    let totals = record.totals.unwrap_or_default();
    let counts: Vec<u128> = totals.counts().map(|count| count.unwrap_or(0).into()).to_vec();
    let new = || (0, vec![0; counts.len()], Exact::ZERO);
    let (rows, sum, cost) = sums.entry(name).or_insert_with(new);
    *rows += 1;
    sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    let reported = record.reported.map_or(Exact::ZERO, |reported| reported.amount);
    *cost = cost.plus(reported).expect("few digits");
}

fn sums(files: &[String]) -> Sums {
    let (mut sums, mut stage) = (Sums::new(), Dedup::new(files.len()));
    for (file, text) in files.iter().enumerate() {
        let read = read(text.as_bytes(), &Options::default(), &mut |item| match item {
            Item::Record(record) => {
                if stage.add(file, record) == CopyVerdict::New {
                    add(&mut sums, record);
                }
            }
            other => panic!("{other:?} in\n{text}"),
        });
        read.expect("readable");
    }
    stage.finish(&mut |_, record| add(&mut sums, record), &mut |file, by, record| {
        panic!("{record:?} of part {file} was left out for part {by}:\n{}", files.join("\n"));
    });
    sums
}

/// Rows with a key each, of a few days.
fn rows(random: &mut Random, export: &Export) -> Vec<String> {
    let mut keys = Vec::new();
    for day in 0..=random.below(4) {
        for model in ["gpt-4o-0806", "gpt-4o-mini-0718", "gpt-4.1"] {
            for project in ["", "one", "two"] {
                for key in ["", "k1", "k2"] {
                    keys.push((day, [model, project, key]));
                }
            }
        }
    }
    random.shuffle(&mut keys);
    keys.truncate(1 + random.index(40));
    // Small counts, so that parts are often within each other, and no two rows that are equal.
    let mut count = |at: usize| 1 + random.magnitude(12) * 64 + u64::try_from(at).expect("few");
    let rows = keys.iter().enumerate();
    rows.map(|(at, (day, names))| (export.row)(*day, *names, [count(at), count(at), count(at)]))
        .collect()
}

#[test]
fn splits_of_bucket_exports_change_nothing() {
    let mut splits = 0_u32;
    each_case(200, |random| {
        for export in &EXPORTS {
            let rows = rows(random, export);
            let file = |rows: &[&String]| {
                let lines: Vec<&str> = rows.iter().map(|row| row.as_str()).collect();
                format!("{}\n{}\n", export.header, lines.join("\n"))
            };
            let whole = sums(&[file(&rows.iter().collect::<Vec<_>>())]);
            let mut parts: Vec<Vec<&String>> = vec![Vec::new(); 2 + random.index(4)];
            for row in &rows {
                let at = random.index(parts.len());
                parts[at].push(row);
            }
            parts.retain(|part| !part.is_empty());
            let files: Vec<String> = parts.iter().map(|part| file(part)).collect();
            assert_eq!(sums(&files), whole, "{}", files.join("\n"));
            splits += 1;
        }
    });
    println!("{splits} splits");
}

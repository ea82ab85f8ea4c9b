//! `generate FOLDER ROWS [plain|quoted|openai|litellm]`: usage as a CSV file, prices, and the right answer.
//!
//! The same bytes for the same number of rows. With `-` for the folder the rows go to standard output.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write, stdout};

use tokreckon_bench_rows::{
    DAYS, FIRST_DAY, Model, Random, UNIT, date, decimal, models, price_file, price_table,
};

/// Every 33rd request is written down once more, up to so many rows later.
const RECENT: usize = 10_000;

#[derive(Clone)]
struct Request {
    seconds: u64,
    id: [u64; 2],
    project: u64,
    key: u64,
    user: u64,
    model: usize,
    batch: bool,
    tokens: [u64; 3],
    reasoning: u64,
    billed: u64,
}

/// Rows, tokens, cost and billed cost of a group.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: u64,
    tokens: [u64; 3],
    cost: u128,
    billed: u128,
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    let rows: u64 = arguments.next().and_then(|text| text.parse().ok()).expect("a number of rows");
    let kind = arguments.next().unwrap_or_else(|| "plain".to_owned());
    let models = models();
    if folder == "-" {
        write(&mut BufWriter::with_capacity(1 << 20, stdout().lock()), rows, &kind, &models)?;
        return Ok(());
    }
    fs::create_dir_all(&folder)?;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(format!("{folder}/usage.csv"))?);
    let (groups, copies) = write(&mut file, rows, &kind, &models)?;
    file.flush()?;
    fs::write(format!("{folder}/prices.csv"), price_table(&models))?;
    for model in &models[..6] {
        let path = format!("{folder}/{}.toml", model.provider);
        fs::write(path, price_file(model.provider, &models))?;
    }
    let mut truth = BufWriter::new(File::create(format!("{folder}/truth.csv"))?);
    for ((provider, model, day), sums) in groups {
        let [input, cached, output] = sums.tokens;
        let (cost, billed) = (decimal(sums.cost, 12), decimal(sums.billed, 12));
        writeln!(truth, "{provider},{model},{day},{},{input},{cached},{output},{cost},{billed}", sums.rows)?;
    }
    writeln!(truth, "copies,{copies}")?;
    truth.flush()
}

type Groups = BTreeMap<(&'static str, String, String), Sums>;

fn write(out: &mut impl Write, rows: u64, kind: &str, models: &[Model]) -> std::io::Result<(Groups, u64)> {
    header(out, kind)?;
    let mut random = Random(20_260_301);
    let weights = skewed(models.len());
    let mut recent: Vec<Request> = Vec::with_capacity(RECENT);
    let mut sums = vec![Sums::default(); models.len() * DAYS as usize];
    let mut copies = 0;
    for row in 0..rows {
        let is_copy = random.below(33) == 0 && !recent.is_empty();
        let request = if is_copy {
            copies += 1;
            let at = random.below(recent.len() as u64) as usize;
            recent[at].clone()
        } else {
            any(&mut random, row, rows, &weights, models)
        };
        let day = (request.seconds / 86_400) as i64 - FIRST_DAY;
        let sum = &mut sums[request.model * DAYS as usize + day as usize];
        sum.rows += 1;
        for (sum, count) in sum.tokens.iter_mut().zip(request.tokens) {
            *sum += count;
        }
        let model = &models[request.model];
        sum.cost += u128::from(model.cost(day + FIRST_DAY, request.batch, request.tokens));
        sum.billed += u128::from(request.billed);
        line(out, kind, &request, model, &mut random)?;
        if !is_copy {
            if recent.len() < RECENT {
                recent.push(request);
            } else {
                recent[row as usize % RECENT] = request;
            }
        }
    }
    let mut groups = Groups::new();
    for (at, sums) in sums.into_iter().enumerate().filter(|(_, sums)| sums.rows > 0) {
        let (model, day) = (&models[at / DAYS as usize], FIRST_DAY + (at % DAYS as usize) as i64);
        groups.insert((model.provider, model.name.clone(), date(day)), sums);
    }
    Ok((groups, copies))
}

/// Which model a number below 1024 means: the first are used most.
fn skewed(models: usize) -> Vec<usize> {
    let share = |rank: usize| 1.0 / (rank + 1) as f64;
    let all: f64 = (0..models).map(share).sum();
    let mut table = Vec::new();
    for rank in 0..models {
        let slots = ((share(rank) / all * 1024.0) as usize).max(1);
        table.extend(std::iter::repeat_n(rank, slots));
    }
    table.resize(1024, 0);
    table
}

fn any(random: &mut Random, row: u64, rows: u64, weights: &[usize], models: &[Model]) -> Request {
    let model = weights[random.below(1024) as usize];
    let long = random.below(50) == 0;
    let input = 20 + random.below(if long { 300_000 } else { 12_000 });
    let cached = if random.below(3) == 0 { input / 256 * 128 } else { 0 };
    let output = 1 + random.below(4_000);
    let seconds = (FIRST_DAY * 86_400) as u64 + row * (DAYS as u64 * 86_400 - 1) / rows.max(1);
    let batch = random.below(8) == 0;
    let tokens = [input, cached, output];
    let cost = models[model].cost((seconds / 86_400) as i64, batch, tokens);
    // One in 16,000 is billed too high.
    let billed = if random.below(16_000) == 0 { cost + UNIT / 100 } else { cost };
    Request {
        seconds,
        id: [random.next(), random.next()],
        project: random.below(40),
        key: random.below(200),
        user: random.below(5_000),
        model,
        batch,
        tokens,
        reasoning: output / 2,
        billed,
    }
}

fn header(out: &mut impl Write, kind: &str) -> std::io::Result<()> {
    out.write_all(match kind {
        "openai" => b"start_time,end_time,start_time_iso,end_time_iso,num_model_requests,project_id,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,output_text_tokens,input_audio_tokens,output_audio_tokens\n",
        "litellm" => b"request_id,call_type,api_key,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,custom_llm_provider,api_base,user,metadata,cache_hit,cache_key,request_tags,team_id,end_user,status\n",
        _ => b"timestamp,request_id,project_id,api_key_id,user_id,provider,model,service_tier,batch,input_tokens,input_cached_tokens,output_tokens,reasoning_tokens,billed_cost_usd\n",
    })
}

fn line(
    out: &mut impl Write,
    kind: &str,
    request: &Request,
    model: &Model,
    random: &mut Random,
) -> std::io::Result<()> {
    let Request { id: [high, low], project, key, user, batch, reasoning, seconds, .. } = request;
    let [input, cached, output] = request.tokens;
    let (day, second) = ((seconds / 86_400) as i64, seconds % 86_400);
    let date = date(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let billed = decimal(request.billed.into(), 12);
    let (provider, name) = (model.provider, &model.name);
    match kind {
        "openai" => {
            let start = day * 86_400;
            let requests = 1 + random.below(20);
            writeln!(
                out,
                "{start},{},{date}T00:00:00+00:00,{date}T23:59:59+00:00,{requests},proj_{project:04},user-{user:05},key_{key:06},gpt-4o-2024-08-06,{batch},default,{input}.0,{output}.0,{cached}.0,{}.0,{input}.0,{output}.0,0.0,0.0",
                start + 86_400,
                input - cached,
            )
        }
        "litellm" => writeln!(
            out,
            "chatcmpl-{high:016x}{low:016x},acompletion,key-{key:06x},{billed},{},{input},{output},{date} {hour:02}:{minute:02}:{second:02}.{:03},{date} {hour:02}:{minute:02}:{second:02}.999,{name},{provider},https://api.example.com/v1,user_{user:05},\"{{\"\"status\"\": \"\"success\"\", \"\"user_api_key_alias\"\": null, \"\"usage_object\"\": {{\"\"prompt_tokens\"\": {input}, \"\"completion_tokens\"\": {output}, \"\"prompt_tokens_details\"\": {{\"\"cached_tokens\"\": {cached}}}, \"\"completion_tokens_details\"\": {{\"\"reasoning_tokens\"\": {reasoning}}}}}}}\",False,Cache OFF,[],team_{project:03},,success",
            input + output,
            low % 1000,
        ),
        _ => {
            // A user's name with a comma is quoted; one in a hundred has a line end in it.
            let user = match kind {
                "quoted" if low % 200 == 0 => format!("\"user\n{user:05}\""),
                "quoted" if low % 2 == 0 => format!("\"user, {user:05}\""),
                _ => format!("user_{user:05}"),
            };
            writeln!(
                out,
                "{date}T{hour:02}:{minute:02}:{second:02}Z,req_{high:016x}{low:016x},proj_{project:04},key_{key:06},{user},{provider},{name},default,{batch},{input},{cached},{output},{reasoning},{billed}"
            )
        }
    }
}

"""Asks Polars for the sums of a shape by model and day: `ask_polars.py SHAPE IDS FILE…`, with IDS 1 also for copies of ids."""

import sys

import polars as pl
from shapes import SHAPES

name, with_ids, *files = sys.argv[1:]
shape = SHAPES[name]
col = pl.col
if shape.kind == "csv":
    rows = pl.scan_csv(files, infer_schema=False)
    number = lambda column: (
        col(column).cast(pl.Float64).cast(pl.Int64) if "123.0" in name or name.startswith("OpenAI") else col(column).cast(pl.Int64)
    )
    if name == "Anthropic usage export":
        cached = number("usage_input_tokens_cache_read")
        model, day = col("model_version"), col("usage_date_utc").str.slice(0, 10)
        counts = (number("usage_input_tokens_no_cache") + cached, cached, number("usage_output_tokens"))
    elif name == "LiteLLM spend logs":
        cached = col("metadata").str.json_path_match("$.usage_object.prompt_tokens_details.cached_tokens").cast(pl.Int64)
        model, day = col("model"), col("startTime").str.slice(0, 10)
        counts = (number("prompt_tokens"), cached, number("completion_tokens"))
    else:
        model = col("model")
        counts = (number("input_tokens"), number("input_cached_tokens"), number("output_tokens"))
        if name == "epoch seconds":
            day = pl.from_epoch(col("timestamp").cast(pl.Int64)).dt.strftime("%Y-%m-%d")
        else:
            day = col("start_time_iso" if "start_time_iso" in shape.header else "timestamp").str.slice(0, 10)
else:
    usage = lambda *names: pl.Struct({name: pl.Int64 for name in names})
    if name.startswith("chat"):
        details = pl.Struct({"cached_tokens": pl.Int64})
        kind = pl.Struct({"prompt_tokens": pl.Int64, "completion_tokens": pl.Int64, "prompt_tokens_details": details})
        rows = pl.scan_ndjson(files, schema={"created": pl.Int64, "model": pl.String, "usage": kind})
        model, day = col("model"), pl.from_epoch(col("created")).dt.strftime("%Y-%m-%d")
        part = col("usage").struct.field
        cached = part("prompt_tokens_details").struct.field("cached_tokens")
        counts = (part("prompt_tokens"), cached, part("completion_tokens"))
    elif name == "Claude Code log":
        kind = pl.Struct({
            "id": pl.String, "model": pl.String,
            "usage": usage("input_tokens", "cache_read_input_tokens", "output_tokens"),
        })
        rows = pl.scan_ndjson(files, schema={"timestamp": pl.String, "message": kind}).unnest("message").unnest("usage")
        rows = rows.group_by("id").agg(col("model").first(), col("timestamp").min(), pl.col("^.*tokens$").max())
        model, day = col("model"), col("timestamp").str.slice(0, 10)
        cached = col("cache_read_input_tokens")
        counts = (col("input_tokens") + cached, cached, col("output_tokens"))
    else:
        last = usage("input_tokens", "cached_input_tokens", "output_tokens")
        kind = pl.Struct({"type": pl.String, "info": pl.Struct({"last_token_usage": last})})
        rows = pl.scan_ndjson(files, schema={"timestamp": pl.String, "payload": kind}).unnest("payload")
        rows = rows.filter(col("type") == "token_count").unnest("info").unnest("last_token_usage")
        model, day = pl.lit("gpt-5"), col("timestamp").str.slice(0, 10)
        counts = (col("input_tokens"), col("cached_input_tokens"), col("output_tokens"))
answer = rows.group_by(model.alias("m"), day.alias("d")).agg(
    pl.len(), *(count.sum().alias(f"c{at}") for at, count in enumerate(counts))
)
queries = [answer]
if with_ids == "1" and shape.kind == "csv":
    queries.append(rows.select(pl.len() - col("request_id").n_unique()))
answers = pl.collect_all(queries, engine="streaming")
for row in answers[0].iter_rows():
    print(*row, sep=",")
if len(answers) > 1:
    print("copies", answers[1].item(), sep=",")

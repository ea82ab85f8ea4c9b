"""Asks Polars: `ask_polars.py FILE PRICES [full]`. Exact because tokens times price is kept in integers and decimals."""

import sys

import polars as pl

usage, prices, full = sys.argv[1], sys.argv[2], len(sys.argv) > 3
TOKENS = {name: pl.Int64 for name in ("input_tokens", "input_cached_tokens", "output_tokens", "reasoning_tokens")}
micro = lambda name: (pl.col(name).cast(pl.Decimal(18, 6)) * 1_000_000).cast(pl.Int64)
table = pl.read_csv(prices, schema_overrides={name: pl.String for name in ("input", "cached", "output")})
table = table.with_columns(micro("input"), micro("cached"), micro("output")).lazy()
rows = pl.scan_csv(usage, schema_overrides=TOKENS | {"billed_cost_usd": pl.Decimal(18, 12)})
rows = rows.with_columns(day=pl.col("timestamp").str.slice(0, 10), long=pl.col("input_tokens") > 200_000)
# Picodollars: prices are millionths of a dollar a million tokens.
cost = (
    (pl.col("input_tokens") - pl.col("input_cached_tokens")) * pl.col("input")
    + pl.col("input_cached_tokens") * pl.col("cached")
    + pl.col("output_tokens") * pl.col("output")
)
billed = (pl.col("billed_cost_usd") * 1_000_000_000_000).cast(pl.Int64)
answer = (
    rows.join(table, on=["provider", "model", "day", "batch", "long"])
    .with_columns(cost=cost, billed=billed)
    .group_by("provider", "model", "day")
    .agg(
        pl.len(),
        pl.col("input_tokens").sum(),
        pl.col("input_cached_tokens").sum(),
        pl.col("output_tokens").sum(),
        pl.col("cost").sum(),
        pl.col("billed").sum(),
        ((pl.col("cost") - pl.col("billed")).abs() > 1000).sum().alias("otherwise"),
    )
    .sort("provider", "model", "day")
)
queries = [answer]
if full:
    queries.append(rows.select(pl.len() - pl.col("request_id").n_unique()))
answers = pl.collect_all(queries, engine="streaming")
for *keys, cost, billed, otherwise in answers[0].iter_rows():
    dollars = [f"{value // 10**12}.{value % 10**12:012d}" for value in (cost, billed)]
    print(*keys, *dollars, otherwise, sep=",")
if full:
    print("copies", answers[1].item(), sep=",")

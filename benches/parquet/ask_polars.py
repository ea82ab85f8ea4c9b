"""Asks Polars: `ask_polars.py FILE PRICES`. Exact because tokens times price is kept in integers."""

import sys

import polars as pl

usage, prices = sys.argv[1:]
micro = lambda name: (pl.col(name).cast(pl.Decimal(18, 6)) * 1_000_000).cast(pl.Int64)
table = pl.read_csv(prices, schema_overrides={name: pl.String for name in ("input", "cached", "output")})
table = table.with_columns(micro("input"), micro("cached"), micro("output"), pl.col("day").str.to_date()).lazy()
rows = pl.scan_parquet(usage).with_columns(day=pl.col("timestamp").dt.date(), long=pl.col("input_tokens") > 200_000)
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
    )
    .sort("provider", "model", "day")
)
for *keys, cost, billed in answer.collect(engine="streaming").iter_rows():
    dollars = [f"{value // 10**12}.{value % 10**12:012d}" for value in (cost, billed)]
    print(*keys, *dollars, sep=",")

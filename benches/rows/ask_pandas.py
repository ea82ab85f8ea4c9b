"""Asks pandas: `ask_pandas.py FILE PRICES [full]`. Money in floats, as pandas does it by itself."""

import sys

import pandas as pd

usage, prices, full = sys.argv[1], sys.argv[2], len(sys.argv) > 3
columns = ["timestamp", "provider", "model", "batch", "input_tokens", "input_cached_tokens", "output_tokens",
           "billed_cost_usd"] + (["request_id"] if full else [])
rows = pd.read_csv(usage, usecols=columns, engine="pyarrow", dtype_backend="pyarrow", dtype={"timestamp": "string[pyarrow]"})
rows["day"] = rows["timestamp"].str.slice(0, 10)
rows["long"] = rows["input_tokens"] > 200_000
keys = ["provider", "model", "day", "batch", "long"]
rows = rows.merge(pd.read_csv(prices, engine="pyarrow", dtype_backend="pyarrow", dtype={"day": "string[pyarrow]"}), on=keys)
rows["cost"] = ((rows["input_tokens"] - rows["input_cached_tokens"]) * rows["input"]
                + rows["input_cached_tokens"] * rows["cached"] + rows["output_tokens"] * rows["output"]) / 1e6
rows["otherwise"] = (rows["cost"] - rows["billed_cost_usd"]).abs() > 1e-9
sums = rows.groupby(["provider", "model", "day"]).agg(
    rows=("cost", "size"), input=("input_tokens", "sum"), cached=("input_cached_tokens", "sum"),
    output=("output_tokens", "sum"), cost=("cost", "sum"), billed=("billed_cost_usd", "sum"),
    otherwise=("otherwise", "sum"))
for row in sums.sort_index().reset_index().itertuples(index=False):
    print(*row, sep=",")
if full:
    print("copies", len(rows) - rows["request_id"].nunique(), sep=",")

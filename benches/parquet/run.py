#!/usr/bin/env python3
"""Asks tokreckon, DuckDB and Polars the same question about one Parquet file, and prints a Markdown table.

    python3 benches/parquet/run.py                      # 10,000,000 rows
    python3 benches/parquet/run.py --rows 2000000 --runs 3

The question is that of `benches/rows`: cost of every row by dated prices, exact sums of it and of the
billed cost by provider, model and day, compared with the generator's answer digit for digit. The file is
written by DuckDB from the same rows, with types: times, whole numbers, decimals; its row groups are
DuckDB's own.

Needs cargo, GNU time and `pip install duckdb polars`. Programs take turns after a warm-up each, so that a
machine with other work slows all of them; figures are medians of whole processes.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
specification = importlib.util.spec_from_file_location("rows", os.path.join(HERE, "..", "rows", "run.py"))
rows = importlib.util.module_from_spec(specification)
specification.loader.exec_module(rows)


def convert(usage, parquet):
    """The same rows with types."""
    import duckdb

    duckdb.connect().execute(f"""
        COPY (SELECT * REPLACE ("timestamp"::TIMESTAMP AS "timestamp") FROM read_csv('{usage}', header = true,
            types = {{'timestamp': 'VARCHAR', 'request_id': 'VARCHAR', 'project_id': 'VARCHAR',
            'api_key_id': 'VARCHAR', 'user_id': 'VARCHAR', 'batch': 'BOOLEAN', 'input_tokens': 'BIGINT',
            'input_cached_tokens': 'BIGINT', 'output_tokens': 'BIGINT', 'reasoning_tokens': 'BIGINT',
            'billed_cost_usd': 'DECIMAL(18,12)'}}))
        TO '{parquet}.part' (FORMAT parquet, COMPRESSION zstd)""")
    os.rename(parquet + ".part", parquet)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--folder", default=os.path.join(ROOT, "target", "bench", "rows"))
    options = arguments.parse_args()
    if "TOKRECKON" not in os.environ:
        build = ["cargo", "build", "--release", "--quiet", "-p", "tokreckon-cli", "--features", "parquet"]
        subprocess.run(build, check=True, cwd=ROOT)
    folder = os.path.join(options.folder, str(options.rows))
    parquet = os.path.join(folder, "usage.parquet")
    if not os.path.exists(parquet):
        manifest = os.path.join(HERE, "..", "rows", "Cargo.toml")
        subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", manifest], check=True)
        subprocess.run([rows.BUILT + "/generate", folder, str(options.rows)], check=True)
        convert(os.path.join(folder, "usage.csv"), parquet)
    asked = rows.commands(folder, False)
    tokreckon = [parquet if part.endswith("usage.csv") else part for part in asked["tokreckon report"]]
    prices = os.path.join(folder, "prices.csv")
    ask = {"tokreckon report": tokreckon}
    for name in ("duckdb", "polars"):
        ask[name] = [sys.executable, os.path.join(HERE, f"ask_{name}.py"), parquet, prices]
    figures = {name: [] for name in ask}
    outputs = {}
    for name, command in ask.items():
        rows.run(command, folder)
    for _ in range(options.runs):
        for name, command in ask.items():
            *numbers, outputs[name] = rows.run(command, folder)
            figures[name].append(numbers)
    size = os.path.getsize(parquet) / 1e6
    print(f"`python3 benches/parquet/run.py --rows {options.rows} --runs {options.runs}` on {os.cpu_count()} processors: {size:.0f} MB.\n")
    print("| program | wall, s | processor, s | peak memory, MB | million rows/s | wall against tokreckon | processor against tokreckon | exact |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    first = None
    for name, numbers in figures.items():
        wall, processor, memory = (statistics.median(column) for column in zip(*numbers))
        first = first or (wall, processor)
        exact = rows.judged(name, outputs[name], folder)
        print(f"| {name} | {wall:.2f} | {processor:.2f} | {memory:.0f} | {options.rows / wall / 1e6:.2f} | {wall / first[0]:.1f} | {processor / first[1]:.1f} | {exact} |")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures tokreckon against the alternatives, side by side in one run, and prints Markdown tables.

    python3 benches/run.py            # both comparisons
    python3 benches/run.py --rows 200000

Needs cargo and GNU time (Debian: `apt-get install time`); the second comparison needs `pip install duckdb`. Commands take turns, A B A B …, after one
warm-up each; figures are medians of whole processes: wall time, processor time, peak memory.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from decimal import Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(ROOT, "target", "bench")
TOKRECKON = os.path.join(ROOT, "target", "release", "tokreckon")
MODELS = ["o1-mini", "gpt-4o-mini", "gpt-4o", "o3-mini", "gpt-4.1", "gpt-4.1-mini", "o3", "gpt-5"]
RESPONSE = os.path.join(ROOT, "tests", "examples", "response.json")


def run(command):
    """One run of a command: seconds of wall, seconds of processor, peak memory in MB, output.

    GNU time starts the command from a small process: a child of this one would be charged with Python's memory.
    """
    figures = os.path.join(OUT, "figures")
    start = time.perf_counter()
    timed = ["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", figures, *command]
    process = subprocess.run(timed, stdout=subprocess.PIPE, check=False)
    wall = time.perf_counter() - start
    if process.returncode not in (0, 1):
        sys.exit(f"{command}: exit code {process.returncode}")
    with open(figures, encoding="ascii") as file:
        user, system, kilobytes = map(float, file.read().split())
    return wall, user + system, kilobytes / 1024, process.stdout.decode()


def in_turn(commands, runs):
    """Runs each command in turn; medians per name, and the last output."""
    for command in commands.values():
        run(command)
    figures = {name: [] for name in commands}
    outputs = {}
    for _ in range(runs):
        for name, command in commands.items():
            *numbers, outputs[name] = run(command)
            figures[name].append(numbers)
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in figures.items()}
    return medians, outputs


def table(medians, unit):
    scale = {"ms": 1000, "s": 1}[unit]
    first = next(iter(medians))
    print(f"| program | wall, {unit} | processor, {unit} | peak memory, MB | wall against {first} |")
    print("|---|---:|---:|---:|---:|")
    for name, (wall, processor, memory) in medians.items():
        ratio = wall / medians[first][0]
        print(f"| {name} | {wall * scale:.2f} | {processor * scale:.2f} | {memory:.1f} | {ratio:.1f} |")
    print()


def generate(path, rows):
    """Plain CSV with one request a row; the same bytes for the same number of rows."""
    if os.path.exists(path):
        return
    generator = random.Random(20250409)
    with open(path + ".part", "w", encoding="ascii") as file:
        file.write("timestamp,request_id,project_id,user_id,provider,model,service_tier,"
                   "input_tokens,input_cached_tokens,output_tokens,reasoning_tokens\n")
        start = 1_757_000_000
        for row in range(rows):
            prompt = generator.randint(20, 60_000)
            cached = generator.choice([0, 0, prompt // 256 * 128])
            output = generator.randint(1, 8_000)
            seconds = start + row * 3_000_000 // rows
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
            file.write(f"{stamp},req_{row:012d},proj_{generator.randint(1, 20)},user_{generator.randint(1, 500)},"
                       f"openai,{generator.choice(MODELS)},standard,{prompt},{cached},{output},{output // 2}\n")
    os.rename(path + ".part", path)


def prices():
    """Input, cached and output price of the generated models, as the price book has them."""
    rows = []
    for model in MODELS:
        command = [TOKRECKON, "prices", "show", "openai", model, "--at", "2025-09-20", "--format", "csv"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        columns = lines[0].split(",")
        price = {}
        for line in lines[1:]:
            cells = dict(zip(columns, line.split(",")))
            if not cells.get("tier"):
                price.setdefault(cells["meter"], cells["price"].split()[0])
        rows.append(f"('{model}', {price['input']}, {price['cache-read']}, {price['output']})")
    return ", ".join(rows)


def start_up():
    print("## From start to a priced answer\n")
    print("`tokreckon price … response.json` against a program on the genai-prices crate that reads the same "
          "file, extracts the usage and prices it.\n")
    bench = os.path.join(ROOT, "benches", "pricing")
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", bench + "/Cargo.toml"], check=True)
    medians, outputs = in_turn({
        "tokreckon price": [TOKRECKON, "price", "--provider", "openai", "--model", "o1-mini", RESPONSE],
        "genai-prices": [bench + "/target/release/tokreckon-bench-pricing", RESPONSE],
        "an empty program": ["/bin/true"],
    }, 31)
    table(medians, "ms")
    print(f"Answers: tokreckon {outputs['tokreckon price'].split('total')[1].split()[0]} USD, "
          f"genai-prices {outputs['genai-prices'].strip()}.\n")


def report(rows):
    print(f"## A report over {rows:,} rows of plain CSV\n")
    path = os.path.join(OUT, f"requests-{rows}.csv")
    generate(path, rows)
    size = os.path.getsize(path)
    print(f"{size / 1e6:.0f} MB, seed 20250409. DuckDB has 2 threads and is asked from Python, its start included. "
          "tokreckon finds the rate card of every row by its instant and prices it exactly.\n")
    duckdb = os.path.join(ROOT, "benches", "ask_duckdb.py")
    medians, outputs = in_turn({
        "tokreckon report": [TOKRECKON, "report", "--by", "model", "--format", "csv", path],
        "DuckDB, token sums": [sys.executable, duckdb, path],
        "DuckDB, token sums and costs": [sys.executable, duckdb, path, prices()],
    }, 5)
    table(medians, "s")
    ours = [line.split(",") for line in outputs["tokreckon report"].splitlines()[1:-1]]
    theirs = [line.split(",") for line in outputs["DuckDB, token sums and costs"].splitlines()]
    same = [row[:5] for row in ours] == [row[:5] for row in theirs]
    same = same and [Decimal(row[5]) for row in ours] == [Decimal(row[5]) for row in theirs]
    print(f"tokreckon: {rows / medians['tokreckon report'][0] / 1e6:.1f} million rows/s, "
          f"{size / medians['tokreckon report'][0] / 1e6:.0f} MB/s. "
          f"The sums are {'the same' if same else 'DIFFERENT'}.\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    options = arguments.parse_args()
    os.makedirs(OUT, exist_ok=True)
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "tokreckon-cli"], check=True, cwd=ROOT)
    print(f"`python3 benches/run.py --rows {options.rows}` on {os.cpu_count()} processors.\n")
    start_up()
    try:
        import duckdb  # noqa: F401
    except ImportError:
        print("DuckDB is not installed: `pip install duckdb`; the second comparison is skipped.")
        return
    report(options.rows)


if __name__ == "__main__":
    main()

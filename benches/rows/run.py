#!/usr/bin/env python3
"""Asks tokreckon and others the same question about many requests, in one run, and prints Markdown tables.

    python3 benches/rows/run.py                          # 1,000,000 rows
    python3 benches/rows/run.py --rows 10000000 --runs 3
    python3 benches/rows/run.py --rows 10000000 --runs 15 --against duckdb,polars
    python3 benches/rows/run.py --pipe 100000000         # through a pipe, tokreckon alone
    python3 benches/rows/run.py --formats 1000000        # other exports per byte

The question: cost of every row by dated prices (input, cached input, output; batches; one model with a
price tier), sums of it and of the billed cost by provider, model and day; `full` also counts request
ids that come again. The generator knows the answer; every answer is compared with it digit for digit.

Needs cargo and GNU time; `pip install duckdb polars pandas pyarrow` for the others, which are skipped
otherwise. Commands take turns after a warm-up each; figures are medians of whole processes.
"""

import argparse
import glob
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOKRECKON = os.environ.get("TOKRECKON", os.path.join(ROOT, "target", "release", "tokreckon"))
BUILT = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "target")), "release")


# What is compared, as tokreckon calls it.
FIGURES = ("records", "input", "cached", "output", "cost", "reported cost")


def run(command, folder, piped=None):
    """Wall and processor seconds, peak memory in MB, output."""
    figures = os.path.join(folder, "figures")
    timed = ["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", figures, *command]
    start = time.perf_counter()
    source = subprocess.Popen(piped, stdout=subprocess.PIPE) if piped else None
    process = subprocess.run(timed, stdin=source and source.stdout, capture_output=True, check=False)
    wall = time.perf_counter() - start
    if process.returncode not in (0, 1):
        sys.exit(f"{command}: exit code {process.returncode}\n{process.stderr.decode()}")
    with open(figures, encoding="ascii") as file:
        user, system, kilobytes = map(float, file.read().split())
    return wall, user + system, kilobytes / 1024, process.stdout.decode()


def truth(folder):
    rows, copies = {}, None
    with open(os.path.join(folder, "truth.csv"), encoding="ascii") as file:
        for line in file:
            cells = line.rstrip("\n").split(",")
            if cells[0] == "copies":
                copies = int(cells[1])
            else:
                rows[tuple(cells[:3])] = [Decimal(cell) for cell in cells[3:9]]
    return rows, copies


def judged(name, output, folder):
    """Whether an answer is the right one."""
    expected, copies = truth(folder)
    rows, found = {}, None
    lines = output.splitlines()
    header = lines[0].split(",") if lines else []
    if name == "tokreckon audit":
        return "yes" if audited(output) == copies else "NO"
    for line in lines:
        cells = line.split(",")
        if cells[0] == "copies":
            found = int(cells[1])
        elif name == "tokreckon report" and len(cells) == len(header) and cells[0] not in ("provider", "total"):
            # On a day on which a price changes, `up to` says what the other price comes to: no file says the hour.
            row = dict(zip(header, cells))
            rows[tuple(cells[:3])] = [Decimal(row[figure]) for figure in FIGURES]
        elif name != "tokreckon report":
            rows[tuple(cells[:3])] = [Decimal(cell) for cell in cells[3:9]]
    exact = rows == expected and found in (None, copies)
    return "yes" if exact else "no, floats" if "pandas" in name else "NO"


def audited(output):
    """Records that repeat a request id, from the findings as CSV."""
    lines = [line.split(",") for line in output.splitlines()]
    return sum(int(line[2]) for line in lines if line[0] == "duplicate-request-id")


def has(name):
    return importlib.util.find_spec(name) is not None


def commands(folder, full):
    usage, prices = (os.path.join(folder, name) for name in ("usage.csv", "prices.csv"))
    books = [part for path in sorted(glob.glob(folder + "/*.toml")) for part in ("--prices", path)]
    by = ["--by", "provider,model,day", "--format", "csv"]
    command = "audit" if full else "report"
    all_commands = {f"tokreckon {command}": [TOKRECKON, command, *books, *by, usage]}
    for name in ("duckdb", "polars", "pandas"):
        if has(name):
            script = os.path.join(HERE, f"ask_{name}.py")
            all_commands[name] = [sys.executable, script, usage, prices] + ["full"] * full
    all_commands["csv, serde, rust_decimal"] = [BUILT + "/naive", usage, prices] + ["full"] * full
    return all_commands


def compare(folder, rows, runs, full, against):
    size = os.path.getsize(os.path.join(folder, "usage.csv"))
    asked = commands(folder, full)
    unknown = [name for name in against if name not in asked]
    if unknown:
        sys.exit(f"--against: no {' or '.join(unknown)} here, only {'; '.join(asked)}")
    if against:
        asked = {name: command for name, command in asked.items() if name.startswith("tokreckon") or name in against}
    figures, outputs = {name: [] for name in asked}, {}
    for name, command in asked.items():
        if runs > 1:
            run(command, folder)
    for _ in range(runs):
        for name, command in asked.items():
            *numbers, outputs[name] = run(command, folder)
            figures[name].append(numbers)
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in figures.items()}
    first = next(iter(medians.values()))
    print(f"### {'With' if full else 'Without'} duplicate ids\n")
    print("| program | wall, s | processor, s | peak memory, MB | million rows/s | MB/s | wall against tokreckon | processor against tokreckon | exact |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
    for name, (wall, processor, memory) in medians.items():
        exact = judged(name, outputs[name], folder)
        print(f"| {name} | {wall:.2f} | {processor:.2f} | {memory:.0f} | {rows / wall / 1e6:.2f} | {size / wall / 1e6:.0f} "
              f"| {wall / first[0]:.1f} | {processor / max(first[1], 0.01):.1f} | {exact} |")
    print(flush=True)


def pipe(folder, rows):
    print(f"### {rows:,} rows through a pipe\n")
    generate = [BUILT + "/generate", "-", str(rows)]
    books = [part for path in sorted(glob.glob(folder + "/*.toml")) for part in ("--prices", path)]
    wall, processor, memory, _ = run([TOKRECKON, "report", *books, "--format", "csv", "-"], folder, generate)
    print(f"tokreckon report: {wall:.1f} s (the generator takes its share), {processor:.1f} s of processor, {memory:.0f} MB.\n")


def formats(folder, rows):
    print(f"### Other exports, {rows:,} rows each\n")
    print("| file | MB | processor, s | ns a byte | against plain |")
    print("|---|---:|---:|---:|---:|")
    books = [part for path in sorted(glob.glob(folder + "/*.toml")) for part in ("--prices", path)]
    plain = None
    for kind in ("plain", "quoted", "openai", "litellm"):
        inner = os.path.join(folder, kind)
        subprocess.run([BUILT + "/generate", inner, str(rows), kind], check=True)
        usage = os.path.join(inner, "usage.csv")
        size = os.path.getsize(usage)
        command = [TOKRECKON, "report", *books, "--format", "csv", usage]
        processor = statistics.median(run(command, folder)[1] for _ in range(5))
        nanoseconds = processor / size * 1e9
        plain = plain or nanoseconds
        print(f"| {kind} | {size / 1e6:.0f} | {processor:.2f} | {nanoseconds:.2f} | {nanoseconds / plain:.2f} |")
        os.remove(usage)
    print(flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--against", default="", help="the others that are asked, with commas; all")
    arguments.add_argument("--pipe", type=int, default=0)
    arguments.add_argument("--formats", type=int, default=0)
    arguments.add_argument("--folder", default=os.path.join(ROOT, "target", "bench", "rows"))
    options = arguments.parse_args()
    if "TOKRECKON" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "tokreckon-cli"], check=True, cwd=ROOT)
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", HERE + "/Cargo.toml"], check=True)
    folder = os.path.join(options.folder, str(options.rows))
    if not os.path.exists(os.path.join(folder, "truth.csv")):
        subprocess.run([BUILT + "/generate", folder, str(options.rows)], check=True)
    size = os.path.getsize(os.path.join(folder, "usage.csv")) / 1e6
    print(f"`python3 benches/rows/run.py --rows {options.rows}` on {os.cpu_count()} processors: {size:.0f} MB.\n")
    for full in (False, True):
        compare(folder, options.rows, options.runs, full, options.against.split(",") if options.against else [])
    if options.pipe:
        pipe(folder, options.pipe)
    if options.formats:
        formats(folder, options.formats)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Asks tokreckon, an earlier tokreckon, DuckDB and Polars for the same sums of files of many shapes.

    python3 benches/shapes/run.py                                   # 1,000,000 rows a shape, 10,000,000 of the plain one
    python3 benches/shapes/run.py --rows 200000 --only 'chat|gzip'  # some of them
    python3 benches/shapes/run.py --before PATH                     # beside an earlier build of the program

tokreckon prices every record as well, audits it where the row says so, and names what it does not know;
the others only add up counts by model and day (an audit: and count ids that come again). Every answer is
held against the sums that the generator knows; an answer that differs, or an engine that fails, has no
figure. Programs take turns after a warm-up; figures are medians of whole processes, their start included.
Read the ratios. Needs GNU time and cargo; `pip install duckdb polars` for the others.
"""

import argparse
import csv
import importlib.util
import io
import os
import re
import statistics
import subprocess
import sys
import time

from shapes import SHAPES, make

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PLAIN = "12 usual columns"
AUDITED = (PLAIN, "+ 1 empty known column", "every cell in quotes", "a model outside its price's period", "chat responses",
           "OpenAI usage export", "LiteLLM spend logs", "Claude Code log", "Codex log")


def cases(rows, plain_rows):
    """Rows of the table: what it is called, shape, files, command and options, how many rows, whether ids count."""
    for name in SHAPES:
        yield name, name, 1, ["report"], rows, False
        if name in AUDITED:
            yield f"{name}, audit", name, 1, ["audit"], rows, name == PLAIN
    yield "two files of 12 usual columns", PLAIN, 2, ["report"], rows, False
    yield "`--as-if service-tier=batch`", PLAIN, 1, ["report", "--as-if", "service-tier=batch"], rows, False
    yield "audit `--bill-total`", PLAIN, 1, ["audit", "--bill-total", "5 USD"], rows, False
    yield "audit `--baseline`", PLAIN, 1, ["audit", "--baseline"], rows, False
    if plain_rows:
        yield f"{plain_rows:,} rows", PLAIN, 1, ["report"], plain_rows, False
        yield f"{plain_rows:,} rows, audit", PLAIN, 1, ["audit"], plain_rows, True


def run(command, folder):
    """Wall and processor seconds, peak memory in MB, output; `None` where it failed."""
    figures = os.path.join(folder, "figures")
    timed = ["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", figures, *command]
    start = time.perf_counter()
    process = subprocess.run(timed, capture_output=True, check=False)
    wall = time.perf_counter() - start
    with open(figures, encoding="ascii") as file:
        user, system, kilobytes = map(float, file.read().splitlines()[-1].split())
    is_own = "ask_" not in " ".join(command)
    if process.returncode not in ((0, 1) if is_own else (0,)):
        sys.stderr.write(f"{' '.join(command)}: exit code {process.returncode}\n{process.stderr.decode()[-800:]}\n")
        return None
    return wall, user + system, kilobytes / 1024, process.stdout.decode()


def sums_of(output, is_own):
    """The sums of an answer, by model and day."""
    if not is_own:
        return {tuple(cells[:2]): list(map(int, cells[2:])) for cells in csv.reader(io.StringIO(output)) if cells[0] != "copies"}
    found = {}
    for row in csv.DictReader(io.StringIO(output)):
        if row.get("model") not in (None, "total") and row.get("day"):
            counts = (int(row[column] or 0) for column in ("records", "input", "cached", "output"))
            found[row["model"], row["day"]] = list(counts)
    return found


def programs(options, command, shape, paths, with_ids, rows):
    """The commands that are asked, by name."""
    own = [*command]
    if own[-1] == "--baseline":
        own.append(make(os.path.join(options.folder, str(rows), "8"), shape, rows, 8)[0])
    extra = [*getattr(SHAPES[shape], "options", ()), "--by", "model,day", "--format", "csv", *paths]
    extra = ["--no-dedup", *extra] if len(paths) == 2 and options.no_dedup else extra
    asked = {"tokreckon": [options.program, *own, *extra]}
    if options.before:
        asked["before"] = [options.before, *own, *extra]
    for engine in ("duckdb", "polars"):
        if importlib.util.find_spec(engine) and engine in options.against.split(","):
            asked[engine] = [sys.executable, os.path.join(HERE, f"ask_{engine}.py"), shape, str(int(with_ids)), *paths]
    return asked


def measure(options, folder, case):
    name, shape, files, command, rows, with_ids = case
    made = [make(os.path.join(folder, str(rows), str(seed)), shape, rows, seed) for seed in range(7, 7 + files)]
    paths = [path for path, _ in made]
    truth = {}
    for _, sums in made:
        with open(sums, encoding="ascii") as file:
            for model, day, *counts in csv.reader(file):
                known = truth.setdefault((model, day), [0, 0, 0, 0])
                truth[model, day] = [left + int(right) for left, right in zip(known, counts)]
    asked = programs(options, command, shape, paths, with_ids, rows)
    figures = {program: [] for program in asked}
    for number in range(options.runs + 1):
        for program, line in asked.items():
            result = run(line, folder)
            is_own = program in ("tokreckon", "before")
            # An audit lists findings, other terms are another table: the plain report of the file is held against the truth.
            exact = result and (command != ["report"] and is_own or sums_of(result[3], is_own) == truth)
            if number and exact:
                figures[program].append(result[:3])
            elif result and not exact and number == 0:
                sys.stderr.write(f"{name}: {program} has other sums\n")
    return {program: [statistics.median(column) for column in zip(*runs)] for program, runs in figures.items() if runs}


def ratio(medians, other, at=0):
    return f"{medians[other][at] / max(medians['tokreckon'][at], 0.001):.1f}" if other in medians else "–"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--plain-rows", type=int, default=10_000_000, help="of the plain shape besides; 0 for none")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--only", default="", help="regular expression for the names of rows")
    arguments.add_argument("--before", help="an earlier build of the program")
    arguments.add_argument("--program", default=os.path.join(ROOT, "target", "release", "tokreckon"))
    arguments.add_argument("--against", default="duckdb,polars")
    arguments.add_argument("--no-dedup", action="store_true", help="two files are read without looking for copies")
    arguments.add_argument("--folder", default=os.path.join(ROOT, "target", "bench", "shapes"))
    options = arguments.parse_args()
    if options.program.startswith(ROOT):
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "tokreckon-cli"], check=True, cwd=ROOT)
    print("| shape | wall, s | processor, s | MB | before ÷ | DuckDB ÷ | Polars ÷ | processor: before ÷ | DuckDB ÷ | Polars ÷ |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for case in cases(options.rows, options.plain_rows):
        if not re.search(options.only, case[0]):
            continue
        medians = measure(options, options.folder, case)
        if "tokreckon" not in medians:
            print(f"| {case[0]} | no right answer | | | | | | | | |", flush=True)
            continue
        wall, processor, memory = medians["tokreckon"]
        ratios = [ratio(medians, other, at) for at in (0, 1) for other in ("before", "duckdb", "polars")]
        print(f"| {case[0]} | {wall:.3f} | {processor:.2f} | {memory:.0f} | {' | '.join(ratios)} |", flush=True)


if __name__ == "__main__":
    main()

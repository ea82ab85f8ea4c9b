#!/usr/bin/env python3
"""Kills every command that writes at moments spread over its whole run, and looks at what is left.

    python3 benches/kills.py PROGRAM [--kills 10000] [--seed 1]

Each kill (SIGKILL) must leave the old file or the new one, byte by byte. One in four is SIGTERM,
SIGINT or SIGHUP instead, after which no other file may be in the folder. Prints a line for each
command; exit code 1 when anything else was found.
"""
import argparse, os, random, shutil, signal, subprocess, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, TABLES = ROOT / "tests/examples", ROOT / "tests/fixtures/tables"


def commands(program, out):
    """What writes, by name, and what its files hold before: a history is added to, so its is empty."""
    page, history, prices = out / "page.html", out / "history.toml", out / "prices.toml"
    return [
        ("report --html", [program, "report", EXAMPLES / "requests-2025-03.csv", "--html", page], b"OLD"),
        ("audit --html", [program, "audit", EXAMPLES / "openai-usage-2025-02.csv", "--html", page], b"OLD"),
        ("calibrate --out", [program, "calibrate", EXAMPLES / "responses.jsonl", "--out", history], b""),
        ("prices import --out", [program, "prices", "import", "--from", "litellm", TABLES / "litellm.json",
                                 "--seen", "2026-11-20", "--provider", "openai", "--out", prices], b"OLD"),
        ("man --out", [program, "man", "--out", out], b"OLD"),
    ]


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def run(command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=10_000, help="for each command")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    program, dice, wrong = str(Path(args.program).resolve()), random.Random(args.seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "out")
        for name, command, old in commands(program, out):
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            begun = time.monotonic()
            run(command).wait()
            whole = time.monotonic() - begun
            new = content(out)
            olds = news = mixed = parts = 0
            for _ in range(args.kills):
                for path in out.iterdir():
                    path.unlink()
                for file in new:
                    (out / file).write_bytes(old)
                child = run(command)
                time.sleep(dice.random() * whole * 1.1)
                asked = dice.random() < 0.25
                child.send_signal(dice.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP]) if asked else signal.SIGKILL)
                child.wait()
                left = content(out)
                beside = [file for file in left if file not in new]
                whole_files = all(left.get(file) in (old, new[file]) for file in new)
                parts += len(beside)
                if not whole_files or (beside and asked):
                    mixed += 1
                    print(f"{name}: {sorted(left)} after {'a request' if asked else 'a kill'}", file=sys.stderr)
                elif all(left[file] == old for file in new):
                    olds += 1
                else:
                    news += 1
            wrong += mixed
            print(f"{name}: {args.kills} kills, {olds} old, {news} new, {mixed} neither; {parts} unfinished files left by SIGKILL", flush=True)
    sys.exit(wrong > 0)


main()

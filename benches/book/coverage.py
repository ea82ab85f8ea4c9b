#!/usr/bin/env python3
"""What public tables hold and the book lacks: models, conditions, and prices that differ.

    benches/book/coverage.py PROGRAM litellm=FILE@DATE models.dev=FILE@DATE ...

Asks `PROGRAM prices refresh data/prices` what the tables of the day would change, writes nothing, and
counts it. A model or a condition counts as missing when two or more tables hold it; what one table alone
holds is counted apart. Of prices that differ it says why the book's stands: two amounts are given for it,
the seller announced it, or it was seen later; `on an older sighting` is none of these. `--list` names every
line.
"""
import collections, csv, json, pathlib, re, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def why_it_stands(program, row):
    """Why the book keeps its price against those of a table."""
    command = [program, "prices", "show", row["provider"], row["model"], "--format", "json"]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    meter, *conditions = row["what"].split(", ")
    tier, variant, above = "standard", "", 0
    for condition in conditions:
        if condition.startswith("above "):
            above = int(condition.split()[1])
        elif "=" in condition:
            variant = condition
        else:
            tier = condition
    rates = [rate for seller in shown["sellers"] for rate in seller["rates"]
             if (rate["meter"], rate["service_tier"], rate["variant"], rate["threshold"]) == (meter, tier, variant, above)]
    newest = max(re.findall(r"\d{4}-\d\d-\d\d", row["why"].split("stands;")[-1]))
    if any(rate["standing"] == "disputed" for rate in rates):
        return "two amounts are given"
    if any("redirected" in rate["note"] for rate in rates):
        return "the seller announced it"
    return "seen later" if any(rate["seen"] >= newest for rate in rates) else "on an older sighting"


def main():
    arguments = [word for word in sys.argv[1:] if word != "--list"]
    if len(arguments) < 2:
        raise SystemExit(__doc__)
    program, *tables = arguments
    command = [program, "prices", "refresh", str(ROOT / "data/prices"), "--format", "csv"]
    for table in tables:
        command += ["--from", table]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode > 1:
        raise SystemExit(done.stderr)
    rows = [row for row in csv.DictReader(done.stdout.splitlines()) if row.get("what")]
    counts, named = collections.Counter(), []
    for row in rows:
        several = len(re.findall(r"\d{4}-\d\d-\d\d", row["why"])) >= 2
        plain = row["what"] in ("input", "output", "cache-read")
        what = {
            "added": "missing price" if plain else "missing condition",
            "disputed": "differs, the book's stands",
            "to review": "looks like a slip, not taken over",
        }.get(row["fate"], row["fate"])
        what += ", in two tables or more" if several else ", in one table"
        if row["fate"] == "disputed":
            what += ": " + why_it_stands(program, row)
        counts[what] += 1
        named.append((what, row["provider"], row["model"], row["what"], row["why"]))
    for what, count in sorted(counts.items()):
        print(f"{count:6}  {what}")
    if "--list" in sys.argv:
        for line in sorted(named):
            print("\t".join(line))


main()

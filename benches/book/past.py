#!/usr/bin/env python3
"""Past prices of the book beside old versions of a public table.

    benches/book/past.py PROGRAM litellm=FILE@DATE ...

Imports each version, holds it against the book on its own day, and asks the book about every price that
differs. What explains a difference:

    noted            the book tells the other amount beside its price, with who held it
    of another time  the other amount is the book's own of another period: the table was late or early
    a misplaced point  ten, a hundred or a thousand times an amount of the book, or the other way round
    disputed         the book gives two amounts for that day
    corrected        the book's price is checked by hand, billed, or says in a note what was wrong
    unexplained      none of it

`--list` names every line.
"""
import collections, csv, json, pathlib, re, subprocess, sys, tempfile
from decimal import Decimal


def amount(text):
    found = re.match(r"[\d.]+", text)
    return Decimal(found.group()) if found else None


def run(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def reason(program, row, other):
    shown = json.loads(run(program, "prices", "show", row["provider"], row["model"], "--history", "--format", "json"))
    rates = [rate for seller in shown["sellers"] for rate in seller["rates"] if rate["meter"] == row["meter"]]
    own = amount(row["builtin"])
    standing = [rate for rate in rates if rate["amount"] and Decimal(rate["amount"]) == own]
    said = {amount(piece) for rate in rates for piece in rate["also_seen"].split("; ") if piece}
    if other in said:
        return "noted"
    if any(rate["amount"] and Decimal(rate["amount"]) == other for rate in rates):
        return "of another time"
    told = [Decimal(rate["amount"]) for rate in rates if rate["amount"]]
    if any(other * factor == price or price * factor == other for price in told for factor in (10, 100, 1000)):
        return "a misplaced point"
    if any(rate["standing"] == "disputed" for rate in standing):
        return "disputed"
    if any(rate["standing"] == "curated" or rate["note"] for rate in standing):
        return "corrected"
    return "unexplained"


def main():
    arguments = [word for word in sys.argv[1:] if word != "--list"]
    if len(arguments) < 2:
        raise SystemExit(__doc__)
    program, *tables = arguments
    program = str(pathlib.Path(program).resolve())
    for table in tables:
        name, rest = table.split("=", 1)
        path, day = rest.rsplit("@", 1)
        with tempfile.TemporaryDirectory() as folder:
            run(program, "prices", "import", "--from", name, path, "--seen", day, "--out", folder)
            diff = run(program, "prices", "diff", "builtin", folder, "--at", day, "--show", "same", "--show", "differ", "--format", "csv")
        counts = collections.Counter()
        for row in csv.DictReader(diff.splitlines()):
            if row.get("outcome") not in ("same", "differ"):
                continue
            if row["outcome"] == "same":
                counts["same"] += 1
                continue
            other = amount(next(value for key, value in row.items() if key not in ("provider", "model", "meter", "conditions", "builtin", "ratio", "outcome")))
            kind = reason(program, row, other)
            counts[kind] += 1
            if "--list" in sys.argv:
                print("\t".join([day, kind, *row.values()]))
        print(f"{name} {day}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))


main()

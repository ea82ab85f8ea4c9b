"""Asks DuckDB for the sums of a shape by model and day: `ask_duckdb.py SHAPE IDS FILE…`, with IDS 1 also for copies of ids."""

import sys

import duckdb
from shapes import CSV_SUMS, SHAPES, USUAL_SUMS

name, with_ids, *files = sys.argv[1:]
shape = SHAPES[name]
connection = duckdb.connect()
connection.execute("SET threads = 2")
if shape.kind == "csv":
    model, *counts = CSV_SUMS.get(name, USUAL_SUMS)
    days = "BIGINT" if name == "epoch seconds" else "VARCHAR"
    number = "DOUBLE" if "123.0" in name or name.startswith("OpenAI") else "BIGINT"
    is_count = lambda column: column.endswith("tokens") or "_tokens_" in column
    kinds = {column: number if is_count(column) else "VARCHAR" for column in shape.header}
    kinds[shape.header[0]] = days if shape.header[0] == "timestamp" else "VARCHAR"
    if "timestamp" in kinds:
        kinds["timestamp"] = days
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in kinds.items())
    source = f"read_csv({files}, header = true, columns = {{{columns}}})"
    sums = (model, shape.day, *counts)
else:
    template, *sums = shape.source
    source = template.format(path=files[0])
model, day, *counts = sums
if with_ids == "1" and shape.kind == "csv":
    connection.execute(f"CREATE TEMP TABLE usage AS SELECT * FROM {source}")
    source = "usage"
total = ", ".join(f"sum(({count})::DECIMAL(18,0))::HUGEINT" for count in counts)
for row in connection.execute(f"SELECT {model}, {day}, count(*), {total} FROM {source} GROUP BY ALL").fetchall():
    print(*row, sep=",")
if with_ids == "1" and shape.kind == "csv":
    print("copies", connection.execute("SELECT count(*) - count(DISTINCT request_id) FROM usage").fetchone()[0], sep=",")

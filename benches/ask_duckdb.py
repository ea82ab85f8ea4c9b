"""Asks DuckDB the benchmark's question: `ask_duckdb.py FILE` for sums, `ask_duckdb.py FILE PRICES` for costs too."""

import sys

import duckdb

SUMS = """
    SELECT model, count(*), sum(input_tokens), sum(input_cached_tokens), sum(output_tokens)
    FROM read_csv(?, header = true) GROUP BY model ORDER BY model
"""

# Exact only because every type is cast by hand; `/ 1000000` would turn the money into a float.
COSTS = """
    SELECT model, count(*), sum(input_tokens), sum(input_cached_tokens), sum(output_tokens),
        sum((input_tokens - input_cached_tokens)::DECIMAL(18,0) * i + input_cached_tokens::DECIMAL(18,0) * c
            + output_tokens::DECIMAL(18,0) * o) * 0.000001
    FROM read_csv(?, header = true) JOIN prices USING (model) GROUP BY model ORDER BY model
"""

connection = duckdb.connect()
connection.execute("SET threads = 2")
query = SUMS
if len(sys.argv) > 2:
    query = COSTS
    connection.execute("CREATE TABLE prices (model VARCHAR, i DECIMAL(9,6), c DECIMAL(9,6), o DECIMAL(9,6))")
    connection.execute("INSERT INTO prices VALUES " + sys.argv[2])
for row in connection.execute(query, [sys.argv[1]]).fetchall():
    print(*row, sep=",")

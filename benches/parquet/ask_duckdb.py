"""Asks DuckDB: `ask_duckdb.py FILE PRICES`. Exact only because every type is given by hand."""

import sys

import duckdb

# `/ 1000000` would turn the money into a float.
ANSWER = """
    SELECT provider, model, day, count(*), sum(input_tokens), sum(input_cached_tokens), sum(output_tokens),
        sum(cost), sum(billed_cost_usd)
    FROM (
        SELECT r.*, ((input_tokens - input_cached_tokens)::DECIMAL(12,0) * p.input
            + input_cached_tokens::DECIMAL(12,0) * p.cached
            + output_tokens::DECIMAL(12,0) * p.output)::DECIMAL(24,6) * 0.000001::DECIMAL(6,6) AS cost
        FROM (SELECT provider, model, "timestamp"::DATE AS day, batch, input_tokens, input_cached_tokens,
            output_tokens, billed_cost_usd FROM '{usage}') r JOIN prices p
            ON r.provider = p.provider AND r.model = p.model AND r.day = p.day AND r.batch = p.batch
            AND (r.input_tokens > 200000) = p.long
    ) GROUP BY ALL ORDER BY ALL
"""

usage, prices = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute(f"""CREATE TABLE prices AS FROM read_csv('{prices}', columns = {{
    'provider': 'VARCHAR', 'model': 'VARCHAR', 'day': 'DATE', 'batch': 'BOOLEAN', 'long': 'BOOLEAN',
    'input': 'DECIMAL(9,6)', 'cached': 'DECIMAL(9,6)', 'output': 'DECIMAL(9,6)'}})""")
for row in connection.execute(ANSWER.format(usage=usage)).fetchall():
    print(*row, sep=",")

"""Asks DuckDB: `ask_duckdb.py FILE PRICES [full]`. Exact only because every type is given by hand."""

import sys

import duckdb

ROWS = """
    SELECT provider, model, "timestamp"[:10] AS day, batch, input_tokens, input_cached_tokens, output_tokens,
        billed_cost_usd{id}
    FROM read_csv('{usage}', header = true, columns = {{
        'timestamp': 'VARCHAR', 'request_id': 'VARCHAR', 'project_id': 'VARCHAR', 'api_key_id': 'VARCHAR',
        'user_id': 'VARCHAR', 'provider': 'VARCHAR', 'model': 'VARCHAR', 'service_tier': 'VARCHAR',
        'batch': 'BOOLEAN', 'input_tokens': 'BIGINT', 'input_cached_tokens': 'BIGINT', 'output_tokens': 'BIGINT',
        'reasoning_tokens': 'BIGINT', 'billed_cost_usd': 'DECIMAL(18,12)'}})
"""

# `/ 1000000` would turn the money into a float.
ANSWER = """
    SELECT provider, model, day, count(*), sum(input_tokens), sum(input_cached_tokens), sum(output_tokens),
        sum(cost), sum(billed_cost_usd), count_if(abs(cost - billed_cost_usd) > 0.000000001)
    FROM (
        SELECT r.*, ((input_tokens - input_cached_tokens)::DECIMAL(12,0) * p.input
            + input_cached_tokens::DECIMAL(12,0) * p.cached
            + output_tokens::DECIMAL(12,0) * p.output)::DECIMAL(24,6) * 0.000001::DECIMAL(6,6) AS cost
        FROM ({rows}) r JOIN prices p
            ON r.provider = p.provider AND r.model = p.model AND r.day = p.day AND r.batch = p.batch
            AND (r.input_tokens > 200000) = p.long
    ) GROUP BY ALL ORDER BY ALL
"""

usage, prices, full = sys.argv[1], sys.argv[2], len(sys.argv) > 3
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute(f"""CREATE TABLE prices AS FROM read_csv('{prices}', columns = {{
    'provider': 'VARCHAR', 'model': 'VARCHAR', 'day': 'VARCHAR', 'batch': 'BOOLEAN', 'long': 'BOOLEAN',
    'input': 'DECIMAL(9,6)', 'cached': 'DECIMAL(9,6)', 'output': 'DECIMAL(9,6)'}})""")
rows = ROWS.format(usage=usage, id=", request_id" if full else "")
if full:
    # Faster than reading the file twice.
    connection.execute(f"CREATE TEMP TABLE usage AS {rows}")
    rows = "SELECT * FROM usage"
for row in connection.execute(ANSWER.format(rows=rows)).fetchall():
    print(*row, sep=",")
if full:
    copies = connection.execute("SELECT count(*) - count(DISTINCT request_id) FROM usage").fetchone()
    print("copies", copies[0], sep=",")

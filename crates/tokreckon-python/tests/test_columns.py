"""Tables of pandas, polars, pyarrow and DuckDB are the CSV that says the same."""

import csv
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tokreckon

NAMES = ["provider", "model", "timestamp", "input_tokens", "cached_tokens", "output_tokens", "user"]
Rows = list[dict[str, Any]]


def usage(seed: int, rows: int = 200) -> Rows:
    """Rows of what people have: known and unknown models, counts that are missing or cannot be."""
    dice = random.Random(seed)
    start = datetime(2025, 4, 1, tzinfo=timezone.utc)
    made = []
    for _ in range(rows):
        prompt = dice.randrange(10**6)
        cached = dice.choice([0, prompt // 2, None, prompt + 1])
        counts = [prompt, cached, dice.randrange(10**5)]
        model = dice.choice(["o1-mini", "gpt-4o", "gpt-4o-mini", "no-such-model"])
        at = start + timedelta(seconds=dice.randrange(10**6))
        made.append(dict(zip(NAMES, ["openai", model, at, *counts, dice.choice("abc")], strict=True)))
    return made


def text(rows: Rows) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES)
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, "timestamp": row["timestamp"].isoformat().replace("+00:00", "Z")})
    return out.getvalue().encode()


def of_pyarrow(rows: Rows) -> Any:
    pa = pytest.importorskip("pyarrow")
    return pa.Table.from_pylist(rows)


def of_batches(rows: Rows) -> Any:
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist(rows)
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=7))


def of_dictionaries(rows: Rows) -> Any:
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist(rows)
    return table.set_column(1, "model", table["model"].dictionary_encode())


def of_polars(rows: Rows) -> Any:
    return pytest.importorskip("polars").DataFrame(rows)


def of_categories(rows: Rows) -> Any:
    pl = pytest.importorskip("polars")
    return pl.DataFrame(rows).with_columns(pl.col("model").cast(pl.Categorical))


def of_pandas(rows: Rows) -> Any:
    # Counts of which some are missing are floats there.
    return pytest.importorskip("pandas").DataFrame(rows)


def of_duckdb(rows: Rows) -> Any:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    table = of_pyarrow(rows)
    connection.register("usage", table)
    return connection.sql("from usage")


LIBRARIES = [
    of_pyarrow,
    of_batches,
    of_dictionaries,
    of_polars,
    of_categories,
    of_pandas,
    of_duckdb,
]


def sums(report: tokreckon.Report) -> dict[str, Any]:
    """All of a report but what its sources are called."""
    document = report.to_dict()
    for file in document["files"]:
        del file["name"]
    return document


@pytest.mark.parametrize("made", LIBRARIES)
def test_a_table_is_the_csv_that_says_the_same(made: Callable[[Rows], Any]):
    for seed in range(5):
        rows = usage(seed)
        by_text = tokreckon.report(text(rows), by=["model", "day"])
        by_table = tokreckon.report(made(rows), by=["model", "day"])
        assert sums(by_table) == sums(by_text), seed
        assert by_table.total.grade == "unknown" and by_table.total.records > 0
        audit, expected = tokreckon.audit(made(rows)), tokreckon.audit(text(rows))
        assert audit.codes == expected.codes and "part-exceeds-whole" in audit.codes


@pytest.mark.parametrize("made", LIBRARIES)
def test_rows_and_cells_cost_what_the_report_says(made: Callable[[Rows], Any]):
    pa = pytest.importorskip("pyarrow")
    rows = usage(7)
    report = tokreckon.report(text(rows))
    priced = tokreckon.price_table(made(rows))
    assert len(priced) == len(rows)
    assert priced.column_names[-5:] == ["cost_low", "cost_high", "grade", "reasons", "currency"]
    table = pa.table(priced)
    assert table.schema.field("cost_low").type == pa.decimal128(38, 24)
    low = sum((cost for cost in table["cost_low"].to_pylist() if cost is not None), Decimal(0))
    assert low == report.total.costs[0].low
    known = tokreckon.cells(made(rows), by=["user"])
    by_cells = tokreckon.report_cells(known, by=["model", "user"])
    direct = tokreckon.report(text(rows), by=["model", "user"])
    assert [(str(group), group.labels) for group in by_cells.groups] == [
        (str(group), group.labels) for group in direct.groups
    ]
    assert by_cells.total.not_charged == direct.total.not_charged


def test_cells_add_up_in_any_order_and_split():
    pa = pytest.importorskip("pyarrow")
    dice = random.Random(5)
    rows = usage(11)
    whole = pa.table(tokreckon.cells(of_pyarrow(rows)))
    for _ in range(20):
        cuts = sorted(dice.sample(range(1, len(rows)), dice.randrange(1, 9)))
        bounds = [0, *cuts, len(rows)]
        parts = [tokreckon.cells(of_pyarrow(rows[a:b])) for a, b in zip(bounds, bounds[1:])]
        dice.shuffle(parts)
        merged = pa.table(tokreckon.merge(parts))
        assert merged.equals(whole, check_metadata=True)
    own = 'provider = "openai"\ncurrency = "USD"\n[[price]]\nmodels = ["o1-mini"]\n'
    own += 'from = 2024-01-01\ninput = "1"\n'
    other = tokreckon.cells(of_pyarrow(rows), prices=[own])
    with pytest.raises(tokreckon.SavedLedgerError) as found:
        tokreckon.merge([whole, other])
    assert found.value.code == "other-book" and "reprice" in (found.value.hint or "")
    twice = tokreckon.report_cells([whole, other], reprice=True)
    once = tokreckon.report_cells(whole)
    assert twice.total.costs[0].low == 2 * once.total.costs[0].low


def test_cells_go_through_the_sums_of_an_engine():
    duckdb = pytest.importorskip("duckdb")
    pa = pytest.importorskip("pyarrow")
    rows = usage(13)
    parts = [pa.table(tokreckon.cells(of_pyarrow(rows[at::3]))) for at in range(3)]
    parts_table = pa.concat_tables(parts)
    keys = [name for name in parts_table.column_names if name not in ("quantity", "fewest", "most")]
    query = f"""select {", ".join(f'"{key}"' for key in keys)},
        sum(quantity)::decimal(38, 0) quantity, min(fewest) fewest, max(most) most
        from parts_table group by all"""
    summed = duckdb.sql(query).to_arrow_table().replace_schema_metadata(parts[0].schema.metadata)
    assert sums(tokreckon.report_cells(summed))["total"] == sums(tokreckon.report(text(rows)))["total"]


def test_saved_tables_are_known_again_however_they_lie():
    rows = usage(17)
    ledger = tokreckon.save(of_polars(rows), place="1", by=["user"])
    assert ledger == tokreckon.save(of_batches(rows), place="1", by=["user"])
    assert tokreckon.merge([ledger, ledger]) == ledger
    assert ledger != tokreckon.save(of_polars(rows[1:]), place="1", by=["user"])
    saved = tokreckon.report_saved(ledger, by=["model", "user"])
    direct = tokreckon.report(text(rows), by=["model", "user"])
    assert [str(group) for group in saved.groups] == [str(group) for group in direct.groups]


def test_a_table_beside_files_and_as_a_bill():
    rows = usage(19)
    both = tokreckon.report(of_polars(rows[:100]), text(rows[100:]))
    assert both.files[0]["name"] == "table 1"
    assert str(both.total) == str(tokreckon.report(text(rows)).total)
    assert tokreckon.report(of_polars(rows)) == tokreckon.report(of_polars(rows))
    pl = pytest.importorskip("polars")
    columns = {"provider": ["openai"], "model": ["gpt-4o"], "day": ["2025-04-02"], "cost": ["1.25"]}
    by_table = tokreckon.audit(of_polars(rows), bill=pl.DataFrame(columns)).to_dict()
    header, line = ",".join(columns), ",".join(cell for (cell,) in columns.values())
    by_text = tokreckon.audit(text(rows), bill=f"{header}\n{line}\n".encode()).to_dict()
    of_bill = [{**found["bill"], "files": None} for found in (by_table, by_text)]
    assert of_bill[0] == of_bill[1] and "1.25 USD" in of_bill[0]["headline"]


def test_tables_need_no_pyarrow():
    pytest.importorskip("polars")
    code = """
import sys
sys.modules["pyarrow"] = None
import json, polars, tokreckon
frame = polars.DataFrame({
    "provider": ["openai"], "model": ["o1-mini"], "timestamp": ["2025-04-09T08:10:26Z"],
    "input_tokens": [57], "output_tokens": [2167], "cached_tokens": [0],
})
priced = polars.DataFrame(tokreckon.price_table(frame))
cells = polars.DataFrame(tokreckon.cells(frame)).height
report = tokreckon.report(frame)
print(json.dumps([str(priced["cost_low"][0]), priced["grade"][0], cells > 0, str(report.total)]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    low, grade, has_cells, total = json.loads(done.stdout)
    assert (Decimal(low), grade, has_cells) == (Decimal("0.0095975"), "exact", True)
    assert total == "0.0095975 USD (exact)"


def test_what_no_table_is_has_a_type():
    pa = pytest.importorskip("pyarrow")
    rows = usage(1, 3)
    table = of_pyarrow(rows)
    with pytest.raises(tokreckon.ReadError) as found:
        tokreckon.price_table(pa.table({"a": [1]}))
    assert found.value.code == "columns"
    with pytest.raises(tokreckon.ReadError) as found:
        tokreckon.price_table(tokreckon.price_table(table))
    assert found.value.code == "column-taken"
    durations = pa.array([timedelta(1)] * 3)
    with pytest.raises(tokreckon.ReadError) as found:
        tokreckon.price_table(table.set_column(3, "input_tokens", durations))
    assert found.value.code == "column-type" and "input_tokens" in str(found.value)
    with pytest.raises(tokreckon.SavedLedgerError):
        tokreckon.report_cells(table)
    with pytest.raises(tokreckon.SavedLedgerError):
        tokreckon.merge([table])
    with pytest.raises(TypeError):
        tokreckon.merge(["ledger", table])  # type: ignore
    with pytest.raises(tokreckon.ReadError):
        tokreckon.cells(table, by=["nothing"])
    with pytest.raises(tokreckon.ReadError):
        tokreckon.cells(table, zone="Nowhere")
    with pytest.raises(tokreckon.ReadError):
        tokreckon.price_table(table, format="nothing")
    broken = pa.RecordBatchReader.from_batches(table.schema, failing(table))
    with pytest.raises(tokreckon.ReadError, match="the disk is gone"):
        tokreckon.report(broken)

    class Liar:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return "no capsule"

    with pytest.raises(TypeError):
        tokreckon.report(Liar())
    # Bytes that are no UTF-8, in a column that says it is text.
    buffers = [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    lie = pa.Array.from_buffers(pa.string(), 1, buffers)
    with pytest.raises(tokreckon.ReadError) as found:
        tokreckon.report(pa.table({"model": lie, "input_tokens": [1], "output_tokens": [1]}))
    assert found.value.code == "arrow"


def failing(table: Any) -> Any:
    yield from table.to_batches()
    raise OSError("the disk is gone")


def test_others_run_while_a_table_is_read():
    """Another thread comes to its turn in the midst of the work: the lock is not held."""
    import threading
    import time

    table = of_polars(usage(23, 500))
    whole = pytest.importorskip("polars").concat([table] * 60)
    ticks: list[float] = []
    is_over = threading.Event()

    def tick() -> None:
        while not is_over.wait(0.001):
            ticks.append(time.monotonic())

    other = threading.Thread(target=tick)
    other.start()
    begin = time.monotonic()
    assert len(tokreckon.price_table(whole)) == 30_000
    end = time.monotonic()
    is_over.set()
    other.join()
    quarter = (end - begin) / 4
    assert any(begin + quarter < at < end - quarter for at in ticks), (end - begin, len(ticks))


def test_lazy_frames_are_read_batch_by_batch(tmp_path: Any):
    pl = pytest.importorskip("polars")
    import tokreckon.polars as on_polars

    rows = usage(29)
    of_polars(rows).write_parquet(tmp_path / "usage.parquet", row_group_size=17)
    found = on_polars.report(pl.scan_parquet(tmp_path / "usage.parquet"), by=["model", "day"])
    direct = tokreckon.report(text(rows), by=["model", "day"])
    assert [str(group) for group in found.groups] == [str(group) for group in direct.groups]
    assert found.total.not_charged == direct.total.not_charged
    with pytest.raises(tokreckon.ReadError):
        on_polars.report(pl.LazyFrame({"a": [1]}))
    # Without rows, and none that comes.
    assert on_polars.report(pl.scan_parquet(tmp_path / "usage.parquet").limit(0)).total.records == 0


FIXTURES = Path(__file__).parents[3] / "tests" / "fixtures"
EXPORTS = [
    "read/aws-cur.csv",
    "read/azure-cost.csv",
    "read/google-billing.csv",
    "read/langfuse.csv",
    "read/litellm-few-columns.csv",
    "read/openai-activity.csv",
    "read/openai-usage-few-columns.csv",
    "read/portkey.csv",
    "openai-usage-1d.csv",
]


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_with_typed_columns_are_the_text_they_were(name: str, tmp_path: Path):
    """What data frames and warehouses make of an export: numbers, times and flags, not text."""
    read_csv = pytest.importorskip("pyarrow.csv").read_csv
    write_table = pytest.importorskip("pyarrow.parquet").write_table
    table = read_csv(FIXTURES / name)
    assert any(str(kind) not in ("string", "null") for kind in table.schema.types)
    by = ["provider", "model", "day"]
    expected = tokreckon.report(FIXTURES / name, by=by)
    write_table(table, tmp_path / "export.parquet", row_group_size=2)
    for source in [table, tmp_path / "export.parquet"]:
        found = tokreckon.report(source, by=by)
        assert found.files[0]["format"] == expected.files[0]["format"]
        assert [(str(group), group.labels) for group in found.groups] == [
            (str(group), group.labels) for group in expected.groups
        ]
        assert found.total.reported == expected.total.reported
        assert found.total.not_charged == expected.total.not_charged

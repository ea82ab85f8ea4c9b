"""`prices export --sql`: the views equal the library to the last digit, in every engine at hand.

A hundred random tables of requests, told apart by their label, with prices of twelve digits after the
point and counts up to 10^15, go through `tokreckon report` and through the generated SQL: costs,
grades, records and refusals must be the same.

    TOKRECKON_ENGINES=duckdb,datafusion,clickhouse,postgres,spark pytest tests/warehouse

An engine that is named must be there; none is named by default, since each needs a package
(`duckdb`, `datafusion`, `chdb`, `pyspark` with Java 17) or a server (PostgreSQL's programs).
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("TOKRECKON", str(ROOT / "target/debug/tokreckon"))
ENGINES = [name for name in os.environ.get("TOKRECKON_ENGINES", "").split(",") if name]
TABLES = int(os.environ.get("TOKRECKON_TABLES", "100"))

OWN = """
provider = "openai"
currency = "USD"

[[price]]
models = ["long-digits"]
from = 2026-01-01
input = "1.234567890123"
cache-read = "0.000000000001"
output = "987.654321098765"

[[price]]
models = ["two-tiers"]
from = 2026-01-01
input = "1.25"
output = "10.123456789012"

[[price]]
models = ["two-tiers"]
from = 2026-01-01
above = { tokens = 200000, comparison = ">", scope = "whole-request" }
input = "2.5"
output = "15.000000000003"
"""
PROVIDERS = ["openai", "anthropic", "deepseek", "google", "alibaba", "aws-bedrock"]
MODELS = [
    ("openai", "long-digits"),
    ("openai", "two-tiers"),
    ("openai", "o1-mini"),
    ("Open_AI", "o1-mini"),
    ("AWS Bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("aws.bedrock", "claude-sonnet-4-5"),
    ("anthropic", "claude-sonnet-4.5"),
    ("openai", "gpt-4o"),
    ("OpenAI", "o3"),
    ("openai", "gpt-5"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-3-5-haiku-20241022"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("alibaba", "qwen3-32b"),
    ("alibaba", "qwen-plus"),
    ("deepseek", "deepseek-chat"),
    ("deepseek", "deepseek-reasoner"),
    ("openai", "no-such-model"),
    ("no-such-provider", "o1-mini"),
    ("openai", ""),
]
# Names of the views' columns; a table for the program adds the parts to their wholes.
COUNTS = [
    "input", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "input_audio",
    "cache_read_audio", "input_image", "cache_read_image", "input_video", "output", "reasoning",
    "output_audio", "output_image", "output_video", "output_citation", "requests", "web_searches",
    "maps_groundings", "images_read", "images_generated", "video_seconds", "audio_seconds",
    "characters", "file_searches", "code_sessions", "search_units", "cache_token_seconds",
]  # fmt: skip
TEXTS = ["label", "provider", "model", "service_tier", "variant"]


def random_rows(seed: int) -> list[dict[str, object]]:
    dice = random.Random(seed)

    def count(chance: float) -> int | None:
        if dice.random() > chance:
            return None if dice.random() < 0.3 else 0
        return dice.randrange(10 ** dice.randrange(1, 16))

    rows = []
    for _ in range(dice.randrange(1, 60)):
        provider, model = dice.choice(MODELS)
        row: dict[str, object] = dict.fromkeys(COUNTS)
        row |= {
            "label": f"t{seed}",
            "provider": provider,
            "model": model,
            "service_tier": dice.choice(["standard"] * 6 + ["batch", "flex", "priority", None]),
            "variant": "" if dice.random() < 0.97 else "geo=us",
            # From April 2024 on, to the second; some of a day before prices began.
            "at_second": dice.randrange(1_711_929_600, 1_795_000_000),
            "input": count(0.9),
            "output": count(0.9),
            "cache_read": count(0.5),
            "cache_write": count(0.1),
            "reasoning": count(0.5),
            "web_searches": count(0.1),
        }
        rows.append(row)
    return rows


def program_table(rows: list[dict[str, object]], path: Path) -> None:
    """The rows as the program reads a plain table: cached tokens inside the input."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        names = ["project", "provider", "model", "timestamp", "service_tier", "variant"]
        names += ["input_tokens", "cached_tokens", "cache_write_tokens"]
        names += ["output_tokens", "reasoning_tokens", "web_search_requests"]
        out.writerow(names)

        def whole(row: dict[str, object], first: str, *parts: str) -> object:
            known = [row[name] for name in (first, *parts) if row[name] is not None]
            return sum(known) if known else None  # type: ignore[arg-type]

        for row in rows:
            line = [row["label"], row["provider"], row["model"], row["at_second"]]
            line += [row["service_tier"], row["variant"]]
            line += [whole(row, "input", "cache_read", "cache_write")]
            line += [row["cache_read"], row["cache_write"]]
            line += [whole(row, "output", "reasoning"), row["reasoning"], row["web_searches"]]
            out.writerow(["" if cell is None else cell for cell in line])


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory):
    """The rows, the program's answer about them, and the folder with the book."""
    folder = tmp_path_factory.mktemp("warehouse")
    rows = [row for seed in range(TABLES) for row in random_rows(seed)]
    (folder / "own.toml").write_text(OWN)
    program_table(rows, folder / "usage.csv")
    report = subprocess.run(
        [PROGRAM, "report", "usage.csv", "--by", "project,provider,model,day", "--json"]
        + ["--prices", "own.toml", "--strict"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert report.stdout, report.stderr
    # The program takes the maker's price where nobody is named, and now where there is no time; the
    # views take nothing for granted.
    nobody = {"label": "t-", "provider": "", "model": "o1-mini", "at_second": 1_744_186_226}
    undated = {"label": "t-", "provider": "openai", "model": "o1-mini", "at_second": None}
    for row in nobody, undated:
        rows.append(dict.fromkeys([*TEXTS, *COUNTS]) | {"input": 1, "output": 1} | row)
    costs = {}
    refused = {
        (("t-", "", "o1-mini", "2025-04-09"), "no-provider"): 1,
        (("t-", "openai", "o1-mini", ""), "no-time"): 1,
    }
    for group in json.loads(report.stdout)["groups"]:
        labels = group["labels"]
        key = tuple(labels[name] for name in ("project", "provider", "model", "day"))
        records = group["records"]
        charged = records["all"] - records["not_charged"]
        for cost in group["costs"]:
            low = Decimal(cost["low"])
            high = None if cost["high"] is None else Decimal(cost["high"])
            costs[key, cost["currency"]] = (charged, low, high, grade_of(records, low, high))
        for reason in group["not_charged"]:
            at = (key, reason["code"])
            refused[at] = refused.get(at, 0) + reason["records"]
    return rows, costs, refused, folder


def grade_of(records: dict[str, int], low: Decimal, high: Decimal | None) -> str:
    """That of the charged records of a group: of a view's row, which has no others."""
    if high is None or records["partly"]:
        return "unknown"
    if low != high:
        return "between"
    return "assumed" if records["assumed"] else "exact"


def script(folder: Path, dialect: str) -> str:
    command = [PROGRAM, "prices", "export", "--sql", dialect, "--prices", "own.toml"]
    command += ["--until", "2026-12-31"]
    for provider in PROVIDERS:
        command += ["--provider", provider]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def statements(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split(";\n") if part.strip(" \n;")]


def literal(value: object) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)


def create_usage(rows, text: str, number: str, end: str = "") -> list[str]:
    columns = [f"{name} {text}" for name in TEXTS]
    columns += [f"{name} {number}" for name in ["at_second", *COUNTS]]
    made = [f"CREATE TABLE tokreckon_usage ({', '.join(columns)}){end}"]
    names = [*TEXTS, "at_second", *COUNTS]
    for start in range(0, len(rows), 500):
        chunk = rows[start : start + 500]
        values = ["(" + ",".join(literal(row[name]) for name in names) + ")" for row in chunk]
        made.append("INSERT INTO tokreckon_usage VALUES " + ",\n".join(values))
    return made


def compare(asked, costs, refused) -> None:
    """What an engine says, as rows of text, against the program."""
    rows, right, right_refused, _ = asked

    def key(label, provider, model, day):
        at = "" if day in (None, "", "\\N", "NULL") else day_text(int(day))
        return tuple(text or "" for text in (label, provider, model)) + (at,)

    said = {}
    for label, provider, model, day, currency, records, low, high, grade in costs:
        high = None if high in (None, "", "\\N", "NULL") else Decimal(str(high))
        said[key(label, provider, model, day), currency] = (
            int(records), Decimal(str(low)), high, grade,
        )  # fmt: skip
    said_refused = {
        (key(label, provider, model, day), reason): int(records)
        for label, provider, model, day, reason, records in refused
    }
    assert sum(cost[0] for cost in said.values()) + sum(said_refused.values()) == len(rows)
    assert len(right) > TABLES and len(right_refused) > TABLES // 4
    grades = {grade for *_, grade in right.values()}
    assert grades == {"exact", "assumed", "between", "unknown"} or TABLES < 20, grades
    different = {at: (said.get(at), right.get(at)) for at in said.keys() | right.keys()}
    different = {at: pair for at, pair in different.items() if pair[0] != pair[1]}
    assert not different, list(different.items())[:5]
    different = {
        at: (said_refused.get(at), right_refused.get(at))
        for at in said_refused.keys() | right_refused.keys()
    }
    different = {at: pair for at, pair in different.items() if pair[0] != pair[1]}
    assert not different, list(different.items())[:5]


def day_text(day: int) -> str:
    from datetime import date, timedelta

    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


COSTS = (
    "SELECT label, provider, model, utc_day, currency, records, cost_low, cost_high, grade"
    " FROM tokreckon_costs"
)
REFUSED = "SELECT label, provider, model, utc_day, reason, records FROM tokreckon_not_charged"


def duckdb(rows, folder):
    import duckdb

    connection = duckdb.connect()
    for statement in create_usage(rows, "VARCHAR", "BIGINT") + statements(script(folder, "duckdb")):
        connection.execute(statement)
    return connection.execute(COSTS).fetchall(), connection.execute(REFUSED).fetchall()


def datafusion(rows, folder):
    import datafusion

    context = datafusion.SessionContext()
    made = create_usage(rows, "VARCHAR", "BIGINT") + statements(script(folder, "datafusion"))
    for statement in made:
        context.sql(statement).collect()

    def fetch(query):
        tables = [batch.to_pylist() for batch in context.sql(query).collect()]
        return [tuple(row.values()) for table in tables for row in table]

    return fetch(COSTS), fetch(REFUSED)


def clickhouse(rows, folder):
    from chdb import session

    with tempfile.TemporaryDirectory() as place:
        engine = session.Session(place)
        engine.query("CREATE DATABASE warehouse")
        engine.query("USE warehouse")
        made = create_usage(
            rows, "Nullable(String)", "Nullable(Int64)", " ENGINE = MergeTree ORDER BY tuple()"
        )
        for statement in made + statements(script(folder, "clickhouse")):
            engine.query(statement)

        def fetch(query):
            text = engine.query(query, "CSV").bytes().decode()
            return [tuple(row) for row in csv.reader(text.splitlines())]

        answer = fetch(COSTS), fetch(REFUSED)
        engine.close()
        return answer


def postgres(rows, folder):
    """A server of its own in an empty folder, by a user that may run one."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    assert programs is not None, "PostgreSQL's programs are not installed"
    place = Path(tempfile.mkdtemp())
    shutil.chown(place, "postgres")
    made = "".join(f"{each};\n" for each in create_usage(rows, "VARCHAR", "BIGINT"))
    made += script(folder, "postgres")
    (place / "all.sql").write_text(made)

    def run(*command: object, **more):
        line = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        line += map(str, command)
        return subprocess.run(line, capture_output=True, text=True, check=True, **more).stdout

    run(programs / "initdb", "-D", place / "data", "-A", "trust")
    options = f"-k {place} -c listen_addresses='' -c fsync=off"
    run(programs / "pg_ctl", "-D", place / "data", "-o", options, "-l", place / "log", "start", "-w")
    try:
        client = [programs / "psql", "-h", place, "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
        run(*client, "-q", "-f", place / "all.sql")

        def fetch(query):
            text = run(*client, "--csv", "-t", "-c", query)
            return [tuple(row) for row in csv.reader(text.splitlines())]

        return fetch(COSTS), fetch(REFUSED)
    finally:
        run(programs / "pg_ctl", "-D", place / "data", "stop", "-m", "immediate")
        shutil.rmtree(place)


def spark(rows, folder, ansi="true"):
    from pyspark.sql import SparkSession

    place = tempfile.mkdtemp()
    session = (
        SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[2]"))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", place)
        .config("spark.sql.ansi.enabled", ansi)
        .getOrCreate()
    )
    made = create_usage(rows, "STRING", "BIGINT", " USING parquet")
    try:
        for statement in made + statements(script(folder, "spark")):
            session.sql(statement)
        costs = [tuple(row) for row in session.sql(COSTS).collect()]
        return costs, [tuple(row) for row in session.sql(REFUSED).collect()]
    finally:
        session.stop()
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.parametrize("engine", ENGINES or [None])
def test_the_views_equal_the_library(engine, asked):
    if engine is None:
        pytest.skip("TOKRECKON_ENGINES names no engine")
    rows, _, _, folder = asked
    compare(asked, *globals()[engine](rows, folder))


@pytest.mark.skipif("spark" not in ENGINES, reason="TOKRECKON_ENGINES does not name spark")
def test_what_does_not_fit_into_38_digits_is_unknown(asked):
    """Without ANSI mode Spark answers NULL, and sums leave it out: no cost may be printed."""
    *_, folder = asked
    row = dict.fromkeys([*TEXTS, *COUNTS]) | {"provider": "openai", "service_tier": "standard"}
    row |= {"variant": "", "model": "long-digits", "at_second": 1_780_000_000, "cache_read": 0}
    large = [row | {"label": "large", "output": 9 * 10**18, "reasoning": 0}] * 12_000
    small = row | {"label": "small", "input": 1_000_000, "output": 0, "reasoning": 0}
    costs, refused = spark([*large, small], folder, ansi="false")
    said = {label: (records, low, high, grade) for label, *_, records, low, high, grade in costs}
    assert not refused
    assert said["small"][1:] == (Decimal("1.234567890123"),) * 2 + ("exact",)
    assert (int(said["large"][0]), *said["large"][1:]) == (len(large), None, None, "unknown")

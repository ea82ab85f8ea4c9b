"""Counts, reports, audits, estimates and saved ledgers, as Python sees them."""

import io
import json
import os
import pickle
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import tokreckon

EXPORT = """model,input_tokens,output_tokens,cached_tokens,timestamp
o1-mini,1000000,1000000,500000,2024-10-27T12:00:00Z
o1-mini,57,2167,0,2025-04-09T08:10:26Z
o1-mini,57,many,0,2025-04-09T08:10:27Z
no-such-model,57,1,0,2025-04-09T08:10:27Z
"""
ENGINES = os.environ.get("TOKRECKON_ENGINES", "").split(",")


def report(*sources, **options):
    return tokreckon.report(*sources, provider="openai", **options)


def test_a_report_is_the_same_from_every_kind_of_source(tmp_path: Path):
    path = tmp_path / "usage.csv"
    path.write_text(EXPORT)
    sources = [path, str(path), str(tmp_path / "*.csv"), EXPORT.encode()]
    sources += [io.StringIO(EXPORT), io.BytesIO(EXPORT.encode())]
    for source in sources:
        found = report(source, by=["model", "day"])
        assert [group.costs[0].low for group in found.groups if group.costs] == [
            Decimal("14.25"),
            Decimal("0.0095975"),
        ], source
        assert (found.total.records, found.total.grade) == (3, "unknown")
        assert found.total.not_charged == {"unknown-model": 1}
        assert found.files[0]["rejected"] == 1 and "many" in found.messages[0]


def test_a_report_is_that_of_the_program(tmp_path: Path):
    path = tmp_path / "usage.csv"
    path.write_text(EXPORT)
    command = [sys.executable, "-m", "tokreckon", "report", str(path), "--json"]
    command += ["--provider", "openai", "--by", "model,day"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert report(path, by=["model", "day"]).to_dict() == json.loads(done.stdout)


def test_reports_travel_and_show_themselves():
    found = report(EXPORT.encode())
    again = pickle.loads(pickle.dumps(found))
    assert again == found and again.messages == found.messages
    assert "14.2595975" in found._repr_html_() and "14.2595975" in repr(found)


def test_what_cannot_be_done_has_a_type():
    with pytest.raises(tokreckon.ReadError):
        tokreckon.report("/no/such/file.csv")
    with pytest.raises(tokreckon.ReadError):
        tokreckon.report(b"model,input_tokens,output_tokens\n", by="nothing")
    with pytest.raises(tokreckon.ReadError) as found:
        tokreckon.report(EXPORT.encode(), zone="Europe/Berlni")
    assert found.value.near[0] == "Europe/Berlin", found.value
    assert found.value.hint.startswith("near names: Europe/Berlin"), found.value


def test_counts():
    assert tokreckon.count("Hello, world!", "gpt-4o") == 4
    assert tokreckon.count_many(["Hello, world!", ""], "deepseek-chat") == [4, 0]
    with pytest.raises(tokreckon.CountError):
        tokreckon.count("Hello", "llama-3.1-8b")
    # Neither a reconstructed tokenizer nor one that is only taken for that of the model is strict.
    for model in ["claude-sonnet-4-5", "gpt-6-sol"]:
        assert tokreckon.count("Hello, world!", model) > 0
        with pytest.raises(tokreckon.CountError) as found:
            tokreckon.count("Hello, world!", model, strict=True)
        assert found.value.code == "assumed", found.value
    assert tokreckon.count("Hello, world!", "o200k_base", strict=True) == 4
    body = {
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": "You are helpful assistant"},
            {"role": "user", "content": "Tell me a joke, please."},
        ],
    }
    count = tokreckon.count_request(body)
    assert (count.exact, str(count)) == (22, "22")
    assert tokreckon.count_request(body, model="no-such-model").exact is None


def test_audits_and_estimates():
    rows = "model,input_tokens,output_tokens,cached_tokens,timestamp\n"
    rows += "o1-mini,57,2167,90,2025-04-09T08:10:26Z\n"
    found = tokreckon.audit(rows.encode(), provider="openai")
    assert "part-exceeds-whole" in found.codes, found
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}
    estimate = tokreckon.estimate(body, provider="openai", at="2026-11-01")
    assert estimate["schema"] == "tokreckon-estimate/2"


def test_saved_ledgers_merge_in_any_order():
    dice = random.Random(1)
    parts = []
    for number in range(30):
        rows = [EXPORT.splitlines()[0]]
        for _ in range(dice.randrange(1, 9)):
            counts = f"{dice.randrange(10**6)},{dice.randrange(10**5)},0"
            rows.append(f"o1-mini,{counts},2025-0{dice.randrange(1, 7)}-09T08:10:26Z")
        parts.append(("\n".join(rows) + "\n", str(number)))
    ledgers = [tokreckon.save(text, place=place, provider="openai") for text, place in parts]
    whole = tokreckon.merge(ledgers)
    for _ in range(20):
        some = ledgers + dice.choices(ledgers, k=5)
        dice.shuffle(some)
        cut = dice.randrange(1, len(some))
        assert tokreckon.merge([tokreckon.merge(some[:cut]), tokreckon.merge(some[cut:])]) == whole
    texts = [text.encode() for text, _ in parts]
    direct = report(*texts, by=["model", "month"])
    saved = tokreckon.report_saved(whole, by=["model", "month"])
    assert [str(group) for group in saved.groups] == [str(group) for group in direct.groups]
    with pytest.raises(tokreckon.SavedLedgerError):
        tokreckon.merge(["no ledger"])


def test_a_saved_ledger_has_the_days_of_its_zone():
    late = EXPORT.splitlines()[0] + "\no1-mini,57,2167,0,2025-04-09T23:10:26Z\n"
    ledger = tokreckon.save(late, zone="Europe/Berlin", by=["user"], provider="openai")
    found = tokreckon.report_saved(ledger, by=["day"], zone="Europe/Berlin")
    direct = report(late.encode(), by=["day"], zone="Europe/Berlin")
    assert [str(group) for group in found.groups] == [str(group) for group in direct.groups]
    assert [group.labels["day"] for group in found.groups] == ["2025-04-10"]
    with pytest.raises(tokreckon.ReadError) as refused:
        tokreckon.report_saved(ledger)
    assert refused.value.hint == "say that zone with `--timezone`"
    with pytest.raises(tokreckon.ReadError):
        tokreckon.save(late, zone="Nowhere")
    assert tokreckon.merge([ledger, ledger]) == ledger
    assert ledger != tokreckon.save(late, zone="Europe/Berlin", by=["user"], place="2")


@pytest.mark.skipif("spark" not in ENGINES, reason="TOKRECKON_ENGINES does not name spark")
def test_spark_says_the_same_whatever_happens_to_an_executor():
    import signal
    import threading
    import time

    from pyspark.sql import SparkSession
    from tokreckon import spark as on_spark

    master = os.environ.get("SPARK_MASTER", "local-cluster[2,1,1024]")
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    try:
        dice = random.Random(3)
        rows = [
            (dice.choice(["o1-mini", "gpt-4o", "no-such"]), dice.randrange(10**6), dice.randrange(10**5),
             0, f"2025-04-{dice.randrange(10, 29)}T08:10:26Z")
            for _ in range(5_000)
        ]  # fmt: skip
        names = EXPORT.splitlines()[0].split(",")
        text = "\n".join([",".join(names)] + [",".join(map(str, row)) for row in rows]) + "\n"
        frame = session.createDataFrame(rows, names).repartition(24)
        done: list[tokreckon.Report] = []
        port = session.sparkContext.getConf().get("spark.driver.port")
        work = threading.Thread(
            target=lambda: done.append(on_spark.report(frame, by=["model"], provider="openai"))
        )
        work.start()
        killed = 0
        for _ in range(600):
            time.sleep(0.2)
            if killed == 0 and not done:
                killed = _kill_an_executor(signal.SIGKILL, port)
            if not work.is_alive():
                break
        work.join()
        direct = report(text.encode(), by=["model"])
        assert [str(group) for group in done[0].groups] == [str(group) for group in direct.groups]
        assert done[0].total.not_charged == direct.total.not_charged
        assert killed == 1 or "cluster" not in master
    finally:
        session.stop()


def _kill_an_executor(how: int, port: str) -> int:
    """Ends one executor of the session with this port of its driver, once it is there."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in line and f":{port}\0".encode() in line:
            os.kill(int(folder.name), how)
            return 1
    return 0

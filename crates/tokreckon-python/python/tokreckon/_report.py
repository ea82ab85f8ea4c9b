"""Reports, audits and estimates: the program's own documents, with money as ``Decimal``."""

from __future__ import annotations

import glob
import html
import io
import json
import os
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Protocol, Union, cast, runtime_checkable

from . import _internal
from ._charge import Amount, Grade
from ._errors import ReadError, TokreckonError
from ._inputs import Response, Time, body, time


@runtime_checkable
class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


@runtime_checkable
class _Readable(Protocol):
    def read(self) -> bytes | str: ...


class _Ledger(str):
    """The text of a saved ledger, which is no path."""


Source = Union[str, "os.PathLike[str]", bytes, IO[bytes], IO[str], _ArrowStream]


class Group:
    """One group of a report, or its total."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    @property
    def labels(self) -> dict[str, str]:
        """Label by dimension; empty where the source does not say."""
        return dict(self._fields["labels"])

    @property
    def grade(self) -> Grade:
        """That of the worst record."""
        return self._fields["grade"]

    @property
    def records(self) -> int:
        """How many."""
        return int(self._fields["records"]["all"])

    @property
    def not_charged(self) -> dict[str, int]:
        """Records that were not charged, by the code of the reason."""
        sums: dict[str, int] = {}
        for each in self._fields["not_charged"]:
            sums[each["code"]] = sums.get(each["code"], 0) + int(each["records"])
        return sums

    @property
    def counts(self) -> dict[str, int]:
        """Counts of charged records by meter."""
        return {meter: int(count) for meter, count in self._fields["counts"].items()}

    @property
    def costs(self) -> tuple[Amount, ...]:
        """Cost by currency."""

        def amount(cost: dict[str, Any]) -> Amount:
            high = None if cost["high"] is None else Decimal(cost["high"])
            return Amount(Decimal(cost["low"]), high, cost["currency"], self.grade)

        return tuple(amount(cost) for cost in self._fields["costs"])

    @property
    def reported(self) -> dict[str, Decimal]:
        """Costs as the source reports them, by currency."""
        return {currency: Decimal(cost) for currency, cost in self._fields["reported"].items()}

    @property
    def doubts(self) -> tuple[str, ...]:
        """Codes of what makes costs ranges."""
        return tuple(self._fields["doubts"])

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of what costs take for granted."""
        return tuple(self._fields["assumptions"])

    def __str__(self) -> str:
        return ", ".join(map(str, self.costs)) or self.grade

    def __repr__(self) -> str:
        return f"<Group {' '.join(self.labels.values())}: {self}>"


class _Document:
    """A document of the program, with what it complained about."""

    __slots__ = ("_text", "_fields", "messages")

    def __init__(self, text: str, messages: tuple[str, ...] = ()) -> None:
        self._text = text
        self._fields: dict[str, Any] = json.loads(text)
        self.messages = messages
        """What was refused or looks wrong, in words."""

    def to_dict(self) -> dict[str, Any]:
        """The document; every amount and every long number is a text."""
        return json.loads(self._text)

    def to_json(self) -> str:
        """The document as the program prints it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Callable[..., _Document], tuple[str, tuple[str, ...]]]:
        return (type(self), (self._text, self.messages))


class Report(_Document):
    """Usage, grouped and totalled. ``groups`` add up to ``total`` to the last digit."""

    __slots__ = ()

    @property
    def by(self) -> tuple[str, ...]:
        """Dimensions of the groups."""
        return tuple(self._fields["by"])

    @property
    def groups(self) -> tuple[Group, ...]:
        """Groups, sorted by their labels."""
        return tuple(Group(fields) for fields in self._fields["groups"])

    @property
    def total(self) -> Group:
        """All records."""
        return Group(self._fields["total"])

    @property
    def files(self) -> tuple[dict[str, Any], ...]:
        """What became of the rows of each source."""
        return tuple(self._fields["files"])

    def __str__(self) -> str:
        return f"{self.total} · {self.total.records:,} records"

    def __repr__(self) -> str:
        return f"<Report {self}>"

    def _repr_html_(self) -> str:
        def row(group: Group, name: str = "") -> str:
            labels = [name, *[""] * (len(self.by) - 1)] if name else list(group.labels.values())
            cells = [*labels[: len(self.by)], f"{group.records:,}", str(group)]
            return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"

        head = "".join(f"<th>{html.escape(name)}</th>" for name in [*self.by, "records", "cost"])
        rows = "".join(row(group) for group in self.groups)
        return f"<table><tr>{head}</tr>{rows}{row(self.total, 'total')}</table>"


class Audit(_Document):
    """What is unpriced, impossible, inconsistent or unusual."""

    __slots__ = ()

    @property
    def findings(self) -> tuple[dict[str, Any], ...]:
        """Findings as the program prints them: code, message, rows, money at stake as texts."""
        return tuple(self._fields["findings"])

    @property
    def codes(self) -> dict[str, int]:
        """How many findings there are, by code."""
        sums: dict[str, int] = {}
        for finding in self.findings:
            sums[finding["code"]] = sums.get(finding["code"], 0) + 1
        return sums

    def __repr__(self) -> str:
        said = ", ".join(f"{count} {code}" for code, count in sorted(self.codes.items()))
        return f"<Audit {said or 'without findings'}>"


class Estimate(_Document):
    """What a request will need and cost: levels by how often they hold, and the hard cap."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __repr__(self) -> str:
        return f"<Estimate of {self._fields.get('model', 'a request')}>"


def _run(arguments: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    code, text, messages = _internal.run(list(arguments))
    if code < 2:
        said = (message if hint is None else f"{message} (hint: {hint})" for message, hint, _ in messages)
        return text, tuple(said)
    # The last one is why it could not be done.
    message, hint, near = messages[-1] if messages else ("it could not be done", None, [])
    raise ReadError(message, "failed", hint, near)


@contextmanager
def _files(sources: Sequence[Source], prices: Sequence[str]) -> Generator[list[str]]:
    """Paths of sources and options of price files: what is in memory goes into a folder for now."""
    with tempfile.TemporaryDirectory(prefix="tokreckon-") as folder:

        def written(name: str, content: bytes) -> str:
            path = Path(folder, name)
            path.write_bytes(content)
            return str(path)

        arguments: list[str] = []
        for number, text in enumerate(prices, 1):
            arguments += ["--prices", written(f"prices-{number}.toml", text.encode())]
        arguments.append("--")
        for number, source in enumerate(sources, 1):
            if isinstance(source, _Ledger):
                arguments.append(written(f"ledger-{number}.cells", source.encode()))
            elif isinstance(source, (str, os.PathLike)):
                arguments += _expanded(os.fspath(source))
            elif isinstance(source, bytes):
                arguments.append(written(f"input-{number}", source))
            elif isinstance(source, _ArrowStream):
                arguments.append(written(f"table-{number}.parquet", _parquet(source)))
            else:
                content = cast(_Readable, source).read()
                content = content.encode() if isinstance(content, str) else content
                arguments.append(written(f"input-{number}", content))
        yield arguments


def _expanded(path: str) -> list[str]:
    """Files of a pattern; a path that is there is no pattern."""
    if os.path.exists(path) or not glob.has_magic(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise ReadError(f"no file is called like `{path}`", "no-file")
    return found


def _parquet(source: _ArrowStream) -> bytes:
    """A table of any library as Parquet, the way it was handed over: no number passes a float."""
    write = getattr(source, "write_parquet", None)
    buffer = io.BytesIO()
    if callable(write):
        write(buffer)
        return buffer.getvalue()
    try:
        pa: Any = import_module("pyarrow")
        pq: Any = import_module("pyarrow.parquet")
    except ImportError as error:
        message = "a table of this kind is read through pyarrow, which is not installed"
        raise TokreckonError(message, "no-pyarrow", "pip install pyarrow") from error
    reader = pa.RecordBatchReader.from_stream(source)
    with pq.ParquetWriter(buffer, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    return buffer.getvalue()


def _options(
    by: Sequence[str] | str,
    provider: str | None,
    format: str | None,
    columns: Mapping[str, str] | None,
    zone: str,
    strict: bool,
) -> list[str]:
    names = by if isinstance(by, str) else ",".join(by)
    arguments = ["--json", "--by", names, "--timezone", zone]
    if provider is not None:
        arguments += ["--provider", provider]
    if format is not None:
        arguments += ["--from", format]
    if columns is not None:
        arguments += ["--map", ",".join(f"{name}={column}" for name, column in columns.items())]
    if strict:
        arguments.append("--strict")
    return arguments


def report(
    *sources: Source,
    by: Sequence[str] | str = ("provider", "model"),
    provider: str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    zone: str = "UTC",
    prices: Sequence[str] = (),
    strict: bool = False,
) -> Report:
    """Where the money went: files, patterns, folders, bytes, open files and tables of any library
    that hands them over by ``__arrow_c_stream__``, in one report.

    ``columns`` names those of a plain table by field, ``prices`` are texts of price files. Rows that
    cannot be read are in :attr:`Report.messages` and counted in :attr:`Report.files`.
    """
    options = _options(by, provider, format, columns, zone, strict)
    with _files(sources, prices) as files:
        return Report(*_run(["report", *options, *files]))


def audit(
    *sources: Source,
    bill: str | os.PathLike[str] | None = None,
    baseline: str | os.PathLike[str] | None = None,
    by: Sequence[str] | str = ("provider", "model"),
    provider: str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    zone: str = "UTC",
    prices: Sequence[str] = (),
    strict: bool = False,
) -> Audit:
    """Whether usage is right, and with ``bill`` whether the bill is."""
    options = _options(by, provider, format, columns, zone, strict)
    for name, path in (("--bill", bill), ("--baseline", baseline)):
        if path is not None:
            options += [name, os.fspath(path)]
    with _files(sources, prices) as files:
        return Audit(*_run(["audit", *options, *files]))


def estimate(
    request: Response,
    *,
    provider: str | None = None,
    at: Time | None = None,
    history: str | os.PathLike[str] | None = None,
    prices: Sequence[str] = (),
) -> Estimate:
    """What a request will need and cost, before it is sent."""
    options = ["estimate", "--json", "--at", time(at)]
    if provider is not None:
        options += ["--provider", provider]
    if history is not None:
        options += ["--history", os.fspath(history)]
    with _files([body(request).encode()], prices) as files:
        return Estimate(*_run([*options, *files]))


def save(
    usage: bytes | str,
    *,
    name: str = "usage.csv",
    place: str = "",
    by: Sequence[str] = (),
    zone: str = "UTC",
    provider: str = "",
    prices: Sequence[str] = (),
) -> str:
    """Usage as a saved ledger: integer cells that merge in any order.

    The same bytes from the same ``place`` count once, however often they are merged. Days are those
    of ``zone``: ledgers merge, and are reported on, in one zone.
    """
    content = usage.encode() if isinstance(usage, str) else usage
    return _internal.save(content, name, place, list(by), zone, provider, list(prices))


def merge(ledgers: Sequence[str]) -> str:
    """Saved ledgers as one."""
    return _internal.merge(list(ledgers))


def report_saved(
    ledger: str,
    *,
    by: Sequence[str] | str = ("provider", "model"),
    zone: str = "UTC",
    prices: Sequence[str] = (),
    reprice: bool = False,
) -> Report:
    """The report of a saved ledger; ``reprice`` by the prices of this book."""
    options = ["report", *_options(by, None, None, None, zone, False)]
    if reprice:
        options.append("--reprice")
    with _files([_Ledger(ledger)], prices) as files:
        return Report(*_run([*options, *files]))

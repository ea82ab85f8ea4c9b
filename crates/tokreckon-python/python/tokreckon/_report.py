"""Reports, audits and estimates: the program's own documents, with money as ``Decimal``."""

from __future__ import annotations

import glob
import html
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol, Union, cast, runtime_checkable

from . import _internal
from ._charge import Amount, Grade
from ._errors import ReadError
from ._inputs import ArrowStream, Response, Time, body, time


@runtime_checkable
class _Readable(Protocol):
    def read(self) -> bytes | str: ...


class _Ledger(str):
    """The text of a saved ledger, which is no path."""


Source = Union[str, "os.PathLike[str]", bytes, IO[bytes], IO[str], ArrowStream]
# Tables: the path that stands for each among the files, what it is called, and itself.
_Tables = list[tuple[str, str, ArrowStream]]


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


def _run(arguments: list[str], tables: _Tables) -> tuple[str, tuple[str, ...]]:
    code, text, messages = _internal.run(arguments, tables)
    if code < 2:
        said = (message if hint is None else f"{message} (hint: {hint})" for message, hint, _ in messages)
        return text, tuple(said)
    # The last one is why it could not be done.
    message, hint, near = messages[-1] if messages else ("it could not be done", None, [])
    raise ReadError(message, "failed", hint, near)


class _Files:
    """Arguments of sources. Bytes in memory go into a folder for now; tables are handed over as they
    are; what stands for one among the files is a path in the folder that no file has."""

    def __init__(self, folder: str, prices: Sequence[str]) -> None:
        self._folder = folder
        self._written = 0
        self.tables: _Tables = []
        self.prices: list[str] = []
        for text in prices:
            self.prices += ["--prices", self._write("prices.toml", text.encode())]

    def _place(self, name: str) -> str:
        self._written += 1
        return str(Path(self._folder, f"{self._written}-{name}"))

    def _write(self, name: str, content: bytes) -> str:
        path = self._place(name)
        Path(path).write_bytes(content)
        return path

    def paths(self, source: Source) -> list[str]:
        """What stands for a source among the files."""
        if isinstance(source, _Ledger):
            return [self._write("ledger.cells", source.encode())]
        if isinstance(source, (str, os.PathLike)):
            return _expanded(os.fspath(source))
        if isinstance(source, ArrowStream):
            path, number = self._place("table"), len(self.tables) + 1
            self.tables.append((path, f"table {number}", source))
            return [path]
        content = source if isinstance(source, bytes) else cast(_Readable, source).read()
        return [self._write("input", content.encode() if isinstance(content, str) else content)]


def _command(
    name: str,
    options: Sequence[str],
    sources: Sequence[Source],
    prices: Sequence[str],
    named: Mapping[str, Source | None] | None = None,
) -> tuple[str, tuple[str, ...]]:
    """Runs a command on sources, and on those that options name."""
    with tempfile.TemporaryDirectory(prefix="tokreckon-") as folder:
        files = _Files(folder, prices)
        arguments = [name, *options, *files.prices]
        for option, source in (named or {}).items():
            if source is not None:
                for path in files.paths(source):
                    arguments += [option, path]
        arguments.append("--")
        for source in sources:
            arguments += files.paths(source)
        return _run(arguments, files.tables)


def _expanded(path: str) -> list[str]:
    """Files of a pattern; a path that is there is no pattern."""
    if os.path.exists(path) or not glob.has_magic(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))
    if not found:
        raise ReadError(f"no file is called like `{path}`", "no-file")
    return found


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
    return Report(*_command("report", options, sources, prices))


def audit(
    *sources: Source,
    bill: Source | None = None,
    baseline: Source | None = None,
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
    named = {"--bill": bill, "--baseline": baseline}
    return Audit(*_command("audit", options, sources, prices, named))


def estimate(
    request: Response,
    *,
    provider: str | None = None,
    at: Time | None = None,
    history: str | os.PathLike[str] | None = None,
    prices: Sequence[str] = (),
) -> Estimate:
    """What a request will need and cost, before it is sent."""
    options = ["--json", "--at", time(at)]
    if provider is not None:
        options += ["--provider", provider]
    if history is not None:
        options += ["--history", os.fspath(history)]
    return Estimate(*_command("estimate", options, [body(request).encode()], prices))


def save(
    usage: bytes | str | ArrowStream,
    *,
    name: str = "usage.csv",
    place: str = "",
    by: Sequence[str] = (),
    zone: str = "UTC",
    provider: str = "",
    prices: Sequence[str] = (),
) -> str:
    """Usage as a saved ledger: integer cells that merge in any order. It is the content of a file, or
    a table.

    The same bytes, or the same cells of a table, from the same ``place`` count once, however often
    they are merged. Days are those of ``zone``: ledgers merge, and are reported on, in one zone.
    """
    content = usage.encode() if isinstance(usage, str) else usage
    return _internal.save(content, name, place, list(by), zone, provider, list(prices))


def report_saved(
    ledger: str,
    *,
    by: Sequence[str] | str = ("provider", "model"),
    zone: str = "UTC",
    prices: Sequence[str] = (),
    reprice: bool = False,
) -> Report:
    """The report of a saved ledger; ``reprice`` by the prices of this book."""
    options = _options(by, None, None, None, zone, False)
    if reprice:
        options.append("--reprice")
    return Report(*_command("report", options, [_Ledger(ledger)], prices))

"""What callers hand in: counts that are whole, times that have a zone, responses of any SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any, Protocol, Union, cast, runtime_checkable


@runtime_checkable
class _ModelDump(Protocol):
    def model_dump_json(self) -> str: ...


@runtime_checkable
class _ToDict(Protocol):
    def to_dict(self) -> Mapping[str, Any]: ...


@runtime_checkable
class ArrowStream(Protocol):
    """A table that hands itself over by Arrow's C interface: pandas, polars, pyarrow, DuckDB …"""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


Time = Union[str, date, datetime]
Response = Union[str, bytes, Mapping[str, Any], _ModelDump, _ToDict]
# Callers without a type checker hand in anything; what it is is looked at here, once.


def whole(name: str, value: object) -> int:
    """A count. Floats and booleans are refused: neither is one, whatever its value."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 0:
        raise ValueError(f"{name} is {value}: a count is at or above zero")
    return value


def time(at: object) -> str:
    """A time as the library reads it; now for ``None``."""
    if at is None:
        at = datetime.now(timezone.utc)
    if isinstance(at, datetime):
        if at.utcoffset() is None:
            raise ValueError(
                "a naive datetime names no instant: give it a time zone, such as "
                "datetime.now(timezone.utc)"
            )
        return at.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(at, date):
        return at.isoformat()
    if not isinstance(at, str):
        raise TypeError(f"at must be a str, a date or a datetime, not {type(at).__name__}")
    return at


def body(response: object) -> str:
    """A response as JSON: a text, bytes, a mapping, or an object of an SDK."""
    if isinstance(response, str):
        return response
    if isinstance(response, (bytes, bytearray)):
        return bytes(response).decode("utf-8")
    if isinstance(response, Mapping):
        return json.dumps(cast("Mapping[str, Any]", response))
    if isinstance(response, _ModelDump):
        return response.model_dump_json()
    if isinstance(response, _ToDict):
        return json.dumps(response.to_dict())
    raise TypeError(
        f"{type(response).__name__} is no response: a JSON text, a mapping, or an object with "
        "model_dump_json() is"
    )

"""JSON within bounds, for every format that is made of it: UTF-8, then JSON, then depth and numbers, then an object."""

from __future__ import annotations

import orjson

from pipeline.article import Json
from pipeline.errors import InputRefused, Reason

MAX_DEPTH = 64  # orjson reads 1,024 levels but writes only 254
ONE = "one message is one article, and copydesk feed splits what holds many"
_INT64_MIN, _UINT64_MAX = -(2**63), 2**64 - 1
_BOM = b"\xef\xbb\xbf"


def parse(data: bytes) -> dict[str, Json]:
    """One JSON object. Raises InputRefused with its reason for anything else."""
    if (schema := _schema_id(data)) is not None:
        why = f"framed for a schema registry (magic byte 0, schema id {schema}): the bare JSON is read here"
        raise InputRefused(Reason.SCHEMA_TYPE, why)
    data = data.removeprefix(_BOM)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise InputRefused(Reason.NOT_UTF8, f"byte {error.start}") from None
    if data[:4].count(0) >= 2 or (data[:2].count(0) == 1):  # ASCII in UTF-16 is valid UTF-8 with NULs
        raise InputRefused(Reason.NOT_UTF8, "looks like UTF-16 or UTF-32")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = Reason.TOO_DEEP if "depth limit" in str(error) else Reason.MALFORMED_JSON
        # The parser's message names a position, never the text.
        raise InputRefused(reason, f"{error.msg}: char {error.pos}") from None
    _check_values(document)
    if isinstance(document, list):
        raise InputRefused(Reason.SCHEMA_TYPE, f"a JSON object is required, not a list: {ONE}")
    if not isinstance(document, dict):
        raise InputRefused(Reason.SCHEMA_TYPE, f"a JSON object is required, not {type(document).__name__}")
    return document


def _schema_id(data: bytes) -> int | None:
    """The id of the schema that a registry's serialiser put before the bytes; None if they are not framed so.

    A zero byte and an id of four bytes, Confluent's wire format. UTF-16 and UTF-32 begin with zeros too, but an id has
    its first byte zero, and JSON in UTF-32 has three of them behind its first sign.
    """
    if data[:2] != b"\0\0" or len(data) < 6 or data[4:7] == b"\0\0\0":
        return None
    return int.from_bytes(data[1:5], "big")


def _check_values(document: object) -> None:
    """Depth and number range, level by level, without recursion."""
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH and any(isinstance(value, dict | list) for value in level):
            raise InputRefused(Reason.TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, float) and not _INT64_MIN < value < _UINT64_MAX:
                # orjson reads an integer past 64 bits as a float: what it stood for is lost.
                raise InputRefused(Reason.NUMBER_RANGE, "a number is outside 64 bits")
        level = below

"""The table of formats, one row each. The commands and Kafka read it; nothing else knows which formats there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from pipeline.article import Hints, Json, Origin, RawArticle
from pipeline.contracts import Container, Enclosed, Format
from pipeline.errors import InputRefused, Reason
from pipeline.formats import raw
from pipeline.formats.cloudevents import CloudEvent
from pipeline.formats.field_names import FieldMap
from pipeline.formats.html import Html
from pipeline.formats.json import JsonArticle
from pipeline.formats.json_array import JsonArray
from pipeline.formats.jsonl import JsonLines
from pipeline.formats.media_type import essence
from pipeline.formats.ninjs import Ninjs
from pipeline.formats.parsing import ONE
from pipeline.formats.text import PlainText

MAX_WIRE_BYTES = 10_000_000  # 10 MB: what a producer may send; also the broker's message limit we create topics with
JSON: Format = JsonArticle()  # what bytes are of which nobody says anything
FORMATS: Sequence[Format] = (JSON, Ninjs(), CloudEvent(), Html(), PlainText())
CONTAINERS: Sequence[Container] = (JsonLines(), JsonArray())
_NO_TYPE = frozenset({"", "application/octet-stream", "binary/octet-stream"})  # "some bytes", say many producers


def decode_raw(data: bytes, *, origin: Origin | None = None, field_map: FieldMap = ()) -> RawArticle:
    """Decode one raw article. `field_map` says which names of the feeder's stand for which fields (docs/feeding.md).

    `origin` carries the Kafka coordinates and the hints of the headers, if there are any; its hash and size are filled
    in here. Raises InputRefused with its reason for anything that is not an article.
    """
    hints = (origin and origin.hints) or Hints()
    found = sha256(data).hexdigest()
    origin = replace(origin or Origin(raw_sha256="", size=0), raw_sha256=found, size=len(data), hints=None)
    return raw.article(read(data, hints), origin, hints, field_map)


def read(data: bytes, hints: Hints) -> Json:
    """One raw article's JSON object, by the format that the hints declare or that the bytes plainly are.

    Raises InputRefused.
    """
    if len(data) > MAX_WIRE_BYTES:
        raise InputRefused(Reason.TOO_LARGE, f"{len(data)} bytes, at most {MAX_WIRE_BYTES}")
    found = _format(data, hints).read(data, hints)
    if isinstance(found, Enclosed):
        inner = _format(found.data, found.hints)
        found = inner.read(found.data, found.hints)
        if isinstance(found, Enclosed):
            raise InputRefused(Reason.SCHEMA_TYPE, f"{inner.name} within an envelope, which may hold an article only")
    return found


def _format(data: bytes, hints: Hints) -> Format:
    declared = essence(hints.content_type)
    if declared in _NO_TYPE:
        return next((row for row in FORMATS if row.plainly(data)), JSON)
    for row in FORMATS:
        if declared in row.media_types:
            return row
    for container in CONTAINERS:
        if declared in container.media_types:
            raise InputRefused(Reason.SCHEMA_TYPE, f"content type {declared} ({container.name}): {ONE}")
    if declared.startswith("application/") and declared.endswith("+json"):  # RFC 6839: it can be read as JSON
        return JSON
    known = ", ".join(kind for row in FORMATS for kind in row.media_types)
    raise InputRefused(Reason.SCHEMA_TYPE, f"content type {declared[:60]!a} is not read here; these are: {known}")


def suffixes() -> tuple[str, ...]:
    """Those of file names that the commands read, containers' first."""
    rows: Sequence[Container | Format] = (*CONTAINERS, *FORMATS)
    return tuple(dict.fromkeys(suffix for row in rows for suffix in row.suffixes))


def of_file(suffix: str) -> tuple[list[Container], Format | None]:
    """What a file of that suffix can be: a container, if one of them holds it, else the format."""
    containers = [container for container in CONTAINERS if suffix in container.suffixes]
    return containers, next((row for row in FORMATS if suffix in row.suffixes), None)

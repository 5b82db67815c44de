"""An article in a CloudEvent of structured mode: one JSON object with the article as `data` or `data_base64`.

Source: CloudEvents 1.0, JSON event format. Binary mode needs no format of its own: there the message's value is the
article, and `content-type` says what it is.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from pipeline.article import Hints, Json
from pipeline.contracts import Enclosed
from pipeline.errors import InputRefused, Reason
from pipeline.formats import ninjs
from pipeline.formats.media_type import essence, json_like
from pipeline.formats.parsing import parse

_REQUIRED = ("specversion", "type", "source")


class CloudEvent:
    """One event with one article in it."""

    name = "cloudevents"
    media_types = ("application/cloudevents+json",)
    suffixes = ()

    def plainly(self, _: bytes, /) -> bool:
        """The JSON format knows an event by its fields."""
        return False

    def read(self, data: bytes, hints: Hints, /) -> Json | Enclosed:
        """What is in the event."""
        return opened(parse(data), hints)


def is_event(document: dict[str, Json]) -> bool:
    """Whether an object of which nobody says anything is an event, and no article that happens to have such fields."""
    return (
        all(isinstance(document.get(name), str) for name in _REQUIRED)
        and ("data" in document or "data_base64" in document)
        and not any(name in document for name in ("body", "html", "bodies", "headlines"))
    )


def opened(event: dict[str, Json], hints: Hints) -> Json | Enclosed:
    """The article of an event: an object as it is; text and bytes are read as `datacontenttype` says.

    Raises InputRefused.
    """
    for name in _REQUIRED:
        if not isinstance(event.get(name), str):
            reason = Reason.SCHEMA_TYPE if event.get(name) is not None else Reason.SCHEMA_MISSING
            raise InputRefused(reason, f"{name}: a string is required of a CloudEvent")
    kind = event.get("datacontenttype")
    if kind is not None and not isinstance(kind, str):
        raise InputRefused(Reason.SCHEMA_TYPE, "datacontenttype: a string is required of a CloudEvent")
    within = replace(hints, content_type=kind)
    data, encoded = event.get("data"), event.get("data_base64")
    if encoded is not None:
        return Enclosed(data=_bytes(encoded), hints=within)
    if data is None:
        reason = Reason.NULL_VALUE if "data" in event or "data_base64" in event else Reason.SCHEMA_MISSING
        raise InputRefused(reason, "data: a CloudEvent has the article in data or data_base64")
    if json_like(essence(kind)):
        if not isinstance(data, dict):
            raise InputRefused(Reason.SCHEMA_TYPE, f"data: a JSON object is required, not {type(data).__name__}")
        return ninjs.raw_of(data)
    if not isinstance(data, str):
        raise InputRefused(Reason.SCHEMA_TYPE, f"data: a string is required of {essence(kind)[:60]!a}")
    # A string is text already, whatever its bytes were.
    return Enclosed(data=data.encode(), hints=replace(within, content_type=f"{essence(kind)}; charset=utf-8"))


def _bytes(encoded: Json) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise InputRefused(Reason.SCHEMA_TYPE, "data_base64: a string in base64 is required") from None

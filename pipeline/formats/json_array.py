"""A JSON array of articles, of any length. A batch of CloudEvents is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import orjson

from pipeline.contracts import Item
from pipeline.errors import Reason
from pipeline.formats import arrays

_MOST_EMPTY = 10  # a gzip file of a few kB may open to any number of commas
_CHUNK = 1 << 20
_DENSE = 1_000_000


class JsonArray:
    """A number is that of the element."""

    name = "JSON array"
    media_types = ("application/cloudevents-batch+json",)
    suffixes = (".json",)

    def holds(self, head: bytes, limit: int, /) -> bool:
        """It begins with `[`. What is there whole and is no JSON is not split: the pipeline refuses it."""
        if head[: limit + 1].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"[":
            return False
        return len(head) > limit or is_dense(head) or _is_json(head)

    def split(self, stream: BinaryIO, limit: int, /) -> Iterator[Item]:
        """Each element as it stands; the last is a fault if empty ones do not come to an end."""
        empty = 0
        for number, element in enumerate(arrays.elements(iter(lambda: stream.read(_CHUNK), b""), limit=limit), start=1):
            empty = 0 if element else empty + 1
            if empty > _MOST_EMPTY:
                why = f"more than {_MOST_EMPTY} empty elements in a row; what follows is not read"
                yield Item(number=number, fault=Reason.UNREADABLE, error=why)
                return
            if isinstance(element, bytes):
                yield Item(number=number, data=element)
            elif element is arrays.Fault.LONG:
                yield Item(number=number, fault=Reason.TOO_LARGE)
            else:
                yield Item(number=number, fault=Reason.UNREADABLE, error=f"not read: {element.value}")


def is_dense(data: bytes) -> bool:
    """Whether JSON of at most 10 MB has so many values that they would fill the memory: no article has a million."""
    return sum(map(data.count, (b",", b"[", b"{"))) > _DENSE


def _is_json(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True

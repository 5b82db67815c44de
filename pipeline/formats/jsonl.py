"""JSON Lines: one article a line, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.contracts import Item
from pipeline.errors import Reason

_SKIPPED_AT_ONCE = 1 << 20
_MOST_BLANK = 1 << 20  # bytes: a gzip file of a few kB may open to any number of line ends


class JsonLines:
    """Blank lines are passed over; a number is that of the line."""

    name = "JSON Lines"
    media_types = (
        "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl",
        "application/jsonlines", "application/x-jsonlines",
    )  # fmt: skip
    suffixes = (".jsonl", ".ndjson")

    def holds(self, _: bytes, __: int, /) -> bool:
        """Its suffixes are no format's."""
        return True

    def split(self, stream: BinaryIO, limit: int, /) -> Iterator[Item]:
        """Each line, without its end; the last is a fault if blank lines do not come to an end."""
        number = blank = 0
        while line := stream.readline(limit + 2):  # its end aside
            number += 1
            value = line.strip(b"\r\n")
            if len(value) > limit:
                yield Item(number=number, fault=Reason.TOO_LARGE)
                while line and not line.endswith(b"\n"):
                    line = stream.readline(_SKIPPED_AT_ONCE)
            elif value.strip():
                blank = 0
                yield Item(number=number, data=value)
            elif (blank := blank + len(line)) > _MOST_BLANK:
                why = f"blank lines of more than {_MOST_BLANK} bytes in a row; what follows is not read"
                yield Item(number=number, fault=Reason.UNREADABLE, error=why)
                return

"""JSON Lines: one article a line, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pipeline.contracts import Item
from pipeline.errors import Reason

_SKIPPED_AT_ONCE = 1 << 20


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
        """Each line, without its end."""
        number = 0
        while line := stream.readline(limit + 2):  # its end aside
            number += 1
            value = line.strip(b"\r\n")
            if len(value) > limit:
                yield Item(number=number, fault=Reason.TOO_LARGE)
                while line and not line.endswith(b"\n"):
                    line = stream.readline(_SKIPPED_AT_ONCE)
            elif value.strip():
                yield Item(number=number, data=value)

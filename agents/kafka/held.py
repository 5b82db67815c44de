"""Bounds what a worker holds in memory: polls of bounded size, and a pause of a topic of which it holds enough.

Kafka's client returns all messages of a fetch at once, and Faust buffers 512 messages per stage, of any size. A fetch
of 128 KiB can decompress to gigabytes: sixty batches of 2 kB with 60 MB each, or one batch with 30 million headers.
"""

from __future__ import annotations

import time
import weakref
from collections import defaultdict
from typing import Any

from aiokafka.consumer import fetcher

POLL_RECORDS = 512
POLL_BYTES = 8 << 20
POLL_SECONDS = 0.1  # decompressing batches delays heartbeats, even if it yields few messages or none
TOPIC_BYTES = 32 << 20  # of one topic, in flight: no more is read until some are acknowledged
_HEADER_BYTES = 128  # what a header takes beside its text
_RECORD_BYTES = 512


def size(record: Any) -> int:
    """Bytes of memory that a record takes, about."""
    headers = sum(len(name) + len(value or b"") + _HEADER_BYTES for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers + _RECORD_BYTES


class Poll(fetcher.FetchResult):  # type: ignore[misc]
    """What a fetch brought of one partition, as the client's own, but handed over in parts: the rest is not opened."""

    def getall(self, max_records: int | None = None) -> list[Any]:
        """The next records; at least one if there is one."""
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        most = POLL_RECORDS if max_records is None else min(POLL_RECORDS, max_records)
        found: list[Any] = []
        taken, end = 0, time.monotonic() + POLL_SECONDS
        records: Any = self._partition_records
        for record in records:
            found.append(record)
            taken += size(record)
            if len(found) >= most or taken >= POLL_BYTES or time.monotonic() >= end:
                self._update_position()
                return found
        self._update_position()
        self._partition_records: Any = None
        return found


class Held:
    """What is in flight of each partition. A message that was dropped counts as acknowledged."""

    def __init__(self) -> None:
        self._of: dict[Any, dict[int, tuple[int, weakref.ref[Any]]]] = defaultdict(dict)  # by partition, by offset

    def took(self, tp: Any, message: Any, bytes_: int) -> None:
        """It was read."""
        self._of[tp][message.offset] = bytes_, weakref.ref(message)

    def answered(self, tp: Any, offset: int) -> None:
        """It is acknowledged."""
        self._of[tp].pop(offset, None)

    def forget(self, tp: Any) -> None:
        """The partition was revoked, or its topic was created again."""
        self._of.pop(tp, None)

    def full(self) -> set[str]:
        """Topics of which so much is held that no more is to be read."""
        held: dict[str, int] = defaultdict(int)
        for tp, messages in self._of.items():
            for offset in [n for n, (_, message) in messages.items() if message() is None]:
                del messages[offset]
            held[tp.topic] += sum(each for each, _ in messages.values())
        return {topic for topic, bytes_ in held.items() if bytes_ >= TOPIC_BYTES}

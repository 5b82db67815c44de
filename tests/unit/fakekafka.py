"""A Kafka log in memory behind the client classes that commands use: topics hold any records that strangers write."""

from __future__ import annotations

import io
import logging
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from aiokafka import TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from agents import cli

LINE = ("articles.raw", "articles.cleaned", "articles.annotated", "articles.enriched", "articles.dead-letters")


@dataclass(frozen=True)
class Record:
    """As aiokafka's ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp: int


@dataclass
class Log:
    """One partition a topic. `read` tells which topics were read; `sent` what a producer wrote."""

    topics: dict[str, list[Record]] = field(default_factory=lambda: {topic: [] for topic in LINE})
    read: set[str] = field(default_factory=set)
    sent: list[tuple[str, bytes | None, bytes | None]] = field(default_factory=list)
    committed: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(
        self, topic: str, value: bytes | None, *, key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (), timestamp: int = 1_750_000_000_000,
    ) -> Record:  # fmt: skip
        """Append a record."""
        records = self.topics.setdefault(topic, [])
        records.append(Record(topic, 0, len(records), key, value, tuple(headers), timestamp))
        return records[-1]


class Consumer:
    """As AIOKafkaConsumer, as far as commands use it."""

    def __init__(self, log: Log, group_id: str | None = None, **_: Any) -> None:
        self._log, self._group = log, group_id or ""
        self._at: dict[TopicPartition, int] = {}
        self._client = self

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def fetch_all_metadata(self) -> Consumer:
        return self

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return {0} if topic in self._log.topics else None

    def assign(self, partitions: list[TopicPartition]) -> None:
        self._log.read |= {tp.topic for tp in partitions}
        self._at = {tp: self._log.committed.get((self._group, tp.topic), 0) for tp in partitions}

    def seek(self, tp: TopicPartition, offset: int) -> None:
        struct.pack(">q", offset)  # as a request for it would
        self._at[tp] = offset

    async def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        self._at |= dict.fromkeys(partitions, 0)

    async def seek_to_end(self, *partitions: TopicPartition) -> None:
        self._at |= {tp: len(self._log.topics[tp.topic]) for tp in partitions}

    async def position(self, tp: TopicPartition) -> int:
        return self._at[tp]

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: len(self._log.topics[tp.topic]) for tp in partitions}

    def highwater(self, tp: TopicPartition) -> int:
        return len(self._log.topics[tp.topic])

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Record]]:
        found = {tp: self._log.topics[tp.topic][at : at + 2] for tp, at in self._at.items()}
        for tp, records in found.items():
            self._at[tp] += len(records)
        return {tp: records for tp, records in found.items() if records}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self._log.committed |= {(self._group, tp.topic): offset for tp, offset in offsets.items()}


class Producer:
    """As AIOKafkaProducer, as far as commands use it; it takes at most a megabyte."""

    def __init__(self, log: Log, **_: Any) -> None:
        self._log = log

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send_and_wait(
        self, topic: str, value: bytes | None = None, key: bytes | None = None, headers: Any = ()
    ) -> None:
        if sum(len(each or b"") for each in (key, value, *(value for _, value in headers))) > 1_000_000:
            raise MessageSizeTooLargeError
        self._log.sent.append((topic, key, value))


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: bytes
    err: bytes


@contextmanager
def streams() -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """stdout and stderr for a while, as bytes; the log and the excepthook are put back."""
    raw = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(each, "utf-8", write_through=True) for each in raw]
    root = logging.getLogger()
    hook, handlers, level = sys.excepthook, root.handlers[:], root.level
    try:
        with mock.patch.object(sys, "stdout", streams[0]), mock.patch.object(sys, "stderr", streams[1]):
            yield raw
    finally:
        sys.excepthook = hook
        root.handlers[:] = handlers
        root.setLevel(level)
        for stream in streams:
            stream.detach()


def run(log: Log, *args: str) -> Ran:
    """A command in this process, on this log. An exception that it does not handle is ours to see."""
    with (
        mock.patch("agents.kafka.reader.AIOKafkaConsumer", lambda **options: Consumer(log, **options)),
        mock.patch("agents.cli.replaying.AIOKafkaConsumer", lambda **options: Consumer(log, **options)),
        mock.patch("agents.cli.replaying.AIOKafkaProducer", lambda **options: Producer(log, **options)),
        mock.patch.object(sys, "argv", ["copydesk", *args]),
        streams() as (out, err),
    ):
        code = 0
        try:
            cli.run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(code, out.getvalue(), err.getvalue())

"""What a worker holds of what it has read is bounded, whatever a fetch opens to."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition
from faust.types import TP

from agents.kafka import batches, held
from agents.kafka.batches import Unread
from agents.kafka.faust_internals import _Thread
from agents.kafka.held import Held, Poll
from tests.integration.hostile import CODECS
from tests.unit.test_batches import Row, built

HERE = TopicPartition("articles.raw", 0)


class State:
    """What a client knows of a partition: where it stands."""

    paused = False

    def __init__(self, position: int) -> None:
        self.position = position

    def consumed_to(self, position: int) -> None:
        self.position = position


def polled(data: bytes, *, first: int = 70) -> Iterator[list[Any]]:
    """The parts in which the client hands over what a fetch brought."""
    batches.read_any_batch()
    state = State(first)
    assignment = SimpleNamespace(active=True, state_value=lambda _: state)
    records = fetcher.PartitionRecords(HERE, fetcher.MemoryRecords(data), [], first, None, None, True, 0)
    result = fetcher.FetchResult(HERE, assignment=assignment, partition_records=records, backoff=0)
    assert isinstance(result, Poll)
    while result.has_more():
        yield result.getall()


def many(count: int, row: Row) -> bytes:
    """So many batches of one record, one after another."""
    return b"".join(built([row], CODECS["zstd"], base=70 + n) for n in range(count))


@pytest.mark.parametrize(
    ("row", "most"),
    [
        ((None, b"[" * (1 << 20), []), 8),
        ((b"k" * (1 << 20), b"x", []), 8),
        ((None, b"{", [("", b"")] * 20_000), held.POLL_BYTES // (batches._MAX_HEADERS * 128)),
        ((None, b"{", []), held.POLL_RECORDS),
    ],
    ids=["values", "keys", "headers", "records"],
)
def test_a_poll_is_bounded(row: Row, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes, headers and records; every record comes, once and in order."""
    monkeypatch.setattr(held, "POLL_SECONDS", 1e9)
    count = 2 * most + 3
    parts = list(polled(many(count, row)))
    assert [record.offset for part in parts for record in part] == list(range(70, 70 + count))
    assert max(map(len, parts)) <= most + 1


def test_a_poll_ends_after_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes of a batch may be less than nothing to count; one record is handed over at least."""
    monkeypatch.setattr(held, "POLL_SECONDS", 0)
    assert [[r.offset for r in part] for part in polled(many(3, (None, b"x", [])))] == [[70], [71], [72], []]


def test_a_message_that_no_topic_would_take_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is small only while it is compressed; its neighbours come."""
    monkeypatch.setattr(batches, "_MAX_RECORD_BYTES", 1_000)
    rows: list[Row] = [(None, b"a", []), (b"k" * 600, b"v" * 600, [("h", b"1")]), (None, b"c", [])]
    (found,) = [part for part in polled(built(rows, CODECS["gzip"])) if part]
    assert [(r.offset, r.key, r.value[:1]) for r in found] == [(70, None, b"a"), (71, None, b""), (72, None, b"c")]
    assert isinstance(found[1].value, Unread)
    assert "1200 bytes" in found[1].value.why


def test_a_topic_is_full_until_messages_are_answered_or_gone() -> None:
    """Counted by topic: one stage's backlog keeps no other stage from its messages."""
    account, there, other = Held(), TP("articles.raw", 1), TP("articles.cleaned", 0)
    messages = [held_message(n) for n in range(3)]
    account.took(TP("articles.raw", 0), messages[0], held.TOPIC_BYTES // 2)
    account.took(other, messages[2], 1)
    assert account.full() == set()
    account.took(there, messages[1], held.TOPIC_BYTES // 2)
    assert account.full() == {"articles.raw"}
    account.answered(there, 1)
    assert account.full() == set()
    account.took(there, messages[1], held.TOPIC_BYTES)
    account.forget(there)
    assert account.full() == set()
    account.took(there, messages[1], held.TOPIC_BYTES)
    messages.clear()
    assert account.full() == set()


def held_message(offset: int) -> Any:
    """A message that can be let go."""
    return type("Message", (), {"offset": offset})()


async def test_of_a_full_topic_nothing_more_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are; and if all are full nothing is asked for, since an empty set would mean all."""
    asked: list[Any] = []

    async def getmany(_: Any, partitions: Any, timeout: float) -> dict[str, str]:  # noqa: ASYNC109
        asked.append(partitions)
        return {"some": "thing"}

    monkeypatch.setattr("faust.transport.drivers.aiokafka.AIOKafkaConsumerThread.getmany", getmany)
    raw, cleaned = TP("articles.raw", 0), TP("articles.cleaned", 0)
    full: set[str] = set()
    thread = _Thread.__new__(_Thread)
    thread.consumer = SimpleNamespace(full=lambda: full)
    assert await thread.getmany({raw, cleaned}, 0) == {"some": "thing"}
    full |= {"articles.raw"}
    assert await thread.getmany({raw, cleaned}, 0) == {"some": "thing"}
    assert await thread.getmany({raw}, 0) == {}
    assert asked == [{raw, cleaned}, {cleaned}]

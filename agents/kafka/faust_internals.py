"""Every private name of Faust and aiokafka that we use, in one file, checked when a worker starts.

Private names may disappear in any release. `check` says in one line which one is missing after an upgrade; without it
the worker would hang, lose track of offsets, or send a password to the wrong host. No other module uses such a name.

`Consumer` keeps track of the offsets that may be committed if the log has holes: at the end of a transaction (a marker
takes an offset), where one was aborted, and where compaction or retention removed records. Faust stops committing at
such a hole until the worker is restarted and reads everything again. It also silently drops a message whose offset is
smaller than one that it read before. docs/decisions/0055 says how this was found.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer import fetcher, subscription_state
from faust.transport.drivers import aiokafka as driver

from agents.kafka.held import Held, size
from pipeline.errors import BrokerError, InstallationError

TopicPartition = tuple[str, int]
# Where each name must be: methods and module attributes that are replaced or called, attributes that instances have.
METHODS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (driver.Consumer, ("_new_consumer_thread", "_to_message", "_add_gap", "_new_offset")),
    (driver.AIOKafkaConsumerThread, ("_create_worker_consumer", "getmany")),
    (faust.Worker, ("_on_sigint", "_on_sigterm", "_setproctitle")),
    (AIOKafkaConnection, ("_do_sasl_handshake",)),
    (AIOKafkaClient, ("fetch_all_metadata", "get_random_node", "send")),
    (fetcher, ("FetchResult", "MemoryRecords")),
    (fetcher.FetchResult, ("check_assignment", "has_more", "getall", "_update_position")),
)
ATTRIBUTES: tuple[tuple[type, tuple[str, ...]], ...] = (
    (driver.Consumer, ("_thread", "_read_offset", "_committed_offset", "_acked", "_acked_index")),
    (driver.AIOKafkaConsumerThread, ("_consumer",)),
    (AIOKafkaConsumer, ("_client", "_coordinator", "_fetcher", "_subscription", "_isolation_level")),
    (AIOKafkaAdminClient, ("_client",)),
    (AIOKafkaConnection, ("_security_protocol", "_writer")),
    (fetcher.Fetcher, ("_fetch_max_wait_ms",)),
    (fetcher.FetchResult, ("_partition_records", "_topic_partition")),
    (subscription_state.TopicPartitionState, ("_position",)),
)
_FETCH_WAIT_MS = 50
_FULL_SECONDS = 0.05  # until a topic that was full is looked at again


def check() -> None:
    """Raises InstallationError, one line, if a private name that we use is missing."""
    if gone := next(_missing(), None):
        installed = ", ".join(f"{name} {version(name)}" for name in ("faust-streaming", "aiokafka", "mode-streaming"))
        raise InstallationError(
            f"{gone} is missing from the installed {installed}; install the versions of requirements/run.lock"
        )


def _missing() -> Iterator[str]:
    for owner, names in METHODS:
        yield from (f"{owner.__name__}.{name}" for name in names if not hasattr(owner, name))
    for owner, names in ATTRIBUTES:
        known = {name for each in owner.__mro__[:-1] for name in _attributes(each)}
        yield from (f"{owner.__name__}.{name}" for name in names if name not in known)


def _attributes(owner: type) -> set[str]:
    """What its methods set on `self`, and what the class declares."""
    found = {*vars(owner), *getattr(owner, "__annotations__", {})}
    for method in vars(owner).values():
        function = inspect.unwrap(method) if callable(method) else getattr(method, "fget", None)
        if code := getattr(function, "__code__", None):
            found |= {*code.co_names}
    return found


def fetch_promptly(consumer: Any) -> None:
    """Have fetches answered after 50 ms at the latest; `consumer` is a started app's.

    Faust lets the broker hold one for 1.5 s and has no setting for it. The broker answers as soon as there is something
    in the partitions that were asked for; one whose records were being handed on is asked for again only after that. So
    a wait of 1.5 s shows in the slowest hundredth (docs/decisions/0058 has the figures).
    """
    if client := client_of(consumer):
        client._fetcher._fetch_max_wait_ms = _FETCH_WAIT_MS


def client_of(consumer: Any) -> Any:
    """The aiokafka consumer behind a Faust app's, or None while it is not started."""
    return getattr(getattr(consumer, "_thread", None), "_consumer", None)


def knows_coordinator(client: Any) -> bool:
    """Whether an aiokafka consumer is in touch with the coordinator of its group."""
    return getattr(getattr(client, "_coordinator", None), "coordinator_id", None) is not None


def committed(consumer: Any, tp: Any) -> int | None:
    """The committed offset of a partition, as a Faust app's consumer knows it."""
    offset: int | None = consumer._committed_offset.get(tp)
    return offset


def network_client(client: Any) -> Any:
    """The AIOKafkaClient of an aiokafka consumer, producer or admin client."""
    return client.client if isinstance(client, AIOKafkaProducer) else client._client


def read_batches_with(records: Any) -> None:
    """Have every consumer of this process read batches with that class."""
    fetcher.MemoryRecords = records


def read_polls_with(poll: Any) -> None:
    """Have every consumer of this process hand over what a fetch brought with that class, a FetchResult."""
    fetcher.FetchResult = poll


def check_logins(allowed: Callable[[str, int, str], None]) -> None:
    """Call `allowed(host, port, address)`, which may raise, before any client sends a password in the clear."""
    log_in = AIOKafkaConnection._do_sasl_handshake

    async def checked(self: Any) -> None:
        if self._security_protocol != "SASL_SSL":
            address = (self._writer.get_extra_info("peername") or ("an unknown address",))[0]
            allowed(self.host, self.port, address)
        await log_in(self)

    AIOKafkaConnection._do_sasl_handshake = checked


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer, which tracks offsets itself: what was read, in order, and what of it is acknowledged.

    Stages acknowledge a partition's records in the order in which they were read (agents/processor.py).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._first: dict[TopicPartition, int] = {}  # the first offset read since the partition was assigned
        self._next: dict[TopicPartition, int] = {}  # after the last one read
        self._holes: dict[TopicPartition, dict[int, int]] = {}  # where a hole begins -> the first offset after it
        self._held = Held()
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Forget them: their next owner continues from the committed offsets."""
        for tp in revoked:
            self._forget(tp)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        """Start over with them, from the committed offsets."""
        for tp in assigned:
            self._forget(tp)
        await super().on_partitions_assigned(assigned, generation_id)

    def _forget(self, tp: TopicPartition) -> None:
        for known in (self._first, self._next, self._holes):
            known.pop(tp, None)
        self._held.forget(tp)

    def full(self) -> set[str]:
        """Topics with so much in flight that no more is to be read now."""
        return self._held.full()

    def ack(self, message: Any) -> bool:
        """The message is acknowledged."""
        self._held.answered(message.tp, message.offset)
        return bool(super().ack(message))

    def _to_message(self, tp: Any, record: Any) -> Any:
        # Called for each record in the order of reading, immediately before Faust looks at its offset.
        before = self._read_offset[tp]
        if before is not None and record.offset < before:
            if tp in self._next:
                raise BrokerError(
                    f"{tp.topic}:{tp.partition} continues at offset {record.offset}, after {before}: "
                    "the topic was deleted and created again, or truncated; the worker exits and must be started again"
                )
            # The committed offset is of a log that is gone, and the client began at the first one there is.
            self._read_offset[tp] = self._committed_offset[tp] = None
        committed = self._committed_offset[tp]
        expected = self._next.get(tp, committed)
        if expected is not None and record.offset < expected:  # read again, from what is committed
            expected = committed
        if expected is not None and record.offset > expected:
            self._holes.setdefault(tp, {})[expected] = record.offset
        self._first.setdefault(tp, record.offset)
        self._next[tp] = record.offset + 1
        message = super()._to_message(tp, record)
        self._held.took(tp, message, size(record))
        return message

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Faust's account of holes: not used."""

    def _new_offset(self, tp: Any) -> int | None:
        """The offset to commit: after the last record up to which all are acknowledged. None if it has not changed."""
        acked: list[int] = self._acked[tp]
        committed = self._committed_offset[tp]
        start = self._first.get(tp) if committed is None else committed
        if not acked or start is None:
            return None
        acked.sort()
        holes = self._holes.get(tp, {})
        end, taken = start, 0
        while True:
            if end in holes:
                end = holes.pop(end)
            elif taken < len(acked) and acked[taken] <= end:
                end = max(end, acked[taken] + 1)
                taken += 1
            else:
                break
        self._acked_index[tp].difference_update(acked[:taken])
        del acked[:taken]
        return end if end > start else None

    def waiting(self, tp: Any, *, answered: int | None) -> int | None:
        """How many offsets of a partition are not done; `answered` follows the last that is. None if not known yet.

        The end of a log may be a marker, which is nobody's to answer: who has read and answered all has no lag.
        """
        client = self._thread._consumer
        end = client.highwater(tp)
        if end is None:
            return None
        stable = client.last_stable_offset(tp)
        end = end if stable is None or stable < 0 else stable
        done = max(answered or 0, self._committed_offset[tp] or 0)
        position = client._subscription.subscription.assignment.state_value(tp)._position
        all_read = position is not None and position >= end
        return 0 if all_read and done >= self._next.get(tp, 0) else max(0, end - done)


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    async def getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109
        """Messages of the topics that have room; what else was fetched stays unopened."""
        if active_partitions and (full := self.consumer.full()):
            active_partitions = {tp for tp in active_partitions if tp.topic not in full}
            if not active_partitions:  # an empty set would mean all
                await asyncio.sleep(_FULL_SECONDS)
                return {}
            timeout = min(timeout, _FULL_SECONDS)
        return await super().getmany(active_partitions, timeout)

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust ties this to its own transactions; a feeder may use some, and what it aborts was never published.
        consumer._isolation_level = "read_committed"
        return consumer


for _service in (Consumer, _Thread):
    _service.logger = driver.logger  # mode gives every class its module's: these are to be heard as Faust's own are

"""Sends dead letters again to the topic where they were refused: which, how fast, and where a replay continues."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from agents import foreign
from agents.cli import output
from agents.kafka import dead_letters, topics
from agents.kafka.connection import client_options, start, unreachable
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import sane
from agents.kafka.reader import drain, partitions_of
from agents.settings import Settings
from pipeline.errors import BrokerError
from pipeline.stages import STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """A choice of dead letters; None takes all."""

    reasons: frozenset[str] | None = None
    stage: str | None = None
    since: float | None = None  # seconds since the epoch
    until: float | None = None
    source: str | None = None

    def takes(self, letter: DeadLetter, refused_at: float) -> bool:
        """Whether this one is meant."""
        return (
            (self.reasons is None or letter.reason in self.reasons)
            and (self.stage is None or letter.stage == self.stage)
            and (self.since is None or refused_at >= self.since)
            and (self.until is None or refused_at < self.until)
            and (self.source is None or str(letter.source) == self.source)
        )

    @property
    def name(self) -> str:
        """A short name of the choice: the same choice has the same one."""
        parts = (sorted(self.reasons or ()), self.stage, self.since, self.until, self.source)
        return sha256(repr(parts).encode()).hexdigest()[:12]


@dataclass(slots=True, kw_only=True)
class Done:
    """What a replay did: letters sent, letters whose bytes were cut, letters that cannot be sent as they are."""

    sent: int = 0
    cut: int = 0
    refused: int = 0

    @property
    def all(self) -> int:
        """Letters that were looked at."""
        return self.sent + self.cut + self.refused


def refused_at(message: Any) -> float:
    """Seconds since the epoch; a topic that is not ours to configure may carry any time a producer wrote."""
    return sane(message.timestamp / 1000) or 0.0


async def replay(chosen: Settings, which: Which, *, dry_run: bool, rate: float, again: bool) -> Done:
    """Send the letters of this choice, at most `rate` a second; each that cannot be sent is named on stderr.

    Raises BrokerError if the broker cannot be reached or refuses a message.
    """
    names = topics.named(chosen)
    # Anyone may have written the letter, and it names the topic to send to: only topics that a stage reads are allowed.
    inputs = frozenset(names.input(stage) for stage in STAGES)
    # Progress is a committed offset of a group of the choice's own: it outlives this process and this machine.
    group = f"{chosen.group}-replay-{which.name}"
    reader = AIOKafkaConsumer(
        **client_options(chosen), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(**client_options(chosen), acks="all", max_request_size=topics.MAX_MESSAGE_BYTES)
    done = Done()
    started = time.monotonic()
    try:
        await start(reader, chosen)
        await start(producer, chosen)
        partitions = await partitions_of(reader, names.dead_letters)
        reader.assign(partitions)
        if again or dry_run:
            await reader.seek_to_beginning(*partitions)
        async for message in drain(reader, partitions):
            letter = dead_letters.read(message.value, list(message.headers))
            if which.takes(letter, refused_at(message)):
                at = f"{message.topic}:{message.partition}:{message.offset}"
                if why := _unfit(letter, inputs):
                    _name(letter, at, why)
                    done.cut += letter.truncated
                    done.refused += not letter.truncated
                else:
                    await asyncio.sleep(max(0.0, started + done.sent / rate - time.monotonic()))
                    if dry_run:
                        output.say(f"{_source(letter)} {foreign.text(letter.reason, limit=60)} -> {letter.read.topic}")
                        done.sent += 1
                    elif await _send(producer, letter, at):
                        done.sent += 1
                    else:
                        done.refused += 1
            if not dry_run:
                await reader.commit({TopicPartition(message.topic, message.partition): message.offset + 1})
    except (KafkaError, OSError) as error:
        raise (
            unreachable(chosen, error)
            if not done.all
            else BrokerError(f"after {done.sent} dead letters were sent: {error}")
        ) from None
    finally:
        await producer.stop()
        await reader.stop()
    return done


def _unfit(letter: DeadLetter, inputs: frozenset[str]) -> str | None:
    """Why a letter cannot be sent again, or None."""
    if letter.truncated:
        return f"only {len(letter.value)} of {letter.size} bytes are kept"
    if letter.read.topic not in inputs:
        where = foreign.text(letter.read.topic, limit=100) or "(none)"
        return f"not sent: it names the topic {where}, which no stage reads"
    return None


def _source(letter: DeadLetter) -> str:
    return foreign.text(letter.source, limit=300)


def _name(letter: DeadLetter, at: str, why: str) -> None:
    output.complain(f"{_source(letter)}: {why} (the dead letter is {at})")


async def _send(producer: AIOKafkaProducer, letter: DeadLetter, at: str) -> bool:
    headers = [
        *letter.feeder,  # the feeder's own: without its content-type a page would be read as JSON
        ("copydesk_source_topic", letter.source.topic.encode()),
        ("copydesk_source_partition", str(letter.source.partition).encode()),
        ("copydesk_source_offset", str(letter.source.offset).encode()),
        ("copydesk_attempt", str(letter.attempt).encode()),
    ]
    if letter.source_timestamp is not None:
        headers.append(("copydesk_source_timestamp", str(round(letter.source_timestamp * 1000)).encode()))
    if letter.traceparent:
        headers.append(("traceparent", letter.traceparent.encode()))
    try:
        value, key = (None, letter.article_key or b"") if letter.null else (letter.value, letter.article_key)
        # A client that is given neither refuses to send: of a null value without a key an empty key is as good as none.
        await producer.send_and_wait(letter.read.topic, value=value, key=key, headers=headers)
    except MessageSizeTooLargeError:
        _name(letter, at, f"not sent: it is larger than {letter.read.topic} takes")
        return False
    return True

"""copydesk dead-letters list|show|replay: look at what was refused, and send it again."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, cast

import orjson
import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from rich.table import Table

from agents.cli import showing
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import dead_letters, topics
from agents.kafka.connection import client_options, start, unreachable
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import sane
from agents.kafka.reader import consumer, drain, follow, partition_of, partitions_of
from agents.settings import Settings
from pipeline.errors import BrokerError, SettingsError

app = typer.Typer(
    help="Look at refused articles, and send them again.", no_args_is_help=True, rich_markup_mode="markdown"
)

Reason = Annotated[str | None, typer.Option("--reason", help="Only these: a reason such as not_utf8, or several: a,b.")]
Stage = Annotated[str | None, typer.Option("--stage", help="Only those refused at this stage.")]
Since = Annotated[str | None, typer.Option("--since", help="Only those refused from this time on (ISO 8601).")]
Until = Annotated[str | None, typer.Option("--until", help="Only those refused before this time (ISO 8601).")]
Source = Annotated[
    str | None, typer.Option("--source", help="Only the one of these coordinates: articles.raw:PARTITION:OFFSET.")
]


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


def _which(reason: str | None, stage: str | None, since: str | None, until: str | None, source: str | None) -> Which:
    return Which(
        reasons=frozenset(reason.split(",")) if reason else None,
        stage=stage,
        since=_time("--since", since),
        until=_time("--until", until),
        source=source,
    )


def _time(option: str, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise SettingsError(f"{option}: {value!r} is not a time such as 2026-01-31T12:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


@app.command("list")
def list_(
    reason: Reason = None,
    stage: Stage = None,
    since: Since = None,
    until: Until = None,
    json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line, one a letter.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Count dead letters by reason, stage and source topic; with --json, name each."""
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    wait(_list(chosen, _which(reason, stage, since, until, None), json=json))


async def _list(chosen: Settings, which: Which, *, json: bool) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], tuple[float, DeadLetter]] = {}
    async with aclosing(_letters(chosen, which)) as found:  # closed in order where nobody reads on (| head)
        async for message, letter in found:
            if json:
                moment = datetime.fromtimestamp(_refused_at(message), UTC).isoformat()
                line = {"source": str(letter.source), "reason": letter.reason, "stage": letter.stage}
                sys.stdout.buffer.write(orjson.dumps({**line, "error": letter.error, "refusedAt": moment}) + b"\n")
                continue
            row = (letter.reason, letter.stage, letter.source.topic)
            counts[row] += 1
            last[row] = (_refused_at(message), letter)
    if json:
        return
    if not counts:
        print("no dead letters")
        return
    table = Table("reason", "stage", "source", "count", "last", "the last one", box=None, pad_edge=False)
    for row, count in counts.most_common():
        seconds, letter = last[row]
        table.add_row(*row, str(count), f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}", str(letter.source))
    showing.console().print(table)


@app.command()
def show(
    source: Annotated[
        str,
        typer.Argument(help="Coordinates of the raw article: articles.raw:PARTITION:OFFSET.", metavar="COORDINATES"),
    ],
    raw: Annotated[bool, typer.Option("--raw", help="The original bytes alone, as they were.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show one dead letter: what went wrong, where, and its bytes, safe for a terminal. Exit 1 where there is none."""
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    if not wait(_show(chosen, source, raw=raw)):
        print(f"no dead letter of {source}", file=sys.stderr)
        raise typer.Exit(1)


async def _show(chosen: Settings, source: str, *, raw: bool) -> bool:
    found = False
    topic = topics.named(chosen).dead_letters
    async with consumer(chosen) as client:
        partitions = await partitions_of(client, topic)
        # The key of a dead letter is its source: it tells the partition.
        home = partitions[partition_of(source.encode(), len(partitions))]
        client.assign([home])
        await client.seek_to_beginning(home)
        async for message in drain(client, [home]):
            letter = dead_letters.read(message.value, list(message.headers))
            if str(letter.source) != source:
                continue
            found = True
            if raw:
                sys.stdout.buffer.write(letter.value)
                continue
            for name, value in message.headers:
                print(f"{name:28}{showing.preview(value, 250)}")
            cut = f" (the first {len(letter.value)} of {letter.size})" if letter.truncated else ""
            print(f"bytes{cut}:\n{showing.safe(letter.value)}")
    return found


@app.command()
def replay(
    reason: Reason = None,
    stage: Stage = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    rate: Annotated[float, typer.Option("--rate", min=0.001, help="Letters a second, at most.")] = 100.0,
    again: Annotated[
        bool, typer.Option("--again", help="Those too that an earlier replay of this choice sent.")
    ] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Send refused articles again, to the topic they were refused from, with their first coordinates.

    An interrupted replay goes on where it stopped; a letter is sent once for each choice of options. What is refused
    again is a new letter, and is for the next replay. A letter whose bytes were cut cannot be replayed and is named on
    stderr. Exit 1 where something could not be sent.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    which = _which(reason, stage, since, until, source)
    sent, cut = wait(_replay(chosen, which, dry_run=dry_run, rate=rate, again=again))
    print(f"{sent} {'would be sent' if dry_run else 'sent again'}" + (f", {cut} cut" if cut else ""), file=sys.stderr)
    if cut:
        raise typer.Exit(1)


async def _replay(chosen: Settings, which: Which, *, dry_run: bool, rate: float, again: bool) -> tuple[int, int]:
    topic = topics.named(chosen).dead_letters
    # Progress is a committed offset of a group of the choice's own: it outlives this process and this machine.
    group = f"{chosen.group}-replay-{which.name}"
    reader = AIOKafkaConsumer(
        **client_options(chosen), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = AIOKafkaProducer(**client_options(chosen), acks="all", max_request_size=topics.MAX_MESSAGE_BYTES)
    sent = cut = 0
    started = time.monotonic()
    try:
        await start(reader, chosen)
        await start(producer, chosen)
        partitions = await partitions_of(reader, topic)
        reader.assign(partitions)
        if again or dry_run:
            await reader.seek_to_beginning(*partitions)
        async for message in drain(reader, partitions):
            letter = dead_letters.read(message.value, list(message.headers))
            if which.takes(letter, _refused_at(message)):
                if letter.truncated or not letter.read.topic:
                    print(f"{letter.source}: only {len(letter.value)} of {letter.size} bytes are kept", file=sys.stderr)
                    cut += 1
                else:
                    await asyncio.sleep(max(0.0, started + sent / rate - time.monotonic()))
                    if dry_run:
                        print(f"{letter.source} {letter.reason} -> {letter.read.topic}")
                    else:
                        await _send(producer, letter)
                    sent += 1
            if not dry_run:
                await reader.commit({TopicPartition(message.topic, message.partition): message.offset + 1})
    except (KafkaError, OSError) as error:
        raise unreachable(chosen, error) if sent + cut == 0 else BrokerError(f"after {sent} sent: {error}") from None
    finally:
        await producer.stop()
        await reader.stop()
    return sent, cut


async def _send(producer: AIOKafkaProducer, letter: DeadLetter) -> None:
    headers = [
        ("copydesk_source_topic", letter.source.topic.encode()),
        ("copydesk_source_partition", str(letter.source.partition).encode()),
        ("copydesk_source_offset", str(letter.source.offset).encode()),
        ("copydesk_attempt", str(letter.attempt).encode()),
    ]
    if letter.source_timestamp is not None:
        headers.append(("copydesk_source_timestamp", str(round(letter.source_timestamp * 1000)).encode()))
    if letter.traceparent:
        headers.append(("traceparent", letter.traceparent.encode()))
    await producer.send_and_wait(letter.read.topic, value=letter.value, key=letter.article_key, headers=headers)


async def _letters(chosen: Settings, which: Which) -> AsyncGenerator[tuple[Any, DeadLetter], None]:
    topic = topics.named(chosen).dead_letters
    followed = follow(chosen, [topic], from_beginning=True, to_end=True)
    async with aclosing(cast("AsyncGenerator[Any, None]", followed)) as messages:
        async for message in messages:
            letter = dead_letters.read(message.value, list(message.headers))
            if which.takes(letter, _refused_at(message)):
                yield message, letter


def _refused_at(message: Any) -> float:
    """Seconds since the epoch; a topic that is not ours to configure may carry any time a producer wrote."""
    return sane(message.timestamp / 1000) or 0.0

"""copydesk feed: articles into articles.raw, each awaited."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agents.cli import showing
from agents.cli.options import Broker, Paths, Prefix, settings, wait
from agents.cli.reading import Found, read
from agents.kafka import topics
from agents.kafka.connection import client_options, start
from agents.settings import Settings
from pipeline import formats
from pipeline.errors import BrokerError, CopydeskError
from pipeline.stages import FIRST

_IN_FLIGHT = 500


def feed(
    paths: Paths = None,
    rate: Annotated[
        float | None, typer.Option("--rate", min=0.001, help="Articles a second.", show_default="as fast as acked")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Every input is an HTML page, whatever its name.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Feed articles into the raw topic and wait for the broker's word on each. Says how many were acknowledged.

    Exit 0: all acknowledged. 1: some were not; each is named on stderr.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    acked, failed = wait(_feed(chosen, read(paths or ["-"], html=html), rate=rate))
    print(f"{acked} acknowledged" + (f", {failed} not" if failed else ""), file=sys.stderr)
    if failed:
        raise typer.Exit(1)


async def _feed(chosen: Settings, articles: Iterator[Found], *, rate: float | None) -> tuple[int, int]:
    missing = await topics.missing(chosen, (FIRST,))
    topic = topics.named(chosen).raw
    if topic in missing:
        raise BrokerError(f"there is no topic {topic}; run: copydesk topics create")
    producer = AIOKafkaProducer(
        **client_options(chosen), acks="all", linger_ms=10, max_request_size=topics.MAX_MESSAGE_BYTES + 1_000_000
    )
    try:
        await start(producer, chosen)
    except BaseException:
        await producer.stop()
        raise
    acked = failed = 0
    waiting: set[asyncio.Task[bool]] = set()
    started = time.monotonic()
    shown: Any = _progress() if sys.stderr.isatty() else nullcontext()
    try:
        with shown:
            bar = shown.add_task("feeding", total=None) if sys.stderr.isatty() else None
            for number, found in enumerate(articles):
                if rate:  # article i is due at i / rate: being late once does not make the rest late
                    await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
                waiting.add(asyncio.create_task(_send(producer, topic, found)))
                if len(waiting) >= _IN_FLIGHT or rate:
                    done, waiting = await asyncio.wait(
                        waiting, return_when="FIRST_COMPLETED", timeout=0 if rate else None
                    )
                    acked += sum(task.result() for task in done)
                    failed += sum(not task.result() for task in done)
                    if bar is not None:
                        shown.update(bar, completed=acked)
            for task in waiting:
                ok = await task
                acked, failed = acked + ok, failed + (not ok)
            if bar is not None:
                shown.update(bar, completed=acked, total=acked)
    finally:
        await producer.stop()
    return acked, failed


async def _send(producer: AIOKafkaProducer, topic: str, found: Found) -> bool:
    try:
        await (await producer.send(topic, value=found.value, key=_key(found.value)))
    except MessageSizeTooLargeError:
        print(
            f"{found.place}: {len(found.value)} bytes, the broker takes at most {topics.MAX_MESSAGE_BYTES}",
            file=sys.stderr,
        )
        return False
    except KafkaError as error:
        print(f"{found.place}: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    return True


def _key(value: bytes) -> bytes | None:
    """The article's uri, so that all versions of it keep their order; null for what is no article."""
    try:
        return formats.decode_raw(value).uri.encode()
    except CopydeskError:
        return None


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=showing.console(stderr=True), transient=True)

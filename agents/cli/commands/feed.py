"""copydesk feed: send articles to articles.raw and await the acknowledgement of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import nullcontext
from itertools import chain
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from agents.cli import output
from agents.cli.mapping import renamed
from agents.cli.options import Broker, Map, Paths, Prefix, joined, settings, wait
from agents.cli.reading import Found, Unread, read
from agents.cli.unknown_fields import UnknownFields
from agents.kafka import topics
from agents.kafka.connection import client_options, start
from agents.kafka.messages import uri_of
from agents.settings import Settings
from pipeline import formats
from pipeline.errors import BrokerError, CopydeskError, SettingsError
from pipeline.formats.json_array import is_dense
from pipeline.ids import article_uri
from pipeline.stages import FIRST

_IN_FLIGHT = 500  # articles
_BYTES_IN_FLIGHT = 40_000_000


def feed(
    paths: Paths = None,
    rate: Annotated[
        float | None, typer.Option("--rate", min=0.001, help="Articles per second, at most.", show_default="no limit")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Every input is an HTML page, whatever its name.")] = False,
    take_down: Annotated[
        list[str] | None,
        typer.Option(
            "--take-down",
            metavar="URI",
            help="Take this article down, by its uri: a message without a value. Repeatable.",
        ),
    ] = None,
    maps: Map = None,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Send articles to the raw topic, wait until the broker has acknowledged each, and say how many it did.

    With --take-down and no paths, stdin is not read; of a web address the uri derived from it is taken down too.
    A line {"key": URI, "value": null} takes an article down like --take-down.

    A file, a line or an array element that cannot be read or is over 10 MB is named on stderr; the others are sent.
    A field of an article that is not read is named there too, once a run. With a map of fields the articles are sent
    under our names, so that every worker reads them.
    Exit 0: all acknowledged. 1: some not acknowledged or not read; each is named on stderr. 2: usage error.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix, field_map=joined(maps))
    unread = 0

    def tell(what: Unread) -> None:
        nonlocal unread
        unread += 1
        output.complain(what)

    downs = [down for uri in take_down or () for down in _take_downs(uri)]
    articles = read(paths or ([] if downs else ["-"]), html=html, unread=tell)
    acked, failed = wait(_feed(chosen, chain(downs, articles), rate=rate))
    said = [f"{acked} acknowledged", f"{failed} not" if failed else "", f"{unread} not read" if unread else ""]
    output.complain(", ".join(filter(None, said)))
    if failed or unread:
        raise typer.Exit(1)


def _take_downs(uri: str) -> list[Found]:
    """One of the uri; of a web address also one of the uri that an article has which was fed with it as its url."""
    key = uri.encode("utf-8", "surrogateescape")
    if uri_of(key) is None:
        raise SettingsError("--take-down needs the uri of an article")
    uris = [key]
    if uri.startswith(("http://", "https://")):
        uris.append(article_uri(uri=None, url=uri, raw_sha256="").encode())
    return [Found(place=f"--take-down {uri}", value=b"", takes_down=each) for each in uris]


async def _feed(chosen: Settings, articles: Iterable[Found], *, rate: float | None) -> tuple[int, int]:
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
    unknown = UnknownFields(for_people=True)
    waiting: dict[asyncio.Task[bool], int] = {}  # and how many bytes each holds
    started = time.monotonic()
    person = output.is_terminal(stderr=True)
    shown: Any = _progress() if person else nullcontext()
    try:
        with shown:
            bar = shown.add_task("feeding", total=None) if person else None
            for number, found in enumerate(renamed(found, chosen.options.field_map) for found in articles):
                if rate:  # article i is due at i / rate: being late once does not make the rest late
                    await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
                key = _key(found, unknown)
                waiting[asyncio.create_task(_send(producer, topic, found, key))] = len(found.value)
                full = len(waiting) >= _IN_FLIGHT or sum(waiting.values()) >= _BYTES_IN_FLIGHT
                if full or rate:
                    done, _ = await asyncio.wait(waiting, return_when="FIRST_COMPLETED", timeout=None if full else 0)
                    for task in done:
                        del waiting[task]
                        acked, failed = acked + task.result(), failed + (not task.result())
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


async def _send(producer: AIOKafkaProducer, topic: str, found: Found, key: bytes | None) -> bool:
    try:
        value = found.value if found.takes_down is None else None
        await (await producer.send(topic, value=value, key=key, headers=list(found.headers)))
    except MessageSizeTooLargeError:
        output.complain(f"{found.place}: {len(found.value)} bytes, the broker takes at most {topics.MAX_MESSAGE_BYTES}")
        return False
    except KafkaError as error:
        output.complain(f"{found.place}: {type(error).__name__}: {error}")
        return False
    return True


def _key(found: Found, unknown: UnknownFields) -> bytes | None:
    """The article's uri, so that all versions of it keep their order; null for what is no article."""
    if found.takes_down is not None:
        uri = uri_of(found.takes_down)
        return found.takes_down if uri is None else uri.encode()
    if is_dense(found.value):
        return None
    try:
        article = formats.decode_raw(found.value, origin=found.origin)
    except CopydeskError:
        return None
    unknown.saw(article.unknown_names, found.place)
    return article.uri.encode()


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=output.console(stderr=True), transient=True)

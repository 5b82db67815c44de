"""copydesk demo: the whole pipeline on the embedded broker, with the sample articles or the user's own."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import orjson
import typer
from aiokafka import AIOKafkaProducer
from rich.text import Text

from agents.broker import EmbeddedBroker, free_port, kafka_version
from agents.cli import output, showing
from agents.cli.options import wait
from agents.cli.reading import Found, Unread, read
from agents.kafka import dead_letters, topics
from agents.kafka.connection import client_options
from agents.kafka.messages import Coordinates, source_of
from agents.kafka.reader import follow
from agents.settings import PREFIX, Settings, environment_for_children, load
from agents.workers.lifetime import end_with_parent
from pipeline.errors import BrokerError

_READY_SECONDS = 60.0
_QUIET_SECONDS = 60.0
_LAG_SECONDS = 3.0  # the worker measures its lag once a second
_PARTITIONS = 4
_NOWHERE = Coordinates(topic="", partition=-1, offset=-1)


def demo(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Your own files or folders instead of the samples.", metavar="PATH", show_default=False),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave broker and worker running until Ctrl-C; print commands to try.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the worker's log.")] = False,
) -> None:
    """Run the whole pipeline on the sample articles: start a broker and a worker, feed, show each record, stop both.

    Exit 0: every article was enriched or became a dead letter. 1: an article did neither, or a file could not be read.
    """
    with _sigterm():
        _demo(paths, keep=keep, verbose=verbose)


@contextmanager
def _sigterm() -> Iterator[None]:
    """SIGTERM as Ctrl-C, so that what we started is ended in order; then 143, as for any process that it ends."""
    told = []

    def stop(*_: object) -> None:
        told.append(True)
        signal.raise_signal(signal.SIGINT)  # which asyncio knows how to take

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        if not told:
            raise
    if told:
        raise typer.Exit(143)


def _demo(paths: list[str] | None, *, keep: bool, verbose: bool) -> None:
    unread: list[Unread] = []
    articles = list(read(paths or [str(files("pipeline") / "data" / "samples")], unread=unread.append))
    for what in unread:
        output.complain(what)
    out = output.console()
    with tempfile.TemporaryDirectory(prefix="copydesk-demo-") as folder, EmbeddedBroker() as broker:
        chosen = load(
            {
                "broker": broker.address,
                "partitions": _PARTITIONS,
                "web_port": free_port(),
            },
            environment={},
        )
        out.print(f"Apache Kafka {kafka_version()} on {broker.address} (for the demo only, not durable)", style="dim")
        wait(topics.create(chosen))
        log = Path(folder) / "worker.log"
        with _worker(chosen, log=log, folder=folder, verbose=verbose) as worker:
            page = f"http://127.0.0.1:{chosen.web_port}/"
            _ready(worker, page, log)
            out.print(f"worker ready, {page}metrics\n", style="dim")
            answered = wait(_run(chosen, articles, out))
            came = Text(f"\n{answered['enriched']} enriched, {answered['dead']} refused", style="bold")
            times = f"first record after {answered['first']:.1f} s, all after {answered['all']:.1f} s"
            out.print(came.append(f" of {len(articles)} fed; {times}", style="not bold"))
            _numbers(out, f"{page}metrics")
            if keep:
                _keep(out, chosen, page, worker)
    if answered["enriched"] + answered["dead"] < len(articles):
        raise BrokerError(
            f"{len(articles) - answered['enriched'] - answered['dead']} articles were neither enriched nor refused"
        )
    if unread:
        raise typer.Exit(1)


@contextmanager
def _worker(chosen: Settings, *, log: Path, folder: str, verbose: bool) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        f"{PREFIX}BROKER": chosen.broker,
        f"{PREFIX}PARTITIONS": str(chosen.partitions),
        f"{PREFIX}WEB_PORT": str(chosen.web_port),
        f"{PREFIX}DATA_DIR": folder,
    }
    with log.open("wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-m", "agents", "worker"],
            env=environment_for_children() | environment,
            stdout=subprocess.DEVNULL,
            stderr=None if verbose else file,
            start_new_session=True,  # Ctrl-C is ours to hand on, once
            preexec_fn=end_with_parent,
        )
    try:
        yield worker
    finally:
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.wait(15)
        if worker.poll() is None:
            worker.kill()
            worker.wait()


def _ready(worker: subprocess.Popen[bytes], page: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while worker.poll() is None and time.monotonic() < deadline:
        with suppress(aiohttp.ClientError, OSError):
            if orjson.loads(wait(_get(f"{page}readyz")))["ready"]:
                return
        time.sleep(0.1)
    why = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
    raise BrokerError("the worker did not become ready: " + (" | ".join(why) or "its log is empty"))


async def _get(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()


async def _run(chosen: Settings, articles: list[Found], out: Any) -> dict[str, Any]:
    """Feed, and show what comes out as it arrives, until every article is accounted for."""
    started = time.monotonic()
    names = topics.named(chosen)
    waiting: set[tuple[int, int]] = set()  # (partition, offset) in the raw topic
    answered = {"enriched": 0, "dead": 0, "first": 0.0, "all": 0.0}
    early: set[tuple[int, int]] = set()
    fed = asyncio.Event()

    async def feed() -> None:
        async with AIOKafkaProducer(**client_options(chosen), max_request_size=topics.MAX_MESSAGE_BYTES) as producer:
            for found in articles:
                sent = await producer.send_and_wait(names.raw, found.value, headers=list(found.headers))
                waiting.add((sent.partition, sent.offset))
        waiting.difference_update(early)
        fed.set()

    async def show() -> None:
        async for message in follow(chosen, [names.enriched, names.dead_letters], from_beginning=True):
            refused = message.topic == names.dead_letters
            if refused:
                letter = dead_letters.read(message.value, list(message.headers))
                place = letter.source
                showing.dead_letter(out, letter)
            else:
                place, _ = source_of(list(message.headers), here=_NOWHERE, timestamp=None)
                showing.message(out, message)
            out.print()
            answered["dead" if refused else "enriched"] += 1
            if not refused:
                answered["first"] = answered["first"] or time.monotonic() - started
            early.add((place.partition, place.offset))
            waiting.discard((place.partition, place.offset))
            if fed.is_set() and not waiting:
                return

    feeding = asyncio.create_task(feed())
    try:
        await asyncio.wait_for(show(), timeout=_QUIET_SECONDS + len(articles))
    except TimeoutError:
        out.print(
            f"{len(waiting)} articles have neither a record nor a dead letter after {_QUIET_SECONDS:.0f} s", style="red"
        )
    await feeding
    answered["all"] = time.monotonic() - started
    return answered


def _numbers(out: Any, url: str) -> None:
    """A few of the worker's own metrics, as Prometheus would read them."""
    wanted = ("copydesk_records_produced_total", "copydesk_dead_letters_total", "copydesk_consumer_lag_records{")
    deadline = time.monotonic() + _LAG_SECONDS
    while True:
        lines = [line for line in wait(_get(url)).splitlines() if line.startswith(wanted)]
        lag = sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(wanted[2]))
        if not lag or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    for line in (line for line in lines if line.startswith(wanted[:2])):
        out.print(f"  {line}", style="dim", soft_wrap=True)
    out.print(f"  lag of all partitions: {lag:.0f}", style="dim")


def _keep(out: Any, chosen: Settings, page: str, worker: subprocess.Popen[bytes]) -> None:
    out.print("\nBroker and worker run until Ctrl-C.", style="bold")
    out.print(
        f"In another terminal, from this folder:\n"
        f"  export COPYDESK_BROKER={chosen.broker} COPYDESK_PARTITIONS={chosen.partitions}\n"
        f"  {sys.argv[0]} feed your-article.txt\n"
        f"  {sys.argv[0]} tail enriched --from-beginning\n"
        f"  {sys.argv[0]} dead-letters list\n"
        f"  curl {page}metrics",
        soft_wrap=True,
    )
    with suppress(KeyboardInterrupt):
        code = worker.wait()
        raise BrokerError(f"the worker ended with exit code {code}")

"""The pipeline through Kafka: capacity beside the same pipeline without Kafka, then latency at shares of that capacity.

    python bench/stream.py [--broker HOST:PORT] [--articles N] [--processes N] [--seconds S]

Without --broker it starts the embedded one. Capacity: a backlog of N articles is drained. Latency: open loop, record i
is due at t0 + i / rate and its latency counts from when it was due until its enriched record is read back from Kafka,
so a generator or a pipeline that falls behind is not flattered. The result is one JSON object on stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import time
from contextlib import ExitStack, asynccontextmanager
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any

# Child processes import this file before their stages: NumPy must already know that it has one thread there.
for _library in ("OMP", "OPENBLAS", "MKL", "BLIS"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"  # noqa: TID251

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from hdrh.histogram import HdrHistogram

from agents.broker import EmbeddedBroker, free_port
from agents.cli.reading import read
from agents.kafka import topics
from agents.settings import Settings, load
from agents.workers.pool import Pool
from pipeline.stages import STAGES

_SHARES = (0.5, 0.8)


def main() -> int:
    """Measure, print, 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", help="bootstrap server; the embedded broker if absent")
    parser.add_argument("--articles", type=int, default=2000, help="the backlog (2000)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="child processes (one per core)")
    parser.add_argument("--seconds", type=float, default=20, help="how long each rate is held (20)")
    given = parser.parse_args()
    articles = _articles(given.articles)
    with ExitStack() as stack:
        broker = given.broker or stack.enter_context(EmbeddedBroker()).address
        chosen = load(
            {
                "broker": broker,
                "topic_prefix": f"bench-{os.getpid()}-",
                "group": f"bench-{os.getpid()}",
                "processes": given.processes,
                "web_port": free_port(),
            },
            environment={},
        )
        result = asyncio.run(_measure(chosen, articles, seconds=given.seconds))
    result |= {
        "articles": len(articles),
        "corpus": sha256(b"".join(articles)).hexdigest()[:16],
        "broker": given.broker or "embedded",
        "processes": given.processes,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("copydesk", "faust-streaming", "aiokafka", "spacy", "numpy")},
        "commit": subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip(),
    }
    print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    return 0


def _articles(count: int) -> list[bytes]:
    """The samples that are plain English articles, each made distinct, so that no cache can answer for the work."""
    found = []
    for sample in read([str(files("pipeline") / "data" / "samples")]):
        try:
            article = orjson.loads(sample.value)
        except orjson.JSONDecodeError:
            continue
        if isinstance(article.get("body"), str) and article.get("language") in (None, "en"):
            found.append(article)
    chosen = (found[i % len(found)] for i in range(count))
    return [
        orjson.dumps({**a, "uri": f"urn:bench:{i}", "body": a["body"].replace(". ", f" {i}. ", 1)})
        for i, a in enumerate(chosen)
    ]


async def _measure(chosen: Settings, articles: list[bytes], *, seconds: float) -> dict[str, Any]:
    without = await _without_kafka(chosen, articles)
    await topics.create(chosen)
    names = topics.named(chosen)
    async with _worker(chosen), _clients(chosen) as (producer, consumer):
        await _feed(producer, names.raw, articles[:200])  # warm
        await _drain(consumer, 200)
        started = time.monotonic()
        await _feed(producer, names.raw, articles)
        await _drain(consumer, len(articles))
        through = len(articles) / (time.monotonic() - started)
        latencies = {}
        for share in _SHARES:
            latencies[f"{share:.0%}"] = await _latency(
                producer, consumer, names.raw, articles, through * share, seconds
            )
    return {
        "articlesPerSecondWithoutKafka": round(without, 1),
        "articlesPerSecondThroughKafka": round(through, 1),
        "ratio": round(through / without, 3),
        "latencyMs": latencies,
    }


async def _without_kafka(chosen: Settings, articles: list[bytes]) -> float:
    pool = Pool(stages=STAGES, options=chosen.options, processes=chosen.process_count, time_limit=60, memory_limit=1024)
    await pool.start()

    async def through(chunk: list[bytes]) -> None:
        values = chunk
        for stage in STAGES:
            values = [answer.value for answer in await pool.whole(stage, [(value, None) for value in values])]

    try:
        await asyncio.gather(*(through(articles[i : i + 32]) for i in range(0, 320, 32)))
        started = time.monotonic()
        await asyncio.gather(*(through(articles[i : i + 32]) for i in range(0, len(articles), 32)))
        return len(articles) / (time.monotonic() - started)
    finally:
        await pool.stop()


@asynccontextmanager
async def _worker(chosen: Settings):  # type: ignore[no-untyped-def]
    changed = chosen.model_dump(exclude_defaults=True)
    environment = {f"COPYDESK_{name.upper()}": str(value) for name, value in changed.items()}
    clean = {k: v for k, v in os.environ.items() if not k.startswith("COPYDESK_")}  # noqa: TID251  handed on
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "agents", "worker", env=clean | environment)
    try:
        deadline = time.monotonic() + 60
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < deadline:
                try:
                    async with session.get(f"http://127.0.0.1:{chosen.web_port}/readyz") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
            else:
                sys.exit("the worker did not become ready")
        yield
    finally:
        worker.terminate()
        await worker.wait()


@asynccontextmanager
async def _clients(chosen: Settings):  # type: ignore[no-untyped-def]
    names = topics.named(chosen)
    async with (
        AIOKafkaProducer(bootstrap_servers=chosen.broker, linger_ms=5) as producer,
        AIOKafkaConsumer(
            names.enriched, bootstrap_servers=chosen.broker, auto_offset_reset="earliest", fetch_max_wait_ms=50
        ) as consumer,
    ):
        yield producer, consumer


async def _feed(producer: AIOKafkaProducer, topic: str, articles: list[bytes]) -> None:
    await asyncio.gather(*[await producer.send(topic, value) for value in articles])


async def _drain(consumer: AIOKafkaConsumer, count: int) -> None:
    seen = 0
    async with asyncio.timeout(600):
        while seen < count:
            seen += sum(map(len, (await consumer.getmany(timeout_ms=200)).values()))


async def _latency(
    producer: AIOKafkaProducer,
    consumer: AIOKafkaConsumer,
    topic: str,
    articles: list[bytes],
    rate: float,
    seconds: float,
) -> dict[str, Any]:
    count = int(rate * seconds)
    latency, late = HdrHistogram(1, 600_000, 3), HdrHistogram(1, 600_000, 3)
    due: dict[tuple[int, int], float] = {}
    done: dict[tuple[int, int], float] = {}
    t0 = time.monotonic() + 0.1

    async def generate() -> None:
        waiting = []
        for i in range(count):
            moment = t0 + i / rate
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            late.record_value(max(1, round((time.monotonic() - moment) * 1000)))
            waiting.append((moment, await producer.send(topic, articles[i % len(articles)])))
        for moment, future in waiting:
            sent = await future
            due[(sent.partition, sent.offset)] = moment

    generating = asyncio.create_task(generate())
    async with asyncio.timeout(seconds * 5 + 60):
        while len(done) < count:
            for batch in (await consumer.getmany(timeout_ms=50)).values():
                for message in batch:
                    headers = dict(message.headers)
                    place = int(headers["copydesk_source_partition"]), int(headers["copydesk_source_offset"])
                    done.setdefault(place, time.monotonic())
    await generating
    for place, moment in due.items():
        latency.record_value(max(1, round((done[place] - moment) * 1000)))
    percentiles = {f"p{p:g}": latency.get_value_at_percentile(p) for p in (50, 90, 99)}
    return {"rate": round(rate, 1), "count": count, **percentiles, "generatorLateP99": late.get_value_at_percentile(99)}


if __name__ == "__main__":
    sys.exit(main())

"""What one would write: Faust agents as the documentation shows them. The ledger must turn red on these.

    python -m tests.integration.naive {each|take} BROKER PREFIX GROUP

Two agents in a chain, real cleaning in the first, no models. `each` is plain `async for`, `take` takes fifty at a time.
Neither handles what is broken: an exception goes to Faust's supervisor, which restarts the agent.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from itertools import pairwise
from typing import Any

import faust
from yarl import URL

from pipeline import formats


def app(kind: str, broker: str, prefix: str, group: str) -> faust.App:
    """The naive pipeline: raw -> cleaned -> enriched."""
    made = faust.App(
        group,
        broker=URL(f"kafka://{broker}"),
        web_enabled=False,
        store="memory://",
        datadir=tempfile.mkdtemp(),
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=1.0,
        broker_session_timeout=6,
        broker_heartbeat_interval=2,
        producer_linger=0.02,
    )
    topics = [_topic(made, f"{prefix}articles.{name}") for name in ("raw", "cleaned", "enriched")]

    async def pass_on(event: Any, target: Any, *, first: bool) -> None:
        if first:  # raises for what is broken
            formats.decode_raw(event.value)
        await asyncio.sleep(0.001)
        source = event.message if first else None
        headers = (
            [
                (f"copydesk_source_{part}", str(getattr(source, part)).encode())
                for part in ("topic", "partition", "offset")
            ]
            if source
            else list(event.headers.items())
        )
        await target.send(key=event.key, value=event.value, headers=headers)

    for number, (source, target) in enumerate(pairwise(topics)):
        made.agent(source, name=f"stage-{number}")(_body(kind, pass_on, target, first=number == 0))
    return made


def _body(kind: str, pass_on: Any, target: Any, *, first: bool) -> Any:
    async def each(stream: Any) -> None:
        async for event in stream.events():
            await pass_on(event, target, first=first)

    async def take(stream: Any) -> None:
        async for events in stream.take_events(50, within=0.5):
            for event in events:
                await pass_on(event, target, first=first)

    return each if kind == "each" else take


def _topic(made: faust.App, name: str) -> Any:
    return made.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = faust.Worker(app(*sys.argv[1:5]), loop=loop, loglevel="ERROR", redirect_stdouts=False, quiet=True)
    worker.execute_from_commandline()

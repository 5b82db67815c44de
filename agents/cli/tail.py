"""copydesk tail: read a stream as a person would."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, cast

import orjson
import typer

from agents.cli import showing
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import dead_letters, topics
from agents.kafka.messages import Coordinates
from agents.kafka.reader import follow
from agents.settings import Settings


def tail(
    topic: Annotated[
        str, typer.Argument(help="enriched, dead-letters, raw, cleaned, annotated, or any topic's name.")
    ] = "enriched",
    json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="What is there already, too.")] = False,
    number: Annotated[int | None, typer.Option("-n", min=1, help="Stop after so many.", show_default="never")] = None,
    to_end: Annotated[bool, typer.Option("--to-end", help="Stop where nothing more is there.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show records as they arrive, until Ctrl-C. Reads beside the consumer group and commits nothing."""
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    known = {topic.rpartition(".")[2]: topic for topic in topics.named(chosen).pipeline}
    wait(_tail(chosen, known.get(topic, topic), json=json, beginning=from_beginning, number=number, to_end=to_end))


async def _tail(chosen: Settings, topic: str, *, json: bool, beginning: bool, number: int | None, to_end: bool) -> None:
    out = showing.console()
    letters = topic == topics.named(chosen).dead_letters
    seen = 0
    # Closed in order where nobody reads on (| head).
    followed = follow(chosen, [topic], from_beginning=beginning or to_end, to_end=to_end)
    async with aclosing(cast("AsyncGenerator[Any, None]", followed)) as messages:
        async for message in messages:
            if json:
                sys.stdout.buffer.write((_letter_json(message) if letters else _one_line(message.value)) + b"\n")
                sys.stdout.buffer.flush()
            elif letters:
                showing.dead_letter(out, dead_letters.read(message.value, list(message.headers)))
            else:
                _show(out, message)
            seen += 1
            if seen == number:
                return


def _show(out: Any, message: Any) -> None:
    place = Coordinates(topic=message.topic, partition=message.partition, offset=message.offset)
    try:
        item = orjson.loads(message.value or b"null")
    except orjson.JSONDecodeError:
        item = None
    if isinstance(item, dict) and "enrichment" in item:
        showing.article(out, item, place=str(place))
    else:
        out.print(f"[dim]{place}[/]", showing.preview(message.value or b"", 200), markup=True)


def _one_line(value: bytes | None) -> bytes:
    """A value as one line of JSON; what is no JSON as a string. Raw articles may be laid out over many lines."""
    if value is None or b"\n" not in value:
        return value or b"null"
    try:
        return orjson.dumps(orjson.loads(value))
    except orjson.JSONDecodeError:
        return orjson.dumps(value.decode("utf-8", "backslashreplace"))


def _letter_json(message: Any) -> bytes:
    letter = dead_letters.read(message.value, list(message.headers))
    return orjson.dumps(
        {
            "reason": letter.reason,
            "stage": letter.stage,
            "error": letter.error,
            "source": str(letter.source),
            "read": str(letter.read),
            "attempt": letter.attempt,
            "size": letter.size,
            "sha256": letter.sha256,
            "truncated": letter.truncated,
            "value": letter.value.decode("utf-8", "backslashreplace"),
        }
    )

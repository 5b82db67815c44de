"""copydesk tail: show the messages of a topic."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, cast

import typer

from agents import foreign
from agents.cli import envelopes, output, showing
from agents.cli.options import Broker, Prefix, settings, wait
from agents.kafka import dead_letters, topics
from agents.kafka.reader import follow
from agents.settings import Settings


def tail(
    topic: Annotated[
        str, typer.Argument(help="enriched, dead-letters, raw, cleaned, annotated, or any topic's name.")
    ] = "enriched",
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")] = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Begin with the oldest message that the topic holds.")
    ] = False,
    number: Annotated[
        int | None, typer.Option("-n", min=1, help="Stop after this many messages.", show_default="never")
    ] = None,
    to_end: Annotated[
        bool, typer.Option("--to-end", help="From the oldest message to the newest one that is there now; then stop.")
    ] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show the messages of a topic as they arrive, until Ctrl-C. It joins no consumer group and commits nothing.

    With --json every line is valid JSON. A JSON value is printed as it is. A value that is not JSON is an object: its
    beginning in "notJson", all its bytes in "base64". A message without a value, which takes an article down, is
    {"key": URI, "value": null}. If headers say how to read the value (a content-type other than JSON's, copydesk_title
    and the like), the line is an object with "headers" and "value". copydesk feed turns these objects back into the
    messages that they were.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    known = {topic.rpartition(".")[2]: topic for topic in topics.named(chosen).pipeline}
    wait(_tail(chosen, known.get(topic, topic), json=json, beginning=from_beginning, number=number, to_end=to_end))


async def _tail(chosen: Settings, topic: str, *, json: bool, beginning: bool, number: int | None, to_end: bool) -> None:
    out = output.console()
    letters = topic == topics.named(chosen).dead_letters
    seen = 0
    # Closed in order if nobody reads on (| head).
    followed = follow(chosen, [topic], from_beginning=beginning or to_end, to_end=to_end)
    async with aclosing(cast("AsyncGenerator[Any, None]", followed)) as messages:
        async for message in messages:
            if json:
                output.record(_letter_json(message) if letters else _json(message))
            elif letters:
                showing.dead_letter(out, dead_letters.read(message.value, list(message.headers)))
            else:
                showing.message(out, message, place=True)
            seen += 1
            if seen == number:
                return


def _json(message: Any) -> bytes:
    return envelopes.written(message.value, message.headers, key=message.key)


def _letter_json(message: Any) -> bytes:
    letter = dead_letters.read(message.value, list(message.headers))
    line: dict[str, Any] = {
        "reason": letter.reason,
        "stage": letter.stage,
        "error": letter.error,
        "source": str(letter.source),
        "read": str(letter.read),
        "attempt": letter.attempt,
        "size": letter.size,
        "sha256": letter.sha256,
        "truncated": letter.truncated,
        "headers": {name: value.decode("utf-8", "backslashreplace") for name, value in letter.feeder},
        "value": letter.value.decode("utf-8", "backslashreplace"),
    }
    if letter.null:
        line["value"] = None
    try:
        letter.value.decode()
    except UnicodeDecodeError:
        line["base64"] = foreign.base64(letter.value)
    return foreign.json_line(line)

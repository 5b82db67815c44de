"""copydesk dead-letters list|show|replay: look at refused articles, and send them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Any, cast

import typer
from rich.table import Table

from agents import foreign
from agents.cli import output, replaying
from agents.cli.options import Broker, Prefix, settings, wait
from agents.cli.replaying import Which, refused_at
from agents.kafka import dead_letters, topics
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.reader import consumer, drain, follow, partition_of, partitions_of
from agents.settings import Settings
from pipeline.errors import SettingsError

app = typer.Typer(
    help="Look at refused articles, and send them again.", no_args_is_help=True, rich_markup_mode="markdown"
)

_CELL = 60  # characters of what a letter says in a table
_ROWS = 1000
_HEADERS = 100

Reason = Annotated[str | None, typer.Option("--reason", help="Only these: a reason such as not_utf8, or several: a,b.")]
Stage = Annotated[str | None, typer.Option("--stage", help="Only those refused at this stage.")]
Since = Annotated[str | None, typer.Option("--since", help="Only those refused from this time on (ISO 8601).")]
Until = Annotated[str | None, typer.Option("--until", help="Only those refused before this time (ISO 8601).")]
Source = Annotated[
    str | None, typer.Option("--source", help="Only the one of these coordinates: articles.raw:PARTITION:OFFSET.")
]


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
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object per dead letter and line, for programs.")
    ] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Count dead letters by reason, stage and source topic. With --json, list each one."""
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    wait(_list(chosen, _which(reason, stage, since, until, None), json=json))


async def _list(chosen: Settings, which: Which, *, json: bool) -> None:
    counts: Counter[tuple[str, ...]] = Counter()
    last: dict[tuple[str, ...], tuple[float, str]] = {}
    async with aclosing(_letters(chosen, which)) as found:  # closed in order if nobody reads on (| head)
        async for message, letter in found:
            if json:
                moment = datetime.fromtimestamp(refused_at(message), UTC).isoformat()
                line = {"source": str(letter.source), "reason": letter.reason, "stage": letter.stage}
                output.record(foreign.json_line({**line, "error": letter.error, "refusedAt": moment}))
                continue
            row = tuple(foreign.text(each, limit=_CELL) for each in (letter.reason, letter.stage, letter.source.topic))
            if row not in counts and len(counts) >= _ROWS:  # anyone may have written letters of any number of kinds
                row = ("(others)", "", "")
            counts[row] += 1
            last[row] = (refused_at(message), foreign.text(letter.source, limit=_CELL))
    if json:
        return
    if not counts:
        output.say("no dead letters")
        return
    table = Table("reason", "stage", "source", "count", "last", "the last one", box=None, pad_edge=False)
    for row, count in counts.most_common():
        seconds, source = last[row]
        table.add_row(*row, str(count), f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}", source)
    output.console().print(table)


@app.command()
def show(
    source: Annotated[
        str,
        typer.Argument(help="Coordinates of the raw article: articles.raw:PARTITION:OFFSET.", metavar="COORDINATES"),
    ],
    raw: Annotated[bool, typer.Option("--raw", help="The original bytes alone, unescaped.")] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Show one dead letter: the reason, where it was refused, and its bytes, escaped for a terminal. Exit 1 if none.

    --raw writes the unescaped bytes to a file or a pipe; it is refused on a terminal.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    if raw and output.is_terminal():
        raise SettingsError(
            "--raw writes unescaped bytes, which can control a terminal; redirect it to a file or a pipe"
        )
    if not wait(_show(chosen, source, raw=raw)):
        output.complain(f"no dead letter of {source}")
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
                output.raw(letter.value)
                continue
            for name, value in message.headers[:_HEADERS]:
                output.say(f"{foreign.text(name, limit=100):28}{foreign.text(value or b'', limit=250)}")
            if len(message.headers) > _HEADERS:
                output.say(f"and {len(message.headers) - _HEADERS} more headers")
            cut = f" (the first {len(letter.value)} of {letter.size})" if letter.truncated else ""
            output.say("no value" if letter.null else f"bytes{cut}:")
            output.say_lines(letter.value)
    return found


@app.command()
def replay(
    reason: Reason = None,
    stage: Stage = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be sent, and send nothing.")] = False,
    rate: Annotated[float, typer.Option("--rate", min=0.001, help="Dead letters per second, at most.")] = 100.0,
    again: Annotated[
        bool, typer.Option("--again", help="Send those again, too, that an earlier replay with the same options sent.")
    ] = False,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Send refused articles again, to the topic in which they were refused, with their original coordinates.

    An interrupted replay continues where it stopped: with the same options, each dead letter is sent once. An article
    that is refused again is a new dead letter, for the next replay. Three kinds are not sent but named on stderr, with
    exit code 1: a dead letter whose bytes were cut, one that is larger than its topic takes, and one that names a topic
    which no stage reads.
    """
    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    which = _which(reason, stage, since, until, source)
    done = wait(replaying.replay(chosen, which, dry_run=dry_run, rate=rate, again=again))
    said = [f"{done.sent} {'would be sent' if dry_run else 'sent again'}"]
    said += [f"{count} {what}" for count, what in ((done.cut, "cut"), (done.refused, "refused")) if count]
    output.complain(", ".join(said))
    if done.cut or done.refused:
        raise typer.Exit(1)


async def _letters(chosen: Settings, which: Which) -> AsyncGenerator[tuple[Any, DeadLetter], None]:
    topic = topics.named(chosen).dead_letters
    followed = follow(chosen, [topic], from_beginning=True, to_end=True)
    async with aclosing(cast("AsyncGenerator[Any, None]", followed)) as messages:
        async for message in messages:
            letter = dead_letters.read(message.value, list(message.headers))
            if which.takes(letter, refused_at(message)):
                yield message, letter

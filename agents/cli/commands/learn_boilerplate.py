"""copydesk learn-boilerplate: find the lines that an outlet repeats in its articles."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from agents import foreign
from agents.cli import output as terminal
from agents.cli.options import Broker, Prefix, settings, wait
from agents.cli.reading import Found, read
from agents.kafka.reader import follow
from agents.settings import Settings
from pipeline import formats
from pipeline.article import Article
from pipeline.errors import InputRefused, SettingsError
from pipeline.formats import registry
from pipeline.formats.field_names import FieldMap

if TYPE_CHECKING:
    from pipeline.cleaning.boilerplate import learned_lines

_SHOWN = 200  # lines of the table


def learn_boilerplate(
    paths: Annotated[
        list[str],
        typer.Argument(
            help=f"Files or folders ({' '.join(registry.suffixes())}, also .gz), "
            "- for JSONL on stdin, or a topic's name.",
            metavar="PATH|TOPIC...",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; give it to COPYDESK_BOILERPLATE.")
    ] = Path("boilerplate.json"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    min_articles: Annotated[
        int,
        typer.Option("--min-articles", min=2, help="In how many articles of its source a line must occur, at least."),
    ] = 5,
    min_share: Annotated[
        float, typer.Option("--min-share", min=0.0, max=1.0, help="In which share of its source's articles, at least.")
    ] = 0.05,
    min_days: Annotated[
        int, typer.Option("--min-days", min=1, max=10, help="On how many days, at least; 1 if articles have no dates.")
    ] = 2,
    broker: Broker = None,
    topic_prefix: Prefix = None,
) -> None:
    """Find the lines that an outlet repeats in many of its articles, and write them to a file.

    It reads raw articles, cleans them, and counts each remaining line by outlet, article and day. It shows the lines
    that occur in enough articles on enough days, asks, and writes them. If COPYDESK_BOILERPLATE names the file, the
    cleaning stage removes exactly these lines from exactly these outlets. The file's hash is part of the pipeline's
    fingerprint, so records made with another list have other ids.

    Exit 0: written, or no line recurs. 1: you said no. 2: usage error.
    """
    from pipeline.cleaning import load  # trafilatura: no other command should wait for it
    from pipeline.cleaning.boilerplate import learned_lines

    chosen = settings(broker=broker, topic_prefix=topic_prefix)
    counter, stage = learned_lines.Counter(), load()
    field_map = chosen.options.field_map
    refused = sum(_read(chosen, path, lambda found: _count(counter, stage, found, field_map)) for path in paths)
    found = counter.found(min_articles=min_articles, min_share=min_share, min_days=min_days)
    out = terminal.console(stderr=True)
    if refused:
        out.print(f"{refused} articles were refused and not counted", style="yellow")
    if not found:
        out.print("no line recurs often enough; nothing was written")
        return
    _show(out, found)
    if not yes and not typer.confirm(f"Write these {len(found)} lines to {foreign.text(output)}?", err=True):
        raise typer.Exit(1)
    output.write_bytes(learned_lines.dump(found))
    out.print(f"wrote {output}: set COPYDESK_BOILERPLATE={output} for the workers")


def _read(chosen: Settings, path: str, count: Callable[[Found], bool]) -> int:
    """Hand each raw article of a path or a topic to `count`, one at a time; how many it refused."""
    if path == "-" or Path(path).exists():
        return sum(not count(found) for found in read([path], unread=terminal.complain))
    if "/" in path or Path(path).suffix in (*registry.suffixes(), ".gz"):
        raise SettingsError(f"{path}: no such file or folder")
    return wait(_read_topic(chosen, path, count))


async def _read_topic(chosen: Settings, topic: str, count: Callable[[Found], bool]) -> int:
    """What is in a topic now. Read beside the consumer group; nothing is committed."""
    followed = follow(chosen, [topic], from_beginning=True, to_end=True)
    async with aclosing(cast("AsyncGenerator[Any, None]", followed)) as messages:
        return sum([not count(_raw(message)) async for message in messages if message.value])


def _raw(message: Any) -> Found:
    return Found(place="", value=message.value, headers=tuple(message.headers or ()))


def _count(counter: learned_lines.Counter, stage: Any, found: Found, field_map: FieldMap) -> bool:
    """Count one raw article; False if it is refused."""
    from pipeline.cleaning.boilerplate import learned_lines

    try:
        cleaned = stage.run([formats.decode_raw(found.value, origin=found.origin, field_map=field_map)])[0]
    except InputRefused:
        return False
    if not isinstance(cleaned, Article):
        return False
    text = cleaned.text
    lines = [text.value[segment.start : segment.end] for segment in text.segments]
    for source in learned_lines.sources(cleaned.meta)[:1] or ("",):
        if source:
            counter.add(source, lines, (cleaned.meta.published_at or cleaned.meta.fetched_at or "")[:10] or None)
    return True


def _show(out: Console, found: list[learned_lines.Found]) -> None:
    from pipeline.cleaning.boilerplate import learned_lines

    table = Table(box=None, padding=(0, 1), title="lines that recur", title_justify="left")
    table.add_column("source", style="bold", no_wrap=True)
    table.add_column("articles", justify="right")
    table.add_column("days", justify="right")
    table.add_column("line", overflow="fold")
    before = ""
    for line in found[:_SHOWN]:
        days = f"{line.days}+" if line.days == learned_lines.MAX_DAYS else str(line.days)
        source = terminal.shown(line.source if line.source != before else "", style="bold")
        table.add_row(source, f"{line.articles}/{line.of}", days, terminal.shown(line.text))
        before = line.source
    out.print(table)
    if len(found) > _SHOWN:
        terminal.complain(f"... and {len(found) - _SHOWN} more")

"""copydesk enrich: the same pipeline without Kafka."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Annotated

import orjson
import typer
from rich.console import Console

from agents.cli import envelopes, output, showing
from agents.cli.options import Map, Paths, joined, settings, wait
from agents.cli.reading import Found, Unread, read
from agents.cli.unknown_fields import UnknownFields
from agents.kafka.messages import uri_of
from agents.settings import Settings
from agents.workers.answers import PIPELINE, Answer, Facts
from agents.workers.pool import Pool
from pipeline import formats
from pipeline.errors import CopydeskError, Reason, Refusal
from pipeline.formats.field_names import FieldMap
from pipeline.formats.json_array import is_dense
from pipeline.stages import FIRST, STAGES

_CHUNK = 32
_CHUNK_BYTES = 4_000_000
_BYTES_AHEAD = 40_000_000  # of articles that are read and not yet answered: the parent stays small


def enrich(
    paths: Paths = None,
    pretty: Annotated[
        bool, typer.Option("--pretty", help="A readable summary of each article instead of JSON.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Like --pretty, with the whole text, its segments and what was removed.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="Child processes.", show_default="one per core")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Every input is an HTML page, whatever its name.")] = False,
    maps: Map = None,
) -> None:
    """Enrich articles without Kafka: write one JSON record per line to stdout, in input order.

    Each refused article is one JSON line on stderr: uri, stage, reason, error, place. A file, line or array element
    that cannot be read or is over 10 MB is reported in the same way, with the stage "reading" and the reason unreadable
    or too_large. All others are enriched. A field of an article that is not read is named there too, once a run.
    A cancellation is a record like any other; a line {"key": URI, "value": null}, which takes an article down, is
    written as one.
    Exit 0: all enriched. 1: some refused or not read. 2: usage error.
    """
    chosen = settings(processes=processes, field_map=joined(maps))
    if not paths and sys.stdin.isatty():
        output.complain("reading articles from the terminal, one JSON object per line; Ctrl-D ends the input")
    unread = 0

    def tell(what: Unread) -> None:
        nonlocal unread
        unread += 1
        line = {"uri": None, "stage": "reading", "reason": what.reason, "error": what.error, "place": what.place}
        output.complaint(line)

    articles = read(paths or ["-"], html=html, unread=tell)
    if paths and "-" not in paths:  # a path that is not there is said before the models are loaded
        articles = chain(list(islice(articles, 1)), articles)
    refused = wait(_enrich(chosen, articles, pretty=pretty, explain=explain))
    if refused or unread:
        raise typer.Exit(1)


async def _enrich(chosen: Settings, articles: Iterable[Found], *, pretty: bool, explain: bool) -> int:
    out = output.console()
    refused = 0
    field_map = chosen.options.field_map
    unknown = UnknownFields(for_people=pretty or explain)
    pool = Pool(
        stages=STAGES,
        options=chosen.options,
        processes=chosen.process_count,
        time_limit=chosen.time_limit_seconds,
        memory_limit=chosen.memory_limit_mb,
    )
    try:
        await pool.start()
        async for found, answer in _answers(pool, iter(articles), ahead=chosen.process_count + 1):
            if answer.refusal:
                refused += 1
                _refused(found, answer.refusal, field_map)
                continue
            unknown.saw(answer.facts.unknown_names if answer.facts else (), found.place)
            if found.takes_down is not None:
                _take_down(out, answer, pretty=pretty or explain)
            elif explain:
                showing.explained(out, orjson.loads(answer.value))
            elif pretty:
                showing.article(out, orjson.loads(answer.value))
            else:
                output.record(answer.value)
    finally:
        await pool.stop()
    return refused


async def _answers(pool: Pool, articles: Iterator[Found], *, ahead: int):  # type: ignore[no-untyped-def]
    """(found, answer) in input order, with some chunks in work ahead of the one being written."""
    running: deque[tuple[list[Found], asyncio.Task[list[Answer]]]] = deque()
    held = 0
    while True:
        while len(running) < ahead and held < _BYTES_AHEAD and (chunk := _chunk(articles)):
            held += _size(chunk)
            running.append((chunk, asyncio.create_task(_through(pool, chunk))))
        if not running:
            return
        chunk, task = running.popleft()
        for pair in zip(chunk, await task, strict=True):
            yield pair
        held -= _size(chunk)


def _chunk(articles: Iterator[Found]) -> list[Found]:
    """The next articles: so many, or so many bytes."""
    chunk: list[Found] = []
    size = 0
    for found in articles:
        chunk.append(found)
        size += len(found.value)
        if len(chunk) == _CHUNK or size >= _CHUNK_BYTES:
            break
    return chunk


def _size(chunk: list[Found]) -> int:
    return sum(len(found.value) for found in chunk)


async def _through(pool: Pool, chunk: list[Found]) -> list[Answer]:
    """One chunk through the whole pipeline, in one child process: nothing is serialised between its stages."""
    jobs = [(found.value, found.origin) for found in chunk if found.takes_down is None]
    answers = iter(await pool.whole(PIPELINE, jobs))
    given = [next(answers) if found.takes_down is None else _taken_down(found.takes_down) for found in chunk]
    return [
        await _by_stage(pool, found) if answer.refusal and answer.refusal.stage == PIPELINE else answer
        for found, answer in zip(chunk, given, strict=True)
    ]


def _taken_down(key: bytes) -> Answer:
    """The answer of a worker to a message with that key and no value."""
    if uri := uri_of(key):
        return Answer(facts=Facts(id="", uri=uri, taken_down=True))
    return Answer(refusal=Refusal(stage=FIRST, reason=Reason.NULL_VALUE, error="no value, and no key that is text"))


def _take_down(out: Console, answer: Answer, *, pretty: bool) -> None:
    assert answer.facts is not None
    if pretty:
        out.print(output.shown(f"taken down: {answer.facts.uri}", style="bold"))
    else:
        output.record(envelopes.take_down(answer.facts.uri.encode()))


async def _by_stage(pool: Pool, found: Found) -> Answer:
    """An article that ended its process or took too long, stage by stage: that says which stage refuses it."""
    answer = Answer(value=found.value)
    for stage in STAGES:
        (answer,) = await pool.whole(stage, [(answer.value, found.origin if stage == FIRST else None)])
        if answer.refusal:
            break
    return answer


def _refused(found: Found, refusal: Refusal, field_map: FieldMap) -> None:
    line = {
        "uri": refusal.uri or _uri(found, field_map),
        "stage": refusal.stage,
        "reason": refusal.reason,
        "error": refusal.error,
        "place": found.place,
    }
    output.complaint(line)


def _uri(found: Found, field_map: FieldMap) -> str | None:
    """The uri of what was fed; of what is no article, the one it names itself."""
    if is_dense(found.value):
        return None
    try:
        return formats.decode_raw(found.value, origin=found.origin, field_map=field_map).uri
    except CopydeskError:
        pass
    try:
        uri = orjson.loads(found.value)["uri"]
    except (ValueError, LookupError, TypeError):
        return None
    return uri[:2048] if isinstance(uri, str) else None

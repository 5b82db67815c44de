"""Records and dead letters in a readable form."""

from __future__ import annotations

from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import foreign
from agents.cli.output import shown
from agents.kafka.dead_letters import DeadLetter

_KINDS = (("PERSON", "people"), ("ORG", "organisations"), ("GPE", "places"))
_AT_MOST = 5
# How a document that only looks like a record of ours can surprise whoever reads its fields.
_NOT_OURS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def article(out: Console, item: Any, *, place: str = "") -> bool:
    """An enriched record: title, subjects, main entities, what was removed, milliseconds.

    False, and nothing is shown, if `item` is not a record of ours: anyone may write into a topic.
    """
    try:
        title, grid = _article(item)
    except _NOT_OURS:
        return False
    if place:
        grid.add_row("  at", shown(place, style="dim"))
    out.print(title)
    out.print(grid)
    return True


def _article(item: dict[str, Any]) -> tuple[Text, Table]:
    enrichment = item["enrichment"]
    text = enrichment["text"]
    title = next((h["value"] for h in item.get("headlines", ())), None) or _first_line(
        item["bodies"][0]["value"] or item["uri"]
    )
    source = next((s.get("name") for s in item.get("infoSources", ())), None)
    grid = _grid()
    if state := _state(item):
        grid.add_row("  state", shown(state, style="bold red"))
    grid.add_row("  subjects", shown(_subjects(enrichment)))
    entities = enrichment.get("entities")
    if entities is None:
        grid.add_row("  entities", shown(f"skipped: there is no model for language {text['language']['tag']}"))
    for kind, name in _KINDS:
        names = [e["name"] for e in entities or () if e["type"] == kind][:_AT_MOST]
        if names:
            grid.add_row(f"  {name}", shown(", ".join(names)))
    for removed in text["removed"][:_AT_MOST]:
        grid.add_row("  removed", shown(f"{foreign.text(removed['text'], limit=70)}  ({removed['rule']})"))
    if len(text["removed"]) > _AT_MOST:
        grid.add_row("", f"and {len(text['removed']) - _AT_MOST} more")
    if flags := text["quality"]["flags"]:
        grid.add_row("  flags", shown(", ".join(flags)))
    grid.add_row("  time", shown(_times(enrichment["provenance"])))
    head = shown(title, style="bold")
    return head.append(f"  {foreign.text(source)}" if source else "", style="dim"), grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True, min_width=14)
    grid.add_column(overflow="fold")
    return grid


def explained(out: Console, item: dict[str, Any]) -> None:
    """An enriched record, and its whole text: each segment with its kind, then every removed line with its rule."""
    article(out, item)
    text, value = item["enrichment"]["text"], item["bodies"][0]["value"]
    grid = _grid()
    for segment in text["segments"]:
        kind = f"{segment['kind']} {segment['level']}" if "level" in segment else segment["kind"]
        if "language" in segment:
            kind += f" {segment['language']}"
        grid.add_row(f"  {kind}", Text(foreign.lines(value[segment["start"] : segment["end"]])))
    for removed in text["removed"]:
        grid.add_row(
            "  removed", shown(f"{removed['text']}  ({removed['kind']}: {removed['rule']})", style="strike dim")
        )
    out.print()
    out.print(grid)
    out.print()


def _state(item: dict[str, Any]) -> str:
    """What the desk says, unless the article is usable as it is."""
    status, until = item.get("pubStatus", "usable"), item.get("embargoedUntil")
    said = [*([str(status)] if status != "usable" else []), *([f"embargoed until {until}"] if until else [])]
    return ", ".join([*said, *([str(item["edNote"])] if said and "edNote" in item else [])])


def _first_line(value: str) -> str:
    return foreign.text(value.split("\n", 1)[0], limit=80)


def _subjects(enrichment: dict[str, Any]) -> str:
    subjects = enrichment.get("subjects")
    if subjects is None:
        return f"skipped: there is no classifier for language {enrichment['text']['language']['tag']}"
    return "  ".join(f"{s['name']} {s['confidence']:.2f}" for s in subjects[:4]) or "none: the classifier is not sure"


def _times(provenance: dict[str, Any]) -> str:
    stages = "  ".join(f"{run['stage']} {run['durationMs']:.1f}" for run in provenance["stages"])
    end = f"  (end to end {provenance['endToEndMs']} ms)" if "endToEndMs" in provenance else ""
    return f"{stages} ms{end}"


def dead_letter(out: Console, letter: DeadLetter) -> None:
    """A dead letter: reason, stage, what was wrong, and its coordinates."""
    what = f"{foreign.text(letter.reason, limit=60)} at {foreign.text(letter.stage, limit=60)}: "
    head = Text("refused ", style="bold red")
    out.print(head.append(what + foreign.text(letter.error, limit=300), style="not bold default"))
    at = f"  {foreign.text(letter.source, limit=300)}, {letter.size} bytes  "
    out.print(Text(at, style="dim").append(foreign.text(letter.value, limit=60), style="not dim"))


def message(out: Console, message: Any, *, place: bool = False) -> None:
    """A Kafka message: as a record if it is one of ours, else its coordinates and the beginning of its bytes."""
    at = f"{message.topic}:{message.partition}:{message.offset}"
    if message.value is None:
        said = f" taken down: {foreign.text(message.key, limit=300)}" if message.key else " no value"
        out.print(Text(at, style="dim").append(said, style="not dim"))
        return
    try:
        item = orjson.loads(message.value or b"null")
    except orjson.JSONDecodeError:
        item = None
    if not article(out, item, place=at if place else ""):
        out.print(Text(at, style="dim").append(" " + foreign.text(message.value or b"", limit=200), style="not dim"))

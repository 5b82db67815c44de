"""Records and dead letters as a person would want to read them."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

_KINDS = (("PERSON", "people"), ("ORG", "organisations"), ("GPE", "places"))
_AT_MOST = 5


def console(*, stderr: bool = False) -> Console:
    """A console that writes no control characters of an article."""
    found = Console(stderr=stderr, highlight=False)
    # Into a file or a pipe there is no width to fit: eighty columns would only break lines.
    return found if found.is_terminal else Console(stderr=stderr, highlight=False, width=120)


def article(out: Console, item: dict[str, Any], *, place: str = "") -> None:
    """An enriched record: title, subjects, main entities, what was removed, milliseconds."""
    enrichment = item["enrichment"]
    text = enrichment["text"]
    title = next((h["value"] for h in item.get("headlines", ())), None) or _first_line(item["bodies"][0]["value"])
    source = next((s.get("name") for s in item.get("infoSources", ())), None)
    out.print(Text(title, style="bold"), Text(f"  {source}" if source else "", style="dim"), sep="")
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True, min_width=14)
    grid.add_column(overflow="fold")
    grid.add_row("  subjects", Text(_subjects(enrichment)))
    entities = enrichment.get("entities")
    if entities is None:
        grid.add_row("  entities", Text(f"skipped: no model for language {text['language']['tag']}"))
    for kind, name in _KINDS:
        names = [e["name"] for e in entities or () if e["type"] == kind][:_AT_MOST]
        if names:
            grid.add_row(f"  {name}", Text(", ".join(names)))
    for removed in text["removed"][:_AT_MOST]:
        grid.add_row("  removed", Text(f"{_short(removed['text'], 70)}  ({removed['rule']})"))
    if len(text["removed"]) > _AT_MOST:
        grid.add_row("", Text(f"and {len(text['removed']) - _AT_MOST} more"))
    if flags := text["quality"]["flags"]:
        grid.add_row("  flags", Text(", ".join(flags)))
    grid.add_row("  time", Text(_times(enrichment["provenance"])))
    if place:
        grid.add_row("  at", Text(place, style="dim"))
    out.print(grid)


def explained(out: Console, item: dict[str, Any]) -> None:
    """An enriched record, and its whole text: each segment with its kind, then every removed line with its rule."""
    article(out, item)
    text, value = item["enrichment"]["text"], item["bodies"][0]["value"]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True, min_width=14)
    grid.add_column(overflow="fold")
    for segment in text["segments"]:
        kind = f"{segment['kind']} {segment['level']}" if "level" in segment else segment["kind"]
        if "language" in segment:
            kind += f" {segment['language']}"
        grid.add_row(f"  {kind}", Text(value[segment["start"] : segment["end"]]))
    for removed in text["removed"]:
        grid.add_row(
            "  removed", Text(f"{removed['text']}  ({removed['kind']}: {removed['rule']})", style="strike dim")
        )
    out.print()
    out.print(grid)
    out.print()


def _first_line(value: str) -> str:
    return _short(value.split("\n", 1)[0], 80)


def _subjects(enrichment: dict[str, Any]) -> str:
    subjects = enrichment.get("subjects")
    if subjects is None:
        return f"skipped: no classifier for language {enrichment['text']['language']['tag']}"
    return "  ".join(f"{s['name']} {s['confidence']:.2f}" for s in subjects[:4]) or "none: the classifier is not sure"


def _times(provenance: dict[str, Any]) -> str:
    stages = "  ".join(f"{run['stage']} {run['durationMs']:.1f}" for run in provenance["stages"])
    end = f"  (end to end {provenance['endToEndMs']} ms)" if "endToEndMs" in provenance else ""
    return f"{stages} ms{end}"


def dead_letter(out: Console, letter: Any) -> None:
    """A dead letter: reason, stage, what was wrong, where it was."""
    out.print(f"[bold red]refused[/] {escape(letter.reason)} at {escape(letter.stage)}: {escape(letter.error)}")
    out.print(f"  [dim]{escape(str(letter.source))}, {letter.size} bytes[/]  {escape(preview(letter.value))}")


def preview(value: bytes, limit: int = 60) -> str:
    """The beginning of any bytes, safe for a terminal."""
    start = value[: limit * 4].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in start)
    return _short(shown, limit)


def safe(value: bytes) -> str:
    """Any bytes as text that moves no cursor: line ends stay, everything else unprintable is escaped."""
    return "".join(
        c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in value.decode("utf-8", "backslashreplace")
    )


def _short(value: str, limit: int) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"

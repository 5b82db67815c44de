"""Options that several commands share, and how a command gets its settings."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from agents.monitoring import logs
from agents.settings import Settings, load
from pipeline.formats.registry import suffixes

T = TypeVar("T")

Broker = Annotated[
    str | None,
    typer.Option(
        "--broker",
        help="Kafka bootstrap servers, host:port,...",
        envvar="COPYDESK_BROKER",
        show_default="127.0.0.1:9092",
    ),
]
Prefix = Annotated[
    str | None,
    typer.Option(
        "--topic-prefix", help="Prefix of every topic's name.", envvar="COPYDESK_TOPIC_PREFIX", show_default="none"
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=NAME",
        help="A field is called NAME by this feeder: title=headline, body=fields.bodyText. May be given several times; "
        "wins over COPYDESK_FIELD_MAP.",
        show_default="the names of docs/feeding.md",
    ),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(
        help=f"Files ({' '.join(suffixes())}, also .gz), folders, or - for JSONL on stdin.",
        metavar="PATH|-",
        show_default="-",
    ),
]


def settings(**flags: Any) -> Settings:
    """Settings from flags over the environment; the log goes to stderr as they say."""
    found = load(flags)
    logs.configure(level=found.log_level, format=found.log_format)
    return found


def joined(maps: list[str] | None) -> str | None:
    """What `--map` says, as the setting has it; None if it says nothing."""
    return ",".join(maps) if maps else None


def wait(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's asynchronous part to its end."""
    return asyncio.run(work)

"""Commands write through one place; what they read beside Kafka (names of files, refusals, findings) moves nothing."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from agents.cli import output, showing
from agents.cli.commands import check, demo
from agents.cli.reading import Found
from agents.kafka import topics
from agents.settings import load
from pipeline.errors import BrokerError, ModelError
from tests.fakes import example
from tests.integration.worker import ROOT, clean_environment
from tests.unit.fakekafka import Log, run, streams
from tests.unit.hostile import PIECES, moves

HOSTILE = "a" + "".join(PIECES) + "b"
CLI = Path(__file__).resolve().parents[2] / "agents" / "cli"
MODULES = sorted(CLI.glob("*.py"))
_WAYS = {"print", "input", "Console", "echo", "secho", "write", "writelines", "print_json", "print_exception"}
_STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}
# Where else a way out is used, and why it is none for a stranger's text.
ALLOWED = {
    ("output.py", None),  # the one place
    ("broker.py", "print"),  # words of its own alone
    ("broker.py", "stderr"),
    ("__init__.py", "stderr"),  # closes it
}


def ways_out(source: str) -> set[str]:
    """Whatever in a module could write to a terminal without agents.cli.output."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            # A method of a console, which is made elsewhere; or Topics.input.
            ours = name in ("print", "input") and isinstance(node.func, ast.Attribute)
            if name in _WAYS and not ours:
                found.add(name)
            found |= {word.arg for word in node.keywords if word.arg == "markup"}
        elif isinstance(node, ast.Attribute) and node.attr in _STREAMS:
            if isinstance(node.value, ast.Name) and node.value.id == "sys":
                found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "sys":
            found |= {alias.name for alias in node.names} & _STREAMS
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_commands_write_through_one_place(module: Path) -> None:
    """A command that prints by itself, makes a console of its own or turns markup on is seen here."""
    if (module.name, None) not in ALLOWED:
        found = ways_out(module.read_text("utf-8"))
        assert {way for way in found if (module.name, way) not in ALLOWED} == set()


@pytest.mark.parametrize(
    "line",
    ["print(x)", "sys.stdout.write(x)", "sys.stderr.buffer.flush()", "Console().print(x)", "rich.console.Console()",
     "typer.echo(x)", "out.print(x, markup=True)", "print(x, file=f)", "from sys import stdout",
     "sys.__stdout__", "print_json(x)"],
)  # fmt: skip
def test_a_way_past_it_is_seen(line: str) -> None:
    """Each of those that a command would take."""
    assert ways_out(line)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files whose names and contents are hostile: refused, unread, and one good."""
    folder = tmp_path_factory.mktemp("in")
    bad = HOSTILE.replace("\x00", "").replace("/", "")[:60]
    refused = json.dumps({"uri": HOSTILE, "body": " "}, ensure_ascii=False).encode()
    body = f"Angela Merkel spoke in Berlin on Monday.\n\n{HOSTILE}\n\nSubscribe to our newsletter {HOSTILE}"
    good = dict.fromkeys(("title", "by", "source", "section"), HOSTILE) | {"uri": "urn:x:1", "body": body}
    (folder / f"a{bad}.json").write_bytes(refused)
    Path(os.fsdecode(os.fsencode(str(folder)) + b"/b\xff\xfe.json")).write_bytes(refused)
    (folder / f"c{bad}.json.gz").write_bytes(b"no gzip")
    (folder / "d.json").write_text(json.dumps(good, ensure_ascii=False))
    return folder


@pytest.mark.parametrize("options", [[], ["--pretty"], ["--explain"]])
def test_enrich_controls_no_terminal(options: list[str], folder: Path) -> None:
    """Neither on stdout nor in the refusals: names of files, uris, titles, what was removed."""
    environment = {**clean_environment({}), "FORCE_COLOR": "1"} if options else clean_environment({})
    ran = subprocess.run(
        [sys.executable, "-m", "agents", "enrich", "--processes", "1", *options, str(folder)],
        capture_output=True, timeout=120, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert moves(ran.stdout, colours=bool(options)) == moves(ran.stderr) == []
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["reason"] for line in lines if line["stage"] == "cleaning"] == ["empty_text", "empty_text"]
    assert [line["reason"] for line in lines if line["stage"] == "reading"] == ["unreadable"]
    assert all(line["uri"] for line in lines if line["stage"] == "cleaning")
    assert b"Angela Merkel" in ran.stdout


class Broken:
    """A producer whose broker refuses, in words that are not ours."""

    def __init__(self, **_: Any) -> None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, *_: Any, **__: Any) -> Any:
        from aiokafka.errors import KafkaError

        raise KafkaError(HOSTILE)


def test_feed_controls_no_terminal(folder: Path) -> None:
    """It names files, and what the broker says."""

    async def missing(*_: Any) -> list[str]:
        return []

    with (
        mock.patch("agents.cli.commands.feed.AIOKafkaProducer", Broken),
        mock.patch("agents.kafka.topics.missing", missing),
    ):
        ran = run(Log(), "feed", str(folder))
    assert ran.code == 1
    assert ran.err.decode().splitlines()[-1] == "0 acknowledged, 3 not, 1 not read"
    assert len(ran.err.splitlines()) == 5
    assert moves(ran.out) == moves(ran.err) == []


@pytest.mark.parametrize("command", [["check", "--no-models"], ["topics", "check"]])
@pytest.mark.parametrize("fails", [True, False])
def test_checks_control_no_terminal(command: list[str], fails: bool) -> None:
    """Whatever a broker calls its topics, and says when it fails."""

    async def found(_: Any) -> list[topics.Finding]:
        if fails:
            raise BrokerError(HOSTILE)
        return [topics.Finding(topic=HOSTILE, partitions=3, error=HOSTILE)]

    with mock.patch("agents.kafka.topics.check", found):
        ran = run(Log(), *command)
    assert ran.code == 1
    assert moves(ran.out) == moves(ran.err) == []
    assert b"\\x1b[31m" in ran.out + ran.err


def test_check_of_models_controls_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's name and what is wrong with it."""
    pool = SimpleNamespace(start=mock.AsyncMock(side_effect=ModelError(HOSTILE)), stop=mock.AsyncMock())
    monkeypatch.setattr(check, "Pool", lambda **_: pool)
    with streams() as (out, _):
        assert not asyncio.run(check._models(load(environment={})))
        sys.stdout.flush()
        assert moves(out.getvalue()) == []


@pytest.mark.parametrize("colours", [False, True])
def test_demo_controls_no_terminal(colours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows what arrives as it arrives, and is not ended by what is none of ours."""
    if colours:
        monkeypatch.setenv("FORCE_COLOR", "1")
    log = Log()
    headers: list[tuple[str, bytes | None]] = [
        (f"copydesk_{n}", HOSTILE.encode()) for n in ("reason", "stage", "error")
    ]
    log.add("articles.dead-letters", HOSTILE.encode(), headers=headers)
    for value in (b'{"enrichment": 1}', None, HOSTILE.encode(), json.dumps(example("enriched")["value"]).encode()):
        log.add("articles.enriched", value, headers=[("copydesk_source_topic", HOSTILE.encode())])

    async def follow(*_: Any, **__: Any) -> AsyncIterator[Any]:
        for topic in ("articles.dead-letters", "articles.enriched"):
            for message in log.topics[topic]:
                yield message

    class Producer:
        def __init__(self, **_: Any) -> None: ...

        async def __aenter__(self) -> Producer:
            return self

        async def __aexit__(self, *_: object) -> None: ...

        async def send_and_wait(self, *_: Any, **__: Any) -> Any:
            return SimpleNamespace(partition=0, offset=0)

    monkeypatch.setattr(demo, "follow", follow)
    monkeypatch.setattr(demo, "AIOKafkaProducer", Producer)
    with streams() as (out, _):
        found = [Found(place="x", value=b"{}")]
        answered = asyncio.run(demo._run(load(environment={}), found, output.console()))
        sys.stdout.flush()
        assert (answered["dead"], answered["enriched"]) == (1, 4)
        assert moves(out.getvalue(), colours=colours) == []
        assert b"\\x1b[31m" in out.getvalue()


def test_a_record_is_shown_whole_or_not_at_all() -> None:
    """One that breaks in the middle leaves no half of itself behind."""
    record = json.loads(json.dumps(example("enriched")["value"]))
    record["enrichment"]["provenance"]["stages"] = [{"stage": "cleaning"}]
    with streams() as (out, _):
        assert not showing.article(output.console(), record)
        sys.stdout.flush()
        assert out.getvalue() == b""

"""The `copydesk` command as a person meets it: help, exit codes, results on stdout alone, errors in one line."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from agents import cli
from pipeline import __version__, codec
from tests.integration.worker import clean_environment
from tests.unit import schemas

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"uri": "urn:x:1", "body": "Angela Merkel spoke in Berlin about trade. Markets and shares rose at once."}


def copydesk(*args: str, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run it as a process of its own, with these settings and no others."""
    return subprocess.run(
        [sys.executable, "-m", "agents", *args], input=given, capture_output=True, timeout=120, cwd=ROOT,
        env=clean_environment(settings),
    )  # fmt: skip


def commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command and group, by its words."""
    yield path
    for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
        yield from commands(command.get_command(None, name), *path, name)


COMMANDS = list(commands(get_command(cli.app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_complete(words: tuple[str, ...]) -> None:
    """--help and -h of every command say what it does, and every option what it is for."""
    runner = CliRunner()
    told = runner.invoke(cli.app, [*words, "--help"])
    assert told.exit_code == 0
    assert runner.invoke(cli.app, [*words, "-h"]).stdout == told.stdout
    command: Any = get_command(cli.app)
    for word in words:
        command = command.get_command(None, word)
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option) or not isinstance(parameter, click.Argument):
            assert getattr(parameter, "help", None) or parameter.hidden, f"{words}: {parameter.name}"


def test_the_commands_of_the_contract_are_there() -> None:
    """Each of its table."""
    promised = {("demo",), ("enrich",), ("topics", "create"), ("topics", "check"), ("worker",), ("feed",), ("tail",),
                ("dead-letters", "list"), ("dead-letters", "show"), ("dead-letters", "replay"), ("trace",), ("check",),
                ("broker",)}  # fmt: skip
    assert promised <= set(COMMANDS)


def test_the_version() -> None:
    """On stdout."""
    ran = copydesk("--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"copydesk {__version__}\n".encode(), b"")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good articles, and between them one that is none, in a compressed file."""
    file = tmp_path_factory.mktemp("in") / "mixed.jsonl.gz"
    lines = [GOOD, {"uri": "urn:x:2", "body": " "}, {**GOOD, "uri": "urn:x:3"}]
    file.write_bytes(gzip.compress(b"\n".join(json.dumps(line).encode() for line in lines) + b'\n{"body": "cut'))
    return file


def test_enrich_with_refusals(mixed: Path) -> None:
    """Exit 1; records on stdout, one a line, in order; each refused one on stderr, as JSON, and nothing else there."""
    ran = copydesk("enrich", str(mixed), "--processes", "1")
    assert ran.returncode == 1, ran.stderr
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [record["uri"] for record in records] == ["urn:x:1", "urn:x:3"]
    refused = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(line["uri"], line["stage"], line["reason"]) for line in refused] == [
        ("urn:x:2", "cleaning", "empty_text"), (None, "cleaning", "malformed_json"),
    ]  # fmt: skip
    assert refused[1]["place"] == f"{mixed}:4"
    assert {"uri", "stage", "reason", "error"} <= refused[0].keys()
    one, other = (codec.without_timings(record) for record in records)
    assert one["enrichment"]["entities"] == other["enrichment"]["entities"] != []


def test_enrich_survives_a_uri_that_is_nested_deeper_than_python_writes(tmp_path: Path) -> None:
    """It is refused, without a uri; what stands behind it comes out."""
    deep = '{"uri": ' + "[" * 1_000 + "]" * 1_000 + "}"
    file = tmp_path / "deep.jsonl"
    file.write_text(deep + "\n" + json.dumps({"uri": "urn:x:1", "body": "The minister spoke in Berlin on Monday."}))
    ran = copydesk("enrich", str(file), "--processes", "1")
    assert ran.returncode == 1, ran.stderr
    (refused,) = [json.loads(line) for line in ran.stderr.splitlines()]
    assert (refused["uri"], refused["reason"]) == (None, "too_deep")
    assert [json.loads(line)["uri"] for line in ran.stdout.splitlines()] == ["urn:x:1"]


def test_enrich_from_stdin(ninjs: dict[str, Any]) -> None:
    """JSONL on stdin, all enriched: exit 0 and a quiet stderr; a time and an order that do not depend on processes."""
    lines = b"\n".join(json.dumps({**GOOD, "uri": f"urn:x:{n}"}).encode() for n in range(70))
    ran = copydesk("enrich", "-", "--processes", "2", given=lines)
    assert (ran.returncode, ran.stderr) == (0, b"")
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [record["uri"] for record in records] == [f"urn:x:{n}" for n in range(70)]
    assert schemas.problems(schemas.validator(schemas.schema("enriched-article"), ninjs), records[0]) == []


@pytest.fixture(scope="module")
def ninjs(shared: Path) -> dict[str, Any]:
    """IPTC's schema."""
    read: dict[str, Any] = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    return read


def test_enrich_for_people() -> None:
    """--pretty and --explain show title and text, with no control character of an article."""
    article = {**GOOD, "title": "A \x1b[31mred\x1b[0m title", "body": GOOD["body"] + "\u202e\x07"}
    ran = copydesk("enrich", "--pretty", given=json.dumps(article).encode())
    assert ran.returncode == 0
    assert b"Angela Merkel" in ran.stdout
    assert b"\x1b[31m" not in ran.stdout
    assert b"\x07" not in ran.stdout


USAGE = {
    "an unknown path": (["enrich", "/nowhere/at/all.json"], {}, b"no such file"),
    "an unknown kind": (["enrich", str(ROOT / "Makefile")], {}, b"not a known kind"),
    "an unknown option": (["enrich", "--fast"], {}, b"--fast"),
    "an unknown command": (["enhance"], {}, b"enhance"),
    "an unknown setting": (["enrich"], {"COPYDESK_PROCESES": "1"}, b"the nearest one is COPYDESK_PROCESSES"),
    "no host and port": (["topics", "check"], {"COPYDESK_BROKER": "kafka"}, b"not host:port"),
    "a route that is none": (["topics", "check"], {"COPYDESK_ROUTES": "sport=x"}, b"COPYDESK_ROUTES"),
    "a password in the clear": (
        ["topics", "check"],
        {"COPYDESK_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "COPYDESK_SASL_USERNAME": "u", "COPYDESK_BROKER": "k:1"},
        b"SASL_SSL",
    ),
    "no file of secrets": (["check"], {"COPYDESK_SASL_PASSWORD_FILE": "/nowhere"}, b"cannot be read"),
    "a time that is none": (["dead-letters", "list", "--since", "now"], {}, b"--since"),
}


@pytest.mark.parametrize("what", USAGE)
def test_a_usage_error_is_said_and_exits_2(what: str) -> None:
    """Exit 2, nothing on stdout, no traceback, and the last word on stderr says what is wrong."""
    args, settings, said = USAGE[what]
    ran = copydesk(*args, **settings)
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == b""
    assert said in ran.stderr
    assert b"Traceback" not in ran.stderr
    if ran.stderr.startswith(b"copydesk:"):
        assert len(ran.stderr.splitlines()) == 1


NEEDS_A_BROKER = [
    ["topics", "check"], ["topics", "create"], ["worker"], ["feed"], ["tail", "--to-end"], ["dead-letters", "list"],
    ["dead-letters", "show", "articles.raw:0:0"], ["dead-letters", "replay"], ["trace", "urn:x:1"],
]  # fmt: skip


@pytest.mark.parametrize("args", NEEDS_A_BROKER, ids=" ".join)
def test_without_a_broker(args: list[str], loopback_broker: str, tmp_path: Path) -> None:
    """Exit 1 and one line that names the address and what to do."""
    ran = copydesk(*args, COPYDESK_BROKER=loopback_broker, COPYDESK_DATA_DIR=str(tmp_path), COPYDESK_WEB_PORT="0")
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout == b""
    (line,) = ran.stderr.decode().splitlines()
    assert loopback_broker in line
    assert "copydesk broker" in line


def test_check_without_a_broker(loopback_broker: str) -> None:
    """Says of each part whether it works, and exits 1."""
    ran = copydesk("check", "--no-models", COPYDESK_BROKER=loopback_broker)
    assert ran.returncode == 1
    assert [line[:14] for line in ran.stdout.decode().splitlines()] == ["ok    settings", "FAIL  broker: "]


def test_debug_shows_a_traceback() -> None:
    """Only when it is asked for."""
    ran = copydesk("--debug", "enrich", "/nowhere.json")
    assert b"Traceback" in ran.stderr


def test_a_missing_model_is_one_line() -> None:
    """Exit 1, and the line says which."""
    ran = copydesk("enrich", given=json.dumps(GOOD).encode(), COPYDESK_NER_MODEL="no_such_model")
    assert ran.returncode == 1, ran.stderr
    (line,) = ran.stderr.decode().splitlines()
    assert "no_such_model" in line


def test_a_reader_of_our_output_may_stop() -> None:
    """`copydesk enrich | head -1` ends without a word on stderr."""
    lines = b"\n".join(json.dumps({**GOOD, "uri": f"urn:x:{n}"}).encode() for n in range(100))
    shell = f"{sys.executable} -m agents enrich - --processes 1 | head -c 10"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shell}"], input=lines, capture_output=True, timeout=60, cwd=ROOT,
        env=clean_environment({}),
    )  # fmt: skip
    assert ran.stderr == b""

"""Log lines: no text that came from outside, whoever logs it and however; what an operator needs is still said."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import mode
import orjson
import pytest
from aiokafka import ConsumerRecord, TopicPartition, errors
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.monitoring import logs
from pipeline.errors import BrokerError
from tests.integration.worker import ROOT, clean_environment

CANARY = "canary 3f81 text of an article"
RECORD = ConsumerRecord(
    "articles.raw", 3, 17, 0, 0, CANARY.encode(), CANARY.encode(), None, 1, 1, [("h", CANARY.encode())]
)
library = logging.getLogger("aiokafka.consumer.fetcher")
ours = logging.getLogger("agents.processor")


class Said(io.StringIO):
    """What went to stderr."""

    @property
    def lines(self) -> list[str]:
        """Line by line."""
        return self.getvalue().splitlines()


@pytest.fixture(params=["text", "json"])
def said(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """Everything logged at debug, in both forms; everything is put back."""
    root, known = logging.getLogger(), set(logs.known)
    before = (root.handlers[:], root.level, {name: logging.getLogger(name).level for name in logs._CHATTY})
    hooks = (warnings.showwarning, sys.excepthook, threading.excepthook, sys.unraisablehook)
    stderr = Said()
    monkeypatch.setattr(sys, "stderr", stderr)
    logs.configure(level="debug", format=request.param)
    logs.know(["articles.raw", "kafka-1.example"])
    yield stderr
    logs._chosen.update(level="warning", format="text")
    logs.known.clear()
    logs.known.update(known)
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)
    warnings.showwarning, sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def alone(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what pytest has put between since: its handlers fail where a message and its arguments do not fit."""
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, logs._Stderr)]
    monkeypatch.setattr(sys, "stderr", said)


class Odd:
    """Shows an article however it is asked."""

    def __str__(self) -> str:
        return CANARY

    __repr__ = __str__

    def __format__(self, _: str) -> str:
        return CANARY


class Colour(str):
    """Text of a kind of its own."""

    __slots__ = ()


class Service(mode.Service):
    """As Faust's are."""


def error(*args: Any, kind: type[BaseException] = ValueError) -> BaseException:
    """One that was raised."""
    try:
        raise kind(*args)
    except BaseException as raised:
        return raised


def undecodable() -> BaseException:
    """Bytes that are no UTF-8, held by their error."""
    return error("utf8", CANARY.encode(), 0, 1, CANARY, kind=UnicodeDecodeError)


def chained() -> BaseException:
    """One that was raised for another, while a third was handled."""
    try:
        try:
            {}[CANARY]
        except KeyError:
            raise OSError(CANARY)  # noqa: B904
    except OSError as first:
        return error_from(first)


def error_from(first: BaseException) -> BaseException:
    """Raised for another."""
    try:
        raise RuntimeError(f"could not: {first}") from first
    except RuntimeError as raised:
        return raised


WAYS: dict[str, Callable[[], None]] = {
    "an argument": lambda: library.debug("Response: %s", CANARY),
    "an argument that is shown": lambda: library.debug("Response: %r", CANARY),
    "bytes": lambda: library.warning("Response: %s and %r", CANARY.encode(), bytearray(CANARY.encode())),
    "a record": lambda: library.debug("Record %r of %s", RECORD, [RECORD]),
    "a mapping": lambda: library.debug("Record %(value)s", {"value": CANARY}),
    "a read-only mapping": lambda: library.debug("Record %s", MappingProxyType({CANARY: CANARY})),
    "collections": lambda: library.debug("%s %s %s", {CANARY: 1}, {CANARY}, ((CANARY,), [[[[[[CANARY]]]]]])),
    "an object": lambda: library.debug("%s %r", Odd(), Odd()),
    "text of another kind": lambda: library.debug("%s", Colour(CANARY)),
    "the message": lambda: library.error(CANARY + ""),
    "a message put together": lambda: library.error(f"Cannot decode {RECORD.value!r} of {RECORD.topic}"),
    "a message that is an object": lambda: library.error(Odd()),
    "a message that is an error": lambda: library.error(ValueError(CANARY)),
    "an error as an argument": lambda: library.error("Failed: %s %r", ValueError(CANARY), error(CANARY)),
    "too few arguments": lambda: library.error("Failed: %s %s", CANARY),
    "too many arguments": lambda: library.error("Failed", CANARY, CANARY),
    "an argument that is no number": lambda: library.error("Failed: %d", CANARY),
    "a traceback": lambda: library.error("Failed", exc_info=error(CANARY)),
    "a chain of errors": lambda: library.error("Failed", exc_info=chained()),
    "undecodable bytes": lambda: library.error("Failed", exc_info=undecodable()),
    "bad JSON": lambda: library.error("Failed", exc_info=error(CANARY, CANARY, 0, kind=json.JSONDecodeError)),
    "a group of errors": lambda: library.error("Failed", exc_info=ExceptionGroup(CANARY, [ValueError(CANARY)])),
    "an error of the system": lambda: library.error("Failed", exc_info=error(5, CANARY, CANARY, kind=OSError)),
    "a service of mode": lambda: Service().log.error("Crashed reason=%r", error(CANARY)),
    "a message of a service": lambda: Service().log.error(f"Record {RECORD}"),
    "the root": lambda: logging.error("Failed: %s", CANARY),
    "another library": lambda: logging.getLogger("pebble").warning("Failed: %s", CANARY),
    "extra": lambda: library.error("Failed", extra={"record": CANARY}),
    "ours, an error": lambda: ours.error("failed: %s", error(CANARY)),
    "ours, an error by name": lambda: ours.error("failed: %(e)s", {"e": error(CANARY)}),
    "ours, an error alone": lambda: ours.error(error(CANARY)),
    "ours, a traceback": lambda: ours.error("worker stopped", exc_info=chained()),
    "a warning": lambda: warnings.warn(CANARY, stacklevel=1),
    "a thread": lambda: thread_ends(),
    "an error nobody can be told": lambda: unraisable(),
    "a task": lambda: asyncio.run(task_is_lost()),
    "the end": lambda: sys.excepthook(ValueError, error(CANARY), None),
}  # fmt: skip


def thread_ends() -> None:
    """With an error."""
    thread = threading.Thread(target=lambda: (_ for _ in ()).throw(ValueError(CANARY)))
    thread.start()
    thread.join()


def unraisable() -> None:
    """An object that cannot be taken away in peace."""

    class Last:
        def __del__(self) -> None:
            raise ValueError(CANARY)

    Last()
    gc.collect()


async def task_is_lost() -> None:
    """Its error is never asked for."""

    async def fails() -> None:
        raise ValueError(CANARY)

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("way", WAYS)
def test_no_text_of_an_article_is_written(way: str, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is said each time; no word of the article."""
    alone(said, monkeypatch)
    WAYS[way]()
    assert said.getvalue()
    assert not [word for word in CANARY.split() if len(word) > 2 and word in said.getvalue()], said.getvalue()
    assert "cannot be written" not in said.getvalue()


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.sampled_from([CANARY, CANARY.encode(), ValueError(CANARY), Odd(), RECORD, 5, 2.5, None]),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.just(CANARY), inner) | st.tuples(inner, inner),
    ),
    st.sampled_from(["%s", "%r", "%d", "%.3f", "%%", "%s %s", "%(a)s", "%z", ""]),
)
def test_no_shape_of_arguments_lets_it_through(value: Any, form: str) -> None:
    """Nested as it may be, under any conversion, wrong ones included."""
    handler = logs._Stderr(json=False)
    handler.stream = Said()
    for args in ((value,), (value, value), ({"a": value},)):
        handler._heard.clear()
        handler.emit(logging.LogRecord("faust", logging.DEBUG, "x.py", 1, form, args, None))
        handler.emit(logging.LogRecord("faust", logging.DEBUG, "x.py", 2, value, args, None))
    assert "3f81" not in handler.stream.getvalue()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: library.info("Offset %d of %s is gone", 17, TopicPartition("articles.raw", 3)),
         "Offset 17 of TopicPartition(articles.raw, 3) is gone"),
        (lambda: library.error("Unable connect to %s: %s", "kafka-1.example", error(111, "x", kind=OSError)),
         "Unable connect to kafka-1.example: ConnectionRefusedError: Connection refused"),
        (lambda: library.error("Node %s: %s", 2, error("not taken", kind=RuntimeError)), "Node 2: RuntimeError"),
        (lambda: library.error("Cannot log in: %s", BrokerError("the password is wrong")), "in: the password is wrong"),
        (lambda: library.debug("%s took %.2f s, %s", asyncio.Queue, 1.234, True), "Queue took 1.23 s, True"),
        (lambda: library.debug("Response: %s", "12345"), "Response: <str 5>"),
        (lambda: Service().log.info("Starting %r", 5), "Starting 5"),
        (lambda: ours.warning("%s is refused", "urn:x:1"), "urn:x:1 is refused"),
        (lambda: ours.error("stopped: %s", BrokerError("no broker at x:1; do y")), "stopped: no broker at x:1; do y"),
    ],
)  # fmt: skip
def test_what_an_operator_needs_is_said(call: Callable[[], None], words: str, said: Said) -> None:
    """A library's own words, numbers, our topics and hosts, what the system says; our errors in full."""
    call()
    assert words in said.getvalue()


def test_a_traceback_says_where(said: Said) -> None:
    """Types, files, lines of code, and texts that stand in the code."""

    def fails() -> None:
        raise ValueError("the batch is empty")

    try:
        fails()
    except ValueError:
        ours.exception("worker stopped")
    for words in ("worker stopped", "Traceback", "test_logs.py", "in fails", "ValueError: the batch is empty"):
        assert words in said.getvalue()


@pytest.mark.parametrize(
    "hostile", ["\x1b]0;x\x07", "\n2026-11-30 ERROR forged", "\x9b2J", "\u202e", "\x7f", "\r", "\u2028", "\ud800"]
)
def test_a_log_line_controls_no_terminal_and_forges_no_line(hostile: str, said: Said) -> None:
    """C0, C1, bidi, DEL, line ends, lone surrogates: written as escapes, in one line."""
    ours.warning("%s is refused", hostile)
    (line,) = said.getvalue().split("\n")[:-1]
    assert line.isprintable()
    assert "is refused" in line


def test_json_lines_are_json(said: Said) -> None:
    """Each of them, traceback included."""
    library.error("Failed", exc_info=error(CANARY))
    if said.getvalue().startswith("{"):
        line = orjson.loads(said.getvalue())
        assert (line["level"], line["logger"], line["message"]) == ("error", library.name, "Failed")
        assert line["error"].endswith("ValueError")


def test_a_library_that_repeats_itself_is_counted(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in ten seconds for each place; what we say ourselves is always heard."""
    now = [1000.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: now[0])

    def storm() -> None:
        for i in range(500):
            library.error("Unable connect to node %s", i)
            library.error(f"Unable to request {i}")

    storm()
    assert len(said.lines) == 2
    now[0] += 11
    storm()
    assert len(said.lines) == 4
    assert "(and 499 more like it)" in said.lines[2]
    for _ in range(3):
        ours.error("said")
    assert len(said.lines) == 7


def test_a_group_on_a_new_broker_is_no_error(said: Said) -> None:
    """Its coordinator comes with the topic of all groups; what else a coordinator answers is heard."""
    coordinator = logging.getLogger("aiokafka.consumer.group_coordinator")
    coordinator.error("Group Coordinator Request failed: %s", errors.GroupCoordinatorNotAvailableError())
    coordinator.error("Group Coordinator Request failed: %s", errors.GroupAuthorizationFailedError())
    waits, denied = (line.upper() for line in said.lines)
    assert "INFO" in waits
    assert "ERROR " not in waits
    assert "ERROR" in denied.replace("FAILEDERROR", "")


def test_stderr_on_a_full_disk_ends_nothing(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that cannot be written is no reason to stop."""

    def full(_: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(said, "write", full)
    ours.error("said")
    library.error("said")


def test_a_command_that_fails_by_a_bug_shows_no_value() -> None:
    """The last traceback of all goes the same way."""
    program = (
        "from agents.monitoring import logs\nlogs.configure(level='debug', format='text')\n"
        f"raise ValueError('{CANARY}'.upper())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean_environment({}),
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.endswith("ValueError\n")

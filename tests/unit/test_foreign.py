"""What strangers wrote comes out as text that moves nothing; printable text of every script comes out as it is."""

from __future__ import annotations

import io
import json
import logging
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from agents import foreign
from agents.cli import output
from agents.monitoring import logs
from tests.unit.hostile import BYTES, NASTY, PIECES, PRINTABLE, TEXTS, moves

ANYTHING = TEXTS | st.text(st.characters()) | BYTES | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl"]))


@given(ANYTHING)
def test_a_line_controls_no_terminal(value: str | bytes) -> None:
    """Nor does it end before its end; and what is escaped once is not changed any more."""
    shown = foreign.text(value)
    assert moves(shown.encode()) == []
    assert "\n" not in shown
    assert foreign.text(shown) == shown


@given(ANYTHING)
def test_of_several_lines_only_the_line_ends_stay(value: str | bytes) -> None:
    """Where a text may have several."""
    assert moves(foreign.lines(value).encode()) == []


@pytest.mark.parametrize("text", PRINTABLE)
def test_printable_text_stays_as_it_is(text: str) -> None:
    """Of every script, with the joiners of Persian, Hindi and emoji, and blanks of any width."""
    assert foreign.text(text) == foreign.lines(text) == text


@given(st.lists(st.sampled_from(PRINTABLE)).map(" ".join))
def test_printable_texts_together_stay_too(text: str) -> None:
    """Whatever stands beside what."""
    assert foreign.text(text) == text


@pytest.mark.parametrize("piece", [p for p in PIECES if moves(p.encode()) and "\\" not in p])
def test_what_is_escaped_can_be_told(piece: str) -> None:
    """The escape is that of Python's own literals, so the desk knows what was there."""
    assert foreign.text(piece).encode().decode("unicode_escape", "strict") == piece


@pytest.mark.parametrize("char", ["\u034f", "\u115f", "\u17b4", "\u3164", "\uffa0", "\u200b", "\u2060", "\U000e0041"])
def test_what_no_font_draws_is_escaped(char: str) -> None:
    """Whether Unicode calls it a letter, a mark or a format."""
    assert (
        foreign.text(f"a{char}b")
        == "a" + repr(char.encode("unicode_escape").decode())[1:-1].replace("\\\\", "\\") + "b"
    )


def test_bytes_that_are_no_text_are_named() -> None:
    """In values, and in names of files as Python keeps them."""
    assert foreign.text(b"caf\xe9") == "caf\\xe9"
    assert foreign.text("caf\udce9") == "caf\\xe9"


@given(ANYTHING, st.integers(1, 40))
def test_a_limit_holds(value: str | bytes, limit: int) -> None:
    """However long the escapes are."""
    shown = foreign.text(value, limit=limit)
    assert len(shown) <= limit
    whole = foreign.text(value)
    assert shown == whole if len(whole) <= limit else shown.endswith("…")


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(JSONS)
def test_a_line_of_json_is_one_line_and_controls_no_terminal(value: object) -> None:
    """And holds what was given to it."""
    line = foreign.json_line(value)
    assert moves(line) == []
    assert b"\n" not in line
    assert json.loads(line) == value


def test_half_characters_are_shown_in_json() -> None:
    """JSON cannot hold them: a byte of a file's name that is no UTF-8, half of a surrogate pair."""
    assert foreign.json_line({"\udce9": ["\ud800x"]}) == b'{"\\\\xe9":["\\\\ud800x"]}'


@given(JSONS.map(lambda value: json.dumps(value, indent="\t", ensure_ascii=False).encode("utf-8", "replace")))
def test_a_message_of_json_is_the_same_json_on_one_line(value: bytes) -> None:
    """Numbers of any length included."""
    line = foreign.message_json(value)
    assert moves(line) == []
    assert b"\n" not in line
    found = json.loads(line)
    if "notJson" not in str(found):  # numbers that no JSON parser of ours takes are wrapped
        assert found == json.loads(value)


@given(BYTES)
def test_any_message_is_one_line_of_json(value: bytes) -> None:
    """What is no JSON is wrapped, with all its bytes."""
    import base64

    line = foreign.message_json(value)
    assert moves(line) == []
    assert b"\n" not in line
    found = orjson.loads(line)
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        assert set(found) == {"notJson", "base64"}
        assert base64.b64decode(found["base64"]) == value


def test_a_message_without_a_value_is_null() -> None:
    """A byte order mark before JSON is no part of it."""
    assert foreign.message_json(None) == b"null"
    assert foreign.message_json(b'\xef\xbb\xbf{"a":\r\n1}') == b'{"a":  1}'


class Streams:
    """stdout and stderr for a while, as a terminal's program would see them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.out, self.err = io.BytesIO(), io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(self.out, "utf-8", write_through=True))
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(self.err, "utf-8", write_through=True))


HOSTILE = "x" + "".join(PIECES) + "\ud800\udcff"


def test_a_command_that_forgets_to_escape_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way out makes sure by itself."""
    streams = Streams(monkeypatch)
    output.prepare()
    output.say(HOSTILE)
    output.say_lines(HOSTILE)
    output.complain(HOSTILE)
    output.complaint({HOSTILE: HOSTILE})
    output.record(json.dumps({"a": HOSTILE.encode("utf-8", "replace").decode()}, ensure_ascii=False).encode())
    assert moves(streams.out.getvalue()) == moves(streams.err.getvalue()) == []
    assert streams.out.getvalue().count(b"\n") == 2 + HOSTILE.count("\n") + 1
    assert streams.err.getvalue().count(b"\n") == 2


@pytest.mark.parametrize("terminal", [True, False])
def test_a_console_does_no_harm_either(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither as plain text nor in tables and titles; markup, links and emoji codes are not taken for such."""
    from rich.table import Table

    streams = Streams(monkeypatch)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    out = output.console()
    assert out.is_terminal == terminal
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    out.print(HOSTILE, Text(HOSTILE, style="red"), table, soft_wrap=True)
    out.print("[bold]:x:[/] [link=http://x]y[/]", soft_wrap=True)
    shown = streams.out.getvalue()
    assert moves(shown, colours=True) == []
    assert b"[bold]:x:[/] [link=http://x]y[/]" in shown
    assert (b"\x1b[31m" in shown) == terminal  # its own red


def test_a_traceback_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an exception that nobody foresaw, or with --debug."""
    streams, hook = Streams(monkeypatch), sys.excepthook
    try:
        output.prepare()
        try:
            raise RuntimeError(HOSTILE)
        except RuntimeError as error:
            sys.excepthook(RuntimeError, error, error.__traceback__)
    finally:
        sys.excepthook = hook
    assert b"Traceback" in streams.err.getvalue()
    assert moves(streams.err.getvalue()) == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_has_not_the_letters_gets_escapes(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no traceback."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding, write_through=True))
    hook = sys.excepthook
    output.prepare()
    sys.excepthook = hook
    output.say("東京")
    assert raw.getvalue() == b"\\u6771\\u4eac\n"


@pytest.mark.parametrize("format", ["text", "json"])
@given(message=NASTY)
def test_a_log_line_is_one_line(format: str, message: str) -> None:
    """A message or an exception that quotes untrusted text forges no second line and controls no terminal."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {name: logging.getLogger(name).level for name in ("", "aiokafka", "faust", "mode")}
    try:
        logs.configure(level="warning", format=format)
        (handler,) = root.handlers
        record = logging.LogRecord("agents.x", logging.WARNING, "x.py", 1, "it says %s", (message,), None)
        handler.stream = io.StringIO()  # type: ignore[attr-defined]
        handler.handle(record)
        line = handler.stream.getvalue()  # type: ignore[attr-defined]
        assert line.endswith("\n")
        assert "\n" not in line[:-1]
        assert "it says" in line
        assert moves(line.encode()) == []
        try:
            raise ValueError(message)
        except ValueError:
            record.exc_info = sys.exc_info()
        handler.stream = io.StringIO()  # type: ignore[attr-defined]
        handler.handle(record)
        assert "ValueError" in handler.stream.getvalue()  # type: ignore[attr-defined]
        assert moves(handler.stream.getvalue().encode()) == []  # type: ignore[attr-defined]
    finally:
        root.handlers[:] = before
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)

"""The output of commands: results on stdout, messages on stderr.

Every function escapes what could control a terminal (agents/foreign.py), so a command that forgets to escape untrusted
text does no harm. The linter and a test make sure that commands write nowhere else.
"""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

from agents import foreign

_OUT, _ERR = "stdout", "stderr"


def prepare() -> None:
    """Set up both streams: what the terminal's encoding has not is escaped, and tracebacks are made safe too."""
    for name in (_OUT, _ERR):
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.excepthook = _traceback


def say(line: object = "") -> None:
    """One line on stdout."""
    print(foreign.text(line))


def say_lines(text: object) -> None:
    """Text of several lines on stdout."""
    print(foreign.lines(text))


def complain(line: object) -> None:
    """One line on stderr."""
    print(foreign.text(line), file=sys.stderr)


def record(line: bytes) -> None:
    """One line of JSON on stdout, at once. `line` is valid JSON."""
    sys.stdout.flush()
    sys.stdout.buffer.write(foreign.json_text(line) + b"\n")
    sys.stdout.buffer.flush()


def complaint(value: dict[str, Any]) -> None:
    """One line of JSON on stderr."""
    print(foreign.json_line(value).decode(), file=sys.stderr)


def raw(value: bytes) -> None:
    """Untrusted bytes, unescaped: for a file or a pipe, never for a terminal (see `is_terminal`)."""
    sys.stdout.flush()
    sys.stdout.buffer.write(value)


def is_terminal(*, stderr: bool = False) -> bool:
    """Whether a person looks at this stream."""
    return (sys.stderr if stderr else sys.stdout).isatty()


def console(*, stderr: bool = False) -> Console:
    """A console for tables and colours. It knows no markup: `[bold]` and `:x:` in a text are these characters."""
    plain: dict[str, Any] = {"stderr": stderr, "highlight": False, "emoji": False, "markup": False}
    found = Console(**plain)
    if not found.is_terminal:
        # Into a file or a pipe there is no width to fit: eighty columns would only break lines.
        found = Console(**plain, width=120)
    found.push_render_hook(_Hook())
    return found


def shown(value: Any, *, style: str = "", limit: int | None = None) -> Text:
    """Untrusted text for a console, as one line."""
    return Text(foreign.text(value, limit=limit), style=style)


class _Hook(RenderHook):
    """Puts every renderable behind `_Safe`, whatever a command made it of."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Safe(each) for each in renderables]


class _Safe:
    """A renderable whose text cannot control the terminal. Rich's own colours are not text, and stay."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._inner, options):
            if segment.control:
                yield segment
            else:
                yield Segment(foreign.lines(segment.text), segment.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._inner)


def _traceback(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    text = "".join(traceback.format_exception(kind, error, at))
    print(foreign.lines(text), end="", file=sys.stderr)

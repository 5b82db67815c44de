"""Log lines on stderr, for people or as JSON; they hold ids and coordinates, never article text.

Libraries log whole records (aiokafka each answer of the broker, Faust each event), and the text of an exception can
hold the data that caused it. So there is no list of known messages; instead, only these parts of a library's message
are written: text from the library's own source code, numbers, and names from the settings (topics, hosts). Every other
value is written as its type and size. An exception is written as its type and the place where it was raised, with its
text only if the text is ours or from the source code. A repeated message of a library is written once in ten seconds.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from agents.monitoring.log_reduction import Named, known, literal, one_line, reduced, reduced_error

_REPEAT_SECONDS = 10.0
_CHATTY = ("aiokafka", "faust", "mode")
_OURS = ("copydesk", "agents", "pipeline")

_chosen = {"level": "warning", "format": "text"}


def configure(*, level: str, format: str) -> None:
    """Send the log to stderr; libraries are heard from warnings on unless `level` is debug."""
    _chosen.update(level=level, format=format)
    handler = _Stderr(json=format == "json")
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel("DEBUG" if level == "debug" else "WARNING")
    # That the broker has deleted what was not read yet is said there, and only there.
    logging.getLogger("aiokafka.consumer.fetcher").setLevel("INFO" if level == "info" else "NOTSET")
    # A broker that was never asked for a group makes the topic of all groups first; aiokafka asks again.
    logging.getLogger("aiokafka.consumer.group_coordinator").addFilter(_softened)
    # What Python itself writes to stderr goes the same way.
    warnings.showwarning = _warned
    sys.excepthook = _ended
    threading.excepthook = _thread_ended
    sys.unraisablehook = _unraisable


def _softened(record: logging.LogRecord) -> bool:
    if "GroupCoordinatorNotAvailableError" in map(_kind, record.args or ()):
        record.levelno, record.levelname = logging.INFO, "INFO"
    return record.levelno >= logging.getLogger(record.name).getEffectiveLevel()


def _kind(value: object) -> str:
    return value.__name__ if isinstance(value, type) else type(value).__name__


def for_children() -> dict[str, str]:
    """What a child process calls `configure` with; at debug it would say too much of too many pages."""
    return _chosen | ({"level": "info"} if _chosen["level"] == "debug" else {})


def know(names: Iterable[str]) -> None:
    """Names that libraries may log as they are: topics, the group, hosts."""
    known.update(name for name in names if name)


class _Stderr(logging.StreamHandler[Any]):
    """Formats what it is handed while the caller's frames still stand: they tell what is the library's own text."""

    def __init__(self, *, json: bool) -> None:
        super().__init__(sys.stderr)
        self._json = json
        self._heard: dict[tuple[object, ...], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        try:
            ours = record.name.split(".", 1)[0] in _OURS
            said = None if ours else literal(record.msg)
            more = 0 if ours else self._repeated((record.name, record.levelno, record.pathname, record.lineno, said))
            if more < 0:
                return
            message = _ours(record) if ours else _foreign(record, said)
            if more:
                message += f" (and {more} more like it)"
            error = record.exc_info[1] if record.exc_info else None
            self.stream.write(self._line(record, one_line(message), traceback_of(error) if error else ""))
            self.flush()
        except RecursionError:
            raise
        except Exception as error:  # never through logging.Handler.handleError, which prints the record
            with suppress(OSError, ValueError):  # a full disk, a closed stderr
                self.stream.write(f"a log line of {record.name} cannot be written ({type(error).__name__})\n")

    def _repeated(self, key: tuple[object, ...]) -> int:
        """How many like it were silenced since it was heard last; -1 if it is to be silenced too."""
        now = time.monotonic()
        since, silenced = self._heard.get(key, (-_REPEAT_SECONDS, 0))
        if now - since < _REPEAT_SECONDS:
            self._heard[key] = (since, silenced + 1)
            return -1
        if len(self._heard) > 1000:
            self._heard.clear()
        self._heard[key] = (now, 0)
        return silenced

    def _line(self, record: logging.LogRecord, message: str, error: str) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        if self._json:
            line = {
                "time": at.isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": message,
            }
            return orjson.dumps(line | ({"error": error} if error else {})).decode() + "\n"
        when = at.astimezone().strftime("%Y-%m-%dT%H:%M:%S%z")
        return f"{when} {record.levelname:<7} {record.name}: {message}\n" + (f"{error}\n" if error else "")


def _ours(record: logging.LogRecord) -> str:
    """Our own words, but no exception's."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(map(_no_error, args))
    elif args:
        args = {key: _no_error(value) for key, value in args.items()}
    message = str(_no_error(record.msg))
    return message % args if args else message


def _no_error(value: object) -> Any:
    return reduced_error(value) if isinstance(value, BaseException) else value


def _foreign(record: logging.LogRecord, said: str | None) -> str:
    args = record.args
    if said is None:
        return f"{reduced(record.msg)} at {record.filename}:{record.lineno}"
    if not args:
        return said
    try:
        if isinstance(args, tuple):
            return said % tuple(map(reduced, args))
        return said % Named(args)
    except (TypeError, ValueError, KeyError):
        return f"{said} {reduced(args)}"


def traceback_of(error: BaseException) -> str:
    """Where it was raised, and its causes: types, files and lines of code, no value."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.StackSummary.extract(traceback.walk_tb(current.__traceback__), limit=-40)
        where = "".join(traceback.format_list(frames))
        parts.append(f"Traceback (most recent call last):\n{where}{one_line(reduced_error(current))}")
        cause = current.__cause__
        current = cause if cause or current.__suppress_context__ else current.__context__
    return "\nwhich was caused by:\n".join(parts)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    logging.getLogger("copydesk").warning("%s at %s:%d", category.__name__, filename, lineno)


def _ended(kind: type[BaseException], error: BaseException, _: object) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(f"{traceback_of(error)}\n")


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    if args.exc_value and not isinstance(args.exc_value, SystemExit):
        logging.getLogger("copydesk").error("a thread ended", exc_info=args.exc_value)


def _unraisable(args: Any) -> None:
    if args.exc_value:
        logging.getLogger("copydesk").error("an error that nobody could be told of", exc_info=args.exc_value)

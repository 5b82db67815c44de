"""Log lines on stderr, for people or as JSON; a client library that repeats itself is heard once in ten seconds.

Log lines hold ids and coordinates, never article text.
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime

from agents import foreign

_REPEAT_SECONDS = 10.0
_CHATTY = ("aiokafka", "faust", "mode")


class _OnceInAWhile(logging.Filter):
    """In a broker outage aiokafka says the same a hundred times a second: let one through and count the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(_CHATTY):
            return True
        key = (record.name, record.levelno, str(record.msg)[:80])
        now = time.monotonic()
        since, silenced = self._heard.get(key, (-_REPEAT_SECONDS, 0))
        if now - since < _REPEAT_SECONDS:
            self._heard[key] = (since, silenced + 1)
            return False
        if len(self._heard) > 1000:
            self._heard.clear()
        self._heard[key] = (now, 0)
        if silenced:
            record.msg = f"{record.msg} (and {silenced} more like it)"
        return True


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = foreign.text(record.message)  # a message may quote a stranger: it forges no second line
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return foreign.lines(super().format(record))  # tracebacks too


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = self.formatException(record.exc_info)
        return foreign.json_line(line).decode()


def configure(*, level: str, format: str) -> None:
    """Send the log to stderr; libraries are heard from warnings on unless `level` is debug."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if format == "json" else _Text())
    handler.addFilter(_OnceInAWhile())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel("DEBUG" if level == "debug" else "WARNING")
    if level == "info":  # that the broker has deleted what was not read yet is said there, and only there
        logging.getLogger("aiokafka.consumer.fetcher").setLevel("INFO")

"""Fields that articles have and nobody reads: a metric over a bounded set, and a log line now and then.

A feeder can write any name, and a whole text for one: only names that are plain words are told, the first MOST that a
stage meets. All others are counted as `other`.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence

from prometheus_client import Counter

MOST = 30  # names
OTHER = "other"
_SECONDS = 60.0  # between two lines of the log
_PLAIN = re.compile(r"[A-Za-z_@$][A-Za-z0-9_.:@$-]{0,39}\Z")
_log = logging.getLogger("copydesk")


class UnknownFields:
    """Counts them, and logs each name once."""

    def __init__(self, counter: Counter, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._counter = counter
        self._clock = clock
        self._names: set[str] = set()
        self._waiting: list[str] = []
        self._logged = -_SECONDS

    def saw(self, names: Sequence[str], count: int) -> None:
        """One article's: `names` are some of `count` fields."""
        counted = 0
        for name in names[:count]:
            if name not in self._names and len(self._names) < MOST and name != OTHER and _PLAIN.match(name):
                self._names.add(name)
                self._waiting.append(name)
            if name in self._names:
                self._counter.labels(name).inc()
                counted += 1
        if count > counted:
            self._counter.labels(OTHER).inc(count - counted)
        if self._waiting and self._clock() - self._logged >= _SECONDS:
            self._logged = self._clock()
            _log.warning(
                "fields of raw articles are not read: %s; COPYDESK_FIELD_MAP says what they are (docs/feeding.md)",
                ", ".join(self._waiting),
            )
            self._waiting.clear()

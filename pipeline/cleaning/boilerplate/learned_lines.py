"""Lines that recur across the articles of one source: learning them, and reading what was learned.

Rules know what all outlets write; only counting knows what one outlet writes under each of its articles. Learning is
`copydesk learn-boilerplate`: it reads many articles, counts each line by article and by day, and writes a small file
that a person has approved. The stage reads the file and nothing else, so results never depend on what a worker saw.

The file is JSON: `{"format": "copydesk-boilerplate/1", "sources": {source: {hash: {"text", "articles", "days"}}}}`.
"""

from __future__ import annotations

import hashlib
import pathlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from pipeline.article import Metadata
from pipeline.cleaning.boilerplate.rules import plain
from pipeline.errors import SettingsError

FORMAT = "copydesk-boilerplate/1"
MIN_ARTICLES = 5  # of one source, in which a line must stand
MIN_SHARE = 0.05  # of the source's articles
MIN_DAYS = 2  # on which: one story in many versions repeats itself for a day
MAX_DAYS = 10  # counted: more say no more
LONGEST = 600  # characters of a line
MAX_LINES = 200_000  # counted at a time over all sources; the rarest half is dropped when there are more
_DIGITS = re.compile(r"\d+")
_NOTHING: frozenset[str] = frozenset()


def key(line: str) -> str:
    """What two lines share that say the same but for numbers, case and quotes: 16 hex digits."""
    return hashlib.sha256(_DIGITS.sub("0", " ".join(plain(line).split())).encode()).hexdigest()[:16]


def sources(meta: Metadata) -> tuple[str, ...]:
    """The names under which an article's source may have been learned: the host of its URL, and the outlet's name."""
    names = []
    try:
        if meta.url and (host := urlsplit(meta.url).hostname):
            names.append(host.removeprefix("www."))
    except ValueError:
        pass
    if meta.source:
        names.append(" ".join(meta.source.lower().split()))
    return tuple(names)


@dataclass(frozen=True, slots=True)
class Learned:
    """The lines of each source, by their keys."""

    lines: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, meta: Metadata) -> frozenset[str]:
        """The keys that hold for an article."""
        if not self.lines:
            return _NOTHING
        return frozenset().union(*(self.lines.get(name, _NOTHING) for name in sources(meta)))


def read(path: pathlib.Path) -> Learned:
    """A list as `copydesk learn-boilerplate` wrote it. Raises SettingsError if it is none."""
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise SettingsError(f"the boilerplate list {path} cannot be read: {type(error).__name__}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("sources"), dict):
        raise SettingsError(f"{path} is not a boilerplate list of the format {FORMAT}")
    return Learned({source: frozenset(lines) for source, lines in data["sources"].items()})


@dataclass(slots=True)
class _Count:
    text: str
    articles: int = 0
    days: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A line that recurs: in how many articles of its source, of how many, on how many days (MAX_DAYS at most)."""

    source: str
    key: str
    text: str
    articles: int
    of: int
    days: int


class Counter:
    """Counts lines by source. Memory is bounded: MAX_LINES lines, each of at most LONGEST characters."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], _Count] = {}
        self._articles: dict[str, int] = {}

    def add(self, source: str, lines: Iterable[str], day: str | None) -> None:
        """Count one article's lines, each once; `day` is its date, None if unknown (it then counts as one day)."""
        self._articles[source] = self._articles.get(source, 0) + 1
        seen: set[str] = set()
        for line in lines:
            if len(line) > LONGEST or (name := key(line)) in seen:
                continue
            seen.add(name)
            count = self._lines.setdefault((source, name), _Count(line))
            count.articles += 1
            if len(count.days) < MAX_DAYS:
                count.days.add(day or "")
        if len(self._lines) > MAX_LINES:
            self._shrink()

    def _shrink(self) -> None:
        """Drop the rarer half: a line that recurs has been seen again by then; another can be counted again."""
        ranked = sorted(self._lines.items(), key=lambda item: item[1].articles, reverse=True)
        self._lines = dict(ranked[: MAX_LINES // 2])

    def found(
        self, *, min_articles: int = MIN_ARTICLES, min_share: float = MIN_SHARE, min_days: int = MIN_DAYS
    ) -> list[Found]:
        """The lines over the thresholds, by source and then the most frequent first."""
        result = [
            Found(
                source=source, key=name, text=count.text, articles=count.articles,
                of=self._articles[source], days=len(count.days),
            )
            for (source, name), count in self._lines.items()
            if count.articles >= max(min_articles, min_share * self._articles[source]) and len(count.days) >= min_days
        ]  # fmt: skip
        return sorted(result, key=lambda line: (line.source, -line.articles, line.text))


def dump(found: Iterable[Found]) -> bytes:
    """The file: sorted, indented, the same bytes for the same lines."""
    listed: dict[str, dict[str, Any]] = {}
    for line in found:
        listed.setdefault(line.source, {})[line.key] = {"text": line.text, "articles": line.articles, "days": line.days}
    data = {"format": FORMAT, "sources": listed}
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)

"""Dates as newsrooms write them, read as instants: ISO 8601, RFC 822, epochs, and what people read in many languages.

    read("March 3, 2026 8:00 PM EST") -> Moment(at=2026-03-03T20:00:00-05:00, timed=True, zoned=True)

What may mean two days (03/04/2026) is unreadable unless the language decides: a wrong date is worse than none. Names of
months and abbreviations of zones are in pipeline/data (CLDR; zones as newsrooms use them).
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

MAX_LENGTH = 200  # characters: what is longer is no date
EARLIEST, LATEST = 1900, 2100  # years; what lies outside is odd
FIRST_YEAR = 1000  # what lies before (0001-01-01) stands for no date
_THAI = 543  # years that the Buddhist era is ahead

_EPOCH = re.compile(r"[1-3]\d{9}(?:\.\d{1,9})?|[1-3]\d{12}")  # seconds or milliseconds, of 2001 to 2096
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?:[t ]?([0-2]\d)([0-5]\d)([0-5]\d)?)?(?!\d)")
_YMD = re.compile(r"(?<!\d)(\d{4})\s?(?:[-/.]|年|년)\s?(\d{1,2})\s?(?:[-/.]|月|월)\s?(\d{1,2})(?!\d)\s?[日일]?\.?")
_DMY = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})(?!\d)")
_WORD = r"(?<![^\W\d_])[^\W\d_][^\s\d.,/|()-]{1,20}"
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?!\d)(?:st|nd|rd|th|er|º|ª|°|\.)?[\s,/-]{{0,3}}(?:(?:de|of|di|da|ta|a)\s{{1,2}}|d['’])?({_WORD})[.,'’]{{0,2}}[\s,/-]{{0,3}}(?:de|del|of|năm)?\s{{0,2}}(\d{{4}}|\d{{2}}(?=\s+\d{{1,2}}:))?"
)
_MONTH_DAY = re.compile(
    rf"({_WORD})[.,]?[\s/-]{{0,3}}(\d{{1,2}})(?![\d:])(?:st|nd|rd|th|,|\.)?[\s,/-]{{0,3}}(?:de|del)?\s{{0,2}}(\d{{4}})?(?!\d)"
)
_YEAR_MONTH_DAY = re.compile(rf"(?<!\d)(\d{{4}})\.?[\s,/-]{{1,3}}({_WORD})\.?[\s/-]{{1,3}}(\d{{1,2}})(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2}) tháng (\d{1,2}),? (?:năm )?(\d{4})")
_LONE_YEAR = re.compile(r"(?<![\d:.+-])((?:19|20)\d\d)(?![\d:])")
_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2})(?:\s?[:h]\s?|[.時시点]\s?)(\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s?分?(?!\d)\s*(?:([ap])\.?\s?m\b\.?)?"
)
_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})\s*(?:([ap])\.?\s?m\b\.?|([時시])|uhr\b|h\b)")
_OFFSET = re.compile(r"\s*(?:\(?(?:utc|gmt)\)?\s?)?([+−-])(\d{1,2}):?(\d{2})?(?!\d)")
_NAMED = re.compile(r"[\s,(]*([^\W\d_]{1,5})\b")
_AFTERNOON = re.compile(r"下午|晚上|오후|午後")
_MORNING = re.compile(r"上午|오전|午前")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something was: `at` has a zone (UTC if none was given). `timed`: a time of day was given; `zoned`: a zone."""

    at: datetime
    timed: bool
    zoned: bool

    @property
    def odd(self) -> bool:
        """Whether no article that is read today is of this year."""
        return not EARLIEST <= self.at.year <= LATEST

    def rfc3339(self) -> str:
        """With the zone that it was given in."""
        return self.at.isoformat().replace("+00:00", "Z")

    def later_than(self, now: datetime | None, *, by: timedelta = timedelta(days=1)) -> bool:
        """Whether it lies in the future of `now`, clocks and zones allowed for."""
        return now is not None and self.at - now > by


def read(text: str, *, language: str | None = None) -> Moment | None:
    """The moment that a text names, None if it names none that is beyond doubt. `language` is BCP 47."""
    text = unicodedata.normalize("NFKC", text[: MAX_LENGTH + 1]).casefold().strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    tongue = (language or "").replace("_", "-").casefold()
    try:
        return _epoch(text) or _exact(text) or _written(text, tongue)
    except (ValueError, OverflowError):
        return None


def _epoch(text: str) -> Moment | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = float(text)
    seconds = seconds / 1000 if seconds > 1e11 else seconds
    return Moment(at=datetime.fromtimestamp(seconds, UTC).replace(microsecond=0), timed=True, zoned=True)


def _exact(text: str) -> Moment | None:
    """ISO 8601 as `datetime` reads it: most of all dates."""
    if not re.match(r"\d{4}-\d\d-\d\d(?:$|[t ]\d\d:\d\d)", text):
        return None
    try:
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if not FIRST_YEAR <= at.year < 9999:
        return None
    zoned = at.tzinfo is not None
    return Moment(at=at if zoned else at.replace(tzinfo=UTC), timed=len(text) > 10, zoned=zoned)


def _written(text: str, language: str) -> Moment | None:
    compact = _COMPACT.search(text)
    if compact and not _YMD.search(text):
        year, month, day, *given = (int(part or 0) for part in compact.groups())
        rest = text[compact.end() :]
        return _made((year, month, day), given if compact[4] else None, *_zone(rest, language))
    found = _date(text, language)
    if found is None:
        return None
    (year, month, day), start, end = found
    if 2400 < year < 2700 and re.search(r"[\u0e00-\u0e7f]", text):
        year -= _THAI
    # A time of day stands behind the date, or else before it.
    before, behind = text[:start], text[end:]
    for part in (behind, before):
        if clock := _clock(part):
            hours, stop = clock
            return _made((year, month, day), hours, *_zone(part[stop:], language, year=_LONE_YEAR))
    return _made((year, month, day), None, None, False)


def _made(date: tuple[int, int, int], clock: list[int] | None, zone: tzinfo | None, zoned: bool) -> Moment:
    hour, minute, second = clock or (0, 0, 0)
    if not FIRST_YEAR <= date[0] < 9999:
        raise ValueError("a place holder")
    naive = datetime(*date, 0, minute, second) + timedelta(hours=hour)  # 24:00 is the next day
    if hour > 24:
        raise ValueError("no such hour")
    if isinstance(zone, ZoneInfo):
        zone = timezone(zone.utcoffset(naive) or timedelta())
    return Moment(at=naive.replace(tzinfo=zone or UTC), timed=clock is not None, zoned=zoned)


_Date = tuple[tuple[int, int, int], int, int]  # year, month, day; start and end in the text


def _date(text: str, language: str) -> _Date | None:
    """The first date of a text: in figures, then with the name of its month."""
    if found := _YMD.search(text):
        return (int(found[1]), int(found[2]), int(found[3])), found.start(), found.end()
    if found := _VIETNAMESE.search(text):
        return (int(found[3]), int(found[2]), int(found[1])), found.start(), found.end()
    if found := _DMY.search(text):
        first, second = int(found[1]), int(found[3])
        order = _order(first, second, found[2], language)
        return ((int(found[4]), *order), found.start(), found.end()) if order else None
    return _by_name(text, language)


def _order(first: int, second: int, mark: str, language: str) -> tuple[int, int] | None:
    """(month, day) of two figures; None if both orders are possible and nothing decides."""
    if second > 12:
        return first, second
    if first > 12 or first == second or mark != "/":
        return second, first
    if language in ("en-us", "en-ph", "fil"):
        return first, second
    return (second, first) if language and language != "en" else None


def _by_name(text: str, language: str) -> _Date | None:
    for pattern, order in ((_YEAR_MONTH_DAY, (1, 2, 3)), (_DAY_MONTH, (3, 2, 1)), (_MONTH_DAY, (3, 1, 2))):
        for found in pattern.finditer(text):
            year, name, day = (found[n] for n in order)
            if not (month := _month(name, language)):
                continue
            if year:
                return (_century(int(year)), month, int(day)), found.start(), found.end()
            # "Tue Mar 03 08:00:00 EST 2026": the year stands behind the time.
            if last := _LONE_YEAR.search(text, found.end()):
                return (int(last[1]), month, int(day)), found.start(), found.end()
    return None


def _century(year: int) -> int:
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _month(name: str, language: str) -> int | None:
    months = _months().get(name)
    if not months:
        return None
    if len(months) == 1:
        return months[0][0]
    return next((month for month, languages in months if language[:2] in languages), None)


def _clock(text: str) -> tuple[list[int], int] | None:
    """Hour, minute and second of the first time of day, and where it ends."""
    if found := _CLOCK.search(text):
        hour, minute, second, half = int(found[1]), int(found[2]), int(found[3] or 0), found[5]
    elif found := _HOUR.search(text):
        hour, minute, second, half = int(found[1]), 0, 0, found[2]
    else:
        return None
    if not half:
        head = text[: found.start()]
        half = "p" if _AFTERNOON.search(head) else "a" if _MORNING.search(head) else None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or second > 60:
        return None
    return [hour, minute, min(second, 59)], found.end()


def _zone(text: str, language: str, *, year: re.Pattern[str] | None = None) -> tuple[tzinfo | None, bool]:
    """The zone that a text begins with, and whether there is one."""
    if found := _OFFSET.match(text):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if hours <= 14 and minutes < 60 and not (year and year.match(text.strip())):
            sign = 1 if found[1] == "+" else -1
            return timezone(sign * timedelta(hours=hours, minutes=minutes)), True
    for found in _NAMED.finditer(text[:24]):
        name = found[1]
        if name in ("uhr", "h", "am", "pm"):
            continue
        for languages, zone in _zones().get(name, ()):
            if not languages or language[:2] == languages:
                behind = _OFFSET.match(text, found.end()) if name in ("utc", "gmt") else None
                return _zone(text[found.end() :], language) if behind else (zone, True)
        break
    return None, False


@cache
def _months() -> dict[str, list[tuple[int, frozenset[str]]]]:
    table: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for name, month, *languages in _rows("months.tsv"):
        table.setdefault(name, []).append((int(month), frozenset(" ".join(languages).split())))
    return table


@cache
def _zones() -> dict[str, list[tuple[str, tzinfo]]]:
    table: dict[str, list[tuple[str, tzinfo]]] = {}
    for name, where, *language in _rows("zones.tsv"):
        zone = ZoneInfo(where) if "/" in where else timezone(timedelta(minutes=int(where)))
        row = ("".join(language), zone)
        # What holds in one language goes before what holds in all.
        table[name] = [row, *table.get(name, [])] if row[0] else [*table.get(name, []), row]
    return table


def _rows(name: str) -> list[list[str]]:
    text = (resources.files("pipeline") / "data" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]

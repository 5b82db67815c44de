"""An instant in any of the forms that feeders write: ISO 8601, RFC 822, epochs, English and other prose.

What could be two instants (03/04/2026) is none: it is not guessed.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

MAX_LENGTH = 100  # characters: no date is longer
_MINUTES = {  # east of Greenwich
    "utc": 0, "gmt": 0, "ut": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "mez": 60, "mesz": 120,
    "met": 60, "mest": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "eat": 180, "cat": 120, "sast": 120, "wat": 60,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540,
    "akdt": -480, "hst": -600, "nst": -210, "ndt": -150, "adt": -180, "brt": -180, "pkt": 300, "npt": 345, "ict": 420,
    "wib": 420, "wita": 480, "wit": 540, "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "awst": 480, "jst": 540, "kst": 540,
    "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
_US = {"et": -300, "ct": -360, "mt": -420, "pt": -480}  # of winter
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier janv januar januari enero ene gennaio gen janeiro jänner jaen",
            "feb february février févr fév fevrier februar februari febrero febbraio febr fevereiro fev",
            "mar march mars märz maerz mrz mär maart marzo março marco mrt",
            "apr april avril avr abril aprile abr",
            "may mai mei mayo maggio mag maio maj",
            "jun june juin juni junio giugno giu junho",
            "jul july juillet juil juli julio luglio lug julho",
            "aug august août aout augustus agosto ago augusti",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october octobre oktober okt octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december décembre déc decembre dezember dez diciembre dic dicembre dezembro desember des",
        ),
        start=1,
    )
    for name in names.split()
}
_DIGITS = re.compile(r"-?\d{1,20}(?:\.\d{1,9})?\Z")
_NET = re.compile(r"/?Date\((-?\d{1,17})(?:[+-]\d{4})?\)/?\Z")
_LABEL = re.compile(
    r"(?:first )?(?:published|posted|updated|modified|created|date|dateline|released?|issued|publié|veröffentlicht|stand|am|le|on)(?: on| at| am| le)?\s*:?\s+",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[^\W\d_]{2,12}\.?,?\s+")
_REGION = re.compile(r"\s*\[[\w/+-]{1,40}\]\Z")  # java.time: 2026-03-03T08:00+01:00[Europe/Berlin]
_OFFSET = re.compile(
    r"\s*\(?(?:UTC|GMT)?\s?([+−-])(\d{1,2})(?::?(\d{2}))?\)?(?:\s*\([^()]{1,40}\)|\s[A-Z]{3,5})?\Z", re.IGNORECASE
)
_ZONE = re.compile(r"(?<=[\d\s.MmZ])\s*\(?([A-Za-z]{1,5})\)?\Z")
_CLOCK = re.compile(
    r"(?:\b(?:at|um|à|kl\.?)\s+)?\b([012]?\d)(?:[:.h]([0-5]\d)(?:[:.]([0-6]\d)(?:[.,]\d{1,9})?)?)?\s*(?:(a|p)\.?\s?m\b\.?|(?:Uhr|hrs?|h)\b)?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.|er|º)?[\s-]+(?:of |de |di )?([^\W\d_]{3,12})\.?,?[\s-]+(?:de |del )?'?(\d{4}|\d{2})(?![\d:])",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.IGNORECASE)
_ASCTIME = re.compile(
    r"([^\W\d_]{3,12})\.?\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)\s+(?:(\S{1,20})\s+)?((?:19|20)\d\d)\Z"
)
_T = re.compile(r"(?<=\d)T(?=\d)")
_SIGNS = " ,;|T@·•–-"
_BARE = re.compile(r"[\s,;|T@·•–-]*\Z")


def read(value: Any) -> tuple[datetime, bool] | None:
    """The instant in UTC, and whether its zone was said; None for what is none. Without a zone it is taken as UTC.

    Numbers are seconds since the epoch, or milli-, micro- or nanoseconds if they are so large.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        return None
    text = " ".join(value.split())
    if _DIGITS.match(text) and len(text) not in (8, 12, 14):
        return _epoch(float(text))
    if found := _NET.match(text):
        return _epoch(float(found[1]))
    try:
        return _iso(_REGION.sub("", text)) or _prose(text)
    except (ValueError, OverflowError):
        return None


def _epoch(number: float) -> tuple[datetime, bool] | None:
    size = abs(number)
    for least, unit in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0)):
        if least <= size < least * 1e3:
            try:
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=number / unit), True
            except OverflowError:  # before the year 1
                return None
    return None


def _iso(text: str) -> tuple[datetime, bool] | None:
    if len(text) in (12, 14) and text.isdecimal():
        text = f"{text[:8]}T{text[8:]}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC), False
    return moment.astimezone(UTC), True


def _prose(text: str) -> tuple[datetime, bool] | None:
    text = _LABEL.sub("", text, count=1) if (labelled := _LABEL.match(text)) and labelled.end() < len(text) else text
    if asctime := _ASCTIME.search(text):  # Tue Mar 3 08:00:00 CET 2026
        text = f"{asctime[1]} {asctime[2]} {asctime[5]} {asctime[3]} {asctime[4] or ''}".strip()
    rest, minutes, us = _without_zone(_T.sub(" ", text))
    found = _date(rest)
    if not found:
        return None
    (year, month, day), before, after = found
    if minutes is None and us is None and before.strip(" ,"):
        before, minutes, us = _without_zone(before.strip(" ,"))
    if after.strip(_SIGNS):
        clock = _clock(after) if not before.strip(_SIGNS) else None
    else:
        clock = _clock(before) if before.strip(_SIGNS) else (0, 0, 0)
    if clock is None:
        return None
    moment = datetime(year, month, day, *clock)
    if us is not None:
        minutes = us + (60 if _us_summer(moment) else 0)
    zone = timezone(timedelta(minutes=minutes)) if minutes is not None else UTC
    return moment.replace(tzinfo=zone).astimezone(UTC), minutes is not None


def _without_zone(text: str) -> tuple[str, int | None, int | None]:
    """The text without its zone; minutes east of Greenwich if it has one, or those of a zone of the United States."""
    found = _OFFSET.search(text)
    # "2026-03-03": the last hyphen of a date is no offset; one follows a time of day.
    if (
        found
        and (":" in text[: found.start()] or re.search(r"[\dmT]\Z|(?:UTC|GMT)", text[: found.start()]))
        and not (found[1] == "-" and ":" not in text[: found.start()])
    ):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes <= 14 * 60:
            return text[: found.start()], minutes if found[1] == "+" else -minutes, None
    found = _ZONE.search(text)
    if found:
        name = found[1].lower()
        if name in _MINUTES:
            return text[: found.start()], _MINUTES[name], None
        if name in _US:
            return text[: found.start()], None, _US[name]
        # A zone that nobody knows, or that several use (IST): the time is read as one without a zone.
        if found[1].isupper() and name not in ("am", "pm") and ":" in text[: found.start()]:
            return text[: found.start()], None, None
    return text, None, None


def _date(text: str) -> tuple[tuple[int, int, int], str, str] | None:
    """(year, month, day), and what stands before and after it."""
    if found := _YEAR_FIRST.search(text) or _CJK.search(text):
        groups = found.groups()
        date = int(groups[0]), int(groups[-2]), int(groups[-1])
    elif found := _YEAR_LAST.search(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] == "." or first > 12 or first == second:
            date = year, second, first
        elif second > 12:
            date = year, first, second
        else:
            return None
    elif (found := _DAY_MONTH.search(text)) and (month := _MONTHS.get(found[2].lower())):
        year = int(found[3])
        date = year + (0 if year > 99 else 2000 if year < 70 else 1900), month, int(found[1])
    elif (found := _MONTH_DAY.search(text)) and (month := _MONTHS.get(found[1].lower())):
        date = int(found[3]), month, int(found[2])
    else:
        return None
    weekday = _WEEKDAY.match(text)
    return date, text[weekday.end() if weekday else 0 : found.start()], text[found.end() :]


def _clock(text: str) -> tuple[int, int, int] | None:
    """The time of day that a text is; None if it is anything more."""
    found = _CLOCK.search(text)
    if not found or not _BARE.match(text[: found.start()]) or not _BARE.match(text[found.end() :]):
        return None
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    if half := (found[4] or "").lower():
        if not 1 <= hour <= 12:
            return None if hour > 23 or half == "a" else (hour, minute, min(second, 59))
        hour = hour % 12 + (12 if half == "p" else 0)
    elif found[2] is None and not re.search(r"uhr|h", found[0], re.IGNORECASE):
        return None
    return (hour, minute, min(second, 59)) if hour < 24 else None


def _us_summer(moment: datetime) -> bool:
    """Daylight saving time as the United States have it since 2007: second Sunday of March, first of November."""
    march, november = datetime(moment.year, 3, 1, 2), datetime(moment.year, 11, 1, 2)
    first = march + timedelta(days=(6 - march.weekday()) % 7 + 7)
    last = november + timedelta(days=(6 - november.weekday()) % 7)
    return first <= moment < last

"""When an article was published and last changed, of all that its page says.

What cannot be read never hides what can; a day never hides a time of that day; a time without a zone never hides the
same time with one; and a time in the future is believed only if there is no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline import moments
from pipeline.cleaning.extraction import json_ld
from pipeline.cleaning.extraction.elements import Elements
from pipeline.cleaning.quality import Flag
from pipeline.moments import Moment

Given = tuple[str | None, str | None, frozenset[Flag]]  # published, modified, flags


def of_page(
    nodes: Sequence[dict[str, Any]],
    metas: Callable[[str], list[str]],
    elements: Elements,
    *,
    language: str | None,
    now: datetime | None,
) -> Given:
    """Publication and update as RFC 3339, and what is to be said of them."""
    articles = [node for node in nodes if not json_ld.is_page(node)]
    pages = [node for node in nodes if json_ld.is_page(node)]
    times = list(elements.times())

    def said(field: str, key: str, kind: str) -> list[str]:
        given = [node.get(key) for node in articles] + metas(field)
        given += [text for what, text, rank in times if what == kind and rank == 0]
        given += [node.get(key) for node in pages]
        given += [text for what, text, rank in sorted(times, key=lambda time: time[2]) if what == kind and rank > 0]
        return [str(text) for text in given if isinstance(text, str | int) and str(text).strip()]

    published, flags = choose(said("published_at", "datePublished", "published"), language=language, now=now)
    modified, late = choose(said("modified_at", "dateModified", "modified"), language=language, now=now)
    if published and modified and published.timed and published.at == modified.at:
        # The date of a live blog moves with each entry; where the page still has the first one, it is the publication.
        marked = [text for what, text, rank in times if what == "published" and rank == 0]
        earlier, more = choose(marked, language=language, now=now)
        if earlier and earlier.timed and earlier.at < published.at:
            published, flags = earlier, more
    dated = list(elements.dated()) if published is None or not published.timed else []
    if dated:
        seen = (moments.read(text, language=language) for what, text in dated if what == "published")
        better = refined([*filter(None, [published]), *filter(None, seen)], now)
        if better is not None and better is not published:
            published, flags = better, _flags(better, now)
    if published is None:
        created, more = choose(
            [str(node["dateCreated"]) for node in articles if node.get("dateCreated")], language=language, now=now
        )
        published, flags = (created, more) if created else (published, flags)
    if modified is None:
        modified, found = choose([text for what, text in dated if what == "modified"], language=language, now=now)
        late |= found if modified else frozenset()
    first, last = (moment.rfc3339() if moment else None for moment in (published, modified))
    return first, None if modified and published and modified.at == published.at else last, flags | late


def choose(
    texts: Iterable[str], *, language: str | None = None, now: datetime | None = None
) -> tuple[Moment | None, frozenset[Flag]]:
    """The moment that texts name, the surest text first; and whether none could be read, it has no zone, or is odd."""
    given = list(texts)
    moment = refined([moment for text in given if (moment := moments.read(text, language=language))], now)
    if moment is None:
        return None, frozenset([Flag.UNREADABLE_TIMESTAMP] if given else ())
    return moment, _flags(moment, now)


def refined(read: Sequence[Moment], now: datetime | None) -> Moment | None:
    """The first moment that may be, or another that says the same more exactly."""
    sane = [moment for moment in read if not moment.odd and not moment.later_than(now)] or list(read)
    if not sane:
        return None
    first = sane[0]
    if not first.timed:
        first = next((moment for moment in sane if moment.timed and moment.at.date() == first.at.date()), first)
    if not first.zoned:
        first = next((moment for moment in sane if moment.zoned and _same(first.at, moment.at)), first)
    return first


def _same(naive: datetime, zoned: datetime) -> bool:
    """Whether both show one time on the clock, there or in UTC."""
    minute = naive.replace(second=0, microsecond=0, tzinfo=None)
    return minute in (moment.replace(second=0, microsecond=0, tzinfo=None) for moment in (zoned, zoned.astimezone(UTC)))


def _flags(moment: Moment, now: datetime | None) -> frozenset[Flag]:
    return frozenset([] if moment.zoned else [Flag.NAIVE_TIMESTAMP]) | _odd(moment, now)


def _odd(moment: Moment | None, now: datetime | None) -> frozenset[Flag]:
    return frozenset([Flag.ODD_TIMESTAMP] if moment and (moment.odd or moment.later_than(now)) else [])

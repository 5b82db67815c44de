"""Who signed an article, of what the sources of its page give.

choose([of JSON-LD, of meta elements, ...], [of microdata, ...], [of the byline, ...]) -> ("Una Pell", "Dov Arkin")
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from pipeline import bylines
from pipeline.bylines import Name

MAX_NAMES = 20
# If nobody signed with a name, who stands for them; in this order.
_INSTEAD = ("agency", "desk", "outlet")


def together(values: Iterable[str], outlets: Sequence[str]) -> list[Name]:
    """The names of several values of one field."""
    found: dict[str, Name] = {}
    for value in values:
        for name in bylines.read(value, outlets=outlets):
            found.setdefault(name.key, name)
    return list(found.values())[:MAX_NAMES]


def choose(
    fields: Iterable[Sequence[Name]], marked: Iterable[Sequence[Name]] = (), seen: Iterable[Sequence[Name]] = ()
) -> tuple[str, ...]:
    """The names of the first source that names persons; of a later one that names these and more.

    `fields` are meant for authors, `marked` are bylines that say so, `seen` those that people read: looked at only if
    no field names a person or an agency. The outlet itself signs only if nobody else does; a slug is spelt out if it
    is all there is.
    """
    given = [list(names) for names in fields]
    if _persons(given):
        given += map(list, marked)
    elif not any(name.kind == "agency" for names in given for name in names):
        for names in itertools.chain(marked, seen):
            given.append(list(names))
            if _persons(given):
                break
    if persons := _persons(given):
        chosen = persons[0]
        for more in persons[1:]:
            if _includes(more, chosen):
                chosen = more
        return _texts(chosen)
    for kind in _INSTEAD:
        for names in given:
            if any(name.kind == kind for name in names):
                return _texts([name for name in names if name.kind != "slug"])
    slugs = next((names for names in given if names), [])
    return tuple(bylines.spelt(name.text) for name in slugs)[:1]


def _persons(sources: Sequence[Sequence[Name]]) -> list[Sequence[Name]]:
    return [names for names in sources if any(name.kind == "person" for name in names)]


def _includes(names: Sequence[Name], chosen: Sequence[Name]) -> bool:
    """Whether the names are those chosen, and others besides."""
    keys = {name.key for name in names}
    more = [name for name in names if name.key not in {one.key for one in chosen}]
    return (
        bool(more) and all(name.key in keys for name in chosen) and all(bylines.is_person(name.text) for name in more)
    )


def _texts(names: Sequence[Name]) -> tuple[str, ...]:
    return tuple(name.text for name in names)[:MAX_NAMES]

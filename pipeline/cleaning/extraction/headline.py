"""The headline of a page, by what its sources agree on, and without the name of its outlet.

choose(Sources(json_ld=..., og=..., heading=..., title=...), outlets) -> "Quay to close for two years"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import bylines

# What each source counts. JSON-LD and og:title are written for the article; a heading and <title> decide between them,
# and both together outweigh neither.
_WEIGHTS = {"json_ld": 3.0, "og": 3.0, "heading": 1.5, "title": 1.0}
_BARS = re.compile(r"\s*(?:[|⎜｜]|::)\s*|\s+[»›·•«‹]\s+|\s+[–—-]+\s+|\s+:\s+|--(?=\S)|(?<=[^\x00-\u2fff])\s*[_－]\s*")
_SURE = re.compile(r"[|»›·•⎜｜_«‹]|::|--")  # what seldom stands within a headline
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…)$")
MAX_OUTLET = 6  # words of an outlet's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a page gives as its headline. `kicker` stands above the headline in its heading, and is no part of it."""

    json_ld: str | None = None
    og: str | None = None
    heading: str | None = None
    kicker: str | None = None
    title: str | None = None
    others: tuple[str, ...] = ()  # asked only if there is none of these


def choose(given: Sources, outlets: Sequence[str]) -> str | None:
    """The headline that most of the sources agree on."""
    bare = {name: text for name in _WEIGHTS if (text := getattr(given, name))}
    texts = {
        name: without_kicker(
            without_outlet(text, outlets, others=[*bare.values()], written=(given.json_ld, given.heading)), given.kicker
        )
        for name, text in bare.items()
    }
    if not texts:
        return next((without_outlet(text, outlets) for text in given.others), None)
    if given.kicker and given.heading:  # the markup says where the headline begins, whatever another has above it
        for name, text in texts.items():
            if re.search(r"[:–—-]\s*$", text[: -len(given.heading)]) and text.endswith(given.heading):
                texts[name] = given.heading
    sums: dict[str, float] = {}
    for name, text in texts.items():
        sums[_key(text)] = sums.get(_key(text), 0.0) + _WEIGHTS[name]
    # One that ends in "..." is the longer one that it begins.
    for short in [key for name, text in texts.items() if _ELLIPSIS.search(text) and (key := _key(text))]:
        whole = next((key for key in sums if key != short and key.startswith(short)), None)
        if whole and short in sums:
            sums[whole] += sums.pop(short)
    best = max(sums, key=sums.__getitem__)
    return next(text for text in texts.values() if _key(text) == best)


def without_kicker(text: str, kicker: str | None) -> str:
    """A headline without the line above it, if the page's markup says that it is one."""
    if not kicker or not text.casefold().startswith(kicker.casefold()):
        return text
    rest = re.sub(r"^\s*(?:[:|–—-]\s*)?", "", text[len(kicker) :])
    return rest if len(rest.split()) > 1 or len(rest) > 8 else text


def without_outlet(
    text: str, outlets: Sequence[str], *, others: Sequence[str] = (), written: Sequence[str | None] = ()
) -> str:
    """A title without the outlet's name, and the sections before it, at its end: "X - Sport | The Herald" -> "X".

    An outlet is known by its names, or by another source that gives the headline without it. At the beginning only what
    another source lacks goes, or the outlet before a bar: a headline may begin with the outlet's name. `written` are
    headlines as the article itself has them: of what is one of these nothing goes by its looks alone.
    """
    keys = {key for name in outlets if (key := bylines.key(name))}
    whole = any(other and _key(other) == _key(text) for other in written)
    rivals = {_key(other) for other in others} - {_key(text)}
    bars = list(_BARS.finditer(text))[-6:]
    for bar in bars:  # another source ends where this bar begins
        if _key(text[: bar.start()]) in rivals:
            return text[: bar.start()].rstrip()
    for bar in bars:
        if _key(text[bar.end() :]) in rivals and _is_outlet(text[: bar.start()], keys, bar[0], known=False):
            return text[bar.end() :].lstrip()
    end = text
    for _ in range(3):
        found = list(_BARS.finditer(end))
        if not found or not found[-1].start():
            break
        bar = found[-1]
        tail = end[bar.end() :]
        if not (
            _is_outlet(tail, keys, bar[0], known=whole)
            or (end != text and _SURE.search(bar[0]) and len(tail.split()) <= 2)
        ):
            break
        end = end[: bar.start()].rstrip()
    first = _BARS.search(end)
    if end == text and first and _SURE.search(first[0]) and bylines.key(end[: first.start()]) in keys:
        end = end[first.end() :].lstrip()
    return end or text


def _is_outlet(tail: str, keys: set[str], bar: str, *, known: bool) -> bool:
    """Whether what stands behind (or before) a bar is the name of an outlet; if `known`, of one whose name is known."""
    key, words = bylines.key(tail), tail.split()
    if not key or len(words) > MAX_OUTLET:
        return False
    if ":" in bar and "::" not in bar:
        return False
    if key in keys or any(len(name) > 3 and (name in key or (key in name and len(key) > 3)) for name in keys):
        return True
    if known:
        return False
    # Unknown to us: its words say so, and it is written as a name is.
    named = all(word[:1].isupper() or not word[:1].isalpha() or (word.islower() and len(word) < 4) for word in words)
    if re.fullmatch(r"\w[\w-]*(?:\.[^\W\d_]{2,10}){1,2}", tail):
        return True
    if named and bylines.names_outlet(tail, paper=True):
        return True
    return bool(_SURE.search(bar)) and named and len(words) <= 4 and not tail.endswith(("?", "!"))


def _key(text: str) -> str:
    return bylines.key(_ELLIPSIS.sub("", text)) or text

"""What the elements of a page say of its article: microdata, its heading, its byline, its times; and not a neighbour's.

    Elements(tree).heading(...)  .marked(...)  .seen(...)  .times()

What stands in navigation, in a list of other stories or in a comment is somebody else's, unless the headline stands in it
too.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import lxml.etree

from pipeline import bylines
from pipeline.cleaning.extraction import called

MAX_LOOKED = 60  # elements of each kind
NEIGHBOURS = 4  # levels above a name within which the others of its byline stand
MAX_LINE = 1_000  # characters of an element that are read
MAX_BYLINE = 220  # characters
MAX_REMEMBERED = 10_000  # names of elements
MAX_NAME = 1_000  # characters of one that are looked at
MAX_LINES = 12  # behind the headline, among which a byline is looked for

_BLOCKS = frozenset(
    ["address", "article", "br", "dd", "div", "dl", "dt", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
     "hr", "li", "ol", "p", "section", "table", "td", "tr", "ul"]
)  # fmt: skip
_MARKED = lxml.etree.XPath("//*[@itemprop or @rel='author' or self::time or self::abbr[@title]]")
_NAMED = lxml.etree.XPath("//body//*[@class or @id or @data-testid]")
_IN_WRITERS, _IN_TIMES = re.compile("|".join(called.IN_BYLINES)), re.compile("|".join(called.IN_DATES))
_OF_AUTHORS = re.compile("uthor|yline")
_HEADINGS = lxml.etree.XPath(
    "//h1[not(ancestor::nav)] | //h2[*[contains(@class, 'icker') or contains(@class, 'line') or contains(@class, 'title')]]"
)
_LESSER = lxml.etree.XPath("//h2 | //h3")
_FOLLOWING = lxml.etree.XPath(
    "following::*[self::p or self::div or self::span or self::address or self::h2 or self::h3 or self::h4 or self::a][position() <= 80]"
)


# An element's name is that of many others, on this page and on the outlet's next: a search in XPath takes four times as long.
@functools.lru_cache(maxsize=MAX_REMEMBERED)
def _has(pattern: re.Pattern[str], name: str) -> bool:
    return pattern.search(name) is not None


class Elements:
    """The elements of one page (lxml.html), looked at when they are asked for."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree
        self._marked = [(element, (element.get("itemprop") or "").lower().split()) for element in _MARKED(tree)[:2000]]
        self._head: Any = None
        self._around: set[Any] = set()
        self._in_article = False

    def heading(self, titles: Iterable[str | None]) -> tuple[str | None, str | None]:
        """(headline, kicker) of the page's main heading: the one that another title names, else the first."""
        keys = [key for title in titles if title and (key := bylines.key(title))]
        marked = [e for e, names in self._marked if "headline" in names and e.tag not in ("h1", "h2", "meta")]
        found = []
        for element in (*_HEADINGS(self._tree)[:MAX_LOOKED], *marked[:MAX_LOOKED]):
            text, kicker = _parted(element, keys)
            # A lesser heading is the main one only if its markup tells a kicker from the headline.
            if text and len(text) <= 500 and (element.tag != "h2" or kicker):
                found.append((element, text, kicker, bylines.key(text)))
        # The end of a title may be the outlet, and its name the heading of a logo.
        begun = [row for row in found if any(whole.startswith(row[3]) for whole in keys)]
        named = begun or [
            row
            for row in found
            if any(whole in row[3] or (row[3] in whole and len(row[1].split()) > 2) for whole in keys)
        ]
        exact = [row for row in named if row[2] and row[3] in keys]
        heads = [row for row in found if row[0].tag == "h1"]
        longer = [row for row in heads if len(row[1].split()) > 2]
        chosen = next(iter(exact or named or longer or ([] if keys else heads)), None)  # a word alone may be the logo
        if chosen is None:
            chosen = next((row for row in self._lesser() if any(whole.startswith(row[3]) for whole in keys)), None)
        if chosen is None:
            return None, None
        self._head = chosen[0]
        self._around = {*self._head.iterancestors(), self._head}
        self._in_article = any(up.tag == "article" for up in self._around)
        return chosen[1], chosen[2]

    def _lesser(self) -> Iterator[tuple[Any, str, None, str]]:
        """Headings below the first level, of a page whose headline is one of these."""
        for element in _LESSER(self._tree)[:MAX_LOOKED]:
            text = _whole(element)
            if len(text.split()) > 2 and len(text) <= 500:
                yield element, text, None, bylines.key(text)

    def marked(self, outlets: Iterable[str]) -> Iterator[tuple[bylines.Name, ...]]:
        """The names that microdata gives as the author's, and those of links to a writer's page."""
        outlets = tuple(outlets)
        yield self._names(
            self._together(
                [(e, self._author(e)) for e, names in self._marked if "author" in names and e.tag != "meta"]
            ),
            outlets,
        )
        linked = [e for e, _ in self._marked if (e.get("rel") or "").lower() == "author" and self._own(e)]
        yield self._names(self._together([(e, line(e)) for e in linked[:MAX_LOOKED]]), outlets)

    def seen(self, outlets: Iterable[str]) -> Iterator[tuple[bylines.Name, ...]]:
        """The names of the bylines that people read: of elements that are called so, and of a line that begins with "By"."""
        outlets = tuple(outlets)
        yield self._classed(outlets)
        yield self._led(outlets)

    def _author(self, element: Any) -> str:
        if not self._own(element):
            return ""
        parts = [e for e in element.iter() if "name" in (e.get("itemprop") or "").lower().split()]
        return ", ".join(e.get("content") or line(e) for e in parts) or element.get("content") or line(element)

    def _together(self, found: list[tuple[Any, str]]) -> list[str]:
        """The texts that stand in one place with the first: a byline, and no list of stories and their writers."""
        found = [(element, text) for element, text in found if text]
        if not found:
            return []
        around = list(found[0][0].iterancestors())[:NEIGHBOURS]
        return [
            text for element, text in found if any(up in around for up in list(element.iterancestors())[:NEIGHBOURS])
        ]

    def _names(self, texts: Iterable[str], outlets: tuple[str, ...]) -> tuple[bylines.Name, ...]:
        found: dict[str, bylines.Name] = {}
        for text in texts:
            if 0 < len(text) <= MAX_BYLINE:
                for name in bylines.read(text, outlets=outlets):
                    found.setdefault(name.key, name)
        return tuple(found.values())[: bylines.MAX_NAMES]

    def _classed(self, outlets: tuple[str, ...]) -> tuple[bylines.Name, ...]:
        """The first element that is called a byline and names persons in full."""
        looked = 0
        for element in self._writers():
            names = _names_of(element)
            if not called.BYLINE.search(names) or called.NO_BYLINE.search(names) or not self._own(element):
                continue
            looked += 1
            if looked > MAX_LOOKED:
                break
            text = line(element)
            if not text or len(text) > MAX_BYLINE:
                continue
            found = self._names([text], outlets)
            if any(n.kind == "person" and (bylines.is_person(n.text) or called.LED.match(text)) for n in found):
                return found
        return ()

    def _writers(self) -> Iterator[Any]:
        """The elements that may be called a byline, in order."""
        for element in self._named:
            own = element.attrib
            if _has(_IN_WRITERS, own.get("class", "")[:MAX_NAME]) or any(
                _has(_OF_AUTHORS, own.get(name, "")[:MAX_NAME]) for name in ("id", "data-testid")
            ):
                yield element

    def _dated(self) -> Iterator[Any]:
        """The elements that may be called a date, in order."""
        return (element for element in self._named if _has(_IN_TIMES, element.get("class", "")[:MAX_NAME]))

    @functools.cached_property
    def _named(self) -> list[Any]:
        found: list[Any] = _NAMED(self._tree)
        return found

    def _led(self, outlets: tuple[str, ...]) -> tuple[bylines.Name, ...]:
        """The line behind the headline that begins with "By"."""
        if self._head is None:
            return ()
        lines = 0
        for element in _FOLLOWING(self._head):
            text = line(element)
            if not text or not self._own(element):
                continue
            first = re.split(r"\s[·|•]\s|, in ", text)[0]
            if len(text) <= MAX_BYLINE and called.LED.match(text) and not text.endswith((".", "!", "?")):
                found = self._names([first], outlets)
                if found and (len(first) <= 60 or any(bylines.is_person(name.text) for name in found)):
                    return found
            lines += element.tag == "p"
            if lines > MAX_LINES:
                break
        return ()

    def times(self) -> Iterator[tuple[str, str, int]]:
        """("published" or "modified", text, rank): microdata, then what says so, then what stands by the headline."""
        for element, names in self._marked[: MAX_LOOKED * 5]:
            stamp = element.get("content") or element.get("datetime") or element.get("title") or line(element)
            if (
                not stamp
                or len(stamp) > 200
                or (element.tag == "meta" and not {"datepublished", "datemodified"} & {*names})
            ):
                continue
            if "datepublished" in names or "datemodified" in names:
                if self._own(element):
                    yield ("published" if "datepublished" in names else "modified"), stamp, 0
            elif element.tag in ("time", "abbr") and self._own(element):
                said = f"{_names_of(element)} {_before(element)} {line(element)[:60]}"
                by = self._near(element)
                if called.MODIFIED.search(said):
                    yield "modified", stamp, 1
                elif called.PUBLISHED.search(said):
                    yield "published", stamp, 1
                elif by and element.tag == "time":
                    yield "published", stamp, 2

    def dated(self) -> Iterator[tuple[str, str]]:
        """("published" or "modified", text) of the elements by the headline that are called a date, as people read them."""
        if self._head is None:
            return
        looked = 0
        for element in self._dated():
            names = _names_of(element)
            if not called.DATED.search(names) or not self._own(element) or not self._near(element):
                continue
            text = line(element)
            if not 6 <= len(text) <= 160 or not re.search(r"\d", text):
                continue
            looked += 1
            if looked > MAX_LOOKED:
                return
            said = f"{names} {_before(element)} {text}"
            # "Published ... Updated ...": what is before the update is the publication.
            both = called.MODIFIED.search(text)
            if both and both.start() > 8 and re.search(r"\d{4}", text[: both.start()]):
                yield "published", text[: both.start()]
                yield "modified", text[both.start() :]
            else:
                yield (
                    ("modified" if called.MODIFIED.search(said) and not called.PUBLISHED.search(text) else "published"),
                    text,
                )

    def _near(self, element: Any) -> bool:
        """Whether it stands with the headline in an article, or in a block around it that is not the whole page."""
        if self._head is None:
            return True
        for up in element.iterancestors():
            if up in self._around:
                return up.tag not in ("body", "html") or _follows(self._head, element)
        return False

    def _own(self, element: Any) -> bool:
        """Whether it is not part of something that is about another story."""
        for up in (element, *element.iterancestors()):
            if up in self._around or up.tag in ("body", "html"):
                return True
            if (
                up.tag in ("nav", "aside", "figure", "figcaption")
                or up.tag == "blockquote"
                or (up.tag == "article" and self._in_article)
            ):
                return False
            if up is not element and called.OTHERS.search(_names_of(up)):
                return False
            if (kind := up.get("itemtype")) and called.OTHER_TYPES.search(kind):
                return False
            if up.tag == "li" and any(len(line(a).split()) > 4 for a in up.iter("a")):
                return False
        return True


def line(element: Any) -> str:
    """The text of an element on one line, a bar where blocks meet, or elements without a blank between them."""
    text = ""
    for event, node in lxml.etree.iterwalk(element, events=("start", "end")):
        if len(text) > MAX_LINE:
            break
        if node.tag in _BLOCKS and text.strip() and not text.endswith(" | "):
            text += " | "
        piece = (node.text if event == "start" else node.tail if node is not element else "") or ""
        if piece and text and text[-1].isalnum() and piece[0].isalnum():
            text += " | "
        text += piece
    return " ".join(text.replace("\u00ad", "").split()).strip(" |")


def _parted(heading: Any, titles: Sequence[str]) -> tuple[str, str | None]:
    """(headline, kicker) of a heading; the kicker is what its markup calls so, or what stands before the headline in it."""
    text = _whole(heading)
    for part in heading.iterdescendants():
        own = _whole(part) if called.HEADLINE.search(_names_of(part)) else ""
        if own and text != own and text.endswith(own) and bylines.key(own) in titles:
            return own, text[: -len(own)].strip(" :|–—-") or None
    kicker = next((line(part) for part in heading.iterdescendants() if called.KICKER.search(_names_of(part))), None)
    if not kicker or not text.startswith(kicker):
        return text, None
    rest = re.sub(r"^[\s:|–—-]+", "", text[len(kicker) :])
    return (rest, kicker) if len(rest) > 8 else (text, None)


def _whole(element: Any) -> str:
    """The text of a heading: elements that touch are one word, unless a line breaks or a capital begins there."""
    text = ""
    for event, node in lxml.etree.iterwalk(element, events=("start", "end")):
        piece = (node.text if event == "start" else node.tail if node is not element else "") or ""
        if text and ((event == "start" and node.tag in _BLOCKS) or (text[-1:].islower() and piece[:1].isupper())):
            text += " "
        text += piece
        if len(text) > MAX_LINE:
            break
    return " ".join(text.replace("\u00ad", "").split())


def _names_of(element: Any) -> str:
    return " ".join(filter(None, (element.get("class"), element.get("id"), element.get("data-testid"))))


def _before(element: Any) -> str:
    """The words right before an element."""
    before = element.getprevious()
    if before is not None:
        return ((line(before) if isinstance(before.tag, str) else "") + " " + (before.tail or ""))[-60:]
    parent = element.getparent()
    return f"{_names_of(parent)} {parent.text or ''}"[-90:] if parent is not None else ""


def _follows(first: Any, second: Any) -> bool:
    """Whether an element stands behind another in the page."""
    for element in second.iterancestors():
        if element in (first, *first.iterancestors()):
            mine = next(up for up in (first, *first.iterancestors()) if up.getparent() is element or up is element)
            theirs = next(up for up in (second, *second.iterancestors()) if up.getparent() is element)
            return mine is element or element.index(mine) < element.index(theirs)
    return False

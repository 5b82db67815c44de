"""Spans that a page's style sheet shows as paragraphs become paragraphs, before anything reads the page.

Nothing in a span says that it ends a line; its class, its style or what stands in it and its siblings does.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from pipeline.cleaning.extraction.weights import END, PROSE

SIBLINGS = 3  # spans that are paragraphs by their text alone
MIN_NAMED = 10  # characters of one that is by its name: less is the initial of a paragraph
_NAMED = re.compile(r"(?:^|[^a-z])(?:para(?:graph|grafo|graphe)?s?|parr?afo|absatz|alinea)(?:$|[^a-z])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STYLE = re.compile(r"display\s*:\s*block\b", re.IGNORECASE)
_BEGINS = re.compile(r"[\"'“”‘„«¿¡(\[]*[^\W_a-zß-öø-ÿ]")
_HOLDERS = frozenset({"div", "section", "article", "main", "body", "td", "blockquote"})
_AROUND = _HOLDERS | {"p", "span"}
MAX_NAME = 200  # characters of a class that are looked at


def mark(tree: Any) -> None:
    """Rename such spans of a parsed page to `p`, and a `p` that holds nothing but them to `div`."""
    found: list[Any] = []
    for span in tree.iter("span"):
        above = span.getparent()
        if above is None or above.tag not in _AROUND:
            continue
        if span.attrib and _is_shown_as_one(span):
            found.append(span)
        elif span.getprevious() is None and above.tag in _HOLDERS and _read_as_ones(above):
            found += list(above)
    for span in found:
        span.tag = "p"
    for span in found:
        above = span.getparent()
        if above.tag == "p" and not (above.text or "").strip() and all(child.tag == "p" for child in above):
            above.tag = "div"


def _is_shown_as_one(span: Any) -> bool:
    """Whether a span is named a paragraph, or a block by its style, and holds more than an initial."""
    name, style = span.get("class"), span.get("style")
    if not (name and is_named(name[:MAX_NAME])) and not (style and _STYLE.search(style[:MAX_NAME])):
        return False
    text = "".join(span.itertext()).strip()
    return len(text) >= PROSE or (len(text) >= MIN_NAMED and END.search(text) is not None)


def _read_as_ones(above: Any) -> bool:
    """Whether an element holds nothing but spans, each of whole sentences."""
    if len(above) < SIBLINGS or (above.text or "").strip():
        return False
    if any(child.tag != "span" or (child.tail or "").strip() for child in above):
        return False
    return all(map(_reads_as_one, above))


def _reads_as_one(span: Any) -> bool:
    text = "".join(span.itertext()).strip()
    return len(text) >= PROSE and _BEGINS.match(text) is not None and END.search(text) is not None


@functools.lru_cache(maxsize=10_000)
def is_named(name: str) -> bool:
    """Whether a class has the word for a paragraph."""
    return _NAMED.search(_CAMEL.sub("-", name)) is not None

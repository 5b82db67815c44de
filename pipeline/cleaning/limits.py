"""Limits on pages and texts, checked before expensive work: a hostile article is refused early.

Counting and splitting only, no backtracking. Most limits are checked before parsing; depth is read from the
parsed tree, in C: lxml parses any nesting in linear time but silently stops at 255, which must be detected.
The limits are far above real pages (of the 181 of the benchmark the largest has 3,200 tags and nests 51 deep).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import lxml.etree

from pipeline.errors import InputRefused, Reason

MAX_HTML = 5_000_000  # characters of markup
MAX_TAGS = 40_000  # start and end tags
MAX_DEPTH = 200
MAX_UNCLOSED = 2_000  # "<" without a ">", as in 60 kB of "<a "
MAX_ATTRIBUTES = 3_000  # of one tag: lxml looks each up among the others (3,000: 0.2 s; 50,000: 43 s)
MAX_INLINE = 3_000  # elements within paragraphs, or links: the extractor takes their number squared (15,000: 18 s)
MAX_COMPARED = 5_000  # elements of a page that is extracted a second time: as well (20,000: 23 s)
MAX_TEXT = 1_000_000  # characters: refused above
CUT_TEXT = 100_000  # characters: cut at a sentence end above

# Elements that a paragraph is not made of; all others, known or not, are within one.
_BLOCKS = frozenset(
    [
        "html",
        "head",
        "body",
        "title",
        "script",
        "main",
        "article",
        "section",
        "header",
        "figure",
        "figcaption",
        "address",
        "hgroup",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "div",
        "center",
        "blockquote",
        "q",
        "pre",
        "code",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "form",
        "fieldset",
        "details",
        "summary",
        "img",
        "a",
    ]
)
_TOO_DEEP = lxml.etree.XPath(f"boolean({'/*' * MAX_DEPTH})")
_LONG = re.compile(rf"<[^<]{{{MAX_ATTRIBUTES * 2}}}")  # in less there is no room for so many
_TAG = re.compile(r"[a-zA-Z](?:[^\"'>]++|\"[^\"]*+\"?|'[^']*+'?)*+")
_QUOTED = re.compile(r"\"[^\"]*\"?|'[^']*'?")
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’)\]]*(?=\s)")


def check_html(html: str) -> None:
    """Refuse a page that is too large, has too many tags or floods with unclosed tags or attributes.

    Raises InputRefused (html_too_complex).
    """
    if len(html) > MAX_HTML:
        raise InputRefused(Reason.HTML_TOO_COMPLEX, f"{len(html)} characters of markup")
    opened = html.count("<")
    if opened > MAX_TAGS:
        raise InputRefused(Reason.HTML_TOO_COMPLEX, f"{opened} tags")
    if opened - html.count(">") > MAX_UNCLOSED:
        raise InputRefused(Reason.HTML_TOO_COMPLEX, "unclosed tags")
    for long in _LONG.finditer(html):
        end = html.find("<", long.end())
        if _attributes(html[long.start() + 1 : end if end >= 0 else None]) > MAX_ATTRIBUTES:
            raise InputRefused(Reason.HTML_TOO_COMPLEX, "a tag with too many attributes")


def _attributes(chunk: str) -> int:
    """At least as many as the attributes of the tag that a chunk begins with."""
    tag = _TAG.match(chunk)
    if not tag:
        return 0
    bare = _QUOTED.sub("\0", tag[0])
    return max(bare.count("="), len(bare.split()), bare.count("/"))


def check_tree(tree: Any) -> None:
    """Refuse a parsed page whose elements nest MAX_DEPTH deep or more. Raises InputRefused (html_too_complex)."""
    if _TOO_DEEP(tree):
        raise InputRefused(Reason.HTML_TOO_COMPLEX, f"nested over {MAX_DEPTH} deep")


def simplify(tree: Any) -> bool:
    """Take the markup within paragraphs out of a page that has more than MAX_INLINE such elements; the text stays.

    Links stay as well, unless there are too many. Says whether it did.
    """
    done = False
    for kept in (_BLOCKS, _BLOCKS - {"a"}):
        tags = Counter(element.tag for element in tree.iter() if element.tag not in kept)
        if tags.total() > MAX_INLINE:
            lxml.etree.strip_tags(tree, *tags)
            done = True
    if done:
        for element in tree.iter():
            # What stood in thousands of pieces becomes one, which lxml would join again at each look.
            element.text, element.tail = element.text, element.tail
    return done


def check_text(text: str) -> None:
    """Refuse a text over MAX_TEXT characters (too_long_text), or without anything but blanks (empty_text)."""
    if len(text) > MAX_TEXT:
        raise InputRefused(Reason.TOO_LONG_TEXT, f"{len(text)} characters")
    if not text or text.isspace():
        raise InputRefused(Reason.EMPTY_TEXT, "nothing but blanks")


def cut(text: str, limit: int = CUT_TEXT) -> str:
    """The text up to the last sentence end (else the last blank, else anything) within `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit + 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(head, max(0, limit - 5_000))]
    if ends:
        return head[: ends[-1]]
    blank = max(head.rfind(" ", limit - 5_000), head.rfind("\n", limit - 5_000))
    return head[:blank] if blank > 0 else head[:limit]

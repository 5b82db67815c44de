"""A page in, its article's blocks and metadata out: trafilatura behind the gates.

trafilatura's fast settings first; where the result is implausible (next to nothing, from a page that has text), its
comparison with readability and justext decides. docs/decisions/0020 says why this library and why not the others.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

import lxml.etree
import lxml.html
import trafilatura

from pipeline.cleaning import metadata
from pipeline.cleaning.blocks import Block
from pipeline.cleaning.gates import check_html, check_tree
from pipeline.cleaning.quality import Flag
from pipeline.errors import InputRefused, Reason
from pipeline.records import Metadata

MIN_TEXT = 250  # characters: less than this from a page that has more is implausible
# trafilatura logs an error for each page it finds nothing in; the verdict is ours to give.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_BLANKS = re.compile(r"\s+")
# lxml refuses text that declares an encoding.
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
_PARSER = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False, encoding=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was taken out of a page. `anchors` are the texts of its links, blanks collapsed."""

    blocks: list[Block]
    meta: Metadata
    anchors: frozenset[str]
    flags: frozenset[Flag]


def read(html: str, url: str | None) -> Page:
    """The article of a page. Raises InputRefused (html_too_complex, empty_text)."""
    check_html(html)
    tree = _parse(html)
    data = [script.text for script in tree.iter("script") if script.text and "ld+json" in (script.get("type") or "")]
    meta, flags = metadata.read(tree, data)
    anchors = frozenset(
        text for anchor in tree.iter("a") if len(text := _BLANKS.sub(" ", anchor.text_content()).strip()) > 3
    )
    found = set(flags)
    body = _extract(tree, url, fast=True)
    blocks = _blocks(body)
    if sum(len(block.text) for block in blocks) < MIN_TEXT:
        again = _blocks(_extract(_parse(html), url, fast=False))
        if sum(len(block.text) for block in again) > sum(len(block.text) for block in blocks):
            blocks = again
            found.add(Flag.EXTRACTION_FALLBACK)
    return Page(blocks=blocks, meta=meta, anchors=anchors, flags=frozenset(found))


def _parse(html: str) -> Any:
    markup = _XML_HEAD.sub("", html)
    try:
        tree = lxml.html.document_fromstring(markup, parser=_PARSER)
    except (ValueError, AssertionError, lxml.etree.LxmlError) as error:
        # lxml says "document is empty" for a tree that it gave up at, and for one without anything.
        reason = Reason.HTML_TOO_COMPLEX if markup.count("<") > 1_000 else Reason.EMPTY_TEXT
        raise InputRefused(reason, type(error).__name__) from error
    check_tree(tree)
    return tree


def _extract(tree: Any, url: str | None, *, fast: bool) -> Any:
    document = trafilatura.bare_extraction(tree, url=url, fast=fast, include_comments=False)
    return None if document is None else document.body


def _text(element: Any) -> str:
    """The text of an element, blanks collapsed; a line break is a line end."""
    for br in element.iter("lb"):
        br.text = "\n"
    lines = "".join(element.itertext()).split("\n")
    return "\n".join(line for raw in lines if (line := _BLANKS.sub(" ", raw).strip()))


def _blocks(body: Any) -> list[Block]:
    if body is None:
        return []
    blocks: list[Block] = []
    for element in body:
        match element.tag:
            case "head":
                level = (element.get("rend") or "h2")[-1]
                _add(
                    blocks,
                    Block(kind="heading", text=_text(element).replace("\n", " "), level=min(6, max(2, int(level)))),
                )
            case "list":
                for item in element.iter("item"):
                    _add(blocks, Block(kind="list", text=_text(item)))
            case "quote":
                parts = element.findall("p")
                for part in parts or [element]:
                    _add(blocks, Block(kind="quote", text=_text(part)))
            case "table":
                rows = [
                    " | ".join(cell for c in row.iter("cell") if (cell := _text(c).replace("\n", " ")))
                    for row in element.iter("row")
                ]
                _add(blocks, Block(kind="table", text="\n".join(row for row in rows if row)))
            case _:
                _add(blocks, Block(kind="paragraph", text=_text(element)))
    return blocks


def _add(blocks: list[Block], block: Block) -> None:
    if block.text:
        blocks.append(block)

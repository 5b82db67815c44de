"""A page in, its article's blocks and metadata out, and what the page says beside.

We read every block of a page (`reading`); trafilatura's text says which of them are the article (`voting`), and what it
left out of that is added (`completion`). trafilatura's fast settings first; if the result is implausible (next to
nothing, from a page that has text), its comparison with readability and justext decides. docs/decisions/0020 says why
this library and why not the others, 0067 why it only votes.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import lxml.etree
import lxml.html
from trafilatura.core import trafilatura_sequence
from trafilatura.settings import Extractor

from pipeline.article import Metadata, Removed
from pipeline.cleaning import limits
from pipeline.cleaning.boilerplate import rules
from pipeline.cleaning.extraction import (
    completion,
    given_body,
    left_out,
    metadata,
    reading,
    span_paragraphs,
    voting,
    weights,
)
from pipeline.cleaning.limits import MAX_COMPARED, check_html, check_tree, simplify
from pipeline.cleaning.quality import Flag
from pipeline.cleaning.structure.blocks import Block
from pipeline.errors import InputRefused, Reason

LONG_LINE = 120  # characters: longer than a line of verse, of an address or of a list
MIN_TEXT = 250  # characters: less than this from a page that has more is implausible
# trafilatura logs an error for each page it finds nothing in; the verdict is ours to give.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# Elements without a word of text.
_WORDLESS = (
    "style", "svg", "noscript", "template", "iframe", "object", "embed", "video", "audio", "picture", "canvas", "map",
    "select", "option", "textarea", "input", "datalist", "source", "track", "link", "meta", "base",
)  # fmt: skip
# Elements that the extractor drops whole wherever they stand: it is faster without them.
_DROPPED = ("button", "aside", "footer", "nav")
# Elements whose text is not of the sentence that they stand in.
_UNREAD = ("rt", "rp", "rtc", "s", "strike", "del")
MIN_SHOWN = 0.5  # share of the body in a page's data, below which that is the better text
MIN_VOTED = 0.6  # share of what the extractor gave that must stand among the blocks of the page
# What begins a paragraph of its own in what the extractor gives.
_BLOCKS = frozenset({"p", "head", "list", "item", "quote", "table", "row", "cell", "code"})
_LEVELS = frozenset("23456")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# lxml refuses text that declares an encoding.
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")
# XML 1.0, 2.2: what is no Char.
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What lxml reads as a tag and writes again; it also reads "<quot<p>" as one.
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_PARSER = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False)
# One class for every element, known to lxml itself: its own choice by tag is a call into Python for each proxy.
_PARSER.set_element_class_lookup(lxml.etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was taken out of a page. `links` are the lines that are one link and nothing else.

    `free` is False if the page says that it is not free to read; `left` is its other text, but for navigation.
    """

    blocks: list[Block]
    meta: Metadata
    free: bool
    links: frozenset[str]
    flags: frozenset[Flag]
    left: list[Removed]


def read(html: str, url: str | None, *, now: datetime | None = None) -> Page:
    """The article of a page, read at a time if that is known. Raises InputRefused (html_too_complex, empty_text)."""
    check_html(html)
    try:
        return _read(html, url, now)
    except InputRefused as refused:
        if refused.reason != Reason.HTML_TOO_COMPLEX:
            raise
        for flatter in limits.flatter(html):
            try:
                page = _read(flatter, url, now)
            except InputRefused:
                continue
            if _size(page.blocks) >= MIN_TEXT:
                return dataclasses.replace(page, flags=page.flags | {Flag.SIMPLIFIED})
        raise


def _read(html: str, url: str | None, now: datetime | None) -> Page:
    tree = _parse(html)
    data = [script.text for script in tree.iter("script") if script.text and "ld+json" in (script.get("type") or "")]
    said = metadata.read(tree, data, url=url, now=now)
    # Scripts and drawings are thrown away by the extractor too, but only after it has copied and searched them thrice.
    for script in [script for script in tree.iter("script") if "ld+json" not in (script.get("type") or "")]:
        script.drop_tree()
    lxml.etree.strip_elements(tree, *_WORDLESS, with_tail=False)
    span_paragraphs.mark(tree)
    seen = reading.read(tree)
    for button in [button for button in tree.iter("button") if button.getparent().tag in _HEADINGS]:
        button.drop_tag()  # of an accordion: its words are the heading
    lxml.etree.strip_elements(tree, *_DROPPED, *_UNREAD, with_tail=False)
    held = weights.Weights(seen)
    weights.show(seen, held)
    for menu in weights.menus(seen, held):
        if menu.getparent() is not None:
            menu.drop_tree()
    found = set(said.flags)
    if simplify(tree):
        found.add(Flag.SIMPLIFIED)
    chosen, blocks = _chosen(seen, held, _extract(tree, url, fast=True), said.meta)
    if _size(blocks) < MIN_TEXT:
        again = _parse(html)
        span_paragraphs.mark(again)
        lxml.etree.strip_elements(again, *_UNREAD, with_tail=False)
        if sum(1 for _ in again.iter()) > MAX_COMPARED:
            found.add(Flag.SIMPLIFIED)
        else:
            others = _chosen(seen, held, _extract(again, url, fast=False), said.meta)
            if _size(others[1]) > _size(blocks):
                chosen, blocks = others
                found.add(Flag.EXTRACTION_FALLBACK)
    given = given_body.longest(data)
    if len(given) > MIN_TEXT and _size(blocks) < (MIN_SHOWN if any(chosen) else 1.5) * len(given):
        found.add(Flag.EXTRACTION_FALLBACK)
        chosen, blocks = [False] * len(seen.blocks), given_body.blocks(given)
    elif any(chosen) and left_out.is_incomplete(seen, chosen, held):
        found.add(Flag.INCOMPLETE)
    links = frozenset(block.text for block in seen.blocks if block.linked > 0.9)
    return Page(
        blocks=blocks,
        meta=said.meta,
        free=said.free,
        links=links,
        flags=frozenset(found),
        left=left_out.told(seen, chosen, held),
    )


def _size(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _chosen(seen: reading.Reading, held: weights.Weights, body: Any, meta: Metadata) -> tuple[list[bool], list[Block]]:
    """The blocks of a page that are its article, as a page has them and as the stage takes them."""
    pieces = [] if body is None else [text for element in body for _, text in _pieces(element)]
    votes = voting.vote(seen.blocks, pieces, held)
    given = sum(map(len, pieces))
    if sum(len(block.text) for block, vote in zip(seen.blocks, votes, strict=True) if vote) < MIN_VOTED * given:
        # What the extractor gave stands nowhere on the page as it gave it: in its data, or in pieces.
        return votes, _blocks(body)
    chosen = completion.complete(seen, votes, held, description=meta.description)
    blocks: list[Block] = []
    for block, take in zip(seen.blocks, chosen, strict=True):
        if not take:
            continue
        if block.kind == "paragraph":
            _paragraph(blocks, block.text)
        else:
            _add(blocks, Block(kind=block.kind, text=block.text, level=block.level))
    return chosen, blocks


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
    """The body that trafilatura finds, None if it finds none.

    This is `trafilatura.bare_extraction` without its first copy and its rendering as text; the version is pinned, and
    a test holds the two together.
    """
    options = Extractor(output_format="python", fast=fast, comments=False, url=url)
    try:
        body, text, _, _ = trafilatura_sequence(tree, options, url)
    except ValueError:
        # lxml reads characters that it then refuses to write: seldom enough to look for them only now.
        _scrub(tree)
        body, text, _, _ = trafilatura_sequence(tree, options, url)
    return body if len(text) >= options.min_output_size else None


def _scrub(tree: Any) -> None:
    """Replace the characters that XML cannot hold, written as they are or as character references."""
    for element in tree.iter():
        if element.text:
            element.text = _NO_XML.sub(" ", element.text)
        if element.tail:
            element.tail = _NO_XML.sub(" ", element.tail)
        if isinstance(element.tag, str) and not _TAG.fullmatch(element.tag):
            element.tag = "span"
        # An attribute with such a name can be asked for only with the others.
        kept = {name: _NO_XML.sub(" ", value) for name, value in element.attrib.items() if not _NO_XML.search(name)}
        element.attrib.clear()
        element.attrib.update(kept)


def _line(text: str) -> str:
    return " ".join(text.split())


def _text(element: Any) -> str:
    """The text of an element, blanks collapsed; a line break is a line end."""
    for br in element.iter("lb"):
        br.text = "\n"
    return _lines("".join(element.itertext()))


def _lines(text: str) -> str:
    """Blanks collapsed, empty lines left out."""
    return "\n".join(line for raw in text.split("\n") if (line := _line(raw)))


def _pieces(element: Any) -> Iterator[tuple[str, str]]:
    """(tag, text) of each paragraph, heading or item below an element, and of the text that stands between them."""
    run: list[str] = []
    owner = element.tag
    for event, node in lxml.etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if node.tag in _BLOCKS and node is not element:
                if text := _lines("".join(run)):
                    yield owner, text
                run, owner = [], node.tag
            run.append("\n" if node.tag == "lb" else node.text or "")
        elif node is not element:
            if node.tag in _BLOCKS:
                if text := _lines("".join(run)):
                    yield owner, text
                run, owner = [], next((up.tag for up in node.iterancestors() if up.tag in _BLOCKS), element.tag)
            run.append(node.tail or "")
    if text := _lines("".join(run)):
        yield owner, text


def _blocks(body: Any) -> list[Block]:
    if body is None:
        return []
    blocks: list[Block] = []
    for element in body:
        match element.tag:
            case "head":
                _heading(blocks, _text(element), element.get("rend"))
            case "list":
                for tag, text in _pieces(element):
                    if tag == "head":
                        _heading(blocks, text)
                    else:
                        _add(blocks, Block(kind="list", text=text))
            case "quote":
                for _, text in _pieces(element):
                    _add(blocks, Block(kind="quote", text=text))
            case "table":
                _table(blocks, element)
            case _:
                _paragraph(blocks, _text(element))
    return blocks


def _heading(blocks: list[Block], text: str, rend: str | None = None) -> None:
    level = (rend or "")[-1:]
    _add(blocks, Block(kind="heading", text=text.replace("\n", " "), level=int(level) if level in _LEVELS else 2))


def _paragraph(blocks: list[Block], text: str) -> None:
    """A paragraph; one that holds others behind line breaks is these."""
    lines = text.split("\n")
    # Long lines are paragraphs, and menus are lines; verse and addresses are neither.
    if len(lines) > 1 and (max(map(len, lines)) > LONG_LINE or any(rules.load().matches(line) for line in lines)):
        for line in lines:
            _add(blocks, Block(kind="paragraph", text=line))
    else:
        _add(blocks, Block(kind="paragraph", text=text))


def _table(blocks: list[Block], element: Any) -> None:
    """A table, one line a row; one whose cells hold prose is no table but a layout, and its paragraphs are taken."""
    if any(len(_text(cell)) > reading.LAYOUT_CELL for cell in element.iter("cell")):
        for tag, text in _pieces(element):
            if tag == "head":
                _heading(blocks, text)
            elif tag == "item":
                _add(blocks, Block(kind="list", text=text))
            else:
                _paragraph(blocks, text)
        return
    rows = []
    for row in element.iter("row"):
        cells = [_text(cell).replace("\n", " ") for cell in row.iter("cell")]
        rows.append(" | ".join(cell for cell in cells if cell))
    _add(blocks, Block(kind="table", text="\n".join(row for row in rows if row)))


def _add(blocks: list[Block], block: Block) -> None:
    if block.text:
        blocks.append(block)

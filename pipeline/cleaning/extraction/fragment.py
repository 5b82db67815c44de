"""A fragment of HTML in, its blocks out: the body that a feed or a newsroom's system writes is the article, whole.

A page holds the article among other things, and is searched for it (page.py). In a fragment there is nothing else to
find: every word stays, unless it is no text (scripts) or hidden. What is boilerplate in it is for the lines' judge.
"""

from __future__ import annotations

import re
from typing import Any

import lxml.etree
import lxml.html

from pipeline.article import Metadata
from pipeline.cleaning.extraction import span_paragraphs
from pipeline.cleaning.extraction.page import Page
from pipeline.cleaning.limits import check_html, check_tree
from pipeline.cleaning.structure.blocks import Block
from pipeline.errors import InputRefused, Reason

MAX_LINK = 130  # characters
VERSE = 60  # characters: longer than a line of verse or of an address
LAYOUT_CELL = 400  # characters: no cell of a table of data holds so much
# What a fragment does not have: with one of these it is a page, or a part of one with other things in it.
_OF_A_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|nav|aside|footer|form)[\s>]|ld\+json", re.IGNORECASE
)
_WORDLESS = frozenset([
    "script", "style", "noscript", "template", "iframe", "object", "embed", "video", "audio", "canvas", "svg",
    "map", "select", "button", "input", "textarea", "datalist", "source", "track", "link", "meta", "base", "rt",
    "rp", "del", "s", "strike",
])  # fmt: skip
_BLOCKS = frozenset([
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "table",
    "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "section", "article", "main", "header", "footer",
    "aside", "nav", "figure", "figcaption", "pre", "address", "center", "hr", "hgroup", "details", "summary",
    "fieldset", "form", "block",
])  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_KINDS = {
    "li": "list",
    "dd": "list",
    "dt": "list",
    "blockquote": "quote",
    "figcaption": "caption",
    "caption": "caption",
}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PARSER = lxml.html.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False)
_END = re.compile(r"[.!?…。！？:;][\"'”’)\]»]*$")


def is_fragment(html: str) -> bool:
    """Whether markup is a text with tags in it, and no page."""
    return not _OF_A_PAGE.search(html)


def read(html: str) -> Page:
    """Its blocks. Raises InputRefused (html_too_complex, empty_text)."""
    check_html(html)
    try:
        tree = lxml.html.document_fromstring(f"<html><body>{_NO_XML.sub(' ', html)}</body></html>", parser=_PARSER)
    except (ValueError, AssertionError, lxml.etree.LxmlError) as error:
        raise InputRefused(Reason.EMPTY_TEXT, type(error).__name__) from error
    check_tree(tree)
    span_paragraphs.mark(tree)
    walk = _Walk()
    walk.run(tree)
    short = {block.text for block in walk.blocks if len(block.text) <= MAX_LINK}
    links = frozenset(
        text for anchor in tree.iter("a") if (text := " ".join("".join(anchor.itertext()).split())) in short
    )
    return Page(blocks=walk.blocks, meta=Metadata(), free=True, links=links, flags=frozenset(), left=[])


# Control characters, which no text of the tree has, mark links and ends of cells while a run is put together.
_LINK, _LINK_END, _CELL_END = "\x01", "\x02", "\x03"
# A link with which a paragraph ends after its last sentence is none of its words: "Read more".
_LAST_LINK = re.compile(r"([.!?…][\"'”’)\]»]*)\s*(\x01[^\x01\x02.]{1,40}\x02)\s*\Z")


def _without_marks(text: str) -> str:
    return text.replace(_LINK, "").replace(_LINK_END, "")


class _Walk:
    """Goes once through the elements, and makes a block of each run of text between two blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._run: list[str] = []
        self._open: list[Any] = []  # block elements around the run
        self._rows: list[str] = []
        self._table: Any = None

    def run(self, tree: Any) -> None:
        """All of a tree."""
        skipped: Any = None
        for event, node in lxml.etree.iterwalk(tree, events=("start", "end")):
            if event == "start":
                if skipped is None and _is_wordless(node):
                    skipped = node
                if skipped is None:
                    self._start(node)
            elif skipped is node:
                skipped = None
                self._run.append(node.tail or "")
            elif skipped is None:
                self._end(node)
        self._flush()

    def _start(self, node: Any) -> None:
        tag = node.tag
        if tag == "br":
            self._run.append("\n")
        elif tag == "table" and self._table is None and _is_data(node):
            self._flush()
            self._table, self._rows = node, []
        elif tag in _BLOCKS and self._table is None:
            self._flush()
            self._open.append(node)
        elif tag == "tr":
            self._run = []
        elif tag == "q":
            self._run.append("“")
        elif tag == "a":
            self._run.append(_LINK)
        self._run.append(_blanks(node.text))

    def _end(self, node: Any) -> None:
        tag = node.tag
        if node is self._table:
            text = "\n".join(row for row in self._rows if row.strip(" |"))
            if text:
                self.blocks.append(Block(kind="table", text=text))
            self._table, self._run = None, []
        elif self._table is not None:
            if tag in ("td", "th"):
                self._run.append(_CELL_END)
            elif tag == "tr":
                cells = [" ".join(cell.split()) for cell in _without_marks("".join(self._run)).split(_CELL_END)[:-1]]
                self._rows.append(" | ".join(cells).rstrip(" |"))
                self._run = []
        elif tag in _BLOCKS:
            self._flush()
            if self._open and self._open[-1] is node:
                self._open.pop()
        if tag == "q":
            self._run.append("”")
        elif tag == "a":
            self._run.append(_LINK_END)
        self._run.append(_blanks(node.tail))

    def _flush(self) -> None:
        text, self._run = _without_marks(_LAST_LINK.sub(r"\1\n\2", "".join(self._run))), []
        lines = [line for raw in text.split("\n") if (line := " ".join(raw.split()))]
        if not lines:
            return
        kind, level = self._kind()
        if kind == "heading":
            self.blocks.append(Block(kind="heading", text=" ".join(lines), level=level))
        elif len(lines) > 1 and "\n\n" not in _squeezed(text) and _is_verse(lines):
            self.blocks.append(Block(kind=kind, text="\n".join(lines)))
        else:
            self.blocks.extend(Block(kind=kind, text=line) for line in lines)

    def _kind(self) -> tuple[Any, int | None]:
        for node in reversed(self._open):
            if node.tag in _HEADINGS:
                return "heading", max(2, int(node.tag[1]))
            if node.tag in _KINDS:
                return _KINDS[node.tag], None
        return "paragraph", None


def _is_wordless(node: Any) -> bool:
    if node.tag in _WORDLESS:
        return True
    style = node.get("style")
    return node.get("hidden") is not None or (style is not None and _HIDDEN.search(style[:500]) is not None)


def _is_data(table: Any) -> bool:
    """Whether a table holds data; one whose cells hold prose is a layout, and so is one with a table in it."""
    cells = [cell for tag in ("td", "th") for cell in table.iter(tag)]
    if not cells or any(True for inner in table.iter("table") if inner is not table):
        return False
    return all(sum(map(len, cell.itertext())) <= LAYOUT_CELL for cell in cells)


def _is_verse(lines: list[str]) -> bool:
    """Short lines that run on; what ends as sentences do are paragraphs."""
    return max(map(len, lines)) <= VERSE and sum(1 for line in lines if _END.search(line)) <= len(lines) // 2


def _blanks(text: str | None) -> str:
    """Text of the markup: its line ends are blanks."""
    return text.replace("\n", " ").replace("\r", " ") if text else ""


def _squeezed(text: str) -> str:
    return re.sub(r"[ \t]+", "", text.strip())

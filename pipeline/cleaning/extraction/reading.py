"""A page's text as a reader sees it: every block, in order, and where it stands.

One walk over the tree. A block is a run of text between two block-level elements; two line breaks end one as well. What
no reader takes for text (scripts, controls, navigation) is not read. Nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.article import SegmentKind
from pipeline.cleaning.extraction import hints
from pipeline.cleaning.extraction.hints import UNSEEN, Hint

BREAK = "\u2028"  # stands for a line break until the blanks of the markup are collapsed
LAYOUT_CELL = 400  # characters: no cell of a table of data holds so much
# Their text is no text of the page.
UNREAD = frozenset(
    [
        "script", "style", "svg", "noscript", "template", "iframe", "object", "embed", "video", "audio", "picture",
        "canvas", "map", "select", "option", "textarea", "input", "datalist", "source", "track", "link", "meta", "base",
        "head", "title", "nav", "math", "rp", "rt", "rtc", "progress", "meter",
    ]
)  # fmt: skip
_HEADINGS = {"h1": 2, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 2}
_BLOCKS = frozenset(
    [
        "html", "body", "main", "article", "section", "header", "footer", "aside", "figure", "figcaption", "address",
        "hgroup", "p", "div", "center", "blockquote", "pre", "hr", "ul", "ol", "li", "menu", "dl", "dt", "dd", "table",
        "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "form", "fieldset", "legend", "details", "dialog",
        "search", *_HEADINGS,
    ]
)  # fmt: skip
_STRUCK = frozenset({"s", "strike", "del"})
_SECTIONS = frozenset({"article", "section", "main"})  # a list of them is none
MAX_BOLD = 110  # characters of a bold line that is a heading
MAX_PIECES = 8  # of text, that such a line is made of
MAX_SPAN = 50  # columns or rows of one cell


@dataclass(slots=True, kw_only=True)
class PageBlock:
    """A block of a page.

    `place` is the number of its element among `Reading.places`; `hints` are those of all elements that it stands in;
    `linked` is the share of its characters that are links.
    """

    text: str
    kind: SegmentKind
    level: int | None
    place: int
    hints: int
    linked: float
    h1: bool = False


class Places:
    """The block-level elements of a page, by number; one that stands in another has the higher number.

    What an element suggests is found out if it is asked for: most hold no text.
    """

    def __init__(self) -> None:
        self.parents = [-1]
        self.elements: list[Any] = [None]
        self._own: dict[int, int] = {0: 0}
        self._all: dict[int, int] = {0: 0}

    def add(self, element: Any, parent: int) -> int:
        """The number of an element that stands in `parent`."""
        self.parents.append(parent)
        self.elements.append(element)
        return len(self.parents) - 1

    def tag(self, number: int) -> str:
        """An element's tag; of the outermost, which is none, an empty string."""
        return self.elements[number].tag if number else ""

    def name(self, number: int) -> str:
        """An element's class."""
        return (self.elements[number].get("class") or "") if number else ""

    def own(self, number: int) -> int:
        """What an element itself suggests."""
        found = self._own.get(number)
        if found is None:
            found = self._own[number] = hints.of_element(self.elements[number])
        return found

    def hidden(self) -> list[int]:
        """The elements that were asked about and that a browser does not show."""
        return [number for number, own in self._own.items() if own & Hint.HIDDEN]

    def hints(self, number: int) -> int:
        """What an element and those that it stands in suggest."""
        waiting = []
        while number not in self._all:
            waiting.append(number)
            number = self.parents[number]
        found = self._all[number]
        for number in reversed(waiting):
            if self.elements[number].tag in _SECTIONS:
                found &= ~(Hint.LIST | Hint.QUOTE | Hint.CELL)
            found |= self.own(number)
            self._all[number] = found
        return found


@dataclass(slots=True, kw_only=True)
class Reading:
    """All blocks of a page in order, and the elements that they stand in."""

    blocks: list[PageBlock]
    places: Places


def read(tree: Any) -> Reading:
    """Read a parsed page (lxml.html)."""
    walk = _Walk(tree)
    walk.inside(tree, 0)
    walk.flush(0)
    return Reading(blocks=walk.blocks, places=walk.places)


class _Walk:
    """`inside` reads what is in an element; `flush` ends a block."""

    def __init__(self, tree: Any) -> None:
        self.blocks: list[PageBlock] = []
        self.places = Places()
        self._run: list[str] = []
        self._linked = 0  # characters of the run that are links
        self._bold = 0  # characters of it that are bold
        self._strong = 0  # elements that make it so
        self._links = 0  # links that the text stands in
        self._quotes = 0  # q elements that it stands in
        self._apart = 0  # hints of an inline element that it stands in
        self._outer = {above for table in tree.iter("table") if (above := _outer_table(table)) is not None}

    def inside(self, element: Any, place: int) -> None:
        """Read the text and the children of an element."""
        run = self._run
        if (text := element.text) and (run or not text.isspace()):
            run.append(text)
            if self._links:
                self._linked += len(text)
            if self._strong:
                self._bold += len(text)
        for child in element:
            tag = child.tag
            if tag in _BLOCKS:
                if run:
                    self.flush(place)
                number = self.places.add(child, place)
                if tag == "table":
                    self._table(child, number)
                elif tag == "pre":
                    self._lines(child, number)
                else:
                    self.inside(child, number)
                if self._run:
                    self.flush(number)
                run = self._run
            elif tag == "br":
                self._break(place)
                run = self._run
            elif tag not in UNREAD:
                self._inline(child, tag, place)
                run = self._run
            if (text := child.tail) and (run or not text.isspace()):
                run.append(text)
                if self._links:
                    self._linked += len(text)
                if self._strong:
                    self._bold += len(text)

    def _break(self, place: int) -> None:
        """One break ends a line; two end a block, and one does below a line that is bold."""
        last = next((text for text in reversed(self._run) if text == BREAK or not text.isspace()), "")
        if last == BREAK or (len(self._run) <= MAX_PIECES and self._is_bold("".join(self._run))):
            self.flush(place)
        else:
            self._run.append(BREAK)

    def _inline(self, child: Any, tag: str, place: int) -> None:
        if tag == "a":
            self._links += 1
            self.inside(child, place)
            self._links -= 1
        elif tag in ("b", "strong"):
            self._strong += 1
            self.inside(child, place)
            self._strong -= 1
        elif tag == "q":
            opening, closing = ("‘", "’") if self._quotes % 2 else ("“", "”")
            self._quotes += 1
            self._run.append(opening)
            self.inside(child, place)
            self._run.append(closing)
            self._quotes -= 1
        elif tag in _STRUCK:
            self._read_apart(child, place, Hint.STRUCK)
        elif tag == "button" and child.getparent().tag not in _HEADINGS:
            pass
        elif child.attrib and hints.of_element(child) & Hint.HIDDEN:
            self._read_apart(child, place, Hint.HIDDEN)
        else:
            self.inside(child, place)

    def _read_apart(self, element: Any, place: int, hint: int) -> None:
        """Read an element whose text is not of the sentence that it stands in."""
        before = self._run, self._linked, self._bold, self._apart
        self._run, self._linked, self._bold, self._apart = [], 0, 0, self._apart | hint
        self.inside(element, place)
        self.flush(place)
        self._run, self._linked, self._bold, self._apart = before

    def _lines(self, element: Any, place: int) -> None:
        """Read an element whose line ends are its own."""
        for inner in element.iter():
            inner.text, inner.tail = _kept_lines(inner.text), _kept_lines(inner.tail)
        self.inside(element, place)

    def _is_bold(self, raw: str) -> bool:
        """Whether what was read is one bold line without a full stop, as a heading is."""
        if not self._bold or len(raw) > MAX_BOLD:
            return False
        text = raw.strip()
        return bool(text) and self._bold >= len(text) and BREAK not in text and text[-1] not in ".,;!?:…"

    def flush(self, place: int) -> None:
        """End a block: what was read since the last one, if it is anything."""
        run = self._run
        if not run:
            return
        raw = "".join(run)
        bold = self._is_bold(raw)
        linked, self._run, self._linked, self._bold = self._linked, [], 0, 0
        if BREAK in raw:
            text = "\n".join(line for part in raw.split(BREAK) if (line := " ".join(part.split())))
        else:
            text = " ".join(raw.split())
        if not text:
            return
        found = self.places.hints(place) | self._apart
        tag = self.places.tag(place)
        level = _HEADINGS.get(tag)
        kind: SegmentKind = "paragraph"
        if level:
            kind, text = "heading", text.replace("\n", " ")
        elif bold and tag in ("p", "div") and not found & (Hint.QUOTE | Hint.LIST):
            kind, level, text = "heading", 3, text.replace("\n", " ")
        elif found & Hint.QUOTE:
            kind = "quote"
        elif found & Hint.LIST:
            kind = "list"
        share = min(1.0, linked / len(raw)) if linked else 0.0
        self.blocks.append(
            PageBlock(text=text, kind=kind, level=level, place=place, hints=found, linked=share, h1=tag == "h1")
        )

    def _table(self, table: Any, place: int) -> None:
        """A table of data is one block, a line a row; a layout is the blocks in it."""
        first = len(self.blocks)
        if table in self._outer:
            self.inside(table, place)
            return
        rows: list[list[str]] = []
        waiting: dict[int, int] = {}  # column -> rows that a cell above reaches down
        layout = False
        for row in table.iter("tr", "caption"):
            cells: list[str] = []
            for cell in row if row.tag == "tr" else [row]:
                if cell.tag not in ("td", "th", "caption"):
                    continue
                while waiting.get(len(cells)):
                    waiting[len(cells)] -= 1
                    cells.append("")
                start = len(self.blocks)
                number = self.places.add(cell, place)
                self.inside(cell, number)
                self.flush(number)
                within = [block for block in self.blocks[start:] if not block.hints & UNSEEN]
                text = " ".join(block.text.replace("\n", " ") for block in within)
                layout = layout or len(text) > LAYOUT_CELL or any(block.kind == "heading" for block in within)
                wide, deep = _number(cell.get("colspan")), _number(cell.get("rowspan"))
                for column in range(len(cells), len(cells) + wide):
                    if deep > 1:
                        waiting[column] = deep - 1
                cells += [text, *[""] * (wide - 1)]
            rows.append(cells)
        if layout or not any(any(cells) for cells in rows):
            return
        read = self.blocks[first:]
        loose = [block for block in read if block.hints & UNSEEN]
        length = sum(len(block.text) for block in read) or 1
        linked = sum(block.linked * len(block.text) for block in read) / length
        lines = [" | ".join(cells).rstrip(" |").strip() for cells in rows if any(cells)]
        self.blocks[first:] = [
            PageBlock(
                text="\n".join(lines),
                kind="table",
                level=None,
                place=place,
                hints=self.places.hints(place),
                linked=linked,
            ),
            *loose,
        ]


def _outer_table(table: Any) -> Any:
    """The table that another stands in."""
    above = table.getparent()
    while above is not None and above.tag != "table":
        above = above.getparent()
    return above


def _number(text: str | None) -> int:
    """Columns or rows of a cell, within reason."""
    return min(max(int(text), 1), MAX_SPAN) if text and text.isdecimal() and len(text) < 5 else 1


def _kept_lines(text: str | None) -> str | None:
    return text.replace("\n", BREAK) if text else text

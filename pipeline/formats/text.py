"""Plain text: what stands at its head, and how lines of text end and begin."""

from __future__ import annotations

import re

from pipeline.article import Hints, Json
from pipeline.formats import markup, text_head
from pipeline.formats.charset import decode_html_bytes
from pipeline.formats.lines import one_line
from pipeline.formats.media_type import charset

BULLET = re.compile(r"(?:[-*•·▪‣–—]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+(?=\S)")
SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")


class PlainText:
    """Its first line is the title if it looks like one, and nobody gave another; so are byline and time at its head."""

    name = "text"
    media_types = ("text/plain",)
    suffixes = (".txt",)

    def plainly(self, _: bytes, /) -> bool:
        """Any bytes may be text: it must be declared."""
        return False

    def read(self, data: bytes, hints: Hints, /) -> Json:
        """The text as `body`."""
        text = decode_html_bytes(data, charset=charset(hints.content_type))
        if markup.is_markup(text):
            return {"body": text, "contentType": "text/plain"}
        fields, rest = text_head.split(text)
        title, body = (fields["title"], rest) if "title" in fields else split_title(rest)
        given = one_line(hints.title, limit=1000)
        if given and title and one_line(title) != given:
            # The line is the text's own.
            title, body = given, f"{title}\n\n{rest}" if "title" in fields else rest
        if title:
            fields["title"] = title
        return {**fields, "body": body, "contentType": "text/plain"}


def split_title(text: str) -> tuple[str | None, str]:
    """A text's first line as its title, if it looks like one, and the rest; else None and the text as it is."""
    stripped = text.lstrip("\ufeff \t\r\n")
    first, _, rest = stripped.partition("\n")
    first, rest = first.strip(), rest.lstrip("\r\n")
    following = next((line.strip() for line in rest.split("\n") if line.strip()), "")
    blank = rest != stripped.partition("\n")[2]
    if not first or not following or len(first) > 200 or len(first.split()) > 30:
        return None, text
    if (SENTENCE_END.search(first) and first[-1] not in "?!") or first[-1] in ",;:-–—" or first[0].islower():
        return None, text
    if BULLET.match(first) or (not blank and len(following) < len(first) * 1.5):
        return None, text
    if not SENTENCE_END.search(rest.strip()) and len(rest) < 200:
        return None, text
    return first, rest

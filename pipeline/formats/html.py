"""An HTML page or fragment."""

from __future__ import annotations

import re

from pipeline.article import Hints, Json
from pipeline.formats.charset import decode_html_bytes
from pipeline.formats.media_type import charset, essence

_HEAD = 1_024  # bytes
# What a page begins with, comments and an XML declaration aside.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--.{0,900}?-->|<\?xml[^>]{0,200}\?>)*+<(?:!doctype\s+html|html)[\s>]", re.I | re.S
)


class Html:
    """Its characters are decoded as browsers find them."""

    name = "html"
    media_types = ("text/html", "application/xhtml+xml")
    suffixes = (".html", ".htm")

    def plainly(self, data: bytes, /) -> bool:
        """It begins with `<!doctype html` or `<html`."""
        return _PAGE.match(data[:_HEAD]) is not None

    def read(self, data: bytes, hints: Hints, /) -> Json:
        """The page as `html`."""
        kind = essence(hints.content_type)
        return {
            "html": decode_html_bytes(data, charset=charset(hints.content_type)),
            "contentType": kind if kind in self.media_types else "text/html",
        }

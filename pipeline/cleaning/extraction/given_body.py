"""The body that a page gives in its data: JSON-LD `articleBody`, whatever is broken around it.

It is a second witness. Many a page gives a teaser there, or a text without paragraphs, so it is taken only if the page
itself shows far less.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence

from pipeline.cleaning.structure.blocks import Block

MAX_BODY = 200_000  # characters of JSON that are read
MANY = 3  # sentences a paragraph, if a body has none
_KEY = re.compile(r'"articleBody"\s*:\s*(?=")')
_TAG = re.compile(r"</?(p|div|br|h[1-6]|li|ul|ol|blockquote|section|tr)\b[^<>]*>", re.IGNORECASE)
_INLINE = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_LINES = re.compile(r"\s*\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’»)]*\s+(?=\S)|(?<=[。！？])(?=[^”’」』）\s])")


def longest(data: Sequence[str]) -> str:
    """The longest `articleBody` among the texts of a page's JSON-LD blocks; an empty string if there is none."""
    decoder = json.JSONDecoder(strict=False)
    best = ""
    for text in data:
        for found in _KEY.finditer(text):
            try:
                value, _ = decoder.raw_decode(text[found.end() : found.end() + MAX_BODY])
            except ValueError:
                continue
            if isinstance(value, str) and len(value) > len(best):
                best = value
    return best


def blocks(body: str) -> list[Block]:
    """Its paragraphs: by its markup, its line ends, or else some sentences each."""
    if "<" in body or "&" in body:
        body = _INLINE.sub("", _TAG.sub("\n", html.unescape(body)))
    lines = [" ".join(line.split()) for line in _LINES.split(body)]
    lines = [line for line in lines if line]
    if len(lines) == 1:
        sentences = [part.strip() for part in _SENTENCE.split(lines[0]) if part and part.strip()]
        lines = [" ".join(sentences[at : at + MANY]) for at in range(0, len(sentences), MANY)]
    return [Block(kind="paragraph", text=line) for line in lines]

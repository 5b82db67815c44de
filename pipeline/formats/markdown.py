"""Markdown in a body: what is Markdown, and the same as a fragment of HTML.

A text is Markdown if it shows two kinds of its marks, or two headings: a "#" or a "*" alone is a sign like others.
Source: CommonMark 0.31, of which the marks of articles are read: headings, lists, quotations, links, images, emphasis.
"""

from __future__ import annotations

import html
import re

_HEADING = re.compile(r"^(#{1,6}) +(\S[^\n]{0,300}?)(?: +#+)?[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"(!?)\[([^\[\]\n]{0,300})\]\((?:https?://|/|mailto:)[^\s()]{0,2000}(?: \"[^\"\n]{0,200}\")?\)")
_BOLD = re.compile(
    r"(?<![\w*])\*\*(?=[^\s*])([^*\n]{1,300}?)(?<=[^\s*])\*\*(?![\w*])|(?<!\w)__(?=[^\s_])([^_\n]{1,300}?)(?<=[^\s_])__(?!\w)"
)
_ITALIC = re.compile(
    r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,300}?)(?<=[^\s*])\*(?![\w*])|(?<!\w)_(?=[^\s_])([^_\n]{1,300}?)(?<=[^\s_])_(?!\w)"
)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)]) +(?=\S)")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def is_markdown(text: str) -> bool:
    """Whether a text without HTML is Markdown."""
    if "](" not in text and "**" not in text and "# " not in text:
        return False
    headings = sum(1 for _ in _HEADING.finditer(text))
    kinds = (headings > 0) + (_LINK.search(text) is not None) + (_BOLD.search(text) is not None)
    return kinds >= 2 or headings >= 2


def to_html(text: str) -> str:
    """The same as HTML, block by block."""
    text = html.escape(text.replace("\r\n", "\n"), quote=False).replace("\n&gt;", "\n>")
    text = re.sub(r"\A&gt;", ">", text)
    text = _HEADING.sub(r"\n\n\g<0>\n\n", text)
    return "\n".join(_block(block) for block in _PARAGRAPHS.split(text.strip()) if block.strip())


def _block(block: str) -> str:
    if heading := _HEADING.fullmatch(block.strip()):
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    lines = block.split("\n")
    if lines[0].startswith(">"):
        return f"<blockquote>{_inline(_QUOTE.sub('', block))}</blockquote>"
    if all(_ITEM.match(line.strip()) or line.startswith(" ") for line in lines):
        items = [_ITEM.sub("", line.strip(), count=1) for line in lines]
        return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"
    return f"<p>{_inline(block)}</p>"


def _inline(text: str) -> str:
    text = _LINK.sub(lambda link: "" if link[1] else f'<a href="#">{link[2]}</a>', text)
    text = _BOLD.sub(lambda found: f"<b>{found[1] or found[2]}</b>", text)
    return _ITALIC.sub(lambda found: f"<i>{found[1] or found[2]}</i>", text)

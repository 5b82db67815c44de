"""Markup in fields of text: what is markup, what only looks like it, and what is under its wrappings.

Feeds escape a body once or twice, put it into CDATA, and write tags and entities into headlines. Plain text has a "<"
or a "&" of its own, which stays: markup is known by elements of HTML that are opened and closed, or by line breaks.
"""

from __future__ import annotations

import html
import re

MAX_LINE = 8_000  # characters of a field of one line that are looked at
_BLOCKS = frozenset([
    "p", "div", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "table", "thead", "tbody", "tfoot", "tr", "td", "th", "section", "article", "header", "footer", "main", "aside",
    "nav", "figure", "figcaption", "pre", "address", "center", "html", "head", "body", "title", "nitf", "hedline",
    "hl1", "hl2",
])  # fmt: skip
_INLINE = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "mark", "q", "ruby", "rt", "rp", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "img", "wbr", "picture", "video", "audio", "source", "iframe", "script", "style", "noscript", "svg",
    "object", "embed",
])  # fmt: skip
_VOID = frozenset({"br", "hr", "img", "wbr", "source", "embed"})
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.]{0,15})((?:\s[^<>]{0,4000})?)/?>")
_ESCAPED_BLOCK = re.compile(r"&(?:amp;){0,3}lt;/?(?:p|div|br|ul|ol|li|h[1-6]|blockquote|table)\b", re.IGNORECASE)
_REAL_BLOCK = re.compile(r"</?(?:p|div|br|ul|ol|li|h[1-6]|blockquote|table)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_PAGE = re.compile(r"<(?:!doctype\s+html|html|body|head)[\s>]", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:[^-]|-(?!->))*+-->")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>(?:[^<]|<(?!/\1))*+</\1\s*>", re.IGNORECASE)
_CODE = re.compile(r"<(?:code|pre|samp|kbd|textarea)[\s>]", re.IGNORECASE)
_QUOTES = "\"'`“”‘’„«»"
_ROUNDS = 3  # feeds escape twice at most, and once more on their way


def is_markup(text: str) -> bool:
    """Whether a text is HTML rather than a text with a "<" in it."""
    if "<" not in text or ">" not in text:
        return False
    opened: dict[str, int] = {}
    paragraphs = breaks = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if (name not in _BLOCKS and name not in _INLINE) or _is_quoted(text, tag):
            continue
        if tag[1]:
            if opened.get(name, 0):
                return True
        elif name == "br":
            # "the <br> tag" is about one; a line that is broken has none of its words beside it, or has others.
            glued = not (text[tag.start() - 1 : tag.start()] == " " and text[tag.end() : tag.end() + 1] == " ")
            breaks += 2 if glued else 1
            if breaks >= 2:
                return True
        elif name == "img" and "src" in tag[3].lower():
            return True
        elif name == "p":
            paragraphs += 1
            if paragraphs >= 2:
                return True
            opened[name] = 1
        elif name not in _VOID and not (name == "a" and "=" not in tag[3]):
            opened[name] = opened.get(name, 0) + 1
    return False


def _is_quoted(text: str, tag: re.Match[str]) -> bool:
    """Whether a tag is spoken of: it stands in quotation marks of its own."""
    before, after = text[tag.start() - 1 : tag.start()], text[tag.end() : tag.end() + 1]
    return bool(before) and before in _QUOTES and bool(after) and after in _QUOTES


def has_tags(text: str) -> bool:
    """Whether a tag of HTML is in it at all."""
    return any(tag[2].lower() in _BLOCKS or tag[2].lower() in _INLINE for tag in _TAG.finditer(text))


def is_page(text: str) -> bool:
    """Whether markup is a page, not a fragment."""
    return _PAGE.search(text) is not None


def unwrapped(text: str) -> str:
    """A body without CDATA marks, and unescaped where it was markup that somebody escaped."""
    if is_page(text):
        return text
    text = _without_cdata(text)
    if not _is_escaped(text):
        return text
    # What is escaped within markup is text, as in an article about HTML; a few tags around much that is escaped is not.
    if is_markup(text) and (_CODE.search(text) or len(_ESCAPED_BLOCK.findall(text)) <= len(_REAL_BLOCK.findall(text))):
        return text
    candidate = text
    for _ in range(_ROUNDS):
        candidate = unescaped(candidate)
        if "<![CDATA[" in candidate:
            candidate = _without_cdata(candidate)
            if not _is_escaped(candidate):
                return candidate
        if is_markup(candidate):
            return candidate
    return text


def _is_escaped(text: str) -> bool:
    return "lt;" in text or "#60;" in text or "#x3c;" in text.lower()


def _without_cdata(text: str) -> str:
    return text.replace("<![CDATA[", "").replace("]]>", "") if "<![CDATA[" in text else text


def unescaped(text: str) -> str:
    """Entities that end in a semicolon decoded, once."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def line(text: str) -> str:
    """A field of one line as a reader sees it: without tags and entities; what only looks like a tag stays."""
    if "<" not in text and "&" not in text:
        return text
    text = text[:MAX_LINE]
    for _ in range(_ROUNDS):
        before = text
        text = _stripped(_without_cdata(text))
        text = unescaped(text)
        if text == before:
            break
    return text


def _stripped(text: str) -> str:
    text = _COMMENT.sub(" ", text)
    if not is_markup(text) and not _begins_with_tag(text):
        return text
    return _TAG.sub(_blank, _SCRIPT.sub(" ", text))


def _begins_with_tag(text: str) -> bool:
    """A tag of HTML with which a field begins is no word of it: "<p>Quay closes"."""
    found = _TAG.match(text.lstrip())
    return found is not None and found[2].lower() in _BLOCKS and found.end() < len(text.strip())


def _blank(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    return " " if name in _BLOCKS else "" if name in _INLINE else tag[0]

"""JSON-LD as pages carry it: also broken, nested, referring to itself, and of other articles than the page's.

nodes(blocks) -> every object that may describe something    own(nodes, ...) -> those that describe the page's article
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pipeline import bylines

MAX_JSON = 500_000  # characters of one block
MAX_NODES = 400  # objects of a page
MAX_VALUES = 20  # values that stand in one block
_Node = dict[str, Any]

_ARTICLE = re.compile(r"article|posting|review|recipe|report|opinion|analysis|liveblog")
_PAGE = re.compile(r"page$|^website$")
_EDGES = re.compile(r"^(?:\s|\ufeff|<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)+")
# A string, a comment, a comma without anything behind it: nothing here is looked at twice.
_TOKENS = re.compile(
    r'"(?:[^"\\]|\\.)*+"?|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|//[^\n]*+|<!--|-->|<!\[CDATA\[|\]\]>|,(?=\s*+[,}\]])', re.DOTALL
)
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\')
_QUOTED_WORD = re.compile(r'(?<=\w )"(?=\w)|(?<=[\w.!?])"(?=\s?\w)')
_DECODER = json.JSONDecoder(strict=False)


def nodes(blocks: Iterable[str]) -> list[_Node]:
    """Every object at the top of a block, in its graph or its list, and what it says is its main entity."""
    found: list[_Node] = []
    for block in blocks:
        if len(block) <= MAX_JSON:
            for value in _values(block):
                found.extend(_flat(value))
    return found[:MAX_NODES]


def _values(block: str) -> list[Any]:
    try:
        return [json.loads(block, strict=False)]
    except (ValueError, RecursionError):
        pass
    text = _EDGES.sub("", block)
    if '"' not in text:
        text = html.unescape(text)
    mended = _TOKENS.sub(_token, text)
    for attempt in (mended, _TOKENS.sub(_token, _QUOTED_WORD.sub(r"\"", text))):
        if values := _decoded(attempt):
            return values
    return []


def _token(found: re.Match[str]) -> str:
    token = found[0]
    if token[0] != '"':
        return " "
    # A backslash that escapes nothing (\') stands for nothing.
    return _ESCAPE.sub(lambda escape: escape[0] if len(escape[0]) > 1 else "", token) if "\\" in token else token


def _decoded(text: str) -> list[Any]:
    """The values that stand in a text one after the other; what is before the first ("x =") is passed over."""
    values: list[Any] = []
    begin = re.search(r"[{\[]", text)
    at = begin.start() if begin else len(text)
    while at < len(text) and len(values) < MAX_VALUES:
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        values.append(value)
        following = re.compile(r"[\s;,]*+(?=[{\[])").match(text, at)
        at = following.end() if following else len(text)
    return values


def _flat(value: Any) -> Iterator[_Node]:
    queue, seen = [value], 0
    while queue and seen < MAX_NODES:
        item = queue.pop(0)
        seen += 1
        if isinstance(item, list):
            queue[:0] = item[:MAX_NODES]
        elif isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            inner = list(graph[:MAX_NODES] if isinstance(graph, list) else [graph])
            inner += [item.get("mainEntity"), item.get("mainEntityOfPage")]
            queue[:0] = [part for part in inner if isinstance(part, dict | list)]


def kind(node: Mapping[str, Any]) -> str:
    """Its types, lower case, without the vocabulary's address."""
    types = node.get("@type")
    listed = types if isinstance(types, list) else [types]
    return " ".join(re.split(r"[/#:]", part)[-1] for part in listed if isinstance(part, str)).lower()


def is_page(node: Mapping[str, Any]) -> bool:
    """Whether it describes a page and no article."""
    return _PAGE.search(kind(node)) is not None and not _ARTICLE.search(kind(node))


def own(found: Sequence[_Node], *, urls: Iterable[str | None], titles: Iterable[str | None]) -> list[_Node]:
    """The nodes of the page's own article, the surest first, then those of its page.

    Of several articles it is the one that the page's address or headline names. One that both speak against is another
    article, also where it is alone.
    """
    paths = {path for url in urls if (path := _path(url))}
    heads = [words for title in titles if (words := _words(title))]
    scored = []
    for place, node in enumerate(found):
        if not _ARTICLE.search(kind(node)) and not (
            not kind(node) and node.get("headline") and node.get("datePublished")
        ):
            continue
        scored.append((_score(node, paths, heads), -place, node))
    best = max((score for score, _, _ in scored), default=0)
    kept = [(score, place, node) for score, place, node in scored if score > -2 and (score > 0 or best <= 0)]
    kept.sort(key=lambda row: row[:2], reverse=True)
    return [node for _, _, node in kept] + [node for node in found if is_page(node)]


def _score(node: _Node, paths: set[str], heads: list[set[str]]) -> int:
    """2 for an address or a headline that is the page's, 1 less for one that is not."""
    score = 0
    entity = node.get("mainEntityOfPage")
    entity = entity.get("@id") or entity.get("url") if isinstance(entity, dict) else entity
    given = {path for url in (node.get("url"), entity, node.get("@id")) if (path := _path(url))}
    if given and paths:
        score += 2 if given & paths else -1
    words = _words(node.get("headline") or node.get("name"))
    if words and heads:
        near = max(len(words & head) / min(len(words), len(head)) for head in heads)
        score += 2 if near >= 0.6 else -1 if near < 0.35 else 0
    return score


def _path(url: Any) -> str | None:
    """What tells one page of a site from another; None of a home page."""
    if not isinstance(url, str) or len(url) > 2048:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    path = re.sub(r"(?:/amp)?/*(?:index\.html?)?$", "", parts.path.lower())
    return (path + ("?" + parts.query if re.search(r"(?:^|&)(?:p|id|story|article)\w*=", parts.query) else "")) or None


def _words(text: Any) -> set[str]:
    if not isinstance(text, str):
        return set()
    words = re.findall(r"\w+", html.unescape(text).casefold())
    return set(words) if len(words) > 2 else set("".join(words))


def by_id(found: Iterable[_Node]) -> dict[str, _Node]:
    """The nodes that others refer to."""
    return {node["@id"]: node for node in found if isinstance(node.get("@id"), str) and len(node) > 1}


def writers(value: Any, index: Mapping[str, _Node], outlets: Sequence[str]) -> list[bylines.Name]:
    """Those whom an `author` names: texts, persons, organisations, references to any of them."""
    names: list[bylines.Name] = []
    for item in (value if isinstance(value, list) else [value])[: bylines.MAX_NAMES]:
        node = index.get(item.get("@id", ""), item) if isinstance(item, dict) and not item.get("name") else item
        text = item if isinstance(item, str) else name(node)
        if not text:
            continue
        found = bylines.read(text, outlets=outlets)
        if isinstance(node, dict) and "organization" in kind(node):
            found = tuple(_organisation(one) for one in found) or (bylines.Name(text=text, kind="desk"),)
        names.extend(one for one in found if one.key not in {known.key for known in names})
    return names[: bylines.MAX_NAMES]


def _organisation(one: bylines.Name) -> bylines.Name:
    return bylines.Name(text=one.text, kind="desk") if one.kind == "person" else one


def name(node: Any) -> str | None:
    """What a person or an organisation is called."""
    if isinstance(node, list):
        return next((found for one in node[:5] if (found := name(one))), None)
    if isinstance(node, str):
        return node.strip() or None
    if not isinstance(node, dict):
        return None
    called = node.get("name") or node.get("@value")
    if isinstance(called, list):
        return ", ".join(part for part in called if isinstance(part, str)) or None
    if isinstance(called, dict):
        called = called.get("@value")
    if isinstance(called, str) and called.strip():
        return called.strip()
    parts = [part.strip() for key in ("givenName", "familyName") if isinstance(part := node.get(key), str)]
    return " ".join(filter(None, parts)) or None

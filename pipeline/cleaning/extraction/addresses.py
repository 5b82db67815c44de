"""Addresses of a page: the one that it declares for itself, where that can be; and its pictures' and its outlet's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.ids import canonical_url, is_uri

MAX_URL = 8_192  # characters
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go", "gob", "gouv"])


def base(tree: Any, url: str | None) -> str | None:
    """What relative addresses of a page are relative to."""
    element = next(tree.iter("base"), None)
    return absolute(element.get("href") if element is not None else None, url) or url


def absolute(address: Any, origin: str | None) -> str | None:
    """An http address in full; None if it is none."""
    if not isinstance(address, str) or not address.strip() or len(address) > MAX_URL:
        return None
    try:
        joined = urljoin(origin or "", address.strip())
        parts = urlsplit(joined)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        return None
    return joined if good and is_uri(joined) else None


def declared(tree: Any, others: Iterable[str], *, base: str | None) -> Iterator[str]:
    """What the page says is its address: `<link rel=canonical>`, then its meta elements."""
    links = (e.get("href") for e in tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split())
    for address in (*list(links)[:5], *others):
        if full := absolute(address, base):
            yield full


def of_nodes(articles: Sequence[dict[str, Any]], *, base: str | None) -> Iterator[str]:
    """What the JSON-LD of the article says is its address."""
    for node in articles:
        entity = node.get("mainEntityOfPage")
        for address in (entity.get("@id") if isinstance(entity, dict) else entity, node.get("url")):
            if full := absolute(address, base):
                yield full


def choose(candidates: Sequence[str], *, fed: str | None) -> str | None:
    """The first that may be the address of an article; a home page is none, unless it was fed."""
    at_home = fed is not None and _is_home(fed)
    return next((canonical_url(address) for address in candidates if at_home or not _is_home(address)), None)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.strip("/").lower() in ("", "index.html", "index.php", "home") and not parts.query


def outlet_names(url: str | None) -> Iterator[str]:
    """What the outlet of an address may be called: its host, with and without its top level."""
    try:
        host = (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return
    labels = host.split(".")
    if len(labels) > 1:
        yield host
        last = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else -2
        yield labels[last]
        yield ".".join(labels[last:])


def of_image(value: Any) -> str | None:
    """The address of an image of JSON-LD: a text, an object, or the first of a list."""
    first = next(iter(value), None) if isinstance(value, list) else value
    address = (first.get("url") or first.get("contentUrl")) if isinstance(first, dict) else first
    return address if isinstance(address, str) else None

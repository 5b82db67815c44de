"""Ids that depend on the input and the pipeline alone, so that consumers and replays can dedupe on them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pipeline.article import StageRun
from pipeline.version import __version__

# RFC 3986: a scheme, then only the characters a URI may have.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+\Z")
# Parameters that say how a reader came to a page, not which page it is.
_TRACKING = re.compile(r"(?:utm_.*|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|ref_src|cmpid|ocid)\Z", re.I)
_DEFAULT_PORT = {"http": 80, "https": 443}


def is_uri(value: str) -> bool:
    """True for an absolute URI of RFC 3986 of at most 2,048 characters."""
    if len(value) > 2048 or not _URI.match(value):
        return False
    try:
        urlsplit(value)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return True


def canonical_url(url: str) -> str:
    """The same page has one URL: scheme and host in lower case, no default port, fragment or tracking parameters."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
        port = parts.port
    except ValueError:
        return url.strip()
    if port and port != _DEFAULT_PORT.get(parts.scheme):
        host = f"{host}:{port}"
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(pair[0])])
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", query, ""))


def article_uri(*, uri: str | None, url: str | None, raw_sha256: str) -> str:
    """The given uri, else one derived from the URL, else one derived from the bytes themselves (UUID version 5)."""
    if uri and is_uri(uri):
        return uri
    name = uri or (canonical_url(url) if url else f"sha256:{raw_sha256}")
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def fingerprint(stages: Iterable[StageRun]) -> str:
    """16 hex digits over the pipeline's version and the ordered stages: component, version, configuration, model."""
    parts = [f"copydesk/{__version__}"]
    for run in stages:
        component, model = run.component, run.component.model
        parts.append("/".join((run.stage, component.name, component.version, component.config)))
        if model:
            parts.append("/".join((model.name, model.version, model.sha256)))
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def record_id(*, uri: str, text_sha256: str, editorial_sha256: str, pipeline: str) -> str:
    """32 hex digits over (uri, cleaned text, editorial state and version, pipeline fingerprint)."""
    parts = (uri, text_sha256, editorial_sha256, pipeline)
    return sha256("\n".join(part for part in parts if part).encode()).hexdigest()[:32]


def take_down_id(*, uri: str, place: str) -> str:
    """32 hex digits over the uri and the place of the raw message: each take-down is one of its own, a copy is not."""
    return sha256(f"{uri}\ntaken_down\n{place}".encode()).hexdigest()[:32]

"""Media types as `content-type` has them (RFC 9110, 8.3): `text/html; charset=utf-8`."""

from __future__ import annotations

import re

_CHARSET = re.compile(r""";\s*charset\s*=\s*"?([A-Za-z0-9_.:\-]{1,40})"?\s*(?:;|\Z)""", re.IGNORECASE)


def essence(value: str | None) -> str:
    """Type and subtype in lower case, without parameters; empty if none is said."""
    return (value or "").partition(";")[0].strip().lower()


def charset(value: str | None) -> str | None:
    """The charset that is said, as it is written."""
    found = _CHARSET.search(value or "")
    return found[1] if found else None


def json_like(kind: str) -> bool:
    """Whether an essence is JSON's."""
    return kind in ("", "application/json", "text/json") or kind.endswith("+json")

"""A Kafka message as one line of JSON for `copydesk tail --json`, and back again for `copydesk feed` and the others.

Most messages are JSON without a header that changes how to read it; such a line is the value itself. Otherwise it is
one of

    {"headers": {...}, "value": ...}                     a JSON value, and headers that say how to read it
    {"notJson": "...", "base64": "...", "headers": {...}}  anything else: its beginning for people, and all its bytes
    {"key": "...", "value": null}                        no value: the key's article is taken down
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import orjson

from agents import foreign
from agents.kafka import messages
from pipeline.formats.json_array import is_dense
from pipeline.formats.media_type import essence
from pipeline.formats.registry import JSON

_BYTES = frozenset({"notJson", "base64", "headers"})
_VALUE = frozenset({"value", "headers"})
_TAKE_DOWN = frozenset({"key", "value"})
Pairs = tuple[tuple[str, bytes], ...]


def written(value: bytes | None, headers: Any, *, key: bytes | None = None) -> bytes:
    """One line of JSON. The key is written only of a message without a value; null stands for one without both."""
    line = foreign.message_json(value)
    if value is None:
        return line if key is None else take_down(key)
    kept, _ = messages.feeders(headers)
    shown = foreign.json_line({name: _text(given) for name, given in kept})
    if line.startswith(b'{"notJson":') and not _is_json(value):
        return line[:-1] + b',"headers":' + shown + b"}" if kept else line
    hints = messages.hints(messages.known(headers))
    if hints is None or (essence(hints.content_type) in ("", *JSON.media_types) and not messages.says_more(hints)):
        return line
    return b'{"headers":' + shown + b',"value":' + line + b"}"


def take_down(key: bytes) -> bytes:
    """One line of JSON for a message that takes the key's article down."""
    return foreign.json_line({"key": _text(key), "value": None})


def taken_down(line: bytes) -> bytes | None:
    """The key, if the line stands for a message without a value; else None."""
    if b'"key"' not in line or is_dense(line):
        return None
    try:
        found = orjson.loads(line)
        if isinstance(found, dict) and found.keys() == _TAKE_DOWN and found["value"] is None:
            return _bytes(found["key"])
    except (ValueError, TypeError, AttributeError, LookupError):
        pass  # somebody's own JSON that only looks like it
    return None


def opened(line: bytes) -> tuple[bytes, Pairs]:
    """The value and the headers of a message that was written so; anything else as it is, without headers."""
    if not (b'"base64"' in line or b'"headers"' in line) or is_dense(line):
        return line, ()
    try:
        found = orjson.loads(line)
        if not isinstance(found, dict):
            return line, ()
        headers = found.get("headers", {})
        pairs = tuple((name, _bytes(value)) for name, value in headers.items())
        if "base64" in found and found.keys() <= _BYTES:
            return b64decode(found["base64"], validate=True), messages.feeders(pairs)[0]
        if found.keys() == _VALUE:
            return orjson.dumps(found["value"]), messages.feeders(pairs)[0]
    except (ValueError, TypeError, AttributeError):
        pass  # a raw article of somebody's that only looks like it
    return line, ()


def _is_json(value: bytes) -> bool:
    try:
        orjson.loads(value.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return False
    return True


def _text(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": foreign.base64(value)}


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else b64decode(value["base64"], validate=True)

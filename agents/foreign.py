"""Makes untrusted text safe to show: on a terminal, in a log line, in a line of JSON.

Keys, headers, values, uris, names of files and topics, and exceptions that quote any of them are untrusted. Whatever is
shown of them goes through here. Printable text of every script is unchanged; a character that would move the cursor,
change a colour, change the reading direction, or be invisible is written as its escape (`\\x1b`, `\\u202e`). Escaping
twice gives the same as escaping once.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

# Blanks of other widths: Python calls every blank but U+0020 unprintable, and Japanese is set with U+3000.
_BLANKS = frozenset("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
# Signs that Unicode files under "format" although they are drawn: Arabic number signs, the end of an ayah, and so on.
_DRAWN = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))
# Letters and marks by their class that no font draws: fillers of Hangul, and what Unicode advises against.
_HIDDEN = frozenset("\u034f\u115f\u17b4\u17b5\u3164\uffa0")
_BOM = b"\xef\xbb\xbf"
_MOST_ESCAPES = 4096  # of the table below: all that text has, far fewer than untrusted text can contain

# U+200C and U+200D belong to the spelling of Persian, of Indic scripts and of joined emoji: behind these they stay.
_JOINED = re.compile(
    "(?<=[\u0600-\u07ff\u0840-\u109f\u1780-\u18af\u1b00-\u1bff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\ufe0f"
    "\u2190-\u2bff\U00011000-\U000115ff\U0001f000-\U0001faff])[\u200c\u200d]"
)


class _Escapes(dict[int, str | int]):
    """A table for str.translate: a character's own code if it is printable, else its escape."""

    def __init__(self, escape: Any, keep: str = "") -> None:
        super().__init__({ord(c): ord(c) for c in keep})
        self._escape = escape

    def __missing__(self, code: int) -> str | int:
        char = chr(code)
        shown = char not in _HIDDEN and (char.isprintable() or char in _BLANKS or char in _DRAWN)
        found = code if shown else self._escape(code)
        if len(self) < _MOST_ESCAPES:
            self[code] = found
        return found


def _shown(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python keeps it in the name of a file
        return f"\\x{code - 0xDC00:02x}"
    return ascii(chr(code))[1:-1]


def _in_json(code: int) -> str:
    if code > 0xFFFF:
        return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code - 0x10000 & 0x3FF):04x}"
    return f"\\u{code:04x}"


_LINE, _LINES, _JSON = _Escapes(_shown), _Escapes(_shown, keep="\n"), _Escapes(_in_json)


def text(value: Any, *, limit: int | None = None) -> str:
    """Anything as one line that moves nothing; of more than `limit` characters the beginning and an ellipsis."""
    found = _escaped(_string(value, limit), _LINE)
    return found if limit is None or len(found) <= limit else found[: limit - 1] + "…"


def lines(value: Any) -> str:
    """Anything as text that moves nothing; line ends stay."""
    return _escaped(_string(value, None), _LINES)


def json_line(value: Any) -> bytes:
    """A value of ours with untrusted strings in it, as one line of JSON. Raises TypeError for what JSON cannot hold."""
    try:
        return json_text(orjson.dumps(value))
    except TypeError:  # a lone surrogate, as in the name of a file, or a number of more than 64 bits
        return json_text(json.dumps(_mended(value), ensure_ascii=False, separators=(",", ":")).encode())


def json_text(value: bytes) -> bytes:
    """Valid JSON as one line of the same JSON: what is unprintable in its strings is escaped, `\\u202e`."""
    # A raw tab or line end stands between tokens only: within a string it would be no JSON.
    value = value.translate(_ONE_LINE)
    return value if value.isascii() and b"\x7f" not in value else value.decode().translate(_JSON).encode()


def message_json(value: bytes | None) -> bytes:
    """Any message's value as one line of JSON: itself if it is JSON, null if there is none.

    What is no JSON is an object of two fields: `notJson` has its beginning for people, `base64` all its bytes.
    """
    if value is None:
        return b"null"
    document = value.removeprefix(_BOM)
    try:
        orjson.loads(document)
    except orjson.JSONDecodeError:
        return json_line({"notJson": text(value, limit=200), "base64": base64(value)})
    return json_text(document)


def base64(value: bytes) -> str:
    """Bytes for programs."""
    from base64 import b64encode

    return b64encode(value).decode()


_ONE_LINE = bytes.maketrans(b"\t\n\r", b"   ")


def _string(value: Any, limit: int | None) -> str:
    if isinstance(value, bytes):
        return value[: None if limit is None else limit * 4 + 4].decode("utf-8", "backslashreplace")
    try:
        found = str(value)
    except RecursionError:  # JSON may be nested deeper than Python writes
        found = f"({type(value).__name__}, nested too deep to be shown)"
    return found if limit is None else found[: limit + 1]


def _escaped(value: str, table: _Escapes) -> str:
    if value.isprintable() and _HIDDEN.isdisjoint(value):
        return value
    if not _JOINED.search(value):
        return value.translate(table)
    joiners = iter(_JOINED.findall(value))
    return "".join(part.translate(table) + next(joiners, "") for part in _JOINED.split(value))


def _mended(value: Any) -> Any:
    """The same with strings that can be written as UTF-8."""
    if isinstance(value, str):
        return "".join(_shown(ord(c)) if "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, dict):
        return {_mended(key): _mended(each) for key, each in value.items()}
    return [_mended(each) for each in value] if isinstance(value, list | tuple) else value

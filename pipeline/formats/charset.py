"""Which characters the bytes of a page mean, as browsers find it (WHATWG Encoding and HTML standards).

A byte order mark wins, then the charset of a `content-type` header (which a file does not have), then UTF-8 where the
bytes are valid UTF-8, then `<meta charset>`, then what charset-normalizer makes of a text that is mostly beyond ASCII,
then Windows-1252, which is what "Latin-1" means on the web.
"""

from __future__ import annotations

import codecs
import re

_META = re.compile(rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_.\-]{2,40})""")
_HEAD = 4096  # bytes; the standard says 1,024, pages say later
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Labels that mean another encoding on the web than in Python.
_WEB = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "iso-8859-9": "cp1254", "latin5": "cp1254", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "big5": "big5hkscs",
    "x-user-defined": "cp1252", "unicode": "utf-8", "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16be": "utf-8",
}  # fmt: skip


# A header may say UTF-16, and is right; a `<meta>` that can be read says so in vain.
_UTF16 = {"utf-16": "utf_16_le", "utf-16le": "utf_16_le", "utf-16be": "utf_16_be"}
# Charsets of other scripts than Latin, which pages were written in before UTF-8.
_SCRIPTS = (
    "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874", "cp932", "euc_jp", "gb18030", "big5", "cp949",
)  # fmt: skip
_GUESSED = 50_000  # bytes that are looked at
_FOREIGN = 0.4  # share of bytes beyond ASCII among letters: French has .1, Greek and Japanese most
_TELLING = 16  # bytes beyond ASCII: fewer tell nothing
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_ASCII = bytes(range(128))
_NO_LETTER = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalpha()))
_NO_CHARSET = frozenset({"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "mbcs", "oem"})


def decode_html_bytes(data: bytes, *, charset: str | None = None) -> str:
    """The text of a page's bytes. Never fails: bytes that mean nothing become U+FFFD.

    `charset` is what a header says; one that is none is not believed.

    Source: https://encoding.spec.whatwg.org and the encoding sniffing algorithm of the HTML standard.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    if charset and (said := _UTF16.get(charset.lower()) or _codec(charset)):
        return data.decode(said, "replace")
    if data[:200].count(0) > 20:  # UTF-16 without a mark: every other byte of markup is a zero
        return data.decode("utf-16-be" if data[:1] == b"\0" else "utf-16-le", "replace")
    declared = _declared(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        # What decodes as UTF-8 is UTF-8, whatever it declares; only escapes of 7-bit encodings look like ASCII.
        return data.decode("iso2022_jp", "replace") if text.isascii() and declared == "iso2022_jp" else text
    if declared in (None, "utf-8"):
        # Good sequences outnumber bad ones in damaged UTF-8.
        text = data.decode("utf-8", "replace")
        good = sum(1 for char in text if char > "\x7f" and char != "\ufffd")
        if good > text.count("\ufffd") or (declared and good == text.count("\ufffd")):
            return text
        return data.decode((None if declared else _guessed(data)) or "cp1252", "replace")
    return data.decode(declared, "replace")


def _guessed(data: bytes) -> str | None:
    """The charset of a text in another script than Latin: there bytes beyond ASCII are many, and tell."""
    text = _TAG.sub(b" ", data[:_GUESSED])
    beyond = len(text.translate(None, _ASCII))
    if beyond < _TELLING or beyond < _FOREIGN * (beyond + len(text.translate(None, _NO_LETTER))):
        return None
    from charset_normalizer import from_bytes

    best = from_bytes(text, cp_isolation=list(_SCRIPTS), enable_fallback=False).best()
    return best.encoding if best else None


def _declared(data: bytes) -> str | None:
    found = _META.search(data[:_HEAD]) or _XML.search(data[:_HEAD])
    if not found:
        return None
    return _codec(found[1].decode("ascii"))


def _codec(label: str) -> str | None:
    label = _WEB.get(label.lower(), label.lower())
    try:
        b"a".decode(label)  # Python has codecs that decode no text: rot13, base64
        name = codecs.lookup(label).name
    except (LookupError, UnicodeError):
        return None
    return None if name in _NO_CHARSET else name

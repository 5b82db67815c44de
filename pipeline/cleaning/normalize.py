"""Characters: mojibake, entities, invisible and hostile code points, runs. `repair(str) -> (str, flags)`.

Each step looks whether it has anything to do before it does it: nearly every article passes through untouched.
Nothing here knows about lines or paragraphs; line ends come out as "\\n".
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import html
import re
import unicodedata

import ftfy

from pipeline import marks
from pipeline.cleaning.quality import Flag

MAX_MARKS = 8  # combining marks on one letter
MAX_RUN = 32  # punctuation marks in a row: spaCy takes 38 s for 20,000 opening brackets
MAX_SAME = 64  # the same letter in a row

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_NO_CHARACTER = re.compile(r"&#\d{1000,};?")
# A lead byte of UTF-8 read as Windows-1252 or Latin-1, followed by what a continuation byte looks like in either.
_SUSPICIOUS = re.compile("[ÂÃÄÅÎÏÐÑØÙâãä][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|ï¿½|[\u0080-\u009f]")
_LINE_ENDS = re.compile("\r\n?|[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]")
_CONTROL = re.compile("[\u0000-\u0008\u000e-\u001b\u001f\u007f-\u009f\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Joiners are letters' own business in Arabic and Indic scripts, and within emoji.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
    "|(?<![\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\ufb50-\ufeff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
_BLANKS = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_ODD_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_MARK = "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_MARK}{{{MAX_MARKS}}}){_MARK}+")
# One look for all that the steps below are about: most articles have typographic quotes and nothing of these.
_STRANGE = re.compile(
    "[\u0080-\u009f\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u06ff\u08d0-\u08ff\u0e31-\u0e4e\u115f\u1160\u17b4\u17b5\u180e\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ufe20-\ufe2f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
    "ÂÃÄÅÎÏÐÑØÙâãä]"
)
_PUNCTUATION_RUN = re.compile(rf"((?:[^\w\s] ?){{{MAX_RUN}}})(?:[^\w\s] ?)+")
_PUNCTUATION_HINT = re.compile(r"[^\w\s] ?[^\w\s] ?[^\w\s] ?[^\w\s]")
_SAME_RUN = re.compile(rf"((\w)\2{{{MAX_SAME - 1}}})\2+")
_TWO_STOPS = re.compile(r"(?<=[^\W_][\w)\]”’\"'])\.\.(?=[\s”’\"')]|\Z)|(?<=[)\]”’])\.\.(?=\s|\Z)")
_SHOUT = re.compile(r"([!?])\1{3,}")
_DOTS = re.compile(r"\.{5,}")
_COMMAS = re.compile(r",{2,}(?=\s)")


def repair(text: str) -> tuple[str, frozenset[Flag]]:
    """Mend the characters of a text: NFC, no control, bidi or invisible ones, no hostile runs; and what was found."""
    flags: set[Flag] = set()
    if "&" in text and _ENTITY.search(text):
        text = _unescape(_unescape(text)) if "&amp;" in text else _unescape(text)
        flags.add(Flag.ENTITIES_DECODED)
    if not text.isascii():
        text = _beyond_ascii(text, flags)
    if not text.isprintable():
        text = _LINE_ENDS.sub("\n", text)
        text = _drop(_CONTROL, text, flags, Flag.CONTROL_CHARACTERS)
    if "  " in text or "\t" in text or (not text.isascii() and _ODD_BLANK.search(text)):
        text = _BLANKS.sub(" ", text)
    if _PUNCTUATION_HINT.search(text):
        text = _drop(_PUNCTUATION_RUN, text, flags, Flag.LONG_RUNS, r"\1")
    if max(map(len, text.split()), default=0) > MAX_SAME:
        text = _drop(_SAME_RUN, text, flags, Flag.LONG_RUNS, r"\1")
    if ".." in text:
        text = _DOTS.sub("...", _TWO_STOPS.sub(".", text))
    if ",," in text:
        text = _COMMAS.sub(",", text)
    if "!!!!" in text or "????" in text:
        text = _SHOUT.sub(r"\1\1\1", text)
    return text, frozenset(flags)


def _unescape(text: str) -> str:
    """Entities decoded, as `html.unescape` does, which fails at a number of thousands of digits."""
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text) if "&#" in text else text)


def _beyond_ascii(text: str, flags: set[Flag]) -> str:
    if not _STRANGE.search(text):
        return _composed(text, flags)
    if _SUSPICIOUS.search(text):
        # By paragraph, so that one bad quotation does not decide for the others.
        fixed = "\n".join(ftfy.fix_encoding(line) if _SUSPICIOUS.search(line) else line for line in text.split("\n"))
        if fixed != text:
            flags.add(Flag.MOJIBAKE_REPAIRED)
        text = fixed
    if "\ufffd" in text:
        flags.add(Flag.MOJIBAKE_LEFT)
    text = _drop(_BIDI, text, flags, Flag.BIDI_CHARACTERS)
    text = _drop(_INVISIBLE, text, flags, Flag.INVISIBLE_CHARACTERS)
    text = _composed(_drop(_MARKS, text, flags, Flag.COMBINING_MARKS, r"\1"), flags)
    return _drop(_MARKS, text, flags, Flag.COMBINING_MARKS, r"\1")


def _composed(text: str, flags: set[Flag]) -> str:
    """The text in NFC, and a flag if it has more marks in a row than any writing needs."""
    if unicodedata.is_normalized("NFC", text):
        return text
    # Marks first: normalising sorts them, one by one.
    return unicodedata.normalize("NFC", _drop(marks.runs(), text, flags, Flag.COMBINING_MARKS, r"\1"))


def _drop(pattern: re.Pattern[str], text: str, flags: set[Flag], flag: Flag, by: str = "") -> str:
    changed, count = pattern.subn(by, text)
    if count:
        flags.add(flag)
    return changed

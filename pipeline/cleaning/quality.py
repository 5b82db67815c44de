"""The closed set of quality flags, and the score they give.

Every flag that cleaning (or decoding) sets is a member of `Flag`; docs/cleaning.md says what sets it. The score starts
at 1 and each flag takes its weight away: a flag for a repaired text has little or no weight, a
flag for what may not be an article at all has much.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pipeline.article import Quality


class Flag(StrEnum):
    """What a reader of the record should know about its text. Closed: docs/cleaning.md documents each member."""

    # What the text is.
    TRUNCATED = "truncated"
    PAYWALLED = "paywalled"
    TOO_SHORT = "too_short"
    MOSTLY_LINKS = "mostly_links"
    MOSTLY_BOILERPLATE = "mostly_boilerplate"
    LISTING_PAGE = "listing_page"
    ERROR_PAGE = "error_page"
    LIVE_BLOG = "live_blog"
    REPEATED_TEXT = "repeated_text"
    MIXED_LANGUAGE = "mixed_language"
    MIXED_SCRIPTS = "mixed_scripts"
    UNKNOWN_LANGUAGE = "unknown_language"
    LANGUAGE_MISMATCH = "language_mismatch"
    # What was mended.
    MOJIBAKE_REPAIRED = "mojibake_repaired"
    MOJIBAKE_LEFT = "mojibake_left"
    ENTITIES_DECODED = "entities_decoded"
    CONTROL_CHARACTERS = "control_characters"
    INVISIBLE_CHARACTERS = "invisible_characters"
    BIDI_CHARACTERS = "bidi_characters"
    COMBINING_MARKS = "combining_marks"
    LONG_RUNS = "long_runs"
    HARD_WRAPPED = "hard_wrapped"
    # How it was taken out of its page, and what the page says of itself.
    EXTRACTION_FALLBACK = "extraction_fallback"
    SIMPLIFIED = "simplified"
    NAIVE_TIMESTAMP = "naive_timestamp"
    UNREADABLE_TIMESTAMP = "unreadable_timestamp"
    ODD_TIMESTAMP = "odd_timestamp"


# Flags that are absent here cost nothing: what was mended is mended.
WEIGHTS: dict[str, float] = {
    Flag.ERROR_PAGE: 0.8,
    Flag.LISTING_PAGE: 0.6,
    Flag.MOSTLY_LINKS: 0.5,
    Flag.MOSTLY_BOILERPLATE: 0.4,
    Flag.TOO_SHORT: 0.4,
    Flag.PAYWALLED: 0.3,
    Flag.TRUNCATED: 0.2,
    Flag.REPEATED_TEXT: 0.2,
    Flag.MOJIBAKE_LEFT: 0.2,
    Flag.UNKNOWN_LANGUAGE: 0.2,
    Flag.EXTRACTION_FALLBACK: 0.1,
    Flag.SIMPLIFIED: 0.1,
    Flag.LIVE_BLOG: 0.1,
    Flag.LONG_RUNS: 0.1,
    Flag.COMBINING_MARKS: 0.1,
    Flag.MIXED_LANGUAGE: 0.1,
    Flag.MIXED_SCRIPTS: 0.1,
    Flag.BIDI_CHARACTERS: 0.05,
    Flag.CONTROL_CHARACTERS: 0.05,
    Flag.LANGUAGE_MISMATCH: 0.05,
}


def assess(flags: Iterable[str]) -> Quality:
    """Score 0-1, to two digits, and the flags in alphabetical order, each once."""
    found = tuple(sorted({str(flag) for flag in flags}))
    return Quality(score=round(max(0.0, 1.0 - sum(WEIGHTS.get(flag, 0.0) for flag in found)), 2), flags=found)

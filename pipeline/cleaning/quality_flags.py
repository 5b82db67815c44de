"""The flags that need the whole cleaned article. docs/cleaning.md documents each."""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from pipeline.article import Metadata, Removed
from pipeline.cleaning.quality import Flag
from pipeline.cleaning.structure.blocks import Block

FEW_WORDS = 40
PAYWALL_WORDS = 150  # a page that says it is not free, or asks for money, and shows less than this, is behind a wall
LISTING_BLOCKS = 8
CLOCKS = timedelta(minutes=5)  # by which the clocks of a newsroom's systems differ
REPEATED = 80  # characters: shorter lines repeat in any text

_ERROR = re.compile(
    r"(?:error )?(?:40[0134]|410|429|50[0234])\b|(?:page|article|story|file) (?:not found|(?:can ?not|could not|can't) be found|no longer (?:exists|available))|"
    r"(?:access|permission) denied|forbidden|just a moment|attention required|are you a (?:robot|human)|verify (?:that )?you are (?:a )?human|"
    r"(?:please )?enable (?:javascript|js|cookies)|javascript (?:is )?(?:required|disabled)|service (?:temporarily )?unavailable|"
    r"bad gateway|gateway time-?out|(?:this )?site can't be reached|unusual traffic|sorry,? (?:we|this|that|the) \w+ ?(?:can't|couldn't|could not|isn't|is not)|oops",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\(?\d{1,2}[:.h]\d{2}(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4})?\)?\b")
_LIVE = re.compile(r"\blive(?: ?blog| updates| coverage|:|\s*[-–—])|\bas it happened\b|\bLIVE\b")
MIN_CUT = 60  # characters: shorter last lines are signatures, sources and list items
_MIDDLE = re.compile(r"(?<!/)\s[^\W\dA-Z_]{2,}[,;–—-]?$")
_CUT = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|\[\+\d+ chars\])[\"”’)]?$")
_INNER = re.compile(r"[.!?][\"'”’)\]»]* +[\"'“‘(«]?[^\W\d_a-z]")  # a sentence end within a paragraph
_HOMOGLYPH = re.compile(r"[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]")
_URL = re.compile(r"(?:https?://|www\.)\S+")
# Chinese, Japanese, Thai, Lao, Khmer, Burmese: written without blanks, about two characters a word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_END = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")


def observe(
    kept: Sequence[Block],
    removed: Sequence[Removed],
    meta: Metadata,
    *,
    links: frozenset[str] = frozenset(),
    free: bool = True,
) -> set[Flag]:
    """The flags that the kept and the removed lines of one article set; `free` is what its page says of itself."""
    flags: set[Flag] = set()
    length = sum(len(block.text) for block in kept)
    words = sum(_words(block.text) for block in kept)
    prose = [block for block in kept if block.kind in ("paragraph", "quote")]
    kinds = {line.kind for line in removed}
    if words < FEW_WORDS:
        flags.add(Flag.TOO_SHORT)
    offered = "subscription_promo" in kinds or not free
    if "paywall_notice" in kinds or (offered and words < PAYWALL_WORDS):
        flags.add(Flag.PAYWALLED)
    if sum(len(line.text) for line in removed) > length:
        flags.add(Flag.MOSTLY_BOILERPLATE)
    linked = sum(len(block.text) for block in kept if block.text in links)
    if linked + sum(len(url) for block in kept for url in _URL.findall(block.text)) > length / 2:
        flags.add(Flag.MOSTLY_LINKS)
    ended = sum(1 for block in prose if _END.search(block.text))
    if len(kept) >= LISTING_BLOCKS and ended < len(kept) * 0.25 and linked > length * 0.25:
        flags.add(Flag.LISTING_PAGE)
    if words < PAYWALL_WORDS and any(_ERROR.match(text) for text in (meta.title or "", *(b.text for b in kept[:3]))):
        flags.add(Flag.ERROR_PAGE)
    clocks = sum(1 for block in kept if _CLOCK.match(block.text))
    if clocks >= 3 and (clocks >= 6 or _LIVE.search(f"{meta.title or ''} {kept[0].text}")):
        flags.add(Flag.LIVE_BLOG)
    if any(count > 1 for count in Counter(block.text for block in kept if len(block.text) >= REPEATED).values()):
        flags.add(Flag.REPEATED_TEXT)
    if prose and _CUT.search(prose[-1].text) and prose[-1] is kept[-1]:
        flags.add(Flag.TRUNCATED)
    if prose and prose[-1] is kept[-1] and _is_cut(prose[-1].text):
        flags.add(Flag.INCOMPLETE)
    if _is_modified_before_it_was_published(meta):
        flags.add(Flag.ODD_TIMESTAMP)
    if sum(1 for block in kept if not block.text.isascii() and _HOMOGLYPH.search(block.text)) >= 2:
        flags.add(Flag.MIXED_SCRIPTS)
    return flags


def _is_modified_before_it_was_published(meta: Metadata) -> bool:
    """By more than clocks differ. Midnight may stand for a day, of which any time may be meant."""
    if not meta.published_at or not meta.modified_at:
        return False
    published, modified = datetime.fromisoformat(meta.published_at), datetime.fromisoformat(meta.modified_at)
    is_midnight = modified.time() == time()
    return published - modified > (timedelta(days=1) if is_midnight else CLOCKS)


def _is_cut(text: str) -> bool:
    """Whether a last paragraph has sentences and ends within one."""
    return (
        len(text) >= MIN_CUT
        and _MIDDLE.search(text) is not None
        and _INNER.search(text) is not None
        and not _UNSPACED.search(text)
    )


def _words(text: str) -> int:
    """About how many words."""
    return text.count(" ") + 1 + (0 if text.isascii() else len(_UNSPACED.findall(text)) // 2)

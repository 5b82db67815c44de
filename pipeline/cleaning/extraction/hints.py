"""What the tag, class and id of an element suggest about the text in it: hints, never verdicts.

A class "story-hidden" may hold the article and a class "text" an advertisement; pipeline.cleaning.extraction.completion
weighs hints against the text itself.
"""

# ruff: noqa: E501  (a table is read whole)

from __future__ import annotations

import functools
import re
from typing import Any


class Hint:
    """What an element suggests, as bits of an int; an element below another has its hints too."""

    NONE = 0
    ASIDE = 1 << 0
    FOOTER = 1 << 1
    HEADER = 1 << 2
    CAPTION = 1 << 3
    FORM = 1 << 4
    COMMENT = 1 << 5  # what readers wrote
    BOX = 1 << 6  # named like a box of the outlet: related, newsletter, share, ...
    OVERLAY = 1 << 7  # consent, paywall, sign-in: laid over the page
    LEDE = 1 << 8  # named like a standfirst
    BODY = 1 << 9  # named like an article's body
    HIDDEN = 1 << 10
    STRUCK = 1 << 11
    QUOTE = 1 << 12
    LIST = 1 << 13
    CELL = 1 << 14
    TOOLS = 1 << 15  # bylines, dates, tags, breadcrumbs: about the article, not of it


FURNITURE = Hint.ASIDE | Hint.FOOTER | Hint.CAPTION | Hint.FORM | Hint.COMMENT | Hint.BOX | Hint.OVERLAY | Hint.TOOLS
UNSEEN = Hint.HIDDEN | Hint.STRUCK  # what no reader reads
_OF_TAG = {
    "aside": Hint.ASIDE,
    "footer": Hint.FOOTER,
    "header": Hint.HEADER,
    "figcaption": Hint.CAPTION,
    "form": Hint.FORM,
    "fieldset": Hint.FORM,
    "dialog": Hint.OVERLAY,
    "blockquote": Hint.QUOTE,
    "li": Hint.LIST,
    "dt": Hint.LIST,
    "dd": Hint.LIST,
    "address": Hint.TOOLS,
    "td": Hint.CELL,
    "th": Hint.CELL,
}
_OF_ROLE = {
    "complementary": Hint.ASIDE,
    "contentinfo": Hint.FOOTER,
    "dialog": Hint.OVERLAY,
    "alertdialog": Hint.OVERLAY,
    "form": Hint.FORM,
    "search": Hint.FORM,
}
# Whole words of a class or id; "WordsLikeThis" and "words__like-this" are three words each.
_WORDS: dict[str, int] = {
    word: hint
    for hint, words in {
        Hint.COMMENT: "comment comments disqus comol respond replies coral viafoura openweb spotim",
        Hint.BOX: """related newsletter newsletters promo promos promotion advert adverts advertisement advertising ad ads adv
            sponsor sponsored sponsors share shares sharing sharer social socials sidebar rail widget widgets teaser teasers
            card cards carousel recommend recommended recommendation recommendations recirc recirculation trending popular
            mostread mostviewed readmore readalso outbrain taboola signup subscribe subscription follow donate donation
            support campaign shop product products affiliate bio authorbio profile biography infobox toc recs suggested more
            explore next previous prev morefrom crosssell upsell livestream poll quiz gallery slideshow player video podcast
            audio box boxes factbox expandable hidden oembed embed placeholder tooltip disclaimer success image img photo picture foto fotos photos gallery dropdown submenu""",
        Hint.OVERLAY: "cookie cookies consent gdpr onetrust modal popup overlay paywall piano tp regwall lightbox toast login register",
        Hint.FOOTER: "footer copyright colophon",
        Hint.CAPTION: "caption captions credit credits legend figcaption",
        Hint.TOOLS: """byline bylines author authors breadcrumb breadcrumbs tag tags taglist topics keywords toolbar tools
            meta metadata date dateline time timestamp published updated readingtime print nav navigation menu navbar
            eyebrow kicker""",
        Hint.LEDE: """lede lead leadtext standfirst summary intro introduction subtitle subheadline subhead deck dek abstract
            excerpt strapline chapeau sommario vorspann entradilla ingress manchet manchette perex bajada copete sumario
            occhiello catenaccio sommaire accroche anriss einleitung lid anons preamble""",
        Hint.HIDDEN: "visuallyhidden sronly screenreader",
        Hint.BODY: """articlebody storybody postbody postcontent entrycontent articlecontent articletext bodytext storytext
            fulltext""",
    }.items()
    for word in words.split()
}  # fmt: skip
# Of two words: what each says alone is not what both say.
_PAIRS: dict[tuple[str, str], int] = {
    **{(first, second): Hint.BODY for first in ("article", "story", "post", "entry", "news") for second in ("body", "content", "text", "copy")},
    ("body", "text"): Hint.BODY,
    ("body", "copy"): Hint.BODY,
    ("main", "content"): Hint.BODY,
    ("sub", "title"): Hint.LEDE,
    ("sub", "headline"): Hint.LEDE,
    ("sub", "heading"): Hint.LEDE,
    ("sub", "head"): Hint.LEDE,
    ("lead", "text"): Hint.LEDE,
    ("most", "read"): Hint.BOX,
    ("most", "viewed"): Hint.BOX,
    ("read", "more"): Hint.BOX,
    ("read", "also"): Hint.BOX,
    ("read", "next"): Hint.BOX,
    ("see", "also"): Hint.BOX,
    ("d", "none"): Hint.BOX,
    ("sign", "up"): Hint.BOX,
    ("call", "to"): Hint.BOX,
    ("lire", "aussi"): Hint.BOX,
    ("screen", "reader"): Hint.HIDDEN,
    ("sr", "only"): Hint.HIDDEN,
    ("visually", "hidden"): Hint.HIDDEN,
    ("visual", "hidden"): Hint.HIDDEN,
}  # fmt: skip
_SPLIT = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
MAX_REMEMBERED = 10_000  # names: a class is often seen again, on the page and on the outlet's next one
MAX_NAMES = 300  # characters of a class and an id that are looked at


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def of_name(name: str) -> int:
    """What the words of a class and an id suggest."""
    found, last = 0, ""
    for word in _SPLIT.findall(name[:MAX_NAMES]):
        word = word.lower()
        if word in _WORDS:
            found |= _WORDS[word]
        if (last, word) in _PAIRS:
            found |= _PAIRS[last, word]
        last = word
    return found


def of_element(element: Any) -> int:
    """What an element itself suggests."""
    found = _OF_TAG.get(element.tag, 0)
    own = dict(element.attrib)
    if not own:
        return found
    if "class" in own or "id" in own:
        found |= of_name(f"{own.get('class', '')} {own.get('id', '')}")
    if "role" in own:
        found |= _OF_ROLE.get(own["role"], 0)
    if own.get("itemprop") == "articleBody":
        found |= Hint.BODY
    hidden = "hidden" in own and own["hidden"].lower() != "until-found"
    if hidden or ("style" in own and _NOT_SHOWN.search(own["style"])):
        found |= Hint.HIDDEN
    return found

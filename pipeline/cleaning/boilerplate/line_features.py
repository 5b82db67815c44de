"""Features of the words of a line: evidence for a line of the article, or for boilerplate of its outlet.

A line becomes features (words, pairs of words, its pattern of capitals and numbers, its length and ending), and each
feature speaks for or against the groups of lines of `GROUPS`; the weights were learnt from lines that we wrote and
labelled ourselves (bench/train_lines.py). Features of the neighbouring lines are in `context_features`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.cleaning.boilerplate import rules
from pipeline.cleaning.structure.blocks import Block

# Groups of lines that the classifier distinguishes; the first ones belong to the article.
KEPT = ("heading", "paragraph", "list", "signature", "caption")
REMOVED = {
    "box": ("related_articles", "most_read", "read_more"),
    "tool": (
        "navigation", "page_tools", "share_bar", "tags", "login_prompt", "comment_count", "media_player", "poll",
        "cookie_notice", "reading_time",
    ),
    "promotion": (
        "newsletter_promo", "newsletter_confirmation", "app_promo", "subscription_promo", "donation_appeal",
        "event_promo", "shop_promo", "social_follow", "paywall_notice", "comment_invitation", "tip_line",
        "print_edition",
    ),
    "stamp": ("timestamp", "photo_credit", "author_bio"),
    "legal": (
        "copyright", "legal_disclaimer", "ai_disclosure", "affiliate_disclosure", "syndication_notice", "sponsor",
        "advertisement",
    ),
}  # fmt: skip
GROUPS = (*KEPT, *REMOVED)
KINDS = tuple(sorted(kind for kinds in REMOVED.values() for kind in kinds))
LONGEST = 700  # characters: what is longer is the article's
BODY = 80  # characters: a paragraph of the body has more, and ends as a sentence does
LONG_BODY = 300  # characters: so long a line needs no full stop to be one

_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[@#][\w.]+|[$£€₹%&+|·•»>→›/:?!*…()\[\]\"]")
_SHAPE = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+(?:[.,:/]\d+)*|[@#][\w.]+|[^\w\s]")
_CLOSING = "\"'”’)]»"
_FULL_STOPS = tuple(".!?…。！？")  # a tuple, since an empty string is in every string
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_URL = re.compile(r"https?://\S+|www\.\S+|\b[\w-]+\.(?:com|org|net|co|example|news|info|tv|io|uk|in|au)(?:/\S*|\b)")
_DOT = re.compile(r"[a-z]\.[a-z]|://")
_SENTENCE = re.compile(r"[.!?][\"'”’)]*\s+[\"'“‘(]?[A-Z0-9]")
_SIZES = (1, 2, 3, 5, 8, 12, 20, 30, 45, 70, 110)  # tokens
_DIGITS = (0, 0.03, 0.1, 0.25, 0.6)  # share of the characters
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")  # typography is no evidence
_PATTERN = 40  # tokens of a pattern that are looked at


def bucket(number: float, steps: tuple[float, ...]) -> float:
    """The first step that is not smaller; 999 above the last."""
    return next((step for step in steps if number <= step), 999)


@dataclass(slots=True)
class Line:
    """One block, read once. `ending` is "." "!" "?" ":" "q" (a quotation's) or "_" (none)."""

    block: Block
    seen: rules.Line
    rule: rules.Rule | None
    ending: str
    readable: bool  # one line, and not too long
    body: bool  # has the shape of a paragraph
    sure: bool = False  # and nothing speaks against it

    @property
    def length(self) -> int:
        """Words."""
        return self.block.text.count(" ") + 1

    @property
    def reader(self) -> bool:
        """Whether it addresses the reader."""
        return not self.seen.table.reader.isdisjoint(self.seen.words)

    @property
    def house(self) -> bool:
        """Whether the writer, or the outlet, speaks of itself."""
        return not self.seen.table.house.isdisjoint(self.seen.words)


def read(
    block: Block, *, table: rules.Table | None = None, sure: Callable[[rules.Line], bool] = lambda _: False
) -> Line:
    """A block as a line. A block that is too long or has several lines gets no features of words.

    `table` has the rules, English unless given. `sure` says of a line with the shape of a paragraph that nothing speaks
    against it: no rule is then tried.
    """
    text = block.text
    seen = rules.Line(text, table)
    ends = text.rstrip(_CLOSING)[-1:] in _FULL_STOPS
    readable = "\n" not in text and len(text) <= LONGEST and bool(seen.plain)
    shape = has_shape(text, ends=ends)
    certain = readable and shape and sure(seen)
    rule = seen.table.match(seen) if readable and not certain else None
    return Line(
        block=block,
        seen=seen,
        rule=rule,
        ending="." if text[-1] in ".…" else text[-1] if text[-1] in "!?:" else "q" if ends else "_",
        readable=readable,
        body=rule is None and (shape or not readable),
        sure=certain,
    )


def has_shape(text: str, *, ends: bool) -> bool:
    """Whether a line is as long as a paragraph of the body and ends as one."""
    return (len(text) >= BODY and ends) or len(text) > LONG_BODY


def features(line: Line) -> set[str]:
    """The features that have weights."""
    text, plain, capitals = line.block.text, line.seen.plain, letters(line.block.text)
    tokens = _tokens(plain)
    size = bucket(len(tokens), _SIZES)
    found = {f"len={size}", f"len={size}{line.ending}", "end=" + line.ending}
    if line.block.kind in ("byline", "dateline", "caption", "credit"):
        found.add("kind=" + line.block.kind)
    if line.rule:
        found.add("rule=" + line.rule.name)
    found.add("cap=" + capitals)
    found.add(f"cap={capitals}{size}")
    found.update(["w=" + token for token in tokens])
    found.update(_runs("b=", ["^", *tokens, "$"]))
    if len(tokens) > 2:
        found.add("first=" + "_".join(tokens[:3]))
    if len(tokens) <= 8:
        found.add("all=" + "_".join(tokens))
    reader, house = line.reader, line.house
    if reader:
        found.add("reader")
    if house:
        found.add("house")
    if reader and house:
        found.add("reader+house")
    if line.seen.speech:
        found.add("speech")
        found.add(f"speech{size}")
    if line.seen.table.month.search(plain):
        found.add(f"month{size}")
    if '"' in plain:
        found.add("quoted")
    if plain[0] in "\"'":
        found.add("quotation")
    found.add(f"sentences={min(4, len(_SENTENCE.findall(text)))}")
    digits = sum(map(plain.count, "0123456789")) / len(plain)
    found.add(f"digits={bucket(digits, _DIGITS)}")
    shape = ["^", *_shape(text, line.seen.table.pattern), "$"]
    found.update(_runs("c=", shape))
    found.update(f"d={a}_{b}_{c}" for a, b, c in zip(shape, shape[1:], shape[2:], strict=False))
    if len(shape) <= 10:
        found.add("shape=" + "_".join(shape))
    return found


def _runs(name: str, tokens: list[str]) -> Iterator[str]:
    return (f"{name}{a}_{b}" for a, b in itertools.pairwise(tokens))


def _tokens(plain: str) -> list[str]:
    if "@" in plain:
        plain = _MAIL.sub(" @mail ", plain)
    if _DOT.search(plain):
        plain = _URL.sub(" @url ", plain)
    return [token if token[0].isalpha() else _number(token) for token in _TOKEN.findall(plain)]


def _number(token: str) -> str:
    """Numbers by their form, handles and hash tags by their sign."""
    first = token[0]
    if first.isdigit():
        if ":" in token:
            return "0:0"
        if "/" in token:
            return "0/0"
        return "0" * min(len(token), 4) if token.isdigit() else "0.0"
    return first + "x" if first in "@#" and len(token) > 1 and token not in ("@mail", "@url") else token


def letters(text: str) -> str:
    """A: all capitals, T: every word begins with one, m: many do, l: few; l also if the line begins small."""
    words = [word for word in text.split() if word[0].isalpha()]
    upper = sum(word[0].isupper() for word in words)
    if text.isupper():
        found = "A"
    elif len(words) > 1 and upper >= 0.8 * len(words):
        found = "T"
    else:
        found = "m" if words and upper > 0.4 * len(words) else "l"
    return found + "l" if text[0].islower() else found


def _shape(text: str, kept: frozenset[str]) -> list[str]:
    """The line with names, numbers and handles by their form, `kept` words as they are; a run of names is one."""
    shape: list[str] = []
    for token in _SHAPE.findall(text.translate(_STRAIGHT))[:_PATTERN]:
        first = token[0]
        if first.isalpha():
            small = token.lower()
            if not (first.islower() or small in kept):
                small = "AA" if len(token) > 1 and token.isupper() else "Aa"
                if shape and shape[-1] == small:
                    continue
            shape.append(small)
        else:
            shape.append(_number(token) if first.isdigit() else first)
    return shape

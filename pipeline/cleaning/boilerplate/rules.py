"""Boilerplate rules: the table of pipeline/languages/en/boilerplate/rules.toml, compiled; `match(Line(text))` finds the first.

The table says what its columns mean. A rule with a cue is tried where one of its words stands in the line, one without
on lines of at most SHORT characters; so a paragraph of the body costs a look at its words and nothing else.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from typing import Literal

from pipeline.languages import registry

SHORT = 110  # characters
BUTTON = 40  # characters
LONGEST = 700  # characters: no line of boilerplate is longer
Where = Literal["anywhere", "head", "edge", "tail", "beside"]

_PLAIN = str.maketrans({"’": "'", "‘": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})  # fmt: skip
_SPLIT = str.maketrans(dict.fromkeys('.,;:!?()[]{}"|/·•*…@<>→»#', " "))
_AROUND = " \u200b*•·_-\t"
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_MACRO = re.compile(r"<([a-z]+)>")
# Somebody is speaking in the line, or it is reported: then it is news, whatever words it shares with a rule.
SPEECH = re.compile(
    r"\b(?:said|says|told|tells|telling|wrote|writes to|warned|warns|added|urged|urges|advise[sd]?|announced|according to|"
    r"asks?|asked|jok(?:es|ed)|promise[sd]|admit(?:s|ted)|confirm(?:s|ed)|believe[sd]?|thinks|thought|explained|replied|insisted|claimed|argued|recalled|remarked|officials|spokes(?:man|woman|person)|minister|police)\b|\b(?:\w+s|they|people|\w+men|some|many) say\b"
)


PRONOUNS = frozenset(
    [
        "you",
        "your",
        "yours",
        "you're",
        "you'd",
        "you'll",
        "you've",
        "our",
        "ours",
        "us",
        "we",
        "we're",
        "we'd",
        "we'll",
        "we've",
        "vos",
        "votre",
        "vous",
        "nous",
        "nos",
        "sie",
        "ihre",
        "ihren",
        "uns",
    ]
)
ASKS = frozenset(
    [
        "sign",
        "subscribe",
        "join",
        "get",
        "download",
        "follow",
        "like",
        "register",
        "log",
        "create",
        "click",
        "tap",
        "text",
        "email",
        "e-mail",
        "send",
        "write",
        "call",
        "contact",
        "support",
        "donate",
        "give",
        "become",
        "try",
        "unlock",
        "buy",
        "order",
        "discover",
        "find",
        "save",
        "enter",
        "win",
        "compare",
        "pick",
        "stay",
        "make",
        "tell",
        "show",
        "tag",
        "take",
        "meet",
        "add",
        "start",
        "upgrade",
        "go",
        "listen",
        "watch",
        "tick",
        "grab",
        "claim",
        "book",
        "choose",
        "receive",
        "opt",
        "read",
        "want",
        "help",
        "share",
        "vote",
        "see",
        "visit",
        "check",
        "scan",
        "install",
        "allow",
        "turn",
        "enable",
        "nominate",
        "reserve",
        "shop",
        "never",
        "don't",
        "explore",
        "keep",
        "catch",
        "please",
    ]
)
_COUNTRY = re.compile(r"\bUS\b")
_FIRST_WORD = re.compile(r"(?:^|[.!?:] )([a-z'-]+)")
# Speech ends its quotation with a mark, or goes on for some words; a name in quotes does neither.
_QUOTED = re.compile(r'[,.!?]"|"(?:[^" ]+ ){4,}[^"]*"|: "')


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: `name` goes into removed[].rule, `kind` into removed[].kind."""

    name: str
    kind: str
    pattern: re.Pattern[str]
    where: Where
    opens: bool
    news: bool
    cased: bool
    talks: bool
    cue: frozenset[str]
    finds: tuple[str, ...]
    leaves: tuple[str, ...]

    def fits(self, line: Line) -> bool:
        """Whether the rule matches all of a line."""
        if (self.news and line.speech) or (
            self.talks and len(line.plain) > BUTTON and not (line.talks or " @" in line.plain)
        ):
            return False
        text = line.cased if self.cased else line.plain
        return (
            self.pattern.fullmatch(text) is not None
            or (text[-1] == ":" and self.pattern.fullmatch(text[:-1].rstrip()) is not None)
        )  # fmt: skip


class Line:
    """A line as the rules see it: lower case, plain quotes and dashes, no bullets around it; and its words."""

    __slots__ = ("_speech", "_talks", "cased", "plain", "words")

    def __init__(self, text: str) -> None:
        self.cased = text
        if len(text) > LONGEST:  # no rule looks at it
            self.plain, self.words = text, frozenset[str]()
        else:
            self.plain = plain(text)
            self.words = frozenset(self.plain.translate(_SPLIT).replace("'s ", " ").split())
        self._speech: bool | None = None
        self._talks: bool | None = None

    @property
    def talks(self) -> bool:
        """Whether it speaks to the reader, or asks something of them; never where somebody is quoted."""
        if self._talks is None:
            self._talks = not self.speech and (
                not PRONOUNS.isdisjoint(self.words) or any(verb in ASKS for verb in _FIRST_WORD.findall(self.plain))
            )
        return self._talks

    @property
    def speech(self) -> bool:
        """Whether somebody speaks in it, or it is reported what they said."""
        if self._speech is None:
            self._speech = is_speech(self.plain)
        return self._speech


def is_speech(line: str) -> bool:
    """Whether somebody speaks in a plain line, or it is reported what they said."""
    return line[0] in "\"'" or ('"' in line and _QUOTED.search(line) is not None) or SPEECH.search(line) is not None


def _source() -> bytes:
    return registry.english().read("boilerplate", "rules") or b""


@functools.cache
def table() -> tuple[Rule, ...]:
    """The rules, in the order in which they are tried."""
    data = tomllib.loads(_source().decode())
    macros: dict[str, str] = {}

    def expand(text: str) -> str:
        return _MACRO.sub(lambda found: macros.get(found[1], found[0]), text)

    for name, text in data["macros"].items():
        macros[name] = expand(text)
    rules = []
    for row in data["rule"]:
        lines = [line for line in row["lines"].split("\n") if line]
        pattern = "|".join(f"(?:{expand(line)})" for line in lines).replace("…", ".{0,200}")
        rules.append(
            Rule(
                name=row["name"],
                kind=row["kind"],
                pattern=re.compile(_GROUP.sub("(?:", pattern)),
                where=row.get("where", "anywhere"),
                opens=row.get("opens", False),
                news=row.get("news", False),
                cased=row.get("cased", False),
                talks=row.get("talks", False),
                cue=frozenset(row.get("cue", "").split()),
                finds=tuple(row["finds"]),
                leaves=tuple(row["leaves"]),
            )
        )
    return tuple(rules)


@functools.cache
def _index() -> tuple[tuple[int, ...], dict[str, tuple[int, ...]], re.Pattern[str], re.Pattern[str]]:
    """Rules without a cue, for each cue the rules it calls, and all patterns without a cue in one: plain, then cased."""
    always = tuple(number for number, rule in enumerate(table()) if not rule.cue)
    called: dict[str, list[int]] = {}
    for number, rule in enumerate(table()):
        for word in rule.cue:
            called.setdefault(word, []).append(number)
    together = {
        cased: re.compile(
            "|".join(f"(?:{table()[number].pattern.pattern})" for number in always if table()[number].cased is cased)
        )
        for cased in (False, True)
    }
    return always, {word: tuple(numbers) for word, numbers in called.items()}, together[False], together[True]


def plain(text: str) -> str:
    """A line in lower case, with plain quotes and dashes and no bullets around it."""
    if "US" in text and not text.isupper():
        text = _COUNTRY.sub("U.S.", text)  # not the pronoun
    return text.lower().translate(_PLAIN).strip(_AROUND)


def matches(text: str) -> bool:
    """Whether a rule names this line, whatever stands around it."""
    return match(Line(text)) is not None


def match(line: Line) -> Rule | None:
    """The first rule that matches all of a line, one that needs no support before one that does; else None."""
    length = len(line.plain)
    if not length or length > LONGEST:
        return None
    always, called, any_plain, any_cased = _index()
    numbers: set[int] = set()
    if length <= SHORT and (any_plain.fullmatch(line.plain.rstrip(":")) or any_cased.fullmatch(line.cased)):
        numbers.update(always)
    for word in called.keys() & line.words:
        numbers.update(called[word])
    rules = table()
    second = None
    for number in sorted(numbers):
        rule = rules[number]
        if (rule.where == "anywhere" or second is None) and rule.fits(line):
            if rule.where == "anywhere":
                return rule
            second = rule
    return second

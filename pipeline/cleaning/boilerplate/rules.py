"""Boilerplate rules: the `rules` of a language pack, compiled; `load(pack).match(Line(text, table))` finds the first.

The table says what its columns mean. A rule with a cue is tried if one of its words is in the line, a rule without one
only on lines of at most SHORT characters; so for a paragraph of the body only its words are looked up.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.languages import registry
from pipeline.languages.registry import Pack

SHORT = 110  # characters
BUTTON = 40  # characters
LONGEST = 700  # characters: no line of boilerplate is longer
Where = Literal["anywhere", "head", "edge", "tail", "beside"]

_PLAIN = str.maketrans({"’": "'", "‘": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})  # fmt: skip
_SPLIT = str.maketrans(dict.fromkeys('.,;:!?()[]{}"|/·•*…@<>→»#', " "))
_AROUND = " \u200b*•·_-\t"
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_MACRO = re.compile(r"<([a-z]+)>")
_COUNTRY = re.compile(r"\bUS\b")
_WHERE = frozenset(["anywhere", "head", "edge", "tail", "beside"])
_NEVER = re.compile(r"(?!)")
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

    __slots__ = ("_speech", "_talks", "cased", "plain", "table", "words")

    def __init__(self, text: str, table: Table | None = None) -> None:
        self.cased = text
        self.table = table or load()
        if len(text) > LONGEST:  # no rule looks at it
            self.plain, self.words = text, frozenset[str]()
        else:
            self.plain = plain(text)
            self.words = frozenset(self.plain.translate(_SPLIT).replace("'s ", " ").split())
        self._speech: bool | None = None
        self._talks: bool | None = None

    @property
    def talks(self) -> bool:
        """Whether it addresses the reader or asks something of them; never if somebody is quoted."""
        if self._talks is None:
            self._talks = not self.speech and (
                not self.table.pronouns.isdisjoint(self.words)
                or any(verb in self.table.asks for verb in _FIRST_WORD.findall(self.plain))
            )
        return self._talks

    @property
    def speech(self) -> bool:
        """Whether somebody speaks in it, or it is reported what they said."""
        if self._speech is None:
            self._speech = self.table.is_speech(self.plain)
        return self._speech


def plain(text: str) -> str:
    """A line in lower case, with plain quotes and dashes and no bullets around it."""
    if "US" in text and not text.isupper():
        text = _COUNTRY.sub("U.S.", text)  # not the pronoun
    return text.lower().translate(_PLAIN).strip(_AROUND)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """The rules of a language, in the order in which they are tried, and its words that lines are read by."""

    rules: tuple[Rule, ...]
    speech: re.Pattern[str]  # somebody speaks in a line, or it is reported what they said
    pronouns: frozenset[str]
    asks: frozenset[str]  # with what a line begins that asks something of the reader
    reader: frozenset[str]
    house: frozenset[str]
    month: re.Pattern[str]
    pattern: frozenset[str]
    readable: frozenset[str]
    always: tuple[int, ...]  # numbers of the rules without a cue
    called: Mapping[str, tuple[int, ...]]  # for each cue the rules that it calls
    any_plain: re.Pattern[str]  # all patterns without a cue in one
    any_cased: re.Pattern[str]

    def is_speech(self, line: str) -> bool:
        """Whether somebody speaks in a plain line, or it is reported what they said."""
        return (
            line[0] in "\"'"
            or ('"' in line and _QUOTED.search(line) is not None)
            or self.speech.search(line) is not None
        )

    def matches(self, text: str) -> bool:
        """Whether a rule names this line, whatever stands around it."""
        return self.match(Line(text, self)) is not None

    def match(self, line: Line) -> Rule | None:
        """The first rule that matches all of a line, one that needs no support before one that does; else None."""
        length = len(line.plain)
        if not length or length > LONGEST:
            return None
        numbers: set[int] = set()
        if length <= SHORT and (
            self.any_plain.fullmatch(line.plain.rstrip(":")) or self.any_cased.fullmatch(line.cased)
        ):
            numbers.update(self.always)
        for word in self.called.keys() & line.words:
            numbers.update(self.called[word])
        second = None
        for number in sorted(numbers):
            rule = self.rules[number]
            if (rule.where == "anywhere" or second is None) and rule.fits(line):
                if rule.where == "anywhere":
                    return rule
                second = rule
        return second


def load(pack: Pack | None = None) -> Table:
    """The table of a pack, English unless one is given. Raises ModelError if it cannot be read."""
    return _load(pack or registry.english())


@functools.cache
def _load(pack: Pack) -> Table:
    source = pack.read("boilerplate", "rules")
    if source is None:
        raise pack.broken("[boilerplate] names no rules")
    try:
        data = tomllib.loads(source.decode())
        return _compiled(_rules(data), data.get("words", {}))
    except KeyError as error:
        raise pack.broken(f"its boilerplate rules: a rule has no {error}") from error
    except (ValueError, TypeError, AttributeError, re.error) as error:
        raise pack.broken(f"its boilerplate rules: {type(error).__name__}: {error}") from error


def _rules(data: dict[str, Any]) -> tuple[Rule, ...]:
    macros: dict[str, str] = {}

    def expand(text: str) -> str:
        return _MACRO.sub(lambda found: macros.get(found[1], found[0]), text)

    for name, text in data.get("macros", {}).items():
        macros[name] = expand(text)
    rules = []
    for row in data.get("rule", ()):
        lines = [line for line in row["lines"].split("\n") if line]
        pattern = "|".join(f"(?:{expand(line)})" for line in lines).replace("…", ".{0,200}")
        if row.get("where", "anywhere") not in _WHERE:
            raise ValueError(f"rule {row['name']}: where is none of {', '.join(sorted(_WHERE))}")
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
                finds=tuple(row.get("finds", ())),
                leaves=tuple(row.get("leaves", ())),
            )
        )
    return tuple(rules)


def _compiled(rules: tuple[Rule, ...], words: dict[str, str]) -> Table:
    always = tuple(number for number, rule in enumerate(rules) if not rule.cue)
    called: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for word in rule.cue:
            called.setdefault(word, []).append(number)
    together = {
        cased: "|".join(f"(?:{rules[number].pattern.pattern})" for number in always if rules[number].cased is cased)
        for cased in (False, True)
    }

    def listed(name: str) -> frozenset[str]:
        return frozenset(words.get(name, "").split())

    def searched(name: str) -> re.Pattern[str]:
        return re.compile(words[name]) if words.get(name) else _NEVER

    return Table(
        rules=rules,
        speech=searched("speech"),
        pronouns=listed("pronouns"),
        asks=listed("asks"),
        reader=listed("reader"),
        house=listed("house"),
        month=searched("month"),
        pattern=listed("pattern"),
        readable=listed("readable"),
        always=always,
        called={word: tuple(numbers) for word, numbers in called.items()},
        any_plain=re.compile(together[False]) if together[False] else _NEVER,
        any_cased=re.compile(together[True]) if together[True] else _NEVER,
    )

"""Boilerplate rules: the table of pipeline/data/cleaning/rules.toml, compiled; `match(line, cased)` finds the first.

The table says what its columns mean. A rule with a cue is tried where one of its words stands in the line, one without
on lines of at most SHORT characters; so a paragraph of the body costs a look at its words and nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Literal

SHORT = 200  # characters
LONGEST = 480  # characters: no line of boilerplate is longer
Where = Literal["anywhere", "edge", "beside"]

_PLAIN = str.maketrans({"’": "'", "‘": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})  # fmt: skip
_SPLIT = str.maketrans(dict.fromkeys(".,;:!?()[]{}\"|/·•*…'", " "))
_AROUND = " \u200b*•·_-\t"
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_MACRO = re.compile(r"<([a-z]+)>")
# Somebody is speaking in the line, or it is reported: then it is news, whatever words it shares with a rule.
SPEECH = re.compile(
    r"\b(?:said|says|told|tells|telling|wrote|writes to|warned|warns|added|urged|urges|advise[sd]?|announced|according to|"
    r"explained|replied|insisted|claimed|argued|recalled|remarked|officials|spokes(?:man|woman|person)|minister|police)\b"
)


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
    cue: frozenset[str]
    finds: tuple[str, ...]
    leaves: tuple[str, ...]

    def fits(self, line: str, cased: str) -> bool:
        """Whether the rule matches all of a line (`line` plain, `cased` as written)."""
        if self.news and (line[0] in "\"'" or '"' in line or SPEECH.search(line)):
            return False
        return self.pattern.fullmatch(cased if self.cased else line) is not None


def _source() -> bytes:
    return resources.files("pipeline").joinpath("data/cleaning/rules.toml").read_bytes()


def digest() -> str:
    """Hash of the table, for the stage's configuration."""
    return hashlib.sha256(_source()).hexdigest()


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
                cue=frozenset(row.get("cue", "").split()),
                finds=tuple(row["finds"]),
                leaves=tuple(row["leaves"]),
            )
        )
    return tuple(rules)


@functools.cache
def _index() -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
    """Rules without a cue, and for each cue the rules it calls."""
    always = tuple(number for number, rule in enumerate(table()) if not rule.cue)
    called: dict[str, list[int]] = {}
    for number, rule in enumerate(table()):
        for word in rule.cue:
            called.setdefault(word, []).append(number)
    return always, {word: tuple(numbers) for word, numbers in called.items()}


def plain(text: str) -> str:
    """A line as the rules see it: lower case, plain quotes and dashes, no bullets around it."""
    return text.lower().translate(_PLAIN).strip(_AROUND)


def match(line: str, cased: str) -> Rule | None:
    """The first rule that matches all of a line (`line` plain, `cased` as written), else None."""
    if not line or len(line) > LONGEST:
        return None
    always, called = _index()
    numbers = set(always) if len(line) <= SHORT else set()
    for word in line.translate(_SPLIT).split():
        if word in called:
            numbers.update(called[word])
    rules = table()
    for number in sorted(numbers):
        if rules[number].fits(line, cased):
            return rules[number]
    return None

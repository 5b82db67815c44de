"""Words that say what the name beside them is: the lists of the language pack, and patterns of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.languages import registry


def _read() -> dict[str, tuple[str, ...]]:
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in (registry.english().read("entities", "lexicon") or b"").decode().splitlines():
        if line.startswith("["):
            words = sections.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            words += line.split("|")
    return {name: tuple(words) for name, words in sections.items()}


def _any(words: Iterable[str]) -> str:
    """An alternation, the longer first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) + ")"


_LISTS = _read()
ORGANISATION = frozenset(_LISTS["organisation"])
CORPORATE = frozenset(_LISTS["corporate"])
CLUB = frozenset(_LISTS["club"])
FACILITY = frozenset(_LISTS["facility"])
NATURE = frozenset(_LISTS["nature"])
REGION = frozenset(_LISTS["region"])
NOT_A_SURNAME = frozenset(_LISTS["not a surname"])
WELL_KNOWN = frozenset(_LISTS["well-known"])
REGIONS = frozenset(_LISTS["regions"])
NO_NAMES = frozenset(_LISTS["no names"])
CALENDAR = frozenset(_LISTS["calendar"])
FUNCTION = frozenset(_LISTS["function"])

TITLES = frozenset(_LISTS["titles"])
ROLES = frozenset(_LISTS["roles"])
# Before a name: "Chinese giant Huawei", "the city of Izmir", "in London".
ORG_BEFORE = frozenset(_LISTS["organisation before"])
SHARES_BEFORE = ("shares of ", "shares in ", "stake in ", "Shares of ", "Shares in ")
PLACE_BEFORE = frozenset(_LISTS["place before"])
LOCATIVE = frozenset(_LISTS["locative"])
WITHIN = frozenset({"in", "near", "outside", "around"})
STATES = {name: code for code, _, name in (entry.partition("=") for entry in _LISTS["states"])}
DIVISIONS = {name: code for code, _, name in (entry.partition("=") for entry in _LISTS["divisions"])}

_TITLE = _any(_LISTS["titles"])
_ROLE = _any(_LISTS["roles"])
_PARTICLE = "(?:von|van|der|den|de|la|da|di|del|della|dos|bin|ibn|ben|al|el|le|lo|ten|ter)"
_NAME = rf"[A-Z][\w’'.-]*(?: (?:{_PARTICLE} )*[A-Z][\w’'.-]*){{1,3}}"

# "President Trump", "Mr Lee": group 1 is what follows.
TITLED = re.compile(rf"\b(?=[A-Z]){_TITLE}\.? ((?:(?:[A-Z][\w’'-]*\.?|{_PARTICLE}) ){{0,3}}[A-Z][\w’'-]*\w)")
LEADING_TITLE = re.compile(rf"(?=[A-Z])(?:{_TITLE}\.? )+")
# "Christine Lagarde, President of the ...", "Li Chenggang, Vice Minister of Commerce"
ROLE_FOLLOWS = re.compile(
    r", (?:(?:the|an?|its|their|his|her|chief|former|vice|deputy|senior|global|head|[A-Z]\w+(?:['’]s)?) ){0,4}"
    rf"(?:{_any(title for title in _LISTS['titles'] if len(title) > 4)}|{_ROLE}|head)\b"
)
# What stands beside a name says what it is.
PERSON_FOLLOWS = re.compile(r", who\b|, \d{2},|['’]s (?:wife|husband|mother|father|son|daughter|lawyer|death|family)\b")
ORG_FOLLOWS = re.compile(
    r" \([A-Z]{1,6}\.[A-Z]{1,3}\)"  # a ticker: (MONC.MI)
    r"| (?:shares|stock|CEO|[Cc]hief [Ee]xecutive|spokes\w+|executives|employees|shareholders|investors|management|"
    r"said in a statement)\b"
    r"| (?:manager|coach|striker|midfielder|defender|goalkeeper|fans|supporters|boss|beat|defeated|thrashed)\b"
    r"|['’]s (?:shares|board|chief executive|CEO|employees|shareholders|revenue|profit|customers|headquarters)\b"
)
PRODUCT_FOLLOWS = re.compile(rf" {_any(_LISTS['products'])}\b")
SPEAKING = re.compile(
    rf" (?:also |now |has |had )?{_any(_LISTS['speaking'])}\b"
    r"|['’]s (?:willingness|government|stance|position)\b"
)
# "REUTERS/Ana Petrov", "Reporting by Ana Petrov in Geneva; Editing by Li Wei and Jo Smith"
CREDIT = re.compile(rf"\b(?P<agency>REUTERS|Reuters|AP|AFP|EPA|AP Photo|Getty Images) ?/ ?(?P<name>{_NAME})")
SIGNED = re.compile(
    r"\b(?:[Rr]eporting|[Ee]diting|[Ww]riting|[Cc]ompiled|[Pp]roduced|[Gg]raphics?|[Tt]ranslat(?:ed|ion)) "
    rf"(?:and \w+ )?by ({_NAME}(?:(?:, and |, | and ){_NAME})*)"
)
MOST_PARTICLES = 2
PARTICLES = re.compile(rf" (?:{_PARTICLE} ){{1,{MOST_PARTICLES}}}(?=[A-Z])")

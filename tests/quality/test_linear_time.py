"""No rule and no stage takes more than linear time, whatever an article is made of.

Shapes of one thing again and again (tests/quality/shapes.py) go through each public function of the rules, and through
each stage as a whole; growth is measured as tests/quality/growth.py says.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import re
from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np
import pytest

from pipeline import classification, cleaning, entities
from pipeline.classification import genres, taxonomy, vectors
from pipeline.cleaning import (
    boilerplate,
    charset,
    gates,
    language,
    learned,
    metadata,
    paragraphs,
    place,
    signs,
    structure,
    wording,
)
from pipeline.cleaning import rules as lines
from pipeline.cleaning.blocks import Block
from pipeline.codec import ids, marks
from pipeline.codec import lines as one_lines
from pipeline.entities import confidence, document, gazetteer, places, repeats, rules, stretches
from pipeline.entities.recogniser import Span
from pipeline.entities.rules import Name
from pipeline.errors import InputRefused
from pipeline.records import AnnotatedArticle, Metadata, Origin, RawArticle
from tests.quality.growth import FACTOR, beyond_linear
from tests.quality.shapes import PAGES, TEXTS, Shape
from tests.unit.entities.articles import cleaned

repair = importlib.import_module("pipeline.cleaning.repair")  # the package has the function under this name
resolve = importlib.import_module("pipeline.entities.resolve")
RULE_SIZES = (4_000,)  # characters of the smaller of each two
STAGE_SIZES = (6_000,)
CLASSIFICATION_SIZES = (24_000,)  # shorter texts may have no subject, and then no evidence is looked for
PAGE_SIZES = (25_000,)  # below its bounds on elements the extractor itself is quadratic; here they hold
_CAPITALISED = re.compile(r"[^\W\d_a-z]\S*(?: [^\W\d_a-z]\S*){0,3}")
_LABELS = ("PERSON", "ORG", "GPE", "LOC", "WORK_OF_ART")
_PLACES = gazetteer.load()


def named(text: str) -> list[Name]:
    """Whatever begins with a capital, as a model might see it; labels by turns."""
    return [
        Name(match.start(), match.end(), _LABELS[number % len(_LABELS)], seen="x")
        for number, match in enumerate(_CAPITALISED.finditer(text))
    ]


def blocks_of(text: str) -> list[document.Block]:
    """Each line of a text as a block."""
    found, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append(document.Block(start, start + len(line), rules.title_case(line)))
        start += len(line) + 1
    return found


def each(function: Callable[[str, Name], object]) -> Callable[[str], object]:
    """A rule of one name: with the whole text as the name, and with every name in it."""

    def work(text: str) -> None:
        whole = Name(0, len(text), "PERSON", seen="x")
        for name in [whole, *named(text)]:
            if text[name.start : name.end].strip():
                function(text, name)

    return work


def _names(text: str) -> tuple[list[Name], document.Aliases]:
    return document.names(text, blocks_of(text), named(text), _PLACES)


def _resolved(text: str) -> object:
    found, aliases = _names(text)
    located = places.locate(text, found, _PLACES)
    return resolve.resolve(text, found, located, aliases, _PLACES, body=0)


def _sifted(text: str) -> list[Block]:
    return [Block(kind="paragraph", text=line.strip()) for line in text.split("\n") if line.strip()]


def _seen(text: str) -> list[wording.Line]:
    return [wording.read(block) for block in _sifted(text)[:2_000]]


def _rows(text: str) -> object:
    seen = _seen(text)
    if not seen:
        return None
    scores = np.tile(place.SURE_SCORES, (len(seen), 1))
    return place.rows(seen, scores, range(len(seen))), place.among([0.5] * len(seen)), place.writers(seen, text[:1_000])


def _meta(text: str) -> Metadata:
    return Metadata(title=text[:1_000], source="The Quay")


# Every public function, by module: its name, and what it does with a text. Those of one line get all lines of it.
RULES: dict[ModuleType, dict[str, Callable[[str], object]]] = {
    rules: {
        "trim": each(rules.trim),
        "split": each(lambda text, name: rules.split(text, name, _PLACES)),
        "listed": each(lambda text, name: rules.listed(text, name, _PLACES)),
        "suffixed": each(lambda text, name: rules.suffixed(text, name, _PLACES)),
        "titled": each(rules.titled),
        "before": each(lambda text, name: rules.before(text, name.end)),
        "follows_title": each(lambda text, name: rules.follows_title(text, name.start)),
        "persons_by_title": lambda text: rules.persons_by_title(text, 0, len(text)),
        "signed": lambda text: rules.signed(text, 0, len(text)),
        "extended": each(rules.extended),
        "beside": each(lambda text, name: rules.beside(text, name, _PLACES)),
        "dateline": lambda text: rules.dateline(text, 0, len(text), _PLACES),
        "title_case": rules.title_case,
    },
    document: {"key": lambda text: document.key.__wrapped__(text), "names": _names},
    repeats: {"find": lambda text: repeats.find(text, {text[name.start : name.end][:100] for name in named(text)})},
    places: {"locate": lambda text: places.locate(text, named(text), _PLACES)},
    resolve: {"resolve": _resolved},
    confidence: {
        "features": lambda text: confidence.features(named(text), [text], "ORG"),
        "of": lambda text: confidence.of(named(text), [text], "ORG"),
    },
    stretches: {"stretches": stretches.stretches},
    repair: {"repair": repair.repair},
    paragraphs: {"read": paragraphs.read, "split_title": paragraphs.split_title},
    structure: {
        "label": lambda text: structure.label(_sifted(text)),
        "outline": lambda text: structure.outline(_sifted(text)),
    },
    lines: {
        "plain": lines.plain,
        "is_speech": lines.is_speech,
        "match": lambda text: [lines.match(lines.Line(line)) for line in text.split("\n")],
    },
    wording: {
        "read": _seen,
        "features": lambda text: [wording.features(line) for line in _seen(text) if line.readable],
        "has_shape": lambda text: wording.has_shape(text, ends=False),
        "letters": lambda text: [wording.letters(block.text) for block in _sifted(text)],
        "bucket": lambda text: wording.bucket(len(text), (1, 2)),
    },
    place: {"rows": _rows, "among": _rows, "writers": _rows},
    boilerplate: {"sift": lambda text: boilerplate.sift(_sifted(text), title=text[:200], by=text[:500])},
    signs: {"observe": lambda text: (kept := _sifted(text)) and signs.observe(kept, [], _meta(text))},
    language: {
        "identify": language.identify,
        "differs": lambda text: [language.differs(block.text, "en") for block in _sifted(text)],
    },
    learned: {
        "key": learned.key,
        "sources": lambda text: learned.sources(Metadata(url="https://a/" + text, source=text)),
    },
    metadata: {
        "timestamp": lambda text: metadata.timestamp(text[:1_000]),
        "without_site": lambda text: metadata.without_site(text[:1_000], "The Quay"),
        "absolute": lambda text: metadata.absolute(text[:2_000], "https://example.org/"),
    },
    gates: {
        "check_html": lambda text: _taken(gates.check_html, text),
        "check_text": lambda text: _taken(gates.check_text, text),
        "cut": lambda text: gates.cut(text, limit=len(text) // 2),
    },
    charset: {"decode_html_bytes": lambda text: charset.decode_html_bytes(text.encode("utf-16"))},
    vectors: {"tokens": vectors.tokens, "sentences": vectors.sentences},
    genres: {"is_obituary": lambda text: genres.is_obituary(text[:1_000], text)},
    taxonomy: {"current": taxonomy.current, "search": taxonomy.search},
    ids: {
        "is_uri": ids.is_uri,
        "canonical_url": lambda text: ids.canonical_url("https://example.org/?" + text),
        "article_uri": lambda text: ids.article_uri(uri=text, url=text, raw_sha256="0"),
    },
    one_lines: {"one_line": lambda text: one_lines.one_line(text, limit=len(text))},
    marks: {"normalized": marks.normalized},
}
# What takes no text of an article: tables, arrays, pages (which have shapes of their own below).
ELSEWHERE = {
    gates: {"check_tree", "simplify"},
    lines: {"digest", "table"},
    learned: {"read", "dump"},
    metadata: {"read", "complete"},
    stretches: {"specials", "crossing_pairs"},
    vectors: {"direction"},
    genres: {"as_obituary"},
    taxonomy: {"topics", "path", "names", "children"},
    ids: {"fingerprint", "record_id"},
    marks: {"runs"},
}


def _taken(gate: Callable[[str], None], text: str) -> None:
    with contextlib.suppress(InputRefused):
        gate(text)


@pytest.mark.parametrize("module", RULES, ids=lambda module: module.__name__)
def test_every_public_function_is_measured(module: ModuleType) -> None:
    """A rule that is added without a row in RULES fails here."""
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
        and (inspect.isfunction(value) or hasattr(value, "cache_info"))
    }
    assert public == set(RULES[module]) | ELSEWHERE.get(module, set())


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, functions in RULES.items() for name in functions],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_rule_takes_linear_time(module: ModuleType, name: str) -> None:
    """For each shape of text: four times the text, about four times the work."""
    _grows_linearly(RULES[module][name], TEXTS, RULE_SIZES)


def _grows_linearly(work: Callable[[str], object], shapes: dict[str, Shape], sizes: Sequence[int]) -> None:
    faults = {}
    for shape, make in shapes.items():

        def prepare(size: int, make: Shape = make) -> Callable[[], object]:
            text = make(size)
            return lambda: work(text)

        if fault := beyond_linear(prepare, sizes):
            faults[shape] = fault
    assert not faults


class _Capitals:
    """Stands for the model, whose network takes the same time for each word: a capital begins a name."""

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        return [[Span(name.start, name.end, name.label) for name in named(text)] for text in texts]


def test_cleaning_takes_linear_time_for_text() -> None:
    """Decoding, cleaning and writing, up to the size at which a text is cut."""
    stage = cleaning.load()
    _grows_linearly(lambda text: stage.run([_raw(body=text)]), TEXTS, STAGE_SIZES)


def test_cleaning_takes_linear_time_for_pages() -> None:
    """Every shape of page, up to the number of tags that is allowed."""
    stage = cleaning.load()
    _grows_linearly(lambda html: stage.run([_raw(html=html)]), PAGES, PAGE_SIZES)


def test_entities_take_linear_time() -> None:
    """All rules one after the other, with names everywhere."""
    stage = entities.load()
    stage._recogniser = _Capitals()  # type: ignore[assignment]
    _grows_linearly(lambda text: stage.run([cleaned(*text.split("\n\n"))]), TEXTS, STAGE_SIZES)


def test_the_recogniser_takes_linear_time() -> None:
    """The model itself, tokenizer included, for what a tokenizer may stumble over."""
    stage = entities.load()
    shapes = {name: TEXTS[name] for name in ("smileys", "one word of many letters", "initials", "short lines", "lines")}
    shapes["smileys in blocks"] = lambda size: ": )\n\n" * (size // 5)
    _grows_linearly(lambda text: stage._recogniser.find(text.split("\n\n")), shapes, (2_000, 8_000))


def test_classification_takes_linear_time() -> None:
    """Sentences, vectors, subjects and their evidence."""
    stage = classification.load()
    _grows_linearly(
        lambda text: stage.run([AnnotatedArticle(cleaned=cleaned(text), entities=())]), TEXTS, CLASSIFICATION_SIZES
    )


def _raw(*, body: str | None = None, html: str | None = None) -> RawArticle:
    return RawArticle(uri="urn:x:1", meta=Metadata(), origin=Origin(raw_sha256="0" * 64, size=1), body=body, html=html)


def test_a_quadratic_rule_is_seen() -> None:
    """The measure can fail: trimming as it once was, one mark at a time and a look at all of the rest for each."""

    def trimmed(text: str) -> str:
        while owner := re.search(r"['’]s$|['’]$", text):
            text = text[: owner.start()].rstrip()
        return text

    def prepare(size: int) -> Callable[[], object]:
        return lambda: trimmed("A" + "’s " * (size // 3) + "’s")

    assert beyond_linear(prepare, (1_500,)) is not None
    assert FACTOR == 4

"""No rule and no stage takes more than linear time, whatever an article is made of.

Shapes of one thing again and again (tests/quality/shapes.py) go through each public function of the rules, and through
each stage as a whole; growth is measured as tests/quality/growth.py says.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np
import pytest

from pipeline import bylines, classification, cleaning, entities, ids, marks, media_topics, moments
from pipeline.article import Metadata, Origin, RawArticle
from pipeline.classification import genres, vectors, wording
from pipeline.cleaning import language_id, limits, normalize, quality_flags
from pipeline.cleaning.boilerplate import context_features, learned_lines, line_features, sift
from pipeline.cleaning.boilerplate import rules as lines
from pipeline.cleaning.extraction import addresses, dates, fragment, headline, json_ld, metadata, signed
from pipeline.cleaning.structure import ending, paragraphs, segments
from pipeline.cleaning.structure.blocks import Block
from pipeline.entities import confidence, groups, resolution
from pipeline.entities.linking import gazetteer, places
from pipeline.entities.mentions import mention_rules, repeats, span_rules
from pipeline.entities.names import Name
from pipeline.entities.recognition import chunks
from pipeline.entities.recognition.recogniser import Span
from pipeline.errors import InputRefused
from pipeline.formats import charset, field_names, forms, instants, markdown, markup, nitf, text_head
from pipeline.formats import lines as one_lines
from pipeline.formats import text as text_files
from pipeline.languages import registry, tags
from tests.quality.growth import FACTOR, beyond_linear
from tests.quality.shapes import PAGES, TEXTS, Shape
from tests.unit.entities.articles import cleaned

RULE_SIZES = (4_000,)  # characters of the smaller of each two
STAGE_SIZES = (6_000,)
CLASSIFICATION_SIZES = (24_000,)  # shorter texts may have no subject, and then no evidence is looked for
PAGE_SIZES = (25_000,)  # below its bounds on elements the extractor itself is quadratic; here they hold
_CAPITALISED = re.compile(r"[^\W\d_a-z]\S*(?: [^\W\d_a-z]\S*){0,3}")
_LABELS = ("PERSON", "ORG", "GPE", "LOC", "WORK_OF_ART")
_PLACES = gazetteer.load()
_WORDS = wording.load(registry.english())
_USUAL = language_id.common(registry.english())


def named(text: str) -> list[Name]:
    """Whatever begins with a capital, as a model might see it; labels by turns."""
    return [
        Name(match.start(), match.end(), _LABELS[number % len(_LABELS)], seen="x")
        for number, match in enumerate(_CAPITALISED.finditer(text))
    ]


def blocks_of(text: str) -> list[mention_rules.Block]:
    """Each line of a text as a block."""
    found, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            found.append(mention_rules.Block(start, start + len(line), span_rules.title_case(line)))
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


def _names(text: str) -> tuple[list[Name], mention_rules.Aliases]:
    return mention_rules.names(text, blocks_of(text), named(text), _PLACES)


def _gathered(text: str) -> object:
    found, aliases = _names(text)
    return groups.gather(text, found, [None] * len(found), aliases, _PLACES)


def _resolved(text: str) -> object:
    found, aliases = _names(text)
    located = places.locate(text, found, _PLACES)
    return resolution.resolve(text, found, located, aliases, _PLACES, body=0)


def _sifted(text: str) -> list[Block]:
    return [Block(kind="paragraph", text=line.strip()) for line in text.split("\n") if line.strip()]


def _seen(text: str) -> list[line_features.Line]:
    return [line_features.read(block) for block in _sifted(text)[:2_000]]


def _rows(text: str) -> object:
    seen = _seen(text)
    if not seen:
        return None
    scores = np.tile(context_features.SURE_SCORES, (len(seen), 1))
    return (
        context_features.rows(seen, scores, range(len(seen))),
        context_features.among([0.5] * len(seen)),
        context_features.writers(seen, text[:1_000]),
    )


def _meta(text: str) -> Metadata:
    return Metadata(title=text[:1_000], source="The Quay")


# Every public function, by module: its name, and what it does with a text. Those of one line get all lines of it.
RULES: dict[ModuleType, dict[str, Callable[[str], object]]] = {
    span_rules: {
        "trim": each(lambda text, name: span_rules.trim(text, name, _PLACES.lexicon)),
        "with_article": each(lambda text, name: span_rules.with_article(text, name, _PLACES.lexicon)),
        "split": each(lambda text, name: span_rules.split(text, name, _PLACES)),
        "listed": each(lambda text, name: span_rules.listed(text, name, _PLACES)),
        "suffixed": each(lambda text, name: span_rules.suffixed(text, name, _PLACES)),
        "titled": each(lambda text, name: span_rules.titled(text, name, _PLACES.lexicon)),
        "before": each(lambda text, name: span_rules.before(text, name.end)),
        "follows_title": each(lambda text, name: span_rules.follows_title(text, name.start, _PLACES.lexicon)),
        "persons_by_title": lambda text: span_rules.persons_by_title(text, 0, len(text), _PLACES.lexicon),
        "signed": lambda text: span_rules.signed(text, 0, len(text), _PLACES.lexicon),
        "extended": each(lambda text, name: span_rules.extended(text, name, _PLACES.lexicon)),
        "beside": each(lambda text, name: span_rules.beside(text, name, _PLACES)),
        "dateline": lambda text: span_rules.dateline(text, 0, len(text), _PLACES),
        "title_case": span_rules.title_case,
    },
    mention_rules: {"key": lambda text: mention_rules.key.__wrapped__(text), "names": _names},
    repeats: {"find": lambda text: repeats.find(text, {text[name.start : name.end][:100] for name in named(text)})},
    places: {"locate": lambda text: places.locate(text, named(text), _PLACES)},
    groups: {"gather": _gathered},
    resolution: {"resolve": _resolved},
    confidence: {
        "features": lambda text: confidence.features(named(text), [text], "ORG"),
        "of": lambda text: confidence.of(named(text), [text], "ORG"),
    },
    chunks: {"stretches": chunks.stretches},
    normalize: {"repair": normalize.repair},
    paragraphs: {"read": lambda text: paragraphs.read(text, is_boilerplate=lines.load().matches)},
    text_files: {"split_title": text_files.split_title},
    segments: {
        "label": lambda text: segments.label(_sifted(text)),
        "outline": lambda text: segments.outline(_sifted(text)),
    },
    lines: {
        "plain": lines.plain,
        # The methods of the table that it answers.
        "load": lambda text: (
            lines.load().is_speech(text),
            [lines.load().matches(line) for line in text.split("\n")],
            [lines.load().match(lines.Line(line)) for line in text.split("\n")],
        ),
    },
    line_features: {
        "read": _seen,
        "features": lambda text: [line_features.features(line) for line in _seen(text) if line.readable],
        "has_shape": lambda text: line_features.has_shape(text, ends=False),
        "letters": lambda text: [line_features.letters(block.text) for block in _sifted(text)],
        "bucket": lambda text: line_features.bucket(len(text), (1, 2)),
    },
    context_features: {"rows": _rows, "among": _rows, "writers": _rows},
    sift: {"sift": lambda text: sift.sift(_sifted(text), title=text[:200], by=text[:500])},
    quality_flags: {"observe": lambda text: (kept := _sifted(text)) and quality_flags.observe(kept, [], _meta(text))},
    language_id: {
        "identify": language_id.identify,
        "of_parts": lambda text: language_id.of_parts(text.split("\n"), declared="en"),
        "differs": lambda text: [language_id.differs(block.text, "en", usual=_USUAL) for block in _sifted(text)],
    },
    learned_lines: {
        "key": learned_lines.key,
        "sources": lambda text: learned_lines.sources(Metadata(url="https://a/" + text, source=text)),
    },
    bylines: {
        "read": lambda text: bylines.read(text, outlets=(text[:100],)),
        "key": bylines.key,
        "is_person": lambda text: bylines.is_person(text[:1_000]),
        "names_outlet": lambda text: bylines.names_outlet(text[:1_000]),
        "spelt": bylines.spelt,
    },
    moments: {"read": moments.read},
    headline: {
        "choose": lambda text: headline.choose(
            headline.Sources(json_ld=text[:1_000], og=text[:900], heading=text[:800], title=text[:1_000]), ("The Quay",)
        ),
        "without_outlet": lambda text: headline.without_outlet(text[:1_000], ("The Quay",), others=(text[:500],)),
        "without_kicker": lambda text: headline.without_kicker(text[:1_000], text[:500]),
    },
    json_ld: {
        "nodes": lambda text: json_ld.nodes(
            [text, f'{{"@type": "NewsArticle", "headline": "{text}", }}', f"[{text}", f'"{text}', f"/*{text}"]
        ),
    },
    dates: {"choose": lambda text: dates.choose(text.split(" "))},
    addresses: {
        "absolute": lambda text: addresses.absolute(text, "https://example.org/"),
        "choose": lambda text: addresses.choose([f"https://example.org/{text[:2_000]}"], fed=None),
        "outlet_names": lambda text: list(addresses.outlet_names(f"https://{text[:2_000]}.example/")),
    },
    signed: {"together": lambda text: signed.together(text.split("\n\n"), ())},
    metadata: {},
    limits: {
        "check_html": lambda text: _taken(limits.check_html, text),
        "flatter": lambda text: list(limits.flatter(text)),
        "check_text": lambda text: _taken(limits.check_text, text),
        "cut": lambda text: limits.cut(text, limit=len(text) // 2),
    },
    ending: {"split": ending.split},
    fragment: {"is_fragment": fragment.is_fragment, "read": lambda text: _taken(fragment.read, text)},
    markup: {
        "is_markup": markup.is_markup,
        "has_tags": markup.has_tags,
        "is_page": markup.is_page,
        "unwrapped": markup.unwrapped,
        "unescaped": markup.unescaped,
        "line": markup.line,
    },
    markdown: {"is_markdown": markdown.is_markdown, "to_html": markdown.to_html},
    nitf: {"is_nitf": nitf.is_nitf, "read": lambda text: (nitf.read(text), nitf.read(f"<body.content>{text}"))},
    text_head: {"split": text_head.split},
    instants: {"read": instants.read},
    tags: {"canonical": lambda text: tags.canonical.__wrapped__(text), "covers": tags.covers},
    field_names: {
        "key": field_names.key,
        "snake": lambda text: field_names.snake(text[:200]),
        "read": lambda text: field_names.read(dict.fromkeys(text.split())),
        "mapped": lambda text: field_names.mapped(dict.fromkeys(text.split(), 1), (("title", "a.b"),)),
        "leading": lambda text: field_names.leading(dict.fromkeys(text.split(), 1), (("title", "a.b"),)),
    },
    forms: {
        "text": lambda text: forms.text(text.split(" ")),
        "words": forms.words,
        "names": lambda text: forms.names(text.split(" ")),
        "address": lambda text: forms.address(text.split(" ")),
        "address_of_one": forms.address_of_one,
        "moment": forms.moment,
    },
    charset: {"decode_html_bytes": lambda text: charset.decode_html_bytes(text.encode("utf-16"))},
    vectors: {"tokens": vectors.tokens, "sentences": lambda text: vectors.sentences(text, _WORDS.abbreviated)},
    genres: {"is_obituary": lambda text: genres.is_obituary(text[:1_000], text, _WORDS.obituary)},
    media_topics: {"current": media_topics.current, "search": media_topics.search},
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
    limits: {"check_tree", "is_deep", "simplify"},
    language_id: {"known", "honoured", "common"},
    learned_lines: {"read", "dump"},
    metadata: {"read", "complete"},
    dates: {"of_page", "refined"},
    json_ld: {"kind", "is_page", "own", "by_id", "writers", "name"},
    addresses: {"base", "declared", "of_nodes", "of_image"},
    signed: {"choose"},
    chunks: {"specials", "crossing_pairs"},
    vectors: {"direction"},
    genres: {"as_obituary"},
    nitf: {"is_type"},
    field_names: {"field_map"},
    media_topics: {"topics", "path", "names", "children", "with_current_code"},
    ids: {"fingerprint", "record_id", "take_down_id"},
    marks: {"runs"},
}


def _taken(gate: Callable[[str], object], text: str) -> None:
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


@pytest.mark.slow
def test_cleaning_takes_linear_time_for_pages() -> None:
    """Every shape of page, up to the number of tags that is allowed."""
    stage = cleaning.load()
    _grows_linearly(lambda html: stage.run([_raw(html=html)]), PAGES, PAGE_SIZES)


@pytest.mark.parametrize("work", [fragment.read, nitf.read, markup.is_markup, markup.unwrapped, markup.line])
def test_markup_in_a_field_takes_linear_time(work: Callable[[str], object]) -> None:
    """Every shape of page, as the text of a field."""
    _grows_linearly(lambda html: _taken(work, html), PAGES, RULE_SIZES)


def test_entities_take_linear_time() -> None:
    """All rules one after the other, with names everywhere."""
    stage = entities.load()
    stage._readers["en"].recogniser = _Capitals()  # type: ignore[assignment]
    _grows_linearly(lambda text: stage.annotate([cleaned(*text.split("\n\n"))]), TEXTS, STAGE_SIZES)


def test_the_recogniser_takes_linear_time() -> None:
    """The model itself, tokenizer included, for what a tokenizer may stumble over."""
    stage = entities.load()
    shapes = {name: TEXTS[name] for name in ("smileys", "one word of many letters", "initials", "short lines", "lines")}
    shapes["smileys in blocks"] = lambda size: ": )\n\n" * (size // 5)
    _grows_linearly(lambda text: stage._readers["en"].recogniser.find(text.split("\n\n")), shapes, (2_000, 8_000))


def test_classification_takes_linear_time() -> None:
    """Sentences, vectors, subjects and their evidence."""
    stage = classification.load()
    _grows_linearly(lambda text: stage.annotate([cleaned(text)]), TEXTS, CLASSIFICATION_SIZES)


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

    assert beyond_linear(prepare, (400,)) is not None
    assert FACTOR == 4

"""The fast path finds what spaCy finds, span by span."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities.recognition import models, recogniser
from pipeline.entities.recognition.recogniser import Fast, Plain, choose
from pipeline.entities.recognition.weights import UnsupportedError, take

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
SAMPLES = Path(__file__).resolve().parents[3] / "pipeline" / "data" / "samples"

# Stretches that tokenizers and decoders fall over, and names to find.
PIECES = (
    "Trump", "the", "U.S.", "Mr.", "New", "York", "Inc.", "IBM", "said", "in", "Ana", "Petrov", "don't", "I’d’ve",
    ":", ")", ":-)", "1", "’", "’s", "a", "m", ".", ",", "-", "—", "“", "”", "$3", "€3.1m", "12.5%", "x",
    "\n", "\n\n", "\t", "  ", "\u00a0", "\u2028", "\x1c", "\u200b", "\ufeff", "\ufffd", "é", "e\u0301", "ß",
    "北京", "東京", "مرحبا", "Москва", "हिन्दी", "😀", "👩‍👩‍👧", "🇫🇷",
    "https://example.org/a?b=c", "press@example.org", "9", "p.m.", "O'Brien", "and/or", "C++", "@x",
)  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Any:
    """The recogniser as spaCy loads it."""
    return models.open_recogniser(models.find("en_core_web_sm"))


@pytest.fixture(scope="module")
def fast(model: Any) -> Fast:
    """The fast path."""
    return Fast(model)


@pytest.fixture(scope="module")
def plain(model: Any) -> Plain:
    """spaCy."""
    return Plain(model)


def test_the_fast_path_is_taken(model: Any) -> None:
    """It proves itself on this machine."""
    assert isinstance(choose(model), Fast)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Trump",
        " ",
        " Trump",
        "Trump ",
        " " * 500,
        "\n" * 50,
        " \n Trump\n\nsaid .",
        "London: ) and Paris : (",
        "😀" * 200,
        "北京" * 300,
        "Trump" * 3000,
        "New York Times " * 2000,
        "London, " * 3000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_odd_texts(text: str, fast: Fast, plain: Plain) -> None:
    """Empty, one token, blanks, emoji, other scripts, one long word, one long entity."""
    assert fast.find([text]) == plain.find([text])


def test_fifty_thousand_tokens(fast: Fast, plain: Plain) -> None:
    """A long text, beside short ones in one batch."""
    rng = random.Random(5)
    long = " ".join(rng.choice(PIECES[:20]) for _ in range(50_000))
    texts = ["Ana Petrov said.", long, "", "In Paris."]
    assert fast.find(texts) == plain.find(texts)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " ", "  ", " \n"])), max_size=60))
def test_fuzzed_pieces(fast: Fast, plain: Plain, pieces: list[tuple[str, str]]) -> None:
    """Any sequence of nasty stretches."""
    text = "".join(word + blank for word, blank in pieces)
    assert fast.find([text]) == plain.find([text])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_fuzzed_text(fast: Fast, plain: Plain, text: str) -> None:
    """Any text at all."""
    assert fast.find([text]) == plain.find([text])


def test_a_batch_is_its_texts(fast: Fast) -> None:
    """The entities of a text do not depend on the other texts of its batch."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.iterdir())]
    assert fast.find(texts) == [fast.find([text])[0] for text in texts]


def test_full_tables_are_emptied(model: Any, plain: Plain) -> None:
    """Bounded tables forget, and find the same."""
    fast = Fast(model)
    fast._words._limits = (50, 80)
    texts = [f"Ana Petrov{number} met Li Wei{number} of Acme{number} in Paris on day {number}." for number in range(60)]
    assert [fast.find([text])[0] for text in texts] == plain.find(texts)
    assert len(fast._words._form) < 120


def test_an_equal_score_goes_to_spacy(model: Any, plain: Plain) -> None:
    """Where rounding could decide, spaCy does."""
    fast = Fast(model, noise=1e9)
    assert fast.find(["Ana Petrov is in Paris.", ""]) == plain.find(["Ana Petrov is in Paris.", ""])
    assert fast.undecided == 1


def test_another_architecture_is_refused(model: Any) -> None:
    """A model that the runtime does not compute is said so, and spaCy takes over."""

    class Other:
        def get_pipe(self, name: str) -> object:
            return object()

    with pytest.raises(UnsupportedError):
        take(Other())


def test_a_wrong_answer_falls_back(model: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """A fast path that cannot prove itself is not taken."""
    monkeypatch.setattr(recogniser, "encode", lambda vectors, layers: vectors)
    assert isinstance(choose(model), Plain)
    assert "several times slower" in caplog.text


@pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data: see CONTRIBUTING.md")
@pytest.mark.timeout(600)
@pytest.mark.slow
def test_every_article_of_the_sets(fast: Fast, plain: Plain) -> None:
    """Equal in every article: a part of each set, the seed, and strings that break things."""
    texts = [(DATA / "seed-article.txt").read_text(encoding="utf-8")]
    for name, step in (("bbc", 25), ("masakhanews_eng_dev", 4), ("masakhanews_eng_test", 10), ("huffpost", 200)):
        with gzip.open(DATA / "subjects" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            items = [json.loads(line) for line in lines][::step]
        texts += [f"{item.get('title') or ''}\n{item.get('text') or ''}" for item in items]
    texts += [str(text) for text in json.loads((DATA / "badinput" / "blns" / "blns.json").read_text(encoding="utf-8"))]
    different = 0
    for start in range(0, len(texts), 64):
        some = texts[start : start + 64]
        different += sum(one != other for one, other in zip(fast.find(some), plain.find(some), strict=True))
    assert different == 0

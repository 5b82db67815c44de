"""Texts to sentences, words and bags."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.classification import wording
from pipeline.classification.vectors import Vectors, Vocabulary, sentences, tokens
from pipeline.languages import registry

WORDS = wording.load(registry.english())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One ends. Two begins.", ["One ends.", "Two begins."]),
        ("A heading\n\nThen a text.", ["A heading", "Then a text."]),
        ("He said “no.” She left.", ["He said “no.”", "She left."]),
        ("Talks with U.S. Commerce officials. Then more.", ["Talks with U.S. Commerce officials.", "Then more."]),
        ("Mr. Smith and Dr. Lee met. Good.", ["Mr. Smith and Dr. Lee met.", "Good."]),
        ("further conflict.. Export", ["further conflict..", "Export"]),
        ("Up 3.5 per cent", ["Up 3.5 per cent"]),
        ("  \n ", []),
        ("", []),
        ("Ends in space. \n", ["Ends in space."]),
    ],
)
def test_sentences_are_exact_spans(text: str, found: list[str]) -> None:
    """Spans cut the very text, and abbreviations do not end one."""
    assert [text[start:end] for start, end in sentences(text, WORDS.abbreviated)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The U.S. won 3-2", ["the", "won"]),
        ("Café’s owner", ["café", "owner"]),
        ("don't_stop", ["don", "stop"]),
        ("4 x 100", []),
    ],
)
def test_tokens_are_runs_of_letters(text: str, found: list[str]) -> None:
    """Two letters or more, lower case."""
    assert tokens(text) == found


@pytest.fixture
def vectors() -> Vectors:
    """Five words, one phrase, two numbers each."""
    words = ["bank", "central", "rate", "river", "try"]
    table = np.array([[1, 0], [0, 1], [2, 2], [0, 3], [4, 0], [9, 9]], np.int8)
    return Vectors(Vocabulary(words, ["central bank"], WORDS.endings), table, np.ones(6, np.float32))


def test_rows_know_phrases_and_endings(vectors: Vectors) -> None:
    """A phrase counts beside its words; an unknown word is left out, or found without its ending."""
    rows, owner = vectors.vocabulary.rows(["central bank rates", "the bank", "tries"])
    assert rows.tolist() == [1, 0, 2, 0, 4, 5]
    assert owner.tolist() == [0, 0, 0, 1, 2, 0]


def test_phrases_do_not_cross_unknown_words_or_sentences(vectors: Vectors) -> None:
    """ "central" and "bank" make a phrase only side by side."""
    rows, _ = vectors.vocabulary.rows(["central qqq bank", "central", "bank"])
    assert 5 not in rows.tolist()


def test_bag_knows_its_sentences(vectors: Vectors) -> None:
    """The title is a sentence without a span; shares are what each sentence adds along a slope."""
    bag = vectors.bag("River bank. Qqq zzz. Rate.", "Central")
    assert bag.spans == ((-1, -1), (0, 11), (12, 20), (21, 26))
    assert bag.owner.tolist() == [0, 1, 1, 3]
    assert bag.known == 4
    assert bag.mean.tolist() == [0.75, 1.5]
    slopes, centre = np.array([[1, 0], [0, 1]], np.float32), np.array([0, 1], np.float32)
    assert bag.shares(slopes, centre).tolist() == [[0, 0], [1, 1], [0, 0], [2, 1]]


def test_a_text_without_known_words_is_an_empty_bag(vectors: Vectors) -> None:
    """No rows, no error, a zero mean."""
    for text in ("", "Qqq 12 zzz."):
        bag = vectors.bag(text)
        assert bag.known == 0
        assert bag.mean.tolist() == [0, 0]

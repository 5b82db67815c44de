"""Articles that once ended a batch, or took seconds: a verdict for each, and the neighbours come out."""

from __future__ import annotations

import pytest

from pipeline import cleaning
from pipeline.article import Article
from pipeline.cleaning import stage as stage_module
from pipeline.errors import Reason, Refusal
from tests.unit.cleaning.articles import BODY, clean, raw

_P = "".join(f"<p>{paragraph}</p>" for paragraph in BODY.split("\n\n"))


@pytest.mark.parametrize("tag", ["quot<p", "o:p", "a=b", "x@y", "1", 'q"z'])
def test_strange_tags_lose_no_article(tag: str) -> None:
    """What lxml reads as a tag and cannot write is an element like others; the text is there."""
    article = clean(html=f"{_P}<blockquote>{_P}<{tag}>Within it.</{tag}>{_P}</blockquote>{_P}")
    assert "rebuilt" in article.text.value


@pytest.mark.parametrize("digits", [8, 4_300, 4_301, 90_000])
def test_a_number_of_thousands_of_digits_is_no_character(digits: int) -> None:
    """Python does not read such a number, and needs not: the entity is what browsers make of it."""
    article = clean(body=f"{BODY}\n\nHere &amp; there &#{'1' * digits}; it stands.")
    assert "Here & there \ufffd it stands." in article.text.value


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u3099\u302a", "\u0711\u0730"])
def test_marks_without_end_are_cut(marks: str) -> None:
    """Out of order they would be sorted one by one; the flag says that some are gone."""
    article = clean(body=f"{BODY}\n\nHere a{marks * 20_000} stands.")
    assert len(article.text.value) < len(BODY) + 100
    assert "combining_marks" in article.text.quality.flags


def test_a_fault_refuses_one_article(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, and with the name of the error alone."""
    stage = cleaning.load()
    read = stage_module.repair

    def fails(text: str) -> object:
        if "quay" not in text:
            raise RuntimeError(text)
        return read(text)

    monkeypatch.setattr(stage_module, "repair", fails)
    before, culprit, after = stage.run([raw(body=BODY), raw(body="Something else. " * 30), raw(body=BODY)])
    assert isinstance(before, Article)
    assert isinstance(after, Article)
    assert isinstance(culprit, Refusal)
    assert (culprit.reason, culprit.error) == (Reason.STAGE_ERROR, "RuntimeError")


def test_no_entity_of_a_page_is_read(tmp_path: object) -> None:
    """Neither a file nor an expansion that a page defines for itself."""
    head = '<!DOCTYPE html [<!ENTITY a "lollol"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    article = clean(html=f"{head}<html><body>{_P}<p>Here it says &b; and &f; and no more of it.</p>{_P}</body></html>")
    assert "lollol" not in article.text.value
    assert "root:" not in article.text.value


def test_a_page_of_thousands_of_words_in_bold_keeps_its_text() -> None:
    """The markup within its paragraphs goes, the words stay, and the flag says so; an ordinary page has none."""
    words = " ".join(f"<b>word{number}</b>" for number in range(3_500))
    article = clean(html=f"<body>{_P}<p>{words}</p>{_P}")
    assert "word0 word1" in article.text.value
    assert "word3499" in article.text.value
    assert "simplified" in article.text.quality.flags
    assert "simplified" not in clean(html=f"<body>{_P}").text.quality.flags


def test_a_page_of_thousands_of_elements_is_extracted_once() -> None:
    """Where it has next to no text, the slow look is left out, and the flag says so."""
    result = cleaning.load().run([raw(html="<body><p>Closed.</p>" + "<div><p></p></div>" * 3_000)])[0]
    if isinstance(result, Article):
        assert "simplified" in result.text.quality.flags
        assert "extraction_fallback" not in result.text.quality.flags
    else:
        assert result.reason == Reason.EMPTY_TEXT

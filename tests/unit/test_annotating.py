"""What becomes of an article when an annotator does what it should, and when it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from pipeline import codec
from pipeline.annotating import MAX_LAYER_BYTES, AnnotatorStage, Seat
from pipeline.article import Article, Component, Language
from pipeline.errors import Reason, Refusal
from tests.unit.entities.articles import cleaned

SECRET = "the words of the article"
WORDS = Component(name="words", version="1")


@dataclass(kw_only=True)
class Counter:
    """Counts the words of a text; `do` is what it does instead for a text that says "bad"."""

    do: Callable[[Article], Any] = lambda article: None
    name: str = "words"
    requires: frozenset[str] = frozenset()
    languages: frozenset[str] | None = None
    component: Component = WORDS
    asked: int = 0

    def annotate(self, batch: Sequence[Article]) -> list[Any]:
        self.asked += len(batch)
        answers: list[Any] = []
        for article in batch:
            if article.text.value.startswith("bad"):
                answer = self.do(article)
                if answer == "too few":
                    continue
                answers.append(answer)
            else:
                answers.append({"count": len(article.text.value.split())})
        return answers

    def to_json(self, layer: Any) -> Any:
        return layer

    def from_json(self, value: Any) -> Any:
        return value


def raises(article: Article) -> Any:
    raise ValueError(article.text.value)


def refuses(article: Article) -> Refusal:
    return Refusal(stage="classification", reason=Reason.EMPTY_TEXT, error="nothing to count", uri=article.uri)


def through(annotator: Counter, *texts: str, required: bool = False, **more: Any) -> list[Article | Refusal]:
    stage = AnnotatorStage("classification", [Seat(annotator=annotator, required=required)], clock=lambda: 0.0)
    return stage.run([cleaned(text) for text in texts], **more)


FAULTS: dict[str, Callable[[Article], Any]] = {
    "it raises": raises,
    "it gives too few answers": lambda _: "too few",
    "what it gives cannot be written": lambda _: {"set": {1, 2}},
    "what it gives is too large": lambda _: "x" * MAX_LAYER_BYTES,
    "a key is no string": lambda _: {1: 2},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_the_layer_of_one_article(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its neighbours have theirs; the record is partial, the run `failed`, and the log says where without any text."""
    answers = through(Counter(do=FAULTS[fault]), "one two", f"bad {SECRET}", "three")
    assert all(isinstance(answer, Article) for answer in answers)
    good, bad, other = (answer for answer in answers if isinstance(answer, Article))
    assert (good.layers["words"].json, other.layers["words"].json) == ({"count": 2}, {"count": 1})
    assert "words" not in bad.layers
    assert [answer.runs[-1].status for answer in (good, bad, other)] == ["ok", "failed", "ok"]
    assert [answer.status for answer in (good, bad)] == ["complete", "partial"]
    assert "urn:test" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_required_annotator_refuses_the_article(fault: str) -> None:
    """As `stage_error`, and no other article."""
    good, bad = through(Counter(do=FAULTS[fault]), "one two", f"bad {SECRET}", required=True)
    assert isinstance(good, Article)
    assert isinstance(bad, Refusal)
    assert (bad.stage, bad.reason) == ("classification", Reason.STAGE_ERROR)
    assert SECRET not in bad.error


def test_memory_that_runs_out_is_for_the_pool() -> None:
    """It is no fault of the article before anybody has tried it alone."""

    def eats(article: Article) -> Any:
        raise MemoryError

    with pytest.raises(MemoryError):
        through(Counter(do=eats), "one", "bad")


def test_a_refusal_is_a_refusal() -> None:
    """An annotator may refuse an article; nothing after it sees that article."""
    after = Counter(name="after", component=Component(name="after", version="1"))
    stage = AnnotatorStage(
        "classification", [Seat(annotator=Counter(do=refuses)), Seat(annotator=after)], clock=lambda: 0.0
    )
    good, bad = stage.run([cleaned("one"), cleaned("bad")])
    assert isinstance(good, Article)
    assert set(good.layers) == {"words", "after"}
    assert isinstance(bad, Refusal)
    assert bad.reason is Reason.EMPTY_TEXT
    assert after.asked == 1


@pytest.mark.parametrize(
    ("annotator", "status"),
    [
        (Counter(), "ok"),
        (Counter(languages=frozenset({"en"})), "ok"),
        (Counter(languages=frozenset({"de"})), "skipped"),
        (Counter(requires=frozenset({"entities"})), "skipped"),
    ],
)
def test_what_is_not_for_it_is_skipped(annotator: Counter, status: str) -> None:
    """An article in another language, or without a layer that it reads: it is not called."""
    (answer,) = through(annotator, "one two")
    assert isinstance(answer, Article)
    assert answer.runs[-1].status == status
    assert (annotator.asked == 1) is (status == "ok")


def test_an_annotator_that_is_left_out_failed() -> None:
    """Its layer is missing and the record says so; it is not called."""
    annotator = Counter()
    (answer,) = through(annotator, "one", without=("words",))
    assert isinstance(answer, Article)
    assert answer.runs[-1].status == "failed"
    assert annotator.asked == 0


def test_a_layer_stands_in_the_record() -> None:
    """Under `annotations`, with a run of its own in the provenance, and it changes the fingerprint."""
    (answer,) = through(Counter(), "one two")
    assert isinstance(answer, Article)
    record = orjson.loads(codec.encode(answer, sealed=codec.identity(answer)))
    assert record["enrichment"]["annotations"] == {"words": {"count": 2}}
    (run,) = record["enrichment"]["provenance"]["stages"]
    assert (run["stage"], run["component"], run["status"]) == ("classification", "words", "ok")
    before = cleaned("one two")
    assert codec.identity(answer)[1] != codec.identity(before)[1]


def test_the_language_of_an_article_is_its_primary_tag() -> None:
    """en-GB is English."""
    article = cleaned("one")
    british = replace(article, text=replace(article.text, language=Language(tag="en-GB", confidence=1.0)))
    seat = Seat(annotator=Counter(languages=frozenset({"en"})))
    (answer,) = AnnotatorStage("classification", [seat], clock=lambda: 0.0).run([british])
    assert isinstance(answer, Article)
    assert answer.layers["words"].json == {"count": 1}


def test_time_is_shared_out_evenly() -> None:
    """Each of a batch has an equal part of what the annotator took."""
    times = iter([10.0, 11.0])
    stage = AnnotatorStage("classification", [Seat(annotator=Counter())], clock=lambda: next(times))
    answers = stage.run([cleaned("one"), cleaned("two")])
    assert [answer.runs[-1].duration_ms for answer in answers if isinstance(answer, Article)] == [500.0, 500.0]

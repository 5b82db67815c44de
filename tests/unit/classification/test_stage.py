"""The stage: order, evidence, abstention, languages, given subjects, and the same answer in any company."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from pipeline import classification
from pipeline.annotating import AnnotatorStage, Seat
from pipeline.annotations import Subject
from pipeline.article import Article
from pipeline.classification import Classification, heads
from pipeline.errors import ModelError
from tests.unit.classification.articles import MATCH, RATES, TRIAL, article


@pytest.fixture(scope="module")
def annotator() -> Classification:
    """The shipped weights."""
    return classification.load()


@pytest.fixture(scope="module")
def stage(annotator: Classification) -> AnnotatorStage:
    """The stage around it."""
    return AnnotatorStage("classification", [Seat(annotator=annotator, required=True, ours=True)], clock=lambda: 0.0)


def subjects(stage: AnnotatorStage, text: str, **more: object) -> tuple[Subject, ...] | None:
    """What one article is about."""
    (answer,) = stage.run([article(text, **more)])  # type: ignore[arg-type]
    assert isinstance(answer, Article)
    return answer.subjects


@pytest.mark.parametrize(
    ("text", "code"), [(MATCH, "medtop:15000000"), (TRIAL, "medtop:02000000"), (RATES, "medtop:04000000")]
)
def test_the_first_subject_is_top_level(stage: AnnotatorStage, text: str, code: str) -> None:
    """And what follows lies below a subject named before it."""
    found = subjects(stage, text)
    assert found
    assert found[0].code == code
    seen: set[str] = set()
    for subject in found:
        assert set(subject.path[:-1]) <= seen
        assert 0 <= subject.confidence <= 1
        assert (subject.scheme, subject.scheme_version, subject.by) == ("medtop", "2025-03-31", "classification")
        seen.add(subject.code)


@pytest.mark.parametrize("text", [MATCH, TRIAL, RATES])
def test_evidence_is_cut_from_the_text(stage: AnnotatorStage, text: str) -> None:
    """Every span is exact, also where a title came first."""
    for subject in subjects(stage, text, title="A title of its own") or ():
        for span in subject.evidence:
            assert text[span.start : span.end] == span.text
    first = (subjects(stage, text) or ())[0]
    assert first.evidence


def test_another_language_is_skipped(stage: AnnotatorStage) -> None:
    """None, not empty: nobody looked."""
    assert subjects(stage, MATCH, language="de") is None
    assert subjects(stage, MATCH, language="und") is None
    assert subjects(stage, MATCH, language="en-GB")


@pytest.mark.parametrize("text", ["", "12 34", "Qqq zzz www.", "Yes."])
def test_nothing_to_judge_is_no_subject(stage: AnnotatorStage, text: str) -> None:
    """Empty: the classifier abstains."""
    assert subjects(stage, text) == ()


def test_other_articles_of_the_batch_change_nothing(stage: AnnotatorStage) -> None:
    """Alone, in a batch, in another order: the same records to the last digit."""
    texts = [MATCH, TRIAL, RATES, f"{MATCH} {TRIAL}", f"{RATES}\n\n{TRIAL}", "", RATES * 20]
    alone = {text: stage.run([article(text)])[0] for text in texts}
    shuffled = random.Random(7)
    for _ in range(5):
        order = shuffled.choices(texts, k=12)
        assert stage.run([article(text) for text in order]) == [alone[text] for text in order]


def test_a_very_long_text_is_judged_by_its_beginning(stage: AnnotatorStage) -> None:
    """A megabyte takes no more memory than an article; spans stay exact."""
    text = f"{MATCH} " * 5000
    (first, *_) = subjects(stage, text) or ()
    assert first.code == "medtop:15000000"
    assert all(text[span.start : span.end] == span.text for span in first.evidence)


def test_an_exception_of_one_article_is_a_value(
    stage: AnnotatorStage, annotator: Classification, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch goes on, and no text is in the error."""

    def broken(*_: object) -> None:
        raise ValueError(MATCH)

    monkeypatch.setattr(annotator, "opinion", broken)
    (answer,) = stage.run([article(MATCH)])
    assert not isinstance(answer, Article)
    assert (answer.stage, answer.reason, answer.error) == ("classification", "stage_error", "ValueError")


def test_the_component_names_its_weights(annotator: Classification) -> None:
    """Name, version and hash, as the manifest has them."""
    facts = json.loads((heads.FOLDER / "manifest.json").read_bytes())
    assert annotator.component.model is not None
    assert annotator.component.model.sha256 == facts["sha256"]
    assert len(annotator.component.config) == 16


def test_changed_weights_are_not_loaded(tmp_path: Path) -> None:
    """A file that is not the one that was trained, or that is missing, is a ModelError."""
    folder = tmp_path / "subjects"
    shutil.copytree(heads.FOLDER, folder)
    assert heads.manifest(folder)["name"] == "subjects-static"
    with (folder / "words.txt").open("a") as file:
        file.write("more\n")
    with pytest.raises(ModelError, match="not the file that was trained"):
        heads.manifest(folder)
    (folder / "words.txt").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        heads.manifest(folder)


def test_the_weights_fit_in_the_package() -> None:
    """At most 15 MB, all of it named in the manifest."""
    files = {file.name: file.stat().st_size for file in heads.FOLDER.iterdir()}
    assert sum(files.values()) <= 15_000_000
    assert set(files) == {*heads.manifest()["files"], "manifest.json"}

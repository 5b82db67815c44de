"""What the stage makes of articles."""

import pytest

from pipeline.annotating import AnnotatorStage
from pipeline.annotations import Entity
from pipeline.article import Article
from pipeline.entities.stage import Entities, load
from pipeline.errors import ModelError, Refusal
from tests.unit.entities.articles import cleaned

TEXT = (
    "GENEVA (Reuters) - President Ana Petrov said on Tuesday that the U.S.-China talks had failed.",
    "Beijing Stresses Mutual Respect",
    "Petrov, who leads the European Central Bank (ECB), told reporters in Geneva that Beijing had warned the United "
    "States. The ECB declined to comment. Acme Corp. shares fell; Acme is based in Paris, Texas.",
)


def found(stage: AnnotatorStage, *paragraphs: str, title: str | None = None) -> dict[str, Entity]:
    """Entities by name."""
    (answer,) = stage.run([cleaned(*paragraphs, title=title, headings=(1,))])
    assert isinstance(answer, Article)
    assert answer.entities is not None
    return {entity.name: entity for entity in answer.entities}


def test_mentions_become_entities(stage: AnnotatorStage) -> None:
    """Surname and title, acronym, company suffix, spellings of a country: one entity each."""
    things = found(stage, *TEXT, title="Petrov says U.S. talks failed")
    assert things["Ana Petrov"].type == "PERSON"
    assert things["Ana Petrov"].aliases == ("Petrov",)
    assert [mention.where for mention in things["Ana Petrov"].mentions] == ["headline", "body", "body"]
    assert things["European Central Bank"].aliases == ("ECB",)
    assert things["European Central Bank"].link is not None
    assert things["European Central Bank"].link.id == "Q8901"
    assert set(things["United States"].aliases) == {"U.S."}
    assert things["China"].geo is not None
    assert things["China"].geo.country_code == "CN"
    assert "Acme" in things["Acme Corp."].aliases


def test_a_capital_that_stands_for_its_government_is_a_metonym(stage: AnnotatorStage) -> None:
    """Flagged on the mention, and still the city."""
    beijing = found(stage, *TEXT)["Beijing"]
    assert {mention.metonym for mention in beijing.mentions} == {False, True}
    assert beijing.link is not None
    assert beijing.link.kb == "geonames"


def test_a_heading_is_not_read_as_a_name(stage: AnnotatorStage) -> None:
    """Its capitals say nothing; names known from the text are found in it."""
    things = found(stage, *TEXT)
    assert "Beijing Stresses Mutual Respect" not in things


def test_places_as_the_text_has_them(stage: AnnotatorStage) -> None:
    """Paris, Texas is not Paris."""
    paris = found(stage, *TEXT)["Paris"]
    assert paris.geo is not None
    assert paris.geo.country_code == "US"


def test_offsets_round_trip(stage: AnnotatorStage) -> None:
    """Every mention is the text at its offsets, in the headline or the body."""
    article = cleaned(*TEXT, "Ünïcödé 😀 Ana Petrov’s 北京 trip.", title="“Petrov”: 😀 in Paris")
    (answer,) = stage.run([article])
    assert isinstance(answer, Article)
    for entity in answer.entities or ():
        assert 0 <= entity.salience <= 1
        assert 0 < entity.confidence < 1
        for mention in entity.mentions:
            text = article.text.value if mention.where == "body" else article.meta.title or ""
            assert text[mention.start : mention.end] == mention.text


def test_a_language_without_a_model_is_skipped(stage: AnnotatorStage) -> None:
    """Others of the batch are not."""
    german, unsure, british = stage.run(
        [cleaned("Angela Merkel ist in Berlin.", language="de"), cleaned("Paris", language="und"),
         cleaned("Ana Petrov is in Paris.", language="en-GB")]
    )  # fmt: skip
    assert isinstance(german, Article)
    assert german.entities is None
    assert isinstance(unsure, Article)
    assert unsure.entities is None
    assert isinstance(british, Article)
    assert british.entities


def test_nothing_in_nothing(stage: AnnotatorStage) -> None:
    """Empty articles have no entities; an empty batch no answers."""
    assert stage.run([]) == []
    (answer,) = stage.run([cleaned("")])
    assert isinstance(answer, Article)
    assert answer.entities == ()


def test_a_fault_refuses_one_article(
    stage: AnnotatorStage, annotator: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of the batch are annotated."""
    find = annotator._readers["en"].recogniser.find

    def failing(texts: list[str]) -> list[list[object]]:
        if any("poison" in text for text in texts):
            raise ValueError(texts)
        return find(texts)  # type: ignore[return-value]

    monkeypatch.setattr(annotator._readers["en"].recogniser, "find", failing)
    good, bad = stage.run([cleaned("Ana Petrov is here."), cleaned("poison")])
    assert isinstance(good, Article)
    assert isinstance(bad, Refusal)
    assert bad.error == "ValueError"


def test_values_are_a_setting(stage: AnnotatorStage) -> None:
    """Dates and numbers only if they are asked for."""
    text = "Acme paid $3 million on Tuesday."
    (with_values,) = load(values=True).annotate([cleaned(text)])
    assert {"MONEY", "DATE"} <= {entity.type for entity in with_values}
    assert not {"MONEY", "DATE"} & {entity.type for entity in found(stage, text).values()}


def test_a_missing_model_is_said_so() -> None:
    """With its name."""
    with pytest.raises(ModelError, match="no_such_model"):
        load(model="no_such_model")


@pytest.mark.timeout(60)
def test_endless_marks_cost_nothing(stage: AnnotatorStage) -> None:
    """spaCy's tokenizer would take a minute for these; names beside them are found."""
    assert "Paris" in found(stage, "Ana Petrov is in Paris. " + "“" * 30_000)

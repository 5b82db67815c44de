"""A language that nobody ships: a folder with boilerplate and names, and the record that it makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline.errors import ModelError
from pipeline.runner import Pipeline
from pipeline.stages import Options, Produced
from tests.unit.schemas import problems, schema, validator

PACK = """\
format = "copydesk-language/1"
language = "qaa"  # ISO 639 leaves qaa to qtz to whoever needs a language of their own
name = "Quayish"

[boilerplate]
rules = "rules.toml"

[entities]
names = "names.tsv"
"""
RULES = """\
[[rule]]
name = "quay.letter"
kind = "newsletter_promo"
where = "tail"
lines = 'sorun telka nu vashti…'

[[rule]]
name = "quay.more"
kind = "read_more"
lines = 'telka mor: …'
"""
NAMES = "# Who is who\nPERSON\tOlva Tarn|Tarn\nORG\tVessik Rada\nGPE\tBrakka\n"
FIRST = "Olva Tarn vorun an Brakka mirosh telkanden, i Vessik Rada sonnu ter alvi meshon kar dunnu pellen osk."
SECOND = "Tarn sonnu: alvi meshon nu kar, i dunnu pellen osk ter mirosh an Brakkaten vel sonda, telkanden ar vosh."
BODY = f"{FIRST}\n\nTelka mor: alvi meshon i pellen\n\n{SECOND}\n\nSorun telka nu vashti ter alvi"
FRENCH = (
    "Le conseil du port de Brakka a décidé mardi de fermer le vieux quai pendant deux ans, a dit sa présidente, qui "
    "attend le retour des bateaux."
)
ENGLISH = (
    "The harbour board of London voted on Tuesday to close the old quay for two years, said Ana Petrov."
    "\n\nSign up for our newsletter"
)


def write(folder: Path, **files: str) -> Path:
    """A folder of packs with the invented language in it; `files` replace its files."""
    home = folder / "quayish"
    home.mkdir(parents=True)
    for name, text in {"pack": PACK, "rules": RULES, "names": NAMES, **files}.items():
        (home / {"pack": "pack.toml", "rules": "rules.toml", "names": "names.tsv"}[name]).write_text(text, "utf-8")
    return folder


NINJS = ("allOf", "unevaluatedProperties")  # IPTC's own schema: test_schema has it
ENRICHED = {name: part for name, part in schema("enriched-article").items() if name not in NINJS}


def made(pipeline: Pipeline, **article: str) -> dict[str, Any]:
    """The record of an article."""
    (outcome,) = pipeline.run([orjson.dumps({"uri": "urn:x:1", **article})])
    assert isinstance(outcome, Produced), outcome
    record: dict[str, Any] = orjson.loads(outcome.value)
    assert problems(validator(ENRICHED), record) == []
    return record


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """All stages, with the pack."""
    return Pipeline(Options(languages=write(tmp_path_factory.mktemp("packs"))))


@pytest.fixture(scope="module")
def record(pipeline: Pipeline) -> dict[str, Any]:
    """The record of an article in the invented language."""
    return made(pipeline, body=BODY, language="qaa-QX")


def test_its_boilerplate_is_removed_by_its_rules(record: dict[str, Any]) -> None:
    """Each line by the rule that names it; nothing else goes."""
    text = record["enrichment"]["text"]
    assert record["bodies"][0]["value"] == f"{FIRST}\n\n{SECOND}"
    assert [(line["rule"], line["kind"]) for line in text["removed"]] == [
        ("quay.more", "read_more"),
        ("quay.letter", "newsletter_promo"),
    ]


def test_a_declared_language_is_honoured_if_no_model_knows_it(record: dict[str, Any]) -> None:
    """The declaration is the language, and no paragraph is taken for one in another."""
    text = record["enrichment"]["text"]
    assert text["language"] == {"tag": "qaa", "confidence": 1.0}
    assert all("language" not in segment for segment in text["segments"])
    assert "language_mismatch" not in text["quality"]["flags"]


def test_no_paragraph_beside_an_honoured_language_is_taken_for_another(pipeline: Pipeline) -> None:
    """What the identifier is sure of says nothing beside a language that it does not know: the names there count."""
    record = made(pipeline, body=f"{FIRST}\n\n{FRENCH}", language="qaa")
    assert all("language" not in segment for segment in record["enrichment"]["text"]["segments"])
    brakka = next(entity for entity in record["enrichment"]["entities"] if entity["name"] == "Brakka")
    assert len(brakka["mentions"]) == 2


def test_its_names_are_entities_without_a_model(record: dict[str, Any]) -> None:
    """Each where the list has it; the short form is the same person; no part of a word is a name."""
    found = {entity["name"]: entity for entity in record["enrichment"]["entities"]}
    assert {name: entity["type"] for name, entity in found.items()} == {
        "Olva Tarn": "PERSON",
        "Vessik Rada": "ORG",
        "Brakka": "GPE",
    }
    value = record["bodies"][0]["value"]
    for entity in found.values():
        for mention in entity["mentions"]:
            assert value[mention["start"] : mention["end"]] == mention["text"]
    assert [mention["text"] for mention in found["Olva Tarn"]["mentions"]] == ["Olva Tarn", "Tarn"]
    assert len(found["Brakka"]["mentions"]) == 1


def test_what_the_pack_has_not_is_skipped_by_name(record: dict[str, Any]) -> None:
    """Subjects are skipped and the record is partial; entities ran, without a model."""
    runs = {run["stage"]: run for run in record["enrichment"]["provenance"]["stages"]}
    assert {stage: run["status"] for stage, run in runs.items()} == {
        "cleaning": "ok",
        "entities": "ok",
        "classification": "skipped",
    }
    assert record["enrichment"]["status"] == "partial"
    assert "subjects" not in record["enrichment"] or record["enrichment"]["subjects"] is None
    assert runs["entities"].get("model") is None
    assert "config" not in runs["classification"]  # no pack served it, so none is in its recordId


def test_a_language_of_another_changes_no_english_record(pipeline: Pipeline, record: dict[str, Any]) -> None:
    """The same recordId and the same components, with the pack and without it; the invented language has others."""
    with_it, without = (made(line, body=ENGLISH) for line in (pipeline, Pipeline()))
    assert with_it == without
    configs = {run["stage"]: run["config"] for run in with_it["enrichment"]["provenance"]["stages"]}
    theirs = {run["stage"]: run.get("config") for run in record["enrichment"]["provenance"]["stages"]}
    assert configs["cleaning"] != theirs["cleaning"]
    assert configs["entities"] != theirs["entities"]


def test_a_change_of_its_names_changes_its_record_ids(tmp_path: Path, record: dict[str, Any]) -> None:
    """A word list is hashed: nobody raises a version."""
    other = Pipeline(Options(languages=write(tmp_path, names=NAMES + "GPE\tElsewhere\n")))
    assert made(other, body=BODY, language="qaa")["enrichment"]["recordId"] != record["enrichment"]["recordId"]


def test_undeclared_it_is_read_as_english_and_skipped(pipeline: Pipeline) -> None:
    """Nobody can tell what language it is in: no entities, and its clutter stays."""
    record = made(pipeline, body=BODY)
    assert record["enrichment"]["text"]["language"]["tag"] != "qaa"
    assert record["bodies"][0]["value"].count("elka") > 2
    assert {run["status"] for run in record["enrichment"]["provenance"]["stages"][1:]} == {"skipped"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"rules": "[[rule]]\n"}, "its boilerplate rules: a rule has no 'lines'"),
        ({"rules": RULES.replace("telka mor: …", "telka (mor")}, "its boilerplate rules: "),
        ({"rules": RULES.replace("read_more", "clutter")}, "a boilerplate rule has the kind 'clutter'"),
        ({"rules": RULES.replace('"tail"', '"end"')}, "where is none of"),
        ({"names": "PERSON Olva Tarn\n"}, "line 1 of its names is not LABEL<tab>NAME"),
        ({"names": "HERO\tOlva Tarn\n"}, "line 1 of its names is not LABEL<tab>NAME"),
        ({"names": ""}, "[entities] has neither a model nor names"),
        ({"pack": PACK.replace('rules = "rules.toml"', "")}, "[boilerplate] names no rules"),
        ({"pack": PACK + "[subjects]\n"}, "[subjects] names no weights"),
    ],
)
def test_a_pack_that_cannot_be_used_is_one_line(tmp_path: Path, files: dict[str, str], said: str) -> None:
    """At load, with the folder and what is wrong; no article is touched."""
    with pytest.raises(ModelError) as caught:
        Pipeline(Options(languages=write(tmp_path, **files)))
    assert said in str(caught.value)
    assert str(tmp_path / "quayish") in str(caught.value)
    assert "\n" not in str(caught.value)

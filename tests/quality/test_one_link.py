"""No two entities of one article have the same link, in every article that is here."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "bench"))

import quality_cleaning  # noqa: E402
import quality_pages  # noqa: E402
from conll import read_conll  # noqa: E402

from agents.cli.reading import read  # noqa: E402
from pipeline import entities  # noqa: E402
from pipeline.annotations import Entity  # noqa: E402
from pipeline.article import Article  # noqa: E402
from pipeline.runner import Pipeline  # noqa: E402
from pipeline.stages import Produced  # noqa: E402

DATA = quality_cleaning.DATA


@pytest.fixture(scope="module")
def whole() -> Pipeline:
    """Every stage, since the test is about records."""
    return Pipeline()


def folder(name: str) -> Path:
    """A folder or file of the evaluation sets; the test is skipped if it is absent."""
    path: Path = DATA / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not here: see CONTRIBUTING.md")
    return path


def twice(layer: Iterable[Entity]) -> list[str]:
    """The links that more than one entity has."""
    links = Counter((entity.link.kb, entity.link.id) for entity in layer if entity.link)
    return [f"{kb}:{id}" for (kb, id), count in links.items() if count > 1]


def faults(whole: Pipeline, files: Iterable[Path]) -> tuple[list[str], int]:
    """What is there twice, by file, and how many links were looked at."""
    found: list[str] = []
    links = 0
    for path in files:
        for outcome in whole.run([item.value for item in read([str(path)])]):
            layer = (outcome.article.entities or ()) if isinstance(outcome, Produced) else ()
            links += sum(entity.link is not None for entity in layer)
            found += [f"{path.name}: {link}" for link in twice(layer)]
    return found, links


def test_the_inputs_after_public_reports(whole: Pipeline) -> None:
    """Articles in JSON and HTML."""
    files = sorted(path for path in folder("reports").iterdir() if path.suffix in {".json", ".html"})
    found, links = faults(whole, files)
    assert links > 50
    assert not found


def test_the_samples_and_the_seed_article(whole: Pipeline) -> None:
    """What the package ships, and the article that users start with."""
    samples = sorted(path for path in (ROOT / "pipeline" / "data" / "samples").iterdir() if path.suffix != ".md")
    found, links = faults(whole, [*samples, folder("seed-article.txt")])
    assert links > 5
    assert not found


def test_pages_of_publishers(whole: Pipeline) -> None:
    """81 pages, in every language that has a reader."""
    folder("pages")
    cleaning = quality_pages.load()
    found: list[str] = []
    links = 0
    for page in quality_pages.pages():
        article = quality_pages.cleaned(cleaning, page)
        if article is None:
            continue
        for stage in whole.stages[1:]:
            (answer,) = stage.run([article])
            assert isinstance(answer, Article)
            article = answer
        layer = article.entities or ()
        links += sum(entity.link is not None for entity in layer)
        found += [f"{page.name}: {link}" for link in twice(layer)]
    assert links > 100
    assert not found


def test_conll() -> None:
    """131 articles of Reuters."""
    labelled = read_conll(folder("ner") / "conllpp2020.txt")
    layers = entities.load().annotate([item.article for item in labelled])
    found = [
        f"{item.article.uri}: {link}" for item, layer in zip(labelled, layers, strict=True) for link in twice(layer)
    ]
    assert sum(entity.link is not None for layer in layers for entity in layer) > 500
    assert not found

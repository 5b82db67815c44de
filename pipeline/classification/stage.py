"""The annotator of the classification stage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.annotations import Subject
from pipeline.article import Article, Component, Json, Model
from pipeline.classification import genres, heads, medtop, wording
from pipeline.classification import schemes as own_schemes
from pipeline.classification.vectors import Bag, Vectors
from pipeline.classification.wording import Obituary
from pipeline.codec import layers
from pipeline.codec.ninjs import project_subject
from pipeline.codec.parts import UNCLASSIFIED
from pipeline.languages import registry
from pipeline.languages.registry import Pack, Packs, primary

BY = "classification"  # who decided, in the record
VERSION = "2"  # of the code; the language pack and its weights are hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Classifier:
    """What files the articles of one language."""

    component: Component
    vectors: Vectors
    network: heads.Heads
    own: tuple[own_schemes.Scheme, ...]
    obituary: Obituary | None


class Classification:
    """Files articles by subject: IPTC's, then those of the user's schemes; in each language whose pack has weights.

    The layer is empty if the classifier abstains (the record then has the quality flag `unclassified`).
    """

    name = "subjects"
    requires: frozenset[str] = frozenset()

    def __init__(self, classifiers: Mapping[str, Classifier], *, main: str) -> None:
        self.languages = frozenset(classifiers)
        self.component = classifiers[main].component
        self.components = (self.component, *(c.component for tag, c in classifiers.items() if tag != main))
        self._skipped = replace(self.component, config="")
        self._classifiers = dict(classifiers)
        self._main = classifiers[main]

    def component_for(self, article: Article) -> Component:
        """What files articles of that language; no pack for an article that is skipped."""
        found = self._classifiers.get(primary(article.text.language.tag))
        return found.component if found else self._skipped

    def _of(self, article: Article) -> Classifier:
        return self._classifiers.get(primary(article.text.language.tag), self._main)

    def annotate(self, batch: Sequence[Article]) -> list[tuple[Subject, ...]]:
        """The subjects of each. Each article by itself, so that a batch's composition changes nothing."""
        return [self._subjects(article) for article in batch]

    @staticmethod
    def to_json(layer: tuple[Subject, ...]) -> Json:
        """As in the record."""
        return layers.write_subjects(layer)

    @staticmethod
    def from_json(value: Json) -> tuple[Subject, ...]:
        """The inverse."""
        return layers.read_subjects(value)

    @staticmethod
    def ninjs(layer: tuple[Subject, ...]) -> dict[str, list[dict[str, Any]]]:
        """ninjs subjects, before those that the source gave."""
        return {"subjects": [project_subject(subject) for subject in layer]} if layer else {}

    @staticmethod
    def labels(value: Json) -> frozenset[str]:
        """What routes can name of it."""
        return layers.subject_labels(value)

    @staticmethod
    def flags(layer: tuple[Subject, ...]) -> tuple[str, ...]:
        """Says that nothing was decided."""
        return () if layer else (UNCLASSIFIED,)

    def opinion(self, article: Article) -> tuple[Bag, heads.Scores]:
        """Where the article lies, and the probabilities of all subjects: what measuring needs."""
        judge = self._of(article)
        text, title = article.text.value, article.meta.title or ""
        bag = judge.vectors.bag(text, "" if text.startswith(title) else title)
        scores = judge.network.scores(bag.mean)
        if judge.obituary and genres.is_obituary(title, text, judge.obituary):
            scores = genres.as_obituary(scores, judge.network.tops, judge.network.parent)
        return bag, scores

    def _subjects(self, article: Article) -> tuple[Subject, ...]:
        text, judge = article.text, self._of(article)
        bag, scores = self.opinion(article)
        found = medtop.subjects(text.value, bag, judge.network, scores, BY)
        for scheme in judge.own if bag.known >= medtop.KNOWN else ():
            found += scheme.subjects(text.value, bag, scores.unit, judge.network.centre)
        return found


def load(*, schemes: Sequence[Path] = (), packs: Packs | None = None) -> Classification:
    """The annotator, ready to run, about a fifth of a second. `schemes` are files of `copydesk train-subjects`.

    A scheme was learnt on the weights of the default pack, and files articles of its language; `packs` are those that
    ship unless given. Raises ModelError if weights are missing or changed, or if a scheme does not fit them.
    """
    packs = packs or registry.installed()
    classifiers = {packs.default.language: _classifier(packs.default, schemes)}
    for language, pack in packs.with_part("subjects").items():
        if language not in classifiers or pack is not packs.default:
            classifiers[language] = _classifier(pack, ())
    return Classification(classifiers, main=packs.default.language)


def _classifier(pack: Pack, schemes: Sequence[Path]) -> Classifier:
    folder = pack.file("subjects", "weights")
    if folder is None:
        raise pack.broken("[subjects] names no weights")
    facts, words = heads.manifest(folder), wording.load(pack)
    vectors, network = heads.load(folder, words)
    own = [own_schemes.load(path, facts["files"]["vectors.npy"]) for path in schemes]
    configured = [pack.digest("subjects"), *(f"{scheme.name} {scheme.version}" for scheme in own)]
    component = Component(
        name="subjects",
        version=VERSION,
        config=hashlib.sha256("\n".join(configured).encode()).hexdigest()[:16],
        model=Model(name=facts["name"], version=facts["version"], sha256=facts["sha256"]),
    )
    return Classifier(component=component, vectors=vectors, network=network, own=tuple(own), obituary=words.obituary)

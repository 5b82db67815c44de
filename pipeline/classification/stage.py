"""The annotator of the classification stage."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.annotations import Subject
from pipeline.article import Article, Component, Json, Model
from pipeline.classification import genres, heads, medtop
from pipeline.classification import schemes as own_schemes
from pipeline.classification.vectors import Bag, Vectors
from pipeline.codec import layers
from pipeline.codec.ninjs import project_subject
from pipeline.codec.parts import UNCLASSIFIED
from pipeline.languages import registry

BY = "classification"  # who decided, in the record
VERSION = "2"  # of the code; the language pack and its weights are hashed


class Classification:
    """Files articles by subject: IPTC's, then those of the user's schemes.

    The layer is empty if the classifier abstains (the record then has the quality flag `unclassified`).
    """

    name = "subjects"
    requires: frozenset[str] = frozenset()
    languages = frozenset({"en"})

    def __init__(
        self, component: Component, vectors: Vectors, network: heads.Heads, own: Sequence[own_schemes.Scheme]
    ) -> None:
        self.component = component
        self._vectors = vectors
        self._network = network
        self._own = tuple(own)

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
        text, title = article.text.value, article.meta.title or ""
        bag = self._vectors.bag(text, "" if text.startswith(title) else title)
        scores = self._network.scores(bag.mean)
        if genres.is_obituary(title, text):
            scores = genres.as_obituary(scores, self._network.tops, self._network.parent)
        return bag, scores

    def _subjects(self, article: Article) -> tuple[Subject, ...]:
        text = article.text
        bag, scores = self.opinion(article)
        found = medtop.subjects(text.value, bag, self._network, scores, BY)
        for scheme in self._own if bag.known >= medtop.KNOWN else ():
            found += scheme.subjects(text.value, bag, scores.unit, self._network.centre)
        return found


def load(*, schemes: Sequence[Path] = ()) -> Classification:
    """The annotator, ready to run, about a fifth of a second. `schemes` are files of `copydesk train-subjects`.

    Raises ModelError if the weights are missing or changed, or if a scheme does not fit them.
    """
    facts = heads.manifest()
    vectors, network = heads.load()
    own = [own_schemes.load(path, facts["files"]["vectors.npy"]) for path in schemes]
    configured = [registry.english().digest("subjects"), *(f"{scheme.name} {scheme.version}" for scheme in own)]
    component = Component(
        name="subjects",
        version=VERSION,
        config=hashlib.sha256("\n".join(configured).encode()).hexdigest()[:16],
        model=Model(name=facts["name"], version=facts["version"], sha256=facts["sha256"]),
    )
    return Classification(component, vectors, network, own)

"""The stage: annotated articles in, enriched articles out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.classification import genres, heads, medtop, taxonomy
from pipeline.classification import schemes as own_schemes
from pipeline.classification.vectors import Bag, Vectors
from pipeline.errors import Reason, Refusal
from pipeline.records import AnnotatedArticle, Component, EnrichedArticle, GivenSubject, Model, Subject

VERSION = "2"  # of the rules here, in medtop.py and genres.py; the weights have their own


class Classification:
    """Files articles by subject: IPTC's, then those of the user's schemes.

    `subjects` is None where the language is not English, and empty where the classifier abstains (the record then has
    the quality flag `unclassified`). A subject that the source gave stays in the metadata, with its current code.
    """

    name = "classification"
    fallback = False

    def __init__(
        self,
        component: Component,
        vectors: Vectors,
        network: heads.Heads,
        own: Sequence[own_schemes.Scheme],
    ) -> None:
        self.component = component
        self._vectors = vectors
        self._network = network
        self._own = tuple(own)

    def run(self, articles: Sequence[AnnotatedArticle]) -> list[EnrichedArticle | Refusal]:
        """Same length, same order. Each article by itself, so that a batch's composition changes nothing."""
        return [self._one(article) for article in articles]

    def _one(self, article: AnnotatedArticle) -> EnrichedArticle | Refusal:
        try:
            subjects = self._subjects(article)
        except Exception as error:  # a fault of ours must not take the batch with it
            return Refusal(
                stage=self.name, reason=Reason.STAGE_ERROR, error=type(error).__name__, uri=article.cleaned.uri
            )
        return EnrichedArticle(annotated=given(article), subjects=subjects)

    def opinion(self, article: AnnotatedArticle) -> tuple[Bag, heads.Scores]:
        """Where the article lies, and the probabilities of all subjects: what measuring needs."""
        text, title = article.cleaned.text.value, article.cleaned.meta.title or ""
        bag = self._vectors.bag(text, "" if text.startswith(title) else title)
        scores = self._network.scores(bag.mean)
        if genres.is_obituary(title, text):
            scores = genres.as_obituary(scores, self._network.tops, self._network.parent)
        return bag, scores

    def _subjects(self, article: AnnotatedArticle) -> tuple[Subject, ...] | None:
        text = article.cleaned.text
        if text.language.tag.split("-")[0].lower() != "en":
            return None
        bag, scores = self.opinion(article)
        found = medtop.subjects(text.value, bag, self._network, scores, self.name)
        for scheme in self._own if bag.known >= medtop.KNOWN else ():
            found += scheme.subjects(text.value, bag, scores.unit, self._network.centre)
        return found


def given(article: AnnotatedArticle) -> AnnotatedArticle:
    """The article with the current Media Topics code of each subject its source gave, where there is one."""
    known = article.cleaned.meta.given_subjects
    mapped = tuple(_current(subject) for subject in known)
    if mapped == known:
        return article
    meta = replace(article.cleaned.meta, given_subjects=mapped)
    return replace(article, cleaned=replace(article.cleaned, meta=meta))


def _current(subject: GivenSubject) -> GivenSubject:
    codes = (taxonomy.current(spelling) for spelling in (subject.code, subject.uri) if spelling)
    code = next((code for code in codes if code), subject.code)
    if code == subject.code:
        return subject
    # What the source wrote is kept: as the uri, where it gave none and its code can be one.
    uri = subject.uri or (subject.code if subject.code and ":" in subject.code else None)
    return replace(subject, code=code, uri=uri)


def load(*, schemes: Sequence[Path] = ()) -> Classification:
    """The stage, ready to run, about a fifth of a second. `schemes` are files of `copydesk train-subjects`.

    Raises ModelError if the weights are missing or changed, or if a scheme does not fit them.
    """
    facts = heads.manifest()
    vectors, network = heads.load()
    own = [own_schemes.load(path, facts["files"]["vectors.npy"]) for path in schemes]
    configured = [f"{scheme.name} {scheme.version}" for scheme in own]
    component = Component(
        name="subjects",
        version=VERSION,
        config=hashlib.sha256("\n".join(configured).encode()).hexdigest()[:16] if configured else "",
        model=Model(name=facts["name"], version=facts["version"], sha256=facts["sha256"]),
    )
    return Classification(component, vectors, network, own)

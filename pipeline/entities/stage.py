"""The annotator of the entities stage: each article is read by the reader of its language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.annotations import Entity
from pipeline.article import Article, Component, Json
from pipeline.codec import layers
from pipeline.codec.ninjs import project_entities
from pipeline.entities.reader import Reader
from pipeline.entities.recognition import models
from pipeline.entities.recognition.recogniser import Plain
from pipeline.languages import registry
from pipeline.languages.registry import Pack, Packs, primary


class Entities:
    """Names in an article, resolved: `load` makes one, per process. It reads each language that has a pack or a model.

    A component is the same on the fast path and on spaCy, since what they find is equal; `fallback` says which it is.
    """

    name = "entities"
    requires: frozenset[str] = frozenset()

    def __init__(self, readers: Mapping[str, Reader], *, main: str) -> None:
        self._readers = dict(readers)
        self.languages = frozenset(readers)
        self.component = readers[main].component
        self._skipped = replace(self.component, config="")
        self.components = (self.component, *(r.component for tag, r in readers.items() if tag != main))
        self.fallback = any(isinstance(reader.recogniser, Plain) for reader in readers.values())

    def component_for(self, article: Article) -> Component:
        """What reads the article's language: its pack and its model; no pack for an article that is skipped."""
        reader = self._readers.get(primary(article.text.language.tag))
        return reader.component if reader else self._skipped

    def annotate(self, batch: Sequence[Article]) -> list[tuple[Entity, ...]]:
        """The entities of each article, in order."""
        spoken = [primary(article.text.language.tag) for article in batch]
        found: dict[int, tuple[Entity, ...]] = {}
        for tag in dict.fromkeys(spoken):
            places = [place for place, other in enumerate(spoken) if other == tag]
            answers = self._readers[tag].read([batch[place] for place in places])
            found.update(zip(places, answers, strict=True))
        return [found[place] for place in range(len(batch))]

    @staticmethod
    def to_json(layer: tuple[Entity, ...]) -> Json:
        """As in the record."""
        return layers.write_entities(layer)

    @staticmethod
    def from_json(value: Json) -> tuple[Entity, ...]:
        """The inverse."""
        return layers.read_entities(value)

    @staticmethod
    def ninjs(layer: tuple[Entity, ...]) -> dict[str, list[dict[str, Any]]]:
        """people, organisations, places, objects, events."""
        return project_entities(layer)

    @staticmethod
    def labels(value: Json) -> frozenset[str]:
        """What routes can name of it."""
        return layers.entity_labels(value)


def load(*, model: str = "en_core_web_sm", values: bool = False, packs: Packs | None = None) -> Entities:
    """The annotator with that model (an installed package or a folder); `values` adds dates and numbers.

    The model reads its own language, and stands in for the model of the default pack; `packs` are those that ship
    unless given. Raises ModelError if a model or a pack is missing or cannot be used.
    """
    packs = packs or registry.installed()
    files = models.find(model)
    own = packs.of(files.language)
    # The tables of English do for a language of which only a model is there.
    readers = {files.language: Reader(own if own and own.has("entities") else packs.default, files, values=values)}
    for language, pack in packs.with_part("entities").items():
        if language not in readers and pack is not packs.default:
            readers[language] = Reader(pack, _model(pack), values=values)
    return Entities(readers, main=files.language)


def _model(pack: Pack) -> models.ModelFiles | None:
    """A pack's own model: an installed package, or a folder within the pack."""
    named = pack.parts["entities"].get("model")
    if named is None:
        return None
    if not isinstance(named, str):
        raise pack.broken("[entities] model is no name")
    return models.find(str(pack.folder / named) if (pack.folder / named).is_dir() else named)

"""A raw article as a JSON object; a ninjs item and a CloudEvent are known by their fields."""

from __future__ import annotations

from pipeline.article import Hints, Json
from pipeline.contracts import Enclosed
from pipeline.formats import cloudevents, ninjs
from pipeline.formats.parsing import parse


class JsonArticle:
    """One JSON object in UTF-8."""

    name = "json"
    media_types = ("application/json", "text/json")
    suffixes = (".json",)

    def plainly(self, _: bytes, /) -> bool:
        """It is what is left: bytes of which nobody says anything, and that are nothing else."""
        return False

    def read(self, data: bytes, hints: Hints, /) -> Json | Enclosed:
        """The object itself, or what of it is the article."""
        document = parse(data)
        if cloudevents.is_event(document):
            return cloudevents.opened(document, hints)
        return ninjs.raw_of(document)
